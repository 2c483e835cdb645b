//! Search by the real script in a real browser: exact for every string, in order, with filters, and of use when something is missing.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fs,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use fastrand::Rng;
use serde_json::{Value, json};
use tests::{Browser, Device, Site, server::project_root};

/// Asks the page one query after the other as a visitor does: types, sends, waits until the list is no longer busy.
const ASK: &str = r##"
(function (queries) {
  const list = document.getElementById("found");
  const ask = (query) => new Promise((done) => {
    document.getElementById("find-words").value = query;
    list.removeAttribute("aria-busy");
    new MutationObserver((_, observer) => {
      if (list.getAttribute("aria-busy") !== "false") return;
      observer.disconnect();
      const links = [...list.querySelectorAll("a")];
      done({
        said: document.getElementById("found-status").textContent,
        found: links.map((link) => new URL(link.href).pathname),
        marked: links.filter((link) => link.closest("li").querySelector("mark")).length,
      });
    }).observe(list, { attributes: true });
    document.querySelector("#find button").click();
  });
  window.answers = null;
  (async () => {
    const answers = [];
    for (const query of queries) answers.push(await ask(query));
    window.answers = answers;
  })();
})
"##;

/// What the page says to a query.
#[derive(Debug)]
struct Answer {
    said: String,
    /// Paths of the first ten.
    found: Vec<String>,
    /// How many of them show a mark.
    marked: usize,
}

async fn ask(browser: &Browser, queries: &[String]) -> Result<Vec<Answer>> {
    browser.measure(&format!("{ASK}({})", json!(queries))).await?;
    for _ in 0..2400 {
        let answers = browser.measure("window.answers").await?;
        if let Value::Array(answers) = answers {
            let words = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let answer = |value: &Value| Answer {
                said: words(&value["said"]),
                found: value["found"].as_array().into_iter().flatten().map(words).collect(),
                marked: value["marked"].as_u64().unwrap_or_default() as usize,
            };
            return Ok(answers.iter().map(answer).collect());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("the page did not answer {} queries in two minutes", queries.len())
}

/// Pages of phrases that follow each other by chance, so that nearly every string is new and nearly every pair is not.
struct Varied {
    pages: Vec<Page>,
}

struct Page {
    title: String,
    heading: String,
    lines: Vec<String>,
}

impl Varied {
    fn new(rng: &mut Rng) -> Result<Varied> {
        // Characters that the real content has not, so that it cannot be what is found.
        let taken = characters_of(&project_root().join("content"))?;
        let mut free: Vec<char> = ('\u{4e00}'..'\u{9fa5}').filter(|character| !taken.contains(character)).collect();
        rng.shuffle(&mut free);
        free.truncate(500);
        let mut phrases: Vec<String> =
            (0..380).map(|_| (0..rng.usize(2..6)).map(|_| free[rng.usize(..free.len())]).collect()).collect();
        phrases.extend(["iso9001", "(2017)47", "12.5%", "b2b", "𠮷野"].map(str::to_owned));
        let mut some = |count: usize| (0..count).map(|_| phrases[rng.usize(..phrases.len())].as_str()).collect::<String>();
        let mut page = || Page { title: some(3), heading: some(2), lines: (0..40).map(|line| some(6 + line % 8)).collect() };
        Ok(Varied { pages: (0..120).map(|_| page()).collect() })
    }

    fn write(&self, site: &Site) -> Result<()> {
        let folder = site.root().join("content/varied");
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("_index.md"), "---\ntitle: 试\n---\n")?;
        for (number, page) in self.pages.iter().enumerate() {
            let date = format!("2025-{:02}-{:02} 09:00", number / 28 + 1, number % 28 + 1);
            let body = page.lines.join("\n\n");
            let text = format!("---\ntitle: \"{}\"\ndate: {date}\n---\n\n## {}\n\n{body}\n", page.title, page.heading);
            fs::write(folder.join(format!("p{number}.md")), text)?;
        }
        Ok(())
    }

    /// All texts of all pages, as lists of characters.
    fn texts(&self) -> Vec<Vec<char>> {
        let texts = |page: &Page| {
            [&page.title, &page.heading].into_iter().chain(&page.lines).map(|text| text.chars().collect()).collect()
        };
        self.pages.iter().flat_map(|page| -> Vec<Vec<char>> { texts(page) }).collect()
    }

    /// The pages that hold a string, in the order in which they must be shown: title before heading before text, newer first.
    fn holding(&self, query: &str) -> Vec<String> {
        let place = |page: &Page| match () {
            () if page.title.contains(query) => Some(0),
            () if page.heading.contains(query) => Some(1),
            () => page.lines.iter().any(|line| line.contains(query)).then_some(2),
        };
        let mut found: Vec<(usize, usize)> =
            self.pages.iter().enumerate().filter_map(|(number, page)| Some((place(page)?, number))).collect();
        found.sort_by_key(|(place, number)| (*place, usize::MAX - number));
        found.into_iter().map(|(_, number)| format!("/varied/p{number}/")).collect()
    }
}

fn characters_of(folder: &std::path::Path) -> Result<HashSet<char>> {
    let mut found = HashSet::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(characters_of(&path)?);
        } else if let Ok(text) = fs::read_to_string(&path) {
            found.extend(text.chars());
        }
    }
    Ok(found)
}

