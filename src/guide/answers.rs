//! The questions people ask, answered with the figures of now. Every sentence rests on figures that stand elsewhere in the
//! guide, or are computed here from an offer and its rule; what is not known is said to be so.

use chrono::{DateTime, Utc};
use gpurate_domain::bill::{LineKind, Unknown};
use gpurate_domain::billing::billed_seconds;
use gpurate_domain::{MarketKind, Nanos, PriceKind, UsdPerGpuHour};

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
        told.sentences.extend(memory(workload));
        told.sentences.extend(offloaded(workload));
    }
    for tier in ground.tiers {
        let from = said::count("from", tier.vram_gib_min);
        let Some(cheapest) = &tier.cheapest_on_demand else {
            let message = match &tier.last_on_demand {
                Some(last) => {
                    told.ages.push(last.figure.age_seconds);
                    let price = said::price("price", last.figure.usd_per_gpu_hour, last.figure.price_kind);
                    let of = [said::gpu("gpu", &last.gpu), said::provider("provider", &last.figure.provider)];
                    let age = said::seen("age", last.figure.age_seconds);
                    say("vram-last-price", [from, price].into_iter().chain(of).chain([age]).collect())
                }
                None => say("vram-no-price", vec![from]),
            };
            told.say(message);
            continue;
        };
        told.ages.push(cheapest.figure.age_seconds);
        let mut arguments = vec![
            from,
            said::price("price", cheapest.figure.usd_per_gpu_hour, cheapest.figure.price_kind),
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

/// Below this share of the speed of 16 bit a variant buys memory with time: that is said apart.
const SLOW_MILLIS: u32 = 500;

/// What a workload takes with everything in the card's memory: in each precision the fastest that is not compiled, unless it
/// is slow; what is slow and takes less, with its speed; and which figures are no full peak.
fn memory(workload: &Workload) -> Vec<Message> {
    let resident = || workload.variants.iter().filter(peak).filter(|variant| !variant.is_offload && !variant.is_compiled);
    let is_slow = |variant: &&Variant| variant.speed_factor_millis.is_some_and(|factor| factor < SLOW_MILLIS);
    let of = |bits: u8| {
        let usual = resident().filter(|variant| variant.quality_bits == bits && !is_slow(variant));
        usual.min_by_key(|variant| workloads::rank(variant))
    };
    let name = || said::workload(&workload.id);
    let mib = |variant: &Variant| variant.vram_mib_needed.unwrap_or(0);
    let all = [of(16), of(8), of(4)];
    let mut told = vec![match all {
        [Some(full), Some(half), Some(quarter)] => {
            say("vram-three", vec![name(), said::gib("gib_16", mib(full)), said::gib("gib_8", mib(half)), said::gib("gib_4", mib(quarter))])
        }
        [Some(full), Some(less), None] | [Some(full), None, Some(less)] => say(
            "vram-two",
            vec![name(), said::gib("gib_16", mib(full)), said::gib("gib_less", mib(less)), said::count("bits", less.quality_bits)],
        ),
        [full, half, quarter] => match full.or(half).or(quarter) {
            Some(one) => say("vram-one", vec![name(), said::gib("gib", mib(one)), said::count("bits", one.quality_bits)]),
            None => say("vram-unknown", vec![name()]),
        },
    }];
    let known = || all.iter().flatten();
    // Of the bits that are said, the least memory in 16 and of all, each with the speed it costs.
    let mut least = known().map(|variant| mib(variant)).min().unwrap_or(u32::MAX);
    let in_16 = of(16).map_or(u32::MAX, mib);
    let slower = |bits: &dyn Fn(u8) -> bool, below: u32| {
        let less = resident().filter(|variant| bits(variant.quality_bits) && variant.speed_factor_millis.is_some() && mib(variant) < below);
        less.min_by_key(|variant| mib(variant))
    };
    for found in [slower(&|bits| bits == 16, in_16.min(least)), slower(&|_| true, least)].into_iter().flatten() {
        if mib(found) < least {
            least = mib(found);
            let percent = said::percent("percent", i64::from(found.speed_factor_millis.unwrap_or(0)));
            told.push(say("vram-slower", vec![name(), said::gib("gib", mib(found)), said::count("bits", found.quality_bits), percent]));
        }
    }
    let tensors = known().filter(|variant| matches!(variant.vram_basis, VramBasis::Allocated | VramBasis::Derived));
    let bits: Vec<String> = tensors.map(|variant| variant.quality_bits.to_string()).collect();
    if !bits.is_empty() {
        told.push(say("vram-tensors", vec![name(), said::count("bits", bits.join(", "))]));
    }
    told
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
            told.sentences.extend(two_cards(ground, *one, *other));
        }
        _ => told.say(say("faster-unknown", vec![said::workload(&ground.workload.id)])),
    }
    if let Some((pick, answer)) = picked(ground, PickId::Interactive)
        && let Some(row) = &pick.row
    {
        let own = [said::gpu("gpu", &row.gpu), said::provider("provider", &row.provider)];
        // Another provider's machine of the same card is no faster GPU.
        let next = pick.less_waiting.iter().find(|next| next.row.gpu != row.gpu);
        match next {
            Some(next) => {
                let saved = row.waited_high_seconds.saturating_sub(next.row.waited_high_seconds);
                let more = Nanos(next.row.total_high_usd.0.saturating_sub(row.total_high_usd.0));
                let per_hour = i128::from(more.0) * 3_600 / i128::from(saved.max(1));
                told.ages.extend([row.age_seconds, next.row.age_seconds]);
                let step = [
                    said::gpu("faster", &next.row.gpu),
                    said::provider("faster_provider", &next.row.provider),
                    said::days(answer.days),
                    said::duration("saved", saved),
                    said::amount("more", more),
                    said::per_hour("per_hour", Nanos(i64::try_from(per_hour).unwrap_or(i64::MAX))),
                ];
                let is_estimate = row.speed_is_estimate || next.row.speed_is_estimate;
                let id = if is_estimate { "faster-waiting-estimate" } else { "faster-waiting" };
                told.say(say(id, own.into_iter().chain(step).collect()));
            }
            None => told.say(say("faster-no-less-waiting", own.to_vec())),
        }
    }
    told.batch(ground);
    told
}

