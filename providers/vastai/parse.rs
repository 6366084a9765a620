//! `{"offers": [...]}`: one row is one rentable chunk of a machine. A machine of 8 GPUs has rows of 1, 2, 4 and 8 at once;
//! they overlap, so they are offers of their own and never added up.
//!
//! Units: `dph_base` is dollars an hour for *all* GPUs of the row, without disk; `dph_total` and `dph_total_adj` are the
//! same with a disk and some traffic in them and are never a price here (defect D33). `min_bid` is the lowest bid for the
//! whole row, without disk; at or above `dph_base` (seen: 19.2 against 15.47) it is no sensible spot price and left out.
//! `storage_cost` is dollars per GB and month of 720 hours, `inet_*_cost` dollars per GB, `gpu_ram` MiB per GPU,
//! `inet_up`/`inet_down` Mbit/s (the OpenAPI file says MB/s, which is wrong), `cpu_ram` the memory of the whole machine.
//!
//! Oddities: `id` changes when a row is rented and comes back, so the machine is the `sku`; `cpu_cores` may be null or 0;
//! `geolocation` may be null or `, US`; the stopped rate of storage may be higher than `storage_cost`, so it is unknown.
//! Source: vast-ai/docs at c624622, vast-ai/vast-cli at 5567983, dstackai/gpuhunt at 3584151, read 2026-11-22.

use std::collections::{BTreeMap, HashMap};

use gpurate_domain::{
    Attributes, Availability, Country, Currency, GpuCount, MarketKind, Nanos, PriceKind, Quote, RawOffer, RegionCode, Rejected, Term,
    TermKind, TermUnit, Vram,
};
use serde_json::Value;

use super::split::{self, Answer, Filters, Step};
use crate::{Page, Parsed, ShapeError, json};

/// Hours of Vast's month, in which `storage_cost` is given.
const HOURS_PER_MONTH: u32 = 30 * 24;
/// More models than this is no list of models.
const NAMES_MAX: usize = 1000;
const NAME_CHARS_MAX: usize = 80;

/// The models Vast knows, as parts to be collected.
pub(super) fn names(pages: &[Page]) -> Result<Parsed, ShapeError> {
    let mut parsed = Parsed { empty_is_an_answer: true, ..Parsed::default() };
    for page in pages {
        let answer = page.json()?;
        let names = json::array(&answer, "/gpu_names")?;
        if names.is_empty() || names.len() > NAMES_MAX {
            return Err(ShapeError::new("/gpu_names", format!("{} names where some dozens are expected", names.len())));
        }
        for (index, name) in names.iter().enumerate() {
            let place = || format!("/gpu_names/{index}");
            match name.as_str().map(str::trim) {
                None => parsed.rejected.push(Rejected::new(place(), format!("{} where a name is expected", json::kind(Some(name))))),
                Some("") => parsed.rejected.push(Rejected::new(place(), "an empty name")),
                Some(name) if name.chars().count() > NAME_CHARS_MAX => parsed.rejected.push(Rejected::new(place(), "too long for a name")),
                Some(name) if parsed.discovered_parts.iter().any(|known| known == name) => {}
                Some(name) => parsed.discovered_parts.push(name.to_owned()),
            }
        }
    }
    Ok(parsed)
}

/// The offers of one model.
pub(super) fn offers(model: &str, pages: &[Page]) -> Result<Parsed, ShapeError> {
    let answers = whole_answers(model, pages)?;
    let rows = latest_rows(&answers);
    let mut parsed = Parsed { empty_is_an_answer: rows.is_empty(), ..Parsed::default() };
    let mut offers = Offers::default();
    for (place, row) in rows {
        let sku = || whole_text(row, "machine_id").or_else(|| whole_text(row, "id")).unwrap_or_else(|| place.clone());
        match chunk(model, row) {
            Ok(Chunk { on_demand, spot }) => {
                offers.add(on_demand);
                match spot {
                    Ok(Some(spot)) => offers.add(spot),
                    Ok(None) => {}
                    Err(reason) => parsed.rejected.push(Rejected::new(sku(), reason)),
                }
            }
            Err(reason) => parsed.rejected.push(Rejected::new(sku(), reason)),
        }
    }
    parsed.offers = offers.list;
    Ok(parsed)
}

