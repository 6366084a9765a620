//! The views on a small market built by hand, and the cheapest view against a slow and plain reading of its rules.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use gpurate_domain::offer::OfferPrice;
use gpurate_domain::{
    Attributes, Availability, Currency, FxRates, GpuCount, GpuMatch, MarketKind, Nanos, Offer, OfferKey, PerHour, PriceKind, Quote, Vram,
};
use proptest::prelude::*;

use super::scan::{Scope, question_markets};
use super::*;
use crate::bench_data;
use crate::market::{Counts, Entry, Freshness, Index, Outcome, PartState, Presence, ProviderState, RELIABILITY_USUAL_PPM};

fn now() -> DateTime<Utc> {
    bench_data::now()
}

/// Parts: 0 `alpha/all` (list), 1 `beta/one`, 2 `beta/two` (marketplace), 3 `gamma/all` (never collected).
fn state(slug: &str, fresh_seconds: i64, stale_seconds: i64) -> Arc<ProviderState> {
    Arc::new(ProviderState {
        slug: slug.into(),
        name: slug.to_uppercase(),
        enabled: true,
        fresh_seconds,
        stale_seconds,
        launch_url: format!("https://{slug}.example.com/"),
    })
}

fn part(provider: usize, slug: &str, name: &str, age: Option<TimeDelta>) -> PartState {
    PartState {
        row: 1,
        provider,
        provider_slug: slug.into(),
        name: name.into(),
        last_attempt_at: age.map(|age| now() - age),
        last_outcome: age.map(|_| Outcome::Accepted),
        last_error: None,
        last_accepted_at: age.map(|age| now() - age),
        source_dated_at: None,
        failures: 0,
        not_before: None,
        counts: Counts::default(),
        pages: vec!["ab".repeat(32)].into(),
        refusals: Arc::from([]),
        adapter_version: 1,
        forgotten: false,
    }
}

struct Row {
    part: usize,
    entry: Entry,
}

fn row(part: usize, sku: &str, gpu: &str, usd: &str) -> Row {
    let nanos: Nanos = usd.parse().expect("a price");
    let provider = ["alpha", "beta", "beta", "gamma"][part];
    let offer = Offer {
        key: OfferKey {
            provider: provider.into(),
            sku: sku.into(),
            tier: "secure".into(),
            region: "eu-1".into(),
            market: MarketKind::OnDemand,
            gpu_count: Some(GpuCount::ONE),
        },
        country: "FR".parse().ok(),
        provider_term: None,
        gpu_name: gpu.into(),
        gpu_name_alternative: None,
        // Several boards are called RTX 4090: memory decides.
        vram_per_gpu: if gpu == "RTX 4090" { Vram::from_marketed_gb(24) } else { None },
        vram_usable: None,
        gpu_count_max: None,
        price: OfferPrice {
            per_hour: PerHour { nanos: nanos.0, currency: Currency::USD },
            quote: Quote::usd_per_instance_hour(nanos),
            kind: PriceKind::Fixed,
            availability: Availability::NotStated,
            terms: Arc::from([]),
        },
        units: 1,
        attributes: Arc::new(Attributes::default()),
    };
    Row { part, entry: bench_data::entry(1, part, offer) }
}

impl Row {
    fn with(mut self, change: impl FnOnce(&mut Offer)) -> Self {
        change(&mut self.entry.offer);
        let presence = self.entry.presence;
        self.entry = Entry { presence, ..bench_data::entry(1, self.part, self.entry.offer) };
        self
    }

    fn presence(mut self, presence: Presence) -> Self {
        self.entry.presence = presence;
        self
    }

    fn attributes(self, change: impl FnOnce(&mut Attributes)) -> Self {
        self.with(|offer| change(Arc::make_mut(&mut offer.attributes)))
    }
}

fn spot(row: Row) -> Row {
    row.with(|offer| offer.key.market = MarketKind::Spot)
}

fn count(row: Row, count: &str) -> Row {
    row.with(|offer| offer.key.gpu_count = Some(count.parse().expect("a count")))
}

fn market_of(rows: Vec<Row>) -> Market {
    let parts = [
        part(0, "alpha", "all", Some(TimeDelta::minutes(10))),
        part(1, "beta", "one", Some(TimeDelta::minutes(5))),
        part(1, "beta", "two", Some(TimeDelta::minutes(6))),
        part(2, "gamma", "all", None),
    ];
    let entries = rows.into_iter().map(|row| Arc::new(row.entry)).collect();
    Market {
        version: 7,
        providers: vec![state("alpha", 86_400, 259_200), state("beta", 1_800, 7_200), state("gamma", 86_400, 259_200)],
        parts: parts.into_iter().map(Arc::new).collect(),
        index: Arc::new(Index::build(entries, &[0, 1, 1, 2])),
        ..Market::default()
    }
}

fn test_market() -> Market {
    market_of(vec![
        row(0, "a-4090", "RTX 4090", "0.60"),
        row(1, "m1", "RTX 4090", "0.30"),
        row(2, "m2", "RTX 4090", "0.50"),
        count(row(2, "m2", "RTX 4090", "0.80"), "2"),
        row(1, "m3", "RTX 4090", "0.20").attributes(|it| it.verified = Some(false)),
        row(1, "m4", "RTX 4090", "0.25").attributes(|it| it.reliability = Some(Nanos(940_000_000))),
        spot(row(1, "m1", "RTX 4090", "0.10")),
        row(0, "a-3090", "RTX 3090", "0.40"),
        spot(row(0, "a-h200", "H200 NVL", "1.50")),
        row(0, "a-odd", "Mystery 9000", "0.01"),
    ])
}

fn change_part(market: &mut Market, number: usize, change: impl FnOnce(&mut PartState)) {
    change(Arc::make_mut(&mut market.parts[number]));
}

