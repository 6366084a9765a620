//! What changed, through the real binary: a price falls, a card is withdrawn, an answer is refused.

use std::process::Output;

use crate::support::{Behaviour, Served, Server, config, gpurate, request, runpod, runpod_cards, runpod_list, vast};

#[track_caller]
fn json(output: &Output) -> serde_json::Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_is_told_by_the_command_the_api_and_the_feed_alike() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start().await;
    server.set("api.runpod.io", Behaviour::json(runpod_list(1)));
    server.set("console.vast.ai", Behaviour::json(vast("0.31")));
    std::fs::write(folder.path().join("daemon.toml"), config(&server.via())).expect("written");
    let run = |arguments: &[&str]| gpurate(folder.path()).args(arguments).output().expect("it runs");
    assert!(run(&["collect", "runpod"]).status.success());
    let empty = json(&run(&["changes", "--json"]));
    assert_eq!(empty["items"].as_array().map(Vec::len), Some(0), "a first answer is no change: {empty:#}");

    let mut cards = runpod_cards(1);
    let position = cards.iter().position(|card| card.1 == "RTX 4090").expect("there");
    cards[position].3 = 37;
    cards.retain(|card| card.1 != "L4");
    server.set("api.runpod.io", Behaviour::json(runpod(&cards)));
    for _ in 0..2 {
        assert!(run(&["collect", "runpod"]).status.success());
    }
    server.set("api.runpod.io", Behaviour::json(runpod(&cards[..2])));
    assert!(!run(&["collect", "runpod"]).status.success(), "two of nine are not believed");

    let all = json(&run(&["changes", "--json"]));
    let kinds: Vec<&str> = all["items"].as_array().expect("items").iter().filter_map(|item| item["kind"].as_str()).collect();
    assert_eq!(kinds, ["part_refused", "gpu_gone", "withdrawn", "price_down"], "{all:#}");
    let fell = &all["items"][3];
    assert_eq!((fell["before"]["price_per_hour"].as_str(), fell["after"]["price_per_hour"].as_str()), (Some("0.74"), Some("0.37")));
    assert_eq!((fell["price_percent"].as_str(), fell["gpu_group"].as_str()), (Some("-50"), Some("rtx-4090")));
    let page = fell["evidence"]["pages"][0].as_str().expect("a page");
    let table = run(&["changes", "--gpu", "rtx-4090"]);
    let text = String::from_utf8_lossy(&table.stdout).into_owned();
    let line = text.lines().find(|line| line.contains("price down")).unwrap_or_else(|| panic!("{text}"));
    assert!(line.contains("1 x rtx-4090") && line.ends_with("0.74   0.37  -50") && !text.contains("l4"), "{text}");

    let served = Served::start(folder.path(), &[]);
    let (status, over_http) = served.get("/api/v1/changes?kind=price_down&gpu=rtx-4090");
    assert_eq!((status, &over_http["items"][0]), (200, fell));
    let (status, body) = served.get(&format!("/api/v1/pages/{page}"));
    assert_eq!(status, 200);
    assert!(body.to_string().contains("0.37"), "the evidence is the answer that says so: {body}");
    let (_, attempts) = served.get("/api/v1/collections?provider=runpod");
    let attempts = attempts["items"].as_array().expect("attempts").clone();
    let attempt = attempts.iter().find(|attempt| attempt["id"] == fell["evidence"]["collection"]).expect("its attempt");
    assert_eq!((attempt["outcome"].as_str(), attempt["changed"].as_i64()), (Some("accepted"), Some(1)), "{attempt}");
    let (status, feed) = request("GET", &format!("http://{}/api/v1/changes.atom?kind=price_down", served.address), &[]);
    let feed = String::from_utf8(feed).expect("text");
    assert!(status == 200 && feed.contains("0.74 USD per GPU-hour to 0.37 USD per GPU-hour (-50 %)") && feed.contains(page), "{feed}");
    let (status, problem) = served.get("/api/v1/changes?kind=price_upp");
    assert_eq!((status, problem["parameter"].as_str()), (400, Some("kind")));
    assert_eq!(run(&["changes", "--since", "soon"]).status.code(), Some(2));
    let first = json(&run(&["changes", "--json", "--limit", "2", "--kind", "withdrawn,gpu_gone,price_down"]));
    let cursor = first["next_cursor"].as_str().expect("there is more");
    let rest = json(&run(&["changes", "--json", "--cursor", cursor, "--kind", "withdrawn,gpu_gone,price_down"]));
    assert_eq!(rest["items"][0], *fell);
}

/// A stream of events as it comes.
struct Stream {
    lines: std::io::Lines<std::io::BufReader<std::net::TcpStream>>,
}

