//! The outbox: what the call list shows and records, and the webhook against a server that fails on purpose.

use std::{
    io::{BufRead, BufReader, Read, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use domain::{Moment, registration::By};
use functions::{
    Clock, Config, ServiceError, Webhook,
    office::{CallRow, Operator},
    table::{Index, Key, NewItem, Table, Write, sqlite::Sqlite},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::given::{Site, manifest, registrant, session};

const SECRET: &str = "a secret of the tests";

/// How the receiver behaves towards one request.
#[derive(Debug, Clone)]
enum Manner {
    /// Takes it.
    Takes,
    /// Answers with this status and these header lines.
    Says(u16, String),
    /// Reads it and never answers.
    Hangs,
    /// Cuts the connection before it has read everything.
    Resets,
    /// Reads everything and closes without an answer.
    Closes,
    /// Answers a byte now and then, for ever.
    Drips,
    /// Takes it and sends an answer without end.
    Floods,
    /// Sends header lines without end.
    FloodsHead,
    /// Speaks something else.
    Babbles,
}

/// A request as it came in.
#[derive(Debug, Clone)]
struct Received {
    head: String,
    body: String,
}

impl Received {
    fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("no {name} in {}", self.head)).split_once(": ").unwrap().1
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A receiver of messages on a port of its own.
struct Receiver {
    url: String,
    received: Arc<Mutex<Vec<Received>>>,
    connections: Arc<AtomicUsize>,
}

impl Receiver {
    /// Behaves so towards one request after the other, and in the last way towards all that follow.
    fn that(manners: Vec<Manner>) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/send", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let (kept, counted) = (received.clone(), connections.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let at = counted.fetch_add(1, Ordering::SeqCst);
                let manner = manners[at.min(manners.len() - 1)].clone();
                let kept = kept.clone();
                std::thread::spawn(move || behave(stream, &manner, &kept));
            }
        });
        Receiver { url, received, connections }
    }

    fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    fn webhook(&self, templates: &str) -> Webhook {
        Webhook::new(&self.url, templates, SECRET).unwrap()
    }
}

fn behave(mut stream: TcpStream, manner: &Manner, received: &Mutex<Vec<Received>>) {
    if let Manner::Resets = manner {
        let mut byte = [0];
        let _ = stream.read(&mut byte);
        // Closed with bytes unread, the system resets the connection.
        return;
    }
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return;
        }
    }
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    received.lock().unwrap().push(Received { head, body: String::from_utf8(body).unwrap() });
    let _ = match manner {
        // Who closes says so: the next request may be on its way before the connection is gone.
        Manner::Takes => write!(stream, "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok"),
        Manner::Says(status, headers) => {
            write!(stream, "HTTP/1.1 {status} X\r\n{headers}connection: close\r\ncontent-length: 0\r\n\r\n")
        }
        Manner::Hangs => {
            std::thread::sleep(Duration::from_secs(30));
            Ok(())
        }
        Manner::Drips => {
            let mut ok = write!(stream, "HTTP/1.1 200 OK\r\nx: ");
            while ok.is_ok() {
                std::thread::sleep(Duration::from_millis(20));
                ok = write!(stream, "a");
            }
            ok
        }
        Manner::Floods => {
            let mut ok = write!(stream, "HTTP/1.1 200 OK\r\n\r\n");
            while ok.is_ok() {
                ok = stream.write_all(&[b'x'; 65_536]);
            }
            ok
        }
        Manner::FloodsHead => {
            let mut ok = write!(stream, "HTTP/1.1 200 OK\r\n");
            while ok.is_ok() {
                ok = write!(stream, "x-more: {}\r\n", "x".repeat(1_000));
            }
            ok
        }
        Manner::Babbles => write!(stream, "SSH-2.0-OpenSSH_9.9\r\n"),
        Manner::Closes | Manner::Resets => Ok(()),
    };
}

async fn site(webhook: Option<Webhook>) -> Site {
    let config = Config { slow_down: Duration::ZERO, webhook, ..Config::default() };
    Site::with(config, manifest(vec![session("salon")])).await
}

/// Registers somebody and gives the number.
async fn registered(site: &Site, mobile: &str) -> String {
    let receipt = site.register(&registrant(mobile, mobile)).await.goes_to();
    site.get(&receipt).await.number_and_code().0
}

