//! `gpurate alerts`: which prices are watched, how near they are, and whether a message arrives.

use chrono::Utc;
use clap::Args;
use gpurate_domain::UsdPerGpuHour;
use serde::Serialize;

use super::table::Table;
use super::{Context, Outcome, Usage, block_on, market, out, words};
use crate::alerts::{Alert, Memory, Notice, Sender, When, watch};
use crate::market::Market;
use crate::prices::floor_as_of;
use crate::words::nearest;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gpurate alerts                           what is watched, and what it costs now\n  gpurate alerts --send-test \"cheap 4090\"   a marked message to its webhook\n\nAlerts are `[[alerts]]` in the configuration: `gpurate config default` shows how. `gpurate serve` watches them."
)]
pub(super) struct Arguments {
    /// Send a message that is marked as a test to this alert's webhook.
    #[arg(long, value_name = "NAME")]
    send_test: Option<String>,
    /// For programs.
    #[arg(long)]
    json: bool,
}

/// A card that is watched.
#[derive(Serialize)]
struct Watched {
    alert: String,
    gpu: String,
    at_most_usd_per_gpu_hour: Option<UsdPerGpuHour>,
    change_percent: Option<gpurate_domain::Nanos>,
    usd_per_gpu_hour: Option<UsdPerGpuHour>,
    provider: Option<String>,
    counted_from_usd_per_gpu_hour: Option<gpurate_domain::Nanos>,
    told_at: Option<chrono::DateTime<Utc>>,
    has_webhook: bool,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    let alerts = context.config.alerts.iter().map(Alert::new).collect::<Result<Vec<_>, _>>()?;
    if let Some(name) = &arguments.send_test {
        return send_test(&alerts, name);
    }
    if alerts.is_empty() {
        out::note("no alert is configured: `gpurate config default` shows how, at its end");
        return Ok(Outcome::No);
    }
    let (store, market) = market::read(context)?;
    let memory = watch::read(&store.reader()?, &alerts)?;
    let rows: Vec<Watched> =
        alerts.iter().zip(&context.config.alerts).flat_map(|(alert, section)| watched(alert, &section.gpu, &market, &memory)).collect();
    if arguments.json {
        out::json(&rows)?;
    } else {
        out::text(&text(&rows, market.sample))?;
    }
    Ok(Outcome::Ok)
}

/// One row per card that has a price; where none has, one of what is watched, as it is configured.
fn watched(alert: &Alert, configured: &str, market: &Market, memory: &Memory) -> Vec<Watched> {
    let row = |gpu: String, price, provider| {
        let told = memory.get(&alert.key(&gpu)).cloned().unwrap_or_default();
        let (at_most, change_percent) = match alert.when {
            When::AtMost(most) => (Some(most), None),
            When::Moved(percent) => (None, Some(percent)),
        };
        Watched {
            alert: alert.name.clone(),
            gpu,
            at_most_usd_per_gpu_hour: at_most,
            change_percent,
            usd_per_gpu_hour: price,
            provider,
            counted_from_usd_per_gpu_hour: told.counted_from,
            told_at: told.at,
            has_webhook: alert.webhook.is_some(),
        }
    };
    let prices = alert.prices(market, floor_as_of(Utc::now()));
    if prices.is_empty() {
        return vec![row(crate::words::plain(configured), None, None)];
    }
    let offers = prices.into_iter().map(|row| row.offer);
    offers.map(|offer| row(offer.gpu_group.to_string(), offer.price_usd_per_gpu_hour, Some(offer.provider.to_string()))).collect()
}

