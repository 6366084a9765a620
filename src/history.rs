//! How the price of a GPU moved, from `gpu_price` (or, where an import is named, from its rows alone): every change, or steps of an hour, a day or a week. HTTP and the
//! command line ask the same function. A time of which nothing is known is a gap, never a line drawn through.

mod imported;
mod silent;

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use gpurate_domain::{MarketKind, Nanos};
use serde::Serialize;
use utoipa::ToSchema;

use crate::market::Market;
use crate::market::summary::{Scope, Summary};
use crate::past::{PastError, origin_name};
use crate::prices::{FilterError, Filters, GpuChoice, floor_as_of};
use crate::store::Reader;
use crate::store::history::{SeriesRow, Span};
use crate::window::Window;
use crate::words::nearest;

/// Steps of a window, or changes of a series, at most.
pub const POINTS_MAX: i64 = 10_000;
/// Points of an answer, all its series together.
const ANSWER_POINTS_MAX: i64 = 50_000;
/// Days that are shown unless asked.
const DAYS_USUAL: i64 = 30;
/// Rows that are read at once.
const PAGE_ROWS: u32 = 4_000;
/// For a provider that this program does not know any more.
const STALE_SECONDS_USUAL: i64 = 72 * 3600;

/// The parameters of a history, for HTTP and the command line.
pub const PARAMETERS: [&str; 8] = ["gpu", "market", "provider", "several", "since", "until", "step", "origin"];

/// How long a point is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// As long as nothing changed.
    Changes,
    /// An hour.
    Hour,
    /// A day, UTC.
    #[default]
    Day,
    /// A week from Monday, UTC.
    Week,
}

impl Step {
    const ALL: [Self; 4] = [Self::Changes, Self::Hour, Self::Day, Self::Week];

    /// The word in questions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Changes => "changes",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
        }
    }

    const fn hours(self) -> Option<i64> {
        match self {
            Self::Changes => None,
            Self::Hour => Some(1),
            Self::Day => Some(24),
            Self::Week => Some(7 * 24),
        }
    }
}

impl FromStr for Step {
    type Err = FilterError;
    fn from_str(text: &str) -> Result<Self, FilterError> {
        let words = Self::ALL.map(Self::as_str);
        Self::ALL.into_iter().find(|step| step.as_str() == text).ok_or_else(|| {
            let shown: String = text.chars().take(40).collect();
            let near = nearest(&shown, words).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            error("step", format!("`{shown}` is no value of `step`: one of `{}`{near}", words.join("`, `")))
        })
    }
}

fn error(parameter: &str, message: String) -> FilterError {
    FilterError { parameter: parameter.to_owned(), message }
}

/// What is asked for, read and checked.
#[derive(Clone, Debug)]
pub struct Question {
    gpu: Vec<GpuChoice>,
    market: Vec<MarketKind>,
    provider: Vec<String>,
    several: bool,
    step: Step,
    window: Window,
    origin: Option<String>,
}

impl Question {
    /// Reads a question; a list may also be given by repeating its key.
    ///
    /// # Errors
    /// [`FilterError`] names the parameter, the value and what is allowed or near.
    pub fn parse(pairs: impl Iterator<Item = (String, String)>, now: DateTime<Utc>) -> Result<Self, FilterError> {
        let (mut lists, mut single) = (Vec::new(), HashMap::new());
        for (name, value) in pairs {
            if !PARAMETERS.contains(&name.as_str()) {
                let shown: String = name.chars().take(40).collect();
                let near = nearest(&shown, PARAMETERS).map(|near| format!("did you mean `{near}`?"));
                let way_out = near.unwrap_or_else(|| format!("known are `{}`", PARAMETERS.join("`, `")));
                return Err(error(&shown, format!("there is no parameter `{shown}`; {way_out}")));
            }
            if matches!(name.as_str(), "gpu" | "market" | "provider") {
                lists.push((name, value));
            } else if single.insert(name.clone(), value).is_some() {
                return Err(error(&name, format!("`{name}` is given twice; give it once")));
            }
        }
        let of = |name: &str| single.get(name).map(String::as_str);
        // An import may be of providers that this program does not know.
        let filters =
            if of("origin").is_some() { Filters::parse_for_import(lists.into_iter()) } else { Filters::parse(lists.into_iter()) }?;
        if filters.gpu.is_empty() {
            return Err(error("gpu", "whose history? give `gpu` a slug, as `rtx-4090`".to_owned()));
        }
        let several = match of("several") {
            None | Some("false") => false,
            Some("true") => true,
            Some(other) => {
                let shown: String = other.chars().take(40).collect();
                return Err(error("several", format!("`{shown}` is no value of `several`: one of `true`, `false`")));
            }
        };
        let step: Step = of("step").map_or(Ok(Step::default()), str::parse)?;
        let until = Window::parse(None, of("until"), now, now)?.until;
        let window = Window::parse(of("since"), of("until"), until - TimeDelta::days(DAYS_USUAL), now)?;
        if let Some(buckets) = Buckets::new(step, window).map(|buckets| buckets.count).filter(|count| *count > POINTS_MAX) {
            let message = format!("this window has {buckets} steps of `{}`, and {POINTS_MAX} are the most", step.as_str());
            return Err(error("step", format!("{message}; take a longer step or a later `since`")));
        }
        let origin = of("origin").map(origin_name).transpose()?;
        let market = if filters.market.is_empty() { vec![MarketKind::OnDemand] } else { filters.market };
        Ok(Self { gpu: filters.gpu, market, provider: filters.provider, several, step, window, origin })
    }

