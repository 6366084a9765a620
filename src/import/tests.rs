//! A small file in both formats, what it gives, what is refused, and a unit that flips.

use super::*;

const MAP: &str = r#"
origin = "example"
source = "https://prices.example.com/daily.csv"
holds_days = 10
time = { column = "day" }
provider = { column = "cloud", names = { "Example Cloud" = "example-cloud" } }
sku = { column = "type" }
region = { column = "place" }

[[unit]]
per = "instance"
period = "hour"
currency = "USD"

[[offer]]
market = "on_demand"
price = "list"

[[offer]]
market = "spot"
price = "spot"

[gpu_by_sku]
big = { gpu = "H100 SXM", gpu_count = 8, vram_gib = 80 }
small = { gpu = "L4", gpu_count = 1, vram_gib = 24 }
"#;

const CSV: &str = "day,cloud,type,place,list,spot\n\
    2026-01-01,Example Cloud,big,north,80,32.5\n\
    2026-01-02,Example Cloud,big,north,80,32.5\n\
    2026-01-03,Example Cloud,big,north,80,40\n\
    2026-02-01,Example Cloud,big,north,80,\n\
    2026-01-01T00:00:00+01:00,Example Cloud,small,north,0.123456789444,\n\
    2026-01-01,Example Cloud,odd,north,1,\n";

fn now() -> DateTime<Utc> {
    "2026-03-01T00:00:00Z".parse().expect("a time")
}

