//! Judges a part's answer against its own recent past. Pure: past and time are arguments.
//!
//! A row that cannot be believed is held alone; a part that lost its shape is refused whole. Either way the last good
//! price stays with its true age: a held row is no renewal and no miss.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use gpurate_domain::money::FxRates;
use gpurate_domain::{Currency, GpuMatch, MarketKind, Nanos, Offer, OfferId, PerHour, Rejected, money};
use gpurate_providers::Manifest;
use gpurate_providers::manifest::{Presence as MarketPresence, ProviderKind};

use super::normalise::Identities;
use crate::config::{GateSection, ProviderSection};
use crate::market::{Entry, Held, IdHash, IdMap, IdSet, Market, PartState, Presence, PriceRange, Refused};

/// A part's answer in our words.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Rows that could be read.
    pub offers: Vec<Offer>,
    /// Rows that could not.
    pub rejected: Vec<Rejected>,
    /// No offer means "nothing on sale".
    pub empty_is_an_answer: bool,
    /// Reference rates, where the source has them.
    pub rates: Option<FxRates>,
}

/// The numbers of the gate for one provider.
#[derive(Clone, Debug)]
pub struct Gate {
    numbers: GateSection,
    least_percent: u64,
    most_percent: u64,
    bad_rows_percent_max: u64,
    marketplace: bool,
    required: Vec<MarketKind>,
}

impl Gate {
    /// The configuration's numbers, with the provider's departures.
    pub fn new(numbers: &GateSection, manifest: &Manifest, section: &ProviderSection) -> Self {
        let marketplace = manifest.kind == ProviderKind::Marketplace;
        let usual = if marketplace { numbers.marketplace_least_percent_of_last } else { numbers.least_percent_of_last };
        let least = section.least_percent_of_last.or(manifest.gate.least_percent_of_last).unwrap_or(usual);
        let bad = section.bad_rows_percent_max.or(manifest.gate.bad_rows_percent_max).unwrap_or(numbers.bad_rows_percent_max);
        let required = manifest.markets.iter().filter(|(_, presence)| **presence == MarketPresence::Required).map(|(market, _)| *market);
        Self {
            numbers: numbers.clone(),
            least_percent: u64::from(least),
            most_percent: u64::from(if marketplace { numbers.marketplace_most_percent_of_last } else { numbers.most_percent_of_last }),
            bad_rows_percent_max: u64::from(bad),
            marketplace,
            required: required.collect(),
        }
    }
}

/// What is to be done with one offer.
#[derive(Clone, Debug)]
pub enum Row {
    /// New, or back after it was withdrawn.
    Insert(Box<Offer>),
    /// Seen before and different, or seen again after it was held or missed.
    Update {
        /// As it was.
        entry: Arc<Entry>,
        /// As it is.
        offer: Box<Offer>,
        /// Amount, availability or terms differ.
        price_changed: bool,
    },
    /// Seen and not believed; an entry that exists keeps its last good price.
    Hold {
        /// As it was, where it was known.
        entry: Option<Arc<Entry>>,
        /// The offer.
        id: OfferId,
        /// Why, and what was seen.
        held: Box<Held>,
    },
    /// Not in the answer, for the first time.
    Miss(Arc<Entry>),
    /// Not in the answer for the second time, or held unconfirmed for too long.
    Withdraw {
        /// As it was.
        entry: Arc<Entry>,
        /// When it was gone: the first miss.
        dated_at: DateTime<Utc>,
        /// `missed` or `unconfirmed`.
        reason: &'static str,
    },
}

/// Something a person should know of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// `accepted_by_repetition`, `accepted_by_hand`, `flapping`; `gpu_gone`, `gpu_new` (at the provider),
    /// `gpu_gone_from_part`, `gpu_new_in_part` (others of its parts have it).
    pub kind: &'static str,
    /// The offer it is about, if one.
    pub offer: Option<OfferId>,
    /// In words.
    pub detail: String,
}

/// What an accepted answer changes.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// One element per offer that is not simply seen again unchanged.
    pub rows: Vec<Row>,
    /// What a person should know of.
    pub events: Vec<Event>,
    /// Offers believed, unchanged ones included.
    pub offers: u64,
    /// Rows held.
    pub quarantined: u64,
    /// Believed offers whose GPU or count is not known.
    pub unmapped: u64,
    /// Held prices that are settled: believed, or denied by an answer that agrees with the last good price.
    pub released: Vec<OfferId>,
}

