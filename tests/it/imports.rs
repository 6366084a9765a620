//! Import through the real binary: a small file beside what was collected, and a real one where it is there.

use std::path::Path;
use std::process::Output;

use crate::support::{Behaviour, Served, Server, config, gpurate, runpod_list, vast};

const MAP: &str = r#"
origin = "small-sample"
source = "made up for this test"
holds_days = 30
time = { column = "day" }
provider = "runpod"
sku = { column = "code" }
tier = "secure"
region = "global"
gpu = { column = "gpu" }
gpu_count = "1"
vram_gib = "24"

[[unit]]
per = "gpu"
period = "hour"
currency = "USD"

[[offer]]
market = "on_demand"
price = "usd"
"#;

const CSV: &str = "day,code,gpu,usd\n\
    2025-01-01,NVIDIA GeForce RTX 4090,RTX 4090,0.20\n\
    2025-01-08,NVIDIA GeForce RTX 4090,RTX 4090,0.10\n\
    2025-01-01,x,Mystery 9000,3\n\
    2025-01-02,x,Mystery 9000,\n";

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
fn ok(output: &Output) -> String {
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_imported_stands_beside_what_was_collected_and_disturbs_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start().await;
    server.set("api.runpod.io", Behaviour::json(runpod_list(1)));
    server.set("console.vast.ai", Behaviour::json(vast("0.31")));
    std::fs::write(folder.path().join("daemon.toml"), config(&server.via())).expect("written");
    std::fs::write(folder.path().join("map.toml"), MAP).expect("written");
    std::fs::write(folder.path().join("prices.csv"), CSV).expect("written");
    let run = |arguments: &[&str]| gpurate(folder.path()).args(arguments).output().expect("it runs");
    ok(&run(&["collect", "runpod"]));
    let live = || {
        ["offers", "prices", "series"].map(|table| {
            // Ages count to now.
            let rows = ok(&run(&["export", table, "--format", "ndjson"]));
            rows.lines()
                .map(|line| {
                    let mut row: serde_json::Value = serde_json::from_str(line).expect("JSON");
                    row.as_object_mut().expect("an object").remove("age_seconds");
                    row
                })
                .collect::<Vec<_>>()
        })
    };
    let before = live();

    let dry = ok(&run(&["import", "prices.csv", "--map", "map.toml", "--dry-run"]));
    assert!(dry.contains("nothing was written") && dry.contains("`Mystery 9000`") && dry.contains("line 5: no price"), "{dry}");
    assert_eq!(ok(&run(&["import", "--list"])).lines().count(), 1, "a header");
    ok(&run(&["import", "prices.csv", "--map", "map.toml"]));
    let again: serde_json::Value = serde_json::from_str(&ok(&run(&["import", "prices.csv", "--map", "map.toml", "--json"]))).expect("JSON");
    assert_eq!(
        (again["prices_new"].as_u64(), again["offers_changed"].as_u64(), again["prices_known"].as_u64()),
        (Some(0), Some(0), Some(3))
    );
    assert_eq!(live(), before, "an import is in no answer that does not name it");
    assert!(ok(&run(&["changes"])).contains("nothing of it changed"));

    // The offer is one that is collected too: same identity, other rows.
    let rows = ok(&run(&["export", "prices", "--origin", "small-sample"]));
    let lines: Vec<&str> = rows.lines().collect();
    assert_eq!(lines.len(), 1 + 3 + 2, "three prices, and after each of the two offers nothing more is known: {rows}");
    assert!(lines[2].contains("rtx-4090") && lines[2].contains(",0.1,USD,") && lines[2].ends_with(",false,small-sample"), "{rows}");
    assert!(lines[3].contains("2025-02-07T00:00:00.000Z") && lines[3].ends_with(",true,small-sample"), "{rows}");
    let own = before[1].iter().find(|row| row["sku"] == "NVIDIA GeForce RTX 4090" && row["tier"] == "secure").expect("collected");
    assert!(lines[2].starts_with(own["id"].as_str().expect("an id")) && own["origin"].is_null(), "{rows}");

    let history =
        ok(&run(&["history", "rtx-4090", "--origin", "small-sample", "--since", "2024-12-31", "--until", "2025-03-01", "--step", "week"]));
    assert!(
        history.contains("imported as small-sample") && history.contains("0.20") && history.contains("gap until 2025-03-01"),
        "{history}"
    );
    for arguments in [&["export", "prices", "--origin", "small-sampel"][..], &["history", "l4", "--origin", "small-sampel"]] {
        let refused = run(arguments);
        assert_eq!(refused.status.code(), Some(2));
        assert!(text(&refused.stderr).contains("did you mean `small-sample`?"), "{}", text(&refused.stderr));
    }

    let served = Served::start(folder.path(), &[]);
    let refused = run(&["import", "--forget", "small-sample"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("stop it"), "{}", text(&refused.stderr));
    by_the_daemon(folder.path(), &served);
    let (status, imports) = served.get("/api/v1/imports");
    assert_eq!(
        (status, imports["items"][1]["origin"].as_str(), imports["items"][1]["prices"].as_i64()),
        (200, Some("small-sample"), Some(3))
    );
    assert_eq!(imports["items"][1]["files"][0]["name"].as_str(), Some("prices.csv"));
    let address = "/api/v1/history?gpu=rtx-4090&origin=small-sample&since=2025-01-01&until=2025-01-15&step=week";
    let (status, answer) = served.get(address);
    assert_eq!((status, answer["items"][0]["origin"].as_str()), (200, Some("small-sample")), "{answer}");
    assert_eq!(answer["items"][0]["points"][0]["min_usd_per_gpu_hour"].as_str(), Some("0.2"), "{answer}");
    let (status, problem) = served.get("/api/v1/export/prices?origin=nothing");
    assert!(status == 404 && problem["detail"].as_str().is_some_and(|detail| detail.contains("`nothing`")), "{problem}");
    assert!(served.end().success());

    // The daemon has collected more meanwhile.
    let before = live();
    ok(&run(&["import", "--forget", "small-sample"]));
    assert_eq!(run(&["import", "--forget", "small-sample"]).status.code(), Some(2));
    ok(&run(&["import", "--forget", "many"]));
    assert_eq!(ok(&run(&["import", "--list"])).lines().count(), 1);
    assert_eq!(live(), before);
}

#[test]
fn a_file_of_which_nothing_can_be_used_writes_nothing_and_replaces_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("daemon.toml"), "").expect("written");
    std::fs::write(folder.path().join("map.toml"), MAP).expect("written");
    std::fs::write(folder.path().join("prices.csv"), CSV).expect("written");
    let run = |arguments: &[&str]| gpurate(folder.path()).args(arguments).output().expect("it runs");
    let header = CSV.lines().next().expect("a header");
    let useless = format!("{header}\n01/02/2025,x,RTX 4090,1\n");
    for (name, content) in [("empty.csv", format!("{header}\n")), ("useless.csv", useless)] {
        std::fs::write(folder.path().join(name), content).expect("written");
        let output = run(&["import", name, "--map", "map.toml"]);
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert!(text(&output.stdout).contains("nothing was written"), "{}", text(&output.stdout));
    }
    assert!(!folder.path().join("gpurate.db").exists() || ok(&run(&["import", "--list"])).lines().count() == 1, "no empty origin");
    ok(&run(&["import", "prices.csv", "--map", "map.toml"]));
    let before = ok(&run(&["export", "prices", "--origin", "small-sample"]));
    let list = ok(&run(&["import", "--list", "--json"]));
    for name in ["empty.csv", "useless.csv"] {
        assert_eq!(run(&["import", name, "--map", "map.toml", "--replace"]).status.code(), Some(1), "{name}");
    }
    // Every price of it contradicts: nothing of it is usable either.
    std::fs::write(folder.path().join("other.csv"), format!("{header}\n2025-01-01,x,Mystery 9000,4\n")).expect("written");
    assert_eq!(run(&["import", "other.csv", "--map", "map.toml"]).status.code(), Some(1));
    // A word of the map that is none would refuse every row.
    std::fs::write(folder.path().join("typo.toml"), MAP.replace("\"on_demand\"", "\"ondemand\"")).expect("written");
    let typo = run(&["import", "prices.csv", "--map", "typo.toml", "--replace"]);
    assert_eq!(typo.status.code(), Some(2));
    assert!(text(&typo.stderr).contains("`ondemand`"), "{}", text(&typo.stderr));
    assert_eq!(ok(&run(&["export", "prices", "--origin", "small-sample"])), before);
    assert_eq!(ok(&run(&["import", "--list", "--json"])), list);
}

