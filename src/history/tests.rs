//! One series of a provider that is silent for a time, in every step.

use super::*;
use crate::store::{Store, Writer};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn now() -> DateTime<Utc> {
    at("2026-11-20T12:00:00Z")
}

/// Accepted at 0:00, 1:00 and 2:00, then not until 8:00 of the next day; the prices of one hour are lower.
fn store() -> (tempfile::TempDir, Store, Writer) {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, writer) = Store::open(&folder.path().join("a.db")).expect("a store");
    let ms = |text: &str| at(text).timestamp_millis();
    let mut sql = "INSERT INTO part (id, provider, name) VALUES (1, 'vastai', 'RTX 4090');
         INSERT INTO gpu_scope VALUES (1, 'rtx-4090', 'on_demand', '', 0, ''), (2, 'rtx-4090', 'on_demand', 'datacenter', 0, 'vastai');"
        .to_owned();
    for (moment, outcome) in [
        ("2026-11-18T00:00:00Z", "accepted"),
        ("2026-11-18T01:00:00Z", "accepted"),
        ("2026-11-18T02:00:00Z", "accepted"),
        ("2026-11-18T20:00:00Z", "failed"),
        ("2026-11-19T08:00:00Z", "accepted"),
    ] {
        sql += &format!("INSERT INTO collection VALUES (NULL, 1, {0}, {0}, '{outcome}', NULL, 1, 0, 0, 0, 0, 0, 0, 1);", ms(moment));
    }
    for scope in [1, 2] {
        for (moment, min, median) in [
            ("2026-11-18T00:00:00Z", "300000000", "350000000"),
            ("2026-11-18T01:00:00Z", "200000000", "340000000"),
            ("2026-11-18T01:30:00Z", "310000000", "360000000"),
            ("2026-11-19T09:00:00Z", "NULL", "NULL"),
        ] {
            sql += &format!("INSERT INTO gpu_price VALUES ({scope}, {}, {min}, {min}, {median}, {median}, 3, 2, 0);", ms(moment));
        }
    }
    writer.connection().execute_batch(&sql).expect("rows");
    (folder, store, writer)
}

fn ask(pairs: &[(&str, &str)]) -> Result<Question, FilterError> {
    Question::parse(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())), now())
}

#[track_caller]
fn points(store: &Store, pairs: &[(&str, &str)]) -> Vec<Point> {
    let mut market = crate::daemon::market_for_tests();
    for provider in &mut market.providers {
        // Two hours, whatever the manifest says.
        Arc::make_mut(provider).stale_seconds = 7200;
    }
    let question = ask(&[&[("gpu", "rtx-4090")], pairs].concat()).expect("a question");
    let mut answer = history(&store.reader().expect("a reader"), &market, &question, now()).expect("an answer");
    assert_eq!(answer.items.len(), 1);
    answer.items.remove(0).points
}

fn figures(points: &[Point]) -> Vec<Option<(String, String)>> {
    let text = |nanos: Option<Nanos>| nanos.map(|nanos| nanos.to_string());
    points.iter().map(|point| text(point.min_usd_per_gpu_hour).zip(text(point.median_usd_per_gpu_hour))).collect()
}

fn some(min: &str, median: &str) -> Option<(String, String)> {
    Some((min.to_owned(), median.to_owned()))
}

#[test]
fn an_hour_has_its_lowest_price_and_its_last_median_and_a_silence_is_a_gap() {
    let (_folder, store, _writer) = store();
    let points = points(&store, &[("since", "2026-11-17T23:00:00Z"), ("until", "2026-11-18T06:00:00Z"), ("step", "hour")]);
    let expected = [None, some("0.3", "0.35"), some("0.2", "0.36"), some("0.31", "0.36"), some("0.31", "0.36"), None, None];
    assert_eq!(figures(&points), expected, "{points:#?}");
    assert!(points.iter().zip(&expected).all(|(point, figures)| point.gap == figures.is_none()));
    assert!(points.windows(2).all(|pair| pair[0].until == pair[1].from), "no holes");
}

#[test]
fn changes_are_as_long_as_they_held_and_a_silence_cuts_them() {
    let (_folder, store, _writer) = store();
    let points = points(&store, &[("since", "2026-11-18T00:30:00Z"), ("provider", "vastai"), ("step", "changes")]);
    let expected = [some("0.3", "0.35"), some("0.2", "0.34"), some("0.31", "0.36"), None, some("0.31", "0.36"), None];
    assert_eq!(figures(&points), expected, "{points:#?}");
    assert_eq!((points[0].from, points[3].from), (at("2026-11-18T00:30:00Z"), at("2026-11-18T04:00:00Z")));
    assert_eq!((points[4].from, points[5].from, points[5].until), (at("2026-11-19T08:00:00Z"), at("2026-11-19T09:00:00Z"), now()));
}

