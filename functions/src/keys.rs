//! Where the master key is kept, and the refusal to work without the right one.
//!
//! One machine keeps it in a file of mode 0600 outside of the data folder, made on first use. The table remembers a check value of
//! its key, so that a lost or exchanged file is noticed before anything is written, not when somebody needs a telephone number.
//!
//! A key is exchanged in steps, at each of which everything can be read. `ring` has the texts that name several keys; the table remembers each key
//! before the first thing is stored with it, so that nobody goes on without one of them, and those that were dropped, so that nobody goes
//! back to one.

mod ring;

use std::{io, path::PathBuf};

use domain::Moment;
use serde::{Deserialize, Serialize};

use self::ring::{Ring, create_file, read_file};
use crate::{
    seal::Keys,
    table::{Key, NewItem, Table, TableError, Write},
};

pub use self::ring::{Exchange, alone, exchange, exchange_file, retire_file};

/// How often it is tried anew to let the table remember a key when others do so at the same time.
const ATTEMPTS: usize = 5;

/// Where the master key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A file of mode 0600; made when it is not there and the table has no key yet.
    File(PathBuf),
    /// The key text itself (an encrypted environment variable, or a test).
    Given(String),
}

/// Why there is no key to work with.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The table holds sealed data and its key is not there.
    #[error(
        "the key file `{0}` is missing, but the table holds data that was sealed with it\n\
         hint: put the key file back from where you keep its copy; without it names and telephone numbers cannot be opened"
    )]
    Missing(PathBuf),
    /// The key is not the one that the table's data was sealed with.
    #[error(
        "this key (`{found}`) is not the one that the table's data was sealed with (`{expected}`)\n\
         hint: name the right key file, or the data folder that belongs to this one"
    )]
    Other {
        /// Id of the key that was given.
        found: String,
        /// Id of the key that is wanted.
        expected: String,
    },
    /// All query codes would be others.
    #[error(
        "this key (`{0}`) would make other query codes than those that were given out\n\
         hint: after its key the text says `.code:` and one more; put the whole text back from its copy"
    )]
    Codes(String),
    /// A key is being exchanged already.
    #[error("a key is being exchanged already\nhint: go on with `xiangshang keys reseal`, then `xiangshang keys retire`")]
    Exchanged,
    /// Others may read the file.
    #[error("the key file `{path}` may be read by others (mode {mode:o})\nhint: chmod 600 '{path}'", path = .path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It holds something else.
    #[error("`{0}` does not hold a key\nhint: its only line is `xiangshang-key-1` and the key's text; put it back from its copy")]
    Malformed(String),
    /// The file system refused.
    #[error("the key file `{path}` cannot be used: {error}", path = .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        error: io::Error,
    },
    /// The table refused.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// What the table remembers of its keys.
#[derive(Serialize, Deserialize)]
struct Remembered {
    /// The key that is there longest.
    #[serde(flatten)]
    known: Known,
    since: Moment,
    /// Further keys that something may be stored with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    also: Vec<Known>,
    /// Keys that nothing is stored with any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    dropped: Vec<Known>,
    /// The check value of the key of the query codes. Absent in what was stored before keys were exchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    codes: Option<String>,
}

/// A key as the table knows it.
#[derive(Clone, Serialize, Deserialize)]
struct Known {
    id: String,
    check: String,
}

/// How far the exchange of a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// There is one key.
    One,
    /// The other key is known and nothing was written with it yet.
    Announced,
    /// Something may be under either.
    Going,
    /// Nothing is under the other key any more; the text still names it.
    Dropped,
}

impl Known {
    fn in_use(keys: &Keys) -> Known {
        Known { id: keys.id(), check: keys.check_value() }
    }
}

impl Remembered {
    fn first(keys: &Keys, since: Moment) -> Remembered {
        Remembered { known: Known::in_use(keys), since, also: Vec::new(), dropped: Vec::new(), codes: Some(keys.code_check()) }
    }

    /// All keys that something may be stored with.
    fn all(&self) -> impl Iterator<Item = &Known> {
        std::iter::once(&self.known).chain(&self.also)
    }

    fn remembers(&self, check: &str) -> bool {
        self.all().any(|known| known.check == check)
    }

    /// Whether nothing has to be remembered before something is stored with these keys.
    fn is_complete(&self, keys: &Keys) -> bool {
        self.remembers(&keys.check_value()) && self.codes.is_some()
    }

    /// The key without which one may not go on, if it is not among `keys`, or if that in use was dropped.
    fn missing(&self, keys: &Keys) -> Option<&Known> {
        if self.dropped.iter().any(|dropped| dropped.check == keys.check_value()) {
            return Some(&self.known);
        }
        let given = keys.check_values();
        self.all().find(|known| !given.contains(&known.check))
    }
}

