//! One offer as the API shows it. Texts are shared with the market and decimals are written when they are serialised:
//! a view of an offer costs few allocations.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use gpurate_domain::{
    Availability, Country, Currency, GpuCount, MarketKind, Nanos, OfferId, PriceKind, TermKind, TermUnit, UsdPerGpuHour, UsdPerHour, Vram,
};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::Filters;
use crate::market::{self, Entry, Flags, Freshness, Group, Market, Presence};

/// A text that is shared with the market.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word(pub Arc<str>);

impl Serialize for Word {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl Deref for Word {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Memory in GiB, as decimal text: `24`, `7.996`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gib(pub Vram);

impl Serialize for Gib {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.gib_text())
    }
}

impl fmt::Display for Gib {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.gib_text())
    }
}

/// Hashes of archived pages, shared with the market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pages(pub Arc<[String]>);

impl Serialize for Pages {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter())
    }
}

/// One offer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfferView {
    /// Stable id: 20 hex digits.
    #[schema(value_type = String)]
    pub id: OfferId,
    /// Slug of the provider.
    #[schema(value_type = String)]
    pub provider: Word,
    /// The provider's own code.
    #[schema(value_type = String)]
    pub sku: Word,
    /// What must not be mixed: `secure`, `community`, `datacenter`, `standard`.
    #[schema(value_type = String)]
    pub tier: Word,
    /// The provider's own code of the place, `global` or `unknown`.
    #[schema(value_type = String)]
    pub region: Word,
    /// ISO 3166-1 alpha-2, where the source lists it.
    #[schema(value_type = Option<String>)]
    pub country: Option<Country>,
    /// `on_demand`, `spot` or `serverless`.
    #[schema(value_type = String)]
    pub market: MarketKind,
    /// Slug of the GPU; null for a variant, an ambiguous or an unmapped name.
    #[schema(value_type = Option<String>)]
    pub gpu: Option<Word>,
    /// Slug of the group the offer is counted in; never null.
    #[schema(value_type = String)]
    pub gpu_group: Word,
    /// The GPU's family; null for an unmapped name.
    #[schema(value_type = Option<String>)]
    pub gpu_family: Option<Word>,
    /// The GPU in the provider's own words.
    #[schema(value_type = String)]
    pub gpu_name_raw: Word,
    /// `1`, `8`, `1/8`; null where the source does not say.
    #[schema(value_type = Option<String>)]
    pub gpu_count: Option<GpuCount>,
    /// Up to how many at the same price per GPU.
    pub gpu_count_max: Option<u32>,
    /// Nominal memory of one whole card.
    #[schema(value_type = Option<String>)]
    pub vram_gib_per_gpu: Option<Gib>,
    /// Memory one gets per GPU: less than the card's for a slice.
    #[schema(value_type = Option<String>)]
    pub vram_gib_usable: Option<Gib>,
    /// The whole offer; null without an exchange rate.
    #[schema(value_type = Option<String>)]
    pub price_usd_per_hour: Option<UsdPerHour>,
    /// One whole GPU; null without an exchange rate or count.
    #[schema(value_type = Option<String>)]
    pub price_usd_per_gpu_hour: Option<UsdPerGpuHour>,
    /// `fixed`, `market`, `bid_floor` or `from` (a lower bound).
    #[schema(value_type = String)]
    pub price_kind: PriceKind,
    /// The price as quoted.
    pub original_price: Original,
    /// In the currency and with the tax that were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_price: Option<Display>,
    /// `live`: from a live source.
    pub source: &'static str,
    /// Stock, as the source says it.
    #[schema(value_type = String)]
    pub availability: Availability,
    /// How many equal units are offered.
    pub units: u32,
    /// Money facts beside the hourly price.
    pub terms: Vec<TermView>,
    /// What is good to know and makes no change when it moves.
    pub attributes: Attributes,
    /// The last accepted collection that held the offer.
    #[schema(value_type = String, format = DateTime)]
    pub observed_at: DateTime<Utc>,
    /// When this price began.
    #[schema(value_type = String, format = DateTime)]
    pub price_since: DateTime<Utc>,
    /// Seconds from `observed_at` to `as_of`.
    pub age_seconds: i64,
    /// `fresh`, `ageing` or `stale`.
    pub freshness: Freshness,
    /// `present`, `held` (the newest row was not believed) or `missed` (not in the newest answer).
    pub presence: &'static str,
    /// What proves the price.
    pub evidence: Evidence,
    /// Where one rents.
    pub launch_url: String,
    /// More GPUs of the same line cost no more (shown, not hidden).
    pub count_anomaly: bool,
    /// The price went back and forth within a day.
    pub flapping: bool,
    /// The series is retired.
    pub retired: bool,
}

