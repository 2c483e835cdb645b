//! `calls`: whom to call, why and by when, and what came of it. Names and telephones only for a reason, which is recorded.

use anstyle::{AnsiColor, Style};
use domain::Moment;
use functions::{
    Service,
    office::{CallRow, Operator},
};

use crate::{
    cli::{CallOptions, CallsCommand, CallsListOptions, CallsOptions},
    failure::Failure,
    open::service_failure,
    terminal::{self, eprintln, print, println},
};

const LATE: Style = AnsiColor::Red.on_default().bold();

/// Prints the list, or records a call.
pub async fn run(options: CallsOptions) -> anyhow::Result<()> {
    match options.done {
        None => list(options.list).await,
        Some(CallsCommand::Done(call)) => record(call, true).await,
        Some(CallsCommand::Tried(call)) => record(call, false).await,
    }
}

async fn list(options: CallsListOptions) -> anyhow::Result<()> {
    let (service, clock) = super::open(&options.place).await?;
    let operator = if options.reveal { Some(super::operator(&options.who)?) } else { None };
    let reason = options.reason.unwrap_or_default();
    if operator.is_some() && reason.trim().is_empty() {
        return Err(Failure::new("没有写理由，没有打开姓名和电话", "写明理由，例如 --reason 逐个联系").into());
    }
    let calls = if options.undelivered { service.undelivered().await } else { service.calls().await };
    let calls = calls.map_err(service_failure)?;
    if calls.is_empty() {
        println!("{}", if options.undelivered { "没有发不出去的通知。" } else { "没有要打的电话。" });
        return Ok(());
    }
    let now = clock.now();
    let mut headings = vec!["编号", "为什么", "最迟", "提醒", "没打通"];
    let mut rows: Vec<Vec<String>> = calls.iter().map(|call| cells(call, now)).collect();
    if let Some(operator) = &operator {
        headings.extend(["姓名", "电话"]);
        for (row, call) in rows.iter_mut().zip(&calls) {
            row.extend(whom(&service, call, operator, reason.trim()).await?);
        }
    }
    // Two lines of heading stand above the rows. Late ones are red as well; the words say it already.
    for (position, line) in terminal::table(&headings, &rows).lines().enumerate() {
        match position.checked_sub(2).and_then(|row| calls.get(row)) {
            Some(call) if call.overdue => println!("{LATE}{line}{LATE:#}"),
            _ => println!("{line}"),
        }
    }
    for call in &calls {
        if let Some(next_step) = call.next_step {
            println!("{}  {next_step}", call.number);
        }
    }
    if options.undelivered {
        print!("\n共 {} 条通知没有发出去，内容他们在回执上都看过，不必打电话。", calls.len());
        println!("请检查短信或企业微信的接口。");
    } else {
        println!("\n共 {} 个电话。打通后：xiangshang calls done 编号；没打通：xiangshang calls tried 编号", calls.len());
    }
    if let Some(operator) = operator {
        eprintln!("已记录：{} 打开了以上姓名和电话，理由：{}", operator.0, reason.trim());
    }
    Ok(())
}

/// Name and telephone.
async fn whom(service: &Service, call: &CallRow, operator: &Operator, reason: &str) -> anyhow::Result<[String; 2]> {
    let answers = service.whom_to_call(&call.number, operator, reason).await.map_err(service_failure)?;
    let of = |fields: &[&str]| {
        let found = answers.iter().filter(|answer| fields.contains(&answer.field.as_str()));
        found.map(|answer| answer.value.clone()).collect::<Vec<_>>().join("，备用 ")
    };
    Ok([of(&["contact", "name"]), of(&["mobile", "other_contact"])])
}

fn cells(call: &CallRow, now: Moment) -> Vec<String> {
    let mut reminders = Vec::new();
    if call.overdue {
        reminders.push("已逾期".to_owned());
    } else if call.due.is_some_and(|due| due.date() == now.date()) {
        reminders.push("今天到期".to_owned());
    }
    if let Some(not_before) = call.not_before {
        reminders.push(format!("{}以后再打", terminal::moment(not_before)));
    }
    if let Some(failure) = &call.failure {
        reminders.push(format!("通知没发出去（{failure}）"));
    }
    vec![
        call.number.clone(),
        call.why.clone(),
        call.due.map(terminal::moment).unwrap_or_default(),
        reminders.join("，"),
        if call.tries == 0 { String::new() } else { format!("{} 次", call.tries) },
    ]
}

async fn record(options: CallOptions, reached: bool) -> anyhow::Result<()> {
    let number = super::number(&options.number);
    let operator = super::operator(&options.who)?;
    let note = options.note.as_deref().map(str::trim).filter(|note| !note.is_empty());
    let (service, _) = super::open(&options.place).await?;
    let recorded = if reached {
        service.call_done(&number, &operator, note).await
    } else {
        service.call_tried(&number, &operator, note).await
    };
    let recorded = recorded.map_err(service_failure)?;
    let how = if reached { "打通" } else { "打了电话，没打通" };
    println!("已记录：{} {how} {number}（{}）", operator.0, recorded.why.join("；"));
    if let Some(next_step) = recorded.next_step {
        println!("接下来：{next_step}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_listed_with_what_to_mind() {
        let at = |text: &str| text.parse::<Moment>().expect("a moment");
        let now = at("2026-11-25 10:00");
        let call = CallRow {
            number: "XB1".into(),
            why: "候补有名额了，问要不要".into(),
            due: Some(at("2026-11-25 17:30")),
            overdue: false,
            not_before: None,
            tries: 1,
            next_step: None,
            failure: Some("HTTP 503".into()),
        };
        let words = "今天到期，通知没发出去（HTTP 503）";
        assert_eq!(cells(&call, now), ["XB1", "候补有名额了，问要不要", "2026-11-25 17:30 周三", words, "1 次"]);
        let late = CallRow { overdue: true, not_before: Some(at("2026-11-26 08:00")), failure: None, ..call };
        assert_eq!(cells(&late, now)[3], "已逾期，2026-11-26 08:00 周四以后再打");
    }
}
