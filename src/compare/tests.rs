//! Comparisons on the simulator's small market.

use gpurate_domain::MarketKind;

use super::*;
use crate::prices::Filters;
use crate::simulate::tests::{listing, market_of, now, offer, on, tier};
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
    ];
    for (list, message) in cases {
        let error = pair(list).and_then(|pair| compare(&market(), pair, now())).expect_err(list);
        assert!(error.to_string().contains(message), "{list}: {error}");
    }
    assert_eq!(pair(" rtx-5090 , rtx-4090 "), Ok(["rtx-5090", "rtx-4090"]));
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