#[test]
fn days_and_weeks_begin_where_the_calendar_does() {
    let (_folder, store, _writer) = store();
    let days = points(&store, &[("since", "2026-11-17T12:00:00Z")]);
    assert_eq!(figures(&days), [None, some("0.2", "0.36"), some("0.31", "0.36"), None]);
    assert_eq!((days[0].from, days[1].from), (at("2026-11-17T12:00:00Z"), at("2026-11-18T00:00:00Z")));
    let weeks = points(&store, &[("since", "2026-11-10"), ("step", "week")]);
    assert_eq!(figures(&weeks), [None, some("0.2", "0.36")]);
    assert_eq!(weeks[1].from, at("2026-11-16T00:00:00Z"), "a Monday");
}

#[test]
fn a_question_that_cannot_be_meant_is_refused_with_the_way_out() {
    for (pairs, parameter, part) in [
        (&[][..], "gpu", "`rtx-4090`"),
        (&[("gpu", "rtx4900")], "gpu", "did you mean `rtx-4090`?"),
        (&[("gpu", "h100"), ("step", "days")], "step", "did you mean `day`?"),
        (&[("gpu", "h100"), ("step", "hour"), ("since", "2020-01-01")], "step", "10000 are the most"),
        (&[("gpu", "h100"), ("markt", "spot")], "markt", "did you mean `market`?"),
        (&[("gpu", "h100"), ("market", "spott")], "market", "did you mean `spot`?"),
        (&[("gpu", "h100"), ("several", "8")], "several", "`true`"),
        (&[("gpu", "h100"), ("since", "x")], "since", "`x` is no time"),
    ] {
        let error = ask(pairs).expect_err("refused");
        assert!(error.parameter == parameter && error.message.contains(part), "{error:?}");
    }
}

#[test]
fn nothing_ever_seen_says_what_to_try() {
    let (_folder, store, _writer) = store();
    let question = ask(&[("gpu", "h100")]).expect("a question");
    let answer = history(&store.reader().expect("a reader"), &Market::default(), &question, now()).expect("an answer");
    assert!(answer.items.is_empty() && answer.advice.is_some());
}

/// RunPod's answers are in force for three days, Vast's for two hours; both are collected at 0 o'clock of the first day, then
/// nothing runs for 60 hours.
fn off() -> (tempfile::TempDir, Store, Writer) {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, writer) = Store::open(&folder.path().join("a.db")).expect("a store");
    let ms = |text: &str| at(text).timestamp_millis();
    let mut sql = "INSERT INTO part (id, provider, name) VALUES (1, 'vastai', 'RTX 4090'), (2, 'runpod', 'all');
         INSERT INTO gpu_scope VALUES (1, 'rtx-4090', 'on_demand', '', 0, ''), (2, 'rtx-4090', 'on_demand', 'datacenter', 0, 'vastai'),
           (3, 'rtx-4090', 'on_demand', 'secure', 0, 'runpod');"
        .to_owned();
    for (part, moment) in
        [(1, "2026-11-15T00:01:00Z"), (2, "2026-11-15T00:00:00Z"), (2, "2026-11-17T12:00:00Z"), (1, "2026-11-17T12:01:00Z")]
    {
        sql += &format!("INSERT INTO collection VALUES (NULL, {part}, {0}, {0}, 'accepted', NULL, 1, 0, 0, 0, 0, 0, 0, 1);", ms(moment));
    }
    for (scope, moment, min, offers) in [
        (3, "2026-11-15T00:00:00Z", "740000000", 1),
        (1, "2026-11-15T00:00:00Z", "740000000", 1),
        (2, "2026-11-15T00:01:00Z", "310000000", 1),
        (1, "2026-11-15T00:01:00Z", "310000000", 2),
        (2, "2026-11-17T12:00:00Z", "NULL", 0),
        (1, "2026-11-17T12:00:00Z", "740000000", 1),
        (2, "2026-11-17T12:01:00Z", "500000000", 1),
        (1, "2026-11-17T12:01:00Z", "500000000", 2),
    ] {
        sql += &format!(
            "INSERT INTO gpu_price (scope_id, observed_ms, min_nanos, quartile_nanos, median_nanos, max_nanos, offers, machines, providers_not_fresh)
             VALUES ({scope}, {}, {min}, {min}, {min}, {min}, {offers}, {offers}, 0);",
            ms(moment)
        );
    }
    writer.connection().execute_batch(&sql).expect("rows");
    (folder, store, writer)
}

