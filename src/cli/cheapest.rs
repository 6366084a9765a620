//! `gpurate cheapest`: one row per GPU (or provider, region, market), the cheapest rentable offer of each.

use std::collections::BTreeSet;

use clap::Args;
use gpurate_domain::{Availability, GpuCount};

use super::question::Question;
use super::table::{Table, wrapped};
use super::words::{self, or_unknown};
use super::{Context, Outcome, market, out};
use crate::market::RELIABILITY_USUAL_PPM;
use crate::prices::{self, Answer, CheapestRow, Display, Hidden};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gpurate cheapest                                    every GPU\n  gpurate cheapest rtx-4090 --by provider             who sells it, cheapest first\n  gpurate cheapest --vram-min-gib 24 --country FR,DE  what fits, and where\n  gpurate cheapest h100 --market spot --exit-code     for cron: 1 where there is none"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    question: Question,
    /// The API's own document.
    #[arg(long)]
    json: bool,
    /// Exit with 1 where nothing is found.
    #[arg(long)]
    exit_code: bool,
}

pub(super) fn run(context: &Context, arguments: Arguments) -> anyhow::Result<Outcome> {
    let filters = arguments.question.filters()?;
    let (_, market) = market::read(context)?;
    let answer = prices::cheapest(&market, &filters, market::now());
    if arguments.json {
        out::json(&answer)?;
    } else {
        out::text(&text(&answer))?;
    }
    Ok(Outcome::of(!arguments.exit_code || !answer.items.is_empty()))
}

/// The whole answer for a person.
fn text(answer: &Answer<CheapestRow>) -> String {
    let mut text = String::new();
    if !answer.items.is_empty() {
        text.push_str(&table(&answer.items, true).to_string());
    } else if !answer.last_known.is_empty() {
        text.push_str("Nothing is fresh enough to be called cheapest now. The last prices, with their age:\n\n");
        text.push_str(&table(&answer.last_known, false).to_string());
    } else {
        text.push_str("Nothing found.\n");
    }
    text.push('\n');
    if let Some(advice) = &answer.advice {
        text.push_str(&format!("{advice}\n"));
    }
    let shown = if answer.items.is_empty() { &answer.last_known } else { &answer.items };
    text.push_str(&billed(shown));
    if !answer.defaults.is_empty() {
        let defaults: Vec<String> =
            answer.defaults.iter().map(|default| format!("{} (--{})", default.meaning, flag(default.parameter))).collect();
        text.push_str(&wrapped("assumed: ", &defaults, "; "));
    }
    if answer.items.iter().any(|row| !row.rentable) {
        text.push_str("*: nothing passes what is assumed; this is the cheapest of what does not\n");
    }
    let needs_several = |row: &CheapestRow| row.offer.gpu_count.is_some_and(|count| count != GpuCount::ONE && !count.is_slice());
    if let Some(row) = shown.iter().find(|row| needs_several(row)) {
        let count = or_unknown(row.offer.gpu_count);
        text.push_str(&format!("×{count}: not fewer than {count} GPUs are rented; the price is of one of them\n"));
    }
    text.push_str(&hidden(shown));
    if let Some(count) = answer.unknown_gpu_offers_left_out.filter(|count| *count > 0) {
        let count = words::counted(usize::try_from(count).unwrap_or(usize::MAX), "offer");
        text.push_str(&format!("left out: {count} of GPUs that are not known for certain (gpurate offers)\n"));
    }
    if let Some(rates) = &answer.rates {
        text.push_str(&match (rates.per_usd, rates.rate_date) {
            (Some(per_usd), Some(date)) => format!("1 USD = {per_usd} {} by the reference rate of {date}\n", rates.currency),
            _ => format!("no reference rate for {}: nothing is converted\n", rates.currency),
        });
    }
    text.push_str(&market::footer(answer));
    text
}

