//! One `Cube` with a `time`, and in it a `Cube` per currency with its `rate`: units of the currency for one euro.
//!
//! Rates are all or nothing: one that cannot be read refuses the file, because a wrong rate makes every price wrong
//! that it converts, and yesterday's rates are a good answer. A document type is refused, so no entity is expanded.
//! The date is the source's own: a file that no longer changes grows old (defect D36). Published around 16:00 CET.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use gpurate_domain::{Currency, FxRates, Nanos};
use roxmltree::{Document, Node, ParsingOptions};

use crate::{Page, Parsed, ShapeError};

/// A day has some thirty currencies; this only bounds what a foreign file may cost.
const NODES_MAX: u32 = 10_000;

pub(super) fn parse(pages: &[Page]) -> Result<Parsed, ShapeError> {
    let [page] = pages else { return Err(ShapeError::new("", format!("one page is expected, {} came", pages.len()))) };
    let rates = rates(&page.text()?)?;
    Ok(Parsed { source_dated_at: published_at(rates.date), rates: Some(rates), empty_is_an_answer: true, ..Parsed::default() })
}

fn rates(text: &str) -> Result<FxRates, ShapeError> {
    let start: String = text.trim_start().chars().take(14).collect::<String>().to_lowercase();
    if start.starts_with("<!doctype html") || start.starts_with("<html") {
        return Err(ShapeError::new("", "a web page came instead of XML"));
    }
    let options = ParsingOptions { allow_dtd: false, nodes_limit: NODES_MAX, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options)
        .map_err(|error| ShapeError::new("", format!("not the XML expected: {}", short(error))))?;
    let mut days = document.descendants().filter(|node| is_cube(*node) && node.has_attribute("time"));
    let day = days.next().ok_or_else(|| ShapeError::new("Cube/@time", "no day is in the file"))?;
    if days.next().is_some() {
        return Err(ShapeError::new("Cube/@time", "more than one day is in the file"));
    }
    let time = day.attribute("time").unwrap_or_default();
    let date = NaiveDate::parse_from_str(time.trim(), "%Y-%m-%d")
        .map_err(|_| ShapeError::new("Cube/@time", format!("`{}` is not a day", short(time))))?;
    let mut per_eur = BTreeMap::new();
    for cube in day.children().filter(|node| is_cube(*node)) {
        let (currency, rate) = rate(cube)?;
        if per_eur.insert(currency, rate).is_some() {
            return Err(ShapeError::new("Cube/@currency", format!("`{currency}` is there twice")));
        }
    }
    if !per_eur.contains_key(&Currency::USD) {
        return Err(ShapeError::new("Cube/@currency", "there is no rate of the dollar"));
    }
    Ok(FxRates { date, per_eur })
}

fn rate(cube: Node<'_, '_>) -> Result<(Currency, Nanos), ShapeError> {
    let code = cube.attribute("currency").ok_or_else(|| ShapeError::new("Cube/@currency", "a rate has no currency"))?;
    let currency: Currency =
        code.trim().parse().map_err(|_| ShapeError::new("Cube/@currency", format!("`{}` is not a currency", short(code))))?;
    let pointer = "Cube/@rate";
    let text = cube.attribute("rate").ok_or_else(|| ShapeError::new(pointer, format!("`{currency}` has no rate")))?;
    let rate: Nanos = text.parse().map_err(|error| ShapeError::new(pointer, format!("`{currency}`: {error}")))?;
    if !rate.is_positive() {
        return Err(ShapeError::new(pointer, format!("`{currency}`: `{rate}` is not above zero")));
    }
    Ok((currency, rate))
}

fn is_cube(node: Node<'_, '_>) -> bool {
    node.is_element() && node.tag_name().name() == "Cube"
}

/// 15:00 UTC of the day: 16:00 in Frankfurt in winter. In summer that is an hour late, which ages nothing too early.
fn published_at(date: NaiveDate) -> Option<DateTime<Utc>> {
    NaiveTime::from_hms_opt(15, 0, 0).map(|time| date.and_time(time).and_utc())
}

