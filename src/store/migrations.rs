//! Layouts of the database: numbered files, append only, each in its own transaction, counted by `PRAGMA user_version`.

use std::path::Path;

use rusqlite::Connection;

use super::StoreError;

/// Never modify, only add.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_offers.sql"),
    include_str!("migrations/0002_changes.sql"),
    include_str!("migrations/0003_imports.sql"),
    include_str!("migrations/0004_keeping.sql"),
    include_str!("migrations/0005_history.sql"),
    include_str!("migrations/0006_told.sql"),
    include_str!("migrations/0007_days.sql"),
];

/// The newest layout this program knows.
pub const NEWEST: u32 = MIGRATIONS.len() as u32;

/// The first layout that tells changes by their time.
pub const CHANGES: u32 = 2;
/// The first layout that holds imports.
pub const IMPORTS: u32 = 3;
/// The first layout that says what was deleted, and that keeps billing rules.
pub const KEEPING: u32 = 4;
/// The first layout that counts the providers of a summary, keeps its days and its chances of coming back.
pub const HISTORY: u32 = 5;
/// The first layout that says when a row was written, where it is dated earlier, and when an imported price was seen.
pub const TOLD: u32 = 6;
/// The first layout that finds rows dated earlier by their writing, and that keeps the days of providers' answers.
pub const DAYS: u32 = 7;

/// The layout of a database.
///
/// # Errors
/// [`StoreError`] where the file is no database.
pub fn layout(connection: &Connection) -> Result<u32, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Brings a database up to [`NEWEST`].
///
/// # Errors
/// [`StoreError::Newer`] where another program went further.
pub fn run(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let found = layout(connection)?;
    if found > NEWEST {
        return Err(StoreError::Newer { path: path.display().to_string(), found, known: NEWEST });
    }
    for (number, sql) in (1_u32..).zip(MIGRATIONS).skip(found as usize) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_run_twice_and_a_newer_layout_is_refused() {
        let mut connection = Connection::open_in_memory().expect("a database");
        run(&mut connection, Path::new("x")).expect("first");
        run(&mut connection, Path::new("x")).expect("second");
        assert_eq!(layout(&connection).expect("a layout"), NEWEST);
        connection.pragma_update(None, "user_version", NEWEST + 1).expect("set");
        let error = run(&mut connection, Path::new("x")).expect_err("newer").to_string();
        assert!(error.contains("newer gpurate"), "{error}");
    }

    #[test]
    fn a_database_of_each_layout_before_is_brought_up_to_date_and_read_until_then() {
        for found in 1..NEWEST {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("a.db");
            let connection = Connection::open(&path).expect("a database");
            for sql in &MIGRATIONS[..found as usize] {
                connection.execute_batch(sql).expect("its layout");
            }
            connection
                .execute_batch(
                    "INSERT INTO part (id, provider, name) VALUES (1, 'runpod', 'all');
                     INSERT INTO unit VALUES (1, 'USD', 'per_instance_hour', 'fixed');
                     INSERT INTO offer VALUES (1, x'00112233445566778899', 1, 'a', 'secure', 'global', NULL, 'on_demand', '1', NULL, 'RTX 4090', NULL,
                       24576, NULL, NULL, 1, '{}');
                     INSERT INTO price (offer_id, observed_ms, revision, per_hour_nanos, unit_id, availability, terms_id)
                       VALUES (1, 1000, 0, 5, 1, 0, 0), (1, 2000, 0, 4, 1, 0, 0);
                     INSERT INTO collection (part_id, started_ms, finished_ms, outcome, offers, changed, rejected, quarantined, unmapped, bytes,
                       duration_ms, adapter_version)
                       VALUES (1, 1, 1000, 'accepted', 1, 1, 0, 0, 0, 1, 1, 1), (1, 1, 1500, 'failed', 1, 1, 0, 0, 0, 1, 1, 1),
                         (1, 1, 2000, 'accepted', 1, 1, 0, 0, 0, 1, 1, 1), (1, 1, 86402000, 'accepted', 1, 1, 0, 0, 0, 1, 1, 1);",
                )
                .expect("rows");
            if found >= TOLD {
                connection.execute_batch("INSERT INTO price VALUES (1, 3000, 0, NULL, NULL, 0, 2, 0, 4000)").expect("a withdrawal");
            }
            connection.pragma_update(None, "user_version", found).expect("set");
            drop(connection);
            let old = super::super::Store::open_read_only(&path).expect("it is read");
            let reader = old.reader().expect("a reader");
            assert_eq!(reader.check().expect("it is whole").prices, 2 + i64::from(found >= TOLD));
            assert_eq!(reader.imports().is_ok(), found >= IMPORTS);
            if let Err(error) = reader.imports() {
                assert!(error.to_string().contains("gpurate collect"), "{error}");
            }
            let since = super::super::from_ms(0);
            let ever = (super::super::from_ms(i64::from(u32::MAX)), 0);
            assert_eq!(reader.price_changes(false, since, ever, 9).is_ok(), found >= CHANGES);
            drop(reader);
            let (store, _writer) = super::super::Store::open(&path).expect("it is brought up to date");
            let reader = store.reader().expect("a reader");
            assert_eq!(reader.price_changes(false, since, ever, 9).expect("changes").len(), 2);
            assert_eq!(reader.price_changes(true, since, ever, 9).expect("changes").len(), usize::from(found >= TOLD));
            let days =
                "SELECT group_concat(concat_ws(' ', provider, day, first_ms, last_ms, apart_ms), ', ' ORDER BY day) FROM provider_day";
            let days: String = reader.connection().query_row(days, [], |row| row.get(0)).expect("days");
            assert_eq!(days, "runpod 0 1000 2000 1000, runpod 1 86402000 86402000 0");
            assert!(reader.imports().expect("imports").is_empty());
        }
    }
}
