//! One entry of `gpuTypes` per GPU type, with a price for each of two tiers, in US dollars per GPU and hour, the same
//! in every data centre. `securePrice` and `communityPrice` are list prices and stay filled when nothing is in stock.
//!
//! A price counts only where its tier's flag is true: where the flag is false the field holds a placeholder, 0 or 0.5
//! (MI300X community, RTX 4080 secure), which would win every list of the cheapest. A list spot price counts only
//! below on-demand: since 2026-08 most types carry one that is equal. `lowestPrice` describes the cheapest machine of
//! the moment; of it the stock is read, and `minimumBidPrice`, the lowest bid per GPU: where it stands it decides whether
//! there is spot, and it counts only below what the same machine, and the tier, cost on demand (of 15 types on 2026-05-31 one). An entry with the id `unknown` is a dummy. MIG slices (`... MIG 1g.24gb`)
//! are listed and not sold; should they be, they are slices of a card and no GPUs.
//! Source: dstackai/gpuhunt at 3584151, src/gpuhunt/providers/runpod.py, and ewyluda/gpu-price-index at d789fed,
//! tests/fixtures/runpod.json, read 2026-11-22.

use gpurate_domain::{Availability, GpuCount, MarketKind, Nanos, PriceKind, Quote, RawOffer, RegionCode, Rejected, Vram};
use serde_json::Value;

use crate::{Page, Parsed, ShapeError, json};

/// A tier and the fields that speak of it.
pub(super) struct Tier {
    pub(super) name: &'static str,
    pub(super) cloud: &'static str,
    pub(super) price: &'static str,
    pub(super) spot: &'static str,
    pub(super) count_max: &'static str,
    /// The alias under which `lowestPrice` of this tier is asked.
    pub(super) lowest: &'static str,
}

pub(super) const TIERS: [Tier; 2] = [
    Tier {
        name: "secure",
        cloud: "secureCloud",
        price: "securePrice",
        spot: "secureSpotPrice",
        count_max: "maxGpuCountSecureCloud",
        lowest: "secureLowestPrice",
    },
    Tier {
        name: "community",
        cloud: "communityCloud",
        price: "communityPrice",
        spot: "communitySpotPrice",
        count_max: "maxGpuCountCommunityCloud",
        lowest: "communityLowestPrice",
    },
];

/// Of a provider's own error text no more than this is shown.
const ERROR_CHARACTERS_MAX: usize = 120;

pub(super) fn parse(pages: &[Page]) -> Result<Parsed, ShapeError> {
    let mut parsed = Parsed::default();
    for page in pages {
        let answer = page.json()?;
        refuse_errors(&answer)?;
        json::object(&answer, "/data")?;
        for (index, row) in json::array(&answer, "/data/gpuTypes")?.iter().enumerate() {
            match json::text(row, "id") {
                Ok("unknown") => {}
                Ok(id) => TIERS.iter().for_each(|tier| read_tier(id, row, tier, &mut parsed)),
                Err(reason) => parsed.rejected.push(Rejected::new(format!("/data/gpuTypes/{index}"), reason)),
            }
        }
    }
    Ok(parsed)
}

/// GraphQL answers status 200 with `errors`, and may fill `data` in part: such an answer is not whole.
fn refuse_errors(answer: &Value) -> Result<(), ShapeError> {
    let error = match answer.get("errors") {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Array(errors)) if errors.is_empty() => return Ok(()),
        Some(errors) => errors.get(0).unwrap_or(errors),
    };
    let message = error.get("message").and_then(Value::as_str).unwrap_or("an error without a message");
    let shortened: String = message.chars().take(ERROR_CHARACTERS_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect();
    Err(ShapeError::new("/errors/0/message", format!("the provider answered with an error: {}", shortened.trim())))
}

