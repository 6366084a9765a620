//! `gpurate guide`: which GPU for which work, recomputed from the market.

use clap::Args;
use gpurate_domain::Vram;

use super::compare::mark;
use super::table::{Table, wrapped};
use super::words::{self, or_unknown};
use super::{Context, Outcome, market, out};
use crate::compare::{Fit, ThousandCost};
use crate::guide::{self, BeyondColumn, Guide, GuideError, Options, Pick, PickRow, ProviderBeyond, Tier, TierGpu, TierVariant};
use crate::prices::Figure;

/// Cards of a tier that are shown.
const GPUS_SHOWN: usize = 12;
/// Variants of a workload that are named.
const VARIANTS_SHOWN: usize = 3;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gpurate guide image-generation\n  gpurate guide image-generation --workload sdxl --batch\n  gpurate guide image-generation --interactive --json\n\nPicks are the simulator's answers to its presets; `gpurate simulate --preset evenings` asks the same."
)]
pub(super) struct Arguments {
    /// Which guide: `image-generation`.
    #[arg(default_value = "image-generation")]
    guide: String,
    /// What is made, such as `flux-dev` or `sdxl` (see `gpurate workloads`).
    #[arg(long, value_name = "WORKLOAD")]
    workload: Option<String>,
    /// You wait for each picture: GPUs by time.
    #[arg(long, conflicts_with = "batch")]
    interactive: bool,
    /// Nobody waits: GPUs by the cost of a thousand pictures, spot included.
    #[arg(long)]
    batch: bool,
    /// The API's own document.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    let usage = match (arguments.interactive, arguments.batch) {
        (true, _) => Some("interactive"),
        (false, true) => Some("batch"),
        (false, false) => None,
    };
    let wrong = |error: GuideError| super::Usage(error.to_string());
    let options = Options::parse(arguments.workload.as_deref(), usage).map_err(wrong)?;
    let (_, market) = market::read(context)?;
    let guide = guide::guide(&arguments.guide, options, &market, market::now()).map_err(wrong)?;
    if arguments.json {
        out::json(&guide)?;
    } else {
        out::text(&text(&guide))?;
    }
    Ok(Outcome::Ok)
}

fn text(guide: &Guide) -> String {
    let steps = guide.workload.steps.map(|steps| format!(", {steps} steps")).unwrap_or_default();
    let resolution = guide.workload.resolution.map(|resolution| format!(", {resolution}")).unwrap_or_default();
    let mut text = format!(
        "Image generation: times and costs are of {} ({}{steps}{resolution}); prices of {}\n\n",
        guide.workload.name,
        guide.workload.id,
        words::moment(guide.as_of)
    );
    for pick in &guide.picks {
        text.push_str(&told(pick));
    }
    for tier in &guide.tiers {
        text.push_str(&gate(guide, tier));
    }
    text.push_str(
        "USD per 1,000 images by the cheapest rentable price and the typical time; (...) a price outside the usual limits;\n~ estimate from another card; * multiplied from another variant; ! may run out of memory;\n^ only by moving weights or compiling first; = not told apart from the first\n\n",
    );
    text.push_str(&beyond(&guide.providers));
    for answer in &guide.answers {
        let age = answer.age_seconds.map(|age| format!(" (oldest price seen {} ago)", words::age(age))).unwrap_or_default();
        text.push_str(&format!("{}{age}\n", answer.question));
        for sentence in &answer.sentences {
            text.push_str(&paragraph(&sentence.text));
        }
        text.push('\n');
    }
    text.push_str(&market::covered(&guide.coverage, guide.sample));
    text
}

/// A sentence in lines, two columns in.
fn paragraph(sentence: &str) -> String {
    let words: Vec<String> = sentence.split(' ').map(str::to_owned).collect();
    wrapped("  ", &words, " ")
}

