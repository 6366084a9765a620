//! How values stand in columns, and how they are read back.

use std::sync::Arc;

use gpurate_domain::offer::OfferPrice;
use gpurate_domain::{Attributes, Availability, Currency, Nanos, Offer, Quote, Term};
use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::collect::normalise::Interner;

/// The word of a presence in SQL.
pub(super) mod presence {
    pub(in crate::store) const PRESENT: i64 = 0;
    pub(in crate::store) const HELD: i64 = 1;
    pub(in crate::store) const MISSED: i64 = 2;
    pub(in crate::store) const WITHDRAWN: i64 = 3;
}

pub(super) fn availability_number(availability: Availability) -> i64 {
    match availability {
        Availability::Available => 0,
        Availability::Low => 1,
        Availability::Unavailable => 2,
        Availability::NotStated => 3,
    }
}

/// Reads what [`availability_number`] writes.
pub(super) fn availability_of(number: i64) -> Availability {
    match number {
        0 => Availability::Available,
        1 => Availability::Low,
        2 => Availability::Unavailable,
        _ => Availability::NotStated,
    }
}

pub(super) fn terms_text(terms: &[Term]) -> String {
    serde_json::to_string(terms).expect("terms are plain values")
}

pub(super) fn attributes_text(attributes: &Attributes) -> String {
    serde_json::to_string(attributes).expect("attributes are plain values")
}

pub(super) fn damaged(what: &'static str, reason: impl std::fmt::Display) -> StoreError {
    StoreError::Damaged { what, reason: reason.to_string() }
}

pub(super) fn parsed<T: std::str::FromStr>(what: &'static str, text: &str) -> Result<T, StoreError>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| damaged(what, error))
}

/// An offer as the quarantine keeps it: JSON, because it is looked at, not counted.
#[derive(Serialize, Deserialize)]
pub(super) struct KeptOffer {
    provider: String,
    sku: String,
    tier: String,
    region: String,
    market: gpurate_domain::MarketKind,
    gpu_count: Option<gpurate_domain::GpuCount>,
    country: Option<gpurate_domain::Country>,
    provider_term: Option<String>,
    gpu_name: String,
    gpu_name_alternative: Option<String>,
    vram_per_gpu: Option<gpurate_domain::Vram>,
    vram_usable: Option<gpurate_domain::Vram>,
    gpu_count_max: Option<u32>,
    per_hour_nanos: i64,
    currency: Currency,
    quote: Quote,
    kind: gpurate_domain::PriceKind,
    availability: Availability,
    terms: Vec<Term>,
    units: u32,
    attributes: Attributes,
}

impl KeptOffer {
    pub(super) fn of(offer: &Offer) -> Self {
        let text = |text: &Arc<str>| text.to_string();
        Self {
            provider: text(&offer.key.provider),
            sku: text(&offer.key.sku),
            tier: text(&offer.key.tier),
            region: text(&offer.key.region),
            market: offer.key.market,
            gpu_count: offer.key.gpu_count,
            country: offer.country,
            provider_term: offer.provider_term.as_ref().map(text),
            gpu_name: text(&offer.gpu_name),
            gpu_name_alternative: offer.gpu_name_alternative.as_ref().map(text),
            vram_per_gpu: offer.vram_per_gpu,
            vram_usable: offer.vram_usable,
            gpu_count_max: offer.gpu_count_max,
            per_hour_nanos: offer.price.per_hour.nanos,
            currency: offer.price.per_hour.currency,
            quote: offer.price.quote,
            kind: offer.price.kind,
            availability: offer.price.availability,
            terms: offer.price.terms.to_vec(),
            units: offer.units,
            attributes: (*offer.attributes).clone(),
        }
    }

    pub(super) fn offer(self, interner: &mut Interner) -> Offer {
        Offer {
            key: gpurate_domain::OfferKey {
                provider: interner.text(&self.provider),
                sku: interner.text(&self.sku),
                tier: interner.text(&self.tier),
                region: interner.text(&self.region),
                market: self.market,
                gpu_count: self.gpu_count,
            },
            country: self.country,
            provider_term: self.provider_term.map(|term| interner.text(&term)),
            gpu_name: interner.text(&self.gpu_name),
            gpu_name_alternative: self.gpu_name_alternative.map(|name| interner.text(&name)),
            vram_per_gpu: self.vram_per_gpu,
            vram_usable: self.vram_usable,
            gpu_count_max: self.gpu_count_max,
            price: OfferPrice {
                per_hour: gpurate_domain::PerHour { nanos: self.per_hour_nanos, currency: self.currency },
                quote: self.quote,
                kind: self.kind,
                availability: self.availability,
                terms: interner.terms(self.terms),
            },
            units: self.units,
            attributes: interner.attributes(self.attributes),
        }
    }
}

/// A quote from its stored parts.
pub(super) fn quote(nanos: i64, currency: Currency, unit: &str) -> Result<Quote, StoreError> {
    let (scope, period) = Quote::parse_unit(unit).ok_or_else(|| damaged("unit of a price", unit))?;
    Ok(Quote { amount: Nanos(nanos), currency, scope, period })
}
