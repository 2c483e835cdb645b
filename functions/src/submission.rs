//! What every submission keeps, whatever its rules: the answers, sealed where they are personal, and where it came from.

use std::collections::BTreeMap;

use domain::{
    Moment,
    consent::{Consents, notice_hash},
    erasure::{Erased, consents_end},
    form::{self, Field, Form, Privacy, Values, answer_in_words},
    value::{QueryCode, TrackingNumber},
};
use serde::{Deserialize, Serialize};

use crate::{
    ServiceError,
    draft::{Draft, Outcome, after, in_milliseconds},
    encoding, office,
    outbox::Message,
    seal::{Keys, Place, Sealed, random},
    table::{Key, NewItem, TableError, Write},
};

/// A submission that has passed every check and is about to be stored.
pub(crate) struct Submission<'a> {
    pub(crate) form: &'a Form,
    pub(crate) values: Values,
    pub(crate) boxes: BTreeMap<String, bool>,
    pub(crate) source: Source,
    /// Why a person has to look at it first; empty when nothing tripped a rule against robots.
    pub(crate) quarantined: Vec<String>,
    /// The draft it was made of; none when staff took it down.
    pub(crate) draft: Option<&'a Draft>,
}

/// Where a submission came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    /// 网上提交
    Web,
    /// 代填, by this member of staff.
    Taken(String),
}

impl Source {
    /// In words for staff.
    pub(crate) fn words(&self) -> String {
        match self {
            Source::Web => "网上提交".to_owned(),
            Source::Taken(operator) => format!("电话代填（{operator}）"),
        }
    }
}

/// What stands at the head of every case and registration beside its own facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    pub(crate) number: String,
    pub(crate) form: String,
    pub(crate) form_version: u32,
    pub(crate) received: Moment,
    pub(crate) source: Source,
    pub(crate) quarantined: Vec<String>,
    pub(crate) consents: Consents,
    /// Raised to revoke the query code.
    pub(crate) code_counter: u32,
    /// Which rules took it. Absent in what was stored when the number's letters told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) service: Option<form::Service>,
    /// What a person found who looked at what was quarantined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cleared: Option<Clearance>,
    /// How long it is kept, as it was promised when it came in. Absent in what was stored before that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retention: Option<form::Retention>,
    /// Since when and why nothing in it points to a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) erased: Option<Erased>,
}

/// The list of what is not kept for ever, by when that ends: whatever points to a person, and after it the agreements.
pub(crate) const KEPT_UNTIL: &str = "RETENTION";

/// What a person found who looked at a submission that tripped a rule against robots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Clearance {
    pub(crate) at: Moment,
    /// Somebody has really sent it; otherwise it is put away.
    pub(crate) genuine: bool,
}

impl Origin {
    /// Whether a person still has to look at it.
    pub(crate) fn is_quarantined(&self) -> bool {
        !self.quarantined.is_empty() && self.cleared.is_none()
    }

    /// Where it came from, for whoever it is about.
    pub(crate) fn source_in_words(&self) -> &'static str {
        match self.source {
            Source::Web => "您在网上提交",
            Source::Taken(_) => "您打来电话，工作人员代填",
        }
    }

    /// How long it is kept, and from when on.
    pub(crate) fn kept(&self) -> form::Retention {
        let of_events = form::Retention { months: 6, after: form::RetentionStart::Event };
        let of_cases = form::Retention { months: 24, after: form::RetentionStart::Closing };
        let registered = self.service == Some(form::Service::Registration);
        self.retention.clone().unwrap_or(if registered { of_events } else { of_cases })
    }

    /// Where it is listed by when the next thing in it is not kept any more; `over` is when nothing was done about it any more.
    pub(crate) fn listed_until(&self, over: Option<Moment>) -> Option<Key> {
        let until = match self.erased {
            Some(_) => Some(consents_end(self.consents.at)).filter(|_| !self.consents.notice_hash.is_empty()),
            None => over.map(|over| self.kept().ends(over)),
        };
        until.map(|until| self.listed_at(until))
    }

    /// Its place in the list of what is kept until `until`: what came in at the same time lies together, as all of one session ends together.
    pub(crate) fn listed_at(&self, until: Moment) -> Key {
        let received = self.received.0.as_millisecond().max(0);
        Key::new(KEPT_UNTIL, format!("{}{received:016}#{}", listed_until(until), self.number))
    }

    /// Whether a person found that nobody has sent it.
    pub(crate) fn is_discarded(&self) -> bool {
        self.cleared.as_ref().is_some_and(|cleared| !cleared.genuine)
    }
}

/// With which the places begin of what is kept until `until`.
pub(crate) fn listed_until(until: Moment) -> String {
    format!("{:016}#", until.0.as_millisecond().max(0))
}

