//! A picture in several widths: decoded within bounds, its colours made those of the web, made smaller, turned upright, encoded. The door to `image`,
//! moxcms, fast_image_resize and libwebp.

use std::{io::Cursor, panic};

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageError, Limits, RgbaImage,
    codecs::{
        jpeg::{JpegDecoder, JpegEncoder},
        png::{CompressionType, FilterType as PngFilter, PngDecoder, PngEncoder},
    },
    metadata::Orientation,
};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};
use rayon::prelude::*;

use super::{
    Fault,
    file::{Anatomy, Format},
};

/// What a decoder may take for itself: a picture of the most pixels at eight bytes each, which a PNG of sixteen bits a colour has.
const MOST_MEMORY: u64 = super::MOST_PIXELS * 8 + (64 << 20);
/// Of JPEG; the eye sees no more at the density of a phone's screen.
const JPEG_QUALITY: u8 = 80;
/// Of WebP, for what has been photographed…
const WEBP_QUALITY: f32 = 76.0;
/// …and for what has been drawn, with letters and lines.
const WEBP_QUALITY_DRAWN: f32 = 88.0;

/// One width of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// In pixels.
    pub width: u32,
    /// In its own format.
    pub original: Vec<u8>,
    /// In WebP.
    pub webp: Vec<u8>,
}

/// The picture in `bytes` in `widths`, the widest first. A decoder that panics (`png` 0.18.1 does at a palette whose last colour is cut off) has met
/// a broken picture, and the build goes on.
pub fn variants(bytes: &[u8], anatomy: &Anatomy, widths: &[u32]) -> Result<Vec<Variant>, Fault> {
    panic::catch_unwind(|| made(bytes, anatomy, widths)).unwrap_or(Err(Fault::Broken))
}

fn made(bytes: &[u8], anatomy: &Anatomy, widths: &[u32]) -> Result<Vec<Variant>, Fault> {
    let mut picture = decoded(bytes, anatomy.format)?;
    let (whole, _) = anatomy.size();
    let mut sizes = Vec::with_capacity(widths.len());
    for &width in widths {
        // Each from the one before: a third of the work, and no difference that can be seen.
        picture = smaller(picture, stored_size(anatomy, width))?;
        let mut upright = DynamicImage::ImageRgba8(picture.pixels.clone());
        upright.apply_orientation(anatomy.orientation);
        sizes.push((width, Pixels { pixels: upright.into_rgba8(), transparent: picture.transparent }));
    }
    // Encoding is what takes long, and few pages bring more than one picture.
    let encode = |(width, upright): (u32, Pixels)| {
        let (original, webp) = rayon::join(|| encoded(&upright, anatomy.format), || webp(&upright, anatomy.format));
        let (mut original, webp) = (original?, webp?);
        if width == whole && anatomy.orientation == Orientation::NoTransforms {
            let bare = anatomy.bare(bytes);
            if bare.len() < original.len() {
                original = bare;
            }
        }
        Ok(Variant { width, original, webp })
    };
    sizes.into_par_iter().map(encode).collect()
}

/// Width and height in which a picture that is to be `width` wide is stored.
fn stored_size(anatomy: &Anatomy, width: u32) -> (u32, u32) {
    let height = super::height(anatomy.size(), width);
    if anatomy.is_on_its_side() { (height, width) } else { (width, height) }
}

struct Pixels {
    pixels: RgbaImage,
    transparent: bool,
}

fn decoded(bytes: &[u8], format: Format) -> Result<Pixels, Fault> {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    let (picture, profile) = match format {
        Format::Jpeg => JpegDecoder::new(Cursor::new(bytes)).and_then(|decoder| within(decoder, limits)),
        Format::Png => PngDecoder::with_limits(Cursor::new(bytes), limits.clone()).and_then(|decoder| within(decoder, limits)),
    }
    .map_err(|error| fault(&error))?;
    let transparent = picture.color().has_alpha();
    let mut pixels = picture.into_rgba8();
    if let Some(profile) = profile {
        to_srgb(&mut pixels, &profile);
    }
    let transparent = transparent && pixels.pixels().any(|pixel| pixel.0[3] != u8::MAX);
    Ok(Pixels { pixels, transparent })
}

