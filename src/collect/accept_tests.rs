//! One `check` per habit of the gate, many small cases: what broke in comparable tools, by its number.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use gpurate_domain::offer::OfferPrice;
use gpurate_domain::{
    Attributes, Availability, Currency, GpuCount, MarketKind, Nanos, Offer, OfferKey, PerHour, PriceKind, Quote, Rejected, Vram,
};

use super::*;
use crate::collect::normalise::Interner;
use crate::config::{Config, ProviderSection};
use crate::market::{Market, Outcome};
use crate::store::{Commit, Store, Writer};

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + minutes * 60, 0).expect("a time")
}

fn offer(sku: &str, cents: i64) -> Offer {
    offer_of(sku, MarketKind::OnDemand, cents)
}

fn offer_of(sku: &str, market: MarketKind, cents: i64) -> Offer {
    let nanos = cents * 10_000_000;
    Offer {
        key: OfferKey {
            provider: "runpod".into(),
            sku: sku.into(),
            tier: "secure".into(),
            region: "global".into(),
            market,
            gpu_count: Some(GpuCount::ONE),
        },
        country: None,
        provider_term: None,
        gpu_name: "RTX 4090".into(),
        gpu_name_alternative: None,
        vram_per_gpu: Vram::from_marketed_gb(24),
        vram_usable: None,
        gpu_count_max: None,
        price: OfferPrice {
            per_hour: PerHour { nanos, currency: Currency::USD },
            quote: Quote::usd_per_instance_hour(Nanos(nanos)),
            kind: PriceKind::Fixed,
            availability: Availability::Available,
            terms: Arc::default(),
        },
        units: 1,
        attributes: Arc::new(Attributes::default()),
    }
}

/// A part with its store: what is accepted is committed, so that each answer meets its real past.
struct Story {
    _folder: tempfile::TempDir,
    path: std::path::PathBuf,
    writer: Writer,
    market: Arc<Market>,
    gate: Gate,
    part: usize,
}

impl Story {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.db");
        let (_, mut writer) = Store::open(&path).expect("a store");
        let blank = crate::daemon::market_for_tests();
        let market = writer.load(blank, &mut Interner::default(), at(0)).expect("loads");
        let known = crate::catalogue::by_slug("runpod").expect("in the catalogue");
        let gate = Gate::new(&Config::default().gate, &known.manifest, &ProviderSection::default());
        let part = market.part_index("runpod", "all").expect("its part");
        Self { _folder: folder, path, writer, market: Arc::new(market), gate, part }
    }

    fn answer(&mut self, minutes: i64, offers: Vec<Offer>) -> Result<Plan, String> {
        self.judged(minutes, Answer { offers, ..Answer::default() }, false)
    }

    /// An attempt that got no answer.
    fn fails(&mut self, minutes: i64) {
        self.commit(at(minutes), Outcome::Failed, Some("no answer".to_owned()), (None, None, None), None);
    }

    fn judged(&mut self, minutes: i64, answer: Answer, by_hand: bool) -> Result<Plan, String> {
        let now = at(minutes);
        let (rejected, rates) = (Some(answer.rejected.clone()), answer.rates.clone());
        let verdict = accept(&self.market, self.part, answer, &self.gate, now, by_hand);
        let (outcome, error, plan, refused) = match verdict.clone() {
            Verdict::Accepted(plan) => (Outcome::Accepted, None, Some(plan), None),
            Verdict::Refused { reason, refused } => (Outcome::Refused, Some(reason), None, Some(refused)),
        };
        let rates = rates.filter(|_| outcome == Outcome::Accepted);
        self.commit(now, outcome, error, (plan, refused, rejected), rates);
        match verdict {
            Verdict::Accepted(plan) => Ok(plan),
            Verdict::Refused { reason, .. } => Err(reason),
        }
    }

    fn commit(
        &mut self,
        now: DateTime<Utc>,
        outcome: Outcome,
        error: Option<String>,
        (plan, refused, rejected): (Option<Plan>, Option<Refused>, Option<Vec<Rejected>>),
        rates: Option<FxRates>,
    ) {
        let commit = Commit {
            part: self.part,
            started_at: now,
            finished_at: now,
            outcome,
            error,
            counts: crate::market::Counts::default(),
            adapter_version: 1,
            not_before: None,
            refused,
            rejected,
            plan,
            pages: Vec::new(),
            source_dated_at: None,
            discovered_parts: Vec::new(),
            rates,
        };
        self.market = self.writer.commit(&self.market, commit).expect("commits").market;
    }

    /// Another version reads the part's newest answer otherwise.
    fn correct(&mut self, part: usize, offers: Vec<Offer>, minutes: i64) -> Result<crate::store::Corrected, crate::store::StoreError> {
        let readings = crate::collect::reparse::Reading::of(offers).of_now(&self.market, part, &self.gate);
        self.writer.correct(&self.market, part, readings, 2, at(minutes))
    }

    /// What a version wrote that believed all.
    fn commit_rates(&mut self, minutes: i64, rates: FxRates) {
        self.commit(at(minutes), Outcome::Accepted, None, (Some(Plan::default()), None, None), Some(rates));
    }

    fn entry(&self, sku: &str) -> Option<&Arc<Entry>> {
        self.market.entry(offer(sku, 1).key.id())
    }

    #[track_caller]
    fn price(&self, sku: &str, cents: i64, observed_minutes: i64) {
        let entry = self.entry(sku).unwrap_or_else(|| panic!("`{sku}` is not in the market"));
        assert_eq!(entry.offer.price.per_hour.nanos, cents * 10_000_000, "price of `{sku}`");
        assert_eq!(self.market.observed_at(entry), at(observed_minutes), "age of `{sku}`");
    }

    fn price_rows(&self) -> i64 {
        self.writer.connection().query_row("SELECT count(*) FROM price", [], |row| row.get(0)).expect("a count")
    }

    /// What is on the disk gives the same market as the one in memory.
    #[track_caller]
    fn survives_a_restart(&self, minutes: i64) {
        let (_, mut writer) = Store::open(&self.path).expect("a store");
        let market = writer.load(crate::daemon::market_for_tests(), &mut Interner::default(), at(minutes)).expect("loads");
        assert_eq!(market.version, self.market.version);
        assert_eq!(market.held, self.market.held);
        assert_eq!(market.ranges, self.market.ranges);
        assert_eq!(market.index.entries.len(), self.market.index.entries.len());
        for (a, b) in market.index.entries.iter().zip(&self.market.index.entries) {
            assert_eq!(
                (&a.offer, a.presence, a.price_since, a.previous_nanos, a.usd_per_gpu_hour, a.row),
                (&b.offer, b.presence, b.price_since, b.previous_nanos, b.usd_per_gpu_hour, b.row)
            );
        }
        for (a, b) in market.parts.iter().zip(&self.market.parts) {
            assert_eq!(
                (a.last_accepted_at, a.counts, &a.refusals, a.last_outcome, &a.last_error),
                (b.last_accepted_at, b.counts, &b.refusals, b.last_outcome, &b.last_error)
            );
        }
    }
}

