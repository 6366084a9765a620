//! `gpurate come-back GPU`: how often a machine that was free was free again.

use chrono::Utc;
use clap::Args;

use super::history::in_percent;
use super::table::Table;
use super::{Context, Outcome, market, out, question, words};
use crate::history::come_back::{self, ComeBackAnswer, ComeBackQuestion};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gpurate come-back rtx-4090                    what one risks who stops a machine of a marketplace\n  gpurate come-back rtx-4090 --by region --since 7d\n\nEvery machine is looked at on every full hour: where it was free, and so many hours later its marketplace's list is known."
)]
pub(super) struct Arguments {
    /// Slugs, names or families.
    #[arg(value_name = "GPU", required = true)]
    gpu: Vec<String>,
    /// `on_demand` or `spot` [default: on_demand].
    #[arg(long, value_name = "MARKET,...")]
    market: Vec<String>,
    /// Only these marketplaces.
    #[arg(long, value_name = "SLUG,...")]
    provider: Vec<String>,
    /// Only these tiers.
    #[arg(long, value_name = "TIER,...")]
    tier: Vec<String>,
    /// A row for each of these regions.
    #[arg(long, value_name = "REGION,...")]
    region: Vec<String>,
    /// Only machines that are listed in one of these.
    #[arg(long, value_name = "CODE,...")]
    country: Vec<String>,
    /// Offers of more than one GPU [default: of one].
    #[arg(long)]
    several: bool,
    /// From then on: `2026-11-20`, `2026-11-20T12:00:00Z`, or `7d` for so long ago [default, and at most: as far back as listings are kept].
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Before then [default: now].
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// `tier` or `region`: a row for each [default: tier].
    #[arg(long, value_name = "CUT")]
    by: Option<String>,
    /// The API's own document.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    let now = Utc::now();
    let question = ComeBackQuestion::parse(pairs(arguments).into_iter(), now)?.keeping(context.config.retention.marketplace_days_whole());
    let (store, market) = market::read(context)?;
    let answer = come_back::come_back(&store.reader()?, &market, &question, now).map_err(super::of_past)?;
    if arguments.json {
        out::json(&answer)?;
    } else {
        out::text(&text(&answer))?;
    }
    Ok(Outcome::Ok)
}

/// The API's own question.
fn pairs(arguments: &Arguments) -> Vec<(String, String)> {
    question::pairs(
        &[
            ("gpu", &arguments.gpu),
            ("market", &arguments.market),
            ("provider", &arguments.provider),
            ("tier", &arguments.tier),
            ("region", &arguments.region),
            ("country", &arguments.country),
        ],
        &[("since", arguments.since.as_deref()), ("until", arguments.until.as_deref()), ("by", arguments.by.as_deref())],
        &[("several", arguments.several)],
    )
}

fn text(answer: &ComeBackAnswer) -> String {
    let mut text = String::new();
    if !answer.items.is_empty() {
        let mut table =
            Table::new(&["gpu", "market", "provider", "tier", "region", ">machines", ">1 h", ">4 h", ">24 h", ">72 h", ">looks"])
                .whole(&[0]);
        for row in &answer.items {
            let shares = row.after.iter().map(|after| after.share.map_or_else(|| words::UNKNOWN.to_owned(), in_percent));
            let region = row.region.as_deref().map_or_else(|| "all".to_owned(), crate::words::plain);
            let first = [row.gpu.clone(), row.market.to_string(), row.provider.clone(), row.tier.clone(), region, row.machines.to_string()];
            let looks = row.after.iter().map(|after| after.observations).max().unwrap_or(0);
            table.row(first.into_iter().chain(shares).chain([looks.to_string()]));
        }
        text.push_str(&format!("Of machines that were free, so many were free again so long after:\n{table}"));
        text.push_str(&format!(
            "`-`: fewer than {} machines or {} looks; `looks` is the most of the four\n",
            answer.machines_least, answer.observations_least
        ));
        let window = [answer.since, answer.until].map(|at| at.format("%Y-%m-%d %H:%M").to_string());
        text.push_str(&format!("{} to {} UTC, from {}\n", window[0], window[1], answer.counted_from));
    }
    for note in &answer.notes {
        text.push_str(&format!("note: {note}\n"));
    }
    text.push_str(answer.advice.as_deref().map(|advice| format!("Nothing to show: {advice}\n")).unwrap_or_default().as_str());
    if answer.sample {
        text.push_str("SAMPLE DATA: all figures are made up; none is a real price\n");
    }
    text
}
