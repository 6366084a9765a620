//! One process writes. The lock file beside the database says who, and how to ask it. A lock file can be deleted and a database can have two
//! names in two folders (a hard link): so the database's file itself is locked too, by [`FileGuard`].

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
    /// None where the database is not there yet: whoever makes it takes its own.
    _guard: Option<FileGuard>,
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
        let held = || LockError::Held { path: database.display().to_string(), holder: Self::holder(database) };
        // Before the lock file, which a process that is refused must not make anew.
        let guard = FileGuard::take(database).map_err(|_| held())?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(error)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { file, _guard: guard }),
            Err(TryLockError::WouldBlock) => Err(held()),
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

/// Another process has the database's file.
#[derive(Debug)]
pub(super) struct FileHeld;

/// The database's file is this process's, until the last guard of it is dropped or the process ends.
///
/// The lock is `flock`'s, which knows the file whatever its name and, on Linux, does not meet with the `fcntl` locks of SQLite. But a process
/// loses those with the first descriptor of the file that it closes: what is opened here stays open as long as the process lives, one
/// descriptor for each file. Elsewhere the two kinds do meet: there the lock file has to do, as it has where a file system knows no `flock`.
#[derive(Debug)]
pub(super) struct FileGuard {
    #[cfg(target_os = "linux")]
    file: linux::Identity,
}

#[cfg(not(target_os = "linux"))]
impl FileGuard {
    pub(super) fn take(_database: &Path) -> Result<Option<Self>, FileHeld> {
        Ok(None)
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeMap;
    use std::collections::btree_map::Entry;
    use std::fs::{File, Metadata, TryLockError};
    use std::os::unix::fs::MetadataExt as _;
    use std::path::Path;
    use std::sync::{Mutex, PoisonError};

    use super::{FileGuard, FileHeld};

    /// Device and number of a file.
    pub(super) type Identity = (u64, u64);

    struct Held {
        file: File,
        guards: usize,
    }

    /// Never shorter: see [`FileGuard`].
    static OPENED: Mutex<BTreeMap<Identity, Held>> = Mutex::new(BTreeMap::new());

    impl FileGuard {
        /// The lock of a database's file; `None` where there is no such file yet, or it cannot be locked.
        pub(in super::super) fn take(database: &Path) -> Result<Option<Self>, FileHeld> {
            let identity = |known: Metadata| (known.dev(), known.ino());
            let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
            let Ok(known) = std::fs::metadata(database).map(identity) else { return Ok(None) };
            let held = match opened.entry(known) {
                Entry::Occupied(held) => held.into_mut(),
                Entry::Vacant(place) => {
                    // For reading alone: NFS, which makes `fcntl` locks of these, refuses that.
                    let Ok(file) = File::open(database) else { return Ok(None) };
                    if file.metadata().map(identity).ok() != Some(known) {
                        // Another file took its name just now. That one may be open already, so that this must not be closed.
                        std::mem::forget(file);
                        return Err(FileHeld);
                    }
                    place.insert(Held { file, guards: 0 })
                }
            };
            if held.guards == 0 {
                match held.file.try_lock() {
                    Ok(()) => {}
                    Err(TryLockError::WouldBlock) => return Err(FileHeld),
                    Err(TryLockError::Error(_)) => return Ok(None),
                }
            }
            held.guards += 1;
            Ok(Some(Self { file: known }))
        }
    }

    impl Drop for FileGuard {
        fn drop(&mut self) {
            let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(held) = opened.get_mut(&self.file) else { return };
            held.guards -= 1;
            if held.guards == 0 {
                let _unlocked_at_the_end = held.file.unlock();
            }
        }
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
