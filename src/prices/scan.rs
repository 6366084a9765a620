//! Which offers a question means: over columns, 64 offers at a time, without touching the offers themselves.
//!
//! What offers share (part, place, market; count and memory) is decided once per combination and looked up; the rest
//! are bits and bounds. The result is a handful of bit planes in the order of the index, so that "the cheapest" is the
//! first bit of a group's range and "how many" is a count of bits.

use std::ops::Range;

use chrono::{DateTime, Utc};
use gpurate_domain::{GpuCount, GpuMatch, MarketKind};

use super::filters::{By, Filters, Inclusion, Stock};
use crate::catalogue;
use crate::market::{Cell, Columns, Flags, Freshness, Group, Index, Market, Shape};

/// Bits of the looked-up verdicts.
const LIVE: u8 = 1;
const ASKED: u8 = 1 << 1;
const IN_MARKET: u8 = 1 << 2;

/// What is left out without being asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Only what can be had: present, not stale, not out of stock, mapped.
    Cheapest,
    /// Everything that passes the filters, marked.
    Everything,
}

/// Bits of [`Flags`] that must be set, or must not be.
#[derive(Clone, Debug, Default)]
struct FlagTest<'a> {
    needed: Vec<&'a [u64]>,
    forbidden: Vec<&'a [u64]>,
}

impl FlagTest<'_> {
    /// The bits of one word that pass.
    fn pass(&self, word: usize) -> u64 {
        let needed = self.needed.iter().fold(u64::MAX, |bits, plane| bits & plane[word]);
        self.forbidden.iter().fold(needed, |bits, plane| bits & !plane[word])
    }
}

/// A question made ready for one market and moment.
pub(super) struct Plan<'a> {
    pub market: &'a Market,
    pub index: &'a Index,
    pub filters: &'a Filters,
    pub as_of: DateTime<Utc>,
    pub scope: Scope,
    /// The groups that are meant, in order.
    pub groups: Vec<usize>,
    /// Of each provider, whether the question means it.
    pub provider_asked: Vec<bool>,
    /// Of each part, whether its present offers are in the answer.
    pub part_live: Vec<bool>,
    cells: Vec<u8>,
    /// Empty where neither count nor memory is asked for.
    shapes: Vec<u8>,
    asked: FlagTest<'a>,
    usual: FlagTest<'a>,
    /// Offers whose count the defaults allow; `None` where a count is asked for. One plane, or two that are joined.
    usual_count: Option<(&'a [u64], Option<&'a [u64]>)>,
    /// The bits of `usual`, to count what each hid.
    usual_bits: u16,
    own_age: &'a [u64],
    present: &'a [u64],
}

/// Bit planes over the index, one bit per offer, valid for the words of the chosen groups.
#[derive(Default)]
pub(super) struct Planes {
    /// Passes what was asked, in any market unless one was asked for.
    pub floor: Vec<u64>,
    /// Of them those of the question's market.
    pub question: Vec<u64>,
    /// Of them those that pass the defaults.
    pub usual: Vec<u64>,
    /// Would be in `question`, were it not stale or missing.
    pub last: Vec<u64>,
    /// Of them those that pass the defaults.
    pub last_usual: Vec<u64>,
}

impl<'a> Plan<'a> {
    pub fn new(market: &'a Market, filters: &'a Filters, as_of: DateTime<Utc>, scope: Scope) -> Self {
        let index = &*market.index;
        let part_live = market.parts.iter().map(|part| {
            let seen = part.observed_at().unwrap_or(DateTime::UNIX_EPOCH);
            let age_seconds = (as_of - seen).num_seconds().max(0);
            is_live(market, filters, scope, part.provider, age_seconds)
        });
        let asked_for = |slug: &str| filters.provider.is_empty() || filters.provider.iter().any(|asked| asked == slug);
        let mut plan = Self {
            market,
            index,
            filters,
            as_of,
            scope,
            groups: chosen_groups(index, filters, scope),
            provider_asked: market.providers.iter().map(|provider| asked_for(&provider.slug)).collect(),
            part_live: part_live.collect(),
            cells: Vec::new(),
            shapes: shape_verdicts(index, filters),
            asked: FlagTest::default(),
            usual: FlagTest::default(),
            usual_count: None,
            usual_bits: 0,
            own_age: index.flag_plane(Flags::OWN_AGE),
            present: index.flag_plane(Flags::PRESENT),
        };
        plan.decide_cells();
        plan.decide_flags();
        plan
    }

