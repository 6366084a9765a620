//! A folder that holds a published site, and maybe files of others.
//!
//! New files are written beside the old ones, in a folder of their own, and then take their places one by one, each whole. A list of
//! what was written says what is ours: nothing else is replaced or removed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Names the files that were written, below the folder.
const LIST: &str = ".gpurate-publish.json";
/// Holds what is being written.
const STAGING: &str = ".gpurate-publish.new";

/// Why a folder cannot be published into.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Somebody else's.
    #[error("`{}` holds files and was not published by gpurate before (it has no `{LIST}`): name another folder, or write among them with --force", .0.display())]
    Foreign(PathBuf),
    /// A file stands where one of ours goes.
    #[error("`{}` was not written by gpurate, or was changed since: move it away, or replace it with --force", .0.display())]
    Occupied(PathBuf),
    /// Two at once.
    #[error("another gpurate is publishing into `{}` now", .0.display())]
    Busy(PathBuf),
    /// The list cannot be believed.
    #[error("`{}` is damaged ({reason}): delete it and publish with --force", .path.display())]
    List {
        /// The list.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// From the system.
    #[error("`{}`: {source}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// From the system.
        source: io::Error,
    },
}

/// What we wrote: each file with the hashes it may have. They are two while a newer one takes its place.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    /// For who looks into it.
    about: String,
    files: BTreeMap<String, BTreeSet<String>>,
}

/// What became of the files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swapped {
    /// New, or with new content.
    pub written: usize,
    /// With the content they had.
    pub unchanged: usize,
    /// Of an earlier run, and no more part of the site.
    pub removed: usize,
    /// The same, but changed by somebody since: they stay.
    pub left: usize,
}

/// A folder that is being published into, by one process at a time.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    force: bool,
    old: List,
    new: BTreeMap<String, String>,
    #[cfg(unix)]
    _lock: File,
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> FolderError {
    let path = path.to_owned();
    move |source| FolderError::File { path, source }
}

impl Folder {
    /// Makes the folder where it is not there, and clears away what a run that was killed had begun.
    ///
    /// # Errors
    /// [`FolderError`]; nothing was changed.
    pub(super) fn open(root: &Path, force: bool) -> Result<Self, FolderError> {
        std::fs::create_dir_all(root).map_err(at(root))?;
        // Whoever dies lets go of it.
        #[cfg(unix)]
        let _lock = {
            let lock = File::open(root).map_err(at(root))?;
            match lock.try_lock() {
                Ok(()) => lock,
                Err(TryLockError::WouldBlock) => return Err(FolderError::Busy(root.to_owned())),
                Err(TryLockError::Error(source)) => return Err(at(root)(source)),
            }
        };
        let list = root.join(LIST);
        let old = match std::fs::read(&list) {
            Ok(bytes) => read_list(&list, &bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut others = std::fs::read_dir(root).map_err(at(root))?.filter_map(Result::ok);
                if !force && others.any(|entry| entry.file_name() != STAGING) {
                    return Err(FolderError::Foreign(root.to_owned()));
                }
                List::default()
            }
            Err(error) => return Err(at(&list)(error)),
        };
        let folder = Self {
            root: root.to_owned(),
            force,
            old,
            new: BTreeMap::new(),
            #[cfg(unix)]
            _lock,
        };
        folder.clear()?;
        Ok(folder)
    }

