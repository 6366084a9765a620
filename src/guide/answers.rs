//! The questions people ask, answered with the figures of now. Every sentence rests on figures that stand elsewhere in the
//! guide, or are computed here from an offer and its rule; what is not known is said to be so.

use chrono::{DateTime, Utc};
use gpurate_domain::bill::LineKind;
use gpurate_domain::billing::billed_seconds;
use gpurate_domain::{MarketKind, Nanos, UsdPerGpuHour};

use super::picks::{Picked, USUAL_CARDS};
use super::view::{BeyondColumn, GuideAnswer, PickId, ProviderBeyond, Tier, TierGpu};
use crate::catalogue;
use crate::compare::{Fit, ThousandCost};
use crate::market::Market;
use crate::prices::{self, Figure, Filters};
use crate::said::{self, Message, say};
use crate::simulate::{self, RowView, Side, SimulationAnswer, Verdict};
use crate::workloads::{self, Variant, VramBasis, Workload};

/// So long is the stretch of work that granularity is shown on.
const EXAMPLE_SECONDS: u64 = 20 * 60;
/// Billed in steps of at most so much, time rewards stopping.
const SHORT_SECONDS: u64 = 60;

/// What the answers are made of.
pub(super) struct Ground<'a> {
    pub market: &'a Market,
    pub as_of: DateTime<Utc>,
    pub workload: &'a Workload,
    pub tiers: &'a [Tier],
    pub providers: &'a [ProviderBeyond],
    pub picks: &'a [Picked],
}

/// Sentences, and the ages of the prices in them.
#[derive(Default)]
struct Told {
    sentences: Vec<Message>,
    ages: Vec<i64>,
}

impl Told {
    fn say(&mut self, message: Message) {
        self.sentences.push(message);
    }

    fn answer(self, id: &'static str, question: &'static str) -> GuideAnswer {
        GuideAnswer { id, question, sentences: self.sentences, age_seconds: self.ages.into_iter().max() }
    }
}

/// The four answers.
pub(super) fn answers(ground: &Ground<'_>) -> Vec<GuideAnswer> {
    vec![
        vram(ground).answer("vram", "How much VRAM do SDXL and FLUX need?"),
        faster(ground).answer("faster", "Is a faster GPU worth it?"),
        spot(ground).answer("spot", "Spot or on demand?"),
        granularity(ground).answer("granularity", "Why does billing granularity matter?"),
    ]
}

fn vram(ground: &Ground<'_>) -> Told {
    let mut told = Told::default();
    let table = workloads::table();
    let mut asked: Vec<&Workload> = ["sdxl_base", "flux1_dev"].into_iter().filter_map(|id| table.find(id).ok()).collect();
    if asked.iter().all(|known| known.id != ground.workload.id) {
        asked.push(ground.workload);
    }
    asked.extend(["lora_sdxl", "lora_flux"].into_iter().filter_map(|id| table.find(id).ok()));
    for workload in asked {
        told.say(memory(workload));
        told.sentences.extend(offloaded(workload));
    }
    for tier in ground.tiers {
        let from = said::count("from", tier.vram_gib_min);
        let Some(cheapest) = &tier.cheapest_on_demand else {
            told.say(say("vram-no-price", vec![from]));
            continue;
        };
        told.ages.push(cheapest.figure.age_seconds);
        let mut arguments = vec![
            from,
            said::price("price", cheapest.figure.usd_per_gpu_hour),
            said::gpu("gpu", &cheapest.gpu),
            said::provider("provider", &cheapest.figure.provider),
            said::seen("age", cheapest.figure.age_seconds),
        ];
        match tier.vram_gib_below {
            Some(below) => {
                arguments.insert(1, said::count("below", below));
                told.say(say("vram-price", arguments));
            }
            None => told.say(say("vram-price-open", arguments)),
        }
    }
    told
}

/// Peaks only: a card's size and a lower bound are no figures of what is taken.
fn peak(variant: &&Variant) -> bool {
    let is_peak = !matches!(variant.vram_basis, VramBasis::CardSize | VramBasis::LowerBound | VramBasis::Unknown);
    variant.is_the_workload() && is_peak && variant.vram_mib_needed.is_some()
}

