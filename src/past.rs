//! What the views of the past share: what names of then mean by today's table, and what a currency was worth then. Each
//! is looked up once for a question, and remembered within bounds.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use gpurate_domain::{FxRates, GpuMatch, Vram};

use crate::collect::normalise::identify_words;
use crate::import::map::is_slug;
use crate::market::group_slug_of_name;
use crate::prices::FilterError;
use crate::store::history::PastOffer;
use crate::store::{Reader, StoreError};
use crate::words::nearest;

/// Why a question about the past has no answer.
#[derive(Debug, thiserror::Error)]
pub enum PastError {
    /// The question asks for more than an answer holds.
    #[error(transparent)]
    Question(#[from] FilterError),
    /// It names an import that there is not.
    #[error("{0}")]
    NoImport(FilterError),
    /// The database cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Remembered meanings of names, and days of rates.
const REMEMBERED_MAX: usize = 10_000;

/// Name, second name and memory: what decides which GPU it is.
type Words = (Arc<str>, Option<Arc<str>>, Option<Vram>);

/// What names mean.
#[derive(Default)]
pub(crate) struct Names(HashMap<Words, (Option<usize>, Arc<str>)>);

impl Names {
    /// The table's own part, where the words mean one, and the slug of the group.
    pub(crate) fn of(&mut self, offer: &PastOffer) -> (Option<usize>, Arc<str>) {
        if self.0.len() >= REMEMBERED_MAX {
            self.0.clear();
        }
        let key = (offer.gpu_name.clone(), offer.gpu_name_alternative.clone(), offer.vram_per_gpu);
        let known = self.0.entry(key).or_insert_with(|| {
            let gpu = identify_words(&offer.gpu_name, offer.gpu_name_alternative.as_deref(), offer.vram_per_gpu);
            let slug = group_slug_of_name(&gpu, &offer.gpu_name).into();
            (if let GpuMatch::Known(gpu) = gpu { Some(gpu) } else { None }, slug)
        });
        known.clone()
    }
}

/// Reference rates by day.
#[derive(Default)]
pub(crate) struct Rates(HashMap<NaiveDate, Option<Arc<FxRates>>>);

impl Rates {
    /// Those of a day, or of the last day before it that has any.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn of(&mut self, reader: &Reader, day: NaiveDate) -> Result<Option<Arc<FxRates>>, StoreError> {
        if let Some(known) = self.0.get(&day) {
            return Ok(known.clone());
        }
        if self.0.len() >= REMEMBERED_MAX {
            self.0.clear();
        }
        let rates = reader.rates_of(day)?.map(Arc::new);
        self.0.insert(day, rates.clone());
        Ok(rates)
    }
}

/// Reads the name of an import.
///
/// # Errors
/// [`FilterError`] where it cannot be one.
pub(crate) fn origin_name(text: &str) -> Result<String, FilterError> {
    if is_slug(text) {
        return Ok(text.to_owned());
    }
    let shown: String = text.chars().take(40).collect();
    let message = format!("`{shown}` does not name an import: small letters, digits and `-`; `gpurate import --list` names them");
    Err(FilterError { parameter: "origin".to_owned(), message })
}

/// How long a price of an import holds after it was last seen.
///
/// # Errors
/// [`PastError::NoImport`].
pub(crate) fn holds_of_origin(reader: &Reader, origin: &str) -> Result<chrono::TimeDelta, PastError> {
    if let Some(holds) = reader.import_holds(origin)? {
        return Ok(holds);
    }
    let known = reader.origins()?;
    let near = nearest(origin, known.iter().map(String::as_str)).map(|near| format!("; did you mean `{near}`?"));
    let way_out = near.unwrap_or_else(|| "; `gpurate import --list` names those there are".to_owned());
    let shown: String = origin.chars().take(60).collect();
    Err(PastError::NoImport(FilterError { parameter: "origin".to_owned(), message: format!("nothing was imported as `{shown}`{way_out}") }))
}

/// Looks whether an import has these providers: any may be asked for, and a slip shall not look like a provider without prices.
///
/// # Errors
/// [`PastError::Question`] names those it has.
pub(crate) fn providers_of_origin(reader: &Reader, origin: &str, wanted: &[String]) -> Result<(), PastError> {
    if wanted.is_empty() {
        return Ok(());
    }
    let there = reader.imported_providers(origin)?;
    let Some(missing) = wanted.iter().find(|wanted| !there.contains(wanted)) else { return Ok(()) };
    let near = nearest(missing, there.iter().map(String::as_str)).map(|near| format!("; did you mean `{near}`?"));
    let way_out = near.unwrap_or_else(|| format!("; it has `{}`", there.join("`, `")));
    let message = format!("nothing of a provider `{missing}` was imported as `{origin}`{way_out}");
    Err(FilterError { parameter: "provider".to_owned(), message }.into())
}