/// The judgement.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// Believed.
    Accepted(Plan),
    /// Not believed: nothing changes but the attempt's record.
    Refused {
        /// Why, in words.
        reason: String,
        /// To notice that it repeats.
        refused: Refused,
    },
}

/// Judges the answer of `part` (its index in `market`) at `now`. `by_hand` believes what a person vouches for: all but
/// rows that contradict themselves.
pub fn accept(market: &Market, part: usize, answer: Answer, gate: &Gate, now: DateTime<Utc>, by_hand: bool) -> Verdict {
    let known = usize::try_from(market.parts[part].counts.offers).unwrap_or(0).min(market.index.entries.len());
    let mut past: IdMap<&Arc<Entry>> = IdMap::with_capacity_and_hasher(known + known / 8, IdHash::default());
    past.extend(market.index.entries.iter().filter(|entry| entry.part == part).map(|entry| (entry.id, entry)));
    let (rows, seen, doubles) = unique(answer.offers);
    let offers = rows.len() as u64;
    let refused = Refused { at: now, offers, level: level(&rows, answer.rates.as_ref()) };
    let markets: Vec<MarketKind> =
        MarketKind::ALL.into_iter().filter(|market| rows.iter().any(|(_, offer)| offer.key.market == *market)).collect();
    if offers > u64::from(gate.numbers.offers_max) {
        let reason = format!("the answer holds {offers} offers, more than `gate.offers_max` ({})", gate.numbers.offers_max);
        return Verdict::Refused { reason, refused };
    }
    let moved = moved_together(gate, &past, &rows);
    let mut judge = Judge { market, part, gate, now, by_hand, doubts: Doubts::new(market, gate), plan: Plan::default() };
    for (id, offer) in rows {
        let entry = past.get(&id).map(|entry| Arc::clone(entry));
        judge.row(id, entry, offer, doubles.contains(&id));
    }
    judge.absent(past.values().filter(|entry| !seen.contains_key(&entry.id)), &answer.rejected);
    let mut plan = judge.plan;
    let young_absent = if gate.marketplace { 0 } else { young_absent(&past, &seen, now) };
    let sizes = Sizes { offers, rejected: answer.rejected.len() as u64, quarantined: plan.quarantined, young_absent };
    let doubted = refusal(&market.parts[part], gate, &past, &markets, sizes, answer.empty_is_an_answer)
        .or(moved)
        .or_else(|| answer.rates.as_ref().and_then(|rates| doubt_of_rates(market.rates.as_deref(), rates, gate, now)));
    if let Some(reason) = doubted {
        if by_hand {
            plan.events.push(Event { kind: "accepted_by_hand", offer: None, detail: reason });
        } else if refusals_repeat(&market.parts[part].refusals, refused, gate) {
            plan.events.push(Event { kind: "accepted_by_repetition", offer: None, detail: reason });
        } else {
            return Verdict::Refused { reason, refused };
        }
    }
    let told = gpu_events(market, part, &past, &plan.rows);
    plan.events.extend(told);
    Verdict::Accepted(plan)
}

/// Rows by id, with their positions: equal ones once, those with two prices marked (defects D19, D38).
pub(super) fn unique(offers: Vec<Offer>) -> (Vec<(OfferId, Offer)>, IdMap<usize>, IdSet) {
    let mut rows: Vec<(OfferId, Offer)> = Vec::with_capacity(offers.len());
    let mut seen: IdMap<usize> = IdMap::with_capacity_and_hasher(offers.len(), IdHash::default());
    let mut doubles = IdSet::default();
    for offer in offers {
        let id = offer.key.id();
        match seen.get(&id) {
            None => {
                seen.insert(id, rows.len());
                rows.push((id, offer));
            }
            Some(position) if rows[*position].1.price.per_hour != offer.price.per_hour => {
                doubles.insert(id);
            }
            Some(_) => {}
        }
    }
    (rows, seen, doubles)
}

struct Judge<'a> {
    market: &'a Market,
    part: usize,
    gate: &'a Gate,
    now: DateTime<Utc>,
    by_hand: bool,
    doubts: Doubts<'a>,
    plan: Plan,
}

