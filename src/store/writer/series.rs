//! `gpu_price` of the past, recomputed where price rows were corrected. What a GPU cost is put together from the rows of its
//! offers twice, as they were and as they are: where both agree the series stands as it was written, else it says the new.
//!
//! Not in the rows of history, and so in neither: a machine that was missing once and came back, and at what minute of a
//! day other exchange rates came (15:00 UTC is taken). Prices that went stale leave at their moment.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;
use gpurate_domain::{Attributes, Currency, FxRates, GpuCount, MarketKind, Nanos, PerHour, money};
use rusqlite::{Transaction, params};

use super::summaries::{DAYS_FROM_PRICES, scope_row};
use crate::market::summary::{Scope, Summary};
use crate::market::{Market, RELIABILITY_USUAL_PPM};
use crate::past::Names;
use crate::store::StoreError;
use crate::store::history::past_offer;
use crate::store::rows::{availability_of, parsed};

/// What held of each scope from each moment on.
pub(super) type Timelines = BTreeMap<Scope, Vec<(i64, Summary)>>;

/// What a correction came to.
#[derive(Debug, Default)]
pub(super) struct Corrected {
    pub rows: u64,
    /// Before that scopes over all providers stood as they were, where a correction was due.
    pub from: Option<i64>,
}

struct PastOfGroup {
    scopes: Vec<usize>,
    machine: usize,
    provider: usize,
    part: i64,
    count: GpuCount,
    price: Option<PerHour>,
    counted: Counted,
    /// Rentable by the usual defaults, as far as they are of the host: by what is known of it now.
    usual: bool,
}

/// How an offer stands in its scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Counted {
    #[default]
    Not,
    At(i64),
    Stale,
}

/// What changes at a moment; in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Rates(NaiveDate),
    Fresh(i64, bool),
    Price(usize, Option<PerHourKey>),
}

/// A price with an order, for sorting.
type PerHourKey = (i64, Currency);

/// Prices of a scope's machines.
#[derive(Default)]
struct Gathered {
    /// Prices of each machine's offers.
    machines: HashMap<usize, Vec<i64>>,
    /// The cheapest of each machine, ascending.
    cheapest: Vec<i64>,
    offers: u32,
    /// Offers that are counted, by provider.
    providers: BTreeMap<usize, u32>,
    /// Prices of what is rentable, and how often each is.
    rentable: BTreeMap<i64, u32>,
    stale: BTreeMap<usize, u32>,
}

/// One more of a key, or one less.
fn count<K: Ord + Copy>(counts: &mut BTreeMap<K, u32>, key: K, sign: bool) {
    let count = counts.entry(key).or_default();
    *count = if sign { *count + 1 } else { count.saturating_sub(1) };
    if *count == 0 {
        counts.remove(&key);
    }
}

impl Gathered {
    fn take(&mut self, offer: &PastOfGroup, counted: Counted, sign: bool) {
        let (machine, provider) = (offer.machine, offer.provider);
        match counted {
            Counted::Not => {}
            Counted::Stale => count(&mut self.stale, provider, sign),
            Counted::At(usd) => {
                count(&mut self.providers, provider, sign);
                if offer.usual {
                    count(&mut self.rentable, usd, sign);
                }
                let prices = self.machines.entry(machine).or_default();
                let before = prices.iter().min().copied();
                if sign {
                    prices.push(usd);
                    self.offers += 1;
                } else if let Some(position) = prices.iter().position(|price| *price == usd) {
                    prices.swap_remove(position);
                    self.offers -= 1;
                }
                let after = prices.iter().min().copied();
                if before == after {
                    return;
                }
                if let Some(before) = before
                    && let Ok(position) = self.cheapest.binary_search(&before)
                {
                    self.cheapest.remove(position);
                }
                if let Some(after) = after {
                    let position = self.cheapest.partition_point(|price| *price < after);
                    self.cheapest.insert(position, after);
                }
            }
        }
    }

