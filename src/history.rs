//! How the price of a GPU moved, from `gpu_price` (or, where an import or a place is named, from rows of prices): every change, or
//! steps of an hour, a day or a week; and figures over the window. HTTP and the command line ask the same function. A time of
//! which nothing is known is a gap, never a line drawn through.

pub mod bid;
mod calendar;
pub mod come_back;
mod figures;
mod imported;
mod pieces;
mod places;
mod silent;

use std::collections::{HashMap, HashSet};
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use gpurate_domain::{Country, GpuCount, MarketKind, Nanos};
use serde::Serialize;
use utoipa::ToSchema;

pub use figures::{BudgetShare, PriceOf, SeriesFigures, SpotOverOnDemand, Volatility, WeekHour, WorstRise};

use crate::market::Market;
use crate::market::summary::Scope;
use crate::parameters;
use crate::past::{Names, PastError, origin_name};
use crate::prices::{FilterError, Filters, GpuChoice, floor_as_of};
use crate::store::Reader;
use crate::window::Window;
use crate::words::nearest;
use figures::Moment;
use pieces::{Drawn, Lives, Told};

/// Steps of a window, or changes of a series, at most.
pub const POINTS_MAX: i64 = 10_000;
/// Days that are shown unless asked.
const DAYS_USUAL: i64 = 30;
/// Days of a window that figures are made of, at most.
const FIGURE_DAYS_MAX: i64 = 3_660;
/// Corrections of a window that are looked at.
const CORRECTIONS_MAX: u32 = 5_000;

/// The parameters of a history, for HTTP and the command line.
pub const PARAMETERS: [&str; 15] = [
    "gpu",
    "market",
    "provider",
    "tier",
    "region",
    "country",
    "several",
    "since",
    "until",
    "step",
    "time_zone",
    "figures",
    "budget",
    "price",
    "origin",
];

/// How long a point is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// As long as nothing changed.
    Changes,
    /// An hour, UTC.
    Hour,
    /// A day, in the time zone of the question.
    #[default]
    Day,
    /// A week from Monday, in the time zone of the question.
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
    tier: Vec<String>,
    region: Vec<String>,
    country: Vec<Country>,
    several: bool,
    step: Step,
    window: Window,
    zone: Tz,
    figures: bool,
    budget: Option<i64>,
    price: PriceOf,
    origin: Option<String>,
    /// Rows of a marketplace's listings are kept for so many days.
    listing_days: u32,
}

/// One of two words.
fn yes_or_no(name: &'static str, value: Option<&str>) -> Result<bool, FilterError> {
    match value {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => {
            let shown: String = other.chars().take(40).collect();
            Err(error(name, format!("`{shown}` is no value of `{name}`: one of `true`, `false`")))
        }
    }
}

/// An amount of dollars per GPU-hour, written as in `price_max`.
fn dollars(name: &'static str, text: &str) -> Result<i64, FilterError> {
    let read = Filters::parse(std::iter::once(("price_max".to_owned(), text.to_owned())));
    read.ok().and_then(|filters| filters.price_max_nanos).ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        error(name, format!("`{shown}` is no price; write `{name}` in dollars per GPU-hour, as `0.40`"))
    })
}

/// Pairs of a question: lists apart from what stands once.
struct Given {
    filters: Filters,
    single: HashMap<String, String>,
}

