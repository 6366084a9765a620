//! `gpurate config`: what holds, what may be set, whether a file is right. Secrets are never in it: only where they stand.

use clap::{Args, Subcommand};

use super::{Context, Outcome, out};
use crate::alerts::Alert;
use crate::config::{DEFAULT_FILE, DEFAULT_TEXT};

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
            // It was read before; what is left are the secrets that it names.
            context.config.server.token()?;
            for alert in &context.config.alerts {
                Alert::new(alert)?;
            }
            for known in crate::catalogue::all() {
                for name in &known.manifest.credentials {
                    context.config.provider(known.slug()).credential(known.slug(), name)?;
                }
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
