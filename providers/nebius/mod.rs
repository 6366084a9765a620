//! Nebius AI Cloud: the price page, an HTML page of tables rendered by the server, no key.
//!
//! `GET https://nebius.com/prices`. Its API needs a service account and prices one preset at a time; the page has every
//! GPU on one sheet. What a column means is read from its heading, never from its place: their order and number have
//! changed, and a column may announce a price of the future.
//! Source: public copy of the page's tables at ewyluda/gpu-price-index eb72cc6 (2026-09), notes of
//! getcomputable/gpu-index (checked live 2026-08-22), read 2026-11-22.

mod html;
mod parse;

use async_trait::async_trait;

use crate::{FetchError, Page, Parsed, Part, Provider, Request, Settings, ShapeError, Transport};

/// The adapter of Nebius's price page.
#[derive(Debug)]
pub struct Nebius;

const ADDRESS: &str = "https://nebius.com/prices";

#[async_trait]
impl Provider for Nebius {
    fn slug(&self) -> &'static str {
        "nebius"
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
        Ok(vec![transport.send(Request::get(ADDRESS)).await?])
    }

    fn parse(&self, _part: &Part, pages: &[Page]) -> Result<Parsed, ShapeError> {
        parse::parse(pages)
    }
}
