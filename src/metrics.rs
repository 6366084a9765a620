//! What is counted, named once. Labels are bounded: providers, parts, canonical GPUs, markets.

use gpurate_domain::MarketKind;
use metrics::{counter, gauge, histogram};

use crate::collect::run::Report;
use crate::market::Market;

/// One attempt at one part.
pub(crate) fn report(report: &Report) {
    let labels = [("provider", report.provider.clone()), ("part", report.part.clone())];
    counter!("gpurate_collections_total", "provider" => report.provider.clone(), "part" => report.part.clone(), "outcome" => report.outcome.clone())
        .increment(1);
    counter!("gpurate_received_bytes_total", &labels).increment(report.bytes);
    histogram!("gpurate_collection_duration_seconds", "provider" => report.provider.clone())
        .record(std::time::Duration::from_millis(report.duration_ms).as_secs_f64());
    if report.accepted() {
        gauge!("gpurate_offers", &labels).set(count(report.offers));
        gauge!("gpurate_rejected_rows", &labels).set(count(report.rejected));
        gauge!("gpurate_quarantined_rows", &labels).set(count(report.quarantined));
        gauge!("gpurate_unmapped_offers", &labels).set(count(report.unmapped));
    }
}

/// The market as it is now.
pub(crate) fn market(market: &Market) {
    gauge!("gpurate_market_version").set(count(market.version));
    gauge!("gpurate_market_offers").set(count(market.index.entries.len() as u64));
    for part in &market.parts {
        let labels = [("provider", part.provider_slug.to_string()), ("part", part.name.to_string())];
        if let Some(at) = part.last_accepted_at {
            gauge!("gpurate_last_success_timestamp_seconds", &labels).set(count(u64::try_from(at.timestamp()).unwrap_or(0)));
        }
        gauge!("gpurate_failures_in_a_row", &labels).set(f64::from(part.failures));
    }
}

/// The cheapest prices, by canonical GPU and market; gone ones are taken to "not a number" so that no old price lingers.
pub(crate) fn cheapest(prices: impl Iterator<Item = (String, MarketKind, Option<i64>)>) {
    for (gpu, market, nanos) in prices {
        #[expect(clippy::cast_precision_loss, reason = "a metric is a float by its protocol; the exact price is in the API")]
        let dollars = nanos.map_or(f64::NAN, |nanos| nanos as f64 / 1e9);
        gauge!("gpurate_cheapest_usd_per_gpu_hour", "gpu" => gpu, "market" => market.as_str()).set(dollars);
    }
}

#[expect(clippy::cast_precision_loss, reason = "a metric is a float by its protocol")]
fn count(number: u64) -> f64 {
    number as f64
}
