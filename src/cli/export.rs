//! `gpurate export`: rows for programs, streamed to stdout or into a file that is whole or not there; or Parquet by days.

#[cfg(feature = "lake")]
mod lake;

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use chrono::Utc;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use super::whole_file::WholeFile;
use super::{Context, Outcome, Usage, market, out, question};
use crate::export::{Export, Question, Table};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gpurate export prices --gpu rtx-4090 --since 30d --out rtx-4090.csv\n  gpurate export series --format ndjson | gzip > series.ndjson.gz\n  gpurate export offers --provider runpod\n  gpurate export --lake prices/            Parquet by days, and what is new of it the next time\n  gpurate export --lake s3://bucket/gpurate --dry-run\n\nColumns: docs/data.md, of a lake docs/lake.md. A file is written under another name first: it is whole or not there."
)]
pub(super) struct Arguments {
    /// The offers of now, every price they had, or what GPUs cost per market.
    #[arg(value_name = "WHAT", required_unless_present = "lake")]
    table: Option<TableArgument>,
    /// How rows are written: `csv`, `ndjson`, or `parquet` where it is built in.
    #[arg(long, value_name = "FORMAT", default_value = "csv")]
    format: String,
    /// Only these GPUs: slugs, names or families.
    #[arg(long, value_name = "GPU,...")]
    gpu: Vec<String>,
    /// Only these providers.
    #[arg(long, value_name = "SLUG,...")]
    provider: Vec<String>,
    /// From then on: `2026-11-20`, `2026-11-20T12:00:00Z`, or `7d` for so long ago. Of a lake: from that day on.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Before then.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Prices: every revision of a row, not only the one that holds.
    #[arg(long)]
    revisions: bool,
    /// Prices: those of this import alone [default: what gpurate collected].
    #[arg(long, value_name = "ORIGIN")]
    origin: Option<String>,
    /// The file; `-` is stdout.
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    /// Parquet by closed days in a folder or at `s3://bucket/prefix`: only what is not there yet, or is otherwise. Without a
    /// value the place of the configuration (`[lake]`).
    #[arg(long, value_name = "PLACE", num_args = 0..=1, default_missing_value = "",
        conflicts_with_all = ["table", "format", "gpu", "provider", "until", "revisions", "origin", "out"])]
    lake: Option<String>,
    /// Lake: works everything out and lists what it would write.
    #[arg(long, requires = "lake")]
    dry_run: bool,
    /// Lake: works every day out anew and writes those that differ, whatever is noted of them.
    #[arg(long, requires = "lake")]
    recompute: bool,
    /// Lake: where S3 is, if it is not Amazon's.
    #[arg(long, value_name = "URL", requires = "lake")]
    endpoint: Option<String>,
    /// Lake: the region of the bucket.
    #[arg(long, value_name = "REGION", requires = "lake")]
    region: Option<String>,
    /// Lake: also by an endpoint without encryption.
    #[arg(long, requires = "lake")]
    allow_http: bool,
    /// Lake: a document for programs.
    #[arg(long, requires = "lake")]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum TableArgument {
    Offers,
    Prices,
    Series,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    if let Some(place) = &arguments.lake {
        return of_lake(context, arguments, place);
    }
    let table = match arguments.table {
        Some(TableArgument::Offers) => Table::Offers,
        Some(TableArgument::Prices) => Table::Prices,
        Some(TableArgument::Series) => Table::Series,
        None => return Err(Usage("name `offers`, `prices` or `series`, or a place by `--lake`".to_owned()).into()),
    };
    if let Some(flag) = of_lake_alone(arguments) {
        return Err(Usage(of_no_table(flag)).into());
    }
    let now = Utc::now();
    let question = Question::parse(table, pairs(arguments).into_iter(), now)?;
    let (store, market) = market::read(context)?;
    if market.sample {
        out::note("SAMPLE DATA: all figures are made up; none is a real price");
    }
    question.check(&store).map_err(super::of_past)?;
    let mut export = Export::new(question, store, Arc::new(market), now);
    if arguments.out == Path::new("-") {
        write(&mut export, io::stdout().lock())?;
    } else {
        let file = WholeFile::new(&arguments.out)?;
        let made = file.create()?;
        write(&mut export, made).with_context(|| format!("`{}` cannot be written", arguments.out.display()))?;
        file.publish()?;
        out::note(&format!("{} rows in {}", export.written, arguments.out.display()));
    }
    Ok(Outcome::Ok)
}

