//! What a file is by its own bytes.

use serde::{Deserialize, Serialize};

use super::Refused;

/// The kinds that are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A photograph.
    Jpeg,
    /// A picture of a screen.
    Png,
    /// A photograph as iPhones keep them. What is kept of it is a [`Kind::Jpeg`].
    Heic,
    /// A document.
    Pdf,
    /// A document in the national format (GB/T 33190), a container.
    Ofd,
    /// A document of Word, a container.
    Docx,
}

impl Kind {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Kind::Jpeg | Kind::Png | Kind::Heic => "照片",
            Kind::Pdf => "PDF 文件",
            Kind::Ofd => "OFD 文件",
            Kind::Docx => "Word 文件",
        }
    }

    /// What stands at the end of its name.
    pub fn extension(self) -> &'static str {
        match self {
            Kind::Jpeg => "jpg",
            Kind::Png => "png",
            Kind::Heic => "heic",
            Kind::Pdf => "pdf",
            Kind::Ofd => "ofd",
            Kind::Docx => "docx",
        }
    }

    /// Whether it is opened and written anew before it is kept.
    pub fn is_picture(self) -> bool {
        matches!(self, Kind::Jpeg | Kind::Png | Kind::Heic)
    }

    /// What it may weigh as it comes.
    pub fn largest(self) -> usize {
        if self.is_picture() { super::LARGEST_PICTURE } else { super::LARGEST_KEPT }
    }
}

/// Where the end of a PDF may be announced: readers look for it there.
const PDF_TAIL: usize = 1024;

/// What these bytes are, as far as it shows without unpacking them. Of a container it is only known that it is one, and `container` is asked
/// what is in it.
pub fn kind_of(bytes: &[u8], container: impl FnOnce(&[u8]) -> Result<Kind, Refused>) -> Result<Kind, Refused> {
    let kind = match bytes {
        [] => return Err(Refused::Empty),
        [0xff, 0xd8, 0xff, ..] => Kind::Jpeg,
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Kind::Png,
        [b'%', b'P', b'D', b'F', b'-', b'1' | b'2', b'.', ..] => Kind::Pdf,
        [b'P', b'K', 3, 4, ..] if bytes.len() > super::LARGEST_KEPT => return Err(Refused::TooLarge),
        [b'P', b'K', 3, 4, ..] => container(bytes)?,
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] if is_heic(brand) => Kind::Heic,
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => return Err(Refused::OldOrLocked),
        _ => return Err(Refused::Unknown),
    };
    if bytes.len() > kind.largest() {
        return Err(Refused::TooLarge);
    }
    match kind {
        Kind::Jpeg if !jpeg_has_end(bytes) => Err(Refused::CutShort),
        Kind::Pdf => pdf(bytes).map(|()| kind),
        _ => Ok(kind),
    }
}

/// What phones write, of all that begins with `ftyp` (films do, too).
fn is_heic(brand: &[u8]) -> bool {
    const BRANDS: [&[u8; 4]; 5] = [b"heic", b"heix", b"heim", b"heis", b"mif1"];
    BRANDS.iter().any(|known| brand.starts_with(*known))
}

/// Whether the picture itself comes to an end: what a broken line cut off is a photograph with half of it grey, which decoders do not mind.
/// The end of a small picture inside (a preview) does not count, nor does what stands behind (some phones put a film there).
fn jpeg_has_end(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some(&[0xff, marker]) = bytes.get(at..at + 2) {
        match marker {
            // Fill bytes, and markers without a length.
            0xff => at += 1,
            0x01 | 0xd0..=0xd8 => at += 2,
            0xd9 => return true,
            _ => {
                let Some(&[high, low]) = bytes.get(at + 2..at + 4) else { return false };
                at += 2 + usize::from(u16::from_be_bytes([high, low]));
                if marker == 0xda {
                    // What is drawn: up to the next marker that belongs to no drawing.
                    let scan = bytes.get(at..).unwrap_or_default();
                    let ends = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff);
                    match scan.windows(2).position(ends) {
                        Some(length) => at += length,
                        None => return false,
                    }
                }
            }
        }
    }
    false
}

/// A PDF ends as one, and nothing can take it for a container as well.
fn pdf(bytes: &[u8]) -> Result<(), Refused> {
    let tail = &bytes[bytes.len().saturating_sub(PDF_TAIL)..];
    if !holds(tail, b"%%EOF") || !holds(bytes, b"startxref") {
        return Err(Refused::CutShort);
    }
    if ends_as_container(bytes) { Err(Refused::Mixed) } else { Ok(()) }
}

