//! The days of a provider's answers: what tells long silences without reading every attempt.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Transaction, params};

use crate::store::{DAY_MS, StoreError, to_ms};

/// Counts an accepted attempt that ended at a moment, after every one that was counted.
pub(super) fn answered(transaction: &Transaction<'_>, provider: &str, at: DateTime<Utc>) -> Result<(), StoreError> {
    let at = to_ms(at);
    transaction
        .prepare_cached(
            "INSERT INTO provider_day (provider, day, first_ms, last_ms, apart_ms) VALUES (?1, ?2, ?3, ?3, 0)
             ON CONFLICT DO UPDATE SET apart_ms = max(apart_ms, ?3 - last_ms), last_ms = max(last_ms, ?3)",
        )?
        .execute(params![provider, at.div_euclid(DAY_MS), at])?;
    Ok(())
}

/// Makes all of them anew from the attempts that are there.
pub(super) fn recount(connection: &Connection) -> Result<(), StoreError> {
    let mut answers = connection.prepare(
        "SELECT provider, finished_ms FROM collection JOIN part ON part.id = part_id WHERE outcome = 'accepted' ORDER BY provider, finished_ms",
    )?;
    let transaction = connection.unchecked_transaction()?;
    transaction.execute("DELETE FROM provider_day", [])?;
    let mut rows = answers.query([])?;
    while let Some(row) = rows.next()? {
        answered(&transaction, &row.get::<_, String>(0)?, crate::store::from_ms(row.get(1)?))?;
    }
    drop(rows);
    Ok(transaction.commit()?)
}
