//! `gpurate config`: what holds, what may be set, whether a file is right. Secrets are never in it: only where they stand.

use clap::{Args, Subcommand};

use super::{Context, Outcome, out};
use crate::alerts::Alert;
use crate::config::{DEFAULT_FILE, DEFAULT_TEXT};
use crate::daemon;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gpurate config default > config/daemon.toml    every option, commented out\n  gpurate config check --config new.toml         before a restart"
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// What holds now, defaults included.
    Show,
    /// Every option with its meaning, commented out at its default.
    Default,
    /// Whether the file is right; its first mistake otherwise.
    Check,
}

impl Arguments {
    /// Whether the question needs no configuration.
    pub(super) fn is_default(&self) -> bool {
        matches!(self.command, Command::Default)
    }
}

/// Prints every option.
pub(super) fn print_default() -> anyhow::Result<Outcome> {
    out::text(DEFAULT_TEXT)?;
    Ok(Outcome::Ok)
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    match arguments.command {
        Command::Default => print_default(),
        Command::Show => {
            let text = toml::to_string(&context.config)?;
            out::text(&format!("# database in use: {}\n{text}", context.database.display()))?;
            Ok(Outcome::Ok)
        }
        Command::Check => {
            // It was read before; what is left is what it names: secrets, files.
            daemon::check(&context.config)?;
            for alert in &context.config.alerts {
                Alert::new(alert)?;
            }
            let read = context.config_path.clone().unwrap_or_else(|| DEFAULT_FILE.into());
            let text = match read.exists() {
                true => format!("`{}` is right", read.display()),
                false => "there is no configuration file: the defaults hold".to_owned(),
            };
            out::text(&text)?;
            Ok(Outcome::Ok)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn check(text: &str) -> anyhow::Result<Outcome> {
        let config = Config::parse(text, "x.toml")?;
        run(&Context { config, config_path: None, database: "x.db".into() }, &Arguments { command: Command::Check })
    }

    #[test]
    fn what_a_daemon_would_refuse_is_refused_with_its_key() {
        for (text, key) in [
            ("[transport]\nca_file = \"/nope\"\n", "transport.ca_file"),
            ("[transport]\nvia = \"foo\"\n", "transport.via"),
            ("[server]\npublic_url = \"foo\"\n", "server.public_url"),
            ("[server]\ntoken_env = \"GPURATE_TEST_NOT_SET\"\n", "`server.token_env`"),
            ("[store]\ndatabase = \"\"\n", "store.database"),
            ("[providers.vastai.credentials]\nfoo_env = \"X\"\n", "providers.vastai.credentials.foo_env"),
            (
                "[[alerts]]\nname = \"a\"\ngpu = \"l4\"\nchange_percent = \"5\"\nwebhook_env = \"GPURATE_TEST_NOT_SET\"\n",
                "alerts `a` webhook",
            ),
            #[cfg(feature = "lake")]
            (
                "[lake]\ntarget = \"x\"\naccess_key_id_env = \"GPURATE_TEST_NOT_SET\"\nsecret_access_key_env = \"GPURATE_TEST_NOT_SET\"\n",
                "lake.access_key_id_env",
            ),
        ] {
            let error = check(text).expect_err(text);
            assert!(super::super::told(&error).contains(key), "{text}: {error:#}");
            assert_eq!(super::super::status(&error), 2, "{text}: it is the configuration that is wrong");
        }
        assert!(check("").is_ok());
    }
}
