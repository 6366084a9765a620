//! The rows of each table, read a page at a time: by key from the database, by cursor from the market.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use gpurate_domain::{Currency, FxRates, Nanos, PerHour};

use super::{Question, Row, Table, Value};
use crate::catalogue;
use crate::market::Market;
use crate::market::summary::Scope;
use crate::past::{Names, Rates};
use crate::prices::{self, Filters, OfferView};
use crate::store::history::{PastOffer, PastPrice, SeriesRow};
use crate::store::{Reader, Store, StoreError};

/// Rows of a page, at most.
const PAGE_ROWS: u32 = 2_000;
/// Offers that are looked at for one page, at most.
const PAGE_OFFERS: u32 = 2_000;

/// Rows, a page at a time.
pub trait Rows: Send {
    /// The next rows, maybe none of them; `None` at the end. Blocking.
    ///
    /// # Errors
    /// [`StoreError`].
    fn next_page(&mut self) -> Result<Option<Vec<Row>>, StoreError>;
    /// How far it is, and of how many.
    fn progress(&self) -> (u64, u64);
}

pub(crate) fn of(question: Question, store: Store, market: Arc<Market>, now: DateTime<Utc>) -> Box<dyn Rows> {
    match question.table {
        Table::Offers => Box::new(Offers::new(question, market, now)),
        Table::Prices => match question.origin.clone() {
            Some(origin) => Box::new(Imported { prices: Prices::new(question, store), origin, holds: None }),
            None => Box::new(Prices::new(question, store)),
        },
        Table::Series => Box::new(Series { question, store, scopes: None, at: 0, after: None }),
    }
}

pub(crate) const OFFER_COLUMNS: &[&str] = &[
    "id",
    "provider",
    "sku",
    "tier",
    "region",
    "country",
    "market",
    "gpu",
    "gpu_group",
    "gpu_family",
    "gpu_name_raw",
    "gpu_count",
    "gpu_count_max",
    "vram_gib_per_gpu",
    "vram_gib_usable",
    "price_usd_per_hour",
    "price_usd_per_gpu_hour",
    "price_kind",
    "original_price_amount",
    "original_price_currency",
    "original_price_unit",
    "original_price_rate_date",
    "source",
    "availability",
    "units",
    "terms",
    "vcpu",
    "ram_gib",
    "disk_gb",
    "download_mbit_s",
    "upload_mbit_s",
    "reliability",
    "verified",
    "offered_for_seconds",
    "observed_at",
    "price_since",
    "age_seconds",
    "freshness",
    "presence",
    "part",
    "launch_url",
    "count_anomaly",
    "flapping",
    "retired",
];

struct Offers {
    filters: Filters,
    market: Arc<Market>,
    now: DateTime<Utc>,
    done: u64,
    ended: bool,
}

impl Offers {
    fn new(question: Question, market: Arc<Market>, now: DateTime<Utc>) -> Self {
        let filters = Filters { gpu: question.gpu, provider: question.provider, limit: Some(prices::LIMIT_MAX), ..Filters::default() };
        Self { filters, market, now, done: 0, ended: false }
    }
}

impl Rows for Offers {
    fn next_page(&mut self) -> Result<Option<Vec<Row>>, StoreError> {
        if self.ended {
            return Ok(None);
        }
        let answer = prices::offers(&self.market, &self.filters, self.now);
        self.ended = answer.next_cursor.is_none();
        self.filters.cursor = answer.next_cursor;
        self.done += answer.items.len() as u64;
        Ok(Some(answer.items.into_iter().map(offer_row).collect()))
    }

    fn progress(&self) -> (u64, u64) {
        (self.done, (self.market.index.entries.len() as u64).max(self.done))
    }
}

fn whole(number: impl TryInto<i64>) -> Value {
    number.try_into().map_or(Value::Null, Value::Whole)
}

/// The word a plain enum has in the API.
fn word(value: &impl serde::Serialize) -> Value {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => Value::Text(text.into()),
        _ => Value::Null,
    }
}

