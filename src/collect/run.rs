//! One part once: fetch, archive, parse, normalise, accept, commit. Whatever goes wrong ends here, as one part's record.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt as _;
use gpurate_domain::{Offer, Rejected};
use gpurate_providers::{FetchError, Method, PAUSE_SECONDS_MAX, Page, Parsed, Part, Request, Settings};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::accept::{Answer, Gate, Verdict, accept};
use super::client::{Validator, hidden, public_request, request_key};
use super::normalise::{Interner, normalise};
use super::reparse::Reading;
use crate::catalogue::Known;
use crate::daemon::{Daemon, WriteSide};
use crate::market::{Counts, Market, Outcome, PartState};
use crate::store::{Commit, PageRow, StoreError, now_ms};

/// What one attempt at one part came to.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Report {
    /// Slug.
    pub provider: String,
    /// Name within the provider.
    pub part: String,
    /// `accepted`, `refused`, `failed`; `paused` where its provider asked to be left alone for a while, or `skipped` where
    /// the part was being collected already, or the program ends: then nobody was asked.
    pub outcome: String,
    /// Why, where it was not accepted.
    pub error: Option<String>,
    /// Offers believed.
    pub offers: u64,
    /// Of them new or different; withdrawals included.
    pub changed: u64,
    /// Rows that could not be used.
    pub rejected: u64,
    /// Rows that were not believed.
    pub quarantined: u64,
    /// Offers whose GPU or count is not known.
    pub unmapped: u64,
    /// Bytes received.
    pub bytes: u64,
    /// From first request to commit.
    pub duration_ms: u64,
}

impl Report {
    /// Whether prices of this part are of now.
    pub fn accepted(&self) -> bool {
        self.outcome == Outcome::Accepted.as_str()
    }

    /// Of a collection that ended by a fault of this program, without a record of its own.
    pub(crate) fn of_a_fault(known: &Known, part: &Part, reason: String) -> Self {
        Self::of(known, part, Outcome::Failed.as_str(), Some(reason), Counts::default())
    }

    /// Of a part that is not asked, because the program ends.
    pub(crate) fn of_the_end(known: &Known, part: &Part) -> Self {
        Self::of(known, part, SKIPPED, Some("the program is stopping".to_owned()), Counts::default())
    }

    fn of(known: &Known, part: &Part, outcome: &str, error: Option<String>, counts: Counts) -> Self {
        Self {
            provider: known.slug().to_owned(),
            part: part.name.clone(),
            outcome: outcome.to_owned(),
            error,
            offers: counts.offers,
            changed: counts.changed,
            rejected: counts.rejected,
            quarantined: counts.quarantined,
            unmapped: counts.unmapped,
            bytes: counts.bytes,
            duration_ms: counts.duration_ms,
        }
    }
}

/// The outcome of a part that was not asked.
const SKIPPED: &str = "skipped";

/// Collects one part once. `by_hand`: a person vouches for the answer. A part never overlaps itself: then the report
/// says `skipped`.
pub async fn collect(daemon: &Arc<Daemon>, known: &Arc<Known>, part: &Part, by_hand: bool, cancel: &CancellationToken) -> Report {
    let Some(_guard) = daemon.claim(known.slug(), &part.name) else {
        return Report::of(known, part, SKIPPED, Some("the part is being collected already".to_owned()), Counts::default());
    };
    let started = Instant::now();
    let started_at = now_ms();
    // Whoever vouches for an answer may ask in spite of it.
    if let Some(until) = daemon.market().paused_until(known.slug()).filter(|until| !by_hand && *until > started_at) {
        let slug = known.slug();
        let reason = format!("{slug} asked for a pause until {}; `gpurate accept {slug}` asks all the same", until.format("%FT%TZ"));
        return Report::of(known, part, "paused", Some(reason), Counts::default());
    }
    let settings = daemon.settings(known);
    let asked = async {
        correct_first(daemon, known, part).await;
        fetch(daemon, known, part, &settings, cancel).await
    };
    let fetched = AssertUnwindSafe(asked).catch_unwind().await;
    let fetched = fetched.unwrap_or_else(|panic| Fetched::of_a_fault(&fault(&*panic)));
    if cancel.is_cancelled() && fetched.pages.is_err() {
        // That this program stops is no failure of the provider.
        return Report::of_the_end(known, part);
    }
    let conclude = |fetched: Fetched| {
        let (daemon, known, part) = (Arc::clone(daemon), Arc::clone(known), part.clone());
        tokio::task::spawn_blocking(move || {
            let attempt = Attempt { daemon: &daemon, known: &known, part: &part, started, started_at, by_hand };
            attempt.conclude(fetched)
        })
    };
    let ended = match conclude(fetched).await {
        // An adapter that cannot read an answer at all: the attempt is written down as failed, so that the next one waits.
        Err(error) if error.is_panic() => {
            let reason = fault(&*error.into_panic());
            tracing::error!(provider.slug = known.slug(), part = part.name, reason, "a collection ended by a fault of this program");
            conclude(Fetched::of_a_fault(&reason)).await
        }
        ended => ended,
    };
    ended.unwrap_or_else(|error| {
        tracing::error!(provider.slug = known.slug(), part = part.name, %error, "a collection ended by a fault of this program");
        daemon.failed_unrecorded(known, part);
        Report::of_a_fault(known, part, format!("a collection's conclusion ended badly: {error}"))
    })
}