fn filters(text: &str) -> Filters {
    let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (key, value) = pair.split_once('=').expect("a pair");
        (key.to_owned(), value.to_owned())
    });
    Filters::parse(pairs).expect("a question")
}

fn prices(market: &Market, question: &str) -> Vec<(String, String, bool)> {
    let answer = cheapest(market, &filters(question), now());
    let short = |row: &CheapestRow| {
        (row.offer.gpu_group.to_string(), row.offer.price_usd_per_gpu_hour.map(|price| price.to_string()).unwrap_or_default(), row.rentable)
    };
    answer.items.iter().map(short).collect()
}

#[track_caller]
fn check(market: &Market, question: &str, expected: &[(&str, &str, bool)]) {
    let expected: Vec<_> = expected.iter().map(|(gpu, price, rentable)| ((*gpu).to_owned(), (*price).to_owned(), *rentable)).collect();
    assert_eq!(prices(market, question), expected, "{question}");
}

#[test]
fn an_explicit_parameter_replaces_its_default() {
    let market = test_market();
    let both = [("rtx-4090", "0.3", true), ("rtx-3090", "0.4", true)];
    check(&market, "", &both);
    check(&market, "unverified=include&gpu=rtx-4090", &[("rtx-4090", "0.2", true)]);
    check(&market, "reliability_min=0.9&gpu=rtx-4090", &[("rtx-4090", "0.25", true)]);
    check(&market, "reliability_min=0.96&gpu=rtx-4090", &[("rtx-4090", "0.3", true)]);
    check(&market, "gpu_count=2", &[("rtx-4090", "0.4", true)]);
    check(&market, "market=spot", &[("rtx-4090", "0.1", true), ("h200-nvl", "1.5", true)]);
    check(&market, "tier=community", &[]);
    check(&market, "region=eu-1&country=FR&continent=EU", &both);
    check(&market, "country=DE", &[]);
    check(&market, "price_max=0.3", &[("rtx-4090", "0.3", true)]);
    check(&market, "limit=1", &both[..1]);
    check(&market, "vram_min_gib=24&manufacturer=nvidia&segment=consumer", &both);
    check(&market, "vram_min_gib=24.5", &[]);
    check(&market, "gpu=RTX 4090", &both[..1]);
}

#[test]
fn a_row_names_floor_counts_median_and_what_the_defaults_hid() {
    let answer = cheapest(&test_market(), &filters("gpu=rtx-4090"), now());
    let row = &answer.items[0];
    assert_eq!((row.offers, row.machines, row.providers), (3, 3, 2));
    assert_eq!(row.median_usd_per_gpu_hour.to_string(), "0.5");
    assert_eq!((row.floor.usd_per_gpu_hour.to_string(), row.floor.market), ("0.1".to_owned(), MarketKind::Spot));
    let hidden = Hidden { spot: 1, unverified: 1, low_reliability: 1, ..Hidden::default() };
    assert_eq!(row.hidden, hidden);
    let names: Vec<_> = answer.defaults.iter().map(|default| default.parameter).collect();
    assert_eq!(names, ["market", "availability", "gpu_count", "slices", "unverified", "retired", "reliability_min"]);
}

#[test]
fn rows_may_be_providers_regions_or_markets() {
    let market = test_market();
    let names = |question: &str| -> Vec<String> {
        let answer = cheapest(&market, &filters(question), now());
        answer.items.iter().map(|row| format!("{} {} {}", row.offer.provider, row.offer.market, row.floor.usd_per_gpu_hour)).collect()
    };
    assert_eq!(names("by=provider"), ["beta on_demand 0.1", "alpha on_demand 0.4"]);
    assert_eq!(names("by=region"), ["beta on_demand 0.1", "alpha on_demand 0.4"]);
    assert_eq!(names("by=market"), ["beta spot 0.1", "beta on_demand 0.2"]);
}

#[test]
fn d02_a_stale_offer_leaves_the_cheapest_view_and_is_last_known() {
    let mut market = test_market();
    for part in [1, 2] {
        change_part(&mut market, part, |part| part.last_accepted_at = Some(now() - TimeDelta::hours(3)));
    }
    check(&market, "", &[("rtx-3090", "0.4", true), ("rtx-4090", "0.6", true)]);
    let coverage = cheapest(&market, &filters("gpu=rtx-4090"), now()).coverage;
    let beta = &coverage.providers[1];
    assert!(!beta.included);
    assert_eq!(beta.freshness, Some(Freshness::Stale));
    // The minimum over what was asked, by which one sees that 0.60 is no rise.
    let last = beta.last_price.as_ref().expect("a last price");
    assert_eq!((last.usd_per_gpu_hour.to_string(), last.age_seconds), ("0.2".to_owned(), 10_800));
    let only = cheapest(&market, &filters("gpu=rtx-4090&tier=secure&price_max=0.55"), now());
    assert!(only.items.is_empty());
    assert_eq!(only.last_known[0].offer.price_usd_per_gpu_hour.map(|price| price.to_string()).as_deref(), Some("0.3"));
    assert_eq!(only.last_known[0].offer.freshness, Freshness::Stale);
    assert!(only.advice.expect("advice").contains("gpurate collect"));
}

