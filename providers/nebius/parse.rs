//! Tables with a column `Item` and columns of prices, whose headings hold `GPU-hour`: US dollars for one GPU and hour,
//! processors and memory included, without tax. Other tables (processors, storage) are of no concern.
//!
//! A heading says the market (`On-demand`, `Preemptible`, `Spot`; one that says none is of the market of its
//! neighbours, else of the table's title) and may say from which day its price holds: `GPU-hour (Effective October 1,
//! 2026)`. The price of now is that of the latest day that has come; an announced one is no offer. The day of the page
//! is that of its answer, in UTC. A heading with words that are not known is not read.
//!
//! `from $1.55` is the price of the smallest preset (on demand) or of some region or hour (preemptible): it is kept,
//! as a lower bound ([`PriceKind::From`]). `Contact us` and dashes mean that there is no list price.
//! `RAM, GB` is in GiB (<https://docs.nebius.com/signup-billing/billing-changes-oct-2025>, read 2026-11-25).
//! Source: ewyluda/gpu-price-index at eb72cc6 (2026-09), getcomputable/gpu-index (2026-08-22), read 2026-11-22.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use gpurate_domain::{Attributes, GpuCount, MarketKind, Nanos, PriceKind, Quote, RawOffer, RegionCode, Rejected};

use super::html::{self, Table};
use crate::{Page, Parsed, ShapeError};

pub(super) fn parse(pages: &[Page]) -> Result<Parsed, ShapeError> {
    let [page] = pages else { return Err(ShapeError::new("", format!("one page is expected, {} came", pages.len()))) };
    let text = page.text()?;
    if !text.to_ascii_lowercase().contains("</html>") {
        return Err(ShapeError::new("html", "the page is cut, or no web page"));
    }
    let tables = html::tables(&text);
    let is_price = |heading: &String| words(heading).windows(2).any(|pair| pair == ["gpu", "hour"]);
    let mut parsed = Parsed::default();
    let mut read = 0;
    for table in tables.iter().filter(|table| table.headings.iter().any(is_price)) {
        let columns = Columns::find(table, page.received_at, &mut parsed.rejected)?;
        read += columns.prices.len();
        for (index, row) in table.rows.iter().enumerate() {
            read_row(table, &columns, index, row, &mut parsed);
        }
    }
    if read == 0 {
        return Err(ShapeError::new("heading", "no table has a column of GPU-hour prices of today"));
    }
    Ok(parsed)
}

/// What a column of prices is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct PriceColumn {
    at: usize,
    market: Option<MarketKind>,
    effective_from: Option<NaiveDate>,
}

/// Where what is read stands.
#[derive(Debug)]
struct Columns {
    item: usize,
    vcpus: Option<usize>,
    ram: Option<usize>,
    /// The column of today's price, for each market.
    prices: Vec<(MarketKind, usize)>,
}

impl Columns {
    fn find(table: &Table, now: DateTime<Utc>, rejected: &mut Vec<Rejected>) -> Result<Self, ShapeError> {
        let headings: Vec<Vec<String>> = table.headings.iter().map(|heading| words(heading)).collect();
        let position = |wanted: &[&str]| headings.iter().position(|words| words == wanted);
        let item = position(&["item"]).ok_or_else(|| ShapeError::new(&*table.title, "the table has no column `Item`"))?;
        let mut columns = Vec::new();
        for (at, words) in headings.iter().enumerate().filter(|(_, words)| words.windows(2).any(|pair| pair == ["gpu", "hour"])) {
            match price_column(at, words) {
                Some(column) => columns.push(column),
                None => rejected.push(unread(table, at, "the heading has words that are not known")),
            }
        }
        let prices = prices_of_today(table, columns, now.date_naive(), rejected)?;
        Ok(Self { item, vcpus: position(&["vcpus"]), ram: position(&["ram", "gb"]), prices })
    }
}

fn unread(table: &Table, at: usize, reason: &str) -> Rejected {
    let heading: String = table.headings.get(at).map(|heading| heading.chars().take(60).collect()).unwrap_or_default();
    Rejected::new(format!("column `{heading}`"), reason)
}