fn of_all(store: &Store, since: &str, pairs: &[(&str, &str)]) -> Vec<(DateTime<Utc>, Option<String>)> {
    let mut market = crate::daemon::market_for_tests();
    for provider in &mut market.providers {
        let provider = Arc::make_mut(provider);
        provider.stale_seconds = if &*provider.slug == "vastai" { 7200 } else { 72 * 3600 };
    }
    let question = ask(&[&[("gpu", "rtx-4090"), ("since", since), ("until", "2026-11-17T13:00:00Z")], pairs].concat()).expect("a question");
    let mut answer = history(&store.reader().expect("a reader"), &market, &question, now()).expect("an answer");
    let points = answer.items.remove(0).points;
    points.into_iter().map(|point| (point.from, point.min_usd_per_gpu_hour.map(|min| min.to_string()))).collect()
}

#[test]
fn a_daemon_that_was_off_is_a_gap_of_all_providers_too_from_the_first_price_on_that_went_stale() {
    let (_folder, store, writer) = off();
    let price = |text: &str| Some(text.to_owned());
    assert_eq!(
        of_all(&store, "2026-11-15", &[("step", "changes")]),
        [
            (at("2026-11-15T00:00:00Z"), price("0.74")),
            (at("2026-11-15T00:01:00Z"), price("0.31")),
            (at("2026-11-15T02:01:00Z"), None),
            (at("2026-11-17T12:00:00Z"), price("0.74")),
            (at("2026-11-17T12:01:00Z"), price("0.5")),
        ]
    );
    assert_eq!(of_all(&store, "2026-11-15", &[("step", "day")])[1], (at("2026-11-16T00:00:00Z"), None), "no flat line");
    // A window that begins within it.
    assert_eq!(of_all(&store, "2026-11-16", &[("step", "changes")])[0], (at("2026-11-16T00:00:00Z"), None));
    assert_eq!(of_all(&store, "2026-11-15", &[("step", "changes"), ("provider", "vastai")])[2], (at("2026-11-15T02:01:00Z"), None));
    // A daemon that ran would have written what was left, ten minutes later at most: that is no gap.
    let sql = format!(
        "INSERT INTO gpu_price (scope_id, observed_ms, offers, machines, providers_not_fresh) VALUES (2, {0}, 0, 0, 1);
         INSERT INTO gpu_price (scope_id, observed_ms, min_nanos, quartile_nanos, median_nanos, max_nanos, offers, machines, providers_not_fresh)
           VALUES (1, {0}, 740000000, 740000000, 740000000, 740000000, 1, 1, 1);",
        at("2026-11-15T02:10:00Z").timestamp_millis()
    );
    writer.connection().execute_batch(&sql).expect("rows");
    assert_eq!(
        of_all(&store, "2026-11-15", &[("step", "changes")])[1..3],
        [(at("2026-11-15T00:01:00Z"), price("0.31")), (at("2026-11-15T02:10:00Z"), price("0.74"))]
    );
}

#[test]
fn silences_of_a_provider_are_found_whichever_of_its_parts_went_on() {
    let (_folder, store, writer) = off();
    let ms = |text: &str| at(text).timestamp_millis();
    let mut sql = "INSERT INTO part (id, provider, name) VALUES (3, 'vastai', 'RTX 3090');".to_owned();
    for (part, moment) in
        [(3, "2026-11-15T01:00:00Z"), (3, "2026-11-15T02:30:00Z"), (1, "2026-11-15T04:00:00Z"), (3, "2026-11-15T09:00:00Z")]
    {
        sql += &format!("INSERT INTO collection VALUES (NULL, {part}, {0}, {0}, 'accepted', NULL, 1, 0, 0, 0, 0, 0, 0, 1);", ms(moment));
    }
    writer.connection().execute_batch(&sql).expect("rows");
    let reader = store.reader().expect("a reader");
    for (since, until) in [("2026-11-14T00:00:00Z", "2026-11-18T00:00:00Z"), ("2026-11-15T03:00:00Z", "2026-11-15T10:00:00Z")] {
        let window = Window { since: at(since), until: at(until) };
        let live = reader.live_spans("vastai", 7200, window).expect("spans");
        let (mut from, mut wanted) = (window.since, Vec::new());
        for (begins, ends) in live {
            if begins > from {
                wanted.push((from, begins));
            }
            from = from.max(ends);
        }
        if from < window.until {
            wanted.push((from, window.until));
        }
        assert_eq!(reader.silences("vastai", 7200, window).expect("silences"), wanted, "what is left of the window");
    }
}

