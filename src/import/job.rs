//! A file with its map, from its first byte to the report: for the command, and for a daemon that is asked by it.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use gpurate_domain::{GpuMatch, OfferKey, Vram};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::map::{FileFormat, Map};
use super::{ImportError, Merged, Plan, Read, Refused, check_holds, plan, read, read_file};
use crate::collect::normalise::identify_words;
use crate::store::{ImportCommit, Store, StoreError, Writer};

/// What an import came to.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ImportReport {
    /// Name of the import, from the map.
    pub origin: String,
    /// Name of the file.
    pub file: String,
    /// BLAKE3 of its content.
    pub hash: String,
    /// Whether it was written; a dry run is not.
    pub written: bool,
    /// Rows without the header.
    pub rows: u64,
    /// Offers that were taken.
    pub offers: usize,
    /// Prices of them.
    pub prices: u64,
    /// Prices that were not known.
    pub prices_new: u64,
    /// Prices that were there already.
    pub prices_known: u64,
    /// Offers that are new or other than before.
    pub offers_changed: usize,
    /// Rows, and offers of rows, that were not taken.
    pub refused_count: u64,
    /// The first of them.
    pub refused: Vec<Refused>,
    /// Empty cells by column of a price: not offered in that row.
    pub empty_prices: BTreeMap<String, u64>,
    /// Prices of markets in which the map says the code is not sold.
    pub prices_not_sold: u64,
    /// Names that mean no GPU that is known; their rows are kept.
    pub unmapped_gpu_names: Vec<String>,
    /// Codes of the map that no row has.
    pub skus_of_the_map_not_seen: Vec<String>,
}

/// Why an import is not made.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The map and the file do not go together, or the file cannot be read.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A file that was read whole.
pub struct Job {
    map: Map,
    read: Read,
    file_name: String,
    hash: String,
    now: DateTime<Utc>,
}

impl Job {
    /// Reads and judges a file. Nothing is written. `file_name` is how it is called in the report.
    ///
    /// # Errors
    /// [`ImportError`].
    pub fn read(map: Map, format: FileFormat, file: &Path, file_name: &str, now: DateTime<Utc>) -> Result<Self, ImportError> {
        if format == FileFormat::Parquet {
            // It is read from its end, so that it is a file and may be opened twice.
            let hash = blake3::Hasher::new().update_reader(File::open(file)?)?.finalize().to_hex().to_string();
            let read = read_file(&map, format, File::open(file)?, now)?;
            return Ok(Self { map, read, file_name: file_name.to_owned(), hash, now });
        }
        let mut source = BufReader::new(Hashing { source: File::open(file)?, hasher: blake3::Hasher::new() });
        let read = read(&map, format, &mut source, now)?;
        let hash = source.into_inner().hasher.finalize().to_hex().to_string();
        Ok(Self { map, read, file_name: file_name.to_owned(), hash, now })
    }

    /// Name of the import.
    pub fn origin(&self) -> &str {
        &self.map.origin
    }

    /// What would be written beside what is stored; `held`: for how long that is.
    ///
    /// # Errors
    /// [`ImportError`].
    pub fn compare(mut self, stored: &HashMap<OfferKey, Merged>, held: Option<TimeDelta>) -> Result<ImportReport, ImportError> {
        check_holds(&self.map, stored, held)?;
        let plan = plan(&self.map, &mut self.read, stored)?;
        Ok(self.report(&plan, false))
    }

    /// Writes it. `replaces`: everything that was imported of this origin before goes. A file of which nothing can be used is no
    /// import: then nothing is written, and nothing goes.
    ///
    /// # Errors
    /// [`JobError`]; then nothing of it is written.
    pub fn write(mut self, store: &Store, writer: &mut Writer, replaces: bool) -> Result<ImportReport, JobError> {
        let (stored, held) = if replaces {
            (HashMap::new(), None)
        } else {
            let reader = store.reader()?;
            (reader.imported(&self.map.origin)?, reader.import_holds(&self.map.origin)?)
        };
        check_holds(&self.map, &stored, held)?;
        let plan = plan(&self.map, &mut self.read, &stored)?;
        if !plan.takes_any() {
            return Ok(self.report(&plan, false));
        }
        writer.import(&ImportCommit {
            origin: &self.map.origin,
            source: &self.map.source,
            licence: self.map.licence.as_deref(),
            holds_days: self.map.holds_days,
            file_hash: &self.hash,
            file_name: &self.file_name,
            rows: self.read.rows,
            refused: self.read.refused_count,
            replaces,
            series: &plan.changed,
            at: self.now,
        })?;
        Ok(self.report(&plan, true))
    }

    fn report(&self, plan: &Plan, written: bool) -> ImportReport {
        let read = &self.read;
        let unknown = |(name, vram): &(&str, Option<Vram>)| identify_words(name, None, *vram) == GpuMatch::Unmapped;
        let mut unmapped: Vec<String> = read.gpu_names().into_iter().filter(unknown).map(|(name, _)| name.to_owned()).collect();
        unmapped.dedup();
        ImportReport {
            origin: self.map.origin.clone(),
            file: self.file_name.clone(),
            hash: self.hash.clone(),
            written,
            rows: read.rows,
            offers: plan.offers,
            // What contradicts is refused, and not taken.
            prices: plan.added + plan.known,
            prices_new: plan.added,
            prices_known: plan.known,
            offers_changed: plan.changed.len(),
            refused_count: read.refused_count,
            refused: read.refused.clone(),
            empty_prices: read.empty_prices.clone(),
            prices_not_sold: read.not_sold,
            unmapped_gpu_names: unmapped,
            skus_of_the_map_not_seen: read.unused_skus.clone(),
        }
    }
}

/// Hashes what is read through it: a pipe gives its bytes once, and a file that is written meanwhile has the hash of what was
/// read.
struct Hashing<R> {
    source: R,
    hasher: blake3::Hasher,
}

impl<R: io::Read> io::Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        Ok(read)
    }
}
