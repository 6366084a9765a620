//! The only HTTP client: how providers are asked, with every bound there is (bytes, seconds, requests a minute, repetitions,
//! redirects). An [`Attempt`] is one part's fetch and implements the adapters' [`Transport`].
//!
//! It reads no answer's meaning. No header of a request, no body and no query string gets into a message or a log, and
//! what the manifest redacts is gone before anything is hashed or handed on.

mod address;
mod body;
mod pace;
mod reasons;
mod redact;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use backon::{ExponentialBuilder, Retryable};
use chrono::{DateTime, Utc};
use gpurate_providers::{FetchError, Method, Page, PageBody, Request, Transport};
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

pub use address::{hidden, original_url, public_request, public_url, request_key, via_url};

use crate::catalogue::Known;
use crate::collect::archive::Archive;
use crate::config::{ProviderSection, TransportSection};
use body::{BodyError, Sink};
use pace::Hosts;
use redact::Redactions;

/// Who asks: a provider that minds can find us.
const USER_AGENT: &str = concat!("gpurate/", env!("CARGO_PKG_VERSION"), " (+https://github.com/gpurate/gpurate)");

/// Headers of an answer that are kept with its page, beside `x-ratelimit-*`. Cookies are not among them.
const KEPT_HEADERS: [&str; 7] = ["content-type", "etag", "last-modified", "x-total-count", "link", "date", "retry-after"];

/// Headers of a request that say nothing about who asks: they follow a redirect to another host.
const HARMLESS_HEADERS: [&str; 2] = ["accept", "accept-language"];

/// The client of the process. Cheap to clone; clones share connections and paces.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    http: reqwest::Client,
    section: TransportSection,
    via: Option<Url>,
    /// A replay on this machine is not paced.
    paced: bool,
    spool: PathBuf,
    hosts: Hosts,
}

/// A client that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The file with further authorities.
    #[error("`transport.ca_file`: `{path}` cannot be used: {reason}")]
    CaFile {
        /// As configured.
        path: String,
        /// Unreadable, or no PEM.
        reason: String,
    },
    /// The folder for large answers.
    #[error("the folder for answers `{path}` cannot be used: {reason}")]
    Spool {
        /// The folder.
        path: String,
        /// From the system.
        reason: String,
    },
    /// The address that is asked instead.
    #[error("`transport.via`: `{via}` is no address; it should be like `http://127.0.0.1:9000`")]
    Via {
        /// As configured.
        via: String,
    },
    /// TLS cannot be set up.
    #[error("no secure connections are possible: {reason}; are the system's certificate authorities installed?")]
    Tls {
        /// In a few words.
        reason: String,
    },
}

/// What a server said to tell a changed answer from an unchanged one, and the page it said it about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validator {
    /// `ETag`, byte for byte.
    pub etag: Option<String>,
    /// `Last-Modified`, byte for byte.
    pub last_modified: Option<String>,
    /// The archived page's hash.
    pub hash: String,
}

impl Validator {
    /// The validator of a page; `None` where it carries none or may not be archived.
    pub fn of(page: &Page) -> Option<Self> {
        let header = |name| page.header(name).map(str::to_owned);
        let (etag, last_modified) = (header("etag"), header("last-modified"));
        let useful = (etag.is_some() || last_modified.is_some()) && page.request.method == Method::Get && !page.hash.is_empty();
        useful.then(|| Self { etag, last_modified, hash: page.hash.clone() })
    }
}

