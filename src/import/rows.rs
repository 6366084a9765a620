//! Rows of a foreign file, one at a time: names and texts. A row that is none is given as its reason, and the next one
//! follows; nothing but a row is held.

use std::collections::HashMap;
use std::io::{BufRead, Read};

use super::map::FileFormat;

/// Bytes of one row.
const ROW_BYTES_MAX: u64 = 1024 * 1024;

/// One row; a cell without text is not there. Beside the cells the columns whose cell is no text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row(pub(super) HashMap<String, String>, pub(super) Vec<String>);

impl Row {
    /// The text of a column, without the blanks around it.
    pub fn get(&self, column: &str) -> Option<&str> {
        self.0.get(column).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    /// Columns whose cell is no text in UTF-8: of no matter where nobody reads them.
    pub(super) fn broken(&self) -> impl Iterator<Item = &str> {
        self.1.iter().map(String::as_str)
    }

    /// Whether it has the column, be it empty.
    pub(super) fn has(&self, column: &str) -> bool {
        self.0.contains_key(column)
    }
}

/// Number of the line it begins in (of Parquet the number of the row, from 1), and the row or why it is none.
pub type Numbered = (u64, Result<Row, String>);

/// Reads a file row by row.
pub struct Rows<R> {
    inner: Inner<R>,
}

enum Inner<R> {
    Csv {
        reader: Records<R>,
        header: Vec<String>,
    },
    Ndjson {
        reader: R,
        line: u64,
    },
    #[cfg(feature = "parquet")]
    Parquet(super::parquet::Records),
}

impl<R: BufRead> Rows<R> {
    /// Begins to read; of CSV the header.
    ///
    /// # Errors
    /// In words: the file cannot be read, or has no header.
    pub fn new(format: FileFormat, source: R) -> Result<Self, String> {
        let inner = match format {
            FileFormat::Parquet => return Err("Parquet is read from its end: it must be a file".to_owned()),
            FileFormat::Ndjson => Inner::Ndjson { reader: source, line: 0 },
            FileFormat::Csv => {
                let mut reader = Records { reader: source, line: 1 };
                let header = reader.next_record().map_err(|error| format!("the header cannot be read: {error}"))?;
                let header = match header {
                    Some((_, Ok(cells))) => cells,
                    Some((_, Err(reason))) => return Err(format!("the header cannot be read: {reason}")),
                    None => Vec::new(),
                };
                // A column that the map does not name may be called anything; one that it names is looked for by its text.
                let is_text: Vec<bool> = header.iter().map(|name| std::str::from_utf8(name).is_ok()).collect();
                let header: Vec<String> = header.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
                if header.iter().all(String::is_empty) {
                    return Err("the file has no header".to_owned());
                }
                let mut names: Vec<&String> = header.iter().zip(is_text).filter(|(_, is_text)| *is_text).map(|(name, _)| name).collect();
                names.sort_unstable();
                if let Some(double) = names.windows(2).find(|pair| pair[0] == pair[1] && !pair[0].is_empty()) {
                    return Err(format!("two columns are called `{}`", double[0]));
                }
                Inner::Csv { reader, header }
            }
        };
        Ok(Self { inner })
    }

    /// Begins to read Parquet.
    ///
    /// # Errors
    /// In words: the file cannot be read, or is no Parquet.
    #[cfg(feature = "parquet")]
    pub fn of_parquet(file: std::fs::File) -> Result<Self, String> {
        Ok(Self { inner: Inner::Parquet(super::parquet::Records::new(file)?) })
    }

    /// The columns, where the file says them once for all.
    pub fn header(&self) -> Option<&[String]> {
        match &self.inner {
            Inner::Csv { header, .. } => Some(header),
            Inner::Ndjson { .. } => None,
            #[cfg(feature = "parquet")]
            Inner::Parquet(records) => Some(records.columns()),
        }
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// From the system: the file cannot be read any further.
    pub fn next_row(&mut self) -> std::io::Result<Option<Numbered>> {
        match &mut self.inner {
            Inner::Csv { reader, header } => next_record(reader, header),
            Inner::Ndjson { reader, line } => next_line(reader, line),
            #[cfg(feature = "parquet")]
            Inner::Parquet(records) => records.next_row(),
        }
    }
}

fn next_record<R: BufRead>(records: &mut Records<R>, header: &[String]) -> std::io::Result<Option<Numbered>> {
    let Some((line, cells)) = records.next_record()? else { return Ok(None) };
    let cells = match cells {
        Ok(cells) => cells,
        Err(reason) => return Ok(Some((line, Err(reason)))),
    };
    if cells.len() != header.len() {
        let reason = format!("{} cells where the header has {}", cells.len(), header.len());
        let last = records.line - 1;
        if last > line {
            // Rows behind it are in it, and nobody can say which.
            return Err(wrong(format!("lines {line} to {last} are one row of {reason}: a quote that is opened in it is not closed")));
        }
        return Ok(Some((line, Err(reason))));
    }
    let mut row = Row::default();
    for (name, cell) in header.iter().zip(cells) {
        let text = String::from_utf8(cell).unwrap_or_else(|bytes| {
            row.1.push(name.clone());
            String::from_utf8_lossy(bytes.as_bytes()).into_owned()
        });
        row.0.insert(name.clone(), text);
    }
    Ok(Some((line, Ok(row))))
}

fn wrong(reason: String) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, reason)
}

/// Records of CSV (RFC 4180), within the bound of a row. Lines may end in any way; empty ones are none. It is read here and
/// not by a library because none says that a quote was never closed: then the rest of a file passes for one cell.
struct Records<R> {
    reader: R,
    /// The line that comes next.
    line: u64,
}

