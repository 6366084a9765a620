//! The command line: one file per subcommand. It answers from the same pure views as HTTP, so that they cannot disagree.
//!
//! Data goes to stdout, everything else to stderr. Nothing is computed here: a command reads its flags, asks, and prints.
//! The exit status is 0 where all is well, 1 where the answer is "no" or something failed, 2 where the question or the
//! configuration is wrong.

mod accept;
mod alerts;
mod ask;
mod backup;
mod bid;
mod changes;
mod cheapest;
mod check;
mod collect;
mod come_back;
mod compare;
mod config;
mod export;
mod gpus;
mod guide;
mod health;
mod history;
mod import;
mod market;
mod new_provider;
mod offers;
mod out;
mod providers;
mod publish;
mod question;
mod record;
mod reparse;
mod replay;
mod serve;
mod show;
mod simulate;
mod table;
mod whole_file;
mod words;
mod workloads;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::alerts::AlertError;
use crate::config::{Config, ConfigError, SecretError};
use crate::daemon::StartError;
use crate::past::PastError;
use crate::prices::FilterError;
use crate::simulate::PlanError;
use crate::store::StoreError;
use crate::store::backup::RestoreError;

/// What is cheapest now among GPU clouds, and where each figure comes from.
#[derive(Debug, Parser)]
#[command(
    name = "gpurate",
    version,
    arg_required_else_help = true,
    after_help = "First steps, without a key or an account:\n  gpurate serve --demo           the whole service on made-up samples, without a network\n  gpurate collect                ask every provider once\n  gpurate cheapest rtx-4090      what it costs now\n  gpurate serve                  collect on a schedule, and serve the HTTP API\n\nExit status: 0 all is well; 1 the answer is \"no\", or something failed; 2 the question or the configuration is wrong."
)]
struct Cli {
    /// Configuration file [default: config/daemon.toml, where it is there].
    #[arg(long, global = true, value_name = "PATH", env = "GPURATE_CONFIG")]
    config: Option<PathBuf>,
    /// Database file [default: as configured, else gpurate.db in the user's data folder].
    #[arg(long, global = true, value_name = "PATH", env = "GPURATE_DATABASE")]
    database: Option<PathBuf>,
    /// What is logged to stderr: `warn`, `info`, `gpurate=debug` [default: info for serve, else warn].
    #[arg(long, global = true, value_name = "FILTER", env = "GPURATE_LOG")]
    log: Option<String>,
    /// How a line of it looks.
    #[arg(long, global = true, value_name = "FORMAT", env = "GPURATE_LOG_FORMAT", default_value = "text")]
    log_format: LogFormat,
    #[command(subcommand)]
    command: Command,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for machines that gather them.
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Collect on a schedule and serve the HTTP API.
    Serve(serve::Arguments),
    /// Ask providers once, now.
    Collect(collect::Arguments),
    /// The cheapest offer of each GPU.
    Cheapest(cheapest::Arguments),
    /// Offers that pass filters, stale ones too.
    Offers(offers::Arguments),
    /// One offer, down to the request and answer its price comes from.
    Show(show::Arguments),
    /// How the price of a GPU moved.
    History(history::Arguments),
    /// How often a machine of a marketplace that was free was free again later: what one risks who stops it.
    ComeBack(come_back::Arguments),
    /// On how many of the last evenings a bid for a spot machine would have held.
    Bid(bid::Arguments),
    /// What changed: prices, offers, GPUs of providers.
    Changes(changes::Arguments),
    /// Offers, prices or series as rows for programs.
    Export(export::Arguments),
    /// The web pages with their JSON and CSV as a folder of files, for any web host.
    Publish(publish::Arguments),
    /// Prices of elsewhere, into history.
    Import(import::Arguments),
    /// GPUs: memory, speed, and what they cost now.
    Gpus(gpus::Arguments),
    /// Two GPUs side by side: what they are, what they cost, and when the dearer one costs less.
    Compare(compare::Arguments),
    /// Which GPU for which work, with today's figures.
    Guide(guide::Arguments),
    /// What people run on GPUs: in which variants, and how long it takes on a GPU.
    Workloads(workloads::Arguments),
    /// What your way of working really costs with each offer.
    Simulate(simulate::Arguments),
    /// Providers: health, facts, hosts; make a new one.
    Providers(providers::Arguments),
    /// Believe the next answer of a provider, even where it would be held back.
    Accept(accept::Arguments),
    /// Prices that are watched, how near they are, and whether a message arrives.
    Alerts(alerts::Arguments),
    /// Read a provider's archived answers anew, and correct what was read wrong.
    Reparse(reparse::Arguments),
    /// Look the database over.
    Check(check::Arguments),
    /// Copy the whole database into a file, while it is in use.
    Backup(backup::BackupArguments),
    /// Put a copy in the database's place, checked first.
    Restore(backup::RestoreArguments),
    /// Ask a running daemon whether it lives.
    Health(health::Arguments),
    /// Show, explain or check the configuration.
    Config(config::Arguments),
    /// Print a completion script for a shell.
    #[command(after_help = "Example:\n  gpurate completions bash > ~/.local/share/bash-completion/completions/gpurate")]
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Ask a provider once and keep its answers as a recording.
    Record(record::Arguments),
    /// Serve recorded answers in the providers' place.
    Replay(replay::Arguments),
}

