//! QR codes as pictures: the only door to the encoder and to PNG.
//!
//! A PNG under an address of its own and not an SVG within the page: a long press in WeChat reads an `<img>` only when it can fetch the picture
//! as one, and the page's policy allows no picture from anywhere but the site.

use png::{BitDepth, ColorType, Encoder};
use qrcodegen::{QrCode, QrCodeEcc};

/// Pixels of a module's side.
const SCALE: usize = 6;
/// Modules of the quiet zone, without which cameras find no code.
const MARGIN: usize = 4;

/// `text` as a QR code in a PNG, dark on white; none when it is too long for one.
pub(crate) fn picture(text: &str) -> Option<Vec<u8>> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let modules = usize::try_from(code.size()).ok()? + 2 * MARGIN;
    let side = modules * SCALE;
    let is_dark = |x: usize, y: usize| {
        let at = |pixel: usize| i32::try_from(pixel / SCALE).unwrap_or(0) - MARGIN as i32;
        // Outside of the code, the encoder answers light.
        code.get_module(at(x), at(y))
    };
    // A bit a pixel, a row in whole bytes; 1 is white.
    let row = side.div_ceil(8);
    let mut pixels = vec![0xff_u8; row * side];
    for y in 0..side {
        for x in (0..side).filter(|x| is_dark(*x, y)) {
            pixels[y * row + x / 8] &= !(0x80 >> (x % 8));
        }
    }
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, u32::try_from(side).ok()?, u32::try_from(side).ok()?);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::One);
    encoder.write_header().and_then(|mut writer| writer.write_image_data(&pixels)).ok()?;
    Some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_is_not_ours_reads_what_was_written() {
        let text = "https://xiangshang.example/f/checkin/djt-2026-q4/012345";
        let file = picture(text).expect("an address is short enough");
        let mut decoder = png::Decoder::new(std::io::Cursor::new(file.as_slice()));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("a small picture")];
        let info = reader.next_frame(&mut pixels).expect("one frame");
        let (width, height) = (info.width as usize, info.height as usize);
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
        let found = image.detect_grids();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].decode().expect("a code that can be read").1, text);
        assert!(file.len() < 2_000, "{} bytes", file.len());
    }

    #[test]
    fn what_is_too_long_makes_no_picture() {
        assert_eq!(picture(&"字".repeat(2_000)), None);
    }
}
