//! Messages that wait for their webhooks. They are kept in the database until a webhook took them or all tries failed, so that an
//! end of the program loses none; one that was taken just before a kill may come twice.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::{Alert, Notice};
use crate::store::{Reader, StoreError, Writer};

/// The key of what waits, in the store.
const KEY: &str = "alert_messages";

/// A message that waits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// [`Alert::key`] of its alert without a card: an alert that asks otherwise now sends it no more.
    alert: String,
    /// The body of the request, a [`Notice`].
    pub body: serde_json::Value,
}

impl Message {
    /// A notice of an alert.
    pub fn new(alert: &Alert, notice: &Notice) -> Self {
        Self { alert: alert.key(""), body: serde_json::to_value(notice).expect("plain values") }
    }

    /// Whether it is this alert's.
    pub fn is_of(&self, alert: &Alert) -> bool {
        self.alert == alert.key("")
    }
}

/// What waits, by the order in which it came.
#[derive(Default)]
pub struct Outbox(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    last: u64,
    messages: Vec<(u64, Message)>,
}

impl Outbox {
    /// What an earlier run of the program left; what it cannot read is nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn left(reader: &Reader) -> Result<Vec<Message>, StoreError> {
        let text = reader.remembered(KEY)?.unwrap_or_default();
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    /// Takes a message and says its number.
    pub fn add(&self, message: Message) -> u64 {
        let mut waiting = self.waiting();
        waiting.last += 1;
        let number = waiting.last;
        waiting.messages.push((number, message));
        number
    }

    /// It waits no more.
    pub fn remove(&self, number: u64) {
        self.waiting().messages.retain(|(known, _)| *known != number);
    }

    /// How many wait.
    pub fn count(&self) -> usize {
        self.waiting().messages.len()
    }

    /// Keeps what waits now, and another text with it or not at all. What waited earlier never replaces what waits later: it is
    /// read by who holds the writer.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn keep(&self, writer: &mut Writer, beside: Option<(&str, &str)>) -> Result<(), StoreError> {
        let messages: Vec<Message> = self.waiting().messages.iter().map(|(_, message)| message.clone()).collect();
        let text = serde_json::to_string(&messages).expect("plain values");
        let texts: Vec<(&str, &str)> = std::iter::once((KEY, text.as_str())).chain(beside).collect();
        writer.remember(&texts)
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[test]
    fn what_waits_is_found_by_the_next_run_and_what_was_taken_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let (store, mut writer) = Store::open(&folder.path().join("a.db")).expect("a store");
        let left = || Outbox::left(&store.reader().expect("a reader")).expect("read");
        assert!(left().is_empty());
        let outbox = Outbox::default();
        let message = |text: &str| Message { alert: "a:".to_owned(), body: serde_json::json!({ "text": text }) };
        let numbers: Vec<u64> = ["one", "two", "three"].map(|text| outbox.add(message(text))).into();
        outbox.keep(&mut writer, None).expect("kept");
        assert_eq!(left(), ["one", "two", "three"].map(message));
        outbox.remove(numbers[1]);
        outbox.keep(&mut writer, None).expect("kept");
        assert_eq!((left(), outbox.count()), (["one", "three"].map(message).to_vec(), 2));
    }
}
