//! What comes over the wire when the built site is hosted: by nginx and by Caddy with the rules that `site-gen hosting` writes, and by
//! `xiangshang serve`. All three must send the same headers and the same packed files.

use std::{
    fs,
    io::Read,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result, bail, ensure};
use pages::headers::{EDITOR_FOLDER, EDITOR_POLICY, SECURITY, caching, security};
use site_gen::{
    build::Options,
    commands,
    compress::Effort,
    diagnostic::Colours,
    hosting::{Server as Kind, rules},
};
use tempfile::TempDir;
use tests::{Server, Site, checks, server::NOW};

/// A file where the editor in the browser would be.
fn with_editor(site: &Site) -> Result<()> {
    let folder = site.root().join(format!("content/static{EDITOR_FOLDER}"));
    fs::create_dir_all(&folder)?;
    Ok(fs::write(folder.join("editor.js"), "// Somebody else's program.\n".repeat(200))?)
}

/// What a build of the site is asked for.
fn options(site: &Site) -> Result<Options> {
    Ok(Options::new(site.root(), NOW.parse().ok().context("a moment")?))
}

/// Packs it as `publish` does; what is said of it.
fn pack(folder: &Path, options: &Options) -> Result<String> {
    commands::build::compress(folder, Effort::Quick, &options.cache)
}

/// The site, built and packed into a folder of its own.
fn published(site: &Site) -> Result<PathBuf> {
    with_editor(site)?;
    let folder = site.root().join("www");
    let options = options(site)?;
    let done = commands::build::run(&options, &folder, true, Colours::Plain)?;
    ensure!(done.fine, "the site has mistakes:\n{}", done.findings);
    pack(&folder, &options)?;
    Ok(folder)
}

/// A web server of others, with a folder for its configuration; killed when dropped.
struct Hosted {
    child: Child,
    url: String,
    _place: TempDir,
}

impl Hosted {
    /// Starts `program` with the configuration that `write` gives for a port, and waits until it listens.
    fn start(program: &str, arguments: &[&str], write: impl Fn(&Path, u16) -> String) -> Result<Hosted> {
        for _ in 0..5 {
            let place = tempfile::tempdir()?;
            let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
            let file = place.path().join("configuration");
            fs::write(&file, write(place.path(), port))?;
            let mut child = Command::new(program)
                .args(arguments)
                .arg(&file)
                .env("HOME", place.path())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .with_context(|| format!("cannot start `{program}`; `tests/run` installs it"))?;
            for _ in 0..200 {
                if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                    return Ok(Hosted { child, url: format!("http://127.0.0.1:{port}"), _place: place });
                }
                if child.try_wait()?.is_some() {
                    break;
                }
                thread::sleep(Duration::from_millis(50));
            }
            child.kill()?;
            let mut said = String::new();
            child.stderr.take().context("stderr is piped")?.read_to_string(&mut said)?;
            child.wait()?;
            // Another program may have taken the port in between.
            ensure!(said.contains("in use"), "`{program}` does not listen: {said}");
        }
        bail!("no port was free five times")
    }
}

impl Drop for Hosted {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn nginx(folder: &Path) -> Result<Hosted> {
    let rules = rules(Kind::Nginx, &folder.display().to_string()).replace("# brotli_static on;", "brotli_static on;");
    Hosted::start("nginx", &["-c"], |place, port| {
        let place = place.display();
        format!(
            "load_module /usr/lib/nginx/modules/ngx_http_brotli_static_module.so;\n\
             daemon off; master_process off; pid {place}/pid; error_log stderr;\n\
             events {{}}\n\
             http {{\n\
             access_log off; client_body_temp_path {place}/a; proxy_temp_path {place}/b; fastcgi_temp_path {place}/c;\n\
             uwsgi_temp_path {place}/d; scgi_temp_path {place}/e;\n\
             server {{ listen 127.0.0.1:{port};\n{rules}\n}}\n}}\n"
        )
    })
}

fn caddy(folder: &Path) -> Result<Hosted> {
    let rules = rules(Kind::Caddy, &folder.display().to_string());
    Hosted::start("caddy", &["run", "--adapter", "caddyfile", "--config"], |place, port| {
        format!("{{\n\tadmin off\n\tstorage file_system {}\n}}\nhttp://127.0.0.1:{port} {{\n{rules}\n}}\n", place.display())
    })
}

/// A file of each kind: where it is, and what kind it is said to be.
fn of_each_kind(folder: &Path) -> Result<Vec<(String, &'static [&'static str])>> {
    let files = checks::files(folder)?;
    let named = |start: &str, end: &str| -> Result<String> {
        let found = files.iter().find(|file| file.starts_with(start) && file.ends_with(end));
        Ok(format!("/{}", found.with_context(|| format!("no `{start}…{end}`"))?))
    };
    const SCRIPT: &[&str] = &["text/javascript; charset=utf-8", "application/javascript; charset=utf-8"];
    Ok(vec![
        ("/".to_owned(), &["text/html; charset=utf-8"]),
        ("/courses/".to_owned(), &["text/html; charset=utf-8"]),
        (named("assets/site.", ".css")?, &["text/css; charset=utf-8"]),
        (named("assets/search.", ".js")?, SCRIPT),
        ("/courses/calendar.ics".to_owned(), &["text/calendar; charset=utf-8"]),
        ("/feed.xml".to_owned(), &["application/atom+xml; charset=utf-8", "text/xml; charset=utf-8"]),
        ("/nowhere/".to_owned(), &["text/html; charset=utf-8"]),
        (format!("{EDITOR_FOLDER}editor.js"), SCRIPT),
    ])
}

