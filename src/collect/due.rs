//! Who is to be collected now. Pure: the caller brings the time and the attempts; the schedule only wakes it.

use chrono::{DateTime, TimeDelta, Utc};

use crate::config::CollectionSection;

/// What decides when a part is next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// Names the part, so that its jitter is its own.
    pub key: String,
    /// Lower is collected first.
    pub priority: u8,
    /// Seconds between two attempts.
    pub interval_seconds: u32,
    /// The last attempt, whatever came of it.
    pub last_attempt_at: Option<DateTime<Utc>>,
    /// Attempts since the last accepted one.
    pub failures: u32,
    /// The provider asked for a pause until then.
    pub not_before: Option<DateTime<Utc>>,
}

/// When the part is next. A last attempt that lies in the future (the clock went back) counts as now.
pub fn next_due(attempts: &Attempts, settings: &CollectionSection, now: DateTime<Utc>) -> DateTime<Utc> {
    let Some(last) = attempts.last_attempt_at.map(|last| last.min(now)) else {
        return attempts.not_before.map_or(now, |pause| pause.max(now));
    };
    let wait = if attempts.failures == 0 {
        let jitter_seconds = u64::from(attempts.interval_seconds) * u64::from(settings.jitter_percent) / 100;
        u64::from(attempts.interval_seconds) + spread(&attempts.key, last, jitter_seconds)
    } else {
        let doublings = (attempts.failures - 1).min(20);
        let pause = u64::from(settings.backoff_seconds) << doublings;
        // A part that fails is asked again sooner than its interval, never later than the bound.
        pause
            .min(u64::from(settings.backoff_seconds_max))
            .min(u64::from(attempts.interval_seconds).max(u64::from(settings.backoff_seconds)))
    };
    let next = last + TimeDelta::seconds(i64::try_from(wait).unwrap_or(i64::MAX / 2000));
    attempts.not_before.map_or(next, |pause| next.max(pause))
}

/// The parts to collect now: by priority, then the longest overdue first. Indices into `attempts`.
pub fn due(attempts: &[Attempts], settings: &CollectionSection, now: DateTime<Utc>) -> Vec<usize> {
    let mut due: Vec<(u8, DateTime<Utc>, usize)> = attempts
        .iter()
        .enumerate()
        .map(|(index, attempt)| (attempt.priority, next_due(attempt, settings, now), index))
        .filter(|(_, at, _)| *at <= now)
        .collect();
    due.sort_unstable();
    due.into_iter().map(|(_, _, index)| index).collect()
}

/// A number from 0 to `most`, the same for the same part and attempt.
fn spread(key: &str, last: DateTime<Utc>, most: u64) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(key.as_bytes());
    hasher.update(&last.timestamp_millis().to_le_bytes());
    let hash = hasher.finalize();
    let number = u64::from_le_bytes(hash.as_bytes()[..8].try_into().expect("eight bytes of thirty-two"));
    number % (most + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a time")
    }

    fn part(last: Option<i64>, failures: u32) -> Attempts {
        Attempts { key: "a".into(), priority: 100, interval_seconds: 600, last_attempt_at: last.map(at), failures, not_before: None }
    }

    fn settings() -> CollectionSection {
        CollectionSection { jitter_percent: 0, ..CollectionSection::default() }
    }

    #[test]
    fn a_part_that_was_never_asked_is_due_and_one_just_asked_is_not() {
        assert_eq!(due(&[part(None, 0), part(Some(-10), 0), part(Some(-700), 0)], &settings(), at(0)), vec![2, 0]);
    }

    #[test]
    fn parts_people_wait_for_come_first() {
        let favourite = Attempts { priority: 0, ..part(None, 0) };
        assert_eq!(due(&[part(Some(-9000), 0), favourite], &settings(), at(0)), vec![1, 0]);
    }

    #[test]
    fn d22_failures_lengthen_the_pause_and_a_provider_s_own_pause_is_kept() {
        let waits: Vec<_> =
            (1..=6).map(|failures| (next_due(&part(Some(0), failures), &settings(), at(0)) - at(0)).num_seconds()).collect();
        assert_eq!(waits, [60, 120, 240, 480, 600, 600]);
        let asked = Attempts { not_before: Some(at(5000)), ..part(Some(0), 1) };
        assert_eq!(next_due(&asked, &settings(), at(0)), at(5000));
    }

    #[test]
    fn a_clock_that_went_back_does_not_silence_a_part() {
        assert_eq!(next_due(&part(Some(1_000_000), 0), &settings(), at(0)), at(600));
    }

    #[test]
    fn jitter_stays_within_its_bound_and_differs() {
        let settings = CollectionSection { jitter_percent: 10, ..CollectionSection::default() };
        let waits: std::collections::BTreeSet<_> = (0..50)
            .map(|number| {
                let part = Attempts { key: format!("p{number}"), ..part(Some(0), 0) };
                let wait = (next_due(&part, &settings, at(0)) - at(0)).num_seconds();
                assert!((600..=660).contains(&wait), "{wait}");
                wait
            })
            .collect();
        assert!(waits.len() > 10);
    }
}
