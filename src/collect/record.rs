//! `gpurate record`: passes requests on and keeps each exchange, so that a replay answers like the provider did.
//!
//! What is written holds no header of a request and no credential. Bodies are what the client hands on: redacted.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use chrono::NaiveDate;
use gpurate_providers::exchanges::{Exchange, ExchangeFile};
use gpurate_providers::{FetchError, Method, Page, Request, Transport};
use url::Url;

use crate::collect::client::public_url;

/// Headers that are part of the answer's content; the others belong to one transfer.
const RECORDED_HEADERS: [&str; 4] = ["etag", "last-modified", "link", "x-total-count"];

/// Passes requests to another transport and keeps what came back.
pub struct Recorder<'a> {
    inner: &'a dyn Transport,
    secrets: Vec<String>,
    pages: Mutex<Vec<Page>>,
}

#[async_trait]
impl Transport for Recorder<'_> {
    async fn send(&self, request: Request) -> Result<Page, FetchError> {
        let page = self.inner.send(request).await?;
        self.pages.lock().unwrap_or_else(PoisonError::into_inner).push(page.clone());
        Ok(page)
    }
}

impl<'a> Recorder<'a> {
    /// A recorder in front of `inner`. Values in `secrets` (the provider's credentials) are kept out of what is written.
    pub fn new(inner: &'a dyn Transport, secrets: impl IntoIterator<Item = String>) -> Self {
        // An empty value would be found everywhere.
        let secrets = secrets.into_iter().filter(|secret| !secret.is_empty()).collect();
        Self { inner, secrets, pages: Mutex::default() }
    }

    /// Writes the case of one part into `folder`; returns how many exchanges it has. Blocks.
    ///
    /// # Errors
    /// The folder cannot be written, holds a case already, or an answer could not be redacted.
    pub fn write(&self, folder: &Path, part: &str, recorded_on: NaiveDate) -> io::Result<usize> {
        let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let file = folder.join("exchanges.toml");
        if file.exists() {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                format!("`{}` is there already; name another folder", folder.display()),
            ));
        }
        std::fs::create_dir_all(folder).map_err(|error| at(folder, &error))?;
        let mut exchanges = Vec::with_capacity(pages.len());
        for (number, page) in pages.iter().enumerate() {
            let exchange = self.exchange(page, number + 1, recorded_on)?;
            let path = folder.join(&exchange.body_file);
            let write = || io::copy(&mut page.body.open()?, &mut std::fs::File::create(&path)?);
            write().map_err(|error| at(&path, &error))?;
            exchanges.push(exchange);
        }
        let count = exchanges.len();
        let case = ExchangeFile { part: Some(part.to_owned()), sample: false, exchange: exchanges };
        // Last, so that a folder with this file is whole.
        let text = toml::to_string(&case).map_err(io::Error::other)?;
        std::fs::write(&file, text).map_err(|error| at(&file, &error))?;
        Ok(count)
    }

    fn exchange(&self, page: &Page, number: usize, recorded_on: NaiveDate) -> io::Result<Exchange> {
        let refuse = |reason: &str| io::Error::new(io::ErrorKind::InvalidData, format!("answer {number} is not recorded: {reason}"));
        if page.hash.is_empty() {
            return Err(refuse("it is not JSON, so what the manifest's `redactions` name could not be removed"));
        }
        let url = Url::parse(&page.request.url).map_err(|_| refuse("its request has no address"))?;
        let headers = page.headers.iter().filter(|(name, value)| RECORDED_HEADERS.contains(&name.as_str()) && !self.is_secret(value));
        let content_type = page.header("content-type").map(str::to_owned);
        Ok(Exchange {
            method: page.request.method.as_str().to_owned(),
            url: public_url(&url, &self.secrets).to_string(),
            status: 200,
            body_file: format!("answer{number:03}.{}", extension(content_type.as_deref())),
            content_type,
            request_body_contains: self.told_apart_by(&page.request),
            headers: headers.cloned().collect::<BTreeMap<_, _>>(),
            recorded_on: Some(recorded_on.to_string()),
            source: None,
            note: None,
        })
    }

    /// Several POSTs to one address are told apart by their whole body, unless it holds a secret.
    fn told_apart_by(&self, request: &Request) -> Vec<String> {
        let body = request.body.iter().filter(|body| request.method == Method::Post && !self.is_secret(body));
        body.cloned().collect()
    }

    fn is_secret(&self, text: &str) -> bool {
        self.secrets.iter().any(|secret| text.contains(secret.as_str()))
    }
}

/// The system's error with the name of the file, which it leaves out.
fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("`{}` cannot be written: {error}", path.display()))
}

