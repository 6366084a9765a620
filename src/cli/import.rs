//! `gpurate import FILE --map MAP.toml`: prices of elsewhere, into history.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use super::ask::{self, Writer};
use super::table::{Table, facts};
use super::words::{self, or_unknown};
use super::{Context, Outcome, Usage, block_on, out};
use crate::import::job::{ImportReport, Job, JobError};
use crate::import::map::{FileFormat, Map};
use crate::import::{ImportError, Refused};
use crate::store::imports::ImportView;
use crate::store::{Store, StoreError, now_ms};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gpurate import prices.csv --map prices.toml --dry-run   what would be taken, and what not\n  gpurate import prices.csv --map prices.toml\n  gpurate import --list\n  gpurate export prices --origin ORIGIN\n  gpurate history a100 --origin ORIGIN --since 2024-01-01 --step week\n\nThe map says which column is what, and in which units: docs/import.md. Where `gpurate serve` runs on the same\ndatabase it is asked to write."
)]
pub(super) struct Arguments {
    /// CSV (a header), NDJSON, or Parquet where it is built in.
    #[arg(value_name = "FILE", required_unless_present_any = ["list", "forget"], requires = "map")]
    file: Option<PathBuf>,
    /// What its columns mean.
    #[arg(long, value_name = "MAP.toml", requires = "file")]
    map: Option<PathBuf>,
    /// How the file is written [default: by the ending of its name].
    #[arg(long, value_name = "FORMAT", requires = "file")]
    format: Option<FormatArgument>,
    /// Reads and judges the file, and writes nothing.
    #[arg(long, requires = "file")]
    dry_run: bool,
    /// Everything that was imported of this origin before goes.
    #[arg(long, requires = "file")]
    replace: bool,
    /// What was imported.
    #[arg(long, conflicts_with_all = ["file", "forget"])]
    list: bool,
    /// Deletes an import.
    #[arg(long, value_name = "ORIGIN", conflicts_with = "file")]
    forget: Option<String>,
    /// A document for programs.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum FormatArgument {
    Csv,
    Ndjson,
    Parquet,
}

/// Refused rows that are told to people.
const REFUSED_SHOWN: usize = 20;

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    if arguments.list {
        return list(context, arguments.json);
    }
    if let Some(origin) = &arguments.forget {
        return forget(context, origin);
    }
    let (Some(file), Some(map)) = (&arguments.file, &arguments.map) else {
        return Err(Usage("name a file and its map: `gpurate import FILE --map MAP.toml`".to_owned()).into());
    };
    let text = std::fs::read_to_string(map).with_context(|| format!("the map `{}` cannot be read", map.display()))?;
    let map = Map::parse(&text).map_err(|error| Usage(format!("map `{}`: {error}", map.display())))?;
    let format = format(arguments, file)?;
    let file_name = file.file_name().map_or_else(|| file.display().to_string(), |name| name.to_string_lossy().into_owned());
    let read = || -> anyhow::Result<Job> {
        std::fs::metadata(file).with_context(|| format!("`{}` cannot be read", file.display()))?;
        Job::read(map.clone(), format, file, &file_name, now_ms()).map_err(told)
    };
    let report = if arguments.dry_run {
        let job = read()?;
        let stored = match Store::open_read_only(&context.database) {
            Ok(store) if !arguments.replace => {
                let reader = store.reader()?;
                (reader.imported(job.origin())?, reader.import_holds(job.origin())?)
            }
            Ok(_) | Err(StoreError::Missing(_)) => Default::default(),
            Err(error) => return Err(error.into()),
        };
        job.compare(&stored.0, stored.1).map_err(told)?
    } else {
        match ask::writer(&context.database)? {
            Writer::Us(_lock) => {
                let job = read()?;
                let (store, mut writer) = Store::open(&context.database)?;
                job.write(&store, &mut writer, arguments.replace).map_err(|error| match error {
                    JobError::Import(error) => told(error),
                    JobError::Store(error) => error.into(),
                })?
            }
            Writer::Daemon(daemon) => {
                std::fs::metadata(file).with_context(|| format!("`{}` cannot be read", file.display()))?;
                block_on(daemon.import(&text, format, file, &file_name, arguments.replace))?
            }
        }
    };
    if arguments.json {
        out::json(&report)?;
    } else {
        out::text(&shown(&report))?;
    }
    // A file of which nothing can be used is no import.
    Ok(Outcome::of(report.offers > 0))
}

fn held() -> anyhow::Error {
    anyhow::anyhow!("a running gpurate holds the database, and an import is forgotten by nobody else: stop it for as long as that takes")
}

