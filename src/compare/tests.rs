//! Comparisons on the simulator's small market.

use gpurate_domain::MarketKind;

use super::*;
use crate::prices::Filters;
use crate::simulate::tests::{from, listing, market_of, now, offer, on, tier};
use crate::simulate::{Plan, Verdict};

fn market() -> Market {
    market_of(vec![
        listing("m1", "RTX 4090", 24, "0.30", 1000),
        listing("m2", "RTX 5090", 32, "0.45", 1000),
        listing("m3", "RTX 3090", 24, "0.13", 1000),
        offer("runpod", "r1", "RTX 4090", 24, "0.69"),
        offer("runpod", "r2", "RTX 5090", 32, "0.94"),
        on(MarketKind::Spot, offer("runpod", "s1", "RTX 4090", 24, "0.20")),
        tier("community", offer("runpod", "s2", "RTX 5090 D", 32, "0.40")),
    ])
}

fn asked(gpus: [&str; 2]) -> Comparison {
    compare(&market(), gpus, now()).unwrap_or_else(|error| panic!("{error}"))
}

fn words(comparison: &Comparison, side: usize, ids: &[RowId]) -> Vec<String> {
    let row = |id: &RowId| comparison.rows.iter().find(|row| row.id == *id).unwrap_or_else(|| panic!("{id:?}"));
    ids.iter().map(|id| row(id).words[side].clone().unwrap_or_else(|| "-".to_owned())).collect()
}

const SPECS: [RowId; 8] =
    [RowId::Architecture, RowId::Vram, RowId::Bandwidth, RowId::Fp16Tensor, RowId::Fp32, RowId::Tdp, RowId::ReleaseYear, RowId::Segment];

#[test]
fn the_three_cards_people_compare_read_as_they_are_known() {
    let newer = asked(["rtx-5090", "rtx-4090"]);
    let older = asked(["rtx-3090", "rtx-4090"]);
    let cases = [
        (&newer, 0, ["Blackwell", "32 GB GDDR7", "1,792 GB/s", "419", "104.8", "575 W", "2025", "consumer"]),
        (&newer, 1, ["Ada Lovelace", "24 GB GDDR6X", "1,008 GB/s", "330", "82.6", "450 W", "2022", "consumer"]),
        (&older, 0, ["Ampere", "24 GB GDDR6X", "936 GB/s", "142", "35.6", "350 W", "2020", "consumer"]),
    ];
    for (comparison, side, expected) in cases {
        assert_eq!(words(comparison, side, &SPECS), expected);
        assert_eq!(words(comparison, side, &[RowId::Manufacturer]), ["NVIDIA"]);
    }
    let number_formats = [RowId::Bf16, RowId::Fp8, RowId::Fp4];
    assert_eq!(words(&newer, 0, &number_formats), ["yes", "yes", "yes"]);
    assert_eq!(words(&newer, 1, &number_formats), ["yes", "yes", "no"]);
    assert_eq!(words(&older, 0, &number_formats), ["yes", "no", "no"]);
}

#[test]
fn a_matrix_rate_says_how_it_accumulates() {
    let comparison = asked(["rtx-5090", "h100-sxm"]);
    let row = comparison.rows.iter().find(|row| row.id == RowId::Fp16Tensor).expect("a row");
    assert_eq!(row.notes[0].as_deref(), Some("dense, FP16 accumulate; 210 with FP32 accumulate"));
    assert_eq!(row.notes[1].as_deref(), Some("dense, FP16 or FP32 accumulate"));
    assert_eq!(row.words[1].as_deref(), Some("989"));
    for (decimal, text) in [("99.9", "99.9"), ("100", "100"), ("330.3", "330"), ("209.5", "210"), ("1677.5", "1,678"), ("63.0", "63.0")] {
        assert_eq!(view::tensor_rate(decimal), text);
    }
}

#[test]
fn what_the_table_does_not_know_stays_unknown() {
    let comparison = asked(["rtx-5090-d", "rtx-4090"]);
    let row = comparison.rows.iter().find(|row| row.id == RowId::Fp16Tensor).expect("a row");
    assert_eq!((&row.words[0], &row.notes[0]), (&None, &None));
    assert_eq!(comparison.gpus[0].specs.fp16_tensor_accumulate, Accumulate::Unknown);
    let flux = workload(&comparison, "flux1_dev");
    assert!(flux.on[0].milliseconds.is_none() && flux.on[0].per_1000_on_demand.is_none(), "no index, no speed");
    assert_eq!(flux.busy_share_unknown.as_deref(), Some("how long it takes on `rtx-5090-d` is not known"));
    // Nothing is offered of this card: no price, and none in the rows.
    let absent = asked(["l4", "rtx-4090"]);
    assert_eq!(words(&absent, 0, &[RowId::OnDemand, RowId::Spot, RowId::OnDemandVramHour]), ["-", "-", "-"]);
    let flux = workload(&absent, "flux1_dev");
    assert!(flux.on[0].milliseconds.is_some() && flux.on[0].per_1000_on_demand.is_none());
    assert_eq!(flux.busy_share_unknown.as_deref(), Some("nothing rentable is offered of `l4` on demand now"));
}

