//! One workload on one card: which variant, how long, and what a thousand of it cost at the card's prices of now.

use gpurate_domain::{Nanos, OfferId, PriceKind, UsdPerGpuHour, Vram};
use serde::Serialize;
use utoipa::ToSchema;

use crate::market::{Market, vram_usable};
use crate::prices::{Figure, GpuRow};
use crate::said::{self, Message, Said, Table, say};
use crate::workloads::{self, Basis, Evidence, Fit, Range, Reason, Speed, Variant, Workload};

/// Seconds of an hour.
const HOUR: i128 = 3_600;

/// How a speed is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// Published for this card and variant.
    Measured,
    /// Published for this card in another variant, and multiplied.
    Scaled,
    /// From another card, by the ratio of the diffusion indices.
    Estimate,
}

impl Known {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Scaled => "measured in another variant, multiplied",
            Self::Estimate => "estimate",
        }
    }
}

/// What a thousand units cost at one price: the price times the time, rounded once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ThousandCost {
    /// The offer whose price it is.
    #[schema(value_type = String)]
    pub offer: OfferId,
    /// That price.
    #[schema(value_type = String)]
    pub usd_per_gpu_hour: UsdPerGpuHour,
    /// Its kind; where it is `from` the three below are lower bounds.
    #[schema(value_type = String)]
    pub price_kind: PriceKind,
    /// By the shortest time, in USD.
    #[schema(value_type = String)]
    pub low_usd: Nanos,
    /// By the typical time.
    #[schema(value_type = String)]
    pub typical_usd: Nanos,
    /// By the longest time.
    #[schema(value_type = String)]
    pub high_usd: Nanos,
}

/// Where a figure of speed was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SpeedSource {
    /// Its address or name.
    pub source: String,
    /// Its date.
    pub date: String,
}

/// One workload on one card.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkloadOnCard {
    /// Slug of the card.
    pub gpu: String,
    /// Memory that was counted with: what the cheapest offers give, else the size on the box.
    pub vram_mib: Option<u32>,
    /// Whether and how it fits.
    pub fit: Fit,
    /// Why it does not, by the variant that comes nearest; or why it takes means.
    pub why: Option<String>,
    /// The same as a sentence with its figures, for other languages.
    pub why_said: Option<Said>,
    /// It fits by figures that are no full peak: it may run out of memory.
    pub tight: bool,
    /// The best variant that fits.
    pub variant: Option<String>,
    /// Its precision and method in words.
    pub precision: Option<String>,
    /// Bits of its weights, which rank quality.
    pub quality_bits: Option<u8>,
    /// Memory it takes.
    pub vram_mib_needed: Option<u32>,
    /// Milliseconds of one unit; null where not known.
    pub milliseconds: Option<Range>,
    /// How that is known.
    pub known: Option<Known>,
    /// What was assumed in reading its figures, and what is not in them, in English.
    pub cautions: Vec<String>,
    /// The same as sentences with their figures, one by one, for other languages.
    pub cautions_said: Vec<Said>,
    /// The same whole, with what was assumed.
    pub speed_words: Option<String>,
    /// What it rests on, each source once.
    pub sources: Vec<SpeedSource>,
    /// The series its figures are of: rows of one were measured with the same software.
    pub series: Vec<String>,
    /// Why no speed can be said of a variant that fits.
    pub speed_unknown: Option<String>,
    /// At the cheapest rentable price on demand.
    pub per_1000_on_demand: Option<ThousandCost>,
    /// At the cheapest rentable spot price.
    pub per_1000_spot: Option<ThousandCost>,
}

