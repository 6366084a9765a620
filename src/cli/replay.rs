//! `gpurate replay DIR`: recorded answers over real HTTP, in the place of the providers.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::{Outcome, Usage, block_on, collect, out};
use crate::collect::replay::{self, ReplayOptions};

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gpurate replay recordings --listen 127.0.0.1:9000 --case runpod=2026-11\n  # then, with `via = \"http://127.0.0.1:9000\"` under [transport] in a configuration:\n  gpurate collect --config replay.toml --database replay.db"
)]
pub(super) struct Arguments {
    /// One recording, a provider's folder of them, or a folder of such folders.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Address and port to listen on.
    #[arg(long, default_value = "127.0.0.1:9000", value_parser = crate::config::listen_address)]
    listen: SocketAddr,
    /// Which recording of a provider [default: the first by name].
    #[arg(long = "case", value_name = "PROVIDER=CASE", value_parser = choice)]
    cases: Vec<(String, String)>,
}

fn choice(text: &str) -> Result<(String, String), String> {
    let (provider, case) = text.split_once('=').ok_or_else(|| format!("`{text}` is not PROVIDER=CASE"))?;
    Ok((provider.to_owned(), case.to_owned()))
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let cases = replay::load(&arguments.folder, &arguments.cases).map_err(|error| Usage(error.to_string()))?;
    let exchanges: usize = cases.iter().map(|case| case.recorded.len()).sum();
    let told = super::words::counted(exchanges, "answer");
    block_on(async move {
        let listener = tokio::net::TcpListener::bind(arguments.listen)
            .await
            .map_err(|error| anyhow::anyhow!("`{}` cannot be listened on: {error}; give another with --listen", arguments.listen))?;
        let address = listener.local_addr()?;
        out::note(&format!("serving {told}; collect from it with this configuration:\n\n[transport]\nvia = \"http://{address}\"\n"));
        replay::serve(cases, listener, ReplayOptions::default(), collect::cancelled_by_the_user()).await?;
        Ok(Outcome::Ok)
    })
}

#[cfg(test)]
mod tests {
    use super::choice;

    #[test]
    fn a_choice_names_provider_and_case() {
        assert_eq!(choice("runpod=2026-11"), Ok(("runpod".to_owned(), "2026-11".to_owned())));
        assert!(choice("runpod").is_err());
    }
}
