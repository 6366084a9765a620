//! `[store]`: the database.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The database.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreSection {
    /// The SQLite file; made where it is missing. Default: `gpurate.db` in the user's data folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<PathBuf>,
}
