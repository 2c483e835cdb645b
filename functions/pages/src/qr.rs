//! QR codes: for service pages as a PNG of their own, for posters as the outline of their dark modules. The only door to the encoder.
//!
//! A page shows a PNG under an address of its own and not an SVG within the page: a long press in WeChat reads an `<img>` only when it can fetch the picture
//! as one, and the page's policy allows no picture from anywhere but the site.

use std::fmt::{self, Write};

use png::{BitDepth, ColorType, Encoder};
use qrcodegen::{QrCode, QrCodeEcc};

/// Pixels of a module's side.
const SCALE: usize = 6;
/// Modules of the quiet zone, without which cameras find no code.
const MARGIN: usize = 4;

/// A text as a QR code.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(QrCode);

/// The library's own type has none.
impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Code").field("modules", &self.modules()).finish_non_exhaustive()
    }
}

impl Code {
    /// The code of `text`, of which up to 15 % may be unreadable; none when it is too long for one.
    pub fn new(text: &str) -> Option<Code> {
        QrCode::encode_text(text, QrCodeEcc::Medium).ok().map(Code)
    }

    /// Modules of a side, the quiet zone not among them.
    pub fn modules(&self) -> usize {
        usize::try_from(self.0.size()).expect("a code has between 21 and 177 modules a side")
    }

    /// Whether the module is dark; outside of the code none is.
    fn is_dark(&self, x: usize, y: usize) -> bool {
        let at = |module: usize| i32::try_from(module).unwrap_or(-1);
        self.0.get_module(at(x), at(y))
    }

    /// The dark modules as the data of an SVG path, a module being one unit and the first at the origin. Those side by side are one rectangle:
    /// nothing shows between them, at whatever scale it is drawn.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for y in 0..self.modules() {
            let mut x = 0;
            while x < self.modules() {
                let width = (x..self.modules()).take_while(|x| self.is_dark(*x, y)).count();
                if width > 0 {
                    write!(path, "M{x} {y}h{width}v1h-{width}z").expect("writing to a string cannot fail");
                }
                x += width.max(1);
            }
        }
        path
    }

    /// The code with its quiet zone, dark on white.
    pub fn png(&self) -> Option<Vec<u8>> {
        let side = (self.modules() + 2 * MARGIN) * SCALE;
        let is_dark = |x: usize, y: usize| {
            let at = |pixel: usize| (pixel / SCALE).checked_sub(MARGIN);
            at(x).zip(at(y)).is_some_and(|(x, y)| self.is_dark(x, y))
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
}

/// `text` as a QR code in a PNG, dark on white; none when it is too long for one.
pub fn picture(text: &str) -> Option<Vec<u8>> {
    Code::new(text)?.png()
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
    fn the_outline_covers_the_dark_modules_and_no_other() {
        let code = Code::new("https://xiangshang.example/courses/2026-q4/").expect("an address is short enough");
        let mut covered = std::collections::BTreeSet::new();
        for rectangle in code.path().split('M').skip(1) {
            let (x, rest) = rectangle.split_once(' ').expect("a beginning");
            let (y, rest) = rest.split_once('h').expect("a width");
            let (width, _) = rest.split_once('v').expect("a height");
            let [x, y, width] = [x, y, width].map(|number| number.parse::<usize>().expect("a number"));
            (x..x + width).for_each(|x| assert!(covered.insert((x, y)), "{x} {y} is covered twice"));
        }
        let all = (0..code.modules()).flat_map(|y| (0..code.modules()).map(move |x| (x, y)));
        assert_eq!(covered, all.filter(|(x, y)| code.is_dark(*x, *y)).collect());
    }

    #[test]
    fn what_is_too_long_makes_no_picture() {
        assert_eq!(picture(&"字".repeat(2_000)), None);
    }
}
