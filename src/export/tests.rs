//! Both formats on the same rows, and rows beyond a page.

use chrono::TimeDelta;

use super::*;
use crate::store::Writer;

fn now() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().expect("a time")
}

fn ms(days_ago: i64) -> i64 {
    (now() - TimeDelta::days(days_ago)).timestamp_millis()
}

/// Two offers: one in dollars with more prices than a page, one in euros with a correction and a withdrawal.
fn store() -> (tempfile::TempDir, Store, Writer) {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, writer) = Store::open(&folder.path().join("a.db")).expect("a store");
    let sql = format!(
        "INSERT INTO part (id, provider, name) VALUES (1, 'runpod', 'all'), (2, 'scaleway', 'fr-par-1');
         INSERT INTO unit (id, currency, unit, kind) VALUES (1, 'USD', 'per_instance_hour', 'fixed'), (2, 'EUR', 'per_instance_minute', 'fixed');
         INSERT INTO offer (id, hash, part_id, sku, tier, region, country, market, gpu_count, gpu_name, vram_per_gpu_mib, units, attributes) VALUES
           (1, x'00112233445566778899', 1, 'a \"quoted\", sku', 'secure', 'global', NULL, 'on_demand', '1', 'RTX 4090', 24576, 1, '{{}}'),
           (2, x'10112233445566778899', 2, '=1+1', 'standard', 'fr-par-1', 'FR', 'spot', '8', 'Mystery 9000', NULL, 1, '{{}}');
         WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 4999)
           INSERT INTO price (offer_id, observed_ms, revision, per_hour_nanos, quote_nanos, unit_id, availability, terms_id) SELECT 1, {start} + i * 1000, 0, 300000000 + i, NULL, 1, 0, 0 FROM n;
         INSERT INTO price (offer_id, observed_ms, revision, per_hour_nanos, quote_nanos, unit_id, availability, terms_id) VALUES (2, {old}, 0, 6000000000, 100000000, 2, 3, 0), (2, {old}, 1, 12000000000, 200000000, 2, 3, 0),
           (2, {late}, 0, NULL, NULL, 0, 2, 0), (2, {future}, 0, 6000000000, 100000000, 2, 3, 0);
         INSERT INTO fx_rate VALUES ('2026-11-09', 'USD', 1100000000), ('2026-11-19', 'USD', 2000000000);
         INSERT INTO gpu_scope VALUES (1, 'rtx-4090', 'on_demand', '', 0, ''), (2, 'rtx-4090', 'on_demand', 'secure', 0, 'runpod');
         INSERT INTO gpu_price VALUES (1, {old}, 300000000, 300000000, 350000000, 400000000, 3, 2, 1, 1, 310000000), (1, {late}, NULL, NULL, NULL, NULL, 0, 0, 2, 0, NULL),
           (2, {old}, 300000000, 300000000, 300000000, 300000000, 1, 1, 0, NULL, NULL);",
        start = ms(5),
        old = ms(10),
        late = ms(1),
        future = ms(-1),
    );
    writer.connection().execute_batch(&sql).expect("rows");
    (folder, store, writer)
}

fn question(table: Table, pairs: &[(&str, &str)]) -> Result<Question, FilterError> {
    Question::parse(table, pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())), now())
}

fn exported(store: &Store, table: Table, pairs: &[(&str, &str)]) -> String {
    let question = question(table, pairs).expect("a question");
    let mut export = Export::new(question, store.clone(), Arc::default(), now());
    let mut bytes = Vec::new();
    while let Some(more) = export.next_bytes().expect("readable") {
        bytes.extend(more);
    }
    String::from_utf8(bytes).expect("text")
}

/// The rows of both formats, as text; they must be equal.
#[track_caller]
fn rows(store: &Store, table: Table, pairs: &[(&str, &str)]) -> Vec<std::collections::HashMap<String, String>> {
    let text = exported(store, table, pairs);
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let from_csv: Vec<std::collections::HashMap<String, String>> = reader.deserialize().map(|row| row.expect("CSV")).collect();
    let ndjson = exported(store, table, &[pairs, &[("format", "ndjson")]].concat());
    let from_ndjson: Vec<_> = ndjson
        .lines()
        .map(|line| {
            let row: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).expect("JSON");
            let text = |value: serde_json::Value| match value {
                serde_json::Value::Null => String::new(),
                serde_json::Value::String(text) => text,
                other => other.to_string(),
            };
            row.into_iter().map(|(name, value)| (name, text(value))).collect::<std::collections::HashMap<_, _>>()
        })
        .collect();
    assert_eq!(from_csv, from_ndjson);
    let header: Vec<&str> = table.columns().to_vec();
    assert_eq!(reader.headers().expect("a header").iter().collect::<Vec<_>>(), header);
    from_csv
}

