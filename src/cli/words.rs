//! Figures and times in words a table has room for.

use chrono::{DateTime, Utc};
use gpurate_domain::Nanos;

use crate::market::Freshness;

/// What stands where nothing is known: never a zero.
pub(super) const UNKNOWN: &str = "-";

/// A value, or the sign for "not known".
pub(super) fn or_unknown(value: Option<impl ToString>) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), |value| value.to_string())
}

/// An amount with at least two decimals, and no more than it has: `0.40`, `0.3425`.
pub(super) fn money(nanos: i64) -> String {
    let text = Nanos(nanos).to_string();
    match text.split_once('.') {
        None => format!("{text}.00"),
        Some((_, decimals)) if decimals.len() == 1 => format!("{text}0"),
        Some(_) => text,
    }
}

/// An amount rounded to four decimals, for a table: the whole figure is in `show` and in `--json`.
pub(super) fn rounded(nanos: i64) -> String {
    const STEP: i64 = 100_000;
    let rest = nanos.rem_euclid(STEP);
    let down = nanos - rest;
    // What is smaller than the last decimal is not shown as nothing.
    if down == 0 && nanos > 0 {
        return money(nanos);
    }
    money(if rest * 2 >= STEP { down.saturating_add(STEP) } else { down })
}

/// How long ago: `40 s`, `12 min`, `3 h`, `5 d`.
pub(super) fn age(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// How long: `40 s`, `12 min`, `3.4 h`, `6.0 d`.
pub(super) fn span(seconds: u64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", (seconds + 30) / 60),
        7_200..172_800 => format!("{}.{} h", (seconds + 180) / 3_600, (seconds + 180) % 3_600 / 360),
        _ => format!("{}.{} d", (seconds + 4_320) / 86_400, (seconds + 4_320) % 86_400 / 8_640),
    }
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
    fn amounts_keep_what_they_have_and_show_two_decimals() {
        for (nanos, text) in [(400_000_000, "0.40"), (342_500_000, "0.3425"), (2_000_000_000, "2.00"), (1, "0.000000001")] {
            assert_eq!(money(nanos), text);
        }
    }

    #[test]
    fn d24_a_rounded_amount_is_near_and_never_nothing() {
        for (nanos, text) in [(246_670_000, "0.2467"), (246_640_000, "0.2466"), (99_950_000, "0.10"), (50_000, "0.00005"), (0, "0.00")] {
            assert_eq!(rounded(nanos), text);
        }
    }

    #[test]
    fn ages_are_told_in_one_unit() {
        let told: Vec<_> = [5, 119, 120, 7_199, 7_200, 172_799, 172_800].map(age).into();
        assert_eq!(told, ["5 s", "119 s", "2 min", "119 min", "2 h", "47 h", "2 d"]);
        assert_eq!(age_marked(200, Freshness::Stale), "3 min STALE");
    }
}
