//! What publishing a manifest would change, told before it is done.

use domain::{Attendance, Session, session::Change};
use pages::{Manifest, calendar_file::Entry};

use crate::{Service, catalogue::read_pointer, service::PublishError};

/// The difference between what is published and a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The manifest's version.
    pub version: String,
    /// What is published is this very version.
    pub same: bool,
    /// Nothing was published before.
    pub first: bool,
    /// Sessions that come, change or go, in the order of their ids.
    pub sessions: Vec<SessionChange>,
    /// Forms that come, change their version or go.
    pub forms: Vec<FormChange>,
}

/// What happens to a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionChange {
    /// Its id.
    pub id: String,
    /// Its title, as it is now or was last.
    pub title: String,
    /// What happens.
    pub change: ComesOrGoes,
    /// Where fewer seats are left than are taken: in which way, how many are taken, and how many there are now. Nobody is moved out.
    pub over: Vec<(Attendance, u32, u32)>,
    /// Calendars that have it keep its old time, place or state: its page does not say that it has changed since.
    pub unnoticed: bool,
}

/// Whether a session is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComesOrGoes {
    /// It is new, with so many seats in the room and online.
    New(u32, u32),
    /// It is not published any more; nobody has registered for it.
    Gone,
    /// It stays and changes.
    Stays(Vec<Change>),
}

/// What happens to a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormChange {
    /// Its id.
    pub id: String,
    /// The version that is published.
    pub before: Option<u32>,
    /// The version that comes.
    pub now: Option<u32>,
}

impl Service {
    /// What [`Service::publish`] would change, or why it would refuse. Changes nothing.
    pub async fn compare(&self, manifest: &Manifest) -> Result<Publication, PublishError> {
        self.templates_of(manifest)?;
        self.examine(manifest).await?;
        let before = match read_pointer(self.table.as_ref()).await? {
            Some((pointer, _)) => Some(self.published_at(&pointer).await?),
            None => None,
        };
        let same = before.as_ref().is_some_and(|before| before.version == manifest.version);

        let mut sessions = Vec::new();
        for now in &manifest.sessions {
            let earlier = before.as_ref().and_then(|before| before.session(&now.id));
            let change = match earlier {
                None => ComesOrGoes::New(now.open_seats(Attendance::Onsite), now.open_seats(Attendance::Online)),
                Some(before) => ComesOrGoes::Stays(now.changes(before)),
            };
            if change == ComesOrGoes::Stays(Vec::new()) {
                continue;
            }
            let over = self.over(now).await?;
            let unnoticed = earlier.is_some_and(|earlier| calendars_miss(earlier, now));
            sessions.push(SessionChange { id: now.id.clone(), title: now.title.clone(), change, over, unnoticed });
        }
        for session in before.iter().flat_map(|before| before.sessions()) {
            if manifest.sessions.iter().all(|now| now.id != session.id) {
                let (id, title) = (session.id.clone(), session.title.clone());
                sessions.push(SessionChange { id, title, change: ComesOrGoes::Gone, over: Vec::new(), unnoticed: false });
            }
        }
        sessions.sort_by(|one, other| one.id.cmp(&other.id));

        let known = |id: &str| before.as_ref().and_then(|before| before.form(id)).map(|form| form.version);
        let mut forms: Vec<FormChange> = manifest
            .forms
            .iter()
            .map(|form| FormChange { id: form.id.clone(), before: known(&form.id), now: Some(form.version) })
            .filter(|change| change.before != change.now)
            .collect();
        for form in before.iter().flat_map(|before| before.current_forms()) {
            if manifest.forms.iter().all(|now| now.id != form.id) {
                forms.push(FormChange { id: form.id.clone(), before: Some(form.version), now: None });
            }
        }
        Ok(Publication { version: manifest.version.clone(), same, first: before.is_none(), sessions, forms })
    }

    /// Where more is taken of a session than there is.
    async fn over(&self, session: &Session) -> Result<Vec<(Attendance, u32, u32)>, PublishError> {
        let taken = self.seats_taken(&session.id).await?;
        let ways = [(Attendance::Onsite, taken.onsite), (Attendance::Online, taken.online)];
        let over = ways.into_iter().map(|(way, taken)| (way, taken, session.open_seats(way)));
        Ok(over.filter(|(_, taken, seats)| taken > seats).collect())
    }
}

/// Whether a calendar that has the earlier state of a session takes the new one for no newer.
fn calendars_miss(earlier: &Session, now: &Session) -> bool {
    let differs = earlier.announced() != now.announced() || earlier.cancelled != now.cancelled;
    differs && Entry::of_session(now).sequence() <= Entry::of_session(earlier).sequence()
}
