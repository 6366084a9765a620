//! What is cheapest now: the least USD per GPU-hour, one row per GPU (or provider, region, market).
//!
//! Two figures. *Floor* is anything that passes what was asked, in whatever market where none was asked for. *Rentable*
//! passes the defaults too, which the answer names; a row says how many cheaper offers each default hid. A row exists
//! only where the question's own market has an offer: another market's price is never put in its place (defect D31).
//! The price is the minimum, never a bucket's median (defect D17): median and counts stand beside it, and take a
//! machine once.

use std::cell::RefCell;
use std::ops::Range;

use chrono::{DateTime, Utc};
use gpurate_domain::{MarketKind, OfferId, PriceKind, UsdPerGpuHour};
use serde::Serialize;
use utoipa::ToSchema;

use super::coverage::{Tally, coverage};
use super::filters::{By, Filters};
use super::scan::{self, Plan, Planes, Scope};
use super::view::{Billing, Display, OfferView, Viewer, Word, billing};
use super::{Answer, floor_as_of, rates_used};
use crate::catalogue;
use crate::market::{Freshness, Group, Market};
use crate::said::{self, Message, Table, say};
use crate::words::nearest;

/// Advice about an empty answer looks at no more than so many times 64 offers.
const ADVICE_BUDGET: usize = 2_000;

/// The cheapest offer of a GPU (or provider, region, market).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CheapestRow {
    /// The cheapest rentable offer; where `rentable` is false the cheapest of the question's market.
    #[serde(flatten)]
    pub offer: OfferView,
    /// Whether it passes the defaults.
    pub rentable: bool,
    /// Offers it was compared with, itself included: those that are rentable, or all where none is.
    pub offers: u32,
    /// Their machines.
    pub machines: u32,
    /// Their providers.
    pub providers: u32,
    /// Their median, each machine once at its cheapest.
    #[schema(value_type = String)]
    pub median_usd_per_gpu_hour: UsdPerGpuHour,
    /// The same in the currency and with the tax that were asked for; what a whole offer costs is null.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median_display_price: Option<Display>,
    /// The cheapest of anything that passes what was asked.
    pub floor: Floor,
    /// Offers cheaper than this one (or all, where none is rentable) that each default hid.
    pub hidden: Hidden,
    /// How time is billed; null where it is not known.
    pub billing: Option<Billing>,
}

/// The cheapest of anything that passes what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Floor {
    /// Its price.
    #[schema(value_type = String)]
    pub usd_per_gpu_hour: UsdPerGpuHour,
    /// `fixed`, `market`, `bid_floor` or `from` (a lower bound).
    #[schema(value_type = String)]
    pub price_kind: PriceKind,
    /// Its id.
    #[schema(value_type = String)]
    pub id: OfferId,
    /// Who sells it.
    #[schema(value_type = String)]
    pub provider: Word,
    /// In which market.
    #[schema(value_type = String)]
    pub market: MarketKind,
    /// In the currency and with the tax that were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_price: Option<Display>,
    /// Its age.
    pub age_seconds: i64,
    /// The word for it.
    pub freshness: Freshness,
}

/// How many offers each default hid. One that two defaults hide counts for both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Hidden {
    /// Sold as spot.
    pub spot: u32,
    /// Sold by use of an endpoint.
    pub serverless: u32,
    /// More than one GPU.
    pub multi_gpu: u32,
    /// Part of a card.
    pub slice: u32,
    /// Host not verified.
    pub unverified: u32,
    /// Score below the default.
    pub low_reliability: u32,
    /// Retired series.
    pub retired: u32,
    /// Cannot be compared: no exchange rate, or the number of GPUs is not known.
    pub no_rate: u32,
}

/// What holds because the question did not say otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Assumption {
    /// The parameter that replaces it.
    pub parameter: &'static str,
    /// Its value.
    pub value: &'static str,
    /// In words.
    pub meaning: &'static str,
}

/// One row before it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Summary {
    /// Position of the row's offer in the index.
    pub best: usize,
    pub rentable: bool,
    pub offers: u32,
    pub machines: u32,
    pub providers: u32,
    pub median_nanos: i64,
    pub floor: usize,
    pub hidden: Hidden,
}

