//! The file: whose it is, which schema it has, and who may have it open.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, TransactionBehavior, config::DbConfig};

/// Marks a file as ours (`PRAGMA application_id`), so that another program's database is not touched: "XSWL".
pub(super) const APPLICATION: i64 = 0x5853_574C;

/// How each schema version is made from the one before. The last is the one this program knows.
pub(super) const UPGRADES: &[&str] = &["
    CREATE TABLE items (
        partition TEXT NOT NULL,
        sort TEXT NOT NULL,
        version INTEGER NOT NULL,
        first_partition TEXT,
        first_sort TEXT,
        second_partition TEXT,
        second_sort TEXT,
        expires INTEGER,
        count INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (partition, sort)
    ) STRICT;
    CREATE INDEX by_first ON items (first_partition, first_sort, partition, sort) WHERE first_partition IS NOT NULL;
    CREATE INDEX by_second ON items (second_partition, second_sort, partition, sort) WHERE second_partition IS NOT NULL;
    CREATE INDEX by_expiry ON items (expires) WHERE expires IS NOT NULL;
"];

/// How long a connection waits for another process's lock.
pub(super) const BUSY: Duration = Duration::from_secs(5);

/// Why a file was not opened as a table.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A later version of the program has written it.
    #[error(
        "the database `{path}` has schema {found}, this program knows up to {known}\n\
         hint: run the newer version of the program that wrote it, or restore an older backup",
        path = .path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The latest that is known.
        known: i64,
    },
    /// It is another program's database.
    #[error("`{0}` is a database of another program\nhint: name another data folder")]
    Foreign(PathBuf),
    /// Another file is being put in its place.
    #[error("the database `{0}` is being restored\nhint: wait until that is done")]
    Replaced(PathBuf),
    /// It could not be opened or upgraded.
    #[error("the database `{path}` cannot be opened: {reason}", path = .path.display())]
    Failed {
        /// The file.
        path: PathBuf,
        /// What SQLite or the file system said.
        reason: String,
    },
}

impl OpenError {
    pub(super) fn failed(path: &Path, reason: impl ToString) -> OpenError {
        OpenError::Failed { path: path.to_owned(), reason: reason.to_string() }
    }
}

/// A number that a file says of itself.
pub(super) fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // What is deleted is overwritten: erased data is not left in free pages.
    connection.pragma_update(None, "secure_delete", "ON")?;
    // A statement is planned once: which index it takes never depends on the values it is given.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Brings the file to the schema that this program knows.
pub(super) fn upgrade(connection: &mut Connection, path: &Path, upgrades: &[&str]) -> Result<(), OpenError> {
    let failed = |error: rusqlite::Error| OpenError::failed(path, error);
    // Two processes may start at the same time: whoever comes second finds the work done.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let pragma = |name| pragma(&transaction, name).map_err(failed);
    let tables: i64 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
    let (application, found) = (pragma("application_id")?, pragma("user_version")?);
    if application != APPLICATION && tables > 0 {
        return Err(OpenError::Foreign(path.to_owned()));
    }
    let known = i64::try_from(upgrades.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(OpenError::Newer { path: path.to_owned(), found, known });
    }
    for script in &upgrades[usize::try_from(found).unwrap_or(0)..] {
        transaction.execute_batch(script).map_err(failed)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION).map_err(failed)?;
    transaction.pragma_update(None, "user_version", known).map_err(failed)?;
    transaction.commit().map_err(failed)
}

/// Keeps the table at `path` from being opened by anybody else, as long as it is held; none when somebody has it open.
pub fn close_to_others(path: &Path) -> std::io::Result<Option<File>> {
    let file = lock(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// A file beside the table: locks on the table itself are SQLite's.
pub(super) fn lock(path: &Path) -> std::io::Result<File> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    File::options().create(true).truncate(false).write(true).open(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_schema_is_made_of_an_earlier_one_whole_or_not_at_all() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("table.db");
        let mut connection = connect(&path)?;
        let version = |connection: &Connection| pragma(connection, "user_version");
        upgrade(&mut connection, &path, UPGRADES)?;
        connection.execute("INSERT INTO items VALUES ('P', 'S', 1, NULL, NULL, NULL, NULL, NULL, 0, x'00')", [])?;
        let known = version(&connection)?;

        let column = "ALTER TABLE items ADD COLUMN later INTEGER NOT NULL DEFAULT 7";
        let broken = [UPGRADES, &[column, "no sql at all"]].concat();
        assert!(upgrade(&mut connection, &path, &broken).is_err());
        assert_eq!(version(&connection)?, known, "half an upgrade is none");
        assert!(connection.prepare("SELECT later FROM items").is_err());

        let later = [UPGRADES, &[column]].concat();
        upgrade(&mut connection, &path, &later)?;
        assert_eq!(version(&connection)?, known + 1);
        let kept: i64 = connection.query_row("SELECT later FROM items WHERE sort = 'S'", [], |row| row.get(0))?;
        assert_eq!(kept, 7);
        assert!(
            matches!(upgrade(&mut connection, &path, UPGRADES), Err(OpenError::Newer { found, known: k, .. }) if found == known + 1 && k == known)
        );
        Ok(())
    }
}
