//! On demand: an object `regions` with the place's label, in it one object per instance type under a key for display
//! ("p5 48xlarge US East N. Virginia Linux"): the type is in its field `Instance Type`, `price` is decimal text in US
//! dollars per hour of the whole machine. Every type of the region is listed, mostly without GPUs: so a region says
//! itself that it has none. `manifest.hawkFilePublicationDate` is when the list was published.
//!
//! Spot: `config.regions[].instanceTypes[].sizes[].valueColumns[]` with `name` (`linux`, `mswin`) and `prices.USD`,
//! decimal text per hour; `N/A*` or 0 where a type is not offered, which most are not. Local zones
//! (`us-east-1-atl-1`) stand beside regions and keep their own code: their prices differ (defect D30). The price is of
//! a region; a zone's may differ.
//!
//! Advisor: `instance_types{type: {cores, ram_gb}}`; read as attributes only. Its bands of interruption have no period
//! that was found, so they are kept with the page and become no figure.
//! Source: israelhen153/llm-vram-planner tests/price_check.test.py at 8405742 (rows of 2026-09-10), pgspotops (shape of
//! both files), alexei-led/spotinfo at 5eedf20, read 2026-11-22.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use gpurate_domain::{Attributes, MarketKind, Nanos, PriceKind, Quote, RawOffer, RegionCode, Rejected};
use serde_json::Value;

use super::{ADVISOR, DIRECTORY, SPOT, list_url, regions, types};
use crate::json::FieldError;
use crate::{Page, Parsed, ShapeError, json};

/// A list is published when a price or a type changes: that of 2026-09-25 was still the newest on 2026-10-04. One that
/// is older than this is taken for frozen (defect D36); our own choice, and well above what was seen.
const FROZEN_AFTER_DAYS: i64 = 90;

/// The region's offers on demand.
///
/// # Errors
/// [`ShapeError`] where the list is not that of the region, or not in US dollars.
pub(super) fn on_demand(region: &str, pages: &[Page]) -> Result<Parsed, ShapeError> {
    let mut labels = regions::labels(region);
    if let Some(directory) = pages.iter().find(|page| page.request.url == DIRECTORY) {
        labels = regions::labels_from_directory(&directory.json()?, region);
    }
    let of_label = |page: &&Page| labels.iter().find(|label| list_url(label) == page.request.url);
    let Some((page, label)) = pages.iter().find_map(|page| of_label(&page).map(|label| (page, label))) else {
        return Err(ShapeError::new("", format!("no page is the list of `{}`", short(region))));
    };
    let answer = page.json()?;
    expect_currency(&answer)?;
    let mut parsed = Parsed { source_dated_at: frozen_since(&answer, page.received_at), ..Parsed::default() };
    let places = json::object(&answer, "/regions")?;
    let Some(Value::Object(rows)) = places.get(label) else {
        let found = json::kind(places.get(label));
        return Err(ShapeError::new(format!("/regions/{label}"), format!("expected an object, found {found}")));
    };
    for other in places.keys().filter(|other| *other != label) {
        parsed.rejected.push(Rejected::new(short(other), format!("rows are of `{}`, asked was `{label}`", short(other))));
    }
    let mut seen = HashSet::new();
    let mut without_gpus = 0_usize;
    for (key, row) in rows {
        match list_row(row, region, label) {
            // The same price twice is one offer; two prices of one type both stay, for the gate to quarantine.
            Ok(Some(offer)) => {
                if seen.insert((offer.sku.clone(), offer.price.amount)) {
                    parsed.offers.push(offer);
                }
            }
            Ok(None) => without_gpus += 1,
            Err(reason) => {
                let name = row.get("Instance Type").and_then(Value::as_str).filter(|name| !name.trim().is_empty());
                parsed.rejected.push(Rejected::new(short(name.unwrap_or(key)), reason));
            }
        }
    }
    // Only a list with other types proves that the region has none with GPUs (defect D35).
    parsed.empty_is_an_answer = parsed.offers.is_empty() && parsed.rejected.is_empty() && without_gpus > 0;
    Ok(parsed)
}

