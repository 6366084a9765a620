//! What a provider sells at one price: in its own words ([`RawOffer`], from an adapter) and in ours ([`Offer`]).

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::gpu::{GpuCount, Vram};
use crate::money::{Currency, Nanos, PerHour, Quote};
use crate::region::{Country, RegionCode};

/// How the capacity is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarketKind {
    /// Kept until the renter gives it back.
    OnDemand,
    /// May be taken away (preemptible, interruptible, bid).
    Spot,
    /// Billed by use of an endpoint.
    Serverless,
}

impl MarketKind {
    /// All kinds, in the order they are shown.
    pub const ALL: [Self; 3] = [Self::OnDemand, Self::Spot, Self::Serverless];

    /// The word used in the API, in SQL and in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OnDemand => "on_demand",
            Self::Spot => "spot",
            Self::Serverless => "serverless",
        }
    }
}

impl fmt::Display for MarketKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is none of those allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not one of {1}")]
pub struct WordError(pub String, pub String);

impl FromStr for MarketKind {
    type Err = WordError;
    fn from_str(text: &str) -> Result<Self, WordError> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| WordError(text.chars().take(40).collect(), "`on_demand`, `spot`, `serverless`".to_owned()))
    }
}

/// How a price came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceKind {
    /// A list price.
    Fixed,
    /// Moves with supply and demand.
    Market,
    /// The lowest bid that is taken now; the winner pays its own bid.
    BidFloor,
    /// The least of several prices ("from 1.55"): a lower bound. Which size, place or hour has it, and what the others cost, is
    /// not said.
    From,
}

impl PriceKind {
    /// A lower bound, and no price one knows to pay.
    pub const fn is_from(self) -> bool {
        matches!(self, Self::From)
    }

    /// The word used in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Market => "market",
            Self::BidFloor => "bid_floor",
            Self::From => "from",
        }
    }
}

impl FromStr for PriceKind {
    type Err = WordError;
    fn from_str(text: &str) -> Result<Self, WordError> {
        [Self::Fixed, Self::Market, Self::BidFloor, Self::From]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| WordError(text.chars().take(40).collect(), "`fixed`, `market`, `bid_floor`, `from`".to_owned()))
    }
}

/// Whether the offer can be had, as the source says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// The source says it can be had now.
    Available,
    /// The source says little is left.
    Low,
    /// The source says it cannot be had now.
    Unavailable,
    /// The source publishes prices, not stock.
    NotStated,
}

impl Availability {
    /// The word used in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Low => "low",
            Self::Unavailable => "unavailable",
            Self::NotStated => "not_stated",
        }
    }

    /// Not known to be out of stock.
    pub const fn may_be_had(self) -> bool {
        !matches!(self, Self::Unavailable)
    }
}

impl FromStr for Availability {
    type Err = WordError;
    fn from_str(text: &str) -> Result<Self, WordError> {
        [Self::Available, Self::Low, Self::Unavailable, Self::NotStated]
            .into_iter()
            .find(|word| word.as_str() == text)
            .ok_or_else(|| WordError(text.chars().take(40).collect(), "`available`, `low`, `unavailable`, `not_stated`".to_owned()))
    }
}

/// A money fact of an offer beside its hourly price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TermKind {
    /// Disk while the machine runs.
    StorageRunning,
    /// Disk while it is stopped.
    StorageStopped,
    /// Data out.
    Egress,
    /// Data in.
    Ingress,
    /// Paid once per start.
    SetUp,
    /// The most that a month of computing costs.
    MonthlyCap,
}

/// What one unit of a term's price pays for. GB are decimal, GiB binary: never mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TermUnit {
    /// One GB for the provider's month of so many hours.
    GbMonth {
        /// Hours of that month.
        hours: u32,
    },
    /// One GiB for the provider's month of so many hours.
    GibMonth {
        /// Hours of that month.
        hours: u32,
    },
    /// One GB for an hour.
    GbHour,
    /// One GiB for an hour.
    GibHour,
    /// One GB moved.
    Gb,
    /// One GiB moved.
    Gib,
    /// One start.
    Start,
    /// One calendar month.
    Month,
}

/// One money fact: what, how much, per what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Term {
    /// What is paid for.
    pub kind: TermKind,
    /// Decimal amount; zero means free and is said by the source.
    pub amount: Nanos,
    /// Currency of the amount.
    pub currency: Currency,
    /// Per what.
    pub unit: TermUnit,
}

