//! A shape (`shapes.json`) names the part it is sold by; the price list has that part's price. `GPU Per Hour` is US dollars
//! per GPU and hour with processors and memory included, so a node costs its number of GPUs times that.
//!
//! Names in the price list are untidy and some name no card ("Bare Metal GPU Standard - X7"), and rows that are no machine
//! have the same unit (NVIDIA AI Enterprise licences, Compute Cloud@Customer): only the part number joins, and a price
//! that no shape is sold by is no offer. `lastUpdated` is when the list last changed, weeks ago at times, so it says
//! nothing about its age. Preemptible machines cost half, always; there are none of bare metal, whatever the flag says.
//! Older copies of the shapes lack `gpuQty` and have the number of GPUs as quantity of OCPUs and the GPUs' memory as the
//! machine's.
//! Source: the answers described in README.md, read 2026-11-22.

use std::collections::BTreeMap;

use gpurate_domain::{Attributes, GpuCount, MarketKind, Nanos, Quote, RawOffer, RegionCode, Rejected};
use serde_json::Value;

use super::Document;
use super::shapes::{self, Machine, ShapeName};
use crate::json::FieldError;
use crate::{Page, Parsed, ShapeError, json};

const UNIT: &str = "GPU Per Hour";
const CURRENCY: &str = "USD";
const MODEL: &str = "PAY_AS_YOU_GO";
const GB_PER_TB: i64 = 1000;

pub(super) fn parse(pages: &[Page]) -> Result<Parsed, ShapeError> {
    let mut prices = Vec::new();
    let mut shapes = Vec::new();
    for page in pages {
        let document =
            Document::asked_by(&page.request).ok_or_else(|| ShapeError::new("", "a page answers a question that was not asked"))?;
        let mut answer = page.json()?;
        json::array(&answer, "/items")?;
        if let Some(Value::Array(rows)) = answer.pointer_mut("/items").map(Value::take) {
            match document {
                Document::Prices => prices.extend(rows),
                Document::Shapes => shapes.extend(rows),
            }
        }
    }
    if !prices.iter().any(|row| row.get("metricName").and_then(Value::as_str) == Some(UNIT)) {
        return Err(ShapeError::new("/items/*/metricName", format!("nothing in the price list is priced `{UNIT}`")));
    }
    // A renamed field must not make every shape look like one without GPUs.
    if !shapes.iter().any(is_of_gpus) {
        return Err(ShapeError::new("/items/*/subType", "no shape of the estimator has GPUs"));
    }
    let prices = PriceList::read(&prices);
    let mut parsed = Parsed::default();
    for (index, row) in shapes.iter().enumerate() {
        match offers(row, &prices) {
            Ok(offers) => parsed.offers.extend(offers),
            Err(reason) => {
                let name = row.get("name").and_then(Value::as_str).map(|name| short(ShapeName::read(name).plain));
                parsed.rejected.push(Rejected::new(name.unwrap_or_else(|| format!("/items/{index}")), reason));
            }
        }
    }
    Ok(parsed)
}

/// The rows of the price list by part number. A part may stand there twice.
struct PriceList<'a>(BTreeMap<&'a str, Vec<&'a Value>>);

impl<'a> PriceList<'a> {
    fn read(rows: &'a [Value]) -> Self {
        let mut by_part: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
        for row in rows {
            if let Some(part) = row.get("partNumber").and_then(Value::as_str) {
                by_part.entry(part.trim()).or_default().push(row);
            }
        }
        Self(by_part)
    }

    /// Dollars per GPU and hour of a part.
    fn per_gpu_hour(&self, part: &str) -> Result<Nanos, FieldError> {
        let rows = self.0.get(part).ok_or_else(|| format!("the price list has no part `{}`", short(part)))?;
        let prices = rows.iter().map(|row| price(row)).collect::<Result<Vec<_>, _>>();
        let prices = prices.map_err(|reason| format!("part `{}`: {reason}", short(part)))?;
        match prices.as_slice() {
            [first, rest @ ..] if rest.iter().all(|other| other == first) => Ok(*first),
            _ => Err(format!("the price list has part `{}` at two prices", short(part))),
        }
    }
}

