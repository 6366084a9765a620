//! `servers` is a map of a type's name to what it is. `hourly_price` is in EUR, for the whole machine and not for one
//! GPU; `monthly_price` is 730 times that and no commitment. `gpu_memory` and `ram` are in bytes.
//!
//! The list has processor types too (`gpu` is 0 or null and `gpu_info` null): they are no rows of ours. A type with a
//! `mig_profile` is a slice of unknown size: its count stays unknown. The second list has the stock, by the same name.
//! Source: scaleway/scaleway-cli at 980a752 (recorded 2026-07-01), getcomputable/gpu-index at 1562d11 (2026-08-22).

use std::collections::BTreeMap;

use gpurate_domain::{
    Attributes, Availability, Currency, GpuCount, MarketKind, Period, Quote, RawOffer, RegionCode, Rejected, Scope, Vram,
};
use serde_json::Value;

use super::List;
use crate::{Page, Parsed, ShapeError, json};

const BYTES_PER_GB: u64 = 1_000_000_000;
const BYTES_PER_MIB: u64 = 1024 * 1024;

pub(super) fn parse(zone: &str, pages: &[Page]) -> Result<Parsed, ShapeError> {
    let mut types = BTreeMap::new();
    let mut stock = BTreeMap::new();
    for page in pages {
        let list = List::asked_by(&page.request, zone)
            .ok_or_else(|| ShapeError::new("", format!("a page answers a question that is none of the zone `{zone}`")))?;
        let mut answer = page.json()?;
        json::object(&answer, "/servers")?;
        if let Some(Value::Object(rows)) = answer.pointer_mut("/servers").map(Value::take) {
            match list {
                List::Types => types.extend(rows),
                List::Stock => stock.extend(rows),
            }
        }
    }
    // A renamed field must not make every type look like one without GPU, nor every stock unknown.
    if !types.is_empty() && types.values().all(|row| row.get("gpu").is_none()) {
        return Err(ShapeError::new("/servers/*/gpu", "no type says how many GPUs it has"));
    }
    if !stock.is_empty() && stock.values().all(|row| row.get("availability").and_then(Value::as_str).is_none()) {
        return Err(ShapeError::new("/servers/*/availability", "no type says whether it can be had"));
    }

    let mut parsed = Parsed::default();
    for (name, row) in &types {
        match offer(zone, name, row) {
            Ok(Some(mut offer)) => {
                offer.availability = availability(stock.get(name));
                parsed.offers.push(offer);
            }
            Ok(None) => {}
            Err(reason) => parsed.rejected.push(Rejected::new(name, reason)),
        }
    }
    // Types came and all of them say that they have no GPU: the zone sells none.
    parsed.empty_is_an_answer = !types.is_empty() && parsed.offers.is_empty() && parsed.rejected.is_empty();
    Ok(parsed)
}

/// `None` for a type without GPU.
fn offer(zone: &str, name: &str, row: &Value) -> Result<Option<RawOffer>, json::FieldError> {
    if !row.is_object() {
        return Err(format!("the type is {} where an object is expected", json::kind(Some(row))));
    }
    let count = json::optional_whole(row, "gpu")?.filter(|count| *count > 0);
    let Some(gpu_name) = gpu_name(row)? else {
        return match count {
            None => Ok(None),
            Some(count) => Err(format!("`gpu` is {count} and `gpu_info` names no GPU")),
        };
    };
    let price = json::decimal(row, "hourly_price")?;
    if !price.is_positive() {
        return Err(format!("price `{price}` is not above zero"));
    }
    let price = Quote { amount: price, currency: Currency::EUR, scope: Scope::Instance, period: Period::Hour };
    let mut offer = RawOffer::new(name, "standard", RegionCode(zone.to_owned()), MarketKind::OnDemand, gpu_name, price);
    offer.gpu_name_alternative = documented_name(name, gpu_name).map(str::to_owned);
    // Of a slice neither the share nor whose memory `gpu_memory` is has been seen.
    if matches!(row.get("mig_profile"), None | Some(Value::Null)) {
        offer.gpu_count = count.map(whole_count).transpose()?;
        offer.vram_per_gpu = memory(row)?;
    }
    offer.attributes = Attributes {
        vcpu_millis: json::attribute_whole(row, "ncpus").and_then(|cpus| cpus.checked_mul(1000)),
        ram_mib: json::attribute_whole(row, "ram").map(|bytes| bytes / BYTES_PER_MIB),
        disk_gb: local_disk_gb(row),
        retired: json::optional_bool(row, "end_of_service")?.unwrap_or(false),
        ..Attributes::default()
    };
    Ok(Some(offer))
}

