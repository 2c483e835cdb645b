use std::io::{Cursor, Write};

use image::{
    DynamicImage, GenericImageView, ImageEncoder, Rgb, RgbImage, Rgba, RgbaImage,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
    metadata::Orientation,
};

use super::*;

/// A picture whose upper left is red, upper right green, the rest blue: which way is up can be seen.
fn drawn(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| match (x < width / 2, y < height / 2) {
        (true, true) => Rgb([220, 20, 20]),
        (false, true) => Rgb([20, 200, 20]),
        _ => Rgb([20, 20, 220]),
    })
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut file, 90)).expect("encodes");
    file
}

/// The same as a camera writes it: held so, at a place, with an earlier version within and another picture behind.
fn photographed(picture: &RgbImage, orientation: u8) -> Vec<u8> {
    let file = jpeg(picture);
    // Two entries: how the camera was held, and where the place is told: latitude 33° N.
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x02".to_vec();
    exif.extend_from_slice(&[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    exif.extend_from_slice(&[0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38]);
    exif.extend_from_slice(&[0, 0, 0, 0]);
    exif.extend_from_slice(&[0, 1, 0, 1, 0, 2, 0, 0, 0, 2, b'N', 0, 0, 0, 0, 0, 0, 0]);
    let segment = |marker: u8, held: &[u8]| {
        let length = u16::try_from(held.len() + 2).expect("a short segment").to_be_bytes();
        [&[0xff, marker], length.as_slice(), held].concat()
    };
    let added = [segment(0xe1, &exif), segment(0xed, b"Photoshop 3.0\0secret"), segment(0xfe, b"a comment, secret")].concat();
    [&file[..2], &added, &file[2..], b"secret behind the end"].concat()
}

fn png(picture: &RgbaImage) -> Vec<u8> {
    let mut file = Vec::new();
    picture.write_with_encoder(PngEncoder::new(&mut file)).expect("encodes");
    file
}

struct Beside {
    folder: tempfile::TempDir,
    pictures: Pictures,
    file: ContentFile,
}

/// A file called `name` that holds `bytes`, and a cache of its own.
fn beside(name: &str, bytes: &[u8]) -> Beside {
    let folder = tempfile::tempdir().expect("a folder");
    let location = folder.path().join(name);
    fs::write(&location, bytes).expect("writes");
    let file = ContentFile { path: format!("news/{name}"), location, size: bytes.len() as u64, picture: None };
    let pictures = Pictures::new(std::slice::from_ref(&file), Cache::new(folder.path().join("cache")));
    Beside { folder, pictures, file }
}

impl Beside {
    fn fault(&self) -> Fault {
        self.pictures.look(&self.file).expect("it is known").expect_err("something is wrong with it").clone()
    }

    fn shown(&self) -> Option<Shown> {
        self.pictures.look(&self.file).expect("it is known").expect("nothing is wrong with it").shown("/news/a b.jpg")
    }

    fn made(&self) -> Vec<Vec<u8>> {
        self.pictures.make(&self.file.path).expect("it can be made")
    }
}

fn opened(file: &[u8]) -> DynamicImage {
    match webp::Decoder::new(file).decode() {
        Some(picture) => picture.to_image_rgba(),
        None => image::ImageReader::new(Cursor::new(file)).with_guessed_format().expect("reads").decode().expect("a picture"),
    }
}

trait ToImage {
    fn to_image_rgba(&self) -> DynamicImage;
}

impl ToImage for webp::WebPImage {
    fn to_image_rgba(&self) -> DynamicImage {
        let (width, height, bytes) = (self.width(), self.height(), self.to_vec());
        if self.is_alpha() {
            RgbaImage::from_raw(width, height, bytes).expect("four bytes a pixel").into()
        } else {
            RgbImage::from_raw(width, height, bytes).expect("three bytes a pixel").into()
        }
    }
}

fn is_near(pixel: Rgba<u8>, colour: [u8; 3]) -> bool {
    pixel.0.iter().zip(colour).all(|(one, other)| one.abs_diff(other) < 40)
}

#[test]
fn no_width_is_larger_than_the_picture_and_none_is_nearly_another() {
    for (whole, expected) in [
        (4000, [1600, 960, 480].as_slice()),
        (1600, &[1600, 960, 480]),
        (1000, &[1000, 480]),
        (1200, &[1200, 960, 480]),
        (500, &[500]),
        (480, &[]),
        (20, &[]),
    ] {
        assert_eq!(widths(whole), expected, "{whole}");
    }
}

#[test]
fn a_photograph_stands_upright_in_every_width_and_tells_nothing_of_its_camera() {
    // Held so that the stored picture lies on its side: its left is the top.
    let upright = drawn(1200, 900);
    let mut stored = DynamicImage::from(upright);
    stored.apply_orientation(Orientation::Rotate270);
    let beside = beside("a b.jpg", &photographed(&stored.into_rgb8(), 6));

    let shown = beside.shown().expect("it is made smaller");
    assert_eq!(shown.size, (960, 720));
    assert_eq!(shown.original.iter().map(|(_, width)| *width).collect::<Vec<_>>(), [480, 960, 1200]);
    let names = beside.pictures.names(&beside.file.path, "/news/a b.jpg");
    let made = beside.made();
    assert_eq!(names.len(), made.len());
    assert!(names.contains(&shown.src) && shown.webp.iter().all(|(name, _)| names.contains(name)), "{names:?}");
    for (name, file) in names.iter().zip(&made) {
        let picture = opened(file);
        let (width, height) = picture.dimensions();
        assert!(name.contains(&format!("-{width}.")) && height == width * 3 / 4, "{name} is {width} × {height}");
        assert!(is_near(picture.get_pixel(width / 4, height / 4), [220, 20, 20]), "{name}");
        assert!(is_near(picture.get_pixel(width * 3 / 4, height / 4), [20, 200, 20]), "{name}");
        assert!(is_near(picture.get_pixel(width / 2, height * 3 / 4), [20, 20, 220]), "{name}");
        assert!(exif::Reader::new().read_from_container(&mut Cursor::new(file)).is_err(), "{name}");
    }
}

#[test]
fn at_its_own_address_a_photograph_is_the_same_without_what_was_added() {
    let plain = jpeg(&drawn(64, 48));
    for (orientation, tags) in [(1, 0), (6, 1)] {
        let beside = beside("a.jpg", &photographed(&drawn(64, 48), orientation));
        let Content::Bytes(bare) = beside.pictures.published(&beside.file) else { panic!("something was added") };
        assert!(!bare.windows(6).any(|window| window == b"secret"));
        let kept = exif::Reader::new().read_from_container(&mut Cursor::new(&bare));
        assert_eq!(kept.as_ref().map_or(0, |kept| kept.fields().len()), tags);
        if let Ok(kept) = kept {
            let field = kept.get_field(exif::Tag::Orientation, exif::In::PRIMARY).expect("how it was held");
            assert_eq!(field.value.get_uint(0), Some(u32::from(orientation)));
        }
        assert_eq!(opened(&bare).to_rgb8(), opened(&plain).to_rgb8(), "not a pixel changes");
        // And what has nothing added is left as it is.
        let again = Anatomy::of(&bare).expect("it is whole");
        assert_eq!(again.bare(&bare), bare);
    }
    let beside = beside("a.jpg", &plain);
    assert_eq!(beside.pictures.published(&beside.file), Content::File(beside.file.location.clone()));
    assert_eq!(beside.shown(), None, "it is small enough as it is");
}

#[test]
fn the_wider_colours_of_a_telephone_look_the_same_without_their_profile() {
    // Display P3, and the same colours of sRGB by the matrices of both standards (IEC 61966-2-1, SMPTE EG 432-1).
    for (wide, plain) in [([180, 90, 70], [193, 83, 63]), ([90, 170, 100], [52, 172, 92]), ([128, 128, 128], [128, 128, 128])] {
        let picture = RgbImage::from_pixel(1000, 600, Rgb(wide));
        let profile = moxcms::ColorProfile::new_display_p3().encode().expect("a profile");
        let (mut photograph, mut drawing) = (Vec::new(), Vec::new());
        let mut encoder = JpegEncoder::new_with_quality(&mut photograph, 95);
        encoder.set_icc_profile(profile.clone()).expect("takes a profile");
        picture.write_with_encoder(encoder).expect("encodes");
        let mut encoder = PngEncoder::new(&mut drawing);
        encoder.set_icc_profile(profile.clone()).expect("takes a profile");
        picture.write_with_encoder(encoder).expect("encodes");
        // The same with half of the profile, which no longer says anything.
        let mut damaged = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut damaged, 95);
        encoder.set_icc_profile(profile[..profile.len() / 2].to_vec()).expect("takes anything");
        picture.write_with_encoder(encoder).expect("encodes");

        for (name, file, expected) in [("a.jpg", &photograph, plain), ("a.png", &drawing, plain), ("a.jpg", &damaged, wide)] {
            let beside = beside(name, file);
            // The narrow one: the widest may be the file as it lies there, with its profile.
            let made = beside.made();
            for narrow in &made[made.len() - 2..] {
                let pixel = opened(narrow).get_pixel(200, 100).0;
                let off = pixel.iter().zip(expected).map(|(one, other)| one.abs_diff(other)).max();
                assert!(off.is_some_and(|off| off <= 4), "{name}: {wide:?} became {pixel:?} and not {expected:?}");
            }
        }
    }
}

#[test]
fn a_drawing_keeps_its_transparency_and_its_texts_are_left_out() {
    let picture = RgbaImage::from_fn(1000, 500, |x, _| if x < 500 { Rgba([156, 31, 31, 255]) } else { Rgba([0, 0, 0, 0]) });
    let mut file = png(&picture);
    let chunk = b"\0\0\0\x0etEXtComment\0secret\x00\x00\x00\x00";
    file.splice(33..33, chunk.iter().copied());
    let beside = beside("a.png", &file);
    let Content::Bytes(bare) = beside.pictures.published(&beside.file) else { panic!("something was added") };
    assert_eq!(bare, png(&picture));
    for file in beside.made() {
        let made = opened(&file);
        let (width, height) = made.dimensions();
        assert_eq!(made.get_pixel(width / 4, height / 2).0[3], 255);
        assert_eq!(made.get_pixel(width * 3 / 4, height / 2).0[3], 0);
    }
}

#[test]
fn what_is_wrong_with_a_file_is_known_before_anything_is_decoded() {
    let whole = photographed(&drawn(600, 400), 1);
    let end = whole.len() - b"secret behind the end".len();
    let drawing = png(&drawn_png());
    let mut enormous = drawing.clone();
    enormous[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    for (name, bytes, expected) in [
        ("a.jpg", &whole[..end - 2], Fault::CutShort),
        ("a.jpg", &whole[..end / 2], Fault::CutShort),
        ("a.jpg", &whole[..40], Fault::CutShort),
        ("a.jpg", &[0xff, 0xd8], Fault::CutShort),
        ("a.png", &drawing[..drawing.len() - 1], Fault::CutShort),
        ("a.png", &drawing[..20], Fault::CutShort),
        ("a.png", &enormous, Fault::TooManyPixels(60_000, 60_000)),
        ("a.jpg", b"<html>", Fault::NotAPicture),
        ("a.jpg", b"", Fault::NotAPicture),
        ("a.jpg", &[0xff, 0xd8, 0xff, 0xd9], Fault::Broken),
        ("a.jpg", &[0xff, 0xd8, 1, 2, 3, 4], Fault::Broken),
    ] {
        let fault = beside(name, bytes).fault();
        assert_eq!(fault, expected, "{} bytes of {name}", bytes.len());
        assert!(!fault.hint().is_empty());
    }
}

fn drawn_png() -> RgbaImage {
    RgbaImage::from_fn(600, 400, |x, y| Rgba([(x % 256) as u8, (y % 256) as u8, 90, 255]))
}

#[test]
fn what_is_damaged_within_is_a_fault_and_no_crash() {
    let mut file = png(&drawn_png());
    let middle = file.len() / 2;
    file[middle] ^= 0xff;
    let beside = beside("a.png", &file);
    assert!(beside.shown().is_some(), "from outside it looks whole");
    assert_eq!(beside.pictures.make(&beside.file.path), Err(Fault::Broken));
}

#[test]
fn a_palette_whose_last_colour_is_cut_off_is_a_fault_though_the_decoder_panics() {
    let chunk = |kind: &[u8], held: &[u8]| {
        let mut sum = flate2::Crc::new();
        sum.update(kind);
        sum.update(held);
        let length = u32::try_from(held.len()).expect("a short chunk").to_be_bytes();
        [length.as_slice(), kind, held, &sum.sum().to_be_bytes()].concat()
    };
    let mut rows = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    rows.write_all(&[0; 601 * 400]).expect("writes to memory");
    let rows = rows.finish().expect("writes to memory");
    let head = [&600_u32.to_be_bytes()[..], &400_u32.to_be_bytes(), &[8, 3, 0, 0, 0]].concat();
    let chunks = [chunk(b"IHDR", &head), chunk(b"PLTE", &[0; 49]), chunk(b"IDAT", &rows), chunk(b"IEND", &[])].concat();
    let beside = beside("a.png", &[b"\x89PNG\r\n\x1a\n", chunks.as_slice()].concat());
    assert!(beside.shown().is_some(), "from outside it looks whole");
    assert_eq!(beside.pictures.make(&beside.file.path), Err(Fault::Broken));
}

#[test]
fn any_bytes_are_looked_at_without_a_crash() {
    let files = [photographed(&drawn(40, 30), 6), png(&drawn_png())];
    for file in &files {
        for at in (0..file.len()).step_by(file.len() / 150 + 1) {
            for value in [0, 1, 0x7f, 0xd9, 0xff] {
                let mut changed = file.clone();
                changed[at] = value;
                if let Ok(anatomy) = Anatomy::of(&changed) {
                    assert!(anatomy.bare(&changed).len() <= changed.len() + 36);
                }
            }
            let _ = Anatomy::of(&file[..at]);
        }
    }
}

#[test]
fn the_cache_gives_the_same_bytes_and_what_is_damaged_in_it_is_made_again() {
    let file = jpeg(&drawn(1000, 600));
    let beside = beside("a.jpg", &file);
    let first = beside.made();
    assert_eq!(beside.made(), first);
    for entry in fs::read_dir(beside.folder.path().join("cache")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let mut bytes = fs::read(&path).expect("reads");
        bytes.truncate(bytes.len() / 2);
        fs::write(&path, bytes).expect("writes");
    }
    assert_eq!(beside.made(), first);
    fs::remove_dir_all(beside.folder.path().join("cache")).expect("removes");
    assert_eq!(beside.made(), first);
}
