//! One row per plan. `hourly_cost` is US dollars for the whole machine, `location_cost` has the price of single regions,
//! which wins. `gpu_vram_gb` is the memory of all GPUs together. `gpu_count` is a number, or the text "1/8" for a slice.
//!
//! A price says nothing about whether one can buy: `deploy_ondemand` and `deploy_preemptible` do (a B200 plan had 0 on
//! demand, of which there is none). `locations` has the regions; none means that the plan cannot be deployed now. Monthly
//! prices are 730 hours of cloud GPUs and 672 of bare metal, so they are not read. Plans of processors are no rows of ours.
//! Source: dstackai/gpuhunt at 3584151, vultr/govultr at 9ee451b, SpareCores/sc-crawler at 4bcc0b1, read 2026-11-22.

use std::collections::{BTreeMap, BTreeSet};

use gpurate_domain::{Attributes, Availability, GpuCount, MarketKind, Nanos, Quote, RawOffer, RegionCode, Rejected, Vram};
use serde_json::Value;

use super::List;
use super::plans;
use crate::json::FieldError;
use crate::{Page, Parsed, ShapeError, json};

const MIB_PER_GIB: u64 = 1024;

pub(super) fn parse(pages: &[Page]) -> Result<Parsed, ShapeError> {
    let mut plans = Vec::new();
    let mut countries = BTreeMap::new();
    for page in pages {
        let list = List::asked_by(&page.request).ok_or_else(|| ShapeError::new("", "a page answers a question that was not asked"))?;
        let answer = page.json()?;
        let rows = json::array(&answer, list.pointer())?;
        if list == List::Regions {
            countries.extend(rows.iter().filter_map(country));
        } else {
            plans.extend(rows.iter().enumerate().map(|(index, row)| (list, index, row.clone())));
        }
    }
    // A renamed field must not make every plan look like one without GPUs.
    if !plans.is_empty() && !plans.iter().any(|(_, _, row)| is_of_gpus(row)) {
        return Err(ShapeError::new("/plans/*/gpu_type", "no plan has GPUs"));
    }
    let mut parsed = Parsed::default();
    for (list, index, row) in &plans {
        if let Err(reason) = read_plan(*list, row, &countries, &mut parsed) {
            let id = row.get("id").and_then(Value::as_str).map(short).filter(|id| !id.is_empty());
            parsed.rejected.push(Rejected::new(id.unwrap_or_else(|| format!("{}/{index}", list.pointer())), reason));
        }
    }
    Ok(parsed)
}

/// A region's code and country.
fn country(row: &Value) -> Option<(String, String)> {
    let text = |field| json::optional_text(row, field).ok().flatten().map(str::to_owned);
    Some((text("id")?, text("country")?))
}

/// A market, and the fields that speak of it.
struct Market {
    kind: MarketKind,
    term: Option<&'static str>,
    price: &'static str,
    flag: &'static str,
    /// What a missing flag means: older answers have none, and sold on demand.
    unsaid: bool,
}

const MARKETS: [Market; 2] = [
    Market { kind: MarketKind::OnDemand, term: None, price: "hourly_cost", flag: "deploy_ondemand", unsaid: true },
    Market {
        kind: MarketKind::Spot,
        term: Some("preemptible"),
        price: "hourly_cost_preemptible",
        flag: "deploy_preemptible",
        unsaid: false,
    },
];

