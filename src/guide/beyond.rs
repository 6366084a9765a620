//! What to look at beside speed and price, from the billing rules of what each provider sells now. A rule that does not
//! say something leaves it unknown.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use gpurate_domain::MarketKind;
use gpurate_domain::billing::{BillingRule, Known, OnEviction, Steps, StorageRole, StorageUnit};

use super::view::{BeyondColumn, BeyondValue, ProviderBeyond};
use crate::catalogue;
use crate::market::Market;
use crate::prices::{self, Filters, Word};

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
        BeyondColumn { words: "sells no spot now".to_owned(), ..BeyondColumn::default() }
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
            let amount = |rule: &BillingRule| Some(rule.time.minimum_charge.as_ref()?.value.to_string());
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
fn fact(rule: &BillingRule, name: &str, words: impl Fn(&BillingRule) -> Option<String>) -> Vec<BeyondValue> {
    let sources = rule.sources();
    let known = sources.iter().find(|known| known.name == name);
    known.and_then(|known| Some(value(known, words(rule)?))).into_iter().collect()
}

fn value(known: &Known<'_>, words: String) -> BeyondValue {
    BeyondValue { value: known.value(), words, source: known.source.source.clone(), read_on: known.source.read_on }
}

fn yes(yes: bool) -> Option<String> {
    Some(if yes { "yes" } else { "no" }.to_owned())
}

fn granularity(rule: &BillingRule) -> Option<String> {
    Some(match rule.granularity_seconds()?.get() {
        1 => "per second".to_owned(),
        60 => "per minute".to_owned(),
        3_600 => "per hour".to_owned(),
        seconds => format!("per {seconds} s"),
    })
}

fn minimum(rule: &BillingRule) -> Option<String> {
    Some(match rule.minimum_charge_seconds()? {
        0 => "none".to_owned(),
        seconds => format!("{seconds} s"),
    })
}

/// What is done with a machine by default, and what else one can choose.
fn eviction(rule: &BillingRule) -> Option<String> {
    let word = |one: &OnEviction| match one {
        OnEviction::Stop => "stopped, disk kept",
        OnEviction::Pause => "paused, disk kept",
        OnEviction::Hibernate => "hibernated, disk kept",
        OnEviction::Delete => "deleted",
        OnEviction::Wipe => "moved with an empty disk",
    };
    let choices = &rule.spot.on_eviction.as_ref()?.value;
    (!choices.is_empty()).then(|| choices.iter().map(word).collect::<Vec<_>>().join(", or by choice "))
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
            StorageUnit::GbMonth => "GB and month",
            StorageUnit::GibMonth => "GiB and month",
            StorageUnit::GbHour => "GB and hour",
            StorageUnit::GibHour => "GiB and hour",
        };
        Some(value(known, steps(&price.value, unit)))
    };
    kinds.filter_map(one).collect()
}

fn egress(rule: &BillingRule) -> Option<String> {
    let price = &rule.egress.price.as_ref()?.value;
    let unit = match rule.egress.unit.as_ref().map(|unit| unit.value) {
        Some(gpurate_domain::billing::DataUnit::Gib) => "GiB",
        // What a manifest does not say is decimal.
        Some(gpurate_domain::billing::DataUnit::Gb) | None => "GB",
    };
    let free = rule.egress.free_per_month.as_ref().filter(|free| free.value > 0 && !price.is_free());
    let free = free.map(|free| format!(", {} {unit} a month free", free.value)).unwrap_or_default();
    Some(format!("{}{free}", steps(price, unit)))
}

fn per_offer(rule: &BillingRule) -> Option<String> {
    rule.egress.per_offer.as_ref().filter(|fact| fact.value).map(|_| "each offer has its own price".to_owned())
}

/// `free`, `0.05 USD per GB`, or from the first step to the last.
fn steps(price: &Steps, unit: &str) -> String {
    match price.as_slice() {
        _ if price.is_free() => "free".to_owned(),
        [one] => format!("{} per {unit}", one.price),
        [first, .., last] => format!("{} to {} per {unit} by volume", first.price, last.price),
        [] => "not known".to_owned(),
    }
}
