//! `gpurate check`: is the database whole, how large is it, how fast does it grow, what was deleted of it.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::table::{Table, facts};
use super::words;
use super::{Context, Outcome, out};
use crate::daemon::archive_folder;
use crate::store::read::StoreCheck;
use crate::store::sizes::{Removed, TableSize};
use crate::store::{Store, now_ms};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gpurate check || mail -s 'gpurate: look at the database' operator@example.com\n  gpurate check --json | jq '.tables[] | {table, bytes, growth_bytes_per_year}'\n\nIt reads the whole file. Growth is that of the last 30 days, before what `[retention]` deletes is taken off."
)]
pub(super) struct Arguments {
    /// As a document.
    #[arg(long)]
    json: bool,
}

/// All that is known of the database and what lies beside it.
#[derive(Serialize)]
struct Document {
    #[serde(flatten)]
    check: StoreCheck,
    /// Of the write-ahead log.
    log_bytes: u64,
    /// Kept answers, compressed.
    archive_files: u64,
    archive_bytes: u64,
    /// Pages of the file that hold nothing: room for new rows.
    free_bytes: u64,
    /// Whether they are given back to the system by themselves.
    free_is_given_back: bool,
    tables: Vec<TableSize>,
    growth_bytes_per_year: Option<u64>,
    removed: Vec<Removed>,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    let store = Store::open_read_only(&context.database)?;
    let reader = store.reader()?;
    let check = reader.check()?;
    // A damaged file is not read any further.
    let whole = check.integrity == "ok";
    let tables = if whole { reader.sizes(now_ms())? } else { Vec::new() };
    let growths: Vec<u64> = tables.iter().filter_map(|table| table.growth_bytes_per_year).collect();
    let (archive_files, archive_bytes) = folder(&archive_folder(&context.database));
    let (free_bytes, free_is_given_back) = if whole { reader.free()? } else { (0, false) };
    let document = Document {
        check,
        log_bytes: log_bytes(&context.database),
        archive_files,
        archive_bytes,
        free_bytes,
        free_is_given_back,
        growth_bytes_per_year: (!growths.is_empty()).then(|| growths.iter().sum()),
        tables,
        removed: if whole { reader.removed()? } else { Vec::new() },
    };
    if arguments.json {
        out::json(&document)?;
    } else {
        out::text(&shown(&context.database, &document))?;
    }
    Ok(Outcome::of(whole))
}

fn shown(database: &Path, document: &Document) -> String {
    let check = &document.check;
    let given_back =
        if document.free_is_given_back { "" } else { "; the file does not shrink before a `gpurate backup` of it is restored" };
    let growth = match document.growth_bytes_per_year {
        Some(bytes) => format!("{} a year at the rate of the last 30 days, before what is deleted", words::bytes(bytes)),
        None => "not known before its second day".to_owned(),
    };
    let mut text = facts(&[
        ("database", database.display().to_string()),
        ("integrity", check.integrity.clone()),
        ("layout", check.layout.to_string()),
        ("size", format!("{}, and {} not merged into it yet", words::bytes(check.bytes), words::bytes(document.log_bytes))),
        ("free pages", format!("{} of it{given_back}", words::bytes(document.free_bytes))),
        ("growth", growth),
        ("kept answers", format!("{} in {} files", words::bytes(document.archive_bytes), document.archive_files)),
        ("offers", format!("{} ({} withdrawn)", check.offers, check.offers_withdrawn)),
    ]);
    if !document.tables.is_empty() {
        text.push('\n');
        text.push_str(&sizes(&document.tables).to_string());
    }
    if !document.removed.is_empty() {
        text.push_str("\nPast their keeping time and deleted:\n");
        let mut table = Table::new(&["", "of", ">rows", "of before", "last deleted (UTC)"]).whole(&[0, 3, 4]);
        // Parts are many: one line for all of them.
        for removed in by_subject(&document.removed) {
            table.row([
                removed.subject,
                removed.scope,
                removed.rows.to_string(),
                removed.before.format("%Y-%m-%d").to_string(),
                removed.last_at.format("%Y-%m-%d %H:%M").to_string(),
            ]);
        }
        text.push_str(&table.to_string());
    }
    text
}

fn sizes(tables: &[TableSize]) -> Table {
    let mut shown = Table::new(&["table", ">rows", ">bytes", ">indexes", ">a row", ">7 days", ">30 days", ">a year"]).whole(&[0]);
    let count = |count: Option<u64>| count.map(|count| count.to_string()).unwrap_or_default();
    for table in tables {
        let all = table.bytes + table.index_bytes();
        shown.row([
            table.table.clone(),
            table.rows.to_string(),
            words::bytes(table.bytes),
            words::bytes(table.index_bytes()),
            all.checked_div(table.rows).map(|bytes| format!("{bytes} B")).unwrap_or_default(),
            count(table.rows_7_days),
            count(table.rows_30_days),
            table.growth_bytes_per_year.map(words::bytes).unwrap_or_default(),
        ]);
    }
    shown
}

/// Those of parts together.
fn by_subject(removed: &[Removed]) -> Vec<Removed> {
    let mut all: Vec<Removed> = Vec::new();
    for one in removed {
        let scope = if one.subject == "collection" { "all parts" } else { &one.scope };
        match all.iter_mut().find(|known| known.subject == one.subject && known.scope == scope) {
            Some(known) => {
                known.rows += one.rows;
                known.before = known.before.max(one.before);
                known.last_at = known.last_at.max(one.last_at);
            }
            None => all.push(Removed { scope: scope.to_owned(), ..one.clone() }),
        }
    }
    all
}

/// SQLite's write-ahead log.
fn log_bytes(database: &Path) -> u64 {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    std::fs::metadata(PathBuf::from(name)).map_or(0, |file| file.len())
}

/// All files in a folder, and their bytes; what cannot be read counts nothing.
fn folder(path: &Path) -> (u64, u64) {
    let entries = std::fs::read_dir(path).into_iter().flatten().filter_map(Result::ok);
    entries
        .map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => folder(&entry.path()),
            Ok(kind) if kind.is_file() => (1, entry.metadata().map_or(0, |file| file.len())),
            _ => (0, 0),
        })
        .fold((0, 0), |(files, bytes), (more, larger)| (files + more, bytes + larger))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_counts_the_files_of_its_folders() {
        let made = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(made.path().join("a")).expect("made");
        std::fs::write(made.path().join("a/b"), [0; 30]).expect("written");
        std::fs::write(made.path().join("c"), [0; 12]).expect("written");
        assert_eq!(folder(made.path()), (2, 42));
        assert_eq!(folder(&made.path().join("none")), (0, 0));
    }
}
