//! One series of a provider that is silent for a time, in every step; places, figures, bids and machines that come back.

use super::bid::{BidOutcome, BidQuestion, bid};
use super::come_back::{ComeBackQuestion, come_back, count_all};
use super::*;
use crate::bench_data::Numbers;
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
            sql += &format!("INSERT INTO gpu_price VALUES ({scope}, {}, {min}, {min}, {median}, {median}, 3, 2, 0, 1, {min});", ms(moment));
        }
    }
    writer.connection().execute_batch(&format!("BEGIN; {sql} COMMIT;")).expect("rows");
    let mut writer = writer;
    writer.recount_days().expect("days");
    (folder, store, writer)
}

fn owned(pairs: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>().into_iter()
}

fn ask(pairs: &[(&str, &str)]) -> Result<Question, FilterError> {
    Question::parse(owned(pairs), now())
}

fn market() -> Market {
    let mut market = crate::daemon::market_for_tests();
    for provider in &mut market.providers {
        // Two hours, whatever the manifest says.
        Arc::make_mut(provider).stale_seconds = 7200;
    }
    market
}

#[track_caller]
fn answer(store: &Store, pairs: &[(&str, &str)]) -> HistoryAnswer {
    let question = ask(&[&[("gpu", "rtx-4090")], pairs].concat()).expect("a question");
    history(&store.reader().expect("a reader"), &market(), &question, now()).expect("an answer")
}