/// An adapter of another version reads the newest archived pages first: what differs was read wrong before, and must not
/// look like a move of the market.
async fn correct_first(daemon: &Arc<Daemon>, known: &Arc<Known>, part: &Part) {
    let market = daemon.market();
    let Some(state) = market.part_index(known.slug(), &part.name).map(|index| &market.parts[index]) else { return };
    if state.last_accepted_at.is_none() || state.adapter_version == known.provider.version() {
        return;
    }
    let (daemon, known, part) = (Arc::clone(daemon), Arc::clone(known), part.clone());
    let work = tokio::task::spawn_blocking(move || match correct(&daemon, &known, &part) {
        Ok(corrections) => tracing::info!("{} {}: read again by a newer adapter, {corrections} offers corrected", known.slug(), part.name),
        Err(reason) => tracing::warn!("{} {}: not read again by the newer adapter: {reason}", known.slug(), part.name),
    });
    if let Err(error) = work.await {
        tracing::error!(%error, "a correction ended badly");
    }
}

/// The number of corrected offers, or why the pages cannot be read again.
fn correct(daemon: &Daemon, known: &Known, part: &Part) -> Result<u64, String> {
    let state = {
        let market = daemon.market();
        let index = market.part_index(known.slug(), &part.name).ok_or("the part is gone")?;
        Arc::clone(&market.parts[index])
    };
    let pages = archived_pages(daemon, known, &state)?;
    let parsed = known.provider.parse(part, &pages).map_err(|error| error.to_string())?;
    let mut write = daemon.write_side();
    let market = daemon.market();
    let index = market.part_index(known.slug(), &part.name).ok_or("the part is gone")?;
    let reading = Reading::new(known, parsed, &mut write.interner);
    if reading.offers.len() as u64 * 2 < state.counts.offers {
        return Err(format!(
            "it finds {} offers where {} were accepted: the next answer is judged instead",
            reading.offers.len(),
            state.counts.offers
        ));
    }
    let gate = Gate::new(&daemon.config.gate, &known.manifest, &daemon.config.provider(known.slug()));
    let readings = reading.of_now(&market, index, &gate);
    let moment = write.moment(now_ms());
    let corrected = write.writer.correct(&market, index, readings, known.provider.version(), moment).map_err(|error| error.to_string())?;
    daemon.publish(corrected.market);
    Ok(corrected.corrections)
}

fn archived_pages(daemon: &Daemon, known: &Known, state: &PartState) -> Result<Vec<Page>, String> {
    let requests = daemon.store.reader().and_then(|reader| reader.newest_requests(state.row)).map_err(|error| error.to_string())?;
    if requests.is_empty() {
        return Err("no page of its last answer is known".to_owned());
    }
    let mut pages = Vec::with_capacity(requests.len());
    for stored in requests {
        let missing = || "a page of its last answer is not in the archive".to_owned();
        let mut page = daemon.archive.get(known.slug(), &stored.hash).map_err(|error| error.to_string())?.ok_or_else(missing)?;
        let mut body = Vec::new();
        std::io::Read::read_to_end(&mut page, &mut body).map_err(|error| error.to_string())?;
        let method = if stored.method == Method::Post.as_str() { Method::Post } else { Method::Get };
        let request = Request { method, url: stored.url, headers: Vec::new(), body: stored.body };
        let received_at = state.last_accepted_at.unwrap_or(DateTime::UNIX_EPOCH);
        pages.push(Page::in_memory(request, received_at, Vec::new(), body));
    }
    Ok(pages)
}

