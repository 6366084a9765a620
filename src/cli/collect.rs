//! `gpurate collect`: every part of the providers named, once, now. A daemon that runs is asked to do it; else this process
//! does it itself, within the same limits.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::io::IsTerminal;
use std::sync::Arc;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::ask::{self, Writer};
use super::table::Table;
use super::words;
use super::{Context, Outcome, Usage, block_on, out};
use crate::catalogue;
use crate::collect::run::{Report, collect};
use crate::daemon::{Daemon, Tracked};
use crate::http::actions::Reports;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gpurate collect                  every provider\n  gpurate collect runpod vastai    these two\n\nExits with 0 only where every part was accepted. Where `gpurate serve` runs on the same database it is asked."
)]
pub(super) struct Arguments {
    /// Only these [default: all that are switched on].
    #[arg(value_name = "PROVIDER")]
    providers: Vec<String>,
    /// What each part came to, as a document.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    for slug in &arguments.providers {
        known(slug)?;
    }
    let reports = match ask::writer(&context.database)? {
        Writer::Daemon(daemon) => block_on(from_daemon(&daemon, &arguments.providers))?,
        Writer::Us(lock) => {
            let reports = block_on(by_ourselves(context, &arguments.providers))?;
            drop(lock);
            reports
        }
    };
    answer(reports, arguments.json, arguments.providers.len() == 1)
}

/// Prints the reports; all is well where each was accepted.
pub(super) fn answer(reports: Vec<Report>, json: bool, by_part: bool) -> anyhow::Result<Outcome> {
    let outcome = outcome(&reports);
    if json {
        out::json(&Reports { reports })?;
    } else {
        let table = if by_part { parts(&reports) } else { providers(&reports) };
        out::text(&table.to_string())?;
    }
    Ok(outcome)
}

fn outcome(reports: &[Report]) -> Outcome {
    Outcome::of(!reports.is_empty() && reports.iter().all(Report::accepted))
}

/// The provider that was typed.
pub(super) fn known(slug: &str) -> Result<&'static Arc<catalogue::Known>, Usage> {
    catalogue::by_slug(slug).ok_or_else(|| {
        if let Some(told) = catalogue::not_collected(slug) {
            return Usage(told);
        }
        let slugs = catalogue::slugs();
        let hint = words::hint(slug, slugs.iter().copied());
        Usage(format!("no provider is called `{}`{hint}; there are: {}", slug.chars().take(40).collect::<String>(), slugs.join(", ")))
    })
}

/// The error where a provider is not collected.
pub(super) fn switched_off(slug: &str) -> Usage {
    Usage(format!(
        "`{slug}` is not collected: it is switched off, or a credential it needs is not given; see `gpurate providers show {slug}`"
    ))
}

async fn from_daemon(daemon: &ask::Daemon, wanted: &[String]) -> anyhow::Result<Vec<Report>> {
    let listed: serde_json::Value = daemon.get("/api/v1/providers").await?;
    let enabled = |row: &serde_json::Value| row["enabled"] == true;
    let rows = listed["items"].as_array().into_iter().flatten().filter(|row| enabled(row));
    let enabled: Vec<String> = rows.filter_map(|row| row["slug"].as_str().map(str::to_owned)).collect();
    if let Some(off) = wanted.iter().find(|slug| !enabled.contains(slug)) {
        return Err(switched_off(off).into());
    }
    let chosen: Vec<&String> = if wanted.is_empty() { enabled.iter().collect() } else { wanted.iter().collect() };
    let progress = Progress::new(chosen.len(), "providers, by the daemon that runs");
    // Side by side: the daemon keeps its own limits.
    let asked = chosen.into_iter().map(|slug| {
        let progress = &progress;
        async move {
            let reports = daemon.act(slug, "collect", None).await?;
            reports.iter().for_each(|report| progress.line(report));
            progress.step();
            anyhow::Ok(reports)
        }
    });
    let answers = futures_util::future::join_all(asked).await;
    progress.end();
    Ok(answers.into_iter().collect::<anyhow::Result<Vec<_>>>()?.into_iter().flatten().collect())
}