#[track_caller]
fn points(store: &Store, pairs: &[(&str, &str)]) -> Vec<Point> {
    let mut answer = answer(store, pairs);
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
fn advice_names_the_filters_that_were_given_and_tells_what_was_never_seen() {
    let (_folder, store, _writer) = store();
    let told = |pairs: &[(&str, &str)]| answer(&store, pairs).advice.expect("advice");
    assert_eq!(
        told(&[("country", "FR,DE"), ("since", "7d")]),
        "it was seen, but nothing of it passes; try no `country`, an earlier `since`, another `market` than `on_demand`, or `several`"
    );
    assert_eq!(
        told(&[("provider", "runpod"), ("tier", "secure"), ("market", "spot"), ("several", "true")]),
        "it was seen, but nothing of it passes; try no `provider` or `tier`, another `market` than `spot`, or no `several`"
    );
    assert_eq!(
        told(&[("market", "spot,serverless")]),
        "it was seen, but nothing of it passes; try another `market` than `spot`, `serverless`, or `several`"
    );
    let never = history(&store.reader().expect("a reader"), &market(), &ask(&[("gpu", "l4")]).expect("a question"), now());
    let never = never.expect("an answer").advice.expect("advice");
    assert!(never.starts_with("nothing of it was ever seen") && never.contains("`gpurate gpus`"), "{never}");
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
fn d32_a_daemon_that_was_off_is_a_gap_of_all_providers_too_from_the_first_price_on_that_went_stale() {
    let (_folder, store, mut writer) = off();
    writer.recount_days().expect("days");
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
    let (_folder, store, mut writer) = off();
    let ms = |text: &str| at(text).timestamp_millis();
    let mut sql = "INSERT INTO part (id, provider, name) VALUES (3, 'vastai', 'RTX 3090');".to_owned();
    for (part, moment) in
        [(3, "2026-11-15T01:00:00Z"), (3, "2026-11-15T02:30:00Z"), (1, "2026-11-15T04:00:00Z"), (3, "2026-11-15T09:00:00Z")]
    {
        sql += &format!("INSERT INTO collection VALUES (NULL, {part}, {0}, {0}, 'accepted', NULL, 1, 0, 0, 0, 0, 0, 0, 1);", ms(moment));
    }
    writer.connection().execute_batch(&sql).expect("rows");
    writer.recount_days().expect("days");
    let reader = store.reader().expect("a reader");
    for (since, until) in [("2026-11-14T00:00:00Z", "2026-11-18T00:00:00Z"), ("2026-11-15T03:00:00Z", "2026-11-15T10:00:00Z")] {
        assert_silences(&reader, 7200, Window { since: at(since), until: at(until) });
    }
}

#[test]
fn silences_that_days_tell_are_those_between_attempts() {
    for seed in 1..=6 {
        let (_folder, store, _writer) = random_store(seed);
        let reader = store.reader().expect("a reader");
        let mut numbers = Numbers::new(seed + 100);
        let first = at("2026-10-18T00:00:00Z");
        // Windows that begin and end anywhere: at whole hours, as attempts do, and just beside them.
        for _ in 0..60 {
            let mut hours = || TimeDelta::hours(i64::try_from(numbers.below(34 * 24)).expect("few"));
            let (one, other) = (first + hours(), first + hours());
            let beside = TimeDelta::milliseconds(i64::try_from(numbers.below(3)).expect("few") - 1);
            let window = Window { since: one.min(other) + beside, until: one.max(other) + TimeDelta::hours(1) + beside };
            for stale_seconds in [60, 3600, 7200, 5 * 3600, 24 * 3600, 72 * 3600] {
                assert_silences(&reader, stale_seconds, window);
            }
        }
    }
}

/// They are what the times in which answers were in force leave of the window.
fn assert_silences(reader: &crate::store::Reader, stale_seconds: i64, window: Window) {
    let live = reader.live_spans("vastai", stale_seconds, window).expect("spans");
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
    assert_eq!(reader.silences("vastai", stale_seconds, window).expect("silences"), wanted, "{stale_seconds} {window:?}");
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
    writer.connection().execute_batch(&format!("BEGIN; {sql} COMMIT;")).expect("rows");
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

fn usd(nanos: Option<Nanos>) -> Option<String> {
    nanos.map(|nanos| nanos.to_string())
}

/// Rows and attempts as they come, with silences, days without a row and times when nothing was left.
fn random_store(seed: u64) -> (tempfile::TempDir, Store, Writer) {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, mut writer) = Store::open(&folder.path().join("a.db")).expect("a store");
    let mut numbers = Numbers::new(seed);
    let mut sql = "INSERT INTO part (id, provider, name) VALUES (1, 'vastai', 'RTX 4090'), (2, 'vastai', 'H100'), (3, 'lium', 'all');
         INSERT INTO gpu_scope VALUES (1, 'rtx-4090', 'on_demand', '', 0, ''), (2, 'rtx-4090', 'on_demand', 'x', 0, 'vastai'),
           (3, 'rtx-4090', 'on_demand', 'x', 0, 'lium');"
        .to_owned();
    let start = at("2026-10-20T00:00:00Z").timestamp_millis();
    for part in 1..=3 {
        let mut ms = start;
        while ms < now().timestamp_millis() {
            // Mostly every hour, sometimes not for a day.
            ms += 3_600_000 + i64::try_from(if numbers.percent(3) { numbers.below(100) } else { 0 }).expect("few") * 3_600_000;
            sql += &format!(
                "INSERT INTO collection VALUES (NULL, {part}, {ms}, {ms}, '{}', NULL, 1, 0, 0, 0, 0, 0, 0, 1);",
                if numbers.percent(90) { "accepted" } else { "failed" }
            );
        }
    }
    for scope in 1..=3 {
        let mut ms = start;
        while ms < now().timestamp_millis() {
            // Often at a whole hour: midnight too.
            let most = if numbers.percent(10) { 60 } else { 8 };
            ms += i64::try_from(1 + numbers.below(most)).expect("few") * 3_600_000;
            let min = 100_000_000 + i64::try_from(numbers.below(300_000_000)).expect("a price");
            if numbers.percent(8) {
                sql += &format!("INSERT INTO gpu_price VALUES ({scope}, {ms}, NULL, NULL, NULL, NULL, 0, 0, 1, 0, NULL);");
            } else {
                let rentable = if numbers.percent(80) { (min + 7).to_string() } else { "NULL".to_owned() };
                sql += &format!("INSERT INTO gpu_price VALUES ({scope}, {ms}, {min}, {min}, {min}, {min}, 3, 2, 0, 1, {rentable});");
            }
        }
    }
    writer.connection().execute_batch(&format!("BEGIN; {sql} COMMIT;")).expect("rows");
    writer.recount_days().expect("days");
    (folder, store, writer)
}

#[test]
fn days_that_are_counted_and_rows_that_are_read_tell_the_same() {
    for seed in 1..=12 {
        let (_folder, store, _writer) = random_store(seed);
        for window in [&[("since", "2026-10-15")][..], &[("since", "2026-10-21T07:30:00Z"), ("until", "2026-11-18T01:00:00Z")]] {
            for of in [&[("step", "day")][..], &[("step", "week")], &[("provider", "vastai")], &[("provider", "lium"), ("step", "week")]] {
                let asked = [window, of].concat();
                let counted = answer(&store, &asked);
                // The same days under another name, of which none are counted.
                let read = answer(&store, &[&asked[..], &[("time_zone", "Etc/UTC")]].concat());
                let (counted, read) = (&counted.items[0], &read.items[0]);
                assert_eq!(counted.points, read.points, "seed {seed}, {asked:?}");
                assert_eq!((counted.known_seconds, counted.gap_seconds), (read.known_seconds, read.gap_seconds));
                let is_both = counted.points.iter().any(|point| point.gap) || counted.points.iter().any(|point| !point.gap);
                assert!(is_both, "something is known");
            }
        }
    }
}

#[test]
fn days_and_weeks_are_those_of_the_readers_clock() {
    let (_folder, store, _writer) = store();
    let days = points(&store, &[("since", "2026-11-17T12:00:00Z"), ("time_zone", "America/New_York")]);
    // The night of the 18th in London is the evening of the 17th in New York.
    assert_eq!(figures(&days), [some("0.2", "0.36"), None, some("0.31", "0.36"), None]);
    assert_eq!((days[1].from, days[2].from), (at("2026-11-18T05:00:00Z"), at("2026-11-19T05:00:00Z")));
}

#[test]
fn a_point_tells_quartile_providers_and_what_was_corrected() {
    let (_folder, store, writer) = store();
    let ms = |text: &str| at(text).timestamp_millis();
    let sql = format!(
        "INSERT INTO unit VALUES (1, 'USD', 'per_instance_hour', 'fixed');
         INSERT INTO offer (id, hash, part_id, sku, tier, region, country, market, gpu_count, gpu_name, vram_per_gpu_mib, units, attributes) VALUES
           (1, x'00112233445566778899', 1, 'm', 'datacenter', 'x', NULL, 'on_demand', '1', 'RTX 4090', 24576, 1, '{{}}'),
           (2, x'10112233445566778899', 1, 'm', 'datacenter', 'x', NULL, 'on_demand', '8', 'RTX 4090', 24576, 1, '{{}}'),
           (3, x'20112233445566778899', 1, 'm', 'community', 'x', NULL, 'on_demand', '1', 'RTX 4090', 24576, 1, '{{}}');
         INSERT INTO price (offer_id, observed_ms, revision, per_hour_nanos, quote_nanos, unit_id, availability, terms_id) VALUES (1, {0}, 0, 5, NULL, 1, 0, 0), (1, {0}, 1, 4, NULL, 1, 0, 0), (2, {1}, 1, 4, NULL, 1, 0, 0), (3, {2}, 1, 4, NULL, 1, 0, 0);",
        ms("2026-11-18T01:30:00Z"),
        ms("2026-11-18T02:30:00Z"),
        ms("2026-11-18T03:30:00Z"),
    );
    writer.connection().execute_batch(&format!("BEGIN; {sql} COMMIT;")).expect("rows");
    let window = [("since", "2026-11-18T00:00:00Z"), ("until", "2026-11-18T05:00:00Z"), ("step", "hour")];
    let told = points(&store, &window);
    assert_eq!(told.iter().map(|point| point.corrected).collect::<Vec<_>>(), [false, true, false, true, false], "not the one of eight");
    assert_eq!((usd(told[1].quartile_usd_per_gpu_hour), told[1].providers), (Some("0.31".to_owned()), Some(1)));
    assert_eq!(usd(told[1].rentable_usd_per_gpu_hour), Some("0.2".to_owned()));
    assert_eq!((told[4].quartile_usd_per_gpu_hour, told[4].providers, told[4].rentable_usd_per_gpu_hour), (None, None, None), "a gap");
    let apart = points(&store, &[&window[..], &[("provider", "vastai")]].concat());
    assert_eq!(apart.iter().filter(|point| point.corrected).count(), 1, "another tier's is not its own");
    let answer = answer(&store, &[&window[..], &[("tier", "datacenter,secure")]].concat());
    let told: Vec<_> = answer.items.iter().map(|item| (item.provider.as_deref(), item.tier.as_deref())).collect();
    assert_eq!(told, [(Some("vastai"), Some("datacenter"))]);
    assert_eq!((answer.items[0].known_seconds, answer.items[0].gap_seconds), (4 * 3600, 3600), "until two hours after the last");
    assert!(answer.counted_from.contains("one per change"), "{}", answer.counted_from);
}

/// Three machines of Vast.ai in two countries, one of RunPod; Vast.ai is silent for some hours.
fn places() -> (tempfile::TempDir, Store, Writer) {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, writer) = Store::open(&folder.path().join("a.db")).expect("a store");
    let ms = |hour: i64| (at("2026-11-18T00:00:00Z") + TimeDelta::hours(hour)).timestamp_millis();
    let mut sql = String::from(
        "INSERT INTO part (id, provider, name) VALUES (1, 'vastai', 'RTX 4090'), (2, 'runpod', 'all');
         INSERT INTO unit VALUES (1, 'USD', 'per_instance_hour', 'fixed');
         INSERT INTO offer (id, hash, part_id, sku, tier, region, country, market, gpu_count, gpu_name, vram_per_gpu_mib, units, attributes) VALUES
           (1, x'00112233445566778899', 1, 'a', 'community', 'FR-1', 'FR', 'on_demand', '1', 'RTX 4090', 24576, 1, '{}'),
           (2, x'10112233445566778899', 1, 'b', 'community', 'FR-2', 'FR', 'on_demand', '1', 'RTX 4090', 24576, 1, '{}'),
           (3, x'20112233445566778899', 1, 'c', 'community', 'DE-1', 'DE', 'on_demand', '1', 'RTX 4090', 24576, 1, '{}'),
           (4, x'30112233445566778899', 2, 'd', 'secure', 'FR-1', 'FR', 'on_demand', '1', 'RTX 4090', 24576, 1, '{}'),
           (5, x'40112233445566778899', 1, 'e', 'community', 'FR-1', 'FR', 'on_demand', '1', 'L4', 24576, 1, '{}');",
    );
    for hour in 0..=12 {
        sql += &format!("INSERT INTO collection VALUES (NULL, 2, {0}, {0}, 'accepted', NULL, 1, 0, 0, 0, 0, 0, 0, 1);", ms(hour));
        // Its answer of 3 o'clock holds until 5.
        let outcome = if (4..8).contains(&hour) { "failed" } else { "accepted" };
        sql += &format!("INSERT INTO collection VALUES (NULL, 1, {0}, {0}, '{outcome}', NULL, 1, 0, 0, 0, 0, 0, 0, 1);", ms(hour));
    }
    for (offer, hour, revision, price, availability) in [
        (1, 0, 0, "200000000", 0),
        (1, 2, 0, "250000000", 0),
        (1, 9, 0, "NULL", 2),
        (2, 0, 0, "300000000", 0),
        (2, 1, 0, "300000000", 2),
        (2, 3, 0, "3000000000", 0),
        (2, 3, 1, "300000000", 0),
        (3, 0, 0, "100000000", 0),
        (4, 0, 0, "400000000", 3),
        (5, 0, 0, "1000000", 0),
    ] {
        sql += &format!(
            "INSERT INTO price (offer_id, observed_ms, revision, per_hour_nanos, quote_nanos, unit_id, availability, terms_id) VALUES ({offer}, {}, {revision}, {price}, NULL, 1, {availability}, 0);",
            ms(hour)
        );
    }
    writer.connection().execute_batch(&format!("BEGIN; {sql} COMMIT;")).expect("rows");
    (folder, store, writer)
}

#[test]
fn a_country_has_the_series_of_what_was_listed_there() {
    let (_folder, store, _writer) = places();
    let window = [("since", "2026-11-18T00:00:00Z"), ("until", "2026-11-18T12:00:00Z"), ("step", "hour")];
    let told = answer(&store, &[&window[..], &[("country", "FR")]].concat());
    assert_eq!(told.items.len(), 1, "{told:#?}");
    let item = &told.items[0];
    assert_eq!((item.country.as_deref(), item.region.as_deref(), item.provider.as_deref()), (Some("FR"), None, None));
    let lowest: Vec<_> = item.points.iter().map(|point| usd(point.min_usd_per_gpu_hour).expect("a price")).collect();
    // From 5 to 8 o'clock only RunPod is known; at 9 the cheapest is withdrawn.
    assert_eq!(lowest, ["0.2", "0.2", "0.25", "0.25", "0.25", "0.4", "0.4", "0.4", "0.25", "0.3", "0.3", "0.3"]);
    let not_fresh: Vec<_> = item.points.iter().map(|point| point.providers_not_fresh).collect();
    assert_eq!(not_fresh, [0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0]);
    let counts: Vec<_> = item.points.iter().map(|point| (point.offers, point.providers.expect("known"))).collect();
    assert_eq!(counts[..6], [(3, 2), (2, 2), (2, 2), (3, 2), (3, 2), (1, 1)], "one was out of stock from 1 to 3");
    assert_eq!(item.points.iter().position(|point| point.corrected), Some(3));
    assert!(told.counted_from.contains("of the prices of 3 offers"), "{}", told.counted_from);
    let regions = answer(&store, &[&window[..], &[("region", "FR-2,DE-1"), ("provider", "vastai")]].concat());
    let told: Vec<_> = regions.items.iter().map(|item| (item.region.as_deref(), item.tier.as_deref(), item.gap_seconds / 3600)).collect();
    assert_eq!(told, [(Some("DE-1"), Some("community"), 3), (Some("FR-2"), Some("community"), 5)], "a silence, and a time out of stock");
}

#[test]
fn a_place_reaches_no_further_back_than_listings_are_kept() {
    let (_folder, store, _writer) = places();
    let told = answer(&store, &[("since", "2026-09-01"), ("country", "FR")]);
    assert_eq!(told.since, now() - TimeDelta::days(30));
    assert!(told.notes[0].contains("30 days"), "{:?}", told.notes);
    assert_eq!(answer(&store, &[("since", "2026-09-01"), ("country", "FR"), ("provider", "runpod")]).since, at("2026-09-01T00:00:00Z"));
    let question = ask(&[("gpu", "rtx-4090"), ("since", "2026-09-01"), ("until", "2026-10-01"), ("country", "FR")]).expect("a question");
    let error = history(&store.reader().expect("a reader"), &market(), &question, now()).expect_err("refused").to_string();
    assert!(error.contains("kept for 30 days"), "{error}");
}

/// One series of changes: hour, lowest, rentable, providers not fresh; no lowest: nothing was left. On demand, and spot at half.
fn series(changes: &[(i64, Option<i64>, Option<i64>, u32)], accepted: &[i64]) -> (tempfile::TempDir, Store, Writer) {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, writer) = Store::open(&folder.path().join("a.db")).expect("a store");
    let ms = |hour: i64| (at("2026-10-24T00:00:00Z") + TimeDelta::hours(hour)).timestamp_millis();
    let mut sql = String::from(
        "INSERT INTO part (id, provider, name) VALUES (1, 'vastai', 'RTX 4090');
         INSERT INTO gpu_scope VALUES (1, 'rtx-4090', 'on_demand', '', 0, ''), (2, 'rtx-4090', 'on_demand', 'x', 0, 'vastai'),
           (3, 'rtx-4090', 'spot', '', 0, ''), (4, 'rtx-4090', 'spot', 'x', 0, 'vastai');",
    );
    for hour in accepted {
        sql += &format!("INSERT INTO collection VALUES (NULL, 1, {0}, {0}, 'accepted', NULL, 1, 0, 0, 0, 0, 0, 0, 1);", ms(*hour));
    }
    let shown = |nanos: Option<i64>| nanos.map_or("NULL".to_owned(), |nanos| nanos.to_string());
    for (hour, lowest, rentable, not_fresh) in changes {
        for (scope, by) in [(1, 1), (3, 2)] {
            let (lowest, rentable) = (shown(lowest.map(|nanos| nanos / by)), shown(rentable.map(|nanos| nanos / by)));
            sql += &format!(
                "INSERT INTO gpu_price VALUES ({scope}, {}, {lowest}, {lowest}, {lowest}, {lowest}, 1, 1, {not_fresh}, 1, {rentable});",
                ms(*hour)
            );
        }
    }
    writer.connection().execute_batch(&format!("BEGIN; {sql} COMMIT;")).expect("rows");
    (folder, store, writer)
}

