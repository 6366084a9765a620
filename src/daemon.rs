//! The daemon's life on one screen: open the store, read the market, collect what is due, serve it, end cleanly.
//!
//! [`Daemon`] is what its tasks share. The market is replaced atomically after each commit; readers never wait.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use chrono::{DateTime, TimeDelta, Utc};
use gpurate_providers::manifest::ProviderKind;
use gpurate_providers::{Part, Settings};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::catalogue::{self, Known};
use crate::collect::archive::{Archive, Limits};
use crate::collect::client::{Client, ClientError};
use crate::collect::due::Attempts;
use crate::collect::normalise::Interner;
use crate::collect::run::Report;
use crate::collect::schedule::SUMMARY_INTERVAL;
use crate::config::{Config, Secret, SecretError};
use crate::market::{Market, PartState, ProviderState};
use crate::metrics;
use crate::store::{Store, StoreError, Writer, now_ms};

/// What the daemon's tasks share.
pub struct Daemon {
    /// As configured.
    pub config: Config,
    /// The database, to read.
    pub store: Store,
    /// Kept answers.
    pub archive: Archive,
    /// Rung when a part ended.
    pub finished: Notify,
    /// What may write: the lock of the database is held until all of it has ended.
    pub(crate) work: TaskTracker,
    /// Ends collections that run; later than the program's own end, so that they have their time.
    pub(crate) stop: CancellationToken,
    /// The market's version, for who waits for the next one.
    pub committed: tokio::sync::watch::Sender<u64>,
    market: ArcSwap<Market>,
    collecting: Option<Collecting>,
    running: Mutex<HashSet<(&'static str, String)>>,
    unrecorded: Mutex<Unrecorded>,
    places: HashMap<&'static str, Arc<Semaphore>>,
    credentials: HashMap<&'static str, std::collections::BTreeMap<String, String>>,
    discovered: Mutex<HashMap<String, Vec<String>>>,
    store_fault: ArcSwapOption<String>,
    /// It is the archive's.
    archive_fails: AtomicBool,
    #[cfg(feature = "lake")]
    pub(crate) lake: crate::lake::Scheduled,
    last_housekeeping_ms: AtomicI64,
    last_summary_ms: AtomicI64,
    last_probe_ms: AtomicI64,
    sample: bool,
}

/// Attempts that could not even be written down as failed, by provider and part: how many, and when the last one was.
type Unrecorded = HashMap<(String, String), (u32, DateTime<Utc>)>;

/// What only a daemon has that asks providers.
struct Collecting {
    /// The only HTTP client.
    client: Client,
    write: Mutex<WriteSide>,
}

/// What only one may hold at a time: the right to judge an answer and write it.
pub struct WriteSide {
    /// The only writer.
    pub writer: Writer,
    /// Shares texts between offers.
    pub interner: Interner,
    /// Commits so far.
    pub commits: u64,
    /// The moment of the last one.
    pub last_moment: Option<DateTime<Utc>>,
    /// That the clock was set back is in the log.
    said_clock: bool,
}

/// A part that is collected.
pub struct Tracked {
    /// Its provider.
    pub known: Arc<Known>,
    /// The part.
    pub part: Part,
    /// What decides when it is next.
    pub attempts: Attempts,
}

/// The daemon cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The HTTP client.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The lake, as it is configured.
    #[error("{0}")]
    Lake(String),
    /// The archive's folder.
    #[error("archive `{path}`: {source}")]
    Archive {
        /// The folder.
        path: PathBuf,
        /// From the system.
        source: std::io::Error,
    },
}

