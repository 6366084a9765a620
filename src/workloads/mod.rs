//! What people run on rented GPUs: image, training and video workloads, the precision variants of each, which of them a
//! card can run, and how long one picture, step or clip takes there.
//!
//! Everything is compiled in from `data/` and pure: no clock, no file, no network. Figures are integers with their unit
//! in the name, and each carries its source; what is not known is absent and never guessed. How the data was chosen and
//! where it ends: `docs/workloads.md`.

mod choose;
mod messages;
mod speed;
mod table;
mod view;

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use gpurate_domain::Vram;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

pub use choose::{Choice, Fit, MARGIN_MIB, Reason, UnknownVariant, Wish, allows, choose, choose_usual, choose_variant, fits, rank};
pub use messages::{BASES, CAUTIONS, INDEX_BASES};
pub use speed::{Basis, Evidence, NoSpeed, Range, Speed, seconds, seconds_within};
pub use table::{Table, TableError, UnknownWorkload, table};
pub use view::{
    GpuAnswer, PassedOver, Question, QuestionError, VariantSpeed, WorkloadAnswer, WorkloadRow, WorkloadsAnswer, workload, workloads,
};

/// The day the data was compiled.
pub const COMPILED_ON: &str = "2026-11-22";

/// What a workload makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Pictures.
    Image,
    /// A fine-tuned model.
    Training,
    /// Clips.
    Video,
}

impl Kind {
    /// What times are counted in.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Training => "training step",
            Self::Video => "clip",
        }
    }

    /// As in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Training => "training",
            Self::Video => "video",
        }
    }
}

/// Width and height in pixels, and frames where it is a clip. As text `1024x1024` or `832x480x81`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Resolution {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Frames of a clip.
    pub frames: Option<u32>,
}

/// Not a resolution.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a resolution; write `1024x1024`, or `832x480x81` for a clip of 81 frames")]
pub struct ResolutionError(pub String);

impl fmt::Display for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)?;
        self.frames.map_or(Ok(()), |frames| write!(f, "x{frames}"))
    }
}

impl FromStr for Resolution {
    type Err = ResolutionError;

    fn from_str(text: &str) -> Result<Self, ResolutionError> {
        let wrong = || ResolutionError(text.chars().take(20).collect());
        let numbers: Option<Vec<u32>> =
            text.split('x').map(|part| part.trim().parse().ok().filter(|number| (1..=65_536).contains(number))).collect();
        match numbers.ok_or_else(wrong)?.as_slice() {
            [width, height] => Ok(Self { width: *width, height: *height, frames: None }),
            [width, height, frames] => Ok(Self { width: *width, height: *height, frames: Some(*frames) }),
            _ => Err(wrong()),
        }
    }
}

impl Serialize for Resolution {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a variant needs of a card beside memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// Nothing.
    None,
    /// Arithmetic in bfloat16 (Ampere and later).
    Bf16,
    /// 8-bit integer kernels of PyTorch (compute capability 8.0 and later).
    Int8,
    /// SVDQuant's 4-bit integer kernels (7.5 with tensor cores and later).
    Int4Svdquant,
    /// 4-bit integer weights of torchao (9.0 and later).
    Int4Torchao,
    /// Matrix products in fp8 (8.9 and later).
    Fp8,
    /// Matrix products in fp4 (10.0 and later).
    Fp4,
}

impl Feature {
    /// Every feature.
    pub const ALL: [Self; 7] = [Self::None, Self::Bf16, Self::Int8, Self::Int4Svdquant, Self::Int4Torchao, Self::Fp8, Self::Fp4];

    /// Its word in data.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Bf16 => "bf16",
            Self::Int8 => "int8",
            Self::Int4Svdquant => "int4_svdquant",
            Self::Int4Torchao => "int4_torchao",
            Self::Fp8 => "fp8",
            Self::Fp4 => "fp4",
        }
    }

    /// The feature of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.as_str() == word)
    }

    /// In words, after "lacks".
    pub const fn words(self) -> &'static str {
        match self {
            Self::None => "nothing",
            Self::Bf16 => "bf16",
            Self::Int8 => "8-bit integer kernels (compute capability 8.0)",
            Self::Int4Svdquant => "4-bit SVDQuant kernels (compute capability 7.5 with tensor cores)",
            Self::Int4Torchao => "4-bit torchao kernels (compute capability 9.0)",
            Self::Fp8 => "fp8 tensor cores (compute capability 8.9)",
            Self::Fp4 => "fp4 tensor cores (compute capability 10.0)",
        }
    }
}

/// What a figure of needed memory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VramBasis {
    /// Measured: what the allocator took, nearest to what a card must have.
    Reserved,
    /// Measured: tensors only; the allocator took 2.3 GiB more where both were measured.
    Allocated,
    /// Measured: a peak whose kind is not stated.
    Peak,
    /// Arithmetic on measured figures and file sizes.
    Derived,
    /// The documentation's figure.
    Documented,
    /// Somebody else's figure, method not stated.
    ThirdParty,
    /// Not a peak: the size of a card on which it is said to run.
    CardSize,
    /// Weights only: a lower bound.
    LowerBound,
    /// No figure.
    Unknown,
}

