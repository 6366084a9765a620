//! SQLite: one writer, many read-only readers. SQL sits in this module only, and only [`writer`] writes.
//!
//! Opening to write takes a lock on a file beside the database, so that two processes never write; the file says how
//! to reach the one that holds it.

pub mod backup;
pub mod changes;
pub mod days;
pub mod history;
pub mod imports;
mod load;
mod lock;
pub mod migrations;
pub mod past;
pub mod read;
mod rows;
mod silence;
pub mod sizes;
pub mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags};

pub use lock::{Holder, Lock, LockError};
pub use read::Reader;
pub use writer::imports::ImportCommit;
pub use writer::retention::{Batch, PagePlace};
pub use writer::revise::{Revised, Revision, Revisions};
pub use writer::{Commit, Committed, Corrected, PageRow, Writer};

/// Why the store cannot do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite says no: full disk, damaged or locked file.
    #[error("database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The folder or file cannot be made.
    #[error("database `{path}`: {source}")]
    File {
        /// The file.
        path: String,
        /// From the system.
        source: std::io::Error,
    },
    /// A newer gpurate wrote it.
    #[error("database `{path}` is of a newer gpurate (layout {found}, this one knows {known}): use that version, or another file")]
    Newer {
        /// The file.
        path: String,
        /// Its layout.
        found: u32,
        /// The newest this program knows.
        known: u32,
    },
    /// An older gpurate wrote it, and it lacks what is asked for.
    #[error(
        "the database is of an older gpurate (layout {found}, this takes {needed}): `gpurate serve` or `gpurate collect` brings it up to date"
    )]
    Older {
        /// Its layout.
        found: u32,
        /// The first that has it.
        needed: u32,
    },
    /// There is none yet.
    #[error("there is no database at `{0}` yet: run `gpurate serve` or `gpurate collect` first")]
    Missing(String),
    /// A row does not read as it was written.
    #[error("database: a stored {what} cannot be read: {reason}")]
    Damaged {
        /// What kind of value.
        what: &'static str,
        /// Why.
        reason: String,
    },
}

impl StoreError {
    /// What is wrong with the file and what to do, where SQLite or a row of it said so: the caller knows the file's name.
    pub fn about_file(&self) -> Option<String> {
        match self {
            Self::Sqlite(error) => Some(format!("{error}; {}", way_out(error))),
            Self::Damaged { what, reason } => Some(format!("a stored {what} cannot be read ({reason}); {RESTORE}")),
            Self::File { .. } | Self::Newer { .. } | Self::Older { .. } | Self::Missing(_) => None,
        }
    }
}

/// What helps against a damaged file.
const RESTORE: &str = "run `gpurate check`, and `gpurate restore` a back-up where it is damaged";

/// What a person can do about an error of SQLite.
fn way_out(error: &rusqlite::Error) -> &'static str {
    use rusqlite::ErrorCode;
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "make room on its disk",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => {
            "another program holds it: try again, or stop that program"
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly | ErrorCode::AuthorizationForStatementDenied) => {
            "look whether it is a file that this user may read and write, and its folder too; `--database` names another"
        }
        Some(ErrorCode::NotADatabase) => "it is no database of gpurate: `--database` names another file",
        Some(ErrorCode::SystemIoFailure) => "look at its disk; `gpurate check` says whether the file is whole",
        _ => RESTORE,
    }
}

/// The database and how to read it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    path: Arc<PathBuf>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

/// Idle read connections kept open.
const IDLE_READERS_MAX: usize = 4;
/// Days are counted from 1970 UTC, and are all as long as this.
const DAY_MS: i64 = 24 * 3600 * 1000;