/// The words of a heading in lower case: letters and digits, whatever stands between them.
fn words(heading: &str) -> Vec<String> {
    heading.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// What a heading with `GPU-hour` says; `None` where it says something else as well.
fn price_column(at: usize, words: &[String]) -> Option<PriceColumn> {
    let mut markets = BTreeSet::new();
    let mut rest = Vec::new();
    let mut since = false;
    let mut position = 0;
    while let Some(word) = words.get(position) {
        match word.as_str() {
            "gpu" | "hour" | "price" | "per" => {}
            "preemptible" | "spot" => drop(markets.insert(MarketKind::Spot)),
            "on" if words.get(position + 1).is_some_and(|next| next == "demand") => {
                markets.insert(MarketKind::OnDemand);
                position += 1;
            }
            "effective" | "from" | "since" | "starting" => since = true,
            _ => rest.push(word.as_str()),
        }
        position += 1;
    }
    let effective_from = match (since, rest.as_slice()) {
        (false, []) => None,
        (true, date) => Some(day(date)?),
        _ => return None,
    };
    if markets.len() > 1 {
        return None;
    }
    Some(PriceColumn { at, market: markets.into_iter().next(), effective_from })
}

const MONTHS: [&str; 12] =
    ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];

/// `October 1, 2026`, `1 Oct 2026` or `2026-10-01`, in words.
fn day(words: &[&str]) -> Option<NaiveDate> {
    let month = |word: &str| {
        let found = MONTHS.iter().position(|month| word.len() >= 3 && (*month == word || &month[..3] == word))?;
        u32::try_from(found + 1).ok()
    };
    let number = |word: &str| word.trim_end_matches(char::is_alphabetic).parse::<u32>().ok();
    let year = |word: &str| word.parse::<i32>().ok().filter(|year| (2000..3000).contains(year));
    let &[a, b, c] = words else { return None };
    let (y, m, d) = if let (Some(y), Ok(m)) = (year(a), b.parse::<u32>()) {
        (y, m, number(c)?)
    } else if let Some(m) = month(a) {
        (year(c)?, m, number(b)?)
    } else {
        (year(c)?, month(b)?, number(a)?)
    };
    NaiveDate::from_ymd_opt(y, m, d)
}

/// For each market the column whose price holds today.
fn prices_of_today(
    table: &Table,
    mut columns: Vec<PriceColumn>,
    today: NaiveDate,
    rejected: &mut Vec<Rejected>,
) -> Result<Vec<(MarketKind, usize)>, ShapeError> {
    let said: BTreeSet<MarketKind> = columns.iter().filter_map(|column| column.market).collect();
    let title = words(&table.title);
    let titled = title.iter().any(|word| matches!(word.as_str(), "preemptible" | "spot")).then_some(MarketKind::Spot);
    columns.retain_mut(|column| {
        let neighbours = said.first().copied().filter(|_| said.len() == 1);
        column.market = column.market.or(neighbours).or(titled.filter(|_| said.is_empty()));
        match (column.market, titled) {
            (None, _) => rejected.push(unread(table, column.at, "neither heading nor title says the market")),
            (Some(market), Some(titled)) if market != titled => {
                rejected.push(unread(table, column.at, "the heading contradicts the title of its table"));
            }
            _ => return true,
        }
        false
    });
    let mut prices = Vec::new();
    for market in MarketKind::ALL {
        let of_market = || columns.iter().filter(|column| column.market == Some(market));
        let mut days = BTreeSet::new();
        if let Some(twice) = of_market().find(|column| !days.insert(column.effective_from)) {
            let heading = table.headings.get(twice.at).map_or("", String::as_str);
            return Err(ShapeError::new(heading, format!("two columns have the {market} price of the same time")));
        }
        let current = of_market().filter(|column| column.effective_from.is_none_or(|from| from <= today));
        if let Some(current) = current.max_by_key(|column| column.effective_from) {
            prices.push((market, current.at));
        }
    }
    Ok(prices)
}

