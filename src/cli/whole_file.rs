//! A file that is there whole or not at all: written as `NAME.partial`, brought to the disk, then renamed.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::Usage;

/// A file in the making; dropped before [`Self::publish`] it leaves nothing behind.
pub(super) struct WholeFile {
    path: PathBuf,
    partial: PathBuf,
    published: bool,
}

impl WholeFile {
    /// Nothing is made yet; what an earlier attempt that was killed has left is removed.
    pub(super) fn new(path: &Path) -> anyhow::Result<Self> {
        anyhow::ensure!(path.file_name().is_some() && !path.is_dir(), "`{}` is not the name of a file", path.display());
        let folder = folder_of(path);
        if !folder.is_dir() {
            let what = if folder.exists() { "is no folder" } else { "is not there" };
            let told = format!("the folder `{}` {what}: make it first, or give another file than `{}`", folder.display(), path.display());
            return Err(Usage(told).into());
        }
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        match std::fs::remove_file(&partial) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("`{}` cannot be replaced", partial.display()));
            }
            _ => {}
        }
        Ok(Self { path: path.to_owned(), partial, published: false })
    }

    /// Where it is written until it is whole.
    pub(super) fn partial(&self) -> &Path {
        &self.partial
    }

    /// Makes the file, empty.
    pub(super) fn create(&self) -> anyhow::Result<File> {
        File::create_new(&self.partial).with_context(|| format!("`{}` cannot be made; give another file", self.partial.display()))
    }

    /// Gives it its name. It is on the disk before it has it.
    pub(super) fn publish(mut self) -> anyhow::Result<()> {
        let told = || format!("`{}` cannot be brought to the disk", self.path.display());
        File::options().write(true).open(&self.partial).and_then(|file| file.sync_all()).with_context(told)?;
        std::fs::rename(&self.partial, &self.path).with_context(told)?;
        self.published = true;
        sync_folder_of(&self.path);
        Ok(())
    }
}

/// A rename is on the disk when its folder is. Not every system lets a folder be synced: then it is soon.
pub(super) fn sync_folder_of(path: &Path) {
    let _soon = File::open(folder_of(path)).and_then(|folder| folder.sync_all());
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if !self.published {
            let _never_made = std::fs::remove_file(&self.partial);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_file_is_whole_or_not_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.csv");
        std::fs::write(folder.path().join("a.csv.partial"), "of a killed attempt").expect("written");
        let file = WholeFile::new(&path).expect("a name");
        file.create().expect("made").write_all(b"half").expect("written");
        assert!(!path.exists());
        drop(file);
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
        let file = WholeFile::new(&path).expect("a name");
        file.create().expect("made").write_all(b"whole").expect("written");
        file.publish().expect("published");
        assert_eq!(std::fs::read(&path).expect("read"), b"whole");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
        assert!(WholeFile::new(folder.path()).is_err(), "a folder is no file");
        assert!(WholeFile::new(Path::new("a.csv")).is_ok(), "the folder of now is there");
    }

    #[test]
    fn a_folder_that_is_missing_is_what_the_error_is_about() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("file"), "no folder").expect("written");
        for (place, what) in [("backup", "is not there"), ("file", "is no folder")] {
            let wanted = folder.path().join(place).join("gpurate.db");
            let error = WholeFile::new(&wanted).err().expect("refused");
            let told = error.to_string();
            assert!(error.is::<Usage>() && told.contains(&format!("{place}` {what}")), "{told}");
        }
    }
}
