//! What the tests of pages are given: the theme's templates, a frame, two small forms and one context for each page.

#![allow(dead_code, reason = "no test needs everything")]

use std::{collections::BTreeMap, fs, path::Path};

use domain::form::{Answer, FieldError, Form, Raw, Values, check_all};
use pages::form::{ErrorView, Hidden, StepPage, consent_views, error_views, further_steps, review_rows, step_page};
use pages::registration::{ActContext, ActLink, Acts, CheckInContext, CheckInResult, DoneContext, Pass};
use pages::rights::{CopyContext, LostContext, Section, StoredContext};
use pages::service::{
    CaseContext, EventView, Fact, FilesContext, ProblemContext, ReceiptContext, RefusedView, ReviewContext, SentContext,
    ServicePage, SessionFacts, StageView, StepContext, TrackContext,
};
use pages::{Frame, Link, Templates, frame::Asset};

/// Every template of the theme, by name.
pub fn theme_templates() -> BTreeMap<String, String> {
    fn read(folder: &Path, prefix: &str, sources: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
            if entry.path().is_dir() {
                read(&entry.path(), &format!("{name}/"), sources);
            } else {
                sources.insert(name, fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
    let mut sources = BTreeMap::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../themes/xiangshang/templates"), "", &mut sources);
    sources
}

pub fn frame() -> Frame {
    let asset = |name: &str| {
        let (stem, extension) = name.split_once('.').unwrap();
        let asset = Asset { url: format!("/assets/{stem}.0123abcd.{extension}"), integrity: "sha384-0123".to_owned() };
        (name.to_owned(), asset)
    };
    Frame {
        site_name: "相商未来".to_owned(),
        tagline: "为企业办事".to_owned(),
        base_url: "https://xiangshang.example".to_owned(),
        domain: "xiangshang.example".to_owned(),
        site_code: None,
        organiser: "淮北市相山区工商联".to_owned(),
        telephone: Some("0561-1234567".to_owned()),
        address: None,
        icp: None,
        police: None,
        trial: true,
        navigation: vec![link("提诉求", "/appeal/"), link("查进度", "/track/")],
        footer: vec![link("关于本站", "/about/")],
        assets: ["site.css", "site.js", "form.css", "form.js", "files.js", "seats.js", "mark.svg"]
            .into_iter()
            .map(asset)
            .collect(),
    }
}

fn link(label: &str, url: &str) -> Link {
    Link { label: label.to_owned(), url: url.to_owned() }
}

pub fn appeal() -> Form {
    serde_json::from_str(include_str!("appeal.json")).unwrap()
}

pub fn registration() -> Form {
    serde_json::from_str(include_str!("registration.json")).unwrap()
}

pub fn raw(answers: &[(&str, &str)]) -> Raw {
    let mut raw = Raw::default();
    for (name, value) in answers {
        raw.0.entry((*name).to_owned()).or_default().push((*value).to_owned());
    }
    raw
}

pub fn errors(messages: &[(&str, &str)]) -> Vec<FieldError> {
    let error = |(field, message): &(&str, &str)| FieldError { field: (*field).to_owned(), message: (*message).to_owned() };
    messages.iter().map(error).collect()
}

fn hidden(form: &Form) -> Vec<Hidden> {
    vec![Hidden { name: "version".to_owned(), value: form.version.to_string() }]
}

pub fn appeal_step(index: usize, answers: &[(&str, &str)]) -> StepPage {
    let form = appeal();
    let step = step_page(&form, index, &raw(answers), &[], "/f/appeal", hidden(&form), None);
    StepPage { further: if index == 0 { further_steps(&form, "/f/appeal") } else { Vec::new() }, ..step }
}

pub fn registration_step() -> StepPage {
    let form = registration();
    let mut hidden = hidden(&form);
    hidden.push(Hidden { name: "session".to_owned(), value: "djt-2026-q4".to_owned() });
    step_page(&form, 0, &Raw::default(), &[], "/f/registration", hidden, None)
}

pub fn session() -> SessionFacts {
    SessionFacts {
        title: "企业用工风险防范".to_owned(),
        url: "/courses/2026-q4/".to_owned(),
        time: "2026年12月5日（周六）14:00—17:00".to_owned(),
        place: "区政务服务中心三楼报告厅".to_owned(),
        form: "现场或线上".to_owned(),
        seats: "还有 12 个现场名额".to_owned(),
        live: None,
        contact: "区工商联办公室".to_owned(),
        example: true,
    }
}

const DRAFT: &str = "/f/appeal/draft/0f1e2d";

fn typed() -> Raw {
    raw(&[
        ("category", "labour"),
        ("title", "招不到熟练的缝纫工"),
        ("description", "今年以来一直招不到人。\r\n已经耽误了两批订单，请帮忙。"),
        ("urgency", "urgent"),
        ("urgency_reason", "本月底要交货"),
        ("channels", "hotline"),
        ("channels", "window"),
        ("company", "相山区示例服装厂"),
        ("mobile", "１３８ 0000-1234"),
        ("scale", ""),
    ])
}

/// The answers, none of which may be wrong.
pub fn values(raw: &Raw) -> Values {
    check_all(&appeal(), raw).unwrap_or_else(|errors| panic!("{errors:?}"))
}

pub fn step_with_errors() -> StepContext {
    let form = appeal();
    let mut typed = typed();
    typed.0.insert("title".to_owned(), vec!["招工难".to_owned()]);
    typed.0.insert("reported".to_owned(), vec!["说过".repeat(101)]);
    typed.0.remove("category");
    typed.0.remove("urgency");
    // In another order than the questions, and one that belongs to no question of the page.
    let errors = errors(&[
        ("version", "表格已更新，请再看一遍下面的问题"),
        ("reported", "请把“以前向谁反映过”缩短到 200 个字以内，现在是 202 个字"),
        ("urgency", "请选择有多急"),
        ("title", "“一句话说清是什么事”至少要 6 个字，现在是 3 个字"),
        ("category", "请选择哪一类问题"),
    ]);
    StepContext { step: step_page(&form, 0, &typed, &errors, "/f/appeal", hidden(&form), None), session: None }
}

pub fn further_step() -> StepContext {
    let form = appeal();
    let back = Some(format!("{DRAFT}/matter"));
    StepContext { step: step_page(&form, 1, &Raw::default(), &[], &format!("{DRAFT}/person"), Vec::new(), back), session: None }
}

pub fn review(problems: &[(&str, &str)]) -> ReviewContext {
    let form = appeal();
    let errors = errors(problems);
    ReviewContext {
        title: form.title.clone(),
        action: format!("{DRAFT}/confirm"),
        number: 3,
        total: 3,
        rows: review_rows(&form, &values(&typed()), |step| format!("{DRAFT}/{}", step.id)),
        warnings: vec!["“具体情况”里好像有身份证号，请删去后再提交。".to_owned()],
        consents: consent_views(&form, &raw(&[("forward", "yes")]), &errors),
        errors: error_views(&errors, &form.consents.iter().map(|consent| consent.id.as_str()).collect::<Vec<_>>()),
        refused: None,
        seen: "0a1b2c".to_owned(),
        act: form.act.clone(),
        back: format!("{DRAFT}/person"),
        session: None,
    }
}

pub fn review_refused() -> ReviewContext {
    let refused = RefusedView {
        title: "没有报上名".to_owned(),
        message: "这个手机号已经报过这一场了。填写的内容还在。".to_owned(),
        next: vec![link("改手机号", &format!("{DRAFT}/person#field-mobile")), link("查报名情况", "/track/")],
    };
    ReviewContext { refused: Some(refused), ..review(&[]) }
}

fn facts(facts: &[(&str, &str)]) -> Vec<Fact> {
    facts.iter().map(|(term, words)| Fact { term: (*term).to_owned(), words: (*words).to_owned() }).collect()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

pub fn appeal_receipt() -> ReceiptContext {
    ReceiptContext {
        form: "appeal".to_owned(),
        title: "诉求已收到".to_owned(),
        promise: "区工商联最迟在 2026年11月25日（周三）下班前打电话联系您。".to_owned(),
        number: "XS261124123457".to_owned(),
        code: "1234 5678".to_owned(),
        number_label: "受理编号".to_owned(),
        facts: facts(&[("首次联系", "最迟 2026年11月25日（周三）")]),
        next: words(&["我们打电话核实情况", "定级后告诉您办结的日期", "办完后回访"]),
        track: link("查进度", "/track/"),
        acts: Acts::default(),
        pass: None,
        track_picture: Some("/f/track/XS261124123457.png".to_owned()),
        calendar: None,
        session: None,
        received: "2026年11月24日（周二）10:20".to_owned(),
    }
}

pub fn registration_receipt() -> ReceiptContext {
    ReceiptContext {
        form: "registration".to_owned(),
        title: "报名成功".to_owned(),
        promise: "已为您留好 2 个现场名额。".to_owned(),
        number: "XB261124123456785".to_owned(),
        number_label: "报名编号".to_owned(),
        facts: Vec::new(),
        next: words(&["到场时给工作人员看签到码"]),
        track: link("查报名", "/track/"),
        session: Some(session()),
        acts: Acts { links: vec![act("查看、更改或取消报名", "show", true)], token: TOKEN.to_owned() },
        pass: Some(pass()),
        track_picture: None,
        calendar: Some("/f/calendar/0f1e2d.ics".to_owned()),
        ..appeal_receipt()
    }
}

pub fn track(refused: bool) -> TrackContext {
    let error = ErrorView {
        target: Some("field-number".to_owned()),
        message: "没有找到。请核对编号和查询码，再试一次".to_owned(),
    };
    TrackContext {
        action: "/f/track".to_owned(),
        number: if refused { "XS261124123450".to_owned() } else { String::new() },
        errors: if refused { vec![error] } else { Vec::new() },
    }
}

pub fn case() -> CaseContext {
    let stage = |name: &str, state: &str, date: Option<&str>| StageView {
        name: name.to_owned(),
        state: state.to_owned(),
        date: date.map(str::to_owned),
    };
    let event = |at: &str, what: &str, note: Option<&str>| EventView {
        at: at.to_owned(),
        what: what.to_owned(),
        note: note.map(str::to_owned),
    };
    CaseContext {
        number_label: "受理编号".to_owned(),
        number: "XS261124123457".to_owned(),
        state: "已受理，等待分级".to_owned(),
        stages: vec![
            stage("收集", "done", Some("11月24日")),
            stage("分级办理", "current", Some("11月25日")),
            stage("督查问效", "ahead", None),
            stage("回访", "ahead", None),
        ],
        facts: facts(&[("收到", "2026年11月24日（周二）10:20"), ("首次联系", "最迟 2026年11月25日（周三），还有 1 个工作日")]),
        events: vec![
            event("11月25日 09:10", "已受理", Some("已电话核实。\n材料齐全。")),
            event("11月24日 10:20", "已提交", None),
        ],
        session: None,
        notice: None,
        acts: Acts::default(),
        rights: Acts { links: vec![act("查看、更正、删除我的信息", "stored", false)], token: TOKEN.to_owned() },
        pass: None,
        calendar: None,
    }
}

const TOKEN: &str = "0a1b2c";

fn act(label: &str, name: &str, main: bool) -> ActLink {
    ActLink { label: label.to_owned(), action: format!("/f/act/{name}"), main }
}

fn pass() -> Pass {
    Pass {
        digits: "012 345".to_owned(),
        picture: "/f/qr/djt-2026-q4/012345.png".to_owned(),
        window: "12月5日 12:00—17:00".to_owned(),
    }
}

/// A registration with an offer to answer.
pub fn offered() -> CaseContext {
    CaseContext {
        number_label: "报名编号".to_owned(),
        number: "XB261124123456785".to_owned(),
        state: "轮到您了：名额已保留，等您确认".to_owned(),
        stages: Vec::new(),
        facts: facts(&[("参加人数", "2 人"), ("保留到", "2026年11月25日（周三）10:20，还剩 23 小时 40 分钟")]),
        events: vec![EventView { at: "11月24日 10:20".to_owned(), what: "报名已提交".to_owned(), note: None }],
        session: Some(session()),
        notice: Some("请在保留到期以前确认，过期自动让给下一位。".to_owned()),
        acts: Acts {
            links: vec![act("接受名额", "accept", true), act("放弃名额", "decline", false)], token: TOKEN.to_owned()
        },
        rights: Acts::default(),
        pass: None,
        calendar: None,
    }
}

pub fn cancelling() -> ActContext {
    ActContext {
        title: "取消报名".to_owned(),
        message: "还没有取消。确认以后名额立刻让给别人，不能恢复。".to_owned(),
        number_label: "报名编号".to_owned(),
        number: "XB261124123456785".to_owned(),
        facts: facts(&[("参加人数", "2 人")]),
        session: Some(session()),
        action: "/f/act/cancel".to_owned(),
        hidden: vec![Hidden { name: "token".to_owned(), value: TOKEN.to_owned() }],
        act: "确认取消报名".to_owned(),
        grave: true,
        stay: act("不取消，返回", "show", false),
    }
}

pub fn sent(again: bool) -> SentContext {
    SentContext { again: again.then(|| "/f/sent/abc?waited=1".to_owned()) }
}

pub fn files() -> FilesContext {
    FilesContext {
        number_label: "受理编号".to_owned(),
        number: "XS261201123456".to_owned(),
        kept: vec![Fact { term: "第 1 份".to_owned(), words: "照片（1.2 MB），12月1日 09:00".to_owned() }],
        closed: None,
        left: 2,
        action: "/f/files".to_owned(),
        hidden: vec![Hidden { name: "token".to_owned(), value: "t0ken".to_owned() }],
        longest_side: 2560,
        largest: 20_000_000,
        stay: ActLink { label: "不传了，回到办理进度".to_owned(), action: "/f/act/show".to_owned(), main: false },
        token: "t0ken".to_owned(),
    }
}

pub fn cancelled() -> DoneContext {
    DoneContext {
        title: "报名已取消".to_owned(),
        message: "名额已经让出。".to_owned(),
        done: true,
        number_label: "报名编号".to_owned(),
        number: "XB261124123456785".to_owned(),
        facts: Vec::new(),
        session: Some(session()),
        acts: Acts { links: vec![act("查看这次报名", "show", false)], token: TOKEN.to_owned() },
        next: vec![link("看别的活动", "/activities/")],
    }
}

pub fn stored() -> StoredContext {
    let section = |title: &str, lead: &str, rows: &[(&str, &str)]| Section {
        title: title.to_owned(),
        lead: lead.to_owned(),
        facts: facts(rows),
    };
    StoredContext {
        number_label: "受理编号".to_owned(),
        number: "XS261124123457".to_owned(),
        sections: vec![
            section("您填的内容", "您在网上提交，2026年11月24日 10:20收到。", &[("联系人", "王建国 <b>（加密保存）")]),
            section("谁看过", "还没有工作人员打开过加密的内容。", &[]),
        ],
        acts: Acts {
            links: vec![act("更正我的信息", "correct", false), act("返回", "show", false)], token: TOKEN.to_owned()
        },
    }
}

pub fn copy() -> CopyContext {
    CopyContext {
        number_label: "受理编号".to_owned(),
        number: "XS261124123457".to_owned(),
        text: "编号：XS261124123457\n\n【您填的内容】\n联系人：王建国 <b>\n".to_owned(),
        action: "/f/act/copy".to_owned(),
        hidden: vec![Hidden { name: "token".to_owned(), value: TOKEN.to_owned() }],
        acts: Acts { links: vec![act("返回", "stored", false)], token: TOKEN.to_owned() },
    }
}

pub fn lost(number: &str, by: Option<&str>) -> LostContext {
    let errors = if number.is_empty() || by.is_some() {
        Vec::new()
    } else {
        vec![ErrorView { target: Some("field-number".to_owned()), message: "编号不对".to_owned() }]
    };
    LostContext { action: "/f/track/lost".to_owned(), number: number.to_owned(), errors, by: by.map(str::to_owned) }
}

pub fn check_in(result: Option<CheckInResult>, ready: bool) -> CheckInContext {
    CheckInContext {
        session: session(),
        window: "12月5日 12:00—17:00".to_owned(),
        action: "/f/checkin/djt-2026-q4".to_owned(),
        digits: if ready { "012 345".to_owned() } else { String::new() },
        errors: Vec::new(),
        result,
        ready,
    }
}

pub fn welcome() -> CheckInContext {
    let result = CheckInResult { title: "签到成功".to_owned(), message: "现场席位，2 人".to_owned(), welcome: true };
    check_in(Some(result), false)
}

pub fn problem() -> ProblemContext {
    ProblemContext {
        title: "页面已过期".to_owned(),
        message: "这一页打开超过两小时，为了保护您的信息，填写的内容没有保留。".to_owned(),
        next: vec![link("重新填写诉求", "/appeal/"), link("回到首页", "/")],
        incident: Some("7F3K-20".to_owned()),
    }
}

pub fn hostile_step(hostile: &str) -> StepContext {
    let form = appeal();
    let typed = raw(&[("title", hostile), ("description", hostile), ("urgency_reason", hostile)]);
    let errors = errors(&[("title", hostile)]);
    let hidden = vec![Hidden { name: "session".to_owned(), value: hostile.to_owned() }];
    StepContext {
        step: step_page(&form, 0, &typed, &errors, "/f/appeal", hidden, Some(hostile.to_owned())),
        session: Some(hostile_session(hostile)),
    }
}

fn hostile_session(hostile: &str) -> SessionFacts {
    SessionFacts { title: hostile.to_owned(), url: hostile.to_owned(), place: hostile.to_owned(), ..session() }
}

pub fn hostile_review(hostile: &str) -> ReviewContext {
    let answers = ["title", "category", "company"].map(|id| (id.to_owned(), Answer::Text(hostile.to_owned())));
    ReviewContext {
        rows: review_rows(&appeal(), &Values(answers.into()), |step| step.id.clone()),
        warnings: vec![hostile.to_owned()],
        ..review(&[])
    }
}

pub fn hostile_track(hostile: &str) -> TrackContext {
    TrackContext { number: hostile.to_owned(), ..track(true) }
}

/// Every page of the functions.
pub fn every_page(templates: &Templates) -> Vec<String> {
    fn page(templates: &Templates, page: &impl ServicePage) -> String {
        templates.page(page, &frame()).unwrap_or_else(|error| panic!("{error}"))
    }
    vec![
        page(templates, &step_with_errors()),
        page(templates, &further_step()),
        page(templates, &StepContext { step: registration_step(), session: Some(session()) }),
        page(templates, &review(&[])),
        page(templates, &review(&[("handle", "请勾选，否则没法受理")])),
        page(templates, &review_refused()),
        page(templates, &appeal_receipt()),
        page(templates, &files()),
        page(templates, &sent(true)),
        page(templates, &sent(false)),
        page(templates, &registration_receipt()),
        page(templates, &track(false)),
        page(templates, &track(true)),
        page(templates, &case()),
        page(templates, &offered()),
        page(templates, &cancelling()),
        page(templates, &cancelled()),
        page(templates, &stored()),
        page(templates, &copy()),
        page(templates, &lost("XS1", None)),
        page(templates, &lost("XS261124123457", Some("2026年11月25日（周三）17:30"))),
        page(templates, &check_in(None, false)),
        page(templates, &check_in(None, true)),
        page(templates, &welcome()),
        page(templates, &problem()),
    ]
}
