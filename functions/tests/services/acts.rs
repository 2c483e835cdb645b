//! What registrants do later, through the router: each act is named before it is done, told afterwards, and done by whoever has number and
//! code; and the door.

use domain::Session;
use functions::Config;
use icalendar::{Calendar, CalendarComponent, Component, EventStatus};

use crate::given::{CONSENT, Reply, Site, hidden, manifest, registrant, session, with};

/// One seat in the room and a queue.
async fn one_seat() -> Site {
    Site::with(Config::default(), manifest(vec![Session { onsite_seats: 2, firm_limit: 3, ..session("salon") }])).await
}

/// Registers; number and code.
async fn registered(site: &Site, mobile: &str, company: &str) -> (String, String) {
    let receipt = site.register(&registrant(mobile, company)).await.goes_to();
    site.get(&receipt).await.number_and_code()
}

async fn tracked(site: &Site, (number, code): &(String, String)) -> Reply {
    let page = site.post("/f/track", &[("number", number), ("code", code)]).await;
    page.expect(200, &[number]);
    page
}

/// Presses a button of the tracker's page and then the one that does it; what came of it.
async fn does(site: &Site, who: &(String, String), act: &str) -> Reply {
    let page = tracked(site, who).await;
    assert!(page.text.contains(&format!("action=\"/f/act/{act}\"")), "no `{act}` in {}", page.text);
    let named = site.post(&format!("/f/act/{act}"), &[("token", &hidden(&page.text, "token"))]).await;
    named.expect(200, &["stage\" value=\"sure\""]);
    let sure = [("token", hidden(&named.text, "token")), ("stage", "sure".to_owned())];
    let sure: Vec<(&str, &str)> = sure.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let done = site.post(&format!("/f/act/{act}"), &sure).await.goes_to();
    assert!(done.starts_with("/f/done/"), "{done}");
    site.get(&done).await
}

#[tokio::test]
async fn an_act_is_named_before_it_is_done_and_told_afterwards() {
    let site = Site::open().await;
    let who = registered(&site, "13900139001", "甲公司").await;
    let page = tracked(&site, &who).await;
    let token = hidden(&page.text, "token");
    assert!(!page.text.contains(&who.1), "the code stands on no page but the receipt");
    site.post("/f/act/cancel", &[("token", &token)])
        .await
        .expect(200, &["取消报名", "还没有取消", "确认取消报名", "不改动，返回"]);
    tracked(&site, &who).await.expect(200, &["报名成功（现场席位）"]);

    does(&site, &who, "cancel").await.expect(200, &["报名已取消", "名额已经让给别人", "重新报名"]);
    let page = tracked(&site, &who).await;
    page.expect(200, &["已取消"]);
    assert!(!page.text.replace("/f/act/stored", "").contains("/f/act/"), "there is nothing left to do");
    // The button once more, from a page that was still open.
    let again = site.post("/f/act/cancel", &[("token", &token), ("stage", "sure")]).await.goes_to();
    site.get(&again).await.expect(200, &["报名已取消"]);
}

#[tokio::test]
async fn a_seat_that_comes_free_is_offered_accepted_changed_and_given_up() {
    let site = one_seat().await;
    let first = registered(&site, "13900139001", "甲公司").await;
    let second = registered(&site, "13900139002", "乙公司").await;
    tracked(&site, &second).await.expect(200, &["候补第 1 位", "退出候补"]);
    does(&site, &first, "cancel").await.expect(200, &["报名已取消"]);
    tracked(&site, &second).await.expect(200, &["接受名额", "放弃名额", "为您保留"]);
    does(&site, &second, "accept").await.expect(200, &["报名成功", "现场席位"]);
    tracked(&site, &second).await.expect(200, &["报名成功（现场席位）", "签到码", "/f/qr/salon/", "/f/calendar/"]);

    let third = registered(&site, "13900139003", "丙公司").await;
    does(&site, &third, "leave").await.expect(200, &["已退出候补"]);
    let fourth = registered(&site, "13900139004", "丁公司").await;
    does(&site, &second, "cancel").await.expect(200, &["报名已取消"]);
    does(&site, &fourth, "decline").await.expect(200, &["已放弃名额"]);
    // Too late: the offer is gone.
    let page = tracked(&site, &fourth).await;
    assert!(!page.text.contains("/f/act/accept"), "{}", page.text);
}

