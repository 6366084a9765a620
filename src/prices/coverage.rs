//! What an answer covers: every provider, which of its parts are in the answer, and which are not, why, and with what
//! last price. Counted while the offers are scanned; never a scan of its own.

use chrono::{DateTime, Utc};
use gpurate_domain::{OfferId, PriceKind, UsdPerGpuHour};
use serde::Serialize;
use utoipa::ToSchema;

use super::scan::{Plan, Scope};
use super::view::Word;
use crate::market::{Freshness, Outcome, PartState};

/// What an answer covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Coverage {
    /// Every provider.
    pub providers: Vec<ProviderCoverage>,
    /// Every part that was asked about and is not in the answer.
    pub parts_not_included: Vec<PartCoverage>,
}

impl Coverage {
    /// What two answers about the same providers cover together: the same market, asked in two ways.
    pub(super) fn with(mut self, other: Self) -> Self {
        for (one, other) in self.providers.iter_mut().zip(other.providers) {
            one.offers = one.offers.saturating_add(other.offers);
            let last = [one.last_price.take(), other.last_price].into_iter().flatten().min_by_key(|last| last.usd_per_gpu_hour);
            one.last_price = last.filter(|_| one.offers == 0);
        }
        self
    }
}

/// One provider's share of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProviderCoverage {
    /// Its slug.
    #[schema(value_type = String)]
    pub provider: Word,
    /// Whether any of its parts is in the answer; it may still have no offer that passes.
    pub included: bool,
    /// Its offers that were compared.
    pub offers: u32,
    /// Its parts.
    pub parts_total: u32,
    /// Of them those that are fresh.
    pub parts_fresh: u32,
    /// Of the parts in the answer the one seen longest ago; of a provider that is not in it, of all its parts.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub observed_at_oldest: Option<DateTime<Utc>>,
    /// The one seen last.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub observed_at_newest: Option<DateTime<Utc>>,
    /// Seconds from `observed_at_oldest` to `as_of`.
    pub age_seconds: Option<i64>,
    /// The word for that age.
    pub freshness: Option<Freshness>,
    /// Why it is not in the answer.
    pub reason: Option<Reason>,
    /// Its last cheapest price for this question, where none of its offers is in the answer and it had one.
    pub last_price: Option<LastPrice>,
}

/// A part that is not in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PartCoverage {
    /// Slug of its provider.
    #[schema(value_type = String)]
    pub provider: Word,
    /// Its name.
    #[schema(value_type = String)]
    pub part: Word,
    /// Why.
    pub reason: Reason,
    /// When it was last seen and believed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub observed_at: Option<DateTime<Utc>>,
    /// Seconds since then.
    pub age_seconds: Option<i64>,
}

/// Why something is not in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Reason {
    /// In one word.
    pub kind: ReasonKind,
    /// The error of the last attempt, where there was one.
    pub detail: Option<String>,
}

/// The words for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonKind {
    /// No attempt was made yet.
    NeverCollected,
    /// Too old, although nothing failed.
    Stale,
    /// Too old or never seen, and the last attempt got no answer.
    Failed,
    /// Too old or never seen, and the last answer was not believed.
    Refused,
    /// Switched off.
    Disabled,
    /// Older than the question allows.
    OlderThanAsked,
    /// The question is about other providers.
    NotAsked,
    /// The provider has no parts.
    NoParts,
}

/// What was cheapest before a provider left the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LastPrice {
    /// The price.
    #[schema(value_type = String)]
    pub usd_per_gpu_hour: UsdPerGpuHour,
    /// `fixed`, `market`, `bid_floor` or `from` (a lower bound).
    #[schema(value_type = String)]
    pub price_kind: PriceKind,
    /// Of which group of GPUs.
    #[schema(value_type = String)]
    pub gpu_group: Word,
    /// Of which offer.
    #[schema(value_type = String)]
    pub id: OfferId,
    /// When it was last seen and believed.
    #[schema(value_type = String, format = DateTime)]
    pub observed_at: DateTime<Utc>,
    /// Seconds since then.
    pub age_seconds: i64,
}

/// Counted per provider while offers are scanned.
pub(super) struct Tally {
    pub offers: Vec<u32>,
    /// Position of the cheapest offer that is no longer in the answer.
    pub last: Vec<Option<usize>>,
}

impl Tally {
    pub fn new(plan: &Plan<'_>) -> Self {
        let providers = plan.market.providers.len();
        Self { offers: vec![0; providers], last: vec![None; providers] }
    }

    /// Notes an offer that is not in the answer any more.
    pub fn note_last(&mut self, plan: &Plan<'_>, position: usize) {
        let columns = &plan.index.columns;
        let prices = &columns.usd_nanos_per_gpu_hour;
        let last = &mut self.last[columns.provider[position] as usize];
        if last.is_none_or(|known| prices[position] < prices[known]) {
            *last = Some(position);
        }
    }
}

