//! `publish --to s3://…`, against whatever server `AWS_ENDPOINT_URL_S3` names.
//!
//! Between the program and the server stands a door that passes everything on and writes down in which order what came. The server keeps
//! objects as files, so it cannot keep one whose name ends in a slash, as a page's folder address does, and a bucket of S3 can: those
//! the door keeps itself. CloudFront there is none here: a request to it ends at a door, too, which looks at what arrives.

use std::{
    collections::BTreeMap,
    fs,
    process::{Command, Output},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    body::Bytes,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use functions::files::bucket::Bucket;
use pages::headers::{ASK_AGAIN_BEHIND_AN_EDGE, FOR_EVER};
use percent_encoding::percent_decode_str;

use crate::site::{Site, complained, done, refused, said};

const NOW: &str = "2026-11-24T10:00:00+08:00";

/// What came, in order: the method and the key.
type Came = Vec<(String, String)>;
/// Headers and body of an object.
type Object = (BTreeMap<String, String>, Vec<u8>);

/// The door.
#[derive(Clone, Default)]
struct Door {
    came: Arc<Mutex<Came>>,
    folders: Arc<Mutex<BTreeMap<String, Object>>>,
    /// So many objects may still be put; then the line breaks.
    left: Arc<Mutex<Option<usize>>>,
}

impl Door {
    async fn pass(self, server: String, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
        let path = percent_decode_str(uri.path()).decode_utf8().expect("UTF-8").into_owned();
        let key = path.trim_start_matches('/').split_once('/').map(|(_, key)| key.to_owned()).unwrap_or_default();
        if method == Method::PUT
            && let Some(left) = &mut *self.left.lock().expect("nobody panics")
        {
            if *left == 0 {
                return StatusCode::FORBIDDEN.into_response();
            }
            *left -= 1;
        }
        if method != Method::GET {
            self.came.lock().expect("nobody panics").push((method.to_string(), key.clone()));
        }
        if key.ends_with('/') {
            assert!(headers.contains_key("authorization"), "it is signed");
            let mut folders = self.folders.lock().expect("nobody panics");
            if method == Method::DELETE {
                folders.remove(&key);
            } else {
                let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_str().expect("text").to_owned()));
                folders.insert(key, (headers.collect(), body.to_vec()));
            }
            return StatusCode::OK.into_response();
        }
        let answer = tokio::task::spawn_blocking(move || {
            let mut request = axum::http::Request::builder().method(method).uri(format!("{server}{uri}"));
            *request.headers_mut().expect("a request") = headers;
            let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
            let mut answer = agent.run(request.body(body.to_vec()).expect("a request")).expect("the server answers");
            let bytes = answer.body_mut().read_to_vec().expect("it ends");
            let tag = answer.headers().get("etag").map(|tag| [("etag", tag.to_str().expect("text").to_owned())]);
            (answer.status(), tag, bytes)
        });
        match answer.await.expect("it does not panic") {
            (status, Some(tag), bytes) => (status, tag, bytes).into_response(),
            (status, None, bytes) => (status, bytes).into_response(),
        }
    }
}

/// Answers on a free port of this machine for as long as the test runs.
fn answer(router: axum::Router) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("it can be");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().expect("the system gives threads");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            axum::serve(listener, router).await.expect("it serves");
        });
    });
    url
}

/// A site and a bucket of its own.
struct Cloud {
    site: Site,
    name: String,
    door: Door,
    endpoint: String,
}

