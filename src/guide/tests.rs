//! Guides on small markets built by hand.

use gpurate_domain::{MarketKind, Nanos, Offer};
use std::sync::Arc;

use super::*;
use crate::compare::Fit;
use crate::prices::Filters;
use crate::simulate::tests::{from, listing, market_of, now, offer, on, tier};
use crate::simulate::{self, PRESETS, Plan};

/// RTX 3070 to H100, on demand and spot, billed by the second and by the hour.
fn offers() -> Vec<Offer> {
    vec![
        offer("runpod", "r0", "RTX 3070", 8, "0.13"),
        offer("runpod", "r1", "RTX 4080", 16, "0.27"),
        listing("m1", "RTX 4090", 24, "0.30", 1000),
        listing("m2", "RTX 3090", 24, "0.13", 1000),
        offer("runpod", "r2", "RTX 5090", 32, "0.69"),
        offer("runpod", "r3", "L40S", 48, "0.79"),
        offer("runpod", "r4", "H100 SXM", 80, "2.69"),
        on(MarketKind::Spot, listing("s1", "RTX 4090", 24, "0.20", 1000)),
        offer("vultr", "v1", "L40S", 48, "1.67"),
        tier("community", offer("runpod", "c1", "RTX A4000", 16, "0.17")),
    ]
}

fn asked(market: &Market, workload: Option<&str>, usage: Option<&str>) -> Guide {
    let options = Options::parse(workload, usage).unwrap_or_else(|error| panic!("{error}"));
    guide("image-generation", options, market, now()).unwrap_or_else(|error| panic!("{error}"))
}

fn pick(guide: &Guide, id: PickId) -> &Pick {
    guide.picks.iter().find(|pick| pick.id == id).expect("a pick")
}

fn every_message(guide: &Guide) -> impl Iterator<Item = &Message> {
    let picks = guide.picks.iter().flat_map(|pick| [&pick.usual_advice, &pick.finding]);
    picks.chain(guide.answers.iter().flat_map(|answer| &answer.sentences))
}

fn ids(guide: &Guide, answer: &str) -> Vec<&'static str> {
    let answer = guide.answers.iter().find(|known| known.id == answer).expect("an answer");
    answer.sentences.iter().map(|message| message.message_id).collect()
}

fn argument<'a>(message: &'a Message, name: &str) -> &'a str {
    let found = message.arguments.iter().find(|argument| argument.name == name);
    &found.unwrap_or_else(|| panic!("{name} in {message:?}")).value
}

#[test]
fn memory_is_a_gate() {
    let guide = asked(&market_of(offers()), None, None);
    let bounds: Vec<_> = guide.tiers.iter().map(|tier| (tier.vram_gib_min, tier.vram_gib_below)).collect();
    assert_eq!(bounds, TIERS);
    // Tier, workload, variant: on every card, on larger ones only, or on none.
    let cases = [
        (0, "sd15", "fp16_resident", Some(true)),
        (0, "sdxl_base", "fp16_resident", Some(false)),
        (0, "flux1_dev", "fp8_resident", None),
        (0, "flux1_dev", "bf16_resident", None),
        (0, "lora_flux", "nf4_base", Some(false)),
        (1, "sdxl_base", "fp16_resident", Some(true)),
        (1, "flux1_dev", "svdq_int4_te_fp8", Some(true)),
        (1, "flux1_dev", "nf4_resident", Some(false)),
        (1, "flux1_dev", "bf16_resident", None),
        (2, "flux1_dev", "fp8_resident", Some(true)),
        (2, "flux1_dev", "bf16_resident", Some(false)),
        (2, "lora_flux", "int8_base", Some(true)),
        (2, "lora_flux", "bf16_resident", Some(false)),
    ];
    for (number, workload, name, expected) in cases {
        let row = guide.tiers[number].workloads.iter().find(|row| row.workload == workload);
        let variant = row.and_then(|row| row.variants.iter().find(|variant| variant.variant == name));
        assert_eq!(variant.map(|variant| variant.on_every_card), expected, "{number} {workload} {name}");
        assert!(variant.is_none_or(|variant| !variant.source.is_empty()));
    }
    let flux = |number: usize| guide.tiers[number].workloads.iter().find(|row| row.workload == "flux1_dev").expect("flux");
    // Memory alone is not enough: these 4-bit kernels take a Blackwell or Hopper, and the row says so.
    let torchao = flux(1).variants.iter().find(|variant| variant.variant == "int4_weightonly_resident").expect("the RTX 5080 runs it");
    assert!(torchao.needs.is_some_and(|needs| needs.contains("9.0")) && torchao.on_every_card);
    // What is best with everything in the memory of the tier's smallest card.
    let best = |number: usize| flux(number).best_on_every_card.as_deref();
    assert_eq!((best(1), best(2)), (Some("svdq_fp4_te_fp8"), Some("fp8_resident_eager")));
    for tier in &guide.tiers {
        for row in &tier.workloads {
            assert!(!row.variants.is_empty() && !tier.nothing_fits.contains(&row.workload), "{}", row.workload);
        }
    }
}

