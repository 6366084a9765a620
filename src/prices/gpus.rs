//! The table of GPUs with what each costs now.

use chrono::{DateTime, Utc};
use gpurate_domain::gpu::Gpu;
use gpurate_domain::{MarketKind, OfferId, PriceKind, UsdPerGpuHour};
use serde::Serialize;
use utoipa::ToSchema;

use super::cheapest::{Summaries, Summary, summaries};
use super::view::Word;
use super::{Answer, Filters, floor_as_of};
use crate::catalogue;
use crate::market::{Freshness, Market};

/// One part of the table. Figures are decimal text as their source writes them; null is "not found", never a guess.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GpuRow {
    /// What the part is: slug, name, family, maker, memory, speed, power and where it was read.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub gpu: Gpu,
    /// The cheapest rentable offer on demand.
    pub on_demand: Option<Figure>,
    /// The cheapest rentable offer as spot.
    pub spot: Option<Figure>,
    /// The last price on demand, stale or missing from its newest answer, where there is nothing now.
    pub last_on_demand: Option<Figure>,
    /// The last price as spot.
    pub last_spot: Option<Figure>,
}

/// What a GPU costs in one market, by the defaults of the cheapest view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Figure {
    /// The least.
    #[schema(value_type = String)]
    pub usd_per_gpu_hour: UsdPerGpuHour,
    /// `fixed`, `market`, `bid_floor` or `from` (a lower bound).
    #[schema(value_type = String)]
    pub price_kind: PriceKind,
    /// The median, each machine once.
    #[schema(value_type = String)]
    pub median_usd_per_gpu_hour: UsdPerGpuHour,
    /// The cheapest offer.
    #[schema(value_type = String)]
    pub id: OfferId,
    /// Who sells it.
    #[schema(value_type = String)]
    pub provider: Word,
    /// Whether it passes the defaults; where none does, the cheapest of the market stands here.
    pub rentable: bool,
    /// Offers it was compared with.
    pub offers: u32,
    /// Their providers.
    pub providers: u32,
    /// Its age.
    pub age_seconds: i64,
    /// The word for it.
    pub freshness: Freshness,
}

/// Every part of the table, in its order. `as_of` is floored to ten seconds.
pub fn gpus(market: &Market, as_of: DateTime<Utc>) -> Answer<GpuRow> {
    rows(market, as_of, &Filters::default())
}

/// The part with this slug; `None` where there is none. `as_of` is floored to ten seconds.
pub fn gpu(market: &Market, slug: &str, as_of: DateTime<Utc>) -> Option<Answer<GpuRow>> {
    catalogue::gpus().by_slug(slug)?;
    let filters = Filters::parse(std::iter::once(("gpu".to_owned(), slug.to_owned()))).ok()?;
    let mut answer = rows(market, as_of, &filters);
    answer.items.retain(|row| row.gpu.slug == slug);
    Some(answer)
}

/// The parts with these slugs, in the table's order; one that there is not is not in the answer. `as_of` is floored to
/// ten seconds.
pub fn gpus_named(market: &Market, slugs: &[&str], as_of: DateTime<Utc>) -> Answer<GpuRow> {
    let known = slugs.iter().filter(|slug| catalogue::gpus().by_slug(slug).is_some());
    let pairs: Vec<(String, String)> = known.map(|slug| ("gpu".to_owned(), (*slug).to_owned())).collect();
    let filters = Filters::parse(pairs.into_iter()).unwrap_or_default();
    let mut answer = rows(market, as_of, &filters);
    answer.items.retain(|row| slugs.contains(&row.gpu.slug.as_str()));
    answer
}

fn rows(market: &Market, as_of: DateTime<Utc>, filters: &Filters) -> Answer<GpuRow> {
    let as_of = floor_as_of(as_of);
    let ask = |kind| summaries(market, &Filters { market: vec![kind], ..filters.clone() }, as_of);
    let (on_demand, spot): (Summaries, Summaries) = (ask(MarketKind::OnDemand), ask(MarketKind::Spot));
    let figure = |summaries: &[(usize, Summary)], part: usize| {
        let of_part = |(group, _): &&(usize, Summary)| market.index.groups[*group].gpu == Some(part);
        summaries.iter().find(of_part).and_then(|(_, summary)| figure(market, summary, as_of))
    };
    let table = catalogue::gpus().gpus().iter().enumerate();
    let items = table.map(|(part, gpu)| GpuRow {
        gpu: gpu.clone(),
        on_demand: figure(&on_demand.now, part),
        spot: figure(&spot.now, part),
        last_on_demand: figure(&on_demand.last, part),
        last_spot: figure(&spot.last, part),
    });
    Answer::new(market, as_of, on_demand.coverage.with(spot.coverage), items.collect())
}

fn figure(market: &Market, summary: &Summary, as_of: DateTime<Utc>) -> Option<Figure> {
    let entry = &market.index.entries[summary.best];
    Some(Figure {
        usd_per_gpu_hour: entry.usd_per_gpu_hour?,
        price_kind: entry.offer.price.kind,
        median_usd_per_gpu_hour: UsdPerGpuHour { nanos: summary.median_nanos },
        id: entry.id,
        provider: Word(entry.offer.key.provider.clone()),
        rentable: summary.rentable,
        offers: summary.offers,
        providers: summary.providers,
        age_seconds: market.age_seconds(entry, as_of),
        freshness: market.freshness(entry, as_of),
    })
}
