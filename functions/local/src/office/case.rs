//! `case`: one appeal or registration, and the work on it (`work`). What is sealed is only opened for a reason, and the record says who opened it.

use std::{
    fs,
    io::{self, Write},
    path::PathBuf,
};

use anstyle::Style;
use anyhow::Context;
use domain::attachment::size_in_words;
use functions::{
    Service,
    office::{Alike, Answer, CaseFile, Cleared, WorkFile},
};

use crate::{
    cli::CaseOptions,
    failure::Failure,
    open::service_failure,
    terminal::{self, eprintln, print, println},
};

/// So many of those that say much the same are opened beside a case, the latest first.
const MOST_BESIDE: usize = 3;
const HEADING: Style = Style::new().bold();

/// Prints a case file, and with `--reveal` what is sealed in it.
pub async fn run(options: CaseOptions) -> anyhow::Result<()> {
    if let Some(work) = options.work {
        return super::work::run(&options, work).await;
    }
    let number = super::number(&options.number);
    let (service, _) = super::open(&options.place).await?;
    if options.release || options.discard || options.handled || options.reopen || options.erase {
        return act(&service, &number, &options).await;
    }
    if let Some(place) = options.sent.file {
        return save(&service, &number, place, &options).await;
    }
    if options.new_code {
        return new_code(&service, &number, &options).await;
    }
    let file = service.case(&number).await.map_err(service_failure)?;
    show(&file, options.reveal);
    if options.reveal {
        let operator = super::operator(&options.who)?;
        let reason = super::reason(options.reason.as_deref(), "没有打开加密的内容")?;
        let answers = service.reveal(&number, &operator, reason).await.map_err(service_failure)?;
        section("加密的内容");
        print!("{}", answers_of(&answers));
        eprintln!("\n已记录：{} 打开了 {number} 的加密内容，理由：{reason}", operator.0);
        for alike in file.alike.iter().rev().take(MOST_BESIDE) {
            // Those are other people's words: that they were opened stands in their own record.
            let beside = format!("和 {number} 对照：{reason}");
            let others = service.reveal(&alike.number, &operator, &beside).await.map_err(service_failure)?;
            side_by_side(&file, &answers, alike, &others);
            eprintln!("已记录：{} 打开了 {} 的加密内容", operator.0, alike.number);
        }
    }
    Ok(())
}

/// Two appeals that say much the same, next to each other, and what to do when they are one matter: the later one goes on in the earlier.
fn side_by_side(file: &CaseFile, answers: &[Answer], alike: &Alike, others: &[Answer]) {
    let side = |number: &str, answers: &[Answer]| {
        let told = ["title", "description"].map(|field| {
            let answer = answers.iter().find(|answer| answer.field == field);
            answer.map(|answer| format!("{}：{}", answer.label, answer.value)).unwrap_or_default()
        });
        [number.to_owned()].into_iter().chain(told).collect::<Vec<_>>()
    };
    section(&format!("和 {} 相似（{}%）", alike.number, alike.per_cent));
    print!("{}", terminal::beside(&side(&file.number, answers), &side(&alike.number, others), terminal::width()));
    println!("\n{}", merging(file, alike));
}

fn merging(file: &CaseFile, alike: &Alike) -> String {
    let ours_is_later = (file.received, &file.number) > (alike.received, &alike.number);
    let (later, earlier) = if ours_is_later { (&file.number, &alike.number) } else { (&alike.number, &file.number) };
    format!("是同一件事就并案：xiangshang case {later} merge --into {earlier}")
}

/// Exchanges a query code, to be read out on the telephone.
async fn new_code(service: &Service, number: &str, options: &CaseOptions) -> anyhow::Result<()> {
    let operator = super::operator(&options.who)?;
    let reason = super::reason(options.reason.as_deref(), "没有换查询码")?;
    match service.new_code(number, &operator, reason).await.map_err(service_failure)? {
        Cleared::Done(code) => {
            println!("{number} 的新查询码：{code}");
            eprintln!("请在电话里念给本人听，不要发短信。旧的查询码已经作废。已记录：{} 换了查询码，理由：{reason}", operator.0);
            Ok(())
        }
        Cleared::Refused(why) => Err(Failure::new(why, &format!("查看这一件：xiangshang case {number}")).into()),
    }
}

/// Ends the quarantine of one that a person has looked at, or an intake that was dealt with, or takes that back; or erases.
async fn act(service: &Service, number: &str, options: &CaseOptions) -> anyhow::Result<()> {
    let operator = super::operator(&options.who)?;
    let reason = super::reason(options.reason.as_deref(), "什么也没有改")?;
    let (cleared, what) = if options.release {
        (service.release(number, &operator, reason).await, "核对了")
    } else if options.discard {
        (service.discard(number, &operator, reason).await, "核对了")
    } else if options.handled {
        (service.handle(number, &operator, reason).await, "办结了")
    } else if options.erase {
        (service.erase_for(number, &operator, reason).await, "删除了能认出本人的内容：")
    } else {
        (service.reopen(number, &operator, reason).await, "撤销了办结：")
    };
    match cleared.map_err(service_failure)? {
        Cleared::Done(state) => {
            println!("{number} 现在的状态：{state}");
            eprintln!("已记录：{} {what} {number}，理由：{reason}", operator.0);
            Ok(())
        }
        Cleared::Refused(why) => Err(Failure::new(why, &format!("查看这一件：xiangshang case {number}")).into()),
    }
}