/// What the network gave.
struct Fetched {
    pages: Result<Vec<Page>, FetchError>,
    bytes: u64,
}

impl Fetched {
    fn of_a_fault(reason: &str) -> Self {
        let reason = format!("the adapter ended by a fault of this program: {reason}");
        Self { pages: Err(FetchError::Incomplete { reason }), bytes: 0 }
    }
}

/// What a panic says.
pub(crate) fn fault(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("no message").chars().take(300).collect()
}

async fn fetch(daemon: &Daemon, known: &Known, part: &Part, settings: &Settings, cancel: &CancellationToken) -> Fetched {
    let section = daemon.config.provider(known.slug());
    let mut validators = validators(daemon, known, &part.name);
    let mut bytes = 0;
    loop {
        let may_be_of_the_archive = !validators.is_empty();
        let attempt =
            daemon.client().attempt(known, &section, &part.name, std::mem::take(&mut validators), &daemon.archive, cancel.clone());
        let pages = known.provider.fetch(part, settings, &attempt).await;
        bytes += attempt.bytes();
        // An archived page has lost most of its headers, and may not fit pages that are new: then all are asked anew.
        let odd = matches!(pages, Err(FetchError::Shape(_) | FetchError::Incomplete { .. }));
        if !(odd && may_be_of_the_archive) || cancel.is_cancelled() {
            return Fetched { pages, bytes };
        }
    }
}

/// Validators of the part's newest answer, as long as this adapter's version parsed it.
fn validators(daemon: &Daemon, known: &Known, part: &str) -> HashMap<String, Validator> {
    let market = daemon.market();
    let Some(state) = market.part_index(known.slug(), part).map(|index| &market.parts[index]) else { return HashMap::new() };
    if state.row == 0 || state.adapter_version != known.provider.version() {
        return HashMap::new();
    }
    let stored = daemon.store.reader().and_then(|reader| reader.validators(state.row)).unwrap_or_default();
    stored
        .into_iter()
        .map(|stored| (stored.request_key, Validator { etag: stored.etag, last_modified: stored.last_modified, hash: stored.hash }))
        .collect()
}

/// What came, archived and read.
enum Read {
    /// No answer.
    Nothing(FetchError),
    /// An answer that could not be archived.
    NotKept(std::io::Error),
    /// Its records, and what its adapter makes of it, or why it makes nothing.
    Answer(Vec<PageRow>, Result<Parsed, String>),
}

struct Attempt<'a> {
    daemon: &'a Daemon,
    known: &'a Known,
    part: &'a Part,
    started: Instant,
    started_at: DateTime<Utc>,
    by_hand: bool,
}

