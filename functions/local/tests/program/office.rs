//! The office's commands on the project's own content and forms, beside a `serve` that runs.

use std::{fs, process::Output};

use crate::site::{Site, complained, said};

const NOW: &str = "2026-11-24T10:00:00+08:00";
const APPEAL: [&str; 9] = [
    "category=finance",
    "title=贷款到期无法续贷",
    "description=我公司在某银行的流动资金贷款下月到期，银行口头告知不再续贷，请协调。",
    "urgency=一般",
    "company=淮北某某食品有限公司",
    "contact=张三丰",
    "mobile=１３８ 1234-5678",
    "publish=no",
    "handle=yes",
];

/// The project's site, built once, and nobody has written yet.
fn built() -> Site {
    let site = Site::whole();
    drop(site.serve(&["--now", NOW, "--no-watch"]));
    site
}

fn take(site: &Site, command: &[&str], answers: &[&str]) -> Output {
    let mut arguments = command.to_vec();
    arguments.extend(["--yes", "--now", NOW]);
    for answer in answers {
        arguments.extend(["--set", answer]);
    }
    site.run(&arguments)
}

/// The number in what was printed.
fn number(said: &str, start: &str) -> String {
    let found =
        said.split_whitespace().find(|word| word.starts_with(start) && word[2..].bytes().all(|byte| byte.is_ascii_digit()));
    found.unwrap_or_else(|| panic!("no {start}… in {said}")).to_owned()
}

#[test]
fn an_appeal_taken_on_the_telephone_is_found_again_while_the_site_is_served() {
    let site = Site::whole();
    let _server = site.serve(&["--now", NOW, "--no-watch"]);
    let taken = take(&site, &["appeal"], &APPEAL);
    assert_eq!(taken.status.code(), Some(0), "{}", complained(&taken));
    let number = number(&said(&taken), "XS261124");
    assert!(said(&taken).contains("查询码"), "{}", said(&taken));

    let inbox = said(&site.run(&["inbox", "--now", NOW]));
    assert!(inbox.contains(&number) && inbox.contains("2026-11-25") && inbox.contains("共 1 件待办"), "{inbox}");
    let late = said(&site.run(&["inbox", "--now", "2026-11-27T10:00:00+08:00"]));
    assert!(late.contains("已逾期") && late.contains("其中 1 件已逾期"), "{late}");

    let case = said(&site.run(&["case", &number.to_lowercase(), "--now", NOW]));
    for text in ["融资", "代填", "测试员", "手机号", "要打开："] {
        assert!(case.contains(text), "{text} in {case}");
    }
    for secret in ["张三丰", "13812345678", "贷款到期", "某某食品"] {
        assert!(!case.contains(secret) && !inbox.contains(secret), "{secret} is sealed: {case}{inbox}");
    }

    let revealed = site.run(&["case", &number, "--reveal", "--reason", "首次联系", "--operator", "李四", "--now", NOW]);
    for secret in ["张三丰", "13812345678", "贷款到期", "某某食品"] {
        assert!(said(&revealed).contains(secret), "{secret} in {}", said(&revealed));
    }
    assert!(complained(&revealed).contains("已记录：李四"), "{}", complained(&revealed));
}

#[test]
fn the_ledger_is_written_for_a_spreadsheet() {
    let site = built();
    let mut answers = APPEAL.to_vec();
    answers[4] = "company==HYPERLINK(1)有限公司";
    let number = number(&said(&take(&site, &["appeal"], &answers)), "XS");
    let brief = said(&site.run(&["ledger", "--now", NOW]));
    assert!(brief.contains("受理编号") && brief.contains(&number), "{brief}");

    let written = site.run(&["ledger", "--csv", "--output", "台账.csv", "--now", NOW]);
    assert_eq!(written.status.code(), Some(0), "{}", complained(&written));
    let bytes = fs::read(site.path("台账.csv")).expect("the file is there");
    assert!(bytes.starts_with(b"\xEF\xBB\xBF"));
    let text = String::from_utf8(bytes).expect("UTF-8");
    let heading = text.trim_start_matches('\u{feff}').split("\r\n").next().expect("a heading");
    let columns: Vec<&str> = heading.split(',').collect();
    let wanted = "序号 受理编号 收集时间 来源 企业名称 信用代码 产业链 规模 镇街/园区 联系人 联系电话 类别 五大环境 内容摘要 紧急程度 分级 牵头单位 \
        配合单位 双组长 交办时间 办理时限 办理进展 办理结果 是否办结 办结时间 用时(工作日) 是否延期/次数/原因 督办情况 回访时间 是否解决 满意度 \
        是否重办 是否公开 备注";
    assert_eq!(columns, wanted.split_whitespace().collect::<Vec<_>>());
    assert!(text.contains(",要素,"), "the category's environment in {text}");
    for cell in [number.as_str(), "'=HYPERLINK(1)有限公司", "13812345678\t"] {
        assert!(text.contains(cell), "{cell} in {text}");
    }

    let masked = said(&site.run(&["ledger", "--csv", "--tier", "environment", "--now", NOW]));
    assert!(!masked.contains("13812345678") && masked.contains("138****5678"), "{masked}");
    let public = said(&site.run(&["ledger", "--csv", "--tier", "public", "--now", NOW]));
    assert!(!public.contains("HYPERLINK") && !public.contains("138****") && !public.contains("张三丰"), "{public}");
}

