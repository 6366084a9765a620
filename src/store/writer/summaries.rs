//! `gpu_price`: what was last written for each scope, so that only changes are, and the ranges of seven days.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use gpurate_domain::UsdPerGpuHour;
use rusqlite::{Connection, Transaction, params};

use crate::market::summary::{Scope, Summary, summarise};
use crate::market::{Market, PriceRange, RangeKey};
use crate::store::rows::parsed;
use crate::store::{StoreError, from_ms, to_ms};

const RANGE_DAYS: i64 = 7;

/// What `gpu_day` holds, made of the rows themselves.
pub(super) const DAYS_FROM_PRICES: &str = "INSERT OR REPLACE INTO gpu_day
     SELECT scope_id, observed_ms / 86400000, min(observed_ms), max(observed_ms), min(min_nanos), min(rentable_nanos), sum(min_nanos IS NULL)
     FROM gpu_price";

/// When, lowest, highest.
type Sighting = (DateTime<Utc>, i64, i64);
/// Sightings of seven days, in order.
pub(super) type Sightings = HashMap<RangeKey, VecDeque<Sighting>>;

#[derive(Debug, Default)]
pub(super) struct Summaries {
    /// Row and last written summary.
    scopes: BTreeMap<Scope, (i64, Summary)>,
    ranges: Sightings,
}

/// What a transaction wrote, to be remembered once it is on the disk.
pub(super) struct Written(DateTime<Utc>, Vec<(Scope, i64, Summary)>);

