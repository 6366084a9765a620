//! A small history by hand, its lake, and what happens to it.

mod history;

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::config::{LakeKeys, LakeSection};
use crate::market::{Market, ProviderState};
use crate::store::{Store, Writer};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn ms(text: &str) -> i64 {
    at(text).timestamp_millis()
}

fn now() -> DateTime<Utc> {
    at("2026-11-20T12:00:00Z")
}

/// Five offers of RunPod and one of Scaleway, from 2026-11-16 on. RunPod answers every six hours and is believed for seven.
fn store() -> (tempfile::TempDir, Store, Writer) {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, writer) = Store::open(&folder.path().join("a.db")).expect("a store");
    let mut sql = "INSERT INTO part (id, provider, name) VALUES (1, 'runpod', 'all'), (2, 'scaleway', 'fr-par-1');
         INSERT INTO unit (id, currency, unit, kind) VALUES (1, 'USD', 'per_instance_hour', 'fixed'), (2, 'EUR', 'per_instance_hour', 'fixed');
         INSERT INTO terms VALUES (0, '[]');
         INSERT INTO fx_rate VALUES ('2026-11-16', 'USD', 1100000000), ('2026-11-18', 'USD', 2000000000);"
        .to_owned();
    for (row, part, sku, market, count) in [
        (1, 1, "steady", "on_demand", "1"),
        (2, 1, "gone at noon", "on_demand", "1"),
        (3, 1, "gone for long", "on_demand", "1"),
        (4, 1, "out of stock", "on_demand", "1"),
        (5, 1, "eight", "spot", "8"),
        (6, 2, "euro", "on_demand", "1"),
    ] {
        sql.push_str(&format!(
            "INSERT INTO offer (id, hash, part_id, sku, tier, region, market, gpu_count, gpu_name, vram_per_gpu_mib, units, attributes)
             VALUES ({row}, x'0{row}112233445566778899', {part}, '{sku}', 'secure', 'global', '{market}', '{count}', 'RTX 4090', 24576, 1, '{{}}');
             INSERT INTO offer_now (offer_id, presence, per_hour_nanos, quote_nanos, unit_id, availability, terms_id, price_since_ms)
               VALUES ({row}, 0, 1, 1, 1, 0, 0, 0);"
        ));
    }
    let price = |row: i64, when: &str, revision: i64, nanos: &str, unit: i64, stock: i64| {
        format!(
            "INSERT INTO price (offer_id, observed_ms, revision, per_hour_nanos, quote_nanos, unit_id, availability, terms_id) VALUES ({row}, {}, {revision}, {nanos}, NULL, {unit}, {stock}, 0);",
            ms(when)
        )
    };
    for (row, when, revision, nanos, unit, stock) in [
        (1, "2026-11-16T00:00:00Z", 0, "400000000", 1, 0),
        (1, "2026-11-17T10:00:00Z", 0, "300000000", 1, 0),
        (1, "2026-11-17T20:00:00Z", 0, "350000000", 1, 0),
        (2, "2026-11-16T06:00:00Z", 0, "500000000", 1, 0),
        (2, "2026-11-17T12:00:00Z", 0, "NULL", 0, 2),
        (3, "2026-11-16T00:00:00Z", 0, "100000000", 1, 0),
        (3, "2026-11-16T12:00:00Z", 0, "NULL", 0, 2),
        (4, "2026-11-16T00:00:00Z", 0, "200000000", 1, 2),
        (4, "2026-11-17T06:00:00Z", 0, "450000000", 1, 0),
        (4, "2026-11-17T18:00:00Z", 0, "250000000", 1, 2),
        (5, "2026-11-16T00:00:00Z", 0, "8000000000", 1, 3),
        // What is read first is not what holds.
        (5, "2026-11-17T06:00:00Z", 0, "1000000000", 1, 3),
        (5, "2026-11-17T06:00:00Z", 1, "7200000000", 1, 3),
        (6, "2026-11-16T00:00:00Z", 0, "1000000000", 2, 0),
    ] {
        sql.push_str(&price(row, when, revision, nanos, unit, stock));
    }
    // Scaleway answers on the 16th alone; RunPod until the 19th, 18:00.
    let attempt = |part: i64, at_ms: i64| {
        format!(
            "INSERT INTO collection (part_id, started_ms, finished_ms, outcome, offers, changed, rejected, quarantined, unmapped, bytes, duration_ms, adapter_version) VALUES ({part}, {at_ms}, {at_ms}, 'accepted', 1, 0, 0, 0, 0, 0, 0, 1);"
        )
    };
    for number in 0..16 {
        sql.push_str(&attempt(1, ms("2026-11-16T00:00:00Z") + number * 6 * 3_600_000));
    }
    sql.push_str(&attempt(2, ms("2026-11-16T00:00:00Z")));
    writer.connection().execute_batch(&sql).expect("rows");
    (folder, store, writer)
}

