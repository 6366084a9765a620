//! Apache Parquet: typed columns, dictionary-encoded, compressed with zstd. Rows wait until a group of them is full; then
//! the group is written and forgotten, so that memory is bounded by a group.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDate;
use gpurate_domain::Nanos;
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use super::{Format, Row, Table, Value};

/// Rows of a group. An engine reads groups beside each other and leaves out those whose bounds it does not want.
const GROUP_ROWS: usize = 50_000;

/// What a column holds. A test looks at every value of every table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    /// Nine decimals, as they are kept.
    Decimal,
    Whole,
    Bool,
    Time,
    Date,
}

/// By name: a column means the same in every table.
fn kind(column: &str) -> Kind {
    match column {
        "observed_at" | "price_since" | "as_of" => Kind::Time,
        "rate_date" | "original_price_rate_date" => Kind::Date,
        "verified" | "count_anomaly" | "flapping" | "retired" | "withdrawn" | "several" | "present_at_start" | "present_at_end" => {
            Kind::Bool
        }
        "gpu_count_max"
        | "units"
        | "disk_gb"
        | "download_mbit_s"
        | "upload_mbit_s"
        | "offered_for_seconds"
        | "age_seconds"
        | "revision"
        | "offers"
        | "machines"
        | "providers"
        | "providers_not_fresh"
        | "changes"
        | "listed_seconds"
        | "available_seconds" => Kind::Whole,
        "price_per_hour" | "original_price_amount" | "vcpu" | "reliability" | "ram_gib" => Kind::Decimal,
        name if name.ends_with("_price_per_hour") || name.ends_with("_usd_per_hour") => Kind::Decimal,
        name if name.starts_with("price_usd_") || name.ends_with("_usd_per_gpu_hour") || name.starts_with("vram_gib_") => Kind::Decimal,
        _ => Kind::Text,
    }
}

/// Bytes of a decimal: every amount that there is has room in them.
const DECIMAL_BYTES: usize = 9;

fn schema(name: &str, columns: &[&str]) -> String {
    let column = |name: &&str| {
        let written = match kind(name) {
            Kind::Text => format!("binary {name} (STRING)"),
            Kind::Decimal => format!("fixed_len_byte_array({DECIMAL_BYTES}) {name} (DECIMAL(19,9))"),
            Kind::Whole => format!("int64 {name}"),
            Kind::Bool => format!("boolean {name}"),
            Kind::Time => format!("int64 {name} (TIMESTAMP(MILLIS,true))"),
            Kind::Date => format!("int32 {name} (DATE)"),
        };
        format!("optional {written};")
    };
    let columns: Vec<String> = columns.iter().map(column).collect();
    format!("message {name} {{ {} }}", columns.join(" "))
}

/// Where the writer leaves its bytes until they are given away.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes Parquet.
pub struct Parquet {
    columns: &'static [&'static str],
    writer: Option<SerializedFileWriter<Sink>>,
    sink: Sink,
    waiting: Vec<Row>,
    group_rows: usize,
}

impl Parquet {
    /// For rows of a table. `sample`: every figure is made up, and the file says so.
    pub(super) fn new(table: Table, sample: bool) -> Self {
        Self::of(table.as_str(), table.columns(), &[("gpurate.sample", sample.to_string())], GROUP_ROWS)
    }