impl Given {
    /// `known` are the parameters that there are, `lists` those of them that are filters of prices.
    fn parse(
        pairs: impl Iterator<Item = (String, String)>,
        known: &[&'static str],
        lists: &[&str],
        whose: &str,
    ) -> Result<Self, FilterError> {
        let (mut filters, mut single) = (Vec::new(), HashMap::new());
        for (name, value) in pairs {
            if !known.contains(&name.as_str()) {
                return Err(parameters::unknown(&name, known));
            }
            if lists.contains(&name.as_str()) {
                filters.push((name, value));
            } else if single.insert(name.clone(), value).is_some() {
                return Err(parameters::twice(&name));
            }
        }
        // An import may be of providers that this program does not know.
        let of_import = single.contains_key("origin");
        let filters = if of_import { Filters::parse_for_import(filters.into_iter()) } else { Filters::parse(filters.into_iter()) }?;
        if filters.gpu.is_empty() {
            return Err(error("gpu", format!("{whose}? give `gpu` a slug, as `rtx-4090`")));
        }
        Ok(Self { filters, single })
    }

    fn of(&self, name: &str) -> Option<&str> {
        self.single.get(name).map(String::as_str)
    }
}

impl Question {
    /// Reads a question; a list may also be given by repeating its key.
    ///
    /// # Errors
    /// [`FilterError`] names the parameter, the value and what is allowed or near.
    pub fn parse(pairs: impl Iterator<Item = (String, String)>, now: DateTime<Utc>) -> Result<Self, FilterError> {
        let given = Given::parse(pairs, &PARAMETERS, &["gpu", "market", "provider", "tier", "region", "country"], "whose history")?;
        let several = yes_or_no("several", given.of("several"))?;
        let step: Step = given.of("step").map_or(Ok(Step::default()), str::parse)?;
        let until = Window::parse(None, given.of("until"), now, now)?.until;
        let window = Window::parse(given.of("since"), given.of("until"), until - TimeDelta::days(DAYS_USUAL), now)?;
        let zone = calendar::zone(given.of("time_zone"))?;
        if let Some(Err(count)) = calendar::steps(step, zone, window, POINTS_MAX) {
            return Err(pieces::too_many_steps(step, count));
        }
        let budget = given.of("budget").map(|text| dollars("budget", text)).transpose()?;
        let figures = yes_or_no("figures", given.of("figures"))? || budget.is_some();
        if figures && window.until - window.since > TimeDelta::days(FIGURE_DAYS_MAX) {
            return Err(error("since", format!("figures are made of at most {FIGURE_DAYS_MAX} days; give a later `since`")));
        }
        let price = match given.of("price") {
            None => PriceOf::default(),
            Some(text) => [PriceOf::Rentable, PriceOf::Lowest].into_iter().find(|known| known.as_str() == text).ok_or_else(|| {
                let shown: String = text.chars().take(40).collect();
                error("price", format!("`{shown}` is no value of `price`: one of `rentable`, `lowest`"))
            })?,
        };
        let origin = given.of("origin").map(origin_name).transpose()?;
        let Filters { gpu, market, provider, tier, region, country, .. } = given.filters;
        let market = if market.is_empty() { vec![MarketKind::OnDemand] } else { market };
        Ok(Self {
            gpu,
            market,
            provider,
            tier,
            region,
            country,
            several,
            step,
            window,
            zone,
            figures,
            budget,
            price,
            origin,
            listing_days: crate::config::Config::default().retention.marketplace_days_whole(),
        })
    }

    /// The same where rows of a marketplace's listings are kept for so many days.
    #[must_use]
    pub fn keeping(self, listing_days: u32) -> Self {
        Self { listing_days, ..self }
    }

    /// Markets whose series are read: for figures also the one that spot or on demand is compared with.
    fn markets_read(&self) -> Vec<MarketKind> {
        let other = [MarketKind::OnDemand, MarketKind::Spot].into_iter().filter(|_| self.figures);
        let mut markets: Vec<MarketKind> = self.market.iter().copied().chain(other).collect();
        markets.sort_unstable();
        markets.dedup();
        markets
    }

    /// Providers have a series each, and each of their tiers.
    fn is_apart(&self) -> bool {
        !self.provider.is_empty() || !self.tier.is_empty()
    }

    fn wants_seller(&self, provider: &str, tier: &str) -> bool {
        let among = |words: &[String], word: &str| words.is_empty() || words.iter().any(|wanted| wanted == word);
        among(&self.provider, provider) && among(&self.tier, tier)
    }

    fn wants_gpu(&self, slug: &str) -> bool {
        self.gpu.iter().any(|choice| choice.means(slug))
    }

    /// Whether offers of so many GPUs are meant.
    fn wants_count(&self, count: GpuCount) -> bool {
        if self.several { count.as_whole().is_some_and(|count| count > 1) } else { count == GpuCount::ONE }
    }