/// Adds what one tier sells of a GPU type. A flag that is false means it is not sold there: nothing to tell.
fn read_tier(id: &str, row: &Value, tier: &Tier, parsed: &mut Parsed) {
    let mut reject = |reason| parsed.rejected.push(Rejected::new(id, reason));
    match json::optional_bool(row, tier.cloud) {
        Ok(Some(true)) => {}
        Ok(Some(false)) => return,
        // Without the flag a placeholder looks like a price.
        Ok(None) => return reject(format!("`{}` is missing", tier.cloud)),
        Err(reason) => return reject(reason),
    }
    let on_demand = match on_demand(id, row, tier) {
        Ok(offer) => offer,
        Err(reason) => return reject(reason),
    };
    let spot = spot(&on_demand, row, tier).unwrap_or_else(|reason| {
        reject(reason);
        None
    });
    parsed.offers.push(on_demand);
    parsed.offers.extend(spot);
}

fn on_demand(id: &str, row: &Value, tier: &Tier) -> Result<RawOffer, json::FieldError> {
    let price = json::decimal(row, tier.price)?;
    if !price.is_positive() {
        return Err(format!("`{}` is `{price}`, not above zero", tier.price));
    }
    let mut offer = RawOffer::new(id, tier.name, RegionCode::global(), MarketKind::OnDemand, id, Quote::usd_per_gpu_hour(price));
    // `NVIDIA H200` could be two cards; `H200 SXM` is one.
    offer.gpu_name_alternative = json::optional_text(row, "displayName")?.map(str::to_owned);
    let vram = whole_above_zero(row, "memoryInGb")?.and_then(Vram::from_marketed_gb);
    let count_max = match row.get(tier.count_max) {
        None | Some(Value::Null) => whole_above_zero(row, "maxGpuCount")?,
        Some(_) => whole_above_zero(row, tier.count_max)?,
    };
    if id.split_whitespace().any(|word| word == "MIG") {
        // Which part of its card a slice is, is not said: it has memory one gets and a price, and no count (defect D12).
        offer.vram_usable = vram;
        offer.price = Quote::usd_per_instance_hour(price);
    } else {
        offer.vram_per_gpu = vram;
        offer.gpu_count = Some(GpuCount::ONE);
        offer.gpu_count_max = count_max;
    }
    offer.availability = availability(row, tier)?;
    Ok(offer)
}

/// The tier's spot offer: the lowest bid where the API names one, else the list price; above zero and below on-demand.
fn spot(on_demand: &RawOffer, row: &Value, tier: &Tier) -> Result<Option<RawOffer>, json::FieldError> {
    let (price, below, price_kind) = match row.get(tier.lowest).map(|lowest| (lowest, json::optional_decimal(lowest, "minimumBidPrice"))) {
        Some((lowest, bid)) if lowest.is_object() => match bid.map_err(|reason| format!("{}: {reason}", tier.lowest))? {
            Some(bid) => (Some(bid), json::optional_decimal(lowest, "uninterruptablePrice").ok().flatten(), PriceKind::BidFloor),
            None => (json::optional_decimal(row, tier.spot)?, None, PriceKind::Fixed),
        },
        _ => (json::optional_decimal(row, tier.spot)?, None, PriceKind::Fixed),
    };
    let is_spot = |price: &Nanos| price.is_positive() && *price < on_demand.price.amount && below.is_none_or(|machine| *price < machine);
    let Some(amount) = price.filter(is_spot) else { return Ok(None) };
    Ok(Some(RawOffer { market: MarketKind::Spot, price: Quote { amount, ..on_demand.price }, price_kind, ..on_demand.clone() }))
}

/// The stock of one GPU in the tier. Asked and null means none is free; a word not known here says nothing.
fn availability(row: &Value, tier: &Tier) -> Result<Availability, json::FieldError> {
    let lowest = match row.get(tier.lowest) {
        None => return Ok(Availability::NotStated),
        Some(Value::Null) => return Ok(Availability::Unavailable),
        Some(lowest @ Value::Object(_)) => lowest,
        other => return Err(format!("`{}` is {} where an object is expected", tier.lowest, json::kind(other))),
    };
    match lowest.get("stockStatus") {
        None => Ok(Availability::NotStated),
        Some(Value::Null) => Ok(Availability::Unavailable),
        Some(Value::String(word)) => Ok(match word.as_str() {
            "High" | "Medium" => Availability::Available,
            "Low" => Availability::Low,
            _ => Availability::NotStated,
        }),
        other => Err(format!("`{}.stockStatus` is {} where text is expected", tier.lowest, json::kind(other))),
    }
}

