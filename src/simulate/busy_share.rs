//! When the dearer, faster card is the cheaper one: only above a share of the time it computes.
//!
//! On the slower card of price p1 one computes a share x of the time. The faster one, s times as fast at price p2, does
//! the same in x/s + (1 − x) of the time. It costs less where p2 · (1 − x·(1 − 1/s)) < p1, which is where
//! x > (1 − p1/p2) / (1 − 1/s).

use gpurate_domain::Nanos;
use serde::Serialize;
use utoipa::ToSchema;

use crate::workloads::Range;

const MILLION: i128 = 1_000_000;

/// What the share comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Above the share the faster card is the cheaper one.
    Above,
    /// The faster card is always the cheaper one: it is no dearer per hour.
    Always,
    /// Not even computing all the time makes up for its price.
    Never,
    /// The speeds' ranges overlap: which card is the faster is not known.
    Undecided,
}

/// A point of the curve: what an hour of the slower card's kind of work costs on either.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BusySharePoint {
    /// Share of the time that the slower card computes, in percent.
    pub busy_percent: u32,
    /// On the slower card, in USD.
    #[schema(value_type = String)]
    pub slower_usd: Nanos,
    /// On the faster one.
    #[schema(value_type = String)]
    pub faster_usd: Nanos,
}

/// Two cards against each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BusyShare {
    /// The slower card.
    pub slower: String,
    /// The faster one.
    pub faster: String,
    /// Per GPU-hour.
    #[schema(value_type = String)]
    pub slower_usd_per_hour: Nanos,
    /// Per GPU-hour.
    #[schema(value_type = String)]
    pub faster_usd_per_hour: Nanos,
    /// How many times as fast, by the typical times.
    #[schema(value_type = String)]
    pub speed_ratio: Nanos,
    /// What it comes to.
    pub verdict: Verdict,
    /// The share where both cost the same, by the typical times; null for always, never and undecided.
    #[schema(value_type = Option<String>)]
    pub share: Option<Nanos>,
    /// The same at the ends of both ranges: least and most; null where an end is always or never.
    #[schema(value_type = Option<String>)]
    pub share_low: Option<Nanos>,
    /// Most.
    #[schema(value_type = Option<String>)]
    pub share_high: Option<Nanos>,
    /// The curve, every 5 %.
    pub curve: Vec<BusySharePoint>,
}

/// One of the two.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// Slug.
    pub gpu: &'a str,
    /// Nano-dollars per GPU-hour.
    pub price: i64,
    /// Milliseconds of the same work.
    pub time: Range,
}

/// Millionths of the share above which the faster card costs less; `None` below 0 (always) or above 1 (never).
fn share_ppm(slower_price: i64, faster_price: i64, slower_time: u64, faster_time: u64) -> Result<i128, Verdict> {
    if faster_price <= slower_price {
        return Err(Verdict::Always);
    }
    let (slow, fast) = (i128::from(slower_time), i128::from(faster_time));
    if slow <= fast {
        return Err(Verdict::Never);
    }
    // (p2 − p1)/p2 ÷ (t1 − t2)/t1
    let numerator = i128::from(faster_price - slower_price) * slow * MILLION;
    let denominator = i128::from(faster_price) * (slow - fast);
    let share = numerator / denominator;
    if share >= MILLION { Err(Verdict::Never) } else { Ok(share) }
}