#[test]
fn prices_of_the_tiers_are_those_of_the_cheapest_view() {
    let market = market_of(offers());
    let guide = asked(&market, None, None);
    let cheapest = |least: u32, below: Option<u32>, kind: &str| {
        let filters = Filters::parse([("market".to_owned(), kind.to_owned())].into_iter()).expect("filters");
        let rows = prices::cheapest(&market, &filters, now()).items;
        let gib = |row: &prices::CheapestRow| row.offer.vram_gib_per_gpu.map_or(0, |gib| gib.0.gib_rounded());
        let is_in = |row: &prices::CheapestRow| row.rentable && gib(row) >= least && below.is_none_or(|below| gib(row) < below);
        rows.into_iter().find(is_in).map(|row| (row.offer.id, row.offer.price_usd_per_gpu_hour))
    };
    for tier in &guide.tiers {
        for (kind, found) in [("on_demand", &tier.cheapest_on_demand), ("spot", &tier.cheapest_spot)] {
            let found = found.as_ref().map(|price| (price.figure.id, Some(price.figure.usd_per_gpu_hour)));
            assert_eq!(found, cheapest(tier.vram_gib_min, tier.vram_gib_below, kind), "{} {kind}", tier.vram_gib_min);
        }
    }
    let names = |number: usize| guide.tiers[number].gpus.iter().map(|gpu| gpu.gpu.as_str()).collect::<Vec<_>>();
    assert_eq!((names(0), names(1)), (vec!["rtx-3070"], vec!["rtx-a4000", "rtx-4080"]));
    assert_eq!(names(2), ["rtx-3090", "rtx-4090", "rtx-5090", "l40s", "h100-sxm"], "by price on demand");
    assert!(guide.tiers[2].not_offered.iter().any(|slug| slug == "a100-80gb-sxm"));
}

#[test]
fn how_it_is_used_orders_the_cards_and_the_picks() {
    let market = market_of(offers());
    let interactive = asked(&market, None, Some("interactive"));
    let times: Vec<u64> = interactive.tiers[2].gpus.iter().filter_map(|gpu| gpu.work.milliseconds.map(|range| range.typical)).collect();
    assert!(times.len() >= 4 && times.is_sorted(), "{times:?}");
    assert_eq!(interactive.picks[0].id, PickId::Interactive);
    // Weights that are moved about are no choice for somebody who waits: the card comes last, untied.
    let small = &interactive.tiers[0].gpus[0];
    assert_eq!((small.work.fit, small.tied_with_first), (Fit::WithMeans, false));
    let batch = asked(&market, None, Some("batch"));
    let costs: Vec<_> = batch.tiers[2].gpus.iter().filter_map(|gpu| Some(gpu.work.least_per_1000(true)?.typical_usd)).collect();
    assert!(costs.len() >= 4 && costs.is_sorted(), "{costs:?}");
    assert_eq!(batch.picks[0].id, PickId::OvernightBatch);
    assert_eq!(batch.picks.iter().filter(|pick| pick.asked).count(), 1);
    for guide in [&interactive, &batch] {
        for tier in &guide.tiers {
            let first = tier.gpus.first().expect("a card");
            assert!(!first.tied_with_first);
        }
    }
    // RTX 4090 measured, RTX 5090 estimated around it: their ranges overlap.
    let tied = |guide: &Guide| guide.tiers[2].gpus.iter().filter(|gpu| gpu.tied_with_first).map(|gpu| gpu.gpu.clone()).collect::<Vec<_>>();
    assert!(
        tied(&interactive).contains(&"rtx-5090".to_owned()) || interactive.tiers[2].gpus[0].gpu == "rtx-5090",
        "{:?}",
        tied(&interactive)
    );
}

