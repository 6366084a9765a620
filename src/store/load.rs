//! Reads the market of now at start: one pass over the offers that are not withdrawn.

use std::collections::HashMap;
use std::sync::Arc;

use gpurate_domain::offer::OfferPrice;
use gpurate_domain::{Attributes, FxRates, Nanos, Offer, OfferId, OfferKey, PerHour, Term, Vram};
use rusqlite::{Connection, Row};

use super::migrations::{TOLD, layout};
use super::rows::{KeptOffer, availability_of, damaged, parsed, presence, quote};
use super::writer::{entry_of, provider_of_part};
use super::{StoreError, from_ms};
use crate::collect::normalise::{Identities, Interner};
use crate::market::come_back::{After, ComeBackCounts, ComeBackKey};
use crate::market::{Counts, Entry, Held, Index, Market, Outcome, PartState, Presence, Refused};

/// Fills a market that has its providers and parts as configured. Parts that are in the database and not configured
/// are added: their prices are still history, and grow stale by themselves.
pub(super) fn market(connection: &Connection, mut market: Market, interner: &mut Interner) -> Result<Market, StoreError> {
    let version: Option<String> = connection.query_row("SELECT max(value) FROM meta WHERE key = 'market_version'", [], |row| row.get(0))?;
    market.version = version.and_then(|text| text.parse().ok()).unwrap_or(0);
    market.rates = rates(connection)?.map(Arc::new);
    let by_row = parts(connection, &mut market)?;
    market.held = held(connection, &by_row, interner)?;
    let entries = entries(connection, &market, &by_row, interner)?;
    market.index = Arc::new(Index::build(entries, &provider_of_part(&market)));
    market.come_back = Arc::new(come_back(connection)?);
    Ok(market)
}

/// How often machines came back, as counted last; nothing where an older layout has no place for it.
fn come_back(connection: &Connection) -> Result<ComeBackCounts, StoreError> {
    let mut counts = ComeBackCounts::default();
    if super::migrations::layout(connection)? < super::migrations::HISTORY {
        return Ok(counts);
    }
    let mut statement = connection
        .prepare("SELECT gpu, market, provider, tier, hours, machines, observations, free_again, since_ms, until_ms FROM come_back")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let key = ComeBackKey {
            gpu: row.get::<_, String>(0)?.into(),
            market: parsed("market", &row.get::<_, String>(1)?)?,
            provider: row.get::<_, String>(2)?.into(),
            tier: row.get::<_, String>(3)?.into(),
        };
        let number = |column: usize| -> rusqlite::Result<u64> { Ok(row.get::<_, i64>(column)?.unsigned_abs()) };
        let count = After { hours: row.get(4)?, observations: number(6)?, free_again: number(7)? };
        counts.add(key, number(5)?, (from_ms(row.get(8)?), from_ms(row.get(9)?)), count);
    }
    Ok(counts)
}

/// The names of parts that sources gave, by provider.
pub(super) fn discovered(connection: &Connection) -> Result<HashMap<String, Vec<String>>, StoreError> {
    let mut statement = connection.prepare("SELECT provider, discovered FROM part WHERE discovered <> '[]' ORDER BY id")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let mut discovered: HashMap<String, Vec<String>> = HashMap::new();
    for row in rows {
        let (provider, names) = row?;
        let names: Vec<String> = serde_json::from_str(&names).map_err(|error| damaged("list of parts", error))?;
        discovered.entry(provider).or_default().extend(names);
    }
    Ok(discovered)
}

fn rates(connection: &Connection) -> Result<Option<FxRates>, StoreError> {
    let newest: Option<String> = connection.query_row("SELECT max(date) FROM fx_rate", [], |row| row.get(0))?;
    let Some(newest) = newest else { return Ok(None) };
    let mut rates = FxRates { date: parsed("date of rates", &newest)?, per_eur: std::collections::BTreeMap::new() };
    let mut statement = connection.prepare("SELECT currency, per_eur_nanos FROM fx_rate WHERE date = ?1")?;
    let mut rows = statement.query([&newest])?;
    while let Some(row) = rows.next()? {
        rates.per_eur.insert(parsed("currency", &row.get::<_, String>(0)?)?, Nanos(row.get(1)?));
    }
    Ok(Some(rates))
}

