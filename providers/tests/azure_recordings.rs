//! Azure's recorded answers, where they are at hand beside the repository: real rows of 2026-09-16 and hand-made edge
//! cases in the real shape.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use gpurate_domain::MarketKind;
use gpurate_providers::exchanges::Case;
use gpurate_providers::{FetchError, Page, Parsed, Part, Provider, Request, Settings, Transport, all};

struct Replay(Case);

#[async_trait]
impl Transport for Replay {
    async fn send(&self, request: Request) -> Result<Page, FetchError> {
        let missing = FetchError::Status { host: "prices.azure.com".to_owned(), status: 404 };
        let body = self.0.answer_request(&request).ok_or(missing)?.body.clone();
        Ok(Page::in_memory(request, DateTime::<Utc>::UNIX_EPOCH, Vec::new(), body))
    }
}

/// The recording's folder, under `shared/recordings` of any folder above the repository.
fn recording(name: &str) -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found = above.map(|folder| folder.join("shared/recordings/azure").join(name)).find(|path| path.is_dir());
    if found.is_none() {
        println!("recordings not there: skipped");
    }
    found
}

fn azure() -> Box<dyn Provider> {
    all().into_iter().find(|provider| provider.slug() == "azure").expect("azure is registered")
}

fn fetch(path: &Path, part: &str) -> Result<Vec<Page>, FetchError> {
    let case = Case::read(path).expect("a readable recording");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(azure().fetch(&Part::new(part), &Settings::default(), &Replay(case)))
}

fn shown(parsed: &Parsed) -> Vec<(String, MarketKind, String)> {
    parsed.offers.iter().map(|offer| (offer.sku.clone(), offer.market, offer.price.amount.to_string())).collect()
}

#[test]
fn the_recorded_h100_rows_give_one_price_on_demand_and_one_spot() {
    let Some(path) = recording("2026-09-h100") else { return };
    let pages = fetch(&path, "eastus").expect("one whole page");
    let parsed = azure().parse(&Part::new("eastus"), &pages).expect("a known shape");
    let sku = || "Standard_ND96isr_H100_v5".to_owned();
    let expected = vec![(sku(), MarketKind::OnDemand, "98.32".to_owned()), (sku(), MarketKind::Spot, "18.169536".to_owned())];
    assert_eq!(shown(&parsed), expected);
    assert!(parsed.rejected.is_empty(), "{:?}", parsed.rejected);
    // The same page asked for another region is a wrong answer, not that region's price.
    let elsewhere = azure().parse(&Part::new("westeurope"), &pages).expect("a known shape");
    assert_eq!((elsewhere.offers.len(), elsewhere.rejected.len()), (0, 2));
}

#[test]
fn d04_the_recorded_page_that_links_to_itself_is_refused() {
    let Some(path) = recording("edge-cases") else { return };
    let error = fetch(&path, "eastus").expect_err("the second page repeats the first");
    assert!(matches!(error, FetchError::Incomplete { .. }), "{error}");
}

#[test]
fn the_recorded_edge_cases_are_of_other_families_and_are_skipped() {
    let Some(path) = recording("edge-cases") else { return };
    let body = std::fs::read(path.join("page1.json")).expect("the recorded page");
    let request = Request::get("https://prices.azure.com/api/retail/prices");
    let page = Page::in_memory(request, DateTime::<Utc>::UNIX_EPOCH, Vec::new(), body);
    let parsed = azure().parse(&Part::new("eastus"), &[page]).expect("a known shape");
    assert_eq!((parsed.offers.len(), parsed.rejected.len(), parsed.empty_is_an_answer), (0, 0, false));
}
