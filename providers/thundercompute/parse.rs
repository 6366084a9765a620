//! `pricing` maps `<gpu>_x<count>_<mode>` to US dollars per hour of the whole machine; `specs` describes some of the same keys.
//!
//! Other keys of `pricing` are rates of what is added (`disk_gb` per GB and hour, `additional_vcpus`) or an older price without a count
//! (`a100xl`): they are no machines and no rejected rows. A machine without specs keeps its price, with the card of its key.
//!
//! The mode is the tier. In `prototyping` the GPU is virtual: others work on the same card at the same time, and which part of it one
//! gets is not said. So such a machine has a price and no count of GPUs, and is never compared with a card of one's own (defect D12).
//! Stock and place are not said: one price holds wherever a machine is.
//! Source: wayneornn/public-pricing thundercompute.js at 305b3f1 (2026-06), read 2026-11-22.

use std::collections::HashSet;

use gpurate_domain::{Attributes, GpuCount, MarketKind, Quote, RawOffer, RegionCode, Rejected, Vram};
use serde_json::{Map, Value};

use super::{PRICING, SPECS};
use crate::json::{self, FieldError};
use crate::{Page, Parsed, ShapeError};

/// A card by the first word of a key: its name as far as it is known, and memory in GB.
const CARDS: [(&str, &str, u32); 5] =
    [("a6000", "RTX A6000", 48), ("a100xl", "A100", 80), ("l40", "L40", 48), ("l40s", "L40S", 48), ("h100", "H100 PCIe", 80)];

const MODES: [&str; 2] = ["production", "prototyping"];

pub(super) fn parse(pages: &[Page]) -> Result<Parsed, ShapeError> {
    let page_of = |url: &str| pages.iter().find(|page| page.request.url == url);
    let (Some(pricing), Some(specs)) = (page_of(PRICING), page_of(SPECS)) else {
        return Err(ShapeError::new("", "a page of prices and one of machines belong together"));
    };
    let (prices, specs) = (pricing.json()?, specs.json()?);
    let prices_by_key = json::object(&prices, "/pricing")?;
    let specs = json::object(&specs, "/specs")?;
    let mut parsed = Parsed::default();
    for key in prices_by_key.keys() {
        let Some(machine) = Machine::read(key) else { continue };
        match offer(key, &machine, &prices["pricing"], specs) {
            Ok(offer) => parsed.offers.push(offer),
            Err(reason) => parsed.rejected.push(Rejected::new(short(key), reason)),
        }
    }
    let priced: HashSet<&str> = prices_by_key.keys().map(String::as_str).collect();
    // Keys of another form must not look like nothing on sale; nor must a machine without a price vanish.
    if parsed.offers.is_empty() && parsed.rejected.is_empty() {
        return Err(ShapeError::new("/pricing", "no key is that of a machine"));
    }
    let without = specs.keys().filter(|key| Machine::read(key).is_some() && !priced.contains(key.as_str()));
    parsed.rejected.extend(without.map(|key| Rejected::new(short(key), "no price stands for it")));
    Ok(parsed)
}

/// What a key says: `h100_x8_production`.
struct Machine<'a> {
    card: &'a str,
    count: u32,
    mode: &'a str,
}

impl<'a> Machine<'a> {
    fn read(key: &'a str) -> Option<Self> {
        let (rest, mode) = key.rsplit_once('_')?;
        let (card, count) = rest.rsplit_once("_x")?;
        let is_known = MODES.contains(&mode) && !card.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
        let count = count.parse().ok().filter(|count| *count > 0)?;
        is_known.then_some(Self { card, count, mode })
    }
}

