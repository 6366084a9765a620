//! How large the database is, table by table, how fast it grows, and what was deleted of it.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::params;
use serde::Serialize;

use super::migrations::KEEPING;
use super::read::Reader;
use super::{StoreError, from_ms, to_ms};

/// A table and the index on it, in bytes of whole pages of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TableSize {
    /// Its name.
    pub table: String,
    /// Rows.
    pub rows: u64,
    /// Bytes of its pages.
    pub bytes: u64,
    /// Bytes of the pages of its indexes, by name.
    pub indexes: BTreeMap<String, u64>,
    /// Rows of the last 7 days; null where rows carry no time of their own.
    pub rows_7_days: Option<u64>,
    /// Rows of the last 30 days.
    pub rows_30_days: Option<u64>,
    /// Bytes that come in a year, indexes included, at the rate of the last 30 days (of its whole time, where that is
    /// shorter; null below a day). What `[retention]` deletes is not taken off.
    pub growth_bytes_per_year: Option<u64>,
}

impl TableSize {
    /// Bytes of all its indexes.
    pub fn index_bytes(&self) -> u64 {
        self.indexes.values().sum()
    }
}

/// Rows that were deleted because their keeping time was over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Removed {
    /// The table, or `archive` for files of answers.
    pub subject: String,
    /// A provider, a part, or nothing for all.
    pub scope: String,
    /// So many so far.
    pub rows: u64,
    /// Of before this not everything is there any more.
    pub before: DateTime<Utc>,
    /// When any was deleted last.
    pub last_at: DateTime<Utc>,
}

/// Where a table says when its rows were written.
const TIMES: [(&str, &str); 5] =
    [("price", "observed_ms"), ("gpu_price", "observed_ms"), ("collection", "finished_ms"), ("page", "first_seen_ms"), ("event", "at_ms")];

impl Reader {
    /// Every table with its size, the largest first. It reads the whole file.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn sizes(&self, now: DateTime<Utc>) -> Result<Vec<TableSize>, StoreError> {
        let connection = self.connection();
        let mut statement = connection.prepare(
            "SELECT tbl_name, sqlite_schema.name, type, coalesce(pgsize, 0) FROM sqlite_schema LEFT JOIN dbstat ON dbstat.name = sqlite_schema.name AND aggregate = TRUE
             WHERE type IN ('table', 'index') AND rootpage > 0",
        )?;
        let rows = statement.query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)? == "table", row.get::<_, i64>(3)?))
        })?;
        let mut tables: BTreeMap<String, TableSize> = BTreeMap::new();
        for row in rows {
            let (table, name, is_table, bytes) = row?;
            let size = tables.entry(table.clone()).or_insert_with(|| TableSize { table, ..TableSize::default() });
            let bytes = u64::try_from(bytes).unwrap_or(0);
            if is_table {
                size.bytes = bytes;
            } else {
                size.indexes.insert(name, bytes);
            }
        }
        let mut sizes: Vec<TableSize> = tables.into_values().collect();
        for size in &mut sizes {
            self.count(size, now)?;
        }
        sizes.sort_by_key(|size| std::cmp::Reverse((size.bytes + size.index_bytes(), size.table.clone())));
        Ok(sizes)
    }

    fn count(&self, size: &mut TableSize, now: DateTime<Utc>) -> Result<(), StoreError> {
        let number = |sql: &str, since: Option<DateTime<Utc>>| -> Result<Option<i64>, StoreError> {
            let ask = |row: &rusqlite::Row<'_>| row.get(0);
            Ok(match since {
                Some(since) => self.connection().query_row(sql, params![to_ms(since)], ask)?,
                None => self.connection().query_row(sql, [], ask)?,
            })
        };
        let unsigned = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok());
        // Names come from the schema, which this program wrote.
        let table = &size.table;
        size.rows = unsigned(number(&format!("SELECT count(*) FROM \"{table}\""), None)?).unwrap_or(0);
        let Some((_, time)) = TIMES.iter().find(|(name, _)| name == table) else { return Ok(()) };
        let since = |days: i64| number(&format!("SELECT count(*) FROM \"{table}\" WHERE {time} >= ?1"), Some(now - TimeDelta::days(days)));
        (size.rows_7_days, size.rows_30_days) = (unsigned(since(7)?), unsigned(since(30)?));
        let Some(first) = number(&format!("SELECT min({time}) FROM \"{table}\""), None)? else { return Ok(()) };
        let span = (now - from_ms(first)).min(TimeDelta::days(30));
        let (Some(rows), true) = (size.rows_30_days, span >= TimeDelta::days(1) && size.rows > 0) else { return Ok(()) };
        let bytes = u128::from(size.bytes + size.index_bytes());
        let seconds = u128::try_from(span.num_seconds()).unwrap_or(1).max(1);
        let yearly = u128::from(rows) * bytes * (365 * 24 * 3600) / (u128::from(size.rows) * seconds);
        size.growth_bytes_per_year = u64::try_from(yearly).ok();
        Ok(())
    }

    /// What was deleted so far.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn removed(&self) -> Result<Vec<Removed>, StoreError> {
        if self.needs(KEEPING).is_err() {
            return Ok(Vec::new());
        }
        let mut statement = self
            .connection()
            .prepare_cached("SELECT subject, scope, rows, before_ms, last_ms FROM retention WHERE rows > 0 ORDER BY subject, scope")?;
        let rows = statement.query_map([], |row| {
            Ok(Removed {
                subject: row.get(0)?,
                scope: row.get(1)?,
                rows: u64::try_from(row.get::<_, i64>(2)?).unwrap_or(0),
                before: from_ms(row.get(3)?),
                last_at: from_ms(row.get(4)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Moments before which not every row of a table is there any more, by scope.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn kept_since(&self, subject: &str) -> Result<BTreeMap<String, DateTime<Utc>>, StoreError> {
        let removed = self.removed()?.into_iter().filter(|removed| removed.subject == subject);
        Ok(removed.map(|removed| (removed.scope, removed.before)).collect())
    }

    /// Lists of terms that no price names. It reads every price.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn unused_terms(&self) -> Result<Vec<i64>, StoreError> {
        let mut statement = self.connection().prepare(
            "SELECT id FROM terms WHERE id NOT IN (SELECT terms_id FROM price UNION SELECT terms_id FROM offer_now) ORDER BY id",
        )?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Bytes of pages of the file that hold nothing, and whether they can be given back to the system while the database is
    /// in use.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn free(&self) -> Result<(u64, bool), StoreError> {
        let number = |name: &str| self.connection().pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let bytes = number("freelist_count")?.saturating_mul(number("page_size")?);
        Ok((u64::try_from(bytes).unwrap_or(0), number("auto_vacuum")? == 2))
    }
}
