//! One offer's day: what it cost first, least and last, and how long it was offered. Pure.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use gpurate_domain::{Availability, Currency, FxRates, Nanos, PerHour, UsdPerHour, money};

use crate::catalogue;
use crate::export::{Row, Value};
use crate::store::days::{Held, PartOffer};
use crate::store::history::Span;

/// The columns of `daily_state`, in order; `docs/lake.md` says what each means.
pub const DAILY_STATE_COLUMNS: &[&str] = &[
    "id",
    "provider",
    "sku",
    "tier",
    "region",
    "country",
    "market",
    "gpu",
    "gpu_group",
    "gpu_name_raw",
    "gpu_count",
    "price_kind",
    "currency",
    "opening_price_per_hour",
    "lowest_price_per_hour",
    "closing_price_per_hour",
    "opening_usd_per_hour",
    "lowest_usd_per_hour",
    "closing_usd_per_hour",
    "opening_usd_per_gpu_hour",
    "lowest_usd_per_gpu_hour",
    "closing_usd_per_gpu_hour",
    "rate_date",
    "opening_availability",
    "closing_availability",
    "present_at_start",
    "present_at_end",
    "listed_seconds",
    "available_seconds",
    "changes",
];

/// What an offer costs from a moment on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Quoted {
    per_hour: PerHour,
    availability: Availability,
    kind: Option<Arc<str>>,
}

impl Quoted {
    /// `None` for a withdrawal.
    pub(super) fn of(held: &Held) -> Option<Self> {
        let quoted = held.price.quoted.as_ref()?;
        let per_hour = PerHour { nanos: quoted.per_hour.0, currency: quoted.currency };
        Some(Self { per_hour, availability: held.price.availability, kind: held.kind.clone() })
    }
}

/// What came together of an offer's day so far.
#[derive(Clone, Debug, Default)]
struct Day {
    opening: Option<Quoted>,
    closing: Option<Quoted>,
    /// In the currency of `closing`, since it is quoted in it.
    lowest: Option<i64>,
    lowest_usd: Option<i64>,
    present_at_start: bool,
    present_at_end: bool,
    listed_ms: i64,
    available_ms: i64,
}

/// An offer that is followed through the days.
#[derive(Clone, Debug)]
pub(super) struct Followed {
    /// What it is.
    pub(super) offer: PartOffer,
    /// The table's own part, where its words mean one.
    pub(super) gpu: Option<usize>,
    /// Slug of the group it is counted in.
    pub(super) group: Arc<str>,
    held: Option<Quoted>,
    since: DateTime<Utc>,
    changes: u32,
    day: Option<Box<Day>>,
}

/// The day that is worked out.
pub(super) struct Frame<'a> {
    /// Its first moment, and the first of the next.
    pub(super) bounds: Span,
    /// The rates of that day.
    pub(super) rates: Option<&'a FxRates>,
}

impl Followed {
    /// `held` is what held at the beginning of the day, `since`.
    pub(super) fn new(offer: PartOffer, gpu: Option<usize>, group: Arc<str>, held: Option<Quoted>, since: DateTime<Utc>) -> Self {
        Self { offer, gpu, group, held, since, changes: 0, day: None }
    }

    /// From `at` on something else holds. `live`: when the answers of its part were in force.
    pub(super) fn change(&mut self, at: DateTime<Utc>, to: Option<Quoted>, live: &[Span], frame: &Frame<'_>) {
        self.close(at, live, frame);
        self.held = to;
        self.changes += 1;
    }

    /// Whether it is offered still.
    pub(super) fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Ends the day: its row, where the offer was there at any time of it that is known.
    pub(super) fn end(&mut self, live: &[Span], frame: &Frame<'_>) -> Option<Row> {
        self.close(frame.bounds.1, live, frame);
        let changes = std::mem::take(&mut self.changes);
        let day = self.day.take()?;
        Some(self.row(*day, changes, frame.rates))
    }

    /// Counts the time until `until`, as far as it is known.
    fn close(&mut self, until: DateTime<Utc>, live: &[Span], frame: &Frame<'_>) {
        let from = std::mem::replace(&mut self.since, until);
        let Some(held) = self.held.as_ref().filter(|_| from < until) else { return };
        for (begins, ends) in &live[live.partition_point(|(_, ends)| *ends <= from)..] {
            let (begins, ends) = (from.max(*begins), until.min(*ends));
            if begins >= until {
                break;
            }
            self.day.get_or_insert_default().add(held, (begins, ends), frame);
        }
    }

