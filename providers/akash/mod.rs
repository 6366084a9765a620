//! Akash Network, a market of bids: one `GET <https://console-api.akash.network/v1/gpu-prices>`, no key, all models at once.
//!
//! The console's own price list: the server computes it every 15 minutes from bids seen on the chain. `?debug=true` would
//! name the provider of every bid; it is never asked, because on 2026-07-27 such a request filled the shared cache and
//! every caller got status 500 for a quarter of an hour (akash-network/console #3518).
//! Source: akash-network/console at d84c9e9, read 2026-11-25.

mod parse;

use async_trait::async_trait;

use crate::{FetchError, Page, Parsed, Part, Provider, Request, Settings, ShapeError, Transport};

/// Akash Network.
#[derive(Debug)]
pub struct Akash;

const PRICES: &str = "https://console-api.akash.network/v1/gpu-prices";

#[async_trait]
impl Provider for Akash {
    fn slug(&self) -> &'static str {
        "akash"
    }

    fn manifest(&self) -> &'static str {
        include_str!("manifest.toml")
    }

    fn version(&self) -> u32 {
        1
    }

    fn parts(&self, settings: &Settings) -> Vec<Part> {
        // First: one small request brings the cards people wait for.
        settings.choose(vec![Part::first("all")])
    }

    async fn fetch(&self, _part: &Part, _settings: &Settings, transport: &dyn Transport) -> Result<Vec<Page>, FetchError> {
        Ok(vec![transport.send(Request::get(PRICES)).await?])
    }

    fn parse(&self, _part: &Part, pages: &[Page]) -> Result<Parsed, ShapeError> {
        parse::parse(pages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Always;

    async fn fetch(answer: Result<&'static str, FetchError>) -> Result<Vec<Page>, FetchError> {
        Akash.fetch(&Part::new("all"), &Settings::default(), &Always(answer)).await
    }

    #[tokio::test]
    async fn one_plain_request_is_sent_and_never_the_debug_one() {
        let pages = fetch(Ok("{}")).await.expect("the transport answered");
        let asked: Vec<_> = pages.iter().map(|page| page.request.clone()).collect();
        assert_eq!(asked, [Request::get(PRICES)]);
        assert_eq!(asked[0].query("debug"), None);
    }

    #[tokio::test]
    async fn d04_a_failed_request_fails_the_part() {
        let error = FetchError::Status { host: "console-api.akash.network".to_owned(), status: 500 };
        assert_eq!(fetch(Err(error.clone())).await.expect_err("the transport failed"), error);
    }

    #[test]
    fn there_is_one_part() {
        let parts = Akash.parts(&Settings::default());
        assert_eq!(parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>(), ["all"]);
    }
}
