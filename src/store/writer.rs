//! The only place that writes. A commit is one transaction: the attempt's record, what changed, and nothing per offer
//! that did not. The market of afterwards is built inside it and handed out only when it is on the disk.

mod days;
mod ids;
pub(super) mod imports;
pub(super) mod retention;
pub(super) mod revise;
mod rules;
mod series;
mod summaries;

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use gpurate_domain::offer::OfferPrice;
use gpurate_domain::{FxRates, GpuMatch, Offer, OfferId, Rejected};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::lock::FileGuard;
use super::rows::{KeptOffer, attributes_text, availability_number, presence};
use super::{StoreError, load, to_ms};
use crate::collect::accept::{Event, Plan, Row};
use crate::collect::normalise::{Identities, Interner};
use crate::market::{Counts, Entry, Held, IdMap, Index, Market, Outcome, PartState, Presence, Refused};
use ids::Ids;
use summaries::Summaries;

/// The write connection and what it remembers.
#[derive(Debug)]
pub struct Writer {
    connection: Connection,
    ids: Ids,
    summaries: Summaries,
    /// Dropped behind the connection.
    _guard: Option<FileGuard>,
}

/// One archived page of an attempt.
#[derive(Clone, Debug)]
pub struct PageRow {
    /// Names the request within its part.
    pub request_key: String,
    /// Name in the archive.
    pub hash: String,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Asked address.
    pub url: String,
    /// What was asked in a POST.
    pub request_body: Option<String>,
    /// Bytes, uncompressed.
    pub bytes: u64,
    /// Validator of the answer.
    pub etag: Option<String>,
    /// Validator of the answer.
    pub last_modified: Option<String>,
}

/// One attempt at one part, to be written down.
#[derive(Debug)]
pub struct Commit {
    /// Index into the market's parts.
    pub part: usize,
    /// First request.
    pub started_at: DateTime<Utc>,
    /// When it is written: the time its offers were seen.
    pub finished_at: DateTime<Utc>,
    /// What came of it.
    pub outcome: Outcome,
    /// Why, where it was not accepted.
    pub error: Option<String>,
    /// Numbers; `changed` and `offers` are counted here for an accepted answer.
    pub counts: Counts,
    /// The adapter that parsed it.
    pub adapter_version: u32,
    /// The provider asked for a pause until then.
    pub not_before: Option<DateTime<Utc>>,
    /// Offers of a refused answer.
    pub refused: Option<Refused>,
    /// Rows that could not be used; `None` where no answer came (those of before stay).
    pub rejected: Option<Vec<Rejected>>,
    /// What an accepted answer changes.
    pub plan: Option<Plan>,
    /// Its archived pages.
    pub pages: Vec<PageRow>,
    /// The source's own date.
    pub source_dated_at: Option<DateTime<Utc>>,
    /// Parts that the source named.
    pub discovered_parts: Vec<String>,
    /// Reference rates of currencies.
    pub rates: Option<FxRates>,
}

/// What a commit came to.
#[derive(Debug)]
pub struct Committed {
    /// The market of afterwards.
    pub market: Arc<Market>,
    /// Numbers of the attempt.
    pub counts: Counts,
}

/// What a correction came to.
#[derive(Debug)]
pub struct Corrected {
    /// The market of afterwards.
    pub market: Arc<Market>,
    /// Offers that were read wrong before.
    pub corrections: u64,
}

/// At most so many rejected rows are kept of one attempt: they are looked at by people.
const REJECTED_ROWS_MAX: usize = 1000;

impl Writer {
    pub(super) fn new(connection: Connection, guard: Option<FileGuard>) -> Self {
        Self { connection, ids: Ids::default(), summaries: Summaries::default(), _guard: guard }
    }

