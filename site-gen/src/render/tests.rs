//! Renders a small site made by hand with the real theme, and looks at what comes out.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use domain::Session;
use pages::{Frame, Link};
use serde::de::DeserializeOwned;

use super::{Plan, assets, templates, view::View};
use crate::{
    cache::Cache,
    diagnostic::Diagnostic,
    output::Output,
    pictures::Pictures,
    site::{Body, EventState, Page, Section, Site, Taxonomy, Term},
    source::{Data, Document, FrontMatter, Theme},
};

/// Everything that is published of a site, sorted by path, and what is wrong with the theme.
fn render(site: &Site, theme: &Theme) -> (Vec<Output>, Vec<Diagnostic>) {
    let templates = match templates(theme) {
        Ok(templates) => templates,
        Err(found) => return (Vec::new(), vec![found]),
    };
    let outputs = Mutex::<Vec<Output>>::default();
    let plan = Plan::new(site, theme, &templates, None, None).expect("a frame is plain data");
    let made = plan.render(&outputs).expect("a list takes everything");
    let mut outputs = outputs.into_inner().expect("nobody panicked");
    outputs.sort_by(|one, other| one.path.cmp(&other.path));
    let mut told: Vec<String> = plan.paths().collect();
    told.sort();
    let paths: Vec<&String> = outputs.iter().map(|output| &output.path).collect();
    assert!(!made.diagnostics.is_empty() || paths == told.iter().collect::<Vec<_>>(), "all paths are told beforehand");
    (outputs, made.diagnostics)
}

/// The theme of this repository.
fn theme() -> Theme {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../themes/xiangshang");
    let mut theme = Theme { folder: "themes/xiangshang".to_owned(), ..Theme::default() };
    for path in files(&folder.join("templates")) {
        let name = path.strip_prefix(folder.join("templates")).unwrap().to_str().unwrap().replace('\\', "/");
        theme.templates.insert(name, std::fs::read_to_string(&path).unwrap());
    }
    for path in files(&folder.join("assets")) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        theme.assets.insert(name, std::fs::read(&path).unwrap());
    }
    theme
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn front<T: DeserializeOwned>(yaml: &str) -> Box<T> {
    Box::new(serde_yaml::from_str(yaml).unwrap())
}

fn document(path: &str, front: FrontMatter) -> Arc<Document> {
    Arc::new(Document { path: path.to_owned(), text: Arc::from(""), body: 0, front })
}

fn section(path: &str, yaml: &str) -> Section {
    let url = format!("/{}", path.trim_end_matches("_index.md"));
    let parent = (url != "/").then_some(0);
    let document = document(path, FrontMatter::Section(front(yaml)));
    Section { document, url, body: Arc::default(), parent, pages: Vec::new() }
}

/// A course called `name`; `event` adds lines to its event.
fn course(name: &str, title: &str, start: &str, state: EventState, event: &str) -> Page {
    let yaml = format!(
        "title: {title}\nsummary: 一句话\ndate: 2026-11-01 09:00\nevent:\n  start: {start} 14:00\n  end: {start} 17:00\n  place: 会议室, 二楼; 东侧\n  attendance: both\n  audience: 企业负责人\n  contact: 培训联系人\n{event}"
    );
    page(&format!("courses/{name}.md"), FrontMatter::Course(front(&yaml)), 1, Some(state))
}

fn page(path: &str, front: FrontMatter, section: usize, state: Option<EventState>) -> Page {
    let published = front.common().date;
    let url = format!("/{}/", path.trim_end_matches(".md"));
    let body = Arc::new(Body { html: "<p>正文</p>".to_owned(), headings: Vec::new(), excerpt: "正文".to_owned() });
    Page {
        document: document(path, front),
        url,
        body,
        section,
        published,
        previous: None,
        next: None,
        related: Vec::new(),
        state,
        session: None,
        slots: Vec::new(),
        terms: Vec::new(),
    }
}