    fn decide_cells(&mut self) {
        let (index, filters) = (self.index, self.filters);
        let words = |typed: &[String]| -> Option<Vec<bool>> {
            (!typed.is_empty()).then(|| {
                let mut allowed = vec![false; index.words.len()];
                typed.iter().filter_map(|word| index.word(word)).for_each(|number| allowed[number as usize] = true);
                allowed
            })
        };
        let (tiers, regions) = (words(&filters.tier), words(&filters.region));
        let continents: Vec<u32> = filters.continent.iter().filter_map(|code| index.word(code)).collect();
        let letters = |country: &gpurate_domain::Country| {
            let text = country.as_str().as_bytes();
            u16::from_le_bytes([text[0], text[1]])
        };
        let countries: Vec<u16> = filters.country.iter().map(letters).collect();
        let allows = |allowed: &Option<Vec<bool>>, number: u32| {
            allowed.as_ref().is_none_or(|allowed| allowed.get(number as usize).copied().unwrap_or(false))
        };
        let granularity_max = filters.granularity_max_seconds.map_or(u32::MAX, |max| max.min(u32::MAX - 1));
        let parts = self.part_verdicts();
        let markets = self.market_verdicts();
        let verdict = |cell: &Cell| {
            let verdict = parts.get(cell.part as usize).copied().unwrap_or(0) & markets[cell.market as usize];
            let asked = verdict != 0
                && allows(&tiers, cell.tier)
                && allows(&regions, cell.region)
                && (countries.is_empty() || countries.contains(&u16::from_le_bytes(cell.country)))
                && (filters.continent.is_empty() || continents.contains(&cell.continent))
                // What is not known is `u32::MAX`, above every bound that is asked for.
                && cell.granularity_seconds <= granularity_max;
            if asked { verdict } else { 0 }
        };
        self.cells = index.cells.iter().map(verdict).collect();
    }

    /// What a part allows: nothing where its provider is not asked for.
    fn part_verdicts(&self) -> Vec<u8> {
        let parts = self.market.parts.iter().zip(&self.part_live);
        let verdict = |live: bool| ASKED | IN_MARKET | if live { LIVE } else { 0 };
        parts.map(|(part, live)| if self.provider_asked[part.provider] { verdict(*live) } else { 0 }).collect()
    }

    /// What a market allows, in the order of [`MarketKind::ALL`].
    fn market_verdicts(&self) -> [u8; 3] {
        let question = question_markets(self.filters, self.scope);
        MarketKind::ALL.map(|kind| match (self.filters.market.is_empty(), question.contains(&kind)) {
            (_, true) => ASKED | LIVE | IN_MARKET,
            (true, false) => ASKED | LIVE,
            (false, false) => 0,
        })
    }