fn told(pick: &Pick) -> String {
    // Keys beside the preset say what replaces its own.
    let replaced: Vec<String> =
        pick.plan.pairs().filter(|(key, _)| *key != "preset").map(|(key, value)| format!("{key} {value}")).collect();
    let replaced = if replaced.is_empty() { String::new() } else { format!("; but with {}", replaced.join(", ")) };
    let mut text = format!("{}: {}{replaced}\n", title(pick), pick.preset_words);
    text.push_str(&paragraph(&pick.usual_advice.text));
    text.push_str(&paragraph(&pick.finding.text));
    let total = |row: &PickRow| match (cents(row.total_low_usd.0), cents(row.total_high_usd.0)) {
        (low, high) if low == high => low,
        (low, high) => format!("{low} to {high}"),
    };
    let row = |row: &PickRow| format!("{} at {} ({} USD)", row.gpu, row.provider, total(row));
    if !pick.tied.is_empty() {
        text.push_str(&wrapped("  not told apart from it: ", &pick.tied.iter().map(row).collect::<Vec<_>>(), ", "));
    }
    let steps: Vec<String> = pick
        .less_waiting
        .iter()
        .map(|step| {
            let per_hour =
                step.usd_per_hour_not_waited.map(|usd| format!(", {} USD per hour not waited", cents(usd.0))).unwrap_or_default();
            format!(
                "{} at {} ({} USD, {} waited{per_hour})",
                step.row.gpu,
                step.row.provider,
                cents(step.row.total_high_usd.0),
                words::span(step.row.waited_high_seconds)
            )
        })
        .collect();
    if !steps.is_empty() {
        text.push_str(&wrapped("  waits less for more: ", &steps, "; "));
    }
    let flags: Vec<String> = pick.plan.pairs().map(|(key, value)| format!("--{} {value}", key.replace('_', "-"))).collect();
    text.push_str(&format!("  more: gpurate simulate {}\n\n", flags.join(" ")));
    text
}

const fn title(pick: &Pick) -> &'static str {
    match pick.id {
        guide::PickId::Interactive => "At the screen",
        guide::PickId::OvernightBatch => "Overnight",
        guide::PickId::FineTuning => "Fine-tuning",
    }
}

fn cents(nanos: i64) -> String {
    const CENT: i64 = 10_000_000;
    if nanos.abs() < CENT { words::rounded(nanos) } else { words::money((nanos + CENT / 2).div_euclid(CENT) * CENT) }
}

fn gate(guide: &Guide, tier: &Tier) -> String {
    let bounds = tier
        .vram_gib_below
        .map_or_else(|| format!("{} GiB and more", tier.vram_gib_min), |below| format!("{} to less than {below} GiB", tier.vram_gib_min));
    let mut text = format!("{bounds}\n");
    let mut named = vec!["sd15", "sdxl_base", "flux1_dev", "lora_sdxl", "lora_flux", "svd_xt"];
    if !named.contains(&guide.workload.id.as_str()) {
        named.insert(0, &guide.workload.id);
    }
    for id in named {
        if let Some(row) = tier.workloads.iter().find(|row| row.workload == id) {
            let more = row.variants.len().saturating_sub(VARIANTS_SHOWN);
            // What every card has memory for is the gate; it may stand far down among what only larger ones have.
            let is_gate = |variant: &&TierVariant| row.best_on_every_card.as_ref() == Some(&variant.variant);
            let gate = row.variants.iter().filter(is_gate);
            let others = row.variants.iter().filter(|variant| !is_gate(variant));
            let mut variants: Vec<String> = gate.chain(others).take(VARIANTS_SHOWN).map(variant).collect();
            variants.extend((more > 0).then(|| format!("{more} more")));
            text.push_str(&wrapped(&format!("  {}: ", row.name), &variants, "; "));
        }
    }
    if !tier.nothing_fits.is_empty() {
        text.push_str(&wrapped("  nothing is known to fit of: ", &tier.nothing_fits, ", "));
    }
    let columns = ["GPU", ">GiB", "", ">USD/h", "at", ">seen", ">seconds", ">range", ">USD/1,000"];
    let mut table = Table::new(&columns).whole(&[0, 2]);
    for gpu in tier.gpus.iter().take(GPUS_SHOWN) {
        for line in lines(gpu) {
            table.row(line);
        }
    }
    text.push_str(&format!("\n{table}"));
    let more: Vec<String> = tier.gpus.iter().skip(GPUS_SHOWN).map(|gpu| gpu.gpu.clone()).collect();
    if !more.is_empty() {
        text.push_str(&wrapped("also offered: ", &more, ", "));
    }
    text.push_str(&chosen(&tier.gpus));
    text.push('\n');
    text
}

