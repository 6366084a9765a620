//! A small past, told in every way: kinds, corrections, filters, pages, evidence, the feed.

use super::*;
use crate::store::{Store, Writer};

fn at(hour: i64) -> DateTime<Utc> {
    "2026-11-20T00:00:00Z".parse::<DateTime<Utc>>().expect("a time") + TimeDelta::hours(hour)
}

fn now() -> DateTime<Utc> {
    at(12)
}

/// Two parts of RunPod, first accepted at 0 o'clock, and one of Scaleway, whose prices are in euros.
fn store() -> (tempfile::TempDir, Store, Writer) {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, writer) = Store::open(&folder.path().join("a.db")).expect("a store");
    let ms = |hour: i64| at(hour).timestamp_millis();
    let mut sql = String::from(
        "INSERT INTO part (id, provider, name) VALUES (1, 'runpod', 'all'), (2, 'scaleway', 'fr-par-1');
         INSERT INTO unit (id, currency, unit, kind) VALUES (1, 'USD', 'per_instance_hour', 'fixed'), (2, 'EUR', 'per_instance_hour', 'fixed'),
           (3, 'USD', 'per_gpu_hour', 'fixed');
         INSERT INTO fx_rate VALUES ('2026-11-19', 'USD', 1100000000);
         INSERT INTO offer (id, hash, part_id, sku, tier, region, country, market, gpu_count, gpu_name, vram_per_gpu_mib, units, attributes) VALUES
           (1, x'00112233445566778899', 1, 'a<b>&c', 'secure', 'global', NULL, 'on_demand', '1', 'RTX 4090', 24576, 1, '{}'),
           (2, x'10112233445566778899', 2, 'h', 'standard', 'fr-par-1', 'FR', 'spot', '8', 'H100 SXM', 81920, 1, '{}'),
           (3, x'20112233445566778899', 1, 'm', 'secure', 'global', NULL, 'on_demand', '1', 'Mystery 9000', NULL, 1, '{}'),
           (4, x'30112233445566778899', 1, 'c', 'secure', 'global', NULL, 'on_demand', '1', 'L4', 24576, 1, '{}');",
    );
    for hour in 0..=6 {
        for (part, outcome) in [(1, if hour == 5 { "refused" } else { "accepted" }), (2, "accepted")] {
            sql += &format!(
                "INSERT INTO collection VALUES ({}, {part}, {1}, {1}, '{outcome}', NULL, 1, 0, 0, 0, 0, 0, 0, 1);",
                hour * 10 + part,
                ms(hour)
            );
        }
    }
    let mut price = |offer: i64, hour: i64, revision: i64, rest: &str| {
        sql += &format!(
            "INSERT INTO price (offer_id, observed_ms, revision, per_hour_nanos, quote_nanos, unit_id, availability, terms_id) VALUES ({offer}, {}, {revision}, {rest});",
            ms(hour)
        );
    };
    price(1, 0, 0, "300000000, NULL, 1, 0, 1");
    price(1, 1, 0, "240000000, NULL, 1, 0, 1");
    price(1, 2, 0, "240000000, NULL, 1, 2, 1");
    price(1, 3, 0, "NULL, NULL, 0, 2, 0");
    price(1, 4, 0, "360000000, NULL, 1, 0, 1");
    price(1, 6, 0, "360000000, NULL, 1, 0, 2");
    // Read as 16 in cents for 0.16 in dollars: corrected where it was in force, then a rise by a tenth.
    price(2, 0, 0, "16000000000, NULL, 2, 3, 1");
    price(2, 1, 0, "16500000000, NULL, 2, 3, 1");
    price(2, 1, 1, "8000000000, NULL, 2, 3, 1");
    price(2, 4, 0, "8800000000, NULL, 2, 3, 1");
    price(2, 6, 0, "8800000000, NULL, 1, 3, 1");
    price(3, 2, 0, "1000000000, NULL, 1, 3, 1");
    // Overlooked until an adapter was mended: it was never new.
    price(4, 2, 1, "500000000, NULL, 1, 3, 1");
    price(4, 4, 0, "500000000, 500000000, 3, 3, 1");
    for (hour, kind, part, offer, detail) in [
        (2, "gpu_new", 1, "NULL", "~mystery-9000 is in the answer for the first time, or again"),
        (4, "accepted_by_repetition", 1, "1", "0.36 USD per hour is more than 3 times off its last price of 0.1"),
        (5, "part_refused", 1, "NULL", "3 offers came where the last accepted answer had 30, under 60 %"),
        (5, "of_a_newer_program", 1, "NULL", "?"),
        (6, "gpu_gone", 2, "NULL", "h100-sxm is no more in the answer"),
    ] {
        sql += &format!("INSERT INTO event VALUES (NULL, {}, '{kind}', {part}, {offer}, '{detail}');", ms(hour));
    }
    // One answer changes every hour, one never, one goes and comes back.
    for hour in 0..=6 {
        sql += &format!(
            "INSERT INTO page VALUES (1, 'a', 'changing{hour}', 'GET', 'https://example.com/a', NULL, {0}, {0}, 1, NULL, NULL);",
            ms(hour)
        );
    }
    sql +=
        &format!("INSERT INTO page VALUES (1, 'b', 'steady', 'GET', 'https://example.com/b', NULL, {}, {}, 1, NULL, NULL);", ms(0), ms(6));
    sql += &format!("INSERT INTO page VALUES (1, 'c', 'gone', 'GET', 'https://example.com/c', NULL, {}, {}, 1, NULL, NULL);", ms(0), ms(3));
    writer.connection().execute_batch(&sql).expect("rows");
    (folder, store, writer)
}

