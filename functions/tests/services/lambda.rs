//! The Lambda binaries as Lambda runs them: under the runtime API, with events as API Gateway sends them, on a DynamoDB-compatible server.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use domain::{Moment, Session, form::Form};
use functions::{
    Clock, Config, KeySource, Service,
    table::{Expect, Key, NewItem, Table, Write, dynamodb::DynamoDb},
};
use pages::Manifest;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{
    attachments, cloud,
    given::{self, CONSENT, MATTER, PERSON, registrant},
    hostile::photograph_with_place,
    role::Gate,
    runtime::{Function, Outcome},
    template,
};

const APPEAL: &str = env!("CARGO_BIN_EXE_appeal");
const REGISTRATION: &str = env!("CARGO_BIN_EXE_registration");
const TRACKER: &str = env!("CARGO_BIN_EXE_tracker");
const ACTS: &str = env!("CARGO_BIN_EXE_acts");
const RIGHTS: &str = env!("CARGO_BIN_EXE_rights");
const ATTACHMENTS: &str = env!("CARGO_BIN_EXE_attachments");
const SCHEDULED: &str = env!("CARGO_BIN_EXE_scheduled");
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

#[tokio::test]
async fn an_appeal_goes_from_its_first_post_through_all_functions_as_the_stack_sends_them_what_is_posted() {
    let place = Place::published().await;
    let mut stack = Stack::of(&place);
    let (_, receipt) = appeal(stack.for_path("/f/appeal").await).await;
    let (number, code) = stack.get(&receipt).await.number_and_code();
    assert!(number.starts_with("XS"), "{number}");
    let found = stack.post("/f/track", &[("number", &number), ("code", &code)]).await;
    found.expect(200, &[&number]);
    let token = found.token();
    stack.post("/f/act/stored", &[("token", &token)]).await.expect(200, &["王建国"]);
    stack.post("/f/act/withdraw", &[("token", &token)]).await.expect(200, &[&number]);
    let done = stack.post("/f/act/withdraw", &[("token", &token), ("stage", "sure")]).await.goes_to();
    stack.get(&done).await.expect(200, &["已撤回"]);
    stack.post("/f/act/show", &[("token", &token)]).await.expect(200, &["已撤回"]);
    let done = stack.post("/f/act/erase", &[("token", &token), ("stage", "sure")]).await.goes_to();
    stack.get(&done).await.expect(200, &[&number]);
    // Whatever is asked for now, by whichever function: it was erased.
    for act in ["withdraw", "stored", "show"] {
        stack.post(&format!("/f/act/{act}"), &[("token", &token)]).await.expect(200, &["删除时间"]);
    }
    assert_eq!(stack.started(), ["acts", "appeal", "rights", "tracker"]);
}

#[tokio::test]
async fn a_file_goes_through_all_functions_until_it_is_erased_and_no_role_lacks_a_right_for_it() {
    let place = Place::with_files().await;
    let mut stack = Stack::of(&place);
    let (_, receipt) = appeal(stack.for_path("/f/appeal").await).await;
    let (number, code) = stack.get(&receipt).await.number_and_code();
    let token = stack.post("/f/track", &[("number", &number), ("code", &code)]).await.token();
    let page = stack.post("/f/act/files", &[("token", &token)]).await;
    let form = attachments::form_on(&page.body);
    let (status, there) = attachments::post(&form, &photograph_with_place(900, 600)).await;
    assert_eq!(status, 303);
    let examiner = place.start(ATTACHMENTS, &[]).await;
    // Sent twice, as S3 may; the second finds nothing.
    for _ in 0..2 {
        let outcome = examiner.call(&attachments::event(&attachments::key(&form))).await;
        assert!(matches!(outcome, Outcome::Response(_)), "{outcome:?}");
    }
    let there = there.strip_prefix("https://xiangshang.example").unwrap().split('?').next().unwrap().to_owned();
    let done = stack.get(&there).await.goes_to();
    stack.get(&done).await.expect(200, &["文件已收到"]);

    stack.post("/f/act/withdraw", &[("token", &token), ("stage", "sure")]).await.goes_to();
    let done = stack.post("/f/act/erase", &[("token", &token), ("stage", "sure")]).await.goes_to();
    stack.get(&done).await.expect(200, &[&number]);
    assert!(place.done_by("rights").contains(&"s3:DeleteObject on `kept/*`".to_owned()), "{:?}", place.done_by("rights"));
    assert_eq!(place.partitions("FILES#LOOSE").await, 0, "nothing is left to a later pass");
}

