//! What the tests of the routers are given: a small site in the theme's own templates, on a SQLite table in a folder of its own.

#![allow(clippy::unwrap_used, dead_code, reason = "a test that cannot go on panics, and no test needs everything")]

use std::{collections::BTreeMap, fs, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Request, StatusCode, header},
};
use domain::{
    Attendance, Moment, Session,
    form::{Form, Raw},
};
use functions::{
    Clock, Config, KeySource, Service,
    files::{Files, examine::examine, folder::Folder},
    table::{Table, sqlite::Sqlite},
};
use jiff::SignedDuration;
use pages::{Frame, Manifest, frame::Asset};
use tempfile::TempDir;
use tower::ServiceExt;

/// A service with its router.
pub struct Site {
    pub service: Arc<Service>,
    pub clock: Clock,
    /// Holds the table in `data/` and the key in `keys/`.
    pub folder: TempDir,
    router: Router,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

/// Tuesday morning.
pub fn start() -> Moment {
    "2026-12-01 09:00".parse().unwrap()
}

impl Site {
    pub async fn open() -> Site {
        let config = Config { slow_down: Duration::ZERO, ..Config::default() };
        Site::with(config, manifest(vec![session("salon")])).await
    }

    pub async fn with(config: Config, manifest: Manifest) -> Site {
        let site = Site::unpublished(config).await;
        site.service.publish(manifest).await.unwrap();
        site
    }

    pub async fn unpublished(config: Config) -> Site {
        Site::on(tempfile::tempdir().unwrap(), Clock::standing_at(start()), config).await
    }

    /// The same site as another process would find it.
    pub async fn reopened(self) -> Site {
        let Site { service, clock, folder, router } = self;
        drop((service, router));
        Site::on(folder, clock, Config::default()).await
    }

    async fn on(folder: TempDir, clock: Clock, config: Config) -> Site {
        let table = Arc::new(Sqlite::open(&folder.path().join("data/table.db"), clock.clone()).unwrap());
        Site::on_table(table, folder, clock, config).await
    }

    /// On any table; the folder holds the key.
    pub async fn on_table(table: Arc<dyn Table>, folder: TempDir, clock: Clock, config: Config) -> Site {
        let key = KeySource::File(folder.path().join("keys/site.key"));
        let service = Service::open(table, &key, clock.clone(), config).await.unwrap();
        let files = Folder::open(folder.path().join("data/files"));
        Site::of(Arc::new(service.with_files(Files::here(Arc::new(files), examine))), clock, folder)
    }

    /// A service that was opened elsewhere.
    pub fn of(service: Arc<Service>, clock: Clock, folder: TempDir) -> Site {
        let router = functions::router(service.clone());
        Site { service, clock, folder, router }
    }