fn ask(pairs: &[(&str, &str)]) -> Result<Question, FilterError> {
    Question::parse(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())), now())
}

fn answer(store: &Store, pairs: &[(&str, &str)]) -> ChangesAnswer {
    let question = ask(pairs).expect("a question");
    changes(&store.reader().expect("a reader"), false, &question, now()).expect("an answer")
}

/// Hour, kind and what it is about.
fn told(answer: &ChangesAnswer) -> Vec<(i64, &'static str, String)> {
    let about = |change: &Change| change.gpu_group.as_ref().map_or_else(|| change.part.to_string(), ToString::to_string);
    answer.items.iter().map(|change| ((change.at - at(0)).num_hours(), change.kind.as_str(), about(change))).collect()
}

fn expected(rows: &[(i64, &'static str, &str)]) -> Vec<(i64, &'static str, String)> {
    rows.iter().map(|(hour, kind, about)| (*hour, *kind, (*about).to_owned())).collect()
}

const ALL: [(i64, &str, &str); 14] = [
    (6, "gpu_gone", "h100-sxm"),
    (6, "currency", "h100-sxm"),
    (6, "terms", "rtx-4090"),
    (5, "part_refused", "all"),
    (4, "accepted_by_repetition", "rtx-4090"),
    (4, "terms", "l4"),
    (4, "price_up", "h100-sxm"),
    (4, "back", "rtx-4090"),
    (3, "withdrawn", "rtx-4090"),
    (2, "gpu_new", "~mystery-9000"),
    (2, "new", "~mystery-9000"),
    (2, "stock", "rtx-4090"),
    (1, "price_up", "h100-sxm"),
    (1, "price_down", "rtx-4090"),
];

#[test]
fn every_kind_is_told_newest_first_and_what_a_first_answer_held_is_none() {
    let (_folder, store, _writer) = store();
    let answer = answer(&store, &[]);
    assert_eq!(told(&answer), expected(&ALL));
    assert_eq!((answer.next_cursor, answer.advice), (None, None));
}

#[test]
fn before_and_after_are_in_the_provider_s_currency_and_in_dollars_of_their_day() {
    let (_folder, store, _writer) = store();
    let answer = answer(&store, &[("provider", "scaleway"), ("kind", "price_up")]);
    let [later, earlier] = answer.items.as_slice() else { panic!("{answer:#?}") };
    let (before, after) = (later.before.as_ref().expect("before"), later.after.as_ref().expect("after"));
    assert_eq!((before.price_per_hour.to_string(), after.price_per_hour.to_string()), ("8".to_owned(), "8.8".to_owned()));
    assert_eq!(after.price_usd_per_hour.map(|usd| usd.to_string()), Some("9.68".to_owned()));
    assert_eq!(after.price_usd_per_gpu_hour.map(|usd| usd.to_string()), Some("1.21".to_owned()));
    assert_eq!(later.price_percent.map(|percent| percent.to_string()), Some("10".to_owned()));
    assert!(!later.corrected && earlier.corrected, "what was read wrong then is said so");
    assert_eq!(earlier.after.as_ref().map(|after| after.price_per_hour.to_string()), Some("16.5".to_owned()), "as it was read");
}

#[test]
fn an_offer_that_is_back_is_compared_with_its_last_price_and_a_withdrawal_has_no_after() {
    let (_folder, store, _writer) = store();
    let back = answer(&store, &[("kind", "back")]).items.remove(0);
    assert_eq!(back.before.as_ref().map(|before| (before.price_per_hour.to_string(), before.since)), Some(("0.24".to_owned(), at(2))));
    assert_eq!(back.price_percent.map(|percent| percent.to_string()), Some("50".to_owned()));
    let withdrawn = answer(&store, &[("kind", "withdrawn")]).items.remove(0);
    assert!(withdrawn.after.is_none() && withdrawn.before.is_some() && withdrawn.price_percent.is_none());
}

#[test]
fn d32_a_correction_is_no_change_of_the_market() {
    let (_folder, store, _writer) = store();
    let all = answer(&store, &[("gpu", "l4")]);
    assert_eq!(told(&all), expected(&[(4, "terms", "l4")]), "neither new when it was first read, nor when it was corrected");
    let h100 = answer(&store, &[("gpu", "h100-sxm"), ("kind", "price_down")]);
    assert!(h100.items.is_empty(), "16.5 to 8 was never a fall: {h100:#?}");
}

#[test]
fn evidence_is_the_attempt_and_the_answers_of_that_moment() {
    let (_folder, store, _writer) = store();
    let all = answer(&store, &[("provider", "runpod")]);
    let of = |kind: &str| all.items.iter().find(|change| change.kind.as_str() == kind).map(|change| &change.evidence).expect(kind);
    assert_eq!(of("price_down").collection, Some(11));
    assert_eq!(of("price_down").pages, ["changing1", "steady", "gone"]);
    assert_eq!(of("back").pages, ["changing4", "steady"]);
    assert_eq!(of("part_refused").collection, Some(51));
}

#[test]
fn filters_narrow_and_pages_give_each_change_once() {
    let (_folder, store, _writer) = store();
    for (pairs, wanted) in [
        (&[("market", "spot")][..], &[1_usize, 6, 12][..]),
        (&[("provider", "scaleway")], &[0, 1, 6, 12]),
        (&[("gpu", "~mystery-9000")], &[9, 10]),
        (&[("kind", "part_refused,gpu_gone")], &[0, 3]),
        (&[("since", "2026-11-20T05:00:00Z")], &[0, 1, 2, 3]),
        (&[("until", "2026-11-20T02:00:00Z")], &[12, 13]),
    ] {
        let rows: Vec<_> = wanted.iter().map(|position| ALL[*position]).collect();
        assert_eq!(told(&answer(&store, pairs)), expected(&rows), "{pairs:?}");
    }
    for limit in ["1", "2", "3", "5", "13", "14"] {
        let (mut whole, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let mut pairs = vec![("limit", limit)];
            pairs.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let page = answer(&store, &pairs);
            whole.extend(told(&page));
            match page.next_cursor {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        assert_eq!(whole, expected(&ALL), "{limit} at a time");
    }
}

#[test]
fn an_answer_looks_at_so_many_rows_and_goes_on_from_there() {
    let (_folder, store, writer) = store();
    let sql = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 21000)
         INSERT INTO price (offer_id, observed_ms, revision, per_hour_nanos, quote_nanos, unit_id, availability, terms_id) SELECT 3, {} + i, 0, 1000000000 + i, NULL, 1, 3, 1 FROM n;",
        at(7).timestamp_millis()
    );
    writer.connection().execute_batch(&sql).expect("rows");
    let first = answer(&store, &[("gpu", "h100-sxm")]);
    assert!(first.items.is_empty() && first.advice.is_some_and(|advice| advice.contains("next_cursor")));
    // On a busy machine time may end an answer before its rows do.
    let (mut cursor, mut found) = (first.next_cursor, 0);
    while let Some(from) = cursor {
        let next = answer(&store, &[("gpu", "h100-sxm"), ("cursor", &from)]);
        (cursor, found) = (next.next_cursor, found + next.items.len());
    }
    assert_eq!(found, 4);
}

#[test]
fn an_answer_takes_so_much_time_and_goes_on_from_there() {
    let (_folder, store, _writer) = store();
    let reader = store.reader().expect("a reader");
    let (mut whole, mut cursor) = (Vec::new(), None::<String>);
    for asked in 0.. {
        assert!(asked < 100, "each answer goes on");
        let pairs: Vec<_> = cursor.as_deref().map(|cursor| ("cursor", cursor)).into_iter().collect();
        let page = within(&reader, false, &ask(&pairs).expect("a question"), now(), Duration::ZERO).expect("an answer");
        assert!(page.items.len() <= 1, "no time is left after the first row");
        whole.extend(told(&page));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(whole, expected(&ALL));
}

/// The RTX 4090 is missing at 7 and at 8 o'clock: withdrawn, dated at 7 and told at 8. At half past 7 the H100 costs more.
fn late(writer: &Writer) {
    let half_past = at(7).timestamp_millis() + 1_800_000;
    let columns = "offer_id, observed_ms, revision, per_hour_nanos, quote_nanos, unit_id, availability, terms_id, told_ms";
    let sql = format!(
        "INSERT INTO price ({columns}) VALUES (1, {0}, 0, NULL, NULL, 0, 2, 0, {1}), (2, {half_past}, 0, 9000000000, NULL, 1, 3, 1, NULL);
         INSERT INTO telling VALUES ({1}, {0});",
        at(7).timestamp_millis(),
        at(8).timestamp_millis(),
    );
    writer.connection().execute_batch(&sql).expect("rows");
}

#[test]
fn a_withdrawal_is_in_the_order_of_its_telling_so_that_who_polls_or_listens_misses_none() {
    let (_folder, store, writer) = store();
    late(&writer);
    let all = answer(&store, &[("limit", "2")]);
    assert_eq!(told(&all), expected(&[(7, "withdrawn", "rtx-4090"), (7, "price_up", "h100-sxm")]));
    assert_eq!((all.items[0].at, all.items[0].told_at), (at(7), at(8)), "dated at the first answer without it");
    let polled = answer(&store, &[("since", "2026-11-20T07:45:00Z")]);
    assert_eq!(told(&polled), expected(&[(7, "withdrawn", "rtx-4090")]), "since the last poll");
    assert!(answer(&store, &[("since", "2026-11-20T06:30:00Z"), ("until", "2026-11-20T07:15:00Z")]).items.is_empty());
    let cursor = all.next_cursor.expect("there is more");
    assert_eq!(told(&answer(&store, &[("cursor", &cursor)])), expected(&ALL), "each once");
    assert_eq!(told(&answer(&store, &[("kind", "price_up"), ("limit", "1")])), expected(&[(7, "price_up", "h100-sxm")]));
    // Who was told of 7:30 last is told of the withdrawal of 7:00.
    let place = tail::Place::parse("last_event_id", &all.items[1].id).expect("its own id");
    let reader = store.reader().expect("a reader");
    let more = tail::after(&reader, &ask(&[]).expect("a question"), place, now()).expect("told");
    assert_eq!(more.items.iter().map(|change| change.kind).collect::<Vec<_>>(), [Kind::Withdrawn]);
    assert_eq!(more.place.text(), all.items[0].id);
}

#[test]
fn a_feed_s_own_time_moves_with_its_entries_and_never_for_nothing() {
    let (_folder, store, writer) = store();
    let updated = |text: &str| text.split("<updated>").nth(1).and_then(|rest| rest.split('<').next()).expect("a time").to_owned();
    let feed = |pairs: &[(&str, &str)]| {
        let question = ask(pairs).expect("a question");
        let reader = store.reader().expect("a reader");
        let given = changes(&reader, false, &question, now()).expect("an answer");
        let before =
            changes(&reader, false, &question.newest_before(), now()).expect("an answer").items.first().map(|change| change.told_at);
        atom::feed(&given, before.filter(|_| given.items.is_empty()), "https://prices.example.com", "")
    };
    assert_eq!(updated(&feed(&[])), "2026-11-20T06:00:00.000Z");
    late(&writer);
    let text = feed(&[]);
    assert_eq!(updated(&text), "2026-11-20T08:00:00.000Z", "it moves although the entry is dated before another one");
    assert!(text.contains("from 2026-11-20T07:00:00.000Z on"), "{text}");
    let first = text.split("<entry>").nth(1).expect("an entry");
    assert!(
        first.contains("rel=\"alternate\" href=\"https://prices.example.com/gpus/rtx-4090\"") && !first.contains("/api/v1/offers/"),
        "{first}"
    );
    // Nothing in the window: when the last one before it was told, whatever the clock says.
    assert_eq!(updated(&feed(&[("since", "2026-11-20T11:00:00Z")])), "2026-11-20T08:00:00.000Z");
    assert_eq!(updated(&feed(&[("since", "2026-11-20T11:00:00Z"), ("kind", "stock")])), "2026-11-20T02:00:00.000Z");
    assert_eq!(updated(&feed(&[("gpu", "b200")])), "1970-01-01T00:00:00.000Z", "there never was any");
}

#[test]
fn a_question_that_cannot_be_meant_is_refused() {
    for (pairs, parameter, part) in [
        (&[("kind", "price_upp")][..], "kind", "did you mean `price_up`?"),
        (&[("kind", ",")], "kind", "no value"),
        (&[("gpu", "rtx4900")], "gpu", "`rtx-4090`"),
        (&[("limit", "0")], "limit", "1 to 1000"),
        (&[("cursor", "1.x2")], "cursor", "begin without one"),
        (&[("cursor", "1.p")], "cursor", "`1.p`"),
        (&[("cursor", "-1.p2")], "cursor", "no cursor"),
        (&[("cursor", "")], "cursor", "no cursor"),
        (&[("since", "soon")], "since", "`soon`"),
        (&[("since", "1d"), ("since", "2d")], "since", "twice"),
        (&[("kinds", "new")], "kinds", "did you mean `kind`?"),
    ] {
        let error = ask(pairs).expect_err("refused");
        assert!(error.parameter == parameter && error.message.contains(part), "{error:?}");
    }
}

#[test]
fn a_percentage_is_exact_to_a_tenth() {
    let priced = |nanos: i64| PastPrice {
        observed_at: at(0),
        revision: 0,
        quoted: Some(crate::store::history::PastQuote {
            per_hour: Nanos(nanos),
            amount: Nanos(nanos),
            currency: Currency::USD,
            unit: "per_instance_hour".to_owned(),
        }),
        availability: Availability::Available,
    };
    for (before, after, text) in [
        (300_000_000, 240_000_000, "-20"),
        (3, 4, "33.3"),
        (3, 5, "66.7"),
        (2000, 1999, "-0.1"),
        (2000, 2001, "0.1"),
        (100_000, 100_001, "0"),
        (1, 1000, "99900"),
    ] {
        assert_eq!(percent(&priced(before), &priced(after)).map(|percent| percent.to_string()).as_deref(), Some(text), "{before} {after}");
    }
}

#[test]
fn the_feed_is_well_formed_marked_and_links_its_evidence() {
    let (_folder, store, _writer) = store();
    let mut answer = answer(&store, &[("limit", "9")]);
    answer.sample = true;
    let text = atom::feed(&answer, None, "https://prices.example.com/", "limit=9&gpu=a%26b");
    let document = roxmltree::Document::parse(&text).expect("well formed");
    let named = |name: &'static str| document.descendants().filter(move |node| node.has_tag_name(("http://www.w3.org/2005/Atom", name)));
    assert_eq!(named("entry").count(), 9);
    // What RFC 4287 asks for of a feed and each entry.
    for node in named("feed").chain(named("entry")) {
        for wanted in ["id", "title", "updated"] {
            assert_eq!(node.children().filter(|child| child.has_tag_name(("http://www.w3.org/2005/Atom", wanted))).count(), 1, "{wanted}");
        }
    }
    let ids: std::collections::HashSet<_> = named("id").map(|node| node.text()).collect();
    assert_eq!(ids.len(), 10, "each has its own");
    let links: Vec<&str> = named("link").filter_map(|link| link.attribute("href")).collect();
    let next = answer.next_cursor.expect("there is more");
    for wanted in [
        "https://prices.example.com/api/v1/changes.atom?limit=9&gpu=a%26b".to_owned(),
        format!("https://prices.example.com/api/v1/changes.atom?limit=9&gpu=a%26b&cursor={next}"),
        "https://prices.example.com/api/v1/offers/00112233445566778899".to_owned(),
        "https://prices.example.com/api/v1/pages/changing4".to_owned(),
    ] {
        assert!(links.contains(&wanted.as_str()), "{wanted} is not in {links:#?}");
    }
    assert!(
        text.contains("<title>SAMPLE DATA (all figures are made up): 1 x rtx-4090 on demand at runpod global: back, 0.36 USD"),
        "{text}"
    );
    assert!(text.contains("sku a&lt;b&gt;&amp;c (RTX 4090)"), "{text}");
    assert!(text.contains(&format!("<updated>{}</updated>", "2026-11-20T06:00:00.000Z")));
}

#[test]
fn who_listens_is_told_oldest_first_what_came_since_whatever_it_was_told_last() {
    let (_folder, store, writer) = store();
    let reader = store.reader().expect("a reader");
    let everything = answer(&store, &[]);
    let question = ask(&[]).expect("a question");
    for (position, change) in everything.items.iter().enumerate() {
        let place = tail::Place::parse("last_event_id", &change.id).expect("its own id");
        let told = tail::after(&reader, &question, place, now()).expect("told");
        let ids: Vec<&str> = told.items.iter().rev().map(|change| change.id.as_str()).collect();
        let newer: Vec<&str> = everything.items[..position].iter().map(|change| change.id.as_str()).collect();
        assert_eq!((ids, told.missed), (newer, false));
        assert_eq!(told.place.text(), everything.items[0].id, "where it goes on is behind all of it, wanted or not");
    }
    let start = tail::newest(&reader, now()).expect("a place");
    assert_eq!(tail::after(&reader, &question, start, now()).expect("told").items.len(), 0);
    let sql = format!(
        "INSERT INTO price (offer_id, observed_ms, revision, per_hour_nanos, quote_nanos, unit_id, availability, terms_id) VALUES (1, {}, 0, 300000000, NULL, 1, 0, 2);",
        at(7).timestamp_millis()
    );
    writer.connection().execute_batch(&sql).expect("a row");
    let reader = store.reader().expect("a reader");
    let told = tail::after(&reader, &question, start, now()).expect("told");
    assert_eq!(told.items.iter().map(|change| change.kind).collect::<Vec<_>>(), [Kind::PriceDown]);
    let other = ask(&[("gpu", "l4")]).expect("a question");
    let told = tail::after(&reader, &other, start, now()).expect("told");
    assert!(told.items.is_empty() && told.place != start, "what is not asked for is not looked at twice");
}

#[test]
fn too_much_at_once_and_a_clock_that_went_back_are_said() {
    let (_folder, store, writer) = store();
    let start = tail::newest(&store.reader().expect("a reader"), now()).expect("a place");
    let mut sql = String::from("BEGIN;");
    for step in 0..1200_i64 {
        let (moment, nanos) = (at(7).timestamp_millis() + step, 300_000_000 + step % 2);
        sql += &format!(
            "INSERT INTO price (offer_id, observed_ms, revision, per_hour_nanos, quote_nanos, unit_id, availability, terms_id) VALUES (1, {moment}, 0, {nanos}, NULL, 1, 0, 2);"
        );
    }
    writer.connection().execute_batch(&(sql + "COMMIT;")).expect("rows");
    let reader = store.reader().expect("a reader");
    let question = ask(&[]).expect("a question");
    let told = tail::after(&reader, &question, start, now()).expect("told");
    assert!(told.missed && told.items.len() == tail::ITEMS_MAX);
    assert_eq!(told.items.last().map(|change| (change.at - at(7)).num_milliseconds()), Some(1199), "the newest are told");
    let future = tail::Place::parse("last_event_id", &format!("{}.p1", at(100).timestamp_millis())).expect("a place");
    let told = tail::after(&reader, &question, future, now()).expect("told");
    assert!(told.missed && told.items.is_empty() && told.place.text().starts_with(&(at(7).timestamp_millis() + 1199).to_string()));
    assert!(tail::Place::parse("last_event_id", "yesterday").is_err());
}