    fn clear(&self) -> Result<(), FolderError> {
        let staging = self.root.join(STAGING);
        match std::fs::remove_dir_all(&staging) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(&staging)(error)),
            _ => Ok(()),
        }
    }

    /// Where a file is while it is not in its place.
    pub(super) fn staged(&self, name: &str) -> PathBuf {
        self.root.join(STAGING).join(name)
    }

    /// Makes a file of that name, empty, out of sight.
    ///
    /// # Errors
    /// From the system.
    pub(super) fn create(&self, name: &str) -> Result<File, FolderError> {
        let path = self.staged(name);
        let folder = path.parent().unwrap_or(&self.root);
        std::fs::create_dir_all(folder).map_err(at(folder))?;
        File::create(&path).map_err(at(&path))
    }

    /// Writes a whole file, out of sight.
    ///
    /// # Errors
    /// From the system.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        io::Write::write_all(&mut self.create(name)?, bytes).map_err(at(&self.staged(name)))
    }

    /// Reads a file back that was written out of sight.
    ///
    /// # Errors
    /// From the system.
    pub(super) fn read(&self, name: &str) -> Result<Vec<u8>, FolderError> {
        let path = self.staged(name);
        std::fs::read(&path).map_err(at(&path))
    }

    /// Lets a file of the site go again.
    pub(super) fn discard(&self, name: &str) {
        let _never_there = std::fs::remove_file(self.staged(name));
    }

    /// Says that a file is whole, and returns its bytes.
    ///
    /// # Errors
    /// From the system.
    pub(super) fn finish(&mut self, name: &str) -> Result<u64, FolderError> {
        let path = self.staged(name);
        let (hash, bytes) = hash_of(&path).map_err(at(&path))?;
        self.new.insert(name.to_owned(), hash);
        Ok(bytes)
    }

    /// Puts every file in its place: what others lead to first, pages after it, `last` at the end in this order. Then removes files
    /// of earlier runs that are no more part of the site.
    ///
    /// # Errors
    /// [`FolderError::Occupied`] before anything is changed; else from the system, with every file either old or new.
    pub(super) fn swap(mut self, last: &[&str]) -> Result<Swapped, FolderError> {
        let mut swapped = Swapped::default();
        let mut changed = Vec::new();
        for (name, hash) in &self.new {
            match self.there(name)? {
                Some(there) if there == *hash => swapped.unchanged += 1,
                Some(there) if !self.force && !self.old.files.get(name).is_some_and(|ours| ours.contains(&there)) => {
                    return Err(FolderError::Occupied(self.root.join(name)));
                }
                _ => changed.push(name.clone()),
            }
        }
        let place = |name: &String| (last.iter().position(|late| late == name).map_or(0, |place| place + 1), name.ends_with(".html"));
        changed.sort_by_key(|name| (place(name), name.clone()));
        // Both are ours until it is done.
        let mut both = self.old.clone();
        for (name, hash) in &self.new {
            both.files.entry(name.clone()).or_default().insert(hash.clone());
        }
        self.save(both)?;
        for name in &changed {
            let path = self.root.join(name);
            let folder = path.parent().unwrap_or(&self.root);
            std::fs::create_dir_all(folder).map_err(at(folder))?;
            std::fs::rename(self.staged(name), &path).map_err(at(&path))?;
        }
        swapped.written = changed.len();
        for (name, hashes) in std::mem::take(&mut self.old.files) {
            if self.new.contains_key(&name) {
                continue;
            }
            match self.there(&name)? {
                Some(there) if hashes.contains(&there) => {
                    self.remove(&name)?;
                    swapped.removed += 1;
                }
                Some(_) => swapped.left += 1,
                None => {}
            }
        }
        let files = self.new.iter().map(|(name, hash)| (name.clone(), BTreeSet::from([hash.clone()]))).collect();
        self.save(List { files, ..List::default() })?;
        self.clear()?;
        Ok(swapped)
    }

    /// The hash of what stands there now.
    fn there(&self, name: &str) -> Result<Option<String>, FolderError> {
        let path = self.root.join(name);
        match hash_of(&path) {
            Ok((hash, _)) => Ok(Some(hash)),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
            Err(source) => Err(FolderError::File { path, source }),
        }
    }

    /// Removes a file, and the folders that it leaves empty.
    fn remove(&self, name: &str) -> Result<(), FolderError> {
        let path = self.root.join(name);
        std::fs::remove_file(&path).map_err(at(&path))?;
        let above = path.ancestors().skip(1).take_while(|folder| *folder != self.root);
        // The first that is not empty ends it.
        let _emptied = above.map(std::fs::remove_dir).take_while(Result::is_ok).count();
        Ok(())
    }

    /// The list is on the disk before what it is about changes.
    fn save(&self, list: List) -> Result<(), FolderError> {
        let about = "files that `gpurate publish` wrote here: it replaces and removes no others".to_owned();
        let text = serde_json::to_vec_pretty(&List { about, ..list }).expect("texts are JSON");
        self.write(LIST, &text)?;
        let (staged, path) = (self.staged(LIST), self.root.join(LIST));
        File::open(&staged).and_then(|file| file.sync_all()).map_err(at(&staged))?;
        std::fs::rename(&staged, &path).map_err(at(&path))
    }
}

impl Drop for Folder {
    /// What was not put in its place is of no use to anybody.
    fn drop(&mut self) {
        let _stays = self.clear();
    }
}

fn hash_of(path: &Path) -> io::Result<(String, u64)> {
    let mut hasher = blake3::Hasher::new();
    let bytes = io::copy(&mut File::open(path)?, &mut hasher)?;
    Ok((hasher.finalize().to_hex().to_string(), bytes))
}