    fn wants(&self, scope: &Scope, markets: &[MarketKind]) -> bool {
        let seller = if self.is_apart() {
            !scope.provider.is_empty() && self.wants_seller(&scope.provider, &scope.tier)
        } else {
            scope.provider.is_empty()
        };
        seller && scope.several == self.several && markets.contains(&scope.market) && self.wants_gpu(&scope.gpu)
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
    /// Whose days, weeks and hours of the week are meant.
    pub time_zone: &'static str,
    /// What the figures are counted from.
    pub counted_from: String,
    /// One per GPU and market; per provider and tier where providers or tiers are asked for, per place where places are.
    pub items: Vec<SeriesView>,
    /// Spot against on demand, one per GPU (and provider, tier, place); only where figures are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spot_over_on_demand: Option<Vec<SpotOverOnDemand>>,
    /// What to know of this answer: where it was cut short, and why.
    pub notes: Vec<String>,
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
    /// One region; null: all together.
    pub region: Option<String>,
    /// One country; null: all together.
    pub country: Option<String>,
    /// The import it is made of; null: what gpurate collected.
    pub origin: Option<String>,
    /// Offers of more than one GPU.
    pub several: bool,
    /// So long a price was in force, of the window.
    pub known_seconds: i64,
    /// The rest of it: nothing is known, or nothing was offered.
    pub gap_seconds: i64,
    /// In order, without holes: what is not known is a gap.
    pub points: Vec<Point>,
    /// Figures over the window, where they are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figures: Option<SeriesFigures>,
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
    /// The lowest rentable price in force at any time of it: not unverified, not unreliable, not retired. Null: none was, or
    /// its rows do not tell.
    #[schema(value_type = Option<String>)]
    pub rentable_usd_per_gpu_hour: Option<Nanos>,
    /// The last lower quartile in force in it: a quarter of the machines cost at most so much.
    #[schema(value_type = Option<String>)]
    pub quartile_usd_per_gpu_hour: Option<Nanos>,
    /// The last median in force in it.
    #[schema(value_type = Option<String>)]
    pub median_usd_per_gpu_hour: Option<Nanos>,
    /// Offers behind that median.
    pub offers: u32,
    /// Machines behind it.
    pub machines: u32,
    /// Providers behind it; null where its rows do not tell.
    pub providers: Option<u32>,
    /// Providers that were left out then because their prices were stale.
    pub providers_not_fresh: u32,
    /// Something that began in it was read wrong first, and corrected later.
    pub corrected: bool,
    /// No accepted price was in force at any time of it.
    pub gap: bool,
}

/// A series with what its figures are made of.
struct Made {
    view: SeriesView,
    moments: Vec<Moment>,
}

impl Made {
    fn new(view: SeriesView, told: Told) -> Self {
        let view = SeriesView { points: told.points, known_seconds: told.known_ms / 1_000, gap_seconds: told.gap_ms / 1_000, ..view };
        Self { view, moments: told.moments }
    }
}

/// A series of which nothing is told yet.
fn blank(gpu: &str, market: MarketKind, several: bool) -> SeriesView {
    SeriesView {
        gpu: gpu.to_owned(),
        market,
        tier: None,
        provider: None,
        region: None,
        country: None,
        origin: None,
        several,
        known_seconds: 0,
        gap_seconds: 0,
        points: Vec::new(),
        figures: None,
    }
}

/// Series, and what to know of them.
struct Read {
    made: Vec<Made>,
    window: Window,
    counted_from: String,
    notes: Vec<String>,
}

/// Answers a question. Blocking.
///
/// # Errors
/// [`PastError`].
pub fn history(reader: &Reader, market: &Market, question: &Question, now: DateTime<Utc>) -> Result<HistoryAnswer, PastError> {
    let read = match &question.origin {
        Some(origin) => Read {
            made: imported::series(reader, question, origin)?,
            window: question.window,
            counted_from: format!("rows of the import `{origin}`"),
            notes: Vec::new(),
        },
        None if question.region.is_empty() && question.country.is_empty() => collected(reader, market, question)?,
        None => places::series(reader, market, question, now)?,
    };
    let Read { mut made, window, counted_from, notes } = read;
    // Only summaries tell what was rentable.
    let is_summary = question.origin.is_none() && question.region.is_empty() && question.country.is_empty();
    let price = if is_summary { question.price } else { PriceOf::Lowest };
    let spot_over_on_demand = question.figures.then(|| ratios(&made, price));
    made.retain(|made| question.market.contains(&made.view.market));
    let figures = |Made { view, moments }: Made| {
        let figures = question.figures.then(|| figures::figures(&moments, price, question.budget, question.zone));
        SeriesView { figures, ..view }
    };
    let items: Vec<SeriesView> = made.into_iter().map(figures).collect();
    let advice = if items.is_empty() { Some(advice(reader, question)?) } else { None };
    Ok(HistoryAnswer {
        as_of: floor_as_of(now),
        sample: market.sample,
        since: window.since,
        until: window.until,
        step: question.step,
        time_zone: question.zone.name(),
        counted_from,
        items,
        spot_over_on_demand,
        notes,
        advice,
    })
}

/// What to do about an answer without series: every filter that was given is named, for each may be the one that leaves nothing.
fn advice(reader: &Reader, question: &Question) -> Result<String, PastError> {
    let given = [
        ("provider", question.provider.is_empty()),
        ("tier", question.tier.is_empty()),
        ("region", question.region.is_empty()),
        ("country", question.country.is_empty()),
        ("origin", question.origin.is_none()),
    ];
    let given: Vec<&str> = given.into_iter().filter(|(_, is_empty)| !is_empty).map(|(name, _)| name).collect();
    let without = if given.is_empty() { String::new() } else { format!("no `{}`, ", given.join("` or `")) };
    // Series begin when a card is first seen; rows of places and of imports are those of the window.
    let is_of_rows = question.origin.is_some() || !question.region.is_empty() || !question.country.is_empty();
    let window = if is_of_rows { "an earlier `since`, " } else { "" };
    let was_seen = match &question.origin {
        Some(origin) => format!("the import `{origin}` has nothing of it that passes"),
        None if reader.scopes()?.iter().any(|(_, scope)| question.wants_gpu(&scope.gpu)) => {
            "it was seen, but nothing of it passes".to_owned()
        }
        None => {
            return Ok("nothing of it was ever seen; try another GPU: `gpurate gpus` and `/api/v1/gpus` have those with a price".to_owned());
        }
    };
    let markets: Vec<&str> = question.market.iter().map(|market| market.as_str()).collect();
    let several = if question.several { "no `several`" } else { "`several`" };
    Ok(format!("{was_seen}; try {without}{window}another `market` than `{}`, or {several}", markets.join("`, `")))
}

/// Spot against on demand, of series that differ in nothing else.
fn ratios(made: &[Made], asked: PriceOf) -> Vec<SpotOverOnDemand> {
    let about = |view: &SeriesView| (view.gpu.clone(), view.tier.clone(), view.provider.clone(), view.region.clone(), view.country.clone());
    let mut ratios = Vec::new();
    for on_demand in made.iter().filter(|made| made.view.market == MarketKind::OnDemand) {
        let is_its_spot = |made: &&Made| made.view.market == MarketKind::Spot && about(&made.view) == about(&on_demand.view);
        let Some(spot) = made.iter().find(is_its_spot) else { continue };
        let rentable = [&spot.moments, &on_demand.moments].map(|moments| figures::price_of(moments, asked));
        let of = if rentable == [PriceOf::Rentable; 2] { PriceOf::Rentable } else { PriceOf::Lowest };
        let (spot_median, on_demand_median, both_known_seconds) = figures::together(&spot.moments, &on_demand.moments, of);
        let (gpu, tier, provider, region, country) = about(&on_demand.view);
        ratios.push(SpotOverOnDemand {
            gpu,
            tier,
            provider,
            region,
            country,
            of,
            ratio: figures::ratio(spot_median, on_demand_median),
            spot_usd_per_gpu_hour: spot_median.map(Nanos),
            on_demand_usd_per_gpu_hour: on_demand_median.map(Nanos),
            both_known_seconds,
        });
    }
    ratios
}

/// For how long a provider's answer is in force.
fn stale_seconds<'a>(market: &'a Market) -> impl Fn(&str) -> i64 + 'a {
    |slug| {
        let known = market.providers.iter().find(|known| *known.slug == *slug);
        known.map_or(pieces::STALE_SECONDS_USUAL, |known| known.stale_seconds)
    }
}

