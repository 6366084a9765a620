//! The means under a constant hazard, in closed form.
//!
//! Let `h` be the evictions per second of running, `F` and `A` the seconds of overhead at first and again, and `B` the
//! seconds from checkpoint to checkpoint (the last stretch may be shorter). Times are whole seconds, rounded down, as in
//! the runs, so a try of `x` seconds is got through with the chance `e^(-h x)` and lasts `(1 - e^(-h x)) / (e^h - 1)` on
//! average. From that follow, per session:
//!
//! - getting through `F` once takes `e^(h F)` tries;
//! - a stretch `B` fails the first time with `1 - e^(-h B)` and then needs `A + B` at once, `e^(h (A + B))` tries: it
//!   costs `e^(h A) (e^(h B) - 1)` evictions;
//! - the machine runs for the evictions divided by `e^h - 1`, and works, what is lost included, for the sum of
//!   `(e^(h B) - 1) / (e^h - 1)`.
#![expect(clippy::float_arithmetic, reason = "expected times and counts; they are rounded before they meet a price")]

use serde::{Deserialize, Serialize};

use super::{Job, Shape, existing, existing_while_waiting};
use crate::bill::{self, Runs, Tariff, Usage};
use crate::money::divide_rounded;

/// Thousandths: of a second, of an eviction.
const MILLI: u64 = 1000;

/// Means over all that could happen. What does not fit (a plan that practically never ends) is the most that does: 10^10
/// seconds or evictions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// Seconds the machine runs, rounded.
    pub running_seconds: u64,
    /// Evictions, in thousandths.
    pub evictions_milli: u64,
    /// Seconds since the last checkpoint that evictions destroy, rounded.
    pub lost_seconds: u64,
    /// Nano-dollars.
    pub cost_nanos: i64,
    /// Seconds from when a session is wanted to its end, added up over the sessions.
    pub finish_seconds: u64,
}

/// The mean time between evictions, in seconds; infinite where there are none.
pub(super) fn mean_seconds(per_hour_ppm: u64) -> f64 {
    (3600e6 / per_hour_ppm as f64).max(1.0)
}

/// The means of [`super::simulate`] under a constant hazard, where no run is given up.
///
/// The cost is the bill of the plan without evictions, by all its rules, and what evictions add to it on average. That
/// is exact where time is billed by the second without a minimum. Rounding and minimum of the *added* starts are an
/// approximation, and a monthly cap is left out of them: [`super::simulate`] has the figure.
pub fn closed_form(job: &Job<'_>, tariff: &Tariff, per_hour_ppm: u64) -> Expected {
    let shape = Shape::new(job);
    let sessions = u64::from(job.sessions.get());
    let whole = Runs { count: sessions, ..shape.undisturbed };
    let undisturbed = bill::total(tariff, &Usage { runs: &[whole], ..job.base });
    let seconds = sessions.saturating_mul(whole.seconds());
    if per_hour_ppm == 0 {
        let (running_seconds, finish_seconds) = (seconds, seconds);
        return Expected { running_seconds, evictions_milli: 0, lost_seconds: 0, cost_nanos: undisturbed, finish_seconds };
    }
    let means = Means::new(&shape, 1.0 / mean_seconds(per_hour_ppm));
    let times = |mean: f64| mean * sessions as f64;
    let down = if existing_while_waiting(job.on_eviction) { times(means.evictions * job.capacity_wait_seconds as f64) } else { 0.0 };
    // A thousand plans at once, so that fractions of a second count. All of it is linear.
    let added = Runs {
        count: 1,
        boot_seconds: milli(times(means.boot)),
        image_pull_seconds: milli(times(means.image_pull)),
        work_seconds: milli(times(means.other + means.lost)),
        ..Runs::default()
    };
    let mut usage = Usage {
        runs: &[added],
        disk_bytes: job.base.disk_bytes,
        months: job.base.months,
        month_hours: job.base.month_hours,
        ..Usage::default()
    };
    *existing(&mut usage, job.on_eviction) = milli(down);
    let evictions_milli = milli(times(means.evictions));
    let (linear, set_up) = tariff.linear();
    let rounding = milli(times(rounding_seconds(tariff, &shape, &means, 1.0 / mean_seconds(per_hour_ppm))));
    let rounding = tariff.computing(rounding);
    let thousandfold = i128::from(bill::total(&linear, &usage)) + i128::from(rounding) + i128::from(set_up) * i128::from(evictions_milli);
    let added_nanos = i64::try_from(divide_rounded(thousandfold, i128::from(MILLI))).unwrap_or(i64::MAX);
    Expected {
        running_seconds: milli(times(means.running)).saturating_add(MILLI / 2) / MILLI,
        evictions_milli,
        lost_seconds: milli(times(means.lost)).saturating_add(MILLI / 2) / MILLI,
        cost_nanos: undisturbed.saturating_add(added_nanos),
        finish_seconds: milli(times(means.running + means.evictions * job.capacity_wait_seconds as f64)).saturating_add(MILLI / 2) / MILLI,
    }
}