    fn summary(&self) -> Summary {
        let prices = &self.cheapest;
        if prices.is_empty() && self.stale.is_empty() {
            return Summary::default();
        }
        let at = |share: usize| prices[(prices.len() - 1) * share / 4];
        Summary {
            prices: (!prices.is_empty()).then(|| [at(0), at(1), at(2), at(4)]),
            offers: self.offers,
            machines: u32::try_from(prices.len()).unwrap_or(u32::MAX),
            providers_not_fresh: u32::try_from(self.stale.len()).unwrap_or(u32::MAX),
            providers: Some(u32::try_from(self.providers.len()).unwrap_or(u32::MAX)),
            rentable: self.rentable.first_key_value().map(|(price, _)| *price),
        }
    }
}

/// Puts together what the groups cost from one moment to another, by the rows of history as they are now.
pub(super) fn timelines(
    transaction: &Transaction<'_>,
    market: &Market,
    groups: &HashSet<Arc<str>>,
    from: i64,
    until: i64,
) -> Result<Timelines, StoreError> {
    let (mut offers, scopes, mut steps) = offers(transaction, groups, from)?;
    let parts: BTreeSet<i64> = offers.iter().map(|offer| offer.part).collect();
    for part in parts {
        // A provider that this program does not know any more is asked by nobody: two hours, as a marketplace.
        let stale =
            market.parts.iter().find(|state| state.row == part).map_or(7200, |state| market.providers[state.provider].stale_seconds);
        freshness(transaction, part, stale.saturating_mul(1000), from, until, &mut steps)?;
    }
    let is_foreign = steps.iter().any(|(_, step)| matches!(step, Step::Price(_, Some((_, currency))) if *currency != Currency::USD));
    let rates = if is_foreign { rates(transaction, from, until, &mut steps)? } else { HashMap::new() };
    steps.sort_unstable();
    let mut gathered: Vec<Gathered> = scopes.iter().map(|_| Gathered::default()).collect();
    let mut lines: Vec<Vec<(i64, Summary)>> = vec![Vec::new(); scopes.len()];
    let (mut fresh, mut today): (HashMap<i64, bool>, Option<&FxRates>) = (HashMap::new(), None);
    let mut by_part: HashMap<i64, Vec<usize>> = HashMap::new();
    for (index, offer) in offers.iter().enumerate() {
        by_part.entry(offer.part).or_default().push(index);
    }
    let mut rest = steps.as_slice();
    while let Some((at, _)) = rest.first() {
        let now = rest.iter().take_while(|step| step.0 == *at).count();
        let mut touched: BTreeSet<usize> = BTreeSet::new();
        for (_, step) in &rest[..now] {
            match step {
                Step::Rates(day) => {
                    today = rates.get(day);
                    touched.extend(
                        (0..offers.len()).filter(|index| offers[*index].price.is_some_and(|price| price.currency != Currency::USD)),
                    );
                }
                Step::Fresh(part, is_fresh) => {
                    fresh.insert(*part, *is_fresh);
                    touched.extend(by_part.get(part).into_iter().flatten());
                }
                Step::Price(index, price) => {
                    offers[*index].price = price.map(|(nanos, currency)| PerHour { nanos, currency });
                    touched.insert(*index);
                }
            }
        }
        let mut dirty: BTreeSet<usize> = BTreeSet::new();
        for index in touched {
            let offer = &mut offers[index];
            let usd = offer.price.and_then(|price| money::usd_per_hour(price, today)).and_then(|usd| usd.per_gpu(offer.count));
            let counted = match usd {
                None => Counted::Not,
                Some(_) if !fresh.get(&offer.part).copied().unwrap_or(false) => Counted::Stale,
                Some(usd) => Counted::At(usd.nanos),
            };
            if counted == offer.counted {
                continue;
            }
            for scope in &offer.scopes {
                gathered[*scope].take(offer, offer.counted, false);
                gathered[*scope].take(offer, counted, true);
                dirty.insert(*scope);
            }
            offer.counted = counted;
        }
        for scope in dirty {
            let summary = gathered[scope].summary();
            if lines[scope].last().map_or(Summary::default(), |last| last.1) != summary {
                lines[scope].push((*at, summary));
            }
        }
        rest = &rest[now..];
    }
    Ok(scopes.into_iter().zip(lines).collect())
}

