//! Messages about prices that somebody waits for. What there is to tell is decided here, purely: a market and what was
//! told before go in, notices and what is told now come out. `watch` runs it after commits; `webhook` sends.
//!
//! Nothing is told of a price that is stale, and a card that is not offered (or not known) for a while has not risen.

pub mod address;
pub mod outbox;
pub mod watch;
mod webhook;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use gpurate_domain::{Nanos, UsdPerGpuHour};
use serde::{Deserialize, Serialize};

pub use webhook::{SendError, Sender};

use crate::config::{AlertSection, ConfigError, Secret, SecretError};
use crate::market::{Freshness, Market};
use crate::prices::{self, CheapestRow, Filters, floor_as_of};
use crate::words::{age, rounded};

/// When there is something to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The price came to this or below.
    AtMost(UsdPerGpuHour),
    /// The price moved by so many percent.
    Moved(Nanos),
}

/// One alert, ready to be held against a market.
#[derive(Clone, Debug)]
pub struct Alert {
    /// Its name.
    pub name: String,
    /// When there is something to tell.
    pub when: When,
    /// Where its messages go beside the log.
    pub webhook: Option<Secret>,
    /// The webhook may be on a private network.
    pub allow_private: bool,
    quiet: TimeDelta,
    question: Filters,
    /// Names this very alert: another question or threshold has told nothing yet.
    mark: String,
}

/// An alert that cannot be watched.
#[derive(Debug, thiserror::Error)]
pub enum AlertError {
    /// An option.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The webhook's secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
}

/// What was told of a card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// When a message went out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<DateTime<Utc>>,
    /// It is at or below the threshold, and that was told.
    pub is_below: bool,
    /// The price that a move is counted from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counted_from: Option<Nanos>,
    /// The cheapest that was seen last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
}

/// The cheapest offer at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Slug.
    pub provider: String,
    /// Its part.
    pub part: String,
    /// Its price.
    pub usd_per_gpu_hour: Nanos,
}

/// What was told, by alert and card.
pub type Memory = BTreeMap<String, Told>;

/// Something to tell. It is the body of a webhook's request.
#[derive(Clone, Debug, Serialize)]
pub struct Notice {
    /// One line for people.
    pub text: String,
    /// The alert's name.
    pub alert: String,
    /// The moment of the answer that it is about.
    pub at: DateTime<Utc>,
    /// Made up: of a sample, or a test of the webhook.
    pub sample: bool,
    /// Slug of the card.
    pub gpu: String,
    /// How it is sold.
    pub market: &'static str,
    /// The cheapest rentable price per hour of one GPU; null in a test of the webhook.
    pub usd_per_gpu_hour: Option<UsdPerGpuHour>,
    /// The threshold, where there is one.
    pub at_most_usd_per_gpu_hour: Option<UsdPerGpuHour>,
    /// The price that a move is counted from, where it is a move.
    pub before_usd_per_gpu_hour: Option<UsdPerGpuHour>,
    /// Slug of the provider.
    pub provider: String,
    /// Its own code of the place.
    pub region: String,
    /// Its own code of the offer.
    pub sku: String,
    /// Id of the offer.
    pub offer: String,
    /// When the price was seen last.
    pub observed_at: DateTime<Utc>,
    /// Where the price comes from; on the service's own address where it is configured.
    pub evidence: String,
}

impl Alert {
    /// Reads an alert of the configuration, with its secret.
    ///
    /// # Errors
    /// [`AlertError`].
    pub fn new(section: &AlertSection) -> Result<Self, AlertError> {
        let when = match (section.at_most_usd_per_gpu_hour, section.change_percent) {
            (Some(most), _) => When::AtMost(UsdPerGpuHour { nanos: most.0 }),
            (None, percent) => When::Moved(percent.unwrap_or(Nanos(0))),
        };
        let AlertSection { gpu, market, filters, .. } = section;
        let webhook = section.address()?;
        if let Some(secret) = &webhook {
            address::parse(secret.expose(), section.allow_private).map_err(|reason| section.error("webhook", reason))?;
        }
        Ok(Self {
            name: section.name.clone(),
            when,
            webhook,
            allow_private: section.allow_private,
            quiet: TimeDelta::minutes(i64::from(section.quiet_minutes)),
            question: section.question()?,
            mark: blake3::hash(format!("{}\n{gpu}\n{market}\n{filters:?}\n{when:?}", section.name).as_bytes()).to_hex()[..16].to_owned(),
        })
    }

    /// The cheapest of each card that it watches.
    pub fn prices(&self, market: &Market, as_of: DateTime<Utc>) -> Vec<CheapestRow> {
        let answer = prices::cheapest(market, &self.question, as_of);
        answer.items.into_iter().filter(|row| row.rentable && row.offer.freshness != Freshness::Stale).collect()
    }

    /// The key of a card in the memory.
    pub fn key(&self, gpu: &str) -> String {
        format!("{}:{gpu}", self.mark)
    }
}

