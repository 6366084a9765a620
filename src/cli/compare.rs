//! `gpurate compare`: exactly two GPUs side by side.

use clap::Args;

use super::table::{Table, wrapped};
use super::words::{self, UNKNOWN, or_unknown};
use super::{Context, Outcome, Usage, market, out};
use crate::compare::{self, ComparedWorkload, Comparison, Fit, Known, ThousandCost, WorkloadOnCard};
use crate::simulate::{BusyShare, Verdict};
use crate::workloads::Kind;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gpurate compare rtx-5090 rtx-4090\n  gpurate compare rtx-4090 l4 --json\n\nCosts are the cheapest rentable price times the time of the workloads' table: what it costs while it computes. What a\nway of working costs with all that comes beside it: gpurate simulate."
)]
pub(super) struct Arguments {
    /// Two GPUs, by slug, name or alias.
    #[arg(value_name = "GPU", num_args = 0..)]
    gpus: Vec<String>,
    /// The API's own document.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    let usage = |error: compare::CompareError| Usage(error.to_string());
    let names: Vec<&str> = arguments.gpus.iter().flat_map(|name| name.split(',')).map(str::trim).filter(|name| !name.is_empty()).collect();
    let pair = compare::two(&names).map_err(usage)?;
    compare::slugs(pair).map_err(usage)?;
    let (_, market) = market::read(context)?;
    let comparison = compare::compare(&market, pair, market::now()).map_err(usage)?;
    if arguments.json {
        out::json(&comparison)?;
    } else {
        out::text(&text(&comparison))?;
    }
    Ok(Outcome::Ok)
}

fn text(comparison: &Comparison) -> String {
    let [one, other] = &comparison.gpus;
    let mut table = Table::new(&["", &one.name, &other.name]).whole(&[0]);
    for row in &comparison.rows {
        let cell = |side: usize| {
            let words = row.words[side].clone().unwrap_or_else(|| UNKNOWN.to_owned());
            row.notes[side].as_ref().map_or_else(|| words.clone(), |note| format!("{words} ({note})"))
        };
        table.row([row.label.to_owned(), cell(0), cell(1)]);
    }
    let mut text = format!("{table}\n");
    text.push_str(&workloads(comparison));
    text.push_str(&busy(comparison));
    text.push_str(&without_time(comparison));
    text.push_str(
        "~ estimate from another card; * multiplied from another variant on this card; ! may run out of memory;\n^ only by moving weights or compiling first; = the ranges of the times overlap\nsources of a time: --json, or gpurate workloads ID --gpu GPU\n",
    );
    text.push_str(&market::covered(&comparison.coverage, comparison.sample));
    text
}

fn has_time(row: &ComparedWorkload) -> bool {
    row.on.iter().any(|on| on.milliseconds.is_some())
}

/// Times and costs, one line per workload and card.
fn workloads(comparison: &Comparison) -> String {
    let columns = ["workload", "GPU", "variant", ">seconds", ">range", ">USD/1,000\non demand", ">USD/1,000\nspot"];
    let mut table = Table::new(&columns).whole(&[0, 1]).at_least(2, 20);
    for row in comparison.workloads.iter().filter(|row| has_time(row)) {
        for (side, on) in row.on.iter().enumerate() {
            // A time is of an image unless something else is said below the name.
            let name = match (side, row.kind) {
                (0, _) => row.workload.clone(),
                (_, Kind::Image) => String::new(),
                (..) => format!("  per {}", row.unit),
            };
            table.row(line(name, on, row));
        }
    }
    format!("{table}\n")
}

fn line(name: String, on: &WorkloadOnCard, row: &ComparedWorkload) -> Vec<String> {
    let variant = on.variant.as_ref().map_or_else(
        || format!("does not fit: {}", on.why.clone().unwrap_or_default()),
        |variant| format!("{variant}{}{}", if on.tight { " !" } else { "" }, if on.fit == Fit::WithMeans { " ^" } else { "" }),
    );
    let cost = |cost: &Option<ThousandCost>| or_unknown(cost.as_ref().map(|cost| words::asked(cost.typical_usd.0, cost.price_kind)));
    let range = on.milliseconds.map(|time| format!("{}–{}", words::seconds(time.low), words::seconds(time.high)));
    vec![
        name,
        on.gpu.clone(),
        variant,
        or_unknown(on.milliseconds.map(|time| format!("{}{}{}", tied(row), mark(on.known), words::seconds(time.typical)))),
        or_unknown(range),
        cost(&on.per_1000_on_demand),
        cost(&on.per_1000_spot),
    ]
}