#[test]
fn a_pipe_is_read_once_and_a_provider_that_nobody_knows_is_asked_for_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("daemon.toml"), "").expect("written");
    std::fs::write(folder.path().join("map.toml"), MAP.replace("provider = \"runpod\"", "provider = \"example-cloud\"")).expect("written");
    std::fs::write(folder.path().join("prices.csv"), CSV).expect("written");
    let run = |arguments: &[&str]| gpurate(folder.path()).args(arguments).output().expect("it runs");
    let piped = std::process::Command::new("sh")
        .args(["-c", "cat prices.csv | \"$0\" import /dev/stdin --format csv --map map.toml --json", env!("CARGO_BIN_EXE_gpurate")])
        .envs(gpurate(folder.path()).get_envs().filter_map(|(name, value)| Some((name, value?))))
        .current_dir(folder.path())
        .output()
        .expect("it runs");
    let piped: serde_json::Value = serde_json::from_str(&ok(&piped)).expect("JSON");
    assert_eq!((piped["prices"].as_u64(), piped["rows"].as_u64()), (Some(3), Some(4)));
    let again: serde_json::Value = serde_json::from_str(&ok(&run(&["import", "prices.csv", "--map", "map.toml", "--json"]))).expect("JSON");
    assert_eq!((&again["hash"], again["prices_new"].as_u64()), (&piped["hash"], Some(0)), "the same bytes");

    let origin = ["--origin", "small-sample", "--provider"];
    let history =
        ok(&run(&[&["history", "rtx-4090", "--since", "2025-01-01", "--until", "2025-02-01"], &origin[..], &["example-cloud"]].concat()));
    assert!(history.contains("0.20"), "{history}");
    let rows = ok(&run(&[&["export", "prices"], &origin[..], &["example-cloud"]].concat()));
    assert_eq!(rows.lines().count(), 1 + 3 + 2, "{rows}");
    for arguments in [&["export", "prices"][..], &["history", "rtx-4090"]] {
        let slip = run(&[arguments, &origin[..], &["example-clout"]].concat());
        assert_eq!(slip.status.code(), Some(2));
        assert!(text(&slip.stderr).contains("did you mean `example-cloud`?"), "{}", text(&slip.stderr));
    }
    assert_eq!(run(&["history", "rtx-4090", "--provider", "example-cloud"]).status.code(), Some(2), "without an origin it is none");
}

