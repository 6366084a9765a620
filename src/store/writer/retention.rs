//! Deletes what is kept for a time only, in batches: each is one short transaction, so that no commit waits for long. What
//! was deleted is written down in it. A batch looks at a bounded number of rows, and says where the next one goes on.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{OptionalExtension, Transaction, params};

use super::summaries::DAYS_FROM_PRICES;
use super::{Writer, write_version};
use crate::market::Market;
use crate::store::rows::presence;
use crate::store::{StoreError, to_ms};

/// Offers, series or attempts that one batch looks at.
const LOOKED_AT_MAX: u32 = 500;
/// Rows that one batch deletes of one table, about.
const DELETED_MAX: u64 = 2_000;

/// What a batch came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch<Cursor> {
    /// Rows that it deleted.
    pub deleted: u64,
    /// Where the next one goes on; `None` at the end.
    pub next: Option<Cursor>,
}

/// The place of a row of `page`: part, request and hash.
pub type PagePlace = (i64, String, String);

impl Writer {
    /// Deletes rows of `price` of offers of a provider that another row took the place of before `before`, and such
    /// withdrawals; offers of which nothing is left then, as long as no event is about them. The price that was in force at
    /// `before` stays, so that the next change is not taken for a first sighting. `after`: the row of an offer.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_prices(&mut self, provider: &str, before: DateTime<Utc>, after: i64) -> Result<Batch<i64>, StoreError> {
        let transaction = self.connection.transaction()?;
        let before_ms = to_ms(before);
        let offers: Vec<i64> = transaction
            .prepare_cached(
                "SELECT offer.id FROM offer CROSS JOIN part ON part.id = part_id WHERE offer.id > ?1 AND provider = ?2 ORDER BY offer.id LIMIT ?3",
            )?
            .query_map(params![after, provider, LOOKED_AT_MAX], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let (mut batch, mut listings, mut told) = (Batch::default(), 0, Told::new());
        let is_full = offers.len() == LOOKED_AT_MAX as usize;
        let mut last = after;
        for offer in &offers {
            let most = DELETED_MAX.saturating_sub(batch.deleted).max(1);
            let (deleted, is_done) = forget_prices_of(&transaction, *offer, before_ms, most, &mut told)?;
            batch.deleted += deleted;
            if !is_done {
                batch.next = Some(last);
                break;
            }
            listings += forget_offer(&transaction, *offer, before_ms)?;
            last = *offer;
            if batch.deleted >= DELETED_MAX {
                batch.next = Some(last);
                break;
            }
        }
        if batch.next.is_none() && is_full {
            batch.next = Some(last);
        }
        forget_tellings(&transaction, &told)?;
        note(&transaction, "price", provider, before, batch.deleted)?;
        note(&transaction, "offer", provider, before, listings)?;
        transaction.commit()?;
        Ok(batch)
    }

    /// Deletes rows of `gpu_price` that another took the place of before `before`. `after`: the row of a series.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_series(&mut self, before: DateTime<Utc>, after: i64) -> Result<Batch<i64>, StoreError> {
        let transaction = self.connection.transaction()?;
        let scopes: Vec<i64> = transaction
            .prepare_cached("SELECT id FROM gpu_scope WHERE id > ?1 ORDER BY id LIMIT ?2")?
            .query_map(params![after, LOOKED_AT_MAX], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let mut batch = Batch { deleted: 0, next: scopes.last().copied().filter(|_| scopes.len() == LOOKED_AT_MAX as usize) };
        let mut delete = transaction.prepare_cached(
            "DELETE FROM gpu_price WHERE scope_id = ?1 AND observed_ms < (SELECT max(observed_ms) FROM gpu_price WHERE scope_id = ?1 AND observed_ms < ?2)
               AND observed_ms < coalesce((SELECT observed_ms FROM gpu_price WHERE scope_id = ?1 ORDER BY observed_ms LIMIT 1 OFFSET ?3), ?2)",
        )?;
        let mut last = after;
        for scope in scopes {
            let deleted = delete.execute(params![scope, to_ms(before), DELETED_MAX as i64])? as u64;
            batch.deleted += deleted;
            if deleted > 0 {
                let last_day = to_ms(before).div_euclid(86_400_000);
                transaction.execute("DELETE FROM gpu_day WHERE scope_id = ?1 AND day <= ?2", params![scope, last_day])?;
                let days = format!("{DAYS_FROM_PRICES} WHERE scope_id = ?1 AND observed_ms < (?2 + 1) * 86400000 GROUP BY 1, 2");
                transaction.prepare_cached(&days)?.execute(params![scope, last_day])?;
            }
            if deleted >= DELETED_MAX {
                // There may be more of this one.
                batch.next = Some(last);
                break;
            }
            last = scope;
            if batch.deleted >= DELETED_MAX {
                batch.next = Some(last);
                break;
            }
        }
        drop(delete);
        note(&transaction, "gpu_price", "", before, batch.deleted)?;
        transaction.commit()?;
        Ok(batch)
    }

