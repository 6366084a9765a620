//! The guide as programs and people read it. Sentences are figures and a message's id, so that they can be said in any
//! language; the English text stands beside them.

use chrono::{DateTime, NaiveDate, Utc};
use gpurate_domain::{Country, MarketKind, Nanos, OfferId, PriceKind, UsdPerGpuHour};
use serde::Serialize;
use utoipa::ToSchema;

use crate::compare::WorkloadOnCard;
use crate::market::Freshness;
use crate::prices::{Coverage, Figure, Word};
use crate::said::{Argument, Message};
use crate::simulate::{Plan, Policy};
use crate::workloads::{Kind, Resolution};

/// A guide with the figures of now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Guide {
    /// Its name in addresses.
    pub slug: &'static str,
    /// The moment ages count to.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: DateTime<Utc>,
    /// Of the market that was asked.
    pub market_version: u64,
    /// Every price comes from made-up samples.
    pub sample: bool,
    /// The day the data of workloads and speeds was compiled.
    pub compiled_on: &'static str,
    /// What speeds and costs of the tiers are of.
    pub workload: GuideWorkload,
    /// How it is meant to be used, where that was said: it orders the tiers' GPUs and the picks.
    pub usage: Option<Usage>,
    /// Memory as gates, the smallest first.
    pub tiers: Vec<Tier>,
    /// Which offer for which pattern of use, computed by the simulator.
    pub picks: Vec<Pick>,
    /// What to look at beside speed and price, one row per provider that sells now.
    pub providers: Vec<ProviderBeyond>,
    /// Questions and their answers of now.
    pub answers: Vec<GuideAnswer>,
    /// What is in the tiers' prices, and what is not, and why.
    pub coverage: Coverage,
}

/// What a guide counts in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GuideWorkload {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What times and costs are of.
    pub unit: &'static str,
    /// Steps of one.
    pub steps: Option<u32>,
    /// Of one.
    #[schema(value_type = Option<String>)]
    pub resolution: Option<Resolution>,
}

/// A pattern of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Usage {
    /// Somebody waits for each picture.
    Interactive,
    /// Nobody waits but a deadline.
    Batch,
}

/// Cards of so much memory.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Tier {
    /// At least so many GiB, as on the box.
    pub vram_gib_min: u32,
    /// Less than so many; null where it is open.
    pub vram_gib_below: Option<u32>,
    /// What runs there.
    pub workloads: Vec<TierWorkload>,
    /// Ids of workloads of which no variant is known to fit.
    pub nothing_fits: Vec<String>,
    /// Its cards that are offered now, best first: by price on demand; for interactive use by time; for batches by the
    /// cost of a thousand. What has none of it comes last.
    pub gpus: Vec<TierGpu>,
    /// Slugs of its cards in the table that nobody offers now.
    pub not_offered: Vec<String>,
    /// The cheapest of its cards on demand.
    pub cheapest_on_demand: Option<TierPrice>,
    /// And as spot.
    pub cheapest_spot: Option<TierPrice>,
    /// The cheapest of the last prices on demand, too old to be of now, where there is none of now.
    pub last_on_demand: Option<TierPrice>,
    /// And as spot.
    pub last_spot: Option<TierPrice>,
}

/// A tier's cheapest rentable price.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TierPrice {
    /// Slug of the card.
    pub gpu: String,
    /// The price.
    #[serde(flatten)]
    pub figure: Figure,
}

/// A workload in a tier.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TierWorkload {
    /// Its id.
    pub workload: String,
    /// Its name.
    pub name: String,
    /// What it makes.
    pub kind: Kind,
    /// The best of `variants` that every card of the tier has memory for, features aside.
    pub best_on_every_card: Option<String>,
    /// Variants that fit, best first.
    pub variants: Vec<TierVariant>,
}