/// A running daemon is asked to write: the same report, and the same refusals.
fn by_the_daemon(folder: &Path, served: &Served) {
    let run = |arguments: &[&str]| gpurate(folder).args(arguments).output().expect("it runs");
    let report = |output: &Output| -> serde_json::Value { serde_json::from_str(&ok(output)).expect("JSON") };
    let same = report(&run(&["import", "prices.csv", "--map", "map.toml", "--json"]));
    assert_eq!((same["written"].as_bool(), same["offers_changed"].as_u64(), same["prices_known"].as_u64()), (Some(true), Some(0), Some(3)));
    // More than one piece of a body, and of another origin.
    let rows: String =
        (0..40_000).map(|row| format!("2025-01-{:02},c{},RTX 4090,0.{}\n", 1 + row % 28, row / 28, 100 + row % 28)).collect();
    std::fs::write(folder.join("many.csv"), format!("day,code,gpu,usd\n{rows}")).expect("written");
    std::fs::write(folder.join("other.toml"), MAP.replace("small-sample", "many")).expect("written");
    let many = report(&run(&["import", "many.csv", "--map", "other.toml", "--json"]));
    assert_eq!(
        (many["prices_new"].as_u64(), many["offers"].as_u64(), many["file"].as_str()),
        (Some(40_000), Some(1_429), Some("many.csv"))
    );
    std::fs::write(folder.join("many.csv"), "day,code,gpu,usd\n2025-01-01,a,RTX 4090,1\n").expect("written");
    let replaced = report(&run(&["import", "many.csv", "--map", "other.toml", "--replace", "--json"]));
    assert_eq!(replaced["prices_new"].as_u64(), Some(1));
    let imports = served.get("/api/v1/imports").1;
    assert_eq!((imports["items"][0]["origin"].as_str(), imports["items"][0]["prices"].as_i64()), (Some("many"), Some(1)), "{imports}");

    std::fs::write(
        folder.join("other.toml"),
        MAP.replace("column = \"usd\"", "column = \"eur\"").replace("price = \"usd\"", "price = \"eur\""),
    )
    .expect("written");
    let refused = run(&["import", "prices.csv", "--map", "other.toml"]);
    assert!(!refused.status.success() && text(&refused.stderr).contains("eur"), "{}", text(&refused.stderr));
    let url = format!("http://{}/api/v1/imports?format=csv&map_bytes=5", served.address);
    assert_eq!(crate::support::request("POST", &url, &[]).0, 403);
    let spool: Vec<_> = std::fs::read_dir(folder.join("gpurate.db.pages/spool")).expect("the folder").collect();
    assert!(spool.is_empty(), "what was sent is gone: {spool:?}");
    assert!(run(&["import", "--list"]).status.success());
}