/// What the answer of a plan covers.
pub(super) fn coverage(plan: &Plan<'_>, tally: &Tally) -> Coverage {
    let mut parts_not_included = Vec::new();
    let mut parts_of: Vec<Vec<usize>> = vec![Vec::new(); plan.market.providers.len()];
    for (position, part) in plan.market.parts.iter().enumerate().filter(|(_, part)| !part.forgotten) {
        parts_of[part.provider].push(position);
        if sells_gpus(plan, part.provider) && plan.provider_asked[part.provider] && !in_answer(plan, position) {
            parts_not_included.push(PartCoverage {
                provider: Word(part.provider_slug.clone()),
                part: Word(part.name.clone()),
                reason: reason(plan, part),
                observed_at: part.observed_at(),
                age_seconds: age(plan, part.observed_at()),
            });
        }
    }
    let providers = parts_of
        .iter()
        .enumerate()
        .filter(|(provider, _)| sells_gpus(plan, *provider))
        .map(|(provider, parts)| provider_coverage(plan, tally, provider, parts))
        .collect();
    Coverage { providers, parts_not_included }
}

/// A source of exchange rates has no prices that an answer could cover.
fn sells_gpus(plan: &Plan<'_>, provider: usize) -> bool {
    let known = crate::catalogue::by_slug(&plan.market.providers[provider].slug);
    known.is_none_or(|known| known.manifest.kind != gpurate_providers::manifest::ProviderKind::Rates)
}

fn in_answer(plan: &Plan<'_>, part: usize) -> bool {
    let part_state = &plan.market.parts[part];
    plan.provider_asked[part_state.provider] && plan.part_live[part] && part_state.observed_at().is_some()
}

fn provider_coverage(plan: &Plan<'_>, tally: &Tally, provider: usize, parts: &[usize]) -> ProviderCoverage {
    let state = &plan.market.providers[provider];
    let all = &plan.market.parts;
    let included = parts.iter().any(|part| in_answer(plan, *part));
    let shown = || parts.iter().filter(|part| !included || in_answer(plan, **part)).filter_map(|part| all[*part].observed_at());
    let observed_at_oldest = shown().min();
    let is_fresh =
        |part: &&usize| age(plan, all[**part].observed_at()).is_some_and(|age_seconds| state.freshness(age_seconds) == Freshness::Fresh);
    let reason = if included {
        None
    } else if !plan.provider_asked[provider] {
        Some(Reason { kind: ReasonKind::NotAsked, detail: None })
    } else {
        let none = Reason { kind: if state.enabled { ReasonKind::NoParts } else { ReasonKind::Disabled }, detail: None };
        Some(parts.first().map_or(none, |part| reason(plan, &all[*part])))
    };
    let age_seconds = age(plan, observed_at_oldest);
    let last = tally.last[provider].filter(|_| tally.offers[provider] == 0);
    ProviderCoverage {
        provider: Word(state.slug.clone()),
        included,
        offers: tally.offers[provider],
        parts_total: u32::try_from(parts.len()).unwrap_or(u32::MAX),
        parts_fresh: u32::try_from(parts.iter().filter(is_fresh).count()).unwrap_or(u32::MAX),
        observed_at_oldest,
        observed_at_newest: shown().max(),
        age_seconds,
        freshness: age_seconds.map(|age_seconds| state.freshness(age_seconds)),
        reason,
        last_price: last.and_then(|position| last_price(plan, position)),
    }
}

fn age(plan: &Plan<'_>, observed_at: Option<DateTime<Utc>>) -> Option<i64> {
    observed_at.map(|seen| (plan.as_of - seen).num_seconds().max(0))
}

fn reason(plan: &Plan<'_>, part: &PartState) -> Reason {
    let state = &plan.market.providers[part.provider];
    let seen = age(plan, part.observed_at());
    let stale = seen.is_some_and(|age_seconds| state.freshness(age_seconds) == Freshness::Stale);
    let kind = match part.last_outcome {
        _ if !state.enabled => ReasonKind::Disabled,
        _ if seen.is_some() && !(stale && plan.scope == Scope::Cheapest) => ReasonKind::OlderThanAsked,
        Some(Outcome::Failed) => ReasonKind::Failed,
        Some(Outcome::Refused) => ReasonKind::Refused,
        Some(Outcome::Accepted) => ReasonKind::Stale,
        None if seen.is_some() => ReasonKind::Stale,
        None => ReasonKind::NeverCollected,
    };
    Reason { kind, detail: part.last_error.clone().filter(|_| part.last_outcome != Some(Outcome::Accepted)) }
}

fn last_price(plan: &Plan<'_>, position: usize) -> Option<LastPrice> {
    let entry = &plan.index.entries[position];
    let group = plan.index.group_at(position)?;
    Some(LastPrice {
        usd_per_gpu_hour: entry.usd_per_gpu_hour?,
        price_kind: entry.offer.price.kind,
        gpu_group: Word(group.slug.clone()),
        id: entry.id,
        observed_at: plan.market.observed_at(entry),
        age_seconds: plan.market.age_seconds(entry, plan.as_of),
    })
}
