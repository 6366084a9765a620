//! What evictions do to the cost and the finish of a plan on a spot machine. Pure: the seed is an argument.
//!
//! [`simulate`] runs the plan many times against evictions ([`Arrivals`]: a stated hazard or a recorded trace) and bills
//! every run with [`bill::total`], a run of the machine per start, so that minimum, granularity and the rules of booting
//! hold for every restart. [`closed_form`] gives the means for a constant hazard without running anything.
//!
//! The model, for both:
//!
//! - A session is overhead ([`Job::first`]), then work with its idle time spread evenly among it. The machine can be
//!   taken away in every second that it runs, during overhead too.
//! - An eviction throws the session back to its last checkpoint. The idle time since the checkpoint is lived through
//!   again with the work; both count as lost. Hibernating is taken to keep the disk, not the work on the GPU.
//! - Then comes a wait for capacity: time, and money only where the machine exists meanwhile ([`Job::on_eviction`]).
//! - Then overhead again: [`Job::again`], or all of [`Job::first`] as long as that was not got through once.
//! - A warning before the eviction and a longest runtime are not considered.
//!
//! Whoever states a hazard must mark it as an assumption where no source gives it; there is none here by default.

mod closed;
mod draw;
mod trace;

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

pub use closed::{Expected, closed_form};
pub use trace::{Trace, TraceError};

use crate::bill::{self, Runs, Tariff, Usage};
use crate::billing::OnEviction;
use crate::money::divide_rounded;
use draw::Stream;

/// After so many evictions a run is given up.
pub const MOST_EVICTIONS: u64 = 10_000;

/// After so many evictions in a row without a checkpoint between them a run is given up: it gets nowhere.
pub const MOST_EVICTIONS_IN_VAIN: u64 = 1_000;

/// A plan on one spot machine: equal sessions, one after the other. Seconds are of one session; the caller keeps each
/// below 10^9 (a generation), so that their sums fit. Only [`Self::give_up_seconds`] may be more.
///
/// A plan that gets nowhere is run up to those bounds in every run, which takes long: a look at
/// [`closed_form`] first, or a short [`Self::give_up_seconds`], spares that.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// How many sessions.
    pub sessions: NonZeroU32,
    /// Computing what one wants.
    pub work_seconds: u64,
    /// Running and waiting for its user.
    pub idle_seconds: u64,
    /// A checkpoint is kept after every so many seconds of work: an image in a batch of images. 0 loses nothing; from
    /// [`Self::work_seconds`] on nothing is kept.
    pub checkpoint_seconds: u64,
    /// Overhead of the session's first start: boot, image, download, set-up. The other fields are ignored.
    pub first: Runs,
    /// Overhead of a start after an eviction: boot and set-up where the disk was kept, else image and download too.
    pub again: Runs,
    /// What an eviction does: whether the disk is kept, and billed while waiting.
    pub on_eviction: OnEviction,
    /// Mean of the exponential wait for capacity after an eviction; a trace has its own waits.
    pub capacity_wait_seconds: u64,
    /// A session is in time when it is done within so long from when it was wanted.
    pub window_seconds: Option<u64>,
    /// A session that waits or starts again after so long is given up, and its run with it.
    pub give_up_seconds: u64,
    /// What is not about runs: disk, network volume, data, stopped time between sessions. Its runs are ignored.
    pub base: Usage<'a>,
}

/// When evictions come.
#[derive(Clone, Copy, Debug)]
pub enum Arrivals<'a> {
    /// The same chance in every second of running.
    Hazard {
        /// Evictions per hour of running, in millionths. More than one a second counts as one a second.
        per_hour_ppm: u64,
    },
    /// As they were recorded: every session of every run begins at a random second of the trace and, where no machine
    /// can be had then, waits for one.
    Trace(&'a Trace),
}

/// How a figure spreads over the runs. Percentiles are nearest-rank: figures of real runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distribution<T> {
    /// The mean, rounded.
    pub mean: T,
    /// Half of the runs are not above it.
    pub p50: T,
    /// Nine in ten are not.
    pub p90: T,
    /// Nineteen in twenty are not.
    pub p95: T,
}