impl WriteSide {
    /// The moment of the next commit: later than the last one's, of this run or another, so that their order is the order of
    /// their moments. A clock that was set back by up to a day is waited for, in steps of a millisecond; one that was further
    /// ahead was wrong, and waiting for it would make old prices look fresh for as long: it is believed now, and history is
    /// out of its order there. Either is said once.
    pub fn moment(&mut self, now: DateTime<Utc>) -> DateTime<Utc> {
        let ahead = self.last_moment.filter(|last| *last >= now).map(|last| (last, last - now));
        if let Some((last, by)) = ahead.filter(|(_, by)| *by >= TimeDelta::seconds(1))
            && !std::mem::replace(&mut self.said_clock, true)
        {
            let (seconds, what) = (by.num_seconds(), if by <= CLOCK_BACK_MAX { "kept in order behind it" } else { "out of order" });
            tracing::warn!("the clock was set back: the last commit is of {last}, {seconds} s ahead of it; what is written now is {what}");
        }
        let moment = ahead.filter(|(_, by)| *by <= CLOCK_BACK_MAX).map_or(now, |(last, _)| last + TimeDelta::milliseconds(1));
        if ahead.is_none() {
            self.said_clock = false;
        }
        self.last_moment = Some(moment);
        moment
    }

    /// The part in the market, added where it is new (a region that a source named since).
    pub fn part(&mut self, market: &Arc<Market>, known: &Known, name: &str) -> (Arc<Market>, usize) {
        if let Some(index) = market.part_index(known.slug(), name) {
            return (Arc::clone(market), index);
        }
        let mut next = (**market).clone();
        let provider = next.providers.iter().position(|provider| *provider.slug == *known.slug());
        let provider = provider.expect("every known provider is in the market");
        let slug = next.providers[provider].slug.clone();
        next.parts.push(Arc::new(PartState::new(provider, slug, self.interner.text(name))));
        let index = next.parts.len() - 1;
        (Arc::new(next), index)
    }
}

impl Daemon {
    /// Opens everything; the caller holds the lock of the database. `sample`: every figure comes from made-up answers.
    ///
    /// # Errors
    /// [`StartError`], with what to do.
    pub fn open(config: Config, database: &Path, sample: bool) -> Result<Arc<Self>, StartError> {
        #[cfg(feature = "lake")]
        let lake = crate::lake::Scheduled::new(&config)?;
        let (store, mut writer) = Store::open(database)?;
        let folder = archive_folder(database);
        let archive = Archive::open(&folder).map_err(|source| StartError::Archive { path: folder.clone(), source })?;
        let client = Client::new(&config.transport, &folder.join("spool"))?;
        let discovered = store.reader()?.discovered_parts()?;
        let credentials = credentials(&config)?;
        let mut interner = Interner::default();
        let blank = blank_market(&config, &credentials, &discovered, sample);
        let now = now_ms();
        let market = writer.load(blank, &mut interner, now)?;
        let changed = writer.keep_rules(&crate::rules::all(now.date_naive()), now)?;
        if changed > 0 {
            tracing::info!("billing rules of {changed} providers are not what they were: `gpurate changes --kind rule_changed`");
        }
        let at_once = config.collection.parts_at_once_per_provider_max as usize;
        let places = catalogue::all().iter().map(|known| (known.slug(), Arc::new(Semaphore::new(at_once)))).collect();
        metrics::market(&market);
        metrics::store_fault(false);
        let last_moment = store.reader()?.last_moment()?;
        let write = Mutex::new(WriteSide { writer, interner, commits: 0, last_moment, said_clock: false });
        Ok(Arc::new(Self {
            config,
            store,
            archive,
            finished: Notify::new(),
            work: TaskTracker::new(),
            stop: CancellationToken::new(),
            committed: tokio::sync::watch::Sender::new(market.version),
            market: ArcSwap::from_pointee(market),
            collecting: Some(Collecting { client, write }),
            running: Mutex::default(),
            unrecorded: Mutex::default(),
            places,
            credentials,
            discovered: Mutex::new(discovered),
            store_fault: ArcSwapOption::empty(),
            archive_fails: AtomicBool::new(false),
            #[cfg(feature = "lake")]
            lake,
            last_housekeeping_ms: AtomicI64::new(0),
            last_summary_ms: AtomicI64::new(0),
            last_probe_ms: AtomicI64::new(0),
            sample,
        }))
    }

