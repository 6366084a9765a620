//! What changed, newest first, from the rows of history and the events: before, after, and what it rests on. HTTP, the
//! feed and the command line ask the same function. A correction is never a change of the market, and neither is what a
//! part's first answer held: that is when we began to look.
//!
//! The order is that of telling: a withdrawal is dated at the first answer without the offer, and told with the second one.
//! So a window that was asked for never changes afterwards, and who asks again from his last answer on misses nothing.
//!
//! An answer is bounded by its items, by the rows that are looked at for it, and by time. Where one of them ends it, its
//! cursor goes on from there.

pub mod atom;
pub mod tail;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::str::FromStr;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use gpurate_domain::{Availability, Country, Currency, GpuCount, MarketKind, Nanos, PerHour, UsdPerGpuHour, UsdPerHour};
use serde::Serialize;
use utoipa::ToSchema;

use crate::catalogue;
use crate::parameters;
use crate::past::{Names, Rates};
use crate::prices::{FilterError, Filters, GpuChoice, LIMIT_DEFAULT, LIMIT_MAX, LIST_ITEMS_MAX, Word, floor_as_of};
use crate::rules::{self, ChangedFact};
use crate::store::changes::{EventRow, EvidenceAt, PartName, PriceChange, TermedPrice};
use crate::store::history::{PastOffer, PastPrice};
use crate::store::{Reader, StoreError};
use crate::window::Window;
use crate::words::nearest;

/// Days that are shown unless asked.
const DAYS_USUAL: i64 = 7;
/// Rows that are looked at for one answer.
const ROWS_LOOKED_AT_MAX: u32 = 20_000;
/// Rows that are read at once.
const BATCH_ROWS: u32 = 500;
/// Time that is spent on one answer; what is not looked at then is behind its cursor.
const PATIENCE: Duration = Duration::from_millis(500);

/// The parameters of a question, for HTTP and the command line.
pub const PARAMETERS: [&str; 8] = ["gpu", "market", "provider", "kind", "since", "until", "limit", "cursor"];

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ChangeKind)]
pub enum Kind {
    /// It costs more, in the provider's own currency.
    PriceUp,
    /// It costs less.
    PriceDown,
    /// Priced in another currency than before: neither up nor down.
    Currency,
    /// Offered for the first time.
    New,
    /// Not offered any more; dated at the first answer without it.
    Withdrawn,
    /// Offered again after it was withdrawn.
    Back,
    /// Same price, other availability.
    Stock,
    /// Same price per hour, quoted otherwise or with other storage, egress or set-up prices.
    Terms,
    /// The provider has a GPU that it had nowhere before.
    GpuNew,
    /// The provider has a GPU nowhere any more.
    GpuGone,
    /// A part (a region, a feed) has a GPU that other parts of the provider had already.
    GpuNewInPart,
    /// A part has a GPU no more; other parts of the provider do.
    GpuGoneFromPart,
    /// An answer was not believed; the prices of before stay, with their age.
    PartRefused,
    /// What was not believed at first came again and again.
    AcceptedByRepetition,
    /// A person vouched for it.
    AcceptedByHand,
    /// A price went back to what it was within a day.
    Flapping,
    /// The provider's billing rule is not what the program knew before: it was upgraded, or a rule's first day came.
    RuleChanged,
}

impl Kind {
    /// Every kind, in the order they are documented.
    pub const ALL: [Self; 17] = [
        Self::PriceUp,
        Self::PriceDown,
        Self::Currency,
        Self::New,
        Self::Withdrawn,
        Self::Back,
        Self::Stock,
        Self::Terms,
        Self::GpuNew,
        Self::GpuGone,
        Self::GpuNewInPart,
        Self::GpuGoneFromPart,
        Self::PartRefused,
        Self::AcceptedByRepetition,
        Self::AcceptedByHand,
        Self::Flapping,
        Self::RuleChanged,
    ];

