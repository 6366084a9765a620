//! Bills worked out by hand from a provider's own example, or from its rates, against the rules in the manifests that
//! have no adapter. Whole nano-units, so that nothing is rounded on the way.

use std::sync::Arc;

use gpurate_domain::billing::{Asked, Counted, Fact, Month, OnEviction, SpotPricing, StateCharge, Steps, Storage};
use gpurate_domain::{BillingRule, MarketKind};
use gpurate_providers::{Manifest, RULES_ONLY, RulesOnly, all};

const CENT: i64 = 10_000_000;

fn rule(slug: &str, market: MarketKind, region: &str, on: Option<&str>) -> Arc<BillingRule> {
    let on = on.map(|day| day.parse().expect("a day"));
    let asked = Asked { tier: "", market, sku: "", region, country: None, on };
    // Also where it has got an adapter since: its rules are the same.
    if let Some(provider) = all().into_iter().find(|provider| provider.slug() == slug) {
        return Manifest::parse(slug, provider.manifest()).expect("valid").billing.rule(asked);
    }
    let (_, text) = RULES_ONLY.iter().find(|(known, _)| *known == slug).expect("a manifest");
    RulesOnly::parse(slug, text).expect("valid").billing.rule(asked)
}

fn on_demand(slug: &str) -> Arc<BillingRule> {
    rule(slug, MarketKind::OnDemand, "", None)
}

fn spot(slug: &str) -> Arc<BillingRule> {
    rule(slug, MarketKind::Spot, "", None)
}

fn kind<'a>(rule: &'a BillingRule, name: &str) -> &'a Storage {
    rule.storage.iter().find(|kind| kind.name == name).expect("a kind of storage")
}

/// The price of the first unit, in nanos.
fn nanos(price: Option<&Fact<Steps>>) -> i64 {
    price.expect("a price").value.as_slice()[0].price.amount.0
}

fn value<T: Copy>(fact: Option<&Fact<T>>) -> Option<T> {
    fact.map(|fact| fact.value)
}

#[test]
fn tensordock_an_outbid_machine_pays_its_disk_as_a_running_one_does() {
    let rule = spot("tensordock");
    let disk = kind(&rule, "disk");
    assert_eq!(nanos(disk.running()) * 200, CENT, "200 GB cost 0.01 USD an hour");
    assert_eq!(nanos(disk.stopped()) * 200, CENT);
    assert_eq!(value(rule.states.stopped.as_ref()), Some(StateCharge::Free));
    assert_eq!(value(rule.spot.pricing.as_ref()), Some(SpotPricing::Bid));
    assert_eq!(rule.spot.on_eviction.as_ref().map(|fact| fact.value.clone()), Some(vec![OnEviction::Stop]));
    assert_eq!(on_demand("tensordock").spot.pricing, None, "there is no bid on demand");
}

#[test]
fn lambda_bills_a_filesystem_by_the_hour_of_a_month_of_720() {
    let rule = on_demand("lambda");
    let filesystem = kind(&rule, "filesystem");
    assert_eq!(value(filesystem.month.as_ref()), Some(Month::Hours(720.try_into().expect("above zero"))));
    let thousand = nanos(filesystem.running()) * 1000;
    assert_eq!(thousand, 200 * 100 * CENT);
    assert_eq!((thousand * 24 / 720 + CENT / 2) / CENT, 667, "its own example: 24 hours are 6.67 USD");
    assert_eq!(value(filesystem.granularity_seconds.as_ref()).map(u32::from), Some(3600));
    assert_eq!(value(rule.states.stopped.as_ref()), Some(StateCharge::None));
}

#[test]
fn fpt_half_an_hour_of_a_gpu_and_1000_gb_is_122_cents_and_not_what_its_page_prints() {
    let rule = on_demand("fptcloud");
    let gpu = 231 * CENT / 2;
    let storage = nanos(kind(&rule, "storage").running()) * 1000 / 2;
    assert_eq!(gpu + storage, 1_220_000_000);
    assert_eq!(rule.billed_seconds(1), Some(1));
    assert_eq!(rule.contradictions.len(), 1);
}

#[test]
fn digitalocean_changed_from_hours_to_seconds_with_the_year() {
    let on = |day| rule("digitalocean", MarketKind::OnDemand, "", Some(day));
    assert_eq!(on("2025-12-31").billed_seconds(61), Some(3600));
    let today = on("2026-01-01");
    assert_eq!((today.billed_seconds(5), today.billed_seconds(61)), (Some(60), Some(61)));
    assert_eq!(today.time.minimum_charge.as_ref().map(|fact| fact.value.amount.0), Some(CENT));
    for rule in [&today, &on("2025-06-01"), &on_demand("digitalocean")] {
        assert_eq!(value(rule.states.stopped.as_ref()), Some(StateCharge::Full));
        assert_eq!(nanos(rule.egress.price.as_ref()), CENT);
        assert_eq!(value(rule.egress.free_counted.as_ref()), Some(Counted::MachineMonth));
    }
    assert_eq!(value(spot("digitalocean").spot.notice_seconds.as_ref()), Some(7200));
}

#[test]
fn hyperstack_hibernated_pays_disk_and_address_and_shut_off_pays_all() {
    let rule = on_demand("hyperstack");
    assert_eq!(value(rule.states.stopped.as_ref()), Some(StateCharge::Full));
    assert_eq!(value(rule.states.hibernated.as_ref()), Some(StateCharge::Free));
    let address = rule.fees.public_ip_per_hour.as_ref().expect("a fee").value.amount.0;
    assert_eq!(nanos(kind(&rule, "root disk").stopped()) * 100 + address, 9_677_400 + 6_720_430, "100 GB for an hour");
}

#[test]
fn gcp_has_a_minute_at_least_and_parts_that_are_no_fees() {
    let rule = rule("gcp", MarketKind::Spot, "us-central1", None);
    assert_eq!((rule.billed_seconds(30), rule.billed_seconds(61)), (Some(60), Some(61)));
    assert_eq!((&rule.fees.vcpu_per_hour, &rule.fees.ram_gib_per_hour), (&None, &None));
    assert_eq!(nanos(kind(&rule, "local SSD").running()), 35_400_000, "spot has a price of its own");
    assert!(on_demand("gcp").storage.is_empty(), "a disk's price is known in one region only");
}

#[test]
fn salad_wipes_and_charged_processors_apart_until_late_2025() {
    let today = spot("salad");
    assert_eq!(today.spot.on_eviction.as_ref().map(|fact| fact.value.clone()), Some(vec![OnEviction::Wipe]));
    let apart = |rule: &BillingRule| {
        let fee = |fact: &Option<_>| fact.as_ref().map_or(0, |fact: &Fact<gpurate_domain::billing::Money>| fact.value.amount.0);
        fee(&rule.fees.vcpu_per_hour) * 8 + fee(&rule.fees.ram_gib_per_hour) * 32
    };
    assert_eq!(apart(&rule("salad", MarketKind::OnDemand, "", Some("2025-11-12"))), 64_000_000);
    assert_eq!(apart(&today), 0);
    assert_eq!(value(today.time.image_pull_is_billed.as_ref()), Some(false));
}

#[test]
fn modal_charges_4_cores_and_16_gib_apart() {
    let rule = on_demand("modal");
    let fee = |fact: &Option<Fact<gpurate_domain::billing::Money>>| fact.as_ref().expect("a fee").value.amount.0;
    let per_second = 4 * 13_100 + 16 * 2_220;
    assert_eq!(fee(&rule.fees.vcpu_per_hour) * 4 + fee(&rule.fees.ram_gib_per_hour) * 16, per_second * 3600);
}