#[tokio::test]
async fn a_registration_goes_from_its_first_post_to_its_receipt_is_found_again_and_cancelled() {
    let place = Place::published().await;
    let mut stack = Stack::of(&place);
    let review = stack.post("/f/registration", &registrant("13800138000", "相山示例食品有限公司")).await.goes_to();
    let draft = review.strip_suffix("/review").unwrap();
    stack.get(&review).await.expect(200, &["李秀英"]);
    read_it_through().await;
    let receipt = stack.post(&format!("{draft}/confirm"), CONSENT).await.goes_to();
    let again = stack.post(&format!("{draft}/confirm"), CONSENT).await.goes_to();
    assert_eq!(again, receipt, "a double click gets the first click's answer");
    let (number, code) = stack.get(&receipt).await.number_and_code();
    assert!(number.starts_with("XB"), "{number}");
    let found = stack.post("/f/track", &[("number", &number), ("code", &code)]).await;
    found.expect(200, &[&number]);
    let done = stack.post("/f/act/cancel", &[("token", &found.token()), ("stage", "sure")]).await.goes_to();
    stack.get(&done).await.expect(200, &["取消"]);
    assert_eq!(stack.started(), ["acts", "registration", "tracker"]);
}

#[tokio::test]
async fn a_request_leaves_one_line_that_cloudwatch_counts_and_that_gives_no_draft_and_no_receipt_away() {
    let place = Place::published().await;
    let function = place.start(APPEAL, &[]).await;
    let (draft, receipt) = appeal(&function).await;
    let tracker = place.start(TRACKER, &[]).await;
    let (number, code) = get(&tracker, &receipt).await.number_and_code();

    let line = function.line(&["answered", "/f/{form}/draft/{id}/confirm"]).await;
    assert_eq!((&line["status"], &line["number"], &line["function"]), (&json!(303), &json!(number), &json!("appeal")));
    assert!(line["request"].as_str().is_some_and(|id| id.starts_with("8f507cfc")), "not Lambda's own id: {line}");
    assert!(line["duration_ms"].is_number() && line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Xiangshang", "{line}");

    let log = [function.log(), tracker.log()].concat().join("\n");
    let receipt = receipt.rsplit('/').next().unwrap();
    for secret in [&draft, receipt, &code, &code.replace('-', ""), "王建国", "13800138000", "路面塌陷", "203.0.113.7"] {
        assert!(!log.contains(secret), "the log holds `{secret}`:\n{log}");
    }
    assert_eq!(log.matches("\"message\":\"answered\"").count(), log.lines().filter(|line| line.contains("_aws")).count());
}

#[tokio::test]
async fn a_panic_is_answered_with_an_id_that_stands_in_the_log_and_the_function_goes_on() {
    let place = Place::published().await;
    let function = place.start(APPEAL, &[]).await;
    let person = post(&function, "/f/appeal", MATTER).await.goes_to();
    let review = post(&function, &person, PERSON).await.goes_to();
    drop(function);
    // No publishing stores a form without questions. A function that finds one has a mistake of ours before it.
    place.overwrite_form("appeal", |form| form.steps.clear()).await;
    let function = place.start(APPEAL, &[]).await;

    let broken = get(&function, &review).await;
    assert_eq!(broken.status, 500, "{}", broken.body);
    let line = function.line(&["a handler panicked"]).await;
    let incident = line["incident"].as_str().unwrap();
    assert!(broken.body.contains(incident), "the page does not show `{incident}`:\n{}", broken.body);
    assert_eq!(function.line(&["answered", "review"]).await["failed"], 1);
    get(&function, "/f/nothing/draft/abc/review").await.expect(410, &["已经过期"]);
}

#[tokio::test]
async fn an_event_that_is_none_fails_alone() {
    let place = Place::published().await;
    let function = place.start(TRACKER, &[]).await;
    let broken = {
        let mut event = event("post", "/f/track");
        event["body"] = json!("this is not base64 !");
        serde_json::to_vec(&event).unwrap()
    };
    for event in [&b"not json"[..], b"{}", br#"{"version":"2.0","rawPath":"/f/track"}"#, b"[1]", &broken] {
        let outcome = function.call_with(event.to_vec(), Duration::from_secs(10)).await;
        assert!(matches!(outcome, Outcome::Error(_)), "{}: {outcome:?}", String::from_utf8_lossy(event));
    }
    get(&function, "/f/track").await.expect(200, &["查询码"]);
}

#[tokio::test]
async fn paths_in_chinese_are_answered_whether_the_gateway_decoded_them_or_not() {
    let place = Place::published().await;
    let function = place.start(REGISTRATION, &[]).await;
    let decoded = event("chinese", "/f/报名/第四季度 大讲堂");
    answered(&function, &decoded).await.expect(404, &["没有这个页面"]);
    let encoded = event("chinese", "/f/%E6%8A%A5%E5%90%8D/%E7%AC%AC");
    answered(&function, &encoded).await.expect(404, &["没有这个页面"]);
    // One that stands for a form's id.
    answered(&function, &event("chinese", "/f/报名")).await.expect(404, &["没有这张表单"]);
}

#[tokio::test]
async fn a_body_is_read_as_text_and_as_base64_and_cookies_do_no_harm() {
    let place = Place::published().await;
    let function = place.start(APPEAL, &[]).await;
    // As it is in the file: too little is typed, and it is shown again.
    answered(&function, &event("post", "/f/appeal")).await.expect(422, &["value=\"路\""]);
    let mut text = event("post", "/f/appeal");
    text["isBase64Encoded"] = json!(false);
    text["body"] = json!("version=1&title=%E8%B7%AF");
    answered(&function, &text).await.expect(422, &["value=\"路\""]);
    let mut foreign = text.clone();
    foreign["headers"]["sec-fetch-site"] = json!("cross-site");
    answered(&function, &foreign).await.expect(403, &["不是从本站提交的"]);
}

#[tokio::test]
async fn a_visitor_is_whom_the_gateway_saw_whatever_headers_say() {
    let place = Place::published().await;
    let function = place.start(TRACKER, &[]).await;
    for (number, claimed) in [("XS261124000015", "192.0.2.1"), ("XS261124000023", "192.0.2.77")] {
        let number = known_shape(number);
        let mut event = form_event("/f/track", &[("number", &number), ("code", "0000-0000")]);
        event["headers"]["x-forwarded-for"] = json!(claimed);
        answered(&function, &event).await.expect(422, &["对不上"]);
    }
    // One counter for each number, and one for the block of addresses that both came from.
    assert_eq!(place.partitions("TRIES#").await, 3);
}

#[tokio::test]
async fn behind_the_distribution_who_goes_around_it_is_turned_away_and_the_others_are_told_apart() {
    let place = Place::published().await;
    let function = place
        .start(TRACKER, &[("XIANGSHANG_EDGE_SECRET", "0123456789abcdef0123456789abcdef"), ("XIANGSHANG_HOST", "xs.example.cn")])
        .await;
    get(&function, "/f/track").await.expect(403, &["正式网址"]);
    for visitor in ["192.0.2.1", "198.51.100.1"] {
        let mut event = form_event("/f/track", &[("number", &known_shape("XS261124000015")), ("code", "0000-0000")]);
        event["headers"]["x-edge-secret"] = json!("0123456789abcdef0123456789abcdef");
        event["headers"]["x-forwarded-for"] = json!(format!("{visitor}, 203.0.113.7"));
        // An old browser, which only says where the form was: under the site's name, not the gateway's.
        event["headers"].as_object_mut().unwrap().remove("sec-fetch-site");
        event["headers"]["origin"] = json!("https://xs.example.cn");
        answered(&function, &event).await.expect(422, &["对不上"]);
    }
    assert_eq!(place.partitions("TRIES#").await, 3, "one number, two blocks of addresses");
}

#[tokio::test]
async fn a_function_that_starts_without_its_table_says_come_again_and_works_when_the_table_is_back() {
    let place = Place::published().await;
    let road = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = road.local_addr().unwrap();
    // The port is ours, but nobody listens on it.
    drop(road);
    let endpoint = format!("http://{address}");
    let function = place.start(TRACKER, &[("AWS_ENDPOINT_URL_DYNAMODB", &endpoint)]).await;
    let answer = get(&function, "/f/track").await;
    answer.expect(503, &["没有存下来"]);
    assert!(answer.headers["retry-after"].as_str().is_some_and(|seconds| seconds.parse::<u32>().is_ok()), "{:?}", answer.headers);
    assert_eq!(function.line(&["answered", "closed"]).await["busy"], 1);

    forward(TcpListener::bind(address).await.unwrap());
    get(&function, "/f/track").await.expect(200, &["查询码"]);
}

#[tokio::test]
async fn a_function_with_another_key_than_the_tables_serves_nobody() {
    let place = Place::published().await;
    let function = place.start(TRACKER, &[("XIANGSHANG_KEY", "HwEBAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")]).await;
    get(&function, "/f/track").await.expect(503, &["连不上数据"]);
    let line = function.line(&["cannot be opened"]).await;
    assert!(line["error"].as_str().is_some_and(|error| error.contains("not the one")), "{line}");
}

#[tokio::test]
async fn a_pass_of_the_scheduled_work_tells_what_waits_and_for_how_long() {
    let place = Place::published().await;
    appeal(&place.start(APPEAL, &[]).await).await;
    let function = place.start(SCHEDULED, &[]).await;
    let event = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/events/schedule.json")).unwrap();
    for _ in 0..2 {
        let outcome = function.call_with(event.clone(), Duration::from_secs(60)).await;
        assert_eq!(outcome, Outcome::Response(Value::Null), "{}", function.log().join("\n"));
    }
    let line = function.line(&["a pass of scheduled work"]).await;
    assert!(line["outbox_waiting"].is_u64() && line["outbox_age_s"].is_number() && line["_aws"].is_object(), "{line}");
    // No time is left for anything: the pass says so instead of being cut off, and the next one works.
    let outcome = function.call_with(event.clone(), Duration::from_millis(1)).await;
    assert!(matches!(&outcome, Outcome::Error(error) if error["errorMessage"].to_string().contains("longer")), "{outcome:?}");
    assert_eq!(function.call_with(event, Duration::from_secs(60)).await, Outcome::Response(Value::Null));
}

#[tokio::test]
async fn a_pass_of_the_scheduled_work_sends_what_the_stack_has_a_template_for() {
    let place = Place::published().await;
    let function = place.start(REGISTRATION, &[]).await;
    let review = post(&function, "/f/registration", &registrant("13800138000", "相山示例食品有限公司")).await.goes_to();
    read_it_through().await;
    post(&function, &review.replace("/review", "/confirm"), CONSENT).await.goes_to();

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/send", listener.local_addr().unwrap());
    let received = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"}}") {
            assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0, "it ends with its body");
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        String::from_utf8(request).unwrap()
    });
    let webhook = [
        ("XIANGSHANG_WEBHOOK", url.as_str()),
        ("XIANGSHANG_WEBHOOK_TEMPLATES", "registered=SMS_1"),
        ("XIANGSHANG_WEBHOOK_SECRET", "a secret of these tests"),
    ];
    let scheduled = place.start(SCHEDULED, &webhook).await;
    let event = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/events/schedule.json")).unwrap();
    assert_eq!(scheduled.call_with(event, Duration::from_secs(60)).await, Outcome::Response(Value::Null));
    let request = received.await.unwrap();
    for part in ["POST /send", "\"template\":\"SMS_1\"", "\"telephone\":\"13800138000\"", "x-xiangshang-signature: v1="] {
        assert!(request.contains(part), "`{part}` is not in {request}");
    }
    assert!(!scheduled.log().join("\n").contains("13800138000"), "a telephone is nothing for a log");
}

