//! One JSON object per line, its keys in the order of the columns. Decimals are text; what is not known is null.

use super::{Format, Row, Value, moment};

/// Writes NDJSON.
#[derive(Debug)]
pub struct Ndjson;

impl Format for Ndjson {
    fn head(&mut self, _columns: &[&'static str], _into: &mut Vec<u8>) {}

    fn row(&mut self, columns: &[&'static str], row: &Row, into: &mut Vec<u8>) {
        for (number, (column, value)) in columns.iter().zip(row).enumerate() {
            into.push(if number == 0 { b'{' } else { b',' });
            quoted(column, into);
            into.push(b':');
            match value {
                Value::Null => into.extend_from_slice(b"null"),
                Value::Text(text) => quoted(text, into),
                Value::Decimal(nanos) => quoted(&nanos.to_string(), into),
                Value::Whole(number) => into.extend_from_slice(number.to_string().as_bytes()),
                Value::Bool(yes) => into.extend_from_slice(yes.to_string().as_bytes()),
                Value::Time(time) => quoted(&moment(*time), into),
                Value::List(json) => into.extend_from_slice(json.as_bytes()),
            }
        }
        into.extend_from_slice(b"}\n");
    }
}

fn quoted(text: &str, into: &mut Vec<u8>) {
    serde_json::to_writer(into, text).expect("memory takes every text");
}
