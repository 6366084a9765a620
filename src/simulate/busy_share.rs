//! When the dearer, faster card is the cheaper one: only above a share of the time it computes.
//!
//! On the slower card of price p1 one computes a share x of the time. The faster one, s times as fast at price p2, does
//! the same in x/s + (1 − x) of the time. It costs less where p2 · (1 − x·(1 − 1/s)) < p1, which is where
//! x > (1 − p1/p2) / (1 − 1/s).
//!
//! Times are ranges, and a price may be a lower bound: the answer is looked for at both ends of them all, and it is
//! always or never only where it is so at both.

use gpurate_domain::{Nanos, PriceKind};
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
    /// Only of an end: below a share, because there it is the slower of the two, and cheaper by the hour.
    Below,
    /// The faster card is the cheaper one whatever the share.
    Always,
    /// Not even computing all the time makes up for its price.
    Never,
    /// The ranges do not decide it.
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
    /// The prices come from made-up samples.
    pub sample: bool,
    /// The slower card, by the typical times.
    pub slower: String,
    /// The faster one.
    pub faster: String,
    /// Per GPU-hour.
    #[schema(value_type = String)]
    pub slower_usd_per_hour: Nanos,
    /// Its kind: where it is `from`, a lower bound.
    #[schema(value_type = String)]
    pub slower_price_kind: PriceKind,
    /// Per GPU-hour.
    #[schema(value_type = String)]
    pub faster_usd_per_hour: Nanos,
    /// Its kind.
    #[schema(value_type = String)]
    pub faster_price_kind: PriceKind,
    /// How many times as fast, by the typical times.
    #[schema(value_type = String)]
    pub speed_ratio: Nanos,
    /// What it comes to.
    pub verdict: Verdict,
    /// The share where both cost the same, by the typical times; null unless the verdict is `above`.
    #[schema(value_type = Option<String>)]
    pub share: Option<Nanos>,
    /// What it comes to where speeds and prices favour the faster card most.
    pub best: Verdict,
    /// And where they favour it least.
    pub worst: Verdict,
    /// The share at the best end; null where that is `always` or `never`.
    #[schema(value_type = Option<String>)]
    pub share_low: Option<Nanos>,
    /// The share at the worst end; null where that is `always` or `never`.
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
    /// What kind of price that is.
    pub kind: PriceKind,
    /// Milliseconds of the same work.
    pub time: Range,
}

/// What two prices and two times come to: the verdict, and the millionths of the share where it is one above or below it.
fn at(slower_price: i64, faster_price: i64, slower_time: u64, faster_time: u64) -> (Verdict, Option<i128>) {
    let (p1, p2) = (i128::from(slower_price), i128::from(faster_price));
    let (t1, t2) = (i128::from(slower_time), i128::from(faster_time));
    // Computing nothing, the hours are compared; computing all the time, the work is.
    let share = || (p2 - p1) * t1 * MILLION / (p2 * (t1 - t2));
    match (p2 <= p1, p2 * t2 <= p1 * t1) {
        (true, true) => (Verdict::Always, None),
        (false, true) if p2 * t2 < p1 * t1 => (Verdict::Above, Some(share())),
        (true, false) if p2 < p1 => (Verdict::Below, Some(share())),
        _ => (Verdict::Never, None),
    }
}

