//! The documents that HTTP and the command line print.

use gpurate_domain::gpu::Gpu;
use gpurate_domain::{Nanos, Vram};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    COMPILED_ON, Choice, Fit, Kind, NoSpeed, Resolution, Speed, Table, UnknownWorkload, Variant, Wish, Workload, choose, choose_usual,
    seconds_within,
};
use crate::catalogue;
use crate::words::nearest;

/// Every workload, in short.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkloadsAnswer {
    /// The day the data was compiled.
    pub compiled_on: &'static str,
    /// The rows.
    pub items: Vec<WorkloadRow>,
}

/// A workload in short.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkloadRow {
    /// Stable name.
    pub id: String,
    /// Other names it goes by.
    pub aliases: Vec<String>,
    /// Its name for people.
    pub name: String,
    /// What it makes.
    pub kind: Kind,
    /// What times are counted in.
    pub unit: &'static str,
    /// Steps where nobody says otherwise.
    pub default_steps: Option<u32>,
    /// Resolution where nobody says otherwise.
    #[schema(value_type = Option<String>)]
    pub default_resolution: Option<Resolution>,
    /// Memory with which nothing needs to move.
    pub vram_mib_recommended: Option<u32>,
    /// The least memory of any variant that makes the same.
    pub vram_mib_least: Option<u32>,
    /// Everything that is fetched before the first picture.
    pub download_bytes: Option<u64>,
    /// One picture, clip or checkpoint as a file.
    pub output_bytes: Option<u64>,
    /// Ways to run it.
    pub variants: usize,
    /// Published speeds that are used.
    pub benchmarks: usize,
    /// What the asked-for GPUs do with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<GpuAnswer>,
}

/// One workload with its variants.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkloadAnswer {
    /// The day the data was compiled.
    pub compiled_on: &'static str,
    /// The workload.
    pub workload: Workload,
    /// What the asked-for GPUs do with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<GpuAnswer>,
}

/// What one GPU does with a workload.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GpuAnswer {
    /// The GPU's slug.
    pub gpu: String,
    /// Its name.
    pub name: String,
    /// Memory that was counted with: as asked, else the size on the box, which a card reports a little below.
    pub vram_mib_usable: Option<u32>,
    /// Whether and how the chosen one fits.
    pub fit: Fit,
    /// The variant to run there; null where none can.
    pub chosen: Option<VariantSpeed>,
    /// It fits by figures that are no full peak: it may run out of memory.
    pub is_tight: bool,
    /// The same picture as in 16 bit, by offloading: needs host memory and a fast bus.
    pub second: Option<VariantSpeed>,
    /// The other variants, each with why it is not the one.
    pub passed_over: Vec<PassedOver>,
}

/// A variant with its speed on a GPU.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VariantSpeed {
    /// The variant's name.
    pub variant: String,
    /// Precision and method in words.
    pub precision: String,
    /// Memory it takes.
    pub vram_mib_needed: Option<u32>,
    /// Its weights move between host and card.
    pub is_offload: bool,
    /// It is compiled for minutes before the first picture.
    pub is_compiled: bool,
    /// Its speed; null where that is not known.
    pub speed: Option<Speed>,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed_unknown: Option<String>,
}

/// A variant that is not the one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PassedOver {
    /// The variant's name.
    pub variant: String,
    /// Why.
    pub reason: String,
}

/// What is asked beside the workload.
#[derive(Clone, Debug)]
pub struct Question {
    gpus: Vec<&'static Gpu>,
    variant: Option<String>,
    usable: Option<Vram>,
    steps: Option<u32>,
    resolution: Option<Resolution>,
    offload: Option<bool>,
    compiled: Option<bool>,
}

/// A question that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QuestionError {
    /// The parameter at fault.
    pub parameter: &'static str,
    /// Its value, shortened.
    pub value: String,
    /// What would be right.
    pub message: String,
}

