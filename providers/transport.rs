//! How an adapter asks, and what it gets. The daemon's HTTP client implements [`Transport`]; tests use recorded answers.

use std::fmt;
use std::io::{BufRead, Cursor, Read};
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::ShapeError;

/// How a request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// `GET`; may be answered "not modified", which the transport turns into the archived page.
    Get,
    /// `POST` of a question: it reads, it changes nothing.
    Post,
}

impl Method {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// One question to a provider.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// How.
    pub method: Method,
    /// Absolute address.
    pub url: String,
    /// Extra headers; those with credentials are never logged nor archived.
    pub headers: Vec<(&'static str, String)>,
    /// JSON body of a POST.
    pub body: Option<String>,
}

impl Request {
    /// A GET of `url`.
    pub fn get(url: impl Into<String>) -> Self {
        Self { method: Method::Get, url: url.into(), headers: Vec::new(), body: None }
    }

    /// A POST of a JSON body.
    pub fn post_json(url: impl Into<String>, body: &serde_json::Value) -> Self {
        Self { method: Method::Post, url: url.into(), headers: Vec::new(), body: Some(body.to_string()) }
    }

    /// With one more header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The value of a query parameter, decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        let url = url::Url::parse(&self.url).ok()?;
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

impl fmt::Debug for Request {
    /// Without headers, body, and the address's user and question: they may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url.split(['?', '#']).next().unwrap_or_default();
        let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        write!(f, "{} {scheme}://{host}{path}", self.method.as_str())
    }
}

/// Where a page's bytes are.
pub trait PageBody: Send + Sync {
    /// From the first byte.
    ///
    /// # Errors
    /// The spool file cannot be read.
    fn open(&self) -> std::io::Result<Box<dyn BufRead + Send + '_>>;

    /// Bytes, after decompression and redaction.
    fn length(&self) -> u64;
}

/// A page in memory: samples and small answers.
#[derive(Clone)]
pub struct MemoryBody(pub Arc<[u8]>);

impl PageBody for MemoryBody {
    fn open(&self) -> std::io::Result<Box<dyn BufRead + Send + '_>> {
        Ok(Box::new(Cursor::new(&self.0[..])))
    }

    fn length(&self) -> u64 {
        self.0.len() as u64
    }
}

/// One answer, with the request it answers: pages are never matched by position.
#[derive(Clone)]
pub struct Page {
    /// What was asked.
    pub request: Request,
    /// When the answer was complete; for a "not modified" answer, when that came.
    pub received_at: DateTime<Utc>,
    /// BLAKE3 of the redacted body, in hex: its name in the archive.
    pub hash: String,
    /// Answer headers, lower-case names.
    pub headers: Vec<(String, String)>,
    /// The redacted body.
    pub body: Arc<dyn PageBody>,
}

impl Page {
    /// A page in memory, as samples make them. `hash` is left empty.
    pub fn in_memory(request: Request, received_at: DateTime<Utc>, headers: Vec<(String, String)>, body: impl Into<Arc<[u8]>>) -> Self {
        Self { request, received_at, hash: String::new(), headers, body: Arc::new(MemoryBody(body.into())) }
    }

    /// The first header of that (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The bytes, from the first.
    ///
    /// # Errors
    /// [`ShapeError`] where the spool cannot be read.
    pub fn open(&self) -> Result<Box<dyn BufRead + Send + '_>, ShapeError> {
        self.body.open().map_err(|error| ShapeError::new("", format!("the page's spool cannot be read: {error}")))
    }

    /// The whole body as text.
    ///
    /// # Errors
    /// [`ShapeError`] where it is not UTF-8.
    pub fn text(&self) -> Result<String, ShapeError> {
        let mut text = String::new();
        self.open()?.read_to_string(&mut text).map_err(|error| ShapeError::new("", format!("not readable as text: {error}")))?;
        Ok(text)
    }

    /// The whole body as JSON; numbers keep their digits.
    ///
    /// # Errors
    /// [`ShapeError`] with the position, and a plain word where the answer is a web page.
    pub fn json(&self) -> Result<serde_json::Value, ShapeError> {
        let mut start = [0_u8; 64];
        let read = self.open()?.read(&mut start).unwrap_or(0);
        if start[..read].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<') {
            return Err(ShapeError::new("", "a web page or XML came instead of JSON"));
        }
        serde_json::from_reader(self.open()?).map_err(|error| ShapeError::new("", format!("not JSON: {error}")))
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Page({:?}, {} bytes)", self.request, self.body.length())
    }
}