/// `marked`: prices that pass no assumption have their mark. Of last prices none can be rented, and the text above says why.
fn table(rows: &[CheapestRow], marked: bool) -> Table {
    let columns = ["GPU", ">USD per\nGPU-hour", ">floor", ">median", ">offers/\nmachines/\nproviders", "cheapest at", "age"];
    let mut table = Table::new(&columns).whole(&[0, 6]);
    for row in rows {
        let offer = &row.offer;
        let place = match &*offer.region {
            "global" => String::new(),
            region => format!(" {region}"),
        };
        table.row([
            offer.gpu_group.to_string(),
            price(row, marked),
            format!("{}{}", words::asked(row.floor.usd_per_gpu_hour.nanos, row.floor.price_kind), displayed(&row.floor.display_price)),
            format!("{}{}", words::rounded(row.median_usd_per_gpu_hour.nanos), displayed(&row.median_display_price)),
            format!("{}/{}/{}", row.offers, row.machines, row.providers),
            format!("{} {}{place}{}", offer.provider, offer.tier, marks(row)),
            words::age_marked(offer.age_seconds, offer.freshness),
        ]);
    }
    table
}

fn price(row: &CheapestRow, marked: bool) -> String {
    let offer = &row.offer;
    let shown = offer.price_usd_per_gpu_hour.map(|price| words::asked(price.nanos, offer.price_kind));
    let mark = if row.rentable || !marked { "" } else { "*" };
    format!("{}{mark}{}", or_unknown(shown), displayed(&offer.display_price))
}

/// A price in the currency and with the tax that were asked for, in a line of its own.
fn displayed(display: &Option<Display>) -> String {
    let display = display.as_ref().and_then(|display| {
        let amount = display.per_gpu_hour_with_vat.or(display.per_gpu_hour)?;
        let tax = display.vat_percent.map(|percent| format!(" +{percent} %")).unwrap_or_default();
        Some(format!("\n{} {}{tax}", words::rounded(amount.0), display.currency))
    });
    display.unwrap_or_default()
}

/// What one should know before one believes the figure.
fn marks(row: &CheapestRow) -> String {
    let offer = &row.offer;
    let market = offer.market.to_string();
    let count = offer.gpu_count.filter(|count| *count != GpuCount::ONE).map(|count| several(count, offer.gpu_count_max));
    let low = offer.attributes.reliability.is_some_and(|score| score.0 < i64::from(RELIABILITY_USUAL_PPM) * 1_000);
    let marks = [
        (count.is_some(), count.as_deref().unwrap_or_default()),
        (offer.market != gpurate_domain::MarketKind::OnDemand, market.as_str()),
        (offer.availability == Availability::Unavailable, "out of stock"),
        (offer.availability == Availability::NotStated, "stock not stated"),
        (offer.attributes.verified == Some(false), "unverified host"),
        (low, "low reliability"),
        (offer.presence != "present", offer.presence),
        (offer.flapping, "price flaps"),
        (offer.count_anomaly, "more GPUs cost less"),
        (offer.retired, "retired series"),
    ];
    let marks: Vec<&str> = marks.into_iter().filter(|(holds, _)| *holds).map(|(_, mark)| mark).collect();
    if marks.is_empty() { String::new() } else { format!(" [{}]", marks.join(", ")) }
}

/// `×8`: so many are rented at once; `1/8 of a card`.
fn several(count: GpuCount, most: Option<u32>) -> String {
    match most {
        _ if count.is_slice() => format!("{count} of a card"),
        Some(most) => format!("×{count} to {most}"),
        None => format!("×{count}"),
    }
}

/// How the sellers in the table bill time: each rule once.
fn billed(rows: &[CheapestRow]) -> String {
    let rule = |row: &CheapestRow| {
        let words = row.billing.as_ref().map_or("not known", |billing| billing.words.as_str());
        format!("{} {words}", row.offer.provider)
    };
    let rules: Vec<String> = rows.iter().map(rule).collect::<BTreeSet<_>>().into_iter().collect();
    if rules.is_empty() { String::new() } else { wrapped("billed: ", &rules, "; ") }
}