fn unpacked(encoding: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    let mut plain = Vec::new();
    match encoding {
        "br" => brotli::Decompressor::new(bytes, 4096).read_to_end(&mut plain)?,
        "gzip" => flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain)?,
        _ => bail!("`{encoding}` was not asked for"),
    };
    Ok(plain)
}

/// The server at `url` sends `folder` as it should.
fn sends(url: &str, folder: &Path) -> Result<()> {
    let agent = Server::agent();
    for (path, kinds) in of_each_kind(folder)? {
        let (status, file) = match path.as_str() {
            "/nowhere/" => (404, "404.html".to_owned()),
            path if path.ends_with('/') => (200, format!("{path}index.html")),
            path => (200, path.to_owned()),
        };
        let plain = fs::read(folder.join(file.trim_start_matches('/')))?;
        for encoding in ["identity", "gzip", "br"] {
            let wrong = |what: &str| format!("{path} as {encoding}: {what}");
            let mut answer = agent.get(&format!("{url}{path}")).header("accept-encoding", encoding).call()?;
            let header =
                |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
            ensure!(answer.status() == status, wrong(answer.status().as_str()));
            for (name, value) in security(&path) {
                ensure!(header(name) == value, wrong(&format!("{name}: {}", header(name))));
            }
            ensure!(header("cache-control") == caching(&path), wrong(&header("cache-control")));
            ensure!(kinds.contains(&header("content-type").as_str()), wrong(&header("content-type")));
            // Caddy answers a mistake with the page as it lies.
            let packed = encoding != "identity" && status == 200;
            if packed {
                ensure!(header("content-encoding") == encoding, wrong("it is not packed"));
                ensure!(header("vary").eq_ignore_ascii_case("accept-encoding"), wrong(&header("vary")));
            }
            let (encoding, tag) = (header("content-encoding"), header("etag"));
            let body = answer.body_mut().read_to_vec()?;
            let body = if encoding.is_empty() { body } else { unpacked(&encoding, &body)? };
            ensure!(body == plain, wrong("another text"));
            if status == 200 && encoding.is_empty() {
                let again = agent
                    .get(&format!("{url}{path}"))
                    .header("accept-encoding", "identity")
                    .header("if-none-match", &tag)
                    .call()?;
                ensure!(again.status() == 304, wrong("a browser that holds it gets it again"));
                ensure!(SECURITY.iter().all(|(name, _)| again.headers().contains_key(*name)), wrong("304 without headers"));
            }
        }
    }
    Ok(())
}

#[test]
fn nginx_sends_the_headers_and_the_packed_files() -> Result<()> {
    let site = Site::new()?;
    let folder = published(&site)?;
    sends(&nginx(&folder)?.url, &folder)
}

#[test]
fn caddy_sends_the_headers_and_the_packed_files() -> Result<()> {
    let site = Site::new()?;
    let folder = published(&site)?;
    sends(&caddy(&folder)?.url, &folder)
}

#[test]
fn serve_sends_the_headers_and_the_packed_files() -> Result<()> {
    let site = Site::new()?;
    with_editor(&site)?;
    let server = site.serve_unwatched()?;
    sends(&server.url, &site.root().join("public"))
}

