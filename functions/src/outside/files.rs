//! Promises about the files that firms send: their bytes, their names, and the requests that they come in.

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request},
};
use domain::attachment::{Kind, LARGEST_KEPT, shown_name};

use super::site::{self, a_site};
use crate::files::examine::examine_within;

/// Pixels that are opened while one tries thousands of files a second; the real bound only takes longer.
const FEW_PIXELS: u64 = 250_000;

/// What is kept of a file is whole, of the same kind, small enough, kept again as it is, and says nothing of where and by what it was taken.
pub(super) fn file(bytes: &[u8]) {
    let kept = match examine_within(bytes.to_vec(), FEW_PIXELS) {
        Ok(kept) => kept,
        Err(why) => return assert!(!why.to_string().is_empty() && !why.id().is_empty(), "a refusal says why"),
    };
    assert!(!kept.bytes.is_empty() && kept.bytes.len() <= LARGEST_KEPT);
    if kept.kind.is_picture() {
        assert!(!holds(&kept.bytes, b"Exif\0\0"), "a picture still tells where it was taken");
        assert!(matches!(kept.kind, Kind::Jpeg | Kind::Png));
    } else {
        assert_eq!(kept.bytes, bytes, "a document is kept as it came");
    }
    let again = examine_within(kept.bytes.clone(), FEW_PIXELS).unwrap_or_else(|why| panic!("what we keep is refused: {why}"));
    assert_eq!(again.kind, kept.kind);
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// A name is one line that no file system, shell or page reads anything into, with the extension of what the file really is.
pub(super) fn file_name(bytes: &[u8]) {
    let given = String::from_utf8_lossy(bytes);
    for kind in [Kind::Jpeg, Kind::Png, Kind::Pdf, Kind::Ofd, Kind::Docx] {
        let shown = shown_name(&given, kind);
        assert_eq!(shown_name(&shown, kind), shown, "{given:?} has no name that stays");
        let stem =
            shown.strip_suffix(&format!(".{}", kind.extension())).unwrap_or_else(|| panic!("{shown:?} says to be another kind"));
        assert!((1..=40).contains(&stem.chars().count()), "{shown:?}");
        assert!(!stem.starts_with(['.', '-', ' ']) && !shown.chars().any(char::is_control), "{shown:?}");
        assert!(!shown.contains(['/', '\\', '<', '>', '"', '\'', '&', '$', '`', '|', ';', ':', '*', '?', '%']), "{shown:?}");
    }
}

/// Whatever is sent as a form with a file is answered, and never by a failure of ours. Where the bytes say TOKEN, a genuine one stands.
pub(super) fn sent(bytes: &[u8]) {
    let body = site::with_token(bytes);
    let mut request = Request::new(Body::from(body));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = "/f/files".parse().expect("an address");
    request.headers_mut().insert("content-type", "multipart/form-data; boundary=edge".parse().expect("a type"));
    request.extensions_mut().insert(ConnectInfo(site::VISITOR));
    a_site().answers(request);
}
