//! A simulation kept whole: plan, prices, rules, rates and the answer, so that it can be computed again to the last
//! digit when the market has long moved on. The archived pages its prices were read in are pinned by their hashes.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use gpurate_domain::bill::{Assumed, Priced};
use gpurate_domain::billing::BillingRule;
use gpurate_domain::money::FxRates;
use gpurate_domain::{Currency, MarketKind, Nanos, OfferId, PerHour, Term};
use serde::{Deserialize, Serialize};

use super::evaluate::{CardWork, Case, Scratch};
use super::plan::{Plan, PlanError, Policy, Resolved, Session};
use super::view::{LineView, SimulationAnswer, SpotView};
use super::{rank, spot, view};
use crate::catalogue;
use crate::market::Market;

/// A name has at most so many characters.
const NAME_CHARACTERS_MAX: usize = 64;

/// Why a simulation cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    /// The name is no file name.
    #[error("`{0}` is no name to save under: write up to {NAME_CHARACTERS_MAX} of a-z, 0-9, `-` and `_`")]
    Name(String),
    /// It is taken.
    #[error("there is a simulation of this name already: {}; take another name, or delete the file", .0.display())]
    Taken(PathBuf),
    /// It cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not what was written.
    #[error("{} is no saved simulation: {reason}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Where.
        reason: String,
    },
    /// The plan is not understood any more.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

/// A price as it was.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct SavedPrice {
    amount: Nanos,
    currency: Currency,
    terms: Vec<Term>,
    vcpu_millis: Option<u64>,
    ram_mib: Option<u64>,
    /// Not in what was saved before offers carried it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    egress_free_gb_per_month: Option<u64>,
    /// Not in what was saved before there were lower bounds.
    #[serde(default)]
    is_from: bool,
}

/// What a row is computed from, and what it came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct SavedRow {
    id: OfferId,
    market: MarketKind,
    price: SavedPrice,
    gpus: u64,
    download_mbit_s: Option<u64>,
    units: Option<u64>,
    #[serde(default)]
    returns_ppm: Option<u64>,
    work: CardWork,
    rule: BillingRule,
    policy: Policy,
    low: Nanos,
    high: Nanos,
    lines: Vec<LineView>,
    spot: Option<SpotView>,
}

/// A simulation kept whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Saved {
    /// Version of the program that made it.
    program: String,
    /// When.
    pub saved_at: DateTime<Utc>,
    /// The plan with its preset and defaults spelled out.
    pub plan: Plan,
    sessions: Vec<Session>,
    session_seconds: u64,
    models_bytes: u64,
    egress_bytes: u64,
    assumed: Assumed,
    rates: Option<FxRates>,
    rows: Vec<SavedRow>,
    /// Hashes of the archived pages that the prices were read in.
    pub pages: Vec<String>,
    /// The answer as it was shown.
    pub answer: serde_json::Value,
}

/// What computing again came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// When it was saved.
    pub saved_at: DateTime<Utc>,
    /// Rows that were computed again.
    pub rows: usize,
    /// Where the result is another, in words; none where every digit agrees.
    pub differences: Vec<String>,
    /// Pages that its prices were read in.
    pub pages: Vec<String>,
}

fn file(folder: &Path, name: &str) -> Result<PathBuf, SavedError> {
    let is_name = !name.is_empty()
        && name.chars().count() <= NAME_CHARACTERS_MAX
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'));
    if is_name {
        Ok(folder.join(format!("{name}.json")))
    } else {
        Err(SavedError::Name(crate::words::plain(&name.chars().take(40).collect::<String>())))
    }
}

