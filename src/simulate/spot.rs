//! Offers that can be taken away: their bill is the bill without evictions and what evictions add on average, by the
//! closed form; rows that are shown have the seeded runs beside it. Other offers pass through unchanged.

use std::num::NonZeroU32;

use gpurate_domain::MarketKind;
use gpurate_domain::Nanos;
use gpurate_domain::bill::{Ledger, Line, LineKind, Quantity, Runs, Tariff, Unknowns};
use gpurate_domain::billing::OnEviction;
use gpurate_domain::spot::{self, Arrivals, Expected, Job};

use super::evaluate::{Case, End, Outcome, Scratch};
use super::plan::{Policy, Resolved};
use super::view::SpotView;

/// Runs are cut short of the plan's number where they would take long: from so many evictions of a plan on.
const MANY_EVICTIONS_MILLI: u64 = 200_000;
/// A plan that is taken away more often than that gets nowhere: there is nothing to learn from running it.
const HOPELESS_EVICTIONS_MILLI: u64 = 5_000_000;

/// What an eviction does by the rule: the renter's default. Where nobody says it, the machine is gone.
fn on_eviction(case: &Case<'_>) -> (OnEviction, bool) {
    let said = case.rule.spot.on_eviction.as_ref().and_then(|fact| fact.value.first().copied());
    (said.unwrap_or(OnEviction::Delete), said.is_some())
}

/// A spot machine that is kept running is taken away some day: only a plan that asks for it does that.
fn allows(case: &Case<'_>, plan: &Resolved, policy: Policy) -> bool {
    case.market != MarketKind::Spot || policy != Policy::Keep || plan.policy == Some(Policy::Keep)
}

/// Hands the job of a policy to `then`: equal sessions, one per machine; sessions of a trace of use are averaged.
fn with_job<T>(
    case: &Case<'_>,
    plan: &Resolved,
    tariff: &Tariff,
    (policy, machines, end): (Policy, u64, End),
    scratch: &mut Scratch,
    then: impl FnOnce(&Job<'_>) -> T,
) -> T {
    let overheads = case.overheads(plan);
    let (eviction, _) = on_eviction(case);
    let keeps_disk = matches!(eviction, OnEviction::Stop | OnEviction::Pause | OnEviction::Hibernate);
    let checkpoint = plan.checkpoint_seconds.unwrap_or_else(|| case.image_seconds(end));
    case.with_usage(plan, tariff, (policy, machines, end), scratch, |usage| {
        let starts: u64 = usage.runs.iter().map(|runs| runs.count).sum::<u64>().max(1);
        let sum = |field: fn(&Runs) -> u64| usage.runs.iter().map(|runs| runs.count * field(runs)).sum::<u64>();
        let average = |field: fn(&Runs) -> u64| sum(field) / starts;
        let first = Runs {
            count: 1,
            boot_seconds: average(|runs| runs.boot_seconds),
            image_pull_seconds: average(|runs| runs.image_pull_seconds),
            download_seconds: average(|runs| runs.download_seconds),
            set_up_seconds: average(|runs| runs.set_up_seconds),
            ..Runs::default()
        };
        let fetched = match policy {
            Policy::NetworkVolume | Policy::Serverless => 0,
            Policy::Delete => overheads.weights,
            Policy::Keep | Policy::Stop => overheads.models,
        };
        let again = Runs {
            count: 1,
            boot_seconds: overheads.boot,
            set_up_seconds: overheads.set_up,
            image_pull_seconds: if keeps_disk { 0 } else { overheads.pull },
            download_seconds: if keeps_disk { 0 } else { fetched },
            ..Runs::default()
        };
        then(&Job {
            sessions: u32::try_from(starts).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN),
            work_seconds: average(|runs| runs.work_seconds),
            idle_seconds: average(|runs| runs.idle_seconds),
            checkpoint_seconds: checkpoint,
            first,
            again,
            on_eviction: eviction,
            capacity_wait_seconds: plan.capacity_wait_seconds,
            window_seconds: plan.window_seconds,
            give_up_seconds: plan.horizon_seconds,
            base: *usage,
        })
    })
}

