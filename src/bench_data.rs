//! Made-up offers in any number, the same for the same seed: what benches and property tests run on.
//!
//! Not a description of any provider: slugs are `bench01` to `bench40`, of which the first eight are marketplaces
//! (machines of hosts, sold in chunks, on demand and spot) and the others lists (fixed sizes in regions).

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use gpurate_domain::offer::OfferPrice;
use gpurate_domain::{
    Attributes, Availability, Country, Currency, GpuCount, MarketKind, Nanos, Offer, OfferKey, PerHour, PriceKind, Quote, Term, TermKind,
    TermUnit, Vram, money,
};

use crate::catalogue;
use crate::market::{Counts, Entry, Index, Market, Outcome, PartState, Presence, ProviderState};

/// How many providers there are.
pub const PROVIDERS: usize = 40;
/// The first so many are marketplaces.
pub const MARKETPLACES: usize = 8;
/// Every provider has so many parts; the offers of provider `p` are in parts `p * PARTS_EACH` and following.
pub const PARTS_EACH: usize = 6;

const COUNTRIES: [&str; 16] = ["US", "CA", "FR", "DE", "NL", "NO", "SE", "GB", "PL", "JP", "KR", "SG", "IN", "AU", "BR", "ZA"];
/// What most people rent: half of the offers are of these.
const POPULAR: [&str; 10] = [
    "RTX 3090",
    "RTX 4090",
    "RTX 5090",
    "A100 SXM4 80GB",
    "A100 PCIe",
    "H100 SXM",
    "H100 NVL",
    "L40S",
    "RTX A6000",
    "RTX 6000 Ada Generation",
];

/// Numbers from a seed (xorshift64*): no dependency, the same on every machine.
#[derive(Clone, Debug)]
pub struct Numbers(u64);

impl Numbers {
    /// Numbers of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// The next number.
    pub fn next_u64(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `bound`; 0 for a bound of 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        (self.next_u64() >> 11) % bound.max(1)
    }

    /// True `percent` times in a hundred.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of `items`.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let index = usize::try_from(self.below(items.len() as u64)).unwrap_or(0);
        &items[index]
    }
}

/// The moment the made-up market is of.
pub fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_776)
}

/// `count` offers with different keys and the part each belongs to.
pub fn offers(seed: u64, count: usize) -> Vec<(usize, Offer)> {
    let mut numbers = Numbers::new(seed);
    let words = Words::new();
    let mut offers = Vec::with_capacity(count);
    let mut serial = 0;
    while offers.len() < count {
        serial += 1;
        let provider = usize::try_from(numbers.below(PROVIDERS as u64)).unwrap_or(0);
        // Marketplaces hold most of the rows of a real market.
        let provider = if numbers.percent(60) { provider % MARKETPLACES } else { provider };
        let part = provider * PARTS_EACH + usize::try_from(numbers.below(PARTS_EACH as u64)).unwrap_or(0);
        if provider < MARKETPLACES {
            machine(&mut numbers, &words, provider, part, serial, &mut offers);
        } else {
            size(&mut numbers, &words, provider, part, serial, &mut offers);
        }
    }
    offers.truncate(count);
    offers
}

/// A market of `count` offers as of [`now`]; two of its providers are stale.
pub fn market(seed: u64, count: usize) -> Market {
    let providers = (0..PROVIDERS).map(|provider| Arc::new(provider_state(provider))).collect();
    let parts: Vec<_> = (0..PROVIDERS * PARTS_EACH).map(|part| Arc::new(part_state(part))).collect();
    let mut numbers = Numbers::new(seed ^ 0x5EED);
    let entries = offers(seed, count).into_iter().enumerate().map(|(row, (part, offer))| {
        let mut entry = entry(i64::try_from(row).unwrap_or(i64::MAX), part, offer);
        entry.presence = match numbers.below(100) {
            0 => Presence::Missed { observed_at: now() - TimeDelta::minutes(20), missed_at: now() - TimeDelta::minutes(5) },
            1 => Presence::Held { observed_at: now() - TimeDelta::minutes(i64::try_from(numbers.below(300)).unwrap_or(0)) },
            _ => Presence::Present,
        };
        Arc::new(entry)
    });
    let provider_of_part: Vec<usize> = (0..PROVIDERS * PARTS_EACH).map(|part| part / PARTS_EACH).collect();
    let index = Index::build(entries.collect(), &provider_of_part);
    Market { version: 1, sample: true, providers, parts, index: Arc::new(index), ..Market::default() }
}

