//! The offers a question means, whole: for what computes with them instead of showing the cheapest.

use chrono::{DateTime, Utc};

use super::coverage::{Tally, coverage};
use super::filters::Filters;
use super::scan::{self, Plan, Planes, Scope};
use super::view::{OfferView, Viewer};
use super::{Coverage, floor_as_of};
use crate::market::Market;

/// Offers that can be had now and pass a question and the defaults of "rentable".
#[derive(Debug)]
pub struct Candidates {
    /// By group of [`crate::market::Index::groups`]: positions in the index, cheapest first.
    pub groups: Vec<(usize, Vec<usize>)>,
    /// What the answer covers.
    pub coverage: Coverage,
    /// The moment ages count to.
    pub as_of: DateTime<Utc>,
}

/// What can be had of what `filters` ask for; `as_of` is floored to ten seconds.
pub fn candidates(market: &Market, filters: &Filters, as_of: DateTime<Utc>) -> Candidates {
    let as_of = floor_as_of(as_of);
    let plan = Plan::new(market, filters, as_of, Scope::Cheapest);
    let mut planes = Planes::default();
    plan.scan(&mut planes);
    let mut tally = Tally::new(&plan);
    let mut groups = Vec::with_capacity(plan.groups.len());
    for number in &plan.groups {
        let group = &plan.index.groups[*number];
        let priced = group.range.start..plan.priced_end(group);
        let mut positions = Vec::new();
        scan::each(&planes.usual, &priced, |position| {
            tally.offers[plan.index.columns.provider[position] as usize] += 1;
            positions.push(position);
        });
        scan::each(&planes.last_usual, &group.range, |position| tally.note_last(&plan, position));
        if !positions.is_empty() {
            groups.push((*number, positions));
        }
    }
    let coverage = coverage(&plan, &tally);
    Candidates { groups, coverage, as_of }
}

/// One offer as every answer shows it.
pub fn offer_view(market: &Market, filters: &Filters, as_of: DateTime<Utc>, position: usize) -> Option<OfferView> {
    let group = market.index.group_at(position)?;
    Some(Viewer { market, filters, as_of }.offer(position, group))
}
