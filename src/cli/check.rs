//! `gpurate check`: is the database whole, how large is it, which layout has it.

use clap::Args;

use super::table::facts;
use super::words;
use super::{Context, Outcome, out};
use crate::store::Store;

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  gpurate check || mail -s 'gpurate: look at the database' operator@example.com")]
pub(super) struct Arguments {
    /// As a document.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    let store = Store::open_read_only(&context.database)?;
    let check = store.reader()?.check()?;
    if arguments.json {
        out::json(&check)?;
    } else {
        out::text(&facts(&[
            ("database", context.database.display().to_string()),
            ("integrity", check.integrity.clone()),
            ("layout", check.layout.to_string()),
            ("size", words::bytes(check.bytes)),
            ("offers", format!("{} ({} withdrawn)", check.offers, check.offers_withdrawn)),
            ("prices", check.prices.to_string()),
            ("prices of GPUs", check.gpu_prices.to_string()),
            ("attempts", check.collections.to_string()),
            ("pages", check.pages.to_string()),
        ]))?;
    }
    Ok(Outcome::of(check.integrity == "ok"))
}
