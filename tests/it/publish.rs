//! The site in a folder: every link of it leads somewhere, a run that is killed leaves whole pages, the same database and moment
//! give the same bytes, and files of others stay.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use gpurate::config::Config;
use gpurate::daemon::{Daemon, read_market};
use gpurate::publish::{Options, Published, publish};

use crate::support::{Behaviour, Served, Server, config, gpurate, runpod, runpod_cards, vast};

/// Three cards: a site of few pages.
fn cards(factor: i64) -> Behaviour {
    Behaviour::json(runpod(&runpod_cards(factor)[..3]))
}

#[track_caller]
fn ok(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stderr)
}

/// Every file below a folder but the list of them, by its name.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
            if entry.file_type().expect("a type").is_dir() {
                folders.push(entry.path());
            } else {
                let name = entry.path().strip_prefix(root).expect("below it").to_str().expect("a plain name").to_owned();
                all.insert(name, std::fs::read(entry.path()).expect("read"));
            }
        }
    }
    all.remove(".gpurate-publish.json");
    all
}

/// The values of an attribute, entities undone. Not the rewriter's own reading of a page.
fn values(html: &str, attribute: &str) -> Vec<String> {
    let begin = format!(" {attribute}=\"");
    html.split(begin.as_str()).skip(1).map(|rest| rest.split('"').next().unwrap_or_default().replace("&amp;", "&")).collect()
}

/// Where a relative link of a file leads.
fn followed(from: &str, link: &str) -> String {
    let mut path: Vec<&str> = from.split('/').collect();
    path.pop();
    for part in link.split('/') {
        match part {
            ".." => assert!(path.pop().is_some(), "{from}: `{link}` leads out of the site"),
            part => path.push(part),
        }
    }
    path.join("/")
}

/// Follows every link of every page of a site that is in `live`, if anywhere; returns the pages.
#[track_caller]
fn crawl(site: &BTreeMap<String, Vec<u8>>, live: Option<&str>) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut open = vec!["index.html".to_owned()];
    let mut reached = BTreeSet::new();
    while let Some(file) = open.pop() {
        if !seen.insert(file.clone()) {
            continue;
        }
        let html = std::str::from_utf8(&site[&file]).expect("text");
        assert!(html.starts_with("<!doctype html>") && html.trim_end().ends_with("</html>"), "{file} is half a page");
        for tag in ["<form", "<button", "<input", "<select", "<script"] {
            assert!(!html.contains(tag), "{file} has a {tag}");
        }
        assert_eq!(html.matches("class=\"snapshot\"").count(), 1, "{file}");
        let words = if file.starts_with("fr/") { "Instantané du" } else { "Snapshot of" };
        assert!(html.contains(&format!("<strong>{words} <time datetime=\"")), "{file} says of which moment it is");
        assert!(html.contains("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'"), "{file}");
        let ids: BTreeSet<String> = values(html, "id").into_iter().collect();
        for link in values(html, "href").into_iter().chain(values(html, "src")) {
            if link.starts_with("https://") || live.is_some_and(|live| link.starts_with(live)) {
                continue;
            }
            let (path, fragment) = link.split_once('#').map_or((link.as_str(), None), |(path, fragment)| (path, Some(fragment)));
            if path.is_empty() {
                assert!(fragment.is_some_and(|fragment| ids.contains(fragment)), "{file}: nothing is at `{link}`");
                continue;
            }
            assert!(!path.contains(':') && !path.starts_with('/') && !path.contains('?'), "{file}: `{link}` needs a server");
            let target = followed(&file, path);
            assert!(site.contains_key(&target), "{file}: `{link}` leads to `{target}`, which is not there");
            reached.insert(target.clone());
            if target.ends_with(".html") {
                let other = std::str::from_utf8(&site[&target]).expect("text");
                let is_there = |fragment: &str| values(other, "id").iter().any(|id| id == fragment);
                assert!(fragment.is_none_or(is_there), "{file}: `{link}` names a place that is not there");
                open.push(target);
            }
        }
    }
    let unreached: Vec<&String> = site.keys().filter(|name| !reached.contains(*name) && !name.starts_with("api/v1/gpus.")).collect();
    assert!(unreached.is_empty(), "nothing leads to {unreached:?}");
    seen
}

