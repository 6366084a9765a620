//! Export: rows for programs. [`Rows`] reads them a page at a time, a [`Format`] writes them, one file per format; the
//! columns are listed once, in [`Table::columns`], and documented in `docs/data.md`.
//!
//! Memory is bounded by a page, and between two pages nothing of the database is held. Rows newer than the start of an
//! export are left out, so that it ends. A column never changes its meaning; new ones are added at the end.

mod csv;
mod ndjson;
#[cfg(feature = "parquet")]
pub(crate) mod parquet;
pub(crate) mod rows;

use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use gpurate_domain::Nanos;

use crate::market::Market;
use crate::parameters;
use crate::past::{PastError, holds_of_origin, origin_name, providers_of_origin};
use crate::prices::{FilterError, Filters, GpuChoice};
use crate::store::{Store, StoreError};
use crate::window::Window;
use crate::words::nearest;

pub use self::csv::Csv;
pub use ndjson::Ndjson;
pub use rows::Rows;

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// The offers of now.
    Offers,
    /// Every price an offer had.
    Prices,
    /// What GPUs cost per market: the rows behind charts.
    Series,
}

/// A value of a row. Foreign text stands as it came; both formats quote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Not known, or there is none.
    Null,
    /// Words.
    Text(Arc<str>),
    /// An exact decimal number; text in both formats, because a float loses digits.
    Decimal(Nanos),
    /// A whole number.
    Whole(i64),
    /// Yes or no.
    Bool(bool),
    /// A moment, to the millisecond, in UTC.
    Time(DateTime<Utc>),
    /// A list, as JSON text.
    List(Arc<str>),
}

impl Value {
    /// A value, or null.
    pub(crate) fn or_null<T: Into<Self>>(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }

    /// Words that have a display form.
    pub(crate) fn shown(value: impl ToString) -> Self {
        Self::Text(value.to_string().into())
    }
}

impl From<Nanos> for Value {
    fn from(nanos: Nanos) -> Self {
        Self::Decimal(nanos)
    }
}

impl From<Arc<str>> for Value {
    fn from(text: Arc<str>) -> Self {
        Self::Text(text)
    }
}

impl From<DateTime<Utc>> for Value {
    fn from(time: DateTime<Utc>) -> Self {
        Self::Time(time)
    }
}

/// A moment as every format writes it.
fn moment(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// One row: a value for each column of its table.
pub type Row = Vec<Value>;

/// How rows become bytes. The bytes of one page are given away before the next is read.
pub trait Format: Send {
    /// What comes before the first row.
    fn head(&mut self, columns: &[&'static str], into: &mut Vec<u8>);
    /// One row.
    fn row(&mut self, columns: &[&'static str], row: &Row, into: &mut Vec<u8>);
    /// What comes after the last row.
    fn end(&mut self, _into: &mut Vec<u8>) {}
}

/// The media type of Parquet (IANA).
pub const PARQUET_MEDIA_TYPE: &str = "application/vnd.apache.parquet";

/// The formats there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatKind {
    /// Comma-separated values with a header (RFC 4180); what is not known is empty.
    Csv,
    /// One JSON object per line; what is not known is null.
    Ndjson,
    /// Apache Parquet: typed columns, compressed; what is not known is null.
    #[cfg(feature = "parquet")]
    Parquet,
}

impl FormatKind {
    /// Every format of this build.
    pub const ALL: &'static [Self] = &[
        Self::Csv,
        Self::Ndjson,
        #[cfg(feature = "parquet")]
        Self::Parquet,
    ];

    /// The word in questions and the ending of file names.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            #[cfg(feature = "parquet")]
            Self::Parquet => "parquet",
        }
    }

    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Ndjson => "application/x-ndjson",
            #[cfg(feature = "parquet")]
            Self::Parquet => PARQUET_MEDIA_TYPE,
        }
    }

    /// `table` and `sample` are for formats that can say so themselves.
    #[cfg_attr(not(feature = "parquet"), expect(unused_variables, reason = "only Parquet has a place for them"))]
    fn writer(self, table: Table, sample: bool) -> Box<dyn Format> {
        match self {
            Self::Csv => Box::new(Csv),
            Self::Ndjson => Box::new(Ndjson),
            #[cfg(feature = "parquet")]
            Self::Parquet => Box::new(parquet::Parquet::new(table, sample)),
        }
    }
}

