//! Kept pages beside the database: one compressed file per page, named by the hash of its redacted content.
//!
//! All functions block; call them where blocking is allowed. Nothing here reads a page's meaning, and nothing a stranger
//! sends becomes a path: a hash is 64 hex digits and a provider's slug is lower-case letters and digits, or there is no page.

use std::collections::{HashMap, HashSet};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use gpurate_providers::Page;

/// Ends the name of a file that is still being written.
const UNFINISHED: &str = ".unfinished";

/// An unfinished file of this age belongs to no living writer: a page is written in seconds.
const ABANDONED_AFTER: Duration = Duration::from_secs(3600);

/// Most pages are smaller, compressed.
const PROBE_BYTES: usize = 1_000_000;

/// zstd's own default: JSON shrinks to about a tenth at some hundred megabytes a second.
const COMPRESSION_LEVEL: i32 = 3;

/// The folder of kept pages. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Archive {
    folder: PathBuf,
}

/// What [`Archive::prune`] leaves.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The greatest age of pages, by provider.
    pub age_max: HashMap<String, Duration>,
    /// The greatest age for providers that are not named.
    pub age_max_default: Duration,
    /// All pages together have at most so many bytes, compressed; pinned ones count, but stay.
    pub bytes_max: u64,
}

/// What [`Archive::prune`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Files that were deleted.
    pub deleted_files: u64,
    /// Their bytes, compressed.
    pub deleted_bytes: u64,
    /// Bytes that are left, compressed.
    pub kept_bytes: u64,
}

/// One kept page, as the file system knows it.
struct Kept {
    path: PathBuf,
    provider: String,
    hash: String,
    bytes: u64,
    received_at: SystemTime,
}