/// Series of what gpurate collected.
fn collected(reader: &Reader, market: &Market, question: &Question) -> Result<Read, PastError> {
    let scopes = reader.scopes()?;
    let markets = question.markets_read();
    let wanted: Vec<&(i64, Scope)> = scopes.iter().filter(|(_, scope)| question.wants(scope, &markets)).collect();
    let window = question.window;
    let mut drawn = Drawn::new(question, window, wanted.len())?;
    let corrections = Corrections::read(reader, question)?;
    // Days of UTC are counted already; other days, and figures, are made of the rows.
    let by_day = matches!(question.step, Step::Day | Step::Week) && question.zone == Tz::UTC && !question.figures;
    let (mut lives, mut silences) = (Lives::default(), silent::Silences::default());
    let mut made = Vec::new();
    for (row, scope) in wanted {
        let mut live = lives.of(reader, &providers_of(&scopes, scope), stale_seconds(market), window)?;
        if scope.provider.is_empty() {
            let beyond = silences.counted_beyond_their_time(reader, &scopes, scope, stale_seconds(market), window)?;
            live = silent::without(&live, &beyond).into();
        }
        let told = drawn.told(&corrections.of(scope), |give| {
            let read = if by_day { pieces::pieces_by_day } else { pieces::pieces };
            read(reader, *row, &live, window, give)
        })?;
        let or_all = |text: &Arc<str>| (!text.is_empty()).then(|| text.to_string());
        let view = blank(&scope.gpu, scope.market, scope.several);
        made.push(Made::new(SeriesView { tier: or_all(&scope.tier), provider: or_all(&scope.provider), ..view }, told));
    }
    let counted_from = "summaries of all offers that could be had, one per change (`series`)".to_owned();
    Ok(Read { made, window, counted_from, notes: corrections.notes() })
}

