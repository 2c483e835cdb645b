//! The one way in which a case changes after it was filed: what the table of transitions allows, with its event, what was said about it and
//! the messages that follow, in one transaction.

use std::collections::BTreeMap;

use domain::{
    Moment,
    appeal::{self, Act, Command, Event, Role, Stage, clock},
    value::TrackingNumber,
};
use serde::{Deserialize, Serialize};

use super::{ATTEMPTS, Case, event_key, ticks};
use crate::{
    Service, ServiceError,
    catalogue::Published,
    log::concerns,
    outbox::{Message, What},
    seal::{Place, Sealed},
    submission::{head_key, partition},
    table::{Index, Item, Key, NewItem, Query, TableError, Write, query_all},
};

/// Something that is to be done to a case.
pub(crate) struct Step<'a> {
    pub(crate) command: Command,
    pub(crate) by: Role,
    /// Who did it, where it was somebody of the office.
    pub(crate) operator: Option<&'a str>,
    pub(crate) said: Said,
    /// What of the case changes beside its head.
    pub(crate) change: &'a (dyn Fn(&mut Case) + Sync),
    /// Whom it has to be told to.
    pub(crate) message: Option<What>,
    /// In which case it goes on, when it is merged (并案).
    pub(crate) into: Option<&'a TrackingNumber>,
    /// Done in the same transaction, once.
    pub(crate) with: Vec<Write>,
}

/// So many cases go on in one: each is a write of the transaction in which its firm's call is written, which holds a hundred.
const MOST_JOINED: usize = 50;

/// What is said about a step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// To the firm, or by it.
    pub(crate) public: Option<String>,
    /// To staff only.
    pub(crate) private: Option<String>,
    /// To supervision only.
    pub(crate) supervision: Option<String>,
}

/// What became of a step.
#[derive(Debug, Clone)]
pub(crate) enum Stepped {
    /// It is done; the case as it now is.
    Done(Box<Case>),
    /// Why not, in words; nothing was changed.
    Refused(String),
}

/// What was said about one event, opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) operator: Option<String>,
    pub(crate) said: Said,
}

/// Its item: apart from the event, so that words can be erased while the chain of events stays whole.
#[derive(Serialize, Deserialize)]
struct StoredNote {
    operator: Option<String>,
    sealed: BTreeMap<String, Sealed>,
}

const PUBLIC: &str = "public";
const PRIVATE: &str = "private";
const SUPERVISION: &str = "supervision";

impl Said {
    pub(crate) fn publicly(text: impl Into<String>) -> Said {
        Said { public: Some(text.into()), ..Said::default() }
    }

    fn parts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let parts = [(PUBLIC, &self.public), (PRIVATE, &self.private), (SUPERVISION, &self.supervision)];
        parts.into_iter().filter_map(|(name, text)| Some((name, text.as_deref()?)))
    }
}

