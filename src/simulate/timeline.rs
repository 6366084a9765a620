//! The first session with an offer, phase by phase. Made of the same run as the bill's first, so that the two cannot disagree.

use gpurate_domain::MarketKind;
use gpurate_domain::bill::{LineKind, Tariff};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::evaluate::{Case, End, Scratch};
use super::plan::{Policy, Resolved};

/// Bursts that are told apart; those after them stand together.
const BURSTS_APART_MAX: u64 = 60;

/// One phase of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PhaseView {
    /// What happens: as the line of the bill that it is part of; `stopped` where a serverless worker is gone.
    #[schema(value_type = String)]
    pub kind: LineKind,
    /// From the order on.
    pub begins_seconds: u64,
    /// How long.
    pub seconds: u64,
    /// Computing time is paid for it.
    pub billed: bool,
}

/// All phases of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PhaseSum {
    /// What happens.
    #[schema(value_type = String)]
    pub kind: LineKind,
    /// How long in all.
    pub seconds: u64,
    /// Computing time is paid for it.
    pub billed: bool,
}

/// The first session, which begins cold: what it is made of at the dear end, with no eviction. Machines at once
/// each do it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TimelineView {
    /// In order. Time that is billed and not used (`rounding`) stands at the end, though the machine is gone by then.
    pub phases: Vec<PhaseView>,
    /// The same by kind, in the order of their first phase.
    pub sums: Vec<PhaseSum>,
    /// From the order to the end of the last phase.
    pub seconds: u64,
    /// Bursts of the session.
    pub bursts: u64,
    /// The first so many of them are phases of their own; the others stand together after them.
    pub bursts_apart: u64,
    /// Then the policy's state (running on, stopped, deleted) for so long on average, until the next session or the end of the whole
    /// time; null where workers come and go by themselves.
    pub then_mean_seconds: Option<u64>,
}

/// Part `index` of `parts`, so that all parts add up to the whole.
fn part(whole: u64, parts: u64, index: u64) -> u64 {
    let until = |index: u64| u128::from(whole) * u128::from(index) / u128::from(parts.max(1));
    u64::try_from(until(index + 1) - until(index)).unwrap_or(u64::MAX)
}

/// Writes phases one after the other.
#[derive(Default)]
struct Writer {
    phases: Vec<PhaseView>,
    at: u64,
}

impl Writer {
    fn push(&mut self, kind: LineKind, seconds: u64, billed: bool) {
        if seconds > 0 {
            self.phases.push(PhaseView { kind, begins_seconds: self.at, seconds, billed });
            self.at += seconds;
        }
    }

    fn sums(&self) -> Vec<PhaseSum> {
        let mut sums: Vec<PhaseSum> = Vec::new();
        for phase in &self.phases {
            match sums.iter_mut().find(|sum| (sum.kind, sum.billed) == (phase.kind, phase.billed)) {
                Some(sum) => sum.seconds += phase.seconds,
                None => sums.push(PhaseSum { kind: phase.kind, seconds: phase.seconds, billed: phase.billed }),
            }
        }
        sums
    }
}

/// The first session of a policy.
pub(super) fn timeline(case: &Case<'_>, plan: &Resolved, tariff: &Tariff, how: (Policy, u64, End), scratch: &mut Scratch) -> TimelineView {
    let (policy, machines, end) = how;
    let session = plan.sessions[0];
    let bursts = session.bursts.max(1);
    let apart = bursts.min(BURSTS_APART_MAX);
    let mut writer = Writer::default();
    let (first, existing) = case.with_usage(plan, tariff, how, scratch, |usage| {
        let existing: u64 = usage.runs.iter().map(|runs| runs.count.saturating_mul(runs.seconds())).sum();
        (usage.runs.first().copied().unwrap_or_default(), existing)
    });
    let begin = |writer: &mut Writer| {
        writer.push(LineKind::Boot, first.boot_seconds, tariff.bills_boot());
        writer.push(LineKind::ImagePull, first.image_pull_seconds, tariff.bills_image_pull());
        writer.push(LineKind::Download, first.download_seconds, true);
        writer.push(LineKind::SetUp, first.set_up_seconds, true);
    };
    let workers = if case.market == MarketKind::Serverless { case.cold_starts(plan, tariff, &session) } else { 1 };
    if workers > 1 {
        // A worker for each burst: it starts cold, waits for another request, and goes.
        let rounding = tariff.rounding_of(&first);
        let mut burst = |count: u64, gap: u64| {
            writer.push(LineKind::Boot, first.boot_seconds * count, tariff.bills_boot());
            writer.push(LineKind::Work, first.work_seconds * count, true);
            writer.push(LineKind::Idle, first.idle_seconds * count, true);
            writer.push(LineKind::Rounding, rounding * count, true);
            writer.push(LineKind::Stopped, gap.saturating_sub((first.idle_seconds + rounding) * count), false);
        };
        (0..apart).for_each(|index| burst(1, part(session.looking_seconds, bursts, index)));
        if bursts > apart {
            burst(bursts - apart, (apart..bursts).map(|index| part(session.looking_seconds, bursts, index)).sum());
        }
    } else {
        // A machine that is kept works for every session in one run: of that only the first session's share.
        let work = if policy == Policy::Keep { case.work_seconds(session.images, machines, end) } else { first.work_seconds };
        let looking = if policy == Policy::Keep { session.looking_seconds } else { first.idle_seconds };
        let looking_between = looking.min(session.looking_seconds);
        begin(&mut writer);
        for index in 0..apart {
            writer.push(LineKind::Work, part(work, bursts, index), true);
            writer.push(LineKind::Idle, part(looking_between, bursts, index), true);
        }
        let rest = |whole: u64| whole - (0..apart).map(|index| part(whole, bursts, index)).sum::<u64>();
        writer.push(LineKind::Work, rest(work), true);
        // A serverless worker waits once more at the end.
        writer.push(LineKind::Idle, rest(looking_between) + looking - looking_between, true);
        if policy != Policy::Keep {
            writer.push(LineKind::Rounding, tariff.rounding_of(&first), true);
        }
    }
    let sessions = plan.sessions_count().max(1);
    let then_mean_seconds = match policy {
        Policy::Serverless => None,
        Policy::Keep => {
            let looking: u64 = plan.sessions.iter().map(|session| session.count * session.looking_seconds).sum();
            Some(first.idle_seconds.saturating_sub(looking) / sessions)
        }
        _ => Some(plan.horizon_seconds.saturating_sub(existing / machines.max(1)) / sessions),
    };
    let sums = writer.sums();
    TimelineView { phases: writer.phases, sums, seconds: writer.at, bursts, bursts_apart: apart, then_mean_seconds }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_to_the_whole() {
        for (whole, parts) in [(0, 3), (10, 3), (u64::MAX, 7), (5, 10)] {
            assert_eq!((0..parts).map(|index| part(whole, parts, index)).sum::<u64>(), whole);
        }
    }
}