type Steps = Vec<(i64, Step)>;

/// The groups' offers, their scopes, and the steps of their prices.
fn offers(
    transaction: &Transaction<'_>,
    groups: &HashSet<Arc<str>>,
    from: i64,
) -> Result<(Vec<PastOfGroup>, Vec<Scope>, Steps), StoreError> {
    let mut names = Names::default();
    let mut scopes: HashMap<Scope, usize> = HashMap::new();
    let mut machines: HashMap<[Arc<str>; 4], usize> = HashMap::new();
    let mut providers: HashMap<Arc<str>, usize> = HashMap::new();
    let (mut offers, mut steps) = (Vec::new(), Vec::new());
    let mut statement = transaction.prepare(
        "SELECT offer.id, hash, provider, sku, tier, region, country, market, gpu_count, gpu_name, gpu_name_alternative, vram_per_gpu_mib,
           gpu_count_max, part_id, attributes FROM offer CROSS JOIN part ON part.id = part_id",
    )?;
    let mut prices = transaction.prepare(
        "SELECT observed_ms, per_hour_nanos, currency, availability FROM price LEFT JOIN unit ON unit.id = unit_id
         WHERE offer_id = ?1 AND observed_ms >= coalesce((SELECT max(observed_ms) FROM price AS held WHERE held.offer_id = ?1 AND held.observed_ms <= ?2), 0)
           AND NOT EXISTS (SELECT 1 FROM price AS later WHERE later.offer_id = price.offer_id AND later.observed_ms = price.observed_ms
             AND later.revision > price.revision)
         ORDER BY observed_ms",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let offer = past_offer(row)?;
        let (_, slug) = names.of(&offer);
        // What is of no known GPU has no series; a slice is none.
        let Some(count) = offer.gpu_count.filter(|count| groups.contains(&slug) && !slug.starts_with('~') && !count.is_slice()) else {
            continue;
        };
        let most: Option<u32> = row.get(12)?;
        let is_one = count.as_whole() == Some(1);
        let is_more = most.or(count.as_whole()).unwrap_or(0) > 1;
        let mut of = Vec::new();
        for several in [false, true] {
            if (several && !is_more) || (!several && !is_one) {
                continue;
            }
            for (tier, provider) in [(Arc::from(""), Arc::from("")), (offer.tier.clone(), offer.provider.clone())] {
                let scope = Scope { gpu: slug.clone(), market: offer.market, tier, several, provider };
                let next = scopes.len();
                of.push(*scopes.entry(scope).or_insert(next));
            }
        }
        let (next_machine, next_provider) = (machines.len(), providers.len());
        let machine = [&offer.provider, &offer.sku, &offer.tier, &offer.region].map(Arc::clone);
        let mut found = prices.query(params![offer.row, from])?;
        while let Some(price) = found.next()? {
            let nanos: Option<i64> = price.get(1)?;
            let available = availability_of(price.get(3)?).may_be_had();
            let priced = match (nanos, price.get::<_, Option<String>>(2)?) {
                (Some(nanos), Some(currency)) if available => Some((nanos, parsed("currency", &currency)?)),
                _ => None,
            };
            steps.push((price.get::<_, i64>(0)?.max(from), Step::Price(offers.len(), priced)));
        }
        offers.push(PastOfGroup {
            scopes: of,
            machine: *machines.entry(machine).or_insert(next_machine),
            provider: *providers.entry(offer.provider.clone()).or_insert(next_provider),
            part: row.get(13)?,
            count,
            price: None,
            counted: Counted::Not,
            usual: is_usual(&row.get::<_, String>(14)?)?,
        });
    }
    let mut by_number: Vec<(Scope, usize)> = scopes.into_iter().collect();
    by_number.sort_unstable_by_key(|(_, number)| *number);
    Ok((offers, by_number.into_iter().map(|(scope, _)| scope).collect(), steps))
}

