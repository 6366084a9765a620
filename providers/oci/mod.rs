//! Oracle Cloud Infrastructure, without a key: the public price list and the shapes behind Oracle's Cost Estimator.
//!
//! `GET <https://apexapps.oracle.com/pls/apex/cetools/api/v1/products/?currencyCode=USD>` has a price per part number,
//! `GET <https://www.oracle.com/a/ocom/docs/cloudestimator2/data/shapes.json>` what a shape holds and which part it is sold
//! by. Each is one document without paging; a shape has a price only with both, so the one part asks both. The price is
//! the same in every commercial region, and nothing public says which region has which shape.
//! Source: price list and estimator as read by dstackai/gpuhunt at 3584151 and skypilot-org/skypilot
//! sky/catalog/data_fetchers/fetch_oci.py (2026-09), read 2026-11-22.

mod parse;
mod shapes;

use async_trait::async_trait;

use crate::{FetchError, Page, Parsed, Part, Provider, Request, Settings, ShapeError, Transport, json};

/// The adapter of Oracle's GPU shapes.
#[derive(Debug)]
pub struct Oci;

/// One of the two documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Document {
    Prices,
    Shapes,
}

impl Document {
    const ALL: [Self; 2] = [Self::Prices, Self::Shapes];

    /// Other query names than `currencyCode` and `partNumber` are ignored without an error, so nothing else is asked.
    const fn address(self) -> &'static str {
        match self {
            Self::Prices => "https://apexapps.oracle.com/pls/apex/cetools/api/v1/products/?currencyCode=USD",
            Self::Shapes => "https://www.oracle.com/a/ocom/docs/cloudestimator2/data/shapes.json",
        }
    }

    /// Which document a page is, by what was asked (defect D1: never by position).
    fn asked_by(request: &Request) -> Option<Self> {
        Self::ALL.into_iter().find(|document| document.address() == request.url)
    }
}

#[async_trait]
impl Provider for Oci {
    fn slug(&self) -> &'static str {
        "oci"
    }

    fn manifest(&self) -> &'static str {
        include_str!("manifest.toml")
    }

    fn version(&self) -> u32 {
        1
    }

    fn parts(&self, settings: &Settings) -> Vec<Part> {
        settings.choose(vec![Part::first("all")])
    }

    async fn fetch(&self, _part: &Part, _settings: &Settings, transport: &dyn Transport) -> Result<Vec<Page>, FetchError> {
        let mut pages = Vec::new();
        for document in Document::ALL {
            let page = transport.send(Request::get(document.address())).await?;
            check_whole(&page.json()?)?;
            pages.push(page);
        }
        Ok(pages)
    }

    fn parse(&self, _part: &Part, pages: &[Page]) -> Result<Parsed, ShapeError> {
        parse::parse(pages)
    }
}

/// Neither document has pages. Where one says how many rows it has, or that there are more, it must not be a first page.
fn check_whole(answer: &serde_json::Value) -> Result<(), FetchError> {
    let rows = json::array(answer, "/items")?.len() as u64;
    let more = json::optional_bool(answer, "hasMore").map_err(|reason| ShapeError::new("/hasMore", reason))?;
    if more == Some(true) {
        return Err(FetchError::Incomplete { reason: format!("the document says that it goes on after {rows} rows") });
    }
    let count = json::optional_whole(answer, "count").map_err(|reason| ShapeError::new("/count", reason))?;
    match count {
        Some(count) if count != rows => Err(FetchError::Incomplete { reason: format!("{rows} rows came where {count} are announced") }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[track_caller]
    fn check(answer: &Value, expected: Result<(), &str>) {
        match (check_whole(answer).map_err(|error| error.to_string()), expected) {
            (Ok(()), Ok(())) => {}
            (Err(found), Err(words)) => assert!(found.contains(words), "{found}"),
            (found, expected) => panic!("{found:?} where {expected:?} is expected"),
        }
    }

    #[test]
    fn d05_a_first_page_is_not_taken_for_the_whole_list() {
        check(&json!({"items": []}), Ok(()));
        check(&json!({"items": [1], "count": 1, "hasMore": false}), Ok(()));
        check(&json!({"items": [1], "count": null}), Ok(()));
        check(&json!({"items": [1], "hasMore": true}), Err("goes on after 1 rows"));
        check(&json!({"items": [1], "count": 2}), Err("1 rows came where 2 are announced"));
        check(&json!({"items": [1], "count": "many"}), Err("/count"));
        check(&json!({"items": [1], "hasMore": 7}), Err("/hasMore"));
        check(&json!({"items": {}}), Err("/items"));
    }

    #[test]
    fn d01_a_page_is_known_by_what_was_asked() {
        for document in Document::ALL {
            assert_eq!(Document::asked_by(&Request::get(document.address())), Some(document));
        }
        assert_eq!(Document::asked_by(&Request::get("https://www.oracle.com/")), None);
    }

    #[test]
    fn every_host_that_is_asked_is_in_the_manifest() {
        let manifest = crate::Manifest::parse("oci", Oci.manifest()).expect("the manifest is valid");
        for document in Document::ALL {
            let url = url::Url::parse(document.address()).expect("an address");
            assert!(manifest.hosts.iter().any(|host| Some(host.as_str()) == url.host_str()), "{url}");
        }
        assert_eq!(Oci.parts(&Settings::default()), [Part::first("all")]);
    }
}