fn place() -> Key {
    Key::new("KEY", "CHECK")
}

/// The keys of a table: read from `source`, made there on first use, and compared with what the table remembers.
pub async fn unlock(table: &dyn Table, source: &KeySource, now: Moment) -> Result<Keys, KeyError> {
    let remembered = table.get(&place()).await?.map(|item| item.read::<Remembered>()).transpose()?;
    let ring = match source {
        KeySource::Given(text) => Ring::parse(text).ok_or_else(|| KeyError::Malformed("the key that was given".to_owned()))?,
        KeySource::File(path) => match read_file(path)? {
            Some(ring) => ring,
            None if remembered.is_some() => return Err(KeyError::Missing(path.clone())),
            None => create_file(path)?,
        },
    };
    let keys = ring.keys();
    let expected = match remembered {
        Some(remembered) => remembered,
        None => {
            let first = Remembered::first(&keys, now);
            match table.transact(vec![Write::create(NewItem::json(place(), &first))]).await {
                Ok(()) => first,
                // Another process was first; its key rules.
                Err(TableError::Conflict { .. }) => match table.get(&place()).await? {
                    Some(item) => item.read()?,
                    None => return Err(TableError::Failed("the table's key was stored and is not there".to_owned()).into()),
                },
                Err(error) => return Err(error.into()),
            }
        }
    };
    if let Some(missing) = expected.missing(&keys) {
        return Err(KeyError::Other { found: keys.id(), expected: missing.id.clone() });
    }
    let codes = expected.codes.clone().or_else(|| ring.first_codes(&expected.known.check));
    if codes.is_some_and(|codes| codes != keys.code_check()) {
        return Err(KeyError::Codes(keys.id()));
    }
    if !expected.is_complete(&keys) {
        remember(table, &keys).await?;
    }
    Ok(keys)
}

/// Lets the table remember the key in use, before anything is stored with it.
async fn remember(table: &dyn Table, keys: &Keys) -> Result<(), KeyError> {
    for _ in 0..ATTEMPTS {
        let Some(item) = table.get(&place()).await? else { break };
        let mut remembered: Remembered = item.read()?;
        if remembered.is_complete(keys) {
            return Ok(());
        }
        if let Some(missing) = remembered.missing(keys) {
            return Err(KeyError::Other { found: keys.id(), expected: missing.id.clone() });
        }
        if !remembered.remembers(&keys.check_value()) {
            remembered.also.push(Known::in_use(keys));
        }
        remembered.codes.get_or_insert(keys.code_check());
        match table.transact(vec![Write::replace(NewItem::json(place(), &remembered), item.version)]).await {
            Ok(()) => return Ok(()),
            Err(TableError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(TableError::Unavailable { retry_after: std::time::Duration::from_secs(1) }.into())
}

/// How far the exchange is of which `keys` are.
pub(crate) async fn stage(table: &dyn Table, keys: &Keys) -> Result<Stage, TableError> {
    if !keys.are_exchanged() {
        return Ok(Stage::One);
    }
    let Some(item) = table.get(&place()).await? else { return Ok(Stage::Announced) };
    let remembered: Remembered = item.read()?;
    let others = keys.check_values().split_off(1);
    Ok(if others.iter().any(|other| remembered.remembers(other)) {
        Stage::Going
    } else if others.iter().all(|other| remembered.dropped.iter().any(|dropped| dropped.check == *other)) {
        Stage::Dropped
    } else {
        Stage::Announced
    })
}

/// Lets the table drop all keys but the one in use: nothing is stored with another any more.
pub(crate) async fn drop_others(table: &dyn Table, keys: &Keys, now: Moment) -> Result<(), TableError> {
    let Some(item) = table.get(&place()).await? else { return Ok(()) };
    let Remembered { known, also, mut dropped, .. } = item.read()?;
    dropped.extend(std::iter::once(known).chain(also).filter(|known| known.check != keys.check_value()));
    let alone = Remembered { dropped, ..Remembered::first(keys, now) };
    table.transact(vec![Write::replace(NewItem::json(place(), &alone), item.version)]).await
}

/// Whether the table still remembers these keys. Reads the table, so it also tells whether that can be done.
pub(crate) async fn confirm(table: &dyn Table, keys: &Keys) -> Result<bool, TableError> {
    let remembered = table.get(&place()).await?.map(|item| item.read::<Remembered>()).transpose()?;
    Ok(remembered.is_some_and(|remembered| remembered.missing(keys).is_none()))
}