/// Seconds of one session that are billed and not used because evictions make short runs of a long one.
///
/// A run that is cut short is taken to end at any second of the session with the hazard's own chance, whatever was done
/// before; so is the last one, where anything was cut. Below the minimum it is raised to it, above it half a granularity
/// is added.
fn rounding_seconds(tariff: &Tariff, shape: &Shape<'_>, means: &Means, hazard: f64) -> f64 {
    let (granularity, minimum) = tariff.rounding();
    let least = minimum.div_ceil(granularity).saturating_mul(granularity) as f64;
    let longest = (shape.first_seconds + shape.span).max(1) as f64;
    let cut = -libm::expm1(-hazard * longest);
    if cut <= 0.0 {
        return 0.0;
    }
    let short = least.min(longest);
    let survives = libm::exp(-hazard * short);
    // The mean of `least - x` over the runs that end at `x` before `short`.
    let raised = (least * (1.0 - survives) - (1.0 - survives * (1.0 + hazard * short)) / hazard) / cut;
    let above = ((survives - libm::exp(-hazard * longest)) / cut).max(0.0);
    let per_run = raised.max(0.0) + above * (granularity - 1) as f64 / 2.0;
    (means.evictions + cut) * per_run
}

/// Of one session, in seconds; `boot`, `image_pull`, `other` and `lost` are what comes on top of an undisturbed one.
struct Means {
    evictions: f64,
    running: f64,
    boot: f64,
    image_pull: f64,
    other: f64,
    lost: f64,
}

impl Means {
    fn new(shape: &Shape<'_>, hazard: f64) -> Self {
        let growth = |seconds: u64| libm::expm1(hazard * seconds as f64);
        let per_second = growth(1);
        let (stretches, rest) = (shape.span / shape.block, shape.span % shape.block);
        // Zero times infinity is no number: what has no seconds is left out before it is multiplied.
        let stretch = if stretches == 0 { 0.0 } else { stretches as f64 * growth(shape.block) } + growth(rest);
        let again = if stretch > 0.0 { stretch * libm::exp(hazard * shape.again_seconds as f64) } else { 0.0 };
        // The seconds of a phase: the tries that live until it begins, times what one spends in it.
        let phase = |overhead: u64, tries: f64, from: u64, seconds: u64| {
            if seconds == 0 || tries == 0.0 {
                return 0.0;
            }
            let reaching = tries * libm::exp(hazard * (overhead - from) as f64);
            reaching * -libm::expm1(-hazard * seconds as f64) / per_second
        };
        let (first, next) = (&shape.job.first, &shape.job.again);
        let both = |from: fn(&Runs) -> u64, seconds: fn(&Runs) -> u64| {
            let all = phase(shape.first_seconds, 1.0, from(first), seconds(first))
                + phase(shape.again_seconds, stretch, from(next), seconds(next));
            (all - seconds(first) as f64).max(0.0)
        };
        let evictions = growth(shape.first_seconds) + again;
        Self {
            evictions,
            running: (evictions / per_second).max((shape.first_seconds + shape.span) as f64),
            boot: both(|_| 0, |phases| phases.boot_seconds),
            image_pull: both(|phases| phases.boot_seconds, |phases| phases.image_pull_seconds),
            other: both(|phases| phases.boot_seconds + phases.image_pull_seconds, |phases| phases.download_seconds + phases.set_up_seconds),
            lost: (stretch / per_second - shape.span as f64).max(0.0),
        }
    }
}

/// In thousandths, rounded; at the most 10^13.
fn milli(mean: f64) -> u64 {
    libm::round((mean * MILLI as f64).min(1e13)) as u64
}
