use gpurate_domain::{Availability, GpuCount};
use serde_json::json;

use super::*;
use crate::Request;
use crate::testing::survives_changes;

const BASIC: &str = include_str!("samples/basic/us-east-1.json");
const FEED: &str = include_str!("samples/spot/spot.json");
const MACHINES: &str = include_str!("samples/spot/advisor.json");
const VIRGINIA: &str = "US East (N. Virginia)";

fn page_at(url: &str, body: &str, received_at: &str) -> Page {
    let received_at = received_at.parse().expect("a time");
    Page::in_memory(Request::get(url), received_at, Vec::new(), body.as_bytes())
}

fn page(url: &str, body: &str) -> Page {
    page_at(url, body, "2026-10-09T00:00:00Z")
}

fn read_list(answer: &Value) -> Result<Parsed, ShapeError> {
    on_demand("us-east-1", &[page(&list_url(VIRGINIA), &answer.to_string())])
}

fn read_rows(rows: &[Value]) -> Parsed {
    let rows: serde_json::Map<_, _> = rows.iter().enumerate().map(|(index, row)| (format!("row {index}"), row.clone())).collect();
    read_list(&json!({"regions": {VIRGINIA: rows}})).expect("a list of rows")
}

fn row(name: &str, price: &str) -> Value {
    json!({"Instance Type": name, "Operating System": "Linux", "Location": VIRGINIA, "price": price})
}

fn with(mut row: Value, field: &str, value: Value) -> Value {
    row[field] = value;
    row
}

fn read_feed(feed: &Value) -> Result<Parsed, ShapeError> {
    // The order of pages means nothing.
    spot(&[page(ADVISOR, MACHINES), page(SPOT, &feed.to_string())])
}

fn feed_of(region: &str, size: &Value) -> Value {
    json!({"config": {"rate": "perhr", "regions": [{"region": region, "instanceTypes": [{"type": "gpu", "sizes": [size]}]}]}})
}

fn size(name: &str, price: &Value) -> Value {
    json!({"size": name, "valueColumns": [{"name": "mswin", "prices": {"USD": "99"}}, {"name": "linux", "prices": {"USD": price}}]})
}

#[test]
fn the_type_is_its_field_and_never_the_key() {
    let parsed = read_rows(&[row("g5.xlarge", "1.0060000000")]);
    let [offer] = parsed.offers.as_slice() else { panic!("{parsed:?}") };
    assert_eq!((offer.sku.as_str(), offer.region.0.as_str(), offer.gpu_name.as_str()), ("g5.xlarge", "us-east-1", "A10G"));
    assert_eq!((offer.market, offer.availability), (MarketKind::OnDemand, Availability::NotStated));
    assert_eq!(offer.price, Quote::usd_per_instance_hour(Nanos(1_006_000_000)));
}

#[test]
fn d07_a_price_that_is_none_is_rejected() {
    for price in [json!("0.0000000000"), json!("-1"), json!("N/A"), json!("NaN"), Value::Null, json!("1e-12"), json!([1]), json!({})] {
        let parsed = read_rows(&[with(row("g5.xlarge", "1"), "price", price.clone())]);
        assert!(parsed.offers.is_empty() && parsed.rejected.len() == 1 && !parsed.empty_is_an_answer, "{price}");
    }
}

#[test]
fn what_is_sold_in_blocks_of_days_is_no_offer_on_demand() {
    let names = ["p5e.48xlarge", "p6e-gb200.36xlarge", "p6e-gb300.36xlarge", "p5en.48xlarge", "p6-b200.48xlarge"];
    let parsed = read_rows(&names.map(|name| row(name, "41.61")));
    assert_eq!(parsed.offers.iter().map(|offer| offer.sku.as_str()).collect::<Vec<_>>(), ["p5en.48xlarge", "p6-b200.48xlarge"]);
    let reason = "sold as Capacity Blocks of days ahead: the listed price cannot be launched on demand";
    assert_eq!(parsed.rejected, names[..3].iter().map(|name| Rejected::new(*name, reason)).collect::<Vec<_>>());
}

#[test]
fn d10_d23_an_unknown_type_stays_unmapped_under_its_own_name() {
    let parsed = read_rows(&[row("p7.48xlarge", "200")]);
    let offer = &parsed.offers[0];
    assert_eq!((offer.gpu_name.as_str(), offer.gpu_count, offer.vram_per_gpu), ("p7.48xlarge", None, None));
}

#[test]
fn d12_a_share_of_a_card_is_a_ratio_with_its_own_memory() {
    let parsed = read_rows(&[row("g6f.xlarge", "0.24")]);
    let offer = &parsed.offers[0];
    assert_eq!(offer.gpu_count, GpuCount::ratio(1, 8));
    assert_eq!((offer.vram_per_gpu.map(|vram| vram.mib), offer.vram_usable.map(|vram| vram.mib)), (Some(24 * 1024), Some(3 * 1024)));
}

