//! What a registrant does later: each act has a page that names it before it is done.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    Attendance, Session,
    form::Raw,
    registration::{By, Change, Refusal as Why},
};
use pages::{
    Link,
    form::{Hidden, step_page},
    registration::{ActContext, DoneContext},
    service::StepContext,
};

use super::{Asked, STAGE, link};
use crate::{
    Service, ServiceError,
    appeals::fact,
    http::reply::{Refusal, answer, page, see_other},
    outcome::Outcome,
    registrations::{Answered, Stored, session_facts},
    token::{self, Purpose},
};

/// What one can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Change,
    Cancel,
    Leave,
    Accept,
    Decline,
}

impl Act {
    fn of(name: &str) -> Option<Act> {
        Some(match name {
            "change" => Act::Change,
            "cancel" => Act::Cancel,
            "leave" => Act::Leave,
            "accept" => Act::Accept,
            "decline" => Act::Decline,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Act::Change => "change",
            Act::Cancel => "cancel",
            Act::Leave => "leave",
            Act::Accept => "accept",
            Act::Decline => "decline",
        }
    }

    /// Where it is posted.
    fn address(self) -> String {
        format!("/f/act/{}", self.name())
    }

    /// Title, what it means, and the label of the button that does it.
    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Act::Change => ("更改报名", "还没有更改。请看一遍改成什么，没有问题就确认。", "确认更改"),
            Act::Cancel => {
                ("取消报名", "还没有取消。确认以后，名额立刻让给别人，不能恢复；还想参加，要重新报名。", "确认取消报名")
            }
            Act::Leave => ("退出候补", "还没有退出。确认以后，排的位置就没有了；再报名要从头排。", "确认退出候补"),
            Act::Accept => ("接受名额", "确认以后，名额就是您的了，请按时参加。", "确认参加"),
            Act::Decline => ("放弃名额", "还没有放弃。确认以后，名额立刻让给下一位，您也不再候补。", "确认放弃名额"),
        }
    }

    /// It gives something up.
    fn is_grave(self) -> bool {
        matches!(self, Act::Cancel | Act::Leave | Act::Decline)
    }

    /// Title and message when it was done.
    fn done(self) -> (&'static str, &'static str) {
        match self {
            Act::Change => ("报名已更改", "下面是现在的报名情况。"),
            Act::Cancel => ("报名已取消", "名额已经让给别人，不会再为这一场打扰您。"),
            Act::Leave => ("已退出候补", "您不再排队，不会再为这一场打扰您。"),
            Act::Accept => ("报名成功", "名额是您的了，请按时参加。"),
            Act::Decline => ("已放弃名额", "名额已经让给下一位，您也不再候补。"),
        }
    }
}

