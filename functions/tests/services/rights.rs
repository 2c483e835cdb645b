//! What people may ask of what is stored about them, with number and code: to see it, to put it right, to take it along, to have it erased;
//! and what is erased by itself once it was kept as long as was promised.

use std::sync::Arc;

use domain::{
    appeal::{Event, firm},
    erasure::Why,
    value::text::search_key,
};
use functions::{
    Clock, Config,
    office::{Operator, Remarks, Span, Taken, Tier, Work, Worked},
    seal::Keys,
    table::{Cursor, Item, Query, Table, query_all, sqlite::Sqlite},
};

use crate::{
    cloud,
    given::{
        self, CONSENT, NEED, PERSON, Reply, Site, appeal_form, hidden, intake_form, of, registrant, registration_form, rows,
        session, with,
    },
};

/// A site with all kinds of forms, and its table.
struct World {
    site: Site,
    table: Arc<dyn Table>,
    clock: Clock,
}

type Who = (String, String);

fn staff() -> Operator {
    Operator("张敏".to_owned())
}

impl World {
    async fn on(table: Arc<dyn Table>, clock: Clock) -> World {
        let config = Config { slow_down: std::time::Duration::ZERO, ..Config::default() };
        let site = Site::on_table(table.clone(), tempfile::tempdir().unwrap(), clock.clone(), config).await;
        site.service.publish(of(vec![appeal_form(), registration_form(), intake_form()], vec![session("salon")])).await.unwrap();
        World { site, table, clock }
    }

    async fn sqlite() -> (tempfile::TempDir, World) {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::standing_at(given::start());
        let table = Arc::new(Sqlite::open(&folder.path().join("table.db"), clock.clone()).unwrap());
        (folder, World::on(table, clock).await)
    }

    async fn registered(&self, mobile: &str, company: &str) -> Who {
        let receipt = self.site.register(&registrant(mobile, company)).await.goes_to();
        self.site.get(&receipt).await.number_and_code()
    }

    async fn intake(&self) -> Who {
        let review = self.site.post("/f/library", NEED).await.goes_to();
        self.site.wait(60);
        let receipt = self.site.post(&review.replace("/review", "/confirm"), CONSENT).await.goes_to();
        self.site.get(&receipt).await.number_and_code()
    }

    async fn tracked(&self, (number, code): &Who) -> Reply {
        let page = self.site.post("/f/track", &[("number", number), ("code", code)]).await;
        page.expect(200, &[number]);
        page
    }

    /// Posts an act with the token of the tracker's page.
    async fn act(&self, who: &Who, act: &str, values: &[(&str, &str)]) -> Reply {
        let token = hidden(&self.tracked(who).await.text, "token");
        let values: Vec<(&str, &str)> = [("token", token.as_str())].into_iter().chain(values.iter().copied()).collect();
        self.site.post(&format!("/f/act/{act}"), &values).await
    }

    async fn done(&self, who: &Who, act: &str, values: &[(&str, &str)]) -> Reply {
        let done = self.act(who, act, values).await.goes_to();
        self.site.get(&done).await
    }

    async fn work(&self, number: &str, work: Work, note: &str) {
        let remarks = Remarks { note: Some(note.to_owned()), private: Some(format!("内部：{note}")) };
        let worked = self.site.service.work(number, &work, &remarks, &staff()).await.unwrap();
        assert!(matches!(worked, Worked::Done { .. }), "{worked:?}");
    }

    /// An appeal that was worked on to its end.
    async fn closed(&self) -> Who {
        let who = self.site.appeal().await;
        let number = who.0.as_str();
        self.work(number, Work::Accept, "").await;
        self.work(number, Work::AnswerOnTheSpot, "已经告诉王建国怎样办。").await;
        self.work(number, Work::FollowUp { solved: firm::Solved::Yes, content: firm::Content::Satisfied }, "").await;
        self.work(number, Work::Close, "").await;
        who
    }

