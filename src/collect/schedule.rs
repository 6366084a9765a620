//! Wakes the question "who is due?" at a steady pace. The cron crate only knocks; what runs, and that nothing overlaps,
//! is decided here.
//!
//! The crate is used in its guarded form: cron jobs only (its repeated jobs die after a stall), UTC only (it keeps a
//! zone's offset for ever), a job body that does nothing but knock, so that neither overlap nor shutdown depends on it.

use std::sync::Arc;

use chrono::TimeDelta;
use tokio::sync::{Semaphore, mpsc};
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};
use tokio_util::sync::CancellationToken;

use super::due::due;
use super::run;
use crate::daemon::Daemon;

/// Every five seconds, in UTC.
const KNOCK: &str = "*/5 * * * * *";

/// Something that knocks.
#[async_trait::async_trait]
pub trait Schedule: Send {
    /// Waits for the next knock; several missed ones are one. `None` at the end.
    async fn knock(&mut self) -> Option<()>;
    /// Ends it.
    async fn stop(&mut self);
}

/// The cron crate behind [`Schedule`].
pub struct Cron {
    scheduler: JobScheduler,
    knocks: mpsc::Receiver<()>,
}

impl Cron {
    /// Starts to knock.
    ///
    /// # Errors
    /// The crate's own, where it cannot start.
    pub async fn start() -> Result<Self, JobSchedulerError> {
        let (sender, knocks) = mpsc::channel(1);
        let scheduler = JobScheduler::new().await?;
        let job = Job::new_async(KNOCK, move |_, _| {
            let sender = sender.clone();
            Box::pin(async move {
                // A full channel holds a knock that was not answered yet: this one adds nothing.
                let _knocked = sender.try_send(());
            })
        })?;
        scheduler.add(job).await?;
        scheduler.start().await?;
        Ok(Self { scheduler, knocks })
    }
}

#[async_trait::async_trait]
impl Schedule for Cron {
    async fn knock(&mut self) -> Option<()> {
        self.knocks.recv().await
    }

    async fn stop(&mut self) {
        if let Err(error) = self.scheduler.shutdown().await {
            tracing::debug!(%error, "the scheduler did not stop cleanly");
        }
    }
}

/// Collects what is due until cancelled, then lets running parts end within their time.
pub async fn run(daemon: Arc<Daemon>, mut schedule: impl Schedule, cancel: CancellationToken) {
    let slots = Arc::new(Semaphore::new(daemon.config.collection.parts_at_once_max as usize));
    // The first question is not left to the schedule: prices of now are wanted at once.
    loop {
        // Asking the disk is blocking work.
        let works = daemon.store_fault().is_none() || {
            let daemon = Arc::clone(&daemon);
            tokio::task::spawn_blocking(move || daemon.store_works()).await.unwrap_or(false)
        };
        if works {
            start_due(&daemon, &slots);
            daemon.housekeeping();
            #[cfg(feature = "lake")]
            crate::lake::knock(&daemon, &daemon.work, &cancel);
        }
        tokio::select! {
            () = cancel.cancelled() => break,
            knock = schedule.knock() => if knock.is_none() { break },
            // A part that ended may have made room, or named parts that nobody asked yet.
            () = daemon.finished.notified() => {}
        }
    }
    schedule.stop().await;
    daemon.work.close();
    let patience = std::time::Duration::from_secs(u64::from(daemon.config.collection.shutdown_seconds));
    if tokio::time::timeout(patience, daemon.work.wait()).await.is_err() {
        tracing::warn!(still_running = daemon.work.len(), "collections were still running at the end; their prices of before stay");
    }
    // What is being asked ends at once, what is being written is waited for: nobody else may write until then.
    daemon.stop.cancel();
    daemon.work.wait().await;
}

