//! Rows that many others name: units and terms, each written once and remembered.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use gpurate_domain::offer::OfferPrice;
use gpurate_domain::{Offer, Term};
use rusqlite::{Connection, Transaction, params};

use crate::store::StoreError;
use crate::store::rows::terms_text;

#[derive(Debug, Default)]
pub(super) struct Ids {
    units: HashMap<(String, String, String), i64>,
    terms: HashMap<String, i64>,
    shared_terms: HashMap<Arc<[Term]>, i64>,
    /// Terms that were named since somebody began to look for those that nothing names.
    watched: Option<HashSet<i64>>,
}

impl Ids {
    pub(super) fn load(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let mut statement = connection.prepare("SELECT currency, unit, kind, id FROM unit")?;
        let units = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?, row.get(2)?), row.get(3)?)))?;
        self.units = units.collect::<Result<_, _>>()?;
        let mut statement = connection.prepare("SELECT content, id FROM terms")?;
        let terms = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        self.terms = terms.collect::<Result<_, _>>()?;
        Ok(())
    }

    pub(super) fn unit(&mut self, transaction: &Transaction<'_>, offer: &Offer) -> Result<i64, StoreError> {
        self.unit_of(transaction, &offer.price)
    }

    pub(super) fn unit_of(&mut self, transaction: &Transaction<'_>, price: &OfferPrice) -> Result<i64, StoreError> {
        let key = (price.per_hour.currency.to_string(), price.quote.unit(), price.kind.as_str().to_owned());
        if let Some(id) = self.units.get(&key) {
            return Ok(*id);
        }
        let sql = "INSERT INTO unit (currency, unit, kind) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET kind = kind RETURNING id";
        let id = transaction.query_row(sql, params![key.0, key.1, key.2], |row| row.get(0))?;
        self.units.insert(key, id);
        Ok(id)
    }

    pub(super) fn terms(&mut self, transaction: &Transaction<'_>, terms: &Arc<[Term]>) -> Result<i64, StoreError> {
        let id = self.terms_row(transaction, terms)?;
        if let Some(watched) = &mut self.watched {
            watched.insert(id);
        }
        Ok(id)
    }

    /// From now on it is remembered which terms are named.
    pub(super) fn watch_terms(&mut self) {
        self.watched = Some(HashSet::new());
    }

    /// Whether terms were named since; true where nobody watched.
    pub(super) fn was_used(&self, id: i64) -> bool {
        self.watched.as_ref().is_none_or(|watched| watched.contains(&id))
    }

    /// They are gone from the disk.
    pub(super) fn forget_terms(&mut self, gone: &HashSet<i64>) {
        self.terms.retain(|_, id| !gone.contains(id));
        self.shared_terms.retain(|_, id| !gone.contains(id));
    }

    /// It is not remembered any more.
    pub(super) fn watch_no_terms(&mut self) {
        self.watched = None;
    }

    fn terms_row(&mut self, transaction: &Transaction<'_>, terms: &Arc<[Term]>) -> Result<i64, StoreError> {
        if let Some(id) = self.shared_terms.get(terms) {
            return Ok(*id);
        }
        let content = terms_text(terms);
        let id = match self.terms.get(&content) {
            Some(id) => *id,
            None => {
                let sql = "INSERT INTO terms (content) VALUES (?1) ON CONFLICT DO UPDATE SET content = content RETURNING id";
                let id = transaction.query_row(sql, [&content], |row| row.get(0))?;
                self.terms.insert(content, id);
                id
            }
        };
        // Marketplaces make terms without end; what is not in use any more is found again by its text.
        if self.shared_terms.len() > 50_000 {
            self.shared_terms.clear();
        }
        self.shared_terms.insert(terms.clone(), id);
        Ok(id)
    }
}