/// Compares two cards that do the same work.
pub fn busy_share(a: Side<'_>, b: Side<'_>) -> BusyShare {
    // Of equally fast ones the dearer is called the faster: it never costs less.
    let place = |side: &Side<'_>| (side.time.typical, std::cmp::Reverse(side.price));
    let (slower, faster) = if (place(&a), b.gpu) >= (place(&b), a.gpu) { (a, b) } else { (b, a) };
    let nanos = |ppm: i128| Nanos(i64::try_from(ppm * 1000).unwrap_or(i64::MAX));
    let point = |slow: u64, fast: u64| at(slower.price, faster.price, slow, fast);
    let typical = point(slower.time.typical, faster.time.typical);
    // What is a lower bound may be any price above it.
    let best = if slower.kind.is_from() { (Verdict::Always, None) } else { point(slower.time.high, faster.time.low) };
    let worst = if faster.kind.is_from() { (Verdict::Never, None) } else { point(slower.time.low, faster.time.high) };
    let overlap = slower.time.low <= faster.time.high;
    let verdict = match (best.0, worst.0, typical.0) {
        (Verdict::Never, ..) => Verdict::Never,
        (_, Verdict::Always, _) => Verdict::Always,
        (.., Verdict::Above) if !overlap => Verdict::Above,
        _ => Verdict::Undecided,
    };
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
        sample: false,
        slower: slower.gpu.to_owned(),
        faster: faster.gpu.to_owned(),
        slower_usd_per_hour: Nanos(slower.price),
        slower_price_kind: slower.kind,
        faster_usd_per_hour: Nanos(faster.price),
        faster_price_kind: faster.kind,
        speed_ratio: Nanos(
            i64::try_from(i128::from(slower.time.typical) * 1_000_000_000 / i128::from(faster.time.typical.max(1))).unwrap_or(i64::MAX),
        ),
        verdict,
        share: typical.1.filter(|_| verdict == Verdict::Above).map(nanos),
        best: best.0,
        worst: worst.0,
        share_low: best.1.map(nanos),
        share_high: worst.1.map(nanos),
        curve: curve.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(gpu: &str, price: &str, typical: u64, spread_percent: u64) -> Side<'static> {
        let gpu: &'static str = Box::leak(gpu.to_owned().into_boxed_str());
        let time = Range { low: typical * 100 / (100 + spread_percent), typical, high: typical * (100 + spread_percent) / 100 };
        Side { gpu, price: price.parse::<Nanos>().expect("a price").0, kind: PriceKind::Fixed, time }
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

    fn from(side: Side<'static>) -> Side<'static> {
        Side { kind: PriceKind::From, ..side }
    }

    #[test]
    fn ranges_that_overlap_may_decide_it_all_the_same() {
        // 2.8 times the price, and at most 1.86 times as fast though the times overlap.
        let range = |low, typical, high| Range { low, typical, high };
        let card = |gpu, price: i64, time| Side { gpu, price, kind: PriceKind::Fixed, time };
        let (newer, older) = (card("new", 280, range(7000, 8000, 11_500)), card("old", 100, range(10_000, 11_000, 13_000)));
        for answer in [busy_share(newer, older), busy_share(older, newer)] {
            assert_eq!((answer.verdict, answer.best, answer.worst), (Verdict::Never, Verdict::Never, Verdict::Never), "{answer:?}");
        }
        // A third of the price, and at most 1.15 times as slow.
        let answer = busy_share(card("new", 33, range(7000, 8000, 11_500)), older);
        assert_eq!((answer.verdict, answer.best, answer.worst), (Verdict::Always, Verdict::Always, Verdict::Always), "{answer:?}");
        // Slightly cheaper by the hour, and perhaps the slower one: it costs less below a share.
        let answer = busy_share(card("new", 95, range(7000, 8000, 11_500)), older);
        assert_eq!((answer.verdict, answer.best, answer.worst), (Verdict::Undecided, Verdict::Always, Verdict::Below), "{answer:?}");
    }

    #[test]
    fn an_end_that_is_never_is_said_and_a_typical_never_is_none_by_itself() {
        // Twice as fast at 1.9 times the price: 0.947 of the time, but never by the slow end of the range.
        let answer = busy_share(side("slow", "0.20", 4000, 10), side("fast", "0.38", 2000, 10));
        assert_eq!((answer.verdict, answer.best, answer.worst), (Verdict::Above, Verdict::Above, Verdict::Never), "{answer:?}");
        assert!(answer.share_low.is_some() && answer.share_low < answer.share && answer.share_high.is_none(), "{answer:?}");
        // At 2.1 times the price the typical times say never, and the fast end of the range does not.
        let answer = busy_share(side("slow", "0.20", 4000, 10), side("fast", "0.42", 2000, 10));
        assert_eq!((answer.verdict, answer.share, answer.best), (Verdict::Undecided, None, Verdict::Above), "{answer:?}");
    }

    #[test]
    fn a_lower_bound_is_no_price_to_decide_by() {
        let (slow, fast) = (side("slow", "0.20", 4000, 1), side("fast", "0.30", 2000, 1));
        let answer = busy_share(slow, from(fast));
        assert_eq!((answer.verdict, answer.worst, answer.faster_price_kind), (Verdict::Above, Verdict::Never, PriceKind::From));
        let answer = busy_share(from(slow), fast);
        assert_eq!((answer.verdict, answer.best), (Verdict::Above, Verdict::Always));
        // Dearer still, it is never the cheaper one; and against a dearer one it always is.
        assert_eq!(busy_share(slow, from(side("fast", "0.60", 2000, 1))).verdict, Verdict::Never);
        assert_eq!(busy_share(from(side("slow", "0.30", 4000, 1)), side("fast", "0.30", 2000, 1)).verdict, Verdict::Always);
        assert_eq!(busy_share(slow, from(side("fast", "0.20", 2000, 1))).verdict, Verdict::Undecided);
    }

    #[test]
    fn of_equal_cards_the_order_does_not_matter() {
        check(side("a", "0.20", 4000, 0), side("b", "0.30", 4000, 0), Verdict::Never, None);
        let (one, other) = (side("a", "0.20", 4000, 0), side("b", "0.20", 4000, 0));
        assert_eq!(busy_share(one, other), busy_share(other, one));
    }
}
