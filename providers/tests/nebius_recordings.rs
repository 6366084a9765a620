//! Nebius against the recorded price page, where the folder of recordings stands beside the repository.

use std::path::{Path, PathBuf};

use gpurate_domain::{GpuMatch, GpuTable, MarketKind};
use gpurate_providers::exchanges::Case;
use gpurate_providers::{Page, Parsed, Part, Request, all};

fn folder(inside: &str) -> Option<PathBuf> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let found = ["..", "../.."].iter().map(|up| repository.join(up).join("shared/recordings").join(inside)).find(|path| path.is_dir());
    if found.is_none() {
        println!("recordings not there: skipped");
    }
    found
}

/// The recorded page, as if it had come on that day.
fn read_on(day: &str, case: &Case) -> Parsed {
    let provider = all().into_iter().find(|provider| provider.slug() == "nebius").expect("it is registered");
    let request = Request::get("https://nebius.com/prices");
    let body = case.answer_request(&request).expect("the page is recorded").body.clone();
    let at = format!("{day}T12:00:00Z").parse().expect("a day");
    provider.parse(&Part::new("all"), &[Page::in_memory(request, at, Vec::new(), body)]).expect("the recording has the known shape")
}

#[test]
fn the_recorded_page_has_the_prices_of_the_day_it_is_read_on() {
    let Some(folder) = folder("nebius/2026-09-html") else { return };
    let case = Case::read(&folder).unwrap_or_else(|error| panic!("{error}"));
    let table = GpuTable::builtin();
    let (before, after) = (read_on("2026-09-20", &case), read_on("2026-10-01", &case));
    for parsed in [&before, &after] {
        // Seven GPUs with a list price, each in both markets; two are to be asked for.
        assert_eq!((parsed.offers.len(), parsed.rejected.len()), (14, 0));
        for offer in &parsed.offers {
            let names = [Some(&offer.gpu_name), offer.gpu_name_alternative.as_ref()];
            let known = names.into_iter().flatten().any(|name| matches!(table.resolve(name, None), GpuMatch::Known(_)));
            // The page does not say which of three boards its RTX PRO 6000 is.
            assert_eq!(known, offer.sku != "NVIDIA RTX PRO 6000", "{}", offer.sku);
        }
    }
    // Read by a person.
    let price = |parsed: &Parsed, sku: &str, market| {
        let offer = parsed.offers.iter().find(|offer| offer.sku == sku && offer.market == market).expect("it is in the recording");
        offer.price.amount.to_string()
    };
    for (sku, market, then, now) in [
        ("NVIDIA HGX B300", MarketKind::OnDemand, "7.85", "9.5"),
        ("NVIDIA HGX H100", MarketKind::OnDemand, "3.85", "4.5"),
        ("NVIDIA RTX PRO 6000", MarketKind::OnDemand, "1.8", "1.8"),
        ("NVIDIA L40S with AMD CPU", MarketKind::OnDemand, "1.82", "1.82"),
        ("NVIDIA HGX H200", MarketKind::Spot, "0.79", "0.79"),
    ] {
        assert_eq!((price(&before, sku, market).as_str(), price(&after, sku, market).as_str()), (then, now), "{sku}");
    }
}