fn ten() -> Vec<Offer> {
    (0..10).map(|number| offer(&format!("s{number}"), 40 + number)).collect()
}

#[test]
fn d03_only_an_accepted_answer_renews_an_age() {
    let mut story = Story::new();
    story.answer(0, ten()).expect("accepted");
    story.answer(10, Vec::new()).expect_err("an empty answer is refused");
    story.price("s0", 40, 0);
    story.answer(20, ten()).expect("accepted");
    story.price("s0", 40, 20);
    assert_eq!(story.price_rows(), 10, "nothing is written for an unchanged price");
    story.survives_a_restart(20);
}

#[test]
fn an_offer_missing_once_leaves_the_view_and_twice_is_withdrawn_dated_at_the_first_miss() {
    let mut story = Story::new();
    story.answer(0, ten()).expect("accepted");
    story.answer(10, ten()[1..].to_vec()).expect("accepted");
    assert_eq!(story.entry("s0").map(|entry| entry.presence), Some(Presence::Missed { observed_at: at(0), missed_at: at(10) }));
    story.survives_a_restart(10);
    story.answer(20, ten()[1..].to_vec()).expect("accepted");
    assert!(story.entry("s0").is_none());
    let (observed, told): (i64, Option<i64>) = story
        .writer
        .connection()
        .query_row("SELECT observed_ms, told_ms FROM price WHERE per_hour_nanos IS NULL", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("one withdrawal");
    assert_eq!((observed, told), (at(10).timestamp_millis(), Some(at(20).timestamp_millis())), "dated at one, told at the other");
    let tellings = "SELECT group_concat(told_ms || ' ' || observed_ms) FROM telling";
    let tellings: Option<String> = story.writer.connection().query_row(tellings, [], |row| row.get(0)).expect("asked");
    assert_eq!(tellings, Some(format!("{} {}", at(20).timestamp_millis(), at(10).timestamp_millis())));
    let plan = story.answer(30, ten()).expect("back");
    assert!(plan.rows.iter().any(|row| matches!(row, Row::Insert(_))));
    story.price("s0", 40, 30);
    story.survives_a_restart(30);
}

#[test]
fn d34_an_odd_row_is_held_alone_with_its_true_age_and_is_neither_renewal_nor_miss() {
    let mut story = Story::new();
    story.answer(0, ten()).expect("accepted");
    let mut odd = ten();
    odd[0] = offer("s0", 400);
    let plan = story.answer(10, odd.clone()).expect("accepted");
    assert_eq!((plan.offers, plan.quarantined), (9, 1));
    story.price("s0", 40, 0);
    story.price("s1", 41, 10);
    story.answer(20, odd).expect("accepted");
    story.price("s0", 40, 0);
    story.survives_a_restart(20);
    story.answer(30, ten()).expect("accepted");
    story.price("s0", 40, 30);
    assert!(story.market.held.is_empty(), "a denied price is held no more");
}

#[test]
fn what_repeats_in_three_answers_over_six_hours_is_believed_with_an_event() {
    let mut story = Story::new();
    story.answer(0, ten()).expect("accepted");
    let mut dear = ten();
    dear[0] = offer("s0", 400);
    for minutes in [10, 200] {
        story.answer(minutes, dear.clone()).expect("accepted");
        story.price("s0", 40, 0);
    }
    story.survives_a_restart(200);
    let plan = story.answer(370, dear).expect("accepted");
    story.price("s0", 400, 370);
    assert!(plan.events.iter().any(|event| event.kind == "accepted_by_repetition"));
}

#[test]
fn three_quick_sightings_are_not_six_hours() {
    let mut story = Story::new();
    story.answer(0, ten()).expect("accepted");
    let mut dear = ten();
    dear[0] = offer("s0", 400);
    for minutes in [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110] {
        story.answer(minutes, dear.clone()).expect("accepted");
    }
    story.price("s0", 40, 0);
}

#[test]
fn a_held_price_that_stays_unconfirmed_for_seven_days_is_withdrawn() {
    let mut story = Story::new();
    story.answer(0, ten()).expect("accepted");
    let answer = || Answer { offers: ten()[1..].to_vec(), rejected: vec![Rejected::new("s0", "price is text")], ..Answer::default() };
    story.judged(10, answer(), false).expect("accepted");
    story.price("s0", 40, 0);
    story.judged(7 * 24 * 60, answer(), false).expect("accepted");
    assert!(story.entry("s0").is_none());
}

#[test]
fn d07_a_tenfold_price_list_is_refused_whole() {
    let mut story = Story::new();
    story.answer(0, ten()).expect("accepted");
    let tenfold =
        ten().into_iter().map(|offer| offer_of(&offer.key.sku, offer.key.market, offer.price.per_hour.nanos / 1_000_000)).collect();
    let reason = story.answer(10, tenfold).expect_err("refused");
    assert!(reason.contains("10 of 10 rows"), "{reason}");
    story.price("s0", 40, 0);
}

#[test]
fn d04_a_part_that_lost_most_of_its_rows_is_refused_until_it_repeats() {
    let mut story = Story::new();
    story.answer(0, ten()).expect("accepted");
    let third = || ten()[..3].to_vec();
    for minutes in [10, 20, 300] {
        story.answer(minutes, third()).expect_err("refused");
        story.price("s9", 49, 0);
    }
    story.survives_a_restart(300);
    let plan = story.answer(371, third()).expect("accepted by repetition");
    assert!(plan.events.iter().any(|event| event.kind == "accepted_by_repetition"));
    assert!(matches!(story.entry("s9").map(|entry| entry.presence), Some(Presence::Missed { .. })));
}

#[test]
fn a_refusal_of_another_size_begins_the_count_anew() {
    let mut story = Story::new();
    story.answer(0, ten()).expect("accepted");
    story.answer(10, ten()[..3].to_vec()).expect_err("refused");
    story.answer(200, ten()[..5].to_vec()).expect_err("refused");
    story.answer(371, ten()[..3].to_vec()).expect_err("refused");
}

#[test]
fn d19_a_key_with_two_prices_is_held_and_equal_doubles_are_one() {
    let mut story = Story::new();
    let mut doubled = ten();
    doubled.push(offer("s0", 41));
    doubled.push(offer("s1", 41));
    let plan = story.answer(0, doubled.clone()).expect("accepted");
    assert_eq!((plan.offers, plan.quarantined), (9, 1));
    assert!(story.entry("s0").is_none());
    for minutes in [200, 400, 600] {
        story.answer(minutes, doubled.clone()).expect("accepted");
    }
    assert!(story.entry("s0").is_none(), "what contradicts itself is never believed by repetition");
}

#[test]
fn d26_a_required_market_that_vanishes_is_a_lost_shape() {
    let mut story = Story::new();
    let spot = |number: i64| offer_of(&format!("s{number}"), MarketKind::Spot, 20);
    let both: Vec<Offer> = ten().into_iter().chain((0..10).map(spot)).collect();
    story.answer(0, both).expect("accepted");
    let spot_only: Vec<Offer> = (0..20).map(spot).collect();
    let reason = story.answer(10, spot_only).expect_err("refused");
    assert!(reason.contains("on_demand"), "{reason}");
}

#[test]
fn d06_a_gpu_that_vanishes_is_an_event() {
    let mut story = Story::new();
    let mut with_other = ten();
    let mut other = offer("h", 250);
    other.gpu_name = "H100 SXM".into();
    other.vram_per_gpu = Vram::from_marketed_gb(80);
    with_other.push(other);
    story.answer(0, with_other).expect("accepted");
    assert_eq!(gpu_kinds(&story.answer(10, ten()).expect("accepted")), [""; 0], "one miss is none yet");
    let plan = story.answer(20, ten()).expect("accepted");
    assert!(plan.events.iter().any(|event| event.kind == "gpu_gone" && event.detail.starts_with("h100-sxm")), "{:?}", plan.events);
    assert_eq!(gpu_kinds(&story.answer(30, ten()).expect("accepted")), [""; 0], "told once");
}

fn gpu_kinds(plan: &Plan) -> Vec<&'static str> {
    plan.events.iter().map(|event| event.kind).filter(|kind| kind.starts_with("gpu_")).collect()
}

