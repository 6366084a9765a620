//! What came since a change, oldest first: for whoever listens on. Commits are written one after the other, each later
//! than the one before, so that the newest row that was looked at is a place to go on from.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Change, Key, Question, Sources, Teller};
use crate::prices::FilterError;
use crate::store::{Reader, StoreError};

/// Changes that are told at once, at most; what is older is left to be asked for.
pub const ITEMS_MAX: usize = 1000;
/// Rows that are looked at for one answer, at most.
const ROWS_MAX: usize = 5000;

/// A place in the order of changes: [`Change::id`] of the last one that was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(Key);

impl Place {
    /// Reads the id of a change.
    ///
    /// # Errors
    /// [`FilterError`] names `parameter`: it is no id of this service.
    pub fn parse(parameter: &str, text: &str) -> Result<Self, FilterError> {
        Key::parse(text).map(Self).ok_or_else(|| {
            let shown: String = text.chars().take(40).collect();
            super::error(
                parameter,
                format!("`{shown}` is no id of a change of this service; leave it out to be told of what is new from now on"),
            )
        })
    }

    /// As [`Change::id`].
    pub fn text(self) -> String {
        self.0.text()
    }

    /// Behind every row up to a moment.
    fn until(moment: DateTime<Utc>) -> Self {
        // In one moment prices are told before events, backwards: the newest place is the last event's.
        Self(Key { at_ms: moment.timestamp_millis(), is_price: false, row: 999_999_999_999_999_999 })
    }
}

/// What came since a place.
#[derive(Clone, Debug)]
pub struct Tail {
    /// Oldest first.
    pub items: Vec<Change>,
    /// There was more than is told at once: what is missing lies between the place that was asked from and the first item.
    pub missed: bool,
    /// Where to go on.
    pub place: Place,
}

/// The newest place, with the whole past before it; of an empty past the moment `now`.
///
/// # Errors
/// [`StoreError`].
pub fn newest(reader: &Reader, now: DateTime<Utc>) -> Result<Place, StoreError> {
    let everything = Question::everything(now);
    Ok(Sources::new(reader, &everything, 1).next()?.map_or_else(|| Place::until(now), |found| Place(found.key())))
}

/// What came since a place and answers a question; its window and cursor are not looked at. Blocking.
///
/// # Errors
/// [`StoreError`].
pub fn after(reader: &Reader, question: &Question, place: Place, now: DateTime<Utc>) -> Result<Tail, StoreError> {
    let _one_moment = reader.snapshot()?;
    let newest = newest(reader, now)?;
    // Only a clock that went back leaves a place in the future: then one begins anew rather than being silent until it is reached.
    if place.0.at_ms > newest.0.at_ms.max(now.timestamp_millis()) {
        return Ok(Tail { items: Vec::new(), missed: true, place: newest });
    }
    let mut question = question.clone();
    question.window.since = DateTime::from_timestamp_millis(place.0.at_ms).unwrap_or(now);
    question.window.until = now.max(question.window.since) + TimeDelta::days(1);
    question.cursor = None;
    let (mut items, mut looked_at, mut missed) = (Vec::new(), 0, false);
    let mut teller = Teller::new(reader, &question)?;
    let mut sources = Sources::new(reader, &question, super::BATCH_ROWS);
    while let Some(found) = sources.next()? {
        if !found.key().comes_before(place.0) {
            break;
        }
        looked_at += 1;
        if items.len() == ITEMS_MAX || looked_at > ROWS_MAX {
            missed = true;
            break;
        }
        items.extend(teller.change(found)?);
    }
    items.reverse();
    Ok(Tail { items, missed, place: if newest.0.comes_before(place.0) { newest } else { place } })
}
