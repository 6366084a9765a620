//! A guide: memory as gates with the cards of each, an offer for each pattern of use, what to look at beside prices, and the
//! usual questions. What is drawn and said is the view's.

use std::borrow::Borrow;

use askama::Template;
use askama::filters::Safe;
use gpurate_domain::MarketKind;

use super::Frame;
use super::chart;
use super::words::Lang;
use crate::compare::{Fit, Known, ThousandCost, WorkloadOnCard};
use crate::guide::{
    BeyondColumn, Guide, Pick, PickId, PickRow, PickVerdict, ProviderBeyond, TIERS, Tier, TierGpu, TierPrice, TierVariant, TierWorkload,
    Usage,
};
use crate::market::Freshness;
use crate::prices::Figure;
use crate::workloads::{self, Feature, Kind, Range, Workload};

/// Cards of a tier that stand in its table; the others can be opened below it.
const GPUS_SHOWN: usize = 6;
/// Bars of the chart.
const BARS_SHOWN: usize = 14;
/// Workloads that a tier's table has; those of the guide's own tool come first.
const NAMED: [&str; 6] = ["sd15", "sdxl_base", "flux1_dev", "lora_sdxl", "lora_flux", "svd_xt"];

/// One guide.
#[derive(Template)]
#[template(path = "guide.html")]
pub struct GuidePage {
    /// The page.
    pub p: Frame,
    /// The view's answer.
    pub guide: Guide,
}

/// What a thousand images cost on a card and how long one takes, as bars.
struct Bar<'a> {
    card: &'a TierGpu,
    market: MarketKind,
    cost: &'a ThousandCost,
    time: Range,
}

/// From 0 to the typical value, and over it from the least to the most; in units of a bar's canvas.
struct Span {
    typical: i64,
    low: i64,
    width: i64,
}

impl Span {
    fn of(low: i64, typical: i64, high: i64, most: i64) -> Self {
        let place = |value: i64| {
            let place = i128::from(value.max(0)) * i128::from(chart::BAR_WIDTH) / i128::from(most.max(1));
            i64::try_from(place).unwrap_or(chart::BAR_WIDTH).min(chart::BAR_WIDTH)
        };
        Self { typical: place(typical), low: place(low), width: place(high) - place(low) }
    }
}

/// The bars, cheapest or soonest first, and what fills the canvas of each kind.
struct Bars<'a> {
    rows: Vec<Bar<'a>>,
    most_usd: i64,
    most_milliseconds: i64,
    left_out: usize,
}

impl Bars<'_> {
    fn cost(&self, bar: &Bar<'_>) -> Span {
        Span::of(bar.cost.low_usd.0, bar.cost.typical_usd.0, bar.cost.high_usd.0, self.most_usd)
    }

    fn time(&self, bar: &Bar<'_>) -> Span {
        let whole = |milliseconds: u64| i64::try_from(milliseconds).unwrap_or(i64::MAX);
        Span::of(whole(bar.time.low), whole(bar.time.typical), whole(bar.time.high), self.most_milliseconds)
    }
}

impl GuidePage {
    fn included(&self) -> usize {
        self.guide.coverage.providers.iter().filter(|provider| provider.included).count()
    }

