//! One run of an adapter: it fetches from answers made of a sample and of the fuzzer's bytes, and reads what it got.
//!
//! The bytes are the name of a sample in the first line, then the bodies of its answers in their order, with
//! [`BETWEEN`] between them. A body that is left out is the sample's own.

use std::collections::BTreeMap;
use std::path::Path;
use std::pin::pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use gpurate_providers::exchanges::{Case, answer};
use gpurate_providers::{FetchError, Method, Page, Parsed, Part, Provider, Request, Settings, Transport, all, template};
use url::Url;

/// Stands between two bodies.
pub const BETWEEN: &[u8] = b"\n\x1e\n";

/// No adapter asks so often for the answers of one sample: an adapter that does goes in circles.
const REQUESTS_MAX: usize = 1000;
/// A reason is for a person, and never a whole answer.
const REASON_CHARACTERS_MAX: usize = 1000;

struct Known {
    provider: Box<dyn Provider>,
    cases: BTreeMap<String, Case>,
}

fn known(slug: &str) -> &'static Known {
    static KNOWN: OnceLock<Known> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let provider = all().into_iter().chain([template()]).find(|provider| provider.slug() == slug).expect("a provider's slug");
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../providers").join(slug).join("samples");
        let folders = std::fs::read_dir(samples).expect("a folder of samples").map(|entry| entry.expect("an entry").path());
        let case = |folder: std::path::PathBuf| {
            let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
            (name, Case::read(&folder).expect("a sample"))
        };
        Known { provider, cases: folders.filter(|folder| folder.is_dir()).map(case).collect() }
    })
}

struct Answers {
    case: Case,
    asked: AtomicUsize,
}

#[async_trait]
impl Transport for Answers {
    async fn send(&self, request: Request) -> Result<Page, FetchError> {
        assert!(self.asked.fetch_add(1, Ordering::Relaxed) < REQUESTS_MAX, "asks without end");
        let host = || "example.com".to_owned();
        // An address that the answer gave may be none.
        let Ok(url) = Url::parse(&request.url) else { return Err(FetchError::Status { host: host(), status: 404 }) };
        let method = if request.method == Method::Get { "GET" } else { "POST" };
        let found = answer(&self.case.recorded, method, &url, request.body.as_deref().unwrap_or(""));
        let Some(found) = found else { return Err(FetchError::Status { host: host(), status: 404 }) };
        if found.exchange.status != 200 {
            return Err(FetchError::Status { host: host(), status: found.exchange.status });
        }
        let headers = found.exchange.headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect();
        Ok(Page::in_memory(request, DateTime::<Utc>::UNIX_EPOCH, headers, found.body.clone()))
    }
}

/// The answers that the bytes mean.
fn answers(known: &Known, data: &[u8]) -> Case {
    let (name, mut rest) = data.iter().position(|byte| *byte == b'\n').map_or((data, &b""[..]), |end| (&data[..end], &data[end + 1..]));
    let named = std::str::from_utf8(name).ok().and_then(|name| known.cases.get(name));
    let any = || known.cases.values().nth(name.first().map_or(0, |byte| usize::from(*byte)) % known.cases.len());
    let mut case = named.or_else(any).expect("a provider has samples").clone();
    for recorded in &mut case.recorded {
        if rest.is_empty() {
            break;
        }
        let end = rest.windows(BETWEEN.len()).position(|window| window == BETWEEN);
        let (body, after) = end.map_or((rest, &b""[..]), |end| (&rest[..end], &rest[end + BETWEEN.len()..]));
        recorded.body = body.into();
        rest = after;
    }
    case
}

/// Runs what never waits: these answers are there at once.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("an adapter waits for something other than an answer"),
    }
}

/// Asks the adapter of `slug` and checks what it makes of the answers.
///
/// # Panics
/// Where something is found.
pub fn check(slug: &str, data: &[u8]) {
    let known = known(slug);
    let case = answers(known, data);
    let part = Part::new(case.part.clone().expect("a sample names its part"));
    let transport = Answers { case, asked: AtomicUsize::new(0) };
    let pages = match at_once(known.provider.fetch(&part, &Settings::default(), &transport)) {
        Ok(pages) => pages,
        Err(error) => return is_short(&error.to_string()),
    };
    let first = known.provider.parse(&part, &pages);
    let second = known.provider.parse(&part, &pages);
    assert_eq!(format!("{first:?}"), format!("{second:?}"), "the same pages, read twice");
    match first {
        Ok(parsed) => is_sound(&parsed),
        Err(error) => is_short(&error.to_string()),
    }
}

fn is_sound(parsed: &Parsed) {
    for offer in &parsed.offers {
        assert!(offer.price.amount.is_positive(), "a price that is none: {offer:?}");
        if let Ok(per_hour) = offer.price.per_hour(offer.gpu_count) {
            assert!(per_hour.nanos > 0, "nothing per hour: {offer:?}");
        }
        assert!(offer.mandatory_parts.iter().all(|part| part.quote.amount.0 >= 0), "a part below zero: {offer:?}");
        assert!(offer.terms.iter().all(|term| term.amount.0 >= 0), "a term below zero: {offer:?}");
    }
    for row in &parsed.rejected {
        assert!(!row.reason.trim().is_empty(), "no reason: {row:?}");
        is_short(&row.reason);
    }
    for rate in parsed.rates.iter().flat_map(|rates| rates.per_eur.values()) {
        assert!(rate.is_positive(), "a rate that is none: {rate}");
    }
}

fn is_short(reason: &str) {
    assert!(reason.chars().count() <= REASON_CHARACTERS_MAX, "a reason of {} characters", reason.chars().count());
}
