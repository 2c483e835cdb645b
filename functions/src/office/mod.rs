//! What the office does before it has a desk: see who has written and by when somebody must call, open what is sealed (which is
//! recorded), take a submission for somebody on the telephone, and write the ledger.

mod alike;
mod calls;
mod files;
mod handled;
mod inbox;
mod ledger;
mod scoreboard;
mod work;

pub use alike::Alike;
pub use calls::{CallRecorded, CallRow};
pub use files::{FileRow, OpenedFile};
pub use handled::HandledRow;
pub use inbox::{CaseRow, InboxRow, Shown};
pub use ledger::{Left as LedgerLeft, Rows as LedgerRows, Span, Tier};
pub use work::{Remarks, Work, Worked};

use std::collections::BTreeSet;

use domain::{
    Moment,
    appeal::{Act, Role, clock, suggest::Suggestion},
    form::{self, FieldError, Form, Raw},
    registration::By,
    value::{Mobile, TrackingKind, TrackingNumber},
    words,
};
use jiff::SignedDuration;
use pages::service::ReceiptContext;
use serde::{Deserialize, Serialize};

use crate::{
    Service, ServiceError,
    appeals::{Case, listed},
    catalogue::Published,
    draft::after,
    encoding,
    intakes::Intake,
    outbox::{Message, What, contact::How},
    registrations::{Checked, Registered, Registration},
    rights::ERASED,
    seal::random,
    submission::{Answers, Clearance, Origin, Source, Submission, found_partitions, head_key, origin_of, partition},
    table::{Key, NewItem, Query, Write, query_all},
};

/// How long it is on record who opened what: 3 years, as the privacy notice says.
const AUDIT_LIFE: SignedDuration = SignedDuration::from_hours(24 * (3 * 365 + 1));

/// Who does something in the office, as the record is to name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator(pub String);

/// One answer in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The field's id.
    pub field: String,
    /// Its label.
    pub label: String,
    /// What was answered.
    pub value: String,
}

/// A case or a registration as staff see it: nothing sealed is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFile {
    /// `XS…` or `XB…`
    pub number: String,
    /// 诉求, 报名, or the title of the form of an intake
    pub kind: String,
    /// Its state in words.
    pub state: String,
    /// When it was submitted.
    pub received: Moment,
    /// 网上提交, or 代填 and by whom.
    pub source: String,
    /// By when somebody must have called; appeals only.
    pub contact_by: Option<Moment>,
    /// How far the work on an appeal is.
    pub work: Option<WorkFile>,
    /// Why it waits for a person to look at it, if it does.
    pub quarantined: Vec<String>,
    /// What happened, oldest first.
    pub events: Vec<EventRow>,
    /// Answers that are not personal.
    pub plain: Vec<Answer>,
    /// Labels of the answers that are sealed.
    pub sealed: Vec<String>,
    /// What was sent along.
    pub files: Vec<FileRow>,
    /// Open appeals of the same firm or telephone that say much the same, oldest first; of an appeal that is over none.
    pub alike: Vec<Alike>,
}

/// How far the work on an appeal is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkFile {
    /// Which round of work.
    pub round: u32,
    /// Its confirmed grade in words.
    pub grade: Option<String>,
    /// The grade that the rules propose, with reasons, while there is none.
    pub suggestion: Option<Suggestion>,
    /// Who works on it, in words.
    pub assigned: Option<String>,
    /// What the firm is owed next, in words, and by when.
    pub owed: Option<(&'static str, Moment)>,
    /// By when there must be a result.
    pub result_by: Option<Moment>,
    /// The time is over and there is no result.
    pub overdue: bool,
    /// 督办中
    pub supervised: bool,
    /// What may be done now, by whom, in the order of the table.
    pub next: Vec<(Act, Role)>,
}

/// One event of a case file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// When.
    pub at: Moment,
    /// Who.
    pub by: String,
    /// What, in words.
    pub what: String,
}

/// What became of a submission that staff took for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It is stored; this is to be read out to them.
    Received(Box<ReceiptContext>),
    /// Something is missing or wrong; nothing was stored.
    Invalid(Vec<FieldError>),
    /// The rules refuse it, in words for the caller; nothing was stored.
    Refused(String),
}

/// What became of something that a person had to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cleared {
    /// It is done; where it stands now, in words.
    Done(String),
    /// Why not, in words for staff; nothing was changed.
    Refused(String),
}

/// A member of staff opened what is sealed; kept beside the case for three years.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Audit {
    at: Moment,
    operator: String,
    /// `reveal`, `file`, `ledger`, `roster`, `release`, `discard`, `handle`, `reopen`
    what: String,
    reason: String,
}