    /// The same service by the routes of one function.
    pub fn served_by(&self, routes: fn(Arc<Service>) -> Router) -> Site {
        let folder = tempfile::tempdir().unwrap();
        Site { service: self.service.clone(), clock: self.clock.clone(), folder, router: routes(self.service.clone()) }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// The type and the bytes of what is no page.
    pub async fn get_bytes(&self, path: &str) -> (String, Vec<u8>) {
        let (_, headers, bytes) = self.send_for_bytes(Request::get(path).body(Body::empty()).unwrap()).await;
        (headers[header::CONTENT_TYPE].to_str().unwrap().to_owned(), bytes)
    }

    pub async fn post(&self, path: &str, values: &[(&str, &str)]) -> Reply {
        self.post_with(path, encode(values), &[("content-type", "application/x-www-form-urlencoded")]).await
    }

    pub async fn post_with(&self, path: &str, body: String, headers: &[(&str, &str)]) -> Reply {
        let mut request = Request::post(path).header("host", "127.0.0.1:8080");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Posts a file as a browser does; `name` stands in the request as it is.
    pub async fn send_file(&self, token: &str, name: &str, bytes: &[u8]) -> Reply {
        let part = |head: &str, body: &[u8]| {
            [b"--edge\r\nContent-Disposition: form-data; ", head.as_bytes(), b"\r\n\r\n", body, b"\r\n"].concat()
        };
        let file = format!("name=\"file\"; filename=\"{name}\"\r\nContent-Type: image/jpeg");
        let body = [part("name=\"token\"", token.as_bytes()), part(&file, bytes), b"--edge--\r\n".to_vec()].concat();
        self.send_parts(Body::from(body)).await
    }

    /// Posts a body of parts between the edges `edge`.
    pub async fn send_parts(&self, body: Body) -> Reply {
        let request = Request::post("/f/files").header("host", "127.0.0.1:8080");
        self.send(request.header("content-type", "multipart/form-data; boundary=edge").body(body).unwrap()).await
    }

    async fn send(&self, request: Request<Body>) -> Reply {
        let (status, headers, bytes) = self.send_for_bytes(request).await;
        Reply { status, headers, text: String::from_utf8(bytes).unwrap() }
    }

    async fn send_for_bytes(&self, mut request: Request<Body>) -> (StatusCode, HeaderMap, Vec<u8>) {
        request.extensions_mut().insert(ConnectInfo("203.0.113.7:5000".parse::<SocketAddr>().unwrap()));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        (parts.status, parts.headers, to_bytes(body, 1_000_000).await.unwrap().to_vec())
    }

    /// Lets time pass until `moment`.
    pub fn wait_until(&self, moment: &str) {
        let moment: Moment = moment.parse().unwrap();
        self.clock.advance(moment.0.duration_since(self.clock.now().0));
    }

    /// Goes on by so many seconds: nobody reads and confirms a form at once.
    pub fn wait(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    /// Fills in an appeal up to 核对; the draft's address without the last part.
    pub async fn appeal_draft(&self) -> String {
        let first = self.post("/f/appeal", MATTER).await;
        let step = first.goes_to();
        let draft = step.strip_suffix("/person").unwrap().to_owned();
        let review = self.post(&step, PERSON).await.goes_to();
        assert_eq!(review, format!("{draft}/review"));
        self.wait(60);
        draft
    }

    /// Files an appeal; number and code.
    pub async fn appeal(&self) -> (String, String) {
        let draft = self.appeal_draft().await;
        let receipt = self.post(&format!("{draft}/confirm"), CONSENT).await.goes_to();
        self.get(&receipt).await.number_and_code()
    }

    /// Fills in a registration up to 核对; the draft's address without the last part.
    pub async fn registration_draft(&self, values: &[(&str, &str)]) -> String {
        let review = self.post("/f/registration", values).await.goes_to();
        review.strip_suffix("/review").unwrap().to_owned()
    }

    /// Registers; the answer to 确认.
    pub async fn register(&self, values: &[(&str, &str)]) -> Reply {
        let draft = self.registration_draft(values).await;
        self.wait(60);
        self.post(&format!("{draft}/confirm"), CONSENT).await
    }

    /// All bytes that stand in the table's folder.
    pub fn bytes(&self) -> Vec<u8> {
        let files = fs::read_dir(self.folder.path().join("data")).unwrap().map(|file| file.unwrap().path());
        files.filter(|path| path.is_file()).flat_map(|path| fs::read(path).unwrap()).collect()
    }
}

impl Reply {
    /// Where a 303 leads.
    #[track_caller]
    pub fn goes_to(&self) -> String {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text);
        self.headers[header::LOCATION].to_str().unwrap().to_owned()
    }

    /// What a receipt shows.
    #[track_caller]
    pub fn number_and_code(&self) -> (String, String) {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text);
        let after = |class: &str| {
            let text = self.text.split_once(&format!("{class}\">")).unwrap().1;
            text.split('<').next().unwrap().trim().to_owned()
        };
        (after("receipt-number"), after("receipt-code"))
    }

    #[track_caller]
    pub fn expect(&self, status: u16, words: &[&str]) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        for words in words {
            assert!(self.text.contains(words), "`{words}` is not in {}", self.text);
        }
    }
}

pub const MATTER: &[(&str, &str)] = &[
    ("version", "1"),
    ("category", "utilities"),
    ("title", "厂区门口的路坏了半年"),
    ("description", "从六月开始，厂区门口的路面塌陷，货车进不来，每天要多绕八公里，耽误交货。"),
    ("urgency", "normal"),
    ("website", ""),
];

pub const PERSON: &[(&str, &str)] =
    &[("company", "相山示例食品有限公司"), ("contact", "王建国"), ("mobile", "１３８ ００１３-８０００"), ("anonymous", "no")];

pub const CONSENT: &[(&str, &str)] = &[("handle", "yes")];

/// What a whole form would post.
pub fn raw(values: &[&[(&str, &str)]]) -> Raw {
    let one = |(name, value): &(&str, &str)| ((*name).to_owned(), vec![(*value).to_owned()]);
    Raw(values.concat().iter().map(one).collect::<BTreeMap<_, _>>())
}

/// All rows of a ledger.
pub async fn rows(mut ledger: functions::office::LedgerRows<'_>) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    while let Some(row) = ledger.next().await.unwrap() {
        assert_eq!(row.len(), ledger.columns().len());
        rows.push(row);
    }
    rows
}

