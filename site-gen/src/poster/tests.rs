use std::collections::BTreeMap;

use super::*;

/// The font that `tests/run` installs (fonts-noto-cjk).
fn font() -> Font {
    let place = font::places(None, Path::new("/")).into_iter().find(|place| place.is_file());
    let place = place.expect("Noto Sans CJK is installed: `tests/run` sees to it, or apt-get install fonts-noto-cjk");
    Font::open(&place).expect("it is a font")
}

fn studio(templates: &[(&str, &str)], folder: &Path) -> Studio {
    let templates = templates.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    Studio::new(font(), &templates, folder.to_owned()).expect("the templates are well formed")
}

fn facts(title: &str) -> BTreeMap<&'static str, String> {
    BTreeMap::from([("title", title.to_owned())])
}

const TITLE: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"400\" height=\"200\">\
    {% set it = title | fit(width=360, size=60, least=20, lines=3) %}\
    {% for line in it.lines %}<text x=\"20\" y=\"{{ 60 + loop.index0 * it.size }}\" font-size=\"{{ it.size }}\">{{ line }}</text>{% endfor %}</svg>";

#[test]
fn a_han_character_is_as_wide_as_it_is_high_and_a_letter_is_not() {
    let font = font();
    assert_eq!(font.to_draw().family, "Noto Sans CJK SC");
    assert_eq!(font.width("相商未来"), Some(4.0));
    let letters = font.width("ill").expect("it has letters");
    assert!((0.5..1.2).contains(&letters), "{letters}");
    assert!(font.width("WWW").expect("it has letters") > letters);
    assert!(font.width("，。").is_some_and(|width| width == 2.0));
}

#[test]
fn a_picture_is_drawn_with_letters_as_outlines_and_the_same_from_the_cache() {
    let folder = tempfile::tempdir().expect("a folder");
    let studio = studio(&[("a.svg", TITLE)], folder.path());
    let facts = facts("A&B：相商<未来>，3 月");
    let print = studio.print("a.svg", &facts);
    let drawn = studio.draw("a.svg", &facts, &print).expect("it can be drawn");
    let svg = String::from_utf8(drawn.svg.clone()).expect("text");
    assert!(svg.contains("<path") && !svg.contains("<text"), "{svg}");
    let picture = png::Decoder::new(std::io::Cursor::new(drawn.png.as_slice())).read_info().expect("a PNG").info().size();
    assert_eq!(picture, (400, 200));
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 2);
    assert_eq!(studio.draw("a.svg", &facts, &print).expect("it is kept"), drawn);
    std::fs::remove_dir_all(folder.path()).expect("removes");
    assert_eq!(studio.draw("a.svg", &facts, &print).expect("it can be drawn"), drawn);
}

#[test]
fn what_stands_on_it_and_the_template_decide_its_number() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, other) = (studio(&[("a.svg", TITLE)], folder.path()), studio(&[("a.svg", "<svg/>")], folder.path()));
    let print = one.print("a.svg", &facts("甲"));
    assert_eq!(print, one.print("a.svg", &facts("甲")));
    assert_ne!(print, one.print("a.svg", &facts("乙")));
    assert_ne!(print, one.print("b.svg", &facts("甲")));
    assert_ne!(print, other.print("a.svg", &facts("甲")));
}

#[test]
fn a_template_that_makes_no_picture_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    for (text, expected) in [
        ("<svg xmlns=\"http://www.w3.org/2000/svg\"", "海报的模板画不出来"),
        ("相商未来", "海报的模板画不出来"),
        ("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"90000\" height=\"10\"/>", "90000 × 10"),
        ("{{ title | fit(size=3) }}", "width"),
        ("\n{{ missing.title }}", "missing"),
    ] {
        let templates = BTreeMap::from([("a.svg".to_owned(), text.to_owned())]);
        let studio = studio(&[("a.svg", text)], folder.path());
        let print = studio.print("a.svg", &facts("甲"));
        let failed = studio.draw("a.svg", &facts("甲"), &print).expect_err("it cannot be drawn");
        let found = failed.in_folder("themes/x/posters", &templates);
        assert!(found.is_error() && found.message.contains(expected), "{found:?}");
        assert_eq!(found.file, "themes/x/posters/a.svg");
    }
}

#[test]
fn a_file_that_is_no_chinese_font_is_refused_with_its_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.ttf");
    assert!(Font::open(&path).is_err());
    std::fs::write(&path, "no font at all").expect("writes");
    assert_eq!(Font::open(&path).err().as_deref(), Some("里面没有能用的字体"));
}
