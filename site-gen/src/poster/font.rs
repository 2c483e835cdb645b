//! The one font file that posters are set in: found, opened, measured.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

use resvg::usvg::fontdb::{Database, ID};
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

/// An opened font.
#[derive(Debug, Clone)]
pub struct Font {
    pub(super) database: Arc<Database>,
    pub(super) family: String,
    face: ID,
    /// Another one for another file.
    pub(super) print: blake3::Hash,
}

impl Font {
    /// Opens the file at `path`. Of a collection the face for simplified Chinese is taken, or else the first. The error says what is wrong with it.
    pub fn open(path: &Path) -> Result<Font, String> {
        let mut file = File::open(path).map_err(|error| error.to_string())?;
        let length = file.metadata().map_err(|error| error.to_string())?.len();
        let mut directory = Vec::new();
        file.by_ref().take(DIRECTORY).read_to_end(&mut directory).map_err(|error| error.to_string())?;
        let print = blake3::Hasher::new().update(&length.to_le_bytes()).update(&directory).finalize();

        let mut database = Database::new();
        database.load_font_file(path).map_err(|error| error.to_string())?;
        let name = |face: &resvg::usvg::fontdb::FaceInfo| face.families.first().map(|(name, _)| name.clone());
        let is_simplified = |name: &String| name.ends_with(" SC") && !name.contains("Mono");
        let faces: Vec<(ID, String)> = database.faces().filter_map(|face| Some((face.id, name(face)?))).collect();
        let chosen = faces.iter().find(|(_, name)| is_simplified(name)).or(faces.first()).cloned();
        let (face, family) = chosen.ok_or("里面没有能用的字体")?;
        faces.iter().map(|(id, _)| *id).filter(|id| *id != face).for_each(|id| database.remove_face(id));
        let font = Font { database: Arc::new(database), family, face, print };
        let has_han = font.widths("相").is_some_and(|widths| widths.iter().all(Option::is_some));
        if has_han { Ok(font) } else { Err("里面没有汉字".to_owned()) }
    }

    /// How wide `text` is when a Han character is 1 wide; none when the font cannot be read. What it has no glyph for counts as a full one.
    pub fn width(&self, text: &str) -> Option<f64> {
        Some(self.widths(text)?.into_iter().map(|width| width.unwrap_or(1.0)).sum())
    }

    /// The width of each character; none for one that the font does not have.
    pub fn widths(&self, text: &str) -> Option<Vec<Option<f64>>> {
        self.database.with_face_data(self.face, |data, index| {
            let font = FontRef::from_index(data, index).ok()?;
            let metrics = font.glyph_metrics(Size::unscaled(), LocationRef::default());
            let em = f64::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
            let (map, width) = (font.charmap(), |advance: f32| f64::from(advance) / em);
            Some(text.chars().map(|character| metrics.advance_width(map.map(character)?).map(width)).collect())
        })?
    }
}