#[test]
fn last_prices_have_their_own_counts_median_and_floor() {
    let mut market = test_market();
    for part in [0, 1, 2] {
        change_part(&mut market, part, |part| part.last_accepted_at = Some(now() - TimeDelta::days(30)));
    }
    let answer = cheapest(&market, &filters("gpu=rtx-4090"), now());
    assert!(answer.items.is_empty());
    let row = &answer.last_known[0];
    // What stood there while it was fresh, without the other market's.
    assert_eq!((row.rentable, row.offers, row.machines, row.providers), (true, 3, 3, 2));
    assert_eq!(row.offer.price_usd_per_gpu_hour.map(|price| price.to_string()).as_deref(), Some("0.3"));
    assert_eq!((row.median_usd_per_gpu_hour.to_string(), row.floor.usd_per_gpu_hour.to_string()), ("0.5".to_owned(), "0.2".to_owned()));
    assert_eq!(row.hidden, Hidden { unverified: 1, low_reliability: 1, ..Hidden::default() });
    // They are in no count of what was compared.
    assert!(answer.coverage.providers.iter().all(|provider| provider.offers == 0));
    let order: Vec<_> = cheapest(&market, &filters(""), now()).last_known.iter().map(|row| row.offer.gpu_group.to_string()).collect();
    assert_eq!(order, ["rtx-4090", "rtx-3090"]);
    let gpu = gpu(&market, "rtx-4090", now()).expect("a GPU").items.remove(0);
    assert!(gpu.on_demand.is_none() && gpu.spot.is_none());
    let last = |figure: &Option<Figure>| figure.as_ref().map(|figure| (figure.usd_per_gpu_hour.to_string(), figure.freshness));
    assert_eq!(last(&gpu.last_on_demand), Some(("0.3".to_owned(), Freshness::Stale)));
    assert_eq!(last(&gpu.last_spot), Some(("0.1".to_owned(), Freshness::Stale)));
}

#[test]
fn d03_a_failed_attempt_renews_no_age() {
    let mut market = test_market();
    change_part(&mut market, 1, |part| {
        part.last_accepted_at = Some(now() - TimeDelta::hours(3));
        part.last_attempt_at = Some(now());
        part.last_outcome = Some(Outcome::Failed);
        part.last_error = Some("connection refused".to_owned());
        part.failures = 4;
    });
    check(&market, "gpu=rtx-4090", &[("rtx-4090", "0.5", true)]);
    let coverage = cheapest(&market, &filters(""), now()).coverage;
    assert_eq!((coverage.providers[1].included, coverage.providers[1].parts_fresh, coverage.providers[1].parts_total), (true, 1, 2));
    let missing: Vec<_> =
        coverage.parts_not_included.iter().map(|part| (&*part.provider.0, &*part.part.0, part.reason.kind, part.age_seconds)).collect();
    assert_eq!(missing, [("beta", "one", ReasonKind::Failed, Some(10_800)), ("gamma", "all", ReasonKind::NeverCollected, None)]);
    assert_eq!(coverage.parts_not_included[0].reason.detail.as_deref(), Some("connection refused"));
}

#[test]
fn d22_a_pause_asked_for_at_one_part_is_the_next_attempt_of_every_part_of_its_provider() {
    let mut market = test_market();
    let other = PartState { name: "other".into(), ..(*market.parts[0]).clone() };
    market.parts.push(Arc::new(other));
    let until = now() + TimeDelta::days(2);
    change_part(&mut market, 0, |part| part.not_before = Some(until));
    for provider in providers(&market, now()).items {
        for part in &provider.parts {
            let is_its = *provider.slug.0 == *market.parts[0].provider_slug;
            assert_eq!(part.next_attempt_not_before == Some(until), is_its, "{} {}", provider.slug.0, part.part.0);
        }
    }
}

#[test]
fn a_part_that_its_source_names_no_more_leaves_once_it_sells_nothing() {
    let market = market_of(vec![row(1, "m1", "RTX 4090", "0.30")]);
    let shown = |market: &Market| -> Vec<String> {
        let answer = providers(market, now());
        let beta = answer.items.iter().find(|row| &*row.slug.0 == "beta").expect("a provider");
        let covered = answer.coverage.providers.iter().find(|row| &*row.provider.0 == "beta").expect("covered");
        assert_eq!(covered.parts_total as usize, beta.parts.len());
        beta.parts.iter().map(|part| part.part.to_string()).collect()
    };
    assert_eq!(shown(&market), ["one", "two"]);
    // `one` still holds an offer, `two` holds none.
    let left = market.with_parts("beta", &["three"].into()).expect("a change");
    assert_eq!(shown(&left), ["one"]);
    assert_eq!(left.with_parts("beta", &["three"].into()).map(|_| ()), None);
    assert!(!left.parts[0].forgotten, "another provider's part");
    let named = left.with_parts("beta", &["two"].into()).expect("a change");
    assert_eq!(shown(&named), ["one", "two"]);
}

#[test]
fn d13_one_provider_without_any_state_costs_no_other_provider_its_rows() {
    let mut market = test_market();
    for number in [1, 2] {
        change_part(&mut market, number, |part| {
            part.last_accepted_at = None;
            part.last_outcome = Some(Outcome::Refused);
        });
    }
    check(&market, "", &[("rtx-3090", "0.4", true), ("rtx-4090", "0.6", true)]);
    let coverage = cheapest(&market, &filters(""), now()).coverage;
    assert_eq!(coverage.providers[1].reason.as_ref().map(|reason| reason.kind), Some(ReasonKind::Refused));
    assert!(coverage.providers[0].included);
}

#[test]
fn d16_more_gpus_for_less_are_flagged_and_not_hidden() {
    let market = market_of(vec![
        row(0, "x1", "RTX 4090", "1"),
        count(row(0, "x4", "RTX 4090", "4"), "4"),
        count(row(0, "x8", "RTX 4090", "3.6"), "8"),
    ]);
    let answer = cheapest(&market, &filters("gpu_count=8"), now());
    assert!(answer.items[0].offer.count_anomaly);
    assert_eq!(answer.items[0].offer.price_usd_per_gpu_hour.map(|price| price.to_string()).as_deref(), Some("0.45"));
    assert!(!cheapest(&market, &filters("gpu_count=4"), now()).items[0].offer.count_anomaly);
}

