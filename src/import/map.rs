//! What a person says of a foreign file: which column is what, in which units, from when on. Nothing is guessed that
//! stands in no map: a column that is not there, a unit that is not declared or a word that is none is an error.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use gpurate_domain::{Country, Currency, GpuCount, MarketKind, Quote, Vram};
use gpurate_domain::{money::Period, money::Scope};
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde::{Deserialize as DeriveDeserialize, Serialize};

/// A map, read and checked.
#[derive(Clone, Debug, PartialEq, Eq, DeriveDeserialize)]
#[serde(deny_unknown_fields)]
pub struct Map {
    /// Names the import: its rows are marked with it.
    pub origin: String,
    /// Where the file comes from, for people.
    pub source: String,
    /// Under which licence.
    pub licence: Option<String>,
    /// A price holds until the next one of its series, but no longer than this after it was last seen.
    pub holds_days: u32,
    /// When the row's prices were seen.
    pub time: Cell,
    /// Slug of the provider.
    pub provider: Cell,
    /// The provider's own code.
    pub sku: Cell,
    /// The provider's own code of the place.
    #[serde(default = "unknown")]
    pub region: Cell,
    /// What a provider does not mix.
    #[serde(default = "standard")]
    pub tier: Cell,
    /// ISO 3166-1 alpha-2.
    pub country: Option<Cell>,
    /// The GPU in the file's words, where no `gpu_by_sku` says it.
    pub gpu: Option<Cell>,
    /// How many, where no `gpu_by_sku` says it.
    pub gpu_count: Option<Cell>,
    /// Nominal memory of one card, GiB, where no `gpu_by_sku` says it.
    pub vram_gib: Option<Cell>,
    /// What an amount pays for, from when on.
    #[serde(default)]
    pub unit: Vec<Unit>,
    /// The offers of one row.
    pub offer: Vec<OfferMap>,
    /// What is known of a code.
    #[serde(default)]
    pub gpu_by_sku: BTreeMap<String, SkuGpu>,
}

/// One offer of a row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveDeserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferMap {
    /// How it is sold.
    pub market: Cell,
    /// The column of its price. An empty cell: it is not offered in this row.
    pub price: String,
    /// Its own units, in the place of the map's.
    #[serde(default)]
    pub unit: Vec<Unit>,
}

/// What an amount pays for.
#[derive(Clone, Debug, PartialEq, Eq, DeriveDeserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// From this day or moment on, UTC where it says no other zone; without it from the beginning.
    pub from: Option<toml::value::Datetime>,
    /// The whole offer, or one GPU of it.
    pub per: Per,
    /// How long it pays for: `second`, `minute`, `hour`, `month_730h`.
    pub period: String,
    /// Its currency.
    pub currency: Cell,
}

/// What an amount is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, DeriveDeserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// The whole offer, however many GPUs it holds.
    Instance,
    /// One GPU of it.
    Gpu,
}

/// The GPU behind a code.
#[derive(Clone, Debug, PartialEq, Eq, DeriveDeserialize)]
#[serde(deny_unknown_fields)]
pub struct SkuGpu {
    /// In anybody's words; the table's aliases say which it is.
    pub gpu: String,
    /// How many: `1`, `8`, `1/8`; unknown where it is left out.
    #[serde(default, deserialize_with = "count")]
    pub gpu_count: Option<GpuCount>,
    /// Nominal memory of one card, GiB.
    pub vram_gib: Option<u32>,
    /// How it is sold at all; prices of another market are left out. Without it in every market.
    pub markets: Option<Vec<MarketKind>>,
}

fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<GpuCount>, D::Error> {
    #[derive(DeriveDeserialize)]
    #[serde(untagged)]
    enum Written {
        Number(u32),
        Text(String),
    }
    let text = match Written::deserialize(deserializer)? {
        Written::Number(number) => number.to_string(),
        Written::Text(text) => text,
    };
    text.parse().map(Some).map_err(de::Error::custom)
}

/// A text of a row: the same for all, or a column's, with its words translated where they are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// The same in every row.
    Text(String),
    /// What stands in a column.
    Column {
        /// Its name.
        column: String,
        /// The file's word, and ours.
        names: BTreeMap<String, String>,
    },
}

fn unknown() -> Cell {
    Cell::Text("unknown".to_owned())
}

fn standard() -> Cell {
    Cell::Text("standard".to_owned())
}