impl Summaries {
    pub(super) fn load(&mut self, connection: &Connection, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut statement = connection.prepare(
            "SELECT gpu, market, tier, several, provider, gpu_scope.id, min_nanos, quartile_nanos, median_nanos, max_nanos, offers,
               machines, providers_not_fresh, providers, rentable_nanos
             FROM gpu_scope JOIN gpu_price ON scope_id = gpu_scope.id
             WHERE observed_ms = (SELECT max(observed_ms) FROM gpu_price AS newer WHERE newer.scope_id = gpu_scope.id)",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let scope = Scope {
                gpu: row.get::<_, String>(0)?.into(),
                market: parsed("market", &row.get::<_, String>(1)?)?,
                tier: row.get::<_, String>(2)?.into(),
                several: row.get(3)?,
                provider: row.get::<_, String>(4)?.into(),
            };
            let prices: [Option<i64>; 4] = [row.get(6)?, row.get(7)?, row.get(8)?, row.get(9)?];
            let prices = match prices {
                [Some(a), Some(b), Some(c), Some(d)] => Some([a, b, c, d]),
                _ => None,
            };
            let summary = Summary {
                prices,
                offers: row.get(10)?,
                machines: row.get(11)?,
                providers_not_fresh: row.get(12)?,
                providers: row.get(13)?,
                rentable: row.get(14)?,
            };
            self.scopes.insert(scope, (row.get(5)?, summary));
        }
        self.ranges = self.ranges_of(connection, now)?;
        Ok(())
    }

    /// The ranges as rows have them now, those of scopes that are known.
    pub(super) fn ranges_of(&self, connection: &Connection, now: DateTime<Utc>) -> Result<Sightings, StoreError> {
        let since = to_ms(now - TimeDelta::days(RANGE_DAYS));
        let mut statement = connection.prepare(
            "SELECT observed_ms, min_nanos, max_nanos FROM gpu_price WHERE scope_id = ?1 AND min_nanos IS NOT NULL
               AND observed_ms >= coalesce((SELECT max(observed_ms) FROM gpu_price WHERE scope_id = ?1 AND observed_ms <= ?2), 0)
             ORDER BY observed_ms",
        )?;
        let mut ranges = Sightings::new();
        for (scope, (id, _)) in self.scopes.iter().filter(|(scope, _)| !scope.provider.is_empty()) {
            let rows = statement.query_map(params![id, since], |row| Ok((from_ms(row.get(0)?), row.get(1)?, row.get(2)?)))?;
            let of_scope = ranges.entry((scope.gpu.clone(), scope.market, scope.provider.clone())).or_default();
            for sighting in rows {
                of_scope.push_back(sighting?);
            }
        }
        ranges.retain(|_, sightings| !sightings.is_empty());
        for sightings in ranges.values_mut() {
            sightings.make_contiguous().sort_unstable();
        }
        Ok(ranges)
    }

    /// They hold from now on.
    pub(super) fn replace_ranges(&mut self, ranges: Sightings) {
        self.ranges = ranges;
    }

    /// Writes what differs for the touched groups.
    pub(super) fn write(
        &self,
        transaction: &Transaction<'_>,
        market: &Market,
        touched: &HashSet<Arc<str>>,
        now: DateTime<Utc>,
    ) -> Result<Written, StoreError> {
        let groups = touched.iter().filter_map(|slug| market.index.group(slug));
        let mut summaries = summarise(market, groups, now);
        for scope in self.scopes.keys().filter(|scope| touched.contains(&scope.gpu)) {
            summaries.entry(scope.clone()).or_default();
        }
        let mut written = Vec::new();
        let mut statement = transaction.prepare_cached(
            "INSERT OR REPLACE INTO gpu_price (scope_id, observed_ms, min_nanos, quartile_nanos, median_nanos, max_nanos, offers, machines,
               providers_not_fresh, providers, rentable_nanos) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?;
        let mut of_day = transaction.prepare_cached(
            "INSERT INTO gpu_day VALUES (?1, ?2 / 86400000, ?2, ?2, ?3, ?4, ?3 IS NULL)
             ON CONFLICT DO UPDATE SET first_ms = min(first_ms, ?2), last_ms = max(last_ms, ?2),
               without_price = without_price + (?3 IS NULL), min_nanos = coalesce(min(min_nanos, ?3), min_nanos, ?3),
               rentable_nanos = coalesce(min(rentable_nanos, ?4), rentable_nanos, ?4)",
        )?;
        for (scope, summary) in summaries {
            let known = self.scopes.get(&scope);
            if known.map_or_else(Summary::default, |(_, last)| *last) == summary {
                continue;
            }
            let id = match known {
                Some((id, _)) => *id,
                None => scope_row(transaction, &scope)?,
            };
            let price = |position: usize| summary.prices.map(|prices| prices[position]);
            statement.execute(params![
                id,
                to_ms(now),
                price(0),
                price(1),
                price(2),
                price(3),
                summary.offers,
                summary.machines,
                summary.providers_not_fresh,
                summary.providers,
                summary.rentable
            ])?;
            of_day.execute(params![id, to_ms(now), price(0), summary.rentable])?;
            written.push((scope, id, summary));
        }
        Ok(Written(now, written))
    }

    /// Counts the days of rows that replaced others anew: the lowest of before may be gone.
    pub(super) fn recount_days(transaction: &Transaction<'_>, Written(at, rows): &Written) -> Result<(), StoreError> {
        let mut statement =
            transaction.prepare_cached(&format!("{DAYS_FROM_PRICES} WHERE scope_id = ?1 AND observed_ms / 86400000 = ?2 GROUP BY 1, 2"))?;
        for (_, id, _) in rows {
            statement.execute(params![id, to_ms(*at).div_euclid(86_400_000)])?;
        }
        Ok(())
    }

    /// Remembers what is on the disk now.
    pub(super) fn believe(&mut self, Written(now, rows): Written) {
        for (scope, id, summary) in rows {
            if !scope.provider.is_empty()
                && let Some([low, _, _, high]) = summary.prices
            {
                self.ranges.entry((scope.gpu.clone(), scope.market, scope.provider.clone())).or_default().push_back((now, low, high));
            }
            self.scopes.insert(scope, (id, summary));
        }
    }

    /// Lowest and highest of seven days: what was in force at their beginning counts.
    pub(super) fn ranges(&mut self, now: DateTime<Utc>) -> HashMap<RangeKey, PriceRange> {
        let since = now - TimeDelta::days(RANGE_DAYS);
        let mut ranges = HashMap::with_capacity(self.ranges.len());
        for (key, sightings) in &mut self.ranges {
            while sightings.len() > 1 && sightings[1].0 <= since {
                sightings.pop_front();
            }
            let low = sightings.iter().map(|(_, low, _)| *low).min();
            let high = sightings.iter().map(|(_, _, high)| *high).max();
            if let Some((low, high)) = low.zip(high) {
                ranges.insert(key.clone(), PriceRange { low: UsdPerGpuHour { nanos: low }, high: UsdPerGpuHour { nanos: high } });
            }
        }
        ranges
    }
}

pub(super) fn scope_row(transaction: &Transaction<'_>, scope: &Scope) -> Result<i64, StoreError> {
    Ok(transaction.query_row(
        "INSERT INTO gpu_scope (gpu, market, tier, several, provider) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET gpu = gpu RETURNING id",
        params![&*scope.gpu, scope.market.as_str(), &*scope.tier, scope.several, &*scope.provider],
        |row| row.get(0),
    )?)
}