/// Reused between questions of one thread, so that a question allocates nothing per offer.
#[derive(Default)]
struct Scratch {
    planes: Planes,
    providers: Stamps,
    /// Of the offers a row is compared with, the cheapest of each machine.
    distinct: Vec<u64>,
}

/// A set that is emptied by counting on.
#[derive(Default)]
struct Stamps {
    marks: Vec<u32>,
    mark: u32,
}

impl Stamps {
    fn empty(&mut self, len: usize) {
        if self.mark == u32::MAX {
            self.marks.fill(0);
            self.mark = 0;
        }
        self.mark += 1;
        self.marks.resize(len, 0);
    }

    /// Whether `item` was not in the set.
    fn insert(&mut self, item: u32) -> bool {
        std::mem::replace(&mut self.marks[item as usize], self.mark) != self.mark
    }
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// The cheapest offers by the question, rentable ones first, cheapest first. `as_of` is floored to ten seconds.
///
/// A tier or region that no offer has leaves nothing, and the advice names the nearest that some offer has.
pub fn cheapest(market: &Market, filters: &Filters, as_of: DateTime<Utc>) -> Answer<CheapestRow> {
    let as_of = floor_as_of(as_of);
    let plan = Plan::new(market, filters, as_of, Scope::Cheapest);
    let mut tally = Tally::new(&plan);
    let (mut rows, mut last) = SCRATCH.with_borrow_mut(|scratch| {
        plan.scan(&mut scratch.planes);
        let rows = match filters.by {
            By::Gpu => by_group(&plan, scratch, &mut tally).into_iter().map(|(_, summary)| summary).collect(),
            by => by_key(&plan, scratch, &mut tally, by),
        };
        let last = if rows.is_empty() { last_known(&plan, scratch) } else { Vec::new() };
        (rows, last.into_iter().map(|(_, summary)| summary).collect::<Vec<_>>())
    });
    let prices = &market.index.columns.usd_nanos_per_gpu_hour;
    let order = |row: &Summary| (!row.rentable, prices[row.best], row.best);
    rows.sort_by_key(order);
    last.sort_by_key(order);
    let limit = filters.limit.unwrap_or(usize::MAX);
    let view = |summary: &Summary| row(&plan, summary);
    let mut answer = Answer::new(market, as_of, coverage(&plan, &tally), rows.iter().take(limit).filter_map(view).collect());
    answer.last_known = last.iter().take(limit).filter_map(view).collect();
    answer.rates = rates_used(market, filters);
    answer.defaults = assumptions(filters);
    answer.unknown_gpu_offers_left_out = Some(plan.unknown_gpu_offers());
    if rows.is_empty() {
        let (text, said) = advice(&plan, !last.is_empty()).apart();
        (answer.advice, answer.advice_said) = (Some(text), Some(said));
    }
    answer
}

/// What holds unless the question says otherwise.
fn assumptions(filters: &Filters) -> Vec<Assumption> {
    let slice_asked = filters.gpu_count.is_some_and(gpurate_domain::GpuCount::is_slice);
    let market = (filters.market.is_empty() && filters.by != By::Market, "market", "on_demand", "kept until one gives it back");
    let all = [
        market,
        (filters.availability.is_none(), "availability", "not_out", "not said to be out of stock"),
        (filters.gpu_count.is_none(), "gpu_count", "1", "one whole GPU can be rented"),
        (filters.slices.is_none() && !slice_asked, "slices", "exclude", "no part of a card"),
        (filters.unverified.is_none(), "unverified", "exclude", "no host that its marketplace has not verified"),
        (filters.retired.is_none(), "retired", "exclude", "no retired series"),
        (filters.reliability_min_ppm.is_none(), "reliability_min", "0.95", "a score of at least 0.95, or none given"),
    ];
    let holding = all.into_iter().filter(|(holds, ..)| *holds);
    holding.map(|(_, parameter, value, meaning)| Assumption { parameter, value, meaning }).collect()
}

/// Of which offers a summary is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    /// What is on sale now.
    Now,
    /// What was, and is stale or missing.
    Last,
}