#[test]
fn picks_are_the_simulator_s_own_answers() {
    let market = market_of(offers());
    let guide = asked(&market, None, None);
    for (id, preset) in [(PickId::Interactive, "evenings"), (PickId::OvernightBatch, "overnight"), (PickId::FineTuning, "lora-weekly")] {
        let plan = Plan::parse([("preset".to_owned(), preset.to_owned())]).expect("a plan");
        let answer = simulate::simulate(&market, &plan, now()).expect("an answer");
        let pick = pick(&guide, id);
        assert_eq!((pick.preset, pick.rows, pick.permalink.as_str()), (preset, answer.rows, &*format!("/api/v1/simulate?preset={preset}")));
        assert!(PRESETS.iter().any(|((name, _), words)| *name == preset && *words == pick.preset_words));
        let first = answer.items.first().expect("a row");
        let row = pick.row.as_ref().expect("a pick");
        assert_eq!(
            (
                row.offer,
                row.rank,
                row.sticker_rank,
                row.total_low_usd,
                row.total_high_usd,
                row.usd_per_1000_images,
                row.waited_high_seconds
            ),
            (
                first.offer.id,
                1,
                first.sticker_rank,
                first.total_low_usd,
                first.total_high_usd,
                first.usd_per_1000_images,
                first.waited_high_seconds
            )
        );
        let usual = pick.usual.as_ref().expect("what the advice means is offered");
        let same = answer.items.iter().find(|row| row.offer.id == usual.offer).expect("a row of the answer");
        assert_eq!((usual.rank, usual.total_high_usd), (same.rank, same.total_high_usd));
        let frontier: Vec<_> = answer.frontier.iter().skip(1).map(|point| (point.rank, point.usd_per_hour_not_waited)).collect();
        let steps: Vec<_> = pick.less_waiting.iter().map(|step| (step.row.rank, step.usd_per_hour_not_waited)).collect();
        assert_eq!(steps, frontier);
    }
}

#[track_caller]
fn finds(offers: Vec<Offer>, id: PickId, verdict: PickVerdict, message: &str) -> Guide {
    let guide = asked(&market_of(offers), None, None);
    let pick = pick(&guide, id);
    assert_eq!((pick.verdict, pick.finding.message_id), (verdict, message), "{}", pick.finding.text);
    guide
}