/// The answers that together hold the book, each with its page.
fn whole_answers<'a>(model: &str, pages: &'a [Page]) -> Result<Vec<(&'a Page, Value)>, ShapeError> {
    let mut read: BTreeMap<Filters, (&Page, Value)> = BTreeMap::new();
    let mut answers = BTreeMap::new();
    for page in pages {
        let filters = Filters::of_request(page.request.body.as_deref())?;
        if filters.model != model {
            return Err(ShapeError::new("", format!("a page about `{}` among those about `{model}`", filters.model)));
        }
        if read.get(&filters).is_some_and(|(known, _)| known.received_at > page.received_at) {
            continue;
        }
        let answer = page.json()?;
        answers.insert(filters.clone(), Answer::read(&answer)?);
        read.insert(filters, (page, answer));
    }
    match split::next(&Filters::model(model), &answers) {
        Ok(Step::Whole(filters)) => Ok(filters.iter().filter_map(|filters| read.remove(filters)).collect()),
        Ok(Step::Ask(_)) => Err(ShapeError::new("/offers", "an answer is full and the pages that go on from it are missing")),
        Err(reason) => Err(ShapeError::new("/offers", reason)),
    }
}

/// Every row once, with its place: two answers overlap by the rows at their common bound, and a row may move from one to
/// the other while they are asked. The later answer is right.
fn latest_rows<'a>(answers: &'a [(&Page, Value)]) -> Vec<(String, &'a Value)> {
    let mut rows = Vec::new();
    let mut places: HashMap<u64, (usize, chrono::DateTime<chrono::Utc>)> = HashMap::new();
    for (page, answer) in answers {
        for (index, row) in answer.get("offers").and_then(Value::as_array).into_iter().flatten().enumerate() {
            let entry = (format!("/offers/{index}"), row);
            let id = ["id", "ask_contract_id"].iter().find_map(|field| json::optional_whole(row, field).ok().flatten());
            match id.and_then(|id| places.get(&id).copied()) {
                Some((place, received_at)) if page.received_at >= received_at => rows[place] = entry,
                Some(_) => {}
                None => {
                    if let Some(id) = id {
                        places.insert(id, (rows.len(), page.received_at));
                    }
                    rows.push(entry);
                }
            }
        }
    }
    rows
}

fn whole_text(row: &Value, field: &str) -> Option<String> {
    json::optional_whole(row, field).ok().flatten().map(|number| number.to_string())
}

/// Offers by identity: equal chunks of a machine are one offer, the cheapest that can be had, with their number.
#[derive(Default)]
struct Offers {
    list: Vec<RawOffer>,
    places: HashMap<(String, String, String, MarketKind, Option<GpuCount>), usize>,
}

impl Offers {
    fn add(&mut self, offer: RawOffer) {
        let key = (offer.sku.clone(), offer.tier.clone(), offer.region.0.clone(), offer.market, offer.gpu_count);
        let Some(place) = self.places.get(&key) else {
            self.places.insert(key, self.list.len());
            self.list.push(offer);
            return;
        };
        let known = &mut self.list[*place];
        match (known.availability.may_be_had(), offer.availability.may_be_had()) {
            (true, false) => {}
            (false, true) => *known = offer,
            _ => {
                let units = known.units.saturating_add(1);
                if offer.price.amount < known.price.amount {
                    *known = offer;
                }
                known.units = units;
            }
        }
    }
}

/// One row in both markets.
struct Chunk {
    on_demand: RawOffer,
    /// `None` where no bid is taken that is below the on-demand price; or why it cannot be told.
    spot: Result<Option<RawOffer>, json::FieldError>,
}