    /// Of columns by name. `said`: what the file says of itself beside its table.
    pub(crate) fn of(name: &str, columns: &'static [&'static str], said: &[(&str, String)], group_rows: usize) -> Self {
        let schema = Arc::new(parse_message_type(&schema(name, columns)).expect("the schema is well formed: a test writes every table"));
        let table = [("gpurate.table", name.to_owned())];
        let said = table.iter().chain(said).map(|(key, value)| KeyValue::new((*key).to_owned(), value.clone())).collect();
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by(concat!("gpurate ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_key_value_metadata(Some(said));
        let sink = Sink::default();
        let writer = SerializedFileWriter::new(sink.clone(), schema, Arc::new(properties.build())).expect("memory takes every write");
        Self { columns, writer: Some(writer), sink, waiting: Vec::new(), group_rows }
    }

    fn write_group(&mut self) {
        let rows = std::mem::take(&mut self.waiting);
        let Some(writer) = self.writer.as_mut().filter(|_| !rows.is_empty()) else { return };
        let mut group = writer.next_row_group().expect("memory takes every write");
        for (position, column) in self.columns.iter().enumerate() {
            let values = || rows.iter().map(move |row| &row[position]);
            match kind(column) {
                Kind::Text => write_column::<ByteArrayType>(&mut group, values().map(text)),
                Kind::Decimal => write_column::<FixedLenByteArrayType>(&mut group, values().map(decimal)),
                Kind::Whole => write_column::<Int64Type>(&mut group, values().map(whole)),
                Kind::Bool => write_column::<BoolType>(&mut group, values().map(boolean)),
                Kind::Time => write_column::<Int64Type>(&mut group, values().map(time)),
                Kind::Date => write_column::<Int32Type>(&mut group, values().map(date)),
            }
        }
        group.close().expect("memory takes every write");
    }

    /// One row, without a copy of it.
    pub(crate) fn take(&mut self, row: Row, into: &mut Vec<u8>) {
        self.waiting.push(row);
        if self.waiting.len() >= self.group_rows {
            self.write_group();
            self.give(into);
        }
    }

    fn give(&self, into: &mut Vec<u8>) {
        into.append(&mut self.sink.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

fn write_column<T: DataType>(group: &mut SerializedRowGroupWriter<'_, Sink>, cells: impl Iterator<Item = Option<T::T>>) {
    let (mut values, mut there) = (Vec::new(), Vec::new());
    for cell in cells {
        there.push(i16::from(cell.is_some()));
        values.extend(cell);
    }
    let mut column = group.next_column().expect("memory takes every write").expect("the schema has as many columns as the table");
    column.typed::<T>().write_batch(&values, Some(&there), None).expect("memory takes every write");
    column.close().expect("memory takes every write");
}

fn text(value: &Value) -> Option<ByteArray> {
    match value {
        Value::Text(text) | Value::List(text) => Some(ByteArray::from(text.as_bytes().to_vec())),
        _ => None,
    }
}

fn decimal(value: &Value) -> Option<FixedLenByteArray> {
    let nanos = match value {
        Value::Decimal(nanos) => nanos.0,
        // Sizes are decimal text.
        Value::Text(text) => text.parse::<Nanos>().ok()?.0,
        _ => return None,
    };
    // Two's complement, the largest byte first.
    let bytes = i128::from(nanos).to_be_bytes();
    Some(FixedLenByteArray::from(bytes[bytes.len() - DECIMAL_BYTES..].to_vec()))
}

fn whole(value: &Value) -> Option<i64> {
    if let Value::Whole(number) = value { Some(*number) } else { None }
}

fn boolean(value: &Value) -> Option<bool> {
    if let Value::Bool(yes) = value { Some(*yes) } else { None }
}

fn time(value: &Value) -> Option<i64> {
    if let Value::Time(time) = value { Some(time.timestamp_millis()) } else { None }
}

fn date(value: &Value) -> Option<i32> {
    let Value::Text(text) = value else { return None };
    let day = text.parse::<NaiveDate>().ok()?;
    i32::try_from((day - NaiveDate::from_ymd_opt(1970, 1, 1)?).num_days()).ok()
}

impl Format for Parquet {
    fn head(&mut self, _columns: &[&'static str], _into: &mut Vec<u8>) {}

    fn row(&mut self, _columns: &[&'static str], row: &Row, into: &mut Vec<u8>) {
        self.take(row.clone(), into);
    }

    fn end(&mut self, into: &mut Vec<u8>) {
        self.write_group();
        if let Some(writer) = self.writer.take() {
            writer.close().expect("memory takes every write");
        }
        self.give(into);
    }
}
