//! Billing rules as they come out for one offer, where layers differ by tier, shape, market, place or day. Each line was
//! read by a person from the sources that the manifests name.

use gpurate_domain::billing::Asked;
use gpurate_domain::{BillingRule, MarketKind, Nanos};
use gpurate_providers::{Manifest, all, template};

/// `tier market sku region country day`, with `-` for what is not known.
fn rule(slug: &str, offer: &str) -> BillingRule {
    let provider = all().into_iter().chain([template()]).find(|provider| provider.slug() == slug).expect("registered");
    let manifest = Manifest::parse(slug, provider.manifest()).expect("valid");
    let [tier, market, sku, region, country, day] = offer.split(' ').collect::<Vec<_>>()[..] else { panic!("six words: {offer}") };
    let market: MarketKind = market.parse().expect("a market");
    let country = (country != "-").then(|| country.parse().expect("a country"));
    let on = (day != "-").then(|| day.parse().expect("a day"));
    (*manifest.billing_rule(Asked { tier, market, sku, region, country, on })).clone()
}

/// The facts of an offer's rule: `section.field = value`, and `!section.field` for one that must not be known.
#[track_caller]
fn check(slug: &str, offer: &str, expected: &[&str]) {
    let rule = rule(slug, offer);
    let found: Vec<_> = rule.sources().iter().map(|known| (known.name.clone(), known.value())).collect();
    for line in expected {
        match line.split_once(" = ") {
            Some((name, value)) => {
                let known = found.iter().find(|(known, _)| known == name).map(|(_, value)| value.replace('"', ""));
                assert_eq!(known.as_deref(), Some(value), "{slug} {offer}: {name}");
            }
            None => {
                let name = line.strip_prefix('!').expect("a name that must not be known");
                assert!(found.iter().all(|(known, _)| known != name), "{slug} {offer}: {name}");
            }
        }
    }
}

#[test]
fn vultr_caps_a_month_at_672_hours_of_bare_metal_and_730_of_cloud_gpus() {
    check("vultr", "bare_metal on_demand vbm-256c-2048gb-8-mi300x-gpu ord US -", &["fees.monthly_cap_hours = 672"]);
    check("vultr", "bare_metal spot vbm-256c-2048gb-8-mi300x-gpu ord US -", &["fees.monthly_cap_hours = 672", "spot.pricing = fixed"]);
    check("vultr", "standard on_demand vcg-a100-12c-120g-80vram ewr US -", &["fees.monthly_cap_hours = 730"]);
    // 8 MI300X for 730 hours, before the cap and after: the latter is the plan's monthly price in the API.
    let hour = "17.52".parse::<Nanos>().expect("a price");
    let cap = rule("vultr", "bare_metal on_demand vbm-256c-2048gb-8-mi300x-gpu ord US -").fees.monthly_cap_hours.expect("a cap").value;
    assert_eq!(Nanos(hour.0 * 730).to_string(), "12789.6");
    assert_eq!(Nanos(hour.0 * i64::from(cap.get().min(730))).to_string(), "11773.44");
}

#[test]
fn oracle_bills_stopped_gpus_by_shape_and_egress_by_continent() {
    let per_minute = "time.minimum_charge_seconds = 60";
    check("oci", "standard on_demand VM.GPU3.4 global DE -", &["states.stopped = full", "egress.price = 0.0085 USD", per_minute]);
    check(
        "oci",
        "standard on_demand VM.GPU.A10.2 global JP -",
        &["states.stopped = free", "egress.price = 0.025 USD", "!states.stopped_keeps_gpu"],
    );
    check("oci", "standard spot VM.GPU.A10.2 global ZA -", &["states.stopped = none", "egress.price = 0.05 USD"]);
    let bare = ["states.stopped = full", "states.stopped_keeps_gpu = true", "egress.price = 0.05 USD", "!time.minimum_charge_seconds"];
    check("oci", "bare_metal on_demand BM.GPU.H100.8 global AE -", &bare);
    check("oci", "bare_metal on_demand BM.GPU.H100.8 global - -", &["!egress.price", "egress.free_per_month = 10000"]);
}

#[test]
fn amazons_egress_and_volumes_are_known_where_a_source_names_the_region() {
    let known = ["storage.EBS gp3.price = 0.08 USD", "egress.free_per_month = 100"];
    check("aws", "standard on_demand p5.48xlarge us-east-1 US -", &known);
    let steps = rule("aws", "standard on_demand p5.48xlarge us-east-1 US -").egress.price.expect("steps").value;
    let steps: Vec<_> = steps.as_slice().iter().map(|step| (step.up_to, step.price.to_string())).collect();
    let bounds = [(Some(10_240), "0.09 USD"), (Some(51_200), "0.085 USD"), (Some(153_600), "0.07 USD"), (None, "0.05 USD")];
    assert_eq!(steps, bounds.map(|(up_to, price)| (up_to, price.to_owned())));
    check("aws", "standard spot p5.48xlarge eu-central-1 DE -", &["storage.EBS gp3.price = 0.0952 USD", "!egress.price"]);
    check("aws", "standard on_demand p5.48xlarge eu-west-1 IE -", &["!storage.EBS gp3.price", "!egress.price"]);
}

#[test]
fn a_layer_of_one_type_or_market_leaves_the_others_as_they_are() {
    check(
        "scaleway",
        "standard on_demand RENDER-S fr-par-1 FR -",
        &["time.granularity_seconds = 3600", "time.minimum_charge_seconds = 3600"],
    );
    check("scaleway", "standard on_demand L4-1-24G fr-par-2 FR -", &["time.granularity_seconds = 60", "time.minimum_charge_seconds = 60"]);
    check("azure", "standard spot Standard_NC24ads_A100_v4 eastus US -", &["states.stopped_keeps_gpu = false"]);
    check("azure", "standard on_demand Standard_NC24ads_A100_v4 japaneast JP -", &["!states.stopped_keeps_gpu", "!egress.price"]);
    check("linode", "standard on_demand g1-gpu-rtx6000-1 us-ord US -", &["egress.free_per_month = 16000"]);
    check("linode", "standard on_demand g1-gpu-rtx6000-2 us-ord US -", &["!egress.free_per_month", "states.stopped = full"]);
}

#[test]
fn a_rule_of_the_past_holds_for_its_days_only() {
    check("example", "standard on_demand a north NO 2025-12-31", &["time.granularity_seconds = 3600", "!states.stopped"]);
    check("example", "standard on_demand a north NO 2026-01-01", &["time.granularity_seconds = 1", "time.minimum_charge_seconds = 60"]);
    check("example", "standard on_demand a north NO -", &["time.granularity_seconds = 1", "!spot.pricing"]);
}

#[test]
fn a_contradiction_is_about_a_fact_that_the_manifest_chose() {
    let mut seen = 0;
    for provider in all().into_iter().chain([template()]) {
        let manifest = Manifest::parse(provider.slug(), provider.manifest()).expect("valid");
        let rules: Vec<_> = manifest.billing.all().iter().map(gpurate_domain::billing::Layer::rule).collect();
        let chosen: Vec<_> = rules.iter().flat_map(BillingRule::sources).map(|known| known.name).collect();
        for contradiction in rules.iter().flat_map(|rule| &rule.contradictions) {
            assert!(chosen.contains(&contradiction.fact), "{}: `{}` is no fact of the manifest", provider.slug(), contradiction.fact);
            seen += 1;
        }
    }
    assert!(seen > 5, "{seen}");
}
