//! A lost query code ends in a call, never in a hint: whoever reports it hears the same words whether the number is known or not, and staff
//! call the telephone that is stored. Only then the code is another.

use std::net::IpAddr;

use domain::{
    Moment,
    appeal::{Deadline, Urgency, first_contact_by},
    value::TrackingNumber,
};
use jiff::SignedDuration;

use super::ERASED;
use crate::{
    Service, ServiceError,
    catalogue::Published,
    draft::after,
    office::{Cleared, Operator},
    outbox::{Message, What},
    submission::{code, head_key, origin_of, partition},
    table::{NewItem, TableError, Write},
};

/// How long it is kept that a number was named that nobody has: as long as a known one is not called again.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// How often it is tried anew when something was changed meanwhile.
const ATTEMPTS: usize = 5;

impl Service {
    /// Has staff call about the lost code of `number`, once a day, if there is such a number; by when. An unknown number takes the same path: the
    /// same reads, the same writes under the same keys, of which nobody hears.
    pub(crate) async fn report_lost_code(
        &self,
        published: &Published,
        number: &TrackingNumber,
        address: IpAddr,
    ) -> Result<Deadline, ServiceError> {
        let counter = self.slow_down_reports(address).await?;
        let now: Moment = self.clock.now();
        let by = first_contact_by(now, Urgency::Normal, &published.calendar, &published.limits);
        let item = self.table.get(&head_key(number)).await?;
        let origin = item.as_ref().map(origin_of).transpose()?;
        let is_known = origin.is_some_and(|origin| origin.erased.is_none() && !origin.is_discarded());
        let message = Message::new(What::LostCode, number).key(format!("{}#{}", What::LostCode.id(), now.date())).due(by.at);
        let write = match message.write(number, now) {
            Write::Put { item, expect } if !is_known => {
                Write::Put { item: NewItem { index: [None, None], expires: Some(after(now, KEPT)), ..item }, expect }
            }
            write => write,
        };
        match self.table.transact(vec![write]).await {
            // Reported today already.
            Ok(()) | Err(TableError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        self.count_report(counter).await?;
        Ok(by)
    }

    /// Gives `number` another query code, for somebody whom the operator has on the telephone: the old one is good for nothing from then on.
    pub async fn new_code(&self, number: &str, operator: &Operator, reason: &str) -> Result<Cleared, ServiceError> {
        let number: TrackingNumber = number.parse().map_err(|_| ServiceError::UnknownNumber(number.to_owned()))?;
        for _ in 0..ATTEMPTS {
            let (record, item) = self.record_of(&number).await?;
            let origin = record.origin();
            if origin.erased.is_some() {
                return Ok(Cleared::Refused(format!("{ERASED}，不再换查询码")));
            }
            let counter = origin.code_counter + 1;
            let mut head: serde_json::Value = item.read()?;
            head["origin"]["code_counter"] = counter.into();
            let head = NewItem { index: item.index, expires: item.expires, ..NewItem::json(item.key, &head) };
            let mut writes =
                vec![Write::replace(head, item.version), self.record_write(partition(&number), operator, "new_code", reason)];
            let now = self.clock.now();
            for found in self.open_messages(&number).await? {
                if found.entry.message.what == What::LostCode {
                    writes.push(found.end(&found.entry, now));
                }
            }
            match self.table.transact(writes).await {
                Ok(()) => {
                    tracing::info!(%number, operator = operator.0, "a query code was exchanged");
                    return Ok(Cleared::Done(code(&self.keys, &number, counter).to_string()));
                }
                Err(TableError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ServiceError::Busy)
    }
}