/// An offer as a present entry: what the GPU is and what it costs in dollars are derived; there are no rates.
pub fn entry(row: i64, part: usize, offer: Offer) -> Entry {
    let usd_per_hour = money::usd_per_hour(offer.price.per_hour, None);
    Entry {
        id: offer.key.id(),
        row,
        part,
        gpu: catalogue::gpus().resolve(&offer.gpu_name, offer.vram_per_gpu),
        usd_per_hour,
        usd_per_gpu_hour: usd_per_hour.zip(offer.key.gpu_count).and_then(|(price, count)| price.per_gpu(count)),
        presence: Presence::Present,
        price_since: now() - TimeDelta::hours(7),
        previous_nanos: None,
        amount_since: now() - TimeDelta::hours(7),
        flapping: false,
        offer,
    }
}

fn provider_state(provider: usize) -> ProviderState {
    let (fresh_seconds, stale_seconds) = if provider < MARKETPLACES { (1_800, 7_200) } else { (86_400, 259_200) };
    ProviderState {
        slug: slug(provider),
        name: format!("Bench {}", provider + 1),
        enabled: true,
        fresh_seconds,
        stale_seconds,
        launch_url: format!("https://{}.example.com/", slug(provider)),
    }
}

fn part_state(part: usize) -> PartState {
    let provider = part / PARTS_EACH;
    // One marketplace and one list have not answered for days.
    let age = if provider == 3 || provider == 20 { TimeDelta::days(5) } else { TimeDelta::minutes(2 + (part as i64 * 7) % 45) };
    PartState {
        row: i64::try_from(part).unwrap_or(i64::MAX) + 1,
        provider,
        provider_slug: slug(provider),
        name: format!("part-{}", part % PARTS_EACH).into(),
        last_attempt_at: Some(now() - TimeDelta::minutes(1)),
        last_outcome: Some(Outcome::Accepted),
        last_error: None,
        last_accepted_at: Some(now() - age),
        source_dated_at: None,
        failures: 0,
        not_before: None,
        counts: Counts::default(),
        pages: vec![format!("{part:064x}")].into(),
        refusals: Arc::from([]),
        adapter_version: 1,
        forgotten: false,
    }
}

fn slug(provider: usize) -> Arc<str> {
    format!("bench{:02}", provider + 1).into()
}

/// Texts that offers share.
struct Words {
    slugs: Vec<Arc<str>>,
    tiers: Vec<Arc<str>>,
    regions: Vec<Vec<Arc<str>>>,
    popular: Vec<Arc<str>>,
    names: Vec<Arc<str>>,
    odd: Vec<Arc<str>>,
}

impl Words {
    fn new() -> Self {
        let regions = |provider: usize| {
            let one = |(number, country): (usize, &&str)| -> Arc<str> {
                if provider < MARKETPLACES { (**country).into() } else { format!("{}-{}", country.to_lowercase(), number % 3 + 1).into() }
            };
            COUNTRIES.iter().enumerate().map(one).collect()
        };
        Self {
            slugs: (0..PROVIDERS).map(slug).collect(),
            tiers: ["secure", "community", "datacenter", "standard"].map(Arc::from).to_vec(),
            regions: (0..PROVIDERS).map(regions).collect(),
            popular: POPULAR.map(Arc::from).to_vec(),
            names: catalogue::gpus().gpus().iter().map(|gpu| Arc::from(gpu.name.as_str())).collect(),
            odd: ["A100", "H200", "Mystery 9000", "Unheard-of X1"].map(Arc::from).to_vec(),
        }
    }

    /// A name, and the memory the source says with it.
    fn gpu(&self, numbers: &mut Numbers) -> (Arc<str>, Option<Vram>) {
        let name = match numbers.below(100) {
            0..50 => numbers.pick(&self.popular),
            50..98 => numbers.pick(&self.names),
            _ => numbers.pick(&self.odd),
        };
        // One in fifty is a board with other memory than its name's.
        let vram = if numbers.percent(2) { Vram::from_marketed_gb(36) } else { None };
        (name.clone(), vram)
    }
}

