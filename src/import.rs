//! Prices of elsewhere, into history: a foreign file and a map of it ([`map`]) become series of prices, each seen from when
//! until when. Pure but for reading the file: what is stored of them is `store`'s.
//!
//! Imported rows are marked with their origin and stand beside what was collected, never among it: nothing of now, no
//! summary, no gate and no change is made of them. A row that cannot be used is refused alone and listed. What names mean
//! is derived when they are read, by the same table as everything else.

pub mod job;
pub mod map;
#[cfg(feature = "parquet")]
mod parquet;
pub mod rows;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader};

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use gpurate_domain::{Country, Currency, GpuCount, MarketKind, Nanos, OfferKey, Quote, Vram};
use serde::{Deserialize, Serialize};

use crate::words::{is_plain, nearest};
use map::{FileFormat, Map, OfferMap, is_slug};
use rows::{Row, Rows};

/// Prices of one file: what is held until it is written.
const PRICES_MAX: u64 = 5_000_000;
/// Refused rows that are listed; all are counted.
pub const REFUSED_LISTED_MAX: usize = 1_000;
/// Characters of a text of a row.
const TEXT_CHARACTERS_MAX: usize = 300;

/// What a price was: per hour of the whole offer, and as quoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// Nano-units of the currency, per hour of the whole offer.
    pub per_hour: Nanos,
    /// As it stands in the file.
    pub quote: Quote,
}

/// A price that was seen from a moment until another, and not otherwise between as far as its import knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// First sighting.
    pub from: DateTime<Utc>,
    /// Last sighting.
    pub until: DateTime<Utc>,
    /// When it was seen between these two, in order; `None`: an older gpurate did not keep it.
    pub between: Option<Vec<DateTime<Utc>>>,
    /// What it cost.
    pub price: Price,
}

/// What an imported series is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedOffer {
    /// Its identity, as of any offer.
    pub key: OfferKey,
    /// The country, where the file says it.
    pub country: Option<Country>,
    /// The GPU in the file's or the map's words.
    pub gpu_name: String,
    /// Memory of one card.
    pub vram_per_gpu: Option<Vram>,
}

/// What a file holds of one offer.
#[derive(Clone, Debug)]
struct Series {
    offer: ImportedOffer,
    sightings: BTreeMap<DateTime<Utc>, Sighting>,
}

#[derive(Clone, Debug)]
struct Sighting {
    line: u64,
    /// Which offer of the map it is read by.
    column: usize,
    price: Price,
    /// Two rows of the file give it two prices: neither is taken (defect D19).
    contradicted: bool,
}

/// A row, or an offer of one, that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = RefusedImportRow)]
pub struct Refused {
    /// The line it begins in.
    pub line: u64,
    /// Why.
    pub reason: String,
}

/// What was read of a file.
#[derive(Debug, Default)]
pub struct Read {
    series: HashMap<OfferKey, Series>,
    /// Rows without the header.
    pub rows: u64,
    /// Prices that were taken.
    pub prices: u64,
    /// Rows and offers of rows that were not.
    pub refused_count: u64,
    /// The first of them.
    pub refused: Vec<Refused>,
    /// Empty cells by column of a price: not offered in that row.
    pub empty_prices: BTreeMap<String, u64>,
    /// Prices of markets in which the map says the code is not sold.
    pub not_sold: u64,
    /// Codes of the map's `gpu_by_sku` that no row has.
    pub unused_skus: Vec<String>,
}

/// Why nothing of a file is taken.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The map and the file do not go together.
    #[error("{0}")]
    Map(String),
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    File(#[from] std::io::Error),
    /// Many series of a column fell, or rose, by their number of GPUs at once (defect D37).
    #[error(transparent)]
    UnitChanged(Box<UnitChanged>),
    /// Less is known of what was imported before than is asked for.
    #[error(
        "a price shall hold for {days} days where it held for longer, and when prices of `{origin}` were seen between their first and last time was \
         not kept by the gpurate that imported them: import all of it anew (`--replace`), or leave `holds_days` as it was"
    )]
    HoldsLess {
        /// The origin.
        origin: String,
        /// The map's.
        days: u32,
    },
}

