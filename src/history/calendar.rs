//! Days and weeks as a reader's clock has them. Pure: the zone's own history is in its table.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

use super::{Step, error};
use crate::prices::FilterError;
use crate::window::Window;
use crate::words::nearest;

/// Every offset of a zone, and every change of one, is at a quarter of an hour.
pub(super) const QUARTER_MS: i64 = 900_000;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Reads the name of a zone.
///
/// # Errors
/// [`FilterError`] with a name that is near.
pub(super) fn zone(text: Option<&str>) -> Result<Tz, FilterError> {
    let Some(text) = text else { return Ok(Tz::UTC) };
    text.parse().map_err(|_| {
        let shown: String = text.chars().take(40).collect();
        let near = nearest(&shown, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()));
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        error("time_zone", format!("`{shown}` is no time zone; write it as `Europe/Paris` or `UTC`{near}"))
    })
}

/// A time of day on a date; the first moment after it where the clock leaves it out, the first of two where it has it twice.
pub(super) fn moment(zone: Tz, date: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
    let naive = date.and_time(time);
    // A zone may leave out a whole day.
    let found = (0..=100).find_map(|quarter| zone.from_local_datetime(&(naive + TimeDelta::minutes(15 * quarter))).earliest());
    found.map_or_else(|| naive.and_utc(), |found| found.with_timezone(&Utc))
}

/// Hour of the week, Monday's first being 0.
pub(super) fn hour_of_week(zone: Tz, at: DateTime<Utc>) -> usize {
    let local = at.with_timezone(&zone);
    (local.weekday().num_days_from_monday() * 24 + local.hour()) as usize
}

/// The date at a moment.
pub(super) fn date(zone: Tz, at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

/// Beginnings of the steps that a window touches, in milliseconds, and the end of the last one. Hours are those of UTC.
/// `None` for changes.
///
/// # Errors
/// The number of steps, where there are more than `most`.
pub(super) fn steps(step: Step, zone: Tz, window: Window, most: i64) -> Option<Result<Vec<i64>, i64>> {
    let step_ms = match step {
        Step::Changes => return None,
        Step::Hour => HOUR_MS,
        Step::Day => DAY_MS,
        Step::Week => 7 * DAY_MS,
    };
    // 1970 began on a Thursday.
    let offset = if step == Step::Week { 4 * DAY_MS } else { 0 };
    let (since, until) = (window.since.timestamp_millis(), window.until.timestamp_millis());
    let first = (since - offset).div_euclid(step_ms);
    let count = (until - 1 - offset).div_euclid(step_ms) - first + 1;
    if count > most {
        return Some(Err(count));
    }
    if step == Step::Hour || zone == Tz::UTC {
        return Some(Ok((0..=count.max(0)).map(|number| (first + number) * step_ms + offset).collect()));
    }
    let mut day = date(zone, window.since);
    if step == Step::Week {
        day -= TimeDelta::days(i64::from(day.weekday().num_days_from_monday()));
    }
    let mut begins = Vec::new();
    loop {
        let begin = moment(zone, day, NaiveTime::MIN).timestamp_millis();
        // A day that a zone leaves out begins where the next one does.
        if begins.last() != Some(&begin) {
            begins.push(begin);
        }
        if begin >= until {
            return Some(Ok(begins));
        }
        day += TimeDelta::days(if step == Step::Week { 7 } else { 1 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[track_caller]
    fn check(zone: &str, step: Step, window: (&str, &str), expected: &[&str]) {
        let window = Window { since: at(window.0), until: at(window.1) };
        let steps = steps(step, zone.parse().expect("a zone"), window, 100).expect("steps").expect("few");
        let expected: Vec<i64> = expected.iter().map(|text| at(text).timestamp_millis()).collect();
        assert_eq!(steps, expected, "{zone}");
    }

    #[test]
    fn a_day_is_as_long_as_the_readers_clock_says() {
        // Summer time ends on the 25th of October 2026 in Paris, and begins on the 28th of March 2027.
        check(
            "Europe/Paris",
            Step::Day,
            ("2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z"),
            &["2026-10-23T22:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", "2026-10-26T23:00:00Z"],
        );
        check(
            "Europe/Paris",
            Step::Day,
            ("2027-03-28T00:00:00Z", "2027-03-28T10:00:00Z"),
            &["2027-03-27T23:00:00Z", "2027-03-28T22:00:00Z"],
        );
        check(
            "America/New_York",
            Step::Week,
            ("2026-11-01T12:00:00Z", "2026-11-03T00:00:00Z"),
            &["2026-10-26T04:00:00Z", "2026-11-02T05:00:00Z", "2026-11-09T05:00:00Z"],
        );
        check(
            "Asia/Kolkata",
            Step::Day,
            ("2026-11-01T00:00:00Z", "2026-11-01T01:00:00Z"),
            &["2026-10-31T18:30:00Z", "2026-11-01T18:30:00Z"],
        );
        check("UTC", Step::Week, ("2026-11-18T00:00:00Z", "2026-11-19T00:00:00Z"), &["2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"]);
        // Samoa went over the date line and had no 30th of December 2011.
        check(
            "Pacific/Apia",
            Step::Day,
            ("2011-12-29T12:00:00Z", "2011-12-30T20:00:00Z"),
            &["2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"],
        );
    }

    #[test]
    fn an_hour_that_the_clock_has_twice_is_one_hour_of_the_week() {
        let paris = "Europe/Paris".parse().expect("a zone");
        for (moment, hour) in
            [("2026-10-25T00:30:00Z", 6 * 24 + 2), ("2026-10-25T01:30:00Z", 6 * 24 + 2), ("2026-10-25T02:00:00Z", 6 * 24 + 3)]
        {
            assert_eq!(hour_of_week(paris, at(moment)), hour, "{moment}");
        }
        let nineteen = NaiveTime::from_hms_opt(2, 30, 0).expect("a time");
        let left_out = moment(paris, NaiveDate::from_ymd_opt(2027, 3, 28).expect("a date"), nineteen);
        assert_eq!(left_out, at("2027-03-28T01:00:00Z"), "there is no 2:30 on that day");
    }

    #[test]
    fn a_zone_that_there_is_not_is_refused_with_one_that_is_near() {
        let error = zone(Some("Europe/Pariss")).expect_err("none");
        assert!(error.parameter == "time_zone" && error.message.contains("did you mean `Europe/Paris`?"), "{error:?}");
        assert_eq!(zone(None).expect("the usual one"), Tz::UTC);
    }
}
