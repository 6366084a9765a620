//! Figures and times in words a table has room for.

use chrono::{DateTime, Utc};
use gpurate_domain::PriceKind;

use crate::market::Freshness;
use crate::simulate::{BusyShare, Verdict};
pub(super) use crate::words::{age, money, rounded, seconds, span};

/// What stands where nothing is known: never a zero.
pub(super) const UNKNOWN: &str = "-";

/// A value, or the sign for "not known".
pub(super) fn or_unknown(value: Option<impl ToString>) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), |value| value.to_string())
}

/// A price as it is read: what is a lower bound says so.
pub(super) fn asked(nanos: i64, kind: PriceKind) -> String {
    format!("{}{}", if kind.is_from() { "from " } else { "" }, rounded(nanos))
}

/// Between which shares the ends of all ranges put the answer; `None` where they agree.
pub(super) fn share_ends(share: &BusyShare) -> Option<String> {
    let end = |verdict: Verdict, at: Option<gpurate_domain::Nanos>| {
        let percent = at.map(|at| format!("{} %", percent_tenths(at)));
        match (verdict, percent) {
            (Verdict::Always, _) => "always".to_owned(),
            (Verdict::Below, Some(percent)) => format!("only below {percent}"),
            (_, Some(percent)) => percent,
            _ => "never".to_owned(),
        }
    };
    let (best, worst) = (end(share.best, share.share_low), end(share.worst, share.share_high));
    (best != worst).then(|| format!("{best} to {worst}"))
}

/// A share in percent, to a tenth, rounded half up.
pub(super) fn percent_tenths(share: gpurate_domain::Nanos) -> String {
    let tenths = share.0.saturating_add(500_000) / 1_000_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// How long ago, with the word where it is not fresh.
pub(super) fn age_marked(seconds: i64, freshness: Freshness) -> String {
    match freshness {
        Freshness::Fresh => age(seconds),
        Freshness::Ageing => format!("{} ageing", age(seconds)),
        Freshness::Stale => format!("{} STALE", age(seconds)),
    }
}

/// A moment to the second.
pub(super) fn moment(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Bytes in the unit that fits: `812 B`, `46 kB`, `3.1 MB`.
pub(super) fn bytes(count: u64) -> String {
    match count {
        ..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{} kB", count / 1_000),
        _ => format!("{}.{} MB", count / 1_000_000, count / 100_000 % 10),
    }
}

/// Milliseconds as seconds: `0.4 s`.
pub(super) fn duration(ms: u64) -> String {
    format!("{}.{} s", ms / 1_000, ms / 100 % 10)
}

/// `1 part`, `2 parts`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Foreign words in a row.
pub(super) fn plain_list(words: &[String]) -> String {
    words.iter().map(|word| format!("`{}`", crate::words::plain(word))).collect::<Vec<_>>().join(", ")
}

/// `noun` with `; did you mean ...?` where something is near.
pub(super) fn hint<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    crate::words::nearest(typed, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_share_has_its_range_and_a_lower_bound_its_word() {
        use crate::simulate::{Side, busy_share};
        use crate::workloads::Range;
        let side = |gpu, price, low, typical, high| Side { gpu, price, kind: PriceKind::Fixed, time: Range { low, typical, high } };
        let slow = side("slow", 200_000_000, 3600, 4000, 4400);
        let ends = |fast| share_ends(&busy_share(slow, fast));
        assert_eq!(ends(side("fast", 380_000_000, 1800, 2000, 2200)).as_deref(), Some("80.2 % to never"));
        assert_eq!(ends(side("fast", 300_000_000, 1990, 2000, 2010)).as_deref(), Some("60.9 % to 75.5 %"));
        assert_eq!(ends(side("fast", 900_000_000, 1800, 2000, 2200)), None);
        assert_eq!((asked(990_000_000, PriceKind::From), asked(990_000_000, PriceKind::Market)), ("from 0.99".into(), "0.99".into()));
    }

    #[test]
    fn ages_are_told_in_one_unit() {
        let told: Vec<_> = [5, 119, 120, 7_199, 7_200, 172_799, 172_800].map(age).into();
        assert_eq!(told, ["5 s", "119 s", "2 min", "119 min", "2 h", "47 h", "2 d"]);
        assert_eq!(age_marked(200, Freshness::Stale), "3 min STALE");
    }
}
