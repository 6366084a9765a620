//! The guide's sentences in English. Each has an id and named figures; a page in another language says the same figures
//! in its own words. Nothing is computed here.

use gpurate_domain::{Nanos, PriceKind, UsdPerGpuHour, Vram};

use super::view::{Argument, ArgumentKind, Message};
use crate::catalogue;
use crate::compare::ThousandCost;
use crate::simulate::RowView;
use crate::words::{age, money, rounded, seconds, span};
use crate::workloads;

/// Every sentence: its id, and its English text with the names of figures in braces.
pub const MESSAGES: &[(&str, &str)] = &[
    (
        "advice-interactive",
        "Usual advice: at the screen take the fastest of {first}, {second} and {third}; it is worth the higher price per hour.",
    ),
    ("advice-batch", "Usual advice: for a batch that nobody watches take the lowest price per hour, spot included."),
    (
        "advice-fine-tuning",
        "Usual advice: for fine-tuning take the one of {first}, {second} and {third} with most memory and bandwidth, on demand.",
    ),
    (
        "finding-confirmed",
        "Today's prices agree: {gpu} at {provider} ({market}, {price} USD/h, seen {age} ago) costs least, {total} USD in {days}.",
    ),
    (
        "finding-contradicted",
        "Today's prices say otherwise: {gpu} at {provider} ({market}, {price} USD/h, seen {age} ago) costs {total} USD in {days}, the advised {usual_gpu} at {usual_provider} ({usual_market}, {usual_price} USD/h, seen {usual_age} ago) {usual_total} USD.",
    ),
    (
        "finding-contradicted-waiting",
        "By cost today's prices say otherwise: {gpu} at {provider} ({market}, {price} USD/h, seen {age} ago) costs {total} USD in {days}, the advised {usual_gpu} at {usual_provider} ({usual_market}, {usual_price} USD/h, seen {usual_age} ago) {usual_total} USD; that one waits {saved} less, for {per_hour} USD an hour not waited.",
    ),
    (
        "finding-contradicted-late",
        "Today's offers say otherwise: {gpu} at {provider} ({market}, {price} USD/h, seen {age} ago) costs {total} USD and is done in time, the advised {usual_gpu} at {usual_provider} ({usual_market}, {usual_price} USD/h, seen {usual_age} ago) is not.",
    ),
    (
        "finding-undecided",
        "Today's prices do not decide it: {gpu} at {provider} ({market}, {price} USD/h, seen {age} ago) costs {total} USD in {days}, the advised {usual_gpu} at {usual_provider} ({usual_market}, {usual_price} USD/h, seen {usual_age} ago) {usual_total} USD.",
    ),
    (
        "finding-not-offered",
        "{gpu} at {provider} ({market}, {price} USD/h, seen {age} ago) costs least, {total} USD in {days}; nothing of what the advice means is offered now.",
    ),
    (
        "finding-late",
        "Nothing that is offered now would be done in time; cheapest of what would be late is {gpu} at {provider} ({market}, {price} USD/h, seen {age} ago), {total} USD.",
    ),
    ("finding-nothing", "Nothing that could do it is offered now."),
    ("finding-nothing-because", "Nothing that is offered now can be ranked for it: {reason}."),
    ("finding-no-plan", "This plan cannot be made with {workload}: {reason}."),
    (
        "vram-three",
        "{workload} takes {gib_16} GiB in 16 bit, {gib_8} in 8 bit and {gib_4} in 4 bit with everything in the card's memory, and 1 GiB must be left.",
    ),
    (
        "vram-two",
        "{workload} takes {gib_16} GiB in 16 bit and {gib_less} in {bits} bit with everything in the card's memory, and 1 GiB must be left.",
    ),
    ("vram-one", "{workload} takes {gib} GiB in {bits} bit with everything in the card's memory, and 1 GiB must be left."),
    ("vram-unknown", "How much memory {workload} takes with everything in it is not known."),
    ("vram-offload", "With weights moved between host and card {workload} runs from {gib} GiB on, at {percent} % of the speed of 16 bit."),
    (
        "vram-offload-unmeasured",
        "With weights moved between host and card {workload} runs from {gib} GiB on; how much slower nobody measured.",
    ),
    (
        "vram-price",
        "With {from} GiB and more, but less than {below}, a card costs {price} USD an hour at least: {gpu} at {provider}, seen {age} ago.",
    ),
    ("vram-price-open", "With {from} GiB and more a card costs {price} USD an hour at least: {gpu} at {provider}, seen {age} ago."),
    ("vram-no-price", "Of the cards of the step that begins at {from} GiB nothing rentable is offered on demand now."),
    (
        "faster-above",
        "{faster} makes an image of {workload} in {faster_seconds} s for {faster_price} USD an hour, {slower} in {slower_seconds} s for {slower_price} (seen {age} ago at most): where {slower} would compute more than {share} % of the time the faster one costs less, below that the slower one.",
    ),
    (
        "faster-always",
        "{faster} makes an image of {workload} in {faster_seconds} s for {faster_price} USD an hour, {slower} in {slower_seconds} s for {slower_price} (seen {age} ago at most): the faster one costs less however you work.",
    ),
    (
        "faster-never",
        "{faster} makes an image of {workload} in {faster_seconds} s for {faster_price} USD an hour, {slower} in {slower_seconds} s for {slower_price} (seen {age} ago at most): the slower one costs less even if it never rests.",
    ),
    (
        "faster-undecided",
        "{faster} makes an image of {workload} in about {faster_seconds} s for {faster_price} USD an hour, {slower} in about {slower_seconds} s for {slower_price} (seen {age} ago at most): the ranges of these times overlap, so which costs less is not known.",
    ),
    ("faster-unknown", "Of the cards that are usually compared no two have both a price and a known speed for {workload} now."),
    (
        "faster-waiting",
        "At the screen the next step up from {gpu} at {provider} is {faster} at {faster_provider}: in {days} it waits {saved} less and costs {more} USD more, {per_hour} USD for each hour not waited.",
    ),
    ("faster-no-less-waiting", "At the screen nothing that costs more than {gpu} at {provider} waits less."),
    (
        "faster-batch",
        "Left alone, {gpu} at {provider} ({market}, seen {age} ago) costs least: {usd} USD for 1,000 images of {workload} by the typical time.",
    ),
    (
        "spot-cheaper",
        "1,000 images of {workload} cost {spot} USD as spot ({spot_gpu} at {spot_provider}, seen {spot_age} ago) and {on_demand} on demand ({gpu} at {provider}, seen {age} ago): {percent} % less.",
    ),
    (
        "spot-not-cheaper",
        "Spot does not pay now: 1,000 images of {workload} cost {spot} USD as spot ({spot_gpu} at {spot_provider}, seen {spot_age} ago) and {on_demand} on demand ({gpu} at {provider}, seen {age} ago).",
    ),
    ("spot-none", "No rentable spot offer has a known speed for {workload} now, so there is nothing to compare."),
    (
        "spot-night",
        "The night of the overnight plan, evictions counted, costs {spot} USD at most as spot ({spot_gpu} at {spot_provider}) and {on_demand} on demand ({gpu} at {provider}).",
    ),
    (
        "spot-night-one",
        "The overnight plan can be done in time in one of the two ways only: {market}, {usd} USD at most ({gpu} at {provider}).",
    ),
    (
        "spot-eviction",
        "Of {providers} providers that sell spot now {keep} keep a machine's disk when they take it away, {lose} delete or empty it, and of {unknown} it is not known: a batch goes on from its last picture, work by hand is cut off.",
    ),
    ("spot-eviction-none", "No provider sells spot now: whether it would fit batches or work by hand does not arise."),
    (
        "granularity-count",
        "Of {providers} providers that sell on demand now {short} bill by the minute or finer, {long} in longer steps, and of {unknown} it is not known.",
    ),
    (
        "granularity-example",
        "{used} on {gpu} at {provider} ({price} USD an hour, seen {age} ago) are billed as {billed} and cost {usd} USD; in whole hours they would cost {hour_usd}.",
    ),
    (
        "granularity-example-least",
        "{used} on {gpu} at {provider} ({price} USD an hour, seen {age} ago) are billed as {billed} at least and cost {usd} USD, its minimum is not known; in whole hours they would cost {hour_usd}.",
    ),
    (
        "granularity-example-long",
        "{used} on {gpu} at {provider} ({price} USD an hour, seen {age} ago) are billed as {billed} and cost {usd} USD; by the second they would cost {second_usd}.",
    ),
    ("granularity-no-example", "Of no card that runs {workload} and is offered on demand now the granularity is known."),
    ("granularity-bill", "In the evenings' plan rounding and minimums cost most at {provider} ({gpu}): {usd} of {total} USD in {days}."),
    ("granularity-bill-none", "In the evenings' plan rounding and minimums cost nothing anywhere."),
];

