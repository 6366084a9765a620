//! Vultr against recorded answers, where the folder of recordings stands beside the repository. The recordings are cut:
//! they have neither `meta` nor the list of regions, so their pages are read without asking.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use gpurate_domain::{GpuCount, GpuMatch, GpuTable, MarketKind, RawOffer};
use gpurate_providers::{Page, Part, Request, all};

fn folder() -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found = above.map(|folder| folder.join("shared/recordings/vultr/plans")).find(|path| path.is_dir());
    if found.is_none() {
        println!("recordings not there: skipped");
    }
    found
}

fn page(url: &str, body: impl Into<std::sync::Arc<[u8]>>) -> Page {
    Page::in_memory(Request::get(url), DateTime::<Utc>::UNIX_EPOCH, Vec::new(), body)
}

#[test]
fn d12_recorded_plans_have_their_prices_and_a_slice_is_no_card() {
    let Some(folder) = folder() else { return };
    let read = |file: &str| std::fs::read(folder.join(file)).expect("the recording can be read");
    let pages = [
        page("https://api.vultr.com/v2/plans-metal?per_page=500", read("plans-metal.json")),
        page("https://api.vultr.com/v2/plans?per_page=500&type=all", read("plans.json")),
        page("https://api.vultr.com/v2/regions?per_page=500", &br#"{"regions": []}"#[..]),
    ];
    let vultr = all().into_iter().find(|provider| provider.slug() == "vultr").expect("it is registered");
    let parsed = vultr.parse(&Part::new("all"), &pages).expect("the known shape");
    let shown = |offer: &RawOffer| (offer.sku.clone(), offer.region.0.clone(), offer.price.amount.to_string(), offer.gpu_count);
    let found: Vec<_> = parsed.offers.iter().map(shown).collect();
    println!("{found:#?}\n{:?}", parsed.rejected);
    let row = |sku: &str, region: &str, price: &str, count| (sku.to_owned(), region.to_owned(), price.to_owned(), count);
    // Read by a person. The recorded cloud plans do not say how many GPUs they have; one of them is in the table.
    let expected = [
        row("vbm-256c-2048gb-8-mi300x-gpu", "ord", "17.52", GpuCount::whole(8)),
        row("vbm-112c-2048gb-8-h100-gpu", "sea", "23.92", GpuCount::whole(8)),
        row("vcg-a100-1c-6g-4vram", "ewr", "0.123", None),
        row("vcg-a100-12c-120g-80vram", "ewr", "2.397", GpuCount::whole(1)),
        row("vcg-a100-6c-60g-40vram", "ewr", "1.397", None),
    ];
    assert_eq!(found, expected);
    assert!(parsed.rejected.is_empty(), "{:?}", parsed.rejected);
    let brought: Vec<_> = parsed.offers.iter().map(|offer| offer.attributes.egress_free_gb_per_month).collect();
    assert_eq!(brought, [10_240, 15_360, 1_024, 10_240, 10_240].map(Some));
    // Preemptible prices stand there without the flag that says one can buy at them.
    assert!(parsed.offers.iter().all(|offer| offer.market == MarketKind::OnDemand));
    // Every name is in the table, though of an H100 or an A100 slice the board is not said.
    let table = GpuTable::builtin();
    for offer in &parsed.offers {
        let meaning = table.resolve(&offer.gpu_name, offer.vram_per_gpu);
        assert!(matches!(meaning, GpuMatch::Known(_) | GpuMatch::Ambiguous { .. }), "{}: {meaning:?}", offer.sku);
    }
}
