//! What is counted, named once. Labels are bounded: providers, parts, canonical GPUs, markets, routes.

use std::cell::RefCell;
use std::time::Duration;

use foldhash::HashMap;
use gpurate_domain::MarketKind;
use metrics::{Counter, Histogram, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

use crate::collect::run::Report;
use crate::market::Market;

/// What each metric is, as `/metrics` says it; its kind is how it is counted below.
const DESCRIPTIONS: [(&str, &str); 19] = [
    ("gpurate_cheapest_usd_per_gpu_hour", "The cheapest price now, USD per GPU-hour; NaN where there is none."),
    (
        "gpurate_median_usd_per_gpu_hour",
        "The median of the prices the cheapest was compared with, USD per GPU-hour; NaN where there is none.",
    ),
    ("gpurate_market_offers", "Offers that are served."),
    ("gpurate_market_version", "Commits so far."),
    ("gpurate_last_success_timestamp_seconds", "When an answer of the part was last accepted, as Unix time."),
    ("gpurate_stale_after_seconds", "The age at which prices of the provider leave the answers."),
    ("gpurate_failures_in_a_row", "Attempts at the part since that were not accepted."),
    ("gpurate_collections_total", "Attempts, by what they came to."),
    ("gpurate_offers", "Offers in the part's last accepted answer since the start."),
    ("gpurate_rejected_rows", "Rows of that answer that could not be read."),
    ("gpurate_quarantined_rows", "Rows of that answer that were not believed."),
    ("gpurate_unmapped_offers", "Offers of that answer whose GPU is not known."),
    ("gpurate_received_bytes_total", "Bytes of answers, as they came."),
    ("gpurate_collection_duration_seconds", "From the first request of a part to its commit."),
    ("gpurate_store_commit_duration_seconds", "One transaction of a collection."),
    ("gpurate_store_fault", "1 while the database takes no writes, else 0."),
    ("gpurate_lake_last_success_timestamp_seconds", "When the lake was last written, or found as it should be, as Unix time."),
    ("gpurate_http_requests_total", "Requests, by method, pattern of the address and status."),
    ("gpurate_http_request_duration_seconds", "Until the answer to a request begins."),
];

/// Tells what each metric is. Once, before anything is counted.
pub(crate) fn describe() {
    for (name, text) in DESCRIPTIONS {
        if name.ends_with("_total") {
            describe_counter!(name, text);
        } else if name.ends_with("_duration_seconds") {
            describe_histogram!(name, text);
        } else {
            describe_gauge!(name, text);
        }
    }
}

/// One attempt at one part.
pub(crate) fn report(report: &Report) {
    let labels = [("provider", report.provider.clone()), ("part", report.part.clone())];
    counter!("gpurate_collections_total", "provider" => report.provider.clone(), "part" => report.part.clone(), "outcome" => report.outcome.clone())
        .increment(1);
    counter!("gpurate_received_bytes_total", &labels).increment(report.bytes);
    histogram!("gpurate_collection_duration_seconds", "provider" => report.provider.clone())
        .record(Duration::from_millis(report.duration_ms).as_secs_f64());
    if report.accepted() {
        gauge!("gpurate_offers", &labels).set(count(report.offers));
        gauge!("gpurate_rejected_rows", &labels).set(count(report.rejected));
        gauge!("gpurate_quarantined_rows", &labels).set(count(report.quarantined));
        gauge!("gpurate_unmapped_offers", &labels).set(count(report.unmapped));
    }
}

/// Gauges of one part.
const OF_PART: [&str; 6] = [
    "gpurate_offers",
    "gpurate_rejected_rows",
    "gpurate_quarantined_rows",
    "gpurate_unmapped_offers",
    "gpurate_last_success_timestamp_seconds",
    "gpurate_failures_in_a_row",
];

/// A run of the lake that ended well.
#[cfg(feature = "lake")]
pub(crate) fn lake(at: chrono::DateTime<chrono::Utc>) {
    gauge!("gpurate_lake_last_success_timestamp_seconds").set(count(u64::try_from(at.timestamp()).unwrap_or(0)));
}

/// The market as it is now.
pub(crate) fn market(market: &Market) {
    gauge!("gpurate_market_version").set(count(market.version));
    gauge!("gpurate_market_offers").set(count(market.index.entries.len() as u64));
    for provider in market.providers.iter().filter(|provider| provider.enabled) {
        let seconds = u64::try_from(provider.stale_seconds).unwrap_or(0);
        gauge!("gpurate_stale_after_seconds", "provider" => provider.slug.to_string()).set(count(seconds));
    }
    for part in &market.parts {
        let labels = [("provider", part.provider_slug.to_string()), ("part", part.name.to_string())];
        if part.forgotten {
            // A series cannot be taken back; one that is no number is in no graph, and no alert.
            for name in OF_PART {
                gauge!(name, &labels).set(f64::NAN);
            }
            continue;
        }
        if let Some(at) = part.last_accepted_at {
            gauge!("gpurate_last_success_timestamp_seconds", &labels).set(count(u64::try_from(at.timestamp()).unwrap_or(0)));
        }
        gauge!("gpurate_failures_in_a_row", &labels).set(f64::from(part.failures));
    }
}

/// Whether the database refuses writes: what `/readyz` answers 503 for.
pub(crate) fn store_fault(is_there: bool) {
    gauge!("gpurate_store_fault").set(f64::from(u8::from(is_there)));
}

/// One transaction of a collection.
pub(crate) fn commit(duration: Duration) {
    histogram!("gpurate_store_commit_duration_seconds").record(duration.as_secs_f64());
}

thread_local! {
    /// What was asked before: finding a series anew costs more than the rest of the counting.
    static ROUTES: RefCell<HashMap<String, Route>> = RefCell::default();
}

struct Route {
    duration: Histogram,
    requests: HashMap<(&'static str, u16), Counter>,
}

/// One HTTP request. `route` is the pattern that matched, never the address that was asked for.
pub(crate) fn request(method: &'static str, route: &str, status: u16, duration: Duration) {
    ROUTES.with_borrow_mut(|routes| {
        if !routes.contains_key(route) {
            let duration = histogram!("gpurate_http_request_duration_seconds", "route" => route.to_owned());
            routes.insert(route.to_owned(), Route { duration, requests: HashMap::default() });
        }
        let Some(known) = routes.get_mut(route) else { return };
        known.duration.record(duration.as_secs_f64());
        let count = known.requests.entry((method, status));
        count
            .or_insert_with(
                || counter!("gpurate_http_requests_total", "method" => method, "route" => route.to_owned(), "status" => status.to_string()),
            )
            .increment(1);
    });
}

/// Prices of one canonical GPU in one market.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prices {
    /// The cheapest, in nano-dollars per GPU-hour.
    pub(crate) cheapest_nanos: i64,
    /// The median of those it was compared with.
    pub(crate) median_nanos: i64,
}

/// Prices by canonical GPU and market; gone ones are taken to "not a number" so that no old price lingers.
pub(crate) fn prices(all: impl Iterator<Item = (String, MarketKind, Option<Prices>)>) {
    #[expect(clippy::cast_precision_loss, reason = "a metric is a float by its protocol; the exact price is in the API")]
    let dollars = |nanos: Option<i64>| nanos.map_or(f64::NAN, |nanos| nanos as f64 / 1e9);
    for (gpu, market, prices) in all {
        let labels = [("gpu", gpu), ("market", market.as_str().to_owned())];
        gauge!("gpurate_cheapest_usd_per_gpu_hour", &labels).set(dollars(prices.map(|prices| prices.cheapest_nanos)));
        gauge!("gpurate_median_usd_per_gpu_hour", &labels).set(dollars(prices.map(|prices| prices.median_nanos)));
    }
}

#[expect(clippy::cast_precision_loss, reason = "a metric is a float by its protocol")]
fn count(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_described_and_the_description_is_served() {
        let (_, code) = include_str!("metrics.rs").split_once("pub(crate) fn describe()").expect("what follows the table");
        let is_name = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        let counted = code.split('"').filter(|text| text.strip_prefix("gpurate_").is_some_and(is_name));
        let mut counted: Vec<&str> = counted.collect();
        counted.sort_unstable();
        counted.dedup();
        let mut described: Vec<&str> = DESCRIPTIONS.iter().map(|(name, _)| *name).collect();
        described.sort_unstable();
        assert_eq!(counted, described);

        let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        metrics::with_local_recorder(&recorder, || {
            describe();
            market(&crate::daemon::market_for_tests());
            store_fault(false);
            commit(Duration::from_millis(3));
            request("GET", "/metrics", 200, Duration::from_millis(3));
            prices(std::iter::once(("l4".to_owned(), MarketKind::Spot, None)));
        });
        let served = handle.render();
        let types: Vec<&str> = served.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
        assert!(types.len() >= 8, "{served}");
        for name in types {
            assert!(served.contains(&format!("# HELP {name} ")), "{name}: {served}");
        }
    }
}