fn parts(connection: &Connection, market: &mut Market) -> Result<HashMap<i64, usize>, StoreError> {
    let mut by_row = HashMap::new();
    let mut statement = connection.prepare(
        "SELECT id, provider, name, last_attempt_ms, last_outcome, last_error, last_accepted_ms, source_dated_ms, failures,
           not_before_ms, offers, changed, rejected, quarantined, unmapped, bytes, duration_ms, refusals, adapter_version
         FROM part ORDER BY id",
    )?;
    let selling = selling_parts(connection)?;
    let mut pages = connection.prepare("SELECT hash FROM page WHERE part_id = ?1 AND last_seen_ms = ?2 ORDER BY request_key")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (provider, name): (String, String) = (row.get(1)?, row.get(2)?);
        // A provider this program does not know (any more): its history stays, it has no now.
        let Some(provider) = market.providers.iter().position(|known| *known.slug == *provider) else { continue };
        let tracked = market.part_index(&market.providers[provider].slug, &name);
        // A part that a source named once, that nobody collects any more and that sells nothing, is history only.
        if tracked.is_none() && !selling.contains(&row.get::<_, i64>(0)?) {
            continue;
        }
        let index = tracked.unwrap_or_else(|| {
            let slug = market.providers[provider].slug.clone();
            market.parts.push(Arc::new(PartState::new(provider, slug, name.into())));
            market.parts.len() - 1
        });
        let mut state = part_state(row, &market.parts[index])?;
        if let Some(accepted) = row.get::<_, Option<i64>>(6)? {
            let hashes = pages.query_map(rusqlite::params![state.row, accepted], |row| row.get::<_, String>(0))?;
            state.pages = hashes.collect::<Result<Vec<_>, _>>()?.into();
        }
        by_row.insert(state.row, index);
        market.parts[index] = Arc::new(state);
    }
    Ok(by_row)
}

