//! `gpurate history GPU`: how its price moved, gaps shown as gaps.

use chrono::Utc;
use clap::Args;

use super::table::Table;
use super::words::{self, or_unknown};
use super::{Context, Outcome, market, out};
use crate::history::{self, HistoryAnswer, Point, Question, Step};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gpurate history rtx-4090                                 30 days, day by day\n  gpurate history rtx-4090 --market spot --since 2d --step hour\n  gpurate history h100-sxm --provider runpod --step changes --json\n\nA gap is a time of which nothing accepted is known. All rows: gpurate export series."
)]
pub(super) struct Arguments {
    /// Slugs, names or families.
    #[arg(value_name = "GPU", required = true)]
    gpu: Vec<String>,
    /// `on_demand`, `spot` or `serverless` [default: on_demand].
    #[arg(long, value_name = "MARKET,...")]
    market: Vec<String>,
    /// A series for each of these [default: one of all together].
    #[arg(long, value_name = "SLUG,...")]
    provider: Vec<String>,
    /// Offers of more than one GPU [default: of one].
    #[arg(long)]
    several: bool,
    /// From then on: `2026-11-20`, `2026-11-20T12:00:00Z`, or `7d` for so long ago [default: 30d].
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Before then [default: now].
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// `changes`, `hour`, `day` or `week` [default: day].
    #[arg(long, value_name = "STEP")]
    step: Option<String>,
    /// An import: its series alone [default: what gpurate collected].
    #[arg(long, value_name = "ORIGIN")]
    origin: Option<String>,
    /// The API's own document.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    let now = Utc::now();
    let question = Question::parse(pairs(arguments).into_iter(), now)?;
    let (store, market) = market::read(context)?;
    let answer = history::history(&store.reader()?, &market, &question, now).map_err(super::of_past)?;
    if arguments.json {
        out::json(&answer)?;
    } else {
        out::text(&text(&answer))?;
    }
    Ok(Outcome::Ok)
}

/// The API's own question.
fn pairs(arguments: &Arguments) -> Vec<(String, String)> {
    let lists = [("gpu", &arguments.gpu), ("market", &arguments.market), ("provider", &arguments.provider)];
    let mut pairs: Vec<(String, String)> =
        lists.into_iter().flat_map(|(name, values)| values.iter().map(|value| (name.to_owned(), value.clone()))).collect();
    let single = [("since", &arguments.since), ("until", &arguments.until), ("step", &arguments.step), ("origin", &arguments.origin)];
    pairs.extend(single.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?))));
    if arguments.several {
        pairs.push(("several".to_owned(), "true".to_owned()));
    }
    pairs
}

fn text(answer: &HistoryAnswer) -> String {
    let mut text = String::new();
    for series in &answer.items {
        let whose = series.provider.as_deref().map_or_else(|| "all providers".to_owned(), str::to_owned);
        let tier = series.tier.as_deref().map(|tier| format!(" {tier}")).unwrap_or_default();
        let count = if series.several { "several GPUs" } else { "one GPU" };
        let origin = series.origin.as_deref().map(|origin| format!(", imported as {origin}")).unwrap_or_default();
        text.push_str(&format!(
            "{}, {}, {whose}{tier}, {count}{origin}: USD per GPU-hour\n",
            series.gpu,
            series.market.as_str().replace('_', " ")
        ));
        text.push_str(&table(&series.points, answer.step).to_string());
        text.push('\n');
    }
    text.push_str(answer.advice.as_deref().map(|advice| format!("Nothing to show: {advice}\n")).unwrap_or_default().as_str());
    if answer.sample {
        text.push_str("SAMPLE DATA: all figures are made up; none is a real price\n");
    }
    text
}

fn table(points: &[Point], step: Step) -> Table {
    let mut table = Table::new(&["from (UTC)", ">lowest", ">median", ">offers", ">machines", ""]).whole(&[0]);
    let format = match step {
        Step::Changes => "%Y-%m-%d %H:%M:%S",
        Step::Hour => "%Y-%m-%d %H:%M",
        Step::Day | Step::Week => "%Y-%m-%d",
    };
    let mut rest = points;
    while let Some(point) = rest.first() {
        // A long silence is one line.
        let silent = rest.iter().take_while(|point| point.gap).count().max(1);
        let last = &rest[silent - 1];
        rest = &rest[silent..];
        let stale = match point.providers_not_fresh {
            0 => String::new(),
            count => format!("{} not fresh", words::counted(count as usize, "provider")),
        };
        let price = |price: Option<gpurate_domain::Nanos>| or_unknown(price.map(|price| words::rounded(price.0)));
        if point.gap {
            let note = format!("gap until {}", last.until.format("%Y-%m-%d %H:%M"));
            let unknown = || words::UNKNOWN.to_owned();
            table.row([point.from.format(format).to_string(), unknown(), unknown(), unknown(), unknown(), note]);
        } else {
            table.row([
                point.from.format(format).to_string(),
                price(point.min_usd_per_gpu_hour),
                price(point.median_usd_per_gpu_hour),
                point.offers.to_string(),
                point.machines.to_string(),
                stale,
            ]);
        }
    }
    table
}
