//! Examines what a firm has sent before anything of it is kept: what it is by its bytes, whether it is whole, what it unpacks to. The rules and
//! bounds stand in [`domain::attachment`].
//!
//! 1. A picture is opened and written anew (`picture`): what is kept holds what is seen, and neither a place nor a telephone's number.
//!    One as iPhones keep them (`heic`) is kept as JPEG.
//! 2. A container is unpacked to nowhere (`container`): it is counted, not believed, what is in it.
//! 3. A PDF stays as it is, as long as nothing can take it for something else as well.
//!
//! Nothing here looks for viruses: what is kept is handed out as a file to be saved, and never shown by us.

mod container;
mod heic;
mod picture;

use domain::attachment::{Kind, MOST_PIXELS, Refused, kind_of};

/// A file that may be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// What it is.
    pub kind: Kind,
    /// What is kept of it, at most [`domain::attachment::LARGEST_KEPT`] bytes.
    pub bytes: Vec<u8>,
}

/// Examines a file. Takes up to some seconds and, for a picture, three times its pixels in bytes or a little more.
pub fn examine(bytes: Vec<u8>) -> Result<Examined, Refused> {
    examine_within(bytes, MOST_PIXELS)
}

/// The same with another bound of pixels: whoever tries very many files does not wait for large ones.
pub(crate) fn examine_within(bytes: Vec<u8>, most_pixels: u64) -> Result<Examined, Refused> {
    let kind = kind_of(&bytes, container::kind)?;
    match kind {
        Kind::Jpeg | Kind::Png | Kind::Heic => picture::rewritten(kind, bytes, most_pixels),
        Kind::Pdf | Kind::Ofd | Kind::Docx => Ok(Examined { kind, bytes }),
    }
}