    fn decide_flags(&mut self) {
        let (filters, index) = (self.filters, self.index);
        let default = if self.scope == Scope::Cheapest { Stock::NotOut } else { Stock::Any };
        match filters.availability.unwrap_or(default) {
            Stock::Any => {}
            Stock::NotOut => self.asked.needed.push(index.flag_plane(Flags::MAY_BE_HAD)),
            Stock::Available => self.asked.needed.push(index.flag_plane(Flags::SAID_AVAILABLE)),
        }
        for (asked, bit) in [(filters.free_egress, Flags::FREE_EGRESS), (filters.persistent_storage, Flags::PERSISTENT_STORAGE)] {
            self.asked.needed.extend(asked.then(|| index.flag_plane(bit)));
        }
        // Who asks for an eighth of a card asks for a slice.
        let asks_for_slice = filters.gpu_count.is_some_and(GpuCount::is_slice);
        let slices = if asks_for_slice { Some(Inclusion::Include) } else { filters.slices };
        // A bound on reliability replaces the default one.
        let reliability = filters.reliability_min_ppm.map(|_| Inclusion::Include);
        let wishes = [
            (slices, Flags::SLICE),
            (filters.unverified, Flags::UNVERIFIED),
            (filters.retired, Flags::RETIRED),
            (reliability, Flags::LOW_RELIABILITY),
        ];
        for (wish, bit) in wishes {
            match wish {
                Some(Inclusion::Exclude) => self.asked.forbidden.push(index.flag_plane(bit)),
                Some(Inclusion::Include) => {}
                None => {
                    self.usual.forbidden.push(index.flag_plane(bit));
                    self.usual_bits |= bit;
                }
            }
        }
        if filters.gpu_count.is_none() {
            let slices = (filters.slices == Some(Inclusion::Include)).then(|| index.flag_plane(Flags::SLICE));
            self.usual_count = Some((index.flag_plane(Flags::ONE_GPU), slices));
        }
    }

    /// Fills the planes' words that hold offers of the chosen groups.
    pub fn scan(&self, planes: &mut Planes) {
        let words = self.index.entries.len().div_ceil(64);
        for plane in [&mut planes.floor, &mut planes.question, &mut planes.usual, &mut planes.last, &mut planes.last_usual] {
            plane.resize(words, 0);
        }
        let mut next = 0;
        for group in self.groups.iter().map(|group| &self.index.groups[*group]) {
            for word in (group.range.start / 64).max(next)..group.range.end.div_ceil(64) {
                let verdict = self.word(word);
                planes.floor[word] = verdict.floor;
                planes.question[word] = verdict.question;
                planes.usual[word] = verdict.usual;
                planes.last[word] = verdict.last;
                planes.last_usual[word] = verdict.last_usual;
            }
            next = group.range.end.div_ceil(64).max(next);
        }
    }

    /// Offers of the question's market that pass all but the choice of GPU, in groups that are not chosen and of which
    /// nobody can say whether they should be: unmapped names, and ambiguous ones of a family that is asked for.
    pub fn unknown_gpu_offers(&self) -> u32 {
        let table = catalogue::gpus();
        let asked = |family: &str| self.filters.gpu.iter().flat_map(|choice| &choice.gpus).any(|gpu| table.gpu(*gpu).family == family);
        let may_be_meant = |group: &Group| match &self.index.entries[group.range.start].gpu {
            GpuMatch::Unmapped => true,
            GpuMatch::Ambiguous { family } => self.filters.gpu.is_empty() || asked(family),
            GpuMatch::Known(_) | GpuMatch::Variant { .. } => false,
        };
        let left_out = self.index.groups.iter().enumerate().filter(|(position, group)| {
            group.gpu.is_none() && !group.range.is_empty() && may_be_meant(group) && self.groups.binary_search(position).is_err()
        });
        // Such groups are small and stand side by side: a word of the planes is made once for all that share it.
        let (mut word, mut question, mut offers) = (usize::MAX, 0, 0);
        for (_, group) in left_out {
            for number in group.range.start / 64..group.range.end.div_ceil(64) {
                if word != number {
                    (word, question) = (number, self.word(number).question);
                }
                offers += (question & edge_mask(number, &group.range)).count_ones();
            }
        }
        offers
    }

    /// Whether any offer is left, looking at no more than `budget` words of 64; `None` where the budget ran out. What it
    /// cost to make the plan is taken from the budget first.
    pub fn any(&self, budget: &mut usize) -> Option<bool> {
        *budget = budget.checked_sub(self.cells.len() / 32)?;
        for group in self.groups.iter().map(|group| &self.index.groups[*group]) {
            let range = group.range.start..self.priced_end(group);
            for word in range.start / 64..range.end.div_ceil(64) {
                *budget = budget.checked_sub(1)?;
                if self.word(word).question & edge_mask(word, &range) != 0 {
                    return Some(true);
                }
            }
        }
        Some(false)
    }

