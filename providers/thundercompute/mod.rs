//! Thunder Compute: `GET <https://api.thundercompute.com:8443/v1/pricing>` has the prices, `/v1/specs` what the machines are. No
//! key, no pages; the one part asks both.
//!
//! Version 1 is asked: the shape of `/v2/pricing` is not known. Should either want a key one day, the part fails with the status.
//! Source: wayneornn/public-pricing thundercompute.js at 305b3f1 (both answered without a key, 2026-06), read 2026-11-22.

mod parse;

use async_trait::async_trait;

use crate::{FetchError, Page, Parsed, Part, Provider, Request, Settings, ShapeError, Transport};

/// Thunder Compute.
#[derive(Debug)]
pub struct ThunderCompute;

const PRICING: &str = "https://api.thundercompute.com:8443/v1/pricing";
const SPECS: &str = "https://api.thundercompute.com:8443/v1/specs";

#[async_trait]
impl Provider for ThunderCompute {
    fn slug(&self) -> &'static str {
        "thundercompute"
    }

    fn manifest(&self) -> &'static str {
        include_str!("manifest.toml")
    }

    fn version(&self) -> u32 {
        1
    }

    fn parts(&self, settings: &Settings) -> Vec<Part> {
        settings.choose(vec![Part::new("all")])
    }

    async fn fetch(&self, _part: &Part, _settings: &Settings, transport: &dyn Transport) -> Result<Vec<Page>, FetchError> {
        Ok(vec![transport.send(Request::get(PRICING)).await?, transport.send(Request::get(SPECS)).await?])
    }

    fn parse(&self, _part: &Part, pages: &[Page]) -> Result<Parsed, ShapeError> {
        parse::parse(pages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Always;

    #[tokio::test]
    async fn d04_a_failed_request_fails_the_part() {
        let error = FetchError::Status { host: "api.thundercompute.com".to_owned(), status: 401 };
        let found = ThunderCompute.fetch(&Part::new("all"), &Settings::default(), &Always(Err(error.clone()))).await;
        assert_eq!(found.expect_err("the transport failed"), error);
    }

    #[tokio::test]
    async fn prices_and_machines_are_asked() {
        let pages = ThunderCompute.fetch(&Part::new("all"), &Settings::default(), &Always(Ok("{}"))).await.expect("the transport answered");
        assert_eq!(pages.iter().map(|page| page.request.clone()).collect::<Vec<_>>(), [Request::get(PRICING), Request::get(SPECS)]);
    }
}