    /// Reads the market of now, and what the writer has to remember. `blank` has providers and parts as configured.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn load(&mut self, blank: Market, interner: &mut Interner, now: DateTime<Utc>) -> Result<Market, StoreError> {
        self.ids.load(&self.connection)?;
        self.summaries.load(&self.connection, now)?;
        let mut market = load::market(&self.connection, blank, interner)?;
        market.ranges = Arc::new(self.summaries.ranges(now));
        // The pages that one pass over everything left in memory are of no use to commits.
        self.connection.execute_batch("PRAGMA shrink_memory")?;
        Ok(market)
    }

    /// Writes one attempt, and gives the market of afterwards.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing of it is written, and the market of before stays true.
    pub fn commit(&mut self, market: &Market, commit: Commit) -> Result<Committed, StoreError> {
        let written = self.try_commit(market, commit);
        self.or_forget(written)
    }

    fn try_commit(&mut self, market: &Market, mut commit: Commit) -> Result<Committed, StoreError> {
        let now = commit.finished_at;
        let transaction = self.connection.transaction()?;
        let mut next = market.clone();
        let part_row = part_row(&transaction, &next.parts[commit.part])?;
        let mut touched = HashSet::new();
        let plan = commit.plan.take();
        if let Some(plan) = plan {
            commit.counts.offers = plan.offers;
            commit.counts.quarantined = plan.quarantined;
            commit.counts.unmapped = plan.unmapped;
            commit.counts.changed = changed(&plan);
            let mut applied = Applied::new(&transaction, &mut self.ids, &next, commit.part, part_row, now);
            applied.rows(plan.rows)?;
            applied.events(&plan.events)?;
            let Applied { entries, held, .. } = applied;
            touched = groups_of(&next, &entries);
            settle_held(&transaction, &mut next, held, &plan.released)?;
            rebuild(&mut next, entries);
        }
        if let Some(rates) = &commit.rates {
            let tomorrow = now.date_naive() + chrono::TimeDelta::days(1);
            transaction.execute("DELETE FROM fx_rate WHERE date > ?1", [tomorrow.to_string()])?;
            write_rates(&transaction, rates)?;
            let replaces = |known: &FxRates| known.date > tomorrow || (known.date <= rates.date && known != rates);
            if next.rates.as_deref().is_none_or(replaces) {
                next.rates = Some(Arc::new(rates.clone()));
                reprice(&mut next);
                touched.extend(next.index.groups.iter().map(|group| group.slug.clone()));
            }
        }
        record(&transaction, &mut next, part_row, &commit)?;
        touched.extend(groups_of_part(&next, commit.part, market.parts[commit.part].last_accepted_at));
        let written = self.summaries.write(&transaction, &next, &touched, now)?;
        next.version += 1;
        write_version(&transaction, next.version)?;
        transaction.commit()?;
        self.summaries.believe(written);
        next.ranges = Arc::new(self.summaries.ranges(now));
        Ok(Committed { market: Arc::new(next), counts: commit.counts })
    }

    /// Writes what a newer adapter reads in the pages of a part's last accepted answer: differences are corrections of
    /// what was read wrong, dated as the rows they correct, and never events (defect D32). Series say it from `now` on: what
    /// they said in between was what was known then, of this provider and of others.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing of it is written.
    pub fn correct(
        &mut self,
        market: &Market,
        part: usize,
        readings: Vec<(OfferId, Option<Arc<Offer>>)>,
        adapter_version: u32,
        now: DateTime<Utc>,
    ) -> Result<Corrected, StoreError> {
        let written = self.try_correct(market, part, readings, adapter_version, now);
        self.or_forget(written)
    }

    fn try_correct(
        &mut self,
        market: &Market,
        part: usize,
        readings: Vec<(OfferId, Option<Arc<Offer>>)>,
        adapter_version: u32,
        now: DateTime<Utc>,
    ) -> Result<Corrected, StoreError> {
        let mut next = market.clone();
        let mut state = (*next.parts[part]).clone();
        let Some(observed_at) = state.last_accepted_at else { return Ok(Corrected { market: Arc::new(next), corrections: 0 }) };
        let transaction = self.connection.transaction()?;
        let mut applied = Applied::new(&transaction, &mut self.ids, market, part, state.row, observed_at);
        applied.corrects = true;
        let corrections = applied.correct(readings)?;
        let entries = applied.entries;
        let touched = groups_of(&next, &entries);
        rebuild(&mut next, entries);
        state.adapter_version = adapter_version;
        transaction.execute("UPDATE part SET adapter_version = ?2 WHERE id = ?1", params![state.row, adapter_version])?;
        next.parts[part] = Arc::new(state);
        let written = self.summaries.write(&transaction, &next, &touched, now)?;
        Summaries::recount_days(&transaction, &written)?;
        // A correction replaced rows that the ranges remember. Nothing may fail once it is on the disk.
        let ranges = self.summaries.ranges_of(&transaction, now)?;
        next.version += 1;
        write_version(&transaction, next.version)?;
        transaction.commit()?;
        self.summaries.replace_ranges(ranges);
        self.summaries.believe(written);
        next.ranges = Arc::new(self.summaries.ranges(now));
        Ok(Corrected { market: Arc::new(next), corrections })
    }

    /// Writes the summaries of every group: prices that went stale since the last commit leave them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn summarise_all(&mut self, market: &Market, now: DateTime<Utc>) -> Result<(), StoreError> {
        let touched = market.index.groups.iter().map(|group| group.slug.clone()).collect();
        let transaction = self.connection.transaction()?;
        let written = self.summaries.write(&transaction, market, &touched, now)?;
        transaction.commit()?;
        self.summaries.believe(written);
        Ok(())
    }

    /// Writes a row and takes it back: whether the disk takes writes again.
    ///
    /// # Errors
    /// [`StoreError`] where it does not.
    pub fn probe(&mut self) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        transaction
            .execute("INSERT INTO meta (key, value) VALUES ('probe', '1') ON CONFLICT (key) DO UPDATE SET value = value || '1'", [])?;
        transaction.execute("DELETE FROM meta WHERE key = 'probe'", [])?;
        transaction.commit()?;
        Ok(())
    }

    /// Keeps texts under names, in the place of what was kept there: small things that survive a restart. All or none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn remember(&mut self, texts: &[(&str, &str)]) -> Result<(), StoreError> {
        let sql = "INSERT INTO meta (key, value) VALUES ('kept_' || ?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2";
        let transaction = self.connection.transaction()?;
        for (name, text) in texts {
            transaction.prepare_cached(sql)?.execute([name, text])?;
        }
        Ok(transaction.commit()?)
    }

    /// Makes the days of every series and of every provider anew from their rows, for who wrote rows in another way.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn recount_days(&mut self) -> Result<(), StoreError> {
        let sql = format!("DELETE FROM gpu_day; {} GROUP BY 1, 2;", summaries::DAYS_FROM_PRICES);
        self.connection.execute_batch(&sql)?;
        days::recount(&self.connection)
    }

    /// Writes how often machines came back, in the place of what was counted before.
    ///
    /// # Errors
    /// [`StoreError`]; then what was counted before stays.
    pub fn write_come_back(&mut self, counts: &crate::market::come_back::ComeBackCounts) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        transaction.execute("DELETE FROM come_back", [])?;
        {
            let mut statement = transaction.prepare_cached("INSERT INTO come_back VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")?;
            for (key, counted) in counts.iter() {
                for count in &counted.after {
                    statement.execute(params![
                        &*key.gpu,
                        key.market.as_str(),
                        &*key.provider,
                        &*key.tier,
                        count.hours,
                        signed(counted.machines),
                        signed(count.observations),
                        signed(count.free_again),
                        to_ms(counted.since),
                        to_ms(counted.until),
                    ])?;
                }
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// The connection, for tests and checks that read what was written.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Where a transaction failed, wherever in it, what was remembered during it names rows that do not exist, or that later
    /// ones will be: it is read anew.
    fn or_forget<T>(&mut self, written: Result<T, StoreError>) -> Result<T, StoreError> {
        // Where that cannot be read either nothing is remembered, and each text is looked for when it is needed.
        if written.is_err()
            && let Err(error) = self.forget()
        {
            tracing::debug!(%error, "what the writer remembers cannot be read");
            self.ids = Ids::default();
        }
        written
    }

    fn forget(&mut self) -> Result<(), StoreError> {
        self.ids = Ids::default();
        self.ids.load(&self.connection)
    }
}

fn write_version(transaction: &Transaction<'_>, version: u64) -> Result<(), StoreError> {
    let sql = "INSERT INTO meta (key, value) VALUES ('market_version', ?1) ON CONFLICT (key) DO UPDATE SET value = ?1";
    transaction.execute(sql, [version.to_string()])?;
    Ok(())
}

fn changed(plan: &Plan) -> u64 {
    let counts = |row: &&Row| matches!(row, Row::Insert(_) | Row::Update { price_changed: true, .. } | Row::Withdraw { .. });
    plan.rows.iter().filter(counts).count() as u64
}

fn part_row(transaction: &Transaction<'_>, part: &PartState) -> Result<i64, StoreError> {
    if part.row != 0 {
        return Ok(part.row);
    }
    Ok(transaction.query_row(
        "INSERT INTO part (provider, name) VALUES (?1, ?2) ON CONFLICT (provider, name) DO UPDATE SET name = name RETURNING id",
        params![&*part.provider_slug, &*part.name],
        |row| row.get(0),
    )?)
}

/// What the rows of a plan do to the market: an entry, or `None` for one that is gone.
type Changes = IdMap<Option<Arc<Entry>>>;

struct Applied<'a> {
    transaction: &'a Transaction<'a>,
    ids: &'a mut Ids,
    market: &'a Market,
    part: usize,
    part_row: i64,
    now: DateTime<Utc>,
    /// Its rows of history mend what was read wrong: they are revisions, also where nothing was read before.
    corrects: bool,
    identities: Identities,
    entries: Changes,
    held: Vec<(OfferId, Held)>,
}