impl Told {
    /// What makes a thousand images for least, and what cannot be told apart from it.
    fn batch(&mut self, ground: &Ground<'_>) {
        let costs = || resident(ground.tiers).filter_map(|card| Some((card, card.work.least_per_1000(true)?)));
        let best = costs().min_by_key(|(_, cost)| (cost.price_kind.is_from(), cost.typical_usd));
        let Some((card, cost)) = best else { return };
        let Some((market, figure)) = sold_as(card, cost) else { return };
        self.ages.push(figure.age_seconds);
        let mut arguments = vec![
            said::gpu("gpu", &card.gpu),
            said::provider("provider", &figure.provider),
            said::market("market", market),
            said::seen("age", figure.age_seconds),
            said::cost("usd", cost),
            said::workload(&ground.workload.id),
        ];
        // A lower bound may cost anything above it.
        let high = if cost.price_kind.is_from() { i64::MAX } else { cost.high_usd.0 };
        let tied = costs().filter(|(other, their)| other.gpu != card.gpu && their.low_usd.0 <= high).count();
        if tied > 0 {
            arguments.push(said::count("tied", tied));
        }
        self.say(say(if tied > 0 { "faster-batch-tied" } else { "faster-batch" }, arguments));
    }
}

type CardNow<'a> = (&'a TierGpu, &'a Figure, workloads::Range);

