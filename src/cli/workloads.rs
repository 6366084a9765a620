//! `gpurate workloads`: what people run on GPUs, in which variants, and how fast a GPU is at it.

use clap::Args;

use super::table::{Table, facts};
use super::words::{self, or_unknown};
use super::{Context, Outcome, Usage, out};
use crate::workloads::{
    self, Basis, Feature, GpuAnswer, Question, Range, Resolution, Speed, Variant, VariantSpeed, VramBasis, Workload, WorkloadRow,
};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gpurate workloads                                   what is known\n  gpurate workloads flux1-dev                         its variants: memory, speed, what each needs\n  gpurate workloads flux1-dev --gpu rtx-4090          the variant that card runs, and how long a picture takes\n  gpurate workloads sdxl --gpu t4,l4,a10 --steps 20   several cards\n  gpurate workloads --gpu rtx-3090                    everything on one card\n  gpurate workloads flux1-dev --gpu l4 --vram-gib 22.5 --variant nf4_resident\n\nA time is measured on that card, or multiplied from what was measured there in another variant, or an\nestimate from another card; it is marked which, and an estimate is a range. What is not known stays so."
)]
pub(super) struct Arguments {
    /// Only this one, by id or another of its names: `flux1-dev`, `sdxl`, `sd15`.
    workload: Option<String>,
    /// What these GPUs do with it: slugs, names or families.
    #[arg(long, value_name = "GPU,...", value_delimiter = ',')]
    gpu: Vec<String>,
    /// This variant, not the best that fits.
    #[arg(long, value_name = "NAME")]
    variant: Option<String>,
    /// Memory that the card reports, where it is not the size on the box.
    #[arg(long, value_name = "GIB")]
    vram_gib: Option<String>,
    /// Steps of one picture or clip [default: the workload's].
    #[arg(long, value_name = "COUNT")]
    steps: Option<String>,
    /// Such as `1024x1024`, or `832x480x81` for a clip of 81 frames [default: the workload's].
    #[arg(long, value_name = "SIZE")]
    resolution: Option<String>,
    /// Variants whose weights move between host and card: `include` or `exclude` [default: only where nothing else fits].
    #[arg(long, value_name = "WORD")]
    offload: Option<String>,
    /// Variants that are compiled for minutes before the first picture: `include` or `exclude` [default: as `--offload`].
    #[arg(long, value_name = "WORD")]
    compiled: Option<String>,
    /// The API's own document.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(_: &Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    let gpus = (!arguments.gpu.is_empty()).then(|| arguments.gpu.join(","));
    let question = Question::parse([
        gpus,
        arguments.variant.clone(),
        arguments.vram_gib.clone(),
        arguments.steps.clone(),
        arguments.resolution.clone(),
        arguments.offload.clone(),
        arguments.compiled.clone(),
    ])
    .map_err(usage)?;
    let table = workloads::table();
    let Some(id) = &arguments.workload else {
        let answer = workloads::workloads(table, &question).map_err(usage)?;
        if arguments.json {
            out::json(&answer)?;
        } else if arguments.gpu.is_empty() {
            out::text(&format!("{}\nOne of them with its variants: gpurate workloads ID; on a card: --gpu GPU", list(&answer.items)))?;
        } else {
            out::text(&format!("{}\n{LEGEND}", everything_on(&answer.items)))?;
        }
        return Ok(Outcome::Ok);
    };
    let answer = workloads::workload(table, id, &question).map_err(usage)?;
    let answer = answer.map_err(|unknown| Usage(format!("{unknown}; all of them: gpurate workloads")))?;
    if arguments.json {
        out::json(&answer)?;
    } else {
        match answer.on.as_slice() {
            [] => out::text(&one(&answer.workload))?,
            [on] => out::text(&one_on(&answer.workload, on))?,
            several => out::text(&format!("{}\n{LEGEND}", several_on(several)))?,
        }
    }
    // A card that cannot run it is a "no", where one card and one workload were asked about.
    Ok(Outcome::of(!matches!(answer.on.as_slice(), [on] if on.chosen.is_none())))
}