/// Equal in all that is stored beside the price.
fn same_but_for_price(a: &Offer, b: &Offer) -> bool {
    let beside = |offer: &Offer| (offer.country, offer.vram_per_gpu, offer.vram_usable, offer.gpu_count_max, offer.units);
    beside(a) == beside(b)
        && (Arc::ptr_eq(&a.attributes, &b.attributes) || a.attributes == b.attributes)
        && (&a.provider_term, &a.gpu_name, &a.gpu_name_alternative) == (&b.provider_term, &b.gpu_name, &b.gpu_name_alternative)
}

impl<'a> Applied<'a> {
    fn new(transaction: &'a Transaction<'a>, ids: &'a mut Ids, market: &'a Market, part: usize, part_row: i64, now: DateTime<Utc>) -> Self {
        Self {
            transaction,
            ids,
            market,
            part,
            part_row,
            now,
            corrects: false,
            identities: Identities::default(),
            entries: Changes::default(),
            held: Vec::new(),
        }
    }

    fn rows(&mut self, rows: Vec<Row>) -> Result<(), StoreError> {
        for row in rows {
            match row {
                Row::Insert(offer) => self.insert(*offer)?,
                Row::Update { entry, offer, price_changed } => self.update(&entry, *offer, price_changed)?,
                Row::Hold { entry, id, held } => {
                    if let Some(entry) = entry {
                        let observed_at = self.market.observed_at(&entry);
                        self.set_presence(&entry, Presence::Held { observed_at })?;
                    }
                    self.held.push((id, *held));
                }
                Row::Miss(entry) => {
                    let observed_at = self.market.observed_at(&entry);
                    self.set_presence(&entry, Presence::Missed { observed_at, missed_at: self.now })?;
                }
                Row::Withdraw { entry, dated_at, reason: _ } => self.withdraw(&entry, dated_at)?,
            }
        }
        Ok(())
    }

