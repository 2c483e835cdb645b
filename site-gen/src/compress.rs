//! Compressed files beside those of the output folder, for web servers that send them as they lie: `index.html.br` and `index.html.gz` beside
//! `index.html`.
//!
//! Packing takes longer than all the rest of a build, so it comes after it, and never on the path of an edit. A packed file has the time of the file
//! it was made of. By that it is told whether it still belongs to it: what does is not made again, and whoever serves files
//! ignores what does not. `write` removes what is packed of a file that it changes or removes, for the sake of servers that would not look.
//!
//! What was packed once is kept in a cache by what it was made of: a text that comes back (a change taken back, a release built elsewhere, an output
//! folder that was deleted) is not packed again.

use std::{
    fs::{self, File, Metadata},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use blake3::{Hash, Hasher};
use flate2::{Compression, write::GzEncoder};
use rayon::prelude::*;

use crate::{
    cache::Cache,
    write::{self, WriteError, outputs, put_bytes},
};

/// The extensions that are added, best first, each with its name in HTTP.
pub const ENCODINGS: [(&str, &str); 2] = [("br", "br"), ("gz", "gzip")];

/// How files are packed, and how a cache keeps them: to be raised when either changes.
const FORMAT: &str = "packed 1";

/// A file below this is sent in one packet anyway.
const SMALLEST: u64 = 512;

/// What is text. Pictures and documents are packed already.
const PACKED: [&str; 10] = ["html", "css", "js", "json", "xml", "ics", "svg", "txt", "csv", "webmanifest"];

/// How hard to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// As small as can be, for what is published once and read often.
    Best,
    /// Nearly as small in a tenth of the time, for a server that builds again and again.
    Quick,
}

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Packed {
    /// Files that were packed now.
    pub made: usize,
    /// Files of whose text the cache held what is packed.
    pub found: usize,
    /// Files whose packed ones were still right.
    pub kept: usize,
}

/// Where what was packed is kept in the cache folder of a build (`build::CACHE`).
pub fn cache(folder: &Path) -> Cache {
    Cache::new(folder.join("packed"))
}

/// Packs what is worth it of the outputs in `folder`, unless `cache` holds it.
pub fn compress(folder: &Path, effort: Effort, cache: &Cache) -> Result<Packed, WriteError> {
    let [made, found, kept] = [0; 3].map(AtomicUsize::new);
    put_bytes(b"# Files of this folder have packed ones beside them (.br, .gz).\n", &mark(folder))?;
    outputs(folder)?.par_iter().filter(|path| is_text(path)).try_for_each(|path| {
        let path = folder.join(path);
        match pack(&path, effort, cache)? {
            Done::Made => made.fetch_add(1, Relaxed),
            Done::Found => found.fetch_add(1, Relaxed),
            Done::Kept => kept.fetch_add(1, Relaxed),
            Done::NotWorthIt => 0,
        };
        Ok(())
    })?;
    Ok(Packed { made: made.into_inner(), found: found.into_inner(), kept: kept.into_inner() })
}

/// Something in `folder` may have been packed once. Whoever changes files there asks this before looking for packed ones.
pub(crate) fn was_here(folder: &Path) -> bool {
    mark(folder).is_file()
}

/// Removes what was packed of the file at `path`.
pub(crate) fn forget(path: &Path) -> Result<(), WriteError> {
    ENCODINGS.iter().map(|(extension, _)| beside(path, extension)).try_for_each(|packed| match fs::remove_file(&packed) {
        Err(source) if !matches!(source.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Err(WriteError::Io { path: packed, source })
        }
        _ => Ok(()),
    })
}

/// `public.packed` for `public`.
fn mark(folder: &Path) -> PathBuf {
    write::beside(folder, "packed")
}

/// The packed file beside `path`.
pub fn beside(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

/// `packed` was made of what `file` holds now.
pub fn belongs(packed: &Metadata, file: &Metadata) -> bool {
    packed.is_file() && matches!((packed.modified(), file.modified()), (Ok(packed), Ok(file)) if packed == file)
}

fn is_text(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| PACKED.contains(&extension.to_ascii_lowercase().as_str()))
}

