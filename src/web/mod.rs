//! Pages for people: the views' answers in words, tables and drawings, in English and French. Pure: what is shown comes as
//! an argument, and nothing is computed here beyond rounding and drawing. `http::pages` asks the views and sends the pages.
//!
//! No script, no cookie, nothing from another host. Foreign text is escaped by the templates; the few places that build
//! markup themselves (`figures`, `chart`) take numbers and this program's own words only.

mod about;
mod chart;
mod compare;
pub mod figures;
mod gpu;
mod guide;
mod home;
mod problem;
mod provider;
mod said;
mod simulate;
mod snapshot;
pub mod words;

#[cfg(test)]
mod tests;

use std::borrow::Borrow;

use askama::filters::Safe;
use chrono::{DateTime, NaiveDate, Utc};
use gpurate_domain::{Currency, MarketKind, PriceKind};

use crate::market::Freshness;
use crate::prices::Reason;

pub use about::About;
pub use compare::{ComparePage, USUAL};
pub use gpu::{GpuPage, WINDOWS};
pub use guide::GuidePage;
pub use home::{Home, Sort};
pub use problem::ProblemPage;
pub use provider::{ProblemRows, ProviderPage, ProvidersPage, RulesPage};
pub use simulate::{BusyCards, SimulatePage, Simulated};
pub use snapshot::{SnapshotForm, SnapshotNotice, left_out_of_snapshot};
pub use words::Lang;

/// The style sheet.
pub const STYLE: &str = include_str!("static/style.css");
/// The icon of the site.
pub const ICON: &str = include_str!("static/icon.svg");
/// What a page may load: its own style sheet and icon. Nothing runs.
pub const POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The style sheet's address; it changes with its content, so that it may be kept for ever.
pub fn style_address() -> &'static str {
    static ADDRESS: std::sync::LazyLock<String> =
        std::sync::LazyLock::new(|| format!("/static/{}.css", &blake3::hash(STYLE.as_bytes()).to_hex()[..16]));
    &ADDRESS
}

/// The same data for a program.
#[derive(Clone, Debug)]
pub struct DataLink {
    /// `JSON`, `CSV`.
    pub label: String,
    /// Where.
    pub href: String,
}

impl DataLink {
    /// A link to the same data.
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into() }
    }
}

/// What every page has: language, address, moment. Templates call it `p`.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Language.
    pub lang: Lang,
    /// Address without the language.
    pub path: String,
    /// As asked, without `?`; empty: none.
    pub query: String,
    /// The moment ages count to.
    pub as_of: DateTime<Utc>,
    /// Every figure is made up.
    pub sample: bool,
    /// The same data for a program.
    pub data: Vec<DataLink>,
}

/// A whole number of any type, itself or by reference: templates pass fields by reference.
pub(crate) trait Whole {
    /// The number; the largest where it does not fit.
    fn whole(&self) -> i64;
}

macro_rules! whole {
    ($($number:ty)*) => {
        $(impl Whole for $number {
            fn whole(&self) -> i64 {
                i64::try_from(*self).unwrap_or(i64::MAX)
            }
        })*
    };
}

whole!(i64 u64 u32 usize);

impl<N: Whole> Whole for &N {
    fn whole(&self) -> i64 {
        (**self).whole()
    }
}

impl Frame {
    fn t(&self, key: &str) -> String {
        self.lang.t(key)
    }

    fn n(&self, key: &str, n: impl Whole) -> String {
        self.lang.n(key, n)
    }

    fn x(&self, key: &str, x: impl std::fmt::Display) -> String {
        self.lang.x(key, x)
    }

    fn xy(&self, key: &str, x: impl std::fmt::Display, y: impl std::fmt::Display) -> String {
        self.lang.xy(key, x, y)
    }

    /// The offers that a median of a card was taken from, for programs. Stale ones are among them, and say so; so are those with a
    /// low score, for which no filter leaves in hosts without one.
    fn offers_of(&self, gpu: &str, market: impl Borrow<MarketKind>, rentable: impl Borrow<bool>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("gpu", gpu).append_pair("market", market.borrow().as_str());
        if *rentable.borrow() {
            query.extend_pairs([("availability", "not_out"), ("gpu_count", "1")]);
            query.extend_pairs(["slices", "unverified", "retired"].map(|name| (name, "exclude")));
        }
        format!("/api/v1/offers?{}", query.finish())
    }