    /// One that answers from a market that was read ([`read_market`]) and neither collects nor writes, whoever holds the lock.
    pub fn of_read(config: Config, store: Store, market: Market) -> Arc<Self> {
        let archive = Archive::to_read(archive_folder(store.path()));
        let sample = market.sample;
        Arc::new(Self {
            config,
            store,
            archive,
            finished: Notify::new(),
            work: TaskTracker::new(),
            stop: CancellationToken::new(),
            committed: tokio::sync::watch::Sender::new(market.version),
            market: ArcSwap::from_pointee(market),
            collecting: None,
            running: Mutex::default(),
            unrecorded: Mutex::default(),
            places: HashMap::new(),
            credentials: HashMap::new(),
            discovered: Mutex::default(),
            store_fault: ArcSwapOption::empty(),
            archive_fails: AtomicBool::new(false),
            last_housekeeping_ms: AtomicI64::new(0),
            last_summary_ms: AtomicI64::new(0),
            last_probe_ms: AtomicI64::new(0),
            sample,
            #[cfg(feature = "lake")]
            lake: crate::lake::Scheduled::default(),
        })
    }

    /// The market of now.
    pub fn market(&self) -> Arc<Market> {
        self.market.load_full()
    }

    /// Whether every figure comes from made-up answers.
    pub fn is_sample(&self) -> bool {
        self.sample
    }

    /// Why nothing can be written; `None` while all is well.
    pub fn store_fault(&self) -> Option<Arc<String>> {
        self.store_fault.load_full()
    }

    fn collecting(&self) -> &Collecting {
        self.collecting.as_ref().expect("only a daemon that was opened to collect is asked to")
    }

    /// The only HTTP client.
    pub(crate) fn client(&self) -> &Client {
        &self.collecting().client
    }

    /// The right to judge and write. A holder that panicked left a transaction that SQLite takes back.
    pub fn write_side(&self) -> MutexGuard<'_, WriteSide> {
        self.collecting().write.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces the market; called with the write side held.
    pub(crate) fn publish(&self, market: Arc<Market>) {
        metrics::market(&market);
        let version = market.version;
        self.market.store(market);
        self.committed.send_replace(version);
        // A row may fit where an answer does not.
        if !self.archive_fails.load(Ordering::Relaxed) {
            self.store_fault.store(None);
            metrics::store_fault(false);
        }
    }

    /// Replaces the market by a made-up one.
    #[doc(hidden)]
    pub fn replace_market_for_benches(&self, market: Market) {
        self.market.store(Arc::new(market));
    }

    /// Gives it a credential that no manifest names yet.
    #[cfg(test)]
    pub(crate) fn give_for_tests(self: &mut Arc<Self>, slug: &'static str, name: &str, credential: &str) {
        let daemon = Arc::get_mut(self).expect("shared with nobody yet");
        daemon.credentials.entry(slug).or_default().insert(name.to_owned(), credential.to_owned());
    }

    /// The archive takes no answers: only trying it again tells that it does.
    pub(crate) fn archive_failed(&self, reason: &str) {
        self.archive_fails.store(true, Ordering::Relaxed);
        self.store_failed(reason);
    }

    pub(crate) fn store_failed(&self, reason: &str) {
        tracing::error!(reason, "the database takes no writes: nothing is collected until it does; the last prices are still served");
        self.last_probe_ms.store(now_ms().timestamp_millis(), Ordering::Relaxed);
        self.store_fault.store(Some(Arc::new(reason.to_owned())));
        metrics::store_fault(true);
    }

    /// The next question whether it takes writes is asked at once.
    #[cfg(test)]
    pub(crate) fn probe_next_for_tests(&self) {
        self.last_probe_ms.store(0, Ordering::Relaxed);
    }

    /// Whether the database takes writes; asks it where it did not the last time.
    pub(crate) fn store_works(&self) -> bool {
        if self.store_fault().is_none() {
            return true;
        }
        // One row may fit where a collection does not: without a pause providers would be asked for nothing, again and again.
        let now = now_ms().timestamp_millis();
        if (now - self.last_probe_ms.load(Ordering::Relaxed)).abs() < PROBE_PAUSE.num_milliseconds() {
            return false;
        }
        self.last_probe_ms.store(now, Ordering::Relaxed);
        let database = self.write_side().writer.probe().map_err(|error| error.to_string());
        match database.and_then(|()| self.archive.probe().map_err(|error| error.to_string())) {
            Ok(()) => {
                tracing::info!("the database takes writes again");
                self.archive_fails.store(false, Ordering::Relaxed);
                self.store_fault.store(None);
                metrics::store_fault(false);
                true
            }
            Err(_) => false,
        }
    }

