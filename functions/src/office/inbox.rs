//! What waits for staff and what is being worked on: the first rows in full, and of the rest how many there are.
//!
//! Every open case stands in one of two lists (`appeals::ticks`): in the order in which somebody has to speak with its firm until it is taken on, and
//! with what happens by itself afterwards. What is over is in neither, so that nothing here grows with the years, and nothing sealed is opened.

use std::collections::BTreeSet;

use domain::{
    Moment,
    appeal::{Head, State, Urgency, clock},
};
use serde::Deserialize;

use crate::{
    Service, ServiceError,
    appeals::{Assigned, CLOCK, Case, LIST, NEW, accept_by},
    catalogue::Published,
    intakes::{self, Intake},
    submission::Origin,
    table::{Index, Item, MAX_PAGE, Query, SortRange, each_page, query_index_all},
};

/// The first rows of a list, the most pressing first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown<Row> {
    /// As many as were asked for, or all.
    pub rows: Vec<Row>,
    /// How many there are in all.
    pub all: usize,
    /// For how many of them the promised moment has passed.
    pub overdue: usize,
}

/// What waits for staff: an open appeal, or an intake that nobody has dealt with. Its title is sealed and not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxRow {
    /// `XS…`
    pub number: String,
    /// When it was submitted.
    pub received: Moment,
    /// 一般 / 急 / 特急
    pub urgency: String,
    /// Its category in words; of an intake, what it is about.
    pub category: String,
    /// Its state in words: 已提交，等待受理
    pub state: String,
    /// By when somebody must have called.
    pub contact_by: Moment,
    /// By when the next thing must have been done: the call, and after it taking the case on.
    pub due: Moment,
    /// That moment has passed, and it was not done.
    pub overdue: bool,
    /// They were spoken with.
    pub contacted: bool,
    /// It tripped a rule against robots and waits for a person to look at it.
    pub quarantined: bool,
    /// It is an intake, which [`Service::handle`] ends.
    pub intake: bool,
    /// Numbers of open appeals of the same firm or telephone that said much the same when it came.
    pub alike: Vec<String>,
}

/// A case that is being worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRow {
    /// `XS…`
    pub number: String,
    /// Its category in words.
    pub category: String,
    /// Its state in words.
    pub state: String,
    /// Its confirmed grade in words; empty before there is one.
    pub grade: String,
    /// Who works on it; empty before somebody does.
    pub unit: String,
    /// What is owed next, in words: 首次联系, 办理方案, 阶段答复, 答复, or 分级 when nobody has graded it; empty while the firm is waited for or
    /// is to say what it thinks.
    pub owed: &'static str,
    /// By when, while that time runs.
    pub due: Option<Moment>,
    /// That moment has passed.
    pub overdue: bool,
    /// 督办中
    pub supervised: bool,
}

/// What of a case a row of the second list needs. The rest is not even read.
#[derive(Deserialize)]
struct Worked {
    origin: Numbered,
    head: Head,
    category: String,
    #[serde(default)]
    assigned: Option<Assigned>,
    #[serde(default)]
    contacted: Option<Moment>,
}

#[derive(Deserialize)]
struct Numbered {
    number: String,
}

impl Service {
    /// What waits for staff, the most pressing first: whoever nobody has spoken with before the rest. At most so many rows.
    pub async fn inbox(&self, most: usize) -> Result<Shown<InboxRow>, ServiceError> {
        let now = self.clock.now();
        let Shown { mut rows, mut all, mut overdue } = self.new_cases(most, now).await?;
        for item in query_index_all(self.table.as_ref(), Index::First, Query::all(intakes::LIST)).await? {
            let intake: Intake = item.read()?;
            // Those that were put away before they left the list then.
            if intake.origin.is_discarded() {
                continue;
            }
            let number = intake.origin.number.parse().map_err(|_| ServiceError::UnknownNumber(intake.origin.number.clone()))?;
            let contacted = self.open_messages(&number).await?.is_empty();
            let row = InboxRow {
                number: intake.origin.number.clone(),
                received: intake.origin.received,
                urgency: Urgency::Normal.words().to_owned(),
                state: intake.state(contacted).to_owned(),
                category: intake.matter,
                contact_by: intake.first_contact.at,
                due: intake.first_contact.at,
                overdue: now > intake.first_contact.at && !contacted,
                contacted,
                quarantined: intake.origin.is_quarantined(),
                intake: true,
                alike: Vec::new(),
            };
            all += 1;
            overdue += usize::from(row.overdue);
            rows.push(row);
        }
        rows.sort_by(|one, other| (one.contacted, one.due, &one.number).cmp(&(other.contacted, other.due, &other.number)));
        rows.truncate(most);
        Ok(Shown { rows, all, overdue })
    }