fn price(row: &Value) -> Result<Nanos, FieldError> {
    let unit = json::text(row, "metricName")?;
    if unit != UNIT {
        return Err(format!("priced `{}` where `{UNIT}` is expected", short(unit)));
    }
    let in_dollars =
        list(row, "currencyCodeLocalizations").filter(|entry| entry.get("currencyCode").and_then(Value::as_str) == Some(CURRENCY));
    let mut found = Vec::new();
    for entry in in_dollars {
        // What is not pay as you go is a commitment.
        for price in list(entry, "prices").filter(|price| price.get("model").and_then(Value::as_str) == Some(MODEL)) {
            found.push(json::decimal(price, "value")?);
        }
    }
    match found.as_slice() {
        [] => Err(format!("no `{MODEL}` price in {CURRENCY}")),
        [price] if price.is_positive() => Ok(*price),
        [price] => Err(format!("price `{price}` is not above zero")),
        // Steps by volume do not exist for machines.
        prices => Err(format!("{} prices where one is expected", prices.len())),
    }
}

/// How a machine is built, which decides what may be bought and what its bill says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Build {
    Virtual,
    BareMetal,
}

impl Build {
    fn read(row: &Value, plain_name: &str) -> Result<Self, FieldError> {
        let word = value_of(row, "shapeType").or_else(|| plain_name.split('.').next()).unwrap_or_default();
        match word.to_ascii_lowercase().as_str() {
            "vm" => Ok(Self::Virtual),
            "bm" => Ok(Self::BareMetal),
            _ => Err(format!("`shapeType` is `{}`, which is not known", short(word))),
        }
    }

    const fn tier(self) -> &'static str {
        match self {
            Self::Virtual => "standard",
            Self::BareMetal => "bare_metal",
        }
    }
}

/// What a shape is sold as: nothing, on demand, or preemptible too.
fn offers(row: &Value, prices: &PriceList<'_>) -> Result<Vec<RawOffer>, FieldError> {
    if !row.is_object() {
        return Err(format!("{} stands where a shape is expected", json::kind(Some(row))));
    }
    if !is_of_gpus(row) || !is_on_sale(row)? {
        return Ok(Vec::new());
    }
    let name = ShapeName::read(json::text(row, "name")?);
    let build = Build::read(row, name.plain)?;
    let count = gpu_count(row, &name)?;
    let price = prices.per_gpu_hour(part_number(row)?)?;

    let card = name.card.and_then(shapes::find);
    let gpu_name = card.map_or_else(|| name.card.unwrap_or(name.plain), |card| card.gpu);
    let price = Quote::usd_per_gpu_hour(price);
    let mut offer = RawOffer::new(name.plain, build.tier(), RegionCode::global(), MarketKind::OnDemand, gpu_name, price);
    offer.gpu_name_alternative = card.and_then(|card| card.alternative).map(str::to_owned);
    offer.vram_per_gpu = card.map(shapes::Card::vram);
    offer.gpu_count = Some(count);
    offer.attributes = attributes(row, &name);

    let preemptible = build == Build::Virtual && json::optional_bool(row, "allowPreemptible")?.unwrap_or(false);
    let spot = preemptible.then(|| RawOffer {
        market: MarketKind::Spot,
        provider_term: Some("preemptible"),
        price: Quote { amount: half(price.amount), ..price },
        ..offer.clone()
    });
    Ok([offer].into_iter().chain(spot).collect())
}

/// Half of an amount, rounded half up to a nano-dollar.
const fn half(amount: Nanos) -> Nanos {
    Nanos(amount.0 / 2 + amount.0 % 2)
}

/// By its type, or by its name: `subType` is not in every copy.
fn is_of_gpus(row: &Value) -> bool {
    value_of(row, "subType") == Some("gpu")
        || row.get("name").and_then(Value::as_str).is_some_and(|name| ShapeName::read(name).is_of_gpus())
}

