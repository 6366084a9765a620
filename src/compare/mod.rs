//! Exactly two cards side by side: what they are, what they cost now, what each workload costs on either, and from which
//! share of computing on the dearer card is the cheaper one.
//!
//! Pure: market and moment are arguments. Figures are those of the cheapest view and of the simulator; what is not known
//! is null.

mod on_card;
mod view;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

use crate::catalogue;
use crate::market::Market;
use crate::prices::{self, GpuRow};
use crate::simulate::{self, Side};
use crate::words::{age, plain};
use crate::workloads::{self, Workload};

pub use crate::workloads::Fit;
pub use on_card::{Known, MESSAGES, SpeedSource, ThousandCost, WorkloadOnCard, usable};
pub use view::{Accumulate, ComparedGpu, ComparedSpecs, ComparedWorkload, Comparison, ComparisonRow, RowId, VramHour};

/// Two cards that cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CompareError {
    /// What was given, shortened.
    pub value: String,
    /// What is wrong with it, and what to write.
    pub message: String,
}

/// Two names of a list, as `rtx-5090,rtx-4090`.
///
/// # Errors
/// [`CompareError`] where there are not exactly two.
pub fn pair(list: &str) -> Result<[&str; 2], CompareError> {
    let names: Vec<&str> = list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    two(&names)
}

/// Two names of those that were given one by one.
///
/// # Errors
/// [`CompareError`] where there are not exactly two.
pub fn two<'a>(names: &[&'a str]) -> Result<[&'a str; 2], CompareError> {
    match names {
        [one, other] => Ok([one, other]),
        names => {
            let shown = shown(&names.join(","));
            let given = match names.len() {
                0 => "none is given".to_owned(),
                1 => format!("`{shown}` is one: name another beside it"),
                count => format!("`{shown}` are {count}: leave out all but two"),
            };
            let message = format!("exactly two GPUs are compared, as `rtx-5090,rtx-4090`; {given}");
            Err(CompareError { value: shown, message })
        }
    }
}

/// The two slugs that are meant.
///
/// # Errors
/// [`CompareError`] for an unknown name, one that several cards share, and the same card twice.
pub fn slugs(gpus: [&str; 2]) -> Result<[&'static str; 2], CompareError> {
    let [one, other] = [slug(gpus[0])?, slug(gpus[1])?];
    if one == other {
        let message = format!("`{one}` is given twice; exactly two different GPUs are compared: name another beside it");
        return Err(CompareError { value: shown(&gpus.join(",")), message });
    }
    Ok([one, other])
}

fn slug(typed: &str) -> Result<&'static str, CompareError> {
    let table = catalogue::gpus();
    let value = shown(typed);
    // A card's own name wins over a family that is called the same.
    if let Some(index) = table.find_one(typed) {
        return Ok(&table.gpu(index).slug);
    }
    match table.find(typed).as_slice() {
        [only] => Ok(&table.gpu(*only).slug),
        _ => Err(CompareError { message: catalogue::no_one_gpu(&value), value }),
    }
}

/// The beginning of what was typed, as it may be shown.
pub(crate) fn shown(text: &str) -> String {
    plain(&text.chars().take(60).collect::<String>())
}

/// Two cards by the market of now. `as_of` is floored to ten seconds.
///
/// # Errors
/// [`CompareError`] where they are not two different cards.
pub fn compare(market: &Market, gpus: [&str; 2], as_of: DateTime<Utc>) -> Result<Comparison, CompareError> {
    let slugs = slugs(gpus)?;
    let answer = prices::gpus_named(market, &slugs, as_of);
    let row = |slug: &str| {
        let found = answer.items.iter().find(|row| row.gpu.slug == slug);
        found.ok_or_else(|| CompareError { value: shown(slug), message: format!("no GPU is called `{}`", shown(slug)) })
    };
    let rows = [row(slugs[0])?, row(slugs[1])?];
    let gpus = rows.map(ComparedGpu::new);
    let workloads = workloads::table().workloads().iter().map(|workload| compared(market, workload, rows));
    Ok(Comparison {
        as_of: answer.as_of,
        market_version: answer.market_version,
        sample: answer.sample,
        compiled_on: workloads::COMPILED_ON,
        rows: view::rows(&gpus),
        gpus,
        workloads: workloads.collect(),
        coverage: answer.coverage,
    })
}

fn compared(market: &Market, workload: &Workload, rows: [&GpuRow; 2]) -> ComparedWorkload {
    let on = rows.map(|row| WorkloadOnCard::new(market, workload, row));
    let share = busy_share(rows, &on);
    ComparedWorkload {
        workload: workload.id.clone(),
        name: workload.name.clone(),
        kind: workload.kind,
        unit: workload.unit,
        steps: workload.default_steps,
        resolution: workload.default_resolution,
        tied: match (on[0].milliseconds, on[1].milliseconds) {
            (Some(one), Some(other)) => Some(one.low <= other.high && other.low <= one.high),
            _ => None,
        },
        one_series: one_series(&on),
        busy_share_unknown: share.as_ref().err().cloned(),
        busy_share: share.ok().map(|share| simulate::BusyShare { sample: market.sample, ..share }),
        on,
    }
}

/// Whether two measured times are of one series; `None` where not both are measured on their own card.
fn one_series(on: &[WorkloadOnCard; 2]) -> Option<bool> {
    let is_own = |on: &WorkloadOnCard| matches!(on.known, Some(Known::Measured | Known::Scaled));
    on.iter().all(is_own).then(|| on[0].series.iter().any(|series| on[1].series.contains(series)))
}

/// When the dearer of the two is the cheaper one, by the cheapest rentable prices on demand; else why that is not known.
///
/// # Errors
/// In words: which card lacks a price or a speed.
pub fn busy_share(rows: [&GpuRow; 2], on: &[WorkloadOnCard; 2]) -> Result<simulate::BusyShare, String> {
    let side = |index: usize| {
        let (row, on) = (rows[index], &on[index]);
        let slug = &row.gpu.slug;
        let figure = row.on_demand.as_ref().filter(|figure| figure.rentable);
        let figure = figure.ok_or_else(|| match &row.last_on_demand {
            Some(last) if row.on_demand.is_none() => {
                format!(
                    "nothing fresh is known of `{slug}` on demand: its last price is {} old; `gpurate collect` asks anew",
                    age(last.age_seconds)
                )
            }
            _ => format!("nothing rentable is offered of `{slug}` on demand now"),
        })?;
        let time = on.milliseconds.ok_or_else(|| match on.fit {
            Fit::None => format!("it does not run on `{slug}`"),
            Fit::Resident | Fit::WithMeans => format!("how long it takes on `{slug}` is not known"),
        })?;
        Ok::<_, String>(Side { gpu: slug, price: figure.usd_per_gpu_hour.nanos, kind: figure.price_kind, time })
    };
    Ok(simulate::busy_share(side(0)?, side(1)?))
}