/// Rows of parts that have offers now.
fn selling_parts(connection: &Connection) -> Result<std::collections::HashSet<i64>, StoreError> {
    let sql = "SELECT DISTINCT part_id FROM offer_now CROSS JOIN offer ON offer.id = offer_id WHERE presence < ?1";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([presence::WITHDRAWN], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn part_state(row: &Row<'_>, blank: &PartState) -> Result<PartState, StoreError> {
    let time = |column: usize| -> rusqlite::Result<_> { Ok(row.get::<_, Option<i64>>(column)?.map(from_ms)) };
    let count = |column: usize| -> rusqlite::Result<u64> { Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or(0)) };
    // An older program wrote pairs, without a level.
    let refusals: Vec<Vec<i64>> = serde_json::from_str(&row.get::<_, String>(17)?).map_err(|error| damaged("list of refusals", error))?;
    let refused = |numbers: Vec<i64>| {
        let number = |place: usize| numbers.get(place).copied().unwrap_or(0);
        Refused { at: from_ms(number(0)), offers: u64::try_from(number(1)).unwrap_or(0), level: number(2) }
    };
    let outcome: Option<String> = row.get(4)?;
    Ok(PartState {
        row: row.get(0)?,
        last_attempt_at: time(3)?,
        last_outcome: outcome.as_deref().and_then(Outcome::from_word),
        last_error: row.get(5)?,
        last_accepted_at: time(6)?,
        source_dated_at: time(7)?,
        failures: row.get(8)?,
        not_before: time(9)?,
        counts: Counts {
            offers: count(10)?,
            changed: count(11)?,
            rejected: count(12)?,
            quarantined: count(13)?,
            unmapped: count(14)?,
            bytes: count(15)?,
            duration_ms: count(16)?,
        },
        refusals: refusals.into_iter().map(refused).collect(),
        adapter_version: row.get(18)?,
        ..blank.clone()
    })
}

fn held(
    connection: &Connection,
    by_row: &HashMap<i64, usize>,
    interner: &mut Interner,
) -> Result<crate::market::IdMap<Arc<Held>>, StoreError> {
    let mut all = crate::market::IdMap::default();
    // A database of an older gpurate is read as it is.
    let from_first = if layout(connection)? >= TOLD { "from_first_answer" } else { "0" };
    let mut statement = connection.prepare(&format!("SELECT hash, part_id, reason, seen, offer, {from_first} FROM quarantine"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let Some(part) = by_row.get(&row.get(1)?) else { continue };
        let seen: Vec<(i64, i64)> = serde_json::from_str(&row.get::<_, String>(3)?).map_err(|error| damaged("list of sightings", error))?;
        let offer: Option<String> = row.get(4)?;
        let offer = offer
            .map(|text| serde_json::from_str::<KeptOffer>(&text).map_err(|error| damaged("held offer", error)))
            .transpose()?
            .map(|kept| kept.offer(interner));
        let seen = seen.into_iter().map(|(at, nanos)| (from_ms(at), nanos)).collect();
        let held = Held { part: *part, reason: row.get(2)?, seen, offer, from_first_answer: row.get(5)? };
        all.insert(offer_id(row, 0)?, Arc::new(held));
    }
    Ok(all)
}

fn offer_id(row: &Row<'_>, column: usize) -> Result<OfferId, StoreError> {
    let bytes = row.get_ref(column)?.as_blob().map_err(|error| damaged("id of an offer", error))?;
    bytes.try_into().map(OfferId).map_err(|_| damaged("id of an offer", "its length"))
}

const ATTRIBUTES_REMEMBERED_MAX: usize = 1000;

struct Shared {
    units: HashMap<i64, (gpurate_domain::Currency, String, gpurate_domain::PriceKind)>,
    terms: HashMap<i64, Arc<[Term]>>,
    attributes: HashMap<String, Arc<Attributes>, foldhash::fast::RandomState>,
}

fn shared(connection: &Connection, interner: &mut Interner) -> Result<Shared, StoreError> {
    let mut shared = Shared { units: HashMap::new(), terms: HashMap::new(), attributes: HashMap::default() };
    let mut statement = connection.prepare("SELECT id, currency, unit, kind FROM unit")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let unit = (parsed("currency", &row.get::<_, String>(1)?)?, row.get(2)?, parsed("kind of price", &row.get::<_, String>(3)?)?);
        shared.units.insert(row.get(0)?, unit);
    }
    let mut statement =
        connection.prepare("SELECT id, content FROM terms WHERE id IN (SELECT terms_id FROM offer_now WHERE presence < ?1)")?;
    let mut rows = statement.query([presence::WITHDRAWN])?;
    while let Some(row) = rows.next()? {
        let terms: Vec<Term> = serde_json::from_str(&row.get::<_, String>(1)?).map_err(|error| damaged("list of terms", error))?;
        shared.terms.insert(row.get(0)?, interner.terms(terms));
    }
    Ok(shared)
}

fn entries(
    connection: &Connection,
    market: &Market,
    by_row: &HashMap<i64, usize>,
    interner: &mut Interner,
) -> Result<Vec<Arc<Entry>>, StoreError> {
    let mut shared = shared(connection, interner)?;
    let mut identities = Identities::default();
    let amount_since = if layout(connection)? >= TOLD { "amount_since_ms" } else { "NULL" };
    let mut statement = connection.prepare(&format!(
        "SELECT id, hash, part_id, sku, tier, region, country, market, gpu_count, provider_term, gpu_name, gpu_name_alternative,
           vram_per_gpu_mib, vram_usable_mib, gpu_count_max, units, attributes, presence, observed_ms, missed_ms, per_hour_nanos,
           quote_nanos, unit_id, availability, terms_id, price_since_ms, previous_nanos, {amount_since}
         FROM offer_now CROSS JOIN offer ON offer.id = offer_id WHERE presence < ?1",
    ))?;
    let mut rows = statement.query([presence::WITHDRAWN])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let Some(part) = by_row.get(&row.get(2)?) else { continue };
        let offer = offer(row, &market.parts[*part].provider_slug, &mut shared, interner)?;
        let gpu = identities.of(&offer).0;
        let mut entry = entry_of(market, gpu, offer_id(row, 1)?, row.get(0)?, *part, offer, from_ms(row.get(25)?), row.get(26)?);
        let observed_at = from_ms(row.get::<_, Option<i64>>(18)?.unwrap_or(0));
        if let Some(since) = row.get::<_, Option<i64>>(27)? {
            entry.amount_since = from_ms(since);
        }
        entry.presence = match row.get(17)? {
            presence::PRESENT => Presence::Present,
            presence::HELD => Presence::Held { observed_at },
            _ => Presence::Missed { observed_at, missed_at: from_ms(row.get::<_, Option<i64>>(19)?.unwrap_or(0)) },
        };
        entries.push(Arc::new(entry));
    }
    Ok(entries)
}