/// A unit that changed within a file, or from one to the next.
#[derive(Debug, thiserror::Error)]
#[error(
    "on {from} the prices of {flipped} of {moved} series of several GPUs of `{provider}` in the column `{column}` {words} by their number of \
     GPUs ({example}), and others did not: a unit that changed, not a market; declare what an amount of that column pays for from then on: \
     a unit with `from = {from}` and `per = \"gpu\"` or `per = \"instance\"`"
)]
pub struct UnitChanged {
    /// The day, or the moment within it.
    pub from: String,
    /// Whose prices.
    pub provider: String,
    /// The column of the price.
    pub column: String,
    /// How many series did.
    pub flipped: usize,
    /// How many series of several GPUs have a price on that day and one before it.
    pub moved: usize,
    /// `fell` or `rose`.
    pub words: &'static str,
    /// One of them.
    pub example: String,
}

/// Reads a whole file. `now`: no price is of a later time.
///
/// # Errors
/// [`ImportError`].
pub fn read_file(map: &Map, format: FileFormat, file: File, now: DateTime<Utc>) -> Result<Read, ImportError> {
    if format != FileFormat::Parquet {
        return read(map, format, BufReader::new(file), now);
    }
    #[cfg(feature = "parquet")]
    return read_rows(map, Rows::<BufReader<File>>::of_parquet(file).map_err(ImportError::Map)?, now);
    #[cfg(not(feature = "parquet"))]
    Err(ImportError::Map(
        "this gpurate was built without Parquet: take the container image, build it with `--features parquet`, or give the file as CSV or NDJSON"
            .to_owned(),
    ))
}

/// Reads CSV or NDJSON. `now`: no price is of a later time.
///
/// # Errors
/// [`ImportError`].
pub fn read(map: &Map, format: FileFormat, source: impl BufRead, now: DateTime<Utc>) -> Result<Read, ImportError> {
    read_rows(map, Rows::new(format, source).map_err(ImportError::Map)?, now)
}

fn read_rows(map: &Map, mut rows: Rows<impl BufRead>, now: DateTime<Utc>) -> Result<Read, ImportError> {
    let says_columns = rows.header().is_some();
    if let Some(header) = rows.header() {
        check_columns(map, header.iter().map(String::as_str))?;
    }
    let mut read = Read::default();
    let wanted = map.columns();
    // Which columns and codes there are, of a file that does not say it in its first line.
    let (mut seen, mut used): (BTreeSet<&str>, BTreeSet<&String>) = Default::default();
    while let Some((line, row)) = rows.next_row()? {
        read.rows += 1;
        match row {
            Err(reason) => read.refuse(line, reason),
            Ok(row) if row.broken().any(|name| wanted.contains(&name)) => {
                let name = row.broken().find(|name| wanted.contains(name)).unwrap_or_default().to_owned();
                read.refuse(line, format!("`{name}` is no text in UTF-8"));
            }
            Ok(row) => {
                seen.extend(wanted.iter().copied().filter(|column| row.has(column)));
                used.extend(map.sku.of(&row).and_then(|sku| map.gpu_by_sku.get_key_value(sku)).map(|(sku, _)| sku));
                read.take(map, line, &row, now);
            }
        }
        if read.prices > PRICES_MAX {
            return Err(ImportError::Map(format!("the file has more than {PRICES_MAX} prices: import it in parts")));
        }
    }
    if !says_columns && read.rows > read.refused_count {
        check_columns(map, seen.iter().copied())?;
    }
    read.settle();
    read.unused_skus = map.gpu_by_sku.keys().filter(|sku| !used.contains(sku)).cloned().collect();
    Ok(read)
}