impl Stream {
    fn open(served: &Served, path: &str, last: Option<&str>) -> Self {
        use std::io::{BufRead, Write};
        let mut socket = std::net::TcpStream::connect(&served.address).expect("it listens");
        socket.set_read_timeout(Some(std::time::Duration::from_secs(30))).expect("a timeout");
        let last = last.map(|id| format!("last-event-id: {id}\r\n")).unwrap_or_default();
        write!(socket, "GET {path} HTTP/1.1\r\nhost: {}\r\naccept-encoding: gzip\r\n{last}\r\n", served.address).expect("sent");
        Self { lines: std::io::BufReader::new(socket).lines() }
    }

    /// Kind, id and data of the next event.
    fn next(&mut self) -> (String, String, serde_json::Value) {
        let (mut kind, mut id) = (String::new(), String::new());
        for line in self.lines.by_ref() {
            let line = line.expect("a line in time");
            if let Some(name) = line.strip_prefix("event: ") {
                kind = name.to_owned();
            } else if let Some(name) = line.strip_prefix("id: ") {
                id = name.to_owned();
            } else if let Some(data) = line.strip_prefix("data: ") {
                let data = serde_json::from_str(data).expect("JSON");
                // An id may stand behind the data.
                let rest: Vec<String> = self.lines.by_ref().map(|line| line.expect("a line")).take_while(|line| !line.is_empty()).collect();
                id = rest.iter().find_map(|line| line.strip_prefix("id: ")).map_or(id, str::to_owned);
                kind = rest.iter().find_map(|line| line.strip_prefix("event: ")).map_or(kind, str::to_owned);
                return (kind, id, data);
            }
        }
        panic!("the stream ended");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_listens_is_told_at_once_and_what_it_missed_when_it_comes_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start().await;
    server.set("api.runpod.io", Behaviour::json(runpod_list(1)));
    server.set("console.vast.ai", Behaviour::json(vast("0.31")));
    std::fs::write(folder.path().join("daemon.toml"), config(&server.via())).expect("written");
    let run = |arguments: &[&str]| gpurate(folder.path()).args(arguments).output().expect("it runs");
    let served = Served::start(folder.path(), &[]);
    served.wait("/api/v1/cheapest?gpu=rtx-4090", |answer| answer["items"][0]["providers"].as_i64() == Some(2));
    let mut all = Stream::open(&served, "/api/v1/changes/stream", None);
    let mut none = Stream::open(&served, "/api/v1/changes/stream?gpu=b200&kind=price_down", None);
    let (kind, start, ready) = all.next();
    assert_eq!((kind.as_str(), ready["sample"].as_bool()), ("ready", Some(false)));
    assert_eq!(none.next().0, "ready");
    let mut cards = runpod_cards(1);
    let price = |cards: &mut Vec<(&str, &str, u32, i64)>, name: &str, cents: i64| {
        cards.iter_mut().find(|card| card.1 == name).expect("there").3 = cents;
    };
    price(&mut cards, "RTX 4090", 70);
    server.set("api.runpod.io", Behaviour::json(runpod(&cards)));
    assert!(run(&["collect", "runpod"]).status.success());
    let (kind, first, change) = all.next();
    assert_eq!(
        (kind.as_str(), change["kind"].as_str(), change["after"]["price_per_hour"].as_str()),
        ("change", Some("price_down"), Some("0.7"))
    );
    assert_eq!(change["id"].as_str(), Some(first.as_str()));
    assert_eq!(change, served.get("/api/v1/changes").1["items"][0], "it is the change that is told to who asks");
    drop(all);
    price(&mut cards, "B200", 600);
    server.set("api.runpod.io", Behaviour::json(runpod(&cards)));
    assert!(run(&["collect", "runpod"]).status.success());
    let (_, _, change) = none.next();
    assert_eq!(
        (change["gpu_group"].as_str(), change["after"]["price_per_hour"].as_str()),
        (Some("b200"), Some("6")),
        "the first that it asked for"
    );
    let mut again = Stream::open(&served, "/api/v1/changes/stream", Some(&first));
    let (ready, missed) = (again.next(), again.next());
    assert_eq!((ready.0.as_str(), ready.1.as_str(), missed.0.as_str(), missed.2), ("ready", first.as_str(), "change", change));
    let mut by_address = Stream::open(&served, &format!("/api/v1/changes/stream?last_event_id={start}"), None);
    let kinds = [by_address.next().0, by_address.next().0, by_address.next().0];
    assert_eq!(kinds, ["ready", "change", "change"]);
    for (query, parameter) in
        [("last_event_id=x", "last_event_id"), ("since=1d", "since"), ("gpu=nothing-9", "gpu"), ("kinds=new", "kinds")]
    {
        let (status, problem) = served.get(&format!("/api/v1/changes/stream?{query}"));
        assert_eq!((status, problem["parameter"].as_str()), (400, Some(parameter)), "{problem}");
    }
    assert!(served.end().success(), "streams do not keep it from ending");
}