/// A table on the server, with the site of these tests published to it, and the functions' roles before it.
struct Place {
    table: DynamoDb,
    name: String,
    bucket: Option<String>,
    gates: Mutex<Vec<Arc<Gate>>>,
}

impl Place {
    async fn published() -> Place {
        let (table, name) = cloud::named_table(Clock::system()).await;
        let key = KeySource::Given(KEY.to_owned());
        let service = Service::open(Arc::new(table.clone()), &key, Clock::system(), Config::default()).await.unwrap();
        service.publish(manifest()).await.unwrap();
        Place { table, name, bucket: None, gates: Mutex::default() }
    }

    /// The same with a bucket for files.
    async fn with_files() -> Place {
        let (_, bucket) = attachments::bucket().await;
        let mut place = Place::published().await;
        place.bucket = Some(bucket);
        place
    }

    async fn start(&self, binary: &str, more: &[(&str, &str)]) -> Function {
        let variable = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
        let name = Path::new(binary).file_stem().and_then(|name| name.to_str()).unwrap();
        let (gate, url) = Gate::before(name, &cloud::endpoint(), &variable("AWS_ENDPOINT_URL_S3", "")).await;
        self.gates.lock().unwrap().push(gate);
        let region = variable("AWS_REGION", "us-east-1");
        let (id, secret) = (variable("AWS_ACCESS_KEY_ID", "test"), variable("AWS_SECRET_ACCESS_KEY", "test"));
        let mut environment = vec![
            ("AWS_REGION", region.as_str()),
            ("AWS_ACCESS_KEY_ID", &id),
            ("AWS_SECRET_ACCESS_KEY", &secret),
            ("AWS_ENDPOINT_URL_DYNAMODB", &url),
            ("AWS_ENDPOINT_URL_S3", &url),
            ("XIANGSHANG_TABLE", &self.name),
            ("XIANGSHANG_KEY", KEY),
        ];
        environment.extend(self.bucket.as_ref().map(|bucket| ("XIANGSHANG_BUCKET", bucket.as_str())));
        environment.extend(more);
        Function::start(Path::new(binary), &environment).await
    }

