//! The pure views of the market: what HTTP, pages and the command line answer, so that they cannot disagree.
//!
//! Nothing here reads a clock (`as_of` is an argument), opens a file or knows HTTP. Money is exact; what is not known
//! is null. Every answer says what it covers ([`Coverage`]), so that a provider going stale does not look like a rise.

mod candidates;
mod cheapest;
mod coverage;
mod filters;
mod gpus;
mod offers;
mod providers;
mod scan;
mod view;

#[cfg(test)]
mod tests;

use chrono::{DateTime, TimeDelta, Utc};
use gpurate_domain::{Currency, Usd};
use serde::Serialize;
use utoipa::ToSchema;

use crate::market::Market;

pub use candidates::{Candidates, candidates, offer_view};
pub use cheapest::{Assumption, CheapestRow, Floor, Hidden, MESSAGES, cheapest};
pub use coverage::{Coverage, LastPrice, PartCoverage, ProviderCoverage, Reason, ReasonKind};
pub use filters::{
    By, FilterError, Filters, GpuChoice, Inclusion, LIMIT_DEFAULT, LIMIT_MAX, LIST_ITEMS_MAX, PARAMETERS, Parameter, Stock, TEXT_CHARS_MAX,
};
pub use gpus::{Figure, GpuRow, gpu, gpus, gpus_named};
pub use offers::{HeldView, OfferDetail, all, offers, show};
pub use providers::{PartRow, ProviderRow, provider, providers};
pub use view::{Attributes, Billing, Display, Evidence, Gib, OfferView, Original, Pages, TermView, Word};

/// The envelope of every answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Answer<T> {
    /// The moment ages count to: the clock floored to ten seconds.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: DateTime<Utc>,
    /// Raised with every commit that changed something a reader can see.
    pub market_version: u64,
    /// Every figure comes from made-up samples.
    pub sample: bool,
    /// Which reference rates were used, where another currency was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rates: Option<RatesUsed>,
    /// What is in the answer, and what is not, and why.
    pub coverage: Coverage,
    /// What holds because the question did not say otherwise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub defaults: Vec<Assumption>,
    /// The rows.
    pub items: Vec<T>,
    /// The last prices, marked stale, where nothing newer is left.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub last_known: Vec<T>,
    /// Offers that pass what was asked but for their GPU, of which it is not known whether it is one that was asked for:
    /// a name that no table has, or one that several parts share. They are in no row; only "cheapest" leaves them out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown_gpu_offers_left_out: Option<u32>,
    /// What to do about an answer without rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// The same as a sentence with its figures, for other languages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice_said: Option<crate::said::Said>,
    /// Asks for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

/// The reference rates prices were shown by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RatesUsed {
    /// The currency that was asked for.
    #[schema(value_type = String, example = "EUR")]
    pub currency: Currency,
    /// The day of the European Central Bank's rate; null where it has none, and then nothing is converted.
    #[schema(value_type = Option<String>, format = Date)]
    pub rate_date: Option<chrono::NaiveDate>,
    /// How much of it one US dollar is.
    #[schema(value_type = Option<String>, example = "0.92")]
    pub per_usd: Option<gpurate_domain::Nanos>,
}

impl<T> Answer<T> {
    fn new(market: &Market, as_of: DateTime<Utc>, coverage: Coverage, items: Vec<T>) -> Self {
        Self {
            as_of,
            market_version: market.version,
            sample: market.sample,
            rates: None,
            coverage,
            defaults: Vec::new(),
            items,
            last_known: Vec::new(),
            unknown_gpu_offers_left_out: None,
            advice: None,
            advice_said: None,
            next_cursor: None,
        }
    }
}

/// The moment an answer is of: `now` floored to ten seconds, so that answers of the same market within them are equal.
pub fn floor_as_of(now: DateTime<Utc>) -> DateTime<Utc> {
    let seconds = now.timestamp().rem_euclid(10);
    let nanos = i64::from(now.timestamp_subsec_nanos().min(999_999_999));
    now - TimeDelta::seconds(seconds) - TimeDelta::nanoseconds(nanos)
}

fn rates_used(market: &Market, filters: &Filters) -> Option<RatesUsed> {
    let currency = filters.currency?;
    let one = Usd { nanos: gpurate_domain::money::NANOS_PER_UNIT };
    let rate = market.rates.as_ref().and_then(|rates| Some((rates.date, rates.convert(one.nanos, Currency::USD, currency)?)));
    Some(RatesUsed { currency, rate_date: rate.map(|(date, _)| date), per_usd: rate.map(|(_, nanos)| gpurate_domain::Nanos(nanos)) })
}
