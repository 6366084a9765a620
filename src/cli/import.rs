//! `gpurate import FILE --map MAP.toml`: prices of elsewhere, into history.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use chrono::TimeDelta;
use clap::Args;
use gpurate_domain::OfferKey;
use serde::Serialize;

use super::ask::{self, Writer};
use super::table::{Table, facts};
use super::words::{self, or_unknown};
use super::{Context, Outcome, Usage, out};
use crate::collect::normalise::identify_words;
use crate::import::map::{FileFormat, Map};
use crate::import::{self, ImportError, Merged, Plan, Read, Refused};
use crate::store::imports::ImportView;
use crate::store::{ImportCommit, Store, StoreError, now_ms};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gpurate import prices.csv --map prices.toml --dry-run   what would be taken, and what not\n  gpurate import prices.csv --map prices.toml\n  gpurate import --list\n  gpurate export prices --origin ORIGIN\n  gpurate history a100 --origin ORIGIN --since 2024-01-01 --step week\n\nThe map says which column is what, and in which units: docs/import.md."
)]
pub(super) struct Arguments {
    /// CSV (a header) or NDJSON.
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
}

/// Refused rows that are told to people.
const REFUSED_SHOWN: usize = 20;

/// What an import came to.
#[derive(Debug, Serialize)]
struct Report {
    origin: String,
    file: String,
    hash: String,
    written: bool,
    rows: u64,
    offers: usize,
    prices: u64,
    prices_new: u64,
    prices_known: u64,
    offers_changed: usize,
    refused_count: u64,
    refused: Vec<Refused>,
    empty_prices: std::collections::BTreeMap<String, u64>,
    prices_not_sold: u64,
    unmapped_gpu_names: Vec<String>,
    skus_of_the_map_not_seen: Vec<String>,
}

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
    let opened = File::open(file).with_context(|| format!("`{}` cannot be read", file.display()))?;
    let now = now_ms();
    let mut source = BufReader::new(Hashing { source: opened, hasher: blake3::Hasher::new() });
    let mut read = import::read(&map, format, &mut source, now).map_err(told)?;
    let hash = source.into_inner().hasher.finalize().to_hex().to_string();
    let file_name = file.file_name().map_or_else(|| file.display().to_string(), |name| name.to_string_lossy().into_owned());
    let mut report = Report { origin: map.origin.clone(), file: file_name, hash, ..of_read(&read) };
    let usable = if read.offers() == 0 {
        // A file of which nothing can be used is no import: what was imported before stays.
        report.take(&Plan::default(), &read);
        false
    } else if arguments.dry_run {
        let (stored, held) = match Store::open_read_only(&context.database) {
            Ok(store) if !arguments.replace => stored(&store, &map.origin)?,
            Ok(_) | Err(StoreError::Missing(_)) => Default::default(),
            Err(error) => return Err(error.into()),
        };
        import::check_holds(&map, &stored, held).map_err(told)?;
        let plan = import::plan(&map, &mut read, &stored).map_err(told)?;
        report.take(&plan, &read);
        plan.takes_any()
    } else {
        let Writer::Us(_lock) = ask::writer(&context.database)? else { return Err(held()) };
        let (store, mut writer) = Store::open(&context.database)?;
        let (stored, held) = if arguments.replace { Default::default() } else { stored(&store, &map.origin)? };
        import::check_holds(&map, &stored, held).map_err(told)?;
        let plan = import::plan(&map, &mut read, &stored).map_err(told)?;
        report.take(&plan, &read);
        if plan.takes_any() {
            writer.import(&ImportCommit {
                origin: &map.origin,
                source: &map.source,
                licence: map.licence.as_deref(),
                holds_days: map.holds_days,
                file_hash: &report.hash,
                file_name: &report.file,
                rows: read.rows,
                refused: read.refused_count,
                replaces: arguments.replace,
                series: &plan.changed,
                at: now,
            })?;
            report.written = true;
        }
        plan.takes_any()
    };
    if arguments.json {
        out::json(&report)?;
    } else {
        out::text(&shown(&report))?;
    }
    Ok(Outcome::of(usable))
}

/// What was imported of an origin, and for how long its prices hold.
fn stored(store: &Store, origin: &str) -> anyhow::Result<(HashMap<OfferKey, Merged>, Option<TimeDelta>)> {
    let reader = store.reader()?;
    Ok((reader.imported(origin)?, reader.import_holds(origin)?))
}

fn held() -> anyhow::Error {
    anyhow::anyhow!(
        "a running gpurate holds the database, and an import is written by nobody else: stop it for as long as the import takes"
    )
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
        None => FileFormat::of_name(&file.to_string_lossy())
            .ok_or_else(|| Usage(format!("`{}` ends in neither .csv nor .ndjson: say which it is by `--format`", file.display()))),
    }
}

/// Hashes what is read through it: a pipe gives its bytes once, and a file that is written meanwhile has the hash of what was
/// read.
struct Hashing<R> {
    source: R,
    hasher: blake3::Hasher,
}

impl<R: std::io::Read> std::io::Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        Ok(read)
    }
}

fn of_read(read: &Read) -> Report {
    Report {
        origin: String::new(),
        file: String::new(),
        hash: String::new(),
        written: false,
        rows: read.rows,
        offers: read.offers(),
        prices: read.prices,
        prices_new: 0,
        prices_known: 0,
        offers_changed: 0,
        refused_count: 0,
        refused: Vec::new(),
        empty_prices: read.empty_prices.clone(),
        prices_not_sold: read.not_sold,
        unmapped_gpu_names: Vec::new(),
        skus_of_the_map_not_seen: read.unused_skus.clone(),
    }
}

impl Report {
    fn take(&mut self, plan: &Plan, read: &Read) {
        // What contradicts is refused, and not taken.
        self.prices = plan.added + plan.known;
        self.offers = plan.offers;
        self.prices_new = plan.added;
        self.prices_known = plan.known;
        self.offers_changed = plan.changed.len();
        self.refused_count = read.refused_count;
        self.refused.clone_from(&read.refused);
        let names = read.gpu_names();
        let unknown =
            |(name, vram): &(&str, Option<gpurate_domain::Vram>)| identify_words(name, None, *vram) == gpurate_domain::GpuMatch::Unmapped;
        self.unmapped_gpu_names = names.into_iter().filter(unknown).map(|(name, _)| name.to_owned()).collect();
        self.unmapped_gpu_names.dedup();
    }
}

fn shown(report: &Report) -> String {
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
