//! Files in the cloud: the page's form posts them to a bucket, the bucket calls `attachments`, and the browser learns what came of it. The binaries
//! run under the runtime API, on servers that speak DynamoDB's and S3's protocols (`AWS_ENDPOINT_URL_DYNAMODB`, `AWS_ENDPOINT_URL_S3`).

use std::{path::Path, sync::Arc};

use data_encoding::HEXLOWER;
use functions::{
    Clock, Config, KeySource, Service,
    files::{
        Files,
        bucket::Bucket,
        folder::Folder,
        store::{Post, Posting, Store},
    },
    office::Operator,
    table::dynamodb::DynamoDb,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    cloud,
    given::{self, Site, hidden},
    hostile::{jpeg, photograph_with_place},
    role::Gate,
    runtime::{Function, Outcome},
};

const ATTACHMENTS: &str = env!("CARGO_BIN_EXE_attachments");
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A bucket of one's own, and the name by which another process finds it.
///
/// # Panics
///
/// Without a server: a test that cannot do its work must not pass.
pub async fn bucket() -> (Arc<Bucket>, String) {
    assert!(
        std::env::var("AWS_ENDPOINT_URL_S3").is_ok_and(|url| !url.is_empty()),
        "`AWS_ENDPOINT_URL_S3` names no server\nhint: `tests/run attachments` starts one"
    );
    let mut name = [0; 8];
    getrandom::fill(&mut name).unwrap();
    let name = format!("xiangshang-test-{}", HEXLOWER.encode(&name));
    let bucket = Bucket::from_environment(&name).unwrap();
    bucket.create().await.unwrap();
    (Arc::new(bucket), name)
}

/// The site as the functions on the table and the bucket serve it, and the function that the bucket calls.
struct Place {
    site: Site,
    bucket: Arc<Bucket>,
    function: Function,
    gate: Arc<Gate>,
}

impl Place {
    async fn open() -> Place {
        let (bucket, name) = bucket().await;
        let clock = Clock::system();
        let (table, table_name) = cloud::named_table(clock.clone()).await;
        let service = service(table, clock.clone(), bucket.clone()).await;
        service.publish(given::manifest(vec![given::session("salon")])).await.unwrap();
        let site = Site::of(service, clock, TempDir::new().unwrap());
        let variable = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
        let (gate, url) = Gate::before("attachments", &cloud::endpoint(), &variable("AWS_ENDPOINT_URL_S3", "")).await;
        let environment = [
            ("XIANGSHANG_TABLE", table_name),
            ("XIANGSHANG_KEY", KEY.to_owned()),
            ("XIANGSHANG_BUCKET", name),
            ("AWS_ENDPOINT_URL_DYNAMODB", url.clone()),
            ("AWS_ENDPOINT_URL_S3", url),
            ("AWS_REGION", variable("AWS_REGION", "us-east-1")),
            ("AWS_ACCESS_KEY_ID", variable("AWS_ACCESS_KEY_ID", "test")),
            ("AWS_SECRET_ACCESS_KEY", variable("AWS_SECRET_ACCESS_KEY", "test")),
        ];
        let environment: Vec<(&str, &str)> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let function = Function::start(Path::new(ATTACHMENTS), &environment).await;
        Place { site, bucket, function, gate }
    }

    /// The page for files of a case, and the form on it.
    async fn form(&self, token: &str) -> (given::Reply, Post) {
        let page = self.site.post("/f/act/files", &[("token", token)]).await;
        page.expect(200, &["传照片或文件", "multipart/form-data", "x-amz-meta-name"]);
        let form = form_on(&page.text);
        (page, form)
    }

    async fn call(&self, key: &str) -> Outcome {
        self.function.call(&event(key)).await
    }
}

/// The form for a file on `page`, as the page's script fills it in.
pub fn form_on(page: &str) -> Post {
    let action = page.split_once("enctype").unwrap().0.rsplit_once("action=\"").unwrap().1;
    let action = action.split('"').next().unwrap().replace("&#x2F;", "/");
    let names =
        ["key", "success_action_redirect", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "policy", "x-amz-signature"];
    let fields = names.map(|name| (name.to_owned(), hidden(page, name).replace("&#x2F;", "/").replace("&#x3D;", "=")));
    let mut fields = fields.to_vec();
    fields.push(("x-amz-meta-name".to_owned(), "%E4%BE%9B%E7%94%B5.jpg".to_owned()));
    Post { action, origin: String::new(), fields }
}