impl Store {
    /// Opens `path` to write, makes it where it is missing, and brings its layout up to date. The caller holds the [`Lock`].
    ///
    /// # Errors
    /// [`StoreError`]; a newer layout is refused.
    pub fn open(path: &Path) -> Result<(Self, Writer), StoreError> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|source| StoreError::File { path: path.display().to_string(), source })?;
        }
        let mut connection = Connection::open(path)?;
        // The file is there now, also where it was not when the lock was taken.
        let guard = lock::FileGuard::take(path).map_err(|_| StoreError::File {
            path: path.display().to_string(),
            source: std::io::Error::new(std::io::ErrorKind::WouldBlock, "another gpurate is writing to it: ask it, or stop it first"),
        })?;
        connection.busy_timeout(Duration::from_secs(10))?;
        // Of a file that is made now: pages that become free can be given back. It changes nothing in one that is there.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // Every commit is on the disk when it returns: a price that was shown is never lost.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
        connection.pragma_update(None, "cache_size", -4_000)?;
        migrations::run(&mut connection, path)?;
        Ok((Self::at(path), Writer::new(connection, guard)))
    }

    /// Opens `path` to read only.
    ///
    /// # Errors
    /// [`StoreError::Missing`] where there is none.
    pub fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        if !path.exists() {
            return Err(StoreError::Missing(path.display().to_string()));
        }
        let store = Self::at(path);
        let reader = store.reader()?;
        let found = migrations::layout(reader.connection())?;
        if found > migrations::NEWEST {
            return Err(StoreError::Newer { path: path.display().to_string(), found, known: migrations::NEWEST });
        }
        drop(reader);
        Ok(store)
    }

    fn at(path: &Path) -> Self {
        Self { path: Arc::new(path.to_path_buf()), idle: Arc::default() }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A read-only connection, given back when dropped. Blocking: call it where blocking is allowed.
    ///
    /// # Errors
    /// [`StoreError`] where the file cannot be opened.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => {
                let connection = open_to_read(&self.path, Duration::from_secs(5))?;
                connection.pragma_update(None, "query_only", true)?;
                connection.pragma_update(None, "cache_size", -4_000)?;
                connection
            }
        };
        Ok(Reader::new(connection, self.clone()))
    }

    fn give_back(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if idle.len() < IDLE_READERS_MAX {
            idle.push(connection);
        }
    }
}

/// A connection that only reads.
///
/// To read beside a writer SQLite keeps a file of its own beside the database (`-shm`), and makes it where it is missing. In a folder that cannot
/// be written it cannot; where there is no log either (`-wal`) nobody has the database open, and it is read as a file that does not change.
fn open_to_read(path: &Path, busy: Duration) -> Result<Connection, rusqlite::Error> {
    let open = |name: &Path| {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let connection = Connection::open_with_flags(name, flags)?;
        connection.busy_timeout(busy)?;
        // The first question opens what belongs to the file.
        connection.pragma_query_value(None, "schema_version", |row| row.get::<_, i64>(0))?;
        Ok(connection)
    };
    open(path).or_else(|error: rusqlite::Error| {
        use rusqlite::ErrorCode::{CannotOpen, ReadOnly};
        let is_of_folder = matches!(error.sqlite_error_code(), Some(CannotOpen | ReadOnly));
        let unchanging = if is_of_folder { unchanging(path) } else { None };
        unchanging.map_or(Err(error), |name| open(Path::new(&name)))
    })
}

/// The name by which SQLite reads a file that nobody changes; `None` where somebody may.
fn unchanging(path: &Path) -> Option<String> {
    // Its companions lie beside the file itself, whatever link led to it.
    let path = std::fs::canonicalize(path).ok()?;
    let beside = |ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    let alone = ["-wal", "-journal"].iter().all(|ending| matches!(beside(ending).try_exists(), Ok(false)));
    // A file without a name: it is gone at once.
    let is_open = tempfile::tempfile_in(path.parent()?).is_ok();
    if !alone || is_open {
        return None;
    }
    let mut name = url::Url::from_file_path(&path).ok()?;
    name.set_query(Some("immutable=1"));
    Some(name.into())
}

/// A time as it is stored.
pub(crate) fn to_ms(time: DateTime<Utc>) -> i64 {
    time.timestamp_millis()
}

/// A stored time. Values outside the calendar read as its beginning.
pub(crate) fn from_ms(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or(DateTime::UNIX_EPOCH)
}

/// Now, as precise as it is stored: what is read back equals what was written.
pub fn now_ms() -> DateTime<Utc> {
    from_ms(to_ms(Utc::now()))
}