const LEGEND: &str = "~ estimate from another card; * multiplied from another variant on this card; ! may run out of memory\nmore: gpurate workloads ID --gpu GPU";

fn usage(error: workloads::QuestionError) -> Usage {
    Usage(error.to_string())
}

fn list(rows: &[WorkloadRow]) -> Table {
    let columns = ["workload", "name", "makes", ">steps", "at", ">GiB\nleast", ">GiB\neasy", ">files\nGB", ">vari-\nants", ">speeds"];
    let mut table = Table::new(&columns).whole(&[0, 2, 4]).at_least(1, 16);
    for row in rows {
        table.row([
            row.id.clone(),
            row.name.clone(),
            row.kind.as_str().to_owned(),
            or_unknown(row.default_steps),
            or_unknown(row.default_resolution),
            or_unknown(row.vram_mib_least.map(gib)),
            or_unknown(row.vram_mib_recommended.map(gib)),
            or_unknown(row.download_bytes.map(gigabytes)),
            row.variants.to_string(),
            row.benchmarks.to_string(),
        ]);
    }
    table
}

fn everything_on(rows: &[WorkloadRow]) -> Table {
    let mut table = Table::new(&["workload", "GPU", "variant", ">steps", "at", ">seconds", ">from", ">to", "per"]).whole(&[0, 1, 2, 4, 8]);
    for row in rows {
        for on in &row.on {
            let mut cells = vec![row.id.clone(), on.gpu.clone()];
            cells.extend(speed_cells(on));
            table.row(cells);
        }
    }
    table
}

fn several_on(several: &[GpuAnswer]) -> Table {
    let mut table = Table::new(&["GPU", ">GiB", "variant", ">steps", "at", ">seconds", ">from", ">to", "per"]).whole(&[0, 1, 2, 4, 8]);
    for on in several {
        let mut cells = vec![on.gpu.clone(), or_unknown(on.vram_mib_usable.map(gib))];
        cells.extend(speed_cells(on));
        table.row(cells);
    }
    table
}

/// Variant, steps, resolution, seconds, least, most, unit.
fn speed_cells(on: &GpuAnswer) -> Vec<String> {
    let unknown = || words::UNKNOWN.to_owned();
    let Some(chosen) = &on.chosen else {
        return ["none runs".to_owned()].into_iter().chain(std::iter::repeat_with(unknown).take(6)).collect();
    };
    let variant = format!("{}{}", chosen.variant, if on.is_tight { " !" } else { "" });
    let Some(speed) = &chosen.speed else {
        return [variant].into_iter().chain(std::iter::repeat_with(unknown).take(6)).collect();
    };
    let mark = match speed.basis {
        Basis::Measured { .. } => "",
        Basis::Scaled { .. } => "*",
        Basis::Estimated { .. } => "~",
    };
    let Range { low, typical, high } = speed.milliseconds_per_unit;
    vec![
        variant,
        or_unknown(speed.steps),
        or_unknown(speed.resolution),
        format!("{mark}{}", words::seconds(typical)),
        words::seconds(low),
        words::seconds(high),
        speed.unit.to_owned(),
    ]
}