impl Cloud {
    /// # Panics
    ///
    /// Without a server: a test that cannot do its work must not pass.
    fn new(site: Site) -> Cloud {
        static BUCKETS: AtomicUsize = AtomicUsize::new(0);
        let server = std::env::var("AWS_ENDPOINT_URL_S3").ok().filter(|url| !url.is_empty());
        let server = server.expect("`AWS_ENDPOINT_URL_S3` names no server\nhint: `tests/run bucket` starts one");
        let name = format!("site-{}-{}", std::process::id(), BUCKETS.fetch_add(1, Ordering::Relaxed));
        let bucket = Bucket::from_environment(&name).expect("`tests/run` sets who asks");
        let runtime = tokio::runtime::Runtime::new().expect("the system gives threads");
        runtime.block_on(bucket.create()).expect("the server makes a bucket");
        let door = Door::default();
        let (passing, behind) = (door.clone(), server.trim_end_matches('/').to_owned());
        let endpoint = answer(axum::Router::new().fallback(move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            passing.clone().pass(behind.clone(), method, uri, headers, body)
        }));
        Cloud { site, name, door, endpoint }
    }

    fn command(&self, more: &[&str]) -> Command {
        let to = format!("s3://{}/web", self.name);
        let mut command = self.site.command(&[&["publish", "--to", &to, "--now", NOW], more].concat());
        command.env("AWS_ENDPOINT_URL_S3", &self.endpoint);
        command
    }

    fn publish(&self, more: &[&str]) -> Output {
        self.command(more).output().expect("xiangshang runs")
    }

    /// What was put and deleted since the last time this was asked, but for the record.
    fn came(&self) -> Came {
        let came = std::mem::take(&mut *self.door.came.lock().expect("nobody panics"));
        came.into_iter().filter(|(_, key)| !key.ends_with(".published.json")).collect()
    }

    /// An object as the server has it: kind, caching, packing, text.
    fn object(&self, key: &str) -> Option<[String; 4]> {
        let server = std::env::var("AWS_ENDPOINT_URL_S3").expect("it was there");
        let account = functions::account::Account::from_environment().expect("it was there");
        let url = format!("{}/{}/{key}", server.trim_end_matches('/'), self.name);
        let request = axum::http::Request::get(url).body(Vec::new()).expect("a request");
        let request = account.sign("s3", &account.region, request).expect("signed");
        let agent: ureq::Agent =
            ureq::Agent::config_builder().http_status_as_error(false).proxy(None).accept_encoding("identity").build().into();
        let mut answer = agent.run(request).expect("the server answers");
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let (kind, caching, packing) = (header("content-type"), header("cache-control"), header("content-encoding"));
        if answer.status() != 200 {
            return None;
        }
        let bytes = answer.body_mut().read_to_vec().expect("it ends");
        Some([kind, caching, packing, String::from_utf8_lossy(&bytes).into_owned()])
    }
}

/// The style sheet among what came.
fn style_of(came: &Came) -> String {
    let is_style = |key: &str| key.starts_with("web/assets/site.") && key.ends_with(".css");
    came.iter().find(|(_, key)| is_style(key)).expect("a style").1.clone()
}

fn place(came: &Came, method: &str, key: &str) -> usize {
    let found = came.iter().position(|(how, what)| how == method && what == key);
    found.unwrap_or_else(|| panic!("no {method} {key} in {came:?}"))
}

#[test]
fn a_bucket_gets_what_changed_names_first_pages_last_deletions_late() {
    let cloud = Cloud::new(Site::with_course());
    let site = &cloud.site;
    assert!(done(&cloud.publish(&["--dry-run"])).contains("桶里什么都没有改"));
    assert!(cloud.came().is_empty() && !site.path("data").exists());
    site.write("content/static/课件 一.txt", "中文名字的文件\n");
    assert!(done(&cloud.publish(&[])).contains("已发布到 s3://"));
    let first = cloud.came();
    let style = style_of(&first);
    assert!(first.iter().take_while(|(_, key)| key.starts_with("web/assets/")).count() > 3, "assets come first");
    assert_eq!(first.last().map(|(_, key)| key.as_str()), Some("web/index.html"), "what names the most comes last");

    // Kinds, caching, names.
    let [kind, caching, packing, text] = cloud.object("web/about/index.html").expect("a page");
    assert_eq!((kind.as_str(), caching.as_str(), packing.as_str()), ("text/html; charset=utf-8", ASK_AGAIN_BEHIND_AN_EDGE, ""));
    assert!(text.contains("关于我们"));
    let [kind, caching, ..] = cloud.object(&style).expect("a style");
    assert_eq!((kind.as_str(), caching.as_str()), ("text/css; charset=utf-8", FOR_EVER));
    let [kind, _, _, text] = cloud.object("web/%E8%AF%BE%E4%BB%B6%20%E4%B8%80.txt").expect("a file with a Chinese name");
    assert_eq!((kind.as_str(), text.as_str()), ("text/plain; charset=utf-8", "中文名字的文件\n"));
    let folder = cloud
        .door
        .folders
        .lock()
        .expect("nobody panics")
        .get("web/about/")
        .cloned()
        .expect("the page under its folder's address");
    assert_eq!(folder.0["content-type"], "text/html; charset=utf-8");
    assert_eq!(folder.0["cache-control"], ASK_AGAIN_BEHIND_AN_EDGE);
    assert!(String::from_utf8_lossy(&folder.1).contains("关于我们"));
    assert!(cloud.object("web/about/index.html.br").is_none(), "S3 asks no browser what it takes");

    // Nothing changed, nothing sent; not even looked at when it is not due.
    assert!(done(&cloud.publish(&[])).contains("传了 0 个文件，删去 0 个"));
    assert!(cloud.came().is_empty());
    done(&cloud.publish(&["--when-due"]));
    assert!(cloud.came().is_empty());

    // One page changed, one new, one gone, another style.
    site.replace("content/about.md", "关于我们。", "关于我们，新的。");
    site.write("content/new.md", "---\ntitle: 新的一页\n---\n");
    fs::remove_file(site.path("content/static/课件 一.txt")).expect("a file");
    let css = "themes/xiangshang/assets/site.css";
    site.write(css, &format!("{}\n.other {{ color: green }}\n", fs::read_to_string(site.path(css)).expect("a style")));
    done(&cloud.publish(&[]));
    let came = cloud.came();
    let new_style = style_of(&came);
    let order = [
        place(&came, "PUT", &new_style),
        place(&came, "PUT", "web/new/index.html"),
        place(&came, "PUT", "web/sitemap.xml"),
        place(&came, "PUT", "web/about/index.html"),
        place(&came, "PUT", "web/index.html"),
        place(&came, "DELETE", "web/课件 一.txt"),
    ];
    assert!(order.is_sorted(), "{order:?} of {came:?}");
    assert!(cloud.object(&style).is_some(), "an old page finds its style");
    assert!(cloud.object("web/%E8%AF%BE%E4%BB%B6%20%E4%B8%80.txt").is_none());

    refused(&cloud.publish(&["--rollback"]), "git revert");
    refused(&cloud.publish(&["--list"]), "桶里不留各版");
}