/// Moments from which something was read wrong first.
struct Corrections {
    rows: Vec<(DateTime<Utc>, crate::store::history::PastOffer, Arc<str>)>,
    is_cut: bool,
}

impl Corrections {
    fn read(reader: &Reader, question: &Question) -> Result<Self, PastError> {
        let mut names = Names::default();
        let found = reader.corrections(question.window, CORRECTIONS_MAX)?;
        let is_cut = found.len() == CORRECTIONS_MAX as usize;
        let named = found.into_iter().map(|(at, offer)| {
            let slug = names.of(&offer).1;
            (at, offer, slug)
        });
        let wanted = |offer: &crate::store::history::PastOffer, slug: &str| {
            question.wants_gpu(slug) && offer.gpu_count.is_some_and(|count| question.wants_count(count))
        };
        Ok(Self { rows: named.filter(|(_, offer, slug)| wanted(offer, slug)).collect(), is_cut })
    }

    fn of(&self, scope: &Scope) -> Vec<DateTime<Utc>> {
        let is_of = |offer: &crate::store::history::PastOffer| {
            offer.market == scope.market && (scope.provider.is_empty() || (&offer.provider, &offer.tier) == (&scope.provider, &scope.tier))
        };
        self.rows.iter().filter(|(_, offer, slug)| *slug == scope.gpu && is_of(offer)).map(|(at, ..)| *at).collect()
    }

    fn notes(&self) -> Vec<String> {
        let cut =
            || format!("more than {CORRECTIONS_MAX} corrections in the window: those after the first {CORRECTIONS_MAX} are not marked");
        self.is_cut.then(cut).into_iter().collect()
    }
}

/// The providers whose offers make a series.
fn providers_of(scopes: &[(i64, Scope)], scope: &Scope) -> Vec<Arc<str>> {
    if !scope.provider.is_empty() {
        return vec![scope.provider.clone()];
    }
    let of = |other: &&Scope| (&other.gpu, other.market, other.several) == (&scope.gpu, scope.market, scope.several);
    let providers: HashSet<Arc<str>> =
        scopes.iter().map(|(_, scope)| scope).filter(of).map(|scope| scope.provider.clone()).filter(|slug| !slug.is_empty()).collect();
    let mut providers: Vec<Arc<str>> = providers.into_iter().collect();
    providers.sort_unstable();
    providers
}

#[cfg(test)]
mod tests;
