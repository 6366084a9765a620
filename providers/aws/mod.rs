//! Amazon EC2's public price files, without a key: a list of on-demand prices per region, and one feed of spot prices.
//!
//! `GET <https://b0.p.awsstatic.com/pricing/2.0/meteredUnitMaps/ec2/USD/current/ec2-ondemand-without-sec-sel/{label}/Linux/index.json>`
//! is the file behind the page of on-demand prices; its address holds the region's label, so a label that is not found
//! is an error of that region and never "no GPUs there" (defect D35). `GET <https://website.spot.ec2.aws.a2z.com/spot.json>`
//! is the file behind the page of spot prices, undocumented; `spot-price.s3.amazonaws.com/spot.js`, which it replaced,
//! still answers with prices of 2024-05-13 and is not asked (defect D36). `GET
//! <https://spot-bid-advisor.s3.amazonaws.com/spot-advisor-data.json>` says what spot types have beside GPUs; its bands of
//! interruption name no period and become no number.
//! Source: fuzzbuster/ec2instances.info docs/anonymous-aws.md at ff76b4f (2026-08-05), alexei-led/spotinfo, read
//! 2026-11-22.

mod parse;
mod regions;
mod types;

use async_trait::async_trait;
use url::Url;

use crate::{FetchError, Page, Parsed, Part, Provider, Request, Settings, ShapeError, Transport};

/// Amazon EC2, on demand and spot.
#[derive(Debug)]
pub struct Aws;

/// The part that reads the spot feed; every other part is a region.
const SPOT_PART: &str = "spot";

const LISTS: &str = "https://b0.p.awsstatic.com/pricing/2.0/meteredUnitMaps/ec2/USD/current/ec2-ondemand-without-sec-sel";
const DIRECTORY: &str = "https://b0.p.awsstatic.com/locations/1.0/aws/current/locations.json";
const SPOT: &str = "https://website.spot.ec2.aws.a2z.com/spot.json";
const ADVISOR: &str = "https://spot-bid-advisor.s3.amazonaws.com/spot-advisor-data.json";

#[async_trait]
impl Provider for Aws {
    fn slug(&self) -> &'static str {
        "aws"
    }

    fn manifest(&self) -> &'static str {
        include_str!("manifest.toml")
    }

    fn version(&self) -> u32 {
        2
    }

    fn parts(&self, settings: &Settings) -> Vec<Part> {
        let mut parts = vec![Part::first(SPOT_PART)];
        for (code, _) in regions::ALL {
            parts.push(if regions::FIRST.contains(&code) { Part::first(code) } else { Part::new(code) });
        }
        for name in &settings.discovered_parts {
            if regions::is_code(name) && parts.iter().all(|part| part.name != *name) {
                parts.push(Part::new(name.as_str()));
            }
        }
        settings.choose(parts)
    }

    async fn fetch(&self, part: &Part, _settings: &Settings, transport: &dyn Transport) -> Result<Vec<Page>, FetchError> {
        if part.name == SPOT_PART {
            return Ok(vec![transport.send(Request::get(SPOT)).await?, transport.send(Request::get(ADVISOR)).await?]);
        }
        if !regions::is_code(&part.name) {
            let name: String = part.name.chars().take(40).collect();
            return Err(ShapeError::new("part", format!("`{name}` is no code of a region; write it as `us-east-1`, or `spot`")).into());
        }
        let mut pages = Vec::new();
        let mut labels = regions::labels(&part.name);
        if labels.is_empty() {
            let directory = transport.send(Request::get(DIRECTORY)).await?;
            labels = regions::labels_from_directory(&directory.json()?, &part.name);
            pages.push(directory);
        }
        pages.push(list(&part.name, &labels, transport).await?);
        Ok(pages)
    }

    fn parse(&self, part: &Part, pages: &[Page]) -> Result<Parsed, ShapeError> {
        if part.name == SPOT_PART { parse::spot(pages) } else { parse::on_demand(&part.name, pages) }
    }
}

/// The region's list under the first of its labels that is found. That none is found says nothing about what is sold
/// there: it is the error of the last one (defect D35).
async fn list(region: &str, labels: &[String], transport: &dyn Transport) -> Result<Page, FetchError> {
    let mut not_found = ShapeError::new("/", format!("Amazon's directory of places has no region `{region}`")).into();
    for label in labels {
        match transport.send(Request::get(list_url(label))).await {
            // The store behind the address answers 403 for what it does not have and does not list.
            Err(error @ FetchError::Status { status: 403 | 404, .. }) => not_found = error,
            other => return other,
        }
    }
    Err(not_found)
}

