//! What was done to reach somebody: kept beside their case, by whom and how it went. What a caller noted is sealed.

use domain::{Moment, message::What, value::TrackingNumber};
use serde::{Deserialize, Serialize};

use crate::{
    Service, ServiceError, encoding,
    seal::{Keys, Place, Sealed, random},
    submission::partition,
    table::{Key, NewItem, Query, Write, query_all},
};

/// One attempt to reach somebody.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Contact {
    pub(crate) at: Moment,
    /// A member of staff, or the machine.
    pub(crate) by: String,
    pub(crate) what: Vec<What>,
    pub(crate) how: How,
    note: Option<Sealed>,
}

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum How {
    /// The receiver of the webhook took it.
    Sent,
    /// They were spoken with.
    Reached,
    /// Nobody answered.
    Unreached,
}

/// Who delivers by itself, in the record.
const MACHINE: &str = "自动发送";

impl Contact {
    /// The write that records it beside the case of `number`.
    pub(crate) fn write(
        keys: &Keys,
        number: &TrackingNumber,
        by: Option<&str>,
        what: Vec<What>,
        (how, note): (How, Option<&str>),
        at: Moment,
    ) -> Write {
        let unique = encoding::hex(&random::<4>());
        let key = Key::new(partition(number), format!("CONTACT#{:016}#{unique}", at.0.as_millisecond()));
        let note = note.map(|note| keys.seal(Place { key: &key, field: "note", version: 1 }, note));
        let contact = Contact { at, by: by.unwrap_or(MACHINE).to_owned(), what, how, note };
        Write::create(NewItem::json(key, &contact))
    }

    /// 打通电话：候补有名额了，问要不要
    pub(crate) fn words(&self) -> String {
        let how = match self.how {
            How::Sent => "通知已发出",
            How::Reached => "打通电话",
            How::Unreached => "打电话未接通",
        };
        let what: Vec<&str> = self.what.iter().map(|what| what.words()).collect();
        format!("{how}：{}", what.join("；"))
    }
}

impl Service {
    /// All that was tried for `number`, oldest first.
    pub(crate) async fn contacts(&self, number: &TrackingNumber) -> Result<Vec<Contact>, ServiceError> {
        let items = query_all(self.table.as_ref(), Query::prefix(partition(number), "CONTACT#")).await?;
        Ok(items.iter().map(|item| item.read()).collect::<Result<_, _>>()?)
    }

    /// The writes that take the words from what callers have noted.
    pub(crate) async fn forget_contact_notes(&self, number: &TrackingNumber) -> Result<Vec<Write>, ServiceError> {
        let mut writes = Vec::new();
        for item in query_all(self.table.as_ref(), Query::prefix(partition(number), "CONTACT#")).await? {
            let contact: Contact = item.read()?;
            if contact.note.is_some() {
                let contact = Contact { note: None, ..contact };
                writes.push(Write::replace(NewItem::json(item.key, &contact), item.version));
            }
        }
        Ok(writes)
    }

    /// What callers have noted, opened.
    pub(crate) async fn contact_notes(&self, number: &TrackingNumber) -> Result<Vec<(Contact, String)>, ServiceError> {
        let mut notes = Vec::new();
        for item in query_all(self.table.as_ref(), Query::prefix(partition(number), "CONTACT#")).await? {
            let contact: Contact = item.read()?;
            if let Some(note) = &contact.note {
                let text = self.keys.open(Place { key: &item.key, field: "note", version: item.version }, note)?;
                notes.push((contact, text));
            }
        }
        Ok(notes)
    }
}
