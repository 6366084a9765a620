//! The lake: history as Parquet files by closed days, in a folder or on S3, for engines that read many files at once. What
//! stands in them: `docs/lake.md`.
//!
//! A day is written once and left alone. It is written again where rows of it came or went since (a withdrawal that is dated
//! back, a correction, a late rate), which its marks in the manifest tell without reading it. A day that the database does
//! not hold whole any more is never written over. Files depend on the database alone: two runs over it make the same bytes.

mod current;
mod day;
mod files;
mod manifest;
mod run;
mod scheduled;
mod target;
#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::store::StoreError;

pub use day::DAILY_STATE_COLUMNS;
pub use files::CURRENT_COLUMNS;
pub use run::{Options, Step, run, run_current};
pub(crate) use scheduled::{Scheduled, knock};
pub use target::{Target, check, open};

/// Why a lake cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// It is named or configured in a way that cannot be meant.
    #[error("{0}")]
    Wrong(String),
    /// The folder or the bucket says no.
    #[error("lake `{target}`: {doing} `{name}`: {reason}")]
    Target {
        /// As it was named.
        target: String,
        /// What was tried.
        doing: &'static str,
        /// Which file.
        name: String,
        /// Without a body of an answer.
        reason: String,
    },
    /// The database cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The program is ending; what was written is whole.
    #[error("stopped before its end; the next run goes on")]
    Stopped,
}

/// A file that was written, or would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Written {
    /// Below the lake's folder.
    pub name: String,
    /// `new`, `changed`, or `missing` where the manifest knew it and it was not there as it was written.
    pub why: &'static str,
    /// Rows in it.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
}

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// As it was named.
    pub target: String,
    /// Nothing was written: these are the files that would be.
    pub dry_run: bool,
    /// Every figure comes from made-up samples.
    pub sample: bool,
    /// Closed days that were looked at.
    pub days: u64,
    /// Days that were worked out anew, because they were not there or their rows are others.
    pub days_computed: u64,
    /// Files in order.
    pub written: Vec<Written>,
    /// Files that were worked out and found equal.
    pub equal: u64,
}
