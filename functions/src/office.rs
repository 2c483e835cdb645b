//! What the office does before it has a desk: see who has written and by when somebody must call, open what is sealed (which is
//! recorded), take a submission for somebody on the telephone, and write the ledger.

use domain::{
    Attendance, Moment,
    form::{FieldError, Raw},
};
use pages::service::ReceiptContext;

use crate::{Service, ServiceError};

/// Who does something in the office, as the record is to name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator(pub String);

/// An open appeal in the inbox. Its title is sealed and not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxRow {
    /// `XS…`
    pub number: String,
    /// When it was submitted.
    pub received: Moment,
    /// 一般 / 急 / 特急
    pub urgency: String,
    /// Its category in words.
    pub category: String,
    /// Its state in words: 已提交，等待受理
    pub state: String,
    /// By when somebody must have called.
    pub contact_by: Moment,
    /// That moment has passed.
    pub overdue: bool,
    /// It tripped a rule against robots and waits for a person to look at it.
    pub quarantined: bool,
}

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
    /// 诉求 or 报名
    pub kind: String,
    /// Its state in words.
    pub state: String,
    /// When it was submitted.
    pub received: Moment,
    /// 网上提交, or 代填 and by whom.
    pub source: String,
    /// By when somebody must have called; appeals only.
    pub contact_by: Option<Moment>,
    /// Why it waits for a person to look at it, if it does.
    pub quarantined: Vec<String>,
    /// What happened, oldest first.
    pub events: Vec<EventRow>,
    /// Answers that are not personal.
    pub plain: Vec<Answer>,
    /// Labels of the answers that are sealed.
    pub sealed: Vec<String>,
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

/// For whom a ledger is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// The district's leaders: everything.
    Leaders,
    /// The business-environment office: telephones masked.
    Environment,
    /// The public: no firm and no person.
    Public,
}

/// The ledger of appeals (台账).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// Column headings.
    pub columns: Vec<String>,
    /// A row per appeal, oldest first.
    pub rows: Vec<Vec<String>>,
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

/// One registration of a session, without names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationRow {
    /// `XB…`
    pub number: String,
    /// When it was submitted.
    pub received: Moment,
    /// How they would like to take part.
    pub attendance: Attendance,
    /// How many people.
    pub party: u32,
    /// 现场席位 / 线上席位 / 候补第 2 位 / 等待人工核对
    pub standing: String,
}

impl Service {
    /// All open appeals, the most pressing first.
    pub async fn inbox(&self) -> Result<Vec<InboxRow>, ServiceError> {
        Err(ServiceError::NoManifest)
    }

    /// All that is known of a case or a registration, except what is sealed.
    pub async fn case(&self, number: &str) -> Result<CaseFile, ServiceError> {
        Err(ServiceError::UnknownNumber(number.to_owned()))
    }

    /// Opens the sealed answers of a case or a registration. Who did so and why is recorded first: without the record nothing opens.
    pub async fn reveal(&self, number: &str, operator: &Operator, reason: &str) -> Result<Vec<Answer>, ServiceError> {
        let _ = (operator, reason);
        Err(ServiceError::UnknownNumber(number.to_owned()))
    }

    /// Numbers of the cases and registrations in which a searchable field has this value.
    pub async fn find(&self, field: &str, value: &str) -> Result<Vec<String>, ServiceError> {
        let _ = (field, value);
        Ok(Vec::new())
    }

    /// The ledger of all appeals. That it was made, by whom and for whom is recorded.
    pub async fn ledger(&self, tier: Tier, operator: &Operator) -> Result<Ledger, ServiceError> {
        let _ = (tier, operator);
        Ok(Ledger { columns: Vec::new(), rows: Vec::new() })
    }

    /// Takes a submission for somebody on the telephone (代填). `raw` holds what a whole form would post: all fields, the consents that were
    /// read out and agreed to, and `session` on a registration.
    pub async fn take(&self, form: &str, raw: Raw, operator: &Operator) -> Result<Taken, ServiceError> {
        let _ = (raw, operator);
        Err(ServiceError::UnknownForm(form.to_owned()))
    }

    /// All live registrations of a session in the order in which they came.
    pub async fn registrations(&self, session: &str) -> Result<Vec<RegistrationRow>, ServiceError> {
        Err(ServiceError::UnknownSession(session.to_owned()))
    }
}