/// An offer of another GPU than the ten.
fn h100(cents: i64) -> Offer {
    let mut other = offer("h", cents);
    other.gpu_name = "H100 SXM".into();
    other.vram_per_gpu = Vram::from_marketed_gb(80);
    other
}

fn with(more: Offer) -> Vec<Offer> {
    ten().into_iter().chain([more]).collect()
}

#[test]
fn a_gpu_whose_only_row_could_not_be_used_is_neither_gone_nor_new_again() {
    let mut story = Story::new();
    story.answer(0, with(h100(250))).expect("accepted");
    for minutes in [10, 20, 30] {
        let answer = Answer { offers: ten(), rejected: vec![Rejected::new("h", "price is 0")], ..Answer::default() };
        assert_eq!(gpu_kinds(&story.judged(minutes, answer, false).expect("accepted")), [""; 0]);
    }
    assert_eq!(gpu_kinds(&story.answer(40, with(h100(250))).expect("accepted")), [""; 0]);
    story.price("h", 250, 40);
    // One miss between is none either.
    story.answer(50, ten()).expect("accepted");
    assert_eq!(gpu_kinds(&story.answer(60, with(h100(250))).expect("accepted")), [""; 0]);
}

#[test]
fn a_gpu_that_is_only_held_is_new_once_it_is_believed_and_then_once() {
    let mut story = Story::new();
    story.answer(0, ten()).expect("accepted");
    for minutes in [10, 200] {
        assert_eq!(gpu_kinds(&story.answer(minutes, with(h100(30_000))).expect("accepted")), [""; 0], "held");
    }
    story.survives_a_restart(200);
    assert_eq!(gpu_kinds(&story.answer(371, with(h100(30_000))).expect("believed")), ["gpu_new"]);
    assert_eq!(gpu_kinds(&story.answer(380, with(h100(30_000))).expect("accepted")), [""; 0]);
    let first: i64 = story
        .writer
        .connection()
        .query_row("SELECT revision FROM price JOIN offer ON offer.id = offer_id WHERE sku = 'h'", [], |row| row.get(0))
        .expect("a row");
    assert_eq!(first, 0, "it came later than the first answer: it is new");
}