/// What evictions come to on average; `None` for an offer that cannot be taken away.
fn expected(case: &Case<'_>, plan: &Resolved, tariff: &Tariff, how: (Policy, u64, End), scratch: &mut Scratch) -> Option<(Expected, i64)> {
    if case.market != MarketKind::Spot {
        return None;
    }
    let (with, without) = with_job(case, plan, tariff, how, scratch, |job| {
        (spot::closed_form(job, tariff, plan.evictions_per_hour_ppm), spot::closed_form(job, tariff, 0))
    });
    // Averages over unequal sessions are rounded: what evictions add is put on the plan's own bill.
    let added = with.cost_nanos.saturating_sub(without.cost_nanos).max(0);
    Some((with, added))
}

/// The cheapest policy by its dear end, then by its cheap one, evictions counted; `None` where the plan's policy is not possible here.
pub(super) fn best(case: &Case<'_>, plan: &Resolved, tariffs: &(Tariff, Tariff, Unknowns), scratch: &mut Scratch) -> Option<Outcome> {
    let (low, high, _) = tariffs;
    let overheads = case.overheads(plan);
    let policies = case.policies(plan, high).filter(|policy| allows(case, plan, *policy));
    let dear = policies.map(|policy| {
        let (machines, in_time) = case.machines(plan, &overheads, policy);
        ((!in_time, total(case, plan, high, (policy, machines, End::High), scratch)), policy)
    });
    let mut dear: Vec<_> = dear.collect();
    let least = dear.iter().map(|(place, _)| *place).min()?;
    dear.retain(|(place, _)| *place == least);
    // Of policies that cost the same at most, the one that may cost least.
    let policy = match dear.as_slice() {
        [(_, policy)] => *policy,
        tied => {
            tied.iter().map(|(_, policy)| *policy).min_by_key(|policy| (both_ends(case, plan, tariffs, *policy, scratch).0, *policy))?
        }
    };
    let outcome = case.outcome(plan, tariffs, policy, ends(case, plan, tariffs, policy, scratch));
    if case.market != MarketKind::Spot {
        return Some(outcome);
    }
    let waited = |tariff: &Tariff, end: End, scratch: &mut Scratch| {
        let looking: u64 = plan.sessions.iter().map(|session| session.count * session.looking_seconds).sum();
        let finish =
            expected(case, plan, tariff, (policy, outcome.machines, end), scratch).map_or(0, |(expected, _)| expected.finish_seconds);
        (finish / outcome.machines.max(1)).saturating_sub(looking)
    };
    Some(Outcome { waited_low_seconds: waited(low, End::Low, scratch), waited_high_seconds: waited(high, End::High, scratch), ..outcome })
}

/// The cheap and the dear end of one policy, and at which speed of the card they are.
fn ends(
    case: &Case<'_>,
    plan: &Resolved,
    tariffs: &(Tariff, Tariff, Unknowns),
    policy: Policy,
    scratch: &mut Scratch,
) -> ((i64, End), (i64, End)) {
    let (machines, _) = case.machines(plan, &case.overheads(plan), policy);
    case.ends(tariffs, policy, machines, |tariff, how| total(case, plan, tariff, how, scratch))
}

/// Both ends of one policy.
pub(super) fn both_ends(
    case: &Case<'_>,
    plan: &Resolved,
    tariffs: &(Tariff, Tariff, Unknowns),
    policy: Policy,
    scratch: &mut Scratch,
) -> (i64, i64) {
    let ((low, _), (high, _)) = ends(case, plan, tariffs, policy, scratch);
    (low, high)
}

/// The total of one policy, discount, credit and tax included.
pub(super) fn total(case: &Case<'_>, plan: &Resolved, tariff: &Tariff, how: (Policy, u64, End), scratch: &mut Scratch) -> i64 {
    let sum = case.sum(plan, tariff, how, scratch);
    let added = expected(case, plan, tariff, how, scratch).map_or(0, |(_, added)| added);
    plan.adjusted(sum.saturating_add(added)).total
}

