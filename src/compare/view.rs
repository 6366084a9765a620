//! The comparison as programs and people read it: typed figures, and the same in rows of words.

use chrono::{DateTime, Utc};
use gpurate_domain::Nanos;
use gpurate_domain::gpu::Gpu;
use serde::Serialize;
use utoipa::ToSchema;

use super::WorkloadOnCard;
use crate::prices::{Coverage, Figure, GpuRow};
use crate::simulate::BusyShare;
use crate::words::{age, grouped, rounded};
use crate::workloads::{Kind, Resolution};

/// Two cards side by side.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Comparison {
    /// The moment ages count to.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: DateTime<Utc>,
    /// Of the market that was asked.
    pub market_version: u64,
    /// Every price comes from made-up samples.
    pub sample: bool,
    /// The day the data of workloads and speeds was compiled.
    pub compiled_on: &'static str,
    /// The two, as they were named.
    pub gpus: [ComparedGpu; 2],
    /// What they are and cost, in rows of words; the figures behind them are in `gpus`.
    pub rows: Vec<ComparisonRow>,
    /// Every workload on both.
    pub workloads: Vec<ComparedWorkload>,
    /// What is in the prices, and what is not, and why.
    pub coverage: Coverage,
}

/// One of the two.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ComparedGpu {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub specs: ComparedSpecs,
    /// The cheapest on demand, by the defaults of the cheapest view.
    pub on_demand: Option<Figure>,
    /// The cheapest as spot.
    pub spot: Option<Figure>,
    /// The last price on demand, where there is none now: no cost rests on it.
    pub last_on_demand: Option<Figure>,
    /// The last price as spot.
    pub last_spot: Option<Figure>,
    /// What a GiB of its memory costs.
    pub vram_hour: VramHour,
}

/// USD per GiB of nominal memory and hour, by the cheapest rentable price of a market, rounded half up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct VramHour {
    /// On demand.
    #[schema(value_type = Option<String>)]
    pub on_demand_usd_per_gib_hour: Option<Nanos>,
    /// As spot.
    #[schema(value_type = Option<String>)]
    pub spot_usd_per_gib_hour: Option<Nanos>,
}

/// How the products of the FP16 rate are summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Accumulate {
    /// In FP16; with FP32 the rate is another.
    Fp16,
    /// The rate is the same in FP16 and FP32.
    Either,
    /// Not known.
    Unknown,
}

/// What a card is. Rates are decimal text as the table has them; null is "not found".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ComparedSpecs {
    /// Maker.
    pub manufacturer: Option<String>,
    /// Architecture.
    pub architecture: Option<String>,
    /// Nominal memory.
    pub vram_gib: Option<u32>,
    /// Its kind.
    pub memory_type: Option<String>,
    /// Memory bandwidth.
    pub bandwidth_gb_s: Option<String>,
    /// Dense FP16 matrix rate, in the mode of `fp16_tensor_accumulate`.
    pub fp16_tensor_tflops: Option<String>,
    /// How that rate sums up.
    pub fp16_tensor_accumulate: Accumulate,
    /// The rate with FP32 accumulate.
    pub fp16_tensor_fp32_accumulate_tflops: Option<String>,
    /// FP32 rate.
    pub fp32_tflops: Option<String>,
    /// Power.
    pub tdp_w: Option<u32>,
    /// Year of release.
    pub release_year: Option<u32>,
    /// `consumer`, `workstation` or `datacenter`.
    pub segment: Option<String>,
    /// Computes in BF16.
    pub bf16: Option<bool>,
    /// Computes in FP8.
    pub fp8: Option<bool>,
    /// Computes in FP4.
    pub fp4: Option<bool>,
    /// Where this was read.
    pub source: Option<String>,
}

/// Which row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowId {
    /// Maker.
    Manufacturer,
    /// Architecture.
    Architecture,
    /// Memory and its kind.
    Vram,
    /// Memory bandwidth.
    Bandwidth,
    /// FP16 matrix rate.
    Fp16Tensor,
    /// FP32 rate.
    Fp32,
    /// Power.
    Tdp,
    /// Year of release.
    ReleaseYear,
    /// Segment.
    Segment,
    /// Computes in BF16.
    Bf16,
    /// Computes in FP8.
    Fp8,
    /// Computes in FP4.
    Fp4,
    /// Cheapest on demand.
    OnDemand,
    /// Its providers.
    OnDemandProviders,
    /// Its median.
    OnDemandMedian,
    /// Its age.
    OnDemandAge,
    /// Cheapest spot.
    Spot,
    /// Its providers.
    SpotProviders,
    /// Its median.
    SpotMedian,
    /// Its age.
    SpotAge,
    /// A GiB of memory and hour on demand.
    OnDemandVramHour,
    /// The same as spot.
    SpotVramHour,
}

/// A row of words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ComparisonRow {
    /// Which.
    pub id: RowId,
    /// Its name in English.
    pub label: &'static str,
    /// Its two values, in the order of `gpus`; null is "not known".
    pub words: [Option<String>; 2],
    /// What is to be known of them.
    pub notes: [Option<String>; 2],
}