    /// The row of what does not move with the price.
    fn offer_row(&self, offer: &Offer) -> Result<i64, StoreError> {
        let id = offer.key.id();
        let key = &offer.key;
        let mut statement = self.transaction.prepare_cached(
            "INSERT INTO offer (hash, part_id, sku, tier, region, country, market, gpu_count, provider_term, gpu_name,
               gpu_name_alternative, vram_per_gpu_mib, vram_usable_mib, gpu_count_max, units, attributes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
             ON CONFLICT (hash) DO UPDATE SET part_id = ?2, country = ?6, provider_term = ?9, gpu_name = ?10,
               gpu_name_alternative = ?11, vram_per_gpu_mib = ?12, vram_usable_mib = ?13, gpu_count_max = ?14, units = ?15,
               attributes = ?16
             RETURNING id",
        )?;
        Ok(statement.query_row(
            params![
                &id.0[..],
                self.part_row,
                &*key.sku,
                &*key.tier,
                &*key.region,
                offer.country.as_ref().map(gpurate_domain::Country::as_str),
                key.market.as_str(),
                key.gpu_count.map(|count| count.to_string()),
                offer.provider_term.as_deref(),
                &*offer.gpu_name,
                offer.gpu_name_alternative.as_deref(),
                offer.vram_per_gpu.map(|vram| vram.mib),
                offer.vram_usable.map(|vram| vram.mib),
                offer.gpu_count_max,
                offer.units,
                attributes_text(&offer.attributes),
            ],
            |row| row.get(0),
        )?)
    }

    fn insert(&mut self, offer: Offer) -> Result<(), StoreError> {
        let id = offer.key.id();
        let (unit_id, terms_id) = self.named_rows(&offer)?;
        let row = self.offer_row(&offer)?;
        // An offer that was withdrawn is back: what it cost then is its previous price.
        let mut statement = self.transaction.prepare_cached("SELECT per_hour_nanos FROM offer_now WHERE offer_id = ?1")?;
        let previous_nanos = statement.query_row([row], |row| row.get(0)).optional()?;
        // What the part's first answer held and nobody believed was there all the time: its row is a correction, and not new.
        let corrects = self.corrects;
        self.corrects = corrects || self.was_held_from_the_first(id);
        self.price(row, self.now, Some((&offer.price, unit_id, terms_id)))?;
        self.corrects = corrects;
        self.now_row(row, &offer, (unit_id, terms_id), self.now, previous_nanos)?;
        let entry = entry_of(self.market, self.identities.of(&offer).0, id, row, self.part, offer, self.now, previous_nanos);
        self.entries.insert(id, Some(Arc::new(entry)));
        Ok(())
    }

    fn update(&mut self, entry: &Entry, offer: Offer, price_changed: bool) -> Result<(), StoreError> {
        let named_rows = self.named_rows(&offer)?;
        let since = if price_changed { self.now } else { entry.price_since };
        // Stock and terms move the row of history, and not the amount.
        let (amount_since, previous) = if offer.price.per_hour == entry.offer.price.per_hour {
            (entry.amount_since, entry.previous_nanos)
        } else {
            (self.now, Some(entry.offer.price.per_hour.nanos))
        };
        if price_changed {
            self.price(entry.row, self.now, Some((&offer.price, named_rows.0, named_rows.1)))?;
        }
        self.now_row(entry.row, &offer, named_rows, since, previous)?;
        self.amount_since(entry.row, since, amount_since)?;
        if !same_but_for_price(&entry.offer, &offer) || entry.part != self.part {
            self.update_offer(entry.row, &offer)?;
        }
        let flapping = price_changed && crate::collect::accept::flaps(entry, &offer, self.now)
            || entry.flapping && self.now - amount_since <= chrono::TimeDelta::days(1);
        let gpu = self.identities.of(&offer).0;
        let mut next = entry_of(self.market, gpu, entry.id, entry.row, self.part, offer, since, previous);
        next.flapping = flapping;
        next.amount_since = amount_since;
        self.entries.insert(entry.id, Some(Arc::new(next)));
        Ok(())
    }