fn word_error(parameter: &str, value: &str, words: &[&str]) -> FilterError {
    let shown: String = value.chars().take(40).collect();
    let near = nearest(&shown, words.iter().copied()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    FilterError {
        parameter: parameter.to_owned(),
        message: format!("`{shown}` is no value of `{parameter}`: one of `{}`{near}", words.join("`, `")),
    }
}

impl FromStr for FormatKind {
    type Err = FilterError;
    fn from_str(text: &str) -> Result<Self, FilterError> {
        if text == "parquet" && cfg!(not(feature = "parquet")) {
            let message =
                "this gpurate was built without Parquet: build it with `--features parquet`, or take `csv` or `ndjson`".to_owned();
            return Err(FilterError { parameter: "format".to_owned(), message });
        }
        let words: Vec<&str> = Self::ALL.iter().map(|kind| kind.as_str()).collect();
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text).ok_or_else(|| word_error("format", text, &words))
    }
}

impl Table {
    /// Every table.
    pub const ALL: [Self; 3] = [Self::Offers, Self::Prices, Self::Series];

    /// The word in questions and file names.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Offers => "offers",
            Self::Prices => "prices",
            Self::Series => "series",
        }
    }

    /// The names of its columns, in order; `docs/data.md` says what each means.
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Offers => rows::OFFER_COLUMNS,
            Self::Prices => rows::PRICE_COLUMNS,
            Self::Series => rows::SERIES_COLUMNS,
        }
    }
}

impl FromStr for Table {
    type Err = FilterError;
    fn from_str(text: &str) -> Result<Self, FilterError> {
        Self::ALL.into_iter().find(|table| table.as_str() == text).ok_or_else(|| word_error("table", text, &Self::ALL.map(Self::as_str)))
    }
}

/// What is asked for, read and checked.
#[derive(Clone, Debug)]
pub struct Question {
    /// What is exported.
    pub table: Table,
    /// How it is written.
    pub format: FormatKind,
    gpu: Vec<GpuChoice>,
    provider: Vec<String>,
    window: Window,
    revisions: bool,
    origin: Option<String>,
}

/// The parameters of an export, for HTTP and the command line.
pub const PARAMETERS: [&str; 7] = ["format", "gpu", "provider", "since", "until", "revisions", "origin"];

