//! A part's past, read anew by the adapter of now: archived answers, moment by moment, against the rows that were written.
//! What differs was read wrong, or the reader was; it becomes a correction and never an event.
//!
//! `walk` is pure. Nothing is asked of a provider. Where an answer is not kept any more, or cannot be told from another, what
//! was written stands. What the gate of then did not believe is not believed now either, by the same numbers.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use gpurate_domain::offer::OfferPrice;
use gpurate_domain::{Offer, OfferId};
use gpurate_providers::{Method, Page, Part, Request};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::accept::{Doubts, Gate, unique};
use super::normalise::{Interner, normalise};
use crate::catalogue::Known;
use crate::daemon::Daemon;
use crate::market::{IdMap, IdSet, Market, Presence};
use crate::past::Names;
use crate::prices::FilterError;
use crate::store::past::{KeptPage, Moment, PastRows};
use crate::store::{Revision, Revisions, from_ms, now_ms};
use crate::window::Window;

/// What reading a part's past anew came to.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct ReparseReport {
    /// Slug.
    pub provider: String,
    /// Name within the provider.
    pub part: String,
    /// Nothing was written.
    pub dry_run: bool,
    /// Accepted attempts since the moment that was asked for.
    pub attempts: u64,
    /// Of them those whose answer was read anew.
    pub attempts_read: u64,
    /// Whose answer is not kept any more.
    pub attempts_not_kept: u64,
    /// The newest of these.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub not_kept_until: Option<DateTime<Utc>>,
    /// Whose answer cannot be told from another: it went, came back, and went.
    pub attempts_ambiguous: u64,
    /// Whose answer this adapter cannot read, or of which it finds less than half.
    pub attempts_unreadable: u64,
    /// Why the first of these.
    pub reason: Option<String>,
    /// Offers at moments that were compared.
    pub rows_compared: u64,
    /// Rows that say another price, other stock or other terms now.
    pub rows_corrected: u64,
    /// Rows that say now that there was no such offer.
    pub rows_gone: u64,
    /// Rows of offers of which nothing was known then.
    pub rows_new: u64,
    /// Rows of the GPUs' series that were replaced.
    pub series_corrected: u64,
    /// Series over all providers were not corrected before that: price rows of others are past their keeping time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub series_from: Option<DateTime<Utc>>,
}

/// One answer, read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) offers: IdMap<Arc<Offer>>,
    /// It says nothing usable of these: two prices of one offer.
    silent: IdSet,
    /// Nor of these codes: rejected rows.
    rejected: HashSet<String>,
}

impl Reading {
    /// What an adapter read, in our words.
    pub(super) fn new(known: &Known, parsed: gpurate_providers::Parsed, interner: &mut Interner) -> Self {
        let mut rejected: HashSet<String> = parsed.rejected.into_iter().map(|row| row.sku).collect();
        let mut offers = Vec::with_capacity(parsed.offers.len());
        for raw in parsed.offers {
            match normalise(known.slug(), &known.manifest, raw, interner) {
                Ok(offer) => offers.push(offer),
                Err(row) => {
                    rejected.insert(row.sku);
                }
            }
        }
        Self { rejected, ..Self::of(offers) }
    }

    /// Offers of which no row was rejected.
    pub(super) fn of(offers: Vec<Offer>) -> Self {
        let (rows, _, silent) = unique(offers);
        let offers = rows.into_iter().filter(|(id, _)| !silent.contains(id)).map(|(id, offer)| (id, Arc::new(offer))).collect();
        Self { offers, silent, rejected: HashSet::new() }
    }

    /// What it says of now, offer by offer; no offer: it was never on sale. Of some it says nothing: what was read of them before
    /// stands. Offers that nobody knew are judged like any, and those that are held stay held.
    pub(super) fn of_now(mut self, market: &Market, part: usize, gate: &Gate) -> Vec<(OfferId, Option<Arc<Offer>>)> {
        let mut said = Vec::new();
        let present = |entry: &&Arc<crate::market::Entry>| entry.part == part && entry.presence == Presence::Present;
        for entry in market.index.entries.iter().filter(present) {
            if !self.says_nothing_of(entry.id, &entry.offer.key.sku) {
                said.push((entry.id, self.offers.remove(&entry.id)));
            }
        }
        let mut doubts = Doubts::new(market, gate);
        for (id, offer) in self.offers {
            let is_new = market.entry(id).is_none() && !market.held.contains_key(&id);
            if is_new && doubts.of(None, &offer).is_none() {
                said.push((id, Some(offer)));
            }
        }
        said
    }

