//! A site in memory of the process, with one session, and an appeal and a registration that number, code and token open.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderValue, Method, Request, Uri},
};
use domain::value::{TrackingKind, TrackingNumber};
use tower::ServiceExt;

use super::{a_session, forms, genuine_draft_id};
use crate::{
    Clock, Config, KeySource, Service,
    files::{Files, examine::examine_within, folder::Folder},
    office::{Operator, Taken},
    table::sqlite::Sqlite,
};

/// Where requests come from.
pub(super) const VISITOR: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7)), 5000);
/// So many acts until what they may have ended begins anew.
const ACTS: usize = 100;

/// Nothing outlives the process but a small file of this run.
pub(super) struct Site {
    runtime: tokio::runtime::Runtime,
    service: Arc<Service>,
    router: Router,
    given: Mutex<Given>,
}

/// An appeal and a registration, and how often they were acted on.
#[derive(Default)]
struct Given {
    numbers: Vec<TrackingNumber>,
    acts: usize,
}

/// Whatever is sent is answered, never by a failure of ours: the first line is the method and the path, the rest the body.
pub(super) fn any_request(bytes: &[u8]) {
    let (line, body) = bytes.split_at(bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len()));
    let Ok(line) = std::str::from_utf8(line) else { return };
    let (method, path) = line.split_once(' ').unwrap_or(("GET", line));
    let method = if method == "POST" { Method::POST } else { Method::GET };
    // The genuine draft's id, so that what lies behind it is reached.
    let path = path.replace("DRAFT", genuine_draft_id());
    let Ok(uri) = path.parse::<Uri>() else { return };
    if uri.path().starts_with('/') {
        a_site().answers(form(method, uri, body.strip_prefix(b"\n").unwrap_or(body).to_vec()));
    }
}

/// The same for what somebody does who has given number and code: the first line is the act's name, the rest what is posted beside the token.
pub(super) fn act(bytes: &[u8]) {
    let (name, body) = bytes.split_at(bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len()));
    let name: String =
        name.iter().filter(|byte| byte.is_ascii_lowercase() || **byte == b'-').map(|byte| char::from(*byte)).collect();
    let Ok(uri) = format!("/f/act/{name}").parse::<Uri>() else { return };
    let body = [b"token=TOKEN&", body.strip_prefix(b"\n").unwrap_or(body)].concat();
    a_site().answers(form(Method::POST, uri, with_token(&body)));
}

fn form(method: Method, uri: Uri, body: Vec<u8>) -> Request<Body> {
    let mut request = Request::new(Body::from(body));
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    request.headers_mut().insert("content-type", HeaderValue::from_static("application/x-www-form-urlencoded"));
    request.extensions_mut().insert(ConnectInfo(VISITOR));
    request
}

/// The bytes with genuine tokens where they say so: the first of an appeal, and every further one of a registration.
pub(super) fn with_token(bytes: &[u8]) -> Vec<u8> {
    const WORD: &[u8] = b"TOKEN";
    let mut rest = bytes;
    let mut written = Vec::new();
    // Which of the two it is about, the length says: chance reaches both.
    let mut which = bytes.len();
    while let Some(at) = rest.windows(WORD.len()).position(|window| window == WORD) {
        written.extend_from_slice(&rest[..at]);
        written.extend_from_slice(a_site().token(which).as_bytes());
        rest = &rest[at + WORD.len()..];
        which += 1;
    }
    [written.as_slice(), rest].concat()
}

/// Opened by whoever comes first.
pub(super) fn a_site() -> &'static Site {
    static SITE: OnceLock<Site> = OnceLock::new();
    SITE.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("the system gives a reactor");
        let folder = std::env::temp_dir().join(format!("outside-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let clock = Clock::standing_at("2026-12-01 09:01".parse().expect("a moment"));
        let table = Arc::new(Sqlite::open(&folder.join("table.db"), clock.clone()).expect("the folder is new"));
        let key = KeySource::Given(crate::encoding::base64(&[7; 32]));
        let config = Config { slow_down: Duration::ZERO, ..Config::default() };
        let service = runtime.block_on(Service::open(table, &key, clock, config)).expect("the table is new, so any key fits");
        let examine = |bytes| examine_within(bytes, 250_000);
        let files = Files::here(Arc::new(Folder::open(folder.join("files"))), examine);
        let service = Arc::new(service.with_files(files));
        runtime.block_on(service.publish(a_manifest())).expect("nothing was published before that could forbid it");
        let router = crate::router(service.clone());
        Site { runtime, service, router, given: Mutex::default() }
    })
}

