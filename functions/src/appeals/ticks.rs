//! What happens to cases because a moment has come: supervision hears of them, a firm is not waited for any longer, an answer of which
//! nothing was said is taken as it is.
//!
//! An open case is listed by the moment at which the next such thing is due, so that a pass reads only those that are; until it is taken on,
//! by when somebody has to speak with its firm. Both lists together are all that is open, and the inbox is read from them. Each case that is due
//! is changed in one transaction, whatever has piled up during an outage.

use std::{sync::Arc, time::Instant};

use domain::{
    Moment,
    appeal::{self, Act, Command, Head, Notes, Role, State, clock},
    value::TrackingNumber,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use super::{Case, Step, step::Said};
use crate::{
    Service, ServiceError,
    catalogue::Published,
    outbox::{Found, Message, What, contact::Contact},
    submission::KEPT_UNTIL,
    table::{Cursor, Expect, Index, Item, Key, MAX_PAGE, NewItem, Order, Query, SortRange, TableError, Write},
};

/// The list of cases that somebody has taken on, by when something happens to them by itself; at its end those to which nothing does.
pub(crate) const CLOCK: &str = "APPEALS#CLOCK";
/// The list of cases that nobody has taken on: first those whose firms nobody has spoken with, by when that must be done, then the others by when
/// supervision looks at them.
pub(crate) const NEW: &str = "APPEALS#NEW";
/// How these lists are made: to be raised when that changes, so that all cases are listed anew.
const LISTED_AS: u32 = 4;
/// More than ever happens to one case at once: a loop that does not end would hold up all others.
const MOST_AT_ONCE: usize = 8;
/// Cases that are looked after at the same time: each waits for the table most of the time, and what is committed together is flushed together.
const IN_HAND: usize = 16;

/// Where a case is listed: as long as it is open in one of the two lists, and then by how long it is kept.
pub(crate) fn listed(published: &Published, number: &TrackingNumber, case: &Case, now: Moment) -> Option<Key> {
    if case.over().is_some() {
        return case.origin.listed_until(case.over());
    }
    Some(listed_by_clock(published, number, &case.head, now).unwrap_or_else(|| match case.head.state {
        State::Submitted => {
            let by = accept_by(published, &case.head, case.contacted.is_some());
            Key::new(NEW, format!("{}#{:016}#{number}", u8::from(case.contacted.is_some()), by.0.as_millisecond()))
        }
        // Behind every moment there is.
        _ => Key::new(CLOCK, format!("~#{number}")),
    }))
}

/// By when the next thing is to happen to a case that nobody has taken on: somebody calls, and once they have, it is taken on.
pub(crate) fn accept_by(published: &Published, head: &Head, contacted: bool) -> Moment {
    let call = clock::contact_by(head, &published.calendar, &published.limits);
    let taken_on = clock::supervised_by(head, &published.calendar, &published.limits).filter(|_| contacted);
    taken_on.unwrap_or(call).at
}

fn listed_by_clock(published: &Published, number: &TrackingNumber, head: &Head, now: Moment) -> Option<Key> {
    let (due, act) = clock::next(head, &published.calendar, &published.limits)?;
    // What is due already and was not done waits for something else; it is looked at again on the next working day.
    let due = if due <= now && act == Act::Lapse { next_day(published, now) } else { due };
    Some(Key::new(CLOCK, format!("{:016}#{number}", due.0.as_millisecond())))
}

fn next_day(published: &Published, now: Moment) -> Moment {
    let day = published.calendar.add_working_days(now.date(), 1).date;
    Moment::from_local(day.to_datetime(published.limits.office_closes()))
}

/// The calendar and the limits by which all cases were listed last.
#[derive(Serialize, Deserialize)]
struct ListedBy {
    hash: String,
    /// The day on which it was looked whether each case is listed as it should be.
    #[serde(default)]
    day: Option<Date>,
}

fn listed_by_key() -> Key {
    Key::new("SCHEDULE", "CASES-LISTED-BY")
}

impl Service {
    /// Does what is due to cases until `until`; to how many, and whether there is more.
    pub(crate) async fn tick_cases(&self, until: Instant) -> Result<(usize, bool), ServiceError> {
        let published = self.published().await?;
        self.list_anew(&published, until).await?;
        let mut ticked = 0;
        loop {
            let now = self.clock.now();
            let due = SortRange::Between(String::new(), format!("{:016}", now.0.as_millisecond() + 1));
            let query = Query { sort: due, limit: 100, ..Query::all(CLOCK) };
            let page = self.table.query_index(Index::Second, query).await?;
            let mut changed = 0;
            for items in page.items.chunks(IN_HAND) {
                if Instant::now() > until {
                    return Ok((ticked + changed, true));
                }
                changed += self.tick_together(&published, items).await?;
            }
            ticked += changed;
            // An index may lag: what was just done can still be listed, and is found again by the next pass.
            if page.next.is_none() || changed == 0 {
                return Ok((ticked, false));
            }
        }
    }

    /// Does what is due to the cases that `items` are, at the same time; to how many that was anything. Where it fails for one, the others are
    /// still looked after.
    async fn tick_together(&self, published: &Arc<Published>, items: &[Item]) -> Result<usize, ServiceError> {
        let mut ticking = JoinSet::new();
        for item in items {
            let (service, published, key) = (self.clone(), Arc::clone(published), item.key.clone());
            ticking.spawn(async move { service.tick_case(&published, &numbered(&key)?, false).await });
        }
        let (mut changed, mut failure) = (0, None);
        while let Some(ticked) = ticking.join_next().await {
            match ticked.map_err(|error| TableError::Failed(error.to_string())).map_err(ServiceError::from).flatten() {
                Ok(ticked) => changed += usize::from(ticked),
                Err(error) => failure = Some(error),
            }
        }
        failure.map_or(Ok(changed), Err)
    }

    /// Does what is due to one case; whether that was anything. When it is `unsure` that the case says whether its firm was spoken with, because a program
    /// of an earlier version may have stored it, that is put right as well.
    async fn tick_case(&self, published: &Published, number: &TrackingNumber, unsure: bool) -> Result<bool, ServiceError> {
        let (mut case, item) = self.case_item(number).await?;
        let noted = case.contacted;
        let Some(mut last) = self.events(number).await?.pop() else { return Ok(false) };
        let now = self.clock.now();
        let silent = Step {
            command: Command::Plain(Act::Archive),
            by: Role::Clock,
            operator: None,
            said: Said::default(),
            change: &|_| {},
            message: None,
            into: None,
            with: Vec::new(),
        };
        let mut events = Vec::new();
        let mut writes = Vec::new();
        if unsure && is_waiting_for_a_call(&case) {
            // Earlier versions did not write it down, or not for each state and round: where nobody has to call any more, somebody has.
            let to_call = |found: &Found| matches!(found.entry.message.what, What::FirstContact | What::Check);
            let is_open = self.open_messages(number).await?.iter().any(to_call);
            case.contacted = if is_open { None } else { case.contacted.or(Some(now)) };
        }
        while let Some((due, act)) = clock::next(&case.head, &published.calendar, &published.limits) {
            if due > now || events.len() == MOST_AT_ONCE {
                break;
            }
            if act == Act::Lapse && self.visits(number, &case.head).await? < clock::VISIT_TRIES {
                // Nobody has asked them often enough: somebody has to, once more.
                let again = Message::new(What::FollowUp, number).key(format!("follow_up#{}#again", case.head.round));
                writes.extend(self.write_once(number, again, now).await?);
                break;
            }
            let (head, event) = appeal::advance(&case.head, &last, Command::Plain(act), Role::Clock, Notes::default(), now)
                .map_err(|refused| TableError::Failed(format!("what is due to `{number}` is not allowed: {refused}")))?;
            (case.head, last) = (head, event.clone());
            events.push((event, &silent));
        }
        let relisted = item.index[Index::Second as usize] != listed(published, number, &case, now);
        if events.is_empty() && writes.is_empty() && !relisted && case.contacted == noted {
            return Ok(false);
        }
        if case.head.state == State::Visited {
            for found in self.open_messages(number).await? {
                if found.entry.message.what == What::FollowUp {
                    writes.push(found.end(&found.entry, now));
                }
            }
        }
        writes.extend(self.case_writes(published, number, &item, &case, &events, now));
        match self.table.transact(writes).await {
            Ok(()) => {
                for (event, _) in &events {
                    tracing::info!(%number, act = ?event.act, "time has passed for a case");
                }
                Ok(!events.is_empty())
            }
            // Somebody has changed it meanwhile; it is listed anew, and the next pass looks at it.
            Err(TableError::Conflict { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// How often the firm was asked what it thinks of the answer.
    async fn visits(&self, number: &TrackingNumber, head: &Head) -> Result<usize, ServiceError> {
        let since = head.clock.answered.unwrap_or(head.received);
        let asked = |contact: &Contact| contact.at >= since && contact.what.contains(&What::FollowUp);
        Ok(self.contacts(number).await?.iter().filter(|contact| asked(contact)).count())
    }

    /// The write of a message, unless its cause has written it before.
    async fn write_once(&self, number: &TrackingNumber, message: Message, now: Moment) -> Result<Option<Write>, ServiceError> {
        let write = message.write(number, now);
        let taken = match &write {
            Write::Put { item, .. } => self.table.get(&item.key).await?.is_some(),
            _ => false,
        };
        Ok(Some(write).filter(|_| !taken))
    }

    /// Whether all cases are listed as they should be: otherwise an older program has stored some of them, or a year's calendar has arrived.
    pub(crate) async fn is_listed(&self, published: &Published) -> Result<bool, ServiceError> {
        let stored = self.table.get(&listed_by_key()).await?.map(|item| item.read::<ListedBy>()).transpose()?;
        Ok(stored.is_some_and(|stored| stored.hash == self.listing(published)))
    }

    /// Stands for all that decides where a case is listed.
    fn listing(&self, published: &Published) -> String {
        let rules = serde_json::to_string(&(&published.calendar, &published.limits, KEPT_UNTIL, LISTED_AS)).expect("plain data");
        self.keys.lasting("calendar", &rules)
    }

    /// Lists all cases anew when the calendar or the limits are not those by which they were listed (a year's official calendar has arrived), and
    /// looks once a day whether each is listed as it should be: a program of an earlier version may have stored one while all others were exchanged.
    async fn list_anew(&self, published: &Published, until: Instant) -> Result<(), ServiceError> {
        let key = listed_by_key();
        let by = ListedBy { hash: self.listing(published), day: Some(self.clock.now().date()) };
        let stored = self.table.get(&key).await?;
        let before = stored.as_ref().map(|item| item.read::<ListedBy>()).transpose()?;
        let is_same = before.as_ref().is_some_and(|before| before.hash == by.hash);
        if is_same && before.is_some_and(|before| before.day == by.day) {
            return Ok(());
        }
        let mut after: Option<Cursor> = None;
        loop {
            let query = Query { after: after.take(), order: Order::Ascending, limit: MAX_PAGE, ..Query::all(super::LIST) };
            let page = self.table.query_index(Index::First, query).await?;
            for item in &page.items {
                if Instant::now() > until {
                    // Begun anew by the next pass: what is listed right already is only read.
                    return Ok(());
                }
                let (number, case) = (numbered(&item.key)?, item.read::<Case>()?);
                let place = &item.index[Index::Second as usize];
                let unsure = !is_same || place.is_none();
                if *place != listed(published, &number, &case, self.clock.now()) || unsure && is_waiting_for_a_call(&case) {
                    self.tick_case(published, &number, unsure).await?;
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let expect = stored.as_ref().map_or(Expect::Absent, |item| Expect::Version(item.version));
        match self.table.transact(vec![Write::Put { item: NewItem::json(key, &by), expect }]).await {
            Ok(()) | Err(TableError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// In this round somebody has to call its firm, or has done so and nothing else.
fn is_waiting_for_a_call(case: &Case) -> bool {
    matches!(case.head.state, State::Submitted | State::Accepted) && !case.origin.is_discarded()
}

/// The number of the case whose head stands at `key`.
fn numbered(key: &Key) -> Result<TrackingNumber, TableError> {
    let number = key.partition.strip_prefix("CASE#").and_then(|number| number.parse().ok());
    number.ok_or_else(|| TableError::Failed(format!("`{key}` is listed among the cases and is none")))
}
