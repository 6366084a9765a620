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
use tokio_util::task::TaskTracker;

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
    let tracker = TaskTracker::new();
    // Of collections: they go on for a while when nothing new begins.
    let stop = CancellationToken::new();
    let slots = Arc::new(Semaphore::new(daemon.config.collection.parts_at_once_max as usize));
    // The first question is not left to the schedule: prices of now are wanted at once.
    loop {
        // Asking the disk is blocking work.
        let works = daemon.store_fault().is_none() || {
            let daemon = Arc::clone(&daemon);
            tokio::task::spawn_blocking(move || daemon.store_works()).await.unwrap_or(false)
        };
        if works {
            start_due(&daemon, &tracker, &slots, &stop);
            daemon.housekeeping();
            #[cfg(feature = "lake")]
            crate::lake::knock(&daemon, &tracker, &cancel);
        }
        tokio::select! {
            () = cancel.cancelled() => break,
            knock = schedule.knock() => if knock.is_none() { break },
            // A part that ended may have made room, or named parts that nobody asked yet.
            () = daemon.finished.notified() => {}
        }
    }
    schedule.stop().await;
    tracker.close();
    let patience = std::time::Duration::from_secs(u64::from(daemon.config.collection.shutdown_seconds));
    if tokio::time::timeout(patience, tracker.wait()).await.is_err() {
        tracing::warn!(still_running = tracker.len(), "collections were still running at the end; their prices of before stay");
        // What is being asked ends at once, what is being written is waited for: nobody else may write until then.
        stop.cancel();
        tracker.wait().await;
    }
}

fn start_due(daemon: &Arc<Daemon>, tracker: &TaskTracker, slots: &Arc<Semaphore>, stop: &CancellationToken) {
    let tracked = daemon.tracked();
    let attempts: Vec<_> = tracked.iter().map(|tracked| tracked.attempts.clone()).collect();
    for index in due(&attempts, &daemon.config.collection, crate::store::now_ms()) {
        let tracked = &tracked[index];
        if daemon.is_running(tracked.known.slug(), &tracked.part.name) || daemon.provider_is_full(tracked.known.slug()) {
            continue;
        }
        let Ok(slot) = Arc::clone(slots).try_acquire_owned() else { return };
        let Some(place) = daemon.provider_place(tracked.known.slug()) else { continue };
        let (daemon, known, part, stop) = (Arc::clone(daemon), Arc::clone(&tracked.known), tracked.part.clone(), stop.clone());
        tracker.spawn(async move {
            let work = async {
                let report = run::collect(&daemon, &known, &part, false, &stop).await;
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