impl Service {
    /// All that is known of a case or a registration, except what is sealed.
    pub async fn case(&self, number: &str) -> Result<CaseFile, ServiceError> {
        let found = self.found(number).await?;
        let number = &found.number;
        let mut events = Vec::new();
        let contacts = self.contacts(number).await?;
        let mut work = None;
        let (state, contact_by) = match &found.head {
            Kind::Appeal(case) => {
                let notes = self.notes(number).await?;
                for event in self.events(number).await? {
                    let operator = notes.get(&event.seq).and_then(|note| note.operator.as_deref());
                    let by = operator.map_or_else(|| event.by.words().to_owned(), |who| format!("{} {who}", event.by.words()));
                    events.push(EventRow { at: event.at, by, what: event.act.words().to_owned() });
                }
                work = Some(self.work_file(number, case).await?);
                let published = self.published().await?;
                let contact_by = clock::contact_by(&case.head, &published.calendar, &published.limits).at;
                let state = if case.origin.erased.is_some() { ERASED } else { case.head.state.words() };
                (state.to_owned(), Some(contact_by))
            }
            Kind::Registration(registration) => {
                for event in self.registration_events(number).await? {
                    events.push(EventRow { at: event.at, by: event.by.words().to_owned(), what: event.act.words() });
                }
                (self.standing_in_words(&*self.published().await?, number, registration).await?, None)
            }
            Kind::Intake(intake) => {
                let at = intake.origin.received;
                events.push(EventRow { at, by: intake.origin.source.words(), what: "已提交".to_owned() });
                let contacted = contacts.iter().any(|contact| contact.how == How::Reached);
                (intake.state(contacted).to_owned(), Some(intake.first_contact.at))
            }
        };
        for contact in contacts {
            events.push(EventRow { at: contact.at, what: contact.words(), by: contact.by });
        }
        for item in query_all(self.table.as_ref(), Query::prefix(partition(number), "AUDIT#")).await? {
            let audit: Audit = item.read()?;
            events.push(EventRow {
                at: audit.at,
                by: audit.operator.clone(),
                what: format!("{}：{}", audit.words(), audit.reason),
            });
        }
        events.sort_by_key(|event| event.at);
        let alike = match &found.head {
            Kind::Appeal(case) if alike::is_open(case) => self.alike_to(&found).await?,
            _ => Vec::new(),
        };
        let origin = found.head.origin();
        Ok(CaseFile {
            number: number.to_string(),
            kind: match &found.head {
                Kind::Appeal(_) => "诉求",
                Kind::Registration(_) => "报名",
                Kind::Intake(intake) => &intake.matter,
            }
            .to_owned(),
            state,
            received: origin.received,
            source: origin.source.words(),
            contact_by,
            work,
            quarantined: if origin.is_quarantined() { origin.quarantined.clone() } else { Vec::new() },
            events,
            plain: found.answers.plain(&found.form),
            sealed: found.answers.sealed(&found.form),
            files: self.file_rows(number).await?,
            alike,
        })
    }

    /// Opens the sealed answers of a case or a registration. Who did so and why is recorded first: without the record nothing opens.
    pub async fn reveal(&self, number: &str, operator: &Operator, reason: &str) -> Result<Vec<Answer>, ServiceError> {
        let found = self.found(number).await?;
        self.record(partition(&found.number), operator, "reveal", reason).await?;
        tracing::info!(number = %found.number, operator = operator.0, "sealed answers were opened");
        let mut answers = found.answers.open(&self.keys, &found.form)?;
        answers.extend(self.case_notes(&found.number).await?);
        for (contact, note) in self.contact_notes(&found.number).await? {
            let label = format!("通话备注（{}，{}）", words::moment(contact.at), contact.by);
            answers.push(Answer { field: "note".to_owned(), label, value: note });
        }
        Ok(answers)
    }

    /// Numbers of the cases and registrations in which a searchable field has this value. A telephone may be written in any way that
    /// a form takes.
    pub async fn find(&self, field: &str, value: &str) -> Result<Vec<String>, ServiceError> {
        let telephone = value.parse::<Mobile>().ok().map(|mobile| mobile.to_string());
        let value = telephone.as_deref().unwrap_or(value);
        let mut partitions = found_partitions(&self.keys, field, value);
        if let [first, _, ..] = &partitions[..] {
            // What is moved meanwhile, from one key to the other, is in neither place for whoever looks once: it is where was looked first.
            partitions.push(first.clone());
        }
        let mut numbers = BTreeSet::new();
        for partition in partitions {
            let items = query_all(self.table.as_ref(), Query::all(partition)).await?;
            numbers.extend(items.into_iter().map(|item| item.key.sort));
        }
        Ok(numbers.into_iter().collect())
    }