fn offer(key: &str, machine: &Machine<'_>, prices: &Value, specs: &Map<String, Value>) -> Result<RawOffer, FieldError> {
    let price = json::decimal(prices, key)?;
    if !price.is_positive() {
        return Err(format!("price `{price}` is not above zero"));
    }
    let nothing = Value::Object(Map::new());
    let spec = specs.get(key).unwrap_or(&nothing);
    if !spec.is_object() {
        return Err(format!("its specs are {} where an object is expected", json::kind(Some(spec))));
    }
    if let Some(mode) = json::optional_text(spec, "mode")?.filter(|mode| *mode != machine.mode) {
        return Err(format!("its specs say `mode` `{}`", short(mode)));
    }
    let known = CARDS.iter().find(|(card, ..)| *card == machine.card);
    let name = json::optional_text(spec, "displayName")?.or(known.map(|(_, name, _)| *name)).unwrap_or(machine.card);
    let mut offer = RawOffer::new(key, machine.mode, RegionCode::global(), MarketKind::OnDemand, name, Quote::usd_per_instance_hour(price));
    offer.gpu_name_alternative = known.map(|(_, name, _)| (*name).to_owned()).filter(|other| other != name);
    let said = json::optional_whole(spec, "vramGB")?.filter(|gb| *gb > 0).and_then(|gb| u32::try_from(gb).ok());
    offer.vram_per_gpu = said.or(known.map(|(.., gb)| *gb)).and_then(Vram::from_marketed_gb);
    // The price is of the whole machine, so one whose count is in doubt is kept without a count.
    let counted = json::optional_whole(spec, "gpuCount")?.is_none_or(|count| count == u64::from(machine.count));
    offer.gpu_count = GpuCount::whole(machine.count).filter(|_| counted && machine.mode == "production");
    offer.attributes = attributes(spec);
    Ok(offer)
}