const CENT: i64 = 10_000_000;

#[test]
fn a_budget_counts_over_the_time_that_is_known() {
    // Ten hours at 30 (35 rentable), five at 50, five when nothing is offered, four at 20 of which two are a silence.
    let changes = [
        (0, Some(30 * CENT), Some(35 * CENT), 0),
        (10, Some(50 * CENT), None, 0),
        (15, None, None, 0),
        (20, Some(20 * CENT), Some(20 * CENT), 0),
    ];
    let accepted: Vec<i64> = (0..=20).collect();
    let (_folder, store, _writer) = series(&changes, &accepted);
    let window = [("since", "2026-10-24T00:00:00Z"), ("until", "2026-10-25T00:00:00Z"), ("step", "hour")];
    let of = |more: &[(&str, &str)]| {
        let mut told = answer(&store, &[&window[..], more].concat());
        assert_eq!(told.items.len(), 1, "what spot is compared by is not shown");
        told.items.remove(0).figures.expect("figures")
    };
    let lowest = of(&[("budget", "0.40"), ("price", "lowest")]);
    assert_eq!((lowest.known_seconds, lowest.nothing_offered_seconds, lowest.not_known_seconds), (17 * 3600, 5 * 3600, 2 * 3600));
    let budget = lowest.budget.expect("a budget");
    assert_eq!((budget.at_or_under_seconds, usd(budget.share)), (12 * 3600, Some("0.545454".to_owned())), "12 of 22 hours");
    assert_eq!(usd(lowest.median_usd_per_gpu_hour), Some("0.3".to_owned()));
    let rentable = of(&[("budget", "0.30")]);
    assert_eq!((rentable.of, rentable.known_seconds, rentable.nothing_offered_seconds), (PriceOf::Rentable, 12 * 3600, 10 * 3600));
    assert_eq!(usd(rentable.budget.expect("a budget").share), Some("0.090909".to_owned()), "2 of 22 hours");
    let spot = answer(&store, &[&window[..], &[("figures", "true")]].concat()).spot_over_on_demand.expect("asked for");
    assert_eq!((usd(spot[0].ratio), spot[0].both_known_seconds), (Some("0.5".to_owned()), 12 * 3600));
}