/// One thing to do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Workload {
    /// Stable name, such as `flux1_dev`; `-` is as good as `_`.
    pub id: String,
    /// Other names it goes by.
    pub aliases: Vec<String>,
    /// Its name for people.
    pub name: String,
    /// What it makes.
    pub kind: Kind,
    /// What times are counted in: `image`, `training step` or `clip`.
    pub unit: &'static str,
    /// Precisions it is commonly run in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<String>,
    /// The least memory any figure was found for.
    pub vram_mib_min: Option<u32>,
    /// What that figure is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vram_min_basis: Option<String>,
    /// Memory with which nothing needs to move; variants have their own, which win.
    pub vram_mib_recommended: Option<u32>,
    /// What that figure is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vram_recommended_basis: Option<String>,
    /// The main model file.
    pub checkpoint_bytes: Option<u64>,
    /// Everything that is fetched before the first picture.
    pub download_bytes: Option<u64>,
    /// Steps where nobody says otherwise.
    pub default_steps: Option<u32>,
    /// Resolution where nobody says otherwise.
    #[schema(value_type = Option<String>, example = "1024x1024")]
    pub default_resolution: Option<Resolution>,
    /// Passes through the model per step: 2 with classifier-free guidance.
    pub passes_per_step: Option<u32>,
    /// Work of one step at the default resolution, in GFLOP, all passes; attention is not in it.
    pub gflop_per_step: Option<u64>,
    /// Where that was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gflop_source: Option<String>,
    /// The workload whose steps take as long, because the model has the same shape: its figures are used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed_as: Option<String>,
    /// One picture, clip or checkpoint as a file.
    pub output_bytes: Option<u64>,
    /// What that figure is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_basis: Option<String>,
    /// Sources by subject.
    pub sources: Sources,
    /// What else is to be known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Ways to run it.
    pub variants: Vec<Variant>,
    /// Published speeds, used and unused; an answer names those it rests on.
    #[serde(skip)]
    pub benchmarks: Vec<Benchmark>,
}

impl Workload {
    /// The variant of this name; `-` is as good as `_`.
    pub fn variant(&self, name: &str) -> Option<&Variant> {
        let folded = table::fold(name);
        self.variants.iter().find(|variant| table::fold(&variant.name) == folded)
    }
}

/// Where a workload's figures come from; absent where none was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Sources {
    /// Memory.
    pub vram: Option<String>,
    /// Sizes of files.
    pub sizes: Option<String>,
    /// Steps.
    pub steps: Option<String>,
}

/// One way to run a workload.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Variant {
    /// The workload's id.
    pub workload: String,
    /// Its name, unique in the workload, such as `fp8_resident`.
    pub name: String,
    /// Precision and method in words.
    pub precision: String,
    /// Bits of the weights of the main model: 16, 8, 4 or 2; what ranks quality.
    pub quality_bits: u8,
    /// What it needs of a card beside memory.
    pub needs: Feature,
    /// Weights move between host and card, or part of the work is done on the host: needs host memory, and a fast bus.
    pub is_offload: bool,
    /// Compiled before the first picture, which takes minutes.
    pub is_compiled: bool,
    /// GPUs it needs.
    pub gpus: u32,
    /// Its resolution, where that is not the workload's default.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
    /// Why what it makes is not the same as the workload's: chosen only by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_work: Option<String>,
    /// Memory it takes.
    pub vram_mib_needed: Option<u32>,
    /// What that figure is.
    pub vram_basis: VramBasis,
    /// The same with its arithmetic.
    pub vram_basis_words: Option<String>,
    /// What its source says of the pictures.
    pub quality_note: Option<String>,
    /// Files to keep.
    pub weights_bytes: Option<u64>,
    /// Speed against 16 bit with everything resident and not compiled, in thousandths, measured on one card.
    pub speed_factor_millis: Option<u32>,
    /// Memory of each further picture of a batch.
    pub batch_mib_per_extra_image: Option<u32>,
    /// What a batch gains, in the source's words.
    pub batch_words: Option<String>,
    /// Whether results may be sold, in short; no legal advice.
    pub licence_commercial: Option<String>,
    /// Where it was read.
    pub source: String,
    /// The source's date.
    pub source_date: Option<String>,
}

impl Variant {
    /// Memory it takes.
    pub fn vram_needed(&self) -> Option<Vram> {
        self.vram_mib_needed.map(Vram::from_mib)
    }

    /// Whether it makes what the workload makes, on one GPU.
    pub fn is_the_workload(&self) -> bool {
        self.gpus == 1 && self.resolution.is_none() && self.other_work.is_none()
    }
}

/// One published figure of speed.
#[derive(Clone, Debug)]
pub struct Benchmark {
    /// The model as the source names it.
    pub model: String,
    /// The workload it is a figure of, where that is not the one that holds it ([`Workload::speed_as`]).
    pub lent_by: Option<String>,
    /// The variant it is a figure of; `None` where it is not used.
    pub variant: Option<String>,
    /// Why it is not used.
    pub unused: Option<String>,
    /// What was assumed in reading it.
    pub cautions: Vec<String>,
    /// What was made.
    pub resolution: Option<Resolution>,
    /// Steps per picture or clip.
    pub steps: Option<u32>,
    /// Precision in the source's words.
    pub precision: String,
    /// Software in the source's words.
    pub software: String,
    /// The card in the source's words.
    pub gpu_label: String,
    /// Its slug in the GPU table, where it is one.
    pub gpu: Option<String>,
    /// Steps per second, in billionths.
    pub steps_per_second_nanos: Option<u64>,
    /// Time of one unit, in microseconds.
    pub micros: Option<u64>,
    /// Where it was read.
    pub source: String,
    /// The source's date, as far as it is known.
    pub date: String,
    /// What kind of evidence it is.
    pub evidence: String,
    /// Rows of one series were measured with the same software.
    pub series: Option<String>,
    /// What else is to be known.
    pub note: Option<String>,
}