/// What a command came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// All is well.
    Ok,
    /// The answer is "no".
    No,
}

impl Outcome {
    /// [`Outcome::Ok`] where `ok`.
    fn of(ok: bool) -> Self {
        if ok { Self::Ok } else { Self::No }
    }
}

/// A question that cannot be meant. The text says what would be right.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Usage(String);

/// What every command is given.
struct Context {
    config: Config,
    /// As it was named.
    config_path: Option<PathBuf>,
    database: PathBuf,
}

/// Reads the arguments, runs the command, prints errors: the whole program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(Outcome::Ok) => ExitCode::SUCCESS,
        Ok(Outcome::No) => ExitCode::from(1),
        // Whoever read our output has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            out::note(&format!("error: {}", told(&error)));
            ExitCode::from(status(&error))
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<Outcome> {
    let usual = match &cli.command {
        // The cron crate tells of its own start, which tells nobody anything.
        Command::Serve(_) => "info,tokio_cron_scheduler=warn",
        // A part that failed stands in the table with its reason: it is not logged beside it.
        Command::Collect(_) | Command::Accept(_) | Command::Reparse(_) => "error",
        _ => "warn",
    };
    log(cli.log.as_deref(), usual, cli.log_format)?;
    // These work with a configuration that does not.
    match &cli.command {
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "gpurate", &mut script);
            out::bytes(&script)?;
            return Ok(Outcome::Ok);
        }
        Command::Config(arguments) if arguments.is_default() => return config::print_default(),
        _ => {}
    }
    let config = Config::load(cli.config.as_deref())?;
    let database = cli.database.unwrap_or_else(|| config.database_path());
    let context = Context { config, config_path: cli.config, database: database.clone() };
    dispatch(cli.command, context).map_err(|error| about_file(error, &database))
}

fn dispatch(command: Command, context: Context) -> anyhow::Result<Outcome> {
    match command {
        Command::Serve(arguments) => serve::run(context, &arguments),
        Command::Collect(arguments) => collect::run(context, &arguments),
        Command::Cheapest(arguments) => cheapest::run(&context, arguments),
        Command::Offers(arguments) => offers::run(&context, arguments),
        Command::Show(arguments) => show::run(&context, &arguments),
        Command::History(arguments) => history::run(&context, &arguments),
        Command::ComeBack(arguments) => come_back::run(&context, &arguments),
        Command::Bid(arguments) => bid::run(&context, &arguments),
        Command::Changes(arguments) => changes::run(&context, &arguments),
        Command::Export(arguments) => export::run(&context, &arguments),
        Command::Publish(arguments) => publish::run(context, &arguments),
        Command::Import(arguments) => import::run(&context, &arguments),
        Command::Gpus(arguments) => gpus::run(&context, &arguments),
        Command::Compare(arguments) => compare::run(&context, &arguments),
        Command::Guide(arguments) => guide::run(&context, &arguments),
        Command::Workloads(arguments) => workloads::run(&context, &arguments),
        Command::Simulate(arguments) => simulate::run(&context, &arguments),
        Command::Providers(arguments) => providers::run(&context, &arguments),
        Command::Accept(arguments) => accept::run(context, &arguments),
        Command::Alerts(arguments) => alerts::run(&context, &arguments),
        Command::Reparse(arguments) => reparse::run(context, &arguments),
        Command::Check(arguments) => check::run(&context, &arguments),
        Command::Backup(arguments) => backup::back_up(&context, &arguments),
        Command::Restore(arguments) => backup::restore(&context, &arguments),
        Command::Health(arguments) => health::run(&context, &arguments),
        Command::Config(arguments) => config::run(&context, &arguments),
        Command::Completions { .. } => Ok(Outcome::Ok),
        Command::Record(arguments) => record::run(&context, &arguments),
        Command::Replay(arguments) => replay::run(&arguments),
    }
}