impl Attempt<'_> {
    fn conclude(&self, fetched: Fetched) -> Report {
        let bytes = fetched.bytes;
        // Before the writer is held: others commit meanwhile.
        let read = match self.read(fetched.pages) {
            Ok(read) => read,
            Err(reason) => {
                // No provider's fault: its attempt is not counted as failed.
                self.daemon.archive_failed(&reason);
                let counts = Counts { bytes, ..Counts::default() };
                let report = Report::of(self.known, self.part, Outcome::Failed.as_str(), Some(reason), counts);
                self.daemon.reported(&report);
                return report;
            }
        };
        let mut write = self.daemon.write_side();
        let market = self.daemon.market();
        let part = write.part(&market, self.known, &self.part.name);
        let finished_at = write.moment(now_ms());
        let mut commit = self.judge(read, bytes, &part.0, part.1, finished_at, &mut write.interner);
        commit.counts.duration_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (outcome, error) = (commit.outcome, commit.error.clone());
        let counts = commit.counts;
        let written = self.write(&mut write, &part.0, commit);
        let report = match written {
            Ok(counts) => Report::of(self.known, self.part, outcome.as_str(), error, counts),
            Err(error) => {
                let reason = error.to_string();
                self.daemon.store_failed(&reason);
                Report::of(self.known, self.part, Outcome::Failed.as_str(), Some(reason), counts)
            }
        };
        self.daemon.reported(&report);
        if report.accepted() {
            self.daemon.follow_named_parts(self.known);
        }
        report
    }

    fn write(&self, write: &mut WriteSide, market: &Market, commit: Commit) -> Result<Counts, StoreError> {
        let (started, not_before) = (Instant::now(), commit.not_before);
        let committed = write.writer.commit(market, commit)?;
        crate::metrics::commit(started.elapsed());
        self.daemon.publish(committed.market);
        if let Some(until) = not_before {
            let slug = self.known.slug();
            tracing::warn!("{slug}: asked for a pause; none of its parts is asked before {}", until.format("%FT%TZ"));
        }
        if write.commits.is_multiple_of(64) {
            write.interner.tidy();
        }
        write.commits = write.commits.wrapping_add(1);
        Ok(committed.counts)
    }

    /// Archives what came and reads it. `Err`: the disk takes nothing.
    fn read(&self, pages: Result<Vec<Page>, FetchError>) -> Result<Read, String> {
        let pages = match pages {
            Ok(pages) => pages,
            Err(error @ FetchError::Local { disk_is_full: true, .. }) => return Err(error.to_string()),
            Err(error) => return Ok(Read::Nothing(error)),
        };
        let rows = match self.keep(&pages) {
            Ok(rows) => rows,
            Err(error) if super::takes_nothing(&error) => return Err(format!("the archive cannot be written: {error}")),
            Err(error) => return Ok(Read::NotKept(error)),
        };
        Ok(Read::Answer(rows, self.known.provider.parse(self.part, &pages).map_err(|error| crate::words::plain(&error.to_string()))))
    }

    /// The whole attempt as it is to be written: nothing here writes.
    fn judge(&self, read: Read, bytes: u64, market: &Market, part: usize, finished_at: DateTime<Utc>, interner: &mut Interner) -> Commit {
        let mut commit = Commit {
            part,
            started_at: self.started_at,
            finished_at,
            outcome: Outcome::Failed,
            error: None,
            counts: Counts { bytes, ..Counts::default() },
            adapter_version: self.known.provider.version(),
            not_before: None,
            refused: None,
            rejected: None,
            plan: None,
            pages: Vec::new(),
            source_dated_at: None,
            discovered_parts: Vec::new(),
            rates: None,
        };
        let parsed = match read {
            Read::Answer(pages, parsed) => {
                commit.pages = pages;
                parsed
            }
            Read::NotKept(error) => {
                commit.error = Some(format!("the archive cannot be written: {error}"));
                return commit;
            }
            Read::Nothing(error) => {
                if let FetchError::RateLimited { retry_after_seconds, .. } = &error {
                    let seconds = (*retry_after_seconds).min(PAUSE_SECONDS_MAX).cast_signed();
                    // By the clock, and not by the commit's place in order: a pause is waited for.
                    commit.not_before = Some(now_ms() + TimeDelta::seconds(seconds));
                }
                // An answer that came and cannot be read is refused, one that did not come has failed.
                if matches!(error, FetchError::Shape(_)) {
                    commit.outcome = Outcome::Refused;
                }
                commit.error = Some(crate::words::plain(&error.to_string()));
                return commit;
            }
        };
        match parsed {
            Ok(parsed) => self.decide(parsed, market, part, interner, &mut commit),
            Err(reason) => {
                commit.outcome = Outcome::Refused;
                commit.error = Some(reason);
            }
        }
        commit
    }

    /// Archives the pages. A page without a hash holds what must not be kept.
    fn keep(&self, pages: &[Page]) -> std::io::Result<Vec<PageRow>> {
        // These records are shown to everybody. A key that held a secret matches no more: its answer is asked for anew each time.
        let secrets: Vec<String> = self.daemon.settings(self.known).credentials.into_values().collect();
        let mut rows = Vec::with_capacity(pages.len());
        for page in pages.iter().filter(|page| !page.hash.is_empty()) {
            self.daemon.archive.put(self.known.slug(), page)?;
            let (url, request_body) = public_request(&page.request, &secrets);
            rows.push(PageRow {
                request_key: hidden(&request_key(&page.request), &secrets),
                hash: page.hash.clone(),
                method: page.request.method.as_str(),
                url,
                request_body,
                bytes: page.body.length(),
                etag: page.header("etag").map(str::to_owned),
                last_modified: page.header("last-modified").map(str::to_owned),
            });
        }
        Ok(rows)
    }

    fn decide(&self, parsed: Parsed, market: &Market, part: usize, interner: &mut Interner, commit: &mut Commit) {
        let mut offers: Vec<Offer> = Vec::with_capacity(parsed.offers.len());
        let mut rejected: Vec<Rejected> = parsed.rejected;
        for raw in parsed.offers {
            match normalise(self.known.slug(), &self.known.manifest, raw, interner) {
                Ok(offer) => offers.push(offer),
                Err(row) => rejected.push(row),
            }
        }
        commit.counts.rejected = rejected.len() as u64;
        for row in &mut rejected {
            let shown = |text: &str| crate::words::plain(&text.chars().take(500).collect::<String>());
            *row = Rejected::new(shown(&row.sku), shown(&row.reason));
        }
        let has_rates = parsed.rates.is_some();
        let rates = parsed.rates.clone();
        let answer = Answer { offers, rejected: rejected.clone(), empty_is_an_answer: parsed.empty_is_an_answer || has_rates, rates };
        let gate = Gate::new(&self.daemon.config.gate, &self.known.manifest, &self.daemon.config.provider(self.known.slug()));
        match accept(market, part, answer, &gate, commit.finished_at, self.by_hand) {
            Verdict::Accepted(plan) => {
                commit.outcome = Outcome::Accepted;
                commit.plan = Some(plan);
                commit.source_dated_at = parsed.source_dated_at;
                let usable = |name: &String| name.chars().count() <= 100 && name.chars().all(crate::words::is_plain);
                commit.discovered_parts = parsed.discovered_parts.into_iter().filter(usable).collect();
                commit.rates = parsed.rates;
            }
            Verdict::Refused { reason, refused } => {
                commit.outcome = Outcome::Refused;
                commit.error = Some(reason);
                commit.refused = Some(refused);
            }
        }
        commit.rejected = Some(rejected);
    }
}

