//! What visitors meet between the first step and the receipt: what they saw is what is committed, a refusal offers ways on, and forms that
//! need nothing but a declaration.

use domain::{Attendance, Session};
use functions::Config;

use crate::given::{CONSENT, NEED, Site, appeal_form, intake_form, manifest, of, registrant, registration_form, session, with};

/// The value of a hidden field of the page.
fn hidden(page: &str, name: &str) -> String {
    let field = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("no `{name}` in {page}")).1;
    field.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn what_was_changed_in_another_window_is_shown_again_before_it_is_committed() {
    let site = Site::open().await;
    let draft = site.registration_draft(&registrant("13900139000", "示例商贸")).await;
    let seen = hidden(&site.get(&format!("{draft}/review")).await.text, "seen");
    // The other window.
    let step = format!("{draft}/attendee");
    site.post(&step, &with(&registrant("13900139000", "示例商贸"), "name", "王建国")).await.goes_to();
    site.wait(60);
    let values = |seen| [CONSENT, &[("seen", seen)]].concat();
    let again = site.post(&format!("{draft}/confirm"), &values(&seen)).await;
    again.expect(409, &["内容刚刚改过", "王建国", "错误："]);
    assert!(site.service.roster("salon").await.unwrap().rows.is_empty(), "nothing was committed");
    let seen = hidden(&again.text, "seen");
    let receipt = site.post(&format!("{draft}/confirm"), &values(&seen)).await.goes_to();
    site.get(&receipt).await.expect(200, &["报名成功"]);
}

#[tokio::test]
async fn a_refusal_keeps_what_was_typed_and_leads_to_the_question_concerned() {
    let site =
        Site::with(Config::default(), manifest(vec![Session { waitlist: false, onsite_seats: 2, ..session("salon") }])).await;
    site.register(&registrant("13900139001", "甲公司")).await.goes_to();
    let draft = site.registration_draft(&registrant("13900139002", "乙公司")).await;
    site.wait(60);
    let refused = site.post(&format!("{draft}/confirm"), CONSENT).await;
    refused.expect(409, &["没有报上名", "名额已满", "乙公司", &format!("href=\"{draft}/attendee#field-attendance\""), "/track/"]);
    // The draft lives on: another way of taking part has room.
    site.post(&format!("{draft}/attendee"), &with(&registrant("13900139002", "乙公司"), "attendance", "online")).await.goes_to();
    site.post(&format!("{draft}/confirm"), CONSENT).await.goes_to();
}

#[tokio::test]
async fn a_session_that_closed_meanwhile_says_so_on_every_page_of_its_form() {
    let site = Site::open().await;
    let draft = site.registration_draft(&registrant("13900139000", "示例商贸")).await;
    for (change, words) in [
        (Session { cancelled: true, ..session("salon") }, "本场活动已取消"),
        (Session { postponed: true, ..session("salon") }, "本场活动改期"),
        (Session { deadline: "2026-12-01 08:00".parse().unwrap(), ..session("salon") }, "报名已于"),
    ] {
        site.service.publish(manifest(vec![change])).await.unwrap();
        for page in ["attendee", "review"] {
            site.get(&format!("{draft}/{page}")).await.expect(409, &[words, "/activities/salon/"]);
        }
        site.post("/f/registration", &registrant("13900139009", "丙公司")).await.expect(409, &[words]);
    }
}

#[tokio::test]
async fn where_there_is_one_way_to_take_part_it_is_neither_asked_nor_hinted_at() {
    let onsite = Session { attendance: Attendance::Onsite, online_seats: 0, ..session("salon") };
    let site = Site::with(Config::default(), manifest(vec![onsite])).await;
    let page = site.post("/f/registration", &with(&registrant("13900139000", "示例商贸"), "name", "")).await;
    page.expect(422, &["错误："]);
    assert!(!page.text.contains("name=\"attendance\"") && !page.text.contains("线上"), "{}", page.text);
    let draft = site.registration_draft(&registrant("13900139000", "示例商贸")).await;
    site.wait(60);
    let receipt = site.post(&format!("{draft}/confirm"), CONSENT).await.goes_to();
    site.get(&receipt).await.expect(200, &["现场名额"]);
}

