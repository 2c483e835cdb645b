//! Registrations in the table: giving out seats, waiting, and reading them back.
//!
//! Seats are bounded counters of their session, so that never more are given out than there are, however many ask at once. Whoever
//! waits is appended under a time-ordered key and touches no counter; the place is computed on read. One telephone has one
//! live registration per session because both use the same primary key.

use domain::{
    Attendance, Moment, Session,
    form::FieldError,
    registration::{self, Outcome, Request, Taken},
    value::{TrackingKind, TrackingNumber, text},
    words,
};
use pages::{
    Link,
    registration::Acts,
    service::{CaseContext, EventView, ReceiptContext, SessionFacts},
};
use serde::{Deserialize, Serialize};

use crate::{
    Service, ServiceError,
    appeals::fact,
    catalogue::Published,
    draft::Found,
    outbox::{Message, What},
    seal::random,
    submission::{NewReceipt, Origin, Submission, code, head_key},
    table::{Index, Key, NewItem, Query, Table, TableError, Write, query_all},
};

/// How often a decision is made anew when what it was based on has changed meanwhile.
const ATTEMPTS: usize = 16;

/// A registration's head item.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Registration {
    pub(crate) origin: Origin,
    pub(crate) session: String,
    pub(crate) wished: Attendance,
    pub(crate) people: u32,
    pub(crate) standing: Standing,
}

/// What a registration has of its session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    /// Seats, on site or online.
    Seated(Attendance),
    /// A place in the queue, under this sort key.
    Waiting(String),
    /// A person has to look at it first; it has neither.
    Checked,
}

/// What became of somebody who registers.
pub(crate) enum Registered {
    /// Stored; this is the receipt.
    Stored(Box<NewReceipt>),
    /// The rules say no.
    Refused(String),
    /// The answers do not fit the session.
    Invalid(Vec<FieldError>),
}

/// One party in the queue.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Waiter {
    number: String,
    wished: Attendance,
    people: u32,
}

pub(crate) fn session_partition(session: &str) -> String {
    format!("SESSION#{session}")
}

fn seats_key(session: &str, way: Attendance) -> Key {
    Key::new(session_partition(session), if way == Attendance::Online { "SEATS#ONLINE" } else { "SEATS#ONSITE" })
}