fn start_due(daemon: &Arc<Daemon>, slots: &Arc<Semaphore>) {
    let tracked = daemon.tracked();
    let attempts: Vec<_> = tracked.iter().map(|tracked| tracked.attempts.clone()).collect();
    for index in due(&attempts, &daemon.config.collection, crate::store::now_ms()) {
        let tracked = &tracked[index];
        if daemon.is_running(tracked.known.slug(), &tracked.part.name) || daemon.provider_is_full(tracked.known.slug()) {
            continue;
        }
        let Ok(slot) = Arc::clone(slots).try_acquire_owned() else { return };
        let Some(place) = daemon.provider_place(tracked.known.slug()) else { continue };
        let (daemon, known, part) = (Arc::clone(daemon), Arc::clone(&tracked.known), tracked.part.clone());
        let work = daemon.work.clone();
        work.spawn(async move {
            let work = async {
                let report = run::collect(&daemon, &known, &part, false, &daemon.stop).await;
                tracing::trace!(outcome = report.outcome, "part ended");
            };
            // A panic in one part is that part's failure; its place and slot are given back all the same.
            if let Err(panic) = futures_util::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(work)).await {
                daemon.panicked(&known, &part, &*panic);
            }
            drop((place, slot));
            daemon.finished.notify_one();
        });
    }
}

/// How long summaries of every group may lag behind prices that went stale without a commit.
pub(crate) const SUMMARY_INTERVAL: TimeDelta = TimeDelta::minutes(10);

#[cfg(test)]
mod tests {
    use std::sync::mpsc as channel;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::config::{Config, ProviderSection};

    /// Never knocks.
    struct Quiet;

    #[async_trait::async_trait]
    impl Schedule for Quiet {
        async fn knock(&mut self) -> Option<()> {
            std::future::pending().await
        }
        async fn stop(&mut self) {}
    }

    /// One that collects nothing.
    fn idle(folder: &tempfile::TempDir) -> Arc<Daemon> {
        let off = || ProviderSection { enabled: Some(false), ..ProviderSection::default() };
        let providers = crate::catalogue::all().iter().map(|known| (known.slug().to_owned(), off())).collect();
        let mut config = Config { providers, ..Config::default() };
        config.collection.shutdown_seconds = 0;
        Daemon::open(config, &folder.path().join("a.db"), false).expect("opens")
    }

    /// Holds the right to write, as a commit does, until told; but not for ever.
    fn hold(daemon: &Arc<Daemon>) -> (channel::Sender<()>, std::thread::JoinHandle<()>) {
        let (told, until) = channel::channel();
        let (held, holds) = channel::channel();
        let daemon = Arc::clone(daemon);
        let thread = std::thread::spawn(move || {
            let _right = daemon.write_side();
            held.send(()).expect("awaited");
            let _told_or_tired = until.recv_timeout(Duration::from_secs(5));
        });
        holds.recv().expect("held");
        (told, thread)
    }

    #[tokio::test]
    async fn the_end_waits_for_what_is_still_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let daemon = idle(&folder);
        let (release, thread) = hold(&daemon);
        let cancel = CancellationToken::new();
        cancel.cancel();
        // Its first round starts housekeeping, which writes.
        let mut run = tokio::spawn(run(Arc::clone(&daemon), Quiet, cancel));
        assert!(tokio::time::timeout(Duration::from_millis(200), &mut run).await.is_err(), "it did not wait for the last write");
        assert!(daemon.stop.is_cancelled());
        release.send(()).expect("held until now");
        tokio::time::timeout(Duration::from_secs(20), run).await.expect("it ends").expect("well");
        assert!(daemon.work.is_empty());
        thread.join().expect("ended well");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_disk_that_is_asked_again_keeps_nobody_waiting() {
        let folder = tempfile::tempdir().expect("a folder");
        let daemon = idle(&folder);
        daemon.store_failed("no room");
        daemon.probe_next_for_tests();
        let (release, thread) = hold(&daemon);
        let cancel = CancellationToken::new();
        let run = tokio::spawn(run(Arc::clone(&daemon), Quiet, cancel.clone()));
        let begun = Instant::now();
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(begun.elapsed() < Duration::from_secs(3), "the only thread of the service waited for the disk");
        assert!(daemon.store_fault().is_some());
        release.send(()).expect("held until now");
        cancel.cancel();
        tokio::time::timeout(Duration::from_secs(20), run).await.expect("it ends").expect("well");
        assert!(daemon.store_fault().is_none(), "it takes writes again");
        thread.join().expect("ended well");
    }
}
