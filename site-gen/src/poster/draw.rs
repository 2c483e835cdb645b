//! SVG to pixels and to outlines: the only door to resvg.

use std::{cmp::Reverse, collections::HashMap};

use png::{BitDepth, ColorType, Compression, Encoder, Filter};
use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree, WriteOptions},
};

use super::font::Face;

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

/// Draws the SVG `text` at its own size, its letters in `face`. The error says what is wrong with it.
pub(super) fn draw(text: &str, face: &Face) -> Result<Drawn, String> {
    let options = Options {
        font_family: face.family.clone(),
        languages: vec!["zh-Hans".to_owned()],
        fontdb: std::sync::Arc::clone(&face.database),
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

/// Colours that a palette holds.
const PALETTE: usize = 256;
/// When so many pixels of a thousand have a colour that the palette lacks, there is a gradient or a picture in it.
const LACKING: usize = 10;

/// A byte a pixel where that is enough: flat colours and the edges of letters come to a thousand colours, of which the rarest (two pixels of a thousand)
/// are taken for the nearest, a few levels off. Three bytes a pixel otherwise: on white, nothing is transparent any more.
fn encoded(pixmap: &Pixmap) -> Result<Vec<u8>, String> {
    let (pixels, _) = pixmap.data().as_chunks::<4>();
    let runs: Vec<([u8; 3], usize)> = pixels.chunk_by(|one, next| one == next).map(|run| (rgb(run[0]), run.len())).collect();
    let mut counts: HashMap<[u8; 3], usize> = HashMap::new();
    runs.iter().for_each(|(colour, length)| *counts.entry(*colour).or_default() += length);
    let mut colours: Vec<([u8; 3], usize)> = counts.into_iter().collect();
    colours.sort_unstable_by_key(|&(colour, count)| (Reverse(count), colour));
    let (kept, rare) = colours.split_at(colours.len().min(PALETTE));
    let lacking: usize = rare.iter().map(|(_, count)| count).sum();

    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, pixmap.width(), pixmap.height());
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Balanced);
    // Flat colours and the edges of letters: filters only get into the way of finding what repeats.
    encoder.set_filter(Filter::NoFilter);
    let data = if lacking * 1_000 > pixels.len() * LACKING {
        encoder.set_color(ColorType::Rgb);
        pixels.iter().flat_map(|pixel| rgb(*pixel)).collect()
    } else {
        let palette: Vec<[u8; 3]> = kept.iter().map(|(colour, _)| *colour).collect();
        let places: HashMap<[u8; 3], u8> = colours.iter().map(|(colour, _)| (*colour, nearest(*colour, &palette))).collect();
        encoder.set_color(ColorType::Indexed);
        encoder.set_palette(palette.concat());
        runs.iter().fold(Vec::with_capacity(pixels.len()), |mut data, (colour, length)| {
            data.resize(data.len() + length, places[colour]);
            data
        })
    };
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&data));
    written.map(|()| file).map_err(|error| error.to_string())
}

fn rgb([red, green, blue, _]: [u8; 4]) -> [u8; 3] {
    [red, green, blue]
}

/// Where in `palette` the colour stands that is nearest to `colour`; the first of several.
fn nearest(colour: [u8; 3], palette: &[[u8; 3]]) -> u8 {
    let distance =
        |other: &[u8; 3]| -> u32 { colour.iter().zip(other).map(|(one, other)| u32::from(one.abs_diff(*other)).pow(2)).sum() };
    let place = palette.iter().enumerate().min_by_key(|(_, other)| distance(other)).map_or(0, |(place, _)| place);
    u8::try_from(place).expect("a palette has 256 colours at most")
}

#[cfg(test)]
mod tests {
    use resvg::tiny_skia::PremultipliedColorU8;

    use super::*;

    /// A picture of 100 × 100 pixels that are `colour` says what.
    fn picture(colour: impl Fn(usize) -> [u8; 3]) -> Pixmap {
        let mut pixmap = Pixmap::new(100, 100).expect("it has a size");
        for (at, pixel) in pixmap.pixels_mut().iter_mut().enumerate() {
            let [red, green, blue] = colour(at);
            *pixel = PremultipliedColorU8::from_rgba(red, green, blue, 255).expect("nothing is transparent");
        }
        pixmap
    }

    /// What a reader of others sees, and how a pixel is kept.
    fn read(pixmap: &Pixmap) -> (Vec<[u8; 3]>, ColorType) {
        let file = encoded(pixmap).expect("it is encoded");
        let kept = png::Decoder::new(std::io::Cursor::new(&file)).read_info().expect("it is PNG").info().color_type;
        let seen = image::load_from_memory(&file).expect("it is a picture").into_rgb8();
        (seen.pixels().map(|pixel| pixel.0).collect(), kept)
    }

    #[test]
    fn few_colours_are_kept_as_they_are() {
        let colour = |at: usize| [(at % 256) as u8, 0, 9];
        let (seen, kept) = read(&picture(colour));
        assert_eq!(kept, ColorType::Indexed);
        assert!(seen.iter().enumerate().all(|(at, seen)| *seen == colour(at)));
    }

    #[test]
    fn a_rare_colour_becomes_the_nearest() {
        let colour = |at: usize| if at < 50 { [(at % 250) as u8, 1, 9] } else { [(at % 250) as u8, 0, 9] };
        let (seen, kept) = read(&picture(colour));
        assert_eq!(kept, ColorType::Indexed);
        for (at, seen) in seen.iter().enumerate() {
            let [red, green, blue] = colour(at);
            assert!(*seen == [red, green, blue] || at < 50 && *seen == [red, 0, blue], "pixel {at} is {seen:?}");
        }
    }

    #[test]
    fn a_picture_of_many_colours_keeps_them_all() {
        let colour = |at: usize| [(at % 256) as u8, (at / 256) as u8, 9];
        let (seen, kept) = read(&picture(colour));
        assert_eq!(kept, ColorType::Rgb);
        assert!(seen.iter().enumerate().all(|(at, seen)| *seen == colour(at)));
    }
}
