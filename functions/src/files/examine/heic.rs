//! Photographs as iPhones keep them: opened within bounds and turned as they are to be seen. The one door to `heic-rs`.

use domain::attachment::Refused;
use heic_rs::{DecodeOptions, Error, Image, PixelLayout, decode};
use image::{DynamicImage, RgbImage};

/// The picture, the right way up: such a file says so by itself, and what a camera's tags repeat of it does not count.
pub(super) fn opened(bytes: &[u8], most_pixels: u64) -> Result<DynamicImage, Refused> {
    if !is_whole(bytes) {
        return Err(Refused::CutShort);
    }
    let options = DecodeOptions {
        layout: PixelLayout::Rgb8,
        max_pixels: Some(most_pixels),
        // What is seen through is white elsewhere; no camera takes such pictures.
        decode_alpha: false,
        threads: Some(1),
        ..DecodeOptions::default()
    };
    let Image { data, width, height, .. } = decode(bytes, &options).map_err(|error| refused(&error))?;
    RgbImage::from_raw(width, height, data).map(DynamicImage::from).ok_or(Refused::Broken)
}

/// Whether the boxes that the file consists of are all there to their ends: what a broken line cut off is a picture with half of it grey, which decoders
/// do not mind.
fn is_whole(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some((head, _)) = rest.split_first_chunk::<8>() {
        let size = match u32::from_be_bytes([head[0], head[1], head[2], head[3]]) {
            // It reaches to the end.
            0 => return true,
            1 => match rest.get(8..16).and_then(|size| size.try_into().ok()).map(u64::from_be_bytes) {
                Some(size) if size >= 16 => size,
                _ => return false,
            },
            size => u64::from(size),
        };
        match usize::try_from(size).ok().filter(|size| *size >= 8).and_then(|size| rest.get(size..)) {
            Some(behind) => rest = behind,
            None => return false,
        }
    }
    true
}

fn refused(error: &Error) -> Refused {
    match error {
        Error::Truncated(_) | Error::BoxTooLarge { .. } => Refused::CutShort,
        Error::PixelLimit { .. } => Refused::TooManyPixels,
        Error::Unsupported(_) | Error::MissingParameterSet(_) => Refused::Heic,
        _ => Refused::Broken,
    }
}
