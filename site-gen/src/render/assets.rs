//! The theme's style sheets, scripts and pictures under names that hold a hash of what they hold.
//!
//! A name that changes with its bytes may be cached for ever, which is what WeChat's browser does whether told to or not.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use lightningcss::{
    stylesheet::{MinifyOptions, ParserOptions, PrinterOptions, StyleSheet},
    targets::{Browsers, Targets},
};
use pages::frame::Asset;
use sha2::{Digest, Sha384};

use crate::{
    diagnostic::{Diagnostic, Severity, Span},
    output::{Content, Output},
    source::Theme,
};

/// What becomes of a theme's assets.
#[derive(Debug, Clone, Default)]
pub struct Assets {
    /// The files, `assets/site.1a2b3c4d.css`.
    pub outputs: Vec<Output>,
    /// Where each is, by the name templates know it by (`site.css`): the frame's `assets`.
    pub by_name: BTreeMap<String, Asset>,
}

/// The oldest engines that style sheets are lowered for: Android WebViews and WeChat kernels that are no longer updated.
const OLDEST: Browsers = Browsers {
    android: Some(69 << 16),
    chrome: Some(69 << 16),
    ios_saf: Some(12 << 16),
    safari: Some(12 << 16),
    firefox: Some(78 << 16),
    edge: Some(79 << 16),
    samsung: Some(10 << 16),
    ie: None,
    opera: None,
};

/// Makes the published files of `theme`'s assets, style sheets lowered and made small.
pub fn assets(theme: &Theme) -> (Assets, Vec<Diagnostic>) {
    let mut made = Assets::default();
    let mut diagnostics = Vec::new();
    for (name, bytes) in &theme.assets {
        let bytes = if name.ends_with(".css") {
            match style_sheet(&format!("{}/assets/{name}", theme.folder), bytes) {
                Ok(css) => css.into_bytes(),
                Err(diagnostic) => {
                    diagnostics.push(*diagnostic);
                    continue;
                }
            }
        } else {
            bytes.clone()
        };
        let path = hashed_path(name, &bytes);
        let integrity = format!("sha384-{}", BASE64.encode(&Sha384::digest(&bytes)));
        made.by_name.insert(name.clone(), Asset { url: format!("/{path}"), integrity });
        made.outputs.push(Output { path, content: Content::Bytes(bytes) });
    }
    (made, diagnostics)
}

/// `assets/site.1a2b3c4d.css`
fn hashed_path(name: &str, bytes: &[u8]) -> String {
    let hash = blake3::hash(bytes).to_hex();
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "bin"));
    format!("assets/{stem}.{}.{extension}", &hash[..10])
}

/// Lowers and minifies one style sheet.
fn style_sheet(file: &str, bytes: &[u8]) -> Result<String, Box<Diagnostic>> {
    let text = std::str::from_utf8(bytes).map_err(|_| refused(file, None, "样式表不是 UTF-8 文字".to_owned()))?;
    let targets = Targets { browsers: Some(OLDEST), ..Targets::default() };
    let mut sheet =
        StyleSheet::parse(text, ParserOptions { filename: file.to_owned(), ..ParserOptions::default() }).map_err(|error| {
            let place = error.loc.as_ref().map(|at| span(text, at.line as usize, at.column as usize));
            refused(file, place, format!("样式表有错：{}", error.kind))
        })?;
    sheet
        .minify(MinifyOptions { targets, ..MinifyOptions::default() })
        .map_err(|error| refused(file, None, format!("样式表有错：{}", error.kind)))?;
    let printed = sheet
        .to_css(PrinterOptions { minify: true, targets, ..PrinterOptions::default() })
        .map_err(|error| refused(file, None, format!("样式表有错：{}", error.kind)))?;
    Ok(printed.code)
}

/// The rest of a line from a place that lightningcss names: line from 0, column from 1 in UTF-16 units.
fn span(text: &str, line: usize, column: usize) -> Span {
    let start = text.split_inclusive('\n').take(line).map(str::len).sum::<usize>();
    let rest = text[start..].lines().next().unwrap_or_default();
    let mut units = 1;
    let before = rest.chars().take_while(|c| {
        units += c.len_utf16();
        units <= column
    });
    Span { start: start + before.map(char::len_utf8).sum::<usize>(), end: start + rest.len() }
}

fn refused(file: &str, span: Option<Span>, message: String) -> Box<Diagnostic> {
    let hint = Some("改好主题的样式表后再生成".to_owned());
    Box::new(Diagnostic { file: file.to_owned(), span, severity: Severity::Error, code: "style_sheet", message, hint })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(name: &str, text: &str) -> (Assets, Vec<Diagnostic>) {
        let files = BTreeMap::from([(name.to_owned(), text.as_bytes().to_vec())]);
        assets(&Theme { folder: "themes/plain".to_owned(), assets: files, ..Theme::default() })
    }

    #[test]
    fn nesting_and_light_dark_are_lowered_for_old_engines() {
        let (assets, _) = made("site.css", "a { color: light-dark(#000000, #fff); &:hover { color: red } }");
        let css = assets.outputs[0].as_text().unwrap();
        assert!(!css.contains("light-dark(") && !css.contains('&'), "{css}");
        assert!(css.contains("a:hover{color:red}"), "{css}");
    }

    #[test]
    fn a_name_holds_the_hash_of_what_the_file_holds() {
        let url = |text| made("form.js", text).0.by_name["form.js"].url.clone();
        assert_eq!(url("one"), url("one"));
        assert_ne!(url("one"), url("two"));
        assert!(url("one").starts_with("/assets/form.") && url("one").ends_with(".js"));
    }

    #[test]
    fn integrity_is_that_of_the_bytes() {
        let asset = made("a.js", "").0.by_name["a.js"].clone();
        assert_eq!(asset.integrity, "sha384-OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb");
    }

    #[test]
    fn a_mistake_in_a_style_sheet_is_shown_where_it_stands() {
        let (_, diagnostics) = made("site.css", "a { color: red }\n中 { } @@@ { }\n");
        let [diagnostic] = diagnostics.as_slice() else { panic!("{diagnostics:?}") };
        assert_eq!(diagnostic.file, "themes/plain/assets/site.css");
        assert!(diagnostic.span.is_some(), "{diagnostic:?}");
    }
}
