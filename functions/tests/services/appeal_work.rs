//! A case's life after it was filed: what staff do, what the firm does by itself, what happens because time has passed. Whatever order it
//! comes in, the record stays whole (`appeal_sequences` does anything in any order).

use std::sync::Arc;

use domain::appeal::{
    Act, Event, Grade, Role, State,
    firm::{Content, Solved},
    verify_chain,
};
use domain::consent::notice_hash;
use functions::{
    Clock, Config,
    office::{Operator, Remarks, Span, Tier, Work, Worked},
    table::{Query, Table, query_all, sqlite::Sqlite},
};

use crate::{
    cloud,
    given::{self, Reply, Site, hidden, manifest, session},
};

pub(crate) fn staff() -> Operator {
    Operator("张敏".to_owned())
}

fn note(text: &str) -> Remarks {
    Remarks { note: Some(text.to_owned()), private: None }
}

fn privately(text: &str) -> Remarks {
    Remarks { note: None, private: Some(text.to_owned()) }
}

pub(crate) fn assign(leads: &[&str]) -> Work {
    let leads = leads.iter().map(|lead| (*lead).to_owned()).collect();
    Work::Assign { unit: "区住建局".to_owned(), with: vec!["供电公司".to_owned()], leads }
}

pub(crate) async fn work(site: &Site, number: &str, work: Work, remarks: Remarks) -> Worked {
    site.service.work(number, &work, &remarks, &staff()).await.unwrap()
}

/// Does it; where the case then stands.
#[track_caller]
fn done(worked: Worked) -> String {
    match worked {
        Worked::Done { state, .. } => state,
        Worked::Refused(why) => panic!("refused: {why}"),
    }
}

#[track_caller]
fn refused(worked: Worked, because: &str) {
    match worked {
        Worked::Refused(why) => assert!(why.contains(because), "{why}"),
        Worked::Done { state, .. } => panic!("done: {state}"),
    }
}

pub(crate) async fn tracked(site: &Site, (number, code): &(String, String)) -> Reply {
    let page = site.post("/f/track", &[("number", number), ("code", code)]).await;
    page.expect(200, &[number]);
    page
}

/// Posts a button of the tracker's page; with `stage` the form behind it.
async fn press(site: &Site, page: &Reply, act: &str, values: &[(&str, &str)]) -> Reply {
    assert!(page.text.contains(&format!("action=\"/f/act/{act}\"")), "no `{act}` in {}", page.text);
    let token = hidden(&page.text, "token");
    let values: Vec<(&str, &str)> = [("token", token.as_str())].into_iter().chain(values.iter().copied()).collect();
    site.post(&format!("/f/act/{act}"), &values).await
}

/// Takes a case to the point at which a unit works on it.
async fn to_work(site: &Site, number: &str) {
    done(work(site, number, Work::Accept, Remarks::default()).await);
    done(work(site, number, Work::Grade(Grade::B), Remarks::default()).await);
    done(work(site, number, assign(&[]), privately("电话里同意转办")).await);
    assert_eq!(done(work(site, number, Work::Take, Remarks::default()).await), "承办单位正在办理");
}