    fn says_nothing_of(&self, id: OfferId, sku: &str) -> bool {
        self.silent.contains(&id) || self.rejected.contains(sku)
    }
}

/// Reads a part's past since a moment anew, and writes what differs. The caller has claimed the part. Blocking.
///
/// # Errors
/// In words: the database or the archive.
pub fn reparse(daemon: &Daemon, known: &Known, part: &Part, since: DateTime<Utc>, dry_run: bool) -> Result<ReparseReport, String> {
    let market = daemon.market();
    let mut report = ReparseReport { provider: known.slug().to_owned(), part: part.name.clone(), dry_run, ..ReparseReport::default() };
    let Some(index) = market.part_index(known.slug(), &part.name).filter(|index| market.parts[*index].row != 0) else { return Ok(report) };
    let row = market.parts[index].row;
    let reader = daemon.store.reader().map_err(|error| error.to_string())?;
    let mut interner = Interner::default();
    let read = |interner: &mut Interner| -> Result<_, crate::store::StoreError> {
        // Rows of before were deleted on purpose: that they are not there is no mistake of a reading.
        let kept = reader.kept_since("price")?.get(known.slug()).copied();
        let since = kept.map_or(since, |kept| kept.max(since));
        let past = reader.past_of_part(row, since, interner)?;
        Ok((reader.moments(row, since)?, reader.kept_pages(row, since)?, past, reader.offers_elsewhere(known.slug(), row)?))
    };
    let (moments, pages, past, elsewhere) = read(&mut interner).map_err(|error| error.to_string())?;
    report.attempts = moments.len() as u64;
    let gate = Gate::new(&daemon.config.gate, &known.manifest, &daemon.config.provider(known.slug()));
    let mut source = Source { daemon, known, part, pages: &pages, last: None, interner: &mut interner, report: &mut report };
    let (compared, plan) = walk(&market, index, &gate, past, elsewhere, &moments, |moment| source.read(moment));
    report.rows_compared = compared;
    report.rows_gone = plan.rows.iter().filter(|row| row.price.is_none()).count() as u64;
    report.rows_new = plan.rows.iter().filter(|row| row.is_new).count() as u64;
    report.rows_corrected = plan.rows.len() as u64 - report.rows_gone - report.rows_new;
    if dry_run || report.attempts_read == 0 {
        return Ok(report);
    }
    let revisions = Revisions { adapter_version: plan.newest.is_some().then(|| known.provider.version()), ..plan };
    let mut write = daemon.write_side();
    // Other parts went on meanwhile; this one is claimed.
    let market = daemon.market();
    let moment = write.moment(now_ms());
    let revised = write.writer.revise(&market, index, revisions, moment).map_err(|error| error.to_string())?;
    daemon.publish(revised.market);
    report.series_corrected = revised.series_rows;
    report.series_from = revised.series_from;
    Ok(report)
}

/// Reads the time from which answers are read anew.
///
/// # Errors
/// [`FilterError`]: there is none, or it is none.
pub fn since(text: Option<&str>, now: DateTime<Utc>) -> Result<DateTime<Utc>, FilterError> {
    let missing = || FilterError {
        parameter: "since".to_owned(),
        message: "say from when on: `since` as `2026-11-20`, `2026-11-20T12:00:00Z`, or `7d` for so long ago".to_owned(),
    };
    Ok(Window::parse(Some(text.ok_or_else(missing)?), None, now, now)?.since)
}

/// Parts of a provider of which something was written, or the one that is named; `None` where there is no such.
pub fn parts(daemon: &Daemon, known: &Known, part: Option<&str>) -> Option<Vec<Part>> {
    let market = daemon.market();
    let of_it = market.parts.iter().filter(|state| *state.provider_slug == *known.slug() && part.is_none_or(|name| *state.name == *name));
    let parts: Vec<Part> = of_it.map(|state| Part::new(&*state.name)).collect();
    (part.is_none() || !parts.is_empty()).then_some(parts)
}