impl Service {
    /// Registers somebody for `session`, on the waitlist when it is full.
    pub(crate) async fn register(&self, session: &Session, submission: &Submission<'_>) -> Result<Registered, ServiceError> {
        let request = match registration::request(&submission.values, session) {
            Ok(request) => request,
            Err(errors) => return Ok(Registered::Invalid(errors)),
        };
        let mobile = submission.values.text("mobile").unwrap_or_default();
        let person =
            Key::new(session_partition(&session.id), format!("PERSON#{}", self.keys.blind("mobile", &text::search_key(mobile))));
        let firm = firm_key(self, session, submission);
        let quarantined = !submission.quarantined.is_empty();

        for _ in 0..ATTEMPTS {
            let now = self.clock.now();
            let taken = self.taken(session, &firm).await?;
            let outcome = registration::decide(session, &taken, request, now);
            if let Outcome::Refused(why) = &outcome {
                self.refuse_to_answer_twice(submission).await?;
                return Ok(Registered::Refused(why.to_string()));
            }
            let number = TrackingNumber::new(TrackingKind::Registration, now.date(), u64::from_be_bytes(random()));
            let standing = match outcome {
                _ if quarantined => Standing::Checked,
                Outcome::Seated { attendance } => Standing::Seated(attendance),
                _ => Standing::Waiting(format!("WAITING#{:020}#{number}", now.0.as_nanosecond().max(0))),
            };
            let registration = Registration {
                origin: submission.origin(&number, now),
                session: session.id.clone(),
                wished: request.attendance,
                people: request.people,
                standing,
            };
            let ahead = taken.waiting_onsite.max(taken.waiting_online);
            let receipt = NewReceipt::new(self.registration_receipt(session, &number, &registration, ahead));
            let listed = Key::new(session_partition(&session.id), format!("{:016}#{number}", now.0.as_millisecond()));
            let head = NewItem::json(head_key(&number), &registration).listed(Index::First, listed);
            let mut writes = vec![Write::create(head)];
            if !quarantined {
                // Their places in the list say which of them failed: see below.
                writes.push(Write::create(NewItem::json(person.clone(), &number)));
                writes.push(Write::Add {
                    key: firm.clone(),
                    by: i64::from(request.people),
                    at_most: i64::from(session.firm_limit),
                    expires: None,
                });
            }
            match &registration.standing {
                Standing::Seated(way) => writes.push(Write::Add {
                    key: seats_key(&session.id, *way),
                    by: i64::from(request.people),
                    at_most: seats(session, *way),
                    expires: None,
                }),
                Standing::Waiting(place) => {
                    let waiter = Waiter { number: number.to_string(), wished: request.attendance, people: request.people };
                    writes.push(Write::create(NewItem::json(Key::new(session_partition(&session.id), place), &waiter)));
                }
                Standing::Checked => {}
            }
            let what = match registration.standing {
                Standing::Seated(_) => What::Registered,
                Standing::Waiting(_) => What::Waitlisted,
                Standing::Checked => What::Check,
            };
            let message = Message::new(what, &number).due(session.start);
            writes.extend(submission.writes(&self.keys, &number, &receipt, &message, now));
            match self.table.transact(writes).await {
                Ok(()) => {
                    tracing::info!(%number, session = session.id, standing = what.id(), "a registration was stored");
                    return Ok(Registered::Stored(Box::new(receipt)));
                }
                Err(TableError::Conflict { failed }) if !quarantined && failed.contains(&1) => {
                    self.refuse_to_answer_twice(submission).await?;
                    let told = "这个手机号已经报过这一场了。要改人数或取消，请凭编号和查询码查进度，或联系主办方";
                    return Ok(Registered::Refused(told.to_owned()));
                }
                // A seat went to somebody else, or the firm's share did: decide again with what is left.
                Err(TableError::Conflict { failed }) if failed.iter().all(|write| *write <= 3) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ServiceError::Busy)
    }

    /// A conflict when the draft was committed meanwhile: what is missing now may be what its own first click has taken, and that click's
    /// answer counts.
    async fn refuse_to_answer_twice(&self, submission: &Submission<'_>) -> Result<(), ServiceError> {
        match submission.draft {
            Some(draft) if !matches!(self.find_draft(&draft.id).await?, Found::Open(_)) => {
                Err(TableError::Conflict { failed: Vec::new() }.into())
            }
            _ => Ok(()),
        }
    }

    /// What others have of a session at this moment.
    pub(crate) async fn taken(&self, session: &Session, firm: &Key) -> Result<Taken, ServiceError> {
        let table = self.table.as_ref();
        let mut taken = Taken {
            onsite: counter(table, &seats_key(&session.id, Attendance::Onsite)).await?,
            online: counter(table, &seats_key(&session.id, Attendance::Online)).await?,
            firm: counter(table, firm).await?,
            ..Taken::default()
        };
        for waiter in self.queue(&session.id).await? {
            if waiter.wished != Attendance::Online {
                taken.waiting_onsite += waiter.people;
            }
            if waiter.wished != Attendance::Onsite {
                taken.waiting_online += waiter.people;
            }
        }
        Ok(taken)
    }

    /// What of a session is taken, whatever the firm.
    pub(crate) async fn taken_by_all(&self, session: &Session) -> Result<Taken, ServiceError> {
        self.taken(session, &Key::new(session_partition(&session.id), "FIRM#")).await
    }

    /// How many seats of a session are given out: in the room, and online.
    pub(crate) async fn seats_taken(&self, session: &str) -> Result<(u32, u32), TableError> {
        let table = self.table.as_ref();
        let onsite = counter(table, &seats_key(session, Attendance::Onsite)).await?;
        Ok((onsite, counter(table, &seats_key(session, Attendance::Online)).await?))
    }

    /// Whether anybody has ever registered for a session: it may not vanish then.
    pub(crate) async fn has_registrants(&self, session: &str) -> Result<bool, TableError> {
        let query = Query { limit: 1, ..Query::all(session_partition(session)) };
        Ok(!self.table.query_index(Index::First, query).await?.items.is_empty())
    }

    async fn queue(&self, session: &str) -> Result<Vec<Waiter>, ServiceError> {
        let items = query_all(self.table.as_ref(), Query::prefix(session_partition(session), "WAITING#")).await?;
        Ok(items.iter().map(|item| item.read()).collect::<Result<_, _>>()?)
    }

    /// 现场席位 / 候补第 2 位 / 等待人工核对
    pub(crate) async fn standing_in_words(&self, registration: &Registration) -> Result<String, ServiceError> {
        Ok(match &registration.standing {
            Standing::Seated(Attendance::Online) => "报名成功（线上席位）".to_owned(),
            Standing::Seated(_) => "报名成功（现场席位）".to_owned(),
            Standing::Checked => "等待人工核对".to_owned(),
            Standing::Waiting(_) => {
                let queue = self.queue(&registration.session).await?;
                let place =
                    queue.iter().position(|waiter| waiter.number == registration.origin.number).map_or(queue.len(), |at| at + 1);
                format!("候补第 {place} 位")
            }
        })
    }

    fn registration_receipt(
        &self,
        session: &Session,
        number: &TrackingNumber,
        registration: &Registration,
        ahead: u32,
    ) -> ReceiptContext {
        let (title, promise, first) = match &registration.standing {
            Standing::Seated(way) => {
                let way = if *way == Attendance::Online { "线上" } else { "现场" };
                (
                    "报名成功",
                    format!("已为您留好 {} 个{way}名额。", registration.people),
                    "记下时间和地点。点上面的活动名称，在活动页面可以加进手机日历。".to_owned(),
                )
            }
            Standing::Waiting(_) => (
                "已进入候补",
                format!("名额已满，您已进入候补，前面还有 {ahead} 人。候补不等于报名成功。"),
                "有空出的名额，工作人员按先后顺序打电话问您。".to_owned(),
            ),
            Standing::Checked => (
                "报名已收到，等待人工核对",
                "工作人员核对后打电话告诉您结果，现在还没有占用名额。".to_owned(),
                "不用再报一次，等我们的电话。".to_owned(),
            ),
        };
        ReceiptContext {
            form: registration.origin.form.clone(),
            title: title.to_owned(),
            promise,
            number: number.to_string(),
            code: code(&self.keys, number, registration.origin.code_counter).to_string(),
            number_label: "报名编号".to_owned(),
            facts: vec![fact("参加人数", &format!("{} 人", registration.people))],
            next: vec![
                first,
                "凭编号和查询码，随时查报名情况。".to_owned(),
                "来不了请尽早联系主办方，把名额让给别人。".to_owned(),
            ],
            track: Link { label: "查报名情况".to_owned(), url: "/track/".to_owned() },
            acts: Acts::default(),
            pass: None,
            calendar: None,
            session: Some(session_facts(session, &Taken::default(), false)),
            received: words::moment(registration.origin.received),
        }
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
            _ => self.standing_in_words(registration).await?,
        };
        let submitted =
            EventView { at: words::moment(registration.origin.received), what: "报名已提交".to_owned(), note: None };
        Ok(CaseContext {
            number_label: "报名编号".to_owned(),
            number: number.to_string(),
            state,
            stages: Vec::new(),
            facts: vec![
                fact("提交时间", &words::moment(registration.origin.received)),
                fact("参加人数", &format!("{} 人", registration.people)),
            ],
            events: vec![submitted],
            session: session.map(|session| session_facts(session, &Taken::default(), false)),
            notice: None,
            acts: Acts::default(),
            pass: None,
            calendar: None,
        })
    }
}

/// The counter of a firm's people at a session: by its name, however it is spaced. Only a hash of the name is in the key.
pub(crate) fn firm_key(service: &Service, session: &Session, submission: &Submission<'_>) -> Key {
    let company = submission.values.text("company").unwrap_or_default();
    Key::new(session_partition(&session.id), format!("FIRM#{}", service.keys.blind("company", &text::search_key(company))))
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

/// Whether somebody who asks now would be seated or has to wait; none when the rules refuse.
pub(crate) fn would_wait(session: &Session, taken: &Taken, request: Request, now: Moment) -> bool {
    registration::decide(session, taken, request, now) == Outcome::Waitlisted
}

fn seats(session: &Session, way: Attendance) -> i64 {
    let left = registration::seats_left(session, &Taken::default());
    i64::from(if way == Attendance::Online { left.online } else { left.onsite })
}

async fn counter(table: &dyn Table, key: &Key) -> Result<u32, TableError> {
    Ok(table.get(key).await?.map_or(0, |item| u32::try_from(item.count).unwrap_or(0)))
}