/// What a workload takes with everything in the card's memory: the least of each precision.
fn memory(workload: &Workload) -> Message {
    let of = |bits: u8| {
        let resident = workload.variants.iter().filter(peak).filter(|variant| !variant.is_offload && variant.quality_bits == bits);
        resident.filter_map(|variant| variant.vram_mib_needed).min()
    };
    let name = said::workload(&workload.id);
    match (of(16), of(8), of(4)) {
        (Some(full), Some(half), Some(quarter)) => {
            say("vram-three", vec![name, said::gib("gib_16", full), said::gib("gib_8", half), said::gib("gib_4", quarter)])
        }
        (Some(full), Some(less), None) => {
            say("vram-two", vec![name, said::gib("gib_16", full), said::gib("gib_less", less), said::count("bits", 8)])
        }
        (Some(full), None, Some(less)) => {
            say("vram-two", vec![name, said::gib("gib_16", full), said::gib("gib_less", less), said::count("bits", 4)])
        }
        (full, half, quarter) => {
            let known = [(full, 16), (half, 8), (quarter, 4)].into_iter().find_map(|(mib, bits)| Some((mib?, bits)));
            known.map_or_else(
                || say("vram-unknown", vec![said::workload(&workload.id)]),
                |(mib, bits)| {
                    let name = said::workload(&workload.id);
                    say("vram-one", vec![name, said::gib("gib", mib), said::count("bits", bits)])
                },
            )
        }
    }
}

/// From where on a workload runs with weights moved about, where that is less than with everything resident.
fn offloaded(workload: &Workload) -> Option<Message> {
    let least = |offload: bool| {
        let variants = workload.variants.iter().filter(peak).filter(|variant| variant.is_offload == offload);
        variants.min_by_key(|variant| variant.vram_mib_needed)
    };
    let moved = least(true)?;
    let needed = moved.vram_mib_needed?;
    if least(false).and_then(|variant| variant.vram_mib_needed).is_some_and(|resident| resident <= needed) {
        return None;
    }
    let name = said::workload(&workload.id);
    let gib = said::gib("gib", needed);
    Some(match moved.speed_factor_millis {
        Some(factor) => say("vram-offload", vec![name, gib, said::percent("percent", i64::from(factor))]),
        None => say("vram-offload-unmeasured", vec![name, gib]),
    })
}

/// The tiers' cards that have the guide's workload in their memory whole, as the simulator counts on it.
fn resident(tiers: &[Tier]) -> impl Iterator<Item = &TierGpu> {
    tiers.iter().flat_map(|tier| &tier.gpus).filter(|card| card.work.fit == Fit::Resident)
}

/// A rentable price on demand.
fn on_demand(gpu: &TierGpu) -> Option<&Figure> {
    gpu.on_demand.as_ref().filter(|figure| figure.rentable)
}

fn faster(ground: &Ground<'_>) -> Told {
    let mut told = Told::default();
    let known = USUAL_CARDS.into_iter().filter_map(|slug| {
        let card = resident(ground.tiers).find(|card| card.gpu == slug)?;
        Some((card, on_demand(card)?, card.work.milliseconds?))
    });
    match known.take(2).collect::<Vec<_>>().as_slice() {
        [one, other] => {
            told.ages.extend([one.1.age_seconds, other.1.age_seconds]);
            told.say(two_cards(ground, *one, *other));
        }
        _ => told.say(say("faster-unknown", vec![said::workload(&ground.workload.id)])),
    }
    if let Some((pick, answer)) = picked(ground, PickId::Interactive)
        && let Some(row) = &pick.row
    {
        let own = [said::gpu("gpu", &row.gpu), said::provider("provider", &row.provider)];
        let next = pick.less_waiting.first().and_then(|next| Some((next, next.usd_per_hour_not_waited?)));
        match next {
            Some((next, per_hour)) => {
                let saved = row.waited_high_seconds.saturating_sub(next.row.waited_high_seconds);
                let more = Nanos(next.row.total_high_usd.0.saturating_sub(row.total_high_usd.0));
                told.ages.extend([row.age_seconds, next.row.age_seconds]);
                let step = [
                    said::gpu("faster", &next.row.gpu),
                    said::provider("faster_provider", &next.row.provider),
                    said::days(answer.days),
                    said::duration("saved", saved),
                    said::amount("more", more),
                    said::per_hour("per_hour", per_hour),
                ];
                told.say(say("faster-waiting", own.into_iter().chain(step).collect()));
            }
            None => told.say(say("faster-no-less-waiting", own.to_vec())),
        }
    }
    let costs = resident(ground.tiers).filter_map(|card| Some((card, card.work.least_per_1000(true)?)));
    if let Some((card, cost)) = costs.min_by_key(|(_, cost)| cost.typical_usd)
        && let Some((market, figure)) = sold_as(card, cost)
    {
        told.ages.push(figure.age_seconds);
        told.say(say(
            "faster-batch",
            vec![
                said::gpu("gpu", &card.gpu),
                said::provider("provider", &figure.provider),
                said::market("market", market),
                said::seen("age", figure.age_seconds),
                said::amount("usd", cost.typical_usd),
                said::workload(&ground.workload.id),
            ],
        ));
    }
    told
}