/// `GET /f/calendar/TOKEN.ics`
pub(crate) async fn calendar(State(service): State<Arc<Service>>, Path(file): Path<String>) -> Response {
    let result = async {
        let published = service.published().await?;
        let token = file.strip_suffix(".ics").unwrap_or(&file);
        let number = token::read(&service.keys, Purpose::Calendar, token, service.clock.now());
        let file = match number {
            Some(number) => service.registration_calendar(&published, &number).await?,
            None => None,
        };
        let file = file.ok_or_else(|| {
            Refusal::new(StatusCode::NOT_FOUND, "没有这个日历文件", "网址可能不完整，请从报名情况里重新点“加入日历”。")
        })?;
        let headers = [
            (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
            (header::CONTENT_DISPOSITION, "attachment; filename=\"xiangshang.ics\""),
        ];
        Ok((headers, file).into_response())
    };
    answer(&service, result.await)
}

/// Does one of a registrant's acts, or leads on to it.
pub(super) async fn act(asked: &Asked<'_>, name: &str) -> Result<Response, Refusal> {
    match Act::of(name) {
        Some(Act::Change) => asked.change().await,
        Some(act) if asked.is_sure() => asked.decide(act).await,
        Some(act) => asked.name(act, Vec::new(), Vec::new()).await,
        None => Err(super::unknown()),
    }
}

/// What stands now, after an act.
pub(super) async fn stands(asked: &Asked<'_>, outcome: Outcome) -> Result<DoneContext, Refusal> {
    let Asked { service, published, number, .. } = asked;
    let Stored { registration, .. } = service.registration(number).await?;
    let session = published.session(&registration.session);
    let standing = service.standing_in_words(published, number, &registration).await?;
    let again = session.filter(|session| domain::registration::is_open(session, service.clock.now()).is_ok());
    let again = again.filter(|_| registration.stage().is_over()).map(|session| session.url.clone());
    let again = again.map(|url| Link { label: "还想参加，重新报名".to_owned(), url });
    let elsewhere = Link { label: "看别的活动".to_owned(), url: "/activities/".to_owned() };
    Ok(DoneContext {
        title: outcome.title,
        message: outcome.message,
        done: outcome.done,
        number_label: "报名编号".to_owned(),
        number: number.to_string(),
        facts: vec![fact("目前情况", &standing), fact("参加人数", &format!("{} 人", registration.people))],
        session: session.map(|session| session_facts(session, &Default::default(), false)),
        acts: asked.back("回到报名情况"),
        next: again.into_iter().chain([elsewhere]).collect(),
    })
}

impl Asked<'_> {
    /// Does what needs no more answers.
    async fn decide(&self, act: Act) -> Result<Response, Refusal> {
        let (service, number, by) = (self.service, &self.number, By::Person);
        let answered = match act {
            Act::Change => return self.change().await,
            Act::Cancel => service.cancel(number, by).await?,
            Act::Leave => service.leave_waitlist(number, by).await?,
            Act::Accept => service.accept_offer(number, by).await?,
            Act::Decline => service.decline_offer(number, by).await?,
        };
        self.tell(act, answered).await
    }

    /// The page that names the act. `facts` say what changes, `answers` go along.
    async fn name(&self, act: Act, facts: Vec<pages::service::Fact>, answers: Vec<Hidden>) -> Result<Response, Refusal> {
        let Stored { registration, .. } = self.service.registration(&self.number).await?;
        let (title, message, label) = act.words();
        let session = self.published.session(&registration.session);
        let standing = self.service.standing_in_words(self.published, &self.number, &registration).await?;
        let facts = if facts.is_empty() {
            vec![fact("目前情况", &standing), fact("参加人数", &format!("{} 人", registration.people))]
        } else {
            facts
        };
        let stay = if act == Act::Accept { "先不接受，返回" } else { "不改动，返回" };
        let context = ActContext {
            title: title.to_owned(),
            message: message.to_owned(),
            number_label: "报名编号".to_owned(),
            number: self.number.to_string(),
            facts,
            session: session.map(|session| session_facts(session, &Default::default(), false)),
            action: act.address(),
            hidden: self.hidden("sure").into_iter().chain(answers).collect(),
            act: label.to_owned(),
            grave: act.is_grave(),
            stay: link("show", stay, false),
        };
        page(self.published, StatusCode::OK, &context)
    }

    /// Asks how many come and in which way, shows what that changes, and does it.
    async fn change(&self) -> Result<Response, Refusal> {
        let Stored { registration, .. } = self.service.registration(&self.number).await?;
        let session = self.published.session(&registration.session).ok_or_else(no_session)?;
        let origin = &registration.origin;
        let form = self.published.form_filled_in(&origin.form, origin.form_version);
        let form = form.ok_or_else(|| ServiceError::UnknownForm(origin.form.clone()))?;
        let asked = Change::form(form, session);
        if asked.steps.is_empty() {
            return Err(Refusal::new(StatusCode::CONFLICT, "这一场没有可以改的", "人数和方式是定好的。来不了可以取消。"));
        }
        if self.raw.first(STAGE).is_empty() {
            // What was chosen stands there; names are personal and are written anew.
            let chosen = [("attendance", way(registration.wished).to_owned()), ("party", registration.people.to_string())];
            let chosen = chosen.into_iter().map(|(name, value)| (name.to_owned(), vec![value])).collect();
            return self.ask(&asked, &chosen, &[], session, StatusCode::OK);
        }
        let wished = match Change::read(form, &self.raw, session) {
            Ok(wished) => wished,
            Err(errors) => return self.ask(&asked, &self.raw, &errors, session, StatusCode::UNPROCESSABLE_ENTITY),
        };
        if self.is_sure() {
            let answered = self.service.change(&self.number, &wished, By::Person).await?;
            return self.tell(Act::Change, answered).await;
        }
        let people = wished.request().people;
        let mut facts = vec![fact("参加人数", &from_to(&format!("{} 人", registration.people), &format!("{people} 人")))];
        if session.attendance == Attendance::Both {
            facts.push(fact("方式", &from_to(registration.wished.words(), wished.attendance.words())));
        }
        if !wished.companions.is_empty() {
            facts.push(fact("同行人", &wished.companions.join("、")));
        }
        let posted = asked.fields().filter_map(|field| {
            let value = self.raw.0.get(&field.id)?.first()?.clone();
            Some(Hidden { name: field.id.clone(), value })
        });
        self.name(Act::Change, facts, posted.collect()).await
    }

    fn ask(
        &self,
        form: &domain::form::Form,
        raw: &Raw,
        errors: &[domain::form::FieldError],
        session: &Session,
        status: StatusCode,
    ) -> Result<Response, Refusal> {
        let mut step = step_page(form, 0, raw, errors, &Act::Change.address(), self.hidden("answers"), None);
        step.title = "更改报名".to_owned();
        step.heading = "改成怎样".to_owned();
        step.submit = "下一步：核对更改".to_owned();
        (step.number, step.total) = (1, 2);
        // Everything that can be changed is what one came for: nothing is folded away, nothing on the device is filled in.
        let more = std::mem::take(&mut step.more);
        step.fields.extend(more);
        step.fresh = false;
        page(self.published, status, &StepContext { step, session: Some(session_facts(session, &Default::default(), false)) })
    }

    /// Leads to what came of it.
    async fn tell(&self, act: Act, answered: Answered) -> Result<Response, Refusal> {
        let outcome = match answered {
            Answered::Done(_) => {
                let (title, message) = act.done();
                Outcome { title: title.to_owned(), message: message.to_owned(), done: true }
            }
            Answered::Refused(why) => refused(act, &why),
        };
        let id = self.outcome_id(act.name());
        self.service.keep_outcome(&id, &self.number, &outcome).await?;
        Ok(see_other(&format!("/f/done/{id}")))
    }
}

fn refused(act: Act, why: &Why) -> Outcome {
    Outcome { title: format!("没有办成：{}", act.words().0), message: format!("{why}。"), done: false }
}

fn way(attendance: Attendance) -> &'static str {
    match attendance {
        Attendance::Onsite => "onsite",
        Attendance::Online => "online",
        Attendance::Both => "both",
    }
}

fn from_to(before: &str, after: &str) -> String {
    if before == after { format!("{after}（不变）") } else { format!("{before} → {after}") }
}

fn no_session() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "没有找到这一场", "这一场可能已经撤下，请联系主办方。")
}
