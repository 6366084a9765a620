//! A list, one row per machine. `price_per_gpu` is US dollars for one GPU and hour, set by the host, with the residue of
//! floating point (`8.000300000000001`); the price of a machine is that times its GPUs.
//!
//! `tier` is the market: `secure` stays until it is given back, `spot` may be taken away; both at a fixed price. A row whose
//! `specs.is_spot` says the opposite is rejected, and so is a tier of another name. `pending_price_per_hour`, with
//! `price_change_effective_date`, is an announced price, never the current one, also after its day.
//!
//! From `min_gpu_count_for_rental` GPUs on a machine is rented in parts; where that is null it counts as rented whole,
//! because nothing says otherwise. `available_gpu_count` is how many GPUs are free now. A host can write `NaN` for a
//! number, which is no JSON: it is read as null, so that it costs its row and not the book.
//! Source: getcomputable/gpu-index at 055204a, src/gpu_index/observatory/sources/lium.py (live 2026-08-22), read
//! 2026-11-25. `specs.gpu.details[].capacity` in MiB: a test of Lium's own client, read 2026-11-25.

use gpurate_domain::{
    Attributes, Availability, Country, GpuCount, MarketKind, Nanos, PriceKind, Quote, RawOffer, RegionCode, Rejected, Vram,
};
use serde_json::Value;

use crate::{Page, Parsed, ShapeError, json};

/// Names are the driver's. Its `NVIDIA H200` is the SXM board, since the other one is `NVIDIA H200 NVL` there.
const H200: (&str, &str) = ("NVIDIA H200", "H200 SXM");

/// Memory outside these is no memory of a card; then it is unknown.
const VRAM_MIB: std::ops::RangeInclusive<u32> = 512..=1024 * 1024;

pub(super) fn parse(pages: &[Page]) -> Result<Parsed, ShapeError> {
    let mut parsed = Parsed::default();
    for page in pages {
        let answer = read(page)?;
        for (index, row) in json::array(&answer, "")?.iter().enumerate() {
            match offer(row) {
                Ok(offer) => parsed.offers.push(offer),
                Err(reason) => {
                    let sku = json::text(row, "id").map_or_else(|_| format!("/{index}"), str::to_owned);
                    parsed.rejected.push(Rejected::new(sku, reason));
                }
            }
        }
    }
    Ok(parsed)
}

/// The answer as JSON, with null for each bare `NaN` and `Infinity`.
fn read(page: &Page) -> Result<Value, ShapeError> {
    let error = match page.json() {
        Ok(answer) => return Ok(answer),
        Err(error) => error,
    };
    let text = page.text()?;
    let cleaned = without_non_numbers(&text);
    if cleaned == text {
        return Err(error);
    }
    // The first error is the one about the answer as it came.
    serde_json::from_str(&cleaned).map_err(|_| error)
}

fn without_non_numbers(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_text = false;
    while let Some(character) = rest.chars().next() {
        let word = ["NaN", "-Infinity", "Infinity"].into_iter().find(|word| !in_text && rest.starts_with(word));
        let (taken, written) = match (word, character) {
            (Some(word), _) => (word.len(), "null"),
            (None, '\\') if in_text => {
                let escaped = rest.chars().nth(1).map_or(0, char::len_utf8);
                (1 + escaped, &rest[..1 + escaped])
            }
            (None, _) => {
                in_text ^= character == '"';
                (character.len_utf8(), &rest[..character.len_utf8()])
            }
        };
        cleaned.push_str(written);
        rest = &rest[taken..];
    }
    cleaned
}

fn offer(row: &Value) -> Result<RawOffer, json::FieldError> {
    let machine = json::text(row, "id")?;
    let gpu_name = json::text(row, "machine_name")?;
    let (market, term) = market(row)?;
    let price = json::decimal(row, "price_per_gpu")?;
    if !price.is_positive() {
        return Err(format!("`price_per_gpu` is `{price}`, not above zero"));
    }
    let rentable = Rentable::read(row)?;
    let country = country_code(row)?;
    let region = RegionCode(country.unwrap_or(RegionCode::UNKNOWN).to_owned());
    let mut offer = RawOffer::new(machine, "community", region, market, gpu_name, Quote::usd_per_gpu_hour(price));
    offer.country = country.filter(|code| code.parse::<Country>().is_ok()).map(str::to_owned);
    offer.provider_term = Some(term);
    offer.price_kind = PriceKind::Market;
    offer.gpu_name_alternative = (gpu_name == H200.0).then(|| H200.1.to_owned());
    offer.vram_per_gpu = memory(row);
    offer.gpu_count = Some(rentable.least);
    offer.gpu_count_max = rentable.most;
    offer.availability = rentable.availability;
    offer.attributes = attributes(row);
    Ok(offer)
}

