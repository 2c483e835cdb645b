//! Posters: for each event a picture to pass on, with a QR code that leads to its page, and one for whoever shows a preview of a link.
//!
//! 1. [`font`] finds and opens the one font file. Without it there are no posters, which the build says, and no page shows one.
//! 2. `lines` breaks Chinese into lines; the theme's templates, SVG in `themes/NAME/posters/`, ask for it by the filter `fit`.
//! 3. `draw` makes pixels and outlines of what a template says.
//!
//! What a poster is made of has a number ([`Studio::print`]); the file's name holds it, since phones keep pictures for long, and
//! in the cache it is found by it. What stands on which poster is `render`'s.

mod draw;
pub mod font;
mod lines;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use pages::{
    Context, TemplateError, Templates,
    templates::{Fit, Fitted},
};
use serde::Serialize;

pub use self::{
    draw::Drawn,
    font::Font,
    lines::{Lines, Room},
};
use crate::{
    build::Options,
    cache::{Cache, Hash},
    diagnostic::Diagnostic,
    kinds::Kind,
    source::{Document, Source},
    stamp::Stamp,
};

/// Another one whenever the same template and font give other pixels: with another resvg, say.
const FORMAT: &[u8] = b"2 resvg 0.49";

/// All that posters are made with.
#[derive(Debug)]
pub struct Studio {
    font: Font,
    templates: Templates,
    /// Font, format and the texts of all templates.
    print: Hash,
    cache: Cache,
}

/// What became of the search for a font.
#[derive(Debug, Default)]
pub struct Opened {
    /// None when the theme has no posters, the site no events, or the system no font.
    pub studio: Option<Studio>,
    /// Where the font was looked for, and how the file looked that was there: another one makes other posters.
    pub looked_at: Vec<(PathBuf, Option<Stamp>)>,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

impl Studio {
    /// Opens what posters of `source` are made with.
    pub fn open(source: &Source, options: &Options) -> Opened {
        let mut opened = Opened::default();
        let (theme, events) = (&source.theme, source.documents.iter().any(|document| is_event(document)));
        if theme.posters.is_empty() || !events {
            return opened;
        }
        let setting = source.config.poster_font.as_deref();
        let places = font::places(setting, &options.root).into_iter();
        opened.looked_at = places.map(|path| (path.clone(), Stamp::at(&path))).collect();
        let Some(path) = opened.looked_at.iter().find(|(_, stamp)| stamp.is_some()).map(|(path, _)| path) else {
            opened.diagnostics.push(missing(setting));
            return opened;
        };
        let font = match Font::open(path) {
            Ok(font) => font,
            Err(error) => {
                opened.diagnostics.push(unusable(path, &error));
                return opened;
            }
        };
        match Studio::new(font, &theme.posters, options.cache.join("posters")) {
            Ok(studio) => opened.studio = Some(studio),
            Err(error) => opened.diagnostics.push(error.in_folder(&format!("{}/posters", theme.folder), &theme.posters)),
        }
        opened
    }

    /// A studio that works with `font` after the theme's `templates`.
    pub fn new(font: Font, templates: &BTreeMap<String, String>, cache: PathBuf) -> Result<Studio, Failed> {
        let measured = font.clone();
        let fit = move |text: &str, Fit { width, size, least, lines }: Fit| {
            let widths = measured.widths(text).unwrap_or_default();
            let widths: Vec<f64> = widths.into_iter().map(|width| width.unwrap_or(1.0)).collect();
            let Lines { lines, size, whole } = lines::fit(text, &widths, Room { width, size, least, lines });
            let width = lines.iter().filter_map(|line| measured.width(line)).fold(0.0, f64::max) * size;
            Fitted { lines, size, width, whole }
        };
        let mut hasher = blake3::Hasher::new();
        hasher.update(FORMAT).update(font.print.as_bytes());
        for (name, text) in templates {
            hasher.update(name.as_bytes()).update(&[0]).update(text.as_bytes()).update(&[0]);
        }
        let print = hasher.finalize();
        Ok(Studio { templates: Templates::with_fit(templates, fit)?, font, print, cache: Cache::new(cache) })
    }

