//! What the lake knows of its own files: of which rows each day was made, and how each file was when it was written.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
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
    /// The offers of now.
    pub(super) current: Option<Current>,
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

/// The offers of now as they were written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Current {
    /// The market they are of: it grows with every commit.
    pub(super) market_version: u64,
    /// When.
    pub(super) as_of: DateTime<Utc>,
    /// The file.
    pub(super) file: FileMark,
}

impl Manifest {
    /// Reads it; an empty one where there is none yet.
    pub(super) fn read(bytes: Option<&[u8]>, target: &str, sample: bool) -> Result<Self, LakeError> {
        let Some(bytes) = bytes else { return Ok(Self { layout: LAYOUT, sample, ..Self::default() }) };
        let wrong = |what: String| LakeError::Wrong(format!("lake `{target}`: {what}"));
        let layout = serde_json::from_slice::<serde_json::Value>(bytes).ok().and_then(|document| document["layout"].as_u64());
        match layout {
            Some(layout) if layout > u64::from(LAYOUT) => {
                return Err(wrong(format!(
                    "it is of a newer gpurate (layout {layout}, this one knows {LAYOUT}): use that version, or another place"
                )));
            }
            _ => {}
        }
        let manifest: Self = serde_json::from_slice(bytes)
            .map_err(|error| wrong(format!("`{NAME}` cannot be read ({error}): delete it, and every day is compared anew")))?;
        if manifest.sample != sample {
            let (there, here) = if sample { ("prices", "made-up samples") } else { ("made-up samples", "prices") };
            return Err(wrong(format!("it holds {there}, and this database holds {here}: give another place")));
        }
        Ok(manifest)
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("plain values")
    }
}