#[test]
fn both_formats_give_the_same_rows_and_a_page_ends_nothing() {
    let (_folder, store, _writer) = store();
    let rows = rows(&store, Table::Prices, &[]);
    assert_eq!(rows.len(), 5002);
    let first = &rows[0];
    assert_eq!((first["id"].as_str(), first["sku"].as_str()), ("00112233445566778899", "a \"quoted\", sku"));
    assert_eq!((first["gpu"].as_str(), first["price_usd_per_hour"].as_str()), ("rtx-4090", "0.3"));
    let mut times: Vec<_> = rows[..5000].iter().map(|row| row["observed_at"].clone()).collect();
    let in_order = times.clone();
    times.sort();
    times.dedup();
    assert_eq!(times, in_order, "each once, in order");
}

#[test]
fn a_price_in_euros_has_dollars_of_that_day_and_a_withdrawal_has_none() {
    let (_folder, store, _writer) = store();
    let one = rows(&store, Table::Prices, &[("provider", "scaleway")]);
    assert_eq!(one.len(), 2, "the newest revision only, and nothing newer than the start");
    let row = &one[0];
    assert_eq!((row["price_per_hour"].as_str(), row["original_price_amount"].as_str()), ("12", "0.2"));
    assert_eq!((row["currency"].as_str(), row["original_price_unit"].as_str()), ("EUR", "per_instance_minute"));
    assert_eq!((row["price_usd_per_hour"].as_str(), row["rate_date"].as_str()), ("13.2", "2026-11-09"), "the last day before it");
    assert_eq!((row["revision"].as_str(), row["gpu"].as_str(), row["withdrawn"].as_str()), ("1", "", "false"));
    let gone = &one[1];
    assert_eq!((gone["price_per_hour"].as_str(), gone["currency"].as_str(), gone["withdrawn"].as_str()), ("", "", "true"));
    assert_eq!(rows(&store, Table::Prices, &[("provider", "scaleway"), ("revisions", "true")]).len(), 3);
    assert_eq!(rows(&store, Table::Prices, &[("gpu", "~mystery-9000"), ("since", "2d")]).len(), 1);
    assert!(rows(&store, Table::Prices, &[("gpu", "h100")]).is_empty());
}

#[test]
fn a_series_says_what_it_is_about_and_that_nothing_is_left() {
    let (_folder, store, _writer) = store();
    let all = rows(&store, Table::Series, &[("gpu", "rtx-4090")]);
    assert_eq!(all.len(), 3);
    assert_eq!((all[0]["provider"].as_str(), all[0]["median_usd_per_gpu_hour"].as_str()), ("", "0.35"));
    assert_eq!((all[1]["min_usd_per_gpu_hour"].as_str(), all[1]["providers_not_fresh"].as_str()), ("", "2"));
    assert_eq!(rows(&store, Table::Series, &[("provider", "runpod")])[0]["tier"].as_str(), "secure");
}

#[test]
fn an_import_is_exported_alone_and_each_of_its_rows_once() {
    let (_folder, store, writer) = store();
    let day = 24 * 3_600_000_i64;
    let sql = format!(
        "INSERT INTO import VALUES (1, 'elsewhere', 'https://example.com', NULL, {holds}, 0), (2, 'other', 'https://example.com', NULL, {holds}, 0);
         INSERT INTO imported_offer VALUES
           (1, 1, x'00112233445566778899', 'runpod', 'a', 'secure', 'global', NULL, 'on_demand', '1', 'RTX 4090', 24576),
           (2, 2, x'00112233445566778899', 'runpod', 'a', 'secure', 'global', NULL, 'on_demand', '1', 'RTX 4090', 24576),
           (3, 1, x'10112233445566778899', 'gcp', 'b', 'standard', 'x', NULL, 'spot', '8', 'H100 SXM', 81920);
         WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 4999)
           INSERT INTO imported_price (offer_id, from_ms, until_ms, per_hour_nanos, quote_nanos, unit_id) SELECT 1, {start} + i * 1000, {start} + i * 1000 + 500, 300000000 + i, NULL, 1 FROM n;
         INSERT INTO imported_price (offer_id, from_ms, until_ms, per_hour_nanos, quote_nanos, unit_id) VALUES (2, {start}, {start}, 1, NULL, 1), (3, {start}, {start} + {day}, 8000000000, 1000000000, 2),
           (3, {start} + 30 * {day}, {start} + 31 * {day}, 8000000000, 1000000000, 2);",
        start = ms(60),
        holds = 10 * day,
    );
    writer.connection().execute_batch(&sql).expect("rows");
    let all = rows(&store, Table::Prices, &[("origin", "elsewhere")]);
    assert_eq!(all.len(), 5000 + 1 + 4, "and a row wherever nothing more is known");
    assert!(all.iter().all(|row| row["origin"] == "elsewhere"));
    let mut keys: Vec<_> = all.iter().map(|row| (row["id"].clone(), row["observed_at"].clone())).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), all.len(), "each once");
    let spot = rows(&store, Table::Prices, &[("origin", "elsewhere"), ("gpu", "h100-sxm")]);
    let told: Vec<_> =
        spot.iter().map(|row| (&row["observed_at"][..10], row["original_price_amount"].as_str(), row["withdrawn"].as_str())).collect();
    let at = |days: i64| (now() - TimeDelta::days(days)).format("%Y-%m-%d").to_string();
    let days = [at(60), at(49), at(30), at(19)];
    assert_eq!(told, [(days[0].as_str(), "1", "false"), (&days[1], "", "true"), (&days[2], "1", "false"), (&days[3], "", "true")]);
    assert_eq!(rows(&store, Table::Prices, &[("origin", "elsewhere"), ("gpu", "h100-sxm"), ("since", "35d"), ("until", "20d")]).len(), 1);
    assert_eq!(rows(&store, Table::Prices, &[]).len(), 5002, "none of it where it is not asked for");
    assert!(
        question(Table::Prices, &[("origin", "elsewere")])
            .expect("a question")
            .check(&store)
            .is_err_and(|error| error.to_string().contains("`elsewhere`"))
    );
}

