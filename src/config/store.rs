//! `[store]`: the database.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The database.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreSection {
    /// The SQLite file; made where it is missing. Default: `gpurate.db` in the user's data folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<PathBuf>,
    /// Price rows of marketplace listings are kept so long.
    pub marketplace_days: u32,
}

impl Default for StoreSection {
    fn default() -> Self {
        Self { database: None, marketplace_days: 30 }
    }
}
