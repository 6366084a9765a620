//! The main job as a user sees it: the real binary on a real port, asked over HTTP and on the command line.

use std::process::Output;
use std::time::Duration;

use crate::support::{Behaviour, Served, Server, config, gpurate, request, runpod, runpod_cards, runpod_list, vast};

struct World {
    folder: tempfile::TempDir,
    server: Server,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let server = Server::start().await;
        server.set("api.runpod.io", Behaviour::json(runpod_list(1)));
        server.set("console.vast.ai", Behaviour::json(vast("0.31")));
        std::fs::write(folder.path().join("daemon.toml"), config(&server.via())).expect("written");
        Self { folder, server }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        gpurate(self.folder.path()).args(arguments).output().expect("it runs")
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_collects_answers_and_ends_cleanly() {
    let world = World::new().await;
    let served = Served::start(world.folder.path(), &[]);
    assert_eq!(served.get("/healthz").0, 200);
    let answer = served.wait("/api/v1/cheapest?gpu=rtx-4090", |answer| answer["items"][0]["providers"].as_i64() == Some(2));
    let row = &answer["items"][0];
    assert_eq!(
        (row["gpu"].as_str(), row["provider"].as_str(), row["price_usd_per_gpu_hour"].as_str()),
        (Some("rtx-4090"), Some("vastai"), Some("0.31"))
    );
    assert_eq!((row["sku"].as_str(), row["market"].as_str(), row["gpu_count"].as_str()), (Some("7"), Some("on_demand"), Some("1")));
    assert_eq!(row["freshness"].as_str(), Some("fresh"));
    let id = row["id"].as_str().expect("an id").to_owned();
    let (status, offer) = served.get(&format!("/api/v1/offers/{id}"));
    assert_eq!(status, 200, "{offer}");
    let hash = offer["pages"][0]["hash"].as_str().expect("evidence");
    let (status, page) = served.get(&format!("/api/v1/pages/{hash}"));
    assert_eq!((status, page["offers"][0]["machine_id"].as_i64()), (200, Some(7)));
    check_metrics(&served);
    check_cli(&world, &id);
    assert!(served.end().success(), "SIGTERM ends it cleanly");
}

/// Requests are counted by the pattern that matched: what a stranger asks for is never a label.
fn check_metrics(served: &Served) {
    assert_eq!(served.get("/no/such/place").0, 404);
    let (status, metrics) = served.get("/metrics");
    let metrics = metrics.as_str().unwrap_or_default();
    assert_eq!(status, 200, "{metrics}");
    for line in [
        "gpurate_store_fault 0",
        "gpurate_median_usd_per_gpu_hour{gpu=\"rtx-4090\",market=\"on_demand\"} ",
        "gpurate_stale_after_seconds{provider=\"vastai\"} 7200",
        "gpurate_store_commit_duration_seconds_count ",
        "gpurate_http_requests_total{method=\"GET\",route=\"/api/v1/offers/{id}\",status=\"200\"} 1",
        "gpurate_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 1",
    ] {
        assert!(metrics.lines().any(|served| served.starts_with(line)), "no `{line}` in {metrics}");
    }
    assert!(!metrics.contains("/no/such/place"), "{metrics}");
}

/// The command line reads the same market, daemon or not.
fn check_cli(world: &World, id: &str) {
    let output = world.run(&["cheapest", "rtx-4090", "--json"]);
    let answer: serde_json::Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)));
    assert_eq!(answer["items"][0]["id"].as_str(), Some(id));
    let table = world.run(&["cheapest"]);
    assert!(text(&table.stdout).contains("rtx-4090"), "{}{}", text(&table.stdout), text(&table.stderr));
    for arguments in [
        vec!["offers"],
        vec!["show", id],
        vec!["providers"],
        vec!["providers", "show", "runpod"],
        vec!["gpus"],
        vec!["workloads"],
        vec!["workloads", "flux1-dev", "--gpu", "rtx-4090"],
        vec!["simulate", "--preset", "evenings"],
        vec!["simulate", "--preset", "overnight", "--json"],
        vec!["simulate", "--model", "flux1-dev", "--evenings", "3", "--hours", "2.5", "--images", "150", "--models-gb", "60", "--there"],
        vec!["simulate", "--model", "sdxl", "--images", "2000", "--sessions", "1", "--asleep", "--by", "08:00"],
        vec!["simulate", "--preset", "evenings", "--compare", "rtx-4090", "rtx-3090"],
        vec!["simulate", "--preset", "evenings", "--save", "kept"],
        vec!["simulate", "--verify", "kept"],
        vec!["simulate", "--keys"],
        vec!["providers", "show", "lambda"],
        vec!["compare", "rtx-5090", "rtx-4090"],
        vec!["guide", "image-generation", "--batch"],
        vec!["check"],
        vec!["health"],
    ] {
        let output = world.run(&arguments);
        assert!(output.status.success(), "{arguments:?}: {}{}", text(&output.stdout), text(&output.stderr));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_question_is_answered_with_the_way_out() {
    let world = World::new().await;
    let served = Served::start(world.folder.path(), &[]);
    served.wait("/api/v1/cheapest", |answer| answer["items"].as_array().is_some_and(|items| items.len() > 5));
    let (status, problem) = served.get("/api/v1/cheapest?gpu=rtx4900");
    assert_eq!(status, 400);
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("`rtx-4090`")), "{problem}");
    assert_eq!(problem["parameter"].as_str(), Some("gpu"));
    for path in [
        "/api/v1/cheapest?gpus=rtx-4090",
        "/api/v1/cheapest?market=sport",
        "/api/v1/cheapest?vram_min_gib=-1",
        "/api/v1/offers?cursor=%00",
        "/api/v1/offers/xyz",
        "/api/v1/offers?by=provider",
        "/api/v1/collections?limit=0",
        "/api/v1/problems?kind=all",
        "/api/v1/workloads?gpu=rtx4900",
        "/api/v1/workloads/flux1-dev?gpu=t4&steps=0",
        "/api/v1/workloads/flux1-dev?gpu=t4&variant=nothing",
        "/api/v1/simulate",
        "/api/v1/simulate?preset=evening",
        "/api/v1/simulate?preset=evenings&hours=0.1",
        "/api/v1/simulate?preset=evenings&evictions_per_hour=61",
        "/api/v1/simulate/offers/nothing?preset=evenings",
        "/api/v1/busy-share/rtx-4090/gtx-1?preset=evenings",
        "/api/v1/compare",
        "/api/v1/compare?gpus=rtx-4090",
        "/api/v1/compare?gpus=rtx-4090,rtx-4090",
        "/api/v1/compare?gpus=rtx-5090,rtx-4090,rtx-3090",
        "/api/v1/compare?gpus=h100,rtx-4090",
        "/api/v1/guides/image-generation?usage=fast",
        "/api/v1/guides/image-generation?workload=lora-sdxl",
    ] {
        let (status, problem) = served.get(path);
        assert_eq!(status, 400, "{path}: {problem}");
        assert!(problem["detail"].is_string() && problem["type"].is_string(), "{path}: {problem}");
    }
    for path in [
        "/api/v1/gpus/nothing",
        "/api/v1/workloads/nothing",
        "/api/v1/guides/nothing",
        "/api/v1/providers/nobody",
        "/api/v1/pages/../../etc/passwd",
        "/nothing",
        "/api/v1/offers/00000000000000000000",
        "/api/v1/simulate/offers/00000000000000000000?preset=evenings",
    ] {
        assert_eq!(served.get(path).0, 404, "{path}");
    }
    assert_eq!(request("POST", &format!("http://{}/api/v1/cheapest", served.address), &[]).0, 405);
    check_workload(&world, &served);
    check_simulation(&world, &served);
    check_faces(&world, &served);
}