#[tokio::test]
async fn a_case_goes_from_its_receipt_to_closing_and_is_taken_up_again() {
    let site = Site::open().await;
    let who = site.appeal().await;
    let number = who.0.as_str();
    refused(work(&site, number, Work::Grade(Grade::B), Remarks::default()).await, "不能做「完成分级」");
    done(work(&site, number, Work::Accept, Remarks::default()).await);

    let suggestion = site.service.suggestion(number).await.unwrap();
    assert_eq!(suggestion.grade, Grade::B);
    refused(work(&site, number, Work::Grade(Grade::A), Remarks::default()).await, "要定为现场类，请写明理由");
    done(work(&site, number, Work::Grade(Grade::B), Remarks::default()).await);
    refused(work(&site, number, assign(&[]), Remarks::default()).await, "没有勾选同意转给承办单位");
    refused(work(&site, number, assign(&["营商办", "工商联"]), privately("同意")).await, "只有复杂类才有双组长");
    done(work(&site, number, assign(&[]), privately("电话里同意转办")).await);
    done(work(&site, number, Work::Take, Remarks::default()).await);
    // Received on Tuesday morning: five working days later.
    let page = tracked(&site, &who).await;
    page.expect(
        200,
        &["承办单位正在办理", "最迟答复", "2026年12月8日（周二）17:30", "5 个工作日", "区住建局，配合：供电公司", "定为一般类"],
    );
    assert!(!page.text.contains("电话里同意转办"), "what staff say among themselves stays there");

    refused(work(&site, number, Work::Ask, Remarks::default()).await, "请写明要企业补充什么");
    done(work(&site, number, Work::Ask, note("请提供厂区平面图")).await);
    let page = tracked(&site, &who).await;
    page.expect(200, &["等待您补充材料", "请提供厂区平面图", "等您补充期间不计时", "补充材料"]);
    let form = press(&site, &page, "supplement", &[]).await;
    form.expect(200, &["补充说明", "要补充什么"]);
    press(&site, &page, "supplement", &[("stage", "answers"), ("addition", "")]).await.expect(422, &["错误："]);
    let answered = press(&site, &page, "supplement", &[("stage", "answers"), ("addition", "平面图在门卫室，随时可取。")]).await;
    site.get(&answered.goes_to()).await.expect(200, &["已补充", "承办单位正在办理"]);

    refused(work(&site, number, Work::Extend, note("路面要等天晴")).await, "只有复杂类诉求可以延期");
    let next = site.service.case(number).await.unwrap().work.unwrap().next;
    assert!(next.contains(&(Act::Answer, Role::Handler)) && !next.iter().any(|(act, _)| *act == Act::Extend), "{next:?}");
    done(work(&site, number, Work::Answer { signed: Vec::new() }, note("本周五前把路面补好。")).await);
    let page = tracked(&site, &who).await;
    page.expect(200, &["已答复，等待您评价", "本周五前把路面补好。", "解决了，满意", "平面图在门卫室"]);
    let form = press(&site, &page, "follow-up", &[]).await;
    form.expect(200, &["问题解决了吗", "只有督查部门看得到"]);
    let said =
        [("stage", "answers"), ("solved", "no"), ("content", "dissatisfied"), ("misconduct", "yes"), ("remarks", "只铺了一半")];
    let answered = press(&site, &page, "follow-up", &said).await;
    site.get(&answered.goes_to()).await.expect(200, &["重新办理", "已受理，等待分级", "最迟联系", "2026年12月2日"]);
    let page = tracked(&site, &who).await;
    page.expect(200, &["第 2 轮", "只铺了一半", "最迟联系"]);
    site.service.call_done(number, &staff(), None).await.unwrap();
    let page = tracked(&site, &who).await;
    page.expect(200, &["已联系"]);
    assert!(!page.text.contains("最迟联系"), "{}", page.text);
    assert!(!page.text.contains("吃拿卡要"), "that goes to supervision only");
    let opened = site.service.reveal(number, &staff(), "核对").await.unwrap();
    assert!(opened.iter().any(|answer| answer.label.contains("只给督查") && answer.value.contains("有")), "{opened:?}");

    // Once is not twice: whoever thinks that it takes a task force says why.
    assert_eq!(site.service.suggestion(number).await.unwrap().grade, Grade::B);
    refused(work(&site, number, Work::Grade(Grade::C), Remarks::default()).await, "请写明理由");
    done(work(&site, number, Work::Grade(Grade::C), privately("要住建和供电一起办")).await);
    refused(work(&site, number, assign(&["营商办"]), privately("同意")).await, "两位组长");
    done(work(&site, number, assign(&["营商办", "工商联"]), privately("同意")).await);
    done(work(&site, number, Work::Take, Remarks::default()).await);
    let page = tracked(&site, &who).await;
    page.expect(200, &["督办中", "双组长：营商办、工商联", "最迟办理方案", "2026年12月4日（周五）17:30"]);
    refused(work(&site, number, Work::Plan, Remarks::default()).await, "请写明打算怎么办");
    done(work(&site, number, Work::Plan, note("先补路面，再迁电杆。")).await);
    let page = tracked(&site, &who).await;
    page.expect(200, &["先补路面，再迁电杆。", "最迟阶段答复", "2026年12月8日（周二）17:30"]);
    assert!(!page.text.contains("最迟办理方案"), "{}", page.text);
    let open = site.service.open_cases(usize::MAX).await.unwrap().rows;
    assert_eq!((open[0].owed, open[0].due), ("阶段答复", Some("2026-12-08 17:30".parse().unwrap())), "{open:?}");
    site.wait(60);
    done(work(&site, number, Work::Report, note("路面补好了。")).await);
    tracked(&site, &who).await.expect(200, &["路面补好了。"]);
    done(work(&site, number, Work::Extend, note("要等天晴")).await);
    refused(work(&site, number, Work::Extend, note("还要等")).await, "已经延期过");
    let one = Work::Answer { signed: vec!["营商办".to_owned()] };
    refused(work(&site, number, one, note("修好了")).await, "还差工商联签字");
    let both = Work::Answer { signed: vec!["营商办".to_owned(), "工商联".to_owned()] };
    done(work(&site, number, both, note("路面已经全部修好。")).await);

    let page = tracked(&site, &who).await;
    let once = press(&site, &page, "solved", &[]).await.goes_to();
    let twice = press(&site, &page, "solved", &[]).await.goes_to();
    assert_eq!(once, twice, "a button that is pressed twice leads to one answer");
    site.get(&once).await.expect(200, &["谢谢您的评价", "已回访，等待办结"]);
    done(work(&site, number, Work::Close, Remarks::default()).await);
    assert_eq!(site.service.open_cases(usize::MAX).await.unwrap().rows, [], "what is closed is worked on no more");

    let ledger = site.service.ledger(Tier::Leaders, Span::default(), &staff()).await.unwrap();
    let columns = ledger.columns();
    let rows = given::rows(ledger).await;
    let cell = |column: &str| rows[0][columns.iter().position(|name| *name == column).unwrap()].as_str();
    for (column, value) in [
        ("牵头单位", "区住建局"),
        ("双组长", "营商办、工商联"),
        ("是否办结", "是"),
        ("办理结果", "路面已经全部修好。"),
        ("是否解决", "已解决"),
        ("满意度", "满意"),
        ("是否重办", "是，第 2 轮"),
        ("用时(工作日)", "0"),
    ] {
        assert_eq!(cell(column), value, "{column}");
    }
    let public = given::rows(site.service.ledger(Tier::Public, Span::default(), &staff()).await.unwrap()).await;
    assert!(!public[0].iter().any(|cell| cell.contains("路面")), "{:?}", public[0]);

    let page = tracked(&site, &who).await;
    page.expect(200, &["已办结", "申请重新办理"]);
    let again = press(&site, &page, "reopen", &[("stage", "answers"), ("reason", "修好一周又塌了")]).await.goes_to();
    site.get(&again).await.expect(200, &["已申请重新办理"]);
    tracked(&site, &who).await.expect(200, &["第 3 轮", "修好一周又塌了"]);
    whole(&site, number).await;
}