#[cfg(feature = "lake")]
fn of_lake(context: &Context, arguments: &Arguments, place: &str) -> anyhow::Result<Outcome> {
    lake::run(context, arguments, place)
}

#[cfg(not(feature = "lake"))]
fn of_lake(_context: &Context, _arguments: &Arguments, _place: &str) -> anyhow::Result<Outcome> {
    let told = "this gpurate was built without the lake: take the container image, or build it with `--features lake`";
    Err(Usage(told.to_owned()).into())
}

/// The first flag that means nothing without `--lake`. Clap's `requires` does not tell of it: `--lake` conflicts with a table, and
/// what conflicts with an argument that is there is not asked for.
fn of_lake_alone(arguments: &Arguments) -> Option<&'static str> {
    let flags = [
        ("--dry-run", arguments.dry_run),
        ("--recompute", arguments.recompute),
        ("--endpoint", arguments.endpoint.is_some()),
        ("--region", arguments.region.is_some()),
        ("--allow-http", arguments.allow_http),
        ("--json", arguments.json),
    ];
    flags.into_iter().find(|(_, given)| *given).map(|(flag, _)| flag)
}

fn of_no_table(flag: &str) -> String {
    let instead = match flag {
        "--region" => "; it is the region of a bucket: `gpurate offers --region ... --json` has the offers of a place",
        "--json" => "; a table is written for programs by `--format ndjson` or `--format csv`",
        _ => "; leave it out, or the table",
    };
    format!("`{flag}` is for `--lake` alone, not for a table{instead}")
}

/// The API's own question.
fn pairs(arguments: &Arguments) -> Vec<(String, String)> {
    question::pairs(
        &[("gpu", &arguments.gpu), ("provider", &arguments.provider)],
        &[
            ("format", Some(&arguments.format)),
            ("since", arguments.since.as_deref()),
            ("until", arguments.until.as_deref()),
            ("origin", arguments.origin.as_deref()),
        ],
        &[("revisions", arguments.revisions)],
    )
}

fn write(export: &mut Export, into: impl Write) -> anyhow::Result<()> {
    // A bar between rows that a person reads helps nobody.
    let shown = io::stderr().is_terminal() && !io::stdout().is_terminal();
    let bar = if shown { ProgressBar::new(0) } else { ProgressBar::hidden() };
    bar.set_style(ProgressStyle::with_template("{bar:30} {percent} % {msg} {elapsed}").expect("the template is well formed"));
    let mut into = BufWriter::new(into);
    while let Some(bytes) = export.next_bytes()? {
        into.write_all(&bytes)?;
        let (done, of) = export.progress();
        bar.set_length(of);
        bar.set_position(done);
        bar.set_message(format!("{} rows", export.written));
    }
    into.flush()?;
    bar.finish_and_clear();
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn line(words: &[&str]) -> Arguments {
        Line::try_parse_from(std::iter::once(&"export").chain(words)).unwrap_or_else(|error| panic!("{words:?}: {error}")).arguments
    }

    #[test]
    fn flags_of_a_lake_are_refused_where_a_table_is_asked_for() {
        let context =
            Context { config: crate::config::Config::default(), config_path: None, database: PathBuf::from("/nowhere/at/all.db") };
        for words in [
            ["--region", "fr-par-1"].as_slice(),
            &["--endpoint", "https://s3.example.com"],
            &["--dry-run"],
            &["--recompute"],
            &["--allow-http"],
            &["--json"],
        ] {
            let arguments = line(&[&["offers"], words].concat());
            let error = run(&context, &arguments).expect_err("refused");
            let told = error.to_string();
            assert!(error.is::<Usage>() && told.contains(&format!("`{}`", words[0])) && told.contains("`--lake`"), "{words:?}: {told}");
            assert_eq!(of_lake_alone(&line(&[&["--lake=s3://a/b"], words].concat())), Some(words[0]), "beside `--lake` it is taken");
        }
        assert_eq!(of_lake_alone(&line(&["offers", "--provider", "runpod"])), None);
        assert!(of_no_table("--region").contains("gpurate offers") && of_no_table("--json").contains("ndjson"));
    }
}
