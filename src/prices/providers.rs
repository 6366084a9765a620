//! The state of every provider: what is collected, when it was last believed, what went wrong, how it bills.

use chrono::{DateTime, TimeDelta, Utc};
use gpurate_domain::MarketKind;
use serde::Serialize;
use utoipa::ToSchema;

use super::coverage::{Tally, coverage};
use super::scan::{Plan, Scope};
use super::view::Word;
use super::{Answer, Filters, floor_as_of};
use crate::catalogue;
use crate::market::{Counts, Freshness, Market, Outcome, PartState, ProviderState};

/// One provider.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProviderRow {
    /// Its slug.
    #[schema(value_type = String)]
    pub slug: Word,
    /// The name people know.
    pub name: String,
    /// Whether it is collected.
    pub enabled: bool,
    /// `catalogue`, `marketplace` or `rates`.
    pub kind: Option<&'static str>,
    /// Its own page.
    pub homepage: Option<String>,
    /// Where one rents.
    pub launch_url: String,
    /// Every host that is asked.
    pub hosts: Vec<String>,
    /// What it is known to sell.
    #[schema(value_type = Vec<String>)]
    pub markets: Vec<MarketKind>,
    /// JSON pointers whose values are removed before a page is kept.
    pub redactions: Vec<String>,
    /// Fresh up to this age.
    pub fresh_seconds: i64,
    /// Ageing up to this age, then stale.
    pub stale_seconds: i64,
    /// Seconds between two collections of a part.
    pub interval_seconds: Option<u32>,
    /// The billing rule, as the manifest has it; what is left out is not known.
    #[schema(value_type = Option<Object>)]
    pub billing_rule: Option<gpurate_domain::BillingRule>,
    /// Offers that are not withdrawn.
    pub offers: u32,
    /// Its parts.
    pub parts: Vec<PartRow>,
}

/// One part.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PartRow {
    /// Its name.
    #[schema(value_type = String)]
    pub part: Word,
    /// The last attempt that was accepted.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_accepted_at: Option<DateTime<Utc>>,
    /// What its offers' ages count from: the last accepted attempt, or the source's own date where that is older.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub observed_at: Option<DateTime<Utc>>,
    /// Seconds since then.
    pub age_seconds: Option<i64>,
    /// The word for that age.
    pub freshness: Option<Freshness>,
    /// The last attempt, whatever came of it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_attempt_at: Option<DateTime<Utc>>,
    /// `accepted`, `refused` or `failed`.
    #[schema(value_type = Option<String>)]
    pub last_outcome: Option<Outcome>,
    /// Its reason, where it was not accepted.
    pub last_error: Option<String>,
    /// Attempts since the last accepted one.
    pub failures: u32,
    /// The next attempt comes no earlier: the interval after the last one, or when a pause ends that the provider
    /// asked for, at whichever part.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_attempt_not_before: Option<DateTime<Utc>>,
    /// Counts of the last accepted attempt.
    pub counts: Counts,
    /// Pages of the last accepted attempt.
    pub pages: usize,
}

/// Every provider, in the catalogue's order. `as_of` is floored to ten seconds.
pub fn providers(market: &Market, as_of: DateTime<Utc>) -> Answer<ProviderRow> {
    rows(market, as_of, |_| true)
}

/// The provider with this slug; `None` where there is none. `as_of` is floored to ten seconds.
pub fn provider(market: &Market, slug: &str, as_of: DateTime<Utc>) -> Option<Answer<ProviderRow>> {
    let answer = rows(market, as_of, |state| &*state.slug == slug);
    (!answer.items.is_empty()).then_some(answer)
}

fn rows(market: &Market, as_of: DateTime<Utc>, wanted: impl Fn(&ProviderState) -> bool) -> Answer<ProviderRow> {
    let as_of = floor_as_of(as_of);
    let filters = Filters::default();
    let plan = Plan::new(market, &filters, as_of, Scope::Cheapest);
    let mut tally = Tally::new(&plan);
    market.index.columns.provider.iter().for_each(|provider| tally.offers[*provider as usize] += 1);
    let states = market.providers.iter().enumerate().filter(|(_, state)| wanted(state));
    let items = states.map(|(number, state)| provider_row(market, number, state, tally.offers[number], as_of)).collect();
    Answer::new(market, as_of, coverage(&plan, &tally), items)
}

fn provider_row(market: &Market, number: usize, state: &ProviderState, offers: u32, as_of: DateTime<Utc>) -> ProviderRow {
    let manifest = catalogue::by_slug(&state.slug).map(|known| &known.manifest);
    let kind = |kind| match kind {
        gpurate_providers::manifest::ProviderKind::Catalogue => "catalogue",
        gpurate_providers::manifest::ProviderKind::Marketplace => "marketplace",
        gpurate_providers::manifest::ProviderKind::Rates => "rates",
    };
    let interval_seconds = manifest.map(|manifest| manifest.interval_seconds);
    let parts = market.parts.iter().filter(|part| part.provider == number && !part.forgotten);
    let paused_until = market.paused_until(&state.slug);
    ProviderRow {
        slug: Word(state.slug.clone()),
        name: state.name.clone(),
        enabled: state.enabled,
        kind: manifest.map(|manifest| kind(manifest.kind)),
        homepage: manifest.map(|manifest| manifest.homepage.clone()),
        launch_url: state.launch_url.clone(),
        hosts: manifest.map(|manifest| manifest.hosts.clone()).unwrap_or_default(),
        markets: manifest.map(|manifest| manifest.markets.keys().copied().collect()).unwrap_or_default(),
        redactions: manifest.map(|manifest| manifest.redactions.clone()).unwrap_or_default(),
        fresh_seconds: state.fresh_seconds,
        stale_seconds: state.stale_seconds,
        interval_seconds,
        billing_rule: manifest.map(|manifest| manifest.billing.general(Some(as_of.date_naive()))).filter(|rule| !rule.is_empty()),
        offers,
        parts: parts.map(|part| part_row(state, part, interval_seconds, paused_until, as_of)).collect(),
    }
}

fn part_row(
    state: &ProviderState,
    part: &PartState,
    interval_seconds: Option<u32>,
    paused_until: Option<DateTime<Utc>>,
    as_of: DateTime<Utc>,
) -> PartRow {
    let observed_at = part.observed_at();
    let age_seconds = observed_at.map(|seen| (as_of - seen).num_seconds().max(0));
    let by_interval = part.last_attempt_at.zip(interval_seconds).map(|(last, seconds)| last + TimeDelta::seconds(i64::from(seconds)));
    PartRow {
        part: Word(part.name.clone()),
        last_accepted_at: part.last_accepted_at,
        observed_at,
        age_seconds,
        freshness: age_seconds.map(|age_seconds| state.freshness(age_seconds)),
        last_attempt_at: part.last_attempt_at,
        last_outcome: part.last_outcome,
        last_error: part.last_error.clone(),
        failures: part.failures,
        // A part that is not collected has no next attempt.
        next_attempt_not_before: by_interval.max(paused_until).filter(|_| state.enabled),
        counts: part.counts,
        pages: part.pages.len(),
    }
}