/// One sentence with its figures.
///
/// # Panics
/// Where no sentence has this id: the ids are this module's own, and a test says every one.
pub(super) fn say(message_id: &'static str, arguments: Vec<Argument>) -> Message {
    let (_, template) = MESSAGES.iter().find(|(id, _)| *id == message_id).expect("a sentence of this table");
    let mut text = (*template).to_owned();
    for argument in &arguments {
        text = text.replace(&format!("{{{}}}", argument.name), &argument.words());
    }
    debug_assert!(!text.contains(['{', '}']), "a figure is missing: {text}");
    Message { message_id, arguments, text }
}

impl Argument {
    /// In English.
    pub fn words(&self) -> String {
        let low = self.end(&self.value);
        if matches!(self.kind, ArgumentKind::UsdFrom | ArgumentKind::UsdPerHourFrom) {
            return format!("from {low}");
        }
        match self.value_high.as_deref().map(|high| self.end(high)) {
            Some(high) if high != low => format!("{low} to {high}"),
            _ => low,
        }
    }

    fn end(&self, value: &str) -> String {
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
            ArgumentKind::Name | ArgumentKind::Count | ArgumentKind::Gib | ArgumentKind::Percent => value.to_owned(),
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

pub(super) fn gpu(name: &'static str, slug: &str) -> Argument {
    argument(name, ArgumentKind::Gpu, slug)
}

pub(super) fn provider(name: &'static str, slug: &str) -> Argument {
    argument(name, ArgumentKind::Provider, slug)
}

pub(super) fn workload(slug: &str) -> Argument {
    argument("workload", ArgumentKind::Workload, slug)
}

pub(super) fn market(name: &'static str, market: gpurate_domain::MarketKind) -> Argument {
    argument(name, ArgumentKind::Market, market.as_str())
}

pub(super) fn amount(name: &'static str, usd: Nanos) -> Argument {
    argument(name, ArgumentKind::Usd, usd)
}

/// Both ends of a row's total; the lower one where what it costs at most is not known.
pub(super) fn range(name: &'static str, row: &RowView) -> Argument {
    if row.total_is_open {
        return argument(name, ArgumentKind::UsdFrom, row.total_low_usd);
    }
    Argument { value_high: Some(row.total_high_usd.to_string()), ..amount(name, row.total_low_usd) }
}

/// The dear end of a row's total.
pub(super) fn total(name: &'static str, row: &RowView) -> Argument {
    argument(name, if row.total_is_open { ArgumentKind::UsdFrom } else { ArgumentKind::Usd }, row.total_high_usd)
}

/// What a thousand cost by the typical time.
pub(super) fn cost(name: &'static str, cost: &ThousandCost) -> Argument {
    argument(name, if cost.price_kind.is_from() { ArgumentKind::UsdFrom } else { ArgumentKind::Usd }, cost.typical_usd)
}

pub(super) fn price(name: &'static str, price: UsdPerGpuHour, kind: PriceKind) -> Argument {
    let argument_kind = if kind.is_from() { ArgumentKind::UsdPerHourFrom } else { ArgumentKind::UsdPerHour };
    argument(name, argument_kind, Nanos(price.nanos))
}

pub(super) fn per_hour(name: &'static str, usd: Nanos) -> Argument {
    argument(name, ArgumentKind::UsdPerHour, usd)
}

pub(super) fn count(name: &'static str, count: impl ToString) -> Argument {
    argument(name, ArgumentKind::Count, count)
}

pub(super) fn days(days: u64) -> Argument {
    argument("days", ArgumentKind::Days, days)
}

pub(super) fn gib(name: &'static str, mib: u32) -> Argument {
    argument(name, ArgumentKind::Gib, Vram::from_mib(mib).gib_text())
}

pub(super) fn image_seconds(name: &'static str, milliseconds: u64) -> Argument {
    argument(name, ArgumentKind::ImageSeconds, Nanos(i64::try_from(milliseconds.saturating_mul(1_000_000)).unwrap_or(i64::MAX)))
}

pub(super) fn duration(name: &'static str, seconds: u64) -> Argument {
    argument(name, ArgumentKind::Span, seconds)
}

pub(super) fn seen(name: &'static str, seconds: i64) -> Argument {
    argument(name, ArgumentKind::Age, seconds)
}

pub(super) fn percent(name: &'static str, tenths: i64) -> Argument {
    argument(name, ArgumentKind::Percent, Nanos(tenths.saturating_mul(100_000_000)))
}

pub(super) fn name(name: &'static str, text: impl ToString) -> Argument {
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
        let mut ids: Vec<&str> = MESSAGES.iter().map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), MESSAGES.len());
    }
}