    /// All that is stored and has not expired.
    async fn raw(&self) -> Vec<Item> {
        let (mut items, mut after) = (Vec::new(), None::<Cursor>);
        loop {
            let page = self.table.scan(7, after).await.unwrap();
            items.extend(page.items);
            after = page.next;
            if after.is_none() {
                return items;
            }
        }
    }

    async fn stands(&self, text: &str) -> bool {
        let keys = |item: &Item| -> String {
            let index = item.index.iter().flatten().map(ToString::to_string).collect::<String>();
            format!("{}{index}{}", item.key, String::from_utf8_lossy(&item.body))
        };
        self.raw().await.iter().any(|item| keys(item).contains(text))
    }

    /// How an answer is found by its exact value.
    fn blind(&self, field: &str, value: &str) -> String {
        let text = std::fs::read_to_string(self.site.folder.path().join("keys/site.key")).unwrap();
        let master = text.split_whitespace().nth(1).unwrap();
        let master: [u8; 32] = data_encoding::BASE64.decode(master.as_bytes()).unwrap().try_into().unwrap();
        Keys::from_master(&master).blind(field, &search_key(value))
    }

    async fn events(&self, number: &str) -> Vec<Event> {
        let items = query_all(self.table.as_ref(), Query::prefix(format!("CASE#{number}"), "EVENT#")).await.unwrap();
        items.iter().map(|item| item.read().unwrap()).collect()
    }

    /// Nothing that is stored of `number` opens to a word or is found by one.
    async fn nothing_is_left(&self, number: &str, values: &[(&str, &str)]) {
        for (field, value) in values {
            let blind = self.blind(field, value);
            assert!(!self.stands(&blind).await, "`{value}` of {number} is still found by `{field}`");
            assert!(!self.stands(value).await, "{value}");
            assert!(!self.site.service.find(field, value).await.unwrap().contains(&number.to_owned()));
        }
        assert_eq!(self.site.service.reveal(number, &staff(), "核对").await.unwrap(), [], "{number}");
        let items = query_all(self.table.as_ref(), Query::all(format!("CASE#{number}"))).await.unwrap();
        for item in items.iter().filter(|item| !item.key.sort.starts_with("EVENT#")) {
            // Format and key id of whatever is sealed begin alike; nothing of the kind is left.
            let body = String::from_utf8_lossy(&item.body);
            assert!(!body.contains("\"sealed\":{\""), "{}: {body}", item.key);
        }
    }
}

#[tokio::test]
async fn somebody_sees_all_that_is_stored_why_until_when_and_who_has_seen_it() {
    let (_folder, world) = World::sqlite().await;
    let who = world.site.appeal().await;
    world.site.service.reveal(&who.0, &staff(), "首次联系").await.unwrap();
    world.work(&who.0, Work::Accept, "已经核实").await;
    world.site.service.ledger(Tier::Leaders, Span::default(), &staff()).await.unwrap();
    world.site.service.ledger(Tier::Public, Span::default(), &staff()).await.unwrap();
    let tracker = world.tracked(&who).await;
    assert!(!tracker.text.contains("王建国"), "the tracker itself shows no names");
    let page = world.act(&who, "stored", &[]).await;
    page.expect(
        200,
        &[
            "我们存了您的什么",
            "相山示例食品有限公司",
            "王建国",
            "13800138000",
            "路面塌陷",
            "加密保存，可按原文查找",
            "我愿意收到通知",
            "没有勾选",
            "诉求已受理：已经核实",
            "首次联系",
            "报送区领导",
            "办结后 24 个月",
            "另有 1 条工作人员的内部备注",
        ],
    );
    assert!(!page.text.contains("内部：") && !page.text.contains("报送公开") && !page.text.contains("张敏"), "{}", page.text);
    assert!(!page.text.contains(&who.1), "the code stands on no page but the receipt");
    assert_eq!(page.headers["cache-control"], "no-store");

    let copy = world.act(&who, "copy", &[]).await;
    copy.expect(200, &["<pre", "联系人：王建国", "存成文件"]);
    let file = world.act(&who, "copy", &[("stage", "file")]).await;
    assert!(file.headers["content-disposition"].to_str().unwrap().contains(&format!("{}.json", who.0)));
    let read: serde_json::Value = serde_json::from_str(&file.text).unwrap();
    assert_eq!(read["编号"], who.0.as_str());
    assert!(file.text.contains("13800138000"));
    // What a messenger fetches by itself tells nothing.
    for act in ["stored", "copy", "correct", "erase"] {
        assert_eq!(world.site.get(&format!("/f/act/{act}")).await.goes_to(), "/track/");
    }
    let registered = world.registered("13900139001", "甲公司").await;
    world.act(&registered, "stored", &[]).await.expect(200, &["李秀英", "13900139001", "2027年6月10日"]);
    let intake = world.intake().await;
    world.act(&intake, "stored", &[]).await.expect(200, &["收购季节要用", "还没有工作人员打开过"]);
    world.act(&intake, "cancel", &[]).await.expect(404, &[]);
}

