//! `price.hourly` is in US dollars, for the whole machine and not for one GPU, and billed up to `price.monthly` a month
//! (null on the newest types; not read). `region_prices` has what dear regions cost instead; a region it lacks has the base price.
//!
//! No field names the GPU or its memory: the name is cut out of `label` (`Dedicated 32GB + RTX6000 GPU x1`, `RTX4000
//! Ada x1 Small`). `RTX6000` is the Quadro of 24 GiB, not the RTX 6000 Ada. Most types have no GPU and are no rows of
//! ours. In the price lists of traffic and volumes the field `hourly` is per GB, and per GB and hour.
//! `memory` and `disk` are in MiB, `network_out` in Mbit/s; a disk is given as Linode writes it (655360 is "640 GB").
//! Source: linode/linodego at a2241c8, 1da7c96 and 890ff1e, read 2026-11-22.

use std::collections::BTreeMap;

use gpurate_domain::{
    Attributes, Availability, Currency, GpuCount, MarketKind, Nanos, Quote, RawOffer, RegionCode, Rejected, Term, TermKind, TermUnit,
};
use serde_json::Value;

use super::List;
use crate::{Page, Parsed, ShapeError, json};

pub(super) fn parse(pages: &[Page]) -> Result<Parsed, ShapeError> {
    let mut parsed = Parsed::default();
    let mut types = Vec::new();
    let (mut stock, mut transfer, mut volumes) = (None, None, None);
    for page in pages {
        let list = List::asked_by(&page.request).ok_or_else(|| ShapeError::new("", "a page answers a question that is none of ours"))?;
        let mut answer = page.json()?;
        json::array(&answer, "/data")?;
        let Some(Value::Array(rows)) = answer.pointer_mut("/data").map(Value::take) else { continue };
        match list {
            List::Types => types.extend(rows),
            List::Stock => stock.get_or_insert_with(Vec::new).extend(rows),
            List::Transfer => transfer.get_or_insert_with(Vec::new).extend(rows),
            List::Volumes => volumes.get_or_insert_with(Vec::new).extend(rows),
        }
    }
    // A renamed field must not make every type look like one without GPU.
    if !types.is_empty() && types.iter().all(|row| row.get("gpus").is_none()) {
        return Err(ShapeError::new("/data/*/gpus", "no type says how many GPUs it has"));
    }
    let stock = stock.map(|rows| stock_by_plan(&rows, &mut parsed.rejected)).transpose()?.unwrap_or_default();
    let surcharges = Surcharges {
        egress: surcharge("network_transfer", transfer, &mut parsed.rejected),
        volume: surcharge("volume", volumes, &mut parsed.rejected),
    };
    for (index, row) in types.iter().enumerate() {
        if let Err(reason) = read_type(row, &stock, &surcharges, &mut parsed) {
            let id = row.get("id").and_then(Value::as_str);
            parsed.rejected.push(Rejected::new(id.map_or_else(|| format!("/data/{index}"), str::to_owned), reason));
        }
    }
    Ok(parsed)
}

/// A price, and what single regions pay instead. A region whose own price cannot be used has none.
#[derive(Debug, Default)]
struct Prices {
    base: Option<Nanos>,
    by_region: BTreeMap<String, Result<Nanos, json::FieldError>>,
}

impl Prices {
    fn read(row: &Value) -> Result<Self, json::FieldError> {
        let price = row.get("price").filter(|price| price.is_object());
        let price = price.ok_or_else(|| format!("`price` is {} where an object is expected", json::kind(row.get("price"))))?;
        let mut by_region = BTreeMap::new();
        match row.get("region_prices") {
            None | Some(Value::Null) => {}
            Some(Value::Array(overrides)) => {
                for own in overrides {
                    // Without its region nobody knows for which one the base price is wrong.
                    let region = json::text(own, "id").map_err(|reason| format!("in `region_prices`: {reason}"))?;
                    let amount = positive(own).map_err(|reason| format!("in region `{region}`: {reason}"));
                    by_region.insert(region.to_owned(), amount);
                }
            }
            other => return Err(format!("`region_prices` is {} where a list is expected", json::kind(other))),
        }
        Ok(Self { base: Some(positive(price)?), by_region })
    }

    fn within(&self, region: &str) -> Result<Option<Nanos>, json::FieldError> {
        self.by_region.get(region).cloned().map_or(Ok(self.base), |own| own.map(Some))
    }
}

