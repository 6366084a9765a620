//! Sentences as figures and an id, so that they can be said in any language; the English text stands beside them. Each view
//! has a table of its own; a page in another language says the same figures in its own words. Nothing is computed here.

use gpurate_domain::{Nanos, UsdPerGpuHour, Vram};
use serde::Serialize;
use utoipa::ToSchema;

use crate::catalogue;
use crate::words::{age, money, rounded, seconds, span};
use crate::workloads;

/// Sentences of a view: each id, and its English text with the names of figures in braces.
pub type Table = &'static [(&'static str, &'static str)];

/// The tables of all views. No id stands twice.
pub const TABLES: [Table; 1] = [crate::guide::MESSAGES];

/// The English text of a sentence, with the names of its figures in braces.
fn template(message_id: &str) -> Option<&'static str> {
    TABLES.into_iter().flatten().find(|(id, _)| *id == message_id).map(|(_, template)| *template)
}

/// A template with its names in braces replaced; what is put in is not looked at again. `None` where a name has no words.
fn filled(template: &str, words: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        text.push_str(before);
        text.push_str(&words(name)?);
        rest = after;
    }
    text.push_str(rest);
    Some(text)
}

/// One sentence with its figures.
///
/// # Panics
/// Where no sentence has this id or these figures: both are this program's own, and tests say every one.
pub(crate) fn say(message_id: &'static str, arguments: Vec<Argument>) -> Message {
    let template = template(message_id).expect("a sentence of a table");
    let words = |name: &str| arguments.iter().find(|argument| argument.name == name).map(Argument::words);
    let text = filled(template, words).unwrap_or_else(|| panic!("a figure is missing: {template}"));
    debug_assert!(arguments.iter().all(|one| template.contains(&format!("{{{}}}", one.name))), "a figure too many: {template}");
    Message { message_id, arguments, text }
}

/// A sentence: which one, its figures, and the English text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Message {
    /// Which.
    pub message_id: &'static str,
    /// Its figures, in the order of the English text.
    pub arguments: Vec<Argument>,
    /// In English.
    pub text: String,
}

/// A figure of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct Argument {
    /// Its name in the sentence.
    pub name: &'static str,
    /// What it is, for showing.
    pub kind: ArgumentKind,
    /// The value for programs: a slug, a decimal number, whole seconds; of a range the lower end.
    pub value: String,
    /// The upper end of a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_high: Option<String>,
}

/// What a figure of a sentence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ArgumentKind {
    /// Slug of a card.
    Gpu,
    /// Slug of a provider.
    Provider,
    /// Id of a workload.
    Workload,
    /// A name that is not translated.
    Name,
    /// A word of [`gpurate_domain::MarketKind`].
    Market,
    /// An amount in USD, or from one to another.
    Usd,
    /// USD per GPU-hour.
    UsdPerHour,
    /// A whole number.
    Count,
    /// Whole days.
    Days,
    /// GiB.
    Gib,
    /// Seconds of an image.
    ImageSeconds,
    /// A span of time, in seconds.
    Span,
    /// Seconds since a price was seen.
    Age,
    /// Percent.
    Percent,
    /// The id of a sentence without figures.
    Sentence,
    /// An amount and its currency: `0.05 USD`.
    Money,
    /// What a price is per: `gb`, `gib`, `gb_month`, `gib_month`, `gb_hour`, `gib_hour`.
    Unit,
    /// What happens to a spot machine, with commas the default first: `stop`, `pause`, `hibernate`, `delete`, `wipe`.
    Eviction,
}

impl Argument {
    /// In English.
    pub fn words(&self) -> String {
        let low = self.end(&self.value);
        match self.value_high.as_deref().map(|high| self.end(high)) {
            Some(high) if high != low => format!("{low} to {high}"),
            _ => low,
        }
    }

    /// One end of it in English.
    pub fn end(&self, value: &str) -> String {
        let whole = || value.parse::<u64>().unwrap_or(0);
        let nanos = || value.parse::<Nanos>().map(|nanos| nanos.0);
        match self.kind {
            ArgumentKind::Gpu => {
                let table = catalogue::gpus();
                table.by_slug(value).map_or_else(|| value.to_owned(), |index| table.gpu(index).name.clone())
            }
            ArgumentKind::Provider => catalogue::by_slug(value).map_or_else(|| value.to_owned(), |known| known.manifest.name.clone()),
            ArgumentKind::Workload => workloads::table().find(value).map_or_else(|_| value.to_owned(), |workload| workload.name.clone()),
            ArgumentKind::Market => value.replace('_', " "),
            ArgumentKind::Usd => nanos().map_or_else(|_| value.to_owned(), usd),
            ArgumentKind::UsdPerHour => nanos().map_or_else(|_| value.to_owned(), rounded),
            ArgumentKind::ImageSeconds => nanos().map_or_else(|_| value.to_owned(), |nanos| seconds(nanos.unsigned_abs() / 1_000_000)),
            ArgumentKind::Span => span(whole()),
            ArgumentKind::Days => format!("{} day{}", value, if value == "1" { "" } else { "s" }),
            ArgumentKind::Age => age(value.parse().unwrap_or(0)),
            ArgumentKind::Sentence => template(value).unwrap_or(value).to_owned(),
            ArgumentKind::Unit => match value {
                "gb" => "GB",
                "gib" => "GiB",
                "gb_month" => "GB and month",
                "gib_month" => "GiB and month",
                "gb_hour" => "GB and hour",
                "gib_hour" => "GiB and hour",
                other => other,
            }
            .to_owned(),
            ArgumentKind::Eviction => {
                let word = |one: &str| match one {
                    "stop" => "stopped, disk kept".to_owned(),
                    "pause" => "paused, disk kept".to_owned(),
                    "hibernate" => "hibernated, disk kept".to_owned(),
                    "delete" => "deleted".to_owned(),
                    "wipe" => "moved with an empty disk".to_owned(),
                    other => other.to_owned(),
                };
                value.split(',').map(word).collect::<Vec<String>>().join(", or by choice ")
            }
            ArgumentKind::Money | ArgumentKind::Name | ArgumentKind::Count | ArgumentKind::Gib | ArgumentKind::Percent => value.to_owned(),
        }
    }
}