impl Client {
    /// A client as configured. Answers too large for memory go to `spool`.
    ///
    /// # Errors
    /// [`ClientError`] that names the option.
    pub fn new(section: &TransportSection, spool: &Path) -> Result<Self, ClientError> {
        let (http, via) = Self::http(section)?;
        let loopback = via.as_ref().is_some_and(address::is_loopback);
        let spool = body::prepare_spool(spool)
            .map_err(|error| ClientError::Spool { path: spool.display().to_string(), reason: error.to_string() })?;
        let shared = Shared { http, section: section.clone(), via, paced: !loopback, spool, hosts: Hosts::default() };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Whether a client can be made of it. Nobody is asked, and nothing is written.
    ///
    /// # Errors
    /// [`ClientError`] that names the option.
    pub fn check(section: &TransportSection) -> Result<(), ClientError> {
        Self::http(section).map(|_| ())
    }

    fn http(section: &TransportSection) -> Result<(reqwest::Client, Option<Url>), ClientError> {
        let via = section.via.as_deref().map(|via| Url::parse(via).map_err(|_| ClientError::Via { via: via.to_owned() })).transpose()?;
        // Compressed answers are undone in `body`, which sees both sizes.
        let mut builder = reqwest::Client::builder()
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(section.connect_timeout_seconds.into()))
            .user_agent(USER_AGENT);
        if via.as_ref().is_some_and(address::is_loopback) {
            builder = builder.no_proxy();
        }
        if let Some(path) = &section.ca_file {
            let error = |reason: String| ClientError::CaFile { path: path.display().to_string(), reason };
            let pem = std::fs::read(path).map_err(|inner| error(inner.to_string()))?;
            let authorities = reqwest::Certificate::from_pem_bundle(&pem).map_err(|_| error("not PEM".to_owned()))?;
            if authorities.is_empty() {
                return Err(error("no certificate in it".to_owned()));
            }
            builder = builder.tls_certs_merge(authorities);
        }
        let http = builder.build().map_err(|error| ClientError::Tls {
            reason: std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string),
        })?;
        Ok((http, via))
    }

    /// One part's fetch. Its time runs from here; `validators` are those of the part's last accepted pages, by
    /// [`request_key`].
    pub fn attempt(
        &self,
        known: &Known,
        section: &ProviderSection,
        part: &str,
        validators: HashMap<String, Validator>,
        archive: &Archive,
        cancel: CancellationToken,
    ) -> Attempt {
        let transport = &self.shared.section;
        let part_seconds = u64::from(section.part_timeout_seconds.unwrap_or(transport.part_timeout_seconds));
        let request_seconds = u64::from(section.request_timeout_seconds.unwrap_or(transport.request_timeout_seconds));
        let requests_per_minute = section.requests_per_minute.unwrap_or(known.manifest.requests_per_minute);
        Attempt {
            client: self.clone(),
            slug: known.slug(),
            part: part.to_owned(),
            hosts: known.manifest.hosts.clone(),
            redactions: Arc::new(Redactions::new(&known.manifest.redactions)),
            requests_per_minute: NonZeroU32::new(requests_per_minute).unwrap_or(NonZeroU32::MIN),
            validators,
            archive: archive.clone(),
            cancel,
            part_timeout: Duration::from_secs(part_seconds),
            deadline: Instant::now() + Duration::from_secs(part_seconds),
            request_timeout: Duration::from_secs(request_seconds),
            page_bytes_max: u64::from(transport.page_megabytes_max) * 1_000_000,
            answer_bytes_max: u64::from(transport.answer_megabytes_max) * 1_000_000,
            kept: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            bytes: Arc::new(AtomicU64::new(0)),
        }
    }
}

/// One part's fetch: sends an adapter's requests within the bounds, and counts.
pub struct Attempt {
    client: Client,
    slug: &'static str,
    part: String,
    hosts: Vec<String>,
    redactions: Arc<Redactions>,
    requests_per_minute: NonZeroU32,
    validators: HashMap<String, Validator>,
    archive: Archive,
    cancel: CancellationToken,
    part_timeout: Duration,
    deadline: Instant,
    request_timeout: Duration,
    page_bytes_max: u64,
    answer_bytes_max: u64,
    /// Bytes of its pages so far, after decompression.
    kept: AtomicU64,
    requests: AtomicU64,
    bytes: Arc<AtomicU64>,
}

/// A try that failed, and whether another may help.
#[derive(Debug)]
struct Failure {
    error: FetchError,
    again: bool,
    /// The server's own word on when.
    pause: Option<Duration>,
}

impl Failure {
    fn again(error: FetchError) -> Self {
        Self { error, again: true, pause: None }
    }
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Self {
        Self { error, again: false, pause: None }
    }
}

/// What one request brought.
enum Answer {
    Body { headers: HeaderMap, body: Arc<dyn PageBody>, hash: String },
    NotModified { headers: HeaderMap },
    Redirect { location: String },
}

#[async_trait]
impl Transport for Attempt {
    async fn send(&self, request: Request) -> Result<Page, FetchError> {
        let Some(url) = Url::parse(&request.url).ok().filter(Url::has_host) else {
            return Err(FetchError::Incomplete { reason: "the adapter asked for something that is no address".to_owned() });
        };
        self.check_target(&url, &url)?;
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(FetchError::Incomplete { reason: "the program is stopping".to_owned() }),
            outcome = tokio::time::timeout_at(self.deadline, self.send_repeatedly(&request, &url)) => {
                outcome.unwrap_or_else(|_| Err(FetchError::Timeout { host: host_of(&url), seconds: self.part_timeout.as_secs() }))
            }
        }
    }
}