/// The same as [`reparse`], once no collection of the part is running.
///
/// # Errors
/// As [`reparse`].
pub async fn claimed(
    daemon: &Arc<Daemon>,
    known: &Arc<Known>,
    part: &Part,
    since: DateTime<Utc>,
    dry_run: bool,
) -> Result<ReparseReport, String> {
    let _claim = loop {
        match daemon.claim(known.slug(), &part.name) {
            Some(claim) => break claim,
            None => tokio::time::sleep(PAUSE).await,
        }
    };
    let started = std::time::Instant::now();
    let (daemon, known, part) = (Arc::clone(daemon), Arc::clone(known), part.clone());
    let work = tokio::task::spawn_blocking(move || {
        let report = reparse(&daemon, &known, &part, since, dry_run)?;
        let ReparseReport { provider, part, attempts_read, rows_corrected, rows_gone, rows_new, series_corrected, .. } = &report;
        let dry = if dry_run { ", nothing was written" } else { "" };
        tracing::info!(
            "{provider} {part}: {attempts_read} answers read again in {} ms: {rows_corrected} rows corrected, {rows_gone} gone, {rows_new} new, \
             {series_corrected} of series{dry}",
            started.elapsed().as_millis()
        );
        Ok(report)
    });
    work.await.unwrap_or_else(|error| Err(format!("it ended by a fault of this program: {error}")))
}

/// Between two looks whether a part is still being collected.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(200);

/// Reads the answers of one moment after another; equal ones once.
struct Source<'a> {
    daemon: &'a Daemon,
    known: &'a Known,
    part: &'a Part,
    pages: &'a [KeptPage],
    last: Option<(Vec<&'a str>, Arc<Reading>)>,
    interner: &'a mut Interner,
    report: &'a mut ReparseReport,
}

impl<'a> Source<'a> {
    fn read(&mut self, moment: Moment) -> Option<Arc<Reading>> {
        let Some(pages) = current(self.pages, moment.at_ms) else {
            self.report.attempts_ambiguous += 1;
            return None;
        };
        let hashes: Vec<&str> = pages.iter().map(|page| page.hash.as_str()).collect();
        if let Some((_, reading)) = self.last.as_ref().filter(|(last, _)| *last == hashes) {
            let reading = Arc::clone(reading);
            return self.believed(reading, moment);
        }
        match self.open(&pages) {
            Ok(Some(pages)) => match self.known.provider.parse(self.part, &pages) {
                Ok(parsed) => {
                    let reading = Arc::new(Reading::new(self.known, parsed, self.interner));
                    self.last = Some((hashes, Arc::clone(&reading)));
                    self.believed(reading, moment)
                }
                Err(error) => self.unreadable(moment, crate::words::plain(&error.to_string())),
            },
            Ok(None) => {
                self.report.attempts_not_kept += 1;
                self.report.not_kept_until = Some(from_ms(moment.at_ms));
                None
            }
            Err(error) => self.unreadable(moment, error.to_string()),
        }
    }

    /// A reading that lost half of what was believed then is no better one.
    fn believed(&mut self, reading: Arc<Reading>, moment: Moment) -> Option<Arc<Reading>> {
        if (reading.offers.len() as u64) * 2 < moment.offers {
            let reason = format!("it finds {} offers where {} were accepted", reading.offers.len(), moment.offers);
            return self.unreadable(moment, reason);
        }
        self.report.attempts_read += 1;
        Some(reading)
    }

    fn unreadable(&mut self, moment: Moment, reason: String) -> Option<Arc<Reading>> {
        self.report.attempts_unreadable += 1;
        let at = from_ms(moment.at_ms).format("%Y-%m-%d %H:%M:%S");
        self.report.reason.get_or_insert_with(|| format!("{at}: {reason}"));
        None
    }

    /// The answers themselves; `None` where one is not kept.
    fn open(&self, pages: &[&KeptPage]) -> std::io::Result<Option<Vec<Page>>> {
        if pages.is_empty() {
            return Ok(None);
        }
        let mut opened = Vec::with_capacity(pages.len());
        for page in pages {
            let Some(mut kept) = self.daemon.archive.get(self.known.slug(), &page.hash)? else { return Ok(None) };
            let mut body = Vec::new();
            std::io::Read::read_to_end(&mut kept, &mut body)?;
            let method = if page.method == Method::Post.as_str() { Method::Post } else { Method::Get };
            let request = Request { method, url: page.url.clone(), headers: Vec::new(), body: page.body.clone() };
            opened.push(Page::in_memory(request, from_ms(page.first_ms), Vec::new(), body));
        }
        Ok(Some(opened))
    }
}