#[test]
fn what_today_s_bills_say_to_the_advice() {
    use PickVerdict::{Confirmed, Contradicted, Undecided, Unknown};
    let one = |gpu: &str, gib: u32, usd: &str| listing(&format!("m-{gpu}"), gpu, gib, usd, 1000);
    let interactive = PickId::Interactive;
    // Alone, and the fastest of the three: what is advised is what is cheapest.
    finds(vec![one("RTX 5090", 32, "0.50")], interactive, Confirmed, "finding-confirmed");
    // Far dearer, and by its estimate it may even wait longer.
    finds(vec![one("RTX 5090", 32, "5.00"), one("RTX 4090", 24, "0.30")], interactive, Contradicted, "finding-contradicted");
    // Far dearer, and it waits less.
    let guide =
        finds(vec![one("RTX 4090", 24, "2.00"), one("RTX 3090", 24, "0.10")], interactive, Contradicted, "finding-contradicted-waiting");
    let told = pick(&guide, interactive);
    assert!(told.finding.text.contains("RTX 3090") && told.finding.text.contains("2.00 USD/h"), "{}", told.finding.text);
    let (row, usual) = (told.row.as_ref().expect("a row"), told.usual.as_ref().expect("a row"));
    assert!(row.total_high_usd < usual.total_low_usd, "contradicted, whatever is not known");
    let saved: u64 = argument(&told.finding, "saved").parse().expect("seconds");
    assert_eq!(saved, row.waited_high_seconds - usual.waited_high_seconds);
    // What an hour less of waiting costs: the difference of the dear ends over the hours.
    let more = i128::from(usual.total_high_usd.0 - row.total_high_usd.0);
    let per_hour = i64::try_from(more * 3_600 / i128::from(saved)).expect("an amount");
    assert_eq!(argument(&told.finding, "per_hour"), Nanos(per_hour).to_string());
    // Ranges that overlap decide nothing.
    finds(vec![one("RTX 5090", 32, "0.31"), one("RTX 4090", 24, "0.30")], interactive, Undecided, "finding-undecided");
    // None of the three is offered.
    finds(vec![one("L40S", 48, "0.80")], interactive, Unknown, "finding-not-offered");
    finds(vec![], interactive, Unknown, "finding-nothing");
    finds(vec![one("RTX 3070", 8, "0.10")], interactive, Unknown, "finding-nothing-because");
    // A night: the lowest price per hour cannot be done by morning, even with as many machines as there are.
    let night = PickId::OvernightBatch;
    finds(vec![one("RTX 3090", 24, "0.10")], night, Unknown, "finding-late");
    finds(
        vec![one("RTX 3090", 24, "0.10"), offer("runpod", "h", "H100 SXM", 80, "2.69")],
        night,
        Contradicted,
        "finding-contradicted-late",
    );
    finds(vec![offer("runpod", "h", "H100 SXM", 80, "2.69")], night, Confirmed, "finding-confirmed");
    // Training: the RTX 5090 has most memory of the three.
    finds(vec![one("RTX 5090", 32, "0.50")], PickId::FineTuning, Confirmed, "finding-confirmed");
    finds(vec![one("RTX 3090", 24, "0.10"), one("RTX 5090", 32, "5.00")], PickId::FineTuning, Contradicted, "finding-contradicted-waiting");
}

#[test]
fn another_workload_goes_into_the_pictures_plans_and_not_into_training() {
    let guide = asked(&market_of(offers()), Some("sdxl"), None);
    assert_eq!(guide.workload.id, "sdxl_base");
    assert_eq!(pick(&guide, PickId::Interactive).permalink, "/api/v1/simulate?preset=evenings&model=sdxl_base&steps=50");
    // Its own preset stays as it is.
    assert_eq!(pick(&guide, PickId::OvernightBatch).permalink, "/api/v1/simulate?preset=overnight");
    assert_eq!(pick(&guide, PickId::FineTuning).permalink, "/api/v1/simulate?preset=lora-weekly");
    // Nobody published how fast this one is on the card that hours are counted on: no plan, and no figure.
    let unknown = asked(&market_of(offers()), Some("flux2-dev"), None);
    let pick = pick(&unknown, PickId::Interactive);
    assert_eq!((pick.verdict, pick.finding.message_id, pick.row.is_some()), (PickVerdict::Unknown, "finding-no-plan", false));
    assert!(unknown.tiers.iter().flat_map(|tier| &tier.gpus).all(|gpu| gpu.work.per_1000_on_demand.is_none()));
    assert_eq!(ids(&unknown, "spot")[0], "spot-none");
}

