//! The text that a key is kept as, in a file or a variable, and its exchange in steps, at each of which everything can be read.
//!
//! A text is the master key in base64. After one was exchanged, `.code:` and the key of the query codes stand behind it; while one is, `.also:` and
//! each further key by which something may be stored.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::KeyError;
use crate::{
    encoding,
    seal::{Keys, code_key_of, random},
};

/// The first word of a key file's line.
const MARK: &str = "xiangshang-key-1";

/// A key text, understood. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Ring {
    master: [u8; 32],
    others: Vec<[u8; 32]>,
    /// Where it is not the one that follows from `master`.
    code: Option<[u8; 32]>,
}

impl Ring {
    fn new() -> Ring {
        Ring { master: random(), others: Vec::new(), code: None }
    }

    pub(super) fn parse(text: &str) -> Option<Ring> {
        let key = |text: &str| -> Option<[u8; 32]> { encoding::from_base64(text)?.try_into().ok() };
        let mut parts = text.trim().split('.');
        let mut ring = Ring { master: key(parts.next()?)?, others: Vec::new(), code: None };
        for part in parts {
            match part.split_once(':')? {
                ("also", other) => ring.others.push(key(other)?),
                ("code", code) if ring.code.is_none() => ring.code = Some(key(code)?),
                _ => return None,
            }
        }
        Some(ring)
    }

    fn text(&self) -> String {
        let also = self.others.iter().map(|other| format!(".also:{}", encoding::base64(other)));
        let code = self.code.map(|code| format!(".code:{}", encoding::base64(&code)));
        format!("{}{}", encoding::base64(&self.master), also.chain(code).collect::<String>())
    }

    pub(super) fn keys(&self) -> Keys {
        Keys::of(&self.master, &self.others, self.code())
    }

    fn code(&self) -> [u8; 32] {
        self.code.unwrap_or_else(|| code_key_of(&self.master))
    }

    /// The check value of the query codes' key, were the key with this check value the first.
    pub(super) fn first_codes(&self, check: &str) -> Option<String> {
        let masters = std::iter::once(&self.master).chain(&self.others);
        masters.map(Keys::from_master).find(|keys| keys.check_value() == check).map(|keys| keys.code_check())
    }

    /// The same without all keys but the one in use.
    fn alone(&self) -> Ring {
        Ring { others: Vec::new(), ..self.clone() }
    }
}

/// The key texts by which a key is exchanged, in their order.
#[derive(Clone, PartialEq, Eq)]
pub struct Exchange {
    /// What is written is as before, and the new key opens and finds, too: for places where several processes begin at different times.
    pub known: String,
    /// What is written is written with the new key, and the old one opens and finds.
    pub used: String,
    /// Nobody knows the old key any more.
    pub alone: String,
}

/// A new key in place of the one that `text` names. Each call gives another.
pub fn exchange(text: &str) -> Result<Exchange, KeyError> {
    let old = Ring::parse(text).ok_or_else(|| KeyError::Malformed("the key that was given".to_owned()))?;
    let (known, used) = exchanged(&old)?;
    Ok(Exchange { known: known.text(), used: used.text(), alone: used.alone().text() })
}

fn exchanged(old: &Ring) -> Result<(Ring, Ring), KeyError> {
    if !old.others.is_empty() {
        return Err(KeyError::Exchanged);
    }
    let master = random();
    let known = Ring { others: vec![master], ..old.clone() };
    Ok((known, Ring { master, others: vec![old.master], code: Some(old.code()) }))
}

/// The text without all keys but the one in use.
pub fn alone(text: &str) -> Result<String, KeyError> {
    let ring = Ring::parse(text).ok_or_else(|| KeyError::Malformed("the key that was given".to_owned()))?;
    Ok(ring.alone().text())
}

/// Puts a new key before the one in the file at `path`, which stays in it. Nobody may have a table open that is sealed with it: whoever knows
/// only the old key could not read what is written from then on.
pub fn exchange_file(path: &Path) -> Result<(), KeyError> {
    let old = read_file(path)?.ok_or_else(|| KeyError::Missing(path.to_owned()))?;
    replace_file(path, &exchanged(&old)?.1)
}

/// Drops all keys but the one in use from the file at `path`.
pub fn retire_file(path: &Path) -> Result<(), KeyError> {
    let ring = read_file(path)?.ok_or_else(|| KeyError::Missing(path.to_owned()))?;
    replace_file(path, &ring.alone())
}

pub(super) fn read_file(path: &Path) -> Result<Option<Ring>, KeyError> {
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
    let key = text.trim().strip_prefix(MARK).and_then(Ring::parse);
    key.map(Some).ok_or_else(|| KeyError::Malformed(path.display().to_string()))
}