impl Of {
    /// Anything, the question's own, and of them those that pass the defaults.
    fn planes(self, planes: &Planes) -> [&Vec<u64>; 3] {
        match self {
            Self::Now => [&planes.floor, &planes.question, &planes.usual],
            Self::Last => [&planes.last, &planes.last, &planes.last_usual],
        }
    }
}

/// One summary per group that has any, on the plan's scanned planes.
fn by_group(plan: &Plan<'_>, scratch: &mut Scratch, tally: &mut Tally) -> Vec<(usize, Summary)> {
    let mut rows = Vec::with_capacity(plan.groups.len());
    for number in &plan.groups {
        let group = &plan.index.groups[*number];
        let range = group.range.start..plan.priced_end(group);
        scan::each(&scratch.planes.last, &range, |position| tally.note_last(plan, position));
        rows.extend(summary(plan, scratch, Of::Now, group, |provider| tally.offers[provider] += 1).map(|summary| (*number, summary)));
    }
    rows
}

/// What a group has, if any; every offer that its price is compared with is counted for its provider.
fn summary(plan: &Plan<'_>, scratch: &mut Scratch, of: Of, group: &Group, count: impl FnMut(usize)) -> Option<Summary> {
    let range = group.range.start..plan.priced_end(group);
    let [floor_plane, question, usual] = of.planes(&scratch.planes);
    let usual = scan::first(usual, &range);
    let best = usual.or_else(|| scan::first(question, &range))?;
    let floor = scan::first(floor_plane, &range).unwrap_or(best);
    let no_rate = if of == Of::Now { unpriced(plan, &scratch.planes, group) } else { 0 };
    let mut hidden = Hidden { no_rate, ..Hidden::default() };
    let before = range.start..usual.unwrap_or(range.end);
    // Nothing before the best passes the defaults: all of the floor there is hidden.
    scan::each(floor_plane, &before, |position| plan.count_hidden(position, &mut hidden));
    let mut summary = Summary { best, rentable: usual.is_some(), offers: 0, machines: 0, providers: 0, median_nanos: 0, floor, hidden };
    population(plan, scratch, of, &range, &mut summary, count);
    Some(summary)
}

/// Counts the offers a row's price is compared with. They come cheapest first, so an offer counts for its machine where
/// no cheaper one of the machine is among them, and the median is the middle bit of those that do.
fn population(plan: &Plan<'_>, scratch: &mut Scratch, of: Of, range: &Range<usize>, summary: &mut Summary, mut count: impl FnMut(usize)) {
    let columns = &plan.index.columns;
    let Scratch { planes, providers, distinct } = scratch;
    providers.empty(plan.market.providers.len());
    distinct.clear();
    let [_, question, usual] = of.planes(planes);
    let plane = if summary.rentable { usual } else { question };
    for (word, mut bits) in scan::words(plane, range) {
        summary.offers += bits.count_ones();
        let mut firsts = 0;
        while bits != 0 {
            let bit = bits.trailing_zeros();
            bits &= bits - 1;
            let position = word * 64 + bit as usize;
            let provider = columns.provider[position];
            count(provider as usize);
            summary.providers += u32::from(providers.insert(provider));
            let mut before = columns.machine_before[position];
            while before != u32::MAX && !is_set(plane, before as usize) {
                before = columns.machine_before[before as usize];
            }
            firsts |= u64::from(before == u32::MAX) << bit;
        }
        distinct.push(firsts);
    }
    summary.machines = distinct.iter().map(|bits| bits.count_ones()).sum();
    let start = range.start / 64 * 64;
    let price = |number: u32| scan::nth(distinct, number).map_or(0, |bit| columns.usd_nanos_per_gpu_hour[start + bit]);
    let middle = summary.machines / 2;
    summary.median_nanos = if summary.machines % 2 == 1 { price(middle) } else { midpoint(price(middle.saturating_sub(1)), price(middle)) };
}

/// Half way between two prices, rounded half up.
fn midpoint(low: i64, high: i64) -> i64 {
    low + (high - low + 1) / 2
}