    /// Offers of the part as another reading of the same pages has them.
    fn correct(&mut self, readings: Vec<(OfferId, Option<Arc<Offer>>)>) -> Result<u64, StoreError> {
        let mut corrections = 0;
        for (id, offer) in readings {
            match (self.market.entry(id), offer) {
                (Some(entry), Some(offer)) if *offer == entry.offer => continue,
                (Some(entry), Some(offer)) => self.correct_one(entry, (*offer).clone())?,
                // It was never on sale: the row that said so is revised to none.
                (Some(entry), None) => {
                    let mut statement = self.transaction.prepare_cached("UPDATE offer_now SET presence = ?2 WHERE offer_id = ?1")?;
                    statement.execute(params![entry.row, presence::WITHDRAWN])?;
                    self.price(entry.row, entry.price_since, None)?;
                    self.entries.insert(id, None);
                }
                (None, Some(offer)) => self.insert((*offer).clone())?,
                (None, None) => continue,
            }
            corrections += 1;
        }
        Ok(corrections)
    }

    fn correct_one(&mut self, entry: &Entry, offer: Offer) -> Result<(), StoreError> {
        let named_rows = self.named_rows(&offer)?;
        if offer.price != entry.offer.price {
            self.price(entry.row, entry.price_since, Some((&offer.price, named_rows.0, named_rows.1)))?;
        }
        self.now_row(entry.row, &offer, named_rows, entry.price_since, entry.previous_nanos)?;
        self.amount_since(entry.row, entry.price_since, entry.amount_since)?;
        self.update_offer(entry.row, &offer)?;
        let gpu = self.identities.of(&offer).0;
        let mut next = entry_of(self.market, gpu, entry.id, entry.row, self.part, offer, entry.price_since, entry.previous_nanos);
        next.amount_since = entry.amount_since;
        self.entries.insert(entry.id, Some(Arc::new(next)));
        Ok(())
    }

    fn named_rows(&mut self, offer: &Offer) -> Result<(i64, i64), StoreError> {
        Ok((self.ids.unit(self.transaction, offer)?, self.ids.terms(self.transaction, &offer.price.terms)?))
    }

    /// The price of now of an offer that is present.
    fn now_row(
        &self,
        row: i64,
        offer: &Offer,
        (unit_id, terms_id): (i64, i64),
        since: DateTime<Utc>,
        previous_nanos: Option<i64>,
    ) -> Result<(), StoreError> {
        let mut statement = self.transaction.prepare_cached(
            "INSERT OR REPLACE INTO offer_now (offer_id, presence, per_hour_nanos, quote_nanos, unit_id, availability, terms_id,
               price_since_ms, previous_nanos) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?;
        statement.execute(params![
            row,
            presence::PRESENT,
            offer.price.per_hour.nanos,
            offer.price.quote.amount.0,
            unit_id,
            availability_number(offer.price.availability),
            terms_id,
            to_ms(since),
            previous_nanos,
        ])?;
        Ok(())
    }

    /// When the amount began, where that is not with its row of history; after [`Applied::now_row`].
    fn amount_since(&self, row: i64, price_since: DateTime<Utc>, amount_since: DateTime<Utc>) -> Result<(), StoreError> {
        if amount_since != price_since {
            let mut statement = self.transaction.prepare_cached("UPDATE offer_now SET amount_since_ms = ?2 WHERE offer_id = ?1")?;
            statement.execute(params![row, to_ms(amount_since)])?;
        }
        Ok(())
    }

    fn was_held_from_the_first(&self, id: OfferId) -> bool {
        self.market.held.get(&id).is_some_and(|held| held.from_first_answer)
    }

    /// What moved beside the price: overwritten, no history.
    fn update_offer(&self, row: i64, offer: &Offer) -> Result<(), StoreError> {
        let mut statement = self.transaction.prepare_cached(
            "UPDATE offer SET part_id = ?2, country = ?3, provider_term = ?4, gpu_name = ?5, gpu_name_alternative = ?6,
               vram_per_gpu_mib = ?7, vram_usable_mib = ?8, gpu_count_max = ?9, units = ?10, attributes = ?11 WHERE id = ?1",
        )?;
        statement.execute(params![
            row,
            self.part_row,
            offer.country.as_ref().map(gpurate_domain::Country::as_str),
            offer.provider_term.as_deref(),
            &*offer.gpu_name,
            offer.gpu_name_alternative.as_deref(),
            offer.vram_per_gpu.map(|vram| vram.mib),
            offer.vram_usable.map(|vram| vram.mib),
            offer.gpu_count_max,
            offer.units,
            attributes_text(&offer.attributes),
        ])?;
        Ok(())
    }

    fn set_presence(&mut self, entry: &Arc<Entry>, presence: Presence) -> Result<(), StoreError> {
        if entry.presence == presence {
            return Ok(());
        }
        let (word, observed, missed) = match presence {
            Presence::Present => (presence::PRESENT, None, None),
            Presence::Held { observed_at } => (presence::HELD, Some(to_ms(observed_at)), None),
            Presence::Missed { observed_at, missed_at } => (presence::MISSED, Some(to_ms(observed_at)), Some(to_ms(missed_at))),
        };
        let mut statement =
            self.transaction.prepare_cached("UPDATE offer_now SET presence = ?2, observed_ms = ?3, missed_ms = ?4 WHERE offer_id = ?1")?;
        statement.execute(params![entry.row, word, observed, missed])?;
        self.entries.insert(entry.id, Some(Arc::new(Entry { presence, ..(**entry).clone() })));
        Ok(())
    }

