//! `gpurate history GPU`: how its price moved, gaps shown as gaps.

use chrono::{DateTime, Utc};
use clap::Args;
use gpurate_domain::Nanos;

use super::table::Table;
use super::words::{self, or_unknown};
use super::{Context, Outcome, market, out, question};
use crate::history::{self, HistoryAnswer, Point, PriceOf, Question, SeriesFigures, SpotOverOnDemand, Step};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gpurate history rtx-4090                                 30 days, day by day\n  gpurate history rtx-4090 --market spot --since 2d --step hour\n  gpurate history h100-sxm --provider runpod --step changes --json\n  gpurate history rtx-4090 --budget 0.40 --time-zone Europe/Paris   how long 0.40 would have done, and when it is cheap\n  gpurate history rtx-4090 --country FR,DE --since 7d\n\nA gap is a time of which nothing accepted is known. All rows: gpurate export series."
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
    /// A series for each provider that has one of these tiers.
    #[arg(long, value_name = "TIER,...")]
    tier: Vec<String>,
    /// A series for each of these regions, from rows of prices: slower, and no further back than listings are kept.
    #[arg(long, value_name = "REGION,...")]
    region: Vec<String>,
    /// The same for countries.
    #[arg(long, value_name = "CODE,...")]
    country: Vec<String>,
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
    /// Whose days, weeks and hours of the week are meant, as `Europe/Paris` [default: UTC].
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Figures over the window too: how much it moved, the worst rise, spot over on demand, by hour of the week.
    #[arg(long)]
    figures: bool,
    /// Figures, and how long the price was at or under so many dollars per GPU-hour.
    #[arg(long, value_name = "USD")]
    budget: Option<String>,
    /// Which price they are made of: `rentable` or `lowest` [default: rentable].
    #[arg(long, value_name = "PRICE")]
    price: Option<String>,
    /// An import: its series alone [default: what gpurate collected].
    #[arg(long, value_name = "ORIGIN")]
    origin: Option<String>,
    /// The API's own document.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    let now = Utc::now();
    let question = Question::parse(pairs(arguments).into_iter(), now)?.keeping(context.config.retention.marketplace_days_whole());
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
    question::pairs(
        &[
            ("gpu", &arguments.gpu),
            ("market", &arguments.market),
            ("provider", &arguments.provider),
            ("tier", &arguments.tier),
            ("region", &arguments.region),
            ("country", &arguments.country),
        ],
        &[
            ("since", arguments.since.as_deref()),
            ("until", arguments.until.as_deref()),
            ("step", arguments.step.as_deref()),
            ("time_zone", arguments.time_zone.as_deref()),
            ("budget", arguments.budget.as_deref()),
            ("price", arguments.price.as_deref()),
            ("origin", arguments.origin.as_deref()),
        ],
        &[("several", arguments.several), ("figures", arguments.figures)],
    )
}