/// The market and the provider's word for it.
fn market(row: &Value) -> Result<(MarketKind, &'static str), json::FieldError> {
    let (market, term) = match json::text(row, "tier")? {
        "secure" => (MarketKind::OnDemand, "secure"),
        "spot" => (MarketKind::Spot, "spot"),
        other => return Err(format!("`tier` is `{}`, which is neither `secure` nor `spot`", other.chars().take(20).collect::<String>())),
    };
    let is_spot = row.get("specs").map_or(Ok(None), |specs| json::optional_bool(specs, "is_spot"))?;
    if is_spot.is_some_and(|is_spot| is_spot != (market == MarketKind::Spot)) {
        return Err(format!("`tier` is `{term}` and `specs.is_spot` says the opposite"));
    }
    Ok((market, term))
}

/// How many GPUs of a machine one may take, and whether that many are free.
struct Rentable {
    least: GpuCount,
    most: Option<u32>,
    availability: Availability,
}

impl Rentable {
    fn read(row: &Value) -> Result<Self, json::FieldError> {
        let number = |field| Ok::<_, json::FieldError>(json::optional_whole(row, field)?.and_then(|number| u32::try_from(number).ok()));
        let of_machine = number("gpu_count")?.filter(|count| *count > 0).ok_or("`gpu_count` is missing or zero: the price is per GPU")?;
        let least = number("min_gpu_count_for_rental")?.filter(|count| *count > 0).unwrap_or(of_machine);
        if least > of_machine {
            return Err(format!("`min_gpu_count_for_rental` is {least} on a machine of {of_machine} GPUs"));
        }
        let free = number("available_gpu_count")?.filter(|free| *free <= of_machine);
        let whole_is_free = json::optional_bool(row, "is_whole_host_free")?;
        let availability = match free {
            Some(free) if free < least => Availability::Unavailable,
            _ if least == of_machine && whole_is_free == Some(false) => Availability::Unavailable,
            Some(_) => Availability::Available,
            None => Availability::NotStated,
        };
        let count = GpuCount::whole(least).ok_or("`gpu_count` is zero")?;
        Ok(Self { least: count, most: free.filter(|free| *free > least), availability })
    }
}

/// `US`, as the source looks it up from the machine's address.
fn country_code(row: &Value) -> Result<Option<&str>, json::FieldError> {
    match row.get("location") {
        None | Some(Value::Null) => Ok(None),
        Some(location) => json::optional_text(location, "country_code"),
    }
}

/// The memory of a card, where the answer holds it and all cards of the machine have the same.
fn memory(row: &Value) -> Option<Vram> {
    let cards = row.pointer("/specs/gpu/details")?.as_array()?;
    let mut sizes = cards.iter().map(|card| json::optional_whole(card, "capacity").ok().flatten());
    let first = sizes.next()??;
    let mib = u32::try_from(first).ok().filter(|mib| VRAM_MIB.contains(mib))?;
    sizes.all(|size| size == Some(first)).then_some(Vram::from_mib(mib))
}

