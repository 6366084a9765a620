//! `gpurate serve`: the daemon. It takes the lock, opens the database, listens, and only then collects: an address that is
//! taken costs no request to anybody.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use gpurate_providers::exchanges::Case;
use gpurate_providers::manifest::ProviderKind;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Context, Outcome, block_on, out, sample_mark};
use crate::alerts::{Alert, watch};
use crate::catalogue::{self, Known};
use crate::collect::replay::{self, ReplayOptions};
use crate::collect::schedule::{self, Cron};
use crate::config::{ProviderSection, Secret, listen_address};
use crate::daemon::Daemon;
use crate::http::{self, Shared};
use crate::store::{Holder, Lock};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gpurate serve                               http://127.0.0.1:8080/api/v1/cheapest\n  gpurate serve --listen 0.0.0.0:8080         for others, too\n  gpurate serve --demo --listen 127.0.0.1:0   a first look without a network; every figure is made up\n\nEnds on Ctrl-C or SIGTERM; a second Ctrl-C ends at once."
)]
pub(super) struct Arguments {
    /// Address and port to listen on [default: as configured, else 127.0.0.1:8080].
    #[arg(long, value_name = "ADDRESS", env = "GPURATE_LISTEN", value_parser = listen_address)]
    listen: Option<SocketAddr>,
    /// Made-up samples in place of the providers, in a database that is deleted at the end.
    #[arg(long)]
    demo: bool,
}

pub(super) fn run(mut context: Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    if let Some(listen) = arguments.listen {
        context.config.server.listen = listen;
    }
    // Before anything is counted.
    let metrics = PrometheusBuilder::new().install_recorder().context("metrics cannot be counted")?;
    crate::metrics::describe();
    block_on(async {
        let cancel = stop_signal()?;
        if !arguments.demo {
            super::no_samples(&context.database)?;
            return serve(context, false, metrics, cancel).await;
        }
        let folder = tempfile::Builder::new().prefix("gpurate-demo-").tempdir()?;
        let replay = demo(&mut context, folder.path()).await?;
        let served = serve(context, true, metrics, cancel).await;
        replay.abort();
        served
    })
}

/// Points the configuration at made-up answers and a database of their own.
async fn demo(context: &mut Context, folder: &Path) -> anyhow::Result<tokio::task::JoinHandle<std::io::Result<()>>> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let cases = replay::demo_cases();
    context.config.providers = demo_sections(&cases);
    // Samples are of different days and partly invented: what one provider asks says nothing about another.
    context.config.gate.price_factor_max = 1000;
    context.config.transport.via = Some(format!("http://{}", listener.local_addr()?));
    context.database = folder.join("gpurate.db");
    std::fs::write(sample_mark(&context.database), "every figure in this database is made up\n")?;
    let options = ReplayOptions { shift_dates_to: Some(chrono::Utc::now().date_naive()) };
    out::note("SAMPLE DATA: every figure that follows is made up; no provider is asked.");
    // Whoever asks must know the same parts and the same database.
    let file = folder.join("daemon.toml");
    context.config.store.database = Some(context.database.clone());
    std::fs::write(&file, toml::to_string(&context.config)?)?;
    out::note(&format!("Ask it from another terminal: gpurate cheapest --config {}", file.display()));
    Ok(tokio::spawn(replay::serve(cases, listener, options, CancellationToken::new())))
}

/// What is asked of each provider: the parts its sample has an answer for, and no credential.
fn demo_sections(cases: &[Case]) -> BTreeMap<String, ProviderSection> {
    let of_case = |known: &Known| {
        let hosts = &known.manifest.hosts;
        let is_its =
            |case: &&Case| case.recorded.iter().any(|answer| answer.url.host_str().is_some_and(|host| hosts.iter().any(|own| own == host)));
        cases.iter().find(is_its)
    };
    let section = |known: &Known| {
        let case = of_case(known);
        // A marketplace's sample answers for every model, mostly that there is none.
        let is_marketplace = known.manifest.kind == ProviderKind::Marketplace;
        ProviderSection {
            enabled: Some(case.is_some()),
            parts: case.and_then(|case| case.part.clone()).filter(|_| !is_marketplace).map(|part| vec![part]),
            // Samples are small and hold odd rows on purpose: by the usual share they would be refused whole.
            bad_rows_percent_max: Some(60),
            ..ProviderSection::default()
        }
    };
    catalogue::all().iter().map(|known| (known.slug().to_owned(), section(known))).collect()
}