fn chunk(model: &str, row: &Value) -> Result<Chunk, json::FieldError> {
    let machine = json::optional_whole(row, "machine_id")?.ok_or("`machine_id` is missing")?;
    let gpu_name = json::text(row, "gpu_name")?;
    if gpu_name != model {
        let found: String = gpu_name.chars().take(40).collect();
        return Err(format!("`{found}` came where `{model}` was asked for"));
    }
    if json::optional_bool(row, "is_bid")? == Some(true) {
        return Err("the row is priced for a bid, not on demand".to_owned());
    }
    let price = json::decimal(row, "dph_base")?;
    if !price.is_positive() {
        return Err(format!("price `{price}` is not above zero"));
    }
    let tier = if json::optional_whole(row, "hosting_type")? == Some(1) { "datacenter" } else { "community" };
    let place = json::optional_text(row, "geolocation")?;
    let region = RegionCode(place.unwrap_or(RegionCode::UNKNOWN).to_owned());

    let quote = Quote::usd_per_instance_hour(price);
    let mut on_demand = RawOffer::new(machine.to_string(), tier, region, MarketKind::OnDemand, gpu_name, quote);
    on_demand.price_kind = PriceKind::Market;
    on_demand.country = place.and_then(country).map(|country| country.to_string());
    on_demand.vram_per_gpu = positive(json::optional_whole(row, "gpu_ram")?).and_then(|mib| u32::try_from(mib).ok()).map(Vram::from_mib);
    on_demand.gpu_count = json::optional_whole(row, "num_gpus")?.and_then(|count| u32::try_from(count).ok()).and_then(GpuCount::whole);
    on_demand.availability = availability(row)?;
    on_demand.terms = terms(row)?;
    on_demand.attributes = attributes(row);

    let spot = lowest_bid(row).map(|bid| {
        let bid = bid.filter(|bid| bid.is_positive() && *bid < price)?;
        let mut spot = on_demand.clone();
        spot.market = MarketKind::Spot;
        spot.provider_term = Some("interruptible");
        spot.price = Quote::usd_per_instance_hour(bid);
        spot.price_kind = PriceKind::BidFloor;
        Some(spot)
    });
    Ok(Chunk { on_demand, spot })
}

/// A null bid is no bid; a field that is not there at all was renamed, which must not look like a market without bids
/// (defect D26).
fn lowest_bid(row: &Value) -> Result<Option<Nanos>, json::FieldError> {
    if row.get("min_bid").is_none() {
        return Err("`min_bid` is missing: no interruptible price".to_owned());
    }
    json::optional_decimal(row, "min_bid")
}

fn availability(row: &Value) -> Result<Availability, json::FieldError> {
    Ok(match (json::optional_bool(row, "rentable")?, json::optional_bool(row, "rented")?) {
        (Some(false), _) | (_, Some(true)) => Availability::Unavailable,
        (Some(true), _) => Availability::Available,
        (None, _) => Availability::NotStated,
    })
}

/// The country of `Texas, US`, `, US` and (asked with regions) `Texas, US, NA`: the last part of two letters, unless that
/// is the continent behind a country. `NA` alone is Namibia.
fn country(place: &str) -> Option<Country> {
    let mut parts = place.rsplit(',').map(str::trim);
    let code = |part: &str| part.parse::<Country>().ok().filter(|country| country.as_str() == part);
    let last = parts.next()?;
    if gpurate_domain::region::continents().any(|continent| continent == last)
        && let Some(before) = parts.next().and_then(code)
    {
        return Some(before);
    }
    code(last)
}

/// Storage while running, and data both ways; zero is free, as the host says. Storage while stopped is not here: its
/// rate may be higher than the listed one.
fn terms(row: &Value) -> Result<Vec<Term>, json::FieldError> {
    let month = TermUnit::GbMonth { hours: HOURS_PER_MONTH };
    let facts = [
        (TermKind::StorageRunning, "storage_cost", month),
        (TermKind::Egress, "inet_up_cost", TermUnit::Gb),
        (TermKind::Ingress, "inet_down_cost", TermUnit::Gb),
    ];
    let mut terms = Vec::with_capacity(facts.len());
    for (kind, field, unit) in facts {
        let Some(amount) = json::optional_decimal(row, field)? else { continue };
        if amount.0 < 0 {
            return Err(format!("`{field}` is `{amount}`, below zero"));
        }
        terms.push(Term { kind, amount, currency: Currency::USD, unit });
    }
    Ok(terms)
}