#[tokio::test]
async fn a_firm_adds_to_its_appeal_once_and_withdraws_it_knowingly() {
    let site = Site::open().await;
    let who = site.appeal().await;
    let page = tracked(&site, &who).await;
    let values = [("stage", "answers"), ("addition", "昨天又陷进去一辆车。")];
    let once = press(&site, &page, "add", &values).await.goes_to();
    assert_eq!(press(&site, &page, "add", &values).await.goes_to(), once);
    let page = tracked(&site, &who).await;
    assert_eq!(page.text.matches("昨天又陷进去一辆车。").count(), 1, "{}", page.text);

    let named = press(&site, &page, "withdraw", &[]).await;
    named.expect(200, &["还没有撤回", "确认撤回", "不撤回，返回"]);
    tracked(&site, &who).await.expect(200, &["已提交，等待受理"]);
    let sure = [("token", hidden(&named.text, "token")), ("stage", "sure".to_owned())];
    let sure: Vec<(&str, &str)> = sure.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let gone = site.post("/f/act/withdraw", &sure).await.goes_to();
    site.get(&gone).await.expect(200, &["诉求已撤回"]);
    let page = tracked(&site, &who).await;
    page.expect(200, &["已撤回"]);
    assert!(!page.text.replace("/f/act/stored", "").contains("/f/act/"), "{}", page.text);
    assert_eq!(site.service.calls().await.unwrap(), [], "nobody calls about what was withdrawn");
    // What the table of SQLite holds shows nothing of what was said.
    let bytes = site.bytes();
    assert!(!bytes.windows("陷进去".len()).any(|window| window == "陷进去".as_bytes()));
}