#[test]
fn beyond_prices_a_provider_s_rules_stand_with_their_source() {
    let guide = asked(&market_of(offers()), None, None);
    let row = |slug: &str| guide.providers.iter().find(|row| &*row.provider == slug).unwrap_or_else(|| panic!("{slug}"));
    let slugs: Vec<&str> = guide.providers.iter().map(|row| &*row.provider).collect();
    assert_eq!(slugs, ["runpod", "vastai", "vultr"], "those that sell something now");
    let runpod = row("runpod");
    assert_eq!((runpod.on_demand_offers, runpod.spot_offers), (6, 0));
    assert_eq!((runpod.granularity.words.as_str(), runpod.granularity.values[0].value.as_str()), ("per second", "1"));
    assert_eq!(
        (row("vultr").granularity.words.as_str(), runpod.on_eviction.words.as_str()),
        ("per hour", "no spot offer within the usual requirements now")
    );
    assert_eq!((row("vastai").spot_offers, row("vastai").on_eviction.words.as_str()), (1, "paused, disk kept"));
    for provider in &guide.providers {
        let columns = [
            &provider.granularity,
            &provider.minimum,
            &provider.on_eviction,
            &provider.persistent_storage,
            &provider.volume_price,
            &provider.prebuilt_images,
            &provider.egress,
        ];
        for column in columns {
            assert!(column.values.iter().all(|value| value.source.len() > 8), "a source is an address or a name one can find: {column:?}");
            // Words without a value say that there is none.
            let says_none = ["not known", "no ", "none"].iter().any(|none| column.words.starts_with(none));
            assert!(!column.words.is_empty() && (!column.values.is_empty() || says_none), "{column:?}");
        }
    }
    // A test offer of a provider without a rule for its minimum leaves it unknown.
    assert_eq!((row("vastai").minimum.values.len(), row("vastai").minimum.words.as_str()), (0, "not known"));
}

#[test]
fn answers_have_today_s_figures() {
    let market = market_of(offers());
    let guide = asked(&market, None, None);
    let text = |id: &str| {
        let answer = guide.answers.iter().find(|answer| answer.id == id).expect("an answer");
        answer.sentences.iter().map(|message| message.text.clone()).collect::<Vec<_>>().join(" ")
    };
    for told in [
        "SDXL base 1.0 takes 10.47 GiB in 16 bit",
        "Of SDXL base 1.0 the figure in 16 bit counts tensors alone",
        // Plain training; what takes less is slower, and how much is said.
        "SDXL takes 13.03 GiB in 16 bit",
        "SDXL also runs in 6.53 GiB in 16 bit, at 56 % of the speed",
        "SDXL also runs in 4.64 GiB in 8 bit, at 21 % of the speed",
    ] {
        assert!(text("vram").contains(told), "{told}: {}", text("vram"));
    }
    assert!(text("vram").contains("FLUX.1 dev takes 36.2 GiB in 16 bit, 20.9 in 8 bit and 13.3 in 4 bit"), "{}", text("vram"));
    assert!(text("vram").contains("With 24 GiB and more a card costs 0.13 USD an hour at least: RTX 3090 at "), "{}", text("vram"));
    // 2.3 times the price, and at most twice as fast.
    assert_eq!(ids(&guide, "faster")[0], "faster-never", "{}", text("faster"));
    // The RTX 4090 as spot against the same card on demand.
    assert_eq!(ids(&guide, "spot"), ["spot-cheaper", "spot-night-one", "spot-eviction"], "{}", text("spot"));
    // 0.20 against 0.30 an hour for the same work.
    assert!(text("spot").starts_with("On RTX 4090 1,000 images") && text("spot").contains("33.3 % less"), "{}", text("spot"));
    // What cannot be told apart from the first is said.
    let cards = || guide.tiers.iter().flat_map(|tier| &tier.gpus).filter(|card| card.work.fit == Fit::Resident);
    let costs = || cards().filter_map(|card| Some((&card.gpu, card.work.least_per_1000(true)?)));
    let (first, least) = costs().min_by_key(|(_, cost)| cost.typical_usd).expect("a cost");
    let tied = costs().filter(|(gpu, cost)| *gpu != first && cost.low_usd <= least.high_usd).count();
    let batch = guide.answers.iter().flat_map(|answer| &answer.sentences).find(|message| message.message_id.starts_with("faster-batch"));
    let batch = batch.expect("a sentence");
    assert!(tied > 0, "the RTX 3090 is near");
    assert_eq!((batch.message_id, argument(batch, "tied")), ("faster-batch-tied", tied.to_string().as_str()));
    assert!(!batch.text.contains("costs least:"), "{}", batch.text);
    // Two bill by the second, one by the hour; 20 minutes there are an hour.
    assert!(
        text("granularity").contains("Of 3 providers that sell on demand now 2 bill by the minute or finer, 1 in longer steps"),
        "{}",
        text("granularity")
    );
    assert!(
        text("granularity").contains("are billed as 60 min and cost 1.67 USD; by the second they would cost 0.5567"),
        "{}",
        text("granularity")
    );
    let bill = guide.answers.iter().flat_map(|answer| &answer.sentences).find(|message| message.message_id == "granularity-bill");
    let bill = bill.expect("an hour's rounding costs something");
    let plan = Plan::parse([("preset".to_owned(), "evenings".to_owned())]).expect("a plan");
    let answer = simulate::simulate(&market, &plan, now()).expect("an answer");
    let vultr = answer.items.iter().find(|row| &*row.offer.provider == "vultr").expect("a row");
    let rounding: i64 =
        vultr.lines.iter().filter(|line| line.kind == gpurate_domain::bill::LineKind::Rounding).map(|line| line.amount_usd.0).sum();
    assert_eq!(argument(bill, "usd"), Nanos(rounding).to_string());
    assert_eq!(argument(bill, "total"), vultr.total_high_usd.to_string());
    assert!(guide.answers.iter().all(|answer| answer.age_seconds == Some(300)), "every price was seen five minutes ago");
}

