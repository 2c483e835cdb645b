//! What a registrant can do at this moment, the pass for the door, and the calendar file.

use std::net::IpAddr;

use domain::{
    Moment, Session, Way,
    registration::{By, Change, Stage, Standing, change::may_cancel, offer},
    value::{CheckInCode, TrackingNumber},
    words,
};
use pages::{
    calendar_file::{self, Entry, Status},
    registration::{Acts, Pass},
};

use super::{Door, record::Registration};
use crate::{
    Service, ServiceError,
    catalogue::Published,
    http::{act_link, check_in_window},
    token::{self, Purpose},
};

impl Service {
    /// What can be done with a registration now, the most pressing first.
    pub(crate) fn acts(
        &self,
        published: &Published,
        number: &TrackingNumber,
        registration: &Registration,
        session: Option<&Session>,
    ) -> Acts {
        let now = self.clock.now();
        let Some(session) = session.filter(|session| !session.cancelled) else { return Acts::default() };
        let changes = now < session.start && self.can_change(published, registration, session);
        let cancels = may_cancel(Some(session), registration.stage(), now).is_ok();
        let change = changes.then(|| act_link("change", "更改人数、方式或同行人", false));
        let links = match registration.stage() {
            Stage::Offered => vec![act_link("accept", "接受名额", true), act_link("decline", "放弃名额", false)],
            Stage::Waiting => change.into_iter().chain([act_link("leave", "退出候补", false)]).collect(),
            Stage::Seated => change.into_iter().chain(cancels.then(|| act_link("cancel", "取消报名", false))).collect(),
            Stage::Checked => cancels.then(|| act_link("cancel", "取消报名", false)).into_iter().collect(),
            _ => Vec::new(),
        };
        Acts { links, token: self.act_token(number) }
    }

    /// The one button that leads from a receipt to all that can be done.
    pub(crate) fn acts_of_receipt(&self, number: &TrackingNumber, registration: &Registration) -> Acts {
        let label = match registration.stage() {
            Stage::Offered => "确认要不要名额",
            stage if stage.is_over() => "查看报名情况",
            _ => "查看、更改或取消报名",
        };
        Acts { links: vec![act_link("show", label, true)], token: self.act_token(number) }
    }

    /// Where there is but one way and one person, nothing can be answered anew.
    fn can_change(&self, published: &Published, registration: &Registration, session: &Session) -> bool {
        let origin = &registration.origin;
        let form = published.form_filled_in(&origin.form, origin.form_version);
        form.is_some_and(|form| !Change::form(form, session).steps.is_empty())
    }

    /// What is shown at the door: only to those who have seats in the room.
    pub(crate) fn pass(&self, number: &TrackingNumber, registration: &Registration, session: Option<&Session>) -> Option<Pass> {
        let session = session.filter(|session| !session.cancelled && !session.postponed)?;
        let code = registration.check_in_code(&self.keys, number)?;
        matches!(registration.standing, Standing::Seated(Way::Onsite)).then(|| Pass {
            digits: code.to_string(),
            picture: format!("/f/qr/{}/{}.png", session.id, code.digits()),
            window: check_in_window(session),
        })
    }

    /// What matters most now, where anything does.
    pub(crate) fn notice(&self, registration: &Registration, session: Option<&Session>) -> Option<String> {
        let Some(session) = session else { return Some("这一场已经撤下，请联系主办方。".to_owned()) };
        let now = self.clock.now();
        match &registration.standing {
            _ if session.cancelled => Some("本场活动已取消，不用再来。已经加进日历的，请从日历里删掉。".to_owned()),
            standing if standing.stage().is_over() => None,
            _ if session.postponed => Some("活动改期，新的时间确定后我们通知您。您的报名还在，不用重新报。".to_owned()),
            Standing::Offered(held) => {
                let until = offer::runs_out(session, held);
                Some(match held.until {
                    Some(_) => format!("请在{}以前确认，{}。过期自动让给下一位。", words::moment(until), time_left(now, until)),
                    None => "请尽早确认要不要。我们通知您以后，名额再为您保留一段时间。".to_owned(),
                })
            }
            _ if registration.told.as_ref().is_some_and(|told| *told != session.announced()) => {
                Some("活动的时间或地点改过了，请以下面写的为准。".to_owned())
            }
            _ => None,
        }
    }

    /// The address of the calendar file, for those whose event it is.
    pub(crate) fn calendar_address(&self, number: &TrackingNumber, registration: &Registration) -> Option<String> {
        let token = || token::give(&self.keys, Purpose::Calendar, number, registration.origin.received);
        matches!(registration.standing, Standing::Seated(_)).then(|| format!("/f/calendar/{}.ics", token()))
    }

    /// The session as a calendar has it, with what is known of this registration; none when the session is not known any more.
    pub(crate) async fn registration_calendar(
        &self,
        published: &Published,
        number: &TrackingNumber,
    ) -> Result<Option<String>, ServiceError> {
        let registration = self.registration(number).await?.registration;
        let Some(session) = published.session(&registration.session) else { return Ok(None) };
        let last = self.registration_events(number).await?.last().map(|event| event.at);
        let mut entry = Entry { registered: last, ..Entry::of_session(session) };
        entry.status = match registration.stage() {
            stage if stage.is_over() => Status::Cancelled,
            Stage::Seated | Stage::Attended => entry.status,
            _ if entry.status == Status::Cancelled => Status::Cancelled,
            _ => Status::Tentative,
        };
        let way = registration.standing.seats().map_or_else(String::new, |way| format!("{}，", way.words()));
        entry.about.insert(0, format!("报名编号：{number}，{way}{} 人", registration.people));
        Ok(Some(calendar_file::single(&published.frame, &entry)))
    }

    /// Asks at the door. Digits that nobody has slow down the next try from the same place, as wrong query codes do.
    pub(crate) async fn knock(&self, session: &str, code: CheckInCode, address: IpAddr) -> Result<Door, ServiceError> {
        let key = self.slow_down_at_the_door(address).await?;
        let door = self.check_in(session, code, By::Person).await?;
        if matches!(door, Door::Refused(domain::registration::check_in::NotIn::Unknown)) {
            self.count_at_the_door(key).await?;
        }
        Ok(door)
    }
}

/// 还剩 23 小时 40 分钟
fn time_left(now: Moment, until: Moment) -> String {
    let minutes = until.0.duration_since(now.0).as_mins().max(0);
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("还剩 {minutes} 分钟"),
        (hours, 0) => format!("还剩 {hours} 小时"),
        (hours, minutes) => format!("还剩 {hours} 小时 {minutes} 分钟"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_told_in_hours_and_minutes() {
        let at = |text: &str| text.parse::<Moment>().expect("a moment");
        for (until, words) in [
            ("2026-12-02 08:40", "还剩 23 小时 40 分钟"),
            ("2026-12-01 11:00", "还剩 2 小时"),
            ("2026-12-01 09:59:59", "还剩 59 分钟"),
            ("2026-12-01 08:00", "还剩 0 分钟"),
        ] {
            assert_eq!(time_left(at("2026-12-01 09:00"), at(until)), words);
        }
    }
}
