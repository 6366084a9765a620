//! Printing: data on stdout, everything else on stderr. A reader that went away is the caller's to notice.

use std::io::{self, BufWriter, Write};

use serde::Serialize;

/// Data as it is.
pub(super) fn bytes(data: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(data)?;
    stdout.flush()
}

/// Data as text, its last line ended.
pub(super) fn text(data: &str) -> io::Result<()> {
    let mut data = data.trim_end().to_owned();
    data.push('\n');
    bytes(data.as_bytes())
}

/// A document, as the API gives it.
pub(super) fn json(document: &impl Serialize) -> io::Result<()> {
    let mut stdout = BufWriter::new(io::stdout().lock());
    serde_json::to_writer(&mut stdout, document).map_err(io::Error::from)?;
    stdout.write_all(b"\n")?;
    stdout.flush()
}

/// A line beside the data. That nobody reads it is no reason to stop.
pub(super) fn note(line: &str) {
    let _unread = writeln!(io::stderr().lock(), "{line}");
}
