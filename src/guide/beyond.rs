//! What to look at beside speed and price, from the billing rules of what each provider sells now. A rule that does not
//! say something leaves it unknown.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use gpurate_domain::MarketKind;
use gpurate_domain::billing::{BillingRule, DataUnit, Known, OnEviction, Steps, StorageRole, StorageUnit};

use super::view::{BeyondColumn, BeyondValue, ProviderBeyond};
use crate::catalogue;
use crate::market::Market;
use crate::prices::{self, Filters, Word};
use crate::said::{self, Argument, Message, say};

/// Rentable offers of one provider.
#[derive(Default)]
struct Sold {
    name: String,
    offers: BTreeMap<MarketKind, u32>,
    /// Each rule once, with the market it is of.
    rules: Vec<(MarketKind, Arc<BillingRule>)>,
}

/// One row per provider that sells something rentable now, by its slug.
pub(super) fn providers(market: &Market, as_of: DateTime<Utc>) -> Vec<ProviderBeyond> {
    let filters = Filters { market: MarketKind::ALL.to_vec(), ..Filters::default() };
    let candidates = prices::candidates(market, &filters, as_of);
    let mut sold: BTreeMap<Arc<str>, Sold> = BTreeMap::new();
    for position in candidates.groups.iter().flat_map(|(_, positions)| positions) {
        let entry = &market.index.entries[*position];
        let key = &entry.offer.key;
        let rule = catalogue::billing_rule(key, entry.offer.country, Some(candidates.as_of.date_naive()));
        let of_it = sold.entry(key.provider.clone()).or_default();
        if of_it.name.is_empty() {
            of_it.name.clone_from(&market.provider_of(entry.part).name);
        }
        *of_it.offers.entry(key.market).or_default() += 1;
        if !of_it.rules.iter().any(|(kind, known)| *kind == key.market && Arc::ptr_eq(known, &rule)) {
            of_it.rules.push((key.market, rule));
        }
    }
    sold.into_iter().map(|(slug, sold)| row(slug, sold)).collect()
}

fn row(slug: Arc<str>, sold: Sold) -> ProviderBeyond {
    let offers = |market| sold.offers.get(&market).copied().unwrap_or(0);
    let all: Vec<&BillingRule> = sold.rules.iter().map(|(_, rule)| &**rule).collect();
    let of = |markets: &[MarketKind]| -> Vec<&BillingRule> {
        sold.rules.iter().filter(|(market, _)| markets.contains(market)).map(|(_, rule)| &**rule).collect()
    };
    let (spot, machines) = (of(&[MarketKind::Spot]), of(&[MarketKind::OnDemand, MarketKind::Spot]));
    let on_eviction = if spot.is_empty() {
        BeyondColumn { words: "no spot offer within the usual requirements now".to_owned(), ..BeyondColumn::default() }
    } else {
        column(&spot, |rule| fact(rule, "spot.on_eviction", eviction))
    };
    // What is said of machines holds for those; a provider that sells endpoints alone has the rules of endpoints.
    let timed = if machines.is_empty() { &all } else { &machines };
    ProviderBeyond {
        provider: Word(slug),
        on_demand_offers: offers(MarketKind::OnDemand),
        spot_offers: offers(MarketKind::Spot),
        serverless_offers: offers(MarketKind::Serverless),
        granularity: column(timed, |rule| fact(rule, "time.granularity_seconds", granularity)),
        minimum: column(timed, |rule| {
            let amount =
                |rule: &BillingRule| Some(say("beyond-amount", vec![said::money_of("amount", rule.time.minimum_charge.as_ref()?.value)]));
            let mut all = fact(rule, "time.minimum_charge_seconds", minimum);
            all.extend(fact(rule, "time.minimum_charge", amount));
            all
        }),
        on_eviction,
        persistent_storage: column(&all, |rule| {
            fact(rule, "environment.persistent_storage", |rule| yes(rule.environment.persistent_storage.as_ref()?.value))
        }),
        volume_price: column(&all, volumes),
        prebuilt_images: column(&all, |rule| {
            fact(rule, "environment.prebuilt_images", |rule| yes(rule.environment.prebuilt_images.as_ref()?.value))
        }),
        egress: column(&all, |rule| {
            let said = fact(rule, "egress.price", egress);
            if said.is_empty() { fact(rule, "egress.per_offer", per_offer) } else { said }
        }),
        name: sold.name,
    }
}

/// A column of the values that the rules have.
fn column(rules: &[&BillingRule], values: impl Fn(&BillingRule) -> Vec<BeyondValue>) -> BeyondColumn {
    let (mut all, mut unknown_for_some) = (Vec::new(), false);
    for rule in rules {
        let of_rule = values(rule);
        unknown_for_some |= of_rule.is_empty();
        all.extend(of_rule);
    }
    all.sort();
    // The same value from several sources is said once, with the source that was read last.
    all.sort_by(|a, b| (&a.value, &a.words).cmp(&(&b.value, &b.words)).then(b.read_on.cmp(&a.read_on)));
    all.dedup_by(|later, first| later.value == first.value && later.words == first.words);
    let mut words: Vec<&str> = all.iter().map(|value| value.words.as_str()).collect();
    words.sort_by_key(|word| word.len());
    words.dedup();
    let words = match (words.is_empty(), unknown_for_some) {
        (true, _) => "not known".to_owned(),
        (false, true) => format!("{}; of some offers not known", words.join(" or ")),
        (false, false) => words.join(" or "),
    };
    BeyondColumn { values: all, unknown_for_some, words }
}

