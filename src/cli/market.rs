//! The market of now for one question: read from the disk, whether or not a daemon runs.

use anyhow::Context as _;
use chrono::Utc;
use gpurate_providers::manifest::ProviderKind;

use super::table::wrapped;
use super::{Context, sample_mark, words};
use crate::catalogue;
use crate::daemon::{StartError, read_market};
use crate::market::Market;
use crate::prices::{Answer, Coverage, ProviderCoverage, ReasonKind};
use crate::store::{Store, StoreError};

/// Reads the market. There may be no database yet: the error says what to run.
pub(super) fn read(context: &Context) -> anyhow::Result<(Store, Market)> {
    let (store, mut market) = read_market(&context.config, &context.database)?;
    // Only the program that collected them knew that the answers were made up: it left a mark.
    market.sample = sample_mark(&context.database).try_exists().context("the mark of sample figures cannot be looked for")?;
    Ok((store, market))
}

/// The market, where there is a database.
pub(super) fn read_if_there(context: &Context) -> anyhow::Result<Option<Market>> {
    match read(context) {
        Ok((_, market)) => Ok(Some(market)),
        Err(error) if matches!(error.downcast_ref(), Some(StartError::Store(StoreError::Missing(_)))) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The moment the answer is of.
pub(super) fn now() -> chrono::DateTime<Utc> {
    crate::prices::floor_as_of(Utc::now())
}

/// What stands under every table: whether figures are made up, and which providers are not in them, and why.
pub(super) fn footer<T>(answer: &Answer<T>) -> String {
    covered(&answer.coverage, answer.sample)
}

/// The same of an answer with another envelope.
pub(super) fn covered(coverage: &Coverage, sample: bool) -> String {
    let mut text = String::new();
    let providers = &coverage.providers;
    let included: Vec<String> = providers
        .iter()
        .filter(|provider| provider.included && sells(&provider.provider))
        .map(|provider| format!("{} ({})", provider.provider, words::counted(provider.offers as usize, "offer")))
        .collect();
    if !included.is_empty() {
        text.push_str(&wrapped("in this answer: ", &included, ", "));
    }
    // What was switched off on purpose is one line, whatever else is missing has its own.
    let is_off = |provider: &&ProviderCoverage| provider.reason.as_ref().is_some_and(|reason| reason.kind == ReasonKind::Disabled);
    let off: Vec<String> = providers.iter().filter(is_off).map(|provider| provider.provider.to_string()).collect();
    if !off.is_empty() {
        text.push_str(&wrapped("switched off, or without a key: ", &off, ", "));
    }
    for provider in providers.iter().filter(|provider| !provider.included && !is_off(provider)) {
        let Some(reason) = provider.reason.as_ref().filter(|reason| reason.kind != ReasonKind::NotAsked) else { continue };
        let seen = provider.age_seconds.map(|age| format!(", last accepted {} ago", words::age(age))).unwrap_or_default();
        let detail = reason.detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default();
        let price = provider.last_price.as_ref().map(|price| {
            format!(
                "; its last price: {} USD per GPU-hour ({}), {} ago",
                words::asked(price.usd_per_gpu_hour.nanos, price.price_kind),
                price.gpu_group,
                words::age(price.age_seconds)
            )
        });
        text.push_str(&format!(
            "not in this answer: {} ({}{seen}{detail}{})\n",
            provider.provider,
            in_words(reason.kind, provider.age_seconds),
            price.unwrap_or_default()
        ));
    }
    let parts: Vec<String> = coverage
        .parts_not_included
        .iter()
        .filter(|part| providers.iter().any(|provider| provider.included && provider.provider == part.provider))
        .map(|part| format!("{} {} ({})", part.provider, part.part, in_words(part.reason.kind, part.age_seconds)))
        .collect();
    if !parts.is_empty() {
        let more = parts.len().saturating_sub(PARTS_SHOWN);
        let mut shown: Vec<String> = parts.into_iter().take(PARTS_SHOWN).collect();
        if more > 0 {
            shown.push(format!("and {more} more: gpurate providers"));
        }
        text.push_str(&wrapped("parts not in this answer: ", &shown, ", "));
    }
    if sample {
        text.push_str("SAMPLE DATA: all figures are made up; none is a real price\n");
    }
    text
}

/// Single parts named under a table.
const PARTS_SHOWN: usize = 5;

/// A source of exchange rates is in every answer and has no offer in any.
fn sells(slug: &str) -> bool {
    catalogue::by_slug(slug).is_none_or(|known| known.manifest.kind != ProviderKind::Rates)
}

/// `age`: since it was last accepted, where it ever was.
fn in_words(kind: ReasonKind, age: Option<i64>) -> &'static str {
    match kind {
        ReasonKind::Failed if age.is_none() => "never accepted, the last attempt failed",
        ReasonKind::Refused if age.is_none() => "never accepted, the last answer was not believed",
        ReasonKind::NeverCollected => "never collected",
        ReasonKind::Stale => "stale",
        ReasonKind::Failed => "stale, the last attempt failed",
        ReasonKind::Refused => "stale, the last answer was not believed",
        ReasonKind::Disabled => "switched off or without its key",
        ReasonKind::OlderThanAsked => "older than asked for",
        ReasonKind::NotAsked => "not asked for",
        ReasonKind::NoParts => "nothing to collect",
    }
}