fn check_columns<'a>(map: &Map, there: impl Iterator<Item = &'a str> + Clone) -> Result<(), ImportError> {
    for column in map.columns() {
        if !there.clone().any(|name| name == column) {
            let near = nearest(column, there.clone()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return Err(ImportError::Map(format!("the file has no column `{column}`{near}")));
        }
    }
    Ok(())
}

impl Read {
    fn refuse(&mut self, line: u64, reason: String) {
        self.refused_count += 1;
        if self.refused.len() < REFUSED_LISTED_MAX {
            self.refused.push(Refused { line, reason });
        }
    }

    /// Takes the offers of a row, or says why not.
    fn take(&mut self, map: &Map, line: u64, row: &Row, now: DateTime<Utc>) {
        let at = match map.time.of(row) {
            None => return self.refuse(line, "no date".to_owned()),
            Some(text) => match moment(text) {
                None => return self.refuse(line, format!("`{}` is no date", shown(text))),
                Some(at) if at > now => return self.refuse(line, format!("`{}` is in the future", shown(text))),
                Some(at) => at,
            },
        };
        let mut any = false;
        for (column, offer) in map.offer.iter().enumerate() {
            let Some(amount) = row.get(&offer.price) else {
                *self.empty_prices.entry(offer.price.clone()).or_default() += 1;
                continue;
            };
            any = true;
            match one(map, offer, row, at, amount) {
                Ok(Some((offer, price))) => self.sighted((line, column), at, offer, price),
                Ok(None) => self.not_sold += 1,
                Err(reason) => self.refuse(line, reason),
            }
        }
        if !any {
            self.refuse(line, "no price".to_owned());
        }
    }

    fn sighted(&mut self, (line, column): (u64, usize), at: DateTime<Utc>, offer: ImportedOffer, price: Price) {
        let series = self.series.entry(offer.key.clone()).or_insert_with(|| Series { offer: offer.clone(), sightings: BTreeMap::new() });
        // The newest words are those that hold.
        series.offer = offer;
        match series.sightings.get_mut(&at) {
            None => {
                series.sightings.insert(at, Sighting { line, column, price, contradicted: false });
                self.prices += 1;
            }
            Some(known) if known.price == price => {}
            Some(known) => {
                known.contradicted = true;
                let first = known.line;
                self.refuse(line, format!("another price than line {first} has for the same offer and time: neither is taken"));
            }
        }
    }

    /// Takes out what contradicts itself.
    fn settle(&mut self) {
        let mut contradicted = Vec::new();
        for series in self.series.values_mut() {
            series.sightings.retain(|_, sighting| {
                if sighting.contradicted {
                    contradicted.push(sighting.line);
                }
                !sighting.contradicted
            });
        }
        self.series.retain(|_, series| !series.sightings.is_empty());
        self.prices -= contradicted.len() as u64;
        contradicted.sort_unstable();
        for line in contradicted {
            self.refuse(line, "a later line has another price for the same offer and time: neither is taken".to_owned());
        }
    }

    /// The names of GPUs in it, with the memory beside them, in order.
    pub fn gpu_names(&self) -> Vec<(&str, Option<Vram>)> {
        let mut names: Vec<_> = self.series.values().map(|series| (series.offer.gpu_name.as_str(), series.offer.vram_per_gpu)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// How many offers there are.
    pub fn offers(&self) -> usize {
        self.series.len()
    }
}

fn shown(text: &str) -> String {
    text.chars().take(40).map(|character| if is_plain(character) { character } else { '\u{fffd}' }).collect()
}

/// A moment as files write it; without a zone it is UTC.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    let read = DateTime::parse_from_rfc3339(text).map(|moment| moment.with_timezone(&Utc)).ok().or_else(|| {
        if let Ok(day) = text.parse::<NaiveDate>() {
            return Some(day.and_time(NaiveTime::MIN).and_utc());
        }
        let formats = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M"];
        formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok()).map(|moment| moment.and_utc())
    })?;
    // As precise as it is stored, and within what is stored.
    DateTime::from_timestamp_millis(read.timestamp_millis()).filter(|at| (1970..=9999).contains(&chrono::Datelike::year(at)))
}

/// One offer of a row; `None` where the map says that it is not sold so.
fn one(map: &Map, offer: &OfferMap, row: &Row, at: DateTime<Utc>, amount: &str) -> Result<Option<(ImportedOffer, Price)>, String> {
    let text = |name: &str, cell: &map::Cell| -> Result<String, String> {
        let text = cell.of(row).ok_or_else(|| format!("no {name}"))?;
        if text.chars().count() > TEXT_CHARACTERS_MAX || !text.chars().all(is_plain) {
            return Err(format!("the {name} holds control characters, or is longer than {TEXT_CHARACTERS_MAX}"));
        }
        Ok(text.to_owned())
    };
    let provider = text("provider", &map.provider)?;
    if !is_slug(&provider) {
        return Err(format!("`{}` is no slug of a provider; translate it by `names`", shown(&provider)));
    }
    let market = text("market", &offer.market)?;
    let market: MarketKind = market.parse().map_err(|error| format!("market: {error}; translate it by `names`"))?;
    let sku = text("sku", &map.sku)?;
    let sold = map.gpu_by_sku.get(&sku).and_then(|known| known.markets.as_ref());
    if sold.is_some_and(|markets| !markets.contains(&market)) {
        return Ok(None);
    }
    let (gpu_name, gpu_count, vram_per_gpu) = gpu(map, row, &sku, &text)?;
    let country = map.country.as_ref().and_then(|cell| cell.of(row)).map(|code| code.parse::<Country>().map_err(|error| error.to_string()));
    let key = OfferKey {
        provider: provider.into(),
        sku: sku.into(),
        tier: text("tier", &map.tier)?.into(),
        region: text("region", &map.region)?.into(),
        market,
        gpu_count,
    };
    let unit = map.unit_at(offer, at).ok_or("no unit holds at that time")?;
    let currency = text("currency", &unit.currency)?;
    let currency: Currency = currency.parse().map_err(|_| format!("`{}` is not a currency", shown(&currency)))?;
    let amount: Nanos = amount.parse().map_err(|error| format!("price: {error}"))?;
    let period = unit.period().ok_or("no unit holds at that time")?;
    let quote = Quote { amount, currency, scope: unit.scope(), period };
    let per_hour = quote.per_hour(gpu_count).map_err(|error| error.to_string())?;
    let offer = ImportedOffer { key, country: country.transpose()?, gpu_name, vram_per_gpu };
    Ok(Some((offer, Price { per_hour: Nanos(per_hour.nanos), quote })))
}