#[test]
fn d19_the_same_price_twice_is_one_offer_and_two_prices_are_two() {
    assert_eq!(read_rows(&[row("g5.xlarge", "1.006"), row("g5.xlarge", "1.0060")]).offers.len(), 1);
    assert_eq!(read_rows(&[row("g5.xlarge", "1.006"), row("g5.xlarge", "1.1")]).offers.len(), 2);
}

#[test]
fn d35_only_a_list_with_other_types_says_that_a_region_has_no_gpus() {
    assert!(read_rows(&[row("m7g.large", "0.08")]).empty_is_an_answer);
    assert!(!read_rows(&[]).empty_is_an_answer);
    assert!(!read_rows(&[row("m7g.large", "0.08"), json!({"instanceType": "g5.xlarge"})]).empty_is_an_answer);
    assert!(!read_rows(&[row("m7g.large", "0.08"), row("g5.xlarge", "1")]).empty_is_an_answer);
}

#[test]
fn d01_a_list_of_another_region_is_refused() {
    let ohio = page(&list_url("US East (Ohio)"), BASIC);
    assert!(on_demand("us-east-1", std::slice::from_ref(&ohio)).is_err());
    assert!(on_demand("us-east-2", &[ohio]).is_err(), "the address is Ohio's, the rows are Virginia's");
    assert!(on_demand("us-east-1", &[]).is_err());
    let both = json!({"regions": {VIRGINIA: {"a": row("g5.xlarge", "1")}, "US East (Ohio)": {"a": row("g5.xlarge", "2")}}});
    let parsed = read_list(&both).expect("the region asked for is there");
    assert_eq!((parsed.offers.len(), parsed.rejected.len()), (1, 1));
}

#[test]
fn d29_a_list_of_a_region_that_is_not_known_here_is_read_by_the_directory_beside_it() {
    let directory = json!({"x": {"name": "Europe (Oslo)", "code": "eu-north-2", "type": "AWS Region"}});
    let list = json!({"regions": {"Europe (Oslo)": {"a": {"Instance Type": "g6.xlarge", "price": "0.9"}}}});
    let pages = [page(&list_url("Europe (Oslo)"), &list.to_string()), page(DIRECTORY, &directory.to_string())];
    let parsed = on_demand("eu-north-2", &pages).expect("a list");
    assert_eq!(parsed.offers[0].region.0, "eu-north-2");
    assert!(on_demand("eu-north-3", &pages).is_err());
}

#[test]
fn another_currency_or_unit_is_a_lost_shape() {
    let mut list: Value = serde_json::from_str(BASIC).expect("the sample is JSON");
    list["manifest"]["currencyCode"] = json!("CNY");
    assert!(read_list(&list).is_err());
    for rate in [json!("permo"), json!(1)] {
        assert!(read_feed(&json!({"config": {"rate": rate, "regions": []}})).is_err());
    }
    assert!(read_feed(&json!({"config": {"regions": []}})).is_ok());
}

#[test]
fn d36_a_list_that_no_longer_moves_keeps_its_own_date() {
    let list = json!({"manifest": {"hawkFilePublicationDate": "2026-09-25T17:45:21Z"}, "regions": {VIRGINIA: {}}}).to_string();
    let dated =
        |received_at| on_demand("us-east-1", &[page_at(&list_url(VIRGINIA), &list, received_at)]).map(|parsed| parsed.source_dated_at);
    // A list that is nine days old is what Amazon showed on that day, not a price of nine days ago.
    assert_eq!(dated("2026-10-04T12:00:00Z"), Ok(None));
    assert_eq!(dated("2026-09-25T00:00:00Z"), Ok(None));
    assert_eq!(dated("2027-06-01T00:00:00Z"), Ok("2026-09-25T17:45:21Z".parse().ok()));
}

#[test]
fn d24_sizes_are_read_with_their_units() {
    let read = |memory: &str, storage: &str| {
        let full = with(with(with(row("g5.xlarge", "1"), "Memory", json!(memory)), "Storage", json!(storage)), "vCPU", json!("4"));
        let attributes = read_rows(&[full]).offers[0].attributes.clone();
        assert_eq!(attributes.vcpu_millis, Some(4000));
        (attributes.ram_mib, attributes.disk_gb)
    };
    assert_eq!(read("16 GiB", "1 x 250 GB NVMe SSD"), (Some(16_384), Some(250)));
    assert_eq!(read("1,952 GiB", "8 x 7500 NVMe SSD"), (Some(1_998_848), Some(60_000)));
    assert_eq!(read("30.5 GiB", "900 GB NVMe SSD"), (Some(31_232), Some(900)));
    assert_eq!(read("2 TiB", "EBS only"), (None, None));
    assert_eq!(read("-1 GiB", "99999999999 x 99999999999 GB"), (None, None));
}

