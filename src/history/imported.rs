//! Series of an import: its rows alone, one series per GPU, market and provider. They are summed up when they are asked for,
//! so that no row of an import stands in `gpu_price`, where the gate and the writer look.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use gpurate_domain::{Currency, GpuCount, MarketKind, PerHour};

use super::pieces::{Drawn, cut};
use super::{Made, Question, SeriesView, blank, error};
use crate::market::summary::Summary;
use crate::past::{Names, PastError, Rates, holds_of_origin, providers_of_origin};
use crate::store::Reader;
use crate::store::history::{PastOffer, PastPrice, SeriesRow};
use crate::window::Window;

/// Offers that are read at once.
const PAGE_OFFERS: u32 = 1_000;
/// Rows of one answer.
const ROWS_MAX: usize = if cfg!(test) { 2_000 } else { 500_000 };
const PAGE_ROWS: u32 = 10_000;

/// GPU, market, provider.
type About = (Arc<str>, MarketKind, Arc<str>);
/// When, which offer, its dollars per GPU-hour from then on.
type Move = (DateTime<Utc>, i64, Option<i64>);

pub(super) fn series(reader: &Reader, question: &Question, origin: &str) -> Result<Vec<Made>, PastError> {
    let holds = holds_of_origin(reader, origin)?;
    providers_of_origin(reader, origin, &question.provider)?;
    // What began last before the window may still hold in it.
    let window = Window { since: DateTime::<Utc>::MIN_UTC, until: question.window.until };
    let (mut names, mut rates) = (Names::default(), Rates::default());
    let mut all: BTreeMap<About, Vec<Move>> = BTreeMap::new();
    let (mut after, mut rows) = (0, 0);
    loop {
        let offers = reader.imported_offers_after(origin, after, PAGE_OFFERS)?;
        let Some(last) = offers.last() else { break };
        after = last.row;
        for offer in offers {
            let slug = names.of(&offer).1;
            let Some(count) = offer.gpu_count.filter(|count| wants(question, &offer, &slug, *count)) else { continue };
            let moves = all.entry((slug, offer.market, offer.provider.clone())).or_default();
            let last_before = reader.imported_price_before(offer.row, question.window.since)?;
            let mut begun = last_before.map(|begun| begun - TimeDelta::milliseconds(1));
            loop {
                let (prices, next) = reader.imported_prices(offer.row, holds, begun, window, PAGE_ROWS)?;
                rows += prices.len();
                if rows > ROWS_MAX {
                    let message = format!("more than {ROWS_MAX} imported rows; name fewer GPUs or markets, or export `prices`");
                    return Err(error("gpu", message).into());
                }
                for price in &prices {
                    moves.push((price.observed_at, offer.row, usd(reader, &mut rates, price, count)?));
                }
                match next {
                    Some(next) => begun = Some(next),
                    None => break,
                }
            }
        }
    }
    let mut drawn = Drawn::new(question, question.window, all.len())?;
    let mut items = Vec::new();
    for ((gpu, market, provider), moves) in all {
        let rows = summed(moves);
        let told = drawn.told(&[], |give| {
            let since = question.window.since;
            let first = rows.partition_point(|row| row.observed_at < since);
            let (mut held, mut from) = (first.checked_sub(1).map(|before| rows[before]), since);
            // The rows say themselves where nothing is known.
            let live = [(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC)];
            let mut unknown = |mut piece: super::pieces::Piece| {
                piece.live = piece.known;
                give(piece)
            };
            for row in &rows[first..] {
                cut(held, from, row.observed_at, &live, &mut unknown)?;
                (held, from) = (Some(*row), row.observed_at);
            }
            cut(held, from, question.window.until, &live, &mut unknown)
        })?;
        let view = blank(&gpu, market, question.several);
        items.push(Made::new(SeriesView { provider: Some(provider.to_string()), origin: Some(origin.to_owned()), ..view }, told));
    }
    Ok(items)
}

fn wants(question: &Question, offer: &PastOffer, slug: &str, count: GpuCount) -> bool {
    let region = question.region.is_empty() || question.region.iter().any(|wanted| **wanted == *offer.region);
    let country = question.country.is_empty() || offer.country.is_some_and(|country| question.country.contains(&country));
    let provider = question.wants_seller(&offer.provider, &offer.tier) && region && country;
    provider && question.wants_count(count) && question.markets_read().contains(&offer.market) && question.wants_gpu(slug)
}

pub(super) fn usd(reader: &Reader, rates: &mut Rates, price: &PastPrice, count: GpuCount) -> Result<Option<i64>, PastError> {
    let Some(quoted) = &price.quoted else { return Ok(None) };
    let is_foreign = quoted.currency != Currency::USD;
    let rates = if is_foreign { rates.of(reader, price.observed_at.date_naive())? } else { None };
    let usd = gpurate_domain::money::usd_per_hour(PerHour { nanos: quoted.per_hour.0, currency: quoted.currency }, rates.as_deref());
    Ok(usd.and_then(|usd| usd.per_gpu(count)).map(|usd| usd.nanos))
}

/// What held from each moment on at which something moved.
fn summed(mut moves: Vec<Move>) -> Vec<SeriesRow> {
    moves.sort_unstable();
    let mut now: HashMap<i64, i64> = HashMap::new();
    let mut sorted: Vec<i64> = Vec::new();
    let mut rows: Vec<SeriesRow> = Vec::new();
    let mut moves = moves.into_iter().peekable();
    while let Some((at, offer, price)) = moves.next() {
        if let Some(before) = now.remove(&offer)
            && let Ok(place) = sorted.binary_search(&before)
        {
            sorted.remove(place);
        }
        if let Some(price) = price {
            now.insert(offer, price);
            sorted.insert(sorted.partition_point(|other| *other < price), price);
        }
        if moves.peek().is_some_and(|next| next.0 == at) {
            continue;
        }
        let quarter = |share: usize| sorted[(sorted.len() - 1) * share / 4];
        let count = u32::try_from(sorted.len()).unwrap_or(u32::MAX);
        let prices = (!sorted.is_empty()).then(|| [quarter(0), quarter(1), quarter(2), quarter(4)]);
        rows.push(SeriesRow { observed_at: at, summary: Summary { prices, offers: count, machines: count, ..Summary::default() } });
    }
    rows
}
