//! The whole built site, held to what every public page must be; and each check held to a page made wrong, since one that hears nothing
//! would pass everything.

use std::fs;

use anyhow::{Context, Result, ensure};
use tests::{
    Browser, Device, Site,
    checks::{self, BASE, Page, build, keyboard, links, looks, markup, paper, readers, scripts, weight},
    server::project_root,
};

fn none(what: &str, complaints: &[String]) -> Result<()> {
    ensure!(complaints.is_empty(), "{what}: {} complaints\n{}", complaints.len(), complaints.join("\n"));
    Ok(())
}

/// One of them says all of these words.
fn says(complaints: &[String], words: &[&str]) -> Result<()> {
    let found = complaints.iter().any(|complaint| words.iter().all(|words| complaint.contains(words)));
    ensure!(found, "no complaint says {words:?}; there are:\n{}", complaints.join("\n"));
    Ok(())
}

/// What a check says of one page of each template, each complaint with the page's address.
async fn over_every_template(device: Device, check: impl AsyncFn(&Browser) -> Result<Vec<String>>) -> Result<Vec<String>> {
    let site = Site::new()?;
    let pages = checks::pages(&build(&site)?)?;
    let server = site.serve()?;
    let browser = Browser::open(device, true).await?;
    let mut complaints = Vec::new();
    for page in checks::one_of_each(&pages) {
        browser.goto(&format!("{}{}", server.url, page.url)).await?;
        complaints.extend(check(&browser).await?.into_iter().map(|found| format!("{}: {found}", page.url)));
    }
    browser.close().await?;
    Ok(complaints)
}

#[test]
fn every_page_and_style_sheet_is_valid() -> Result<()> {
    let site = Site::new()?;
    let folder = build(&site)?;
    let services = project_root().join("functions/pages/tests/expected");
    none("the Nu HTML checker", &markup::complaints(&[&folder, &services])?)
}

#[test]
fn the_check_of_markup_hears_what_is_invalid() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let page = |body: &str| {
        format!(
            "<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>页面</title></head><body>{body}</body></html>\n"
        )
    };
    fs::write(folder.path().join("id.html"), page("<p id=\"a\">一</p><p id=\"a\">二</p>"))?;
    fs::write(folder.path().join("nesting.html"), page("<ul><p>一</p></ul>"))?;
    fs::write(folder.path().join("right.html"), page("<p>一</p>"))?;
    fs::write(folder.path().join("site.css"), "p { colour: red; margin: 1 px; }\n")?;
    let complaints = markup::complaints(&[folder.path()])?;
    says(&complaints, &["id.html", "Duplicate ID"])?;
    says(&complaints, &["nesting.html", "not allowed as child"])?;
    says(&complaints, &["site.css", "colour"])?;
    says(&complaints, &["site.css", "margin"])?;
    ensure!(!complaints.iter().any(|complaint| complaint.contains("right.html")), "{complaints:?}");
    Ok(())
}

#[test]
fn every_link_and_anchor_leads_somewhere() -> Result<()> {
    let site = Site::new()?;
    let pages = checks::pages(&build(&site)?)?;
    let server = site.serve()?;
    none("links", &links::complaints(&server.url, BASE, &pages)?)
}

