//! A part's past as it was written: attempts, the answers that were current, and every row of its offers' history. What is
//! read anew is compared with it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use gpurate_domain::offer::OfferPrice;
use gpurate_domain::{Currency, OfferId, PerHour, PriceKind};
use rusqlite::params;

use super::history::{PastOffer, past_offer};
use super::read::Reader;
use super::rows::{availability_of, damaged, parsed, quote};
use super::{StoreError, to_ms};
use crate::collect::normalise::Interner;

/// An accepted attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When it was written, in milliseconds: the time of its rows.
    pub at_ms: i64,
    /// Offers that were believed.
    pub offers: u64,
}

/// An archived answer, and from when until when it was what the request is answered.
#[derive(Clone, Debug)]
pub struct KeptPage {
    /// Names the request within its part.
    pub request_key: String,
    /// Name in the archive.
    pub hash: String,
    /// `GET` or `POST`.
    pub method: String,
    /// Asked address.
    pub url: String,
    /// What was asked in a POST.
    pub body: Option<String>,
    /// First seen, in milliseconds.
    pub first_ms: i64,
    /// Last seen.
    pub last_ms: i64,
}

/// What held from a moment on; no price: withdrawn.
pub type PastRow = (i64, Option<OfferPrice>);

/// An offer with its rows of history, oldest first; the first may be from before the time that was asked for.
#[derive(Clone, Debug)]
pub struct PastRows {
    /// The offer.
    pub offer: PastOffer,
    /// Of each moment the highest revision.
    pub rows: Vec<PastRow>,
}

impl Reader {
    /// Accepted attempts at a part since a moment, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn moments(&self, part_row: i64, since: DateTime<Utc>) -> Result<Vec<Moment>, StoreError> {
        let mut statement = self.connection().prepare_cached(
            "SELECT finished_ms, max(offers) FROM collection WHERE part_id = ?1 AND finished_ms >= ?2 AND outcome = 'accepted'
             GROUP BY finished_ms ORDER BY finished_ms",
        )?;
        let rows = statement.query_map(params![part_row, to_ms(since)], |row| {
            Ok(Moment { at_ms: row.get(0)?, offers: u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0) })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Records of a part's answers that were current at any time since, in the order of their requests.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn kept_pages(&self, part_row: i64, since: DateTime<Utc>) -> Result<Vec<KeptPage>, StoreError> {
        let mut statement = self.connection().prepare_cached(
            "SELECT request_key, hash, method, url, request_body, first_seen_ms, last_seen_ms FROM page
             WHERE part_id = ?1 AND last_seen_ms >= ?2 ORDER BY request_key, first_seen_ms",
        )?;
        let rows = statement.query_map(params![part_row, to_ms(since)], |row| {
            Ok(KeptPage {
                request_key: row.get(0)?,
                hash: row.get(1)?,
                method: row.get(2)?,
                url: row.get(3)?,
                body: row.get(4)?,
                first_ms: row.get(5)?,
                last_ms: row.get(6)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Offers of a provider that belong to other parts than this one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn offers_elsewhere(&self, provider: &str, part_row: i64) -> Result<crate::market::IdSet, StoreError> {
        let mut statement = self
            .connection()
            .prepare_cached("SELECT hash FROM part CROSS JOIN offer ON part_id = part.id WHERE provider = ?1 AND part_id <> ?2")?;
        let mut rows = statement.query(params![provider, part_row])?;
        let mut ids = crate::market::IdSet::default();
        while let Some(row) = rows.next()? {
            let hash: Vec<u8> = row.get(0)?;
            ids.insert(OfferId(hash.as_slice().try_into().map_err(|_| damaged("id of an offer", "its length"))?));
        }
        Ok(ids)
    }

    /// Every offer of a part with its rows since a moment, and the one that was in force then.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn past_of_part(&self, part_row: i64, since: DateTime<Utc>, interner: &mut Interner) -> Result<Vec<PastRows>, StoreError> {
        let units = self.units()?;
        let mut known_terms: HashMap<i64, std::sync::Arc<[gpurate_domain::Term]>> = HashMap::new();
        let mut terms_text = self.connection().prepare_cached("SELECT content FROM terms WHERE id = ?1")?;
        let mut statement = self.connection().prepare_cached(
            "SELECT offer.id, hash, provider, sku, tier, region, country, market, gpu_count, gpu_name, gpu_name_alternative, vram_per_gpu_mib,
               observed_ms, per_hour_nanos, coalesce(quote_nanos, per_hour_nanos), unit_id, availability, terms_id
             FROM offer CROSS JOIN part ON part.id = part_id LEFT JOIN price ON price.offer_id = offer.id
               AND observed_ms >= coalesce((SELECT max(observed_ms) FROM price AS held WHERE held.offer_id = offer.id AND held.observed_ms <= ?2), 0)
               AND NOT EXISTS (SELECT 1 FROM price AS later WHERE later.offer_id = price.offer_id AND later.observed_ms = price.observed_ms
                 AND later.revision > price.revision)
             WHERE part_id = ?1 ORDER BY offer.id, observed_ms",
        )?;
        let mut rows = statement.query(params![part_row, to_ms(since)])?;
        let mut past: Vec<PastRows> = Vec::new();
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            if past.last().is_none_or(|last| last.offer.row != id) {
                past.push(PastRows { offer: past_offer(row)?, rows: Vec::new() });
            }
            let Some(at_ms) = row.get::<_, Option<i64>>(12)? else { continue };
            let price = match row.get::<_, Option<i64>>(13)? {
                None => None,
                Some(nanos) => {
                    let (currency, unit, kind) = units.get(&row.get(15)?).ok_or_else(|| damaged("unit of a price", "its row is gone"))?;
                    let terms_id: i64 = row.get(17)?;
                    let terms = match known_terms.get(&terms_id) {
                        Some(terms) => terms.clone(),
                        None => {
                            let text: String = terms_text.query_row([terms_id], |row| row.get(0))?;
                            let terms = serde_json::from_str(&text).map_err(|error| damaged("list of terms", error))?;
                            let terms = interner.terms(terms);
                            known_terms.insert(terms_id, terms.clone());
                            terms
                        }
                    };
                    Some(OfferPrice {
                        per_hour: PerHour { nanos, currency: *currency },
                        quote: quote(row.get(14)?, *currency, unit)?,
                        kind: *kind,
                        availability: availability_of(row.get(16)?),
                        terms,
                    })
                }
            };
            if let Some(last) = past.last_mut() {
                last.rows.push((at_ms, price));
            }
        }
        Ok(past)
    }

    fn units(&self) -> Result<HashMap<i64, (Currency, String, PriceKind)>, StoreError> {
        let mut statement = self.connection().prepare_cached("SELECT id, currency, unit, kind FROM unit")?;
        let mut rows = statement.query([])?;
        let mut units = HashMap::new();
        while let Some(row) = rows.next()? {
            let unit = (parsed("currency", &row.get::<_, String>(1)?)?, row.get(2)?, parsed("kind of price", &row.get::<_, String>(3)?)?);
            units.insert(row.get(0)?, unit);
        }
        Ok(units)
    }
}