impl Question {
    /// Reads a question; a list may also be given by repeating its key. `now` is the start of the export.
    ///
    /// # Errors
    /// [`FilterError`] names the parameter, the value and what is allowed or near.
    pub fn parse(table: Table, pairs: impl Iterator<Item = (String, String)>, now: DateTime<Utc>) -> Result<Self, FilterError> {
        let (mut lists, mut single) = (Vec::new(), [const { None::<String> }; 5]);
        for (name, value) in pairs {
            match PARAMETERS.iter().position(|known| *known == name) {
                Some(1 | 2) => lists.push((name, value)),
                Some(position) => {
                    let place = &mut single[if position == 0 { 0 } else { position - 2 }];
                    if place.is_some() {
                        return Err(parameters::twice(&name));
                    }
                    *place = Some(value);
                }
                None => return Err(parameters::unknown(&name, &PARAMETERS)),
            }
        }
        let [format, since, until, revisions, origin] = single;
        let given =
            [("since", since.is_some()), ("until", until.is_some()), ("revisions", revisions.is_some()), ("origin", origin.is_some())];
        for (name, given) in given {
            let applies = table == Table::Prices || (table == Table::Series && matches!(name, "since" | "until"));
            if given && !applies {
                let of = match name {
                    "revisions" => "only prices have revisions",
                    "origin" => "only prices are imported; `gpurate history --origin` makes series of them",
                    _ => "offers are of now; take `prices` or `series`",
                };
                return Err(FilterError {
                    parameter: name.to_owned(),
                    message: format!("`{name}` does not go with `{}`: {of}", table.as_str()),
                });
            }
        }
        let revisions = match revisions.as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(other) => return Err(word_error("revisions", other, &["true", "false"])),
        };
        if revisions && origin.is_some() {
            let message = "`revisions` does not go with `origin`: an import has none".to_owned();
            return Err(FilterError { parameter: "revisions".to_owned(), message });
        }
        let filters = if origin.is_some() { Filters::parse_for_import(lists.into_iter()) } else { Filters::parse(lists.into_iter()) }?;
        // A row of the starting millisecond is in, so that what a program has just been told of is.
        let end = now + chrono::TimeDelta::milliseconds(1);
        let mut window = Window::parse(since.as_deref(), until.as_deref(), DateTime::UNIX_EPOCH, now)?;
        if until.is_none() {
            window.until = end;
        }
        Ok(Self {
            table,
            format: format.as_deref().unwrap_or("csv").parse()?,
            gpu: filters.gpu,
            provider: filters.provider,
            window,
            revisions,
            origin: origin.as_deref().map(origin_name).transpose()?,
        })
    }

    /// Whether there is what is asked for: an export of an import that there is not would be a header without rows.
    ///
    /// # Errors
    /// [`PastError::NoImport`].
    pub fn check(&self, store: &Store) -> Result<(), PastError> {
        if let Some(origin) = &self.origin {
            let reader = store.reader()?;
            holds_of_origin(&reader, origin)?;
            providers_of_origin(&reader, origin, &self.provider)?;
        }
        Ok(())
    }

    fn wants_provider(&self, provider: &str) -> bool {
        self.provider.is_empty() || self.provider.iter().any(|wanted| wanted == provider)
    }

    fn wants_gpu(&self, slug: &str) -> bool {
        self.gpu.is_empty() || self.gpu.iter().any(|choice| choice.means(slug))
    }
}

/// An export under way: bytes, a page at a time.
pub struct Export {
    rows: Box<dyn Rows>,
    format: Box<dyn Format>,
    columns: &'static [&'static str],
    begun: bool,
    ended: bool,
    /// Rows given so far.
    pub written: u64,
}

impl Export {
    /// Begins one. Nothing is read yet.
    pub fn new(question: Question, store: Store, market: Arc<Market>, now: DateTime<Utc>) -> Self {
        let (format, columns) = (question.format.writer(question.table, market.sample), question.table.columns());
        Self { rows: rows::of(question, store, market, now), format, columns, begun: false, ended: false, written: 0 }
    }

    /// The next bytes; `None` at the end. Blocking: call it where blocking is allowed.
    ///
    /// # Errors
    /// [`StoreError`]; then what was given so far is not whole.
    pub fn next_bytes(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        let mut bytes = Vec::new();
        if self.ended {
            return Ok(None);
        }
        let page = self.rows.next_page()?;
        if !self.begun {
            self.begun = true;
            self.format.head(self.columns, &mut bytes);
        }
        let Some(page) = page else {
            self.ended = true;
            self.format.end(&mut bytes);
            return Ok((!bytes.is_empty()).then_some(bytes));
        };
        for row in &page {
            self.format.row(self.columns, row, &mut bytes);
        }
        self.written += page.len() as u64;
        Ok(Some(bytes))
    }

    /// How far it is: done, and of how many. The unit is the rows' own.
    pub fn progress(&self) -> (u64, u64) {
        self.rows.progress()
    }
}

#[cfg(test)]
mod tests;
