//! The market: an immutable snapshot of now, replaced atomically after a commit. Every "now" question is answered from
//! it, and the next answer of a part is judged against it.
//!
//! It reads no clock: ages are counted by whoever asks, from [`Market::observed_at`].

pub mod come_back;
mod index;
pub mod summary;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use gpurate_domain::{FxRates, GpuMatch, MarketKind, Offer, OfferId, UsdPerGpuHour, UsdPerHour};

pub use index::{
    Cell, Columns, Flags, Group, Index, RELIABILITY_USUAL_PPM, Shape, group_slug_of, group_slug_of_name, vram_per_gpu, vram_usable,
};

/// Offers by id. An id is a hash already: its own bits place it.
pub type IdMap<V> = HashMap<OfferId, V, IdHash>;
/// Ids.
pub type IdSet = HashSet<OfferId, IdHash>;
/// Places ids by their own bits.
pub type IdHash = std::hash::BuildHasherDefault<IdBits>;

/// The first eight bytes of an id.
#[derive(Clone, Copy, Debug, Default)]
pub struct IdBits(u64);

impl std::hash::Hasher for IdBits {
    fn write(&mut self, bytes: &[u8]) {
        for (place, byte) in bytes.iter().take(8).enumerate() {
            self.0 ^= u64::from(*byte) << (8 * place);
        }
    }

    /// The length that precedes the bytes says nothing.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Everything known about now.
#[derive(Clone, Debug, Default)]
pub struct Market {
    /// Raised with every commit that changed something a reader can see; kept over restarts.
    pub version: u64,
    /// Every figure comes from made-up samples.
    pub sample: bool,
    /// The newest reference rates of currencies.
    pub rates: Option<Arc<FxRates>>,
    /// Providers, in the catalogue's order.
    pub providers: Vec<Arc<ProviderState>>,
    /// Parts, grouped by provider.
    pub parts: Vec<Arc<PartState>>,
    /// Offers, with what they are looked up by.
    pub index: Arc<Index>,
    /// Prices that were seen and not believed, until they are confirmed, denied or too old.
    pub held: IdMap<Arc<Held>>,
    /// Lowest and highest accepted price per GPU-hour of the last seven days.
    pub ranges: Arc<HashMap<RangeKey, PriceRange>>,
    /// How often machines of marketplaces were free again, as counted last.
    pub come_back: Arc<come_back::ComeBackCounts>,
}

/// One provider, as configured.
#[derive(Clone, Debug)]
pub struct ProviderState {
    /// Slug.
    pub slug: Arc<str>,
    /// The name people know.
    pub name: String,
    /// Whether it is collected.
    pub enabled: bool,
    /// Fresh up to this age.
    pub fresh_seconds: i64,
    /// Ageing up to this age, then stale.
    pub stale_seconds: i64,
    /// Where one rents.
    pub launch_url: String,
}

/// One part: when it was asked, when it was believed.
#[derive(Clone, Debug)]
pub struct PartState {
    /// Its row in the database; 0 before the first commit.
    pub row: i64,
    /// Index into [`Market::providers`].
    pub provider: usize,
    /// Slug of the provider.
    pub provider_slug: Arc<str>,
    /// Name within the provider.
    pub name: Arc<str>,
    /// The last attempt, whatever came of it.
    pub last_attempt_at: Option<DateTime<Utc>>,
    /// What came of it.
    pub last_outcome: Option<Outcome>,
    /// Its reason, where it was not accepted.
    pub last_error: Option<String>,
    /// The last attempt that was accepted.
    pub last_accepted_at: Option<DateTime<Utc>>,
    /// The source's own date in it, where it has one.
    pub source_dated_at: Option<DateTime<Utc>>,
    /// Attempts since then that were not accepted.
    pub failures: u32,
    /// Not before this, because the provider asked for a pause.
    pub not_before: Option<DateTime<Utc>>,
    /// Counts of the last accepted attempt.
    pub counts: Counts,
    /// Hashes of the pages of the last accepted attempt: the evidence of its present offers.
    pub pages: Arc<[String]>,
    /// Refusals in a row, for "what repeats is believed": when, and how many offers each had.
    pub refusals: Arc<[Refused]>,
    /// The adapter's version that parsed the last accepted attempt.
    pub adapter_version: u32,
    /// A source named it once, nobody collects it any more, and it sells nothing: it is shown nowhere.
    pub forgotten: bool,
}

/// What an attempt came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Believed and committed.
    Accepted,
    /// The answer came and was not believed: its shape is lost or it contradicts its past.
    Refused,
    /// The answer did not come.
    Failed,
}

