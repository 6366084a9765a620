//! How often a machine of a marketplace that was free was free again some hours later: what one risks who stops it.
//!
//! Every machine is looked at on every full hour (UTC) of the window: where it is free then, and what its part of the
//! marketplace listed is known both then and so many hours later, that is one observation. Prices play no part.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use gpurate_domain::{Country, MarketKind, Nanos};
use gpurate_providers::manifest::ProviderKind;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Given, error, stale_seconds, yes_or_no};
use crate::catalogue;
use crate::market::Market;
use crate::market::come_back::{After, ComeBackCounts, ComeBackKey, HOURS, MACHINES_LEAST, OBSERVATIONS_LEAST};
use crate::past::{Names, PastError};
use crate::prices::{FilterError, Filters, GpuChoice, floor_as_of};
use crate::store::Reader;
use crate::store::history::OffersOf;
use crate::window::Window;

/// The parameters, for HTTP and the command line.
pub const PARAMETERS: [&str; 10] = ["gpu", "market", "provider", "tier", "region", "country", "several", "since", "until", "by"];

/// Offers that are read at once.
const PAGE_OFFERS: u32 = 2_000;
/// Full hours of a window at most.
const HOURS_MAX: i64 = 10_000;
/// Changes of stock that an answer is made of, at most.
const CHANGES_MAX: usize = 1_000_000;
const HOUR_MS: i64 = 3_600_000;

/// What is asked for, read and checked.
#[derive(Clone, Debug)]
pub struct ComeBackQuestion {
    gpu: Vec<GpuChoice>,
    market: Vec<MarketKind>,
    provider: Vec<String>,
    tier: Vec<String>,
    region: Vec<String>,
    country: Vec<Country>,
    several: bool,
    by_region: bool,
    window: Window,
    listing_days: u32,
}

impl ComeBackQuestion {
    /// Reads a question; a list may also be given by repeating its key.
    ///
    /// # Errors
    /// [`FilterError`] names the parameter, the value and what is allowed or near.
    pub fn parse(pairs: impl Iterator<Item = (String, String)>, now: DateTime<Utc>) -> Result<Self, FilterError> {
        let lists = ["gpu", "market", "provider", "tier", "region", "country"];
        let given = Given::parse(pairs, &PARAMETERS, &lists, "which machines")?;
        let until = Window::parse(None, given.of("until"), now, now)?.until;
        let listing_days = crate::config::Config::default().retention.marketplace_days_whole();
        let window = Window::parse(given.of("since"), given.of("until"), until - TimeDelta::days(i64::from(listing_days)), now)?;
        let by_region = match given.of("by") {
            None | Some("tier") => false,
            Some("region") => true,
            Some(other) => {
                let shown: String = other.chars().take(40).collect();
                return Err(error("by", format!("`{shown}` is no value of `by`: one of `tier`, `region`")));
            }
        };
        let several = yes_or_no("several", given.of("several"))?;
        let Filters { gpu, market, provider, tier, region, country, .. } = given.filters;
        if let Some(other) = provider.iter().find(|slug| !is_marketplace(slug)) {
            let message = format!(
                "`{other}` is no marketplace: what it lists are no single machines; marketplaces are `{}`",
                marketplaces().join("`, `")
            );
            return Err(error("provider", message));
        }
        let market = if market.is_empty() { vec![MarketKind::OnDemand] } else { market };
        Ok(Self { gpu, market, provider, tier, by_region: by_region || !region.is_empty(), region, country, several, window, listing_days })
    }

    /// The same where rows of a marketplace's listings are kept for so many days.
    #[must_use]
    pub fn keeping(self, listing_days: u32) -> Self {
        Self { listing_days, ..self }
    }

    /// Every machine with one GPU of every marketplace, on demand and spot, as far back as listings are kept.
    pub fn everything(listing_days: u32, now: DateTime<Utc>) -> Self {
        Self {
            gpu: Vec::new(),
            market: vec![MarketKind::OnDemand, MarketKind::Spot],
            provider: Vec::new(),
            tier: Vec::new(),
            region: Vec::new(),
            country: Vec::new(),
            several: false,
            by_region: false,
            window: Window { since: now - TimeDelta::days(i64::from(listing_days)), until: now },
            listing_days,
        }
    }
}

fn is_marketplace(slug: &str) -> bool {
    catalogue::by_slug(slug).is_some_and(|known| known.manifest.kind == ProviderKind::Marketplace)
}

/// Slugs of providers that list single machines.
pub fn marketplaces() -> Vec<String> {
    catalogue::slugs().into_iter().filter(|slug| is_marketplace(slug)).map(str::to_owned).collect()
}