/// Not unverified, not unreliable, not retired.
fn is_usual(attributes: &str) -> Result<bool, StoreError> {
    let Attributes { verified, reliability, retired, .. } =
        serde_json::from_str(attributes).map_err(|error| crate::store::rows::damaged("set of attributes", error))?;
    let is_reliable = reliability.is_none_or(|score| score.0 >= i64::from(RELIABILITY_USUAL_PPM) * 1000);
    Ok(verified != Some(false) && is_reliable && !retired)
}

/// From when until when a part's answers were not stale.
fn freshness(transaction: &Transaction<'_>, part: i64, stale: i64, from: i64, until: i64, steps: &mut Steps) -> Result<(), StoreError> {
    let mut statement = transaction.prepare_cached(
        "SELECT finished_ms FROM collection WHERE part_id = ?1 AND outcome = 'accepted' AND finished_ms > ?2 AND finished_ms <= ?3 ORDER BY finished_ms",
    )?;
    let mut rows = statement.query(params![part, from - stale, until])?;
    let mut fresh_until: Option<i64> = None;
    while let Some(row) = rows.next()? {
        let at: i64 = row.get(0)?;
        if fresh_until.is_none_or(|end| end < at) {
            steps.extend(fresh_until.map(|end| (end.max(from), Step::Fresh(part, false))));
            steps.push((at.max(from), Step::Fresh(part, true)));
        }
        fresh_until = Some(at + stale + 1);
    }
    steps.extend(fresh_until.filter(|end| *end <= until).map(|end| (end.max(from), Step::Fresh(part, false))));
    Ok(())
}

/// Reference rates by day; each begins in the afternoon, the first that is known at once.
fn rates(transaction: &Transaction<'_>, from: i64, until: i64, steps: &mut Steps) -> Result<HashMap<NaiveDate, FxRates>, StoreError> {
    let mut all: BTreeMap<NaiveDate, FxRates> = BTreeMap::new();
    let mut statement = transaction.prepare_cached("SELECT date, currency, per_eur_nanos FROM fx_rate ORDER BY date")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let date: NaiveDate = parsed("date of rates", &row.get::<_, String>(0)?)?;
        let day = all.entry(date).or_insert_with(|| FxRates { date, per_eur: BTreeMap::new() });
        day.per_eur.insert(parsed("currency", &row.get::<_, String>(1)?)?, Nanos(row.get(2)?));
    }
    let begins = |date: NaiveDate| date.and_hms_opt(15, 0, 0).map_or(0, |time| time.and_utc().timestamp_millis());
    let before = all.keys().rev().find(|date| begins(**date) <= from).or_else(|| all.keys().next());
    steps.extend(before.map(|date| (from, Step::Rates(*date))));
    steps
        .extend(all.keys().filter(|date| begins(**date) > from && begins(**date) <= until).map(|date| (begins(*date), Step::Rates(*date))));
    Ok(all.into_iter().collect())
}