/// A workload on both cards.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ComparedWorkload {
    /// Its id.
    pub workload: String,
    /// Its name.
    pub name: String,
    /// What it makes.
    pub kind: Kind,
    /// What times and costs are of: `image`, `training step` or `clip`.
    pub unit: &'static str,
    /// Steps of one.
    pub steps: Option<u32>,
    /// Of one.
    #[schema(value_type = Option<String>)]
    pub resolution: Option<Resolution>,
    /// In the order of `gpus`.
    pub on: [WorkloadOnCard; 2],
    /// The ranges of the times overlap: which card is faster is not known. Null where a time is not known.
    pub tied: Option<bool>,
    /// Both times rest on figures of one series, measured with the same software; false: of several, which say little
    /// against each other. Null where not both are measured on their own card.
    pub one_series: Option<bool>,
    /// Above which share of computing the dearer card costs less, by the cheapest rentable prices on demand.
    pub busy_share: Option<BusyShare>,
    /// Why that cannot be said.
    pub busy_share_unknown: Option<String>,
}

impl ComparedGpu {
    pub(super) fn new(row: &GpuRow) -> Self {
        let GpuRow { gpu, on_demand, spot, .. } = row;
        let per_gib = |figure: &Option<Figure>| {
            let figure = figure.as_ref().filter(|figure| figure.rentable)?;
            let gib = i64::from(gpu.vram_gib.filter(|gib| *gib > 0)?);
            Some(Nanos(figure.usd_per_gpu_hour.nanos.checked_add(gib / 2)? / gib))
        };
        Self {
            slug: gpu.slug.clone(),
            name: gpu.name.clone(),
            specs: specs(gpu),
            vram_hour: VramHour { on_demand_usd_per_gib_hour: per_gib(on_demand), spot_usd_per_gib_hour: per_gib(spot) },
            on_demand: on_demand.clone(),
            spot: spot.clone(),
            last_on_demand: row.last_on_demand.clone(),
            last_spot: row.last_spot.clone(),
        }
    }
}

fn specs(gpu: &Gpu) -> ComparedSpecs {
    let accumulate = match (&gpu.fp16_tensor_dense_tflops, &gpu.fp16_tensor_fp32acc_dense_tflops) {
        (Some(rate), Some(with_fp32)) if rate == with_fp32 => Accumulate::Either,
        (Some(_), Some(_)) => Accumulate::Fp16,
        _ => Accumulate::Unknown,
    };
    ComparedSpecs {
        manufacturer: gpu.manufacturer.clone(),
        architecture: gpu.architecture.clone(),
        vram_gib: gpu.vram_gib,
        memory_type: gpu.memory_type.clone(),
        bandwidth_gb_s: gpu.bandwidth_gb_s.clone(),
        fp16_tensor_tflops: gpu.fp16_tensor_dense_tflops.clone(),
        fp16_tensor_accumulate: accumulate,
        fp16_tensor_fp32_accumulate_tflops: gpu.fp16_tensor_fp32acc_dense_tflops.clone(),
        fp32_tflops: gpu.fp32_tflops.clone(),
        tdp_w: gpu.tdp_w,
        release_year: gpu.release_year,
        segment: gpu.segment.clone(),
        bf16: gpu.bf16_supported,
        fp8: gpu.fp8_supported,
        fp4: gpu.fp4_supported,
        source: gpu.source.clone(),
    }
}

/// A matrix rate as it is read: from 100 on without decimals, rounded half up.
pub(super) fn tensor_rate(decimal: &str) -> String {
    const UNIT: i64 = gpurate_domain::money::NANOS_PER_UNIT;
    match decimal.parse::<Nanos>() {
        Ok(Nanos(nanos)) if nanos >= 100 * UNIT => grouped(&((nanos + UNIT / 2) / UNIT).to_string()),
        _ => decimal.to_owned(),
    }
}

fn accumulate_words(specs: &ComparedSpecs) -> Option<String> {
    specs.fp16_tensor_tflops.as_ref()?;
    Some(match (specs.fp16_tensor_accumulate, &specs.fp16_tensor_fp32_accumulate_tflops) {
        (Accumulate::Fp16, Some(rate)) => format!("dense, FP16 accumulate; {} with FP32 accumulate", tensor_rate(rate)),
        (Accumulate::Either, _) => "dense, FP16 or FP32 accumulate".to_owned(),
        _ => "dense; accumulate mode not known".to_owned(),
    })
}