/// How often machines came back.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ComeBackAnswer {
    /// The moment of the answer: the clock floored to ten seconds.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: DateTime<Utc>,
    /// Every figure comes from made-up samples.
    pub sample: bool,
    /// Counted from then on.
    #[schema(value_type = String, format = DateTime)]
    pub since: DateTime<Utc>,
    /// Until then.
    #[schema(value_type = String, format = DateTime)]
    pub until: DateTime<Utc>,
    /// Where fewer machines were seen, no share is given.
    pub machines_least: u64,
    /// Where there are fewer observations, no share is given.
    pub observations_least: u64,
    /// What it is counted from.
    pub counted_from: String,
    /// One per GPU, market, provider and tier; per region where regions are asked for.
    pub items: Vec<ComeBackRow>,
    /// What to know of this answer: where it was cut short, and why.
    pub notes: Vec<String>,
    /// What to do about an answer without rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// Machines of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ComeBackRow {
    /// Slug of the GPU or group.
    pub gpu: String,
    /// `on_demand` or `spot`.
    #[schema(value_type = String)]
    pub market: MarketKind,
    /// Slug of the marketplace.
    pub provider: String,
    /// Its tier.
    pub tier: String,
    /// One region; null: all together.
    pub region: Option<String>,
    /// Machines that were free on a full hour of the window.
    pub machines: u64,
    /// After 1, 4, 24 and 72 hours.
    pub after: Vec<ComeBackAfter>,
}

/// One look so many hours later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ComeBackAfter {
    /// So many hours later.
    pub hours: u32,
    /// So often a machine was free, and what was listed so many hours later is known.
    pub observations: u64,
    /// Of these it was free then too.
    pub free_again: u64,
    /// So often a machine was free, and what was listed so many hours later is not known: these count nowhere.
    pub not_known: u64,
    /// The share that was free again, from 0 to 1; null where too little was seen.
    #[schema(value_type = Option<String>)]
    pub share: Option<Nanos>,
}

/// What was seen of one kind of machine.
#[derive(Clone, Debug, Default)]
struct Tally {
    machines: u64,
    observations: [u64; HOURS.len()],
    free_again: [u64; HOURS.len()],
    not_known: [u64; HOURS.len()],
}

type Tallies = BTreeMap<(ComeBackKey, Option<Arc<str>>), Tally>;

/// Answers a question. Blocking.
///
/// # Errors
/// [`PastError`].
pub fn come_back(reader: &Reader, market: &Market, question: &ComeBackQuestion, now: DateTime<Utc>) -> Result<ComeBackAnswer, PastError> {
    let kept_since = now - TimeDelta::days(i64::from(question.listing_days));
    let (mut window, mut notes) = (question.window, Vec::new());
    if window.since < kept_since {
        window.since = kept_since.min(window.until);
        notes.push(format!("narrowed to the {} days for which listings of marketplaces are kept", question.listing_days));
    }
    let tallies = tallies(reader, market, question, window, CHANGES_MAX)?;
    let row = |((key, region), tally): ((ComeBackKey, Option<Arc<str>>), Tally)| ComeBackRow {
        gpu: key.gpu.to_string(),
        market: key.market,
        provider: key.provider.to_string(),
        tier: key.tier.to_string(),
        region: region.map(|region| region.to_string()),
        machines: tally.machines,
        after: (0..HOURS.len())
            .map(|place| {
                let after = tally.after(place);
                let share = after.share_ppm(tally.machines).and_then(|ppm| i64::try_from(ppm * 1_000).ok()).map(Nanos);
                let After { hours, observations, free_again } = after;
                ComeBackAfter { hours, observations, free_again, not_known: tally.not_known[place], share }
            })
            .collect(),
    };
    let items: Vec<ComeBackRow> = tallies.into_iter().map(row).collect();
    let advice = "no machine of it was free on a full hour of the window: only marketplaces list single machines; try another GPU, `several`, or an earlier `since`";
    Ok(ComeBackAnswer {
        as_of: floor_as_of(now),
        sample: market.sample,
        since: window.since,
        until: window.until,
        machines_least: MACHINES_LEAST,
        observations_least: OBSERVATIONS_LEAST,
        counted_from: "listings of marketplaces on every full hour (UTC): whether a machine that was free was free so many hours later"
            .to_owned(),
        advice: items.is_empty().then(|| advice.to_owned()),
        items,
        notes,
    })
}

/// Counts what there is of every marketplace, for the simulator. Blocking, and not quick.
///
/// # Errors
/// [`PastError`].
pub fn count_all(reader: &Reader, market: &Market, listing_days: u32, now: DateTime<Utc>) -> Result<ComeBackCounts, PastError> {
    let question = ComeBackQuestion::everything(listing_days, now);
    let mut counts = ComeBackCounts::default();
    for ((key, _), tally) in tallies(reader, market, &question, question.window, usize::MAX)? {
        for place in 0..HOURS.len() {
            counts.add(key.clone(), tally.machines, (question.window.since, question.window.until), tally.after(place));
        }
    }
    Ok(counts)
}

