//! Pictures beside pages: photographs as cameras take them become a few widths that phones can bear, in their own format and in WebP.
//!
//! 1. When a page refers to a picture for the first time, its file is read and looked at (`file`): how large it is, which way up, whether it is whole. That
//!    is all that the page needs to know, and what is wrong is said at the place where the page names it.
//! 2. The pictures that pages show are made (`make`), each on whichever thread is free, unless the cache has them. Names hold a hash of the
//!    original, so whoever builds again knows by the name that nothing is to be made.
//! 3. Whatever else lies beside pages is published as it is, but for what cameras and programs add to pictures: that tells where
//!    somebody lives.
//!
//! SVG, GIF, WebP and AVIF pass through, and so does what is no wider than a phone's column. `content/static/` is published untouched, and its pictures with it. A colour profile is left out of what is made
//! smaller: a photograph in a phone's wide colours looks a little paler then.

pub mod file;
mod make;

use std::{
    collections::HashMap,
    fmt,
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use crate::{
    cache::{Cache, Hash},
    output::Content,
    source::ContentFile,
};

use self::file::{Anatomy, Format};

/// The widths that are made, in pixels: a phone of the simplest sort, most phones, and a large screen of high density. The text's column is at most 684 wide.
pub const WIDTHS: [u32; 3] = [480, 960, 1600];
/// How wide a picture in the text is shown.
pub const SIZES: &str = "(min-width: 46rem) 40rem, 100vw";
/// Of the widths the one for browsers that choose none.
const PLAIN_WIDTH: u32 = 960;

/// More than any camera of a phone takes in one picture.
pub const MOST_PIXELS: u64 = 60_000_000;
const LONGEST_SIDE: u32 = 20_000;
const MOST_BYTES: u64 = 50 << 20;

/// Another one whenever the same file gives other pictures, whose names are others then, too: browsers keep them for a year.
const FORMAT: &[u8] = b"3";

/// All files beside pages that may be made smaller, each looked at when it is first asked for.
#[derive(Debug)]
pub struct Pictures {
    /// By path below `content/`.
    files: HashMap<String, Entry>,
    cache: Cache,
}

#[derive(Debug)]
struct Entry {
    location: PathBuf,
    looked: OnceLock<Result<Looked, Fault>>,
}

/// What is known of a picture that a page shows.
#[derive(Debug, Clone)]
pub struct Looked {
    anatomy: Anatomy,
    print: Hash,
    /// The widths it is made in, the widest first; none when it is published as it is.
    widths: Vec<u32>,
}

/// Why a picture cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The disk does not give it.
    Unreadable(String),
    /// Its bytes are those of something else.
    NotAPicture,
    /// Its end is missing.
    CutShort,
    /// Its data contradict themselves.
    Broken,
    /// It needs something that is not known here: an arithmetic JPEG, say.
    Unsupported,
    /// So many bytes.
    TooLarge(u64),
    /// So wide and high.
    TooManyPixels(u32, u32),
    /// To be unpacked it would take more than it may.
    TooMuchMemory,
}

impl Pictures {
    /// Knows the JPEG and PNG among `files`; what is made of them is kept in `cache`.
    pub fn new(files: &[ContentFile], cache: Cache) -> Pictures {
        let entry = |file: &ContentFile| (file.path.clone(), Entry { location: file.location.clone(), looked: OnceLock::new() });
        Pictures { files: files.iter().filter(|file| is_made_smaller(&file.path)).map(entry).collect(), cache }
    }

    /// What the picture in `file` is; nothing when it passes through whatever it is.
    pub fn look(&self, file: &ContentFile) -> Option<Result<&Looked, &Fault>> {
        // A file of `static/` may have the same path.
        self.files.get(&file.path).filter(|entry| entry.location == file.location).map(Entry::look)
    }

    /// What is published at the address of the file itself: the file, but for what was added to its picture.
    pub fn published(&self, file: &ContentFile) -> Content {
        let entry = self.files.get(&file.path).filter(|entry| entry.location == file.location);
        let bare = entry.and_then(|entry| {
            let bytes = read(&entry.location).ok()?;
            let anatomy = Anatomy::of(&bytes).ok()?;
            (!anatomy.is_bare()).then(|| anatomy.bare(&bytes))
        });
        bare.map_or_else(|| Content::File(file.location.clone()), Content::Bytes)
    }

    /// The addresses of the files of the picture at `path`, which is published at `url`.
    pub fn names(&self, path: &str, url: &str) -> Vec<String> {
        self.files.get(path).and_then(|entry| entry.look().ok()).map_or_else(Vec::new, |looked| looked.names(url))
    }

    /// The files of the picture at `path`, made or from the cache, in the order of [`Pictures::names`].
    pub fn make(&self, path: &str) -> Result<Vec<Vec<u8>>, Fault> {
        let Some(entry) = self.files.get(path) else { return Ok(Vec::new()) };
        let looked = entry.look().map_err(Clone::clone)?;
        let keys: Vec<[Hash; 2]> = looked.widths.iter().map(|width| looked.keys(*width)).collect();
        let kept: Option<Vec<Vec<u8>>> = keys.iter().flatten().map(|key| self.cache.get(key)).collect();
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let made = make::variants(&read(&entry.location)?, &looked.anatomy, &looked.widths)?;
        let mut files = Vec::with_capacity(made.len() * 2);
        for (variant, [original, webp]) in made.into_iter().zip(&keys) {
            self.cache.put(original, &variant.original);
            self.cache.put(webp, &variant.webp);
            files.extend([variant.original, variant.webp]);
        }
        Ok(files)
    }
}

