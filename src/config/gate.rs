//! `[gate]`: the numbers an answer is judged by before it is believed.

use gpurate_domain::Nanos;
use serde::{Deserialize, Serialize};

use super::{ConfigError, value_error};

/// The numbers an answer is judged by.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct GateSection {
    /// A part with less than so many percent of its last accepted offers is refused.
    pub least_percent_of_last: u32,
    /// The same for marketplaces.
    pub marketplace_least_percent_of_last: u32,
    /// A list with more than so many percent of its last accepted offers is refused, where it is at least 50 more.
    pub most_percent_of_last: u32,
    /// The same for marketplaces.
    pub marketplace_most_percent_of_last: u32,
    /// A part with more offers than this is refused, whatever repeats.
    pub offers_max: u32,
    /// A list of which more than so many percent of the prices on demand moved the same way at once, by more than half as much
    /// again, is refused.
    pub moved_percent_max: u32,
    /// Reference rates of which one is more than so many percent off the last one are refused.
    pub rate_percent_max: u32,
    /// A part with more than so many percent of its rows rejected or quarantined is refused.
    pub bad_rows_percent_max: u32,
    /// A price over so many times, or under this fraction of, its own last price or the 7-day range of its GPU and
    /// market is quarantined.
    pub price_factor_max: u32,
    /// With no past a price per GPU-hour under this many dollars is quarantined.
    pub usd_per_gpu_hour_min: Nanos,
    /// With no past a price per GPU-hour over this many dollars is quarantined.
    pub usd_per_gpu_hour_max: Nanos,
    /// What repeats within so many percent is the same observation again.
    pub repetition_percent: u32,
    /// So many equal observations are accepted.
    pub repetition_count: u32,
    /// But only when they span so many hours.
    pub repetition_hours: u32,
    /// A held price that stays unconfirmed for so many days is withdrawn.
    pub unconfirmed_days: u32,
}

impl Default for GateSection {
    fn default() -> Self {
        Self {
            least_percent_of_last: 60,
            marketplace_least_percent_of_last: 30,
            most_percent_of_last: 300,
            marketplace_most_percent_of_last: 1000,
            offers_max: 50_000,
            moved_percent_max: 50,
            rate_percent_max: 20,
            bad_rows_percent_max: 20,
            price_factor_max: 3,
            usd_per_gpu_hour_min: Nanos(5_000_000),
            usd_per_gpu_hour_max: Nanos(200_000_000_000),
            repetition_percent: 2,
            repetition_count: 3,
            repetition_hours: 6,
            unconfirmed_days: 7,
        }
    }
}

impl GateSection {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        for (key, percent) in [
            ("gate.least_percent_of_last", self.least_percent_of_last),
            ("gate.marketplace_least_percent_of_last", self.marketplace_least_percent_of_last),
            ("gate.bad_rows_percent_max", self.bad_rows_percent_max),
            ("gate.moved_percent_max", self.moved_percent_max),
        ] {
            if percent > 100 {
                return Err(value_error(key, format!("is {percent}; percent go from 0 to 100")));
            }
        }
        for (key, percent) in [
            ("gate.most_percent_of_last", self.most_percent_of_last),
            ("gate.marketplace_most_percent_of_last", self.marketplace_most_percent_of_last),
        ] {
            if percent < 100 {
                return Err(value_error(key, format!("is {percent}; an answer as large as the last one has 100")));
            }
        }
        for (key, number) in [("gate.offers_max", self.offers_max), ("gate.rate_percent_max", self.rate_percent_max)] {
            if number == 0 {
                return Err(value_error(key, "must be above zero"));
            }
        }
        if self.price_factor_max < 2 {
            return Err(value_error("gate.price_factor_max", "must be at least 2, or every change would be held back"));
        }
        let longest = super::retention::DAYS_EVER;
        for (key, number, most) in
            [("gate.repetition_hours", self.repetition_hours, longest * 24), ("gate.unconfirmed_days", self.unconfirmed_days, longest)]
        {
            if number > most {
                return Err(value_error(key, format!("is {number}; at most {most} can be counted")));
            }
        }
        if self.repetition_count == 0 {
            return Err(value_error("gate.repetition_count", "must be above zero"));
        }
        if self.usd_per_gpu_hour_min >= self.usd_per_gpu_hour_max {
            return Err(value_error("gate.usd_per_gpu_hour_min", "must be below `gate.usd_per_gpu_hour_max`"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn days_and_hours_that_no_calendar_holds_are_errors_that_say_the_most() {
        let check = |section: &str, key: &str, number: u32| {
            Config::parse(&format!("[{section}]\n{key} = {number}\n"), "x.toml").map(|_| ()).map_err(|error| error.to_string())
        };
        let retention = ["marketplace_price_days", "price_days", "gpu_price_days", "event_days", "attempt_days", "page_days", "held_days"];
        let keys = retention.map(|key| ("retention", key, 36_500)).into_iter();
        for (section, key, most) in keys.chain([("gate", "repetition_hours", 876_000), ("gate", "unconfirmed_days", 36_500)]) {
            assert_eq!(check(section, key, most), Ok(()), "{key}");
            for number in [most + 1, 4_000_000_000] {
                let error = check(section, key, number).expect_err(key);
                assert!(error.contains(&format!("{section}.{key}")) && error.contains(&most.to_string()), "{error}");
            }
        }
    }

    /// What is counted with the longest times that are taken: each stays within what the calendar holds.
    #[test]
    fn the_longest_times_that_are_taken_can_be_counted_with() {
        let mut shown: toml::Table = toml::Table::try_from(Config::default()).expect("TOML");
        let mut longest = 0;
        for (section, options) in &mut shown {
            for (key, value) in options.as_table_mut().into_iter().flatten() {
                if !["_days", "_hours", "_minutes", "_seconds", "_days_max", "_hours_max", "_seconds_max", "_ms"]
                    .iter()
                    .any(|unit| key.ends_with(unit))
                {
                    continue;
                }
                let taken = |number: i64| Config::parse(&format!("[{section}]\n{key} = {number}\n"), "x.toml").is_ok();
                let most = [i64::from(u32::MAX), 876_000, 36_500, 3600].into_iter().find(|number| taken(*number));
                *value = most.unwrap_or_else(|| panic!("{section}.{key} takes nothing")).into();
                longest += 1;
            }
        }
        assert!(longest > 20, "{longest}");
        // Seconds between two attempts go together.
        shown["collection"]["backoff_seconds"] = shown["collection"]["backoff_seconds_max"].clone();
        let config = Config::parse(&toml::to_string(&shown).expect("TOML"), "x.toml").expect("each is taken");
        let folder = tempfile::tempdir().expect("a folder");
        let daemon = crate::daemon::Daemon::open(config, &folder.path().join("a.db"), false).expect("opens");
        let now = crate::store::now_ms();
        crate::keeping::keep(&daemon, now).expect("nothing overflows");
        for tracked in daemon.tracked() {
            let failed = crate::collect::due::Attempts { last_attempt_at: Some(now), failures: 30, ..tracked.attempts };
            assert!(crate::collect::due::next_due(&failed, &daemon.config.collection, now) > now);
        }
    }
}