/// What is good to know and makes no change when it moves. Missing is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Attributes {
    /// Virtual CPUs of the whole offer, in thousandths (marketplaces sell shares of cores).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vcpu_millis: Option<u64>,
    /// Memory of the whole offer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ram_mib: Option<u64>,
    /// Local disk at most, in GB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_gb: Option<u64>,
    /// Download speed of the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub download_mbit_s: Option<u64>,
    /// Upload speed of the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload_mbit_s: Option<u64>,
    /// Data out that the machine brings with it, for a whole month of running; 0 where the source says that it brings none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub egress_free_gb_per_month: Option<u64>,
    /// Up-time score between 0 and 1, as the marketplace gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reliability: Option<Nanos>,
    /// Whether the marketplace has verified the host; `None` where it verifies none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
    /// How many seconds the host still offers the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offered_for_seconds: Option<u64>,
    /// The series is retired: its price is still listed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
}

/// A mandatory part of a price, such as a local disk that cannot be declined (defect D15).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PricePart {
    /// What it is.
    pub name: String,
    /// What it costs.
    pub quote: Quote,
}

/// One row of a provider's answer, in its own words: an adapter translates, it does not convert or judge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RawOffer {
    /// The provider's own code; for a marketplace listing the machine.
    pub sku: String,
    /// What must not be mixed: `secure`, `community`, `datacenter`, `standard`.
    pub tier: String,
    /// The place, in the provider's own code.
    pub region: RegionCode,
    /// The country where the source names it; else normalising looks in the manifest's `[regions]`.
    pub country: Option<String>,
    /// How it is sold.
    pub market: MarketKind,
    /// The provider's own word for the market (`interruptible`, `preemptible`).
    pub provider_term: Option<&'static str>,
    /// The GPU in the provider's own words.
    pub gpu_name: String,
    /// A second wording, read where the first does not decide (`H200 SXM` beside `NVIDIA H200`).
    pub gpu_name_alternative: Option<String>,
    /// Memory of one whole card, where the source says it.
    pub vram_per_gpu: Option<Vram>,
    /// Memory one gets, where it is less than the whole card's.
    pub vram_usable: Option<Vram>,
    /// How many; `None` where the source does not say (then the row stays unmapped).
    pub gpu_count: Option<GpuCount>,
    /// Up to how many one may take at the same price per GPU.
    pub gpu_count_max: Option<u32>,
    /// The price as quoted.
    pub price: Quote,
    /// What comes on top and cannot be declined.
    pub mandatory_parts: Vec<PricePart>,
    /// How the price came about.
    pub price_kind: PriceKind,
    /// How many equal units are offered; 1 for a list price.
    pub units: u32,
    /// Stock, as the source says it.
    pub availability: Availability,
    /// Money facts beside the hourly price.
    pub terms: Vec<Term>,
    /// The rest.
    pub attributes: Attributes,
}

impl RawOffer {
    /// A row with the facts every source has and the rest unknown.
    pub fn new(
        sku: impl Into<String>,
        tier: impl Into<String>,
        region: RegionCode,
        market: MarketKind,
        gpu_name: impl Into<String>,
        price: Quote,
    ) -> Self {
        Self {
            sku: sku.into(),
            tier: tier.into(),
            region,
            country: None,
            market,
            provider_term: None,
            gpu_name: gpu_name.into(),
            gpu_name_alternative: None,
            vram_per_gpu: None,
            vram_usable: None,
            gpu_count: None,
            gpu_count_max: None,
            price,
            mandatory_parts: Vec::new(),
            price_kind: PriceKind::Fixed,
            units: 1,
            availability: Availability::NotStated,
            terms: Vec::new(),
            attributes: Attributes::default(),
        }
    }
}

/// A row that cannot be used, with the reason a person can act on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// The provider's own code, or where the row stood (`/Items/12`).
    pub sku: String,
    /// Why, in words; quotes at most a short value.
    pub reason: String,
}

impl Rejected {
    /// A rejected row.
    pub fn new(sku: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { sku: sku.into(), reason: reason.into() }
    }
}

/// What makes two rows the same offer. Texts are shared: a market of 200 000 offers repeats few of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OfferKey {
    /// The provider's slug.
    pub provider: Arc<str>,
    /// The provider's own code.
    pub sku: Arc<str>,
    /// What must not be mixed.
    pub tier: Arc<str>,
    /// The provider's code of the place, `global` or `unknown`.
    pub region: Arc<str>,
    /// How it is sold.
    pub market: MarketKind,
    /// How many GPUs; `None` where the source does not say.
    pub gpu_count: Option<GpuCount>,
}

