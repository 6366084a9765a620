//! Answers of one market and one `as_of`, kept as bytes: a repeated question costs a look-up.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use axum::http::HeaderValue;
use bytes::Bytes;
use chrono::{DateTime, Utc};

/// Questions kept; a stranger may ask for any number of different ones.
const QUESTIONS_MAX: usize = 1000;
/// Bytes kept.
const BYTES_MAX: usize = 32 * 1024 * 1024;

/// An answer with its validator.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) body: Bytes,
    pub(super) etag: HeaderValue,
    /// The same, compressed; made for the first who takes it.
    gzip: Arc<OnceLock<Bytes>>,
}

impl Kept {
    pub(super) fn new(body: Bytes, etag: HeaderValue) -> Self {
        Self { body, etag, gzip: Arc::default() }
    }

    /// The body, compressed once for all.
    pub(super) fn gzip(&self) -> Bytes {
        let compress = || {
            let mut encoder = flate2::write::GzEncoder::new(Vec::with_capacity(self.body.len() / 4), flate2::Compression::default());
            let written = encoder.write_all(&self.body).and_then(|()| encoder.finish());
            Bytes::from(written.expect("memory takes every write"))
        };
        self.gzip.get_or_init(compress).clone()
    }
}

#[derive(Default)]
struct Generation {
    version: u64,
    as_of: DateTime<Utc>,
    bytes: usize,
    answers: HashMap<Box<str>, Kept>,
}

/// Answers of the newest generation.
#[derive(Default)]
pub(super) struct Cache {
    generation: RwLock<Generation>,
}

impl Cache {
    /// The answer to a question of this market and time.
    pub(super) fn get(&self, version: u64, as_of: DateTime<Utc>, question: &str) -> Option<Kept> {
        let generation = self.generation.read().unwrap_or_else(PoisonError::into_inner);
        (generation.version == version && generation.as_of == as_of).then(|| generation.answers.get(question).cloned()).flatten()
    }

    /// Keeps an answer; an older generation is dropped.
    pub(super) fn put(&self, version: u64, as_of: DateTime<Utc>, question: &str, kept: Kept) {
        let mut generation = self.generation.write().unwrap_or_else(PoisonError::into_inner);
        if generation.version != version || generation.as_of != as_of {
            *generation = Generation { version, as_of, ..Generation::default() };
        }
        if generation.answers.len() < QUESTIONS_MAX && generation.bytes + kept.body.len() <= BYTES_MAX {
            generation.bytes += kept.body.len();
            generation.answers.insert(question.into(), kept);
        }
    }
}