/// A map that does not go with its file is a wrong question.
fn told(error: ImportError) -> anyhow::Error {
    match error {
        ImportError::File(error) => error.into(),
        other => Usage(other.to_string()).into(),
    }
}

fn format(arguments: &Arguments, file: &Path) -> Result<FileFormat, Usage> {
    match arguments.format {
        Some(FormatArgument::Csv) => Ok(FileFormat::Csv),
        Some(FormatArgument::Ndjson) => Ok(FileFormat::Ndjson),
        Some(FormatArgument::Parquet) => Ok(FileFormat::Parquet),
        None => FileFormat::of_name(&file.to_string_lossy()).ok_or_else(|| {
            Usage(format!("`{}` ends in none of .csv, .ndjson and .parquet: say which it is by `--format`", file.display()))
        }),
    }
}

fn shown(report: &ImportReport) -> String {
    let mut rows = vec![
        ("origin", report.origin.clone()),
        ("file", format!("{}, {}", report.file, words::counted(usize::try_from(report.rows).unwrap_or(usize::MAX), "row"))),
        (
            "taken",
            format!(
                "{} of {}",
                words::counted(usize::try_from(report.prices).unwrap_or(usize::MAX), "price"),
                words::counted(report.offers, "offer")
            ),
        ),
        ("new", format!("{}; {} were there already", report.prices_new, report.prices_known)),
    ];
    for (column, count) in &report.empty_prices {
        rows.push(("not offered", format!("{count} empty cells of `{column}`")));
    }
    if report.prices_not_sold > 0 {
        rows.push(("not sold", format!("{} prices of markets that `gpu_by_sku` rules out", report.prices_not_sold)));
    }
    if !report.unmapped_gpu_names.is_empty() {
        rows.push(("unmapped", format!("kept, and of no GPU that is known: {}", words::plain_list(&report.unmapped_gpu_names))));
    }
    if !report.skus_of_the_map_not_seen.is_empty() {
        rows.push(("not seen", format!("in `gpu_by_sku` and in no row: {}", words::plain_list(&report.skus_of_the_map_not_seen))));
    }
    let mut text = facts(&rows);
    if report.refused_count > 0 {
        text.push_str(&format!("refused: {}\n", report.refused_count));
        for Refused { line, reason } in report.refused.iter().take(REFUSED_SHOWN) {
            text.push_str(&format!("  line {line}: {reason}\n"));
        }
        if report.refused.len() > REFUSED_SHOWN {
            text.push_str("  more of them: --json\n");
        }
    }
    text.push_str(&match (report.written, report.offers_changed, report.prices_new) {
        (false, ..) => "nothing was written\n".to_owned(),
        (true, 0, _) => "nothing changed\n".to_owned(),
        (true, changed, 0) => format!("{} described, or held for a time, otherwise than before\n", words::counted(changed, "offer")),
        (true, ..) => String::new(),
    });
    text
}

fn list(context: &Context, json: bool) -> anyhow::Result<Outcome> {
    let imports = Store::open_read_only(&context.database)?.reader()?.imports()?;
    if json {
        out::json(&serde_json::json!({ "items": imports }))?;
        return Ok(Outcome::Ok);
    }
    let mut table = Table::new(&["origin", ">offers", ">prices", "from", "until", "source"]).whole(&[0, 3, 4]);
    let day = |at: Option<chrono::DateTime<chrono::Utc>>| or_unknown(at.map(|at| at.format("%Y-%m-%d")));
    for ImportView { origin, offers, prices, first_at, last_at, source, licence, .. } in imports {
        let licence = licence.map(|licence| format!(" ({licence})")).unwrap_or_default();
        table.row([origin, offers.to_string(), prices.to_string(), day(first_at), day(last_at), format!("{source}{licence}")]);
    }
    out::text(&table.to_string())?;
    Ok(Outcome::Ok)
}

fn forget(context: &Context, origin: &str) -> anyhow::Result<Outcome> {
    // Nothing is made only to forget something in it.
    drop(Store::open_read_only(&context.database)?);
    let Writer::Us(_lock) = ask::writer(&context.database)? else { return Err(held()) };
    let (store, mut writer) = Store::open(&context.database)?;
    let known = store.reader()?.origins()?;
    if !writer.forget_import(origin)? {
        let near = words::hint(origin, known.iter().map(String::as_str));
        return Err(Usage(format!("nothing was imported as `{origin}`{near}")).into());
    }
    out::text(&format!("forgotten: {origin}"))?;
    Ok(Outcome::Ok)
}