/// Simulates and keeps everything under a name in `folder`. Returns the answer and the file.
///
/// # Errors
/// [`SavedError`]; nothing is left half written.
pub fn save(
    market: &Market,
    plan: &Plan,
    as_of: DateTime<Utc>,
    folder: &Path,
    name: &str,
) -> Result<(SimulationAnswer, PathBuf), SavedError> {
    let path = file(folder, name)?;
    if path.exists() {
        return Err(SavedError::Taken(path));
    }
    let answer = rank::simulate(market, plan, as_of)?;
    let resolved = plan.resolve()?;
    let mut rows = Vec::new();
    let mut pages = Vec::new();
    let mut cards = rank::Cards { plan: &resolved, known: std::collections::HashMap::new() };
    for row in &answer.items {
        let Some(entry) = market.index.by_id(row.offer.id) else { continue };
        let Ok(card) = cards.of(entry)? else { continue };
        let rule = catalogue::billing_rule(
            &entry.offer.key,
            rank::place(entry, &resolved),
            Some(resolved.rules_on.unwrap_or_else(|| answer.as_of.date_naive())),
        );
        let case = rank::case_of(market, &resolved, entry, &rule, &card.work);
        rows.push(SavedRow {
            id: row.offer.id,
            market: case.market,
            price: SavedPrice {
                amount: Nanos(case.priced.per_hour.nanos),
                currency: case.priced.per_hour.currency,
                terms: case.priced.terms.to_vec(),
                vcpu_millis: case.priced.vcpu_millis,
                ram_mib: case.priced.ram_mib,
                egress_free_gb_per_month: case.priced.egress_free_gb_per_month,
                is_from: case.is_from,
            },
            gpus: case.gpus,
            download_mbit_s: case.download_mbit_s,
            units: case.units,
            returns_ppm: case.returns_ppm,
            work: case.work.clone(),
            rule: (*rule).clone(),
            policy: row.policy,
            low: row.total_low_usd,
            high: row.total_high_usd,
            lines: row.lines.clone(),
            spot: row.spot.clone(),
        });
        pages.extend(row.offer.evidence.pages.iter().flat_map(|pages| pages.0.iter().cloned()));
    }
    pages.sort();
    pages.dedup();
    let fault = |source| SavedError::File { path: path.clone(), source };
    let saved = Saved {
        program: env!("CARGO_PKG_VERSION").to_owned(),
        saved_at: as_of,
        plan: plan.pinned(&resolved.assumptions),
        sessions: resolved.sessions.clone(),
        session_seconds: resolved.session_seconds,
        models_bytes: resolved.models_bytes,
        egress_bytes: resolved.egress_bytes,
        assumed: resolved.assumed,
        rates: market.rates.as_deref().cloned(),
        rows,
        pages,
        answer: serde_json::to_value(&answer).map_err(|error| fault(error.into()))?,
    };
    std::fs::create_dir_all(folder).map_err(fault)?;
    let text = serde_json::to_vec_pretty(&saved).map_err(|error| fault(error.into()))?;
    // A file of another name first: a reader sees all of it or nothing.
    let partial = path.with_extension("partial");
    let written = std::fs::write(&partial, text).and_then(|()| std::fs::rename(&partial, &path));
    if let Err(source) = written {
        let _ = std::fs::remove_file(&partial);
        return Err(fault(source));
    }
    Ok((answer, path))
}

fn read(path: &Path) -> Result<Saved, SavedError> {
    let text = std::fs::read(path).map_err(|source| SavedError::File { path: path.to_owned(), source })?;
    serde_json::from_slice(&text).map_err(|error| SavedError::Damaged { path: path.to_owned(), reason: error.to_string() })
}