    fn wants(&self, scope: &Scope) -> bool {
        let provider = match self.provider.as_slice() {
            [] => scope.provider.is_empty(),
            wanted => wanted.iter().any(|wanted| **wanted == *scope.provider),
        };
        let gpu = || self.gpu.iter().any(|choice| choice.means(&scope.gpu));
        provider && scope.several == self.several && self.market.contains(&scope.market) && gpu()
    }
}

/// How prices moved.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HistoryAnswer {
    /// The moment of the answer: the clock floored to ten seconds.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: DateTime<Utc>,
    /// Every figure comes from made-up samples.
    pub sample: bool,
    /// The window begins here.
    #[schema(value_type = String, format = DateTime)]
    pub since: DateTime<Utc>,
    /// And ends before this.
    #[schema(value_type = String, format = DateTime)]
    pub until: DateTime<Utc>,
    /// How long a point is.
    pub step: Step,
    /// One per GPU and market; per provider and tier where providers are asked for.
    pub items: Vec<SeriesView>,
    /// What to do about an answer without rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// One series.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SeriesView {
    /// Slug of the GPU or group.
    pub gpu: String,
    /// `on_demand`, `spot` or `serverless`.
    #[schema(value_type = String)]
    pub market: MarketKind,
    /// One tier; null: all together.
    pub tier: Option<String>,
    /// One provider; null: all together.
    pub provider: Option<String>,
    /// The import it is made of; null: what gpurate collected.
    pub origin: Option<String>,
    /// Offers of more than one GPU.
    pub several: bool,
    /// In order, without holes: what is not known is a gap.
    pub points: Vec<Point>,
}

/// What held for a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Point {
    /// From then on.
    #[schema(value_type = String, format = DateTime)]
    pub from: DateTime<Utc>,
    /// Until then.
    #[schema(value_type = String, format = DateTime)]
    pub until: DateTime<Utc>,
    /// The lowest price in force at any time of it; null in a gap.
    #[schema(value_type = Option<String>)]
    pub min_usd_per_gpu_hour: Option<Nanos>,
    /// The last median in force in it.
    #[schema(value_type = Option<String>)]
    pub median_usd_per_gpu_hour: Option<Nanos>,
    /// Offers behind that median.
    pub offers: u32,
    /// Machines behind it.
    pub machines: u32,
    /// Providers that were left out then because their prices were stale.
    pub providers_not_fresh: u32,
    /// No accepted price was in force at any time of it.
    pub gap: bool,
}

/// Answers a question. Blocking.
///
/// # Errors
/// [`PastError`].
pub fn history(reader: &Reader, market: &Market, question: &Question, now: DateTime<Utc>) -> Result<HistoryAnswer, PastError> {
    let items = match &question.origin {
        Some(origin) => imported::series(reader, question, origin)?,
        None => collected(reader, market, question)?,
    };
    let advice = items.is_empty().then(|| "nothing of it was ever seen; try another `market`, `several`, or no `provider`".to_owned());
    let Window { since, until } = question.window;
    Ok(HistoryAnswer { as_of: floor_as_of(now), sample: market.sample, since, until, step: question.step, items, advice })
}