fn workload<'a>(comparison: &'a Comparison, id: &str) -> &'a ComparedWorkload {
    comparison.workloads.iter().find(|row| row.workload == id).unwrap_or_else(|| panic!("{id}"))
}

#[test]
fn exactly_two_different_cards_are_compared() {
    let cases = [
        ("", "none is given"),
        ("rtx-5090", "`rtx-5090` is one: name another beside it"),
        ("rtx-5090,rtx-4090,rtx-3090", "are 3: leave out all but two"),
        ("rtx-5090,RTX 5090", "`rtx-5090` is given twice"),
        ("rtx-5090,rtx4900", "no GPU is called `rtx4900`; did you mean `rtx-4090`?"),
        ("h100,rtx-4090", "`h100` is a family of several cards; write one of `h100-"),
        ("rtx-4090,", "is one"),
        ("a\u{1b}[2J,rtx-4090", "no GPU is called `a\u{fffd}[2J`"),
        ("nope-nope-nope,rtx-4090", "no GPU is called `nope-nope-nope`; `gpurate gpus` and `/api/v1/gpus` have the names"),
    ];
    for (list, message) in cases {
        let error = pair(list).and_then(|pair| compare(&market(), pair, now())).expect_err(list);
        assert!(error.to_string().contains(message), "{list}: {error}");
    }
    assert_eq!(pair(" rtx-5090 , rtx-4090 "), Ok(["rtx-5090", "rtx-4090"]));
    // A card's own name is no family's, in whatever spelling.
    for named in ["RTX 4090", "rtx4090", "NVIDIA GeForce RTX 4090"] {
        assert_eq!(slugs([named, "RTX 3090"]), Ok(["rtx-4090", "rtx-3090"]), "{named}");
        let plan = Plan::parse([("preset".to_owned(), "evenings".to_owned())]).expect("a plan");
        let share = simulate::compare(&market(), &plan, [named, "RTX 3090"], now()).expect("two cards");
        assert_eq!([share.slower, share.faster], ["rtx-3090", "rtx-4090"]);
    }
}

#[test]
fn its_prices_are_those_of_the_cheapest_view() {
    let market = market();
    let comparison = asked(["rtx-5090", "rtx-4090"]);
    for gpu in &comparison.gpus {
        for (kind, figure) in [("on_demand", &gpu.on_demand), ("spot", &gpu.spot)] {
            let pairs = [("gpu", gpu.slug.as_str()), ("market", kind)].map(|(key, value)| (key.to_owned(), value.to_owned()));
            let filters = Filters::parse(pairs.into_iter()).expect("filters");
            let answer = prices::cheapest(&market, &filters, now());
            let expected = answer.items.first().map(|row| {
                let offer = &row.offer;
                (offer.id, offer.price_usd_per_gpu_hour, row.median_usd_per_gpu_hour, row.providers, offer.age_seconds)
            });
            let found = figure.as_ref().map(|figure| {
                (figure.id, Some(figure.usd_per_gpu_hour), figure.median_usd_per_gpu_hour, figure.providers, figure.age_seconds)
            });
            assert_eq!(found, expected, "{} {kind}", gpu.slug);
        }
    }
    let prices = [RowId::OnDemand, RowId::OnDemandProviders, RowId::OnDemandMedian, RowId::OnDemandAge, RowId::Spot];
    assert_eq!(words(&comparison, 0, &prices), ["0.45 USD/h", "2", "0.695 USD/h", "5 min", "-"]);
    assert_eq!(words(&comparison, 1, &prices), ["0.30 USD/h", "2", "0.495 USD/h", "5 min", "0.20 USD/h"]);
    // 0.45 / 32 and 0.30 / 24, rounded for showing; the figure itself is exact to a nano-dollar.
    assert_eq!(words(&comparison, 0, &[RowId::OnDemandVramHour]), ["0.0141 USD"]);
    assert_eq!(comparison.gpus[0].vram_hour.on_demand_usd_per_gib_hour.map(|nanos| nanos.0), Some(14_062_500));
    assert_eq!(comparison.gpus[1].vram_hour.spot_usd_per_gib_hour.map(|nanos| nanos.0), Some(8_333_333));
}