    /// Takes a submission for somebody on the telephone (代填). `raw` holds what a whole form would post: all fields, the consents that were
    /// read out and agreed to, and `session` on a registration.
    pub async fn take(&self, form: &str, raw: Raw, operator: &Operator) -> Result<Taken, ServiceError> {
        let published = self.published().await?;
        let form = published.form(form).ok_or_else(|| ServiceError::UnknownForm(form.to_owned()))?;
        let session = match form.service {
            form::Service::Appeal | form::Service::Intake => None,
            form::Service::Registration => {
                let id = raw.first("session");
                Some(published.session(id).ok_or_else(|| ServiceError::UnknownSession(id.to_owned()))?)
            }
        };
        let form = session.map_or_else(|| form.clone(), |session| form.for_session(session));
        let (values, boxes) = match (form::check_all(&form, &raw), form::check_consents(&form, &raw)) {
            (Ok(values), Ok(boxes)) => (values, boxes),
            (values, boxes) => {
                let errors = values.err().into_iter().flatten().chain(boxes.err().into_iter().flatten());
                return Ok(Taken::Invalid(errors.collect()));
            }
        };
        let source = Source::Taken(operator.0.clone());
        let submission = Submission { form: &form, values, boxes, source, quarantined: Vec::new(), draft: None };
        match session {
            None if form.service == form::Service::Intake => {
                Ok(Taken::Received(Box::new(self.take_in(&published, &submission).await?.page)))
            }
            None => Ok(Taken::Received(Box::new(self.file_appeal(&published, &submission).await?.page))),
            Some(session) => Ok(match self.register(session, &submission).await? {
                Registered::Stored(receipt) => Taken::Received(Box::new(self.registration_receipt(&receipt.number).await?)),
                Registered::Refused(why) => Taken::Refused(why),
                Registered::Invalid(errors) => Taken::Invalid(errors),
            }),
        }
    }

    /// Lets a quarantined appeal or registration go on as if nothing had been wrong with it: somebody has spoken with its sender.
    pub async fn release(&self, number: &str, operator: &Operator, reason: &str) -> Result<Cleared, ServiceError> {
        self.clear(number, operator, reason, true).await
    }

    /// Puts a quarantined appeal or registration away: nobody has sent it. It stays on record.
    pub async fn discard(&self, number: &str, operator: &Operator, reason: &str) -> Result<Cleared, ServiceError> {
        self.clear(number, operator, reason, false).await
    }

    async fn clear(&self, number: &str, operator: &Operator, reason: &str, genuine: bool) -> Result<Cleared, ServiceError> {
        let found = self.found(number).await?;
        let number = found.number;
        let what = if genuine { "release" } else { "discard" };
        let record = [self.record_write(partition(&number), operator, what, reason)];
        match found.head {
            Kind::Registration(_) => {
                let by = By::Staff(operator.0.clone());
                let checked = if genuine {
                    self.release_registration(&number, by, &record).await?
                } else {
                    self.discard_registration(&number, by, &record).await?
                };
                Ok(match checked {
                    Checked::Done(registration) => {
                        let published = self.published().await?;
                        Cleared::Done(self.standing_in_words(&published, &number, &registration).await?)
                    }
                    Checked::Refused(why) => Cleared::Refused(why),
                })
            }
            Kind::Appeal(_) | Kind::Intake(_) => self.clear_head(&number, found.head, genuine, record).await,
        }
    }

    /// The same for what takes no seat: it only has to say that a person has looked at it.
    async fn clear_head(
        &self,
        number: &TrackingNumber,
        kind: Kind,
        genuine: bool,
        record: [Write; 1],
    ) -> Result<Cleared, ServiceError> {
        let unknown = || ServiceError::UnknownNumber(number.to_string());
        let item = self.table.get(&head_key(number)).await?.ok_or_else(unknown)?;
        if !origin_of(&item)?.is_quarantined() {
            return Ok(Cleared::Refused("这一件不在等待人工核对".to_owned()));
        }
        let now = self.clock.now();
        let cleared = Some(Clearance { at: now, genuine });
        let (head, due) = match kind {
            Kind::Intake(_) => {
                let mut intake: Intake = item.read()?;
                intake.origin.cleared = cleared;
                (intake.head(number), intake.first_contact.at)
            }
            _ => {
                let mut case: Case = item.read()?;
                case.origin.cleared = cleared;
                // They are called once more, now about their matter.
                case.contacted = None;
                let published = self.published().await?;
                let index = [item.index[0].clone(), listed(&published, number, &case, now)];
                let due = clock::contact_by(&case.head, &published.calendar, &published.limits).at;
                (NewItem { index, ..NewItem::json(item.key, &case) }, due)
            }
        };
        let mut writes = vec![Write::replace(head, item.version)];
        writes.extend(record);
        if genuine {
            // The promise was made when it came in.
            let message = Message::new(What::FirstContact, number).due(due);
            writes.push(message.write(number, now));
        }
        self.table.transact(writes).await?;
        let state = if genuine { "核对通过，照常受理" } else { "人工核对未通过，没有受理" };
        Ok(Cleared::Done(state.to_owned()))
    }

