//! Telephones and firms while a key is exchanged: each may stand under the hash of either key, and still a telephone has one live registration
//! and a firm its share.
//!
//! Whoever takes a telephone or a share under one hash does so on the condition that the others are as they were when it was looked
//! ([`Hashes::guard`]): of two who do so with different keys at once, one is first. Where there is one key nothing is read and nothing added.

use domain::{
    form::Values,
    value::{TrackingNumber, text::search_key},
};

use super::{
    record::{Registration, Stored, concerns},
    session::{count, firm_key, person_key},
};
use crate::{
    Service, ServiceError,
    submission::{Answers, answers_key},
    table::{Expect, Key, Write},
};

/// How often shares are read that change while they are.
const ATTEMPTS: usize = 8;

/// All hashes of one telephone and one firm, those of the key in use first; none where there is one key.
#[derive(Default)]
pub(super) struct Hashes {
    session: String,
    persons: Vec<String>,
    firms: Vec<Share>,
}

/// What is counted of a firm under one hash.
#[derive(PartialEq, Eq)]
struct Share {
    firm: String,
    counted: Expect,
    people: u32,
}

impl Service {
    /// The hashes of whoever gives these answers.
    pub(super) async fn hashes(&self, session: &str, values: &Values) -> Result<Hashes, ServiceError> {
        if !self.keys.are_exchanged() {
            return Ok(Hashes::default());
        }
        let blinds = |field: &str| values.text(field).map(|text| self.keys.blinds(field, &search_key(text))).unwrap_or_default();
        let (persons, firms) = (blinds("mobile"), blinds("company"));
        let mut shares = self.shares(session, &firms).await?;
        // Read until twice the same, so that nobody is counted twice or not at all who is moved from one to the other meanwhile.
        for _ in 0..ATTEMPTS {
            let again = self.shares(session, &firms).await?;
            if again == shares {
                break;
            }
            shares = again;
        }
        Ok(Hashes { session: session.to_owned(), persons, firms: shares })
    }

    async fn shares(&self, session: &str, firms: &[String]) -> Result<Vec<Share>, ServiceError> {
        let mut shares = Vec::new();
        for firm in firms {
            let item = self.table.get(&firm_key(session, firm)).await?;
            let counted = item.as_ref().map_or(Expect::Absent, |item| Expect::Version(item.version));
            shares.push(Share { firm: firm.clone(), counted, people: item.as_ref().map_or(0, count) });
        }
        Ok(shares)
    }

    /// The hashes of whoever has registered.
    pub(super) async fn hashes_of(&self, stored: &Stored) -> Result<Hashes, ServiceError> {
        if !self.keys.are_exchanged() {
            return Ok(Hashes::default());
        }
        let values = self.answers(&stored.number).await?.values(&self.keys)?;
        self.hashes(&stored.registration.session, &values).await
    }

    /// The writes that put what `number` holds, and what its head says, under the key in use; none where it is there. Nothing has happened to it:
    /// there is no event.
    pub(crate) async fn reseal_registration(&self, number: &TrackingNumber) -> Result<Vec<Write>, ServiceError> {
        let stored = self.registration(number).await?;
        let Some(answers) = self.table.get(&answers_key(number)).await? else { return Ok(Vec::new()) };
        let values = Answers::read(answers)?.values(&self.keys)?;
        let blind = |field: &str| values.text(field).map(|text| self.keys.blind(field, &search_key(text)));
        let after = rehashed(stored.registration.clone(), blind("mobile"), blind("company"));
        if after == stored.registration {
            return Ok(Vec::new());
        }
        let mut writes = self.moved(&stored, &after).await?;
        self.drop_empty_shares(&stored.registration, &mut writes).await?;
        Ok(writes)
    }
}

impl Hashes {
    /// The same registration under the key in use.
    pub(super) fn in_use(&self, registration: Registration) -> Registration {
        rehashed(registration, self.persons.first().cloned(), self.firms.first().map(|share| share.firm.clone()))
    }

    /// How many people of the firm are counted; where there is one key, as many as were `found`.
    pub(super) fn people(&self, found: u32) -> u32 {
        if self.firms.is_empty() { found } else { self.firms.iter().map(|share| share.people).sum() }
    }

    fn person_keys(&self) -> impl Iterator<Item = Key> {
        self.persons.iter().map(|person| person_key(&self.session, person))
    }

    /// Lets `writes` take a telephone or a part of a firm's share only when the other hashes still are as they were.
    pub(super) fn guard(&self, writes: &mut Vec<Write>) {
        let taken = |key: &Key| writes.iter().any(|write| matches!(write, Write::Put { item, .. } if item.key == *key));
        let mut checks = Vec::new();
        if self.person_keys().any(|key| taken(&key)) {
            // Their own, under another key, goes in the same transaction.
            let others = self.person_keys().filter(|key| writes.iter().all(|write| write.key() != key));
            checks.extend(others.map(|key| Write::Check { key, expect: Expect::Absent }));
        }
        let keys: Vec<Key> = self.firms.iter().map(|share| firm_key(&self.session, &share.firm)).collect();
        let grows = |write: &Write| matches!(write, Write::Add { key, by, .. } if *by > 0 && keys.contains(key));
        if let Some(place) = writes.iter().position(grows) {
            let mut elsewhere = 0;
            for (share, key) in self.firms.iter().zip(&keys) {
                match writes.iter().position(|write| write.key() == key) {
                    Some(other) if other == place => {}
                    Some(other) => {
                        if let Write::Add { by, .. } = &writes[other] {
                            elsewhere += i64::from(share.people) + by;
                        }
                    }
                    None => {
                        elsewhere += i64::from(share.people);
                        checks.push(Write::Check { key: key.clone(), expect: share.counted });
                    }
                }
            }
            if let Write::Add { at_most, .. } = &mut writes[place] {
                *at_most -= elsewhere;
            }
        }
        writes.extend(checks);
    }

    /// Whether a conflict says that the telephone is taken under a hash that was not theirs before.
    pub(super) fn is_taken(&self, failed: &[usize], keys: &[Key], before: Option<&str>) -> bool {
        let others = self.persons.iter().filter(|person| Some(person.as_str()) != before);
        others.map(|person| person_key(&self.session, person)).any(|key| concerns(failed, keys, &key))
    }
}

/// A registration that is found by other hashes than before; where there are none it stays.
fn rehashed(registration: Registration, person: Option<String>, firm: Option<String>) -> Registration {
    Registration {
        person: registration.person.map(|was| person.unwrap_or(was)),
        firm: registration.firm.map(|was| firm.unwrap_or(was)),
        ..registration
    }
}
