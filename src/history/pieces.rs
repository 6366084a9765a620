//! A series as pieces of time in each of which one row held, or nothing is known; and the steps that are made of them.
//! Long charts go over the days on which rows began where every moment of a day is known, and over the rows elsewhere:
//! the points are the same.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use gpurate_domain::Nanos;

use super::figures::Moment;
use super::{POINTS_MAX, Point, Question, Step, calendar, error};
use crate::market::summary::Summary;
use crate::past::PastError;
use crate::store::Reader;
use crate::store::history::{SeriesRow, Span};
use crate::window::Window;

/// Points of an answer, all its series together.
const ANSWER_POINTS_MAX: i64 = 50_000;
/// Changes that figures of a window are made of, all series together.
const MOMENTS_MAX: usize = 2_000_000;
/// Rows that are read at once.
const PAGE_ROWS: u32 = 4_000;
/// For a provider that this program does not know any more.
pub(super) const STALE_SECONDS_USUAL: i64 = 72 * 3600;
const DAY_MS: i64 = 86_400_000;

/// What a series does with each of its pieces.
pub(super) type Give<'a> = &'a mut dyn FnMut(Piece) -> Result<(), PastError>;

/// A time in which one row held, or nothing is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub summary: Summary,
    /// A price was in force.
    pub known: bool,
    /// It is known what was offered, be it nothing.
    pub live: bool,
}

/// Times when providers' prices were in force, each read once.
#[derive(Default)]
pub(super) struct Lives(HashMap<Vec<Arc<str>>, Arc<[Span]>>);

impl Lives {
    /// When any of some providers was. The one whose answers last longest is read first, and the others where it leaves a gap.
    pub fn of(
        &mut self,
        reader: &Reader,
        providers: &[Arc<str>],
        stale_seconds: impl Fn(&str) -> i64,
        window: Window,
    ) -> Result<Arc<[Span]>, PastError> {
        if let Some(known) = self.0.get(providers) {
            return Ok(Arc::clone(known));
        }
        let mut ordered: Vec<(i64, &Arc<str>)> = providers.iter().map(|slug| (stale_seconds(slug), slug)).collect();
        ordered.sort_unstable_by(|a, b| b.cmp(a));
        let (mut spans, mut open) = (Vec::new(), vec![window]);
        for (stale, slug) in ordered {
            let mut still_open = Vec::new();
            for gap in open {
                let found = reader.live_spans(slug, stale, gap)?;
                let mut from = gap.since;
                for (begins, ends) in &found {
                    if *begins > from {
                        still_open.push(Window { since: from, until: (*begins).min(gap.until) });
                    }
                    from = from.max(*ends);
                }
                if from < gap.until {
                    still_open.push(Window { since: from, until: gap.until });
                }
                spans.extend(found);
            }
            open = still_open;
        }
        let spans: Arc<[Span]> = merged(spans).into();
        self.0.insert(providers.to_vec(), Arc::clone(&spans));
        Ok(spans)
    }
}

/// Spans in order and apart.
pub(super) fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut merged: Vec<Span> = Vec::new();
    for (from, until) in spans {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            _ => merged.push((from, until)),
        }
    }
    merged
}

/// Gives the window piece by piece, in order. Rows are read a page at a time.
pub(super) fn pieces(reader: &Reader, scope: i64, live: &[Span], window: Window, give: Give<'_>) -> Result<(), PastError> {
    let mut held = reader.series_before(scope, window.since)?;
    let (mut after, mut from) = (None, window.since);
    loop {
        let rows: Vec<SeriesRow> = reader.series(scope, after, window, PAGE_ROWS)?;
        for row in &rows {
            cut(held, from, row.observed_at, live, give)?;
            (held, from) = (Some(*row), row.observed_at);
        }
        match rows.last() {
            Some(last) => after = Some(last.observed_at),
            None => return cut(held, from, window.until, live, give),
        }
    }
}