    fn withdraw(&mut self, entry: &Arc<Entry>, dated_at: DateTime<Utc>) -> Result<(), StoreError> {
        let observed = to_ms(self.market.observed_at(entry));
        let mut statement =
            self.transaction.prepare_cached("UPDATE offer_now SET presence = ?2, observed_ms = ?3, missed_ms = ?4 WHERE offer_id = ?1")?;
        statement.execute(params![entry.row, presence::WITHDRAWN, observed, to_ms(dated_at)])?;
        self.price(entry.row, dated_at, None)?;
        self.entries.insert(entry.id, None);
        Ok(())
    }

    /// One row of history. A correction, and a second change within the same millisecond, is a revision: a moment without a
    /// row of revision 0 was never a change of the market.
    fn price(&self, offer_row: i64, at: DateTime<Utc>, price: Option<(&OfferPrice, i64, i64)>) -> Result<(), StoreError> {
        let (nanos, quoted, unit_id, availability, terms_id) = match price {
            Some((price, unit_id, terms_id)) => {
                let (nanos, quoted) = (price.per_hour.nanos, price.quote.amount.0);
                let quoted = (nanos != quoted).then_some(quoted);
                (Some(nanos), quoted, unit_id, availability_number(price.availability), terms_id)
            }
            None => (None, None, 0, availability_number(gpurate_domain::Availability::Unavailable), 0),
        };
        // Who asks for what is new goes by the moment of writing, not by the one it is dated at.
        let told = (!self.corrects && at < self.now).then(|| to_ms(self.now));
        let values = params![offer_row, to_ms(at), nanos, quoted, unit_id, availability, terms_id, told];
        let first =
            "INSERT INTO price (offer_id, observed_ms, revision, per_hour_nanos, quote_nanos, unit_id, availability, terms_id, told_ms)
             VALUES (?1, ?2, 0, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING";
        if !self.corrects && self.transaction.prepare_cached(first)?.execute(values)? == 1 {
            if let Some(told) = told {
                let telling = "INSERT INTO telling (told_ms, observed_ms) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
                self.transaction.prepare_cached(telling)?.execute([told, to_ms(at)])?;
            }
            return Ok(());
        }
        let revision =
            "INSERT INTO price (offer_id, observed_ms, revision, per_hour_nanos, quote_nanos, unit_id, availability, terms_id, told_ms)
             VALUES (?1, ?2, (SELECT coalesce(max(revision), 0) + 1 FROM price WHERE offer_id = ?1 AND observed_ms = ?2), ?3, ?4, ?5, ?6, ?7, ?8)";
        self.transaction.prepare_cached(revision)?.execute(values)?;
        Ok(())
    }

    fn events(&self, events: &[Event]) -> Result<(), StoreError> {
        for event in events {
            let offer_row = event.offer.and_then(|id| match self.entries.get(&id) {
                Some(Some(entry)) => Some(entry.row),
                _ => self.market.entry(id).map(|entry| entry.row),
            });
            write_event(self.transaction, self.now, self.part_row, event.kind, offer_row, &event.detail)?;
        }
        Ok(())
    }
}

fn write_event(
    transaction: &Transaction<'_>,
    at: DateTime<Utc>,
    part_row: i64,
    kind: &str,
    offer_row: Option<i64>,
    detail: &str,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached("INSERT INTO event (at_ms, kind, part_id, offer_id, detail) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![to_ms(at), kind, part_row, offer_row, detail])?;
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "the fields of an entry, each once")]
pub(super) fn entry_of(
    market: &Market,
    gpu: GpuMatch,
    id: OfferId,
    row: i64,
    part: usize,
    offer: Offer,
    price_since: DateTime<Utc>,
    previous_nanos: Option<i64>,
) -> Entry {
    let usd_per_hour = gpurate_domain::money::usd_per_hour(offer.price.per_hour, market.rates.as_deref());
    let usd_per_gpu_hour = usd_per_hour.zip(offer.key.gpu_count).and_then(|(price, count)| price.per_gpu(count));
    Entry {
        id,
        row,
        part,
        gpu,
        usd_per_hour,
        usd_per_gpu_hour,
        presence: Presence::Present,
        price_since,
        previous_nanos,
        amount_since: price_since,
        flapping: false,
        offer,
    }
}

/// Groups that the changed entries were in or are in.
fn groups_of(market: &Market, changes: &Changes) -> HashSet<Arc<str>> {
    let mut identities = Identities::default();
    for (id, entry) in changes {
        for entry in [market.entry(*id), entry.as_ref()].into_iter().flatten() {
            identities.of(&entry.offer);
        }
    }
    identities.slugs()
}

/// All groups of a part that was silent for a while: what was stale is fresh again.
fn groups_of_part(market: &Market, part: usize, accepted_before: Option<DateTime<Utc>>) -> HashSet<Arc<str>> {
    let state = &market.parts[part];
    let provider = &market.providers[state.provider];
    let silent = |before: DateTime<Utc>| state.last_accepted_at.is_some_and(|now| (now - before).num_seconds() > provider.stale_seconds);
    if !accepted_before.is_some_and(silent) {
        return HashSet::new();
    }
    let of_part = |group: &&crate::market::Group| group.range.clone().any(|position| market.index.entries[position].part == part);
    market.index.groups.iter().filter(of_part).map(|group| group.slug.clone()).collect()
}

fn rebuild(market: &mut Market, changes: Changes) {
    if changes.is_empty() {
        return;
    }
    let mut changes = changes;
    let mut entries: Vec<Arc<Entry>> = Vec::with_capacity(market.index.entries.len() + changes.len());
    for entry in &market.index.entries {
        match changes.remove(&entry.id) {
            None => entries.push(entry.clone()),
            Some(Some(changed)) => entries.push(changed),
            Some(None) => {}
        }
    }
    entries.extend(changes.into_values().flatten());
    market.index = Arc::new(Index::build(entries, &provider_of_part(market)));
}

/// Dollars of every offer anew, by other rates.
fn reprice(market: &mut Market) {
    let rates = market.rates.clone();
    let entries = market.index.entries.iter().map(|entry| {
        let usd_per_hour = gpurate_domain::money::usd_per_hour(entry.offer.price.per_hour, rates.as_deref());
        if usd_per_hour == entry.usd_per_hour {
            return entry.clone();
        }
        let usd_per_gpu_hour = usd_per_hour.zip(entry.offer.key.gpu_count).and_then(|(price, count)| price.per_gpu(count));
        Arc::new(Entry { usd_per_hour, usd_per_gpu_hour, ..(**entry).clone() })
    });
    market.index = Arc::new(Index::build(entries.collect(), &provider_of_part(market)));
}

/// Each part's provider, as the index wants it.
pub(super) fn provider_of_part(market: &Market) -> Vec<usize> {
    market.parts.iter().map(|part| part.provider).collect()
}

fn settle_held(
    transaction: &Transaction<'_>,
    market: &mut Market,
    held: Vec<(OfferId, Held)>,
    released: &[OfferId],
) -> Result<(), StoreError> {
    for id in released {
        market.held.remove(id);
        transaction.prepare_cached("DELETE FROM quarantine WHERE hash = ?1")?.execute([&id.0[..]])?;
    }
    for (id, held) in held {
        let part_row = part_row(transaction, &market.parts[held.part])?;
        let seen: Vec<(i64, i64)> = held.seen.iter().map(|(at, nanos)| (to_ms(*at), *nanos)).collect();
        let seen = serde_json::to_string(&seen).expect("numbers");
        let offer = held.offer.as_ref().map(|offer| serde_json::to_string(&KeptOffer::of(offer)).expect("an offer is plain values"));
        transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO quarantine (hash, part_id, reason, seen, offer, from_first_answer) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![&id.0[..], part_row, held.reason, seen, offer, held.from_first_answer])?;
        market.held.insert(id, Arc::new(held));
    }
    Ok(())
}

