//! The editor in the browser, as `site-gen admin install` puts it there: with Decap CMS, decap-server and git, all real. What it writes, the build takes.

use std::{
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use scraper::{Html, Selector};
use serde_json::json;
use site_gen::{build::Options, commands::check, diagnostic::Colours, editing::install};
use tests::{Browser, Device, Server, Site, server::NOW};

/// decap-server on the one port that the editor looks for it at; killed when dropped.
struct DecapServer(Child);

impl DecapServer {
    fn start(repository: &Path) -> Result<DecapServer> {
        let mut child = Command::new("node")
            .arg(checkers()?.join("node_modules/decap-server/dist/index.js"))
            .env("MODE", "git")
            .env("GIT_REPO_DIRECTORY", repository)
            .env("PORT", "8081")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start `node`; `tests/run` installs it")?;
        for _ in 0..200 {
            ensure!(child.try_wait()?.is_none(), "decap-server ended: is another program using port 8081?");
            if TcpStream::connect(("127.0.0.1", 8081)).is_ok() {
                return Ok(DecapServer(child));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        child.kill()?;
        bail!("decap-server does not listen after twenty seconds")
    }
}

impl Drop for DecapServer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where `tests/run` has installed what others wrote.
fn checkers() -> Result<PathBuf> {
    Ok(PathBuf::from(std::env::var_os("CHECKERS").context("CHECKERS names no folder; `tests/run` sets it")?))
}

fn git(site: &Site, arguments: &[&str]) -> Result<String> {
    let identity = ["-c", "user.name=编辑", "-c", "user.email=editor@example.invalid", "-c", "core.quotepath=false"];
    let output = Command::new("git").args(identity).args(arguments).current_dir(site.root()).output()?;
    ensure!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// The input that belongs to a label.
fn field(label: &str, element: &str) -> String {
    format!("//label[starts-with(normalize-space(.),'{label}')]/following::{element}[1]")
}

/// Gives a time to a field, as the picker of the browser does: how it is typed depends on the system's language.
async fn pick(browser: &Browser, label: &str, time: &str) -> Result<()> {
    let (xpath, time) = (json!(field(label, "input")), json!(time));
    browser
        .measure(&format!(
            "{{ const field = document.evaluate({xpath}, document, null, 9, null).singleNodeValue;
               Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, {time});
               for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, {{ bubbles: true }})); }}"
        ))
        .await?;
    Ok(())
}