/// Compares two cards that do the same work.
pub fn busy_share(a: Side<'_>, b: Side<'_>) -> BusyShare {
    let (slower, faster) = if a.time.typical >= b.time.typical { (a, b) } else { (b, a) };
    let nanos = |ppm: i128| Nanos(i64::try_from(ppm * 1000).unwrap_or(i64::MAX));
    let overlap = slower.time.low <= faster.time.high;
    let typical = share_ppm(slower.price, faster.price, slower.time.typical, faster.time.typical);
    let verdict = match typical {
        // The cheaper hour of the two is the faster one's: it wins whatever the ranges, unless it may be the slower.
        Err(Verdict::Always) if !overlap => Verdict::Always,
        _ if overlap => Verdict::Undecided,
        Err(verdict) => verdict,
        Ok(_) => Verdict::Above,
    };
    let at = |slow: u64, fast: u64| share_ppm(slower.price, faster.price, slow, fast).ok().map(nanos);
    let known = verdict == Verdict::Above;
    let cost = |price: i64, busy: i128, slow: u64, time: u64| {
        // busy · time/slow + (1 − busy), in hours of this card for one hour of the slower card's work.
        let hours = busy * i128::from(time) + (100 - busy) * i128::from(slow);
        Nanos(i64::try_from(i128::from(price) * hours / (100 * i128::from(slow.max(1)))).unwrap_or(i64::MAX))
    };
    let curve = (0..=20).map(|step| {
        let busy = step * 5;
        BusySharePoint {
            busy_percent: u32::try_from(busy).unwrap_or(0),
            slower_usd: cost(slower.price, busy, slower.time.typical, slower.time.typical),
            faster_usd: cost(faster.price, busy, slower.time.typical, faster.time.typical),
        }
    });
    BusyShare {
        slower: slower.gpu.to_owned(),
        faster: faster.gpu.to_owned(),
        slower_usd_per_hour: Nanos(slower.price),
        faster_usd_per_hour: Nanos(faster.price),
        speed_ratio: Nanos(
            i64::try_from(i128::from(slower.time.typical) * 1_000_000_000 / i128::from(faster.time.typical.max(1))).unwrap_or(i64::MAX),
        ),
        verdict,
        share: typical.ok().filter(|_| known).map(nanos),
        share_low: if known { at(slower.time.high, faster.time.low) } else { None },
        share_high: if known { at(slower.time.low, faster.time.high) } else { None },
        curve: curve.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(gpu: &str, price: &str, typical: u64, spread_percent: u64) -> Side<'static> {
        let gpu: &'static str = Box::leak(gpu.to_owned().into_boxed_str());
        let range = Range { low: typical * 100 / (100 + spread_percent), typical, high: typical * (100 + spread_percent) / 100 };
        Side { gpu, price: price.parse::<Nanos>().expect("a price").0, time: range }
    }

    #[track_caller]
    fn check(a: Side<'_>, b: Side<'_>, verdict: Verdict, share: Option<&str>) {
        let result = busy_share(a, b);
        assert_eq!((result.verdict, result.share.map(|share| share.to_string()).as_deref()), (verdict, share), "{result:?}");
        let swapped = busy_share(b, a);
        assert_eq!((swapped.verdict, swapped.share), (result.verdict, result.share), "the order of the two does not matter");
    }

    #[test]
    fn above_always_never_and_undecided_are_answers() {
        // Twice as fast at 1.5 times the price: (1 - 1/1.5) / (1 - 1/2) = 2/3.
        check(side("slow", "0.20", 4000, 1), side("fast", "0.30", 2000, 1), Verdict::Above, Some("0.666666"));
        check(side("slow", "0.30", 4000, 1), side("fast", "0.30", 2000, 1), Verdict::Always, None);
        check(side("slow", "0.20", 4000, 1), side("fast", "0.60", 2000, 1), Verdict::Never, None);
        check(side("slow", "0.20", 4000, 60), side("fast", "0.30", 2000, 60), Verdict::Undecided, None);
    }

    #[test]
    fn the_curve_crosses_at_the_share() {
        let result = busy_share(side("slow", "0.20", 4000, 1), side("fast", "0.30", 2000, 1));
        assert_eq!(result.curve.len(), 21);
        for point in &result.curve {
            let cheaper = point.faster_usd < point.slower_usd;
            assert_eq!(cheaper, point.busy_percent > 66, "{point:?}");
        }
        assert!(result.share_low < result.share && result.share < result.share_high, "{result:?}");
    }
}
