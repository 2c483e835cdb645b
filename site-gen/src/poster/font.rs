//! The one font file that posters are set in: found, opened, measured.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, Weak},
};

use resvg::usvg::fontdb::{Database, FaceInfo, ID, Source};
use skrifa::{
    FontRef, MetadataProvider,
    instance::{LocationRef, Size},
};

/// Where Noto Sans CJK lies when a system has installed it: Debian and Ubuntu, Fedora, Arch, openSUSE, Alpine, macOS with Homebrew. Debian's package is
/// `fonts-noto-cjk`.
const KNOWN: [&str; 7] = [
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto/NotoSansCJK-Regular.ttc",
    "/opt/homebrew/share/fonts/NotoSansCJK-Regular.ttc",
];

/// What of a font's file is hashed to know it again: its directory, which holds a checksum of every table, lies at its beginning.
const DIRECTORY: u64 = 64 * 1024;

/// Where to look for the font: the file that `site.yaml` names, below the site's folder `root` when it is no absolute path, or else
/// where systems have it.
pub fn places(setting: Option<&str>, root: &Path) -> Vec<PathBuf> {
    match setting {
        Some(path) => vec![root.join(path)],
        None => KNOWN.iter().map(PathBuf::from).collect(),
    }
}

/// An opened font: its file is looked at where it lies, and read into memory only by whoever draws.
#[derive(Debug, Clone)]
pub struct Font {
    path: PathBuf,
    face: Arc<Face>,
    /// The same face with the whole file in memory, for as long as somebody draws with it.
    in_memory: Arc<Mutex<Weak<Face>>>,
    /// Another one for another file.
    pub(super) print: blake3::Hash,
}

/// The one face of a font's file that posters are set in.
#[derive(Debug)]
pub(super) struct Face {
    pub(super) database: Arc<Database>,
    pub(super) family: String,
    id: ID,
}

impl Face {
    /// Of a collection the face for simplified Chinese is taken, or else the first.
    fn of(source: Source) -> Result<Face, String> {
        let mut database = Database::new();
        database.load_font_source(source);
        let name = |face: &FaceInfo| face.families.first().map(|(name, _)| name.clone());
        let is_simplified = |name: &String| name.ends_with(" SC") && !name.contains("Mono");
        let faces: Vec<(ID, String)> = database.faces().filter_map(|face| Some((face.id, name(face)?))).collect();
        let chosen = faces.iter().find(|(_, name)| is_simplified(name)).or(faces.first()).cloned();
        let (id, family) = chosen.ok_or("里面没有能用的字体")?;
        faces.iter().map(|(other, _)| *other).filter(|other| *other != id).for_each(|other| database.remove_face(other));
        Ok(Face { database: Arc::new(database), family, id })
    }
}

impl Font {
    /// Opens the file at `path`. The error says what is wrong with it.
    pub fn open(path: &Path) -> Result<Font, String> {
        let mut file = File::open(path).map_err(|error| error.to_string())?;
        let length = file.metadata().map_err(|error| error.to_string())?.len();
        let mut directory = Vec::new();
        file.by_ref().take(DIRECTORY).read_to_end(&mut directory).map_err(|error| error.to_string())?;
        let print = blake3::Hasher::new().update(&length.to_le_bytes()).update(&directory).finalize();

        let face = Arc::new(Face::of(Source::File(path.to_owned()))?);
        let font = Font { path: path.to_owned(), face, in_memory: Arc::default(), print };
        let has_han = font.widths("相").is_some_and(|widths| widths.iter().all(Option::is_some));
        if has_han { Ok(font) } else { Err("里面没有汉字".to_owned()) }
    }

    /// What letters are drawn with. Each letter asks for the file, and mapping it anew each time was a quarter of all that drawing took.
    pub(super) fn to_draw(&self) -> Arc<Face> {
        let mut in_memory = self.in_memory.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(face) = in_memory.upgrade() {
            return face;
        }
        let read = fs::read(&self.path).ok().and_then(|bytes| Face::of(Source::Binary(Arc::new(bytes))).ok());
        // A file that went away meanwhile is missed by the drawing itself, as it was before.
        let face = read.map_or_else(|| Arc::clone(&self.face), Arc::new);
        *in_memory = Arc::downgrade(&face);
        face
    }

    /// How wide `text` is when a Han character is 1 wide; none when the font cannot be read. What it has no glyph for counts as a full one.
    pub fn width(&self, text: &str) -> Option<f64> {
        Some(self.widths(text)?.into_iter().map(|width| width.unwrap_or(1.0)).sum())
    }

    /// The width of each character; none for one that the font does not have.
    pub fn widths(&self, text: &str) -> Option<Vec<Option<f64>>> {
        let in_memory = self.in_memory.lock().unwrap_or_else(PoisonError::into_inner).upgrade();
        let face = in_memory.as_ref().unwrap_or(&self.face);
        face.database.with_face_data(face.id, |data, index| {
            let font = FontRef::from_index(data, index).ok()?;
            let metrics = font.glyph_metrics(Size::unscaled(), LocationRef::default());
            let em = f64::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
            let (map, width) = (font.charmap(), |advance: f32| f64::from(advance) / em);
            Some(text.chars().map(|character| metrics.advance_width(map.map(character)?).map(width)).collect())
        })?
    }
}