#[test]
fn what_the_first_answer_held_and_nobody_believed_is_not_new_when_it_is_believed() {
    let mut story = Story::new();
    for minutes in [0, 200] {
        assert_eq!(story.answer(minutes, with(h100(30_000))).expect("accepted").quarantined, 1);
    }
    story.survives_a_restart(200);
    let (_, mut writer) = Store::open(&story.path).expect("a store");
    story.market = Arc::new(writer.load(crate::daemon::market_for_tests(), &mut Interner::default(), at(200)).expect("loads"));
    story.writer = writer;
    assert_eq!(gpu_kinds(&story.answer(371, with(h100(30_000))).expect("believed")), [""; 0]);
    story.price("h", 30_000, 371);
    let first: i64 = story
        .writer
        .connection()
        .query_row("SELECT revision FROM price JOIN offer ON offer.id = offer_id WHERE sku = 'h'", [], |row| row.get(0))
        .expect("a row");
    assert_eq!(first, 1, "a correction, as of what was overlooked");
}

#[test]
fn a_part_that_was_empty_has_new_gpus_too_but_for_its_first_answer() {
    let mut story = Story::new();
    let nothing = || Answer { empty_is_an_answer: true, ..Answer::default() };
    story.judged(0, nothing(), true).expect("accepted");
    assert_eq!(gpu_kinds(&story.answer(10, ten()).expect("accepted")), ["gpu_new"]);
    for minutes in [20, 30] {
        story.judged(minutes, nothing(), true).expect("accepted");
    }
    assert_eq!(gpu_kinds(&story.answer(40, ten()).expect("accepted")), ["gpu_new"], "gone and back");
}

#[test]
fn a_row_of_refusals_is_told_once_whatever_fails_between() {
    let mut story = Story::new();
    let told = |story: &Story| -> i64 {
        let sql = "SELECT count(*) FROM event WHERE kind = 'part_refused'";
        story.writer.connection().query_row(sql, [], |row| row.get(0)).expect("a count")
    };
    story.answer(0, ten()).expect("accepted");
    story.answer(10, ten()[..3].to_vec()).expect_err("refused");
    story.fails(20);
    story.answer(30, ten()[..3].to_vec()).expect_err("refused");
    assert_eq!(told(&story), 1);
    story.answer(40, ten()).expect("accepted");
    story.answer(50, ten()[..3].to_vec()).expect_err("refused");
    assert_eq!(told(&story), 2, "another row of them");
}

#[test]
fn d06_a_gpu_that_leaves_one_part_of_several_is_not_gone_from_its_provider() {
    let mut story = Story::new();
    let [east, west] = ["eastus", "westus2"].map(|name| story.market.part_index("azure", name).expect("a part"));
    let sold = |names: &[&str], region: &str| -> Vec<Offer> {
        let one = |(number, name): (usize, &&str)| {
            let mut offer = offer(&format!("{region}-{number}"), 100);
            offer.key.provider = "azure".into();
            offer.gpu_name = (*name).into();
            offer.vram_per_gpu = None;
            offer
        };
        names.iter().enumerate().map(one).collect()
    };
    let mut answer = |part, minutes, names: &[&str], region| {
        story.part = part;
        let plan = story.judged(minutes, Answer { offers: sold(names, region), ..Answer::default() }, true).expect("accepted");
        plan.events.into_iter().filter(|event| event.kind.starts_with("gpu_")).map(|event| event.kind).collect::<Vec<_>>()
    };
    for (part, region) in [(east, "east"), (west, "west")] {
        assert!(answer(part, 0, &["RTX 4090", "L4"], region).is_empty(), "a first answer is no event");
    }
    assert!(answer(east, 5, &["RTX 4090"], "east").is_empty() && answer(west, 6, &["RTX 4090"], "west").is_empty(), "one miss");
    assert_eq!(answer(east, 10, &["RTX 4090"], "east"), ["gpu_gone_from_part"]);
    assert_eq!(answer(west, 10, &["RTX 4090"], "west"), ["gpu_gone"]);
    assert_eq!(answer(east, 20, &["RTX 4090", "L4"], "east"), ["gpu_new"]);
    assert_eq!(answer(west, 20, &["RTX 4090", "L4"], "west"), ["gpu_new_in_part"]);
}