/// What comes after each string of `length` characters.
fn successors(texts: &[Vec<char>], length: usize) -> BTreeMap<Vec<char>, Vec<char>> {
    let mut next: BTreeMap<Vec<char>, BTreeSet<char>> = BTreeMap::new();
    for window in texts.iter().flat_map(|text| text.windows(length + 1)) {
        next.entry(window[..length].to_vec()).or_default().insert(window[length]);
    }
    next.into_iter().map(|(before, after)| (before, after.into_iter().collect())).collect()
}

/// A string of which each part of `length + 1` characters stands somewhere.
fn walk(next: &BTreeMap<Vec<char>, Vec<char>>, starts: &[&Vec<char>], wanted: usize, rng: &mut Rng) -> String {
    let mut string = starts[rng.usize(..starts.len())].clone();
    let length = string.len();
    while string.len() < wanted
        && let Some(after) = next.get(&string[string.len() - length..])
    {
        string.push(after[rng.usize(..after.len())]);
    }
    string.into_iter().collect()
}

/// Strings by such walks that stand nowhere.
fn nowhere(
    texts: &[Vec<char>],
    length: usize,
    lengths: std::ops::RangeInclusive<usize>,
    count: usize,
    rng: &mut Rng,
) -> Vec<String> {
    let all: Vec<String> = texts.iter().map(|text| text.iter().collect()).collect();
    let next = successors(texts, length);
    let starts: Vec<&Vec<char>> = next.keys().collect();
    let mut found = BTreeSet::new();
    while found.len() < count {
        let wanted = rng.usize(lengths.clone());
        let string = walk(&next, &starts, wanted, rng);
        if string.chars().count() == wanted && !all.iter().any(|text| text.contains(&string)) {
            found.insert(string);
        }
    }
    found.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_on_a_page_is_found_in_order_and_what_stands_nowhere_is_not() -> Result<()> {
    let mut rng = Rng::with_seed(6);
    let site = Site::new()?;
    let varied = Varied::new(&mut rng)?;
    varied.write(&site)?;
    let texts = varied.texts();
    let pairs: HashSet<&[char]> = texts.iter().flat_map(|text| text.windows(2)).collect();
    ensure!(pairs.len() >= 20_000, "only {} pairs", pairs.len());

    let mut there = Vec::new();
    while there.len() < 500 {
        let text = &texts[rng.usize(..texts.len())];
        let length = rng.usize(2..9).min(text.len());
        let from = rng.usize(..=text.len() - length);
        let string: String = text[from..from + length].iter().collect();
        // The real content has letters and digits as well.
        if !string.is_ascii() {
            there.push(string);
        }
    }
    let by_pairs = nowhere(&texts, 1, 3..=8, 500, &mut rng);
    // Harder: all their fours stand, and only the pages' words tell.
    let by_fours = nowhere(&texts, 3, 5..=8, 100, &mut rng);

    let server = site.serve()?;
    let browser = Browser::open(Device::Phone, true).await?;
    browser.goto(&format!("{}/search/", server.url)).await?;
    for (query, answer) in there.iter().zip(ask(&browser, &there).await?) {
        let expected = varied.holding(query);
        let first: Vec<String> = expected.iter().take(10).cloned().collect();
        ensure!(answer.found == first, "`{query}` stands in {expected:?}; the page says {answer:?}");
        ensure!(answer.marked == first.len(), "`{query}` is not marked in each result: {answer:?}");
        let exact = format!("找到 {} 条", expected.len());
        let about = query.chars().count() > 4 && expected.len() > 10 && answer.said.starts_with("找到约 ");
        ensure!(
            about || answer.said.starts_with(&exact),
            "`{query}` stands on {} pages; the page says {answer:?}",
            expected.len()
        );
    }
    for nowhere in [by_pairs, by_fours] {
        for (query, answer) in nowhere.iter().zip(ask(&browser, &nowhere).await?) {
            ensure!(answer.found.is_empty(), "`{query}` stands nowhere; the page says {answer:?}");
            ensure!(answer.said == format!("没有找到“{query}”。"), "{answer:?}");
        }
    }
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_script_folds_as_the_generator_does() -> Result<()> {
    let cases = fs::read_to_string(project_root().join("site-gen/src/search/folding.json"))?;
    let cases: Vec<(String, String)> = serde_json::from_str(&cases)?;
    let site = Site::new()?;
    let folder = site.root().join("content/cases");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("_index.md"), "---\ntitle: 写法\n---\n")?;
    let cases: Vec<(String, String)> = cases.into_iter().filter(|(_, folded)| folded.chars().count() > 1).collect();
    for (number, (written, _)) in cases.iter().enumerate() {
        fs::write(
            folder.join(format!("c{number}.md")),
            format!("---\ntitle: 第{number}个\ndate: 2026-11-24 09:00\n---\n\n{written}\n"),
        )?;
    }
    let server = site.serve()?;
    let browser = Browser::open(Device::Phone, true).await?;
    // Many pages fold to the same and some hold little: what is found among these pages counts.
    browser.goto(&format!("{}/search/?column=cases", server.url)).await?;
    for (number, (written, folded)) in cases.iter().enumerate() {
        // A search box holds one line.
        let asked = [written.replace('\n', " "), folded.clone()];
        for (query, answer) in asked.iter().zip(ask(&browser, &asked).await?) {
            let page = format!("/cases/c{number}/");
            ensure!(answer.found.contains(&page), "`{query}` does not find `{written}`, folded `{folded}`: {answer:?}");
        }
    }
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_searches_narrows_goes_back_and_is_told_what_to_do() -> Result<()> {
    let site = Site::new()?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Desktop, true).await?;
    let status = "#found-status";
    browser.goto(&format!("{}/about/", server.url)).await?;
    browser.fill("#search-words", "贷款").await?;
    browser.tap(".search button").await?;
    browser.wait_for_words(status, "找到").await?;
    ensure!(browser.value("#find-words").await? == "贷款", "the form does not say what was asked");
    ensure!(browser.title().await?.starts_with("贷款 - "), "the title does not tell what was asked");
    ensure!(browser.count("#found mark").await? > 0, "nothing is marked");
    browser.sees(&["贷款"]).await?;
    let all = browser.words(status).await?;
    browser.keep("search-found").await?;

    browser.tap("#find-filters summary").await?;
    browser.select("#find-column", "resources").await?;
    browser.wait_for_words(status, "在所选范围里找到").await?;
    let narrowed =
        browser.measure("[...document.querySelectorAll('#found a')].every((a) => a.pathname.startsWith('/resources/'))").await?;
    ensure!(narrowed == true, "a page of another column is shown");
    let address = browser.measure("location.search").await?;
    ensure!(address.as_str().is_some_and(|address| address.contains("column=resources")), "the address says {address}");
    browser.keep("search-narrowed").await?;
    browser.back().await?;
    browser.wait_for_words(status, &all).await?;
    ensure!(browser.value("#find-column").await?.is_empty(), "the filter stays after going back");

    // A document's number, written otherwise than on the page; two words that stand apart; one character; nothing.
    for (query, said) in [
        ("国务院令第８０２号", "找到"),
        ("小微企业 续贷", "找到"),
        ("贷", "再写一个字"),
        ("量子纠缠通信", "没有找到“量子纠缠通信”。"),
    ] {
        browser.fill("#find-words", query).await?;
        browser.tap("#find button").await?;
        browser.wait_for_words(status, said).await.with_context(|| query.to_owned())?;
    }
    browser.sees(&["少写几个字", "提诉求", "栏目目录"]).await?;
    ensure!(browser.measure("document.getElementById('all').hidden").await? == false, "the list of columns is hidden");
    browser.keep("search-nothing").await?;

    // Without the network, and with it again.
    browser.measure("window.kept = window.fetch; window.fetch = () => Promise.reject(new TypeError('gone'))").await?;
    browser.fill("#find-words", "知识产权").await?;
    browser.tap("#find button").await?;
    browser.wait_for_words(status, "没有查成").await?;
    browser.keep("search-failed").await?;
    browser.measure("window.fetch = window.kept").await?;
    browser.tap("#found-again").await?;
    browser.wait_for_words(status, "找到").await?;
    browser.close().await
}

/// An occasion with a word that stands nowhere else.
fn occasion(title: &str, day: &str, chain: &str, attendance: &str) -> String {
    format!(
        "---\ntitle: 犇骉会 {title}\nsummary: 用来看清怎样筛选。\ndate: 2026-11-20 09:00\nexample: true\nchains: [{chain}]\nevent:\n  start: {day} 14:00\n  \
         end: {day} 16:00\n  place: 会议室（示例）\n  attendance: {attendance}\n  audience: 企业\n  contact: 工商联办公室（示例）\n---\n\n示例。\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_found_is_narrowed_by_month_chain_and_form() -> Result<()> {
    let site = Site::new()?;
    for (name, day, chain, attendance) in [
        ("a", "2026-12-05", "green-food", "onsite"),
        ("b", "2027-01-06", "biotech", "online"),
        ("c", "2026-12-20", "biotech", "both"),
    ] {
        let file = site.root().join(format!("content/activities/found-{name}.md"));
        fs::write(file, occasion(name, day, chain, attendance))?;
    }
    let server = site.serve()?;
    let browser = Browser::open(Device::Desktop, true).await?;
    let query = "犇骉会".to_owned();
    browser.goto(&format!("{}/search/", server.url)).await?;
    browser.tap("#find-filters summary").await?;
    for (chosen, expected) in [
        (vec![], vec!["a", "b", "c"]),
        (vec![("month", "2026年12月")], vec!["a", "c"]),
        (vec![("month", "2027年1月")], vec!["b"]),
        (vec![("chain", "生物科技")], vec!["b", "c"]),
        (vec![("form", "线上")], vec!["b", "c"]),
        (vec![("form", "现场")], vec!["a", "c"]),
        (vec![("month", "2026年12月"), ("chain", "生物科技")], vec!["c"]),
        (vec![("month", "2027年1月"), ("form", "现场")], vec![]),
        (vec![("column", "活动"), ("month", "2026年12月"), ("chain", "绿色食品"), ("form", "现场")], vec!["a"]),
    ] {
        // By the words that people read.
        for name in ["column", "month", "chain", "form"] {
            let words = chosen.iter().find(|(filter, _)| *filter == name).map_or("全部", |(_, words)| *words);
            let option =
                format!("[...document.getElementById('find-{name}').options].find((option) => option.text === '{words}')?.value");
            let value = browser.measure(&option).await?;
            let value = value.as_str().with_context(|| format!("`{name}` offers no {words}"))?;
            browser.select(&format!("#find-{name}"), value).await?;
        }
        let answers = ask(&browser, std::slice::from_ref(&query)).await?;
        let mut found: Vec<&str> =
            answers[0].found.iter().filter_map(|path| path.strip_prefix("/activities/found-")?.strip_suffix('/')).collect();
        ensure!(found.len() == answers[0].found.len(), "something else is found: {answers:?}");
        found.sort_unstable();
        ensure!(found == expected, "{chosen:?} shows {found:?}");
        ensure!(answers[0].said.contains("在所选范围里") != chosen.is_empty(), "{chosen:?} is said to be {}", answers[0].said);
    }
    // What is chosen stands in the address.
    browser.goto(&format!("{}/search/?q=犇骉会&month=2026-12&chain=biotech&form=online", server.url)).await?;
    browser.wait_for_words("#found-status", "在所选范围里找到 1 条").await?;
    browser.sees(&["犇骉会 c", "已选 3 项"]).await?;
    browser.close().await
}

/// What stands in no text but in the fields of front matter and in the year's plan: `鱻NN号` is written once each.
const FIELDS: [(&str, &str); 4] = [
    (
        "courses/found",
        "title: 一堂课 鱻01号\nsummary: 摘要 鱻02号\ndate: 2026-11-20 09:00\nexample: true\nsource: 鱻03号\nauthor: 鱻04号\ntags: [鱻05号]\nevent:\n  \
         start: 2026-12-05 14:00\n  end: 2026-12-05 16:00\n  place: 鱻06号\n  directions: 鱻07号\n  attendance: onsite\n  audience: 鱻08号\n  \
         fee: 鱻09号\n  contact: 鱻10号\n  status: cancelled\n  status_note: 鱻11号\nspeakers:\n  - { name: 鱻12号, role: 鱻13号, about: 鱻14号 }\nagenda:\n  \
         - { what: 鱻15号, who: 鱻16号 }\nfiles:\n  - { label: 鱻17号, path: 'https://example.cn/a.pdf' }\nminutes:\n  text: 鱻18号\n  figures:\n    \
         - { value: '19', label: 鱻19号 }\n  files:\n    - { label: 鱻20号, path: 'https://example.cn/b.pdf' }\n",
    ),
    (
        "policies/found",
        "title: 一条政策\ndate: 2026-11-20 09:00\nexample: true\nissuer: 鱻21号\nnumber: 鱻22号\nvalidity: current\naudience: 鱻23号\n\
         original: { name: 鱻24号 }\nchecked: 2026-11-20\npoints: [鱻25号]\nclaim:\n  - { what: 鱻26号, detail: 鱻27号 }\nfiles:\n  \
         - { label: 鱻28号, path: 'https://example.cn/c.pdf' }\nhistory:\n  - { date: 2026-11-01, what: 鱻29号 }\n",
    ),
    (
        "resources/found",
        "title: 一项服务\ndate: 2026-11-20 09:00\nexample: true\nlibrary: legal\nprovider: 鱻30号\nservices: [鱻31号]\naudience: 鱻32号\ncontact: 鱻33号\n\
         checked: 2026-11-20\n",
    ),
    ("found", "title: 一页\nfigures:\n  - { value: '34', label: 鱻34号 }\n"),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_outside_of_the_text_is_found_where_it_is_shown() -> Result<()> {
    let site = Site::new()?;
    for (path, front) in FIELDS {
        fs::write(site.root().join(format!("content/{path}.md")), format!("---\n{front}---\n\n示例。\n"))?;
    }
    let plan = site.root().join("content/data/plan.yaml");
    let planned = "- { series: teas, label: 鱻35号, due: 2026-12-31, topic: 鱻36号 }\n";
    fs::write(&plan, format!("{}{planned}", fs::read_to_string(&plan)?))?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Phone, true).await?;
    let mut wanted: Vec<(String, String)> = Vec::new();
    for (url, written) in
        FIELDS.map(|(path, front)| (format!("/{path}/"), front)).into_iter().chain([("/board/".to_owned(), planned)])
    {
        browser.goto(&format!("{}{url}", server.url)).await?;
        let shown = browser.words("main").await?;
        for (start, _) in written.match_indices('鱻') {
            let word: String = written[start..].chars().take(4).collect();
            ensure!(shown.contains(&word), "{url} does not show {word}: {shown}");
            wanted.push((word, url.clone()));
        }
    }
    ensure!(wanted.len() == 36, "{} words are written", wanted.len());
    browser.goto(&format!("{}/search/", server.url)).await?;
    let queries: Vec<String> = wanted.iter().map(|(word, _)| word.clone()).collect();
    for ((word, url), answer) in wanted.iter().zip(ask(&browser, &queries).await?) {
        ensure!(answer.found.contains(url), "{word} stands on {url}; the page says {answer:?}");
    }
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_was_open_while_the_site_changed_finds_what_is_new() -> Result<()> {
    let site = Site::new()?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Phone, true).await?;
    browser.goto(&format!("{}/search/?q=贷款", server.url)).await?;
    browser.wait_for_words("#found-status", "找到").await?;
    // The server's script would load the page anew; it stops when it believes that the page is left.
    browser.measure("window.still = true; window.dispatchEvent(new Event('pagehide'))").await?;
    let agent = tests::Server::agent();
    let index =
        || -> Result<String> { Ok(agent.get(format!("{}/search/index.json", server.url)).call()?.body_mut().read_to_string()?) };
    let before = index()?;
    let page = "---\ntitle: 犇犇计划\ndate: 2026-11-20 09:00\nissuer: 相山区\nvalidity: current\naudience: 企业\nchecked: 2026-11-20\n---\n\n新写的犇骉条款。\n";
    fs::write(site.root().join("content/policies/new.md"), page)?;
    for round in 0.. {
        ensure!(round < 200, "ten seconds after a page was added the index is what it was");
        if index()? != before {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let answers = ask(&browser, &["犇骉条款".to_owned(), "贷款".to_owned()]).await?;
    ensure!(answers[0].found == ["/policies/new/"], "the page says {answers:?}");
    ensure!(answers[1].found.contains(&"/resources/finance-state-bank/".to_owned()), "the page says {answers:?}");
    ensure!(browser.measure("window.still").await? == true, "the page was loaded anew");
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_javascript_the_page_lists_what_there_is() -> Result<()> {
    let site = Site::new()?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Phone, false).await?;
    browser.goto(&format!("{}/search/?q=贷款", server.url)).await?;
    browser.sees(&["大讲堂", "中小企业", "按分类浏览"]).await?;
    ensure!(
        browser.measure("document.getElementById('find-filters').hidden").await? == true,
        "filters that do nothing are shown"
    );
    ensure!(browser.count("#all a[href='/policies/sme-payment/']").await? == 1, "a policy is not listed");
    browser.close().await
}
