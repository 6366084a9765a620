//! Archived answers read anew through the real binary: what an older adapter read wrong is put right, and nothing else moves.

use std::path::Path;
use std::process::Output;

use rusqlite::Connection;

use crate::support::{Behaviour, Served, Server, config, gpurate, runpod, runpod_cards};

type Cards = Vec<(&'static str, &'static str, u32, i64)>;

struct World {
    folder: tempfile::TempDir,
    server: Server,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let server = Server::start().await;
        std::fs::write(folder.path().join("daemon.toml"), config(&server.via())).expect("written");
        Self { folder, server }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        gpurate(self.folder.path()).args(arguments).output().expect("it runs")
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let output = self.run(arguments);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", text(&output.stdout), text(&output.stderr)))
    }

    fn answer(&self, cards: &Cards) {
        self.server.set("api.runpod.io", Behaviour::json(runpod(cards)));
        self.run(&["collect", "runpod"]);
        // Every answer has a moment of its own.
        std::thread::sleep(std::time::Duration::from_millis(5));
    }

    fn database(&self) -> Connection {
        Connection::open(self.folder.path().join("gpurate.db")).expect("the database opens")
    }

    /// The first part's report.
    #[track_caller]
    fn reparse(&self, more: &[&str]) -> serde_json::Value {
        let arguments = [&["reparse", "--provider", "runpod", "--since", "1d", "--json"], more].concat();
        self.json(&arguments)["reports"][0].clone()
    }

    /// What every table says that a reader sees.
    fn told(&self) -> Vec<String> {
        ["offers", "prices", "series"]
            .map(|table| {
                let rows = text(&self.run(&["export", table, "--format", "csv"]).stdout);
                let mut lines: Vec<&str> = rows.lines().collect();
                lines.sort_unstable();
                lines.join("\n")
            })
            .into_iter()
            .chain(std::iter::once(self.json(&["changes", "--json"])["items"].to_string()))
            .collect()
    }
}

fn numbers(report: &serde_json::Value) -> [i64; 5] {
    ["attempts_read", "rows_corrected", "rows_gone", "rows_new", "series_corrected"].map(|key| report[key].as_i64().expect(key))
}

