//! Lium (Bittensor subnet 51, formerly Celium), a marketplace: one `GET <https://lium.io/api/executors>`, no key, the whole
//! book in one answer.
//!
//! No page size is named: one asks for pages, and without it everything comes. Two other lists are public and not
//! asked, because what they hold cannot be rented: `machines` (reference prices by model) and `machines/capacity`
//! (caps and reference rates).
//! Source: getcomputable/gpu-index at 055204a, src/gpu_index/observatory/sources/lium.py, read 2026-11-25.

mod parse;

use async_trait::async_trait;

use crate::{FetchError, Page, Parsed, Part, Provider, Request, Settings, ShapeError, Transport};

/// Lium.
#[derive(Debug)]
pub struct Lium;

const EXECUTORS: &str = "https://lium.io/api/executors";

#[async_trait]
impl Provider for Lium {
    fn slug(&self) -> &'static str {
        "lium"
    }

    fn manifest(&self) -> &'static str {
        include_str!("manifest.toml")
    }

    fn version(&self) -> u32 {
        1
    }

    fn parts(&self, settings: &Settings) -> Vec<Part> {
        // First: one request brings the cards people wait for.
        settings.choose(vec![Part::first("all")])
    }

    async fn fetch(&self, _part: &Part, _settings: &Settings, transport: &dyn Transport) -> Result<Vec<Page>, FetchError> {
        Ok(vec![transport.send(Request::get(EXECUTORS)).await?])
    }

    fn parse(&self, _part: &Part, pages: &[Page]) -> Result<Parsed, ShapeError> {
        parse::parse(pages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Manifest;
    use crate::testing::Always;

    async fn fetch(answer: Result<&'static str, FetchError>) -> Result<Vec<Page>, FetchError> {
        Lium.fetch(&Part::new("all"), &Settings::default(), &Always(answer)).await
    }

    #[tokio::test]
    async fn d05_no_page_size_is_asked_for_because_without_one_the_whole_book_comes() {
        let pages = fetch(Ok("[]")).await.expect("the transport answered");
        let asked: Vec<_> = pages.iter().map(|page| page.request.clone()).collect();
        assert_eq!(asked, [Request::get(EXECUTORS)]);
        assert!(!asked[0].url.contains('?'), "{:?}", asked[0]);
    }

    #[tokio::test]
    async fn d04_a_failed_request_fails_the_part() {
        let error = FetchError::Status { host: "lium.io".to_owned(), status: 503 };
        assert_eq!(fetch(Err(error.clone())).await.expect_err("the transport failed"), error);
    }

    #[test]
    fn there_is_one_part() {
        let parts = Lium.parts(&Settings::default());
        assert_eq!(parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>(), ["all"]);
    }

    #[test]
    fn addresses_of_machines_and_keys_of_wallets_are_not_kept() {
        let manifest = Manifest::parse("lium", Lium.manifest()).expect("the manifest is read");
        for field in ["executor_ip_address", "miner_hotkey", "miner_coldkey", "validator_hotkey"] {
            assert!(manifest.redactions.contains(&format!("/*/{field}")), "{field}");
        }
    }
}
