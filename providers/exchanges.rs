//! Recorded answers: `exchanges.toml` and its body files, and which of them answers a request.
//!
//! A request matches an exchange by method, path and every recorded query pair; of several the one with more recorded
//! pairs wins. The `replay` command, `--demo` and the tests of every adapter use the same rule.

use std::path::Path;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::transport::{Method, Request};

/// The file of one case.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ExchangeFile {
    /// The part the case is about; tests of adapters need it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Made up for a sample: figures are not to be trusted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sample: bool,
    /// The answers.
    #[serde(default)]
    pub exchange: Vec<Exchange>,
}

/// One question and its answer.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// `GET` or `POST`.
    pub method: String,
    /// Absolute address; its query pairs must all be in the request.
    pub url: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// Media type of the answer.
    #[serde(default)]
    pub content_type: Option<String>,
    /// The file beside `exchanges.toml`.
    pub body_file: String,
    /// Texts that the request's body must hold, where a POST is told apart by it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_body_contains: Vec<String>,
    /// Headers of the answer.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub headers: std::collections::BTreeMap<String, String>,
    /// When the answer was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_on: Option<String>,
    /// Who recorded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Where rows were cut or figures made up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One exchange with its body read.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The exchange.
    pub exchange: Exchange,
    /// Its parsed address.
    pub url: Url,
    /// Its body.
    pub body: std::sync::Arc<[u8]>,
}

/// A case that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct CaseError {
    /// File or folder.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
}

/// One case: its header and its answers.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// The part the case is about.
    pub part: Option<String>,
    /// Made up for a sample.
    pub sample: bool,
    /// The answers.
    pub recorded: Vec<Recorded>,
}

impl Case {
    /// Reads `exchanges.toml` and the bodies it names through `read` (a file name to its bytes).
    ///
    /// # Errors
    /// [`CaseError`] that names the file.
    pub fn read_with(name: &str, mut read: impl FnMut(&str) -> std::io::Result<Vec<u8>>) -> Result<Self, CaseError> {
        let error = |file: &str, reason: String| CaseError { path: format!("{name}/{file}"), reason };
        let text = read("exchanges.toml").map_err(|inner| error("exchanges.toml", inner.to_string()))?;
        let text = String::from_utf8(text).map_err(|inner| error("exchanges.toml", inner.to_string()))?;
        let file: ExchangeFile = toml::from_str(&text).map_err(|inner| error("exchanges.toml", inner.to_string()))?;
        let mut recorded = Vec::with_capacity(file.exchange.len());
        for exchange in file.exchange {
            let url = Url::parse(&exchange.url).map_err(|inner| error("exchanges.toml", format!("`{}`: {inner}", exchange.url)))?;
            let body = read(&exchange.body_file).map_err(|inner| error(&exchange.body_file, inner.to_string()))?;
            recorded.push(Recorded { exchange, url, body: body.into() });
        }
        Ok(Self { part: file.part, sample: file.sample, recorded })
    }

    /// Reads a folder that holds one case.
    ///
    /// # Errors
    /// [`CaseError`] that names the file.
    pub fn read(folder: &Path) -> Result<Self, CaseError> {
        Self::read_with(&folder.display().to_string(), |file| std::fs::read(folder.join(file)))
    }

    /// The recorded answer to a request, by the rule of this module.
    pub fn answer(&self, method: &str, url: &Url, body: &str) -> Option<&Recorded> {
        answer(&self.recorded, method, url, body)
    }

    /// The recorded answer to an adapter's request.
    pub fn answer_request(&self, request: &Request) -> Option<&Recorded> {
        let url = Url::parse(&request.url).ok()?;
        let method = match request.method {
            Method::Get => "GET",
            Method::Post => "POST",
        };
        self.answer(method, &url, request.body.as_deref().unwrap_or(""))
    }
}

/// Of several recorded answers that fit a request, the one with the most recorded conditions.
pub fn answer<'a>(recorded: &'a [Recorded], method: &str, url: &Url, body: &str) -> Option<&'a Recorded> {
    let asked: Vec<_> = url.query_pairs().collect();
    recorded
        .iter()
        .filter(|candidate| {
            candidate.exchange.method.eq_ignore_ascii_case(method)
                && candidate.url.scheme() == url.scheme()
                && candidate.url.host_str() == url.host_str()
                && candidate.url.port_or_known_default() == url.port_or_known_default()
                && candidate.url.path() == url.path()
                && candidate.url.query_pairs().all(|pair| asked.contains(&pair))
                && candidate.exchange.request_body_contains.iter().all(|text| body.contains(text))
        })
        // `max_by_key` keeps the last of equals; the first recorded should win, so look from the end.
        .rev()
        .max_by_key(|candidate| candidate.url.query_pairs().count() + candidate.exchange.request_body_contains.len())
}