/// Adds what a plan is sold as: per region, on demand and preemptible. A bad price costs its region and market only.
fn read_plan(list: List, row: &Value, countries: &BTreeMap<String, String>, parsed: &mut Parsed) -> Result<(), FieldError> {
    if !row.is_object() {
        return Err(format!("{} stands where a plan is expected", json::kind(Some(row))));
    }
    let id = json::text(row, "id")?;
    if !is_of_gpus(row) {
        return Ok(());
    }
    let invoice = json::optional_text(row, "invoice_type")?;
    if let Some(other) = invoice.filter(|invoice| *invoice != "hourly") {
        return Err(format!("`invoice_type` is `{}` where `hourly` is expected", short(other)));
    }
    let machine = machine(list, id, row)?;
    let mut sold = Vec::new();
    for market in &MARKETS {
        if json::optional_bool(row, market.flag)?.unwrap_or(market.unsaid) {
            sold.push(market);
        }
    }
    let (regions, availability) = regions(row)?;
    for region in &regions {
        for market in &sold {
            match price(row, &region.0, market.price) {
                Ok(amount) => parsed.offers.push(RawOffer {
                    region: region.clone(),
                    country: countries.get(&region.0).cloned(),
                    market: market.kind,
                    provider_term: market.term,
                    price: Quote::usd_per_instance_hour(amount),
                    availability,
                    ..machine.clone()
                }),
                Err(reason) => {
                    parsed.rejected.push(Rejected::new(short(id), format!("{} in `{}`: {reason}", market.kind, short(&region.0))))
                }
            }
        }
    }
    Ok(())
}

/// By any word that speaks of GPUs: dedicated machines leave out the fields, bare metal has `gpu_brand: "none"` without.
fn is_of_gpus(row: &Value) -> bool {
    let text = |field: &str| row.get(field).and_then(Value::as_str).map(str::trim).unwrap_or_default();
    let says = |field: &str| !matches!(text(field), "" | "none");
    says("gpu_type") || says("gpu_brand") || matches!(text("type"), "vcg" | "vdm") || plans::read_id(text("id")).0.is_some()
}

/// What is the same in every region and market. Its price is a placeholder that every offer replaces.
fn machine(list: List, id: &str, row: &Value) -> Result<RawOffer, FieldError> {
    let known = plans::find(id);
    let (id_name, id_count) = plans::read_id(id);
    let gpu_type = json::optional_text(row, "gpu_type")?.filter(|name| *name != "none");
    let gpu_name = gpu_type.or(known.map(|gpus| gpus.name)).or(id_name).unwrap_or(id);
    let tier = if list == List::Metal { "bare_metal" } else { "standard" };
    let placeholder = Quote::usd_per_instance_hour(Nanos(0));
    let mut offer = RawOffer::new(id, tier, RegionCode::global(), MarketKind::OnDemand, gpu_name, placeholder);
    // An HGX board is its GPUs and how they are connected; the card is named behind that word.
    offer.gpu_name_alternative = plans::documented_name(id, gpu_name)
        .map(str::to_owned)
        .or_else(|| gpu_name.contains("HGX_").then(|| gpu_name.replacen("HGX_", "", 1)));

    let count = stated_count(row)?.or(known.and_then(|gpus| gpus.count).and_then(GpuCount::whole));
    let id_count = id_count.and_then(GpuCount::whole);
    // The price is of the whole plan, so a row whose count is in doubt is kept without one.
    offer.gpu_count = match (count, id_count) {
        (Some(a), Some(b)) if a != b => None,
        (count, id_count) => count.or(id_count),
    };
    let total_gib = json::optional_whole(row, "gpu_vram_gb")?.filter(|gib| *gib > 0);
    offer.vram_per_gpu = match (total_gib, offer.gpu_count) {
        (Some(total), Some(count)) => memory_of_one(total, count),
        _ => known.and_then(|gpus| Vram::from_marketed_gb(gpus.gib_per_gpu)),
    };
    if offer.gpu_count.is_some_and(GpuCount::is_slice) {
        offer.vram_usable = total_gib.and_then(|gib| u32::try_from(gib).ok()).and_then(Vram::from_marketed_gb);
    }
    let disks = json::attribute_whole(row, "disk_count").unwrap_or(1);
    offer.attributes = Attributes {
        vcpu_millis: ["vcpu_count", "cpu_threads"]
            .iter()
            .find_map(|field| json::attribute_whole(row, field).filter(|cpus| *cpus > 0))
            .and_then(|cpus| cpus.checked_mul(1000)),
        ram_mib: json::attribute_whole(row, "ram").filter(|mib| *mib > 0),
        disk_gb: json::attribute_whole(row, "disk").and_then(|gb| gb.checked_mul(disks)),
        egress_free_gb_per_month: json::attribute_whole(row, "bandwidth"),
        ..Attributes::default()
    };
    Ok(offer)
}

