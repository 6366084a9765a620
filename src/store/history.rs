//! What was: rows of the past, read a page at a time by their key. Each call is one short query or a few; between two of
//! them nothing is held, so that a slow reader of an export keeps no old version of the database alive.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use gpurate_domain::{Availability, Country, FxRates, GpuCount, MarketKind, Nanos, OfferId, Vram};
use rusqlite::{OptionalExtension, Row, params};

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
        let mut statement = self.connection().prepare_cached(
            "SELECT observed_ms, min_nanos, quartile_nanos, median_nanos, max_nanos, offers, machines, providers_not_fresh FROM gpu_price
             WHERE scope_id = ?1 AND observed_ms > ?2 AND observed_ms >= ?3 AND observed_ms < ?4 ORDER BY observed_ms LIMIT ?5",
        )?;
        let after = after.map_or(i64::MIN, to_ms);
        let rows = statement.query_map(params![scope, after, to_ms(window.since), to_ms(window.until), limit], series_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The row of a series that was in force just before a moment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn series_before(&self, scope: i64, moment: DateTime<Utc>) -> Result<Option<SeriesRow>, StoreError> {
        let mut statement = self.connection().prepare_cached(
            "SELECT observed_ms, min_nanos, quartile_nanos, median_nanos, max_nanos, offers, machines, providers_not_fresh FROM gpu_price
             WHERE scope_id = ?1 AND observed_ms < ?2 ORDER BY observed_ms DESC LIMIT 1",
        )?;
        Ok(statement.query_row(params![scope, to_ms(moment)], series_row).optional()?)
    }

    /// When a provider's prices were in force: from an accepted attempt at any of its parts until its answer was stale.
    /// Spans are in order and apart. Whole hours of silence cost nothing to read: it goes from the last attempt before
    /// an answer went stale to the next.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn live_spans(&self, provider: &str, stale_seconds: i64, window: Window) -> Result<Vec<Span>, StoreError> {
        let mut last_within = self.connection().prepare_cached(
            "SELECT max((SELECT finished_ms FROM collection WHERE part_id = part.id AND finished_ms > ?2 AND finished_ms <= ?3
               AND outcome = 'accepted' ORDER BY finished_ms DESC LIMIT 1)) FROM part WHERE provider = ?1",
        )?;
        let mut first_after = self.connection().prepare_cached(
            "SELECT min((SELECT finished_ms FROM collection WHERE part_id = part.id AND finished_ms > ?2 AND finished_ms < ?3
               AND outcome = 'accepted' ORDER BY finished_ms LIMIT 1)) FROM part WHERE provider = ?1",
        )?;
        let stale = stale_seconds.max(STALE_SECONDS_LEAST).saturating_mul(1000);
        let until = to_ms(window.until);
        let mut spans = Vec::new();
        let mut asked_from = to_ms(window.since).saturating_sub(stale).saturating_sub(1);
        while let Some(first) = first_after.query_row(params![provider, asked_from, until], |row| row.get::<_, Option<i64>>(0))? {
            let mut last = first;
            while last < until
                && let Some(later) =
                    last_within.query_row(params![provider, last, last.saturating_add(stale)], |row| row.get::<_, Option<i64>>(0))?
            {
                last = later;
            }
            asked_from = last.saturating_add(stale);
            spans.push((from_ms(first), from_ms(asked_from)));
        }
        Ok(spans)
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
    let summary = Summary { prices, offers: row.get(5)?, machines: row.get(6)?, providers_not_fresh: row.get(7)? };
    Ok(SeriesRow { observed_at: from_ms(row.get(0)?), summary })
}
