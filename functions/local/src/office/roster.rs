//! `roster`: who comes to a session. No names, unless a reason is given; the record says who opened them.

use std::collections::BTreeMap;

use functions::{RegistrationRow, office::Answer};

use crate::{
    cli::RosterOptions,
    open::service_failure,
    terminal::{self, eprintln, print, println},
};

const HEADINGS: [&str; 6] = ["编号", "报名时间", "方式", "人数", "情况", "签到码"];
/// Columns that stand beside them when names are open, and the fields that they show.
const NAMES: [(&str, &str); 4] = [("姓名", "name"), ("同行", "companions"), ("单位", "company"), ("手机", "mobile")];

/// Prints the roster of one session.
pub async fn run(options: RosterOptions) -> anyhow::Result<()> {
    let (service, _) = super::open(&options.place).await?;
    let roster = service.roster(&options.session).await.map_err(service_failure)?;
    let names = if options.reveal {
        let operator = super::operator(&options.who)?;
        let reason = super::reason(options.reason.as_deref(), "没有打开姓名")?;
        let names = service.reveal_roster(&options.session, &operator, reason).await.map_err(service_failure)?;
        eprintln!("已记录：{} 打开了 {} 的名单，理由：{reason}", operator.0, options.session);
        Some(names)
    } else {
        None
    };
    println!("《{}》 {}", roster.title, terminal::moment(roster.start));
    if roster.rows.is_empty() {
        println!("还没有人报名。");
        return Ok(());
    }
    let mut headings = HEADINGS.to_vec();
    if names.is_some() {
        headings.extend(NAMES.map(|(heading, _)| heading));
    }
    let rows: Vec<Vec<String>> = roster.rows.iter().map(|row| cells(row, names.as_ref())).collect();
    print!("{}", terminal::table(&headings, &rows));
    let people: u32 = roster.rows.iter().filter(|row| row.code.is_some()).map(|row| row.party).sum();
    println!("\n共 {} 个报名，其中有席位的 {people} 人。", roster.rows.len());
    if names.is_none() {
        println!("要看姓名：xiangshang roster {} --reveal --reason 理由", options.session);
    }
    Ok(())
}

fn cells(row: &RegistrationRow, names: Option<&BTreeMap<String, Vec<Answer>>>) -> Vec<String> {
    let mut cells = vec![
        row.number.clone(),
        terminal::moment(row.received),
        row.attendance.words().to_owned(),
        row.party.to_string(),
        row.standing.clone(),
        row.code.clone().unwrap_or_default(),
    ];
    if let Some(names) = names {
        let answers = names.get(&row.number).map_or(&[][..], Vec::as_slice);
        let value = |field: &str| answers.iter().find(|answer| answer.field == field).map(|answer| answer.value.clone());
        cells.extend(NAMES.map(|(_, field)| value(field).unwrap_or_default()));
    }
    cells
}

#[cfg(test)]
mod tests {
    use domain::Attendance;

    use super::*;

    #[test]
    fn names_stand_beside_their_numbers_only_when_they_were_opened() {
        let row = RegistrationRow {
            number: "XB26120100000001".to_owned(),
            received: "2026-12-01 09:00".parse().expect("a moment"),
            attendance: Attendance::Onsite,
            party: 2,
            standing: "报名成功（现场席位）".to_owned(),
            code: Some("012 345".to_owned()),
        };
        assert_eq!(cells(&row, None).len(), HEADINGS.len());
        let answer = |field: &str, value: &str| Answer { field: field.to_owned(), label: String::new(), value: value.to_owned() };
        let names = BTreeMap::from([(row.number.clone(), vec![answer("name", "李秀英"), answer("mobile", "13900139000")])]);
        assert_eq!(cells(&row, Some(&names))[HEADINGS.len()..], ["李秀英", "", "", "13900139000"].map(str::to_owned));
    }
}
