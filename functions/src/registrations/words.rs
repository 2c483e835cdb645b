//! Registrations as people see them: receipt and tracker. Both show what is stored at that moment.

use domain::{
    Attendance, Session, Way,
    registration::{self, Act, Event, Offer, Standing, Taken, offer},
    value::TrackingNumber,
    words,
};
use pages::{
    Link,
    registration::Acts,
    service::{CaseContext, EventView, ReceiptContext, SessionFacts},
};

use super::record::Registration;
use crate::{Service, ServiceError, appeals::fact, catalogue::Published, submission::code};

impl Service {
    /// 报名成功（现场席位） / 候补第 2 位 / 等待人工核对
    pub(crate) async fn standing_in_words(
        &self,
        published: &Published,
        number: &TrackingNumber,
        registration: &Registration,
    ) -> Result<String, ServiceError> {
        if registration.origin.erased.is_some() {
            return Ok(crate::rights::ERASED.to_owned());
        }
        let session = published.session(&registration.session);
        if let (Standing::Waiting(_), Some(session)) = (&registration.standing, session) {
            let mut places = Vec::new();
            for way in ways(registration.wished, session) {
                let Standing::Waiting(turn) = &registration.standing else { continue };
                places.push((way, self.place(session, way, turn).await?));
            }
            tracing::trace!(%number, ?places, "places were counted");
            return Ok(places_in_words(&places));
        }
        Ok(in_words(registration, session))
    }

    /// The receipt of `number` as things stand now.
    pub(crate) async fn registration_receipt(&self, number: &TrackingNumber) -> Result<ReceiptContext, ServiceError> {
        let published = self.published().await?;
        let registration = self.registration(number).await?.registration;
        let session = published.session(&registration.session);
        let people = registration.people;
        let either = registration.wished == Attendance::Both;
        let (title, promise, first) = match &registration.standing {
            Standing::Seated(way) => (
                "报名成功",
                match way {
                    Way::Online if either => {
                        format!("已为您留好 {people} 个线上名额。现场名额已满，有空出的我们为您改到现场，并通知您。")
                    }
                    way => format!("已为您留好 {people} 个{}名额。", way.words()),
                },
                "记下时间和地点，也可以点“加入日历”存进手机。",
            ),
            Standing::Waiting(_) => (
                "已进入候补",
                format!(
                    "名额已满，您已进入候补，现在是{}。候补不等于报名成功。",
                    self.standing_in_words(&published, number, &registration).await?
                ),
                "有空出的名额，我们按先后顺序通知您，从通知起为您保留一段时间，等您确认。",
            ),
            Standing::Checked => (
                "报名已收到，等待人工核对",
                "工作人员核对后打电话告诉您结果，现在还没有占用名额。".to_owned(),
                "不用再报一次，等我们的电话。",
            ),
            Standing::Offered(offer) => (
                "轮到您了，请确认要不要",
                format!("{}。", offer_in_words(offer, people, session)),
                "凭编号和查询码查报名情况，在那里确认参加或放弃。",
            ),
            _ => (
                "报名情况有变化",
                format!("现在的情况：{}。", self.standing_in_words(&published, number, &registration).await?),
                "有疑问请联系主办方。",
            ),
        };
        Ok(ReceiptContext {
            form: registration.origin.form.clone(),
            title: title.to_owned(),
            promise,
            number: number.to_string(),
            code: code(&self.keys, number, registration.origin.code_counter).to_string(),
            number_label: "报名编号".to_owned(),
            facts: vec![fact("参加人数", &format!("{people} 人"))],
            next: vec![
                first.to_owned(),
                "凭编号和查询码，随时查报名情况。".to_owned(),
                "来不了请尽早取消，把名额让给别人。".to_owned(),
            ],
            track: Link { label: "查报名情况".to_owned(), url: "/track/".to_owned() },
            acts: self.acts_of_receipt(number, &registration),
            track_picture: None,
            pass: self.pass(number, &registration, session),
            calendar: self.calendar_address(number, &registration),
            session: session.map(|session| session_facts(session, &Taken::default(), false)),
            received: words::moment(registration.origin.received),
        })
    }

