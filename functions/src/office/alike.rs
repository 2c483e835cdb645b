//! Appeals that say much the same as another of the same firm or telephone. They are found by blind index, opened in memory and compared;
//! only their numbers and how much they are alike come out of here, so nothing is revealed and nothing needs a record.

use domain::{
    Moment,
    appeal::likeness::{ALIKE, Said, likeness},
    form,
    value::{TrackingKind, TrackingNumber},
};

use super::{Found, Kind};
use crate::{Service, ServiceError, appeals::Case, submission::Submission};

/// Of so many of a firm's open appeals at most it is asked whether they are alike, and so many of its latest are looked at to find them: a firm
/// that files hundreds must not make each of them dearer than the one before.
const MOST: usize = 20;
const LOOKED_AT: usize = 100;

/// What is found again by exact value and tells who appeals. Not the credit code: many firms say that they have none.
const WHO: [&str; 2] = ["company", "mobile"];

/// An open appeal that says much the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike {
    /// `XS…`
    pub number: String,
    /// When it was submitted.
    pub received: Moment,
    /// Its state in words.
    pub state: String,
    /// How much, in per cent.
    pub per_cent: u8,
}

impl Service {
    /// Open appeals like the one that is about to be stored, oldest first.
    pub(crate) async fn alike_to_new(&self, submission: &Submission<'_>) -> Result<Vec<Alike>, ServiceError> {
        let text = |field: &str| submission.values.text(field).unwrap_or_default().to_owned();
        let (title, description) = (text("title"), text("description"));
        self.alike(None, &WHO.map(|field| (field, text(field))), Said { title: &title, description: &description }).await
    }

    /// Open appeals like `found`, oldest first.
    pub(super) async fn alike_to(&self, found: &Found) -> Result<Vec<Alike>, ServiceError> {
        let text = |field| self.text(found, field);
        let (title, description) = (text("title")?, text("description")?);
        let who = [(WHO[0], text(WHO[0])?), (WHO[1], text(WHO[1])?)];
        self.alike(Some(&found.number), &who, Said { title: &title, description: &description }).await
    }

    async fn alike(
        &self,
        own: Option<&TrackingNumber>,
        who: &[(&'static str, String)],
        said: Said<'_>,
    ) -> Result<Vec<Alike>, ServiceError> {
        let mut numbers = Vec::new();
        for (field, value) in who.iter().filter(|(_, value)| !value.is_empty()) {
            numbers.extend(self.find(field, value).await?);
        }
        numbers.sort();
        numbers.dedup();
        let numbers = numbers.iter().rev().filter_map(|number| number.parse::<TrackingNumber>().ok());
        let numbers = numbers.filter(|number| number.kind() == TrackingKind::Appeal && Some(number) != own);
        let mut alike = Vec::new();
        let mut compared = 0;
        for number in numbers.take(LOOKED_AT).collect::<Vec<_>>() {
            if !is_open(&self.case_item(&number).await?.0) {
                continue;
            }
            if compared == MOST {
                break;
            }
            compared += 1;
            let other = self.found(&number.to_string()).await?;
            let Kind::Appeal(case) = &other.head else { continue };
            let (title, description) = (self.text(&other, "title")?, self.text(&other, "description")?);
            let score = likeness(said, Said { title: &title, description: &description });
            if score >= ALIKE {
                alike.push(Alike {
                    number: number.to_string(),
                    received: case.origin.received,
                    state: case.head.state.words().to_owned(),
                    per_cent: (score * 100.0).round() as u8,
                });
            }
        }
        alike.sort_by(|one, other| (one.received, &one.number).cmp(&(other.received, &other.number)));
        Ok(alike)
    }

    fn text(&self, found: &Found, field: &str) -> Result<String, ServiceError> {
        Ok(match found.answers.any(&self.keys, field)? {
            Some(form::Answer::Text(text)) => text,
            _ => String::new(),
        })
    }
}

/// Somebody still works on it, or will.
pub(super) fn is_open(case: &Case) -> bool {
    case.head.state.stage().is_some() && case.head.closed.is_none() && !case.origin.is_discarded()
}
