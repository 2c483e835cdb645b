//! What becomes of what is sent: honest files are kept, nothing else is, and what is kept of a photograph is only what is seen on it.

use std::io::Cursor;

use domain::attachment::{Kind, LARGEST_KEPT, LARGEST_UNPACKED, LONGEST_SIDE, Refused};
use functions::files::examine::{Examined, examine};
use image::{GenericImageView, ImageReader};

use crate::hostile::{container, docx, docx_with, jpeg, ofd, pdf, photograph_with_place, png, png_that_declares, with_number};

fn kept(bytes: Vec<u8>) -> Examined {
    examine(bytes).expect("an honest file is kept")
}

fn opened(bytes: &[u8]) -> image::DynamicImage {
    ImageReader::new(Cursor::new(bytes)).with_guessed_format().unwrap().decode().unwrap()
}

#[test]
fn honest_files_of_every_kind_are_kept() {
    for (bytes, kind) in
        [(jpeg(640, 480), Kind::Jpeg), (png(64, 48), Kind::Png), (pdf(), Kind::Pdf), (ofd(), Kind::Ofd), (docx(), Kind::Docx)]
    {
        let kept = kept(bytes.clone());
        assert_eq!(kept.kind, kind);
        if !kind.is_picture() {
            assert_eq!(kept.bytes, bytes, "a document is kept as it came");
        }
    }
}

#[test]
fn nothing_of_where_and_by_what_a_photograph_was_taken_is_kept() {
    let sent = photograph_with_place(640, 480);
    let told = exif::Reader::new().read_from_container(&mut Cursor::new(&sent)).unwrap();
    assert!(told.get_field(exif::Tag::GPSLatitude, exif::In::PRIMARY).is_some(), "the photograph tells where it was taken");
    let kept = kept(sent);
    let told = exif::Reader::new().read_from_container(&mut Cursor::new(&kept.bytes));
    assert!(matches!(told, Err(exif::Error::NotFound(_))), "nothing is told any more");
    assert!(!kept.bytes.windows(6).any(|window| window == b"HUAWEI"));
}

/// 96 by 64 pixels, the upper half red and the lower blue; it tells that it was taken by a HUAWEI, and where.
const AS_IPHONES_KEEP_THEM: &[u8] = include_bytes!("given/photograph.heic");

#[test]
fn a_photograph_as_iphones_keep_them_is_kept_as_jpeg_without_its_place() {
    assert!(AS_IPHONES_KEEP_THEM.windows(6).any(|window| window == b"HUAWEI"));
    let kept = kept(AS_IPHONES_KEEP_THEM.to_vec());
    assert_eq!(kept.kind, Kind::Jpeg);
    assert!(!kept.bytes.windows(6).any(|window| window == b"HUAWEI" || window == b"Exif\0\0"));
    let picture = opened(&kept.bytes);
    assert_eq!(picture.dimensions(), (96, 64));
    let (above, below) = (picture.get_pixel(48, 10), picture.get_pixel(48, 54));
    assert!(above[0] > 180 && above[2] < 60 && below[2] > 180 && below[0] < 60, "{above:?} {below:?}");
}

#[test]
fn such_a_photograph_that_was_cut_off_or_is_none_is_refused() {
    for cut in [30, 100, 300, AS_IPHONES_KEEP_THEM.len() - 40] {
        let refused = examine(AS_IPHONES_KEEP_THEM[..cut].to_vec()).expect_err("half a photograph");
        assert!(matches!(refused, Refused::CutShort | Refused::Broken | Refused::Heic), "cut at {cut}: {refused:?}");
    }
    assert!(examine(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec()).is_err());
}

#[test]
fn a_photograph_is_turned_as_its_camera_was_held() {
    let kept = opened(&kept(photograph_with_place(640, 480)).bytes);
    assert_eq!(kept.dimensions(), (480, 640));
    // What was the upper half, red, is on the right now.
    let (left, right) = (kept.get_pixel(60, 320), kept.get_pixel(420, 320));
    assert!(right[0] > 180 && left[2] > 180, "{left:?} {right:?}");
}

#[test]
fn a_large_photograph_is_made_smaller_and_a_small_one_is_left_as_it_is() {
    let large = kept(jpeg(5000, 3000));
    assert_eq!(opened(&large.bytes).dimensions(), (LONGEST_SIDE, 1536));
    assert!(large.bytes.len() <= LARGEST_KEPT);
    assert_eq!(opened(&kept(jpeg(1200, 800)).bytes).dimensions(), (1200, 800));
}

#[test]
fn a_picture_that_weighs_too_much_as_png_is_kept_as_jpeg_on_white() {
    let mut noise = 7_u32;
    let picture = image::RgbaImage::from_fn(1500, 1500, |x, _| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [red, green, blue, _] = noise.to_be_bytes();
        image::Rgba(if x == 0 { [0, 0, 0, 0] } else { [red, green, blue, 255] })
    });
    let mut sent = Vec::new();
    picture.write_with_encoder(image::codecs::png::PngEncoder::new(&mut sent)).unwrap();
    assert!(sent.len() > LARGEST_KEPT);
    let kept = kept(sent);
    assert_eq!(kept.kind, Kind::Jpeg);
    assert!(kept.bytes.len() <= LARGEST_KEPT);
}