/// A plan in a query, in a body and as flags is answered by one document; a bill can be asked for whole.
fn check_simulation(world: &World, served: &Served) {
    let without_time = |mut answer: serde_json::Value| {
        // Ages and plans are of their own: the command was asked a moment later, and the plan in JSON has a number.
        for key in ["as_of", "coverage", "plan", "permalink"] {
            answer[key] = serde_json::Value::Null;
        }
        for row in answer["items"].as_array_mut().into_iter().flatten() {
            row["age_seconds"] = serde_json::Value::Null;
        }
        answer
    };
    let (status, asked) = served.get("/api/v1/simulate?preset=evenings&limit=3&gpu=rtx-4090");
    assert_eq!(status, 200, "{asked}");
    let rows = asked["items"].as_array().expect("rows");
    assert!(!rows.is_empty() && rows.iter().all(|row| row["lines"].as_array().is_some_and(|lines| !lines.is_empty())), "{asked}");
    let permalink = asked["permalink"].as_str().expect("a link");
    assert_eq!(without_time(served.get(permalink).1), without_time(asked.clone()));
    let body = r#"{"preset": "evenings", "limit": 3, "gpu": ["rtx-4090"]}"#;
    let url = format!("http://{}/api/v1/simulate", served.address);
    let (status, posted) = super::support::post(&url, body);
    assert_eq!((status, without_time(posted)), (200, without_time(asked.clone())));
    let (status, problem) = super::support::post(&url, "{\"preset\": ");
    assert!(status == 400 && problem["detail"].as_str().is_some_and(|detail| detail.contains("send a plan as")), "{problem}");
    let output = world.run(&["simulate", "--preset", "evenings", "--limit", "3", "--gpu", "rtx-4090", "--json"]);
    let printed: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(without_time(printed), without_time(asked.clone()));
    let id = rows[0]["id"].as_str().expect("an id");
    let (status, bill) = served.get(&format!("/api/v1/simulate/offers/{id}?preset=evenings"));
    assert_eq!((status, &bill["row"]["lines"]), (200, &rows[0]["lines"]), "{bill}");
    assert!(
        bill["rule"].as_array().is_some_and(|facts| !facts.is_empty() && facts.iter().all(|fact| fact["source"].is_string())),
        "{bill}"
    );
    let (status, share) = served.get("/api/v1/busy-share/rtx-4090/rtx-3090?preset=evenings");
    assert_eq!((status, share["curve"].as_array().map(Vec::len)), (200, Some(21)), "{share}");
}

