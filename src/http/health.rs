//! Whether the program lives, whether it can answer, what it counts.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::Shared;

/// Lives. Never depends on providers or the disk.
#[utoipa::path(get, path = "/healthz", responses((status = 200, description = "the program lives", body = String, content_type = "text/plain")))]
pub(super) async fn live() -> &'static str {
    "ok\n"
}

/// Whether answers can be given, and what stands in the way of new ones.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Ready {
    /// The market is loaded.
    pub ready: bool,
    /// Version of the market that is served.
    pub market_version: u64,
    /// Offers in it.
    pub offers: usize,
    /// Why nothing new is collected; null while all is well.
    pub store_fault: Option<String>,
}

/// Can answer: the market is loaded. 503 while the database takes no writes, with the reason; the last prices are
/// served all the same.
#[utoipa::path(
    get,
    path = "/readyz",
    responses((status = 200, description = "ready", body = Ready), (status = 503, description = "the database takes no writes", body = Ready))
)]
pub(super) async fn ready(State(shared): State<Arc<Shared>>) -> Response {
    let market = shared.daemon.market();
    let store_fault = shared.daemon.store_fault().map(|reason| reason.to_string());
    let status = if store_fault.is_none() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let ready = Ready { ready: store_fault.is_none(), market_version: market.version, offers: market.index.entries.len(), store_fault };
    (status, Json(ready)).into_response()
}

/// Counters and gauges for Prometheus.
#[utoipa::path(get, path = "/metrics", responses((status = 200, description = "Prometheus text format", body = String, content_type = "text/plain")))]
pub(super) async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    super::prices::measure(&shared.daemon);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], shared.metrics.render()).into_response()
}
