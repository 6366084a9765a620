//! A GPU's daily cheapest over two years, from disk: 50 ms at most. The rows are made up, as many as two years of collecting leave:
//! three marketplaces every quarter of an hour, two lists every hour, with silences; and as much again of other GPUs around them.
//!
//! Each figure is the middle of eleven, each over a connection of its own. The rest has no bound of its own and is shown beside it.
//! It ends with 1 where the bound is broken.

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use gpurate::bench_data::{self, Numbers};
use gpurate::history::bid::{BidQuestion, bid};
use gpurate::history::{Question, history};
use gpurate::market::{Market, ProviderState};
use gpurate::store::{Store, Writer};

const BOUND: Duration = Duration::from_millis(50);
const DAYS: i64 = 730;
/// Slug, parts, minutes between two answers, seconds until one is stale, tiers.
const PROVIDERS: [(&str, i64, i64, i64, &[&str]); 5] = [
    ("vastai", 12, 15, 7_200, &["datacenter", "community"]),
    ("lium", 1, 15, 7_200, &["standard"]),
    ("akash", 1, 15, 7_200, &["standard"]),
    ("runpod", 1, 60, 259_200, &["secure", "community"]),
    ("vultr", 1, 60, 259_200, &["standard"]),
];
/// Other GPUs, whose rows lie around those that are asked for.
const OTHERS: i64 = 40;
const ROWS_OF_OTHER: i64 = 20_000;