/// Weekly prices of Google's GPU machines, where the folder beside this repository holds them, by the map that
/// `docs/import.md` shows: two figures of it, read by a person in the file.
#[test]
fn the_documented_map_reads_a_real_file() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/history/gcp_gpu_main.csv");
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/import.md")).expect("the document");
    let map = text.split("<!-- map -->\n```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a map");
    gpurate::import::map::Map::parse(map).unwrap_or_else(|error| panic!("the documented map: {error}"));
    if !file.is_file() {
        eprintln!("the file of Google's prices is not beside this repository: only its map was read");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("daemon.toml"), "").expect("written");
    std::fs::write(folder.path().join("map.toml"), map).expect("written");
    let file = file.display().to_string();
    let run = |arguments: &[&str]| gpurate(folder.path()).args(arguments).output().expect("it runs");
    let report: serde_json::Value = serde_json::from_str(&ok(&run(&["import", &file, "--map", "map.toml", "--json"]))).expect("JSON");
    println!("{report:#}");
    assert_eq!((report["rows"].as_u64(), report["refused_count"].as_u64()), (Some(5000), Some(0)));
    assert_eq!(report["empty_prices"]["hour_spot"].as_u64(), Some(710));
    assert_eq!(report["unmapped_gpu_names"].as_array().map(Vec::len), Some(0));
    let rows = ok(&run(&["export", "prices", "--origin", "gcp-machine-prices", "--gpu", "h100-sxm", "--format", "ndjson"]));
    let rows: Vec<serde_json::Value> = rows.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    // The row that is in force on that day.
    let on = |day: &str| {
        let is_it = |row: &&serde_json::Value| {
            row["sku"] == "a3-highgpu-1g"
                && row["region"] == "us-central1"
                && row["market"] == "spot"
                && row["observed_at"].as_str().is_some_and(|at| &at[..10] <= day)
        };
        let row = rows.iter().rfind(is_it).expect("a row");
        row["price_usd_per_hour"].as_str().expect("a price").to_owned()
    };
    assert_eq!((on("2025-07-17").as_str(), on("2026-07-22").as_str()), ("2.546201123", "6.326192603"));
    let again: serde_json::Value = serde_json::from_str(&ok(&run(&["import", &file, "--map", "map.toml", "--json"]))).expect("JSON");
    assert_eq!((again["prices_new"].as_u64(), again["offers_changed"].as_u64()), (Some(0), Some(0)), "twice the same file changes nothing");
}