type Text<'a> = dyn Fn(&str, &map::Cell) -> Result<String, String> + 'a;

/// What the map knows of a code, else what the row says; a code of which nobody says anything is kept by itself, unmapped.
fn gpu(map: &Map, row: &Row, sku: &str, text: &Text<'_>) -> Result<(String, Option<GpuCount>, Option<Vram>), String> {
    if let Some(known) = map.gpu_by_sku.get(sku) {
        return Ok((known.gpu.clone(), known.gpu_count, known.vram()));
    }
    let name = match &map.gpu {
        Some(cell) => text("GPU", cell)?,
        None => sku.to_owned(),
    };
    let count = match map.gpu_count.as_ref().and_then(|cell| cell.of(row)) {
        Some(count) => Some(count.parse::<GpuCount>().map_err(|error| error.to_string())?),
        None => None,
    };
    let vram = match map.vram_gib.as_ref().and_then(|cell| cell.of(row)) {
        Some(gib) => Some(vram_of(gib).ok_or_else(|| format!("`{}` is no size of a card in GiB", shown(gib)))?),
        None => None,
    };
    Ok((name, count, vram))
}

fn vram_of(gib: &str) -> Option<Vram> {
    gib.parse::<u32>().ok().filter(|gib| (1..=1024).contains(gib)).and_then(Vram::from_marketed_gb)
}

/// One series as it will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// What it is about.
    pub offer: ImportedOffer,
    /// All of its spans, in order and apart.
    pub spans: Vec<Span>,
}

/// What a file adds to an import.
#[derive(Debug, Default)]
pub struct Plan {
    /// Series that are new or differ from what is stored.
    pub changed: Vec<Merged>,
    /// Prices that were not known.
    pub added: u64,
    /// Prices that were there already.
    pub known: u64,
    /// Offers of the file of which any price is taken.
    pub offers: usize,
}

impl Plan {
    /// Whether any price of the file can be used.
    pub fn takes_any(&self) -> bool {
        self.added + self.known > 0
    }
}

/// Lays what was read beside what is stored of the same origin. A price that contradicts one of the same time is refused: in
/// which order files are read changes nothing. What is stored and not in the file is cut anew where prices hold for another
/// time than before.
///
/// # Errors
/// [`ImportError::UnitChanged`].
pub fn plan(map: &Map, read: &mut Read, stored: &HashMap<OfferKey, Merged>) -> Result<Plan, ImportError> {
    let holds = TimeDelta::days(i64::from(map.holds_days));
    check_units(map, read, stored)?;
    let mut plan = Plan::default();
    let mut contradictions = Vec::new();
    let none = Vec::new();
    for (key, series) in &read.series {
        let before = stored.get(key);
        let spans = before.map_or(&none, |merged| &merged.spans);
        let Laid { spans: after, added, known, contradicted } = lay(spans, Some(series), holds);
        plan.added += added;
        plan.known += known;
        plan.offers += usize::from(added + known > 0);
        contradictions.extend(contradicted);
        if !after.is_empty() && before.is_none_or(|before| before.offer != series.offer || before.spans != after) {
            plan.changed.push(Merged { offer: series.offer.clone(), spans: after });
        }
    }
    for (key, before) in stored.iter().filter(|(key, _)| !read.series.contains_key(*key)) {
        let after = lay(&before.spans, None, holds).spans;
        if before.spans != after {
            plan.changed.push(Merged { offer: ImportedOffer { key: key.clone(), ..before.offer.clone() }, spans: after });
        }
    }
    // The same file gives the same rows of the database, whatever a hash map thinks.
    plan.changed.sort_by(|a, b| a.offer.key.cmp(&b.offer.key));
    contradictions.sort_unstable();
    for (line, reason) in contradictions {
        read.refuse(line, reason);
    }
    Ok(plan)
}