fn map(text: &str) -> Map {
    Map::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

fn read_csv(map: &Map, text: &str) -> Read {
    read(map, FileFormat::Csv, text.as_bytes(), now()).unwrap_or_else(|error| panic!("{error}"))
}

/// sku, market, and each span as (first day, last day, price per hour).
type Told = Vec<(String, String, Vec<(String, String, String)>)>;

fn told(plan: &Plan) -> Told {
    let day = |at: DateTime<Utc>| at.format("%m-%d").to_string();
    let spans =
        |merged: &Merged| merged.spans.iter().map(|span| (day(span.from), day(span.until), span.price.per_hour.to_string())).collect();
    plan.changed.iter().map(|merged| (merged.offer.key.sku.to_string(), merged.offer.key.market.to_string(), spans(merged))).collect()
}

fn stored(plan: &Plan) -> HashMap<OfferKey, Merged> {
    plan.changed.iter().map(|merged| (merged.offer.key.clone(), merged.clone())).collect()
}

#[test]
fn a_row_holds_several_offers_and_what_does_not_change_is_one_span() {
    let (map, none) = (map(MAP), HashMap::new());
    let mut read = read_csv(&map, CSV);
    let plan = plan(&map, &mut read, &none).expect("no flip");
    let span = |from: &str, until: &str, price: &str| (from.to_owned(), until.to_owned(), price.to_owned());
    let row = |sku: &str, market: &str, spans: &[(String, String, String)]| (sku.to_owned(), market.to_owned(), spans.to_vec());
    assert_eq!(
        told(&plan),
        [
            // Not seen for longer than ten days: two spans, although the price is the same.
            row("big", "on_demand", &[span("01-01", "01-03", "80"), span("02-01", "02-01", "80")]),
            row("big", "spot", &[span("01-01", "01-02", "32.5"), span("01-03", "01-03", "40")]),
            row("odd", "on_demand", &[span("01-01", "01-01", "1")]),
            row("small", "on_demand", &[span("12-31", "12-31", "0.123456789")]),
        ]
    );
    assert_eq!((read.rows, read.prices, plan.added, plan.known, read.refused_count), (6, 9, 9, 0, 0));
    assert_eq!(read.empty_prices.get("spot"), Some(&3));
    let odd = plan.changed.iter().find(|merged| &*merged.offer.key.sku == "odd").expect("kept");
    assert_eq!((odd.offer.gpu_name.as_str(), odd.offer.key.gpu_count), ("odd", None), "defect D10: kept, unmapped, its count not guessed");
    assert_eq!(&*plan.changed[0].offer.key.provider, "example-cloud");
}

#[test]
fn the_same_file_again_changes_nothing_and_a_longer_one_adds_what_is_new() {
    let (map, none) = (map(MAP), HashMap::new());
    let first = plan(&map, &mut read_csv(&map, CSV), &none).expect("no flip");
    let stored = stored(&first);
    let again = plan(&map, &mut read_csv(&map, CSV), &stored).expect("no flip");
    assert_eq!((again.changed.len(), again.added, again.known), (0, 0, 9));
    let longer = format!("{CSV}2026-01-10,Example Cloud,big,north,80,41\n2026-01-20,Example Cloud,big,north,80,\n");
    let more = plan(&map, &mut read_csv(&map, &longer), &stored).expect("no flip");
    assert_eq!((more.changed.len(), more.added, more.known), (2, 3, 9));
    assert_eq!(told(&more)[0].2.len(), 2, "01-10 joins the first span; 01-20 to 02-01 is longer than ten days");
    assert_eq!(told(&more)[1].2.len(), 3);
}

#[test]
fn ndjson_gives_what_csv_gives() {
    let map = map(MAP);
    let mut reader = ::csv::Reader::from_reader(CSV.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let mut text = String::new();
    for record in reader.records() {
        let record = record.expect("a row");
        let cells: serde_json::Map<String, serde_json::Value> = header
            .iter()
            .zip(&record)
            .map(|(name, cell)| {
                let is_price = matches!(name, "list" | "spot");
                let value = match cell {
                    "" => serde_json::Value::Null,
                    number if is_price => serde_json::from_str(number).expect("a number"),
                    text => serde_json::Value::String(text.to_owned()),
                };
                (name.to_owned(), value)
            })
            .collect();
        text += &format!("{}\n\n", serde_json::Value::Object(cells));
    }
    text += "[1, 2]\n{\"day\": \"2026-01-01\"";
    let mut read = read(&map, FileFormat::Ndjson, text.as_bytes(), now()).expect("reads");
    assert_eq!((read.rows, read.refused_count), (8, 2), "{:?}", read.refused);
    let none = HashMap::new();
    let from_csv = plan(&map, &mut read_csv(&map, CSV), &none).expect("no flip");
    assert_eq!(plan(&map, &mut read, &none).expect("no flip").changed, from_csv.changed);
}

#[test]
fn what_cannot_be_used_is_refused_alone_with_its_line() {
    let map = map(MAP);
    for (row, reason) in [
        (",Example Cloud,big,north,80,", "no date"),
        ("soon,Example Cloud,big,north,80,", "`soon` is no date"),
        ("2026-03-02,Example Cloud,big,north,80,", "in the future"),
        ("2026-01-09,Example Cloud,big,north,,", "no price"),
        ("2026-01-09,Example Cloud,big,north,0,", "not above zero"),
        ("2026-01-09,Example Cloud,big,north,n/a,", "price"),
        ("2026-01-09,Other Cloud,big,north,80,", "no slug"),
        ("2026-01-09,Example Cloud,,north,80,", "no sku"),
        ("2026-01-09,Example Cloud,big,,80,", "no region"),
        ("2026-01-09,Example Cloud,big,no\u{1b}rth,80,", "control"),
        ("2026-01-09,Example Cloud,big,north", "4 cells"),
    ] {
        let mut read = read_csv(&map, &format!("{CSV}{row}\n2026-01-11,Example Cloud,big,north,81,\n"));
        assert_eq!((read.rows, read.prices, read.refused_count), (8, 10, 1), "{row}");
        assert_eq!(read.refused[0].line, 8, "{row}");
        assert!(read.refused[0].reason.contains(reason), "{row}: {:?}", read.refused);
        plan(&map, &mut read, &HashMap::new()).expect("no flip");
    }
}

#[test]
fn d19_two_prices_at_one_time_are_both_refused_and_equal_ones_are_one() {
    let map = map(MAP);
    let read = read_csv(&map, &format!("{CSV}2026-01-03,Example Cloud,big,north,80,44\n"));
    assert_eq!((read.prices, read.refused_count), (8, 2), "{:?}", read.refused);
    let mut lines: Vec<u64> = read.refused.iter().map(|refused| refused.line).collect();
    lines.sort_unstable();
    assert_eq!(lines, [4, 8]);
}

#[test]
fn a_price_that_contradicts_an_import_before_is_refused() {
    let (map, none) = (map(MAP), HashMap::new());
    let stored = stored(&plan(&map, &mut read_csv(&map, CSV), &none).expect("no flip"));
    let mut read = read_csv(&map, "day,cloud,type,place,list,spot\n2026-01-02,Example Cloud,big,north,79,32.5\n");
    let plan = plan(&map, &mut read, &stored).expect("no flip");
    assert_eq!((plan.changed.len(), plan.added, plan.known, read.refused_count), (0, 0, 1, 1));
    assert!(read.refused[0].reason.contains("--replace"), "{:?}", read.refused);
    assert_eq!(plan.offers, 1, "of the other one nothing is taken");
}

const HEADER: &str = "day,cloud,type,place,list,spot\n";

fn on_days(days: impl Iterator<Item = u32>, price: impl Fn(u32) -> &'static str) -> String {
    days.fold(HEADER.to_owned(), |text, day| text + &format!("2026-01-{day:02},Example Cloud,big,north,{},\n", price(day)))
}

#[test]
fn in_which_order_files_are_read_changes_nothing() {
    let map = map(MAP);
    let weekly = on_days([1, 8, 15].into_iter(), |_| "1");
    let daily = on_days(1..=15, |day| if (3..=5).contains(&day) { "1.5" } else { "1" });
    // Only the odd days: what the weekly file saw on the 8th stays seen.
    let odd = on_days(3..=5, |_| "1.5");
    let after = |files: [&str; 2]| {
        let mut there = HashMap::new();
        for file in files {
            let mut read = read_csv(&map, file);
            let plan = plan(&map, &mut read, &there).expect("no flip");
            assert_eq!((read.refused_count, plan.added + plan.known), (0, read.prices));
            there.extend(stored(&plan));
        }
        let mut spans: Vec<_> = there.into_values().map(|merged| merged.spans).collect();
        spans.pop().expect("one offer")
    };
    assert_eq!(after([&weekly, &daily]), after([&daily, &weekly]));
    let spans = after([&weekly, &odd]);
    assert_eq!(spans, after([&odd, &weekly]));
    let told: Vec<_> = spans.iter().map(|span| (span.from.format("%d").to_string(), span.price.per_hour.to_string())).collect();
    let wanted = [("01", "1"), ("03", "1.5"), ("08", "1")].map(|(day, price)| (day.to_owned(), price.to_owned()));
    assert_eq!(told, wanted);
    assert_eq!(spans[2].until.format("%d").to_string(), "15");
}

#[test]
fn of_a_span_whose_sightings_are_not_known_any_time_within_it_may_be_one() {
    let map = map(MAP);
    let weekly = on_days([1, 8, 15].into_iter(), |_| "1");
    let mut there = stored(&plan(&map, &mut read_csv(&map, &weekly), &HashMap::new()).expect("no flip"));
    for span in there.values_mut().flat_map(|merged| &mut merged.spans) {
        span.until += TimeDelta::days(6);
        span.between = None;
    }
    let mut read = read_csv(&map, &on_days(3..=4, |day| if day == 3 { "1.5" } else { "1" }));
    let more = plan(&map, &mut read, &there).expect("no flip");
    assert_eq!((more.changed.len(), more.added, more.known, read.refused_count), (0, 0, 1, 1));
    // It cannot be cut where nothing was seen.
    let shorter = Map { holds_days: 5, ..map };
    let error = check_holds(&shorter, &there, Some(TimeDelta::days(10))).expect_err("not known").to_string();
    assert!(error.contains("--replace") && error.contains("5 days"), "{error}");
    check_holds(&shorter, &there, Some(TimeDelta::days(5))).expect("it holds for as long as before");
    let again = plan(&shorter, &mut read_csv(&shorter, &weekly), &there).expect("no flip");
    assert_eq!((again.changed.len(), again.known), (0, 3), "and is not cut");
}

#[test]
fn prices_that_hold_for_another_time_are_cut_anew_also_those_of_offers_that_are_not_in_the_file() {
    let long = Map { holds_days: 30, ..map(MAP) };
    let file = format!(
        "{}2026-01-01,Example Cloud,small,north,1,\n2026-01-25,Example Cloud,small,north,1,\n",
        on_days([1, 25].into_iter(), |_| "1")
    );
    let there = stored(&plan(&long, &mut read_csv(&long, &file), &HashMap::new()).expect("no flip"));
    assert!(there.len() == 2 && there.values().all(|merged| merged.spans.len() == 1));
    let short = Map { holds_days: 7, ..long.clone() };
    let only_big = on_days([1, 25].into_iter(), |_| "1");
    let cut = plan(&short, &mut read_csv(&short, &only_big), &there).expect("no flip");
    assert_eq!((cut.changed.len(), cut.added, cut.known), (2, 0, 2));
    assert!(cut.changed.iter().all(|merged| merged.spans.len() == 2));
    let joined = plan(&long, &mut read_csv(&long, &only_big), &stored(&cut)).expect("no flip");
    assert!(joined.changed.len() == 2 && joined.changed.iter().all(|merged| merged.spans.len() == 1), "and back");
}

#[test]
fn a_quote_that_is_never_closed_is_an_error_and_not_a_row() {
    let map = map(MAP);
    let read = |text: &str| read(&map, FileFormat::Csv, text.as_bytes(), now());
    let rest = on_days(2..=20, |_| "1").replacen(HEADER, "", 1);
    let open = read(&format!("{CSV}2026-01-01,\"Example Cloud,big,north,80,\n{rest}")).expect_err("an error").to_string();
    assert!(open.contains("line 8") && open.contains("never closed"), "{open}");
    // Another quote closes it: then rows are in a cell.
    for last in ["2026-01-21,\"Example Cloud\",big,north,80,\n", "2026-01-21,Example Cloud,big,\",80,\n"] {
        let error = read(&format!("{CSV}2026-01-01,\"Example Cloud,big,north,80,\n{rest}{last}")).expect_err("an error").to_string();
        assert!(error.contains("lines 8 to 28") && error.contains("not closed"), "{error}");
    }
    let endless = format!("{CSV}2026-01-01,\"Example Cloud,big,north,80,\n{}", rest.repeat(2000));
    let error = read(&endless).expect_err("an error").to_string();
    assert!(error.contains("within 1048576 bytes"), "{error}");
    // Without a quote a row that is too long is refused alone.
    let long = format!("{CSV}2026-01-09,{},big,north,80,\n2026-01-10,Example Cloud,big,north,80,\n", "x".repeat(1_100_000));
    let told = read(&long).expect("reads");
    assert_eq!((told.refused_count, told.refused[0].line, told.prices), (1, 8, 10));
    // What quotes are for.
    let quoted = "day,cloud,type,place,list,spot,note\r\n\r\n2026-01-01,\"Example Cloud\",\"b\"\"i,g\",north,80,,\"two\r\nlines\"\r2026-01-02,Example Cloud,5\" big,north,80,,\n2026-01-03,Example Cloud,last,north,80,,";
    let told = read(quoted).expect("reads");
    assert_eq!((told.rows, told.prices, told.refused_count), (3, 3, 0), "{:?}", told.refused);
    let mut skus: Vec<_> = told.series.keys().map(|key| key.sku.to_string()).collect();
    skus.sort();
    assert_eq!(skus, ["5\" big", "b\"i,g", "last"]);
    assert_eq!(told.series.values().filter_map(|series| series.sightings.values().next()).map(|seen| seen.line).max(), Some(6));
}

#[test]
fn a_mark_of_the_encoding_takes_no_row_and_no_column_away() {
    let map = map(MAP);
    let csv = read(&map, FileFormat::Csv, format!("\u{feff}{CSV}").as_bytes(), now()).expect("reads");
    assert_eq!((csv.rows, csv.refused_count), (6, 0));
    let quoted = read(&map, FileFormat::Csv, format!("\u{feff}\"day\"{}", &CSV[3..]).as_bytes(), now()).expect("reads");
    assert_eq!((quoted.rows, quoted.refused_count), (6, 0));
    let row = r#"{"day": "2026-01-01", "cloud": "Example Cloud", "type": "big", "place": "north", "list": 80, "spot": null}"#;
    let told = read(&map, FileFormat::Ndjson, format!("\u{feff}{row}\n").as_bytes(), now()).expect("reads");
    assert_eq!((told.prices, told.refused_count), (1, 0), "{:?}", told.refused);
}

#[test]
fn a_byte_that_is_no_text_matters_only_where_it_is_read() {
    let map = map(MAP);
    let row = |note: &[u8], place: &[u8]| [b"2026-01-01,Example Cloud,big,".as_slice(), place, b",80,,", note, b"\n"].concat();
    let header = |note: &[u8]| [b"day,cloud,type,place,list,spot,".as_slice(), note, b"\n"].concat();
    let file = [header(b"caf\xe9"), row(b"caf\xe9", b"north"), row(b"", b"n\xf6rd")].concat();
    let told = read(&map, FileFormat::Csv, file.as_slice(), now()).expect("reads");
    assert_eq!((told.prices, told.refused_count), (1, 1));
    assert!(told.refused[0].line == 3 && told.refused[0].reason.contains("`place` is no text"), "{:?}", told.refused);
}

/// Four offers of eight GPUs and one of one; on the third day the file's column is per GPU.
fn flipped(units: &str) -> (Map, String) {
    let text = MAP.replace("[[unit]]\nper = \"instance\"\nperiod = \"hour\"\ncurrency = \"USD\"\n", units);
    let mut csv = "day,cloud,type,place,list,spot\n".to_owned();
    for (day, list) in [("2026-02-16", "80"), ("2026-02-17", "81"), ("2026-02-18", "10.125"), ("2026-02-19", "10.125")] {
        for place in ["a", "b", "c", "d"] {
            csv += &format!("{day},Example Cloud,big,{place},{list},\n");
        }
        csv += &format!("{day},Example Cloud,small,a,0.7,\n");
    }
    (map(&text), csv)
}

const PER_INSTANCE: &str = "[[unit]]\nper = \"instance\"\nperiod = \"hour\"\ncurrency = \"USD\"\n";

#[test]
fn d37_many_series_that_fall_by_their_count_on_one_day_stop_the_import() {
    let (map, csv) = flipped(PER_INSTANCE);
    let error = plan(&map, &mut read_csv(&map, &csv), &HashMap::new()).expect_err("a flip").to_string();
    assert!(error.contains("on 2026-02-18") && error.contains("4 of 4 series") && error.contains("fell"), "{error}");
    assert!(error.contains("`example-cloud` in the column `list`"), "{error}");
    assert!(error.contains("81 to 10.125") && error.contains("from = 2026-02-18"), "{error}");

    // Declared per GPU from that day on: one price, which rose once.
    let (map, csv) =
        flipped(&format!("{PER_INSTANCE}\n[[unit]]\nfrom = 2026-02-18\nper = \"gpu\"\nperiod = \"hour\"\ncurrency = \"USD\"\n"));
    let mended = plan(&map, &mut read_csv(&map, &csv), &HashMap::new()).expect("declared");
    let prices: Vec<_> = mended.changed[0].spans.iter().map(|span| span.price.per_hour.to_string()).collect();
    assert_eq!(prices, ["80", "81", "81"], "the last two differ in how they are quoted");

    // Declared to be real: it is believed.
    let (map, csv) =
        flipped(&format!("{PER_INSTANCE}\n[[unit]]\nfrom = 2026-02-18\nper = \"instance\"\nperiod = \"hour\"\ncurrency = \"USD\"\n"));
    let believed = plan(&map, &mut read_csv(&map, &csv), &HashMap::new()).expect("declared");
    assert_eq!(believed.changed[0].spans.last().map(|span| span.price.per_hour.to_string()).as_deref(), Some("10.125"));
}

#[test]
fn d37_also_where_the_flip_lies_between_two_files() {
    let (map, csv) = flipped(PER_INSTANCE);
    let lines: Vec<&str> = csv.lines().collect();
    let (before, after) = (lines[..11].join("\n"), [&lines[..1], &lines[11..]].concat().join("\n"));
    let stored = stored(&plan(&map, &mut read_csv(&map, &before), &HashMap::new()).expect("no flip yet"));
    let error = plan(&map, &mut read_csv(&map, &after), &stored).expect_err("a flip").to_string();
    assert!(error.contains("on 2026-02-18"), "{error}");
}

#[test]
fn d37_a_fall_of_a_few_or_of_another_size_is_the_market_s() {
    let map = map(MAP);
    let mut csv = "day,cloud,type,place,list,spot\n".to_owned();
    for (day, few, all) in [("2026-02-17", "80", "80"), ("2026-02-18", "10", "44")] {
        csv += &format!("{day},Example Cloud,big,a,{few},\n{day},Example Cloud,big,b,{few},\n");
        csv += &format!("{day},Example Cloud,big,c,{all},\n{day},Example Cloud,big,d,{all},\n");
    }
    plan(&map, &mut read_csv(&map, &csv), &HashMap::new()).expect("two of four are not many, and 45 % is no count");
}

/// Rows of every so many hours of four days: type, places, and the price before and from the flip on.
fn hourly(step: usize, flip: &str, offers: &[(&str, u32, &str, &str)]) -> String {
    let mut csv = HEADER.to_owned();
    let flip: DateTime<Utc> = flip.parse().expect("a time");
    for hour in (0..96).step_by(step) {
        let at = "2026-02-16T00:00:00Z".parse::<DateTime<Utc>>().expect("a time") + TimeDelta::hours(hour as i64);
        for (sku, places, before, after) in offers {
            for place in 0..*places {
                csv += &format!("{},Example Cloud,{sku},p{place},{},\n", at.to_rfc3339(), if at < flip { before } else { after });
            }
        }
    }
    csv
}

#[track_caller]
fn flip_of(map: &Map, csv: &str) -> Option<String> {
    plan(map, &mut read_csv(map, csv), &HashMap::new()).err().map(|error| error.to_string())
}

#[test]
fn d37_series_are_counted_and_not_their_rows() {
    let map = map(MAP);
    for step in [1, 8, 12, 24] {
        let error = flip_of(&map, &hourly(step, "2026-02-18T00:00:00Z", &[("big", 4, "80", "10")])).expect("a flip");
        assert!(error.contains("on 2026-02-18 ") && error.contains("4 of 4 series"), "{step}: {error}");
    }
}

#[test]
fn d37_within_a_day_a_moment_is_named_and_can_be_declared() {
    let csv = hourly(1, "2026-02-18T13:00:00Z", &[("big", 4, "80", "10"), ("small", 4, "0.7", "0.7")]);
    let error = flip_of(&map(MAP), &csv).expect("a flip");
    assert!(error.contains("from = 2026-02-18T13:00:00Z"), "{error}");
    let unit = |from: &str| format!("{PER_INSTANCE}\n[[unit]]\nfrom = {from}\nper = \"gpu\"\nperiod = \"hour\"\ncurrency = \"USD\"\n");
    for from in ["2026-02-18T13:00:00Z", "2026-02-18T14:00:00+01:00", "2026-02-18 13:00:00"] {
        let mended = map(&MAP.replace(PER_INSTANCE, &unit(from)));
        let plan = plan(&mended, &mut read_csv(&mended, &csv), &HashMap::new()).expect("declared");
        assert!(plan.changed[0].spans.iter().all(|span| span.price.per_hour.to_string() == "80"), "{from}");
    }
    // At midnight it would be eight times too dear until one o'clock.
    let wrong = map(&MAP.replace(PER_INSTANCE, &unit("2026-02-18")));
    assert!(flip_of(&wrong, &csv).is_some());
    assert!(Map::parse(&MAP.replace(PER_INSTANCE, &unit("13:00:00"))).is_err(), "a time of no day");
}

#[test]
fn d37_one_column_of_several_is_judged_and_declared_by_itself() {
    let mut csv = HEADER.to_owned();
    for (day, list, spot) in [(16, "80", "30"), (17, "80", "30"), (18, "10", "30"), (19, "10", "3.75")] {
        for place in 0..5 {
            csv += &format!("2026-02-{day},Example Cloud,big,p{place},{list},{spot}\n");
        }
    }
    let error = flip_of(&map(MAP), &csv).expect("a flip");
    assert!(error.contains("on 2026-02-18") && error.contains("`list`") && error.contains("5 of 5"), "{error}");
    // A unit of `list` alone says nothing of `spot`, on whatever day.
    for from in ["2026-02-18", "2026-02-19"] {
        let own = format!(
            "price = \"list\"\n[[offer.unit]]\nper = \"instance\"\nperiod = \"hour\"\ncurrency = \"USD\"\n[[offer.unit]]\nfrom = {from}\nper = \"gpu\"\nperiod = \"hour\"\ncurrency = \"USD\"\n"
        );
        let map = map(&MAP.replace("price = \"list\"\n", &own));
        let error = flip_of(&map, &csv).expect("a flip");
        assert_eq!(error.contains("`spot`"), from == "2026-02-18", "{error}");
    }
}

#[test]
fn d37_where_other_numbers_of_gpus_move_alike_the_market_moves() {
    let two = MAP.replace("gpu_count = 8", "gpu_count = 2");
    let csv = |single: &str| hourly(24, "2026-02-18T00:00:00Z", &[("big", 3, "5", "2.5"), ("small", 30, "2.5", single)]);
    assert_eq!(flip_of(&map(&two), &csv("1.25")), None, "everything costs half");
    assert!(flip_of(&map(&two), &csv("2.5")).is_some(), "one GPU costs what it did");
}

#[test]
fn d37_a_provider_among_several_is_judged_by_itself() {
    let two = MAP.replace("\"Example Cloud\" = \"example-cloud\"", "\"Example Cloud\" = \"example-cloud\", \"Other\" = \"other\"");
    let mut csv = hourly(24, "2026-02-18T00:00:00Z", &[("big", 4, "80", "10")]);
    csv += &hourly(24, "2026-02-18T00:00:00Z", &[("big", 40, "70", "70")]).replace(HEADER, "").replace("Example Cloud", "Other");
    let error = flip_of(&map(&two), &csv).expect("a flip");
    assert!(error.contains("4 of 4 series of several GPUs of `example-cloud`"), "{error}");
}

#[test]
fn a_map_that_cannot_be_meant_says_what_would_be_right() {
    for (from, to, part) in [
        ("origin = \"example\"", "origin = \"Ex ample\"", "small letters"),
        ("holds_days = 10", "", "holds_days"),
        ("holds_days = 10", "holds_days = 0", "1 to 3660"),
        ("per = \"instance\"", "per = \"server\"", "server"),
        ("period = \"hour\"", "period = \"month\"", "month_730h"),
        ("period = \"hour\"", "period = \"month_0h\"", "month_730h"),
        ("currency = \"USD\"", "currency = \"dollars\"", "three letters"),
        ("per = \"instance\"", "from = 2026-01-01\nper = \"instance\"", "has no `from`"),
        ("sku = {", "skus = {", "unknown field"),
        ("{ column = \"type\" }", "{ colum = \"type\" }", "unknown field `colum`"),
        ("gpu_count = 8", "gpu_count = 0", "count of GPUs"),
        (PER_INSTANCE, "", "never guessed"),
        ("market = \"spot\"", "market = \"sport\"", "`market`: `sport`"),
        ("\"Example Cloud\" = \"example-cloud\"", "\"Example Cloud\" = \"Example Cloud\"", "no slug"),
        ("{ column = \"day\" }", "\"soon\"", "no date"),
        ("{ column = \"type\" }", "\" \"", "`sku` is empty"),
        ("{ column = \"place\" }", "{ column = \"place\" }\ncountry = \"USA\"", "`country`"),
        ("{ column = \"place\" }", "{ column = \"place\" }\nvram_gib = \"80 GB\"", "size of a card"),
        ("price = \"list\"", "price = \"\"", "`price`"),
    ] {
        let text = MAP.replacen(from, to, 1);
        assert_ne!(text, MAP, "{from}");
        let error = Map::parse(&text).expect_err(to).to_string();
        assert!(error.contains(part), "{to}: {error}");
    }
    let unordered = format!(
        "{PER_INSTANCE}[[unit]]\nfrom = 2026-02-01\nper = \"gpu\"\nperiod = \"hour\"\ncurrency = \"USD\"\n[[unit]]\nfrom = 2026-01-01\nper = \"gpu\"\nperiod = \"hour\"\ncurrency = \"USD\"\n"
    );
    assert!(Map::parse(&MAP.replace(PER_INSTANCE, &unordered)).expect_err("unordered").to_string().contains("order of their days"));
}

#[test]
fn a_file_without_the_column_is_refused_whole() {
    let error = read(&map(MAP), FileFormat::Csv, "day,cloud,type,place,lists,spot\n".as_bytes(), now()).expect_err("no `list`").to_string();
    assert!(error.contains("no column `list`") && error.contains("`lists`"), "{error}");
    let row = r#"{"day": "2026-01-01", "cloud": "Example Cloud", "type": "big", "place": "north", "list": 80}"#;
    let error = read(&map(MAP), FileFormat::Ndjson, row.as_bytes(), now()).expect_err("no `spot` in any row").to_string();
    assert!(error.contains("no column `spot`"), "{error}");
    assert!(read(&map(MAP), FileFormat::Csv, "a,a\n1,2\n".as_bytes(), now()).is_err());
}

/// The rows of [`CSV`] with the types that a program would give them: moments in nanoseconds, decimals, and floats.
#[cfg(feature = "parquet")]
fn as_parquet() -> std::fs::File {
    use ::parquet::data_type::{ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, Int64Type};
    use ::parquet::file::writer::SerializedFileWriter;
    use std::io::Seek as _;
    let schema =
        "message prices { required int64 day (TIMESTAMP(NANOS,true)); optional binary cloud (STRING); optional binary type (STRING);
        optional binary place (STRING); optional fixed_len_byte_array(12) list (DECIMAL(24,12)); optional double spot; }";
    let schema = std::sync::Arc::new(::parquet::schema::parser::parse_message_type(schema).expect("a schema"));
    let properties =
        ::parquet::file::properties::WriterProperties::builder().set_compression(::parquet::basic::Compression::SNAPPY).build();
    let mut file = tempfile::tempfile().expect("a file");
    let mut writer = SerializedFileWriter::new(&mut file, schema, std::sync::Arc::new(properties)).expect("a writer");
    let records: Vec<csv::StringRecord> = csv::Reader::from_reader(CSV.as_bytes()).records().map(|row| row.expect("CSV")).collect();
    let mut group = writer.next_row_group().expect("a group");
    for column in 0..6 {
        let cells: Vec<&str> = records.iter().map(|row| &row[column]).collect();
        let there: Vec<i16> = cells.iter().map(|cell| i16::from(!cell.is_empty())).collect();
        let cells = cells.into_iter().filter(|cell| !cell.is_empty());
        let mut writer = group.next_column().expect("a column").expect("a column");
        match column {
            0 => {
                let nanos: Vec<i64> = cells.map(|cell| moment(cell).and_then(|at| at.timestamp_nanos_opt()).expect("a time")).collect();
                writer.typed::<Int64Type>().write_batch(&nanos, None, None).expect("written");
            }
            4 => {
                let unscaled = |cell: &str| {
                    let (whole, part) = cell.split_once('.').unwrap_or((cell, ""));
                    let number: i128 = format!("{whole}{part:0<12}").parse().expect("digits");
                    FixedLenByteArray::from(number.to_be_bytes()[4..].to_vec())
                };
                let decimals: Vec<FixedLenByteArray> = cells.map(unscaled).collect();
                writer.typed::<FixedLenByteArrayType>().write_batch(&decimals, Some(&there), None).expect("written");
            }
            5 => {
                let floats: Vec<f64> = cells.map(|cell| cell.parse().expect("a number")).collect();
                writer.typed::<DoubleType>().write_batch(&floats, Some(&there), None).expect("written");
            }
            _ => {
                let texts: Vec<ByteArray> = cells.map(ByteArray::from).collect();
                writer.typed::<ByteArrayType>().write_batch(&texts, Some(&there), None).expect("written");
            }
        }
        writer.close().expect("closed");
    }
    group.close().expect("closed");
    writer.close().expect("closed");
    file.rewind().expect("rewound");
    file
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_gives_what_the_same_rows_give_as_csv() {
    let map = map(MAP);
    let mut from_csv = read_csv(&map, CSV);
    let mut from_parquet = read_file(&map, FileFormat::Parquet, as_parquet(), now()).expect("read");
    assert_eq!(
        (from_parquet.rows, from_parquet.prices, from_parquet.refused_count),
        (from_csv.rows, from_csv.prices, from_csv.refused_count)
    );
    assert_eq!((&from_parquet.empty_prices, from_parquet.gpu_names()), (&from_csv.empty_prices, from_csv.gpu_names()));
    let by_key = |plan: Plan| {
        let mut told = told(&plan);
        told.sort();
        told
    };
    let wanted = by_key(plan(&map, &mut from_csv, &HashMap::new()).expect("a plan"));
    assert!(!wanted.is_empty());
    assert_eq!(by_key(plan(&map, &mut from_parquet, &HashMap::new()).expect("a plan")), wanted);
}

#[cfg(feature = "parquet")]
#[test]
fn a_file_that_is_no_parquet_and_a_column_it_lacks_are_told() {
    use std::io::{Seek as _, Write as _};
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(CSV.as_bytes()).expect("written");
    file.rewind().expect("rewound");
    let error = read_file(&map(MAP), FileFormat::Parquet, file, now()).expect_err("no Parquet").to_string();
    assert!(error.contains("no Parquet"), "{error}");
    let map = map(&MAP.replace("price = \"spot\"", "price = \"spots\""));
    let error = read_file(&map, FileFormat::Parquet, as_parquet(), now()).expect_err("no column").to_string();
    assert!(error.contains("`spots`") && error.contains("did you mean `spot`"), "{error}");
}

#[cfg(not(feature = "parquet"))]
#[test]
fn without_parquet_its_files_are_refused_with_the_way_out() {
    let file = tempfile::tempfile().expect("a file");
    let error = read_file(&map(MAP), FileFormat::Parquet, file, now()).expect_err("not built in").to_string();
    assert!(error.contains("--features parquet") && error.contains("CSV"), "{error}");
}
