//! Asks the daemon that holds the database, over its own HTTP service. The token is the one it wrote down for its owner.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;

use crate::collect::reparse::ReparseReport;
use crate::collect::run::Report;
use crate::http::actions::{Reparsed, Reports};
use crate::import::job::ImportReport;
use crate::import::map::FileFormat;
use crate::store::{Holder, Lock, LockError};

/// The outcome of a part that was being collected already.
const SKIPPED: &str = "skipped";
/// So long between two questions for such a part.
const PAUSE: Duration = Duration::from_millis(500);
/// And so many: a part takes ten minutes at most, unless it is configured otherwise.
const REPETITIONS_MAX: u32 = 1_200;

/// Whom a command has to do with.
pub(super) enum Writer {
    /// Nobody else: this process may write until the lock is dropped.
    Us(Lock),
    /// A daemon, which is asked.
    Daemon(Daemon),
}

/// A running daemon.
pub(super) struct Daemon {
    base: String,
    token: Option<String>,
    client: reqwest::Client,
}

/// Takes the lock, or finds whom to ask.
///
/// # Errors
/// Somebody writes who cannot be asked.
pub(super) fn writer(database: &std::path::Path) -> anyhow::Result<Writer> {
    match Lock::take(database) {
        Ok(mut lock) => {
            lock.announce(&Holder { pid: std::process::id(), address: None, token: None })?;
            Ok(Writer::Us(lock))
        }
        Err(LockError::Held { holder: Some(Holder { address: Some(address), token, .. }), .. }) => {
            Ok(Writer::Daemon(Daemon::at(&address, token)?))
        }
        Err(error) => Err(error.into()),
    }
}

impl Daemon {
    fn at(address: &str, token: Option<String>) -> anyhow::Result<Self> {
        // Nothing goes through a proxy to a process on this machine; a collection takes as long as it takes.
        let client = reqwest::Client::builder().no_proxy().connect_timeout(Duration::from_secs(3)).build()?;
        Ok(Self { base: base_address(address), token, client })
    }

    /// A document.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        self.answer(self.client.get(format!("{}{path}", self.base)).timeout(Duration::from_secs(30))).await
    }

    /// What an action came to. A part that the schedule is collecting just then is asked for again when that has ended: a
    /// person who asks for the prices of now is not told that somebody else did.
    pub(super) async fn act(&self, slug: &str, action: &str, part: Option<&str>) -> anyhow::Result<Vec<Report>> {
        let mut reports = self.act_once(slug, action, part).await?;
        for _ in 0..REPETITIONS_MAX {
            let skipped: Vec<usize> = (0..reports.len()).filter(|index| reports[*index].outcome == SKIPPED).collect();
            if skipped.is_empty() {
                break;
            }
            tokio::time::sleep(PAUSE).await;
            for index in skipped {
                let again = self.act_once(slug, action, Some(&reports[index].part)).await?;
                if let Some(report) = again.into_iter().next() {
                    reports[index] = report;
                }
            }
        }
        Ok(reports)
    }

    async fn act_once(&self, slug: &str, action: &str, part: Option<&str>) -> anyhow::Result<Vec<Report>> {
        let mut request = self.client.post(format!("{}/api/v1/providers/{slug}/{action}", self.base));
        if let Some(part) = part {
            request = request.query(&[("part", part)]);
        }
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        Ok(self.answer::<Reports>(request).await?.reports)
    }

    /// What reading a provider's archived answers anew came to.
    pub(super) async fn reparse(&self, slug: &str, since: &str, part: Option<&str>, dry_run: bool) -> anyhow::Result<Vec<ReparseReport>> {
        let mut request = self.client.post(format!("{}/api/v1/providers/{slug}/reparse", self.base));
        request = request.query(&[("since", since), ("dry_run", if dry_run { "true" } else { "false" })]);
        if let Some(part) = part {
            request = request.query(&[("part", part)]);
        }
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        Ok(self.answer::<Reparsed>(request).await?.reports)
    }

    /// What an import came to: the map and the file are sent as they are, piece by piece.
    pub(super) async fn import(
        &self,
        map: &str,
        format: FileFormat,
        file: &Path,
        file_name: &str,
        replaces: bool,
    ) -> anyhow::Result<ImportReport> {
        let source = tokio::fs::File::open(file).await.with_context(|| format!("`{}` cannot be read", file.display()))?;
        let map_bytes = map.len().to_string();
        let query = [
            ("format", format.as_str()),
            ("file", file_name),
            ("map_bytes", &map_bytes),
            ("replace", if replaces { "true" } else { "false" }),
        ];
        let head = futures_util::stream::once(std::future::ready(Ok(bytes::Bytes::from(map.to_owned()))));
        let body = reqwest::Body::wrap_stream(head.chain(tokio_util::io::ReaderStream::new(source)));
        let mut request = self.client.post(format!("{}/api/v1/imports", self.base)).query(&query);
        request = request.header("content-type", "application/octet-stream").body(body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        self.answer(request).await
    }

    async fn answer<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> anyhow::Result<T> {
        let unreachable = || format!("the daemon that writes this database does not answer at {}", self.base);
        let response = request.send().await.map_err(reqwest::Error::without_url).with_context(unreachable)?;
        let status = response.status();
        let body = response.bytes().await.map_err(reqwest::Error::without_url).with_context(unreachable)?;
        if !status.is_success() {
            let problem: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
            bail!("the daemon at {} says no ({}): {}", self.base, status.as_u16(), problem["detail"].as_str().unwrap_or("no reason given"));
        }
        serde_json::from_slice(&body)
            .with_context(|| format!("the daemon at {} answers in another form: is it another version?", self.base))
    }
}