impl Judge<'_> {
    fn row(&mut self, id: OfferId, entry: Option<Arc<Entry>>, offer: Offer, double: bool) {
        if double {
            return self.hold(id, entry, offer, "the answer gives it two prices".to_owned());
        }
        let Some(reason) = self.doubt(entry.as_deref(), &offer) else { return self.believe(id, entry, offer) };
        let kind = if self.by_hand {
            "accepted_by_hand"
        } else if repeated(self.sightings(id, &offer).iter().map(|(at, _)| *at), self.gate) {
            "accepted_by_repetition"
        } else {
            return self.hold(id, entry, offer, reason);
        };
        self.plan.events.push(Event { kind, offer: Some(id), detail: reason });
        self.believe(id, entry, offer);
    }

    fn believe(&mut self, id: OfferId, entry: Option<Arc<Entry>>, offer: Offer) {
        self.plan.offers += 1;
        let unmapped = offer.key.gpu_count.is_none() || self.doubts.identities.of(&offer).0 == GpuMatch::Unmapped;
        self.plan.unmapped += u64::from(unmapped);
        if self.market.held.contains_key(&id) {
            self.plan.released.push(id);
        }
        let Some(entry) = entry else {
            self.plan.rows.push(Row::Insert(Box::new(offer)));
            return;
        };
        let price_changed = entry.offer.price != offer.price;
        if price_changed && flaps(&entry, &offer, self.now) {
            let detail = format!("`{}` went back to its price of before within a day", offer.key.sku);
            self.plan.events.push(Event { kind: "flapping", offer: Some(id), detail });
        }
        if price_changed || entry.presence != Presence::Present || entry.offer != offer {
            self.plan.rows.push(Row::Update { entry, offer: Box::new(offer), price_changed });
        }
    }

    fn doubt(&mut self, entry: Option<&Entry>, offer: &Offer) -> Option<String> {
        let own = entry.map(|entry| entry.offer.price.per_hour);
        self.doubts.of(own, offer).or_else(|| entry.and_then(|entry| self.doubt_of_a_walk(entry, offer)))
    }

    /// Several steps, each small enough to be believed, are as far as one that is not.
    fn doubt_of_a_walk(&self, entry: &Entry, offer: &Offer) -> Option<String> {
        let (new, before) = (offer.price.per_hour, entry.previous_nanos?);
        let hours = TimeDelta::hours(i64::from(self.gate.numbers.repetition_hours));
        let is_a_step = new != entry.offer.price.per_hour && new.currency == entry.offer.price.per_hour.currency;
        if !is_a_step || self.now - entry.amount_since >= hours || !far(self.gate, new.nanos, before, before) {
            return None;
        }
        let factor = self.gate.numbers.price_factor_max;
        Some(format!(
            "{} {} per hour is more than {factor} times off its price of {}, which was in force within {} hours",
            Nanos(new.nanos),
            new.currency,
            Nanos(before),
            self.gate.numbers.repetition_hours
        ))
    }

    /// This sighting of a doubted price and those before it that agree with it.
    fn sightings(&self, id: OfferId, offer: &Offer) -> Vec<(DateTime<Utc>, i64)> {
        let price = offer.price.per_hour.nanos;
        let mut seen = self.market.held.get(&id).map(|held| held.seen.clone()).unwrap_or_default();
        if seen.last().is_some_and(|(_, last)| !within_percent(*last, price, self.gate.numbers.repetition_percent)) {
            seen.clear();
        }
        seen.push((self.now, price));
        // The first sighting dates the rest, the newest ones count; more would grow without end.
        while seen.len() > SIGHTINGS_MAX.max(self.gate.numbers.repetition_count as usize) {
            seen.remove(1);
        }
        seen
    }

    fn hold(&mut self, id: OfferId, entry: Option<Arc<Entry>>, offer: Offer, reason: String) {
        self.plan.quarantined += 1;
        let from_first_answer = self.is_from_first_answer(id);
        let held = Held { part: self.part, reason, seen: self.sightings(id, &offer), offer: Some(offer), from_first_answer };
        self.keep_or_withdraw(id, entry, held);
    }

    /// What the part's first accepted answer held was there when gpurate began to look, believed or not.
    fn is_from_first_answer(&self, id: OfferId) -> bool {
        match self.market.held.get(&id) {
            Some(held) => held.from_first_answer,
            None => self.market.parts[self.part].last_accepted_at.is_none(),
        }
    }

    /// A held row keeps the last good price, but not for ever.
    fn keep_or_withdraw(&mut self, id: OfferId, entry: Option<Arc<Entry>>, held: Held) {
        let days = TimeDelta::days(i64::from(self.gate.numbers.unconfirmed_days));
        let entry = match entry {
            Some(entry) if self.now - self.market.observed_at(&entry) >= days => {
                self.plan.rows.push(Row::Withdraw { entry, dated_at: self.now, reason: "unconfirmed" });
                None
            }
            entry => entry,
        };
        self.plan.rows.push(Row::Hold { entry, id, held: Box::new(held) });
    }

    /// Offers of the past that the answer does not hold as usable rows.
    fn absent<'b>(&mut self, absent: impl Iterator<Item = &'b &'b Arc<Entry>>, rejected: &[Rejected]) {
        let reasons: HashMap<&str, &str> = rejected.iter().map(|row| (row.sku.as_str(), row.reason.as_str())).collect();
        for entry in absent {
            let entry = Arc::clone(entry);
            if let Some(reason) = reasons.get(&*entry.offer.key.sku) {
                let (reason, seen) = ((*reason).to_owned(), vec![(self.now, 0)]);
                let held = Held { part: self.part, reason, seen, offer: None, from_first_answer: false };
                self.keep_or_withdraw(entry.id, Some(entry), held);
                continue;
            }
            self.plan.rows.push(match entry.presence {
                Presence::Missed { missed_at, .. } => Row::Withdraw { entry, dated_at: missed_at, reason: "missed" },
                _ => Row::Miss(entry),
            });
        }
    }
}