    /// Models that pictures are made with.
    fn models(&self) -> impl Iterator<Item = &'static Workload> {
        workloads::table().workloads().iter().filter(|workload| workload.kind == Kind::Image)
    }

    fn is_usage(&self, word: &str) -> bool {
        matches!((self.guide.usage, word), (Some(Usage::Interactive), "interactive") | (Some(Usage::Batch), "batch") | (None, ""))
    }

    fn bars(&self) -> Bars<'_> {
        let mut rows: Vec<Bar<'_>> = Vec::new();
        for card in self.guide.tiers.iter().flat_map(|tier| &tier.gpus).filter(|card| card.work.fit == Fit::Resident) {
            let Some(time) = card.work.milliseconds else { continue };
            // Somebody who waits is not served by what can be taken away.
            let spot = card.work.per_1000_spot.as_ref().filter(|_| self.guide.usage != Some(Usage::Interactive));
            let costs = [(MarketKind::OnDemand, card.work.per_1000_on_demand.as_ref()), (MarketKind::Spot, spot)];
            rows.extend(costs.into_iter().filter_map(|(market, cost)| Some(Bar { card, market, cost: cost?, time })));
        }
        match self.guide.usage {
            Some(Usage::Interactive) => rows.sort_by_key(|bar| (bar.time.typical, bar.cost.typical_usd)),
            // What is a lower bound stands behind what is known.
            _ => rows.sort_by_key(|bar| (bar.cost.price_kind.is_from(), bar.cost.typical_usd, bar.time.typical)),
        }
        let left_out = rows.len().saturating_sub(BARS_SHOWN);
        rows.truncate(BARS_SHOWN);
        Bars {
            most_usd: rows.iter().map(|bar| bar.cost.high_usd.0).max().unwrap_or(0),
            most_milliseconds: rows.iter().map(|bar| i64::try_from(bar.time.high).unwrap_or(i64::MAX)).max().unwrap_or(0),
            rows,
            left_out,
        }
    }

    /// What stands beside a pattern's name.
    fn pick_title(&self, pick: &Pick) -> String {
        self.p.t(match pick.id {
            PickId::Interactive => "pick-interactive",
            PickId::OvernightBatch => "pick-overnight",
            PickId::FineTuning => "pick-fine-tuning",
        })
    }

    /// The plan of a pick in a sentence.
    fn pick_plan(&self, pick: &Pick) -> String {
        self.p.t(match pick.id {
            PickId::Interactive => "pick-plan-evenings",
            PickId::OvernightBatch => "pick-plan-overnight",
            PickId::FineTuning => "pick-plan-lora",
        })
    }

    /// What replaces values of the preset: the name of another model.
    fn pick_replaced(&self, pick: &Pick) -> Option<String> {
        let model = pick.plan.pairs().find(|(key, _)| *key == "model")?.1;
        let workload = workloads::table().find(model).ok()?;
        Some(self.p.x("pick-but-with", self.p.workload_name(&workload.name)))
    }

    fn pick_verdict(&self, pick: &Pick) -> String {
        self.p.t(match pick.verdict {
            PickVerdict::Confirmed => "verdict-confirmed",
            PickVerdict::Contradicted => "verdict-contradicted",
            PickVerdict::Undecided => "verdict-undecided",
            PickVerdict::Unknown => "verdict-unknown",
        })
    }

    /// The simulator's page with the plan of a pick.
    fn pick_address(&self, pick: &Pick) -> String {
        let query = pick.permalink.find('?').map_or("", |mark| &pick.permalink[mark..]);
        format!("{}{query}", self.p.url("/simulate"))
    }

    /// From the cheap end of a bill to its dear end.
    fn pick_total(&self, row: &PickRow) -> Safe<String> {
        if row.price_kind.is_from() {
            return Safe(format!("{}{}", self.p.from(row.price_kind), self.p.total(row.total_low_usd.0)));
        }
        let high = self.p.total(row.total_high_usd.0);
        if row.total_low_usd == row.total_high_usd {
            return high;
        }
        Safe(self.p.xy("range", self.p.total(row.total_low_usd.0).0, high.0))
    }

    fn pick_name(&self, row: &PickRow) -> String {
        self.p.xy("gpu-at", self.p.gpu_name(&row.gpu), self.p.provider_name(&row.provider))
    }

    /// From where to where a tier goes.
    fn bounds(&self, tier: &Tier) -> String {
        match tier.vram_gib_below {
            Some(below) => self.p.xy("tier-bounds", tier.vram_gib_min, below),
            None => self.p.x("tier-open", tier.vram_gib_min),
        }
    }

    /// The workloads of a tier's table, the one that was asked for first.
    fn named<'a>(&self, tier: &'a Tier) -> Vec<&'a TierWorkload> {
        let own = std::iter::once(self.guide.workload.id.as_str()).filter(|id| !NAMED.contains(id));
        own.chain(NAMED).filter_map(|id| tier.workloads.iter().find(|row| row.workload == id)).collect()
    }

    /// Workloads of the table that do not run in a tier.
    fn nothing_fits(&self, tier: &Tier) -> String {
        let name = |id: &String| workloads::table().find(id).map_or_else(|_| id.clone(), |workload| self.p.workload_name(&workload.name));
        tier.nothing_fits.iter().map(name).collect::<Vec<String>>().join(&self.p.t("semicolon"))
    }

    fn not_offered(&self, tier: &Tier) -> String {
        tier.not_offered.iter().map(|slug| self.p.gpu_name(slug)).collect::<Vec<String>>().join(", ")
    }

    /// What every card of the tier has memory for.
    fn gate<'a>(&self, row: &'a TierWorkload) -> Option<&'a TierVariant> {
        row.variants.iter().find(|variant| row.best_on_every_card.as_ref() == Some(&variant.variant))
    }

    /// What is better than the gate and takes a larger card of the tier; what there is where no variant fits every card.
    fn better<'a>(&self, row: &'a TierWorkload) -> Option<&'a TierVariant> {
        // Variants come best first.
        let above = row.variants.iter().take_while(|variant| row.best_on_every_card.as_ref() != Some(&variant.variant));
        above.filter(|variant| !variant.on_every_card).find(|variant| !variant.is_compiled || row.best_on_every_card.is_none())
    }

    /// Where the gate asks for more than memory: the best that asks for something else or nothing.
    fn otherwise<'a>(&self, row: &'a TierWorkload) -> Option<&'a TierVariant> {
        let needs = self.gate(row)?.needs?;
        let after = row.variants.iter().skip_while(|variant| row.best_on_every_card.as_ref() != Some(&variant.variant)).skip(1);
        // Every card since Ampere computes in bf16: no reader is helped by a second way.
        after.filter(|_| needs != Feature::Bf16.words()).find(|variant| variant.on_every_card && variant.needs != Some(needs))
    }

    /// All three, for their names and sources.
    fn told<'a>(&self, row: &'a TierWorkload) -> Vec<&'a TierVariant> {
        self.gate(row).into_iter().chain(self.otherwise(row)).chain(self.better(row)).collect()
    }

    /// Bits of the weights, memory, and what a variant does to speed.
    fn variant(&self, variant: &TierVariant) -> String {
        let p = &self.p;
        let bits = self.quality(variant.quality_bits);
        let memory = variant.vram_mib_needed.map(|mib| p.x("gib", p.mib(mib)));
        let speed = match variant.speed_factor_millis {
            Some(millis) => {
                let nanos = i64::from(millis).saturating_mul(1_000_000);
                p.x("variant-speed", super::figures::decimal(p.lang, nanos, 2))
            }
            None => p.t("variant-speed-unknown"),
        };
        let moved = variant.is_offload.then(|| p.t("variant-offload"));
        let compiled = variant.is_compiled.then(|| p.t("variant-compiled"));
        let needs = variant.needs.map(|needs| p.x("variant-needs", p.feature(needs)));
        let words = [Some(bits), memory, Some(speed), moved, compiled, needs];
        words.into_iter().flatten().collect::<Vec<String>>().join(", ")
    }

    /// What the bits of the weights say of the pictures.
    fn quality(&self, bits: impl Borrow<u8>) -> String {
        match *bits.borrow() {
            16 => self.p.t("variant-full"),
            bits => self.p.x("variant-bits", bits),
        }
    }

    /// The cards of a tier's table, and those below it.
    fn cards<'a>(&self, tier: &'a Tier) -> [&'a [TierGpu]; 2] {
        let (shown, more) = tier.gpus.split_at(tier.gpus.len().min(GPUS_SHOWN));
        [shown, more]
    }

    /// The first two of a tier, side by side.
    fn two<'a>(&self, tier: &'a Tier) -> Option<[&'a TierGpu; 2]> {
        match tier.gpus.as_slice() {
            [one, other, ..] => Some([one, other]),
            _ => None,
        }
    }

    fn figures<'a>(&self, gpu: &'a TierGpu) -> Vec<(MarketKind, &'a Figure)> {
        let all = [(MarketKind::OnDemand, &gpu.on_demand), (MarketKind::Spot, &gpu.spot)];
        all.into_iter().filter_map(|(market, figure)| Some((market, figure.as_ref()?))).collect()
    }

    fn costs<'a>(&self, gpu: &'a TierGpu) -> Vec<(MarketKind, &'a ThousandCost)> {
        let all = [(MarketKind::OnDemand, &gpu.work.per_1000_on_demand), (MarketKind::Spot, &gpu.work.per_1000_spot)];
        all.into_iter().filter_map(|(market, cost)| Some((market, cost.as_ref()?))).collect()
    }

    fn cheapest<'a>(&self, tier: &'a Tier) -> Vec<(MarketKind, &'a TierPrice)> {
        let all = [(MarketKind::OnDemand, &tier.cheapest_on_demand), (MarketKind::Spot, &tier.cheapest_spot)];
        all.into_iter().filter_map(|(market, price)| Some((market, price.as_ref()?))).collect()
    }

    /// What to look at beside prices: head and column.
    fn columns<'a>(&self, row: &'a ProviderBeyond) -> [(String, &'a BeyondColumn); 7] {
        let p = &self.p;
        [
            (p.t("beyond-granularity"), &row.granularity),
            (p.t("beyond-minimum"), &row.minimum),
            (p.t("beyond-eviction"), &row.on_eviction),
            (p.t("beyond-persistent"), &row.persistent_storage),
            (p.t("beyond-volume"), &row.volume_price),
            (p.t("beyond-images"), &row.prebuilt_images),
            (p.t("beyond-egress"), &row.egress),
        ]
    }

    fn question(&self, id: &str) -> String {
        self.p.t(match id {
            "vram" => "question-vram",
            "faster" => "question-faster",
            "spot" => "question-spot",
            _ => "question-granularity",
        })
    }
}

