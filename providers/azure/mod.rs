//! Azure's Retail Prices API, without a key: `GET <https://prices.azure.com/api/retail/prices>`, asked region by region
//! for the sizes of the GPU families, page by page.
//!
//! One part per region shrinks the time a list has to move while it is read; the part `regions` asks where one widely
//! sold size is offered, and so finds regions that the list below does not know.
//! Source: <https://learn.microsoft.com> rest/api/cost-management/retail-prices/azure-retail-prices; paging and limits as
//! met by gpuhunt (#255, 2026-08-19) and Spare Cores.

mod parse;
mod skus;

use std::collections::HashSet;

use async_trait::async_trait;
use serde_json::Value;
use url::Url;

use crate::{FetchError, Page, Parsed, Part, Provider, Request, Settings, ShapeError, Transport};

/// Microsoft Azure, virtual machines with GPUs.
#[derive(Debug)]
pub struct Azure;

const HOST: &str = "prices.azure.com";
const PATH: &str = "/api/retail/prices";

/// A region has one or two pages of 1000 rows, ten of the older 100; more means that the filter does not hold.
const PAGES_MAX: usize = 60;

/// Full pages hold 1000 rows, and held 100 in an older version: a page with a multiple of this may not be the last.
const PAGE_STEP: usize = 100;

/// The part that finds regions.
const REGIONS_PART: &str = "regions";

/// The size that regions are found by: the smallest machine with a T4.
const REGIONS_SKU: &str = "Standard_NC4as_T4_v3";

/// Regions people ask for first.
const REGIONS_FIRST: [&str; 8] =
    ["eastus", "eastus2", "southcentralus", "westus2", "westus3", "westeurope", "northeurope", "swedencentral"];

/// The other public regions. Those without GPU machines answer with an empty list.
/// Source: <https://github.com/MicrosoftDocs/reliability-docs> articles/reliability/regions-list.md at 01021ab; the two
/// `jioindia` regions from price lists.
const REGIONS: [&str; 51] = [
    "australiacentral",
    "australiacentral2",
    "australiaeast",
    "australiasoutheast",
    "austriaeast",
    "belgiumcentral",
    "brazilsouth",
    "brazilsoutheast",
    "canadacentral",
    "canadaeast",
    "centralindia",
    "centralus",
    "chilecentral",
    "denmarkeast",
    "eastasia",
    "francecentral",
    "francesouth",
    "germanynorth",
    "germanywestcentral",
    "indonesiacentral",
    "israelcentral",
    "italynorth",
    "japaneast",
    "japanwest",
    "jioindiacentral",
    "jioindiawest",
    "koreacentral",
    "koreasouth",
    "malaysiawest",
    "mexicocentral",
    "newzealandnorth",
    "northcentralus",
    "norwayeast",
    "norwaywest",
    "polandcentral",
    "qatarcentral",
    "southafricanorth",
    "southafricawest",
    "southeastasia",
    "southindia",
    "spaincentral",
    "swedensouth",
    "switzerlandnorth",
    "switzerlandwest",
    "uaecentral",
    "uaenorth",
    "uksouth",
    "ukwest",
    "westcentralus",
    "westindia",
    "westus",
];

#[async_trait]
impl Provider for Azure {
    fn slug(&self) -> &'static str {
        "azure"
    }

    fn manifest(&self) -> &'static str {
        include_str!("manifest.toml")
    }

    fn version(&self) -> u32 {
        1
    }

    fn parts(&self, settings: &Settings) -> Vec<Part> {
        let mut parts: Vec<_> = REGIONS_FIRST.iter().map(|name| Part::first(*name)).collect();
        parts.extend(REGIONS.iter().chain([&REGIONS_PART]).map(|name| Part::new(*name)));
        for name in &settings.discovered_parts {
            if parse::is_region_code(name) && parts.iter().all(|part| part.name != *name) {
                parts.push(Part::new(name.as_str()));
            }
        }
        settings.choose(parts)
    }

    async fn fetch(&self, part: &Part, _settings: &Settings, transport: &dyn Transport) -> Result<Vec<Page>, FetchError> {
        let first = first_url(part)?;
        let mut pages = Vec::new();
        let mut asked = HashSet::new();
        let mut rows_seen = HashSet::new();
        let mut rows = 0;
        let mut next = Some(first.clone());
        while let Some(url) = next {
            if !asked.insert(url.to_string()) {
                return Err(incomplete("the link to the next page leads back to a page already read"));
            }
            if pages.len() == PAGES_MAX {
                return Err(incomplete(format!("more than {PAGES_MAX} pages")));
            }
            let page = transport.send(Request::get(url.as_str())).await?;
            let answer = page.json()?;
            let found = parse::items(&answer)?;
            check_page(&answer, found, &mut rows_seen)?;
            rows += found.len();
            next = next_url(&answer, found.len(), rows, &first)?;
            pages.push(page);
        }
        Ok(pages)
    }

    fn parse(&self, part: &Part, pages: &[Page]) -> Result<Parsed, ShapeError> {
        parse::parse(part, pages)
    }
}