/// Adds the offers of one row, a market each.
fn read_row(table: &Table, columns: &Columns, index: usize, row: &[String], parsed: &mut Parsed) {
    let item = row.get(columns.item).map(String::as_str).unwrap_or_default();
    let unusable = if row.len() != table.headings.len() {
        Some(format!("the row has {} cells where {} are expected", row.len(), table.headings.len()))
    } else {
        item.is_empty().then(|| "the row names no item".to_owned())
    };
    if let Some(reason) = unusable {
        return parsed.rejected.push(Rejected::new(format!("{} row {}", table.title, index + 1), reason));
    }
    for (market, at) in &columns.prices {
        let price = match Cell::read(&row[*at]) {
            Ok(Cell::Price { amount, from }) => (amount, from),
            Ok(Cell::NoListPrice) => continue,
            Err(reason) => {
                parsed.rejected.push(Rejected::new(item, reason));
                continue;
            }
        };
        let cell = |column: Option<usize>| column.and_then(|column| row.get(column)).map(String::as_str);
        let size = |column| least(cell(column)?, price.1);
        let mut offer = offer(item, *market, price);
        offer.attributes = Attributes {
            vcpu_millis: size(columns.vcpus).and_then(|cpus| cpus.checked_mul(1000)),
            ram_mib: size(columns.ram).and_then(|gib| gib.checked_mul(1024)),
            ..Attributes::default()
        };
        parsed.offers.push(offer);
    }
}

fn offer(item: &str, market: MarketKind, (amount, from): (Nanos, bool)) -> RawOffer {
    // The page has no codes: the item is what tells a row from the others.
    let mut offer = RawOffer::new(item, "standard", RegionCode::global(), market, item, Quote::usd_per_gpu_hour(amount));
    offer.gpu_name_alternative = card_name(item);
    offer.gpu_count = Some(GpuCount::ONE);
    // Presets of HGX boards hold one GPU or eight, at one price per GPU.
    offer.gpu_count_max = item.split(' ').any(|word| word == "HGX").then_some(8);
    offer.provider_term = match (market, from) {
        (MarketKind::Spot, true) => Some("preemptible, from"),
        (MarketKind::Spot, false) => Some("preemptible"),
        (_, true) => Some("from"),
        (_, false) => None,
    };
    if from {
        offer.price_kind = PriceKind::From;
    }
    offer
}

/// The card that an item is about, in words of the table of GPUs; `None` where the item says it.
fn card_name(item: &str) -> Option<String> {
    let name = item.strip_prefix("NVIDIA ").unwrap_or(item);
    let card = match name.strip_prefix("HGX ") {
        // HGX boards carry SXM modules.
        Some(model @ ("H100" | "H200")) => format!("{model} SXM"),
        Some(model) => model.to_owned(),
        None if name == "RTX PRO 6000" => "RTX PRO 6000 Blackwell".to_owned(),
        None => name.split_once(" with ").map(|(card, _)| card)?.to_owned(),
    };
    Some(card)
}

/// What a cell of a price says.
enum Cell {
    Price { amount: Nanos, from: bool },
    NoListPrice,
}

impl Cell {
    fn read(text: &str) -> Result<Self, String> {
        let shown: String = text.chars().take(40).collect();
        // Asterisks lead to footnotes.
        let text = text.trim_end_matches(|c: char| c == '*' || c.is_whitespace());
        let lower = text.to_lowercase();
        let is_dashes = !text.is_empty() && text.chars().all(|c| matches!(c, '-' | '–' | '—'));
        if is_dashes || lower == "contact us" {
            return Ok(Self::NoListPrice);
        }
        let (from, text) = match lower.strip_prefix("from ") {
            Some(rest) => (true, rest),
            None => (false, lower.as_str()),
        };
        let digits = text.trim().strip_prefix('$').ok_or_else(|| format!("price `{shown}` is not in dollars"))?;
        let amount: Nanos = digits.parse().map_err(|error| format!("price: {error}"))?;
        if !amount.is_positive() {
            return Err(format!("price `{shown}` is not above zero"));
        }
        Ok(Self::Price { amount, from })
    }
}

