//! Notices that content or theme changed: really changed, byte by byte, not only touched.
//!
//! 1. The system says that something happened below the folders (and every two seconds we look by ourselves: shared
//!    folders and containers often say nothing).
//! 2. When it has been quiet for a moment, a [`Snapshot`] is compared with the one before.
//! 3. Only a difference is passed on.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::mpsc::{self, RecvTimeoutError},
    time::{Duration, SystemTime},
};

use notify::{EventKind, RecursiveMode, Watcher, event::AccessKind};
use tokio::sync::mpsc::UnboundedSender;

/// Editors write a file in several steps; after so long without news they are done.
const QUIET: Duration = Duration::from_millis(25);
/// How often we look although nothing was said.
const LOOK: Duration = Duration::from_secs(2);

/// Sends a message whenever a file below `folders` has other bytes than before, until the receiver is gone.
pub fn spawn(folders: Vec<PathBuf>, changed: UnboundedSender<()>) {
    let before = Snapshot::take(&folders, &Snapshot::default(), &BTreeSet::new());
    std::thread::Builder::new()
        .name("watch".to_owned())
        .spawn(move || watch(&folders, before, &changed))
        .expect("the system gives a thread at start");
}

fn watch(folders: &[PathBuf], mut before: Snapshot, changed: &UnboundedSender<()>) {
    let (sender, events) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Reading a file is an event too, and a build reads them all.
        let only_read = matches!(&event, Ok(event) if matches!(event.kind, EventKind::Access(kind) if !matches!(kind, AccessKind::Close(notify::event::AccessMode::Write))));
        if !only_read {
            let _ = sender.send(event.map(|event| event.paths).unwrap_or_default());
        }
    })
    .inspect_err(|error| tracing::warn!(%error, "the system does not tell of changes; looking every two seconds"))
    .ok();
    let mut watched = BTreeSet::new();
    while !changed.is_closed() {
        if let Some(watcher) = &mut watcher {
            follow(watcher, folders, &mut watched);
        }
        let mut touched = BTreeSet::new();
        match events.recv_timeout(LOOK) {
            Ok(paths) => touched.extend(paths),
            Err(RecvTimeoutError::Timeout) => {}
            // There is no watcher; the channel has no other end.
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(LOOK),
        }
        while let Ok(paths) = events.recv_timeout(QUIET) {
            touched.extend(paths);
        }
        let now = Snapshot::take(folders, &before, &touched);
        let same = now.same_content(&before);
        before = now;
        if !same && changed.send(()).is_err() {
            return;
        }
    }
}

/// Watches folders that appeared and forgets those that went, so that a checkout that replaces `content/` is followed.
fn follow(watcher: &mut impl Watcher, folders: &[PathBuf], watched: &mut BTreeSet<PathBuf>) {
    for folder in folders {
        if folder.is_dir() {
            if watched.insert(folder.clone())
                && let Err(error) = watcher.watch(folder, RecursiveMode::Recursive)
            {
                tracing::warn!(%error, folder = %folder.display(), "cannot be watched; looking every two seconds");
            }
        } else if watched.remove(folder) {
            let _ = watcher.unwatch(folder);
        }
    }
}

/// Every file below some folders with what it holds.
#[derive(Debug, Clone, Default)]
struct Snapshot(BTreeMap<PathBuf, Print>);

#[derive(Debug, Clone, Copy)]
struct Print {
    length: u64,
    modified: Option<SystemTime>,
    content: blake3::Hash,
}

impl Snapshot {
    /// A file is read again when its length or time differ from `before`, or when it was `touched`: two writes within one
    /// tick of the file system's clock leave the same time.
    fn take(folders: &[PathBuf], before: &Snapshot, touched: &BTreeSet<PathBuf>) -> Snapshot {
        let mut snapshot = Snapshot::default();
        for folder in folders {
            snapshot.add(folder, before, touched);
        }
        snapshot
    }

    fn add(&mut self, folder: &Path, before: &Snapshot, touched: &BTreeSet<PathBuf>) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            let path = entry.path();
            if is_scratch(&path) {
                continue;
            }
            let Ok(metadata) = fs::metadata(&path) else { continue };
            if metadata.is_dir() {
                // A link to a folder may lead in circles.
                if !entry.file_type().is_ok_and(|kind| kind.is_symlink()) {
                    self.add(&path, before, touched);
                }
                continue;
            }
            let (length, modified) = (metadata.len(), metadata.modified().ok());
            let known = before.0.get(&path).filter(|print| print.length == length && print.modified == modified);
            let content = match known {
                Some(print) if !touched.contains(&path) => print.content,
                _ => match fs::read(&path) {
                    Ok(bytes) => blake3::hash(&bytes),
                    Err(_) => continue,
                },
            };
            self.0.insert(path, Print { length, modified, content });
        }
    }

    fn same_content(&self, other: &Snapshot) -> bool {
        let contents =
            |snapshot: &Snapshot| snapshot.0.iter().map(|(path, print)| (path.clone(), print.content)).collect::<Vec<_>>();
        contents(self) == contents(other)
    }
}

/// What editors leave beside a file while they save it.
fn is_scratch(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let ends = ["~", ".swp", ".swx", ".tmp", ".bak"];
    name.starts_with('.')
        || name == "4913"
        || ends.iter().any(|end| name.ends_with(end))
        || name.starts_with('#') && name.ends_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(folder: &Path, before: &Snapshot) -> Snapshot {
        Snapshot::take(&[folder.to_owned()], before, &BTreeSet::new())
    }

    #[test]
    fn only_other_bytes_other_names_and_other_numbers_of_files_are_a_change() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("writes");
        fs::create_dir(folder.path().join("courses")).expect("makes a folder");
        write("courses/a.md", "one");
        let before = snapshot(folder.path(), &Snapshot::default());

        let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
        fs::File::options()
            .write(true)
            .open(folder.path().join("courses/a.md"))
            .and_then(|file| file.set_modified(old))
            .expect("touches");
        assert!(snapshot(folder.path(), &before).same_content(&before), "a touched file holds the same");

        for scratch in ["courses/.a.md.swp", "courses/a.md~", "courses/4913", "courses/#a.md#"] {
            write(scratch, "scratch");
        }
        assert!(snapshot(folder.path(), &before).same_content(&before), "editors' scratch files are no content");

        write("courses/a.md", "two");
        let after = snapshot(folder.path(), &before);
        assert!(!after.same_content(&before), "other bytes of the same length");

        fs::rename(folder.path().join("courses"), folder.path().join("lectures")).expect("renames");
        let moved = snapshot(folder.path(), &after);
        assert!(!moved.same_content(&after), "another address");

        fs::remove_dir_all(folder.path().join("lectures")).expect("removes");
        assert!(!snapshot(folder.path(), &moved).same_content(&moved), "a file fewer");
    }

    #[test]
    fn a_touched_file_is_read_even_when_its_time_and_length_say_nothing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a.md");
        let stamp = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
        let write = |text: &str| {
            fs::write(&path, text).expect("writes");
            fs::File::options().write(true).open(&path).and_then(|file| file.set_modified(stamp)).expect("stamps");
        };
        write("one");
        let before = snapshot(folder.path(), &Snapshot::default());
        write("two");
        assert!(snapshot(folder.path(), &before).same_content(&before));
        let folders = [folder.path().to_owned()];
        assert!(!Snapshot::take(&folders, &before, &BTreeSet::from([path.clone()])).same_content(&before));
    }
}