/// Looks whether what is stored can be cut where prices hold for less time than before.
///
/// # Errors
/// [`ImportError::HoldsLess`].
pub fn check_holds(map: &Map, stored: &HashMap<OfferKey, Merged>, before: Option<TimeDelta>) -> Result<(), ImportError> {
    let holds = TimeDelta::days(i64::from(map.holds_days));
    let mut spans = stored.values().flat_map(|merged| &merged.spans);
    if before.is_some_and(|before| holds < before) && spans.any(|span| span.between.is_none() && span.until - span.from > holds) {
        return Err(ImportError::HoldsLess { origin: map.origin.clone(), days: map.holds_days });
    }
    Ok(())
}

/// Stored spans with new sightings.
struct Laid {
    spans: Vec<Span>,
    added: u64,
    known: u64,
    contradicted: Vec<(u64, String)>,
}

/// One sighting among all there are of an offer.
struct Seen<'a> {
    price: &'a Price,
    /// The last one before it in its span is known to be the last: nothing else was seen between.
    nothing_before: bool,
}

fn lay(stored: &[Span], series: Option<&Series>, holds: TimeDelta) -> Laid {
    let mut seen: BTreeMap<DateTime<Utc>, Seen<'_>> = BTreeMap::new();
    for span in stored {
        let all = [span.from].into_iter().chain(span.between.iter().flatten().copied()).chain([span.until]);
        let nothing_before = span.between.is_some();
        seen.extend(all.map(|at| (at, Seen { price: &span.price, nothing_before: nothing_before || at == span.from })));
    }
    let (mut added, mut known, mut contradicted) = (0, 0, Vec::new());
    for (at, sighting) in series.into_iter().flat_map(|series| &series.sightings) {
        // Of an older gpurate's span it is not known when it was seen: any time within it may be one.
        let within = stored.partition_point(|span| span.from <= *at).checked_sub(1).map(|place| &stored[place]);
        let within = within.filter(|span| span.until >= *at && span.between.is_none()).map(|span| &span.price);
        match seen.get(at).map(|seen| seen.price).or(within) {
            Some(price) if *price == sighting.price => known += 1,
            Some(price) => contradicted.push((
                sighting.line,
                format!(
                    "{} {} where an import before has {} for the same time: replace the whole origin (`--replace`), or give it another name",
                    sighting.price.quote.amount, sighting.price.quote.currency, price.quote.amount
                ),
            )),
            None => {
                added += 1;
                seen.insert(*at, Seen { price: &sighting.price, nothing_before: true });
            }
        }
    }
    let mut spans: Vec<Span> = Vec::new();
    for (at, Seen { price, nothing_before }) in seen {
        match spans.last_mut() {
            Some(last) if last.price == *price && (at - last.until <= holds || !nothing_before) => {
                if !nothing_before {
                    last.between = None;
                }
                if last.until > last.from {
                    let until = last.until;
                    last.between.iter_mut().for_each(|between| between.push(until));
                }
                last.until = at;
            }
            _ => spans.push(Span { from: at, until: at, between: Some(Vec::new()), price: price.clone() }),
        }
    }
    Laid { spans, added, known, contradicted }
}

/// So many series at least make a flip of units.
const FLIPPED_MIN: usize = 3;

/// Whose prices, in which column of the map, on which day.
type ColumnDay = (NaiveDate, usize, std::sync::Arc<str>);

/// What one series did on a day next to the sighting before.
struct DayMove<'a> {
    key: &'a OfferKey,
    /// Whole GPUs; `None` for a part of one and where it is not known.
    count: Option<u32>,
    /// Every price of the day with the one before it.
    steps: Vec<Step<'a>>,
}

struct Step<'a> {
    at: DateTime<Utc>,
    before: &'a Price,
    after: &'a Price,
    /// The map says what holds from a moment between the two on.
    declared: bool,
}