/// The head of any kind of submission begins with its origin.
pub(crate) fn origin_of(item: &crate::table::Item) -> Result<Origin, TableError> {
    #[derive(Deserialize)]
    struct Begun {
        origin: Origin,
    }
    Ok(item.read::<Begun>()?.origin)
}

/// The answers of one submission, an item of their own: they are rewritten only when the person corrects them, and what is
/// sealed is bound to that item's version.
#[derive(Serialize, Deserialize)]
struct StoredAnswers {
    plain: BTreeMap<String, form::Answer>,
    sealed: BTreeMap<String, Sealed>,
}

/// Answers as they were read back.
pub(crate) struct Answers {
    key: Key,
    version: u64,
    stored: StoredAnswers,
}

impl Submission<'_> {
    /// What it is known by from now on.
    pub(crate) fn origin(&self, number: &TrackingNumber, now: Moment) -> Origin {
        Origin {
            number: number.to_string(),
            form: self.form.id.clone(),
            form_version: self.form.version,
            received: now,
            source: self.source.clone(),
            quarantined: self.quarantined.clone(),
            consents: Consents { notice_hash: notice_hash(self.form), boxes: self.boxes.clone(), at: now },
            code_counter: 0,
            service: Some(self.form.service),
            cleared: None,
            retention: Some(self.form.retention.clone()),
            erased: None,
        }
    }

    /// The writes that every submission makes beside its head: answers, look-ups by exact value, what becomes of the draft, the
    /// receipt, and the message in the outbox.
    pub(crate) fn writes(
        &self,
        keys: &Keys,
        number: &TrackingNumber,
        receipt: &impl Receipt,
        message: &Message,
        now: Moment,
    ) -> Vec<Write> {
        let key = answers_key(number);
        let mut stored = StoredAnswers { plain: BTreeMap::new(), sealed: BTreeMap::new() };
        let mut writes = Vec::new();
        for field in self.form.fields() {
            let Some(answer) = self.values.get(&field.id) else { continue };
            if field.privacy == Privacy::Plain {
                stored.plain.insert(field.id.clone(), answer.clone());
                continue;
            }
            let text = serde_json::to_string(answer).expect("an answer is plain data");
            stored.sealed.insert(field.id.clone(), keys.seal(Place { key: &key, field: &field.id, version: 1 }, &text));
            if let (Privacy::Searchable, form::Answer::Text(text)) = (field.privacy, answer) {
                writes.push(Write::create(NewItem::json(found_key(keys, &field.id, text, number), &())));
            }
        }
        writes.push(Write::create(NewItem::json(key, &stored)));
        if let Some(draft) = self.draft {
            let outcome = Outcome { number: number.to_string(), receipt: receipt.id().to_owned() };
            writes.extend(draft.commit(&outcome, now));
        }
        writes.push(Write::create(receipt.item(keys, now)));
        writes.push(message.write(number, now));
        writes
    }
}

/// Where the answers of `number` are.
pub(crate) fn answers_key(number: &TrackingNumber) -> Key {
    Key::new(partition(number), "ANSWERS")
}

/// Where all of `number` is.
pub(crate) fn partition(number: &TrackingNumber) -> String {
    format!("CASE#{number}")
}

/// Where the head of `number` is.
pub(crate) fn head_key(number: &TrackingNumber) -> Key {
    Key::new(partition(number), "HEAD")
}

/// All that stands below it is found by exact value.
const FOUND: &str = "FOUND#";

/// Where `number` is found by the exact value of a field.
pub(crate) fn found_key(keys: &Keys, field: &str, value: &str, number: &TrackingNumber) -> Key {
    let blind = keys.blind(field, &domain::value::text::search_key(value));
    Key::new(found_partition(field, &blind), number.to_string())
}

/// The same by all keys that it may have been stored with, that in use first.
pub(crate) fn found_keys(keys: &Keys, field: &str, value: &str, number: &TrackingNumber) -> Vec<Key> {
    found_partitions(keys, field, value).into_iter().map(|partition| Key::new(partition, number.to_string())).collect()
}

/// The partitions of look-ups by the exact value of a field, by all keys.
pub(crate) fn found_partitions(keys: &Keys, field: &str, value: &str) -> Vec<String> {
    let blinds = keys.blinds(field, &domain::value::text::search_key(value));
    blinds.iter().map(|blind| found_partition(field, blind)).collect()
}

fn found_partition(field: &str, blind: &str) -> String {
    format!("{FOUND}{field}#{blind}")
}

/// The field and the blind index of a partition of look-ups.
pub(crate) fn found_by(partition: &str) -> Option<(&str, &str)> {
    partition.strip_prefix(FOUND)?.split_once('#')
}