impl Archive {
    /// Opens the folder, makes it where it is not there, and removes what a crash left unfinished.
    ///
    /// # Errors
    /// The folder cannot be made or read.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let archive = Self { folder: folder.into() };
        std::fs::create_dir_all(&archive.folder)?;
        remove_abandoned(&archive.folder, UNFINISHED)?;
        for provider in subfolders(&archive.folder)? {
            for group in subfolders(&provider)? {
                remove_abandoned(&group, UNFINISHED)?;
            }
        }
        Ok(archive)
    }

    /// Writes as much as a page may have and takes it back: whether the disk has room again.
    ///
    /// # Errors
    /// It has not.
    pub fn probe(&self) -> io::Result<()> {
        let path = self.folder.join(format!(".probe{UNFINISHED}"));
        let written = std::fs::write(&path, vec![0; PROBE_BYTES]);
        let removed = std::fs::remove_file(&path);
        written.and(removed)
    }

    /// The folder to read from alone: nothing is made or removed, and where it is not there no page is kept.
    pub fn to_read(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Keeps a page; returns its compressed bytes. A page that is there already only becomes as new as this answer.
    ///
    /// A page with an empty hash could not be redacted: nothing of it is written, and 0 is returned.
    ///
    /// # Errors
    /// The file cannot be written, or the page's hash is not that of its body.
    pub fn put(&self, provider: &str, page: &Page) -> io::Result<u64> {
        if page.hash.is_empty() {
            return Ok(0);
        }
        let path = self.path(provider, &page.hash).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, format!("`{provider}/{}` cannot name a page of the archive", page.hash))
        })?;
        let received_at = SystemTime::from(page.received_at);
        if let Ok(metadata) = std::fs::metadata(&path) {
            if metadata.modified()? < received_at {
                std::fs::File::options().write(true).open(&path)?.set_modified(received_at)?;
            }
            return Ok(metadata.len());
        }
        let folder = path.parent().unwrap_or(&self.folder);
        std::fs::create_dir_all(folder)?;
        // A rename within one folder is atomic: a reader sees the whole page or none.
        let mut unfinished = tempfile::Builder::new().prefix("page-").suffix(UNFINISHED).tempfile_in(folder)?;
        let hash = compress(page.body.open()?, unfinished.as_file_mut())?;
        if hash != page.hash {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("the page `{}` changed before it was kept", page.hash)));
        }
        unfinished.as_file().set_modified(received_at)?;
        unfinished.as_file().sync_all()?;
        let bytes = unfinished.as_file().metadata()?.len();
        unfinished.persist(&path).map_err(|error| error.error)?;
        Ok(bytes)
    }

    /// The redacted body of a kept page, decompressed while it is read; `None` where it is not kept, or where provider
    /// or hash cannot be one.
    ///
    /// # Errors
    /// The file is there and cannot be opened.
    pub fn get(&self, provider: &str, hash: &str) -> io::Result<Option<impl Read + Send + use<>>> {
        let Some(path) = self.path(provider, hash) else { return Ok(None) };
        match std::fs::File::open(path) {
            Ok(file) => zstd::Decoder::with_buffer(BufReader::new(file)).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the page is kept.
    pub fn contains(&self, provider: &str, hash: &str) -> bool {
        self.path(provider, hash).is_some_and(|path| path.is_file())
    }

    /// Deletes a page that is no longer what its name says, so that the next answer is kept whole.
    ///
    /// # Errors
    /// The file cannot be deleted.
    pub fn discard(&self, provider: &str, hash: &str) -> io::Result<()> {
        let Some(path) = self.path(provider, hash) else { return Ok(()) };
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Deletes pages above their provider's age, then the oldest until all fit the budget. Those whose hash is in
    /// `pinned` stay in any case.
    ///
    /// # Errors
    /// A folder cannot be read or a file not be deleted; what was deleted before stays deleted.
    pub fn prune(&self, limits: &Limits, pinned: &HashSet<String>, now: SystemTime) -> io::Result<Pruned> {
        let mut pages = self.pages()?;
        pages.sort_by(|one, other| (one.received_at, &one.path).cmp(&(other.received_at, &other.path)));
        let mut pruned = Pruned { kept_bytes: pages.iter().map(|page| page.bytes).sum(), ..Pruned::default() };
        for page in pages.iter().filter(|page| !pinned.contains(&page.hash)) {
            let age_max = limits.age_max.get(&page.provider).copied().unwrap_or(limits.age_max_default);
            // A page of the future (the clock went back) has the age 0.
            let age = now.duration_since(page.received_at).unwrap_or_default();
            if age <= age_max && pruned.kept_bytes <= limits.bytes_max {
                continue;
            }
            std::fs::remove_file(&page.path)?;
            pruned.deleted_files += 1;
            pruned.deleted_bytes += page.bytes;
            pruned.kept_bytes -= page.bytes;
        }
        Ok(pruned)
    }

    fn path(&self, provider: &str, hash: &str) -> Option<PathBuf> {
        let slug_fits = !provider.is_empty() && provider.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        (slug_fits && is_hash(hash)).then(|| self.folder.join(provider).join(&hash[..2]).join(format!("{hash}.zst")))
    }

    fn pages(&self) -> io::Result<Vec<Kept>> {
        let mut pages = Vec::new();
        for folder in subfolders(&self.folder)? {
            let provider = name_of(&folder);
            for group in subfolders(&folder)? {
                for entry in std::fs::read_dir(&group)? {
                    let path = entry?.path();
                    let Some(hash) = name_of(&path).strip_suffix(".zst").map(str::to_owned).filter(|hash| is_hash(hash)) else { continue };
                    let metadata = std::fs::metadata(&path)?;
                    let (bytes, received_at) = (metadata.len(), metadata.modified()?);
                    pages.push(Kept { path, provider: provider.clone(), hash, bytes, received_at });
                }
            }
        }
        Ok(pages)
    }
}

/// Whether a text is a BLAKE3 hash as pages carry it: 64 lower-case hex digits.
pub fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Removes files of `folder` that end in `suffix` and were not touched for an hour: their writer ended without them.
///
/// # Errors
/// The folder cannot be read or a file not be deleted.
pub(super) fn remove_abandoned(folder: &Path, suffix: &str) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if !name_of(&path).ends_with(suffix) {
            continue;
        }
        // Another process may finish or remove its file at any moment.
        let Ok(age) = std::fs::metadata(&path).and_then(|metadata| metadata.modified()).map(|at| at.elapsed().unwrap_or_default()) else {
            continue;
        };
        if age > ABANDONED_AFTER {
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Copies `from` compressed into `to`; returns the hash of what was read.
fn compress(mut from: impl Read, to: &mut std::fs::File) -> io::Result<String> {
    let mut encoder = zstd::Encoder::new(to, COMPRESSION_LEVEL)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0_u8; 64 * 1024];
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        encoder.write_all(&buffer[..read])?;
    }
    encoder.finish()?;
    Ok(hasher.finalize().to_hex().to_string())
}

fn subfolders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            folders.push(entry.path());
        }
    }
    Ok(folders)
}