impl Entry {
    fn look(&self) -> Result<&Looked, &Fault> {
        self.looked.get_or_init(|| look(&self.location)).as_ref()
    }
}

impl Looked {
    /// Width and height as one looks at it.
    pub fn size(&self) -> (u32, u32) {
        self.anatomy.size()
    }

    /// How it is shown when its file is published at `url`; nothing when it is shown as it is.
    pub fn shown(&self, url: &str) -> Option<Shown> {
        let plain = self.widths.iter().copied().find(|width| *width <= PLAIN_WIDTH).or(self.widths.last().copied())?;
        let set = |extension: &str| {
            // The smallest first, as people write it.
            self.widths.iter().rev().map(|width| (self.name(url, *width, extension), *width)).collect()
        };
        let original = self.extension();
        Some(Shown {
            src: self.name(url, plain, original),
            size: (plain, height(self.size(), plain)),
            original: set(original),
            webp: set("webp"),
        })
    }

    /// The addresses of its files, those of one width after the other, its own format before WebP.
    fn names(&self, url: &str) -> Vec<String> {
        let of = |width: &u32| [self.extension(), "webp"].map(|extension| self.name(url, *width, extension));
        self.widths.iter().flat_map(of).collect()
    }

    /// `/activities/tea-0123456789-960.webp`
    fn name(&self, url: &str, width: u32, extension: &str) -> String {
        let stem = url.rsplit_once('.').map_or(url, |(stem, _)| stem);
        format!("{stem}-{}-{width}.{extension}", &self.print.to_hex()[..10])
    }

    fn extension(&self) -> &'static str {
        match self.anatomy.format {
            Format::Jpeg => "jpg",
            Format::Png => "png",
        }
    }

    fn keys(&self, width: u32) -> [Hash; 2] {
        [self.extension(), "webp"].map(|extension| {
            let mut hasher = blake3::Hasher::new();
            hasher.update(self.print.as_bytes()).update(&width.to_le_bytes()).update(extension.as_bytes());
            hasher.finalize()
        })
    }
}

/// How a page shows a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// For browsers that choose nothing.
    pub src: String,
    /// Width and height of that.
    pub size: (u32, u32),
    /// Addresses and widths, the smallest first.
    pub original: Vec<(String, u32)>,
    /// The same in WebP.
    pub webp: Vec<(String, u32)>,
}

fn look(location: &Path) -> Result<Looked, Fault> {
    let bytes = read(location)?;
    let anatomy = Anatomy::of(&bytes)?;
    let (width, height) = anatomy.stored;
    if u64::from(width) * u64::from(height) > MOST_PIXELS || width.max(height) > LONGEST_SIDE {
        return Err(Fault::TooManyPixels(width, height));
    }
    let widths = if anatomy.moves { Vec::new() } else { widths(anatomy.size().0) };
    let print = blake3::Hasher::new().update(FORMAT).update(&bytes).finalize();
    Ok(Looked { anatomy, print, widths })
}

fn read(location: &Path) -> Result<Vec<u8>, Fault> {
    let unreadable = |error: std::io::Error| Fault::Unreadable(error.to_string());
    let length = fs::metadata(location).map_err(unreadable)?.len();
    if length > MOST_BYTES {
        return Err(Fault::TooLarge(length));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    File::open(location).map_err(unreadable)?.take(MOST_BYTES).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// The widths in which a picture so wide is made, the widest first: none is made larger, and none that differs too little from another to be worth a file.
fn widths(whole: u32) -> Vec<u32> {
    let [smallest, .., largest] = WIDTHS;
    if whole <= smallest {
        return Vec::new();
    }
    let widest = whole.min(largest);
    let smaller = WIDTHS.iter().rev().copied().filter(|width| u64::from(*width) * 10 <= u64::from(widest) * 9);
    std::iter::once(widest).chain(smaller).collect()
}

/// The height of a picture of this size that is made so wide.
fn height((whole, high): (u32, u32), width: u32) -> u32 {
    let scaled = (u64::from(high) * u64::from(width) + u64::from(whole) / 2) / u64::from(whole.max(1));
    u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
}

fn is_made_smaller(path: &str) -> bool {
    let extension = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    matches!(extension.as_str(), "png" | "jpg" | "jpeg")
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Unreadable(why) => write!(f, "读不到：{why}"),
            Fault::NotAPicture => f.write_str("不是 JPEG，也不是 PNG"),
            Fault::CutShort => f.write_str("不完整，后半截没有了"),
            Fault::Broken => f.write_str("是坏的，打不开"),
            Fault::Unsupported => f.write_str("用了少见的存法，打不开"),
            Fault::TooLarge(bytes) => write!(f, "有 {} MB，太大了", bytes >> 20),
            Fault::TooManyPixels(width, height) => write!(f, "宽 {width}、高 {height}，太大了"),
            Fault::TooMuchMemory => f.write_str("展开后太大了"),
        }
    }
}

impl Fault {
    /// How to mend it.
    pub fn hint(&self) -> &'static str {
        match self {
            Fault::Unreadable(_) => "看看文件还在不在，有没有读取权限",
            Fault::NotAPicture => "文件名的后缀和内容对不上：用看图软件打开，另存为 JPEG 或 PNG，再放进来",
            Fault::CutShort => "多半是没有传完：从手机或相机里再拷贝一次",
            Fault::Broken | Fault::Unsupported => "用看图软件打开，另存为 JPEG 或 PNG；打不开的话，换一张",
            Fault::TooLarge(_) | Fault::TooManyPixels(..) | Fault::TooMuchMemory => {
                "先用看图软件缩小，宽 4000 像素足够，再放进来（最多 6000 万像素、50 MB）"
            }
        }
    }
}

#[cfg(test)]
mod tests;