/// The same for steps of whole days (UTC): a day that is known throughout is two pieces, what held at its beginning and the
/// lowest of what began in it with the last row's other figures.
pub(super) fn pieces_by_day(reader: &Reader, scope: i64, live: &[Span], window: Window, give: Give<'_>) -> Result<(), PastError> {
    let day_of = |moment: DateTime<Utc>| moment.timestamp_millis().div_euclid(DAY_MS);
    let days = reader.series_days(scope, day_of(window.since), day_of(window.until) + 1)?;
    let Some(days) = days else { return pieces(reader, scope, live, window, give) };
    let begin = |day: i64| DateTime::from_timestamp_millis(day * DAY_MS).unwrap_or(window.until);
    // Where the rows are read: everything before it is given.
    let mut given = window.since;
    let mut next = 0;
    for (from, until) in live {
        let (from, until) = ((*from).max(window.since), (*until).min(window.until));
        let first = (from.timestamp_millis() + DAY_MS - 1).div_euclid(DAY_MS);
        let end = day_of(until);
        if end <= first {
            continue;
        }
        let mut held = reader.series_before(scope, begin(first))?;
        next += days[next..].partition_point(|known| known.day < first);
        for day in first..end {
            let (from, until) = (begin(day), begin(day + 1));
            let known = days.get(next).filter(|known| known.day == day);
            if known.is_some() {
                next += 1;
            }
            if known.is_some_and(|known| known.has_none) {
                // Something was offered for a part of it: its rows say for how long.
                held = known.map(|known| known.last);
                continue;
            }
            if given < from {
                pieces(reader, scope, live, Window { since: given, until: from }, give)?;
            }
            let changed = known.map_or(until, |known| known.first_at);
            if changed > from {
                let summary = held.map_or_else(Summary::default, |row| row.summary);
                let is_known = summary.prices.is_some();
                give(Piece { from, until: changed, summary, known: is_known, live: held.is_some() })?;
            }
            if let Some(known) = known {
                let mut summary = known.last.summary;
                if let (Some(prices), Some(min)) = (&mut summary.prices, known.min) {
                    prices[0] = min;
                }
                summary.rentable = known.rentable;
                give(Piece { from: changed, until, summary, known: true, live: true })?;
                held = Some(known.last);
            }
            given = until;
        }
    }
    if given < window.until {
        pieces(reader, scope, live, Window { since: given, until: window.until }, give)?;
    }
    Ok(())
}

/// Cuts the time of one row where its providers fell silent or came back.
pub(super) fn cut(
    held: Option<SeriesRow>,
    mut from: DateTime<Utc>,
    until: DateTime<Utc>,
    live: &[Span],
    give: Give<'_>,
) -> Result<(), PastError> {
    let summary = held.map_or_else(Summary::default, |row| row.summary);
    let silent = |from, until| Piece { from, until, summary, known: false, live: false };
    for (begins, ends) in &live[live.partition_point(|(_, ends)| *ends <= from)..] {
        if *begins >= until {
            break;
        }
        if *begins > from {
            give(silent(from, *begins))?;
            from = *begins;
        }
        let end = until.min(*ends);
        if end > from {
            give(Piece { from, until: end, summary, known: summary.prices.is_some(), live: held.is_some() })?;
            from = end;
        }
    }
    if from < until {
        give(silent(from, until))?;
    }
    Ok(())
}

/// Points, moments and seconds of one series.
#[derive(Default)]
pub(super) struct Told {
    pub points: Vec<Point>,
    /// For figures of the window; empty where none are asked for.
    pub moments: Vec<Moment>,
    pub known_ms: i64,
    pub gap_ms: i64,
}

/// Makes points of pieces, within the bounds of an answer.
pub(super) struct Drawn {
    buckets: Option<Buckets>,
    changes: i64,
    /// So many moments more; `None` where no figures are asked for.
    moments_left: Option<usize>,
}

impl Drawn {
    pub fn new(question: &Question, window: Window, series: usize) -> Result<Self, PastError> {
        let buckets = Buckets::new(question, window)?;
        let points = buckets.as_ref().map_or(1, Buckets::count).saturating_mul(series as i64);
        if points > ANSWER_POINTS_MAX {
            let message = format!("{series} series with {points} points together, and {ANSWER_POINTS_MAX} are the most");
            return Err(error("gpu", format!("{message}; name fewer GPUs or providers, or take a longer step")).into());
        }
        Ok(Self { buckets, changes: 0, moments_left: question.figures.then_some(MOMENTS_MAX) })
    }

