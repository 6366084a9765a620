//! Linode against recorded answers, where the folder of recordings stands beside the repository.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use gpurate_domain::{Availability, GpuMatch, GpuTable, TermKind};
use gpurate_providers::exchanges::Case;
use gpurate_providers::{FetchError, Manifest, Page, Part, Request, Settings, Transport, all};

struct Replay(Case);

#[async_trait]
impl Transport for Replay {
    async fn send(&self, request: Request) -> Result<Page, FetchError> {
        let missing = FetchError::Status { host: "recording".to_owned(), status: 404 };
        let answer = self.0.answer_request(&request).ok_or(missing)?;
        Ok(Page::in_memory(request, DateTime::<Utc>::UNIX_EPOCH, Vec::new(), answer.body.clone()))
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

#[tokio::test]
async fn d29_recorded_types_are_offered_in_every_recorded_region() {
    let Some(folder) = folder("linode/2024-2025") else { return };
    let provider = all().into_iter().find(|provider| provider.slug() == "linode").expect("it is registered");
    let case = Case::read(&folder).unwrap_or_else(|error| panic!("{error}"));
    let part = Part::new("all");
    let pages = provider.fetch(&part, &Settings::default(), &Replay(case)).await.expect("the recording answers every request");
    let parsed = provider.parse(&part, &pages).expect("the recording has the known shape");
    // Types, five pages of stock, traffic and volumes; 37 types, four of them with GPUs, in 27 regions.
    assert_eq!((pages.len(), parsed.offers.len(), parsed.rejected.len()), (8, 4 * 27, 0));

    let table = GpuTable::builtin();
    let manifest = Manifest::parse("linode", provider.manifest()).expect("the manifest is valid");
    for offer in &parsed.offers {
        let GpuMatch::Known(index) = table.resolve(&offer.gpu_name, None) else { panic!("`{}` is not in the table", offer.gpu_name) };
        assert_eq!(table.gpu(index).slug, "quadro-rtx-6000");
        assert!(manifest.regions.contains_key(&offer.region.0), "{}", offer.region);
    }
    let stock = |availability| parsed.offers.iter().filter(|offer| offer.availability == availability).count();
    println!("{} available, {} unavailable", stock(Availability::Available), stock(Availability::Unavailable));
    assert_eq!(stock(Availability::NotStated), 0);

    // Read by a person.
    let found = |sku: &str, region: &str| {
        let offer = parsed.offers.iter().find(|offer| offer.sku == sku && offer.region.0 == region).expect("it is in the recording");
        let egress = offer.terms.iter().find(|term| term.kind == TermKind::Egress).expect("a price of traffic");
        (offer.price.amount.to_string(), egress.amount.to_string())
    };
    let brought = |sku: &str| {
        let offer = parsed.offers.iter().find(|offer| offer.sku == sku).expect("it is in the recording");
        offer.attributes.egress_free_gb_per_month
    };
    assert_eq!([brought("g1-gpu-rtx6000-1"), brought("g1-gpu-rtx6000-2")], [Some(16_000), Some(20_000)]);
    assert_eq!(found("g1-gpu-rtx6000-1", "us-central"), ("1.5".to_owned(), "0.005".to_owned()));
    assert_eq!(found("g1-gpu-rtx6000-2", "id-cgk"), ("3".to_owned(), "0.015".to_owned()));
    assert_eq!(found("g1-gpu-rtx6000-4", "br-gru"), ("6".to_owned(), "0.007".to_owned()));
}