    /// What the program `name` was allowed to do.
    fn done_by(&self, name: &str) -> Vec<String> {
        let gates = self.gates.lock().unwrap();
        let done = gates.iter().filter(|gate| gate.name() == name).flat_map(|gate| gate.done());
        done.map(|act| act.to_string()).collect()
    }

    /// Changes what is stored of a form as no publishing would.
    async fn overwrite_form(&self, id: &str, change: impl Fn(&mut Form)) {
        let pointer: Value = self.table.get(&Key::new("MANIFEST", "POINTER")).await.unwrap().unwrap().read().unwrap();
        let key = Key::new(format!("MANIFEST#{}", pointer["version"].as_str().unwrap()), "COMMON");
        let item = self.table.get(&key).await.unwrap().unwrap();
        let mut common: Value = item.read().unwrap();
        let stored = common["forms"].as_array_mut().unwrap().iter_mut().find(|form| form["id"] == id).unwrap();
        let mut form: Form = serde_json::from_value(stored.take()).unwrap();
        change(&mut form);
        *stored = json!(form);
        let write = Write::Put { item: NewItem::json(key, &common), expect: Expect::Version(item.version) };
        self.table.transact(vec![write]).await.unwrap();
    }

    /// How many partitions begin with `prefix`.
    async fn partitions(&self, prefix: &str) -> usize {
        let client = cloud::client(&cloud::endpoint());
        let all = client.scan().table_name(&self.name).send().await.unwrap();
        let mut found: Vec<_> = all.items().iter().map(|item| item["pk"].as_s().unwrap().clone()).collect();
        found.retain(|partition| partition.starts_with(prefix));
        found.sort();
        found.dedup();
        found.len()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let refused: Vec<_> = self.gates.lock().unwrap().iter().flat_map(|gate| gate.refused()).collect();
            assert!(refused.is_empty(), "roles lack what their functions do: {refused:?}");
        }
    }
}

