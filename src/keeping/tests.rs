//! A past of a hundred days, some of it past its keeping time: what goes, and what nobody may miss.

use std::collections::BTreeMap;

use super::*;
use crate::changes::{self, Question};
use crate::config::Config;
use crate::store::{Store, to_ms};
use crate::window::Window;

const NOW: &str = "2026-11-20T00:00:00Z";

fn now() -> DateTime<Utc> {
    NOW.parse().expect("a time")
}

fn ago(days: i64) -> DateTime<Utc> {
    now() - TimeDelta::days(days)
}

/// A marketplace's part with four machines, and a list's part; an attempt every hour at both.
fn sql() -> String {
    let mut sql = String::from(
        "INSERT INTO part (id, provider, name, last_accepted_ms) VALUES (1, 'vastai', 'RTX 4090', 0), (2, 'runpod', 'all', 0);
         INSERT INTO unit (id, currency, unit, kind) VALUES (1, 'USD', 'per_instance_hour', 'fixed');
         INSERT INTO terms (id, content) VALUES (1, '[]'), (2, '[ ]'), (3, '[  ]');
         INSERT INTO gpu_scope VALUES (1, 'rtx-4090', 'on_demand', '', 0, '');",
    );
    for (row, part, sku, market) in [
        (1, 1, "7", "on_demand"),
        (2, 1, "8", "on_demand"),
        (3, 1, "9", "on_demand"),
        (4, 1, "10", "on_demand"),
        (5, 2, "list", "on_demand"),
    ] {
        sql += &format!(
            "INSERT INTO offer (id, hash, part_id, sku, tier, region, market, gpu_count, gpu_name, vram_per_gpu_mib, units, attributes)
             VALUES ({row}, x'0{row}112233445566778899', {part}, '{sku}', 'secure', 'global', '{market}', '1', 'RTX 4090', 24576, 1, '{{}}');"
        );
    }
    let mut price = |offer: i64, days: i64, nanos: &str, terms: i64| {
        let unit = i64::from(nanos != "NULL");
        sql += &format!(
            "INSERT INTO price (offer_id, observed_ms, revision, per_hour_nanos, quote_nanos, unit_id, availability, terms_id) VALUES ({offer}, {}, 0, {nanos}, NULL, {unit}, 0, {terms});",
            to_ms(ago(days))
        );
    };
    // On sale all the time; its price of 60 days ago was in force until 10 days ago.
    for (days, nanos) in [(99, "300000000"), (80, "310000000"), (60, "320000000"), (10, "330000000")] {
        price(1, days, nanos, if days == 99 { 2 } else { 1 });
    }
    // Gone for long; gone for long, with an event; gone a moment ago.
    for (offer, days) in [(2, 50), (3, 50), (4, 5)] {
        price(offer, 90, "300000000", 1);
        price(offer, days, "NULL", 0);
    }
    for (days, nanos) in [(99, "500000000"), (70, "510000000"), (1, "520000000")] {
        price(5, days, nanos, 1);
    }
    // Two withdrawals of one moment, told at one.
    for (offer, days) in [(2, 50), (3, 50), (4, 5)] {
        let told = to_ms(ago(days)) + 1_800_000;
        sql += &format!("UPDATE price SET told_ms = {told} WHERE offer_id = {offer} AND per_hour_nanos IS NULL;");
        sql += &format!("INSERT OR IGNORE INTO telling VALUES ({told}, {});", to_ms(ago(days)));
    }
    for (offer, presence, days) in [(1, 0, 10), (2, 3, 50), (3, 3, 50), (4, 3, 5), (5, 0, 1)] {
        sql += &format!(
            "INSERT INTO offer_now (offer_id, presence, observed_ms, per_hour_nanos, quote_nanos, unit_id, availability, terms_id, price_since_ms)
             VALUES ({offer}, {presence}, {}, 330000000, 330000000, 1, 0, 1, {0});",
            to_ms(ago(days))
        );
    }
    sql += &format!("INSERT INTO event (at_ms, kind, part_id, offer_id, detail) VALUES ({}, 'flapping', 1, 3, 'x');", to_ms(ago(60)));
    sql += &format!(
        "INSERT INTO event (at_ms, kind, part_id, offer_id, detail) VALUES ({}, 'part_refused', 2, NULL, 'x');",
        to_ms(ago(95)) + 1_800_000
    );
    for hour in 0..=100 * 24_i64 {
        let at = now() - TimeDelta::hours(hour);
        for part in [1, 2] {
            // A day without an accepted answer, a week after the beginning.
            let outcome = if (93 * 24..94 * 24).contains(&hour) { "failed" } else { "accepted" };
            sql +=
                &format!("INSERT INTO collection VALUES (NULL, {part}, {0}, {0}, '{outcome}', NULL, 1, 0, 0, 0, 0, 0, 0, 1);", to_ms(at));
        }
        // The marketplace is asked again after half an hour, but for that day.
        if !(93 * 24 - 1..94 * 24).contains(&hour) {
            let half = to_ms(at) + 1_800_000;
            sql += &format!("INSERT INTO collection VALUES (NULL, 1, {half}, {half}, 'accepted', NULL, 1, 0, 0, 0, 0, 0, 0, 1);");
        }
        sql += &format!("UPDATE part SET last_accepted_ms = max(last_accepted_ms, {});", to_ms(at));
    }
    sql +=
        &format!("INSERT INTO collection VALUES (NULL, 2, {0}, {0}, 'refused', 'x', 1, 0, 0, 0, 0, 0, 0, 1);", to_ms(ago(95)) + 1_800_000);
    for (hash, from, until) in [("a", 99, 95), ("b", 95, 20), ("c", 20, 0)] {
        sql += &format!(
            "INSERT INTO page VALUES (2, 'k', '{}', 'GET', 'https://example.com/', NULL, {}, {}, 1, NULL, NULL);",
            hash.repeat(64),
            to_ms(ago(from)),
            to_ms(ago(until))
        );
    }
    for days in [99, 70, 40, 10] {
        sql += &format!("INSERT INTO gpu_price VALUES (1, {}, {days}, {days}, {days}, {days}, 1, 1, 0, 1, {days});", to_ms(ago(days)));
    }
    sql
}