impl Site {
    /// Sends it; it must be answered, with the headers of every page.
    pub(super) fn answers(&self, request: Request<Body>) {
        let (parts, body) = self.runtime.block_on(async {
            let answer = self.router.clone().oneshot(request).await.expect("a router always answers");
            let (parts, body) = answer.into_parts();
            // No page of ours is larger than what one may send a few times over.
            (parts, axum::body::to_bytes(body, 4_000_000).await.expect("a page of at most 4 MB"))
        });
        assert!(!parts.status.is_server_error() || parts.status == 503, "{} {}", parts.status, String::from_utf8_lossy(&body));
        assert!(parts.headers.contains_key("content-security-policy"), "an answer without its headers");
    }

    /// A token with which somebody acts on the appeal or on the registration.
    fn token(&self, which: usize) -> String {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        if given.acts.is_multiple_of(ACTS) {
            given.numbers = [TrackingKind::Appeal, TrackingKind::Registration].map(|kind| self.filed(kind, given.acts)).to_vec();
        }
        given.acts += 1;
        self.service.act_token(&given.numbers[which % given.numbers.len()])
    }

    fn filed(&self, kind: TrackingKind, acts: usize) -> TrackingNumber {
        let mobile = format!("139{acts:08}");
        let (form, values): (_, &[(&str, &str)]) = match kind {
            TrackingKind::Appeal => (
                "appeal",
                &[
                    ("category", "utilities"),
                    ("title", "厂区门口道路塌陷"),
                    ("description", "从六月开始，厂区门口的路面塌陷，货车进不来，请协调修复。"),
                    ("urgency", "normal"),
                    ("contact", "王建国"),
                ],
            ),
            TrackingKind::Registration => ("registration", &[("session", "salon"), ("name", "李秀英"), ("party", "1")]),
        };
        let company = format!("示例企业{acts}");
        let further = [("mobile", mobile.as_str()), ("company", &company), ("handle", "yes"), ("attendance", "onsite")];
        let values = values.iter().copied().chain(further);
        let raw = values.map(|(name, value)| (name.to_owned(), vec![value.to_owned()])).collect();
        let taken = self.runtime.block_on(self.service.take(form, raw, &Operator("小李".to_owned())));
        match taken.expect("nobody else uses the table") {
            Taken::Received(receipt) => receipt.number.parse().expect("a number as we give it out"),
            other => panic!("the answers are right: {other:?}"),
        }
    }
}

/// The real theme's pages, so that what was typed is also escaped and shown.
fn a_manifest() -> pages::Manifest {
    let mut templates = BTreeMap::new();
    let theme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../themes/xiangshang/templates");
    read_folder(&theme, "", &mut templates);
    let asset = |name: &str| (name.to_owned(), serde_json::json!({ "url": format!("/assets/{name}"), "integrity": "sha384-0" }));
    let assets: BTreeMap<_, _> =
        ["site.css", "site.js", "form.css", "form.js", "files.js", "mark.svg"].into_iter().map(asset).collect();
    serde_json::from_value(serde_json::json!({
        "schema": 1,
        "version": "outside",
        "frame": {
            "site_name": "相商未来", "tagline": "为企业办事", "base_url": "https://xiangshang.example",
            "domain": "xiangshang.example", "site_code": null, "organiser": "区工商联", "telephone": null, "address": null,
            "icp": null, "police": null, "trial": true, "navigation": [], "footer": [],
            "assets": assets,
        },
        "forms": forms(),
        "sessions": [a_session()],
        "limits": {
            "office_hours": [{ "from": "08:30:00", "to": "12:00:00" }, { "from": "14:30:00", "to": "17:30:00" }],
            "same_day_until": "16:00:00", "first_contact_days": 1, "urgent_contact_hours": 2, "result_days": 5, "plan_days": 3,
            "complex_result_days": 15, "extended_result_days": 30, "firm_limit": 2, "party_limit": 3,
        },
        "calendar": domain::calendar::Calendar::default(),
        "templates": pages::manifest::service_templates(&templates),
    }))
    .expect("a manifest")
}

fn read_folder(folder: &Path, prefix: &str, texts: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).expect("the theme lies beside us") {
        let entry = entry.expect("the theme can be listed");
        let name = format!("{prefix}{}", entry.file_name().to_str().expect("the theme's names are ASCII"));
        if entry.path().is_dir() {
            read_folder(&entry.path(), &format!("{name}/"), texts);
        } else {
            texts.insert(name, std::fs::read_to_string(entry.path()).expect("templates are UTF-8"));
        }
    }
}
