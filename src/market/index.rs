//! Offers ordered by GPU and price, with the columns that filters read. Built once per change, never altered.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use gpurate_domain::gpu::slug_of;
use gpurate_domain::{Availability, Country, GpuCount, GpuMatch, MarketKind, Offer, OfferId, TermKind, Vram};

use super::{Entry, Presence};
use crate::catalogue;

/// Offers of one GPU (or of a variant, an ambiguous family, an unmapped name), cheapest first.
#[derive(Clone, Debug)]
pub struct Group {
    /// `rtx-4090`; for a variant its family and memory (`rtx-4090-36gb`), for an ambiguous name the family (`h200`).
    pub slug: Arc<str>,
    /// The name people know.
    pub name: Arc<str>,
    /// The canonical part; `None` for variants and ambiguous names.
    pub gpu: Option<usize>,
    /// The family's name; `None` for unmapped names.
    pub family: Option<Arc<str>>,
    /// Whether the name is mapped at all.
    pub mapped: bool,
    /// Its offers in [`Index::entries`].
    pub range: Range<usize>,
}

/// A marketplace's score that is good enough unless told, in parts per million.
pub const RELIABILITY_USUAL_PPM: u32 = 950_000;

/// Facts of one offer as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(pub u16);

impl Flags {
    /// The part's newest accepted answer holds it, or it is held with its true age.
    pub const PRESENT: u16 = 1;
    /// Not known to be out of stock.
    pub const MAY_BE_HAD: u16 = 1 << 1;
    /// Part of a card.
    pub const SLICE: u16 = 1 << 2;
    /// Its series is retired.
    pub const RETIRED: u16 = 1 << 3;
    /// The marketplace says it is not verified.
    pub const UNVERIFIED: u16 = 1 << 4;
    /// Every GB out is free.
    pub const FREE_EGRESS: u16 = 1 << 5;
    /// Data can outlive the machine.
    pub const PERSISTENT_STORAGE: u16 = 1 << 6;
    /// Dearer or cheaper than its line explains: more GPUs of the same line cost less (defect D16).
    pub const COUNT_ANOMALY: u16 = 1 << 7;
    /// Can be rented as one whole GPU.
    pub const ONE_GPU: u16 = 1 << 8;
    /// In stock, as the source says it.
    pub const SAID_AVAILABLE: u16 = 1 << 9;
    /// It has an age of its own, because its part's newest accepted answer does not confirm it (held or missed).
    pub const OWN_AGE: u16 = 1 << 10;
    /// A score is given and below [`RELIABILITY_USUAL_PPM`].
    pub const LOW_RELIABILITY: u16 = 1 << 11;
    /// How many bits there are.
    const COUNT: usize = 12;

    /// Whether all of `bits` are set.
    pub const fn has(self, bits: u16) -> bool {
        self.0 & bits == bits
    }
}

/// What filters read, one element per offer, in the order of [`Index::entries`]. "Not known" is `u32::MAX` or
/// `i64::MAX`, so that it passes no bound from above and every bound from below must exclude it by name.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "named after the fields of an offer, with their units")]
pub struct Columns {
    pub usd_nanos_per_gpu_hour: Vec<i64>,
    pub flags: Vec<Flags>,
    pub market: Vec<MarketKind>,
    pub provider: Vec<u32>,
    /// In parts per million; `u32::MAX` where not given.
    pub reliability_ppm: Vec<u32>,
    /// 0 where not known.
    pub ram_mib: Vec<u32>,
    /// 0 where not known.
    pub vcpu_millis: Vec<u32>,
    /// 0 where not known.
    pub download_mbit_s: Vec<u32>,
    /// Offers of one machine share a number: counts and medians take a machine once.
    pub machine: Vec<u32>,
    /// Index into [`Index::cells`].
    pub cell: Vec<u32>,
    /// Index into [`Index::shapes`].
    pub shape: Vec<u32>,
    /// Position of the next cheaper offer of the same machine in the same group; `u32::MAX` where there is none.
    pub machine_before: Vec<u32>,
    /// Seconds since 1970 of the last sighting of an offer with [`Flags::OWN_AGE`]; `i64::MAX` for the others, which
    /// are as old as their part.
    pub own_observed_at: Vec<i64>,
}

