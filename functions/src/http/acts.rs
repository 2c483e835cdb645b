//! `/f/act/…`: what a registrant does later. Each act has a page that names it before it is done; POST, 303, and what came of it at a random
//! address. Who does it is told by the token that the tracker and the receipt hide in their forms.

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
    value::TrackingNumber,
};
use pages::{
    Link,
    form::{Hidden, step_page},
    registration::{ActContext, ActLink, Acts, DoneContext},
    service::StepContext,
};

use super::{
    reply::{Refusal, answer, page, see_other},
    request::Posted,
};
use crate::{
    Service, ServiceError,
    appeals::fact,
    catalogue::Published,
    registrations::{Answered, Outcome, Stored, session_facts},
    token::{self, Purpose},
};

/// The name under which the token is posted.
const TOKEN: &str = "token";
/// The name under which a page says how far somebody is: nothing, `answers` of a change, `sure`.
const STAGE: &str = "stage";

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

    /// Where it is posted.
    fn address(self) -> String {
        let name = match self {
            Act::Change => "change",
            Act::Cancel => "cancel",
            Act::Leave => "leave",
            Act::Accept => "accept",
            Act::Decline => "decline",
        };
        format!("/f/act/{name}")
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

/// `GET /f/act/ACT`: an address that was typed or reloaded says nothing of who asks.
pub(crate) async fn to_the_tracker() -> Response {
    see_other("/track/")
}

/// `POST /f/act/ACT`
pub(crate) async fn act(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
    posted: Result<Posted, Refusal>,
) -> Response {
    let result = async {
        let published = service.published().await?;
        let Posted(raw) = posted?;
        let number = token::read(&service.keys, Purpose::Act, raw.first(TOKEN), service.clock.now()).ok_or_else(too_late)?;
        let asked = Asked { service: &service, published: &published, number, raw };
        match (name.as_str(), Act::of(&name)) {
            ("show", _) => asked.show().await,
            (_, Some(Act::Change)) => asked.change().await,
            (_, Some(act)) if asked.is_sure() => asked.decide(act).await,
            (_, Some(act)) => asked.name(act, Vec::new(), Vec::new()).await,
            (_, None) => Err(Refusal::new(StatusCode::NOT_FOUND, "没有这一项", "网址可能不完整。")),
        }
    };
    answer(&service, result.await)
}

/// `GET /f/done/ID`
pub(crate) async fn done(State(service): State<Arc<Service>>, Path(id): Path<String>) -> Response {
    let result = async {
        let published = service.published().await?;
        let Some((number, outcome)) = service.outcome(&id).await? else {
            return Err(Refusal::new(
                StatusCode::GONE,
                "这一页已经打不开了",
                "办理结果页只保留 30 分钟。办成的事已经存好，凭编号和查询码随时可以查。",
            )
            .first("凭编号和查询码查询", "/track/"));
        };
        let Stored { registration, .. } = service.registration(&number).await?;
        let session = published.session(&registration.session);
        let standing = service.standing_in_words(&published, &number, &registration).await?;
        let again = session.filter(|session| domain::registration::is_open(session, service.clock.now()).is_ok());
        let again = again.filter(|_| registration.stage().is_over()).map(|session| session.url.clone());
        let again = again.map(|url| Link { label: "还想参加，重新报名".to_owned(), url });
        let elsewhere = Link { label: "看别的活动".to_owned(), url: "/activities/".to_owned() };
        let context = DoneContext {
            title: outcome.title,
            message: outcome.message,
            done: outcome.done,
            number: number.to_string(),
            facts: vec![fact("目前情况", &standing), fact("参加人数", &format!("{} 人", registration.people))],
            session: session.map(|session| session_facts(session, &Default::default(), false)),
            acts: Acts {
                links: vec![link("show", "回到报名情况", false)],
                token: token::give(&service.keys, Purpose::Act, &number, service.clock.now()),
            },
            next: again.into_iter().chain([elsewhere]).collect(),
        };
        page(&published, StatusCode::OK, &context)
    };
    answer(&service, result.await)
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

/// What was posted, by somebody who may.
struct Asked<'a> {
    service: &'a Service,
    published: &'a Published,
    number: TrackingNumber,
    raw: Raw,
}

impl Asked<'_> {
    fn is_sure(&self) -> bool {
        self.raw.first(STAGE) == "sure"
    }

    /// What the tracker shows, without asking for number and code again.
    async fn show(&self) -> Result<Response, Refusal> {
        let Stored { registration, .. } = self.service.registration(&self.number).await?;
        let context = self.service.registration_page(self.published, &self.number, &registration).await?;
        page(self.published, StatusCode::OK, &context)
    }

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
            let chosen = Raw(chosen.into_iter().map(|(name, value)| (name.to_owned(), vec![value])).collect());
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
        let id = self.service.keep_outcome(&self.number, &outcome).await?;
        Ok(see_other(&format!("/f/done/{id}")))
    }

    fn hidden(&self, stage: &str) -> Vec<Hidden> {
        // A fresh one: whoever is still here has not gone away.
        let token = token::give(&self.service.keys, Purpose::Act, &self.number, self.service.clock.now());
        [(TOKEN, token), (STAGE, stage.to_owned())].map(|(name, value)| Hidden { name: name.to_owned(), value }).into()
    }
}

fn refused(act: Act, why: &Why) -> Outcome {
    Outcome { title: format!("没有办成：{}", act.words().0), message: format!("{why}。"), done: false }
}

/// A button that leads to an act's page.
pub(crate) fn link(act: &str, label: &str, main: bool) -> ActLink {
    ActLink { label: label.to_owned(), action: format!("/f/act/{act}"), main }
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

fn too_late() -> Refusal {
    Refusal::new(
        StatusCode::GONE,
        "这一页放得太久了",
        "为了保护您的信息，输入编号和查询码半小时后要重新输入。刚才这一步没有办，原来的报名不变。",
    )
    .first("重新输入编号和查询码", "/track/")
}

fn no_session() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "没有找到这一场", "这一场可能已经撤下，请联系主办方。")
}
