//! `gpurate changes`: what changed, newest first.

use chrono::Utc;
use clap::Args;
use gpurate_domain::Availability;

use super::table::Table;
use super::{Context, Outcome, market, out, question, words};
use crate::changes::{self, ChangedPrice, ChangesAnswer, Question};
use crate::prices::FilterError;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gpurate changes                                        7 days, newest first\n  gpurate changes rtx-4090 --since 1d --market spot\n  gpurate changes --kind price_down,new --provider runpod --json\n\nA correction of what was read wrong is no change. Kinds and what they mean: docs/data.md."
)]
pub(super) struct Arguments {
    /// The same as `--gpu`.
    #[arg(value_name = "GPU")]
    gpus: Vec<String>,
    /// Slugs, names or families; what is about no GPU is left out then.
    #[arg(long, value_name = "GPU,...")]
    gpu: Vec<String>,
    /// `on_demand`, `spot` or `serverless`; what is about no single market is left out then.
    #[arg(long, value_name = "MARKET,...")]
    market: Vec<String>,
    /// Only these providers.
    #[arg(long, value_name = "SLUG,...")]
    provider: Vec<String>,
    /// `price_up`, `price_down`, `new`, `withdrawn`, `back`, `gpu_gone`, `rule_changed` and others [default: all].
    #[arg(long, value_name = "KIND,...")]
    kind: Vec<String>,
    /// From then on: `2026-11-20`, `2026-11-20T12:00:00Z`, or `7d` for so long ago [default: 7d].
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Before then [default: now].
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// At most so many; 1 to 1000.
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
    /// Goes on behind an answer before: its `next_cursor`.
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
    /// The API's own document.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    let now = Utc::now();
    let ask = |cursor: Option<&str>, missing: usize| -> Result<Question, FilterError> {
        Question::parse(pairs(arguments, cursor, missing).into_iter(), now)
    };
    // A wrong question is told before there is a database.
    let question = ask(arguments.cursor.as_deref(), arguments.limit)?;
    let (store, market) = market::read(context)?;
    let reader = store.reader()?;
    let mut answer = changes::changes(&reader, market.sample, &question, now)?;
    // A page of the API ends early, so that nobody waits; a person waits for what was asked for.
    while let Some(cursor) = answer.next_cursor.clone().filter(|_| answer.items.len() < arguments.limit) {
        let next = changes::changes(&reader, market.sample, &ask(Some(&cursor), arguments.limit - answer.items.len())?, now)?;
        answer.items.extend(next.items);
        answer.next_cursor = next.next_cursor;
        answer.advice = if answer.items.is_empty() { next.advice } else { None };
    }
    if arguments.json {
        out::json(&answer)?;
    } else {
        out::text(&text(&answer))?;
    }
    Ok(Outcome::Ok)
}

/// The API's own question.
fn pairs(arguments: &Arguments, cursor: Option<&str>, missing: usize) -> Vec<(String, String)> {
    let missing = missing.to_string();
    question::pairs(
        &[
            ("gpu", &arguments.gpus),
            ("gpu", &arguments.gpu),
            ("market", &arguments.market),
            ("provider", &arguments.provider),
            ("kind", &arguments.kind),
        ],
        &[("since", arguments.since.as_deref()), ("until", arguments.until.as_deref()), ("cursor", cursor), ("limit", Some(&missing))],
        &[],
    )
}

fn text(answer: &ChangesAnswer) -> String {
    let mut table = Table::new(&["at (UTC)", "", "what", ">before", ">after", ">%"]).whole(&[0, 1]).at_least(2, 24);
    for change in &answer.items {
        let mut what = change.about();
        if let Some(detail) = &change.detail {
            what = format!("{what}: {detail}");
        }
        if change.corrected {
            what.push_str(" (read wrong then, corrected since)");
        }
        let percent = change.price_percent.map(|percent| format!("{}{percent}", if percent.0 > 0 { "+" } else { "" }));
        table.row([
            change.at.format("%Y-%m-%d %H:%M:%S").to_string(),
            change.kind.in_words(),
            what,
            price(change.before.as_ref()),
            price(change.after.as_ref()),
            percent.unwrap_or_default(),
        ]);
    }
    let mut text = if answer.items.is_empty() { String::new() } else { format!("{table}USD per GPU-hour, where nothing else is said\n") };
    text.push_str(answer.advice.as_deref().map(|advice| format!("Nothing to show: {advice}\n")).unwrap_or_default().as_str());
    for kept in &answer.prices_kept_since {
        text.push_str(&format!(
            "{}: changes of prices are told from {} on; older rows are past their keeping time\n",
            kept.provider,
            kept.since.format("%Y-%m-%d %H:%M")
        ));
    }
    if let Some(cursor) = &answer.next_cursor {
        text.push_str(&format!("older ones: --cursor {cursor}\n"));
    }
    if answer.sample {
        text.push_str("SAMPLE DATA: all figures are made up; none is a real price\n");
    }
    text
}

/// A price in its cell, with what else is worth a word.
fn price(price: Option<&ChangedPrice>) -> String {
    let Some(price) = price else { return String::new() };
    let amount = match price.price_usd_per_gpu_hour {
        Some(usd) => words::rounded(usd.nanos),
        None => format!("{} {} per hour", words::rounded(price.price_per_hour.0), price.currency),
    };
    match price.availability {
        Availability::Available | Availability::NotStated => amount,
        Availability::Low => format!("{amount} (low)"),
        Availability::Unavailable => format!("{amount} (none left)"),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn asked(words: &[&str]) -> Result<Question, FilterError> {
        let line = Line::try_parse_from(std::iter::once(&"changes").chain(words)).unwrap_or_else(|error| panic!("{words:?}: {error}"));
        Question::parse(pairs(&line.arguments, None, line.arguments.limit).into_iter(), Utc::now())
    }

    #[test]
    fn a_gpu_may_stand_without_its_flag_and_a_limit_is_that_of_the_api() {
        let pairs_of = |words: &[&str]| pairs(&Line::try_parse_from(words).unwrap_or_else(|error| panic!("{error}")).arguments, None, 1);
        assert_eq!(pairs_of(&["changes", "rtx-4090", "h100"]), pairs_of(&["changes", "--gpu", "rtx-4090", "--gpu", "h100"]));
        assert!(asked(&["rtx4900"]).expect_err("no such GPU").to_string().contains("`rtx-4090`"));
        assert!(asked(&["--limit", "1000"]).is_ok());
        for limit in ["1001", "5000", "0"] {
            let error = asked(&["--limit", limit]).expect_err("no page").to_string();
            assert!(error.contains(&format!("`{limit}`")) && error.contains("1 to 1000"), "{error}");
        }
    }
}