async fn a_telephone_is_put_right_and_nobody_is_found_by_the_old_one(world: &World) {
    let who = world.site.appeal().await;
    let form = world.act(&who, "correct", &[]).await;
    form.expect(200, &["更正我的信息", "value=\"王建国\"", "value=\"13800138000\"", "保存更正"]);
    assert!(!form.text.contains("路面塌陷"), "what happened is not put right but added to");
    let wrong = with(&with(PERSON, "mobile", "138"), "stage", "answers");
    world.act(&who, "correct", &wrong).await.expect(422, &["错误：", "11 位手机号"]);
    let same = with(PERSON, "stage", "answers");
    world.done(&who, "correct", &same).await.expect(200, &["没有改动"]);

    let right = with(&with(&same, "mobile", "13911112222"), "contact", "王建民");
    world.done(&who, "correct", &right).await.expect(200, &["信息已更正"]);
    world.act(&who, "stored", &[]).await.expect(200, &["13911112222", "王建民", "更正了：联系人、手机号"]);
    let service = &world.site.service;
    assert_eq!(service.find("mobile", "13911112222").await.unwrap(), std::slice::from_ref(&who.0));
    assert_eq!(service.find("mobile", "13800138000").await.unwrap(), [] as [String; 0]);
    assert_eq!(service.find("company", "相山示例食品有限公司").await.unwrap(), std::slice::from_ref(&who.0));
    assert!(!world.stands(&world.blind("mobile", "13800138000")).await);
    let events = world.events(&who.0).await;
    assert_eq!(events.len(), 2);
    domain::appeal::verify_chain(&events).unwrap();

    let intake = world.intake().await;
    let right = with(&with(NEED, "mobile", "13933334444"), "stage", "answers");
    world.done(&intake, "correct", &right).await.expect(200, &["信息已更正"]);
    assert_eq!(service.find("mobile", "13933334444").await.unwrap(), std::slice::from_ref(&intake.0));
    let file = service.case(&intake.0).await.unwrap();
    assert!(file.events.iter().any(|event| event.by == "本人" && event.what.contains("手机号")), "{:?}", file.events);
}

