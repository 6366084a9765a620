//! RunPod: one GraphQL question, no key, answered with the price table of both tiers and the stock of one GPU in each.
//!
//! `POST <https://api.runpod.io/graphql>`. Aliases ask `lowestPrice` twice in one request: without a tier in its input
//! it answers with the cheaper of both and would pass community stock off as secure. No minimum of CUDA, CPU or
//! memory is asked, because that hides offers. Errors come with status 200, a schema error perhaps with 400.
//! Source: dstackai/gpuhunt at 3584151 and runpod/docs at a900806, read 2026-11-22.

mod parse;

use async_trait::async_trait;
use serde_json::json;

use crate::{FetchError, Page, Parsed, Part, Provider, Request, Settings, ShapeError, Transport};

/// The adapter of RunPod's public price table.
#[derive(Debug)]
pub struct RunPod;

const ENDPOINT: &str = "https://api.runpod.io/graphql";

const QUERY: &str = "query {
  gpuTypes {
    id displayName memoryInGb
    secureCloud securePrice secureSpotPrice
    communityCloud communityPrice communitySpotPrice
    maxGpuCount maxGpuCountSecureCloud maxGpuCountCommunityCloud
    secureLowestPrice: lowestPrice(input: {gpuCount: 1, secureCloud: true}) { uninterruptablePrice minimumBidPrice stockStatus }
    communityLowestPrice: lowestPrice(input: {gpuCount: 1, secureCloud: false}) { uninterruptablePrice minimumBidPrice stockStatus }
  }
}";

#[async_trait]
impl Provider for RunPod {
    fn slug(&self) -> &'static str {
        "runpod"
    }

    fn manifest(&self) -> &'static str {
        include_str!("manifest.toml")
    }

    fn version(&self) -> u32 {
        2
    }

    fn parts(&self, settings: &Settings) -> Vec<Part> {
        // First: one small request brings the cards people wait for.
        settings.choose(vec![Part::first("all")])
    }

    async fn fetch(&self, _part: &Part, _settings: &Settings, transport: &dyn Transport) -> Result<Vec<Page>, FetchError> {
        let page = transport.send(Request::post_json(ENDPOINT, &json!({ "query": QUERY }))).await?;
        Ok(vec![page])
    }

    fn parse(&self, _part: &Part, pages: &[Page]) -> Result<Parsed, ShapeError> {
        parse::parse(pages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Method;
    use chrono::{DateTime, Utc};
    use std::sync::Mutex;

    /// Answers every request alike and keeps what was asked.
    struct Scripted {
        answer: Result<&'static str, FetchError>,
        asked: Mutex<Vec<Request>>,
    }

    #[async_trait]
    impl Transport for Scripted {
        async fn send(&self, request: Request) -> Result<Page, FetchError> {
            self.asked.lock().expect("no test panics while it holds the lock").push(request.clone());
            let body = self.answer.clone()?;
            Ok(Page::in_memory(request, DateTime::<Utc>::UNIX_EPOCH, Vec::new(), body.as_bytes()))
        }
    }

    async fn fetch(answer: Result<&'static str, FetchError>) -> (Result<Vec<Page>, FetchError>, Vec<Request>) {
        let transport = Scripted { answer, asked: Mutex::default() };
        let result = RunPod.fetch(&Part::new("all"), &Settings::default(), &transport).await;
        (result, transport.asked.into_inner().expect("no test panics while it holds the lock"))
    }

    #[tokio::test]
    async fn d01_one_request_asks_everything_and_its_page_carries_it() {
        let (pages, asked) = fetch(Ok("{}")).await;
        let pages = pages.expect("the transport answered");
        assert_eq!((pages.len(), asked.len()), (1, 1));
        assert_eq!(pages[0].request, asked[0]);
        assert_eq!((asked[0].method, asked[0].url.as_str(), asked[0].headers.len()), (Method::Post, ENDPOINT, 0));
        let body: serde_json::Value = serde_json::from_str(asked[0].body.as_deref().expect("a body")).expect("a JSON body");
        let query = body["query"].as_str().expect("a query");
        assert!(query.contains("gpuTypes"), "{query}");
        for tier in &parse::TIERS {
            for field in [tier.cloud, tier.price, tier.spot, tier.count_max, &format!("{}: lowestPrice(", tier.lowest)] {
                assert!(query.contains(field), "`{field}` is read and not asked");
            }
        }
    }

    #[tokio::test]
    async fn d09_stock_is_asked_for_each_tier_by_name() {
        let (_, asked) = fetch(Ok("{}")).await;
        let body = asked[0].body.clone().expect("a body");
        assert!(body.contains("secureLowestPrice: lowestPrice(input: {gpuCount: 1, secureCloud: true})"), "{body}");
        assert!(body.contains("communityLowestPrice: lowestPrice(input: {gpuCount: 1, secureCloud: false})"), "{body}");
    }

    #[tokio::test]
    async fn d04_a_failed_request_fails_the_part() {
        let error = FetchError::Status { host: "api.runpod.io".to_owned(), status: 503 };
        let (result, asked) = fetch(Err(error.clone())).await;
        assert_eq!(result.expect_err("the transport failed"), error);
        assert_eq!(asked.len(), 1);
    }

    #[test]
    fn there_is_one_part() {
        let parts = RunPod.parts(&Settings::default());
        assert_eq!(parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>(), ["all"]);
    }
}