fn offer(row: &Row<'_>, provider: &Arc<str>, shared: &mut Shared, interner: &mut Interner) -> Result<Offer, StoreError> {
    let text = |column: usize| -> rusqlite::Result<&str> { Ok(row.get_ref(column)?.as_str()?) };
    let optional = |column: usize| -> rusqlite::Result<Option<&str>> { Ok(row.get_ref(column)?.as_str_or_null()?) };
    let attributes_text = text(16)?;
    let attributes = match shared.attributes.get(attributes_text) {
        Some(attributes) => attributes.clone(),
        None => {
            let read: Attributes = serde_json::from_str(attributes_text).map_err(|error| damaged("set of attributes", error))?;
            let attributes = interner.attributes(read);
            // Machines of marketplaces have attributes of their own; only what lists repeat is worth remembering.
            if shared.attributes.len() >= ATTRIBUTES_REMEMBERED_MAX {
                shared.attributes.clear();
            }
            shared.attributes.insert(attributes_text.to_owned(), attributes.clone());
            attributes
        }
    };
    let (currency, unit, kind) = shared.units.get(&row.get(22)?).ok_or_else(|| damaged("unit of a price", "its row is gone"))?;
    let terms = shared.terms.get(&row.get(24)?).ok_or_else(|| damaged("list of terms", "its row is gone"))?;
    Ok(Offer {
        key: OfferKey {
            provider: provider.clone(),
            sku: text(3)?.into(),
            tier: interner.text(text(4)?),
            region: interner.text(text(5)?),
            market: parsed("market", text(7)?)?,
            gpu_count: optional(8)?.map(|count| parsed("count of GPUs", count)).transpose()?,
        },
        country: optional(6)?.map(|code| parsed("country", code)).transpose()?,
        provider_term: optional(9)?.map(|term| interner.text(term)),
        gpu_name: interner.text(text(10)?),
        gpu_name_alternative: optional(11)?.map(|name| interner.text(name)),
        vram_per_gpu: row.get::<_, Option<u32>>(12)?.map(Vram::from_mib),
        vram_usable: row.get::<_, Option<u32>>(13)?.map(Vram::from_mib),
        gpu_count_max: row.get(14)?,
        price: OfferPrice {
            per_hour: PerHour { nanos: row.get(20)?, currency: *currency },
            quote: quote(row.get(21)?, *currency, unit)?,
            kind: *kind,
            availability: availability_of(row.get(23)?),
            terms: terms.clone(),
        },
        units: row.get(15)?,
        attributes,
    })
}
