//! Offers that can be taken away.

use gpurate_domain::bill::{Ledger, Tariff, Unknowns};

use super::evaluate::{Case, End, Outcome, Scratch};
use super::plan::{Policy, Resolved};
use super::view::SpotView;

pub(super) fn best(case: &Case<'_>, plan: &Resolved, tariffs: &(Tariff, Tariff, Unknowns), scratch: &mut Scratch) -> Option<Outcome> {
    case.best(plan, tariffs, scratch)
}

pub(super) fn both_ends(
    case: &Case<'_>,
    plan: &Resolved,
    tariffs: &(Tariff, Tariff, Unknowns),
    policy: Policy,
    scratch: &mut Scratch,
) -> (i64, i64) {
    case.both_ends(plan, tariffs, policy, scratch)
}

pub(super) fn total(case: &Case<'_>, plan: &Resolved, tariff: &Tariff, how: (Policy, u64, End), scratch: &mut Scratch) -> i64 {
    case.total_with(plan, tariff, how, scratch)
}

pub(super) fn bill<L: Ledger>(
    case: &Case<'_>,
    plan: &Resolved,
    tariff: &Tariff,
    how: (Policy, u64, End),
    scratch: &mut Scratch,
    ledger: &mut L,
) {
    case.bill(plan, tariff, how, scratch, ledger);
}

pub(super) fn view(_case: &Case<'_>, _plan: &Resolved, _tariff: &Tariff, _how: (Policy, u64, End)) -> Option<SpotView> {
    None
}
