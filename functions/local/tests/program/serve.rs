//! `xiangshang serve`: the real program on a tiny site, spoken to as browsers and init systems do.

use std::{fs, io::Write, net::TcpListener, time::Duration};

use crate::site::{self, PATIENCE, Site};

#[test]
fn the_built_site_is_served_as_a_web_server_would() {
    let site = Site::new();
    site.write("content/static/MP_verify_abc.txt", "abc");
    site.write("content/static/资料/说明.txt", "说明");
    let server = site.serve(&["--no-watch"]);

    let home = server.get("/");
    assert_eq!((home.status, home.header("content-type")), (200, "text/html; charset=utf-8"));
    assert_eq!(home.header("cache-control"), pages::headers::ASK_AGAIN);
    assert!(home.body.contains("你好。"), "{}", home.body);
    assert!(!home.body.contains("/_dev/"), "nothing of the watcher is in a page that is not watched");

    let held = home.header("etag");
    let again = server.ask("GET", "/", &[("If-None-Match", held)]);
    assert_eq!((again.status, again.body.as_str(), again.header("etag")), (304, "", held));
    assert_eq!(server.ask("GET", "/", &[("If-None-Match", "\"other\"")]).status, 200);

    let head = server.ask("HEAD", "/", &[]);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), home.body.len().to_string());

    let folder = server.get("/about?from=menu");
    assert_eq!((folder.status, folder.header("location")), (301, "/about/?from=menu"));
    assert_eq!(server.get("/about/").status, 200);

    let style = home.body.split('"').find(|text| text.starts_with("/assets/site.") && text.ends_with(".css"));
    let style = server.get(style.expect("a page names its style sheet"));
    assert_eq!((style.status, style.header("content-type")), (200, "text/css; charset=utf-8"));
    assert_eq!(style.header("cache-control"), pages::headers::FOR_EVER);

    for (path, status, body) in [
        ("/MP_verify_abc.txt", 200, "abc"),
        ("/%E8%B5%84%E6%96%99/%E8%AF%B4%E6%98%8E.txt", 200, "说明"),
        ("/nowhere/", 404, "<!doctype html>"),
        ("/assets/", 404, "<!doctype html>"),
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.body.to_lowercase().starts_with(body), "{path}: {}", answer.body);
    }

    let posted = server.ask("POST", "/about/", &[("Content-Length", "0")]);
    assert_eq!((posted.status, posted.header("allow")), (405, "GET, HEAD"));
}

#[test]
fn every_answer_carries_the_security_headers() {
    let site = Site::new();
    let server = site.serve(&[]);
    for path in ["/", "/about", "/nowhere", "/healthz", "/f/nowhere", "/_dev/reload.js", "/feed.xml"] {
        let answer = server.get(path);
        for (name, value) in pages::headers::SECURITY {
            assert_eq!(answer.header(name), *value, "{path}");
        }
    }
}

#[test]
fn nothing_outside_of_the_output_is_ever_served() {
    let site = Site::new();
    let server = site.serve(&[]);
    site.write("public/.secret", "SECRET");
    site.write("public/assets/.git/config", "SECRET");
    site.write("data/SECRET.txt", "SECRET");
    #[cfg(unix)]
    std::os::unix::fs::symlink(site.path("data"), site.path("public/linked")).expect("links");
    for path in [
        "/../data/SECRET.txt",
        "/assets/../../data/SECRET.txt",
        "/%2e%2e/data/SECRET.txt",
        "/..%2fdata%2fSECRET.txt",
        "/assets/%2e%2e/%2e%2e/data/SECRET.txt",
        "/..%5cdata%5cSECRET.txt",
        "//data/SECRET.txt",
        "/./../data/SECRET.txt",
        "/linked/SECRET.txt",
        "/.secret",
        "/assets/.git/config",
        "/public.manifest.json",
        "/SECRET.txt%00.html",
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.body.contains("SECRET"), "{path}: {}", answer.body);
    }
}

#[test]
fn an_edit_is_built_and_told_to_open_pages() {
    let site = Site::new();
    let server = site.serve(&[]);
    let home = server.get("/");
    let first = server.events();
    let status = first.next();
    let build = status["build"].as_str().expect("a build has a name");
    assert!(home.body.contains(&format!("src=\"/_dev/reload.js\" data-build=\"{build}\"")), "{}", home.body);
    assert!(server.get("/_dev/reload.js").body.contains("EventSource"));

    site.write("content/_index.md", "---\ntitle: 首页\n---\n\n改好了。\n");
    let after = first.next();
    assert_ne!(after["build"], build);
    assert!(server.get("/").body.contains("改好了。"));

    // Saved again without a change: nobody is told.
    site.write("content/_index.md", "---\ntitle: 首页\n---\n\n改好了。\n");
    assert!(first.silent_for(Duration::from_millis(600)));

    // A page that opens later learns where things stand.
    assert_eq!(server.events().next()["build"], after["build"]);

    // A folder that comes, is renamed and goes is followed.
    site.write("content/notes/a.md", "---\ntitle: 甲\n---\n\n甲。\n");
    assert!(first.next()["mistakes"].as_array().is_some_and(Vec::is_empty));
    assert_eq!(server.get("/notes/a/").status, 200);
    fs::rename(site.path("content/notes"), site.path("content/papers")).expect("renames");
    first.next();
    assert_eq!((server.get("/notes/a/").status, server.get("/papers/a/").status), (404, 200));
}

