//! `gpurate backup FILE` and `gpurate restore FILE`: a whole copy of the database while it is in use, and back.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use super::whole_file::{WholeFile, sync_folder_of};
use super::{Context, Outcome, Usage, out, sample_mark};
use crate::store::{Lock, backup};

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gpurate backup /backups/gpurate-$(date +%F).db     from cron; the daemon goes on\n\nThe file is whole or not there. Kept answers (gpurate.db.pages) are not in it."
)]
pub(super) struct BackupArguments {
    /// The copy. One that is there is replaced, where it is a database.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gpurate restore /backups/gpurate-2026-11-20.db\n\nStop the daemon first. The database of now is kept beside it as `.before-restore`; FILE stays as it is."
)]
pub(super) struct RestoreArguments {
    /// A file that `gpurate backup` made.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(super) fn back_up(context: &Context, arguments: &BackupArguments) -> anyhow::Result<Outcome> {
    let file = &arguments.file;
    if is_same(file, &context.database) {
        return Err(Usage(format!("`{}` is the database itself; give another file", file.display())).into());
    }
    if file.is_file() && !is_database(file) {
        return Err(Usage(format!("`{}` is there and is no database; give another file", file.display())).into());
    }
    let whole = WholeFile::new(file)?;
    backup::copy(&context.database, whole.partial())?;
    whole.publish()?;
    mark_as(sample_mark(&context.database).exists(), file)?;
    out::note(&format!("{} is a whole copy of {}", file.display(), context.database.display()));
    Ok(Outcome::Ok)
}

pub(super) fn restore(context: &Context, arguments: &RestoreArguments) -> anyhow::Result<Outcome> {
    let (file, database) = (&arguments.file, &context.database);
    if is_same(file, database) {
        return Err(Usage(format!("`{}` is the database itself; give the copy", file.display())).into());
    }
    let lock = Lock::take(database)?;
    let layout = backup::fit(file)?;
    // The copy is made beside the database: a rename works within one disk only, and FILE stays.
    let mut name = database.as_os_str().to_owned();
    name.push(".restored");
    let restored = PathBuf::from(name);
    let making = WholeFile::new(&restored)?;
    backup::copy(file, making.partial())?;
    making.publish()?;
    let replaced = backup::replace(&lock, database, &restored);
    if replaced.is_err() {
        let _in_place = std::fs::remove_file(&restored);
    }
    let kept = replaced?;
    sync_folder_of(database);
    mark_as(sample_mark(file).exists(), database)?;
    let kept = kept.map(|kept| format!("; the one before is {}", kept.display())).unwrap_or_default();
    out::note(&format!("{} is {} now (layout {layout}){kept}", database.display(), file.display()));
    Ok(Outcome::Ok)
}

/// Figures that are made up are told as such in every copy.
fn mark_as(sample: bool, database: &Path) -> anyhow::Result<()> {
    let mark = sample_mark(database);
    let marked = match (sample, mark.exists()) {
        (true, false) => std::fs::write(&mark, "every figure in this database is made up\n"),
        (false, true) => std::fs::remove_file(&mark),
        _ => Ok(()),
    };
    marked.with_context(|| format!("`{}` cannot be changed", mark.display()))
}

fn is_same(a: &Path, b: &Path) -> bool {
    a.canonicalize().ok().zip(b.canonicalize().ok()).is_some_and(|(a, b)| a == b)
}

fn is_database(path: &Path) -> bool {
    use std::io::Read;
    let mut head = [0; 16];
    std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok() && head == *b"SQLite format 3\0"
}