    /// The word in questions, answers and the table of events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PriceUp => "price_up",
            Self::PriceDown => "price_down",
            Self::Currency => "currency",
            Self::New => "new",
            Self::Withdrawn => "withdrawn",
            Self::Back => "back",
            Self::Stock => "stock",
            Self::Terms => "terms",
            Self::GpuNew => "gpu_new",
            Self::GpuGone => "gpu_gone",
            Self::GpuNewInPart => "gpu_new_in_part",
            Self::GpuGoneFromPart => "gpu_gone_from_part",
            Self::PartRefused => "part_refused",
            Self::AcceptedByRepetition => "accepted_by_repetition",
            Self::AcceptedByHand => "accepted_by_hand",
            Self::Flapping => "flapping",
            Self::RuleChanged => "rule_changed",
        }
    }

    /// For people.
    pub fn in_words(self) -> String {
        self.as_str().replace('_', " ")
    }

    /// It is read from the rows of history; the others are events.
    const fn is_of_a_price(self) -> bool {
        matches!(
            self,
            Self::PriceUp | Self::PriceDown | Self::Currency | Self::New | Self::Withdrawn | Self::Back | Self::Stock | Self::Terms
        )
    }
}

impl FromStr for Kind {
    type Err = FilterError;
    fn from_str(text: &str) -> Result<Self, FilterError> {
        let words = Self::ALL.map(Self::as_str);
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| {
            let shown: String = text.chars().take(40).collect();
            let near = nearest(&shown, words).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            error("kind", format!("`{shown}` is no value of `kind`: one of `{}`{near}", words.join("`, `")))
        })
    }
}

fn error(parameter: &str, message: String) -> FilterError {
    FilterError { parameter: parameter.to_owned(), message }
}

/// The place of a change in the one order they are told in, by the moment of telling: newest first; at one moment events
/// before prices, and each by their rows, backwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    at_ms: i64,
    is_price: bool,
    row: i64,
}

impl Key {
    /// Told before the other.
    fn comes_before(self, other: Self) -> bool {
        (other.at_ms, self.is_price, other.row) < (self.at_ms, other.is_price, self.row)
    }

    /// Before which (moment, row) a source goes on behind this key.
    fn bound(self, of_prices: bool) -> (DateTime<Utc>, i64) {
        let row = match (of_prices, self.is_price) {
            (true, false) => i64::MAX,
            (false, true) => i64::MIN,
            _ => self.row,
        };
        (DateTime::from_timestamp_millis(self.at_ms).unwrap_or(DateTime::UNIX_EPOCH), row)
    }

    fn text(self) -> String {
        format!("{}.{}{}", self.at_ms, if self.is_price { 'p' } else { 'e' }, self.row)
    }

    fn parse(text: &str) -> Option<Self> {
        let digits = |text: &str, most: usize| -> Option<i64> {
            (text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
        };
        let (at, rest) = text.split_once('.')?;
        let is_price = match rest.chars().next()? {
            'p' => true,
            'e' => false,
            _ => return None,
        };
        Some(Self { at_ms: digits(at, 15)?, is_price, row: digits(&rest[1..], 18)? })
    }
}

/// What is asked for, read and checked.
#[derive(Clone, Debug)]
pub struct Question {
    gpu: Vec<GpuChoice>,
    market: Vec<MarketKind>,
    provider: Vec<String>,
    kind: Vec<Kind>,
    window: Window,
    /// Without an end: what is written a little ahead of the clock, because it was set back, is in.
    open: bool,
    limit: usize,
    cursor: Option<Key>,
}

impl Question {
    /// Reads a question; a list may also be given by repeating its key.
    ///
    /// # Errors
    /// [`FilterError`] names the parameter, the value and what is allowed or near.
    pub fn parse(pairs: impl Iterator<Item = (String, String)>, now: DateTime<Utc>) -> Result<Self, FilterError> {
        let (mut lists, mut kinds, mut single) = (Vec::new(), Vec::new(), HashMap::new());
        for (name, value) in pairs {
            match name.as_str() {
                "gpu" | "market" | "provider" => lists.push((name, value)),
                "kind" => kinds.push(value),
                known if PARAMETERS.contains(&known) => {
                    if single.insert(name.clone(), value).is_some() {
                        return Err(parameters::twice(&name));
                    }
                }
                _ => return Err(parameters::unknown(&name, &PARAMETERS)),
            }
        }
        let of = |name: &str| single.get(name).map(String::as_str);
        let filters = Filters::parse(lists.into_iter())?;
        let until = Window::parse(None, of("until"), now, now)?.until;
        let mut window = Window::parse(of("since"), of("until"), until - TimeDelta::days(DAYS_USUAL), now)?;
        if of("until").is_none() {
            // What a program has just been told of is in.
            window.until = now + TimeDelta::milliseconds(1);
        }
        Ok(Self {
            gpu: filters.gpu,
            market: filters.market,
            provider: filters.provider,
            kind: kinds_of(&kinds)?,
            window,
            open: of("until").is_none(),
            limit: of("limit").map_or(Ok(LIMIT_DEFAULT), limit_of)?,
            cursor: of("cursor").map(cursor_of).transpose()?,
        })
    }