#[tokio::test]
async fn what_a_firm_reads_when_its_case_ends_elsewhere() {
    let site = Site::open().await;
    let endings = [
        (
            Work::Reject { ground: "信访条例第几条".to_owned(), instead: "区信访局".to_owned() },
            "不予受理",
            "依据：信访条例第几条。可以找：区信访局。",
        ),
        (
            Work::Transfer { to: "12345 热线".to_owned(), their_number: "Q7".to_owned() },
            "转交其他部门",
            "已转给12345 热线，在那里的编号是 Q7。",
        ),
    ];
    for (ending, what, told) in endings {
        let who = site.appeal().await;
        done(work(&site, &who.0, ending, note("电话里说过了。")).await);
        let page = tracked(&site, &who).await;
        page.expect(200, &[what, told, "电话里说过了。"]);
        // No machine takes it up, so somebody calls.
        site.wait(6 * 60);
        let calls = site.service.calls().await.unwrap();
        assert!(calls.iter().any(|call| call.number == who.0 && call.why.contains("不予受理、转交或并案")), "{calls:?}");
    }
    // A unit gives it back: the firm reads why, and that another is looked for.
    let who = site.appeal().await;
    done(work(&site, &who.0, Work::Accept, Remarks::default()).await);
    done(work(&site, &who.0, Work::Grade(Grade::B), Remarks::default()).await);
    done(work(&site, &who.0, assign(&[]), privately("电话里同意转办")).await);
    refused(work(&site, &who.0, Work::Return, Remarks::default()).await, "退回要写明原因");
    done(work(&site, &who.0, Work::Return, note("这段路归公路局管。")).await);
    tracked(&site, &who).await.expect(200, &["承办单位退回，重新交办", "这段路归公路局管。", "已分级，等待交办"]);
}

#[tokio::test]
async fn whoever_was_merged_into_another_case_hears_what_becomes_of_it() {
    let site = Site::open().await;
    let [first, second, third] = [site.appeal().await, site.appeal().await, site.appeal().await];
    done(work(&site, &third.0, Work::Merge { into: second.0.clone() }, Remarks::default()).await);
    done(work(&site, &second.0, Work::Merge { into: first.0.clone() }, Remarks::default()).await);
    let page = tracked(&site, &second).await;
    page.expect(200, &["并入另一件诉求", &first.0, "有了结果，工作人员打电话告诉您"]);
    to_work(&site, &first.0).await;
    let to_tell = || async {
        let calls = site.service.calls().await.unwrap();
        let mut told: Vec<String> =
            calls.into_iter().filter(|call| call.why.contains("告知结果")).map(|call| call.number).collect();
        told.sort();
        told
    };
    assert!(to_tell().await.is_empty());
    done(work(&site, &first.0, Work::Answer { signed: Vec::new() }, note("修好了。")).await);
    let mut expected = vec![second.0.clone(), third.0.clone()];
    expected.sort();
    assert_eq!(to_tell().await, expected);
    site.service.call_done(&second.0, &staff(), None).await.unwrap();
    assert_eq!(to_tell().await, std::slice::from_ref(&third.0));
    site.service.call_done(&third.0, &staff(), None).await.unwrap();

    // It is answered anew, and in that round once more: each time they hear of it.
    let unsolved = || Work::FollowUp { solved: Solved::No, content: Content::Dissatisfied };
    done(work(&site, &first.0, unsolved(), Remarks::default()).await);
    done(work(&site, &first.0, Work::Grade(Grade::B), Remarks::default()).await);
    for _ in 0..2 {
        assert!(to_tell().await.is_empty());
        site.wait(60);
        done(work(&site, &first.0, assign(&[]), privately("电话里同意转办")).await);
        done(work(&site, &first.0, Work::Take, Remarks::default()).await);
        done(work(&site, &first.0, Work::Answer { signed: Vec::new() }, note("又修了。")).await);
        assert_eq!(to_tell().await, expected);
        for number in &expected {
            site.service.call_done(number, &staff(), None).await.unwrap();
        }
        done(work(&site, &first.0, unsolved(), Remarks::default()).await);
    }
    // Its own firm gives up: theirs is over with it.
    done(work(&site, &first.0, Work::Withdraw, Remarks::default()).await);
    assert_eq!(to_tell().await, expected);
    let late = site.appeal().await;
    refused(work(&site, &late.0, Work::Merge { into: first.0.clone() }, Remarks::default()).await, "不能并进去");
}

