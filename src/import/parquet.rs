//! Rows of a Parquet file, as the same texts a CSV would hold: decimals and numbers by their digits, moments and days as RFC
//! 3339. A nested column is no cell, as in NDJSON.

use std::fs::File;

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use parquet::basic::{LogicalType, TimeUnit};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use parquet::record::reader::RowIter;

use super::rows::{Numbered, Row};

/// The rows of a file, one group of them at a time.
pub(super) struct Records {
    columns: Vec<String>,
    /// Whole numbers of which only the schema says that they are moments, by column.
    units: Vec<Option<TimeUnit>>,
    rows: RowIter<'static>,
    number: u64,
}

impl Records {
    pub(super) fn new(file: File) -> Result<Self, String> {
        let reader = SerializedFileReader::new(file).map_err(|error| format!("no Parquet: {error}"))?;
        let fields = reader.metadata().file_metadata().schema().get_fields().to_vec();
        let columns: Vec<String> = fields.iter().map(|field| field.name().to_owned()).collect();
        let mut names = columns.clone();
        names.sort_unstable();
        if let Some(double) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("two columns are called `{}`", double[0]));
        }
        let unit = |field: &parquet::schema::types::TypePtr| match field.get_basic_info().logical_type_ref() {
            Some(LogicalType::Timestamp(kind)) => Some(kind.unit),
            _ => None,
        };
        let units = fields.iter().map(unit).collect();
        Ok(Self { columns, units, rows: RowIter::from_file_into(Box::new(reader)), number: 0 })
    }

    pub(super) fn columns(&self) -> &[String] {
        &self.columns
    }

    pub(super) fn next_row(&mut self) -> std::io::Result<Option<Numbered>> {
        let Some(next) = self.rows.next() else { return Ok(None) };
        self.number += 1;
        // What cannot be decoded is followed by nothing that can be trusted.
        let record = next.map_err(|error| std::io::Error::new(std::io::ErrorKind::InvalidData, format!("row {}: {error}", self.number)))?;
        let mut row = Row::default();
        for ((name, field), unit) in record.get_column_iter().zip(&self.units) {
            match text(field, *unit) {
                Ok(Some(text)) => {
                    row.0.insert(name.clone(), text);
                }
                Ok(None) => {}
                Err(what) => return Ok(Some((self.number, Err(format!("`{name}` is {what}"))))),
            }
        }
        Ok(Some((self.number, Ok(row))))
    }
}

/// The text of a cell; empty for null, `None` for what is no cell.
fn text(field: &Field, unit: Option<TimeUnit>) -> Result<Option<String>, String> {
    Ok(Some(match field {
        Field::Null => String::new(),
        Field::Bool(yes) => yes.to_string(),
        Field::Byte(number) => number.to_string(),
        Field::Short(number) => number.to_string(),
        Field::Int(number) => number.to_string(),
        Field::Long(number) => match unit {
            Some(unit) => moment(*number, unit)?,
            None => number.to_string(),
        },
        Field::UByte(number) => number.to_string(),
        Field::UShort(number) => number.to_string(),
        Field::UInt(number) => number.to_string(),
        Field::ULong(number) => number.to_string(),
        // The shortest digits that mean this number: what a program that writes CSV would have written.
        Field::Float(number) => number.to_string(),
        Field::Double(number) => number.to_string(),
        Field::Decimal(decimal) => decimal_text(decimal.data(), decimal.scale()).ok_or("a decimal of too many digits")?,
        Field::Str(text) => text.clone(),
        Field::Bytes(bytes) => std::str::from_utf8(bytes.data()).map_err(|_| "no text in UTF-8")?.to_owned(),
        Field::Date(days) => (NaiveDate::default() + TimeDelta::days(i64::from(*days))).to_string(),
        Field::TimestampMillis(number) => moment(*number, TimeUnit::MILLIS)?,
        Field::TimestampMicros(number) => moment(*number, TimeUnit::MICROS)?,
        _ => return Ok(None),
    }))
}

fn moment(number: i64, unit: TimeUnit) -> Result<String, String> {
    let moment: Option<DateTime<Utc>> = match unit {
        TimeUnit::MILLIS => DateTime::from_timestamp_millis(number),
        TimeUnit::MICROS => DateTime::from_timestamp_micros(number),
        TimeUnit::NANOS => Some(DateTime::from_timestamp_nanos(number)),
    };
    moment.map(|moment| moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)).ok_or_else(|| "no moment of the calendar".to_owned())
}

/// An unscaled number in two's complement, the largest byte first, with its point.
fn decimal_text(bytes: &[u8], scale: i32) -> Option<String> {
    let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    let mut number: i128 = if negative { -1 } else { 0 };
    for byte in bytes {
        number = number.checked_mul(256)?.checked_add(i128::from(*byte))?;
    }
    let scale = usize::try_from(scale).ok()?;
    let digits = format!("{:0>width$}", number.unsigned_abs(), width = scale + 1);
    let (whole, part) = digits.split_at(digits.len() - scale);
    let sign = if number < 0 { "-" } else { "" };
    Some(if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_every_digit() {
        for (number, scale, written) in
            [(2_546_201_i64, 6, "2.546201"), (-1, 9, "-0.000000001"), (0, 2, "0.00"), (70, 0, "70"), (5, 1, "0.5")]
        {
            assert_eq!(decimal_text(&number.to_be_bytes(), scale).as_deref(), Some(written));
        }
        assert_eq!(decimal_text(&[0xff], 1).as_deref(), Some("-0.1"));
        assert_eq!(decimal_text(&[0x7f; 32], 9), None);
    }

    #[test]
    fn moments_of_every_unit_are_one() {
        for (number, unit) in
            [(1_768_000_000_000, TimeUnit::MILLIS), (1_768_000_000_000_000, TimeUnit::MICROS), (1_768_000_000_000_000_000, TimeUnit::NANOS)]
        {
            assert_eq!(moment(number, unit).as_deref(), Ok("2026-01-09T23:06:40Z"));
        }
        assert!(moment(i64::MAX, TimeUnit::MILLIS).is_err());
    }
}