/// What very many offers have in common: a question about it is answered once per cell, not once per offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "named after the columns, with their units")]
pub struct Cell {
    pub part: u32,
    pub provider: u32,
    pub market: MarketKind,
    pub tier: u32,
    pub region: u32,
    pub country: [u8; 2],
    pub continent: u32,
    pub granularity_seconds: u32,
}

/// How many GPUs with how much memory: few combinations are shared by all offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "named after the columns, with their units")]
pub struct Shape {
    pub count_numerator: u32,
    pub count_denominator: u32,
    pub count_max: u32,
    pub vram_usable_mib: u32,
}

/// Numbers that are given while the columns are filled.
#[derive(Default)]
struct Numbers {
    cells: Fast<Cell, u32>,
    shapes: Fast<Shape, u32>,
    continents: Fast<Country, u32>,
}

/// The number of a value in a list that holds each value once.
fn number_of<T: Copy + Eq + std::hash::Hash>(value: T, numbers: &mut Fast<T, u32>, list: &mut Vec<T>) -> u32 {
    *numbers.entry(value).or_insert_with(|| {
        list.push(value);
        u32::try_from(list.len() - 1).unwrap_or(u32::MAX)
    })
}

/// Memory of one whole card: the canonical size of a known part, whatever a driver reports of it; else what the source
/// says, else what every part of its family has.
pub fn vram_per_gpu(entry: &Entry) -> Option<Vram> {
    match &entry.gpu {
        GpuMatch::Known(gpu) => catalogue::gpus().gpu(*gpu).vram().or(entry.offer.vram_per_gpu),
        GpuMatch::Ambiguous { family } => entry.offer.vram_per_gpu.or_else(|| catalogue::gpus().family_vram(family)),
        _ => entry.offer.vram_per_gpu,
    }
}

/// Memory one gets per GPU. A slice whose share is not said has none: the whole card's size is not what one gets.
pub fn vram_usable(entry: &Entry) -> Option<Vram> {
    let slice = entry.offer.key.gpu_count.is_some_and(GpuCount::is_slice);
    entry.offer.vram_usable.or_else(|| if slice { None } else { vram_per_gpu(entry) })
}

/// The size on the box where a driver reports up to a hundredth less (24564 MiB of 24 GiB): what a bound is meant for.
fn nominal_mib(vram: Vram) -> u32 {
    let box_size = vram.gib_rounded().saturating_mul(1024);
    if vram.mib < box_size && box_size - vram.mib <= box_size / 100 { box_size } else { vram.mib }
}

/// Offers, ordered by group and price.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// Every offer that is not withdrawn, ordered by group, then price per GPU (unknown last), then id.
    pub entries: Vec<Arc<Entry>>,
    /// Groups, by slug.
    pub groups: Vec<Group>,
    /// What filters read.
    pub columns: Columns,
    /// Tiers, regions and continents, each once.
    pub words: Vec<Arc<str>>,
    /// Of each bit of [`Flags`] one bit per offer, 64 to a word.
    flag_planes: Vec<Vec<u64>>,
    /// Distinct combinations of what many offers share.
    pub cells: Vec<Cell>,
    /// Distinct combinations of count and memory.
    pub shapes: Vec<Shape>,
    /// How many machines there are.
    pub machines: usize,
    by_id: super::IdMap<u32>,
    group_by_slug: HashMap<Arc<str>, usize>,
    word_numbers: Fast<Arc<str>, u32>,
}

