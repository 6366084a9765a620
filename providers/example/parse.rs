//! One row per GPU type and region. `usd_cents_per_hour` is per GPU, in US cents; `spot` rows stand beside the others.
//!
//! Rows out of stock are listed with `count = 0`: offers that are unavailable, not rejected rows.
//! Source: <https://docs.example.com/api#gpus>, read 2026-11-20.

use gpurate_domain::{Availability, GpuCount, MarketKind, Nanos, Quote, RawOffer, RegionCode, Rejected, Vram};
use serde_json::Value;

use crate::{Page, Parsed, ShapeError, json};

pub(super) fn parse(pages: &[Page]) -> Result<Parsed, ShapeError> {
    let mut parsed = Parsed::default();
    for page in pages {
        let answer = page.json()?;
        for (index, row) in json::array(&answer, "/gpus")?.iter().enumerate() {
            match offer(row) {
                Ok(offer) => parsed.offers.push(offer),
                Err(reason) => {
                    let sku = row.get("sku").and_then(Value::as_str).map_or_else(|| format!("/gpus/{index}"), str::to_owned);
                    parsed.rejected.push(Rejected::new(sku, reason));
                }
            }
        }
    }
    Ok(parsed)
}

fn offer(row: &Value) -> Result<RawOffer, json::FieldError> {
    let cents = json::decimal(row, "usd_cents_per_hour")?;
    if !cents.is_positive() {
        return Err(format!("price `{cents}` is not above zero"));
    }
    let market = match json::optional_bool(row, "spot")? {
        Some(true) => MarketKind::Spot,
        _ => MarketKind::OnDemand,
    };
    // Cents to dollars: the division is exact but for digits beyond a nano-dollar. What is left must still be a price.
    let dollars = Nanos(cents.0 / 100);
    if !dollars.is_positive() {
        return Err(format!("price `{cents}` is less than a nano-dollar"));
    }
    let price = Quote::usd_per_gpu_hour(dollars);
    let region = RegionCode(json::text(row, "region")?.to_owned());
    let mut offer = RawOffer::new(json::text(row, "sku")?, "standard", region, market, json::text(row, "gpu")?, price);
    let vram_gb = json::optional_whole(row, "vram_gb")?.and_then(|gb| u32::try_from(gb).ok());
    offer.vram_per_gpu = vram_gb.and_then(Vram::from_marketed_gb);
    offer.gpu_count = Some(GpuCount::ONE);
    offer.gpu_count_max = json::optional_whole(row, "gpus_max")?.and_then(|count| u32::try_from(count).ok());
    offer.availability = match json::optional_whole(row, "count")? {
        Some(0) => Availability::Unavailable,
        Some(_) => Availability::Available,
        None => Availability::NotStated,
    };
    Ok(offer)
}