/// Where to ask: an address that listens everywhere is asked on loopback.
pub(super) fn base_address(address: &str) -> String {
    match address.parse::<SocketAddr>() {
        Ok(SocketAddr::V4(listens)) if listens.ip().is_unspecified() => format!("http://127.0.0.1:{}", listens.port()),
        Ok(SocketAddr::V6(listens)) if listens.ip().is_unspecified() => format!("http://[::1]:{}", listens.port()),
        _ => format!("http://{address}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_listens_everywhere_is_asked_on_loopback() {
        assert_eq!(base_address("0.0.0.0:8080"), "http://127.0.0.1:8080");
        assert_eq!(base_address("[::]:80"), "http://[::1]:80");
        assert_eq!(base_address("192.0.2.7:8080"), "http://192.0.2.7:8080");
    }

    #[test]
    fn one_that_cannot_be_asked_is_named_and_a_daemon_is_asked() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = folder.path().join("a.db");
        let Ok(Writer::Us(mut lock)) = writer(&database) else { panic!("nobody else writes") };
        let Err(error) = writer(&database) else { panic!("it is held") };
        assert!(error.to_string().contains("another gpurate"), "{error}");
        lock.announce(&Holder { pid: 7, address: Some("127.0.0.1:1".into()), token: Some("hunter2".into()) }).expect("announced");
        assert!(matches!(writer(&database), Ok(Writer::Daemon(daemon)) if daemon.base == "http://127.0.0.1:1"));
    }

    #[test]
    fn a_part_that_is_being_collected_is_asked_for_again() {
        use std::io::{Read as _, Write as _};
        let report = |outcome: &str| {
            format!(
                r#"{{"reports":[{{"provider":"runpod","part":"all","outcome":"{outcome}","error":null,"offers":1,"changed":0,"rejected":0,"quarantined":0,"unmapped":0,"bytes":0,"duration_ms":0}}]}}"#
            )
        };
        let answers = [report("skipped"), report("accepted")];
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let server = std::thread::spawn(move || {
            let mut heads = Vec::new();
            for body in answers {
                let (mut stream, _) = listener.accept().expect("a client");
                let mut buffer = [0; 2048];
                let read = stream.read(&mut buffer).expect("a request");
                heads.push(String::from_utf8_lossy(&buffer[..read]).into_owned());
                let answer = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                stream.write_all(answer.as_bytes()).expect("answered");
            }
            heads
        });
        let daemon = Daemon::at(&address, Some("hunter2".to_owned())).expect("a client");
        let reports = super::super::block_on(daemon.act("runpod", "collect", None)).expect("reports");
        assert_eq!(reports.len(), 1);
        assert!(reports[0].accepted());
        let heads = server.join().expect("ended well");
        assert!(heads[0].starts_with("POST /api/v1/providers/runpod/collect ") && heads[0].contains("Bearer hunter2"), "{heads:?}");
        assert!(heads[1].starts_with("POST /api/v1/providers/runpod/collect?part=all "), "{heads:?}");
    }
}