/// A host's machine: sold in chunks of its GPUs, on demand and as spot.
fn machine(numbers: &mut Numbers, words: &Words, provider: usize, part: usize, serial: u64, offers: &mut Vec<(usize, Offer)>) {
    let (gpu_name, vram) = words.gpu(numbers);
    let place = usize::try_from(numbers.below(COUNTRIES.len() as u64)).unwrap_or(0);
    let per_gpu = 80_000_000 + i64::try_from(numbers.below(3_000_000)).unwrap_or(0) * 1_000;
    let attributes = Arc::new(Attributes {
        vcpu_millis: Some(4_000 + numbers.below(60) * 1_000),
        ram_mib: Some(16_384 + numbers.below(32) * 8_192),
        disk_gb: Some(numbers.below(2_000)),
        download_mbit_s: Some(numbers.below(5_000)),
        upload_mbit_s: None,
        egress_free_gb_per_month: None,
        reliability: Some(Nanos(i64::try_from(850_000_000 + numbers.below(150_000_000)).unwrap_or(0))),
        verified: Some(numbers.percent(70)),
        offered_for_seconds: Some(numbers.below(10_000_000)),
        retired: false,
    });
    let terms: Arc<[Term]> = [Term {
        kind: TermKind::Egress,
        amount: Nanos(i64::try_from(numbers.below(3)).unwrap_or(0) * 5_000_000),
        currency: Currency::USD,
        unit: TermUnit::Gb,
    }]
    .into();
    let sku: Arc<str> = format!("m{serial}").into();
    let tier = words.tiers[if numbers.percent(30) { 2 } else { 1 }].clone();
    for count in [1, 2, 4, 8].into_iter().take(usize::try_from(1 + numbers.below(4)).unwrap_or(1)) {
        for market in [MarketKind::OnDemand, MarketKind::Spot] {
            let percent = if market == MarketKind::Spot { 60 } else { 100 };
            let key = OfferKey {
                provider: words.slugs[provider].clone(),
                sku: sku.clone(),
                tier: tier.clone(),
                region: words.regions[provider][place].clone(),
                market,
                gpu_count: GpuCount::whole(count),
            };
            let nanos = per_gpu / 100 * percent * i64::from(count);
            let mut offer = plain(key, COUNTRIES[place], gpu_name.clone(), nanos);
            offer.vram_per_gpu = vram;
            offer.price.kind = if market == MarketKind::Spot { PriceKind::BidFloor } else { PriceKind::Market };
            offer.price.availability = Availability::Available;
            offer.price.terms = terms.clone();
            offer.attributes = attributes.clone();
            offers.push((part, offer));
        }
    }
}

/// A size of a list: one price per region and market, now and then a slice or in euros, for which there is no rate.
fn size(numbers: &mut Numbers, words: &Words, provider: usize, part: usize, serial: u64, offers: &mut Vec<(usize, Offer)>) {
    let (gpu_name, vram) = words.gpu(numbers);
    let place = usize::try_from(numbers.below(COUNTRIES.len() as u64)).unwrap_or(0);
    let slice = numbers.percent(5);
    let count = if slice { GpuCount::ratio(1, *numbers.pick(&[2, 4, 8])) } else { GpuCount::whole(*numbers.pick(&[1, 1, 2, 4, 8])) };
    let per_gpu = 300_000_000 + i64::try_from(numbers.below(6_000_000)).unwrap_or(0) * 1_000;
    let retired = numbers.percent(2);
    for market in MarketKind::ALL.into_iter().take(usize::try_from(1 + numbers.below(3)).unwrap_or(1)) {
        let key = OfferKey {
            provider: words.slugs[provider].clone(),
            sku: format!("size-{serial}").into(),
            tier: words.tiers[if numbers.percent(80) { 3 } else { 0 }].clone(),
            region: words.regions[provider][place].clone(),
            market,
            gpu_count: if numbers.percent(1) { None } else { count },
        };
        let whole = count.map_or(1, |count| i64::from(count.numerator()));
        let parts = count.map_or(1, |count| i64::from(count.denominator()));
        let mut offer = plain(key, COUNTRIES[place], gpu_name.clone(), per_gpu * whole / parts);
        offer.vram_per_gpu = vram;
        if slice && numbers.percent(50) {
            offer.vram_usable = Vram::from_marketed_gb(*numbers.pick(&[5, 10, 12, 20]));
        }
        if count == Some(GpuCount::ONE) && numbers.percent(20) {
            offer.gpu_count_max = Some(8);
        }
        if numbers.percent(2) {
            offer.price.per_hour.currency = Currency::EUR;
            offer.price.quote.currency = Currency::EUR;
        }
        offer.price.availability =
            *numbers.pick(&[Availability::Available, Availability::Low, Availability::NotStated, Availability::Unavailable]);
        offer.attributes = Arc::new(Attributes { ram_mib: Some(65_536), retired, ..Attributes::default() });
        offers.push((part, offer));
    }
}

fn plain(key: OfferKey, country: &str, gpu_name: Arc<str>, nanos: i64) -> Offer {
    Offer {
        key,
        country: country.parse::<Country>().ok(),
        provider_term: None,
        gpu_name,
        gpu_name_alternative: None,
        vram_per_gpu: None,
        vram_usable: None,
        gpu_count_max: None,
        price: OfferPrice {
            per_hour: PerHour { nanos, currency: Currency::USD },
            quote: Quote::usd_per_instance_hour(Nanos(nanos)),
            kind: PriceKind::Fixed,
            availability: Availability::NotStated,
            terms: Arc::from([]),
        },
        units: 1,
        attributes: Arc::new(Attributes::default()),
    }
}