/// Where the tier of a card stands in the guide; `None` below the first.
pub(super) fn anchor(vram_gib: &Option<u32>) -> Option<String> {
    let gib = (*vram_gib)?;
    let (least, _) = TIERS.into_iter().find(|(least, below)| gib >= *least && below.is_none_or(|below| gib < below))?;
    Some(format!("tier-{least}"))
}

impl PickVerdict {
    /// Class in the style sheet.
    const fn class(self) -> &'static str {
        match self {
            Self::Confirmed => "yes",
            Self::Contradicted => "against",
            Self::Undecided | Self::Unknown => "open",
        }
    }
}

impl Frame {
    /// What a card must have beside memory.
    pub(super) fn feature(&self, words: &str) -> String {
        let feature = Feature::ALL.into_iter().find(|feature| feature.words() == words);
        self.t(match feature {
            Some(Feature::Bf16) => "feature-bf16",
            Some(Feature::Int8) => "feature-int8",
            Some(Feature::Int4Svdquant) => "feature-svdquant",
            Some(Feature::Int4Torchao) => "feature-torchao",
            Some(Feature::Fp8) => "feature-fp8",
            Some(Feature::Fp4) => "feature-fp4",
            Some(Feature::None) | None => return words.to_owned(),
        })
    }

    /// The name of a workload: what is done to a model in words, the model as it is called.
    pub(super) fn workload_name(&self, name: &str) -> String {
        const KINDS: [(&str, &str); 4] = [
            ("LoRA training, ", "workload-lora"),
            ("Full fine-tune, ", "workload-fine-tune"),
            ("Upscaling by 4, ", "workload-upscale-4"),
            ("Upscaling, ", "workload-upscale"),
        ];
        let found = KINDS.iter().find_map(|(beginning, key)| Some((name.strip_prefix(beginning)?, key)));
        found.map_or_else(|| name.to_owned(), |(model, key)| self.x(key, model))
    }

