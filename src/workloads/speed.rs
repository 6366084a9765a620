//! How long one picture, training step or clip takes on a card.
//!
//! Published figures come first: the same variant on the same card; then another variant on the same card, by the
//! variants' factors; then the same workload on another card, by the ratio of the diffusion indices of the GPU table,
//! which is an estimate and says so. What none of these gives is unknown. A figure above the card's peak rate is refused.

use gpurate_domain::gpu::Gpu;
use gpurate_domain::{Nanos, Vram};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Benchmark, Feature, Kind, Reason, Resolution, Variant, Workload, allows, fits};
use crate::catalogue;
use crate::said::{self, Message, Said};

/// Least, middle and most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TimeRange)]
pub struct Range {
    /// Least.
    pub low: u64,
    /// Median of what was measured, or the estimate.
    pub typical: u64,
    /// Most.
    pub high: u64,
}

/// How long one unit takes, and how that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Speed {
    /// One image, training step or clip.
    pub milliseconds_per_unit: Range,
    /// What that is: `image`, `training step` or `clip`.
    pub unit: &'static str,
    /// Steps of one unit; null for training.
    pub steps: Option<u32>,
    /// Of the unit.
    #[schema(value_type = Option<String>)]
    pub resolution: Option<Resolution>,
    /// How it is known.
    pub basis: Basis,
    /// Whether it is an estimate: ranges of two estimates that overlap are a tie.
    pub is_estimate: bool,
    /// Share of the card's peak rate that the typical time needs, in thousandths, attention not counted; null where the
    /// work of a step or the peak is not known, and then nothing was checked.
    pub peak_share_permille: Option<u32>,
    /// What was assumed in reading the figures, and what is not in them, in English.
    pub cautions: Vec<String>,
    /// The same as sentences with their figures, one by one, for other languages.
    pub cautions_said: Vec<Said>,
    /// All of it in words.
    pub words: String,
    /// How it is known, without the cautions, as sentences with their figures, for other languages; in `words` they are joined by
    /// commas.
    pub basis_said: Vec<Said>,
}

/// How a speed is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Basis {
    /// Published for this card and variant.
    Measured {
        /// What it rests on.
        evidence: Vec<Evidence>,
    },
    /// Published for this card in other variants, multiplied by the variants' factors.
    Scaled {
        /// The variants that were measured.
        from_variants: Vec<String>,
        /// What it rests on.
        evidence: Vec<Evidence>,
    },
    /// Published for another card, multiplied by the ratio of the diffusion indices.
    Estimated {
        /// Slug of that card.
        anchor_gpu: String,
        /// The variants that were measured there.
        from_variants: Vec<String>,
        /// This card's index, RTX 4090 = 1.
        index: String,
        /// How it is known.
        index_basis: String,
        /// The other card's.
        anchor_index: String,
        /// How it is known.
        anchor_index_basis: String,
        /// What it rests on.
        evidence: Vec<Evidence>,
    },
}

/// One published figure that an answer rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SpeedEvidence)]
pub struct Evidence {
    /// What it comes to at the steps that were asked for, on its own card.
    pub milliseconds_per_unit: u64,
    /// The variant it is a figure of.
    pub variant: String,
    /// The card as the source writes it.
    pub gpu: String,
    /// Steps it was measured at; null where the source gives steps per second or no steps.
    pub steps: Option<u32>,
    /// Software.
    pub software: String,
    /// Rows of one series were measured with the same software.
    pub series: Option<String>,
    /// What was assumed in reading it, and what is not in it.
    pub cautions: Vec<String>,
    /// What kind of evidence it is.
    pub kind: String,
    /// Where it was read.
    pub source: String,
    /// The source's date.
    pub date: String,
}

