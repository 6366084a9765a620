//! What was: rows of the past, read a page at a time by their key. Each call is one short query or a few; between two of
//! them nothing is held, so that a slow reader of an export keeps no old version of the database alive.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use gpurate_domain::{Availability, Country, FxRates, GpuCount, MarketKind, Nanos, OfferId, Vram};
use rusqlite::{OptionalExtension, Row, params};

use super::migrations::HISTORY;
use super::read::Reader;
use super::rows::{availability_of, damaged, parsed};
use super::{StoreError, from_ms, to_ms};
use crate::market::summary::{Scope, Summary};
use crate::window::Window;

/// From when until when.
pub type Span = (DateTime<Utc>, DateTime<Utc>);

/// An answer is in force for so long at least, however it is configured: it bounds the steps of [`Reader::live_spans`].
const STALE_SECONDS_LEAST: i64 = 600;

/// An offer that was ever seen: what does not move with its price.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns of `offer`, described in its migration")]
pub struct PastOffer {
    pub row: i64,
    pub id: OfferId,
    pub provider: Arc<str>,
    pub sku: Arc<str>,
    pub tier: Arc<str>,
    pub region: Arc<str>,
    pub country: Option<Country>,
    pub market: MarketKind,
    pub gpu_count: Option<GpuCount>,
    pub gpu_name: Arc<str>,
    pub gpu_name_alternative: Option<Arc<str>>,
    pub vram_per_gpu: Option<Vram>,
}

/// One row of `price`. No quote: withdrawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastPrice {
    /// When it began.
    pub observed_at: DateTime<Utc>,
    /// 0 for the first row of this moment; the highest holds.
    pub revision: i64,
    /// What it cost.
    pub quoted: Option<PastQuote>,
    /// Stock, as the source said it.
    pub availability: Availability,
}

/// What an offer cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastQuote {
    /// Price per hour of the whole offer, in `currency`.
    pub per_hour: Nanos,
    /// The amount as quoted.
    pub amount: Nanos,
    /// The currency as quoted.
    pub currency: gpurate_domain::Currency,
    /// What the amount pays for.
    pub unit: String,
}

/// One row of `gpu_price`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeriesRow {
    /// When it began.
    pub observed_at: DateTime<Utc>,
    /// What held from then on.
    pub summary: Summary,
}

/// The rows of one series that began on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeriesDay {
    /// Days since 1970, UTC.
    pub day: i64,
    /// When the first of them began.
    pub first_at: DateTime<Utc>,
    /// The lowest price among them.
    pub min: Option<i64>,
    /// The lowest rentable one.
    pub rentable: Option<i64>,
    /// One of them has no price.
    pub has_none: bool,
    /// The last of them.
    pub last: SeriesRow,
}

/// Which offers of the past are meant; an empty list means any.
#[derive(Clone, Copy, Debug, Default)]
#[expect(missing_docs, reason = "words of the columns of `offer` that they are named after")]
pub struct OffersOf<'a> {
    pub markets: &'a [String],
    pub providers: &'a [String],
    pub tiers: &'a [String],
    pub regions: &'a [String],
    pub countries: &'a [String],
}