#[test]
fn only_what_an_earlier_publication_put_there_is_ever_deleted() {
    let cloud = Cloud::new(Site::new());
    let bucket = Bucket::from_environment(&cloud.name).expect("who asks");
    let runtime = tokio::runtime::Runtime::new().expect("the system gives threads");
    runtime.block_on(functions::files::store::Store::put(&bucket, "theirs", b"x".to_vec())).expect("put");
    done(&cloud.publish(&["--no-folder-pages"]));
    assert!(cloud.door.folders.lock().expect("nobody panics").is_empty());
    cloud.came();
    fs::remove_file(cloud.site.path("content/about.md")).expect("a page");
    done(&cloud.publish(&["--no-folder-pages"]));
    let gone: Vec<String> = cloud.came().into_iter().filter(|(how, _)| how == "DELETE").map(|(_, key)| key).collect();
    assert!(gone.contains(&"web/about/index.html".to_owned()), "{gone:?}");
    assert!(cloud.object("kept/theirs").is_some());
    assert!(done(&cloud.publish(&["--no-folder-pages"])).contains("传了 0 个文件，删去 0 个"));

    // Packed, for a bucket that nothing stands in front of.
    done(&cloud.publish(&["--no-folder-pages", "--gzip"]));
    let [_, _, packing, _] = cloud.object("web/index.html").expect("a page");
    assert_eq!(packing, "gzip");
    done(&cloud.publish(&["--no-folder-pages"]));
    let [_, _, packing, text] = cloud.object("web/index.html").expect("a page");
    assert!(packing.is_empty() && text.contains("</html>"));
}

#[test]
fn what_was_cut_off_is_made_good_by_the_next() {
    let cloud = Cloud::new(Site::with_course());
    done(&cloud.publish(&[]));
    cloud.site.write("content/brief.md", "---\ntitle: 只在断掉的那次\n---\n");
    cloud.site.replace("content/about.md", "关于我们。", "关于我们，新的。");
    // The record, the new page and its folder's address; then the line breaks.
    *cloud.door.left.lock().expect("nobody panics") = Some(3);
    refused(&cloud.publish(&[]), "403");
    *cloud.door.left.lock().expect("nobody panics") = None;
    assert!(cloud.object("web/about/index.html").is_some_and(|object| object[3].contains("关于我们。")), "pages come last");
    fs::remove_file(cloud.site.path("content/brief.md")).expect("a page");
    cloud.came();
    done(&cloud.publish(&["--when-due"]));
    assert!(cloud.object("web/about/index.html").is_some_and(|object| object[3].contains("关于我们，新的。")));
    assert!(cloud.object("web/brief/index.html").is_none(), "what the one that died has put there goes");
    assert!(done(&cloud.publish(&[])).contains("传了 0 个文件，删去 0 个"));
}