/// The functions behind the gateway: each is started when the stack's template sends it something for the first time.
struct Stack<'a> {
    place: &'a Place,
    functions: BTreeMap<String, Function>,
}

impl Stack<'_> {
    fn of(place: &Place) -> Stack<'_> {
        Stack { place, functions: BTreeMap::new() }
    }

    async fn for_path(&mut self, path: &str) -> &Function {
        let name = template::function_for(path);
        if !self.functions.contains_key(&name) {
            let binary = match name.as_str() {
                "appeal" => APPEAL,
                "registration" => REGISTRATION,
                "tracker" => TRACKER,
                "acts" => ACTS,
                "rights" => RIGHTS,
                other => panic!("the stack sends {path} to `{other}`"),
            };
            self.functions.insert(name.clone(), self.place.start(binary, &[]).await);
        }
        &self.functions[&name]
    }

    async fn get(&mut self, path: &str) -> Answer {
        get(self.for_path(path).await, path).await
    }

    async fn post(&mut self, path: &str, values: &[(&str, &str)]) -> Answer {
        post(self.for_path(path).await, path, values).await
    }

    fn started(&self) -> Vec<&str> {
        self.functions.keys().map(String::as_str).collect()
    }
}

/// The site of the other tests, with a session that these tests, which live in the present, never outlive.
fn manifest() -> Manifest {
    let moment = |text: &str| text.parse::<Moment>().unwrap();
    given::manifest(vec![Session {
        start: moment("2096-12-10 14:00"),
        end: moment("2096-12-10 17:00"),
        deadline: moment("2096-12-09 18:00"),
        ..given::session("salon")
    }])
}

