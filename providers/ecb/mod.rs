//! The euro reference rates of the European Central Bank: one small XML file, no key, once a working day.
//!
//! `GET <https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml>`. It has no offers: prices in other currencies
//! become dollars by its rates. The file keeps its last date over weekends and holidays.

mod parse;

use async_trait::async_trait;

use crate::{FetchError, Page, Parsed, Part, Provider, Request, Settings, ShapeError, Transport};

/// The adapter of the European Central Bank's daily reference rates.
#[derive(Debug)]
pub struct Ecb;

const ADDRESS: &str = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml";

#[async_trait]
impl Provider for Ecb {
    fn slug(&self) -> &'static str {
        "ecb"
    }

    fn manifest(&self) -> &'static str {
        include_str!("manifest.toml")
    }

    fn version(&self) -> u32 {
        1
    }

    fn parts(&self, settings: &Settings) -> Vec<Part> {
        // First: without a rate no price in euros can be compared.
        settings.choose(vec![Part::first("all")])
    }

    async fn fetch(&self, _part: &Part, _settings: &Settings, transport: &dyn Transport) -> Result<Vec<Page>, FetchError> {
        Ok(vec![transport.send(Request::get(ADDRESS)).await?])
    }

    fn parse(&self, _part: &Part, pages: &[Page]) -> Result<Parsed, ShapeError> {
        parse::parse(pages)
    }
}