/// A whole number; zero stands for "not known" in this source (the dummy type has 0 GB).
fn whole_above_zero(row: &Value, field: &str) -> Result<Option<u32>, json::FieldError> {
    Ok(json::optional_whole(row, field)?.and_then(|number| u32::try_from(number).ok()).filter(|number| *number > 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Request;
    use chrono::{DateTime, Utc};
    use serde_json::json;

    const BASIC: &str = include_str!("samples/basic/gpu_types.json");

    fn parse_text(text: &str) -> Result<Parsed, ShapeError> {
        let request = Request::post_json("https://api.runpod.io/graphql", &json!({}));
        parse(&[Page::in_memory(request, DateTime::<Utc>::UNIX_EPOCH, Vec::new(), text.as_bytes())])
    }

    /// A card that both tiers sell, with `changes` laid over it.
    fn parse_row(changes: &Value) -> Parsed {
        let mut row = json!({
            "id": "NVIDIA GeForce RTX 4090", "displayName": "RTX 4090", "memoryInGb": 24,
            "secureCloud": true, "securePrice": 0.74, "communityCloud": true, "communityPrice": 0.34,
        });
        for (field, value) in changes.as_object().expect("changes are an object") {
            row[field] = value.clone();
        }
        parse_text(&json!({"data": {"gpuTypes": [row]}}).to_string()).expect("a known shape")
    }

    /// What a row gives, as `tier market price` and `!reason`.
    #[track_caller]
    fn check(changes: &Value, expected: &[&str]) {
        let parsed = parse_row(changes);
        let offers = parsed.offers.iter().map(|offer| format!("{} {} {}", offer.tier, offer.market, offer.price.amount));
        let found: Vec<_> = offers.chain(parsed.rejected.iter().map(|rejected| format!("!{}", rejected.reason))).collect();
        assert_eq!(found, expected, "{changes}");
    }

    #[test]
    fn d09_each_tier_is_an_offer_with_its_own_price() {
        check(&json!({}), &["secure on_demand 0.74", "community on_demand 0.34"]);
    }

    #[test]
    fn d07_a_placeholder_of_a_tier_that_is_not_sold_is_no_price() {
        check(&json!({"communityCloud": false, "communityPrice": 0.5, "communitySpotPrice": 0.2}), &["secure on_demand 0.74"]);
        check(&json!({"secureCloud": false, "securePrice": 0}), &["community on_demand 0.34"]);
        check(&json!({"secureCloud": false, "communityCloud": false}), &[]);
    }

    #[test]
    fn d07_a_price_of_zero_or_below_is_rejected() {
        check(&json!({"securePrice": 0}), &["community on_demand 0.34", "!`securePrice` is `0`, not above zero"]);
        check(&json!({"communityPrice": -1}), &["secure on_demand 0.74", "!`communityPrice` is `-1`, not above zero"]);
    }

    #[test]
    fn d20_a_missing_price_is_rejected() {
        check(&json!({"securePrice": null}), &["community on_demand 0.34", "!`securePrice` is missing"]);
        check(&json!({"securePrice": "NaN"}), &["community on_demand 0.34", "!`securePrice`: `NaN` is not a decimal number"]);
    }

    #[test]
    fn d14_without_its_flag_a_price_is_not_believed() {
        check(&json!({"secureCloud": null}), &["community on_demand 0.34", "!`secureCloud` is missing"]);
        check(
            &json!({"secureCloud": null, "communityCloud": "yes"}),
            &["!`secureCloud` is missing", "!`communityCloud` is text where true or false is expected"],
        );
    }

    #[test]
    fn a_spot_price_counts_only_below_its_own_tier_on_demand() {
        let equal = (json!(0.74), json!(0.34));
        let above = (json!(0.77), json!(0.5));
        let none = (json!(null), json!(null));
        let not_above_zero = (json!(0), json!(-0.1));
        for (secure, community) in [equal, above, none, not_above_zero] {
            check(
                &json!({"secureSpotPrice": secure, "communitySpotPrice": community}),
                &["secure on_demand 0.74", "community on_demand 0.34"],
            );
        }
        // 0.5 is below the secure price and above the community price.
        check(
            &json!({"secureSpotPrice": 0.5, "communitySpotPrice": 0.5}),
            &["secure on_demand 0.74", "secure spot 0.5", "community on_demand 0.34"],
        );
    }

    #[test]
    fn a_spot_price_that_is_no_number_costs_the_spot_offer_alone() {
        check(
            &json!({"communitySpotPrice": "soon"}),
            &["secure on_demand 0.74", "community on_demand 0.34", "!`communitySpotPrice`: `soon` is not a decimal number"],
        );
    }

    #[test]
    fn d31_a_spot_price_never_stands_in_for_a_bad_on_demand_price() {
        check(
            &json!({"communityPrice": 0, "communitySpotPrice": 0.2}),
            &["secure on_demand 0.74", "!`communityPrice` is `0`, not above zero"],
        );
    }

    #[test]
    fn the_lowest_bid_is_the_spot_price_where_it_is_below_on_demand_of_machine_and_tier() {
        let with = |machine: Value, bid: Value, list: Value| {
            let lowest = json!({"uninterruptablePrice": machine, "minimumBidPrice": bid, "stockStatus": "High"});
            let parsed = parse_row(&json!({"secureCloud": false, "communityLowestPrice": lowest, "communitySpotPrice": list}));
            let spot = parsed.offers.into_iter().filter(|offer| offer.market == MarketKind::Spot);
            spot.map(|offer| (offer.price.amount.to_string(), offer.price_kind)).collect::<Vec<_>>()
        };
        let none: [(String, PriceKind); 0] = [];
        assert_eq!(with(json!(0.34), json!(0.3), json!(0.34)), [("0.3".to_owned(), PriceKind::BidFloor)]);
        assert_eq!(with(json!(null), json!(0.3), json!(0.29)), [("0.3".to_owned(), PriceKind::BidFloor)]);
        // What the same machine costs on demand is no spot price, and a list price does not help it.
        assert_eq!(with(json!(0.3), json!(0.3), json!(0.29)), none);
        assert_eq!(with(json!(0.34), json!(0.34), json!(null)), none);
        assert_eq!(with(json!(0.34), json!(0), json!(null)), none);
        assert_eq!(with(json!(0.5), json!(0.4), json!(null)), none, "above the tier's own price");
        // Nothing is free at the moment: the list speaks.
        assert_eq!(with(json!(null), json!(null), json!(0.29)), [("0.29".to_owned(), PriceKind::Fixed)]);
    }

    #[test]
    fn the_price_of_the_moment_is_no_price() {
        let lowest = json!({"uninterruptablePrice": 0.11, "minimumBidPrice": 0.11, "stockStatus": "High"});
        check(
            &json!({"secureLowestPrice": lowest, "communityLowestPrice": lowest}),
            &["secure on_demand 0.74", "community on_demand 0.34"],
        );
    }

    #[test]
    fn a_bid_that_is_no_number_costs_the_spot_offer_alone() {
        check(
            &json!({"communityLowestPrice": {"minimumBidPrice": "soon", "stockStatus": "High"}, "communitySpotPrice": 0.2}),
            &[
                "secure on_demand 0.74",
                "community on_demand 0.34",
                "!communityLowestPrice: `minimumBidPrice`: `soon` is not a decimal number",
            ],
        );
    }

    #[test]
    fn d08_the_price_is_of_one_gpu_up_to_the_largest_pod_of_the_tier() {
        let parsed = parse_row(&json!({"maxGpuCount": 10, "maxGpuCountSecureCloud": 8, "secureSpotPrice": 0.5}));
        let found: Vec<_> = parsed.offers.iter().map(|offer| (offer.gpu_count, offer.gpu_count_max, offer.price.unit())).collect();
        let expected = [Some(8), Some(8), Some(10)].map(|max| (Some(GpuCount::ONE), max, "per_gpu_hour".to_owned()));
        assert_eq!(found, expected);
    }

    #[test]
    fn a_largest_pod_of_zero_is_not_known() {
        let parsed = parse_row(&json!({"maxGpuCount": 10, "maxGpuCountSecureCloud": 0, "maxGpuCountCommunityCloud": null}));
        assert_eq!(parsed.offers.iter().map(|offer| offer.gpu_count_max).collect::<Vec<_>>(), [None, Some(10)]);
    }

    #[test]
    fn d12_a_slice_is_never_one_gpu() {
        let id = "NVIDIA RTX PRO 6000 Blackwell Server Edition MIG 1g.24gb";
        let parsed = parse_row(&json!({"id": id, "communityCloud": false, "maxGpuCount": 4}));
        let [slice] = parsed.offers.as_slice() else { panic!("{parsed:?}") };
        assert_eq!((slice.gpu_count, slice.gpu_count_max, slice.vram_per_gpu), (None, None, None));
        assert_eq!(slice.vram_usable, Vram::from_marketed_gb(24));
        assert_eq!(slice.price, Quote::usd_per_instance_hour(Nanos(740_000_000)));
    }

    #[test]
    fn stock_is_read_by_tier_and_null_is_not_the_same_as_not_asked() {
        let stock = |word: Value| json!({ "stockStatus": word });
        for (answer, expected) in [
            (stock(json!("High")), Availability::Available),
            (stock(json!("Medium")), Availability::Available),
            (stock(json!("Low")), Availability::Low),
            (stock(json!(null)), Availability::Unavailable),
            (json!(null), Availability::Unavailable),
            (stock(json!("Enough")), Availability::NotStated),
            (json!({}), Availability::NotStated),
        ] {
            let parsed = parse_row(&json!({ "communityLowestPrice": answer }));
            let found: Vec<_> = parsed.offers.iter().map(|offer| offer.availability).collect();
            assert_eq!(found, [Availability::NotStated, expected], "{answer}");
        }
    }

    #[test]
    fn d10_an_unknown_name_is_kept_as_it_is() {
        let parsed = parse_row(&json!({"id": "NVIDIA RTX 9999 Ultra", "displayName": null}));
        assert!(parsed.offers.iter().all(|offer| offer.gpu_name == "NVIDIA RTX 9999 Ultra" && offer.gpu_name_alternative.is_none()));
        assert_eq!(parsed.offers.len(), 2);
    }

    #[test]
    fn the_dummy_type_is_skipped_whatever_it_says() {
        check(&json!({"id": "unknown", "memoryInGb": 0}), &[]);
    }

    #[test]
    fn an_error_with_status_200_is_a_lost_shape_and_its_message_is_shortened() {
        let with = |errors: &Value| parse_text(&json!({"errors": errors, "data": {"gpuTypes": []}}).to_string());
        let error = with(&json!([{"message": format!("line\n{}", "x".repeat(500))}])).expect_err("an error");
        assert_eq!(error.pointer, "/errors/0/message");
        assert!(error.reason.len() < 200 && error.reason.contains("line xxx"), "{error}");
        for errors in [json!("oops"), json!({}), json!([7]), json!([{"message": 7}])] {
            assert!(with(&errors).is_err(), "{errors}");
        }
        for errors in [json!(null), json!([])] {
            assert!(with(&errors).is_ok(), "{errors}");
        }
    }

    #[test]
    fn an_answer_of_another_shape_is_refused() {
        let of_data = [r#"{"data": null}"#, r#"{"data": {"gpuTypes": null}}"#, r#"{"data": {"gpuTypes": {}}}"#];
        for text in ["{}", "[]", "7", "null", "<html>", ""].into_iter().chain(of_data) {
            assert!(parse_text(text).is_err(), "{text}");
        }
    }

    #[test]
    fn d14_no_dropped_or_replaced_value_makes_parse_panic() {
        let mut basic: Value = serde_json::from_str(BASIC).expect("the sample is JSON");
        // The rows have the same fields; four of them keep the test short.
        let rows = basic.pointer_mut("/data/gpuTypes").and_then(Value::as_array_mut).expect("the sample has rows");
        rows.truncate(4);
        let tried = crate::testing::survives_changes(&basic, |changed| parse_text(&changed.to_string()));
        assert!(tried > 500, "{tried}");
    }
}
