//! Scaleway and the reference rates against recorded answers, where the folder of recordings stands beside the
//! repository. Scaleway's product catalogue, which the adapter does not ask, is the second path to the same prices.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use gpurate_domain::{Availability, Currency, GpuMatch, GpuTable, Nanos, RawOffer};
use gpurate_providers::exchanges::Case;
use gpurate_providers::{FetchError, Page, Parsed, Part, Request, Settings, Transport, all};
use serde_json::Value;

struct Replay(Case);

#[async_trait]
impl Transport for Replay {
    async fn send(&self, request: Request) -> Result<Page, FetchError> {
        let missing = FetchError::Status { host: "recording".to_owned(), status: 404 };
        let answer = self.0.answer_request(&request).ok_or(missing)?;
        let headers = answer.exchange.headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect();
        Ok(Page::in_memory(request, DateTime::<Utc>::UNIX_EPOCH, headers, answer.body.clone()))
    }
}

fn folder(inside: &str) -> Option<PathBuf> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let found = ["..", "../.."].iter().map(|up| repository.join(up).join("shared/recordings").join(inside)).find(|path| path.is_dir());
    if found.is_none() {
        println!("recordings not there: skipped");
    }
    found
}

async fn replay(slug: &str, part: &str, folder: &Path) -> Parsed {
    let provider = all().into_iter().find(|provider| provider.slug() == slug).expect("it is registered");
    let case = Case::read(folder).unwrap_or_else(|error| panic!("{error}"));
    let part = Part::new(part);
    let pages = provider.fetch(&part, &Settings::default(), &Replay(case)).await.expect("the recording answers every request");
    provider.parse(&part, &pages).expect("the recording has the known shape")
}

fn meaning(offer: &RawOffer, table: &GpuTable) -> Option<String> {
    let names = [Some(&offer.gpu_name), offer.gpu_name_alternative.as_ref()];
    names.into_iter().flatten().find_map(|name| match table.resolve(name, offer.vram_per_gpu) {
        GpuMatch::Known(index) => Some(table.gpu(index).slug.clone()),
        _ => None,
    })
}

/// Price per hour and unit of every product of the catalogue, by the name of its type.
fn catalogue(path: &Path) -> BTreeMap<String, (i64, String)> {
    let answer: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("the recording can be read")).expect("JSON");
    let mut prices = BTreeMap::new();
    for product in answer["products"].as_array().expect("a list") {
        let price = &product["price"]["retail_price"];
        let nanos = price["units"].as_i64().expect("units") * 1_000_000_000 + price["nanos"].as_i64().expect("nanos");
        let unit = product["unit_of_measure"]["unit"].as_str().expect("a unit").to_owned();
        let per_hour = if unit == "minute" { nanos * 60 } else { nanos };
        let name = product["properties"]["instance"]["offer_id"].as_str().expect("a name").to_owned();
        prices.insert(name, (per_hour, unit));
    }
    prices
}

#[tokio::test]
async fn d24_every_gpu_of_the_recording_is_known_and_the_catalogue_agrees_on_its_price() {
    let Some(folder) = folder("scaleway/2026-07-01") else { return };
    let parsed = replay("scaleway", "fr-par-1", &folder).await;
    let table = GpuTable::builtin();
    let catalogue = catalogue(&folder.join("fr-par-1.catalog.page1.json"));
    for offer in &parsed.offers {
        let gpu = meaning(offer, &table);
        println!("{} {:?} x {gpu:?}: {} EUR/h, {:?}", offer.sku, offer.gpu_count, offer.price.amount, offer.availability);
        assert!(gpu.is_some(), "`{}` is not in the table of GPUs", offer.gpu_name);
        let per_hour = offer.price.per_hour(offer.gpu_count).expect("a price");
        let (nanos, unit) = catalogue.get(&offer.sku).expect("every type on sale is in the catalogue");
        assert_eq!((per_hour.nanos, per_hour.currency), (*nanos, Currency::EUR), "{}", offer.sku);
        assert_eq!(unit == "hour", offer.sku == "RENDER-S", "{}", offer.sku);
    }
    // Read by a person.
    let found = |sku: &str| {
        let offer = parsed.offers.iter().find(|offer| offer.sku == sku).expect("it is in the recording");
        (offer.price.amount.to_string(), offer.availability)
    };
    assert_eq!(found("L4-1-24G"), ("0.7875".to_owned(), Availability::Unavailable));
    assert_eq!(found("L4-8-24G"), ("6.3".to_owned(), Availability::Unavailable));
    assert_eq!(found("RENDER-S"), ("1.221".to_owned(), Availability::Available));
    assert_eq!((parsed.offers.len(), parsed.rejected.len(), parsed.empty_is_an_answer), (5, 0, false));
}

#[tokio::test]
async fn d35_a_recorded_zone_without_gpus_says_so_itself() {
    let Some(folder) = folder("scaleway/2026-07-01") else { return };
    let parsed = replay("scaleway", "nl-ams-2", &folder).await;
    assert_eq!((parsed.offers.len(), parsed.rejected.len(), parsed.empty_is_an_answer), (0, 0, true));
}

#[tokio::test]
async fn the_recorded_shape_of_the_reference_rates_is_read() {
    let Some(folder) = folder("ecb/shape") else { return };
    let parsed = replay("ecb", "all", &folder).await;
    let rates = parsed.rates.expect("rates");
    assert_eq!(rates.per_eur.get(&Currency::USD), Some(&Nanos(1_100_000_000)));
    assert_eq!((rates.per_eur.len(), parsed.offers.len()), (3, 0));
    assert_eq!(parsed.source_dated_at.map(|at| at.to_rfc3339()), Some("2026-11-20T15:00:00+00:00".to_owned()));
}
