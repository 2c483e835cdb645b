//! SVG to pixels and to outlines: the only door to resvg.

use png::{BitDepth, ColorType, Compression, Encoder, Filter};
use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree, WriteOptions},
};

use super::Font;

/// More pixels a side than any screen or phone shows of a poster.
const LONGEST_SIDE: u32 = 4096;

/// A drawn picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// In pixels, without transparency.
    pub png: Vec<u8>,
    /// The same with its letters as outlines: it looks alike wherever it is opened or printed, whatever fonts are there.
    pub svg: Vec<u8>,
}

/// Draws the SVG `text` at its own size, its letters in `font`. The error says what is wrong with it.
pub fn draw(text: &str, font: &Font) -> Result<Drawn, String> {
    let options = Options {
        font_family: font.family.clone(),
        languages: vec!["zh-Hans".to_owned()],
        fontdb: std::sync::Arc::clone(&font.database),
        ..Options::default()
    };
    let tree = Tree::from_str(text, &options).map_err(|error| error.to_string())?;
    let size = tree.size().to_int_size();
    if size.width().max(size.height()) > LONGEST_SIDE {
        return Err(format!("{} × {} is too large", size.width(), size.height()));
    }
    let mut pixmap = Pixmap::new(size.width(), size.height()).ok_or("it has no size")?;
    pixmap.fill(resvg::tiny_skia::Color::WHITE);
    resvg::render(&tree, Transform::identity(), &mut pixmap.as_mut());
    let outlines = WriteOptions { coordinates_precision: 2, transforms_precision: 4, ..WriteOptions::default() };
    Ok(Drawn { png: encoded(&pixmap)?, svg: tree.to_string(&outlines).into_bytes() })
}

/// Three bytes a pixel: on white, nothing is transparent any more.
fn encoded(pixmap: &Pixmap) -> Result<Vec<u8>, String> {
    let pixels: Vec<u8> = pixmap.data().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, pixmap.width(), pixmap.height());
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Balanced);
    // Flat colours and the edges of letters: filters only get into the way of finding what repeats.
    encoder.set_filter(Filter::NoFilter);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&pixels));
    written.map(|()| file).map_err(|error| error.to_string())
}
