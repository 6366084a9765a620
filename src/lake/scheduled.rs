//! The lake of a running daemon: what is new is written every so often, beside everything else and never twice at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{LakeError, Options, Report};
use crate::config::{Config, LakeKeys, SecretError};
use crate::daemon::{Daemon, StartError};
use crate::{metrics, store};

/// When it ran last, and whether it runs.
#[derive(Default)]
pub(crate) struct Scheduled {
    keys: LakeKeys,
    last_ms: AtomicI64,
    runs: AtomicBool,
}

impl Scheduled {
    /// Checks what is configured, so that a daemon that starts can write.
    pub(crate) fn new(config: &Config) -> Result<Self, StartError> {
        let keys = config.lake.keys().map_err(|error: SecretError| StartError::Secret(error))?;
        if let Some(target) = &config.lake.target {
            super::check(target, &config.lake, &keys).map_err(|error| StartError::Lake(error.to_string()))?;
        }
        Ok(Self { keys, ..Self::default() })
    }
}

/// Begins a run where one is due and none is under way.
pub(crate) fn knock(daemon: &Arc<Daemon>, tracker: &TaskTracker, cancel: &CancellationToken) {
    let section = &daemon.config.lake;
    let (Some(target), minutes) = (&section.target, i64::from(section.every_minutes)) else { return };
    let scheduled = &daemon.lake;
    let (now, last) = (store::now_ms().timestamp_millis(), scheduled.last_ms.load(Ordering::Relaxed));
    // A clock that went back must not silence it for long.
    if minutes == 0 || (now - last).abs() < minutes * 60_000 || scheduled.runs.swap(true, Ordering::Relaxed) {
        return;
    }
    scheduled.last_ms.store(now, Ordering::Relaxed);
    let (daemon, target, cancel) = (Arc::clone(daemon), target.clone(), cancel.clone());
    tracker.spawn_blocking(move || {
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| write(&daemon, &target, &cancel)));
        daemon.lake.runs.store(false, Ordering::Relaxed);
        match ended {
            Ok(Ok(report)) => {
                metrics::lake(store::now_ms());
                let bytes: u64 = report.written.iter().map(|file| file.bytes).sum();
                tracing::info!("lake {target}: {} files written, {bytes} bytes; {} days looked at", report.written.len(), report.days);
            }
            Ok(Err(LakeError::Stopped)) => tracing::info!("lake {target}: ended before it was done; the next run goes on"),
            Ok(Err(error)) => tracing::error!("{error}; the next attempt is in {minutes} minutes"),
            Err(_) => tracing::error!("lake {target}: ended by a fault of this program; the next attempt is in {minutes} minutes"),
        }
    });
}

fn write(daemon: &Daemon, named: &str, cancel: &CancellationToken) -> Result<Report, LakeError> {
    let mut target = super::open(named, &daemon.config.lake, &daemon.lake.keys, cancel)?;
    let options = Options {
        since: None,
        dry_run: false,
        recompute: false,
        marketplace_days: daemon.config.retention.prices_days_whole(),
        now: store::now_ms(),
        stop: &|| cancel.is_cancelled(),
        step: &mut |_| {},
    };
    super::run(&daemon.store, &daemon.market(), &mut *target, options)
}