#[tokio::test]
async fn nothing_is_merged_into_what_nobody_will_answer() {
    let site = Site::open().await;
    let (other, host) = (site.appeal().await, site.appeal().await);
    to_work(&site, &host.0).await;
    done(work(&site, &host.0, Work::Answer { signed: Vec::new() }, note("修好了。")).await);
    refused(work(&site, &other.0, Work::Merge { into: host.0.clone() }, Remarks::default()).await, "不能并进去");
    let unseen = quarantined(&site).await;
    refused(work(&site, &other.0, Work::Merge { into: unseen.0.clone() }, Remarks::default()).await, "没有通过人工核对");
    let full = site.appeal().await;
    for _ in 0..50 {
        let one = site.appeal().await;
        done(work(&site, &one.0, Work::Merge { into: full.0.clone() }, Remarks::default()).await);
    }
    refused(work(&site, &other.0, Work::Merge { into: full.0.clone() }, Remarks::default()).await, "最多并入 50 件");
    to_work(&site, &full.0).await;
    done(work(&site, &full.0, Work::Answer { signed: Vec::new() }, note("修好了。")).await);
    assert_eq!(site.service.calls().await.unwrap().iter().filter(|call| call.why.contains("告知结果")).count(), 50);
}

#[tokio::test]
async fn looking_at_an_address_does_nothing() {
    // A browser and WeChat fetch what they think will be pressed.
    let site = Site::open().await;
    let who = site.appeal().await;
    to_work(&site, &who.0).await;
    done(work(&site, &who.0, Work::Answer { signed: Vec::new() }, note("修好了。")).await);
    let page = tracked(&site, &who).await;
    let token = hidden(&page.text, "token");
    let before = events(&site, &who.0).await;
    for act in ["solved", "follow-up", "withdraw", "add", "supplement", "reopen", "erase"] {
        for address in [format!("/f/act/{act}"), format!("/f/act/{act}?token={token}&stage=answers&solved=yes&content=satisfied")]
        {
            assert_eq!(site.get(&address).await.goes_to(), "/track/", "{address}");
        }
    }
    assert_eq!(events(&site, &who.0).await, before);
    press(&site, &page, "solved", &[]).await.goes_to();
    assert_eq!(events(&site, &who.0).await.len(), before.len() + 1, "the button does");
}

#[tokio::test]
async fn what_is_late_is_looked_at_by_supervision() {
    let site = Site::open().await;
    let who = site.appeal().await;
    done(work(&site, &who.0, Work::Accept, Remarks::default()).await);
    let page = tracked(&site, &who).await;
    page.expect(200, &["最迟联系", "已受理，等待分级"]);
    assert!(!page.text.contains("督办中"), "{}", page.text);
    // Taken on and not called.
    site.wait_until("2026-12-02 17:31");
    tracked(&site, &who).await.expect(200, &["督办中", "已超过承诺时间"]);
    let open = site.service.open_cases(usize::MAX).await.unwrap().rows;
    assert!(open[0].owed == "首次联系" && open[0].overdue && open[0].supervised, "{open:?}");
    site.service.call_done(&who.0, &staff(), None).await.unwrap();
    let page = tracked(&site, &who).await;
    assert!(!page.text.contains("督办中"), "{}", page.text);
    // Nobody grades it: supervision hears of that, once for each mark.
    let open = site.service.open_cases(usize::MAX).await.unwrap().rows;
    assert_eq!((open[0].owed, open[0].due), ("分级", Some("2026-12-08 17:30".parse().unwrap())), "{open:?}");
    site.wait_until("2026-12-08 17:30");
    site.service.run_due().await.unwrap();
    assert_eq!(acts_of(&events(&site, &who.0).await)[2..], [Act::Remind, Act::ProposeYellow]);
    tracked(&site, &who).await.expect(200, &["督办中"]);
    whole(&site, &who.0).await;
}

