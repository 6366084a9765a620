//! Comma-separated values: a header, then a line per row. What is not known is empty; a list is JSON text in a cell.

use super::{Format, Row, Value, moment};

/// Writes CSV.
#[derive(Debug)]
pub struct Csv;

impl Format for Csv {
    fn head(&mut self, columns: &[&'static str], into: &mut Vec<u8>) {
        record(columns.iter().map(|column| (*column).to_owned()), into);
    }

    fn row(&mut self, _columns: &[&'static str], row: &Row, into: &mut Vec<u8>) {
        record(row.iter().map(cell), into);
    }
}

fn record(cells: impl Iterator<Item = String>, into: &mut Vec<u8>) {
    let mut writer = csv::Writer::from_writer(into);
    writer.write_record(cells).expect("memory takes every record");
    writer.flush().expect("memory takes every record");
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Text(text) | Value::List(text) => text.to_string(),
        Value::Decimal(nanos) => nanos.to_string(),
        Value::Whole(number) => number.to_string(),
        Value::Bool(yes) => yes.to_string(),
        Value::Time(time) => moment(*time),
    }
}