/// How many cheaper offers the defaults hid, and the flag that shows them.
fn hidden(rows: &[CheapestRow]) -> String {
    let sum = |of: fn(&Hidden) -> u32| rows.iter().map(|row| u64::from(of(&row.hidden))).sum::<u64>();
    let counts = [
        (sum(|hidden| hidden.unverified), "on unverified hosts (--unverified)"),
        (sum(|hidden| hidden.low_reliability), "of low reliability (--reliability-min)"),
        (sum(|hidden| hidden.spot), "spot (--market spot)"),
        (sum(|hidden| hidden.serverless), "serverless (--market serverless)"),
        (sum(|hidden| hidden.multi_gpu), "of several GPUs (--gpu-count)"),
        (sum(|hidden| hidden.slice), "parts of a card (--slices)"),
        (sum(|hidden| hidden.retired), "of retired series (--retired)"),
    ];
    let counts: Vec<String> = counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let mut text = String::new();
    if !counts.is_empty() {
        text.push_str(&wrapped("cheaper, but hidden: ", &counts, ", "));
    }
    let no_rate = sum(|hidden| hidden.no_rate);
    if no_rate > 0 {
        text.push_str(&format!(
            "not compared: {} without an exchange rate or a GPU count\n",
            words::counted(usize::try_from(no_rate).unwrap_or(usize::MAX), "offer")
        ));
    }
    text
}

fn flag(parameter: &str) -> String {
    parameter.replace('_', "-")
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::bench_data;
    use crate::prices::Filters;

    fn answer_after(days: i64) -> Answer<CheapestRow> {
        prices::cheapest(&bench_data::market(7, 5_000), &Filters::default(), bench_data::now() + TimeDelta::days(days))
    }

    #[test]
    fn last_prices_are_not_said_to_fail_what_is_assumed() {
        let stale = answer_after(1_000);
        assert!(stale.items.is_empty() && !stale.last_known.is_empty());
        let text = text(&stale);
        assert!(text.starts_with("Nothing is fresh enough") && !text.contains('*'), "{text}");
    }

    #[test]
    fn floor_and_median_are_in_the_currency_that_was_asked_for_too() {
        let market = bench_data::market(7, 5_000);
        let filters = Filters::parse([("vat_percent".to_owned(), "20".to_owned()), ("limit".to_owned(), "1".to_owned())].into_iter());
        let answer = prices::cheapest(&market, &filters.expect("a question"), bench_data::now());
        assert_eq!(table(&answer.items, true).to_string().matches("USD +20 %").count(), 3, "price, floor and median: {}", text(&answer));
    }

    #[test]
    fn a_price_that_passes_no_assumption_is_marked_and_what_is_left_out_is_counted() {
        let mut answer = answer_after(0);
        answer.items[0].rentable = false;
        answer.unknown_gpu_offers_left_out = Some(3);
        let marked = text(&answer);
        assert!(marked.contains("*: nothing passes what is assumed"), "{marked}");
        assert!(marked.contains("left out: 3 offers of GPUs that are not known for certain"), "{marked}");
        answer.unknown_gpu_offers_left_out = Some(0);
        assert!(!text(&answer).contains("left out"));
    }

    #[test]
    fn a_row_says_which_demand_its_offer_fails() {
        let mut answer = answer_after(0);
        let row = &mut answer.items[0];
        let offer = &mut row.offer;
        offer.market = gpurate_domain::MarketKind::OnDemand;
        (offer.gpu_count, offer.gpu_count_max, offer.availability) = (Some(GpuCount::ONE), Some(8), Availability::Available);
        (offer.attributes.verified, offer.attributes.reliability) = (None, None);
        (offer.presence, offer.flapping, offer.count_anomaly, offer.retired) = ("present", false, false, false);
        assert_eq!(marks(row), "", "one card that can be had has none");
        let offer = &mut row.offer;
        (offer.gpu_count, offer.gpu_count_max, offer.availability) = ("8".parse().ok(), None, Availability::Unavailable);
        (offer.attributes.verified, offer.attributes.reliability) = (Some(false), Some(gpurate_domain::Nanos(949_999_999)));
        assert_eq!(marks(row), " [×8, out of stock, unverified host, low reliability]");
        row.rentable = false;
        let told = text(&answer);
        assert!(told.contains("×8: not fewer than 8 GPUs are rented"), "{told}");
        let row = &mut answer.items[0];
        let offer = &mut row.offer;
        (offer.gpu_count, offer.availability) = ("1/8".parse().ok(), Availability::NotStated);
        (offer.attributes.verified, offer.attributes.reliability) = (Some(true), Some(gpurate_domain::Nanos(950_000_000)));
        assert_eq!(marks(row), " [1/8 of a card, stock not stated]");
    }
}
