//! One part misbehaves in every way there is: its last good prices stay with their true age, the reason is said, and
//! nothing else is touched.

use std::sync::Arc;

use gpurate::catalogue;
use gpurate::collect::run::{Report, collect};
use gpurate::config::Config;
use gpurate::daemon::Daemon;
use gpurate_domain::{MarketKind, OfferKey};
use gpurate_providers::Part;
use tokio_util::sync::CancellationToken;

use crate::support::{Behaviour, Server, config, runpod, runpod_cards, runpod_list, vast};

const RUNPOD: &str = "/https/api.runpod.io/graphql";
const VAST: &str = "/https/console.vast.ai/api/v0/bundles";

struct World {
    _folder: tempfile::TempDir,
    server: Server,
    daemon: Arc<Daemon>,
}

impl World {
    /// RunPod and Vast are collected once, and well.
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let server = Server::start().await;
        server.set(RUNPOD, Behaviour::json(runpod_list(1)));
        server.set(VAST, Behaviour::json(vast("0.31")));
        let config = Config::parse(&config(&server.via()), "test").expect("a configuration");
        let daemon = Daemon::open(config, &folder.path().join("a.db"), false).expect("opens");
        let world = Self { _folder: folder, server, daemon };
        for (provider, part) in [("runpod", "all"), ("vastai", "RTX 4090")] {
            let report = world.collect(provider, part).await;
            assert!(report.accepted(), "{report:?}");
        }
        world
    }

    async fn collect(&self, provider: &str, part: &str) -> Report {
        let known = catalogue::by_slug(provider).expect("in the catalogue");
        collect(&self.daemon, known, &Part::new(part), false, &CancellationToken::new()).await
    }

    /// Price in nanos and time of observation of RunPod's offer.
    fn price(&self, sku: &str) -> Option<(i64, chrono::DateTime<chrono::Utc>)> {
        let key = OfferKey {
            provider: "runpod".into(),
            sku: sku.into(),
            tier: "secure".into(),
            region: "global".into(),
            market: MarketKind::OnDemand,
            gpu_count: Some(gpurate_domain::GpuCount::ONE),
        };
        let market = self.daemon.market();
        market.entry(key.id()).map(|entry| (entry.offer.price.per_hour.nanos, market.observed_at(entry)))
    }

    fn runpod_error(&self) -> Option<String> {
        let market = self.daemon.market();
        market.parts[market.part_index("runpod", "all").expect("its part")].last_error.clone()
    }
}

const CARD: &str = "NVIDIA GeForce RTX 4090";

/// The fault costs RunPod nothing but its freshness, and Vast nothing at all.
async fn check(fault: Behaviour, outcome: &str, reason: &str) {
    let world = World::new().await;
    let before = world.price(CARD).expect("collected");
    let offers = world.daemon.market().index.entries.len();
    world.server.set(RUNPOD, fault);
    let report = world.collect("runpod", "all").await;
    assert_eq!(report.outcome, outcome, "{report:?}");
    assert!(!reason.is_empty(), "every error contains nothing");
    let error = report.error.clone().unwrap_or_default();
    assert!(error.contains(reason), "`{error}` does not say `{reason}`");
    assert_eq!(world.runpod_error(), report.error, "the provider's page gives the reason");
    assert_eq!(world.price(CARD), Some(before), "the last good price and its true age stay");
    assert_eq!(world.daemon.market().index.entries.len(), offers, "nothing is withdrawn");
    let vast = world.collect("vastai", "RTX 4090").await;
    assert!(vast.accepted(), "the other provider goes on: {vast:?}");
    world.server.set(RUNPOD, Behaviour::json(runpod_list(1)));
    assert!(world.collect("runpod", "all").await.accepted(), "it comes back by itself");
    assert!(world.price(CARD).expect("there").1 > before.1);
}

