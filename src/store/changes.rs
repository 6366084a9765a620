//! What changed, newest first: rows of history and events, read a batch at a time by their keys, and what each rests on.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, ToSql, params};

use super::history::{PastOffer, PastPrice, past_offer, past_price};
use super::migrations::{CHANGES, DAYS};
use super::read::Reader;
use super::{StoreError, from_ms, to_ms};

/// Requests of a part that are named as evidence, at most.
const REQUESTS_MAX: u32 = 100;

/// Where a row of history or an event was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartName {
    /// Its row.
    pub row: i64,
    /// Slug of the provider.
    pub provider: Arc<str>,
    /// Name within the provider.
    pub name: Arc<str>,
}

/// A row of `price` with what its neighbours are compared by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermedPrice {
    /// The price.
    pub price: PastPrice,
    /// Row of its terms: equal terms have one row.
    pub terms: i64,
}

/// One row of history as it was first read, whatever corrected it later.
#[derive(Clone, Debug)]
pub struct PriceChange {
    /// Of which offer.
    pub offer: PastOffer,
    /// Where it is read now.
    pub part: PartName,
    /// What held from then on.
    pub after: TermedPrice,
    /// What held of the offer just before, as it is known now: also that it was withdrawn.
    pub before: Option<TermedPrice>,
    /// When it was written: later than the moment it is dated at where that is the first answer without it.
    pub told_at: DateTime<Utc>,
    /// A later reading of the same answer says otherwise.
    pub corrected: bool,
}

/// One row of `event`.
#[derive(Clone, Debug)]
pub struct EventRow {
    /// Its row.
    pub row: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// As the gate names it.
    pub kind: String,
    /// Where.
    pub part: PartName,
    /// In words.
    pub detail: String,
    /// The offer it is about, if one.
    pub offer: Option<PastOffer>,
}

/// What was known when something changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EvidenceAt {
    /// The attempt.
    pub collection: Option<i64>,
    /// Names of the answers in the archive.
    pub pages: Vec<String>,
}

const OFFER_COLUMNS: &str =
    "offer.id, hash, provider, sku, tier, region, country, market, gpu_count, gpu_name, gpu_name_alternative, vram_per_gpu_mib";