fn is_on_sale(row: &Value) -> Result<bool, FieldError> {
    let active = json::optional_text(row, "status")?.is_none_or(|status| status == "ACTIVE");
    Ok(active && !json::optional_bool(row, "hidden")?.unwrap_or(false))
}

/// What the estimator states, the number at the end of the name, and in older copies the description ("8x NVIDIA ...").
/// The price is per GPU: where two of them disagree, the node's price would be wrong by a factor.
fn gpu_count(row: &Value, name: &ShapeName<'_>) -> Result<GpuCount, FieldError> {
    let stated = json::optional_whole(row, "gpuQty")?.filter(|count| *count > 0);
    let described = || {
        let text = row.get("description")?.as_str()?;
        text.split_once('x')?.0.trim().parse::<u64>().ok()
    };
    let (field, other) = if stated.is_some() { ("gpuQty", stated) } else { ("description", described()) };
    let count = match (other, name.count.map(u64::from)) {
        (Some(a), Some(b)) if a != b => return Err(format!("`{field}` says {a} GPUs and the name {b}")),
        (Some(count), _) | (None, Some(count)) => count,
        (None, None) => return Err("the number of GPUs is not said, and the price is per GPU".to_owned()),
    };
    u32::try_from(count).ok().and_then(GpuCount::whole).ok_or_else(|| format!("{count} GPUs are out of range"))
}

/// The part that a shape's processors, and so its GPUs, are sold by.
fn part_number(row: &Value) -> Result<&str, FieldError> {
    let mut parts = list(row, "products").filter(|product| value_of(product, "type") == Some("ocpu"));
    let product = parts.next().ok_or("`products` names no part of type `ocpu`")?;
    let part = json::text(product, "partNumber")?;
    if parts.any(|other| other.get("partNumber").and_then(Value::as_str).map(str::trim) != Some(part)) {
        return Err("`products` names two parts of type `ocpu`".to_owned());
    }
    Ok(part)
}

fn attributes(row: &Value, name: &ShapeName<'_>) -> Attributes {
    // Where `gpuQty` is missing the copy is an old one, whose quantities are those of the GPUs.
    let stated = row.get("gpuQty").is_some_and(Value::is_number).then(|| {
        let product = list(row, "products").find(|product| value_of(product, "type") == Some("ocpu"));
        let ocpus = product.and_then(|product| json::attribute_whole(product, "qty"));
        // "arm" in `processorType` is the Ampere of A10 and A100 mistaken for the processor of that name: only Grace is Arm.
        let vcpus_per_ocpu = if name.card.is_some_and(|card| card.starts_with("GB")) { 1 } else { 2 };
        (ocpus.and_then(|ocpus| ocpus.checked_mul(vcpus_per_ocpu)), json::attribute_whole(row, "bundleMemoryQty"))
    });
    let known = shapes::machine(name.plain).map(|Machine { vcpus, ram_gib }| (Some(vcpus), Some(ram_gib)));
    let (vcpus, ram_gib) = known.or(stated).unwrap_or_default();
    let above_zero = |number: Option<u64>| number.filter(|number| *number > 0);
    Attributes {
        vcpu_millis: above_zero(vcpus).and_then(|vcpus| vcpus.checked_mul(1000)),
        ram_mib: above_zero(ram_gib).and_then(|gib| gib.checked_mul(1024)),
        disk_gb: row.get("localDisk").and_then(Value::as_str).and_then(local_disk_gb),
        ..Attributes::default()
    }
}

/// `27.2 TB NVMe SSD (4 drives)`; zero for `Block storage only`, which costs extra. A choice ("6.8 or 13.6 TB") is none.
fn local_disk_gb(text: &str) -> Option<u64> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("block storage only") {
        return Some(0);
    }
    let (number, unit) = text.split_once(' ')?;
    if !unit.starts_with("TB") {
        return None;
    }
    let terabytes: Nanos = number.parse().ok()?;
    u64::try_from(terabytes.0 / (gpurate_domain::money::NANOS_PER_UNIT / GB_PER_TB)).ok()
}

