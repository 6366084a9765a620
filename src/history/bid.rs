//! "Replay my bid": on how many of the last evenings a bid would have held from its beginning to its end.
//!
//! What is replayed is the lowest price on offer (the floor), on whatever machine: where it holds, some machine could be had at
//! the bid all evening, not always the same one. A bid on one machine can only do worse.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use gpurate_domain::{MarketKind, Nanos};
use serde::Serialize;
use utoipa::ToSchema;

use super::figures::{At, Moment, PriceOf};
use super::pieces::{self, Lives};
use super::{Given, Question, Step, calendar, dollars, error, providers_of, stale_seconds, yes_or_no};
use crate::market::Market;
use crate::past::PastError;
use crate::prices::{FilterError, Filters, floor_as_of};
use crate::store::Reader;
use crate::window::Window;

/// The parameters, for HTTP and the command line.
pub const PARAMETERS: [&str; 9] = ["gpu", "provider", "tier", "several", "bid", "evenings", "from", "hours", "time_zone"];
/// Evenings at most.
pub const EVENINGS_MAX: u32 = 366;
/// Series of an answer at most.
const SERIES_MAX: usize = 100;

/// What is asked for, read and checked.
#[derive(Clone, Debug)]
pub struct BidQuestion {
    series: Question,
    bid: i64,
    evenings: u32,
    from: NaiveTime,
    length: TimeDelta,
}

impl BidQuestion {
    /// Reads a question; a list may also be given by repeating its key.
    ///
    /// # Errors
    /// [`FilterError`] names the parameter, the value and what is allowed or near.
    pub fn parse(pairs: impl Iterator<Item = (String, String)>, now: DateTime<Utc>) -> Result<Self, FilterError> {
        let given = Given::parse(pairs, &PARAMETERS, &["gpu", "provider", "tier"], "a bid on what")?;
        let shown = |text: &str| text.chars().take(40).collect::<String>();
        let bid = given
            .of("bid")
            .ok_or_else(|| error("bid", "how much would you bid? give `bid` in dollars per GPU-hour, as `0.25`".to_owned()))?;
        let bid = dollars("bid", bid)?;
        let evenings = match given.of("evenings") {
            None => 30,
            Some(text) => text.parse().ok().filter(|number| (1..=EVENINGS_MAX).contains(number)).ok_or_else(|| {
                error("evenings", format!("`{}` is no number of evenings; write a whole number from 1 to {EVENINGS_MAX}", shown(text)))
            })?,
        };
        let from = given.of("from").unwrap_or("19:00");
        let from = NaiveTime::parse_from_str(from, "%H:%M")
            .map_err(|_| error("from", format!("`{}` is no time of day; write it as `19:00`", shown(from))))?;
        let hours = given.of("hours").unwrap_or("3");
        let hours = hours
            .parse::<u8>()
            .ok()
            .filter(|hours| (1..=24).contains(hours))
            .ok_or_else(|| error("hours", format!("`{}` is no length of an evening; write whole hours from 1 to 24", shown(hours))))?;
        let zone = calendar::zone(given.of("time_zone"))?;
        let several = yes_or_no("several", given.of("several"))?;
        let Filters { gpu, provider, tier, .. } = given.filters;
        let series = Question {
            gpu,
            market: vec![MarketKind::Spot],
            provider,
            tier,
            region: Vec::new(),
            country: Vec::new(),
            several,
            step: Step::Changes,
            window: Window { since: now, until: now },
            zone,
            figures: false,
            budget: None,
            price: PriceOf::Lowest,
            origin: None,
            listing_days: 0,
        };
        Ok(Self { series, bid, evenings, from, length: TimeDelta::hours(i64::from(hours)) })
    }

    /// The last evenings that are over, in order.
    fn windows(&self, now: DateTime<Utc>) -> Vec<(NaiveDate, Window)> {
        let zone: Tz = self.series.zone;
        let mut date = calendar::date(zone, now);
        let mut windows = Vec::new();
        while windows.len() < self.evenings as usize {
            let since = calendar::moment(zone, date, self.from);
            let window = Window { since, until: since + self.length };
            if window.until <= now {
                windows.push((date, window));
            }
            let Some(before) = date.pred_opt() else { break };
            date = before;
        }
        windows.reverse();
        windows
    }
}

/// How a bid would have fared.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BidAnswer {
    /// The moment of the answer: the clock floored to ten seconds.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: DateTime<Utc>,
    /// Every figure comes from made-up samples.
    pub sample: bool,
    /// The bid.
    #[schema(value_type = String)]
    pub bid_usd_per_gpu_hour: Nanos,
    /// When an evening begins.
    pub from: String,
    /// How long it lasts.
    pub seconds: i64,
    /// Whose time of day that is.
    pub time_zone: &'static str,
    /// What it is counted from, and what that cannot tell.
    pub counted_from: String,
    /// One per GPU; per provider and tier where providers or tiers are asked for.
    pub items: Vec<BidSeries>,
    /// What to do about an answer without rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// Evenings of one series.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BidSeries {
    /// Slug of the GPU or group.
    pub gpu: String,
    /// One provider; null: all together.
    pub provider: Option<String>,
    /// One tier; null: all together.
    pub tier: Option<String>,
    /// Evenings on which it held from beginning to end.
    pub held: usize,
    /// On which it held at the beginning, and then the price went above it or nothing was offered any more.
    pub cut: usize,
    /// On which the price was above it at the beginning.
    pub outbid: usize,
    /// On which nothing was offered at the beginning.
    pub nothing_offered: usize,
    /// Of which it is not known: collection had a gap before it was decided.
    pub not_known: usize,
    /// In order.
    pub evenings: Vec<Evening>,
}