impl Reader {
    /// Offers after the row `after`, in the order of their rows.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn offers_after(&self, after: i64, limit: u32) -> Result<Vec<PastOffer>, StoreError> {
        let mut statement = self.connection().prepare_cached(
            "SELECT offer.id, hash, provider, sku, tier, region, country, market, gpu_count, gpu_name, gpu_name_alternative, vram_per_gpu_mib
             FROM offer JOIN part ON part.id = part_id WHERE offer.id > ?1 ORDER BY offer.id LIMIT ?2",
        )?;
        let mut rows = statement.query(params![after, limit])?;
        let mut offers = Vec::new();
        while let Some(row) = rows.next()? {
            offers.push(past_offer(row)?);
        }
        Ok(offers)
    }

    /// The newest row of `offer`; 0 where there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn last_offer_row(&self) -> Result<i64, StoreError> {
        Ok(self.connection().query_row("SELECT coalesce(max(id), 0) FROM offer", [], |row| row.get(0))?)
    }

    /// Prices of one offer within a window, after the key `after`. Without `revisions` only the one that holds of each moment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn past_prices(
        &self,
        offer_row: i64,
        after: Option<(DateTime<Utc>, i64)>,
        window: Window,
        revisions: bool,
        limit: u32,
    ) -> Result<Vec<PastPrice>, StoreError> {
        let mut statement = self.connection().prepare_cached(
            "SELECT observed_ms, revision, per_hour_nanos, coalesce(quote_nanos, per_hour_nanos), currency, unit, availability
             FROM price LEFT JOIN unit ON unit.id = unit_id
             WHERE offer_id = ?1 AND (observed_ms, revision) > (?2, ?3) AND observed_ms >= ?4 AND observed_ms < ?5
               AND (?6 OR NOT EXISTS (SELECT 1 FROM price AS later WHERE later.offer_id = price.offer_id
                 AND later.observed_ms = price.observed_ms AND later.revision > price.revision))
             ORDER BY observed_ms, revision LIMIT ?7",
        )?;
        let (after_ms, after_revision) = after.map_or((i64::MIN, 0), |(at, revision)| (to_ms(at), revision));
        let (since, until) = (to_ms(window.since), to_ms(window.until));
        let mut rows = statement.query(params![offer_row, after_ms, after_revision, since, until, revisions, limit])?;
        let mut prices = Vec::new();
        while let Some(row) = rows.next()? {
            prices.push(past_price(row, 0)?);
        }
        Ok(prices)
    }

    /// What every series is about, with its row.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn scopes(&self) -> Result<Vec<(i64, Scope)>, StoreError> {
        let mut statement = self.connection().prepare_cached(
            "SELECT id, gpu, market, tier, several, provider FROM gpu_scope ORDER BY gpu, market, several, provider, tier",
        )?;
        let mut rows = statement.query([])?;
        let mut scopes = Vec::new();
        while let Some(row) = rows.next()? {
            let scope = Scope {
                gpu: row.get::<_, String>(1)?.into(),
                market: parsed("market", &row.get::<_, String>(2)?)?,
                tier: row.get::<_, String>(3)?.into(),
                several: row.get(4)?,
                provider: row.get::<_, String>(5)?.into(),
            };
            scopes.push((row.get(0)?, scope));
        }
        Ok(scopes)
    }

    /// Rows of one series within a window, after the moment `after`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn series(&self, scope: i64, after: Option<DateTime<Utc>>, window: Window, limit: u32) -> Result<Vec<SeriesRow>, StoreError> {
        let mut statement = self.connection().prepare_cached(&format!(
            "SELECT {} FROM gpu_price WHERE scope_id = ?1 AND observed_ms >= ?2 AND observed_ms < ?3 ORDER BY observed_ms LIMIT ?4",
            self.series_columns()?
        ))?;
        // One bound from below: of two SQLite would take either, and read whatever lies between them.
        let since = after.map_or(i64::MIN, |after| to_ms(after).saturating_add(1)).max(to_ms(window.since));
        let rows = statement.query_map(params![scope, since, to_ms(window.until), limit], series_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The row of a series that was in force just before a moment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn series_before(&self, scope: i64, moment: DateTime<Utc>) -> Result<Option<SeriesRow>, StoreError> {
        let mut statement = self.connection().prepare_cached(&format!(
            "SELECT {} FROM gpu_price WHERE scope_id = ?1 AND observed_ms < ?2 ORDER BY observed_ms DESC LIMIT 1",
            self.series_columns()?
        ))?;
        Ok(statement.query_row(params![scope, to_ms(moment)], series_row).optional()?)
    }

    /// The columns of a row of a series, as far as this layout has them.
    fn series_columns(&self) -> Result<&'static str, StoreError> {
        Ok(if self.has(HISTORY)? {
            "observed_ms, min_nanos, quartile_nanos, median_nanos, max_nanos, offers, machines, providers_not_fresh, providers, rentable_nanos"
        } else {
            "observed_ms, min_nanos, quartile_nanos, median_nanos, max_nanos, offers, machines, providers_not_fresh, NULL, NULL"
        })
    }

    /// The days of a series on which a row began, from one day (since 1970, UTC) on and before another; `None` where this
    /// layout has none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn series_days(&self, scope: i64, first: i64, end: i64) -> Result<Option<Vec<SeriesDay>>, StoreError> {
        if !self.has(HISTORY)? {
            return Ok(None);
        }
        let mut statement = self.connection().prepare_cached(
            "SELECT observed_ms, price.min_nanos, quartile_nanos, median_nanos, max_nanos, offers, machines, providers_not_fresh, providers,
               price.rentable_nanos, day, first_ms, of_day.min_nanos, of_day.rentable_nanos, without_price > 0
             FROM gpu_day AS of_day CROSS JOIN gpu_price AS price ON price.scope_id = of_day.scope_id AND observed_ms = last_ms
             WHERE of_day.scope_id = ?1 AND day >= ?2 AND day < ?3 ORDER BY day",
        )?;
        let rows = statement.query_map(params![scope, first, end], |row| {
            let last = series_row(row)?;
            Ok(SeriesDay {
                day: row.get(10)?,
                first_at: from_ms(row.get(11)?),
                min: row.get(12)?,
                rentable: row.get(13)?,
                has_none: row.get(14)?,
                last,
            })
        })?;
        Ok(Some(rows.collect::<Result<_, _>>()?))
    }

    /// When a provider's prices were in force: from an accepted attempt at any of its parts until its answer was stale.
    /// Spans are in order and apart. Whole hours of silence cost nothing to read: it goes from the last attempt before
    /// an answer went stale to the next.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn live_spans(&self, provider: &str, stale_seconds: i64, window: Window) -> Result<Vec<Span>, StoreError> {
        let mut statement = self.connection().prepare_cached("SELECT id FROM part WHERE provider = ?1 ORDER BY id")?;
        let parts = statement.query_map([provider], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
        self.spans_of_parts(&parts, stale_seconds, window)
    }

    /// The same of some parts together.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn spans_of_parts(&self, parts: &[i64], stale_seconds: i64, window: Window) -> Result<Vec<Span>, StoreError> {
        let mut last_within = self.connection().prepare_cached(
            "SELECT finished_ms FROM collection WHERE part_id = ?1 AND finished_ms > ?2 AND finished_ms <= ?3
               AND outcome = 'accepted' ORDER BY finished_ms DESC LIMIT 1",
        )?;
        let mut first_after = self.connection().prepare_cached(
            "SELECT finished_ms FROM collection WHERE part_id = ?1 AND finished_ms > ?2 AND finished_ms < ?3
               AND outcome = 'accepted' ORDER BY finished_ms LIMIT 1",
        )?;
        let stale = stale_seconds.max(STALE_SECONDS_LEAST).saturating_mul(1000);
        let until = to_ms(window.until);
        let mut spans = Vec::new();
        let mut asked_from = to_ms(window.since).saturating_sub(stale).saturating_sub(1);
        // The part that answered last is asked first: where it went on, the others need not be.
        let mut parts = parts.to_vec();
        loop {
            let mut first = None;
            for part in &parts {
                let found: Option<i64> =
                    first_after.query_row(params![part, asked_from, first.unwrap_or(until)], |row| row.get(0)).optional()?;
                first = found.or(first);
            }
            let Some(first) = first else { return Ok(spans) };
            let mut last = first;
            while last < until {
                let mut later = None;
                for place in 0..parts.len() {
                    let least = later.unwrap_or(last);
                    let found: Option<i64> =
                        last_within.query_row(params![parts[place], least, last.saturating_add(stale)], |row| row.get(0)).optional()?;
                    if found.is_some() {
                        later = found;
                    }
                    if found.is_some_and(|found| found - last > stale / 2) {
                        parts.swap(0, place);
                        break;
                    }
                }
                match later {
                    Some(later) => last = later,
                    None => break,
                }
            }
            asked_from = last.saturating_add(stale);
            spans.push((from_ms(first), from_ms(asked_from)));
        }
    }

    /// Offers that are listed in one of some places and sold in one of some markets, after the row `after`. An empty list
    /// means any.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn offers_of(&self, of: &OffersOf<'_>, after: i64, limit: u32) -> Result<Vec<(i64, PastOffer)>, StoreError> {
        let list = |words: &[String]| serde_json::to_string(words).unwrap_or_default();
        let mut statement = self.connection().prepare_cached(
            "SELECT offer.id, hash, provider, sku, tier, region, country, market, gpu_count, gpu_name, gpu_name_alternative, vram_per_gpu_mib,
               part_id
             FROM offer JOIN part ON part.id = part_id
             WHERE offer.id > ?1 AND (?2 = '[]' OR market IN (SELECT value FROM json_each(?2)))
               AND (?3 = '[]' OR provider IN (SELECT value FROM json_each(?3))) AND (?4 = '[]' OR tier IN (SELECT value FROM json_each(?4)))
               AND (?5 = '[]' OR region IN (SELECT value FROM json_each(?5))) AND (?6 = '[]' OR country IN (SELECT value FROM json_each(?6)))
             ORDER BY offer.id LIMIT ?7",
        )?;
        let [markets, providers, tiers, regions, countries] = [of.markets, of.providers, of.tiers, of.regions, of.countries].map(list);
        let mut rows = statement.query(params![after, markets, providers, tiers, regions, countries, limit])?;
        let mut offers = Vec::new();
        while let Some(row) = rows.next()? {
            offers.push((row.get(12)?, past_offer(row)?));
        }
        Ok(offers)
    }

    /// Prices of one offer as they held from the last one before the window on, corrections in the place of what they correct.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn held_prices(&self, offer_row: i64, window: Window, limit: u32) -> Result<Vec<PastPrice>, StoreError> {
        let mut statement = self.connection().prepare_cached(
            "SELECT observed_ms, revision, per_hour_nanos, coalesce(quote_nanos, per_hour_nanos), currency, unit, availability
             FROM price LEFT JOIN unit ON unit.id = unit_id
             WHERE offer_id = ?1 AND observed_ms < ?3
               AND observed_ms >= coalesce((SELECT max(observed_ms) FROM price WHERE offer_id = ?1 AND observed_ms <= ?2), ?2)
             ORDER BY observed_ms, revision LIMIT ?4",
        )?;
        let mut rows = statement.query(params![offer_row, to_ms(window.since), to_ms(window.until), limit])?;
        let mut prices: Vec<PastPrice> = Vec::new();
        while let Some(row) = rows.next()? {
            let price = past_price(row, 0)?;
            if prices.last().is_some_and(|last| last.observed_at == price.observed_at) {
                prices.pop();
            }
            prices.push(price);
        }
        Ok(prices)
    }

    /// When an offer was free: it was listed and not said to be out of stock. Changes from the last one before the window on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn free_changes(&self, offer_row: i64, window: Window) -> Result<Vec<(DateTime<Utc>, bool)>, StoreError> {
        let mut statement = self.connection().prepare_cached(
            "SELECT observed_ms, per_hour_nanos IS NOT NULL AND availability <> 2 FROM price WHERE offer_id = ?1 AND observed_ms < ?3
               AND observed_ms >= coalesce((SELECT max(observed_ms) FROM price WHERE offer_id = ?1 AND observed_ms <= ?2), ?2)
             ORDER BY observed_ms, revision",
        )?;
        let rows = statement
            .query_map(params![offer_row, to_ms(window.since), to_ms(window.until)], |row| Ok((from_ms(row.get(0)?), row.get(1)?)))?;
        let mut changes: Vec<(DateTime<Utc>, bool)> = Vec::new();
        for change in rows {
            let change = change?;
            if changes.last().is_some_and(|last| last.0 == change.0) {
                changes.pop();
            }
            changes.push(change);
        }
        Ok(changes)
    }

    /// When prices began that were read wrong first, and of which offer, in a window; at most `limit`. None where this layout
    /// cannot tell them quickly.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn corrections(&self, window: Window, limit: u32) -> Result<Vec<(DateTime<Utc>, PastOffer)>, StoreError> {
        if !self.has(HISTORY)? {
            return Ok(Vec::new());
        }
        let mut statement = self.connection().prepare_cached(
            "SELECT offer.id, hash, provider, sku, tier, region, country, market, gpu_count, gpu_name, gpu_name_alternative, vram_per_gpu_mib,
               observed_ms
             FROM price INDEXED BY price_corrected CROSS JOIN offer ON offer.id = price.offer_id CROSS JOIN part ON part.id = part_id
             WHERE revision > 0 AND observed_ms >= ?1 AND observed_ms < ?2 ORDER BY observed_ms LIMIT ?3",
        )?;
        let mut rows = statement.query(params![to_ms(window.since), to_ms(window.until), limit])?;
        let mut corrections = Vec::new();
        while let Some(row) = rows.next()? {
            corrections.push((from_ms(row.get(12)?), past_offer(row)?));
        }
        Ok(corrections)
    }

    /// The reference rates of a day, or of the last day before it that has any.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn rates_of(&self, day: NaiveDate) -> Result<Option<FxRates>, StoreError> {
        let newest: Option<String> = self
            .connection()
            .prepare_cached("SELECT max(date) FROM fx_rate WHERE date <= ?1")?
            .query_row([day.to_string()], |row| row.get(0))?;
        let Some(newest) = newest else { return Ok(None) };
        let mut rates = FxRates { date: parsed("date of rates", &newest)?, per_eur: std::collections::BTreeMap::new() };
        let mut statement = self.connection().prepare_cached("SELECT currency, per_eur_nanos FROM fx_rate WHERE date = ?1")?;
        let mut rows = statement.query([&newest])?;
        while let Some(row) = rows.next()? {
            rates.per_eur.insert(parsed("currency", &row.get::<_, String>(0)?)?, Nanos(row.get(1)?));
        }
        Ok(Some(rates))
    }
}

