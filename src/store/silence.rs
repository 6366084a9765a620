//! When nothing was known of a provider: it had no accepted attempt for longer than its answers are in force.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use super::history::Span;
use super::migrations::DAYS;
use super::read::Reader;
use super::{DAY_MS, StoreError, from_ms, to_ms};
use crate::window::Window;

/// An answer is in force for so long at least, however it is configured: it bounds the steps.
const STALE_SECONDS_LEAST: i64 = 600;

impl Reader {
    /// Times within a window in which every answer of a provider was stale, in order and apart.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn silences(&self, provider: &str, stale_seconds: i64, window: Window) -> Result<Vec<Span>, StoreError> {
        // A database of an older gpurate has no days.
        if !self.has(DAYS)? {
            return self.silences_by_attempts(provider, stale_seconds, window);
        }
        let stale = stale_seconds.max(STALE_SECONDS_LEAST).saturating_mul(1000);
        let (since, until) = (to_ms(window.since), to_ms(window.until));
        let mut statement = self.connection().prepare_cached(
            "SELECT first_ms, last_ms, apart_ms FROM provider_day WHERE provider = ?1 AND day >= ?2 AND day <= ?3 ORDER BY day",
        )?;
        let mut days = statement.query(params![provider, since.saturating_sub(stale).div_euclid(DAY_MS), until.div_euclid(DAY_MS)])?;
        let mut silences = Vec::new();
        let mut silent = |from: i64, until_then: i64| {
            let (from, until) = (from.max(since), until_then.min(until));
            if from < until {
                silences.push((from_ms(from), from_ms(until)));
            }
        };
        // Until when the answers so far are in force.
        let mut known_until = i64::MIN;
        while let Some(row) = days.next()? {
            let (first, last, apart): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            silent(known_until, first);
            if apart > stale && first < until && last > since {
                let within = Window { since: from_ms(first), until: from_ms(last) };
                for (from, until) in self.silences_by_attempts(provider, stale_seconds, within)? {
                    silent(to_ms(from), to_ms(until));
                }
            }
            known_until = last.saturating_add(stale);
        }
        silent(known_until, until);
        Ok(silences)
    }

    /// The same of attempts alone. It goes from the last accepted attempt before an answer went stale to the next, and looks
    /// at all parts only where the one that was last does not lead half as far.
    fn silences_by_attempts(&self, provider: &str, stale_seconds: i64, window: Window) -> Result<Vec<Span>, StoreError> {
        let accepted = "FROM collection WHERE part_id = ?1 AND finished_ms > ?2 AND finished_ms <= ?3 AND outcome = 'accepted'";
        let mut last = self.connection().prepare_cached(&format!("SELECT finished_ms {accepted} ORDER BY finished_ms DESC LIMIT 1"))?;
        let mut first = self.connection().prepare_cached(&format!("SELECT finished_ms {accepted} ORDER BY finished_ms LIMIT 1"))?;
        let mut statement = self.connection().prepare_cached("SELECT id FROM part WHERE provider = ?1")?;
        let parts = statement.query_map([provider], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
        let mut last_of = |part: i64, after: i64, until: i64| -> Result<Option<i64>, rusqlite::Error> {
            last.query_row(params![part, after, until], |row| row.get(0)).optional()
        };
        let stale = stale_seconds.max(STALE_SECONDS_LEAST).saturating_mul(1000);
        let (since, until) = (to_ms(window.since), to_ms(window.until));
        let mut silences = Vec::new();
        let mut usual: Option<i64> = None;
        // The last attempt that is in force at the window's beginning, if one.
        let mut seen: Option<i64> = None;
        for part in &parts {
            seen = seen.max(last_of(*part, since.saturating_sub(stale), since)?);
        }
        let mut silent_from = since;
        loop {
            if let Some(mut at) = seen {
                loop {
                    let end = at.saturating_add(stale);
                    if end >= until {
                        return Ok(silences);
                    }
                    let near = match usual {
                        Some(part) => last_of(part, at, end)?.filter(|later| later - at >= stale / 2),
                        None => None,
                    };
                    let mut later = near.map(|later| (later, usual));
                    if later.is_none() {
                        for part in &parts {
                            later = later.max(last_of(*part, at, end)?.map(|later| (later, Some(*part))));
                        }
                    }
                    let Some((next, part)) = later else { break };
                    (at, usual) = (next, part);
                }
                silent_from = at.saturating_add(stale);
            }
            let mut next: Option<i64> = None;
            for part in &parts {
                let found = first.query_row(params![part, silent_from, until - 1], |row| row.get::<_, i64>(0)).optional()?;
                next = [next, found].into_iter().flatten().min();
            }
            let span: (DateTime<Utc>, DateTime<Utc>) = (from_ms(silent_from), from_ms(next.unwrap_or(until)));
            if span.0 < span.1 {
                silences.push(span);
            }
            match next {
                Some(next) => seen = Some(next),
                None => return Ok(silences),
            }
        }
    }
}
