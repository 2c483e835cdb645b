//! Pictures: opened within bounds, turned as their camera held them, made smaller, and written anew. The one door to `image`.

use std::{io::Cursor, panic};

use domain::attachment::{Kind, LARGEST_KEPT, LONGEST_SIDE, Refused};
use image::{
    DynamicImage, ImageDecoder, ImageError, Limits, RgbImage, Rgba,
    codecs::{
        jpeg::{JpegDecoder, JpegEncoder},
        png::{PngDecoder, PngEncoder},
    },
    imageops::FilterType,
    metadata::Orientation,
};

use super::{Examined, heic};

/// A decoder's own memory: the picture as it stands in memory, and what a progressive one is put together from.
const MOST_MEMORY: u64 = 640_000_000;
/// Tried one after the other until the picture fits.
const QUALITIES: [u8; 4] = [85, 70, 50, 30];

/// The picture in `bytes`, written anew. A decoder that panics (`heic-rs` is young; `png` 0.18.1 does at a palette whose last colour is cut off) has
/// met a picture that cannot be opened, and neither the firm nor the office hears otherwise of it.
pub(super) fn rewritten(kind: Kind, bytes: Vec<u8>, most_pixels: u64) -> Result<Examined, Refused> {
    panic::catch_unwind(|| written_anew(kind, bytes, most_pixels)).unwrap_or_else(|_| {
        tracing::error!("a decoder panicked; the picture is refused");
        Err(Refused::Broken)
    })
}

fn written_anew(kind: Kind, bytes: Vec<u8>, most_pixels: u64) -> Result<Examined, Refused> {
    let picture = match kind {
        Kind::Heic => made_smaller(heic::opened(&bytes, most_pixels)?),
        Kind::Jpeg => opened(JpegDecoder::new(Cursor::new(bytes)).map_err(refused)?, most_pixels)?,
        _ => opened(PngDecoder::with_limits(Cursor::new(bytes), limits()).map_err(refused)?, most_pixels)?,
    };
    let picture = made_smaller(picture);
    if kind == Kind::Png {
        let mut written = Vec::new();
        // Sixteen bits a colour are more than is seen.
        let plain = if picture.color().has_alpha() { picture.to_rgba8().into() } else { DynamicImage::from(picture.to_rgb8()) };
        plain.write_with_encoder(PngEncoder::new(&mut written)).map_err(refused)?;
        if written.len() <= LARGEST_KEPT {
            return Ok(Examined { kind: Kind::Png, bytes: written });
        }
    }
    let drawn = on_white(picture);
    for quality in QUALITIES {
        let mut written = Vec::new();
        drawn.write_with_encoder(JpegEncoder::new_with_quality(&mut written, quality)).map_err(refused)?;
        if written.len() <= LARGEST_KEPT {
            return Ok(Examined { kind: Kind::Jpeg, bytes: written });
        }
    }
    Err(Refused::TooLarge)
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    limits
}

/// The picture, the right way up. What it says of its size is looked at before anything is made room for.
fn opened(mut decoder: impl ImageDecoder, most_pixels: u64) -> Result<DynamicImage, Refused> {
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > most_pixels {
        return Err(Refused::TooManyPixels);
    }
    decoder.set_limits(limits()).map_err(refused)?;
    // Told by the same tags that are thrown away; a picture without them stands as it is.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refused)?;
    picture = made_smaller(picture);
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn made_smaller(picture: DynamicImage) -> DynamicImage {
    if picture.width().max(picture.height()) <= LONGEST_SIDE {
        return picture;
    }
    picture.resize(LONGEST_SIDE, LONGEST_SIDE, FilterType::Triangle)
}

fn on_white(picture: DynamicImage) -> DynamicImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8().into();
    }
    let picture = picture.to_rgba8();
    let mixed = |Rgba([red, green, blue, alpha]): Rgba<u8>| {
        [red, green, blue].map(|colour| ((u32::from(colour) * u32::from(alpha) + 255 * (255 - u32::from(alpha))) / 255) as u8)
    };
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| image::Rgb(mixed(*picture.get_pixel(x, y)))).into()
}

fn refused(error: ImageError) -> Refused {
    match error {
        ImageError::Limits(_) => Refused::TooManyPixels,
        ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Refused::CutShort,
        _ => Refused::Broken,
    }
}
