//! A picture's file as it lies there, its pixels not decoded: how large it is, whether it is whole, and what in it was not drawn but added by a
//! camera or a program: place, time, device, an earlier version as a thumbnail.

use std::ops::Range;

use image::metadata::Orientation;

use super::Fault;

/// A format that is made smaller. Whoever brings WebP or AVIF has made their choice, and SVG has no pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Photographs.
    Jpeg,
    /// Drawings and screenshots.
    Png,
}

/// What a file is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anatomy {
    /// By its first bytes, whatever its name says.
    pub format: Format,
    /// Width and height as they are stored.
    pub stored: (u32, u32),
    /// How the camera was held.
    pub orientation: Orientation,
    /// It moves: a still picture would be another one.
    pub moves: bool,
    /// What draws the picture, in order; everything else was added.
    parts: Vec<Range<usize>>,
    /// Bytes of the file.
    length: usize,
}

impl Anatomy {
    /// Looks at a whole file.
    pub fn of(bytes: &[u8]) -> Result<Anatomy, Fault> {
        match bytes {
            [0xff, 0xd8, ..] => jpeg(bytes),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => png(bytes),
            _ => Err(Fault::NotAPicture),
        }
    }

    /// Width and height as one looks at it.
    pub fn size(&self) -> (u32, u32) {
        let (width, height) = self.stored;
        if self.is_on_its_side() { (height, width) } else { (width, height) }
    }

    /// Stored rows are columns of the picture.
    pub fn is_on_its_side(&self) -> bool {
        use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
        matches!(self.orientation, Rotate90 | Rotate90FlipH | Rotate270 | Rotate270FlipH)
    }

    /// Nothing was added to what draws the picture.
    pub fn is_bare(&self) -> bool {
        self.parts.iter().map(ExactSizeIterator::len).sum::<usize>() == self.length
    }

    /// The file, of which this is the anatomy, without what was added. Not a pixel changes; how the camera was held is kept, so that it stands upright.
    pub fn bare(&self, bytes: &[u8]) -> Vec<u8> {
        let mut bare = Vec::with_capacity(bytes.len());
        for (index, part) in self.parts.iter().enumerate() {
            bare.extend_from_slice(&bytes[part.clone()]);
            if index == 0 && self.format == Format::Jpeg && self.orientation != Orientation::NoTransforms {
                bare.extend_from_slice(&orientation_alone(self.orientation));
            }
        }
        bare
    }
}

/// A JPEG's segments up to its end. Whatever follows (a phone's depth map, say) was added.
fn jpeg(bytes: &[u8]) -> Result<Anatomy, Fault> {
    let (mut stored, mut orientation) = (None, Orientation::NoTransforms);
    let mut parts: Vec<_> = std::iter::once(0..2).collect();
    let mut at = 2;
    loop {
        let marker = *bytes.get(at + 1).ok_or(Fault::CutShort)?;
        if bytes[at] != 0xff {
            return Err(Fault::Broken);
        }
        match marker {
            // Fill before a marker.
            0xff => {
                at += 1;
                continue;
            }
            0xd9 => {
                parts.push(at..at + 2);
                break;
            }
            0x01 | 0xd0..=0xd8 => {
                parts.push(at..at + 2);
                at += 2;
                continue;
            }
            _ => {}
        }
        let length = bytes.get(at + 2..at + 4).ok_or(Fault::CutShort)?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        let end = at + 2 + length;
        let held = bytes.get(at + 4..end.max(at + 4)).ok_or(Fault::CutShort)?;
        let keeps = match marker {
            0xe1 => {
                let told = held.strip_prefix(b"Exif\0\0").and_then(Orientation::from_exif_chunk);
                orientation = told.unwrap_or(orientation);
                false
            }
            // Of those that programs add, only what colours mean is drawn with.
            0xe2 => held.starts_with(b"ICC_PROFILE\0"),
            0xe3..=0xed | 0xef | 0xfe => false,
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                let [_, high, low, wide, narrow, ..] = *held else { return Err(Fault::Broken) };
                let number = |high, low| u32::from(u16::from_be_bytes([high, low]));
                stored = Some((number(wide, narrow), number(high, low)));
                true
            }
            _ => true,
        };
        if keeps {
            parts.push(at..end);
        }
        at = end;
        if marker == 0xda {
            let data = at;
            at = end_of_scan(bytes, at).ok_or(Fault::CutShort)?;
            parts.push(data..at);
        }
    }
    let stored = stored.filter(|(width, height)| *width > 0 && *height > 0).ok_or(Fault::Broken)?;
    Ok(Anatomy { format: Format::Jpeg, stored, orientation, moves: false, parts, length: bytes.len() })
}

/// Where the marker after the coded data at `at` stands: any but those that belong to it.
fn end_of_scan(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr(0xff, bytes.get(at..)?)?;
        match bytes.get(at + 1)? {
            0x00 | 0xd0..=0xd7 => at += 2,
            0xff => at += 1,
            _ => return Some(at),
        }
    }
}

/// A segment that says how the camera was held, and nothing else.
fn orientation_alone(orientation: Orientation) -> Vec<u8> {
    let mut segment = vec![0xff, 0xe1, 0, 34];
    segment.extend_from_slice(b"Exif\0\0MM\0*\0\0\0\x08\0\x01");
    // The tag, one short number of it, its value; no further directory.
    segment.extend_from_slice(&[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation.to_exif(), 0, 0, 0, 0, 0, 0]);
    segment
}

/// A PNG's chunks up to its end.
fn png(bytes: &[u8]) -> Result<Anatomy, Fault> {
    let (mut stored, mut moves, mut orientation) = (None, false, Orientation::NoTransforms);
    let mut parts: Vec<_> = std::iter::once(0..8).collect();
    let mut at = 8;
    loop {
        let [first, second, third, fourth, kind @ ..] = bytes.get(at..at + 8).ok_or(Fault::CutShort)? else {
            unreachable!("eight bytes were taken")
        };
        let length = u32::from_be_bytes([*first, *second, *third, *fourth]) as usize;
        let end = at.checked_add(12 + length).ok_or(Fault::Broken)?;
        let held = bytes.get(at + 8..end - 4).filter(|_| end <= bytes.len()).ok_or(Fault::CutShort)?;
        match kind {
            b"eXIf" => orientation = Orientation::from_exif_chunk(held).unwrap_or(orientation),
            b"tEXt" | b"zTXt" | b"iTXt" | b"tIME" => {}
            _ => parts.push(at..end),
        }
        match kind {
            b"IHDR" => {
                let [a, b, c, d, e, f, g, h, ..] = *held else { return Err(Fault::Broken) };
                stored = Some((u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h])));
            }
            b"acTL" => moves = true,
            b"IEND" => break,
            _ => {}
        }
        at = end;
    }
    let stored = stored.filter(|(width, height)| *width > 0 && *height > 0).ok_or(Fault::Broken)?;
    Ok(Anatomy { format: Format::Png, stored, orientation, moves, parts, length: bytes.len() })
}
