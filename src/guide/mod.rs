//! Guides: which card for which work, with every figure recomputed from the market.
//!
//! Pure: market and moment are arguments. Prices are those of the cheapest view, times those of the workloads' table,
//! bills those of the simulator; nothing is assumed that they do not say. What is not known stays unknown.

mod answers;
mod beyond;
mod messages;
mod picks;
mod tiers;
mod view;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

use crate::market::Market;
use crate::prices;
use crate::words::{nearest, plain};
use crate::workloads::{self, Kind, Workload};

pub use crate::said::{Argument, ArgumentKind, Message};
pub use messages::MESSAGES;
pub use picks::USUAL_CARDS;
pub use tiers::TIERS;
pub use view::{
    BeyondColumn, BeyondValue, Guide, GuideAnswer, GuideWorkload, LessWaiting, Pick, PickId, PickRow, PickVerdict, ProviderBeyond, Tier,
    TierGpu, TierPrice, TierVariant, TierWorkload, Usage,
};

/// Every guide there is.
pub const SLUGS: [&str; 1] = ["image-generation"];

/// The workload of a guide where none is asked for.
pub const WORKLOAD_DEFAULT: &str = "flux1_dev";

/// A guide that cannot be given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GuideError {
    /// There is none of this name.
    #[error("{0}")]
    Unknown(String),
    /// An option cannot be used.
    #[error("{message}")]
    Option {
        /// `workload` or `usage`.
        option: &'static str,
        /// Its value, shortened.
        value: String,
        /// What is wrong with it, and what to write.
        message: String,
    },
}

/// What may be said of a guide.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    workload: Option<&'static Workload>,
    usage: Option<Usage>,
}

impl Options {
    /// Reads a workload's id or other name, and `interactive` or `batch`.
    ///
    /// # Errors
    /// [`GuideError::Option`]; a workload must make images.
    pub fn parse(workload: Option<&str>, usage: Option<&str>) -> Result<Self, GuideError> {
        let wrong = |option, value: &str, message: String| GuideError::Option { option, value: shown(value), message };
        let found = |typed: &str| {
            let found = workloads::table().find(typed);
            let found =
                found.map_err(|unknown| wrong("workload", typed, format!("{}; see `gpurate workloads`", plain(&unknown.to_string()))))?;
            if found.kind == Kind::Image {
                return Ok(found);
            }
            let message = format!(
                "`{}` makes no images but a {}; a guide of image generation is asked for with one that does, as `flux-dev`",
                found.id, found.unit
            );
            Err(wrong("workload", typed, message))
        };
        let usage = match usage {
            None => None,
            Some("interactive") => Some(Usage::Interactive),
            Some("batch") => Some(Usage::Batch),
            Some(other) => {
                let message = format!("`{}` is no `usage`; it is `interactive` or `batch`", shown(other));
                return Err(wrong("usage", other, message));
            }
        };
        Ok(Self { workload: workload.map(found).transpose()?, usage })
    }
}

fn shown(text: &str) -> String {
    plain(&text.chars().take(40).collect::<String>())
}

/// A guide by the market of now. `as_of` is floored to ten seconds.
///
/// # Errors
/// [`GuideError::Unknown`].
pub fn guide(slug: &str, options: Options, market: &Market, as_of: DateTime<Utc>) -> Result<Guide, GuideError> {
    let Some(slug) = SLUGS.into_iter().find(|known| *known == slug) else {
        let near = nearest(&shown(slug), SLUGS);
        let way_out = near.map_or_else(|| format!("; there is `{}`", SLUGS.join("`, `")), |near| format!("; did you mean `{near}`?"));
        return Err(GuideError::Unknown(format!("no guide is called `{}`{way_out}", shown(slug))));
    };
    let table = workloads::table();
    let workload = match options.workload {
        Some(workload) => workload,
        None => table.find(WORKLOAD_DEFAULT).map_err(|unknown| GuideError::Unknown(unknown.to_string()))?,
    };
    let prices = prices::gpus(market, as_of);
    let as_of = prices.as_of;
    let tiers = tiers::tiers(market, &prices.items, workload, options.usage);
    let providers = beyond::providers(market, as_of);
    let picks = picks::picks(market, options.workload, options.usage, as_of);
    let ground = answers::Ground { market, as_of, workload, tiers: &tiers, providers: &providers, picks: &picks };
    let answers = answers::answers(&ground);
    Ok(Guide {
        slug,
        as_of,
        market_version: prices.market_version,
        sample: prices.sample,
        compiled_on: workloads::COMPILED_ON,
        workload: GuideWorkload {
            id: workload.id.clone(),
            name: workload.name.clone(),
            unit: workload.unit,
            steps: workload.default_steps,
            resolution: workload.default_resolution,
        },
        usage: options.usage,
        tiers,
        picks: picks.into_iter().map(|picked| picked.pick).collect(),
        providers,
        answers,
        coverage: prices.coverage,
    })
}