    /// Cases that were taken on and are not over, those that are due first at the top. At most so many rows.
    pub async fn open_cases(&self, most: usize) -> Result<Shown<CaseRow>, ServiceError> {
        let published = self.published().await?;
        let now = self.clock.now();
        let (index, list) = if self.is_listed(&published).await? { (Index::Second, CLOCK) } else { (Index::First, LIST) };
        let mut open = Vec::new();
        each_page(&self.table, index, Query::all(list), |items| -> Result<(), ServiceError> {
            for item in items {
                let case: Worked = item.read()?;
                // An index may lag behind what was just done.
                if matches!(case.head.state, State::Submitted | State::Closed) || case.head.state.stage().is_none() {
                    continue;
                }
                open.push((owed(&published, &case), case));
            }
            Ok(())
        })
        .await?;
        let due = |owed: &Option<(&str, Moment)>| owed.map(|(_, due)| due);
        let is_late = |owed: &Option<(&str, Moment)>| due(owed).is_some_and(|due| now > due);
        let (all, overdue) = (open.len(), open.iter().filter(|(owed, _)| is_late(owed)).count());
        let first_due = |(one_owed, one): &(_, Worked), (other_owed, other): &(_, Worked)| {
            let (one_due, other_due) = (due(one_owed), due(other_owed));
            (one_due.is_none(), one_due, &one.origin.number).cmp(&(other_due.is_none(), other_due, &other.origin.number))
        };
        // Only those that are shown are put in order.
        if most < open.len() {
            open.select_nth_unstable_by(most, first_due);
            open.truncate(most);
        }
        open.sort_by(first_due);
        let rows = open.into_iter().map(|(owed, Worked { origin, head, category, assigned, contacted })| CaseRow {
            number: origin.number,
            category,
            state: head.state.words().to_owned(),
            grade: head.grade.map(|grade| grade.words().to_owned()).unwrap_or_default(),
            unit: assigned.map(|assigned| assigned.unit).unwrap_or_default(),
            owed: owed.map(|(what, _)| what).unwrap_or_default(),
            due: due(&owed),
            overdue: is_late(&owed),
            supervised: clock::is_supervised(&head, contacted.is_some(), now, &published.calendar, &published.limits),
        });
        Ok(Shown { rows: rows.collect(), all, overdue })
    }

    /// Appeals that nobody has taken on yet.
    async fn new_cases(&self, most: usize, now: Moment) -> Result<Shown<InboxRow>, ServiceError> {
        let published = self.published().await?;
        if !self.is_listed(&published).await? {
            return self.new_cases_of_all(&published, now).await;
        }
        let mut rows = Vec::new();
        let mut query = Query::all(NEW);
        loop {
            query.limit = (most - rows.len()).clamp(1, MAX_PAGE);
            let page = self.table.query_index(Index::Second, query.clone()).await?;
            for item in &page.items {
                rows.extend(new_row(&published, item, now, |case| case.contacted.is_some())?);
            }
            match page.next {
                Some(next) if rows.len() < most => query.after = Some(next),
                // These are all there are.
                None => break,
                Some(_) => {
                    let all = self.table.count_index(Index::Second, Query::all(NEW)).await?;
                    let mut overdue = 0;
                    for part in ["0#", "1#"] {
                        let late = SortRange::Between(part.to_owned(), format!("{part}{:016}", now.0.as_millisecond()));
                        overdue += self.table.count_index(Index::Second, Query { sort: late, ..Query::all(NEW) }).await?;
                    }
                    return Ok(Shown { rows, all, overdue });
                }
            }
        }
        Ok(counted(rows))
    }

    /// The same from the list of all cases there ever were: as long as not all of them stand in the lists of those that are open, because
    /// an older program has stored them.
    async fn new_cases_of_all(&self, published: &Published, now: Moment) -> Result<Shown<InboxRow>, ServiceError> {
        let to_call: BTreeSet<String> = self.all_open().await?.into_iter().map(|found| found.entry.message.number).collect();
        let mut rows = Vec::new();
        for item in query_index_all(self.table.as_ref(), Index::First, Query::all(LIST)).await? {
            rows.extend(new_row(published, &item, now, |case| {
                case.contacted.is_some() || !to_call.contains(&case.origin.number)
            })?);
        }
        Ok(counted(rows))
    }
}

/// What is owed to a case next, and by when.
fn owed(published: &Published, case: &Worked) -> Option<(&'static str, Moment)> {
    let rules = (&published.calendar, &published.limits);
    let told = clock::owed(&case.head, case.contacted.is_some(), rules.0, rules.1);
    let told = told.map(|(owed, due)| (owed.words(), due.at));
    let graded = (case.head.state == State::Accepted).then(|| clock::supervised_by(&case.head, rules.0, rules.1)).flatten();
    told.into_iter().chain(graded.map(|due| ("分级", due.at))).min_by_key(|(_, due)| *due)
}

fn counted(rows: Vec<InboxRow>) -> Shown<InboxRow> {
    Shown { all: rows.len(), overdue: rows.iter().filter(|row| row.overdue).count(), rows }
}

/// The row of a case that nobody has taken on yet; none of any other.
fn new_row(
    published: &Published,
    item: &Item,
    now: Moment,
    contacted: impl Fn(&Case) -> bool,
) -> Result<Option<InboxRow>, ServiceError> {
    let case: Case = item.read()?;
    if case.head.state != State::Submitted || case.origin.is_discarded() {
        return Ok(None);
    }
    let contacted = contacted(&case);
    let contact_by = clock::contact_by(&case.head, &published.calendar, &published.limits).at;
    let due = accept_by(published, &case.head, contacted);
    let Case { origin: Origin { number, received, .. }, head, category, alike, .. } = &case;
    Ok(Some(InboxRow {
        number: number.clone(),
        received: *received,
        urgency: head.urgency.words().to_owned(),
        category: category.clone(),
        state: head.state.words().to_owned(),
        contact_by,
        due,
        overdue: now > due,
        contacted,
        quarantined: case.origin.is_quarantined(),
        intake: false,
        alike: alike.clone(),
    }))
}