    /// What an adapter is told.
    pub fn settings(&self, known: &Known) -> Settings {
        let discovered = self.discovered.lock().unwrap_or_else(PoisonError::into_inner);
        settings(&self.config, known, &self.credentials, &discovered)
    }

    /// Providers that are collected.
    pub fn enabled(&self) -> impl Iterator<Item = &'static Arc<Known>> + '_ {
        catalogue::all().iter().filter(|known| is_enabled(&self.config, known, &self.credentials))
    }

    /// The parts of a provider.
    pub fn parts(&self, known: &Known) -> Vec<Part> {
        known.provider.parts(&self.settings(known))
    }

    /// Every part that is collected.
    pub fn tracked(&self) -> Vec<Tracked> {
        let market = self.market();
        let states: HashMap<(&str, &str), &Arc<PartState>> =
            market.parts.iter().map(|part| ((&*part.provider_slug, &*part.name), part)).collect();
        let unrecorded = self.unrecorded.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tracked = Vec::new();
        for known in self.enabled() {
            // A provider that asks for a pause asks it for all its parts.
            let not_before = market.paused_until(known.slug());
            let interval = self.config.provider(known.slug()).interval_seconds.unwrap_or(known.manifest.interval_seconds);
            for part in self.parts(known) {
                let state = states.get(&(known.slug(), part.name.as_str()));
                let (lost, lost_at) = unrecorded.get(&(known.slug().to_owned(), part.name.clone())).copied().unzip();
                let attempts = Attempts {
                    key: format!("{}/{}", known.slug(), part.name),
                    // Currencies first: a price in euros has no dollars without them.
                    priority: if known.manifest.kind == ProviderKind::Rates { 0 } else { part.priority },
                    interval_seconds: interval,
                    last_attempt_at: state.and_then(|state| state.last_attempt_at).max(lost_at),
                    failures: state.map_or(0, |state| state.failures).saturating_add(lost.unwrap_or(0)),
                    not_before,
                };
                tracked.push(Tracked { known: Arc::clone(known), part, attempts });
            }
        }
        tracked
    }

