//! Rows of a foreign file, one at a time: names and texts. A row that is none is given as its reason, and the next one
//! follows; nothing but a row is held.

use std::collections::HashMap;
use std::io::{BufRead, Read};

use super::map::FileFormat;

/// Bytes of one row.
const ROW_BYTES_MAX: u64 = 1024 * 1024;

/// One row; a cell without text is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row(pub(super) HashMap<String, String>);

impl Row {
    /// The text of a column, without the blanks around it.
    pub fn get(&self, column: &str) -> Option<&str> {
        self.0.get(column).map(|text| text.trim()).filter(|text| !text.is_empty())
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
        reader: Box<csv::Reader<R>>,
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
                let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(source);
                let header = reader.headers().map_err(|error| format!("the header cannot be read: {error}"))?;
                // Some programs begin a file with a mark of its encoding.
                let header: Vec<String> = header.iter().map(|name| name.trim_start_matches('\u{feff}').trim().to_owned()).collect();
                if header.iter().all(String::is_empty) {
                    return Err("the file has no header".to_owned());
                }
                let mut names = header.clone();
                names.sort_unstable();
                if let Some(double) = names.windows(2).find(|pair| pair[0] == pair[1] && !pair[0].is_empty()) {
                    return Err(format!("two columns are called `{}`", double[0]));
                }
                Inner::Csv { reader: Box::new(reader), header }
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

fn next_record<R: Read>(reader: &mut csv::Reader<R>, header: &[String]) -> std::io::Result<Option<Numbered>> {
    let mut record = csv::ByteRecord::new();
    let line = reader.position().line();
    match reader.read_byte_record(&mut record) {
        Ok(false) => return Ok(None),
        Ok(true) => {}
        Err(error) => {
            return match error.into_kind() {
                csv::ErrorKind::Io(error) => Err(error),
                other => Ok(Some((line, Err(format!("no CSV: {other:?}"))))),
            };
        }
    }
    let line = record.position().map_or(line, csv::Position::line);
    if record.len() != header.len() {
        return Ok(Some((line, Err(format!("{} cells where the header has {}", record.len(), header.len())))));
    }
    let mut row = Row::default();
    for (name, cell) in header.iter().zip(&record) {
        let Ok(cell) = std::str::from_utf8(cell) else { return Ok(Some((line, Err(format!("`{name}` is no text in UTF-8"))))) };
        row.0.insert(name.clone(), cell.to_owned());
    }
    Ok(Some((line, Ok(row))))
}

fn next_line<R: BufRead>(reader: &mut R, line: &mut u64) -> std::io::Result<Option<Numbered>> {
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