async fn by_ourselves(context: Context, wanted: &[String]) -> anyhow::Result<Vec<Report>> {
    super::no_samples(&context.database)?;
    let daemon = Daemon::open(context.config, &context.database, false)?;
    let enabled: HashSet<&str> = daemon.enabled().map(|known| known.slug()).collect();
    if let Some(off) = wanted.iter().find(|slug| !enabled.contains(slug.as_str())) {
        return Err(switched_off(off).into());
    }
    let cancel = cancelled_by_the_user();
    let progress = Progress::new(0, "parts");
    let mut done: HashSet<(String, String)> = HashSet::new();
    let mut reports = Vec::new();
    // The second round is for parts that answers of the first one named.
    for _ in 0..2 {
        let mut parts: Vec<Tracked> = daemon.tracked();
        parts.retain(|part| wanted.is_empty() || wanted.iter().any(|slug| slug == part.known.slug()));
        parts.retain(|part| done.insert((part.known.slug().to_owned(), part.part.name.clone())));
        if parts.is_empty() || cancel.is_cancelled() {
            break;
        }
        parts.sort_by_key(|part| part.attempts.priority);
        progress.more(parts.len());
        reports.extend(round(&daemon, parts.into(), false, &cancel, &progress).await);
    }
    progress.end();
    // Who collects by a schedule of his own has nobody else to notice what went stale meanwhile, and to tidy up.
    let tidied = tokio::task::spawn_blocking(move || {
        let summarised = daemon.summarise_all();
        daemon.tidy(crate::store::now_ms());
        summarised
    });
    tidied.await??;
    Ok(reports)
}

/// Collects parts in their order, as many at once as the configuration allows.
pub(super) async fn round(
    daemon: &Arc<Daemon>,
    mut waiting: VecDeque<Tracked>,
    by_hand: bool,
    cancel: &CancellationToken,
    progress: &Progress,
) -> Vec<Report> {
    let most = daemon.config.collection.parts_at_once_max as usize;
    let (mut running, mut reports, mut parts) = (JoinSet::new(), Vec::with_capacity(waiting.len()), HashMap::new());
    loop {
        let mut next = 0;
        while running.len() < most && next < waiting.len() {
            let Some(place) = daemon.provider_place(waiting[next].known.slug()) else {
                next += 1;
                continue;
            };
            let Some(tracked) = waiting.remove(next) else { break };
            let (daemon, cancel) = (Arc::clone(daemon), cancel.clone());
            let of = (Arc::clone(&tracked.known), tracked.part.clone());
            let task = running.spawn(async move {
                let report = collect(&daemon, &tracked.known, &tracked.part, by_hand, &cancel).await;
                drop(place);
                report
            });
            parts.insert(task.id(), of);
        }
        match running.join_next_with_id().await {
            None => return reports,
            Some(ended) => {
                let report = match ended {
                    Ok((_, report)) => report,
                    Err(error) => {
                        let Some((known, part)) = parts.get(&error.id()) else { continue };
                        Report::of_a_fault(known, part, format!("a collection ended by a fault of this program: {error}"))
                    }
                };
                progress.line(&report);
                progress.step();
                reports.push(report);
            }
        }
    }
}

/// Ends what runs when the user says so; a second time ends at once.
pub(super) fn cancelled_by_the_user() -> CancellationToken {
    let cancel = CancellationToken::new();
    let token = cancel.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            out::note("ending; what was accepted is kept (once more ends at once)");
            token.cancel();
        }
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(130);
        }
    });
    cancel
}

/// A bar on a terminal, a line per part elsewhere.
pub(super) struct Progress {
    bar: ProgressBar,
    lines: bool,
}

impl Progress {
    pub(super) fn new(total: usize, of_what: &'static str) -> Self {
        let lines = !std::io::stderr().is_terminal();
        let bar = if lines { ProgressBar::hidden() } else { ProgressBar::new(total as u64) };
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {prefix} {elapsed} {msg}");
        bar.set_style(style.expect("the template is well formed"));
        bar.set_prefix(of_what);
        Self { bar, lines }
    }

    fn more(&self, parts: usize) {
        self.bar.inc_length(parts as u64);
    }

    pub(super) fn step(&self) {
        self.bar.inc(1);
    }

