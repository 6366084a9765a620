//! Copies of a whole database: one to keep, one to come back from. A copy is made by SQLite itself in one transaction, so
//! that it is of one moment whatever is written meanwhile.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::{Lock, StoreError, migrations};

/// Why a file is not restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// It cannot be read, or is of a newer gpurate.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is no database of this program, or not whole.
    #[error("`{path}` cannot be restored: {reason}")]
    Unfit {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// The file that an earlier restore kept is still there.
    #[error("`{0}` is kept of an earlier restore: move or delete it first")]
    Kept(String),
    /// From the system.
    #[error("`{path}`: {source}")]
    File {
        /// The file.
        path: String,
        /// From the system.
        source: std::io::Error,
    },
}

/// Writes a copy of `database` to `into`, which must not be there. It is checked before this returns; the caller gives it
/// its name. Nothing is written to `database`.
///
/// # Errors
/// [`RestoreError`]; what was written of `into` is the caller's to remove.
pub fn copy(database: &Path, into: &Path) -> Result<(), RestoreError> {
    let connection = read_only(database)?;
    let target = into.to_str().ok_or_else(|| unfit(into, "its name is not UTF-8: give another one"))?;
    // The copy can give free pages back, also where the original was made before files could.
    if connection.pragma_query_value(None, "auto_vacuum", |row| row.get::<_, i64>(0)).map_err(StoreError::from)? == 0 {
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL").map_err(StoreError::from)?;
    }
    connection.execute("VACUUM INTO ?1", [target]).map_err(StoreError::from)?;
    drop(connection);
    fit(into).map(|_| ())
}

/// Whether a file is a whole database of this program, and its layout.
///
/// # Errors
/// [`RestoreError::Unfit`] with the reason; a newer layout is told as such.
pub fn fit(path: &Path) -> Result<u32, RestoreError> {
    let connection = read_only(path).map_err(|error| match error {
        StoreError::Sqlite(error) => unfit(path, &error.to_string()),
        other => other.into(),
    })?;
    let reading = |error: rusqlite::Error| unfit(path, &error.to_string());
    let layout = migrations::layout(&connection).map_err(|error| unfit(path, &error.to_string()))?;
    if layout > migrations::NEWEST {
        return Err(StoreError::Newer { path: path.display().to_string(), found: layout, known: migrations::NEWEST }.into());
    }
    let ours: Option<i64> = connection
        .query_row("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('meta', 'part', 'offer', 'price')", [], |row| {
            row.get(0)
        })
        .optional()
        .map_err(reading)?;
    if layout == 0 || ours != Some(4) {
        return Err(unfit(path, "it is no database of gpurate; give a file that `gpurate backup` made"));
    }
    let found: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(reading)?;
    if found != "ok" {
        return Err(unfit(path, &format!("it is damaged ({found}); take another backup")));
    }
    Ok(layout)
}

/// Puts `whole`, a copy beside `database`, in its place; the old one is kept as `.before-restore`. Nothing may read or
/// write `database` in between: the lock says that no daemon does.
///
/// # Errors
/// [`RestoreError`]; then the old database is where it was, or, where the system fails in the middle, beside it.
pub fn replace(_lock: &Lock, database: &Path, whole: &Path) -> Result<Option<PathBuf>, RestoreError> {
    let kept = beside(database, ".before-restore");
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |source| RestoreError::File { path, source }
    };
    let was_there = database.try_exists().map_err(failed(database))?;
    if was_there {
        if kept.try_exists().map_err(failed(&kept))? {
            return Err(RestoreError::Kept(kept.display().to_string()));
        }
        // What stands only in the log is merged first. A damaged file may refuse: then the log is kept beside it.
        if let Ok(old) = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE) {
            let _unmerged = old.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        }
        // A second name first: at no instant is the database without one.
        if std::fs::hard_link(database, &kept).is_err() {
            std::fs::copy(database, &kept).map_err(failed(&kept))?;
        }
    }
    // A log of the old file would be played into the new one.
    for ending in ["-wal", "-shm"] {
        let (log, kept_log) = (beside(database, ending), beside(&kept, ending));
        match std::fs::rename(&log, &kept_log) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(&log)(error)),
            _ => {}
        }
    }
    std::fs::rename(whole, database).map_err(failed(database))?;
    Ok(was_there.then_some(kept))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn unfit(path: &Path, reason: &str) -> RestoreError {
    RestoreError::Unfit { path: path.display().to_string(), reason: reason.to_owned() }
}