/// What two cards and a guide say is one document on every face.
fn check_faces(world: &World, served: &Served) {
    for (path, arguments) in [
        ("/api/v1/compare?gpus=rtx-5090,rtx-4090", ["compare", "rtx-5090", "rtx-4090", "--json"]),
        ("/api/v1/guides/image-generation?usage=batch", ["guide", "image-generation", "--batch", "--json"]),
    ] {
        let (status, mut answer) = served.get(path);
        assert_eq!(status, 200, "{path}: {answer}");
        let output = world.run(&arguments);
        let mut printed: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        without_time(&mut answer);
        without_time(&mut printed);
        assert!(printed == answer, "{path}: the faces disagree");
    }
}

/// Takes out what moves with the clock, and what a daemon counts that a command does not.
fn without_time(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(object) => {
            if object.get("kind").and_then(|kind| kind.as_str()) == Some("age") {
                object.remove("value");
            }
            for moving in ["as_of", "age_seconds", "text", "market_version", "coverage"] {
                object.remove(moving);
            }
            if object.get("id").and_then(|id| id.as_str()).is_some_and(|id| id.ends_with("_age")) {
                object.remove("words");
            }
            object.values_mut().for_each(without_time);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(without_time),
        _ => {}
    }
}

/// Both faces print one document.
fn check_workload(world: &World, served: &Served) {
    let (status, answer) = served.get("/api/v1/workloads/flux1-dev?gpu=rtx-4090&steps=28");
    assert_eq!((status, answer["on"][0]["chosen"]["variant"].as_str()), (200, Some("fp8_resident_eager")), "{answer}");
    assert_eq!(answer["on"][0]["chosen"]["speed"]["basis"]["kind"].as_str(), Some("measured"), "{answer}");
    let output = world.run(&["workloads", "flux1-dev", "--gpu", "rtx-4090", "--steps", "28", "--json"]);
    let printed: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(printed, answer);
}