fn side((card, figure, time): CardNow<'_>) -> Side<'_> {
    Side { gpu: &card.gpu, price: figure.usd_per_gpu_hour.nanos, kind: figure.price_kind, time }
}

/// Two cards, and above which share the faster one is the cheaper.
fn two_cards(ground: &Ground<'_>, one: CardNow<'_>, other: CardNow<'_>) -> Vec<Message> {
    let share = simulate::busy_share(side(one), side(other));
    // The slower card of the answer is whichever of the two has its name.
    let (slower, faster) = if share.slower == one.0.gpu { (one, other) } else { (other, one) };
    let mut arguments = vec![
        said::gpu("faster", &share.faster),
        said::workload(&ground.workload.id),
        said::image_seconds("faster_seconds", faster.2),
        said::price("faster_price", faster.1.usd_per_gpu_hour, faster.1.price_kind),
        said::gpu("slower", &share.slower),
        said::image_seconds("slower_seconds", slower.2),
        said::price("slower_price", slower.1.usd_per_gpu_hour, slower.1.price_kind),
        said::seen("age", faster.1.age_seconds.max(slower.1.age_seconds)),
    ];
    let id = match (share.verdict, share.share) {
        (Verdict::Above, Some(share)) => {
            arguments.push(said::percent("share", tenths_of_percent(share)));
            "faster-above"
        }
        (Verdict::Always, _) => "faster-always",
        (Verdict::Never, _) => "faster-never",
        (Verdict::Undecided | Verdict::Above | Verdict::Below, _) => "faster-undecided",
    };
    let ends = (id == "faster-above").then(|| {
        let end = |name, share| said::percent(name, tenths_of_percent(share));
        match (share.share_low, share.share_high) {
            (Some(low), Some(high)) => say("faster-ends", vec![end("low", low), end("high", high)]),
            (Some(low), None) => say("faster-ends-never", vec![end("low", low)]),
            (None, Some(high)) => say("faster-ends-always", vec![end("high", high)]),
            (None, None) => say("faster-ends-any", Vec::new()),
        }
    });
    std::iter::once(say(id, arguments)).chain(ends).collect()
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
    let name = said::workload(&ground.workload.id);
    let costs = resident(ground.tiers).filter_map(|card| Some((card, card.work.per_1000_spot.as_ref()?, card.spot.as_ref()?)));
    let spot = costs.min_by_key(|(_, cost, _)| (cost.price_kind.is_from(), cost.typical_usd));
    match spot {
        Some((card, cost, figure)) => {
            told.ages.push(figure.age_seconds);
            let mut arguments = vec![
                name,
                said::gpu("gpu", &card.gpu),
                said::cost("spot", cost),
                said::provider("spot_provider", &figure.provider),
                said::seen("spot_age", figure.age_seconds),
            ];
            // On the same card, in the same variant: two cards differ in more than how they are sold.
            let steady = card.work.per_1000_on_demand.as_ref().zip(card.on_demand.as_ref());
            let Some((steady, figure)) = steady else {
                told.say(say("spot-alone", arguments));
                return finished(ground, told);
            };
            told.ages.push(figure.age_seconds);
            arguments.extend([
                said::cost("on_demand", steady),
                said::provider("provider", &figure.provider),
                said::seen("age", figure.age_seconds),
            ]);
            let is_from = cost.price_kind.is_from() || steady.price_kind.is_from();
            match less_in_tenths_of_percent(cost.typical_usd, steady.typical_usd) {
                _ if is_from => told.say(say("spot-bounds", arguments)),
                Some(tenths) => {
                    arguments.push(said::percent("percent", tenths));
                    told.say(say("spot-cheaper", arguments));
                }
                None => told.say(say("spot-not-cheaper", arguments)),
            }
        }
        // Prices that are too old say nothing of now, and neither that there are none.
        None => match last_spot(ground) {
            Some(age) => told.say(say("spot-stale", vec![said::seen("age", age)])),
            None => told.say(say("spot-none", vec![name])),
        },
    }
    finished(ground, told)
}

/// The age of the newest spot price where all are too old.
fn last_spot(ground: &Ground<'_>) -> Option<i64> {
    let now = ground.tiers.iter().any(|tier| tier.cheapest_spot.is_some());
    let last = ground.tiers.iter().filter_map(|tier| tier.last_spot.as_ref()).map(|last| last.figure.age_seconds);
    last.min().filter(|_| !now)
}

/// The night's bill, and what an eviction does.
fn finished(ground: &Ground<'_>, mut told: Told) -> Told {
    if let Some((_, answer)) = picked(ground, PickId::OvernightBatch) {
        night(&mut told, &answer.items);
    }
    if !ground.providers.iter().all(|provider| provider.spot_offers == 0) || last_spot(ground).is_none() {
        told.say(evictions(ground.providers));
    }
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
            let first = std::iter::once(said::total("spot", spot)).chain(of(spot, ["spot_gpu", "spot_provider"]));
            let second = std::iter::once(said::total("on_demand", steady)).chain(of(steady, ["gpu", "provider"]));
            told.say(say("spot-night", first.chain(second).collect()));
        }
        (Some(row), None) | (None, Some(row)) => {
            let head = [said::market("market", row.offer.market), said::total("usd", row)];
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
        // What is not known is between nothing and a bound that is assumed: no cost to tell anybody.
        let unknown = [Unknown::Granularity, Unknown::Minimum, Unknown::AboveFrom].map(Unknown::in_words);
        let is_known = |row: &&RowView| !row.unknown.iter().any(|words| unknown.contains(&words.as_str()));
        let known = || answer.items.iter().filter(is_known);
        match known().max_by_key(|row| (lost(row), std::cmp::Reverse(row.rank))).filter(|row| lost(row) > 0) {
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
            None if known().next().is_none() => told.say(say("granularity-bill-unknown", Vec::new())),
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
            // What rounding adds to a price is shown on one that is known.
            if offer.price.kind.is_from() {
                continue;
            }
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
            said::price("price", self.price, PriceKind::Fixed),
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
