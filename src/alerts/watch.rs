//! Holds the alerts against the market after commits, writes what there is to tell to the log, and has it sent. What was
//! told survives a restart.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::Utc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Alert, Memory, Notice, Sender, judge};
use crate::daemon::Daemon;
use crate::store::StoreError;

/// The key of what was told, in the store.
const MEMORY: &str = "alerts";
/// Messages of an alert that wait to be sent, at most.
const QUEUE_MAX: usize = 100;
/// Commits often come in a row: they are looked at together.
const GATHER: Duration = Duration::from_secs(2);
/// Quiet times end without a commit.
const AT_LEAST_EVERY: Duration = Duration::from_secs(60);
/// The first pause after a failed try.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// What is being sent at the end gets so long.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was told so far, by the alerts that there are.
///
/// # Errors
/// [`StoreError`].
pub fn remembered(daemon: &Daemon, alerts: &[Alert]) -> Result<Memory, StoreError> {
    read(&daemon.store.reader()?, alerts)
}

/// As [`remembered`], of a database without a daemon.
///
/// # Errors
/// [`StoreError`].
pub fn read(reader: &crate::store::Reader, alerts: &[Alert]) -> Result<Memory, StoreError> {
    let text = reader.remembered(MEMORY)?.unwrap_or_default();
    // What another version wrote is told anew rather than never.
    let mut memory: Memory = serde_json::from_str(&text).unwrap_or_default();
    let marks: HashSet<String> = alerts.iter().map(|alert| alert.key("")).collect();
    memory.retain(|key, _| key.split_once(':').is_some_and(|(mark, _)| marks.contains(&format!("{mark}:"))));
    Ok(memory)
}

/// Watches until cancelled.
pub async fn run(daemon: Arc<Daemon>, alerts: Vec<Alert>, cancel: CancellationToken) {
    if alerts.is_empty() {
        return;
    }
    let sender = match Sender::new(FIRST_PAUSE) {
        Ok(sender) => sender,
        Err(error) => return tracing::error!(%error, "alerts are not watched: no message can be sent"),
    };
    let mut memory = remembered(&daemon, &alerts).unwrap_or_else(|error| {
        tracing::warn!(%error, "what was told before cannot be read: it may be told again");
        Memory::new()
    });
    let alerts: Arc<[Alert]> = alerts.into();
    // One for each alert: a webhook that is down holds up no other.
    let sender = Arc::new(sender);
    let pending = Arc::new(AtomicUsize::new(0));
    let (queues, sending): (Vec<_>, Vec<_>) = (0..alerts.len())
        .map(|position| {
            let (queue, waiting) = mpsc::channel(QUEUE_MAX);
            (queue, tokio::spawn(send(Arc::clone(&sender), Arc::clone(&alerts), position, waiting, Arc::clone(&pending))))
        })
        .unzip();
    let mut commits = daemon.committed.subscribe();
    loop {
        commits.mark_unchanged();
        let (worker, known, held) = (Arc::clone(&daemon), Arc::clone(&alerts), memory.clone());
        match tokio::task::spawn_blocking(move || look(&worker, &known, held)).await {
            Ok((next, notices)) => {
                memory = next;
                for (position, notice) in notices {
                    tracing::warn!("alert {}", notice.text);
                    if alerts[position].webhook.is_none() {
                        continue;
                    }
                    pending.fetch_add(1, Ordering::Relaxed);
                    if queues[position].try_send(notice).is_err() {
                        pending.fetch_sub(1, Ordering::Relaxed);
                        tracing::error!("alert {}: message not delivered: {QUEUE_MAX} wait already", alerts[position].name);
                    }
                }
            }
            Err(error) => tracing::error!(%error, "alerts could not be held against the market"),
        }
        let next = async {
            // The sender of commits lives as long as the daemon.
            let _changed = commits.changed().await;
            tokio::time::sleep(GATHER).await;
        };
        tokio::select! {
            () = cancel.cancelled() => break,
            _ = tokio::time::timeout(AT_LEAST_EVERY, next) => {}
        }
    }
    drop(queues);
    let all = futures_util::future::join_all(sending);
    if tokio::time::timeout(PATIENCE, all).await.is_err() {
        let lost = pending.load(Ordering::Relaxed);
        tracing::error!("{lost} messages of alerts not delivered: the program ended before their webhooks took them");
    }
}

/// What there is to tell, by the alert's position; what is told now is kept.
fn look(daemon: &Daemon, alerts: &[Alert], mut memory: Memory) -> (Memory, Vec<(usize, Notice)>) {
    let before = memory.clone();
    let base = daemon.config.server.public_url.as_deref().unwrap_or_default();
    let told = judge(alerts, &daemon.market(), &mut memory, Utc::now(), base);
    let position = |alert: &Alert| alerts.iter().position(|known| known.name == alert.name);
    let notices = told.into_iter().filter_map(|(alert, notice)| Some((position(alert)?, notice))).collect();
    if memory != before {
        let kept = serde_json::to_string(&memory).map_err(|error| error.to_string());
        let kept = kept.and_then(|text| daemon.write_side().writer.remember(MEMORY, &text).map_err(|error| error.to_string()));
        if let Err(reason) = kept {
            tracing::warn!(reason, "what was told cannot be kept: it may be told again after a restart");
        }
    }
    (memory, notices)
}

async fn send(sender: Arc<Sender>, alerts: Arc<[Alert]>, position: usize, mut waiting: mpsc::Receiver<Notice>, pending: Arc<AtomicUsize>) {
    let alert = &alerts[position];
    while let Some(notice) = waiting.recv().await {
        match sender.send(alert, &notice).await {
            Ok(()) => tracing::info!("alert {}: message delivered", alert.name),
            Err(error) => tracing::error!("alert {}: message not delivered: {error}", alert.name),
        }
        pending.fetch_sub(1, Ordering::Relaxed);
    }
}