fn positive(price: &Value) -> Result<Nanos, json::FieldError> {
    let amount = json::decimal(price, "hourly")?;
    if amount.is_positive() { Ok(amount) } else { Err(format!("`hourly` is `{amount}`, not above zero")) }
}

/// What is paid beside the machine.
#[derive(Debug, Default)]
struct Surcharges {
    egress: Prices,
    volume: Prices,
}

impl Surcharges {
    fn terms(&self, region: &str) -> Vec<Term> {
        let term = |prices: &Prices, kind, unit| {
            let amount = prices.within(region).ok().flatten()?;
            Some(Term { kind, amount, currency: Currency::USD, unit })
        };
        // Distributed sites have another price of traffic, and what is asked does not tell them but by their code.
        let distributed = region.split('-').any(|word| word == "edge");
        let egress = term(&self.egress, TermKind::Egress, TermUnit::Gb).filter(|_| !distributed);
        egress.into_iter().chain(term(&self.volume, TermKind::StorageRunning, TermUnit::GbHour)).collect()
    }
}

/// The prices of the row `id`; without the list none, and an unusable row leaves the terms unknown and is rejected.
fn surcharge(id: &str, rows: Option<Vec<Value>>, rejected: &mut Vec<Rejected>) -> Prices {
    let Some(rows) = rows else { return Prices::default() };
    let row = rows.iter().find(|row| row.get("id").and_then(Value::as_str) == Some(id));
    let prices = row.ok_or_else(|| "the row is missing".to_owned()).and_then(Prices::read);
    prices.unwrap_or_else(|reason| {
        rejected.push(Rejected::new(id, reason));
        Prices::default()
    })
}

/// The regions of each plan, and whether it can be had there.
type Stock = BTreeMap<String, BTreeMap<String, Availability>>;

fn stock_by_plan(rows: &[Value], rejected: &mut Vec<Rejected>) -> Result<Stock, ShapeError> {
    if !rows.iter().any(|row| row.get("available").is_some_and(Value::is_boolean)) {
        return Err(ShapeError::new("/data/*/available", "no plan's stock is listed"));
    }
    let mut stock = Stock::new();
    for (index, row) in rows.iter().enumerate() {
        match (json::text(row, "plan"), json::text(row, "region")) {
            (Ok(plan), Ok(region)) => {
                let availability = match row.get("available").and_then(Value::as_bool) {
                    Some(true) => Availability::Available,
                    Some(false) => Availability::Unavailable,
                    None => Availability::NotStated,
                };
                stock.entry(plan.to_owned()).or_default().insert(region.to_owned(), availability);
            }
            (Err(reason), _) | (_, Err(reason)) => rejected.push(Rejected::new(format!("stock /data/{index}"), reason)),
        }
    }
    Ok(stock)
}

/// Adds the offers of one type, a region each; none for a type without GPU.
fn read_type(row: &Value, stock: &Stock, surcharges: &Surcharges, parsed: &mut Parsed) -> Result<(), json::FieldError> {
    let gpus = json::optional_whole(row, "gpus")?;
    if json::optional_text(row, "class")? != Some("gpu") && gpus.unwrap_or(0) == 0 {
        return Ok(());
    }
    let id = json::text(row, "id")?;
    let label = json::optional_text(row, "label")?;
    let count = gpus.map(|gpus| {
        let count = u32::try_from(gpus).ok().and_then(GpuCount::whole);
        count.ok_or_else(|| format!("`gpus` is {gpus}, which is no count of GPUs"))
    });
    let count = count.transpose()?;
    let attributes = attributes(row);
    let prices = Prices::read(row)?;

    let mut regions: BTreeMap<&str, Availability> = BTreeMap::new();
    match stock.get(id) {
        Some(listed) => regions.extend(listed.iter().map(|(region, availability)| (region.as_str(), *availability))),
        // No region is listed for it: the base price holds wherever it is sold.
        None => drop(regions.insert(RegionCode::GLOBAL, Availability::NotStated)),
    }
    for region in prices.by_region.keys() {
        regions.entry(region).or_insert(Availability::NotStated);
    }
    for (region, availability) in regions {
        let price = match prices.within(region) {
            Ok(Some(price)) => Quote::usd_per_instance_hour(price),
            Ok(None) => continue,
            Err(reason) => {
                parsed.rejected.push(Rejected::new(id, reason));
                continue;
            }
        };
        let code = RegionCode(region.to_owned());
        let mut offer = RawOffer::new(id, "standard", code, MarketKind::OnDemand, label.map_or(id, gpu_name), price);
        offer.gpu_name_alternative = known_name(id).map(str::to_owned);
        offer.gpu_count = count;
        offer.availability = availability;
        offer.terms = surcharges.terms(region);
        offer.terms.extend(monthly(row, region));
        offer.attributes = attributes.clone();
        parsed.offers.push(offer);
    }
    Ok(())
}