/// Series of what gpurate collected.
fn collected(reader: &Reader, market: &Market, question: &Question) -> Result<Vec<SeriesView>, PastError> {
    let scopes = reader.scopes()?;
    let wanted: Vec<&(i64, Scope)> = scopes.iter().filter(|(_, scope)| question.wants(scope)).collect();
    let mut drawn = Drawn::new(question, wanted.len())?;
    let mut live = HashMap::new();
    let mut items = Vec::new();
    for (row, scope) in wanted {
        let mut spans = Vec::new();
        for provider in providers_of(&scopes, scope) {
            if !live.contains_key(&provider) {
                let known = market.providers.iter().find(|known| known.slug == provider);
                let stale = known.map_or(STALE_SECONDS_USUAL, |known| known.stale_seconds);
                live.insert(provider.clone(), reader.live_spans(&provider, stale, question.window)?);
            }
            spans.extend(live[&provider].iter().copied());
        }
        let stale_seconds = |slug: &str| {
            let known = market.providers.iter().find(|known| *known.slug == *slug);
            known.map_or(STALE_SECONDS_USUAL, |known| known.stale_seconds)
        };
        let live = if scope.provider.is_empty() {
            let beyond = silent::counted_beyond_their_time(reader, &scopes, scope, stale_seconds, question.window)?;
            silent::without(merged(spans), &beyond)
        } else {
            merged(spans)
        };
        let points = drawn.points(|give| pieces(reader, *row, &live, question.window, give))?;
        let or_all = |text: &Arc<str>| (!text.is_empty()).then(|| text.to_string());
        items.push(SeriesView {
            gpu: scope.gpu.to_string(),
            market: scope.market,
            tier: or_all(&scope.tier),
            provider: or_all(&scope.provider),
            origin: None,
            several: scope.several,
            points,
        });
    }
    Ok(items)
}

/// Makes points of pieces, within the bounds of an answer.
struct Drawn {
    buckets: Option<Buckets>,
    changes: i64,
}

impl Drawn {
    fn new(question: &Question, series: usize) -> Result<Self, PastError> {
        let buckets = Buckets::new(question.step, question.window);
        let points = buckets.as_ref().map_or(1, |buckets| buckets.count).saturating_mul(series as i64);
        if points > ANSWER_POINTS_MAX {
            let message = format!("{series} series with {points} points together, and {ANSWER_POINTS_MAX} are the most");
            return Err(error("gpu", format!("{message}; name fewer GPUs or providers, or take a longer step")).into());
        }
        Ok(Self { buckets, changes: 0 })
    }

    /// The points of one series. `all` gives its pieces, in order.
    fn points(
        &mut self,
        all: impl FnOnce(&mut dyn FnMut(Piece) -> Result<(), PastError>) -> Result<(), PastError>,
    ) -> Result<Vec<Point>, PastError> {
        if let Some(buckets) = &self.buckets {
            let mut cells = vec![Cell::default(); usize::try_from(buckets.count).unwrap_or(0)];
            all(&mut |piece| {
                buckets.add(&mut cells, piece);
                Ok(())
            })?;
            return Ok(buckets.points(&cells));
        }
        let mut points: Vec<Point> = Vec::new();
        let before = self.changes;
        all(&mut |piece| {
            push_change(&mut points, piece);
            if before + points.len() as i64 > POINTS_MAX {
                let message = format!("this window has more than {POINTS_MAX} changes; take `hour` or a later `since`");
                return Err(error("step", message).into());
            }
            Ok(())
        })?;
        self.changes += points.len() as i64;
        Ok(points)
    }
}

/// The providers whose offers make a series.
fn providers_of(scopes: &[(i64, Scope)], scope: &Scope) -> Vec<Arc<str>> {
    if !scope.provider.is_empty() {
        return vec![scope.provider.clone()];
    }
    let of = |other: &&Scope| (&other.gpu, other.market, other.several) == (&scope.gpu, scope.market, scope.several);
    let mut providers: Vec<Arc<str>> =
        scopes.iter().map(|(_, scope)| scope).filter(of).map(|scope| scope.provider.clone()).filter(|slug| !slug.is_empty()).collect();
    providers.sort_unstable();
    providers.dedup();
    providers
}