fn market(version: u64) -> Market {
    let provider = |slug: &str, hours: i64| {
        Arc::new(ProviderState {
            slug: slug.into(),
            name: slug.to_owned(),
            enabled: true,
            fresh_seconds: 3_600,
            stale_seconds: hours * 3_600,
            launch_url: String::new(),
        })
    };
    Market { version, providers: vec![provider("runpod", 7), provider("scaleway", 12)], ..Market::default() }
}

struct Ask<'a> {
    since: Option<NaiveDate>,
    dry_run: bool,
    recompute: bool,
    marketplace_days: u32,
    now: DateTime<Utc>,
    version: u64,
    stop: &'a dyn Fn() -> bool,
}

impl Default for Ask<'_> {
    fn default() -> Self {
        Self { since: None, dry_run: false, recompute: false, marketplace_days: 30, now: now(), version: 1, stop: &|| false }
    }
}

fn write(store: &Store, lake: &Path, ask: &Ask<'_>) -> Result<Report, LakeError> {
    write_with(store, lake, &Arc::new(market(ask.version)), ask)
}

fn write_with(store: &Store, lake: &Path, market: &Arc<Market>, ask: &Ask<'_>) -> Result<Report, LakeError> {
    let mut target = open(&lake.to_string_lossy(), &LakeSection::default(), &LakeKeys::default(), &Default::default()).expect("a folder");
    let options = Options {
        since: ask.since,
        dry_run: ask.dry_run,
        recompute: ask.recompute,
        marketplace_days: ask.marketplace_days,
        now: ask.now,
        stop: ask.stop,
        step: &mut |_| {},
    };
    run(store, market, &mut *target, options)
}

/// Every file but the lock, by name.
fn files(lake: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(folder: &Path, root: &Path, into: &mut BTreeMap<String, Vec<u8>>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, root, into);
            } else if !path.ends_with("lock") {
                let name = path.strip_prefix(root).expect("below").to_string_lossy().into_owned();
                into.insert(name, std::fs::read(&path).expect("readable"));
            }
        }
    }
    let mut all = BTreeMap::new();
    walk(lake, lake, &mut all);
    all
}

type Cells = HashMap<String, String>;

fn rows(lake: &Path, table: &str, day: &str) -> Vec<Cells> {
    let bytes = std::fs::read(lake.join(format!("{table}/date={day}/{table}.parquet"))).expect("the file is there");
    let reader = SerializedFileReader::new(Bytes::from(bytes)).expect("Parquet");
    let cell = |field: &Field| match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::TimestampMillis(ms) => DateTime::from_timestamp_millis(*ms).expect("a time").to_rfc3339(),
        Field::Date(days) => (NaiveDate::default() + chrono::TimeDelta::days(i64::from(*days))).to_string(),
        other => other.to_string(),
    };
    let rows = reader.get_row_iter(None).expect("rows").map(|row| row.expect("a row"));
    rows.map(|row| row.get_column_iter().map(|(name, field)| (name.clone(), cell(field))).collect()).collect()
}

fn state(lake: &Path, day: &str) -> BTreeMap<String, Cells> {
    rows(lake, "daily_state", day).into_iter().map(|row| (row["sku"].clone(), row)).collect()
}

#[track_caller]
fn check(row: &Cells, wanted: &[(&str, &str)]) {
    for (column, value) in wanted {
        assert_eq!(row[*column], *value, "{column} of {row:?}");
    }
}

