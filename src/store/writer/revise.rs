//! Corrections of a part's past: revisions of price rows, the market of now as far as it rests on them, and the series of the
//! GPUs they are about. Never an event.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use gpurate_domain::offer::OfferPrice;
use gpurate_domain::{Offer, OfferId};
use rusqlite::{OptionalExtension, params};

use super::summaries::Summaries;
use super::{Applied, Writer, entry_of, rebuild, series, write_version};
use crate::market::{Entry, IdMap, Market, Presence};
use crate::store::rows::{availability_number, presence};
use crate::store::{StoreError, from_ms, to_ms};

/// What held of an offer from a moment on, as it is read now.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// The moment, in milliseconds.
    pub at_ms: i64,
    /// The offer.
    pub id: OfferId,
    /// No price: there was no such offer.
    pub price: Option<OfferPrice>,
    /// Nothing was in force before.
    pub is_new: bool,
}

/// Everything that is to be revised of a part.
#[derive(Clone, Debug, Default)]
pub struct Revisions {
    /// Rows, of each offer oldest first.
    pub rows: Vec<Revision>,
    /// Offers that were never seen before.
    pub offers: IdMap<Arc<Offer>>,
    /// What holds now of every offer that has a row here.
    pub finals: IdMap<Option<OfferPrice>>,
    /// Slugs of the groups they are or were in.
    pub groups: HashSet<Arc<str>>,
    /// The newest accepted answer as it is read now; `None` where it could not be.
    pub newest: Option<IdMap<Arc<Offer>>>,
    /// The version that read it.
    pub adapter_version: Option<u32>,
}

/// What it came to.
#[derive(Debug)]
pub struct Revised {
    /// The market of afterwards.
    pub market: Arc<Market>,
    /// Rows of series that were replaced.
    pub series_rows: u64,
    /// Series over all providers stand as they were before that: what they rest on is past its keeping time.
    pub series_from: Option<DateTime<Utc>>,
}

impl Writer {
    /// Writes corrections of a part's past.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing of it is written, and the market of before stays true.
    pub fn revise(&mut self, market: &Market, part: usize, revisions: Revisions, now: DateTime<Utc>) -> Result<Revised, StoreError> {
        let written = self.try_revise(market, part, revisions, now);
        self.or_forget(written)
    }

    fn try_revise(&mut self, market: &Market, part: usize, revisions: Revisions, now: DateTime<Utc>) -> Result<Revised, StoreError> {
        let mut next = market.clone();
        let mut state = (*next.parts[part]).clone();
        let version_is_known = revisions.adapter_version.is_none_or(|version| version == state.adapter_version);
        let transaction = self.connection.transaction()?;
        let mut applied = Applied::new(&transaction, &mut self.ids, market, part, state.row, now);
        applied.corrects = true;
        // Where nothing of a row differs, names may: a group's series follow them.
        let first = revisions.rows.iter().map(|row| row.at_ms).min();
        let from = match first {
            Some(first) => Some(first),
            None if !revisions.groups.is_empty() => state.last_accepted_at.map(to_ms),
            None => None,
        };
        let before = from.map(|from| series::timelines(&transaction, market, &revisions.groups, from, to_ms(now))).transpose()?;
        for row in &revisions.rows {
            applied.revision(row, &revisions.offers)?;
        }
        applied.now(&revisions)?;
        let entries = applied.entries;
        let is_changed = !revisions.rows.is_empty() || !entries.is_empty() || !version_is_known;
        if !is_changed {
            // Texts that were looked for on the way are remembered with the rows they were given.
            transaction.commit()?;
            return Ok(Revised { market: Arc::new(next), series_rows: 0, series_from: None });
        }
        rebuild(&mut next, entries);
        let corrected = match before.zip(from) {
            Some((before, from)) => {
                let after = series::timelines(&transaction, market, &revisions.groups, from, to_ms(now))?;
                series::correct(&transaction, &before, &after, from)?
            }
            None => series::Corrected::default(),
        };
        if let Some(version) = revisions.adapter_version {
            state.adapter_version = version;
            transaction.execute("UPDATE part SET adapter_version = ?2 WHERE id = ?1", params![state.row, version])?;
            next.parts[part] = Arc::new(state);
        }
        next.version += 1;
        write_version(&transaction, next.version)?;
        // Series were replaced behind the back of what remembers them. Nothing may fail once they are on the disk.
        let mut summaries = Summaries::default();
        summaries.load(&transaction, now)?;
        let written = summaries.write(&transaction, &next, &revisions.groups, now)?;
        transaction.commit()?;
        summaries.believe(written);
        self.summaries = summaries;
        next.ranges = Arc::new(self.summaries.ranges(now));
        Ok(Revised { market: Arc::new(next), series_rows: corrected.rows, series_from: corrected.from.map(from_ms) })
    }
}