/// Line and cells of a record, or why it is none.
type Record = (u64, Result<Vec<Vec<u8>>, String>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing of a cell was read.
    Begin,
    Plain,
    Quoted,
    /// A quote within quotes: the end of them, or the first of two that mean one.
    Quote,
}

impl<R: BufRead> Records<R> {
    /// The next record that is not an empty line.
    fn next_record(&mut self) -> std::io::Result<Option<Record>> {
        if self.line == 1 {
            skip_mark(&mut self.reader)?;
        }
        let mut begins = self.line;
        let (mut cells, mut cell, mut state) = (Vec::new(), Vec::new(), State::Begin);
        let (mut bytes, mut after_return) = (0_u64, false);
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                if state == State::Quoted {
                    return Err(wrong(format!("line {begins}: a quote is opened in it and never closed")));
                }
                if cells.is_empty() && state == State::Begin {
                    return Ok(None);
                }
                cells.push(cell);
                self.line += 1;
                return Ok(Some((begins, within(bytes, cells))));
            }
            let (mut used, mut ended) = (0, false);
            for byte in buffer {
                used += 1;
                let was_return = std::mem::replace(&mut after_return, *byte == b'\r');
                if *byte == b'\n' && was_return {
                    // One end of a line. It was counted with its first byte.
                    if state == State::Quoted {
                        push(&mut cell, *byte, &mut bytes);
                    }
                    continue;
                }
                if matches!(byte, b'\r' | b'\n') {
                    self.line += 1;
                }
                match (state, byte) {
                    (State::Begin, b'\r' | b'\n') if cells.is_empty() => begins = self.line,
                    (State::Begin | State::Plain | State::Quote, b'\r' | b'\n') => {
                        ended = true;
                        break;
                    }
                    (State::Begin | State::Plain | State::Quote, b',') => {
                        bytes += 1;
                        if bytes <= ROW_BYTES_MAX {
                            cells.push(std::mem::take(&mut cell));
                        }
                        state = State::Begin;
                    }
                    (State::Begin, b'"') => state = State::Quoted,
                    (State::Quoted, b'"') => state = State::Quote,
                    (State::Quote, b'"') => {
                        push(&mut cell, *byte, &mut bytes);
                        state = State::Quoted;
                    }
                    (State::Quoted, _) => push(&mut cell, *byte, &mut bytes),
                    // Text right behind the end of quotes over several lines: another quote ended them than the one that was meant.
                    (State::Quote, _) if self.line > begins => {
                        return Err(wrong(format!("lines {begins} to {}: a quote is opened in the first and not closed in it", self.line)));
                    }
                    (State::Begin | State::Plain | State::Quote, _) => {
                        push(&mut cell, *byte, &mut bytes);
                        state = State::Plain;
                    }
                }
            }
            // The second byte of an end of a line may be in the next piece.
            let returned = ended && after_return;
            self.reader.consume(used);
            if returned && self.reader.fill_buf()?.first() == Some(&b'\n') {
                self.reader.consume(1);
            }
            if ended {
                cells.push(cell);
                return Ok(Some((begins, within(bytes, cells))));
            }
            if bytes > ROW_BYTES_MAX && state == State::Quoted {
                return Err(wrong(format!("line {begins}: a quote is opened in it and not closed within {ROW_BYTES_MAX} bytes")));
            }
        }
    }
}

/// Adds a byte to a cell; of a row that is too long only their number.
fn push(cell: &mut Vec<u8>, byte: u8, bytes: &mut u64) {
    *bytes += 1;
    if *bytes <= ROW_BYTES_MAX {
        cell.push(byte);
    }
}

fn within(bytes: u64, cells: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, String> {
    if bytes > ROW_BYTES_MAX { Err(format!("longer than {ROW_BYTES_MAX} bytes")) } else { Ok(cells) }
}

/// Some programs begin a file with a mark of its encoding.
fn skip_mark(reader: &mut impl BufRead) -> std::io::Result<()> {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    if reader.fill_buf()?.starts_with(MARK) {
        reader.consume(MARK.len());
    }
    Ok(())
}

fn next_line<R: BufRead>(reader: &mut R, line: &mut u64) -> std::io::Result<Option<Numbered>> {
    if *line == 0 {
        skip_mark(reader)?;
    }
    loop {
        let mut bytes = Vec::new();
        if reader.by_ref().take(ROW_BYTES_MAX).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        *line += 1;
        if bytes.len() as u64 == ROW_BYTES_MAX && bytes.last() != Some(&b'\n') {
            skip_line(reader)?;
            return Ok(Some((*line, Err(format!("longer than {ROW_BYTES_MAX} bytes")))));
        }
        if bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        return Ok(Some((*line, object(&bytes))));
    }
}

fn skip_line<R: BufRead>(reader: &mut R) -> std::io::Result<()> {
    loop {
        let buffer = reader.fill_buf()?;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(buffer.len(), |end| end + 1);
        reader.consume(used);
        if end.is_some() || used == 0 {
            return Ok(());
        }
    }
}

fn object(bytes: &[u8]) -> Result<Row, String> {
    let object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(bytes).map_err(|error| format!("no JSON object: {error}"))?;
    let mut row = Row::default();
    for (name, value) in object {
        let text = match value {
            serde_json::Value::String(text) => text,
            // Numbers keep their digits as they were written.
            serde_json::Value::Number(number) => number.to_string(),
            serde_json::Value::Bool(yes) => yes.to_string(),
            serde_json::Value::Null => String::new(),
            _ => continue,
        };
        row.0.insert(name, text);
    }
    Ok(row)
}
