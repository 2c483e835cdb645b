//! Rules of activities and courses: times in order, seats that fit the way of attending.

use domain::Attendance;

use super::{super::typed::written, Report};
use crate::{
    kinds::{Course, Event, Registration, Slot, Status},
    slug::slug,
};

/// A course: an event with hours.
pub fn course(course: &Course, report: &mut Report<'_>) {
    event(&course.event, report);
    if let Some(hours) = course.hours
        && !(hours > 0.0 && hours <= 200.0)
    {
        report
            .error("bad_number", "hours", format!("课时应当大于 0、不超过 200，现在是 {hours}"))
            .hint("写课时数，如 `hours: 2.5`；说不准就删掉这一行");
    }
}

/// What activities and courses share.
pub fn event(event: &Event, report: &mut Report<'_>) {
    report.filled("event.place", &event.place, "地点");
    report.filled("event.audience", &event.audience, "对象");
    report.filled("event.contact", &event.contact, "联系方式");
    if event.end <= event.start && report.sound("event.start") {
        report
            .error("end_before_start", "event.end", format!("结束时间不晚于开始时间（{}）", written(event.start.local())))
            .hint(format!(
                "改成开始之后的时间，如 `end: {}`",
                written(event.start.local().saturating_add(jiff::Span::new().hours(2)))
            ));
    }
    if event.status != Status::Scheduled && event.status_note.as_deref().is_none_or(|note| note.trim().is_empty()) {
        let (status, example) = match event.status {
            Status::Cancelled => ("取消", "因场地原因取消，已报名的企业由工作人员逐一电话告知"),
            _ => ("改期", "改到另行通知的时间，已报名的继续有效"),
        };
        report
            .warning("no_status_note", "event.status", format!("活动{status}了，却没有告诉读者的话"))
            .hint(format!("在 `event:` 下面加一行 `status_note: {example}`"));
    }
    if let Some(registration) = &event.registration {
        self::registration(registration, event, report);
    }
}

fn registration(registration: &Registration, event: &Event, report: &mut Report<'_>) {
    session_id(&registration.id, "event.registration.id", report);
    for (index, slot) in registration.slots.iter().enumerate() {
        self::slot(slot, index, event, report);
    }
    times(registration, event, report);
    seats(registration, event.attendance, report);
    limits(registration, report);
}

fn session_id(id: &str, path: &str, report: &mut Report<'_>) {
    let fits = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-';
    if id.is_empty() || !id.chars().all(fits) {
        let right = match slug(id) {
            empty if empty.is_empty() => "djt-2026-q4".to_owned(),
            right => right,
        };
        report
            .error("bad_session_id", path, format!("场次编号只能用小写字母、数字和连字符：`{id}`"))
            .hint(format!("写成 `id: {right}`"));
    }
}

/// A slot lies within its event.
fn slot(slot: &Slot, index: usize, event: &Event, report: &mut Report<'_>) {
    let path = |key: &str| format!("event.registration.slots.{index}.{key}");
    session_id(&slot.id, &path("id"), report);
    if slot.end <= slot.start {
        let start = written(slot.start.local());
        report.error("end_before_start", &path("end"), format!("时段的结束不晚于开始（{start}）")).hint("改成开始之后的时间");
    } else if (slot.start < event.start || slot.end > event.end) && report.sound("event.start") && report.sound("event.end") {
        let (start, end) = (written(event.start.local()), written(event.end.local()));
        report
            .error("slot_outside_event", &path("start"), format!("时段不在活动的时间（{start} 到 {end}）里"))
            .hint("改时段，或者改活动的开始、结束时间");
    }
}

fn times(registration: &Registration, event: &Event, report: &mut Report<'_>) {
    if registration.deadline > event.start && report.sound("event.start") {
        let start = written(event.start.local());
        report
            .error("deadline_after_start", "event.registration.deadline", format!("报名截止晚于活动开始（{start}）"))
            .hint(format!("改成开始或更早的时间，如 `deadline: {start}`"));
    }
    if let Some(opens) = registration.opens
        && opens >= registration.deadline
        && report.sound("event.registration.deadline")
    {
        let deadline = written(registration.deadline.local());
        report
            .error(
                "opens_after_deadline",
                "event.registration.opens",
                format!("报名开始不早于报名截止（{deadline}），没有人能报名"),
            )
            .hint("改早一些；发布后就能报名的，删掉这一行");
    }
}

fn seats(registration: &Registration, attendance: Attendance, report: &mut Report<'_>) {
    let Registration { onsite_seats, online_seats, onsite_reserved, online_reserved, .. } = *registration;
    let seats_are_sound = report.sound("event.registration.onsite_seats") && report.sound("event.registration.online_seats");
    if !report.sound("event.attendance") || !seats_are_sound {
        return;
    }
    let (needs_onsite, needs_online) = match attendance {
        Attendance::Onsite => (true, false),
        Attendance::Online => (false, true),
        Attendance::Both => (true, true),
    };
    if onsite_seats == 0 && online_seats == 0 {
        let lines = match attendance {
            Attendance::Onsite => "`onsite_seats: 60`",
            Attendance::Online => "`online_seats: 200`",
            Attendance::Both => "`onsite_seats: 60` 和 `online_seats: 200`",
        };
        let path = if needs_onsite { "event.registration.onsite_seats" } else { "event.registration.online_seats" };
        report
            .error("no_seats", path, "开放报名，却一个名额也没有")
            .hint(format!("在 `registration:` 下面写上名额，如 {lines}；不需要报名的，删掉整段 `registration:`"));
        return;
    }
    for (needed, count, key, name, word) in [
        (needs_onsite, onsite_seats, "onsite_seats", "现场", "onsite"),
        (needs_online, online_seats, "online_seats", "线上", "online"),
    ] {
        let path = format!("event.registration.{key}");
        if needed && count == 0 {
            report
                .error("seats_and_attendance", &path, format!("形式包括{name}，{name}却没有名额"))
                .hint(format!("在 `registration:` 下面写 `{key}:` 加名额数；不办{name}的，改 `attendance`"));
        } else if !needed && count > 0 {
            report
                .error("seats_and_attendance", &path, format!("形式不包括{name}，却有{name}名额 {count} 个"))
                .hint(format!("删掉这一行；{name}也办的，写 `attendance: both`（只办{name}写 `{word}`）"));
        }
    }
    for (reserved, count, key, name) in
        [(onsite_reserved, onsite_seats, "onsite_reserved", "现场"), (online_reserved, online_seats, "online_reserved", "线上")]
    {
        if reserved > count {
            report
                .error(
                    "reserved_over_seats",
                    &format!("event.registration.{key}"),
                    format!("{name}已占 {reserved} 个，多于名额 {count} 个"),
                )
                .hint(format!("写 {count} 或更小的数，或者增加名额"));
        }
    }
}

fn limits(registration: &Registration, report: &mut Report<'_>) {
    if let Some(limit) = registration.party_limit
        && !(1..=3).contains(&limit)
    {
        report
            .error("bad_number", "event.registration.party_limit", format!("一次报名的人数是 1 到 3，不能是 {limit}"))
            .hint("写 `party_limit: 1`、`2` 或 `3`；人多的企业可以分几次报");
    }
    if registration.firm_limit == Some(0) {
        report
            .error("bad_number", "event.registration.firm_limit", "每家企业 0 人，没有人能报名")
            .hint("写 1 或更大的数；不写就按 `data/limits.yaml`");
    }
}