fn name_of(path: &Path) -> String {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};
    use gpurate_providers::Request;

    fn page(body: &[u8], received_at: DateTime<Utc>) -> Page {
        let mut page = Page::in_memory(Request::get("https://api.example.com/"), received_at, Vec::new(), body);
        page.hash = blake3::hash(body).to_hex().to_string();
        page
    }

    fn hour(hour: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + hour * 3600, 0).expect("a time")
    }

    fn read(archive: &Archive, provider: &str, hash: &str) -> Option<Vec<u8>> {
        let mut body = Vec::new();
        archive.get(provider, hash).expect("readable")?.read_to_end(&mut body).expect("whole");
        Some(body)
    }

    fn limits(hours: u64, bytes_max: u64) -> Limits {
        Limits { age_max: HashMap::new(), age_max_default: Duration::from_secs(hours * 3600), bytes_max }
    }

    #[test]
    fn what_is_put_is_got_and_putting_twice_keeps_one_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let archive = Archive::open(folder.path()).expect("opened");
        let body = br#"{"price": 0.24666666666666665}"#.repeat(1000);
        let page = page(&body, hour(0));
        let bytes = archive.put("vastai", &page).expect("kept");
        assert!(bytes > 0 && bytes < body.len() as u64, "{bytes}");
        assert_eq!(archive.put("vastai", &page).expect("kept"), bytes);
        assert_eq!(read(&archive, "vastai", &page.hash), Some(body));
        assert!(archive.contains("vastai", &page.hash) && !archive.contains("runpod", &page.hash));
        assert_eq!(archive.pages().expect("listed").len(), 1);
        assert_eq!(Archive::open(folder.path()).expect("opened again").pages().expect("listed").len(), 1);
    }

    #[test]
    fn a_strangers_text_never_becomes_a_path() {
        let folder = tempfile::tempdir().expect("a folder");
        let archive = Archive::open(folder.path().join("archive")).expect("opened");
        let mut page = page(b"x", hour(0));
        for provider in ["..", "", "a/b", "Vast", "a.b"] {
            assert!(archive.put(provider, &page).is_err(), "{provider}");
            assert!(archive.get(provider, &page.hash).expect("no error").is_none());
        }
        let upper = page.hash.to_uppercase();
        for hash in ["../../../etc/passwd", "ab", upper.as_str(), &"é".repeat(32)] {
            page.hash = hash.to_owned();
            assert!(archive.put("vastai", &page).is_err(), "{hash}");
            assert!(!archive.contains("vastai", hash) && archive.get("vastai", hash).expect("no error").is_none());
        }
    }

    #[test]
    fn a_page_that_could_not_be_redacted_is_not_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let archive = Archive::open(folder.path()).expect("opened");
        let mut page = page(b"10.0.0.1", hour(0));
        page.hash.clear();
        assert_eq!(archive.put("vastai", &page).expect("not an error"), 0);
        assert!(archive.pages().expect("listed").is_empty());
    }

    #[test]
    fn a_body_that_is_not_what_its_hash_says_is_refused_and_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let archive = Archive::open(folder.path()).expect("opened");
        let mut page = page(b"one", hour(0));
        page.hash = blake3::hash(b"other").to_hex().to_string();
        assert!(archive.put("vastai", &page).is_err());
        let group = folder.path().join("vastai").join(&page.hash[..2]);
        assert_eq!(std::fs::read_dir(group).expect("the folder").count(), 0);
    }

    #[test]
    fn pruning_goes_by_age_then_by_bytes_oldest_first_and_never_takes_a_pinned_page() {
        let folder = tempfile::tempdir().expect("a folder");
        let archive = Archive::open(folder.path()).expect("opened");
        let pages: Vec<_> = (0..5).map(|number| page(format!("page {number}").as_bytes(), hour(number))).collect();
        let bytes: Vec<_> = pages.iter().map(|page| archive.put("vastai", page).expect("kept")).collect();
        let left = |archive: &Archive| -> Vec<usize> {
            (0..pages.len()).filter(|number| archive.contains("vastai", &pages[*number].hash)).collect()
        };
        let pinned = HashSet::from([pages[0].hash.clone()]);

        let pruned = archive.prune(&limits(3, u64::MAX), &pinned, hour(5).into()).expect("pruned");
        assert_eq!(left(&archive), [0, 2, 3, 4], "page 1 is four hours old; page 0 is older, and pinned");
        assert_eq!((pruned.deleted_files, pruned.deleted_bytes), (1, bytes[1]));

        let two = bytes[0] + bytes[4];
        let pruned = archive.prune(&limits(1000, two), &pinned, hour(5).into()).expect("pruned");
        assert_eq!(left(&archive), [0, 4]);
        assert_eq!(pruned.kept_bytes, two);

        let by_provider = Limits { age_max: HashMap::from([("vastai".to_owned(), Duration::ZERO)]), ..limits(1000, u64::MAX) };
        archive.prune(&by_provider, &pinned, hour(3).into()).expect("pruned");
        assert_eq!(left(&archive), [0, 4], "after the clock went back nothing has an age");
        archive.prune(&by_provider, &pinned, hour(5).into()).expect("pruned");
        assert_eq!(left(&archive), [0]);
    }

    #[test]
    fn a_page_that_is_seen_again_is_as_new_as_the_answer() {
        let folder = tempfile::tempdir().expect("a folder");
        let archive = Archive::open(folder.path()).expect("opened");
        for at in [0, 9, 4] {
            archive.put("vastai", &page(b"same", hour(at))).expect("kept");
        }
        archive.prune(&limits(2, u64::MAX), &HashSet::new(), hour(10).into()).expect("pruned");
        assert_eq!(archive.pages().expect("listed").len(), 1);
    }

    #[test]
    fn what_a_crash_left_is_removed_at_open_and_a_living_writers_file_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let archive = Archive::open(folder.path()).expect("opened");
        archive.put("vastai", &page(b"kept", hour(0))).expect("kept");
        let group = folder.path().join("vastai/00");
        std::fs::create_dir_all(&group).expect("a folder");
        let old = group.join(format!("page-old{UNFINISHED}"));
        let new = group.join(format!("page-new{UNFINISHED}"));
        let file = std::fs::File::create(&old).expect("written");
        file.set_modified(SystemTime::now() - ABANDONED_AFTER - Duration::from_secs(1)).expect("dated back");
        std::fs::File::create(&new).expect("written");
        let archive = Archive::open(folder.path()).expect("opened again");
        assert!(!old.exists() && new.exists());
        assert_eq!(archive.pages().expect("listed").len(), 1, "the finished page stays");
    }
}