fn extension(content_type: Option<&str>) -> &'static str {
    let media_type = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    match media_type.rsplit(['/', '+']).next() {
        Some("json") => "json",
        Some("html") => "html",
        Some("xml") => "xml",
        Some("csv") => "csv",
        _ => "txt",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    use gpurate_providers::exchanges::Case;
    use gpurate_providers::{Manifest, template};
    use serde_json::json;
    use tokio_util::sync::CancellationToken;

    use crate::catalogue::Known;
    use crate::collect::archive::Archive;
    use crate::collect::client::{Attempt, Client};
    use crate::collect::replay::{ReplayOptions, load, serve};
    use crate::config::{ProviderSection, TransportSection};

    /// The answers to the template's questions, through the client, from a replay of `cases`.
    async fn attempt(cases: Vec<Case>, folder: &Path) -> Attempt {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let via = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(serve(cases, listener, ReplayOptions::default(), CancellationToken::new()));
        let section = TransportSection { via: Some(via), retries_max: 0, ..TransportSection::default() };
        let client = Client::new(&section, &folder.join("spool")).expect("a client");
        let manifest = Manifest::parse("example", template().manifest()).expect("a manifest");
        let known = Known { provider: template(), manifest };
        let archive = Archive::open(folder.join("archive")).expect("opened");
        client.attempt(&known, &ProviderSection::default(), "all", HashMap::new(), &archive, CancellationToken::new())
    }

    fn questions() -> Vec<Request> {
        let graphql = "https://api.example.com/graphql";
        vec![
            Request::get("https://api.example.com/v1?page=1&api_key=hunter2").header("authorization", "Bearer hunter2"),
            Request::get("https://api.example.com/v1?page=2"),
            Request::post_json(graphql, &json!({"query": "one"})),
            Request::post_json(graphql, &json!({"query": "two \"quoted\""})),
        ]
    }

    fn original() -> Case {
        let exchange = |method: &str, url: &str, more: &str| {
            format!("[[exchange]]\nmethod = \"{method}\"\nurl = \"https://api.example.com/{url}\"\nstatus = 200\n{more}\n")
        };
        let text = [
            exchange(
                "GET",
                "v1?page=1",
                "body_file = \"first\"\ncontent_type = \"application/json\"\nheaders = { \"X-Total-Count\" = \"2\" }",
            ),
            exchange("GET", "v1?page=2", "body_file = \"second\"\ncontent_type = \"text/html; charset=utf-8\""),
            exchange("POST", "graphql", "body_file = \"third\"\nrequest_body_contains = [\"one\"]"),
            exchange("POST", "graphql", "body_file = \"fourth\"\nrequest_body_contains = [\"two\"]"),
        ];
        let text = text.concat();
        Case::read_with("original", |file| Ok(if file == "exchanges.toml" { &text } else { file }.as_bytes().to_vec())).expect("a case")
    }

    async fn answers(transport: &dyn Transport) -> Vec<(String, String, Option<String>)> {
        let mut answers = Vec::new();
        for question in questions() {
            let page = transport.send(question).await.expect("an answer");
            answers.push((page.text().expect("text"), page.hash.clone(), page.header("x-total-count").map(str::to_owned)));
        }
        answers
    }

    #[tokio::test]
    async fn a_record_of_a_replay_replays_to_the_same_pages_and_holds_no_secret() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = attempt(vec![original()], &folder.path().join("first")).await;
        let recorder = Recorder::new(&first, ["hunter2".to_owned(), String::new()]);
        let expected = answers(&recorder).await;
        assert_eq!(expected[3].0, "fourth");
        let out = folder.path().join("out");
        let day = NaiveDate::from_ymd_opt(2026, 11, 20).expect("a day");
        assert_eq!(recorder.write(&out, "all", day).expect("written"), 4);

        let text = std::fs::read_to_string(out.join("exchanges.toml")).expect("the case");
        assert!(!text.contains("hunter2") && !text.contains("uthorization") && text.contains("recorded_on = \"2026-11-20\""), "{text}");
        assert!(out.join("answer001.json").exists() && out.join("answer002.html").exists());

        let cases = load(&out, &[]).expect("a case");
        assert_eq!(cases[0].part.as_deref(), Some("all"));
        let second = attempt(cases, &folder.path().join("second")).await;
        assert_eq!(answers(&second).await, expected);
        assert!(recorder.write(&out, "all", day).is_err(), "a recording is never overwritten");
        let below_a_file = out.join("answer001.json/more");
        let error = recorder.write(&below_a_file, "all", day).expect_err("a file is no folder").to_string();
        assert!(error.contains("answer001.json/more"), "{error}");
    }

    #[tokio::test]
    async fn an_answer_that_could_not_be_redacted_is_not_recorded() {
        struct Unredactable;
        #[async_trait]
        impl Transport for Unredactable {
            async fn send(&self, request: Request) -> Result<Page, FetchError> {
                Ok(Page::in_memory(request, chrono::DateTime::UNIX_EPOCH, Vec::new(), &b"<html>203.0.113.7"[..]))
            }
        }
        let folder = tempfile::tempdir().expect("a folder");
        let recorder = Recorder::new(&Unredactable, []);
        recorder.send(Request::get("https://api.example.com/")).await.expect("a page");
        let error = recorder.write(folder.path(), "all", NaiveDate::MIN).expect_err("refused").to_string();
        assert!(error.contains("redactions") && !error.contains("203.0"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0);
    }
}