/// What came out of the runs. A run that was given up counts with what it had cost and taken by then, so that with
/// [`Self::unfinished`] above 0 means and percentiles are too low.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Gives the same answer again.
    pub seed: u64,
    /// How many runs.
    pub runs: u32,
    /// Nano-dollars for the whole plan.
    pub cost_nanos: Distribution<i64>,
    /// Seconds from when a session was wanted to its end, added up over the sessions.
    pub finish_seconds: Distribution<u64>,
    /// Evictions of the whole plan, mean, in thousandths.
    pub evictions_mean_milli: u64,
    /// Evictions of the whole plan; nineteen runs in twenty have no more.
    pub evictions_p95: u64,
    /// Seconds since the last checkpoint that evictions destroyed, idle time among them included, mean.
    pub lost_seconds_mean: u64,
    /// Share of all sessions that were done within the window, in millionths, rounded down; `None` without a window.
    pub in_time_ppm: Option<u32>,
    /// Runs that were given up.
    pub unfinished: u32,
}

/// Runs the plan `runs` times. The same arguments give the same answer on every platform.
pub fn simulate(job: &Job<'_>, tariff: &Tariff, arrivals: Arrivals<'_>, seed: u64, runs: NonZeroU32) -> Outcome {
    let each = all(job, tariff, arrivals, seed, runs);
    let count = u64::from(runs.get());
    let evictions = Distribution::of(each.iter().map(|run| run.evictions.saturating_mul(1000)).collect());
    let in_time: u64 = each.iter().map(|run| u64::from(run.in_time)).sum();
    let sessions = count * u64::from(job.sessions.get());
    Outcome {
        seed,
        runs: runs.get(),
        cost_nanos: Distribution::of(each.iter().map(|run| run.cost_nanos).collect()),
        finish_seconds: Distribution::of(each.iter().map(|run| run.finish_seconds).collect()),
        evictions_mean_milli: evictions.mean,
        evictions_p95: evictions.p95 / 1000,
        lost_seconds_mean: Distribution::of(each.iter().map(|run| run.lost_seconds).collect()).mean,
        in_time_ppm: job.window_seconds.map(|_| u32::try_from(u128::from(in_time) * 1_000_000 / u128::from(sessions)).unwrap_or(u32::MAX)),
        unfinished: each.iter().map(|run| u32::from(run.given_up)).sum(),
    }
}

impl<T: Copy + Ord + Default + Into<i128> + TryFrom<i128>> Distribution<T> {
    fn of(mut figures: Vec<T>) -> Self {
        figures.sort_unstable();
        let sum = figures.iter().map(|figure| (*figure).into()).sum();
        let mean = T::try_from(divide_rounded(sum, figures.len().max(1) as i128)).unwrap_or_default();
        let rank = |percent: usize| figures.get((figures.len() * percent).div_ceil(100).saturating_sub(1)).copied().unwrap_or_default();
        Self { mean, p50: rank(50), p90: rank(90), p95: rank(95) }
    }
}

/// The job, with what follows from it.
struct Shape<'a> {
    job: &'a Job<'a>,
    first_seconds: u64,
    again_seconds: u64,
    /// Work and idle time together.
    span: u64,
    /// From one checkpoint to the next, in seconds of the span.
    block: u64,
    /// A session without evictions.
    undisturbed: Runs,
}

impl<'a> Shape<'a> {
    fn new(job: &'a Job<'a>) -> Self {
        let span = job.work_seconds + job.idle_seconds;
        // Idle time stands evenly among the work, so a checkpoint is farther off by as much.
        let block = (u128::from(job.checkpoint_seconds) * u128::from(span)).div_ceil(u128::from(job.work_seconds.max(1)));
        let block = if job.work_seconds == 0 { 1 } else { u64::try_from(block).unwrap_or(u64::MAX).clamp(1, span.max(1)) };
        let overhead = |phases: &Runs| cut(phases, u64::MAX).seconds();
        let undisturbed = Runs { work_seconds: job.work_seconds, idle_seconds: job.idle_seconds, ..cut(&job.first, u64::MAX) };
        Self { job, first_seconds: overhead(&job.first), again_seconds: overhead(&job.again), span, block, undisturbed }
    }