/// The first page's address. Values in the filter are case-sensitive in this version of the API.
fn first_url(part: &Part) -> Result<Url, FetchError> {
    let wanted = if part.name == REGIONS_PART {
        format!("armSkuName eq '{REGIONS_SKU}'")
    } else if parse::is_region_code(&part.name) {
        format!("armRegionName eq '{}' and contains(armSkuName,'{}')", part.name, skus::GPU_PREFIX)
    } else {
        // It would stand inside a quoted filter.
        let name: String = part.name.chars().take(40).collect();
        return Err(ShapeError::new("part", format!("`{name}` is no code of a region; write it as `eastus2`")).into());
    };
    let filter = format!("serviceName eq 'Virtual Machines' and priceType eq 'Consumption' and {wanted}");
    let pairs = [("api-version", "2023-01-01-preview"), ("currencyCode", "'USD'"), ("$filter", filter.as_str())];
    Url::parse_with_params(&format!("https://{HOST}{PATH}"), pairs)
        .map_err(|error| ShapeError::new("part", format!("no address can be made: {error}")).into())
}

/// The page is as long as it says, and repeats no row of an earlier one: else the list moved between two pages, and what
/// was pushed back onto this page means that another row may have been missed.
fn check_page(answer: &Value, rows: &[Value], seen: &mut HashSet<String>) -> Result<(), FetchError> {
    if let Some(count) = parse::count(answer)?
        && usize::try_from(count) != Ok(rows.len())
    {
        return Err(incomplete(format!("a page announces {count} rows and holds {}", rows.len())));
    }
    // Within one page a row may stand twice; only earlier pages count.
    let texts: Vec<_> = rows.iter().map(Value::to_string).collect();
    if texts.iter().any(|text| seen.contains(text)) {
        return Err(incomplete("a page repeats rows of an earlier one: the list moved, or the page did not turn"));
    }
    seen.extend(texts);
    Ok(())
}

/// Where the next page is: the answer's own link, or our own `$skip` after a page that looks full (the link was empty
/// for a while on 2023-03-10). `None` after the last.
fn next_url(answer: &Value, on_page: usize, so_far: usize, first: &Url) -> Result<Option<Url>, FetchError> {
    match answer.get("NextPageLink") {
        Some(Value::String(link)) if !link.trim().is_empty() => follow(link.trim(), first).map(Some),
        None | Some(Value::Null | Value::String(_)) => {
            let may_be_full = on_page > 0 && on_page.is_multiple_of(PAGE_STEP);
            Ok(may_be_full.then(|| {
                let mut url = first.clone();
                url.query_pairs_mut().append_pair("$skip", &so_far.to_string());
                url
            }))
        }
        other => {
            let reason = format!("expected text, found {}", crate::json::kind(other));
            Err(ShapeError::new("/NextPageLink", reason).into())
        }
    }
}

