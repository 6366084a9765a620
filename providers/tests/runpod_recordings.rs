//! RunPod against an answer recorded from its API, where the folder of recordings stands beside the repository.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use gpurate_domain::{GpuMatch, GpuTable, MarketKind, RawOffer};
use gpurate_providers::exchanges::Case;
use gpurate_providers::{FetchError, Page, Parsed, Part, Request, Settings, Transport, all};

struct Replay(Case);

#[async_trait]
impl Transport for Replay {
    async fn send(&self, request: Request) -> Result<Page, FetchError> {
        let missing = FetchError::Status { host: "api.runpod.io".to_owned(), status: 404 };
        let answer = self.0.answer_request(&request).ok_or(missing)?;
        Ok(Page::in_memory(request, DateTime::<Utc>::UNIX_EPOCH, Vec::new(), answer.body.clone()))
    }
}

fn folder() -> Option<PathBuf> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let inside = "shared/recordings/runpod/2026-10-prices";
    ["..", "../.."].iter().map(|up| repository.join(up).join(inside)).find(|path| path.is_dir())
}

async fn replay(folder: &Path) -> Parsed {
    let provider = all().into_iter().find(|provider| provider.slug() == "runpod").expect("it is registered");
    let case = Case::read(folder).unwrap_or_else(|error| panic!("{error}"));
    let part = Part::new("all");
    let pages = provider.fetch(&part, &Settings::default(), &Replay(case)).await.expect("the recording answers the request");
    provider.parse(&part, &pages).expect("the recording has the known shape")
}

fn meaning(offer: &RawOffer, table: &GpuTable) -> Option<String> {
    let names = [Some(&offer.gpu_name), offer.gpu_name_alternative.as_ref()];
    names.into_iter().flatten().find_map(|name| match table.resolve(name, offer.vram_per_gpu) {
        GpuMatch::Known(index) => Some(table.gpu(index).slug.clone()),
        _ => None,
    })
}

#[tokio::test]
async fn d18_every_name_of_the_recording_is_known_and_its_prices_are_by_tier() {
    let Some(folder) = folder() else {
        println!("recordings not there: skipped");
        return;
    };
    let parsed = replay(&folder).await;
    let table = GpuTable::builtin();
    for offer in &parsed.offers {
        let gpu = meaning(offer, &table);
        println!("{} {} {} {} {gpu:?}", offer.sku, offer.tier, offer.market, offer.price.amount);
        assert!(gpu.is_some(), "`{}` is not in the table of GPUs", offer.sku);
        assert!(offer.price.per_hour(offer.gpu_count).is_ok(), "{}", offer.sku);
        assert_eq!(offer.market, MarketKind::OnDemand, "the recording asked no spot price");
    }
    let price = |sku: &str, tier: &str| {
        let found = parsed.offers.iter().find(|offer| offer.sku == sku && offer.tier == tier);
        found.map(|offer| offer.price.amount.to_string())
    };
    // Read by a person; the last three are placeholders.
    assert_eq!(price("NVIDIA GeForce RTX 4090", "secure").as_deref(), Some("0.74"));
    assert_eq!(price("NVIDIA GeForce RTX 4090", "community").as_deref(), Some("0.34"));
    assert_eq!(price("NVIDIA H100 80GB HBM3", "secure").as_deref(), Some("3.49"));
    assert_eq!(price("AMD Instinct MI300X OAM", "community"), None);
    assert_eq!(price("NVIDIA H200 NVL", "community"), None);
    assert_eq!(price("NVIDIA GeForce RTX 3070", "secure"), None);

    // Two types of the recording have no flags: neither of their tiers can be believed.
    for rejected in &parsed.rejected {
        println!("rejected: {} {}", rejected.sku, rejected.reason);
        assert!(rejected.reason.ends_with("Cloud` is missing"), "{rejected:?}");
    }
    println!("{} offers, {} rejected", parsed.offers.len(), parsed.rejected.len());
    assert_eq!((parsed.offers.len(), parsed.rejected.len()), (51, 4));
}
