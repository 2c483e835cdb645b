//! Consents: who agreed to what, when, and as which notice put it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{form::Form, time::Moment};

/// The agreements given with one submission. Kept with it, so that later one can show what was agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consents {
    /// [`notice_hash`] of the declaration that was shown.
    pub notice_hash: String,
    /// Each box by its id, ticked or not.
    pub boxes: BTreeMap<String, bool>,
    /// When 确认 was pressed.
    pub at: Moment,
}

impl Consents {
    /// Whether the box `id` was ticked.
    pub fn given(&self, id: &str) -> bool {
        self.boxes.get(id).copied().unwrap_or(false)
    }
}

/// A hash of all that a form tells before it takes anything: what is asked and why, how it is stored, how long it is kept, and the
/// words of each agreement. Another declaration, another hash.
pub fn notice_hash(form: &Form) -> String {
    let asked: Vec<_> = form.fields().map(|field| (&field.id, &field.label, &field.purpose, field.privacy)).collect();
    let notice = (&form.id, asked, &form.retention, &form.consents);
    let json = serde_json::to_vec(&notice).expect("declarations are plain data");
    Sha256::digest(json).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::fixtures::appeal;

    #[test]
    fn a_box_that_was_not_shown_was_not_ticked() {
        let boxes = BTreeMap::from([("handle".to_owned(), true), ("forward".to_owned(), false)]);
        let at = "2026-11-24 09:00".parse().expect("a moment");
        let consents = Consents { notice_hash: notice_hash(&appeal()), boxes, at };
        let given = ["handle", "forward", "news"].map(|id| consents.given(id));
        assert_eq!(given, [true, false, false]);
    }

    #[test]
    fn another_notice_has_another_hash() {
        type Change = fn(&mut Form);
        let changes: [Change; 5] = [
            |form| form.consents[1].label.push('！'),
            |form| form.consents[1].required = true,
            |form| form.retention.months = 25,
            |form| form.steps[1].fields[0].purpose = Some("核实".to_owned()),
            |form| drop(form.steps[1].fields.pop()),
        ];
        let mut hashes = vec![notice_hash(&appeal()), notice_hash(&appeal())];
        hashes.dedup();
        hashes.extend(changes.map(|change| {
            let mut form = appeal();
            change(&mut form);
            notice_hash(&form)
        }));
        assert_eq!(hashes.len(), 6, "the same notice has the same hash");
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len(), 6);
    }
}
