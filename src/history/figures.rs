//! Figures over a window: how long a budget would have done, how much the price moved, its worst rise, spot against on demand,
//! and when in the week it is low. All of them weigh by time, over the time that is known, in whole numbers. Pure.

use chrono::{DateTime, Duration, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use gpurate_domain::Nanos;
use serde::Serialize;
use utoipa::ToSchema;

use super::calendar::{self, QUARTER_MS};
use super::pieces::Piece;

/// A day counts for volatility where so much of it is known.
const DAY_KNOWN_LEAST_MS: i64 = 12 * 3_600_000;

/// Which price figures are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FiguresPrice)]
pub enum PriceOf {
    /// The lowest of what is rentable by the usual defaults (not unverified, not unreliable, not retired).
    #[default]
    Rentable,
    /// The lowest of all.
    Lowest,
}

impl PriceOf {
    /// Its word in questions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rentable => "rentable",
            Self::Lowest => "lowest",
        }
    }
}

/// What one price was for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// Nothing is known.
    Unknown,
    /// Nothing was offered.
    Nothing,
    /// Nano-dollars per GPU-hour.
    Price(i64),
}

/// A time in which nothing changed that figures look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    lowest: At,
    /// `None` where the rows do not tell.
    rentable: Option<At>,
    not_fresh: u32,
}

impl Moment {
    /// Adds a piece, to the last moment where it is no other.
    pub fn push(moments: &mut Vec<Self>, piece: &Piece) {
        // What a stale provider took away is not known to be nothing.
        let nothing = if piece.live && piece.summary.providers_not_fresh == 0 { At::Nothing } else { At::Unknown };
        let lowest = piece.summary.prices.filter(|_| piece.known).map_or(nothing, |prices| At::Price(prices[0]));
        let rentable = match (lowest, piece.summary.providers, piece.summary.rentable) {
            (At::Price(_), Some(_), Some(price)) => Some(At::Price(price)),
            (At::Price(_), Some(_), None) => Some(nothing),
            (At::Price(_), None, _) => None,
            (other, ..) => Some(other),
        };
        let moment = Self { from: piece.from, until: piece.until, lowest, rentable, not_fresh: piece.summary.providers_not_fresh };
        match moments.last_mut() {
            Some(last) if (Self { from: last.from, until: moment.until, ..moment }) == (Self { until: moment.until, ..*last }) => {
                last.until = moment.until;
            }
            _ => moments.push(moment),
        }
    }

    pub fn at(&self, of: PriceOf) -> At {
        match of {
            PriceOf::Lowest => self.lowest,
            PriceOf::Rentable => self.rentable.unwrap_or(At::Unknown),
        }
    }

    fn ms(&self) -> i64 {
        (self.until - self.from).num_milliseconds()
    }
}

/// The price that can be spoken of: what is asked for, or the lowest where no row tells what was rentable.
pub(super) fn price_of(moments: &[Moment], asked: PriceOf) -> PriceOf {
    let told = moments.iter().any(|moment| matches!(moment.lowest, At::Price(_)) && moment.rentable.is_some());
    if told { asked } else { PriceOf::Lowest }
}

/// Figures of one series over the window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SeriesFigures {
    /// Which price they are made of: what was asked for, or `lowest` where the rows do not tell what was rentable.
    pub of: PriceOf,
    /// So long such a price was in force.
    pub known_seconds: i64,
    /// So long it is known that nothing was offered.
    pub nothing_offered_seconds: i64,
    /// So long nothing is known: these count nowhere.
    pub not_known_seconds: i64,
    /// The price at or under which it was half of the known time; null where nothing is known.
    #[schema(value_type = Option<String>)]
    pub median_usd_per_gpu_hour: Option<Nanos>,
    /// How long a budget would have done; null where none was asked for.
    pub budget: Option<BudgetShare>,
    /// How the price of a day differs from that of the day before; null where no two days in a row are known.
    pub volatility: Option<Volatility>,
    /// The largest rise; null where it never rose.
    pub worst_rise: Option<WorstRise>,
    /// The price by hour of the week, 168 of them from Monday, 0 o'clock, in the time zone of the answer.
    pub hour_of_week: Vec<WeekHour>,
}