fn one(workload: &Workload) -> String {
    let sources: Vec<&str> = [&workload.sources.vram, &workload.sources.sizes, &workload.sources.steps]
        .into_iter()
        .filter_map(|source| source.as_deref())
        .collect();
    let with_basis = |figure: Option<String>, basis: &Option<String>| {
        let figure = or_unknown(figure);
        basis.as_ref().map_or_else(|| figure.clone(), |basis| format!("{figure} ({basis})"))
    };
    let mut rows = vec![
        ("workload", workload.id.clone()),
        ("name", workload.name.clone()),
        ("also called", workload.aliases.join(", ")),
        ("makes", format!("{}; times are per {}", workload.kind.as_str(), workload.unit)),
        ("steps", or_unknown(workload.default_steps)),
        ("resolution", or_unknown(workload.default_resolution)),
        ("memory, least", with_basis(workload.vram_mib_min.map(|mib| format!("{} GiB", gib(mib))), &workload.vram_min_basis)),
        (
            "memory, easy",
            with_basis(workload.vram_mib_recommended.map(|mib| format!("{} GiB", gib(mib))), &workload.vram_recommended_basis),
        ),
        ("files", or_unknown(workload.download_bytes.map(|bytes| format!("{} GB", gigabytes(bytes))))),
        ("output", with_basis(workload.output_bytes.map(words::bytes), &workload.output_basis)),
    ];
    rows.extend(workload.note.iter().map(|note| ("note", note.clone())));
    let mut licences: Vec<&str> = workload.variants.iter().filter_map(|variant| variant.licence_commercial.as_deref()).collect();
    licences.dedup();
    rows.extend((!licences.is_empty()).then(|| ("licence", format!("{} (no legal advice)", licences.join("; ")))));
    rows.extend((!sources.is_empty()).then(|| ("sources", sources.join("; "))));
    format!(
        "{}\n{}\nspeed: against 16 bit, everything resident and not compiled\non a card: gpurate workloads {id} --gpu GPU; the source of each variant: gpurate workloads {id} --json",
        facts(&rows),
        variants(workload),
        id = workload.id
    )
}

fn variants(workload: &Workload) -> Table {
    let mut table = Table::new(&["variant", ">bits", ">GiB", "which is", ">speed", "needs", "how"]).whole(&[0, 3]).at_least(6, 24);
    for variant in &workload.variants {
        table.row([
            variant.name.clone(),
            variant.quality_bits.to_string(),
            or_unknown(variant.vram_mib_needed.map(gib)),
            basis_word(variant.vram_basis).to_owned(),
            or_unknown(variant.speed_factor_millis.map(|millis| format!("{}.{:02}", millis / 1000, millis % 1000 / 10))),
            needs_word(variant).to_owned(),
            how(variant),
        ]);
    }
    table
}

fn how(variant: &Variant) -> String {
    let resolution = variant.resolution.as_ref().map(Resolution::to_string);
    let other = variant.other_work.iter().cloned().chain(resolution.map(|resolution| format!("at {resolution}")));
    let gpus = (variant.gpus > 1).then(|| format!("{} GPUs", variant.gpus));
    std::iter::once(variant.precision.clone()).chain(other).chain(gpus).collect::<Vec<_>>().join("; ")
}

const fn basis_word(basis: VramBasis) -> &'static str {
    match basis {
        VramBasis::Reserved => "reserved",
        VramBasis::Allocated => "allocated",
        VramBasis::Peak => "peak",
        VramBasis::Derived => "derived",
        VramBasis::Documented => "documented",
        VramBasis::ThirdParty => "third party",
        VramBasis::CardSize => "a card's size",
        VramBasis::LowerBound => "lower bound",
        VramBasis::Unknown => "",
    }
}

const fn needs_word(variant: &Variant) -> &'static str {
    match variant.needs {
        Feature::None => "",
        Feature::Bf16 => "bf16",
        Feature::Int8 => "int8",
        Feature::Int4Svdquant => "SVDQuant",
        Feature::Int4Torchao => "torchao int4",
        Feature::Fp8 => "fp8",
        Feature::Fp4 => "fp4",
    }
}