/// Saves what is open, and waits until it is a commit.
async fn publish(browser: &Browser, site: &Site) -> Result<()> {
    let before = git(site, &["rev-parse", "HEAD"])?;
    browser.tap_at("//*[@role='button' and contains(.,'发布')]").await?;
    browser.tap_at("//*[@role='menuitem' and contains(.,'立即发布')]").await?;
    for _ in 0..300 {
        if git(site, &["rev-parse", "HEAD"])? != before {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("nothing was committed after thirty seconds: {}", browser.words("body").await?)
}

/// The page at `path`, once the server has built it with these words.
async fn published(server: &Server, path: &str, words: &str) -> Result<String> {
    for _ in 0..200 {
        let mut answer = Server::agent().get(&format!("{}{path}", server.url)).call()?;
        let page = answer.body_mut().read_to_string()?;
        if page.contains(words) {
            return Ok(page);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("`{words}` is not at {path} after twenty seconds")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_course_is_written_in_the_browser_and_the_build_takes_it() -> Result<()> {
    let site = Site::new()?;
    let options = Options::new(site.root(), NOW.parse().ok().context("a moment")?);
    install::install(&options, Some(&checkers()?.join("decap-cms.tgz")))?;
    fs::write(site.root().join(".gitignore"), "/content/static/admin/\n/public*\n/data\n/.cache\n/config\n")?;
    git(&site, &["init", "--quiet", "-b", "main"])?;
    // decap-server commits under the repository's own name.
    git(&site, &["config", "user.name", "编辑"])?;
    git(&site, &["config", "user.email", "editor@example.invalid"])?;
    git(&site, &["add", "."])?;
    git(&site, &["commit", "--quiet", "-m", "开始"])?;
    // Elsewhere: decap-server commits whatever lies in the repository.
    let camera = tempfile::tempdir()?;
    let picture = camera.path().join("现场 一.png");
    image::RgbImage::from_pixel(640, 400, image::Rgb([180, 60, 40])).save(&picture)?;

    let _files = DecapServer::start(site.root())?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Desktop, true).await?;
    browser.goto(&format!("{}/admin/", server.url)).await?;
    browser.tap_at("//button[contains(.,'登录')]").await?;
    // Every section is there under its own name.
    browser.tap_at("//a[contains(@href,'#/collections/courses')]").await?;
    for section in ["activities", "policies", "resources", "programmes", "pages", "sections"] {
        ensure!(browser.count(&format!("a[href$='#/collections/{section}']")).await? == 1, "no collection `{section}`");
    }
    browser.keep_as_it_is("admin-list").await?;
    browser.tap_at("//a[contains(@href,'#/collections/courses/new')]").await?;

    browser.type_at(&field("标题", "input"), "第1讲: 财税“怎么办”").await?;
    browser.type_at(&field("摘要", "textarea"), "一个小时，讲清楚小企业年底要办的三件事。").await?;
    browser.keep_as_it_is("admin-course").await?;
    browser.tap_at(&field("草稿", "button")).await?;
    pick(&browser, "开始时间", "2026-12-05T14:00").await?;
    pick(&browser, "结束时间", "2026-12-05T16:00").await?;
    browser.type_at(&field("地点", "input"), "区工商联会议室").await?;
    // A list that narrows as one types; the last key is Enter.
    browser.type_at(&field("形式", "input"), "现场\u{e007}").await?;
    browser.type_at(&field("对象", "textarea"), "全区民营企业").await?;
    browser.type_at(&field("联系方式", "textarea"), "区工商联办公室").await?;
    browser.type_at("//*[@contenteditable='true']", "带上最近三个月的账。").await?;

    browser.tap_at("//button[@title='添加组件']").await?;
    browser.tap_at("//*[@role='menuitem' and contains(.,'图片')]").await?;
    browser.tap_at("//button[contains(.,'选择图片')]").await?;
    browser.type_at("//input[@type='file']", &picture.display().to_string()).await?;
    browser.tap_at("//button[contains(.,'选用已选中项目') and not(@disabled)]").await?;
    browser.type_at(&field("图上是什么", "input"), "会场里坐满了人").await?;
    publish(&browser, &site).await?;

    // Two files beside each other, and nothing else.
    let changed = git(&site, &["show", "--name-only", "--format=", "HEAD"])?;
    let files: Vec<&str> = changed.lines().collect();
    let page = files.iter().find(|file| file.ends_with(".md")).with_context(|| format!("no page in {files:?}"))?;
    ensure!(files.len() == 2 && files.contains(&"content/courses/images/现场-一.png"), "{files:?}");
    let text = fs::read_to_string(site.root().join(page))?;
    for line in
        ["title: \"第1讲: 财税“怎么办”\"", "  start: 2026-12-05 14:00", "draft: false", "![会场里坐满了人](images/现场-一.png)"]
    {
        ensure!(text.contains(line), "`{line}` is not in:\n{text}");
    }
    let checked = check::run(&options, check::Format::Human, Colours::Plain)?;
    // The colon of the title, which YAML might have stumbled over, is the only thing that is said of it.
    let said: Vec<&str> = checked.text.lines().filter(|line| line.contains(page)).collect();
    ensure!(checked.fine && said.len() == 1 && checked.text.contains("half_punctuation"), "{}", checked.text);

    // It is on the site, under an address in ASCII, with its picture made smaller and the time that was given, not that of its file's name.
    let list = Html::parse_document(&published(&server, "/courses/", "第1讲: 财税“怎么办”").await?);
    let links = Selector::parse("main a[href]").map_err(|error| anyhow::anyhow!("{error}"))?;
    let link =
        list.select(&links).find(|link| link.text().any(|words| words.contains("第1讲"))).context("no link to the course")?;
    let address = link.attr("href").context("a link")?.to_owned();
    ensure!(address.is_ascii() && address.starts_with("/courses/"), "{address}");
    let shown = published(&server, &address, "会场里坐满了人").await?;
    ensure!(shown.contains("2026-12-05T14:00:00+08:00"), "{shown}");

    // The same page again, changed.
    browser.tap_at("//a[contains(@href,'#/collections/courses') and not(contains(@href,'new'))]").await?;
    browser.tap_at("//a[contains(@href,'/entries/') and contains(.,'第1讲')]").await?;
    browser.type_at(&field("地点", "input"), "（三楼）").await?;
    publish(&browser, &site).await?;
    let again = fs::read_to_string(site.root().join(page))?;
    ensure!(again.contains("  place: 区工商联会议室（三楼）"), "{again}");
    ensure!(again.replace("（三楼）", "") == text, "more was changed than the place:\n{again}");
    published(&server, &address, "区工商联会议室（三楼）").await?;

    // Nobody took the page away from under the editor's hands.
    let scripts = browser.measure("[...document.scripts].map(script => new URL(script.src).pathname)").await?;
    ensure!(scripts == json!(["/admin/decap-cms.js", "/admin/start.js"]), "{scripts}");
    ensure!(browser.measure("performance.getEntriesByType('navigation')[0].type").await? == "navigate", "reloaded");
    browser.goto(&format!("{}{address}", server.url)).await?;
    browser.keep_as_it_is("published").await?;
    browser.close().await
}