#[test]
fn an_export_of_nothing_is_a_header() {
    let (_folder, store, _writer) = store();
    for table in Table::ALL {
        let text = exported(&store, table, &[("gpu", "h100")]);
        assert_eq!(text.trim_end(), table.columns().join(","));
    }
}

#[test]
fn a_question_that_cannot_be_meant_is_refused() {
    for (table, pairs, parameter, part) in [
        (Table::Prices, &[("format", "cvs")][..], "format", "did you mean `csv`?"),
        (Table::Prices, &[("gpus", "h100")], "gpus", "did you mean `gpu`?"),
        (Table::Prices, &[("gpu", "rtx4900")], "gpu", "`rtx-4090`"),
        (Table::Prices, &[("since", "soon")], "since", "`soon`"),
        (Table::Prices, &[("since", "1d"), ("since", "2d")], "since", "twice"),
        (Table::Offers, &[("since", "1d")], "since", "of now"),
        (Table::Series, &[("revisions", "true")], "revisions", "only prices"),
        (Table::Prices, &[("revisions", "yes")], "revisions", "`true`"),
        (Table::Series, &[("origin", "elsewhere")], "origin", "only prices"),
        (Table::Prices, &[("origin", "Else where")], "origin", "small letters"),
        (Table::Prices, &[("origin", "elsewhere"), ("revisions", "true")], "revisions", "an import has none"),
    ] {
        let error = question(table, pairs).expect_err("refused");
        assert!(error.parameter == parameter && error.message.contains(part), "{error:?}");
    }
}

#[test]
fn every_column_is_documented() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/data.md")).expect("docs/data.md");
    for table in Table::ALL {
        let heading = format!("## `{}`", table.as_str());
        let section = text.split(&heading).nth(1).unwrap_or_else(|| panic!("no {heading}"));
        let section = section.split("\n## ").next().unwrap_or_default();
        let documented: Vec<&str> =
            section.lines().filter_map(|line| line.strip_prefix("| `")).filter_map(|line| line.split('`').next()).collect();
        assert_eq!(documented, table.columns(), "{heading}");
    }
}

#[cfg(not(feature = "parquet"))]
#[test]
fn a_build_without_parquet_says_how_to_get_it() {
    let error = question(Table::Prices, &[("format", "parquet")]).expect_err("refused");
    assert!(error.parameter == "format" && error.message.contains("--features parquet"), "{error:?}");
}

#[cfg(feature = "parquet")]
mod as_parquet {
    use ::parquet::file::reader::{FileReader, SerializedFileReader};
    use ::parquet::record::Field;
    use bytes::Bytes;

    use super::*;

    fn bytes_of(store: &Store, market: &Arc<Market>, table: Table, format: &str) -> Vec<u8> {
        let question = question(table, &[("format", format)]).expect("a question");
        let mut export = Export::new(question, store.clone(), market.clone(), now());
        let mut bytes = Vec::new();
        while let Some(more) = export.next_bytes().expect("readable") {
            bytes.extend(more);
        }
        assert!(export.next_bytes().expect("readable").is_none(), "an export ends once");
        bytes
    }