#[test]
fn its_times_costs_and_busy_shares_are_those_of_the_simulator() {
    let market = market();
    let comparison = asked(["rtx-5090", "rtx-4090"]);
    let mut compared = 0;
    for row in &comparison.workloads {
        let Some(share) = &row.busy_share else { continue };
        // Cards that only manage with means are not in the simulator.
        if row.kind == crate::workloads::Kind::Training || row.on.iter().any(|on| on.fit != Fit::Resident) {
            continue;
        }
        let pairs = [
            ("model", row.workload.as_str()),
            ("images", "10"),
            ("sessions", "1"),
            ("hours", "24"),
            ("hosts", "any"),
            ("market", "on_demand"),
        ];
        let plan = Plan::parse(pairs.map(|(key, value)| (key.to_owned(), value.to_owned()))).expect("a plan");
        let expected = simulate::compare(&market, &plan, ["rtx-5090", "rtx-4090"], now());
        let Ok(expected) = expected else { continue };
        // The simulator keeps the ends and the middle of a range as whole milliseconds too: equal to the digit.
        assert_eq!(*share, expected, "{}", row.workload);
        compared += 1;
    }
    assert!(compared >= 4, "{compared} workloads were compared");
    let flux = workload(&comparison, "flux1_dev");
    let on = &flux.on[1];
    let (times, cost) = (on.milliseconds.expect("a time"), on.per_1000_on_demand.as_ref().expect("a cost"));
    let spot = on.per_1000_spot.as_ref().expect("a spot cost");
    // A thousand images take as many seconds as one takes milliseconds: 0.30 and 0.20 USD an hour.
    let exact = |price: u64, time: u64| i64::try_from((price * time + 1_800) / 3_600).expect("an amount");
    assert_eq!((cost.low_usd.0, cost.high_usd.0), (exact(300_000_000, times.low), exact(300_000_000, times.high)));
    assert_eq!(spot.typical_usd.0, exact(200_000_000, times.typical));
    assert!(!on.sources.is_empty() && on.known.is_some());
}

#[test]
fn a_price_outside_the_defaults_costs_nothing_per_image() {
    // Only an unverified host sells it: shown, but not rentable, and no cost rests on it.
    let mut unverified = listing("m1", "RTX 4090", 24, "0.30", 1000);
    std::sync::Arc::make_mut(&mut unverified.attributes).verified = Some(false);
    let market = market_of(vec![unverified, listing("m2", "RTX 5090", 32, "0.45", 1000)]);
    let comparison = compare(&market, ["rtx-5090", "rtx-4090"], now()).expect("a comparison");
    assert_eq!(comparison.gpus[1].on_demand.as_ref().map(|figure| figure.rentable), Some(false));
    let flux = workload(&comparison, "flux1_dev");
    assert!(flux.on[1].milliseconds.is_some() && flux.on[1].per_1000_on_demand.is_none() && flux.busy_share.is_none());
    assert_eq!(comparison.gpus[1].vram_hour.on_demand_usd_per_gib_hour, None);
}

#[test]
fn a_lower_bound_of_a_price_is_said_to_be_one() {
    let market = market_of(vec![from(offer("runpod", "a", "RTX 4090", 24, "0.30")), listing("m2", "RTX 5090", 32, "0.45", 1000)]);
    let comparison = compare(&market, ["rtx-5090", "rtx-4090"], now()).expect("a comparison");
    assert_eq!(words(&comparison, 0, &[RowId::OnDemand, RowId::OnDemandVramHour]), ["0.45 USD/h", "0.0141 USD"]);
    assert_eq!(words(&comparison, 1, &[RowId::OnDemand, RowId::OnDemandVramHour]), ["from 0.30 USD/h", "from 0.0125 USD"]);
    let flux = workload(&comparison, "flux1_dev");
    let (cost, share) = (flux.on[1].per_1000_on_demand.as_ref().expect("a cost"), flux.busy_share.as_ref().expect("a share"));
    assert!(cost.price_kind.is_from() && share.slower_price_kind.is_from(), "{share:?}");
    // The 4090 may cost anything more: the 5090 may be the cheaper one at any share.
    assert_eq!(share.best, Verdict::Always, "{share:?}");
}