fn log(filter: Option<&str>, usual: &str, format: LogFormat) -> anyhow::Result<()> {
    let filter = filter.unwrap_or(usual);
    let parsed = EnvFilter::try_new(filter)
        .map_err(|error| Usage(format!("`--log {filter}` is not a filter ({error}); write `info` or `gpurate=debug`")))?;
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    // A reader of the log that went away must not matter.
    let lines =
        tracing_subscriber::fmt().with_env_filter(parsed).with_writer(std::io::stderr).with_target(false).log_internal_errors(false);
    match format {
        LogFormat::Text => lines.with_ansi(colour).init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
    Ok(())
}

/// What SQLite says of a file, with the file's name and the way out.
fn about_file(error: anyhow::Error, database: &Path) -> anyhow::Error {
    let store = error.downcast_ref::<StoreError>().or_else(|| match error.downcast_ref::<StartError>() {
        Some(StartError::Store(store)) => Some(store),
        _ => match error.downcast_ref::<RestoreError>() {
            Some(RestoreError::Store(store)) => Some(store),
            _ => None,
        },
    });
    match store.and_then(StoreError::about_file) {
        Some(text) => anyhow::anyhow!("database `{}`: {text}", database.display()),
        None => error,
    }
}

/// An error and what led to it, each once: a message may hold its cause already.
fn told(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}

/// 2 where the question or the configuration is wrong, else 1.
fn status(error: &anyhow::Error) -> u8 {
    let ours = error.is::<Usage>()
        || error.is::<ConfigError>()
        || error.is::<FilterError>()
        || error.is::<PlanError>()
        || error.is::<AlertError>()
        || error.is::<SecretError>();
    let at_start = matches!(error.downcast_ref(), Some(StartError::Secret(_) | StartError::Client(_) | StartError::Lake(_)));
    if ours || at_start { 2 } else { 1 }
}

/// As itself, so that a wrong question is told apart from a failure.
fn of_past(error: PastError) -> anyhow::Error {
    match error {
        PastError::Question(error) | PastError::NoImport(error) => error.into(),
        PastError::Store(error) => error.into(),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Runs what waits for the network.
fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}

/// Prices are never put among made-up figures: a back-up of a demo keeps its mark.
fn no_samples(database: &Path) -> Result<(), Usage> {
    if sample_mark(database).exists() {
        return Err(Usage(format!(
            "`{}` holds made-up samples, of a demo: nothing is collected into it; name another file by `--database`, or start `gpurate serve --demo`",
            database.display()
        )));
    }
    Ok(())
}

/// The file beside a database whose every figure is made up.
fn sample_mark(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".sample");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_well_formed_and_every_command_teaches() {
        let mut command = Cli::command();
        command.build();
        command.clone().debug_assert();
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            let help = sub.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("gpurate "), "`{}` shows no example", sub.get_name());
            assert!(sub.get_about().is_some(), "`{}` says what it does", sub.get_name());
        }
    }

    #[test]
    fn a_wrong_question_is_told_apart_from_a_failure() {
        assert_eq!(status(&Usage("x".into()).into()), 2);
        assert_eq!(status(&anyhow::Error::from(Usage("x".into())).context("while asking")), 2);
        let config = Config::parse("[server]\nlisen = 1\n", "x.toml").expect_err("unknown key");
        assert_eq!(status(&config.into()), 2);
        assert_eq!(status(&anyhow::anyhow!("no answer")), 1);
    }

    #[test]
    fn an_error_says_its_cause_once_and_names_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let blocked = folder.path().join("file");
        std::fs::write(&blocked, "no database, and no folder; long enough to be read as the head of one: ".repeat(20)).expect("written");
        let lock = crate::store::Lock::take(&blocked.join("a.db")).expect_err("a file is no folder");
        let text = told(&anyhow::Error::from(lock));
        assert!(text.contains("a.db.lock") && text.matches("os error").count() == 1, "{text}");
        let error = crate::store::Store::open(&blocked).expect_err("no database");
        let text = told(&about_file(error.into(), &blocked));
        let name = blocked.display().to_string();
        assert!(text.starts_with(&format!("database `{name}`: ")) && text.contains("--database"), "{text}");
        assert_eq!(text.matches("not a database").count(), 1, "{text}");
        assert_eq!(told(&anyhow::anyhow!("inner").context("outer")), "outer: inner");
    }

    #[test]
    fn a_broken_pipe_is_no_error_and_another_fault_is_one() {
        let broken = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        assert!(is_broken_pipe(&broken.into()));
        assert!(!is_broken_pipe(&std::io::Error::from(std::io::ErrorKind::NotFound).into()));
    }
}
