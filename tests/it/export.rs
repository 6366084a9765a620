//! Export, history, backup and restore through the real binary, while a daemon runs and after it.

use std::io::Read;
use std::process::Output;

use crate::support::{Behaviour, Served, Server, config, gpurate, request, runpod_list, vast};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
fn ok(output: &Output) -> String {
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_collected_leaves_whole_and_comes_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start().await;
    server.set("api.runpod.io", Behaviour::json(runpod_list(1)));
    server.set("console.vast.ai", Behaviour::json(vast("0.31")));
    std::fs::write(folder.path().join("daemon.toml"), config(&server.via())).expect("written");
    let run = |arguments: &[&str]| gpurate(folder.path()).args(arguments).output().expect("it runs");
    let served = Served::start(folder.path(), &[]);
    served.wait("/api/v1/cheapest?gpu=rtx-4090", |answer| answer["items"][0]["providers"].as_i64() == Some(2));

    // The same rows over HTTP, on stdout, and in a file.
    for table in ["prices", "series"] {
        let url = format!("http://{}/api/v1/export/{table}?gpu=rtx-4090", served.address);
        let (status, body) = request("GET", &url, &[]);
        assert_eq!(status, 200, "{}", text(&body));
        assert_eq!(text(&body), ok(&run(&["export", table, "--gpu", "rtx-4090"])));
        assert!(text(&body).contains("0.31") && text(&body).lines().count() >= 3, "{}", text(&body));
        let (_, compressed) = request("GET", &url, &[("accept-encoding", "gzip")]);
        let mut whole = Vec::new();
        flate2::read::GzDecoder::new(&compressed[..]).read_to_end(&mut whole).expect("a whole export, compressed");
        assert_eq!(text(&whole), text(&body));
    }
    let lines = ok(&run(&["export", "offers", "--provider", "vastai", "--format", "ndjson"]));
    let offer: serde_json::Value = serde_json::from_str(lines.lines().next().expect("a row")).expect("JSON");
    assert_eq!((offer["provider"].as_str(), offer["gpu"].as_str()), (Some("vastai"), Some("rtx-4090")));
    ok(&run(&["export", "prices", "--out", "prices.csv"]));
    let file = std::fs::read_to_string(folder.path().join("prices.csv")).expect("the file");
    assert!(file.starts_with("id,provider,sku,") && !folder.path().join("prices.csv.partial").exists());

    for (path, parameter) in [
        ("/api/v1/export/prices?format=xls", "format"),
        ("/api/v1/export/offers?since=1d", "since"),
        ("/api/v1/history", "gpu"),
        ("/api/v1/history?gpu=rtx-4090&step=minute", "step"),
        ("/api/v1/history?gpu=rtx-4090&time_zone=Mars", "time_zone"),
        ("/api/v1/come-back?gpu=rtx-4090&by=day", "by"),
        ("/api/v1/bid?gpu=rtx-4090", "bid"),
    ] {
        let (status, problem) = served.get(path);
        assert_eq!((status, problem["parameter"].as_str()), (400, Some(parameter)), "{path}: {problem}");
    }
    assert_eq!(served.get("/api/v1/export/nothing").0, 404);
    assert_eq!(run(&["history", "rtx4900"]).status.code(), Some(2));

    let (status, history) = served.get("/api/v1/history?gpu=rtx-4090&step=hour&since=3h");
    assert_eq!(status, 200, "{history}");
    let points = history["items"][0]["points"].as_array().expect("points");
    assert_eq!(points.first().map(|point| &point["gap"]), Some(&serde_json::Value::Bool(true)), "before the first collection");
    assert_eq!(points.last().and_then(|point| point["min_usd_per_gpu_hour"].as_str()), Some("0.31"), "{history}");
    assert!(ok(&run(&["history", "rtx-4090"])).contains("gap until"));
    let (status, told) = served.get("/api/v1/history?gpu=rtx-4090&since=3h&budget=100&time_zone=Europe/Paris");
    let figures = &told["items"][0]["figures"];
    assert_eq!((status, figures["budget"]["share"].as_str()), (200, Some("1")), "{told}");
    assert_eq!(figures["hour_of_week"].as_array().map(Vec::len), Some(168), "{told}");
    let (status, told) = served.get("/api/v1/history?gpu=rtx-4090&since=3h&country=US,FR,DE");
    assert!(status == 200 && told["counted_from"].as_str().is_some_and(|from| from.contains("rows of the prices")), "{told}");
    let (status, told) = served.get("/api/v1/come-back?gpu=rtx-4090");
    assert_eq!((status, told["observations_least"].as_u64()), (200, Some(100)), "{told}");
    // Whether a full hour has passed since the collection or not, the command says what the API does.
    let asked: serde_json::Value = serde_json::from_str(&ok(&run(&["come-back", "rtx-4090", "--json"]))).expect("JSON");
    assert_eq!((&asked["items"], &asked["advice"], &asked["notes"]), (&told["items"], &told["advice"], &told["notes"]));
    let shown = ok(&run(&["come-back", "rtx-4090"]));
    match told["advice"].as_str() {
        Some(advice) => assert_eq!(shown.lines().last(), Some(format!("Nothing to show: {advice}").as_str())),
        None => assert!(shown.contains("looks") && shown.contains(told["counted_from"].as_str().expect("of what")), "{shown}"),
    }
    let (status, told) = served.get("/api/v1/bid?gpu=rtx-4090&bid=0.25&evenings=3");
    assert!(status == 200 && told["counted_from"].as_str().is_some_and(|from| from.contains("not always the same one")), "{told}");
    let text_of_week = ok(&run(&["history", "rtx-4090", "--since", "3h", "--budget", "100"]));
    assert!(text_of_week.contains("at or under 100.00") && text_of_week.contains("23:00"), "{text_of_week}");
    ok(&run(&["bid", "rtx-4090", "--bid", "0.25", "--evenings", "2"]));
    assert_eq!(run(&["bid", "rtx-4090", "--bid", "much"]).status.code(), Some(2));

    ok(&run(&["backup", "copy.db"]));
    assert_eq!(run(&["backup", "daemon.toml"]).status.code(), Some(2), "what is no database is not replaced");
    let refused = run(&["restore", "copy.db"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("another gpurate"), "{}", text(&refused.stderr));
    assert!(served.end().success());

    std::fs::write(folder.path().join("broken.db"), "SQLite format 3\0 and no more").expect("written");
    assert_eq!(run(&["restore", "broken.db"]).status.code(), Some(1));
    ok(&run(&["restore", "copy.db"]));
    assert!(folder.path().join("gpurate.db.before-restore").exists() && folder.path().join("copy.db").exists());
    assert!(ok(&run(&["export", "prices", "--gpu", "rtx-4090"])).contains("0.31"));
    ok(&run(&["check"]));
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).expect("a folder").filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    assert!(!left.iter().any(|name| name.contains("partial") || name.ends_with(".restored")), "{left:?}");
}