/// Publishes a page that says `words` and has a style of its own, in a site of a few pages; gives what was printed.
fn publish(site: &Site, words: &str) -> Result<String> {
    let content = site.root().join("content");
    if content.join("forms").exists() {
        fs::remove_dir_all(&content)?;
        fs::create_dir(&content)?;
        let settings =
            "name: 小站\ntagline: 只为测试\nbase_url: https://example.org\norganiser: 测试\ntheme: xiangshang\nnavigation: []\n";
        fs::write(content.join("site.yaml"), settings)?;
        fs::write(content.join("_index.md"), "---\ntitle: 首页\n---\n\n你好。\n")?;
    }
    fs::write(content.join("about.md"), format!("---\ntitle: 关于\n---\n\n{words}\n"))?;
    let style = site.root().join("themes/xiangshang/assets/site.css");
    fs::write(&style, format!("{}\n.published {{ content: \"{words}\" }}\n", fs::read_to_string(&style)?))?;
    site.office(&["publish", "--to", "www", "--now", NOW])
}

/// The server at `url`, which has `www/current` for its root, shows what is live and never leaves a page without its style.
fn follows_releases(site: &Site, url: &str) -> Result<()> {
    let agent = Server::agent();
    let get = |path: &str, encoding: &str| -> Result<(u16, String)> {
        let mut answer = agent.get(format!("{url}{path}")).header("accept-encoding", encoding).call()?;
        let packed =
            answer.headers().get("content-encoding").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let body = answer.body_mut().read_to_vec()?;
        ensure!(packed == if encoding == "identity" { "" } else { encoding }, "{path} as {encoding}: {packed}");
        let body = if packed.is_empty() { body } else { unpacked(&packed, &body)? };
        Ok((answer.status().as_u16(), String::from_utf8(body)?))
    };
    let style = |page: &str| -> Result<String> {
        let (_, after) = page.split_once("/assets/site.").context("a page has a style")?;
        Ok(format!("/assets/site.{}", after.split('"').next().unwrap_or_default()))
    };
    let old = style(&get("/about/", "identity")?.1)?;
    publish(site, "第二次发布的话")?;
    for encoding in ["identity", "gzip", "br"] {
        let (status, page) = get("/about/", encoding)?;
        ensure!(status == 200 && page.contains("第二次发布的话"), "{encoding}: the new release is not shown");
        let new = style(&page)?;
        ensure!(new != old, "it has another style");
        for style in [&old, &new] {
            ensure!(get(style, encoding)?.0 == 200, "{style} is not there");
        }
    }
    site.office(&["publish", "--to", "www", "--rollback", "--now", NOW])?;
    let (_, page) = get("/about/", "br")?;
    ensure!(page.contains("第一次发布的话") && style(&page)? == old, "it went back");
    Ok(())
}

#[test]
fn nginx_and_caddy_follow_what_is_published_without_being_told() -> Result<()> {
    for start in [nginx, caddy] {
        let site = Site::new()?;
        publish(&site, "第一次发布的话")?;
        follows_releases(&site, &start(&site.root().join("www/current"))?.url)?;
    }
    Ok(())
}

#[test]
fn a_build_takes_away_what_was_packed_of_what_it_changes() -> Result<()> {
    let site = Site::new()?;
    let brief = site.root().join("content/brief.md");
    fs::write(&brief, format!("---\ntitle: 只在这里一会儿\n---\n\n{}\n", "很快就撤下的一页。".repeat(50)))?;
    let folder = published(&site)?;
    let packed = |page: &str| ["br", "gz"].map(|extension| folder.join(format!("{page}/index.html.{extension}")).is_file());
    for page in ["about", "privacy", "brief"] {
        ensure!(packed(page) == [true, true], "`{page}` is not packed");
    }
    let page = site.root().join("content/about.md");
    fs::write(&page, fs::read_to_string(&page)?.replacen("\n---\n", "\n---\n\n刚刚加上的一段。\n", 1))?;
    fs::remove_file(brief)?;

    let options = options(&site)?;
    let done = commands::build::run(&options, &folder, true, Colours::Plain)?;
    ensure!(done.fine, "the site has mistakes:\n{}", done.findings);
    ensure!(packed("about") == [false, false], "what was packed of a changed page would still be sent");
    ensure!(!folder.join("brief").exists(), "what was packed of a page that is gone is left");
    ensure!(packed("privacy") == [true, true], "what did not change lost what was packed of it");
    Ok(())
}

/// Packed files in `folder`, with their times and what they hold.
fn packed(folder: &Path) -> Result<Vec<(String, SystemTime, Vec<u8>)>> {
    let packed = checks::files(folder)?.into_iter().filter(|file| file.ends_with(".br") || file.ends_with(".gz"));
    let look = |file: String| {
        let path = folder.join(&file);
        Ok((file, fs::metadata(&path)?.modified()?, fs::read(&path)?))
    };
    packed.map(look).collect()
}

