//! How often a machine of a marketplace that was free was free again some hours later, as counted from its listings: what
//! `stop` risks. Only counts: who reads them decides from how many on they mean something.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use gpurate_domain::MarketKind;

/// After so many hours one looks whether a machine is free again.
pub const HOURS: [u32; 4] = [1, 4, 24, 72];
/// Fewer observations say nothing.
pub const OBSERVATIONS_LEAST: u64 = 100;
/// Observations of fewer machines say something of these alone.
pub const MACHINES_LEAST: u64 = 5;

/// What is counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "as in an offer")]
pub struct ComeBackKey {
    pub gpu: Arc<str>,
    pub market: MarketKind,
    pub provider: Arc<str>,
    pub tier: Arc<str>,
}

/// One look so many hours later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct After {
    /// So many hours later.
    pub hours: u32,
    /// A machine was free on a full hour, and both then and so many hours later its list was known.
    pub observations: u64,
    /// Of these it was free then too.
    pub free_again: u64,
}

impl After {
    /// The share in millionths; `None` where too little was seen.
    pub fn share_ppm(&self, machines: u64) -> Option<u64> {
        let enough = self.observations >= OBSERVATIONS_LEAST && machines >= MACHINES_LEAST;
        enough.then(|| u64::try_from(u128::from(self.free_again) * 1_000_000 / u128::from(self.observations)).unwrap_or(0))
    }
}

/// What was counted of one kind of machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Machines that were free on a full hour.
    pub machines: u64,
    /// Counted from then on.
    pub since: DateTime<Utc>,
    /// Until then.
    pub until: DateTime<Utc>,
    /// One per entry of [`HOURS`].
    pub after: Vec<After>,
}

/// Market, provider and tier of a kind of machine.
type Seller = (MarketKind, Arc<str>, Arc<str>);

/// Counts of every kind of machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComeBackCounts(BTreeMap<Arc<str>, Vec<(Seller, Counted)>>);

impl ComeBackCounts {
    /// Adds one count.
    pub fn add(&mut self, key: ComeBackKey, machines: u64, (since, until): (DateTime<Utc>, DateTime<Utc>), count: After) {
        let of_gpu = self.0.entry(key.gpu).or_default();
        let seller = (key.market, key.provider, key.tier);
        let place = of_gpu.iter().position(|(known, _)| *known == seller).unwrap_or_else(|| {
            of_gpu.push((seller, Counted { machines, since, until, after: Vec::new() }));
            of_gpu.len() - 1
        });
        let after = &mut of_gpu[place].1.after;
        after.push(count);
        after.sort_by_key(|after| after.hours);
    }

    /// Nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (ComeBackKey, &Counted)> {
        self.0.iter().flat_map(|(gpu, sellers)| {
            sellers.iter().map(|((market, provider, tier), counted)| {
                (ComeBackKey { gpu: gpu.clone(), market: *market, provider: provider.clone(), tier: tier.clone() }, counted)
            })
        })
    }

    /// What is known of machines that are left alone for `gap_seconds`: the first look at or after that time, else the last;
    /// with the share in millionths. `None` where too little was seen.
    pub fn chance(
        &self,
        gpu: &str,
        (market, provider, tier): (MarketKind, &str, &str),
        gap_seconds: u64,
    ) -> Option<(u64, After, &Counted)> {
        let is_it = |seller: &Seller| seller.0 == market && &*seller.1 == provider && &*seller.2 == tier;
        let (_, counted) = self.0.get(gpu)?.iter().find(|(seller, _)| is_it(seller))?;
        let fits = |after: &&After| u64::from(after.hours) * 3600 >= gap_seconds;
        let after = counted.after.iter().find(fits).or(counted.after.last())?;
        Some((after.share_ppm(counted.machines)?, *after, counted))
    }

    /// When these were counted last.
    pub fn until(&self) -> Option<DateTime<Utc>> {
        self.0.values().flatten().map(|(_, counted)| counted.until).max()
    }
}