#[test]
fn d07_in_the_spot_feed_zero_and_not_available_are_no_offers() {
    for price in [json!("0"), json!("0.0000"), json!("N/A*"), json!("N/A"), json!(0)] {
        let parsed = read_feed(&feed_of("us-east-1", &size("g5.xlarge", &price))).expect("a feed");
        assert!(parsed.offers.is_empty() && parsed.rejected.is_empty() && !parsed.empty_is_an_answer, "{price}");
    }
    for price in [json!("-0.1"), json!("soon"), Value::Null, json!([]), json!("1e-12")] {
        let parsed = read_feed(&feed_of("us-east-1", &size("g5.xlarge", &price))).expect("a feed");
        // Too small for a nano-dollar reads as zero.
        assert!(parsed.offers.is_empty() && parsed.rejected.len() == usize::from(price != json!("1e-12")), "{price}");
    }
}

#[test]
fn d31_the_column_of_linux_is_found_by_name_and_no_other_stands_in() {
    let parsed = read_feed(&feed_of("us-east-1", &size("g5.xlarge", &json!("0.45")))).expect("a feed");
    let offer = &parsed.offers[0];
    assert_eq!((offer.market, offer.price_kind, offer.price.amount), (MarketKind::Spot, PriceKind::Market, Nanos(450_000_000)));
    let windows = json!({"size": "g5.xlarge", "valueColumns": [{"name": "mswin", "prices": {"USD": "1"}}]});
    let parsed = read_feed(&feed_of("us-east-1", &windows)).expect("a feed");
    assert_eq!((parsed.offers.len(), parsed.rejected[0].reason.as_str()), (0, "us-east-1: the column `linux` is missing"));
}

#[test]
fn d30_a_local_zone_keeps_its_own_code_and_is_no_part() {
    let parsed = read_feed(&feed_of("us-east-1-atl-1", &size("g5.xlarge", &json!("0.6")))).expect("a feed");
    assert_eq!(parsed.offers[0].region.0, "us-east-1-atl-1");
    assert!(parsed.discovered_parts.is_empty());
}

#[test]
fn d29_regions_of_the_feed_become_parts_and_old_names_are_todays() {
    let parsed = read_feed(&feed_of("eu-north-2", &size("g5.xlarge", &json!("0.6")))).expect("a feed");
    assert_eq!(parsed.discovered_parts, ["eu-north-2"]);
    let parsed = read_feed(&feed_of("apac-tokyo", &size("g5.xlarge", &json!("0.6")))).expect("a feed");
    assert_eq!((parsed.offers[0].region.0.as_str(), parsed.discovered_parts), ("ap-northeast-1", vec!["ap-northeast-1".to_owned()]));
}

#[test]
fn the_advisor_gives_attributes_and_its_loss_costs_no_price() {
    let feed = feed_of("us-east-1", &size("g5.xlarge", &json!("0.45")));
    let parsed = read_feed(&feed).expect("a feed");
    let attributes = &parsed.offers[0].attributes;
    assert_eq!((attributes.vcpu_millis, attributes.ram_mib), (Some(4000), Some(16_384)));
    // A band of interruption is no score of reliability.
    assert_eq!(attributes.reliability, None);
    for advisor in ["<html>", "{}", "{\"instance_types\": []}", ""] {
        let parsed = spot(&[page(SPOT, &feed.to_string()), page(ADVISOR, advisor)]).expect("a feed");
        assert_eq!((parsed.offers.len(), parsed.rejected.len()), (1, 1), "{advisor}");
        assert_eq!(parsed.offers[0].attributes, Attributes::default());
    }
    assert!(spot(&[page(ADVISOR, MACHINES)]).is_err(), "the advisor alone is no feed");
}

#[test]
fn retired_families_keep_their_prices_and_say_so() {
    assert!(read_rows(&[row("p3.2xlarge", "3.06")]).offers[0].attributes.retired);
    assert!(!read_rows(&[row("p4d.24xlarge", "21.957642")]).offers[0].attributes.retired);
    let parsed = read_feed(&feed_of("us-east-1", &size("p3.2xlarge", &json!("1.2")))).expect("a feed");
    let attributes = &parsed.offers[0].attributes;
    assert_eq!((attributes.retired, attributes.vcpu_millis), (true, Some(8000)));
}

#[test]
fn d14_no_dropped_or_replaced_value_makes_parse_panic() {
    let json = |text: &str| serde_json::from_str::<Value>(text).expect("the sample is JSON");
    let (mut list, feed, machines) = (json(BASIC), json(FEED), json(MACHINES));
    // The rows have the same fields; four of them keep the test short.
    let rows = list.pointer_mut(&format!("/regions/{VIRGINIA}")).and_then(Value::as_object_mut).expect("the sample has rows");
    let some: Vec<_> = rows.keys().take(4).cloned().collect();
    rows.retain(|key, _| some.contains(key));
    assert!(survives_changes(&list, read_list) > 300);
    assert!(survives_changes(&feed, read_feed) > 500);
    let read_machines = |machines: &Value| spot(&[page(SPOT, FEED), page(ADVISOR, &machines.to_string())]);
    assert!(survives_changes(&machines, read_machines) > 100);
}