pub(super) fn past_offer(row: &Row<'_>) -> Result<PastOffer, StoreError> {
    let text = |column: usize| -> rusqlite::Result<Arc<str>> { Ok(row.get::<_, String>(column)?.into()) };
    let optional = |column: usize| -> rusqlite::Result<Option<String>> { row.get(column) };
    let hash: Vec<u8> = row.get(1)?;
    Ok(PastOffer {
        row: row.get(0)?,
        id: OfferId(hash.as_slice().try_into().map_err(|_| damaged("id of an offer", "its length"))?),
        provider: text(2)?,
        sku: text(3)?,
        tier: text(4)?,
        region: text(5)?,
        country: optional(6)?.map(|code| parsed("country", &code)).transpose()?,
        market: parsed("market", &row.get::<_, String>(7)?)?,
        gpu_count: optional(8)?.map(|count| parsed("count of GPUs", &count)).transpose()?,
        gpu_name: text(9)?,
        gpu_name_alternative: optional(10)?.map(Into::into),
        vram_per_gpu: row.get::<_, Option<u32>>(11)?.map(Vram::from_mib),
    })
}

/// A price from seven columns that begin at `first`.
pub(super) fn past_price(row: &Row<'_>, first: usize) -> Result<PastPrice, StoreError> {
    let (per_hour, amount): (Option<i64>, Option<i64>) = (row.get(first + 2)?, row.get(first + 3)?);
    let (currency, unit): (Option<String>, Option<String>) = (row.get(first + 4)?, row.get(first + 5)?);
    let quoted = match (per_hour, amount) {
        (Some(per_hour), Some(amount)) => {
            let (currency, unit) = currency.zip(unit).ok_or_else(|| damaged("unit of a price", "its row is gone"))?;
            Some(PastQuote { per_hour: Nanos(per_hour), amount: Nanos(amount), currency: parsed("currency", &currency)?, unit })
        }
        _ => None,
    };
    let (observed, revision) = (row.get(first)?, row.get(first + 1)?);
    Ok(PastPrice { observed_at: from_ms(observed), revision, quoted, availability: availability_of(row.get(first + 6)?) })
}

fn series_row(row: &Row<'_>) -> rusqlite::Result<SeriesRow> {
    let prices: [Option<i64>; 4] = [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?];
    let prices = match prices {
        [Some(min), Some(quartile), Some(median), Some(max)] => Some([min, quartile, median, max]),
        _ => None,
    };
    let summary = Summary {
        prices,
        offers: row.get(5)?,
        machines: row.get(6)?,
        providers_not_fresh: row.get(7)?,
        providers: row.get(8)?,
        rentable: row.get(9)?,
    };
    Ok(SeriesRow { observed_at: from_ms(row.get(0)?), summary })
}
