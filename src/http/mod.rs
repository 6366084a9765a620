//! The HTTP service: one file per resource, one for errors. It answers from the market in memory through the same pure
//! views as the command line; only evidence and attempts are read from the database.

pub mod actions;
mod cache;
pub mod evidence;
mod export;
pub mod health;
mod history;
pub mod prices;
pub mod problem;
pub mod providers;
mod query;
mod router;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::config::Secret;
use crate::daemon::Daemon;

pub use router::{document, router};

/// What every handler shares.
pub struct Shared {
    /// The daemon.
    pub daemon: Arc<Daemon>,
    /// Tokens that allow to change state; none: such requests are off.
    pub tokens: Vec<Secret>,
    /// Ends what a request started.
    pub cancel: CancellationToken,
    /// What `/metrics` renders.
    pub metrics: metrics_exporter_prometheus::PrometheusHandle,
    exports: Arc<tokio::sync::Semaphore>,
    cache: cache::Cache,
}

impl Shared {
    /// What every handler shares.
    pub fn new(
        daemon: Arc<Daemon>,
        tokens: Vec<Secret>,
        metrics: metrics_exporter_prometheus::PrometheusHandle,
        cancel: CancellationToken,
    ) -> Arc<Self> {
        let exports = Arc::new(tokio::sync::Semaphore::new(export::AT_ONCE_MAX));
        Arc::new(Self { daemon, tokens, cancel, metrics, exports, cache: cache::Cache::default() })
    }
}

/// Serves until cancelled; requests that run then get a few seconds to end.
///
/// # Errors
/// The listener's own.
pub async fn serve(shared: Arc<Shared>, listener: tokio::net::TcpListener) -> std::io::Result<()> {
    let cancel = shared.cancel.clone();
    let patience = Duration::from_secs(5);
    let served = axum::serve(listener, router(shared)).with_graceful_shutdown(cancel.clone().cancelled_owned());
    let end = async {
        cancel.cancelled().await;
        tokio::time::sleep(patience).await;
    };
    tokio::select! {
        served = served.into_future() => served,
        // A client that never ends its request does not keep the program.
        () = end => Ok(()),
    }
}