#[test]
fn nothing_known_is_null_and_no_zero() {
    let (_folder, store, _writer) = series(&[(0, Some(CENT), Some(CENT), 0)], &[0]);
    let mut told = answer(&store, &[("since", "2026-11-01"), ("until", "2026-11-02"), ("budget", "1")]);
    let figures = told.items.remove(0).figures.expect("figures");
    assert_eq!((figures.known_seconds, figures.not_known_seconds), (0, 86_400));
    assert_eq!((figures.budget.expect("a budget").share, figures.median_usd_per_gpu_hour), (None, None));
    assert_eq!((figures.volatility, figures.worst_rise), (None, None));
    assert!(figures.hour_of_week.len() == 168 && figures.hour_of_week.iter().all(|hour| hour.usd_per_gpu_hour.is_none()));
    let spot = &told.spot_over_on_demand.expect("asked for")[0];
    assert_eq!((spot.ratio, spot.both_known_seconds), (None, 0));
}

#[test]
fn a_rise_is_none_where_a_silence_or_a_silent_provider_lies_between() {
    // 20, then a silence, then 80; 40 to 50; 30 to 60 with a provider gone; 60 to 66.
    let changes = [
        (0, Some(20 * CENT), None, 0),
        (10, Some(80 * CENT), None, 0),
        (11, Some(40 * CENT), None, 0),
        (12, Some(50 * CENT), None, 0),
        (13, Some(30 * CENT), None, 0),
        (14, Some(60 * CENT), None, 1),
        (15, Some(66 * CENT), None, 1),
    ];
    let (_folder, store, _writer) = series(&changes, &[0, 1, 2, 10, 11, 12, 13, 14, 15, 16]);
    let asked = [("since", "2026-10-24T00:00:00Z"), ("until", "2026-10-25T00:00:00Z"), ("figures", "true"), ("price", "lowest")];
    let rise = answer(&store, &asked).items.remove(0).figures.expect("figures").worst_rise.expect("a rise");
    assert_eq!((rise.from_usd_per_gpu_hour.to_string(), rise.to_usd_per_gpu_hour.to_string()), ("0.4".to_owned(), "0.5".to_owned()));
    assert_eq!((rise.from_at, rise.to_at), (at("2026-10-24T12:00:00Z"), at("2026-10-24T12:00:00Z")));
    assert_eq!(rise.percent.to_string(), "25");
}

