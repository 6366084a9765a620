//! The pages, their JSON and CSV as a folder of files that any host can serve: a snapshot of one moment.
//!
//! Nothing is rendered here: the daemon's own router answers every address, in this process, and only links and forms are rewritten.
//! What is published: `addresses`. How a folder is written without leaving half a page or touching a file of others: `folder`.

mod addresses;
mod folder;
mod links;

use std::collections::{BTreeMap, VecDeque};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode};
use chrono::{DateTime, Utc};
use futures_util::StreamExt as _;
use serde::Serialize;
use tower::ServiceExt as _;

use crate::daemon::Daemon;
use crate::http::{self, Shared};
use crate::web::{self, Frame, Lang, SnapshotForm, SnapshotNotice};
use addresses::{Address, Kind};
use folder::Folder;
use links::{Inserted, Target};

pub use folder::{FolderError, Swapped};

/// The document that says what the snapshot is and what is not in it.
const CONTENTS: &str = "snapshot.json";
/// An archived answer that is larger is left out.
const ARCHIVED_BYTES_MAX: u64 = 5_000_000;
/// A site has fewer files, however many offers there are: its pages are of the tables of GPUs and providers, and each links so many
/// offers at most.
const FILES_MAX: usize = 100_000;
/// What a page in a folder may load. A page that is opened as a file has no origin of its own, so `file:` is named.
const POLICY: &str = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'self' file:; \
                      img-src 'self' file:; form-action 'none'; base-uri 'none'\">";

/// How a site is published.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where a gpurate runs that answers questions, without a slash at the end; `None`: nowhere.
    pub live: Option<String>,
    /// JSON, CSV and archived answers are left out where the site would have more bytes.
    pub bytes_max: u64,
    /// Archived answers have at most so many of them.
    pub archived_bytes_max: u64,
    /// Write among files of others, and over them.
    pub force: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { live: None, bytes_max: 500_000_000, archived_bytes_max: 50_000_000, force: false }
    }
}

/// How far it is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Answers that are written down.
    pub done: usize,
    /// Those that are known of.
    pub known: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// An address that others of the site lead to and that is not in it.
#[derive(Clone, Debug, Serialize)]
pub struct LeftOut {
    /// As the daemon has it.
    pub address: String,
    /// Why.
    pub why: String,
}

/// What was published.
#[derive(Clone, Debug, Serialize)]
pub struct Published {
    /// The moment that every price and age is of.
    pub as_of: DateTime<Utc>,
    /// Every figure is made up.
    pub sample: bool,
    /// Where a gpurate runs that answers questions.
    pub live: Option<String>,
    /// Pages, of all languages together.
    pub pages: usize,
    /// JSON documents, without this one.
    pub documents: usize,
    /// CSV files.
    pub rows: usize,
    /// Archived answers of providers.
    pub archived: usize,
    /// All files but this one.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// What is not in it, though a page speaks of it.
    pub left_out: Vec<LeftOut>,
}

/// Why a site cannot be published. The one that was there before stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A page that must be there is not.
    #[error("`{address}` is answered with {status}: {detail}")]
    Answer {
        /// Of what.
        address: String,
        /// Its status.
        status: u16,
        /// What it says.
        detail: String,
    },
    /// An answer that breaks off.
    #[error("the answer to `{address}` breaks off: {reason}")]
    Cut {
        /// Of what.
        address: String,
        /// Why.
        reason: String,
    },
    /// A page that is none.
    #[error("the page `{address}` cannot be rewritten: {reason}")]
    Page {
        /// Which.
        address: String,
        /// Why.
        reason: String,
    },
    /// A fault of the names.
    #[error("`{one}` and `{other}` would be the same file")]
    Twice {
        /// One address.
        one: String,
        /// The other.
        other: String,
    },
    /// More than a site has.
    #[error("the pages lead to more than {FILES_MAX} files")]
    TooMany,
}

/// What became of an address.
enum Fate {
    File(String),
    LeftOut(String),
}