    /// The work done at a second of the span.
    fn work(&self, position: u64) -> u64 {
        if position == self.span {
            return self.job.work_seconds;
        }
        (u128::from(self.job.work_seconds) * u128::from(position) / u128::from(self.span)) as u64
    }

    /// One start that went from one second of the span to another and then lost `lost` seconds.
    fn start(&self, overhead: Runs, from: u64, to: u64, lost: u64) -> Runs {
        let work_seconds = self.work(to) - self.work(from);
        Runs { work_seconds, idle_seconds: to - from - work_seconds, lost_seconds: lost, ..overhead }
    }
}

/// The first `seconds` of the overhead, as one run.
fn cut(phases: &Runs, seconds: u64) -> Runs {
    let mut left = seconds;
    let mut take = |phase: u64| {
        let taken = phase.min(left);
        left -= taken;
        taken
    };
    Runs {
        count: 1,
        boot_seconds: take(phases.boot_seconds),
        image_pull_seconds: take(phases.image_pull_seconds),
        download_seconds: take(phases.download_seconds),
        set_up_seconds: take(phases.set_up_seconds),
        ..Runs::default()
    }
}

/// One run of the plan.
#[derive(Clone, Copy, Debug, Default)]
struct Run {
    cost_nanos: i64,
    finish_seconds: u64,
    evictions: u64,
    lost_seconds: u64,
    /// Machine not running but existing, because of an eviction.
    down_seconds: u64,
    in_time: u32,
    given_up: bool,
}

fn all(job: &Job<'_>, tariff: &Tariff, arrivals: Arrivals<'_>, seed: u64, runs: NonZeroU32) -> Vec<Run> {
    let shape = Shape::new(job);
    // Room that is kept from run to run, so that a run allocates nothing.
    let mut groups = Vec::new();
    (0..runs.get()).map(|run| one(&shape, tariff, World::new(job, arrivals, Stream::new(seed, run)), &mut groups)).collect()
}

fn one(shape: &Shape<'_>, tariff: &Tariff, mut world: World<'_>, groups: &mut Vec<Runs>) -> Run {
    let job = shape.job;
    groups.clear();
    groups.push(Runs { count: 0, ..shape.undisturbed });
    let mut run = Run::default();
    for session in 0..job.sessions.get() {
        let wait = world.session().min(job.give_up_seconds);
        if session > 0 && job.base.is_one_machine && existing_while_waiting(job.on_eviction) {
            run.down_seconds += wait;
        }
        let finish = sit(shape, &mut world, wait, &mut run, groups);
        run.finish_seconds = run.finish_seconds.saturating_add(finish);
        if run.given_up {
            break;
        }
        run.in_time += u32::from(job.window_seconds.is_some_and(|window| finish <= window));
    }
    let mut usage = Usage { runs: groups, ..job.base };
    *existing(&mut usage, job.on_eviction) += run.down_seconds;
    run.cost_nanos = bill::total(tariff, &usage);
    run
}

/// One session, which has waited already; returns the seconds until it is done or given up. Sessions that nothing
/// interrupts are equal: they are counted in the first of `groups`.
fn sit(shape: &Shape<'_>, world: &mut World<'_>, waited: u64, run: &mut Run, groups: &mut Vec<Runs>) -> u64 {
    let job = shape.job;
    let (mut elapsed, mut position, mut in_vain) = (waited, 0, 0);
    let mut is_set_up = false;
    let mut is_first = true;
    loop {
        if elapsed >= job.give_up_seconds || in_vain >= MOST_EVICTIONS_IN_VAIN || run.evictions >= MOST_EVICTIONS {
            run.given_up = true;
            return elapsed;
        }
        let (phases, overhead) = if is_set_up { (&job.again, shape.again_seconds) } else { (&job.first, shape.first_seconds) };
        let wanted = overhead + shape.span - position;
        let ran = world.run(wanted);
        elapsed = elapsed.saturating_add(ran);
        if ran == wanted {
            if is_first {
                groups[0].count += 1;
            } else {
                groups.push(shape.start(cut(phases, u64::MAX), position, shape.span, 0));
            }
            return elapsed;
        }
        is_first = false;
        is_set_up |= ran >= overhead;
        let reached = position + ran.saturating_sub(overhead);
        let kept = reached - reached % shape.block;
        groups.push(shape.start(cut(phases, ran), position, kept, reached - kept));
        run.lost_seconds += reached - kept;
        run.evictions += 1;
        in_vain = if kept > position { 0 } else { in_vain + 1 };
        position = kept;
        let wait = world.wait().min(job.give_up_seconds.saturating_sub(elapsed));
        elapsed = elapsed.saturating_add(wait);
        if existing_while_waiting(job.on_eviction) {
            run.down_seconds += wait;
        }
    }
}

