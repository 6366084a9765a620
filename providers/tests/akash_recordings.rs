//! The Akash adapter against a recorded answer, where one lies beside the repository: it belongs to others and is no
//! part of it. Prints that it skipped where none is there. The recording has the source's shape and invented values.

use std::path::Path;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use gpurate_domain::{Availability, MarketKind};
use gpurate_providers::exchanges::Case;
use gpurate_providers::{FetchError, Page, Part, Request, Settings, Transport, all};

struct Replay(Case);

#[async_trait]
impl Transport for Replay {
    async fn send(&self, request: Request) -> Result<Page, FetchError> {
        let missing = FetchError::Status { host: "console-api.akash.network".to_owned(), status: 404 };
        let answer = self.0.answer_request(&request).ok_or(missing)?;
        Ok(Page::in_memory(request, DateTime::<Utc>::UNIX_EPOCH, Vec::new(), answer.body.clone()))
    }
}

#[tokio::test]
async fn the_recorded_shape_is_read_without_a_rejected_row() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders = ["../shared", "../../shared"].map(|shared| repository.join(shared).join("recordings/akash/shape"));
    let Some(folder) = folders.iter().find(|folder| folder.is_dir()) else {
        println!("recordings not there: skipped");
        return;
    };
    let provider = all().into_iter().find(|provider| provider.slug() == "akash").expect("it is registered");
    let case = Case::read(folder).unwrap_or_else(|error| panic!("{error}"));
    let part = Part::new("all");
    let pages = provider.fetch(&part, &Settings::default(), &Replay(case)).await.expect("the recording answers the request");
    let parsed = provider.parse(&part, &pages).expect("the recording has the known shape");
    assert!(parsed.rejected.is_empty(), "{:?}", parsed.rejected);
    // Read by a person; the model without a bid is no offer, and memory without a unit is unknown.
    let found: Vec<_> = parsed.offers.iter().map(|offer| (offer.sku.as_str(), offer.price.amount.to_string())).collect();
    assert_eq!(found, [("amd/gpu3/8192/sxm", "1.2".to_owned()), ("nvidia/gpu0/1024/pcie", "0.6".to_owned())]);
    for offer in &parsed.offers {
        println!("{} {} {:?}", offer.sku, offer.price.amount, offer.availability);
        assert_eq!((offer.market, offer.availability, offer.vram_per_gpu), (MarketKind::OnDemand, Availability::Available, None));
    }
}
