//! What the office does: opening what is sealed, taking things down, the ledger; and what a site publishes.

use functions::{
    Config, PublishError, ServiceError,
    office::{Cleared, Operator, Taken},
};

use crate::given::{
    CONSENT, MATTER, NEED, PERSON, Site, appeal_form, intake_form, manifest, of, raw, registrant, registration_form, session,
    with,
};

fn operator() -> Operator {
    Operator("小李".to_owned())
}

#[tokio::test]
async fn sealed_answers_open_only_with_a_record_of_it() {
    let site = Site::open().await;
    let (number, _) = site.appeal().await;
    let file = site.service.case(&number).await.unwrap();
    assert_eq!(file.events.len(), 1);
    assert!(file.plain.iter().all(|answer| !["王建国", "13800138000"].contains(&answer.value.as_str())), "{file:?}");
    assert!(file.sealed.iter().any(|label| label == "联系人"), "{file:?}");

    let opened = site.service.reveal(&number, &operator(), "打电话核实").await.unwrap();
    let value = |field: &str| opened.iter().find(|answer| answer.field == field).map(|answer| answer.value.as_str());
    assert_eq!((value("contact"), value("mobile")), (Some("王建国"), Some("13800138000")));
    let file = site.service.case(&number).await.unwrap();
    assert!(file.events.iter().any(|event| event.by == "小李" && event.what.contains("打电话核实")), "{file:?}");
    for written in ["138 0013 8000", "+86 138-0013-8000", "１３８００１３８０００"] {
        assert_eq!(site.service.find("mobile", written).await.unwrap(), [number.as_str()], "{written}");
    }
    assert_eq!(site.service.find("company", "相山示例食品 有限公司").await.unwrap(), [number.as_str()]);

    // The privacy notice says for how long it stays on record.
    let on_record = async || site.service.case(&number).await.unwrap().events.iter().any(|event| event.by == "小李");
    site.wait(3 * 365 * 24 * 3600);
    assert!(on_record().await);
    site.wait(24 * 3600);
    assert!(!on_record().await);

    let unknown = site.service.reveal("XS1", &operator(), "x").await;
    assert!(matches!(unknown, Err(ServiceError::UnknownNumber(_))), "{unknown:?}");
}

#[tokio::test]
async fn the_inbox_says_by_when_somebody_must_call() {
    let site = Site::open().await;
    let (calm, _) = site.appeal().await;
    let step = site.post("/f/appeal", &with(MATTER, "urgency", "urgent")).await.goes_to();
    let review = site.post(&step, PERSON).await.goes_to();
    site.wait(60);
    site.post(&review.replace("review", "confirm"), CONSENT).await.goes_to();
    let rows = site.service.inbox(usize::MAX).await.unwrap().rows;
    assert_eq!(rows.iter().map(|row| row.urgency.as_str()).collect::<Vec<_>>(), ["急", "一般"], "the most pressing first");
    assert_eq!((rows[1].number.as_str(), rows[1].overdue), (calm.as_str(), false));
    site.wait(3 * 24 * 3600);
    assert!(site.service.inbox(usize::MAX).await.unwrap().rows.iter().all(|row| row.overdue));
}

#[tokio::test]
async fn staff_take_down_an_appeal_and_a_registration_for_somebody_on_the_telephone() {
    let site = Site::open().await;
    let taken = site.service.take("appeal", raw(&[MATTER, PERSON, CONSENT]), &operator()).await.unwrap();
    let Taken::Received(receipt) = taken else { panic!("{taken:?}") };
    assert!(site.service.case(&receipt.number).await.unwrap().source.contains("小李"));
    site.post("/f/track", &[("number", &receipt.number), ("code", &receipt.code)]).await.expect(200, &[]);

    let taken = site.service.take("appeal", raw(&[MATTER, PERSON]), &operator()).await.unwrap();
    assert!(matches!(&taken, Taken::Invalid(errors) if errors[0].field == "handle"), "{taken:?}");

    let values = registrant("13900139000", "甲公司");
    let taken = site.service.take("registration", raw(&[&values, CONSENT]), &operator()).await.unwrap();
    assert!(matches!(&taken, Taken::Received(receipt) if receipt.title == "报名成功"), "{taken:?}");
    let taken = site.service.take("registration", raw(&[&values, CONSENT]), &operator()).await.unwrap();
    assert!(matches!(&taken, Taken::Refused(why) if why.contains("已经报过")), "{taken:?}");
    let elsewhere = with(&values, "session", "elsewhere");
    let taken = site.service.take("registration", raw(&[&elsewhere, CONSENT]), &operator()).await;
    assert!(matches!(taken, Err(ServiceError::UnknownSession(_))), "{taken:?}");
}