/// Makes the file whole or not at all: it is written beside and linked into place, so that a crash leaves no half key and two
/// processes that start together end with one.
pub(super) fn create_file(path: &Path) -> Result<Ring, KeyError> {
    let failed = |error| KeyError::Io { path: path.to_owned(), error };
    let ring = Ring::new();
    let folder = folder_of(path);
    create_folder(folder).map_err(failed)?;
    let beside = folder.join(format!(".key-{}", encoding::hex(&random::<8>())));
    write_privately(&beside, &line(&ring)).map_err(failed)?;
    let linked = fs::hard_link(&beside, path);
    fs::remove_file(&beside).map_err(failed)?;
    match linked {
        Ok(()) => {
            // The name itself must survive a power cut: data sealed afterwards depends on it.
            #[cfg(unix)]
            fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
            Ok(ring)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            read_file(path)?.ok_or_else(|| failed(io::Error::from(io::ErrorKind::NotFound)))
        }
        Err(error) => Err(failed(error)),
    }
}

/// The whole new file or the whole old one, also when the power fails in between; it stays with its owner.
fn replace_file(path: &Path, ring: &Ring) -> Result<(), KeyError> {
    let failed = |error| KeyError::Io { path: path.to_owned(), error };
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside: PathBuf = path.with_file_name(name);
    // What a process has left that died here was never used.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    write_privately(&beside, &line(ring)).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, chown};
        let (old, new) = (fs::metadata(path).map_err(failed)?, fs::metadata(&beside).map_err(failed)?);
        if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
            chown(&beside, Some(old.uid()), Some(old.gid())).map_err(failed)?;
        }
    }
    fs::rename(&beside, path).map_err(failed)?;
    #[cfg(unix)]
    fs::File::open(folder_of(path)).and_then(|folder| folder.sync_all()).map_err(failed)?;
    Ok(())
}

fn line(ring: &Ring) -> String {
    format!("{MARK} {}\n", ring.text())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> String {
        encoding::base64(&[byte; 32])
    }

    #[test]
    fn a_text_is_understood_whole_or_not_at_all() {
        let (one, two, three) = (key(1), key(2), key(3));
        for text in
            [one.clone(), format!("{one}.also:{two}"), format!("{one}.also:{two}.code:{three}"), format!("{one}.code:{two}")]
        {
            assert_eq!(Ring::parse(&format!(" {text}\n")).map(|ring| ring.text()), Some(text));
        }
        for wrong in [
            String::new(),
            "不是".to_owned(),
            one[1..].to_owned(),
            format!("{one}."),
            format!("{one}.{two}"),
            format!("{one}.also:"),
            format!("{one}.else:{two}"),
            format!("{one} also:{two}"),
            format!("{one}.code:{two}.code:{three}"),
        ] {
            assert!(Ring::parse(&wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn the_texts_of_an_exchange_name_the_same_two_keys_and_the_same_query_codes() -> Result<(), KeyError> {
        let old = key(7);
        let Exchange { known, used, alone: last } = exchange(&old)?;
        let keys = |text: &str| Ring::parse(text).map(|ring| ring.keys()).expect("we have written it");
        let (old_keys, known_keys, used_keys, last_keys) = (keys(&old), keys(&known), keys(&used), keys(&last));
        assert_eq!((known_keys.id(), used_keys.id()), (old_keys.id(), last_keys.id()));
        assert_ne!(old_keys.id(), last_keys.id());
        for keys in [&known_keys, &used_keys, &last_keys] {
            assert_eq!(keys.code_key(), old_keys.code_key());
        }
        assert_eq!(alone(&used)?, last);
        assert!(known.starts_with(&old) && !last.contains(&old));
        assert!(matches!(exchange(&known), Err(KeyError::Exchanged)) && matches!(exchange(&used), Err(KeyError::Exchanged)));
        let again = exchange(&last)?;
        assert_eq!(keys(&again.alone).code_key(), old_keys.code_key(), "and the next time as well");
        assert!(again.used.len() <= 200, "the template takes no longer ones");
        Ok(())
    }

    #[test]
    fn a_file_is_replaced_whole_whatever_was_left_beside_it() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("key");
        assert!(matches!(exchange_file(&path), Err(KeyError::Missing(_))));
        create_file(&path)?;
        let first = fs::read_to_string(&path)?;
        fs::write(folder.path().join("key.new"), "half of")?;
        exchange_file(&path)?;
        let both = fs::read_to_string(&path)?;
        let old = first.split_whitespace().nth(1).expect("a key stands behind the mark");
        assert!(both.contains(&format!(".also:{old}.code:")), "the old one stays");
        assert!(matches!(exchange_file(&path), Err(KeyError::Exchanged)));
        assert_eq!(fs::read_to_string(&path)?, both);
        retire_file(&path)?;
        let alone = fs::read_to_string(&path)?;
        assert!(!alone.contains("also:") && both.starts_with(alone.split('.').next().expect("a first part")));
        assert_eq!(fs::read_dir(folder.path())?.count(), 1, "nothing is left beside it");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path)?.permissions().mode() & 0o777, 0o600);
        }
        Ok(())
    }
}