fn text(answer: &HistoryAnswer) -> String {
    let mut text = String::new();
    for series in &answer.items {
        let whose = series.provider.as_deref().map_or_else(|| "all providers".to_owned(), str::to_owned);
        let tier = series.tier.as_deref().map(|tier| format!(" {tier}")).unwrap_or_default();
        let place = series.region.as_deref().or(series.country.as_deref()).map(|place| format!(", in {}", crate::words::plain(place)));
        let count = if series.several { "several GPUs" } else { "one GPU" };
        let origin = series.origin.as_deref().map(|origin| format!(", imported as {origin}")).unwrap_or_default();
        text.push_str(&format!(
            "{}, {}, {whose}{tier}{}, {count}{origin}: USD per GPU-hour\n",
            series.gpu,
            series.market.as_str().replace('_', " "),
            place.unwrap_or_default()
        ));
        text.push_str(&table(&series.points, answer.step, answer.time_zone).to_string());
        if let Some(figures) = &series.figures {
            text.push_str(&about(figures, answer.time_zone));
        }
        text.push('\n');
    }
    for ratio in answer.spot_over_on_demand.iter().flatten() {
        text.push_str(&spot_over_on_demand(ratio));
    }
    if !answer.items.is_empty() {
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

/// A time as a clock of that zone shows it.
pub(super) fn shown_at(at: DateTime<Utc>, zone: &str, format: &str) -> String {
    zone.parse::<chrono_tz::Tz>().map_or_else(|_| at.format(format).to_string(), |zone| at.with_timezone(&zone).format(format).to_string())
}

fn table(points: &[Point], step: Step, zone: &str) -> Table {
    let head = format!("from ({zone})");
    let mut table =
        Table::new(&[&head, ">lowest", ">rentable", ">quartile", ">median", ">offers", ">machines", ">providers", ""]).whole(&[0]);
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
        let mut notes = Vec::new();
        if point.gap {
            notes.push(format!("gap until {}", shown_at(last.until, zone, "%Y-%m-%d %H:%M")));
        } else if point.providers_not_fresh > 0 {
            notes.push(format!("{} not fresh", words::counted(point.providers_not_fresh as usize, "provider")));
        }
        if point.corrected {
            notes.push("corrected".to_owned());
        }
        let price = |price: Option<Nanos>| or_unknown(price.map(|price| words::rounded(price.0)));
        let count = |count: u32| if point.gap { words::UNKNOWN.to_owned() } else { count.to_string() };
        table.row([
            shown_at(point.from, zone, format),
            price(point.min_usd_per_gpu_hour),
            price(point.rentable_usd_per_gpu_hour),
            price(point.quartile_usd_per_gpu_hour),
            price(point.median_usd_per_gpu_hour),
            count(point.offers),
            count(point.machines),
            or_unknown(point.providers),
            notes.join(", "),
        ]);
    }
    table
}

/// Seconds as hours, to a tenth.
fn hours(seconds: i64) -> String {
    format!("{}.{} h", seconds / 3600, seconds % 3600 / 360)
}

/// A share from 0 to 1 in percent, to a tenth.
pub(super) fn in_percent(share: Nanos) -> String {
    format!("{}.{} %", share.0 / 10_000_000, share.0 / 1_000_000 % 10)
}

fn about(figures: &SeriesFigures, zone: &str) -> String {
    let of = match figures.of {
        PriceOf::Rentable => "the lowest rentable price (not unverified, not unreliable)",
        PriceOf::Lowest => "the lowest price of all",
    };
    let price = |price: Nanos| words::rounded(price.0);
    let mut text = format!(
        "of {of}: {} known, {} when nothing was offered, {} not known\n",
        hours(figures.known_seconds),
        hours(figures.nothing_offered_seconds),
        hours(figures.not_known_seconds)
    );
    let median =
        figures.median_usd_per_gpu_hour.map_or_else(|| "nothing is known".to_owned(), |median| format!("{} or less", price(median)));
    text.push_str(&format!("half of the time: {median}\n"));
    if let Some(budget) = &figures.budget {
        let share = budget
            .share
            .map_or_else(|| "nothing is known".to_owned(), |share| format!("{} of the hours that are known", in_percent(share)));
        text.push_str(&format!("at or under {}: {} ({share})\n", price(budget.usd_per_gpu_hour), hours(budget.at_or_under_seconds)));
    }
    match &figures.volatility {
        Some(volatility) => text.push_str(&format!(
            "from one day to the next: {} % (median), {} % (mean), {} % at most, of {}\n",
            volatility.median_change_percent,
            volatility.mean_change_percent,
            volatility.largest_change_percent,
            words::counted(volatility.days_compared, "pair") + " of days"
        )),
        None => text.push_str("from one day to the next: no two days in a row are known\n"),
    }
    if let Some(rise) = &figures.worst_rise {
        text.push_str(&format!(
            "worst rise: {} to {} (+{} %), from {} to {}\n",
            price(rise.from_usd_per_gpu_hour),
            price(rise.to_usd_per_gpu_hour),
            rise.percent,
            shown_at(rise.from_at, zone, "%Y-%m-%d %H:%M"),
            shown_at(rise.to_at, zone, "%Y-%m-%d %H:%M")
        ));
    }
    text.push_str(&format!("by hour of the week ({zone}), half of the time at or under:\n"));
    let mut table = Table::new(&["", ">Mon", ">Tue", ">Wed", ">Thu", ">Fri", ">Sat", ">Sun"]).whole(&[0]);
    for hour in 0..24 {
        let cells =
            (0..7).map(|day| or_unknown(figures.hour_of_week.get(day * 24 + hour).and_then(|cell| cell.usd_per_gpu_hour).map(price)));
        table.row(std::iter::once(format!("{hour:02}:00")).chain(cells));
    }
    text.push_str(&table.to_string());
    text
}

fn spot_over_on_demand(of: &SpotOverOnDemand) -> String {
    let words =
        [&of.provider, &of.tier, &of.region, &of.country].into_iter().flatten().map(|word| format!(" {}", crate::words::plain(word)));
    let whose: String = words.collect();
    match (of.ratio, of.spot_usd_per_gpu_hour, of.on_demand_usd_per_gpu_hour) {
        (Some(ratio), Some(spot), Some(on_demand)) => format!(
            "{}{whose}: spot costs {} of on demand ({} against {}, half of the {} in which both are known)\n",
            of.gpu,
            in_percent(ratio),
            words::rounded(spot.0),
            words::rounded(on_demand.0),
            hours(of.both_known_seconds)
        ),
        _ => format!("{}{whose}: spot and on demand were never known together\n", of.gpu),
    }
}
