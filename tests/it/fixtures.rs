//! Databases that releases wrote (`tests/fixtures/make`): this program brings each up to date, whole, and answers of it what
//! the release answered.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use gpurate::store::{Store, migrations};

use crate::support::gpurate;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn unpacked(path: &Path) -> Vec<u8> {
    let file = std::fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).expect("a whole file");
    bytes
}

/// Layouts of which there is a database.
fn layouts() -> Vec<u32> {
    let names = std::fs::read_dir(folder()).expect("the fixtures").filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut layouts: Vec<u32> = names.filter_map(|name| name.strip_prefix("layout-")?.strip_suffix(".db.gz")?.parse().ok()).collect();
    layouts.sort_unstable();
    layouts
}

/// Rows of a table without their order: those of `columns`, which a later program still has.
fn rows(csv: &[u8], columns: &[String]) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(csv);
    let head = reader.headers().expect("a header").clone();
    let place = |name: &String| head.iter().position(|column| column == name).unwrap_or_else(|| panic!("no column `{name}`"));
    let places: Vec<usize> = columns.iter().map(place).collect();
    let records = reader.records().map(|record| record.expect("a row"));
    let mut rows: Vec<Vec<String>> = records.map(|record| places.iter().map(|place| record[*place].to_owned()).collect()).collect();
    rows.sort_unstable();
    rows
}

/// Its columns, but for what today's table of GPUs says of a name.
fn columns(csv: &[u8]) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(csv);
    let head = reader.headers().expect("a header").clone();
    head.iter().filter(|column| *column != "gpu" || head.iter().any(|other| other == "several")).map(str::to_owned).collect()
}

/// Of each change what must never be told otherwise.
fn changes(json: &[u8]) -> BTreeSet<String> {
    let answer: serde_json::Value = serde_json::from_slice(json).expect("JSON");
    let told = |change: &serde_json::Value| {
        let kept = ["id", "at", "kind", "provider", "part", "price_percent", "corrected", "detail"].map(|key| change[key].to_string());
        let prices = ["before", "after"].map(|key| format!("{} {}", change[key]["price_per_hour"], change[key]["since"]));
        format!("{} {} {} {}", kept.join(" "), prices.join(" "), change["offer"]["id"], change["evidence"]["pages"])
    };
    answer["items"].as_array().expect("a list").iter().map(told).collect()
}

#[track_caller]
fn answers_as_then(database: &Path, layout: u32) {
    let workplace = database.parent().expect("a folder");
    let run = |arguments: &[&str]| {
        let output = gpurate(workplace).args(arguments).output().expect("it runs");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let then = |ending: &str| unpacked(&folder().join(format!("layout-{layout}.{ending}.gz")));
    for (ending, arguments) in [
        ("prices.csv", &["export", "prices", "--format", "csv"][..]),
        ("series.csv", &["export", "series", "--format", "csv"]),
        ("imported.csv", &["export", "prices", "--format", "csv", "--origin", "made-up"]),
    ] {
        let (then, now) = (then(ending), run(arguments));
        let columns = columns(&then);
        let (then, now) = (rows(&then, &columns), rows(&now, &columns));
        assert!(!then.is_empty() && now == then, "layout {layout}: {ending} is told otherwise");
    }
    let (then, now) = (changes(&then("changes.json")), changes(&run(&["changes", "--since", "2000-01-01", "--limit", "1000", "--json"])));
    assert!(then.len() > 10);
    assert_eq!(then.difference(&now).collect::<Vec<_>>(), Vec::<&String>::new(), "layout {layout}: changes are told otherwise");
    run(&["check"]);
}

#[test]
fn a_database_of_every_release_is_brought_up_to_date_and_tells_what_it_told() {
    let layouts = layouts();
    assert!(layouts.contains(&3) && layouts.contains(&migrations::NEWEST), "`tests/fixtures/make` for layout {}", migrations::NEWEST);
    for layout in layouts {
        let workplace = tempfile::tempdir().expect("a folder");
        std::fs::write(workplace.path().join("daemon.toml"), "").expect("written");
        let database = workplace.path().join("gpurate.db");
        std::fs::write(&database, unpacked(&folder().join(format!("layout-{layout}.db.gz")))).expect("written");
        // A command reads it as it is; who writes brings it up to date first.
        answers_as_then(&database, layout);
        let (store, writer) = Store::open(&database).expect("it is brought up to date");
        let check = store.reader().expect("a reader").check().expect("it is read");
        assert_eq!((check.integrity.as_str(), check.layout), ("ok", migrations::NEWEST), "of layout {layout}");
        let strays: i64 =
            writer.connection().query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).expect("counted");
        assert_eq!(strays, 0, "of layout {layout}");
        drop((store, writer));
        answers_as_then(&database, layout);
        // What a start does beside migrations changes nothing that was told either.
        let output =
            gpurate(workplace.path()).args(["reparse", "--provider", "runpod", "--since", "2000-01-01"]).output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        answers_as_then(&database, layout);
    }
}