#[test]
fn a_card_s_own_page_has_the_same_variants_and_times() {
    let market = market();
    let mut with_means = 0;
    for pair in [["rtx-5090", "rtx-4090"], ["rtx-3090", "l4"], ["rtx-3060", "t4"]] {
        let comparison = compare(&market, pair, now()).expect("a comparison");
        for (side, slug) in pair.into_iter().enumerate() {
            let row = prices::gpu(&market, slug, now()).expect("a card").items.remove(0);
            let question = workloads::Question::parse([Some(slug.to_owned()), None, None, None, None, None, None]).expect("a question");
            let answer = workloads::workloads(workloads::table(), &question.counted_with(usable(&market, &row))).expect("an answer");
            for (compared, alone) in comparison.workloads.iter().zip(&answer.items) {
                let (on, alone) = (&compared.on[side], &alone.on[0]);
                assert_eq!(on.fit, alone.fit, "{slug} {}", compared.workload);
                assert_eq!(on.variant, alone.chosen.as_ref().map(|chosen| chosen.variant.clone()), "{slug} {}", compared.workload);
                let time = alone.chosen.as_ref().and_then(|chosen| Some(chosen.speed.as_ref()?.milliseconds_per_unit));
                assert_eq!(on.milliseconds, time, "{slug} {}", compared.workload);
                with_means += usize::from(on.fit == Fit::WithMeans);
            }
        }
    }
    assert!(with_means > 5, "{with_means} need means");
    // What compiling or moving weights would bring is found where it is asked for.
    let asked = |compiled: Option<&str>| {
        let compiled = compiled.map(str::to_owned);
        let question =
            workloads::Question::parse([Some("rtx-4090".to_owned()), None, None, None, None, None, compiled]).expect("a question");
        let answer = workloads::workload(workloads::table(), "sdxl_base", &question).expect("an answer").expect("a workload");
        answer.on[0].chosen.as_ref().expect("a variant").variant.clone()
    };
    assert_eq!((asked(None).as_str(), asked(Some("include")).as_str()), ("fp16_resident", "fp16_compiled"));
}

#[test]
fn what_is_stale_is_no_price_of_now_and_is_shown_as_the_last() {
    let mut market = market();
    for part in &mut market.parts {
        std::sync::Arc::make_mut(part).last_accepted_at = Some(now() - chrono::TimeDelta::days(40));
    }
    let comparison = compare(&market, ["rtx-5090", "rtx-4090"], now()).expect("a comparison");
    let gpu = &comparison.gpus[1];
    assert!(gpu.on_demand.is_none() && gpu.spot.is_none() && gpu.vram_hour.on_demand_usd_per_gib_hour.is_none());
    assert_eq!(gpu.last_on_demand.as_ref().map(|last| last.usd_per_gpu_hour.nanos), Some(300_000_000));
    assert_eq!(words(&comparison, 1, &[RowId::OnDemand, RowId::OnDemandMedian]), ["none fresh; last 0.30 USD/h", "-"]);
    let row = comparison.rows.iter().find(|row| row.id == RowId::OnDemand).expect("a row");
    assert!(row.notes[1].as_ref().is_some_and(|note| note.ends_with("seen 40 d ago")), "{:?}", row.notes);
    let flux = workload(&comparison, "flux1_dev");
    let why = flux.busy_share_unknown.as_deref().expect("a reason");
    assert!(why.starts_with("nothing fresh is known of `rtx-5090` on demand") && why.contains("gpurate collect"), "{why}");
    assert!(flux.on[1].per_1000_on_demand.is_none());
    // A plan is told the same cause.
    let plan = Plan::parse([("preset".to_owned(), "evenings".to_owned())]).expect("a plan");
    let advice = |market: &Market| simulate::simulate(market, &plan, now()).expect("an answer").advice.expect("advice");
    assert!(advice(&market).starts_with("what passes the plan's filters is stale"), "{}", advice(&market));
    assert!(advice(&Market::default()).starts_with("nothing has been collected yet"), "{}", advice(&Market::default()));
}

#[test]
fn how_a_time_was_read_is_said_with_it() {
    let flux = asked(["h100-sxm", "rtx-4090"]);
    let cautions: Vec<&String> = flux.workloads.iter().flat_map(|row| &row.on[0].cautions).collect();
    assert!(cautions.iter().any(|caution| caution.contains("read as H100 SXM")), "{cautions:?}");
}

#[test]
fn what_does_not_fit_says_why() {
    let comparison = asked(["gtx-1070", "rtx-4090"]);
    let flux = workload(&comparison, "flux1_dev");
    assert_ne!(flux.on[0].fit, Fit::Resident);
    assert!(flux.on[0].why.is_some(), "{:?}", flux.on[0]);
    let own: Vec<&ComparedWorkload> = comparison.workloads.iter().filter(|row| row.on[0].fit == Fit::None).collect();
    assert!(!own.is_empty());
    for row in own {
        let why = row.on[0].why.as_deref().unwrap_or_default();
        assert!(!why.is_empty() && row.on[0].variant.is_none(), "{}: {why}", row.workload);
    }
    assert_eq!(workload(&asked(["rtx-5090", "rtx-4090"]), "sdxl_base").on[1].why, None);
    let busy = workload(&asked(["rtx-5090", "rtx-4090"]), "sdxl_base").busy_share.clone().expect("a share");
    assert!(matches!(busy.verdict, Verdict::Above | Verdict::Undecided | Verdict::Never), "{busy:?}");
}