/// A price as quoted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Original {
    /// Decimal amount.
    #[schema(value_type = String)]
    pub amount: Nanos,
    /// Its currency.
    #[schema(value_type = String)]
    pub currency: Currency,
    /// `per_instance_hour`, `per_gpu_hour`, `per_instance_month_730h`, ...
    pub unit: String,
    /// The day of the rate that made dollars of it; null for dollars.
    #[schema(value_type = Option<String>, format = Date)]
    pub rate_date: Option<NaiveDate>,
}

/// A price in the currency and with the tax that were asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Display {
    /// The currency.
    #[schema(value_type = String)]
    pub currency: Currency,
    /// The whole offer, without tax.
    #[schema(value_type = Option<String>)]
    pub per_hour: Option<Nanos>,
    /// One whole GPU, without tax.
    #[schema(value_type = Option<String>)]
    pub per_gpu_hour: Option<Nanos>,
    /// The tax added below, in percent.
    #[schema(value_type = Option<String>)]
    pub vat_percent: Option<Nanos>,
    /// The whole offer, with it.
    #[schema(value_type = Option<String>)]
    pub per_hour_with_vat: Option<Nanos>,
    /// One whole GPU, with it.
    #[schema(value_type = Option<String>)]
    pub per_gpu_hour_with_vat: Option<Nanos>,
}

/// A money fact beside the hourly price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TermView {
    /// What is paid for.
    #[schema(value_type = String)]
    pub kind: TermKind,
    /// Decimal amount; zero means free and is said by the source.
    #[schema(value_type = String)]
    pub amount: Nanos,
    /// Its currency.
    #[schema(value_type = String)]
    pub currency: Currency,
    /// Per what: `gb_month_730h`, `gib_month_720h`, `gb_hour`, `gib_hour`, `gb`, `gib`, `start`, `month`.
    pub unit: String,
}

/// What is good to know of an offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Attributes {
    /// Virtual CPUs of the whole offer.
    #[schema(value_type = Option<String>)]
    pub vcpu: Option<Nanos>,
    /// Memory of the whole offer.
    #[schema(value_type = Option<String>)]
    pub ram_gib: Option<Gib>,
    /// Local disk at most.
    pub disk_gb: Option<u64>,
    /// Download speed of the machine.
    pub download_mbit_s: Option<u64>,
    /// Upload speed of the machine.
    pub upload_mbit_s: Option<u64>,
    /// GB out that the machine brings for a whole month of running; 0 where the source says none.
    pub egress_free_gb_per_month: Option<u64>,
    /// Score between 0 and 1, as the marketplace gives it.
    #[schema(value_type = Option<String>)]
    pub reliability: Option<Nanos>,
    /// Whether the marketplace has verified the host; null where it verifies none.
    pub verified: Option<bool>,
    /// How many seconds the host still offers the machine.
    pub offered_for_seconds: Option<u64>,
}

/// What proves a price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Evidence {
    /// The part it was read in.
    #[schema(value_type = String)]
    pub part: Word,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub observed_at: DateTime<Utc>,
    /// Hashes of the pages, where the part's newest accepted answer holds the offer; else null.
    #[schema(value_type = Option<Vec<String>>)]
    pub pages: Option<Pages>,
}

/// The billing rule in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Billing {
    /// Used time is rounded up to a multiple of it.
    pub granularity_seconds: Option<u32>,
    /// The least that is billed per start.
    pub minimum_charge_seconds: Option<u32>,
    /// The same in words.
    pub words: String,
    /// Where it was read.
    pub source: String,
    /// And when.
    #[schema(value_type = String, format = Date)]
    pub read_on: NaiveDate,
}