#[test]
fn a_mistake_is_laid_over_the_old_page_until_it_is_mended() {
    let site = Site::new();
    let server = site.serve(&[]);
    let events = server.events();
    let build = events.next()["build"].clone();

    site.write("content/about.md", "---\ntitel: 关于\n---\n\n新的。\n");
    let status = events.next();
    assert_eq!(status["build"], build, "nothing was published");
    let mistakes = status["mistakes"].as_array().expect("a list");
    let unknown = mistakes.iter().find(|mistake| mistake["quote"]["marked"] == "titel").expect("the wrong key is marked");
    assert_eq!(unknown["place"], "content/about.md:2:1");
    assert_eq!(unknown["quote"]["after"], ": 关于");
    assert!(unknown["hint"].as_str().is_some_and(|hint| hint.contains("title")), "{unknown}");
    assert!(server.get("/about/").body.contains("关于我们。"), "the old page stays");
    server.hear_error("content/about.md:2:1");
    server.hear_error("没有发布");

    site.write("content/about.md", "---\ntitle: 关于\n---\n\n新的。\n");
    let status = events.next();
    assert_eq!(status["mistakes"], serde_json::json!([]));
    assert_ne!(status["build"], build);
    assert!(server.get("/about/").body.contains("新的。"));
}

#[test]
fn a_first_start_with_mistakes_shows_them_instead_of_a_site() {
    let site = Site::new();
    site.write("content/about.md", "---\ntitel: <b>关于\n---\n");
    let server = site.serve(&[]);
    let answer = server.get("/anything/");
    assert_eq!((answer.status, answer.header("content-type")), (503, "text/html; charset=utf-8"));
    assert!(answer.body.contains("content/about.md:2:1"), "{}", answer.body);
    assert!(answer.body.contains("<mark>titel</mark>: &lt;b&gt;关于"), "{}", answer.body);
    assert!(answer.body.contains("/_dev/reload.js"));
    assert_eq!(server.get("/_dev/overlay.css").status, 200);

    let events = server.events();
    events.next();
    site.write("content/about.md", "---\ntitle: 关于\n---\n\n好了。\n");
    events.next();
    assert!(server.get("/about/").body.contains("好了。"));
}

#[test]
fn a_later_start_with_mistakes_keeps_the_old_site() {
    let site = Site::new();
    drop(site.serve(&[]));
    site.write("content/about.md", "---\ntitel: 关于\n---\n\n新的。\n");
    let server = site.serve(&[]);
    assert!(server.get("/about/").body.contains("关于我们。"));
    assert_ne!(server.events().next()["mistakes"], serde_json::json!([]));
}

#[test]
fn the_site_changes_by_itself_at_the_moment_the_build_named() {
    let site = Site::new();
    site.write("content/later.md", "---\ntitle: 稍后\ndate: 2026-12-05 14:00\n---\n\n到时候才有。\n");
    let server = site.serve(&["--now", "2026-12-05T13:59:57+08:00", "--no-watch"]);
    assert_eq!(server.get("/later/").status, 404);
    server.hear("已生成");
    assert_eq!(server.get("/later/").status, 200);
}

#[test]
fn a_port_that_is_taken_is_said_with_the_remedy() {
    let site = Site::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let output = site.run(&["serve", "--addr", &address]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("已经被别的程序占用") && said.contains("--addr 127.0.0.1:"), "{said}");
    assert!(!site.path("data").exists(), "nothing was begun");
}

#[test]
fn a_wrong_root_and_wrong_use_are_told_apart() {
    let site = Site::new();
    let output = site.run(&["--root", "nowhere"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("content/") && said.contains("--root"), "{said}");
    for arguments in [&["serve", "--port", "1"][..], &["--addr", "8080"], &["--now", "yesterday"], &["dance"]] {
        assert_eq!(site.run(arguments).status.code(), Some(2), "{arguments:?}");
    }
    for arguments in [&["--help"][..], &["serve", "--help"], &["case", "--help"], &["--version"]] {
        assert_eq!(site.run(arguments).status.code(), Some(0), "{arguments:?}");
    }
}

#[cfg(unix)]
#[test]
fn told_to_stop_it_finishes_what_it_has_begun() {
    let site = Site::new();
    let server = site.serve(&[]);
    let events = server.events();
    events.next();
    // A form that is half sent.
    let mut stream = server.begin_form(9);
    stream.write_all(b"vers").expect("sends");
    server.signal("TERM");
    server.hear("正在停止");
    stream.write_all(b"ion=1").expect("the connection is still open");
    let answer = site::read_answer(stream);
    assert!(answer.status >= 400, "an appeal without answers is refused, but it is answered");
    assert_eq!(server.ends_within(PATIENCE), (Some(0), false), "an open page does not hold it up");
}
