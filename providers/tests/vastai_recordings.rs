//! The Vast.ai adapter against recorded answers, where they lie beside the repository: they belong to others and are
//! not part of it. Prints that it skipped where they are not there.

use std::path::Path;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use gpurate_domain::{GpuMatch, GpuTable, MarketKind};
use gpurate_providers::exchanges::Case;
use gpurate_providers::{FetchError, Page, Part, Request, Settings, Transport, all};

struct Replay(Case);

#[async_trait]
impl Transport for Replay {
    async fn send(&self, request: Request) -> Result<Page, FetchError> {
        let answer = self.0.answer_request(&request).ok_or(FetchError::Status { host: "console.vast.ai".into(), status: 404 })?;
        Ok(Page::in_memory(request, DateTime::<Utc>::UNIX_EPOCH, Vec::new(), answer.body.clone()))
    }
}

#[test]
fn recorded_answers_are_read_without_a_rejected_row() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders = ["../shared", "../../shared"].map(|shared| repository.join(shared).join("recordings/vastai"));
    let Some(entries) = folders.iter().find_map(|folder| std::fs::read_dir(folder).ok()) else {
        println!("recordings not there: skipped");
        return;
    };
    let provider = all().into_iter().find(|provider| provider.slug() == "vastai").expect("registered");
    let table = GpuTable::builtin();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let part = Part::new("RTX 4090");
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_dir()) {
        let case = Case::read(&path).unwrap_or_else(|error| panic!("{error}"));
        let pages = runtime.block_on(provider.fetch(&part, &Settings::default(), &Replay(case))).unwrap_or_else(|error| panic!("{error}"));
        let parsed = provider.parse(&part, &pages).unwrap_or_else(|error| panic!("{error}"));
        assert!(parsed.rejected.is_empty(), "{:?}", parsed.rejected);
        for market in [MarketKind::OnDemand, MarketKind::Spot] {
            assert!(parsed.offers.iter().any(|offer| offer.market == market), "{market}");
        }
        for offer in &parsed.offers {
            println!("{} {} {}", offer.sku, offer.market, offer.price.amount);
            assert!(matches!(table.resolve(&offer.gpu_name, offer.vram_per_gpu), GpuMatch::Known(_)), "{}", offer.gpu_name);
        }
    }
}