/// What became of a bid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BidOutcome {
    /// It held from beginning to end.
    Held,
    /// It held at the beginning, and not to the end.
    Cut,
    /// The price was above it at the beginning.
    Outbid,
    /// Nothing was offered at the beginning.
    NothingOffered,
    /// Collection had a gap before it was decided.
    NotKnown,
}

/// One evening.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Evening {
    /// On which it begins.
    #[schema(value_type = String, format = Date)]
    pub date: NaiveDate,
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    pub from: DateTime<Utc>,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub until: DateTime<Utc>,
    /// What became of the bid.
    pub outcome: BidOutcome,
    /// For so long it held, as far as that is known.
    pub held_seconds: i64,
    /// The lowest price at the beginning; null where none is known.
    #[schema(value_type = Option<String>)]
    pub first_usd_per_gpu_hour: Option<Nanos>,
    /// The highest that the lowest price was of what is known of the evening.
    #[schema(value_type = Option<String>)]
    pub highest_usd_per_gpu_hour: Option<Nanos>,
}

/// Answers a question. Blocking.
///
/// # Errors
/// [`PastError`].
pub fn bid(reader: &Reader, market: &Market, question: &BidQuestion, now: DateTime<Utc>) -> Result<BidAnswer, PastError> {
    let windows = question.windows(now);
    let scopes = reader.scopes()?;
    let wanted: Vec<_> = scopes.iter().filter(|(_, scope)| question.series.wants(scope, &question.series.market)).collect();
    if wanted.len() > SERIES_MAX {
        let message = format!("{} series, and {SERIES_MAX} are the most; name fewer GPUs or providers", wanted.len());
        return Err(error("gpu", message).into());
    }
    let ends = windows.first().zip(windows.last()).map(|((_, first), (_, last))| Window { since: first.since, until: last.until });
    let mut lives = Lives::default();
    let mut items = Vec::new();
    for (row, scope) in wanted {
        let Some(ends) = ends else { break };
        let live = lives.of(reader, &providers_of(&scopes, scope), stale_seconds(market), ends)?;
        let mut evenings = Vec::new();
        for (date, window) in &windows {
            let mut moments = Vec::new();
            pieces::pieces(reader, *row, &live, *window, &mut |piece| {
                Moment::push(&mut moments, &piece);
                Ok(())
            })?;
            evenings.push(evening(*date, *window, &moments, question.bid));
        }
        let count = |outcome| evenings.iter().filter(|evening| evening.outcome == outcome).count();
        let or_all = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        items.push(BidSeries {
            gpu: scope.gpu.to_string(),
            provider: or_all(&scope.provider),
            tier: or_all(&scope.tier),
            held: count(BidOutcome::Held),
            cut: count(BidOutcome::Cut),
            outbid: count(BidOutcome::Outbid),
            nothing_offered: count(BidOutcome::NothingOffered),
            not_known: count(BidOutcome::NotKnown),
            evenings,
        });
    }
    let counted_from = "the lowest spot price of any machine at each moment (`series`): where the bid held, some machine could be had at it \
                        all evening, not always the same one; a bid on one machine can only do worse";
    Ok(BidAnswer {
        as_of: floor_as_of(now),
        sample: market.sample,
        bid_usd_per_gpu_hour: Nanos(question.bid),
        from: question.from.format("%H:%M").to_string(),
        seconds: question.length.num_seconds(),
        time_zone: question.series.zone.name(),
        counted_from: counted_from.to_owned(),
        advice: items.is_empty().then(|| "no spot offer of it was ever seen; try another GPU, `several`, or no `provider`".to_owned()),
        items,
    })
}

fn evening(date: NaiveDate, Window { since, until }: Window, moments: &[Moment], bid: i64) -> Evening {
    let prices = || {
        moments.iter().filter_map(|moment| match moment.at(PriceOf::Lowest) {
            At::Price(price) => Some(price),
            At::Nothing | At::Unknown => None,
        })
    };
    let first = moments.first().map_or(At::Unknown, |moment| moment.at(PriceOf::Lowest));
    let mut held_ms = 0;
    let mut outcome = BidOutcome::Held;
    for (place, moment) in moments.iter().enumerate() {
        outcome = match (moment.at(PriceOf::Lowest), place) {
            (At::Price(price), _) if price <= bid => {
                held_ms += (moment.until - moment.from).num_milliseconds();
                continue;
            }
            (At::Unknown, _) => BidOutcome::NotKnown,
            (At::Price(_), 0) => BidOutcome::Outbid,
            (At::Nothing, 0) => BidOutcome::NothingOffered,
            (At::Price(_) | At::Nothing, _) => BidOutcome::Cut,
        };
        break;
    }
    if moments.is_empty() {
        outcome = BidOutcome::NotKnown;
    }
    Evening {
        date,
        from: since,
        until,
        outcome,
        held_seconds: held_ms / 1000,
        first_usd_per_gpu_hour: if let At::Price(price) = first { Some(Nanos(price)) } else { None },
        highest_usd_per_gpu_hour: prices().max().map(Nanos),
    }
}