#[test]
fn hours_of_the_week_and_days_follow_the_readers_clock_over_its_change() {
    // Summer time ends in Paris on Sunday the 25th at 3:00, one hour after midnight UTC: that day has 25 hours.
    let changes = [
        (0, Some(40 * CENT), Some(40 * CENT), 0),
        (24, Some(44 * CENT), Some(44 * CENT), 0),
        (25, Some(30 * CENT), Some(30 * CENT), 0),
        (60, Some(33 * CENT), Some(33 * CENT), 0),
    ];
    let accepted: Vec<i64> = (0..=95).collect();
    let (_folder, store, _writer) = series(&changes, &accepted);
    let asked = [("since", "2026-10-24T00:00:00Z"), ("until", "2026-10-28T00:00:00Z"), ("figures", "true"), ("time_zone", "Europe/Paris")];
    let told = answer(&store, &asked);
    assert_eq!(told.time_zone, "Europe/Paris");
    let figures = told.items[0].figures.clone().expect("figures");
    let hour = |weekday: &str, hour: usize| {
        let found = figures.hour_of_week.iter().find(|one| (one.weekday, one.hour) == (weekday, hour)).expect("an hour");
        (usd(found.usd_per_gpu_hour), found.known_seconds)
    };
    assert_eq!(hour("saturday", 2), (Some("0.4".to_owned()), 3600));
    assert_eq!(hour("saturday", 1), (None, 0), "before the window");
    assert_eq!(hour("sunday", 2), (Some("0.3".to_owned()), 7200), "the clock has it twice: at 0.44 and at 0.3");
    assert_eq!(hour("sunday", 23), (Some("0.3".to_owned()), 3600));
    assert_eq!(hour("monday", 13), (Some("0.33".to_owned()), 3600), "12 o'clock UTC");
    assert_eq!(hour("wednesday", 0), (Some("0.33".to_owned()), 3600), "23 o'clock UTC of Tuesday");
    assert_eq!(figures.hour_of_week.iter().map(|hour| hour.known_seconds).sum::<i64>(), figures.known_seconds);
    // Days at 0.4, 0.3 (a little of it dearer), 0.33 from half of Monday on, 0.33: 25, 0 and 10 percent in some order.
    let volatility = figures.volatility.expect("days in a row");
    let told = (volatility.days_compared, volatility.median_change_percent.to_string(), volatility.largest_change_percent.to_string());
    assert_eq!(told, (3, "10".to_owned(), "25".to_owned()), "{volatility:?}");
    assert_eq!(volatility.mean_change_percent.to_string(), "11.66");
    assert_eq!(told_days(&answer(&store, &[&asked[..], &[("step", "day")]].concat())), [22, 25, 24, 24, 1]);
}