#[test]
fn a_listing_s_price_that_is_in_force_is_not_forgotten() {
    let mut story = Story::new();
    story.answer(0, ten()).expect("accepted");
    let mut moved = ten();
    moved[0] = offer("s0", 50);
    story.answer(10, moved.clone()).expect("accepted");
    story.answer(20, moved[..9].to_vec()).expect("accepted");
    story.answer(30, moved[..9].to_vec()).expect("accepted");
    assert_eq!(story.price_rows(), 12, "ten, a change and a withdrawal");
    let forgotten = story.writer.forget_prices("runpod", at(60), 0).expect("forgets");
    assert_eq!((forgotten.deleted, story.price_rows()), (3, 9), "of each that is offered the newest stays");
    assert_eq!(story.writer.forget_prices("runpod", at(60), 0).expect("forgets").deleted, 0);
    story.survives_a_restart(9);
}

#[test]
fn d38_a_price_that_goes_back_and_forth_is_said() {
    let mut story = Story::new();
    story.answer(0, ten()).expect("accepted");
    let mut other = ten();
    other[0] = offer("s0", 60);
    story.answer(10, other).expect("accepted");
    let plan = story.answer(20, ten()).expect("accepted");
    assert!(plan.events.iter().any(|event| event.kind == "flapping"));
    assert!(story.entry("s0").is_some_and(|entry| entry.flapping));
}

#[test]
fn d38_also_where_the_stock_moved_between_and_never_after_a_day() {
    let (hour, day) = (60, 24 * 60);
    for (stock, back, flaps) in [(hour, 2 * hour, true), (23 * hour, day + 2 * hour, false)] {
        let mut story = Story::new();
        story.answer(-hour, ten()).expect("accepted");
        let moved = |cents: i64, availability: Availability| {
            let mut all = ten();
            all[0] = offer("s0", cents);
            all[0].price.availability = availability;
            all
        };
        story.answer(0, moved(60, Availability::Available)).expect("accepted");
        story.answer(stock, moved(60, Availability::Low)).expect("accepted");
        story.survives_a_restart(stock);
        let (_, mut writer) = Store::open(&story.path).expect("a store");
        story.market = Arc::new(writer.load(crate::daemon::market_for_tests(), &mut Interner::default(), at(stock)).expect("loads"));
        story.writer = writer;
        let plan = story.answer(back, moved(40, Availability::Low)).expect("accepted");
        assert_eq!(plan.events.iter().any(|event| event.kind == "flapping"), flaps, "back after {back} minutes");
    }
}

#[test]
fn with_no_past_a_price_outside_reason_is_held() {
    let mut story = Story::new();
    let mut odd = ten();
    odd.push(offer("free", 0));
    odd.last_mut().expect("just pushed").price.per_hour.nanos = 1_000_000;
    odd.push(offer("gold", 30_000));
    let plan = story.answer(0, odd).expect("accepted");
    assert_eq!((plan.offers, plan.quarantined), (10, 2));
}

#[test]
fn a_new_offer_far_off_its_gpu_s_seven_days_is_held() {
    let mut story = Story::new();
    story.answer(0, ten()).expect("accepted");
    let mut odd = ten();
    odd.push(offer("cheap", 10));
    let plan = story.answer(10, odd).expect("accepted");
    assert_eq!(plan.quarantined, 1);
    assert!(story.market.held.values().next().is_some_and(|held| held.reason.contains("seven days")));
}

#[test]
fn a_provider_may_honestly_cost_five_times_another() {
    let mut story = Story::new();
    story.answer(0, ten()).expect("accepted");
    story.part = story.market.part_index("azure", "eastus").expect("another provider");
    let mut dear = offer("nv", 240);
    dear.key.provider = "azure".into();
    let plan = story.answer(10, vec![dear]).expect("accepted");
    assert_eq!((plan.offers, plan.quarantined), (1, 0));
}

#[test]
fn a_person_s_word_overrules_all_but_contradictions() {
    let mut story = Story::new();
    story.answer(0, ten()).expect("accepted");
    let mut dear = ten()[..2].to_vec();
    dear[0] = offer("s0", 400);
    dear.push(offer("s1", 42));
    let plan = story.judged(10, Answer { offers: dear, ..Answer::default() }, true).expect("accepted by hand");
    assert!(plan.events.iter().filter(|event| event.kind == "accepted_by_hand").count() >= 2);
    story.price("s0", 400, 10);
    story.price("s1", 41, 0);
}

#[test]
fn d13_another_part_is_not_touched() {
    let mut story = Story::new();
    story.answer(0, ten()).expect("accepted");
    let before: Vec<_> = story.market.index.entries.iter().map(|entry| entry.id).collect();
    story.part = story.market.part_index("ecb", "all").expect("another part");
    story.answer(10, Vec::new()).expect_err("refused");
    assert_eq!(story.market.index.entries.iter().map(|entry| entry.id).collect::<Vec<_>>(), before);
    assert_eq!(story.market.observed_at(story.entry("s0").expect("there")), at(0));
}

#[test]
fn a_clock_that_goes_back_makes_no_negative_age() {
    let mut story = Story::new();
    story.answer(0, ten()).expect("accepted");
    assert_eq!(story.market.age_seconds(story.entry("s0").expect("there"), at(0) - TimeDelta::hours(1)), 0);
}

