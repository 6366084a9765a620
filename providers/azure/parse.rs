//! One row per meter: a size (`armSkuName`) in a region, on demand, spot or low priority, for Linux, Windows or another
//! product. `retailPrice` is a JSON number, US dollars per hour of the whole machine.
//!
//! Linux and Windows rows share `meterName`; only `productName` differs, and some products end in "Srs Win". Spot and
//! Low Priority are words in `meterName` and `skuName`. Reservation rows carry the total of the term under "1 Hour".
//! The list has no stock and no GPU: what a size holds is in `skus.rs`.
//! Source: <https://learn.microsoft.com> rest/api/cost-management/retail-prices/azure-retail-prices, and rows of
//! 2026-09-16 in israelhen153/llm-vram-planner at 8405742.

use std::collections::{BTreeSet, HashSet};

use gpurate_domain::{MarketKind, PriceKind, Quote, RawOffer, RegionCode, Rejected};
use serde_json::Value;

use super::{REGIONS_PART, skus};
use crate::json::FieldError;
use crate::{Page, Parsed, Part, ShapeError, json};

const CURRENCY: &str = "USD";
const UNIT: &str = "1 Hour";

/// Words of `productName` that mark what is no plain Linux machine. "Win" covers "Windows" and "Srs Win".
const OTHER_PRODUCTS: [&str; 4] = [" win", "cloudservices", "cloud services", "dedicated"];

/// Values of `type` that are known not to be pay-as-you-go.
const OTHER_TYPES: [&str; 2] = ["Reservation", "DevTestConsumption"];

pub(super) fn parse(part: &Part, pages: &[Page]) -> Result<Parsed, ShapeError> {
    if part.name == REGIONS_PART { regions(pages) } else { offers(&part.name, pages) }
}

/// The envelope's rows.
///
/// # Errors
/// [`ShapeError`] where there is no list.
pub(super) fn items(answer: &Value) -> Result<&Vec<Value>, ShapeError> {
    json::array(answer, "/Items")
}

/// The number of rows the page says it has; `None` where it says nothing.
///
/// # Errors
/// [`ShapeError`] where something else stands there.
pub(super) fn count(answer: &Value) -> Result<Option<u64>, ShapeError> {
    json::optional_whole(answer, "Count").map_err(|reason| ShapeError::new("/Count", reason))
}

