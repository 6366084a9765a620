//! `[archive]`: kept answers of providers, the evidence of every price.

use serde::{Deserialize, Serialize};

/// Kept answers. The newest answer of each part is kept in any case.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ArchiveSection {
    /// At most so many megabytes (10^6 bytes), compressed; the oldest go first.
    pub megabytes_max: u64,
    /// At most so old.
    pub days_max: u32,
    /// At most so old for marketplaces, whose answers come every few minutes.
    pub marketplace_hours_max: u32,
}

impl Default for ArchiveSection {
    fn default() -> Self {
        Self { megabytes_max: 2000, days_max: 90, marketplace_hours_max: 6 }
    }
}
