//! The template to copy: `GET /v1/gpus`, page by page.

mod parse;

use async_trait::async_trait;

use crate::{FetchError, Page, Parsed, Part, Provider, Request, Settings, ShapeError, Transport, json};

/// An invented provider with every habit an adapter should have.
#[derive(Debug)]
pub struct Example;

const PAGES_MAX: u64 = 100;

#[async_trait]
impl Provider for Example {
    fn slug(&self) -> &'static str {
        "example"
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
        let mut pages = Vec::new();
        for number in 1..=PAGES_MAX {
            let page = transport.send(Request::get(format!("https://api.example.com/v1/gpus?page={number}"))).await?;
            let answer = page.json()?;
            let last = json::optional_whole(&answer, "pages").ok().flatten();
            pages.push(page);
            match last {
                Some(last) if number >= last => return Ok(pages),
                Some(_) => {}
                None => return Err(ShapeError::new("/pages", "the number of pages is missing").into()),
            }
        }
        Err(FetchError::Incomplete { reason: format!("more than {PAGES_MAX} pages") })
    }

    fn parse(&self, _part: &Part, pages: &[Page]) -> Result<Parsed, ShapeError> {
        parse::parse(pages)
    }
}
