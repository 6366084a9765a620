//! Which variant a card runs.
//!
//! The rule, from the sources named in `docs/workloads.md`: drop what the card lacks a feature for; drop what does not
//! fit (needed memory and one GiB more); of what fits take the best quality, inside one quality the fastest, and what
//! is resident before what is offloaded. Offloading 16-bit weights keeps the picture identical but needs host memory
//! and a fast bus: it comes last, and is named beside as a second answer.

use std::cmp::Reverse;

use gpurate_domain::Vram;
use gpurate_domain::gpu::Gpu;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Feature, Variant, VramBasis, Workload};

/// What a card must have beyond the needed memory: context, driver, display.
pub const MARGIN_MIB: u32 = 1024;

/// Below this margin a figure that counts tensors only is called tight: the allocator's 2.3 GiB come on top.
const TIGHT_MIB: u32 = MARGIN_MIB + 2355;

/// What is wanted of a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish<'a> {
    /// The best that fits.
    Best {
        /// Also where weights move between host and card.
        offload: bool,
        /// Also where the first picture waits minutes for a compiler.
        compiled: bool,
    },
    /// This one.
    Named(&'a str),
    /// Only a gate: a card of at least so many GiB, whatever runs there.
    VramGib(u32),
}

/// How a workload fits a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// Everything stays in the card's memory, and nothing is compiled first.
    Resident,
    /// Only by moving weights between host and card, or after minutes of compiling. The simulator does not count on it.
    WithMeans,
    /// No variant runs there.
    None,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Choice<'a> {
    /// The variant; `None` where none can run, and for a mere gate.
    pub chosen: Option<&'a Variant>,
    /// Whether the card will do: a variant was chosen, or the gate is passed.
    pub will_do: bool,
    /// It fits by figures that are no full peak: it may run out of memory.
    pub tight: bool,
    /// 16-bit weights with offload, where the chosen one has fewer bits.
    pub second: Option<&'a Variant>,
    /// Every other variant and why it is not the one, in the table's order.
    pub passed_over: Vec<(&'a Variant, Reason)>,
}

/// Why a variant is not the one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The card cannot compute it.
    #[error("the card lacks {}", .0.words())]
    Lacks(Feature),
    /// Its software is for other makes.
    #[error("its software is for other makes of card")]
    OtherMake,
    /// It does not fit.
    #[error("needs {} GiB and 1 more, one gets {}", Vram::from_mib(*.needed_mib).gib_text(), Vram::from_mib(*.usable_mib).gib_text())]
    TooLarge {
        /// MiB it takes.
        needed_mib: u32,
        /// MiB the card has.
        usable_mib: u32,
    },
    /// Said to run on a larger card.
    #[error("said to run on a card of {} GiB, this one has {}", Vram::from_mib(*.card_mib).gib_text(), Vram::from_mib(*.usable_mib).gib_text())]
    SmallerCard {
        /// MiB of that card.
        card_mib: u32,
        /// MiB of this one.
        usable_mib: u32,
    },
    /// No figure of its memory was found.
    #[error("how much memory it needs is not known")]
    MemoryUnknown,
    /// Moving weights was not allowed.
    #[error("it offloads; `offload=include` takes it")]
    Offload,
    /// Compiling was not allowed.
    #[error("it is compiled first; `compiled=include` takes it")]
    Compiled,
    /// More than one GPU.
    #[error("it needs {0} GPUs")]
    SeveralGpus(u32),
    /// Not the same picture or clip.
    #[error("it makes something else: {0}")]
    OtherWork(String),
    /// It would run; another is better.
    #[error("it would run; another is better")]
    NotBest,
    /// It would run; another was named, or none was wanted.
    #[error("another was asked for")]
    NotAsked,
}

/// No variant is called so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{workload}` has no variant `{typed}`{}; it has {known}", .near.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
pub struct UnknownVariant {
    /// The workload's id.
    pub workload: String,
    /// What was asked for.
    pub typed: String,
    /// One whose name is near it.
    pub near: Option<String>,
    /// Those it has, with commas.
    pub known: String,
}

/// The best variant for a card. `usable_vram` is what the card reports or the slice gives, not the size on the box.
pub fn choose_variant<'a>(workload: &'a Workload, gpu: &Gpu, usable_vram: Vram, allow_offload: bool, allow_compiled: bool) -> Choice<'a> {
    best(workload, gpu, usable_vram, allow_offload, allow_compiled)
}

