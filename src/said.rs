//! Sentences as figures and an id, so that they can be said in any language; the English text stands beside them. Each view
//! has a table of its own; a page in another language says the same figures in its own words. Nothing is computed here.

use gpurate_domain::{Nanos, PriceKind, UsdPerGpuHour, Vram};
use serde::Serialize;
use utoipa::ToSchema;

use crate::catalogue;
use crate::compare::ThousandCost;
use crate::simulate::RowView;
use crate::words::{age, money, rounded, seconds, span};
use crate::workloads;

/// Sentences of a view: each id, and its English text with the names of figures in braces.
pub type Table = &'static [(&'static str, &'static str)];

/// The tables of all views. No id stands twice.
pub const TABLES: [Table; 8] = [
    crate::guide::MESSAGES,
    crate::prices::MESSAGES,
    crate::simulate::MESSAGES,
    crate::compare::MESSAGES,
    workloads::BASES,
    workloads::INDEX_BASES,
    workloads::CAUTIONS,
    ERRORS,
];

/// The English text of a sentence, with the names of its figures in braces.
fn template(message_id: &str) -> Option<&'static str> {
    TABLES.into_iter().flatten().find(|(id, _)| *id == message_id).map(|(_, template)| *template)
}

/// The commonest errors. They are worded where they happen, and known by their words: those with a hint stand before those without.
pub const ERRORS: Table = &[
    ("error-no-gpu-near", "no GPU is called `{name}`; did you mean `{near}`?"),
    ("error-no-gpu", "no GPU is called `{name}`; `gpurate gpus` and `/api/v1/gpus` have the names"),
    ("error-family", "`{name}` is a family of several cards; write one of `{members}`"),
    ("error-not-two-none", "exactly two GPUs are compared, as `rtx-5090,rtx-4090`; none is given"),
    ("error-not-two-one", "exactly two GPUs are compared, as `rtx-5090,rtx-4090`; `{name}` is one: name another beside it"),
    ("error-not-two-many", "exactly two GPUs are compared, as `rtx-5090,rtx-4090`; `{names}` are {count}: leave out all but two"),
    ("error-same-twice", "`{name}` is given twice; exactly two different GPUs are compared: name another beside it"),
    ("error-no-provider-near", "no provider is called `{name}`; did you mean `{near}`?"),
    ("error-no-provider-listed", "no provider is called `{name}`; /providers lists them"),
    ("error-no-provider-known", "no provider is called `{name}`; known are `{known}`"),
    ("error-no-provider", "no provider is called `{name}`"),
    ("error-no-guide-near", "no guide is called `{name}`; did you mean `{near}`?"),
    ("error-no-guide", "no guide is called `{name}`; there is `{known}`"),
    ("error-no-usage", "`{name}` is no `usage`; it is `interactive` or `batch`"),
    ("error-no-workload-near", "no workload is called `{name}`; did you mean `{near}`?; see `gpurate workloads`"),
    ("error-no-workload", "no workload is called `{name}`; see `gpurate workloads`"),
    (
        "error-no-images",
        "`{name}` makes no images but a {unit}; a guide of image generation is asked for with one that does, as `flux-dev`",
    ),
    ("error-no-parameter-near", "no parameter is called `{name}`; did you mean `{near}`?"),
    ("error-no-parameter", "no parameter is called `{name}`"),
    ("error-no-filter-near", "there is no parameter `{name}`; did you mean `{near}`?"),
    ("error-no-filter", "there is no parameter `{name}`; known are `{known}`"),
    ("error-no-key-near", "no key of a plan is called `{name}`; did you mean `{near}`?; `gpurate simulate --keys` lists them"),
    ("error-no-key", "no key of a plan is called `{name}`; `gpurate simulate --keys` lists them"),
    ("error-no-preset-near", "no preset is called `{name}`; did you mean `{near}`?; there are `{known}`"),
    ("error-no-preset", "no preset is called `{name}`; there are `{known}`"),
    ("error-twice-once", "`{name}` is given twice; give it once"),
    ("error-twice", "`{name}` is given twice"),
    ("error-no-value-near", "`{value}` is no value of `{name}`: one of `{known}`; did you mean `{near}`?"),
    ("error-no-value", "`{value}` is no value of `{name}`: one of `{known}`"),
    (
        "error-present-card",
        "how fast your card ({gpu}) runs `{workload}` is not known ({why}): say `looking_minutes`, or another `present_card`",
    ),
    (
        "error-hours",
        "{images} images take {minutes} min on a {gpu} alone, and a session lasts {session} min: give more `hours` or fewer `images`",
    ),
    ("error-busy-no-offer", "nothing is offered of `{name}` now that passes the plan's filters"),
    ("error-no-variant-fits", "no variant of it fits"),
    ("error-memory-unknown", "its memory is not known"),
    ("error-clip", "clip"),
    ("error-training-step", "training step"),
    ("error-no-address", "nothing is at this address; see /api/v1/openapi.json"),
    ("error-method", "this address takes another method; see /api/v1/openapi.json"),
    ("error-too-often", "this client asks too often: wait a second; see `server.requests_per_second_per_client_max`"),
    ("error-too-many", "too many requests at once: ask again in a moment"),
    ("error-database", "the database cannot be read now; /readyz says more"),
    ("error-internal", "a fault of this program; its log says more"),
    ("error-no-zone-near", "`{name}` is no time zone; write it as `Europe/Paris` or `UTC`; did you mean `{near}`?"),
    ("error-no-zone", "`{name}` is no time zone; write it as `Europe/Paris` or `UTC`"),
    ("error-no-value-whole", "`{value}` is no value of `{name}`; write a whole number"),
    ("error-out-of-range", "`{value}` is out of range; `{name}` is 0 to {most}"),
    ("error-number", "{why}; `{name}` is a number as `0.5`"),
    ("error-not-decimal", "`{value}` is not a decimal number"),
    ("error-too-large", "`{value}` is out of range"),
    ("error-country", "`{value}` is not an ISO 3166-1 alpha-2 country code; write two letters, as `FR`"),
    ("error-currency", "`{value}` is not a currency; write three letters, as `EUR`"),
    ("error-gpu-count", "`{value}` is not a count of GPUs; write `1`, `8` or `1/8`"),
    ("error-no-page", "`{value}` is no page; `limit` is 1 to {most}"),
    ("error-no-cursor", "`{value}` is no cursor; take `next_cursor` of the page before, or leave it out"),
    ("error-vram-order", "`vram_max_gib` is below `vram_min_gib`; nothing can be both"),
    ("error-empty-filter", "`{name}` has no value; leave it out to not filter by it"),
    ("error-empty-key", "`{name}` has no value; leave it out to use the default"),
    ("error-too-long", "`{name}` has more than {most} characters; shorten it"),
    ("error-item-too-long", "a value of `{name}` has more than {most} characters; shorten it"),
    ("error-too-many-values", "`{name}` has more than {most} values; ask in several questions"),
    ("error-no-fact-near", "no GPU has the {fact} `{value}`; did you mean `{near}`?"),
    ("error-no-fact", "no GPU has the {fact} `{value}`; known are `{known}`"),
    ("error-long-query", "a query has at most {count} parameters of {most} characters"),
    ("error-no-text", "this address holds bytes that are no text"),
    ("error-at-once", "this client has as much running at once as it may: wait until some of it has ended"),
    ("error-long-plan", "a plan has at most {most} characters; shorten its trace"),
    ("error-two-ways", "`{one}` and `{other}` say the same in two ways; give one of them"),
    ("error-plan-number", "`{name}` is `{value}`; write a number from {least} to {most}, as `{example}`"),
    ("error-plan-whole", "`{name}` is `{value}`; write a whole number from {least} to {most}"),
    ("error-plan-dollars", "`{name}` is `{value}`; write dollars from 0 to 1000000, as `40`"),
    ("error-plan-card", "`{name}` is `{value}`; write one card, as `rtx-4090` or `a100-80gb-sxm`"),
    ("error-plan-day", "`rules_on` is `{value}`; write a day, as `2025-06-01`"),
    ("error-plan-time", "`{name}` is `{value}`; write a time of day, as `08:00`"),
    ("error-plan-word", "`{name}` is `{value}`; write `{known}`"),
    ("error-evictions-small", "`evictions_per_hour` is below 0.001; write 0 for never"),
    ("error-image-time", "`seconds_per_image` is 0; write how long one image takes, as `6.5`"),
    (
        "error-no-work",
        "say what you run: `model = flux1-dev` (see `gpurate workloads`), or `seconds_per_image`, or `work_hours`, or a `preset`",
    ),
    ("error-training", "`{name}` is training: say `work_hours`, how long a run takes on the card you have now"),
    ("error-evenings", "`evenings` is 0; write how many sessions a week has, as `3` (0.5 for one in two weeks)"),
    ("error-images", "say how many images a session makes, as `images = 150`"),
    ("error-sessions", "{count} sessions of {hours} h do not fit into {days} days; give fewer `sessions` or more `days`"),
    (
        "error-work-hours",
        "the session's work takes {minutes} min on a {gpu} alone, and a session lasts {session} min: give more `hours` or less `work_hours`",
    ),
    (
        "error-trace-entry",
        "`{value}` is no entry of `trace`: write `begin-end:images` in minutes from the start, end after begin and within {days} days, as `0-30:12`",
    ),
    ("error-trace-order", "`{value}` begins before the entry before it ends; put them in order"),
    ("error-trace-long", "a trace has at most {most} entries"),
    ("error-trace-empty", "a trace has one entry at least, as `0-30:12`"),
    ("error-own-price", "say what your card costs, as `own_card_price_usd = 1900` (0 for one that is paid)"),
    ("error-own-watts", "how much this card draws is not known: say `own_card_watts`"),
    ("error-own-work", "the work cannot be done on {gpu}: {why}"),
    ("error-no-variant-near", "`{workload}` has no variant `{name}`; did you mean `{near}`?; it has `{known}`"),
    ("error-no-variant", "`{workload}` has no variant `{name}`; it has `{known}`"),
    ("error-variant-stopped", "`{name}` does not run there: {why}"),
    ("error-runs-not", "how fast it runs there is not known: {why}"),
    ("error-gpu-bare", "no GPU is called `{name}`"),
    ("error-workload-bare-near", "no workload is called `{name}`; did you mean `{near}`?"),
    ("error-workload-bare", "no workload is called `{name}`"),
    ("error-of-card", "`{name}`: {why}"),
];