    /// How a speed on a card is known.
    pub(super) fn known(&self, on: &WorkloadOnCard) -> Option<String> {
        on.known.map(|known| {
            self.t(match known {
                Known::Measured => "known-measured",
                Known::Scaled => "known-scaled",
                Known::Estimate => "known-estimate",
            })
        })
    }

    /// From the least to the most time on a card, where they differ.
    pub(super) fn range_on(&self, on: &WorkloadOnCard) -> Option<String> {
        let range = on.milliseconds.filter(|range| range.low != range.high)?;
        Some(self.xy("range", self.milliseconds(range.low), self.milliseconds(range.high)))
    }

    /// A date of the workloads' table in the reader's form: a day, `2026-11-22`, or a month, `2026-11`, from one
    /// to another, `2023-11..2025-03`; else as it is.
    pub(super) fn compiled(&self, date: impl AsRef<str>) -> String {
        let date = date.as_ref();
        if let Some((from, until)) = date.split_once("..") {
            return self.xy("range", self.compiled(from), self.compiled(until));
        }
        let month = || format!("{date}-01").parse().ok().map(|first| super::figures::month(self.lang, first));
        let day = date.parse().ok().map(|day: chrono::NaiveDate| self.day(day));
        day.or_else(month).unwrap_or_else(|| date.to_owned())
    }
}