#[tokio::test]
async fn an_intake_is_in_the_inbox_until_somebody_has_dealt_with_it() {
    let forms = vec![appeal_form(), registration_form(), intake_form()];
    let site = Site::with(Config::default(), of(forms, vec![session("salon")])).await;
    let taken = site.service.take("library", raw(&[NEED, CONSENT]), &operator()).await.unwrap();
    let Taken::Received(receipt) = taken else { panic!("{taken:?}") };
    let number = receipt.number.as_str();
    let tracked = async || site.post("/f/track", &[("number", number), ("code", &receipt.code)]).await;
    let inbox = async || {
        let rows = site.service.inbox(usize::MAX).await.unwrap().rows;
        rows.into_iter().map(|row| (row.number, row.state, row.overdue)).collect::<Vec<_>>()
    };
    let row = |state: &str, overdue| vec![(number.to_owned(), state.to_owned(), overdue)];
    assert_eq!(inbox().await, row("已收到，等待联系", false));
    site.wait(3 * 24 * 3600);
    assert_eq!(inbox().await, row("已收到，等待联系", true));

    // Dealt with by mistake, and taken back: the promised call is still to be made.
    let mistaken = site.service.handle(number, &operator(), "点错了").await.unwrap();
    assert_eq!(mistaken, Cleared::Done("已办结".to_owned()));
    assert_eq!((inbox().await, site.service.calls().await.unwrap()), (vec![], vec![]));
    assert_eq!(site.service.reopen(number, &operator(), "点错了").await.unwrap(), Cleared::Done("已收到，等待联系".to_owned()));
    assert!(matches!(site.service.reopen(number, &operator(), "再来").await.unwrap(), Cleared::Refused(_)));
    assert_eq!(inbox().await, row("已收到，等待联系", true));
    assert_eq!(site.service.calls().await.unwrap().len(), 1);

    site.service.call_done(number, &operator(), None).await.unwrap();
    assert_eq!(inbox().await, row("已联系，正在办理", false), "whoever was spoken with is not late");
    tracked().await.expect(200, &["已联系，正在办理", "工作人员已和您通话"]);
    site.wait(60);
    let done = site.service.handle(number, &Operator("张敏".to_owned()), "已转服务站").await.unwrap();
    assert_eq!(done, Cleared::Done("已办结".to_owned()));
    let twice = site.service.handle(number, &operator(), "已转服务站").await.unwrap();
    assert!(matches!(&twice, Cleared::Refused(why) if why.contains("已经由张敏在2026年12月4日")), "{twice:?}");
    assert_eq!(inbox().await, []);
    let handled = site.service.handled().await.unwrap();
    assert_eq!((handled[0].number.as_str(), handled[0].by.as_str(), handled[0].at), (number, "张敏", site.clock.now()));
    let page = tracked().await;
    page.expect(200, &["已办结"]);
    assert!(!page.text.contains("张敏") && !page.text.contains("服务站") && !page.text.contains("最迟联系您"), "{}", page.text);
    let file = site.service.case(number).await.unwrap();
    assert_eq!(file.state, "已办结");
    assert!(file.events.iter().any(|event| event.by == "张敏" && event.what == "办结：已转服务站"), "{file:?}");

    site.service.reopen(number, &operator(), "对方又来问").await.unwrap();
    assert_eq!((inbox().await, site.service.handled().await.unwrap()), (row("已联系，正在办理", false), vec![]));
    assert_eq!(site.service.calls().await.unwrap(), [], "they were called");

    let (appeal, _) = site.appeal().await;
    let refused = site.service.handle(&appeal, &operator(), "办好了").await.unwrap();
    assert!(matches!(&refused, Cleared::Refused(why) if why.contains("自己的流程")), "{refused:?}");
    assert!(matches!(site.service.handle("XB261201000000", &operator(), "x").await, Err(ServiceError::UnknownNumber(_))));
}

