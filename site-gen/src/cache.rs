//! What took long to make and is made of the same things again and again: pictures and posters, below `.cache/` beside `content/`.
//!
//! An entry is named by a hash of all that it is made of, so it is never out of date, and begins with a hash of what it holds, so that one that was
//! damaged or cut short counts for nothing. It is written under a name of its own and renamed: builds that run at once may make
//! the same, and each sees whole entries only. The folder may be deleted at any time. Where it cannot be written, everything is made anew.
//!
//! An entry's time says when it was last of use. Whoever adds one first removes those that were of none for a season, so that the folder does not
//! grow for ever.

use std::{
    fs::{self, DirEntry, File},
    path::{Path, PathBuf},
    process,
    sync::{
        Arc, Once,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, SystemTime},
};

pub use blake3::Hash;

/// Bytes of the hash before what an entry holds.
const HEAD: usize = blake3::OUT_LEN;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// An entry that was of no use for so long is removed: the events of a quarter are past by then.
const KEPT: Duration = DAY.saturating_mul(90);

/// A folder of entries of one sort.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
    tidied: Arc<Once>,
}

impl Cache {
    /// The entries in `folder`, which need not be there.
    pub fn new(folder: impl Into<PathBuf>) -> Cache {
        Cache { folder: folder.into(), tidied: Arc::new(Once::new()) }
    }

    /// What the entry holds, when it is there and whole.
    pub fn get(&self, key: &Hash) -> Option<Vec<u8>> {
        let path = self.path(key);
        let mut bytes = fs::read(&path).ok()?;
        let held = bytes.get(HEAD..)?;
        if blake3::hash(held).as_bytes() != &bytes[..HEAD] {
            return None;
        }
        bytes.drain(..HEAD);
        was_of_use(&path);
        Some(bytes)
    }

    /// Keeps `bytes`. That a disk refuses costs time at the next build and nothing else.
    pub fn put(&self, key: &Hash, bytes: &[u8]) {
        self.tidied.call_once(|| tidy(&self.folder));
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let part = self.folder.join(format!(".{key}.{}.{}.part", process::id(), COUNT.fetch_add(1, Relaxed)));
        let entry = [blake3::hash(bytes).as_bytes().as_slice(), bytes].concat();
        let written = fs::create_dir_all(&self.folder)
            .and_then(|()| fs::write(&part, entry))
            .and_then(|()| fs::rename(&part, self.path(key)));
        if written.is_err() {
            // What remains of it is in nobody's way.
            let _ = fs::remove_file(&part);
        }
    }

    fn path(&self, key: &Hash) -> PathBuf {
        self.folder.join(key.to_hex().as_str())
    }
}

/// Says so in the time of the entry at `path`, once a day: what is only read is not to be written all the time.
fn was_of_use(path: &Path) {
    if age(fs::metadata(path)).is_some_and(|age| age > DAY) {
        // Of a folder that can only be read nothing is removed either.
        let _ = File::options().write(true).open(path).and_then(|file| file.set_modified(SystemTime::now()));
    }
}

/// Removes from `folder` what was of no use for long, and what a build that was cut short left of an entry.
fn tidy(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let is_stale = |entry: &DirEntry| {
        let name = entry.file_name();
        let kept = if name.as_encoded_bytes().starts_with(b".") { DAY } else { KEPT };
        age(entry.metadata()).is_some_and(|age| age > kept)
    };
    for entry in entries.flatten().filter(is_stale) {
        // Another build may have been faster.
        let _ = fs::remove_file(entry.path());
    }
}

/// How long ago the file was written; nothing when that cannot be told, or the clock was set back since.
fn age(metadata: std::io::Result<fs::Metadata>) -> Option<Duration> {
    SystemTime::now().duration_since(metadata.ok()?.modified().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_found_and_what_was_damaged_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path().join("made/later"));
        let key = blake3::hash(b"made of this");
        assert_eq!(cache.get(&key), None);
        cache.put(&key, b"a picture");
        assert_eq!(cache.get(&key).as_deref(), Some(b"a picture".as_slice()));

        let path = cache.path(&key);
        let whole = fs::read(&path).expect("it is there");
        let mut flipped = whole.clone();
        flipped[HEAD + 2] ^= 1;
        for damaged in [&whole[..whole.len() - 1], &whole[..HEAD - 1], &[], &flipped] {
            fs::write(&path, damaged).expect("writes");
            assert_eq!(cache.get(&key), None, "{} bytes", damaged.len());
        }
        cache.put(&key, b"a picture");
        assert_eq!(cache.get(&key).as_deref(), Some(b"a picture".as_slice()));
    }

    #[test]
    fn many_who_keep_the_same_at_once_leave_one_whole_entry() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path());
        let key = blake3::hash(b"made of this");
        let bytes = vec![7; 100_000];
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        cache.put(&key, &bytes);
                        assert_eq!(cache.get(&key).as_deref(), Some(bytes.as_slice()));
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn what_was_of_no_use_for_a_season_goes_when_something_is_added() {
        let folder = tempfile::tempdir().expect("a folder");
        let before = Cache::new(folder.path());
        let [used, unused, young] = [b"used".as_slice(), b"unused", b"young"].map(blake3::hash);
        let cut_short = folder.path().join(".cut.1.0.part");
        for key in [&used, &unused, &young] {
            before.put(key, b"a picture");
        }
        fs::write(&cut_short, "half").expect("writes");
        let date_back = |path: &Path, days: u32| {
            let file = File::options().write(true).open(path).expect("it is there");
            file.set_modified(SystemTime::now() - DAY * days).expect("takes a time");
        };
        for (path, days) in
            [(before.path(&used), 200), (before.path(&unused), 91), (before.path(&young), 89), (cut_short.clone(), 2)]
        {
            date_back(&path, days);
        }

        let cache = Cache::new(folder.path());
        assert!(cache.get(&used).is_some() && cache.path(&unused).exists(), "whoever only reads removes nothing");
        cache.put(&blake3::hash(b"new"), b"another picture");
        assert_eq!(cache.get(&unused), None);
        assert!(cache.get(&used).is_some(), "it has just been of use");
        assert!(cache.get(&young).is_some());
        assert!(!cut_short.exists());
    }

    #[test]
    fn a_folder_that_cannot_be_made_keeps_nothing_and_stops_nobody() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("file"), "x").expect("writes");
        let cache = Cache::new(folder.path().join("file/below"));
        let key = blake3::hash(b"made of this");
        cache.put(&key, b"a picture");
        assert_eq!(cache.get(&key), None);
    }
}