fn session(id: &str, page: &Page) -> Session {
    let event = super::view::event(page).unwrap();
    Session {
        id: id.to_owned(),
        title: page.document.front.common().title.to_owned(),
        url: page.url.clone(),
        start: event.start,
        end: event.end,
        place: event.place.clone(),
        attendance: event.attendance,
        onsite_seats: 60,
        online_seats: 200,
        onsite_reserved: 48,
        online_reserved: 0,
        waitlist: true,
        opens: None,
        deadline: event.start,
        party_limit: 3,
        firm_limit: 2,
        contact: event.contact.clone(),
        cancelled: false,
        postponed: false,
        changed: page.document.front.common().date,
        form: "registration".to_owned(),
        example: false,
    }
}

/// Two sections, pages of every kind, courses in several states.
fn site() -> Site {
    let registration = "  registration:\n    id: djt-2026-q4\n    onsite_seats: 60\n    online_seats: 200\n    onsite_reserved: 48\n    deadline: 2026-12-04 12:00\n";
    let mut open = course("open", "开着的课 <现金流>", "2026-12-05", EventState::Open, registration);
    open.session = Some(0);
    open.terms = vec![(0, 0)];
    let session = session("djt-2026-q4", &open);
    let policy = "title: 支付条例\ndate: 2026-11-02 08:00\nissuer: 国务院\nnumber: 国务院令第802号\nvalidity: current\naudience: 中小企业\nchecked: 2026-11-02\npoints: [按时付款]\n";
    let resource = "title: 甲银行\nlibrary: finance\nprovider: 甲银行\nservices: [贷款]\naudience: 小微企业\ncontact: 电话\nchecked: 2026-11-02\n";
    let pages = vec![
        course(
            "cancelled",
            "取消的课",
            "2026-12-01",
            EventState::Cancelled,
            "  status: cancelled\n  status_note: 讲师临时有事。\n",
        ),
        course("later", "再后面的课", "2027-03-05", EventState::Announced, ""),
        course("last", "最后的课", "2027-06-05", EventState::Announced, ""),
        course("next", "后面的课", "2026-12-20", EventState::NotYetOpen, ""),
        open,
        course("past", "上过的课", "2026-10-05", EventState::Past, ""),
        page("policies/payment.md", FrontMatter::Policy(front(policy)), 2, None),
        page("bank.md", FrontMatter::Resource(front(resource)), 0, None),
        page("about.md", FrontMatter::Page(front("title: 关于本站")), 0, None),
        page("board.md", FrontMatter::Page(front("title: 年度计划\ntemplate: board.html")), 0, None),
    ];
    let mut sections = vec![
        section("_index.md", "title: 相商未来"),
        section("courses/_index.md", "title: 课程\npages: course\nsort: start\nfeed: true\ncolumn_type: 办事服务"),
        section("policies/_index.md", "title: 政策\npages: policy\nfeed: true\ncolumn_type: 政策解读"),
    ];
    sections[0].pages = vec![7, 8, 9];
    sections[1].pages = vec![0, 4, 3, 1, 2, 5];
    sections[2].pages = vec![6];
    let term =
        Term { slug: "finance".to_owned(), name: "财务 & 税".to_owned(), url: "/tags/finance/".to_owned(), pages: vec![4] };
    Site {
        now: "2026-11-24 10:00".parse().unwrap(),
        next_change: None,
        frame: frame(),
        page_size: 20,
        pages,
        sections,
        taxonomies: vec![Taxonomy { id: "tags".to_owned(), name: "标签".to_owned(), terms: vec![term] }],
        facets: Vec::new(),
        forms: Vec::new(),
        sessions: vec![session],
        data: Data::default(),
        aliases: vec![("/news/1.html".to_owned(), "/courses/open/".to_owned())],
        files: Vec::new(),
        pictures: Arc::new(Pictures::new(&[], Cache::new("unused"))),
        shown: BTreeMap::new(),
    }
}

fn frame() -> Frame {
    Frame {
        site_name: "相商未来".to_owned(),
        tagline: "服务民营企业".to_owned(),
        base_url: "https://xiangshang.example".to_owned(),
        domain: "xiangshang.example".to_owned(),
        site_code: None,
        organiser: "区工商联".to_owned(),
        telephone: None,
        address: None,
        icp: None,
        police: None,
        trial: true,
        navigation: vec![Link { label: "报课程".to_owned(), url: "/courses/".to_owned() }],
        footer: Vec::new(),
        assets: assets(&theme()).0.by_name,
    }
}