/// Publishes what the daemon answers at `as_of` into `folder`.
///
/// # Errors
/// [`PublishError`]; the folder is then as it was, or of old and new files that are each whole.
pub async fn publish(
    daemon: Arc<Daemon>,
    as_of: DateTime<Utc>,
    folder: &Path,
    options: &Options,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<(Published, Swapped), PublishError> {
    let as_of = crate::prices::floor_as_of(as_of);
    let sample = daemon.market().sample;
    let folder = Folder::open(folder, options.force)?;
    let router = http::router(Shared::of_moment(daemon, as_of));
    let mut site = Site {
        router,
        folder,
        options,
        as_of,
        sample,
        queues: BTreeMap::new(),
        known: 0,
        fates: BTreeMap::new(),
        files: BTreeMap::new(),
        pages: Vec::new(),
        bytes: 0,
        archived_bytes: 0,
    };
    site.collect(progress).await?;
    site.rewrite()?;
    let (contents, folder) = site.finish()?;
    let swapped = folder.swap(&addresses::LAST)?;
    Ok((contents, swapped))
}

struct Site<'a> {
    router: Router,
    folder: Folder,
    options: &'a Options,
    as_of: DateTime<Utc>,
    sample: bool,
    /// What is still to be asked; each address is once in it.
    queues: BTreeMap<Kind, VecDeque<Address>>,
    known: usize,
    fates: BTreeMap<Address, Option<Fate>>,
    /// Whose each file is, by its name in lower case: not every file system tells them apart.
    files: BTreeMap<String, (Address, Kind)>,
    pages: Vec<(Address, String)>,
    bytes: u64,
    archived_bytes: u64,
}