    /// Deletes events of before `before`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_events(&mut self, before: DateTime<Utc>) -> Result<Batch<()>, StoreError> {
        let transaction = self.connection.transaction()?;
        let deleted = transaction.execute(
            "DELETE FROM event WHERE id IN (SELECT id FROM event INDEXED BY event_by_time WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2)",
            params![to_ms(before), DELETED_MAX as i64],
        )? as u64;
        note(&transaction, "event", "", before, deleted)?;
        transaction.commit()?;
        Ok(Batch { deleted, next: (deleted == DELETED_MAX).then_some(()) })
    }

    /// Deletes attempts at a part of before `before` that no price and no event rests on. Of accepted ones so many stay that
    /// two of them are at most `apart` from each other where they were before: no gap opens, and none closes. `after`: a
    /// moment; it goes on from there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_attempts(
        &mut self,
        part_row: i64,
        part: &str,
        apart: TimeDelta,
        before: DateTime<Utc>,
        after: Option<i64>,
    ) -> Result<Batch<i64>, StoreError> {
        let transaction = self.connection.transaction()?;
        let (apart, before_ms) = (apart.num_milliseconds(), to_ms(before));
        let sql = "SELECT before_ms FROM retention WHERE subject = 'collection' AND scope = ?1";
        let kept: Option<i64> = transaction.query_row(sql, [part], |row| row.get(0)).optional()?;
        // What an earlier pass left, it left for good.
        let after = after.or(kept.map(|before| before - 1)).unwrap_or(i64::MIN);
        let attempts: Vec<(i64, i64, bool)> = transaction
            .prepare_cached(
                "SELECT id, finished_ms, outcome = 'accepted' FROM collection WHERE part_id = ?1 AND finished_ms > ?2 AND finished_ms < ?3
                 ORDER BY finished_ms LIMIT ?4",
            )?
            .query_map(params![part_row, after, before_ms, LOOKED_AT_MAX], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<Result<_, _>>()?;
        let mut bridge: Option<i64> = transaction.query_row(
            "SELECT max(finished_ms) FROM collection WHERE part_id = ?1 AND finished_ms <= ?2 AND outcome = 'accepted'",
            params![part_row, after],
            |row| row.get(0),
        )?;
        let mut next_accepted = transaction.prepare_cached(
            "SELECT finished_ms FROM collection WHERE part_id = ?1 AND finished_ms > ?2 AND outcome = 'accepted' ORDER BY finished_ms LIMIT 1",
        )?;
        let mut is_evidence = transaction.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM price INDEXED BY price_by_time CROSS JOIN offer ON offer.id = price.offer_id
                 WHERE observed_ms = ?2 AND part_id = ?1)
               OR EXISTS (SELECT 1 FROM event INDEXED BY event_by_time WHERE at_ms = ?2 AND part_id = ?1)",
        )?;
        let mut delete = transaction.prepare_cached("DELETE FROM collection WHERE id = ?1")?;
        let mut batch = Batch { deleted: 0, next: attempts.last().map(|last| last.1).filter(|_| attempts.len() == LOOKED_AT_MAX as usize) };
        for (id, finished, accepted) in attempts {
            let bridges = accepted
                && match bridge {
                    None => true,
                    Some(before) => {
                        let next: Option<i64> = next_accepted.query_row(params![part_row, finished], |row| row.get(0)).optional()?;
                        next.is_none_or(|next| next - before > apart)
                    }
                };
            if bridges || is_evidence.query_row(params![part_row, finished], |row| row.get(0))? {
                bridge = if accepted { Some(finished) } else { bridge };
            } else {
                batch.deleted += delete.execute([id])? as u64;
            }
        }
        drop((next_accepted, is_evidence, delete));
        // Where it goes on the next time is known even where nothing was deleted.
        if batch.next.is_none() {
            note_always(&transaction, "collection", part, before, batch.deleted)?;
        } else if batch.deleted > 0 {
            count(&transaction, "collection", part, batch.deleted)?;
        }
        transaction.commit()?;
        Ok(batch)
    }

    /// Deletes records of archived answers that were last seen before `before` and whose file is gone, as `is_gone` (slug and
    /// hash) says.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_pages(
        &mut self,
        before: DateTime<Utc>,
        after: &PagePlace,
        is_gone: impl Fn(&str, &str) -> bool,
    ) -> Result<Batch<PagePlace>, StoreError> {
        let transaction = self.connection.transaction()?;
        let rows: Vec<(PagePlace, String, i64)> = transaction
            .prepare_cached(
                "SELECT part_id, request_key, hash, provider, last_seen_ms FROM page CROSS JOIN part ON part.id = part_id
                 WHERE (part_id, request_key, hash) > (?1, ?2, ?3) ORDER BY part_id, request_key, hash LIMIT ?4",
            )?
            .query_map(params![after.0, after.1, after.2, DELETED_MAX as i64], |row| {
                Ok(((row.get(0)?, row.get(1)?, row.get(2)?), row.get(3)?, row.get(4)?))
            })?
            .collect::<Result<_, _>>()?;
        let mut batch = Batch { deleted: 0, next: rows.last().map(|row| row.0.clone()).filter(|_| rows.len() as u64 == DELETED_MAX) };
        let mut delete = transaction.prepare_cached("DELETE FROM page WHERE part_id = ?1 AND request_key = ?2 AND hash = ?3")?;
        for ((part, request, hash), provider, last_seen) in rows {
            if last_seen < to_ms(before) && is_gone(&provider, &hash) {
                batch.deleted += delete.execute(params![part, request, hash])? as u64;
            }
        }
        drop(delete);
        note(&transaction, "page", "", before, batch.deleted)?;
        transaction.commit()?;
        Ok(batch)
    }

    /// Deletes terms that nothing names. `unused` was read a while ago, after [`Writer::watch_terms`]: what was used since
    /// stays.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_terms(&mut self, unused: &[i64], now: DateTime<Utc>) -> Result<u64, StoreError> {
        let free: HashSet<i64> = unused.iter().copied().filter(|id| !self.ids.was_used(*id)).collect();
        let transaction = self.connection.transaction()?;
        let mut deleted = 0;
        for id in &free {
            deleted += transaction.prepare_cached("DELETE FROM terms WHERE id = ?1")?.execute([id])? as u64;
        }
        note(&transaction, "terms", "", now, deleted)?;
        transaction.commit()?;
        self.ids.forget_terms(&free);
        Ok(deleted)
    }

    /// From now on it is remembered which terms are used.
    pub fn watch_terms(&mut self) {
        self.ids.watch_terms();
    }

    /// It is not remembered any more.
    pub fn watch_no_terms(&mut self) {
        self.ids.watch_no_terms();
    }

    /// Prices that were not believed, of offers that are not on sale, and not seen since `before`. `None`: there is none.
    ///
    /// # Errors
    /// [`StoreError`]; then the market of before stays true.
    pub fn forget_held(&mut self, market: &Market, before: DateTime<Utc>) -> Result<Option<(Arc<Market>, u64)>, StoreError> {
        let old = |held: &crate::market::Held| held.seen.last().is_none_or(|(at, _)| *at < before);
        let gone: Vec<_> = market.held.iter().filter(|(id, held)| old(held) && market.entry(**id).is_none()).map(|(id, _)| *id).collect();
        if gone.is_empty() {
            return Ok(None);
        }
        let transaction = self.connection.transaction()?;
        let mut next = market.clone();
        for id in &gone {
            next.held.remove(id);
            transaction.prepare_cached("DELETE FROM quarantine WHERE hash = ?1")?.execute([&id.0[..]])?;
        }
        next.version += 1;
        write_version(&transaction, next.version)?;
        note(&transaction, "quarantine", "", before, gone.len() as u64)?;
        transaction.commit()?;
        Ok(Some((Arc::new(next), gone.len() as u64)))
    }

    /// Writes down what was deleted beside the database: files of the archive.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn note_archive(&mut self, files: u64, now: DateTime<Utc>) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        note(&transaction, "archive", "", now, files)?;
        Ok(transaction.commit()?)
    }

    /// Gives free pages of the file back to the system, at most so many; those up to `reserve` stay for new rows. The bytes
    /// that were given back: none of a database that was made before files could shrink.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn give_back(&mut self, reserve: u64, pages_max: u64) -> Result<u64, StoreError> {
        let number = |name: &str| self.connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let free = u64::try_from(number("freelist_count")?).unwrap_or(0);
        if number("auto_vacuum")? != INCREMENTAL || free <= reserve {
            return Ok(0);
        }
        self.connection.execute_batch(&format!("PRAGMA incremental_vacuum({})", (free - reserve).min(pages_max)))?;
        let number = |name: &str| self.connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let left = u64::try_from(number("freelist_count")?).unwrap_or(0);
        Ok(free.saturating_sub(left) * u64::try_from(number("page_size")?).unwrap_or(0))
    }

    /// When the database was last gone through; `None`: never.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn last_tidied(&self, what: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        let sql = "SELECT value FROM meta WHERE key = ?1";
        let text: Option<String> = self.connection.query_row(sql, [format!("tidied_{what}_ms")], |row| row.get(0)).optional()?;
        Ok(text.and_then(|text| text.parse().ok()).map(crate::store::from_ms))
    }

    /// Writes down that it was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn tidied(&mut self, what: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2";
        self.connection.execute(sql, params![format!("tidied_{what}_ms"), to_ms(now).to_string()])?;
        Ok(())
    }
}