impl Index {
    /// Orders offers and fills the columns.
    pub fn build(entries: Vec<Arc<Entry>>, provider_of_part: &[usize]) -> Self {
        let mut index = Self::default();
        let (keyed, slugs) = ordered(entries);
        let anomalies = count_anomalies(&keyed);
        let (machines, machines_count) = machines_of(&keyed, provider_of_part);
        let mut numbers = Numbers::default();
        index.columns.reserve(keyed.len());
        index.by_id.reserve(keyed.len());
        index.entries.reserve_exact(keyed.len());
        for (position, (place, usd, entry)) in keyed.into_iter().enumerate() {
            let slug = slugs[place as usize].clone();
            match index.groups.last_mut() {
                Some(group) if Arc::ptr_eq(&group.slug, &slug) => group.range.end = position + 1,
                _ => {
                    index.group_by_slug.insert(slug.clone(), index.groups.len());
                    index.groups.push(group_of(&entry, slug, position));
                }
            }
            let provider = provider_of_part[entry.part];
            index.by_id.insert(entry.id, u32::try_from(position).unwrap_or(u32::MAX));
            index.push_columns(&entry, usd, (provider, machines[position]), anomalies.contains(&entry.id), &mut numbers);
            index.entries.push(entry);
        }
        index.machines = machines_count;
        index.fill_planes();
        index.chain_machines();
        index
    }

    /// The plane of one bit of [`Flags`]: one bit per offer, 64 to a word.
    pub fn flag_plane(&self, bit: u16) -> &[u64] {
        self.flag_planes.get(bit.trailing_zeros() as usize).map_or(&[], Vec::as_slice)
    }

    fn fill_planes(&mut self) {
        self.flag_planes = vec![vec![0; self.entries.len().div_ceil(64)]; Flags::COUNT];
        for (position, flags) in self.columns.flags.iter().enumerate() {
            for (bit, plane) in self.flag_planes.iter_mut().enumerate() {
                plane[position / 64] |= u64::from(flags.0 >> bit & 1) << (position % 64);
            }
        }
    }

    fn chain_machines(&mut self) {
        let mut newest = vec![u32::MAX; self.machines];
        for group in &self.groups {
            for position in group.range.clone() {
                let machine = &mut newest[self.columns.machine[position] as usize];
                let before = if (*machine as usize) < position && *machine as usize >= group.range.start { *machine } else { u32::MAX };
                self.columns.machine_before.push(before);
                *machine = u32::try_from(position).unwrap_or(u32::MAX);
            }
        }
    }

    /// The offer with this id.
    pub fn by_id(&self, id: OfferId) -> Option<&Arc<Entry>> {
        self.position(id).map(|position| &self.entries[position])
    }

    /// Where the offer with this id stands.
    pub fn position(&self, id: OfferId) -> Option<usize> {
        self.by_id.get(&id).map(|position| *position as usize)
    }

    /// The group with this slug.
    pub fn group(&self, slug: &str) -> Option<&Group> {
        self.group_by_slug.get(slug).map(|position| &self.groups[*position])
    }

    /// The group an offer stands in.
    pub fn group_at(&self, position: usize) -> Option<&Group> {
        let after = self.groups.partition_point(|group| group.range.start <= position);
        self.groups.get(after.checked_sub(1)?).filter(|group| group.range.contains(&position))
    }

    /// The number of a word, where any offer has it.
    pub fn word(&self, word: &str) -> Option<u32> {
        self.word_numbers.get(word).copied()
    }

    fn number_of_word(&mut self, word: &Arc<str>) -> u32 {
        if let Some(number) = self.word_numbers.get(word) {
            return *number;
        }
        let number = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        self.words.push(word.clone());
        self.word_numbers.insert(word.clone(), number);
        number
    }