impl Tally {
    fn after(&self, place: usize) -> After {
        After { hours: HOURS[place], observations: self.observations[place], free_again: self.free_again[place] }
    }

    /// Adds a machine: on which full hours it was free, and on which its part's list was known.
    fn add(&mut self, free: &[bool], known: &[bool]) {
        if !free.iter().zip(known).any(|(free, known)| *free && *known) {
            return;
        }
        self.machines += 1;
        for (place, hours) in HOURS.into_iter().enumerate() {
            let ahead = hours as usize;
            for hour in 0..free.len().saturating_sub(ahead) {
                if !(free[hour] && known[hour]) {
                    continue;
                }
                if known[hour + ahead] {
                    self.observations[place] += 1;
                    self.free_again[place] += u64::from(free[hour + ahead]);
                } else {
                    self.not_known[place] += 1;
                }
            }
        }
    }
}

fn tallies(
    reader: &Reader,
    market: &Market,
    question: &ComeBackQuestion,
    window: Window,
    changes_max: usize,
) -> Result<Tallies, PastError> {
    let first = (window.since.timestamp_millis() + HOUR_MS - 1).div_euclid(HOUR_MS);
    let hours = ((window.until.timestamp_millis() - 1).div_euclid(HOUR_MS) - first + 1).max(0);
    if hours > HOURS_MAX {
        return Err(
            error("since", format!("this window has {hours} full hours, and {HOURS_MAX} are the most; give a later `since`")).into()
        );
    }
    let words = |market: &MarketKind| market.as_str().to_owned();
    let markets: Vec<String> = question.market.iter().map(words).collect();
    let countries: Vec<String> = question.country.iter().map(|country| country.as_str().to_owned()).collect();
    let providers = if question.provider.is_empty() { marketplaces() } else { question.provider.clone() };
    let of = OffersOf { markets: &markets, providers: &providers, tiers: &question.tier, regions: &question.region, countries: &countries };
    let mut names = Names::default();
    let mut known: HashMap<i64, Vec<bool>> = HashMap::new();
    let mut tallies = Tallies::new();
    let (mut after, mut changes_read) = (0, 0);
    loop {
        let page = reader.offers_of(&of, after, PAGE_OFFERS)?;
        let Some((_, last)) = page.last() else { return Ok(tallies) };
        after = last.row;
        for (part, offer) in page {
            let gpu = names.of(&offer).1;
            let count = offer.gpu_count.and_then(gpurate_domain::GpuCount::as_whole);
            let is_meant = count.is_some_and(|count| (count > 1) == question.several)
                && (question.gpu.is_empty() || question.gpu.iter().any(|choice| choice.means(&gpu)));
            if !is_meant {
                continue;
            }
            let changes = reader.free_changes(offer.row, window)?;
            changes_read += changes.len();
            if changes_read > changes_max {
                let message = format!("more than {changes_max} changes of stock in this window; name fewer GPUs or a later `since`");
                return Err(error("gpu", message).into());
            }
            if let std::collections::hash_map::Entry::Vacant(place) = known.entry(part) {
                let spans = reader.spans_of_parts(&[part], stale_seconds(market)(&offer.provider), window)?;
                let ends = spans.iter().flat_map(|(from, until)| [(*from, true), (*until, false)]);
                place.insert(on_hours(ends, first, hours));
            }
            let free = on_hours(changes.into_iter(), first, hours);
            let key = ComeBackKey { gpu, market: offer.market, provider: offer.provider, tier: offer.tier };
            let region = question.by_region.then_some(offer.region);
            let tally = tallies.entry((key, region)).or_default();
            tally.add(&free, &known[&part]);
        }
        // Kinds of machines of which none was free tell nothing.
        tallies.retain(|_, tally| tally.machines > 0);
    }
}

/// What held on each full hour, of changes in order; before the first it was not.
fn on_hours(changes: impl Iterator<Item = (DateTime<Utc>, bool)>, first: i64, hours: i64) -> Vec<bool> {
    let mut held = vec![false; usize::try_from(hours).unwrap_or(0)];
    for (at, holds) in changes {
        // The first full hour at or after the change.
        let place = usize::try_from((at.timestamp_millis() + HOUR_MS - 1).div_euclid(HOUR_MS) - first).unwrap_or(0);
        if let Some(rest) = held.get_mut(place..) {
            rest.fill(holds);
        }
    }
    held
}