/// The variant where nothing is asked for, which every view takes: one that stays in the card's memory and is not compiled;
/// one that takes means only where there is none.
pub fn choose_usual<'a>(workload: &'a Workload, gpu: &Gpu, usable_vram: Vram) -> (Fit, Choice<'a>) {
    let resident = best(workload, gpu, usable_vram, false, false);
    let means = best(workload, gpu, usable_vram, true, true);
    let Some(chosen) = resident.chosen else {
        return if means.chosen.is_some() { (Fit::WithMeans, means) } else { (Fit::None, resident) };
    };
    let others = means.passed_over.iter().filter(|(_, reason)| *reason == Reason::NotBest).map(|(variant, _)| *variant);
    let whole = means.chosen.into_iter().chain(others).filter(|variant| variant.is_offload && variant.quality_bits == 16);
    let second = whole.filter(|_| chosen.quality_bits < 16).min_by_key(|variant| rank(variant));
    (Fit::Resident, Choice { second, ..resident })
}

/// What a wish comes to on a card.
///
/// # Errors
/// [`UnknownVariant`] where a name is none of the workload's.
pub fn choose<'a>(workload: &'a Workload, gpu: &Gpu, usable_vram: Vram, wish: Wish<'_>) -> Result<Choice<'a>, UnknownVariant> {
    match wish {
        Wish::Best { offload, compiled } => Ok(best(workload, gpu, usable_vram, offload, compiled)),
        Wish::Named(name) => named(workload, gpu, usable_vram, name),
        Wish::VramGib(gib) => {
            let all = workload.variants.iter().map(|variant| (variant, Reason::NotAsked)).collect();
            let will_do = card_is(usable_vram, gib.saturating_mul(1024));
            Ok(Choice { chosen: None, will_do, tight: false, second: None, passed_over: all })
        }
    }
}

fn named<'a>(workload: &'a Workload, gpu: &Gpu, usable_vram: Vram, name: &str) -> Result<Choice<'a>, UnknownVariant> {
    let Some(wanted) = workload.variant(name) else {
        let near = workload.variants.iter().map(|variant| variant.name.as_str());
        return Err(UnknownVariant {
            near: crate::words::nearest(name, near).map(str::to_owned),
            workload: workload.id.clone(),
            typed: name.chars().take(40).collect(),
            known: workload.variants.iter().map(|variant| format!("`{}`", variant.name)).collect::<Vec<_>>().join(", "),
        });
    };
    // What is named is meant, whatever it makes; a gate of memory unknown cannot be said to be passed.
    let stopped = allows(gpu, wanted).and_then(|()| fits(wanted, usable_vram));
    let others = workload.variants.iter().filter(|variant| variant.name != wanted.name).map(|variant| (variant, Reason::NotAsked));
    Ok(match stopped {
        Ok(()) => Choice {
            chosen: Some(wanted),
            will_do: true,
            tight: is_tight(wanted, usable_vram),
            second: None,
            passed_over: others.collect(),
        },
        Err(reason) => {
            let passed_over = std::iter::once((wanted, reason)).chain(others).collect();
            Choice { chosen: None, will_do: false, tight: false, second: None, passed_over }
        }
    })
}

fn best<'a>(workload: &'a Workload, gpu: &Gpu, usable_vram: Vram, allow_offload: bool, allow_compiled: bool) -> Choice<'a> {
    let mut running: Vec<&Variant> = Vec::new();
    let mut passed_over: Vec<(&Variant, Reason)> = Vec::new();
    for variant in &workload.variants {
        match stopped(variant, gpu, usable_vram, allow_offload, allow_compiled) {
            Some(reason) => passed_over.push((variant, reason)),
            None => running.push(variant),
        }
    }
    let rank = |variant: &&&Variant| rank(variant);
    let chosen = running.iter().min_by_key(rank).copied();
    let second = chosen
        .filter(|chosen| chosen.quality_bits < 16)
        .and_then(|_| running.iter().filter(|variant| variant.is_offload && variant.quality_bits == 16).min_by_key(rank).copied());
    for variant in running {
        if chosen.is_none_or(|chosen| chosen.name != variant.name) {
            passed_over.push((variant, Reason::NotBest));
        }
    }
    let order = |variant: &Variant| workload.variants.iter().position(|other| other.name == variant.name);
    passed_over.sort_by_cached_key(|(variant, _)| order(variant));
    Choice { chosen, will_do: chosen.is_some(), tight: chosen.is_some_and(|chosen| is_tight(chosen, usable_vram)), second, passed_over }
}

/// The order in which variants that run are preferred, the best first.
pub fn rank(variant: &Variant) -> impl Ord + use<> {
    // Resident; then offload of fewer bits; then of 16.
    let place = if !variant.is_offload { 0 } else { 1 + u8::from(variant.quality_bits == 16) };
    (place, Reverse(variant.quality_bits), Reverse(variant.speed_factor_millis.unwrap_or(0)), variant.vram_mib_needed)
}