fn write_rates(transaction: &Transaction<'_>, rates: &FxRates) -> Result<(), StoreError> {
    let mut statement = transaction.prepare_cached(
        "INSERT INTO fx_rate (date, currency, per_eur_nanos) VALUES (?1, ?2, ?3) ON CONFLICT (date, currency) DO UPDATE SET per_eur_nanos = ?3",
    )?;
    for (currency, rate) in &rates.per_eur {
        statement.execute(params![rates.date.to_string(), currency.as_str(), rate.0])?;
    }
    Ok(())
}

/// Whether an answer was refused since the last one that was accepted: attempts that failed between do not end the row.
fn was_refused(transaction: &Transaction<'_>, part_row: i64, accepted_at: Option<DateTime<Utc>>) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM collection WHERE part_id = ?1 AND finished_ms > ?2 AND outcome = 'refused')";
    Ok(transaction.prepare_cached(sql)?.query_row(params![part_row, accepted_at.map_or(i64::MIN, to_ms)], |row| row.get(0))?)
}

/// The attempt's own record, and what it makes of its part.
fn record(transaction: &Transaction<'_>, market: &mut Market, part_row: i64, commit: &Commit) -> Result<(), StoreError> {
    let mut state = (*market.parts[commit.part]).clone();
    let accepted = commit.outcome == Outcome::Accepted;
    let newly_refused = commit.outcome == Outcome::Refused && !was_refused(transaction, part_row, state.last_accepted_at)?;
    state.row = part_row;
    state.last_attempt_at = Some(commit.started_at);
    state.last_outcome = Some(commit.outcome);
    state.last_error = commit.error.clone();
    state.not_before = commit.not_before;
    if accepted {
        state.last_accepted_at = Some(commit.finished_at);
        state.source_dated_at = commit.source_dated_at;
        state.failures = 0;
        state.refusals = Arc::default();
        state.counts = commit.counts;
        state.adapter_version = commit.adapter_version;
        state.pages = commit.pages.iter().map(|page| page.hash.clone()).collect();
    } else {
        state.failures = state.failures.saturating_add(1);
    }
    if let Some(refused) = commit.refused {
        let mut refusals = state.refusals.to_vec();
        refusals.push(refused);
        let start = refusals.len().saturating_sub(50);
        state.refusals = refusals[start..].into();
    }
    write_part(transaction, &state, commit)?;
    write_collection(transaction, part_row, commit)?;
    if accepted {
        days::answered(transaction, &state.provider_slug, commit.finished_at)?;
    }
    if newly_refused {
        write_event(transaction, commit.finished_at, part_row, "part_refused", None, commit.error.as_deref().unwrap_or(""))?;
    }
    if accepted {
        write_pages(transaction, part_row, commit)?;
    }
    if let Some(rejected) = &commit.rejected {
        write_rejected(transaction, part_row, commit.finished_at, rejected)?;
    }
    market.parts[commit.part] = Arc::new(state);
    Ok(())
}

