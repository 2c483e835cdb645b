//! What came of an act: kept sealed for half an hour at an address that nobody can guess.
//!
//! The address follows from what was posted, with the token of its page, so a button that was pressed twice leads to the first answer.

use domain::{form::Raw, value::TrackingNumber};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{
    Service, ServiceError,
    draft::after,
    seal::{Place, Sealed},
    table::{Key, NewItem, TableError, Write},
};

/// How long what came of an act can be opened.
const LIFE: SignedDuration = SignedDuration::from_mins(30);

/// What came of an act, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) title: String,
    pub(crate) message: String,
    /// It was done; otherwise the message says why not.
    pub(crate) done: bool,
}

impl Service {
    /// The last part of the address at which it stands what came of `act`, done by posting `raw`.
    pub(crate) fn outcome_id(&self, act: &str, raw: &Raw) -> String {
        let posted = serde_json::to_string(&raw.0).expect("texts by names");
        self.keys.lasting("outcome", &format!("{act}#{posted}"))
    }

    /// The write that keeps what came of an act; refused when something is kept there already.
    pub(crate) fn outcome_write(&self, id: &str, number: &TrackingNumber, outcome: &Outcome) -> Write {
        let key = key(id);
        let text = serde_json::to_string(&(number, outcome)).expect("plain data");
        let sealed = self.keys.seal(Place { key: &key, field: "outcome", version: 1 }, &text);
        Write::create(NewItem::json(key, &sealed).expiring(after(self.clock.now(), LIFE)))
    }

    /// Keeps what came of an act, unless it was pressed before: then the first answer stays.
    pub(crate) async fn keep_outcome(&self, id: &str, number: &TrackingNumber, outcome: &Outcome) -> Result<(), ServiceError> {
        match self.table.transact(vec![self.outcome_write(id, number, outcome)]).await {
            Ok(()) | Err(TableError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// What came of an act, as long as it is kept.
    pub(crate) async fn outcome(&self, id: &str) -> Result<Option<(TrackingNumber, Outcome)>, ServiceError> {
        if id.is_empty() || id.len() > 64 {
            return Ok(None);
        }
        let Some(item) = self.table.get(&key(id)).await? else { return Ok(None) };
        let sealed = item.read::<Sealed>()?;
        Ok(Some(self.keys.read(Place { key: &item.key, field: "outcome", version: item.version }, &sealed)?))
    }
}

fn key(id: &str) -> Key {
    Key::new(format!("OUTCOME#{id}"), "OUTCOME")
}