impl Site<'_> {
    fn queue(&mut self, address: Address) {
        let Some(kind) = address.kind() else { return };
        if self.fates.contains_key(&address) {
            return;
        }
        self.fates.insert(address.clone(), None);
        self.known += 1;
        self.queues.entry(kind).or_default().push_back(address);
    }

    /// Asks every address, beginning with pages, which lead to the others, and keeps the answers out of sight.
    async fn collect(&mut self, progress: &mut (dyn FnMut(Progress) + Send)) -> Result<(), PublishError> {
        let starts: Vec<Address> = addresses::starts().collect();
        starts.iter().for_each(|address| self.queue(address.clone()));
        let mut done = 0;
        while let Some((kind, address)) = self.queues.iter_mut().find_map(|(kind, queue)| Some((*kind, queue.pop_front()?))) {
            if self.known > FILES_MAX {
                return Err(PublishError::TooMany);
            }
            let must_be = kind == Kind::Asset || starts.contains(&address);
            let fate = self.ask(kind, &address, must_be).await?;
            if let (Kind::Page, Fate::File(file)) = (kind, &fate) {
                let html = self.page(&address, file)?;
                let found = links::links(&html).map_err(|error| no_page(&address, &error))?;
                found.iter().filter_map(|href| Address::of_link(href)).for_each(|(address, _)| self.queue(address));
                self.pages.push((address.clone(), file.clone()));
            }
            self.fates.insert(address, Some(fate));
            done += 1;
            progress(Progress { done, known: self.known, bytes: self.bytes });
        }
        Ok(())
    }

    async fn ask(&mut self, kind: Kind, address: &Address, must_be: bool) -> Result<Fate, PublishError> {
        let room = match kind {
            Kind::Asset | Kind::Page => u64::MAX,
            Kind::Document | Kind::Rows => self.options.bytes_max.saturating_sub(self.bytes),
            Kind::Archived => {
                let of_all = self.options.bytes_max.saturating_sub(self.bytes);
                of_all.min(self.options.archived_bytes_max.saturating_sub(self.archived_bytes)).min(ARCHIVED_BYTES_MAX)
            }
        };
        if room == 0 {
            return Ok(Fate::LeftOut(no_room(kind)));
        }
        let request = Request::get(address.request()).body(Body::empty());
        let request = request.map_err(|error| cut(address, &error))?;
        let response = self.router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        let status = response.status();
        if status != StatusCode::OK {
            let problem = response.extensions().get::<http::problem::Problem>();
            let detail = problem.map_or_else(|| format!("it is answered with {status}"), |problem| problem.detail.clone());
            return match must_be || (status.is_server_error() && kind != Kind::Archived) {
                true => Err(PublishError::Answer { address: address.request(), status: status.as_u16(), detail }),
                false => Ok(Fate::LeftOut(detail)),
            };
        }
        let stream = response.into_body().into_data_stream();
        let file = address.file(kind, self.sample);
        if let Some((other, _)) = self.files.insert(file.to_lowercase(), (address.clone(), kind)) {
            return Err(PublishError::Twice { one: other.request(), other: address.request() });
        }
        let Some(bytes) = self.keep(address, &file, stream, room).await? else {
            self.folder.discard(&file);
            self.files.remove(&file.to_lowercase());
            return Ok(Fate::LeftOut(no_room(kind)));
        };
        self.bytes += bytes;
        if kind == Kind::Archived {
            self.archived_bytes += bytes;
        }
        Ok(Fate::File(file))
    }

    /// Writes an answer down, piece by piece; `None` where it is larger than there is room for.
    async fn keep(&self, address: &Address, file: &str, mut stream: BodyDataStream, room: u64) -> Result<Option<u64>, PublishError> {
        let mut into = self.folder.create(file)?;
        let mut bytes = 0;
        while let Some(piece) = stream.next().await {
            let piece = piece.map_err(|error| cut(address, &error))?;
            bytes += piece.len() as u64;
            if bytes > room {
                return Ok(None);
            }
            into.write_all(&piece).map_err(|source| FolderError::File { path: self.folder.staged(file), source })?;
        }
        Ok(Some(bytes))
    }

    fn page(&self, address: &Address, file: &str) -> Result<String, PublishError> {
        String::from_utf8(self.folder.read(file)?).map_err(|error| no_page(address, &error))
    }

    /// Leads the links of every page to files, now that it is known which there are.
    fn rewrite(&mut self) -> Result<(), PublishError> {
        for (address, file) in &self.pages {
            let html = self.page(address, file)?;
            let target = |href: &str| self.target(file, href);
            let inserted = self.inserted(address, file).map_err(|error| no_page(address, &error))?;
            let html = links::rewrite(&html, target, &inserted).map_err(|error| no_page(address, &error))?;
            self.folder.write(file, html.as_bytes())?;
        }
        Ok(())
    }

    fn target(&self, from: &str, href: &str) -> Target {
        let Some((address, fragment)) = Address::of_link(href) else { return Target::Same };
        match (self.fates.get(&address), &self.options.live) {
            (Some(Some(Fate::File(file))), _) => Target::At(format!("{}{fragment}", addresses::relative(from, file))),
            (_, Some(live)) => Target::At(format!("{live}{}{fragment}", address.request())),
            _ => Target::Nowhere,
        }
    }

    fn inserted(&self, address: &Address, file: &str) -> Result<Inserted, askama::Error> {
        let lang = if address.request().starts_with("/fr/") { Lang::Fr } else { Lang::En };
        let p = Frame { lang, path: String::new(), query: String::new(), as_of: self.as_of, sample: self.sample, data: Vec::new() };
        let live = self.options.live.as_ref().map(|live| format!("{live}{}", address.request()));
        Ok(Inserted {
            left_out: web::left_out_of_snapshot(lang),
            form: web::render(&SnapshotForm { p: p.clone(), live: live.clone() })?,
            notice: web::render(&SnapshotNotice { p, live, contents: addresses::relative(file, CONTENTS) })?,
            policy: POLICY.to_owned(),
        })
    }

    /// Counts, and writes down what there is.
    fn finish(mut self) -> Result<(Published, Folder), PublishError> {
        let mut bytes = 0;
        let file = |fate: &Option<Fate>| match fate {
            Some(Fate::File(file)) => Some(file.clone()),
            _ => None,
        };
        let names: Vec<String> = self.fates.values().filter_map(file).collect();
        for name in &names {
            bytes += self.folder.finish(name)?;
        }
        let left_out = self.fates.iter().filter_map(|(address, fate)| match fate {
            Some(Fate::LeftOut(why)) => Some(LeftOut { address: address.request(), why: why.clone() }),
            _ => None,
        });
        let count = |wanted: Kind| self.files.values().filter(|(_, kind)| *kind == wanted).count();
        let published = Published {
            as_of: self.as_of,
            sample: self.sample,
            live: self.options.live.clone(),
            pages: count(Kind::Page),
            documents: count(Kind::Document),
            rows: count(Kind::Rows),
            archived: count(Kind::Archived),
            files: names.len(),
            bytes,
            left_out: left_out.collect(),
        };
        self.folder.write(CONTENTS, &serde_json::to_vec_pretty(&published).expect("texts and numbers are JSON"))?;
        self.folder.finish(CONTENTS)?;
        Ok((published, self.folder))
    }
}

fn no_room(kind: Kind) -> String {
    match kind {
        Kind::Archived => "an archived answer that is too large, or beyond the bytes that they have together".to_owned(),
        _ => "beyond the bytes that the site may have".to_owned(),
    }
}

fn no_page(address: &Address, reason: &impl std::fmt::Display) -> PublishError {
    PublishError::Page { address: address.request(), reason: reason.to_string() }
}

fn cut(address: &Address, reason: &impl std::fmt::Display) -> PublishError {
    PublishError::Cut { address: address.request(), reason: reason.to_string() }
}