/// What does not change the price: here an unreadable field is an unknown one.
fn attributes(row: &Value) -> Attributes {
    let number = |field: &str| json::optional_decimal(row, field).ok().flatten();
    let cores = number("cpu_cores_effective").filter(|cores| cores.is_positive());
    let score = |field: &str| number(field).filter(|score| (0..=gpurate_domain::money::NANOS_PER_UNIT).contains(&score.0));
    Attributes {
        vcpu_millis: cores.and_then(|cores| u64::try_from(cores.0 / 1_000_000).ok()),
        ram_mib: cores.and_then(|cores| memory_share(row, cores)),
        disk_gb: json::attribute_whole(row, "disk_space"),
        download_mbit_s: json::attribute_whole(row, "inet_down"),
        upload_mbit_s: json::attribute_whole(row, "inet_up"),
        reliability: score("reliability2").or_else(|| score("reliability")),
        verified: json::optional_text(row, "verification").ok().flatten().map(|word| word == "verified"),
        offered_for_seconds: json::attribute_whole(row, "duration"),
        retired: false,
        egress_free_gb_per_month: None,
    }
}

/// `cpu_ram` × cores one gets ÷ cores of the machine; unknown where the machine's cores are null or 0.
fn memory_share(row: &Value, cores: Nanos) -> Option<u64> {
    let of_machine = json::optional_decimal(row, "cpu_cores").ok()?.filter(|cores| cores.is_positive())?;
    let memory = positive(json::attribute_whole(row, "cpu_ram"))?;
    let share = u128::from(memory) * u128::from(cores.0.unsigned_abs()) / u128::from(of_machine.0.unsigned_abs());
    positive(u64::try_from(share).ok())
}

