//! What the views of the past share: what names of then mean by today's table, and what a currency was worth then. Each
//! is looked up once for a question, and remembered within bounds.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use gpurate_domain::{FxRates, GpuMatch, Vram};

use crate::collect::normalise::identify_words;
use crate::market::group_slug_of_name;
use crate::store::history::PastOffer;
use crate::store::{Reader, StoreError};

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
