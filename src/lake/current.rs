//! The offers of now: one file, written anew after commits, with its own small document beside the manifest, so that it can be
//! written often however many days there are.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::manifest::{self, FileMark, LAYOUT, Manifest};
use super::{LakeError, Report, Target, Written, files};
use crate::market::Market;
use crate::store::Store;

const FILE: &str = "current/offers.parquet";
const NAME: &str = "_gpurate/current.json";

/// What is known of the file.
#[derive(Serialize, Deserialize)]
struct Current {
    /// [`LAYOUT`].
    layout: u32,
    /// Every figure comes from made-up samples.
    sample: bool,
    /// The market it is of: it grows with every commit.
    market_version: u64,
    /// When it was so.
    as_of: DateTime<Utc>,
    /// The file.
    file: FileMark,
}

/// Writes the file where a commit came since, or where it is not as it was written. The target is locked by the caller.
pub(super) fn write(
    store: &Store,
    market: &Arc<Market>,
    target: &dyn Target,
    now: DateTime<Utc>,
    report: &mut Report,
) -> Result<(), LakeError> {
    let version = market.version;
    let known = target.get(NAME)?;
    if let Some(bytes) = &known {
        manifest::check_layout(bytes, target.shown())?;
    }
    // What cannot be read is written anew.
    let known = known.and_then(|bytes| serde_json::from_slice::<Current>(&bytes).ok());
    match &known {
        Some(known) => manifest::check_sample(known.sample, market.sample, target.shown())?,
        // The days know what the lake holds.
        None => drop(Manifest::read(target.get(manifest::NAME)?.as_deref(), target.shown(), market.sample)?),
    }
    let size = target.list("current")?.get(FILE).copied();
    let is_there = |known: &Current| size == Some(known.file.bytes);
    if known.as_ref().is_some_and(|known| known.market_version == version && is_there(known)) {
        return Ok(());
    }
    let file = files::current(store, market, now)?;
    let why = match &known {
        None => "new",
        Some(known) if known.file == file.mark => "missing",
        Some(_) => "changed",
    };
    let FileMark { rows, bytes, .. } = file.mark;
    if !report.dry_run {
        let current = Current { layout: LAYOUT, sample: market.sample, market_version: version, as_of: now, file: file.mark };
        target.put(FILE, file.bytes)?;
        target.put(NAME, serde_json::to_vec(&current).expect("plain values"))?;
    }
    report.written.push(Written { name: FILE.to_owned(), why, rows, bytes });
    Ok(())
}
