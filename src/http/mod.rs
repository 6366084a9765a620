//! The HTTP service: one file per resource, one for errors. It answers from the market in memory through the same pure
//! views as the command line; only evidence and attempts are read from the database.

pub mod actions;
mod cache;
mod changes;
mod clients;
mod csv;
pub mod evidence;
mod export;
mod guides;
pub mod health;
mod history;
mod imports;
mod listen;
mod openapi;
mod pages;
pub mod prices;
pub mod problem;
pub mod providers;
mod query;
mod router;
mod simulate;
mod stream;
mod workloads;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use crate::config::Secret;
use crate::daemon::Daemon;

pub use query::pairs;
pub use router::{document, router};

/// How long a client is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// From the connection (or the answer before) to the end of the next request's head.
    pub head: Duration,
    /// For the whole of a request's body; of a file to import, for each piece of it.
    pub body: Duration,
    /// A client that takes no byte of an answer for so long is cut off.
    pub taking: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { head: Duration::from_secs(20), body: Duration::from_secs(20), taking: Duration::from_secs(30) }
    }
}

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
    pages: Arc<tokio::sync::Semaphore>,
    simulations: Arc<tokio::sync::Semaphore>,
    streams: Arc<tokio::sync::Semaphore>,
    cache: cache::Cache,
    clients: clients::Clients,
    shares: clients::Shares,
    patience: Patience,
    /// What every answer is of, in place of the clock.
    moment: Option<DateTime<Utc>>,
}

impl Shared {
    /// What every handler shares.
    pub fn new(
        daemon: Arc<Daemon>,
        tokens: Vec<Secret>,
        metrics: metrics_exporter_prometheus::PrometheusHandle,
        cancel: CancellationToken,
    ) -> Arc<Self> {
        Self::with_patience(daemon, tokens, metrics, cancel, Patience::default())
    }

    /// The same, with another patience than the usual one.
    pub fn with_patience(
        daemon: Arc<Daemon>,
        tokens: Vec<Secret>,
        metrics: metrics_exporter_prometheus::PrometheusHandle,
        cancel: CancellationToken,
        patience: Patience,
    ) -> Arc<Self> {
        Arc::new(Self { patience, ..Self::at(daemon, tokens, metrics, cancel, None) })
    }

    /// What the handlers share where every answer is of one moment, and nobody may change a thing.
    pub fn of_moment(daemon: Arc<Daemon>, moment: DateTime<Utc>) -> Arc<Self> {
        let metrics = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder().handle();
        Arc::new(Self::at(daemon, Vec::new(), metrics, CancellationToken::new(), Some(moment)))
    }

    /// The time that answers count to.
    fn now(&self) -> DateTime<Utc> {
        self.moment.unwrap_or_else(Utc::now)
    }

    /// The same, as answers of now say it.
    fn as_of(&self) -> DateTime<Utc> {
        crate::prices::floor_as_of(self.now())
    }

    fn at(
        daemon: Arc<Daemon>,
        tokens: Vec<Secret>,
        metrics: metrics_exporter_prometheus::PrometheusHandle,
        cancel: CancellationToken,
        moment: Option<DateTime<Utc>>,
    ) -> Self {
        let server = &daemon.config.server;
        let clients = clients::Clients::new(server.requests_per_second_per_client_max, server.trusted_proxies.clone());
        let pages = Arc::new(tokio::sync::Semaphore::new(evidence::PAGES_AT_ONCE_MAX));
        let exports = Arc::new(tokio::sync::Semaphore::new(export::AT_ONCE_MAX));
        let simulations = Arc::new(tokio::sync::Semaphore::new(simulate::AT_ONCE_MAX));
        let streams = Arc::new(tokio::sync::Semaphore::new(stream::AT_ONCE_MAX));
        let (cache, shares) = (cache::Cache::default(), clients::Shares::default());
        let patience = Patience::default();
        Self { daemon, tokens, cancel, metrics, exports, pages, simulations, streams, cache, clients, shares, patience, moment }
    }
}

/// Serves until cancelled; requests that run then get a few seconds to end.
pub async fn serve(shared: Arc<Shared>, listener: tokio::net::TcpListener) {
    let cancel = shared.cancel.clone();
    let metrics = shared.metrics.clone();
    let patience = shared.patience;
    // Durations pile up until they are read: where nobody asks for `/metrics`, this does.
    let upkeep = async move {
        loop {
            tokio::time::sleep(Duration::from_secs(10)).await;
            metrics.run_upkeep();
        }
    };
    let server = &shared.daemon.config.server;
    let connections = clients::Connections::new(server.connections_per_client_max, &server.trusted_proxies);
    tokio::select! {
        () = listen::listen(router(shared), listener, connections, patience, cancel) => {}
        () = upkeep => {}
    }
}
