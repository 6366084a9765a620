//! RunPod Serverless: the price table of its documentation, a small Markdown file, no key. Pods are in `runpod/`.
//!
//! `GET <https://raw.githubusercontent.com/runpod/docs/main/snippets/serverless-gpu-pricing-table.mdx>`: about 1 kB, the
//! table that RunPod keeps for its own pages. Its GraphQL API has the prices of pods, not these.
//! Source: runpod/docs at e5571ba1 (2026-06-08) and d93e9458 (until 2026-05), read 2026-11-22.

mod parse;

use async_trait::async_trait;

use crate::{FetchError, Page, Parsed, Part, Provider, Request, Settings, ShapeError, Transport};

/// The adapter of RunPod's price table for serverless workers.
#[derive(Debug)]
pub struct RunPodServerless;

const ADDRESS: &str = "https://raw.githubusercontent.com/runpod/docs/main/snippets/serverless-gpu-pricing-table.mdx";

#[async_trait]
impl Provider for RunPodServerless {
    fn slug(&self) -> &'static str {
        "runpodserverless"
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
        Ok(vec![transport.send(Request::get(ADDRESS)).await?])
    }

    fn parse(&self, _part: &Part, pages: &[Page]) -> Result<Parsed, ShapeError> {
        parse::parse(pages)
    }
}
