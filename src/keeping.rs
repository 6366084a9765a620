//! What is kept for a time only goes: rows of the database, files of the archive. In batches, so that a collection never
//! waits for long; what went is told in the log and written down for `gpurate check`.
//!
//! Never deleted are prices that are in force, what an event is about, the newest answer of each part, and what a saved
//! simulation rests on.

use chrono::{DateTime, TimeDelta, Utc};
use gpurate_providers::manifest::ProviderKind;

use crate::catalogue;
use crate::daemon::{Daemon, archive_limits};
use crate::store::{Batch, PagePlace, StoreError, Writer};

/// Between two batches others may write.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(5);
/// A database is gone through no more often.
const OFTEN: TimeDelta = TimeDelta::minutes(50);
/// Attempts, records of answers and terms are gone through once a day.
const SELDOM: TimeDelta = TimeDelta::hours(23);
/// Free pages of the file that stay for new rows: 4 MiB of them.
const PAGES_RESERVED: u64 = 1024;
/// So many are given back at once.
const PAGES_AT_ONCE: u64 = 1000;
/// And so often in one pass.
const STEPS_MAX: u32 = 256;

/// What one pass deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Rows of `price`.
    pub prices: u64,
    /// Rows of `gpu_price`.
    pub series: u64,
    /// Events.
    pub events: u64,
    /// Attempts.
    pub attempts: u64,
    /// Records of answers.
    pub pages: u64,
    /// Terms that nothing named any more.
    pub terms: u64,
    /// Prices that were not believed.
    pub held: u64,
    /// Files of the archive.
    pub files: u64,
    /// Bytes of the file that were given back.
    pub bytes: u64,
}

impl std::fmt::Display for Removed {
    /// `12 price rows, 3 attempts`; nothing where nothing was deleted.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let counts = [
            (self.prices, "price row"),
            (self.series, "row of series"),
            (self.events, "event"),
            (self.attempts, "attempt"),
            (self.pages, "record of answers"),
            (self.terms, "list of terms"),
            (self.held, "held price"),
            (self.files, "archived answer"),
            (self.bytes / 1_000_000, "MB given back"),
        ];
        let mut first = true;
        for (count, word) in counts.into_iter().filter(|(count, _)| *count > 0) {
            let several = match word.split_once(' ') {
                _ if count == 1 || word.starts_with("MB") => word.to_owned(),
                Some((noun @ ("row" | "record" | "list"), rest)) => format!("{noun}s {rest}"),
                _ => format!("{word}s"),
            };
            write!(f, "{}{count} {several}", if first { "" } else { ", " })?;
            first = false;
        }
        Ok(())
    }
}

/// One pass over everything, where the last one is long enough ago. Blocking.
///
/// # Errors
/// [`StoreError`]; what was deleted before stays deleted.
pub fn keep(daemon: &Daemon, now: DateTime<Utc>) -> Result<Removed, StoreError> {
    let is_due = |what: &str, interval: TimeDelta| -> Result<bool, StoreError> {
        // A clock that went back must not silence it for long.
        let last = daemon.write_side().writer.last_tidied(what)?;
        Ok(last.is_none_or(|last| (now - last).abs() >= interval))
    };
    let mut removed = Removed::default();
    if !is_due("often", OFTEN)? {
        return Ok(removed);
    }
    let days = &daemon.config.retention;
    let horizon = |days: u32| (days > 0).then(|| now - TimeDelta::days(i64::from(days)));
    for known in catalogue::all() {
        let is_marketplace = known.manifest.kind == ProviderKind::Marketplace;
        let Some(before) = horizon(if is_marketplace { days.marketplace_price_days } else { days.price_days }) else { continue };
        removed.prices += batches(daemon, 0, |writer, after| writer.forget_prices(known.slug(), before, *after))?;
    }
    if let Some(before) = horizon(days.held_days) {
        removed.held = forget_held(daemon, before)?;
    }
    if let Some(before) = horizon(days.event_days) {
        removed.events = batches(daemon, (), |writer, ()| writer.forget_events(before))?;
    }
    removed.files = prune_archive(daemon, now)?;
    // What is left is due at the next start.
    if daemon.stop.is_cancelled() {
        return Ok(removed);
    }
    if is_due("seldom", SELDOM)? {
        seldom(daemon, now, &mut removed)?;
        if daemon.stop.is_cancelled() {
            return Ok(removed);
        }
        daemon.write_side().writer.tidied("seldom", now)?;
    }
    for _ in 0..STEPS_MAX {
        let given = daemon.write_side().writer.give_back(PAGES_RESERVED, PAGES_AT_ONCE)?;
        removed.bytes += given;
        if given == 0 {
            break;
        }
        std::thread::sleep(PAUSE);
    }
    daemon.write_side().writer.tidied("often", now)?;
    if removed != Removed::default() {
        tracing::info!("past their keeping time and deleted: {removed}");
    }
    Ok(removed)
}