/// A list names files below its folder only.
fn read_list(path: &Path, bytes: &[u8]) -> Result<List, FolderError> {
    let damaged = |reason: String| FolderError::List { path: path.to_owned(), reason };
    let list: List = serde_json::from_slice(bytes).map_err(|error| damaged(error.to_string()))?;
    let is_below = |name: &str| !name.is_empty() && Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    match list.files.keys().find(|name| !is_below(name)) {
        Some(name) => Err(damaged(format!("`{name}` is no file below it"))),
        None => Ok(list),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAST: [&str; 1] = ["index.html"];

    fn publish(root: &Path, force: bool, files: &[(&str, &str)]) -> Result<Swapped, FolderError> {
        let mut folder = Folder::open(root, force)?;
        for (name, text) in files {
            folder.write(name, text.as_bytes())?;
            folder.finish(name)?;
        }
        folder.swap(&LAST)
    }

    fn read(root: &Path, name: &str) -> Option<String> {
        std::fs::read_to_string(root.join(name)).ok()
    }

    fn swapped(written: usize, unchanged: usize, removed: usize, left: usize) -> Swapped {
        Swapped { written, unchanged, removed, left }
    }

    #[test]
    fn a_second_run_replaces_and_removes_its_own_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        let first = [("index.html", "one"), ("gpus/old.html", "old"), ("gpus/l4.html", "l4"), ("edited.html", "ours")];
        assert_eq!(publish(root, false, &first).expect("an empty folder"), swapped(4, 0, 0, 0));
        std::fs::write(root.join("CNAME"), "prices.example.com").expect("written");
        std::fs::write(root.join("edited.html"), "theirs").expect("written");
        let second = [("index.html", "two"), ("gpus/l4.html", "l4"), ("static/a.css", "new")];
        assert_eq!(publish(root, false, &second).expect("its own folder"), swapped(2, 1, 1, 1));
        assert_eq!((read(root, "index.html"), read(root, "gpus/l4.html")), (Some("two".into()), Some("l4".into())));
        assert_eq!((read(root, "CNAME"), read(root, "edited.html")), (Some("prices.example.com".into()), Some("theirs".into())));
        assert_eq!(read(root, "gpus/old.html"), None);
        assert_eq!(publish(root, false, &[("index.html", "two")]).expect("its own folder"), swapped(0, 1, 2, 0));
        assert!(!root.join("gpus").exists() && !root.join("static").exists() && !root.join(STAGING).exists());
    }

    #[test]
    fn a_folder_of_others_is_left_alone_unless_forced() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        std::fs::write(root.join("index.html"), "theirs").expect("written");
        let site = [("index.html", "ours"), ("about.html", "a")];
        let error = publish(root, false, &site).expect_err("not ours").to_string();
        assert!(error.contains("--force") && error.contains("another folder"), "{error}");
        assert_eq!(read(root, "index.html"), Some("theirs".into()));
        publish(root, true, &site).expect("forced");
        assert_eq!(read(root, "index.html"), Some("ours".into()));
        // A file that came into its way later, too, and then nothing is changed.
        std::fs::write(root.join("index.html"), "theirs again").expect("written");
        std::fs::write(root.join("new.html"), "theirs").expect("written");
        let error = publish(root, false, &[("new.html", "n"), ("about.html", "b")]).expect_err("in the way");
        assert!(matches!(error, FolderError::Occupied(_)), "{error}");
        assert_eq!((read(root, "about.html"), read(root, "new.html")), (Some("a".into()), Some("theirs".into())));
        assert!(!root.join(STAGING).exists());
    }

    #[test]
    fn a_run_that_was_killed_leaves_whole_files_and_the_next_one_knows_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        // Killed while writing out of sight.
        std::fs::create_dir(root.join(STAGING)).expect("made");
        std::fs::write(root.join(STAGING).join("index.html"), "ha").expect("written");
        publish(root, false, &[("index.html", "one"), ("a.html", "one")]).expect("nothing of others is there");
        // Killed between two renames: the list has both.
        let mut killed = Folder::open(root, false).expect("its own");
        killed.write("a.html", b"two").expect("written");
        killed.finish("a.html").expect("whole");
        let mut both = killed.old.clone();
        both.files.entry("a.html".into()).or_default().insert(killed.new["a.html"].clone());
        killed.save(both).expect("saved");
        std::fs::rename(killed.staged("a.html"), root.join("a.html")).expect("renamed");
        drop(killed);
        assert_eq!(publish(root, false, &[("index.html", "three"), ("a.html", "three")]).expect("its own"), swapped(2, 0, 0, 0));
    }

    #[test]
    fn two_at_once_and_a_list_that_leads_out_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("site");
        let held = Folder::open(&root, false).expect("an empty folder");
        #[cfg(unix)]
        assert!(matches!(Folder::open(&root, false), Err(FolderError::Busy(_))));
        drop(held);
        let outside = folder.path().join("precious");
        std::fs::write(&outside, "x").expect("written");
        for name in ["../precious", "/etc/passwd", ""] {
            let list = format!(r#"{{"about":"","files":{{"{name}":["{}"]}}}}"#, blake3::hash(b"x").to_hex());
            std::fs::write(root.join(LIST), list).expect("written");
            assert!(matches!(Folder::open(&root, false), Err(FolderError::List { .. })), "{name}");
        }
        assert!(outside.exists());
    }
}