    fn push_columns(&mut self, entry: &Entry, usd: i64, (provider, machine): (usize, u32), anomaly: bool, numbers: &mut Numbers) {
        let offer = &entry.offer;
        let small = |value: Option<u64>| value.map_or(0, |value| u32::try_from(value).unwrap_or(u32::MAX));
        let rule = catalogue::billing_rule(&offer.key, offer.country, None);
        let continent = match offer.country {
            Some(country) => {
                *numbers.continents.entry(country).or_insert_with_key(|country| self.number_of_word(&country.continent().into()))
            }
            None => u32::MAX,
        };
        let cell = Cell {
            part: u32::try_from(entry.part).unwrap_or(u32::MAX),
            provider: u32::try_from(provider).unwrap_or(u32::MAX),
            market: offer.key.market,
            tier: self.number_of_word(&offer.key.tier),
            region: self.number_of_word(&offer.key.region),
            country: offer.country.map_or([0, 0], |country| {
                let text = country.as_str().as_bytes();
                [text[0], text[1]]
            }),
            continent,
            granularity_seconds: rule.granularity_seconds().map_or(u32::MAX, std::num::NonZeroU32::get),
        };
        let count = offer.key.gpu_count;
        let shape = Shape {
            count_numerator: count.map_or(0, GpuCount::numerator),
            count_denominator: count.map_or(1, GpuCount::denominator),
            count_max: offer.gpu_count_max.or(count.and_then(GpuCount::as_whole)).unwrap_or(0),
            vram_usable_mib: vram_usable(entry).map_or(0, nominal_mib),
        };
        let cell_number = number_of(cell, &mut numbers.cells, &mut self.cells);
        let shape_number = number_of(shape, &mut numbers.shapes, &mut self.shapes);
        let columns = &mut self.columns;
        columns.usd_nanos_per_gpu_hour.push(usd);
        columns.flags.push(flags_of(entry, &rule, anomaly));
        columns.market.push(cell.market);
        columns.provider.push(cell.provider);
        columns.reliability_ppm.push(reliability_ppm(entry));
        columns.ram_mib.push(small(offer.attributes.ram_mib));
        columns.vcpu_millis.push(small(offer.attributes.vcpu_millis));
        columns.download_mbit_s.push(small(offer.attributes.download_mbit_s));
        columns.machine.push(machine);
        columns.cell.push(cell_number);
        columns.shape.push(shape_number);
        columns.own_observed_at.push(match entry.presence {
            Presence::Present => i64::MAX,
            // Rounded up, so that ages to a whole second come out as `Market::age_seconds` counts them.
            Presence::Held { observed_at } | Presence::Missed { observed_at, .. } => {
                observed_at.timestamp() + i64::from(observed_at.timestamp_subsec_nanos() > 0)
            }
        });
    }
}

fn reliability_ppm(entry: &Entry) -> u32 {
    let reliability = entry.offer.attributes.reliability;
    reliability.map_or(u32::MAX, |share| u32::try_from(share.0.max(0) / 1000).unwrap_or(u32::MAX))
}

fn flags_of(entry: &Entry, rule: &gpurate_domain::BillingRule, anomaly: bool) -> Flags {
    let offer = &entry.offer;
    let count = offer.key.gpu_count;
    let egress_term = offer.price.terms.iter().find(|term| term.kind == TermKind::Egress);
    let free_egress = match egress_term {
        Some(term) => term.amount.0 == 0,
        None => rule.egress.is_free(),
    };
    let bits = [
        (Flags::PRESENT, !matches!(entry.presence, Presence::Missed { .. })),
        (Flags::MAY_BE_HAD, offer.price.availability.may_be_had()),
        (Flags::SLICE, count.is_some_and(GpuCount::is_slice)),
        (Flags::RETIRED, offer.attributes.retired),
        (Flags::UNVERIFIED, offer.attributes.verified == Some(false)),
        (Flags::FREE_EGRESS, free_egress),
        (Flags::PERSISTENT_STORAGE, rule.environment.persistent_storage.as_ref().is_some_and(|fact| fact.value)),
        (Flags::COUNT_ANOMALY, anomaly),
        (Flags::ONE_GPU, count.and_then(GpuCount::as_whole) == Some(1)),
        (Flags::SAID_AVAILABLE, matches!(offer.price.availability, Availability::Available | Availability::Low)),
        (Flags::OWN_AGE, !matches!(entry.presence, Presence::Present)),
        (Flags::LOW_RELIABILITY, reliability_ppm(entry) < RELIABILITY_USUAL_PPM),
    ];
    Flags(bits.into_iter().filter(|(_, set)| *set).fold(0, |flags, (bit, _)| flags | bit))
}