/// Hours of each day of the first series.
fn told_days(answer: &HistoryAnswer) -> Vec<i64> {
    answer.items[0].points.iter().map(|point| (point.until - point.from).num_hours()).collect()
}

#[test]
fn a_bid_is_replayed_evening_by_evening() {
    // In Paris evenings begin at 19:00, 17:00 UTC in summer and 18:00 in winter. Spot is half of each.
    let changes = [
        (0, Some(40 * CENT), None, 0),
        (24 + 19, Some(60 * CENT), None, 0),
        (24 + 23, Some(40 * CENT), None, 0),
        (48 + 17, Some(60 * CENT), None, 0),
        (48 + 19, Some(40 * CENT), None, 0),
        (72 + 12, None, None, 0),
        (96 + 12, Some(40 * CENT), None, 0),
    ];
    // Known until the fifth day at 20:00.
    let accepted: Vec<i64> = (0..=96 + 18).collect();
    let (_folder, store, _writer) = series(&changes, &accepted);
    let pairs = [("gpu", "rtx-4090"), ("bid", "0.25"), ("evenings", "6"), ("from", "19:00"), ("hours", "3"), ("time_zone", "Europe/Paris")];
    let now = at("2026-10-29T21:00:00Z");
    let question = BidQuestion::parse(owned(&pairs), now).expect("a question");
    let told = bid(&store.reader().expect("a reader"), &market(), &question, now).expect("an answer");
    let series = &told.items[0];
    let outcomes: Vec<_> =
        series.evenings.iter().map(|evening| (evening.date.to_string(), evening.outcome, evening.held_seconds / 60)).collect();
    let expected = [
        ("2026-10-24", BidOutcome::Held, 180),
        ("2026-10-25", BidOutcome::Cut, 60),
        ("2026-10-26", BidOutcome::Outbid, 0),
        ("2026-10-27", BidOutcome::NothingOffered, 0),
        ("2026-10-28", BidOutcome::NotKnown, 120),
        ("2026-10-29", BidOutcome::NotKnown, 0),
    ];
    assert_eq!(outcomes, expected.map(|(date, outcome, minutes)| (date.to_owned(), outcome, minutes)));
    assert_eq!(
        (series.evenings[0].from, series.evenings[1].from),
        (at("2026-10-24T17:00:00Z"), at("2026-10-25T18:00:00Z")),
        "the clock changed"
    );
    assert_eq!((series.held, series.cut, series.outbid, series.nothing_offered, series.not_known), (1, 1, 1, 1, 2));
    assert_eq!(usd(series.evenings[1].highest_usd_per_gpu_hour), Some("0.3".to_owned()));
    // The evening that is not over is not among them.
    let earlier = at("2026-10-29T20:59:00Z");
    let question = BidQuestion::parse(owned(&pairs), earlier).expect("a question");
    let told = bid(&store.reader().expect("a reader"), &market(), &question, earlier).expect("an answer");
    assert_eq!(told.items[0].evenings.last().map(|evening| evening.date.to_string()).as_deref(), Some("2026-10-28"));
}