/// Why prices are not believed: one judgement for what is collected and for what is read again.
pub(super) struct Doubts<'a> {
    market: &'a Market,
    gate: &'a Gate,
    pub(super) identities: Identities,
    /// The lowest of seven days at any provider, by GPU and market, once it was asked for.
    lows: Option<Lows>,
}

type Lows = HashMap<(Arc<str>, MarketKind), i64>;

impl<'a> Doubts<'a> {
    pub(super) fn new(market: &'a Market, gate: &'a Gate) -> Self {
        Self { market, gate, identities: Identities::default(), lows: None }
    }

    /// Why a price is not believed at once: far from its own past, from its GPU's, or with no past from reason. `own`: what it
    /// cost before.
    pub(super) fn of(&mut self, own: Option<PerHour>, offer: &Offer) -> Option<String> {
        self.of_its_past(own, offer).or_else(|| if own.is_none() { self.of_a_newcomer(offer) } else { None })
    }

    fn of_its_past(&mut self, own: Option<PerHour>, offer: &Offer) -> Option<String> {
        let (market, gate) = (self.market, self.gate);
        let factor = gate.numbers.price_factor_max;
        let price = offer.price.per_hour;
        let own = own.filter(|own| own.currency == price.currency);
        // A price that was believed and did not move is believed again, whatever its GPU costs elsewhere by now.
        if own == Some(price) {
            return None;
        }
        if let Some(own) = own
            && far(gate, price.nanos, own.nanos, own.nanos)
        {
            let (new, old) = (Nanos(price.nanos), Nanos(own.nanos));
            return Some(format!("{new} {} per hour is more than {factor} times off its last price of {old}", own.currency));
        }
        let usd = money::usd_per_hour(price, market.rates.as_deref())?.per_gpu(offer.key.gpu_count?)?;
        let range = match self.identities.of(offer) {
            (GpuMatch::Unmapped, _) => None,
            (_, slug) => market.ranges.get(&(slug, offer.key.market, offer.key.provider.clone())),
        };
        match range {
            Some(PriceRange { low, high }) if far(gate, usd.nanos, low.nanos, high.nanos) => Some(format!(
                "{usd} USD per GPU-hour is more than {factor} times off the {low} to {high} of its GPU and market here in seven days"
            )),
            None if own.is_none() => {
                let (least, most) = (gate.numbers.usd_per_gpu_hour_min, gate.numbers.usd_per_gpu_hour_max);
                (usd.nanos < least.0 || usd.nanos > most.0).then(|| format!("{usd} USD per GPU-hour is outside {least} to {most}"))
            }
            _ => None,
        }
    }