/// Why no speed can be said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSpeed {
    /// The variant does not run there.
    #[error("`{variant}` does not run there: {reason}")]
    DoesNotRun {
        /// The variant.
        variant: String,
        /// Why.
        reason: Reason,
    },
    /// Nobody says how many steps.
    #[error("the workload has no usual number of steps: say how many")]
    StepsUnknown,
    /// Measured, but not at this resolution: work does not grow in proportion to pixels.
    #[error("not known at {asked}; measured at {known}")]
    OtherResolution {
        /// What was asked for.
        asked: Resolution,
        /// Where figures are, with commas.
        known: String,
    },
    /// No usable figure of this workload anywhere.
    #[error("no published figure of this workload can be used")]
    NothingPublished,
    /// Figures exist, but nothing relates them to this variant.
    #[error("how fast `{0}` is against what was measured is not known")]
    FactorUnknown(String),
    /// Figures exist for other cards, and this one or those have no index.
    #[error("measured on other cards only, and the diffusion index of this card or of those is not known")]
    NoIndex,
    /// Every figure is faster than the card's peak.
    #[error("what is published would need more than the card's peak rate")]
    Implausible,
}

/// One usable figure: microseconds on its own card, in the variant that is asked for.
struct Figure<'a> {
    row: &'a Benchmark,
    variant: &'a Variant,
    /// As published, at the steps asked for.
    own_micros: u64,
    /// The same by the factors.
    micros: u64,
}

/// The time of one unit on the whole card. `steps` and `resolution` default to the workload's; a training step has no steps.
///
/// # Errors
/// [`NoSpeed`]: it does not run there, or nothing that is published says how fast. It is never guessed.
pub fn seconds(
    workload: &Workload,
    variant: &Variant,
    gpu: &Gpu,
    steps: Option<u32>,
    resolution: Option<Resolution>,
) -> Result<Speed, NoSpeed> {
    seconds_within(workload, variant, gpu, gpu.vram(), steps, resolution)
}

/// The same on a card or a slice that reports `usable` memory; `None` is not known, and then not judged.
///
/// # Errors
/// As [`seconds`].
pub fn seconds_within(
    workload: &Workload,
    variant: &Variant,
    gpu: &Gpu,
    usable: Option<Vram>,
    steps: Option<u32>,
    resolution: Option<Resolution>,
) -> Result<Speed, NoSpeed> {
    let does_not = |reason| NoSpeed::DoesNotRun { variant: variant.name.clone(), reason };
    allows(gpu, variant).map_err(does_not)?;
    match usable.map(|usable| fits(variant, usable)) {
        // A need that nobody measured stops no measured speed.
        None | Some(Ok(()) | Err(Reason::MemoryUnknown)) => {}
        Some(Err(reason)) => return Err(does_not(reason)),
    }
    let steps = match workload.kind {
        Kind::Training => None,
        Kind::Image | Kind::Video => Some(steps.or(workload.default_steps).filter(|steps| *steps > 0).ok_or(NoSpeed::StepsUnknown)?),
    };
    let wanted = resolution.or(variant.resolution).or(workload.default_resolution);
    let asked = Asked { workload, variant, gpu, steps, resolution: wanted };
    asked.answer()
}

struct Asked<'a> {
    workload: &'a Workload,
    variant: &'a Variant,
    gpu: &'a Gpu,
    steps: Option<u32>,
    resolution: Option<Resolution>,
}

impl<'a> Asked<'a> {
    fn answer(&self) -> Result<Speed, NoSpeed> {
        let (mut here, mut there, mut refused) = (Vec::new(), Vec::new(), false);
        for row in &self.workload.benchmarks {
            let Some(slug) = row.gpu.as_deref() else { continue };
            let Some(figure) = self.figure(row) else { continue };
            let is_here = slug == self.gpu.slug;
            let card = if is_here { Some(self.gpu) } else { part(slug) };
            if card.is_some_and(|card| is_implausible(self.workload, figure.variant, card, self.steps, row.resolution, figure.own_micros)) {
                refused = true;
                continue;
            }
            if is_here { here.push(figure) } else { there.push(figure) }
        }
        self.measured(&here).or_else(|| self.scaled(&here)).unwrap_or_else(|| self.estimated(&there, refused))
    }