    /// What the tracker shows of a registration.
    pub(crate) async fn registration_page(
        &self,
        published: &Published,
        number: &TrackingNumber,
        registration: &Registration,
    ) -> Result<CaseContext, ServiceError> {
        let session = published.session(&registration.session);
        let state = match session {
            Some(session) if session.cancelled => "活动已取消".to_owned(),
            Some(session) if session.postponed && !registration.stage().is_over() => {
                let standing = self.standing_in_words(published, number, registration).await?;
                format!("活动改期，新的时间确定后通知您。{standing}")
            }
            _ => self.standing_in_words(published, number, registration).await?,
        };
        let events = self.registration_events(number).await?;
        let facts = vec![
            fact("提交时间", &words::moment(registration.origin.received)),
            fact("参加人数", &format!("{} 人", registration.people)),
        ];
        Ok(CaseContext {
            number_label: "报名编号".to_owned(),
            number: number.to_string(),
            state,
            stages: Vec::new(),
            facts,
            events: events.iter().rev().map(event_view).collect(),
            notice: self.notice(registration, session),
            acts: self.acts(published, number, registration, session),
            rights: Acts::default(),
            pass: self.pass(number, registration, session),
            calendar: self.calendar_address(number, registration),
            session: session.map(|session| session_facts(session, &Taken::default(), false)),
        })
    }
}

fn event_view(event: &Event) -> EventView {
    let what = match &event.act {
        // How seats were given shows in where the registration stands.
        Act::Register => "报名已提交".to_owned(),
        act => act.words(),
    };
    EventView { at: words::moment(event.at), what, note: None }
}

/// Ways that somebody waits for.
pub(super) fn ways(wished: Attendance, session: &Session) -> Vec<Way> {
    let wanted = |way: &Way| wished.includes(*way) && session.attendance.includes(*way);
    Way::ALL.into_iter().filter(wanted).collect()
}

/// 候补第 2 位, or for two ways 候补第 2 位（现场）、第 1 位（线上）
pub(super) fn places_in_words(places: &[(Way, usize)]) -> String {
    match places {
        [] => "候补中".to_owned(),
        [(_, place)] => format!("候补第 {place} 位"),
        places => {
            let places = places.iter().map(|(way, place)| format!("第 {place} 位（{}）", way.words()));
            format!("候补{}", places.collect::<Vec<_>>().join("、"))
        }
    }
}

/// Where a registration stands, as far as it tells itself: everything but a place in the queue.
pub(super) fn in_words(registration: &Registration, session: Option<&Session>) -> String {
    match &registration.standing {
        Standing::Seated(way) => format!("报名成功（{}席位）", way.words()),
        Standing::Attended(_) => "已签到".to_owned(),
        Standing::Offered(offer) => offer_in_words(offer, registration.people, session),
        Standing::Waiting(_) => "候补中".to_owned(),
        Standing::Checked => "等待人工核对".to_owned(),
        Standing::Cancelled => "已取消".to_owned(),
        Standing::Lapsed => "保留的名额已过期".to_owned(),
        Standing::SessionCancelled => "活动已取消".to_owned(),
        Standing::Discarded => "人工核对未通过".to_owned(),
    }
}

fn offer_in_words(held: &Offer, people: u32, session: Option<&Session>) -> String {
    let until = session.filter(|_| held.until.is_some()).map(|session| words::moment(offer::runs_out(session, held)));
    let way = held.way.words();
    match until {
        Some(until) => format!("{people} 个{way}名额为您保留到{until}，请确认要不要"),
        None => format!("{people} 个{way}名额为您保留，请确认要不要"),
    }
}

/// A session in words; with `seats`, how many are left.
pub(crate) fn session_facts(session: &Session, taken: &Taken, seats: bool) -> SessionFacts {
    SessionFacts {
        title: session.title.clone(),
        url: session.url.clone(),
        time: words::span(session.start, session.end),
        place: session.place.clone(),
        form: session.attendance.words().to_owned(),
        live: None,
        seats: if seats { registration::seats_in_words(session, taken) } else { String::new() },
        contact: session.contact.clone(),
        example: session.example,
    }
}
