//! A window of time as people write it: a day, a moment, or how long ago. Pure: the caller brings the time.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use crate::prices::FilterError;

/// From `since` on and before `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// In it.
    pub since: DateTime<Utc>,
    /// Not in it any more.
    pub until: DateTime<Utc>,
}

impl Window {
    /// Reads both ends; `since` without a value is `default_since`, `until` without one, or a later one, is `now`.
    ///
    /// # Errors
    /// [`FilterError`] names the parameter, the value and how it is written.
    pub fn parse(since: Option<&str>, until: Option<&str>, default_since: DateTime<Utc>, now: DateTime<Utc>) -> Result<Self, FilterError> {
        let until = until.map(|text| moment("until", text, now)).transpose()?.map_or(now, |until| until.min(now));
        let start = since.map(|text| moment("since", text, now)).transpose()?.unwrap_or(default_since.min(until));
        if since.is_some() && start >= until {
            let shown: String = since.unwrap_or_default().chars().take(40).collect();
            return Err(error("since", format!("`{shown}` is not before `until` ({}); give an earlier `since`", until.to_rfc3339())));
        }
        Ok(Self { since: start, until })
    }
}

fn error(parameter: &str, message: String) -> FilterError {
    FilterError { parameter: parameter.to_owned(), message }
}

/// `2026-11-20` (its first moment, UTC), `2026-11-20T12:00:00Z`, or `36h`, `7d`, `4w` before `now`.
fn moment(name: &'static str, text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, FilterError> {
    let read = || {
        if let Ok(day) = text.parse::<NaiveDate>() {
            return Some(day.and_time(NaiveTime::MIN).and_utc());
        }
        if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
            return Some(moment.with_timezone(&Utc));
        }
        let (number, hours) = [("h", 1), ("d", 24), ("w", 7 * 24)]
            .iter()
            .find_map(|(unit, hours)| Some((text.strip_suffix(unit)?.parse::<u16>().ok()?, *hours)))?;
        now.checked_sub_signed(TimeDelta::hours(i64::from(number) * hours))
    };
    // What the calendar of the database cannot hold is as good as no time.
    read().filter(|moment| (1970..=9999).contains(&chrono::Datelike::year(moment))).ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        error(name, format!("`{shown}` is no time; write `{name}` as `2026-11-20`, `2026-11-20T12:00:00Z`, or `7d` for so long ago"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-20T12:30:00Z".parse().expect("a time")
    }

    #[test]
    fn days_moments_and_spans_are_read() {
        for (text, read) in [
            ("2026-11-19", "2026-11-19T00:00:00Z"),
            ("2026-11-19T13:00:00+01:00", "2026-11-19T12:00:00Z"),
            ("36h", "2026-11-19T00:30:00Z"),
            ("2d", "2026-11-18T12:30:00Z"),
            ("1w", "2026-11-13T12:30:00Z"),
        ] {
            let window = Window::parse(Some(text), None, now(), now()).expect(text);
            assert_eq!((window.since, window.until), (read.parse().expect("a time"), now()), "{text}");
        }
    }

    #[test]
    fn a_time_that_is_none_is_refused_with_the_way_out() {
        for (since, until, parameter, part) in [
            (Some("yesterday"), None, "since", "`yesterday` is no time"),
            (Some("-1d"), None, "since", "no time"),
            (Some("99999d"), None, "since", "no time"),
            (Some("1d"), Some("2d"), "since", "not before"),
            (None, Some("2026-02-30"), "until", "`2026-02-30`"),
        ] {
            let error = Window::parse(since, until, now(), now()).expect_err("no window");
            assert!(error.parameter == parameter && error.message.contains(part), "{error:?}");
        }
    }
}