const fn existing_while_waiting(on_eviction: OnEviction) -> bool {
    match on_eviction {
        OnEviction::Stop | OnEviction::Pause | OnEviction::Hibernate => true,
        OnEviction::Delete | OnEviction::Wipe => false,
    }
}

/// Where the time counts that a machine waits; nothing is added there for one that is gone.
const fn existing<'a>(usage: &'a mut Usage<'_>, on_eviction: OnEviction) -> &'a mut u64 {
    match on_eviction {
        OnEviction::Hibernate => &mut usage.hibernated_seconds,
        OnEviction::Stop | OnEviction::Pause | OnEviction::Delete | OnEviction::Wipe => &mut usage.stopped_seconds,
    }
}

/// What the evictions of one run come from.
struct World<'a> {
    stream: Stream,
    source: Source<'a>,
}

enum Source<'a> {
    /// Mean seconds between evictions, mean wait, and the running seconds until the next. The time left is kept from
    /// one session to the next, as an exponential time has no memory: a run without an eviction draws one number.
    Hazard { mean: f64, wait: f64, left: u64 },
    /// The second of the round, and in how many of them a session may begin: all.
    Trace { trace: &'a Trace, now: u64, offsets: u64 },
}

impl<'a> World<'a> {
    fn new(job: &Job<'_>, arrivals: Arrivals<'a>, mut stream: Stream) -> Self {
        let source = match arrivals {
            Arrivals::Hazard { per_hour_ppm } => {
                let mean = closed::mean_seconds(per_hour_ppm);
                let left = stream.exponential(mean) as u64;
                Source::Hazard { mean, wait: job.capacity_wait_seconds as f64, left }
            }
            Arrivals::Trace(trace) => Source::Trace { trace, now: 0, offsets: trace.seconds() },
        };
        Self { stream, source }
    }

    /// A session is wanted; returns the seconds until a machine can be had.
    fn session(&mut self) -> u64 {
        match &mut self.source {
            Source::Hazard { .. } => 0,
            Source::Trace { trace, now, offsets } => {
                *now = self.stream.below(*offsets);
                until_available(trace, now)
            }
        }
    }

    /// Runs for `wanted` seconds, or fewer where the machine is taken away before.
    fn run(&mut self, wanted: u64) -> u64 {
        match &mut self.source {
            Source::Hazard { mean, left, .. } => {
                if wanted <= *left {
                    // An infinite mean stays so.
                    *left = if mean.is_finite() { *left - wanted } else { u64::MAX };
                    return wanted;
                }
                // Whole seconds, rounded down: `wanted` seconds are got through with the exact chance.
                std::mem::replace(left, self.stream.exponential(*mean) as u64)
            }
            Source::Trace { trace, now, .. } => {
                let (_, lasts) = trace.at(*now);
                let ran = wanted.min(lasts);
                *now = (*now + ran % trace.seconds()) % trace.seconds();
                ran
            }
        }
    }

    /// Waits for capacity after an eviction; returns the seconds.
    fn wait(&mut self) -> u64 {
        match &mut self.source {
            Source::Hazard { wait, .. } => libm::round(self.stream.exponential(*wait)) as u64,
            Source::Trace { trace, now, .. } => until_available(trace, now),
        }
    }
}

fn until_available(trace: &Trace, now: &mut u64) -> u64 {
    let (available, lasts) = trace.at(*now);
    if available {
        return 0;
    }
    *now = (*now + lasts) % trace.seconds();
    lasts
}

#[cfg(test)]
mod tests;