#[test]
fn d17_cheapest_is_the_minimum_with_the_median_beside_it_and_a_machine_counts_once() {
    let market = market_of(vec![
        row(1, "m1", "RTX 5090", "0.2"),
        row(1, "m2", "RTX 5090", "0.9"),
        row(1, "m3", "RTX 5090", "1.0"),
        row(1, "m3", "RTX 5090", "1.2").with(|offer| offer.key.market = MarketKind::Spot),
        row(1, "rare", "RTX 3090", "0.5"),
    ]);
    let answer = cheapest(&market, &filters("market=on_demand,spot"), now());
    let row = &answer.items[0];
    assert_eq!(row.offer.price_usd_per_gpu_hour.map(|price| price.to_string()).as_deref(), Some("0.2"));
    assert_eq!((row.offers, row.machines, row.median_usd_per_gpu_hour.to_string()), (4, 3, "0.9".to_owned()));
    // A rare card is a row although it has one offer.
    assert_eq!(answer.items[1].offer.gpu.as_deref(), Some("rtx-3090"));
}

#[test]
fn d31_another_market_never_stands_in() {
    let market = test_market();
    check(&market, "gpu=h200-nvl", &[]);
    let answer = cheapest(&market, &filters("gpu=h200-nvl"), now());
    assert!(answer.last_known.is_empty());
    assert!(answer.advice.expect("advice").contains("another `market`"));
    check(&market, "gpu=rtx-3090&market=spot", &[]);
}

#[test]
fn d36_a_frozen_source_is_stale_however_often_it_answers() {
    let mut market = test_market();
    change_part(&mut market, 0, |part| part.source_dated_at = Some(now() - TimeDelta::days(200)));
    check(&market, "", &[("rtx-4090", "0.3", true)]);
    let alpha = &cheapest(&market, &filters(""), now()).coverage.providers[0];
    assert_eq!((alpha.included, alpha.reason.as_ref().map(|reason| reason.kind)), (false, Some(ReasonKind::Stale)));
    assert_eq!(alpha.last_price.as_ref().map(|last| last.usd_per_gpu_hour.to_string()).as_deref(), Some("0.4"));
}

#[test]
fn d10_an_unmapped_name_is_in_offers_and_never_in_cheapest() {
    let market = test_market();
    assert!(prices(&market, "").iter().all(|(group, ..)| !group.starts_with('~')));
    let answer = all(&market, &filters(""), now());
    assert_eq!(answer.items.len(), 10);
    let odd = answer.items.last().expect("rows");
    assert_eq!((&*odd.gpu_group.0, odd.gpu.as_ref(), odd.gpu_family.as_ref()), ("~mystery-9000", None, None));
    assert_eq!(all(&market, &filters("gpu=~mystery-9000"), now()).items.len(), 1);
}

#[test]
fn offers_of_unknown_gpus_that_are_left_out_are_counted() {
    let market = market_of(vec![
        row(0, "a", "Mystery 9000", "0.01"),
        count(row(0, "b", "Mystery 9000", "0.02"), "2"),
        spot(row(1, "c", "Mystery 9000", "0.01")),
        row(1, "d", "H100", "2"),
        row(1, "e", "H100 PCIe", "2.5"),
        row(1, "f", "RTX 4090", "0.3"),
    ]);
    let left_out = |question: &str| cheapest(&market, &filters(question), now()).unknown_gpu_offers_left_out;
    assert_eq!(left_out(""), Some(2), "an ambiguous name has a row of its own, spot is another question");
    assert_eq!(left_out("market=on_demand,spot"), Some(3));
    assert_eq!(left_out("gpu=rtx-4090"), Some(2));
    assert_eq!(left_out("gpu=h100-pcie"), Some(3), "`H100` may be one, too");
    assert_eq!(left_out("gpu=h100"), Some(2), "the family is asked for, and it is in it");
    assert_eq!(left_out("gpu=~mystery-9000"), Some(2), "asked for by name, and still in no row");
    assert_eq!(all(&market, &filters(""), now()).unknown_gpu_offers_left_out, None);
}

#[test]
fn d12_a_slice_stays_out_unless_asked_for() {
    let slice = count(row(0, "slice", "A100 SXM4 80GB", "0.1"), "1/8").with(|offer| offer.vram_usable = Vram::from_marketed_gb(10));
    let market = market_of(vec![slice, row(0, "whole", "A100 SXM4 80GB", "2")]);
    let one = |question: &str| prices(&market, question).into_iter().map(|(_, price, _)| price).collect::<Vec<_>>();
    assert_eq!(one(""), ["2"]);
    assert_eq!(one("slices=include"), ["0.8"]);
    assert_eq!(one("gpu_count=1/8"), ["0.8"]);
    assert_eq!(one("vram_min_gib=20&slices=include"), ["2"]);
    assert_eq!(cheapest(&market, &filters(""), now()).items[0].hidden.slice, 1);
}

#[test]
fn a_price_without_a_rate_is_counted_and_compared_with_nothing() {
    let euros = row(0, "eu", "RTX 4090", "0.01").with(|offer| {
        offer.price.per_hour.currency = Currency::EUR;
        offer.price.quote.currency = Currency::EUR;
    });
    let market = market_of(vec![euros, row(0, "us", "RTX 4090", "0.6")]);
    let answer = cheapest(&market, &filters(""), now());
    assert_eq!((answer.items.len(), answer.items[0].hidden.no_rate, answer.items[0].offers), (1, 1, 1));
    assert_eq!(answer.items[0].offer.price_usd_per_gpu_hour.map(|price| price.to_string()).as_deref(), Some("0.6"));
}