    /// What is behind a link to data, in the page's language: `JSON (offers)`.
    fn data_label(&self, label: &str) -> String {
        let Some((format, what)) = label.strip_suffix(')').and_then(|label| label.split_once(" (")) else { return label.to_owned() };
        let key = match what {
            "offers" => "data-offers",
            "history" => "data-history",
            "hours of the week" => "data-week",
            "collections" => "data-collections",
            "problems" => "data-problems",
            _ => return label.to_owned(),
        };
        format!("{format} ({})", self.t(key))
    }

    fn style(&self) -> &'static str {
        style_address()
    }

    /// An address of this language.
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.lang.prefix())
    }

    /// This page in a language.
    fn here_in(&self, lang: Lang) -> String {
        let mark = if self.query.is_empty() { "" } else { "?" };
        format!("{}{}{mark}{}", lang.prefix(), self.path, self.query)
    }

    /// This page with one key of its query replaced.
    fn here_with(&self, key: &str, value: &str) -> String {
        let kept = url::form_urlencoded::parse(self.query.as_bytes()).filter(|(name, _)| name != key);
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(kept).append_pair(key, value);
        format!("{}{}?{}", self.lang.prefix(), self.path, query.finish())
    }

    /// The mark of the page one is on, in the menu.
    fn current(&self, path: &str) -> Safe<&'static str> {
        let is_here = self.path == path || (path != "/" && self.path.starts_with(&format!("{path}/")));
        Safe(if is_here { " aria-current=\"page\"" } else { "" })
    }

    fn moment(&self, moment: impl Borrow<DateTime<Utc>>) -> Safe<String> {
        figures::moment(self.lang, *moment.borrow())
    }

    fn date(&self, date: impl Borrow<NaiveDate>) -> Safe<String> {
        figures::date(self.lang, *date.borrow())
    }

    fn whole(&self, number: impl Whole) -> String {
        figures::whole(self.lang, number.whole())
    }

    fn span(&self, seconds: impl Whole) -> String {
        figures::span(self.lang, seconds.whole())
    }

    fn long_span(&self, seconds: impl Borrow<u64>) -> String {
        figures::long_span(self.lang, *seconds.borrow())
    }

    /// The continents, by the codes of the filter.
    fn continents(&self) -> Vec<(&'static str, String)> {
        let key = |code| match code {
            "AF" => "continent-af",
            "AN" => "continent-an",
            "AS" => "continent-as",
            "EU" => "continent-eu",
            "NA" => "continent-na",
            "OC" => "continent-oc",
            _ => "continent-sa",
        };
        gpurate_domain::region::continents().map(|code| (code, self.t(key(code)))).collect()
    }

    /// A day as text.
    fn day(&self, day: impl Borrow<NaiveDate>) -> String {
        figures::day(self.lang, *day.borrow())
    }

    /// Memory in GiB from MiB.
    fn mib(&self, mib: impl Borrow<u32>) -> String {
        figures::as_written(self.lang, &gpurate_domain::Vram::from_mib(*mib.borrow()).gib_text())
    }

    /// Dollars per hour.
    fn rate(&self, nanos: impl Borrow<i64>) -> Safe<String> {
        figures::rate(self.lang, *nanos.borrow(), Currency::USD)
    }

    /// Money in all, in a currency.
    fn total_in(&self, nanos: impl Borrow<i64>, currency: impl Borrow<Currency>) -> Safe<String> {
        figures::total(self.lang, *nanos.borrow(), *currency.borrow())
    }

    /// What stands before a price that is a lower bound.
    fn from(&self, kind: impl Borrow<PriceKind>) -> String {
        if kind.borrow().is_from() { format!("{} ", self.t("price-from")) } else { String::new() }
    }

    /// Dollars with all decimals.
    fn price(&self, nanos: impl Borrow<i64>) -> Safe<String> {
        figures::price(self.lang, *nanos.borrow(), Currency::USD)
    }

    /// Decimal text with the reader's point.
    fn as_written(&self, text: &str) -> String {
        figures::as_written(self.lang, text)
    }

    /// Dollars in all.
    fn total(&self, nanos: impl Borrow<i64>) -> Safe<String> {
        figures::total(self.lang, *nanos.borrow(), Currency::USD)
    }

    /// An age with its word: what is stale says so.
    fn age(&self, seconds: impl Whole, freshness: impl Borrow<Freshness>) -> Safe<String> {
        let (class, key) = match freshness.borrow() {
            Freshness::Fresh => ("fresh", "age-fresh"),
            Freshness::Ageing => ("ageing", "age-ageing"),
            Freshness::Stale => ("stale", "age-stale"),
        };
        Safe(format!("<span class=\"age {class}\">{}</span>", self.lang.x(key, self.span(seconds))))
    }

    /// The provider's own code of a place; `unknown` is this program's word.
    fn place(&self, region: &str) -> String {
        if region == "unknown" { self.t("unknown") } else { region.trim_start_matches(", ").to_owned() }
    }

    /// How it is sold.
    fn market(&self, market: impl Borrow<MarketKind>) -> String {
        self.t(match market.borrow() {
            MarketKind::OnDemand => "market-on-demand",
            MarketKind::Spot => "market-spot",
            MarketKind::Serverless => "market-serverless",
        })
    }

    /// How time is billed.
    fn billing(&self, granularity_seconds: impl Borrow<Option<u32>>, minimum_charge_seconds: impl Borrow<Option<u32>>) -> String {
        let granularity = match *granularity_seconds.borrow() {
            None => self.t("billing-granularity-unknown"),
            Some(1) => self.t("billing-per-second"),
            Some(60) => self.t("billing-per-minute"),
            Some(3600) => self.t("billing-per-hour"),
            Some(seconds) => self.n("billing-per-seconds", seconds),
        };
        let minimum = match *minimum_charge_seconds.borrow() {
            None => self.t("billing-minimum-unknown"),
            Some(0) => self.t("billing-no-minimum"),
            Some(seconds) => self.x("billing-minimum", self.span(seconds)),
        };
        self.xy("billing-both", granularity, minimum)
    }

    /// Why something is not in an answer.
    fn reason(&self, reason: &Reason) -> String {
        use crate::prices::ReasonKind as Kind;
        self.t(match reason.kind {
            Kind::NeverCollected => "reason-never-collected",
            Kind::Stale => "reason-stale",
            Kind::Failed => "reason-failed",
            Kind::Refused => "reason-refused",
            Kind::Disabled => "reason-disabled",
            Kind::OlderThanAsked => "reason-older-than-asked",
            Kind::NotAsked => "reason-not-asked",
            Kind::NoParts => "reason-no-parts",
        })
    }

    /// A source of a fact: a link where it is an address.
    fn source(&self, source: &str) -> Source {
        let is_address = source.starts_with("https://") || source.starts_with("http://");
        let (address, rest) = source.split_once(' ').unwrap_or((source, ""));
        if is_address {
            let shown = address.split_once("://").map_or(address, |(_, rest)| rest);
            let shown = shown.split(['/', '?', '#']).next().unwrap_or(shown);
            Source { href: Some(address.to_owned()), host: shown.to_owned(), rest: rest.to_owned() }
        } else {
            Source { href: None, host: source.to_owned(), rest: String::new() }
        }
    }
}

/// A source, taken apart for showing.
pub(crate) struct Source {
    href: Option<String>,
    host: String,
    rest: String,
}

/// What a form was sent with: the value of a field as given, lists joined.
#[derive(Clone, Debug, Default)]
pub struct Given(pub Vec<(String, String)>);

impl Given {
    /// The value of a field; empty: not given.
    pub fn get(&self, name: &str) -> String {
        let values: Vec<&str> = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect();
        values.join(",")
    }

    /// The mark of an option that was chosen.
    fn selected(&self, name: &str, value: &str) -> Safe<&'static str> {
        Safe(if self.get(name) == value { " selected" } else { "" })
    }

    /// The mark of a box that was ticked.
    fn checked(&self, name: &str, value: &str) -> Safe<&'static str> {
        Safe(if self.get(name) == value { " checked" } else { "" })
    }

    /// Whether any of these was given.
    fn any(&self, names: &[&str]) -> bool {
        self.0.iter().any(|(name, _)| names.contains(&name.as_str()))
    }
}

/// A page as bytes.
///
/// # Errors
/// [`askama::Error`] where a template cannot be written, which is a fault of this program.
pub fn render(page: &impl askama::Template) -> Result<String, askama::Error> {
    page.render()
}
