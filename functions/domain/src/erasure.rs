//! Erasing what points to a person: why it is done, and the chained record that it was.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::time::{Moment, after_months};

/// How long it is kept what somebody agreed to, counted from when they did.
const CONSENTS_KEPT: u32 = 36;

/// Until when the agreements given at `given` are kept.
pub fn consents_end(given: Moment) -> Moment {
    after_months(given, CONSENTS_KEPT)
}

/// Why something was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Whoever it is about has asked for it.
    Asked,
    /// It was kept as long as was promised.
    Expired,
}

impl Why {
    /// In words for everybody.
    pub fn words(self) -> &'static str {
        match self {
            Why::Asked => "按本人要求删除",
            Why::Expired => "保存期满，按期删除",
        }
    }
}

/// When and why what pointed to a person was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// When.
    pub at: Moment,
    /// Why.
    pub why: Why,
}

/// How much was erased.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// Answers that were sealed.
    pub answers: usize,
    /// What was said about steps, and what callers noted.
    pub notes: usize,
    /// Ways to find it by an exact value.
    pub look_ups: usize,
    /// Files.
    pub files: usize,
}

/// One erasure as it is on record: no word of what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// 1 for the first of all, then one more each.
    pub seq: u64,
    /// `XS…` or `XB…`
    pub number: String,
    /// When and why.
    #[serde(flatten)]
    pub erased: Erased,
    /// The member of staff who did it for somebody on the telephone.
    pub operator: Option<String>,
    /// How much.
    pub amount: Amount,
    /// [`Proof::hash`] of the one before; none before the first.
    pub previous_hash: Option<String>,
}

impl Proof {
    /// SHA-256 of its JSON, in hexadecimal; as of an appeal's events.
    pub fn hash(&self) -> String {
        let json = serde_json::to_vec(self).expect("a proof is plain data");
        Sha256::digest(json).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The place (from 1) of the first proof that does not follow from the one before it; none when all are as they were written.
pub fn first_broken(proofs: &[Proof]) -> Option<usize> {
    let follows = |index: usize, proof: &Proof| {
        let before = index.checked_sub(1).map(|before| &proofs[before]);
        proof.seq == index as u64 + 1 && proof.previous_hash == before.map(Proof::hash)
    };
    proofs.iter().enumerate().position(|(index, proof)| !follows(index, proof)).map(|index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::at,
        form::{Retention, RetentionStart},
    };

    #[test]
    fn months_are_counted_by_the_calendar() {
        for (since, months, ends) in [
            ("2026-12-01 09:00", 24, "2028-12-01 09:00"),
            ("2026-08-31 17:30", 6, "2027-02-28 17:30"),
            ("2027-08-31 17:30", 6, "2028-02-29 17:30"),
            ("2026-12-31 23:59:59", 1, "2027-01-31 23:59:59"),
            ("2026-12-01 09:00", 0, "2026-12-01 09:00"),
        ] {
            let retention = Retention { months, after: RetentionStart::Closing };
            assert_eq!(retention.ends(at(since)), at(ends), "{since} + {months}");
        }
        assert_eq!(consents_end(at("2026-12-01 09:00")), at("2029-12-01 09:00"));
        let forever = Retention { months: u32::MAX, after: RetentionStart::Closing };
        assert!(forever.ends(at("9999-12-31 23:59")) > at("9999-12-31 00:00"));
    }

    fn chain() -> Vec<Proof> {
        let mut proofs: Vec<Proof> = Vec::new();
        for (index, why) in [Why::Asked, Why::Expired, Why::Asked].into_iter().enumerate() {
            proofs.push(Proof {
                seq: index as u64 + 1,
                number: format!("XS{index}"),
                erased: Erased { at: at("2026-12-01 09:00"), why },
                operator: None,
                amount: Amount { answers: 3, ..Amount::default() },
                previous_hash: proofs.last().map(Proof::hash),
            });
        }
        proofs
    }

    #[test]
    fn a_changed_record_breaks_where_it_was_changed_or_at_the_next() {
        assert_eq!(first_broken(&chain()), None);
        assert_eq!(first_broken(&[]), None);
        type Change = fn(&mut Vec<Proof>);
        let cases: [(usize, Change); 4] = [
            (2, |proofs| proofs[0].number.push('1')),
            (3, |proofs| proofs[1].erased.why = Why::Asked),
            (1, |proofs| drop(proofs.remove(0))),
            (2, |proofs| proofs.swap(1, 2)),
        ];
        for (place, change) in cases {
            let mut proofs = chain();
            change(&mut proofs);
            assert_eq!(first_broken(&proofs), Some(place));
        }
    }
}