/// An amount to the cent from one dollar on, else to the fourth decimal.
fn usd(nanos: i64) -> String {
    const CENT: i64 = 10_000_000;
    if nanos.abs() < 100 * CENT {
        return rounded(nanos);
    }
    money(nanos.saturating_add(CENT / 2).div_euclid(CENT).saturating_mul(CENT))
}

fn argument(name: &'static str, kind: ArgumentKind, value: impl ToString) -> Argument {
    Argument { name, kind, value: value.to_string(), value_high: None }
}

pub(crate) fn gpu(name: &'static str, slug: &str) -> Argument {
    argument(name, ArgumentKind::Gpu, slug)
}

pub(crate) fn provider(name: &'static str, slug: &str) -> Argument {
    argument(name, ArgumentKind::Provider, slug)
}

pub(crate) fn workload(slug: &str) -> Argument {
    argument("workload", ArgumentKind::Workload, slug)
}

pub(crate) fn market(name: &'static str, market: gpurate_domain::MarketKind) -> Argument {
    argument(name, ArgumentKind::Market, market.as_str())
}

pub(crate) fn amount(name: &'static str, usd: Nanos) -> Argument {
    argument(name, ArgumentKind::Usd, usd)
}

pub(crate) fn range(name: &'static str, low: Nanos, high: Nanos) -> Argument {
    Argument { value_high: Some(high.to_string()), ..amount(name, low) }
}

pub(crate) fn price(name: &'static str, price: UsdPerGpuHour) -> Argument {
    argument(name, ArgumentKind::UsdPerHour, Nanos(price.nanos))
}

pub(crate) fn per_hour(name: &'static str, usd: Nanos) -> Argument {
    argument(name, ArgumentKind::Usd, usd)
}

pub(crate) fn count(name: &'static str, count: impl ToString) -> Argument {
    argument(name, ArgumentKind::Count, count)
}

pub(crate) fn days(days: u64) -> Argument {
    argument("days", ArgumentKind::Days, days)
}

pub(crate) fn gib(name: &'static str, mib: u32) -> Argument {
    argument(name, ArgumentKind::Gib, Vram::from_mib(mib).gib_text())
}

pub(crate) fn image_seconds(name: &'static str, milliseconds: u64) -> Argument {
    argument(name, ArgumentKind::ImageSeconds, Nanos(i64::try_from(milliseconds.saturating_mul(1_000_000)).unwrap_or(i64::MAX)))
}

pub(crate) fn duration(name: &'static str, seconds: u64) -> Argument {
    argument(name, ArgumentKind::Span, seconds)
}

pub(crate) fn seen(name: &'static str, seconds: i64) -> Argument {
    argument(name, ArgumentKind::Age, seconds)
}

pub(crate) fn percent(name: &'static str, tenths: i64) -> Argument {
    argument(name, ArgumentKind::Percent, Nanos(tenths.saturating_mul(100_000_000)))
}

pub(crate) fn money_of(name: &'static str, amount: impl ToString) -> Argument {
    argument(name, ArgumentKind::Money, amount)
}

pub(crate) fn unit(unit: &'static str) -> Argument {
    argument("unit", ArgumentKind::Unit, unit)
}

pub(crate) fn eviction(words: &str) -> Argument {
    argument("does", ArgumentKind::Eviction, words)
}

pub(crate) fn sentence(name: &'static str, message_id: &str) -> Argument {
    argument(name, ArgumentKind::Sentence, message_id)
}

pub(crate) fn name(name: &'static str, text: impl ToString) -> Argument {
    argument(name, ArgumentKind::Name, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_shown_to_the_cent_and_small_ones_are_not_lost() {
        for (usd_text, text) in
            [("9.229778060", "9.23"), ("0.752333334", "0.7523"), ("12.005", "12.01"), ("-1.239", "-1.24"), ("0", "0.00")]
        {
            let nanos: Nanos = usd_text.parse().expect("an amount");
            assert_eq!(usd(nanos.0), text);
        }
    }

    #[test]
    fn a_sentence_has_its_figures_in_the_reader_s_form() {
        let message = say(
            "vram-price-open",
            vec![
                count("from", 24),
                price("price", UsdPerGpuHour { nanos: 246_666_667 }),
                gpu("gpu", "rtx-4090"),
                provider("provider", "vastai"),
                seen("age", 1_116),
            ],
        );
        assert!(
            message.text.starts_with("With 24 GiB and more a card costs 0.2467 USD an hour at least: RTX 4090 at "),
            "{}",
            message.text
        );
        assert!(message.text.ends_with(", seen 18 min ago."), "{}", message.text);
        assert_eq!(message.arguments[1].value, "0.246666667");
    }

    #[test]
    fn every_sentence_has_an_id_of_its_own() {
        let mut ids: Vec<&str> = TABLES.into_iter().flatten().map(|(id, _)| *id).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }

    #[test]
    fn what_is_put_into_a_sentence_is_not_looked_at_again() {
        assert_eq!(filled("a {x} of {y}", |name| Some(format!("{{{name}}}"))).as_deref(), Some("a {x} of {y}"));
        assert_eq!(filled("a {x}", |_| None), None);
    }
}