/// The same without times: what is packed anew has others.
fn held(folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    Ok(packed(folder)?.into_iter().map(|(file, _, held)| (file, held)).collect())
}

/// Takes what is packed away.
fn unpack(folder: &Path) -> Result<()> {
    packed(folder)?.iter().try_for_each(|(file, ..)| Ok(fs::remove_file(folder.join(file))?))
}

#[test]
fn what_is_packed_already_is_left_alone() -> Result<()> {
    let site = Site::new()?;
    let folder = published(&site)?;
    let before = packed(&folder)?;
    ensure!(before.len() > 100, "only {} files are packed", before.len());
    let said = pack(&folder, &options(&site)?)?;
    ensure!(said.contains("压缩了 0 个文件") && said.contains("没有变"), "{said}");
    ensure!(packed(&folder)? == before, "packed files are not as they were");
    Ok(())
}

#[test]
fn a_text_that_comes_back_is_not_packed_again_unless_what_was_kept_is_damaged() -> Result<()> {
    let site = Site::new()?;
    let folder = published(&site)?;
    let options = options(&site)?;
    let before = held(&folder)?;
    ensure!(before.len() > 100, "only {} files are packed", before.len());

    unpack(&folder)?;
    let said = pack(&folder, &options)?;
    ensure!(said.contains("压缩了 0 个文件") && said.contains("以前压缩过"), "{said}");
    ensure!(held(&folder)? == before, "what was kept is not what was made");

    // Each in another way: cut short, a bit of it turned, its end before its middle, emptied.
    let kept = options.cache.join("packed");
    let entries: Vec<_> = checks::files(&kept)?.into_iter().map(|entry| kept.join(entry)).collect();
    let another = fs::read(&entries[0])?;
    for (at, entry) in entries.iter().enumerate() {
        let mut bytes = fs::read(entry)?;
        match at % 4 {
            0 => bytes.truncate(bytes.len() / 2),
            1 => *bytes.last_mut().context("it holds something")? ^= 1,
            2 => bytes[40..].reverse(),
            _ => bytes.clear(),
        }
        fs::write(entry, bytes)?;
    }
    unpack(&folder)?;
    let said = pack(&folder, &options)?;
    ensure!(!said.contains("以前压缩过"), "{said}");
    ensure!(held(&folder)? == before, "a damaged entry was believed");
    ensure!(fs::read(&entries[0])? == another, "the damaged entry was not replaced");

    // Where it cannot be kept it is packed all the same.
    fs::remove_dir_all(&kept)?;
    fs::write(&kept, "a file")?;
    unpack(&folder)?;
    let said = pack(&folder, &options)?;
    ensure!(!said.contains("压缩了 0 个文件"), "{said}");
    ensure!(held(&folder)? == before, "what is packed depends on the cache");
    Ok(())
}

#[test]
fn two_who_pack_at_once_leave_whole_files() -> Result<()> {
    let site = Site::new()?;
    let folder = published(&site)?;
    let options = options(&site)?;
    let (before, other) = (held(&folder)?, site.root().join("other"));
    ensure!(before.len() > 100, "only {} files are packed", before.len());
    commands::build::run(&options, &other, true, Colours::Plain)?;
    fs::remove_dir_all(options.cache.join("packed"))?;
    unpack(&folder)?;
    thread::scope(|scope| {
        let both = [&folder, &other].map(|folder| scope.spawn(|| pack(folder, &options)));
        both.into_iter().try_for_each(|packing| packing.join().map_err(|_| anyhow::anyhow!("it panicked"))?.map(drop))
    })?;
    for folder in [&folder, &other] {
        ensure!(held(folder)? == before, "`{}` has other packed files than before", folder.display());
    }
    Ok(())
}

#[test]
fn the_file_of_rules_says_what_the_wire_says() -> Result<()> {
    let site = Site::new()?;
    let text = fs::read_to_string(published(&site)?.join("_headers"))?;
    let (all, hashed) = text.split_once("/assets/*\n").context("a rule for assets")?;
    for (name, value) in SECURITY {
        ensure!(all.contains(&format!("\n  {name}: {value}\n")), "{name} is not in {all}");
    }
    ensure!(all.contains(&format!("\n  cache-control: {}\n", caching("/"))), "{all}");
    let (hashed, editor) = hashed.split_once(&format!("{EDITOR_FOLDER}*\n")).context("a rule for the editor")?;
    ensure!(hashed == format!("  ! cache-control\n  cache-control: {}\n", caching("/assets/a.01234567.css")), "{hashed}");
    ensure!(editor == format!("  ! content-security-policy\n  content-security-policy: {EDITOR_POLICY}\n"), "{editor}");
    Ok(())
}