/// A foreign text may be long; a message quotes only its beginning.
fn short(text: impl ToString) -> String {
    text.to_string().chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASIC: &str = include_str!("samples/basic/eurofxref-daily.xml");

    fn day(cubes: &str) -> String {
        format!("<e:Envelope xmlns:e='urn:e' xmlns='urn:x'><Cube><Cube time='2026-11-20'>{cubes}</Cube></Cube></e:Envelope>")
    }

    #[track_caller]
    fn refused(text: &str, reason: &str) {
        let error = rates(text).expect_err("the file is refused").to_string();
        assert!(error.contains(reason), "`{error}` should hold `{reason}`");
    }

    #[test]
    fn a_rate_keeps_its_digits_and_its_day() {
        let found = rates(&day("<Cube currency='USD' rate='1.1583'/><Cube currency='IDR' rate='18912.35'/>")).expect("the known shape");
        assert_eq!(found.date.to_string(), "2026-11-20");
        assert_eq!(found.per_eur.get(&Currency::USD), Some(&Nanos(1_158_300_000)));
        assert_eq!(found.per_eur.len(), 2);
    }

    #[test]
    fn d07_a_rate_that_is_none_refuses_the_file() {
        for rate in ["0", "-1.1", "0.0000000001"] {
            refused(&day(&format!("<Cube currency='USD' rate='{rate}'/>")), "is not above zero");
        }
        for rate in ["", "NaN", "N/A", "1,1583", "inf", "99999999999"] {
            refused(&day(&format!("<Cube currency='USD' rate='1'/><Cube currency='JPY' rate='{rate}'/>")), "`JPY`");
        }
        refused(&day("<Cube currency='USD'/>"), "has no rate");
        refused(&day("<Cube rate='1'/>"), "has no currency");
        refused(&day("<Cube currency='dollar' rate='1'/>"), "is not a currency");
    }

    #[test]
    fn d20_without_the_dollar_there_are_no_rates() {
        refused(&day("<Cube currency='JPY' rate='160'/>"), "no rate of the dollar");
        refused(&day(""), "no rate of the dollar");
    }

    #[test]
    fn d19_a_currency_that_is_there_twice_refuses_the_file() {
        refused(&day("<Cube currency='USD' rate='1.1'/><Cube currency='USD' rate='1.2'/>"), "is there twice");
    }

    #[test]
    fn d36_the_date_is_that_of_the_source() {
        let date = NaiveDate::from_ymd_opt(2026, 11, 20).expect("a day");
        assert_eq!(published_at(date).map(|at| at.to_rfc3339()), Some("2026-11-20T15:00:00+00:00".to_owned()));
        refused(&BASIC.replace("2026-11-20", "20 November 2026"), "is not a day");
        refused(&BASIC.replace("2026-11-20", "2026-02-30"), "is not a day");
        refused(&BASIC.replace("time=", "date="), "no day");
    }

    #[test]
    fn no_entity_is_expanded_and_no_document_type_accepted() {
        let bomb = "<!DOCTYPE e [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>";
        refused(&format!("{bomb}{}", day("<Cube currency='USD' rate='1.1'/>")), "not the XML expected");
        refused(&format!("<!DOCTYPE e SYSTEM 'https://example.com/e.dtd'>{}", day("")), "not the XML expected");
        refused(&day("<Cube currency='USD' rate='&a;'/>"), "not the XML expected");
        refused(&day(&"<Cube currency='USD' rate='1'/>".repeat(20_000)), "not the XML expected");
    }

    #[test]
    fn d14_no_cut_or_changed_file_makes_parse_panic() {
        for (at, _) in BASIC.char_indices() {
            let _outcome = rates(&BASIC[..at]);
            for other in ["", "<", "&", "'", "9", "é"] {
                let changed = format!("{}{other}{}", &BASIC[..at], &BASIC[at + 1..]);
                let Ok(found) = rates(&changed) else { continue };
                assert!(found.per_eur.values().all(|rate| rate.is_positive()), "{changed}");
            }
        }
    }
}