#[test]
fn a_night_has_its_bill_in_both_ways_and_spot_need_not_pay() {
    let both = |spot: &str| {
        let h100 = |sku: &str, usd: &str| offer("runpod", sku, "H100 SXM", 80, usd);
        asked(&market_of(vec![h100("h", "2.69"), on(MarketKind::Spot, h100("s", spot))]), None, None)
    };
    let told = |guide: &Guide| guide.answers.iter().find(|answer| answer.id == "spot").expect("an answer").sentences.clone();
    let (cheaper, dearer) = (both("1.345"), both("3.00"));
    assert_eq!(ids(&cheaper, "spot"), ["spot-cheaper", "spot-night", "spot-eviction"]);
    assert_eq!(argument(&told(&cheaper)[0], "percent"), "50");
    assert_eq!(ids(&dearer, "spot"), ["spot-not-cheaper", "spot-night", "spot-eviction"]);
    let night = pick(&cheaper, PickId::OvernightBatch);
    assert_eq!(night.row.as_ref().map(|row| row.market), Some(MarketKind::Spot));
    // The bill of a spot row is that of the average of evictions, not the most it may come to.
    assert!(told(&cheaper)[1].text.contains("evictions counted on average") && !told(&cheaper)[1].text.contains("at most"));
    assert_eq!(argument(&told(&cheaper)[1], "spot"), night.row.as_ref().map(|row| row.total_high_usd.to_string()).unwrap_or_default());
}

#[test]
fn no_pick_and_no_least_price_is_a_lower_bound() {
    let mut all = offers();
    all.push(from(on(MarketKind::Spot, offer("runpod", "f1", "L40S", 48, "0.10"))));
    all.push(from(offer("runpod", "f2", "RTX 4090", 24, "0.05")));
    let guide = asked(&market_of(all), None, None);
    let night = pick(&guide, PickId::OvernightBatch);
    assert!(!night.row.as_ref().expect("a pick").price_kind.is_from(), "{night:#?}");
    // What the lowest price per hour comes to is one, and says so.
    assert!(night.usual.as_ref().expect("a row").price_kind.is_from());
    assert!(night.finding.text.contains("from 0.05 USD/h") && night.finding.text.contains(" from "), "{}", night.finding.text);
    assert_eq!(night.verdict, PickVerdict::Undecided);
    let large = guide.tiers.last().expect("a tier");
    assert!(!large.cheapest_on_demand.as_ref().expect("a price").figure.price_kind.is_from());
    let place = large.gpus.iter().position(|gpu| gpu.gpu == "rtx-4090").expect("a card");
    assert!(place > 0 && large.gpus[place].tied_with_first, "behind what is known, and not told apart from it");
}

