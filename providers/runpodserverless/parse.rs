//! A Markdown table, one row per pool of cards of equal price: `GPU type(s)`, `Memory`, `Cost per second` in US dollars
//! per GPU and second, `Description`. Columns are found by their headings.
//!
//! Until 2026-05 there were two prices, `Flex cost per second` and `Active cost per second`; the flex one is what the
//! one column has since then. Active workers are a discount on request and are not read. `PRO` after a name is a tier
//! of RunPod's and no part of it. The memory is that of the pool: its 16 GB hold for the A4500, which has more.
//! Source: runpod/docs snippets/serverless-gpu-pricing-table.mdx at e5571ba1 and d93e9458, read 2026-11-22.

use gpurate_domain::{Currency, GpuCount, MarketKind, Nanos, Period, Quote, RawOffer, RegionCode, Rejected, Scope, Vram};

use crate::{Page, Parsed, ShapeError, json};

/// Of the headings of a price, the one that is read where several stand in a table comes first.
const PRICE_HEADINGS: [&str; 2] = ["flex cost per second", "cost per second"];

pub(super) fn parse(pages: &[Page]) -> Result<Parsed, ShapeError> {
    let [page] = pages else { return Err(ShapeError::new("", format!("one page is expected, {} came", pages.len()))) };
    let text = page.text()?;
    let start: String = text.trim_start().chars().take(14).collect::<String>().to_lowercase();
    if start.starts_with("<!doctype html") || start.starts_with("<html") {
        return Err(ShapeError::new("", "a web page came instead of Markdown"));
    }
    let mut parsed = Parsed::default();
    let mut columns: Option<Columns> = None;
    let mut tables = 0;
    for (index, line) in text.lines().enumerate() {
        let Some(cells) = cells(line) else {
            columns = None;
            continue;
        };
        match &columns {
            None => {
                columns = Columns::find(&cells)?;
                tables += usize::from(columns.is_some());
            }
            Some(_) if cells.iter().all(|cell| is_rule(cell)) => {}
            Some(columns) => {
                if let Err(reason) = read_row(line, &cells, columns, &mut parsed) {
                    let place = cells.get(columns.types).filter(|cell| !cell.is_empty());
                    let place = place.map_or_else(|| format!("line {}", index + 1), |cell| cell.chars().take(60).collect());
                    parsed.rejected.push(Rejected::new(place, reason));
                }
            }
        }
    }
    if tables == 0 {
        return Err(ShapeError::new("heading", "no table has the columns `GPU type(s)` and `Cost per second`"));
    }
    Ok(parsed)
}

/// The cells of a line of a table; `None` for another line.
fn cells(line: &str) -> Option<Vec<&str>> {
    let inner = line.trim().strip_prefix('|')?;
    Some(inner.strip_suffix('|').unwrap_or(inner).split('|').map(str::trim).collect())
}

/// A cell of the line under the headings.
fn is_rule(cell: &str) -> bool {
    !cell.is_empty() && cell.bytes().all(|b| matches!(b, b'-' | b':'))
}

/// Where what is read stands.
#[derive(Debug)]
struct Columns {
    types: usize,
    memory: Option<usize>,
    price: usize,
    count: usize,
}

impl Columns {
    /// The columns of a table by its line of headings; `None` where it is another table.
    fn find(headings: &[&str]) -> Result<Option<Self>, ShapeError> {
        let headings: Vec<String> = headings.iter().map(|heading| plain(heading)).collect();
        let position = |wanted: &str| headings.iter().position(|heading| heading == wanted);
        let Some(types) = headings.iter().position(|heading| heading.starts_with("gpu type")) else { return Ok(None) };
        let Some(price) = PRICE_HEADINGS.iter().find_map(|wanted| position(wanted)) else { return Ok(None) };
        if headings.iter().filter(|heading| **heading == headings[price]).count() > 1 {
            return Err(ShapeError::new("heading", format!("two columns are called `{}`", headings[price])));
        }
        Ok(Some(Self { types, memory: position("memory"), price, count: headings.len() }))
    }
}