impl Question {
    /// The parameters, in the order of [`Question::parse`].
    pub const PARAMETERS: [&'static str; 7] = ["gpu", "variant", "vram_gib", "steps", "resolution", "offload", "compiled"];

    /// Reads the values of [`Question::PARAMETERS`].
    ///
    /// # Errors
    /// [`QuestionError`] for the first that cannot be used.
    pub fn parse([gpu, variant, vram, steps, resolution, offload, compiled]: [Option<String>; 7]) -> Result<Self, QuestionError> {
        let question = Self {
            gpus: gpu.as_deref().map(gpus).transpose()?.unwrap_or_default(),
            variant,
            usable: vram.as_deref().map(usable).transpose()?,
            steps: steps.as_deref().map(step_count).transpose()?,
            resolution: resolution
                .map(|text| text.parse().map_err(|error: super::ResolutionError| wrong("resolution", &text, error.to_string())))
                .transpose()?,
            offload: is_included("offload", offload.as_deref())?,
            compiled: is_included("compiled", compiled.as_deref())?,
        };
        let without = |parameter: &'static str, given: bool| {
            let message = format!("`{parameter}` is about a GPU: say which with `gpu`");
            if given && question.gpus.is_empty() { Err(wrong(parameter, "", message)) } else { Ok(()) }
        };
        without("variant", question.variant.is_some())?;
        without("vram_gib", question.usable.is_some())?;
        without("steps", question.steps.is_some())?;
        without("resolution", question.resolution.is_some())?;
        Ok(question)
    }

    /// The same, counted with this memory of the cards; `None` leaves it as it was asked.
    #[must_use]
    pub fn counted_with(self, usable: Option<Vram>) -> Self {
        Self { usable: usable.or(self.usable), ..self }
    }

    /// Whether one variant was named.
    pub fn names_a_variant(&self) -> bool {
        self.variant.is_some()
    }
}

fn wrong(parameter: &'static str, value: &str, message: String) -> QuestionError {
    QuestionError { parameter, value: value.chars().take(40).collect(), message }
}

fn gpus(list: &str) -> Result<Vec<&'static Gpu>, QuestionError> {
    let mut gpus: Vec<&'static Gpu> = Vec::new();
    for typed in list.split(',') {
        for gpu in members(typed.trim())? {
            if gpus.iter().all(|other| other.slug != gpu.slug) {
                gpus.push(gpu);
            }
        }
    }
    Ok(gpus)
}

/// A slug, a name or an alias is one GPU; a family is its members.
fn members(typed: &str) -> Result<Vec<&'static Gpu>, QuestionError> {
    let table = catalogue::gpus();
    let shown: String = typed.chars().take(40).collect();
    let found = table.find(typed);
    if found.is_empty() {
        let known = table.gpus().iter().flat_map(|gpu| [gpu.slug.as_str(), gpu.name.as_str(), gpu.family.as_str()]);
        let hint = nearest(&shown, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        return Err(wrong("gpu", typed, format!("no GPU is called `{shown}`{hint}")));
    }
    Ok(found.into_iter().map(|index| table.gpu(index)).collect())
}

fn usable(text: &str) -> Result<Vram, QuestionError> {
    let error = || wrong("vram_gib", text, "`vram_gib` is what the card reports, in GiB from 1 to 4096, such as `22.5`".to_owned());
    let Nanos(nanos) = text.parse().map_err(|_| error())?;
    let mib = nanos / 1_000_000 * 1024 / 1000;
    u32::try_from(mib).ok().filter(|mib| (1024..=4096 * 1024).contains(mib)).map(Vram::from_mib).ok_or_else(error)
}

fn step_count(text: &str) -> Result<u32, QuestionError> {
    let error = || wrong("steps", text, "`steps` must be a whole number from 1 to 10000".to_owned());
    text.parse().ok().filter(|steps| (1..=10_000).contains(steps)).ok_or_else(error)
}

fn is_included(parameter: &'static str, value: Option<&str>) -> Result<Option<bool>, QuestionError> {
    match value {
        None => Ok(None),
        Some("include") => Ok(Some(true)),
        Some("exclude") => Ok(Some(false)),
        Some(other) => Err(wrong(parameter, other, format!("`{parameter}` is `include` or `exclude`"))),
    }
}

