//! What the lake knows of its own files: of which rows each day was made, and how each file was when it was written.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::LakeError;

/// The layout of files and of this document.
pub(super) const LAYOUT: u32 = 1;
/// Where it lies. Readers of Parquet leave folders out that begin with `_`.
pub(super) const NAME: &str = "_gpurate/manifest.json";

/// The whole document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// [`LAYOUT`].
    pub(super) layout: u32,
    /// Every figure comes from made-up samples.
    pub(super) sample: bool,
    /// The day's files, by day.
    pub(super) days: BTreeMap<NaiveDate, DayFiles>,
}

/// A day's files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DayFiles {
    /// What they were made of: marks of rows and rates, of the GPU table and of how long answers hold.
    pub(super) inputs: String,
    /// Whether the database held the whole day then.
    pub(super) whole: bool,
    /// Its changes.
    pub(super) changes: FileMark,
    /// Its state.
    pub(super) daily_state: FileMark,
}

/// A file as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileMark {
    pub(super) rows: u64,
    pub(super) bytes: u64,
    pub(super) blake3: String,
}

/// Refuses a lake of a newer program by any of its documents.
pub(super) fn check_layout(document: &[u8], target: &str) -> Result<(), LakeError> {
    let layout = serde_json::from_slice::<serde_json::Value>(document).ok().and_then(|document| document["layout"].as_u64());
    match layout {
        Some(layout) if layout > u64::from(LAYOUT) => Err(LakeError::Wrong(format!(
            "lake `{target}`: it is of a newer gpurate (layout {layout}, this one knows {LAYOUT}): use that version, or another place"
        ))),
        _ => Ok(()),
    }
}

/// Refuses to mix samples and prices.
pub(super) fn check_sample(there: bool, here: bool, target: &str) -> Result<(), LakeError> {
    if there == here {
        return Ok(());
    }
    let (there, here) = if here { ("prices", "made-up samples") } else { ("made-up samples", "prices") };
    Err(LakeError::Wrong(format!("lake `{target}`: it holds {there}, and this database holds {here}: give another place")))
}

impl Manifest {
    /// Reads it; an empty one where there is none yet.
    pub(super) fn read(bytes: Option<&[u8]>, target: &str, sample: bool) -> Result<Self, LakeError> {
        let Some(bytes) = bytes else { return Ok(Self { layout: LAYOUT, sample, ..Self::default() }) };
        check_layout(bytes, target)?;
        let unreadable = |error: serde_json::Error| {
            LakeError::Wrong(format!("lake `{target}`: `{NAME}` cannot be read ({error}): delete it, and every day is compared anew"))
        };
        let manifest: Self = serde_json::from_slice(bytes).map_err(unreadable)?;
        check_sample(manifest.sample, sample, target)?;
        Ok(manifest)
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("plain values")
    }
}
