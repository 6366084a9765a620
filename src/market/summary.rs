//! What a GPU costs in a market at one time: the rows of `gpu_price`, which charts and long exports read. Pure.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use gpurate_domain::MarketKind;

use super::{Flags, Freshness, Group, Market};

/// What a summary is about. An empty tier or provider means all of them together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// Slug of the group.
    pub gpu: Arc<str>,
    /// How it is sold.
    pub market: MarketKind,
    /// One tier, or all.
    pub tier: Arc<str>,
    /// More than one GPU at once.
    pub several: bool,
    /// One provider, or all.
    pub provider: Arc<str>,
}

/// Nano-dollars per GPU-hour over the offers that can be had and are not stale. No price: none is left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Lowest, lower quartile, median, highest; each machine counts once, with its cheapest offer.
    pub prices: Option<[i64; 4]>,
    /// Offers counted.
    pub offers: u32,
    /// Machines counted.
    pub machines: u32,
    /// Providers that were left out because their prices are stale: a rise with one of them is a gap, not a rise.
    pub providers_not_fresh: u32,
    /// Providers of the offers counted; `None` where a row was written before they were.
    pub providers: Option<u32>,
    /// The lowest of what is rentable by the usual defaults: not unverified, not unreliable, not retired.
    pub rentable: Option<i64>,
}

/// The summaries of some groups at `now`.
pub fn summarise<'a>(market: &Market, groups: impl Iterator<Item = &'a Group>, now: DateTime<Utc>) -> BTreeMap<Scope, Summary> {
    let mut all = BTreeMap::new();
    for group in groups.filter(|group| group.mapped) {
        let mut gathered: BTreeMap<Scope, Gathered> = BTreeMap::new();
        for position in group.range.clone() {
            gather(market, group, position, now, &mut gathered);
        }
        all.extend(gathered.into_iter().map(|(scope, gathered)| (scope, gathered.summary())));
    }
    all
}

#[derive(Default)]
struct Gathered {
    machines: HashMap<u32, i64>,
    offers: u32,
    providers: HashSet<u32>,
    rentable: Option<i64>,
    stale_providers: HashSet<u32>,
}

fn gather(market: &Market, group: &Group, position: usize, now: DateTime<Utc>, gathered: &mut BTreeMap<Scope, Gathered>) {
    let columns = &market.index.columns;
    let (flags, usd) = (columns.flags[position], columns.usd_nanos_per_gpu_hour[position]);
    if !flags.has(Flags::PRESENT | Flags::MAY_BE_HAD) || flags.has(Flags::SLICE) || usd == i64::MAX {
        return;
    }
    let entry = &market.index.entries[position];
    let stale = market.freshness(entry, now) == Freshness::Stale;
    let usual = ![Flags::UNVERIFIED, Flags::LOW_RELIABILITY, Flags::RETIRED].into_iter().any(|bit| flags.has(bit));
    let one = flags.has(Flags::ONE_GPU);
    let more = market.index.shapes[columns.shape[position] as usize].count_max > 1;
    let none: Arc<str> = "".into();
    for several in [false, true] {
        if (several && !more) || (!several && !one) {
            continue;
        }
        for (tier, provider) in [(none.clone(), none.clone()), (entry.offer.key.tier.clone(), entry.offer.key.provider.clone())] {
            let scope = Scope { gpu: group.slug.clone(), market: columns.market[position], tier, several, provider };
            let into = gathered.entry(scope).or_default();
            if stale {
                into.stale_providers.insert(columns.provider[position]);
                continue;
            }
            into.offers += 1;
            into.providers.insert(columns.provider[position]);
            if usual {
                into.rentable = Some(into.rentable.map_or(usd, |lowest| lowest.min(usd)));
            }
            let cheapest = into.machines.entry(columns.machine[position]).or_insert(usd);
            *cheapest = usd.min(*cheapest);
        }
    }
}

impl Gathered {
    fn summary(self) -> Summary {
        let mut prices: Vec<i64> = self.machines.into_values().collect();
        prices.sort_unstable();
        let at = |share: usize| prices[(prices.len() - 1) * share / 4];
        Summary {
            prices: (!prices.is_empty()).then(|| [at(0), at(1), at(2), at(4)]),
            offers: self.offers,
            machines: u32::try_from(prices.len()).unwrap_or(u32::MAX),
            providers_not_fresh: u32::try_from(self.stale_providers.len()).unwrap_or(u32::MAX),
            providers: Some(u32::try_from(self.providers.len()).unwrap_or(u32::MAX)),
            rentable: self.rentable,
        }
    }
}