#[test]
fn a_bound_of_what_is_not_known_is_no_cost() {
    // The least that a start of a worker costs would not be known there: between nothing and an hour.
    let worker = || on(MarketKind::Serverless, offer("vastai", "w", "RTX 4090", 24, "1.10"));
    let bill = |offers: Vec<Offer>| {
        let guide = asked(&market_of(offers), None, None);
        let answer = guide.answers.into_iter().find(|answer| answer.id == "granularity").expect("an answer");
        answer.sentences.into_iter().find(|message| message.message_id.starts_with("granularity-bill")).expect("a sentence")
    };
    let both = bill(vec![worker(), offer("vultr", "v1", "L40S", 48, "1.67")]);
    assert_eq!((both.message_id, argument(&both, "provider")), ("granularity-bill", "vultr"), "{}", both.text);
    let alone = bill(vec![worker()]);
    assert_eq!(alone.message_id, "granularity-bill-unknown", "{}", alone.text);
}

#[test]
fn another_machine_of_the_same_card_is_no_faster_gpu() {
    let guide = asked(
        &market_of(vec![
            listing("m1", "RTX 4090", 24, "0.20", 150),
            offer("runpod", "r4", "RTX 4090", 24, "0.60"),
            offer("runpod", "h", "H100 SXM", 80, "2.69"),
        ]),
        None,
        None,
    );
    let interactive = pick(&guide, PickId::Interactive);
    let row = interactive.row.as_ref().expect("a pick");
    assert!(interactive.less_waiting.iter().any(|step| step.row.gpu == row.gpu), "{interactive:#?}");
    let step = guide.answers.iter().flat_map(|answer| &answer.sentences).find(|message| message.message_id.starts_with("faster-waiting"));
    let step = step.expect("a step up");
    assert_eq!((argument(step, "gpu"), argument(step, "faster")), ("rtx-4090", "h100-sxm"), "{}", step.text);
    let other = interactive.less_waiting.iter().find(|step| &*step.row.gpu.0 == "h100-sxm").expect("a row");
    let more = i128::from(other.row.total_high_usd.0 - row.total_high_usd.0);
    let saved = i128::from(row.waited_high_seconds - other.row.waited_high_seconds);
    assert_eq!(argument(step, "per_hour"), Nanos(i64::try_from(more * 3_600 / saved).expect("a price")).to_string());
    // A time that is estimated is not told as a fact.
    let is_estimate = row.speed_is_estimate || other.row.speed_is_estimate;
    assert_eq!(step.text.contains("about"), is_estimate, "{}", step.text);
    // The two usual cards have the ranges of their times.
    let guide = asked(&market_of(offers()), None, None);
    let cards = &guide.answers.iter().find(|answer| answer.id == "faster").expect("an answer").sentences[0];
    assert!(cards.arguments.iter().any(|one| one.name == "faster_seconds" && one.value_high.is_some()), "{}", cards.text);
}

#[test]
fn old_prices_are_told_as_old_and_not_as_none() {
    let mut market = market_of(offers());
    for part in &mut market.parts {
        Arc::make_mut(part).last_accepted_at = Some(now() - chrono::TimeDelta::days(40));
    }
    let guide = asked(&market, None, None);
    assert!(guide.tiers.iter().all(|tier| tier.cheapest_on_demand.is_none()));
    let last = guide.tiers[2].last_on_demand.as_ref().expect("a last price");
    assert_eq!((last.gpu.as_str(), last.figure.usd_per_gpu_hour.nanos), ("rtx-3090", 130_000_000));
    assert!(ids(&guide, "vram").contains(&"vram-last-price"), "{:?}", ids(&guide, "vram"));
    assert_eq!(ids(&guide, "spot"), ["spot-stale"]);
    for pick in &guide.picks {
        assert_eq!((pick.finding.message_id, pick.verdict), ("finding-stale", PickVerdict::Unknown));
        assert!(pick.finding.text.contains("gpurate collect"));
    }
}