/// Outputs by path; the theme renders without a finding.
fn rendered(site: &Site) -> BTreeMap<String, String> {
    let (outputs, diagnostics) = render(site, &theme());
    assert_eq!(diagnostics, Vec::<Diagnostic>::new());
    outputs.iter().map(|output: &Output| (output.path.clone(), output.as_text().unwrap().to_owned())).collect()
}

#[test]
fn the_home_page_shows_the_next_three_events_that_take_place() {
    let home = &rendered(&site())["index.html"];
    let place = |title: &str| home.find(title);
    assert!(place("开着的课") < place("后面的课") && place("后面的课") < place("再后面的课"), "{home}");
    for absent in ["取消的课", "上过的课", "最后的课"] {
        assert_eq!(place(absent), None, "{absent}");
    }
}

#[test]
fn a_list_shows_what_is_coming_before_what_is_past() {
    let page = &rendered(&site())["courses/index.html"];
    // Machines are told in the head.
    let (_, list) = page.split_once("<main").unwrap();
    let places: Vec<usize> = ["即将举行</h2>", "取消的课", "开着的课", "最后的课", "往期</h2>", "上过的课"]
        .map(|words| list.find(words).unwrap())
        .to_vec();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn an_event_says_its_state_in_words_and_to_machines() {
    let outputs = rendered(&site());
    for (page, words, status, button) in [
        ("open", "报名中", "EventScheduled", true),
        ("next", "即将开放报名", "EventScheduled", false),
        ("past", "已结束", "EventScheduled", false),
        ("cancelled", "讲师临时有事。", "EventCancelled", false),
    ] {
        let html = &outputs[&format!("courses/{page}/index.html")];
        assert!(html.contains(words), "{page} says {words}");
        assert!(html.contains(&format!("https://schema.org/{status}")), "{page} is {status}");
        assert_eq!(html.contains("我要报名"), button, "{page}");
    }
    let open = &outputs["courses/open/index.html"];
    assert_eq!(open.matches("href=\"/courses/open/register/\"").count(), 2, "the one action stands above and below");
    assert!(open.contains("开着的课 &lt;现金流&gt;"));
}

#[test]
fn every_label_of_a_public_body_stands_once() {
    let outputs = rendered(&site());
    let article = ["SiteName", "SiteDomain", "ArticleTitle", "PubDate", "ContentSource"];
    let column = ["SiteName", "SiteDomain", "ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType"];
    for (page, labels) in
        [("courses/open", article.as_slice()), ("policies/payment", &article), ("courses", &column), ("about", &column)]
    {
        let html = &outputs[&format!("{page}/index.html")];
        for label in labels {
            assert_eq!(html.matches(&format!("<meta name=\"{label}\"")).count(), 1, "{label} in {page}");
        }
        assert_eq!(html.matches("<link rel=\"canonical\"").count(), 1, "{page}");
        assert_eq!(html.matches("<h1").count(), 1, "{page}");
    }
    let html = &outputs["policies/payment/index.html"];
    assert!(html.contains("name=\"PubDate\" content=\"2026-11-02 08:00\"") && html.contains(">2026-11-02 08:00</time>"));
}

#[test]
fn a_calendar_keeps_its_uid_and_tells_the_state() {
    let outputs = rendered(&site());
    for (page, uid, status) in [
        ("open", "djt-2026-q4@xiangshang.example", "CONFIRMED"),
        ("cancelled", "/courses/cancelled/@xiangshang.example", "CANCELLED"),
    ] {
        let ics = &outputs[&format!("courses/{page}/event.ics")];
        assert!(ics.contains(&format!("\r\nUID:{uid}\r\n")), "{ics}");
        assert!(ics.contains(&format!("\r\nSTATUS:{status}\r\n")), "{ics}");
        assert!(ics.contains("\r\nLOCATION:会议室\\, 二楼\\; 东侧\r\n"), "{ics}");
        assert!(ics.lines().count() == ics.matches("\r\n").count(), "every line ends in CRLF");
    }
    let all = &outputs["courses/calendar.ics"];
    assert_eq!(all.matches("BEGIN:VEVENT").count(), 5, "all but the past one");
}

#[test]
fn feeds_and_the_sitemap_are_well_formed() {
    let mut site = site();
    site.frame.tagline = "A & B <c>".to_owned();
    let outputs = rendered(&site);
    for path in ["feed.xml", "courses/feed.xml", "policies/feed.xml", "sitemap.xml"] {
        assert_eq!(well_formed(&outputs[path]), Ok(()), "{path}");
    }
    assert_eq!(outputs["courses/feed.xml"].matches("<entry>").count(), 6);
    assert!(!outputs["feed.xml"].contains("关于本站"), "a page without a date is no news");
    assert!(
        outputs["sitemap.xml"]
            .contains("<loc>https://xiangshang.example/courses/open/</loc><lastmod>2026-11-01T09:00:00+08:00</lastmod>")
    );
}

/// Tags close in the order in which they opened, and `&` only begins an entity.
fn well_formed(xml: &str) -> Result<(), String> {
    let mut open = Vec::new();
    for piece in xml.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').ok_or_else(|| format!("unclosed: {piece}"))?;
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        if tag.starts_with('/') {
            if open.pop() != Some(name) {
                return Err(format!("</{name}> closes something else"));
            }
        } else if !tag.starts_with('?') && !tag.ends_with('/') {
            open.push(name);
        }
        for entity in tag.split('&').skip(1).chain(text.split('&').skip(1)) {
            if !["amp;", "lt;", "gt;", "quot;"].iter().any(|known| entity.starts_with(known)) {
                return Err(format!("&{entity}"));
            }
        }
    }
    if open.is_empty() { Ok(()) } else { Err(format!("never closed: {open:?}")) }
}