#[test]
fn a_changed_attribute_is_overwritten_and_makes_no_history() {
    let mut story = Story::new();
    story.answer(0, ten()).expect("accepted");
    let mut moved = ten();
    moved[0].attributes = Arc::new(Attributes { vcpu_millis: Some(8000), ..Attributes::default() });
    story.answer(10, moved).expect("accepted");
    assert_eq!(story.price_rows(), 10);
    assert_eq!(story.entry("s0").and_then(|entry| entry.offer.attributes.vcpu_millis), Some(8000));
    story.survives_a_restart(10);
}

#[test]
fn d32_what_a_newer_adapter_reads_otherwise_is_a_correction_and_no_event() {
    let mut story = Story::new();
    story.answer(0, ten()).expect("accepted");
    let mut other = ten();
    other[0] = offer("s0", 50);
    story.answer(10, other).expect("accepted");
    let events = |story: &Story| -> i64 {
        story.writer.connection().query_row("SELECT count(*) FROM event", [], |row| row.get(0)).expect("a count")
    };
    let before = events(&story);
    // The new reading: s0 cost 5.00 all the time it was thought to cost 0.50, s1 was never there, s10 was overlooked.
    let mut read: Vec<Offer> = ten().into_iter().filter(|offer| &*offer.key.sku != "s1").collect();
    read[0] = offer("s0", 500);
    read.push(offer("s10", 45));
    let corrected = story.correct(story.part, read, 15).expect("corrects");
    assert_eq!(corrected.corrections, 3);
    story.market = corrected.market;
    story.price("s0", 500, 10);
    assert_eq!(story.entry("s0").map(|entry| entry.price_since), Some(at(10)), "dated as the row it corrects");
    assert!(story.entry("s1").is_none());
    story.price("s10", 45, 10);
    let revisions: Vec<(i64, i64, Option<i64>)> = story
        .writer
        .connection()
        .prepare("SELECT observed_ms, revision, per_hour_nanos FROM price WHERE revision > 0 ORDER BY per_hour_nanos")
        .expect("prepared")
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .expect("asked")
        .collect::<Result<_, _>>()
        .expect("read");
    let (first, second) = (at(0).timestamp_millis(), at(10).timestamp_millis());
    assert_eq!(revisions, [(first, 1, None), (second, 1, Some(450_000_000)), (second, 1, Some(5_000_000_000))]);
    assert_eq!(events(&story), before);
    assert_eq!(story.market.parts[story.part].adapter_version, 2);
    story.survives_a_restart(10);
}

/// What commits count as they come is what is counted anew from the attempts.
#[test]
fn days_of_a_provider_s_answers_are_counted_over_all_its_parts_and_only_where_they_were_accepted() {
    let mut story = Story::new();
    let days = |story: &Story| -> Vec<(String, i64, i64, i64, i64)> {
        let sql = "SELECT provider, day, first_ms, last_ms, apart_ms FROM provider_day ORDER BY provider, day";
        let mut statement = story.writer.connection().prepare(sql).expect("prepared");
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))).expect("asked");
        rows.collect::<Result<_, _>>().expect("read")
    };
    let midnight = at(0) - at(0).time().signed_duration_since(chrono::NaiveTime::MIN);
    let minute = |minutes: i64| (midnight - at(0)).num_minutes() + 1440 + minutes;
    for (minutes, accepted) in [(0, true), (10, true), (50, true), (60, false), (1440, true)] {
        let offers = if accepted { ten() } else { Vec::new() };
        assert_eq!(story.answer(minute(minutes), offers).is_ok(), accepted);
    }
    let ms = |minutes: i64| at(minute(minutes)).timestamp_millis();
    let day = ms(0) / 86_400_000;
    let counted = days(&story);
    assert_eq!(counted, [("runpod".to_owned(), day, ms(0), ms(50), 40 * 60_000), ("runpod".to_owned(), day + 1, ms(1440), ms(1440), 0)]);
    story.writer.recount_days().expect("counted");
    assert_eq!(days(&story), counted);
}

#[test]
fn a_correction_moves_series_from_its_own_moment_on_and_what_others_did_meanwhile_stays() {
    let mut story = Story::new();
    let lists = |cents: i64| -> Vec<Offer> { (0..10).map(|number| offer(&format!("s{number}"), cents)).collect() };
    let other = |cents: i64| {
        let mut offer = offer("nv", cents);
        offer.key.provider = "azure".into();
        vec![offer]
    };
    let (runpod, azure) = (story.part, story.market.part_index("azure", "eastus").expect("another provider"));
    story.answer(0, lists(10)).expect("accepted, and read wrong");
    story.part = azure;
    story.judged(20, Answer { offers: other(80), ..Answer::default() }, true).expect("accepted");
    story.judged(40, Answer { offers: other(90), ..Answer::default() }, true).expect("accepted");
    let corrected = story.correct(runpod, lists(49), 60).expect("corrects");
    story.market = corrected.market;
    story.judged(80, Answer { offers: other(45), ..Answer::default() }, true).expect("accepted");
    let rows: Vec<(i64, i64, i64)> = story
        .writer
        .connection()
        .prepare(
            "SELECT observed_ms, min_nanos, max_nanos FROM gpu_price JOIN gpu_scope ON gpu_scope.id = scope_id
             WHERE gpu = 'rtx-4090' AND provider = '' AND NOT several ORDER BY observed_ms",
        )
        .expect("prepared")
        .query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? / 10_000_000, row.get::<_, i64>(2)? / 10_000_000)))
        .expect("asked")
        .collect::<Result<_, _>>()
        .expect("read");
    let ms = |minutes: i64| at(minutes).timestamp_millis();
    assert_eq!(rows, [(ms(0), 10, 10), (ms(20), 10, 80), (ms(40), 10, 90), (ms(60), 49, 90), (ms(80), 45, 49)]);
}

