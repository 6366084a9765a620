//! One run: which days are to be written, and their files, day by day in the order of time.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::current;
use super::day::{Followed, Frame, Quoted};
use super::files::{File, Making};
use super::manifest::{DayFiles, FileMark, LAYOUT, Manifest, NAME};
use super::{LakeError, Report, Target, Written};
use crate::catalogue;
use crate::collect::normalise::Interner;
use crate::export::rows::price_row;
use crate::market::Market;
use crate::past::{Names, Rates};
use crate::store::days::{Held, bounds};
use crate::store::history::Span;
use crate::store::{Reader, Store};

/// Rows and offers that are read at once.
const PAGE: u32 = 5_000;
/// The manifest is written so often while days are: what a kill loses of a run is worked out again.
const MANIFEST_INTERVAL: Duration = Duration::from_secs(5);
/// For a provider that this program does not know any more.
const STALE_SECONDS_USUAL: i64 = 72 * 3600;

/// How a run goes.
pub struct Options<'a> {
    /// Only days from this one on.
    pub since: Option<NaiveDate>,
    /// Works everything out and writes nothing.
    pub dry_run: bool,
    /// Works every day out anew and compares it, whatever its marks say.
    pub recompute: bool,
    /// Price rows of marketplace listings are kept so long: what is older is not whole any more.
    pub marketplace_days: u32,
    /// The time of the run.
    pub now: DateTime<Utc>,
    /// Asked between files; true ends the run.
    pub stop: &'a dyn Fn() -> bool,
    /// Told of each day that was worked out.
    pub step: &'a mut dyn FnMut(Step),
}

/// How far a run is.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The day that was worked out.
    pub day: NaiveDate,
    /// Days that were worked out.
    pub done: u64,
    /// Days that are to be worked out, as far as it is known.
    pub of: u64,
}

/// Writes what is not in the lake yet: the offers of now first, which are wanted soonest, then closed days. Blocking.
///
/// # Errors
/// [`LakeError`]; then what was written is whole, and the next run goes on.
pub fn run(store: &Store, market: &Arc<Market>, target: &mut dyn Target, options: Options<'_>) -> Result<Report, LakeError> {
    if !options.dry_run {
        target.lock()?;
    }
    let manifest = Manifest::read(target.get(NAME)?.as_deref(), target.shown(), market.sample)?;
    let mut report = Report { target: target.shown().to_owned(), dry_run: options.dry_run, sample: market.sample, ..Report::default() };
    current::write(store, market, target, options.now, &mut report)?;
    let mut run = Run {
        store,
        market,
        target,
        manifest,
        options,
        report,
        names: Names::default(),
        rates: Rates::default(),
        interner: Interner::default(),
        sizes: HashMap::new(),
        manifest_at: Instant::now(),
        manifest_is_new: false,
    };
    let done = run.days();
    // Also where it ended early: what was written is known to the next run.
    let noted = run.note_manifest(true);
    done.and(noted)?;
    Ok(run.report)
}

/// Writes the offers of now alone, where a commit came since. Blocking.
///
/// # Errors
/// [`LakeError`].
pub fn run_current(store: &Store, market: &Arc<Market>, target: &mut dyn Target, now: DateTime<Utc>) -> Result<Report, LakeError> {
    target.lock()?;
    let mut report = Report { target: target.shown().to_owned(), sample: market.sample, ..Report::default() };
    current::write(store, market, target, now, &mut report)?;
    Ok(report)
}

struct Run<'a, 'o> {
    store: &'a Store,
    market: &'a Arc<Market>,
    target: &'a mut dyn Target,
    manifest: Manifest,
    options: Options<'o>,
    report: Report,
    names: Names,
    rates: Rates,
    interner: Interner,
    /// What is there, by name.
    sizes: HashMap<String, u64>,
    manifest_at: Instant,
    manifest_is_new: bool,
}

/// What is to be done about a day.
struct Planned {
    inputs: String,
    /// Its rows are all in the database.
    whole: bool,
    todo: Todo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Todo {
    Nothing,
    Compute,
}

type Followers = HashMap<i64, Followed>;

fn name(table: &str, day: NaiveDate) -> String {
    format!("{table}/date={day}/{table}.parquet")
}

impl Run<'_, '_> {
    fn days(&mut self) -> Result<(), LakeError> {
        let reader = self.store.reader()?;
        let Some(first) = reader.first_price()?.map(|first| first.date_naive()) else { return Ok(()) };
        let today = self.options.now.date_naive();
        let first = self.options.since.map_or(first, |since| since.max(first));
        for table in ["changes", "daily_state"] {
            self.sizes.extend(self.target.list(table)?);
        }
        let plan = self.plan(&reader, first, today)?;
        drop(reader);
        self.report.days = plan.len() as u64;
        let of = plan.values().filter(|planned| planned.todo == Todo::Compute).count() as u64;
        let mut next = first;
        while let Some(from) = plan.range(next..).find(|(_, planned)| planned.todo == Todo::Compute).map(|(day, _)| *day) {
            let mut followers = self.followers(from)?;
            let mut day = from;
            // Days follow each other until one came out as it was and the next is as it is: then nothing is passed on.
            while let Some(planned) = plan.get(&day) {
                let same = self.day(day, planned, &mut followers)?;
                let step = Step { day, done: self.report.days_computed, of: of.max(self.report.days_computed) };
                (self.options.step)(step);
                self.note_manifest(false)?;
                day = day.succ_opt().ok_or_else(|| LakeError::Wrong("the calendar ends here".to_owned()))?;
                let next_is_old = plan.get(&day).is_some_and(|planned| planned.todo == Todo::Nothing);
                if same && next_is_old {
                    break;
                }
            }
            next = day;
        }
        Ok(())
    }