/// A fact of a rule by its name, in words.
fn fact(rule: &BillingRule, name: &str, words: impl Fn(&BillingRule) -> Option<Message>) -> Vec<BeyondValue> {
    let sources = rule.sources();
    let known = sources.iter().find(|known| known.name == name);
    known.and_then(|known| Some(value(known, words(rule)?))).into_iter().collect()
}

fn value(known: &Known<'_>, said: Message) -> BeyondValue {
    BeyondValue {
        value: known.value(),
        words: said.text,
        message_id: said.message_id,
        arguments: said.arguments,
        source: known.source.source.clone(),
        read_on: known.source.read_on,
    }
}

fn yes(yes: bool) -> Option<Message> {
    Some(say(if yes { "beyond-yes" } else { "beyond-no" }, Vec::new()))
}

fn granularity(rule: &BillingRule) -> Option<Message> {
    Some(match rule.granularity_seconds()?.get() {
        1 => say("beyond-per-second", Vec::new()),
        60 => say("beyond-per-minute", Vec::new()),
        3_600 => say("beyond-per-hour", Vec::new()),
        seconds => say("beyond-per-seconds", vec![said::count("seconds", seconds)]),
    })
}

fn minimum(rule: &BillingRule) -> Option<Message> {
    Some(match rule.minimum_charge_seconds()? {
        0 => say("beyond-no-minimum", Vec::new()),
        seconds => say("beyond-minimum", vec![said::duration("time", seconds.into())]),
    })
}

/// What is done with a machine by default, and what else one can choose.
fn eviction(rule: &BillingRule) -> Option<Message> {
    let word = |one: &OnEviction| match one {
        OnEviction::Stop => "stop",
        OnEviction::Pause => "pause",
        OnEviction::Hibernate => "hibernate",
        OnEviction::Delete => "delete",
        OnEviction::Wipe => "wipe",
    };
    let choices = &rule.spot.on_eviction.as_ref()?.value;
    let words = || choices.iter().map(word).collect::<Vec<_>>().join(",");
    (!choices.is_empty()).then(|| say("beyond-evicted", vec![said::eviction(&words())]))
}

/// The volumes that outlive a machine, each with its price.
fn volumes(rule: &BillingRule) -> Vec<BeyondValue> {
    let sources = rule.sources();
    let kinds = rule.storage.iter().filter(|kind| kind.role == StorageRole::NetworkVolume);
    let one = |kind: &gpurate_domain::billing::Storage| {
        let prices = [("price", &kind.price), ("price_running", &kind.price_running), ("price_stopped", &kind.price_stopped)];
        let (field, price) = prices.into_iter().find_map(|(field, price)| Some((field, price.as_ref()?)))?;
        let name = format!("storage.{}.{field}", kind.name);
        let known = sources.iter().find(|known| known.name == name)?;
        let unit = match kind.unit {
            StorageUnit::GbMonth => "gb_month",
            StorageUnit::GibMonth => "gib_month",
            StorageUnit::GbHour => "gb_hour",
            StorageUnit::GibHour => "gib_hour",
        };
        Some(value(known, steps(&price.value, unit, None)))
    };
    kinds.filter_map(one).collect()
}

fn egress(rule: &BillingRule) -> Option<Message> {
    let price = &rule.egress.price.as_ref()?.value;
    let unit = match rule.egress.unit.as_ref().map(|unit| unit.value) {
        Some(DataUnit::Gib) => "gib",
        // What a manifest does not say is decimal.
        Some(DataUnit::Gb) | None => "gb",
    };
    let free = rule.egress.free_per_month.as_ref().filter(|free| free.value > 0 && !price.is_free());
    Some(steps(price, unit, free.map(|free| said::count("free", free.value))))
}

fn per_offer(rule: &BillingRule) -> Option<Message> {
    rule.egress.per_offer.as_ref().filter(|fact| fact.value).map(|_| say("beyond-per-offer", Vec::new()))
}

/// `free`, `0.05 USD per GB`, or from the first step to the last; `free` is what a month has free of charge.
fn steps(price: &Steps, unit: &'static str, free: Option<Argument>) -> Message {
    let with = |id: &'static str, id_free: &'static str, mut arguments: Vec<Argument>| {
        arguments.push(said::unit(unit));
        let id = if free.is_some() { id_free } else { id };
        arguments.extend(free.clone());
        say(id, arguments)
    };
    match price.as_slice() {
        _ if price.is_free() => say("beyond-free", Vec::new()),
        [one] => with("beyond-price", "beyond-price-allowance", vec![said::money_of("price", one.price)]),
        [first, .., last] => {
            let ends = vec![said::money_of("first", first.price), said::money_of("last", last.price)];
            with("beyond-steps", "beyond-steps-allowance", ends)
        }
        [] => say("beyond-unknown", Vec::new()),
    }
}