/// The answer to each request that was current at a moment; `None` where more than one may have been.
fn current(pages: &[KeptPage], at_ms: i64) -> Option<Vec<&KeptPage>> {
    let mut found: Vec<&KeptPage> = Vec::new();
    for of_request in pages.chunk_by(|one, other| one.request_key == other.request_key) {
        let mut candidates: Vec<&KeptPage> = of_request.iter().filter(|page| page.first_ms <= at_ms && at_ms <= page.last_ms).collect();
        if candidates.len() > 1 {
            // One that is known to have come at that very moment.
            candidates.retain(|page| page.first_ms == at_ms || page.last_ms == at_ms);
            if candidates.len() != 1 {
                return None;
            }
        }
        found.extend(candidates);
    }
    Some(found)
}

/// An offer on its way through time.
struct Track {
    sku: Arc<str>,
    is_known: bool,
    rows: std::collections::VecDeque<(i64, Option<OfferPrice>)>,
    /// What is in force, as corrected so far.
    state: Option<OfferPrice>,
    was_corrected: bool,
}

impl Track {
    /// Takes the rows up to a moment: what held before it, and the row of the moment itself.
    fn advance(&mut self, at_ms: i64) -> (Option<OfferPrice>, Option<Option<OfferPrice>>) {
        while self.rows.front().is_some_and(|(at, _)| *at < at_ms) {
            self.state = self.rows.pop_front().and_then(|(_, price)| price);
        }
        let before = self.state.clone();
        let is_here = self.rows.front().is_some_and(|(at, _)| *at == at_ms);
        let here = if is_here { self.rows.pop_front().map(|(_, price)| price) } else { None };
        if let Some(price) = &here {
            self.state = price.clone();
        }
        (before, here)
    }
}

/// Compares, moment by moment, what was written with what is read now. The number of comparisons, and what is to be revised.
fn walk(
    market: &Market,
    part: usize,
    gate: &Gate,
    past: Vec<PastRows>,
    elsewhere: IdSet,
    moments: &[Moment],
    mut read: impl FnMut(Moment) -> Option<Arc<Reading>>,
) -> (u64, Revisions) {
    let mut names = Names::default();
    let mut slugs: HashMap<OfferId, Arc<str>> = HashMap::new();
    // Moments at which something was written of an offer.
    let mut written: Vec<(i64, OfferId)> = Vec::new();
    let mut tracks: IdMap<Track> = IdMap::default();
    for PastRows { offer, rows } in past {
        slugs.insert(offer.id, names.of(&offer).1);
        written.extend(rows.iter().map(|(at, _)| (*at, offer.id)));
        tracks.insert(offer.id, Track { sku: offer.sku, is_known: true, rows: rows.into(), state: None, was_corrected: false });
    }
    written.sort_unstable_by_key(|(at, _)| *at);
    let mut walk = Walk { market, part, doubts: Doubts::new(market, gate), tracks, elsewhere, compared: 0, plan: Revisions::default() };
    let (mut previous, mut current) = (None, moments.first().and_then(|moment| read(*moment)));
    let mut seen = 0;
    for (position, moment) in moments.iter().enumerate() {
        let next = moments.get(position + 1).and_then(|moment| read(*moment));
        let is_last = position + 1 == moments.len();
        let until = written[seen..].partition_point(|(at, _)| *at <= moment.at_ms) + seen;
        if let Some(reading) = &current {
            let same = previous.as_ref().is_some_and(|previous| Arc::ptr_eq(previous, reading));
            // What an equal answer says of an offer of which nothing was written meanwhile was compared already.
            let ids: Vec<OfferId> = if same {
                let some: HashSet<OfferId> = written[seen..until].iter().map(|(_, id)| *id).collect();
                some.into_iter().collect()
            } else {
                let new = reading.offers.keys().filter(|id| !walk.tracks.contains_key(id)).copied();
                walk.tracks.keys().copied().chain(new).collect()
            };
            for id in ids {
                walk.compare(id, moment.at_ms, reading, next.as_deref(), is_last);
            }
        }
        seen = until;
        previous = current;
        current = next;
    }
    let Walk { mut tracks, mut doubts, compared, mut plan, .. } = walk;
    let identities = &mut doubts.identities;
    for (id, track) in &mut tracks {
        track.advance(i64::MAX);
        if track.was_corrected {
            plan.finals.insert(*id, track.state.clone());
            plan.groups.extend(slugs.get(id).cloned());
            plan.groups.extend(plan.offers.get(id).map(|offer| identities.of(offer).1));
        }
    }
    // The newest answer tells also what has no history: names, sizes.
    plan.newest = previous.map(|reading| reading.offers.clone());
    for (id, offer) in plan.newest.iter().flatten() {
        let entry = market.entry(*id).filter(|entry| entry.part == part && entry.presence == Presence::Present);
        if entry.is_some_and(|entry| identities.of(&entry.offer).1 != identities.of(offer).1) {
            plan.groups.extend(slugs.get(id).cloned());
            plan.groups.insert(identities.of(offer).1);
        }
    }
    (compared, plan)
}

