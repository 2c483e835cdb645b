//! `appeal`, `register` and `intake`: somebody telephones, and staff fill in the form for them (代填).
//!
//! 1. Take what the command line gives (`given`).
//! 2. Ask for the rest, question by question, with the declaration's own checks (`dialogue`).
//! 3. Read 核对 out, change what is wrong, confirm.
//! 4. Hand it to the functions, which check it all once more, and read out number and code.

mod dialogue;
mod given;

use std::{
    io::{BufRead, IsTerminal, Write},
    process::ExitCode,
};

use anstyle::Style;
use domain::{
    Session,
    form::{self, Form, Raw},
};
use functions::{
    Clock, Service,
    office::{Operator, Taken},
};
use pages::service::ReceiptContext;

use self::dialogue::{Confirmed, Dialogue};
use crate::{
    cli::{IntakeOptions, RegisterOptions, TakeOptions},
    failure::Failure,
    open::service_failure,
    terminal::{self, eprintln, print, println},
};

const HEADING: Style = Style::new().bold();

/// What is being taken, and by whom.
struct Task {
    service: Service,
    form: Form,
    operator: Operator,
}

/// 代填诉求.
pub async fn appeal(options: TakeOptions) -> anyhow::Result<ExitCode> {
    let operator = super::operator(&options.who)?;
    let (service, _) = super::open(&options.place).await?;
    let manifest = super::manifest(&options.place)?;
    let form = form_of(&manifest, "appeal")?;
    let raw = given::read(&form, &options)?;
    Task { service, form, operator }.take(raw, options.yes).await
}

/// 代填报名.
pub async fn register(options: RegisterOptions) -> anyhow::Result<ExitCode> {
    let operator = super::operator(&options.take.who)?;
    let (service, clock) = super::open(&options.take.place).await?;
    let manifest = super::manifest(&options.take.place)?;
    let session = match &options.session {
        Some(id) => {
            manifest.sessions.iter().find(|session| session.id == *id).ok_or_else(|| unknown_session(id, &manifest.sessions))?
        }
        None if options.take.yes => {
            return Err(Failure::new("没有说报哪一场", "加上 --session 场次；不加 --yes 就会列出来选").into());
        }
        None => choose_session(&manifest.sessions, &clock)?,
    };
    println!("{HEADING}{}{HEADING:#}\n{}", session.title, facts(session));
    let form = form_of(&manifest, &session.form)?.for_session(session);
    let mut raw = given::read(&form, &options.take)?;
    raw.0.insert("session".to_owned(), vec![session.id.clone()]);
    Task { service, form, operator }.take(raw, options.take.yes).await
}

/// 代填登记: any form whose answer is a call.
pub async fn intake(options: IntakeOptions) -> anyhow::Result<ExitCode> {
    let operator = super::operator(&options.take.who)?;
    let (service, _) = super::open(&options.take.place).await?;
    let manifest = super::manifest(&options.take.place)?;
    let intakes: Vec<&Form> = manifest.forms.iter().filter(|form| form.service == form::Service::Intake).collect();
    let form = match &options.form {
        Some(id) => *intakes.iter().find(|form| form.id == *id).ok_or_else(|| no_intake(id, &manifest.forms))?,
        None if options.take.yes => {
            let ids: Vec<&str> = intakes.iter().map(|form| form.id.as_str()).collect();
            return Err(Failure::new("没有说填哪一种登记", &format!("写上表单，可以写的有：{}", ids.join("、"))).into());
        }
        None => choose_form(&intakes)?,
    };
    println!("{HEADING}{}{HEADING:#}\n{}", form.title, form.summary);
    let raw = given::read(form, &options.take)?;
    Task { service, form: form.clone(), operator }.take(raw, options.take.yes).await
}

impl Task {
    async fn take(&self, mut raw: Raw, yes: bool) -> anyhow::Result<ExitCode> {
        if yes {
            return self.take_as_given(raw).await;
        }
        let mut dialogue = Dialogue::new(std::io::stdin().lock(), anstream::stdout());
        dialogue.complete(&self.form, &mut raw)?;
        if !dialogue.consents(&self.form, &mut raw)? {
            eprintln!("没有这项同意就不能办理，什么都没有保存。");
            return Ok(ExitCode::from(1));
        }
        loop {
            if dialogue.review(&self.form, &mut raw)? == Confirmed::No {
                eprintln!("没有提交，什么都没有保存。");
                return Ok(ExitCode::from(1));
            }
            match self.service.take(&self.form.id, raw.clone(), &self.operator).await {
                Ok(Taken::Received(receipt)) => {
                    read_out(&receipt);
                    return Ok(ExitCode::SUCCESS);
                }
                // The functions may be newer than what was asked here; ask again for what they refuse.
                Ok(Taken::Invalid(errors)) => {
                    dialogue.mend(&self.form, &mut raw, &errors)?;
                    if !dialogue.consents(&self.form, &mut raw)? {
                        return Ok(ExitCode::from(1));
                    }
                }
                Ok(Taken::Refused(why)) => {
                    eprintln!("不能办理：{why}\n什么都没有保存。");
                    return Ok(ExitCode::from(1));
                }
                // What somebody dictated for ten minutes is not thrown away because a disk was full for a moment.
                Err(error) => {
                    eprintln!("没有保存成功：{:#}\n填的内容还在，可以再提交一次。", service_failure(error));
                }
            }
        }
    }