    /// A card that a provider did not have may cost less there than anywhere, but not next to nothing.
    fn of_a_newcomer(&mut self, offer: &Offer) -> Option<String> {
        let usd = money::usd_per_hour(offer.price.per_hour, self.market.rates.as_deref())?.per_gpu(offer.key.gpu_count?)?;
        let (GpuMatch::Known(_) | GpuMatch::Variant { .. } | GpuMatch::Ambiguous { .. }, slug) = self.identities.of(offer) else {
            return None;
        };
        let ranges = &*self.market.ranges;
        if ranges.contains_key(&(slug.clone(), offer.key.market, offer.key.provider.clone())) {
            return None;
        }
        let lows = self.lows.get_or_insert_with(|| {
            let mut lows = Lows::new();
            for ((slug, market, _), range) in ranges {
                let low = lows.entry((slug.clone(), *market)).or_insert(i64::MAX);
                *low = (*low).min(range.low.nanos);
            }
            lows
        });
        let low = *lows.get(&(slug, offer.key.market))?;
        // Lists and marketplaces are far from each other: the usual factor twice.
        let factor = i128::from(self.gate.numbers.price_factor_max).pow(2);
        (i128::from(usd.nanos) * factor < i128::from(low)).then(|| {
            format!("{usd} USD per GPU-hour is more than {factor} times under {}, the lowest of its GPU and market at any provider in seven days", Nanos(low))
        })
    }
}

fn far(gate: &Gate, price: i64, low: i64, high: i64) -> bool {
    let factor = i128::from(gate.numbers.price_factor_max);
    i128::from(price) > i128::from(high) * factor || i128::from(price) * factor < i128::from(low)
}

/// Why reference rates are not believed: a wrong rate makes every price wrong that it converts.
fn doubt_of_rates(known: Option<&FxRates>, rates: &FxRates, gate: &Gate, now: DateTime<Utc>) -> Option<String> {
    let tomorrow = now.date_naive() + TimeDelta::days(1);
    if rates.date > tomorrow {
        return Some(format!("the rates are dated {}, which is yet to come", rates.date));
    }
    // What an earlier version believed of days to come says nothing.
    let Some(known) = known.filter(|known| known.date <= tomorrow) else {
        let usd = rates.per_eur.get(&Currency::USD)?.0;
        let is_near = (EUR_IN_USD_LEAST..=EUR_IN_USD_MOST).contains(&usd);
        return (!is_near).then(|| format!("a euro would be {} dollars: rates without a past are believed between 0.5 and 2", Nanos(usd)));
    };
    let percent = gate.numbers.rate_percent_max;
    let off = |(currency, rate): (&Currency, &Nanos)| {
        let before = known.per_eur.get(currency).filter(|before| !within_percent(before.0, rate.0, percent))?;
        Some(format!("{rate} {currency} for a euro is more than {percent} % off the {before} of {}", known.date))
    };
    rates.per_eur.iter().find_map(off)
}

/// What a euro was worth in dollars since there are euros, and more than half as much to either side.
const EUR_IN_USD_LEAST: i64 = 500_000_000;
const EUR_IN_USD_MOST: i64 = 2_000_000_000;

/// Prices that move together are a changed unit more often than a changed market.
fn moved_together(gate: &Gate, past: &IdMap<&Arc<Entry>>, rows: &[(OfferId, Offer)]) -> Option<String> {
    if gate.marketplace {
        return None;
    }
    let (mut known, mut up, mut down) = (0_u64, 0_u64, 0_u64);
    for (id, offer) in rows.iter().filter(|(_, offer)| offer.key.market != MarketKind::Spot) {
        let Some(before) = past.get(id).map(|entry| entry.offer.price.per_hour) else { continue };
        let PerHour { nanos, currency } = offer.price.per_hour;
        if currency == before.currency {
            known += 1;
            up += u64::from(i128::from(nanos) * 2 > i128::from(before.nanos) * 3);
            down += u64::from(i128::from(nanos) * 3 < i128::from(before.nanos) * 2);
        }
    }
    let most = up.max(down);
    let is_many = known >= MOVED_LEAST && most * 100 > u64::from(gate.numbers.moved_percent_max) * known;
    is_many.then(|| {
        let way = if up > down { "rose" } else { "fell" };
        format!("{most} of {known} prices {way} by more than half as much again at once: is the unit another one?")
    })
}

/// So few prices may well move together.
const MOVED_LEAST: u64 = 10;