fn positive(number: Option<u64>) -> Option<u64> {
    number.filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Request;
    use chrono::{DateTime, Utc};
    use serde_json::json;

    const BASIC: &str = include_str!("samples/basic/rtx-4090.json");

    fn page(filters: &Filters, second: i64, body: &Value) -> Page {
        let request = Request::post_json("https://console.vast.ai/api/v0/bundles/", &filters.body());
        let received_at = DateTime::<Utc>::from_timestamp(second, 0).expect("a time");
        Page::in_memory(request, received_at, Vec::new(), body.to_string().into_bytes())
    }

    fn parsed(body: &Value) -> Result<Parsed, ShapeError> {
        offers("RTX 4090", &[page(&Filters::model("RTX 4090"), 0, body)])
    }

    fn row() -> Value {
        json!({
            "id": 1, "machine_id": 7, "num_gpus": 2, "gpu_name": "RTX 4090", "gpu_ram": 24564, "dph_base": 0.62, "dph_total": 0.7,
            "min_bid": 0.4, "rentable": true, "rented": false, "hosting_type": 0, "geolocation": "Texas, US",
        })
    }

    fn one(row: &Value) -> Parsed {
        parsed(&json!({ "offers": [row] })).expect("an answer")
    }

    fn with(changes: &[(&str, Value)]) -> Value {
        let mut row = row();
        for (field, value) in changes {
            row[*field] = value.clone();
        }
        row
    }

    #[test]
    fn d08_d33_the_price_is_that_of_all_gpus_without_disk() {
        let parsed = one(&row());
        let shown: Vec<_> = parsed.offers.iter().map(|offer| (offer.market, offer.price, offer.price_kind, offer.provider_term)).collect();
        let dollars = |text: &str| Quote::usd_per_instance_hour(text.parse().expect("a number"));
        assert_eq!(
            shown,
            [
                (MarketKind::OnDemand, dollars("0.62"), PriceKind::Market, None),
                (MarketKind::Spot, dollars("0.4"), PriceKind::BidFloor, Some("interruptible")),
            ]
        );
    }

    #[test]
    fn a_bid_that_is_not_below_the_on_demand_price_is_no_offer() {
        for bid in [json!(0.62), json!(0.7), json!(0), json!(-1), Value::Null] {
            let parsed = one(&with(&[("min_bid", bid.clone())]));
            assert_eq!((parsed.offers.len(), parsed.rejected.len()), (1, 0), "{bid}");
        }
    }

    #[test]
    fn d26_a_bid_field_that_is_gone_or_unreadable_is_said() {
        let mut renamed = row();
        renamed.as_object_mut().expect("an object").remove("min_bid");
        for row in [renamed, with(&[("min_bid", json!([1]))])] {
            let parsed = one(&row);
            assert_eq!((parsed.offers.len(), parsed.rejected.len()), (1, 1), "{row}");
        }
    }

    #[test]
    fn d07_a_price_that_is_no_price_is_rejected_in_both_markets() {
        for price in [json!(0), json!(-0.1), json!("NaN"), json!(null), json!(true), json!({})] {
            let parsed = one(&with(&[("dph_base", price.clone())]));
            assert_eq!((parsed.offers.len(), parsed.rejected.len()), (0, 1), "{price}");
        }
    }

    #[test]
    fn d14_memory_is_unknown_where_the_cores_are() {
        #[track_caller]
        fn check(cores: Value, effective: Value, memory: Option<u64>, vcpu_millis: Option<u64>) {
            let attributes = attributes(&json!({"cpu_cores": cores, "cpu_cores_effective": effective, "cpu_ram": 64393}));
            assert_eq!((attributes.ram_mib, attributes.vcpu_millis), (memory, vcpu_millis));
        }
        check(json!(96), json!(24.0), Some(16098), Some(24_000));
        check(json!(96), json!(7.5), Some(5030), Some(7500));
        check(json!(null), json!(24.0), None, Some(24_000));
        check(json!(0), json!(24.0), None, Some(24_000));
        check(json!(96), json!(null), None, None);
    }

    #[test]
    fn the_country_is_the_last_two_letters_where_they_are_one() {
        let check = |place: &str, code: Option<&str>| assert_eq!(country(place).map(|found| found.to_string()).as_deref(), code, "{place}");
        check("Texas, US", Some("US"));
        check(", US", Some("US"));
        check("US", Some("US"));
        check("Texas, US, NA", Some("US"));
        check("Khomas, NA", Some("NA"));
        check("Nowhere, ZZ", None);
        check("Oregon", None);
        check("", None);
    }

    #[test]
    fn a_place_that_is_not_said_is_unknown() {
        let parsed = one(&with(&[("geolocation", Value::Null)]));
        assert_eq!((parsed.offers[0].region.0.as_str(), &parsed.offers[0].country), ("unknown", &None));
    }

    #[test]
    fn d09_a_data_centre_is_a_tier_of_its_own() {
        let tier = |hosting_type: Value| one(&with(&[("hosting_type", hosting_type)])).offers[0].tier.clone();
        assert_eq!([tier(json!(1)), tier(json!(0)), tier(Value::Null)], ["datacenter", "community", "community"]);
    }

    #[test]
    fn what_is_rented_or_not_rentable_cannot_be_had() {
        let found = |rentable: Value, rented: Value| one(&with(&[("rentable", rentable), ("rented", rented)])).offers[0].availability;
        assert_eq!(found(json!(true), json!(false)), Availability::Available);
        assert_eq!(found(json!(true), Value::Null), Availability::Available);
        assert_eq!(found(json!(false), json!(false)), Availability::Unavailable);
        assert_eq!(found(json!(true), json!(true)), Availability::Unavailable);
        assert_eq!(found(Value::Null, Value::Null), Availability::NotStated);
    }

    #[test]
    fn d19_equal_chunks_of_a_machine_are_one_offer_and_the_cheapest_that_can_be_had_is_shown() {
        let chunk =
            |id: u32, price: &str, rentable: bool| with(&[("id", json!(id)), ("dph_base", json!(price)), ("rentable", json!(rentable))]);
        let rows = [chunk(1, "0.5", false), chunk(2, "0.62", true), chunk(3, "0.6", true), chunk(4, "0.1", false)];
        let parsed = parsed(&json!({ "offers": rows })).expect("an answer");
        let shown: Vec<_> = parsed.offers.iter().filter(|offer| offer.market == MarketKind::OnDemand).collect();
        assert_eq!(shown.len(), 1);
        assert_eq!((shown[0].price.amount, shown[0].units, shown[0].availability), (Nanos(600_000_000), 2, Availability::Available));
    }

    #[test]
    fn d05_a_full_answer_alone_is_not_a_book() {
        let rows: Vec<_> = (0..split::LIMIT).map(|id| with(&[("id", json!(id))])).collect();
        assert!(parsed(&json!({ "offers": rows })).is_err());
    }

    #[test]
    fn d01_a_page_about_another_model_is_refused() {
        let pages = [page(&Filters::model("RTX 3090"), 0, &json!({ "offers": [row()] }))];
        assert!(offers("RTX 4090", &pages).is_err());
    }

    #[test]
    fn a_question_asked_twice_counts_by_its_later_answer() {
        let body = |price: &str| json!({ "offers": [with(&[("dph_base", json!(price))])] });
        let model = Filters::model("RTX 4090");
        let parsed = offers("RTX 4090", &[page(&model, 20, &body("0.9")), page(&model, 10, &body("0.8"))]).expect("an answer");
        assert_eq!(parsed.offers[0].price.amount, Nanos(900_000_000));
    }

    #[test]
    fn too_many_names_are_no_list_of_names() {
        let answer = |count: usize| {
            let names: Vec<_> = (0..count).map(|number| format!("RTX {number}")).collect();
            let request = Request::get("https://console.vast.ai/api/v0/gpu_names/unique/");
            names_of(Page::in_memory(
                request,
                DateTime::<Utc>::UNIX_EPOCH,
                Vec::new(),
                json!({ "gpu_names": names }).to_string().into_bytes(),
            ))
        };
        assert!(answer(0).is_err() && answer(NAMES_MAX + 1).is_err());
        assert_eq!(answer(3).map(|parsed| parsed.discovered_parts.len()), Ok(3));
    }

    fn names_of(page: Page) -> Result<Parsed, ShapeError> {
        names(&[page])
    }

    #[test]
    fn d14_any_field_may_be_missing_or_of_another_kind() {
        let basic: Value = serde_json::from_str(BASIC).expect("the sample is JSON");
        let rows = basic["offers"].as_array().expect("a list").clone();
        let others = [Value::Null, json!("x"), json!(-1), json!(1.5e300), json!(0), json!([1]), json!({"a": 1}), json!(true)];
        for row in rows {
            for field in row.as_object().expect("an object").keys() {
                let mut changed = json!({ "offers": [row] });
                changed["offers"][0].as_object_mut().expect("an object").remove(field);
                assert!(parsed(&changed).is_ok(), "{field} removed");
                for other in &others {
                    changed["offers"][0][field] = other.clone();
                    let parsed = parsed(&changed).unwrap_or_else(|error| panic!("{field} = {other}: {error}"));
                    assert!(parsed.offers.iter().all(|offer| offer.price.amount.is_positive()), "{field} = {other}");
                }
            }
        }
        for other in others {
            let _refused = parsed(&json!({ "offers": other }));
            let _refused = parsed(&other);
            let rows = parsed(&json!({ "offers": [other] })).expect("a list of one bad row");
            assert_eq!((rows.offers.len(), rows.rejected.len()), (0, 1));
        }
    }
}