#[test]
fn a_window_of_a_long_import_is_read_from_what_holds_at_its_beginning() {
    let (_folder, store, writer) = store();
    let (hour, start) = (3_600_000_i64, at("2026-01-01T00:00:00Z").timestamp_millis());
    let sql = format!(
        "INSERT INTO unit (id, currency, unit, kind) VALUES (1, 'USD', 'per_instance_hour', 'fixed');
         INSERT INTO import VALUES (1, 'long', 'https://example.com', NULL, {}, 0);
         INSERT INTO imported_offer VALUES (1, 1, x'00112233445566778801', 'gcp', 'a', 'standard', 'x', NULL, 'on_demand', '1', 'RTX 4090', 24576);
         WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
           INSERT INTO imported_price (offer_id, from_ms, until_ms, per_hour_nanos, quote_nanos, unit_id)
           SELECT 1, {start} + i * {hour}, {start} + i * {hour}, 1000000000 + i * 1000000, NULL, 1 FROM n;",
        48 * hour
    );
    writer.connection().execute_batch(&sql).expect("rows");
    // Within the last of them, and not at one: 3000 hours are 125 days.
    let told =
        points(&store, &[("origin", "long"), ("since", "2026-05-05T22:30:00Z"), ("until", "2026-05-06T02:00:00Z"), ("step", "changes")]);
    let prices: Vec<_> = told.iter().map(|point| point.min_usd_per_gpu_hour.map(|min| min.to_string()).expect("a price")).collect();
    assert_eq!(prices, ["3.998", "3.999", "4"]);
    let question = ask(&[("gpu", "rtx-4090"), ("origin", "long"), ("since", "2026-01-01"), ("step", "day")]).expect("a question");
    let market = crate::daemon::market_for_tests();
    assert!(history(&store.reader().expect("a reader"), &market, &question, now()).is_err(), "more rows than an answer holds");
}

#[test]
fn a_series_of_an_import_is_its_own_rows_summed_up_and_ends_where_nothing_more_is_known() {
    let (_folder, store, writer) = store();
    let (day, start) = (24 * 3_600_000_i64, at("2026-11-01T00:00:00Z").timestamp_millis());
    let mut sql = format!(
        "INSERT INTO unit (id, currency, unit, kind) VALUES (1, 'USD', 'per_instance_hour', 'fixed');
         INSERT INTO import VALUES (1, 'elsewhere', 'https://example.com', NULL, {}, 0);",
        2 * day
    );
    // Three of one GPU, one of two, one slice, one of another GPU: the last three are in no series of one RTX 4090.
    for (row, count, gpu, vram, cents) in [
        (1, "1", "RTX 4090", 24576, 30),
        (2, "1", "RTX 4090", 24576, 40),
        (3, "1", "RTX 4090", 24576, 50),
        (4, "2", "RTX 4090", 24576, 20),
        (5, "1/2", "RTX 4090", 24576, 1),
        (6, "1", "L4", 24576, 1),
    ] {
        sql += &format!(
            "INSERT INTO imported_offer VALUES ({row}, 1, x'0011223344556677880{row}', 'gcp', '{row}', 'standard', 'x', NULL, 'on_demand', '{count}', '{gpu}', {vram});
             INSERT INTO imported_price (offer_id, from_ms, until_ms, per_hour_nanos, quote_nanos, unit_id) VALUES ({row}, {start}, {}, {}, NULL, 1);",
            start + 3 * day,
            cents * 10_000_000
        );
    }
    // The dearest falls on the third day.
    sql += &format!(
        "UPDATE imported_price SET until_ms = {start} + {day} WHERE offer_id = 3; INSERT INTO imported_price (offer_id, from_ms, until_ms, per_hour_nanos, quote_nanos, unit_id) VALUES (3, {0}, {0}, 100000000, NULL, 1);",
        start + 2 * day
    );
    writer.connection().execute_batch(&sql).expect("rows");
    let window = [("origin", "elsewhere"), ("since", "2026-10-31"), ("until", "2026-11-08"), ("step", "day")];
    let told = points(&store, &window);
    let expected = [None, some("0.3", "0.4"), some("0.3", "0.4"), some("0.1", "0.3"), some("0.1", "0.3"), some("0.3", "0.3"), None, None];
    assert_eq!(figures(&told), expected, "two hold until the sixth, the one that fell until the fifth: {told:#?}");
    assert_eq!(told[1].offers, 3);
    let several = points(&store, &[&window[..], &[("several", "true")]].concat());
    assert_eq!(figures(&several)[1], some("0.1", "0.1"), "per GPU");
    let question = ask(&[("gpu", "rtx-4090"), ("origin", "elsewere")]).expect("a question");
    let market = crate::daemon::market_for_tests();
    let error = history(&store.reader().expect("a reader"), &market, &question, now()).expect_err("no such import").to_string();
    assert!(error.contains("did you mean `elsewhere`?"), "{error}");
}
