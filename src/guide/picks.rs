//! Which offer for which pattern of use: the simulator's presets put through the market, held against the usual advice.
//! Nothing is assumed here; where today's bills say otherwise than the advice, that is said with both.

use chrono::{DateTime, Utc};
use gpurate_domain::{MarketKind, Nanos};

use super::view::{LessWaiting, Pick, PickId, PickRow, PickVerdict, Usage};
use crate::catalogue;
use crate::market::Market;
use crate::said::{self, Argument, Message, say};
use crate::simulate::{self, PRESETS, Plan, RowView, SimulationAnswer};
use crate::workloads::Workload;

/// The cards that guides compare, newest first.
pub const USUAL_CARDS: [&str; 3] = ["rtx-5090", "rtx-4090", "rtx-3090"];

/// Seeded runs are not shown here: bills and ranks are of the closed form.
const RUNS: &str = "10";
/// So many of the rows that are tied with a pick.
const TIED_MAX: usize = 5;

/// A pick with the whole answer it was taken from; `Err` in words where the plan cannot be made.
pub(super) struct Picked {
    pub pick: Pick,
    pub answer: Result<SimulationAnswer, String>,
}

/// The three picks; those for `usage` first. `workload` replaces the presets' own where it was asked for.
pub(super) fn picks(market: &Market, workload: Option<&Workload>, usage: Option<Usage>, as_of: DateTime<Utc>) -> Vec<Picked> {
    let patterns = [
        (PickId::Interactive, "evenings", Some(Usage::Interactive)),
        (PickId::OvernightBatch, "overnight", Some(Usage::Batch)),
        (PickId::FineTuning, "lora-weekly", None),
    ];
    let mut picks: Vec<Picked> =
        patterns.into_iter().map(|(id, preset, of)| picked(market, id, preset, workload, usage.is_some() && usage == of, as_of)).collect();
    picks.sort_by_key(|picked| !picked.pick.asked);
    picks
}

fn pairs<'a>(id: PickId, preset: &'a str, workload: Option<&'a Workload>) -> Vec<(String, String)> {
    let mut pairs = vec![("preset".to_owned(), preset.to_owned())];
    let own =
        PRESETS.iter().find(|((name, _), _)| *name == preset).and_then(|((_, values), _)| values.iter().find(|(key, _)| *key == "model"));
    // Training is the same whatever pictures are made with it.
    let other = workload.filter(|workload| id != PickId::FineTuning && own.is_some_and(|(_, model)| *model != workload.id));
    if let Some(workload) = other {
        pairs.push(("model".to_owned(), workload.id.clone()));
        // The preset's steps are its own model's.
        pairs.extend(workload.default_steps.map(|steps| ("steps".to_owned(), steps.to_string())));
    }
    pairs
}

fn picked(market: &Market, id: PickId, preset: &'static str, workload: Option<&Workload>, asked: bool, as_of: DateTime<Utc>) -> Picked {
    let own = pairs(id, preset, workload);
    let query: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&own).finish();
    // Keys of this module's own: a preset and a workload's id.
    let shown = Plan::parse(own.iter().cloned()).unwrap_or_default();
    let plan = Plan::parse(own.into_iter().chain([("runs".to_owned(), RUNS.to_owned())]));
    // What the advice comes to may stand anywhere in the ranking.
    let answer = plan.and_then(|plan| simulate::simulate_whole(market, &plan, as_of)).map_err(|error| error.message);
    let rows: &[RowView] = answer.as_ref().map_or(&[], |answer| &answer.items);
    let (row, usual) = (rows.first(), usual(id, rows));
    let (verdict, finding) = match &answer {
        Ok(answer) => finding(row, usual, answer),
        Err(reason) => {
            let workload = workload.map_or("", |workload| workload.id.as_str());
            (PickVerdict::Unknown, say("finding-no-plan", vec![said::workload(workload), said::english("reason", reason)]))
        }
    };
    let frontier = answer.as_ref().map_or(&[][..], |answer| &answer.frontier);
    let less_waiting = frontier.iter().filter(|point| point.rank > 1).filter_map(|point| {
        let row = rows.get(point.rank.checked_sub(1)?)?;
        Some(LessWaiting { row: short(row), usd_per_hour_not_waited: point.usd_per_hour_not_waited })
    });
    let pick = Pick {
        id,
        preset,
        preset_words: PRESETS.iter().find(|((name, _), _)| *name == preset).map_or("", |(_, words)| words),
        plan: shown,
        permalink: format!("/api/v1/simulate?{query}"),
        asked,
        row: row.map(short),
        tied: rows.iter().filter(|row| row.tied_with_first && row.in_time).take(TIED_MAX).map(short).collect(),
        rows: answer.as_ref().map_or(0, |answer| answer.rows),
        usual_advice: advice(id),
        usual: usual.map(short),
        verdict,
        finding,
        less_waiting: less_waiting.collect(),
    };
    Picked { pick, answer }
}

fn advice(id: PickId) -> Message {
    let cards = || ["first", "second", "third"].into_iter().zip(USUAL_CARDS).map(|(name, slug)| said::gpu(name, slug)).collect();
    match id {
        PickId::Interactive => say("advice-interactive", cards()),
        PickId::OvernightBatch => say("advice-batch", Vec::new()),
        PickId::FineTuning => say("advice-fine-tuning", cards()),
    }
}