    fn line(&self, report: &Report) {
        let name = format!("{} {}", report.provider, report.part);
        if self.lines {
            let told = match report.accepted() {
                true => format!("accepted, {}", words::counted(usize::try_from(report.offers).unwrap_or(usize::MAX), "offer")),
                false => result(report),
            };
            out::note(&format!("{name}: {told}"));
        } else {
            self.bar.set_message(name);
        }
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// A provider's parts together.
#[derive(Default)]
struct Total<'a> {
    asked: u64,
    accepted: u64,
    offers: u64,
    changed: u64,
    rejected: u64,
    quarantined: u64,
    unmapped: u64,
    bytes: u64,
    duration_ms: u64,
    first_failure: Option<&'a Report>,
}

fn providers(reports: &[Report]) -> Table {
    let mut totals: BTreeMap<&str, Total<'_>> = BTreeMap::new();
    for report in reports {
        let total = totals.entry(&report.provider).or_default();
        total.asked += 1;
        total.accepted += u64::from(report.accepted());
        total.offers += report.offers;
        total.changed += report.changed;
        total.rejected += report.rejected;
        total.quarantined += report.quarantined;
        total.unmapped += report.unmapped;
        total.bytes += report.bytes;
        total.duration_ms += report.duration_ms;
        if !report.accepted() && total.first_failure.is_none() {
            total.first_failure = Some(report);
        }
    }
    let mut table = Table::new(&["provider", ">parts", ">offers", ">new", ">rej.", ">held", ">unm.", ">bytes", ">time", "result"])
        .whole(&[0])
        .at_least(9, 20);
    for (slug, total) in totals {
        table.row([
            slug.to_owned(),
            format!("{}/{}", total.accepted, total.asked),
            total.offers.to_string(),
            total.changed.to_string(),
            total.rejected.to_string(),
            total.quarantined.to_string(),
            total.unmapped.to_string(),
            words::bytes(total.bytes),
            words::duration(total.duration_ms),
            total.first_failure.map_or_else(|| "accepted".to_owned(), |report| format!("{}: {}", report.part, result(report))),
        ]);
    }
    table
}

fn parts(reports: &[Report]) -> Table {
    let mut table =
        Table::new(&["part", ">offers", ">new", ">rej.", ">held", ">unm.", ">bytes", ">time", "result"]).whole(&[0]).at_least(8, 20);
    let mut sorted: Vec<&Report> = reports.iter().collect();
    sorted.sort_by(|a, b| a.part.cmp(&b.part));
    for report in sorted {
        table.row([
            report.part.clone(),
            report.offers.to_string(),
            report.changed.to_string(),
            report.rejected.to_string(),
            report.quarantined.to_string(),
            report.unmapped.to_string(),
            words::bytes(report.bytes),
            words::duration(report.duration_ms),
            result(report),
        ]);
    }
    table
}

fn result(report: &Report) -> String {
    match &report.error {
        Some(error) if !report.accepted() => format!("{}: {error}", report.outcome),
        _ => report.outcome.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(provider: &str, part: &str, outcome: &str, error: Option<&str>) -> Report {
        Report {
            provider: provider.to_owned(),
            part: part.to_owned(),
            outcome: outcome.to_owned(),
            error: error.map(str::to_owned),
            offers: 10,
            changed: 2,
            rejected: 1,
            quarantined: 0,
            unmapped: 3,
            bytes: 46_000,
            duration_ms: 420,
        }
    }

    #[test]
    fn d13_a_failure_is_named_beside_what_went_well() {
        let reports = [
            report("runpod", "all", "accepted", None),
            report("scaleway", "fr-par-1", "accepted", None),
            report("scaleway", "fr-par-2", "failed", Some("no answer within 60 s")),
        ];
        let text = providers(&reports).to_string();
        assert_eq!(
            text,
            "provider  parts  offers  new  rej.  held  unm.  bytes   time  result\n\
             runpod      1/1      10    2     1     0     3  46 kB  0.4 s  accepted\n\
             scaleway    1/2      20    4     2     0     6  92 kB  0.8 s  fr-par-2: failed: no answer within\n                                                              60 s\n"
        );
    }

    #[test]
    fn only_when_every_part_was_accepted_all_is_well() {
        let well = report("runpod", "all", "accepted", None);
        let bad = report("runpod", "all", "refused", Some("half of it is missing"));
        assert_eq!(outcome(std::slice::from_ref(&well)), Outcome::Ok);
        assert_eq!(outcome(&[well, bad]), Outcome::No);
        assert_eq!(outcome(&[]), Outcome::No);
    }

    #[test]
    fn an_unknown_provider_is_hinted_at_and_the_known_ones_are_listed() {
        let Err(error) = known("runpods") else { panic!("no such provider") };
        let text = error.to_string();
        assert!(text.contains("did you mean `runpod`?") && text.contains("scaleway"), "{text}");
        let (slug, rules) = crate::catalogue::rules_only().first().expect("one without an adapter");
        let Err(error) = known(slug) else { panic!("no adapter") };
        let expected =
            format!("prices of {} are not collected: only its billing is known; see `gpurate providers show {slug}`", rules.name);
        assert_eq!(error.to_string(), expected);
    }
}