/// A variant that runs in a tier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TierVariant {
    /// Its name.
    pub variant: String,
    /// Precision and method in words.
    pub precision: String,
    /// Every card of the tier has memory for it; else only its larger ones.
    pub on_every_card: bool,
    /// Memory it takes.
    pub vram_mib_needed: Option<u32>,
    /// What a card must have beside memory, in words; null for nothing.
    pub needs: Option<&'static str>,
    /// Bits of the weights: 16 is the model as it was made.
    pub quality_bits: u8,
    /// What its source says of the pictures.
    pub quality_note: Option<String>,
    /// Speed against 16 bit with everything resident, in thousandths; null where nobody measured.
    pub speed_factor_millis: Option<u32>,
    /// Weights move between host and card.
    pub is_offload: bool,
    /// Compiled before the first picture.
    pub is_compiled: bool,
    /// Where it was read.
    pub source: String,
}

/// A card of a tier, with what it costs now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TierGpu {
    /// Its slug.
    pub gpu: String,
    /// Its name.
    pub name: String,
    /// Nominal memory.
    pub vram_gib: u32,
    /// `consumer`, `workstation` or `datacenter`.
    pub segment: Option<String>,
    /// The cheapest on demand.
    pub on_demand: Option<Figure>,
    /// The cheapest as spot.
    pub spot: Option<Figure>,
    /// The guide's workload on it.
    pub work: WorkloadOnCard,
    /// By what the tier is ordered its range overlaps the first one's: which is better is not known.
    pub tied_with_first: bool,
}

/// Which pattern a pick is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PickId {
    /// Evenings with somebody at the screen.
    Interactive,
    /// One night.
    OvernightBatch,
    /// Training a LoRA every week.
    FineTuning,
}

/// What the market of now says to the usual advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PickVerdict {
    /// The advised offer is the cheapest.
    Confirmed,
    /// Another costs less, whatever is not known.
    Contradicted,
    /// The ranges overlap.
    Undecided,
    /// What the advice means is not offered now, or nothing is.
    Unknown,
}

/// An offer for a pattern of use.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Pick {
    /// For which.
    pub id: PickId,
    /// The simulator's preset.
    pub preset: &'static str,
    /// What it is.
    pub preset_words: &'static str,
    /// The plan: the preset, and what replaces its keys where another workload was asked for.
    #[schema(value_type = Object)]
    pub plan: Plan,
    /// Asks the simulator the same.
    pub permalink: String,
    /// It is for the usage that was asked for.
    pub asked: bool,
    /// The cheapest by the dear end of its bill; null where nothing is offered that can do it.
    pub row: Option<PickRow>,
    /// Others whose range overlaps its: which is cheapest is not known. At most five.
    pub tied: Vec<PickRow>,
    /// All rows that were ranked.
    pub rows: usize,
    /// What the usual advice says, in a sentence.
    pub usual_advice: Message,
    /// The offer it comes to now.
    pub usual: Option<PickRow>,
    /// What today's prices say to it.
    pub verdict: PickVerdict,
    /// The same in a sentence with the figures.
    pub finding: Message,
    /// What waiting less costs: rows that no other beats in both cost and waiting, after the pick.
    pub less_waiting: Vec<LessWaiting>,
}