    /// When staff have opened what is sealed in `number`, or done something about it that is on record, and why.
    pub(crate) async fn openings(&self, number: &TrackingNumber) -> Result<Vec<(Moment, &'static str, String)>, ServiceError> {
        let items = query_all(self.table.as_ref(), Query::prefix(partition(number), "AUDIT#")).await?;
        let audits = items.iter().map(|item| item.read::<Audit>()).collect::<Result<Vec<_>, _>>()?;
        Ok(audits.into_iter().map(|audit| (audit.at, audit.words(), audit.reason)).collect())
    }

    /// The sealed answers of a submission. Whoever calls this has recorded it.
    pub(crate) async fn sealed_answers(&self, number: &TrackingNumber) -> Result<Vec<Answer>, ServiceError> {
        let found = self.found(&number.to_string()).await?;
        found.answers.open(&self.keys, &found.form)
    }

    pub(crate) async fn record(
        &self,
        partition: String,
        operator: &Operator,
        what: &str,
        reason: &str,
    ) -> Result<(), ServiceError> {
        Ok(self.table.transact(vec![self.record_write(partition, operator, what, reason)]).await?)
    }

    pub(crate) fn record_write(&self, partition: String, operator: &Operator, what: &str, reason: &str) -> Write {
        let at = self.clock.now();
        let audit = Audit { at, operator: operator.0.clone(), what: what.to_owned(), reason: reason.to_owned() };
        let sort = format!("AUDIT#{:016}#{}", at.0.as_millisecond(), encoding::hex(&random::<4>()));
        Write::create(NewItem::json(Key::new(partition, sort), &audit).expiring(after(at, AUDIT_LIFE)))
    }

    async fn found(&self, number: &str) -> Result<Found, ServiceError> {
        let unknown = || ServiceError::UnknownNumber(number.to_owned());
        let published = self.published().await?;
        let number: TrackingNumber = number.parse().map_err(|_| unknown())?;
        let item = self.table.get(&head_key(&number)).await?.ok_or_else(unknown)?;
        let head = match number.kind() {
            TrackingKind::Appeal => Kind::Appeal(Box::new(item.read()?)),
            TrackingKind::Registration if origin_of(&item)?.service == Some(form::Service::Intake) => {
                Kind::Intake(Box::new(item.read()?))
            }
            TrackingKind::Registration => Kind::Registration(Box::new(item.read()?)),
        };
        self.found_with(number, head, &published).await
    }

    async fn found_with(&self, number: TrackingNumber, head: Kind, published: &Published) -> Result<Found, ServiceError> {
        let answers = self.answers(&number).await?;
        let origin = head.origin();
        // A form's earlier version may be gone: its fields' ids are never used for something else, so the current one names them.
        let form = published.form_version(&origin.form, origin.form_version).or_else(|| published.form(&origin.form));
        let form = form.ok_or_else(|| ServiceError::UnknownForm(origin.form.clone()))?.clone();
        Ok(Found { number, head, answers, form })
    }
}

/// A case or a registration with its answers and the form that names them.
pub(crate) struct Found {
    number: TrackingNumber,
    head: Kind,
    answers: Answers,
    form: Form,
}

enum Kind {
    Appeal(Box<Case>),
    Registration(Box<Registration>),
    Intake(Box<Intake>),
}

impl Kind {
    fn origin(&self) -> &Origin {
        match self {
            Kind::Appeal(case) => &case.origin,
            Kind::Registration(registration) => &registration.origin,
            Kind::Intake(intake) => &intake.origin,
        }
    }
}

impl Audit {
    /// What was done, in words.
    fn words(&self) -> &'static str {
        match self.what.as_str() {
            "release" => "核对后受理",
            "discard" => "核对后不受理",
            "handle" => "办结",
            "reopen" => "撤销办结",
            "correct" => "更正信息",
            "new_code" => "换了查询码",
            "erase" => "按本人要求删除信息",
            _ => "打开加密的内容",
        }
    }
}