#[test]
fn what_is_wrong_is_told_and_nothing_is_stored() {
    let site = built();
    let mut answers = APPEAL.to_vec();
    answers[6] = "mobile=138";
    let refused = take(&site, &["appeal"], &answers);
    assert_eq!(refused.status.code(), Some(1));
    assert!(complained(&refused).contains("请填写 11 位手机号"), "{}", complained(&refused));
    let unagreed = take(&site, &["appeal"], &APPEAL[..8]);
    assert_eq!(unagreed.status.code(), Some(1));
    assert!(complained(&unagreed).contains("请勾选"), "{}", complained(&unagreed));
    let misspelt = take(&site, &["appeal"], &["compny=某某"]);
    assert!(
        complained(&misspelt).contains("没有 `compny`") && complained(&misspelt).contains("company"),
        "{}",
        complained(&misspelt)
    );
    assert!(said(&site.run(&["inbox", "--now", NOW])).contains("收件箱是空的"));
}

#[test]
fn an_appeal_is_taken_in_a_conversation() {
    let site = built();
    let given = ["category=finance", "publish=no", "handle=yes"];
    let mut arguments = vec!["appeal", "--now", NOW];
    for answer in given {
        arguments.extend(["--set", answer]);
    }
    // Wherever a question is left out, an empty line answers it; the wrong number is asked for again.
    let talk = "短\n贷款到期无法续贷\n我公司在某银行的流动资金贷款下月到期，银行口头告知不再续贷，请协调。\n\n";
    let output = site.talk(&arguments, talk);
    assert_eq!(output.status.code(), Some(1), "the conversation ended early");
    assert!(complained(&output).contains("没有答完，什么都没有保存"), "{}", complained(&output));
    assert!(said(&output).contains("具体情况"), "{}", said(&output));

    for answer in &APPEAL[1..7] {
        arguments.extend(["--set", answer]);
    }
    let rest = "\n".repeat(8) + &"n\n".repeat(20);
    let refused = site.talk(&arguments, &rest);
    assert!(complained(&refused).contains("什么都没有保存"), "{}", complained(&refused));
    let rest = "\n".repeat(8) + &"y\n".repeat(20);
    let taken = site.talk(&arguments, &rest);
    assert_eq!(taken.status.code(), Some(0), "{}{}", said(&taken), complained(&taken));
    assert!(said(&taken).contains("核对"), "{}", said(&taken));
    number(&said(&taken), "XS261124");
    assert!(said(&site.run(&["inbox", "--now", NOW])).contains("共 1 件待办"));
}

#[test]
fn a_registration_is_taken_once_for_each_telephone() {
    let site = built();
    let answers = ["name=王芳菲", "mobile=13900001234", "company=相山某某商贸有限公司", "attendance=onsite", "handle=yes"];
    let taken = take(&site, &["register", "--session", "djt-2026-q4"], &answers);
    assert_eq!(taken.status.code(), Some(0), "{}", complained(&taken));
    let number = number(&said(&taken), "XB261124");
    let case = said(&site.run(&["case", &number, "--now", NOW]));
    assert!(case.contains("报名") && !case.contains("王芳菲"), "{case}");
    let revealed = said(&site.run(&["case", &number, "--reveal", "--reason", "核对参会人", "--now", NOW]));
    assert!(revealed.contains("王芳菲") && revealed.contains("13900001234"), "{revealed}");

    let again = take(&site, &["register", "--session", "djt-2026-q4"], &answers);
    assert_eq!(again.status.code(), Some(1), "{}", said(&again));
    assert!(complained(&again).contains("什么都没有保存"), "{}", complained(&again));

    let unknown = take(&site, &["register", "--session", "djt"], &answers);
    assert!(
        complained(&unknown).contains("没有场次 `djt`") && complained(&unknown).contains("djt-2026-q4"),
        "{}",
        complained(&unknown)
    );
    let listed = site.talk(&["register", "--now", NOW], "0\n");
    assert!(said(&listed).contains("djt-2026-q4") && said(&listed).contains("之间的序号"), "{}", said(&listed));
}