#[tokio::test]
async fn an_intake_that_nobody_sent_leaves_the_inbox() {
    let forms = vec![appeal_form(), registration_form(), intake_form()];
    let site = Site::with(Config::default(), of(forms, vec![session("salon")])).await;
    let review = site.post("/f/library", &with(NEED, "website", "x")).await.goes_to();
    site.wait(60);
    let receipt = site.post(&review.replace("/review", "/confirm"), CONSENT).await.goes_to();
    let (number, _) = site.get(&receipt).await.number_and_code();
    assert!(site.service.inbox(usize::MAX).await.unwrap().rows[0].quarantined);
    let early = site.service.handle(&number, &operator(), "办好了").await.unwrap();
    assert!(matches!(&early, Cleared::Refused(why) if why.contains("等待人工核对")), "{early:?}");
    site.service.discard(&number, &operator(), "号主没有提交").await.unwrap();
    assert_eq!((site.service.inbox(usize::MAX).await.unwrap().rows, site.service.calls().await.unwrap()), (vec![], vec![]));
}

#[tokio::test]
async fn an_earlier_version_of_a_form_is_understood_for_thirty_days() {
    let site = Site::open().await;
    let mut newer = appeal_form();
    newer.version = 2;
    newer.steps[0].fields.retain(|field| field.id != "channels");
    site.service.publish(of(vec![newer, registration_form()], vec![session("salon")])).await.unwrap();
    site.wait(29 * 24 * 3600);
    site.post("/f/appeal", MATTER).await.goes_to();
    site.post("/f/appeal", &with(MATTER, "version", "2")).await.goes_to();
    site.wait(2 * 24 * 3600);
    // What a service has read may be half a minute old; another one reads anew.
    let again = site.reopened().await;
    again.post("/f/appeal", MATTER).await.expect(410, &["/appeal/"]);
    again.post("/f/appeal", &with(MATTER, "version", "2")).await.goes_to();
}

#[tokio::test]
async fn a_form_that_asks_something_else_must_say_so() {
    let site = Site::open().await;
    let publish = async |form| site.service.publish(of(vec![form, registration_form()], vec![session("salon")])).await;
    let mut reworded = appeal_form();
    reworded.steps[0].fields[0].label = "哪一类".to_owned();
    publish(reworded).await.unwrap();
    let mut changed = appeal_form();
    changed.steps[1].fields.pop();
    let refused = publish(changed.clone()).await.unwrap_err();
    assert!(matches!(&refused, PublishError::FormChanged { form, version: 1 } if form == "appeal"), "{refused}");
    changed.version = 2;
    publish(changed).await.unwrap();
}

#[tokio::test]
async fn a_service_template_that_is_wrong_keeps_the_site_that_was_there() {
    let site = Site::open().await;
    let mut broken = manifest(vec![]);
    broken.templates.insert("service/step.html".to_owned(), "{% if %}".to_owned());
    assert!(matches!(site.service.publish(broken).await, Err(PublishError::Template(_))));
    site.post("/f/appeal", &with(MATTER, "title", "短")).await.expect(422, &["错误："]);
}

#[tokio::test]
async fn health_says_whether_the_work_can_be_done() {
    let site = Site::unpublished(Config::default()).await;
    site.get("/healthz").await.expect(503, &[]);
    let early = site.post("/f/appeal", MATTER).await;
    early.expect(503, &[]);
    assert!(early.headers.contains_key("retry-after"), "{early:?}");
    site.service.publish(manifest(vec![])).await.unwrap();
    site.get("/healthz").await.expect(200, &["ok"]);

    // The table's key was exchanged under the running service.
    let connection = rusqlite::Connection::open(site.folder.path().join("data/table.db")).unwrap();
    connection.execute("DELETE FROM items WHERE partition = 'KEY'", []).unwrap();
    site.get("/healthz").await.expect(503, &["key"]);
}