/// The GPU in Scaleway's words; `None` where the type has no `gpu_info`, or one without a name.
fn gpu_name(row: &Value) -> Result<Option<&str>, json::FieldError> {
    match row.get("gpu_info") {
        None | Some(Value::Null) => Ok(None),
        Some(info @ Value::Object(_)) => json::optional_text(info, "gpu_name"),
        other => Err(format!("`gpu_info` is {} where an object is expected", json::kind(other))),
    }
}

/// The API says `P100`, which two boards are called; the documentation says which one RENDER-S has.
/// Source: <https://github.com/scaleway/docs-content> pages/gpu/reference-content/choosing-gpu-instance-type.mdx at
/// 06dae9d ("1x P100 PCIe3"), read 2026-11-25.
fn documented_name(sku: &str, gpu_name: &str) -> Option<&'static str> {
    (sku == "RENDER-S" && gpu_name == "P100").then_some("P100 PCIe")
}

fn whole_count(count: u64) -> Result<GpuCount, json::FieldError> {
    u32::try_from(count).ok().and_then(GpuCount::whole).ok_or_else(|| format!("`gpu` is {count}, which is out of range"))
}

fn memory(row: &Value) -> Result<Option<Vram>, json::FieldError> {
    let Some(info) = row.get("gpu_info") else { return Ok(None) };
    Ok(json::optional_whole(info, "gpu_memory")?.filter(|bytes| *bytes > 0).and_then(Vram::from_bytes))
}

/// Scratch disk, or what local volumes may hold together (RENDER-S). Zero only where both are said to be zero: such a
/// type has block storage alone.
fn local_disk_gb(row: &Value) -> Option<u64> {
    let scratch = json::attribute_whole(row, "scratch_storage_max_size");
    let volumes = row.get("volumes_constraint").and_then(|constraint| json::attribute_whole(constraint, "max_size"));
    let bytes = scratch.max(volumes)?;
    (bytes > 0 || scratch.is_some() && volumes.is_some()).then_some(bytes / BYTES_PER_GB)
}

/// A type that the list of stock lacks, or a word that is not known, is not stated; it is never taken for sold out.
fn availability(row: Option<&Value>) -> Availability {
    match row.and_then(|row| row.get("availability")).and_then(Value::as_str) {
        Some("available") => Availability::Available,
        Some("scarce") => Availability::Low,
        Some("shortage") => Availability::Unavailable,
        _ => Availability::NotStated,
    }
}

#[cfg(test)]
mod tests {
    use gpurate_domain::{GpuMatch, GpuTable, Nanos};
    use serde_json::json;

    use super::*;
    use crate::Request;

    const ZONE: &str = "fr-par-2";

    fn page(list: List, body: &Value) -> Page {
        let request = Request::get(format!("https://api.scaleway.com{}?page=1&per_page=100", list.path(ZONE)));
        Page::in_memory(request, chrono::DateTime::UNIX_EPOCH, Vec::new(), body.to_string().into_bytes())
    }

    fn parse_lists(types: &Value, stock: &Value) -> Result<Parsed, ShapeError> {
        parse(ZONE, &[page(List::Types, &json!({ "servers": types })), page(List::Stock, &json!({ "servers": stock }))])
    }

    /// A type as the API describes it.
    fn row(gpu_name: &str, gpus: u64, gib: u64) -> Value {
        json!({
            "ncpus": 128, "ram": 1_030_792_151_040_u64, "gpu": gpus, "mig_profile": null, "hourly_price": 23.028,
            "gpu_info": {"gpu_manufacturer": "NVIDIA", "gpu_name": gpu_name, "gpu_memory": gib << 30},
            "scratch_storage_max_size": 0, "volumes_constraint": {"min_size": 0, "max_size": 0}, "end_of_service": false
        })
    }

