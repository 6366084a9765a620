//! Serves recorded answers over real HTTP: `gpurate replay`, `serve --demo`, and tests. What is asked is the daemon's own
//! form of `transport.via`: `/https/<host>/<path>?<query>`.
//!
//! It answers only from its cases; it never asks anyone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chrono::NaiveDate;
use gpurate_providers::exchanges::{Case, CaseError, Recorded, answer};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::collect::client::{original_url, public_url};
use crate::words;

/// The file that makes a folder a case.
const CASE_FILE: &str = "exchanges.toml";

/// A question is never longer.
const REQUEST_BYTES_MAX: usize = 1_000_000;

/// The case of every provider that the demonstration shows.
const DEMO_CASE: &str = "basic";

/// Headers that belong to a recorded transfer, not to its content.
const TRANSFER_HEADERS: [&str; 5] = ["connection", "content-encoding", "content-length", "keep-alive", "transfer-encoding"];

/// How recorded answers are served.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReplayOptions {
    /// Every occurrence of an exchange's `recorded_on` in its body becomes this date, so that rates and lists are of today.
    pub shift_dates_to: Option<NaiveDate>,
}

/// Recorded answers that cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// No case in the folder.
    #[error("`{path}` holds no recording: {reason}")]
    Folder {
        /// As given.
        path: String,
        /// What is there instead, or from the system.
        reason: String,
    },
    /// A case or provider was chosen that is not there.
    #[error("no {kind} is called `{name}`{hint}; there are: {there}")]
    Choice {
        /// `provider`, or `case of <provider>`.
        kind: String,
        /// As chosen.
        name: String,
        /// The nearest name.
        hint: String,
        /// All names.
        there: String,
    },
    /// A case that cannot be read.
    #[error(transparent)]
    Case(#[from] CaseError),
}

/// The cases of a folder: it is one case itself, or one provider's folder of cases, or a folder of such folders. Of every
/// provider one case is served: the one in `choice` (provider and case), else the first by name.
///
/// # Errors
/// [`ReplayError`] that names what is there.
pub fn load(folder: &Path, choice: &[(String, String)]) -> Result<Vec<Case>, ReplayError> {
    if folder.join(CASE_FILE).is_file() {
        return Ok(vec![Case::read(folder)?]);
    }
    let folders = subfolders(folder)?;
    let mut providers = BTreeMap::new();
    if folders.values().any(|path| path.join(CASE_FILE).is_file()) {
        // Also where it is given as `.`.
        let absolute = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
        let name = absolute.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        providers.insert(name, folders);
    } else {
        for (name, path) in folders {
            providers.insert(name, subfolders(&path)?);
        }
    }
    for cases in providers.values_mut() {
        cases.retain(|_, path| path.join(CASE_FILE).is_file());
    }
    providers.retain(|_, cases| !cases.is_empty());
    if providers.is_empty() {
        let reason = format!("no `{CASE_FILE}` in it, in its folders, or in theirs");
        return Err(ReplayError::Folder { path: folder.display().to_string(), reason });
    }
    for (provider, case) in choice {
        let cases = providers.get(provider).ok_or_else(|| unknown("provider".to_owned(), provider, providers.keys()))?;
        if !cases.contains_key(case) {
            return Err(unknown(format!("case of {provider}"), case, cases.keys()));
        }
    }
    let chosen = providers.iter().filter_map(|(provider, cases)| {
        // The last word on a provider counts, as with every option that is given twice.
        let named = choice.iter().rev().find(|(name, _)| name == provider).and_then(|(_, case)| cases.get(case));
        named.or_else(|| cases.values().next())
    });
    Ok(chosen.map(|path| Case::read(path)).collect::<Result<_, _>>()?)
}

/// The sample case `basic` of every provider, from inside the program: what the demonstration serves.
pub fn demo_cases() -> Vec<Case> {
    crate::catalogue::slugs().into_iter().filter_map(embedded_case).collect()
}