impl Cell {
    /// The column it reads, if one.
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::Text(_) => None,
            Self::Column { column, .. } => Some(column),
        }
    }

    /// Its text in a row; `None` where the cell is empty.
    pub fn of<'a>(&'a self, row: &'a super::rows::Row) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Column { column, names } => {
                let text = row.get(column)?;
                // Translated into nothing: as if the cell were empty.
                Some(names.get(text).map_or(text, String::as_str)).filter(|text| !text.is_empty())
            }
        }
    }

    /// Checks the words that stand in the map, be it as a text for all rows or as a translation.
    fn check(&self, name: &str, is: impl Fn(&str) -> Result<(), String>) -> Result<(), MapError> {
        let words: Vec<&str> = match self {
            Self::Text(text) if text.trim().is_empty() => return Err(MapError(format!("`{name}` is empty"))),
            Self::Text(text) => vec![text],
            Self::Column { names, .. } => names.values().map(String::as_str).filter(|word| !word.is_empty()).collect(),
        };
        for word in words {
            let shown: String =
                word.chars().take(40).map(|character| if crate::words::is_plain(character) { character } else { '\u{fffd}' }).collect();
            if word.chars().count() > TEXT_CHARACTERS_MAX || !word.chars().all(crate::words::is_plain) {
                return Err(MapError(format!("`{name}`: `{shown}` holds control characters, or is longer than {TEXT_CHARACTERS_MAX}")));
            }
            is(word).map_err(|reason| {
                MapError(if reason.contains(&format!("`{shown}`")) {
                    format!("`{name}`: {reason}")
                } else {
                    format!("`{name}`: `{shown}` is {reason}")
                })
            })?;
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(DeriveDeserialize)]
        #[serde(deny_unknown_fields)]
        struct OfColumn {
            column: String,
            #[serde(default)]
            names: BTreeMap<String, String>,
        }
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Cell;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or `{ column = \"name\" }`")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Cell, E> {
                Ok(Cell::Text(text.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Cell, A::Error> {
                let OfColumn { column, names } = Deserialize::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(Cell::Column { column, names })
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// A map that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct MapError(pub String);

/// Characters of a name or a source.
const TEXT_CHARACTERS_MAX: usize = 300;

/// Whether a text can name an import or a provider: small letters, digits and `-`.
pub fn is_slug(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=60).contains(&text.len()) && text.bytes().all(allowed) && !text.starts_with('-') && !text.ends_with('-')
}

impl Map {
    /// Reads a map.
    ///
    /// # Errors
    /// [`MapError`] says where and what would be right.
    pub fn parse(text: &str) -> Result<Self, MapError> {
        let map: Self = toml::from_str(text).map_err(|error| MapError(error.to_string().trim_end().to_owned()))?;
        map.check()?;
        Ok(map)
    }

    fn check(&self) -> Result<(), MapError> {
        let wrong = |message: String| Err(MapError(message));
        if !is_slug(&self.origin) {
            let shown: String = self.origin.chars().take(40).collect();
            return wrong(format!("`{shown}` does not name an origin: small letters, digits and `-`, as `gcp-list-prices`"));
        }
        for (name, text) in [("source", Some(&self.source)), ("licence", self.licence.as_ref())] {
            let Some(text) = text else { continue };
            if text.trim().is_empty() || text.chars().count() > TEXT_CHARACTERS_MAX || !text.chars().all(crate::words::is_plain) {
                return wrong(format!("`{name}` is empty, longer than {TEXT_CHARACTERS_MAX} characters, or holds control characters"));
            }
        }
        if !(1..=3660).contains(&self.holds_days) {
            return wrong(format!("`holds_days` is {}: 1 to 3660, how long a price holds after it was last seen", self.holds_days));
        }
        if self.offer.is_empty() {
            return wrong("no `[[offer]]`: which column holds a price, and of which market?".to_owned());
        }
        if self.unit.is_empty() && self.offer.iter().any(|offer| offer.unit.is_empty()) {
            return wrong("no `[[unit]]`: say what an amount pays for (`per`, `period`, `currency`); it is never guessed".to_owned());
        }
        check_units(&self.unit)?;
        for offer in &self.offer {
            check_units(&offer.unit)?;
        }
        self.check_words()
    }

    /// Words that the map itself says, for all rows or in the place of the file's: one that is none would refuse every row.
    fn check_words(&self) -> Result<(), MapError> {
        let text = |_: &str| Ok(());
        self.time.check("time", |word| super::moment(word).map(|_| ()).ok_or_else(|| "no date, as `2026-11-20`".to_owned()))?;
        self.provider
            .check("provider", |word| is_slug(word).then_some(()).ok_or_else(|| "no slug of a provider, as `example-cloud`".to_owned()))?;
        for (name, cell) in [("sku", &self.sku), ("region", &self.region), ("tier", &self.tier)] {
            cell.check(name, text)?;
        }
        if let Some(cell) = &self.gpu {
            cell.check("gpu", text)?;
        }
        if let Some(cell) = &self.country {
            cell.check("country", |word| word.parse::<Country>().map(|_| ()).map_err(|error| error.to_string()))?;
        }
        if let Some(cell) = &self.gpu_count {
            cell.check("gpu_count", |word| word.parse::<GpuCount>().map(|_| ()).map_err(|error| error.to_string()))?;
        }
        if let Some(cell) = &self.vram_gib {
            cell.check("vram_gib", |word| super::vram_of(word).map(|_| ()).ok_or_else(|| "no size of a card in GiB".to_owned()))?;
        }
        for offer in &self.offer {
            offer.market.check("market", |word| word.parse::<MarketKind>().map(|_| ()).map_err(|error| error.to_string()))?;
            if offer.price.trim().is_empty() {
                return Err(MapError("`price` of an `[[offer]]` is empty: name the column that holds it".to_owned()));
            }
        }
        for unit in self.unit.iter().chain(self.offer.iter().flat_map(|offer| &offer.unit)) {
            unit.currency.check("currency", |word| {
                word.parse::<Currency>().map(|_| ()).map_err(|_| "not a currency; write three letters, as `EUR`".to_owned())
            })?;
        }
        Ok(())
    }

    /// Every column that it reads.
    pub fn columns(&self) -> Vec<&str> {
        let always = [&self.time, &self.provider, &self.sku, &self.region, &self.tier];
        let maybe = [&self.country, &self.gpu, &self.gpu_count, &self.vram_gib];
        let mut columns: Vec<&str> = always.into_iter().chain(maybe.into_iter().flatten()).filter_map(Cell::column).collect();
        for offer in &self.offer {
            columns.push(&offer.price);
            columns.extend(offer.market.column());
            columns.extend(offer.unit.iter().filter_map(|unit| unit.currency.column()));
        }
        columns.extend(self.unit.iter().filter_map(|unit| unit.currency.column()));
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    /// The unit that holds for an offer at a time. The check made sure that there is one.
    pub(super) fn unit_at<'a>(&'a self, offer: &'a OfferMap, at: DateTime<Utc>) -> Option<&'a Unit> {
        let units = if offer.unit.is_empty() { &self.unit } else { &offer.unit };
        units.iter().rev().find(|unit| unit.begins().is_none_or(|begins| begins <= at))
    }

    /// Whether a unit of an offer's own begins after a moment, and not after another: what holds there is declared.
    pub(super) fn begins_within(&self, offer: usize, after: DateTime<Utc>, until: DateTime<Utc>) -> bool {
        let units = self.offer.get(offer).map_or(&self.unit, |offer| if offer.unit.is_empty() { &self.unit } else { &offer.unit });
        units.iter().filter_map(Unit::begins).any(|begins| after < begins && begins <= until)
    }
}

fn check_units(units: &[Unit]) -> Result<(), MapError> {
    for (number, unit) in units.iter().enumerate() {
        let begins = unit.begins();
        if unit.from.is_some() != begins.is_some() {
            return Err(MapError(
                "`from` of a unit is a day or a moment, as `from = 2026-02-18` or `from = 2026-02-18T13:00:00Z`".to_owned(),
            ));
        }
        if (number == 0) != begins.is_none() {
            return Err(MapError("the first unit holds from the beginning and has no `from`; each one after it has".to_owned()));
        }
        if number > 1 && units[number - 1].begins() >= begins {
            return Err(MapError("units stand in the order of their days, each day or moment once".to_owned()));
        }
        if unit.period().is_none() {
            return Err(MapError(format!(
                "`{}` is no period: `second`, `minute`, `hour`, or a month of so many hours as `month_730h`",
                unit.period
            )));
        }
    }
    Ok(())
}

impl Unit {
    /// The moment from which on it holds.
    pub fn begins(&self) -> Option<DateTime<Utc>> {
        super::moment(&self.from?.to_string())
    }

    pub(super) fn scope(&self) -> Scope {
        match self.per {
            Per::Instance => Scope::Instance,
            Per::Gpu => Scope::Gpu,
        }
    }

    pub(super) fn period(&self) -> Option<Period> {
        let period = Quote::parse_unit(&format!("per_gpu_{}", self.period))?.1;
        (period != Period::Month { hours: 0 }).then_some(period)
    }
}

impl SkuGpu {
    /// Memory of one card.
    pub(super) fn vram(&self) -> Option<Vram> {
        self.vram_gib.and_then(Vram::from_marketed_gb)
    }
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// Comma-separated values with a header.
    Csv,
    /// One JSON object per line.
    Ndjson,
    /// Apache Parquet, in a build that has it.
    Parquet,
}

impl FileFormat {
    /// The word in a question.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
        }
    }

    /// By the ending of a file's name.
    pub fn of_name(name: &str) -> Option<Self> {
        match name.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }
}
