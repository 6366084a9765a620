//! Hints for mistyped words, and figures as people read them in English.

use gpurate_domain::Nanos;

/// The nearest of `known` to `typed`, where it is near enough to be meant.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&typed, &word.to_lowercase()), word))
        .filter(|(distance, word)| *distance <= 1 + word.chars().count() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Foreign text as it may be shown: what would move a terminal's cursor, begin a line, turn the reading direction or stand
/// between letters unseen (so that two names look alike) is replaced by `\u{fffd}`.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if is_plain(c) { c } else { '\u{fffd}' }).collect()
}

/// Whether a character may be shown as it is.
pub fn is_plain(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_unseen = matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
    !c.is_control() && !turns && !is_unseen
}

/// An amount with at least two decimals, and no more than it has: `0.40`, `0.3425`.
pub fn money(nanos: i64) -> String {
    let text = Nanos(nanos).to_string();
    match text.split_once('.') {
        None => format!("{text}.00"),
        Some((_, decimals)) if decimals.len() == 1 => format!("{text}0"),
        Some(_) => text,
    }
}

/// An amount rounded to four decimals, for a table: the whole figure is in `show` and in `--json`.
pub fn rounded(nanos: i64) -> String {
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
pub fn age(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// How long: `40 s`, `12 min`, `3.4 h`, `6.0 d`.
pub fn span(seconds: u64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", (seconds + 30) / 60),
        7_200..172_800 => format!("{}.{} h", (seconds + 180) / 3_600, (seconds + 180) % 3_600 / 360),
        _ => format!("{}.{} d", (seconds + 4_320) / 86_400, (seconds + 4_320) % 86_400 / 8_640),
    }
}

/// Seconds with two places, or none above 100.
pub fn seconds(milliseconds: u64) -> String {
    if milliseconds >= 100_000 {
        return format!("{}", (milliseconds + 500) / 1000);
    }
    let hundredths = (milliseconds + 5) / 10;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// A decimal number with its whole part in groups of three: `1,792`, `936`, `2,039.5`. What is no number stays as it is.
pub fn grouped(decimal: &str) -> String {
    let (whole, rest) = decimal.split_once('.').map_or((decimal, String::new()), |(whole, rest)| (whole, format!(".{rest}")));
    if whole.is_empty() || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return decimal.to_owned();
    }
    let first = whole.len() % 3;
    let mut groups: Vec<&str> = if first == 0 { Vec::new() } else { vec![&whole[..first]] };
    groups.extend((first..whole.len()).step_by(3).map(|start| &whole[start..start + 3]));
    format!("{}{rest}", groups.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_is_given_only_where_it_is_near() {
        assert_eq!(nearest("rtx4900", ["rtx-4090", "a100", "h100"]), Some("rtx-4090"));
        assert_eq!(nearest("zzzz", ["rtx-4090", "a100"]), None);
    }

    #[test]
    fn what_would_take_over_a_terminal_is_not_shown() {
        assert_eq!(plain("RTX\u{1b}[31m\n4090\u{202e}\u{9b}x"), "RTX\u{fffd}[31m\u{fffd}4090\u{fffd}\u{fffd}x");
        assert_eq!(plain("Île-de-France, FR"), "Île-de-France, FR");
    }

    #[test]
    fn what_would_make_two_names_look_alike_is_shown() {
        for unseen in ['\u{61c}', '\u{200b}', '\u{2060}', '\u{feff}', '\u{e0000}', '\u{e0041}', '\u{e007f}'] {
            assert_eq!(plain(&format!("RTX{unseen}4090")), "RTX\u{fffd}4090", "{}", unseen.escape_unicode());
        }
        // Writing that needs its joiners keeps them.
        assert_eq!(plain("می\u{200c}خواهم"), "می\u{200c}خواهم");
    }

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
    fn thousands_are_set_apart() {
        for (decimal, text) in [("936", "936"), ("1792", "1,792"), ("1234567.5", "1,234,567.5"), ("about 5", "about 5"), ("", "")] {
            assert_eq!(grouped(decimal), text);
        }
    }
}