#[test]
fn what_hangs_on_a_picture_is_not_kept() {
    // A picture that is a page, a picture that is a container, a picture with a page in its comment.
    let evil = docx_with(&[("evil.js", b"alert(1)")]);
    for sent in [[jpeg(64, 64), b"<script>alert(1)</script>".to_vec()].concat(), [jpeg(64, 64), evil].concat(), {
        let plain = jpeg(64, 64);
        let comment = b"*/=1;alert(1)//<script>";
        [&plain[..2], &[0xff, 0xfe], &u16::try_from(comment.len() + 2).unwrap().to_be_bytes(), comment, &plain[2..]].concat()
    }] {
        let kept = kept(sent);
        for part in [&b"alert"[..], b"<script", b"PK\x03\x04", b"PK\x05\x06"] {
            assert!(!kept.bytes.windows(part.len()).any(|window| window == part));
        }
    }
}

#[test]
fn hostile_and_broken_files_are_refused_each_with_its_reason() {
    let whole = jpeg(640, 480);
    let zeros = vec![0; usize::try_from(LARGEST_UNPACKED).unwrap() + 1];
    let broken_sum = {
        let mut bytes = docx();
        let at = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
        bytes[at + 16] ^= 1;
        bytes
    };
    let png_cut = &png(64, 48)[..60];
    for (name, sent, expected) in [
        ("nothing", Vec::new(), Refused::Empty),
        ("a photograph that was cut off", whole[..whole.len() / 2].to_vec(), Refused::CutShort),
        ("a picture that was cut off", png_cut.to_vec(), Refused::CutShort),
        ("a picture of 50 000 × 50 000", png_that_declares(50_000, 50_000), Refused::TooManyPixels),
        ("a picture that declares more than it draws", png_that_declares(5_000, 5_000), Refused::Broken),
        ("a photograph without a picture", [&whole[..4], &[0xff, 0xd9]].concat(), Refused::CutShort),
        ("GIF and JavaScript", b"GIF89a/*\0\0*/=1;alert(1)".to_vec(), Refused::Unknown),
        ("a program", b"MZ\x90\0\x03\0\0\0".to_vec(), Refused::Unknown),
        ("a page", b"<!doctype html><script>alert(1)</script>".to_vec(), Refused::Unknown),
        ("PDF and container", [pdf(), docx()].concat(), Refused::Mixed),
        ("PDF around a container", [&pdf()[..9], &docx(), &pdf()[9..]].concat(), Refused::Mixed),
        ("container and PDF", [docx(), pdf()].concat(), Refused::Mixed),
        ("a container of anything", container(&[("evil.exe", b"MZ")]), Refused::Unknown),
        ("a document of two kinds", docx_with(&[("OFD.xml", b"<x/>")]), Refused::Mixed),
        ("macros", docx_with(&[("word/vbaProject.bin", b"Sub AutoOpen()")]), Refused::Mixed),
        ("a program in a document", docx_with(&[("word/embeddings/oleObject1.bin", b"MZ")]), Refused::Mixed),
        ("a way out", docx_with(&[("../../etc/passwd", b"x")]), Refused::Mixed),
        ("a way out on Windows", docx_with(&[("..\\evil", b"x")]), Refused::Mixed),
        ("the same name twice", docx_with(&[("word/document.xml", b"<other/>")]), Refused::Mixed),
        ("a bomb", docx_with(&[("word/media/image1.bmp", &zeros)]), Refused::Bomb),
        ("a bomb in parts", docx_with(&[("a", &zeros[..60_000_000]), ("b", &zeros[..60_000_000])]), Refused::Bomb),
        ("a bomb that declares little", with_number(docx_with(&[("a", &zeros[..60_000_000])]), 60_000_000, 60), Refused::Broken),
        ("a container with another sum", broken_sum, Refused::Broken),
        ("a container that was cut off", docx()[..200].to_vec(), Refused::CutShort),
    ] {
        assert!(sent.len() < LARGEST_KEPT, "{name} is small");
        assert_eq!(examine(sent).map(|kept| kept.kind), Err(expected), "{name}");
    }
}

#[test]
fn two_files_that_are_the_same_bytes_are_a_bomb() {
    // The list names the first file once more under another name.
    let bytes = docx();
    let at = |from: usize, sign: &[u8]| from + bytes[from..].windows(4).position(|window| window == sign).unwrap();
    let list = at(0, b"PK\x01\x02");
    let second = at(list + 4, b"PK\x01\x02");
    let end = at(second, b"PK\x05\x06");
    let mut again = bytes[list..second].to_vec();
    let name = again.len() - "[Content_Types].xml".len();
    again[name..].copy_from_slice(b"[Content_Again].xml");
    let mut record = bytes[end..].to_vec();
    let size = u32::try_from(end - list + again.len()).unwrap();
    record[8..12].copy_from_slice(&[3, 0, 3, 0]);
    record[12..16].copy_from_slice(&size.to_le_bytes());
    let bomb = [&bytes[..end], &again, &record].concat();
    assert_eq!(examine(bomb).map(|kept| kept.kind), Err(Refused::Bomb));
}