    fn row(&self, day: Day, changes: u32, rates: Option<&FxRates>) -> Row {
        let offer = &self.offer.offer;
        let shown = |value: Option<String>| Value::or_null(value.map(Arc::<str>::from));
        let word = |quoted: Option<&Quoted>| Value::or_null(quoted.map(|quoted| Arc::<str>::from(quoted.availability.as_str())));
        let (opening, closing) = (day.opening.as_ref(), day.closing.as_ref());
        let currency = closing.map(|quoted| quoted.per_hour.currency);
        let usd = |quoted: Option<&Quoted>| quoted.and_then(|quoted| money::usd_per_hour(quoted.per_hour, rates)).map(|usd| usd.nanos);
        let per_gpu = |usd: Option<i64>| {
            let per_gpu = usd.zip(offer.gpu_count).and_then(|(nanos, count)| UsdPerHour { nanos }.per_gpu(count));
            Value::or_null(per_gpu.map(|usd| Nanos(usd.nanos)))
        };
        let nanos = |nanos: Option<i64>| Value::or_null(nanos.map(Nanos));
        let native = |quoted: Option<&Quoted>| quoted.filter(|quoted| Some(quoted.per_hour.currency) == currency).map(|q| q.per_hour.nanos);
        let (opening_usd, closing_usd) = (usd(opening), usd(closing));
        let foreign = [opening, closing].into_iter().flatten().any(|quoted| quoted.per_hour.currency != Currency::USD);
        let rate_date = rates.filter(|_| foreign && (opening_usd.is_some() || closing_usd.is_some())).map(|rates| rates.date.to_string());
        let whole = |ms: i64| Value::Whole(ms / 1000);
        vec![
            Value::shown(offer.id),
            Value::Text(offer.provider.clone()),
            Value::Text(offer.sku.clone()),
            Value::Text(offer.tier.clone()),
            Value::Text(offer.region.clone()),
            shown(offer.country.map(|country| country.to_string())),
            Value::shown(offer.market),
            shown(self.gpu.map(|gpu| catalogue::gpus().gpu(gpu).slug.clone())),
            Value::Text(self.group.clone()),
            Value::Text(offer.gpu_name.clone()),
            shown(offer.gpu_count.map(|count| count.to_string())),
            Value::or_null(closing.and_then(|quoted| quoted.kind.clone())),
            shown(currency.map(|currency| currency.to_string())),
            nanos(native(opening)),
            nanos(day.lowest),
            nanos(native(closing)),
            nanos(opening_usd),
            nanos(day.lowest_usd),
            nanos(closing_usd),
            per_gpu(opening_usd),
            per_gpu(day.lowest_usd),
            per_gpu(closing_usd),
            shown(rate_date),
            word(opening),
            word(closing),
            Value::Bool(day.present_at_start),
            Value::Bool(day.present_at_end),
            whole(day.listed_ms),
            whole(day.available_ms),
            Value::Whole(i64::from(changes)),
        ]
    }
}

impl Day {
    fn add(&mut self, held: &Quoted, (from, until): Span, frame: &Frame<'_>) {
        let ms = (until - from).num_milliseconds();
        self.listed_ms += ms;
        self.present_at_start |= from == frame.bounds.0;
        self.present_at_end |= until == frame.bounds.1;
        if self.closing.as_ref().is_some_and(|last| last.per_hour.currency != held.per_hour.currency) {
            self.lowest = None;
        }
        if held.availability.may_be_had() {
            self.available_ms += ms;
            let least = |known: Option<i64>, new: i64| Some(known.map_or(new, |known| known.min(new)));
            self.lowest = least(self.lowest, held.per_hour.nanos);
            if let Some(usd) = money::usd_per_hour(held.per_hour, frame.rates) {
                self.lowest_usd = least(self.lowest_usd, usd.nanos);
            }
        }
        self.opening.get_or_insert_with(|| held.clone());
        if self.closing.as_ref() != Some(held) {
            self.closing = Some(held.clone());
        }
    }
}
