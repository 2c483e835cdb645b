//! Notices that content or theme changed: really changed, byte by byte, not only touched.
//!
//! 1. The system says what happened to which file below the folders (and every two seconds we look at all of them: shared folders and
//!    containers often say nothing).
//! 2. A file that was written and closed is looked at at once. One that is still being written, or that went, may not be all there is
//!    to come: then we wait until it has been quiet for a moment.
//! 3. What was touched is compared with the [`Snapshot`] before, and only a difference is passed on.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::mpsc::{self, RecvTimeoutError},
    time::{Duration, SystemTime},
};

use notify::{
    Event, EventKind, RecursiveMode, Watcher,
    event::{AccessKind, AccessMode, CreateKind, ModifyKind},
};
use site_gen::generator::Changes;
use tokio::sync::mpsc::UnboundedSender;

/// Editors write a file in several steps; after so long without news they are done.
const QUIET: Duration = Duration::from_millis(25);
/// How often we look although nothing was said.
const LOOK: Duration = Duration::from_secs(2);

/// Sends what changed whenever a file below `content/` or `themes/` of `root` has other bytes than before, until the receiver is gone.
pub fn spawn(root: &Path, changed: UnboundedSender<Changes>) {
    // The system tells absolute paths whatever it was given.
    let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
    let folders = [root.join("content"), root.join("themes")];
    let before = Snapshot::take(&folders, &Snapshot::default(), &BTreeSet::new());
    std::thread::Builder::new()
        .name("watch".to_owned())
        .spawn(move || watch(&root, &folders, before, &changed))
        .expect("the system gives a thread at start");
}

fn watch(root: &Path, folders: &[PathBuf], mut before: Snapshot, changed: &UnboundedSender<Changes>) {
    let (sender, events) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        // Reading a file is an event too, and a build reads them all.
        if let Some(told) = event.map_or_else(|_| Some(Told::unclear()), Told::of) {
            let _ = sender.send(told);
        }
    })
    .inspect_err(|error| tracing::warn!(%error, "the system does not tell of changes; looking every two seconds"))
    .ok();
    let mut watched = BTreeSet::new();
    while !changed.is_closed() {
        if let Some(watcher) = &mut watcher {
            follow(watcher, folders, &mut watched);
        }
        let mut told = Told::default();
        match events.recv_timeout(LOOK) {
            Ok(first) => told = first,
            Err(RecvTimeoutError::Timeout) => told.everything = true,
            // There is no watcher; the channel has no other end.
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(LOOK);
                told.everything = true;
            }
        }
        while let Ok(more) = events.try_recv() {
            told.and(more);
        }
        while told.is_unfinished()
            && let Ok(more) = events.recv_timeout(QUIET)
        {
            told.and(more);
        }
        let different = before.follow(folders, &told);
        if !different.is_empty() && changed.send(Changes::of(different.iter().map(PathBuf::as_path), root)).is_err() {
            return;
        }
    }
}

/// What the system told of some files.
#[derive(Debug, Default)]
struct Told {
    /// Something happened to these.
    touched: BTreeSet<PathBuf>,
    /// Of these, writing has begun and not ended.
    open: BTreeSet<PathBuf>,
    /// Files may have been touched that were not named: a folder came or went.
    everything: bool,
}

impl Told {
    /// Nothing is known but that something happened.
    fn unclear() -> Told {
        Told { everything: true, ..Told::default() }
    }