impl Attempt {
    /// Requests that were sent, repetitions and redirects included.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Bytes of bodies that came, as they came.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    async fn send_repeatedly(&self, request: &Request, url: &Url) -> Result<Page, FetchError> {
        let section = &self.client.shared.section;
        let pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(section.retry_pause_ms.into()))
            .without_max_delay()
            .with_max_times(section.retries_max as usize)
            .with_jitter();
        (|| self.send_once(request, url))
            .retry(pauses)
            .when(|failure: &Failure| failure.again)
            .adjust(|failure, pause| pause.map(|pause| pause.max(failure.pause.unwrap_or_default())))
            .await
            .map_err(|failure| failure.error)
    }

    /// One try: the request, and where it is redirected to.
    async fn send_once(&self, request: &Request, url: &Url) -> Result<Page, Failure> {
        let mut validator = match request.method {
            Method::Get => self.validators.get(&request_key(request)).filter(|known| self.archive.contains(self.slug, &known.hash)),
            Method::Post => None,
        };
        let mut at = url.clone();
        let mut been = vec![at.clone()];
        loop {
            match self.ask(request, &at, at.origin() == url.origin(), validator).await? {
                Answer::Body { headers, body, hash } => return Ok(page(request, &headers, None, body, hash)),
                Answer::NotModified { headers } => {
                    let Some(known) = validator else { return Err(status(&at, StatusCode::NOT_MODIFIED).into()) };
                    match self.archived(&known.hash).await? {
                        Some(body) => return Ok(page(request, &headers, Some(known), body, known.hash.clone())),
                        // Damaged or pruned meanwhile: "not modified" says nothing then, so the whole answer is asked for.
                        None => validator = None,
                    }
                }
                Answer::Redirect { location } => {
                    at = self.follow(request, &at, &location, &been)?;
                    been.push(at.clone());
                }
            }
        }
    }

    /// Where a redirect leads, if one may go there.
    fn follow(&self, request: &Request, at: &Url, location: &str, been: &[Url]) -> Result<Url, FetchError> {
        let refuse = |reason: String| FetchError::Redirect { host: host_of(at), reason };
        if request.method != Method::Get {
            return Err(refuse("a POST is not sent elsewhere".to_owned()));
        }
        let mut target = at.join(location).map_err(|_| refuse("to something that is no address".to_owned()))?;
        if let Some(via) = &self.client.shared.via
            && target.origin() == via.origin()
        {
            let path_and_query = &target[url::Position::BeforePath..url::Position::AfterQuery];
            target = original_url(path_and_query).ok_or_else(|| refuse("to the address of `transport.via` itself".to_owned()))?;
        }
        target.set_fragment(None);
        self.check_target(&target, at)?;
        if been.contains(&target) {
            return Err(refuse("in a circle".to_owned()));
        }
        if been.len() > self.client.shared.section.redirects_max as usize {
            return Err(refuse(format!("more than {} times", self.client.shared.section.redirects_max)));
        }
        Ok(target)
    }

    /// A page may name the next address to ask: none but the manifest's hosts is ever asked, and never less securely.
    fn check_target(&self, target: &Url, from: &Url) -> Result<(), FetchError> {
        let refuse = |reason: String| Err(FetchError::Redirect { host: host_of(from), reason });
        let host = host_of(target);
        if target.scheme() != "https" && !(target.scheme() == "http" && from.scheme() == "http") {
            return refuse(format!("to `{}:`, which is not secure", target.scheme()));
        }
        if !self.hosts.contains(&host) {
            return refuse(format!("to `{host}`, which is not among the `hosts` of its manifest"));
        }
        Ok(())
    }

    /// One request to one address, in its turn and at the host's pace.
    async fn ask(&self, request: &Request, at: &Url, same_origin: bool, validator: Option<&Validator>) -> Result<Answer, Failure> {
        let shared = &self.client.shared;
        let host = host_of(at);
        let limits = shared.hosts.host(&host);
        let _turn = limits.turn().await;
        if shared.paced {
            limits.pace(self.requests_per_minute).await;
        }
        let started = Instant::now();
        let (status, bytes) = (AtomicU64::new(0), self.bytes());
        let outcome = tokio::time::timeout(self.request_timeout, async {
            let response = self.start(request, at, same_origin, validator).await?;
            status.store(response.status().as_u16().into(), Ordering::Relaxed);
            self.answer(at, response, validator.is_some()).await
        });
        let answer = outcome
            .await
            .unwrap_or_else(|_| Err(Failure::again(FetchError::Timeout { host: host.clone(), seconds: self.request_timeout.as_secs() })));
        tracing::debug!(
            provider.slug = self.slug,
            part = self.part,
            http.host = host,
            http.method = request.method.as_str(),
            http.status = status.into_inner(),
            duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            bytes = self.bytes() - bytes,
            error = answer.as_ref().err().map(|failure| failure.error.to_string()),
            "provider asked"
        );
        answer
    }

    /// Sends the request; returns when the answer's headers are there.
    async fn start(
        &self,
        request: &Request,
        at: &Url,
        same_origin: bool,
        validator: Option<&Validator>,
    ) -> Result<reqwest::Response, Failure> {
        let shared = &self.client.shared;
        let target = shared.via.as_ref().map_or_else(|| at.clone(), |via| via_url(via, at));
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
        };
        let headers = request_headers(request, same_origin, validator)?;
        let mut builder = shared.http.request(method, target).headers(headers);
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        self.requests.fetch_add(1, Ordering::Relaxed);
        builder.send().await.map_err(|error| Failure::again(self.unreachable(at, &error)))
    }

    /// No answer began. Behind a gateway it is the gateway that gave none: of the provider nothing is known.
    fn unreachable(&self, at: &Url, error: &reqwest::Error) -> FetchError {
        let reason = reasons::unreachable(error);
        match &self.client.shared.via {
            None => FetchError::Unreachable { host: host_of(at), reason },
            Some(via) => {
                let port = via.port().map(|port| format!(":{port}")).unwrap_or_default();
                let reason = format!("{reason}; it is what `transport.via` names: start it, or leave the option out");
                FetchError::Unreachable { host: format!("{}{port}", host_of(via)), reason }
            }
        }
    }

    /// Judges status and headers, and reads the body where there is one to read.
    async fn answer(&self, at: &Url, response: reqwest::Response, conditional: bool) -> Result<Answer, Failure> {
        let code = response.status();
        let headers = response.headers().clone();
        if code == StatusCode::NOT_MODIFIED && conditional {
            return Ok(Answer::NotModified { headers });
        }
        if matches!(code.as_u16(), 301 | 302 | 303 | 307 | 308)
            && let Some(location) = headers.get(reqwest::header::LOCATION)
        {
            // Addresses are UTF-8 where they are not percent-encoded.
            let location = String::from_utf8_lossy(location.as_bytes()).into_owned();
            return Ok(Answer::Redirect { location });
        }
        if code == StatusCode::TOO_MANY_REQUESTS || code.is_server_error() {
            return Err(self.pause_or_end(at, code, &headers));
        }
        if !code.is_success() {
            return Err(status(at, code).into());
        }
        let shared = &self.client.shared;
        let left = self.answer_bytes_max.saturating_sub(self.kept.load(Ordering::Relaxed));
        let limit = self.page_bytes_max.min(left);
        let received = body::receive(response, Sink::new(&shared.spool, limit), &self.bytes).await;
        let received = received.map_err(|error| match error {
            BodyError::TooLarge if limit < self.page_bytes_max => {
                FetchError::TooLarge { host: host_of(at), limit_bytes: self.answer_bytes_max }.into()
            }
            error => self.body_failure(at, error),
        })?;
        let (redactions, spool) = (Arc::clone(&self.redactions), shared.spool.clone());
        let (body, hash) =
            blocking(move || body::finish(received, &redactions, &spool)).await?.map_err(|error| self.body_failure(at, error))?;
        self.kept.fetch_add(body.length(), Ordering::Relaxed);
        Ok(Answer::Body { headers, body, hash })
    }

    /// 429 and 5xx: another try, after the pause the server asks for, unless that is longer than an attempt may wait.
    fn pause_or_end(&self, at: &Url, code: StatusCode, headers: &HeaderMap) -> Failure {
        let Some(seconds) = retry_after_seconds(headers, Utc::now()) else { return Failure::again(status(at, code)) };
        let too_long = seconds > u64::from(self.client.shared.section.retry_after_seconds_max);
        let rate_limited = FetchError::RateLimited { host: host_of(at), retry_after_seconds: seconds };
        // A 5xx that is repeated is the server's failure; the pause is its subject only where it ends the attempt.
        let error = if too_long || code == StatusCode::TOO_MANY_REQUESTS { rate_limited } else { status(at, code) };
        Failure { error, again: !too_long, pause: Some(Duration::from_secs(seconds)) }
    }

    fn body_failure(&self, at: &Url, error: BodyError) -> Failure {
        let host = host_of(at);
        match error {
            BodyError::TooLarge => FetchError::TooLarge { host, limit_bytes: self.page_bytes_max }.into(),
            BodyError::Cut(reason) => Failure::again(FetchError::CutShort { host, reason: reason.to_owned() }),
            BodyError::Local(error) => FetchError::Local { disk_is_full: super::takes_nothing(&error), reason: error.to_string() }.into(),
        }
    }

    /// The archived body of that hash; `None` where it is gone. One that is no longer what its name says is discarded.
    async fn archived(&self, hash: &str) -> Result<Option<Arc<dyn PageBody>>, Failure> {
        let (archive, slug, wanted, spool) = (self.archive.clone(), self.slug, hash.to_owned(), self.client.shared.spool.clone());
        let limit = self.page_bytes_max;
        let read = move || {
            let Some(reader) = archive.get(slug, &wanted).map_err(BodyError::Local)? else { return Ok(None) };
            // It was redacted before it was archived.
            let read = Sink::new(&spool, limit).fill(reader).and_then(|received| body::finish(received, &Redactions::default(), &spool));
            match read {
                Ok((body, hash)) if hash == wanted => return Ok(Some(body)),
                Ok(_) | Err(BodyError::Cut(_)) => archive.discard(slug, &wanted).map_err(BodyError::Local)?,
                Err(error) => return Err(error),
            }
            Ok(None)
        };
        Ok(blocking(read).await?.unwrap_or_else(|error| {
            tracing::warn!(
                provider.slug = self.slug,
                page.hash = hash,
                ?error,
                "archived page cannot be read; its answer is asked for anew"
            );
            None
        }))
    }
}