type CardNow<'a> = (&'a TierGpu, &'a Figure, workloads::Range);

fn side((card, figure, time): CardNow<'_>) -> Side<'_> {
    Side { gpu: &card.gpu, price: figure.usd_per_gpu_hour.nanos, time }
}

/// Two cards, and above which share the faster one is the cheaper.
fn two_cards(ground: &Ground<'_>, one: CardNow<'_>, other: CardNow<'_>) -> Message {
    let share = simulate::busy_share(side(one), side(other));
    // The slower card of the answer is whichever of the two has its name.
    let (slower, faster) = if share.slower == one.0.gpu { (one, other) } else { (other, one) };
    let mut arguments = vec![
        said::gpu("faster", &share.faster),
        said::workload(&ground.workload.id),
        said::image_seconds("faster_seconds", faster.2.typical),
        said::price("faster_price", faster.1.usd_per_gpu_hour),
        said::gpu("slower", &share.slower),
        said::image_seconds("slower_seconds", slower.2.typical),
        said::price("slower_price", slower.1.usd_per_gpu_hour),
        said::seen("age", faster.1.age_seconds.max(slower.1.age_seconds)),
    ];
    let id = match (share.verdict, share.share) {
        (Verdict::Above, Some(share)) => {
            arguments.push(said::percent("share", tenths_of_percent(share)));
            "faster-above"
        }
        (Verdict::Always, _) => "faster-always",
        (Verdict::Never, _) => "faster-never",
        (Verdict::Undecided | Verdict::Above, _) => "faster-undecided",
    };
    say(id, arguments)
}

/// A share in tenths of a percent, rounded half up.
fn tenths_of_percent(share: Nanos) -> i64 {
    share.0.saturating_add(500_000) / 1_000_000
}

/// The market and figure that a cost rests on.
fn sold_as<'a>(card: &'a TierGpu, cost: &ThousandCost) -> Option<(MarketKind, &'a Figure)> {
    let of = |market, figure: &'a Option<Figure>| figure.as_ref().filter(|figure| figure.id == cost.offer).map(|figure| (market, figure));
    of(MarketKind::OnDemand, &card.on_demand).or_else(|| of(MarketKind::Spot, &card.spot))
}

fn picked<'a>(ground: &'a Ground<'_>, id: PickId) -> Option<(&'a super::view::Pick, &'a SimulationAnswer)> {
    let picked = ground.picks.iter().find(|picked| picked.pick.id == id)?;
    Some((&picked.pick, picked.answer.as_ref().ok()?))
}

fn spot(ground: &Ground<'_>) -> Told {
    let mut told = Told::default();
    let least = |cost: fn(&TierGpu) -> Option<&ThousandCost>, figure: fn(&TierGpu) -> Option<&Figure>| {
        let known = resident(ground.tiers).filter_map(|card| Some((card, cost(card)?, figure(card)?)));
        known.min_by_key(|(_, cost, _)| cost.typical_usd)
    };
    let spot = least(|card| card.work.per_1000_spot.as_ref(), |card| card.spot.as_ref());
    let steady = least(|card| card.work.per_1000_on_demand.as_ref(), |card| card.on_demand.as_ref());
    let name = said::workload(&ground.workload.id);
    match (spot, steady) {
        (Some((spot_card, spot_cost, spot_figure)), Some((card, cost, figure))) => {
            told.ages.extend([spot_figure.age_seconds, figure.age_seconds]);
            let mut arguments = vec![
                name,
                said::amount("spot", spot_cost.typical_usd),
                said::gpu("spot_gpu", &spot_card.gpu),
                said::provider("spot_provider", &spot_figure.provider),
                said::seen("spot_age", spot_figure.age_seconds),
                said::amount("on_demand", cost.typical_usd),
                said::gpu("gpu", &card.gpu),
                said::provider("provider", &figure.provider),
                said::seen("age", figure.age_seconds),
            ];
            match less_in_tenths_of_percent(spot_cost.typical_usd, cost.typical_usd) {
                Some(tenths) => {
                    arguments.push(said::percent("percent", tenths));
                    told.say(say("spot-cheaper", arguments));
                }
                None => told.say(say("spot-not-cheaper", arguments)),
            }
        }
        _ => told.say(say("spot-none", vec![name])),
    }
    if let Some((_, answer)) = picked(ground, PickId::OvernightBatch) {
        night(&mut told, &answer.items);
    }
    told.say(evictions(ground.providers));
    told
}

