//! What took long to make and is made of the same things again and again: pictures and posters, below `.cache/` beside `content/`.
//!
//! An entry is named by a hash of all that it is made of, so it is never out of date, and begins with a hash of what it holds, so that one that was
//! damaged or cut short counts for nothing. It is written under a name of its own and renamed: builds that run at once may make
//! the same, and each sees whole entries only. The folder may be deleted at any time. Where it cannot be written, everything is made anew.

use std::{
    fs,
    path::PathBuf,
    process,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

pub use blake3::Hash;

/// Bytes of the hash before what an entry holds.
const HEAD: usize = blake3::OUT_LEN;

/// A folder of entries of one sort.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// The entries in `folder`, which need not be there.
    pub fn new(folder: impl Into<PathBuf>) -> Cache {
        Cache { folder: folder.into() }
    }

    /// What the entry holds, when it is there and whole.
    pub fn get(&self, key: &Hash) -> Option<Vec<u8>> {
        let mut bytes = fs::read(self.path(key)).ok()?;
        let held = bytes.get(HEAD..)?;
        if blake3::hash(held).as_bytes() != &bytes[..HEAD] {
            return None;
        }
        bytes.drain(..HEAD);
        Some(bytes)
    }

    /// Keeps `bytes`. That a disk refuses costs time at the next build and nothing else.
    pub fn put(&self, key: &Hash, bytes: &[u8]) {
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
    fn a_folder_that_cannot_be_made_keeps_nothing_and_stops_nobody() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("file"), "x").expect("writes");
        let cache = Cache::new(folder.path().join("file/below"));
        let key = blake3::hash(b"made of this");
        cache.put(&key, b"a picture");
        assert_eq!(cache.get(&key), None);
    }
}
