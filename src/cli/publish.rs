//! `gpurate publish`: the pages as a folder of files. It reads the database, whether or not a daemon runs, and asks no provider.

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::words::counted;
use super::{Context, Outcome, Usage, block_on, market, out};
use crate::config::base_address;
use crate::daemon::Daemon;
use crate::publish::{self, Options, Progress, Published, Swapped};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gpurate publish site\n  gpurate publish /srv/www/prices --base-url https://prices.example.com\n  gpurate collect; gpurate publish site      from cron\n\nEvery page says of which moment it is. What needs somebody to answer (filters, the simulator's form) is a sentence in its place,\nwith a link to the running gpurate of `--base-url` where there is one. Files are replaced one by one, each whole; files that\n`gpurate publish` did not write are neither replaced nor removed. How to host it: docs/publish.md."
)]
pub(super) struct Arguments {
    /// The folder; made where it is not there.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Where a gpurate runs that answers questions [default: `server.public_url` of the configuration, else nowhere].
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// All files together have at most about so many megabytes: JSON, CSV and archived answers beyond it are left out, pages never.
    #[arg(long, value_name = "N", default_value_t = 500)]
    megabytes_max: u64,
    /// Archived answers of providers, the evidence behind the prices, have at most so many of them; 0 leaves all out.
    #[arg(long, value_name = "N", default_value_t = 50)]
    archived_megabytes_max: u64,
    /// Write into a folder that holds other files, and over those of the same name.
    #[arg(long)]
    force: bool,
    /// A JSON document of what was published.
    #[arg(long)]
    json: bool,
}

/// What was published, and what changed in the folder.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    published: &'a Published,
    files_written: usize,
    files_unchanged: usize,
    files_removed: usize,
    files_left: usize,
}

pub(super) fn run(context: Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    let live = match arguments.base_url.as_ref().or(context.config.server.public_url.as_ref()) {
        Some(url) => Some(base_address(url).map_err(Usage)?),
        None => None,
    };
    let options = Options {
        live,
        bytes_max: arguments.megabytes_max.saturating_mul(1_000_000),
        archived_bytes_max: arguments.archived_megabytes_max.saturating_mul(1_000_000),
        force: arguments.force,
    };
    let (store, market) = market::read(&context)?;
    if market.sample {
        out::note("SAMPLE DATA: all figures are made up; none is a real price");
    }
    let daemon = Daemon::of_read(context.config, store, market);
    let bar = if io::stderr().is_terminal() { ProgressBar::new(0) } else { ProgressBar::hidden() };
    bar.set_style(ProgressStyle::with_template("{bar:30} {pos}/{len} {msg} {elapsed}").expect("the template is well formed"));
    let mut shown = |progress: Progress| {
        bar.set_length(progress.known as u64);
        bar.set_position(progress.done as u64);
        bar.set_message(megabytes(progress.bytes));
    };
    let (published, swapped) = block_on(async {
        let done = publish::publish(daemon, market::now(), &arguments.folder, &options, &mut shown).await;
        done.map_err(anyhow::Error::from)
    })?;
    bar.finish_and_clear();
    if arguments.json {
        let Swapped { written, unchanged, removed, left } = swapped;
        let document = Document {
            published: &published,
            files_written: written,
            files_unchanged: unchanged,
            files_removed: removed,
            files_left: left,
        };
        out::json(&document)?;
    } else {
        out::note(&summary(&published, swapped, arguments));
    }
    Ok(Outcome::Ok)
}

fn summary(published: &Published, swapped: Swapped, arguments: &Arguments) -> String {
    let Published { pages, documents, rows, archived, bytes, .. } = published;
    let mut text = format!(
        "published in {}: {}, {}, {}, {}; {} in all, as of {}\n{} written, {} unchanged, {} of an earlier run removed",
        arguments.folder.display(),
        counted(*pages, "page"),
        counted(*documents, "JSON document"),
        counted(*rows, "CSV file"),
        counted(*archived, "archived answer"),
        megabytes(*bytes),
        published.as_of.format("%Y-%m-%d %H:%M:%S UTC"),
        counted(swapped.written, "file"),
        swapped.unchanged,
        swapped.removed,
    );
    if swapped.left > 0 {
        text.push_str(&format!("; {} of an earlier run stay, for somebody changed them", swapped.left));
    }
    if !published.left_out.is_empty() {
        text.push_str(&format!("\nleft out, each with its reason in snapshot.json: {}", counted(published.left_out.len(), "link")));
    }
    if published.live.is_none() {
        text.push_str("\nno running gpurate is named (--base-url): filters, choices and the simulator's form are left out");
    }
    text
}

/// Bytes in megabytes, to a tenth.
fn megabytes(bytes: u64) -> String {
    let tenths = (bytes + 50_000) / 100_000;
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_said_in_megabytes() {
        assert_eq!([0, 49_999, 50_000, 12_345_678].map(megabytes), ["0.0 MB", "0.0 MB", "0.1 MB", "12.3 MB"]);
    }
}