/// Puts a message into the outbox, as its cause would.
async fn message(site: &Site, what: &str, number: &str, due: &str) {
    let table = Sqlite::open(&site.folder.path().join("data/table.db"), Clock::standing_at(site.clock.now())).unwrap();
    let due: Moment = due.parse().unwrap();
    let listed = |list: &str, at: Moment| Key::new(list, format!("{:016}#{number}#{what}", at.0.as_millisecond()));
    let body = serde_json::json!({ "what": what, "number": number, "due": due, "key": what });
    let item = NewItem::json(Key::new(format!("OUTBOX#{number}"), what), &body)
        .listed(Index::First, listed("OUTBOX", due))
        .listed(Index::Second, listed("OUTBOX#NEXT", site.clock.now()));
    table.transact(vec![Write::create(item)]).await.unwrap();
}

fn somebody() -> Operator {
    Operator("张敏".to_owned())
}

fn calls(rows: &[CallRow]) -> Vec<(&str, &str)> {
    rows.iter().map(|row| (row.number.as_str(), row.why.as_str())).collect()
}

#[tokio::test]
async fn without_a_webhook_staff_call_whoever_does_not_know_yet() {
    let site = site(None).await;
    let (appeal, _) = site.appeal().await;
    let number = registered(&site, "13800138001").await;
    message(&site, "moved_onsite", &number, "2026-12-10 14:00").await;
    assert_eq!(
        calls(&site.service.calls().await.unwrap()),
        [(appeal.as_str(), "首次联系")],
        "nobody has decided on the rest yet"
    );

    let ran = site.service.run_due().await.unwrap();
    assert_eq!((ran.to_call, ran.sent, ran.failed), (2, 0, 0));
    let rows = site.service.calls().await.unwrap();
    assert_eq!(
        calls(&rows),
        [(appeal.as_str(), "首次联系"), (number.as_str(), "告知已由线上改到现场")],
        "they saw that they are registered"
    );
    assert!(rows.iter().all(|row| !row.overdue && row.tries == 0 && row.next_step.is_none()));
    assert_eq!(site.service.run_due().await.unwrap().to_call, 0, "a second pass finds nothing to do");

    site.wait(10 * 24 * 3600);
    assert!(site.service.calls().await.unwrap().iter().all(|row| row.overdue));
}

#[tokio::test]
async fn whom_nobody_takes_up_is_called_all_the_same() {
    let site = site(None).await;
    let number = registered(&site, "13800138001").await;
    message(&site, "session_moved", &number, "2026-12-10 14:00").await;
    assert_eq!(site.service.calls().await.unwrap(), []);
    site.wait(301);
    assert_eq!(calls(&site.service.calls().await.unwrap()), [(number.as_str(), "告知活动改了时间或地点")], "no server runs");
}

#[tokio::test]
async fn whoever_has_answered_meanwhile_is_not_called() {
    let site = site(None).await;
    let mut numbers = Vec::new();
    for person in 0..6 {
        numbers.push(registered(&site, &format!("1380013800{person}")).await);
    }
    let number = |index: usize| -> domain::value::TrackingNumber { numbers[index].parse().unwrap() };
    let calls_of = async || site.service.calls().await.unwrap();
    // The room is full; one of those in it gives up their seat to whoever waits.
    site.service.cancel(&number(0), By::Person).await.unwrap();
    site.service.run_due().await.unwrap();
    let offered = calls_of().await;
    assert_eq!(offered.iter().map(|call| call.why.as_str()).collect::<Vec<_>>(), ["候补有名额了，问要不要"]);
    site.service.accept_offer(&offered[0].number.parse().unwrap(), By::Person).await.unwrap();
    assert_eq!(calls_of().await, [], "they have said on the page what they would be asked");
    let again = site.service.call_done(&offered[0].number, &somebody(), None).await;
    assert!(matches!(again, Err(ServiceError::NothingToCall(_))), "{again:?}");
    site.service.run_due().await.unwrap();
    assert_eq!((calls_of().await, site.service.undelivered().await.unwrap()), (vec![], vec![]));
}

