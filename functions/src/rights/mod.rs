//! What people may ask of what is stored about them, with number and code: to see it, to put it right, to take it along, to have it erased.
//!
//! 1. `stored` tells what is stored, why, until when, and who has seen it.
//! 2. `correct` puts right who they are and how they are reached.
//! 3. `erase` takes away whatever points to a person and leaves a proof of it (`proofs`); what is left says that and no more.
//! 4. `due` does so by itself once something was kept as long as was promised.
//! 5. `lost` has staff call whoever has lost the code.

mod correct;
mod due;
mod erase;
mod lost;
mod proofs;
mod stored;

use domain::{
    Moment, Session,
    appeal::State,
    form::{self, Answer, Form, Privacy, Values},
    value::{TrackingKind, TrackingNumber},
};

use crate::{
    Service, ServiceError,
    appeals::Case,
    intakes::Intake,
    registrations::Registration,
    submission::{Origin, found_key, found_keys, head_key, origin_of},
    table::{Expect, Item, NewItem, TableError, Write},
};

pub(crate) use correct::Correction;
pub(crate) use erase::Erasing;
pub use proofs::Proofs;

/// How something stands of which nothing points to a person any more.
pub(crate) const ERASED: &str = "信息已删除";

/// The head of anything that has a number.
pub(crate) enum Record {
    Appeal(Box<Case>),
    Registration(Box<Registration>),
    Intake(Box<Intake>),
}

impl Record {
    pub(crate) fn read(number: &TrackingNumber, item: &Item) -> Result<Record, TableError> {
        Ok(match number.kind() {
            TrackingKind::Appeal => Record::Appeal(Box::new(item.read()?)),
            TrackingKind::Registration if origin_of(item)?.service == Some(form::Service::Intake) => {
                Record::Intake(Box::new(item.read()?))
            }
            TrackingKind::Registration => Record::Registration(Box::new(item.read()?)),
        })
    }

    pub(crate) fn origin(&self) -> &Origin {
        match self {
            Record::Appeal(case) => &case.origin,
            Record::Registration(registration) => &registration.origin,
            Record::Intake(intake) => &intake.origin,
        }
    }

    /// 受理编号 / 报名编号 / 登记编号
    pub(crate) fn number_label(&self) -> &'static str {
        match self {
            Record::Appeal(_) => "受理编号",
            Record::Registration(_) => "报名编号",
            Record::Intake(_) => "登记编号",
        }
    }

    /// Since when nobody does anything about it any more.
    fn over(&self, session: Option<&Session>, now: Moment) -> Option<Moment> {
        match self {
            Record::Appeal(case) => case.over(),
            Record::Registration(registration) => {
                let waits_for_a_day = session.is_some_and(|session| session.postponed) && !registration.stage().is_over();
                Some(registration.ends(session)).filter(|end| *end <= now && !waits_for_a_day)
            }
            Record::Intake(intake) if intake.is_over() => {
                let cleared = intake.origin.cleared.as_ref().map(|cleared| cleared.at);
                intake.handled.as_ref().map(|handled| handled.at).or(cleared)
            }
            Record::Intake(_) => None,
        }
    }

    /// Why it cannot be erased now, and the act that would have to come first.
    pub(crate) fn cannot_be_erased(
        &self,
        session: Option<&Session>,
        now: Moment,
    ) -> Option<(&'static str, Option<&'static str>)> {
        match self {
            Record::Appeal(case) if case.over().is_some() => None,
            Record::Appeal(case) if case.origin.is_quarantined() => {
                Some(("这一件还在等待人工核对，核对以后才能删除。不想等，请打电话告诉我们。", None))
            }
            Record::Appeal(case) if matches!(case.head.state, State::Answered | State::Visited) => {
                Some(("这件诉求已经有了答复，还没有办结。您评价、办结以后，在这里就可以删除；不想等，请打电话告诉我们。", None))
            }
            Record::Appeal(_) => Some((
                "这件诉求正在办理，删除了就没法办下去。不想办了，请先撤回，撤回后马上可以删除；还想办，办结以后再来删除。",
                Some("withdraw"),
            )),
            Record::Registration(registration) if registration.stage().is_over() || self.over(session, now).is_some() => None,
            Record::Registration(registration) => {
                let act = if registration.stage() == domain::registration::Stage::Waiting { "leave" } else { "cancel" };
                Some((
                    "活动还没有结束，删除了就没法为您留名额、通知您改期。不参加了，请先取消报名，取消后马上可以删除；参加的，活动结束以后再来删除。",
                    Some(act),
                ))
            }
            Record::Intake(_) => None,
        }
    }
}

impl Service {
    /// The head of `number` with the item that holds it.
    pub(crate) async fn record_of(&self, number: &TrackingNumber) -> Result<(Record, Item), ServiceError> {
        let item = self.table.get(&head_key(number)).await?;
        let item = item.ok_or_else(|| ServiceError::UnknownNumber(number.to_string()))?;
        Ok((Record::read(number, &item)?, item))
    }

    /// The writes by which `number` is found by the answers that it has from now on, and no longer by those that it had.
    pub(crate) async fn look_ups(
        &self,
        number: &TrackingNumber,
        form: &Form,
        before: &Values,
        after: &Values,
    ) -> Result<Vec<Write>, ServiceError> {
        let mut writes = Vec::new();
        for field in form.fields().filter(|field| field.privacy == Privacy::Searchable) {
            let key = |values: &Values| values.text(&field.id).map(|text| found_key(&self.keys, &field.id, text, number));
            let is = key(after);
            if key(before) == is {
                continue;
            }
            if let Some(text) = before.text(&field.id) {
                writes.extend(self.not_found_by(&field.id, text, number).await?);
            }
            writes.extend(is.map(|is| Write::create(NewItem::json(is, &()))));
        }
        Ok(writes)
    }

    /// The writes by which `number` is no longer found by any of its answers, whatever form asked for them.
    async fn no_look_ups(&self, number: &TrackingNumber, answers: &Values) -> Result<Vec<Write>, ServiceError> {
        let mut writes = Vec::new();
        for (field, answer) in &answers.0 {
            if let Answer::Text(text) = answer {
                writes.extend(self.not_found_by(field, text, number).await?);
            }
        }
        Ok(writes)
    }

    /// The writes by which `number` is no longer found by this value, whichever key it was stored with.
    async fn not_found_by(&self, field: &str, value: &str, number: &TrackingNumber) -> Result<Vec<Write>, ServiceError> {
        let mut writes = Vec::new();
        for key in found_keys(&self.keys, field, value, number) {
            match self.table.get(&key).await? {
                Some(item) => writes.push(Write::Delete { key: item.key, version: item.version }),
                // It may be moved there from where another key has it before this is written: then all is looked at anew.
                None if self.keys.are_exchanged() => writes.push(Write::Check { key, expect: Expect::Absent }),
                None => {}
            }
        }
        Ok(writes)
    }
}
