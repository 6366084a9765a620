//! `{"models": [...]}`: one entry per vendor, model, memory and interface. `price.*` is US dollars an hour for a deployment
//! of one GPU, rounded by the server to a cent; `priceUakt` is the same in millionths of an AKT and is not read.
//!
//! `price.min` is the bid of the cheapest provider: its last bid on the console's own test deployment (which has almost no
//! processor and memory), else its cheapest bid of 14 or 31 days that fits best. It may belong to a provider without a
//! free card: `availability` counts the cards of all providers of the entry, so the price counts as available only
//! where every provider has a free card. `price: null` means that nobody has bid: no offer, and no
//! fault. Names are Akash's own (`rtxa6000`, `pro6000se`); the interface is the form (`SXM5`), in changing case.
//! Source: akash-network/console at d84c9e9, gpu-price.service.ts and gpu.schema.ts; names: akash-network/provider-configs
//! at 2d04f4f, devices/pcie/gpus.json; read 2026-11-25.

use gpurate_domain::{Availability, GpuCount, MarketKind, PriceKind, Quote, RawOffer, RegionCode, Rejected, Vram};
use serde_json::Value;

use crate::{Page, Parsed, ShapeError, json};

/// Names of Akash's that no maker's name folds to, with the maker's.
const NAMES: [(&str, &str); 3] = [
    ("pro6000se", "RTX PRO 6000 Blackwell Server Edition"),
    ("pro6000we", "RTX PRO 6000 Blackwell Workstation Edition"),
    // The Turing card of 8 GiB; Ada's is `rtx4000ada`.
    ("rtx4000", "Quadro RTX 4000"),
];

pub(super) fn parse(pages: &[Page]) -> Result<Parsed, ShapeError> {
    let mut parsed = Parsed::default();
    for page in pages {
        let answer = page.json()?;
        for (index, row) in json::array(&answer, "/models")?.iter().enumerate() {
            match offer(row) {
                Ok(Some(offer)) => parsed.offers.push(offer),
                Ok(None) => {}
                Err(reason) => {
                    parsed.rejected.push(Rejected::new(sku(row).unwrap_or_else(|_| format!("/models/{index}")), reason));
                }
            }
        }
    }
    Ok(parsed)
}

/// `nvidia/rtx4090/24Gi/PCIe`, as the source spells it. Memory and form may be missing: then `unknown` stands there.
fn sku(row: &Value) -> Result<String, json::FieldError> {
    let or_unknown = |field| json::optional_text(row, field).map(|text| text.unwrap_or("unknown"));
    Ok([json::text(row, "vendor")?, json::text(row, "model")?, or_unknown("ram")?, or_unknown("interface")?].join("/"))
}

/// `None` where nobody has bid.
fn offer(row: &Value) -> Result<Option<RawOffer>, json::FieldError> {
    let sku = sku(row)?;
    let price = match row.get("price") {
        Some(Value::Null) => return Ok(None),
        Some(price @ Value::Object(_)) => price,
        other => return Err(format!("`price` is {} where an object or null is expected", json::kind(other))),
    };
    let in_price = |reason| format!("in `price`: {reason}");
    let currency = json::text(price, "currency").map_err(in_price)?;
    if currency != "USD" {
        return Err(format!("the price is in `{}`, not in USD", currency.chars().take(20).collect::<String>()));
    }
    let amount = json::decimal(price, "min").map_err(in_price)?;
    if !amount.is_positive() {
        return Err(format!("`price.min` is `{amount}`, not above zero"));
    }
    let model = json::text(row, "model")?;
    let region = RegionCode(RegionCode::UNKNOWN.to_owned());
    let mut offer = RawOffer::new(sku, "community", region, MarketKind::OnDemand, model, Quote::usd_per_gpu_hour(amount));
    offer.price_kind = PriceKind::Market;
    offer.gpu_name_alternative = second_wording(model, json::optional_text(row, "interface")?);
    offer.vram_per_gpu = json::optional_text(row, "ram")?.and_then(memory);
    // Bids on deployments of more GPUs are no part of the list, so nothing is said about more than one.
    offer.gpu_count = Some(GpuCount::ONE);
    offer.availability = availability(row)?;
    Ok(Some(offer))
}

/// The maker's name, or the model with its form (`h100 SXM5`), which tells the boards of one name apart.
fn second_wording(model: &str, interface: Option<&str>) -> Option<String> {
    let known = NAMES.iter().find(|(name, _)| model.eq_ignore_ascii_case(name)).map(|(_, wording)| (*wording).to_owned());
    known.or_else(|| interface.map(|interface| format!("{model} {interface}")))
}

