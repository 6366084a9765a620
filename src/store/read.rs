//! Questions that the market in memory cannot answer: attempts, problems, evidence, the database's own health.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;

use super::{Store, StoreError, from_ms, load, to_ms};
use crate::collect::normalise::Interner;
use crate::market::Market;

/// A read-only connection. Blocking.
pub struct Reader {
    connection: Option<Connection>,
    store: Store,
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.store.give_back(connection);
        }
    }
}

/// One attempt at one part.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the columns of `collection`, described in its migration")]
pub struct CollectionRow {
    pub id: i64,
    pub provider: String,
    pub part: String,
    pub started_at: DateTime<Utc>,
    pub finished_at: DateTime<Utc>,
    pub outcome: String,
    pub error: Option<String>,
    pub offers: i64,
    pub changed: i64,
    pub rejected: i64,
    pub quarantined: i64,
    pub unmapped: i64,
    pub bytes: i64,
    pub duration_ms: i64,
}

/// A row that could not be used.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the columns of `rejected`, described in its migration")]
pub struct RejectedRow {
    pub provider: String,
    pub part: String,
    pub observed_at: DateTime<Utc>,
    pub sku: String,
    pub reason: String,
}

/// Where an archived page lies and what it answers.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the columns of `page`, described in its migration")]
pub struct PageFact {
    pub hash: String,
    pub provider: String,
    pub part: String,
    pub method: String,
    pub url: String,
    pub first_seen_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    pub bytes: i64,
}

/// One price of an offer's past; no amount: withdrawn.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the columns of `price`, described in its migration")]
pub struct PriceRow {
    pub observed_at: DateTime<Utc>,
    pub revision: u32,
    pub price_per_hour: Option<String>,
    pub currency: Option<String>,
}

/// What conditional requests need of an earlier answer.
#[derive(Clone, Debug)]
pub struct StoredValidator {
    /// Names the request within its part.
    pub request_key: String,
    /// Name in the archive.
    pub hash: String,
    /// As the source gave it.
    pub etag: Option<String>,
    /// As the source gave it.
    pub last_modified: Option<String>,
}

/// A request whose answer is archived.
#[derive(Clone, Debug)]
pub struct StoredRequest {
    /// `GET` or `POST`.
    pub method: String,
    /// Asked address.
    pub url: String,
    /// What was asked in a POST.
    pub body: Option<String>,
    /// Name of the answer in the archive.
    pub hash: String,
}

/// The database's own health.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "each is a count of rows or bytes, named after its table")]
pub struct StoreCheck {
    pub integrity: String,
    pub layout: u32,
    pub bytes: u64,
    pub offers: i64,
    pub offers_withdrawn: i64,
    pub prices: i64,
    pub gpu_prices: i64,
    pub imported_prices: i64,
    pub collections: i64,
    pub pages: i64,
}

impl Reader {
    pub(super) fn new(connection: Connection, store: Store) -> Self {
        Self { connection: Some(connection), store }
    }