/// Samples of the providers' folders, in the binary. Their figures are made up or old, and marked so.
#[derive(rust_embed::Embed)]
#[folder = "providers/"]
#[include = "*/samples/basic/*"]
#[exclude = "*/expected.json"]
#[exclude = "*/facts.toml"]
struct Samples;

fn embedded_case(slug: &str) -> Option<Case> {
    let folder = format!("{slug}/samples/{DEMO_CASE}");
    Samples::get(&format!("{folder}/{CASE_FILE}"))?;
    let read = |file: &str| {
        let found = Samples::get(&format!("{folder}/{file}")).map(|file| file.data.into_owned());
        found.ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotFound))
    };
    Some(Case::read_with(&folder, read).expect("every sample is read by a test"))
}

/// What the service answers from.
struct Served {
    recorded: Vec<Recorded>,
}

/// Serves the cases on a listener until `shutdown`.
///
/// # Errors
/// The listener fails.
pub async fn serve(
    cases: Vec<Case>,
    listener: tokio::net::TcpListener,
    options: ReplayOptions,
    shutdown: CancellationToken,
) -> std::io::Result<()> {
    let mut recorded: Vec<_> = cases.into_iter().flat_map(|case| case.recorded).collect();
    if let Some(date) = options.shift_dates_to {
        recorded.iter_mut().for_each(|recorded| shift_dates(recorded, date));
    }
    let router = Router::new().fallback(respond).with_state(Arc::new(Served { recorded }));
    axum::serve(listener, router).with_graceful_shutdown(shutdown.cancelled_owned()).await
}

async fn respond(State(served): State<Arc<Served>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Some(url) = head.uri.path_and_query().and_then(|asked| original_url(asked.as_str())) else {
        return plain(StatusCode::NOT_FOUND, "a path here begins with scheme and host, like `/https/api.example.com/v1`".to_owned());
    };
    let Ok(body) = axum::body::to_bytes(body, REQUEST_BYTES_MAX).await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, format!("a question has at most {REQUEST_BYTES_MAX} bytes"));
    };
    match answer(&served.recorded, head.method.as_str(), &url, &String::from_utf8_lossy(&body)) {
        Some(recorded) => recorded_response(recorded),
        None => plain(StatusCode::NOT_FOUND, unmatched(head.method.as_str(), &url)),
    }
}

/// Says what was asked, without what may be a credential.
fn unmatched(method: &str, url: &Url) -> String {
    format!("no answer to `{method} {}` is recorded", public_url(url, &[]))
}

fn recorded_response(recorded: &Recorded) -> Response {
    let exchange = &recorded.exchange;
    let status = StatusCode::from_u16(exchange.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut headers = HeaderMap::new();
    let content_type = exchange.content_type.iter().map(|value| (header::CONTENT_TYPE.as_str(), value));
    for (name, value) in exchange.headers.iter().map(|(name, value)| (name.as_str(), value)).chain(content_type) {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value))
            && !TRANSFER_HEADERS.contains(&name.as_str())
        {
            headers.insert(name, value);
        }
    }
    (status, headers, Body::from(Bytes::from_owner(Arc::clone(&recorded.body)))).into_response()
}

fn plain(status: StatusCode, text: String) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text + "\n").into_response()
}

/// Puts `date` in place of the day of the recording. A recording without an exact day stays as it is.
fn shift_dates(recorded: &mut Recorded, date: NaiveDate) {
    let day = recorded.exchange.recorded_on.as_deref().and_then(|day| NaiveDate::parse_from_str(day, "%Y-%m-%d").ok());
    let Some(old) = day.map(|day| day.to_string().into_bytes()) else { return };
    let new = date.to_string().into_bytes();
    let mut shifted = Vec::with_capacity(recorded.body.len());
    let mut rest = &recorded.body[..];
    while let Some((&first, after)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(&old[..]) {
            shifted.extend_from_slice(&new);
            rest = after;
        } else {
            shifted.push(first);
            rest = after;
        }
    }
    recorded.body = shifted.into();
}