/// How many offers are not in the answer that came within a day, and after others of their part, as far as prices tell.
fn young_absent(past: &IdMap<&Arc<Entry>>, seen: &IdMap<usize>, now: DateTime<Utc>) -> u64 {
    let Some(first) = past.values().map(|entry| entry.price_since).min() else { return 0 };
    let since = first.max(now - TimeDelta::days(1));
    let is_young = |entry: &&&Arc<Entry>| entry.previous_nanos.is_none() && entry.price_since > since;
    past.values().filter(is_young).filter(|entry| !seen.contains_key(&entry.id)).count() as u64
}

const SIGHTINGS_MAX: usize = 8;

/// So many offers more are no swollen answer, however few there were.
const GROWTH_LEAST: u64 = 50;

/// A marketplace's book of a few machines can empty at once; percentages judge nothing there.
const SMALL_BOOK: u64 = 4;

#[derive(Clone, Copy)]
struct Sizes {
    offers: u64,
    rejected: u64,
    quarantined: u64,
    /// Offers that came within a day and are not there: what swelled may shrink to what it was.
    young_absent: u64,
}

/// Why the whole answer is not believed.
fn refusal(
    state: &PartState,
    gate: &Gate,
    past: &IdMap<&Arc<Entry>>,
    markets: &[MarketKind],
    sizes: Sizes,
    empty_is_an_answer: bool,
) -> Option<String> {
    let Sizes { offers, rejected, quarantined, young_absent } = sizes;
    if offers + rejected == 0 && !empty_is_an_answer {
        return Some("the answer holds no row, and does not say that nothing is on sale".to_owned());
    }
    let bad = rejected + quarantined;
    if bad * 100 > gate.bad_rows_percent_max * (offers + rejected) {
        return Some(format!(
            "{bad} of {} rows are unusable or not believed ({rejected} rejected, {quarantined} quarantined), more than {} %",
            offers + rejected,
            gate.bad_rows_percent_max
        ));
    }
    let last = state.counts.offers + state.counts.quarantined;
    let small = gate.marketplace && empty_is_an_answer && last < SMALL_BOOK;
    if state.last_accepted_at.is_some() && !small && (offers + young_absent) * 100 < gate.least_percent * last {
        return Some(format!("{offers} offers came where the last accepted answer had {last}, under {} %", gate.least_percent));
    }
    // What was as good as empty may fill at once.
    let grows = last >= SMALL_BOOK && offers * 100 > gate.most_percent * last && offers >= last + GROWTH_LEAST;
    if state.last_accepted_at.is_some() && grows {
        return Some(format!("{offers} offers came where the last accepted answer had {last}, over {} %", gate.most_percent));
    }
    let had = |market: MarketKind| {
        past.values().any(|entry| entry.offer.key.market == market && !matches!(entry.presence, Presence::Missed { .. }))
    };
    let lost = gate.required.iter().find(|market| {
        let must_be_there = if state.last_accepted_at.is_some() { had(**market) && !small } else { offers > 0 };
        must_be_there && !markets.contains(market)
    });
    lost.map(|market| format!("no `{market}` offer came, which this provider is known to sell"))
}

fn repeated(sightings: impl Iterator<Item = DateTime<Utc>>, gate: &Gate) -> bool {
    let all: Vec<DateTime<Utc>> = sightings.collect();
    let span = TimeDelta::hours(i64::from(gate.numbers.repetition_hours));
    all.len() >= gate.numbers.repetition_count as usize && all.last().zip(all.first()).is_some_and(|(last, first)| *last - *first >= span)
}

/// The same refusal again and again is how the provider is now. Looks back as far as sizes and prices agree.
fn refusals_repeat(refusals: &[Refused], refused: Refused, gate: &Gate) -> bool {
    let size = |offers: u64| i64::try_from(offers).unwrap_or(i64::MAX);
    let agrees = |before: &&Refused| {
        within_percent(size(before.offers), size(refused.offers), gate.numbers.repetition_percent)
            && within_percent(before.level, refused.level, LEVEL_PERCENT)
    };
    let agreeing = refusals.iter().rev().take_while(agrees);
    let mut times: Vec<DateTime<Utc>> = agreeing.map(|before| before.at).collect();
    times.reverse();
    times.push(refused.at);
    repeated(times.into_iter(), gate)
}