/// Every workload, and what the asked-for GPUs do with each.
///
/// # Errors
/// [`QuestionError`] where a variant is named: it would be one of one workload.
pub fn workloads(table: &Table, question: &Question) -> Result<WorkloadsAnswer, QuestionError> {
    if let Some(variant) = &question.variant {
        return Err(wrong("variant", variant, "a variant is one of a workload: say which workload".to_owned()));
    }
    let rows = table.workloads().iter().map(|workload| Ok(row(workload, on(workload, question)?)));
    Ok(WorkloadsAnswer { compiled_on: COMPILED_ON, items: rows.collect::<Result<_, QuestionError>>()? })
}

/// One workload, and what the asked-for GPUs do with it.
///
/// # Errors
/// `Ok(Err(..))` where there is none of this name; [`QuestionError`] where it has no such variant.
pub fn workload(table: &Table, id: &str, question: &Question) -> Result<Result<WorkloadAnswer, UnknownWorkload>, QuestionError> {
    let workload = match table.find(id) {
        Ok(workload) => workload,
        Err(unknown) => return Ok(Err(unknown)),
    };
    let on = on(workload, question)?;
    Ok(Ok(WorkloadAnswer { compiled_on: COMPILED_ON, workload: workload.clone(), on }))
}

fn row(workload: &Workload, on: Vec<GpuAnswer>) -> WorkloadRow {
    let own = workload.variants.iter().filter(|variant| variant.is_the_workload());
    WorkloadRow {
        id: workload.id.clone(),
        aliases: workload.aliases.clone(),
        name: workload.name.clone(),
        kind: workload.kind,
        unit: workload.unit,
        default_steps: workload.default_steps,
        default_resolution: workload.default_resolution,
        vram_mib_recommended: workload.vram_mib_recommended,
        vram_mib_least: own.filter_map(|variant| variant.vram_mib_needed).min(),
        download_bytes: workload.download_bytes,
        output_bytes: workload.output_bytes,
        variants: workload.variants.len(),
        benchmarks: workload.benchmarks.iter().filter(|row| row.variant.is_some() && row.gpu.is_some()).count(),
        on,
    }
}

fn on(workload: &Workload, question: &Question) -> Result<Vec<GpuAnswer>, QuestionError> {
    question.gpus.iter().map(|gpu| one(workload, gpu, question)).collect()
}

fn one(workload: &Workload, gpu: &Gpu, question: &Question) -> Result<GpuAnswer, QuestionError> {
    // Without a figure of its memory nothing fits, and the reasons say so.
    let usable = question.usable.or(gpu.vram());
    let memory = usable.unwrap_or(Vram::from_mib(0));
    let choice: Choice = match (&question.variant, question.offload, question.compiled) {
        (None, None, None) => choose_usual(workload, gpu, memory).1,
        (named, offload, compiled) => {
            let best = Wish::Best { offload: offload.unwrap_or(true), compiled: compiled.unwrap_or(true) };
            choose(workload, gpu, memory, named.as_deref().map_or(best, Wish::Named))
                .map_err(|unknown| wrong("variant", &unknown.typed, unknown.to_string()))?
        }
    };
    let with_speed = |variant: &Variant| {
        let speed = seconds_within(workload, variant, gpu, usable, question.steps, question.resolution);
        VariantSpeed {
            variant: variant.name.clone(),
            precision: variant.precision.clone(),
            vram_mib_needed: variant.vram_mib_needed,
            is_offload: variant.is_offload,
            is_compiled: variant.is_compiled,
            speed_unknown: speed.as_ref().err().map(NoSpeed::to_string),
            speed: speed.ok(),
        }
    };
    let passed_over = choice
        .passed_over
        .iter()
        .map(|(variant, reason)| PassedOver { variant: variant.name.clone(), reason: reason.to_string() })
        .collect();
    Ok(GpuAnswer {
        gpu: gpu.slug.clone(),
        name: gpu.name.clone(),
        vram_mib_usable: usable.map(|usable| usable.mib),
        fit: choice.chosen.map_or(
            Fit::None,
            |variant| {
                if variant.is_offload || variant.is_compiled { Fit::WithMeans } else { Fit::Resident }
            },
        ),
        chosen: choice.chosen.map(with_speed),
        is_tight: choice.tight,
        second: choice.second.map(with_speed),
        passed_over,
    })
}