#[test]
fn of_two_publishers_that_begin_together_one_is_told() {
    let cloud = Cloud::new(Site::new());
    done(&cloud.publish(&[]));
    let elsewhere = Site::new();
    let both: Vec<Output> = std::thread::scope(|scope| {
        let publish = |site: &Site, text: &str| {
            site.write("content/about.md", &format!("---\ntitle: 关于\n---\n\n{text}\n"));
            let to = format!("s3://{}/web", cloud.name);
            let mut command = site.command(&["publish", "--to", &to, "--now", NOW]);
            command.env("AWS_ENDPOINT_URL_S3", &cloud.endpoint).output().expect("xiangshang runs")
        };
        let threads = [scope.spawn(move || publish(&cloud.site, "这里")), scope.spawn(move || publish(&elsewhere, "那里"))];
        threads.into_iter().map(|thread| thread.join().expect("it ends")).collect()
    });
    // Whoever was too late to notice the other ran after it.
    let fine = both.iter().filter(|output| output.status.success()).count();
    assert!(fine >= 1, "{}{}", complained(&both[0]), complained(&both[1]));
    for output in both.iter().filter(|output| !output.status.success()) {
        refused(output, "别处正在往桶");
    }
}

#[test]
fn cloudfront_is_told_what_changed() {
    let cloud = Cloud::new(Site::new());
    let asked: Arc<Mutex<Vec<(String, HeaderMap, String)>>> = Arc::default();
    let (status, noting) = (Arc::new(AtomicUsize::new(201)), asked.clone());
    let answering = status.clone();
    let edge = answer(axum::Router::new().fallback(move |method: Method, uri: Uri, headers: HeaderMap, body: String| {
        noting.lock().expect("nobody panics").push((format!("{method} {}", uri.path()), headers, body));
        let status = StatusCode::from_u16(answering.load(Ordering::Relaxed) as u16).expect("a status");
        std::future::ready(status)
    }));
    let publish = |more: &[&str]| {
        let arguments = [&["--distribution", "E2EXAMPLE"], more].concat();
        cloud.command(&arguments).env("AWS_ENDPOINT_URL_CLOUDFRONT", &edge).output().expect("xiangshang runs")
    };
    done(&publish(&[]));
    assert!(asked.lock().expect("nobody panics").is_empty(), "nothing was there that could be kept");
    cloud.site.replace("content/about.md", "关于我们。", "关于我们，新的。");
    let told = done(&publish(&[]));
    assert!(told.contains("CloudFront"), "{told}");
    {
        let asked = asked.lock().expect("nobody panics");
        let (what, headers, body) = asked.last().expect("it was told");
        assert_eq!(what, "POST /2020-05-31/distribution/E2EXAMPLE/invalidation");
        let signed = headers["authorization"].to_str().expect("text");
        assert!(
            signed.starts_with("AWS4-HMAC-SHA256 Credential=") && signed.contains("/us-east-1/cloudfront/aws4_request"),
            "{signed}"
        );
        assert_eq!(headers["content-type"], "text/xml");
        let paths = body.matches("<Path>").count();
        assert!(body.contains(&format!("<Quantity>{paths}</Quantity>")) && paths > 0, "{body}");
        assert!(body.contains("<Path>/about/</Path>") || body.contains("<Path>/*</Path>"), "{body}");
        assert!(body.contains("<CallerReference>xiangshang-"), "{body}");
    }
    cloud.site.replace("content/about.md", "新的。", "更新的。");
    status.store(403, Ordering::Relaxed);
    let refused_by_edge = publish(&[]);
    refused(&refused_by_edge, "网页已经传好，但是缓存没有清");
    assert!(said(&refused_by_edge).contains("已发布到"), "{}", said(&refused_by_edge));
    refused(&cloud.publish(&["--distribution", "../x"]), "不是 CloudFront 分发的编号");
}

#[test]
fn what_the_cloud_does_not_give_is_said_with_what_to_do() {
    let cloud = Cloud::new(Site::new());
    let ended = |command: &mut Command| command.output().expect("xiangshang runs");
    refused(&ended(cloud.command(&[]).env_remove("AWS_ACCESS_KEY_ID")), "AWS_ACCESS_KEY_ID");
    refused(&ended(cloud.command(&[]).env("AWS_SECRET_ACCESS_KEY", "wrong")), "403");
    refused(&ended(cloud.command(&[]).env("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")), "没有回答");
    cloud.site.write("content/about.md", "没有页面信息");
    refused(&cloud.publish(&[]), "没有发布：内容有");
    assert!(cloud.came().is_empty());
}