impl Outcome {
    /// The word used in the API and in SQL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    /// Reads what [`Outcome::as_str`] writes.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Accepted, Self::Refused, Self::Failed].into_iter().find(|outcome| outcome.as_str() == word)
    }
}

/// Numbers of one attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Counts {
    /// Offers in the answer that were believed.
    pub offers: u64,
    /// Of them new or different in price, availability or terms; withdrawals included.
    pub changed: u64,
    /// Rows that could not be used.
    pub rejected: u64,
    /// Rows that were not believed.
    pub quarantined: u64,
    /// Offers whose GPU or count is not known.
    pub unmapped: u64,
    /// Bytes received, after decompression.
    pub bytes: u64,
    /// From first request to commit.
    pub duration_ms: u64,
}

/// One offer that is not withdrawn.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Public id.
    pub id: OfferId,
    /// Its row in the database.
    pub row: i64,
    /// Index into [`Market::parts`].
    pub part: usize,
    /// What is sold, as last accepted.
    pub offer: Offer,
    /// What the GPU is.
    pub gpu: GpuMatch,
    /// In dollars by the newest rates; `None` without a rate.
    pub usd_per_hour: Option<UsdPerHour>,
    /// For one whole GPU; `None` without a rate or count.
    pub usd_per_gpu_hour: Option<UsdPerGpuHour>,
    /// Whether the part's newest accepted answer holds it.
    pub presence: Presence,
    /// When this price began.
    pub price_since: DateTime<Utc>,
    /// The amount before this one, to notice flapping (defect D38).
    pub previous_nanos: Option<i64>,
    /// When this amount began; `price_since` moves with stock and terms too.
    pub amount_since: DateTime<Utc>,
    /// The price went back and forth within a day.
    pub flapping: bool,
}

/// Whether the part's newest accepted answer holds an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It does: its age is the part's.
    Present,
    /// Its row came but was rejected or quarantined: the last good price stays, with its own age.
    Held {
        /// The last accepted attempt that held it.
        observed_at: DateTime<Utc>,
    },
    /// It was missing once: out of the cheapest view, withdrawn by the next miss.
    Missed {
        /// The last accepted attempt that held it.
        observed_at: DateTime<Utc>,
        /// The attempt that missed it.
        missed_at: DateTime<Utc>,
    },
}

/// A price that was seen and not believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Index into [`Market::parts`].
    pub part: usize,
    /// Why it was not believed.
    pub reason: String,
    /// Sightings within the repetition tolerance of the last one, oldest first: when, and nanos per hour.
    pub seen: Vec<(DateTime<Utc>, i64)>,
    /// The row as last seen; `None` where the row was rejected before it could be read.
    pub offer: Option<Offer>,
    /// It was in its part's first accepted answer, and not believed since: then it was never new.
    pub from_first_answer: bool,
}

/// An answer that was not believed, as far as one must know of it to notice that it repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// When.
    pub at: DateTime<Utc>,
    /// Offers it held.
    pub offers: u64,
    /// The mean of its prices, or of its rates, in nano-units of whatever they are in; 0 where it had none, or where that was not kept.
    pub level: i64,
}

/// What a range of prices is of: group, market and provider. Providers are kept apart because a list may honestly cost
/// five times what a marketplace does.
pub type RangeKey = (Arc<str>, MarketKind, Arc<str>);

/// Lowest and highest price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceRange {
    /// Lowest.
    pub low: UsdPerGpuHour,
    /// Highest.
    pub high: UsdPerGpuHour,
}

/// How old a price is, in words that decide whether it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Freshness {
    /// Within the time the nature of the source allows.
    Fresh,
    /// Beyond it, not yet stale.
    Ageing,
    /// Out of the cheapest view.
    Stale,
}