/// How long the price was within a budget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BudgetShare {
    /// The budget.
    #[schema(value_type = String)]
    pub usd_per_gpu_hour: Nanos,
    /// So long the price was at or under it.
    pub at_or_under_seconds: i64,
    /// Their share, from 0 to 1, of the time of which it is known what was offered, be it nothing; null where none is.
    #[schema(value_type = Option<String>)]
    pub share: Option<Nanos>,
}

/// How much a price moves from day to day: the absolute change of a day's price (at or under which it was half of the day's
/// known time) against that of the day before, in percent of the latter. Days of which less than 12 hours are known are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Volatility {
    /// Half of these changes were at most so large.
    #[schema(value_type = String)]
    pub median_change_percent: Nanos,
    /// Their mean.
    #[schema(value_type = String)]
    pub mean_change_percent: Nanos,
    /// The largest.
    #[schema(value_type = String)]
    pub largest_change_percent: Nanos,
    /// So many pairs of days were compared.
    pub days_compared: usize,
}

/// From a price to a later, higher one, the largest ratio in the window. No gap lies between them, and no provider fell silent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WorstRise {
    /// The lower price.
    #[schema(value_type = String)]
    pub from_usd_per_gpu_hour: Nanos,
    /// The higher one.
    #[schema(value_type = String)]
    pub to_usd_per_gpu_hour: Nanos,
    /// Until then the lower one was in force.
    #[schema(value_type = String, format = DateTime)]
    pub from_at: DateTime<Utc>,
    /// From then on the higher one was.
    #[schema(value_type = String, format = DateTime)]
    pub to_at: DateTime<Utc>,
    /// The rise in percent of the lower one.
    #[schema(value_type = String)]
    pub percent: Nanos,
}

/// One hour of the week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WeekHour {
    /// `monday` to `sunday`.
    pub weekday: &'static str,
    /// 0 to 23.
    pub hour: usize,
    /// At or under that price it was half of the known time in these hours; null where nothing is known of them.
    #[schema(value_type = Option<String>)]
    pub usd_per_gpu_hour: Option<Nanos>,
    /// So much of these hours is known.
    pub known_seconds: i64,
}

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Spot against on demand of one GPU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SpotOverOnDemand {
    /// Slug of the GPU or group.
    pub gpu: String,
    /// One tier; null: all together.
    pub tier: Option<String>,
    /// One provider; null: all together.
    pub provider: Option<String>,
    /// One region; null: all together.
    pub region: Option<String>,
    /// One country; null: all together.
    pub country: Option<String>,
    /// Which price of either market.
    pub of: PriceOf,
    /// Median of spot over median of on demand, each by time; null where they were never known together.
    #[schema(value_type = Option<String>)]
    pub ratio: Option<Nanos>,
    /// That of spot.
    #[schema(value_type = Option<String>)]
    pub spot_usd_per_gpu_hour: Option<Nanos>,
    /// That of on demand.
    #[schema(value_type = Option<String>)]
    pub on_demand_usd_per_gpu_hour: Option<Nanos>,
    /// So long both were known: nothing else is counted.
    pub both_known_seconds: i64,
}

/// The price at or under which it was half of the time. Prices come with their times.
fn median(weighed: &mut [(i64, i64)]) -> Option<i64> {
    weighed.sort_unstable();
    let all: i64 = weighed.iter().map(|(_, ms)| ms).sum();
    let mut passed = 0;
    weighed
        .iter()
        .find(|(_, ms)| {
            passed += ms;
            passed * 2 >= all
        })
        .map(|(price, _)| *price)
}

/// A share from 0 to 1, to a millionth.
fn share(part: i64, all: i64) -> Option<Nanos> {
    let ppm = i128::from(part) * 1_000_000 / i128::from((all > 0).then_some(all)?);
    i64::try_from(ppm).ok().map(|ppm| Nanos(ppm * 1_000))
}