    /// Where the offers end that have a price and are within the asked price.
    pub fn priced_end(&self, group: &Group) -> usize {
        let cap = self.filters.price_max_nanos.unwrap_or(i64::MAX - 1).min(i64::MAX - 1);
        let prices = &self.index.columns.usd_nanos_per_gpu_hour[group.range.clone()];
        group.range.start + prices.partition_point(|price| *price <= cap)
    }

    /// Which defaults hide an offer of `floor`, as the fields of [`super::Hidden`].
    pub fn count_hidden(&self, position: usize, hidden: &mut super::Hidden) {
        let columns = &self.index.columns;
        let flags = columns.flags[position];
        let cell = self.cells[columns.cell[position] as usize];
        if cell & IN_MARKET == 0 {
            match columns.market[position] {
                MarketKind::OnDemand => {}
                MarketKind::Spot => hidden.spot += 1,
                MarketKind::Serverless => hidden.serverless += 1,
            }
        }
        let hides = |bit: u16| u32::from(self.usual_bits & bit != 0 && flags.has(bit));
        let several = !flags.has(Flags::ONE_GPU) && !flags.has(Flags::SLICE);
        hidden.multi_gpu += u32::from(self.usual_count.is_some() && several);
        hidden.slice += hides(Flags::SLICE);
        hidden.unverified += hides(Flags::UNVERIFIED);
        hidden.retired += hides(Flags::RETIRED);
        hidden.low_reliability += hides(Flags::LOW_RELIABILITY);
    }

    fn word(&self, word: usize) -> Word {
        let columns = &self.index.columns;
        let start = word * 64;
        let end = (start + 64).min(self.index.entries.len());
        let mut verdicts = [0_u8; 64];
        for (verdict, cell) in verdicts.iter_mut().zip(&columns.cell[start..end]) {
            *verdict = self.cells[*cell as usize];
        }
        if !self.shapes.is_empty() {
            for (verdict, shape) in verdicts.iter_mut().zip(&columns.shape[start..end]) {
                *verdict &= self.shapes[*shape as usize];
            }
        }
        let asked = plane(&verdicts, ASKED);
        let bounded = if asked == 0 { 0 } else { self.asked.pass(word) & self.bounds(columns, start..end) };
        if asked & bounded == 0 {
            return Word::default();
        }
        let own_age = self.own_age[word] & asked;
        let mut live = plane(&verdicts, LIVE);
        if own_age != 0 {
            live = (live & !own_age) | self.live_by_own_age(own_age, start);
        }
        if self.scope == Scope::Cheapest {
            live &= self.present[word];
        }
        let floor = live & bounded;
        let in_market = plane(&verdicts, IN_MARKET);
        let counted = self.usual_count.map_or(u64::MAX, |(one, slices)| one[word] | slices.map_or(0, |slices| slices[word]));
        let usual = counted & self.usual.pass(word);
        let last = asked & bounded & in_market & !floor;
        Word { floor, question: floor & in_market, usual: floor & in_market & usual, last, last_usual: last & usual }
    }

    fn live_by_own_age(&self, mut own_age: u64, start: usize) -> u64 {
        let columns = &self.index.columns;
        let mut live = 0;
        while own_age != 0 {
            let bit = own_age.trailing_zeros();
            own_age &= own_age - 1;
            let position = start + bit as usize;
            let age_seconds = (self.as_of.timestamp() - columns.own_observed_at[position]).max(0);
            let provider = columns.provider[position] as usize;
            live |= u64::from(is_live(self.market, self.filters, self.scope, provider, age_seconds)) << bit;
        }
        live
    }

    /// The bounds on figures of single offers. What is not known is 0 and below every bound; a reliability that is not
    /// given is above every bound, because only marketplaces give one.
    fn bounds(&self, columns: &Columns, range: Range<usize>) -> u64 {
        let filters = self.filters;
        let mut bits = u64::MAX;
        let tests = [
            (filters.ram_min_mib, &columns.ram_mib),
            (filters.vcpu_min_millis, &columns.vcpu_millis),
            (filters.download_min_mbit_s, &columns.download_mbit_s),
        ];
        for (least, column) in tests {
            if let Some(least) = least {
                bits &= at_least(&column[range.clone()], least.max(1));
            }
        }
        if let Some(least) = filters.reliability_min_ppm {
            bits &= at_least(&columns.reliability_ppm[range], least);
        }
        bits
    }
}