    /// All there is up to a day from now.
    fn everything(now: DateTime<Utc>) -> Self {
        let window = Window { since: DateTime::UNIX_EPOCH, until: now + TimeDelta::days(1) };
        Self {
            gpu: Vec::new(),
            market: Vec::new(),
            provider: Vec::new(),
            kind: Vec::new(),
            window,
            open: true,
            limit: LIMIT_DEFAULT,
            cursor: None,
        }
    }

    fn wants(&self, kind: Kind) -> bool {
        self.kind.is_empty() || self.kind.contains(&kind)
    }

    /// The same for what was told before its window: the newest of it. Of an answer without items it says since when there are
    /// none.
    pub fn newest_before(&self) -> Self {
        let window = Window { since: DateTime::UNIX_EPOCH, until: self.window.since };
        Self { window, open: false, limit: 1, cursor: None, ..self.clone() }
    }

    /// Whether any of these kinds is asked for.
    fn wants_any(&self, of_prices: bool) -> bool {
        Kind::ALL.into_iter().any(|kind| kind.is_of_a_price() == of_prices && self.wants(kind))
    }

    fn wants_provider(&self, provider: &str) -> bool {
        self.provider.is_empty() || self.provider.iter().any(|wanted| wanted == provider)
    }

    fn wants_market(&self, market: Option<MarketKind>) -> bool {
        self.market.is_empty() || market.is_some_and(|market| self.market.contains(&market))
    }

    fn wants_gpu(&self, slug: Option<&str>) -> bool {
        self.gpu.is_empty() || slug.is_some_and(|slug| self.gpu.iter().any(|choice| choice.means(slug)))
    }
}

fn kinds_of(values: &[String]) -> Result<Vec<Kind>, FilterError> {
    let mut kinds = Vec::new();
    for value in values {
        let before = kinds.len();
        for item in value.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            if kinds.len() == LIST_ITEMS_MAX {
                return Err(error("kind", format!("`kind` has more than {LIST_ITEMS_MAX} values; each once is enough")));
            }
            kinds.push(item.parse()?);
        }
        if kinds.len() == before {
            return Err(error("kind", "`kind` has no value; leave it out to not filter by it".to_owned()));
        }
    }
    Ok(kinds)
}

fn limit_of(text: &str) -> Result<usize, FilterError> {
    text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit)).ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        error("limit", format!("`{shown}` is no page; `limit` is 1 to {LIMIT_MAX}"))
    })
}

fn cursor_of(text: &str) -> Result<Key, FilterError> {
    Key::parse(text).ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        error("cursor", format!("`{shown}` is no cursor of an answer of this service; begin without one"))
    })
}