/// Saves a file that was sent along, under a name of ours: what its sender called it is only told.
async fn save(service: &Service, number: &str, place: u8, options: &CaseOptions) -> anyhow::Result<()> {
    let operator = super::operator(&options.who)?;
    let reason = super::reason(options.reason.as_deref(), "没有取出文件")?;
    let opened = service.file(number, usize::from(place), &operator, reason).await.map_err(service_failure)?;
    let missing = || Failure::new(format!("{number} 没有第 {place} 份文件"), &format!("看有哪几份：xiangshang case {number}"));
    let file = opened.ok_or_else(missing)?;
    let named = || PathBuf::from(format!("{number}-{place}.{}", file.kind.extension()));
    let path = options.sent.save.clone().unwrap_or_else(named);
    let written = fs::File::options().write(true).create_new(true).open(&path).and_then(|mut to| to.write_all(&file.bytes));
    match written {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let what = format!("`{}` 已经有了，没有覆盖", path.display());
            return Err(Failure::new(what, "换个名字：加上 --save 文件名").into());
        }
        written => written.with_context(|| format!("不能写 `{}`", path.display()))?,
    }
    println!("已存到 {}（企业写的名字：{}，{}）", path.display(), file.name, size_in_words(file.bytes.len() as u64));
    println!("文件是外面传来的，没有查过病毒：请用杀毒软件查过再打开，办完请删掉这份副本。");
    eprintln!("已记录：{} 取出了 {number} 的第 {place} 份文件，理由：{reason}", operator.0);
    Ok(())
}

fn show(file: &CaseFile, revealing: bool) {
    let mut facts = vec![
        ("编号", file.number.clone()),
        ("种类", file.kind.clone()),
        ("状态", file.state.clone()),
        ("收到", terminal::moment(file.received)),
        ("来源", file.source.clone()),
    ];
    if let Some(contact_by) = file.contact_by {
        facts.push(("最迟联系", terminal::moment(contact_by)));
    }
    if let Some(work) = &file.work {
        facts.extend(work_facts(work));
    }
    if !file.quarantined.is_empty() {
        facts.push(("待人工核对", file.quarantined.join("\n")));
        facts.push(("核对以后", format!("xiangshang case {} --release（或 --discard） --reason 理由", file.number)));
    }
    print!("{}", terminal::pairs(&facts));
    if !file.plain.is_empty() {
        section("填写的内容");
        print!("{}", answers_of(&file.plain));
    }
    if !file.sealed.is_empty() && !revealing {
        section("加密的内容");
        println!("{}", file.sealed.join("、"));
        println!("要打开：xiangshang case {} --reveal --reason 理由", file.number);
    }
    if !file.files.is_empty() {
        section("企业传来的文件");
        let rows = file.files.iter().map(|sent| {
            let command = format!("xiangshang case {} --file {} --reason 理由", file.number, sent.place);
            vec![
                sent.place.to_string(),
                sent.kind.words().to_owned(),
                size_in_words(sent.size),
                terminal::moment(sent.at),
                command,
            ]
        });
        print!("{}", terminal::table(&["第几份", "种类", "大小", "收到", "取出"], &rows.collect::<Vec<_>>()));
    }
    if !file.alike.is_empty() {
        section("同一企业或手机号的相似诉求");
        let rows = file.alike.iter().map(|alike| {
            let per_cent = format!("{}%", alike.per_cent);
            vec![alike.number.clone(), per_cent, terminal::moment(alike.received), alike.state.clone()]
        });
        print!("{}", terminal::table(&["编号", "相似", "收到", "状态"], &rows.collect::<Vec<_>>()));
        if !revealing {
            println!("并排看内容：xiangshang case {} --reveal --reason 核对是否同一件事", file.number);
        }
    }
    if let Some(work) = file.work.as_ref().filter(|work| !work.next.is_empty()) {
        section("接下来可以");
        let rows = work.next.iter().filter_map(|(act, role)| {
            let command = format!("xiangshang case {} {}", file.number, super::work::typed(*act, work)?);
            Some(vec![act.words().to_owned(), role.words().to_owned(), command])
        });
        print!("{}", terminal::table(&["做什么", "由谁", "命令"], &rows.collect::<Vec<_>>()));
    }
    section("经过");
    let rows: Vec<Vec<String>> =
        file.events.iter().map(|event| vec![terminal::moment(event.at), event.by.clone(), event.what.clone()]).collect();
    print!("{}", terminal::table(&["时间", "谁", "做了什么"], &rows));
}

fn work_facts(work: &WorkFile) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if work.round > 1 {
        facts.push(("轮次", format!("第 {} 轮", work.round)));
    }
    facts.extend(work.grade.clone().map(|grade| ("分级", grade)));
    if let Some(suggestion) = &work.suggestion {
        facts.push(("建议分级", format!("{}：{}", suggestion.grade.words(), suggestion.reasons.join("；"))));
    }
    facts.extend(work.assigned.clone().map(|assigned| ("承办", assigned)));
    facts.extend(work.owed.map(|(what, by)| ("下一步欠企业", format!("{what}，最迟{}", terminal::moment(by)))));
    let late = if work.overdue { "，已超时" } else { "" };
    facts.extend(work.result_by.map(|moment| ("最迟有结果", format!("{}{late}", terminal::moment(moment)))));
    if work.supervised {
        facts.push(("督办", "督办中".to_owned()));
    }
    facts
}

fn section(heading: &str) {
    println!("\n{HEADING}{heading}{HEADING:#}");
}

fn answers_of(answers: &[Answer]) -> String {
    let pairs: Vec<(&str, String)> = answers.iter().map(|answer| (answer.label.as_str(), answer.value.clone())).collect();
    terminal::pairs(&pairs)
}