/// The entries of a list; none where something else stands there.
fn list<'a>(row: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    row.get(field).and_then(Value::as_array).into_iter().flatten()
}

/// `{"value": "gpu", "label": "GPU"}`.
fn value_of<'a>(row: &'a Value, field: &str) -> Option<&'a str> {
    row.get(field)?.get("value")?.as_str()
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
    use serde_json::json;

    fn page(document: Document, rows: &Value) -> Page {
        let answer = json!({ "items": rows }).to_string();
        Page::in_memory(Request::get(document.address()), DateTime::<Utc>::UNIX_EPOCH, Vec::new(), answer.into_bytes())
    }

    fn parse_rows(prices: &Value, shapes: &Value) -> Result<Parsed, ShapeError> {
        // In another order than they are asked in: pages are told apart by their requests.
        parse(&[page(Document::Shapes, shapes), page(Document::Prices, prices)])
    }

    fn product(part: &str, value: Value) -> Value {
        json!({
            "partNumber": part, "displayName": "OCI - Compute - GPU", "metricName": "GPU Per Hour",
            "currencyCodeLocalizations": [{"currencyCode": "USD", "prices": [{"model": "PAY_AS_YOU_GO", "value": value}]}]
        })
    }

    fn shape(name: &str, part: &str) -> Value {
        json!({
            "name": name, "status": "ACTIVE", "allowPreemptible": true, "subType": {"value": "gpu"},
            "shapeType": {"value": if name.starts_with("VM") { "vm" } else { "bm" }},
            "products": [{"type": {"value": "ocpu"}, "partNumber": part, "qty": 30}]
        })
    }

    fn with(mut row: Value, field: &str, value: Value) -> Value {
        row[field] = value;
        row
    }

    /// What one shape and one price give, as `tier market price-per-hour` and `!reason`.
    #[track_caller]
    fn check(shape: &Value, price: &Value, expected: &[&str]) {
        // A shape and a price that are always there, so that only rows can be wrong.
        let (other, other_price) = (shape_of_no_interest(), product("B1", json!(1)));
        let parsed = parse_rows(&json!([price, other_price]), &json!([shape, other])).expect("the known shape");
        let offers = parsed.offers.iter().filter(|offer| offer.sku != "VM.GPU9.1").map(|offer| {
            let per_hour = offer.price.per_hour(offer.gpu_count).expect("a price");
            format!("{} {} {}", offer.tier, offer.market, Nanos(per_hour.nanos))
        });
        let found: Vec<_> = offers.chain(parsed.rejected.iter().map(|rejected| format!("!{}", rejected.reason))).collect();
        assert_eq!(found, expected, "{shape}");
    }

    fn shape_of_no_interest() -> Value {
        with(shape("VM.GPU9.1", "B1"), "allowPreemptible", json!(false))
    }

    #[test]
    fn d08_the_list_price_is_of_one_gpu_and_the_node_costs_all_of_them() {
        let node = shape("BM.GPU.H100.8", "B98415");
        check(&node, &product("B98415", json!(10)), &["bare_metal on_demand 80"]);
        check(&with(node, "gpuQty", json!(8)), &product("B98415", json!("10.5")), &["bare_metal on_demand 84"]);
    }

    #[test]
    fn preemptible_costs_half_and_only_virtual_machines_are() {
        let price = product("B95909", json!(2));
        check(&shape("VM.GPU.A10.2", "B95909"), &price, &["standard on_demand 4", "standard spot 2"]);
        check(&shape("BM.GPU.A10.4", "B95909"), &price, &["bare_metal on_demand 8"]);
        let unsaid = with(shape("VM.GPU.A10.2", "B95909"), "allowPreemptible", json!(null));
        check(&unsaid, &price, &["standard on_demand 4"]);
        assert_eq!((half(Nanos(3)), half(Nanos(1_275_000_000))), (Nanos(2), Nanos(637_500_000)));
    }

    #[test]
    fn d08_counts_that_disagree_are_refused_and_an_unknown_one_too() {
        let price = product("B92740", json!(3.05));
        let node = shape("BM.GPU4.8", "B92740");
        check(&with(node.clone(), "description", json!("8x NVIDIA A100, Arch =Ampere")), &price, &["bare_metal on_demand 24.4"]);
        check(&with(node.clone(), "gpuQty", json!(4)), &price, &["!`gpuQty` says 4 GPUs and the name 8"]);
        check(&with(node.clone(), "description", json!("4x NVIDIA A100")), &price, &["!`description` says 4 GPUs and the name 8"]);
        check(&with(node, "name", json!("BM.GPU4.Flex")), &price, &["!the number of GPUs is not said, and the price is per GPU"]);
    }

    #[test]
    fn d07_what_is_no_price_per_gpu_is_refused_with_its_part() {
        let node = shape("BM.GPU.H100.8", "B98415");
        let good = product("B98415", json!(10));
        let prices = |prices: Value| with(good.clone(), "currencyCodeLocalizations", json!([{"currencyCode": "USD", "prices": prices}]));
        check(&node, &product("B98415", json!(0)), &["!part `B98415`: price `0` is not above zero"]);
        check(&node, &product("B98415", json!(-10)), &["!part `B98415`: price `-10` is not above zero"]);
        check(&node, &product("B98415", json!(null)), &["!part `B98415`: `value` is missing"]);
        check(&node, &product("B98415", json!("ten")), &["!part `B98415`: `value`: `ten` is not a decimal number"]);
        check(&node, &prices(json!([])), &["!part `B98415`: no `PAY_AS_YOU_GO` price in USD"]);
        check(&node, &prices(json!([{"model": "MONTHLY_COMMIT", "value": 9}])), &["!part `B98415`: no `PAY_AS_YOU_GO` price in USD"]);
        let two = json!([{"model": MODEL, "value": 9}, {"model": MODEL, "value": 8}]);
        check(&node, &prices(two), &["!part `B98415`: 2 prices where one is expected"]);
        let other_unit = with(good.clone(), "metricName", json!("OCPU Per Hour"));
        check(&node, &other_unit, &["!part `B98415`: priced `OCPU Per Hour` where `GPU Per Hour` is expected"]);
        check(&node, &product("B2", json!(10)), &["!the price list has no part `B98415`"]);
    }

    #[test]
    fn d19_a_part_at_two_prices_has_none() {
        let prices = |second: i64| json!([product("B98415", json!(10)), product("B98415", json!(second))]);
        let shapes = json!([shape("BM.GPU.H100.8", "B98415")]);
        assert_eq!(parse_rows(&prices(10), &shapes).expect("the known shape").offers.len(), 1);
        let parsed = parse_rows(&prices(12), &shapes).expect("the known shape");
        assert_eq!((parsed.offers.len(), parsed.rejected.len()), (0, 1));
    }

    #[test]
    fn a_price_that_no_shape_is_sold_by_is_no_offer() {
        let licence = with(product("B110617", json!(0.76)), "displayName", json!("OCI - NVIDIA AI Enterprise - H100"));
        let prices = json!([licence, product("B98415", json!(10))]);
        let parsed = parse_rows(&prices, &json!([shape("BM.GPU.H100.8", "B98415")])).expect("the known shape");
        assert_eq!((parsed.offers.len(), parsed.rejected.len()), (1, 0));
    }

    #[test]
    fn shapes_without_gpus_or_not_on_sale_are_no_rows() {
        let price = product("B98415", json!(10));
        let node = shape("BM.GPU.H100.8", "B98415");
        check(&with(node.clone(), "hidden", json!(true)), &price, &[]);
        check(&with(node.clone(), "status", json!("INACTIVE")), &price, &[]);
        let processors = with(shape("BM.Standard3.64", "B94176"), "subType", json!({"value": "standard"}));
        check(&processors, &price, &[]);
        check(&with(node, "subType", json!(null)), &price, &["bare_metal on_demand 80"]);
        check(&json!(7), &price, &["!a number stands where a shape is expected"]);
    }

    #[test]
    fn d10_a_card_that_is_not_known_keeps_its_word_and_its_price() {
        let parsed = parse_rows(&json!([product("B1", json!(10.75))]), &json!([shape("BM.GPU.H100T.8", "B1")])).expect("the known shape");
        let [offer] = parsed.offers.as_slice() else { panic!("{parsed:?}") };
        assert_eq!((offer.gpu_name.as_str(), offer.vram_per_gpu, offer.gpu_count), ("H100T", None, GpuCount::whole(8)));
    }

    #[test]
    fn quantities_of_an_old_copy_are_not_taken_for_processors_and_memory() {
        let old = json!({"bundleMemoryQty": 320, "products": [{"type": {"value": "ocpu"}, "qty": 8}], "localDisk": "27.2 TB NVMe SSD (4 drives)"});
        let name = ShapeName::read("BM.GPU4.8");
        let found = attributes(&old, &name);
        assert_eq!((found.vcpu_millis, found.ram_mib, found.disk_gb), (None, None, Some(27_200)));
        let new = attributes(&with(old, "gpuQty", json!(8)), &name);
        assert_eq!((new.vcpu_millis, new.ram_mib), (Some(16_000), Some(320 * 1024)));
        let grace =
            attributes(&json!({"gpuQty": 4, "products": [{"type": {"value": "ocpu"}, "qty": 128}]}), &ShapeName::read("BM.GPU.GB200.4"));
        assert_eq!(grace.vcpu_millis, Some(144_000));
    }

    #[test]
    fn a_local_disk_is_read_where_it_is_one_number() {
        for (text, expected) in [
            ("3.2 TB NVMe SSD", Some(3200)),
            ("Block storage only", Some(0)),
            ("6.8 or 13.6 or 27.2 TB NVMe SSD", None),
            ("3.8TB NVMe SSD (1 drive)", None),
            ("-1 TB", None),
            ("", None),
        ] {
            assert_eq!(local_disk_gb(text), expected, "{text}");
        }
    }

    #[test]
    fn d26_lists_without_any_gpu_are_a_lost_shape() {
        let (prices, shapes) = (json!([product("B1", json!(1))]), json!([shape("VM.GPU3.1", "B1")]));
        assert!(parse_rows(&prices, &shapes).is_ok());
        assert!(parse_rows(&json!([]), &shapes).is_err());
        assert!(parse_rows(&prices, &json!([])).is_err());
        assert!(parse_rows(&json!([{"partNumber": "B1", "metric": "GPU Per Hour"}]), &shapes).is_err());
        assert!(parse_rows(&prices, &json!([{"shape": "VM.GPU3.1"}])).is_err());
    }

    #[test]
    fn d01_a_page_of_another_address_is_refused() {
        let foreign =
            Page::in_memory(Request::get("https://www.oracle.com/"), DateTime::<Utc>::UNIX_EPOCH, Vec::new(), &br#"{"items": []}"#[..]);
        assert!(parse(&[foreign]).is_err());
    }

    #[test]
    fn d14_no_dropped_or_replaced_value_makes_parse_panic() {
        let read = |text: &str| serde_json::from_str::<Value>(text).expect("the sample is JSON")["items"].clone();
        let mut basic = json!({
            "prices": read(include_str!("samples/basic/prices.json")), "shapes": read(include_str!("samples/basic/shapes.json"))
        });
        // The rows have the same fields; some of them keep the test short.
        basic["prices"].as_array_mut().expect("a list").truncate(4);
        basic["shapes"].as_array_mut().expect("a list").truncate(4);
        let tried = crate::testing::survives_changes(&basic, |changed| parse_rows(&changed["prices"], &changed["shapes"]));
        assert!(tried > 500, "{tried}");
    }
}