/// What changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangesAnswer {
    /// The moment of the answer: the clock floored to ten seconds.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: DateTime<Utc>,
    /// Every figure comes from made-up samples.
    pub sample: bool,
    /// The window begins here.
    #[schema(value_type = String, format = DateTime)]
    pub since: DateTime<Utc>,
    /// And ends before this.
    #[schema(value_type = String, format = DateTime)]
    pub until: DateTime<Utc>,
    /// Providers of which price rows were deleted because their keeping time was over: from when on their changes of prices
    /// are told. What an offer cost before that is not known any more, so nothing of before is called a change.
    pub prices_kept_since: Vec<KeptSince>,
    /// Newest first.
    pub items: Vec<Change>,
    /// Give it as `cursor` for older ones; null at the end. A page may hold fewer items than its limit, even none, and
    /// have one: so many rows were looked at.
    pub next_cursor: Option<String>,
    /// What to do about an answer without items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// From when on all price rows of a provider are there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeptSince {
    /// Slug.
    pub provider: String,
    /// The moment.
    #[schema(value_type = String, format = DateTime)]
    pub since: DateTime<Utc>,
}

/// One change.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Change {
    /// Its own, for ever.
    pub id: String,
    /// When it was seen; of a withdrawal the first answer without the offer.
    #[schema(value_type = String, format = DateTime)]
    pub at: DateTime<Utc>,
    /// When it was told: what the order and the window go by. Later than `at` for a withdrawal, which takes a second answer.
    #[schema(value_type = String, format = DateTime)]
    pub told_at: DateTime<Utc>,
    /// What changed.
    pub kind: Kind,
    /// Slug.
    #[schema(value_type = String)]
    pub provider: Word,
    /// The part of the provider it is read in.
    #[schema(value_type = String)]
    pub part: Word,
    /// Slug of the GPU or group it is about, by today's table; null where it is about a whole part.
    #[schema(value_type = Option<String>)]
    pub gpu_group: Option<Word>,
    /// The offer; null where it is about a GPU or a whole part.
    pub offer: Option<ChangedOffer>,
    /// What held until then, as it is known now (of a `corrected` change as it was read then); of an offer that is back: what
    /// it cost last.
    pub before: Option<ChangedPrice>,
    /// What held from then on, as it was read then.
    pub after: Option<ChangedPrice>,
    /// How much dearer per hour, in percent of the price before, to a tenth; null without two prices in one currency.
    #[schema(value_type = Option<String>, example = "-12.5")]
    pub price_percent: Option<Nanos>,
    /// The answer was read wrong then: a later reading of it says otherwise (`export prices` with `revisions`).
    pub corrected: bool,
    /// In words, where the gate said why, and of a rule.
    pub detail: Option<String>,
    /// Of a rule that changed: its facts that are not what they were, with their sources. Empty of other kinds.
    pub rule: Vec<ChangedFact>,
    /// What it rests on.
    pub evidence: ChangeEvidence,
}

impl Change {
    /// What it is about, for people: `8 x h100-sxm spot at runpod global`.
    pub fn about(&self) -> String {
        match (&self.gpu_group, &self.offer) {
            (Some(gpu), Some(offer)) => {
                let count = offer.gpu_count.map(|count| format!("{count} x ")).unwrap_or_default();
                format!("{count}{gpu} {} at {} {}", offer.market.as_str().replace('_', " "), self.provider, offer.region)
            }
            (Some(gpu), None) => format!("{gpu} at {}", self.provider),
            _ => format!("{} {}", self.provider, self.part),
        }
    }
}

/// What changed its price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangedOffer {
    /// Stable id.
    pub id: String,
    /// The provider's own code.
    #[schema(value_type = String)]
    pub sku: Word,
    /// What a provider does not mix.
    #[schema(value_type = String)]
    pub tier: Word,
    /// The provider's own code of the place.
    #[schema(value_type = String)]
    pub region: Word,
    /// ISO 3166-1 alpha-2, where the source lists it.
    #[schema(value_type = Option<String>)]
    pub country: Option<Country>,
    /// How it is sold.
    #[schema(value_type = String)]
    pub market: MarketKind,
    /// Slug of the GPU; null for a variant, an ambiguous or an unmapped name.
    pub gpu: Option<String>,
    /// The GPU in the provider's own words.
    #[schema(value_type = String)]
    pub gpu_name_raw: Word,
    /// How many; null where the source does not say.
    #[schema(value_type = Option<String>)]
    pub gpu_count: Option<GpuCount>,
}

