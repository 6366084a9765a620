//! Vultr's public API, without a key: which plans there are and what they cost, per region.
//!
//! `GET <https://api.vultr.com/v2/plans?type=all>` has cloud GPUs (`vcg`, whole cards and slices) and dedicated GPU machines
//! (`vdm`) among plans of processors, `/v2/plans-metal` bare metal, `/v2/regions` the countries; the one part asks all
//! three. Pages are chained by a cursor that is empty on the last; the list is whole when as many rows came as
//! `meta.total` announces. An id on two pages, or a total that moved, means the list changed meanwhile.
//! Source: dstackai/gpuhunt at 3584151, vultr/govultr at 9ee451b and SpareCores/sc-crawler at 4bcc0b1, read 2026-11-22.

mod parse;
mod plans;

use std::collections::HashSet;

use async_trait::async_trait;
use serde_json::Value;
use url::Url;

use crate::{FetchError, Page, Parsed, Part, Provider, Request, Settings, ShapeError, Transport, json};

/// The adapter of Vultr's GPU plans.
#[derive(Debug)]
pub struct Vultr;

const HOST: &str = "https://api.vultr.com";

/// The most that one may ask for.
const ROWS_PER_PAGE: &str = "500";

/// Each list fits on one page; this only bounds a server that never comes to an end.
const PAGES_MAX: usize = 20;

/// One of the three lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    Plans,
    Metal,
    Regions,
}

impl List {
    const ALL: [Self; 3] = [Self::Plans, Self::Metal, Self::Regions];

    const fn path(self) -> &'static str {
        match self {
            Self::Plans => "/v2/plans",
            Self::Metal => "/v2/plans-metal",
            Self::Regions => "/v2/regions",
        }
    }

    /// Where the rows stand in an answer.
    const fn pointer(self) -> &'static str {
        match self {
            Self::Plans => "/plans",
            Self::Metal => "/plans_metal",
            Self::Regions => "/regions",
        }
    }

    fn address(self, cursor: Option<&str>) -> Result<Url, FetchError> {
        let mut pairs = vec![("per_page", ROWS_PER_PAGE)];
        if self == Self::Plans {
            pairs.push(("type", "all"));
        }
        pairs.extend(cursor.map(|cursor| ("cursor", cursor)));
        Url::parse_with_params(&format!("{HOST}{}", self.path()), pairs)
            .map_err(|error| ShapeError::new("/meta/links/next", format!("no address can be made: {error}")).into())
    }

    /// Which list a page belongs to, by what was asked (defect D1: never by position).
    fn asked_by(request: &Request) -> Option<Self> {
        let url = Url::parse(&request.url).ok()?;
        Self::ALL.into_iter().find(|list| list.path() == url.path())
    }
}

#[async_trait]
impl Provider for Vultr {
    fn slug(&self) -> &'static str {
        "vultr"
    }

    fn manifest(&self) -> &'static str {
        include_str!("manifest.toml")
    }

    fn version(&self) -> u32 {
        2
    }

    fn parts(&self, settings: &Settings) -> Vec<Part> {
        settings.choose(vec![Part::first("all")])
    }

    async fn fetch(&self, _part: &Part, _settings: &Settings, transport: &dyn Transport) -> Result<Vec<Page>, FetchError> {
        let mut pages = Vec::new();
        for list in List::ALL {
            pages.extend(read_list(list, transport).await?);
        }
        Ok(pages)
    }

    fn parse(&self, _part: &Part, pages: &[Page]) -> Result<Parsed, ShapeError> {
        parse::parse(pages)
    }
}

async fn read_list(list: List, transport: &dyn Transport) -> Result<Vec<Page>, FetchError> {
    let mut pages = Vec::new();
    let mut progress = Progress::new(list);
    let mut cursor = None;
    while pages.len() < PAGES_MAX {
        let url = list.address(cursor.as_deref())?;
        let page = transport.send(Request::get(url.as_str())).await?;
        cursor = progress.add(&page.json()?)?;
        pages.push(page);
        if cursor.is_none() {
            return Ok(pages);
        }
    }
    Err(FetchError::Incomplete { reason: format!("more than {PAGES_MAX} pages of `{}`", list.path()) })
}

/// What has been read of a list so far.
#[derive(Debug)]
struct Progress {
    list: List,
    rows: u64,
    total: Option<u64>,
    ids: HashSet<String>,
    cursors: HashSet<String>,
}

impl Progress {
    fn new(list: List) -> Self {
        Self { list, rows: 0, total: None, ids: HashSet::new(), cursors: HashSet::new() }
    }