fn subfolders(folder: &Path) -> Result<BTreeMap<String, PathBuf>, ReplayError> {
    let error = |inner: std::io::Error| ReplayError::Folder { path: folder.display().to_string(), reason: inner.to_string() };
    let mut folders = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(error)? {
        let entry = entry.map_err(error)?;
        if entry.path().is_dir() {
            folders.insert(entry.file_name().to_string_lossy().into_owned(), entry.path());
        }
    }
    Ok(folders)
}

fn unknown<'a>(kind: String, name: &str, there: impl Iterator<Item = &'a String> + Clone) -> ReplayError {
    let hint = words::nearest(name, there.clone().map(String::as_str));
    let hint = hint.map(|near| format!(", did you mean `{near}`?")).unwrap_or_default();
    let there = there.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    ReplayError::Choice { kind, name: name.to_owned(), hint, there }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(text: &str, body: &str) -> Case {
        let read = |file: &str| Ok(if file == CASE_FILE { text } else { body }.as_bytes().to_vec());
        Case::read_with("case", read).expect("a case")
    }

    fn exchange(method: &str, url: &str, more: &str) -> String {
        format!("[[exchange]]\nmethod = \"{method}\"\nurl = \"{url}\"\nbody_file = \"x\"\n{more}\n")
    }

    async fn start(cases: Vec<Case>, options: ReplayOptions) -> (String, CancellationToken, tokio::task::JoinHandle<std::io::Result<()>>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(serve(cases, listener, options, shutdown.clone()));
        (address, shutdown, task)
    }

    fn http() -> reqwest::Client {
        reqwest::Client::builder().no_proxy().build().expect("a client")
    }

    #[tokio::test]
    async fn a_recorded_answer_comes_with_its_status_type_and_headers_and_stops_when_told() {
        let more = "status = 203\ncontent_type = \"text/xml\"\nheaders = { \"X-Total-Count\" = \"107\", \"Content-Encoding\" = \"gzip\" }";
        let one = case(&exchange("GET", "https://api.example.com:8443/v1?page=1", more), "<one/>");
        let more = "status = 200\nrequest_body_contains = [\"gpuTypes\"]";
        let two = case(&exchange("POST", "https://api.example.org/graphql", more), "{}");
        let (address, shutdown, task) = start(vec![one, two], ReplayOptions::default()).await;
        let answer = http().get(format!("{address}/https/api.example.com:8443/v1?size=5&page=1")).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 203);
        assert_eq!(
            (&answer.headers()["x-total-count"], &answer.headers()["content-type"]),
            (&HeaderValue::from_static("107"), &HeaderValue::from_static("text/xml"))
        );
        assert_eq!(answer.text().await.expect("text"), "<one/>");
        let post = |body: &'static str| http().post(format!("{address}/https/api.example.org/graphql")).body(body).send();
        assert_eq!(post("{gpuTypes}").await.expect("an answer").status().as_u16(), 200);
        assert_eq!(post("{other}").await.expect("an answer").status().as_u16(), 404);
        shutdown.cancel();
        task.await.expect("no panic").expect("stopped");
    }

    #[tokio::test]
    async fn what_is_not_recorded_is_a_404_that_names_the_question_without_its_key() {
        let (address, ..) =
            start(vec![case(&exchange("GET", "https://api.example.com/v1?page=1", "status = 200"), "")], ReplayOptions::default()).await;
        let ask = async |path: &str| {
            let answer = http().get(format!("{address}{path}")).send().await.expect("an answer");
            assert_eq!(answer.status().as_u16(), 404, "{path}");
            answer.text().await.expect("text")
        };
        let text = ask("/https/api.example.com/v1?page=2&api_key=hunter2").await;
        assert!(text.contains("`GET https://api.example.com/v1?page=2`"), "{text}");
        assert!(ask("/http/api.example.com/v1?page=1").await.contains("GET http://"));
        assert!(ask("/v1?page=1").await.contains("begins with scheme and host"));
    }

    #[tokio::test]
    async fn the_day_of_the_recording_becomes_another_where_that_is_asked_for() {
        let body = "<Cube time='2026-11-20'>2026-11-19 2026-11-2 2026-11-20</Cube>";
        let url = "https://example.com/rates.xml";
        let shifted = "<Cube time='2027-01-02'>2026-11-19 2026-11-2 2027-01-02</Cube>";
        let date = NaiveDate::from_ymd_opt(2027, 1, 2);
        for (recorded_on, date, expected) in [("2026-11-20", date, shifted), ("2026-11-20", None, body), ("2026-11", date, body)] {
            let more = format!("status = 200\nrecorded_on = \"{recorded_on}\"");
            let options = ReplayOptions { shift_dates_to: date };
            let (address, ..) = start(vec![case(&exchange("GET", url, &more), body)], options).await;
            let answer = http().get(format!("{address}/https/example.com/rates.xml")).send().await.expect("an answer");
            assert_eq!(answer.text().await.expect("text"), expected);
        }
    }

    fn write_case(folder: &Path, body: &str) {
        std::fs::create_dir_all(folder).expect("a folder");
        std::fs::write(folder.join(CASE_FILE), exchange("GET", "https://api.example.com/", "status = 200")).expect("written");
        std::fs::write(folder.join("x"), body).expect("written");
    }

    #[test]
    fn a_folder_is_a_case_or_a_provider_or_all_of_them_and_one_case_of_each_is_served() {
        let root = tempfile::tempdir().expect("a folder");
        for name in ["vastai/2026-09", "vastai/2026-10", "runpod/basic"] {
            write_case(&root.path().join(name), name);
        }
        std::fs::create_dir(root.path().join("notes")).expect("a folder");
        let bodies = |folder: &str, choice: &[(&str, &str)]| -> Result<Vec<String>, String> {
            let choice: Vec<_> = choice.iter().map(|(provider, case)| ((*provider).to_owned(), (*case).to_owned())).collect();
            let cases = load(&root.path().join(folder), &choice).map_err(|error| error.to_string())?;
            Ok(cases.iter().map(|case| String::from_utf8_lossy(&case.recorded[0].body).into_owned()).collect())
        };
        assert_eq!(bodies("vastai/2026-10", &[]), Ok(vec!["vastai/2026-10".to_owned()]));
        assert_eq!(bodies("vastai", &[]), Ok(vec!["vastai/2026-09".to_owned()]));
        assert_eq!(bodies("vastai", &[("vastai", "2026-10")]), Ok(vec!["vastai/2026-10".to_owned()]));
        assert_eq!(bodies("", &[("vastai", "2026-10")]), Ok(vec!["runpod/basic".to_owned(), "vastai/2026-10".to_owned()]));
        let error = bodies("", &[("vastia", "2026-10")]).expect_err("no such provider");
        assert!(error.contains("did you mean `vastai`?") && error.contains("`runpod`, `vastai`"), "{error}");
        let error = bodies("", &[("vastai", "basic")]).expect_err("no such case");
        assert!(error.contains("`2026-09`, `2026-10`"), "{error}");
        assert!(bodies("notes", &[]).expect_err("nothing there").contains("exchanges.toml"));
        assert!(bodies("none", &[]).expect_err("no folder").contains("none"));
    }

    #[test]
    fn every_providers_basic_sample_is_in_the_program_and_the_template_is_not_shown() {
        for slug in crate::catalogue::slugs() {
            assert!(embedded_case(slug).is_some_and(|case| !case.recorded.is_empty()), "{slug} has no sample `{DEMO_CASE}`");
        }
        let template = embedded_case("example").expect("the template's sample");
        assert!(template.sample && !template.recorded.is_empty());
        let hosts: Vec<_> =
            demo_cases().iter().flat_map(|case| case.recorded.clone()).filter_map(|one| one.url.host_str().map(str::to_owned)).collect();
        assert!(!hosts.contains(&"api.example.com".to_owned()));
        assert!(Samples::iter().all(|file| !file.ends_with("expected.json") && !file.ends_with("facts.toml")));
    }
}