fn tied(row: &ComparedWorkload) -> &'static str {
    if row.tied == Some(true) { "=" } else { "" }
}

/// How a time is known, as a sign.
pub(super) const fn mark(known: Option<Known>) -> &'static str {
    match known {
        Some(Known::Scaled) => "*",
        Some(Known::Estimate) => "~",
        Some(Known::Measured) | None => "",
    }
}

/// When the dearer card is the cheaper one, workloads with the same answer in one line.
fn busy(comparison: &Comparison) -> String {
    let mut lines: Vec<(String, Vec<String>)> = Vec::new();
    for row in comparison.workloads.iter().filter(|row| has_time(row)) {
        let said = match (&row.busy_share, &row.busy_share_unknown) {
            (Some(share), _) if row.one_series == Some(false) => format!("{} (by times of different series)", verdict(share)),
            (Some(share), _) => verdict(share),
            (None, why) => format!("not known: {}", why.as_deref().unwrap_or_default()),
        };
        match lines.iter_mut().find(|(known, _)| *known == said) {
            Some((_, workloads)) => workloads.push(row.workload.clone()),
            None => lines.push((said, vec![row.workload.clone()])),
        }
    }
    if lines.is_empty() {
        return String::new();
    }
    let mut text = "When does the dearer one cost less? By the cheapest rentable prices on demand:\n".to_owned();
    for (said, workloads) in lines {
        text.push_str(&wrapped(&format!("  {said}: "), &workloads, ", "));
    }
    text.push('\n');
    text
}

fn verdict(share: &BusyShare) -> String {
    match (share.verdict, share.share) {
        (Verdict::Above, Some(at)) => format!(
            "{} where {} would compute more than {} % of the time{}",
            share.faster,
            share.slower,
            words::percent_tenths(at),
            words::share_ends(share).map(|ends| format!(" ({ends} by the ranges)")).unwrap_or_default()
        ),
        (Verdict::Always, _) => format!("{} always, at both ends of the ranges too", share.faster),
        (Verdict::Never, _) => format!("never: {} costs less even if it computes all the time", share.slower),
        (Verdict::Undecided | Verdict::Above | Verdict::Below, _) => {
            format!("not decided for {}: {} by the ranges", share.faster, words::share_ends(share).unwrap_or_default())
        }
    }
}

/// Workloads without a time on either card, by how they fit.
fn without_time(comparison: &Comparison) -> String {
    let mut text = String::new();
    let unknown = || comparison.workloads.iter().filter(|row| !has_time(row));
    let fits = |row: &&ComparedWorkload, side: usize| row.on[side].fit != Fit::None;
    let names = |wanted: &dyn Fn(&&ComparedWorkload) -> bool| -> Vec<String> {
        unknown()
            .filter(wanted)
            .map(|row| format!("{}{}", row.workload, if row.kind == Kind::Training { " (training)" } else { "" }))
            .collect()
    };
    let [one, other] = &comparison.gpus;
    let groups = [
        ("fit both, times not known: ".to_owned(), names(&|row| fits(row, 0) && fits(row, 1))),
        (format!("fit {} alone, times not known: ", one.slug), names(&|row| fits(row, 0) && !fits(row, 1))),
        (format!("fit {} alone, times not known: ", other.slug), names(&|row| !fits(row, 0) && fits(row, 1))),
        ("are not known to fit either: ".to_owned(), names(&|row| !fits(row, 0) && !fits(row, 1))),
    ];
    for (head, names) in groups.into_iter().filter(|(_, names)| !names.is_empty()) {
        text.push_str(&wrapped(&head, &names, ", "));
    }
    text
}