    /// What `event` tells; nothing when a file was only read.
    fn of(event: Event) -> Option<Told> {
        let touched: BTreeSet<PathBuf> = event.paths.into_iter().collect();
        let is_open = match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) | EventKind::Remove(_) => false,
            EventKind::Access(_) => return None,
            EventKind::Modify(ModifyKind::Name(_) | ModifyKind::Metadata(_)) => false,
            EventKind::Create(CreateKind::Folder) => return Some(Told { touched, everything: true, ..Told::default() }),
            EventKind::Create(_) | EventKind::Modify(_) | EventKind::Any | EventKind::Other => true,
        };
        let open = if is_open { touched.clone() } else { BTreeSet::new() };
        Some(Told { everything: touched.is_empty(), touched, open })
    }

    /// Adds what was told later.
    fn and(&mut self, later: Told) {
        for path in &later.touched {
            self.open.remove(path);
        }
        self.touched.extend(later.touched);
        self.open.extend(later.open);
        self.everything |= later.everything;
    }

    /// More may come: a file is open, or went and may be about to be replaced, or a folder is being filled.
    fn is_unfinished(&self) -> bool {
        self.everything || !self.open.is_empty() || self.touched.iter().any(|path| !is_scratch(path) && !path.is_file())
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
    /// Brings itself up to what was told and gives the files that differ from before.
    fn follow(&mut self, folders: &[PathBuf], told: &Told) -> BTreeSet<PathBuf> {
        let mut different = BTreeSet::new();
        let mut everything = told.everything;
        for path in told.touched.iter().filter(|path| !is_scratch(path)) {
            match fs::symlink_metadata(path) {
                Ok(found) if found.is_file() => {
                    let Ok(bytes) = fs::read(path) else { continue };
                    let print = Print { length: found.len(), modified: found.modified().ok(), content: blake3::hash(&bytes) };
                    let before = self.0.insert(path.clone(), print);
                    if before.is_none_or(|before| before.content != print.content) {
                        different.insert(path.clone());
                    }
                }
                Err(_) if self.0.remove(path).is_some() => drop(different.insert(path.clone())),
                // A folder, a link, or what was one.
                _ => everything = true,
            }
        }
        if everything {
            let now = Snapshot::take(folders, self, &told.touched);
            different.extend(now.different_from(self));
            *self = now;
        }
        different
    }

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

    /// The files that one of the two does not have, or has with other bytes.
    fn different_from<'a>(&'a self, other: &'a Snapshot) -> impl Iterator<Item = PathBuf> + 'a {
        let here = self.0.iter().filter(|(path, print)| other.0.get(*path).is_none_or(|before| before.content != print.content));
        let there = other.0.keys().filter(|path| !self.0.contains_key(*path));
        here.map(|(path, _)| path).chain(there).cloned()
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

    fn same_content(one: &Snapshot, other: &Snapshot) -> bool {
        one.different_from(other).next().is_none()
    }

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
        assert!(same_content(&snapshot(folder.path(), &before), &before), "a touched file holds the same");

        for scratch in ["courses/.a.md.swp", "courses/a.md~", "courses/4913", "courses/#a.md#"] {
            write(scratch, "scratch");
        }
        assert!(same_content(&snapshot(folder.path(), &before), &before), "editors' scratch files are no content");

        write("courses/a.md", "two");
        let after = snapshot(folder.path(), &before);
        assert!(!same_content(&after, &before), "other bytes of the same length");

        fs::rename(folder.path().join("courses"), folder.path().join("lectures")).expect("renames");
        let moved = snapshot(folder.path(), &after);
        assert!(!same_content(&moved, &after), "another address");

        fs::remove_dir_all(folder.path().join("lectures")).expect("removes");
        assert!(!same_content(&snapshot(folder.path(), &moved), &moved), "a file fewer");
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
        assert!(same_content(&snapshot(folder.path(), &before), &before));
        let folders = [folder.path().to_owned()];
        assert!(!same_content(&Snapshot::take(&folders, &before, &BTreeSet::from([path.clone()])), &before));
    }

    /// What is told when `kind` happens to `path`.
    fn told(kind: EventKind, path: &Path) -> Told {
        Told::of(Event::new(kind).add_path(path.to_owned())).expect("more than a look")
    }

    #[test]
    fn a_file_that_is_closed_is_looked_at_at_once_and_one_that_is_open_or_gone_is_not() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a.md");
        let closed = EventKind::Access(AccessKind::Close(AccessMode::Write));
        fs::write(&path, "one").expect("writes");
        let mut told = told(EventKind::Create(CreateKind::File), &path);
        assert!(told.is_unfinished());
        told.and(super::tests::told(closed, &path));
        assert!(!told.is_unfinished());
        told.and(super::tests::told(EventKind::Modify(ModifyKind::Any), &path));
        assert!(told.is_unfinished(), "it is being written again");
        told.and(super::tests::told(closed, &path));
        fs::remove_file(&path).expect("removes");
        assert!(told.is_unfinished(), "another may be put into its place");
        assert!(Told::of(Event::new(EventKind::Access(AccessKind::Read))).is_none(), "reading is no change");
    }

    #[test]
    fn only_what_differs_of_what_was_touched_is_passed_on() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let folders = [folder.path().to_owned()];
        let path = |name: &str| folder.path().join(name);
        let touched = |names: &[&str]| Told { touched: names.iter().map(|name| path(name)).collect(), ..Told::default() };
        fs::write(path("a.md"), "one").expect("writes");
        fs::write(path("b.md"), "one").expect("writes");
        let mut snapshot = Snapshot::take(&folders, &Snapshot::default(), &BTreeSet::new());

        fs::write(path("b.md"), "two").expect("writes");
        assert_eq!(snapshot.follow(&folders, &touched(&["a.md", "b.md", ".b.md.swp"])), BTreeSet::from([path("b.md")]));
        assert_eq!(snapshot.follow(&folders, &touched(&["b.md"])), BTreeSet::new());
        fs::remove_file(path("a.md")).expect("removes");
        assert_eq!(snapshot.follow(&folders, &touched(&["a.md"])), BTreeSet::from([path("a.md")]));
        fs::create_dir(path("news")).expect("makes a folder");
        fs::write(path("news/c.md"), "one").expect("writes");
        assert_eq!(
            snapshot.follow(&folders, &touched(&["news"])),
            BTreeSet::from([path("news/c.md")]),
            "a folder came with its files"
        );
    }
}
