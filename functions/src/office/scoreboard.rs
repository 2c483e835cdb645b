//! The public scoreboard, counted from the cases themselves: nothing that is shown was typed by anybody.

use domain::{
    Moment,
    appeal::{
        Stage, State, clock,
        firm::{Content, Solved},
        scoreboard::{Environment, Period, Scoreboard, Tally, count},
    },
    form::{Form, Service as FormService},
};

use super::{
    Found, Kind,
    ledger::{Heads, environment},
};
use crate::{
    Service, ServiceError,
    appeals::Case,
    catalogue::Published,
    outbox::contact::{Contact, How},
};

impl Service {
    /// This month's and this year's figures. Names, texts and telephones are not opened for it.
    pub async fn scoreboard(&self) -> Result<Scoreboard, ServiceError> {
        let published = self.published().await?;
        let now = self.clock.now();
        let periods = periods(now);
        let year = periods.iter().map(|period| period.from).min();
        let mut heads = Heads::new(self, year, now);
        let mut tallies = Vec::new();
        while let Some((number, case)) = heads.next().await? {
            // Nobody has sent the one; the other is counted where it goes on.
            let counts = !case.origin.is_quarantined() && !case.origin.is_discarded() && case.head.state != State::Merged;
            if !counts {
                continue;
            }
            let contacts = self.contacts(&number).await?;
            let found = self.found_with(number, Kind::Appeal(Box::new(case)), &published).await?;
            if let Kind::Appeal(case) = &found.head {
                tallies.push(tally(&published, &found, case, &contacts, now));
            }
        }
        let environments = published.form("appeal").map(environments).unwrap_or_default();
        Ok(count(&tallies, &environments, &periods, published.limits.scoreboard_least, now))
    }
}

/// 本月 and 今年, until now.
fn periods(now: Moment) -> Vec<Period> {
    let today = now.date();
    let period = |name: &str, first: jiff::civil::Date| Period {
        name: name.to_owned(),
        from: Moment::from_local(first.to_datetime(jiff::civil::Time::midnight())),
        before: now,
    };
    vec![period("本月", today.first_of_month()), period("今年", today.first_of_year())]
}

/// The five environments with their categories, in the order of the form.
fn environments(form: &Form) -> Vec<Environment> {
    debug_assert_eq!(form.service, FormService::Appeal);
    let mut environments: Vec<Environment> = Vec::new();
    for option in form.field("category").map(|field| field.listed()).unwrap_or_default() {
        let Some(name) = &option.environment else { continue };
        match environments.iter_mut().find(|environment| environment.name == *name) {
            Some(environment) => environment.categories.push(option.label.clone()),
            None => environments.push(Environment { name: name.clone(), categories: vec![option.label.clone()] }),
        }
    }
    environments
}

fn tally(published: &Published, found: &Found, case: &Case, contacts: &[Contact], now: Moment) -> Tally {
    let head = &case.head;
    let is_on_its_way = head.state.stage().is_some();
    let reached = contacts.iter().filter(|contact| contact.how == How::Reached).map(|contact| contact.at).min();
    let promised = clock::first_contact(head, &published.calendar, &published.limits).at;
    let contacted_in_time = match reached {
        Some(at) => Some(at <= promised),
        None => (is_on_its_way && now > promised).then_some(false),
    };
    let due = clock::result_by(head, &published.calendar, &published.limits).map(|due| due.at).filter(|_| is_on_its_way);
    let answered_in_time = due.and_then(|due| match head.clock.answered {
        Some(at) => Some(at <= due),
        // While the firm is waited for the time stands still.
        None => (now > due && head.state.stage() == Some(Stage::Handling) && head.state != State::Waiting).then_some(false),
    });
    let is_silent = case.visited.is_none() && matches!(head.state, State::Visited | State::Closed);
    let disputed = (head.disputes > 0 && is_on_its_way).then_some((Solved::No, Content::Dissatisfied));
    let said = case.visited.as_ref().map(|visited| (visited.solved, visited.content));
    Tally {
        received: case.origin.received,
        environment: environment(found),
        category: case.category.clone(),
        contacted_in_time,
        answered_in_time,
        said: said.or(disputed).filter(|_| !is_silent),
        silent: is_silent,
    }
}