/// A pause that a provider asks for is kept up to this long, in seconds: a week. One that asks for more is asked again then.
pub const PAUSE_SECONDS_MAX: u64 = 7 * 24 * 3600;

/// Why a part's pages did not all come. The text says what to do where a person can do something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// No connection, no name, no valid certificate.
    #[error("`{host}` cannot be reached: {reason}")]
    Unreachable {
        /// The provider's host.
        host: String,
        /// In a few words.
        reason: String,
    },
    /// The answer was not complete in time.
    #[error("`{host}` did not answer completely within {seconds} s")]
    Timeout {
        /// The provider's host.
        host: String,
        /// The limit that was passed.
        seconds: u64,
    },
    /// An answer other than success.
    #[error("`{host}` answered {status}")]
    Status {
        /// The provider's host.
        host: String,
        /// HTTP status.
        status: u16,
    },
    /// The provider asked for a pause that is longer than an attempt.
    #[error("`{host}` asked for a pause: next attempt in {} s", .retry_after_seconds.min(&PAUSE_SECONDS_MAX))]
    RateLimited {
        /// The provider's host.
        host: String,
        /// The pause it asked for; what is kept of it is at most [`PAUSE_SECONDS_MAX`].
        retry_after_seconds: u64,
    },
    /// More bytes than a page may have, on the wire or after decompression.
    #[error("`{host}` sent more than the limit of {limit_bytes} bytes")]
    TooLarge {
        /// The provider's host.
        host: String,
        /// The limit.
        limit_bytes: u64,
    },
    /// The connection ended before the answer did.
    #[error("`{host}` cut its answer short: {reason}")]
    CutShort {
        /// The provider's host.
        host: String,
        /// In a few words.
        reason: String,
    },
    /// Redirected in a circle, or to where one must not follow.
    #[error("`{host}` redirects: {reason}")]
    Redirect {
        /// The provider's host.
        host: String,
        /// In a few words.
        reason: String,
    },
    /// Pages came, but not all that the source announces, or they moved while being read.
    #[error("the answer is not whole: {reason}")]
    Incomplete {
        /// In a few words.
        reason: String,
    },
    /// A page that decides what to ask next could not be read.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// The provider needs a key that is not configured.
    #[error("no credential: set `{option}` in the provider's section of the configuration")]
    CredentialMissing {
        /// The option that names it.
        option: &'static str,
    },
    /// This machine's fault: the spool or the archive cannot be written.
    #[error("the answer cannot be kept: {reason}")]
    Local {
        /// The disk takes nothing more, of whomever.
        disk_is_full: bool,
        /// In a few words.
        reason: String,
    },
}

/// Sends one request and brings back its whole answer. Time-outs, retries, pacing, size limits, redirects and
/// redaction are its business.
#[async_trait]
pub trait Transport: Send + Sync {
    /// The page of a 2xx answer (or the archived one on "not modified").
    ///
    /// # Errors
    /// [`FetchError`]; every other status is an error.
    async fn send(&self, request: Request) -> Result<Page, FetchError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_shown_without_what_may_be_a_secret() {
        for (url, shown) in [
            ("https://me:hunter2@api.example.com/v1/a@b?api_key=hunter2#hunter2", "GET https://api.example.com/v1/a@b"),
            ("https://api.example.com?key=hunter2", "GET https://api.example.com"),
            ("https://api.example.com/v1", "GET https://api.example.com/v1"),
        ] {
            assert_eq!(format!("{:?}", Request::get(url).header("x-api-key", "hunter2")), shown);
        }
    }
}