/// By how much the first is less than the second; `None` where it is not.
fn less_in_tenths_of_percent(less: Nanos, more: Nanos) -> Option<i64> {
    let saved = i128::from(more.0) - i128::from(less.0);
    let whole = i128::from(more.0);
    if saved <= 0 || whole <= 0 {
        return None;
    }
    i64::try_from((saved * 1_000 + whole / 2) / whole).ok()
}

/// The night's bill in either way. Rows come cheapest first, those done in time before the others.
fn night(told: &mut Told, rows: &[RowView]) {
    let best = |market| rows.iter().find(|row| row.in_time && row.offer.market == market);
    let of = |row: &RowView, [gpu, provider]: [&'static str; 2]| {
        [said::gpu(gpu, &row.offer.gpu_group), said::provider(provider, &row.offer.provider)]
    };
    let (spot, steady) = (best(MarketKind::Spot), best(MarketKind::OnDemand));
    told.ages.extend([spot, steady].into_iter().flatten().map(|row| row.offer.age_seconds));
    match (spot, steady) {
        (Some(spot), Some(steady)) => {
            let first = std::iter::once(said::amount("spot", spot.total_high_usd)).chain(of(spot, ["spot_gpu", "spot_provider"]));
            let second = std::iter::once(said::amount("on_demand", steady.total_high_usd)).chain(of(steady, ["gpu", "provider"]));
            told.say(say("spot-night", first.chain(second).collect()));
        }
        (Some(row), None) | (None, Some(row)) => {
            let head = [said::market("market", row.offer.market), said::amount("usd", row.total_high_usd)];
            told.say(say("spot-night-one", head.into_iter().chain(of(row, ["gpu", "provider"])).collect()));
        }
        (None, None) => {}
    }
}

fn evictions(providers: &[ProviderBeyond]) -> Message {
    let selling: Vec<&ProviderBeyond> = providers.iter().filter(|provider| provider.spot_offers > 0).collect();
    if selling.is_empty() {
        return say("spot-eviction-none", Vec::new());
    }
    // By the default, which stands first; the worst of them where a provider has several.
    let loses =
        |column: &BeyondColumn| column.values.iter().any(|value| value.words.starts_with("deleted") || value.words.starts_with("moved"));
    let known: Vec<&&ProviderBeyond> = selling.iter().filter(|provider| !provider.on_eviction.values.is_empty()).collect();
    let lose = known.iter().filter(|provider| loses(&provider.on_eviction)).count();
    say(
        "spot-eviction",
        vec![
            said::count("providers", selling.len()),
            said::count("keep", known.len() - lose),
            said::count("lose", lose),
            said::count("unknown", selling.len() - known.len()),
        ],
    )
}

fn granularity(ground: &Ground<'_>) -> Told {
    let mut told = Told::default();
    let selling: Vec<&ProviderBeyond> = ground.providers.iter().filter(|provider| provider.on_demand_offers > 0).collect();
    let steps = |provider: &ProviderBeyond| -> Vec<u64> {
        provider.granularity.values.iter().filter_map(|value| value.value.parse().ok()).collect()
    };
    let known = selling.iter().map(|provider| steps(provider)).filter(|steps| !steps.is_empty());
    let (short, long) = known.partition::<Vec<_>, _>(|steps| steps.iter().all(|step| *step <= SHORT_SECONDS));
    told.say(say(
        "granularity-count",
        vec![
            said::count("providers", selling.len()),
            said::count("short", short.len()),
            said::count("long", long.len()),
            said::count("unknown", selling.len() - short.len() - long.len()),
        ],
    ));
    let examples = examples(ground);
    if examples.is_empty() {
        told.say(say("granularity-no-example", vec![said::workload(&ground.workload.id)]));
    }
    for (age, message) in examples {
        told.ages.push(age);
        told.say(message);
    }
    if let Some((_, answer)) = picked(ground, PickId::Interactive) {
        let lost = |row: &RowView| -> i64 {
            let is_lost = |kind| matches!(kind, LineKind::Rounding | LineKind::MinimumAmount);
            row.lines.iter().filter(|line| is_lost(line.kind)).map(|line| line.amount_usd.0).sum()
        };
        match answer.items.iter().max_by_key(|row| (lost(row), std::cmp::Reverse(row.rank))).filter(|row| lost(row) > 0) {
            Some(row) => {
                told.ages.push(row.offer.age_seconds);
                told.say(say(
                    "granularity-bill",
                    vec![
                        said::provider("provider", &row.offer.provider),
                        said::gpu("gpu", &row.offer.gpu_group),
                        said::amount("usd", Nanos(lost(row))),
                        said::amount("total", row.total_high_usd),
                        said::days(answer.days),
                    ],
                ));
            }
            None if answer.items.is_empty() => {}
            None => told.say(say("granularity-bill-none", Vec::new())),
        }
    }
    told
}