/// The bill's lines, with what evictions add as one of them.
pub(super) fn bill<L: Ledger>(
    case: &Case<'_>,
    plan: &Resolved,
    tariff: &Tariff,
    how: (Policy, u64, End),
    scratch: &mut Scratch,
    ledger: &mut L,
) {
    case.bill(plan, tariff, how, scratch, ledger);
    if let Some((expected, added)) = expected(case, plan, tariff, how, scratch)
        && added > 0
    {
        let milli = expected.evictions_milli.max(1);
        let each = i64::try_from(i128::from(added) * 1000 / i128::from(milli)).unwrap_or(i64::MAX);
        ledger.line(Line { kind: LineKind::Lost, quantity: Quantity::Evictions { milli }, unit_price_nanos: each, amount_nanos: added });
    }
}

/// The seeded runs of a row that is shown.
pub(super) fn view(case: &Case<'_>, plan: &Resolved, tariff: &Tariff, how: (Policy, u64, End)) -> Option<SpotView> {
    let mut scratch = Scratch::default();
    let (mean, _) = expected(case, plan, tariff, how, &mut scratch)?;
    let (eviction, said) = on_eviction(case);
    let does = match eviction {
        OnEviction::Stop => "it is stopped, its disk is kept and billed",
        OnEviction::Pause => "it is paused until the bid leads again, its disk is kept and billed",
        OnEviction::Hibernate => "it is hibernated, its disk is kept and billed",
        OnEviction::Delete => "it is deleted",
        OnEviction::Wipe => "it goes on elsewhere with an empty disk",
    };
    let runs = match mean.evictions_milli {
        0..MANY_EVICTIONS_MILLI => plan.runs,
        MANY_EVICTIONS_MILLI..HOPELESS_EVICTIONS_MILLI => plan.runs.min(20),
        _ => 0,
    };
    let outcome = NonZeroU32::new(runs).map(|runs| {
        with_job(case, plan, tariff, how, &mut scratch, |job| {
            let hazard = Arrivals::Hazard { per_hour_ppm: plan.evictions_per_hour_ppm };
            let arrivals = plan.eviction_trace.as_deref().map_or(hazard, Arrivals::Trace);
            spot::simulate(job, tariff, arrivals, plan.seed, runs)
        })
    });
    let money = |nanos: i64| Nanos(plan.adjusted(nanos).total);
    let thousandths = |milli: u64| Nanos(i64::try_from(milli.saturating_mul(1_000_000)).unwrap_or(i64::MAX));
    let cost = outcome.map(|outcome| outcome.cost_nanos);
    let finish = outcome.map(|outcome| outcome.finish_seconds);
    Some(SpotView {
        evictions_per_hour: plan
            .eviction_trace
            .is_none()
            .then(|| Nanos(i64::try_from(plan.evictions_per_hour_ppm.saturating_mul(1000)).unwrap_or(i64::MAX))),
        on_eviction: if said { does.to_owned() } else { format!("{does} (assumed: the provider's rule does not say)") },
        runs,
        cost_mean_usd: cost.map_or(money(mean.cost_nanos), |cost| money(cost.mean)),
        cost_p50_usd: cost.map(|cost| money(cost.p50)),
        cost_p90_usd: cost.map(|cost| money(cost.p90)),
        cost_p95_usd: cost.map(|cost| money(cost.p95)),
        finish_mean_seconds: finish.map_or(mean.finish_seconds, |finish| finish.mean),
        finish_p50_seconds: finish.map(|finish| finish.p50),
        finish_p90_seconds: finish.map(|finish| finish.p90),
        finish_p95_seconds: finish.map(|finish| finish.p95),
        evictions_mean: thousandths(outcome.map_or(mean.evictions_milli, |outcome| outcome.evictions_mean_milli)),
        in_time: outcome.and_then(|outcome| outcome.in_time_ppm).map(|ppm| Nanos(i64::from(ppm) * 1000)),
        unfinished: outcome.map_or(0, |outcome| outcome.unfinished),
    })
}