impl ProviderState {
    /// The word for an age in seconds.
    pub fn freshness(&self, age_seconds: i64) -> Freshness {
        if age_seconds <= self.fresh_seconds {
            Freshness::Fresh
        } else if age_seconds <= self.stale_seconds {
            Freshness::Ageing
        } else {
            Freshness::Stale
        }
    }
}

impl PartState {
    /// A part that was never asked.
    pub fn new(provider: usize, provider_slug: Arc<str>, name: Arc<str>) -> Self {
        Self {
            row: 0,
            provider,
            provider_slug,
            name,
            last_attempt_at: None,
            last_outcome: None,
            last_error: None,
            last_accepted_at: None,
            source_dated_at: None,
            failures: 0,
            not_before: None,
            counts: Counts::default(),
            pages: Arc::default(),
            refusals: Arc::default(),
            adapter_version: 0,
            forgotten: false,
        }
    }

    /// The time its present offers were seen: the last accepted attempt, or the source's own date where that is older
    /// (a frozen source is not made fresh by asking it, defect D36).
    pub fn observed_at(&self) -> Option<DateTime<Utc>> {
        match (self.last_accepted_at, self.source_dated_at) {
            (Some(accepted), Some(dated)) => Some(accepted.min(dated)),
            (accepted, _) => accepted,
        }
    }
}

impl Market {
    /// The same market where only the parts of `names` are collected of this provider: others that hold no offer are
    /// forgotten, and those that are named again are not. `None` where that changes nothing. A part keeps its place in
    /// [`Market::parts`], because offers name it by that.
    pub fn with_parts(&self, slug: &str, names: &HashSet<&str>) -> Option<Self> {
        let of_it = |part: &PartState| *part.provider_slug == *slug;
        let unnamed = |part: &PartState| of_it(part) && !names.contains(&*part.name);
        let mut holds = HashSet::new();
        if self.parts.iter().any(|part| unnamed(part)) {
            holds.extend(self.index.entries.iter().map(|entry| entry.part));
            holds.extend(self.held.values().map(|held| held.part));
        }
        let mut next = None;
        for (index, part) in self.parts.iter().enumerate().filter(|(_, part)| of_it(part)) {
            let forgotten = unnamed(part) && !holds.contains(&index);
            if part.forgotten != forgotten {
                let next = next.get_or_insert_with(|| self.clone());
                next.parts[index] = Arc::new(PartState { forgotten, ..(**part).clone() });
            }
        }
        next
    }

    /// When an offer was last seen and believed.
    pub fn observed_at(&self, entry: &Entry) -> DateTime<Utc> {
        match entry.presence {
            Presence::Present => self.parts[entry.part].observed_at().unwrap_or(DateTime::UNIX_EPOCH),
            Presence::Held { observed_at } | Presence::Missed { observed_at, .. } => observed_at,
        }
    }

    /// Seconds since then; never negative (a clock that went back makes nothing younger than now).
    pub fn age_seconds(&self, entry: &Entry, as_of: DateTime<Utc>) -> i64 {
        (as_of - self.observed_at(entry)).num_seconds().max(0)
    }

    /// The provider of a part.
    pub fn provider_of(&self, part: usize) -> &ProviderState {
        &self.providers[self.parts[part].provider]
    }

    /// The word for an offer's age.
    pub fn freshness(&self, entry: &Entry, as_of: DateTime<Utc>) -> Freshness {
        self.provider_of(entry.part).freshness(self.age_seconds(entry, as_of))
    }

    /// The offer with this id.
    pub fn entry(&self, id: OfferId) -> Option<&Arc<Entry>> {
        self.index.by_id(id)
    }

    /// Until when a provider asked to be left alone, at any of its parts; the moment may have passed.
    pub fn paused_until(&self, provider: &str) -> Option<DateTime<Utc>> {
        self.parts.iter().filter(|part| &*part.provider_slug == provider).filter_map(|part| part.not_before).max()
    }

    /// The index of a part.
    pub fn part_index(&self, provider: &str, name: &str) -> Option<usize> {
        self.parts.iter().position(|part| &*part.provider_slug == provider && &*part.name == name)
    }
}
