//! Files as honest people, broken lines and attackers send them, made here so that nothing of the kind lies in the repository.

#![allow(clippy::unwrap_used, dead_code, reason = "a test that cannot go on panics, and no test needs everything")]

use std::io::{Cursor, Write};

use flate2::{Compression, write::DeflateEncoder};
use image::{
    Rgb, RgbImage, Rgba, RgbaImage,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
};
use rawzip::{CompressionMethod, ZipArchiveWriter};

/// A photograph: upper half red, lower half blue, with some noise as sensors have it.
pub fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let noise = (x.wrapping_mul(31) ^ y.wrapping_mul(17)) as u8 % 24;
        if y < height / 2 { Rgb([220 + noise % 24, noise, noise]) } else { Rgb([noise, noise, 220 + noise % 24]) }
    })
}

pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture(width, height).write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 92)).unwrap();
    bytes
}

pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let picture = RgbaImage::from_fn(width, height, |x, y| Rgba([x as u8, y as u8, 7, if x < width / 2 { 255 } else { 0 }]));
    picture.write_with_encoder(PngEncoder::new(&mut bytes)).unwrap();
    bytes
}

/// A photograph that tells where it was taken and by what, and that its camera was turned: what was up lies on the right.
pub fn photograph_with_place(width: u32, height: u32) -> Vec<u8> {
    use exif::{Field, In, Rational, Tag, Value, experimental::Writer};
    let field = |tag, value| Field { tag, ifd_num: In::PRIMARY, value };
    let degrees = |degrees| Value::Rational([degrees, 57, 12].map(|part| Rational { num: part, denom: 1 }).to_vec());
    let ascii = |text: &str| Value::Ascii(vec![text.as_bytes().to_vec()]);
    let fields = [
        field(Tag::Make, ascii("HUAWEI")),
        field(Tag::Orientation, Value::Short(vec![6])),
        field(Tag::GPSLatitudeRef, ascii("N")),
        field(Tag::GPSLatitude, degrees(33)),
        field(Tag::GPSLongitudeRef, ascii("E")),
        field(Tag::GPSLongitude, degrees(116)),
    ];
    let mut writer = Writer::new();
    fields.iter().for_each(|field| writer.push_field(field));
    let mut tiff = Cursor::new(Vec::new());
    writer.write(&mut tiff, false).unwrap();
    let tiff = tiff.into_inner();

    let plain = jpeg(width, height);
    let length = u16::try_from(2 + 6 + tiff.len()).unwrap().to_be_bytes();
    [&plain[..2], &[0xff, 0xe1], &length, b"Exif\0\0", &tiff, &plain[2..]].concat()
}

/// 67 bytes that say they are a picture of so many pixels.
pub fn png_that_declares(width: u32, height: u32) -> Vec<u8> {
    let chunk = |name: &[u8], data: &[u8]| {
        let body = [name, data].concat();
        let sum = rawzip::crc32(&body).to_be_bytes();
        [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], &body, &sum].concat()
    };
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let mut drawn = flate2::write::ZlibEncoder::new(Vec::new(), Compression::best());
    drawn.write_all(&[0; 1000]).unwrap();
    [b"\x89PNG\r\n\x1a\n", &chunk(b"IHDR", &header)[..], &chunk(b"IDAT", &drawn.finish().unwrap()), &chunk(b"IEND", b"")].concat()
}

pub fn pdf() -> Vec<u8> {
    b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n".to_vec()
}

/// A container with these files.
pub fn container(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = ZipArchiveWriter::new(&mut bytes);
    for (name, content) in files {
        let path = rawzip::path::EntryPath::verbatim(name.as_bytes().to_vec());
        let (mut entry, config) = archive.new_file(path).compression_method(CompressionMethod::DEFLATE).start().unwrap();
        let mut writer = config.wrap(DeflateEncoder::new(&mut entry, Compression::best()));
        writer.write_all(content).unwrap();
        let (encoder, descriptor) = writer.finish().unwrap();
        encoder.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    bytes
}

pub fn docx() -> Vec<u8> {
    docx_with(&[])
}

/// A document of Word with further files in it.
pub fn docx_with(more: &[(&str, &[u8])]) -> Vec<u8> {
    let own: [(&str, &[u8]); 2] = [("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w:document/>")];
    container(&[&own, more].concat())
}

pub fn ofd() -> Vec<u8> {
    container(&[("OFD.xml", b"<ofd:OFD/>"), ("Doc_0/Document.xml", b"<ofd:Document/>")])
}

/// `bytes` with every occurrence of one number of four bytes replaced.
pub fn with_number(mut bytes: Vec<u8>, number: u32, by: u32) -> Vec<u8> {
    let (number, by) = (number.to_le_bytes(), by.to_le_bytes());
    let mut at = 0;
    while at + 4 <= bytes.len() {
        if bytes[at..at + 4] == number {
            bytes[at..at + 4].copy_from_slice(&by);
        }
        at += 1;
    }
    bytes
}