fn unpriced(plan: &Plan<'_>, planes: &Planes, group: &Group) -> u32 {
    let prices = &plan.index.columns.usd_nanos_per_gpu_hour[group.range.clone()];
    if prices.last() != Some(&i64::MAX) {
        return 0;
    }
    let from = group.range.start + prices.partition_point(|price| *price != i64::MAX);
    scan::count(&planes.question, &(from..group.range.end))
}

/// One row per provider, region or market, over all chosen groups.
fn by_key(plan: &Plan<'_>, scratch: &mut Scratch, tally: &mut Tally, by: By) -> Vec<Summary> {
    let keys = Keys::new(plan, by);
    let columns = &plan.index.columns;
    let prices = &columns.usd_nanos_per_gpu_hour;
    let mut rows: Vec<KeyRow> = vec![KeyRow::default(); keys.count];
    let ranges: Vec<Range<usize>> =
        plan.groups.iter().map(|group| &plan.index.groups[*group]).map(|group| group.range.start..plan.priced_end(group)).collect();
    let planes = &scratch.planes;
    for (range, number) in ranges.iter().zip(&plan.groups) {
        scan::each(&planes.last, range, |position| tally.note_last(plan, position));
        scan::each(&planes.floor, range, |position| rows[keys.of(plan, position)].floor.take(position, prices));
        scan::each(&planes.question, range, |position| rows[keys.of(plan, position)].question.take(position, prices));
        scan::each(&planes.usual, range, |position| rows[keys.of(plan, position)].usual.take(position, prices));
        let group = &plan.index.groups[*number];
        if prices[group.range.clone()].last() == Some(&i64::MAX) {
            let from = group.range.start + prices[group.range.clone()].partition_point(|price| *price != i64::MAX);
            scan::each(&planes.question, &(from..group.range.end), |position| rows[keys.of(plan, position)].hidden.no_rate += 1);
        }
    }
    let mut cheapest_of_machine: Vec<i64> = vec![i64::MAX; plan.index.machines * keys.per_machine];
    let mut machines: Vec<(usize, usize)> = Vec::new();
    for range in &ranges {
        scan::each(&planes.floor, range, |position| {
            let row = &mut rows[keys.of(plan, position)];
            if row.usual.0.is_none_or(|best| (prices[position], position) < (prices[best], best)) {
                plan.count_hidden(position, &mut row.hidden);
            }
        });
        scan::each(&planes.question, range, |position| {
            let key = keys.of(plan, position);
            if rows[key].usual.0.is_some() && !is_set(&planes.usual, position) {
                return;
            }
            rows[key].offers += 1;
            tally.offers[columns.provider[position] as usize] += 1;
            let slot = columns.machine[position] as usize * keys.per_machine + if keys.per_machine > 1 { key } else { 0 };
            if cheapest_of_machine[slot] == i64::MAX {
                machines.push((key, slot));
            }
            cheapest_of_machine[slot] = cheapest_of_machine[slot].min(prices[position]);
        });
    }
    let mut prices_of: Vec<Vec<i64>> = vec![Vec::new(); keys.count];
    machines.iter().for_each(|(key, slot)| prices_of[*key].push(cheapest_of_machine[*slot]));
    let providers = keys.providers(plan, &scratch.planes, &ranges, &rows);
    let summaries = rows.iter().zip(&mut prices_of).zip(providers);
    summaries.filter_map(|((row, prices), providers)| row.summary(prices, providers)).collect()
}

fn is_set(plane: &[u64], position: usize) -> bool {
    plane[position / 64] >> (position % 64) & 1 == 1
}

/// The cheapest position seen, the first of equals.
#[derive(Clone, Copy, Debug, Default)]
struct Least(Option<usize>);

impl Least {
    fn take(&mut self, position: usize, prices: &[i64]) {
        // Positions come ascending: of equal prices the first stays.
        if self.0.is_none_or(|known| prices[position] < prices[known]) {
            self.0 = Some(position);
        }
    }
}

#[derive(Clone, Debug, Default)]
struct KeyRow {
    floor: Least,
    question: Least,
    usual: Least,
    offers: u32,
    hidden: Hidden,
}

