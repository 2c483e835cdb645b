//! Copies of files beside copies of a table: a table without the files that it names has lost something.

use std::{collections::BTreeSet, fs, io, path::Path, time::SystemTime};

use super::folder::{Folder, put};
use crate::table::{Index, Query, Table, TableError, query_index_all};

/// What came of copying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Copied {
    /// Files that are now where they were copied to.
    pub whole: usize,
    /// Files that the table names and that are nowhere.
    pub missing: usize,
}

/// The names of all files that a table names.
pub async fn named(table: &dyn Table) -> Result<BTreeSet<String>, TableError> {
    let items = query_index_all(table, Index::First, Query::all(super::keep::LIST)).await?;
    Ok(items.into_iter().filter_map(|item| item.index[Index::First as usize].clone()).map(|listed| listed.sort).collect())
}

/// Copies files by these names from one folder to another. A file never changes under its name, so what is there already is only marked as of
/// today: what no copy of the table has named for long can be told by its age. Each that is copied survives a power cut.
pub fn copy(names: &BTreeSet<String>, from: &Folder, to: &Folder) -> io::Result<Copied> {
    let mut copied = Copied::default();
    for name in names {
        let (source, target) = (from.path().join(name), to.path().join(name));
        if target.is_file() {
            fs::File::options().write(true).open(&target)?.set_modified(SystemTime::now())?;
            copied.whole += 1;
            continue;
        }
        match fs::read(&source) {
            Ok(bytes) => {
                put(to.path(), &target, &bytes)?;
                copied.whole += 1;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => copied.missing += 1,
            Err(error) => return Err(error),
        }
    }
    Ok(copied)
}

/// Moves what has none of these names out of `folder` into `away`; how many.
pub fn part(names: &BTreeSet<String>, folder: &Folder, away: &Path) -> io::Result<usize> {
    let mut parted = 0;
    let Ok(entries) = fs::read_dir(folder.path()) else { return Ok(0) };
    for entry in entries {
        let entry = entry?;
        if !entry.file_type()?.is_file() || entry.file_name().to_str().is_some_and(|name| names.contains(name)) {
            continue;
        }
        fs::create_dir_all(away)?;
        fs::rename(entry.path(), away.join(entry.file_name()))?;
        parted += 1;
    }
    Ok(parted)
}