/// The value of a hidden field of a page.
pub fn hidden(page: &str, name: &str) -> String {
    let field = page.split("<input").find(|field| field.contains("hidden") && field.contains(&format!("name=\"{name}\"")));
    let value = field.and_then(|field| field.split_once("value=\"")).map(|(_, rest)| rest.split('"').next().unwrap().to_owned());
    value.unwrap_or_else(|| panic!("no hidden `{name}` in {page}"))
}

/// The answers to the one step of the intake form.
pub const NEED: &[(&str, &str)] = &[
    ("version", "1"),
    ("need", "收购季节要用 50 万元周转三个月"),
    ("company", "相山示例食品有限公司"),
    ("mobile", "13800138000"),
];

/// A registration of one person for the session `salon`.
pub fn registrant<'a>(mobile: &'a str, company: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("version", "1"),
        ("session", "salon"),
        ("name", "李秀英"),
        ("mobile", mobile),
        ("company", company),
        ("attendance", "onsite"),
        ("party", "1"),
    ]
}

/// `values` with one changed.
pub fn with<'a>(values: &[(&'a str, &'a str)], name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let others = values.iter().filter(|(other, _)| *other != name).copied();
    others.chain([(name, value)]).collect()
}

pub fn encode(values: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(values).finish()
}

/// A session on 2026-12-10 with five seats in the room and two online.
pub fn session(id: &str) -> Session {
    Session {
        id: id.to_owned(),
        title: "产业链沙龙".to_owned(),
        url: format!("/activities/{id}/"),
        start: "2026-12-10 14:00".parse().unwrap(),
        end: "2026-12-10 17:00".parse().unwrap(),
        place: "会客厅".to_owned(),
        attendance: Attendance::Both,
        onsite_seats: 6,
        online_seats: 2,
        onsite_reserved: 1,
        online_reserved: 0,
        waitlist: true,
        opens: None,
        deadline: "2026-12-09 18:00".parse().unwrap(),
        party_limit: 3,
        firm_limit: 2,
        contact: "工商联办公室".to_owned(),
        cancelled: false,
        postponed: false,
        changed: None,
        form: "registration".to_owned(),
        example: true,
    }
}

pub fn appeal_form() -> Form {
    serde_json::from_str(include_str!("appeal.json")).unwrap()
}

pub fn registration_form() -> Form {
    serde_json::from_str(include_str!("registration.json")).unwrap()
}

/// The version follows from what is given here most: sessions and forms.
pub fn intake_form() -> Form {
    serde_json::from_str(include_str!("intake.json")).unwrap()
}

pub fn manifest(sessions: Vec<Session>) -> Manifest {
    of(vec![appeal_form(), registration_form()], sessions)
}

pub fn of(forms: Vec<Form>, sessions: Vec<Session>) -> Manifest {
    let version = serde_json::to_string(&(&forms, &sessions)).unwrap();
    let version = version.bytes().fold(7_u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte)));
    Manifest {
        schema: 1,
        version: format!("{version:016x}"),
        frame: frame(),
        forms,
        sessions,
        limits: serde_json::from_value(serde_json::json!({
            "office_hours": [{ "from": "08:30:00", "to": "12:00:00" }, { "from": "14:30:00", "to": "17:30:00" }],
            "same_day_until": "16:00:00",
            "first_contact_days": 1,
            "urgent_contact_hours": 2,
            "result_days": 5,
            "plan_days": 3,
            "complex_result_days": 15,
            "extended_result_days": 30,
            "firm_limit": 2,
            "party_limit": 3
        }))
        .unwrap(),
        calendar: domain::calendar::Calendar::default(),
        templates: pages::manifest::service_templates(&theme()),
    }
}

fn frame() -> Frame {
    let asset = |name: &str| (name.to_owned(), Asset { url: format!("/assets/{name}"), integrity: "sha384-0".to_owned() });
    Frame {
        site_name: "相商未来".to_owned(),
        tagline: "为企业办事".to_owned(),
        base_url: "https://xiangshang.example".to_owned(),
        domain: "xiangshang.example".to_owned(),
        site_code: None,
        organiser: "区工商联".to_owned(),
        telephone: None,
        address: None,
        icp: None,
        police: None,
        trial: true,
        navigation: Vec::new(),
        footer: Vec::new(),
        assets: ["site.css", "site.js", "form.css", "form.js", "files.js", "seats.js", "mark.svg"]
            .into_iter()
            .map(asset)
            .collect(),
    }
}

fn theme() -> BTreeMap<String, String> {
    fn read(folder: &Path, prefix: &str, templates: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
            if entry.path().is_dir() {
                read(&entry.path(), &format!("{name}/"), templates);
            } else {
                templates.insert(name, fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
    let mut templates = BTreeMap::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../themes/xiangshang/templates"), "", &mut templates);
    templates
}