/// The link's address, if it leads to the same list. Pairs of our question that it lacks are put back, so that no page
/// answers a wider question than the first.
fn follow(link: &str, first: &Url) -> Result<Url, FetchError> {
    let redirect = |reason: &str| FetchError::Redirect { host: HOST.to_owned(), reason: reason.to_owned() };
    // The default port, which the link carries at times, is dropped by parsing.
    let mut url = Url::parse(link).map_err(|_| redirect("the link to the next page is no address"))?;
    if url.scheme() != "https" || url.host_str() != Some(HOST) || url.port().is_some() || url.path() != PATH {
        return Err(redirect("the link to the next page leads elsewhere"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(redirect("the link to the next page carries a name or a password"));
    }
    url.set_fragment(None);
    let has = |name: &str| url.query_pairs().any(|(key, _)| key == name);
    let lacking: Vec<_> = first.query_pairs().filter(|(name, _)| !has(name)).collect();
    if !lacking.is_empty() {
        let mut completed = url.clone();
        completed.query_pairs_mut().extend_pairs(lacking);
        url = completed;
    }
    Ok(url)
}

fn incomplete(reason: impl Into<String>) -> FetchError {
    FetchError::Incomplete { reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Mutex;

    use chrono::{DateTime, Utc};
    use serde_json::json;

    use super::*;
    use crate::Manifest;

    /// Answers by `$skip`, and remembers what was asked.
    struct Script {
        answers: Vec<(&'static str, Value)>,
        asked: Mutex<Vec<Request>>,
    }

    #[async_trait]
    impl Transport for Script {
        async fn send(&self, request: Request) -> Result<Page, FetchError> {
            let skip = request.query("$skip").unwrap_or_default();
            self.asked.lock().expect("no test panics while asking").push(request.clone());
            match self.answers.iter().find(|(key, _)| *key == skip) {
                Some((_, answer)) => Ok(Page::in_memory(request, DateTime::<Utc>::UNIX_EPOCH, Vec::new(), answer.to_string().into_bytes())),
                None => Err(FetchError::Status { host: HOST.to_owned(), status: 404 }),
            }
        }
    }

    fn rows(from: usize, to: usize) -> Vec<Value> {
        (from..to).map(|number| json!({"armSkuName": "Standard_NC4as_T4_v3", "meterId": number})).collect()
    }

    fn answer(rows: &[Value], link: Value) -> Value {
        json!({"BillingCurrency": "USD", "Items": rows, "NextPageLink": link, "Count": rows.len()})
    }

    fn fetch(part: &str, answers: Vec<(&'static str, Value)>) -> (Result<Vec<Page>, FetchError>, Vec<Request>) {
        let script = Script { answers, asked: Mutex::default() };
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let result = runtime.block_on(Azure.fetch(&Part::new(part), &Settings::default(), &script));
        (result, script.asked.into_inner().expect("no test panics while asking"))
    }

    #[track_caller]
    fn check_refused(answers: Vec<(&'static str, Value)>, words: &str) {
        let (result, asked) = fetch("eastus", answers);
        let error = result.expect_err("must be refused").to_string();
        assert!(error.contains(words), "{error}");
        assert!(asked.len() <= PAGES_MAX);
    }

    #[test]
    fn the_question_names_region_family_and_kind_of_price() {
        let (result, asked) = fetch("eastus", vec![("", answer(&[], Value::Null))]);
        assert_eq!(result.map(|pages| pages.len()), Ok(1));
        let filter = "serviceName eq 'Virtual Machines' and priceType eq 'Consumption' and armRegionName eq 'eastus' \
                      and contains(armSkuName,'Standard_N')";
        assert_eq!(asked[0].query("$filter").as_deref(), Some(filter));
        assert_eq!(asked[0].query("currencyCode").as_deref(), Some("'USD'"));
        assert!(asked[0].url.starts_with("https://prices.azure.com/api/retail/prices?api-version=2023-01-01-preview&"));
    }

    #[test]
    fn a_name_that_would_leave_the_filter_is_never_sent() {
        for name in ["", "x' or armRegionName ne '", "East US"] {
            let (result, asked) = fetch(name, vec![("", answer(&[], Value::Null))]);
            assert!(matches!(result, Err(FetchError::Shape(_))) && asked.is_empty(), "{name}");
        }
    }

    #[test]
    fn d04_the_link_is_followed_without_its_port_and_keeps_the_whole_question() {
        let link = json!("https://prices.azure.com:443/api/retail/prices?$skip=1000");
        let (result, asked) = fetch("eastus", vec![("", answer(&rows(0, 3), link)), ("1000", answer(&rows(3, 5), json!("")))]);
        assert_eq!(result.map(|pages| pages.len()), Ok(2));
        assert!(asked[1].url.starts_with("https://prices.azure.com/api/retail/prices?"), "{:?}", asked[1]);
        for name in ["api-version", "currencyCode", "$filter"] {
            assert_eq!(asked[1].query(name), asked[0].query(name), "{name}");
        }
    }

    #[test]
    fn d05_a_full_page_without_a_link_is_not_taken_for_the_whole_list() {
        let first = answer(&rows(0, 1000), Value::Null);
        let (result, asked) = fetch("eastus", vec![("", first.clone()), ("1000", answer(&rows(1000, 1007), Value::Null))]);
        assert_eq!(result.map(|pages| pages.len()), Ok(2));
        assert_eq!(asked[1].query("$skip").as_deref(), Some("1000"));
        let (result, _) = fetch("eastus", vec![("", first.clone()), ("1000", answer(&[], Value::Null))]);
        assert_eq!(result.map(|pages| pages.len()), Ok(2));
        // A failing page fails the part, also one that we asked for ourselves.
        check_refused(vec![("", first.clone())], "404");
        // The page does not turn.
        check_refused(vec![("", first.clone()), ("1000", first)], "repeats rows");
    }

    #[test]
    fn d04_pages_that_moved_or_lead_in_a_circle_are_refused() {
        let link = |skip: usize| json!(format!("https://prices.azure.com/api/retail/prices?$skip={skip}"));
        let (first, empty) = (answer(&rows(0, 3), link(1000)), answer(&[], link(1000)));
        check_refused(vec![("", first.clone()), ("1000", answer(&rows(2, 5), Value::Null))], "repeats rows");
        check_refused(vec![("", first.clone()), ("1000", empty)], "leads back");
        check_refused(vec![("", json!({"Items": rows(0, 3), "Count": 4}))], "announces 4 rows");
        check_refused(vec![("", json!({"Items": rows(0, 3), "Count": "many"}))], "/Count");
        check_refused(vec![("", json!({"Items": rows(0, 3), "NextPageLink": 7}))], "/NextPageLink");
        check_refused(vec![("", json!({"items": []}))], "/Items");
    }

    #[test]
    fn more_pages_than_a_region_can_have_are_refused() {
        // Empty pages that always name another next one.
        struct Endless;
        #[async_trait]
        impl Transport for Endless {
            async fn send(&self, request: Request) -> Result<Page, FetchError> {
                let skip: u64 = request.query("$skip").and_then(|skip| skip.parse().ok()).unwrap_or(0);
                let link = format!("https://prices.azure.com/api/retail/prices?$skip={}", skip + 1000);
                let body = answer(&[], json!(link)).to_string().into_bytes();
                Ok(Page::in_memory(request, DateTime::<Utc>::UNIX_EPOCH, Vec::new(), body))
            }
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let result = runtime.block_on(Azure.fetch(&Part::new("eastus"), &Settings::default(), &Endless));
        assert_eq!(result.err().map(|error| error.to_string()), Some("the answer is not whole: more than 60 pages".to_owned()));
    }

    #[test]
    fn a_link_to_anywhere_else_is_not_followed() {
        for link in [
            "https://prices.azure.com.example.com/api/retail/prices?$skip=1000",
            "http://prices.azure.com/api/retail/prices?$skip=1000",
            "https://prices.azure.com:8443/api/retail/prices?$skip=1000",
            "https://prices.azure.com/api/other?$skip=1000",
            "https://prices.azure.com@example.com/api/retail/prices?$skip=1000",
            "https://name:word@prices.azure.com/api/retail/prices?$skip=1000",
            "/api/retail/prices?$skip=1000",
            "next",
        ] {
            check_refused(vec![("", answer(&rows(0, 3), json!(link)))], "redirects");
        }
    }

    #[test]
    fn d29_regions_come_from_the_source_and_have_a_country_where_they_are_known() {
        let manifest = Manifest::parse("azure", Azure.manifest()).expect("a manifest");
        let known: BTreeSet<_> = REGIONS_FIRST.iter().chain(&REGIONS).map(|name| (*name).to_owned()).collect();
        assert_eq!(known.len(), REGIONS_FIRST.len() + REGIONS.len(), "a region stands twice in the list");
        assert_eq!(known, manifest.regions.keys().cloned().collect());
        assert!(known.iter().all(|name| parse::is_region_code(name)));
        let discovered = ["southcentralus2", "eastus", "x' or '1"].map(str::to_owned).to_vec();
        let parts = Azure.parts(&Settings { discovered_parts: discovered, ..Settings::default() });
        assert_eq!(parts.len(), known.len() + 2);
        assert_eq!(parts[0], Part::first("eastus"));
        assert!(parts.contains(&Part::new("southcentralus2")) && parts.contains(&Part::new(REGIONS_PART)));
    }

    #[test]
    fn countries_that_others_had_wrong_are_right() {
        let manifest = Manifest::parse("azure", Azure.manifest()).expect("a manifest");
        for (region, country) in [("mexicocentral", "MX"), ("brazilsoutheast", "BR"), ("westeurope", "NL"), ("northeurope", "IE")] {
            assert_eq!(manifest.regions.get(region).map(|country| country.as_str()), Some(country), "{region}");
        }
    }
}