fn lake_of(folder: &tempfile::TempDir) -> std::path::PathBuf {
    folder.path().join("lake")
}

#[test]
fn a_day_has_the_first_the_least_and_the_last_price_of_every_offer_that_was_there() {
    let (folder, store, _writer) = store();
    let lake = lake_of(&folder);
    let report = write(&store, &lake, &Ask::default()).expect("written");
    assert_eq!((report.days, report.days_computed, report.written.len()), (4, 4, 9), "16th to 19th, and the offers of now");
    let day = state(&lake, "2026-11-17");
    assert_eq!(day.keys().map(String::as_str).collect::<Vec<_>>(), ["eight", "gone at noon", "out of stock", "steady"]);
    check(
        &day["steady"],
        &[
            ("opening_price_per_hour", "0.400000000"),
            ("lowest_usd_per_gpu_hour", "0.300000000"),
            ("closing_usd_per_hour", "0.350000000"),
            ("present_at_start", "true"),
            ("present_at_end", "true"),
            ("listed_seconds", "86400"),
            ("available_seconds", "86400"),
            ("changes", "2"),
            ("gpu", "rtx-4090"),
            ("gpu_group", "rtx-4090"),
            ("currency", "USD"),
            ("rate_date", ""),
            ("price_kind", "fixed"),
        ],
    );
    check(
        &day["gone at noon"],
        &[
            ("closing_price_per_hour", "0.500000000"),
            ("present_at_start", "true"),
            ("present_at_end", "false"),
            ("listed_seconds", "43200"),
        ],
    );
    // Out of stock it has a price, and nobody gets it.
    check(
        &day["out of stock"],
        &[
            ("opening_price_per_hour", "0.200000000"),
            ("lowest_price_per_hour", "0.450000000"),
            ("closing_price_per_hour", "0.250000000"),
            ("opening_availability", "unavailable"),
            ("closing_availability", "unavailable"),
            ("available_seconds", "43200"),
            ("listed_seconds", "86400"),
        ],
    );
    check(&day["eight"], &[("lowest_price_per_hour", "7.200000000"), ("lowest_usd_per_gpu_hour", "0.900000000"), ("changes", "1")]);
    check(&state(&lake, "2026-11-16")["out of stock"], &[("lowest_price_per_hour", ""), ("available_seconds", "0")]);
}

#[test]
fn what_nobody_looked_at_is_no_presence() {
    let (folder, store, _writer) = store();
    let lake = lake_of(&folder);
    write(&store, &lake, &Ask::default()).expect("written");
    let first = &state(&lake, "2026-11-16")["euro"];
    check(
        first,
        &[
            ("present_at_start", "true"),
            ("present_at_end", "false"),
            ("listed_seconds", "43200"),
            ("currency", "EUR"),
            ("closing_price_per_hour", "1.000000000"),
            ("closing_usd_per_hour", "1.100000000"),
            ("rate_date", "2026-11-16"),
        ],
    );
    assert!(!state(&lake, "2026-11-17").contains_key("euro"), "Scaleway was silent that day");
    check(&state(&lake, "2026-11-19")["steady"], &[("present_at_end", "true"), ("listed_seconds", "86400")]);
    // The last answer came at 18:00 on the 19th, and held until 01:00.
    write(&store, &lake, &Ask { now: at("2026-11-22T00:00:00Z"), ..Ask::default() }).expect("written");
    check(&state(&lake, "2026-11-20")["steady"], &[("present_at_end", "false"), ("listed_seconds", "3600")]);
    assert!(rows(&lake, "daily_state", "2026-11-21").is_empty());
}