fn variant(variant: &TierVariant) -> String {
    let memory = variant.vram_mib_needed.map(|mib| format!("{} GiB, ", Vram::from_mib(mib).gib_text())).unwrap_or_default();
    let speed = variant
        .speed_factor_millis
        .map_or_else(|| "speed not known".to_owned(), |millis| format!("{}.{:02} × speed of 16 bit", millis / 1000, millis % 1000 / 10));
    // The capability that it takes is in the document; here its name will do.
    let needs = variant.needs.map(|needs| format!(", {}", needs.split(" (").next().unwrap_or(needs))).unwrap_or_default();
    let moved = if variant.is_offload { ", moves weights" } else { "" };
    let larger = if variant.on_every_card { "" } else { ", larger cards" };
    format!("{} ({} bit, {memory}{speed}{moved}{needs}{larger})", variant.variant, variant.quality_bits)
}

/// One line per market in which a card is offered.
fn lines(gpu: &TierGpu) -> Vec<Vec<String>> {
    let work = &gpu.work;
    let means = if work.fit == Fit::WithMeans { "^" } else { "" };
    let time = or_unknown(work.milliseconds.map(|range| format!("{means}{}{}", mark(work.known), words::seconds(range.typical))));
    let range = or_unknown(work.milliseconds.map(|range| format!("{}–{}", words::seconds(range.low), words::seconds(range.high))));
    let markets = [("", &gpu.on_demand, &work.per_1000_on_demand), ("spot", &gpu.spot, &work.per_1000_spot)];
    let offered = markets.into_iter().filter_map(|(market, figure, cost)| Some((market, figure.as_ref()?, cost)));
    let line = |(number, (market, figure, cost)): (usize, (&str, &Figure, &Option<ThousandCost>))| {
        let price = words::asked(figure.usd_per_gpu_hour.nanos, figure.price_kind);
        let once = |text: String| if number == 0 { text } else { String::new() };
        vec![
            once(format!("{}{}{}", if gpu.tied_with_first { "=" } else { "" }, gpu.gpu, if work.tight { " !" } else { "" })),
            once(gpu.vram_gib.to_string()),
            market.to_owned(),
            if figure.rentable { price } else { format!("({price})") },
            figure.provider.to_string(),
            words::age(figure.age_seconds),
            once(time.clone()),
            once(range.clone()),
            or_unknown(cost.as_ref().map(|cost| words::asked(cost.typical_usd.0, cost.price_kind))),
        ]
    };
    offered.enumerate().map(line).collect()
}

/// Which variant the cards of a tier run.
fn chosen(gpus: &[TierGpu]) -> String {
    let mut variants: Vec<(String, Vec<String>)> = Vec::new();
    for gpu in gpus {
        let name = gpu.work.variant.clone().unwrap_or_else(|| "nothing of it fits".to_owned());
        match variants.iter_mut().find(|(known, _)| *known == name) {
            Some((_, gpus)) => gpus.push(gpu.gpu.clone()),
            None => variants.push((name, vec![gpu.gpu.clone()])),
        }
    }
    variants.iter().map(|(name, gpus)| wrapped(&format!("{name}: "), gpus, ", ")).collect()
}

fn beyond(providers: &[ProviderBeyond]) -> String {
    let columns = ["beyond specs", "billed", "minimum", "spot taken away", "data outlives", "volume", "images ready", "data out"];
    let mut table = Table::new(&columns).whole(&[0]);
    let cell = |column: &BeyondColumn| column.words.clone();
    for provider in providers {
        table.row([
            provider.provider.to_string(),
            cell(&provider.granularity),
            cell(&provider.minimum),
            cell(&provider.on_eviction),
            cell(&provider.persistent_storage),
            cell(&provider.volume_price),
            cell(&provider.prebuilt_images),
            cell(&provider.egress),
        ]);
    }
    format!("{table}sources: gpurate providers show PROVIDER, or --json\n\n")
}