#[test]
fn an_intake_is_taken_on_the_telephone_and_leaves_the_inbox_when_it_is_dealt_with() {
    let site = built();
    let answers = [
        "library=finance",
        "need=收购季节要用五十万元周转三个月，想问问哪家银行能办",
        "company=相山某某食品厂",
        "contact=张三丰",
        "mobile=13812345678",
        "handle=yes",
    ];
    let taken = take(&site, &["intake", "library"], &answers);
    assert_eq!(taken.status.code(), Some(0), "{}", complained(&taken));
    assert!(said(&taken).contains("三库对接") && said(&taken).contains("登记编号"), "{}", said(&taken));
    let number = number(&said(&taken), "XB261124");

    let inbox = said(&site.run(&["inbox", "--now", NOW]));
    assert!(inbox.contains(&number) && inbox.contains("--handled --reason"), "{inbox}");
    site.run(&["calls", "done", &number, "--now", NOW]);
    let inbox = said(&site.run(&["inbox", "--now", "2026-12-24T10:00:00+08:00"]));
    assert!(inbox.contains("已联系") && !inbox.contains("逾期"), "{inbox}");

    assert_eq!(site.run(&["case", &number, "--handled"]).status.code(), Some(2), "no result, no end");
    let handled = site.run(&["case", &number, "--handled", "--reason", "已转服务站", "--operator", "张敏", "--now", NOW]);
    assert!(
        said(&handled).contains("已办结") && complained(&handled).contains("已记录：张敏 办结了"),
        "{}",
        complained(&handled)
    );
    assert!(said(&site.run(&["inbox", "--now", NOW])).contains("收件箱是空的"));
    let list = said(&site.run(&["inbox", "--handled", "--now", NOW]));
    assert!(list.contains(&number) && list.contains("张敏") && list.contains("--reopen"), "{list}");
    assert!(said(&site.run(&["case", &number, "--now", NOW])).contains("办结：已转服务站"));
    site.run(&["case", &number, "--reopen", "--reason", "又来问", "--now", NOW]);
    assert!(said(&site.run(&["inbox", "--now", NOW])).contains(&number));

    for (form, words) in
        [("appeal", "诉求用 xiangshang appeal"), ("registration", "xiangshang register"), ("libary", "library（三库对接）")]
    {
        let wrong = site.run(&["intake", form, "--now", NOW]);
        assert_eq!(wrong.status.code(), Some(1));
        assert!(complained(&wrong).contains(words), "{}", complained(&wrong));
    }
    let listed = site.talk(&["intake", "--now", NOW], "9\n2\n");
    assert!(said(&listed).contains("三库对接") && said(&listed).contains("之间的序号"), "{}", said(&listed));
    assert!(complained(&listed).contains("没有答完"), "{}", complained(&listed));
}

#[test]
fn a_log_that_is_not_read_on_a_terminal_has_no_colours() {
    let site = built();
    let mut arguments = vec!["appeal", "--yes", "--now", NOW];
    for answer in &APPEAL {
        arguments.extend(["--set", answer]);
    }
    let output = site.command(&arguments).env_remove("NO_COLOR").env("RUST_LOG", "info").output().expect("xiangshang runs");
    let log = complained(&output);
    assert!(log.contains("INFO") && log.contains("an appeal was filed"), "{log}");
    assert!(!log.contains('\u{1b}') && !said(&output).contains('\u{1b}'), "{log:?}");
}

#[test]
fn what_cannot_be_done_is_said_with_what_to_do() {
    let site = Site::whole();
    let before = take(&site, &["appeal"], &APPEAL);
    assert_eq!(before.status.code(), Some(1));
    assert!(complained(&before).contains("先运行一次 xiangshang serve"), "{}", complained(&before));
    drop(site.serve(&["--now", NOW, "--no-watch"]));

    let unknown = site.run(&["case", "XS261124000000", "--now", NOW]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(complained(&unknown).contains("没有编号为 `XS261124000000`"), "{}", complained(&unknown));

    let nobody = site.command(&["ledger"]).env("USER", "").output().expect("xiangshang runs");
    assert!(complained(&nobody).contains("--operator"), "{}", complained(&nobody));

    take(&site, &["appeal"], &APPEAL);
    fs::rename(site.path("config/xiangshang/key"), site.path("lost")).expect("the key lies in the configuration");
    let keyless = site.run(&["inbox"]);
    assert_eq!(keyless.status.code(), Some(1));
    assert!(complained(&keyless).contains("密钥文件") && complained(&keyless).contains("备份"), "{}", complained(&keyless));
}
