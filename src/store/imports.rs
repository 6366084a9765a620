//! What was imported, read back: what imports there are, and their series a page at a time.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use gpurate_domain::{Availability, Nanos, OfferKey};
use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;

use super::history::{PastOffer, PastPrice, PastQuote, past_offer};
use super::migrations::{IMPORTS, TOLD};
use super::read::Reader;
use super::rows::{damaged, parsed, quote};
use super::{StoreError, from_ms, to_ms};
use crate::import::{ImportedOffer, Merged, Price, Span};
use crate::window::Window;

/// One import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ImportView {
    /// Its row; programs go by `origin`.
    #[serde(skip)]
    pub row: i64,
    /// Names it; its rows are marked with it.
    pub origin: String,
    /// Where it comes from.
    pub source: String,
    /// Under which licence, where that was said.
    pub licence: Option<String>,
    /// How long a price holds after it was last seen.
    pub holds_seconds: i64,
    /// When its prices changed the last time.
    #[schema(value_type = String, format = DateTime)]
    pub changed_at: DateTime<Utc>,
    /// Offers it has prices of.
    pub offers: i64,
    /// Prices, each from its first sighting to its last.
    pub prices: i64,
    /// First sighting of all.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub first_at: Option<DateTime<Utc>>,
    /// Last sighting of all.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_at: Option<DateTime<Utc>>,
    /// Files it was read from.
    pub files: Vec<ImportFile>,
}

/// A file that was imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ImportFile {
    /// Its name.
    pub name: String,
    /// BLAKE3 of its bytes.
    pub hash: String,
    /// When it was read for the first time.
    #[schema(value_type = String, format = DateTime)]
    pub read_at: DateTime<Utc>,
    /// Rows it had.
    pub rows: i64,
    /// Rows, or offers of rows, that were refused.
    pub refused: i64,
}

const OFFER_COLUMNS: &str = "id, hash, provider, sku, tier, region, country, market, gpu_count, gpu_name, NULL, vram_per_gpu_mib";

