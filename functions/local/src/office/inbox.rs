//! `inbox`: who has written and by when somebody must call, and which cases are being worked on; with `--handled` which intakes were dealt with. No names: those are opened one
//! by one with `case`.

use anstyle::{AnsiColor, Style};
use domain::Moment;
use functions::{
    Service,
    office::{CaseRow, HandledRow, InboxRow, Shown},
};

use crate::{
    cli::InboxOptions,
    open::service_failure,
    terminal::{self, print, println},
};

const LATE: Style = AnsiColor::Red.on_default().bold();
/// So many rows of each table are printed, unless all are asked for: a screen or two, and more are not worked on in a day.
const FIRST: usize = 50;
const HEADINGS: [&str; 7] = ["编号", "收到", "最迟联系", "提醒", "紧急程度", "类别", "状态"];

/// Prints the inbox.
pub async fn run(options: InboxOptions) -> anyhow::Result<()> {
    let (service, clock) = super::open(&options.place).await?;
    if options.handled {
        return handled(&service).await;
    }
    let most = if options.all { usize::MAX } else { FIRST };
    let inbox = service.inbox(most).await.map_err(service_failure)?;
    let cases = service.open_cases(most).await.map_err(service_failure)?;
    let now = clock.now();
    if inbox.rows.is_empty() {
        println!("收件箱是空的：没有待办的诉求和登记。");
    } else {
        waiting(&inbox, now);
    }
    if !cases.rows.is_empty() {
        worked_on(&cases, now);
    }
    Ok(())
}

/// Cases that somebody works on, late ones in red as well.
fn worked_on(Shown { rows: cases, all, overdue }: &Shown<CaseRow>, now: Moment) {
    const HEADINGS: [&str; 8] = ["正在办理", "下一步", "最迟", "提醒", "分级", "类别", "状态", "承办单位"];
    let rows: Vec<Vec<String>> = (cases.iter())
        .map(|row| {
            let today = row.due.is_some_and(|due| due.date() == now.date());
            let remarks = [(row.overdue, "已超时"), (today && !row.overdue, "今天到期"), (row.supervised, "督办中")];
            let remarks: Vec<&str> = remarks.into_iter().filter(|(holds, _)| *holds).map(|(_, remark)| remark).collect();
            let due = row.due.map(terminal::moment).unwrap_or_default();
            vec![
                row.number.clone(),
                row.owed.to_owned(),
                due,
                remarks.join("，"),
                row.grade.clone(),
                row.category.clone(),
                row.state.clone(),
                row.unit.clone(),
            ]
        })
        .collect();
    println!();
    for (position, line) in terminal::table(&HEADINGS, &rows).lines().enumerate() {
        match position.checked_sub(2).and_then(|row| cases.get(row)) {
            Some(row) if row.overdue => println!("{LATE}{line}{LATE:#}"),
            _ => println!("{line}"),
        }
    }
    println!("\n共 {all} 件正在办理{}。接下来可以做什么：xiangshang case 编号", of_them(*overdue, "已超时"));
    rest(*all - cases.len());
}

/// What waits for a call.
fn waiting(Shown { rows: inbox, all, overdue }: &Shown<InboxRow>, now: Moment) {
    let rows: Vec<Vec<String>> = inbox.iter().map(|row| cells(row, now)).collect();
    let table = terminal::table(&HEADINGS, &rows);
    // Two lines of heading stand above the rows. Late ones are red as well; the words say it already.
    for (position, line) in table.lines().enumerate() {
        match position.checked_sub(2).and_then(|row| inbox.get(row)) {
            Some(row) if row.overdue => println!("{LATE}{line}{LATE:#}"),
            _ => println!("{line}"),
        }
    }
    println!("\n共 {all} 件待办{}。查看一件：xiangshang case 编号", of_them(*overdue, "已逾期"));
    rest(*all - inbox.len());
    if inbox.iter().any(|row| row.intake) {
        println!("登记办好以后：xiangshang case 编号 --handled --reason 结果");
    }
}

fn of_them(overdue: usize, words: &str) -> String {
    if overdue == 0 { String::new() } else { format!("，其中 {overdue} 件{words}") }
}

/// How to see those that were not printed.
fn rest(left: usize) {
    if left > 0 {
        println!("上面是最要紧的 {FIRST} 件，还有 {left} 件没有列出。全部列出：xiangshang inbox --all");
    }
}

async fn handled(service: &Service) -> anyhow::Result<()> {
    let rows = service.handled().await.map_err(service_failure)?;
    if rows.is_empty() {
        println!("还没有办结的登记。");
        return Ok(());
    }
    let cells = rows.iter().map(|row| {
        let HandledRow { number, matter, received, at, by } = row;
        vec![number.clone(), matter.clone(), terminal::moment(*received), terminal::moment(*at), by.clone()]
    });
    print!("{}", terminal::table(&["编号", "类别", "收到", "办结", "谁"], &cells.collect::<Vec<_>>()));
    println!("\n共 {} 件。结果：xiangshang case 编号；还没办好：xiangshang case 编号 --reopen --reason 理由", rows.len());
    Ok(())
}

fn cells(row: &InboxRow, now: Moment) -> Vec<String> {
    let mut reminders: Vec<String> = Vec::new();
    if row.overdue && row.contacted {
        reminders.push("已联系，还没有受理".to_owned());
    } else if row.overdue {
        reminders.push("已逾期".to_owned());
    } else if row.contacted {
        reminders.push("已联系".to_owned());
    } else if row.contact_by.date() == now.date() {
        reminders.push("今天到期".to_owned());
    }
    if row.quarantined {
        reminders.push("待人工核对".to_owned());
    }
    if let Some(latest) = row.alike.last() {
        reminders.push(format!("和 {latest} 相似"));
    }
    vec![
        row.number.clone(),
        terminal::moment(row.received),
        terminal::moment(row.contact_by),
        reminders.join("，"),
        row.urgency.clone(),
        row.category.clone(),
        row.state.clone(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_late_or_due_today_is_said_in_words() {
        let now: Moment = "2026-11-25 10:00".parse().unwrap();
        for (contact_by, overdue, contacted, quarantined, alike, words) in [
            ("2026-11-24 17:30", true, false, false, &[][..], "已逾期"),
            ("2026-11-25 09:00", true, false, true, &[], "已逾期，待人工核对"),
            ("2026-11-25 17:30", false, false, false, &[], "今天到期"),
            ("2026-11-25 17:30", false, true, false, &[], "已联系"),
            ("2026-11-18 17:30", true, true, false, &[], "已联系，还没有受理"),
            ("2026-11-26 17:30", false, false, false, &[], ""),
            ("2026-11-26 17:30", false, false, true, &[], "待人工核对"),
            ("2026-11-26 17:30", false, false, false, &["XS1", "XS2"], "和 XS2 相似"),
        ] {
            let row = InboxRow {
                number: "XS261124123456".into(),
                received: now,
                urgency: "一般".into(),
                category: "融资".into(),
                state: "已提交，等待受理".into(),
                contact_by: contact_by.parse().unwrap(),
                due: contact_by.parse().unwrap(),
                overdue,
                contacted,
                quarantined,
                intake: false,
                alike: alike.iter().map(|number| (*number).to_owned()).collect(),
            };
            assert_eq!(cells(&row, now)[3], words, "{contact_by}");
        }
    }
}