impl Columns {
    fn reserve(&mut self, count: usize) {
        self.usd_nanos_per_gpu_hour.reserve_exact(count);
        self.flags.reserve_exact(count);
        self.market.reserve_exact(count);
        self.own_observed_at.reserve_exact(count);
        for column in [
            &mut self.provider,
            &mut self.reliability_ppm,
            &mut self.ram_mib,
            &mut self.vcpu_millis,
            &mut self.download_mbit_s,
            &mut self.machine,
            &mut self.cell,
            &mut self.shape,
            &mut self.machine_before,
        ] {
            column.reserve_exact(count);
        }
    }
}

/// A map whose hashes need not withstand everything, but are not known beforehand.
type Fast<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// Place of its group's slug among all slugs, nano-dollars per GPU-hour (`i64::MAX` where not known), entry.
type Keyed = (u32, i64, Arc<Entry>);

/// Entries by group, price, id; and the slugs in order.
fn ordered(entries: Vec<Arc<Entry>>) -> (Vec<Keyed>, Vec<Arc<str>>) {
    let mut numbers: Fast<GroupKey, u32> = Fast::default();
    let mut keyed: Vec<Keyed> = entries
        .into_iter()
        .map(|entry| {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            let number = *numbers.entry(GroupKey::of(&entry.gpu, &entry.offer)).or_insert(next);
            (number, entry.usd_per_gpu_hour.map_or(i64::MAX, |price| price.nanos), entry)
        })
        .collect();
    let mut named: Vec<(Arc<str>, u32)> = numbers.into_iter().map(|(key, number)| (key.slug().into(), number)).collect();
    named.sort_unstable();
    let mut slugs: Vec<Arc<str>> = Vec::with_capacity(named.len());
    let mut places = vec![0; named.len()];
    for (slug, number) in named {
        // Two wordings may come to one slug: they are one group.
        if slugs.last() != Some(&slug) {
            slugs.push(slug);
        }
        places[number as usize] = u32::try_from(slugs.len() - 1).unwrap_or(u32::MAX);
    }
    for keyed in &mut keyed {
        keyed.0 = places[keyed.0 as usize];
    }
    keyed.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.id.cmp(&b.2.id)));
    (keyed, slugs)
}

