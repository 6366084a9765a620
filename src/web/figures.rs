//! Figures in the reader's form: numbers, money, dates, ages. Nothing is computed here beyond rounding what is shown;
//! the exact value stands beside it in `<data value>` and `<time datetime>`.

use askama::filters::Safe;
use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Timelike, Utc};
use gpurate_domain::Currency;

use super::words::Lang;

const NANOS_PER_UNIT: u64 = 1_000_000_000;

/// A whole number: `12,345`, `12 345`.
pub fn whole(lang: Lang, number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let separator = match lang {
        Lang::En => ',',
        Lang::Fr => '\u{202f}',
    };
    let mut text = String::new();
    if number < 0 {
        text.push('\u{2212}');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// Nano-units with so many decimals, rounded half away from zero: `0.198`, `0,198`. At most nine decimals.
pub fn decimal(lang: Lang, nanos: i64, decimals: u32) -> String {
    let step = NANOS_PER_UNIT / 10_u64.pow(decimals);
    let rounded = (u128::from(nanos.unsigned_abs()) + u128::from(step) / 2) / u128::from(step);
    let ten = 10_u128.pow(decimals);
    let (units, rest) = (i64::try_from(rounded / ten).unwrap_or(i64::MAX), rounded % ten);
    let mut text = whole(lang, if nanos < 0 { -units } else { units });
    // Minus a part of one: the units are zero and have lost the sign.
    if nanos < 0 && units == 0 && rest > 0 {
        text.insert(0, '\u{2212}');
    }
    if decimals > 0 {
        text.push(point(lang));
        text.push_str(&format!("{rest:0width$}", width = decimals as usize));
    }
    text
}

/// Nano-units with all the decimals they have, and at least so many.
pub fn exact(lang: Lang, nanos: i64, least: u32) -> String {
    let mut decimals = 9;
    let mut rest = nanos.unsigned_abs() % NANOS_PER_UNIT;
    while decimals > least && rest.is_multiple_of(10) {
        rest /= 10;
        decimals -= 1;
    }
    decimal(lang, nanos, decimals)
}

/// Decimal text of a table, with the decimals its source writes and in the reader's form; what is no number stays as it is.
pub fn as_written(lang: Lang, text: &str) -> String {
    let (units, decimals) = text.split_once('.').map_or((text, None), |(units, decimals)| (units, Some(decimals)));
    let is_decimals = decimals.is_none_or(|decimals| !decimals.is_empty() && decimals.bytes().all(|byte| byte.is_ascii_digit()));
    let is_units = !units.is_empty() && units.bytes().all(|byte| byte.is_ascii_digit());
    match units.parse() {
        Ok(units) if is_units && is_decimals => {
            let decimals = decimals.map_or_else(String::new, |decimals| format!("{}{decimals}", point(lang)));
            format!("{}{decimals}", whole(lang, units))
        }
        _ => text.to_owned(),
    }
}

const fn point(lang: Lang) -> char {
    match lang {
        Lang::En => '.',
        Lang::Fr => ',',
    }
}

/// An amount with its currency: `$0.20`, `0,20 $`, `0.20 CHF`.
pub fn with_currency(lang: Lang, amount: &str, currency: Currency) -> String {
    let sign = match currency.as_str() {
        "USD" => Some("$"),
        "EUR" => Some("€"),
        _ => None,
    };
    match (lang, sign) {
        (Lang::En, Some(sign)) => match amount.strip_prefix('\u{2212}') {
            Some(amount) => format!("\u{2212}{sign}{amount}"),
            None => format!("{sign}{amount}"),
        },
        (Lang::Fr, Some(sign)) => format!("{amount}\u{a0}{sign}"),
        (_, None) => format!("{amount}\u{a0}{}", currency.as_str()),
    }
}

/// Money as text, with so many decimals.
pub fn money(lang: Lang, nanos: i64, currency: Currency, decimals: u32) -> String {
    with_currency(lang, &decimal(lang, nanos, decimals), currency)
}

fn data(nanos: i64, text: &str) -> Safe<String> {
    Safe(format!("<data value=\"{}\">{text}</data>", gpurate_domain::Nanos(nanos)))
}

/// A price per hour: three decimals, the exact amount beside them.
pub fn rate(lang: Lang, nanos: i64, currency: Currency) -> Safe<String> {
    data(nanos, &money(lang, nanos, currency, 3))
}

/// A small price: three significant digits at least, the exact amount beside them.
pub fn small_rate(lang: Lang, nanos: i64, currency: Currency) -> Safe<String> {
    let (mut decimals, mut least) = (3, NANOS_PER_UNIT / 10);
    while decimals < 9 && nanos.unsigned_abs() < least {
        (decimals, least) = (decimals + 1, least / 10);
    }
    data(nanos, &money(lang, nanos, currency, decimals))
}

/// A total: two decimals, the exact amount beside them.
pub fn total(lang: Lang, nanos: i64, currency: Currency) -> Safe<String> {
    data(nanos, &money(lang, nanos, currency, 2))
}

/// A price with all its decimals: those of a gigabyte are small.
pub fn price(lang: Lang, nanos: i64, currency: Currency) -> Safe<String> {
    data(nanos, &with_currency(lang, &exact(lang, nanos, 2), currency))
}

/// Money as text, with all the decimals it has.
pub fn exact_money(lang: Lang, nanos: i64, currency: Currency) -> String {
    with_currency(lang, &exact(lang, nanos, 2), currency)
}

/// A number that is no money, with so many decimals.
pub fn number(lang: Lang, nanos: i64, decimals: u32) -> Safe<String> {
    data(nanos, &decimal(lang, nanos, decimals))
}

const MONTHS: [[&str; 12]; 2] = [
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
];

/// A day as text.
pub fn day(lang: Lang, day: NaiveDate) -> String {
    let month = MONTHS[lang as usize][day.month0() as usize];
    match (lang, day.day()) {
        (Lang::Fr, 1) => format!("1er {month} {}", day.year()),
        (_, number) => format!("{number} {month} {}", day.year()),
    }
}

/// A month as text: `Nov 2026`.
pub fn month(lang: Lang, first: NaiveDate) -> String {
    format!("{} {}", MONTHS[lang as usize][first.month0() as usize], first.year())
}

/// A day, for reading and for programs.
pub fn date(lang: Lang, date: NaiveDate) -> Safe<String> {
    Safe(format!("<time datetime=\"{date}\">{}</time>", day(lang, date)))
}

/// A moment, UTC, to the minute; to the second for programs.
pub fn moment(lang: Lang, moment: DateTime<Utc>) -> Safe<String> {
    let machine = moment.to_rfc3339_opts(SecondsFormat::Secs, true);
    Safe(format!("<time datetime=\"{machine}\">{}, {:02}:{:02} UTC</time>", day(lang, moment.date_naive()), moment.hour(), moment.minute()))
}

/// A length of time in its largest whole unit: `45 s`, `12 min`, `3 h`, `2 d`. Rounded down.
pub fn span(lang: Lang, seconds: i64) -> String {
    let days = match lang {
        Lang::En => "d",
        Lang::Fr => "j",
    };
    let (number, unit) = match seconds.max(0) {
        seconds @ 0..60 => (seconds, "s"),
        seconds @ 60..3_600 => (seconds / 60, "min"),
        seconds @ 3_600..172_800 => (seconds / 3_600, "h"),
        seconds => (seconds / 86_400, days),
    };
    format!("{}\u{a0}{unit}", whole(lang, number))
}

/// A length of time to about three digits: `45 s`, `13 min 31 s`, `13.3 h`.
pub fn long_span(lang: Lang, seconds: u64) -> String {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    match seconds {
        0..60 => format!("{seconds}\u{a0}s"),
        60..3_600 if seconds % 60 == 0 => format!("{}\u{a0}min", seconds / 60),
        60..3_600 => format!("{}\u{a0}min {}\u{a0}s", seconds / 60, seconds % 60),
        _ => {
            let tenths = (seconds / 180 + 1) / 2;
            format!("{}{}{}\u{a0}h", whole(lang, tenths / 10), point(lang), tenths % 10)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_in_the_reader_s_form() {
        assert_eq!((whole(Lang::En, 1_234_567), whole(Lang::Fr, 1_234_567)), ("1,234,567".into(), "1\u{202f}234\u{202f}567".into()));
        assert_eq!((whole(Lang::En, 999), whole(Lang::Fr, -1000)), ("999".into(), "\u{2212}1\u{202f}000".into()));
        assert_eq!((decimal(Lang::En, 197_500_000, 3), decimal(Lang::Fr, 197_500_000, 3)), ("0.198".into(), "0,198".into()));
        assert_eq!((decimal(Lang::En, -1_500_000, 2), decimal(Lang::En, -5_000_000, 2)), ("0.00".into(), "\u{2212}0.01".into()));
        assert_eq!((decimal(Lang::En, 999_999_999, 0), decimal(Lang::En, i64::MAX, 0)), ("1".into(), "9,223,372,037".into()));
        assert_eq!((exact(Lang::En, 1_200_000, 2), exact(Lang::Fr, 2_000_000_000, 2)), ("0.0012".into(), "2,00".into()));
        assert_eq!((as_written(Lang::Fr, "1792.50"), as_written(Lang::En, "1792")), ("1\u{202f}792,50".into(), "1,792".into()));
        for other in ["sm. 8.9", "1.2.3", "-1", ".", "1.", "rtx-4090", ""] {
            assert_eq!(as_written(Lang::Fr, other), other);
        }
    }

    #[test]
    fn money_is_in_the_reader_s_form_and_keeps_its_exact_value() {
        let chf: Currency = "CHF".parse().expect("a currency");
        assert_eq!(rate(Lang::En, 197_500_001, Currency::USD).0, "<data value=\"0.197500001\">$0.198</data>");
        assert_eq!(rate(Lang::Fr, 197_500_000, Currency::EUR).0, "<data value=\"0.1975\">0,198\u{a0}€</data>");
        assert_eq!(
            (money(Lang::En, -2_000_000_000, Currency::USD, 2), money(Lang::En, 5, chf, 2)),
            ("\u{2212}$2.00".into(), "0.00\u{a0}CHF".into())
        );
    }

    #[test]
    fn dates_and_spans_are_in_the_reader_s_form() {
        let at: DateTime<Utc> = "2026-02-01T07:05:59Z".parse().expect("a time");
        assert_eq!(moment(Lang::En, at).0, "<time datetime=\"2026-02-01T07:05:59Z\">1 Feb 2026, 07:05 UTC</time>");
        assert_eq!(moment(Lang::Fr, at).0, "<time datetime=\"2026-02-01T07:05:59Z\">1er févr. 2026, 07:05 UTC</time>");
        let spans = [0, 59, 60, 3_599, 3_600, 172_799, 172_800].map(|seconds| span(Lang::Fr, seconds));
        assert_eq!(spans, ["0\u{a0}s", "59\u{a0}s", "1\u{a0}min", "59\u{a0}min", "1\u{a0}h", "47\u{a0}h", "2\u{a0}j"]);
        let spans = [60, 811, 47_892].map(|seconds| long_span(Lang::Fr, seconds));
        assert_eq!(spans, ["1\u{a0}min", "13\u{a0}min 31\u{a0}s", "13,3\u{a0}h"]);
    }
}