async fn one_telephone_has_one_live_registration_whatever_is_put_right(world: &World) {
    let first = world.registered("13900139001", "甲公司").await;
    let second = world.registered("13900139002", "乙公司").await;
    let corrected = |mobile: &'static str, company: &'static str| {
        vec![("stage", "answers"), ("name", "李秀兰"), ("mobile", mobile), ("company", company)]
    };
    let form = world.act(&first, "correct", &[]).await;
    form.expect(200, &["value=\"李秀英\""]);
    assert!(!form.text.contains("name=\"party\""), "how many come is changed elsewhere: {}", form.text);
    world.done(&first, "correct", &corrected("13900139002", "甲公司")).await.expect(200, &["没有更正", "已经报过这一场"]);
    world.done(&first, "correct", &corrected("13900139003", "丙公司")).await.expect(200, &["信息已更正"]);
    assert!(!world.stands(&world.blind("mobile", "13900139001")).await);
    assert!(!world.stands(&world.blind("company", "甲公司")).await, "nor is a share of the old firm counted");
    // The old telephone is free, the new one taken.
    let third = world.registered("13900139001", "丙公司").await;
    world.tracked(&third).await.expect(200, &["报名成功"]);
    let twice = world.site.register(&registrant("13900139003", "丁公司")).await;
    twice.expect(409, &["已经报过这一场"]);
    // The firm's share is theirs: two of 丙公司 are here.
    world.done(&second, "correct", &corrected("13900139002", "丙公司")).await.expect(200, &["没有更正"]);
    world.tracked(&first).await.expect(200, &["本人更正了信息"]);
    assert_eq!(world.site.service.roster("salon").await.unwrap().rows.len(), 3);
}

async fn what_is_erased_is_gone_and_its_proof_stays(world: &World) {
    let service = &world.site.service;
    let open = world.site.appeal().await;
    world.act(&open, "erase", &[]).await.expect(200, &["现在还不能删除", "先撤回诉求"]);
    let refused = world.done(&open, "erase", &[("stage", "sure")]).await;
    refused.expect(200, &["没有删除", "正在办理"]);
    world.done(&open, "withdraw", &[("stage", "sure")]).await.expect(200, &["诉求已撤回"]);
    service.ledger(Tier::Environment, Span::default(), &staff()).await.unwrap();
    service.call_tried(&open.0, &staff(), Some("王建国不在")).await.unwrap_err();
    let named = world.act(&open, "erase", &[]).await;
    named.expect(200, &["还没有删除", "编进过 1 次台账", "报送营商环境部门", "收不回来", "确认删除"]);
    let token = hidden(&named.text, "token");
    world.done(&open, "erase", &[("stage", "sure")]).await.expect(200, &["已删除", "删除时间"]);
    let page = world.tracked(&open).await;
    page.expect(200, &["信息已删除", "2026年12月1日", "按本人要求删除", "收不回来"]);
    assert!(!page.text.contains("/f/act/"), "there is nothing left to do");
    // The button once more, and any other from a page that was still open.
    for act in ["erase", "stored", "correct", "reopen", "show"] {
        let again = world.site.post(&format!("/f/act/{act}"), &[("token", &token), ("stage", "sure")]).await;
        again.expect(200, &["信息已删除"]);
        assert!(!again.text.contains("王建国"));
    }

    let closed = world.closed().await;
    service.call_done(&closed.0, &staff(), Some("王建国说谢谢")).await.ok();
    world.done(&closed, "erase", &[("stage", "sure")]).await.expect(200, &["已删除"]);
    let registered = world.registered("13900139001", "甲公司").await;
    world.act(&registered, "erase", &[]).await.expect(200, &["现在还不能删除", "先取消报名"]);
    world.done(&registered, "cancel", &[("stage", "sure")]).await.expect(200, &["报名已取消"]);
    world.done(&registered, "erase", &[("stage", "sure")]).await.expect(200, &["已删除"]);
    let intake = world.intake().await;
    world.act(&intake, "erase", &[]).await.expect(200, &["不再办理", "确认删除"]);
    world.done(&intake, "erase", &[("stage", "sure")]).await.expect(200, &["已删除"]);
    world.tracked(&intake).await.expect(200, &["信息已删除"]);

    let of_firm = [("company", "相山示例食品有限公司"), ("mobile", "13800138000")];
    for number in [&open.0, &closed.0, &intake.0] {
        world.nothing_is_left(number, &of_firm).await;
    }
    world.nothing_is_left(&registered.0, &[("company", "甲公司"), ("mobile", "13900139001")]).await;
    for number in [&open.0, &closed.0] {
        let events = world.events(number).await;
        domain::appeal::verify_chain(&events).unwrap();
        assert_eq!(events.last().unwrap().to, domain::appeal::State::Archived);
    }
    assert_eq!(service.calls().await.unwrap(), [], "nobody is called any more");
    assert_eq!(service.inbox(usize::MAX).await.unwrap().rows, []);
    let proofs = service.erasures().await.unwrap();
    assert_eq!(proofs.broken, None);
    let of: Vec<_> = proofs.proofs.iter().map(|proof| (proof.number.as_str(), proof.erased.why, proof.amount.answers)).collect();
    assert_eq!(
        of,
        [
            (open.0.as_str(), Why::Asked, 5),
            (closed.0.as_str(), Why::Asked, 5),
            (registered.0.as_str(), Why::Asked, 3),
            (intake.0.as_str(), Why::Asked, 3)
        ]
    );
    // Numbers and dates stay in the ledger and on record; who it was does not.
    let ledger = rows(service.ledger(Tier::Leaders, Span::default(), &staff()).await.unwrap()).await;
    assert_eq!(ledger.len(), 2);
    assert!(ledger.iter().flatten().all(|cell| !cell.contains("王建国") && !cell.contains("13800138000")), "{ledger:?}");
    assert_eq!(service.case(&open.0).await.unwrap().state, "信息已删除");
    // The same telephone may come again.
    let again = world.registered("13900139001", "甲公司").await;
    world.tracked(&again).await.expect(200, &["报名成功"]);
}