/// When rows that were deleted had been written, and what they were dated at.
type Told = HashSet<(i64, i64)>;

/// SQLite's word for "give pages back when told to".
const INCREMENTAL: i64 = 2;

/// Rows of one offer: how many went, and whether that was all.
fn forget_prices_of(
    transaction: &Transaction<'_>,
    offer: i64,
    before_ms: i64,
    most: u64,
    told: &mut Told,
) -> Result<(u64, bool), StoreError> {
    let newest = transaction
        .prepare_cached(
            "SELECT observed_ms, per_hour_nanos IS NULL FROM price WHERE offer_id = ?1 AND observed_ms < ?2 ORDER BY observed_ms DESC, revision DESC LIMIT 1",
        )?
        .query_row(params![offer, before_ms], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?)))
        .optional()?;
    let Some((in_force, withdrawn)) = newest else { return Ok((0, true)) };
    let end = if withdrawn { in_force + 1 } else { in_force };
    let bound: Option<i64> = transaction
        .prepare_cached("SELECT observed_ms FROM price WHERE offer_id = ?1 AND observed_ms < ?2 ORDER BY observed_ms LIMIT 1 OFFSET ?3")?
        .query_row(params![offer, end, i64::try_from(most).unwrap_or(i64::MAX)], |row| row.get(0))
        .optional()?;
    let deleted = delete_prices(transaction, offer, bound.unwrap_or(end), told)?;
    // Many revisions of one moment are no reason to stand still.
    if bound.is_some() && deleted == 0 {
        return Ok((delete_prices(transaction, offer, end, told)?, true));
    }
    Ok((deleted, bound.is_none()))
}

