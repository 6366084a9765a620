//! A series of all providers together counts a provider until a row without it is written. Where nothing ran that could
//! write one, its last prices stay in the figures beyond their time: such a time is a gap, like any other of which nothing
//! is known.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::pieces::merged;
use crate::market::summary::Scope;
use crate::past::PastError;
use crate::store::Reader;
use crate::store::history::Span;
use crate::window::Window;

/// A daemon that runs takes what went stale out of the figures within ten minutes; twice that is no gap yet.
const LAG: TimeDelta = TimeDelta::minutes(20);
/// Rows that are read at once.
const PAGE_ROWS: u32 = 100;

/// Times in which nothing was known of a provider, each provider's read once for a question.
#[derive(Default)]
pub(super) struct Silences(HashMap<Arc<str>, Vec<Span>>);

impl Silences {
    /// Times within a window in which the rows of a series count a provider of which nothing was known any more. In order and
    /// apart. `scopes`: what every series is about; `stale_seconds`: how long a provider's answers are in force.
    pub fn counted_beyond_their_time(
        &mut self,
        reader: &Reader,
        scopes: &[(i64, Scope)],
        scope: &Scope,
        stale_seconds: impl Fn(&str) -> i64,
        window: Window,
    ) -> Result<Vec<Span>, PastError> {
        let mut beyond = Vec::new();
        let of = |other: &&(i64, Scope)| {
            let of = |scope: &Scope| (scope.gpu.clone(), scope.market, scope.several);
            !other.1.provider.is_empty() && of(&other.1) == of(scope)
        };
        let mut parts: Vec<&(i64, Scope)> = scopes.iter().filter(of).collect();
        parts.sort_by(|a, b| a.1.provider.cmp(&b.1.provider));
        for of_provider in parts.chunk_by(|a, b| a.1.provider == b.1.provider) {
            let slug = &of_provider[0].1.provider;
            let silences = match self.0.entry(slug.clone()) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(reader.silences(slug, stale_seconds(slug), window)?),
            };
            for (from, until) in silences.iter().copied() {
                let mut end = from;
                for (row, _) in of_provider {
                    end = end.max(counted_until(reader, *row, from, until)?);
                }
                if end - from > LAG || (end == until && from == window.since && end > from) {
                    beyond.push((from, end));
                }
            }
        }
        Ok(merged(beyond))
    }
}

/// Until when a provider's series has a price from `from` on, `until` at most.
fn counted_until(reader: &Reader, series: i64, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<DateTime<Utc>, PastError> {
    let held = reader.series_before(series, from + TimeDelta::milliseconds(1))?;
    if held.is_none_or(|row| row.summary.prices.is_none()) {
        return Ok(from);
    }
    let mut after = Some(from);
    loop {
        let rows = reader.series(series, after, Window { since: from, until }, PAGE_ROWS)?;
        if let Some(gone) = rows.iter().find(|row| row.summary.prices.is_none()) {
            return Ok(gone.observed_at);
        }
        match rows.last() {
            Some(last) => after = Some(last.observed_at),
            None => return Ok(until),
        }
    }
}

/// Spans without others; both in order and apart.
pub(super) fn without(spans: &[Span], others: &[Span]) -> Vec<Span> {
    let mut left = Vec::with_capacity(spans.len() + others.len());
    for (mut from, until) in spans.iter().copied() {
        for (begins, ends) in &others[others.partition_point(|(_, ends)| *ends <= from)..] {
            if *begins >= until {
                break;
            }
            if *begins > from {
                left.push((from, *begins));
            }
            from = from.max(*ends);
        }
        if from < until {
            left.push((from, until));
        }
    }
    left
}