/// Files an appeal; the draft's id and the receipt's address.
async fn appeal(function: &Function) -> (String, String) {
    let person = post(function, "/f/appeal", MATTER).await.goes_to();
    let review = post(function, &person, PERSON).await.goes_to();
    get(function, &review).await.expect(200, &["王建国"]);
    read_it_through().await;
    let draft = review.strip_suffix("/review").unwrap();
    let receipt = post(function, &format!("{draft}/confirm"), CONSENT).await.goes_to();
    (draft.rsplit('/').next().unwrap().to_owned(), receipt)
}

/// Nobody reads 核对 in less than three seconds; whoever does is put into quarantine.
async fn read_it_through() {
    tokio::time::sleep(Duration::from_millis(3200)).await;
}

/// A number with a right check digit: the last digit of `text` is replaced.
fn known_shape(text: &str) -> String {
    let head = &text[..text.len() - 1];
    (0..10).map(|digit| format!("{head}{digit}")).find(|number| number.parse::<domain::value::TrackingNumber>().is_ok()).unwrap()
}

/// What a visitor gets.
struct Answer {
    status: u64,
    headers: Value,
    body: String,
}

impl Answer {
    #[track_caller]
    fn expect(&self, status: u64, words: &[&str]) {
        assert_eq!(self.status, status, "{}", self.body);
        for words in words {
            assert!(self.body.contains(words), "`{words}` is not in {}", self.body);
        }
        assert_eq!(self.headers["cache-control"], "no-store", "{}", self.headers);
    }

    #[track_caller]
    fn goes_to(&self) -> String {
        assert_eq!(self.status, 303, "{}", self.body);
        self.headers["location"].as_str().unwrap().to_owned()
    }

    /// By which the page's forms tell who posts them.
    #[track_caller]
    fn token(&self) -> String {
        let after = self.body.split_once("name=\"token\" value=\"").expect("somebody may do something here").1;
        after.split('"').next().unwrap().to_owned()
    }

    #[track_caller]
    fn number_and_code(&self) -> (String, String) {
        assert_eq!(self.status, 200, "{}", self.body);
        let after = |class: &str| {
            let text = self.body.split_once(&format!("{class}\">")).unwrap().1;
            text.split('<').next().unwrap().trim().to_owned()
        };
        (after("receipt-number"), after("receipt-code"))
    }
}

async fn get(function: &Function, path: &str) -> Answer {
    answered(function, &event("get", path)).await
}

async fn post(function: &Function, path: &str, values: &[(&str, &str)]) -> Answer {
    answered(function, &form_event(path, values)).await
}

async fn answered(function: &Function, event: &Value) -> Answer {
    match function.call(event).await {
        Outcome::Response(answer) => {
            assert_eq!(answer["isBase64Encoded"], false, "pages are text: {answer}");
            Answer {
                status: answer["statusCode"].as_u64().unwrap(),
                headers: answer["headers"].clone(),
                body: answer["body"].as_str().unwrap_or_default().to_owned(),
            }
        }
        Outcome::Error(error) => panic!("the function failed: {error}\n{}", function.log().join("\n")),
    }
}

fn form_event(path: &str, values: &[(&str, &str)]) -> Value {
    let mut event = event("post", path);
    event["body"] = json!(data_encoding::BASE64.encode(given::encode(values).as_bytes()));
    event
}

/// An event of the HTTP API from its file, for another path.
fn event(name: &str, path: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/events/{name}.json"));
    let mut event: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    event["rawPath"] = json!(path);
    event["requestContext"]["http"]["path"] = json!(path);
    event
}

/// Passes everything on to the server.
fn forward(listener: TcpListener) {
    let server = cloud::endpoint().trim_start_matches("http://").trim_end_matches('/').to_owned();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let server = server.clone();
            tokio::spawn(async move {
                let mut far = TcpStream::connect(server).await.unwrap();
                tokio::io::copy_bidirectional(&mut near, &mut far).await
            });
        }
    });
}
