//! Series of a region or a country: summaries know no places, so these are made of the rows of every offer that was listed there.
//! Slower than other series, and bounded; listings of marketplaces are forgotten after some weeks, so that such a series
//! reaches no further back.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use gpurate_domain::MarketKind;
use gpurate_providers::manifest::ProviderKind;

use super::imported::usd;
use super::pieces::{Drawn, Lives, cut, merged};
use super::{Made, Question, Read, SeriesView, blank, error, stale_seconds};
use crate::catalogue;
use crate::market::Market;
use crate::market::summary::Summary;
use crate::past::{Names, PastError, Rates};
use crate::store::Reader;
use crate::store::history::{OffersOf, PastOffer, SeriesRow, Span};
use crate::window::Window;

/// Offers that are read at once.
const PAGE_OFFERS: u32 = 2_000;
/// Rows of one answer.
const ROWS_MAX: usize = 300_000;

/// GPU, market, place, and where they are apart provider and tier.
type About = (Arc<str>, MarketKind, String, Option<(Arc<str>, Arc<str>)>);

/// What an offer is from a moment on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    /// Not offered.
    Gone,
    /// It was offered last, and its provider is silent.
    Stale,
    /// Nano-dollars per GPU-hour.
    Priced(i64),
}

/// When, which offer, of which provider, what it is from then on. Of a moment the last counts.
type Move = (DateTime<Utc>, i64, State, usize);

#[derive(Default)]
struct Gathered {
    moves: Vec<Move>,
    providers: BTreeSet<usize>,
    corrected: Vec<DateTime<Utc>>,
}

pub(super) fn series(reader: &Reader, market: &Market, question: &Question, now: DateTime<Utc>) -> Result<Read, PastError> {
    let found = offers(reader, question)?;
    let kept_since = now - TimeDelta::days(i64::from(question.listing_days));
    let (mut window, mut notes) = (question.window, Vec::new());
    let of_marketplace =
        |offer: &PastOffer| catalogue::by_slug(&offer.provider).is_none_or(|known| known.manifest.kind == ProviderKind::Marketplace);
    if window.since < kept_since && found.iter().any(|(offer, _)| of_marketplace(offer)) {
        if window.until <= kept_since {
            let message = format!("listings of marketplaces are kept for {} days: a place has no series before", question.listing_days);
            return Err(error("until", format!("{message}; leave `region` and `country` out, or name a `provider` that is none")).into());
        }
        window.since = kept_since;
        notes.push(format!("narrowed to the {} days for which listings of marketplaces are kept", question.listing_days));
    }
    if question.several {
        notes.push("of a place every offer counts, not every machine".to_owned());
    }
    let (all, slugs, rows) = gather(reader, market, question, window, &found)?;
    let mut lives = Lives::default();
    let mut drawn = Drawn::new(question, window, all.len())?;
    let mut made = Vec::new();
    for ((gpu, market_kind, place, seller), gathered) in all {
        let mut spans = Vec::new();
        for provider in &gathered.providers {
            spans.extend(lives.of(reader, &slugs[*provider..=*provider], stale_seconds(market), window)?.iter().copied());
        }
        let live = merged(spans);
        let rows = swept(gathered.moves);
        let told = drawn.told(&gathered.corrected, |give| {
            let first = rows.partition_point(|row| row.observed_at <= window.since);
            let (mut held, mut from) = (first.checked_sub(1).map(|before| rows[before]), window.since);
            for row in &rows[first..] {
                cut(held, from, row.observed_at, &live, give)?;
                (held, from) = (Some(*row), row.observed_at);
            }
            cut(held, from, window.until, &live, give)
        })?;
        let view = blank(&gpu, market_kind, question.several);
        let (region, country) = if question.region.is_empty() { (None, Some(place)) } else { (Some(place), None) };
        let (provider, tier) = seller.map(|(provider, tier)| (provider.to_string(), tier.to_string())).unzip();
        made.push(Made::new(SeriesView { provider, tier, region, country, ..view }, told));
    }
    let counted_from = format!("{rows} rows of the prices of {} offers that were listed there", found.len());
    Ok(Read { made, window, counted_from, notes })
}

/// Offers that were ever listed there, with the slug of their GPU.
fn offers(reader: &Reader, question: &Question) -> Result<Vec<(PastOffer, Arc<str>)>, PastError> {
    let markets: Vec<String> = question.markets_read().iter().map(|market| market.as_str().to_owned()).collect();
    let countries: Vec<String> = question.country.iter().map(|country| country.as_str().to_owned()).collect();
    let of = OffersOf {
        markets: &markets,
        providers: &question.provider,
        tiers: &question.tier,
        regions: &question.region,
        countries: &countries,
    };
    let mut names = Names::default();
    let (mut found, mut after) = (Vec::new(), 0);
    loop {
        let page = reader.offers_of(&of, after, PAGE_OFFERS)?;
        let Some((_, last)) = page.last() else { return Ok(found) };
        after = last.row;
        for (_, offer) in page {
            let slug = names.of(&offer).1;
            if question.wants_gpu(&slug) && offer.gpu_count.is_some_and(|count| question.wants_count(count)) {
                found.push((offer, slug));
            }
        }
    }
}