#[derive(Default)]
struct Word {
    floor: u64,
    question: u64,
    usual: u64,
    last: u64,
    last_usual: u64,
}

/// The markets a question is about: those it names; else every one where rows are markets or everything is listed; else
/// on demand. Never another one because this one is empty (defect D31).
pub(super) fn question_markets(filters: &Filters, scope: Scope) -> Vec<MarketKind> {
    if !filters.market.is_empty() {
        filters.market.clone()
    } else if scope == Scope::Everything || filters.by == By::Market {
        MarketKind::ALL.to_vec()
    } else {
        vec![MarketKind::OnDemand]
    }
}

fn is_live(market: &Market, filters: &Filters, scope: Scope, provider: usize, age_seconds: i64) -> bool {
    let stale = || market.providers.get(provider).is_none_or(|provider| provider.freshness(age_seconds) == Freshness::Stale);
    filters.age_max_seconds.is_none_or(|max| age_seconds <= max) && (scope == Scope::Everything || !stale())
}

/// Of each shape all bits or none; empty where neither count nor memory is asked for.
fn shape_verdicts(index: &Index, filters: &Filters) -> Vec<u8> {
    if filters.gpu_count.is_none() && filters.vram_min_mib.is_none() && filters.vram_max_mib.is_none() {
        return Vec::new();
    }
    let fits = |shape: &Shape| {
        let memory = shape.vram_usable_mib;
        let counted = filters.gpu_count.is_none_or(|count| {
            let exact = shape.count_numerator == count.numerator() && shape.count_denominator == count.denominator();
            // "2 to 8 of a machine" is any number between, each at so much.
            let linear = shape.count_denominator == 1 && shape.count_numerator > 0;
            exact || (linear && count.as_whole().is_some_and(|count| (shape.count_numerator..=shape.count_max).contains(&count)))
        });
        // Memory that is not known is within no bounds.
        counted
            && filters.vram_min_mib.is_none_or(|min| memory >= min.max(1))
            && filters.vram_max_mib.is_none_or(|max| memory != 0 && memory <= max)
    };
    index.shapes.iter().map(|shape| if fits(shape) { u8::MAX } else { 0 }).collect()
}

fn chosen_groups(index: &Index, filters: &Filters, scope: Scope) -> Vec<usize> {
    let table = catalogue::gpus();
    let mut parts = vec![false; table.gpus().len()];
    filters.gpu.iter().flat_map(|choice| &choice.gpus).for_each(|gpu| parts[*gpu] = true);
    let facts = !(filters.manufacturer.is_empty() && filters.architecture.is_empty() && filters.segment.is_empty());
    let among = |asked: &[String], fact: Option<&str>| asked.is_empty() || asked.iter().any(|asked| fact == Some(asked));
    let part_fits = |gpu: usize| {
        let gpu = table.gpu(gpu);
        among(&filters.manufacturer, gpu.manufacturer.as_deref())
            && among(&filters.architecture, gpu.architecture.as_deref())
            && among(&filters.segment, gpu.segment.as_deref())
    };
    let chosen = |group: &Group| {
        let named = filters.gpu.is_empty()
            || group.gpu.is_some_and(|gpu| parts[gpu])
            || filters.gpu.iter().any(|choice| {
                let family = group.gpu.is_none() && choice.family.is_some() && choice.family.as_deref() == group.family.as_deref();
                family || choice.group.as_deref() == Some(&*group.slug)
            });
        // Of a group that is no single part a fact is known where every member of the family has it.
        let fits = || match (group.gpu, group.family.as_deref()) {
            (Some(gpu), _) => part_fits(gpu),
            (None, Some(family)) => table.gpus().iter().enumerate().all(|(gpu, part)| part.family != family || part_fits(gpu)),
            (None, None) => false,
        };
        (group.mapped || scope == Scope::Everything) && named && (!facts || fits())
    };
    index.groups.iter().enumerate().filter(|(_, group)| chosen(group)).map(|(position, _)| position).collect()
}

