//! Documents as people have them, each imported into the right site of the doctor: Word files by three programs, an old web page, one with labels, a text in
//! traditional characters. What comes of each stands beside it in `tests/import/expected`: the page, and what is said.
//!
//! `UPDATE_EXPECTED=1` writes these anew; read the difference before you keep it. Which program made which file stands in `tests/import/README.md`.

use std::{
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::LazyLock,
};

use site_gen::{
    build::Options,
    diagnostic::{Colours, render_human},
    doctor::examine,
};
use tempfile::TempDir;

use crate::given::copy;

const NOW: &str = "2026-11-24T09:00:00+08:00";

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn site() -> TempDir {
    let root = TempDir::new().expect("a folder");
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    for folder in ["content/data", "content/forms", "themes"] {
        copy(&repository.join(folder), &root.path().join(folder));
    }
    copy(&tests().join("doctor/right/content"), &root.path().join("content"));
    root
}

fn import(root: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_site-gen"))
        .args(["import", "--now", NOW, "--root"])
        .arg(root)
        .args(arguments)
        .current_dir(tests().join("import"))
        .output()
        .expect("it starts")
}

/// Everything below `content/` that is not in the right site.
fn new_files(root: &Path) -> Vec<String> {
    static RIGHT: LazyLock<Vec<String>> = LazyLock::new(|| files(site().path()));
    let mut files = files(root);
    files.retain(|file| !RIGHT.contains(file));
    files
}

/// Every file below `content/`, sorted.
fn files(root: &Path) -> Vec<String> {
    let entries = walkdir::WalkDir::new(root.join("content")).sort_by_file_name().into_iter().map(|entry| entry.expect("listed"));
    let below = |path: &Path| path.strip_prefix(root).expect("below").to_string_lossy().into_owned();
    entries.filter(|entry| entry.file_type().is_file()).map(|entry| below(entry.path())).collect()
}

/// Imports `file`, compares what comes of it, and gives the site.
fn check(file: &str, arguments: &[&str]) -> TempDir {
    let root = site();
    let done = import(root.path(), &[arguments, &[file]].concat());
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let files = new_files(root.path());
    let page = files.iter().find(|path| path.ends_with(".md") && !path.ends_with("_index.md")).expect("a page");
    compare(file, "txt", &String::from_utf8_lossy(&done.stdout));
    compare(file, "md", &fs::read_to_string(root.path().join(page)).expect("read"));
    root
}