#[test]
fn changes_are_the_rows_of_an_export_of_that_day() {
    let (folder, store, _writer) = store();
    let lake = lake_of(&folder);
    write(&store, &lake, &Ask::default()).expect("written");
    let pairs = [("format", "csv"), ("since", "2026-11-17"), ("until", "2026-11-18")];
    let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let question = crate::export::Question::parse(crate::export::Table::Prices, pairs, now()).expect("a question");
    let mut export = crate::export::Export::new(question, store.clone(), Arc::default(), now());
    let mut text = Vec::new();
    while let Some(more) = export.next_bytes().expect("readable") {
        text.extend(more);
    }
    let mut wanted: Vec<BTreeMap<String, String>> =
        ::csv::Reader::from_reader(&text[..]).deserialize().map(|row| row.expect("CSV")).collect();
    let padded = |text: &str| {
        text.parse::<gpurate_domain::Nanos>()
            .map_or(text.to_owned(), |nanos| format!("{}.{:09}", nanos.0 / 1_000_000_000, nanos.0 % 1_000_000_000))
    };
    for row in &mut wanted {
        for name in ["price_per_hour", "original_price_amount", "price_usd_per_hour"] {
            let cell = padded(&row[name]);
            row.insert(name.to_owned(), cell);
        }
        let moment = at(&row["observed_at"]).to_rfc3339();
        row.insert("observed_at".to_owned(), moment);
    }
    let mut found: Vec<BTreeMap<String, String>> =
        rows(&lake, "changes", "2026-11-17").into_iter().map(|row| row.into_iter().collect()).collect();
    let times: Vec<String> = found.iter().map(|row| row["observed_at"].clone()).collect();
    assert!(times.is_sorted() && times.len() == 6, "{times:?}");
    let key = |row: &BTreeMap<String, String>| (row["id"].clone(), row["observed_at"].clone());
    wanted.sort_by_key(key);
    found.sort_by_key(key);
    assert_eq!(found, wanted);
}

#[test]
fn a_second_run_writes_nothing_and_a_commit_only_what_is_new() {
    let (folder, store, _writer) = store();
    let lake = lake_of(&folder);
    write(&store, &lake, &Ask::default()).expect("written");
    let before = files(&lake);
    let report = write(&store, &lake, &Ask::default()).expect("written");
    assert_eq!((report.written.len(), report.days_computed), (0, 0));
    assert_eq!(files(&lake), before);
    let report = write(&store, &lake, &Ask { recompute: true, ..Ask::default() }).expect("written");
    assert_eq!((report.written.len(), report.days_computed, report.equal), (0, 4, 8));
    assert_eq!(files(&lake), before);
    let report = write(&store, &lake, &Ask { version: 2, now: at("2026-11-20T13:00:00Z"), ..Ask::default() }).expect("written");
    assert_eq!(report.written.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["current/offers.parquet"]);
}