#[test]
fn the_check_of_links_hears_what_leads_nowhere() -> Result<()> {
    // The folder must outlive the server: it goes with the value.
    let site = Site::new()?;
    let server = site.serve()?;
    let page = |text: &str| [Page { url: "/about/".to_owned(), text: text.to_owned() }];
    for (text, words) in [
        ("<a href=\"/nowhere/\">", "`/nowhere/` answers 404"),
        ("<a href=\"../nowhere/\">", "`../nowhere/` answers 404"),
        ("<a href=\"/courses\">", "answers 301"),
        ("<a href=\"#nowhere\">", "without `#nowhere`"),
        ("<a href=\"/privacy/#nowhere\">", "without `#nowhere`"),
        ("<img src=\"/files/nothing.png\" alt=\"\">", "answers 404"),
        ("<img srcset=\"/a.png 1x, /b.png 2x\" alt=\"\">", "`/b.png` answers 404"),
        ("<form action=\"/f/nobody\" method=\"post\">", "answers 404"),
        ("<link rel=\"stylesheet\" href=\"/assets/site.css\">", "answers 404"),
        ("<meta http-equiv=\"refresh\" content=\"0; url=/nowhere/\">", "answers 404"),
        ("<meta property=\"og:url\" content=\"https://xiangshang.example/nowhere/\">", "answers 404"),
        ("<a href=\"https://xiangshang.example/nowhere/\">", "answers 404"),
    ] {
        says(&links::complaints(&server.url, BASE, &page(text))?, &[words])?;
    }
    let right = "<main id=\"main\"><a href=\"/\">首页</a><a href=\"/privacy/\">隐私</a><a href=\"https://www.gov.cn/nowhere\">外面</a><a href=\"tel:12345\">电话</a></main>";
    none("a page with nothing wrong", &links::complaints(&server.url, BASE, &page(right))?)
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_can_see_and_use_every_template() -> Result<()> {
    none("axe-core and measures", &over_every_template(Device::Phone, looks::complaints).await?)
}

/// For scripts that make a page wrong: the policy of the pages lets no style into HTML; a script may set one.
const ADD: &str = "const main = document.querySelector('main'); \
    const add = (html, style) => { main.insertAdjacentHTML('beforeend', html); Object.assign(main.lastElementChild.style, style); }; \
    const insist = (name, value) => main.lastElementChild.style.setProperty(name, value, 'important');";

#[tokio::test(flavor = "multi_thread")]
async fn the_check_of_looks_hears_what_somebody_cannot_use() -> Result<()> {
    let site = Site::new()?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Phone, true).await?;
    for (wrong, words) in [
        ("add('<img src=\"/assets/mark.svg\">')", vec!["image-alt"]),
        ("add('<input type=text name=x>')", vec!["label"]),
        ("add('<button></button>')", vec!["button-name"]),
        ("document.documentElement.removeAttribute('lang')", vec!["html-has-lang"]),
        ("add('<p>太淡</p>', { color: 'light-dark(#bbb, #fff)' })", vec!["light", "color-contrast"]),
        ("add('<p>太暗</p>', { color: 'light-dark(#000, #444)' })", vec!["dark", "color-contrast"]),
        ("add('<p>不够清楚</p>', { color: 'light-dark(#707070, #8a8a8a)' })", vec!["长辈版", "contrast-enhanced"]),
        ("add('<p>宽</p>', { width: '360px' })", vec!["320 px", "too wide"]),
        (
            "add('<p>' + 'word '.repeat(11) + '</p>', { whiteSpace: 'nowrap', display: 'inline-block', fontSize: '10px' })",
            vec!["text spacing", "too wide"],
        ),
        ("add('<p>宽</p>', { width: '17rem' })", vec!["长辈版", "too wide"]),
        ("add('<p>放不下的一句话</p>', { overflow: 'hidden', whiteSpace: 'nowrap', width: '5em' })", vec!["cuts off"]),
        ("add('<button>矮</button>', { height: '44px', border: '1px solid', padding: 0 })", vec!["长辈版", "44 px high"]),
        ("add('<p>动</p>', { transition: 'color 1s' })", vec!["less motion", "moves"]),
    ] {
        browser.goto(&format!("{}/about/", server.url)).await?;
        browser.measure(&format!("{{ {ADD} {wrong}; }}")).await?;
        says(&looks::complaints(&browser).await?, &words).with_context(|| wrong.to_owned())?;
    }
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_printer_makes_every_template_readable() -> Result<()> {
    none("paper", &over_every_template(Device::Desktop, paper::complaints).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_of_paper_hears_what_a_printer_spoils() -> Result<()> {
    let site = Site::new()?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Desktop, true).await?;
    for (wrong, words) in [
        ("add('<nav><a href=\"/\">首页</a></nav>', { display: 'block' })", vec!["<nav", "only leads elsewhere"]),
        ("document.querySelector('h1').style.display = 'none'", vec!["the title"]),
        ("add('<p>太淡</p>'); insist('color', '#bbb')", vec!["not dark on white", "太淡"]),
        ("add('<p>太暗</p>'); insist('background', '#444')", vec!["not dark on white", "太暗"]),
        (
            "add('<p><a href=\"https://www.gov.cn/nowhere\">外面</a></p>'); const sheet = new CSSStyleSheet(); \
                sheet.replaceSync('a::after { content: none !important }'); document.adoptedStyleSheets = [sheet]",
            vec!["https://www.gov.cn/nowhere", "is not printed"],
        ),
        ("add('<p>宽</p>', { width: '180mm' })", vec!["too wide"]),
        ("add('<p>放不下的一句话</p>', { overflow: 'auto', whiteSpace: 'nowrap', width: '5em' })", vec!["cuts off"]),
    ] {
        browser.goto(&format!("{}/about/", server.url)).await?;
        none("the page as it is", &paper::complaints(&browser).await?)?;
        browser.measure(&format!("{{ {ADD} {wrong}; }}")).await?;
        says(&paper::complaints(&browser).await?, &words).with_context(|| wrong.to_owned())?;
    }
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyboard_leads_through_every_template() -> Result<()> {
    none("the keyboard", &over_every_template(Device::Desktop, keyboard::complaints).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_of_the_keyboard_hears_what_stands_in_its_way() -> Result<()> {
    let site = Site::new()?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Desktop, true).await?;
    let bar = "{ position: 'fixed', left: 0, right: 0, bottom: 0, height: '60vh', background: '#fff' }";
    for (wrong, words) in [
        ("add('<button tabindex=-1>够不着</button>')".to_owned(), vec!["够不着", "cannot be reached"]),
        (
            "add('<button>进得来</button><button>跳过去</button>'); \
                main.lastElementChild.previousElementSibling.onkeydown = (event) => { main.lastElementChild.tabIndex = -1 }"
                .to_owned(),
            vec!["跳过去", "cannot be reached"],
        ),
        ("add('<a href=\"/\">看不见</a>', { opacity: 0 })".to_owned(), vec!["看不见", "cannot be seen"]),
        ("add('<button>在外面</button>', { position: 'absolute', left: '-99rem' })".to_owned(), vec!["在外面", "cannot be seen"]),
        ("add('<button>一个样</button>', { outline: 'none' })".to_owned(), vec!["一个样", "looks the same"]),
        (format!("add('<a href=\"/\">盖住了</a>'); add('<div></div>', {bar})"), vec!["盖住了", "is covered"]),
    ] {
        browser.goto(&format!("{}/about/", server.url)).await?;
        browser.measure(&format!("{{ {ADD} {wrong}; }}")).await?;
        says(&keyboard::complaints(&browser).await?, &words).with_context(|| wrong.clone())?;
    }
    browser.goto(&format!("{}/about/", server.url)).await?;
    none("the page as it is", &keyboard::complaints(&browser).await?)?;
    browser.close().await
}

#[test]
fn feeds_and_calendars_are_read_alike_by_two_readers() -> Result<()> {
    let site = Site::new()?;
    let folder = build(&site)?;
    let readable = readers::readable(&folder, &checks::files(&folder)?)?;
    let count = |end: &str| readable.iter().filter(|file| file.ends_with(end)).count();
    ensure!(count(".xml") > 1 && count(".ics") > 5, "there are too few of them: {readable:?}");
    none("readers", &readers::complaints(&folder, &readable)?)
}

#[test]
fn the_check_of_readers_hears_what_one_of_them_cannot_read() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let site = Site::new()?;
    let built = build(&site)?;
    let readable = readers::readable(&built, &checks::files(&built)?)?;
    let text = |end: &str| -> Result<String> {
        let file = readable.iter().find(|file| file.ends_with(end)).context("one of each")?;
        Ok(fs::read_to_string(built.join(file))?)
    };
    let (feed, calendar) = (text(".xml")?, text(".ics")?);
    for (name, wrong) in [
        ("cut.xml", feed[..feed.len() / 2].to_owned()),
        ("empty.xml", format!("{}</feed>\n", feed.split("<entry>").next().unwrap_or_default())),
        ("undated.xml", feed.replace("updated>", "changed>")),
        ("floating.ics", calendar.replace("Z\r\n", "\r\n")),
        ("cut.ics", calendar[..calendar.find("END:VEVENT").context("an event")?].to_owned()),
        ("endless.ics", calendar.replace("DTEND", "X-END")),
        ("no-event.ics", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n".to_owned()),
    ] {
        fs::write(folder.path().join(name), wrong)?;
        says(&readers::complaints(folder.path(), &[name.to_owned()])?, &[name])?;
    }
    Ok(())
}

#[test]
fn every_script_is_understood_by_old_browsers_and_allowed_by_the_policy() -> Result<()> {
    let site = Site::new()?;
    let folder = build(&site)?;
    let files = checks::files(&folder)?;
    // What makes photographs smaller needs browsers that are younger anyway; the others send them as they are.
    let year = |file: &str| if file.starts_with("assets/files.") { 2017 } else { 2016 };
    let scripts: Vec<_> = files.iter().filter(|file| file.ends_with(".js")).map(|file| (folder.join(file), year(file))).collect();
    ensure!(scripts.len() >= 6, "there are too few of them: {scripts:?}");
    none("scripts", &scripts::complaints(&scripts)?)
}

#[test]
fn the_check_of_scripts_hears_what_old_browsers_do_not_understand() -> Result<()> {
    let folder = tempfile::tempdir()?;
    for (text, words) in [
        ("window.a = (b) => b?.c;", vec!["2020", "2016 is promised"]),
        ("(async () => {})();", vec!["2017", "2016 is promised"]),
        ("const { a, ...rest } = b;", vec!["2018", "2016 is promised"]),
        ("window.a = ;", vec!["not well formed"]),
        ("WebAssembly.compile(bytes);", vec!["`WebAssembly`"]),
        ("new Intl.Segmenter('zh');", vec!["`Segmenter`"]),
        ("eval('1');", vec!["`eval`"]),
        ("window.a = new Function('return 1');", vec!["`Function`"]),
    ] {
        let file = folder.path().join("wrong.js");
        fs::write(&file, text)?;
        says(&scripts::complaints(&[(file, 2016)])?, &words).with_context(|| text.to_owned())?;
    }
    let file = folder.path().join("right.js");
    // What is only said of something is not done.
    fs::write(&file, "// no eval\nconst words = ['WebAssembly'], twice = (a) => [...a, a ** 2];")?;
    none("a script with nothing wrong", &scripts::complaints(&[(file, 2016)])?)
}

#[test]
fn no_page_costs_more_than_a_phone_should_pay() -> Result<()> {
    let site = Site::new()?;
    let pages = checks::pages(&build(&site)?)?;
    let server = site.serve_unwatched()?;
    none("weight", &weight::complaints(&server.url, &pages)?)
}

#[test]
fn the_check_of_weight_hears_what_is_too_heavy_or_comes_from_elsewhere() -> Result<()> {
    let site = Site::new()?;
    // What cannot be packed: digits that no program foresees.
    let noise = |bytes: usize| -> String {
        let mut random = fastrand::Rng::with_seed(7);
        (0..bytes)
            .map(|_| char::from(random.u8(b'0'..b'z')))
            .filter(|character| *character != '\\' && *character != '`')
            .collect()
    };
    let statics = site.root().join("content/static");
    fs::create_dir_all(&statics)?;
    fs::write(statics.join("heavy.js"), format!("`{}`", noise(16 * 1024)))?;
    fs::write(statics.join("light.js"), format!("`{}`", noise(6 * 1024)))?;
    fs::write(statics.join("heavy.css"), format!("/* {} */", noise(60 * 1024)))?;
    fs::write(statics.join("font.css"), "@font-face { font-family: x; src: url(x.woff2); }")?;
    let server = site.serve()?;
    let complaints = |text: &str| weight::complaints(&server.url, &[Page { url: "/about/".to_owned(), text: text.to_owned() }]);
    for (text, words) in [
        ("<link rel=\"stylesheet\" href=\"/heavy.css\">", "40960 are allowed"),
        ("<script src=\"/light.js\"></script>", "3072 are allowed"),
        ("<main><form></form></main><script src=\"/heavy.js\"></script>", "10240 are allowed"),
        ("<link rel=\"stylesheet\" href=\"https://fonts.example/css\">", "from elsewhere"),
        ("<img src=\"//pictures.example/a.png\" alt=\"\">", "from elsewhere"),
        ("<link rel=\"stylesheet\" href=\"/font.css\">", "asks for a font"),
    ] {
        says(&complaints(text)?, &[words])?;
    }
    none("a form with a light script", &complaints("<main><form></form></main><script src=\"/light.js\"></script>")?)
}

/// The classes that the table of parts in the theme's README names: of each row those in its first cell, `-info` being short for what the first one
/// begins with.
fn parts_of(readme: &str) -> Vec<String> {
    let table = readme.split("\n## Parts\n").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap_or_default();
    let mut parts = Vec::new();
    for row in table.lines().filter(|line| line.starts_with("| `.")) {
        let cell = row.split('|').nth(1).unwrap_or_default();
        let mut base = "";
        for word in cell.split(|character: char| character.is_whitespace() || "`,()".contains(character)) {
            if let Some(class) = word.strip_prefix('.') {
                base = if base.is_empty() { class.split('-').next().unwrap_or(class) } else { base };
                parts.push(class.to_owned());
            } else if word.starts_with('-') {
                parts.push(format!("{base}{word}"));
            }
        }
    }
    parts
}

/// The parts that do not stand on `page`.
fn missing(parts: &[String], page: &Page) -> Vec<String> {
    let document = page.parsed();
    let stands = |part: &&String| {
        let selector = scraper::Selector::parse(&format!(".{part}")).expect("a class that is written in the table");
        document.select(&selector).next().is_some()
    };
    parts.iter().filter(|part| !stands(part)).cloned().collect()
}

#[test]
fn every_part_that_the_theme_names_stands_on_the_page_of_all_parts() -> Result<()> {
    let readme = fs::read_to_string(project_root().join("themes/xiangshang/README.md"))?;
    let parts = parts_of(&readme);
    for part in ["masthead", "tag-open", "tag-example", "notice-quiet", "alert", "found", "board-row"] {
        ensure!(parts.iter().any(|found| found == part), "the table has no `{part}`: {parts:?}");
    }
    let (pages, _) = checks::built(&Site::new()?)?;
    let page = pages.iter().find(|page| page.url == "/manual/components/").context("the page of all parts")?;
    none("the page of all parts", &missing(&parts, page))?;
    let without = Page { url: page.url.clone(), text: page.text.replace("class=\"slots\"", "class=\"slot\"") };
    ensure!(missing(&parts, &without) == ["slots"], "a part is missing, and nobody hears of it");
    Ok(())
}

#[test]
fn one_of_each_shows_every_class_that_any_page_has() {
    let page = |url: &str, text: &str| Page { url: url.to_owned(), text: text.to_owned() };
    let pages = [
        page("/a/", "<p class=\"x\">"),
        page("/b/", "<p class=\"x y\">"),
        page("/c/", "<p class=\"z\">"),
        page("/d/", "<p class=\"z\">"),
    ];
    let chosen: Vec<&str> = checks::one_of_each(&pages).iter().map(|page| page.url.as_str()).collect();
    assert_eq!(chosen, ["/b/", "/d/"]);
}