#[test]
fn an_old_address_leads_to_the_new_one_for_people_browsers_and_search_engines() {
    let page = &rendered(&site())["news/1.html"];
    for needed in [
        "<meta http-equiv=\"refresh\" content=\"0; url=/courses/open/\">",
        "<link rel=\"canonical\" href=\"https://xiangshang.example/courses/open/\">",
        "<a href=\"/courses/open/\">",
    ] {
        assert!(page.contains(needed), "{needed} in {page}");
    }
}

#[test]
fn a_registration_that_is_not_open_says_so_at_its_address() {
    let mut site = site();
    site.pages[4].state = Some(EventState::Closed);
    let page = &rendered(&site)["courses/open/register/index.html"];
    assert!(page.contains("不能报名：报名已截止") && page.contains("href=\"/courses/open/\""), "{page}");
}

#[test]
fn the_same_site_gives_the_same_bytes_whatever_the_number_of_threads() {
    let site = site();
    let with =
        |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| render(&site, &theme()));
    assert_eq!(with(1), with(4));
}

/// The theme with a head that shows no labels, no `og:` properties and no structured data.
fn theme_with_a_plain_head() -> Theme {
    let mut theme = theme();
    let base = theme.templates.get_mut("base.html").expect("each theme has its frame");
    for name in ["labels", "open_graph", "json_ld"] {
        *base = base.replace(&format!(" in head.{name} "), " in [] ");
    }
    theme
}

#[test]
fn what_no_template_shows_is_not_made_and_nobody_sees_it() {
    let plain = theme_with_a_plain_head();
    let mut naming = theme_with_a_plain_head();
    naming.templates.insert("unused.html".to_owned(), "{# __tera_context #}".to_owned());
    let site = site();
    let labels = |theme: &Theme| {
        let templates = templates(theme).expect("the theme is well formed");
        let view = View::new(&site, &templates, None).expect("the site has what each view needs");
        let head = super::head::page(&view, &site.pages[6], Some("一句话"), &view.trail(2).links);
        (head.labels.len(), head.open_graph.len(), head.json_ld.len())
    };
    assert_eq!(labels(&plain), (0, 0, 0));
    assert!(matches!(labels(&naming), (5.., 5.., 2)), "{:?}", labels(&naming));
    assert_eq!(render(&site, &plain), render(&site, &naming));
}