/// A number, or the text `1/8` for a slice; zero stands for "not said".
fn stated_count(row: &Value) -> Result<Option<GpuCount>, FieldError> {
    match row.get("gpu_count") {
        Some(Value::String(text)) if text.trim().is_empty() || text.trim() == "0" => Ok(None),
        Some(Value::String(text)) => text.trim().parse().map(Some).map_err(|error| format!("`gpu_count`: {error}")),
        _ => match json::optional_whole(row, "gpu_count")? {
            None | Some(0) => Ok(None),
            Some(count) => u32::try_from(count).ok().and_then(GpuCount::whole).map(Some).ok_or_else(|| format!("`gpu_count` is {count}")),
        },
    }
}

/// `gpu_vram_gb` over the count: 10 GB of 1/8 is a card of 80.
fn memory_of_one(total_gib: u64, count: GpuCount) -> Option<Vram> {
    let mib = total_gib.checked_mul(MIB_PER_GIB)?.checked_mul(u64::from(count.denominator()))? / u64::from(count.numerator());
    u32::try_from(mib).ok().filter(|mib| *mib > 0).map(Vram::from_mib)
}

/// Where the plan can be had. A plan without a region keeps its price, as one that cannot be had; of dedicated machines
/// the public list may be empty although an account sees regions, so they are not said to be out of stock.
fn regions(row: &Value) -> Result<(Vec<RegionCode>, Availability), FieldError> {
    let Some(Value::Array(entries)) = row.get("locations") else {
        return Err(format!("`locations` is {} where a list is expected", json::kind(row.get("locations"))));
    };
    let mut codes = BTreeSet::new();
    for entry in entries {
        match entry {
            // An empty text has been seen among the regions.
            Value::String(code) if code.trim().is_empty() => {}
            Value::String(code) => {
                codes.insert(code.trim());
            }
            other => return Err(format!("`locations` holds {} where text is expected", json::kind(Some(other)))),
        }
    }
    if codes.is_empty() {
        let dedicated = row.get("type").and_then(Value::as_str) == Some("vdm");
        let availability = if dedicated { Availability::NotStated } else { Availability::Unavailable };
        return Ok((vec![RegionCode(RegionCode::UNKNOWN.to_owned())], availability));
    }
    Ok((codes.into_iter().map(|code| RegionCode(code.to_owned())).collect(), Availability::Available))
}

/// The price in a region: its own where `location_cost` has one, else the plan's.
fn price(row: &Value, region: &str, field: &str) -> Result<Nanos, FieldError> {
    let own = match row.get("location_cost") {
        None | Some(Value::Null) => None,
        // An empty map may be written as an empty list.
        Some(Value::Array(entries)) if entries.is_empty() => None,
        Some(Value::Object(by_region)) => match by_region.get(region) {
            None | Some(Value::Null) => None,
            Some(costs @ Value::Object(_)) => json::optional_decimal(costs, field)?,
            other => return Err(format!("`location_cost` is {} where an object is expected", json::kind(other))),
        },
        other => return Err(format!("`location_cost` is {} where an object is expected", json::kind(other))),
    };
    let amount = match own {
        Some(amount) => amount,
        None => json::decimal(row, field)?,
    };
    if amount.is_positive() { Ok(amount) } else { Err(format!("`{field}` is `{amount}`, not above zero")) }
}