/// One of the two prices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangedPrice {
    /// When it began to hold.
    #[schema(value_type = String, format = DateTime)]
    pub since: DateTime<Utc>,
    /// Per hour of the whole offer, in `currency`.
    #[schema(value_type = String)]
    pub price_per_hour: Nanos,
    /// The currency as quoted.
    #[schema(value_type = String)]
    pub currency: Currency,
    /// The amount as quoted.
    #[schema(value_type = String)]
    pub original_price_amount: Nanos,
    /// What that amount pays for.
    pub original_price_unit: String,
    /// US dollars per hour of the whole offer, by the ECB's rate of that day or of the last day before it; else null.
    #[schema(value_type = Option<String>)]
    pub price_usd_per_hour: Option<UsdPerHour>,
    /// US dollars per hour of one whole GPU; null without a rate or count.
    #[schema(value_type = Option<String>)]
    pub price_usd_per_gpu_hour: Option<UsdPerGpuHour>,
    /// `available`, `low`, `unavailable` or `not_stated`.
    #[schema(value_type = String)]
    pub availability: Availability,
}

/// What a change rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangeEvidence {
    /// The attempt that saw it, as in `/api/v1/collections`; null where its record is gone.
    pub collection: Option<i64>,
    /// Hashes of the archived answers that were current then: `/api/v1/pages/{hash}` while they are kept. Where one went and
    /// came back, both are named. None of a refused answer.
    pub pages: Vec<String>,
    /// It is so old that records of answers of its time were deleted (`retention.page_days`): pages may be missing here.
    pub past_keeping_time: bool,
}

/// Answers a question. Blocking. `sample`: every figure comes from made-up samples.
///
/// # Errors
/// [`StoreError`].
pub fn changes(reader: &Reader, sample: bool, question: &Question, now: DateTime<Utc>) -> Result<ChangesAnswer, StoreError> {
    within(reader, sample, question, now, PATIENCE)
}

fn within(reader: &Reader, sample: bool, question: &Question, now: DateTime<Utc>, patience: Duration) -> Result<ChangesAnswer, StoreError> {
    let begun = Instant::now();
    let mut told = Teller::new(reader, question)?;
    let mut sources = Sources::new(reader, question, BATCH_ROWS);
    let (mut items, mut looked_at, mut next) = (Vec::new(), 0, None);
    while let Some(found) = sources.next()? {
        let key = found.key();
        looked_at += 1;
        items.extend(told.change(found)?);
        if items.len() >= question.limit || looked_at >= ROWS_LOOKED_AT_MAX || begun.elapsed() >= patience {
            next = Some(key);
            break;
        }
    }
    let advice = items.is_empty().then(|| match next {
        Some(_) => format!("none among {looked_at} rows; older ones are behind `next_cursor`"),
        None => "nothing of it changed in this window; try an earlier `since` or fewer filters".to_owned(),
    });
    let Window { since, until } = question.window;
    let kept = told.prices_since.into_iter().filter(|(provider, kept)| *kept > since && question.wants_provider(provider));
    let prices_kept_since = kept.map(|(provider, since)| KeptSince { provider, since }).collect();
    let next_cursor = next.map(Key::text);
    Ok(ChangesAnswer { as_of: floor_as_of(now), sample, since, until, prices_kept_since, items, next_cursor, advice })
}

/// A row that may be a change.
enum Found {
    Price(Box<PriceChange>),
    Event(Box<EventRow>),
}

impl Found {
    fn key(&self) -> Key {
        match self {
            Self::Price(change) => Key { at_ms: change.told_at.timestamp_millis(), is_price: true, row: change.offer.row },
            Self::Event(event) => Key { at_ms: event.at.timestamp_millis(), is_price: false, row: event.row },
        }
    }
}

/// Rows of all kinds in their one order.
struct Sources<'a> {
    reader: &'a Reader,
    since: DateTime<Utc>,
    batch: u32,
    all: [Source; 3],
}

/// What rows a source has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rows {
    /// Of history, dated when they were written.
    Prices,
    /// Of history, dated before.
    LatePrices,
    Events,
}