struct Walk<'a> {
    market: &'a Market,
    part: usize,
    doubts: Doubts<'a>,
    tracks: IdMap<Track>,
    elsewhere: IdSet,
    compared: u64,
    plan: Revisions,
}

impl Walk<'_> {
    fn compare(&mut self, id: OfferId, at_ms: i64, reading: &Reading, next: Option<&Reading>, is_last: bool) {
        let said = reading.offers.get(&id);
        if !self.tracks.contains_key(&id) {
            // Held and never believed, or another part's: this answer does not decide.
            let held = self.market.held.contains_key(&id) && self.market.entry(id).is_none();
            let Some(offer) = said.filter(|_| !held && !self.elsewhere.contains(&id)) else { return };
            let track = Track { sku: offer.key.sku.clone(), is_known: false, rows: Default::default(), state: None, was_corrected: false };
            self.tracks.insert(id, track);
        }
        let Some(track) = self.tracks.get_mut(&id) else { return };
        let (before, here) = track.advance(at_ms);
        if reading.says_nothing_of(id, &track.sku) {
            return;
        }
        self.compared += 1;
        let right = match said {
            Some(offer) if track.state.as_ref() == Some(&offer.price) => return,
            // What was written here was believed: it is this answer's, read otherwise.
            Some(offer) if matches!(here, Some(Some(_))) => Some(offer.price.clone()),
            Some(offer) => {
                let own = before.as_ref().map(|price| price.per_hour);
                if self.doubts.of(own, offer).is_some() {
                    return;
                }
                Some(offer.price.clone())
            }
            None => match self.absent(id, &before, &here, next, is_last) {
                Some(price) => price,
                None => return,
            },
        };
        let Some(track) = self.tracks.get_mut(&id) else { return };
        if track.state == right {
            return;
        }
        let is_new = right.is_some() && track.state.is_none();
        self.plan.rows.push(Revision { at_ms, id, price: right.clone(), is_new });
        track.state = right;
        track.was_corrected = true;
        if let Some(offer) = said.filter(|_| !track.is_known) {
            self.plan.offers.insert(id, offer.clone());
        }
    }

    /// What is right of an offer that the answer does not hold; `None`: it cannot be told.
    fn absent(
        &self,
        id: OfferId,
        before: &Option<OfferPrice>,
        here: &Option<Option<OfferPrice>>,
        next: Option<&Reading>,
        is_last: bool,
    ) -> Option<Option<OfferPrice>> {
        let track = self.tracks.get(&id)?;
        track.state.as_ref()?;
        match next {
            // Twice in a row: gone, since the first time.
            Some(next) if !next.offers.contains_key(&id) && !next.says_nothing_of(id, &track.sku) => Some(None),
            // Back at once: as if it had been there all the time.
            Some(_) => here.as_ref().map(|_| before.clone()),
            // The newest answer: the old reading saw it in there.
            None if is_last => {
                let entry = self.market.entry(id).filter(|entry| entry.part == self.part);
                // One that only this reading knows has no next answer to be missing in.
                (!track.is_known || entry.is_some_and(|entry| entry.presence == Presence::Present)).then_some(None)
            }
            None => None,
        }
    }
}
