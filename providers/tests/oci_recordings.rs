//! Oracle's shapes against a recorded copy of the estimator's data, where the folder of recordings stands beside the
//! repository. The recording has the estimator's own list of products in place of the price list: its rows are brought
//! into the price list's shape here.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use gpurate_domain::{MarketKind, RawOffer};
use gpurate_providers::{Page, Part, Request, all};
use serde_json::{Value, json};

const PRICES: &str = "https://apexapps.oracle.com/pls/apex/cetools/api/v1/products/?currencyCode=USD";
const SHAPES: &str = "https://www.oracle.com/a/ocom/docs/cloudestimator2/data/shapes.json";

fn folder() -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found = above.map(|folder| folder.join("shared/recordings/oci/estimator")).find(|path| path.is_dir());
    if found.is_none() {
        println!("recordings not there: skipped");
    }
    found
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("the recording can be read")).expect("JSON")
}

fn page(url: &str, answer: &Value) -> Page {
    Page::in_memory(Request::get(url), DateTime::<Utc>::UNIX_EPOCH, Vec::new(), answer.to_string().into_bytes())
}

fn price_list(products: &Value) -> Value {
    let rows = products["items"].as_array().expect("a list").iter().map(|row| {
        let localizations = json!([{"currencyCode": row["currencyCode"], "prices": row["prices"]}]);
        json!({"partNumber": row["partNumber"], "metricName": row["metricDisplayName"], "currencyCodeLocalizations": localizations})
    });
    json!({ "items": rows.collect::<Vec<_>>() })
}

#[test]
fn d08_recorded_shapes_cost_their_number_of_gpus_times_the_recorded_price() {
    let Some(folder) = folder() else { return };
    let pages = [page(PRICES, &price_list(&read(&folder.join("products.json")))), page(SHAPES, &read(&folder.join("shapes.json")))];
    let oci = all().into_iter().find(|provider| provider.slug() == "oci").expect("it is registered");
    let parsed = oci.parse(&Part::new("all"), &pages).expect("the known shape");
    let shown = |offer: &RawOffer| {
        let price = offer.price.per_hour(offer.gpu_count).expect("a price");
        (offer.sku.clone(), offer.market, gpurate_domain::Nanos(price.nanos).to_string())
    };
    let found: Vec<_> = parsed.offers.iter().map(shown).collect();
    println!("{found:?}\n{:?}", parsed.rejected);
    // Read by a person: both parts of the X7 series cost 1.275 per GPU.
    let expected = [
        ("VM.GPU2.1".to_owned(), MarketKind::OnDemand, "1.275".to_owned()),
        ("VM.GPU2.1".to_owned(), MarketKind::Spot, "0.6375".to_owned()),
        ("BM.GPU2.2".to_owned(), MarketKind::OnDemand, "2.55".to_owned()),
    ];
    assert_eq!(found, expected);
    // The recorded products are a first page: the other GPU shapes have no price in it, and say so.
    assert_eq!(parsed.rejected.len(), 5);
    assert!(parsed.rejected.iter().all(|row| row.reason.starts_with("the price list has no part `B")), "{:?}", parsed.rejected);
}