    /// Every closed day, and what is to be done about it.
    fn plan(&mut self, reader: &Reader, first: NaiveDate, today: NaiveDate) -> Result<BTreeMap<NaiveDate, Planned>, LakeError> {
        let basis = self.basis();
        let marks: HashMap<NaiveDate, String> = reader.day_marks(first, today)?.into_iter().collect();
        let kept_since = self.options.now - TimeDelta::days(i64::from(self.options.marketplace_days));
        let mut plan = BTreeMap::new();
        for day in first.iter_days().take_while(|day| *day < today) {
            let rates = match self.rates.of(reader, day)? {
                Some(rates) => short_hash(&format!("{rates:?}")),
                None => "none".to_owned(),
            };
            let inputs = format!("{}/{rates}/{basis}", marks.get(&day).map_or("0", String::as_str));
            let whole = bounds(day).0 >= kept_since;
            let known = self.manifest.days.get(&day);
            let is_there = known.is_some_and(|known| self.is_there(day, known));
            let same = known.is_some_and(|known| known.inputs == inputs);
            let todo = match (is_there, whole) {
                (false, _) => Todo::Compute,
                (true, true) if !same || self.options.recompute => Todo::Compute,
                (true, _) => Todo::Nothing,
            };
            plan.insert(day, Planned { inputs, whole, todo });
        }
        Ok(plan)
    }

    fn is_there(&self, day: NaiveDate, known: &DayFiles) -> bool {
        let size = |table: &str, mark: &FileMark| self.sizes.get(&name(table, day)) == Some(&mark.bytes);
        size("changes", &known.changes) && size("daily_state", &known.daily_state)
    }

    /// What every day depends on beside its rows.
    fn basis(&self) -> String {
        let stale: Vec<(&str, i64)> = self.market.providers.iter().map(|known| (&*known.slug, known.stale_seconds)).collect();
        short_hash(&format!("{LAYOUT} {stale:?} {:?}", catalogue::gpus().gpus()))
    }

    /// What is on offer when a day begins.
    fn followers(&mut self, day: NaiveDate) -> Result<Followers, LakeError> {
        let (from, _) = bounds(day);
        let (mut followers, mut after) = (Followers::new(), 0);
        loop {
            let reader = self.store.reader()?;
            let (page, last) = reader.held_before(from, after, PAGE)?;
            let Some(last) = last else { return Ok(followers) };
            after = last;
            for (row, held) in page {
                if let Some(followed) = self.follow(&reader, row, Quoted::of(&held), from)? {
                    followers.insert(row, followed);
                }
            }
            self.check_stop()?;
        }
    }

    fn follow(&mut self, reader: &Reader, row: i64, held: Option<Quoted>, since: DateTime<Utc>) -> Result<Option<Followed>, LakeError> {
        let Some(mut known) = reader.part_offer(row)? else { return Ok(None) };
        let (gpu, group) = self.names.of(&known.offer);
        let offer = &mut known.offer;
        for text in [&mut offer.provider, &mut offer.tier, &mut offer.region, &mut offer.gpu_name] {
            *text = self.interner.text(text);
        }
        offer.gpu_name_alternative = None;
        let group = self.interner.text(&group);
        Ok(Some(Followed::new(known, gpu, group, held, since)))
    }

