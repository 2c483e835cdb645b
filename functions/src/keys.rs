//! Where the master key is kept, and the refusal to work without the right one.
//!
//! One machine keeps it in a file of mode 0600 outside of the data folder, made on first use. The table remembers a check value of
//! its key, so that a lost or exchanged file is noticed before anything is written, not when somebody needs a telephone number.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use data_encoding::BASE64;
use domain::Moment;
use serde::{Deserialize, Serialize};

use crate::{
    seal::{Keys, random},
    table::{Key, NewItem, Table, TableError, Write},
};

/// The first word of a key file's line.
const MARK: &str = "xiangshang-key-1";

/// Where the master key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A file of mode 0600; made when it is not there and the table has no key yet.
    File(PathBuf),
    /// The key itself, in base64 (an encrypted environment variable, or a test).
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
    /// Others may read the file.
    #[error("the key file `{path}` may be read by others (mode {mode:o})\nhint: chmod 600 '{path}'", path = .path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It holds something else.
    #[error(
        "`{0}` does not hold a key\nhint: its only line is `xiangshang-key-1` and the key in base64; put it back from its copy"
    )]
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

/// What the table remembers of its key.
#[derive(Serialize, Deserialize)]
struct Remembered {
    id: String,
    check: String,
    since: Moment,
}

/// The keys of a table: read from `source`, made there on first use, and compared with what the table remembers.
pub async fn unlock(table: &dyn Table, source: &KeySource, now: Moment) -> Result<Keys, KeyError> {
    let place = Key::new("KEY", "CHECK");
    let remembered = table.get(&place).await?.map(|item| item.read::<Remembered>()).transpose()?;
    let master = match source {
        KeySource::Given(text) => parse(text).ok_or_else(|| KeyError::Malformed("the key that was given".to_owned()))?,
        KeySource::File(path) => match read_file(path)? {
            Some(master) => master,
            None if remembered.is_some() => return Err(KeyError::Missing(path.clone())),
            None => create_file(path)?,
        },
    };
    let keys = Keys::from_master(&master);
    let expected = match remembered {
        Some(remembered) => remembered,
        None => {
            let first = Remembered { id: keys.id(), check: keys.check_value(), since: now };
            match table.transact(vec![Write::create(NewItem::json(place.clone(), &first))]).await {
                Ok(()) => first,
                // Another process was first; its key rules.
                Err(TableError::Conflict { .. }) => match table.get(&place).await? {
                    Some(item) => item.read()?,
                    None => return Err(TableError::Failed("the table's key was stored and is not there".to_owned()).into()),
                },
                Err(error) => return Err(error.into()),
            }
        }
    };
    if expected.check != keys.check_value() {
        return Err(KeyError::Other { found: keys.id(), expected: expected.id });
    }
    Ok(keys)
}

/// Whether the table still remembers these keys. Reads the table, so it also tells whether that can be done.
pub(crate) async fn confirm(table: &dyn Table, keys: &Keys) -> Result<bool, TableError> {
    let remembered = table.get(&Key::new("KEY", "CHECK")).await?.map(|item| item.read::<Remembered>()).transpose()?;
    Ok(remembered.is_some_and(|remembered| remembered.check == keys.check_value()))
}

fn parse(text: &str) -> Option<[u8; 32]> {
    BASE64.decode(text.trim().as_bytes()).ok()?.try_into().ok()
}

fn read_file(path: &Path) -> Result<Option<[u8; 32]>, KeyError> {
    let failed = |error| KeyError::Io { path: path.to_owned(), error };
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(path).map_err(failed)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Open { path: path.to_owned(), mode });
        }
    }
    let key = text.trim().strip_prefix(MARK).and_then(parse);
    key.map(Some).ok_or_else(|| KeyError::Malformed(path.display().to_string()))
}

/// Makes the file whole or not at all: it is written beside and linked into place, so that a crash leaves no half key and two
/// processes that start together end with one.
fn create_file(path: &Path) -> Result<[u8; 32], KeyError> {
    let failed = |error| KeyError::Io { path: path.to_owned(), error };
    let master: [u8; 32] = random();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    create_folder(folder).map_err(failed)?;
    let beside = folder.join(format!(".key-{}", data_encoding::HEXLOWER.encode(&random::<8>())));
    write_privately(&beside, &format!("{MARK} {}\n", BASE64.encode(&master))).map_err(failed)?;
    let linked = fs::hard_link(&beside, path);
    fs::remove_file(&beside).map_err(failed)?;
    match linked {
        Ok(()) => {
            // The name itself must survive a power cut: data sealed afterwards depends on it.
            #[cfg(unix)]
            fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
            Ok(master)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            read_file(path)?.ok_or_else(|| failed(io::Error::from(io::ErrorKind::NotFound)))
        }
        Err(error) => Err(failed(error)),
    }
}

#[cfg(unix)]
fn create_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn create_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

fn write_privately(path: &Path, text: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    io::Write::write_all(&mut file, text.as_bytes())?;
    file.sync_all()
}