/// The number of each entry's machine, and how many there are. Marketplaces name the machine in `sku`; a list's sku in
/// one tier and region is one "machine" too.
fn machines_of(keyed: &[Keyed], provider_of_part: &[usize]) -> (Vec<u32>, usize) {
    let mut machines: Fast<(usize, &str, &str, &str), u32> = Fast::default();
    machines.reserve(keyed.len() / 2);
    let numbers = keyed
        .iter()
        .map(|(_, _, entry)| {
            let next = u32::try_from(machines.len()).unwrap_or(u32::MAX);
            let key = &entry.offer.key;
            let key = (provider_of_part[entry.part], &*key.sku, &*key.tier, &*key.region);
            *machines.entry(key).or_insert(next)
        })
        .collect();
    (numbers, machines.len())
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum GroupKey {
    Known(usize),
    Variant(String, u32),
    Ambiguous(String),
    Unmapped(Arc<str>),
}

impl GroupKey {
    fn of(gpu: &GpuMatch, offer: &Offer) -> Self {
        Self::of_name(gpu, &offer.gpu_name)
    }

    fn of_name(gpu: &GpuMatch, gpu_name: &Arc<str>) -> Self {
        match gpu {
            GpuMatch::Known(gpu) => Self::Known(*gpu),
            GpuMatch::Variant { family, vram } => Self::Variant(family.clone(), vram.gib_rounded()),
            GpuMatch::Ambiguous { family } => Self::Ambiguous(family.clone()),
            GpuMatch::Unmapped => Self::Unmapped(gpu_name.clone()),
        }
    }

    fn slug(&self) -> String {
        match self {
            Self::Known(gpu) => catalogue::gpus().gpu(*gpu).slug.clone(),
            Self::Variant(family, gib) => format!("{}-{gib}gb", slug_of(family)),
            Self::Ambiguous(family) => {
                // A family that shares its slug with one of its parts (RTX 4090) must not answer for that part.
                let slug = slug_of(family);
                if catalogue::gpus().by_slug(&slug).is_some() { format!("{slug}-any") } else { slug }
            }
            // `~` sorts last and is in no canonical slug.
            Self::Unmapped(name) => format!("~{}", slug_of(name)),
        }
    }
}

/// The slug of the group that an offer of this identity belongs to.
pub fn group_slug_of(gpu: &GpuMatch, offer: &Offer) -> String {
    GroupKey::of(gpu, offer).slug()
}

/// The same for an offer of the past, of which only the words are at hand.
pub fn group_slug_of_name(gpu: &GpuMatch, gpu_name: &Arc<str>) -> String {
    GroupKey::of_name(gpu, gpu_name).slug()
}

fn group_of(entry: &Entry, slug: Arc<str>, position: usize) -> Group {
    let (name, gpu, family): (Arc<str>, _, Option<Arc<str>>) = match &entry.gpu {
        GpuMatch::Known(gpu) => {
            let known = catalogue::gpus().gpu(*gpu);
            (known.name.as_str().into(), Some(*gpu), Some(known.family.as_str().into()))
        }
        GpuMatch::Variant { family, vram } => {
            (format!("{family} ({} GB variant)", vram.gib_rounded()).into(), None, Some(family.as_str().into()))
        }
        GpuMatch::Ambiguous { family } => (format!("{family} (form or memory not said)").into(), None, Some(family.as_str().into())),
        GpuMatch::Unmapped => (entry.offer.gpu_name.clone(), None, None),
    };
    let mapped = !matches!(entry.gpu, GpuMatch::Unmapped);
    Group { slug, name, gpu, family, mapped, range: position..position + 1 }
}

/// Offers of a line that cost no more than a smaller count of the same line.
fn count_anomalies(keyed: &[Keyed]) -> super::IdSet {
    type Line<'a> = (u32, &'a str, &'a str, &'a str, MarketKind);
    let mut lines: Fast<Line<'_>, Vec<(u32, i64, OfferId)>> = Fast::default();
    for (group, _, entry) in keyed {
        // Machines of a marketplace are priced by their hosts: only lists have lines.
        if entry.offer.price.kind != gpurate_domain::PriceKind::Fixed {
            continue;
        }
        let key = &entry.offer.key;
        if let (Some(count), Some(price)) = (key.gpu_count.and_then(GpuCount::as_whole), entry.usd_per_hour) {
            let line = (*group, &*key.provider, &*key.tier, &*key.region, key.market);
            lines.entry(line).or_default().push((count, price.nanos, entry.id));
        }
    }
    let mut anomalies = super::IdSet::default();
    for offers in lines.values_mut() {
        offers.sort_unstable();
        for (position, (count, price, id)) in offers.iter().enumerate() {
            if offers[..position].iter().any(|(smaller, dearer, _)| smaller < count && dearer >= price) {
                anomalies.insert(*id);
            }
        }
    }
    anomalies
}