/// A row of the simulator, in short.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PickRow {
    /// By the dear end of the bill.
    pub rank: usize,
    /// By price per GPU-hour.
    pub sticker_rank: usize,
    /// The offer.
    #[schema(value_type = String)]
    pub offer: OfferId,
    /// Slug of the card.
    #[schema(value_type = String)]
    pub gpu: Word,
    /// Who sells it.
    #[schema(value_type = String)]
    pub provider: Word,
    /// What the provider does not mix.
    #[schema(value_type = String)]
    pub tier: Word,
    /// Where, as the provider says it.
    #[schema(value_type = String)]
    pub region: Word,
    /// Where.
    #[schema(value_type = Option<String>)]
    pub country: Option<Country>,
    /// In which market.
    #[schema(value_type = String)]
    pub market: MarketKind,
    /// Its price.
    #[schema(value_type = Option<String>)]
    pub usd_per_gpu_hour: Option<UsdPerGpuHour>,
    /// Its kind; where it is `from` the ends of the bill count a lower bound.
    #[schema(value_type = String)]
    pub price_kind: PriceKind,
    /// Its age.
    pub age_seconds: i64,
    /// The word for it.
    pub freshness: Freshness,
    /// The variant, where the work is a model's.
    pub variant: Option<String>,
    /// Typical seconds of an image.
    #[schema(value_type = Option<String>)]
    pub seconds_per_image: Option<Nanos>,
    /// That is estimated from other cards.
    pub speed_is_estimate: bool,
    /// Between sessions.
    pub policy: Policy,
    /// Cheap end of the bill.
    #[schema(value_type = String)]
    pub total_low_usd: Nanos,
    /// Dear end.
    #[schema(value_type = String)]
    pub total_high_usd: Nanos,
    /// Dear end per 1,000 images.
    #[schema(value_type = Option<String>)]
    pub usd_per_1000_images: Option<Nanos>,
    /// From opening a session to its first image.
    pub click_to_first_image_seconds: u64,
    /// Waited for machines and card, slow end.
    pub waited_high_seconds: u64,
    /// Done in its window, where there is one.
    pub in_time: bool,
    /// Machines at once.
    pub machines: u64,
    /// Its range overlaps the first row's.
    pub tied_with_first: bool,
}

/// A step of the frontier.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LessWaiting {
    /// The row.
    #[serde(flatten)]
    pub row: PickRow,
    /// What an hour less of waiting costs, against the step before.
    #[schema(value_type = Option<String>)]
    pub usd_per_hour_not_waited: Option<Nanos>,
}

/// A provider's rules beside its prices. A column without values is not known.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProviderBeyond {
    /// Its slug.
    #[schema(value_type = String)]
    pub provider: Word,
    /// Its name.
    pub name: String,
    /// Rentable offers on demand now.
    pub on_demand_offers: u32,
    /// As spot.
    pub spot_offers: u32,
    /// By use of an endpoint.
    pub serverless_offers: u32,
    /// To what time is rounded up, in seconds.
    pub granularity: BeyondColumn,
    /// The least that is billed per start, in seconds.
    pub minimum: BeyondColumn,
    /// What happens to a spot machine that is taken away.
    pub on_eviction: BeyondColumn,
    /// Whether data can outlive the machine.
    pub persistent_storage: BeyondColumn,
    /// What a volume that outlives the machine costs.
    pub volume_price: BeyondColumn,
    /// Whether there are images with drivers and frameworks.
    pub prebuilt_images: BeyondColumn,
    /// What data out costs.
    pub egress: BeyondColumn,
}

/// A fact of a provider. Several values where its offers differ.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct BeyondColumn {
    /// Each once, with its source.
    pub values: Vec<BeyondValue>,
    /// Some of its offers have a rule that does not say it.
    pub unknown_for_some: bool,
    /// In English.
    pub words: String,
}

/// A value of a billing rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct BeyondValue {
    /// As the manifest writes it: `60`, `true`, `"0.05 USD"`.
    pub value: String,
    /// In English.
    pub words: String,
    /// The same as a sentence: which one,
    pub message_id: &'static str,
    /// and its figures.
    pub arguments: Vec<Argument>,
    /// Where it was read.
    pub source: String,
    /// And when.
    #[schema(value_type = String, format = Date)]
    pub read_on: NaiveDate,
}

/// A question and its answer of now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GuideAnswer {
    /// Which question.
    pub id: &'static str,
    /// The question in English.
    pub question: &'static str,
    /// Sentences, each with its figures.
    pub sentences: Vec<Message>,
    /// Of the prices in it the oldest; null where there is none.
    pub age_seconds: Option<i64>,
}