impl Reader {
    /// Every import, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn imports(&self) -> Result<Vec<ImportView>, StoreError> {
        self.needs(IMPORTS)?;
        let mut statement = self.connection().prepare_cached(
            "SELECT import.id, origin, source, licence, holds_ms, changed_ms, count(DISTINCT offer_id), count(from_ms), min(from_ms), max(until_ms)
             FROM import LEFT JOIN imported_offer ON import_id = import.id LEFT JOIN imported_price ON offer_id = imported_offer.id
             GROUP BY import.id ORDER BY origin",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(ImportView {
                row: row.get(0)?,
                origin: row.get(1)?,
                source: row.get(2)?,
                licence: row.get(3)?,
                holds_seconds: row.get::<_, i64>(4)? / 1000,
                changed_at: from_ms(row.get(5)?),
                offers: row.get(6)?,
                prices: row.get(7)?,
                first_at: row.get::<_, Option<i64>>(8)?.map(from_ms),
                last_at: row.get::<_, Option<i64>>(9)?.map(from_ms),
                files: Vec::new(),
            })
        })?;
        let mut imports = rows.collect::<Result<Vec<_>, _>>()?;
        let mut statement = self
            .connection()
            .prepare_cached("SELECT name, hash, read_ms, rows, refused FROM import_file WHERE import_id = ?1 ORDER BY read_ms, hash")?;
        for import in &mut imports {
            let rows = statement.query_map([import.row], |row| {
                Ok(ImportFile {
                    name: row.get(0)?,
                    hash: row.get(1)?,
                    read_at: from_ms(row.get(2)?),
                    rows: row.get(3)?,
                    refused: row.get(4)?,
                })
            })?;
            import.files = rows.collect::<Result<_, _>>()?;
        }
        Ok(imports)
    }

    /// The names of the imports there are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn origins(&self) -> Result<Vec<String>, StoreError> {
        self.needs(IMPORTS)?;
        let mut statement = self.connection().prepare_cached("SELECT origin FROM import ORDER BY origin")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The providers an import has prices of, at most a hundred.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn imported_providers(&self, origin: &str) -> Result<Vec<String>, StoreError> {
        self.needs(IMPORTS)?;
        let mut statement = self.connection().prepare_cached(
            "SELECT DISTINCT provider FROM imported_offer WHERE import_id = (SELECT id FROM import WHERE origin = ?1) ORDER BY provider LIMIT 100",
        )?;
        let rows = statement.query_map([origin], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How long a price of an import holds after it was last seen; `None`: there is no such import.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn import_holds(&self, origin: &str) -> Result<Option<TimeDelta>, StoreError> {
        self.needs(IMPORTS)?;
        let mut statement = self.connection().prepare_cached("SELECT holds_ms FROM import WHERE origin = ?1")?;
        Ok(statement.query_row([origin], |row| row.get(0)).optional()?.map(TimeDelta::milliseconds))
    }

    /// Offers of an import after the row `after`, in the order of their rows.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn imported_offers_after(&self, origin: &str, after: i64, limit: u32) -> Result<Vec<PastOffer>, StoreError> {
        let mut statement = self.connection().prepare_cached(&format!(
            "SELECT {OFFER_COLUMNS} FROM imported_offer WHERE import_id = (SELECT id FROM import WHERE origin = ?1) AND id > ?2 ORDER BY id LIMIT ?3"
        ))?;
        let mut rows = statement.query(params![origin, after, limit])?;
        let mut offers = Vec::new();
        while let Some(row) = rows.next()? {
            offers.push(past_offer(row)?);
        }
        Ok(offers)
    }

    /// The newest row of an imported offer of this origin; 0 where there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn last_imported_offer_row(&self, origin: &str) -> Result<i64, StoreError> {
        let sql = "SELECT coalesce(max(id), 0) FROM imported_offer WHERE import_id = (SELECT id FROM import WHERE origin = ?1)";
        Ok(self.connection().query_row(sql, [origin], |row| row.get(0))?)
    }

    /// When the last price of an imported offer began that was seen before a moment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn imported_price_before(&self, offer_row: i64, moment: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StoreError> {
        let sql = "SELECT max(from_ms) FROM imported_price WHERE offer_id = ?1 AND from_ms < ?2";
        let begun: Option<i64> = self.connection().prepare_cached(sql)?.query_row(params![offer_row, to_ms(moment)], |row| row.get(0))?;
        Ok(begun.map(from_ms))
    }

    /// Rows of history of an imported offer that begin within a window, from spans that begin after `after`: its prices, and
    /// where nothing more is known of it a row without a price. With the beginning of the last span that was read, to go on
    /// from; `None`: there are no more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn imported_prices(
        &self,
        offer_row: i64,
        holds: TimeDelta,
        after: Option<DateTime<Utc>>,
        window: Window,
        limit: u32,
    ) -> Result<(Vec<PastPrice>, Option<DateTime<Utc>>), StoreError> {
        let mut statement = self.connection().prepare_cached(
            "SELECT from_ms, until_ms, per_hour_nanos, coalesce(quote_nanos, per_hour_nanos), currency, unit,
               (SELECT min(next.from_ms) FROM imported_price AS next WHERE next.offer_id = ?1 AND next.from_ms > imported_price.from_ms)
             FROM imported_price JOIN unit ON unit.id = unit_id
             WHERE offer_id = ?1 AND from_ms > ?2 AND from_ms < ?3 ORDER BY from_ms LIMIT ?4",
        )?;
        let mut rows = statement.query(params![offer_row, after.map_or(i64::MIN, to_ms), to_ms(window.until), limit])?;
        let (mut prices, mut read, mut last) = (Vec::new(), 0, None);
        let within = |at: DateTime<Utc>| window.since <= at && at < window.until;
        while let Some(row) = rows.next()? {
            read += 1;
            let span = span(row)?;
            last = Some(span.from);
            let quoted = PastQuote {
                per_hour: span.price.per_hour,
                amount: span.price.quote.amount,
                currency: span.price.quote.currency,
                unit: span.price.quote.unit(),
            };
            let row_of = |observed_at, quoted| PastPrice { observed_at, revision: 0, quoted, availability: Availability::NotStated };
            if within(span.from) {
                prices.push(row_of(span.from, Some(quoted)));
            }
            let ends = span.until + holds;
            let next = row.get::<_, Option<i64>>(6)?.map(from_ms);
            if next.is_none_or(|next| next > ends) && within(ends) {
                prices.push(row_of(ends, None));
            }
        }
        Ok((prices, last.filter(|_| read == limit)))
    }

    /// Everything that is stored of an origin, to be merged with a file.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn imported(&self, origin: &str) -> Result<HashMap<OfferKey, Merged>, StoreError> {
        self.needs(IMPORTS)?;
        let between_times = if self.needs(TOLD).is_ok() { "between_times" } else { "NULL" };
        let mut statement = self.connection().prepare_cached(&format!(
            "SELECT from_ms, until_ms, per_hour_nanos, coalesce(quote_nanos, per_hour_nanos), currency, unit, {between_times}
             FROM imported_price JOIN unit ON unit.id = unit_id WHERE offer_id = ?1 ORDER BY from_ms",
        ))?;
        let (mut all, mut after) = (HashMap::new(), 0);
        loop {
            let offers = self.imported_offers_after(origin, after, 1000)?;
            let Some(last) = offers.last() else { return Ok(all) };
            after = last.row;
            for offer in offers {
                let mut rows = statement.query([offer.row])?;
                let mut spans = Vec::new();
                while let Some(row) = rows.next()? {
                    let between = row.get::<_, Option<Vec<u8>>>(6)?;
                    let read = span(row)?;
                    let between = between.map(|packed| times::unpack(read.from, &packed)).transpose()?;
                    // Seen once: there is nothing between.
                    let between = between.or_else(|| (read.from == read.until).then(Vec::new));
                    spans.push(Span { between, ..read });
                }
                let key = OfferKey {
                    provider: offer.provider,
                    sku: offer.sku,
                    tier: offer.tier,
                    region: offer.region,
                    market: offer.market,
                    gpu_count: offer.gpu_count,
                };
                let about = ImportedOffer {
                    key: key.clone(),
                    country: offer.country,
                    gpu_name: offer.gpu_name.to_string(),
                    vram_per_gpu: offer.vram_per_gpu,
                };
                all.insert(key, Merged { offer: about, spans });
            }
        }
    }
}