/// `24`, or of a range `8-40` the least where the price is that of the smallest preset.
fn least(cell: &str, of_smallest: bool) -> Option<u64> {
    match cell.split_once(['-', '–']) {
        None => cell.trim().parse().ok(),
        Some((least, most)) => {
            most.trim().parse::<u64>().ok()?;
            least.trim().parse().ok().filter(|_| of_smallest)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Request;

    const BASIC: &str = include_str!("samples/basic/prices.html");
    const SWAPPED: &str = include_str!("samples/columns-swapped/prices.html");

    fn parse_on(day: &str, text: &str) -> Result<Parsed, ShapeError> {
        let at = format!("{day}T00:00:00Z").parse().expect("a day");
        parse(&[Page::in_memory(Request::get(super::super::ADDRESS), at, Vec::new(), text.as_bytes())])
    }

    /// A page with one table.
    fn page(title: &str, headings: &[&str], rows: &[&[&str]]) -> String {
        let row = |cells: &[&str]| {
            let cells: String = cells.iter().map(|cell| format!("<div class=\"pc-highlight-table-block__cell\">{cell}</div>")).collect();
            format!("<div class=\"pc-highlight-table-block__row\">{cells}</div>")
        };
        let rows: String = rows.iter().map(|cells| row(cells)).collect();
        let head = format!("<div class=\"pc-highlight-table-block__head\">{}</div>", row(headings));
        let title = format!("<h2 class=\"pc-highlight-table-block__title\">{title}</h2>");
        format!("<html><div class=\"pc-highlight-table-block\">{title}{head}{rows}</div></html>")
    }

    fn price(parsed: &Parsed, sku: &str, market: MarketKind) -> Option<String> {
        let offer = parsed.offers.iter().find(|offer| offer.sku == sku && offer.market == market)?;
        Some(offer.price.amount.to_string())
    }

    #[track_caller]
    fn check(day: &str, text: &str, h100: &str, b300: &str) {
        let parsed = parse_on(day, text).expect("the known shape");
        assert_eq!(price(&parsed, "NVIDIA HGX H100", MarketKind::OnDemand).as_deref(), Some(h100), "on {day}");
        assert_eq!(price(&parsed, "NVIDIA HGX B300", MarketKind::OnDemand).as_deref(), Some(b300), "on {day}");
        assert_eq!(price(&parsed, "NVIDIA HGX H100", MarketKind::Spot).as_deref(), Some("0.79"), "on {day}");
    }

    #[test]
    fn an_announced_price_holds_from_its_day_and_not_before() {
        check("2026-09-15", BASIC, "3.85", "7.85");
        check("2026-09-30", BASIC, "3.85", "7.85");
        check("2026-10-01", BASIC, "4.5", "9.5");
        check("2026-11-25", BASIC, "4.5", "9.5");
    }

    #[test]
    fn d21_swapped_columns_give_the_same_prices() {
        check("2026-09-15", SWAPPED, "3.85", "7.85");
        check("2026-10-01", SWAPPED, "4.5", "9.5");
        let shown = |text: &str| {
            let mut offers = parse_on("2026-09-15", text).expect("the known shape").offers;
            offers.sort_by_key(|offer| (offer.sku.clone(), offer.market));
            offers
        };
        assert_eq!(shown(BASIC), shown(SWAPPED));
    }

    #[test]
    fn both_markets_in_one_table_are_told_by_heading() {
        let headings = ["Item", "vCPUs", "RAM, GB", "Preemptible, GPU-hour", "On-demand, GPU-hour"];
        let text = page("NVIDIA GPU Instances", &headings, &[&["NVIDIA HGX H100", "16", "200", "$2.15", "$3.85"]]);
        let parsed = parse_on("2026-08-22", &text).expect("the known shape");
        assert_eq!(price(&parsed, "NVIDIA HGX H100", MarketKind::OnDemand).as_deref(), Some("3.85"));
        assert_eq!(price(&parsed, "NVIDIA HGX H100", MarketKind::Spot).as_deref(), Some("2.15"));
        assert_eq!(parsed.offers[0].attributes.ram_mib, Some(200 * 1024));
    }

    #[test]
    fn d26_a_heading_that_is_not_understood_is_never_taken_for_a_price() {
        let one = |title: &str, heading: &str| parse_on("2026-09-15", &page(title, &["Item", heading], &[&["NVIDIA HGX H100", "$1"]]));
        for heading in [
            "3-month commitment, GPU-hour",
            "On-demand, GPU-hour (until October 1, 2026)",
            "On-demand, GPU-hour (Effective soon)",
            "On-demand, GPU-hour (Effective October 1, 2026)",
            "On-demand or spot, GPU-hour",
            "GPU-hour",
            "Price per hour",
        ] {
            assert!(one("NVIDIA GPU Instances", heading).is_err(), "{heading}");
        }
        assert!(one("Preemptible NVIDIA GPU Instances", "On-demand, GPU-hour").is_err());
        assert!(one("Preemptible NVIDIA GPU Instances", "GPU-hour").is_ok());
        assert!(one("NVIDIA GPU Instances", "On-demand, GPU-hour*").is_ok());
        assert!(one("NVIDIA GPU Instances", "On-demand price per GPU-hour, effective 1st Sep 2026").is_ok());
        let twice = page("", &["Item", "On-demand, GPU-hour", "GPU-hour"], &[]);
        assert!(parse_on("2026-09-15", &twice).is_err_and(|error| error.reason.contains("two columns")));
    }

    #[test]
    fn days_are_read_in_three_spellings() {
        let read = |text: &str| day(&text.split(' ').collect::<Vec<_>>()).map(|day| day.to_string());
        for text in ["october 1 2026", "1 oct 2026", "2026 10 01", "october 1st 2026"] {
            assert_eq!(read(text).as_deref(), Some("2026-10-01"), "{text}");
        }
        for text in ["october 2026", "soon", "october 32 2026", "q4 1 2026", "10 01 2026", "é é é", "octo 1 2026"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn d07_a_price_that_is_none_is_rejected_and_no_list_price_is_no_row() {
        let one = |cell: &str| {
            let text = page("", &["Item", "On-demand, GPU-hour"], &[&["NVIDIA HGX H100", cell]]);
            let parsed = parse_on("2026-09-15", &text).expect("the known shape");
            (parsed.offers.len(), parsed.rejected.len())
        };
        for cell in ["$0", "", "3.85", "$-1", "₪14", "from", "from $", "free", "$3.85/h", "**"] {
            assert_eq!(one(cell), (0, 1), "{cell}");
        }
        for cell in ["––", "-", "<a href=\"#form\">Contact us</a>"] {
            assert_eq!(one(cell), (0, 0), "{cell}");
        }
        assert_eq!(one("from $3.85**"), (1, 0));
    }

    #[test]
    fn a_price_from_says_so_and_is_that_of_the_smallest_preset() {
        let parsed = parse_on("2026-09-15", BASIC).expect("the known shape");
        let of = |sku: &str, market| parsed.offers.iter().find(|offer| offer.sku == sku && offer.market == market).expect("an offer");
        let l40s = of("NVIDIA L40S with Intel CPU", MarketKind::OnDemand);
        assert_eq!((l40s.provider_term, l40s.price_kind), (Some("from"), PriceKind::From));
        assert_eq!((l40s.provider_term, l40s.attributes.vcpu_millis, l40s.attributes.ram_mib), (Some("from"), Some(8000), Some(32 * 1024)));
        let spot = of("NVIDIA HGX H100", MarketKind::Spot);
        assert_eq!((spot.provider_term, spot.price_kind), (Some("preemptible, from"), PriceKind::From));
        let exact = of("NVIDIA HGX H100", MarketKind::OnDemand);
        assert_eq!((exact.provider_term, exact.price_kind), (None, PriceKind::Fixed));
        assert_eq!(least("8-40", false), None);
    }

    #[test]
    fn d14_no_dropped_or_replaced_text_makes_parse_panic() {
        let check = |text: &str| {
            let Ok(parsed) = parse_on("2026-09-15", text) else { return };
            assert!(parsed.offers.iter().all(|offer| offer.price.per_hour(offer.gpu_count).is_ok()));
        };
        let replacements = ["", "text", "$99999999999999999999", "<", "é€", "&#36;0"];
        // Every tag and every text between two tags.
        let pieces: Vec<&str> = BASIC
            .split_inclusive('>')
            .flat_map(|piece| {
                let (text, tag) = piece.split_at(piece.find('<').unwrap_or(0));
                [text, tag]
            })
            .collect();
        for index in 0..pieces.len() {
            for replacement in replacements {
                let mut changed = pieces.clone();
                changed[index] = replacement;
                check(&changed.concat());
            }
        }
        for end in (0..BASIC.len()).step_by(29).filter(|end| BASIC.is_char_boundary(*end)) {
            check(&format!("{}</html>", &BASIC[..end]));
        }
        assert!(pieces.len() > 300, "{}", pieces.len());
    }
}