/// Rows that were read, and where to go on; `None`: there are no more.
struct Source {
    rows: Rows,
    read: VecDeque<Found>,
    before: Option<(DateTime<Utc>, i64)>,
}

impl<'a> Sources<'a> {
    /// `batch`: rows that are read at once.
    fn new(reader: &'a Reader, question: &Question, batch: u32) -> Self {
        let until = question.window.until + if question.open { TimeDelta::days(1) } else { TimeDelta::zero() };
        let until = (until, i64::MIN);
        let all = [Rows::Prices, Rows::LatePrices, Rows::Events].map(|rows| {
            let of_prices = rows != Rows::Events;
            let before = question.cursor.map_or(until, |cursor| cursor.bound(of_prices).min(until));
            // Only withdrawals are dated before they are told.
            let wanted = if rows == Rows::LatePrices { question.wants(Kind::Withdrawn) } else { question.wants_any(of_prices) };
            Source { rows, read: VecDeque::new(), before: wanted.then_some(before) }
        });
        Self { reader, since: question.window.since, batch, all }
    }

    fn next(&mut self) -> Result<Option<Found>, StoreError> {
        let mut first: Option<(usize, Key)> = None;
        for (place, source) in self.all.iter_mut().enumerate() {
            source.fill(self.reader, self.since, self.batch)?;
            let Some(key) = source.read.front().map(Found::key) else { continue };
            if first.is_none_or(|(_, other)| key.comes_before(other)) {
                first = Some((place, key));
            }
        }
        Ok(first.and_then(|(place, _)| self.all[place].read.pop_front()))
    }
}

impl Source {
    /// Reads on, where what was read is used up.
    fn fill(&mut self, reader: &Reader, since: DateTime<Utc>, batch: u32) -> Result<(), StoreError> {
        let Some(before) = self.before.filter(|_| self.read.is_empty()) else { return Ok(()) };
        if self.rows == Rows::Events {
            self.read.extend(reader.events(since, before, batch)?.into_iter().map(|row| Found::Event(Box::new(row))));
        } else {
            let rows = reader.price_changes(self.rows == Rows::LatePrices, since, before, batch)?;
            self.read.extend(rows.into_iter().map(|row| Found::Price(Box::new(row))));
        }
        let is_full = self.read.len() as u32 == batch;
        self.before = self.read.back().filter(|_| is_full).map(|last| last.key().bound(self.rows != Rows::Events));
        Ok(())
    }
}

/// Makes changes of rows.
struct Teller<'a> {
    reader: &'a Reader,
    question: &'a Question,
    names: Names,
    rates: Rates,
    /// When parts were first accepted.
    begun: HashMap<i64, Option<DateTime<Utc>>>,
    evidence: HashMap<(i64, DateTime<Utc>), EvidenceAt>,
    /// Before that a provider's rows of prices are not all there.
    prices_since: BTreeMap<String, DateTime<Utc>>,
    /// Before that records of answers are not all there.
    pages_since: Option<DateTime<Utc>>,
}

impl<'a> Teller<'a> {
    fn new(reader: &'a Reader, question: &'a Question) -> Result<Self, StoreError> {
        Ok(Self {
            reader,
            question,
            names: Names::default(),
            rates: Rates::default(),
            begun: HashMap::new(),
            evidence: HashMap::new(),
            prices_since: reader.kept_since("price")?,
            pages_since: reader.kept_since("page")?.into_values().max(),
        })
    }

    fn change(&mut self, found: Found) -> Result<Option<Change>, StoreError> {
        let key = found.key();
        match found {
            Found::Price(change) => self.price(key, *change),
            Found::Event(event) => self.event(key, *event),
        }
    }