type All = (BTreeMap<About, Gathered>, Vec<Arc<str>>, usize);

fn gather(
    reader: &Reader,
    market: &Market,
    question: &Question,
    window: Window,
    found: &[(PastOffer, Arc<str>)],
) -> Result<All, PastError> {
    let mut slugs: Vec<Arc<str>> = Vec::new();
    let (mut lives, mut rates) = (Lives::default(), Rates::default());
    let mut all: BTreeMap<About, Gathered> = BTreeMap::new();
    let mut rows = 0;
    for (offer, slug) in found {
        let Some(count) = offer.gpu_count else { continue };
        let place = if question.region.is_empty() {
            offer.country.map(|country| country.as_str().to_owned())
        } else {
            Some(offer.region.to_string())
        };
        let Some(place) = place else { continue };
        let left = ROWS_MAX - rows;
        let prices = reader.held_prices(offer.row, window, u32::try_from(left + 1).unwrap_or(u32::MAX))?;
        rows += prices.len();
        if rows > ROWS_MAX {
            let message = format!("more than {ROWS_MAX} rows of prices in this window; give a later `since`");
            return Err(error("since", format!("{message}, fewer GPUs, or leave `region` and `country` out")).into());
        }
        let provider = slugs.iter().position(|known| *known == offer.provider).unwrap_or_else(|| {
            slugs.push(offer.provider.clone());
            slugs.len() - 1
        });
        let live = lives.of(reader, &slugs[provider..=provider], stale_seconds(market), window)?;
        let seller = question.is_apart().then(|| (offer.provider.clone(), offer.tier.clone()));
        let gathered = all.entry((slug.clone(), offer.market, place, seller)).or_default();
        gathered.providers.insert(provider);
        for (position, price) in prices.iter().enumerate() {
            let from = price.observed_at.max(window.since);
            let until = prices.get(position + 1).map_or(window.until, |next| next.observed_at);
            if price.revision > 0 && price.observed_at >= window.since {
                gathered.corrected.push(price.observed_at);
            }
            let had = price.availability.may_be_had();
            let usd = if had { usd(reader, &mut rates, price, count)? } else { None };
            let mut push = |at, state| gathered.moves.push((at, offer.row, state, provider));
            match usd {
                None => push(from, State::Gone),
                Some(nanos) => {
                    while_live(&live, (from, until), |at, live| push(at, if live { State::Priced(nanos) } else { State::Stale }))
                }
            }
        }
    }
    for gathered in all.values_mut() {
        gathered.corrected.sort_unstable();
    }
    Ok((all, slugs, rows))
}

/// Tells at the beginning of a time, and at every change within it, whether a provider's answer was in force.
fn while_live(live: &[Span], (from, until): Span, mut tell: impl FnMut(DateTime<Utc>, bool)) {
    let within = live.iter().any(|(begins, ends)| *begins <= from && from < *ends);
    tell(from, within);
    for (begins, ends) in live {
        for (at, is_live) in [(*begins, true), (*ends, false)] {
            if from < at && at < until {
                tell(at, is_live);
            }
        }
    }
}

/// What held from each moment on at which something moved.
fn swept(mut moves: Vec<Move>) -> Vec<SeriesRow> {
    // Of two of one moment the later row of the offer counts: they were pushed in that order.
    moves.sort_by_key(|(at, offer, ..)| (*at, *offer));
    let mut now: HashMap<i64, (State, usize)> = HashMap::new();
    let mut sorted: Vec<i64> = Vec::new();
    let (mut priced, mut stale): (HashMap<usize, u32>, HashMap<usize, u32>) = (HashMap::new(), HashMap::new());
    let mut rows: Vec<SeriesRow> = Vec::new();
    let mut moves = moves.into_iter().peekable();
    while let Some((at, offer, state, provider)) = moves.next() {
        match now.insert(offer, (state, provider)) {
            Some((State::Priced(before), _)) => {
                if let Ok(place) = sorted.binary_search(&before) {
                    sorted.remove(place);
                }
                less(&mut priced, provider);
            }
            Some((State::Stale, _)) => less(&mut stale, provider),
            Some((State::Gone, _)) | None => {}
        }
        match state {
            State::Priced(price) => {
                sorted.insert(sorted.partition_point(|other| *other < price), price);
                *priced.entry(provider).or_default() += 1;
            }
            State::Stale => *stale.entry(provider).or_default() += 1,
            State::Gone => {}
        }
        if moves.peek().is_some_and(|next| next.0 == at) {
            continue;
        }
        let quarter = |share: usize| sorted[(sorted.len() - 1) * share / 4];
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let summary = Summary {
            prices: (!sorted.is_empty()).then(|| [quarter(0), quarter(1), quarter(2), quarter(4)]),
            offers: count(sorted.len()),
            machines: count(sorted.len()),
            providers_not_fresh: count(stale.len()),
            providers: Some(count(priced.len())),
            rentable: None,
        };
        rows.push(SeriesRow { observed_at: at, summary });
    }
    rows
}

/// One less of a provider, which is gone with its last.
fn less(counts: &mut HashMap<usize, u32>, provider: usize) {
    if let Some(count) = counts.get_mut(&provider) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&provider);
        }
    }
}
