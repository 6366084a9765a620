//! Holds the alerts against the market after commits, writes what there is to tell to the log, and has it sent. What was
//! told survives a restart.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::outbox::{Message, Outbox};
use super::{Alert, Memory, Sender, judge};
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
    let post = Arc::new(Post { daemon: Arc::clone(&daemon), alerts, sender, outbox: Outbox::default() });
    let (queues, sending): (Vec<_>, Vec<_>) = (0..post.alerts.len())
        .map(|position| {
            let (queue, waiting) = mpsc::channel(QUEUE_MAX);
            (queue, tokio::spawn(Arc::clone(&post).send(position, waiting)))
        })
        .unzip();
    post.go_on(&queues);
    let mut commits = daemon.committed.subscribe();
    loop {
        commits.mark_unchanged();
        let (worker, held, ways) = (Arc::clone(&post), memory.clone(), queues.clone());
        match tokio::task::spawn_blocking(move || worker.look(held, &ways)).await {
            Ok(next) => memory = next,
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
        tracing::warn!("{} messages of alerts not delivered yet: they are sent when the daemon runs again", post.outbox.count());
    }
}

/// What sends messages.
struct Post {
    daemon: Arc<Daemon>,
    alerts: Arc<[Alert]>,
    sender: Sender,
    outbox: Outbox,
}

/// A message and its number in the outbox.
type Numbered = (u64, Message);
type Queue = mpsc::Sender<Numbered>;
/// A message that has its place in a queue.
type Placed<'q> = (mpsc::Permit<'q, Numbered>, Numbered);

impl Post {
    /// Sends what an earlier run left.
    fn go_on(&self, queues: &[Queue]) {
        let left = self.daemon.store.reader().and_then(|reader| Outbox::left(&reader)).unwrap_or_else(|error| {
            tracing::warn!(%error, "messages that were not delivered before cannot be read");
            Vec::new()
        });
        for message in left {
            match self.alerts.iter().position(|alert| message.is_of(alert) && alert.webhook.is_some()) {
                Some(position) => {
                    if let Some((place, message)) = self.place(position, &queues[position], message) {
                        place.send(message);
                    }
                }
                None => tracing::info!("a message that was not delivered before is dropped: its alert is not watched any more"),
            }
        }
    }

    /// Tells what there is to tell. What is told now is kept with what waits for a webhook, before any of it is sent: a kill
    /// between the two would tell it twice, or never.
    fn look(&self, mut memory: Memory, queues: &[Queue]) -> Memory {
        let before = memory.clone();
        let base = self.daemon.config.server.public_url.as_deref().unwrap_or_default();
        let mut ready = Vec::new();
        for (alert, notice) in judge(&self.alerts, &self.daemon.market(), &mut memory, Utc::now(), base) {
            tracing::warn!("alert {}", notice.text);
            let position = self.alerts.iter().position(|known| known.name == alert.name);
            if let Some(position) = position.filter(|_| alert.webhook.is_some()) {
                ready.extend(self.place(position, &queues[position], Message::new(alert, &notice)));
            }
        }
        if memory != before {
            let told = serde_json::to_string(&memory).expect("plain values");
            if let Err(error) = self.outbox.keep(&mut self.daemon.write_side().writer, Some((MEMORY, &told))) {
                tracing::warn!(%error, "what was told cannot be kept: it may be told again after a restart");
            }
        }
        for (place, message) in ready {
            place.send(message);
        }
        memory
    }

    /// Puts a message into the outbox and keeps a place in its queue.
    fn place<'q>(&self, position: usize, queue: &'q Queue, message: Message) -> Option<Placed<'q>> {
        match queue.try_reserve() {
            Ok(place) => Some((place, (self.outbox.add(message.clone()), message))),
            Err(_) => {
                tracing::error!("alert {}: message not delivered: {QUEUE_MAX} wait already", self.alerts[position].name);
                None
            }
        }
    }

    fn keep(&self) {
        if let Err(error) = self.outbox.keep(&mut self.daemon.write_side().writer, None) {
            tracing::warn!(%error, "which messages were delivered cannot be kept: they may be sent again after a restart");
        }
    }

    /// Sends an alert's messages, one after the other.
    async fn send(self: Arc<Self>, position: usize, mut waiting: mpsc::Receiver<Numbered>) {
        let alert = &self.alerts[position];
        while let Some((number, message)) = waiting.recv().await {
            match self.sender.send(alert, &message.body).await {
                Ok(()) => tracing::info!("alert {}: message delivered", alert.name),
                Err(error) => tracing::error!("alert {}: message not delivered: {error}", alert.name),
            }
            self.outbox.remove(number);
            let worker = Arc::clone(&self);
            if let Err(error) = tokio::task::spawn_blocking(move || worker.keep()).await {
                tracing::debug!(%error, "what waits was not kept");
            }
        }
    }
}