fn main() -> ExitCode {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bench.db");
    let now = bench_data::now();
    let (_, mut writer) = Store::open(&path).expect("a store");
    let rows = fill(&mut writer, now);
    writer.recount_days().expect("days");
    drop(writer);
    println!("{rows} rows of series and attempts; {} MB", std::fs::metadata(&path).expect("the file").len() / 1_000_000);

    let market = market();
    let ask = |pairs: &[(&str, &str)]| Question::parse(owned(pairs), now).expect("a question");
    let measured = |what: &str, pairs: &[(&str, &str)]| {
        let question = ask(pairs);
        let (took, points) = middle(|| {
            let store = Store::open_read_only(&path).expect("a store");
            let answer = history(&store.reader().expect("a reader"), &market, &question, now).expect("an answer");
            answer.items.iter().map(|item| item.points.len()).sum()
        });
        println!("{what:<58} {took:>9.2?}  {points} points");
        took
    };
    let daily = measured("daily cheapest of an RTX 4090, two years", &[("gpu", "rtx-4090"), ("since", "730d")]);
    println!("{:<58} bound {BOUND:.2?}, ratio {:.2}", "", daily.as_secs_f64() / BOUND.as_secs_f64());
    measured("the same by week", &[("gpu", "rtx-4090"), ("since", "730d"), ("step", "week")]);
    measured("the same of one marketplace, two tiers", &[("gpu", "rtx-4090"), ("since", "730d"), ("provider", "vastai")]);
    measured("the same by days of Paris (rows are read)", &[("gpu", "rtx-4090"), ("since", "730d"), ("time_zone", "Europe/Paris")]);
    measured("hours of 30 days", &[("gpu", "rtx-4090"), ("step", "hour")]);
    measured("figures of 30 days", &[("gpu", "rtx-4090"), ("budget", "0.3"), ("time_zone", "Europe/Paris")]);
    measured("figures of two years", &[("gpu", "rtx-4090"), ("budget", "0.3"), ("since", "730d")]);
    let question =
        BidQuestion::parse(owned(&[("gpu", "rtx-4090"), ("bid", "0.2"), ("time_zone", "Europe/Paris")]), now).expect("a question");
    let (took, evenings) = middle(|| {
        let store = Store::open_read_only(&path).expect("a store");
        let answer = bid(&store.reader().expect("a reader"), &market, &question, now).expect("an answer");
        answer.items.iter().map(|item| item.evenings.len()).sum()
    });
    println!("{:<58} {took:>9.2?}  {evenings} evenings", "a bid of 30 evenings");
    if daily <= BOUND { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn owned(pairs: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>().into_iter()
}

fn middle(work: impl Fn() -> usize) -> (Duration, usize) {
    let mut count = 0;
    let mut all: Vec<Duration> = (0..11)
        .map(|_| {
            let started = Instant::now();
            count = black_box(work());
            started.elapsed()
        })
        .collect();
    all.sort_unstable();
    (all[all.len() / 2], count)
}

fn market() -> Market {
    let provider = |(slug, _, _, stale_seconds, _): &(&str, i64, i64, i64, &[&str])| {
        Arc::new(ProviderState {
            slug: (*slug).into(),
            name: (*slug).to_owned(),
            enabled: true,
            fresh_seconds: stale_seconds / 4,
            stale_seconds: *stale_seconds,
            launch_url: String::new(),
        })
    };
    Market { providers: PROVIDERS.iter().map(provider).collect(), ..Market::default() }
}

/// Makes up the rows, and says how many.
fn fill(writer: &mut Writer, now: DateTime<Utc>) -> i64 {
    let mut numbers = Numbers::new(11);
    let connection = writer.connection();
    connection.execute_batch("BEGIN").expect("begun");
    let start = now - TimeDelta::days(DAYS);
    let (mut part, mut scope) = (0, 0);
    let mut scope_of = |gpu: &str, market: &str, tier: &str, provider: &str| {
        scope += 1;
        let sql = format!("INSERT INTO gpu_scope VALUES ({scope}, '{gpu}', '{market}', '{tier}', 0, '{provider}')");
        connection.execute_batch(&sql).expect("a scope");
        scope
    };
    let mut attempt = connection
        .prepare("INSERT INTO collection VALUES (NULL, ?1, ?2, ?2, ?3, NULL, 100, 9, 0, 0, 0, 200000, 900, 1)")
        .expect("a statement");
    let mut price = connection
        .prepare("INSERT OR REPLACE INTO gpu_price VALUES (?1, ?2, ?3, ?3 + 40000000, ?3 + 90000000, ?3 * 4, ?4, ?4, ?5, 4, ?3 + 20000000)")
        .expect("a statement");
    for market in ["on_demand", "spot"] {
        let all = scope_of("rtx-4090", market, "", "");
        let mut write = |scope: i64, at: i64, numbers: &mut Numbers| {
            let nanos = 150_000_000 + i64::try_from(numbers.below(200_000_000)).unwrap_or(0);
            let offers = 100 + i64::try_from(numbers.below(900)).unwrap_or(0);
            price.execute((scope, at, nanos, offers, i64::from(numbers.percent(2)))).expect("a row");
        };
        for (slug, parts, minutes, _, tiers) in PROVIDERS {
            let scopes: Vec<i64> = tiers.iter().map(|tier| scope_of("rtx-4090", market, tier, slug)).collect();
            if market == "on_demand" {
                for name in 0..parts {
                    connection
                        .execute_batch(&format!("INSERT INTO part (id, provider, name) VALUES ({}, '{slug}', '{name}')", part + name + 1))
                        .expect("a part");
                }
            }
            for step in 0..DAYS * 24 * 60 / minutes {
                let at = start + TimeDelta::minutes(step * minutes);
                // Each week it fails for six hours; for five days the daemon was off.
                let hours = (at - start).num_hours();
                if (hours / 24) % 365 >= 360 {
                    continue;
                }
                let failed = hours % 168 < 6;
                if market == "on_demand" {
                    for number in 0..parts {
                        let outcome = if failed { "failed" } else { "accepted" };
                        attempt.execute((part + number + 1, at.timestamp_millis() + number * 1_000, outcome)).expect("a row");
                    }
                }
                // Lists change seldom.
                if failed || (minutes > 15 && !numbers.percent(5)) {
                    continue;
                }
                let at = at.timestamp_millis() + parts * 1_000;
                for scope in std::iter::once(all).chain(scopes.iter().copied()) {
                    write(scope, at, &mut numbers);
                }
            }
            if market == "on_demand" {
                part += parts;
            }
        }
    }
    for other in 0..OTHERS {
        let scope = scope_of(&format!("other-{other}"), "on_demand", "", "");
        for row in 0..ROWS_OF_OTHER {
            let at = start + TimeDelta::seconds(row * DAYS * 86_400 / ROWS_OF_OTHER);
            price.execute((scope, at.timestamp_millis(), 100_000_000 + row, 5, 0)).expect("a row");
        }
    }
    drop((attempt, price));
    connection.execute_batch("COMMIT").expect("written");
    let attempts: i64 = connection.query_row("SELECT count(*) FROM collection", [], |row| row.get(0)).expect("a count");
    let series: i64 = connection.query_row("SELECT count(*) FROM gpu_price", [], |row| row.get(0)).expect("a count");
    attempts + series
}
