//! Vast.ai, a marketplace: `POST <https://console.vast.ai/api/v0/bundles/>`, one part per GPU model, no key.
//!
//! There is no paging, and the server gives at most 64 rows whatever `limit` says: a full answer is a truncated one
//! (defect D5), and its question is split until no answer is full (see `split.rs`). The part `names` asks which GPU
//! models exist (`GET /api/v0/gpu_names/unique/`) and makes them parts of the next rounds, so that the list below is a
//! start and never a limit (defect D23).
//! Source: vast-ai/docs at c624622 and vast-ai/vast-cli at 5567983, read 2026-11-22.

mod parse;
mod split;

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use crate::{FetchError, Page, Parsed, Part, Provider, Request, Settings, ShapeError, Transport};
use split::{Answer, Filters, Step};

/// Vast.ai.
#[derive(Debug)]
pub struct VastAi;

/// The trailing slash matters.
const OFFERS: &str = "https://console.vast.ai/api/v0/bundles/";
const NAMES: &str = "https://console.vast.ai/api/v0/gpu_names/unique/";

/// The part that asks for the names of all models.
const PART_NAMES: &str = "names";
/// After all models: its answer serves the next round.
const PRIORITY_OF_NAMES: u8 = 200;

/// What people ask for most.
const FIRST: [&str; 3] = ["RTX 3090", "RTX 4090", "RTX 5090"];

/// Where a daemon begins that has not yet asked for the names, spelt as Vast spells them. A name nobody offers any more
/// costs one request and gives an empty book.
const KNOWN: &[&str] = &[
    "H100 SXM",
    "H100 NVL",
    "H100 PCIE",
    "H200",
    "H200 NVL",
    "B200",
    "B300",
    "A100 SXM4",
    "A100 PCIE",
    "L40S",
    "L40",
    "L4",
    "A40",
    "A10",
    "RTX PRO 6000 WS",
    "RTX PRO 6000 S",
    "RTX 6000Ada",
    "RTX 5000Ada",
    "RTX 4000Ada",
    "RTX A6000",
    "RTX A5000",
    "RTX A4000",
    "RTX 5080",
    "RTX 5070 Ti",
    "RTX 5070",
    "RTX 5060 Ti",
    "RTX 5060",
    "RTX 4090D",
    "RTX 4080S",
    "RTX 4080",
    "RTX 4070S Ti",
    "RTX 4070 Ti",
    "RTX 4070S",
    "RTX 4070",
    "RTX 4060 Ti",
    "RTX 4060",
    "RTX 3090 Ti",
    "RTX 3080 Ti",
    "RTX 3080",
    "RTX 3070 Ti",
    "RTX 3070",
    "RTX 3060 Ti",
    "RTX 3060",
    "RTX 2080 Ti",
    "Q RTX 8000",
    "Tesla V100",
    "MI300X",
];

/// So many questions about one model at most: six minutes at the documented rate, some 3 700 offers.
const REQUESTS_MAX: usize = 60;

