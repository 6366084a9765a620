//! `[retention]`: how long rows of the database are kept.

use serde::{Deserialize, Serialize};

use super::{ConfigError, value_error};

/// Days that rows are kept; 0 is for ever.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionSection {
    /// Price rows of marketplace listings, so long after they went.
    pub marketplace_price_days: u32,
    /// Price rows of other offers, so long after they went.
    pub price_days: u32,
    /// What GPUs cost: the series that charts and exports read.
    pub gpu_price_days: u32,
    /// Events.
    pub event_days: u32,
    /// Attempts that nothing rests on; one in so many stays all the same, so that no gap opens.
    pub attempt_days: u32,
    /// Records of archived answers whose file is gone.
    pub page_days: u32,
    /// Prices that were not believed, and not seen again.
    pub held_days: u32,
}

impl Default for RetentionSection {
    fn default() -> Self {
        Self { marketplace_price_days: 30, price_days: 0, gpu_price_days: 0, event_days: 0, attempt_days: 90, page_days: 90, held_days: 30 }
    }
}

/// The gate looks back over seven days, and waits as long for a held price to be confirmed.
const DAYS_LEAST: u32 = 8;

/// As good as for ever.
pub(super) const DAYS_EVER: u32 = 36_500;

impl RetentionSection {
    /// For so many days back all price rows of marketplaces are there.
    pub fn marketplace_days_whole(&self) -> u32 {
        if self.marketplace_price_days == 0 { DAYS_EVER } else { self.marketplace_price_days }
    }

    /// For so many days back all price rows are there.
    pub fn prices_days_whole(&self) -> u32 {
        if self.price_days == 0 { self.marketplace_days_whole() } else { self.marketplace_days_whole().min(self.price_days) }
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let bounded = [
            ("marketplace_price_days", self.marketplace_price_days),
            ("price_days", self.price_days),
            ("gpu_price_days", self.gpu_price_days),
            ("attempt_days", self.attempt_days),
            ("held_days", self.held_days),
        ];
        let all = bounded.iter().copied().chain([("event_days", self.event_days), ("page_days", self.page_days)]);
        if let Some((key, days)) = all.into_iter().find(|(_, days)| *days > DAYS_EVER) {
            let reason = format!("{days} days are more than the {DAYS_EVER} that can be counted; write 0 for ever");
            return Err(value_error(format!("retention.{key}"), reason));
        }
        for (key, days) in bounded {
            if days != 0 && days < DAYS_LEAST {
                let reason = format!("{days} days are too few: the gate looks back over seven; at least {DAYS_LEAST}, or 0 for ever");
                return Err(value_error(format!("retention.{key}"), reason));
            }
        }
        Ok(())
    }
}