fn read_only(path: &Path) -> Result<Connection, StoreError> {
    if !path.exists() {
        return Err(StoreError::Missing(path.display().to_string()));
    }
    let connection = super::open_to_read(path, std::time::Duration::from_secs(10))?;
    connection.pragma_update(None, "cache_size", -4_000)?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    fn database(path: &Path, mark: &str) -> crate::store::Writer {
        let (_, writer) = Store::open(path).expect("a store");
        writer.connection().execute("INSERT INTO meta VALUES ('mark', ?1)", [mark]).expect("written");
        writer
    }

    fn mark(path: &Path) -> String {
        let connection = read_only(path).expect("opens");
        connection.query_row("SELECT value FROM meta WHERE key = 'mark'", [], |row| row.get(0)).expect("a mark")
    }

    #[test]
    fn a_copy_of_an_open_database_is_whole_and_comes_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, copy_path, again) = (folder.path().join("a.db"), folder.path().join("b.db"), folder.path().join("c.db"));
        let writer = database(&path, "old");
        copy(&path, &copy_path).expect("copied while it is open");
        assert_eq!((mark(&copy_path).as_str(), fit(&copy_path).expect("fit")), ("old", migrations::NEWEST));
        writer.connection().execute("UPDATE meta SET value = 'new' WHERE key = 'mark'", []).expect("written");
        drop(writer);
        copy(&copy_path, &again).expect("a copy of a copy");
        let lock = Lock::take(&path).expect("free");
        let kept = replace(&lock, &path, &again).expect("replaced").expect("the old one is kept");
        assert_eq!((mark(&path).as_str(), mark(&kept).as_str()), ("old", "new"));
        assert!(!again.exists());
        copy(&copy_path, &again).expect("a copy of a copy");
        assert!(matches!(replace(&lock, &path, &again), Err(RestoreError::Kept(_))), "nothing kept is overwritten");
        drop(lock);
        Store::open(&path).expect("it goes on");
    }

    #[test]
    fn what_only_the_log_holds_is_kept_too() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, whole) = (folder.path().join("a.db"), folder.path().join("b.db"));
        drop(database(&folder.path().join("new.db"), "new"));
        copy(&folder.path().join("new.db"), &whole).expect("copied");
        // As a killed daemon leaves it: the log is not merged.
        let writer = database(&folder.path().join("live.db"), "old");
        for ending in ["", "-wal"] {
            std::fs::copy(beside(&folder.path().join("live.db"), ending), beside(&path, ending)).expect("copied");
        }
        drop(writer);
        let lock = Lock::take(&path).expect("free");
        let kept = replace(&lock, &path, &whole).expect("replaced").expect("kept");
        assert_eq!((mark(&path).as_str(), mark(&kept).as_str()), ("new", "old"));
    }

    #[test]
    fn what_is_no_whole_database_of_ours_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.db");
        assert!(matches!(fit(&path), Err(RestoreError::Store(StoreError::Missing(_)))));
        std::fs::write(&path, "not a database, but long enough to be looked at as one").expect("written");
        assert!(matches!(fit(&path), Err(RestoreError::Unfit { .. })));
        let foreign = folder.path().join("foreign.db");
        Connection::open(&foreign).and_then(|other| other.execute_batch("CREATE TABLE price (x); PRAGMA user_version = 1")).expect("made");
        assert!(fit(&foreign).expect_err("foreign").to_string().contains("no database of gpurate"));
        let newer = folder.path().join("newer.db");
        let writer = database(&newer, "x");
        writer.connection().pragma_update(None, "user_version", migrations::NEWEST + 1).expect("set");
        drop(writer);
        assert!(matches!(fit(&newer), Err(RestoreError::Store(StoreError::Newer { .. }))));
        let damaged = folder.path().join("damaged.db");
        let whole = folder.path().join("whole.db");
        drop(database(&whole, "x"));
        let mut bytes = std::fs::read(&whole).expect("read");
        let from = 3 * 4096;
        bytes[from..from + 4096].fill(0xff);
        std::fs::write(&damaged, bytes).expect("written");
        assert!(matches!(fit(&damaged), Err(RestoreError::Unfit { .. })), "{:?}", fit(&damaged));
    }
}
