//! One process writes. The lock file beside the database says who, and how to ask it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// How to reach the process that holds the lock.
#[derive(Clone, Deserialize, Serialize)]
pub struct Holder {
    /// Its number, for messages.
    pub pid: u32,
    /// Where it listens; `None` for a one-time collection.
    pub address: Option<String>,
    /// The token of this run for requests that change state. The file is readable by its owner only.
    pub token: Option<String>,
}

/// The lock could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error("another gpurate{} is writing to `{path}`: ask it, or stop it first", .holder.as_ref().map(|holder| format!(" (process {})", holder.pid)).unwrap_or_default())]
    Held {
        /// The database.
        path: String,
        /// Who, where the file says it.
        holder: Option<Holder>,
    },
    /// The file cannot be made.
    #[error("lock file `{path}`: {source}")]
    File {
        /// The lock file.
        path: String,
        /// From the system.
        source: std::io::Error,
    },
}

impl std::fmt::Debug for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "process {} at {:?}", self.pid, self.address)
    }
}

/// The right to write, until dropped or the process ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock of a database.
    ///
    /// # Errors
    /// [`LockError::Held`] with its holder.
    pub fn take(database: &Path) -> Result<Self, LockError> {
        let path = lock_path(database);
        let error = |source| LockError::File { path: path.display().to_string(), source };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(error)?;
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(error)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { file }),
            Err(TryLockError::WouldBlock) => Err(LockError::Held { path: database.display().to_string(), holder: Self::holder(database) }),
            Err(TryLockError::Error(source)) => Err(error(source)),
        }
    }

    /// Writes down how to be reached.
    ///
    /// # Errors
    /// From the system.
    pub fn announce(&mut self, holder: &Holder) -> std::io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(&serde_json::to_vec(holder)?)?;
        self.file.flush()
    }

    /// Who holds the lock of a database now; `None` where nobody does or it does not say.
    pub fn holder(database: &Path) -> Option<Holder> {
        let mut file = OpenOptions::new().read(true).write(true).open(lock_path(database)).ok()?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {}
            _ => return None,
        }
        let mut text = String::new();
        Read::by_ref(&mut file).take(10_000).read_to_string(&mut text).ok()?;
        serde_json::from_str(&text).ok()
    }
}

fn lock_path(database: &Path) -> PathBuf {
    // Two names of one file are one database: the lock lies beside the file itself.
    let real = std::fs::canonicalize(database).unwrap_or_else(|_| database.to_path_buf());
    let mut name = real.into_os_string();
    name.push(".lock");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_writer_is_refused_and_learns_whom_to_ask() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = folder.path().join("a.db");
        let mut lock = Lock::take(&database).expect("the first");
        lock.announce(&Holder { pid: 7, address: Some("127.0.0.1:1".into()), token: Some("hunter2".into()) }).expect("announced");
        let error = Lock::take(&database).expect_err("the second");
        assert!(error.to_string().contains("process 7") && !format!("{error:?}").contains("hunter2"), "{error}");
        assert_eq!(Lock::holder(&database).and_then(|holder| holder.token), Some("hunter2".to_owned()));
        drop(lock);
        assert!(Lock::holder(&database).is_none());
        Lock::take(&database).expect("free again");
    }
}