#[test]
fn a_part_that_nobody_collects_and_that_sells_nothing_is_forgotten_at_the_next_start() {
    let story = Story::new();
    let connection = story.writer.connection();
    connection.execute("INSERT INTO part (provider, name) VALUES ('vastai', 'RTX 0000')", []).expect("inserted");
    let (_, mut writer) = Store::open(&story.path).expect("a store");
    let market = writer.load(crate::daemon::market_for_tests(), &mut Interner::default(), at(0)).expect("loads");
    assert!(market.part_index("vastai", "RTX 0000").is_none());
}

/// `count` offers of RTX 4090 at about 0.40 dollars.
fn many(count: i64) -> Vec<Offer> {
    (0..count).map(|number| offer(&format!("s{number}"), 40 + number % 10)).collect()
}

#[test]
fn a_swollen_answer_is_refused_and_one_that_swelled_less_may_shrink_to_what_it_was() {
    let mut story = Story::new();
    story.answer(0, many(24)).expect("accepted");
    let reason = story.answer(10, many(80)).expect_err("refused");
    assert!(reason.contains("80 offers came where the last accepted answer had 24, over 300 %"), "{reason}");
    story.answer(20, many(70)).expect("under three times as many");
    story.answer(30, many(24)).expect("what came a moment ago may go");
    assert_eq!(story.market.parts[story.part].counts.offers, 24);
    // What was as good as empty may fill at once.
    let mut story = Story::new();
    story.answer(0, many(3)).expect("accepted");
    story.answer(10, many(80)).expect("accepted");
    // What stays for a day is there.
    let mut story = Story::new();
    story.answer(0, many(24)).expect("accepted");
    story.answer(20, many(70)).expect("accepted");
    for hours in [12, 24, 25] {
        story.answer(hours * 60 + 30, many(70)).expect("accepted");
    }
    story.answer(25 * 60 + 40, many(24)).expect_err("most of it is lost");
}

#[test]
fn an_answer_of_too_many_offers_is_refused_whatever_repeats() {
    let mut story = Story::new();
    story.gate.numbers.offers_max = 20;
    for minutes in [0, 200, 400, 600] {
        let reason = story.answer(minutes, many(21)).expect_err("refused");
        assert!(reason.contains("`gate.offers_max` (20)"), "{reason}");
    }
}

#[test]
fn steps_that_are_small_enough_alone_are_held_where_they_are_too_far_together() {
    let mut story = Story::new();
    let others = || ten()[1..].to_vec();
    let with = |cents: i64| [vec![offer("s0", cents)], others()].concat();
    story.answer(0, with(40)).expect("accepted");
    story.answer(1, with(16)).expect("accepted");
    story.price("s0", 16, 1);
    // 2.5 times twice.
    story.answer(2, with(14)).expect("accepted");
    let mut story = Story::new();
    story.answer(0, with(100)).expect("accepted");
    story.answer(1, with(40)).expect("accepted");
    let plan = story.answer(2, with(20)).expect("accepted, and one row held");
    assert_eq!(plan.quarantined, 1);
    story.price("s0", 40, 1);
    assert!(story.market.held.values().any(|held| held.reason.contains("was in force within 6 hours")), "{:?}", story.market.held);
    // Later it is a step like any other.
    story.answer(6 * 60 + 2, with(20)).expect("accepted");
    story.price("s0", 20, 6 * 60 + 2);
}

#[test]
fn prices_of_a_list_that_move_together_are_refused_until_they_repeat() {
    let mut story = Story::new();
    let times =
        |percent: i64| -> Vec<Offer> { (0..12).map(|number| offer(&format!("s{number}"), (40 + number) * percent / 100)).collect() };
    story.answer(0, times(100)).expect("accepted");
    for (minutes, percent) in [(10, 250), (20, 40)] {
        let reason = story.answer(minutes, times(percent)).expect_err("refused");
        assert!(reason.starts_with("12 of 12 prices") && reason.contains("is the unit another one?"), "{reason}");
    }
    story.price("s0", 40, 0);
    story.answer(30, times(140)).expect("a rise of 40 % is one");
    // Half of them are not most.
    let half: Vec<Offer> = (0..12).map(|number| offer(&format!("s{number}"), if number < 6 { 100 } else { 57 })).collect();
    story.answer(40, half).expect("accepted");
}

#[test]
fn a_card_that_is_new_at_a_provider_does_not_cost_next_to_nothing() {
    let mut story = Story::new();
    let azure = story.market.part_index("azure", "eastus").expect("another provider");
    story.answer(0, ten()).expect("accepted");
    story.part = azure;
    let of_azure = |cents: i64| {
        let mut offer = offer("nv", cents);
        offer.key.provider = "azure".into();
        Answer { offers: vec![offer], ..Answer::default() }
    };
    story.judged(10, of_azure(4), false).expect_err("its only row is held");
    assert!(story.market.parts[azure].last_accepted_at.is_none());
    story.judged(20, of_azure(5), false).expect("a ninth of 0.40 is the bound");
}

