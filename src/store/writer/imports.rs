//! Writes what was imported, into tables of its own: a commit of an import touches nothing that was collected, and the
//! market of now stays as it is.

use chrono::{DateTime, Utc};
use gpurate_domain::{Country, MarketKind, PriceKind};
use rusqlite::{Transaction, params};

use super::{Writer, signed};
use crate::import::{Merged, Span};
use crate::store::imports::times;
use crate::store::{StoreError, to_ms};

/// One import, to be written down.
#[derive(Debug)]
pub struct ImportCommit<'a> {
    /// Names it.
    pub origin: &'a str,
    /// Where it comes from.
    pub source: &'a str,
    /// Under which licence.
    pub licence: Option<&'a str>,
    /// How long a price holds after it was last seen, in days.
    pub holds_days: u32,
    /// Hash of the file.
    pub file_hash: &'a str,
    /// Its name, without its folder.
    pub file_name: &'a str,
    /// Rows of the file.
    pub rows: u64,
    /// Those that were refused.
    pub refused: u64,
    /// All that was imported of this origin before goes.
    pub replaces: bool,
    /// Series that are new or other than stored, whole.
    pub series: &'a [Merged],
    /// When.
    pub at: DateTime<Utc>,
}

impl Writer {
    /// Writes an import in one transaction. What is as it was is left as it is.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing of it is written.
    pub fn import(&mut self, commit: &ImportCommit<'_>) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        if commit.replaces {
            forget(&transaction, commit.origin)?;
        }
        let holds = i64::from(commit.holds_days) * 24 * 3_600_000;
        let import: i64 = transaction.query_row(
            "INSERT INTO import (origin, source, licence, holds_ms, changed_ms) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (origin) DO UPDATE SET source = ?2, licence = ?3, holds_ms = ?4, changed_ms = CASE WHEN ?6 OR holds_ms <> ?4 THEN ?5 ELSE changed_ms END
             RETURNING id",
            params![commit.origin, commit.source, commit.licence, holds, to_ms(commit.at), !commit.series.is_empty()],
            |row| row.get(0),
        )?;
        transaction.execute(
            "INSERT INTO import_file (import_id, hash, name, read_ms, rows, refused) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
            params![import, commit.file_hash, commit.file_name, to_ms(commit.at), signed(commit.rows), signed(commit.refused)],
        )?;
        for merged in commit.series {
            let offer = offer_row(&transaction, import, merged)?;
            transaction.prepare_cached("DELETE FROM imported_price WHERE offer_id = ?1")?.execute([offer])?;
            for span in &merged.spans {
                write_span(&transaction, offer, merged.offer.key.market, span)?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// Deletes an import; false: there is none of that name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_import(&mut self, origin: &str) -> Result<bool, StoreError> {
        let transaction = self.connection.transaction()?;
        let was_there = forget(&transaction, origin)?;
        transaction.commit()?;
        Ok(was_there)
    }
}

fn forget(transaction: &Transaction<'_>, origin: &str) -> Result<bool, StoreError> {
    const OFFERS: &str = "SELECT id FROM imported_offer WHERE import_id = (SELECT id FROM import WHERE origin = ?1)";
    transaction.execute(&format!("DELETE FROM imported_price WHERE offer_id IN ({OFFERS})"), [origin])?;
    for table in ["imported_offer", "import_file"] {
        transaction.execute(&format!("DELETE FROM {table} WHERE import_id = (SELECT id FROM import WHERE origin = ?1)"), [origin])?;
    }
    Ok(transaction.execute("DELETE FROM import WHERE origin = ?1", [origin])? == 1)
}

fn offer_row(transaction: &Transaction<'_>, import: i64, merged: &Merged) -> Result<i64, StoreError> {
    let (offer, key) = (&merged.offer, &merged.offer.key);
    let mut statement = transaction.prepare_cached(
        "INSERT INTO imported_offer (import_id, hash, provider, sku, tier, region, country, market, gpu_count, gpu_name, vram_per_gpu_mib)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT (import_id, hash) DO UPDATE SET country = ?7, gpu_name = ?10, vram_per_gpu_mib = ?11 RETURNING id",
    )?;
    Ok(statement.query_row(
        params![
            import,
            &key.id().0[..],
            &*key.provider,
            &*key.sku,
            &*key.tier,
            &*key.region,
            offer.country.as_ref().map(Country::as_str),
            key.market.as_str(),
            key.gpu_count.map(|count| count.to_string()),
            offer.gpu_name,
            offer.vram_per_gpu.map(|vram| vram.mib),
        ],
        |row| row.get(0),
    )?)
}

fn write_span(transaction: &Transaction<'_>, offer: i64, market: MarketKind, span: &Span) -> Result<(), StoreError> {
    let kind = if market == MarketKind::Spot { PriceKind::Market } else { PriceKind::Fixed };
    let quote = &span.price.quote;
    let unit: i64 = transaction
        .prepare_cached(
            "INSERT INTO unit (currency, unit, kind) VALUES (?1, ?2, ?3) ON CONFLICT (currency, unit, kind) DO UPDATE SET kind = kind RETURNING id",
        )?
        .query_row(params![quote.currency.as_str(), quote.unit(), kind.as_str()], |row| row.get(0))?;
    let between = span.between.as_ref().map(|between| times::pack(span.from, between));
    let quoted = (quote.amount != span.price.per_hour).then_some(quote.amount.0);
    transaction
        .prepare_cached(
            "INSERT INTO imported_price (offer_id, from_ms, until_ms, per_hour_nanos, quote_nanos, unit_id, between_times) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![offer, to_ms(span.from), to_ms(span.until), span.price.per_hour.0, quoted, unit, between])?;
    Ok(())
}
