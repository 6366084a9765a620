//! The bytes of a lake's files.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::LakeError;
use super::manifest::FileMark;
use crate::export::parquet::Parquet;
use crate::export::rows::{OFFER_COLUMNS, PRICE_COLUMNS};
use crate::export::{Format as _, Question, Row, Table, Value};
use crate::lake::DAILY_STATE_COLUMNS;
use crate::market::Market;
use crate::store::Store;

/// Rows of a group: fewer than of an export, because a day is small and is sorted so that whole groups can be left out.
const GROUP_ROWS: usize = 20_000;

/// The columns of `current`: those of `offers`, and when they were so.
pub const CURRENT_COLUMNS: &[&str] = &with_as_of();

const fn with_as_of() -> [&'static str; OFFER_COLUMNS.len() + 1] {
    let mut columns = ["as_of"; OFFER_COLUMNS.len() + 1];
    let mut at = 0;
    while at < OFFER_COLUMNS.len() {
        columns[at] = OFFER_COLUMNS[at];
        at += 1;
    }
    columns
}

/// A file in the making.
pub(super) struct Making {
    format: Parquet,
    bytes: Vec<u8>,
    rows: u64,
}

impl Making {
    pub(super) fn changes(day: NaiveDate, sample: bool) -> Self {
        Self::new("changes", PRICE_COLUMNS, day.to_string(), sample)
    }

    pub(super) fn daily_state(day: NaiveDate, sample: bool) -> Self {
        Self::new("daily_state", DAILY_STATE_COLUMNS, day.to_string(), sample)
    }

    fn new(table: &str, columns: &'static [&'static str], of: String, sample: bool) -> Self {
        let said = [("gpurate.of", of), ("gpurate.sample", sample.to_string())];
        Self { format: Parquet::of(table, columns, &said, GROUP_ROWS), bytes: Vec::new(), rows: 0 }
    }

    pub(super) fn row(&mut self, row: Row) {
        self.rows += 1;
        self.format.take(row, &mut self.bytes);
    }

    pub(super) fn end(mut self) -> File {
        self.format.end(&mut self.bytes);
        let blake3 = blake3::hash(&self.bytes).to_hex().to_string();
        File { mark: FileMark { rows: self.rows, bytes: self.bytes.len() as u64, blake3 }, bytes: self.bytes }
    }
}

/// A file that is whole.
pub(super) struct File {
    pub(super) mark: FileMark,
    pub(super) bytes: Vec<u8>,
}

/// The offers of now.
pub(super) fn current(store: &Store, market: &Arc<Market>, now: DateTime<Utc>) -> Result<File, LakeError> {
    let question = Question::parse(Table::Offers, std::iter::empty(), now).map_err(|error| LakeError::Wrong(error.message))?;
    let mut rows = crate::export::rows::of(question, store.clone(), market.clone(), now);
    let mut making = Making::new("current", CURRENT_COLUMNS, now.to_rfc3339(), market.sample);
    while let Some(page) = rows.next_page()? {
        for mut row in page {
            row.push(Value::Time(now));
            making.row(row);
        }
    }
    Ok(making.end())
}