/// `of - from` in percent of `from`, to a hundredth, rounded down.
fn percent(from: i64, difference: i64) -> Nanos {
    let hundredths = i128::from(difference) * 10_000 / i128::from(from.max(1));
    Nanos(i64::try_from(hundredths * 10_000_000).unwrap_or(i64::MAX))
}

/// All figures of a series.
pub(super) fn figures(moments: &[Moment], asked: PriceOf, budget: Option<i64>, zone: Tz) -> SeriesFigures {
    let of = price_of(moments, asked);
    let mut ms = [0_i64; 3];
    let mut weighed = Vec::new();
    let mut within = 0;
    for moment in moments {
        match moment.at(of) {
            At::Unknown => ms[2] += moment.ms(),
            At::Nothing => ms[1] += moment.ms(),
            At::Price(price) => {
                ms[0] += moment.ms();
                weighed.push((price, moment.ms()));
                within += if budget.is_some_and(|budget| price <= budget) { moment.ms() } else { 0 };
            }
        }
    }
    let [known_seconds, nothing_offered_seconds, not_known_seconds] = ms.map(|ms| ms / 1_000);
    let budget = budget.map(|budget| BudgetShare {
        usd_per_gpu_hour: Nanos(budget),
        at_or_under_seconds: within / 1_000,
        share: share(within, ms[0] + ms[1]),
    });
    SeriesFigures {
        of,
        known_seconds,
        nothing_offered_seconds,
        not_known_seconds,
        median_usd_per_gpu_hour: median(&mut weighed).map(Nanos),
        budget,
        volatility: volatility(moments, of, zone),
        worst_rise: worst_rise(moments, of),
        hour_of_week: hour_of_week(moments, of, zone),
    }
}

/// Hands out the known time in pieces that lie within one quarter of an hour, or in one stretch where `slot` says the same.
fn by_slot<S: PartialEq + Copy>(moments: &[Moment], of: PriceOf, slot: impl Fn(DateTime<Utc>) -> S, mut give: impl FnMut(S, i64, i64)) {
    let mut known: Option<(i64, S)> = None;
    for moment in moments {
        let At::Price(price) = moment.at(of) else { continue };
        let (mut from, until) = (moment.from.timestamp_millis(), moment.until.timestamp_millis());
        while from < until {
            let quarter = from.div_euclid(QUARTER_MS);
            let here = match known {
                Some((known, slot)) if known == quarter => slot,
                _ => slot(DateTime::from_timestamp_millis(quarter * QUARTER_MS).unwrap_or_default()),
            };
            known = Some((quarter, here));
            let end = until.min((quarter + 1) * QUARTER_MS);
            give(here, price, end - from);
            from = end;
        }
    }
}

fn hour_of_week(moments: &[Moment], of: PriceOf, zone: Tz) -> Vec<WeekHour> {
    let mut cells: Vec<Vec<(i64, i64)>> = vec![Vec::new(); 168];
    by_slot(
        moments,
        of,
        |at| calendar::hour_of_week(zone, at),
        |hour, price, ms| match cells[hour].last_mut() {
            Some(last) if last.0 == price => last.1 += ms,
            _ => cells[hour].push((price, ms)),
        },
    );
    let cell = |(place, mut weighed): (usize, Vec<(i64, i64)>)| WeekHour {
        weekday: WEEKDAYS[place / 24],
        hour: place % 24,
        known_seconds: weighed.iter().map(|(_, ms)| ms).sum::<i64>() / 1_000,
        usd_per_gpu_hour: median(&mut weighed).map(Nanos),
    };
    cells.into_iter().enumerate().map(cell).collect()
}

