//! Real answers of providers, replayed over HTTP, where the folder of recordings is there.

use std::sync::Arc;

use gpurate::catalogue;
use gpurate::collect::replay::{ReplayOptions, load, serve};
use gpurate::collect::run::collect;
use gpurate::config::Config;
use gpurate::daemon::Daemon;
use gpurate_domain::{GpuMatch, MarketKind, Nanos};
use gpurate_providers::Part;
use tokio_util::sync::CancellationToken;

use crate::support::recordings;

struct Row {
    provider: &'static str,
    sku: &'static str,
    tier: &'static str,
    market: MarketKind,
    gpu: &'static str,
    per_hour: &'static str,
}

/// Three prices of each provider, read by a person in the recorded bodies.
const BY_HAND: [Row; 11] = [
    row("runpod", "NVIDIA GeForce RTX 4090", "secure", MarketKind::OnDemand, "rtx-4090", "0.74"),
    row("runpod", "NVIDIA GeForce RTX 4090", "community", MarketKind::OnDemand, "rtx-4090", "0.34"),
    row("runpod", "NVIDIA H100 80GB HBM3", "secure", MarketKind::OnDemand, "h100-sxm", "3.49"),
    row("runpod", "AMD Instinct MI300X OAM", "secure", MarketKind::OnDemand, "mi300x", "2.39"),
    row("vastai", "22990", "community", MarketKind::OnDemand, "rtx-4090", "0.246666667"),
    row("vastai", "22990", "community", MarketKind::Spot, "rtx-4090", "0.2"),
    row("azure", "Standard_ND96isr_H100_v5", "standard", MarketKind::OnDemand, "h100-sxm", "98.32"),
    row("azure", "Standard_ND96isr_H100_v5", "standard", MarketKind::Spot, "h100-sxm", "18.169536"),
    row("scaleway", "L4-1-24G", "standard", MarketKind::OnDemand, "l4", "0.7875"),
    row("scaleway", "L4-8-24G", "standard", MarketKind::OnDemand, "l4", "6.3"),
    row("scaleway", "RENDER-S", "standard", MarketKind::OnDemand, "p100-16gb-pcie", "1.221"),
];

const fn row(
    provider: &'static str,
    sku: &'static str,
    tier: &'static str,
    market: MarketKind,
    gpu: &'static str,
    per_hour: &'static str,
) -> Row {
    Row { provider, sku, tier, market, gpu, per_hour }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_recorded_of_the_four_is_taken_and_right() {
    let Some(folder) = recordings() else {
        eprintln!("the folder of recordings is not beside this repository: nothing was replayed");
        return;
    };
    let cases = load(&folder, &[]).expect("the recordings can be read");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let via = format!("http://{}", listener.local_addr().expect("an address"));
    let cancel = CancellationToken::new();
    tokio::spawn(serve(cases, listener, ReplayOptions::default(), cancel.clone()));
    let text = format!(
        "[transport]\nvia = \"{via}\"\nretries_max = 0\n[providers.azure]\nparts = [\"eastus\"]\n[providers.vastai]\nparts = [\"RTX 4090\"]\n[providers.scaleway]\nparts = [\"fr-par-1\", \"nl-ams-2\"]\n"
    );
    let store = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::open(Config::parse(&text, "test").expect("valid"), &store.path().join("a.db"), false).expect("opens");
    let parts = [
        ("ecb", "all"),
        ("runpod", "all"),
        ("vastai", "RTX 4090"),
        ("azure", "eastus"),
        ("scaleway", "fr-par-1"),
        ("scaleway", "nl-ams-2"),
    ];
    for (provider, part) in parts {
        let known = catalogue::by_slug(provider).expect("in the catalogue");
        let report = collect(&daemon, known, &Part::new(part), false, &cancel).await;
        assert!(report.accepted(), "{report:?}");
        println!(
            "{provider} {part}: {} offers, {} rejected, {} quarantined, {} unmapped",
            report.offers, report.rejected, report.quarantined, report.unmapped
        );
    }
    let market = daemon.market();
    for row in &BY_HAND {
        let found: Vec<_> = market
            .index
            .entries
            .iter()
            .filter(|entry| {
                let key = &entry.offer.key;
                (&*key.provider, &*key.sku, &*key.tier, key.market) == (row.provider, row.sku, row.tier, row.market)
            })
            .collect();
        assert_eq!(found.len(), 1, "{} {} {}", row.provider, row.sku, row.market);
        assert_eq!(Nanos(found[0].offer.price.per_hour.nanos).to_string(), row.per_hour, "{}", row.sku);
        let GpuMatch::Known(gpu) = found[0].gpu else { panic!("{} is {:?}", row.sku, found[0].gpu) };
        assert_eq!(catalogue::gpus().gpu(gpu).slug, row.gpu);
    }
    no_placeholder_is_an_offer(&market);
    cancel.cancel();
}

/// RunPod lists 0 and 0.50 where a tier does not sell a card.
fn no_placeholder_is_an_offer(market: &Arc<gpurate::market::Market>) {
    for (sku, tier) in [
        ("AMD Instinct MI300X OAM", "community"),
        ("NVIDIA H200 NVL", "community"),
        ("NVIDIA GeForce RTX 3070", "secure"),
        ("NVIDIA GeForce RTX 4080", "secure"),
    ] {
        let found = market.index.entries.iter().any(|entry| &*entry.offer.key.sku == sku && &*entry.offer.key.tier == tier);
        assert!(!found, "{sku} is not sold in {tier}");
    }
}

/// Every raw name in the recordings keeps its suffix (defect D18): what is known is the card that it says, and nothing
/// that says Ti, SUPER, D, NVL or SXM is a card that does not.
#[test]
fn d18_every_raw_name_in_the_recordings_keeps_its_suffix() {
    let Some(folder) = recordings() else {
        eprintln!("the folder of recordings is not beside this repository: no name was walked");
        return;
    };
    let text = std::fs::read_to_string(folder.join("runpod/2026-10-prices/gpu_types.json")).expect("readable");
    let answer: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let table = catalogue::gpus();
    let mut walked = 0;
    for row in answer["data"]["gpuTypes"].as_array().expect("a list") {
        for field in ["id", "displayName"] {
            let name = row[field].as_str().expect("a name");
            let gb = row["memoryInGb"].as_u64().and_then(|gb| u32::try_from(gb).ok()).expect("a size");
            if let GpuMatch::Known(gpu) = table.resolve(name, gpurate_domain::Vram::from_marketed_gb(gb)) {
                let known = table.gpu(gpu);
                for suffix in ["Ti", "SUPER", "D", "NVL", "MaxQ", "Max-Q", "SFF"] {
                    let says = |text: &str| {
                        text.split([' ', '-']).any(|word| word.eq_ignore_ascii_case(suffix)) || text.contains(suffix) && suffix.len() > 3
                    };
                    let same = says(name) == says(&known.name) || known.aliases.iter().any(|alias| alias == name);
                    assert!(same, "`{name}` became `{}`", known.name);
                }
                walked += 1;
            }
        }
    }
    assert!(walked > 60, "{walked} names are known");
}