    /// What is told of one series. `all` gives its pieces, in order; `corrected` are moments from which something was first
    /// read wrong.
    pub fn told(&mut self, corrected: &[DateTime<Utc>], all: impl FnOnce(Give<'_>) -> Result<(), PastError>) -> Result<Told, PastError> {
        let mut told = Told::default();
        let mut cells = vec![Cell::default(); self.buckets.as_ref().map_or(0, |buckets| usize::try_from(buckets.count()).unwrap_or(0))];
        let (before, mut left) = (self.changes, self.moments_left);
        all(&mut |piece| {
            let ms = (piece.until - piece.from).num_milliseconds();
            *(if piece.known { &mut told.known_ms } else { &mut told.gap_ms }) += ms;
            if let Some(left) = &mut left {
                Moment::push(&mut told.moments, &piece);
                if told.moments.len() > *left {
                    let message = "more changes than figures are made of; name fewer GPUs or providers, or a later `since`";
                    return Err(error("figures", message.to_owned()).into());
                }
            }
            match &self.buckets {
                Some(buckets) => buckets.add(&mut cells, piece),
                None => push_change(&mut told.points, piece),
            }
            if before + told.points.len() as i64 > POINTS_MAX {
                let message = format!("this window has more than {POINTS_MAX} changes; take `hour` or a later `since`");
                return Err(error("step", message).into());
            }
            Ok(())
        })?;
        match &self.buckets {
            Some(buckets) => told.points = buckets.points(&cells),
            None => self.changes += told.points.len() as i64,
        }
        self.moments_left = left.map(|left| left - told.moments.len());
        for at in corrected {
            let place = told.points.partition_point(|point| point.until <= *at);
            if let Some(point) = told.points.get_mut(place).filter(|point| point.from <= *at) {
                point.corrected = true;
            }
        }
        Ok(told)
    }
}

fn push_change(points: &mut Vec<Point>, piece: Piece) {
    let point = point(piece.from, piece.until, piece.known.then_some(piece.summary), piece.summary.providers_not_fresh, None);
    match points.last_mut() {
        // A silence within a gap, and a row that holds on, are no change.
        Some(last) if (last.gap && point.gap) || Point { from: last.from, until: last.until, ..point.clone() } == *last => {
            last.until = point.until;
            last.providers_not_fresh = point.providers_not_fresh;
        }
        _ => points.push(point),
    }
}

/// `lowest`: over the whole time, where that is longer than the summary held.
fn point(from: DateTime<Utc>, until: DateTime<Utc>, summary: Option<Summary>, not_fresh: u32, lowest: Option<&Cell>) -> Point {
    let prices = summary.and_then(|summary| summary.prices);
    let rentable = summary.and_then(|summary| summary.rentable);
    Point {
        from,
        until,
        min_usd_per_gpu_hour: prices.map(|prices| Nanos(lowest.and_then(|cell| cell.min).unwrap_or(prices[0]))),
        quartile_usd_per_gpu_hour: prices.map(|prices| Nanos(prices[1])),
        median_usd_per_gpu_hour: prices.map(|prices| Nanos(prices[2])),
        rentable_usd_per_gpu_hour: lowest.map_or(rentable, |cell| cell.rentable).map(Nanos),
        offers: summary.map_or(0, |summary| summary.offers),
        machines: summary.map_or(0, |summary| summary.machines),
        providers: summary.and_then(|summary| summary.providers),
        providers_not_fresh: not_fresh,
        corrected: false,
        gap: prices.is_none(),
    }
}

/// Steps of a window, from the calendar's own beginnings.
struct Buckets {
    /// Where each begins, and the end of the last.
    begins: Vec<i64>,
    window: Window,
}

/// What is gathered of one step.
#[derive(Clone, Copy, Default)]
struct Cell {
    min: Option<i64>,
    rentable: Option<i64>,
    last: Option<Summary>,
    not_fresh: u32,
}

impl Buckets {
    /// `None` for changes.
    fn new(question: &Question, window: Window) -> Result<Option<Self>, PastError> {
        match calendar::steps(question.step, question.zone, window, POINTS_MAX) {
            None => Ok(None),
            Some(Ok(begins)) => Ok(Some(Self { begins, window })),
            Some(Err(count)) => Err(too_many_steps(question.step, count).into()),
        }
    }

    fn count(&self) -> i64 {
        self.begins.len() as i64 - 1
    }

    fn place(&self, ms: i64) -> usize {
        self.begins.partition_point(|begin| *begin <= ms).saturating_sub(1).min(self.begins.len().saturating_sub(2))
    }

    fn add(&self, cells: &mut [Cell], piece: Piece) {
        if cells.is_empty() {
            return;
        }
        let (first, last) = (self.place(piece.from.timestamp_millis()), self.place(piece.until.timestamp_millis() - 1));
        let lowest = |of: Option<i64>, other: Option<i64>| of.into_iter().chain(other).min();
        for cell in &mut cells[first..=last.max(first)] {
            cell.not_fresh = piece.summary.providers_not_fresh;
            if let Some(prices) = piece.summary.prices.filter(|_| piece.known) {
                cell.min = lowest(cell.min, Some(prices[0]));
                cell.rentable = lowest(cell.rentable, piece.summary.rentable);
                cell.last = Some(piece.summary);
            }
        }
    }

    fn points(&self, cells: &[Cell]) -> Vec<Point> {
        let moment = |ms: i64| DateTime::from_timestamp_millis(ms).unwrap_or(self.window.until).clamp(self.window.since, self.window.until);
        let spans = self.begins.windows(2).zip(cells);
        spans.map(|(ends, cell)| point(moment(ends[0]), moment(ends[1]), cell.last, cell.not_fresh, Some(cell))).collect()
    }
}

/// The error of a window that has more steps than an answer holds.
pub(super) fn too_many_steps(step: Step, count: i64) -> crate::prices::FilterError {
    let message = format!("this window has {count} steps of `{}`, and {POINTS_MAX} are the most", step.as_str());
    error("step", format!("{message}; take a longer step or a later `since`"))
}
