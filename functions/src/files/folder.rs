//! A folder of files: one machine's store, beside its table. Only its owner may look into it, and what lies there is sealed.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use super::store::{Answer, Store, StoreError, check};
use crate::{encoding, seal::random};

/// The start of a name under which something is written that does not have its own name yet.
const UNFINISHED: &str = ".part-";

/// Files in a folder.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// The files in `folder`, which is made when something is put into it. What a process left there that died while writing is removed when it
    /// is an hour old.
    pub fn open(folder: PathBuf) -> Folder {
        let hour = std::time::Duration::from_secs(3600);
        let is_left = |entry: &fs::DirEntry| {
            let age = entry.metadata().and_then(|metadata| metadata.modified()).map(|at| at.elapsed().unwrap_or_default());
            entry.file_name().to_string_lossy().starts_with(UNFINISHED) && age.is_ok_and(|age| age > hour)
        };
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten().filter(is_left) {
            let _ = fs::remove_file(entry.path());
        }
        Folder(folder)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Runs `act` where waiting for a disk holds up nobody.
    async fn at<T: Send + 'static>(
        &self,
        name: &str,
        act: impl FnOnce(&Path, &Path) -> io::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        check(name)?;
        let (folder, path) = (self.0.clone(), self.0.join(name));
        let done = tokio::task::spawn_blocking(move || act(&folder, &path)).await;
        let done = done.map_err(|_| StoreError("the work on a file was broken off".to_owned()))?;
        done.map_err(|error| StoreError(error.to_string()))
    }
}

impl Store for Folder {
    fn put<'a>(&'a self, name: &'a str, bytes: Vec<u8>) -> Answer<'a, ()> {
        Box::pin(self.at(name, move |folder, path| put(folder, path, &bytes)))
    }

    fn get<'a>(&'a self, name: &'a str) -> Answer<'a, Option<Vec<u8>>> {
        Box::pin(self.at(name, |_, path| found(fs::read(path))))
    }

    fn remove<'a>(&'a self, name: &'a str) -> Answer<'a, ()> {
        Box::pin(self.at(name, |folder, path| {
            if found(fs::remove_file(path))?.is_some() {
                sync(folder)?;
            }
            Ok(())
        }))
    }
}

pub(super) fn put(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    make(folder)?;
    let beside = folder.join(format!("{UNFINISHED}{}", encoding::hex(&random::<8>())));
    let written = write(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written?;
    // Its name, too, must be there after a power cut: a record is about to say so.
    sync(folder)
}

fn found<T>(done: io::Result<T>) -> io::Result<Option<T>> {
    match done {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn make(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}

fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { fs::File::open(folder)?.sync_all() } else { Ok(()) }
}