fn compare(file: &str, ending: &str, found: &str) {
    let path = tests().join("import/expected").join(format!("{file}.{ending}"));
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(&path, found).expect("written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    let difference = similar::TextDiff::from_lines(expected.as_str(), found).unified_diff().to_string();
    assert_eq!(expected, found, "{file}.{ending}:\n{difference}");
}

/// What the doctor says of the site once its drafts are none.
fn said_when_published(root: &Path) -> String {
    for file in new_files(root).iter().filter(|file| file.ends_with(".md")) {
        let path = root.join(file);
        let text = fs::read_to_string(&path).expect("read");
        fs::write(&path, text.replace("draft: true # 看过、改好之后删掉这一行\n", "")).expect("written");
    }
    let examined = examine(&Options::new(root, NOW.parse().expect("a moment")), &[]).expect("there is a content folder");
    let told: Vec<_> = examined.diagnostics.into_iter().filter(|found| !found.code.contains("font")).collect();
    render_human(&told, &examined.texts, Colours::Plain)
}

#[test]
fn word_files_of_three_programs_become_pages_that_the_doctor_accepts() {
    for file in ["libreoffice.docx", "python-docx.docx", "npm-docx.docx"] {
        let root = check(file, &[]);
        assert_eq!(said_when_published(root.path()), "", "{file}");
    }
}

#[test]
fn old_pages_become_pages_that_the_doctor_accepts() {
    for file in ["old-page.html", "labels.html"] {
        let root = check(file, &[]);
        assert_eq!(said_when_published(root.path()), "", "{file}");
    }
}

#[test]
fn a_text_in_traditional_characters_becomes_simplified_and_what_must_be_looked_at_is_told() {
    let root = check("traditional.txt", &[]);
    let said = said_when_published(root.path());
    // What only a person can mend is told again by the doctor.
    assert!(said.contains("telephone") && said.contains("placeholder") && said.contains("2 个错误"), "{said}");
}

#[test]
fn each_kind_goes_to_its_section_with_the_keys_it_needs() {
    for (kind, folder) in [("activity", "activities"), ("course", "courses"), ("policy", "policies"), ("resource", "resources")] {
        let root = site();
        let done = import(root.path(), &["--kind", kind, "libreoffice.docx"]);
        assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
        let files = new_files(root.path());
        assert!(files.iter().all(|file| file.starts_with(&format!("content/{folder}/"))), "{files:?}");
        // As a draft it stands in nobody's way.
        let examined = examine(&Options::new(root.path(), NOW.parse().expect("a moment")), &[]).expect("a content folder");
        let errors: Vec<_> = examined.diagnostics.iter().filter(|found| found.is_error()).collect();
        assert!(errors.is_empty(), "{kind}: {errors:#?}");
    }
}

#[test]
fn pictures_lie_beside_the_page_without_what_the_camera_added() {
    let place = |bytes: &[u8]| {
        let read = exif::Reader::new().read_from_container(&mut std::io::Cursor::new(bytes));
        read.is_ok_and(|exif| exif.get_field(exif::Tag::GPSLatitude, exif::In::PRIMARY).is_some())
    };
    let root = site();
    assert_eq!(import(root.path(), &["python-docx.docx"]).status.code(), Some(0));
    let picture = new_files(root.path()).into_iter().find(|file| file.ends_with(".jpg")).expect("a picture");
    let bytes = fs::read(root.path().join(picture)).expect("read");
    assert!(!place(&bytes) && image::load_from_memory(&bytes).is_ok());
    // In the Word file it says where it was taken.
    let whole = fs::read(tests().join("import/python-docx.docx")).expect("read");
    let archive = rawzip::ZipArchive::from_slice(&whole).expect("a container");
    let mut entries = archive.entries();
    let entry = std::iter::from_fn(|| entries.next_entry().expect("listed"))
        .find(|entry| entry.file_path().as_bytes().ends_with(b".jpg"))
        .expect("a picture");
    let packed = archive.get_entry(entry.wayfinder()).expect("there");
    let mut inside = Vec::new();
    flate2::read::DeflateDecoder::new(packed.data()).read_to_end(&mut inside).expect("unpacked");
    assert!(place(&inside));
}

#[test]
fn nothing_is_written_over_and_nothing_is_left_half() {
    let root = site();
    assert_eq!(import(root.path(), &["python-docx.docx"]).status.code(), Some(0));
    let files = new_files(root.path());
    let page = root.path().join(files.iter().find(|file| file.ends_with(".md")).expect("a page"));
    fs::write(&page, "mine").expect("written");
    let again = import(root.path(), &["python-docx.docx"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("已经有了"));
    assert_eq!((fs::read_to_string(&page).expect("read"), new_files(root.path())), ("mine".to_owned(), files.clone()));

    // A picture of that name is there already, and the page is not: then it is not written either.
    fs::remove_file(&page).expect("removed");
    assert_eq!(import(root.path(), &["python-docx.docx"]).status.code(), Some(1));
    assert!(!page.exists());
}

#[test]
fn what_is_no_document_is_told_with_a_way_on() {
    let (root, folder) = (site(), TempDir::new().expect("a folder"));
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("written");
        path.to_string_lossy().into_owned()
    };
    let whole = fs::read(tests().join("import/libreoffice.docx")).expect("read");
    let wide: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let ole = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    let document = |body: &str| {
        container(&[("word/document.xml", format!("<w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>").as_bytes())])
    };
    let mut damaged = whole.clone();
    let middle = damaged.len() / 3;
    damaged[middle..middle + 200].fill(0x55);
    for (path, said) in [
        (file("empty.docx", b""), "文件是空的"),
        (file("blank.txt", b" \n \n"), "文件是空的"),
        (file("old.doc", &[&ole[..], &[0; 600]].concat()), "旧的 .doc"),
        (file("locked.docx", &[&ole[..], &wide].concat()), "有密码"),
        (file("a.pdf", b"%PDF-1.7\n"), "PDF"),
        (file("a.rtf", b"{\\rtf1 }"), "RTF"),
        (file("cut.docx", &whole[..whole.len() / 2]), "文件不完整"),
        (file("text.docx", "只是文字".as_bytes()), "不是 Word 文件"),
        (file("damaged.docx", &damaged), "提示："),
        (file("table.xlsx", &container(&[("xl/workbook.xml", b"<x/>")])), "Excel"),
        (file("slides.pptx", &container(&[("ppt/presentation.xml", b"<x/>")])), "幻灯片"),
        (file("text.odt", &container(&[("content.xml", b"<x/>")])), "OpenDocument"),
        (file("a.zip", &container(&[("a.txt", b"x")])), "压缩包"),
        (file("bomb.docx", &container(&[("word/document.xml", &vec![b' '; 40 << 20])])), "太大"),
        (file("laughs.docx", &container(&[("word/document.xml", b"<!DOCTYPE a [<!ENTITY b \"x\">]><a>&b;</a>")])), "读不懂"),
        (file("nothing.docx", &document("<w:p/>")), "没有文字"),
        (
            file(
                "deep.docx",
                &document(&format!(
                    "{}<w:p><w:r><w:t>甲</w:t></w:r></w:p>{}",
                    "<w:ins>".repeat(100_000),
                    "</w:ins>".repeat(100_000)
                )),
            ),
            "没有文字",
        ),
        (file("picture.txt", b"\x89PNG\r\n\x1a\n\0\0\0"), "不是文本文件"),
        (file("frame.html", b"<html><frameset><frame src=a></frameset></html>"), "没有文字"),
        (folder.path().join("nowhere.docx").to_string_lossy().into_owned(), "找不到这个文件"),
        (folder.path().to_string_lossy().into_owned(), "文件夹"),
    ] {
        let done = import(root.path(), &[&path]);
        let told = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(1), "{path}: {told}{}", String::from_utf8_lossy(&done.stdout));
        assert!(told.contains(said) && told.contains(&path), "{path}: {told}");
        assert!(new_files(root.path()).is_empty(), "{path}");
    }
}