/// Five answers: two cards move, one goes, one is missing once, one comes.
fn story(world: &World) {
    let with = |prices: &[(usize, i64)], without: &[usize]| -> Cards {
        let mut cards = runpod_cards(1);
        for (position, cents) in prices {
            cards[*position].3 = *cents;
        }
        cards.into_iter().enumerate().filter(|(position, _)| !without.contains(position)).map(|(_, card)| card).collect()
    };
    world.answer(&with(&[], &[9]));
    world.answer(&with(&[(1, 80)], &[9]));
    world.answer(&with(&[(1, 80), (2, 120)], &[4, 3]));
    world.answer(&with(&[(1, 70), (2, 120)], &[4]));
    world.answer(&with(&[(1, 70), (2, 120)], &[4]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_right_is_left_alone_also_what_was_held_back() {
    let world = World::new().await;
    story(&world);
    // Two prices that are not believed, an answer that is refused, and then believed because a person says so.
    let mut cards = runpod_cards(1);
    cards[5].3 = 5300;
    cards[6].3 = 2700;
    world.answer(&cards);
    world.answer(&cards[..9].to_vec());
    let output = world.run(&["accept", "runpod"]);
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    let before = world.told();
    let report = world.reparse(&[]);
    assert_eq!(numbers(&report), [7, 0, 0, 0, 0], "{report}");
    assert_eq!(world.told()[1..], before[1..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn d32_what_an_older_adapter_read_wrong_is_corrected_without_an_event_and_once() {
    let world = World::new().await;
    story(&world);
    let right = world.told();
    let database = world.database();
    let count = |sql: &str| -> i64 { database.query_row(sql, [], |row| row.get(0)).expect("a number") };
    let (events, rows) = (count("SELECT count(*) FROM event"), count("SELECT count(*) FROM price"));
    // As if cents had been taken for dollars of the RTX 4090 (defect D24), the RTX A6000 had been overlooked (D10), and a
    // card been seen that never was there.
    database
        .execute_batch(
            "CREATE TEMP TABLE wrong AS SELECT id, hash FROM offer WHERE gpu_name = 'NVIDIA GeForce RTX 4090';
             UPDATE price SET per_hour_nanos = per_hour_nanos * 100, quote_nanos = quote_nanos * 100 WHERE offer_id IN (SELECT id FROM wrong);
             UPDATE offer_now SET per_hour_nanos = per_hour_nanos * 100, quote_nanos = quote_nanos * 100 WHERE offer_id IN (SELECT id FROM wrong);
             UPDATE gpu_price SET min_nanos = min_nanos * 100, quartile_nanos = quartile_nanos * 100, median_nanos = median_nanos * 100, max_nanos = max_nanos * 100
               WHERE scope_id IN (SELECT id FROM gpu_scope WHERE gpu = 'rtx-4090');
             CREATE TEMP TABLE lost AS SELECT id FROM offer WHERE gpu_name = 'NVIDIA RTX A6000';
             DELETE FROM price WHERE offer_id IN (SELECT id FROM lost);
             DELETE FROM offer_now WHERE offer_id IN (SELECT id FROM lost);
             DELETE FROM offer WHERE id IN (SELECT id FROM lost);
             DELETE FROM gpu_price WHERE scope_id IN (SELECT id FROM gpu_scope WHERE gpu = 'rtx-a6000');
             INSERT INTO offer SELECT NULL, x'00000000000000000001', part_id, 'NVIDIA H200', tier, region, country, market, gpu_count, provider_term, 'NVIDIA H200', 'H200 SXM', 144384, NULL, gpu_count_max, units, attributes
               FROM offer WHERE id IN (SELECT id FROM wrong);
             INSERT INTO price (offer_id, observed_ms, revision, per_hour_nanos, quote_nanos, unit_id, availability, terms_id) SELECT (SELECT id FROM offer WHERE sku = 'NVIDIA H200'), observed_ms, 0, 3000000000, NULL, unit_id, availability, terms_id
               FROM price WHERE offer_id IN (SELECT id FROM wrong) ORDER BY observed_ms LIMIT 1;
             INSERT INTO offer_now (offer_id, presence, observed_ms, missed_ms, per_hour_nanos, quote_nanos, unit_id, availability, terms_id, price_since_ms, previous_nanos) SELECT (SELECT id FROM offer WHERE sku = 'NVIDIA H200'), 0, NULL, NULL, 3000000000, 3000000000, unit_id, availability, terms_id, price_since_ms, NULL
               FROM offer_now WHERE offer_id IN (SELECT id FROM wrong);",
        )
        .expect("read wrong");
    let wrong = world.told();
    assert_ne!(wrong[1], right[1]);

    let dry = world.reparse(&["--dry-run"]);
    assert_eq!(world.told()[1..], wrong[1..], "a dry run writes nothing");
    let report = world.reparse(&[]);
    assert_eq!(numbers(&report)[..4], [5, 3, 1, 1], "{report}");
    assert_eq!(numbers(&dry)[..4], numbers(&report)[..4], "{dry}");
    assert!(numbers(&report)[4] > 0, "{report}");
    // Ten cards and the one that never was, in four answers: the fifth is the fourth again.
    assert_eq!(report["rows_compared"].as_i64(), Some(4 * 11), "{report}");
    check_corrected(&world, &right);
    assert_eq!(count("SELECT count(*) FROM event"), events, "no event is made of it");
    assert_eq!(count("SELECT count(*) FROM price WHERE revision = 0"), rows, "what was read then is still there: {rows} rows");

    let once = world.told();
    let report = world.reparse(&[]);
    assert_eq!(numbers(&report), [5, 0, 0, 0, 0], "a second time changes nothing: {report}");
    assert_eq!(world.told()[1..], once[1..]);
    // And the daemon starts with what was corrected.
    let served = Served::start(world.folder.path(), &[]);
    let answer = served.get("/api/v1/cheapest?gpu=rtx-4090&provider=runpod").1;
    assert_eq!(answer["items"][0]["price_usd_per_gpu_hour"].as_str(), Some("0.7"), "{answer}");
}

/// Prices of now and then, and the series, are what they are where nothing was ever read wrong.
#[track_caller]
fn check_corrected(world: &World, right: &[String]) {
    let told = world.told();
    // Without the card that never was, without revisions, and without the moment that tells of it.
    let rows = |text: &str, columns: &[&str]| -> Vec<Vec<String>> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let head = reader.headers().expect("a header").clone();
        let places: Vec<usize> = columns.iter().map(|name| head.iter().position(|column| column == *name).expect("a column")).collect();
        let records = reader.records().map(|record| record.expect("a row"));
        let mut rows: Vec<Vec<String>> = records.map(|record| places.iter().map(|place| record[*place].to_owned()).collect()).collect();
        rows.sort_unstable();
        rows
    };
    let sorted_header =
        |text: &str, header: &str| format!("{header}\n{}", text.lines().filter(|line| *line != header).collect::<Vec<_>>().join("\n"));
    for (table, columns, allowed) in [
        (0, &["sku", "price_usd_per_hour", "availability", "presence"][..], 0),
        (1, &["sku", "observed_at", "price_per_hour", "withdrawn"], 1),
        (2, &["gpu", "market", "tier", "provider", "observed_at", "min_usd_per_gpu_hour", "median_usd_per_gpu_hour", "offers"], 0),
    ] {
        let header = told[table].lines().find(|line| line.starts_with("id,") || line.starts_with("gpu,")).expect("a header").to_owned();
        let (now, then) = (rows(&sorted_header(&told[table], &header), columns), rows(&sorted_header(&right[table], &header), columns));
        let more: Vec<_> = now.iter().filter(|row| !then.contains(row)).collect();
        let less: Vec<_> = then.iter().filter(|row| !now.contains(row)).collect();
        assert!(less.is_empty() && more.len() == allowed, "table {table}: {more:#?} instead of {less:#?}");
    }
    let changes: serde_json::Value = serde_json::from_str(&told[3]).expect("JSON");
    let kinds: Vec<(&str, &str)> = changes
        .as_array()
        .expect("a list")
        .iter()
        .filter(|change| change["gpu_group"] == "rtx-4090" || change["gpu_group"] == "rtx-a6000" || change["gpu_group"] == "h200-sxm")
        .map(|change| (change["kind"].as_str().unwrap_or_default(), change["gpu_group"].as_str().unwrap_or_default()))
        .collect();
    assert_eq!(kinds, [("price_down", "rtx-4090"), ("price_up", "rtx-4090")], "the moves of then are told, and no correction");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_daemon_does_it_and_answers_that_are_gone_are_said() {
    let world = World::new().await;
    story(&world);
    let served = Served::start(world.folder.path(), &[]);
    let report = world.reparse(&[]);
    assert_eq!(numbers(&report)[1..4], [0, 0, 0], "{report}");
    assert!(numbers(&report)[0] >= 5, "{report}");
    let url = format!("http://{}/api/v1/providers/runpod/reparse?since=1d", served.address);
    assert_eq!(crate::support::request("POST", &url, &[]).0, 403, "it needs a token, and none is configured");
    assert!(served.end().success());
    remove(&world.folder.path().join("gpurate.db.pages/runpod"));
    let output = world.run(&["reparse", "--provider", "runpod", "--since", "1d"]);
    assert!(text(&output.stdout).contains("past their keeping time"), "{}{}", text(&output.stdout), text(&output.stderr));
    for (arguments, said) in [
        (&["reparse", "--provider", "runpods", "--since", "1d"][..], "`runpod`"),
        (&["reparse", "--provider", "runpod", "--since", "soon"], "`soon`"),
        (&["reparse", "--provider", "runpod", "--since", "1d", "--part", "west"], "no part `west`"),
    ] {
        let output = world.run(arguments);
        assert!(output.status.code() == Some(2) && text(&output.stderr).contains(said), "{arguments:?}: {}", text(&output.stderr));
    }
}

fn remove(folder: &Path) {
    std::fs::remove_dir_all(folder).expect("the archive is there");
}