/// What every view of an offer needs.
pub(super) struct Viewer<'a> {
    pub market: &'a Market,
    pub filters: &'a Filters,
    pub as_of: DateTime<Utc>,
}

impl Viewer<'_> {
    /// The offer at a position of the index, which is in `group`.
    pub fn offer(&self, position: usize, group: &Group) -> OfferView {
        let entry = &*self.market.index.entries[position];
        let flags = self.market.index.columns.flags[position];
        let (offer, key) = (&entry.offer, &entry.offer.key);
        let part = &self.market.parts[entry.part];
        let provider = self.market.provider_of(entry.part);
        let observed_at = self.market.observed_at(entry);
        let age_seconds = self.market.age_seconds(entry, self.as_of);
        let present = matches!(entry.presence, Presence::Present);
        OfferView {
            id: entry.id,
            provider: Word(key.provider.clone()),
            sku: Word(key.sku.clone()),
            tier: Word(key.tier.clone()),
            region: Word(key.region.clone()),
            country: offer.country,
            market: key.market,
            gpu: group.gpu.map(|_| Word(group.slug.clone())),
            gpu_group: Word(group.slug.clone()),
            gpu_family: group.family.clone().map(Word),
            gpu_name_raw: Word(offer.gpu_name.clone()),
            gpu_count: key.gpu_count,
            gpu_count_max: offer.gpu_count_max,
            vram_gib_per_gpu: market::vram_per_gpu(entry).map(Gib),
            vram_gib_usable: market::vram_usable(entry).map(Gib),
            price_usd_per_hour: entry.usd_per_hour,
            price_usd_per_gpu_hour: entry.usd_per_gpu_hour,
            price_kind: offer.price.kind,
            original_price: self.original(entry),
            display_price: self.display(entry),
            source: "live",
            availability: offer.price.availability,
            units: offer.units,
            terms: offer.price.terms.iter().map(term).collect(),
            attributes: attributes(&offer.attributes),
            observed_at,
            price_since: entry.price_since,
            age_seconds,
            freshness: provider.freshness(age_seconds),
            presence: match entry.presence {
                Presence::Present => "present",
                Presence::Held { .. } => "held",
                Presence::Missed { .. } => "missed",
            },
            evidence: Evidence { part: Word(part.name.clone()), observed_at, pages: present.then(|| Pages(part.pages.clone())) },
            launch_url: provider.launch_url.clone(),
            count_anomaly: flags.has(Flags::COUNT_ANOMALY),
            flapping: entry.flapping,
            retired: offer.attributes.retired,
        }
    }

    fn original(&self, entry: &Entry) -> Original {
        let quote = entry.offer.price.quote;
        let converted = quote.currency != Currency::USD && entry.usd_per_hour.is_some();
        Original {
            amount: quote.amount,
            currency: quote.currency,
            unit: quote.unit(),
            rate_date: self.market.rates.as_ref().filter(|_| converted).map(|rates| rates.date),
        }
    }

    /// The price of an entry in the currency and with the tax that were asked for.
    pub fn display(&self, entry: &Entry) -> Option<Display> {
        if self.filters.currency.is_none() && self.filters.vat_percent.is_none() {
            return None;
        }
        let currency = self.filters.currency.unwrap_or(Currency::USD);
        let quoted = entry.offer.price.per_hour;
        // From the quoted price, not from its dollars: a price in euros shown in euros is the price as quoted.
        let nanos = if quoted.currency == currency {
            Some(quoted.nanos)
        } else if currency == Currency::USD {
            entry.usd_per_hour.map(|price| price.nanos)
        } else {
            self.market.rates.as_ref().and_then(|rates| rates.convert(quoted.nanos, quoted.currency, currency))
        };
        // Dividing by the count is the same in every currency.
        let per_gpu = nanos.zip(entry.offer.key.gpu_count).and_then(|(nanos, count)| UsdPerHour { nanos }.per_gpu(count));
        Some(self.displayed(currency, nanos, per_gpu.map(|price| price.nanos)))
    }

    /// An amount in dollars per GPU-hour that is no offer's own, in the currency and with the tax that were asked for.
    pub fn display_usd(&self, nanos: i64) -> Option<Display> {
        if self.filters.currency.is_none() && self.filters.vat_percent.is_none() {
            return None;
        }
        let currency = self.filters.currency.unwrap_or(Currency::USD);
        let converted = match &self.market.rates {
            _ if currency == Currency::USD => Some(nanos),
            Some(rates) => rates.convert(nanos, Currency::USD, currency),
            None => None,
        };
        Some(self.displayed(currency, None, converted))
    }

    fn displayed(&self, currency: Currency, per_hour: Option<i64>, per_gpu_hour: Option<i64>) -> Display {
        let (per_hour, per_gpu_hour) = (per_hour.map(Nanos), per_gpu_hour.map(Nanos));
        let vat = self.filters.vat_percent;
        let with_vat = |price: Option<Nanos>| price.zip(vat).and_then(|(price, vat)| with_percent(price, vat));
        Display {
            currency,
            per_hour,
            per_gpu_hour,
            vat_percent: vat,
            per_hour_with_vat: with_vat(per_hour),
            per_gpu_hour_with_vat: with_vat(per_gpu_hour),
        }
    }
}

