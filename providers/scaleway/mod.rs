//! Scaleway's Instance API: what a zone's machine types cost, and which of them can be had. No key.
//!
//! `GET <https://api.scaleway.com/instance/v1/zones/{zone}/products/servers>` has the prices and
//! `.../products/servers/availability` the stock; a part is a zone and asks both. The size of a page is the server's
//! choice (50 rows were recorded, 100 is the most one may ask for), so pages are read until as many names came as
//! `X-Total-Count` announces. A name on two pages, or a total that moved, means the list changed meanwhile.
//!
//! The public product catalogue (`/product-catalog/v2alpha1/`) is not asked: README.md says why.
//! Source: scaleway/scaleway-cli at 980a752 (recorded 2026-07-01), getcomputable/gpu-index at 1562d11 (checked live
//! 2026-08-22).

mod parse;

use std::collections::BTreeSet;

use async_trait::async_trait;

use crate::{FetchError, Page, Parsed, Part, Provider, Request, Settings, ShapeError, Transport, json};

/// The adapter of Scaleway's GPU Instances.
#[derive(Debug)]
pub struct Scaleway;

/// The zones that sold GPUs on 2026-08-22, the first of them every type; the others are asked as well, since types move.
const ZONES_FIRST: [&str; 3] = ["fr-par-2", "fr-par-1", "pl-waw-2"];
const ZONES: [&str; 7] = ["fr-par-3", "nl-ams-1", "nl-ams-2", "nl-ams-3", "pl-waw-1", "pl-waw-3", "it-mil-1"];

/// Zones list 70 to 136 types, so this is far off; it only bounds a server that never comes to an end.
const PAGES_MAX: u64 = 20;

/// One of the two lists of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    Types,
    Stock,
}

impl List {
    fn path(self, zone: &str) -> String {
        let stock = match self {
            Self::Types => "",
            Self::Stock => "/availability",
        };
        format!("/instance/v1/zones/{zone}/products/servers{stock}")
    }

    /// Which list of the zone a page belongs to, by what was asked (defect D1: never by position).
    fn asked_by(request: &Request, zone: &str) -> Option<Self> {
        let url = url::Url::parse(&request.url).ok()?;
        [Self::Types, Self::Stock].into_iter().find(|list| list.path(zone) == url.path())
    }
}

#[async_trait]
impl Provider for Scaleway {
    fn slug(&self) -> &'static str {
        "scaleway"
    }

    fn manifest(&self) -> &'static str {
        include_str!("manifest.toml")
    }

    fn version(&self) -> u32 {
        1
    }

    fn parts(&self, settings: &Settings) -> Vec<Part> {
        settings.choose(ZONES_FIRST.map(Part::first).into_iter().chain(ZONES.map(Part::new)).collect())
    }

    async fn fetch(&self, part: &Part, _settings: &Settings, transport: &dyn Transport) -> Result<Vec<Page>, FetchError> {
        let mut pages = read_list(List::Types, &part.name, transport).await?;
        pages.extend(read_list(List::Stock, &part.name, transport).await?);
        Ok(pages)
    }

    fn parse(&self, part: &Part, pages: &[Page]) -> Result<Parsed, ShapeError> {
        parse::parse(&part.name, pages)
    }
}

