//! `gpurate offers`: every offer that passes, stale ones too, marked.

use clap::Args;
use gpurate_domain::Availability;

use super::question::Question;
use super::table::Table;
use super::words::{self, or_unknown};
use super::{Context, Outcome, market, out};
use crate::prices::{self, Answer, OfferView};

/// Rows of a table unless told; a document holds all.
const ROWS_USUAL: usize = 100;

#[derive(Debug, Args)]
#[command(
    // A list has one row per offer: the flag is known for its error alone.
    mut_arg("by", |by| by.hide(true)),
    after_help = "Examples:\n  gpurate offers rtx-4090 --provider runpod\n  gpurate offers --market spot --json | jq '.items[].id'\n\nEvery market, whatever the stock; a table shows 100 rows unless `--limit` says otherwise."
)]
pub(super) struct Arguments {
    #[command(flatten)]
    question: Question,
    /// The API's own document, all rows in it.
    #[arg(long)]
    json: bool,
    /// Exit with 1 where nothing is found.
    #[arg(long)]
    exit_code: bool,
}

pub(super) fn run(context: &Context, arguments: Arguments) -> anyhow::Result<Outcome> {
    let filters = arguments.question.filters_for_offers()?;
    let (_, market) = market::read(context)?;
    let answer = prices::all(&market, &filters, market::now());
    if arguments.json {
        out::json(&answer)?;
    } else {
        out::text(&text(&answer, filters.limit.unwrap_or(ROWS_USUAL)))?;
    }
    Ok(Outcome::of(!arguments.exit_code || !answer.items.is_empty()))
}

fn text(answer: &Answer<OfferView>, rows: usize) -> String {
    let mut text = String::new();
    if answer.items.is_empty() {
        text.push_str("No offer passes these filters.\n");
    } else {
        text.push_str(&table(&answer.items[..rows.min(answer.items.len())]).to_string());
    }
    text.push('\n');
    let more = answer.items.len().saturating_sub(rows);
    if more > 0 {
        text.push_str(&format!("{more} more: --limit shows up to 1000, --json all\n"));
    }
    text.push_str(&market::footer(answer));
    text
}

fn stock(availability: Availability) -> &'static str {
    match availability {
        Availability::Available => "yes",
        Availability::Low => "low",
        Availability::Unavailable => "out",
        Availability::NotStated => words::UNKNOWN,
    }
}

fn table(offers: &[OfferView]) -> Table {
    let mut table = Table::new(&["id", "GPU", ">count", "market", ">USD per\nGPU-hour", "sold by", "stock", "age"]).whole(&[0, 3, 6, 7]);
    for offer in offers {
        let count = match (offer.gpu_count, offer.gpu_count_max) {
            (Some(count), Some(most)) => format!("{count} to {most}"),
            (count, _) => or_unknown(count),
        };
        let missed = if offer.presence == "present" { String::new() } else { format!(" [{}]", offer.presence) };
        table.row([
            offer.id.to_string(),
            offer.gpu_group.to_string(),
            count,
            offer.market.to_string(),
            or_unknown(offer.price_usd_per_gpu_hour.map(|price| words::asked(price.nanos, offer.price_kind))),
            format!("{} {} {}{missed}", offer.provider, offer.tier, offer.region),
            stock(offer.availability).to_owned(),
            words::age_marked(offer.age_seconds, offer.freshness),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    #[test]
    fn what_a_list_of_offers_cannot_be_asked_is_not_in_its_help() {
        let help = Line::command().render_long_help().to_string();
        assert!(help.contains("--provider") && !help.contains("--by"), "{help}");
        let line = Line::try_parse_from(["offers", "--by", "provider"]).unwrap_or_else(|error| panic!("{error}"));
        let error = line.arguments.question.filters_for_offers().expect_err("refused").to_string();
        assert!(error.contains("`cheapest`"), "{error}");
    }
}