impl WorkloadOnCard {
    /// What a card does with a workload, by its own usual steps and resolution. `row` has the card's prices of `market`.
    pub fn new(market: &Market, workload: &Workload, row: &GpuRow) -> Self {
        let gpu = &row.gpu;
        let usable = usable(market, row);
        let (fit, choice) = workloads::choose_usual(workload, gpu, usable.unwrap_or(Vram::from_mib(0)));
        let speed = choice.chosen.map(|variant| workloads::seconds_within(workload, variant, gpu, usable, None, None));
        let (speed, speed_unknown) = match speed {
            Some(Ok(speed)) => (Some(speed), None),
            Some(Err(error)) => (None, Some(error.to_string())),
            None => (None, None),
        };
        let cost = |figure: &Option<Figure>| {
            let figure = figure.as_ref().filter(|figure| figure.rentable)?;
            thousand(figure, speed.as_ref()?.milliseconds_per_unit)
        };
        let (why, why_said) = why(fit, choice.chosen, &choice.passed_over).map(Message::apart).unzip();
        Self {
            gpu: gpu.slug.clone(),
            vram_mib: usable.map(|usable| usable.mib),
            fit,
            why,
            why_said,
            tight: choice.tight,
            variant: choice.chosen.map(|variant| variant.name.clone()),
            precision: choice.chosen.map(|variant| variant.precision.clone()),
            quality_bits: choice.chosen.map(|variant| variant.quality_bits),
            vram_mib_needed: choice.chosen.and_then(|variant| variant.vram_mib_needed),
            per_1000_on_demand: cost(&row.on_demand),
            per_1000_spot: cost(&row.spot),
            milliseconds: speed.as_ref().map(|speed| speed.milliseconds_per_unit),
            known: speed.as_ref().map(known),
            sources: speed.as_ref().map(sources).unwrap_or_default(),
            series: speed.as_ref().map(series).unwrap_or_default(),
            cautions: speed.as_ref().map(|speed| speed.cautions.clone()).unwrap_or_default(),
            cautions_said: speed.as_ref().map(|speed| speed.cautions_said.clone()).unwrap_or_default(),
            speed_words: speed.map(|speed| speed.words),
            speed_unknown,
        }
    }

    /// The least that a thousand cost, by the typical time, over the markets that are given; a lower bound only where there is
    /// nothing else.
    pub fn least_per_1000(&self, spot_too: bool) -> Option<&ThousandCost> {
        let spot = self.per_1000_spot.as_ref().filter(|_| spot_too);
        self.per_1000_on_demand.iter().chain(spot).min_by_key(|cost| (cost.price_kind.is_from(), cost.typical_usd))
    }
}

/// What a thousand units of so long cost at a price; `None` where it does not fit an amount.
fn thousand(figure: &Figure, milliseconds: Range) -> Option<ThousandCost> {
    // Nano-dollars an hour × milliseconds × 1,000 units ÷ 3,600,000 ms an hour.
    let at = |time: u64| {
        let product = i128::from(figure.usd_per_gpu_hour.nanos) * i128::from(time);
        i64::try_from((product + HOUR / 2) / HOUR).ok().map(Nanos)
    };
    Some(ThousandCost {
        offer: figure.id,
        usd_per_gpu_hour: figure.usd_per_gpu_hour,
        price_kind: figure.price_kind,
        low_usd: at(milliseconds.low)?,
        typical_usd: at(milliseconds.typical)?,
        high_usd: at(milliseconds.high)?,
    })
}

/// What the cheapest offers of a card give, the less of them; else the size on the box.
pub fn usable(market: &Market, row: &GpuRow) -> Option<Vram> {
    let figures = [&row.on_demand, &row.spot].into_iter().flatten();
    let offered = figures.filter_map(|figure| vram_usable(market.entry(figure.id)?));
    offered.min().or(row.gpu.vram())
}

fn known(speed: &Speed) -> Known {
    match speed.basis {
        Basis::Measured { .. } => Known::Measured,
        Basis::Scaled { .. } => Known::Scaled,
        Basis::Estimated { .. } => Known::Estimate,
    }
}

fn sources(speed: &Speed) -> Vec<SpeedSource> {
    let (Basis::Measured { evidence } | Basis::Scaled { evidence, .. } | Basis::Estimated { evidence, .. }) = &speed.basis;
    let mut sources: Vec<SpeedSource> = Vec::new();
    for Evidence { source, date, .. } in evidence {
        if sources.iter().all(|known| known.source != *source) {
            sources.push(SpeedSource { source: source.clone(), date: date.clone() });
        }
    }
    sources
}

fn series(speed: &Speed) -> Vec<String> {
    let (Basis::Measured { evidence } | Basis::Scaled { evidence, .. } | Basis::Estimated { evidence, .. }) = &speed.basis;
    let mut series: Vec<String> = evidence.iter().filter_map(|row| row.series.clone()).collect();
    series.sort_unstable();
    series.dedup();
    series
}

