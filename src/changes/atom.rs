//! The same changes as an Atom feed (RFC 4287), for readers that people have already. Pure: it renders an answer.

use std::fmt::Write;

use chrono::{DateTime, SecondsFormat, Utc};

use super::{Change, ChangedPrice, ChangesAnswer, Kind};
use crate::catalogue;

/// The media type.
pub const MEDIA_TYPE: &str = "application/atom+xml; charset=utf-8";

/// A feed of an answer. `base` is the service's own address, or nothing: then links are relative to the feed's. `query` is
/// the question as it was asked: another question is another feed. `before`: when the last change before its window was told,
/// where the window holds none; it is not the window's own beginning, which moves with every question.
pub fn feed(answer: &ChangesAnswer, before: Option<DateTime<Utc>>, base: &str, query: &str) -> String {
    let base = base.trim_end_matches('/');
    let question = if query.is_empty() { String::new() } else { format!("?{query}") };
    let mark = if answer.sample { "SAMPLE DATA (all figures are made up): " } else { "" };
    // It moves when an entry is added and never for nothing: entries stand in the order in which they were told.
    let updated = answer.items.first().map(|newest| newest.told_at).or(before).unwrap_or(DateTime::UNIX_EPOCH);
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n");
    element(&mut text, "id", &format!("urn:gpurate:changes{}", escaped_for_urn(&question)));
    element(&mut text, "title", &format!("{mark}GPU prices that changed"));
    element(&mut text, "updated", &moment(updated));
    text.push_str("<author><name>gpurate</name></author>\n");
    link(&mut text, "self", &format!("{base}/api/v1/changes.atom{question}"));
    if let Some(cursor) = &answer.next_cursor {
        // RFC 5005: older entries.
        let rest = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor=")).map(|pair| format!("{pair}&"));
        link(&mut text, "next", &format!("{base}/api/v1/changes.atom?{}cursor={cursor}", rest.collect::<String>()));
    }
    for change in &answer.items {
        entry(&mut text, change, base, mark);
    }
    text.push_str("</feed>\n");
    text
}

fn entry(text: &mut String, change: &Change, base: &str, mark: &str) {
    text.push_str("<entry>\n");
    // The offer's own id makes it unique beyond this database; events have none.
    let about = match &change.offer {
        Some(offer) => offer.id.clone(),
        None => escaped_for_urn(&format!("{}:{}", change.provider, change.part)),
    };
    element(text, "id", &format!("urn:gpurate:change:{about}:{}", change.id));
    element(text, "title", &format!("{mark}{}", title(change)));
    element(text, "updated", &moment(change.told_at));
    let _infallible = writeln!(text, "<category term=\"{}\"/>", change.kind.as_str());
    // A page for people that is there as long as the program is: an offer is gone once it is withdrawn.
    match change.gpu_group.as_ref().filter(|slug| catalogue::gpus().by_slug(&slug.0).is_some()) {
        Some(slug) => link(text, "alternate", &format!("{base}/gpus/{slug}")),
        None => link(text, "alternate", &format!("{base}/providers/{}", change.provider)),
    }
    if let Some(offer) = change.offer.as_ref().filter(|_| change.kind != Kind::Withdrawn) {
        link(text, "related", &format!("{base}/api/v1/offers/{}", offer.id));
    }
    let sources = change.rule.iter().flat_map(|fact| [&fact.before, &fact.after]).flatten().map(|value| value.source.as_str());
    for source in sources.filter(|source| source.starts_with("https://")).collect::<std::collections::BTreeSet<_>>() {
        link(text, "related", source.split(' ').next().unwrap_or(source));
    }
    for page in &change.evidence.pages {
        link(text, "related", &format!("{base}/api/v1/pages/{page}"));
    }
    element(text, "summary", &summary(change));
    text.push_str("</entry>\n");
}

/// What happened, in a line.
fn title(change: &Change) -> String {
    let per_gpu = |price: &Option<ChangedPrice>| match price {
        Some(price) => match price.price_usd_per_gpu_hour {
            Some(usd) => format!("{usd} USD per GPU-hour"),
            None => format!("{} {} per hour", price.price_per_hour, price.currency),
        },
        None => "no price".to_owned(),
    };
    let what = change.about();
    let percent = change.price_percent.map(|percent| format!(" ({}{percent} %)", if percent.0 > 0 { "+" } else { "" })).unwrap_or_default();
    match change.kind {
        Kind::PriceUp | Kind::PriceDown | Kind::Currency => {
            format!("{what}: {} to {}{percent}", per_gpu(&change.before), per_gpu(&change.after))
        }
        Kind::New => format!("{what}: new, {}", per_gpu(&change.after)),
        Kind::Back => format!("{what}: back, {}{percent}", per_gpu(&change.after)),
        Kind::Withdrawn => format!("{what}: withdrawn, last {}", per_gpu(&change.before)),
        Kind::Stock => {
            let word = |price: &Option<ChangedPrice>| price.as_ref().map_or("", |price| price.availability.as_str()).replace('_', " ");
            format!("{what}: {} to {}", word(&change.before), word(&change.after))
        }
        Kind::Terms => format!("{what}: other terms, {}", per_gpu(&change.after)),
        Kind::GpuNewInPart | Kind::GpuGoneFromPart => format!("{what} {}: {}", change.part, change.kind.in_words()),
        other => format!("{what}: {}", other.in_words()),
    }
}

fn summary(change: &Change) -> String {
    let mut parts = Vec::new();
    for (name, price) in [("before", &change.before), ("after", &change.after)] {
        parts.extend(price.as_ref().map(|price| {
            format!(
                "{name}: {} {} {}, {}, since {}",
                price.original_price_amount,
                price.currency,
                price.original_price_unit.replace('_', " "),
                price.availability.as_str().replace('_', " "),
                moment(price.since)
            )
        }));
    }
    parts.extend(change.offer.as_ref().map(|offer| format!("sku {} ({}), tier {}", offer.sku, offer.gpu_name_raw, offer.tier)));
    parts.extend(change.detail.clone());
    if change.told_at != change.at {
        parts.push(format!("from {} on", moment(change.at)));
    }
    if change.corrected {
        parts.push("the answer was read wrong then, and has been corrected".to_owned());
    }
    parts.extend(change.evidence.collection.map(|collection| format!("attempt {collection}")));
    if change.evidence.past_keeping_time {
        parts.push("records of answers of then are past their keeping time".to_owned());
    }
    parts.join("; ")
}

fn moment(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn element(into: &mut String, name: &str, content: &str) {
    let _infallible = writeln!(into, "<{name}>{}</{name}>", escaped(content));
}

fn link(into: &mut String, relation: &str, address: &str) {
    let _infallible = writeln!(into, "<link rel=\"{relation}\" href=\"{}\"/>", escaped(address));
}

/// Foreign text as XML may hold it. What XML 1.0 has no place for is replaced.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            other if !crate::words::is_plain(other) => safe.push('\u{fffd}'),
            other => safe.push(other),
        }
    }
    safe
}

/// What a URN may hold; the rest by its bytes.
fn escaped_for_urn(text: &str) -> String {
    let mut safe = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b':' | b'=' => safe.push(char::from(byte)),
            other => {
                let _infallible = write!(safe, "%{other:02x}");
            }
        }
    }
    safe
}