/// The picture, and the profile that says what its colours mean.
fn within(mut decoder: impl ImageDecoder, limits: Limits) -> Result<(DynamicImage, Option<Vec<u8>>), ImageError> {
    decoder.set_limits(limits)?;
    // A profile that cannot be read is none.
    let profile = decoder.icc_profile().unwrap_or_default();
    Ok((DynamicImage::from_decoder(decoder)?, profile))
}

/// Makes `pixels` of `profile` those that mean the same without any: what is made has none, so that a photograph in the wider colours of a telephone
/// would look pale. A profile that is damaged, or not one of red, green and blue, leaves them as they are.
fn to_srgb(pixels: &mut RgbaImage, profile: &[u8]) {
    let Ok(profile) = ColorProfile::new_from_slice(profile) else { return };
    if profile.color_space != DataColorSpace::Rgb {
        return;
    }
    let srgb = ColorProfile::new_srgb();
    let Ok(transform) = profile.create_transform_8bit(Layout::Rgba, &srgb, Layout::Rgba, TransformOptions::default()) else {
        return;
    };
    let width = pixels.width() as usize * 4;
    let mut row = vec![0; width];
    for meant in pixels.chunks_exact_mut(width) {
        if transform.transform(meant, &mut row).is_ok() {
            meant.copy_from_slice(&row);
        }
    }
}

fn smaller(picture: Pixels, (width, height): (u32, u32)) -> Result<Pixels, Fault> {
    let Pixels { pixels, transparent } = picture;
    if pixels.dimensions() == (width, height) {
        return Ok(Pixels { pixels, transparent });
    }
    let source = ImageRef::new(pixels.width(), pixels.height(), pixels.as_raw(), PixelType::U8x4).map_err(|_| Fault::Broken)?;
    let mut made = Image::new(width, height, PixelType::U8x4);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3)).use_alpha(transparent);
    Resizer::new().resize(&source, &mut made, &options).map_err(|_| Fault::Broken)?;
    let pixels = RgbaImage::from_raw(width, height, made.into_vec()).ok_or(Fault::Broken)?;
    Ok(Pixels { pixels, transparent })
}

fn encoded(picture: &Pixels, format: Format) -> Result<Vec<u8>, Fault> {
    let mut file = Vec::new();
    let (width, height) = picture.pixels.dimensions();
    let written = match format {
        Format::Jpeg => JpegEncoder::new_with_quality(&mut file, JPEG_QUALITY).write_image(
            &opaque(&picture.pixels),
            width,
            height,
            ExtendedColorType::Rgb8,
        ),
        Format::Png => {
            // The best would be a percent or two smaller and take much longer; most browsers load the WebP.
            let encoder = PngEncoder::new_with_quality(&mut file, CompressionType::Default, PngFilter::Adaptive);
            if picture.transparent {
                encoder.write_image(picture.pixels.as_raw(), width, height, ExtendedColorType::Rgba8)
            } else {
                encoder.write_image(&opaque(&picture.pixels), width, height, ExtendedColorType::Rgb8)
            }
        }
    };
    written.map(|()| file).map_err(|_| Fault::Broken)
}

fn webp(picture: &Pixels, format: Format) -> Result<Vec<u8>, Fault> {
    let (width, height) = picture.pixels.dimensions();
    let plain;
    let encoder = if picture.transparent {
        webp::Encoder::from_rgba(picture.pixels.as_raw(), width, height)
    } else {
        plain = opaque(&picture.pixels);
        webp::Encoder::from_rgb(&plain, width, height)
    };
    let encode =
        |lossless, quality| encoder.encode_simple(lossless, quality).map(|file| file.to_vec()).map_err(|_| Fault::Broken);
    match format {
        Format::Jpeg => encode(false, WEBP_QUALITY),
        // A drawing in few colours is both smaller and sharper without loss, a screenshot of a photograph is not.
        Format::Png => {
            let (drawn, exact) = rayon::join(|| encode(false, WEBP_QUALITY_DRAWN), || encode(true, 75.0));
            let (drawn, exact) = (drawn?, exact?);
            Ok(if exact.len() <= drawn.len() { exact } else { drawn })
        }
    }
}

fn opaque(pixels: &RgbaImage) -> Vec<u8> {
    pixels.as_raw().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect()
}

fn fault(error: &ImageError) -> Fault {
    match error {
        ImageError::Limits(_) => Fault::TooMuchMemory,
        ImageError::Unsupported(_) => Fault::Unsupported,
        _ => Fault::Broken,
    }
}