impl KeyRow {
    fn summary(&self, prices: &mut [i64], providers: u32) -> Option<Summary> {
        let best = self.usual.0.or(self.question.0)?;
        Some(Summary {
            best,
            rentable: self.usual.0.is_some(),
            offers: self.offers,
            machines: u32::try_from(prices.len()).unwrap_or(u32::MAX),
            providers,
            median_nanos: median(prices),
            floor: self.floor.0.unwrap_or(best),
            hidden: self.hidden,
        })
    }
}

fn median(prices: &mut [i64]) -> i64 {
    if prices.is_empty() {
        return 0;
    }
    let middle = prices.len() / 2;
    let odd = prices.len() % 2 == 1;
    let (below, upper, _) = prices.select_nth_unstable(middle);
    if odd { *upper } else { midpoint(below.iter().copied().max().unwrap_or(*upper), *upper) }
}

/// What rows are of, where they are not of GPUs.
struct Keys {
    of_cell: Vec<usize>,
    count: usize,
    /// A machine is in one row, except where rows are markets.
    per_machine: usize,
    by: By,
}

impl Keys {
    fn new(plan: &Plan<'_>, by: By) -> Self {
        let mut numbers = std::collections::HashMap::new();
        let number = |cell: &crate::market::Cell| {
            let key = match by {
                By::Region => (cell.provider, cell.region),
                By::Market => return MarketKind::ALL.iter().position(|kind| *kind == cell.market).unwrap_or(0),
                By::Provider | By::Gpu => (cell.provider, 0),
            };
            let next = numbers.len();
            *numbers.entry(key).or_insert(next)
        };
        let of_cell: Vec<usize> = plan.index.cells.iter().map(number).collect();
        let count = of_cell.iter().max().map_or(0, |last| last + 1);
        let per_machine = if by == By::Market { MarketKind::ALL.len() } else { 1 };
        Self { of_cell, count, per_machine, by }
    }

    fn of(&self, plan: &Plan<'_>, position: usize) -> usize {
        self.of_cell[plan.index.columns.cell[position] as usize]
    }

    /// How many providers each row has: one, except where rows are markets.
    fn providers(&self, plan: &Plan<'_>, planes: &Planes, ranges: &[Range<usize>], rows: &[KeyRow]) -> Vec<u32> {
        if self.by != By::Market {
            return vec![1; self.count];
        }
        let mut seen = vec![vec![false; plan.market.providers.len()]; self.count];
        for range in ranges {
            scan::each(&planes.question, range, |position| {
                let key = self.of(plan, position);
                let counted = rows[key].usual.0.is_none() || is_set(&planes.usual, position);
                seen[key][plan.index.columns.provider[position] as usize] |= counted;
            });
        }
        seen.iter().map(|providers| u32::try_from(providers.iter().filter(|seen| **seen).count()).unwrap_or(u32::MAX)).collect()
    }
}

/// The last prices of each group.
fn last_known(plan: &Plan<'_>, scratch: &mut Scratch) -> Vec<(usize, Summary)> {
    let groups = plan.groups.iter().map(|number| (*number, &plan.index.groups[*number]));
    groups.filter_map(|(number, group)| Some((number, summary(plan, scratch, Of::Last, group, |_| ())?))).collect()
}

fn row(plan: &Plan<'_>, summary: &Summary) -> Option<CheapestRow> {
    let viewer = Viewer { market: plan.market, filters: plan.filters, as_of: plan.as_of };
    let group = plan.index.group_at(summary.best)?;
    let floor = &plan.index.entries[summary.floor];
    let offer = viewer.offer(summary.best, group);
    let entry = &plan.index.entries[summary.best].offer;
    Some(CheapestRow {
        billing: billing(&catalogue::billing_rule(&entry.key, entry.country, Some(plan.as_of.date_naive()))),
        offer,
        rentable: summary.rentable,
        offers: summary.offers,
        machines: summary.machines,
        providers: summary.providers,
        median_usd_per_gpu_hour: UsdPerGpuHour { nanos: summary.median_nanos },
        median_display_price: viewer.display_usd(summary.median_nanos),
        floor: Floor {
            usd_per_gpu_hour: floor.usd_per_gpu_hour?,
            price_kind: floor.offer.price.kind,
            id: floor.id,
            provider: Word(floor.offer.key.provider.clone()),
            market: floor.offer.key.market,
            display_price: viewer.display(floor),
            age_seconds: plan.market.age_seconds(floor, plan.as_of),
            freshness: plan.market.freshness(floor, plan.as_of),
        },
        hidden: summary.hidden,
    })
}