    fn price(&mut self, key: Key, change: PriceChange) -> Result<Option<Change>, StoreError> {
        let PriceChange { offer, part, after, mut before, told_at, corrected } = change;
        if !self.question.wants_provider(&offer.provider) || !self.question.wants_market(Some(offer.market)) {
            return Ok(None);
        }
        // What stood before such a row may be gone: it would pass for a new offer.
        if self.prices_since.get(&*offer.provider).is_some_and(|since| after.price.observed_at < *since) {
            return Ok(None);
        }
        let at = after.price.observed_at;
        if corrected {
            // Two readings of different adapters are not compared: what was told then stays what it was, and is marked.
            before = self.reader.price_before(offer.row, at, false, true)?;
        }
        let was_withdrawn = before.as_ref().is_some_and(|before| before.price.quoted.is_none());
        // What costs no look-up is asked first: most rows are none of what is wanted.
        let may_be = |kind: Option<Kind>| kind.is_some_and(|kind| self.question.wants(kind));
        if !was_withdrawn && !may_be(kind_of(before.as_ref(), false, &after)) {
            return Ok(None);
        }
        let (gpu, slug) = self.names.of(&offer);
        if !self.question.wants_gpu(Some(&slug)) {
            return Ok(None);
        }
        if was_withdrawn {
            before = self.reader.price_before(offer.row, at, true, corrected)?;
        }
        let Some(kind) = kind_of(before.as_ref(), was_withdrawn, &after) else { return Ok(None) };
        if !self.question.wants(kind) || (kind == Kind::New && self.begun(part.row)? == Some(at)) {
            return Ok(None);
        }
        let percent = before.as_ref().and_then(|before| percent(&before.price, &after.price));
        let before = before.map(|before| self.shown(&offer, &before.price)).transpose()?.flatten();
        let after = self.shown(&offer, &after.price)?;
        let evidence = self.evidence(&part, at)?;
        Ok(Some(Change {
            id: key.text(),
            at,
            told_at,
            kind,
            provider: Word(part.provider),
            part: Word(part.name),
            gpu_group: Some(Word(slug)),
            offer: Some(changed_offer(offer, gpu)),
            before,
            after,
            price_percent: percent,
            corrected,
            detail: None,
            rule: Vec::new(),
            evidence,
        }))
    }

    fn event(&mut self, key: Key, event: EventRow) -> Result<Option<Change>, StoreError> {
        // A kind of a newer program is none that this one can explain.
        let Ok(kind) = event.kind.parse::<Kind>() else { return Ok(None) };
        let market = event.offer.as_ref().map(|offer| offer.market);
        if !self.question.wants(kind) || !self.question.wants_provider(&event.part.provider) || !self.question.wants_market(market) {
            return Ok(None);
        }
        let named = event.offer.as_ref().map(|offer| self.names.of(offer));
        let of_gpu = matches!(kind, Kind::GpuNew | Kind::GpuGone | Kind::GpuNewInPart | Kind::GpuGoneFromPart);
        // Such an event's detail begins with the slug.
        let slug = match &named {
            Some((_, slug)) => Some(slug.clone()),
            None => event.detail.split(' ').next().filter(|_| of_gpu).map(Into::into),
        };
        if !self.question.wants_gpu(slug.as_deref()) {
            return Ok(None);
        }
        let evidence = self.evidence(&event.part, event.at)?;
        let (rule, detail) = match kind {
            Kind::RuleChanged => {
                let rule: Vec<ChangedFact> = serde_json::from_str(&event.detail)
                    .map_err(|error| StoreError::Damaged { what: "change of a rule", reason: error.to_string() })?;
                let words = rules::in_words(&rule);
                (rule, words)
            }
            _ => (Vec::new(), event.detail),
        };
        Ok(Some(Change {
            id: key.text(),
            at: event.at,
            told_at: event.at,
            kind,
            provider: Word(event.part.provider),
            part: Word(event.part.name),
            gpu_group: slug.map(Word),
            offer: event.offer.map(|offer| changed_offer(offer, named.and_then(|(gpu, _)| gpu))),
            before: None,
            after: None,
            price_percent: None,
            corrected: false,
            detail: Some(detail),
            rule,
            evidence,
        }))
    }