async fn what_was_kept_as_long_as_promised_is_erased_once_also_after_an_outage(world: &World) {
    let service = &world.site.service;
    let closed = world.closed().await;
    let open = world.site.appeal().await;
    let registered = world.registered("13900139001", "甲公司").await;
    let waiting = world.intake().await;
    let handled = world.intake().await;
    service.handle(&handled.0, &staff(), "已经对接").await.unwrap();
    let of_firm = [("company", "相山示例食品有限公司"), ("mobile", "13800138000")];

    world.site.wait_until("2027-06-10 16:59");
    assert_eq!(service.run_due().await.unwrap().erased, 0);
    world.tracked(&registered).await.expect(200, &["报名成功"]);
    // Six months after the event ended, to the minute.
    world.site.wait_until("2027-06-10 17:01");
    assert_eq!(service.run_due().await.unwrap().erased, 1);
    world.tracked(&registered).await.expect(200, &["信息已删除", "保存期满"]);
    world.nothing_is_left(&registered.0, &[("company", "甲公司"), ("mobile", "13900139001")]).await;

    // Nothing runs for years.
    world.site.wait_until("2029-03-01 09:00");
    assert!(service.run_due().await.unwrap().erased >= 2);
    assert_eq!(service.run_due().await.unwrap().erased, 0);
    for who in [&closed, &handled] {
        world.tracked(who).await.expect(200, &["信息已删除", "保存期满，按期删除", "2029年3月1日"]);
    }
    world.tracked(&open).await.expect(200, &["已提交，等待受理"]);
    world.tracked(&waiting).await.expect(200, &["已收到"]);
    let events = world.events(&closed.0).await;
    domain::appeal::verify_chain(&events).unwrap();
    assert_eq!(events.iter().filter(|event| event.act == domain::appeal::Act::Archive).count(), 1);
    let proofs = service.erasures().await.unwrap();
    assert_eq!((proofs.broken, proofs.proofs.len()), (None, 3));
    assert!(proofs.proofs.iter().all(|proof| proof.erased.why == Why::Expired && proof.operator.is_none()));

    // What those agreed to who are not known any more is kept for three years.
    assert!(world.stands("notice_hash\":\"\"").await.eq(&false));
    world.site.wait_until("2029-12-02 09:00");
    service.run_due().await.unwrap();
    for number in [&closed.0, &registered.0, &handled.0] {
        let head = query_all(world.table.as_ref(), Query::prefix(format!("CASE#{number}"), "HEAD")).await.unwrap();
        let body = String::from_utf8_lossy(&head[0].body).into_owned();
        assert!(body.contains("\"notice_hash\":\"\"") && body.contains("\"boxes\":{}"), "{body}");
        assert_eq!(head[0].index[1], None, "nothing more is due");
    }

    // Those that are still open are erased by whoever they are about, or once they are over.
    service.handle(&waiting.0, &staff(), "已经对接").await.unwrap();
    world.site.wait_until("2031-12-02 09:01");
    service.run_due().await.unwrap();
    world.tracked(&waiting).await.expect(200, &["信息已删除"]);
    assert!(world.clock.now() > given::start());
    world.done(&open, "withdraw", &[("stage", "sure")]).await.expect(200, &["诉求已撤回"]);
    world.done(&open, "erase", &[("stage", "sure")]).await.expect(200, &["已删除"]);
    world.nothing_is_left(&open.0, &of_firm).await;
}