/// What a short stretch costs on the cheapest card that is billed in short steps, and on the cheapest that is not, each
/// with the age of its price.
fn examples(ground: &Ground<'_>) -> Vec<(i64, Message)> {
    let (market, prices) = (ground.market, &ground.market.index.columns.usd_nanos_per_gpu_hour);
    let candidates = prices::candidates(market, &Filters::default(), ground.as_of);
    let cards: Vec<&str> = resident(ground.tiers).map(|card| card.gpu.as_str()).collect();
    let (mut short, mut long): (Option<Example>, Option<Example>) = (None, None);
    for (group, positions) in &candidates.groups {
        let group = &market.index.groups[*group];
        if group.gpu.is_none() || !cards.contains(&&*group.slug) {
            continue;
        }
        // Cheapest first: of each kind the first of a card is its cheapest.
        let (mut has_short, mut has_long) = (false, false);
        for position in positions {
            let entry = &market.index.entries[*position];
            let offer = &entry.offer;
            let rule = catalogue::billing_rule(&offer.key, offer.country, Some(ground.as_of.date_naive()));
            let Some(step) = rule.granularity_seconds() else { continue };
            let step = u64::from(step.get());
            // In long steps nothing is shown whose minimum might be longer still.
            if step > SHORT_SECONDS && rule.minimum_charge_seconds().is_none() {
                continue;
            }
            let (place, seen) = if step <= SHORT_SECONDS { (&mut short, &mut has_short) } else { (&mut long, &mut has_long) };
            if !*seen && place.as_ref().is_none_or(|known| prices[*position] < known.price.nanos) {
                *place = Some(Example {
                    gpu: group.slug.to_string(),
                    provider: offer.key.provider.to_string(),
                    price: UsdPerGpuHour { nanos: prices[*position] },
                    age_seconds: market.age_seconds(entry, ground.as_of),
                    step,
                    minimum: rule.minimum_charge_seconds(),
                });
            }
            *seen = true;
            if has_short && has_long {
                break;
            }
        }
    }
    [short, long].into_iter().flatten().filter_map(|example| Some((example.age_seconds, example.told()?))).collect()
}

/// An offer that granularity is shown on.
struct Example {
    gpu: String,
    provider: String,
    price: UsdPerGpuHour,
    age_seconds: i64,
    step: u64,
    minimum: Option<u32>,
}

impl Example {
    fn told(&self) -> Option<Message> {
        let billed = billed_seconds(EXAMPLE_SECONDS, self.step, self.minimum.unwrap_or(0).into())?;
        let mut arguments = vec![
            said::duration("used", EXAMPLE_SECONDS),
            said::gpu("gpu", &self.gpu),
            said::provider("provider", &self.provider),
            said::price("price", self.price),
            said::seen("age", self.age_seconds),
            said::duration("billed", billed),
            said::amount("usd", cost(self.price, billed)?),
        ];
        if self.step > SHORT_SECONDS {
            arguments.push(said::amount("second_usd", cost(self.price, EXAMPLE_SECONDS)?));
            return Some(say("granularity-example-long", arguments));
        }
        arguments.push(said::amount("hour_usd", cost(self.price, billed_seconds(EXAMPLE_SECONDS, 3_600, 0)?)?));
        Some(say(if self.minimum.is_some() { "granularity-example" } else { "granularity-example-least" }, arguments))
    }
}

/// Nano-dollars of so many seconds, rounded half up.
fn cost(price: UsdPerGpuHour, seconds: u64) -> Option<Nanos> {
    let product = i128::from(price.nanos) * i128::from(seconds);
    i64::try_from((product + 1_800) / 3_600).ok().map(Nanos)
}