#[tokio::test]
async fn a_change_is_asked_for_checked_shown_and_made() {
    let site = one_seat().await;
    let who = registered(&site, "13900139001", "甲公司").await;
    let token = hidden(&tracked(&site, &who).await.text, "token");
    let asked = site.post("/f/act/change", &[("token", &token)]).await;
    asked.expect(200, &["更改报名", "怎样参加", "一共几人", "同行人姓名"]);
    assert!(asked.text.contains("value=\"onsite\" checked"), "what was chosen stands there: {}", asked.text);

    let change = |attendance: &'static str, stage: &'static str| {
        let token = token.clone();
        let site = &site;
        async move {
            let values =
                [("token", token.as_str()), ("stage", stage), ("attendance", attendance), ("party", "2"), ("companions", "张三")];
            site.post("/f/act/change", &values).await
        }
    };
    let wrong = [("token", token.as_str()), ("stage", "answers"), ("attendance", "online"), ("party", "2"), ("companions", "")];
    site.post("/f/act/change", &wrong).await.expect(422, &["请另外写出 1 位同行人员的姓名", "错误："]);
    // There is one seat in the room: what they have stays.
    let no = change("onsite", "sure").await.goes_to();
    site.get(&no).await.expect(200, &["没有办成：更改报名", "原来的报名不变", "报名成功（现场席位）"]);

    change("online", "answers").await.expect(200, &["还没有更改", "1 人 → 2 人", "现场 → 线上", "张三", "确认更改"]);
    let done = change("online", "sure").await.goes_to();
    site.get(&done).await.expect(200, &["报名已更改", "报名成功（线上席位）", "2 人"]);
    let page = tracked(&site, &who).await;
    page.expect(200, &["报名已修改：2 人，线上"]);
    assert!(!page.text.contains("张三"), "the tracker shows no names");
}

#[tokio::test]
async fn nothing_is_done_without_a_token_of_ours_or_after_half_an_hour() {
    let site = Site::open().await;
    let who = registered(&site, "13900139001", "甲公司").await;
    let token = hidden(&tracked(&site, &who).await.text, "token");
    assert_eq!(site.get("/f/act/cancel").await.goes_to(), "/track/");
    for made_up in ["", "abc", &token[1..]] {
        let refused = site.post("/f/act/cancel", &[("token", made_up), ("stage", "sure")]).await;
        refused.expect(410, &["重新输入编号和查询码"]);
    }
    site.wait(31 * 60);
    site.post("/f/act/cancel", &[("token", &token), ("stage", "sure")]).await.expect(410, &["什么也没有改"]);
    tracked(&site, &who).await.expect(200, &["报名成功（现场席位）"]);
    site.get("/f/done/abc").await.expect(410, &["/track/"]);
}

#[tokio::test]
async fn the_calendar_of_a_registration_follows_what_becomes_of_it() {
    let site = Site::open().await;
    let receipt = site.register(&registrant("13900139001", "甲公司")).await.goes_to();
    let page = site.get(&receipt).await;
    let who = page.number_and_code();
    let address = page.text.split_once("href=\"/f/calendar/").unwrap().1.split('"').next().unwrap();
    let address = format!("/f/calendar/{address}");
    let status = || async {
        let reply = site.get(&address).await;
        reply.expect(200, &[]);
        assert_eq!(reply.headers["content-type"], "text/calendar; charset=utf-8");
        let calendar: Calendar = reply.text.parse().unwrap();
        let event = calendar.iter().find_map(CalendarComponent::as_event).unwrap().clone();
        assert_eq!(event.get_uid(), Some("salon@xiangshang.example"));
        assert!(event.get_description().unwrap().contains(&who.0), "{event:?}");
        (calendar.property_value("METHOD").unwrap().to_owned(), event.get_status())
    };
    assert_eq!(status().await, ("PUBLISH".to_owned(), Some(EventStatus::Confirmed)));
    site.service.publish(manifest(vec![Session { postponed: true, ..session("salon") }])).await.unwrap();
    assert_eq!(status().await, ("PUBLISH".to_owned(), Some(EventStatus::Tentative)));
    site.service.publish(manifest(vec![session("salon")])).await.unwrap();
    does(&site, &who, "cancel").await.expect(200, &["报名已取消"]);
    assert_eq!(status().await, ("CANCEL".to_owned(), Some(EventStatus::Cancelled)));
    site.get("/f/calendar/abc.ics").await.expect(404, &["没有这个日历文件"]);
}

