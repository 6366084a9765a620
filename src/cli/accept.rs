//! `gpurate accept PROVIDER`: a person has looked and vouches for what the provider answers now.

use clap::Args;

use super::ask::{self, Writer};
use super::collect::{self, Progress};
use super::{Context, Outcome, Usage, block_on};
use crate::collect::run::Report;
use crate::daemon::{Daemon, Tracked};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gpurate accept runpod                     after a price cut that was held back\n  gpurate accept scaleway --part fr-par-2\n\nThe provider is asked again; its answer is believed where the gate would refuse it or hold rows back. Rows that\ncontradict themselves are held all the same."
)]
pub(super) struct Arguments {
    /// Whose answer.
    provider: String,
    /// Only this part [default: every part].
    #[arg(long)]
    part: Option<String>,
    /// What each part came to, as a document.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    let slug = collect::known(&arguments.provider)?.slug();
    let part = arguments.part.as_deref();
    let reports = match ask::writer(&context.database)? {
        Writer::Daemon(daemon) => block_on(daemon.act(slug, "accept", part))?,
        Writer::Us(lock) => {
            let reports = block_on(by_ourselves(context, slug, part))?;
            drop(lock);
            reports
        }
    };
    collect::answer(reports, arguments.json, true)
}

async fn by_ourselves(context: Context, slug: &str, part: Option<&str>) -> anyhow::Result<Vec<Report>> {
    super::no_samples(&context.database)?;
    let daemon = Daemon::open(context.config, &context.database, false)?;
    let mut parts: Vec<Tracked> = daemon.tracked();
    parts.retain(|tracked| tracked.known.slug() == slug);
    if parts.is_empty() {
        return Err(collect::switched_off(slug).into());
    }
    if let Some(name) = part {
        let names: Vec<String> = parts.iter().map(|tracked| tracked.part.name.clone()).collect();
        parts.retain(|tracked| tracked.part.name == name);
        if parts.is_empty() {
            return Err(unknown_part(slug, name, &names).into());
        }
    }
    let cancel = collect::cancelled_by_the_user();
    let progress = Progress::new(parts.len(), "parts");
    let reports = collect::round(&daemon, parts.into(), true, &cancel, &progress).await;
    progress.end();
    Ok(reports)
}

/// The error where a part is not of the provider.
pub(super) fn unknown_part(slug: &str, name: &str, names: &[String]) -> Usage {
    let hint = super::words::hint(name, names.iter().map(String::as_str));
    Usage(format!("`{slug}` has no part `{name}`{hint}; there are: {}", names.join(", ")))
}