/// Why a workload does not fit a card, in English.
pub const MESSAGES: Table = &[
    ("means-both", "only by moving weights between host and card, and after compiling"),
    ("means-offload", "only by moving weights between host and card"),
    ("means-compile", "only after minutes of compiling"),
    ("fit-no-way", "no way of running it on one GPU is known"),
    ("fit-too-large", "{variant}: needs {needed} GiB and 1 more, one gets {usable}"),
    ("fit-smaller-card", "{variant}: said to run on a card of {card} GiB, this one has {usable}"),
    ("fit-lacks", "{variant}: the card lacks {feature}"),
    ("fit-other-make", "{variant}: its software is for other makes of card"),
    ("fit-memory-unknown", "{variant}: how much memory it needs is not known"),
];

/// Why a workload does not fit, or takes means.
fn why(fit: Fit, chosen: Option<&Variant>, passed_over: &[(&Variant, Reason)]) -> Option<Message> {
    match (fit, chosen) {
        (Fit::Resident, _) => None,
        (Fit::WithMeans, Some(variant)) if variant.is_offload && variant.is_compiled => Some(say("means-both", Vec::new())),
        (Fit::WithMeans, Some(variant)) if variant.is_offload => Some(say("means-offload", Vec::new())),
        (Fit::WithMeans, _) => Some(say("means-compile", Vec::new())),
        // What is nearest to running: too large by least, else what the card lacks.
        (Fit::None, _) => {
            let lack = |variant: &Variant, reason: &Reason| {
                let name = said::name("variant", &variant.name);
                Some(match reason {
                    Reason::TooLarge { needed_mib, usable_mib } => {
                        let sizes = [said::gib("needed", *needed_mib), said::gib("usable", *usable_mib)];
                        ((0, *needed_mib), "fit-too-large", std::iter::once(name).chain(sizes).collect())
                    }
                    Reason::SmallerCard { card_mib, usable_mib } => {
                        let sizes = [said::gib("card", *card_mib), said::gib("usable", *usable_mib)];
                        ((0, *card_mib), "fit-smaller-card", std::iter::once(name).chain(sizes).collect())
                    }
                    Reason::Lacks(feature) => ((1, 0), "fit-lacks", vec![name, said::feature(*feature)]),
                    Reason::OtherMake => ((2, 0), "fit-other-make", vec![name]),
                    Reason::MemoryUnknown => ((3, 0), "fit-memory-unknown", vec![name]),
                    _ => return None,
                })
            };
            let nearest = passed_over.iter().filter_map(|(variant, reason)| lack(variant, reason));
            let nearest = nearest.min_by_key(|(lack, ..)| *lack);
            Some(nearest.map_or_else(|| say("fit-no-way", Vec::new()), |(_, message_id, arguments)| say(message_id, arguments)))
        }
    }
}

#[cfg(test)]
mod tests {
    use gpurate_domain::UsdPerGpuHour;

    use super::*;
    use crate::market::Freshness;
    use crate::prices::Word;

    #[track_caller]
    fn check(price: &str, milliseconds: u64, usd: &str) {
        let price: Nanos = price.parse().expect("a price");
        let figure = Figure {
            usd_per_gpu_hour: UsdPerGpuHour { nanos: price.0 },
            price_kind: PriceKind::Fixed,
            median_usd_per_gpu_hour: UsdPerGpuHour { nanos: price.0 },
            id: "0123456789abcdef0123".parse().expect("an id"),
            provider: Word("alpha".into()),
            rentable: true,
            offers: 1,
            providers: 1,
            age_seconds: 0,
            freshness: Freshness::Fresh,
        };
        let cost = thousand(&figure, Range { low: milliseconds, typical: milliseconds, high: milliseconds }).expect("an amount");
        assert_eq!(cost.typical_usd.to_string(), usd, "{price} {milliseconds}");
    }

    #[test]
    fn a_thousand_units_are_price_times_time_rounded_once() {
        // 3.6 s an image are an hour for a thousand.
        check("0.36", 3_600, "0.36");
        check("0.30", 6_000, "0.5");
        check("0.000000001", 1_800, "0.000000001");
        check("0.000000001", 1_799, "0");
        check("0.246666667", 10_980, "0.752333334");
    }
}
