//! The data: four CSV files that are compiled in, read once. A cell is a number or empty; words have columns of their own.

use std::collections::HashMap;
use std::sync::LazyLock;

use gpurate_domain::{GpuTable, Nanos};
use serde::Deserialize;

use super::{Benchmark, Feature, Kind, Sources, Variant, VramBasis, Workload};
use crate::catalogue;

const WORKLOADS: &str = include_str!("data/workloads.csv");
const VARIANTS: &str = include_str!("data/variants.csv");
const BENCHMARKS: &str = include_str!("data/benchmarks.csv");
const GPU_LABELS: &str = include_str!("data/gpu_labels.csv");

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::builtin(catalogue::gpus()).expect("every row is read by a test"));

/// The workloads that are compiled in.
pub fn table() -> &'static Table {
    &TABLE
}

/// Workloads by id and alias.
#[derive(Debug)]
pub struct Table {
    workloads: Vec<Workload>,
    names: HashMap<String, usize>,
    /// Published figures of models that are no workload here, and of cards that are not in the GPU table.
    pub(super) others: Vec<Benchmark>,
}

/// A row that cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {row}: {reason}")]
pub struct TableError {
    file: &'static str,
    row: String,
    reason: String,
}

/// No workload is called so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no workload is called `{typed}`{}", hint(.near))]
pub struct UnknownWorkload {
    /// What was asked for.
    pub typed: String,
    /// Ids whose names are near it, nearest first.
    pub near: Vec<String>,
}

fn hint(near: &[String]) -> String {
    match near {
        [] => String::new(),
        near => format!("; did you mean {}?", near.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(" or ")),
    }
}