#[test]
fn a_page_nested_deeper_than_anybody_writes_is_read() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("deep.html");
    fs::write(&path, format!("<title>深</title>{}区工商联上周走访了三家食品企业。", "<div><b>甲".repeat(2_000)))
        .expect("written");
    let root = site();
    let done = import(root.path(), &[&path.to_string_lossy()]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let page = new_files(root.path()).pop().expect("a page");
    assert!(fs::read_to_string(root.path().join(page)).expect("read").contains("三家食品企业"));
}

#[test]
fn one_bad_file_does_not_keep_the_others_out_and_wrong_use_is_told() {
    let root = site();
    let done = import(root.path(), &["nowhere.docx", "libreoffice.docx"]);
    assert_eq!((done.status.code(), new_files(root.path()).len()), (Some(1), 2));
    assert_eq!(import(root.path(), &[]).status.code(), Some(2));
    assert_eq!(import(root.path(), &["--kind", "section", "libreoffice.docx"]).status.code(), Some(2));
    assert_eq!(import(&root.path().join("nowhere"), &["libreoffice.docx"]).status.code(), Some(2));
}

/// A container of these files, written by hand: packed, without checksums that anybody reads.
fn container(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(bytes).expect("packed");
        let packed = packer.finish().expect("packed");
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        let offset = out.len() as u32;
        let mut header = Vec::new();
        header.extend([20, 0, 0, 0, 8, 0, 0, 0, 0, 0]);
        header.extend(crc.sum().to_le_bytes());
        header.extend((packed.len() as u32).to_le_bytes());
        header.extend((bytes.len() as u32).to_le_bytes());
        header.extend((name.len() as u16).to_le_bytes());
        header.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&header);
        out.extend(name.as_bytes());
        out.extend(packed);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&header);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let start = out.len() as u32;
    let size = directory.len() as u32;
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend((files.len() as u16).to_le_bytes());
    out.extend((files.len() as u16).to_le_bytes());
    out.extend(size.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}