#[async_trait]
impl Provider for VastAi {
    fn slug(&self) -> &'static str {
        "vastai"
    }

    fn manifest(&self) -> &'static str {
        include_str!("manifest.toml")
    }

    fn version(&self) -> u32 {
        1
    }

    fn parts(&self, settings: &Settings) -> Vec<Part> {
        let mut seen = BTreeSet::from([PART_NAMES]);
        let mut parts: Vec<Part> = FIRST.iter().filter(|name| seen.insert(name)).map(|name| Part::first(*name)).collect();
        let discovered = settings.discovered_parts.iter().map(String::as_str);
        parts.extend(KNOWN.iter().copied().chain(discovered).filter(|name| seen.insert(name)).map(Part::new));
        parts.push(Part { name: PART_NAMES.to_owned(), priority: PRIORITY_OF_NAMES });
        settings.choose(parts)
    }

    async fn fetch(&self, part: &Part, _settings: &Settings, transport: &dyn Transport) -> Result<Vec<Page>, FetchError> {
        if part.name == PART_NAMES {
            return Ok(vec![transport.send(Request::get(NAMES)).await?]);
        }
        let mut pages = Vec::new();
        let mut answers = BTreeMap::new();
        loop {
            let step = split::next(&Filters::model(&part.name), &answers).map_err(|reason| FetchError::Incomplete { reason })?;
            let Step::Ask(filters) = step else { return Ok(pages) };
            if pages.len() == REQUESTS_MAX {
                return Err(FetchError::Incomplete { reason: format!("more than {REQUESTS_MAX} requests for one model") });
            }
            let page = transport.send(Request::post_json(OFFERS, &filters.body())).await?;
            answers.insert(filters, Answer::read(&page.json()?)?);
            pages.push(page);
        }
    }

    fn parse(&self, part: &Part, pages: &[Page]) -> Result<Parsed, ShapeError> {
        if part.name == PART_NAMES { parse::names(pages) } else { parse::offers(&part.name, pages) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchanges::Case;
    use chrono::{DateTime, Utc};
    use gpurate_domain::{GpuMatch, GpuTable, MarketKind, Nanos};
    use serde_json::{Value, json};
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A market that answers as Vast does: filters, order, at most 64 rows.
    struct Market {
        rows: Vec<Value>,
        keeps_order: bool,
        keeps_filters: bool,
        /// This request, counted from 1, is answered 429.
        fails_at: Option<usize>,
        asked: AtomicUsize,
    }

    impl Market {
        fn of(rows: Vec<Value>) -> Self {
            Self { rows, keeps_order: true, keeps_filters: true, fails_at: None, asked: AtomicUsize::new(0) }
        }

        fn asked(&self) -> usize {
            self.asked.load(Ordering::Relaxed)
        }

        fn answer(&self, body: &Value) -> Value {
            let number = |value: &Value| value.to_string().parse::<Nanos>().expect("a number").0;
            let fits = |row: &Value, field: &str| {
                let Some(Value::Object(bounds)) = body.get(field) else { return true };
                bounds.iter().all(|(operator, bound)| match operator.as_str() {
                    "eq" => row[field] == *bound,
                    "gte" => number(&row[field]) >= number(bound),
                    "lte" => number(&row[field]) <= number(bound),
                    "lt" => number(&row[field]) < number(bound),
                    other => panic!("operator {other}"),
                })
            };
            let fields = ["gpu_name", "num_gpus", "dph_total", "machine_id", "rentable"];
            let mut rows: Vec<_> =
                self.rows.iter().filter(|row| !self.keeps_filters || fields.iter().all(|field| fits(row, field))).cloned().collect();
            if self.keeps_order {
                rows.sort_by_cached_key(|row| number(&row["dph_total"]));
            }
            let limit = usize::try_from(body["limit"].as_u64().expect("a limit")).expect("fits");
            rows.truncate(limit.min(64));
            json!({ "offers": rows })
        }
    }

    #[async_trait]
    impl Transport for Market {
        async fn send(&self, request: Request) -> Result<Page, FetchError> {
            let number = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
            if self.fails_at == Some(number) {
                return Err(FetchError::Status { host: "console.vast.ai".into(), status: 429 });
            }
            let body = serde_json::from_str(request.body.as_deref().expect("a body")).expect("JSON");
            let received_at = DateTime::<Utc>::from_timestamp(i64::try_from(number).expect("small"), 0).expect("a time");
            Ok(Page::in_memory(request, received_at, Vec::new(), self.answer(&body).to_string().into_bytes()))
        }
    }

    fn fetched(market: &dyn Transport, part: &str) -> Result<Vec<Page>, FetchError> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(VastAi.fetch(&Part::new(part), &Settings::default(), market))
    }

    /// `count` machines; `price` gives thousandths of a dollar for the number of a machine.
    fn machines(count: u64, gpus: impl Fn(u64) -> u64, price: impl Fn(u64) -> u64) -> Vec<Value> {
        let row = |machine: u64| {
            let price = format!("0.{:03}", price(machine));
            let number = |text: &str| Value::Number(text.parse().expect("a number"));
            json!({
                "id": 900_000 + machine, "machine_id": machine, "num_gpus": gpus(machine), "gpu_name": "RTX 4090", "gpu_ram": 24564,
                "dph_base": number(&price), "dph_total": number(&format!("{price}0001111111")), "min_bid": null, "rentable": true, "rented": false,
            })
        };
        (1..=count).map(row).collect()
    }

    #[track_caller]
    fn check_whole(market: &Market, offers: usize) {
        let pages = fetched(market, "RTX 4090").unwrap_or_else(|error| panic!("{error} after {} requests", market.asked()));
        let parsed = VastAi.parse(&Part::new("RTX 4090"), &pages).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((parsed.offers.len(), parsed.rejected.len()), (offers, 0));
        assert!(parsed.offers.iter().all(|offer| offer.units == 1), "a row of two answers counts once");
    }

    #[test]
    fn d05_a_full_answer_is_split_until_none_is_full() {
        for count in [0, 1, 62, 63, 64, 65, 700, 1500] {
            let market =
                Market::of(machines(count, |machine| [1, 1, 1, 2, 4, 8, 10][(machine % 7) as usize], |machine| 100 + machine * 7 % 800));
            check_whole(&market, usize::try_from(count).expect("small"));
            assert!(count < 63 || market.asked() > 1, "{count} machines, {} requests", market.asked());
        }
    }

    #[test]
    fn d05_many_machines_at_one_price_are_all_found() {
        check_whole(&Market::of(machines(400, |_| 8, |machine| if machine < 300 { 500 } else { 400 + machine })), 400);
    }

    #[test]
    fn d05_a_source_that_does_not_keep_the_order_is_read_whole_too() {
        let market = Market::of(machines(500, |_| 1, |machine| 100 + machine * 389 % 800));
        check_whole(&Market { keeps_order: false, ..market }, 500);
    }

    #[test]
    fn a_source_that_ignores_its_filters_is_not_asked_in_a_circle() {
        let market = Market { keeps_filters: false, ..Market::of(machines(100, |machine| 1 + machine % 3, |machine| 100 + machine)) };
        assert!(matches!(fetched(&market, "RTX 4090"), Err(FetchError::Incomplete { .. })));
        assert_eq!(market.asked(), 2);
    }

    #[test]
    fn more_questions_than_a_part_may_ask_are_an_error() {
        let market = Market::of(machines(4000, |_| 1, |machine| 100 + machine % 900));
        assert!(matches!(fetched(&market, "RTX 4090"), Err(FetchError::Incomplete { .. })));
        assert_eq!(market.asked(), REQUESTS_MAX);
    }

    #[test]
    fn d04_one_failed_question_fails_the_part() {
        for number in 1..=8 {
            let market = Market { fails_at: Some(number), ..Market::of(machines(200, |_| 1, |machine| 100 + machine)) };
            assert!(matches!(fetched(&market, "RTX 4090"), Err(FetchError::Status { status: 429, .. })), "{number}");
        }
    }

    #[test]
    fn d01_the_order_of_the_pages_says_nothing() {
        let mut pages = fetched(&Market::of(machines(300, |machine| 1 + machine % 2, |machine| 100 + machine)), "RTX 4090").expect("pages");
        let offers = |pages: &[Page]| VastAi.parse(&Part::new("RTX 4090"), pages).expect("an answer").offers;
        let before = offers(&pages);
        pages.reverse();
        assert_eq!(offers(&pages), before);
        pages.pop();
        assert!(VastAi.parse(&Part::new("RTX 4090"), &pages).is_err(), "a page is missing");
    }

    /// The row at the end of the first price range moves into the next one after it was read.
    struct Moving(Mutex<Market>);

    #[async_trait]
    impl Transport for Moving {
        async fn send(&self, request: Request) -> Result<Page, FetchError> {
            let (page, number) = {
                let mut market = self.0.lock().expect("not poisoned");
                let body = serde_json::from_str(request.body.as_deref().expect("a body")).expect("JSON");
                let answer = market.answer(&body);
                let number = market.asked.fetch_add(1, Ordering::Relaxed) + 1;
                if number == 2 {
                    market.rows[61]["dph_base"] = json!(0.5);
                    market.rows[61]["dph_total"] = json!(0.5);
                }
                (answer, number)
            };
            let received_at = DateTime::<Utc>::from_timestamp(i64::try_from(number).expect("small"), 0).expect("a time");
            Ok(Page::in_memory(request, received_at, Vec::new(), page.to_string().into_bytes()))
        }
    }

    #[test]
    fn d04_a_row_that_moves_between_two_answers_is_there_once() {
        let market = Moving(Mutex::new(Market::of(machines(100, |_| 1, |machine| 100 + machine))));
        let pages = fetched(&market, "RTX 4090").expect("pages");
        let parsed = VastAi.parse(&Part::new("RTX 4090"), &pages).expect("an answer");
        let moved: Vec<_> = parsed.offers.iter().filter(|offer| offer.sku == "62").collect();
        assert_eq!((parsed.offers.len(), moved.len(), moved[0].units), (100, 1, 1));
        assert_eq!(moved[0].price.amount, Nanos(500_000_000));
    }

    #[test]
    fn d23_discovered_models_are_parts_and_nothing_is_twice() {
        let discovered_parts = ["RTX 4090", "RTX 9999", "names", "RTX 9999"].map(str::to_owned).to_vec();
        let parts = VastAi.parts(&Settings { discovered_parts, ..Settings::default() });
        let names: BTreeSet<_> = parts.iter().map(|part| part.name.as_str()).collect();
        assert_eq!(names.len(), parts.len());
        assert!(names.contains("RTX 9999") && names.contains("H100 SXM"));
        assert!(parts.iter().filter(|part| part.priority == 0).map(|part| part.name.as_str()).eq(FIRST));
        assert_eq!(parts.iter().max_by_key(|part| part.priority).map(|part| part.name.as_str()), Some(PART_NAMES));
    }

    #[test]
    fn a_chosen_part_need_not_be_known() {
        let parts = VastAi.parts(&Settings { parts: Some(vec!["RTX 3090".into(), "RTX 9999".into()]), ..Settings::default() });
        assert_eq!(parts, [Part::first("RTX 3090"), Part::new("RTX 9999")]);
    }

    struct Replay(Case);

    #[async_trait]
    impl Transport for Replay {
        async fn send(&self, request: Request) -> Result<Page, FetchError> {
            let answer = self.0.answer_request(&request).ok_or(FetchError::Status { host: "console.vast.ai".into(), status: 404 })?;
            Ok(Page::in_memory(request, DateTime::<Utc>::UNIX_EPOCH, Vec::new(), answer.body.clone()))
        }
    }

    /// The other books of the `basic` sample: prices as vast.ai/pricing had them on 2026-05-24
    /// (tardellirs/gpu-pricing at 8f09a68) and as getcomputable/gpu-index noted on 2026-08-22.
    #[test]
    fn d08_every_book_of_the_sample_has_the_price_of_its_source() {
        #[track_caller]
        fn check(part: &str, gpu: &str, market: MarketKind, per_hour: &str) {
            let case = Case::read_with("basic", |file| {
                std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("vastai/samples/basic").join(file))
            });
            let pages = fetched(&Replay(case.expect("the sample")), part).expect("pages");
            let parsed = VastAi.parse(&Part::new(part), &pages).expect("an answer");
            let table = GpuTable::builtin();
            let found = parsed.offers.iter().any(|offer| {
                let slug = match table.resolve(&offer.gpu_name, offer.vram_per_gpu) {
                    GpuMatch::Known(index) => table.gpu(index).slug.as_str(),
                    _ => "",
                };
                offer.market == market && slug == gpu && offer.price.amount.to_string() == per_hour
            });
            assert!(found, "{part}: {:#?}", parsed.offers);
        }
        let on_demand = MarketKind::OnDemand;
        check("RTX 3090", "rtx-3090", on_demand, "0.15");
        check("RTX 4090", "rtx-4090", on_demand, "0.31");
        check("RTX 5090", "rtx-5090", on_demand, "0.6");
        check("RTX 3060", "rtx-3060", on_demand, "0.05");
        check("RTX A6000", "rtx-a6000", on_demand, "0.39");
        check("L40S", "l40s", on_demand, "0.4");
        check("A100 SXM4", "a100-80gb-sxm", on_demand, "0.6");
        check("A100 SXM4", "a100-40gb-sxm", on_demand, "0.96");
        check("H100 SXM", "h100-sxm", on_demand, "1.49");
        check("H100 SXM", "h100-sxm", on_demand, "15.468");
        check("B300", "b300", on_demand, "15");
        check("B300", "b300", MarketKind::Spot, "11.25");
        check("H200", "", on_demand, "2.4");
        check("RTX 9999", "", on_demand, "0.8");
    }

    #[test]
    fn an_empty_book_is_an_answer() {
        let pages = fetched(&Market::of(Vec::new()), "MI300X").expect("pages");
        let parsed = VastAi.parse(&Part::new("MI300X"), &pages).expect("an answer");
        assert!(parsed.empty_is_an_answer && parsed.offers.is_empty());
    }
}
