//! Thunder Compute against a recorded answer, where the folder of recordings stands beside the repository: it belongs to others and
//! is no part of it. Prints that it skipped where none is there.

use std::path::Path;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use gpurate_domain::GpuCount;
use gpurate_providers::exchanges::Case;
use gpurate_providers::{FetchError, Page, Part, Request, Settings, Transport, all};

struct Replay(Case);

#[async_trait]
impl Transport for Replay {
    async fn send(&self, request: Request) -> Result<Page, FetchError> {
        let missing = FetchError::Status { host: "api.thundercompute.com".to_owned(), status: 404 };
        let answer = self.0.answer_request(&request).ok_or(missing)?;
        Ok(Page::in_memory(request, DateTime::<Utc>::UNIX_EPOCH, Vec::new(), answer.body.clone()))
    }
}

#[tokio::test]
async fn d12_the_recorded_machines_have_their_prices_and_a_shared_card_has_no_count() {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let Some(folder) = above.map(|folder| folder.join("shared/recordings/thundercompute/2026-06")).find(|path| path.is_dir()) else {
        println!("recordings not there: skipped");
        return;
    };
    let provider = all().into_iter().find(|provider| provider.slug() == "thundercompute").expect("it is registered");
    let case = Case::read(&folder).unwrap_or_else(|error| panic!("{error}"));
    let part = Part::new("all");
    let pages = provider.fetch(&part, &Settings::default(), &Replay(case)).await.expect("the recording answers both requests");
    let parsed = provider.parse(&part, &pages).expect("the recording has the known shape");
    assert!(parsed.rejected.is_empty(), "{:?}", parsed.rejected);
    let mut found: Vec<_> =
        parsed.offers.iter().map(|offer| (offer.sku.as_str(), offer.price.amount.to_string(), offer.gpu_count)).collect();
    found.sort();
    // Read by a person.
    let expected = [
        ("h100_x1_production", "2.49".to_owned(), GpuCount::whole(1)),
        ("h100_x1_prototyping", "1.38".to_owned(), None),
        ("h100_x8_production", "19.92".to_owned(), GpuCount::whole(8)),
        ("l40s_x1_production", "1.49".to_owned(), GpuCount::whole(1)),
    ];
    assert_eq!(found, expected);
}