/// A sentence without figures, by its text in a view's table.
///
/// # Panics
/// As [`say`].
pub(crate) fn text_of(message_id: &'static str) -> &'static str {
    template(message_id).expect("a sentence of a table")
}

/// The id of a sentence without figures, by its text.
pub(crate) fn id_of(table: Table, text: &str) -> Option<&'static str> {
    table.iter().find(|(_, template)| *template == text).map(|(id, _)| *id)
}

/// Which sentence without figures a text is, or which of [`ERRORS`] or of the bases of an index, with what stands in the places of
/// its names.
pub(crate) fn recognised(text: &str) -> Option<Said> {
    if let Some(message_id) = TABLES.into_iter().find_map(|table| id_of(table, text)) {
        return Some(Said { message_id, arguments: Vec::new() });
    }
    [ERRORS, workloads::INDEX_BASES].into_iter().find_map(|table| known_of(table, text))
}

/// Which sentence of a table a text is, with what stands in the places of its names.
pub(crate) fn known_of(table: Table, text: &str) -> Option<Said> {
    table.iter().find_map(|(message_id, template)| Some(Said { message_id, arguments: found(template, text)? }))
}

/// What a text has in the places of a template's names; `None` where it is not of this template.
fn found(template: &'static str, text: &str) -> Option<Vec<Argument>> {
    let mut arguments = Vec::new();
    let (before, mut template) = template.split_once('{').unwrap_or((template, ""));
    let mut text = text.strip_prefix(before)?;
    while let Some((name, after)) = template.split_once('}') {
        let (literal, next) = after.split_once('{').unwrap_or((after, ""));
        let (value, rest) = if next.is_empty() { (text.strip_suffix(literal)?, "") } else { text.split_once(literal)? };
        // What is in a sentence as words of another has them in its own language where they are known.
        arguments.push(if matches!(name, "why" | "unit" | "words") { english(name, value) } else { self::name(name, value) });
        (text, template) = (rest, next);
    }
    text.is_empty().then_some(arguments)
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

impl Message {
    /// The English text, and which sentence it is.
    pub(crate) fn apart(self) -> (String, Said) {
        (self.text, Said { message_id: self.message_id, arguments: self.arguments })
    }
}

/// Which sentence, and its figures; the English text stands beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Said {
    /// Which.
    pub message_id: &'static str,
    /// Its figures, in the order of the English text.
    pub arguments: Vec<Argument>,
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
    /// A name that is the same in every language, or a word as it was typed.
    Name,
    /// Words that there are in English only.
    English,
    /// What a card must have beside memory, as in [`workloads::Feature`].
    Feature,
    /// A word of [`gpurate_domain::MarketKind`].
    Market,
    /// An amount in USD, or from one to another.
    Usd,
    /// A lower bound of an amount in USD, or of one end to that of the other: it rests on a "from" price.
    UsdFrom,
    /// USD per GPU-hour.
    UsdPerHour,
    /// A lower bound of it.
    UsdPerHourFrom,
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
        if self.is_from() {
            return format!("from {low}");
        }
        match self.value_high.as_deref().map(|high| self.end(high)) {
            Some(high) if high != low => format!("{low} to {high}"),
            _ => low,
        }
    }

    /// A lower bound.
    pub fn is_from(&self) -> bool {
        matches!(self.kind, ArgumentKind::UsdFrom | ArgumentKind::UsdPerHourFrom)
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
            ArgumentKind::Usd | ArgumentKind::UsdFrom => nanos().map_or_else(|_| value.to_owned(), usd),
            ArgumentKind::UsdPerHour | ArgumentKind::UsdPerHourFrom => nanos().map_or_else(|_| value.to_owned(), rounded),
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
            ArgumentKind::Feature => workloads::Feature::of(value).map_or_else(|| value.to_owned(), |feature| feature.words().to_owned()),
            ArgumentKind::Money
            | ArgumentKind::Name
            | ArgumentKind::English
            | ArgumentKind::Count
            | ArgumentKind::Gib
            | ArgumentKind::Percent => value.to_owned(),
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

/// Both ends of a row's total; the lower one where what it costs at most is not known.
pub(crate) fn range(name: &'static str, row: &RowView) -> Argument {
    if row.total_is_open {
        return argument(name, ArgumentKind::UsdFrom, row.total_low_usd);
    }
    Argument { value_high: Some(row.total_high_usd.to_string()), ..amount(name, row.total_low_usd) }
}

/// The dear end of a row's total.
pub(crate) fn total(name: &'static str, row: &RowView) -> Argument {
    argument(name, if row.total_is_open { ArgumentKind::UsdFrom } else { ArgumentKind::Usd }, row.total_high_usd)
}

/// What a thousand cost by the typical time.
pub(crate) fn cost(name: &'static str, cost: &ThousandCost) -> Argument {
    argument(name, if cost.price_kind.is_from() { ArgumentKind::UsdFrom } else { ArgumentKind::Usd }, cost.typical_usd)
}

pub(crate) fn price(name: &'static str, price: UsdPerGpuHour, kind: PriceKind) -> Argument {
    let argument_kind = if kind.is_from() { ArgumentKind::UsdPerHourFrom } else { ArgumentKind::UsdPerHour };
    argument(name, argument_kind, Nanos(price.nanos))
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

/// The seconds of an image, from the least to the most where they differ.
pub(crate) fn image_seconds(name: &'static str, time: workloads::Range) -> Argument {
    let nanos = |milliseconds: u64| Nanos(i64::try_from(milliseconds.saturating_mul(1_000_000)).unwrap_or(i64::MAX));
    let low = argument(name, ArgumentKind::ImageSeconds, nanos(time.low));
    Argument { value_high: (time.low != time.high).then(|| nanos(time.high).to_string()), ..low }
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

pub(crate) fn english(name: &'static str, words: impl ToString) -> Argument {
    argument(name, ArgumentKind::English, words)
}

pub(crate) fn feature(feature: workloads::Feature) -> Argument {
    argument("feature", ArgumentKind::Feature, feature.as_str())
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
                price("price", UsdPerGpuHour { nanos: 246_666_667 }, PriceKind::Fixed),
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
    fn an_error_is_known_by_its_words() {
        let known = |text: &str| {
            let said = recognised(text)?;
            Some((said.message_id, said.arguments.into_iter().map(|one| one.value).collect::<Vec<_>>()))
        };
        assert_eq!(
            known("no GPU is called `x`; `gpurate gpus` and `/api/v1/gpus` have the names"),
            Some(("error-no-gpu", vec!["x".to_owned()]))
        );
        assert_eq!(known("no GPU is called `x`; did you mean `y`?"), Some(("error-no-gpu-near", vec!["x".to_owned(), "y".to_owned()])));
        assert_eq!(known("a fault of this program; its log says more"), Some(("error-internal", Vec::new())));
        assert_eq!(known("no GPU is called"), None);
        assert_eq!(known("a fault of this program; its log says more, and more"), None);
    }

    #[test]
    fn what_is_put_into_a_sentence_is_not_looked_at_again() {
        assert_eq!(filled("a {x} of {y}", |name| Some(format!("{{{name}}}"))).as_deref(), Some("a {x} of {y}"));
        assert_eq!(filled("a {x}", |_| None), None);
    }
}
