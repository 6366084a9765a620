//! History by days, for the lake: what a day's rows are told by, and the rows themselves, in the order of time. Each call is
//! one short query; between two of them nothing is held.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rusqlite::{OptionalExtension, Row, params};

use super::history::{PastOffer, PastPrice, Span, past_offer, past_price};
use super::migrations::CHANGES;
use super::read::Reader;
use super::{DAY_MS, StoreError, from_ms, to_ms};

/// What holds of an offer from a moment on: a row of `price`, the one that holds of its moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Price, stock, and since when.
    pub price: PastPrice,
    /// `fixed`, `market` or `bid_floor`; none for a withdrawal.
    pub kind: Option<Arc<str>>,
}

/// Row of an offer, and what holds of it.
pub type HeldRow = (i64, Held);

/// An offer, and the part it is read in: its answers say when the price was known.
#[derive(Clone, Debug)]
pub struct PartOffer {
    /// The offer.
    pub offer: PastOffer,
    /// Row of its part.
    pub part: i64,
}

/// Where to go on in a day: moment, offer and revision of the last row.
pub type DayKey = (i64, i64, i64);

impl Reader {
    /// When history begins; `None` where there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn first_price(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.needs(CHANGES)?;
        let first: Option<i64> = self.connection().query_row("SELECT min(observed_ms) FROM price", [], |row| row.get(0))?;
        Ok(first.map(from_ms))
    }

    /// What the rows of each day from `since` on are told by: any row that is added to a day, or goes, changes it. Rows are
    /// never altered. Days without a row are left out. It reads the index by time alone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn day_marks(&self, since: NaiveDate, until: NaiveDate) -> Result<Vec<(NaiveDate, String)>, StoreError> {
        self.needs(CHANGES)?;
        let mut statement = self.connection().prepare_cached(
            "SELECT observed_ms / ?3, count(*), sum(revision), sum(observed_ms % ?3), sum(offer_id) FROM price INDEXED BY price_by_time
             WHERE observed_ms >= ?1 AND observed_ms < ?2 GROUP BY 1 ORDER BY 1",
        )?;
        let mut rows = statement.query(params![day_ms(since), day_ms(until), DAY_MS])?;
        let mut marks = Vec::new();
        while let Some(row) = rows.next()? {
            let (day, count, revisions): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let (moments, offers): (i64, i64) = (row.get(3)?, row.get(4)?);
            marks.push((from_ms(day * DAY_MS).date_naive(), format!("{count}.{revisions}.{moments}.{offers}")));
        }
        Ok(marks)
    }

    /// Rows of history of one day, those that hold of their moment, in the order of time, after the key `after`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn day_rows(&self, day: NaiveDate, after: Option<DayKey>, limit: u32) -> Result<Vec<HeldRow>, StoreError> {
        self.needs(CHANGES)?;
        let mut statement = self.connection().prepare_cached(
            "SELECT price.offer_id, kind, observed_ms, revision, per_hour_nanos, coalesce(quote_nanos, per_hour_nanos), currency, unit,
               availability
             FROM price INDEXED BY price_by_time LEFT JOIN unit ON unit.id = unit_id
             WHERE (observed_ms, price.offer_id, revision) > (?1, ?2, ?3) AND observed_ms < ?4
               AND NOT EXISTS (SELECT 1 FROM price AS later WHERE later.offer_id = price.offer_id
                 AND later.observed_ms = price.observed_ms AND later.revision > price.revision)
             ORDER BY observed_ms, price.offer_id, revision LIMIT ?5",
        )?;
        let (moment, offer, revision) = after.unwrap_or((day_ms(day), i64::MIN, i64::MIN));
        let mut rows = statement.query(params![moment, offer, revision, day_ms(day) + DAY_MS, limit])?;
        let mut held = Vec::new();
        while let Some(row) = rows.next()? {
            held.push(held_row(row)?);
        }
        Ok(held)
    }

    /// What was on offer just before a moment: offers after the row `after`, each with what held of it. Also gives the last
    /// row that was looked at; `None` at the end.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn held_before(&self, moment: DateTime<Utc>, after: i64, limit: u32) -> Result<(Vec<HeldRow>, Option<i64>), StoreError> {
        let last: Option<i64> = self
            .connection()
            .prepare_cached("SELECT max(id) FROM (SELECT id FROM offer WHERE id > ?1 ORDER BY id LIMIT ?2)")?
            .query_row(params![after, limit], |row| row.get(0))?;
        let Some(last) = last else { return Ok((Vec::new(), None)) };
        let mut statement = self.connection().prepare_cached(
            "SELECT offer.id, kind, observed_ms, revision, per_hour_nanos, coalesce(quote_nanos, per_hour_nanos), currency, unit,
               price.availability
             FROM offer CROSS JOIN price ON price.offer_id = offer.id LEFT JOIN unit ON unit.id = unit_id
             WHERE offer.id > ?1 AND offer.id <= ?2
               AND observed_ms = (SELECT max(observed_ms) FROM price AS last WHERE last.offer_id = offer.id AND last.observed_ms < ?3)
               AND revision = (SELECT max(revision) FROM price AS same WHERE same.offer_id = offer.id AND same.observed_ms = price.observed_ms)
               AND per_hour_nanos IS NOT NULL
             ORDER BY offer.id",
        )?;
        let mut rows = statement.query(params![after, last, to_ms(moment)])?;
        let mut held = Vec::new();
        while let Some(row) = rows.next()? {
            held.push(held_row(row)?);
        }
        Ok((held, Some(last)))
    }

    /// One offer; `None` where it was forgotten.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn part_offer(&self, row: i64) -> Result<Option<PartOffer>, StoreError> {
        let mut statement = self.connection().prepare_cached(
            "SELECT offer.id, hash, provider, sku, tier, region, country, market, gpu_count, gpu_name, gpu_name_alternative,
               vram_per_gpu_mib, part_id
             FROM offer JOIN part ON part.id = part_id WHERE offer.id = ?1",
        )?;
        let mut rows = statement.query([row])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some(PartOffer { offer: past_offer(row)?, part: row.get(12)? }))
    }

    /// When the answers of each part were in force within a window: from an accepted attempt until it was stale. In order
    /// and apart. `stale_ms` is asked by the provider's slug.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn part_spans(
        &self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        stale_ms: &dyn Fn(&str) -> i64,
    ) -> Result<Vec<(i64, Vec<Span>)>, StoreError> {
        let mut parts = self.connection().prepare_cached("SELECT id, provider FROM part ORDER BY id")?;
        let parts: Vec<(i64, String)> = parts.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        let mut last_within = self.connection().prepare_cached(
            "SELECT finished_ms FROM collection WHERE part_id = ?1 AND finished_ms > ?2 AND finished_ms <= ?3 AND outcome = 'accepted'
             ORDER BY finished_ms DESC LIMIT 1",
        )?;
        let mut first_after = self.connection().prepare_cached(
            "SELECT finished_ms FROM collection WHERE part_id = ?1 AND finished_ms > ?2 AND finished_ms < ?3 AND outcome = 'accepted'
             ORDER BY finished_ms LIMIT 1",
        )?;
        let (from, until) = (to_ms(from), to_ms(until));
        let mut all = Vec::new();
        for (part, provider) in parts {
            let stale = stale_ms(&provider).max(1);
            let (mut spans, mut asked_from) = (Vec::new(), from.saturating_sub(stale).saturating_sub(1));
            while let Some(first) = first_after.query_row(params![part, asked_from, until], |row| row.get::<_, i64>(0)).optional()? {
                let mut last = first;
                while last < until
                    && let Some(later) = last_within
                        .query_row(params![part, last, last.saturating_add(stale).min(until)], |row| row.get::<_, i64>(0))
                        .optional()?
                {
                    last = later;
                }
                asked_from = last.saturating_add(stale);
                spans.push((from_ms(first), from_ms(asked_from)));
            }
            all.push((part, spans));
        }
        Ok(all)
    }
}

fn held_row(row: &Row<'_>) -> Result<HeldRow, StoreError> {
    let kind = row.get::<_, Option<String>>(1)?.map(Into::into);
    Ok((row.get(0)?, Held { price: past_price(row, 2)?, kind }))
}

fn day_ms(day: NaiveDate) -> i64 {
    to_ms(day.and_time(chrono::NaiveTime::MIN).and_utc())
}

/// The moments a day begins and ends at.
pub fn bounds(day: NaiveDate) -> Span {
    let from = day.and_time(chrono::NaiveTime::MIN).and_utc();
    (from, from + TimeDelta::days(1))
}