enum Done {
    Made,
    Found,
    Kept,
    NotWorthIt,
}

fn pack(path: &Path, effort: Effort, cache: &Cache) -> Result<Done, WriteError> {
    let failed = |source| WriteError::Io { path: path.to_owned(), source };
    let file = match fs::metadata(path) {
        Ok(found) if found.len() >= SMALLEST => found,
        Ok(_) => return Ok(Done::NotWorthIt),
        // A build that came in between has removed it.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Done::NotWorthIt),
        Err(source) => return Err(failed(source)),
    };
    let is_done =
        |(extension, _): &(&str, &str)| fs::metadata(beside(path, extension)).is_ok_and(|packed| belongs(&packed, &file));
    if ENCODINGS.iter().all(is_done) {
        return Ok(Done::Kept);
    }
    let bytes = fs::read(path).map_err(failed)?;
    let key = Pair::key(&bytes, effort);
    let (pair, done) = match cache.get(&key).and_then(Pair::read) {
        Some(pair) => (pair, Done::Found),
        None => {
            let pair = Pair { br: brotli(&bytes, effort), gz: gzip(&bytes, effort) };
            cache.put(&key, &pair.entry());
            (pair, Done::Made)
        }
    };
    let unchanged = || fs::metadata(path).is_ok_and(|now| belongs(&now, &file) && now.len() == file.len());
    for (extension, packed) in [("br", pair.br), ("gz", pair.gz)] {
        let target = beside(path, extension);
        // Written beside its place, too: a server must never send half of one. What was packed of an earlier text is no use to anybody.
        let part = target.with_extension(format!("{extension}.part"));
        let written = File::create(&part)
            .and_then(|mut file| file.write_all(&packed).map(|()| file))
            .and_then(|written| written.set_modified(file.modified()?));
        let settled = written.and_then(|()| if unchanged() { fs::rename(&part, &target) } else { fs::remove_file(&part) });
        settled.map_err(|source| {
            // That the remains could not be removed as well changes nothing.
            let _ = fs::remove_file(&part);
            WriteError::Io { path: target, source }
        })?;
    }
    Ok(done)
}

/// What is packed of one file.
struct Pair {
    br: Vec<u8>,
    gz: Vec<u8>,
}

impl Pair {
    /// Stands for all that decides what is packed of `bytes`.
    fn key(bytes: &[u8], effort: Effort) -> Hash {
        let mut hasher = Hasher::new();
        hasher.update(format!("{FORMAT} {effort:?}\n").as_bytes()).update(bytes);
        hasher.finalize()
    }

    /// As a cache keeps it: how many bytes the first has (four of them, the lowest first), then both.
    fn entry(&self) -> Vec<u8> {
        let length = u32::try_from(self.br.len()).expect("no page has four gigabytes");
        [length.to_le_bytes().as_slice(), &self.br, &self.gz].concat()
    }

    fn read(mut entry: Vec<u8>) -> Option<Pair> {
        let (length, packed) = entry.split_first_chunk()?;
        let br = packed.get(..u32::from_le_bytes(*length) as usize)?.to_vec();
        let gz = entry.split_off(size_of::<u32>() + br.len());
        Some(Pair { br, gz })
    }
}

fn brotli(bytes: &[u8], effort: Effort) -> Vec<u8> {
    let quality = match effort {
        Effort::Best => 11,
        Effort::Quick => 6,
    };
    let parameters = brotli::enc::BrotliEncoderParams {
        quality,
        mode: brotli::enc::backward_references::BrotliEncoderMode::BROTLI_MODE_TEXT,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut packed = Vec::with_capacity(bytes.len() / 4);
    brotli::BrotliCompress(&mut &bytes[..], &mut packed, &parameters).expect("memory takes what is written to it");
    packed
}

fn gzip(bytes: &[u8], effort: Effort) -> Vec<u8> {
    let level = match effort {
        Effort::Best => Compression::best(),
        Effort::Quick => Compression::default(),
    };
    // Without a time in its header: the same text gives the same bytes.
    let mut packer = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), level);
    let packed = packer.write_all(bytes).and_then(|()| packer.finish());
    packed.expect("memory takes what is written to it")
}