    /// A row as a figure of what is asked for; `None` where it is not one at this resolution.
    fn figure(&self, row: &'a Benchmark) -> Option<Figure<'a>> {
        let variant = row.variant.as_deref().and_then(|name| self.workload.variants.iter().find(|variant| variant.name == name))?;
        if row.resolution != self.resolution {
            return None;
        }
        let own_micros = micros(self.workload, row, self.steps)?;
        let micros = if variant.name == self.variant.name {
            own_micros
        } else {
            // Without a factor it relates to its own variant only.
            match (variant.speed_factor_millis, self.variant.speed_factor_millis) {
                (Some(from), Some(to)) => ratio(own_micros, from.into(), to.into())?,
                _ => return None,
            }
        };
        Some(Figure { row, variant, own_micros, micros })
    }

    fn measured(&self, here: &[Figure<'a>]) -> Option<Result<Speed, NoSpeed>> {
        let own: Vec<&Figure> =
            here.iter().filter(|figure| figure.variant.name == self.variant.name && figure.row.lent_by.is_none()).collect();
        let own = surest(own);
        let range = range(&own)?;
        Some(Ok(self.speed(range, Basis::Measured { evidence: evidence(&own, self.steps) })))
    }

    fn scaled(&self, here: &[Figure<'a>]) -> Option<Result<Speed, NoSpeed>> {
        let others = surest(self.nearest_kin(here.iter().collect()));
        let range = range(&others)?;
        let basis = Basis::Scaled { from_variants: variants(&others), evidence: evidence(&others, self.steps) };
        Some(self.within_peak(range, basis))
    }

    fn estimated(&self, there: &[Figure<'a>], refused: bool) -> Result<Speed, NoSpeed> {
        if there.is_empty() {
            return Err(if refused { NoSpeed::Implausible } else { self.why_nothing() });
        }
        let index = Index::of(self.gpu).ok_or(NoSpeed::NoIndex)?;
        let (anchor, anchor_index, figures) = anchor(self.nearest_kin(there.iter().collect())).ok_or(NoSpeed::NoIndex)?;
        let figures = surest(figures);
        let own_range = range(&figures).ok_or(NoSpeed::NoIndex)?;
        let scale = |time: u64, from: u64, to: u64| ratio(time, from, to).ok_or(NoSpeed::Implausible);
        let range = Range {
            low: scale(own_range.low, anchor_index.low, index.high)?,
            typical: scale(own_range.typical, anchor_index.typical, index.typical)?,
            high: scale(own_range.high, anchor_index.high, index.low)?,
        };
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let basis = Basis::Estimated {
            anchor_gpu: anchor.slug.clone(),
            from_variants: variants(&figures),
            index: text(&self.gpu.diffusion_index_rtx4090),
            index_basis: text(&self.gpu.diffusion_index_basis),
            anchor_index: text(&anchor.diffusion_index_rtx4090),
            anchor_index_basis: text(&anchor.diffusion_index_basis),
            evidence: evidence(&figures, self.steps),
        };
        self.within_peak(range, basis)
    }

    /// Figures of the variant itself, where there are any; else of the one that factors are relative to; else of all.
    fn nearest_kin<'f>(&self, figures: Vec<&'f Figure<'a>>) -> Vec<&'f Figure<'a>> {
        let only = |wanted: &dyn Fn(&Variant) -> bool| figures.iter().copied().filter(|figure| wanted(figure.variant)).collect::<Vec<_>>();
        let own = only(&|variant| variant.name == self.variant.name);
        if !own.is_empty() {
            return own;
        }
        let reference = only(&|variant| variant.speed_factor_millis == Some(1000) && variant.quality_bits == 16);
        if reference.is_empty() { figures } else { reference }
    }

    /// Nothing is said to be faster than the card's peak allows.
    fn within_peak(&self, range: Range, basis: Basis) -> Result<Speed, NoSpeed> {
        let least = least_micros(self.workload, self.variant, self.gpu, self.steps, self.resolution).unwrap_or(0);
        if range.typical < least {
            return Err(NoSpeed::Implausible);
        }
        Ok(self.speed(Range { low: range.low.max(least), ..range }, basis))
    }

    fn speed(&self, micros: Range, basis: Basis) -> Speed {
        let least = least_micros(self.workload, self.variant, self.gpu, self.steps, self.resolution);
        let share = least.and_then(|least| u32::try_from(ratio(1000, least, micros.typical.max(1))?).ok());
        let (head, cautions) = self.words(&basis);
        let (head, basis_said): (Vec<String>, Vec<Said>) = head.into_iter().map(Message::apart).unzip();
        let words = std::iter::once(head.join(", ")).chain(cautions.iter().cloned()).collect::<Vec<_>>().join("; ");
        let cautions_said = cautions.iter().filter_map(|text| said::known_of(super::CAUTIONS, text)).collect();
        Speed {
            milliseconds_per_unit: Range {
                low: milliseconds(micros.low),
                typical: milliseconds(micros.typical),
                high: milliseconds(micros.high),
            },
            unit: self.workload.kind.unit(),
            steps: self.steps,
            resolution: self.resolution,
            is_estimate: matches!(basis, Basis::Estimated { .. }),
            basis,
            peak_share_permille: share,
            cautions,
            cautions_said,
            words,
            basis_said,
        }
    }

    /// How it is known, and what is to be known of that.
    fn words(&self, basis: &Basis) -> (Vec<Message>, Vec<String>) {
        let variants = |from: &[String]| said::name("variants", from.join(", "));
        let (head, evidence) = match basis {
            Basis::Measured { evidence } => (vec![told(["speed-measured-one", "speed-measured"], evidence, [])], evidence),
            Basis::Scaled { from_variants, evidence } => {
                let head = told(["speed-scaled-one", "speed-scaled"], evidence, [variants(from_variants)]);
                (std::iter::once(head).chain(self.by_factors(evidence)).collect(), evidence)
            }
            Basis::Estimated { anchor_gpu, from_variants, index, index_basis, anchor_index, anchor_index_basis, evidence } => {
                let gpu = said::name("gpu", anchor_gpu);
                let mut head = match from_variants.as_slice() {
                    [own] if *own == self.variant.name => vec![told(["speed-estimated-one", "speed-estimated"], evidence, [gpu])],
                    others => {
                        let head = told(["speed-estimated-as-one", "speed-estimated-as"], evidence, [gpu, variants(others)]);
                        std::iter::once(head).chain(self.by_factors(evidence)).collect()
                    }
                };
                let ratio = vec![
                    said::count("index", index),
                    said::english("index_basis", index_basis),
                    said::count("anchor_index", anchor_index),
                    said::english("anchor_index_basis", anchor_index_basis),
                ];
                head.push(said::say("speed-ratio", ratio));
                (head, evidence)
            }
        };
        let mut cautions: Vec<String> = Vec::new();
        let mut other: Vec<u32> = evidence.iter().filter_map(|row| row.steps).filter(|steps| Some(*steps) != self.steps).collect();
        other.sort_unstable();
        other.dedup();
        if let (Some(steps), false) = (self.steps, other.is_empty()) {
            let other: Vec<String> = other.iter().map(u32::to_string).collect();
            cautions.push(format!("from {} to {steps} steps in proportion", other.join(" and ")));
        }
        if matches!(basis, Basis::Estimated { .. }) && self.workload.kind == Kind::Training {
            cautions.push("the index is of generating, not of training".to_owned());
        }
        let mut own: Vec<String> = evidence.iter().flat_map(|row| row.cautions.iter().cloned()).collect();
        own.sort_unstable();
        own.dedup();
        cautions.extend(own);
        (head, cautions)
    }

    /// That the variants' factors were used, where they were.
    fn by_factors(&self, evidence: &[Evidence]) -> Option<Message> {
        let is_own = evidence.iter().all(|row| row.variant == self.variant.name);
        (!is_own).then(|| said::say("speed-factors", Vec::new()))
    }

    /// Why there is no figure to start from.
    fn why_nothing(&self) -> NoSpeed {
        let usable = || self.workload.benchmarks.iter().filter(|row| row.variant.is_some() && row.gpu.is_some());
        let mut known: Vec<String> = usable().filter_map(|row| row.resolution).map(|resolution| resolution.to_string()).collect();
        known.sort_unstable();
        known.dedup();
        match self.resolution {
            _ if usable().next().is_none() => NoSpeed::NothingPublished,
            Some(asked) if !known.contains(&asked.to_string()) => NoSpeed::OtherResolution { asked, known: known.join(", ") },
            _ => NoSpeed::FactorUnknown(self.variant.name.clone()),
        }
    }
}

/// The sentence of one figure with its source, or of several.
fn told<const N: usize>(ids: [&'static str; 2], evidence: &[Evidence], about: [said::Argument; N]) -> Message {
    let (message_id, figures) = match evidence {
        [one] => (ids[0], vec![said::name("source", &one.source), said::name("date", &one.date)]),
        several => (ids[1], vec![said::count("count", several.len())]),
    };
    said::say(message_id, about.into_iter().chain(figures).collect())
}

fn part(slug: &str) -> Option<&'static Gpu> {
    let table = catalogue::gpus();
    table.by_slug(slug).map(|index| table.gpu(index))
}

/// Microseconds of one unit by a row, at `steps`; `None` where the row does not say.
fn micros(workload: &Workload, row: &Benchmark, steps: Option<u32>) -> Option<u64> {
    const NANOS_OF_A_SECOND_IN_MICROS: u64 = 1_000_000_000_000_000;
    let one_step = || ratio(1, NANOS_OF_A_SECOND_IN_MICROS, row.steps_per_second_nanos?);
    let Some(steps) = steps else { return row.micros.or_else(one_step) };
    match (row.micros, row.steps) {
        (Some(whole), Some(measured)) => ratio(whole, steps.into(), measured.into()),
        // Where the source names no steps, it ran its own usual number.
        (Some(whole), None) => ratio(whole, steps.into(), workload.default_steps?.into()),
        (None, _) => ratio(steps.into(), NANOS_OF_A_SECOND_IN_MICROS, row.steps_per_second_nanos?),
    }
}

/// `value × numerator ÷ denominator`, rounded half up; `None` for a zero below or too large a result.
fn ratio(value: u64, numerator: u64, denominator: u64) -> Option<u64> {
    let product = u128::from(value) * u128::from(numerator);
    let denominator = u128::from(denominator);
    let rounded = product.checked_add(denominator / 2)?.checked_div(denominator)?;
    u64::try_from(rounded).ok()
}

fn milliseconds(micros: u64) -> u64 {
    micros.saturating_add(500) / 1000
}

/// Figures for which least had to be assumed.
fn surest<'f, 'a>(figures: Vec<&'f Figure<'a>>) -> Vec<&'f Figure<'a>> {
    let least = figures.iter().map(|figure| figure.row.cautions.len()).min();
    figures.into_iter().filter(|figure| Some(figure.row.cautions.len()) == least).collect()
}

/// The card that the others are judged by: the RTX 4090, else the one with most sources, then the best known index.
fn anchor<'f, 'a>(figures: Vec<&'f Figure<'a>>) -> Option<(&'static Gpu, Index, Vec<&'f Figure<'a>>)> {
    let mut by_card: std::collections::BTreeMap<&str, Vec<&Figure<'a>>> = std::collections::BTreeMap::new();
    for figure in figures {
        by_card.entry(figure.row.gpu.as_deref().unwrap_or("")).or_default().push(figure);
    }
    let sources = |figures: &[&Figure]| {
        let mut sources: Vec<&str> = figures.iter().map(|figure| figure.row.source.as_str()).collect();
        sources.sort_unstable();
        sources.dedup();
        sources.len()
    };
    by_card
        .into_iter()
        .filter_map(|(slug, figures)| {
            let gpu = part(slug)?;
            Some((gpu, Index::of(gpu)?, figures))
        })
        .max_by_key(|(gpu, index, figures)| (gpu.slug == "rtx-4090", sources(figures), index.series))
}

/// A card's speed against the RTX 4090, in billionths.
#[derive(Clone, Copy)]
struct Index {
    low: u64,
    typical: u64,
    high: u64,
    /// Series it was measured in; 0 for an estimate.
    series: u32,
}

impl Index {
    fn of(gpu: &Gpu) -> Option<Self> {
        let number = |text: &Option<String>| {
            let Nanos(nanos) = text.as_deref()?.parse().ok()?;
            u64::try_from(nanos).ok().filter(|nanos| *nanos > 0)
        };
        let basis = gpu.diffusion_index_basis.as_deref().unwrap_or("");
        let series = basis.strip_prefix("measured in ").and_then(|rest| rest.split(' ').next()?.parse().ok()).unwrap_or(0);
        Some(Self {
            low: number(&gpu.diffusion_index_low)?,
            typical: number(&gpu.diffusion_index_rtx4090)?,
            high: number(&gpu.diffusion_index_high)?,
            series,
        })
    }
}

/// Least, median and most; `None` of nothing. The median of an even count is the mean of the middle two.
fn range(figures: &[&Figure]) -> Option<Range> {
    let mut micros: Vec<u64> = figures.iter().map(|figure| figure.micros).collect();
    micros.sort_unstable();
    let (low, high) = (*micros.first()?, *micros.last()?);
    let middle = micros.len() / 2;
    let typical = if micros.len() % 2 == 1 { micros[middle] } else { micros[middle - 1].midpoint(micros[middle]) };
    Some(Range { low, typical, high })
}

fn variants(figures: &[&Figure]) -> Vec<String> {
    let name = |figure: &&Figure| match &figure.row.lent_by {
        Some(workload) => format!("{workload} {}", figure.variant.name),
        None => figure.variant.name.clone(),
    };
    let mut names: Vec<String> = figures.iter().map(name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn evidence(figures: &[&Figure], steps: Option<u32>) -> Vec<Evidence> {
    let one = |figure: &&Figure| {
        let row = figure.row;
        let mut cautions = row.cautions.clone();
        if row.micros.is_none() && steps.is_some() && !row.cautions.iter().any(|text| text.contains("alone")) {
            cautions.push("steps only: encoding of text and decoding of the picture may not be in it".to_owned());
        }
        Evidence {
            milliseconds_per_unit: milliseconds(figure.own_micros),
            variant: figure.variant.name.clone(),
            gpu: row.gpu_label.clone(),
            steps: row.steps.filter(|_| row.micros.is_some()),
            software: row.software.clone(),
            series: row.series.clone(),
            cautions,
            kind: row.evidence.clone(),
            source: row.source.clone(),
            date: row.date.clone(),
        }
    };
    figures.iter().map(one).collect()
}

/// The card's peak rate for a variant, in GFLOP per second; `None` where the table has none.
///
/// 16-bit products in bf16 accumulate in 32 bit, those in fp16 may in 16; fp8 and int8 are counted at twice and 4-bit
/// products at four times the higher of the two, so that no true figure is refused.
fn peak_gflops(gpu: &Gpu, variant: &Variant) -> Option<u64> {
    let tflops = |text: &Option<String>| {
        let Nanos(nanos) = text.as_deref()?.parse().ok()?;
        u64::try_from(nanos / 1_000_000).ok().filter(|gflops| *gflops > 0)
    };
    let (high, exact) = (tflops(&gpu.fp16_tensor_dense_tflops), tflops(&gpu.fp16_tensor_fp32acc_dense_tflops));
    match variant.needs {
        Feature::Fp4 | Feature::Int4Svdquant => high?.checked_mul(4),
        Feature::Fp8 => high?.checked_mul(2),
        Feature::Int8 if variant.is_compiled => high?.checked_mul(2),
        _ if variant.precision.starts_with("fp16") => high,
        _ => exact,
    }
}

/// The least time one unit can take, in microseconds; `None` where the work of a step or the peak is not known.
fn least_micros(workload: &Workload, variant: &Variant, gpu: &Gpu, steps: Option<u32>, resolution: Option<Resolution>) -> Option<u64> {
    if resolution != workload.default_resolution {
        return None;
    }
    ratio(workload.gflop_per_step?.checked_mul(1_000_000)?, steps?.into(), peak_gflops(gpu, variant)?)
}

/// Whether a time would need more than the card's peak rate.
pub(super) fn is_implausible(
    workload: &Workload,
    variant: &Variant,
    gpu: &Gpu,
    steps: Option<u32>,
    resolution: Option<Resolution>,
    micros: u64,
) -> bool {
    least_micros(workload, variant, gpu, steps, resolution).is_some_and(|least| micros < least)
}