#[test]
fn a_bid_that_cannot_be_meant_is_refused() {
    for (pairs, parameter) in [
        (&[("gpu", "rtx-4090")][..], "bid"),
        (&[("bid", "0.25")], "gpu"),
        (&[("gpu", "rtx-4090"), ("bid", "-1")], "bid"),
        (&[("gpu", "rtx-4090"), ("bid", "0.25"), ("evenings", "0")], "evenings"),
        (&[("gpu", "rtx-4090"), ("bid", "0.25"), ("from", "25:00")], "from"),
        (&[("gpu", "rtx-4090"), ("bid", "0.25"), ("hours", "0")], "hours"),
        (&[("gpu", "rtx-4090"), ("bid", "0.25"), ("time_zone", "Mars")], "time_zone"),
        (&[("gpu", "rtx-4090"), ("bid", "0.25"), ("market", "spot")], "market"),
    ] {
        let error = BidQuestion::parse(owned(pairs), now()).expect_err("refused");
        assert_eq!(error.parameter, parameter, "{error:?}");
    }
}

/// Ten machines over six days: five are always free, five every other hour only; the list is not known for a day.
fn machines() -> (tempfile::TempDir, Store, Writer) {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, writer) = Store::open(&folder.path().join("a.db")).expect("a store");
    let ms = |hour: i64| (at("2026-11-14T12:00:00Z") + TimeDelta::hours(hour)).timestamp_millis();
    let mut sql = String::from("INSERT INTO part (id, provider, name) VALUES (1, 'vastai', 'RTX 4090'), (2, 'runpod', 'all');");
    for hour in (0..144).filter(|hour| !(48..72).contains(hour)) {
        sql += &format!("INSERT INTO collection VALUES (NULL, 1, {0}, {0}, 'accepted', NULL, 1, 0, 0, 0, 0, 0, 0, 1);", ms(hour));
    }
    for machine in 0..11 {
        let (part, tier) = if machine == 10 { (2, "secure") } else { (1, "community") };
        let region = if machine == 0 { "FR" } else { "DE" };
        sql += &format!(
            "INSERT INTO offer (id, hash, part_id, sku, tier, region, country, market, gpu_count, gpu_name, vram_per_gpu_mib, units, attributes) VALUES
               ({machine} + 1, x'{machine:020}', {part}, '{machine}', '{tier}', '{region}', NULL, 'on_demand', '1', 'RTX 4090', 24576, 1, '{{}}');"
        );
        for hour in 0..144 {
            let free = machine >= 5 || hour % 2 == 0;
            if machine < 5 || hour == 0 {
                let price = if free { "1" } else { "NULL" };
                sql += &format!(
                    "INSERT INTO price (offer_id, observed_ms, revision, per_hour_nanos, quote_nanos, unit_id, availability, terms_id) VALUES ({machine} + 1, {}, 0, {price}, NULL, 0, 0, 0);",
                    ms(hour)
                );
            }
        }
    }
    writer.connection().execute_batch(&format!("BEGIN; {sql} COMMIT;")).expect("rows");
    (folder, store, writer)
}

