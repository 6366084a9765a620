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
        if self.repetition_count == 0 {
            return Err(value_error("gate.repetition_count", "must be above zero"));
        }
        if self.usd_per_gpu_hour_min >= self.usd_per_gpu_hour_max {
            return Err(value_error("gate.usd_per_gpu_hour_min", "must be below `gate.usd_per_gpu_hour_max`"));
        }
        Ok(())
    }
}