/// The address of the list of the place with this label.
fn list_url(label: &str) -> String {
    let mut url = Url::parse(LISTS).expect("the address is a constant");
    url.path_segments_mut().expect("an https address has a path").extend([label, "Linux", "index.json"]);
    url.into()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use chrono::{DateTime, Utc};

    use super::*;
    use crate::Manifest;

    /// Answers the addresses it knows, others with a status, and remembers what was asked.
    struct Script {
        answers: Vec<(String, String)>,
        otherwise: u16,
        asked: Mutex<Vec<String>>,
    }

    #[async_trait]
    impl Transport for Script {
        async fn send(&self, request: Request) -> Result<Page, FetchError> {
            self.asked.lock().expect("no test panics while asking").push(request.url.clone());
            match self.answers.iter().find(|(url, _)| *url == request.url) {
                Some((_, body)) => Ok(Page::in_memory(request, DateTime::<Utc>::UNIX_EPOCH, Vec::new(), body.as_bytes())),
                None => Err(FetchError::Status { host: "b0.p.awsstatic.com".to_owned(), status: self.otherwise }),
            }
        }
    }

    async fn fetch(part: &str, answers: &[(String, &str)], otherwise: u16) -> (Result<Vec<Page>, FetchError>, Vec<String>) {
        let answers = answers.iter().map(|(url, body)| (url.clone(), (*body).to_owned())).collect();
        let script = Script { answers, otherwise, asked: Mutex::default() };
        let result = Aws.fetch(&Part::new(part), &Settings::default(), &script).await;
        (result, script.asked.into_inner().expect("no test panics while asking"))
    }

    #[test]
    fn the_address_of_a_list_is_the_one_that_was_seen() {
        assert_eq!(list_url("US East (N. Virginia)"), format!("{LISTS}/US%20East%20(N.%20Virginia)/Linux/index.json"));
        // What a directory may one day hold stays one segment of the path.
        assert_eq!(list_url("a/../b?c#d"), format!("{LISTS}/a%2F..%2Fb%3Fc%23d/Linux/index.json"));
    }

    #[tokio::test]
    async fn d35_a_label_that_answers_404_is_an_error_and_not_an_empty_region() {
        for status in [404, 403] {
            let (result, asked) = fetch("us-east-1", &[], status).await;
            assert_eq!(result.expect_err("not found"), FetchError::Status { host: "b0.p.awsstatic.com".to_owned(), status });
            assert_eq!(asked.len(), 1);
        }
    }

    #[tokio::test]
    async fn d35_europe_is_asked_by_its_other_spelling_only_when_the_first_is_not_found() {
        let (old, new) = (list_url("EU (Frankfurt)"), list_url("Europe (Frankfurt)"));
        let (result, asked) = fetch("eu-central-1", &[(old.clone(), "{}"), (new.clone(), "{}")], 404).await;
        assert_eq!((result.map(|pages| pages.len()), asked), (Ok(1), vec![old.clone()]));
        let (result, asked) = fetch("eu-central-1", &[(new.clone(), "{}")], 404).await;
        assert_eq!(result.expect("the second is found")[0].request.url, new);
        assert_eq!(asked, [old.clone(), new.clone()]);
        let (result, asked) = fetch("eu-central-1", &[], 404).await;
        assert!(matches!(result, Err(FetchError::Status { status: 404, .. })) && asked.len() == 2);
        // Another failure says nothing about the label.
        let (result, asked) = fetch("eu-central-1", &[(new, "{}")], 503).await;
        assert!(matches!(result, Err(FetchError::Status { status: 503, .. })) && asked == [old]);
    }

    #[tokio::test]
    async fn d29_a_region_that_is_not_known_here_is_looked_up_in_the_directory() {
        let directory = r#"{"Europe (Oslo)": {"name": "Europe (Oslo)", "code": "eu-north-2", "type": "AWS Region"}}"#;
        let oslo = list_url("Europe (Oslo)");
        let (result, asked) = fetch("eu-north-2", &[(DIRECTORY.to_owned(), directory), (oslo.clone(), "{}")], 404).await;
        assert_eq!((result.map(|pages| pages.len()), asked), (Ok(2), vec![DIRECTORY.to_owned(), oslo]));
        let (result, asked) = fetch("eu-north-3", &[(DIRECTORY.to_owned(), directory)], 404).await;
        assert!(matches!(result, Err(FetchError::Shape(_))) && asked.len() == 1);
        let (result, _) = fetch("eu-north-3", &[(DIRECTORY.to_owned(), "<html>")], 404).await;
        assert!(matches!(result, Err(FetchError::Shape(_))));
    }

    #[tokio::test]
    async fn a_name_that_is_no_region_is_never_asked() {
        for name in ["", "US East (Ohio)", "us-east-1-atl-1", "../x"] {
            let (result, asked) = fetch(name, &[], 404).await;
            assert!(matches!(result, Err(FetchError::Shape(_))) && asked.is_empty(), "{name}");
        }
    }

    #[tokio::test]
    async fn d04_spot_is_both_files_or_an_error() {
        let (spot, advisor) = ((SPOT.to_owned(), "{}"), (ADVISOR.to_owned(), "{}"));
        let (result, _) = fetch("spot", &[spot.clone(), advisor], 404).await;
        assert_eq!(result.map(|pages| pages.len()), Ok(2));
        let (result, _) = fetch("spot", &[spot], 500).await;
        assert!(matches!(result, Err(FetchError::Status { status: 500, .. })));
    }

    #[test]
    fn every_region_is_a_part_with_a_country_and_what_people_wait_for_comes_first() {
        let discovered_parts = ["eu-north-2", "us-east-1", "us-east-1-atl-1", "spot"].map(str::to_owned).to_vec();
        let parts = Aws.parts(&Settings { discovered_parts, ..Settings::default() });
        let manifest = Manifest::parse("aws", Aws.manifest()).expect("the manifest is valid");
        assert_eq!(parts.len(), regions::ALL.len() + 2);
        let first: Vec<_> = parts.iter().filter(|part| part.priority == 0).map(|part| part.name.as_str()).collect();
        assert_eq!(first[0], "spot");
        assert_eq!(first[1..], regions::FIRST);
        assert!(regions::ALL.iter().all(|(code, _)| manifest.regions.contains_key(*code)));
        for url in [LISTS, DIRECTORY, SPOT, ADVISOR] {
            let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).expect("a host");
            assert!(manifest.hosts.contains(&host), "{host}");
        }
    }
}