#[tokio::test]
async fn sqlite_supervision_hears_of_each_mark_once_also_after_an_outage() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::standing_at(given::start());
    let table = Arc::new(Sqlite::open(&folder.path().join("data/table.db"), clock.clone()).unwrap());
    each_mark_is_heard_of_once(&Site::on_table(table.clone(), folder, clock, Config::default()).await, table.as_ref()).await;
}

#[tokio::test]
async fn dynamodb_supervision_hears_of_each_mark_once_also_after_an_outage() {
    let clock = Clock::standing_at(given::start());
    let table = Arc::new(cloud::table(clock.clone()).await);
    let site = Site::on_table(table.clone(), tempfile::tempdir().unwrap(), clock, Config::default()).await;
    each_mark_is_heard_of_once(&site, table.as_ref()).await;
}

async fn each_mark_is_heard_of_once(site: &Site, table: &dyn Table) {
    site.service.publish(manifest(vec![session("salon")])).await.unwrap();
    let who = site.appeal().await;
    to_work(site, &who.0).await;
    let acts = || async { acts_of(&events_in(table, &who.0).await) };
    site.wait_until("2026-12-07 12:00");
    assert_eq!(site.service.run_due().await.unwrap().ticked, 0);
    site.wait_until("2026-12-07 17:30");
    assert_eq!(site.service.run_due().await.unwrap().ticked, 1);
    assert_eq!(acts().await.last(), Some(&Act::Remind));
    assert_eq!(site.service.run_due().await.unwrap().ticked, 0, "once");
    // Nothing ran for weeks.
    site.wait_until("2026-12-25 09:00");
    let open = site.service.open_cases(usize::MAX).await.unwrap().rows;
    assert_eq!(open.len(), 1);
    assert!(
        open[0].overdue && open[0].unit == "区住建局" && open[0].due == Some("2026-12-08 17:30".parse().unwrap()),
        "{open:?}"
    );
    site.service.run_due().await.unwrap();
    site.service.run_due().await.unwrap();
    assert_eq!(acts().await[6..], [Act::ProposeYellow, Act::ProposeRed]);
    let page = tracked(site, &who).await;
    page.expect(200, &["督办中", "已超过承诺时间"]);
    assert!(!page.text.contains("黄牌"), "{}", page.text);
    verify_chain(&events_in(table, &who.0).await).unwrap();
}

#[tokio::test]
async fn a_firm_that_says_nothing_is_not_waited_for_for_ever() {
    let site = Site::open().await;
    let who = site.appeal().await;
    to_work(&site, &who.0).await;
    done(work(&site, &who.0, Work::Ask, note("请提供厂区平面图")).await);
    site.wait_until("2026-12-15 17:29");
    assert_eq!(site.service.run_due().await.unwrap().ticked, 0);
    site.wait_until("2026-12-15 17:30");
    assert_eq!(site.service.run_due().await.unwrap().ticked, 1);
    tracked(&site, &who).await.expect(200, &["承办单位正在办理"]);

    done(work(&site, &who.0, Work::Answer { signed: Vec::new() }, note("修好了。")).await);
    site.wait_until("2026-12-22 17:30");
    site.service.run_due().await.unwrap();
    tracked(&site, &who).await.expect(200, &["已答复，等待您评价"]);
    // Nobody had asked them; somebody does, twice.
    for _ in 0..2 {
        site.service.call_tried(&who.0, &staff(), None).await.unwrap();
    }
    site.wait_until("2026-12-23 17:30");
    site.service.run_due().await.unwrap();
    tracked(&site, &who).await.expect(200, &["已回访，等待办结", "两次回访未回应"]);
    let ledger = given::rows(site.service.ledger(Tier::Leaders, Span::default(), &staff()).await.unwrap()).await;
    assert!(ledger[0].contains(&"未回应".to_owned()), "{:?}", ledger[0]);
    whole(&site, &who.0).await;
}