    fn with(mut row: Value, field: &str, value: Value) -> Value {
        row[field] = value;
        row
    }

    /// What becomes of one type.
    fn one(row: Value) -> Result<Option<RawOffer>, String> {
        offer(ZONE, "T", &row)
    }

    #[track_caller]
    fn accepted(row: Value) -> RawOffer {
        one(row).expect("the row is usable").expect("the row has a GPU")
    }

    #[test]
    fn d08_the_price_is_for_the_whole_machine() {
        let offer = accepted(row("H100-SXM", 8, 80));
        let per_hour = offer.price.per_hour(offer.gpu_count).expect("a price");
        assert_eq!((per_hour.nanos, per_hour.currency), (23_028_000_000, Currency::EUR));
        assert_eq!((offer.price.scope, offer.gpu_count), (Scope::Instance, GpuCount::whole(8)));
    }

    #[test]
    fn d24_the_price_is_per_hour_and_sizes_are_read_from_bytes() {
        let mut l4 = with(row("L4", 1, 24), "hourly_price", json!(0.7875));
        l4 = with(l4, "scratch_storage_max_size", json!(3_000_000_000_000_u64));
        let offer = accepted(l4);
        assert_eq!((offer.price.amount, offer.price.period), (Nanos(787_500_000), Period::Hour));
        assert_eq!(offer.vram_per_gpu, Vram::from_marketed_gb(24));
        let attributes = offer.attributes;
        assert_eq!((attributes.vcpu_millis, attributes.ram_mib, attributes.disk_gb), (Some(128_000), Some(960 * 1024), Some(3000)));
    }

    #[test]
    fn local_disk_is_zero_only_where_the_source_says_so() {
        #[track_caller]
        fn check(row: Value, expected: Option<u64>) {
            assert_eq!(local_disk_gb(&row), expected, "{row}");
        }
        check(json!({"scratch_storage_max_size": 0, "volumes_constraint": {"max_size": 0}}), Some(0));
        check(json!({"scratch_storage_max_size": 0, "volumes_constraint": {"max_size": 400_000_000_000_u64}}), Some(400));
        check(json!({"scratch_storage_max_size": 0}), None);
        check(json!({"volumes_constraint": {"max_size": "x"}}), None);
        check(json!({}), None);
    }

    #[test]
    fn d07_a_price_that_is_none_is_rejected() {
        for price in [json!(0), json!(-1), json!("NaN"), json!(null), json!([1]), json!(0.000_000_000_1)] {
            assert!(one(with(row("L4", 1, 24), "hourly_price", price.clone())).is_err(), "{price}");
        }
    }

    #[test]
    fn d12_a_slice_has_no_known_count_and_no_memory_of_a_card() {
        let offer = accepted(with(row("H100-PCIe", 1, 10), "mig_profile", json!("1g.10gb")));
        assert_eq!((offer.gpu_count, offer.vram_per_gpu), (None, None));
    }

    #[test]
    fn a_type_without_gpu_is_no_row_and_one_that_contradicts_itself_is_rejected_or_uncounted() {
        let nothing = json!(null);
        for gpus in [json!(0), nothing.clone()] {
            assert_eq!(one(with(with(row("", 0, 0), "gpu", gpus), "gpu_info", nothing.clone())), Ok(None));
        }
        assert_eq!(one(with(row("L4", 2, 24), "gpu_info", nothing)), Err("`gpu` is 2 and `gpu_info` names no GPU".to_owned()));
        assert_eq!(accepted(with(row("L4", 1, 24), "gpu", json!(null))).gpu_count, None);
        for gpus in [json!(0.5), json!("two"), json!([1]), json!(99_999_999_999_u64)] {
            assert!(one(with(row("L4", 1, 24), "gpu", gpus.clone())).is_err(), "{gpus}");
        }
        assert!(one(json!("L4")).is_err());
    }