    /// What is read while this lives is of one moment, whatever is committed meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn snapshot(&self) -> Result<rusqlite::Transaction<'_>, StoreError> {
        Ok(self.connection().unchecked_transaction()?)
    }

    pub(super) fn connection(&self) -> &Connection {
        self.connection.as_ref().expect("it is taken only when dropped")
    }

    /// Whether the database has what came with a layout.
    pub(super) fn has(&self, layout: u32) -> Result<bool, StoreError> {
        Ok(super::migrations::layout(self.connection())? >= layout)
    }

    /// An error where the database has not what came with a layout: a command reads without bringing it up to date.
    pub(super) fn needs(&self, layout: u32) -> Result<(), StoreError> {
        let found = super::migrations::layout(self.connection())?;
        if found < layout { Err(StoreError::Older { found, needed: layout }) } else { Ok(()) }
    }

    /// The market of now, from the disk. `blank` has providers and parts as configured.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn market(&self, blank: Market) -> Result<Market, StoreError> {
        load::market(self.connection(), blank, &mut Interner::default())
    }

    /// Names of parts that sources gave, by provider.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn discovered_parts(&self) -> Result<std::collections::HashMap<String, Vec<String>>, StoreError> {
        load::discovered(self.connection())
    }

    /// Attempts, newest first, before the row `before`; of one provider where given.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn collections(&self, provider: Option<&str>, before: Option<i64>, limit: u32) -> Result<Vec<CollectionRow>, StoreError> {
        let mut statement = self.connection().prepare_cached(
            "SELECT collection.id, provider, name, started_ms, finished_ms, outcome, error, collection.offers, collection.changed,
               collection.rejected, collection.quarantined, collection.unmapped, collection.bytes, collection.duration_ms
             FROM collection JOIN part ON part.id = part_id
             WHERE (?1 IS NULL OR provider = ?1) AND (?2 IS NULL OR collection.id < ?2) ORDER BY collection.id DESC LIMIT ?3",
        )?;
        let rows = statement.query_map(params![provider, before, limit], |row| {
            Ok(CollectionRow {
                id: row.get(0)?,
                provider: row.get(1)?,
                part: row.get(2)?,
                started_at: from_ms(row.get(3)?),
                finished_at: from_ms(row.get(4)?),
                outcome: row.get(5)?,
                error: row.get(6)?,
                offers: row.get(7)?,
                changed: row.get(8)?,
                rejected: row.get(9)?,
                quarantined: row.get(10)?,
                unmapped: row.get(11)?,
                bytes: row.get(12)?,
                duration_ms: row.get(13)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Rows of the newest answers that could not be used.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn rejected(&self, provider: Option<&str>, limit: u32) -> Result<Vec<RejectedRow>, StoreError> {
        let mut statement = self.connection().prepare_cached(
            "SELECT provider, name, observed_ms, sku, reason FROM rejected JOIN part ON part.id = part_id
             WHERE ?1 IS NULL OR provider = ?1 ORDER BY provider, name, number LIMIT ?2",
        )?;
        let rows = statement.query_map(params![provider, limit], |row| {
            Ok(RejectedRow {
                provider: row.get(0)?,
                part: row.get(1)?,
                observed_at: from_ms(row.get(2)?),
                sku: row.get(3)?,
                reason: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What is known about an archived page.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn page(&self, hash: &str) -> Result<Option<PageFact>, StoreError> {
        let mut statement =
            self.connection().prepare_cached(&format!("{PAGE_COLUMNS} WHERE hash = ?1 ORDER BY last_seen_ms DESC LIMIT 1"))?;
        Ok(statement.query_row([hash], page_fact).optional()?)
    }

    /// The pages of a part's accepted answer of that time: the evidence of what was seen then.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn pages_at(&self, provider: &str, part: &str, at: DateTime<Utc>) -> Result<Vec<PageFact>, StoreError> {
        let mut statement = self.connection().prepare_cached(&format!(
            "{PAGE_COLUMNS} WHERE provider = ?1 AND name = ?2 AND first_seen_ms <= ?3 AND last_seen_ms >= ?3 ORDER BY request_key LIMIT 100"
        ))?;
        let rows = statement.query_map(params![provider, part, to_ms(at)], page_fact)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The past of an offer, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn prices(&self, offer_row: i64, limit: u32) -> Result<Vec<PriceRow>, StoreError> {
        let mut statement = self.connection().prepare_cached(
            "SELECT observed_ms, revision, per_hour_nanos, currency FROM price LEFT JOIN unit ON unit.id = unit_id
             WHERE offer_id = ?1 ORDER BY observed_ms DESC, revision DESC LIMIT ?2",
        )?;
        let rows = statement.query_map(params![offer_row, limit], |row| {
            let nanos: Option<i64> = row.get(2)?;
            Ok(PriceRow {
                observed_at: from_ms(row.get(0)?),
                revision: row.get(1)?,
                price_per_hour: nanos.map(|nanos| gpurate_domain::Nanos(nanos).to_string()),
                currency: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Validators of a part's newest answers, by request.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn validators(&self, part_row: i64) -> Result<Vec<StoredValidator>, StoreError> {
        let mut statement = self.connection().prepare_cached(
            "SELECT request_key, hash, etag, last_modified FROM page JOIN part ON part.id = part_id
             WHERE part_id = ?1 AND last_seen_ms = last_accepted_ms AND (etag IS NOT NULL OR last_modified IS NOT NULL)",
        )?;
        let rows = statement.query_map([part_row], |row| {
            Ok(StoredValidator { request_key: row.get(0)?, hash: row.get(1)?, etag: row.get(2)?, last_modified: row.get(3)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Requests of a part's newest accepted answer, with the hashes of their pages, in the order of their keys.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn newest_requests(&self, part_row: i64) -> Result<Vec<StoredRequest>, StoreError> {
        let mut statement = self.connection().prepare_cached(
            "SELECT method, url, request_body, hash FROM page JOIN part ON part.id = part_id
             WHERE part_id = ?1 AND last_seen_ms = last_accepted_ms ORDER BY request_key",
        )?;
        let rows = statement.query_map([part_row], |row| {
            Ok(StoredRequest { method: row.get(0)?, url: row.get(1)?, body: row.get(2)?, hash: row.get(3)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Hashes of the newest page of every request of every part: what the archive must keep.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn pinned_pages(&self) -> Result<std::collections::HashSet<String>, StoreError> {
        let mut statement = self
            .connection()
            .prepare_cached("SELECT hash FROM page JOIN part ON part.id = part_id WHERE last_seen_ms = last_accepted_ms")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The latest moment that was written: of any attempt at any part, and of any series.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn last_moment(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let sql = "SELECT max(ms) FROM (
               SELECT (SELECT max(finished_ms) FROM collection WHERE part_id = part.id) AS ms FROM part
               UNION ALL SELECT (SELECT max(observed_ms) FROM gpu_price WHERE scope_id = gpu_scope.id) FROM gpu_scope)";
        Ok(self.connection().query_row(sql, [], |row| row.get::<_, Option<i64>>(0))?.map(from_ms))
    }

    /// What was kept under a name by [`super::Writer::remember`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn remembered(&self, name: &str) -> Result<Option<String>, StoreError> {
        use rusqlite::OptionalExtension;
        let sql = "SELECT value FROM meta WHERE key = 'kept_' || ?1";
        Ok(self.connection().query_row(sql, [name], |row| row.get(0)).optional()?)
    }

    /// Looks the whole database over.
    ///
    /// # Errors
    /// [`StoreError`] where it cannot be read at all.
    pub fn check(&self) -> Result<StoreCheck, StoreError> {
        let connection = self.connection();
        let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        Ok(StoreCheck {
            integrity: connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?,
            layout: super::migrations::layout(connection)?,
            bytes: std::fs::metadata(self.store.path()).map(|file| file.len()).unwrap_or(0),
            offers: count("SELECT count(*) FROM offer_now WHERE presence < 3")?,
            offers_withdrawn: count("SELECT count(*) FROM offer_now WHERE presence = 3")?,
            prices: count("SELECT count(*) FROM price")?,
            gpu_prices: count("SELECT count(*) FROM gpu_price")?,
            imported_prices: match self.needs(super::migrations::IMPORTS) {
                Ok(()) => count("SELECT count(*) FROM imported_price")?,
                Err(_) => 0,
            },
            collections: count("SELECT count(*) FROM collection")?,
            pages: count("SELECT count(*) FROM page")?,
        })
    }
}

const PAGE_COLUMNS: &str =
    "SELECT hash, provider, name, method, url, first_seen_ms, last_seen_ms, page.bytes FROM page JOIN part ON part.id = part_id";

fn page_fact(row: &rusqlite::Row<'_>) -> rusqlite::Result<PageFact> {
    Ok(PageFact {
        hash: row.get(0)?,
        provider: row.get(1)?,
        part: row.get(2)?,
        method: row.get(3)?,
        url: row.get(4)?,
        first_seen_at: from_ms(row.get(5)?),
        last_seen_at: from_ms(row.get(6)?),
        bytes: row.get(7)?,
    })
}