#[tokio::test]
async fn a_call_is_recorded_beside_the_case_and_its_note_is_sealed() {
    let site = site(None).await;
    let (number, _) = site.appeal().await;
    let unknown = site.service.call_done("XS261201000000", &somebody(), None).await;
    assert!(unknown.is_err(), "nothing is recorded for a number that nobody has");

    let tried = site.service.call_tried(&number, &somebody(), Some("手机关机")).await.unwrap();
    assert_eq!((tried.why, tried.next_step), (vec!["首次联系".to_owned()], None));
    site.wait(3600);
    let tried = site.service.call_tried(&number, &somebody(), None).await.unwrap();
    assert!(tried.next_step.unwrap().contains("备用联系方式"));
    let rows = site.service.calls().await.unwrap();
    assert_eq!((rows[0].tries, rows[0].next_step), (2, tried.next_step));

    site.wait(3600);
    site.service.call_done(&number, &somebody(), Some("路已派人去看")).await.unwrap();
    assert_eq!(site.service.calls().await.unwrap(), []);
    let again = site.service.call_done(&number, &somebody(), None).await;
    assert!(matches!(again, Err(ServiceError::NothingToCall(told)) if told == number));

    let events = site.service.case(&number).await.unwrap().events;
    let told: Vec<(&str, &str)> = events.iter().map(|event| (event.by.as_str(), event.what.as_str())).collect();
    assert_eq!(
        told[1..],
        [("张敏", "打电话未接通：首次联系"), ("张敏", "打电话未接通：首次联系"), ("张敏", "打通电话：首次联系")]
    );
    let opened = site.service.reveal(&number, &somebody(), "复核").await.unwrap();
    let notes: Vec<&str> = opened.iter().filter(|answer| answer.field == "note").map(|answer| answer.value.as_str()).collect();
    assert_eq!(notes, ["手机关机", "路已派人去看"]);
    let bytes = String::from_utf8_lossy(&site.bytes()).into_owned();
    assert!(!bytes.contains("手机关机") && !bytes.contains("路已派人去看"));
}

#[tokio::test]
async fn whom_to_call_is_opened_for_a_reason_that_is_recorded() {
    let site = site(None).await;
    let (number, _) = site.appeal().await;
    let whom = site.service.whom_to_call(&number, &somebody(), "首次联系").await.unwrap();
    let shown: Vec<(&str, &str)> = whom.iter().map(|answer| (answer.field.as_str(), answer.value.as_str())).collect();
    assert_eq!(shown, [("contact", "王建国"), ("mobile", "13800138000")], "nothing else is opened");
    let events = site.service.case(&number).await.unwrap().events;
    assert!(events.iter().any(|event| event.by == "张敏" && event.what.contains("首次联系")), "{events:?}");
}

#[tokio::test]
async fn a_message_goes_out_signed_with_nothing_in_it_but_what_a_template_shows() {
    let receiver = Receiver::that(vec![Manner::Takes]);
    let site = site(Some(receiver.webhook("moved_onsite=SMS_7"))).await;
    let number = registered(&site, "13800138001").await;
    message(&site, "moved_onsite", &number, "2026-12-10 14:00").await;
    let ran = site.service.run_due().await.unwrap();
    assert_eq!((ran.sent, ran.failed, ran.to_call), (1, 0, 0));
    assert_eq!(site.service.run_due().await.unwrap().sent, 0, "sent once");

    let received = receiver.received();
    assert_eq!(received.len(), 1, "what has no template is not sent");
    let request = &received[0];
    assert!(request.head.starts_with("POST /send HTTP/1.1"), "{}", request.head);
    let json = request.json();
    let id = json["id"].as_str().unwrap();
    assert_eq!(request.header("idempotency-key"), id);
    assert!(id.len() == 26 && !id.contains(&number));
    assert_eq!(
        json,
        serde_json::json!({
            "id": id,
            "kind": "moved_onsite",
            "template": "SMS_7",
            "telephone": "13800138001",
            "parameters": { "number": number, "event": "产业链沙龙", "date": "2026年12月10日（周四）14:00" },
        })
    );
    let timestamp = request.header("x-xiangshang-timestamp");
    assert_eq!(timestamp, site.clock.now().0.as_second().to_string());
    let mut hash = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    hash.update(format!("{timestamp}.{}", request.body).as_bytes());
    let signature = data_encoding::HEXLOWER.encode(&hash.finalize().into_bytes());
    assert_eq!(request.header("x-xiangshang-signature"), format!("v1={signature}"));

    let events = site.service.case(&number).await.unwrap().events;
    assert!(events.iter().any(|event| event.by == "自动发送" && event.what == "通知已发出：告知已由线上改到现场"), "{events:?}");
}