/// `24Gi`; a number without a unit says nothing.
fn memory(text: &str) -> Option<Vram> {
    Vram::from_marketed_gb(text.strip_suffix("Gi")?.trim().parse().ok().filter(|gib| *gib > 0)?)
}

fn availability(row: &Value) -> Result<Availability, json::FieldError> {
    let cards = counts(row, "availability")?;
    let providers = counts(row, "providerAvailability")?;
    Ok(match (cards.free, providers) {
        (Some(0), _) | (_, Counts { free: Some(0), .. }) => Availability::Unavailable,
        (Some(_), Counts { free: Some(free), all: Some(all) }) if free >= all => Availability::Available,
        // There are free cards, and the cheapest provider may have none of them.
        _ => Availability::NotStated,
    })
}

/// How many there are, and how many of them are free; `None` where the source does not say.
struct Counts {
    all: Option<u64>,
    free: Option<u64>,
}

fn counts(row: &Value, field: &str) -> Result<Counts, json::FieldError> {
    let counts = match row.get(field) {
        None | Some(Value::Null) => return Ok(Counts { all: None, free: None }),
        Some(counts @ Value::Object(_)) => counts,
        other => return Err(format!("`{field}` is {} where an object is expected", json::kind(other))),
    };
    let in_field = |reason| format!("in `{field}`: {reason}");
    // The server subtracts the allocated cards: where more are allocated than there are, none is free.
    let free = match json::optional_decimal(counts, "available").map_err(in_field)? {
        Some(number) if number.0 < 0 => Some(0),
        _ => json::optional_whole(counts, "available").map_err(in_field)?,
    };
    Ok(Counts { all: json::optional_whole(counts, "total").map_err(in_field)?, free })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Request;
    use chrono::{DateTime, Utc};
    use gpurate_domain::{GpuMatch, GpuTable, Nanos};
    use serde_json::json;

    const BASIC: &str = include_str!("samples/basic/gpu-prices.json");

    fn parse_text(text: &str) -> Result<Parsed, ShapeError> {
        let request = Request::get("https://console-api.akash.network/v1/gpu-prices");
        parse(&[Page::in_memory(request, DateTime::<Utc>::UNIX_EPOCH, Vec::new(), text.as_bytes())])
    }

    fn row() -> Value {
        json!({
            "vendor": "nvidia", "model": "h100", "ram": "80Gi", "interface": "SXM5",
            "availability": {"total": 16, "available": 3}, "providerAvailability": {"total": 2, "available": 2},
            "price": {"currency": "USD", "min": 2.71, "max": 3.1, "avg": 2.9, "weightedAverage": 2.88, "med": 2.9},
            "priceUakt": {"currency": "uakt", "min": 3_100_000},
        })
    }

    fn parse_row(changes: &[(&str, Value)]) -> Parsed {
        let mut answer = json!({ "models": [row()] });
        for (pointer, value) in changes {
            let place = format!("/models/0{pointer}");
            match answer.pointer_mut(&place) {
                Some(found) => *found = value.clone(),
                None => panic!("{place} is not in the row"),
            }
        }
        parse_text(&answer.to_string()).expect("the shape is known")
    }

    fn one(parsed: &Parsed) -> &RawOffer {
        let ([offer], []) = (parsed.offers.as_slice(), parsed.rejected.as_slice()) else { panic!("{parsed:?}") };
        offer
    }

    #[track_caller]
    fn check_availability(cards: (i64, i64), providers: (i64, i64), expected: Availability) {
        let parsed = parse_row(&[
            ("/availability", json!({"total": cards.0, "available": cards.1})),
            ("/providerAvailability", json!({"total": providers.0, "available": providers.1})),
        ]);
        assert_eq!(one(&parsed).availability, expected);
    }

    #[test]
    fn a_price_may_belong_to_a_provider_without_a_free_card() {
        check_availability((16, 3), (2, 2), Availability::Available);
        check_availability((16, 3), (2, 1), Availability::NotStated);
        check_availability((16, 0), (2, 0), Availability::Unavailable);
        check_availability((16, 0), (2, 1), Availability::Unavailable);
        check_availability((16, 3), (2, 0), Availability::Unavailable);
        check_availability((16, -2), (2, 1), Availability::Unavailable);
    }

    #[test]
    fn stock_that_is_not_there_is_not_stated() {
        for pointer in ["/availability", "/availability/available"] {
            assert_eq!(one(&parse_row(&[(pointer, Value::Null)])).availability, Availability::NotStated, "{pointer}");
        }
        for pointer in ["/providerAvailability", "/providerAvailability/total"] {
            assert_eq!(one(&parse_row(&[(pointer, Value::Null)])).availability, Availability::NotStated, "{pointer}");
        }
    }

    #[test]
    fn nobody_has_bid_is_neither_an_offer_nor_a_fault() {
        let parsed = parse_row(&[("/price", Value::Null)]);
        assert_eq!((parsed.offers.len(), parsed.rejected.len()), (0, 0));
    }

    #[test]
    fn d07_a_price_of_zero_below_zero_or_in_words_is_rejected() {
        for price in [json!(0), json!(-1.5), json!("cheap"), Value::Null, json!([1])] {
            let parsed = parse_row(&[("/price/min", price.clone())]);
            assert_eq!((parsed.offers.len(), parsed.rejected.len()), (0, 1), "{price}");
        }
    }

    #[test]
    fn a_price_in_another_currency_is_rejected() {
        for currency in [json!("uakt"), json!("uact"), Value::Null, json!(7)] {
            let parsed = parse_row(&[("/price/currency", currency.clone())]);
            assert_eq!((parsed.offers.len(), parsed.rejected.len()), (0, 1), "{currency}");
        }
    }

    #[test]
    fn d18_the_form_decides_between_boards_of_one_name() {
        let table = GpuTable::builtin();
        let slug = |model: &str, ram: &str, interface: &str| {
            let parsed = parse_row(&[("/model", json!(model)), ("/ram", json!(ram)), ("/interface", json!(interface))]);
            let offer = one(&parsed);
            let alternative = offer.gpu_name_alternative.as_deref().unwrap_or_default();
            let found = [offer.gpu_name.as_str(), alternative].into_iter().find_map(|name| match table.resolve(name, offer.vram_per_gpu) {
                GpuMatch::Known(index) => Some(table.gpu(index).slug.clone()),
                _ => None,
            });
            found.unwrap_or_else(|| "none".to_owned())
        };
        for (model, ram, interface, expected) in [
            ("h100", "80Gi", "SXM5", "h100-sxm"),
            ("h100", "80Gi", "pcie", "h100-pcie"),
            ("a100", "80Gi", "SXM4", "a100-80gb-sxm"),
            ("a100", "40Gi", "sxm", "a100-40gb-sxm"),
            ("h200", "141Gi", "SXM5", "h200-sxm"),
            ("rtx6000", "24Gi", "PCIe", "quadro-rtx-6000"),
            ("rtxa6000", "48Gi", "PCIe", "rtx-a6000"),
            ("rtx4000", "8Gi", "PCIe", "quadro-rtx-4000"),
            ("rtx4000ada", "20Gi", "PCIe", "rtx-4000-ada"),
            ("pro6000se", "96Gi", "PCIe", "rtx-pro-6000-blackwell-server"),
            ("pro6000we", "96Gi", "PCIe", "rtx-pro-6000-blackwell"),
            // A laptop's board is not the card of the same number.
            ("rtx5090m", "24Gi", "PCIe", "none"),
        ] {
            assert_eq!(slug(model, ram, interface), expected, "{model} {ram} {interface}");
        }
    }

    #[test]
    fn d24_memory_without_its_unit_is_unknown() {
        for (ram, expected) in [("80Gi", Vram::from_marketed_gb(80)), ("4096", None), ("0Gi", None), ("Gi", None), ("-1Gi", None)] {
            assert_eq!(one(&parse_row(&[("/ram", json!(ram))])).vram_per_gpu, expected, "{ram}");
        }
    }

    #[test]
    fn a_code_of_the_provider_has_all_four_words() {
        assert_eq!(one(&parse_row(&[])).sku, "nvidia/h100/80Gi/SXM5");
        assert_eq!(one(&parse_row(&[("/interface", Value::Null)])).sku, "nvidia/h100/80Gi/unknown");
        assert_eq!(one(&parse_row(&[])).price, Quote::usd_per_gpu_hour(Nanos(2_710_000_000)));
    }

    #[test]
    fn d14_no_dropped_or_replaced_value_makes_parse_panic() {
        let mut basic: Value = serde_json::from_str(BASIC).expect("the sample is JSON");
        // The rows have the same fields; four of them keep the test short.
        basic.pointer_mut("/models").and_then(Value::as_array_mut).expect("the sample has rows").truncate(4);
        let tried = crate::testing::survives_changes(&basic, |changed| parse_text(&changed.to_string()));
        assert!(tried > 500, "{tried}");
    }
}
