//! `[collection]`: when and how much is collected at once.

use serde::{Deserialize, Serialize};

use super::{ConfigError, value_error};

/// When and how much is collected at once.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct CollectionSection {
    /// At most so many parts at once, all providers together.
    pub parts_at_once_max: u32,
    /// At most so many parts of one provider at once.
    pub parts_at_once_per_provider_max: u32,
    /// An interval is lengthened by up to so many percent, differently for each part, so that parts spread out.
    pub jitter_percent: u32,
    /// After a failure the next attempt comes after so many seconds, doubled for each further one.
    pub backoff_seconds: u32,
    /// But never later than this.
    pub backoff_seconds_max: u32,
    /// At the end of the program running collections get so many seconds.
    pub shutdown_seconds: u32,
}

impl Default for CollectionSection {
    fn default() -> Self {
        Self {
            parts_at_once_max: 8,
            parts_at_once_per_provider_max: 3,
            jitter_percent: 10,
            backoff_seconds: 60,
            backoff_seconds_max: 3600,
            shutdown_seconds: 10,
        }
    }
}

impl CollectionSection {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if self.parts_at_once_max == 0 || self.parts_at_once_per_provider_max == 0 {
            return Err(value_error("collection.parts_at_once_max", "must be above zero, as `parts_at_once_per_provider_max`"));
        }
        if self.jitter_percent > 100 {
            return Err(value_error("collection.jitter_percent", "must be at most 100"));
        }
        if self.backoff_seconds == 0 || self.backoff_seconds > self.backoff_seconds_max {
            return Err(value_error("collection.backoff_seconds", "must be above zero and at most `backoff_seconds_max`"));
        }
        Ok(())
    }
}