fn text(rows: &[Watched], sample: bool) -> String {
    let mut table = Table::new(&["alert", "gpu", ">now", "at", "told when", "told last (UTC)", "to"]).at_least(0, 12);
    for row in rows {
        let when = match (row.at_most_usd_per_gpu_hour, row.change_percent, row.counted_from_usd_per_gpu_hour) {
            (Some(most), _, _) => format!("at most {}", words::rounded(most.nanos)),
            (None, Some(percent), Some(from)) => format!("{percent} % off {}", words::rounded(from.0)),
            (None, percent, _) => format!("{} % off what is seen first", percent.unwrap_or(gpurate_domain::Nanos(0))),
        };
        table.row([
            row.alert.clone(),
            row.gpu.clone(),
            row.usd_per_gpu_hour.map_or_else(|| "no fresh price".to_owned(), |usd| words::rounded(usd.nanos)),
            row.provider.clone().unwrap_or_default(),
            when,
            row.told_at.map(|at| at.format("%Y-%m-%d %H:%M").to_string()).unwrap_or_default(),
            if row.has_webhook { "log, webhook" } else { "log" }.to_owned(),
        ]);
    }
    let mark = if sample { "SAMPLE DATA: all figures are made up; none is a real price\n" } else { "" };
    format!("{table}USD per GPU-hour, the cheapest rentable one. Messages are sent while `gpurate serve` runs.\n{mark}")
}

/// The nearest name, else all there are.
fn no_alert(name: &str, alerts: &[Alert]) -> String {
    let names: Vec<&str> = alerts.iter().map(|alert| alert.name.as_str()).collect();
    let way_out = match (nearest(name, names.iter().copied()), names.as_slice()) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, []) => "none is configured: `gpurate config default` shows how, at its end".to_owned(),
        (None, names) => format!("there is `{}`", names.join("`, `")),
    };
    let shown: String = crate::words::plain(name).chars().take(60).collect();
    format!("no alert is called `{shown}`; {way_out}")
}

fn send_test(alerts: &[Alert], name: &str) -> anyhow::Result<Outcome> {
    let Some(alert) = alerts.iter().find(|alert| alert.name == name) else {
        return Err(Usage(no_alert(name, alerts)).into());
    };
    if alert.webhook.is_none() {
        return Err(Usage(format!("the alert `{name}` has no webhook: its messages go to the log alone")).into());
    }
    let notice = Notice::test(alert, floor_as_of(Utc::now()));
    let sender = Sender::new(std::time::Duration::from_secs(1))?;
    block_on(async { Ok(sender.send(alert, &serde_json::to_value(&notice)?).await?) })?;
    out::text("the message was taken")?;
    Ok(Outcome::Ok)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn alerts(names: &[&str]) -> (Config, Vec<Alert>) {
        let section = |name: &&str| format!("[[alerts]]\nname = \"{name}\"\ngpu = \"h200, b200\"\nchange_percent = \"5\"\n");
        let config = Config::parse(&names.iter().map(section).collect::<String>(), "x.toml").expect("a configuration");
        let alerts = config.alerts.iter().map(|section| Alert::new(section).unwrap_or_else(|error| panic!("{error}"))).collect();
        (config, alerts)
    }

    #[test]
    fn a_card_without_a_price_is_shown_as_it_is_configured() {
        let (config, alerts) = alerts(&["a"]);
        let rows = watched(&alerts[0], &config.alerts[0].gpu, &crate::daemon::market_for_tests(), &Memory::new());
        assert_eq!(rows.iter().map(|row| row.gpu.as_str()).collect::<Vec<_>>(), ["h200, b200"]);
        let shown = text(&rows, false);
        assert!(shown.contains("h200, b200") && shown.contains("no fresh price"), "{shown}");
    }

    #[test]
    fn a_name_that_no_alert_has_is_told_the_names_there_are() {
        let (_, two) = alerts(&["cheap 4090", "evening"]);
        assert_eq!(no_alert("nope", &two), "no alert is called `nope`; there is `cheap 4090`, `evening`");
        assert_eq!(no_alert("cheap 4080", &two), "no alert is called `cheap 4080`; did you mean `cheap 4090`?");
        assert!(no_alert("nope", &[]).contains("none is configured"));
    }
}