/// Whether a reader of ZIP would find a list of files at the end. Its record is 22 bytes and a comment that reaches to the very end; lenient readers
/// bear some bytes more, so those are looked for as well.
fn ends_as_container(bytes: &[u8]) -> bool {
    const RECORD: usize = 22;
    const LONGEST_COMMENT: usize = 65_535;
    let tail = &bytes[bytes.len().saturating_sub(RECORD + LONGEST_COMMENT)..];
    tail.windows(RECORD).any(|record| {
        let number = |at: usize| u16::from_le_bytes([record[at], record[at + 1]]);
        // One disk, as many entries on it as in all: by chance four bytes may stand anywhere, but not all of these.
        record.starts_with(b"PK\x05\x06") && number(4) == 0 && number(6) == 0 && number(8) == number(10)
    })
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Start, a segment, a scan with a stuffed byte and a restart, end.
    const JPEG: &[u8] = &[0xff, 0xd8, 0xff, 0xe0, 0, 4, 0xff, 0xd9, 0xff, 0xda, 0, 2, 1, 0xff, 0, 2, 0xff, 0xd3, 3, 0xff, 0xd9];
    const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\nendobj\nstartxref\n9\n%%EOF\n";

    fn of(bytes: &[u8]) -> Result<Kind, Refused> {
        kind_of(bytes, |_| Ok(Kind::Docx))
    }

    fn joined(parts: &[&[u8]]) -> Vec<u8> {
        parts.concat()
    }

    #[test]
    fn a_file_is_what_its_bytes_say() {
        let film = b"\0\0\0\x18ftypisom\0\0\0\0";
        let iphone = b"\0\0\0\x18ftypheic\0\0\0\0";
        for (bytes, expected) in [
            (&b""[..], Err(Refused::Empty)),
            (JPEG, Ok(Kind::Jpeg)),
            (b"\x89PNG\r\n\x1a\n....", Ok(Kind::Png)),
            (PDF, Ok(Kind::Pdf)),
            (b"PK\x03\x04....", Ok(Kind::Docx)),
            (iphone, Ok(Kind::Heic)),
            (film, Err(Refused::Unknown)),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", Err(Refused::OldOrLocked)),
            (b"GIF89a=1;alert(1)//", Err(Refused::Unknown)),
            (b"<svg onload=alert(1)>", Err(Refused::Unknown)),
            (b"MZ\x90\0", Err(Refused::Unknown)),
            (b" %PDF-1.7", Err(Refused::Unknown)),
            (b"%PDF-9.0", Err(Refused::Unknown)),
        ] {
            assert_eq!(of(bytes), expected, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_photograph_that_was_cut_off_anywhere_is_told_from_a_whole_one() {
        for cut in 3..JPEG.len() {
            assert_eq!(of(&JPEG[..cut]), Err(Refused::CutShort), "cut at {cut}");
        }
        // A film behind the picture is not looked at, and is not kept.
        assert_eq!(of(&joined(&[JPEG, b"\0\0\0\x18ftypmp42"])), Ok(Kind::Jpeg));
    }

    #[test]
    fn a_document_is_whole_and_no_container_as_well() {
        assert_eq!(of(&PDF[..PDF.len() - 6]), Err(Refused::CutShort));
        let mut record = *b"PK\x05\x06\0\0\0\0\x01\0\x01\0..........\0\0";
        for parts in
            [&[PDF, &record[..], b"%%EOF"][..], &[PDF, b"PK\x03\x04evil", &record], &[b"%PDF-1.7 PK\x03\x04", &record, PDF]]
        {
            assert_eq!(of(&joined(parts)), Err(Refused::Mixed));
        }
        // The same four bytes in a stream, by chance.
        record[8] = 7;
        assert_eq!(of(&joined(&[b"%PDF-1.4", &record, PDF])), Ok(Kind::Pdf));
    }

    #[test]
    fn each_kind_has_its_bound() {
        let padded = |start: &[u8], size: usize| joined(&[start, &vec![b' '; size - start.len()]]);
        assert_eq!(of(&padded(JPEG, 20_000_000)), Ok(Kind::Jpeg));
        assert_eq!(of(&padded(JPEG, 20_000_001)), Err(Refused::TooLarge));
        assert_eq!(of(&padded(b"PK\x03\x04", 5_000_001)), Err(Refused::TooLarge));
        assert_eq!(of(&padded(PDF, 5_000_001)), Err(Refused::TooLarge));
    }
}