    #[test]
    fn d18_every_gpu_that_was_sold_on_2026_08_22_is_known() {
        let table = GpuTable::builtin();
        let sold = [
            ("B300-SXM-8-288G", "B300-SXM", 288, "b300"),
            ("H100-2-80G", "H100-PCIe", 80, "h100-pcie"),
            ("H100-SXM-8-80G", "H100-SXM", 80, "h100-sxm"),
            ("L40S-4-48G", "L40S", 48, "l40s"),
            ("L4-8-24G", "L4", 24, "l4"),
            ("RENDER-S", "P100", 16, "p100-16gb-pcie"),
        ];
        for (sku, gpu_name, gib, slug) in sold {
            let offer = offer(ZONE, sku, &row(gpu_name, 1, gib)).expect("usable").expect("a GPU");
            let names = [Some(&offer.gpu_name), offer.gpu_name_alternative.as_ref()];
            let known = names.into_iter().flatten().find_map(|name| match table.resolve(name, offer.vram_per_gpu) {
                GpuMatch::Known(index) => Some(table.gpu(index).slug.as_str()),
                _ => None,
            });
            assert_eq!(known, Some(slug), "{sku}");
        }
    }

    #[test]
    fn stock_is_found_by_name_and_never_guessed() {
        let types = json!({
            "a": row("L4", 1, 24), "b": row("L4", 1, 24), "c": row("L4", 1, 24), "d": row("L4", 1, 24), "e": row("L4", 1, 24)
        });
        // In another order than the types, and with a type that is not among them.
        let stock = json!({
            "z": {"availability": "available"}, "d": {"availability": "soon"}, "c": {"availability": "shortage"},
            "b": {"availability": "scarce"}, "a": {"availability": "available"}
        });
        let parsed = parse_lists(&types, &stock).expect("the known shape");
        let found: Vec<_> = parsed.offers.iter().map(|offer| offer.availability).collect();
        let (available, low, none, unknown) =
            (Availability::Available, Availability::Low, Availability::Unavailable, Availability::NotStated);
        assert_eq!(found, [available, low, none, unknown, unknown]);
    }

    #[test]
    fn a_zone_with_processors_only_says_so_and_an_empty_list_says_nothing() {
        let processor = with(with(row("", 0, 0), "gpu", json!(0)), "gpu_info", json!(null));
        let parsed = parse_lists(&json!({ "DEV1-S": processor }), &json!({})).expect("the known shape");
        assert!(parsed.empty_is_an_answer && parsed.offers.is_empty() && parsed.rejected.is_empty());
        assert!(!parse_lists(&json!({}), &json!({})).expect("the known shape").empty_is_an_answer);
        let bad = with(row("L4", 1, 24), "hourly_price", json!(0));
        assert!(!parse_lists(&json!({ "L4-1-24G": bad }), &json!({})).expect("the known shape").empty_is_an_answer);
    }

    #[test]
    fn d26_a_renamed_field_does_not_make_the_gpus_or_their_stock_vanish() {
        let renamed = json!({"L4-1-24G": {"gpus": 1, "hourly_price": 0.7875}});
        assert!(parse_lists(&renamed, &json!({})).is_err());
        let stock = json!({"L4-1-24G": {"stock": "available"}});
        assert!(parse_lists(&json!({ "L4-1-24G": row("L4", 1, 24) }), &stock).is_err());
    }

    #[test]
    fn d01_a_page_of_another_zone_is_refused() {
        let foreign = Request::get("https://api.scaleway.com/instance/v1/zones/fr-par-1/products/servers?page=1");
        let page = Page::in_memory(foreign, chrono::DateTime::UNIX_EPOCH, Vec::new(), &br#"{"servers": {}}"#[..]);
        assert!(parse(ZONE, &[page]).is_err());
    }

    #[test]
    fn d14_no_dropped_or_replaced_value_makes_parse_panic() {
        let types = include_str!("samples/basic/types.page1.json");
        let stock = include_str!("samples/basic/stock.page1.json");
        let read = |text: &str| serde_json::from_str::<Value>(text).expect("the sample is JSON")["servers"].clone();
        let basic = json!({"types": read(types), "stock": read(stock)});
        let tried = crate::testing::survives_changes(&basic, |changed| parse_lists(&changed["types"], &changed["stock"]));
        assert!(tried > 500, "{tried}");
    }
}
