//! The roster of a session: who comes, without names. Names are opened for a reason, and the record says who opened them.

use std::collections::BTreeMap;

use domain::{
    Attendance, Moment, Way,
    registration::{Standing, Turn},
    value::TrackingNumber,
};

use super::{
    record::Stored,
    session::session_partition,
    words::{in_words, places_in_words, ways},
};
use crate::{
    Service, ServiceError,
    office::{Answer, Operator},
};

/// All who are registered for a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// Its title.
    pub title: String,
    /// When it begins.
    pub start: Moment,
    /// A row per live registration, in the order in which they came; last those that a person has to look at.
    pub rows: Vec<RegistrationRow>,
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
    /// 报名成功（现场席位） / 候补第 2 位 / 等待人工核对
    pub standing: String,
    /// What they say at the door; only those with seats.
    pub code: Option<String>,
}

impl Service {
    /// All live registrations of a session.
    pub async fn roster(&self, session: &str) -> Result<Roster, ServiceError> {
        let published = self.published().await?;
        let declared = published.session(session).ok_or_else(|| ServiceError::UnknownSession(session.to_owned()))?;
        // Counted once for all who wait.
        let mut places: BTreeMap<Way, BTreeMap<Turn, usize>> = BTreeMap::new();
        for way in Way::ALL {
            let queue = self.queue(declared, way).await?;
            places.insert(way, queue.into_iter().enumerate().map(|(place, turn)| (turn, place + 1)).collect());
        }
        let mut rows = Vec::new();
        for Stored { number, registration, .. } in self.on_the_roster(session).await? {
            let standing = match &registration.standing {
                Standing::Waiting(turn) => {
                    let ways = ways(registration.wished, declared).into_iter();
                    let places: Vec<_> = ways.filter_map(|way| Some((way, *places[&way].get(turn)?))).collect();
                    places_in_words(&places)
                }
                _ => in_words(&registration, Some(declared)),
            };
            let seated = registration.standing.seats().is_some();
            let code = registration.check_in_code(&self.keys, &number).filter(|_| seated);
            rows.push(RegistrationRow {
                standing,
                code: code.map(|code| code.to_string()),
                number: number.to_string(),
                received: registration.origin.received,
                attendance: registration.wished,
                party: registration.people,
            });
        }
        rows.sort_by(|one, other| (one.received, &one.number).cmp(&(other.received, &other.number)));
        Ok(Roster { title: declared.title.clone(), start: declared.start, rows })
    }

    /// The sealed answers of all on the roster, by number. Who opened them and why is recorded first: without the record nothing opens.
    pub async fn reveal_roster(
        &self,
        session: &str,
        operator: &Operator,
        reason: &str,
    ) -> Result<BTreeMap<String, Vec<Answer>>, ServiceError> {
        self.record(session_partition(session), operator, "roster", reason).await?;
        tracing::info!(session, operator = operator.0, "the names of a roster were opened");
        let mut opened = BTreeMap::new();
        for Stored { number, .. } in self.on_the_roster(session).await? {
            opened.insert(number.to_string(), self.sealed_answers(&number).await?);
        }
        Ok(opened)
    }

    async fn on_the_roster(&self, session: &str) -> Result<Vec<Stored>, ServiceError> {
        let numbers: Vec<TrackingNumber> = self.registrants(session).await?;
        let mut stored = Vec::with_capacity(numbers.len());
        for number in numbers {
            let found = self.registration(&number).await?;
            // Between the two reads somebody may have cancelled.
            if !found.registration.stage().is_over() {
                stored.push(found);
            }
        }
        Ok(stored)
    }
}