/// The most that a month costs in a region; some types have no such price.
fn monthly(row: &Value, region: &str) -> Option<Term> {
    let own = row.get("region_prices").and_then(Value::as_array).into_iter().flatten();
    let own = own.into_iter().find(|price| price.get("id").and_then(Value::as_str) == Some(region));
    let amount = json::decimal(own.or_else(|| row.get("price"))?, "monthly").ok().filter(|amount| amount.is_positive())?;
    Some(Term { kind: TermKind::MonthlyCap, amount, currency: Currency::USD, unit: TermUnit::Month })
}

/// The GPU's name in a label: what stands between the last ` + ` and ` x1`, without the word `GPU`.
fn gpu_name(label: &str) -> &str {
    let words = label.rsplit_once(" + ").map_or(label, |(_, rest)| rest);
    let is_count =
        |word: &str| word.strip_prefix('x').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
    let end = words.match_indices(' ').map(|(at, _)| at).find(|at| words[at + 1..].split(' ').next().is_some_and(is_count));
    let name = end.map_or(words, |end| &words[..end]);
    let name = name.strip_suffix(" GPU").unwrap_or(name).trim();
    if name.is_empty() { label } else { name }
}

/// The cards that ids are known to mean. `rtx4000a1` says the number of cards after the name.
fn known_name(id: &str) -> Option<&'static str> {
    let (_, rest) = id.split_once("-gpu-")?;
    let model = rest.split('-').next()?;
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    match model.strip_prefix("rtx4000a") {
        Some(count) if is_number(count) => Some("RTX 4000 Ada"),
        _ => (model == "rtx6000").then_some("Quadro RTX 6000"),
    }
}

fn attributes(row: &Value) -> Attributes {
    Attributes {
        vcpu_millis: json::attribute_whole(row, "vcpus").and_then(|cpus| cpus.checked_mul(1000)),
        ram_mib: json::attribute_whole(row, "memory"),
        disk_gb: json::attribute_whole(row, "disk").map(|mib| mib / 1024),
        upload_mbit_s: json::attribute_whole(row, "network_out"),
        egress_free_gb_per_month: json::attribute_whole(row, "transfer"),
        ..Attributes::default()
    }
}

#[cfg(test)]
mod tests {
    use gpurate_domain::{GpuMatch, GpuTable};
    use serde_json::json;

    use super::*;
    use crate::Request;

    fn page(list: List, rows: &Value) -> Page {
        let request = Request::get(format!("https://api.linode.com{}?page=1&page_size=500", list.path()));
        let body = json!({"data": rows, "page": 1, "pages": 1, "results": 1});
        Page::in_memory(request, chrono::DateTime::UNIX_EPOCH, Vec::new(), body.to_string().into_bytes())
    }

    fn row() -> Value {
        json!({
            "id": "g2-gpu-rtx4000a1-s", "label": "RTX4000 Ada x1 Small", "class": "gpu", "gpus": 1, "vcpus": 4, "memory": 16384,
            "disk": 524_288, "network_out": 10000, "price": {"hourly": 0.52, "monthly": 350.0}, "region_prices": []
        })
    }

    fn with(field: &str, value: Value) -> Value {
        let mut row = row();
        row[field] = value;
        row
    }

    fn one(row: &Value) -> Parsed {
        parse(&[page(List::Types, &json!([row]))]).expect("the known shape")
    }

    /// Region, price and stock of each offer.
    fn found(parsed: &Parsed) -> Vec<(&str, String, Availability)> {
        let of = |offer: &'_ RawOffer| (offer.price.amount.to_string(), offer.availability);
        parsed.offers.iter().map(|offer| (offer.region.0.as_str(), of(offer).0, of(offer).1)).collect()
    }