/// What the bucket tells the function of something under a key.
pub fn event(key: &str) -> Value {
    json!({ "Records": [{ "eventSource": "aws:s3", "eventName": "ObjectCreated:Post",
        "s3": { "bucket": { "name": "ours" }, "object": { "key": key.replace('/', "%2F"), "size": 1 } } }] })
}

impl Drop for Place {
    fn drop(&mut self) {
        let refused = self.gate.refused();
        assert!(refused.is_empty() || std::thread::panicking(), "the role lacks what the function does: {refused:?}");
    }
}

async fn service(table: DynamoDb, clock: Clock, bucket: Arc<Bucket>) -> Arc<Service> {
    let config = Config { minimum_time: std::time::Duration::ZERO, ..Config::default() };
    let service = Service::open(Arc::new(table), &KeySource::Given(KEY.to_owned()), clock, config).await.unwrap();
    Arc::new(service.with_files(Files::in_bucket(bucket)))
}

/// Posts the form as a browser does; status and where it leads.
pub async fn post(form: &Post, bytes: &[u8]) -> (u16, String) {
    let part = |head: &str, body: &[u8]| {
        [b"--edge\r\nContent-Disposition: form-data; ", head.as_bytes(), b"\r\n\r\n", body, b"\r\n"].concat()
    };
    let mut body: Vec<u8> =
        form.fields.iter().flat_map(|(name, value)| part(&format!("name=\"{name}\""), value.as_bytes())).collect();
    body.extend(part("name=\"file\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg", bytes));
    body.extend(b"--edge--\r\n");
    let action = form.action.clone();
    let answer = tokio::task::spawn_blocking(move || {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
        agent.post(&action).content_type("multipart/form-data; boundary=edge").send(&body).unwrap()
    });
    let answer = answer.await.unwrap();
    let there = answer.headers().get("location").map(|there| there.to_str().unwrap().to_owned());
    (answer.status().as_u16(), there.unwrap_or_default())
}

pub fn key(form: &Post) -> String {
    form.fields.iter().find(|(name, _)| name == "key").unwrap().1.clone()
}