#[test]
fn what_was_missed_leaves_at_once_and_what_is_held_ages_on_its_own() {
    let seen = |minutes| now() - TimeDelta::minutes(minutes);
    let market = market_of(vec![
        row(1, "gone", "RTX 4090", "0.1").presence(Presence::Missed { observed_at: seen(10), missed_at: seen(5) }),
        row(1, "old", "RTX 4090", "0.2").presence(Presence::Held { observed_at: seen(121) }),
        row(1, "held", "RTX 4090", "0.3").presence(Presence::Held { observed_at: seen(120) }),
    ]);
    check(&market, "", &[("rtx-4090", "0.3", true)]);
    let held = &cheapest(&market, &filters(""), now()).items[0].offer;
    assert_eq!((held.presence, held.age_seconds, held.evidence.pages.as_ref()), ("held", 7_200, None));
    check(&market, "age_max_seconds=7199", &[]);
    assert_eq!(all(&market, &filters(""), now()).items.len(), 3);
}

#[test]
fn a_linear_offer_answers_for_every_count_up_to_its_own() {
    let market = market_of(vec![row(0, "line", "RTX 4090", "0.5").with(|offer| offer.gpu_count_max = Some(4))]);
    check(&market, "gpu_count=4", &[("rtx-4090", "0.5", true)]);
    check(&market, "gpu_count=5", &[]);
    // "2 to 8 of a machine": each of them costs the same, and one alone cannot be rented.
    let some = row(0, "some", "RTX 4090", "0.6").with(|offer| {
        offer.key.gpu_count = GpuCount::whole(2);
        offer.gpu_count_max = Some(8);
    });
    let market = market_of(vec![some]);
    for (asked, found) in [("1", false), ("2", true), ("3", true), ("8", true), ("9", false)] {
        let expected: &[(&str, &str, bool)] = if found { &[("rtx-4090", "0.3", true)] } else { &[] };
        check(&market, &format!("gpu_count={asked}"), expected);
    }
}

#[test]
fn the_memory_that_every_part_of_a_family_has_needs_not_be_said() {
    let market = market_of(
        vec![row(0, "pro", "RTX PRO 6000 Blackwell", "1.8"), row(0, "any", "A100", "1")]
            .into_iter()
            .map(|row| row.with(|offer| offer.vram_per_gpu = None))
            .collect(),
    );
    let answer = cheapest(&market, &filters("vram_min_gib=90"), now());
    let found: Vec<_> = answer.items.iter().map(|row| (row.offer.gpu_name_raw.to_string(), row.offer.vram_gib_per_gpu)).collect();
    assert_eq!(found, [("RTX PRO 6000 Blackwell".to_owned(), Vram::from_marketed_gb(96).map(Gib))], "an A100 has 40 or 80");
}

#[test]
fn ambiguous_names_and_variants_have_rows_of_their_own() {
    let market = market_of(vec![
        row(0, "any", "A100", "1"),
        row(0, "variant", "RTX 4090", "0.7").with(|offer| offer.vram_per_gpu = Vram::from_marketed_gb(36)),
        row(0, "known", "A100 SXM4 80GB", "2"),
    ]);
    check(&market, "", &[("rtx-4090-36gb", "0.7", true), ("a100", "1", true), ("a100-80gb-sxm", "2", true)]);
    check(&market, "gpu=a100", &[("a100", "1", true), ("a100-80gb-sxm", "2", true)]);
    check(&market, "gpu=rtx-4090-36gb", &[("rtx-4090-36gb", "0.7", true)]);
    let variant = &cheapest(&market, &filters("vram_min_gib=36&vram_max_gib=36"), now()).items[0].offer;
    assert_eq!((variant.gpu.as_ref(), variant.gpu_family.as_deref()), (None, Some("RTX 4090")));
}

#[test]
fn an_empty_answer_says_what_to_do() {
    let advice = |market: &Market, question: &str| cheapest(market, &filters(question), now()).advice.unwrap_or_default();
    assert!(advice(&Market::default(), "").contains("gpurate collect"));
    let market = test_market();
    assert!(advice(&market, "region=eu-2").contains("did you mean `eu-1`?"));
    assert!(advice(&market, "gpu=rtx-4090&price_max=0.01").contains("without `price_max` something is left"));
    assert_eq!(advice(&market, ""), "");
}

#[test]
fn prices_are_shown_in_another_currency_and_with_tax() {
    let mut market = test_market();
    let date = chrono::NaiveDate::from_ymd_opt(2026, 11, 20).expect("a day");
    market.rates = Some(Arc::new(FxRates { date, per_eur: BTreeMap::from([(Currency::USD, Nanos(1_250_000_000))]) }));
    let answer = cheapest(&market, &filters("gpu=rtx-4090&currency=EUR&vat_percent=20"), now());
    let shown = answer.items[0].offer.display_price.as_ref().expect("a price");
    assert_eq!((shown.per_gpu_hour, shown.per_gpu_hour_with_vat), (Some(Nanos(240_000_000)), Some(Nanos(288_000_000))));
    assert_eq!(answer.rates.as_ref().and_then(|rates| rates.rate_date), Some(date));
    // The median is no offer's own price: of its dollars, 0.50.
    let median = answer.items[0].median_display_price.as_ref().expect("a median");
    assert_eq!((median.per_gpu_hour, median.per_gpu_hour_with_vat), (Some(Nanos(400_000_000)), Some(Nanos(480_000_000))));
    assert_eq!(median.per_hour, None);
    assert!(cheapest(&market, &filters("gpu=rtx-4090"), now()).items[0].median_display_price.is_none());
    let unknown = cheapest(&market, &filters("gpu=rtx-4090&currency=JPY"), now());
    assert_eq!(unknown.items[0].median_display_price.as_ref().and_then(|shown| shown.per_gpu_hour), None);
    assert_eq!(unknown.items[0].offer.display_price.as_ref().and_then(|shown| shown.per_hour), None);
    assert_eq!(unknown.rates.and_then(|rates| rates.rate_date), None);
}