/// Foreign text is quoted only by its beginning.
fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Request;
    use chrono::{DateTime, Utc};
    use gpurate_domain::{GpuMatch, GpuTable};
    use serde_json::json;

    fn page(list: List, rows: &Value) -> Page {
        let answer = json!({ (list.pointer()[1..].to_owned()): rows }).to_string();
        let request = Request::get(format!("https://api.vultr.com{}?per_page=500", list.path()));
        Page::in_memory(request, DateTime::<Utc>::UNIX_EPOCH, Vec::new(), answer.into_bytes())
    }

    fn parse_rows(plans: &Value, metal: &Value, regions: &Value) -> Result<Parsed, ShapeError> {
        // In another order than they are asked in: pages are told apart by their requests.
        parse(&[page(List::Regions, regions), page(List::Metal, metal), page(List::Plans, plans)])
    }

    fn plan() -> Value {
        json!({
            "id": "vcg-l40s-16c-180g-48vram", "type": "vcg", "vcpu_count": 16, "ram": 184_320, "disk": 1200, "disk_count": 1,
            "hourly_cost": 1.671, "hourly_cost_preemptible": 0.848, "gpu_type": "NVIDIA_L40S", "gpu_vram_gb": 48, "gpu_count": 1,
            "deploy_ondemand": true, "deploy_preemptible": false, "locations": ["ewr"]
        })
    }

    fn with(mut row: Value, field: &str, value: Value) -> Value {
        row[field] = value;
        row
    }

    fn one(plan: &Value) -> Parsed {
        // Another GPU plan, which is not sold, is always there: a row without GPUs is then a row and no lost shape.
        let other = with(with(self::plan(), "id", json!("vcg-a40-1")), "deploy_ondemand", json!(false));
        parse_rows(&json!([plan, other]), &json!([]), &json!([{"id": "ewr", "country": "US"}])).expect("the known shape")
    }

    /// What a plan gives, as `region market price availability` and `!reason`.
    #[track_caller]
    fn check(plan: &Value, expected: &[&str]) {
        let parsed = one(plan);
        let offers = parsed
            .offers
            .iter()
            .map(|offer| format!("{} {} {} {}", offer.region, offer.market, offer.price.amount, offer.availability.as_str()));
        let found: Vec<_> = offers.chain(parsed.rejected.iter().map(|rejected| format!("!{}", rejected.reason))).collect();
        assert_eq!(found, expected, "{plan}");
    }

    #[test]
    fn the_flags_decide_what_is_sold_and_a_price_alone_does_not() {
        check(&plan(), &["ewr on_demand 1.671 available"]);
        let both = with(plan(), "deploy_preemptible", json!(true));
        check(&both, &["ewr on_demand 1.671 available", "ewr spot 0.848 available"]);
        check(&with(both.clone(), "deploy_ondemand", json!(false)), &["ewr spot 0.848 available"]);
        let mut unsaid = both;
        for flag in ["deploy_ondemand", "deploy_preemptible"] {
            unsaid.as_object_mut().expect("an object").remove(flag);
        }
        check(&unsaid, &["ewr on_demand 1.671 available"]);
    }

    #[test]
    fn d07_a_price_of_zero_is_refused_unless_the_plan_is_not_sold_that_way() {
        let zero = with(plan(), "hourly_cost", json!(0));
        check(&zero, &["!on_demand in `ewr`: `hourly_cost` is `0`, not above zero"]);
        check(&with(zero, "deploy_ondemand", json!(false)), &[]);
        check(&with(plan(), "hourly_cost", json!(-2)), &["!on_demand in `ewr`: `hourly_cost` is `-2`, not above zero"]);
        check(&with(plan(), "hourly_cost", json!(null)), &["!on_demand in `ewr`: `hourly_cost` is missing"]);
        let text = with(plan(), "hourly_cost", json!("cheap"));
        check(&text, &["!on_demand in `ewr`: `hourly_cost`: `cheap` is not a decimal number"]);
    }

    #[test]
    fn the_price_of_a_region_wins_and_costs_no_other_region() {
        let plan = with(plan(), "locations", json!(["nrt", "ewr", "sgp", "ewr", ""]));
        let own = |costs: Value| with(plan.clone(), "location_cost", costs);
        check(
            &own(json!({"nrt": {"hourly_cost": 1.9, "monthly_cost": 1387}, "sgp": {"monthly_cost": 1300}})),
            &["ewr on_demand 1.671 available", "nrt on_demand 1.9 available", "sgp on_demand 1.671 available"],
        );
        check(
            &own(json!({"nrt": {"hourly_cost": 0}, "sgp": 2.5})),
            &[
                "ewr on_demand 1.671 available",
                "!on_demand in `nrt`: `hourly_cost` is `0`, not above zero",
                "!on_demand in `sgp`: `location_cost` is a number where an object is expected",
            ],
        );
        for none in [json!([]), json!({}), json!(null)] {
            assert_eq!(one(&own(none)).offers.len(), 3);
        }
    }

    #[test]
    fn what_a_plan_brings_of_traffic_is_read_and_costs_no_offer() {
        let brought = |row: &Value| one(row).offers[0].attributes.egress_free_gb_per_month;
        assert_eq!(brought(&with(plan(), "bandwidth", json!(10240))), Some(10240));
        assert_eq!(brought(&with(plan(), "bandwidth", json!(null))), None);
        assert_eq!(brought(&with(plan(), "bandwidth", json!("10 TB"))), None);
    }

    #[test]
    fn a_plan_without_a_region_keeps_its_price_and_cannot_be_had() {
        check(&with(plan(), "locations", json!([])), &["unknown on_demand 1.671 unavailable"]);
        check(&with(plan(), "locations", json!([""])), &["unknown on_demand 1.671 unavailable"]);
        let dedicated = with(with(plan(), "locations", json!([])), "type", json!("vdm"));
        check(&dedicated, &["unknown on_demand 1.671 not_stated"]);
        check(&with(plan(), "locations", json!(null)), &["!`locations` is null where a list is expected"]);
        check(&with(plan(), "locations", json!([7])), &["!`locations` holds a number where text is expected"]);
    }

    #[test]
    fn d29_the_country_is_the_one_the_source_says() {
        let parsed = one(&with(plan(), "locations", json!(["ewr", "xyz"])));
        let found: Vec<_> = parsed.offers.iter().map(|offer| offer.country.as_deref()).collect();
        assert_eq!(found, [Some("US"), None]);
    }

    /// Count, memory of one card and memory one gets, in GiB.
    #[track_caller]
    fn check_gpus(plan: &Value, expected: (Option<&str>, Option<u32>, Option<u32>)) {
        let parsed = one(plan);
        let [offer] = parsed.offers.as_slice() else { panic!("{parsed:?}") };
        let count = offer.gpu_count.map(|count| count.to_string());
        let gib = |vram: Option<Vram>| vram.map(Vram::gib_rounded);
        assert_eq!((count.as_deref(), gib(offer.vram_per_gpu), gib(offer.vram_usable)), expected, "{plan}");
    }

    #[test]
    fn d12_a_slice_is_a_fraction_of_its_card() {
        let slice = with(with(plan(), "id", json!("vcg-a100-2c-15g-10vram")), "gpu_vram_gb", json!(10));
        check_gpus(&with(slice.clone(), "gpu_count", json!("1/8")), (Some("1/8"), Some(80), Some(10)));
        check_gpus(&with(slice.clone(), "gpu_count", json!("1")), (Some("1"), Some(10), None));
        // Older answers say no count: 10 GB are never taken for one card.
        for unsaid in [json!(null), json!(0), json!("")] {
            check_gpus(&with(slice.clone(), "gpu_count", unsaid), (None, None, None));
        }
        for bad in [json!("1/0"), json!("many"), json!(-1), json!(1.5), json!([1])] {
            assert_eq!(one(&with(slice.clone(), "gpu_count", bad)).rejected.len(), 1);
        }
    }

    #[test]
    fn the_memory_is_that_of_all_gpus_together() {
        let plan = with(with(plan(), "gpu_vram_gb", json!(192)), "gpu_count", json!(4));
        check_gpus(&with(plan, "id", json!("vcg-l40s-64c-750g-192vram")), (Some("4"), Some(48), None));
    }

    #[test]
    fn plans_that_do_not_say_their_gpus_are_read_by_table_and_id() {
        let bare = |id: &str| json!({"id": id, "hourly_cost": 17.52, "locations": ["ord"], "type": "NVMe"});
        check_gpus(&bare("vbm-256c-2048gb-8-mi300x-gpu"), (Some("8"), Some(192), None));
        check_gpus(&bare("vbm-72c-480gb-gh200-gpu"), (Some("1"), Some(96), None));
        check_gpus(&bare("vbm-999c-2048gb-8-x9000-gpu"), (Some("8"), None, None));
        check_gpus(&bare("vcg-mi325x-252c-2872g-1536vram"), (None, Some(256), None));
        let l40s = one(&bare("vbm-64c-2048gb-8-l40-gpu"));
        assert_eq!(l40s.offers[0].gpu_name, "NVIDIA_L40S");
        // Two statements that disagree are none.
        check_gpus(&with(bare("vbm-256c-3072gb-8-b200-gpu"), "gpu_count", json!(4)), (None, Some(192), None));
    }

    #[test]
    fn d18_every_name_that_was_seen_means_what_it_says() {
        let table = GpuTable::builtin();
        for (gpu_type, gib, slug) in [
            ("NVIDIA_A16", 16, "a16"),
            ("NVIDIA_A40", 48, "a40"),
            ("NVIDIA_L40S", 48, "l40s"),
            ("NVIDIA_A100_PCIE", 80, "a100-80gb-pcie"),
            ("NVIDIA_A100_SXM", 80, "a100-80gb-sxm"),
            ("NVIDIA_GH200", 96, "gh200-96gb"),
            ("NVIDIA_B200", 192, "b200"),
            ("NVIDIA_HGX_B200", 192, "b200"),
            ("AMD_MI300X", 192, "mi300x"),
            ("AMD_MI325X", 256, "mi325x"),
            ("AMD_MI355X", 288, "mi355x"),
        ] {
            let parsed = one(&with(with(plan(), "gpu_type", json!(gpu_type)), "gpu_vram_gb", json!(gib)));
            let offer = &parsed.offers[0];
            let names = [Some(&offer.gpu_name), offer.gpu_name_alternative.as_ref()];
            let known = names.into_iter().flatten().find_map(|name| match table.resolve(name, offer.vram_per_gpu) {
                GpuMatch::Known(index) => Some(table.gpu(index).slug.as_str()),
                _ => None,
            });
            assert_eq!(known, Some(slug), "{gpu_type}");
        }
    }

    #[test]
    fn processors_are_no_rows_and_a_monthly_invoice_is_no_hourly_price() {
        check(&json!({"id": "vc2-1c-1gb", "type": "vc2", "hourly_cost": 0, "locations": ["ewr"]}), &[]);
        check(&json!({"id": "vbm-4c-32gb", "type": "SSD", "gpu_brand": "none", "hourly_cost": 0.2, "locations": ["ewr"]}), &[]);
        let monthly = with(plan(), "invoice_type", json!("monthly"));
        check(&monthly, &["!`invoice_type` is `monthly` where `hourly` is expected"]);
        check(&json!("plan"), &["!text stands where a plan is expected"]);
        check(&json!({"hourly_cost": 1}), &["!`id` is missing"]);
    }

    #[test]
    fn d26_lists_without_any_gpu_are_a_lost_shape() {
        let processors = json!([{"id": "vc2-1c-1gb", "type": "vc2"}]);
        assert!(parse_rows(&processors, &json!([]), &json!([])).is_err());
        let parsed = parse_rows(&json!([]), &json!([]), &json!([])).expect("the known shape");
        assert!(!parsed.empty_is_an_answer && parsed.offers.is_empty());
    }

    #[test]
    fn d01_a_page_of_another_address_is_refused() {
        let request = Request::get("https://api.vultr.com/v2/os");
        let foreign = Page::in_memory(request, DateTime::<Utc>::UNIX_EPOCH, Vec::new(), &br#"{"plans": []}"#[..]);
        assert!(parse(&[foreign]).is_err());
    }

    #[test]
    fn d14_no_dropped_or_replaced_value_makes_parse_panic() {
        let read = |text: &str, list: &str| serde_json::from_str::<Value>(text).expect("the sample is JSON")[list].clone();
        let mut basic = json!({
            "plans": read(include_str!("samples/basic/plans.json"), "plans"),
            "metal": read(include_str!("samples/basic/plans-metal.json"), "plans_metal"),
            "regions": read(include_str!("samples/basic/regions.json"), "regions"),
        });
        // The rows have the same fields; some of them keep the test short.
        for list in ["plans", "metal", "regions"] {
            basic[list].as_array_mut().expect("a list").truncate(3);
        }
        let tried =
            crate::testing::survives_changes(&basic, |changed| parse_rows(&changed["plans"], &changed["metal"], &changed["regions"]));
        assert!(tried > 500, "{tried}");
    }
}
