//! Every offer that passes, marked where it is stale or missing, in the order of the index: group, price per GPU (not
//! known last), id. And one offer with all that is known about it.

use std::ops::Range;

use chrono::{DateTime, Utc};
use gpurate_domain::{Nanos, OfferId};
use serde::Serialize;
use utoipa::ToSchema;

use super::coverage::{Tally, coverage};
use super::filters::{FilterError, Filters, LIMIT_DEFAULT, LIMIT_MAX};
use super::scan::{self, Plan, Planes, Scope};
use super::view::{Billing, OfferView, Viewer, billing};
use super::{Answer, floor_as_of, rates_used};
use crate::catalogue;
use crate::market::{Index, Market};

/// Where a page ended. It names the order (group, price, id), not a row, so that it stays good when the market changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    slug: String,
    nanos: i64,
    id: OfferId,
}

impl Cursor {
    /// Reads what [`Cursor::text`] writes.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let read = || {
            let (nanos, rest) = text.split_once('.')?;
            let (id, slug) = rest.split_once('.')?;
            Some(Self { slug: slug.to_owned(), nanos: nanos.parse().ok()?, id: id.parse().ok()? })
        };
        read().ok_or_else(|| {
            let shown: String = text.chars().take(40).collect();
            let message = format!("`{shown}` is no cursor; take `next_cursor` of the page before, or leave it out");
            FilterError { parameter: "cursor".to_owned(), message }
        })
    }

    fn text(&self) -> String {
        format!("{}.{}.{}", self.nanos, self.id, self.slug)
    }

    fn at(index: &Index, position: usize) -> Option<Self> {
        let nanos = index.columns.usd_nanos_per_gpu_hour[position];
        Some(Self { slug: index.group_at(position)?.slug.to_string(), nanos, id: index.entries[position].id })
    }

    /// The first position after it.
    fn position(&self, index: &Index) -> usize {
        let group = index.groups.partition_point(|group| *group.slug < *self.slug);
        let Some(group) = index.groups.get(group) else { return index.entries.len() };
        if *group.slug != *self.slug {
            return group.range.start;
        }
        let prices = &index.columns.usd_nanos_per_gpu_hour;
        let (mut low, mut high) = (group.range.start, group.range.end);
        while low < high {
            let middle = low + (high - low) / 2;
            if (prices[middle], index.entries[middle].id) <= (self.nanos, self.id) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// A page of the offers that pass: every market, whatever the stock, stale ones too. `as_of` is floored to ten seconds.
pub fn offers(market: &Market, filters: &Filters, as_of: DateTime<Utc>) -> Answer<OfferView> {
    let limit = filters.limit.unwrap_or(LIMIT_DEFAULT).min(LIMIT_MAX);
    answer(market, filters, as_of, limit)
}

/// The same without pages.
pub fn all(market: &Market, filters: &Filters, as_of: DateTime<Utc>) -> Answer<OfferView> {
    answer(market, filters, as_of, filters.limit.unwrap_or(usize::MAX))
}

fn answer(market: &Market, filters: &Filters, as_of: DateTime<Utc>, limit: usize) -> Answer<OfferView> {
    let as_of = floor_as_of(as_of);
    let plan = Plan::new(market, filters, as_of, Scope::Everything);
    let mut planes = Planes::default();
    plan.scan(&mut planes);
    let mut tally = Tally::new(&plan);
    let viewer = Viewer { market, filters, as_of };
    // `Filters::parse` has read it; one that was put there otherwise and cannot be read starts at the beginning.
    let after = filters.cursor.as_deref().and_then(|text| Cursor::parse(text).ok());
    let from = after.map_or(0, |cursor| cursor.position(&market.index));
    let (mut items, mut last, mut more) = (Vec::new(), None, false);
    for group in plan.groups.iter().map(|group| &market.index.groups[*group]) {
        let end = if filters.price_max_nanos.is_some() { plan.priced_end(group) } else { group.range.end };
        scan::each(&planes.question, &(group.range.start..end), |position| {
            tally.offers[market.index.columns.provider[position] as usize] += 1;
        });
        let wanted: Range<usize> = group.range.start.max(from)..end.max(from);
        for (word, mut bits) in scan::words(&planes.question, &wanted) {
            while bits != 0 && !more {
                if items.len() == limit {
                    more = true;
                } else {
                    let position = word * 64 + bits.trailing_zeros() as usize;
                    items.push(viewer.offer(position, group));
                    last = Some(position);
                    bits &= bits - 1;
                }
            }
        }
    }
    let mut answer = Answer::new(market, as_of, coverage(&plan, &tally), items);
    answer.rates = rates_used(market, filters);
    answer.next_cursor = last.filter(|_| more).and_then(|position| Cursor::at(&market.index, position)).map(|cursor| cursor.text());
    answer
}

/// One offer with all that is known about it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfferDetail {
    /// The moment ages count to.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: DateTime<Utc>,
    /// Every figure comes from made-up samples.
    pub sample: bool,
    /// The offer.
    #[serde(flatten)]
    pub offer: OfferView,
    /// The billing rule in short.
    pub billing: Option<Billing>,
    /// The whole billing rule, as the manifest has it; what is left out is not known.
    #[schema(value_type = Option<Object>)]
    pub billing_rule: Option<gpurate_domain::BillingRule>,
    /// The provider's name.
    pub provider_name: String,
    /// The provider's own page.
    pub homepage: Option<String>,
    /// The provider's own word for the market.
    pub provider_term: Option<String>,
    /// A price that was seen for this offer and not believed.
    pub held: Option<HeldView>,
}

/// A price that was seen and not believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HeldView {
    /// Why.
    pub reason: String,
    /// How often it was seen.
    pub times: usize,
    /// First.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub first_seen_at: Option<DateTime<Utc>>,
    /// Last.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_seen_at: Option<DateTime<Utc>>,
    /// The price per hour as last seen, in the offer's own currency.
    #[schema(value_type = Option<String>)]
    pub per_hour: Option<Nanos>,
}

/// The offer with this id; `None` where none is known or it was withdrawn. `as_of` is floored to ten seconds.
pub fn show(market: &Market, id: OfferId, as_of: DateTime<Utc>) -> Option<OfferDetail> {
    let as_of = floor_as_of(as_of);
    let position = market.index.position(id)?;
    let filters = Filters::default();
    let viewer = Viewer { market, filters: &filters, as_of };
    let offer = viewer.offer(position, market.index.group_at(position)?);
    let entry = &market.index.entries[position];
    let manifest = catalogue::by_slug(&offer.provider).map(|known| &known.manifest);
    let rule = catalogue::billing_rule(&entry.offer.key, entry.offer.country, Some(as_of.date_naive()));
    let held = market.held.get(&id).map(|held| HeldView {
        reason: held.reason.clone(),
        times: held.seen.len(),
        first_seen_at: held.seen.first().map(|(seen, _)| *seen),
        last_seen_at: held.seen.last().map(|(seen, _)| *seen),
        per_hour: held.seen.last().map(|(_, nanos)| Nanos(*nanos)),
    });
    Some(OfferDetail {
        as_of,
        sample: market.sample,
        billing: billing(&rule),
        billing_rule: Some((*rule).clone()).filter(|rule| !rule.is_empty()),
        provider_name: market.provider_of(entry.part).name.clone(),
        homepage: manifest.map(|manifest| manifest.homepage.clone()),
        provider_term: entry.offer.provider_term.as_deref().map(str::to_owned),
        held,
        offer,
    })
}