async fn read_list(list: List, zone: &str, transport: &dyn Transport) -> Result<Vec<Page>, FetchError> {
    let mut pages = Vec::new();
    let mut progress = Progress::default();
    for number in 1..=PAGES_MAX {
        let url = format!("https://api.scaleway.com{}?page={number}&per_page=100", list.path(zone));
        let page = transport.send(Request::get(url)).await?;
        let whole = progress.add(&page)?;
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
    total: Option<u64>,
    names: BTreeSet<String>,
}

impl Progress {
    /// Counts a page in; true where the list is whole with it.
    fn add(&mut self, page: &Page) -> Result<bool, FetchError> {
        let moved = |reason: String| FetchError::Incomplete { reason };
        let announced = announced_total(page)?;
        let total = *self.total.get_or_insert(announced);
        if total != announced {
            return Err(moved(format!("the total went from {total} to {announced} while the pages were read")));
        }
        let answer = page.json()?;
        let rows = json::object(&answer, "/servers")?;
        for name in rows.keys() {
            if !self.names.insert(name.clone()) {
                let name: String = name.chars().take(40).collect();
                return Err(moved(format!("`{name}` is on two pages: the list moved while it was read")));
            }
        }
        let read = self.names.len() as u64;
        if read > total || read < total && rows.is_empty() {
            return Err(moved(format!("{read} types came where {total} are announced")));
        }
        Ok(read == total)
    }
}

/// How many rows the list has, on all its pages together.
fn announced_total(page: &Page) -> Result<u64, ShapeError> {
    let header = page.header("x-total-count").ok_or_else(|| ShapeError::new("X-Total-Count", "the header is missing"))?;
    header.trim().parse().map_err(|_| ShapeError::new("X-Total-Count", "the header is no whole number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(total: &str, body: &str) -> Page {
        let headers = vec![("x-total-count".to_owned(), total.to_owned())];
        Page::in_memory(Request::get("https://api.scaleway.com/"), chrono::DateTime::UNIX_EPOCH, headers, body.as_bytes())
    }

    /// Adds the pages one after the other: the answer to the last one, or the first error.
    #[track_caller]
    fn check(pages: &[(&str, &str)], expected: Result<bool, &str>) {
        let mut progress = Progress::default();
        let mut outcome = Ok(false);
        for (total, body) in pages {
            outcome = progress.add(&page(total, body)).map_err(|error| error.to_string());
            if outcome.is_err() {
                break;
            }
        }
        match expected {
            Ok(whole) => assert_eq!(outcome, Ok(whole)),
            Err(text) => assert!(outcome.as_ref().is_err_and(|error| error.contains(text)), "{outcome:?} should hold `{text}`"),
        }
    }

    const A: &str = r#"{"servers": {"a": {}}}"#;
    const B: &str = r#"{"servers": {"b": {}}}"#;
    const NONE: &str = r#"{"servers": {}}"#;

    #[test]
    fn d05_a_list_ends_by_its_count_and_not_by_the_size_of_a_page() {
        check(&[("2", A)], Ok(false));
        check(&[("2", A), ("2", B)], Ok(true));
        check(&[("0", NONE)], Ok(true));
    }

    #[test]
    fn d04_pages_that_moved_are_refused() {
        check(&[("2", A), ("2", A)], Err("`a` is on two pages"));
        check(&[("2", A), ("3", B)], Err("the total went from 2 to 3"));
        check(&[("2", A), ("2", NONE)], Err("1 types came where 2 are announced"));
        check(&[("0", A)], Err("1 types came where 0 are announced"));
    }

    #[test]
    fn d04_a_list_without_a_usable_count_is_refused() {
        check(&[("many", A)], Err("no whole number"));
        check(&[("-1", A)], Err("no whole number"));
        let without = Page::in_memory(Request::get("https://api.scaleway.com/"), chrono::DateTime::UNIX_EPOCH, Vec::new(), A.as_bytes());
        assert!(Progress::default().add(&without).is_err_and(|error| error.to_string().contains("the header is missing")));
    }

    #[test]
    fn d01_a_page_is_known_by_what_was_asked() {
        let asked = |path: &str| List::asked_by(&Request::get(format!("https://api.scaleway.com/instance/v1/zones/{path}")), "fr-par-2");
        assert_eq!(asked("fr-par-2/products/servers?page=2&per_page=100"), Some(List::Types));
        assert_eq!(asked("fr-par-2/products/servers/availability?page=1"), Some(List::Stock));
        assert_eq!(asked("fr-par-1/products/servers?page=1"), None);
        assert_eq!(asked("fr-par-2/products/volumes"), None);
    }

    #[test]
    fn the_zones_with_most_gpus_come_first_and_every_zone_has_a_country() {
        let parts = Scaleway.parts(&Settings::default());
        let manifest = crate::Manifest::parse("scaleway", Scaleway.manifest()).expect("the manifest is valid");
        assert_eq!(parts[0].name, "fr-par-2");
        assert!(parts[2].priority < parts[3].priority);
        assert!(parts.iter().all(|part| manifest.regions.contains_key(&part.name)));
        assert_eq!(parts.len(), 10);
    }
}
