//! How a file looks from outside, without being read.

use std::{
    fs::{self, Metadata},
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

/// Size, times and number of a file. Whoever writes into a file, or puts another into its place, changes at least one of them, but for two
/// writes within the grain of the clock of the file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// Bytes.
    pub size: u64,
    /// When it was written, in nanoseconds since 1970; can be set at will.
    pub modified: i64,
    /// When anything about it changed, likewise; cannot be set. Nothing on systems that do not know it.
    pub changed: i64,
    /// Its number on the disk. Nothing on systems that do not tell.
    pub inode: u64,
}

impl Stamp {
    /// The stamp of the file at `path`, when there is one.
    pub fn at(path: &Path) -> Option<Stamp> {
        fs::metadata(path).ok().filter(Metadata::is_file).map(|found| Stamp::of(&found))
    }

    /// The stamp of a file that was looked at.
    pub fn of(metadata: &Metadata) -> Stamp {
        let modified = metadata.modified().map_or(0, nanoseconds);
        #[cfg(unix)]
        let (changed, inode) = {
            use std::os::unix::fs::MetadataExt;
            (metadata.ctime().saturating_mul(1_000_000_000).saturating_add(metadata.ctime_nsec()), metadata.ino())
        };
        #[cfg(not(unix))]
        let (changed, inode) = (0, 0);
        Stamp { size: metadata.len(), modified, changed, inode }
    }

    /// It is the same file and nobody has written into it; it may have been renamed in between.
    pub fn is_still(&self, now: &Stamp) -> bool {
        (self.size, self.modified, self.inode) == (now.size, now.modified, now.inode)
    }

    /// The last moment at which something about it changed.
    pub fn latest(&self) -> i64 {
        self.modified.max(self.changed)
    }
}

/// Nanoseconds since 1970; what lies before or far beyond is put at the end of what can be told.
pub fn nanoseconds(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |before| -before),
    }
}