#[tokio::test]
async fn staff_erase_for_somebody_on_the_telephone_and_the_proof_names_them() {
    let (_folder, world) = World::sqlite().await;
    let raw = with(&with(given::MATTER, "company", "乙公司"), "contact", "赵敏");
    let raw = with(&with(&raw, "mobile", "13700000000"), "handle", "yes");
    let raw = raw.iter().map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()])).collect();
    let taken = world.site.service.take("appeal", raw, &staff()).await.unwrap();
    let Taken::Received(receipt) = taken else { panic!("{taken:?}") };
    let erased = world.site.service.erase_for(&receipt.number, &staff(), "本人来电要求").await.unwrap();
    assert!(matches!(&erased, functions::office::Cleared::Refused(why) if why.contains("正在办理")), "{erased:?}");
    world.work(&receipt.number, Work::Withdraw, "").await;
    world.site.service.erase_for(&receipt.number, &staff(), "本人来电要求").await.unwrap();
    let proofs = world.site.service.erasures().await.unwrap();
    assert_eq!(proofs.proofs[0].operator.as_deref(), Some("张敏"));
    let file = world.site.service.case(&receipt.number).await.unwrap();
    assert!(file.events.iter().any(|event| event.what == "按本人要求删除信息：本人来电要求"), "{:?}", file.events);
}

macro_rules! on_both {
    ($($sqlite:ident, $dynamodb:ident: $case:ident;)*) => {
        $(
            #[tokio::test]
            async fn $sqlite() {
                let (_folder, world) = World::sqlite().await;
                $case(&world).await;
            }

            #[tokio::test]
            async fn $dynamodb() {
                let clock = Clock::standing_at(given::start());
                let table = Arc::new(cloud::table(clock.clone()).await);
                $case(&World::on(table.clone(), clock).await).await;
                table.delete_table().await.unwrap();
            }
        )*
    };
}

on_both! {
    sqlite_a_telephone_is_put_right, dynamodb_a_telephone_is_put_right:
        a_telephone_is_put_right_and_nobody_is_found_by_the_old_one;
    sqlite_one_telephone_has_one_live_registration, dynamodb_one_telephone_has_one_live_registration:
        one_telephone_has_one_live_registration_whatever_is_put_right;
    sqlite_what_is_erased_is_gone, dynamodb_what_is_erased_is_gone: what_is_erased_is_gone_and_its_proof_stays;
    sqlite_what_was_kept_as_long_as_promised_is_erased, dynamodb_what_was_kept_as_long_as_promised_is_erased:
        what_was_kept_as_long_as_promised_is_erased_once_also_after_an_outage;
}
