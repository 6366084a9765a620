//! `gpurate record PROVIDER`: asks one part of a provider and keeps the answers, so that a replay answers as it did. It
//! writes no price and needs no database.

use std::collections::HashMap;
use std::path::PathBuf;

use clap::Args;
use gpurate_providers::{Part, Settings};

use super::{Context, Outcome, Usage, accept, block_on, collect, out, words};
use crate::catalogue::Known;
use crate::collect::archive::Archive;
use crate::collect::client::Client;
use crate::collect::record::Recorder;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gpurate record runpod --out recordings/runpod/2026-11\n  gpurate record scaleway --part fr-par-2 --out recordings/scaleway/2026-11\n\nNo credential and no header of a request is written; what the manifest redacts is removed."
)]
pub(super) struct Arguments {
    /// Whom to ask.
    provider: String,
    /// A folder for the recording; it must hold none yet.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Which part, where there are several.
    #[arg(long)]
    part: Option<String>,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    let known = collect::known(&arguments.provider)?;
    let settings = settings(context, known)?;
    let part = choose(known, &settings, arguments.part.as_deref())?;
    let kept = tempfile::tempdir()?;
    let archive = Archive::open(kept.path().join("pages"))?;
    let client = Client::new(&context.config.transport, &kept.path().join("spool")).map_err(|error| Usage(error.to_string()))?;
    let exchanges = block_on(async {
        let section = context.config.provider(known.slug());
        let attempt = client.attempt(known, &section, &part.name, HashMap::new(), &archive, collect::cancelled_by_the_user());
        let recorder = Recorder::new(&attempt, settings.credentials.values().cloned());
        known.provider.fetch(&part, &settings, &recorder).await?;
        Ok(recorder.write(&arguments.out, &part.name, chrono::Utc::now().date_naive())?)
    })?;
    out::note(&format!(
        "{} of `{}` {} recorded in `{}`",
        words::counted(exchanges, "answer"),
        known.slug(),
        part.name,
        arguments.out.display()
    ));
    Ok(Outcome::Ok)
}

fn settings(context: &Context, known: &Known) -> anyhow::Result<Settings> {
    let section = context.config.provider(known.slug());
    let mut settings = Settings { parts: section.parts.clone(), ..Settings::default() };
    for name in &known.manifest.credentials {
        let secret = section.credential(known.slug(), name)?.ok_or_else(|| {
            Usage(format!(
                "`{0}` needs the credential `{name}`: set `{name}_env` or `{name}_file` under [providers.{0}.credentials]",
                known.slug()
            ))
        })?;
        settings.credentials.insert(name.clone(), secret.expose().to_owned());
    }
    Ok(settings)
}

fn choose(known: &Known, settings: &Settings, name: Option<&str>) -> Result<Part, Usage> {
    let mut parts = known.provider.parts(settings);
    match name {
        Some(name) => {
            let names: Vec<String> = parts.iter().map(|part| part.name.clone()).collect();
            parts.into_iter().find(|part| part.name == name).ok_or_else(|| accept::unknown_part(known.slug(), name, &names))
        }
        None if parts.len() == 1 => Ok(parts.remove(0)),
        None => {
            let names: Vec<String> = parts.into_iter().map(|part| part.name).collect();
            Err(Usage(format!(
                "`{}` has {}; name one with --part: {}",
                known.slug(),
                words::counted(names.len(), "part"),
                names.join(", ")
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_named_where_there_are_several() {
        let Ok(one) = collect::known("runpod") else { panic!("a provider") };
        assert_eq!(choose(one, &Settings::default(), None).map(|part| part.name).ok().as_deref(), Some("all"));
        let Ok(many) = collect::known("scaleway") else { panic!("a provider") };
        let Err(error) = choose(many, &Settings::default(), None) else { panic!("which one?") };
        assert!(error.to_string().contains("fr-par-2"), "{error}");
        let Err(error) = choose(many, &Settings::default(), Some("fr-par-22")) else { panic!("no such part") };
        assert!(error.to_string().contains("did you mean `fr-par-2`?"), "{error}");
    }
}