    fn begun(&mut self, part_row: i64) -> Result<Option<DateTime<Utc>>, StoreError> {
        if let Some(known) = self.begun.get(&part_row) {
            return Ok(*known);
        }
        let begun = self.reader.first_accepted(part_row)?;
        self.begun.insert(part_row, begun);
        Ok(begun)
    }

    fn evidence(&mut self, part: &PartName, at: DateTime<Utc>) -> Result<ChangeEvidence, StoreError> {
        let known = match self.evidence.get(&(part.row, at)) {
            Some(known) => known.clone(),
            None => {
                let found = self.reader.evidence_at(part.row, at)?;
                self.evidence.insert((part.row, at), found.clone());
                found
            }
        };
        let past_keeping_time = self.pages_since.is_some_and(|since| at < since);
        Ok(ChangeEvidence { collection: known.collection, pages: known.pages, past_keeping_time })
    }

    /// A price with its dollars of then; `None` for a withdrawal.
    fn shown(&mut self, offer: &PastOffer, price: &PastPrice) -> Result<Option<ChangedPrice>, StoreError> {
        let Some(quoted) = &price.quoted else { return Ok(None) };
        let is_foreign = quoted.currency != Currency::USD;
        let rates = if is_foreign { self.rates.of(self.reader, price.observed_at.date_naive())? } else { None };
        let per_hour = PerHour { nanos: quoted.per_hour.0, currency: quoted.currency };
        let usd = gpurate_domain::money::usd_per_hour(per_hour, rates.as_deref());
        Ok(Some(ChangedPrice {
            since: price.observed_at,
            price_per_hour: quoted.per_hour,
            currency: quoted.currency,
            original_price_amount: quoted.amount,
            original_price_unit: quoted.unit.clone(),
            price_usd_per_hour: usd,
            price_usd_per_gpu_hour: usd.zip(offer.gpu_count).and_then(|(usd, count)| usd.per_gpu(count)),
            availability: price.availability,
        }))
    }
}

fn changed_offer(offer: PastOffer, gpu: Option<usize>) -> ChangedOffer {
    ChangedOffer {
        id: offer.id.to_string(),
        sku: Word(offer.sku),
        tier: Word(offer.tier),
        region: Word(offer.region),
        country: offer.country,
        market: offer.market,
        gpu: gpu.map(|gpu| catalogue::gpus().gpu(gpu).slug.clone()),
        gpu_name_raw: Word(offer.gpu_name),
        gpu_count: offer.gpu_count,
    }
}

/// What a row of history is next to the one before it; `None`: nothing that a reader would call a change.
fn kind_of(before: Option<&TermedPrice>, was_withdrawn: bool, after: &TermedPrice) -> Option<Kind> {
    let Some(now) = &after.price.quoted else { return (!was_withdrawn && before.is_some()).then_some(Kind::Withdrawn) };
    let Some((before, was)) = before.and_then(|before| Some((before, before.price.quoted.as_ref()?))) else { return Some(Kind::New) };
    Some(if was_withdrawn {
        Kind::Back
    } else if was.currency != now.currency {
        Kind::Currency
    } else if was.per_hour != now.per_hour {
        if now.per_hour > was.per_hour { Kind::PriceUp } else { Kind::PriceDown }
    } else if before.price.availability != after.price.availability {
        Kind::Stock
    } else if before.terms != after.terms || was != now {
        Kind::Terms
    } else {
        // What it was corrected to is what it has been since.
        return None;
    })
}

/// How much dearer, in percent, to a tenth.
fn percent(before: &PastPrice, after: &PastPrice) -> Option<Nanos> {
    const TENTH: i64 = 100_000_000;
    let (was, now) = (before.quoted.as_ref()?, after.quoted.as_ref()?);
    if was.currency != now.currency || was.per_hour.0 <= 0 {
        return None;
    }
    let (was, more) = (i128::from(was.per_hour.0), i128::from(now.per_hour.0) - i128::from(was.per_hour.0));
    // Half away from zero, as amounts are.
    let tenths = (more * 2000 + was * more.signum()) / (was * 2);
    i64::try_from(tenths).ok()?.checked_mul(TENTH).map(Nanos)
}

#[cfg(test)]
mod tests;
