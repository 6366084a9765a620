//! Prices of elsewhere, into history: a foreign file and a map of it ([`map`]) become series of prices, each seen from when
//! until when. Pure but for reading the file: what is stored of them is `store`'s.
//!
//! Imported rows are marked with their origin and stand beside what was collected, never among it: nothing of now, no
//! summary, no gate and no change is made of them. A row that cannot be used is refused alone and listed. What names mean
//! is derived when they are read, by the same table as everything else.

pub mod map;
pub mod rows;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::BufRead;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use gpurate_domain::{Country, Currency, GpuCount, MarketKind, Nanos, OfferKey, Quote, Vram};
use serde::Serialize;

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

/// A price that was seen from a moment until another, and not otherwise between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// First sighting.
    pub from: DateTime<Utc>,
    /// Last sighting.
    pub until: DateTime<Utc>,
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
    price: Price,
    /// Two rows of the file give it two prices: neither is taken (defect D19).
    contradicted: bool,
}

/// A row, or an offer of one, that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    /// Many series fell, or rose, by their number of GPUs on one day (defect D37).
    #[error(
        "on {day} the prices of {flipped} of {moved} series of several GPUs {words} by their number of GPUs ({example}): a unit that changed, \
         not a market; declare what an amount pays for from that day on: `[[unit]]`, `from = {day}`, `per = \"gpu\"` or `per = \"instance\"`"
    )]
    UnitChanged {
        /// The day.
        day: NaiveDate,
        /// How many series did.
        flipped: usize,
        /// How many series of several GPUs have a price on that day and one before it.
        moved: usize,
        /// `fell` or `rose`.
        words: &'static str,
        /// One of them.
        example: String,
    },
}

/// Reads a whole file. `now`: no price is of a later time.
///
/// # Errors
/// [`ImportError`].
pub fn read(map: &Map, format: FileFormat, source: impl BufRead, now: DateTime<Utc>) -> Result<Read, ImportError> {
    let mut rows = Rows::new(format, source).map_err(ImportError::Map)?;
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
    if format == FileFormat::Ndjson && read.rows > read.refused_count {
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
        for offer in &map.offer {
            let Some(amount) = row.get(&offer.price) else {
                *self.empty_prices.entry(offer.price.clone()).or_default() += 1;
                continue;
            };
            any = true;
            match one(map, offer, row, at, amount) {
                Ok(Some((offer, price))) => self.sighted(line, at, offer, price),
                Ok(None) => self.not_sold += 1,
                Err(reason) => self.refuse(line, reason),
            }
        }
        if !any {
            self.refuse(line, "no price".to_owned());
        }
    }

    fn sighted(&mut self, line: u64, at: DateTime<Utc>, offer: ImportedOffer, price: Price) {
        let series = self.series.entry(offer.key.clone()).or_insert_with(|| Series { offer: offer.clone(), sightings: BTreeMap::new() });
        // The newest words are those that hold.
        series.offer = offer;
        match series.sightings.get_mut(&at) {
            None => {
                series.sightings.insert(at, Sighting { line, price, contradicted: false });
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
}

impl Plan {
    /// Whether any price of the file can be used.
    pub fn takes_any(&self) -> bool {
        self.added + self.known > 0
    }
}

/// Lays what was read beside what is stored of the same origin. A price that contradicts a stored one is refused.
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
        let (after, added, contradicted) = merge(spans, series, holds);
        plan.added += added;
        plan.known += series.sightings.len() as u64 - added - contradicted.len() as u64;
        contradictions.extend(contradicted);
        if !after.is_empty() && before.is_none_or(|before| before.offer != series.offer || before.spans != after) {
            plan.changed.push(Merged { offer: series.offer.clone(), spans: after });
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

/// Stored spans with new sightings; how many are new, and those that say otherwise than what is stored.
fn merge(stored: &[Span], series: &Series, holds: TimeDelta) -> (Vec<Span>, u64, Vec<(u64, String)>) {
    let (mut all, mut added, mut contradicted) = (stored.to_vec(), 0, Vec::new());
    for (at, sighting) in &series.sightings {
        let within = stored.partition_point(|span| span.from <= *at).checked_sub(1).map(|place| &stored[place]);
        match within.filter(|span| span.until >= *at) {
            Some(span) if span.price == sighting.price => {}
            Some(span) => contradicted.push((
                sighting.line,
                format!(
                    "{} {} where an import before has {}: replace the whole origin (`--replace`), or give it another name",
                    sighting.price.quote.amount, sighting.price.quote.currency, span.price.quote.amount
                ),
            )),
            None => {
                added += 1;
                all.push(Span { from: *at, until: *at, price: sighting.price.clone() });
            }
        }
    }
    all.sort_by_key(|span| span.from);
    let mut spans: Vec<Span> = Vec::with_capacity(all.len());
    for span in all {
        match spans.last_mut() {
            Some(last) if last.price == span.price && span.from - last.until <= holds => last.until = last.until.max(span.until),
            _ => spans.push(span),
        }
    }
    (spans, added, contradicted)
}

/// So many series at least make a flip of units.
const FLIPPED_MIN: usize = 3;

#[derive(Default)]
struct Day {
    moved: usize,
    fell: usize,
    rose: usize,
    example: Option<String>,
}

/// Defect D37: the unit of a column changed from one day to the next, and an importer saw a crash of the market. A day on
/// which half of the series of several GPUs, and three at least, fell or rose by their number of GPUs is no market's.
fn check_units(map: &Map, read: &Read, stored: &HashMap<OfferKey, Merged>) -> Result<(), ImportError> {
    let declared = map.declared_days();
    let mut days: BTreeMap<NaiveDate, Day> = BTreeMap::new();
    for (key, series) in &read.series {
        let Some(count) = key.gpu_count.and_then(GpuCount::as_whole).filter(|count| *count > 1) else { continue };
        let known = stored.get(key).into_iter().flat_map(|merged| &merged.spans);
        let mut prices: BTreeMap<DateTime<Utc>, &Price> = known.map(|span| (span.from, &span.price)).collect();
        prices.extend(series.sightings.iter().map(|(at, sighting)| (*at, &sighting.price)));
        let mut before: Option<&Price> = None;
        for (at, price) in prices {
            let Some(before) = before.replace(price) else { continue };
            let day = days.entry(at.date_naive()).or_default();
            day.moved += 1;
            let fell = is_multiple(before.per_hour, price.per_hour, count);
            if fell || is_multiple(price.per_hour, before.per_hour, count) {
                *(if fell { &mut day.fell } else { &mut day.rose }) += 1;
                day.example.get_or_insert_with(|| format!("`{}` in `{}`: {} to {}", key.sku, key.region, before.per_hour, price.per_hour));
            }
        }
    }
    for (day, Day { moved, fell, rose, example }) in days {
        let (flipped, words) = if fell >= rose { (fell, "fell") } else { (rose, "rose") };
        if flipped >= FLIPPED_MIN && flipped * 2 >= moved && !declared.contains(&day) {
            return Err(ImportError::UnitChanged { day, flipped, moved, words, example: example.unwrap_or_default() });
        }
    }
    Ok(())
}

/// Whether the larger price is `count` times the smaller one, within a twentieth.
fn is_multiple(larger: Nanos, smaller: Nanos, count: u32) -> bool {
    let times = i128::from(smaller.0) * i128::from(count);
    (i128::from(larger.0) - times).abs() * 20 <= times
}

#[cfg(test)]
mod tests;