#[test]
fn the_offers_of_now_are_written_alone_after_a_commit_and_what_the_lake_holds_is_kept_in_mind() {
    let (folder, store, _writer) = store();
    let lake = lake_of(&folder);
    let run = |version: u64, sample: bool| {
        let market = Arc::new(Market { version, sample, ..Market::default() });
        let mut target = open(&lake.to_string_lossy(), &LakeSection::default(), &LakeKeys::default(), &CancellationToken::new())?;
        run_current(&store, &market, &mut *target, now())
    };
    let why = |report: Report| report.written.iter().map(|file| (file.name.clone(), file.why)).collect::<Vec<_>>();
    let file = "current/offers.parquet".to_owned();
    assert_eq!(why(run(1, false).expect("written")), [(file.clone(), "new")], "before any day");
    assert_eq!(why(run(1, false).expect("written")), []);
    assert_eq!(files(&lake).keys().map(String::as_str).collect::<Vec<_>>(), ["_gpurate/current.json", "current/offers.parquet"]);
    // The days come later, and leave it.
    let report = write(&store, &lake, &Ask::default()).expect("written");
    assert!(!report.written.is_empty() && report.written.iter().all(|written| written.name != file), "{report:?}");
    std::fs::remove_file(lake.join(&file)).expect("deleted");
    assert_eq!(why(run(1, false).expect("written")).len(), 1, "it was not there");
    assert_eq!(why(run(2, false).expect("written")).len(), 1, "a commit came");
    let error = run(3, true).expect_err("refused").to_string();
    assert!(error.contains("it holds prices"), "{error}");
    // Also where only the days say so.
    std::fs::remove_file(lake.join("_gpurate/current.json")).expect("deleted");
    let error = run(3, true).expect_err("refused").to_string();
    assert!(error.contains("it holds prices"), "{error}");
    std::fs::write(lake.join("_gpurate/current.json"), r#"{"layout":9}"#).expect("written");
    let error = run(3, false).expect_err("refused").to_string();
    assert!(error.contains("newer gpurate"), "{error}");
}

#[test]
fn a_row_that_comes_later_rewrites_its_day_and_the_days_it_is_passed_on_to() {
    let (folder, store, writer) = store();
    let lake = lake_of(&folder);
    write(&store, &lake, &Ask::default()).expect("written");
    // The second miss withdraws what was missed on the 18th; the 17th is read otherwise.
    let sql = format!(
        "INSERT INTO price (offer_id, observed_ms, revision, per_hour_nanos, quote_nanos, unit_id, availability, terms_id) VALUES (4, {}, 0, NULL, NULL, 0, 2, 0); INSERT INTO price (offer_id, observed_ms, revision, per_hour_nanos, quote_nanos, unit_id, availability, terms_id) VALUES (1, {}, 1, 320000000, NULL, 1, 0, 0);",
        ms("2026-11-18T18:00:00Z"),
        ms("2026-11-17T20:00:00Z"),
    );
    writer.connection().execute_batch(&sql).expect("rows");
    let report = write(&store, &lake, &Ask::default()).expect("written");
    let names: Vec<(&str, &str)> = report.written.iter().map(|file| (file.name.as_str(), file.why)).collect();
    assert_eq!(
        names,
        [
            ("changes/date=2026-11-17/changes.parquet", "changed"),
            ("daily_state/date=2026-11-17/daily_state.parquet", "changed"),
            ("changes/date=2026-11-18/changes.parquet", "changed"),
            ("daily_state/date=2026-11-18/daily_state.parquet", "changed"),
            ("daily_state/date=2026-11-19/daily_state.parquet", "changed"),
        ]
    );
    check(&state(&lake, "2026-11-17")["steady"], &[("closing_price_per_hour", "0.320000000")]);
    check(&state(&lake, "2026-11-19")["steady"], &[("opening_price_per_hour", "0.320000000")]);
    check(&state(&lake, "2026-11-18")["out of stock"], &[("present_at_end", "false"), ("listed_seconds", "64800")]);
    assert!(!state(&lake, "2026-11-19").contains_key("out of stock"));
    // As if it had been so from the beginning.
    let (other, mut fresh) = (folder.path().join("other"), files(&lake));
    write(&store, &other, &Ask::default()).expect("written");
    let mut wanted = files(&other);
    for all in [&mut fresh, &mut wanted] {
        all.remove("_gpurate/manifest.json");
    }
    assert_eq!(fresh, wanted);
}

#[test]
fn a_late_rate_rewrites_the_days_it_is_for() {
    let (folder, store, writer) = store();
    let lake = lake_of(&folder);
    write(&store, &lake, &Ask::default()).expect("written");
    writer.connection().execute("UPDATE fx_rate SET per_eur_nanos = 1200000000 WHERE date = '2026-11-16'", []).expect("a rate");
    let report = write(&store, &lake, &Ask::default()).expect("written");
    assert!(report.written.iter().any(|file| file.name == "daily_state/date=2026-11-16/daily_state.parquet"), "{report:?}");
    assert!(report.written.iter().all(|file| file.name.contains("2026-11-16")), "no other day has an offer in euros: {report:?}");
    check(&state(&lake, "2026-11-16")["euro"], &[("closing_usd_per_hour", "1.200000000")]);
}

#[test]
fn a_day_that_the_database_forgot_is_left_as_it_was_written() {
    let (folder, store, mut writer) = store();
    let lake = lake_of(&folder);
    write(&store, &lake, &Ask::default()).expect("written");
    let before = files(&lake);
    writer.forget_prices("runpod", at("2026-11-18T00:00:00Z"), 0).expect("forgotten");
    let ask = Ask { marketplace_days: 2, ..Ask::default() };
    let report = write(&store, &lake, &ask).expect("written");
    assert_eq!(report.written, [], "the 16th to the 18th are not whole any more");
    let report = write(&store, &lake, &Ask { recompute: true, ..ask }).expect("written");
    assert_eq!(report.written, []);
    assert_eq!(files(&lake), before);
    // Where such a day is not there at all, what is left of it is written.
    std::fs::remove_file(lake.join("changes/date=2026-11-17/changes.parquet")).expect("removed");
    let report = write(&store, &lake, &Ask { marketplace_days: 2, ..Ask::default() }).expect("written");
    assert!(report.written.iter().any(|file| file.name == "changes/date=2026-11-17/changes.parquet"), "{report:?}");
}

#[test]
fn a_run_that_is_stopped_anywhere_is_gone_on_with() {
    let (folder, store, _writer) = store();
    let whole = folder.path().join("whole");
    write(&store, &whole, &Ask::default()).expect("written");
    let mut wanted = files(&whole);
    let mut stopped = 0;
    for asked in 0.. {
        let lake = folder.path().join(format!("stopped-{asked}"));
        let left = Cell::new(asked);
        let stop = || {
            left.set(left.get() - 1);
            left.get() < 0
        };
        match write(&store, &lake, &Ask { stop: &stop, ..Ask::default() }) {
            Err(LakeError::Stopped) => stopped += 1,
            done => {
                done.expect("written");
                break;
            }
        }
        write(&store, &lake, &Ask::default()).expect("written");
        assert_eq!(files(&lake), wanted, "stopped at {asked}");
    }
    assert!(stopped > 8, "every file was a place to stop at: {stopped}");
    // A killed run leaves a manifest that is older than the files, or none.
    std::fs::remove_file(whole.join("_gpurate/manifest.json")).expect("removed");
    write(&store, &whole, &Ask::default()).expect("written");
    let mut again = files(&whole);
    for all in [&mut again, &mut wanted] {
        all.remove("_gpurate/manifest.json");
    }
    assert_eq!(again, wanted);
}

#[test]
fn a_dry_run_writes_nothing_and_since_leaves_days_out() {
    let (folder, store, _writer) = store();
    let lake = lake_of(&folder);
    let report = write(&store, &lake, &Ask { dry_run: true, ..Ask::default() }).expect("worked out");
    assert_eq!((report.written.len(), report.dry_run), (9, true));
    assert!(!lake.exists());
    let since = NaiveDate::from_ymd_opt(2026, 11, 19);
    let report = write(&store, &lake, &Ask { since, ..Ask::default() }).expect("written");
    assert_eq!(report.days, 1);
    check(&state(&lake, "2026-11-19")["steady"], &[("opening_price_per_hour", "0.350000000")]);
    write(&store, &lake, &Ask::default()).expect("the others");
    let other = folder.path().join("other");
    write(&store, &other, &Ask::default()).expect("written");
    assert_eq!(files(&lake), files(&other), "the order of runs does not matter");
}

#[test]
fn a_lake_of_samples_or_of_a_newer_program_is_not_mixed_with() {
    let (folder, store, _writer) = store();
    let lake = lake_of(&folder);
    for (document, part) in [
        (r#"{"layout":1,"sample":true,"days":{},"current":null}"#, "made-up samples"),
        (r#"{"layout":9}"#, "newer gpurate"),
        ("no JSON", "cannot be read"),
    ] {
        std::fs::create_dir_all(lake.join("_gpurate")).expect("a folder");
        std::fs::write(lake.join("_gpurate/manifest.json"), document).expect("written");
        let error = write(&store, &lake, &Ask::default()).expect_err("refused").to_string();
        assert!(error.contains(part), "{error}");
        assert_eq!(files(&lake).len(), 1);
    }
}

#[test]
fn every_column_is_documented() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/lake.md")).expect("docs/lake.md");
    for column in DAILY_STATE_COLUMNS {
        assert!(
            text.lines().any(|line| line.starts_with('|') && line.contains(&format!("`{column}`"))),
            "`{column}` is not in docs/lake.md"
        );
    }
    assert_eq!(CURRENT_COLUMNS.last(), Some(&"as_of"));
}