/// What the price holds: the fewest processors that can be chosen, and the memory that goes with them.
fn attributes(spec: &Value) -> Attributes {
    let options = spec.get("vcpuOptions").and_then(Value::as_array);
    let cpus = options.and_then(|options| options.iter().filter_map(Value::as_u64).filter(|cpus| *cpus > 0).min());
    let memory_gib = cpus.zip(json::attribute_whole(spec, "ramPerVCPUGiB")).and_then(|(cpus, gib)| cpus.checked_mul(gib));
    Attributes {
        vcpu_millis: cpus.and_then(|cpus| cpus.checked_mul(1000)),
        ram_mib: memory_gib.and_then(|gib| gib.checked_mul(1024)).filter(|mib| *mib > 0),
        disk_gb: spec.get("storageGB").and_then(|storage| json::attribute_whole(storage, "max")),
        ..Attributes::default()
    }
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

    fn read(prices: &Value, specs: &Value) -> Result<Parsed, ShapeError> {
        let page = |url: &str, body: Value| {
            Page::in_memory(Request::get(url), DateTime::<Utc>::UNIX_EPOCH, Vec::new(), body.to_string().into_bytes())
        };
        // In any order of the pages.
        parse(&[page(SPECS, json!({ "specs": specs })), page(PRICING, json!({ "pricing": prices }))])
    }

    fn one(key: &str, spec: &Value) -> RawOffer {
        let parsed = read(&json!({ key: 2.49 }), &json!({ key: spec })).expect("the known shape");
        let [offer] = parsed.offers.as_slice() else { panic!("{parsed:?}") };
        offer.clone()
    }

    #[test]
    fn d08_the_price_is_of_the_whole_machine_and_its_key_says_how_many_cards() {
        let offer = one("h100_x8_production", &json!({"displayName": "NVIDIA H100", "vramGB": 80, "gpuCount": 8}));
        assert_eq!(offer.price.per_hour(offer.gpu_count).expect("a price").nanos, 2_490_000_000);
        assert_eq!((offer.gpu_count, offer.tier.as_str()), (GpuCount::whole(8), "production"));
        // In doubt, none.
        assert_eq!(one("h100_x8_production", &json!({"gpuCount": 4})).gpu_count, None);
    }

    #[test]
    fn d12_a_card_that_is_shared_has_no_count() {
        let offer = one("h100_x1_prototyping", &json!({"displayName": "NVIDIA H100", "gpuCount": 1, "mode": "prototyping"}));
        assert_eq!((offer.gpu_count, offer.tier.as_str()), (None, "prototyping"));
    }

    #[test]
    fn rates_of_what_is_added_and_names_without_a_count_are_no_machines() {
        let prices = json!({"disk_gb": 0.0005, "additional_vcpus": 0.06, "a100xl": 0.78, "l40_x0_production": 1, "_x1_production": 1,
            "h100_x1_weekend": 1, "l40s_x1_production": 1.49});
        let parsed = read(&prices, &json!({})).expect("the known shape");
        assert_eq!(parsed.offers.iter().map(|offer| offer.sku.as_str()).collect::<Vec<_>>(), ["l40s_x1_production"]);
        assert!(parsed.rejected.is_empty());
    }

    #[test]
    fn d26_keys_of_another_form_do_not_make_everything_vanish() {
        assert!(read(&json!({"h100-1-production": 2.49, "disk_gb": 0.0005}), &json!({})).is_err());
        assert!(read(&json!({}), &json!({})).is_err());
    }

    #[test]
    fn d07_a_price_that_is_none_is_rejected() {
        for price in [json!(0), json!(-1), json!(null), json!("free"), json!([])] {
            let parsed = read(&json!({ "l40_x1_production": price }), &json!({})).expect("the known shape");
            assert_eq!((parsed.offers.len(), parsed.rejected.len()), (0, 1), "{price}");
        }
    }

    #[test]
    fn specs_that_contradict_the_key_reject_it_and_a_machine_without_a_price_is_said() {
        let specs = json!({"l40_x1_production": {"mode": "prototyping"}, "h100_x4_production": {}});
        let parsed = read(&json!({"l40_x1_production": 1.39}), &specs).expect("the known shape");
        let expected = [
            Rejected::new("l40_x1_production", "its specs say `mode` `prototyping`"),
            Rejected::new("h100_x4_production", "no price stands for it"),
        ];
        assert_eq!(parsed.rejected, expected);
    }

    #[test]
    fn the_price_holds_the_fewest_processors() {
        let spec = json!({"vcpuOptions": [12, 4, 8], "ramPerVCPUGiB": 8, "storageGB": {"min": 100, "max": 300}});
        let attributes = one("h100_x1_production", &spec).attributes;
        assert_eq!((attributes.vcpu_millis, attributes.ram_mib, attributes.disk_gb), (Some(4000), Some(32 * 1024), Some(300)));
        assert_eq!(one("h100_x1_production", &json!({"vcpuOptions": "many"})).attributes, Attributes::default());
    }

    #[test]
    fn d18_every_card_of_a_key_means_what_it_says() {
        let table = GpuTable::builtin();
        let meaning = |key: &str| {
            let offer = one(key, &json!({}));
            match table.resolve(&offer.gpu_name, offer.vram_per_gpu) {
                GpuMatch::Known(index) => table.gpu(index).slug.clone(),
                other => format!("{other:?}").split_whitespace().next().unwrap_or_default().to_owned(),
            }
        };
        assert_eq!(
            ["a6000", "l40", "l40s", "h100"].map(|card| meaning(&format!("{card}_x1_production"))),
            ["rtx-a6000", "l40", "l40s", "h100-pcie"]
        );
        // Whether it is the PCIe card or the board differs by mode, and is not taken from the key.
        assert_eq!(meaning("a100xl_x1_production"), "Ambiguous");
    }

    #[test]
    fn d14_no_dropped_or_replaced_value_makes_parse_panic() {
        let text = |text: &str| serde_json::from_str::<Value>(text).expect("the sample is JSON");
        let basic =
            json!({"pricing": text(include_str!("samples/basic/pricing.json")), "specs": text(include_str!("samples/basic/specs.json"))});
        let tried = crate::testing::survives_changes(&basic, |changed| {
            let page = |url: &str, body: &Value| {
                Page::in_memory(Request::get(url), DateTime::<Utc>::UNIX_EPOCH, Vec::new(), body.to_string().into_bytes())
            };
            parse(&[page(PRICING, &changed["pricing"]), page(SPECS, &changed["specs"])])
        });
        assert!(tried > 50, "{tried}");
    }
}