#[tokio::test]
async fn a_photograph_goes_from_the_form_by_way_of_the_bucket_to_staff() {
    let place = Place::open().await;
    let site = &place.site;
    let who = site.appeal().await;
    let tracked = site.post("/f/track", &[("number", &who.0), ("code", &who.1)]).await;
    let policy = |page: &given::Reply| page.headers["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy(&tracked).contains("form-action 'self';"), "only the page for files names the bucket");
    let (page, form) = place.form(&hidden(&tracked.text, "token")).await;
    let host = form.action.rsplit_once('/').unwrap().0;
    assert!(policy(&page).contains(&format!("form-action 'self' {host};")), "{}", policy(&page));

    let (status, there) = post(&form, &photograph_with_place(900, 600)).await;
    assert_eq!(status, 303);
    let there = there.strip_prefix("https://xiangshang.example").unwrap().split('?').next().unwrap().to_owned();
    site.get(&there).await.expect(200, &["正在检查文件", "http-equiv=\"refresh\"", "现在看看"]);
    let late = site.get(&format!("{there}?bucket=x&key=y&waited=20")).await;
    late.expect(200, &["不用再等"]);
    assert!(!late.text.contains("http-equiv"));
    assert!(site.service.case(&who.0).await.unwrap().files.is_empty(), "nobody has examined it");

    assert!(matches!(place.call(&key(&form)).await, Outcome::Response(_)));
    let done = site.get(&there).await.goes_to();
    site.get(&done).await.expect(200, &["文件已收到", "照片（"]);
    let staff = Operator("张敏".to_owned());
    let saved = site.service.file(&who.0, 1, &staff, "看").await.unwrap().unwrap();
    assert_eq!(saved.name, "供电.jpg");
    let told = exif::Reader::new().read_from_container(&mut std::io::Cursor::new(&saved.bytes));
    assert!(matches!(told, Err(exif::Error::NotFound(_))), "nothing of the place is kept");
    // What was posted is gone; the bucket may call as often as it likes.
    let token = key(&form).strip_prefix("pending/").unwrap().to_owned();
    assert_eq!(place.bucket.posted(&token).await.unwrap(), None);
    assert!(matches!(place.call(&key(&form)).await, Outcome::Response(_)));
    assert_eq!(site.service.case(&who.0).await.unwrap().files.len(), 1);
    // Nothing of what was sent stands in the log.
    let log = place.function.log().join("\n");
    assert!(!log.contains(&token) && !log.contains("供电") && log.contains(&who.0), "{log}");
}

#[tokio::test]
async fn the_bucket_takes_only_what_a_page_of_ours_allows() {
    let place = Place::open().await;
    let site = &place.site;
    let who = site.appeal().await;
    let tracked = site.post("/f/track", &[("number", &who.0), ("code", &who.1)]).await;
    let (_, form) = place.form(&hidden(&tracked.text, "token")).await;
    let with = |name: &str, value: &str| {
        let fields =
            form.fields.iter().map(|(known, old)| (known.clone(), if known == name { value.to_owned() } else { old.clone() }));
        Post { fields: fields.collect(), ..form.clone() }
    };
    for (name, value) in
        [("key", "kept/mine"), ("success_action_redirect", "https://evil.example/"), ("x-amz-signature", &"0".repeat(64))]
    {
        let (status, there) = post(&with(name, value), b"%PDF").await;
        assert!((400..500).contains(&status) && there.is_empty(), "{name}: {status} {there}");
    }
    assert_eq!(place.bucket.get("mine").await.unwrap(), None);
    // Hostile and empty files come through the same door and are told so.
    for (bytes, words) in
        [(&b""[..], "请重新选一份"), (b"GIF89a/*\0*/=1;alert(1)", "另存为 PDF"), (&jpeg(64, 64)[..300], "再传一次")]
    {
        let (_, form) = place.form(&hidden(&tracked.text, "token")).await;
        let (status, there) = post(&form, bytes).await;
        assert_eq!(status, 303);
        assert!(matches!(place.call(&key(&form)).await, Outcome::Response(_)));
        let there = there.strip_prefix("https://xiangshang.example").unwrap().split('?').next().unwrap().to_owned();
        let done = site.get(&there).await.goes_to();
        site.get(&done).await.expect(200, &["这份文件没有收下", words]);
    }
    // What is larger than the page allows stays outside.
    let (_, form) = place.form(&hidden(&tracked.text, "token")).await;
    let (status, there) = post(&form, &vec![0; 40_000_001]).await;
    assert!((400..500).contains(&status) && there.is_empty(), "{status} {there}");
    // Events that are none of ours do nothing.
    for key in ["pending/forged-token", "kept/x", "../x", ""] {
        assert!(matches!(place.call(key).await, Outcome::Response(_)), "{key}");
    }
    assert!(matches!(place.function.call(&json!({ "hello": 1 })).await, Outcome::Error(_)));
    assert!(site.service.case(&who.0).await.unwrap().files.is_empty());
    assert_eq!(site.service.remove_files(&who.0.parse().unwrap()).await.unwrap(), 0);
}

/// What a store promises, whatever keeps it.
async fn keeps_its_promises(store: &dyn Store) {
    assert_eq!(store.get("a1").await.unwrap(), None);
    store.put("a1", b"one".to_vec()).await.unwrap();
    store.put("b2", vec![7; 5_100_000]).await.unwrap();
    assert_eq!(store.get("a1").await.unwrap().as_deref(), Some(&b"one"[..]));
    assert_eq!(store.get("b2").await.unwrap().map(|bytes| bytes.len()), Some(5_100_000));
    store.remove("a1").await.unwrap();
    store.remove("a1").await.unwrap();
    assert_eq!(store.get("a1").await.unwrap(), None);
    assert!(store.get("b2").await.unwrap().is_some());
    for wrong in ["", "../a", "a/b", "A", "a.b", &"a".repeat(65)] {
        assert!(
            store.put(wrong, Vec::new()).await.is_err() && store.get(wrong).await.is_err() && store.remove(wrong).await.is_err()
        );
    }
}

#[tokio::test]
async fn a_folder_keeps_its_promises() {
    let folder = TempDir::new().unwrap();
    keeps_its_promises(&Folder::open(folder.path().join("files"))).await;
}

#[tokio::test]
async fn a_bucket_keeps_its_promises() {
    keeps_its_promises(&*bucket().await.0).await;
}
