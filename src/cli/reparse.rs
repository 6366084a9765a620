//! `gpurate reparse`: archived answers of a provider, read anew by the adapter of now; what was read wrong is corrected.

use clap::Args;

use super::accept::unknown_part;
use super::ask::{self, Writer};
use super::collect::{self, Progress};
use super::table::Table;
use super::{Context, Outcome, block_on, out};
use crate::collect::reparse::{self, ReparseReport};
use crate::daemon::Daemon;
use crate::http::actions::Reparsed;
use crate::store::now_ms;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gpurate reparse --provider runpod --since 30d --dry-run    what would be corrected\n  gpurate reparse --provider runpod --since 2026-11-01\n\nNobody is asked: answers are read from the archive, as far back as `[archive]` keeps them. What differs is written as a\nrevision of the row (`export prices --revisions` shows both), no event is made of it, and the GPUs' series follow. A\nsecond time changes nothing. Where `gpurate serve` runs on the same database it is asked to do it."
)]
pub(super) struct Arguments {
    /// Whose answers.
    #[arg(long, value_name = "SLUG")]
    provider: String,
    /// Answers from then on: `2026-11-20`, `2026-11-20T12:00:00Z`, or `7d` for so long ago.
    #[arg(long, value_name = "TIME")]
    since: String,
    /// Only this part [default: every part].
    #[arg(long)]
    part: Option<String>,
    /// Compares, and writes nothing.
    #[arg(long)]
    dry_run: bool,
    /// What each part came to, as a document.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    let slug = collect::known(&arguments.provider)?.slug();
    reparse::since(Some(&arguments.since), now_ms())?;
    // Nothing is made only to read in it.
    drop(crate::store::Store::open_read_only(&context.database)?);
    let reports = match ask::writer(&context.database)? {
        Writer::Daemon(daemon) => {
            out::note("the daemon that runs is asked; it answers when it is done");
            block_on(daemon.reparse(slug, &arguments.since, arguments.part.as_deref(), arguments.dry_run))?
        }
        Writer::Us(lock) => {
            let reports = block_on(by_ourselves(context, slug, arguments))?;
            drop(lock);
            reports
        }
    };
    let whole = reports.iter().all(|report| report.attempts_unreadable == 0);
    if arguments.json {
        out::json(&Reparsed { reports })?;
    } else {
        out::text(&shown(&reports, arguments.dry_run))?;
    }
    Ok(Outcome::of(whole))
}

async fn by_ourselves(context: Context, slug: &str, arguments: &Arguments) -> anyhow::Result<Vec<ReparseReport>> {
    let known = collect::known(slug)?;
    let since = reparse::since(Some(&arguments.since), now_ms())?;
    super::no_samples(&context.database)?;
    let daemon = Daemon::open(context.config, &context.database, false)?;
    let Some(parts) = reparse::parts(&daemon, known, arguments.part.as_deref()) else {
        let names: Vec<String> = reparse::parts(&daemon, known, None).into_iter().flatten().map(|part| part.name).collect();
        return Err(unknown_part(slug, arguments.part.as_deref().unwrap_or_default(), &names).into());
    };
    let progress = Progress::new(parts.len(), "parts");
    let mut reports = Vec::with_capacity(parts.len());
    for part in parts {
        reports.push(reparse::claimed(&daemon, known, &part, since, arguments.dry_run).await.map_err(anyhow::Error::msg)?);
        progress.step();
    }
    progress.end();
    Ok(reports)
}

fn shown(reports: &[ReparseReport], dry_run: bool) -> String {
    let mut table =
        Table::new(&["part", ">attempts", ">read", ">not kept", ">compared", ">corrected", ">gone", ">new", ">series"]).whole(&[0]);
    let mut told = String::new();
    for report in reports.iter().filter(|report| report.attempts > 0) {
        let mut notes = Vec::new();
        notes.extend(
            report.not_kept_until.map(|at| format!("answers of {} and before are past their keeping time", at.format("%Y-%m-%d %H:%M"))),
        );
        if report.attempts_ambiguous > 0 {
            notes.push(format!("{} cannot be told from another", report.attempts_ambiguous));
        }
        if report.attempts_unreadable > 0 {
            notes.push(format!("{} cannot be read: {}", report.attempts_unreadable, report.reason.as_deref().unwrap_or("no reason given")));
        }
        notes.extend(report.series_from.map(|at| format!("series over all providers from {} on", at.format("%Y-%m-%d %H:%M"))));
        let row = [
            report.attempts,
            report.attempts_read,
            report.attempts_not_kept,
            report.rows_compared,
            report.rows_corrected,
            report.rows_gone,
            report.rows_new,
            report.series_corrected,
        ];
        let mut cells = vec![report.part.clone()];
        cells.extend(row.map(|number| number.to_string()));
        notes.iter().for_each(|note| told.push_str(&format!("{}: {note}\n", report.part)));
        table.row(cells);
    }
    let none = reports.iter().all(|report| report.attempts == 0);
    let mut text = if none { "No answer was accepted in that time.\n".to_owned() } else { table.to_string() };
    text.push_str(&told);
    let differs = reports.iter().any(|report| report.rows_corrected + report.rows_gone + report.rows_new > 0);
    if dry_run {
        text.push_str("nothing was written\n");
    } else if !differs && reports.iter().any(|report| report.attempts_read > 0) {
        text.push_str("nothing differs\n");
    }
    text
}
