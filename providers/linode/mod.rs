//! Akamai Cloud (Linode): what a machine type costs, in which regions it can be had, what traffic and volumes cost. No key.
//!
//! `GET <https://api.linode.com/v4/linode/types>`, `.../regions/availability`, `.../network-transfer/prices` and
//! `.../volumes/types`, each in pages whose body says `page`, `pages` and `results`: a list is whole when its last page
//! came, every page says the same totals, no key came twice and as many rows came as announced.
//!
//! Only the types are known to need no key. Where another list answers 401 or 403 it is not public: prices are then
//! offered without it. Any other failure fails the part.
//! Source: linode/linodego at a2241c8, 1da7c96 and 890ff1e (recorded 2024-07-19, 2025-11-06 and 2024-09-06),
//! wayneornn/public-pricing at 305b3f1 ("public, unauthenticated endpoint", 2026-06), read 2026-11-22.

mod parse;

use std::collections::BTreeSet;

use async_trait::async_trait;
use serde_json::Value;

use crate::{FetchError, Page, Parsed, Part, Provider, Request, Settings, ShapeError, Transport, json};

/// The adapter of Linode's public price lists.
#[derive(Debug)]
pub struct Linode;

/// The most rows one may ask for; the server answers with fewer where it likes (100 were recorded).
const PAGE_SIZE: u32 = 500;

/// Five pages of stock were recorded; this only bounds a server that never comes to an end.
const PAGES_MAX: u64 = 50;

/// One of the four lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    Types,
    Stock,
    Transfer,
    Volumes,
}

impl List {
    const ALL: [Self; 4] = [Self::Types, Self::Stock, Self::Transfer, Self::Volumes];

    const fn path(self) -> &'static str {
        match self {
            Self::Types => "/v4/linode/types",
            Self::Stock => "/v4/regions/availability",
            Self::Transfer => "/v4/network-transfer/prices",
            Self::Volumes => "/v4/volumes/types",
        }
    }

    /// Which list a page belongs to, by what was asked (defect D1: never by position).
    fn asked_by(request: &Request) -> Option<Self> {
        let url = url::Url::parse(&request.url).ok()?;
        Self::ALL.into_iter().find(|list| list.path() == url.path())
    }

    /// What tells a row of this list from the others.
    fn key(self, row: &Value) -> Option<String> {
        let text = |field: &str| row.get(field).and_then(Value::as_str);
        match self {
            Self::Stock => Some(format!("{} in {}", text("plan")?, text("region")?)),
            _ => text("id").map(str::to_owned),
        }
    }
}

#[async_trait]
impl Provider for Linode {
    fn slug(&self) -> &'static str {
        "linode"
    }

    fn manifest(&self) -> &'static str {
        include_str!("manifest.toml")
    }

    fn version(&self) -> u32 {
        3
    }

    fn parts(&self, settings: &Settings) -> Vec<Part> {
        settings.choose(vec![Part::first("all")])
    }

    async fn fetch(&self, _part: &Part, _settings: &Settings, transport: &dyn Transport) -> Result<Vec<Page>, FetchError> {
        let mut pages = Vec::new();
        for list in List::ALL {
            match read_list(list, transport).await {
                Ok(read) => pages.extend(read),
                Err(FetchError::Status { status: 401 | 403, .. }) if list != List::Types => {}
                Err(error) => return Err(error),
            }
        }
        Ok(pages)
    }

    fn parse(&self, _part: &Part, pages: &[Page]) -> Result<Parsed, ShapeError> {
        parse::parse(pages)
    }
}

async fn read_list(list: List, transport: &dyn Transport) -> Result<Vec<Page>, FetchError> {
    let mut pages = Vec::new();
    let mut progress = Progress::default();
    for number in 1..=PAGES_MAX {
        let url = format!("https://api.linode.com{}?page={number}&page_size={PAGE_SIZE}", list.path());
        let page = transport.send(Request::get(url)).await?;
        let whole = progress.add(list, number, &page)?;
        pages.push(page);
        if whole {
            return Ok(pages);
        }
    }
    Err(FetchError::Incomplete { reason: format!("more than {PAGES_MAX} pages") })
}

/// What has been read of a list so far.
#[derive(Debug, Default)]
struct Progress {
    totals: Option<(u64, u64)>,
    rows: u64,
    keys: BTreeSet<String>,
}