fn write_part(transaction: &Transaction<'_>, state: &PartState, commit: &Commit) -> Result<(), StoreError> {
    let refusals: Vec<(i64, u64, i64)> = state.refusals.iter().map(|refused| (to_ms(refused.at), refused.offers, refused.level)).collect();
    let counts = state.counts;
    transaction
        .prepare_cached(
            "UPDATE part SET last_attempt_ms = ?2, last_outcome = ?3, last_error = ?4, last_accepted_ms = ?5, source_dated_ms = ?6,
               failures = ?7, not_before_ms = ?8, offers = ?9, changed = ?10, rejected = ?11, quarantined = ?12, unmapped = ?13,
               bytes = ?14, duration_ms = ?15, refusals = ?16, adapter_version = ?17,
               discovered = CASE WHEN ?18 = '[]' THEN discovered ELSE ?18 END
             WHERE id = ?1",
        )?
        .execute(params![
            state.row,
            state.last_attempt_at.map(to_ms),
            commit.outcome.as_str(),
            state.last_error,
            state.last_accepted_at.map(to_ms),
            state.source_dated_at.map(to_ms),
            state.failures,
            state.not_before.map(to_ms),
            signed(counts.offers),
            signed(counts.changed),
            signed(counts.rejected),
            signed(counts.quarantined),
            signed(counts.unmapped),
            signed(counts.bytes),
            signed(counts.duration_ms),
            serde_json::to_string(&refusals).expect("numbers"),
            state.adapter_version,
            serde_json::to_string(&commit.discovered_parts).expect("texts"),
        ])?;
    Ok(())
}

fn write_collection(transaction: &Transaction<'_>, part_row: i64, commit: &Commit) -> Result<(), StoreError> {
    let counts = commit.counts;
    transaction
        .prepare_cached(
            "INSERT INTO collection (part_id, started_ms, finished_ms, outcome, error, offers, changed, rejected, quarantined,
               unmapped, bytes, duration_ms, adapter_version)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?
        .execute(params![
            part_row,
            to_ms(commit.started_at),
            to_ms(commit.finished_at),
            commit.outcome.as_str(),
            commit.error,
            signed(counts.offers),
            signed(counts.changed),
            signed(counts.rejected),
            signed(counts.quarantined),
            signed(counts.unmapped),
            signed(counts.bytes),
            signed(counts.duration_ms),
            commit.adapter_version,
        ])?;
    Ok(())
}

fn write_pages(transaction: &Transaction<'_>, part_row: i64, commit: &Commit) -> Result<(), StoreError> {
    let mut statement = transaction.prepare_cached(
        "INSERT INTO page (part_id, request_key, hash, method, url, first_seen_ms, last_seen_ms, bytes, etag, last_modified, request_body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (part_id, request_key, hash) DO UPDATE SET last_seen_ms = ?6, etag = ?8, last_modified = ?9",
    )?;
    for page in &commit.pages {
        statement.execute(params![
            part_row,
            page.request_key,
            page.hash,
            page.method,
            page.url,
            to_ms(commit.finished_at),
            signed(page.bytes),
            page.etag,
            page.last_modified,
            page.request_body,
        ])?;
    }
    Ok(())
}

fn write_rejected(transaction: &Transaction<'_>, part_row: i64, at: DateTime<Utc>, rejected: &[Rejected]) -> Result<(), StoreError> {
    transaction.prepare_cached("DELETE FROM rejected WHERE part_id = ?1")?.execute([part_row])?;
    let mut statement =
        transaction.prepare_cached("INSERT INTO rejected (part_id, number, observed_ms, sku, reason) VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for (number, row) in rejected.iter().take(REJECTED_ROWS_MAX).enumerate() {
        statement.execute(params![part_row, number as i64, to_ms(at), row.sku, row.reason])?;
    }
    Ok(())
}

/// SQLite's integers are signed; a count beyond them is as good as its bound.
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