/// `price` and `percent` of it on top, rounded half up once.
fn with_percent(price: Nanos, percent: Nanos) -> Option<Nanos> {
    let hundred = 100 * i128::from(gpurate_domain::money::NANOS_PER_UNIT);
    let product = i128::from(price.0) * (hundred + i128::from(percent.0));
    i64::try_from((product + hundred / 2) / hundred).ok().map(Nanos)
}

/// The billing rule of an offer on a day in short, where anything is known.
pub(super) fn billing(rule: &gpurate_domain::BillingRule) -> Option<Billing> {
    let source = rule.main_source()?;
    Some(Billing {
        granularity_seconds: rule.granularity_seconds().map(std::num::NonZeroU32::get),
        minimum_charge_seconds: rule.minimum_charge_seconds(),
        words: rule.in_words(),
        source: source.source,
        read_on: source.read_on,
    })
}

fn term(term: &gpurate_domain::Term) -> TermView {
    let unit = match term.unit {
        TermUnit::GbMonth { hours } => format!("gb_month_{hours}h"),
        TermUnit::GibMonth { hours } => format!("gib_month_{hours}h"),
        TermUnit::GbHour => "gb_hour".to_owned(),
        TermUnit::GibHour => "gib_hour".to_owned(),
        TermUnit::Gb => "gb".to_owned(),
        TermUnit::Gib => "gib".to_owned(),
        TermUnit::Start => "start".to_owned(),
        TermUnit::Month => "month".to_owned(),
    };
    TermView { kind: term.kind, amount: term.amount, currency: term.currency, unit }
}

fn attributes(attributes: &gpurate_domain::Attributes) -> Attributes {
    let thousandths = gpurate_domain::money::NANOS_PER_UNIT / 1_000;
    let vcpu = attributes.vcpu_millis.and_then(|millis| i64::try_from(millis).ok()?.checked_mul(thousandths));
    Attributes {
        vcpu: vcpu.map(Nanos),
        ram_gib: attributes.ram_mib.and_then(|mib| u32::try_from(mib).ok()).map(|mib| Gib(Vram::from_mib(mib))),
        disk_gb: attributes.disk_gb,
        download_mbit_s: attributes.download_mbit_s,
        upload_mbit_s: attributes.upload_mbit_s,
        egress_free_gb_per_month: attributes.egress_free_gb_per_month,
        reliability: attributes.reliability,
        verified: attributes.verified,
        offered_for_seconds: attributes.offered_for_seconds,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tax_is_rounded_once() {
        assert_eq!(with_percent(Nanos(1_000_000_000), Nanos(20_000_000_000)), Some(Nanos(1_200_000_000)));
        assert_eq!(with_percent(Nanos(3), Nanos(50_000_000_000)), Some(Nanos(5)));
        assert_eq!(with_percent(Nanos(i64::MAX), Nanos(100_000_000_000)), None);
    }
}
