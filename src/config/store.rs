//! `[store]`: the database.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{ConfigError, value_error};

/// The database.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreSection {
    /// The SQLite file; made where it is missing. Default: `gpurate.db` in the user's data folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<PathBuf>,
}

impl StoreSection {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        match &self.database {
            Some(path) if path.as_os_str().is_empty() => {
                Err(value_error("store.database", "is empty; name a file, as `/data/gpurate.db`, or leave the option out"))
            }
            _ => Ok(()),
        }
    }
}
