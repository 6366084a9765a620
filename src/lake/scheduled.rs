//! The lake of a running daemon: the offers of now after commits, and days that closed every so often. It runs beside everything
//! else and never twice at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{LakeError, Options, Report};
use crate::config::{Config, LakeKeys, LakeSection, SecretError};
use crate::daemon::{Daemon, StartError};
use crate::{metrics, store};

/// When it ran last, and whether it runs.
#[derive(Default)]
pub(crate) struct Scheduled {
    keys: LakeKeys,
    last_ms: AtomicI64,
    /// When the offers of now were written last, or their writing failed.
    current_ms: AtomicI64,
    /// Of which market they are.
    current_version: AtomicU64,
    /// It could not be written, and that was said.
    current_fails: AtomicBool,
    runs: AtomicBool,
}

/// What is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    All,
    Current,
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

    /// A clock that went back must not silence it for long.
    fn due(&self, section: &LakeSection, now_ms: i64, market_version: u64) -> Option<Due> {
        let is_over = |last: &AtomicI64, ms: i64| (now_ms - last.load(Ordering::Relaxed)).abs() >= ms;
        if section.every_minutes == 0 {
            return None;
        }
        if is_over(&self.last_ms, i64::from(section.every_minutes) * 60_000) {
            return Some(Due::All);
        }
        let seconds = i64::from(section.current_every_seconds);
        let is_new = self.current_version.load(Ordering::Relaxed) != market_version;
        (seconds > 0 && is_new && is_over(&self.current_ms, seconds * 1000)).then_some(Due::Current)
    }
}

/// Begins a run where one is due and none is under way.
pub(crate) fn knock(daemon: &Arc<Daemon>, tracker: &TaskTracker, cancel: &CancellationToken) {
    let section = &daemon.config.lake;
    let Some(target) = &section.target else { return };
    let scheduled = &daemon.lake;
    let now_ms = store::now_ms().timestamp_millis();
    let Some(due) = scheduled.due(section, now_ms, daemon.market().version) else { return };
    if scheduled.runs.swap(true, Ordering::Relaxed) {
        return;
    }
    scheduled.current_ms.store(now_ms, Ordering::Relaxed);
    if due == Due::All {
        scheduled.last_ms.store(now_ms, Ordering::Relaxed);
    }
    let (daemon, target, cancel) = (Arc::clone(daemon), target.clone(), cancel.clone());
    tracker.spawn_blocking(move || {
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| write(&daemon, &target, due, &cancel)));
        daemon.lake.runs.store(false, Ordering::Relaxed);
        let target = crate::config::shown::address(&target);
        match due {
            Due::All => told(&target, daemon.config.lake.every_minutes, ended),
            Due::Current => told_current(&target, &daemon.lake, ended),
        }
    });
}

type Ended = std::thread::Result<Result<Report, LakeError>>;

fn told(target: &str, minutes: u32, ended: Ended) {
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
}

/// It is written often: what fails is said once, and what works again too.
fn told_current(target: &str, scheduled: &Scheduled, ended: Ended) {
    let fails = !matches!(ended, Ok(Ok(_) | Err(LakeError::Stopped)));
    let failed = scheduled.current_fails.swap(fails, Ordering::Relaxed);
    match ended {
        Ok(Ok(_)) if failed => tracing::info!("lake {target}: the offers of now are written again"),
        Ok(Err(error)) if fails && !failed => tracing::error!("{error}; the offers of now are tried again after each commit"),
        Err(_) if !failed => tracing::error!("lake {target}: the offers of now are not written, by a fault of this program"),
        _ => tracing::debug!(fails, "lake {target}: the offers of now"),
    }
}

fn write(daemon: &Daemon, named: &str, due: Due, cancel: &CancellationToken) -> Result<Report, LakeError> {
    let mut target = super::open(named, &daemon.config.lake, &daemon.lake.keys, cancel)?;
    let (now, market) = (store::now_ms(), daemon.market());
    let report = match due {
        Due::Current => super::run_current(&daemon.store, &market, &mut *target, now)?,
        Due::All => {
            let options = Options {
                since: None,
                dry_run: false,
                recompute: false,
                marketplace_days: daemon.config.retention.prices_days_whole(),
                now,
                stop: &|| cancel.is_cancelled(),
                step: &mut |_| {},
            };
            super::run(&daemon.store, &market, &mut *target, options)?
        }
    };
    daemon.lake.current_version.store(market.version, Ordering::Relaxed);
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offers_of_now_are_due_after_a_commit_and_days_every_so_often() {
        let (scheduled, now) = (Scheduled::default(), 1_000_000_000_000);
        let section = LakeSection { target: Some("lake".to_owned()), ..LakeSection::default() };
        assert_eq!(scheduled.due(&section, now, 7), Some(Due::All), "at the start");
        for last in [&scheduled.last_ms, &scheduled.current_ms] {
            last.store(now, Ordering::Relaxed);
        }
        scheduled.current_version.store(7, Ordering::Relaxed);
        assert_eq!(scheduled.due(&section, now + 600_000, 7), None, "no commit came");
        assert_eq!(scheduled.due(&section, now + 59_999, 8), None, "not so soon");
        assert_eq!(scheduled.due(&section, now + 60_000, 8), Some(Due::Current));
        assert_eq!(scheduled.due(&section, now - 60_000, 8), Some(Due::Current), "the clock went back");
        assert_eq!(scheduled.due(&section, now + 3_600_000, 8), Some(Due::All));
        let only_days = LakeSection { current_every_seconds: 0, ..section.clone() };
        assert_eq!(scheduled.due(&only_days, now + 600_000, 8), None);
        let never = LakeSection { every_minutes: 0, ..section };
        assert_eq!(scheduled.due(&never, now + 3_600_000, 8), None);
    }
}