fn document(site: &BTreeMap<String, Vec<u8>>, name: &str) -> serde_json::Value {
    serde_json::from_slice(&site[name]).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_whole_and_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start().await;
    server.set("api.runpod.io", cards(1));
    server.set("console.vast.ai", Behaviour::json(vast("0.31")));
    std::fs::write(folder.path().join("daemon.toml"), config(&server.via())).expect("written");
    let run = |arguments: &[&str]| gpurate(folder.path()).args(arguments).output().expect("it runs");
    let root = folder.path().join("site");

    // While a daemon holds the database.
    let served = Served::start(folder.path(), &[]);
    served.wait("/api/v1/cheapest?gpu=rtx-4090", |answer| answer["items"][0]["providers"].as_i64() == Some(2));
    let said = ok(&run(&["publish", "site"]));
    let site = files(&root);
    assert!(said.contains(&format!("{} files written, 0 unchanged", site.len())) && said.contains("--base-url"), "{said}");
    let pages = crawl(&site, None);
    for page in [
        "index.html",
        "index.sort-age.html",
        "fr/index.html",
        "simulate.html",
        "simulate.preset-overnight.html",
        "fr/simulate.preset-lora-weekly.html",
        "compare.html",
        "fr/compare.a-rtx-3090.b-rtx-4090.html",
        "gpus/rtx-4090.html",
        "fr/gpus/rtx-5090.since-365d.html",
        "providers.html",
        "providers/runpod.html",
        "fr/providers/modal.html",
        "about.html",
    ] {
        assert!(pages.contains(page), "no {page}");
    }
    // The figures are the daemon's.
    let live = served.get("/api/v1/cheapest?gpu=rtx-4090").1;
    let cheapest = document(&site, "api/v1/cheapest.json");
    let of =
        |answer: &serde_json::Value| answer["items"].as_array().and_then(|rows| rows.iter().find(|row| row["gpu"] == "rtx-4090").cloned());
    let (live, row) = (of(&live).expect("a row"), of(&cheapest).expect("a row"));
    assert_eq!(live["price_usd_per_gpu_hour"], row["price_usd_per_gpu_hour"]);
    let home = String::from_utf8_lossy(&site["index.html"]).into_owned();
    assert!(home.contains("<data value=\"0.31\">") && home.contains("gpurate serve") && !home.contains("banner"), "{home}");
    let csv = String::from_utf8_lossy(&site["api/v1/export/offers.gpu-rtx-4090.csv"]).into_owned();
    assert!(csv.starts_with("id,provider,") && csv.contains("0.31"), "{csv}");
    let id = row["id"].as_str().expect("an id");
    let offer = document(&site, &format!("api/v1/offers/{id}.json"));
    let hash = offer["pages"][0]["hash"].as_str().expect("evidence");
    assert!(String::from_utf8_lossy(&site[&format!("api/v1/pages/{hash}.txt")]).contains("0.31"), "the answer behind the price");
    assert_eq!(served.end().code(), Some(0));

    // Another market, without a daemon, with one to ask elsewhere, and no evidence wanted.
    std::fs::write(root.join("CNAME"), "prices.example.com").expect("written");
    server.set("console.vast.ai", Behaviour::json(r#"{"offers":[]}"#));
    server.set("api.runpod.io", cards(2));
    ok(&run(&["publish", "site", "--base-url", "http://127.0.0.1:1/", "--archived-megabytes-max", "0"]));
    let mut second = files(&root);
    assert_eq!(second.remove("CNAME").as_deref(), Some(&b"prices.example.com"[..]), "a file of others stays");
    crawl(&second, Some("http://127.0.0.1:1/"));
    assert!(!second.keys().any(|name| name.starts_with("api/v1/pages/")), "those of the first run are gone");
    let home = String::from_utf8_lossy(&second["fr/index.html"]).into_owned();
    assert!(
        home.contains("href=\"http://127.0.0.1:1/fr/\"") && home.contains(&format!("href=\"http://127.0.0.1:1/api/v1/pages/{hash}\"")),
        "{home}"
    );
    let left_out = document(&second, "snapshot.json")["left_out"].clone();
    assert!(left_out.as_array().is_some_and(|all| all.iter().any(|one| one["address"] == format!("/api/v1/pages/{hash}"))), "{left_out}");

    // Made-up figures say so on every page, and in the name of what has no place to say it.
    std::fs::write(folder.path().join("gpurate.db.sample"), "").expect("written");
    ok(&run(&["publish", "sample"]));
    let sample = files(&folder.path().join("sample"));
    for page in crawl(&sample, None) {
        assert!(String::from_utf8_lossy(&sample[&page]).contains("class=\"banner\""), "{page}");
    }
    for kind in ["csv", "txt"] {
        let names: Vec<&String> = sample.keys().filter(|name| name.ends_with(&format!(".{kind}"))).collect();
        assert!(!names.is_empty() && names.iter().all(|name| name.ends_with(&format!(".sample.{kind}"))), "{names:?}");
    }
    assert_eq!(document(&sample, "api/v1/cheapest.json")["sample"], true);

    // Refusals leave everything as it is.
    let occupied = folder.path().join("occupied");
    std::fs::create_dir(&occupied).expect("made");
    std::fs::write(occupied.join("index.html"), "theirs").expect("written");
    let refused = run(&["publish", "occupied"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--force"));
    assert_eq!(files(&occupied), BTreeMap::from([("index.html".to_owned(), b"theirs".to_vec())]));
    assert_eq!(run(&["publish", "occupied", "--base-url", "prices"]).status.code(), Some(2));
    let missing = run(&["publish", "nothing", "--database", "none.db"]);
    assert!(missing.status.code() == Some(1) && !folder.path().join("nothing").exists(), "no database, no folder");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_moment_gives_the_same_bytes_and_a_kill_no_half_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start().await;
    server.set("api.runpod.io", cards(1));
    server.set("console.vast.ai", Behaviour::json(vast("0.31")));
    std::fs::write(folder.path().join("daemon.toml"), config(&server.via())).expect("written");
    assert!(gpurate(folder.path()).arg("collect").output().expect("it runs").status.success());
    let config = Config::load(Some(&folder.path().join("daemon.toml"))).expect("a configuration");
    let as_of = chrono::Utc::now();
    let once = async |name: &str, options: Options| -> (Published, BTreeMap<String, Vec<u8>>) {
        let (store, market) = read_market(&config, &folder.path().join("gpurate.db")).expect("a database");
        let daemon = Daemon::of_read(config.clone(), store, market);
        let root = folder.path().join(name);
        let mut told = 0;
        let (published, _) = publish(daemon, as_of, &root, &options, &mut |progress| told = progress.done).await.expect("published");
        assert!(told > 100, "it says how far it is");
        (published, files(&root))
    };
    let (one, first) = once("one", Options::default()).await;
    let (other, second) = once("other", Options::default()).await;
    assert!(first == second, "{:?}", first.keys().filter(|name| first.get(*name) != second.get(*name)).collect::<Vec<_>>());
    let (bytes, files_there) = (first.values().map(Vec::len).sum::<usize>() - first["snapshot.json"].len(), first.len() - 1);
    assert_eq!((one.bytes, one.files), (bytes as u64, files_there), "it says how much there is");
    assert_eq!(one.left_out.len(), other.left_out.len());

    // Where there is little room the pages are all there, and nothing leads to what is not.
    let (small, site) = once("small", Options { bytes_max: one.bytes / 2, ..Options::default() }).await;
    assert!(small.pages == one.pages && small.archived == 0 && small.documents < one.documents && !small.left_out.is_empty());
    crawl(&site, None);
    assert!(String::from_utf8_lossy(&site["fr/index.html"]).contains("(pas dans cet instantané)"));

    // Killed at any moment, also while files take their places: every page is whole, and the next run takes the folder for its own.
    let root = folder.path().join("one");
    let staged = root.join(".gpurate-publish.new");
    for (wait_for, then_ms) in [("index.html", 200), ("snapshot.json", 0), ("snapshot.json", 15)] {
        let mut child = gpurate(folder.path()).args(["publish", "one"]).stderr(std::process::Stdio::null()).spawn().expect("it starts");
        let patience = Instant::now() + Duration::from_secs(60);
        while !staged.join(wait_for).exists() && child.try_wait().expect("asked").is_none() {
            assert!(Instant::now() < patience, "it never writes {wait_for}");
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(then_ms));
        child.kill().expect("killed");
        child.wait().expect("ended");
        let there = files(&root);
        assert!(there.contains_key("index.html"));
        for (name, bytes) in there.iter().filter(|(name, _)| name.ends_with(".html") && !name.starts_with(".gpurate")) {
            assert!(String::from_utf8_lossy(bytes).trim_end().ends_with("</html>"), "{name} is half a page");
        }
    }
    assert!(gpurate(folder.path()).args(["publish", "one"]).output().expect("it runs").status.success());
    crawl(&files(&root), None);
    assert!(!staged.exists());
}