struct Past {
    _folder: tempfile::TempDir,
    daemon: std::sync::Arc<Daemon>,
}

fn past(config: &str) -> Past {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.db");
    let (_, mut writer) = Store::open(&path).expect("a store");
    let rows = format!("BEGIN; {} COMMIT;", sql());
    writer.connection().execute_batch(&rows).expect("rows");
    writer.recount_days().expect("days");
    drop(writer);
    let daemon = Daemon::open(Config::parse(config, "x.toml").expect("valid"), &path, false).expect("opens");
    Past { _folder: folder, daemon }
}

impl Past {
    fn count(&self, sql: &str) -> i64 {
        self.daemon.write_side().writer.connection().query_row(sql, [], |row| row.get(0)).expect("a number")
    }

    /// Moment, kind, provider and code of each change.
    fn changes(&self) -> (Vec<String>, BTreeMap<String, DateTime<Utc>>) {
        let pairs = [("since", "2026-08-01"), ("limit", "1000")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let question = Question::parse(pairs.into_iter(), now()).expect("a question");
        let answer = changes::changes(&self.daemon.store.reader().expect("a reader"), false, &question, now()).expect("an answer");
        let told = answer.items.iter().map(|change| {
            let sku = change.offer.as_ref().map(|offer| offer.sku.to_string()).unwrap_or_default();
            format!("{} {} {sku}", (now() - change.at).num_days(), change.kind.as_str())
        });
        (told.collect(), answer.prices_kept_since.into_iter().map(|kept| (kept.provider, kept.since)).collect())
    }

    fn spans(&self) -> Vec<crate::store::history::Span> {
        let window = Window { since: ago(100), until: now() };
        let reader = self.daemon.store.reader().expect("a reader");
        let mut spans = reader.live_spans("vastai", 7200, window).expect("spans");
        spans.extend(reader.live_spans("runpod", 259_200, window).expect("spans"));
        spans
    }
}

#[test]
fn what_is_past_its_keeping_time_goes_and_nothing_that_holds() {
    let past = past("");
    let (before, spans) = (past.changes(), past.spans());
    assert_eq!(before.0.len(), 15, "{before:#?}");
    let market = past.daemon.market();
    let removed = keep(&past.daemon, now()).expect("it is gone through");

    // Of the machine that is on sale the price that was in force 30 days ago stays; of those that went long ago nothing.
    assert_eq!(removed.prices, 2 + 2 + 2);
    let left = past.daemon.store.reader().expect("a reader");
    let of = |offer: i64| left.past_prices(offer, None, Window { since: ago(100), until: now() }, true, 99).expect("rows").len();
    assert_eq!([1, 2, 3, 4, 5].map(of), [2, 0, 0, 2, 3]);
    assert_eq!(past.count("SELECT count(*) FROM offer WHERE id = 2"), 0, "nothing needs it");
    assert_eq!(past.count("SELECT count(*) FROM offer WHERE id = 3"), 1, "an event is about it");
    assert_eq!((past.count("SELECT count(*) FROM terms"), removed.terms), (1, 2), "no price names them");
    assert_eq!((past.count("SELECT count(*) FROM gpu_price"), removed.series), (4, 0), "for ever");
    assert_eq!((past.count("SELECT count(*) FROM event"), removed.events), (2, 0), "for ever");

    // Changes of before the horizon are not told as something else: a rise of 60 days ago would pass for a new machine.
    let (told, kept_since) = past.changes();
    let expected: Vec<String> = before
        .0
        .iter()
        .filter(|change| {
            !matches!(
                change.as_str(),
                "99 new 7"
                    | "80 price_up 7"
                    | "60 price_up 7"
                    | "90 new 8"
                    | "90 new 9"
                    | "90 new 10"
                    | "50 withdrawn 8"
                    | "50 withdrawn 9"
            )
        })
        .cloned()
        .collect();
    assert_eq!(told, expected);
    assert_eq!(
        told,
        ["1 price_up list", "5 withdrawn 10", "10 price_up 7", "60 flapping 9", "70 price_up list", "94 part_refused ", "99 new list"]
    );
    assert_eq!(kept_since, BTreeMap::from([("vastai".to_owned(), ago(30))]));

    let told = past.count("SELECT count(DISTINCT told_ms) FROM price WHERE told_ms IS NOT NULL");
    assert_eq!((past.count("SELECT count(*) FROM telling"), told), (1, 1), "a telling goes with its last row");

    // Attempts: the gap is where it was, and what rests on one has it.
    assert_eq!(past.spans(), spans);
    assert!(spans.len() > 2, "there is a gap at the marketplace: {spans:?}");
    assert!(removed.attempts > 200, "{removed:?}");
    assert_eq!(past.count("SELECT count(*) FROM price WHERE NOT EXISTS (SELECT 1 FROM collection WHERE finished_ms = observed_ms)"), 0);
    assert_eq!(
        past.count(
            "SELECT count(*) FROM event WHERE kind = 'part_refused' AND NOT EXISTS (SELECT 1 FROM collection WHERE finished_ms = at_ms)"
        ),
        0
    );
    assert_eq!(removed.pages, 1, "the newest answer, and those of the last 90 days, keep their record");

    // The market is the one of before, also after a start.
    let again = Daemon::open(Config::default(), past.daemon.store.path(), false).expect("opens").market();
    let prices = |market: &crate::market::Market| -> Vec<_> {
        market.index.entries.iter().map(|entry| (entry.id, entry.offer.clone(), entry.price_since)).collect()
    };
    assert_eq!(prices(&again), prices(&market));
    assert_eq!(keep(&past.daemon, now()).expect("again"), Removed::default(), "not so soon");
    let later = now() + TimeDelta::hours(24);
    let once_more = keep(&past.daemon, later).expect("again");
    assert_eq!((once_more.prices, once_more.terms), (0, 0), "{once_more:?}");
    let subjects: Vec<String> =
        left.removed().expect("told").into_iter().map(|removed| format!("{} {}", removed.subject, removed.scope)).collect();
    assert_eq!(subjects, ["collection runpod/all", "collection vastai/RTX 4090", "offer vastai", "page ", "price vastai", "terms "]);
}

#[test]
fn each_keeping_time_can_be_set_and_evidence_says_that_it_is_past() {
    let past = past(
        "[retention]\nmarketplace_price_days = 0\nprice_days = 30\ngpu_price_days = 30\nevent_days = 30\npage_days = 30\nattempt_days = 0\n",
    );
    let removed = keep(&past.daemon, now()).expect("it is gone through");
    let Removed { prices, series, events, attempts, .. } = removed;
    assert_eq!((prices, series, events, attempts), (1, 2, 2, 0), "of each the one in force 30 days ago stays");
    assert_eq!(
        past.count("SELECT count(*) FROM gpu_day"),
        past.count("SELECT count(DISTINCT observed_ms / 86400000) FROM gpu_price"),
        "days are of the rows that are left"
    );
    let answer = {
        let pairs = [("since", "2026-08-01"), ("provider", "vastai")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let question = Question::parse(pairs.into_iter(), now()).expect("a question");
        changes::changes(&past.daemon.store.reader().expect("a reader"), false, &question, now()).expect("an answer")
    };
    let old = answer.items.iter().map(|change| (change.at < ago(30), change.evidence.past_keeping_time));
    assert!(answer.items.len() > 5 && old.clone().all(|(old, said)| old == said), "{:?}", old.collect::<Vec<_>>());
    assert!(Config::parse("[retention]\nprice_days = 3\n", "x.toml").expect_err("too few").to_string().contains("at least 8"));
}

#[test]
fn what_is_deleted_gives_its_room_back() {
    let past = past("");
    let path = past.daemon.store.path().to_path_buf();
    let sql = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
         INSERT INTO price (offer_id, observed_ms, revision, per_hour_nanos, quote_nanos, unit_id, availability, terms_id) SELECT 1, {} + i, 0, 1000000000 + i, NULL, 1, 3, 1 FROM n;",
        to_ms(ago(70))
    );
    past.daemon.write_side().writer.connection().execute_batch(&sql).expect("rows");
    let size = || {
        past.daemon.write_side().writer.connection().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("merged");
        std::fs::metadata(&path).expect("a file").len()
    };
    let full = size();
    let started = std::time::Instant::now();
    let longest = std::sync::atomic::AtomicU64::new(0);
    let removed = std::thread::scope(|scope| {
        let keeper = scope.spawn(|| keep(&past.daemon, now()).expect("it is gone through"));
        // Whoever wants to write meanwhile waits for a batch, not for all of them.
        while !keeper.is_finished() {
            let asked = std::time::Instant::now();
            drop(past.daemon.write_side());
            let waited = u64::try_from(asked.elapsed().as_millis()).unwrap_or(u64::MAX);
            longest.fetch_max(waited, std::sync::atomic::Ordering::Relaxed);
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        keeper.join().expect("it ends")
    });
    assert!(removed.prices > 200_000 && removed.bytes > 0, "{removed:?}");
    let left = size();
    assert!(left < full, "{full} to {left} bytes");
    let whole: String =
        past.daemon.write_side().writer.connection().query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("checked");
    assert_eq!(whole, "ok");
    let longest = longest.into_inner();
    println!("{} rows in {} ms, {full} to {left} bytes, longest wait {longest} ms", removed.prices, started.elapsed().as_millis());
    assert!(longest < started.elapsed().as_millis() as u64 / 2, "a writer waited {longest} ms");
}