/// A name as it is compared: letters and digits only, in lower case.
pub(super) fn fold(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

impl Table {
    /// Every workload, in the table's order.
    pub fn workloads(&self) -> &[Workload] {
        &self.workloads
    }

    /// The workload of this id or alias.
    ///
    /// # Errors
    /// [`UnknownWorkload`] with at most three near ids.
    pub fn find(&self, typed: &str) -> Result<&Workload, UnknownWorkload> {
        let folded = fold(typed);
        if let Some(index) = self.names.get(&folded) {
            return Ok(&self.workloads[*index]);
        }
        let typed: String = typed.chars().take(40).collect();
        let folded: String = folded.chars().take(40).collect();
        let distance = |name: &str| {
            let part_of = folded.len() >= 3 && name.contains(&folded);
            if part_of { 0 } else { strsim::damerau_levenshtein(&folded, name) }
        };
        let mut near: Vec<(usize, usize)> = self
            .names
            .iter()
            .map(|(name, index)| (distance(name), name, *index))
            .filter(|(distance, name, _)| *distance <= 1 + name.chars().count() / 4)
            .map(|(distance, _, index)| (distance, index))
            .collect();
        near.sort_unstable();
        let mut ids: Vec<String> = Vec::new();
        for (_, index) in near {
            let id = &self.workloads[index].id;
            if !ids.contains(id) {
                ids.push(id.clone());
            }
        }
        ids.truncate(3);
        Err(UnknownWorkload { typed, near: ids })
    }

    fn builtin(gpus: &GpuTable) -> Result<Self, TableError> {
        Self::read(gpus, WORKLOADS, VARIANTS, BENCHMARKS, GPU_LABELS)
    }

    pub(super) fn read(gpus: &GpuTable, workloads: &str, variants: &str, benchmarks: &str, labels: &str) -> Result<Self, TableError> {
        let mut table = Self { workloads: Vec::new(), names: HashMap::new(), others: Vec::new() };
        for row in rows::<WorkloadRow>("workloads.csv", workloads)? {
            let id = row.id.clone();
            let workload = row.workload().map_err(|reason| bad("workloads.csv", &id, reason))?;
            let index = table.workloads.len();
            for name in workload.aliases.iter().chain([&workload.id]) {
                if table.names.insert(fold(name), index).is_some_and(|other| other != index) {
                    return Err(bad("workloads.csv", &id, format!("`{name}` names two workloads")));
                }
            }
            table.workloads.push(workload);
        }
        for row in rows::<VariantRow>("variants.csv", variants)? {
            let name = format!("{} {}", row.workload, row.variant);
            let variant = row.variant().map_err(|reason| bad("variants.csv", &name, reason))?;
            let workload = table.mutable(&variant.workload).ok_or_else(|| bad("variants.csv", &name, "no such workload".to_owned()))?;
            if workload.variant(&variant.name).is_some() {
                return Err(bad("variants.csv", &name, "twice".to_owned()));
            }
            workload.variants.push(variant);
        }
        let labels = read_labels(gpus, labels)?;
        for (number, row) in rows::<BenchmarkRow>("benchmarks.csv", benchmarks)?.into_iter().enumerate() {
            let name = format!("row {} ({} on {})", number + 2, row.model, row.gpu);
            let id = row.workload.clone();
            let benchmark = row.benchmark(&labels).map_err(|reason| bad("benchmarks.csv", &name, reason))?;
            let Some(workload) = id.as_deref().and_then(|id| table.mutable(id)) else {
                table.others.push(benchmark);
                continue;
            };
            if benchmark.variant.as_ref().is_some_and(|variant| workload.variant(variant).is_none()) {
                return Err(bad("benchmarks.csv", &name, "no such variant".to_owned()));
            }
            workload.benchmarks.push(benchmark);
        }
        table.lend()?;
        Ok(table)
    }

    /// Gives each workload whose steps are another's that one's figures.
    fn lend(&mut self) -> Result<(), TableError> {
        for index in 0..self.workloads.len() {
            let Some(other) = self.workloads[index].speed_as.clone() else { continue };
            let lender = self.workloads.iter().find(|workload| workload.id == other);
            let lender = lender.ok_or_else(|| bad("workloads.csv", &self.workloads[index].id, format!("`{other}` is no workload")))?;
            let caution = format!("per step as {}: encoding and decoding weigh more where steps are few", lender.name);
            let has = |name: &String| self.workloads[index].variants.iter().any(|variant| variant.name == *name);
            let lent = lender.benchmarks.iter().filter(|row| row.variant.as_ref().is_some_and(has)).map(|row| Benchmark {
                lent_by: Some(other.clone()),
                cautions: row.cautions.iter().chain([&caution]).cloned().collect(),
                ..row.clone()
            });
            let lent: Vec<Benchmark> = lent.collect();
            self.workloads[index].benchmarks.extend(lent);
        }
        Ok(())
    }

    fn mutable(&mut self, id: &str) -> Option<&mut Workload> {
        self.workloads.iter_mut().find(|workload| workload.id == id)
    }
}

fn bad(file: &'static str, row: &str, reason: String) -> TableError {
    TableError { file, row: row.to_owned(), reason }
}

fn rows<T: for<'de> Deserialize<'de>>(file: &'static str, text: &str) -> Result<Vec<T>, TableError> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader
        .deserialize()
        .enumerate()
        .map(|(number, row)| row.map_err(|error| bad(file, &format!("row {}", number + 2), error.to_string())))
        .collect()
}

/// What a benchmark's name of a card means: its slug, where it is one, and what was assumed.
type Labels = HashMap<String, (Option<String>, Option<String>)>;

fn read_labels(gpus: &GpuTable, text: &str) -> Result<Labels, TableError> {
    let exact = gpus.gpus().iter().map(|gpu| (gpu.name.clone(), (Some(gpu.slug.clone()), None)));
    let mut labels: Labels = exact.collect();
    for row in rows::<LabelRow>("gpu_labels.csv", text)? {
        if row.slug.as_deref().is_some_and(|slug| gpus.by_slug(slug).is_none()) {
            return Err(bad("gpu_labels.csv", &row.label, "no such GPU".to_owned()));
        }
        let caution = row.slug.is_some().then_some(row.why);
        if labels.insert(row.label.clone(), (row.slug, caution)).is_some() {
            return Err(bad("gpu_labels.csv", &row.label, "is a GPU's own name, or stands twice".to_owned()));
        }
    }
    Ok(labels)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelRow {
    label: String,
    slug: Option<String>,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WorkloadRow {
    id: String,
    aliases: String,
    name: String,
    kind: String,
    precision: Option<String>,
    vram_min_gib: Option<String>,
    vram_min_basis: Option<String>,
    vram_recommended_gib: Option<String>,
    vram_recommended_basis: Option<String>,
    checkpoint_gb: Option<String>,
    download_gb: Option<String>,
    default_steps: Option<u32>,
    default_resolution: Option<String>,
    passes_per_step: Option<u32>,
    tflop_per_step: Option<String>,
    tflop_source: Option<String>,
    speed_as: Option<String>,
    output_mb: Option<String>,
    output_basis: Option<String>,
    vram_source: Option<String>,
    size_source: Option<String>,
    steps_source: Option<String>,
    note: Option<String>,
}

impl WorkloadRow {
    fn workload(self) -> Result<Workload, String> {
        let kind = match self.kind.as_str() {
            "image" => Kind::Image,
            "training" => Kind::Training,
            "video" => Kind::Video,
            other => return Err(format!("`{other}` is no kind")),
        };
        Ok(Workload {
            aliases: self.aliases.split_whitespace().map(str::to_owned).collect(),
            name: self.name,
            kind,
            unit: kind.unit(),
            precision: self.precision,
            vram_mib_min: mib(self.vram_min_gib)?,
            vram_min_basis: self.vram_min_basis,
            vram_mib_recommended: mib(self.vram_recommended_gib)?,
            vram_recommended_basis: self.vram_recommended_basis,
            checkpoint_bytes: units(self.checkpoint_gb, 1)?,
            download_bytes: units(self.download_gb, 1)?,
            default_steps: self.default_steps,
            default_resolution: self.default_resolution.map(|text| text.parse()).transpose().map_err(text)?,
            passes_per_step: self.passes_per_step,
            gflop_per_step: units(self.tflop_per_step, 1_000_000)?,
            gflop_source: self.tflop_source,
            speed_as: self.speed_as,
            output_bytes: units(self.output_mb, 1_000)?,
            output_basis: self.output_basis,
            sources: Sources { vram: self.vram_source, sizes: self.size_source, steps: self.steps_source },
            note: self.note,
            variants: Vec::new(),
            benchmarks: Vec::new(),
            id: self.id,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VariantRow {
    workload: String,
    variant: String,
    precision: String,
    quality_bits: u8,
    needs: Option<String>,
    offload: String,
    compiled: String,
    gpus: u32,
    resolution: Option<String>,
    other_work: Option<String>,
    vram_gib_needed: Option<String>,
    vram_basis: String,
    vram_basis_text: Option<String>,
    quality_note: Option<String>,
    weights_gb: Option<String>,
    speed_factor: Option<String>,
    batch_vram_gib_per_extra_image: Option<String>,
    batch_speedup: Option<String>,
    licence_commercial: Option<String>,
    source: String,
    source_date: Option<String>,
}

impl VariantRow {
    fn variant(self) -> Result<Variant, String> {
        let needs = match self.needs.as_deref().unwrap_or("") {
            "" => Feature::None,
            "bf16" => Feature::Bf16,
            "int8" => Feature::Int8,
            "int4_svdquant" => Feature::Int4Svdquant,
            "int4_torchao" => Feature::Int4Torchao,
            "fp8" => Feature::Fp8,
            "fp4" => Feature::Fp4,
            other => return Err(format!("`{other}` is no feature")),
        };
        let vram_basis = match self.vram_basis.as_str() {
            "reserved" => VramBasis::Reserved,
            "allocated" => VramBasis::Allocated,
            "peak" => VramBasis::Peak,
            "derived" => VramBasis::Derived,
            "documented" => VramBasis::Documented,
            "third_party" => VramBasis::ThirdParty,
            "card_size" => VramBasis::CardSize,
            "lower_bound" => VramBasis::LowerBound,
            "unknown" => VramBasis::Unknown,
            other => return Err(format!("`{other}` is no basis")),
        };
        let needed = mib(self.vram_gib_needed)?;
        if needed.is_none() != (vram_basis == VramBasis::Unknown) {
            return Err("a figure of memory has a basis, and none has none".to_owned());
        }
        if !matches!(self.quality_bits, 2 | 4 | 8 | 16) || self.gpus == 0 || self.source.is_empty() {
            return Err("quality is 16, 8, 4 or 2 bits; one GPU at least; a source".to_owned());
        }
        Ok(Variant {
            workload: self.workload,
            name: self.variant,
            precision: self.precision,
            quality_bits: self.quality_bits,
            needs,
            is_offload: yes(&self.offload)?,
            is_compiled: yes(&self.compiled)?,
            gpus: self.gpus,
            resolution: self.resolution.map(|text| text.parse()).transpose().map_err(text)?,
            other_work: self.other_work,
            vram_mib_needed: needed,
            vram_basis,
            vram_basis_words: self.vram_basis_text,
            quality_note: self.quality_note,
            weights_bytes: units(self.weights_gb, 1)?,
            speed_factor_millis: narrow(units(self.speed_factor, 1_000_000)?)?,
            batch_mib_per_extra_image: mib(self.batch_vram_gib_per_extra_image)?,
            batch_words: self.batch_speedup,
            licence_commercial: self.licence_commercial,
            source: self.source,
            source_date: self.source_date,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BenchmarkRow {
    workload: Option<String>,
    model: String,
    variant: Option<String>,
    unused: Option<String>,
    caution: Option<String>,
    resolution: Option<String>,
    steps: Option<u32>,
    #[serde(rename = "batch")]
    _batch: String,
    precision: String,
    software: String,
    gpu: String,
    it_per_s: Option<String>,
    seconds: Option<String>,
    source: String,
    date: String,
    evidence: String,
    series: Option<String>,
    note: Option<String>,
}

impl BenchmarkRow {
    fn benchmark(self, labels: &Labels) -> Result<Benchmark, String> {
        let (gpu, assumed) = labels.get(&self.gpu).cloned().ok_or("the card is neither in the GPU table nor in gpu_labels.csv")?;
        let mut cautions: Vec<String> = self.caution.iter().flat_map(|text| text.split("; ")).map(str::to_owned).collect();
        cautions.extend(assumed);
        if self.variant.is_some() == self.unused.is_some() {
            return Err("a figure has a variant, or a reason why it is not used".to_owned());
        }
        let steps_per_second_nanos = units(self.it_per_s, 1)?;
        let micros = units(self.seconds, 1_000)?;
        let is_zero = |value: Option<u64>| value == Some(0);
        if is_zero(steps_per_second_nanos) || is_zero(micros) || self.steps == Some(0) {
            return Err("a zero".to_owned());
        }
        if self.variant.is_some() && steps_per_second_nanos.is_none() && micros.is_none() {
            return Err("no figure".to_owned());
        }
        Ok(Benchmark {
            model: self.model,
            lent_by: None,
            variant: self.variant,
            unused: self.unused,
            cautions,
            resolution: self.resolution.map(|text| text.parse()).transpose().map_err(text)?,
            steps: self.steps,
            precision: self.precision,
            software: self.software,
            gpu_label: self.gpu,
            gpu,
            steps_per_second_nanos,
            micros,
            source: self.source,
            date: self.date,
            evidence: self.evidence,
            series: self.series,
            note: self.note,
        })
    }
}

fn text(error: impl ToString) -> String {
    error.to_string()
}

fn yes(word: &str) -> Result<bool, String> {
    match word {
        "yes" => Ok(true),
        "no" => Ok(false),
        other => Err(format!("`{other}` is neither yes nor no")),
    }
}

/// Decimal text × 10⁹ ÷ `divisor`, exact: GB to bytes (1), MB to bytes (1000), thousandths (10⁶).
fn units(decimal: Option<String>, divisor: u64) -> Result<Option<u64>, String> {
    let Some(decimal) = decimal else { return Ok(None) };
    let Nanos(nanos) = decimal.parse().map_err(text)?;
    let nanos = u64::try_from(nanos).map_err(|_| format!("`{decimal}` is below zero"))?;
    if nanos % divisor != 0 {
        return Err(format!("`{decimal}` has more decimals than are kept"));
    }
    Ok(Some(nanos / divisor))
}

/// GiB as decimal text to whole MiB, rounded to the nearest.
fn mib(gib: Option<String>) -> Result<Option<u32>, String> {
    let Some(nanos) = units(gib, 1)? else { return Ok(None) };
    narrow(Some((nanos.saturating_mul(1024) + 500_000_000) / 1_000_000_000))
}

fn narrow(value: Option<u64>) -> Result<Option<u32>, String> {
    value.map(|value| u32::try_from(value).map_err(|_| format!("{value} is too large"))).transpose()
}