#[cfg(test)]
mod tests {
    use gpurate_providers::{Provider, ShapeError, Transport};

    use super::*;
    use crate::config::Config;

    /// An adapter with a fault of its own.
    struct Faulty {
        fetches: bool,
    }

    #[async_trait::async_trait]
    impl Provider for Faulty {
        fn slug(&self) -> &'static str {
            "runpod"
        }
        fn manifest(&self) -> &'static str {
            ""
        }
        fn version(&self) -> u32 {
            1
        }
        fn parts(&self, _: &Settings) -> Vec<Part> {
            vec![Part::new("all")]
        }
        async fn fetch(&self, _: &Part, _: &Settings, _: &dyn Transport) -> Result<Vec<Page>, FetchError> {
            assert!(self.fetches, "a fault while fetching");
            Ok(Vec::new())
        }
        fn parse(&self, _: &Part, _: &[Page]) -> Result<Parsed, ShapeError> {
            panic!("a fault while reading {}", 7)
        }
    }

    #[test]
    fn what_is_kept_of_a_request_with_a_credential_does_not_show_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let known = crate::catalogue::by_slug("runpod").expect("known");
        let mut daemon = Daemon::open(Config::default(), &folder.path().join("a.db"), false).expect("opens");
        daemon.give_for_tests("runpod", "key", "hunter2-hunter2");
        let asked = "https://example.com/v1/hunter2-hunter2?access=hunter2-hunter2&api_key=other&page=2";
        let body = serde_json::json!({"auth": "hunter2-hunter2"});
        let mut page = Page::in_memory(Request::post_json(asked, &body), now_ms(), Vec::new(), b"[]".to_vec());
        page.hash = blake3::hash(b"[]").to_hex().to_string();
        let (part, started) = (Part::new("all"), Instant::now());
        let attempt = Attempt { daemon: &daemon, known, part: &part, started, started_at: now_ms(), by_hand: false };
        let rows = attempt.keep(&[page]).expect("archived");
        assert_eq!((rows.len(), rows[0].url.as_str()), (1, "https://example.com/v1/***?page=2"));
        for shown in [&rows[0].url, &rows[0].request_key, rows[0].request_body.as_ref().expect("a body")] {
            assert!(!shown.contains("hunter2") && !shown.contains("other"), "{shown}");
        }
    }

    fn faulty(fetches: bool) -> Arc<Known> {
        let manifest = crate::catalogue::by_slug("runpod").expect("known").manifest.clone();
        Arc::new(Known { provider: Box::new(Faulty { fetches }), manifest })
    }

    #[tokio::test]
    async fn d22_a_pause_that_another_part_was_told_of_holds_for_who_collects_by_hand_too() {
        let folder = tempfile::tempdir().expect("a folder");
        let daemon = Daemon::open(Config::default(), &folder.path().join("a.db"), false).expect("opens");
        let mut market = (*daemon.market()).clone();
        let one = market.part_index("runpod", "all").expect("its part");
        Arc::make_mut(&mut market.parts[one]).not_before = Some(now_ms() + TimeDelta::hours(1));
        daemon.replace_market_for_benches(market);
        let (known, part, cancel) = (faulty(false), Part::new("other"), CancellationToken::new());
        let report = collect(&daemon, &known, &part, false, &cancel).await;
        assert!(report.outcome == "paused" && report.error.as_deref().is_some_and(|error| error.contains("runpod")), "{report:?}");
        let report = collect(&daemon, &known, &part, true, &cancel).await;
        assert!(report.error.as_deref().is_some_and(|error| error.contains("a fault while fetching")), "it is asked: {report:?}");
    }

    #[tokio::test]
    async fn d22_a_fault_that_cannot_be_written_down_is_waited_for_too() {
        let folder = tempfile::tempdir().expect("a folder");
        let daemon = Daemon::open(Config::default(), &folder.path().join("a.db"), false).expect("opens");
        let (known, part) = (faulty(true), Part::new("all"));
        let whole = daemon.market();
        for failures in 1..=3 {
            // Of a market without its provider nothing can be written.
            daemon.replace_market_for_benches(Market::default());
            let report = collect(&daemon, &known, &part, false, &CancellationToken::new()).await;
            assert!(!report.accepted() && report.error.is_some(), "{report:?}");
            daemon.replace_market_for_benches((*whole).clone());
            let tracked = daemon.tracked().into_iter().find(|tracked| tracked.known.slug() == "runpod").expect("it is collected");
            assert_eq!(tracked.attempts.failures, failures);
            let next = crate::collect::due::next_due(&tracked.attempts, &daemon.config.collection, now_ms());
            assert!(next > now_ms() + TimeDelta::seconds(50), "{next}");
        }
        // What is written down counts in its place.
        let report = collect(&daemon, &known, &part, false, &CancellationToken::new()).await;
        assert!(!report.accepted());
        let tracked = daemon.tracked().into_iter().find(|tracked| tracked.known.slug() == "runpod").expect("it is collected");
        assert_eq!(tracked.attempts.failures, 1);
    }

    #[tokio::test]
    async fn d22_an_adapter_that_ends_by_a_fault_has_failed_and_is_waited_for_like_any() {
        let folder = tempfile::tempdir().expect("a folder");
        let daemon = Daemon::open(Config::default(), &folder.path().join("a.db"), false).expect("opens");
        for (count, (fetches, said)) in [(false, "a fault while fetching"), (true, "a fault while reading 7")].into_iter().enumerate() {
            let known = faulty(fetches);
            let report = collect(&daemon, &known, &Part::new("all"), false, &CancellationToken::new()).await;
            assert!(!report.accepted() && report.error.as_deref().is_some_and(|error| error.contains(said)), "{report:?}");
            let market = daemon.market();
            let state = &market.parts[market.part_index("runpod", "all").expect("its part")];
            assert_eq!((state.failures as usize, state.last_attempt_at.is_some()), (count + 1, true), "it is written down");
            assert!(daemon.claim("runpod", "all").is_some(), "and given back");
        }
    }
}