/// Spans in order and apart.
fn merged(mut spans: Vec<Span>) -> Vec<Span> {
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

/// A time in which one row held, or nothing is known.
#[derive(Clone, Copy, Debug)]
struct Piece {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    summary: Summary,
    /// A price was in force.
    known: bool,
}

/// Gives the window piece by piece, in order. Rows are read a page at a time.
fn pieces(
    reader: &Reader,
    scope: i64,
    live: &[Span],
    window: Window,
    give: &mut dyn FnMut(Piece) -> Result<(), PastError>,
) -> Result<(), PastError> {
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

/// Cuts the time of one row where its providers fell silent or came back.
fn cut(
    held: Option<SeriesRow>,
    mut from: DateTime<Utc>,
    until: DateTime<Utc>,
    live: &[Span],
    give: &mut dyn FnMut(Piece) -> Result<(), PastError>,
) -> Result<(), PastError> {
    let summary = held.map_or_else(Summary::default, |row| row.summary);
    let priced = summary.prices.is_some();
    for (begins, ends) in &live[live.partition_point(|(_, ends)| *ends <= from)..] {
        if *begins >= until {
            break;
        }
        if *begins > from {
            give(Piece { from, until: *begins, summary, known: false })?;
            from = *begins;
        }
        let end = until.min(*ends);
        if end > from {
            give(Piece { from, until: end, summary, known: priced })?;
            from = end;
        }
    }
    if from < until {
        give(Piece { from, until, summary, known: false })?;
    }
    Ok(())
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

fn point(from: DateTime<Utc>, until: DateTime<Utc>, summary: Option<Summary>, not_fresh: u32, min: Option<i64>) -> Point {
    let prices = summary.and_then(|summary| summary.prices);
    Point {
        from,
        until,
        min_usd_per_gpu_hour: prices.map(|prices| Nanos(min.unwrap_or(prices[0]))),
        median_usd_per_gpu_hour: prices.map(|prices| Nanos(prices[2])),
        offers: summary.map_or(0, |summary| summary.offers),
        machines: summary.map_or(0, |summary| summary.machines),
        providers_not_fresh: not_fresh,
        gap: prices.is_none(),
    }
}

/// Steps of a window, from the calendar's own beginnings.
struct Buckets {
    step_ms: i64,
    offset_ms: i64,
    first: i64,
    count: i64,
    window: Window,
}

/// What is gathered of one step.
#[derive(Clone, Copy, Default)]
struct Cell {
    min: Option<i64>,
    last: Option<Summary>,
    not_fresh: u32,
}

impl Buckets {
    /// `None` for changes.
    fn new(step: Step, window: Window) -> Option<Self> {
        const HOUR_MS: i64 = 3_600_000;
        let step_ms = step.hours()? * HOUR_MS;
        // 1970 began on a Thursday.
        let offset_ms = if step == Step::Week { 4 * 24 * HOUR_MS } else { 0 };
        let place = |ms: i64| (ms - offset_ms).div_euclid(step_ms);
        let first = place(window.since.timestamp_millis());
        let last = place(window.until.timestamp_millis() - 1);
        Some(Self { step_ms, offset_ms, first, count: (last - first + 1).max(0), window })
    }

    fn place(&self, moment: DateTime<Utc>, back_ms: i64) -> usize {
        let place = (moment.timestamp_millis() - back_ms - self.offset_ms).div_euclid(self.step_ms) - self.first;
        usize::try_from(place.clamp(0, (self.count - 1).max(0))).unwrap_or(0)
    }

    fn add(&self, cells: &mut [Cell], piece: Piece) {
        if cells.is_empty() {
            return;
        }
        for cell in &mut cells[self.place(piece.from, 0)..=self.place(piece.until, 1)] {
            cell.not_fresh = piece.summary.providers_not_fresh;
            if let Some(prices) = piece.summary.prices.filter(|_| piece.known) {
                cell.min = Some(cell.min.map_or(prices[0], |min| min.min(prices[0])));
                cell.last = Some(piece.summary);
            }
        }
    }

    fn points(&self, cells: &[Cell]) -> Vec<Point> {
        let begin = |number: i64| {
            let moment = DateTime::from_timestamp_millis((self.first + number) * self.step_ms + self.offset_ms);
            moment.unwrap_or(self.window.until).clamp(self.window.since, self.window.until)
        };
        let numbered = (0_i64..).zip(cells);
        numbered.map(|(number, cell)| point(begin(number), begin(number + 1), cell.last, cell.not_fresh, cell.min)).collect()
    }
}

#[cfg(test)]
mod tests;