/// A region's code as it may stand in a filter: `eastus2`.
pub(super) fn is_region_code(name: &str) -> bool {
    !name.is_empty() && name.len() <= 40 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn regions(pages: &[Page]) -> Result<Parsed, ShapeError> {
    let mut names = BTreeSet::new();
    let mut parsed = Parsed { empty_is_an_answer: true, ..Parsed::default() };
    for page in pages {
        let answer = page.json()?;
        for (index, row) in items(&answer)?.iter().enumerate() {
            match json::text(row, "armRegionName") {
                Ok(name) if is_region_code(name) => {
                    names.insert(name.to_owned());
                }
                Ok(name) => parsed.rejected.push(Rejected::new(label(row, index), format!("`{}` is no code of a region", short(name)))),
                Err(reason) => parsed.rejected.push(Rejected::new(label(row, index), reason)),
            }
        }
    }
    // The size asked for is sold nearly everywhere: nothing means that it is gone or that the filter reads otherwise.
    if names.is_empty() {
        return Err(ShapeError::new("/Items", "no region sells the size that regions are found by"));
    }
    parsed.discovered_parts = names.into_iter().collect();
    Ok(parsed)
}

fn offers(region: &str, pages: &[Page]) -> Result<Parsed, ShapeError> {
    let mut parsed = Parsed::default();
    let mut seen = HashSet::new();
    let mut is_empty = !pages.is_empty();
    for page in pages {
        let answer = page.json()?;
        let rows = items(&answer)?;
        // Only a whole envelope proves that a region has nothing: the count agrees and the currency is the one asked for.
        is_empty &= rows.is_empty() && count(&answer)? == Some(0) && is_currency(&answer, "BillingCurrency");
        for (index, row) in rows.iter().enumerate() {
            match offer(row, region) {
                // The same meter twice is one offer; two prices of one size both stay, for the gate to quarantine.
                Ok(Some(offer)) => {
                    if seen.insert((offer.sku.clone(), offer.market, offer.price.amount)) {
                        parsed.offers.push(offer);
                    }
                }
                Ok(None) => {}
                Err(reason) => parsed.rejected.push(Rejected::new(label(row, index), reason)),
            }
        }
    }
    parsed.empty_is_an_answer = is_empty;
    Ok(parsed)
}

/// The row's offer; `None` for what is not sold here: other families, Windows, low priority, reservations.
fn offer(row: &Value, region: &str) -> Result<Option<RawOffer>, FieldError> {
    if !row.is_object() {
        return Err(format!("{} stands where a row is expected", json::kind(Some(row))));
    }
    let Some(sku) = json::optional_text(row, "armSkuName")? else {
        return if speaks_of_gpus(row) { Err("`armSkuName` is missing".to_owned()) } else { Ok(None) };
    };
    if !skus::is_gpu_family(sku) || is_other_offer(row)? {
        return Ok(None);
    }
    let market = match market(row)? {
        Some(market) => market,
        None => return Ok(None),
    };
    let found = json::text(row, "armRegionName")?;
    if found != region {
        return Err(format!("row is of region `{}`, asked was `{region}`", short(found)));
    }
    expect_text(row, "unitOfMeasure", UNIT)?;
    expect_text(row, "currencyCode", CURRENCY)?;
    // Steps by volume do not exist for machines: one would be another price than the first hour's.
    if let Some(minimum) = json::optional_decimal(row, "tierMinimumUnits")?
        && minimum.0 != 0
    {
        return Err(format!("`tierMinimumUnits` is `{minimum}` where 0 is expected"));
    }
    let amount = json::decimal(row, "retailPrice")?;
    if !amount.is_positive() {
        return Err(format!("price `{amount}` is not above zero"));
    }
    Ok(Some(of_size(sku, region, market, Quote::usd_per_instance_hour(amount))))
}

fn of_size(sku: &str, region: &str, market: MarketKind, price: Quote) -> RawOffer {
    let size = skus::find(sku);
    // A size the table does not know keeps its own name, and so stays unmapped and visible.
    let gpu_name = size.map_or(sku, |size| size.gpu);
    let mut offer = RawOffer::new(sku, "standard", RegionCode(region.to_owned()), market, gpu_name, price);
    offer.vram_per_gpu = size.and_then(skus::Size::vram_per_gpu);
    offer.vram_usable = size.and_then(skus::Size::vram_usable);
    offer.gpu_count = size.and_then(skus::Size::gpu_count);
    offer.attributes.retired = skus::is_retired(sku);
    if market == MarketKind::Spot {
        offer.price_kind = PriceKind::Market;
    }
    offer
}

/// Another service, a reservation, or a product that is not a plain Linux machine. A row that does not say what it is
/// is no offer: its price may hold a licence or a year.
fn is_other_offer(row: &Value) -> Result<bool, FieldError> {
    if json::optional_text(row, "serviceName")?.is_some_and(|service| service != "Virtual Machines") {
        return Ok(true);
    }
    let kind = json::text(row, "type")?;
    if OTHER_TYPES.contains(&kind) || json::optional_text(row, "reservationTerm")?.is_some() {
        return Ok(true);
    }
    if kind != "Consumption" {
        return Err(format!("`type` is `{}`, which is not known", short(kind)));
    }
    let product = json::text(row, "productName")?.to_ascii_lowercase();
    Ok(OTHER_PRODUCTS.iter().any(|word| product.contains(word)))
}

/// On demand or spot; `None` for low priority, which is sold to one service only.
fn market(row: &Value) -> Result<Option<MarketKind>, FieldError> {
    let names = [json::optional_text(row, "meterName")?, json::optional_text(row, "skuName")?];
    let names: Vec<_> = names.into_iter().flatten().map(str::to_ascii_lowercase).collect();
    if names.is_empty() {
        return Err("`meterName` and `skuName` are missing: on demand and spot cannot be told apart".to_owned());
    }
    if names.iter().any(|name| name.contains("low priority")) {
        return Ok(None);
    }
    let is_spot = names.iter().any(|name| name.contains("spot"));
    Ok(Some(if is_spot { MarketKind::Spot } else { MarketKind::OnDemand }))
}

/// Whether a row without a size is about a GPU family: a word such as `NDsr` or `NC6` in its names.
fn speaks_of_gpus(row: &Value) -> bool {
    let is_family = |word: &str| word.starts_with('N') && word[1..].starts_with(|second: char| second.is_ascii_uppercase());
    ["productName", "meterName", "skuName"]
        .iter()
        .filter_map(|field| row.get(*field).and_then(Value::as_str))
        .any(|name| name.split_whitespace().any(is_family))
}

fn expect_text(row: &Value, field: &str, expected: &str) -> Result<(), FieldError> {
    let found = json::text(row, field)?;
    if found == expected { Ok(()) } else { Err(format!("`{field}` is `{}` where `{expected}` is expected", short(found))) }
}

fn is_currency(answer: &Value, field: &str) -> bool {
    answer.get(field).and_then(Value::as_str) == Some(CURRENCY)
}

fn label(row: &Value, index: usize) -> String {
    let sku = row.get("armSkuName").and_then(Value::as_str).filter(|sku| !sku.trim().is_empty());
    sku.map_or_else(|| format!("/Items/{index}"), short)
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use gpurate_domain::Availability;
    use serde_json::json;

    use super::*;
    use crate::Request;

    const BASIC: &str = include_str!("samples/basic/page1.json");

    fn page(answer: &Value) -> Page {
        let request = Request::get("https://prices.azure.com/api/retail/prices");
        Page::in_memory(request, DateTime::<Utc>::UNIX_EPOCH, Vec::new(), answer.to_string().into_bytes())
    }

    fn envelope(rows: &[Value]) -> Value {
        json!({"BillingCurrency": "USD", "Items": rows, "NextPageLink": null, "Count": rows.len()})
    }

    fn read(rows: &[Value]) -> Parsed {
        parse(&Part::new("eastus"), &[page(&envelope(rows))]).expect("a list of rows")
    }

    fn row(meter: &str, product: &str, price: f64) -> Value {
        json!({
            "armRegionName": "eastus", "armSkuName": "Standard_ND96isr_H100_v5", "meterName": meter, "productName": product,
            "type": "Consumption", "unitOfMeasure": "1 Hour", "currencyCode": "USD", "retailPrice": price
        })
    }

    fn with(mut row: Value, field: &str, value: Value) -> Value {
        row[field] = value;
        row
    }

    const LINUX: &str = "Virtual Machines NDsr H100 v5 Series";

    #[test]
    fn only_plain_linux_machines_are_kept_though_windows_shares_the_meter() {
        for product in [
            "Virtual Machines NDsr H100 v5 Series Windows",
            "Virtual Machines NDsr H100 v5 Srs Win",
            "NDsr H100 v5 Series CloudServices",
            "NDsr H100 v5 Series Cloud Services",
            "Virtual Machines NDsr H100 v5 Series Dedicated Host",
        ] {
            let parsed = read(&[row("ND96isrH100v5", product, 102.736)]);
            assert!(parsed.offers.is_empty() && parsed.rejected.is_empty(), "{product}");
        }
        assert_eq!(read(&[row("ND96isrH100v5", LINUX, 98.32)]).offers.len(), 1);
    }

    #[test]
    fn low_priority_and_terms_are_left_out_without_complaint() {
        let plain = row("ND96isrH100v5", LINUX, 98.32);
        for other in [
            row("ND96isrH100v5 Low Priority", LINUX, 39.0),
            with(plain.clone(), "skuName", json!("ND96isr_H100_v5 Low Priority")),
            with(plain.clone(), "type", json!("Reservation")),
            with(plain.clone(), "type", json!("DevTestConsumption")),
            with(plain.clone(), "reservationTerm", json!("1 Year")),
            with(plain.clone(), "serviceName", json!("Azure Machine Learning")),
            with(plain.clone(), "armSkuName", json!("Standard_D2s_v5")),
            with(plain.clone(), "armSkuName", Value::Null),
        ] {
            let parsed = read(std::slice::from_ref(&other));
            assert!(parsed.offers.is_empty(), "{other}");
            // Only the row without a size is a complaint, for its product is one of GPUs.
            assert_eq!(parsed.rejected.len(), usize::from(other["armSkuName"].is_null()), "{other}");
        }
    }

    #[test]
    fn d31_spot_is_told_by_either_name_and_never_priced_as_on_demand() {
        let by_meter = read(&[row("ND96isrH100v5 Spot", LINUX, 18.169536)]);
        let by_sku = read(&[with(row("ND96isrH100v5", LINUX, 18.169536), "skuName", json!("ND96isrH100v5 Spot"))]);
        for parsed in [by_meter, by_sku] {
            let offer = &parsed.offers[0];
            assert_eq!((offer.market, offer.price_kind), (MarketKind::Spot, PriceKind::Market));
            assert_eq!(offer.availability, Availability::NotStated);
        }
    }

    #[test]
    fn d26_a_renamed_spot_makes_two_prices_of_one_key_not_a_silent_loss() {
        let parsed = read(&[row("ND96isrH100v5", LINUX, 98.32), row("ND96isrH100v5 Surplus", LINUX, 18.169536)]);
        assert_eq!(parsed.offers.len(), 2);
        assert!(parsed.offers.iter().all(|offer| offer.market == MarketKind::OnDemand));
    }

    #[test]
    fn d19_the_same_price_twice_is_one_offer_and_two_prices_are_two() {
        let plain = row("ND96isrH100v5", LINUX, 98.32);
        assert_eq!(read(&[plain.clone(), plain.clone()]).offers.len(), 1);
        assert_eq!(read(&[plain, row("ND96isrH100v5", LINUX, 99.0)]).offers.len(), 2);
    }

    #[test]
    fn d10_d23_an_unknown_size_stays_unmapped_under_its_own_name() {
        let parsed = read(&[with(row("x", LINUX, 1.0), "armSkuName", json!("Standard_ND128isr_B200_v6"))]);
        let offer = &parsed.offers[0];
        assert_eq!((offer.gpu_name.as_str(), offer.gpu_count), ("Standard_ND128isr_B200_v6", None));
    }

    #[test]
    fn d01_rows_of_another_region_are_refused() {
        let parsed = parse(&Part::new("westeurope"), &[page(&envelope(&[row("ND96isrH100v5", LINUX, 98.32)]))]).expect("a list");
        assert!(parsed.offers.is_empty());
        assert_eq!(parsed.rejected[0].reason, "row is of region `eastus`, asked was `westeurope`");
    }

    #[test]
    fn d07_a_price_that_is_none_is_rejected() {
        for price in [json!(0), json!(-1.5), json!("NaN"), Value::Null, json!(1e-12), json!([98.32])] {
            let parsed = read(&[with(row("ND96isrH100v5", LINUX, 98.32), "retailPrice", price.clone())]);
            assert!(parsed.offers.is_empty() && parsed.rejected.len() == 1, "{price}");
        }
    }

    #[test]
    fn d35_only_a_whole_empty_envelope_says_that_nothing_is_sold() {
        let empty = |answer: Value| parse(&Part::new("austriaeast"), &[page(&answer)]).map(|parsed| parsed.empty_is_an_answer);
        assert_eq!(empty(envelope(&[])), Ok(true));
        assert_eq!(empty(json!({"Items": []})), Ok(false));
        assert_eq!(empty(json!({"BillingCurrency": "EUR", "Count": 0, "Items": []})), Ok(false));
        assert_eq!(empty(envelope(&[row("ND96isrH100v5", LINUX, 98.32)])), Ok(false));
        assert!(empty(json!({"Error": {"Code": "BadRequest"}})).is_err());
        assert_eq!(parse(&Part::new("austriaeast"), &[]).map(|parsed| parsed.empty_is_an_answer), Ok(false));
    }

    #[test]
    fn d14_no_damaged_field_panics_or_gives_a_price_of_nothing() {
        let answer: Value = serde_json::from_str(BASIC).expect("the sample is JSON");
        let replacements = [Value::Null, json!(""), json!("é"), json!(7), json!(-1e30), json!([]), json!({}), json!(true)];
        let check = |answer: &Value| {
            for part in ["eastus", REGIONS_PART] {
                if let Ok(parsed) = parse(&Part::new(part), &[page(answer)]) {
                    assert!(parsed.offers.iter().all(|offer| offer.price.amount.is_positive()));
                }
            }
        };
        for row in items(&answer).expect("rows") {
            let fields: Vec<_> = row.as_object().expect("a row").keys().cloned().collect();
            for field in &fields {
                let mut without = row.clone();
                without.as_object_mut().expect("a row").remove(field);
                check(&envelope(&[without]));
                for replacement in &replacements {
                    check(&envelope(&[with(row.clone(), field, replacement.clone())]));
                }
            }
        }
        for field in ["BillingCurrency", "Items", "NextPageLink", "Count"] {
            for replacement in &replacements {
                check(&with(answer.clone(), field, replacement.clone()));
            }
        }
        for replacement in &replacements {
            check(replacement);
            check(&envelope(std::slice::from_ref(replacement)));
        }
    }
}
