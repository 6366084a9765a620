//! Where a lake lies: a folder, or a bucket of S3 with a prefix. Each file is there whole or as it was before: a folder's is
//! written under another name and renamed, a bucket's is one PUT.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use futures_util::TryStreamExt as _;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::path::Path as Key;
use object_store::{ClientConfigKey, ObjectStore as _, ObjectStoreExt as _};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use super::LakeError;
use crate::config::{LakeKeys, LakeSection, shown};

/// One file's way to the bucket, at most: a day's file may have many megabytes, and a line may be slow.
const REQUEST_TIMEOUT: &str = "300 seconds";
/// Characters of a reason.
const REASON_CHARACTERS_MAX: usize = 300;

/// A place for files. Blocking.
pub trait Target: Send {
    /// As it was named.
    fn shown(&self) -> &str;
    /// The files below a folder, by name from the lake's root, with their sizes.
    ///
    /// # Errors
    /// [`LakeError::Target`].
    fn list(&self, folder: &str) -> Result<HashMap<String, u64>, LakeError>;
    /// A file's content; `None` where it is not there.
    ///
    /// # Errors
    /// [`LakeError::Target`].
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, LakeError>;
    /// Writes a file, whole or not at all, in the place of the one that is there.
    ///
    /// # Errors
    /// [`LakeError::Target`].
    fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), LakeError>;
    /// Keeps other writers out until it is dropped, where the place can.
    ///
    /// # Errors
    /// [`LakeError::Wrong`] where another one writes.
    fn lock(&mut self) -> Result<(), LakeError>;
}

/// Opens a place by its name. Nothing is made and nobody is asked yet. `cancel`: no answer is waited for any more.
///
/// # Errors
/// [`LakeError::Wrong`].
pub fn open(named: &str, section: &LakeSection, keys: &LakeKeys, cancel: &CancellationToken) -> Result<Box<dyn Target>, LakeError> {
    if let Some(place) = named.strip_prefix("s3://") {
        return Ok(Box::new(S3::new(named, place, section, keys, cancel.clone())?));
    }
    if let Some((scheme, _)) = named.split_once("://") {
        return Err(LakeError::Wrong(format!("a lake lies in a folder or at `s3://bucket/prefix`; `{scheme}://` is neither")));
    }
    if named.is_empty() || Path::new(named).is_file() {
        return Err(LakeError::Wrong(format!("`{named}` is not the name of a folder")));
    }
    Ok(Box::new(Folder { root: named.into(), shown: named.to_owned(), lock: None }))
}

/// Whether a place can be meant. Nothing is made and nobody is asked.
///
/// # Errors
/// [`LakeError::Wrong`].
pub fn check(named: &str, section: &LakeSection, keys: &LakeKeys) -> Result<(), LakeError> {
    open(named, section, keys, &CancellationToken::new()).map(drop)
}

fn shortened(reason: &str) -> String {
    // From there on it is the body of an answer, which may name keys.
    let reason = reason.split(['<', '{', '\n']).next().unwrap_or_default().trim_end_matches([':', ' ']);
    // It may name an address, with all that is in it.
    shown::text(reason).chars().take(REASON_CHARACTERS_MAX).collect()
}

struct Folder {
    root: PathBuf,
    shown: String,
    lock: Option<File>,
}

impl Folder {
    fn failed(&self, doing: &'static str, name: &str) -> impl FnOnce(io::Error) -> LakeError {
        let (target, name) = (self.shown.clone(), name.to_owned());
        move |error| LakeError::Target { target, doing, name, reason: error.to_string() }
    }

    fn walk(&self, folder: &Path, name: &str, into: &mut HashMap<String, u64>) -> io::Result<()> {
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let Ok(own) = entry.file_name().into_string() else { continue };
            let name = format!("{name}/{own}");
            let known = entry.metadata()?;
            if known.is_dir() {
                self.walk(&entry.path(), &name, into)?;
            } else {
                into.insert(name, known.len());
            }
        }
        Ok(())
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let folder = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder)?;
        // A name that no reader of Parquet looks at, and that a next attempt takes again where this one is killed.
        let partial = folder.join(format!(".{}.partial", path.file_name().unwrap_or_default().to_string_lossy()));
        let written = File::create(&partial).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&partial, path)
        });
        if written.is_err() {
            let _never_whole = fs::remove_file(&partial);
        }
        written?;
        // Not every system lets a folder be synced: then its new name is on the disk soon.
        let _soon = File::open(folder).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

impl Target for Folder {
    fn shown(&self) -> &str {
        &self.shown
    }

    fn list(&self, folder: &str) -> Result<HashMap<String, u64>, LakeError> {
        let mut files = HashMap::new();
        self.walk(&self.root.join(folder), folder, &mut files).map_err(self.failed("cannot list", folder))?;
        Ok(files)
    }

    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, LakeError> {
        match fs::read(self.root.join(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed("cannot read", name)(error)),
        }
    }

    fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), LakeError> {
        self.write(&self.root.join(name), &bytes).map_err(self.failed("cannot write", name))
    }

    fn lock(&mut self) -> Result<(), LakeError> {
        const NAME: &str = "_gpurate/lock";
        let path = self.root.join(NAME);
        let made = fs::create_dir_all(self.root.join("_gpurate"))
            .and_then(|()| File::options().read(true).write(true).create(true).truncate(false).open(path));
        let file = made.map_err(self.failed("cannot write", NAME))?;
        match file.try_lock() {
            Ok(()) => self.lock = Some(file),
            Err(fs::TryLockError::WouldBlock) => {
                return Err(LakeError::Wrong(format!("lake `{}`: another gpurate writes it now; let it end", self.shown)));
            }
            // A file system without locks: one's own care is what is left.
            Err(fs::TryLockError::Error(error)) => tracing::debug!(%error, "the folder cannot be locked"),
        }
        Ok(())
    }
}

struct S3 {
    store: Arc<AmazonS3>,
    prefix: Key,
    shown: String,
    /// Its own, made when it is needed: a run is blocking work, wherever it is called.
    runtime: OnceLock<Runtime>,
    cancel: CancellationToken,
}

impl S3 {
    fn new(named: &str, place: &str, section: &LakeSection, keys: &LakeKeys, cancel: CancellationToken) -> Result<Self, LakeError> {
        let named = shown::address(named);
        let wrong = |reason: String| LakeError::Wrong(format!("lake `{named}`: {reason}"));
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        if bucket.is_empty() {
            return Err(wrong("it names no bucket; write `s3://bucket/prefix`".to_owned()));
        }
        let prefix = Key::parse(prefix).map_err(|error| wrong(error.to_string()))?;
        let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket);
        if let Some(endpoint) = &section.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        if let Some(region) = &section.region {
            builder = builder.with_region(region);
        }
        if let (Some(id), Some(secret)) = (&keys.access_key_id, &keys.secret_access_key) {
            builder = builder.with_access_key_id(id.expose()).with_secret_access_key(secret.expose());
        }
        if let Some(token) = &keys.session_token {
            builder = builder.with_token(token.expose());
        }
        let endpoint = builder.get_config_value(&AmazonS3ConfigKey::Endpoint).unwrap_or_default();
        if endpoint.to_ascii_lowercase().starts_with("http://") && !section.allow_plain_http {
            let endpoint: String = shown::address(&endpoint).chars().take(100).collect();
            return Err(wrong(format!(
                "its endpoint `{endpoint}` is not encrypted; allow it by `lake.allow_plain_http` or `--allow-http`, or write `https://`"
            )));
        }
        let client = |key: ClientConfigKey| AmazonS3ConfigKey::Client(key);
        builder = builder
            .with_config(client(ClientConfigKey::AllowHttp), section.allow_plain_http.to_string())
            .with_config(client(ClientConfigKey::Timeout), REQUEST_TIMEOUT);
        let store = Arc::new(builder.build().map_err(|error| wrong(shortened(&error.to_string())))?);
        Ok(Self { store, prefix, shown: named, runtime: OnceLock::new(), cancel })
    }

    /// `Err`: the program is ending.
    fn wait<T>(&self, work: impl Future<Output = object_store::Result<T>>) -> Result<object_store::Result<T>, LakeError> {
        let runtime = match self.runtime.get() {
            Some(runtime) => runtime,
            None => {
                let made = tokio::runtime::Builder::new_current_thread().enable_all().build();
                let made = made.map_err(|error| LakeError::Wrong(format!("nothing can wait for the network: {error}")))?;
                self.runtime.get_or_init(|| made)
            }
        };
        runtime.block_on(async {
            tokio::select! {
                done = work => Ok(done),
                () = self.cancel.cancelled() => Err(LakeError::Stopped),
            }
        })
    }

    fn key(&self, name: &str) -> Key {
        self.prefix.parts().chain(Key::from(name).parts()).collect()
    }

    fn failed(&self, doing: &'static str, name: &str, error: &object_store::Error) -> LakeError {
        use object_store::Error;
        let reason = match error {
            Error::NotFound { .. } => "not found: look whether there is such a bucket".to_owned(),
            Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
                "refused: look at the keys (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, or the variables of `[lake]`) and at what they may do"
                    .to_owned()
            }
            Error::Generic { source, .. } => {
                let told = shortened(&source.to_string());
                // Without keys the client asks the machine for its role.
                if told.contains("169.254.169.254") {
                    format!(
                        "no keys are given (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, or the variables of `[lake]`), and no role: {told}"
                    )
                } else if told.contains("404 Not Found") {
                    format!("look whether there is such a bucket: {told}")
                } else {
                    told
                }
            }
            other => shortened(&other.to_string()),
        };
        LakeError::Target { target: self.shown.clone(), doing, name: name.to_owned(), reason }
    }
}

impl Target for S3 {
    fn shown(&self) -> &str {
        &self.shown
    }