    /// Whether the theme has this picture.
    pub fn has(&self, template: &str) -> bool {
        self.templates.contains(template)
    }

    /// A number for all that the picture is made of.
    pub fn print(&self, template: &str, facts: &impl Serialize) -> Hash {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.print.as_bytes()).update(template.as_bytes());
        serde_json::to_writer(&mut hasher, facts).expect("facts are texts, and a hasher takes them all");
        hasher.finalize()
    }

    /// What the template says.
    pub fn text(&self, template: &str, facts: &impl Serialize) -> Result<String, Failed> {
        let mut buffer = Vec::new();
        self.templates.render_into(template, &Context::of(facts)?, &mut buffer)?;
        Ok(String::from_utf8(buffer).expect("templates and facts are text"))
    }

    /// The picture with this number, from the cache or drawn now.
    pub fn draw(&self, template: &str, facts: &impl Serialize, print: &Hash) -> Result<Drawn, Failed> {
        let (png, svg) = (part(print, "png"), part(print, "svg"));
        if let (Some(png), Some(svg)) = (self.cache.get(&png), self.cache.get(&svg)) {
            return Ok(Drawn { png, svg });
        }
        let face = self.font.to_draw();
        let drawn = draw::draw(&self.text(template, facts)?, &face);
        let drawn = drawn.map_err(|message| Failed::Svg { template: template.to_owned(), message })?;
        self.cache.put(&png, &drawn.png);
        self.cache.put(&svg, &drawn.svg);
        Ok(drawn)
    }
}

fn is_event(document: &Document) -> bool {
    matches!(document.front.kind(), Kind::Activity | Kind::Course)
}

fn part(print: &Hash, which: &str) -> Hash {
    blake3::Hasher::new().update(print.as_bytes()).update(which.as_bytes()).finalize()
}

/// Why a poster was not made: always the theme's mistake.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// As a template.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// As an SVG.
    #[error("`{template}`: {message}")]
    Svg {
        /// Which one.
        template: String,
        /// What is wrong.
        message: String,
    },
}

impl Failed {
    /// The mistake where it stands, `folder` being what diagnostics call the place of `templates`.
    pub fn in_folder(&self, folder: &str, templates: &BTreeMap<String, String>) -> Diagnostic {
        match self {
            Failed::Template(error) => crate::render::template_diagnostic(error, folder, templates),
            Failed::Svg { template, message } => {
                Diagnostic::error(format!("{folder}/{template}"), "poster", format!("海报的模板画不出来：{message}"))
                    .hint("模板写出来的必须是完整的 SVG，写明 width 和 height；文字里的 & 和 < 由模板自动转义")
            }
        }
    }
}

fn missing(setting: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::warning("content/site.yaml", "poster_font", "没有找到做海报用的中文字体，这次不做活动海报");
    match setting {
        Some(path) => diagnostic.hint(format!("`poster_font` 指的 `{path}` 不存在：改成字体文件的路径（从站点文件夹算起，或绝对路径）")),
        None => diagnostic.hint(
            "Debian、Ubuntu：apt-get install fonts-noto-cjk；或者在 site.yaml 里写 `poster_font:`，指向一个中文字体文件（.ttc、.otf、.ttf）",
        ),
    }
}

fn unusable(path: &Path, why: &str) -> Diagnostic {
    Diagnostic::warning(
        "content/site.yaml",
        "poster_font",
        format!("字体文件 `{}` 用不了，这次不做活动海报：{why}", path.display()),
    )
    .hint("换一个完整的中文字体文件（.ttc、.otf、.ttf），写在 `poster_font:` 里")
}

#[cfg(test)]
mod tests;