/// Replaces rows of series from a moment on, where the two timelines differ.
pub(super) fn correct(transaction: &Transaction<'_>, before: &Timelines, after: &Timelines, from: i64) -> Result<Corrected, StoreError> {
    let mut corrected = Corrected::default();
    let scopes: BTreeSet<&Scope> = before.keys().chain(after.keys()).collect();
    let none = Vec::new();
    for scope in scopes {
        let (old, new) = (before.get(scope).unwrap_or(&none), after.get(scope).unwrap_or(&none));
        let mut moments: BTreeSet<i64> = old.iter().chain(new).map(|(at, _)| *at).collect();
        if moments.iter().all(|at| at_moment(old, *at) == at_moment(new, *at)) {
            continue;
        }
        let since = kept_since(transaction, scope)?;
        if since > from && moments.iter().any(|at| *at < since && at_moment(old, *at) != at_moment(new, *at)) {
            corrected.from = corrected.from.max(Some(since));
            moments.insert(since);
        }
        let row = scope_row(transaction, scope)?;
        let recorded = recorded(transaction, row, from)?;
        moments.extend(recorded.iter().map(|(at, _)| (*at).max(from)));
        moments.insert(from);
        let mut last = recorded.iter().rev().find(|(at, _)| *at < from).map_or(Summary::default(), |row| row.1);
        let mut right = Vec::new();
        for at in moments.into_iter().filter(|at| *at >= from) {
            let (was, is) = (at_moment(old, at), at_moment(new, at));
            let summary = if at < since || was == is { at_moment(&recorded, at) } else { is };
            if summary != last {
                right.push((at, summary));
                last = summary;
            }
        }
        let written: Vec<(i64, Summary)> = recorded.into_iter().filter(|(at, _)| *at >= from).collect();
        if written != right {
            corrected.rows += replace(transaction, row, from, &written, &right)?;
        }
    }
    Ok(corrected)
}

/// What held at a moment.
fn at_moment(line: &[(i64, Summary)], at: i64) -> Summary {
    let position = line.partition_point(|(begins, _)| *begins <= at);
    position.checked_sub(1).map_or(Summary::default(), |position| line[position].1)
}

/// From when on the rows are there that a scope rests on.
fn kept_since(transaction: &Transaction<'_>, scope: &Scope) -> Result<i64, StoreError> {
    let mut statement = transaction.prepare_cached(
        "SELECT max(before_ms) FROM retention WHERE subject = 'price' AND rows > 0 AND (scope = ?3 OR (?3 = '' AND scope IN
           (SELECT provider FROM gpu_scope WHERE gpu = ?1 AND market = ?2)))",
    )?;
    let market: MarketKind = scope.market;
    let since: Option<i64> = statement.query_row(params![&*scope.gpu, market.as_str(), &*scope.provider], |row| row.get(0))?;
    Ok(since.unwrap_or(i64::MIN))
}

