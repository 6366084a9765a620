//! `gpurate check`: is the database whole, how large is it, which layout has it.

use std::path::{Path, PathBuf};

use clap::Args;

use super::table::facts;
use super::words;
use super::{Context, Outcome, out};
use crate::daemon::archive_folder;
use crate::store::Store;

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  gpurate check || mail -s 'gpurate: look at the database' operator@example.com")]
pub(super) struct Arguments {
    /// As a document.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    let store = Store::open_read_only(&context.database)?;
    let check = store.reader()?.check()?;
    if arguments.json {
        out::json(&check)?;
    } else {
        out::text(&facts(&[
            ("database", context.database.display().to_string()),
            ("integrity", check.integrity.clone()),
            ("layout", check.layout.to_string()),
            ("size", format!("{}, and {} not merged into it yet", words::bytes(check.bytes), words::bytes(beside(&context.database)))),
            ("kept answers", words::bytes(folder_bytes(&archive_folder(&context.database)))),
            ("offers", format!("{} ({} withdrawn)", check.offers, check.offers_withdrawn)),
            ("prices", check.prices.to_string()),
            ("prices of GPUs", check.gpu_prices.to_string()),
            ("imported prices", check.imported_prices.to_string()),
            ("attempts", check.collections.to_string()),
            ("pages", check.pages.to_string()),
        ]))?;
    }
    Ok(Outcome::of(check.integrity == "ok"))
}

/// SQLite's write-ahead log.
fn beside(database: &Path) -> u64 {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    std::fs::metadata(PathBuf::from(name)).map_or(0, |file| file.len())
}

/// All files in a folder; what cannot be read counts nothing.
fn folder_bytes(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries
        .map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => folder_bytes(&entry.path()),
            Ok(kind) if kind.is_file() => entry.metadata().map_or(0, |file| file.len()),
            _ => 0,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_counts_the_files_of_its_folders() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("a")).expect("made");
        std::fs::write(folder.path().join("a/b"), [0; 30]).expect("written");
        std::fs::write(folder.path().join("c"), [0; 12]).expect("written");
        assert_eq!(folder_bytes(folder.path()), 42);
        assert_eq!(folder_bytes(&folder.path().join("none")), 0);
    }
}