/// The row that the usual advice comes to. Rows come best first: of equals the first is meant.
fn usual(id: PickId, rows: &[RowView]) -> Option<&RowView> {
    let of_usual_cards = || {
        let is_usual = |row: &&RowView| row.offer.gpu.as_ref().is_some_and(|gpu| USUAL_CARDS.contains(&&**gpu));
        rows.iter().filter(is_usual).filter(|row| row.offer.market == MarketKind::OnDemand)
    };
    match id {
        PickId::Interactive => of_usual_cards().filter(|row| row.seconds_per_image.is_some()).min_by_key(|row| row.seconds_per_image),
        PickId::OvernightBatch => rows.iter().min_by_key(|row| row.sticker_rank),
        PickId::FineTuning => of_usual_cards().min_by_key(|row| std::cmp::Reverse(memory(row))),
    }
}

/// A card's memory and bandwidth, in GiB and billionths of GB a second.
fn memory(row: &RowView) -> (u32, i64) {
    let table = catalogue::gpus();
    let gpu = row.offer.gpu.as_ref().and_then(|slug| table.by_slug(slug)).map(|index| table.gpu(index));
    let bandwidth = gpu.and_then(|gpu| gpu.bandwidth_gb_s.as_deref()?.parse::<Nanos>().ok());
    (gpu.and_then(|gpu| gpu.vram_gib).unwrap_or(0), bandwidth.map_or(0, |rate| rate.0))
}

/// What today's bills say to the advice.
fn finding(row: Option<&RowView>, usual: Option<&RowView>, answer: &SimulationAnswer) -> (PickVerdict, Message) {
    let days = answer.days;
    let Some(row) = row else {
        let stale = answer.advice_said.as_ref().is_some_and(|said| said.message_id == "nothing-fresh");
        if stale {
            return (PickVerdict::Unknown, say("finding-stale", Vec::new()));
        }
        // Offers there are, and each was left out: the commonest reason is the one to know.
        let because = answer.left_out.first().map(|left| say("finding-nothing-because", vec![left.reason("reason")]));
        return (PickVerdict::Unknown, because.unwrap_or_else(|| say("finding-nothing", Vec::new())));
    };
    let own = || of_row(row, ["gpu", "provider", "market", "price", "age"]);
    let total = |row: &RowView, name| [said::range(name, row)];
    let cost = || own().into_iter().chain(total(row, "total")).collect::<Vec<Argument>>();
    let for_days = || cost().into_iter().chain([said::days(days)]).collect::<Vec<Argument>>();
    if !row.in_time {
        return (PickVerdict::Unknown, say("finding-late", cost()));
    }
    let Some(usual) = usual else { return (PickVerdict::Unknown, say("finding-not-offered", for_days())) };
    if usual.rank == row.rank {
        // What ranks first costs least only where nothing else may.
        let tied = answer.items.iter().filter(|row| row.tied_with_first && row.in_time).count();
        if tied > 0 {
            let count = said::count("tied", tied);
            return (PickVerdict::Confirmed, say("finding-confirmed-tied", for_days().into_iter().chain([count]).collect()));
        }
        return (PickVerdict::Confirmed, say("finding-confirmed", for_days()));
    }
    let advised = || of_row(usual, ["usual_gpu", "usual_provider", "usual_market", "usual_price", "usual_age"]);
    if !usual.in_time {
        return (PickVerdict::Contradicted, say("finding-contradicted-late", cost().into_iter().chain(advised()).collect()));
    }
    let both = || for_days().into_iter().chain(advised()).chain(total(usual, "usual_total")).collect::<Vec<Argument>>();
    if usual.tied_with_first {
        return (PickVerdict::Undecided, say("finding-undecided", both()));
    }
    let saved = row.waited_high_seconds.saturating_sub(usual.waited_high_seconds);
    if saved == 0 {
        return (PickVerdict::Contradicted, say("finding-contradicted", both()));
    }
    let more = i128::from(usual.total_high_usd.0) - i128::from(row.total_high_usd.0);
    let per_hour = Nanos(i64::try_from(more * 3_600 / i128::from(saved)).unwrap_or(i64::MAX));
    let waiting = [said::duration("saved", saved), said::per_hour("per_hour", per_hour)];
    (PickVerdict::Contradicted, say("finding-contradicted-waiting", both().into_iter().chain(waiting).collect()))
}

/// Card, provider, market, price and age of a row, under these names.
fn of_row(row: &RowView, [gpu, provider, market, price, age]: [&'static str; 5]) -> Vec<Argument> {
    let offer = &row.offer;
    vec![
        said::gpu(gpu, &offer.gpu_group),
        said::provider(provider, &offer.provider),
        said::market(market, offer.market),
        said::price(price, offer.price_usd_per_gpu_hour.expect("only offers with a price are ranked"), offer.price_kind),
        said::seen(age, offer.age_seconds),
    ]
}

/// A row of the simulator in short.
pub(super) fn short(row: &RowView) -> PickRow {
    let offer = &row.offer;
    PickRow {
        rank: row.rank,
        sticker_rank: row.sticker_rank,
        offer: offer.id,
        gpu: offer.gpu_group.clone(),
        provider: offer.provider.clone(),
        tier: offer.tier.clone(),
        region: offer.region.clone(),
        country: offer.country,
        market: offer.market,
        usd_per_gpu_hour: offer.price_usd_per_gpu_hour,
        price_kind: offer.price_kind,
        age_seconds: offer.age_seconds,
        freshness: offer.freshness,
        variant: row.variant.clone(),
        seconds_per_image: row.seconds_per_image,
        speed_is_estimate: row.speed_is_estimate,
        policy: row.policy,
        total_low_usd: row.total_low_usd,
        total_high_usd: row.total_high_usd,
        usd_per_1000_images: row.usd_per_1000_images,
        click_to_first_image_seconds: row.click_to_first_image_seconds,
        waited_high_seconds: row.waited_high_seconds,
        in_time: row.in_time,
        machines: row.machines,
        tied_with_first: row.tied_with_first,
    }
}