#[test]
fn pages_of_offers_join_to_the_whole_even_where_a_cursors_offer_is_gone() {
    let market = bench_data::market(5, 700);
    let whole: Vec<_> = all(&market, &filters(""), now()).items.iter().map(|offer| offer.id).collect();
    assert_eq!(whole.len(), 700);
    let (mut paged, mut cursor) = (Vec::new(), None);
    loop {
        let page = offers(&market, &Filters { limit: Some(64), cursor: cursor.take(), ..Filters::default() }, now());
        paged.extend(page.items.iter().map(|offer| offer.id));
        match page.next_cursor {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    assert_eq!(paged, whole);
    let first = offers(&market, &filters("limit=10"), now());
    let gone = first.items[9].id;
    let kept = market.index.entries.iter().filter(|entry| entry.id != gone).cloned().collect();
    let provider_of_part: Vec<usize> = market.parts.iter().map(|part| part.provider).collect();
    let later = Market { index: Arc::new(Index::build(kept, &provider_of_part)), ..market.clone() };
    let second = offers(&later, &Filters { cursor: first.next_cursor, ..Filters::default() }, now());
    assert_eq!(second.items[0].id, whole[10]);
}

#[test]
fn an_answer_is_plain_json() {
    let answer = cheapest(&test_market(), &filters("gpu=rtx-4090"), now() + TimeDelta::milliseconds(9_999));
    let json = serde_json::to_value(&answer).expect("JSON");
    assert_eq!(json["as_of"], serde_json::to_value(now()).expect("a date"));
    let row = &json["items"][0];
    for (field, value) in [
        ("price_usd_per_hour", "0.3"),
        ("price_usd_per_gpu_hour", "0.3"),
        ("gpu", "rtx-4090"),
        ("gpu_count", "1"),
        ("vram_gib_per_gpu", "24"),
        ("market", "on_demand"),
        ("price_kind", "fixed"),
        ("source", "live"),
        ("availability", "not_stated"),
        ("freshness", "fresh"),
        ("presence", "present"),
        ("launch_url", "https://beta.example.com/"),
    ] {
        assert_eq!(row[field], value, "{field}");
    }
    assert_eq!(row["evidence"]["pages"].as_array().map(Vec::len), Some(1));
    assert_eq!(row["original_price"]["unit"], "per_instance_hour");
}

#[test]
fn one_offer_shows_what_was_not_believed() {
    let mut market = test_market();
    let id = market.index.entries[0].id;
    let held = crate::market::Held {
        part: 0,
        reason: "three times its last price".to_owned(),
        seen: vec![(now(), 1_200_000_000)],
        offer: None,
        from_first_answer: false,
    };
    market.held.insert(id, Arc::new(held));
    let detail = show(&market, id, now()).expect("an offer");
    assert_eq!(detail.held.expect("held").per_hour, Some(Nanos(1_200_000_000)));
    assert!(show(&market, gpurate_domain::OfferId([0; 10]), now()).is_none());
}

#[test]
fn gpus_and_providers_are_tables() {
    let market = test_market();
    let answer = gpu(&market, "rtx-4090", now()).expect("a GPU");
    let on_demand = answer.items[0].on_demand.as_ref().expect("a figure");
    assert_eq!((on_demand.usd_per_gpu_hour.to_string(), on_demand.offers), ("0.3".to_owned(), 3));
    assert_eq!(answer.items[0].spot.as_ref().map(|figure| figure.usd_per_gpu_hour.to_string()).as_deref(), Some("0.1"));
    assert!(gpu(&market, "rtx-9999", now()).is_none());
    // Three on demand at two providers, and one as spot: what is covered is both.
    let offers: Vec<_> = answer.coverage.providers.iter().map(|provider| (&*provider.provider.0, provider.offers)).collect();
    assert_eq!(offers, [("alpha", 1), ("beta", 3), ("gamma", 0)]);
    assert_eq!(gpus(&market, now()).items.len(), crate::catalogue::gpus().gpus().len());
    let beta = provider(&market, "beta", now()).expect("a provider");
    assert_eq!((beta.items[0].offers, beta.items[0].parts.len(), beta.items[0].parts[1].age_seconds), (6, 2, Some(360)));
    assert!(provider(&market, "nobody", now()).is_none());
    assert_eq!(providers(&market, now()).items.len(), 3);
}

#[test]
fn ages_count_to_ten_seconds() {
    assert_eq!(floor_as_of(now() + TimeDelta::milliseconds(19_001)), now() + TimeDelta::seconds(10));
    let before = DateTime::UNIX_EPOCH - TimeDelta::milliseconds(1);
    assert_eq!(floor_as_of(before), DateTime::UNIX_EPOCH - TimeDelta::seconds(10));
}

/// The rules of the cheapest view, read slowly from offers.
mod naive {
    use super::*;

    pub struct Seen {
        pub best: gpurate_domain::OfferId,
        pub rentable: bool,
        pub offers: u32,
        pub machines: u32,
        pub providers: u32,
        pub median: i64,
        pub floor: i64,
        pub hidden: Hidden,
    }

    fn group(market: &Market, entry: &Entry) -> (String, bool) {
        let position = market.index.position(entry.id).expect("an entry of the market");
        let group = market.index.group_at(position).expect("a group");
        (group.slug.to_string(), group.mapped)
    }

    fn passes(market: &Market, filters: &Filters, entry: &Entry, mapped: bool) -> bool {
        let (offer, it) = (&entry.offer, &entry.offer.attributes);
        let count = offer.key.gpu_count;
        let vram = crate::market::vram_usable(entry).map(|vram| vram.mib);
        let gpu = |gpu: &GpuChoice| match &entry.gpu {
            GpuMatch::Known(known) => gpu.gpus.contains(known),
            GpuMatch::Variant { family, .. } | GpuMatch::Ambiguous { family } => gpu.family.as_ref() == Some(family),
            GpuMatch::Unmapped => false,
        };
        let age = market.age_seconds(entry, now());
        mapped
            && !matches!(entry.presence, Presence::Missed { .. })
            && market.freshness(entry, now()) != Freshness::Stale
            && filters.age_max_seconds.is_none_or(|max| age <= max)
            && (filters.gpu.is_empty() || filters.gpu.iter().any(gpu))
            && filters.vram_min_mib.is_none_or(|min| vram.is_some_and(|vram| vram >= min))
            && filters.vram_max_mib.is_none_or(|max| vram.is_some_and(|vram| vram <= max))
            && filters.gpu_count.is_none_or(|asked| {
                let own = count.and_then(GpuCount::as_whole);
                count == Some(asked) || asked.as_whole().is_some_and(|n| own.is_some_and(|own| own <= n) && offer.gpu_count_max >= Some(n))
            })
            && (filters.market.is_empty() || filters.market.contains(&offer.key.market))
            && (filters.tier.is_empty() || filters.tier.iter().any(|tier| **tier == *offer.key.tier))
            && (filters.provider.is_empty() || filters.provider.iter().any(|slug| **slug == *offer.key.provider))
            && (filters.region.is_empty() || filters.region.iter().any(|region| **region == *offer.key.region))
            && (filters.country.is_empty() || offer.country.is_some_and(|country| filters.country.contains(&country)))
            && (filters.continent.is_empty() || offer.country.is_some_and(|country| filters.continent.contains(&country.continent())))
            && filters.price_max_nanos.is_none_or(|max| entry.usd_per_gpu_hour.is_some_and(|price| price.nanos <= max))
            && filters.ram_min_mib.is_none_or(|min| it.ram_mib.is_some_and(|ram| ram >= u64::from(min)))
            && filters.vcpu_min_millis.is_none_or(|min| it.vcpu_millis.is_some_and(|vcpu| vcpu >= u64::from(min)))
            && filters.download_min_mbit_s.is_none_or(|min| it.download_mbit_s.is_some_and(|speed| speed >= u64::from(min)))
            && filters.reliability_min_ppm.is_none_or(|min| it.reliability.is_none_or(|score| score.0 / 1_000 >= i64::from(min)))
            && match filters.availability.unwrap_or(Stock::NotOut) {
                Stock::Any => true,
                Stock::NotOut => offer.price.availability != Availability::Unavailable,
                Stock::Available => matches!(offer.price.availability, Availability::Available | Availability::Low),
            }
            && (!filters.free_egress || offer.price.terms.iter().any(|term| term.amount.0 == 0))
            && (filters.slices != Some(Inclusion::Exclude) || !count.is_some_and(GpuCount::is_slice) || filters.gpu_count == count)
            && (filters.unverified != Some(Inclusion::Exclude) || it.verified != Some(false))
            && (filters.retired != Some(Inclusion::Exclude) || !it.retired)
    }

    fn hidden_by(filters: &Filters, entry: &Entry) -> Hidden {
        let (offer, it) = (&entry.offer, &entry.offer.attributes);
        let in_market = question_markets(filters, Scope::Cheapest).contains(&offer.key.market);
        let slice = offer.key.gpu_count.is_some_and(GpuCount::is_slice);
        let slice_asked = filters.gpu_count.is_some_and(GpuCount::is_slice) || filters.slices.is_some();
        let low = it.reliability.is_some_and(|score| score.0 / 1_000 < i64::from(RELIABILITY_USUAL_PPM));
        Hidden {
            spot: u32::from(!in_market && offer.key.market == MarketKind::Spot),
            serverless: u32::from(!in_market && offer.key.market == MarketKind::Serverless),
            multi_gpu: u32::from(filters.gpu_count.is_none() && !slice && offer.key.gpu_count != Some(GpuCount::ONE)),
            slice: u32::from(slice && !slice_asked),
            unverified: u32::from(filters.unverified.is_none() && it.verified == Some(false)),
            low_reliability: u32::from(filters.reliability_min_ppm.is_none() && low),
            retired: u32::from(filters.retired.is_none() && it.retired),
            no_rate: 0,
        }
    }

    fn key(filters: &Filters, group: &str, entry: &Entry) -> String {
        let key = &entry.offer.key;
        match filters.by {
            By::Gpu => group.to_owned(),
            By::Provider => key.provider.to_string(),
            By::Region => format!("{} {}", key.provider, key.region),
            By::Market => key.market.to_string(),
        }
    }

    /// Rows in order.
    pub fn cheapest(market: &Market, filters: &Filters) -> Vec<Seen> {
        let mut rows: BTreeMap<String, Vec<(i64, String, &Entry)>> = BTreeMap::new();
        let mut no_rate: BTreeMap<String, u32> = BTreeMap::new();
        for entry in &market.index.entries {
            let (slug, mapped) = group(market, entry);
            // A row that cannot be compared is counted whatever the asked price.
            let unpriced = Filters { price_max_nanos: None, ..filters.clone() };
            if entry.usd_per_gpu_hour.is_none() && passes(market, &unpriced, entry, mapped) {
                if question_markets(filters, Scope::Cheapest).contains(&entry.offer.key.market) {
                    *no_rate.entry(key(filters, &slug, entry)).or_default() += 1;
                }
            } else if passes(market, filters, entry, mapped) {
                let price = entry.usd_per_gpu_hour.expect("priced").nanos;
                rows.entry(key(filters, &slug, entry)).or_default().push((price, slug, entry));
            }
        }
        let mut seen: Vec<(bool, i64, String, Seen)> = Vec::new();
        for (key, mut offers) in rows {
            offers.sort_by(|a, b| (a.0, &a.1, a.2.id).cmp(&(b.0, &b.1, b.2.id)));
            let mut row = summary(filters, &offers);
            if let Some(row) = &mut row {
                row.3.hidden.no_rate = no_rate.get(&key).copied().unwrap_or(0);
            }
            seen.extend(row);
        }
        seen.sort_by(|a, b| (a.0, a.1, &a.2, a.3.best).cmp(&(b.0, b.1, &b.2, b.3.best)));
        seen.into_iter().map(|(.., seen)| seen).collect()
    }

    fn summary(filters: &Filters, offers: &[(i64, String, &Entry)]) -> Option<(bool, i64, String, Seen)> {
        let in_market = |entry: &Entry| question_markets(filters, Scope::Cheapest).contains(&entry.offer.key.market);
        let usual = |entry: &Entry| {
            let slice_fits = entry.offer.key.gpu_count.is_some_and(GpuCount::is_slice) && filters.slices == Some(Inclusion::Include);
            let one = filters.gpu_count.is_some() || entry.offer.key.gpu_count == Some(GpuCount::ONE) || slice_fits;
            in_market(entry) && one && hidden_by(filters, entry) == Hidden::default()
        };
        let rentable: Vec<_> = offers.iter().filter(|(_, _, entry)| usual(entry)).collect();
        let question: Vec<_> = offers.iter().filter(|(_, _, entry)| in_market(entry)).collect();
        let counted = if rentable.is_empty() { &question } else { &rentable };
        let (price, slug, best) = counted.first()?;
        let mut machines: BTreeMap<(String, String, String, MarketKind), i64> = BTreeMap::new();
        for (price, _, entry) in counted {
            let key = &entry.offer.key;
            let machine = (key.provider.to_string(), format!("{} {}", key.sku, key.tier), key.region.to_string());
            machines.entry((machine.0, machine.1, machine.2, MarketKind::OnDemand)).or_insert(*price);
        }
        let mut prices: Vec<i64> = machines.into_values().collect();
        prices.sort_unstable();
        let middle = prices.len() / 2;
        let median = if prices.len() % 2 == 1 { prices[middle] } else { (prices[middle - 1] + prices[middle] + 1).div_euclid(2) };
        let mut hidden = Hidden::default();
        for (_, _, entry) in offers.iter().take_while(|(_, _, entry)| !usual(entry)) {
            let one = hidden_by(filters, entry);
            hidden.spot += one.spot;
            hidden.serverless += one.serverless;
            hidden.multi_gpu += one.multi_gpu;
            hidden.slice += one.slice;
            hidden.unverified += one.unverified;
            hidden.low_reliability += one.low_reliability;
            hidden.retired += one.retired;
        }
        let providers: BTreeSet<_> = counted.iter().map(|(_, _, entry)| entry.offer.key.provider.clone()).collect();
        let seen = Seen {
            best: best.id,
            rentable: !rentable.is_empty(),
            offers: u32::try_from(counted.len()).expect("few"),
            machines: u32::try_from(prices.len()).expect("few"),
            providers: u32::try_from(providers.len()).expect("few"),
            median,
            floor: offers[0].0,
            hidden,
        };
        Some((rentable.is_empty(), *price, slug.clone(), seen))
    }
}

fn any_filters() -> impl Strategy<Value = Filters> {
    let words = prop::sample::subsequence(
        vec![
            "gpu=h100,rtx-4090,RTX 3090",
            "gpu=a100",
            "vram_min_gib=20",
            "vram_max_gib=48",
            "gpu_count=2",
            "gpu_count=1/4",
            "market=spot",
            "market=on_demand,spot",
            "tier=community,standard",
            "region=US,fr-1,de-1,nope",
            "country=US,FR,DE,JP",
            "continent=EU,AS",
            "price_max=2.5",
            "ram_min_gib=64",
            "vcpu_min=8",
            "availability=any",
            "availability=available",
            "age_max_seconds=1500",
            "reliability_min=0.9",
            "download_min_mbit_s=500",
            "free_egress=true",
            "slices=include",
            "slices=exclude",
            "unverified=include",
            "unverified=exclude",
            "retired=include",
            "retired=exclude",
            "by=provider",
            "by=region",
            "by=market",
            "granularity_max_seconds=60",
        ],
        0..6,
    );
    let providers = prop::collection::vec(1_usize..=40, 0..12);
    (words, prop::option::weighted(0.2, providers)).prop_map(|(words, providers)| {
        let mut seen = BTreeSet::new();
        let once: Vec<_> = words.into_iter().filter(|word| seen.insert(word.split('=').next())).collect();
        let mut filters = filters(&once.join("&"));
        // Made-up providers are not in the catalogue.
        filters.provider = providers.unwrap_or_default().into_iter().map(|number| format!("bench{number:02}")).collect();
        filters
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]
    #[test]
    fn cheapest_is_what_a_slow_reading_of_its_rules_says(seed in 0_u64..1_000, count in 0_usize..1_500, filters in any_filters()) {
        let market = bench_data::market(seed, count);
        let answer = cheapest(&market, &filters, now());
        // No made-up provider has a manifest, so none has a known granularity.
        let expected = if filters.granularity_max_seconds.is_some() { Vec::new() } else { naive::cheapest(&market, &filters) };
        prop_assert_eq!(answer.items.len(), expected.len());
        for (row, expected) in answer.items.iter().zip(&expected) {
            prop_assert_eq!(row.offer.id, expected.best);
            prop_assert_eq!((row.rentable, row.offers, row.machines, row.providers), (expected.rentable, expected.offers, expected.machines, expected.providers));
            prop_assert_eq!(row.median_usd_per_gpu_hour.nanos, expected.median);
            prop_assert_eq!(row.floor.usd_per_gpu_hour.nanos, expected.floor);
            prop_assert_eq!(row.hidden, expected.hidden);
        }
        prop_assert_eq!(answer.items.is_empty(), answer.advice.is_some());
        let counted: u32 = answer.coverage.providers.iter().map(|provider| provider.offers).sum();
        prop_assert_eq!(counted, answer.items.iter().map(|row| row.offers).sum::<u32>());
    }
}
