//! Layouts of the database: numbered files, append only, each in its own transaction, counted by `PRAGMA user_version`.

use std::path::Path;

use rusqlite::Connection;

use super::StoreError;

/// Never modify, only add.
const MIGRATIONS: &[&str] =
    &[include_str!("migrations/0001_offers.sql"), include_str!("migrations/0002_changes.sql"), include_str!("migrations/0003_imports.sql")];

/// The newest layout this program knows.
pub const NEWEST: u32 = MIGRATIONS.len() as u32;

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
    fn an_older_layout_is_read_by_nobody_until_it_is_brought_up_to_date() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("old.db");
        drop(crate::store::Store::open(&path).expect("a database"));
        Connection::open(&path).expect("opens").pragma_update(None, "user_version", 1).expect("set");
        let error = crate::store::Store::open_read_only(&path).err().expect("older").to_string();
        assert!(error.contains("older gpurate (layout 1") && error.contains("gpurate collect"), "{error}");
    }
}