fn volatility(moments: &[Moment], of: PriceOf, zone: Tz) -> Option<Volatility> {
    let mut days: Vec<(NaiveDate, Vec<(i64, i64)>)> = Vec::new();
    by_slot(
        moments,
        of,
        |at| calendar::date(zone, at),
        |date, price, ms| match days.last_mut() {
            Some((last, weighed)) if *last == date => match weighed.last_mut() {
                Some(last) if last.0 == price => last.1 += ms,
                _ => weighed.push((price, ms)),
            },
            _ => days.push((date, vec![(price, ms)])),
        },
    );
    let of_day = |(date, mut weighed): (NaiveDate, Vec<(i64, i64)>)| {
        let known: i64 = weighed.iter().map(|(_, ms)| ms).sum();
        median(&mut weighed).filter(|_| known >= DAY_KNOWN_LEAST_MS).map(|price| (date, price))
    };
    let prices: Vec<(NaiveDate, i64)> = days.into_iter().filter_map(of_day).collect();
    let in_row = prices.windows(2).filter(|pair| pair[1].0 - pair[0].0 == TimeDelta::days(1));
    let mut changes: Vec<i64> = in_row.map(|pair| percent(pair[0].1, (pair[1].1 - pair[0].1).abs()).0).collect();
    changes.sort_unstable();
    let (count, largest) = (changes.len(), *changes.last()?);
    let mean = changes.iter().map(|change| i128::from(*change)).sum::<i128>() / i128::try_from(count).unwrap_or(1);
    Some(Volatility {
        median_change_percent: Nanos(changes[(count - 1) / 2]),
        // To a hundredth, as the others.
        mean_change_percent: Nanos(i64::try_from(mean / 10_000_000 * 10_000_000).unwrap_or(i64::MAX)),
        largest_change_percent: Nanos(largest),
        days_compared: count,
    })
}

fn worst_rise(moments: &[Moment], of: PriceOf) -> Option<WorstRise> {
    let mut low: Option<(i64, DateTime<Utc>)> = None;
    let mut not_fresh = 0;
    let mut worst: Option<(i64, DateTime<Utc>, i64, DateTime<Utc>)> = None;
    for moment in moments {
        let At::Price(price) = moment.at(of) else {
            low = None;
            continue;
        };
        // A price that went away with a silent provider did not rise.
        if moment.not_fresh > not_fresh {
            low = None;
        }
        not_fresh = moment.not_fresh;
        match low {
            Some((lowest, at)) if price > lowest => {
                let larger =
                    worst.is_none_or(|(from, _, to, _)| i128::from(price) * i128::from(from) > i128::from(to) * i128::from(lowest));
                if larger {
                    worst = Some((lowest, at, price, moment.from));
                }
            }
            _ => low = Some((price, moment.until)),
        }
    }
    worst.map(|(from, from_at, to, to_at)| WorstRise {
        from_usd_per_gpu_hour: Nanos(from),
        to_usd_per_gpu_hour: Nanos(to),
        from_at,
        to_at,
        percent: percent(from, to - from),
    })
}

/// Medians of both over the time in which both were known, and that time: spot, on demand, seconds.
pub(super) fn together(spot: &[Moment], on_demand: &[Moment], of: PriceOf) -> (Option<i64>, Option<i64>, i64) {
    let (mut spot_weighed, mut on_demand_weighed, mut both) = (Vec::new(), Vec::new(), Duration::zero());
    let (mut left, mut right) = (spot.iter().peekable(), on_demand.iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let (from, until) = (a.from.max(b.from), a.until.min(b.until));
        if let (At::Price(spot), At::Price(on_demand), true) = (a.at(of), b.at(of), until > from) {
            let time = until - from;
            spot_weighed.push((spot, time.num_milliseconds()));
            on_demand_weighed.push((on_demand, time.num_milliseconds()));
            both += time;
        }
        if a.until <= b.until {
            left.next();
        } else {
            right.next();
        }
    }
    (median(&mut spot_weighed), median(&mut on_demand_weighed), both.num_seconds())
}

/// `part` over `whole`, to a millionth.
pub(super) fn ratio(part: Option<i64>, whole: Option<i64>) -> Option<Nanos> {
    share(part?, whole?)
}