fn stopped(variant: &Variant, gpu: &Gpu, usable_vram: Vram, allow_offload: bool, allow_compiled: bool) -> Option<Reason> {
    if variant.gpus > 1 {
        return Some(Reason::SeveralGpus(variant.gpus));
    }
    if let Some(other) = &variant.other_work {
        return Some(Reason::OtherWork(other.clone()));
    }
    if let Some(resolution) = variant.resolution {
        return Some(Reason::OtherWork(format!("at {resolution}")));
    }
    if variant.is_offload && !allow_offload {
        return Some(Reason::Offload);
    }
    if variant.is_compiled && !allow_compiled {
        return Some(Reason::Compiled);
    }
    allows(gpu, variant).and_then(|()| fits(variant, usable_vram)).err()
}

/// Whether the card can compute the variant, memory aside.
///
/// # Errors
/// [`Reason::Lacks`] or [`Reason::OtherMake`].
pub fn allows(gpu: &Gpu, variant: &Variant) -> Result<(), Reason> {
    let maker = gpu.manufacturer.as_deref().unwrap_or("");
    let is_nvidia = maker == "NVIDIA";
    let runs_pytorch_as_measured = match maker {
        "NVIDIA" | "AMD" => true,
        "Intel" => gpu.architecture.as_deref().is_none_or(|architecture| !architecture.starts_with("Gaudi")),
        _ => false,
    };
    let needs_nvidia = !matches!(variant.needs, Feature::None | Feature::Bf16) || variant.is_compiled;
    if !runs_pytorch_as_measured || needs_nvidia && !is_nvidia {
        return Err(Reason::OtherMake);
    }
    let capability = capability(gpu);
    let at_least = |tenths: u32| capability.is_some_and(|capability| capability >= tenths);
    let has = match variant.needs {
        Feature::None => true,
        Feature::Bf16 => gpu.bf16_supported == Some(true),
        Feature::Int8 => at_least(80),
        // A GTX 16 is a Turing without tensor cores.
        Feature::Int4Svdquant => at_least(75) && !gpu.tensor_basis.as_deref().is_some_and(|basis| basis.starts_with("no tensor cores")),
        Feature::Int4Torchao => at_least(90),
        Feature::Fp8 => at_least(89) && gpu.fp8_supported == Some(true),
        Feature::Fp4 => at_least(100) && gpu.fp4_supported == Some(true),
    };
    if has { Ok(()) } else { Err(Reason::Lacks(variant.needs)) }
}

/// Compute capability in tenths: 89 for `8.9`, 120 for `12.0`.
fn capability(gpu: &Gpu) -> Option<u32> {
    let (major, minor) = gpu.compute_capability.as_deref()?.split_once('.')?;
    Some(major.parse::<u32>().ok()?.checked_mul(10)? + minor.parse::<u32>().ok().filter(|minor| *minor < 10)?)
}

/// Whether the variant fits: needed memory and [`MARGIN_MIB`]; where the figure is the size of a card, such a card.
///
/// # Errors
/// [`Reason::TooLarge`], [`Reason::SmallerCard`] or [`Reason::MemoryUnknown`].
pub fn fits(variant: &Variant, usable: Vram) -> Result<(), Reason> {
    let Some(needed_mib) = variant.vram_mib_needed else { return Err(Reason::MemoryUnknown) };
    match variant.vram_basis {
        VramBasis::CardSize if card_is(usable, needed_mib) => Ok(()),
        VramBasis::CardSize => Err(Reason::SmallerCard { card_mib: needed_mib, usable_mib: usable.mib }),
        _ if needed_mib.saturating_add(MARGIN_MIB) <= usable.mib => Ok(()),
        _ => Err(Reason::TooLarge { needed_mib, usable_mib: usable.mib }),
    }
}

/// Whether a card that reports `usable` is one of at least `nominal_mib`: error correction takes up to 9 %
/// ([`Vram::may_be`]).
fn card_is(usable: Vram, nominal_mib: u32) -> bool {
    u64::from(usable.mib) * 100 >= u64::from(nominal_mib) * 91
}

fn is_tight(variant: &Variant, usable: Vram) -> bool {
    let margin = usable.mib.saturating_sub(variant.vram_mib_needed.unwrap_or(0));
    match variant.vram_basis {
        VramBasis::Allocated | VramBasis::Derived => margin < TIGHT_MIB,
        VramBasis::CardSize | VramBasis::LowerBound | VramBasis::Unknown => true,
        VramBasis::Reserved | VramBasis::Peak | VramBasis::Documented | VramBasis::ThirdParty => false,
    }
}
