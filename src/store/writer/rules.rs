//! `rule`: what was known of each provider's billing. What a program knows otherwise than the one before is an event.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use super::{Writer, write_event};
use crate::changes::Kind;
use crate::rules::Facts;
use crate::store::{StoreError, to_ms};

/// Events belong to a part; those of a rule to one of this name, which nobody collects.
const PART: &str = "rule";

impl Writer {
    /// Keeps the rules of now. The number of providers whose rule is not what was kept: each is an event. What is kept for
    /// the first time is none.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing of it is written.
    pub fn keep_rules(&mut self, rules: &[(&str, Facts)], now: DateTime<Utc>) -> Result<u64, StoreError> {
        let transaction = self.connection.transaction()?;
        let mut events = 0;
        for (provider, facts) in rules {
            let sql = "SELECT facts FROM rule WHERE provider = ?1";
            let kept: Option<String> = transaction.prepare_cached(sql)?.query_row([provider], |row| row.get(0)).optional()?;
            let text = facts.to_text();
            if kept.as_ref() == Some(&text) {
                continue;
            }
            // What cannot be read is of another form, and no ground to tell a change.
            let changed = kept.as_deref().and_then(Facts::from_text).map(|before| facts.changed(&before)).unwrap_or_default();
            if !changed.is_empty() {
                let part: i64 = transaction.query_row(
                    "INSERT INTO part (provider, name) VALUES (?1, ?2) ON CONFLICT (provider, name) DO UPDATE SET name = name RETURNING id",
                    params![provider, PART],
                    |row| row.get(0),
                )?;
                let detail = serde_json::to_string(&changed).expect("facts are plain values");
                write_event(&transaction, now, part, Kind::RuleChanged.as_str(), None, &detail)?;
                events += 1;
            }
            transaction
                .prepare_cached("INSERT INTO rule (provider, facts, kept_ms) VALUES (?1, ?2, ?3) ON CONFLICT (provider) DO UPDATE SET facts = ?2, kept_ms = ?3")?
                .execute(params![provider, text, to_ms(now)])?;
        }
        transaction.commit()?;
        Ok(events)
    }
}