fn rates(date: &str, usd: &str, gbp: &str) -> Answer {
    let rate = |text: &str| text.parse().expect("a rate");
    let per_eur = [(Currency::USD, rate(usd)), ("GBP".parse().expect("a currency"), rate(gbp))].into();
    Answer { empty_is_an_answer: true, rates: Some(FxRates { date: date.parse().expect("a day"), per_eur }), ..Answer::default() }
}

#[test]
fn reference_rates_are_judged_by_their_past_and_by_the_calendar() {
    let today = at(0).date_naive();
    let (today, tomorrow) = (today.to_string(), (today + TimeDelta::days(2)).to_string());
    let gate = Story::new().gate;
    let doubt = |known: Option<&FxRates>, answer: &Answer| doubt_of_rates(known, answer.rates.as_ref().expect("rates"), &gate, at(0));
    let usual = rates(&today, "1.1", "0.86");
    assert_eq!(doubt(None, &usual), None);
    assert!(doubt(None, &rates(&today, "0.011", "0.86")).is_some_and(|reason| reason.contains("between 0.5 and 2")));
    assert!(doubt(None, &rates(&tomorrow, "1.1", "0.86")).is_some_and(|reason| reason.contains("is yet to come")));
    let known = usual.rates.as_ref();
    assert_eq!(doubt(known, &rates(&today, "1.2", "0.80")), None);
    for (usd, gbp, word) in [("0.011", "0.86", "USD"), ("1.1", "86", "GBP")] {
        let reason = doubt(known, &rates(&today, usd, gbp)).expect("off");
        assert!(reason.contains(word) && reason.contains("more than 20 % off"), "{reason}");
    }
}

#[test]
fn rates_that_are_not_believed_move_no_price_until_they_repeat() {
    let mut story = Story::new();
    let today = at(0).date_naive().to_string();
    story.judged(0, rates(&today, "1.1", "0.86"), false).expect("accepted");
    for minutes in [10, 20] {
        story.judged(minutes, rates(&today, "0.011", "0.0086"), false).expect_err("refused");
    }
    assert_eq!(story.market.rates.as_deref(), rates(&today, "1.1", "0.86").rates.as_ref());
    story.judged(10 + 6 * 60, rates(&today, "0.011", "0.0086"), false).expect("they are like that now");
}

#[test]
fn rates_of_days_to_come_that_were_believed_once_give_way_to_the_next_ones() {
    let mut story = Story::new();
    let dated = |days: i64| (at(0).date_naive() + TimeDelta::days(days)).to_string();
    let far = rates(&dated(1000), "0.011", "0.0086");
    story.commit_rates(0, far.rates.clone().expect("rates"));
    assert_eq!(story.market.rates.as_deref(), far.rates.as_ref());
    let usual = rates(&dated(0), "1.1", "0.86");
    assert_eq!(doubt_of_rates(story.market.rates.as_deref(), usual.rates.as_ref().expect("rates"), &story.gate, at(10)), None);
    story.commit_rates(10, usual.rates.clone().expect("rates"));
    assert_eq!(story.market.rates.as_deref(), usual.rates.as_ref());
    let (_, mut writer) = Store::open(&story.path).expect("a store");
    let again = writer.load(crate::daemon::market_for_tests(), &mut Interner::default(), at(20)).expect("loads");
    assert_eq!(again.rates.as_deref(), usual.rates.as_ref(), "after a start, too");
}

#[test]
fn another_reading_publishes_nothing_that_is_held_doubtful_or_contradicts_itself() {
    let mut story = Story::new();
    let odd = |sku: &str, nanos: i64| {
        let mut offer = offer(sku, 1);
        offer.price.per_hour.nanos = nanos;
        offer
    };
    // One row that nobody believes beside ten others.
    story.answer(0, [ten(), vec![odd("held", 1_000_000)]].concat()).expect("accepted");
    assert_eq!(story.market.held.len(), 1);
    let mut read = ten();
    read[1] = offer("s1", 44);
    // Read again: the same odd row, another odd one that was not seen before, one price twice, one good row.
    let more = [odd("held", 1_000_000), odd("new", 1_000_000), offer("s2", 10), offer("good", 45)];
    let corrected = story.correct(story.part, [read, more.to_vec()].concat(), 10).expect("corrects");
    story.market = corrected.market;
    assert_eq!(corrected.corrections, 2, "what moved, and what is new");
    story.price("s1", 44, 0);
    story.price("s2", 42, 0);
    story.price("good", 45, 0);
    assert!(story.entry("held").is_none() && story.entry("new").is_none());
    assert_eq!(story.market.held.len(), 1);
    story.survives_a_restart(10);
}

#[test]
fn refusals_of_other_prices_are_no_repetition() {
    let mut story = Story::new();
    let times =
        |percent: i64| -> Vec<Offer> { (0..12).map(|number| offer(&format!("s{number}"), (40 + number) * percent / 100)).collect() };
    story.answer(0, times(100)).expect("accepted");
    for (minutes, percent) in [(10, 1000), (200, 200), (400, 250)] {
        story.answer(minutes, times(percent)).expect_err("each is another one");
    }
    for (minutes, accepted) in [(500, false), (700, false), (870, true)] {
        assert_eq!(story.answer(minutes, times(250)).is_ok(), accepted, "{minutes}");
    }
    story.survives_a_restart(870);
}