impl Answers {
    /// Understands the item at [`answers_key`].
    pub(crate) fn read(item: crate::table::Item) -> Result<Answers, TableError> {
        let stored = item.read()?;
        Ok(Answers { key: item.key, version: item.version, stored })
    }

    /// Answers questions of `form` anew; whether that changes anything. Everything that is sealed is bound to the version that it is stored
    /// in and is sealed again for the next.
    pub(crate) fn replace(&mut self, keys: &Keys, form: &Form, values: &Values) -> Result<bool, ServiceError> {
        let mut changed = false;
        let mut opened = BTreeMap::new();
        for field in self.stored.sealed.keys() {
            opened.insert(field.clone(), self.open_one(keys, field)?);
        }
        let empty = |answer: &form::Answer| matches!(answer, form::Answer::Many(many) if many.is_empty());
        for field in form.fields() {
            let Some(answer) = values.get(&field.id) else { continue };
            let answer = Some(answer.clone()).filter(|answer| !empty(answer));
            changed |= answer != self.any(keys, &field.id)?;
            match (field.privacy, answer) {
                (Privacy::Plain, Some(answer)) => drop(self.stored.plain.insert(field.id.clone(), answer)),
                (Privacy::Plain, None) => drop(self.stored.plain.remove(&field.id)),
                (_, answer) => drop(opened.insert(field.id.clone(), answer)),
            }
        }
        self.seal_anew(keys, opened);
        Ok(changed)
    }

    fn seal_anew(&mut self, keys: &Keys, opened: BTreeMap<String, Option<form::Answer>>) {
        self.stored.sealed = BTreeMap::new();
        for (field, answer) in opened {
            let Some(answer) = answer else { continue };
            let text = serde_json::to_string(&answer).expect("an answer is plain data");
            let sealed = keys.seal(Place { key: &self.key, field: &field, version: self.version + 1 }, &text);
            self.stored.sealed.insert(field, sealed);
        }
    }

    /// Puts right all answers to `form`: what is not among `values` is not known any more. The labels of what that changes.
    pub(crate) fn correct(&mut self, keys: &Keys, form: &Form, values: &Values) -> Result<Vec<String>, ServiceError> {
        let mut labels = Vec::new();
        let mut opened: BTreeMap<String, Option<form::Answer>> = BTreeMap::new();
        for field in self.stored.sealed.keys() {
            opened.insert(field.clone(), self.open_one(keys, field)?);
        }
        for field in form.fields() {
            let answer = values.get(&field.id).cloned();
            if answer != self.any(keys, &field.id)? {
                labels.push(field.label.clone());
            }
            match (field.privacy, answer) {
                (Privacy::Plain, Some(answer)) => drop(self.stored.plain.insert(field.id.clone(), answer)),
                (Privacy::Plain, None) => drop(self.stored.plain.remove(&field.id)),
                (_, answer) => drop(opened.insert(field.id.clone(), answer)),
            }
        }
        self.seal_anew(keys, opened);
        Ok(labels)
    }

    /// Forgets what is sealed; how many answers that were.
    pub(crate) fn forget(&mut self) -> usize {
        std::mem::take(&mut self.stored.sealed).len()
    }

    /// All answers, opened.
    pub(crate) fn values(&self, keys: &Keys) -> Result<Values, ServiceError> {
        let mut values = Values(self.stored.plain.clone());
        for field in self.stored.sealed.keys() {
            values.0.extend(self.open_one(keys, field)?.map(|answer| (field.clone(), answer)));
        }
        Ok(values)
    }

    /// Whether an answer is sealed.
    pub(crate) fn is_sealed(&self, field: &str) -> bool {
        self.stored.sealed.contains_key(field)
    }

    /// Stores them in place of those that were read.
    pub(crate) fn write(&self) -> Write {
        Write::replace(NewItem::json(self.key.clone(), &self.stored), self.version)
    }

    /// Answers that are not personal, in the order of the form.
    pub(crate) fn plain(&self, form: &Form) -> Vec<office::Answer> {
        form.fields().filter_map(|field| Some(in_words(field, self.stored.plain.get(&field.id)?))).collect()
    }

    /// Labels of the sealed answers, in the order of the form.
    pub(crate) fn sealed(&self, form: &Form) -> Vec<String> {
        form.fields().filter(|field| self.stored.sealed.contains_key(&field.id)).map(|field| field.label.clone()).collect()
    }

    /// The sealed answers, opened.
    pub(crate) fn open(&self, keys: &Keys, form: &Form) -> Result<Vec<office::Answer>, ServiceError> {
        let mut opened = Vec::new();
        for field in form.fields() {
            if let Some(answer) = self.open_one(keys, &field.id)? {
                opened.push(in_words(field, &answer));
            }
        }
        Ok(opened)
    }