    /// A field as the same cell stands in CSV.
    fn cell(field: &Field) -> String {
        match field {
            Field::Null => String::new(),
            Field::Str(text) => text.clone(),
            Field::Bool(yes) => yes.to_string(),
            Field::Long(number) => number.to_string(),
            Field::TimestampMillis(ms) => moment(DateTime::from_timestamp_millis(*ms).expect("a time")),
            Field::Date(days) => (chrono::NaiveDate::default() + TimeDelta::days(i64::from(*days))).to_string(),
            Field::Decimal(decimal) => {
                assert_eq!((decimal.precision(), decimal.scale()), (19, 9));
                let negative = decimal.data()[0] & 0x80 != 0;
                let start = if negative { -1_i128 } else { 0 };
                let nanos = decimal.data().iter().fold(start, |sum, byte| (sum << 8) | i128::from(*byte));
                Nanos(i64::try_from(nanos).expect("it was one")).to_string()
            }
            other => panic!("{other:?} is of no kind that is written"),
        }
    }

    #[test]
    fn every_table_has_the_rows_of_csv() {
        let (_folder, store, _writer) = store();
        let mut market = crate::bench_data::market(7, 120);
        market.sample = true;
        let market = Arc::new(market);
        for table in Table::ALL {
            let text = bytes_of(&store, &market, table, "csv");
            let mut reader = ::csv::Reader::from_reader(&text[..]);
            let from_csv: Vec<Vec<String>> = reader.records().map(|row| row.expect("CSV").iter().map(str::to_owned).collect()).collect();
            let bytes = bytes_of(&store, &market, table, "parquet");
            let reader = SerializedFileReader::new(Bytes::from(bytes)).expect("Parquet");
            let columns: Vec<String> =
                reader.metadata().file_metadata().schema().get_fields().iter().map(|field| field.name().to_owned()).collect();
            assert_eq!(columns, table.columns());
            let rows = reader.get_row_iter(None).expect("rows").map(|row| row.expect("a row"));
            let from_parquet: Vec<Vec<String>> = rows.map(|row| row.get_column_iter().map(|(_, field)| cell(field)).collect()).collect();
            assert!(!from_csv.is_empty(), "{} is tested on rows", table.as_str());
            assert_eq!(from_parquet.len(), from_csv.len(), "{}", table.as_str());
            for (parquet, csv) in from_parquet.iter().zip(&from_csv) {
                for ((column, parquet), csv) in columns.iter().zip(parquet).zip(csv) {
                    assert_eq!(parquet, csv, "{} {column}", table.as_str());
                }
            }
            let said = reader.metadata().file_metadata().key_value_metadata().expect("what it says of itself");
            assert!(said.iter().any(|pair| pair.key == "gpurate.sample" && pair.value.as_deref() == Some("true")));
        }
    }

    #[test]
    fn amounts_keep_every_digit_and_what_is_not_known_is_null() {
        let mut format = FormatKind::Parquet.writer(Table::Series, false);
        let row = |min: Option<i64>| -> Row {
            let mut row = vec![Value::Null; Table::Series.columns().len()];
            row[6] = Value::or_null(min.map(Nanos));
            row
        };
        let amounts = [Some(1), None, Some(i64::MAX), Some(-1), Some(i64::MIN), Some(0)];
        let mut bytes = Vec::new();
        for amount in amounts {
            format.row(Table::Series.columns(), &row(amount), &mut bytes);
        }
        assert!(bytes.len() < 10, "a group waits until it is full");
        format.end(&mut bytes);
        let reader = SerializedFileReader::new(Bytes::from(bytes)).expect("Parquet");
        let read: Vec<String> = reader
            .get_row_iter(None)
            .expect("rows")
            .map(|row| cell(row.expect("a row").get_column_iter().nth(6).expect("a column").1))
            .collect();
        let wanted: Vec<String> = amounts.iter().map(|amount| amount.map(|nanos| Nanos(nanos).to_string()).unwrap_or_default()).collect();
        assert_eq!(read, wanted);
    }

    #[test]
    fn more_rows_than_a_group_leave_before_the_end() {
        let mut format = FormatKind::Parquet.writer(Table::Series, false);
        let row = vec![Value::Null; Table::Series.columns().len()];
        let (mut bytes, mut early) = (Vec::new(), 0);
        for number in 0..120_001 {
            format.row(Table::Series.columns(), &row, &mut bytes);
            if number == 50_001 {
                early = bytes.len();
            }
        }
        format.end(&mut bytes);
        assert!(early > 100, "the first group is given away when it is full");
        let reader = SerializedFileReader::new(Bytes::from(bytes)).expect("Parquet");
        let groups: Vec<i64> = reader.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
        assert_eq!(groups, [50_000, 50_000, 20_001]);
    }

    #[test]
    fn an_export_of_nothing_is_a_file_without_rows() {
        let (_folder, store, _writer) = store();
        let bytes = bytes_of(&store, &Arc::default(), Table::Offers, "parquet");
        let reader = SerializedFileReader::new(Bytes::from(bytes)).expect("Parquet");
        assert_eq!(reader.metadata().file_metadata().num_rows(), 0);
    }
}