/// Holds alerts against a market: what there is to tell, and in `memory` what is told now. `base`: the service's own
/// address, or nothing.
pub fn judge<'a>(alerts: &'a [Alert], market: &Market, memory: &mut Memory, now: DateTime<Utc>, base: &str) -> Vec<(&'a Alert, Notice)> {
    let as_of = floor_as_of(now);
    let mut notices = Vec::new();
    for alert in alerts {
        for row in alert.prices(market, as_of) {
            let Some(price) = row.offer.price_usd_per_gpu_hour else { continue };
            let told = memory.entry(alert.key(&row.offer.gpu_group.0)).or_default();
            // Whose answers ceased has not gone up: what is cheapest without it says nothing.
            if told.seen.as_ref().is_some_and(|seen| price.nanos > seen.usd_per_gpu_hour.0 && is_silent(market, seen, as_of)) {
                continue;
            }
            told.seen = Some(Seen {
                provider: row.offer.provider.0.to_string(),
                part: row.offer.evidence.part.to_string(),
                usd_per_gpu_hour: Nanos(price.nanos),
            });
            let is_quiet = told.at.is_some_and(|at| now >= at && now - at < alert.quiet);
            let before = told.counted_from.map(|before| UsdPerGpuHour { nanos: before.0 });
            let is_news = match alert.when {
                When::AtMost(most) if price > most => {
                    told.is_below = false;
                    false
                }
                When::AtMost(_) => !told.is_below && !is_quiet,
                When::Moved(percent) => match before {
                    None => {
                        told.counted_from = Some(Nanos(price.nanos));
                        false
                    }
                    Some(before) => !is_quiet && has_moved(before, price, percent),
                },
            };
            if !is_news {
                continue;
            }
            match alert.when {
                When::AtMost(_) => told.is_below = true,
                When::Moved(_) => told.counted_from = Some(Nanos(price.nanos)),
            }
            told.at = Some(now);
            notices.push((alert, notice(alert, &row, price, before, market.sample, as_of, base)));
        }
    }
    notices
}

impl Notice {
    /// A message that says it is none, to see whether it arrives.
    pub fn test(alert: &Alert, as_of: DateTime<Utc>) -> Self {
        Self {
            text: format!("TEST of the alert {}: no price is behind this message", alert.name),
            alert: alert.name.clone(),
            at: as_of,
            sample: true,
            gpu: "test".to_owned(),
            market: "test",
            usd_per_gpu_hour: None,
            at_most_usd_per_gpu_hour: None,
            before_usd_per_gpu_hour: None,
            provider: "test".to_owned(),
            region: "test".to_owned(),
            sku: "test".to_owned(),
            offer: "test".to_owned(),
            observed_at: as_of,
            evidence: String::new(),
        }
    }
}

/// Whether the part that a price was seen in has not answered for so long that its prices are stale.
fn is_silent(market: &Market, seen: &Seen, as_of: DateTime<Utc>) -> bool {
    let Some(part) = market.part_index(&seen.provider, &seen.part).map(|index| &market.parts[index]) else { return false };
    // A source may answer and have stood still for long.
    let age = part.observed_at().map(|seen| (as_of - seen).num_seconds().max(0));
    age.is_some_and(|age| market.providers[part.provider].freshness(age) == Freshness::Stale)
}

/// Whether a price moved by at least so many percent of what it was.
fn has_moved(before: UsdPerGpuHour, now: UsdPerGpuHour, percent: Nanos) -> bool {
    const WHOLE: i128 = 100_000_000_000;
    let moved = (i128::from(now.nanos) - i128::from(before.nanos)).abs();
    moved > 0 && moved * WHOLE >= i128::from(before.nanos) * i128::from(percent.0)
}

fn notice(
    alert: &Alert,
    row: &CheapestRow,
    price: UsdPerGpuHour,
    before: Option<UsdPerGpuHour>,
    sample: bool,
    as_of: DateTime<Utc>,
    base: &str,
) -> Notice {
    let offer = &row.offer;
    let market = offer.market.as_str();
    let (most, before) = match alert.when {
        When::AtMost(most) => (Some(most), None),
        When::Moved(_) => (None, before),
    };
    let why = match (most, before) {
        (Some(most), _) => format!("at or below {}", rounded(most.nanos)),
        (None, Some(before)) => format!("{} before", rounded(before.nanos)),
        (None, None) => String::new(),
    };
    let mark = if sample { "SAMPLE DATA: " } else { "" };
    let text = format!(
        "{mark}{}: {} {} costs {} USD per GPU-hour at {} {} ({why}; seen {} ago)",
        alert.name,
        offer.gpu_group,
        market.replace('_', " "),
        rounded(price.nanos),
        offer.provider,
        offer.region,
        age((as_of - offer.observed_at).num_seconds().max(0)),
    );
    Notice {
        text,
        alert: alert.name.clone(),
        at: as_of,
        sample,
        gpu: offer.gpu_group.0.to_string(),
        market,
        usd_per_gpu_hour: Some(price),
        at_most_usd_per_gpu_hour: most,
        before_usd_per_gpu_hour: before,
        provider: offer.provider.0.to_string(),
        region: offer.region.0.to_string(),
        sku: offer.sku.0.to_string(),
        offer: offer.id.to_string(),
        observed_at: offer.observed_at,
        evidence: format!("{}/api/v1/offers/{}", base.trim_end_matches('/'), offer.id),
    }
}

#[cfg(test)]
mod tests;