#[test]
fn no_page_is_heavy() {
    let (made, diagnostics) = assets(&theme());
    assert_eq!(diagnostics, Vec::<Diagnostic>::new());
    let size = |wanted: &str| {
        let names = made.by_name.iter().filter(|(name, _)| name.ends_with(wanted));
        let sizes = names.map(|(_, asset)| made.outputs.iter().find(|output| asset.url.ends_with(&output.path)).unwrap());
        sizes.map(|output| output.as_text().unwrap().len()).sum::<usize>()
    };
    // A page has forms, results or something of its own, never two of them.
    let styles = size("site.css") + size("form.css").max(size("search.css")).max(size("pages.css"));
    assert!(styles <= 32 * 1024, "style sheets have {styles} bytes before compression");
    assert!(size("site.js") <= 3 * 1024, "reading pages have {} bytes of script", size("site.js"));
}

/// Rules nested in a list of selectors may be lowered to `:is()`, and an engine that does not know it (before Chrome 88,
/// Safari 14) drops the whole rule.
#[test]
fn no_style_sheet_asks_for_more_than_the_oldest_engines_know() {
    let sheets: Vec<_> = assets(&theme()).0.outputs.into_iter().filter(|output| output.path.ends_with(".css")).collect();
    assert!(sheets.iter().any(|sheet| sheet.as_text().unwrap().contains(".chips a{")));
    for sheet in sheets {
        let text = sheet.as_text().unwrap();
        let at = [":is(", ":where("].iter().find_map(|selector| text.find(selector));
        assert!(at.is_none(), "{}: {:?}", sheet.path, &text[at.unwrap()..][..60]);
    }
}

#[test]
fn a_mistake_in_a_template_is_reported_once_where_it_stands() {
    let mut theme = theme();
    theme.templates.insert("event.html".to_owned(), "一\n{{ nosuch }}".to_owned());
    let (_, diagnostics) = render(&site(), &theme);
    let [diagnostic] = diagnostics.as_slice() else { panic!("{diagnostics:?}") };
    assert_eq!(diagnostic.file, "themes/xiangshang/templates/event.html");
    let span = diagnostic.span.unwrap();
    assert!("一\n{{ nosuch }}"[span.start..span.end].contains("nosuch"), "{span:?}");
}

#[test]
fn a_mistake_in_the_card_is_reported_once_whichever_lists_show_it() {
    let mut theme = theme();
    theme.templates.insert("card.html".to_owned(), "一\n{{ nosuch }}".to_owned());
    let (_, diagnostics) = render(&site(), &theme);
    let [diagnostic] = diagnostics.as_slice() else { panic!("{diagnostics:?}") };
    assert_eq!(diagnostic.file, "themes/xiangshang/templates/card.html");

    theme.templates.remove("card.html");
    let (_, diagnostics) = render(&site(), &theme);
    let [diagnostic] = diagnostics.as_slice() else { panic!("{diagnostics:?}") };
    assert!(diagnostic.is_error() && diagnostic.message.contains("card.html"), "{diagnostic:?}");
}

#[test]
fn a_card_stands_one_level_below_the_heading_of_its_list() {
    let outputs = rendered(&site());
    let home = &outputs["index.html"];
    assert!(home.contains("<h3 class=\"card-title\">") && !home.contains("<h2 class=\"card-title\">"), "{home}");
    let list = &outputs["tags/finance/index.html"];
    assert!(list.contains("<h2 class=\"card-title\">") && !list.contains("<h3 class=\"card-title\">"), "{list}");
}

#[test]
fn a_list_of_forty_five_has_three_pages() {
    let mut site = site();
    let more = (0..39).map(|number| course(&format!("c{number}"), "课", "2026-10-01", EventState::Past, ""));
    let first = site.pages.len();
    site.pages.extend(more);
    let all = first..site.pages.len();
    site.sections[1].pages.extend(all);
    let outputs = rendered(&site);
    let cards = |path: &str| outputs[path].matches("<li class=\"card").count();
    let counts = ["courses/index.html", "courses/page/2/index.html", "courses/page/3/index.html"].map(cards);
    assert_eq!(counts, [20, 20, 5]);
    assert!(!outputs.contains_key("courses/page/4/index.html"));
    assert!(outputs["courses/page/2/index.html"].contains("<title>课程（第 2 页） - 相商未来</title>"));
}