/// A kept answer is plain for those who do not take it compressed, whoever asked first.
#[tokio::test(flavor = "multi_thread")]
async fn one_client_s_compression_is_not_another_s() {
    use std::io::Read;
    let world = World::new().await;
    let served = Served::start(world.folder.path(), &[]);
    served.wait("/api/v1/cheapest", |answer| answer["items"].as_array().is_some_and(|items| items.len() > 5));
    for path in ["/api/v1/cheapest?by=provider", "/api/v1/providers"] {
        let url = format!("http://{}{path}", served.address);
        for _ in 0..2 {
            let (status, compressed) = request("GET", &url, &[("accept-encoding", "gzip")]);
            let mut text = String::new();
            flate2::read::GzDecoder::new(&compressed[..]).read_to_string(&mut text).unwrap_or_else(|error| panic!("{path}: {error}"));
            assert!(status == 200 && text.starts_with('{'), "{path}");
            let (status, plain) = request("GET", &url, &[]);
            assert!(status == 200 && plain.starts_with(b"{"), "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_state_needs_a_token() {
    let world = World::new().await;
    let served = Served::start(world.folder.path(), &[]);
    let url = format!("http://{}/api/v1/providers/runpod/collect", served.address);
    for headers in [[].as_slice(), &[("authorization", "Bearer guess")]] {
        let (status, told) = request("POST", &url, headers);
        assert_eq!(status, 403, "no token is configured");
        assert!(text(&told).contains("server.token_env"), "{}", text(&told));
    }
    // The command line of the same user asks the daemon with the token of its run.
    let output = world.run(&["collect", "runpod", "--json"]);
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    assert!(text(&output.stdout).contains("accepted"), "{}", text(&output.stdout));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_one_time_collection_says_what_failed_and_keeps_the_rest() {
    let world = World::new().await;
    world.server.set("api.runpod.io", Behaviour::Answer(500, Vec::new(), Vec::new()));
    let output = world.run(&["collect"]);
    assert_eq!(output.status.code(), Some(1), "{}{}", text(&output.stdout), text(&output.stderr));
    let table = text(&output.stdout);
    assert!(table.contains("runpod") && table.contains("500"), "{table}");
    let cheapest = world.run(&["cheapest", "rtx-4090"]);
    assert!(text(&cheapest.stdout).contains("vastai"), "{}", text(&cheapest.stdout));
    world.server.set("api.runpod.io", Behaviour::json(runpod_list(1)));
    let output = world.run(&["collect", "runpod", "vastai"]);
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
}

#[test]
fn with_no_database_it_says_what_to_run() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("daemon.toml"), "").expect("written");
    let output = gpurate(folder.path()).arg("cheapest").output().expect("it runs");
    assert!(!output.status.success());
    let error = text(&output.stderr);
    assert!(error.contains("gpurate serve") && error.contains("gpurate collect"), "{error}");
}

#[test]
fn without_a_network_it_stays_up_and_says_what_it_could_not_reach() {
    let folder = tempfile::tempdir().expect("a folder");
    // A port that nobody listens on.
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
    std::fs::write(folder.path().join("daemon.toml"), config(&format!("http://127.0.0.1:{port}"))).expect("written");
    let served = Served::start(folder.path(), &[]);
    let answer = served.wait("/api/v1/providers/runpod", |answer| answer.to_string().contains("cannot be reached"));
    assert!(answer.to_string().contains("api.runpod.io"), "{answer}");
    assert_eq!(served.get("/healthz").0, 200);
    let cheapest = served.get("/api/v1/cheapest").1;
    assert_eq!(cheapest["items"].as_array().map(Vec::len), Some(0));
    assert!(cheapest["advice"].is_string(), "{cheapest}");
    assert!(served.end().success());
}

#[test]
fn the_demo_needs_no_network_and_says_that_its_figures_are_samples() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("daemon.toml"), "").expect("written");
    let served = Served::start(folder.path(), &["--demo"]);
    let answer = served.wait("/api/v1/cheapest", |answer| answer["items"].to_string().contains("scaleway"));
    assert_eq!(answer["sample"].as_bool(), Some(true));
    let providers: std::collections::BTreeSet<_> = served.get("/api/v1/offers?limit=1000").1["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| item["provider"].to_string())
        .collect();
    assert!(providers.len() >= 4, "{providers:?}");
    assert!(served.end().success());
}

#[test]
fn the_openapi_document_names_every_address() {
    let document = serde_json::to_value(gpurate::http::document()).expect("JSON");
    let paths: Vec<&str> = document["paths"].as_object().expect("paths").keys().map(String::as_str).collect();
    for path in [
        "/api/v1/cheapest",
        "/api/v1/offers",
        "/api/v1/offers/{id}",
        "/api/v1/pages/{hash}",
        "/api/v1/providers",
        "/api/v1/providers/{slug}",
        "/api/v1/gpus",
        "/api/v1/gpus/{slug}",
        "/api/v1/workloads",
        "/api/v1/workloads/{id}",
        "/api/v1/collections",
        "/api/v1/export/{table}",
        "/api/v1/history",
        "/api/v1/come-back",
        "/api/v1/bid",
        "/api/v1/changes",
        "/api/v1/imports",
        "/api/v1/changes.atom",
        "/api/v1/problems",
        "/api/v1/providers/{slug}/collect",
        "/api/v1/providers/{slug}/accept",
        "/metrics",
        "/healthz",
        "/readyz",
    ] {
        assert!(paths.contains(&path), "{path} is not among {paths:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_daemon_says_who_is_there() {
    let world = World::new().await;
    let served = Served::start(world.folder.path(), &[]);
    let output = world.run(&["serve"]);
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("another gpurate"), "{}", text(&output.stderr));
    assert_eq!(served.get("/healthz").0, 200, "the first one goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collection_that_runs_at_the_end_gets_its_time_and_what_it_accepts_is_kept() {
    let world = World::new().await;
    let text = std::fs::read_to_string(world.folder.path().join("daemon.toml")).expect("its configuration");
    let patient = text
        .replace("request_timeout_seconds = 1", "request_timeout_seconds = 8")
        .replace("part_timeout_seconds = 4", "part_timeout_seconds = 8");
    assert_ne!(patient, text);
    std::fs::write(world.folder.path().join("daemon.toml"), patient).expect("written");
    world.server.set("api.runpod.io", Behaviour::Late(Duration::from_secs(4), runpod_list(1).into_bytes()));
    let served = Served::start(world.folder.path(), &[]);
    served.wait("/api/v1/cheapest?gpu=rtx-4090", |answer| answer["items"][0]["providers"].as_i64() == Some(1));
    let asked = std::time::Instant::now();
    while !world.server.requests.lock().expect("no panic holds it").iter().any(|path| path.contains("api.runpod.io")) {
        assert!(asked.elapsed() < Duration::from_secs(10), "it is asked");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(served.end().success());
    let offers = gpurate(world.folder.path()).args(["offers", "--provider", "runpod", "--json"]).output().expect("it runs");
    let offers: serde_json::Value = serde_json::from_slice(&offers.stdout).expect("JSON");
    assert!(offers["items"].as_array().is_some_and(|items| items.len() > 3), "{offers}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collection_that_was_asked_for_gets_its_time_at_the_end_too() {
    let world = World::new().await;
    let file = std::fs::read_to_string(world.folder.path().join("daemon.toml")).expect("its configuration");
    let patient = file
        .replace("request_timeout_seconds = 1", "request_timeout_seconds = 8")
        .replace("part_timeout_seconds = 4", "part_timeout_seconds = 8");
    std::fs::write(world.folder.path().join("daemon.toml"), patient).expect("written");
    let served = Served::start(world.folder.path(), &[]);
    let offers = |answer: &serde_json::Value| answer["items"].as_array().map_or(0, Vec::len);
    served.wait("/api/v1/offers?provider=runpod", |answer| offers(answer) > 3);
    let asked = || world.server.requests.lock().expect("no panic holds it").iter().filter(|path| path.contains("api.runpod.io")).count();
    let before = asked();
    let mut cards = runpod_cards(1);
    cards[0].3 += 1;
    world.server.set("api.runpod.io", Behaviour::Late(Duration::from_secs(3), runpod(&cards).into_bytes()));
    let mut collect = gpurate(world.folder.path()).args(["collect", "runpod"]).spawn().expect("it runs");
    let since = std::time::Instant::now();
    while asked() == before {
        assert!(since.elapsed() < Duration::from_secs(10), "it is asked");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(served.end().success());
    let _it_lost_its_daemon = collect.wait().expect("it ended");
    let told = text(&world.run(&["offers", "--provider", "runpod", "--json"]).stdout);
    assert!(told.contains("\"0.51\""), "what it accepted is kept: {told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn prices_are_never_put_among_made_up_figures() {
    let world = World::new().await;
    std::fs::write(world.folder.path().join("gpurate.db.sample"), "").expect("written");
    for command in [&["serve"][..], &["collect"], &["accept", "runpod"]] {
        let refused = gpurate(world.folder.path()).args(command).output().expect("it runs");
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(refused.status.code() == Some(2) && said.contains("holds made-up samples") && said.contains("--database"), "{said}");
    }
    assert!(!world.folder.path().join("gpurate.db").exists(), "nothing was made");
}