#[tokio::test]
async fn the_door_lets_in_once_or_twice_and_opening_a_page_records_nothing() {
    let site = Site::open().await;
    let who = registered(&site, "13900139001", "甲公司").await;
    let page = tracked(&site, &who).await;
    let digits = page.text.split_once("/f/qr/salon/").unwrap().1.split('.').next().unwrap().to_owned();
    assert_eq!(digits.len(), 6);
    let picture = site.get_bytes(&format!("/f/qr/salon/{digits}.png")).await;
    assert_eq!((picture.0.as_str(), &picture.1[..4]), ("image/png", &b"\x89PNG"[..]));

    let enter = |code: String| {
        let site = &site;
        async move { site.post("/f/checkin/salon", &[("code", code.as_str())]).await }
    };
    enter(digits.clone()).await.expect(409, &["没有签到", "签到还没有开始", "12月10日"]);
    // Ten in the morning of 2026-12-10 is too early, noon is not.
    site.wait_until("2026-12-10 12:30");
    site.get("/f/checkin/salon").await.expect(200, &["签到", "产业链沙龙"]);
    site.get(&format!("/f/checkin/salon/{digits}")).await.expect(200, &["确认签到", &digits[..3]]);
    tracked(&site, &who).await.expect(200, &["报名成功（现场席位）"]);
    enter("00 00".to_owned()).await.expect(422, &["请填写 6 位签到码", "错误："]);
    let other = format!("{:06}", (digits.parse::<u32>().unwrap() + 1) % 1_000_000);
    enter(other).await.expect(422, &["没有这个签到码"]);
    enter(format!("{} {}", &digits[..3], &digits[3..])).await.expect(200, &["签到成功", "现场席位，1 人"]);
    enter(digits.clone()).await.expect(200, &["已经签到过，请进"]);
    tracked(&site, &who).await.expect(200, &["已签到"]);
    site.get("/f/checkin/nowhere").await.expect(404, &["没有找到这一场"]);
}

#[tokio::test]
async fn a_session_that_is_cancelled_or_moved_says_so_to_who_registered() {
    let site = Site::open().await;
    let who = registered(&site, "13900139001", "甲公司").await;
    let moved =
        Session { start: "2026-12-11 14:00".parse().unwrap(), end: "2026-12-11 17:00".parse().unwrap(), ..session("salon") };
    site.service.publish(manifest(vec![moved])).await.unwrap();
    tracked(&site, &who).await.expect(200, &["时间或地点改过了", "2026年12月11日（周五）14:00"]);
    site.service.publish(manifest(vec![Session { cancelled: true, ..session("salon") }])).await.unwrap();
    let page = tracked(&site, &who).await;
    page.expect(200, &["本场活动已取消，不用再来"]);
    assert!(!page.text.replace("/f/act/stored", "").contains("/f/act/") && !page.text.contains("/f/qr/"), "{}", page.text);
}

#[tokio::test]
async fn two_sessions_at_the_same_time_are_warned_of_without_naming_the_other() {
    let other = Session { title: "另一场".to_owned(), ..session("other") };
    let site = Site::with(Config::default(), manifest(vec![session("salon"), other])).await;
    registered(&site, "13900139001", "甲公司").await;
    let draft = site.registration_draft(&with(&registrant("13900139001", "甲公司"), "session", "other")).await;
    let review = site.get(&format!("{draft}/review")).await;
    review.expect(200, &["时间重叠的另一场"]);
    assert!(!review.text.contains("产业链沙龙"), "whoever types somebody's telephone learns nothing of where they go");
    site.wait(60);
    site.post(&format!("{draft}/confirm"), CONSENT).await.goes_to();
}