impl Applied<'_> {
    fn revision(&mut self, revision: &Revision, offers: &IdMap<Arc<Offer>>) -> Result<(), StoreError> {
        let known = self.row_of(revision.id)?;
        let row = match (known, offers.get(&revision.id)) {
            (Some(row), _) => row,
            (None, Some(offer)) => self.offer_row(offer)?,
            (None, None) => return Ok(()),
        };
        let named = match &revision.price {
            Some(price) => Some((price, self.ids.unit_of(self.transaction, price)?, self.ids.terms(self.transaction, &price.terms)?)),
            None => None,
        };
        self.price(row, from_ms(revision.at_ms), named)
    }

    fn row_of(&self, id: OfferId) -> Result<Option<i64>, StoreError> {
        let mut statement = self.transaction.prepare_cached("SELECT id FROM offer WHERE hash = ?1")?;
        Ok(statement.query_row([&id.0[..]], |row| row.get(0)).optional()?)
    }

    /// What is on sale now, as far as it rests on what was revised.
    fn now(&mut self, revisions: &Revisions) -> Result<(), StoreError> {
        let market = self.market;
        for (id, price) in &revisions.finals {
            let entry = market.entry(*id).filter(|entry| entry.part == self.part);
            let newest = revisions.newest.as_ref().and_then(|newest| newest.get(id));
            match (entry, price) {
                (Some(entry), Some(price)) => {
                    let of = if entry.presence == Presence::Present { newest.map_or(&entry.offer, |offer| offer) } else { &entry.offer };
                    self.now_as(entry, Offer { price: price.clone(), ..of.clone() })?;
                }
                (Some(entry), None) => {
                    let observed = to_ms(market.observed_at(entry));
                    let mut statement =
                        self.transaction.prepare_cached("UPDATE offer_now SET presence = ?2, observed_ms = ?3 WHERE offer_id = ?1")?;
                    statement.execute(params![entry.row, presence::WITHDRAWN, observed])?;
                    self.entries.insert(*id, None);
                }
                (None, Some(price)) => {
                    // It is there now, where the newest answer says so; else it is a matter of the past.
                    let (Some(offer), Some(row)) = (newest, self.row_of(*id)?) else { continue };
                    let offer = Offer { price: price.clone(), ..(**offer).clone() };
                    let since = self.since(row)?;
                    let named = self.named_rows(&offer)?;
                    self.now_row(row, &offer, named, since, None)?;
                    let gpu = self.identities.of(&offer).0;
                    self.entries.insert(*id, Some(Arc::new(entry_of(market, gpu, *id, row, self.part, offer, since, None))));
                }
                (None, None) => {}
            }
        }
        // What has no history of its own: names, sizes, attributes.
        for (id, offer) in revisions.newest.iter().flatten().filter(|(id, _)| !revisions.finals.contains_key(id)) {
            let Some(entry) = market.entry(*id).filter(|entry| entry.part == self.part && entry.presence == Presence::Present) else {
                continue;
            };
            let offer = Offer { price: entry.offer.price.clone(), ..(**offer).clone() };
            if offer != entry.offer {
                self.now_as(entry, offer)?;
            }
        }
        Ok(())
    }

    /// An entry as another reading has it; its presence stays.
    fn now_as(&mut self, entry: &Entry, offer: Offer) -> Result<(), StoreError> {
        let since = self.since(entry.row)?;
        let (unit_id, terms_id) = self.named_rows(&offer)?;
        let mut statement = self.transaction.prepare_cached(
            "UPDATE offer_now SET per_hour_nanos = ?2, quote_nanos = ?3, unit_id = ?4, availability = ?5, terms_id = ?6, price_since_ms = ?7
             WHERE offer_id = ?1",
        )?;
        let price = &offer.price;
        let availability = availability_number(price.availability);
        statement.execute(params![entry.row, price.per_hour.nanos, price.quote.amount.0, unit_id, availability, terms_id, to_ms(since)])?;
        self.update_offer(entry.row, &offer)?;
        let gpu = self.identities.of(&offer).0;
        let mut next = entry_of(self.market, gpu, entry.id, entry.row, self.part, offer, since, entry.previous_nanos);
        (next.presence, next.flapping) = (entry.presence, entry.flapping);
        self.entries.insert(entry.id, Some(Arc::new(next)));
        Ok(())
    }

    /// When the price that is in force began.
    fn since(&self, row: i64) -> Result<DateTime<Utc>, StoreError> {
        let mut statement = self.transaction.prepare_cached("SELECT max(observed_ms) FROM price WHERE offer_id = ?1")?;
        let since: Option<i64> = statement.query_row([row], |row| row.get(0))?;
        Ok(since.map_or(self.now, from_ms))
    }
}