impl Step<'_> {
    fn moved_by(&self, times: u32, fell: bool) -> bool {
        let (before, after) = (self.before.per_hour, self.after.per_hour);
        if fell { is_multiple(before, after, times) } else { is_multiple(after, before, times) }
    }
}

/// Defect D37: the unit of a column changed from one row to the next, and an importer saw a crash of the market. Where half of
/// the series of several GPUs in a column, and three at least, fell or rose by their number of GPUs on one day, and series of
/// other numbers did not move as they did, that is no market's.
fn check_units(map: &Map, read: &Read, stored: &HashMap<OfferKey, Merged>) -> Result<(), ImportError> {
    let mut days: BTreeMap<ColumnDay, Vec<DayMove<'_>>> = BTreeMap::new();
    for (key, series) in &read.series {
        // Sightings that are stored were judged when they were read, and have no column.
        let known = stored.get(key).into_iter().flat_map(|merged| &merged.spans);
        let mut prices: BTreeMap<DateTime<Utc>, (&Price, Option<usize>)> =
            known.flat_map(|span| [(span.from, (&span.price, None)), (span.until, (&span.price, None))]).collect();
        prices.extend(series.sightings.iter().map(|(at, sighting)| (*at, (&sighting.price, Some(sighting.column)))));
        let mut last: Option<(DateTime<Utc>, &Price, Option<usize>)> = None;
        for (at, (after, column)) in prices {
            let Some((from, before, column_before)) = last.replace((at, after, column)) else { continue };
            let Some(column) = column.or(column_before) else { continue };
            let declared = map.begins_within(column, from, at);
            let moves = days.entry((at.date_naive(), column, key.provider.clone())).or_default();
            if moves.last().is_none_or(|of| of.key != key) {
                moves.push(DayMove { key, count: key.gpu_count.and_then(GpuCount::as_whole), steps: Vec::new() });
            }
            if let Some(of) = moves.last_mut() {
                of.steps.push(Step { at, before, after, declared });
            }
        }
    }
    days.iter().find_map(|((_, column, provider), moves)| flip(map, *column, provider, moves)).map_or(Ok(()), Err)
}

/// The flip of a unit that a day of a column holds, if one.
fn flip(map: &Map, column: usize, provider: &str, moves: &[DayMove<'_>]) -> Option<ImportError> {
    let several = moves.iter().filter_map(|of| Some((of, of.count.filter(|count| *count > 1)?)));
    let moved = several.clone().count();
    for (fell, words) in [(true, "fell"), (false, "rose")] {
        // Whether series of other numbers did the same: then so many times less is what things cost now.
        let mut market: HashMap<u32, bool> = HashMap::new();
        let mut flipped: Vec<(&OfferKey, &Step<'_>)> = Vec::new();
        for (of, count) in several.clone() {
            let Some(step) = of.steps.iter().find(|step| !step.declared && step.moved_by(count, fell)) else { continue };
            let is_market = market.entry(count).or_insert_with(|| {
                let others = moves.iter().filter(|other| other.count != Some(count));
                let (all, same) = others.fold((0, 0), |(all, same), other| {
                    (all + 1, same + usize::from(other.steps.iter().any(|step| step.moved_by(count, fell))))
                });
                all > 0 && same * 2 >= all
            });
            if !*is_market {
                flipped.push((of.key, step));
            }
        }
        if flipped.len() < FLIPPED_MIN || flipped.len() * 2 < moved {
            continue;
        }
        let (key, step) = flipped.iter().min_by_key(|(key, step)| (step.at, *key))?;
        return Some(ImportError::UnitChanged(Box::new(UnitChanged {
            from: match step.at.time() == NaiveTime::MIN {
                true => step.at.date_naive().to_string(),
                false => step.at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
            },
            provider: provider.to_owned(),
            column: map.offer[column].price.clone(),
            flipped: flipped.len(),
            moved,
            words,
            example: format!("`{}` in `{}`: {} to {}", key.sku, key.region, step.before.per_hour, step.after.per_hour),
        })));
    }
    None
}

/// Whether the larger price is `count` times the smaller one, within a twentieth.
fn is_multiple(larger: Nanos, smaller: Nanos, count: u32) -> bool {
    let times = i128::from(smaller.0) * i128::from(count);
    (i128::from(larger.0) - times).abs() * 20 <= times
}

#[cfg(test)]
mod tests;