fn offer_row(offer: OfferView) -> Row {
    let shown = |value: Option<String>| Value::or_null(value.map(Arc::<str>::from));
    let (attributes, original) = (offer.attributes, offer.original_price);
    vec![
        Value::shown(offer.id),
        Value::Text(offer.provider.0),
        Value::Text(offer.sku.0),
        Value::Text(offer.tier.0),
        Value::Text(offer.region.0),
        shown(offer.country.map(|country| country.to_string())),
        Value::shown(offer.market),
        Value::or_null(offer.gpu.map(|gpu| gpu.0)),
        Value::Text(offer.gpu_group.0),
        Value::or_null(offer.gpu_family.map(|family| family.0)),
        Value::Text(offer.gpu_name_raw.0),
        shown(offer.gpu_count.map(|count| count.to_string())),
        offer.gpu_count_max.map_or(Value::Null, whole),
        shown(offer.vram_gib_per_gpu.map(|memory| memory.to_string())),
        shown(offer.vram_gib_usable.map(|memory| memory.to_string())),
        Value::or_null(offer.price_usd_per_hour.map(|price| Nanos(price.nanos))),
        Value::or_null(offer.price_usd_per_gpu_hour.map(|price| Nanos(price.nanos))),
        word(&offer.price_kind),
        Value::Decimal(original.amount),
        Value::shown(original.currency),
        Value::Text(original.unit.into()),
        shown(original.rate_date.map(|date| date.to_string())),
        Value::Text(offer.source.into()),
        Value::Text(offer.availability.as_str().into()),
        whole(offer.units),
        serde_json::to_string(&offer.terms).map_or(Value::Null, |terms| Value::List(terms.into())),
        Value::or_null(attributes.vcpu),
        shown(attributes.ram_gib.map(|memory| memory.to_string())),
        attributes.disk_gb.map_or(Value::Null, whole),
        attributes.download_mbit_s.map_or(Value::Null, whole),
        attributes.upload_mbit_s.map_or(Value::Null, whole),
        Value::or_null(attributes.reliability),
        attributes.verified.map_or(Value::Null, Value::Bool),
        attributes.offered_for_seconds.map_or(Value::Null, whole),
        Value::Time(offer.observed_at),
        Value::Time(offer.price_since),
        Value::Whole(offer.age_seconds),
        word(&offer.freshness),
        Value::Text(offer.presence.into()),
        Value::Text(offer.evidence.part.0),
        Value::Text(offer.launch_url.into()),
        Value::Bool(offer.count_anomaly),
        Value::Bool(offer.flapping),
        Value::Bool(offer.retired),
    ]
}

pub(crate) const PRICE_COLUMNS: &[&str] = &[
    "id",
    "provider",
    "sku",
    "tier",
    "region",
    "country",
    "market",
    "gpu",
    "gpu_name_raw",
    "gpu_count",
    "observed_at",
    "revision",
    "price_per_hour",
    "currency",
    "original_price_amount",
    "original_price_unit",
    "price_usd_per_hour",
    "rate_date",
    "availability",
    "withdrawn",
    "origin",
];

struct Prices {
    question: Question,
    store: Store,
    last_row: Option<i64>,
    /// Offers up to this row are done, but for `current`.
    done_row: i64,
    /// An offer whose prices did not fit into a page, and the last key of it that did.
    current: Option<(Identified, Key)>,
    /// Offers that were read and whose turn has not come.
    waiting: std::collections::VecDeque<Identified>,
    names: Names,
    rates: Rates,
}

/// When, and which revision.
type Key = (DateTime<Utc>, i64);

struct Identified {
    offer: PastOffer,
    gpu: Option<usize>,
}

impl Prices {
    fn new(question: Question, store: Store) -> Self {
        Self {
            question,
            store,
            last_row: None,
            done_row: 0,
            current: None,
            waiting: std::collections::VecDeque::new(),
            names: Names::default(),
            rates: Rates::default(),
        }
    }

    /// Reads offers where none is waiting. False: there are no more.
    fn fill(&mut self, reader: &Reader) -> Result<bool, StoreError> {
        let offers = reader.offers_after(self.done_row, PAGE_OFFERS)?;
        let Some(last) = offers.last() else { return Ok(false) };
        self.done_row = last.row;
        self.wait(offers);
        Ok(true)
    }

    fn row(&mut self, reader: &Reader, Identified { offer, gpu }: &Identified, price: &PastPrice) -> Result<Row, StoreError> {
        let is_foreign = price.quoted.as_ref().is_some_and(|quoted| quoted.currency != Currency::USD);
        let rates = if is_foreign { self.rates.of(reader, price.observed_at.date_naive())? } else { None };
        Ok(price_row(offer, *gpu, price, rates.as_deref(), self.question.origin.as_deref()))
    }