    /// Works out one day and writes what differs. True: its files are as they were.
    fn day(&mut self, day: NaiveDate, planned: &Planned, followers: &mut Followers) -> Result<bool, LakeError> {
        let (from, until) = bounds(day);
        let stale: HashMap<&str, i64> = self.market.providers.iter().map(|known| (&*known.slug, known.stale_seconds)).collect();
        let stale_ms = |slug: &str| stale.get(slug).copied().unwrap_or(STALE_SECONDS_USUAL).saturating_mul(1000);
        let reader = self.store.reader()?;
        let live: HashMap<i64, Vec<Span>> = reader.part_spans(from, until, &stale_ms)?.into_iter().collect();
        let rates = self.rates.of(&reader, day)?;
        drop(reader);
        let frame = Frame { bounds: (from, until), rates: rates.as_deref() };
        let mut changes = Making::changes(day, self.market.sample);
        let mut after = None;
        loop {
            let reader = self.store.reader()?;
            let page = reader.day_rows(day, after, PAGE)?;
            let Some((row, last)) = page.last() else { break };
            after = Some((last.price.observed_at.timestamp_millis(), *row, last.price.revision));
            for (row, held) in page {
                self.change(&reader, row, &held, followers, &live, &frame, &mut changes)?;
            }
            self.check_stop()?;
        }
        let changes = changes.end();
        let daily_state = self.daily_state(day, followers, &live, &frame);
        followers.retain(|_, followed| followed.is_held());
        self.report.days_computed += 1;
        self.check_stop()?;
        // What the database does not hold whole any more is not written over; the state of the days after it is passed on.
        if !planned.whole && self.manifest.days.get(&day).is_some_and(|known| self.is_there(day, known)) {
            return Ok(false);
        }
        self.put_day(day, planned, changes, daily_state)
    }

    #[expect(clippy::too_many_arguments, reason = "the day's frame, and one row of it")]
    fn change(
        &mut self,
        reader: &Reader,
        row: i64,
        held: &Held,
        followers: &mut Followers,
        live: &HashMap<i64, Vec<Span>>,
        frame: &Frame<'_>,
        changes: &mut Making,
    ) -> Result<(), LakeError> {
        let followed = match followers.entry(row) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => match self.follow(reader, row, None, frame.bounds.0)? {
                Some(followed) => place.insert(followed),
                None => return Ok(()),
            },
        };
        changes.row(price_row(&followed.offer.offer, followed.gpu, &held.price, frame.rates, None));
        let live = live.get(&followed.offer.part).map_or(&[][..], Vec::as_slice);
        followed.change(held.price.observed_at, Quoted::of(held), live, frame);
        Ok(())
    }

    /// Sorted by GPU, so that a question about one leaves most of a file out.
    fn daily_state(&self, day: NaiveDate, followers: &mut Followers, live: &HashMap<i64, Vec<Span>>, frame: &Frame<'_>) -> File {
        let mut sorted: Vec<&mut Followed> = followers.values_mut().collect();
        sorted.sort_unstable_by(|a, b| {
            let key = |followed: &Followed| {
                let offer = &followed.offer.offer;
                (followed.group.clone(), offer.market, offer.provider.clone(), offer.id)
            };
            key(a).cmp(&key(b))
        });
        let mut making = Making::daily_state(day, self.market.sample);
        for followed in sorted {
            let live = live.get(&followed.offer.part).map_or(&[][..], Vec::as_slice);
            if let Some(row) = followed.end(live, frame) {
                making.row(row);
            }
        }
        making.end()
    }

    fn put_day(&mut self, day: NaiveDate, planned: &Planned, changes: File, daily_state: File) -> Result<bool, LakeError> {
        let known = self.manifest.days.get(&day).cloned();
        let marks = DayFiles {
            inputs: planned.inputs.clone(),
            whole: planned.whole,
            changes: changes.mark.clone(),
            daily_state: daily_state.mark.clone(),
        };
        let changes_as_known = self.put(&name("changes", day), changes, known.as_ref().map(|known| &known.changes))?;
        let state_as_known = self.put(&name("daily_state", day), daily_state, known.as_ref().map(|known| &known.daily_state))?;
        if known.as_ref() != Some(&marks) {
            self.manifest.days.insert(day, marks);
            self.manifest_is_new = true;
        }
        Ok(changes_as_known && state_as_known)
    }

    /// Writes a file unless it is there and equal. True: its content is the one that was known.
    fn put(&mut self, name: &str, file: File, known: Option<&FileMark>) -> Result<bool, LakeError> {
        let as_known = known == Some(&file.mark);
        let is_there = self.sizes.get(name) == Some(&file.mark.bytes);
        if as_known && is_there {
            self.report.equal += 1;
            return Ok(true);
        }
        let why = match known {
            None => "new",
            Some(_) if as_known => "missing",
            Some(_) => "changed",
        };
        let FileMark { rows, bytes, .. } = file.mark;
        if !self.options.dry_run {
            self.check_stop()?;
            self.target.put(name, file.bytes)?;
            self.sizes.insert(name.to_owned(), bytes);
        }
        self.report.written.push(Written { name: name.to_owned(), why, rows, bytes });
        Ok(as_known)
    }

    fn note_manifest(&mut self, at_the_end: bool) -> Result<(), LakeError> {
        let due = at_the_end || self.manifest_at.elapsed() >= MANIFEST_INTERVAL;
        if self.options.dry_run || !self.manifest_is_new || !due {
            return Ok(());
        }
        self.target.put(NAME, self.manifest.bytes())?;
        (self.manifest_is_new, self.manifest_at) = (false, Instant::now());
        Ok(())
    }

    fn check_stop(&self) -> Result<(), LakeError> {
        if (self.options.stop)() { Err(LakeError::Stopped) } else { Ok(()) }
    }
}

fn short_hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
}