async fn serve(context: Context, sample: bool, metrics: PrometheusHandle, cancel: CancellationToken) -> anyhow::Result<Outcome> {
    let Context { config, database, .. } = context;
    let mut lock = Lock::take(&database)?;
    let configured = config.server.token()?;
    let wanted = config.server.listen;
    let alerts = config.alerts.iter().map(Alert::new).collect::<Result<Vec<_>, _>>()?;
    let daemon = Daemon::open(config, &database, sample)?;
    let listener = TcpListener::bind(wanted)
        .await
        .map_err(|error| anyhow::anyhow!("`{wanted}` cannot be listened on: {error}; give another address with --listen"))?;
    let address = listener.local_addr()?;
    let token = token_of_this_run()?;
    lock.announce(&Holder { pid: std::process::id(), address: Some(address.to_string()), token: Some(token.clone()) })?;
    let tokens: Vec<Secret> = configured.into_iter().chain([Secret::of_this_run(token)]).collect();
    tracing::info!("listening on http://{address}, prices in {}", database.display());
    let cron = Cron::start().await.context("the schedule cannot start")?;
    let collecting = tokio::spawn(schedule::run(Arc::clone(&daemon), cron, cancel.clone()));
    let watching = tokio::spawn(watch::run(Arc::clone(&daemon), alerts, cancel.clone()));
    let shared = Shared::new(Arc::clone(&daemon), tokens, metrics, cancel.clone());
    http::serve(shared, listener).await;
    // Also where the listener failed: nothing is collected that nobody can ask for.
    cancel.cancel();
    let (collected, watched) = (collecting.await, watching.await);
    // What a request began while collections ended, or where they ended by a fault. The lock is given back after the last commit.
    daemon.stop.cancel();
    daemon.work.close();
    daemon.work.wait().await;
    collected.context("collecting ended by a fault of this program")?;
    watched.context("the alerts ended by a fault of this program")?;
    tracing::info!("ended; every accepted price is kept");
    drop(lock);
    Ok(Outcome::Ok)
}

/// Thirty-two bytes of the system's randomness, in hexadecimal digits.
fn token_of_this_run() -> anyhow::Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("the system gives no random bytes: {error}"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Cancelled by Ctrl-C or SIGTERM; a second Ctrl-C ends the program at once.
fn stop_signal() -> anyhow::Result<CancellationToken> {
    let cancel = CancellationToken::new();
    let token = cancel.clone();
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::spawn(async move {
        #[cfg(unix)]
        let asked = async { terminate.recv().await };
        #[cfg(not(unix))]
        let asked = std::future::pending::<Option<()>>();
        let interrupted = tokio::select! {
            _ = asked => false,
            interrupted = tokio::signal::ctrl_c() => interrupted.is_ok(),
        };
        token.cancel();
        tracing::info!("ending{}", if interrupted { "; a second Ctrl-C ends at once" } else { "" });
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(130);
        }
    });
    Ok(cancel)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_has_a_sample_that_the_demonstration_asks_for() {
        let sections = demo_sections(&replay::demo_cases());
        for known in catalogue::all() {
            let section = &sections[known.slug()];
            assert_eq!(section.enabled, Some(true), "{} has no sample `basic`", known.slug());
            assert!(section.parts.is_some() || known.manifest.kind == ProviderKind::Marketplace, "{}", known.slug());
        }
    }

    #[test]
    fn a_token_is_long_and_of_one_run_only() {
        let (one, other) = (token_of_this_run().expect("random"), token_of_this_run().expect("random"));
        assert_eq!(one.len(), 64);
        assert_ne!(one, other);
    }
}