    /// Keeps those that are asked for.
    fn wait(&mut self, offers: Vec<PastOffer>) {
        for offer in offers {
            if self.question.wants_provider(&offer.provider) {
                let (gpu, slug) = self.names.of(&offer);
                if self.question.wants_gpu(&slug) {
                    self.waiting.push_back(Identified { offer, gpu });
                }
            }
        }
    }

    /// The offer whose turn it is, and where to go on in it.
    fn next_offer(&mut self) -> Option<(Identified, Option<Key>)> {
        match self.current.take() {
            Some((identified, after)) => Some((identified, Some(after))),
            None => self.waiting.pop_front().map(|identified| (identified, None)),
        }
    }
}

/// A row of `prices`. `rates` are those of the price's day.
pub(crate) fn price_row(offer: &PastOffer, gpu: Option<usize>, price: &PastPrice, rates: Option<&FxRates>, origin: Option<&str>) -> Row {
    let quoted = price.quoted.as_ref();
    let usd = quoted.and_then(|quoted| {
        let per_hour = PerHour { nanos: quoted.per_hour.0, currency: quoted.currency };
        gpurate_domain::money::usd_per_hour(per_hour, rates)
    });
    let by_rate = usd.is_some() && quoted.is_some_and(|quoted| quoted.currency != Currency::USD);
    let rate_date = rates.filter(|_| by_rate).map(|rates| Arc::<str>::from(rates.date.to_string()));
    let shown = |value: Option<String>| Value::or_null(value.map(Arc::<str>::from));
    vec![
        Value::shown(offer.id),
        Value::Text(offer.provider.clone()),
        Value::Text(offer.sku.clone()),
        Value::Text(offer.tier.clone()),
        Value::Text(offer.region.clone()),
        shown(offer.country.map(|country| country.to_string())),
        Value::shown(offer.market),
        shown(gpu.map(|gpu| catalogue::gpus().gpu(gpu).slug.clone())),
        Value::Text(offer.gpu_name.clone()),
        shown(offer.gpu_count.map(|count| count.to_string())),
        Value::Time(price.observed_at),
        Value::Whole(price.revision),
        Value::or_null(quoted.map(|quoted| quoted.per_hour)),
        shown(quoted.map(|quoted| quoted.currency.to_string())),
        Value::or_null(quoted.map(|quoted| quoted.amount)),
        shown(quoted.map(|quoted| quoted.unit.clone())),
        Value::or_null(usd.map(|usd| Nanos(usd.nanos))),
        Value::or_null(rate_date),
        Value::Text(price.availability.as_str().into()),
        Value::Bool(quoted.is_none()),
        Value::or_null(origin.map(Arc::<str>::from)),
    ]
}

/// Rows of an import.
struct Imported {
    prices: Prices,
    origin: String,
    holds: Option<TimeDelta>,
}

impl Rows for Imported {
    fn next_page(&mut self) -> Result<Option<Vec<Row>>, StoreError> {
        let prices = &mut self.prices;
        let reader = prices.store.reader()?;
        let holds = match self.holds {
            Some(holds) => holds,
            None => {
                prices.last_row = Some(reader.last_imported_offer_row(&self.origin)?);
                // An import that was forgotten since has no rows.
                *self.holds.insert(reader.import_holds(&self.origin)?.unwrap_or_default())
            }
        };
        if prices.current.is_none() && prices.waiting.is_empty() {
            let offers = reader.imported_offers_after(&self.origin, prices.done_row, PAGE_OFFERS)?;
            let Some(last) = offers.last() else { return Ok(None) };
            prices.done_row = last.row;
            prices.wait(offers);
        }
        let mut page = Vec::new();
        while (page.len() as u32) < PAGE_ROWS {
            let Some((identified, after)) = prices.next_offer() else { break };
            let (rows, next) =
                reader.imported_prices(identified.offer.row, holds, after.map(|(at, _)| at), prices.question.window, PAGE_ROWS)?;
            for row in &rows {
                page.push(prices.row(&reader, &identified, row)?);
            }
            if let Some(next) = next {
                prices.current = Some((identified, (next, 0)));
            }
        }
        Ok(Some(page))
    }