impl Progress {
    /// Counts a page in; true where the list is whole with it.
    fn add(&mut self, list: List, asked: u64, page: &Page) -> Result<bool, FetchError> {
        let moved = |reason: String| FetchError::Incomplete { reason };
        let answer = page.json()?;
        let rows = json::array(&answer, "/data")?;
        let [number, last, results] = ["page", "pages", "results"].map(|field| announced(&answer, field));
        let (number, totals) = (number?, (last?, results?));
        if number != asked {
            return Err(moved(format!("page {number} came where page {asked} was asked for")));
        }
        if *self.totals.get_or_insert(totals) != totals {
            return Err(moved("the announced totals changed while the pages were read".to_owned()));
        }
        for key in rows.iter().filter_map(|row| list.key(row)) {
            if self.keys.contains(&key) {
                let key: String = key.chars().take(60).collect();
                return Err(moved(format!("`{key}` came twice: the list moved while it was read")));
            }
            self.keys.insert(key);
        }
        self.rows += rows.len() as u64;
        let (last, results) = totals;
        let whole = number >= last;
        if whole && self.rows != results {
            return Err(moved(format!("{} rows came where {results} are announced", self.rows)));
        }
        Ok(whole)
    }
}

fn announced(answer: &Value, field: &str) -> Result<u64, ShapeError> {
    let whole = json::optional_whole(answer, field).map_err(|reason| ShapeError::new(format!("/{field}"), reason))?;
    whole.ok_or_else(|| ShapeError::new(format!("/{field}"), "the count is missing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(body: &str) -> Page {
        Page::in_memory(Request::get("https://api.linode.com/"), chrono::DateTime::UNIX_EPOCH, Vec::new(), body.as_bytes())
    }

    /// Adds the pages one after the other: the answer to the last one, or the first error.
    #[track_caller]
    fn check(pages: &[&str], expected: Result<bool, &str>) {
        let mut progress = Progress::default();
        let mut outcome = Ok(false);
        for (number, body) in (1..).zip(pages) {
            outcome = progress.add(List::Types, number, &page(body)).map_err(|error| error.to_string());
            if outcome.is_err() {
                break;
            }
        }
        match expected {
            Ok(whole) => assert_eq!(outcome, Ok(whole)),
            Err(text) => assert!(outcome.as_ref().is_err_and(|error| error.contains(text)), "{outcome:?} should hold `{text}`"),
        }
    }

    const A: &str = r#"{"data": [{"id": "a"}], "page": 1, "pages": 2, "results": 2}"#;
    const B: &str = r#"{"data": [{"id": "b"}], "page": 2, "pages": 2, "results": 2}"#;

    #[test]
    fn d05_a_list_ends_with_its_last_page_and_not_by_the_size_of_a_page() {
        check(&[A], Ok(false));
        check(&[A, B], Ok(true));
        check(&[r#"{"data": [], "page": 1, "pages": 1, "results": 0}"#], Ok(true));
    }

    #[test]
    fn d04_pages_that_moved_are_refused() {
        check(&[A, r#"{"data": [{"id": "a"}], "page": 2, "pages": 2, "results": 2}"#], Err("`a` came twice"));
        check(&[A, r#"{"data": [{"id": "b"}], "page": 2, "pages": 2, "results": 3}"#], Err("totals changed"));
        check(&[A, r#"{"data": [], "page": 2, "pages": 2, "results": 2}"#], Err("1 rows came where 2 are announced"));
        check(&[A, A], Err("page 1 came where page 2 was asked for"));
    }

    #[test]
    fn d04_a_list_without_usable_totals_is_refused() {
        check(&[r#"{"data": [], "page": 1, "pages": 1}"#], Err("the count is missing"));
        check(&[r#"{"data": [], "page": 1, "pages": "many", "results": 0}"#], Err("not a decimal number"));
        check(&[r#"{"data": {}, "page": 1, "pages": 1, "results": 0}"#], Err("expected a list"));
    }

    #[test]
    fn d01_a_page_is_known_by_what_was_asked() {
        let asked = |path: &str| List::asked_by(&Request::get(format!("https://api.linode.com{path}")));
        assert_eq!(asked("/v4/linode/types?page=2&page_size=500"), Some(List::Types));
        assert_eq!(asked("/v4/regions/availability?page=1"), Some(List::Stock));
        assert_eq!(asked("/v4/regions?page=1"), None);
    }
}