fn span(row: &Row<'_>) -> Result<Span, StoreError> {
    let currency = parsed("currency", &row.get::<_, String>(4)?)?;
    let quote = quote(row.get(3)?, currency, &row.get::<_, String>(5)?)?;
    let (from, until): (i64, i64) = (row.get(0)?, row.get(1)?);
    if until < from {
        return Err(damaged("span of an imported price", "it ends before it begins"));
    }
    Ok(Span { from: from_ms(from), until: from_ms(until), between: None, price: Price { per_hour: Nanos(row.get(2)?), quote } })
}

/// Times of sightings, packed: how often the same step is taken, and its milliseconds, each as a number of seven bits a byte.
/// A file of every day takes a few bytes for a year.
pub(super) mod times {
    use chrono::{DateTime, Utc};

    use crate::store::rows::damaged;
    use crate::store::{StoreError, from_ms, to_ms};

    /// Packs times that come after `from`, in order.
    pub(in crate::store) fn pack(from: DateTime<Utc>, times: &[DateTime<Utc>]) -> Vec<u8> {
        let (mut packed, mut last, mut run) = (Vec::new(), to_ms(from), (0_u64, 0_u64));
        for time in times {
            let step = u64::try_from(to_ms(*time) - last).unwrap_or(0);
            last = to_ms(*time);
            if run.0 > 0 && run.1 == step {
                run.0 += 1;
            } else {
                push(&mut packed, run);
                run = (1, step);
            }
        }
        push(&mut packed, run);
        packed
    }

    fn push(packed: &mut Vec<u8>, (times, step): (u64, u64)) {
        if times == 0 {
            return;
        }
        for mut number in [times, step] {
            while number >= 0x80 {
                packed.push(u8::try_from(number & 0x7f).unwrap_or(0) | 0x80);
                number >>= 7;
            }
            packed.push(u8::try_from(number).unwrap_or(0));
        }
    }

    /// Reads what [`pack`] wrote.
    pub(in crate::store) fn unpack(from: DateTime<Utc>, mut packed: &[u8]) -> Result<Vec<DateTime<Utc>>, StoreError> {
        let wrong = || damaged("list of sightings", "it cannot be unpacked");
        let (mut times, mut last) = (Vec::new(), to_ms(from));
        while !packed.is_empty() {
            let count = number(&mut packed).filter(|count| *count <= TIMES_MAX).ok_or_else(wrong)?;
            let step = number(&mut packed).and_then(|step| i64::try_from(step).ok()).ok_or_else(wrong)?;
            for _ in 0..count {
                last = last.checked_add(step).ok_or_else(wrong)?;
                times.push(from_ms(last));
            }
        }
        Ok(times)
    }

    /// More than a file may have.
    const TIMES_MAX: u64 = 10_000_000;

    fn number(packed: &mut &[u8]) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..63).step_by(7) {
            let (byte, rest) = packed.split_first()?;
            *packed = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn what_is_packed_is_unpacked_and_a_year_of_days_is_small() {
            let from = from_ms(1_700_000_000_000);
            let days: Vec<_> = (1..=365).map(|day| from_ms(1_700_000_000_000 + day * 86_400_000)).collect();
            let odd: Vec<_> = [1, 2, 130, 131, 1_000_000, 31_536_000_000].into_iter().map(|ms| from_ms(1_700_000_000_000 + ms)).collect();
            for times in [Vec::new(), days.clone(), odd] {
                assert_eq!(unpack(from, &pack(from, &times)).expect("unpacks"), times);
            }
            assert!(pack(from, &days).len() < 10);
            assert!(unpack(from, &[0x80]).is_err());
        }
    }
}