/// An appeal in which the field that no person sees was filled in.
async fn quarantined(site: &Site) -> (String, String) {
    let step = site.post("/f/appeal", &given::with(given::MATTER, "website", "x")).await.goes_to();
    let review = site.post(&step, given::PERSON).await.goes_to();
    site.wait(60);
    let receipt = site.post(&review.replace("/review", "/confirm"), given::CONSENT).await.goes_to();
    site.get(&receipt).await.number_and_code()
}

#[tokio::test]
async fn what_waits_for_a_person_to_look_at_it_is_not_worked_on() {
    let site = Site::open().await;
    let who = quarantined(&site).await;
    refused(work(&site, &who.0, Work::Accept, Remarks::default()).await, "等待人工核对");
    let page = tracked(&site, &who).await;
    assert!(!page.text.replace("/f/act/stored", "").contains("/f/act/"), "{}", page.text);
    assert!(site.service.inbox(usize::MAX).await.unwrap().rows[0].quarantined);

    site.service.discard(&who.0, &staff(), "号主没有提交").await.unwrap();
    refused(work(&site, &who.0, Work::Accept, Remarks::default()).await, "等待人工核对");
    for _ in 0..2 {
        let page = tracked(&site, &who).await;
        page.expect(200, &["人工核对未通过，没有受理", "请打电话告诉我们"]);
        assert!(!page.text.contains("督办中"), "nobody looks at it: {}", page.text);
        site.wait(10 * 24 * 3600);
    }
    assert_eq!(site.service.inbox(usize::MAX).await.unwrap().rows, [], "nobody has to look at it again");
    assert_eq!(site.service.calls().await.unwrap(), []);
    // It is not lost: the ledger says what became of it.
    let ledger = given::rows(site.service.ledger(Tier::Leaders, Span::default(), &staff()).await.unwrap()).await;
    assert!(ledger[0].iter().any(|cell| cell.contains("人工核对未通过")), "{:?}", ledger[0]);
}

#[tokio::test]
async fn what_was_agreed_to_is_kept_with_the_hash_of_the_notice_that_was_shown() {
    let site = Site::open().await;
    let who = site.appeal().await;
    let table = Sqlite::open(&site.folder.path().join("data/table.db"), site.clock.clone()).unwrap();
    let items = query_all(&table, Query::prefix(format!("CASE#{}", who.0), "")).await.unwrap();
    let heads: Vec<serde_json::Value> = items.iter().filter_map(|item| item.read().ok()).collect();
    let kept = heads.iter().find_map(|head| head["origin"]["consents"]["notice_hash"].as_str());
    assert_eq!(kept, Some(notice_hash(&given::appeal_form()).as_str()));
    let mut other = given::appeal_form();
    other.consents[0].label.push('！');
    assert_ne!(kept, Some(notice_hash(&other).as_str()), "another form is another notice");
}

/// All events of a case as they are stored.
pub(crate) async fn events_in(table: &dyn Table, number: &str) -> Vec<Event> {
    let items = query_all(table, Query::prefix(format!("CASE#{number}"), "EVENT#")).await.unwrap();
    items.iter().map(|item| item.read().unwrap()).collect()
}

async fn events(site: &Site, number: &str) -> Vec<Event> {
    let table = Sqlite::open(&site.folder.path().join("data/table.db"), site.clock.clone()).unwrap();
    events_in(&table, number).await
}

pub(crate) fn acts_of(events: &[Event]) -> Vec<Act> {
    events.iter().map(|event| event.act).collect()
}

/// The record of a case is whole, and its events hold a hash of what was said and not the words.
async fn whole(site: &Site, number: &str) {
    let events = events(site, number).await;
    verify_chain(&events).unwrap();
    assert_eq!((events[0].act, events[0].by, events[0].to), (Act::Submit, Role::Firm, State::Submitted));
    for note in events.iter().filter_map(|event| event.public_note.as_ref()) {
        assert!(note.len() == 26 && note.chars().all(|character| character.is_ascii_alphanumeric()), "{note}");
    }
}