    /// Marks a part as running; `None` where it is already.
    pub(crate) fn claim(&self, slug: &'static str, part: &str) -> Option<Claim<'_>> {
        let key = (slug, part.to_owned());
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.insert(key.clone()).then(|| Claim { daemon: self, key })
    }

    pub(crate) fn is_running(&self, slug: &'static str, part: &str) -> bool {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).contains(&(slug, part.to_owned()))
    }

    pub(crate) fn provider_is_full(&self, slug: &str) -> bool {
        self.places.get(slug).is_some_and(|places| places.available_permits() == 0)
    }

    pub(crate) fn provider_place(&self, slug: &str) -> Option<OwnedSemaphorePermit> {
        Arc::clone(self.places.get(slug)?).try_acquire_owned().ok()
    }

    /// One readable line per collection, and its metrics.
    pub(crate) fn reported(&self, report: &Report) {
        metrics::report(report);
        let mut unrecorded = self.unrecorded.lock().unwrap_or_else(PoisonError::into_inner);
        unrecorded.remove(&(report.provider.clone(), report.part.clone()));
        drop(unrecorded);
        if report.accepted() {
            self.remember_discovered(&report.provider);
            let odd: String = [("rejected", report.rejected), ("quarantined", report.quarantined), ("unmapped", report.unmapped)]
                .iter()
                .filter(|(_, count)| *count > 0)
                .map(|(word, count)| format!(", {count} {word}"))
                .collect();
            let Report { provider, part, offers, changed, bytes, duration_ms, .. } = report;
            tracing::info!("{provider} {part}: {offers} offers, {changed} changed{odd}; {bytes} bytes in {duration_ms} ms");
        } else {
            let reason = report.error.as_deref().unwrap_or("no reason given");
            let Report { provider, part, outcome, duration_ms, .. } = report;
            tracing::warn!("{provider} {part}: {outcome} after {duration_ms} ms: {reason}; the last prices stay, with their age");
        }
    }

    /// A part that its source names no more leaves the market once it sells nothing, and comes back when it is named
    /// again. Called with the write side held, after [`Daemon::reported`].
    pub(crate) fn follow_named_parts(&self, known: &Known) {
        let parts = self.parts(known);
        let names = parts.iter().map(|part| part.name.as_str()).collect();
        if let Some(market) = self.market().with_parts(known.slug(), &names) {
            self.publish(Arc::new(market));
        }
    }

    fn remember_discovered(&self, provider: &str) {
        match self.store.reader().and_then(|reader| reader.discovered_parts()) {
            Ok(all) => *self.discovered.lock().unwrap_or_else(PoisonError::into_inner) = all,
            Err(error) => tracing::debug!(%error, provider, "named parts cannot be read"),
        }
    }

    /// A collection that ended by a fault which could not be written down: the next attempt waits as after any failure.
    pub(crate) fn failed_unrecorded(&self, known: &Known, part: &Part) {
        let mut unrecorded = self.unrecorded.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, last) = unrecorded.entry((known.slug().to_owned(), part.name.clone())).or_insert((0, DateTime::UNIX_EPOCH));
        (*count, *last) = (count.saturating_add(1), now_ms());
    }

    pub(crate) fn panicked(&self, known: &Known, part: &Part, panic: &(dyn std::any::Any + Send)) {
        let reason = crate::collect::run::fault(panic);
        tracing::error!(provider.slug = known.slug(), part = part.name, reason, "a collection ended by a fault of this program");
        self.failed_unrecorded(known, part);
    }

    /// What is done now and then: the archive's budget, old listings, summaries of prices that went stale.
    pub(crate) fn housekeeping(self: &Arc<Self>) {
        let now = now_ms();
        let passed = |last: &AtomicI64, interval: TimeDelta| {
            let ms = now.timestamp_millis();
            let last_ms = last.load(Ordering::Relaxed);
            // A clock that went back must not silence it for long.
            let due = (ms - last_ms).abs() >= interval.num_milliseconds();
            due && last.compare_exchange(last_ms, ms, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        };
        let (hourly, summary) = (passed(&self.last_housekeeping_ms, TimeDelta::hours(1)), passed(&self.last_summary_ms, SUMMARY_INTERVAL));
        if !hourly && !summary {
            return;
        }
        let daemon = Arc::clone(self);
        let work = self.work.spawn_blocking(move || {
            if summary && let Err(error) = daemon.summarise_all() {
                daemon.store_failed(&error.to_string());
            }
            if hourly {
                daemon.tidy(now);
            }
        });
        tokio::spawn(async move {
            if let Err(error) = work.await {
                tracing::error!(%error, "housekeeping ended by a fault of this program");
            }
        });
    }

    /// Prices that went stale since the last commit leave the series.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn summarise_all(&self) -> Result<(), StoreError> {
        let mut write = self.write_side();
        let moment = write.moment(now_ms());
        write.writer.summarise_all(&self.market(), moment)
    }

