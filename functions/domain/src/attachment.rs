//! Files that a firm sends along with an appeal: how many, how large, which kinds, and what a file is by its own bytes.
//!
//! A name and a browser's word about a type are never believed. What has to be unpacked to be judged (pictures, containers) is judged by
//! `functions::files::examine`, with the bounds that stand here; whatever the answer, it is one of these words.

mod kind;
mod name;

pub use kind::{Kind, kind_of};
pub use name::{DEFAULT_NAME, shown_name};

use serde::{Deserialize, Serialize};

/// Files of one case.
pub const MOST: usize = 3;
/// Bytes of a photograph as it comes. It is made smaller before it is kept.
pub const LARGEST_PICTURE: usize = 20_000_000;
/// Bytes of any other file as it comes, and of every file as it is kept.
pub const LARGEST_KEPT: usize = 5_000_000;
/// Pixels of a picture that is opened: a camera's 50 million, as three bytes each 150 MB.
pub const MOST_PIXELS: u64 = 52_000_000;
/// Pixels of the longer side of a picture that is kept: a page of A4 can still be read.
pub const LONGEST_SIDE: u32 = 2560;
/// Bytes that a container may unpack to.
pub const LARGEST_UNPACKED: u64 = 100_000_000;
/// Files in a container.
pub const MOST_ENTRIES: usize = 2_000;

/// Why a file is not taken, each with a way on. Its words are for whoever sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refused {
    /// It has no bytes.
    #[error("没有选文件，或者文件是空的。请重新选一份")]
    Empty,
    /// Too large.
    #[error("文件太大：照片不超过 20 MB，其他文件不超过 5 MB。照片可以先截屏再传，文件可以分成几份，或者只传要紧的几页")]
    TooLarge,
    /// None of the kinds that are taken.
    #[error("这种文件收不了。可以传照片（JPG、PNG、HEIC）、PDF、OFD 和 Word（docx）；别的文件请先另存为 PDF，或者拍成照片")]
    Unknown,
    /// A photograph as iPhones keep them, of a sort that is not read.
    #[error(
        "这张 HEIC 照片打不开。请打开这张照片截一张屏，传截屏的图；以后要拍的，先在 iPhone 的「设置、相机、格式」里选「兼容性最佳」"
    )]
    Heic,
    /// A document of old Word, or one behind a password.
    #[error("这是旧格式（doc）或者加了密码的文件，收不了。请取消密码，另存为 PDF 或 docx 再传")]
    OldOrLocked,
    /// It ends too early.
    #[error("文件不完整，可能没有存完或没有传完。请在手机或电脑上先打开看看，再传一次")]
    CutShort,
    /// It cannot be what it says it is.
    #[error("文件打不开，可能损坏了。请在手机或电脑上先打开看看；照片可以截屏再传，文件可以另存为 PDF 再传")]
    Broken,
    /// More pixels than are opened.
    #[error("照片的像素太高，打不开。请截一张屏传截屏的图，或者把相机调到普通照片模式重拍")]
    TooManyPixels,
    /// It unpacks to more than a document is.
    #[error("文件解开以后太大，不像普通的文件。请另存为 PDF 再传")]
    Bomb,
    /// It is two things at once, or holds programs.
    #[error("文件里夹带了别的东西（例如宏或压缩包），收不了。请另存为 PDF 再传")]
    Mixed,
    /// The case has as many files as it may.
    #[error("已经有 3 份文件了，不能再加。还有材料，请打电话告诉我们，或者来我们这里交")]
    Full,
}

impl Refused {
    /// One line of a log.
    pub fn id(self) -> &'static str {
        match self {
            Refused::Empty => "empty",
            Refused::TooLarge => "too_large",
            Refused::Unknown => "unknown",
            Refused::Heic => "heic",
            Refused::OldOrLocked => "old_or_locked",
            Refused::CutShort => "cut_short",
            Refused::Broken => "broken",
            Refused::TooManyPixels => "too_many_pixels",
            Refused::Bomb => "bomb",
            Refused::Mixed => "mixed",
            Refused::Full => "full",
        }
    }
}

/// 320 KB / 1.2 MB: as people say it.
pub fn size_in_words(bytes: u64) -> String {
    if bytes < 1_000_000 { format!("{} KB", bytes.div_ceil(1000)) } else { format!("{:.1} MB", bytes as f64 / 1e6) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_as_people_say_them() {
        for (bytes, words) in
            [(1, "1 KB"), (320_000, "320 KB"), (999_999, "1000 KB"), (1_234_567, "1.2 MB"), (20_000_000, "20.0 MB")]
        {
            assert_eq!(size_in_words(bytes), words);
        }
    }
}