    #[test]
    fn d18_a_card_is_named_by_label_and_id_and_never_taken_for_another() {
        let table = GpuTable::builtin();
        let meaning = |name: &str| match table.resolve(name, None) {
            GpuMatch::Known(index) => table.gpu(index).slug.clone(),
            other => format!("{other:?}"),
        };
        assert_eq!(meaning(gpu_name("Dedicated 32GB + RTX6000 GPU x1")), "quadro-rtx-6000");
        assert_eq!(meaning(gpu_name("RTX4000 Ada x4 Medium")), "rtx-4000-ada");
        assert_eq!(gpu_name("Some New Card x2 HiMem"), "Some New Card");
        assert_eq!(gpu_name("No count"), "No count");
        assert_eq!(gpu_name(" x1"), " x1");
        assert_eq!(known_name("g1-gpu-rtx6000-4"), Some("Quadro RTX 6000"));
        assert_eq!(known_name("g2-gpu-rtx4000a2-hs"), Some("RTX 4000 Ada"));
        assert_eq!(known_name("g3-gpu-rtx6000b-1"), None);
        assert_eq!(known_name("g6-nanode-1"), None);
    }

    #[test]
    fn d08_the_price_is_for_the_whole_machine() {
        let parsed = one(&with("gpus", json!(4)));
        let offer = &parsed.offers[0];
        assert_eq!(offer.price.per_hour(offer.gpu_count).expect("a price").nanos, 520_000_000);
        assert_eq!((offer.gpu_count, offer.attributes.ram_mib, offer.attributes.disk_gb), (GpuCount::whole(4), Some(16384), Some(512)));
    }

    #[test]
    fn d29_regions_come_from_the_stock_list_and_each_has_its_own_price() {
        let own = json!([{"id": "id-cgk", "hourly": 0.624, "monthly": null}, {"id": "br-gru", "hourly": 0, "monthly": 1.0}]);
        let stock = json!([
            {"region": "us-ord", "plan": "g2-gpu-rtx4000a1-s", "available": true},
            {"region": "id-cgk", "plan": "g2-gpu-rtx4000a1-s", "available": false},
            {"region": "fr-par", "plan": "g2-gpu-rtx4000a1-s", "available": null},
            {"region": "us-sea", "plan": "g6-nanode-1", "available": true}
        ]);
        let types = page(List::Types, &json!([with("region_prices", own)]));
        // In any order of the pages.
        let parsed = parse(&[page(List::Stock, &stock), types]).expect("the known shape");
        let expected = [
            ("fr-par", "0.52".to_owned(), Availability::NotStated),
            ("id-cgk", "0.624".to_owned(), Availability::Unavailable),
            ("us-ord", "0.52".to_owned(), Availability::Available),
        ];
        assert_eq!(found(&parsed), expected);
        assert_eq!(parsed.rejected, [Rejected::new("g2-gpu-rtx4000a1-s", "in region `br-gru`: `hourly` is `0`, not above zero")]);
    }

    #[test]
    fn without_a_stock_list_the_price_is_global_and_its_exceptions_stand_beside_it() {
        let parsed = one(&with("region_prices", json!([{"id": "id-cgk", "hourly": 0.624}])));
        let not_stated = Availability::NotStated;
        assert_eq!(found(&parsed), [("global", "0.52".to_owned(), not_stated), ("id-cgk", "0.624".to_owned(), not_stated)]);
        // The monthly price is the general one's: the exception has none.
        let caps: Vec<_> =
            parsed.offers.iter().map(|offer| offer.terms.iter().map(|term| term.amount.to_string()).collect::<Vec<_>>()).collect();
        assert_eq!(caps, [vec!["350".to_owned()], vec![]]);
    }

    #[test]
    fn d07_a_price_that_is_none_is_rejected() {
        for price in [json!(0), json!(-1), json!("NaN"), json!(null), json!([1]), json!(0.000_000_000_1)] {
            let parsed = one(&with("price", json!({ "hourly": price })));
            assert_eq!((parsed.offers.len(), parsed.rejected.len()), (0, 1), "{price}");
        }
        assert_eq!(one(&with("price", json!(0.52))).rejected.len(), 1);
        assert_eq!(one(&with("region_prices", json!([{"hourly": 1}]))).rejected.len(), 1);
    }

