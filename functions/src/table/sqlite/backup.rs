//! A copy of the table as it is at one moment, and whether a file is whole.

use std::{fs::File, path::Path};

use rusqlite::{Connection, OpenFlags};

use super::file::{APPLICATION, BUSY, OpenError, UPGRADES, pragma};

/// What a file holds that was found to be whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole {
    /// Its schema version.
    pub schema: i64,
    /// How many items, expired ones included.
    pub items: i64,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Copies the table at `from` into the new file `to` as it is at one moment, while others read and write it. The copy is whole and on
/// the disk when this returns: it was read from its first to its last page, and only its owner may read it.
pub fn back_up(from: &Path, to: &Path) -> Result<Whole, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(from, flags).map_err(|error| OpenError::failed(from, error))?;
    connection.busy_timeout(BUSY).map_err(|error| OpenError::failed(from, error))?;
    // Made before anything is in it, so that it is private from the start. SQLite takes an empty file as a new one.
    create_privately(to).map_err(|error| OpenError::failed(to, error))?;
    let name = to.to_str().ok_or_else(|| OpenError::failed(to, "its name is no text"))?;
    connection.execute("VACUUM INTO ?1", [name]).map_err(|error| OpenError::failed(to, error))?;
    drop(connection);
    // Before it is checked, so that what is checked is what a power cut leaves.
    File::open(to).and_then(|file| file.sync_all()).map_err(|error| OpenError::failed(to, error))?;
    check(to)
}

/// Reads a file that nobody else uses from its first to its last page: whether it is a table of ours, of a known schema and whole.
pub fn check(path: &Path) -> Result<Whole, OpenError> {
    let failed = |error: rusqlite::Error| OpenError::failed(path, error);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    if pragma(&connection, "application_id").map_err(failed)? != APPLICATION {
        return Err(OpenError::Foreign(path.to_owned()));
    }
    let schema = pragma(&connection, "user_version").map_err(failed)?;
    let known = i64::try_from(UPGRADES.len()).unwrap_or(i64::MAX);
    if schema > known {
        return Err(OpenError::Newer { path: path.to_owned(), found: schema, known });
    }
    let verdict: String = connection.pragma_query_value(None, "integrity_check", |row| row.get(0)).map_err(failed)?;
    if verdict != "ok" {
        return Err(OpenError::failed(path, format!("it is damaged: {verdict}")));
    }
    let items = connection.query_row("SELECT count(*) FROM items", [], |row| row.get(0)).map_err(failed)?;
    let bytes = std::fs::metadata(path).map_err(|error| OpenError::failed(path, error))?.len();
    // Of a last page that was cut off SQLite reads the rest as zeros, and it does not look into free ones.
    let pages = pragma(&connection, "page_count").map_err(failed)?;
    let whole = pages.saturating_mul(pragma(&connection, "page_size").map_err(failed)?);
    if i64::try_from(bytes) != Ok(whole) {
        return Err(OpenError::failed(path, format!("it is damaged: it has {bytes} bytes of {whole}")));
    }
    Ok(Whole { schema, items, bytes })
}

fn create_privately(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}