    fn list(&self, folder: &str) -> Result<HashMap<String, u64>, LakeError> {
        let root = self.prefix.parts().count();
        let listed = self.wait(self.store.list(Some(&self.key(folder))).try_collect::<Vec<_>>())?;
        let listed = listed.map_err(|error| self.failed("cannot list", folder, &error))?;
        let name = |key: &Key| key.parts().skip(root).map(|part| part.as_ref().to_owned()).collect::<Vec<_>>().join("/");
        Ok(listed.iter().map(|object| (name(&object.location), object.size)).collect())
    }

    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, LakeError> {
        let key = self.key(name);
        let got = self.wait(async { self.store.get(&key).await?.bytes().await })?;
        match got {
            Ok(bytes) => Ok(Some(bytes.into())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.failed("cannot read", name, &error)),
        }
    }

    fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), LakeError> {
        let put = self.wait(self.store.put(&self.key(name), bytes.into()))?;
        put.map(|_| ()).map_err(|error| self.failed("cannot write", name, &error))
    }

    /// A bucket has no locks. Two writers of one database write the same bytes.
    fn lock(&mut self) -> Result<(), LakeError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(named: &str, section: &LakeSection) -> String {
        check(named, section, &LakeKeys::default()).expect_err("refused").to_string()
    }

    #[test]
    fn a_place_that_is_none_is_refused_with_the_way_out() {
        let usual = LakeSection::default();
        for (named, part) in
            [("gs://bucket", "`gs://` is neither"), ("s3://", "names no bucket"), ("s3:///a", "names no bucket"), ("", "not the name")]
        {
            let error = refused(named, &usual);
            assert!(error.contains(part), "{named}: {error}");
        }
    }

    #[test]
    fn plain_http_is_refused_unless_it_is_allowed() {
        let mut section = LakeSection { endpoint: Some("HTTP://127.0.0.1:9".to_owned()), ..LakeSection::default() };
        let error = refused("s3://bucket/a", &section);
        assert!(error.contains("not encrypted") && error.contains("--allow-http"), "{error}");
        section.allow_plain_http = true;
        assert!(check("s3://bucket/a", &section, &LakeKeys::default()).is_ok());
        section = LakeSection { endpoint: Some("https://s3.example.com".to_owned()), ..LakeSection::default() };
        assert!(check("s3://bucket/a", &section, &LakeKeys::default()).is_ok());
    }

    #[test]
    fn the_body_of_an_answer_is_in_no_message() {
        let told =
            "Server returned non-2xx status code: 403 Forbidden: <?xml version=\"1.0\"?><AWSAccessKeyId>AKIAEXAMPLE</AWSAccessKeyId>";
        assert_eq!(shortened(told), "Server returned non-2xx status code: 403 Forbidden");
        assert_eq!(shortened("403: {\"key\":\"AKIAEXAMPLE\"}"), "403");
    }

    #[test]
    fn a_file_of_a_folder_is_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let target =
            open(&folder.path().join("lake").to_string_lossy(), &LakeSection::default(), &LakeKeys::default(), &CancellationToken::new())
                .expect("a folder");
        assert!(target.list("changes").expect("nothing yet").is_empty());
        assert_eq!(target.get("a/b").expect("nothing yet"), None);
        for content in ["one", "another"] {
            target.put("changes/date=2026-11-20/a.parquet", content.into()).expect("written");
            assert_eq!(target.get("changes/date=2026-11-20/a.parquet").expect("read").as_deref(), Some(content.as_bytes()));
        }
        let listed = target.list("changes").expect("listed");
        assert_eq!(listed, [("changes/date=2026-11-20/a.parquet".to_owned(), 7)].into());
    }

    #[test]
    fn two_do_not_write_one_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = || {
            super::open(&folder.path().to_string_lossy(), &LakeSection::default(), &LakeKeys::default(), &CancellationToken::new())
                .expect("a folder")
        };
        let mut first = open();
        first.lock().expect("the first");
        assert!(open().lock().expect_err("the second").to_string().contains("another gpurate"));
        drop(first);
        open().lock().expect("free again");
    }

    #[test]
    fn a_bucket_that_does_not_answer_holds_no_end_up() {
        // Accepts, and never says anything.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let endpoint = Some(format!("http://{}", silent.local_addr().expect("an address")));
        let section = LakeSection { endpoint, allow_plain_http: true, region: Some("us-east-1".to_owned()), ..LakeSection::default() };
        let secret = |text: &str| Some(crate::config::Secret::of_this_run(text.to_owned()));
        let keys = LakeKeys { access_key_id: secret("id"), secret_access_key: secret("secret"), session_token: None };
        let cancel = CancellationToken::new();
        let target = open("s3://bucket/a", &section, &keys, &cancel).expect("a place");
        std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(50));
            cancel.cancel();
        });
        assert!(matches!(target.put("a", vec![1]), Err(LakeError::Stopped)));
    }
}