fn one_on(workload: &Workload, on: &GpuAnswer) -> String {
    let mut rows = vec![
        ("workload", format!("{} ({})", workload.id, workload.name)),
        ("GPU", format!("{}, {} GiB counted with", on.gpu, or_unknown(on.vram_mib_usable.map(gib)))),
    ];
    match &on.chosen {
        None => rows.push(("variant", "none runs there; see the reasons below".to_owned())),
        Some(chosen) => {
            rows.push(("variant", told(chosen)));
            rows.extend(means(chosen).map(|means| ("means", means.to_owned())));
            if on.is_tight {
                rows.push(("memory", "tight: the figure is no full peak, it may run out".to_owned()));
            }
            rows.extend(speed_facts(chosen));
        }
    }
    if let Some(second) = &on.second {
        rows.push(("or, as in 16 bit", format!("{}; offloads: needs host memory and a fast bus", told(second))));
        rows.extend(speed_facts(second).into_iter().take(1));
    }
    let mut text = facts(&rows);
    if let Some(speed) = on.chosen.as_ref().and_then(|chosen| chosen.speed.as_ref()) {
        text.push_str(&format!("\nRests on\n{}", evidence(speed)));
    }
    let mut table = Table::new(&["variant", "why not"]).whole(&[0]);
    for passed in &on.passed_over {
        table.row([passed.variant.clone(), passed.reason.clone()]);
    }
    if !on.passed_over.is_empty() {
        text.push_str(&format!("\nPassed over\n{table}"));
    }
    text
}

/// What it takes beside memory.
const fn means(variant: &VariantSpeed) -> Option<&'static str> {
    Some(match (variant.is_offload, variant.is_compiled) {
        (true, true) => "moves weights between host and card, and is compiled for minutes first",
        (true, false) => "moves weights between host and card",
        (false, true) => "is compiled for minutes first",
        (false, false) => return None,
    })
}

fn told(variant: &VariantSpeed) -> String {
    format!("{} ({}), takes {} GiB", variant.variant, variant.precision, or_unknown(variant.vram_mib_needed.map(gib)))
}

fn speed_facts(variant: &VariantSpeed) -> Vec<(&'static str, String)> {
    let Some(speed) = &variant.speed else {
        return vec![("time", format!("not known: {}", variant.speed_unknown.clone().unwrap_or_default()))];
    };
    let Range { low, typical, high } = speed.milliseconds_per_unit;
    let at = speed.steps.map(|steps| format!("{steps} steps")).into_iter().chain(speed.resolution.map(|resolution| resolution.to_string()));
    let at: Vec<String> = at.collect();
    let spread = if low == high { String::new() } else { format!(" ({} to {})", words::seconds(low), words::seconds(high)) };
    vec![
        (
            "time",
            format!(
                "{} s{spread} per {}{}",
                words::seconds(typical),
                speed.unit,
                if at.is_empty() { String::new() } else { format!(", {}", at.join(", ")) }
            ),
        ),
        ("known as", speed.words.clone()),
        (
            "checked",
            speed.peak_share_permille.map_or_else(
                || "not: the work of a step or the card's peak rate is not known".to_owned(),
                |share| format!("it takes {}.{} % of the card's peak rate, attention not counted", share / 10, share % 10),
            ),
        ),
    ]
}

fn evidence(speed: &Speed) -> Table {
    let rows = match &speed.basis {
        Basis::Measured { evidence } | Basis::Scaled { evidence, .. } | Basis::Estimated { evidence, .. } => evidence,
    };
    let mut table = Table::new(&["GPU", "variant", ">seconds", "software", "source", "date"]).whole(&[1]).at_least(4, 24);
    for row in rows {
        table.row([
            row.gpu.clone(),
            row.variant.clone(),
            words::seconds(row.milliseconds_per_unit),
            row.software.clone(),
            row.source.clone(),
            row.date.clone(),
        ]);
    }
    table
}

/// GiB with one place at most, up: what is needed is not made less.
fn gib(mib: u32) -> String {
    let tenths = (u64::from(mib) * 10).div_ceil(1024);
    if tenths % 10 == 0 { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
}

/// Decimal GB with one place.
fn gigabytes(bytes: u64) -> String {
    let tenths = (bytes + 50_000_000) / 100_000_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}