/// What does not change the price: here an unreadable field is an unknown one.
fn attributes(row: &Value) -> Attributes {
    let percent = json::optional_decimal(row, "reliability_score").ok().flatten();
    let whole = 100 * gpurate_domain::money::NANOS_PER_UNIT;
    Attributes {
        download_mbit_s: json::attribute_whole(row, "effective_download_speed_mbps"),
        upload_mbit_s: json::attribute_whole(row, "effective_upload_speed_mbps"),
        reliability: percent.filter(|score| (0..=whole).contains(&score.0)).map(|score| Nanos(score.0 / 100)),
        ..Attributes::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Request;
    use chrono::{DateTime, Utc};
    use gpurate_domain::{GpuMatch, GpuTable};
    use serde_json::json;

    const BASIC: &str = include_str!("samples/basic/executors.json");

    fn parse_text(text: &str) -> Result<Parsed, ShapeError> {
        let request = Request::get("https://lium.io/api/executors");
        parse(&[Page::in_memory(request, DateTime::<Utc>::UNIX_EPOCH, Vec::new(), text.as_bytes())])
    }

    fn row() -> Value {
        json!({
            "id": "machine", "machine_name": "NVIDIA GeForce RTX 4090", "price_per_gpu": 0.3, "pending_price_per_hour": null,
            "price_change_effective_date": null, "gpu_count": 8, "available_gpu_count": 4, "specs": {"is_spot": false}, "tier": "secure",
            "reliability_score": 99.4, "location": {"country_code": "US"}, "effective_upload_speed_mbps": 403.1,
            "effective_download_speed_mbps": 479.5, "min_gpu_count_for_rental": 1, "is_whole_host_free": false,
        })
    }

    fn parse_row(changes: &[(&str, Value)]) -> Parsed {
        let mut row = row();
        for (field, value) in changes {
            row[*field] = value.clone();
        }
        parse_text(&json!([row]).to_string()).expect("a list")
    }

    fn one(parsed: &Parsed) -> &RawOffer {
        let ([offer], []) = (parsed.offers.as_slice(), parsed.rejected.as_slice()) else { panic!("{parsed:?}") };
        offer
    }

    #[track_caller]
    fn rejected(changes: &[(&str, Value)], word: &str) {
        let parsed = parse_row(changes);
        let ([], [row]) = (parsed.offers.as_slice(), parsed.rejected.as_slice()) else { panic!("{parsed:?}") };
        assert!(row.sku == "machine" && row.reason.contains(word), "{row:?}");
    }

    #[test]
    fn an_announced_price_is_not_the_current_one() {
        for date in ["2027-01-01T00:00:00Z", "2020-01-01T00:00:00Z", "soon"] {
            let parsed = parse_row(&[("pending_price_per_hour", json!(0.1)), ("price_change_effective_date", json!(date))]);
            assert_eq!(one(&parsed).price, Quote::usd_per_gpu_hour(Nanos(300_000_000)), "{date}");
        }
        // Nor does it stand in for one.
        rejected(&[("pending_price_per_hour", json!(0.1)), ("price_per_gpu", Value::Null)], "price_per_gpu");
        rejected(&[("pending_price_per_hour", json!(0.1)), ("price_per_gpu", json!(0))], "price_per_gpu");
    }

    #[test]
    fn d08_the_price_is_that_of_one_gpu() {
        let parsed =
            parse_row(&[("min_gpu_count_for_rental", json!(8)), ("available_gpu_count", json!(8)), ("is_whole_host_free", json!(true))]);
        let offer = one(&parsed);
        assert_eq!(offer.price.per_hour(offer.gpu_count).map(|price| price.nanos), Ok(2_400_000_000));
    }

    #[test]
    fn the_tier_is_the_market_and_both_must_agree() {
        let spot = parse_row(&[("tier", json!("spot")), ("specs", json!({"is_spot": true}))]);
        assert_eq!((one(&spot).market, one(&spot).provider_term), (MarketKind::Spot, Some("spot")));
        let secure = parse_row(&[("specs", Value::Null)]);
        assert_eq!((one(&secure).market, one(&secure).provider_term), (MarketKind::OnDemand, Some("secure")));
        rejected(&[("tier", json!("spot"))], "opposite");
        rejected(&[("specs", json!({"is_spot": true}))], "opposite");
        rejected(&[("tier", json!("premium"))], "neither");
        rejected(&[("tier", Value::Null)], "missing");
    }

    #[track_caller]
    fn check_rentable(gpus: u32, least: Value, free: Value, expected: (u32, Option<u32>, Availability)) {
        let whole = json!(free == json!(gpus));
        let parsed = parse_row(&[
            ("gpu_count", json!(gpus)),
            ("min_gpu_count_for_rental", least),
            ("available_gpu_count", free),
            ("is_whole_host_free", whole),
        ]);
        let offer = one(&parsed);
        assert_eq!((offer.gpu_count, offer.gpu_count_max, offer.availability), (GpuCount::whole(expected.0), expected.1, expected.2));
    }

    #[test]
    fn a_machine_that_is_rented_whole_is_no_offer_of_one_gpu() {
        check_rentable(8, json!(1), json!(4), (1, Some(4), Availability::Available));
        check_rentable(8, json!(1), json!(1), (1, None, Availability::Available));
        check_rentable(8, json!(1), json!(0), (1, None, Availability::Unavailable));
        check_rentable(8, json!(2), json!(8), (2, Some(8), Availability::Available));
        check_rentable(8, json!(8), json!(8), (8, None, Availability::Available));
        check_rentable(8, json!(8), json!(4), (8, None, Availability::Unavailable));
        check_rentable(8, Value::Null, json!(8), (8, None, Availability::Available));
        check_rentable(8, Value::Null, json!(4), (8, None, Availability::Unavailable));
        check_rentable(1, Value::Null, json!(1), (1, None, Availability::Available));
        // More free than there are says nothing.
        check_rentable(8, json!(1), json!(9), (1, None, Availability::NotStated));
        check_rentable(8, json!(1), Value::Null, (1, None, Availability::NotStated));
    }

    #[test]
    fn a_count_that_cannot_be_is_rejected() {
        rejected(&[("min_gpu_count_for_rental", json!(16))], "16 on a machine of 8");
        rejected(&[("gpu_count", json!(0))], "gpu_count");
        rejected(&[("gpu_count", Value::Null)], "gpu_count");
    }

    #[test]
    fn d20_a_bare_nan_costs_its_row_and_not_the_book() {
        let rows = |price: &str, name: &str| {
            let row = row().to_string().replace("\"price_per_gpu\":0.3", &format!("\"price_per_gpu\":{price}"));
            row.replace("NVIDIA GeForce RTX 4090", name)
        };
        for price in ["NaN", "Infinity", "-Infinity"] {
            let text = format!("[{},{}]", rows(price, "bad"), rows("0.3", r#"NaN \" Infinity é \\"#));
            let parsed = parse_text(&text).expect("the other row is good");
            assert_eq!(parsed.rejected.len(), 1, "{price}");
            // Within a text the words stay.
            assert_eq!(parsed.offers[0].gpu_name, "NaN \" Infinity é \\");
        }
        for text in ["[NaN", "NaN", "[\"\\", "", "[Infinity}"] {
            assert!(parse_text(text).is_err(), "{text}");
        }
    }

    #[test]
    fn d11_the_memory_of_the_cards_is_read_where_they_agree() {
        let with = |sizes: Value| one(&parse_row(&[("specs", json!({"gpu": {"details": sizes}}))])).vram_per_gpu;
        let card = |size: Value| json!({"name": "NVIDIA GeForce RTX 4090", "capacity": size});
        assert_eq!(with(json!([card(json!(49140)), card(json!("49140"))])), Some(Vram::from_mib(49140)));
        for sizes in
            [json!([card(json!(24564)), card(json!(49140))]), json!([]), json!([card(json!(24))]), json!([card(Value::Null)]), json!(7)]
        {
            assert_eq!(with(sizes.clone()), None, "{sizes}");
        }
    }

    #[test]
    fn d18_boards_of_like_names_stay_apart() {
        let table = GpuTable::builtin();
        let slug = |name: &str| {
            let parsed = parse_row(&[("machine_name", json!(name))]);
            let offer = one(&parsed);
            let names = [Some(&offer.gpu_name), offer.gpu_name_alternative.as_ref()];
            names.into_iter().flatten().find_map(|name| match table.resolve(name, offer.vram_per_gpu) {
                GpuMatch::Known(index) => Some(table.gpu(index).slug.clone()),
                _ => None,
            })
        };
        for (name, expected) in [
            ("NVIDIA H200", "h200-sxm"),
            ("NVIDIA H200 NVL", "h200-nvl"),
            ("NVIDIA H100 80GB HBM3", "h100-sxm"),
            ("NVIDIA H100 PCIe", "h100-pcie"),
            ("NVIDIA RTX PRO 6000 Blackwell Server Edition", "rtx-pro-6000-blackwell-server"),
            ("NVIDIA RTX PRO 6000 Blackwell Workstation Edition", "rtx-pro-6000-blackwell"),
        ] {
            assert_eq!(slug(name).as_deref(), Some(expected), "{name}");
        }
        assert_eq!(slug("NVIDIA RTX 9999"), None);
    }

    #[test]
    fn a_score_is_a_hundredth_and_a_place_may_be_unknown() {
        let score = |score: Value| one(&parse_row(&[("reliability_score", score)])).attributes.reliability;
        assert_eq!(score(json!(99.4)), Some(Nanos(994_000_000)));
        assert_eq!(score(json!(100)), Some(Nanos(1_000_000_000)));
        for bad in [json!(100.1), json!(-1), Value::Null, json!("good")] {
            assert_eq!(score(bad.clone()), None, "{bad}");
        }
        let place = |location: Value| {
            let parsed = parse_row(&[("location", location)]);
            (one(&parsed).region.0.clone(), one(&parsed).country.clone())
        };
        assert_eq!(place(json!({"country_code": "FI"})), ("FI".to_owned(), Some("FI".to_owned())));
        assert_eq!(place(json!({"country_code": "ZZ"})), ("ZZ".to_owned(), None));
        assert_eq!(place(Value::Null), ("unknown".to_owned(), None));
    }

    #[test]
    fn d14_no_dropped_or_replaced_value_makes_parse_panic() {
        let mut basic: Value = serde_json::from_str(BASIC).expect("the sample is JSON");
        // The rows have the same fields; four of them keep the test short.
        basic.as_array_mut().expect("the sample is a list").truncate(4);
        let tried = crate::testing::survives_changes(&basic, |changed| parse_text(&changed.to_string()));
        assert!(tried > 500, "{tried}");
    }
}