#[test]
fn an_empty_market_has_no_figure() {
    let guide = asked(&market_of(vec![]), None, None);
    assert!(guide.tiers.iter().all(|tier| tier.gpus.is_empty() && tier.cheapest_on_demand.is_none() && !tier.not_offered.is_empty()));
    assert!(guide.providers.is_empty() && guide.picks.iter().all(|pick| pick.row.is_none() && pick.verdict == PickVerdict::Unknown));
    assert_eq!(ids(&guide, "faster"), ["faster-unknown"]);
    assert_eq!(ids(&guide, "spot"), ["spot-none", "spot-eviction-none"]);
    assert_eq!(ids(&guide, "granularity"), ["granularity-count", "granularity-no-example"]);
    assert!(guide.answers.iter().all(|answer| answer.age_seconds.is_none()));
    for message in every_message(&guide) {
        let is_money = |argument: &Argument| matches!(argument.kind, ArgumentKind::Usd | ArgumentKind::UsdPerHour);
        assert!(!message.arguments.iter().any(is_money), "{}", message.text);
    }
}

#[test]
fn every_figure_of_a_sentence_is_in_its_text() {
    let markets = [market_of(offers()), market_of(vec![]), market_of(vec![listing("m", "RTX 4090", 24, "0.30", 1000)])];
    let mut said = std::collections::BTreeSet::new();
    for market in &markets {
        for workload in [None, Some("sdxl"), Some("sd15"), Some("flux2-dev")] {
            let guide = asked(market, workload, None);
            for message in every_message(&guide) {
                said.insert(message.message_id);
                let (_, template) = MESSAGES.iter().find(|(id, _)| *id == message.message_id).expect("a sentence");
                for argument in &message.arguments {
                    assert!(template.contains(&format!("{{{}}}", argument.name)), "{} has no {}", message.message_id, argument.name);
                    assert!(message.text.contains(&argument.words()), "{}: {}", message.text, argument.words());
                }
                assert_eq!(template.matches('{').count(), message.arguments.len(), "{}", message.message_id);
            }
        }
    }
    assert!(said.len() >= 20, "{said:?}");
}

#[test]
fn what_cannot_be_asked_says_what_can() {
    let cases = [
        (Some("flux-devv"), None, "no workload is called `flux-devv`; did you mean `flux1_dev`"),
        (Some("lora-sdxl"), None, "`lora_sdxl` makes no images but a training step"),
        (None, Some("fast"), "`fast` is no `usage`; it is `interactive` or `batch`"),
        (Some("a\u{1b}[2J"), None, "a\u{fffd}[2J"),
    ];
    for (workload, usage, message) in cases {
        let error = Options::parse(workload, usage).expect_err(message);
        assert!(error.to_string().contains(message), "{error}");
    }
    let error = guide("image-generatoin", Options::default(), &market_of(vec![]), now()).expect_err("no such guide");
    assert_eq!(error.to_string(), "no guide is called `image-generatoin`; did you mean `image-generation`?");
}

#[test]
fn the_same_question_has_the_same_answer() {
    let market: Arc<Market> = Arc::new(market_of(offers()));
    let json = |guide: &Guide| serde_json::to_string(guide).expect("a document");
    assert_eq!(json(&asked(&market, None, None)), json(&asked(&market, None, None)));
}

#[test]
fn what_is_advised_is_looked_for_in_the_whole_ranking() {
    let guide = asked(&crate::bench_data::market(1, 50_000), None, None);
    let night = pick(&guide, PickId::OvernightBatch);
    assert!(night.rows > 1_000, "{} rows: more than a plan may show", night.rows);
    let usual = night.usual.as_ref().expect("the lowest price per hour");
    assert_eq!(usual.sticker_rank, 1);
    assert!(usual.rank > 1_000, "it stands at {}: pick a market where it is far down", usual.rank);
}