/// Rows as they were written, from the one in force at a moment on.
fn recorded(transaction: &Transaction<'_>, scope: i64, from: i64) -> Result<Vec<(i64, Summary)>, StoreError> {
    let mut statement = transaction.prepare_cached(
        "SELECT observed_ms, min_nanos, quartile_nanos, median_nanos, max_nanos, offers, machines, providers_not_fresh, providers, rentable_nanos
         FROM gpu_price WHERE scope_id = ?1 AND observed_ms >= coalesce((SELECT max(observed_ms) FROM gpu_price WHERE scope_id = ?1 AND observed_ms < ?2), 0)
         ORDER BY observed_ms",
    )?;
    let rows = statement.query_map(params![scope, from], |row| {
        let prices: [Option<i64>; 4] = [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?];
        let prices = match prices {
            [Some(min), Some(quartile), Some(median), Some(max)] => Some([min, quartile, median, max]),
            _ => None,
        };
        let summary = Summary {
            prices,
            offers: row.get(5)?,
            machines: row.get(6)?,
            providers_not_fresh: row.get(7)?,
            providers: row.get(8)?,
            rentable: row.get(9)?,
        };
        Ok((row.get(0)?, summary))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Rows that are not there any more, and rows that are not what they were.
fn replace(
    transaction: &Transaction<'_>,
    scope: i64,
    from: i64,
    written: &[(i64, Summary)],
    right: &[(i64, Summary)],
) -> Result<u64, StoreError> {
    transaction.prepare_cached("DELETE FROM gpu_price WHERE scope_id = ?1 AND observed_ms >= ?2")?.execute(params![scope, from])?;
    let mut statement = transaction.prepare_cached(
        "INSERT INTO gpu_price (scope_id, observed_ms, min_nanos, quartile_nanos, median_nanos, max_nanos, offers, machines,
           providers_not_fresh, providers, rentable_nanos) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    for (at, summary) in right {
        let price = |position: usize| summary.prices.map(|prices| prices[position]);
        let Summary { offers, machines, providers_not_fresh, providers, rentable, .. } = summary;
        statement.execute(params![
            scope,
            at,
            price(0),
            price(1),
            price(2),
            price(3),
            offers,
            machines,
            providers_not_fresh,
            providers,
            rentable
        ])?;
    }
    let first_day = from.div_euclid(86_400_000);
    transaction.execute("DELETE FROM gpu_day WHERE scope_id = ?1 AND day >= ?2", params![scope, first_day])?;
    let days = format!("{DAYS_FROM_PRICES} WHERE scope_id = ?1 AND observed_ms >= ?2 * 86400000 GROUP BY 1, 2");
    transaction.prepare_cached(&days)?.execute(params![scope, first_day])?;
    let same = right.iter().filter(|row| written.contains(row)).count();
    Ok((right.len().max(written.len()) - same) as u64)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use gpurate_domain::offer::OfferPrice;
    use gpurate_domain::{Availability, Offer, OfferKey, PriceKind, Quote, Term, TermKind, TermUnit, Vram};

    use super::*;
    use crate::collect::accept::{Answer, Gate, Verdict, accept};
    use crate::collect::normalise::Interner;
    use crate::config::{Config, ProviderSection};
    use crate::market::{Counts, Outcome};
    use crate::store::{Commit, Store, Writer, to_ms};

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("a time") + TimeDelta::hours(hour)
    }

    fn offer(provider: &str, sku: &str, count: u32, cents: i64) -> Offer {
        let nanos = cents * 10_000_000;
        Offer {
            key: OfferKey {
                provider: provider.into(),
                sku: sku.into(),
                tier: "secure".into(),
                region: "global".into(),
                market: MarketKind::OnDemand,
                gpu_count: GpuCount::whole(count),
            },
            country: None,
            provider_term: None,
            gpu_name: "RTX 4090".into(),
            gpu_name_alternative: None,
            vram_per_gpu: Vram::from_marketed_gb(24),
            vram_usable: None,
            gpu_count_max: None,
            price: OfferPrice {
                per_hour: PerHour { nanos, currency: Currency::USD },
                quote: Quote::usd_per_instance_hour(Nanos(nanos)),
                kind: PriceKind::Fixed,
                availability: Availability::Available,
                terms: Arc::default(),
            },
            units: 1,
            attributes: Arc::new(Attributes::default()),
        }
    }

    struct Story {
        _folder: tempfile::TempDir,
        writer: Writer,
        market: Arc<Market>,
    }

    impl Story {
        fn answer(&mut self, provider: &str, part: &str, hour: i64, offers: Vec<Offer>) {
            self.try_answer(provider, part, hour, offers).expect("commits");
        }

        fn try_answer(&mut self, provider: &str, part: &str, hour: i64, offers: Vec<Offer>) -> Result<(), StoreError> {
            let known = crate::catalogue::by_slug(provider).expect("in the catalogue");
            let gate = Gate::new(&Config::default().gate, &known.manifest, &ProviderSection::default());
            let part = self.market.part_index(provider, part).expect("its part");
            let Verdict::Accepted(plan) = accept(&self.market, part, Answer { offers, ..Answer::default() }, &gate, at(hour), true) else {
                panic!("it is believed")
            };
            let commit = Commit {
                part,
                started_at: at(hour),
                finished_at: at(hour),
                outcome: Outcome::Accepted,
                error: None,
                counts: Counts::default(),
                adapter_version: 1,
                not_before: None,
                refused: None,
                rejected: None,
                plan: Some(plan),
                pages: Vec::new(),
                source_dated_at: None,
                discovered_parts: Vec::new(),
                rates: None,
            };
            self.market = self.writer.commit(&self.market, commit)?.market;
            Ok(())
        }
    }

    /// Two providers, one of which falls silent and comes back; machines with several counts; prices that move; one sold out.
    fn story() -> Story {
        let folder = tempfile::tempdir().expect("a folder");
        let (_, mut writer) = Store::open(&folder.path().join("a.db")).expect("a store");
        let market = writer.load(crate::daemon::market_for_tests(), &mut Interner::default(), at(0)).expect("loads");
        let mut story = Story { _folder: folder, writer, market: Arc::new(market) };
        let runpod = |cents: i64| vec![offer("runpod", "a", 1, cents), offer("runpod", "a", 2, 2 * cents - 2), offer("runpod", "b", 1, 60)];
        let azure = |cents: i64| vec![offer("azure", "x", 1, cents), offer("azure", "y", 4, 4 * cents)];
        story.answer("runpod", "all", 0, runpod(50));
        story.answer("azure", "eastus", 1, azure(70));
        story.answer("runpod", "all", 2, runpod(48));
        story.answer("azure", "eastus", 3, azure(70));
        story.answer("azure", "eastus", 4, azure(65));
        let mut sold_out = runpod(48);
        sold_out[2].price.availability = Availability::Unavailable;
        story.answer("runpod", "all", 5, sold_out);
        // RunPod is silent for longer than its prices are fresh; Azure goes on.
        for hour in [30, 60, 90] {
            story.answer("azure", "eastus", hour, azure(64 + hour / 30));
            let groups = HashSet::from([Arc::from("rtx-4090")]);
            let market = Arc::clone(&story.market);
            let transaction = story.writer.connection.transaction().expect("begun");
            let written = story.writer.summaries.write(&transaction, &market, &groups, at(hour)).expect("written");
            transaction.commit().expect("committed");
            story.writer.summaries.believe(written);
        }
        story.answer("runpod", "all", 91, runpod(47));
        story
    }

    fn groups() -> HashSet<Arc<str>> {
        HashSet::from([Arc::from("rtx-4090")])
    }

    #[test]
    fn what_is_put_together_of_the_rows_is_what_was_written_then() {
        let mut story = story();
        let market = Arc::clone(&story.market);
        let transaction = story.writer.connection.transaction().expect("begun");
        let lines = timelines(&transaction, &market, &groups(), to_ms(at(0)), to_ms(at(100))).expect("put together");
        assert_eq!(lines.len(), 2 * 3, "of all and of each provider, one GPU and more");
        let mut compared = 0;
        for (scope, line) in &lines {
            let row = scope_row(&transaction, scope).expect("a row");
            for (moment, summary) in recorded(&transaction, row, i64::MIN).expect("written rows") {
                assert_eq!(at_moment(line, moment), summary, "{scope:?} at {moment}");
                compared += 1;
            }
        }
        assert!(compared > 20, "{compared}");
        // In between it is exact where the writer was ten minutes late: a price leaves when it is stale.
        let stale =
            market.providers.iter().find(|provider| &*provider.slug == "runpod").map(|provider| provider.stale_seconds).expect("known");
        let all = lines.iter().find(|(scope, _)| scope.provider.is_empty() && !scope.several).map(|(_, line)| line).expect("there");
        let gone = to_ms(at(5)) + stale * 1000;
        let fresh = |moment: i64| at_moment(all, moment).providers_not_fresh;
        assert_eq!((fresh(gone), fresh(gone + 1)), (0, 1));
    }

    #[test]
    fn where_both_agree_the_series_stands_and_where_rows_of_others_are_gone_it_is_left() {
        let mut story = story();
        let market = Arc::clone(&story.market);
        let transaction = story.writer.connection.transaction().expect("begun");
        let (from, until) = (to_ms(at(0)), to_ms(at(100)));
        let dump = |transaction: &Transaction<'_>| -> Vec<String> {
            let sql = "SELECT provider || several || ' ' || observed_ms || ' ' || coalesce(min_nanos, 0) || ' ' || offers FROM gpu_price JOIN gpu_scope ON scope_id = gpu_scope.id ORDER BY 1";
            transaction.prepare(sql).expect("asked").query_map([], |row| row.get(0)).expect("read").collect::<Result<_, _>>().expect("rows")
        };
        let before = timelines(&transaction, &market, &groups(), from, until).expect("put together");
        let written = dump(&transaction);
        assert_eq!(correct(&transaction, &before, &before, from).expect("nothing differs").rows, 0);
        assert_eq!(dump(&transaction), written);
        // 0.48 was 0.24 from the second hour on.
        let sql = "UPDATE price SET per_hour_nanos = 240000000 WHERE per_hour_nanos = 480000000";
        assert_eq!(transaction.execute(sql, []).expect("corrected"), 1);
        let after = timelines(&transaction, &market, &groups(), from, until).expect("put together");
        transaction.execute("INSERT INTO retention VALUES ('price', 'azure', ?1, 5, 0)", [to_ms(at(4))]).expect("rows of Azure are gone");
        let corrected = correct(&transaction, &before, &after, from).expect("corrected");
        assert_eq!(corrected.from, Some(to_ms(at(4))));
        let now = dump(&transaction);
        let changed: Vec<&String> = now.iter().filter(|row| !written.contains(row)).collect();
        let expected = |provider: &str, hour: i64, offers: u32| format!("{provider}0 {} 240000000 {offers}", to_ms(at(hour)));
        assert!(changed.contains(&&expected("runpod", 2, 2)) && changed.contains(&&expected("", 4, 3)), "{changed:#?}");
        assert!(now.contains(&format!("0 {} 480000000 3", to_ms(at(2)))), "over all it stands before that: {now:#?}");
        let untouched = |rows: &[String]| rows.iter().filter(|row| row.starts_with("azure")).cloned().collect::<Vec<_>>();
        assert_eq!(untouched(&now), untouched(&written));
    }

    #[test]
    fn a_write_that_fails_halfway_leaves_nothing_that_later_writes_take_for_true() {
        let mut story = story();
        let egress = |amount: &str| {
            let mut offer = offer("runpod", "with-terms", 1, 50);
            let amount = amount.parse().expect("an amount");
            offer.price.terms = Arc::from([Term { kind: TermKind::Egress, amount, currency: Currency::USD, unit: TermUnit::Gb }]);
            vec![offer]
        };
        let sql = "CREATE TEMP TRIGGER broken BEFORE INSERT ON collection BEGIN SELECT RAISE(ABORT, 'the disk'); END;";
        story.writer.connection.execute_batch(sql).expect("a trigger");
        assert!(story.try_answer("runpod", "all", 200, egress("0.05")).is_err());
        story.writer.connection.execute_batch("DROP TRIGGER broken").expect("the disk works again");
        story.answer("runpod", "all", 201, egress("0.07"));
        story.answer("runpod", "all", 202, egress("0.05"));
        let sql = "SELECT content FROM price JOIN terms ON terms.id = terms_id JOIN offer ON offer.id = offer_id WHERE sku = 'with-terms' ORDER BY observed_ms";
        let mut statement = story.writer.connection.prepare(sql).expect("a question");
        let kept: Vec<String> = statement.query_map([], |row| row.get(0)).expect("rows").collect::<Result<_, _>>().expect("rows");
        assert_eq!(kept.len(), 2, "{kept:?}");
        assert!(kept[0].contains("0.07") && kept[1].contains("0.05"), "each has the terms that were read: {kept:?}");
    }
}