    #[test]
    fn d12_an_unsaid_count_stays_unknown_and_zero_gpus_of_a_gpu_type_is_rejected() {
        assert_eq!(one(&with("gpus", json!(null))).offers[0].gpu_count, None);
        assert_eq!(one(&with("gpus", json!(0))).rejected.len(), 1);
        assert_eq!(one(&with("gpus", json!(99_999_999_999_u64))).rejected.len(), 1);
        let mut processor = with("gpus", json!(0));
        processor["class"] = json!("dedicated");
        let parsed = one(&processor);
        assert_eq!((parsed.offers.len(), parsed.rejected.len(), parsed.empty_is_an_answer), (0, 0, false));
    }

    #[test]
    fn d25_traffic_and_volumes_cost_what_the_region_says() {
        let transfer = json!([
            {"id": "distributed_network_transfer", "price": {"hourly": 0.01}, "region_prices": []},
            {"id": "network_transfer", "price": {"hourly": 0.005}, "region_prices": [{"id": "id-cgk", "hourly": 0.015}]}
        ]);
        let volumes = json!([{"id": "volume", "price": {"hourly": 0.00015}, "region_prices": [{"id": "id-cgk", "hourly": 0.00018}]}]);
        let stock = ["us-ord", "id-cgk", "us-den-edge-1"];
        let stock = stock.map(|region| json!({"region": region, "plan": "g2-gpu-rtx4000a1-s", "available": true}));
        let pages = [
            page(List::Types, &json!([row()])),
            page(List::Transfer, &transfer),
            page(List::Volumes, &volumes),
            page(List::Stock, &json!(stock)),
        ];
        let parsed = parse(&pages).expect("the known shape");
        let terms = |region: &str| {
            let offer = parsed.offers.iter().find(|offer| offer.region.0 == region).expect("an offer");
            offer.terms.iter().map(|term| (term.kind, term.amount.to_string(), term.unit)).collect::<Vec<_>>()
        };
        let egress = |amount: &str| (TermKind::Egress, amount.to_owned(), TermUnit::Gb);
        let volume = |amount: &str| (TermKind::StorageRunning, amount.to_owned(), TermUnit::GbHour);
        let month = (TermKind::MonthlyCap, "350".to_owned(), TermUnit::Month);
        assert_eq!(terms("us-ord"), [egress("0.005"), volume("0.00015"), month.clone()]);
        assert_eq!(terms("id-cgk"), [egress("0.015"), volume("0.00018"), month.clone()]);
        assert_eq!(terms("us-den-edge-1"), [volume("0.00015"), month]);
    }

    #[test]
    fn what_a_type_brings_of_traffic_is_read_and_zero_is_said() {
        let brought = |row: &Value| one(row).offers[0].attributes.egress_free_gb_per_month;
        assert_eq!(brought(&row()), None);
        assert_eq!(brought(&with("transfer", json!(16000))), Some(16000));
        assert_eq!(brought(&with("transfer", json!(0))), Some(0));
        // Good to know, so an odd value costs no offer.
        assert_eq!(brought(&with("transfer", json!("much"))), None);
    }

    #[test]
    fn d26_a_renamed_field_does_not_make_the_gpus_or_their_stock_vanish() {
        assert!(parse(&[page(List::Types, &json!([{"id": "g1-gpu-rtx6000-1", "gpu_count": 1}]))]).is_err());
        let stock = json!([{"region": "us-ord", "plan": "g2-gpu-rtx4000a1-s", "in_stock": true}]);
        assert!(parse(&[page(List::Types, &json!([row()])), page(List::Stock, &stock)]).is_err());
        assert!(parse(&[page(List::Types, &json!([row()])), page(List::Stock, &json!([]))]).is_err());
    }

    #[test]
    fn d14_no_dropped_or_replaced_value_makes_parse_panic() {
        let read = |text: &str| serde_json::from_str::<Value>(text).expect("the sample is JSON")["data"].clone();
        let basic = json!({
            "types": read(include_str!("samples/basic/types.page1.json")), "stock": read(include_str!("samples/basic/stock.page1.json")),
            "transfer": read(include_str!("samples/basic/transfer.json")), "volumes": read(include_str!("samples/basic/volumes.json"))
        });
        let lists = [(List::Types, "types"), (List::Stock, "stock"), (List::Transfer, "transfer"), (List::Volumes, "volumes")];
        let tried = crate::testing::survives_changes(&basic, |changed| parse(&lists.map(|(list, name)| page(list, &changed[name]))));
        assert!(tried > 500, "{tried}");
    }
}