/// Prices of one state of things agree within so many percent in their mean, although some of them move.
const LEVEL_PERCENT: u32 = 10;

/// The mean of an answer's prices, or of its rates.
fn level(rows: &[(OfferId, Offer)], rates: Option<&FxRates>) -> i64 {
    let prices = rows.iter().map(|(_, offer)| i128::from(offer.price.per_hour.nanos));
    let rates = rates.iter().flat_map(|rates| rates.per_eur.values().map(|rate| i128::from(rate.0)));
    let (mut sum, mut count) = (0_i128, 0_i128);
    for nanos in prices.chain(rates) {
        sum += nanos;
        count += 1;
    }
    i64::try_from(sum / count.max(1)).unwrap_or(i64::MAX)
}

fn within_percent(a: i64, b: i64, percent: u32) -> bool {
    let (a, b) = (i128::from(a), i128::from(b));
    (a - b).abs() * 100 <= a.abs().max(b.abs()) * i128::from(percent)
}

/// The price goes back to what it was before it moved the last time, within a day; stock and terms may have moved between.
pub(crate) fn flaps(entry: &Entry, offer: &Offer, now: DateTime<Utc>) -> bool {
    entry.previous_nanos == Some(offer.price.per_hour.nanos)
        && entry.offer.price.per_hour.nanos != offer.price.per_hour.nanos
        && now - entry.amount_since <= TimeDelta::days(1)
}

/// GPUs that the part has no more, or has for the first time, or again (defect D6). A GPU is had as long as an offer of it is
/// neither withdrawn nor unbelieved: a row that could not be used is no miss, one that is held is no sale, and the first
/// miss is none yet. What a part's first accepted answer held is no event. The detail begins with the slug.
fn gpu_events(market: &Market, part: usize, past: &IdMap<&Arc<Entry>>, rows: &[Row]) -> Vec<Event> {
    let moves = |row: &Row| matches!(row, Row::Insert(_) | Row::Update { .. } | Row::Withdraw { .. });
    if market.parts[part].last_accepted_at.is_none() || !rows.iter().any(moves) {
        return Vec::new();
    }
    let (mut before, mut now, mut there_all_the_time) = (Identities::default(), Identities::default(), Identities::default());
    let mut moved = IdSet::default();
    for row in rows {
        match row {
            Row::Insert(offer) => {
                now.of(offer);
                if market.held.get(&offer.key.id()).is_some_and(|held| held.from_first_answer) {
                    there_all_the_time.of(offer);
                }
            }
            Row::Update { entry, offer, .. } => {
                now.of(offer);
                moved.insert(entry.id);
            }
            Row::Withdraw { entry, .. } => {
                moved.insert(entry.id);
            }
            Row::Hold { .. } | Row::Miss(_) => {}
        }
    }
    for entry in past.values() {
        before.of(&entry.offer);
        if !moved.contains(&entry.id) {
            now.of(&entry.offer);
        }
    }
    let (before, now, there_all_the_time) = (before.slugs(), now.slugs(), there_all_the_time.slugs());
    if before == now {
        return Vec::new();
    }
    // A GPU that left one region is not gone from its provider.
    let provider = market.parts[part].provider;
    let of_others = |entry: &&Arc<Entry>| entry.part != part && market.parts[entry.part].provider == provider;
    let mut identities = Identities::default();
    for entry in market.index.entries.iter().filter(of_others) {
        identities.of(&entry.offer);
    }
    let elsewhere = identities.slugs();
    let event = |[whole, of_part]: [&'static str; 2], slug: &Arc<str>, words: &str| {
        let (kind, more) = if elsewhere.contains(slug) { (of_part, "; other parts have it") } else { (whole, "") };
        Event { kind, offer: None, detail: format!("{slug} {words}{more}") }
    };
    let gone = before.difference(&now).map(|slug| event(["gpu_gone", "gpu_gone_from_part"], slug, "is no more in the answer"));
    let new = now
        .difference(&before)
        .filter(|slug| !there_all_the_time.contains(*slug))
        .map(|slug| event(["gpu_new", "gpu_new_in_part"], slug, "is in the answer for the first time, or again"));
    let mut events: Vec<Event> = gone.chain(new).collect();
    events.sort_by(|a, b| a.detail.cmp(&b.detail));
    events
}

#[cfg(test)]
#[path = "accept_tests.rs"]
mod tests;