#[test]
fn a_machine_comes_back_as_often_as_it_was_seen_to() {
    let (_folder, store, _writer) = machines();
    let asked = |more: &[(&str, &str)]| {
        let question = ComeBackQuestion::parse(owned(&[&[("gpu", "rtx-4090")], more].concat()), now()).expect("a question");
        come_back(&store.reader().expect("a reader"), &market(), &question, now()).expect("an answer")
    };
    let told = asked(&[]);
    assert_eq!(told.items.len(), 1, "a list is no machine: {:#?}", told.items);
    let row = &told.items[0];
    assert_eq!((row.provider.as_str(), row.tier.as_str(), row.region.as_deref(), row.machines), ("vastai", "community", None, 10));
    // The answer of the 47th hour holds for two; nothing is known from then until the 72nd.
    let known: Vec<i64> = (0..144).filter(|hour| !(49..72).contains(hour)).collect();
    for after in &row.after {
        let later = |hour: &i64| hour + i64::from(after.hours);
        let seen = |hour: &&i64| known.contains(&later(hour));
        let always = known.iter().filter(seen).count() as u64;
        let (even, odd) = (known.iter().filter(seen).filter(|hour| *hour % 2 == 0).count() as u64, after.hours % 2 == 1);
        assert_eq!(after.observations, 5 * (always + even), "after {} h", after.hours);
        assert_eq!(after.free_again, 5 * (always + if odd { 0 } else { even }), "after {} h", after.hours);
        let missing = known.iter().filter(|hour| later(hour) < 144 && !known.contains(&later(hour)));
        let all: u64 = missing.map(|hour| if hour % 2 == 0 { 10 } else { 5 }).sum();
        assert_eq!(after.not_known, all, "after {} h", after.hours);
    }
    assert_eq!(usd(row.after[1].share), Some("1".to_owned()), "after an even number of hours all are free again");
    assert!(row.after[0].share.is_some_and(|share| share < Nanos(700_000_000)), "{row:#?}");
    let regions = asked(&[("by", "region")]);
    let told: Vec<_> = regions.items.iter().map(|row| (row.region.as_deref(), row.machines, row.after[0].share.is_some())).collect();
    assert_eq!(told, [(Some("DE"), 9, true), (Some("FR"), 1, false)], "one machine says nothing of others");
    assert_eq!(asked(&[("region", "FR")]).items.len(), 1);
    assert!(asked(&[("market", "spot")]).advice.is_some());
    let error = ComeBackQuestion::parse(owned(&[("gpu", "rtx-4090"), ("provider", "runpod")]), now()).expect_err("refused");
    assert!(error.message.contains("no marketplace") && error.message.contains("`vastai`"), "{error:?}");
}

#[test]
fn what_is_counted_for_the_simulator_outlives_the_program() {
    let (folder, store, mut writer) = machines();
    let counts = count_all(&store.reader().expect("a reader"), &market(), 30, now()).expect("counts");
    writer.write_come_back(&counts).expect("written");
    drop((store, writer));
    let store = Store::open_read_only(&folder.path().join("a.db")).expect("a store");
    let read = store.reader().expect("a reader").market(crate::daemon::market_for_tests()).expect("a market").come_back;
    assert_eq!(*read, counts);
    let (key, counted) = read.iter().next().expect("one");
    assert_eq!((&*key.gpu, counted.machines, counted.after.len()), ("rtx-4090", 10, 4));
    for (gap_hours, hours) in [(0, 1), (1, 1), (2, 4), (24, 24), (25, 72), (200, 72)] {
        let (_, after, _) = read.chance(&key.gpu, (key.market, &key.provider, &key.tier), gap_hours * 3600).expect("enough was seen");
        assert_eq!(after.hours, hours, "{gap_hours} h");
    }
}