/// A heading without marks of emphasis, in lower case, with single spaces.
fn plain(heading: &str) -> String {
    let words = heading.replace(['*', '`', '_'], " ").to_lowercase();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Adds one offer per card of the row's pool.
fn read_row(line: &str, cells: &[&str], columns: &Columns, parsed: &mut Parsed) -> Result<(), json::FieldError> {
    if cells.len() != columns.count || !line.trim_end().ends_with('|') {
        return Err(format!("the row has {} cells where {} are expected, or is cut", cells.len(), columns.count));
    }
    let amount = price(cells[columns.price])?;
    let memory = columns.memory.map(|column| gigabytes(cells[column])).transpose()?.flatten();
    let cards: Vec<&str> = cells[columns.types].split(',').map(str::trim).filter(|card| !card.is_empty()).collect();
    if cards.is_empty() {
        return Err("the row names no GPU".to_owned());
    }
    for card in cards {
        let quote = Quote { amount, currency: Currency::USD, scope: Scope::Gpu, period: Period::Second };
        // The same card may come with two sizes of memory, at two prices.
        let sku = memory.map_or_else(|| card.to_owned(), |gb| format!("{card} {gb} GB"));
        let mut offer = RawOffer::new(sku, "secure", RegionCode::global(), MarketKind::Serverless, card, quote);
        offer.gpu_name_alternative = full_name(card);
        offer.gpu_count = Some(GpuCount::ONE);
        offer.provider_term = Some("flex");
        let vram = memory.and_then(Vram::from_marketed_gb);
        if card == "A4500" && memory == Some(16) {
            offer.vram_usable = vram;
        } else {
            offer.vram_per_gpu = vram;
        }
        parsed.offers.push(offer);
    }
    Ok(())
}

/// `$0.00016`; in MDX the sign may be escaped.
fn price(cell: &str) -> Result<Nanos, json::FieldError> {
    let shown: String = cell.chars().take(40).collect();
    let digits = cell.trim_start_matches('\\').strip_prefix('$').ok_or_else(|| format!("price `{shown}` is not in dollars"))?;
    let amount: Nanos = digits.parse().map_err(|error| format!("price: {error}"))?;
    if amount.is_positive() { Ok(amount) } else { Err(format!("price `{shown}` is not above zero")) }
}

/// `16 GB`; an empty cell says nothing.
fn gigabytes(cell: &str) -> Result<Option<u32>, json::FieldError> {
    if cell.is_empty() {
        return Ok(None);
    }
    let digits = cell.strip_suffix("GB").map(str::trim);
    let size = digits.and_then(|digits| digits.parse().ok()).filter(|size| (1..=4096).contains(size));
    size.map(Some).ok_or_else(|| format!("memory `{}` is not a size in GB", cell.chars().take(40).collect::<String>()))
}

/// The name a card has elsewhere; `None` where the table's own says it.
fn full_name(card: &str) -> Option<String> {
    let without_tier = card.strip_suffix(" PRO").map(str::trim_end);
    let name = match without_tier.unwrap_or(card) {
        "3090" => "RTX 3090",
        "4090" => "RTX 4090",
        "6000 Ada" => "RTX 6000 Ada",
        // The only PRO 6000 with 96 GB.
        "6000s" => "RTX PRO 6000 Blackwell",
        name => return without_tier.map(|_| name.to_owned()),
    };
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use gpurate_domain::{GpuMatch, GpuTable};

    use super::*;
    use crate::Request;

    const BASIC: &str = include_str!("samples/basic/table.mdx");

    fn parse_text(text: &str) -> Result<Parsed, ShapeError> {
        parse(&[Page::in_memory(Request::get(super::super::ADDRESS), chrono::DateTime::UNIX_EPOCH, Vec::new(), text.as_bytes())])
    }

    fn per_hour(parsed: &Parsed, card: &str) -> String {
        let offer = parsed.offers.iter().find(|offer| offer.gpu_name == card).expect("the card is in the table");
        Nanos(offer.price.per_hour(offer.gpu_count).expect("a price").nanos).to_string()
    }

    #[test]
    fn d24_a_price_per_second_is_kept_exactly_and_every_card_of_a_pool_has_it() {
        let parsed = parse_text(BASIC).expect("the known shape");
        assert_eq!((parsed.offers.len(), parsed.rejected.len()), (17, 0));
        for (card, hour) in [("A4000", "0.576"), ("RTX 4000", "0.576"), ("L4", "0.684"), ("A100", "2.736"), ("B200", "8.64")] {
            assert_eq!(per_hour(&parsed, card), hour, "{card}");
        }
        assert_eq!(parsed.offers[0].price.amount, Nanos(160_000));
    }

    #[test]
    fn d21_columns_are_found_by_heading_in_any_order_and_the_flex_price_is_read() {
        let parsed = parse_text(
            "| Active cost per second | Memory | Flex Cost  per second | **GPU type(s)** |\n|---|:-:|---|---|\n\
             | $0.00021 | 24 GB | \\$0.00031 | 4090 PRO |\n",
        );
        let parsed = parsed.expect("the known shape");
        assert_eq!(per_hour(&parsed, "4090 PRO"), "1.116");
        assert_eq!(parsed.offers[0].vram_per_gpu, Vram::from_marketed_gb(24));
    }

    #[test]
    fn d26_a_table_without_a_known_price_is_refused() {
        for heading in ["Price", "Active cost per second", "Cost per hour"] {
            assert!(parse_text(&BASIC.replace("Cost per second", heading)).is_err(), "{heading}");
        }
        assert!(parse_text("| GPU type(s) | Cost per second | Cost per second |\n").is_err());
        assert!(parse_text("").is_err());
        assert!(parse_text("<!DOCTYPE html><html>| GPU type(s) | Cost per second |").is_err());
    }

    #[test]
    fn d07_a_price_that_is_none_is_rejected() {
        for price in ["$0", "0.00016", "", "$", "free", "$-1", "$0.00016/s", "$0.0000000001", "€0.1"] {
            let parsed = parse_text(&format!("| GPU type(s) | Memory | Cost per second |\n|---|---|---|\n| L4 | 24 GB | {price} |\n"));
            let parsed = parsed.expect("the known shape");
            assert_eq!((parsed.offers.len(), parsed.rejected.len()), (0, 1), "{price}");
        }
    }

    #[test]
    fn a_row_that_is_cut_is_no_price() {
        let parsed = parse_text("| GPU type(s) | Cost per second |\n|---|---|\n| L4 | $0.0001").expect("the known shape");
        assert_eq!((parsed.offers.len(), parsed.rejected.len()), (0, 1));
    }

    #[test]
    fn d18_names_are_completed_and_never_guessed() {
        let table = GpuTable::builtin();
        let parsed = parse_text(BASIC).expect("the known shape");
        let meaning = |card: &str| {
            let offer = parsed.offers.iter().find(|offer| offer.gpu_name == card).expect("the card is in the table");
            let names = [Some(&offer.gpu_name), offer.gpu_name_alternative.as_ref()];
            names.into_iter().flatten().find_map(|name| match table.resolve(name, offer.vram_per_gpu) {
                GpuMatch::Known(index) => Some(table.gpu(index).slug.as_str()),
                _ => None,
            })
        };
        for (card, slug) in [
            ("A4000", "rtx-a4000"),
            ("A4500", "rtx-a4500"),
            ("L4", "l4"),
            ("A5000", "rtx-a5000"),
            ("3090", "rtx-3090"),
            ("4090 PRO", "rtx-4090"),
            ("A6000", "rtx-a6000"),
            ("A40", "a40"),
            ("L40", "l40"),
            ("L40S", "l40s"),
            ("6000 Ada PRO", "rtx-6000-ada"),
            ("B200", "b200"),
        ] {
            assert_eq!(meaning(card), Some(slug), "{card}");
        }
        // Which board it is, or which card at all, is not said.
        for card in ["RTX 4000", "A100", "H100 PRO", "H200 PRO"] {
            assert_eq!(meaning(card), None, "{card}");
        }
    }

    #[test]
    fn d14_no_dropped_or_replaced_text_makes_parse_panic() {
        let check = |text: &str| {
            let Ok(parsed) = parse_text(text) else { return };
            assert!(parsed.offers.iter().all(|offer| offer.price.per_hour(offer.gpu_count).is_ok()), "{text}");
        };
        let replacements = ["", "null", "text", "-3.5", "99999999999999999999", "$99999999999999999999", "[1]", "|", "é€ GB", "---", "$"];
        let cells: Vec<&str> = BASIC.split('|').collect();
        for index in 0..cells.len() {
            for replacement in replacements {
                let mut changed = cells.clone();
                changed[index] = replacement;
                check(&changed.join("|"));
            }
            let mut dropped = cells.clone();
            dropped.remove(index);
            check(&dropped.join("|"));
        }
        (0..BASIC.len()).filter(|end| BASIC.is_char_boundary(*end)).for_each(|end| check(&BASIC[..end]));
    }
}
