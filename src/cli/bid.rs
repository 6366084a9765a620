//! `gpurate bid GPU --bid USD`: on how many of the last evenings it would have held.

use chrono::Utc;
use clap::Args;

use super::history::shown_at;
use super::table::Table;
use super::words::{self, or_unknown};
use super::{Context, Outcome, market, out, question};
use crate::history::bid::{self, BidAnswer, BidOutcome, BidQuestion, BidSeries};

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gpurate bid rtx-4090 --bid 0.25 --evenings 30 --from 19:00 --hours 3 --time-zone Europe/Paris\n\nReplayed is the lowest spot price of any machine: a bid on one machine can only do worse."
)]
pub(super) struct Arguments {
    /// Slugs, names or families.
    #[arg(value_name = "GPU", required = true)]
    gpu: Vec<String>,
    /// Dollars per GPU-hour.
    #[arg(long, value_name = "USD")]
    bid: String,
    /// So many evenings, the last that are over.
    #[arg(long, value_name = "N", default_value_t = 30)]
    evenings: u32,
    /// When an evening begins.
    #[arg(long, value_name = "TIME", default_value = "19:00")]
    from: String,
    /// How many hours it lasts, 1 to 24.
    #[arg(long, value_name = "N", default_value_t = 3)]
    hours: u32,
    /// Whose time of day that is, as `Europe/Paris` [default: UTC].
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Evenings of each of these [default: of all together].
    #[arg(long, value_name = "SLUG,...")]
    provider: Vec<String>,
    /// Evenings of each provider that has one of these tiers.
    #[arg(long, value_name = "TIER,...")]
    tier: Vec<String>,
    /// Offers of more than one GPU [default: of one].
    #[arg(long)]
    several: bool,
    /// The API's own document.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    let now = Utc::now();
    let question = BidQuestion::parse(pairs(arguments).into_iter(), now)?;
    let (store, market) = market::read(context)?;
    let answer = bid::bid(&store.reader()?, &market, &question, now).map_err(super::of_past)?;
    if arguments.json {
        out::json(&answer)?;
    } else {
        out::text(&text(&answer))?;
    }
    Ok(Outcome::Ok)
}

/// The API's own question.
fn pairs(arguments: &Arguments) -> Vec<(String, String)> {
    let (evenings, hours) = (arguments.evenings.to_string(), arguments.hours.to_string());
    question::pairs(
        &[("gpu", &arguments.gpu), ("provider", &arguments.provider), ("tier", &arguments.tier)],
        &[
            ("bid", Some(&arguments.bid)),
            ("evenings", Some(&evenings)),
            ("from", Some(&arguments.from)),
            ("hours", Some(&hours)),
            ("time_zone", arguments.time_zone.as_deref()),
        ],
        &[("several", arguments.several)],
    )
}

fn text(answer: &BidAnswer) -> String {
    let mut text = String::new();
    for series in &answer.items {
        text.push_str(&told(answer, series));
    }
    if !answer.items.is_empty() {
        text.push_str(&format!("from {}\n", answer.counted_from));
    }
    text.push_str(answer.advice.as_deref().map(|advice| format!("Nothing to show: {advice}\n")).unwrap_or_default().as_str());
    if answer.sample {
        text.push_str("SAMPLE DATA: all figures are made up; none is a real price\n");
    }
    text
}

fn told(answer: &BidAnswer, series: &BidSeries) -> String {
    let words: String = [&series.provider, &series.tier].into_iter().flatten().map(|word| format!(" {word}")).collect();
    let bid = words::rounded(answer.bid_usd_per_gpu_hour.0);
    let mut table = Table::new(&["evening", "", ">held", ">at first", ">highest"]).whole(&[0, 1]);
    for evening in &series.evenings {
        let what = match evening.outcome {
            BidOutcome::Held => "held",
            BidOutcome::Cut => "cut",
            BidOutcome::Outbid => "above the bid at once",
            BidOutcome::NothingOffered => "nothing offered",
            BidOutcome::NotKnown => "not known",
        };
        let price = |price: Option<gpurate_domain::Nanos>| or_unknown(price.map(|price| words::rounded(price.0)));
        table.row([
            shown_at(evening.from, answer.time_zone, "%a %Y-%m-%d"),
            what.to_owned(),
            words::span(u64::try_from(evening.held_seconds).unwrap_or(0)),
            price(evening.first_usd_per_gpu_hour),
            price(evening.highest_usd_per_gpu_hour),
        ]);
    }
    format!(
        "{}{words}, a bid of {bid} USD per GPU-hour from {} on for {} h ({}): held {}, cut {}, above it at once {}, nothing offered {}, not known {}; of {}\n{table}\n",
        series.gpu,
        answer.from,
        answer.seconds / 3600,
        answer.time_zone,
        series.held,
        series.cut,
        series.outbid,
        series.nothing_offered,
        series.not_known,
        words::counted(series.evenings.len(), "evening")
    )
}
