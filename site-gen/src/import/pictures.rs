//! Pictures that come along: which kind they are by their bytes, and what a camera or a program added taken out.

use crate::pictures::file::Anatomy;

/// The ending of a picture that browsers show; nothing for everything else.
pub fn extension(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some("jpg"),
        [0x89, b'P', b'N', b'G', ..] => Some("png"),
        [b'G', b'I', b'F', b'8', ..] => Some("gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("webp"),
        _ => None,
    }
}

/// The same picture without place, time and device; nothing when its file is broken.
pub fn bare(bytes: &[u8]) -> Option<Vec<u8>> {
    match extension(bytes)? {
        "jpg" | "png" => Anatomy::of(bytes).ok().map(|anatomy| anatomy.bare(bytes)),
        _ => Some(bytes.to_vec()),
    }
}