impl Reader {
    /// Rows of history that changed the market (no corrections), the newest that was written first: from `since` on, before
    /// the key `before` (moment of writing and row of the offer). `late`: those alone that are dated earlier than they were
    /// written; else the others alone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn price_changes(
        &self,
        late: bool,
        since: DateTime<Utc>,
        before: (DateTime<Utc>, i64),
        limit: u32,
    ) -> Result<Vec<PriceChange>, StoreError> {
        self.needs(CHANGES)?;
        if late {
            return self.late_changes(since, before, limit);
        }
        // A database of an older gpurate is read as it is: there a row was told when it is dated.
        let which = if self.has(DAYS)? { "price.told_ms IS NULL" } else { "1" };
        let mut changes = Vec::new();
        let bounds = params![to_ms(since), to_ms(before.0), before.1, limit];
        self.changes_of_moments(
            "price.observed_ms",
            &format!("(price.observed_ms, price.offer_id) < (?2, ?3) AND price.observed_ms >= ?1 AND {which}"),
            bounds,
            &mut changes,
        )?;
        Ok(changes)
    }

    /// The rows that are dated earlier than they were written: writing by writing, and of each the moments that it dates at.
    fn late_changes(&self, since: DateTime<Utc>, before: (DateTime<Utc>, i64), limit: u32) -> Result<Vec<PriceChange>, StoreError> {
        if !self.has(DAYS)? {
            return Ok(Vec::new());
        }
        let mut statement = self.connection().prepare_cached(
            "SELECT told_ms, observed_ms FROM telling WHERE told_ms >= ?1 AND told_ms <= ?2 ORDER BY told_ms DESC, observed_ms DESC",
        )?;
        let mut tellings = statement.query([to_ms(since), to_ms(before.0)])?;
        let mut changes: Vec<PriceChange> = Vec::new();
        // Where the rows of the writing that is read now begin.
        let (mut of_one, mut told): (usize, Option<i64>) = (0, None);
        while let Some(row) = tellings.next()? {
            let (told_ms, observed_ms): (i64, i64) = (row.get(0)?, row.get(1)?);
            if told != Some(told_ms) {
                if changes.len() >= limit as usize {
                    break;
                }
                (of_one, told) = (changes.len(), Some(told_ms));
            }
            let offers_before = if told_ms == to_ms(before.0) { before.1 } else { i64::MAX };
            let bounds = params![observed_ms, told_ms, offers_before, limit - u32::try_from(of_one).unwrap_or(limit)];
            self.changes_of_moments(
                "price.told_ms",
                "price.observed_ms = ?1 AND price.told_ms = ?2 AND price.offer_id < ?3",
                bounds,
                &mut changes,
            )?;
            changes[of_one..].sort_by_key(|change| std::cmp::Reverse(change.offer.row));
            changes.truncate(limit as usize);
        }
        Ok(changes)
    }

    /// Rows of history that changed the market, by the index of moments from the last one on; `told` is the column of their
    /// writing, `bounds` are the parameters of `which`, with the limit as the fourth.
    fn changes_of_moments(&self, told: &str, which: &str, bounds: &[&dyn ToSql], changes: &mut Vec<PriceChange>) -> Result<(), StoreError> {
        // The order of the joins is the index's: whatever a planner thinks of the tables' sizes. What held before is looked up
        // beside each row: one statement for all rows costs a fraction of one for each.
        let mut statement = self.connection().prepare_cached(&format!(
            "SELECT {OFFER_COLUMNS}, part.id, part.name, price.terms_id,
               EXISTS (SELECT 1 FROM price AS later WHERE later.offer_id = price.offer_id AND later.observed_ms = price.observed_ms
                 AND later.revision > 0), {told},
               price.observed_ms, price.revision, price.per_hour_nanos, coalesce(price.quote_nanos, price.per_hour_nanos), unit.currency,
               unit.unit, price.availability,
               was.terms_id, was.observed_ms, was.revision, was.per_hour_nanos, coalesce(was.quote_nanos, was.per_hour_nanos),
               was_unit.currency, was_unit.unit, was.availability
             FROM price INDEXED BY price_by_time CROSS JOIN offer ON offer.id = price.offer_id CROSS JOIN part ON part.id = part_id
               LEFT JOIN unit ON unit.id = price.unit_id
               LEFT JOIN price AS was ON was.offer_id = price.offer_id
                 AND was.observed_ms = (SELECT max(observed_ms) FROM price AS one WHERE one.offer_id = price.offer_id
                   AND one.observed_ms < price.observed_ms)
                 AND was.revision = (SELECT max(revision) FROM price AS one WHERE one.offer_id = price.offer_id
                   AND one.observed_ms = was.observed_ms)
               LEFT JOIN unit AS was_unit ON was_unit.id = was.unit_id
             WHERE {which} AND price.revision = 0 ORDER BY price.observed_ms DESC, price.offer_id DESC LIMIT ?4"
        ))?;
        let mut rows = statement.query(bounds)?;
        while let Some(row) = rows.next()? {
            let offer = past_offer(row)?;
            let part = PartName { row: row.get(12)?, provider: offer.provider.clone(), name: row.get::<_, String>(13)?.into() };
            let after = TermedPrice { price: past_price(row, 17)?, terms: row.get(14)? };
            let before = match row.get::<_, Option<i64>>(24)? {
                Some(terms) => Some(TermedPrice { price: past_price(row, 25)?, terms }),
                None => None,
            };
            changes.push(PriceChange { offer, part, after, before, told_at: from_ms(row.get(16)?), corrected: row.get(15)? });
        }
        Ok(())
    }

    /// What held of an offer just before a moment, as it is known now, or `as_then`: as it was read first; `priced`: the last
    /// row that has a price.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn price_before(
        &self,
        offer_row: i64,
        moment: DateTime<Utc>,
        priced: bool,
        as_then: bool,
    ) -> Result<Option<TermedPrice>, StoreError> {
        let mut statement = self.connection().prepare_cached(
            "SELECT observed_ms, revision, per_hour_nanos, coalesce(quote_nanos, per_hour_nanos), currency, unit, availability, terms_id
             FROM price LEFT JOIN unit ON unit.id = unit_id
             WHERE offer_id = ?1 AND observed_ms < ?2 AND (NOT ?3 OR per_hour_nanos IS NOT NULL)
               AND CASE WHEN ?4 THEN revision = 0 ELSE NOT EXISTS (SELECT 1 FROM price AS later WHERE later.offer_id = price.offer_id
                 AND later.observed_ms = price.observed_ms AND later.revision > price.revision) END
             ORDER BY observed_ms DESC LIMIT 1",
        )?;
        let mut rows = statement.query(params![offer_row, to_ms(moment), priced, as_then])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some(TermedPrice { price: past_price(row, 0)?, terms: row.get(7)? }))
    }

    /// When a part's answer was accepted for the first time: what it held then is no change of the market.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn first_accepted(&self, part_row: i64) -> Result<Option<DateTime<Utc>>, StoreError> {
        let mut statement = self.connection().prepare_cached(
            "SELECT finished_ms FROM collection WHERE part_id = ?1 AND outcome = 'accepted' ORDER BY finished_ms LIMIT 1",
        )?;
        Ok(statement.query_row([part_row], |row| row.get(0)).optional()?.map(from_ms))
    }

    /// Events, newest first: from `since` on, before the key `before` (moment and row).
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn events(&self, since: DateTime<Utc>, before: (DateTime<Utc>, i64), limit: u32) -> Result<Vec<EventRow>, StoreError> {
        let mut statement = self.connection().prepare_cached(&format!(
            "SELECT {OFFER_COLUMNS}, part.id, part.name, event.id, at_ms, kind, detail
             FROM event INDEXED BY event_by_time CROSS JOIN part ON part.id = event.part_id LEFT JOIN offer ON offer.id = event.offer_id
             WHERE (at_ms, event.id) < (?2, ?3) AND at_ms >= ?1 ORDER BY at_ms DESC, event.id DESC LIMIT ?4"
        ))?;
        let mut rows = statement.query(params![to_ms(since), to_ms(before.0), before.1, limit])?;
        let mut events = Vec::new();
        while let Some(row) = rows.next()? {
            events.push(event_row(row)?);
        }
        Ok(events)
    }

    /// What was known of a part at a moment: the attempt that ended then, and for each of its requests the answer that was
    /// current. Where an answer went and came back both are named: only its first and last time are kept.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn evidence_at(&self, part_row: i64, at: DateTime<Utc>) -> Result<EvidenceAt, StoreError> {
        let mut statement = self
            .connection()
            .prepare_cached("SELECT id FROM collection WHERE part_id = ?1 AND finished_ms = ?2 ORDER BY id DESC LIMIT 1")?;
        let collection = statement.query_row(params![part_row, to_ms(at)], |row| row.get(0)).optional()?;
        let mut next = self.connection().prepare_cached("SELECT min(request_key) FROM page WHERE part_id = ?1 AND request_key > ?2")?;
        let mut current = self.connection().prepare_cached(
            "SELECT hash FROM (SELECT hash, last_seen_ms FROM page INDEXED BY page_by_time
               WHERE part_id = ?1 AND request_key = ?2 AND first_seen_ms <= ?3 ORDER BY first_seen_ms DESC LIMIT 50)
             WHERE last_seen_ms >= ?3",
        )?;
        let (mut key, mut pages) = (String::new(), Vec::new());
        for _ in 0..REQUESTS_MAX {
            let Some(found) = next.query_row(params![part_row, key], |row| row.get::<_, Option<String>>(0))? else { break };
            let hashes = current.query_map(params![part_row, found, to_ms(at)], |row| row.get(0))?;
            pages.extend(hashes.collect::<Result<Vec<String>, _>>()?);
            key = found;
        }
        Ok(EvidenceAt { collection, pages })
    }
}

fn event_row(row: &Row<'_>) -> Result<EventRow, StoreError> {
    let offer = row.get::<_, Option<i64>>(0)?.map(|_| past_offer(row)).transpose()?;
    let part = PartName { row: row.get(12)?, provider: row.get::<_, String>(2)?.into(), name: row.get::<_, String>(13)?.into() };
    Ok(EventRow { row: row.get(14)?, at: from_ms(row.get(15)?), kind: row.get(16)?, part, detail: row.get(17)?, offer })
}