    /// Counts a page in; the cursor of the next one, or `None` where the list is whole with it.
    fn add(&mut self, answer: &Value) -> Result<Option<String>, FetchError> {
        let moved = |reason: String| FetchError::Incomplete { reason };
        let rows = json::array(answer, self.list.pointer())?;
        self.rows += rows.len() as u64;
        if let Some(announced) = announced_total(answer)? {
            let total = *self.total.get_or_insert(announced);
            if total != announced {
                return Err(moved(format!("the total went from {total} to {announced} while the pages were read")));
            }
        }
        let ids: HashSet<_> = rows.iter().filter_map(|row| row.get("id")?.as_str()).map(str::to_owned).collect();
        if let Some(id) = ids.iter().find(|id| self.ids.contains(*id)) {
            let id: String = id.chars().take(60).collect();
            return Err(moved(format!("`{id}` is on two pages: the list moved while it was read")));
        }
        self.ids.extend(ids);
        let next = next_cursor(answer)?;
        match (&next, self.total) {
            (None, Some(total)) if total != self.rows => Err(moved(format!("{} rows came where {total} are announced", self.rows))),
            (Some(_), _) if rows.is_empty() => Err(moved("a page without rows leads on to another".to_owned())),
            (Some(cursor), _) if !self.cursors.insert(cursor.clone()) => {
                Err(moved("the cursor of the next page leads back to a page already read".to_owned()))
            }
            _ => Ok(next),
        }
    }
}

/// How many rows the list has, on all its pages together; `None` where the answer does not say it.
fn announced_total(answer: &Value) -> Result<Option<u64>, ShapeError> {
    let Some(meta) = answer.get("meta") else { return Ok(None) };
    json::optional_whole(meta, "total").map_err(|reason| ShapeError::new("/meta/total", reason))
}

/// The last page says an empty text. An answer without the field may be a first page.
fn next_cursor(answer: &Value) -> Result<Option<String>, ShapeError> {
    match answer.pointer("/meta/links/next") {
        Some(Value::String(cursor)) => Ok(Some(cursor.trim()).filter(|cursor| !cursor.is_empty()).map(str::to_owned)),
        Some(Value::Null) => Ok(None),
        other => Err(ShapeError::new("/meta/links/next", format!("expected text, found {}", json::kind(other)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(ids: &[&str], total: u64, next: &str) -> Value {
        let rows: Vec<_> = ids.iter().map(|id| json!({ "id": id })).collect();
        json!({"plans": rows, "meta": {"total": total, "links": {"next": next, "prev": ""}}})
    }

    /// Adds the pages one after the other: the answer to the last one, or the first error.
    #[track_caller]
    fn check(pages: &[Value], expected: Result<Option<&str>, &str>) {
        let mut progress = Progress::new(List::Plans);
        let mut outcome = Ok(None);
        for page in pages {
            outcome = progress.add(page).map_err(|error| error.to_string());
            if outcome.is_err() {
                break;
            }
        }
        match expected {
            Ok(next) => assert_eq!(outcome, Ok(next.map(str::to_owned))),
            Err(text) => assert!(outcome.as_ref().is_err_and(|error| error.contains(text)), "{outcome:?} should hold `{text}`"),
        }
    }

    #[test]
    fn d05_a_list_ends_with_an_empty_cursor_and_all_announced_rows() {
        check(&[answer(&["a"], 2, "next")], Ok(Some("next")));
        check(&[answer(&["a"], 2, "next"), answer(&["b"], 2, "")], Ok(None));
        check(&[answer(&[], 0, "")], Ok(None));
        check(&[answer(&["a"], 2, "")], Err("1 rows came where 2 are announced"));
        check(&[json!({"plans": [], "meta": {"links": {"next": null}}})], Ok(None));
    }

    #[test]
    fn d04_pages_that_moved_or_lead_in_a_circle_are_refused() {
        check(&[answer(&["a"], 2, "next"), answer(&["a"], 2, "")], Err("`a` is on two pages"));
        check(&[answer(&["a"], 2, "next"), answer(&["b"], 3, "")], Err("the total went from 2 to 3"));
        check(&[answer(&["a"], 3, "x"), answer(&["b"], 3, "x")], Err("leads back"));
        check(&[answer(&[], 3, "next")], Err("a page without rows"));
    }

    #[test]
    fn d04_a_list_that_does_not_say_where_it_ends_is_refused() {
        for meta in
            [json!(null), json!({}), json!({"links": {}}), json!({"links": {"next": 7}}), json!({"total": "many", "links": {"next": ""}})]
        {
            check(&[json!({"plans": [], "meta": meta})], Err("/meta/"));
        }
        check(&[json!({"plans": []})], Err("/meta/links/next"));
        check(&[json!({"plan": []})], Err("/plans"));
    }

    #[test]
    fn a_cursor_is_sent_as_it_came_and_only_plans_have_a_type() {
        let url = List::Metal.address(Some("opaque/+cursor=")).expect("an address");
        assert_eq!(Request::get(url.as_str()).query("cursor").as_deref(), Some("opaque/+cursor="));
        assert_eq!(url.path(), "/v2/plans-metal");
        assert_eq!(List::Plans.address(None).expect("an address").as_str(), "https://api.vultr.com/v2/plans?per_page=500&type=all");
        assert_eq!(List::Regions.address(None).expect("an address").as_str(), "https://api.vultr.com/v2/regions?per_page=500");
    }

    #[test]
    fn d01_a_page_is_known_by_what_was_asked() {
        let asked = |path: &str| List::asked_by(&Request::get(format!("{HOST}{path}")));
        assert_eq!(asked("/v2/plans?type=all&cursor=x"), Some(List::Plans));
        assert_eq!(asked("/v2/plans-metal?per_page=500"), Some(List::Metal));
        assert_eq!(asked("/v2/regions"), Some(List::Regions));
        assert_eq!(asked("/v2/regions/ewr/availability"), None);
    }
}