fn html() -> Behaviour {
    Behaviour::Answer(200, vec![("content-type".into(), "text/html".into())], b"<!doctype html><title>Back soon</title>".to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_the_server() {
    check(Behaviour::Answer(500, Vec::new(), Vec::new()), "failed", "answered 500").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn d22_a_pause_that_the_provider_asks_for() {
    let world = World::new().await;
    world.server.set(RUNPOD, Behaviour::Answer(429, vec![("retry-after".into(), "3600".into())], Vec::new()));
    let asked = world.server.requests.lock().expect("no panic").len();
    let report = world.collect("runpod", "all").await;
    assert!(report.error.as_deref().is_some_and(|error| error.contains("3600 s")), "{report:?}");
    assert_eq!(world.server.requests.lock().expect("no panic").len(), asked + 1, "it is not asked again");
    let tracked = world.daemon.tracked();
    let part = tracked.iter().find(|tracked| tracked.known.slug() == "runpod").expect("tracked");
    let pause = part.attempts.not_before.expect("a pause") - chrono::Utc::now();
    assert!((3500..=3600).contains(&pause.num_seconds()), "{pause}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_without_end_is_told_as_long_as_it_is_kept() {
    let world = World::new().await;
    world.server.set(RUNPOD, Behaviour::Answer(429, vec![("retry-after".into(), u64::MAX.to_string())], Vec::new()));
    let report = world.collect("runpod", "all").await;
    assert!(report.error.as_deref().is_some_and(|error| error.ends_with("next attempt in 604800 s")), "{report:?}");
    let tracked = world.daemon.tracked();
    let part = tracked.iter().find(|tracked| tracked.known.slug() == "runpod").expect("tracked");
    let pause = part.attempts.not_before.expect("a pause") - chrono::Utc::now();
    assert!((604_700..=604_800).contains(&pause.num_seconds()), "{pause}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_nothing() {
    check(Behaviour::Silence, "failed", "within").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_drips() {
    check(Behaviour::Drip(runpod_list(1).into_bytes()), "failed", "within").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_cut() {
    check(Behaviour::Cut(runpod_list(1).into_bytes()), "failed", "cut").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn json_that_is_cut() {
    let list = runpod_list(1);
    check(Behaviour::json(&list.as_bytes()[..list.len() / 2]), "refused", "not JSON").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_without_end() {
    check(Behaviour::Endless, "failed", "more than the limit").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_announces_a_gigabyte_is_not_even_begun() {
    check(Behaviour::Announce(1_000_000_000), "failed", "more than the limit").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bomb_of_gzip() {
    use std::io::Write;
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..64 {
        bomb.write_all(&vec![b' '; 1024 * 1024]).expect("into memory");
    }
    let bomb = bomb.finish().expect("into memory");
    assert!(bomb.len() < 200_000);
    let headers = vec![("content-type".into(), "application/json".into()), ("content-encoding".into(), "gzip".into())];
    check(Behaviour::Answer(200, headers, bomb), "failed", "more than the limit").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_page_with_status_200() {
    check(html(), "refused", "web page").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list() {
    check(Behaviour::json(r#"{"data":{"gpuTypes":[]}}"#), "refused", "no row").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn d14_a_null_document() {
    check(Behaviour::json("null"), "refused", "unknown shape at `/data`").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_was_renamed() {
    check(Behaviour::json(runpod_list(1).replace("securePrice", "secureRate")), "refused", "10 of 10 rows").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn d07_prices_of_zero() {
    check(Behaviour::json(runpod_list(0)), "refused", "rows").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn d20_prices_that_are_no_number() {
    let text: String = runpod_list(1).replace("\"securePrice\":", "\"securePrice\":\"NaN\",\"x\":");
    check(Behaviour::json(text), "refused", "rows").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn d20_a_bare_nan_is_not_json() {
    let text: String = runpod_list(1).replace("\"securePrice\":", "\"securePrice\":NaN,\"x\":");
    check(Behaviour::json(text), "refused", "not JSON").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn d07_prices_below_zero() {
    check(Behaviour::json(runpod_list(1).replace("\"securePrice\":", "\"securePrice\":-")), "refused", "rows").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn prices_ten_times_as_high() {
    check(Behaviour::json(runpod_list(10)), "refused", "rows").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn d04_two_thirds_of_the_rows_missing() {
    check(Behaviour::json(runpod(&runpod_cards(1)[..3])), "refused", "3 offers came where").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_in_a_circle() {
    let world = World::new().await;
    let before = world.price(CARD);
    world.server.set(RUNPOD, Behaviour::Circle);
    let report = world.collect("runpod", "all").await;
    assert_eq!(report.outcome, "failed", "{report:?}");
    assert!(report.error.as_deref().is_some_and(|error| error.contains("redirect")), "{report:?}");
    assert_eq!(world.price(CARD), before);
}

/// A double with two prices is held alone, with its true age; the rest is renewed.
#[tokio::test(flavor = "multi_thread")]
async fn d19_an_id_with_two_prices() {
    let world = World::new().await;
    let before = world.price(CARD).expect("collected");
    let mut cards = runpod_cards(1);
    cards.push(("NVIDIA GeForce RTX 4090", "RTX 4090", 24, 80));
    world.server.set(RUNPOD, Behaviour::json(runpod(&cards)));
    let report = world.collect("runpod", "all").await;
    assert!(report.accepted() && report.quarantined == 1, "{report:?}");
    assert_eq!(world.price(CARD), Some(before));
    assert!(world.price("NVIDIA L4").expect("collected").1 > before.1);
}

/// No address of a host and no name of a person reaches the archive.
#[tokio::test(flavor = "multi_thread")]
async fn an_archived_page_holds_no_address_of_a_host() {
    let world = World::new().await;
    let address = "203.0.113.77";
    let with_address = vast("0.31").replace("\"machine_id\":7", &format!("\"machine_id\":7,\"public_ipaddr\":\"{address}\""));
    world.server.set(VAST, Behaviour::json(with_address));
    assert!(world.collect("vastai", "RTX 4090").await.accepted());
    let market = world.daemon.market();
    let part = &market.parts[market.part_index("vastai", "RTX 4090").expect("its part")];
    let hash = part.pages.first().expect("a page");
    let mut text = String::new();
    let page = world.daemon.archive.get("vastai", hash).expect("readable").expect("kept");
    std::io::Read::read_to_string(&mut { page }, &mut text).expect("text");
    assert!(text.contains("machine_id") && !text.contains(address), "{text}");
}

/// An adapter that was mended reads the archived answer again: the difference is a revision of the row that was wrong,
/// not a change of the market.
#[tokio::test(flavor = "multi_thread")]
async fn d32_a_mended_adapter_corrects_what_it_read_wrong() {
    let World { _folder: folder, server, daemon } = World::new().await;
    drop(daemon);
    let path = folder.path().join("a.db");
    {
        // As if the adapter's version before had read the card's price as 9.99.
        let connection = rusqlite::Connection::open(&path).expect("opens");
        connection.execute("UPDATE part SET adapter_version = 0 WHERE provider = 'runpod'", []).expect("updated");
        let wrong = connection.execute(
            "UPDATE offer_now SET per_hour_nanos = 9990000000 WHERE offer_id = (SELECT id FROM offer WHERE sku = ?1 AND tier = 'secure')",
            [CARD],
        );
        assert_eq!(wrong.expect("updated"), 1);
    }
    let config = Config::parse(&config(&server.via()), "test").expect("a configuration");
    let daemon = Daemon::open(config, &path, false).expect("opens");
    let world = World { _folder: folder, server, daemon };
    assert_eq!(world.price(CARD).map(|(nanos, _)| nanos), Some(9_990_000_000));
    let report = world.collect("runpod", "all").await;
    assert!(report.accepted() && report.changed == 0 && report.quarantined == 0, "{report:?}");
    assert_eq!(world.price(CARD).map(|(nanos, _)| nanos), Some(740_000_000));
    let connection = rusqlite::Connection::open(&path).expect("opens");
    let (revisions, events): (i64, i64) = connection
        .query_row("SELECT (SELECT count(*) FROM price WHERE revision = 1), (SELECT count(*) FROM event)", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .expect("counted");
    assert_eq!((revisions, events), (1, 0));
}