/// The row's offer; `None` for types without GPUs.
fn list_row(row: &Value, region: &str, label: &str) -> Result<Option<RawOffer>, FieldError> {
    let name = json::text(row, "Instance Type")?;
    if !types::has_gpus(name) {
        return Ok(None);
    }
    for (field, expected) in [("Operating System", "Linux"), ("Location", label)] {
        if let Some(found) = json::optional_text(row, field)?
            && found != expected
        {
            return Err(format!("`{field}` is `{}`, asked was `{expected}`", short(found)));
        }
    }
    if types::is_sold_in_blocks(name) {
        return Err("sold as Capacity Blocks of days ahead: the listed price cannot be launched on demand".to_owned());
    }
    let mut offer = offer(name, region, MarketKind::OnDemand, json::decimal(row, "price")?)?;
    offer.attributes.vcpu_millis = json::attribute_whole(row, "vCPU").and_then(|count| count.checked_mul(1000));
    offer.attributes.ram_mib = attribute_text(row, "Memory").and_then(memory_mib);
    offer.attributes.disk_gb = attribute_text(row, "Storage").and_then(storage_gb);
    Ok(Some(offer))
}

/// The spot offers of all regions.
///
/// # Errors
/// [`ShapeError`] where the feed is not what is known, or not in US dollars per hour.
pub(super) fn spot(pages: &[Page]) -> Result<Parsed, ShapeError> {
    let page_of = |url: &str| pages.iter().find(|page| page.request.url == url);
    let Some(feed) = page_of(SPOT) else { return Err(ShapeError::new("", "no page is the spot feed")) };
    let answer = feed.json()?;
    expect_rate(&answer)?;
    let mut parsed = Parsed::default();
    let machines = page_of(ADVISOR).map_or_else(HashMap::new, |page| {
        machines(page).unwrap_or_else(|error| {
            // What machines have beside GPUs is good to know: without it the prices still hold.
            parsed.rejected.push(Rejected::new("spot-advisor-data.json", error.to_string()));
            HashMap::new()
        })
    });
    let mut discovered = BTreeSet::new();
    let mut seen = HashSet::new();
    for (index, place) in json::array(&answer, "/config/regions")?.iter().enumerate() {
        let pointer = format!("/config/regions/{index}");
        let region = match json::text(place, "region") {
            Ok(name) => regions::code_of(name),
            Err(reason) => {
                parsed.rejected.push(Rejected::new(pointer, reason));
                continue;
            }
        };
        if regions::is_code(region) {
            discovered.insert(region.to_owned());
        }
        for size in sizes(place, &pointer, &mut parsed.rejected) {
            match spot_row(size, region, &machines) {
                Ok(Some(offer)) => {
                    if seen.insert((offer.sku.clone(), region.to_owned(), offer.price.amount)) {
                        parsed.offers.push(offer);
                    }
                }
                Ok(None) => {}
                Err(reason) => {
                    let name = size.get("size").and_then(Value::as_str).unwrap_or(&pointer);
                    parsed.rejected.push(Rejected::new(short(name), format!("{}: {reason}", short(region))));
                }
            }
        }
    }
    parsed.discovered_parts = discovered.into_iter().collect();
    Ok(parsed)
}

/// The sizes of all groups of a region; a group without a list is rejected.
fn sizes<'a>(place: &'a Value, pointer: &str, rejected: &mut Vec<Rejected>) -> Vec<&'a Value> {
    let mut all = Vec::new();
    let groups = json::array(place, "/instanceTypes").map(Vec::as_slice).unwrap_or_else(|error| {
        rejected.push(Rejected::new(format!("{pointer}/instanceTypes"), error.reason));
        &[]
    });
    for (index, group) in groups.iter().enumerate() {
        match json::array(group, "/sizes") {
            Ok(sizes) => all.extend(sizes),
            Err(error) => rejected.push(Rejected::new(format!("{pointer}/instanceTypes/{index}/sizes"), error.reason)),
        }
    }
    all
}

/// The size's spot offer on Linux; `None` for types without GPUs, and where it is not offered.
fn spot_row(size: &Value, region: &str, machines: &HashMap<String, Attributes>) -> Result<Option<RawOffer>, FieldError> {
    let name = json::text(size, "size")?;
    if !types::has_gpus(name) {
        return Ok(None);
    }
    let columns = json::array(size, "/valueColumns").map_err(|error| format!("`valueColumns`: {}", error.reason))?;
    let is_linux = |column: &&Value| column.get("name").and_then(Value::as_str) == Some("linux");
    let linux = columns.iter().find(is_linux).ok_or("the column `linux` is missing")?;
    let prices = linux.get("prices").unwrap_or(&Value::Null);
    // The star refers to the feed's footnote "not available".
    if prices.get("USD").and_then(Value::as_str).is_some_and(|text| text.trim().trim_end_matches('*') == "N/A") {
        return Ok(None);
    }
    let amount = json::decimal(prices, "USD")?;
    if amount.0 == 0 {
        return Ok(None);
    }
    let mut offer = offer(name, region, MarketKind::Spot, amount)?;
    offer.price_kind = PriceKind::Market;
    let machine = machines.get(name).cloned().unwrap_or_default();
    offer.attributes = Attributes { retired: offer.attributes.retired, ..machine };
    Ok(Some(offer))
}