/// Computes a saved simulation again from what was saved with it.
///
/// # Errors
/// [`SavedError`] where it cannot be read; a result that differs is no error but in [`Verified::differences`].
pub fn verify(folder: &Path, name: &str) -> Result<Verified, SavedError> {
    let path = file(folder, name)?;
    let saved = read(&path)?;
    let resolved = Resolved {
        sessions: saved.sessions.clone(),
        session_seconds: saved.session_seconds,
        models_bytes: saved.models_bytes,
        egress_bytes: saved.egress_bytes,
        assumed: saved.assumed,
        ..saved.plan.resolve()?
    };
    let mut differences = Vec::new();
    let mut scratch = Scratch::default();
    let mut last = None;
    for (index, row) in saved.rows.iter().enumerate() {
        let case = Case {
            priced: Priced {
                per_hour: PerHour { nanos: row.price.amount.0, currency: row.price.currency },
                terms: &row.price.terms,
                vcpu_millis: row.price.vcpu_millis,
                ram_mib: row.price.ram_mib,
                egress_free_gb_per_month: row.price.egress_free_gb_per_month,
            },
            rule: &row.rule,
            market: row.market,
            gpus: row.gpus,
            download_mbit_s: row.download_mbit_s,
            is_from: row.price.is_from,
            units: row.units,
            returns_ppm: row.returns_ppm,
            work: &row.work,
        };
        let mut differs = |what: &str, was: String, is: String| {
            if was != is {
                differences.push(format!("row {} ({}): {what} was {was}, is {is}", index + 1, row.id));
            }
        };
        // What was shown must be what was computed.
        let shown = &saved.answer["items"][index];
        let text = |key: &str| shown[key].as_str().unwrap_or("not there").to_owned();
        differs("the offer that is shown", text("id"), row.id.to_string());
        differs("the cheap end that is shown", text("total_low_usd"), row.low.to_string());
        differs("the dear end that is shown", text("total_high_usd"), row.high.to_string());
        differs("the lines that are shown", shown["lines"].to_string(), serde_json::to_value(&row.lines).unwrap_or_default().to_string());
        let Some((tariffs, outcome)) = case.tariffs(&resolved, saved.rates.as_ref()).ok().and_then(|tariffs| {
            let outcome = spot::best(&case, &resolved, &tariffs, &mut scratch)?;
            Some((tariffs, outcome))
        }) else {
            differs("the bill", "there".to_owned(), "not possible".to_owned());
            continue;
        };
        differs("what happens between sessions", row.policy.as_str().to_owned(), outcome.policy.as_str().to_owned());
        differs("the cheap end", row.low.to_string(), Nanos(outcome.low).to_string());
        differs("the dear end", row.high.to_string(), Nanos(outcome.high).to_string());
        let how = (outcome.policy, outcome.machines, outcome.high_at);
        let lines = view::lines(&case, &resolved, &tariffs.1, how, &mut scratch);
        let text =
            |lines: &[LineView]| lines.iter().map(|line| format!("{} {}", line.words, line.amount_usd)).collect::<Vec<_>>().join(", ");
        differs("the lines", text(&row.lines), text(&lines));
        let runs = spot::view(&case, &resolved, &tariffs.1, how);
        differs("the runs", format!("{:?}", row.spot), format!("{runs:?}"));
        // Rows done in time stand first, and of these those whose dear end is known, each group by its dear end.
        let order_kept = last.is_none_or(|last| outcome.place() >= last);
        differs("its place", "in order".to_owned(), if order_kept { "in order".to_owned() } else { "out of order".to_owned() });
        last = Some(outcome.place());
    }
    Ok(Verified { saved_at: saved.saved_at, rows: saved.rows.len(), differences, pages: saved.pages })
}

/// Hashes of every page that a saved simulation in `folder` rests on. A file that cannot be read is told to the log and
/// pins nothing.
pub fn pinned_pages(folder: &Path) -> Vec<String> {
    /// The part of a saved simulation that is needed here.
    #[derive(Deserialize)]
    struct PagesOnly {
        pages: Vec<String>,
    }
    let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut pages = Vec::new();
    for path in files.flatten().map(|file| file.path()).filter(|path| path.extension().is_some_and(|extension| extension == "json")) {
        match std::fs::read(&path)
            .map_err(|error| error.to_string())
            .and_then(|text| serde_json::from_slice::<PagesOnly>(&text).map_err(|error| error.to_string()))
        {
            Ok(saved) => pages.extend(saved.pages),
            Err(error) => tracing::warn!(path = %path.display(), error, "a saved simulation cannot be read: its pages are not kept for it"),
        }
    }
    pages
}

/// Where simulations are kept: beside the database.
pub fn folder_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".simulations");
    PathBuf::from(name)
}