#[tokio::test]
async fn whatever_the_receiver_does_a_message_is_sent_again_later_with_the_same_id() {
    let failing = vec![
        Manner::Says(500, String::new()),
        Manner::Hangs,
        Manner::Resets,
        Manner::Closes,
        Manner::Drips,
        Manner::FloodsHead,
        Manner::Babbles,
        Manner::Takes,
    ];
    let receiver = Receiver::that(failing.clone());
    // Two of them are waited for until the end, and a busy machine has to get through the others in that time.
    let webhook = receiver.webhook("moved_onsite=SMS_7").with_timeout(Duration::from_secs(2));
    let site = site(Some(webhook)).await;
    let number = registered(&site, "13800138001").await;
    message(&site, "moved_onsite", &number, "2026-12-10 14:00").await;
    for (attempt, manner) in failing.iter().enumerate() {
        let ran = site.service.run_due().await.unwrap();
        let expected = if matches!(manner, Manner::Takes) { (1, 0) } else { (0, 1) };
        assert_eq!((ran.sent, ran.failed), expected, "{manner:?}");
        assert_eq!(receiver.connections.load(Ordering::SeqCst), attempt + 1);
        // Not before its time: half of the wait has to pass at least.
        assert_eq!(site.service.run_due().await.unwrap().failed, 0, "{manner:?}");
        assert_eq!(receiver.connections.load(Ordering::SeqCst), attempt + 1);
        assert_eq!(site.service.calls().await.unwrap(), [], "it is still being sent");
        site.wait(3600);
    }
    let ids: Vec<String> = receiver.received().iter().map(|request| request.header("idempotency-key").to_owned()).collect();
    assert_eq!(ids.len(), failing.len() - 1, "one was cut off before it was read");
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{ids:?}");
}

#[tokio::test]
async fn an_answer_without_end_is_not_read() {
    let receiver = Receiver::that(vec![Manner::Floods]);
    let site = site(Some(receiver.webhook("moved_onsite=SMS_7"))).await;
    let number = registered(&site, "13800138001").await;
    message(&site, "moved_onsite", &number, "2026-12-10 14:00").await;
    assert_eq!(site.service.run_due().await.unwrap().sent, 1);
}

#[tokio::test]
async fn a_redirect_is_never_followed() {
    let elsewhere = Receiver::that(vec![Manner::Takes]);
    for status in [301, 302, 307, 308] {
        let receiver = Receiver::that(vec![Manner::Says(status, format!("location: {}\r\n", elsewhere.url))]);
        let site = site(Some(receiver.webhook("moved_onsite=SMS_7"))).await;
        let number = registered(&site, "13800138001").await;
        message(&site, "moved_onsite", &number, "2026-12-10 14:00").await;
        let ran = site.service.run_due().await.unwrap();
        assert_eq!((ran.sent, ran.failed), (0, 1), "{status}");
    }
    assert_eq!(elsewhere.connections.load(Ordering::SeqCst), 0, "a telephone number goes nowhere else");
}

#[tokio::test]
async fn what_cannot_be_sent_is_left_to_staff_with_the_reason() {
    let receiver = Receiver::that(vec![Manner::Says(503, String::new())]);
    let site = site(Some(receiver.webhook("moved_onsite=SMS_7,registered=SMS_1"))).await;
    let number = registered(&site, "13800138001").await;
    message(&site, "moved_onsite", &number, "2026-12-10 14:00").await;
    let (mut to_call, mut undelivered, mut passes) = (0, 0, 0);
    while to_call + undelivered < 2 {
        let ran = site.service.run_due().await.unwrap();
        (to_call, undelivered, passes) = (to_call + ran.to_call, undelivered + ran.undelivered, passes + 1);
        assert!(passes <= 8, "it is given up after eight attempts");
        site.wait(3600);
    }
    assert_eq!((to_call, undelivered, passes), (1, 1, 8));
    let rows = site.service.calls().await.unwrap();
    assert_eq!(calls(&rows), [(number.as_str(), "告知已由线上改到现场")]);
    assert_eq!(rows[0].failure.as_deref(), Some("HTTP 503"));
    let dead = site.service.undelivered().await.unwrap();
    assert_eq!(calls(&dead), [(number.as_str(), "告知报名成功")], "they saw it on the receipt: no call, but staff see it");
    site.wait(3600);
    assert_eq!(site.service.run_due().await.unwrap().failed, 0);
    assert_eq!(receiver.received().len(), 16, "it is not sent any more");
    site.service.call_done(&number, &somebody(), None).await.unwrap();
    assert_eq!(site.service.calls().await.unwrap(), []);
}

