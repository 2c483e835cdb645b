//! Putting right who somebody is and how they are reached. What was there before is overwritten, and nothing finds them by it any more.

use domain::{
    appeal::{Act, Command, Role},
    form::{Form, Values, correction},
    value::TrackingNumber,
};

use super::Record;
use crate::{
    Service, ServiceError,
    appeals::{Said, Step, Stepped},
    catalogue::Published,
    office::Operator,
    registrations::Corrected,
    submission::partition,
    table::Write,
};

/// What can be put right, with what stands there now.
pub(crate) struct Correction {
    pub(crate) form: Form,
    pub(crate) values: Values,
}

/// Who has put something right, in the record of what takes no events.
const THEMSELVES: &str = "本人";

impl Service {
    /// What of `number` can be put right.
    pub(crate) async fn correction(
        &self,
        published: &Published,
        number: &TrackingNumber,
        record: &Record,
    ) -> Result<Correction, ServiceError> {
        let origin = record.origin();
        let form = published.form_filled_in(&origin.form, origin.form_version);
        let form = form.ok_or_else(|| ServiceError::UnknownForm(origin.form.clone()))?;
        let values = self.answers(number).await?.values(&self.keys)?;
        Ok(Correction { form: correction(form, &values), values })
    }

    /// Puts right the answers to `form`. `extra` is written with it.
    pub(crate) async fn correct(
        &self,
        published: &Published,
        number: &TrackingNumber,
        form: &Form,
        values: &Values,
        extra: &[Write],
    ) -> Result<Corrected, ServiceError> {
        let (record, item) = self.record_of(number).await?;
        if record.origin().erased.is_some() {
            return Ok(Corrected::Refused(super::ERASED.to_owned()));
        }
        if matches!(record, Record::Registration(_)) {
            return self.correct_registration(number, form, values, extra).await;
        }
        let mut answers = self.answers(number).await?;
        let was = answers.values(&self.keys)?;
        let labels = answers.correct(&self.keys, form, values)?;
        if labels.is_empty() {
            return Ok(Corrected::Done(labels));
        }
        let mut writes = vec![answers.write()];
        writes.extend(self.look_ups(number, form, &was, values).await?);
        writes.extend(extra.iter().cloned());
        match record {
            Record::Appeal(_) => {
                let step = Step {
                    command: Command::Plain(Act::Correct),
                    by: Role::Firm,
                    operator: None,
                    said: Said::publicly(format!("更正了：{}", labels.join("、"))),
                    change: &|_| {},
                    message: None,
                    into: None,
                    with: writes,
                };
                Ok(match self.step_case(published, number, &step).await? {
                    Stepped::Done(_) => Corrected::Done(labels),
                    Stepped::Refused(why) => Corrected::Refused(why),
                })
            }
            Record::Intake(intake) => {
                // Written anew as it is: whoever changes it at the same time is noticed.
                writes.push(Write::replace(intake.head(number), item.version));
                let themselves = Operator(THEMSELVES.to_owned());
                writes.push(self.record_write(partition(number), &themselves, "correct", &labels.join("、")));
                self.table.transact(writes).await?;
                Ok(Corrected::Done(labels))
            }
            Record::Registration(_) => unreachable!("was put right above"),
        }
    }
}
