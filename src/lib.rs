//! `gpurate`: a GPU-cloud pricing daemon. Data flows one way:
//!
//! ```text
//! schedule -> fetch -> pages -> parse -> offers -> normalise -> accept -> commit -> market -> views -> faces
//! ```
//!
//! - [`config`]: what may be set. [`catalogue`]: the providers and GPUs that are known.
//! - [`collect`]: from the schedule to an accepted part.
//! - [`store`]: SQLite; only `store::writer` writes.
//! - [`keeping`]: what is past its keeping time goes.
//! - [`market`]: the immutable snapshot of now.
//! - [`prices`]: pure views of it.
//! - [`history`]: how GPUs' prices moved. [`changes`]: what changed, with the evidence.
//! - [`alerts`]: messages about prices that somebody waits for.
//! - [`workloads`]: what people run on GPUs, in which variants, and how fast.
//! - [`rules`]: billing rules as facts that are kept and compared.
//! - [`simulate`]: what a way of working costs with each offer.
//! - [`compare`]: two cards side by side. [`guide`]: which card for which work, recomputed from the market.
//! - [`export`]: rows for programs, streamed, one file per format.
//! - `lake`: history by days, as Parquet in a folder or on S3 (feature `lake`).
//! - [`web`]: pages for people, of the same views.
//! - [`publish`]: the pages as a folder of files.
//! - [`import`]: prices of elsewhere, into history.
//! - [`http`], [`cli`]: the faces. They share the same views, so that they cannot disagree.

pub mod alerts;
#[doc(hidden)]
pub mod bench_data;
pub mod catalogue;
pub mod changes;
pub mod cli;
pub mod collect;
pub mod compare;
pub mod config;
pub mod daemon;
pub mod export;
pub mod guide;
pub mod history;
pub mod http;
pub mod import;
pub mod keeping;
#[cfg(feature = "lake")]
pub mod lake;
pub mod market;
mod metrics;
mod parameters;
pub mod past;
pub mod prices;
pub mod publish;
pub mod rules;
pub mod said;
pub mod simulate;
pub mod store;
pub mod web;
pub mod window;
pub mod words;
pub mod workloads;