#[tokio::test]
async fn a_static_page_is_told_how_many_seats_are_left() {
    let closed = Session { cancelled: true, ..session("closed") };
    let site = Site::with(Config::default(), manifest(vec![session("salon"), closed])).await;
    site.register(&registrant("13900139001", "甲公司")).await.goes_to();
    let reply = site.get("/f/seats/salon+closed+nowhere").await;
    reply.expect(200, &[]);
    assert_eq!(reply.headers["cache-control"], "public, max-age=0, s-maxage=5");
    let seats: serde_json::Value = serde_json::from_str(&reply.text).unwrap();
    assert_eq!(seats["at"], "09:01");
    assert_eq!(seats["seats"]["salon"]["words"], "还有 4 个现场名额、2 个线上名额");
    assert_eq!(seats["seats"]["closed"], serde_json::json!({ "words": "本场活动已取消，不再接受报名", "free": false }));
    assert!(seats["seats"]["nowhere"].is_null());
    site.get("/f/seats/nowhere").await.expect(404, &["没有找到这一场"]);
}

#[tokio::test]
async fn a_further_form_needs_only_its_declaration() {
    let forms = vec![appeal_form(), registration_form(), intake_form()];
    let site = Site::with(Config::default(), of(forms, vec![session("salon")])).await;
    assert_eq!(site.get("/f/library").await.goes_to(), "/library/");
    let review = site.post("/f/library", NEED).await.goes_to();
    site.get(&review).await.expect(200, &["收购季节要用 50 万元周转三个月", "确认并提交对接申请"]);
    site.wait(60);
    let confirm = review.replace("/review", "/confirm");
    let receipt = site.post(&confirm, CONSENT).await.goes_to();
    assert_eq!(site.post(&confirm, CONSENT).await.goes_to(), receipt, "a double click makes one");
    let page = site.get(&receipt).await;
    page.expect(200, &["对接申请已收到", "最迟在2026年12月2日（周三）17:30前", "谈完以后我们问一声结果。"]);
    let (number, code) = page.number_and_code();
    assert!(number.starts_with("XB261201"), "{number}");

    let found = site.post("/f/track", &[("number", &number), ("code", &code)]).await;
    found.expect(200, &["已收到，等待联系", "三库对接", "1 个工作日"]);
    assert!(!found.text.contains("50 万元") && !found.text.contains("示例食品"), "the tracker shows nothing that was sealed");

    let inbox = site.service.inbox(usize::MAX).await.unwrap().rows;
    assert_eq!(
        inbox.iter().map(|row| (row.number.as_str(), row.category.as_str())).collect::<Vec<_>>(),
        [(number.as_str(), "三库对接")]
    );
    let case = site.service.case(&number).await.unwrap();
    assert_eq!((case.kind.as_str(), case.sealed.len()), ("三库对接", 3));
}

#[tokio::test]
async fn a_slot_is_booked_by_the_form_that_it_names_and_by_no_other() {
    let reception = domain::form::Form { id: "reception".to_owned(), ..registration_form() };
    let slot = Session { form: "reception".to_owned(), waitlist: false, onsite_seats: 1, onsite_reserved: 0, ..session("salon") };
    let site = Site::with(Config::default(), of(vec![appeal_form(), registration_form(), reception], vec![slot])).await;
    site.post("/f/registration", &registrant("13900139001", "甲公司")).await.expect(404, &["没有找到这一场"]);
    let review = site.post("/f/reception", &registrant("13900139001", "甲公司")).await.goes_to();
    site.wait(60);
    site.post(&review.replace("/review", "/confirm"), CONSENT).await.goes_to();
    let review = site.post("/f/reception", &registrant("13900139002", "乙公司")).await.goes_to();
    site.wait(60);
    site.post(&review.replace("/review", "/confirm"), CONSENT).await.expect(409, &["名额已满"]);
}