/// Processors and memory by type, from the advisor's page.
fn machines(page: &Page) -> Result<HashMap<String, Attributes>, ShapeError> {
    let answer = page.json()?;
    let attributes = |row: &Value| Attributes {
        vcpu_millis: json::attribute_whole(row, "cores").and_then(|count| count.checked_mul(1000)),
        // Decimals of a GiB: 30.5.
        ram_mib: json::optional_decimal(row, "ram_gb").ok().flatten().and_then(gib_to_mib),
        ..Attributes::default()
    };
    Ok(json::object(&answer, "/instance_types")?.iter().map(|(name, row)| (name.clone(), attributes(row))).collect())
}

fn offer(name: &str, region: &str, market: MarketKind, amount: Nanos) -> Result<RawOffer, FieldError> {
    if !amount.is_positive() {
        return Err(format!("price `{amount}` is not above zero"));
    }
    let known = types::find(name);
    // A type the table does not know keeps its own name, and so stays unmapped and visible.
    let gpu = known.map_or(name, |known| known.gpu);
    let price = Quote::usd_per_instance_hour(amount);
    let mut offer = RawOffer::new(name, "standard", RegionCode(region.to_owned()), market, gpu, price);
    offer.gpu_count = known.and_then(types::InstanceType::gpu_count);
    offer.vram_per_gpu = known.and_then(types::InstanceType::vram_per_gpu);
    offer.vram_usable = known.and_then(types::InstanceType::vram_usable);
    offer.attributes.retired = types::is_retired(name);
    Ok(offer)
}

/// The list is in dollars, where it says its currency; the address says it, too.
fn expect_currency(answer: &Value) -> Result<(), ShapeError> {
    match answer.pointer("/manifest/currencyCode") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(code)) if code == "USD" => Ok(()),
        other => Err(ShapeError::new("/manifest/currencyCode", format!("expected `USD`, found {}", shown(other)))),
    }
}

/// The feed is in dollars per hour, where it says so.
fn expect_rate(answer: &Value) -> Result<(), ShapeError> {
    match answer.pointer("/config/rate") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(rate)) if rate == "perhr" => Ok(()),
        other => Err(ShapeError::new("/config/rate", format!("expected `perhr`, found {}", shown(other)))),
    }
}

/// The list's own date, where it is so old that the list must be frozen; a younger one is no age of its prices, which
/// hold until the next list.
fn frozen_since(answer: &Value, received_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let text = answer.pointer("/manifest/hawkFilePublicationDate").and_then(Value::as_str)?;
    let published = DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc);
    (received_at.signed_duration_since(published) > TimeDelta::days(FROZEN_AFTER_DAYS)).then_some(published)
}

fn attribute_text<'a>(row: &'a Value, field: &str) -> Option<&'a str> {
    json::optional_text(row, field).ok().flatten()
}

/// `1952 GiB`, with or without a comma among the digits.
fn memory_mib(text: &str) -> Option<u64> {
    text.strip_suffix("GiB").and_then(|number| number.trim().replace(',', "").parse().ok()).and_then(gib_to_mib)
}

fn gib_to_mib(gib: Nanos) -> Option<u64> {
    let nanos = u64::try_from(gib.0).ok()?.checked_mul(1024)?;
    Some(nanos / gpurate_domain::money::NANOS_PER_UNIT.unsigned_abs())
}

/// GB of local disks: `8 x 3800 GB NVMe SSD`, `1 x 250 NVMe SSD`, `900 GB NVMe SSD`; `None` for `EBS only`.
fn storage_gb(text: &str) -> Option<u64> {
    let mut words = text.split_whitespace();
    let first: u64 = words.next()?.parse().ok()?;
    match words.next()? {
        "x" => first.checked_mul(words.next()?.parse().ok()?),
        "GB" => Some(first),
        _ => None,
    }
}

fn shown(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).map_or_else(|| json::kind(value).to_owned(), |text| format!("`{}`", short(text)))
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