/// What to do about an answer without rows, in English.
pub const MESSAGES: Table = &[
    ("empty-nothing-collected", "nothing has been collected yet: run `gpurate collect`, or see `/api/v1/providers` for what failed"),
    (
        "empty-stale",
        "what passes is stale or missing from its newest answer; `last_known` has the last prices with their ages: run `gpurate collect`, or see `/api/v1/providers` for what failed",
    ),
    ("empty-no-tier", "no offer has the tier `{name}`"),
    ("empty-no-tier-near", "no offer has the tier `{name}`; did you mean `{near}`?"),
    ("empty-no-region", "no offer has the region `{name}`"),
    ("empty-no-region-near", "no offer has the region `{name}`; did you mean `{near}`?"),
    ("empty-market", "no offer of this market passes; another `market` has some: ask for it by name"),
    ("empty-availability", "what passes is out of stock; `availability=any` shows it"),
    ("empty-without", "the filters leave nothing; without `{name}` something is left"),
    ("empty-loosen", "the filters leave nothing; loosen `{names}`"),
];

/// What to do about an answer without rows.
fn advice(plan: &Plan<'_>, has_last: bool) -> Message {
    if plan.index.entries.is_empty() {
        return say("empty-nothing-collected", Vec::new());
    }
    if has_last {
        return say("empty-stale", Vec::new());
    }
    let lists =
        [(&plan.filters.tier, "empty-no-tier", "empty-no-tier-near"), (&plan.filters.region, "empty-no-region", "empty-no-region-near")];
    let misspelt = lists.into_iter().find_map(|(typed, far, near)| {
        let word = typed.iter().find(|word| plan.index.word(word).is_none())?;
        let name = said::name("name", word);
        Some(match nearest(word, plan.index.words.iter().map(|word| &**word)) {
            Some(known) => say(near, vec![name, said::name("near", known)]),
            None => say(far, vec![name]),
        })
    });
    if let Some(message) = misspelt {
        return message;
    }
    // First the two defaults that can empty an answer; last the GPU, which is what one came for.
    let mut tried = vec!["market", "availability"];
    tried.extend(plan.filters.narrowing().into_iter().filter(|name| !matches!(*name, "market" | "availability" | "gpu")));
    tried.extend((!plan.filters.gpu.is_empty()).then_some("gpu"));
    let mut budget = ADVICE_BUDGET;
    let loosens = |name: &&str| {
        if budget < plan.index.cells.len() / 32 {
            return false;
        }
        let looser = plan.filters.without(name);
        Plan::new(plan.market, &looser, plan.as_of, Scope::Cheapest).any(&mut budget) == Some(true)
    };
    match tried.iter().copied().find(loosens) {
        Some("market") => say("empty-market", Vec::new()),
        Some("availability") => say("empty-availability", Vec::new()),
        Some(name) => say("empty-without", vec![said::name("name", name)]),
        None => say("empty-loosen", vec![said::name("names", tried.join("`, `"))]),
    }
}

/// What every group has, for other views: by the number of the group.
pub(super) struct Summaries {
    /// What is on sale now.
    pub now: Vec<(usize, Summary)>,
    /// The last prices of groups that have nothing now.
    pub last: Vec<(usize, Summary)>,
    pub coverage: super::Coverage,
}

pub(super) fn summaries(market: &Market, filters: &Filters, as_of: DateTime<Utc>) -> Summaries {
    let plan = Plan::new(market, filters, as_of, Scope::Cheapest);
    let mut tally = Tally::new(&plan);
    let (now, mut last) = SCRATCH.with_borrow_mut(|scratch| {
        plan.scan(&mut scratch.planes);
        (by_group(&plan, scratch, &mut tally), last_known(&plan, scratch))
    });
    last.retain(|(group, _)| now.binary_search_by_key(group, |(group, _)| *group).is_err());
    Summaries { now, last, coverage: coverage(&plan, &tally) }
}