/// The rows in the order they are shown.
pub(super) fn rows(gpus: &[ComparedGpu; 2]) -> Vec<ComparisonRow> {
    type Words = fn(&ComparedGpu) -> Option<String>;
    let spec: [(RowId, &'static str, Words); 12] = [
        (RowId::Manufacturer, "manufacturer", |gpu| gpu.specs.manufacturer.clone()),
        (RowId::Architecture, "architecture", |gpu| gpu.specs.architecture.clone()),
        (RowId::Vram, "VRAM", |gpu| {
            let kind = gpu.specs.memory_type.as_deref().unwrap_or_default();
            gpu.specs.vram_gib.map(|gib| format!("{gib} GB {kind}").trim_end().to_owned())
        }),
        (RowId::Bandwidth, "bandwidth", |gpu| gpu.specs.bandwidth_gb_s.as_ref().map(|rate| format!("{} GB/s", grouped(rate)))),
        (RowId::Fp16Tensor, "FP16 tensor (TFLOPS)", |gpu| gpu.specs.fp16_tensor_tflops.as_deref().map(tensor_rate)),
        (RowId::Fp32, "FP32 (TFLOPS)", |gpu| gpu.specs.fp32_tflops.clone()),
        (RowId::Tdp, "TDP", |gpu| gpu.specs.tdp_w.map(|watts| format!("{watts} W"))),
        (RowId::ReleaseYear, "released", |gpu| gpu.specs.release_year.map(|year| year.to_string())),
        (RowId::Segment, "segment", |gpu| gpu.specs.segment.clone()),
        (RowId::Bf16, "BF16", |gpu| gpu.specs.bf16.map(yes_no)),
        (RowId::Fp8, "FP8", |gpu| gpu.specs.fp8.map(yes_no)),
        (RowId::Fp4, "FP4", |gpu| gpu.specs.fp4.map(yes_no)),
    ];
    let mut rows: Vec<ComparisonRow> = spec
        .into_iter()
        .map(|(id, label, words)| {
            let notes = if id == RowId::Fp16Tensor { [0, 1].map(|side| accumulate_words(&gpus[side].specs)) } else { [None, None] };
            ComparisonRow { id, label, words: [0, 1].map(|side| words(&gpus[side])), notes }
        })
        .collect();
    type Figures = fn(&ComparedGpu) -> Option<&Figure>;
    let mut of_market = |ids: [RowId; 4], labels: [&'static str; 4], figure: Figures, last: Figures| {
        let [price, providers, median, seen] = ids;
        let mut push = |id, label, words: fn(&Figure) -> String, notes: fn(&Figure) -> Option<String>| {
            let figures = [0, 1].map(|side| figure(&gpus[side]));
            rows.push(ComparisonRow {
                id,
                label,
                words: figures.map(|figure| figure.map(words)),
                notes: figures.map(|figure| figure.and_then(notes)),
            });
        };
        push(price, labels[0], per_hour, price_note);
        push(providers, labels[1], |figure| figure.providers.to_string(), |_| None);
        push(median, labels[2], |figure| format!("{} USD/h", rounded(figure.median_usd_per_gpu_hour.nanos)), |_| None);
        push(seen, labels[3], |figure| age(figure.age_seconds), |_| None);
        // Where nothing is fresh the last price stands in the place of none, and says that it is old.
        let place = rows.len() - 4;
        for (side, gpu) in gpus.iter().enumerate() {
            if let (None, Some(last)) = (figure(gpu), last(gpu)) {
                rows[place].words[side] = Some(format!("none fresh; last {}", per_hour(last)));
                rows[place].notes[side] = Some(format!("{}, offer {}, seen {} ago", last.provider, last.id, age(last.age_seconds)));
            }
        }
    };
    of_market(
        [RowId::OnDemand, RowId::OnDemandProviders, RowId::OnDemandMedian, RowId::OnDemandAge],
        ["cheapest on demand", "providers on demand", "median on demand", "seen"],
        |gpu| gpu.on_demand.as_ref(),
        |gpu| gpu.last_on_demand.as_ref(),
    );
    of_market(
        [RowId::Spot, RowId::SpotProviders, RowId::SpotMedian, RowId::SpotAge],
        ["cheapest spot", "providers of spot", "median of spot", "seen"],
        |gpu| gpu.spot.as_ref(),
        |gpu| gpu.last_spot.as_ref(),
    );
    type Amount = fn(&ComparedGpu) -> Option<(Nanos, &Figure)>;
    let mut per_gib = |id, label, amount: Amount| {
        let words = [0, 1].map(|side| amount(&gpus[side]).map(|(nanos, figure)| format!("{}{} USD", from(figure), rounded(nanos.0))));
        rows.push(ComparisonRow { id, label, words, notes: [None, None] });
    };
    per_gib(RowId::OnDemandVramHour, "GB of VRAM and hour, on demand", |gpu| {
        gpu.vram_hour.on_demand_usd_per_gib_hour.zip(gpu.on_demand.as_ref())
    });
    per_gib(RowId::SpotVramHour, "GB of VRAM and hour, spot", |gpu| gpu.vram_hour.spot_usd_per_gib_hour.zip(gpu.spot.as_ref()));
    rows
}

/// What stands before a price that is a lower bound.
fn from(figure: &Figure) -> &'static str {
    if figure.price_kind.is_from() { "from " } else { "" }
}

fn per_hour(figure: &Figure) -> String {
    format!("{}{} USD/h", from(figure), rounded(figure.usd_per_gpu_hour.nanos))
}

fn price_note(figure: &Figure) -> Option<String> {
    let outside = if figure.rentable { "" } else { "; outside the usual limits" };
    Some(format!("{}, offer {}{outside}", figure.provider, figure.id))
}

fn yes_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}
