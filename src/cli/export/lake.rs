//! `gpurate export --lake`: Parquet by days.

use std::io::{self, IsTerminal};
use std::sync::Arc;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use tokio_util::sync::CancellationToken;

use super::super::table::Table;
use super::super::{Context, Outcome, Usage, market, out, words};
use super::Arguments;
use crate::lake::{self, LakeError, Options, Report, Step};
use crate::store::now_ms;
use crate::window::Window;

/// Files that are told to people one by one, unless it is a dry run.
const FILES_SHOWN: usize = 20;
/// Where nobody looks at a bar, a line tells after so many days how far it is.
const DAYS_PER_LINE: u64 = 50;

pub(super) fn run(context: &Context, arguments: &Arguments, place: &str) -> anyhow::Result<Outcome> {
    let mut section = context.config.lake.clone();
    if arguments.endpoint.is_some() {
        section.endpoint.clone_from(&arguments.endpoint);
    }
    if arguments.region.is_some() {
        section.region.clone_from(&arguments.region);
    }
    section.allow_plain_http |= arguments.allow_http;
    let place = match (place, &section.target) {
        ("", Some(configured)) => configured.clone(),
        ("", None) => return Err(Usage("name a folder or `s3://bucket/prefix`: no `[lake]` of the configuration does".to_owned()).into()),
        (named, _) => named.to_owned(),
    };
    let now = now_ms();
    let since = match &arguments.since {
        Some(text) => Some(Window::parse(Some(text), None, now, now)?.since.date_naive()),
        None => None,
    };
    let mut target = lake::open(&place, &section, &section.keys()?, &CancellationToken::new()).map_err(told)?;
    let (store, market) = market::read(context)?;
    if market.sample {
        out::note("SAMPLE DATA: all figures are made up; none is a real price");
    }
    let bar = if io::stderr().is_terminal() { ProgressBar::new(0) } else { ProgressBar::hidden() };
    bar.set_style(ProgressStyle::with_template("{bar:30} {pos}/{len} days, {msg} {elapsed}").expect("the template is well formed"));
    let lines = bar.is_hidden();
    let options = Options {
        since,
        dry_run: arguments.dry_run,
        recompute: arguments.recompute,
        marketplace_days: context.config.retention.prices_days_whole(),
        now,
        stop: &|| false,
        step: &mut |Step { day, done, of }| {
            bar.set_length(of);
            bar.set_position(done);
            bar.set_message(day.to_string());
            if lines && done.is_multiple_of(DAYS_PER_LINE) {
                out::note(&format!("{day}: {done} of {of} days"));
            }
        },
    };
    let report = lake::run(&store, &Arc::new(market), &mut *target, options).map_err(told);
    bar.finish_and_clear();
    let report = report?;
    if arguments.json {
        out::json(&report)?;
    } else {
        out::text(&shown(&report)).context("what was written cannot be told")?;
    }
    Ok(Outcome::Ok)
}

/// A place that cannot be meant is a wrong question.
fn told(error: LakeError) -> anyhow::Error {
    match error {
        LakeError::Wrong(text) => Usage(text).into(),
        LakeError::Store(error) => error.into(),
        other => other.into(),
    }
}

fn shown(report: &Report) -> String {
    let mut text = String::new();
    let most = if report.dry_run { usize::MAX } else { FILES_SHOWN };
    if !report.written.is_empty() {
        let mut table = Table::new(&["file", "why", ">rows", ">bytes"]).whole(&[0]);
        for file in report.written.iter().take(most) {
            table.row([file.name.clone(), file.why.to_owned(), file.rows.to_string(), file.bytes.to_string()]);
        }
        text.push_str(&table.to_string());
    }
    if report.written.len() > most {
        text.push_str(&format!("and {} more: --json\n", report.written.len() - most));
    }
    let bytes: u64 = report.written.iter().map(|file| file.bytes).sum();
    let verb = if report.dry_run { "would be written" } else { "written" };
    text.push_str(&format!(
        "{} {verb}, {bytes} bytes; {} looked at, {} worked out, {} equal\n",
        words::counted(report.written.len(), "file"),
        words::counted(usize::try_from(report.days).unwrap_or(usize::MAX), "closed day"),
        report.days_computed,
        words::counted(usize::try_from(report.equal).unwrap_or(usize::MAX), "file"),
    ));
    text
}
