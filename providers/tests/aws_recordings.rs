//! Amazon's recorded files, where they are at hand beside the repository: two rows of an on-demand list of 2026-09-10,
//! and the spot advisor's whole file of 2025-06-28.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use gpurate_domain::{GpuMatch, GpuTable, MarketKind};
use gpurate_providers::exchanges::Case;
use gpurate_providers::{FetchError, Page, Part, Provider, Request, Settings, Transport, all};
use serde_json::{Value, json};

const ADVISOR: &str = "https://spot-bid-advisor.s3.amazonaws.com/spot-advisor-data.json";
const SPOT: &str = "https://website.spot.ec2.aws.a2z.com/spot.json";

struct Replay(Case);

#[async_trait]
impl Transport for Replay {
    async fn send(&self, request: Request) -> Result<Page, FetchError> {
        let missing = FetchError::Status { host: "b0.p.awsstatic.com".to_owned(), status: 404 };
        let body = self.0.answer_request(&request).ok_or(missing)?.body.clone();
        Ok(Page::in_memory(request, DateTime::<Utc>::UNIX_EPOCH, Vec::new(), body))
    }
}

/// The recording's folder, under `shared/recordings` of any folder above the repository.
fn recording(name: &str) -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found = above.map(|folder| folder.join("shared/recordings/aws").join(name)).find(|path| path.is_dir());
    if found.is_none() {
        println!("recordings not there: skipped");
    }
    found
}

fn aws() -> Box<dyn Provider> {
    all().into_iter().find(|provider| provider.slug() == "aws").expect("aws is registered")
}

#[tokio::test]
async fn the_recorded_rows_give_their_prices_and_another_region_is_not_found() {
    let Some(path) = recording("on-demand-us-east-1") else { return };
    let replay = Replay(Case::read(&path).expect("a readable recording"));
    let part = Part::new("us-east-1");
    let pages = aws().fetch(&part, &Settings::default(), &replay).await.expect("the recording answers the request");
    let parsed = aws().parse(&part, &pages).expect("a known shape");
    let shown: Vec<_> = parsed.offers.iter().map(|offer| (offer.sku.as_str(), offer.market, offer.price.amount.to_string())).collect();
    // Read by a person.
    for (sku, price) in [("p5.48xlarge", "55.04"), ("p4d.24xlarge", "21.957642")] {
        assert!(shown.contains(&(sku, MarketKind::OnDemand, price.to_owned())), "{shown:?}");
    }
    assert_eq!((parsed.offers.len(), parsed.rejected.len()), (2, 0));
    // Defect D35: what is not found is an error.
    let error = aws().fetch(&Part::new("eu-central-1"), &Settings::default(), &replay).await.expect_err("not recorded");
    assert!(matches!(error, FetchError::Status { status: 404, .. }), "{error}");
}

/// A spot feed that offers what the advisor knows of each region, so that its names, and the sizes it gives, are read.
fn feed_of(advisor: &Value) -> Value {
    let sizes = |types: &Value| -> Vec<Value> {
        let names = types.as_object().into_iter().flatten().map(|(name, _)| name);
        names.map(|name| json!({"size": name, "valueColumns": [{"name": "linux", "prices": {"USD": "1"}}]})).collect()
    };
    let regions: Vec<_> = advisor["spot_advisor"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(region, by_system)| json!({"region": region, "instanceTypes": [{"type": "all", "sizes": sizes(&by_system["Linux"])}]}))
        .collect();
    json!({"config": {"rate": "perhr", "regions": regions}})
}

#[test]
fn d18_every_gpu_type_of_the_recorded_advisor_is_known() {
    let Some(path) = recording("spot-advisor") else { return };
    let body = std::fs::read_to_string(path.join("spot-advisor.json")).expect("the recorded file");
    let advisor: Value = serde_json::from_str(&body).expect("JSON");
    let page = |url: &str, body: &str| Page::in_memory(Request::get(url), DateTime::<Utc>::UNIX_EPOCH, Vec::new(), body.as_bytes());
    let pages = [page(SPOT, &feed_of(&advisor).to_string()), page(ADVISOR, &body)];
    let parsed = aws().parse(&Part::new("spot"), &pages).expect("a known shape");
    assert!(parsed.rejected.is_empty(), "{:?}", parsed.rejected);
    let table = GpuTable::builtin();
    for offer in &parsed.offers {
        // Of a family retired long ago, whose card the GPU table does not have.
        let is_known = matches!(table.resolve(&offer.gpu_name, offer.vram_per_gpu), GpuMatch::Known(_)) && offer.gpu_count.is_some();
        assert!(is_known || offer.sku.starts_with("g2."), "`{}` is not in the table of types", offer.sku);
        assert!(offer.attributes.vcpu_millis.is_some() && offer.attributes.ram_mib.is_some(), "{}", offer.sku);
    }
    let machine =
        |sku: &str| parsed.offers.iter().find(|offer| offer.sku == sku).map(|offer| offer.attributes.clone()).expect("it is recorded");
    // Read by a person: 192 processors and 2 TiB; 4 and 30.5 GiB.
    assert_eq!((machine("p5.48xlarge").vcpu_millis, machine("p5.48xlarge").ram_mib), (Some(192_000), Some(2_097_152)));
    println!("{} offers of {} regions", parsed.offers.len(), parsed.discovered_parts.len());
    assert_eq!(parsed.discovered_parts.len(), 33);
    // Each of them has a country, so each is a part that is known without being discovered.
    let known: Vec<_> = aws().parts(&Settings::default()).into_iter().map(|part| part.name).collect();
    assert!(parsed.discovered_parts.iter().all(|region| known.contains(region)));
}