    fn progress(&self) -> (u64, u64) {
        self.prices.progress()
    }
}

impl Rows for Prices {
    fn next_page(&mut self) -> Result<Option<Vec<Row>>, StoreError> {
        let reader = self.store.reader()?;
        if self.last_row.is_none() {
            self.last_row = Some(reader.last_offer_row()?);
        }
        if self.current.is_none() && self.waiting.is_empty() && !self.fill(&reader)? {
            return Ok(None);
        }
        let mut page = Vec::new();
        while (page.len() as u32) < PAGE_ROWS {
            let Some((identified, after)) = self.next_offer() else { break };
            let room = PAGE_ROWS - page.len() as u32;
            let prices = reader.past_prices(identified.offer.row, after, self.question.window, self.question.revisions, room)?;
            for price in &prices {
                page.push(self.row(&reader, &identified, price)?);
            }
            if let Some(last) = prices.last().filter(|_| prices.len() as u32 == room) {
                self.current = Some((identified, (last.observed_at, last.revision)));
            }
        }
        Ok(Some(page))
    }

    fn progress(&self) -> (u64, u64) {
        let done = self.waiting.front().map_or(self.done_row, |next| next.offer.row - 1);
        let of = self.last_row.unwrap_or(0).max(done);
        (u64::try_from(done).unwrap_or(0), u64::try_from(of).unwrap_or(0))
    }
}

pub(super) const SERIES_COLUMNS: &[&str] = &[
    "gpu",
    "market",
    "tier",
    "several",
    "provider",
    "observed_at",
    "min_usd_per_gpu_hour",
    "quartile_usd_per_gpu_hour",
    "median_usd_per_gpu_hour",
    "max_usd_per_gpu_hour",
    "offers",
    "machines",
    "providers_not_fresh",
    "providers",
    "rentable_usd_per_gpu_hour",
];

struct Series {
    question: Question,
    store: Store,
    scopes: Option<Vec<(i64, Scope)>>,
    at: usize,
    after: Option<DateTime<Utc>>,
}

impl Rows for Series {
    fn next_page(&mut self) -> Result<Option<Vec<Row>>, StoreError> {
        let reader = self.store.reader()?;
        if self.scopes.is_none() {
            let mut scopes = reader.scopes()?;
            let question = &self.question;
            scopes.retain(|(_, scope)| {
                // All providers together is a series of no single one.
                question.wants_gpu(&scope.gpu) && question.wants_provider(&scope.provider)
            });
            self.scopes = Some(scopes);
        }
        let scopes = self.scopes.as_deref().unwrap_or_default();
        if self.at >= scopes.len() {
            return Ok(None);
        }
        let mut page: Vec<Row> = Vec::new();
        while let Some((id, scope)) = scopes.get(self.at) {
            let room = PAGE_ROWS.saturating_sub(page.len() as u32);
            if room == 0 {
                break;
            }
            let rows = reader.series(*id, self.after, self.question.window, room)?;
            page.extend(rows.iter().map(|row| series_row(scope, row)));
            match rows.last().filter(|_| rows.len() as u32 == room) {
                Some(last) => self.after = Some(last.observed_at),
                None => (self.at, self.after) = (self.at + 1, None),
            }
        }
        Ok(Some(page))
    }

    fn progress(&self) -> (u64, u64) {
        (self.at as u64, self.scopes.as_ref().map_or(0, Vec::len) as u64)
    }
}

fn series_row(scope: &Scope, SeriesRow { observed_at, summary }: &SeriesRow) -> Row {
    let price = |position: usize| Value::or_null(summary.prices.map(|prices| Nanos(prices[position])));
    let or_all = |text: &Arc<str>| if text.is_empty() { Value::Null } else { Value::Text(text.clone()) };
    vec![
        Value::Text(scope.gpu.clone()),
        Value::shown(scope.market),
        or_all(&scope.tier),
        Value::Bool(scope.several),
        or_all(&scope.provider),
        Value::Time(*observed_at),
        price(0),
        price(1),
        price(2),
        price(3),
        whole(summary.offers),
        whole(summary.machines),
        whole(summary.providers_not_fresh),
        summary.providers.map_or(Value::Null, whole),
        Value::or_null(summary.rentable.map(Nanos)),
    ]
}