    /// A plain answer as it was posted.
    pub(crate) fn plain_text(&self, field: &str) -> Option<&str> {
        match self.stored.plain.get(field) {
            Some(form::Answer::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// One answer, whether it is sealed or not.
    pub(crate) fn any(&self, keys: &Keys, field: &str) -> Result<Option<form::Answer>, ServiceError> {
        match self.stored.plain.get(field) {
            Some(answer) => Ok(Some(answer.clone())),
            None => self.open_one(keys, field),
        }
    }

    fn open_one(&self, keys: &Keys, field: &str) -> Result<Option<form::Answer>, ServiceError> {
        let Some(sealed) = self.stored.sealed.get(field) else { return Ok(None) };
        Ok(Some(keys.read(Place { key: &self.key, field, version: self.version }, sealed)?))
    }
}

fn in_words(field: &Field, answer: &form::Answer) -> office::Answer {
    office::Answer { field: field.id.clone(), label: field.label.clone(), value: answer_in_words(field, answer) }
}

/// The query code of `number`.
pub(crate) fn code(keys: &Keys, number: &TrackingNumber, counter: u32) -> QueryCode {
    QueryCode::derive(keys.code_key(), number, counter)
}

/// How long a receipt can be opened.
const RECEIPT_LIFE: jiff::SignedDuration = jiff::SignedDuration::from_mins(30);

/// What somebody who has confirmed is led to: a page at a random address.
pub(crate) trait Receipt {
    /// The last part of its address.
    fn id(&self) -> &str;

    /// What is stored there.
    fn item(&self, keys: &Keys, now: Moment) -> NewItem;
}

/// A receipt that is stored as a page.
pub(crate) struct NewReceipt {
    pub(crate) id: String,
    pub(crate) page: pages::service::ReceiptContext,
}

impl NewReceipt {
    pub(crate) fn new(page: pages::service::ReceiptContext, now: Moment) -> NewReceipt {
        NewReceipt { id: random_address(now), page }
    }
}

impl Receipt for NewReceipt {
    fn id(&self) -> &str {
        &self.id
    }

    /// The code stands in it, so it is sealed as a whole.
    fn item(&self, keys: &Keys, now: Moment) -> NewItem {
        let key = receipt_key(&self.id);
        let text = serde_json::to_string(&self.page).expect("a receipt is plain data");
        let sealed = keys.seal(Place { key: &key, field: "page", version: 1 }, &text);
        NewItem::json(key, &StoredReceipt::Page(sealed)).expiring(after(now, RECEIPT_LIFE))
    }
}

/// A receipt that shows a registration as it stands whenever it is opened: a seat may have come free meanwhile.
pub(crate) struct ReceiptOf {
    pub(crate) id: String,
    pub(crate) number: TrackingNumber,
}

impl ReceiptOf {
    pub(crate) fn new(number: &TrackingNumber, now: Moment) -> ReceiptOf {
        ReceiptOf { id: random_address(now), number: *number }
    }
}

impl Receipt for ReceiptOf {
    fn id(&self) -> &str {
        &self.id
    }

    fn item(&self, _: &Keys, now: Moment) -> NewItem {
        NewItem::json(receipt_key(&self.id), &StoredReceipt::Of { number: self.number }).expiring(after(now, RECEIPT_LIFE))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredReceipt {
    Page(Sealed),
    Of { number: TrackingNumber },
}

/// 16 random bytes behind the moment, so that what is written at the same time lies together in an ordered table.
fn random_address(now: Moment) -> String {
    let bytes = [&in_milliseconds(now)[..], &random::<16>()].concat();
    encoding::base32_sortable(&bytes)
}

fn receipt_key(id: &str) -> Key {
    Key::new(format!("RECEIPT#{id}"), "RECEIPT")
}

impl crate::Service {
    /// The answers of `number`.
    pub(crate) async fn answers(&self, number: &TrackingNumber) -> Result<Answers, ServiceError> {
        let item = self.table.get(&answers_key(number)).await?;
        let item = item.ok_or_else(|| TableError::Failed(format!("`{number}` has no answers")))?;
        Ok(Answers::read(item)?)
    }

    /// The receipt at an address, as long as it lives.
    pub(crate) async fn receipt(&self, id: &str) -> Result<Option<pages::service::ReceiptContext>, ServiceError> {
        if id.is_empty() || id.len() > 64 {
            return Ok(None);
        }
        let Some(item) = self.table.get(&receipt_key(id)).await? else { return Ok(None) };
        let sealed = match item.read()? {
            StoredReceipt::Page(sealed) => sealed,
            StoredReceipt::Of { number } => return Ok(Some(self.registration_receipt(&number).await?)),
        };
        Ok(Some(self.keys.read(Place { key: &item.key, field: "page", version: item.version }, &sealed)?))
    }
}