fn page(request: &Request, headers: &HeaderMap, known: Option<&Validator>, body: Arc<dyn PageBody>, hash: String) -> Page {
    let mut headers = kept_headers(headers);
    for (name, value) in
        [("etag", known.and_then(|known| known.etag.as_ref())), ("last-modified", known.and_then(|known| known.last_modified.as_ref()))]
    {
        if let Some(value) = value
            && !headers.iter().any(|(kept, _)| kept == name)
        {
            headers.push((name.to_owned(), value.clone()));
        }
    }
    Page { request: request.clone(), received_at: Utc::now(), hash, headers, body }
}

/// The headers that stay with a page. Where part of the answer is in them (the total, the next page), the validators are
/// left out: a later "not modified" would bring the archived body without that part.
fn kept_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let speaks = headers.contains_key("x-total-count") || headers.contains_key("link");
    headers
        .iter()
        .filter(|(name, _)| KEPT_HEADERS.contains(&name.as_str()) || name.as_str().starts_with("x-ratelimit-"))
        .filter(|(name, _)| !(speaks && matches!(name.as_str(), "etag" | "last-modified")))
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect()
}

fn request_headers(request: &Request, same_origin: bool, validator: Option<&Validator>) -> Result<HeaderMap, FetchError> {
    let unusable =
        |name: &str| FetchError::Incomplete { reason: format!("the header `{name}` cannot be sent: is its credential one line of text?") };
    let mut headers = HeaderMap::new();
    headers.insert("accept-encoding", HeaderValue::from_static(body::ACCEPT_ENCODING));
    if request.body.is_some() {
        headers.insert("content-type", HeaderValue::from_static("application/json"));
    }
    for (name, value) in &request.headers {
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unusable(name))?;
        if !same_origin && !HARMLESS_HEADERS.contains(&header.as_str()) {
            continue;
        }
        let mut value = HeaderValue::from_str(value).map_err(|_| unusable(name))?;
        value.set_sensitive(!HARMLESS_HEADERS.contains(&header.as_str()));
        headers.insert(header, value);
    }
    let known = validator.map(|known| [("if-none-match", &known.etag), ("if-modified-since", &known.last_modified)]);
    for (name, value) in known.into_iter().flatten() {
        if let Some(value) = value.as_deref().and_then(|value| HeaderValue::from_str(value).ok()) {
            headers.insert(name, value);
        }
    }
    Ok(headers)
}

/// `Retry-After` in seconds or as a date; `None` where it is neither.
fn retry_after_seconds(headers: &HeaderMap, now: DateTime<Utc>) -> Option<u64> {
    let text = headers.get(reqwest::header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let until = DateTime::parse_from_rfc2822(text).ok()?;
    let milliseconds = until.signed_duration_since(now).num_milliseconds().max(0);
    Some(u64::try_from(milliseconds).unwrap_or(0).div_ceil(1000))
}

/// Runs what blocks where blocking is allowed.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(|error| FetchError::Local { reason: error.to_string(), disk_is_full: false }.into())
}

fn status(at: &Url, code: StatusCode) -> FetchError {
    FetchError::Status { host: host_of(at), status: code.as_u16() }
}

fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}