/// What grows slowly.
fn seldom(daemon: &Daemon, now: DateTime<Utc>, removed: &mut Removed) -> Result<(), StoreError> {
    let days = &daemon.config.retention;
    let horizon = |days: u32| (days > 0).then(|| now - TimeDelta::days(i64::from(days)));
    if let Some(before) = horizon(days.gpu_price_days) {
        removed.series = batches(daemon, 0, |writer, after| writer.forget_series(before, *after))?;
    }
    if let Some(before) = horizon(days.attempt_days) {
        let market = daemon.market();
        for part in market.parts.iter().filter(|part| part.row != 0) {
            // Half of what makes a gap: the configuration may become stricter.
            let apart = TimeDelta::seconds(market.providers[part.provider].stale_seconds.max(600) / 2);
            let name = format!("{}/{}", part.provider_slug, part.name);
            removed.attempts += batches(daemon, None, |writer, after| {
                let Batch { deleted, next } = writer.forget_attempts(part.row, &name, apart, before, *after)?;
                Ok(Batch { deleted, next: next.map(Some) })
            })?;
        }
    }
    if let Some(before) = horizon(days.page_days) {
        let first: PagePlace = (0, String::new(), String::new());
        let is_gone = |provider: &str, hash: &str| !daemon.archive.contains(provider, hash);
        removed.pages = batches(daemon, first, |writer, after| writer.forget_pages(before, after, is_gone))?;
    }
    daemon.write_side().writer.watch_terms();
    let unused = daemon.store.reader()?.unused_terms()?;
    for some in unused.chunks(1000) {
        removed.terms += daemon.write_side().writer.forget_terms(some, now)?;
        std::thread::sleep(PAUSE);
    }
    daemon.write_side().writer.watch_no_terms();
    Ok(())
}

fn batches<Cursor>(
    daemon: &Daemon,
    mut place: Cursor,
    batch: impl Fn(&mut Writer, &Cursor) -> Result<Batch<Cursor>, StoreError>,
) -> Result<u64, StoreError> {
    let mut deleted = 0;
    loop {
        let done = batch(&mut daemon.write_side().writer, &place)?;
        deleted += done.deleted;
        match done.next {
            Some(next) if !daemon.stop.is_cancelled() => place = next,
            _ => return Ok(deleted),
        }
        std::thread::sleep(PAUSE);
    }
}

fn forget_held(daemon: &Daemon, before: DateTime<Utc>) -> Result<u64, StoreError> {
    let mut write = daemon.write_side();
    let market = daemon.market();
    let Some((market, held)) = write.writer.forget_held(&market, before)? else { return Ok(0) };
    daemon.publish(market);
    Ok(held)
}

/// The archive's own budget; what must stay is asked of the database.
fn prune_archive(daemon: &Daemon, now: DateTime<Utc>) -> Result<u64, StoreError> {
    let saved = crate::simulate::pinned_pages(&crate::simulate::folder_of(daemon.store.path()));
    let pinned = match daemon.store.reader().and_then(|reader| reader.pinned_pages()) {
        Ok(pinned) => pinned.into_iter().chain(saved).collect(),
        Err(error) => {
            tracing::warn!(%error, "the archive is not tidied: what it must keep cannot be read");
            return Ok(0);
        }
    };
    match daemon.archive.prune(&archive_limits(&daemon.config), &pinned, std::time::SystemTime::from(now)) {
        Ok(pruned) => {
            daemon.write_side().writer.note_archive(pruned.deleted_files, now)?;
            Ok(pruned.deleted_files)
        }
        Err(error) => {
            tracing::warn!(%error, "the archive cannot be tidied");
            Ok(0)
        }
    }
}

#[cfg(test)]
mod tests;
