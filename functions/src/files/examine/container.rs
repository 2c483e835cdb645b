//! Containers: whether one really is a document, and what it would become when somebody opens it. The one door to `rawzip` and `flate2`.

use std::io::{self, Read};

use domain::attachment::{Kind, LARGEST_UNPACKED, MOST_ENTRIES, Refused};
use flate2::bufread::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive};

/// What makes a container a document, and where programs would lie in it.
const OFD: &str = "OFD.xml";
const WORD: [&str; 2] = ["[Content_Types].xml", "word/document.xml"];
/// Macros, and things that another program opens.
const PROGRAMS: [&str; 4] = ["vbaproject.bin", "vbadata.xml", "/activex/", "/embeddings/oleobject"];

/// The kind of document a container is.
pub(super) fn kind(bytes: &[u8]) -> Result<Kind, Refused> {
    let archive = ZipArchive::from_slice(bytes).map_err(|_| Refused::CutShort)?;
    // Nothing stands before the first file (the bytes begin with it), nothing behind the last, nothing is said about it.
    if archive.end_offset() != bytes.len() as u64 || !archive.comment().as_bytes().is_empty() {
        return Err(Refused::Mixed);
    }
    let mut names: Vec<String> = Vec::new();
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    let mut left = LARGEST_UNPACKED;
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry().map_err(|_| Refused::Broken)? {
        if names.len() == MOST_ENTRIES {
            return Err(Refused::Bomb);
        }
        if entry.flags().is_encrypted() {
            return Err(Refused::OldOrLocked);
        }
        let name = std::str::from_utf8(entry.file_path().as_bytes()).map_err(|_| Refused::Broken)?;
        if leads_out(name) || names.iter().any(|known| known == name) {
            return Err(Refused::Mixed);
        }
        names.push(name.to_owned());
        let method = entry.compression_method();
        let found = archive.get_entry(entry.wayfinder()).map_err(|_| Refused::Broken)?;
        ranges.push((entry.local_header_offset(), found.compressed_data_range().1));
        // Counted by unpacking: what the list declares is the word of whoever made it.
        let unpacked = match method {
            CompressionMethod::STORE => count(found.verifying_reader(found.data()), left),
            CompressionMethod::DEFLATE => count(found.verifying_reader(DeflateDecoder::new(found.data())), left),
            _ => return Err(Refused::Broken),
        };
        left = left.checked_sub(unpacked.map_err(|_| Refused::Broken)?).ok_or(Refused::Bomb)?;
    }
    // The same bytes in two files: a small container that is a huge one.
    ranges.sort_unstable();
    if ranges.windows(2).any(|pair| pair[0].1 > pair[1].0) {
        return Err(Refused::Bomb);
    }
    of(&names)
}

/// How many bytes come, counting no further than one more than `most`.
fn count(reader: impl Read, most: u64) -> io::Result<u64> {
    io::copy(&mut reader.take(most + 1), &mut io::sink())
}

/// Whether unpacking it would write outside of the folder that it is unpacked to.
fn leads_out(name: &str) -> bool {
    name.is_empty() || name.starts_with('/') || name.contains(['\\', '\0', ':']) || name.split('/').any(|part| part == "..")
}

fn of(names: &[String]) -> Result<Kind, Refused> {
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    let programs = names.iter().map(|name| format!("/{}", name.to_ascii_lowercase()));
    let holds_programs = programs.into_iter().any(|name| PROGRAMS.iter().any(|program| name.contains(program)));
    let kind = match (has(OFD), WORD.iter().all(|part| has(part))) {
        (true, false) => Kind::Ofd,
        (false, true) => Kind::Docx,
        (true, true) => return Err(Refused::Mixed),
        (false, false) => return Err(Refused::Unknown),
    };
    if holds_programs { Err(Refused::Mixed) } else { Ok(kind) }
}