    /// Counts how often machines came back, writes it down, and publishes a market that knows it.
    fn count_come_back(&self, now: DateTime<Utc>) {
        let last = self.market().come_back.until();
        if last.is_some_and(|last| (now - last).abs() < COME_BACK_INTERVAL) {
            return;
        }
        let days = self.config.retention.marketplace_days_whole();
        let counted = match self.store.reader() {
            Ok(reader) => crate::history::come_back::count_all(&reader, &self.market(), days, now).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let counts = match counted {
            Ok(counts) => counts,
            Err(error) => return tracing::warn!(error, "how often machines come back cannot be counted"),
        };
        // The market is replaced by who holds the write side only.
        let mut side = self.write_side();
        if let Err(error) = side.writer.write_come_back(&counts) {
            drop(side);
            return self.store_failed(&error.to_string());
        }
        let market = Market { come_back: Arc::new(counts), ..(*self.market()).clone() };
        self.publish(Arc::new(market));
        drop(side);
    }

    /// Deletes what is past its keeping time, where that was not done a moment ago.
    pub(crate) fn tidy(&self, now: DateTime<Utc>) {
        if let Err(error) = crate::keeping::keep(self, now) {
            self.store_failed(&error.to_string());
        }
        self.count_come_back(now);
    }
}

/// A clock that was set back by so much at most is waited for.
const CLOCK_BACK_MAX: TimeDelta = TimeDelta::days(1);

/// How often machines came back is counted anew after so long: it goes over every listing that is kept.
const COME_BACK_INTERVAL: TimeDelta = TimeDelta::hours(6);

/// A database that took no write is asked again after so long.
const PROBE_PAUSE: TimeDelta = TimeDelta::seconds(60);

/// A part that is being collected, until dropped.
pub(crate) struct Claim<'a> {
    daemon: &'a Daemon,
    key: (&'static str, String),
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.daemon.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

/// The folder of kept answers: beside the database.
pub fn archive_folder(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".pages");
    PathBuf::from(name)
}

pub(crate) fn archive_limits(config: &Config) -> Limits {
    let hours = |known: &Known| {
        let usual = match known.manifest.kind {
            ProviderKind::Marketplace => config.archive.marketplace_hours_max,
            _ => config.archive.days_max.saturating_mul(24),
        };
        known.manifest.archive_hours.map_or(usual, |hours| hours.min(usual))
    };
    Limits {
        age_max_default: Duration::from_secs(u64::from(config.archive.days_max) * 24 * 3600),
        bytes_max: config.archive.megabytes_max.saturating_mul(1_000_000),
        age_max: catalogue::all()
            .iter()
            .map(|known| (known.slug().to_owned(), Duration::from_secs(u64::from(hours(known)) * 3600)))
            .collect(),
    }
}

/// Whether a daemon would start with a configuration, as far as it can be told without a database and without asking anybody.
///
/// # Errors
/// [`StartError`], as [`Daemon::open`].
pub fn check(config: &Config) -> Result<(), StartError> {
    config.server.token()?;
    credentials(config)?;
    Client::check(&config.transport)?;
    #[cfg(feature = "lake")]
    crate::lake::Scheduled::new(config)?;
    Ok(())
}

type Credentials = HashMap<&'static str, std::collections::BTreeMap<String, String>>;

fn credentials(config: &Config) -> Result<Credentials, SecretError> {
    let mut all = HashMap::new();
    for known in catalogue::all() {
        let section = config.provider(known.slug());
        let mut given = std::collections::BTreeMap::new();
        for name in &known.manifest.credentials {
            if let Some(secret) = section.credential(known.slug(), name)? {
                given.insert(name.clone(), Secret::expose(&secret).to_owned());
            }
        }
        all.insert(known.slug(), given);
    }
    Ok(all)
}

fn settings(config: &Config, known: &Known, credentials: &Credentials, discovered: &HashMap<String, Vec<String>>) -> Settings {
    Settings {
        parts: config.provider(known.slug()).parts,
        discovered_parts: discovered.get(known.slug()).cloned().unwrap_or_default(),
        credentials: credentials.get(known.slug()).cloned().unwrap_or_default(),
    }
}

/// Collected unless switched off, or it needs a credential that is not given.
fn is_enabled(config: &Config, known: &Known, credentials: &Credentials) -> bool {
    let has_keys = credentials.get(known.slug()).map_or(0, std::collections::BTreeMap::len) == known.manifest.credentials.len();
    config.provider(known.slug()).enabled.unwrap_or(true) && has_keys
}

fn blank_market(config: &Config, credentials: &Credentials, discovered: &HashMap<String, Vec<String>>, sample: bool) -> Market {
    let mut market = Market { sample, ..Market::default() };
    for (number, known) in catalogue::all().iter().enumerate() {
        let section = config.provider(known.slug());
        let slug: Arc<str> = known.slug().into();
        let enabled = is_enabled(config, known, credentials);
        market.providers.push(Arc::new(ProviderState {
            slug: slug.clone(),
            name: known.manifest.name.clone(),
            enabled,
            fresh_seconds: i64::from(section.fresh_seconds.unwrap_or(known.manifest.freshness.fresh_seconds)),
            stale_seconds: i64::from(section.stale_seconds.unwrap_or(known.manifest.freshness.stale_seconds)),
            launch_url: known.manifest.launch_url.clone(),
        }));
        if enabled {
            for part in known.provider.parts(&settings(config, known, credentials, discovered)) {
                market.parts.push(Arc::new(PartState::new(number, slug.clone(), part.name.as_str().into())));
            }
        }
    }
    market
}

/// The market of now without a daemon: read from the disk.
///
/// # Errors
/// [`StartError`]; there may be no database yet.
pub fn read_market(config: &Config, database: &Path) -> Result<(Store, Market), StartError> {
    let store = Store::open_read_only(database)?;
    let reader = store.reader()?;
    let blank = blank_market(config, &credentials(config)?, &reader.discovered_parts()?, false);
    let market = reader.market(blank)?;
    drop(reader);
    Ok((store, market))
}

/// A market as a fresh start with no configuration has it.
#[cfg(test)]
pub(crate) fn market_for_tests() -> Market {
    let config = Config::default();
    blank_market(&config, &credentials(&config).expect("no secrets"), &HashMap::new(), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d22_a_pause_that_a_provider_asks_for_holds_for_all_its_parts() {
        let folder = tempfile::tempdir().expect("a folder");
        let daemon = Daemon::open(Config::default(), &folder.path().join("a.db"), false).expect("opens");
        let until = now_ms() + TimeDelta::hours(1);
        let mut market = (*daemon.market()).clone();
        let one = market.parts.iter().position(|part| &*part.provider_slug == "vastai").expect("it has parts");
        Arc::make_mut(&mut market.parts[one]).not_before = Some(until);
        daemon.replace_market_for_benches(market);
        let (paused, others): (Vec<_>, Vec<_>) = daemon.tracked().into_iter().partition(|tracked| tracked.attempts.not_before.is_some());
        assert!(paused.len() > 10 && paused.iter().all(|tracked| tracked.known.slug() == "vastai"), "{}", paused.len());
        assert!(!others.is_empty() && others.iter().all(|tracked| tracked.known.slug() != "vastai"));
    }

    #[test]
    fn a_clock_that_was_set_back_writes_nothing_out_of_order_also_after_a_restart() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.db");
        let now = now_ms();
        let ahead = now + TimeDelta::minutes(10);
        let open = || Daemon::open(Config::default(), &path, false).expect("opens");
        {
            let daemon = open();
            let mut write = daemon.write_side();
            assert_eq!(write.moment(ahead), ahead);
            assert_eq!(write.moment(now), ahead + TimeDelta::milliseconds(1), "later than the last one");
            let sql = format!(
                "INSERT INTO part (id, provider, name) VALUES (1, 'runpod', 'all');
                 INSERT INTO collection VALUES (1, 1, {0}, {0}, 'failed', NULL, 0, 0, 0, 0, 0, 0, 0, 1);",
                ahead.timestamp_millis()
            );
            write.writer.connection().execute_batch(&sql).expect("an attempt");
        }
        let daemon = open();
        let mut write = daemon.write_side();
        assert_eq!(write.moment(now), ahead + TimeDelta::milliseconds(1));
        assert!(write.said_clock);
        assert_eq!(write.moment(ahead + TimeDelta::seconds(1)), ahead + TimeDelta::seconds(1), "the clock has caught up");
        assert!(!write.said_clock);
        // Days ahead was wrong: ages would be counted from there for as long.
        write.moment(now + TimeDelta::days(400));
        assert_eq!(write.moment(now), now);
    }
}