/// The stable public id of an offer: the first 80 bits of the BLAKE3 hash of its key, as 20 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OfferId(pub [u8; 10]);

impl OfferKey {
    /// The key's id. Fields are length-prefixed, so that no two keys run together.
    pub fn id(&self) -> OfferId {
        let count = self.gpu_count.map(|count| count.to_string()).unwrap_or_default();
        let mut hasher = blake3::Hasher::new();
        for field in [&*self.provider, &self.sku, &self.tier, &self.region, self.market.as_str(), &count] {
            hasher.update(&(field.len() as u64).to_le_bytes());
            hasher.update(field.as_bytes());
        }
        let mut id = [0; 10];
        hasher.finalize_xof().fill(&mut id);
        OfferId(id)
    }
}

impl fmt::Display for OfferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for OfferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for OfferId {
    type Err = WordError;
    fn from_str(text: &str) -> Result<Self, WordError> {
        let error = || WordError(text.chars().take(40).collect(), "ids of offers: 20 hex digits".to_owned());
        if text.len() != 20 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(error());
        }
        let mut id = [0; 10];
        for (index, byte) in id.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[index * 2..index * 2 + 2], 16).map_err(|_| error())?;
        }
        Ok(Self(id))
    }
}

impl Serialize for OfferId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OfferId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// One offer in our words: normalised, not yet judged. What the GPU *is* is derived at load from `gpu_name` and
/// `vram_per_gpu`, so that a better table mends the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Who sells what, where and how.
    pub key: OfferKey,
    /// The country, where listed.
    pub country: Option<Country>,
    /// The provider's own word for the market.
    pub provider_term: Option<Arc<str>>,
    /// The GPU in the provider's own words.
    pub gpu_name: Arc<str>,
    /// A second wording.
    pub gpu_name_alternative: Option<Arc<str>>,
    /// Memory of one whole card.
    pub vram_per_gpu: Option<Vram>,
    /// Memory one gets, where it is less.
    pub vram_usable: Option<Vram>,
    /// Up to how many at the same price per GPU.
    pub gpu_count_max: Option<u32>,
    /// What makes a change when it moves.
    pub price: OfferPrice,
    /// How many equal units.
    pub units: u32,
    /// The rest.
    pub attributes: Arc<Attributes>,
}

/// The part of an offer whose difference is a *change*: amount, availability, terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferPrice {
    /// The whole offer per hour, mandatory parts included, in the currency as quoted.
    pub per_hour: PerHour,
    /// The base amount as quoted.
    pub quote: Quote,
    /// How it came about.
    pub kind: PriceKind,
    /// Stock.
    pub availability: Availability,
    /// Money facts, sorted.
    pub terms: Arc<[Term]>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> OfferKey {
        OfferKey {
            provider: "example".into(),
            sku: "a".into(),
            tier: "b".into(),
            region: RegionCode::GLOBAL.into(),
            market: MarketKind::OnDemand,
            gpu_count: Some(GpuCount::ONE),
        }
    }

    #[test]
    fn d30_everything_that_distinguishes_two_offers_is_in_the_id() {
        let base = key();
        let others = [
            OfferKey { provider: "other".into(), ..key() },
            OfferKey { sku: "ab".into(), tier: "".into(), ..key() },
            OfferKey { region: "r".into(), ..key() },
            OfferKey { market: MarketKind::Spot, ..key() },
            OfferKey { gpu_count: GpuCount::ratio(1, 8), ..key() },
            OfferKey { gpu_count: None, ..key() },
        ];
        for other in others {
            assert_ne!(other.id(), base.id(), "{other:?}");
        }
    }

    #[test]
    fn d09_the_tier_is_part_of_the_identity() {
        assert_ne!(OfferKey { tier: "community".into(), ..key() }.id(), OfferKey { tier: "secure".into(), ..key() }.id());
    }

    #[test]
    fn an_id_never_changes_between_releases_and_reads_back() {
        let id = key().id();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!("xyz".parse::<OfferId>().is_err());
        assert_eq!(id.to_string(), ID_OF_THE_FIRST_RELEASE);
    }

    const ID_OF_THE_FIRST_RELEASE: &str = "68afeaae49fab243c222";
}