    async fn take_as_given(&self, raw: Raw) -> anyhow::Result<ExitCode> {
        match self.service.take(&self.form.id, raw, &self.operator).await.map_err(service_failure)? {
            Taken::Received(receipt) => {
                read_out(&receipt);
                Ok(ExitCode::SUCCESS)
            }
            Taken::Invalid(errors) => {
                eprintln!("有 {} 处要改，什么都没有保存：", errors.len());
                for error in &errors {
                    eprintln!("  {}：{}", error.field, error.message);
                }
                Ok(ExitCode::from(1))
            }
            Taken::Refused(why) => {
                eprintln!("不能办理：{why}\n什么都没有保存。");
                Ok(ExitCode::from(1))
            }
        }
    }
}

/// What the caller is told before they hang up.
fn read_out(receipt: &ReceiptContext) {
    println!("\n{HEADING}{}{HEADING:#}", receipt.title);
    let mut pairs = vec![(receipt.number_label.as_str(), receipt.number.clone()), ("查询码", receipt.code.clone())];
    pairs.extend(receipt.facts.iter().map(|fact| (fact.term.as_str(), fact.words.clone())));
    print!("{}", terminal::pairs(&pairs));
    println!("{}", receipt.promise);
    for (position, next) in receipt.next.iter().enumerate() {
        println!("  {}. {next}", position + 1);
    }
    println!("请把编号和查询码念给来电人记下。");
}

fn form_of(manifest: &pages::Manifest, id: &str) -> anyhow::Result<Form> {
    let form = manifest.forms.iter().find(|form| form.id == id).cloned();
    form.ok_or_else(|| {
        Failure::new(format!("网站里没有表单 `{id}`"), &format!("检查 content/forms/{id}.yaml，再运行 xiangshang serve")).into()
    })
}

fn unknown_session(id: &str, sessions: &[Session]) -> anyhow::Error {
    let ids: Vec<&str> = sessions.iter().map(|session| session.id.as_str()).collect();
    Failure::new(format!("没有场次 `{id}`"), &format!("现有的场次：{}", ids.join("、"))).into()
}

fn no_intake(id: &str, forms: &[Form]) -> anyhow::Error {
    let remedy = match forms.iter().find(|form| form.id == id).map(|form| form.service) {
        Some(form::Service::Appeal) => "诉求用 xiangshang appeal".to_owned(),
        Some(form::Service::Registration) => "报名和预约时段用 xiangshang register".to_owned(),
        _ => {
            let intakes = forms.iter().filter(|form| form.service == form::Service::Intake);
            let known: Vec<String> = intakes.map(|form| format!("{}（{}）", form.id, form.title)).collect();
            format!("可以写的有：{}", known.join("、"))
        }
    };
    Failure::new(format!("没有叫 `{id}` 的登记"), &remedy).into()
}

fn choose_form<'a>(intakes: &[&'a Form]) -> anyhow::Result<&'a Form> {
    if intakes.is_empty() {
        return Err(Failure::new("网站里没有登记用的表单", "在 content/forms/ 里写一个 `service: intake` 的表单").into());
    }
    let rows: Vec<Vec<String>> = intakes
        .iter()
        .enumerate()
        .map(|(position, form)| vec![(position + 1).to_string(), form.title.clone(), form.id.clone()])
        .collect();
    print!("{}", terminal::table(&["序号", "名称", "表单"], &rows));
    choose("填哪一种？", intakes, |form| &form.id).copied()
}

/// Lists the sessions that are still ahead and asks for one.
fn choose_session<'a>(sessions: &'a [Session], clock: &Clock) -> anyhow::Result<&'a Session> {
    let now = clock.now();
    let mut ahead: Vec<&Session> = sessions.iter().filter(|session| session.end > now && !session.cancelled).collect();
    ahead.sort_by_key(|session| session.start);
    if ahead.is_empty() {
        return Err(
            Failure::new("现在没有可以报名的场次", "在 content/ 里给活动或课程写上 `session:`，再运行 xiangshang serve").into()
        );
    }
    let rows: Vec<Vec<String>> = ahead
        .iter()
        .enumerate()
        .map(|(position, session)| {
            let closed = if session.deadline < now { "（报名已截止）" } else { "" };
            vec![
                (position + 1).to_string(),
                terminal::moment(session.start),
                format!("{}{closed}", session.title),
                session.id.clone(),
            ]
        })
        .collect();
    print!("{}", terminal::table(&["序号", "时间", "名称", "场次"], &rows));
    choose("报哪一场？", &ahead, |session| &session.id).copied()
}

/// Asks for one of what was listed, by its place in the list or its id.
fn choose<'a, T>(question: &str, listed: &'a [T], id: impl Fn(&T) -> &str) -> anyhow::Result<&'a T> {
    let stdin = std::io::stdin();
    loop {
        print!("{question}写序号： ");
        std::io::stdout().flush()?;
        let mut line = String::new();
        if stdin.lock().read_line(&mut line)? == 0 {
            return Err(dialogue::Ended.into());
        }
        if !stdin.is_terminal() {
            println!();
        }
        let typed = line.trim();
        let chosen = typed.parse::<usize>().ok().and_then(|number| listed.get(number.wrapping_sub(1)));
        match chosen.or_else(|| listed.iter().find(|one| id(one) == typed)) {
            Some(one) => return Ok(one),
            None => println!("请写 1 到 {} 之间的序号。", listed.len()),
        }
    }
}

fn facts(session: &Session) -> String {
    terminal::pairs(&[
        ("时间", format!("{} 至 {}", terminal::moment(session.start), session.end.local().strftime("%H:%M"))),
        ("地点", session.place.clone()),
        ("报名截止", terminal::moment(session.deadline)),
    ])
}

/// What is wrong with one question of `form`, given all that was answered.
fn error_of(form: &Form, field: &str, raw: &Raw) -> Option<String> {
    let errors = form::check_all(form, raw).err()?;
    errors.into_iter().find(|error| error.field == field).map(|error| error.message)
}