/// One bit of 64 bytes, gathered.
fn plane(bytes: &[u8; 64], bit: u8) -> u64 {
    let shift = bit.trailing_zeros();
    let mut bits = 0;
    for (index, eight) in bytes.as_chunks::<8>().0.iter().enumerate() {
        let low = (u64::from_le_bytes(*eight) >> shift) & 0x0101_0101_0101_0101;
        // The product moves the low bit of byte i to bit 56 + i.
        bits |= (low.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (index * 8);
    }
    bits
}

fn at_least(column: &[u32], least: u32) -> u64 {
    let mut bytes = [0_u8; 64];
    for (byte, value) in bytes.iter_mut().zip(column) {
        *byte = u8::from(*value >= least);
    }
    plane(&bytes, 1)
}

/// The bits of a word that are in a range.
fn edge_mask(word: usize, range: &Range<usize>) -> u64 {
    let start = word * 64;
    let from = range.start.saturating_sub(start).min(64);
    let to = range.end.saturating_sub(start).min(64);
    let below = |count: usize| if count == 64 { u64::MAX } else { (1 << count) - 1 };
    below(to) & !below(from)
}

/// The plane's words of a range, with only the bits in it.
pub(super) fn words<'p>(plane: &'p [u64], range: &Range<usize>) -> impl Iterator<Item = (usize, u64)> + 'p + use<'p> {
    let range = range.clone();
    let words = if range.is_empty() { 0..0 } else { range.start / 64..range.end.div_ceil(64) };
    words.map(move |word| (word, plane[word] & edge_mask(word, &range)))
}

/// How many bits of a range are set.
pub(super) fn count(plane: &[u64], range: &Range<usize>) -> u32 {
    words(plane, range).map(|(_, bits)| bits.count_ones()).sum()
}

/// The position of the set bit with so many set bits before it.
pub(super) fn nth(plane: &[u64], mut number: u32) -> Option<usize> {
    for (word, bits) in plane.iter().enumerate() {
        let ones = bits.count_ones();
        if number < ones {
            let rest = (0..number).fold(*bits, |bits, _| bits & (bits - 1));
            return Some(word * 64 + rest.trailing_zeros() as usize);
        }
        number -= ones;
    }
    None
}

/// The first set bit of a range.
pub(super) fn first(plane: &[u64], range: &Range<usize>) -> Option<usize> {
    words(plane, range).find(|(_, bits)| *bits != 0).map(|(word, bits)| word * 64 + bits.trailing_zeros() as usize)
}

/// Every set bit of a range, ascending.
pub(super) fn each(plane: &[u64], range: &Range<usize>, mut visit: impl FnMut(usize)) {
    for (word, mut bits) in words(plane, range) {
        while bits != 0 {
            visit(word * 64 + bits.trailing_zeros() as usize);
            bits &= bits - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_gathered_in_order() {
        let mut bytes = [0_u8; 64];
        for position in [0, 1, 7, 8, 31, 32, 62, 63] {
            bytes[position] = 0b100;
        }
        assert_eq!(plane(&bytes, 0b100), 1 | 2 | 1 << 7 | 1 << 8 | 1 << 31 | 1 << 32 | 1 << 62 | 1 << 63);
        assert_eq!(plane(&bytes, 0b1000), 0);
    }

    #[test]
    fn ranges_are_cut_inside_words() {
        let plane = [u64::MAX; 3];
        for (range, bits) in [(0..0, 0), (3..5, 2), (0..64, 64), (63..65, 2), (10..190, 180), (64..128, 64)] {
            assert_eq!(count(&plane, &range), bits, "{range:?}");
            let mut seen = Vec::new();
            each(&plane, &range, |position| seen.push(position));
            assert_eq!(seen, range.clone().collect::<Vec<_>>());
            assert_eq!(first(&plane, &range), range.clone().next());
        }
    }
}