#[tokio::test]
async fn a_request_that_is_refused_for_good_is_not_repeated() {
    let receiver = Receiver::that(vec![Manner::Says(401, String::new())]);
    let site = site(Some(receiver.webhook("moved_onsite=SMS_7"))).await;
    let number = registered(&site, "13800138001").await;
    message(&site, "moved_onsite", &number, "2026-12-10 14:00").await;
    assert_eq!(site.service.run_due().await.unwrap().to_call, 1);
    assert_eq!(site.service.calls().await.unwrap()[0].failure.as_deref(), Some("HTTP 401"));
}

#[tokio::test]
async fn a_receiver_may_say_how_long_to_wait() {
    let receiver = Receiver::that(vec![Manner::Says(429, "retry-after: 600\r\n".to_owned()), Manner::Takes]);
    let site = site(Some(receiver.webhook("moved_onsite=SMS_7"))).await;
    let number = registered(&site, "13800138001").await;
    message(&site, "moved_onsite", &number, "2026-12-10 14:00").await;
    assert_eq!(site.service.run_due().await.unwrap().failed, 1);
    site.wait(599);
    assert_eq!(site.service.run_due().await.unwrap().sent, 0);
    site.wait(2);
    assert_eq!(site.service.run_due().await.unwrap().sent, 1);
}

#[tokio::test]
async fn passes_at_the_same_time_send_each_message_once() {
    let receiver = Receiver::that(vec![Manner::Takes]);
    let site = site(Some(receiver.webhook("registered=SMS_1,waitlisted=SMS_2"))).await;
    for person in 0..7 {
        registered(&site, &format!("1380013800{person}")).await;
    }
    let passes = (0..6).map(|_| {
        let service = site.service.clone();
        tokio::spawn(async move { service.run_due().await.unwrap().sent })
    });
    let mut sent = 0;
    for pass in passes.collect::<Vec<_>>() {
        sent += pass.await.unwrap();
    }
    let mut ids: Vec<String> = receiver.received().iter().map(|request| request.header("idempotency-key").to_owned()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((sent, ids.len(), receiver.received().len()), (7, 7, 7));
}

#[tokio::test]
async fn nothing_of_an_event_that_has_begun_is_sent() {
    let receiver = Receiver::that(vec![Manner::Takes]);
    let site = site(Some(receiver.webhook("registered=SMS_1,moved_onsite=SMS_7"))).await;
    let number = registered(&site, "13800138001").await;
    message(&site, "moved_onsite", &number, "2026-12-10 14:00").await;
    site.wait(10 * 24 * 3600);
    let ran = site.service.run_due().await.unwrap();
    assert_eq!((ran.sent, ran.to_call, ran.undelivered), (0, 1, 1), "an outage has lasted too long");
    assert_eq!(receiver.received().len(), 0);
}

#[tokio::test]
async fn no_offer_is_sent_at_night() {
    let receiver = Receiver::that(vec![Manner::Takes]);
    let site = site(Some(receiver.webhook("offered=SMS_9"))).await;
    let mut numbers = Vec::new();
    for person in 0..6 {
        numbers.push(registered(&site, &format!("1380013800{person}")).await);
    }
    // The room is full, and one waits. Six minutes past nine in the morning it is; half a minute before 21:00 a seat comes free.
    site.wait(11 * 3600 + 53 * 60 + 30);
    site.service.cancel(&numbers[0].parse().unwrap(), By::Person).await.unwrap();
    site.wait(60);
    let ran = site.service.run_due().await.unwrap();
    assert_eq!((ran.sent, ran.next), (0, Some("2026-12-02 08:00".parse().unwrap())));
    let rows = site.service.calls().await.unwrap();
    assert_eq!(rows, [], "nobody is called at night either");
    site.wait(10 * 3600 + 59 * 60);
    assert_eq!(site.service.run_due().await.unwrap().sent, 0, "07:59");
    site.wait(60);
    assert_eq!(site.service.run_due().await.unwrap().sent, 1, "08:00");
}