impl Service {
    /// Does `step` to the case of `number`, as often as somebody else comes between.
    pub(crate) async fn step_case(
        &self,
        published: &Published,
        number: &TrackingNumber,
        step: &Step<'_>,
    ) -> Result<Stepped, ServiceError> {
        for _ in 0..ATTEMPTS {
            let (case, item) = self.case_item(number).await?;
            if case.origin.is_discarded() || case.origin.is_quarantined() {
                return Ok(Stepped::Refused("这一件还在等待人工核对，核对以后才能办理".to_owned()));
            }
            let events = self.events(number).await?;
            let last = events.last().ok_or_else(|| TableError::Failed(format!("`{number}` has no events")))?;
            let now = self.clock.now();
            let notes = self.committed(number, last.seq + 1, &step.said);
            let (head, event) = match appeal::advance(&case.head, last, step.command, step.by, notes, now) {
                Ok(done) => done,
                Err(refused) => return Ok(Stepped::Refused(refused.to_string())),
            };
            let mut after = Case { head, ..case.clone() };
            if after.head.round > case.head.round {
                (after.assigned, after.visited, after.contacted) = (None, None, None);
            }
            (step.change)(&mut after);
            let mut writes = self.case_writes(published, number, &item, &after, &[(event.clone(), step)], now);
            writes.extend(self.messages(published, number, (&case, &after), step, &event).await?);
            writes.extend(step.with.iter().cloned());
            if let Some(into) = step.into {
                match self.joined(number, &case, into).await? {
                    Ok(write) => writes.push(write),
                    Err(why) => return Ok(Stepped::Refused(why)),
                }
            }
            match self.table.transact(writes).await {
                Ok(()) => {
                    concerns(number);
                    tracing::info!(%number, act = ?event.act, to = ?event.to, "a case was changed");
                    return Ok(Stepped::Done(Box::new(after)));
                }
                Err(TableError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ServiceError::Busy)
    }

    /// The case of `number` with the item that holds it.
    pub(crate) async fn case_item(&self, number: &TrackingNumber) -> Result<(Case, Item), ServiceError> {
        let item = self.table.get(&head_key(number)).await?;
        let item = item.ok_or_else(|| ServiceError::UnknownNumber(number.to_string()))?;
        Ok((item.read()?, item))
    }

    /// The write by which the case `into` knows that this one goes on in it, with all that went on in this one; or why it cannot.
    async fn joined(
        &self,
        number: &TrackingNumber,
        joining: &Case,
        into: &TrackingNumber,
    ) -> Result<Result<Write, String>, ServiceError> {
        let (mut case, item) = self.case_item(into).await?;
        if !matches!(case.head.state.stage(), Some(Stage::Collecting | Stage::Handling)) {
            return Ok(Err(format!("{into} 已经是「{}」，不能并进去", case.head.state.words())));
        }
        if case.origin.is_quarantined() || case.origin.is_discarded() {
            return Ok(Err(format!("{into} 没有通过人工核对，不能并进去")));
        }
        case.joined.extend([number.to_string()].into_iter().chain(joining.joined.iter().cloned()));
        if case.joined.len() > MOST_JOINED {
            return Ok(Err(format!("一件诉求里最多并入 {MOST_JOINED} 件，请把这一件并到另一件里")));
        }
        let head = NewItem { index: item.index.clone(), ..NewItem::json(item.key, &case) };
        Ok(Ok(Write::replace(head, item.version)))
    }

    /// The writes that make a case what it now is: its head, listed by when something happens by itself, and its events with what was said.
    pub(super) fn case_writes(
        &self,
        published: &Published,
        number: &TrackingNumber,
        item: &Item,
        after: &Case,
        events: &[(Event, &Step<'_>)],
        now: Moment,
    ) -> Vec<Write> {
        let mut head = NewItem::json(head_key(number), after);
        head.index = [item.index[Index::First as usize].clone(), ticks::listed(published, number, after, now)];
        let mut writes = vec![Write::replace(head, item.version)];
        for (event, step) in events {
            writes.push(Write::create(NewItem::json(event_key(number, event), event)));
            let key = note_key(number, event.seq);
            let mut sealed = BTreeMap::new();
            for (part, text) in step.said.parts() {
                sealed.insert(part.to_owned(), self.keys.seal(Place { key: &key, field: part, version: 1 }, text));
            }
            if !sealed.is_empty() || step.operator.is_some() {
                let note = StoredNote { operator: step.operator.map(str::to_owned), sealed };
                writes.push(Write::create(NewItem::json(key, &note)));
            }
        }
        writes
    }

    /// Stands in the event for what was said: a keyed hash that tells whether the words are still the same, and nothing else. Events are chained,
    /// so it can never be made anew: its key is one that lasts.
    fn committed(&self, number: &TrackingNumber, seq: u32, said: &Said) -> appeal::Notes {
        let hash = |text: &Option<String>| Some(self.keys.lasting("note", &format!("{number}#{seq}#{}", text.as_deref()?)));
        appeal::Notes { public: hash(&said.public), private: hash(&said.private) }
    }

    /// What has to be told after a step, and what need not be told any more.
    async fn messages(
        &self,
        published: &Published,
        number: &TrackingNumber,
        (before, after): (&Case, &Case),
        step: &Step<'_>,
        event: &Event,
    ) -> Result<Vec<Write>, ServiceError> {
        let now = event.at;
        let mut writes = Vec::new();
        if before.head.state != after.head.state {
            for found in self.open_messages(number).await? {
                if is_settled(found.entry.message.what, after.head.state) {
                    writes.push(found.end(&found.entry, now));
                }
            }
        }
        let round = after.head.round;
        if let Some(what) = step.message {
            // At most once a second for the same kind: what is said twice in a second is said once.
            let key = format!("{}#{round}#{}", what.id(), now.0.as_second());
            writes.push(Message::new(what, number).key(key).write(number, now));
        }
        if round > before.head.round {
            let due = clock::contact_by(&after.head, &published.calendar, &published.limits).at;
            let message = Message::new(What::FirstContact, number).key(format!("first_contact#{round}")).due(due);
            writes.push(message.write(number, now));
        }
        // Those whose matter went on in this one were told that they would hear what became of it. When it is merged itself, they go along.
        if matches!(
            step.command,
            Command::Answer { .. } | Command::Plain(Act::AnswerOnTheSpot | Act::Reject | Act::Transfer | Act::Withdraw)
        ) {
            for joined in &after.joined {
                let Ok(joined) = joined.parse() else { continue };
                // By the event: a round has a second answer when its first was disputed again.
                let key = format!("{}#{number}#{}", What::JoinedAnswered.id(), event.seq);
                let message = Message::new(What::JoinedAnswered, &joined).key(key);
                writes.push(message.write(&joined, now));
            }
        }
        Ok(writes)
    }

    /// The writes that take the words from what was said about a case, and of how much.
    pub(crate) async fn forget_notes(&self, number: &TrackingNumber) -> Result<Vec<Write>, ServiceError> {
        let mut writes = Vec::new();
        for item in query_all(self.table.as_ref(), Query::prefix(partition(number), "NOTE#")).await? {
            let note: StoredNote = item.read()?;
            if !note.sealed.is_empty() {
                let note = StoredNote { operator: note.operator, sealed: BTreeMap::new() };
                writes.push(Write::replace(NewItem::json(item.key, &note), item.version));
            }
        }
        Ok(writes)
    }

    /// What was said about each event, by the event's number.
    pub(crate) async fn notes(&self, number: &TrackingNumber) -> Result<BTreeMap<u32, Note>, ServiceError> {
        let mut notes = BTreeMap::new();
        for item in query_all(self.table.as_ref(), Query::prefix(partition(number), "NOTE#")).await? {
            let Some(seq) = item.key.sort.strip_prefix("NOTE#").and_then(|seq| seq.parse().ok()) else { continue };
            let stored: StoredNote = item.read()?;
            let open = |part: &str| {
                let sealed = stored.sealed.get(part)?;
                Some(self.keys.open(Place { key: &item.key, field: part, version: item.version }, sealed))
            };
            let said = Said {
                public: open(PUBLIC).transpose()?,
                private: open(PRIVATE).transpose()?,
                supervision: open(SUPERVISION).transpose()?,
            };
            notes.insert(seq, Note { operator: stored.operator, said });
        }
        Ok(notes)
    }
}

/// A message is not needed any more once the case has come there.
fn is_settled(what: What, state: appeal::State) -> bool {
    use appeal::State;
    match what {
        What::CaseAsked => state != State::Waiting,
        What::FollowUp => state != State::Answered,
        What::FirstContact | What::CaseGraded | What::CaseExtended => {
            matches!(state, State::Withdrawn | State::Closed | State::Archived)
        }
        _ => false,
    }
}

fn note_key(number: &TrackingNumber, seq: u32) -> Key {
    Key::new(partition(number), format!("NOTE#{seq:06}"))
}