fn delete_prices(transaction: &Transaction<'_>, offer: i64, before_ms: i64, told: &mut Told) -> Result<u64, StoreError> {
    let mut delete =
        transaction.prepare_cached("DELETE FROM price WHERE offer_id = ?1 AND observed_ms < ?2 RETURNING told_ms, observed_ms")?;
    let mut rows = delete.query(params![offer, before_ms])?;
    let mut deleted = 0;
    while let Some(row) = rows.next()? {
        deleted += 1;
        if let Some(told_ms) = row.get(0)? {
            told.insert((told_ms, row.get(1)?));
        }
    }
    Ok(deleted)
}

/// Tellings of which no row is left.
fn forget_tellings(transaction: &Transaction<'_>, told: &Told) -> Result<(), StoreError> {
    let mut delete = transaction.prepare_cached(
        "DELETE FROM telling WHERE told_ms = ?1 AND observed_ms = ?2
           AND NOT EXISTS (SELECT 1 FROM price INDEXED BY price_by_time WHERE observed_ms = ?2 AND told_ms = ?1)",
    )?;
    for (told_ms, observed_ms) in told {
        delete.execute([told_ms, observed_ms])?;
    }
    Ok(())
}

/// An offer of which no price is left, as long as nothing needs its name.
fn forget_offer(transaction: &Transaction<'_>, offer: i64, before_ms: i64) -> Result<u64, StoreError> {
    let left: bool =
        transaction.prepare_cached("SELECT EXISTS (SELECT 1 FROM price WHERE offer_id = ?1)")?.query_row([offer], |row| row.get(0))?;
    if left {
        return Ok(0);
    }
    transaction
        .prepare_cached("DELETE FROM offer_now WHERE offer_id = ?1 AND presence = ?2 AND coalesce(observed_ms, price_since_ms) < ?3")?
        .execute(params![offer, presence::WITHDRAWN, before_ms])?;
    let deleted = transaction
        .prepare_cached(
            "DELETE FROM offer WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM offer_now WHERE offer_id = ?1)
               AND NOT EXISTS (SELECT 1 FROM event WHERE offer_id = ?1) AND NOT EXISTS (SELECT 1 FROM quarantine WHERE quarantine.hash = offer.hash)",
        )?
        .execute([offer])?;
    Ok(deleted as u64)
}

fn note(transaction: &Transaction<'_>, subject: &str, scope: &str, before: DateTime<Utc>, rows: u64) -> Result<(), StoreError> {
    if rows == 0 { Ok(()) } else { note_always(transaction, subject, scope, before, rows) }
}

fn note_always(transaction: &Transaction<'_>, subject: &str, scope: &str, before: DateTime<Utc>, rows: u64) -> Result<(), StoreError> {
    count(transaction, subject, scope, rows)?;
    transaction
        .prepare_cached("UPDATE retention SET before_ms = max(before_ms, ?3) WHERE subject = ?1 AND scope = ?2")?
        .execute(params![subject, scope, to_ms(before)])?;
    Ok(())
}

/// Adds to what was deleted so far.
fn count(transaction: &Transaction<'_>, subject: &str, scope: &str, rows: u64) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO retention (subject, scope, before_ms, rows, last_ms) VALUES (?1, ?2, 0, ?3, ?4)
             ON CONFLICT DO UPDATE SET rows = rows + ?3, last_ms = CASE WHEN ?3 > 0 THEN ?4 ELSE last_ms END",
        )?
        .execute(params![subject, scope, rows as i64, if rows > 0 { to_ms(Utc::now()) } else { 0 }])?;
    Ok(())
}
