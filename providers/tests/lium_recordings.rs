//! The Lium adapter against a recorded answer, where one lies beside the repository: it belongs to others and is no part
//! of it. Prints that it skipped where none is there.

use std::path::Path;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use gpurate_domain::{Availability, GpuCount, GpuMatch, GpuTable, MarketKind};
use gpurate_providers::exchanges::Case;
use gpurate_providers::{FetchError, Page, Part, Request, Settings, Transport, all};

struct Replay(Case);

#[async_trait]
impl Transport for Replay {
    async fn send(&self, request: Request) -> Result<Page, FetchError> {
        let missing = FetchError::Status { host: "lium.io".to_owned(), status: 404 };
        let answer = self.0.answer_request(&request).ok_or(missing)?;
        Ok(Page::in_memory(request, DateTime::<Utc>::UNIX_EPOCH, Vec::new(), answer.body.clone()))
    }
}

#[tokio::test]
async fn d18_every_row_of_the_recording_is_an_offer_of_a_known_card() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders = ["../shared", "../../shared"].map(|shared| repository.join(shared).join("recordings/lium/2026-08-22"));
    let Some(folder) = folders.iter().find(|folder| folder.is_dir()) else {
        println!("recordings not there: skipped");
        return;
    };
    let provider = all().into_iter().find(|provider| provider.slug() == "lium").expect("it is registered");
    let case = Case::read(folder).unwrap_or_else(|error| panic!("{error}"));
    let part = Part::new("all");
    let pages = provider.fetch(&part, &Settings::default(), &Replay(case)).await.expect("the recording answers the request");
    let parsed = provider.parse(&part, &pages).expect("the recording has the known shape");
    assert!(parsed.rejected.is_empty(), "{:?}", parsed.rejected);
    let table = GpuTable::builtin();
    for offer in &parsed.offers {
        let names = [Some(&offer.gpu_name), offer.gpu_name_alternative.as_ref()];
        let known = names.into_iter().flatten().any(|name| matches!(table.resolve(name, offer.vram_per_gpu), GpuMatch::Known(_)));
        println!("{} {} {} {:?}", offer.sku, offer.gpu_name, offer.price.amount, offer.gpu_count);
        assert!(known, "`{}` is not in the table of GPUs", offer.gpu_name);
        assert_eq!((offer.market, offer.availability), (MarketKind::OnDemand, Availability::Available), "{}", offer.sku);
    }
    let found = |name: &str| {
        let offer = parsed.offers.iter().find(|offer| offer.gpu_name == name).unwrap_or_else(|| panic!("no {name}"));
        (offer.gpu_count, offer.gpu_count_max, offer.price.amount.to_string())
    };
    // Read by a person: a machine in parts, one of a single card, and one that is rented whole.
    assert_eq!(found("NVIDIA H100 80GB HBM3"), (GpuCount::whole(1), Some(8), "1.75".to_owned()));
    assert_eq!(found("NVIDIA H200"), (GpuCount::whole(1), None, "4.2262".to_owned()));
    assert_eq!(found("NVIDIA B300 SXM6 AC"), (GpuCount::whole(8), None, "7.97".to_owned()));
}
