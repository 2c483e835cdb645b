//! A single clerk with a list: what would have been answered if nobody ever asked at the same time as somebody else, and whether one order
//! of all that was told explains it.
//!
//! A history is explained when its acts can be put into one order that keeps their times (whoever was answered before another asked comes
//! before them) and in which the clerk gives every answer that was given. Between acts the clerk may hold seats that came free for whoever
//! waits first: nobody asks for that. An act whose answer was lost was done at some time after it was asked, or never. The search is exact
//! (Wing and Gong's, with what was tried remembered), so histories are kept short and many.

use std::collections::HashSet;

pub type Person = usize;

/// Where somebody stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stand {
    Absent,
    Waiting,
    Offered,
    Seated,
    Cancelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Register {
        person: Person,
        people: u32,
    },
    Accept(Person),
    Decline(Person),
    Cancel(Person),
    Change {
        person: Person,
        people: u32,
    },
    /// From now on there are so many seats.
    Seats(u32),
    Look(Person),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Done,
    /// They stand otherwise.
    Refused(Stand),
    NoRoom,
    Stands(Stand),
    /// None was heard.
    Lost,
}

/// An act with its answer. The moments are of one clock that never gives the same twice.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    pub asked: u64,
    pub answered: u64,
    pub act: Act,
    pub answer: Answer,
}

/// The list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Clerk {
    seats: u32,
    /// Where each stands, and with how many people.
    list: Vec<(Stand, u32)>,
    queue: Vec<Person>,
}

impl Clerk {
    fn free(&self) -> u32 {
        let sits = |stand: Stand| matches!(stand, Stand::Seated | Stand::Offered);
        let taken: u32 = self.list.iter().filter(|(stand, _)| sits(*stand)).map(|(_, people)| people).sum();
        self.seats.saturating_sub(taken)
    }

    fn stands(&mut self, person: Person, stand: Stand) -> Answer {
        self.queue.retain(|waits| *waits != person);
        self.list[person].0 = stand;
        Answer::Done
    }

    fn answer(&mut self, act: Act) -> Answer {
        use Stand::{Absent, Cancelled, Offered, Seated, Waiting};
        match act {
            Act::Register { person, people } if self.list[person].0 == Absent => {
                let room = self.queue.is_empty() && self.free() >= people;
                self.list[person] = (if room { Seated } else { Waiting }, people);
                self.queue.extend((!room).then_some(person));
                Answer::Done
            }
            // The same form once more.
            Act::Register { .. } => Answer::Done,
            Act::Seats(seats) => {
                self.seats = seats;
                Answer::Done
            }
            Act::Look(person) => Answer::Stands(self.list[person].0),
            Act::Accept(person) => match self.list[person].0 {
                Offered => self.stands(person, Seated),
                Seated => Answer::Done,
                other => Answer::Refused(other),
            },
            Act::Decline(person) => match self.list[person].0 {
                Offered => self.stands(person, Cancelled),
                Cancelled => Answer::Done,
                other => Answer::Refused(other),
            },
            Act::Cancel(person) => match self.list[person].0 {
                Absent => Answer::Refused(Absent),
                _ => self.stands(person, Cancelled),
            },
            Act::Change { person, people } => {
                let (stand, before) = self.list[person];
                let more = people.saturating_sub(before);
                match stand {
                    // Whoever waits was there first.
                    Seated if more > 0 && (!self.queue.is_empty() || self.free() < more) => return Answer::NoRoom,
                    Seated | Waiting => self.list[person].1 = people,
                    other => return Answer::Refused(other),
                }
                Answer::Done
            }
        }
    }

    /// Who waits first, when there are seats for them.
    fn next(&self) -> Option<Person> {
        self.queue.first().copied().filter(|first| self.list[*first].1 <= self.free())
    }
}

struct Search<'a> {
    history: &'a [Told],
    tried: HashSet<(u128, Clerk)>,
}

/// Whether one order of `history` explains it, when there were so many seats at first and so many people who could come.
pub fn explained(history: &[Told], seats: u32, people: usize) -> bool {
    assert!(history.len() <= 128, "a set of acts is a number of 128 bits: {}", history.len());
    let clerk = Clerk { seats, list: vec![(Stand::Absent, 0); people], queue: Vec::new() };
    Search { history, tried: HashSet::new() }.explains(clerk, 0)
}

impl Search<'_> {
    /// Whether what is not yet `done` can follow.
    fn explains(&mut self, clerk: Clerk, done: u128) -> bool {
        let is_done = |act: usize| done & (1 << act) != 0;
        let open = || self.history.iter().enumerate().filter(|(act, _)| !is_done(*act));
        if open().all(|(_, told)| told.answer == Answer::Lost) {
            return true;
        }
        if !self.tried.insert((done, clerk.clone())) {
            return false;
        }
        let open = || self.history.iter().enumerate().filter(|(act, _)| !is_done(*act));
        let first_answer = open().map(|(_, told)| told.answered).min().unwrap_or(u64::MAX);
        let next: Vec<(usize, Told)> =
            open().filter(|(_, told)| told.asked < first_answer).map(|(act, told)| (act, *told)).collect();
        for (act, told) in next {
            let mut clerk = clerk.clone();
            let answer = clerk.answer(told.act);
            if (told.answer == Answer::Lost || told.answer == answer) && self.explains(clerk, done | (1 << act)) {
                return true;
            }
        }
        let Some(first) = clerk.next() else { return false };
        let mut held = clerk.clone();
        held.stands(first, Stand::Offered);
        if self.explains(held, done) {
            return true;
        }
        // Whoever is still to be answered gets the seats themselves.
        let now = self.history.iter().enumerate().filter(|(act, _)| is_done(*act)).map(|(_, told)| told.asked).max().unwrap_or(0);
        let here = self.history.iter().enumerate().any(|(act, told)| {
            let asks = match told.act {
                Act::Register { person, .. } | Act::Change { person, .. } => person == first,
                _ => false,
            };
            asks && is_done(act) && told.answer == Answer::Done && now < told.answered
        });
        let mut seated = clerk;
        seated.stands(first, Stand::Seated);
        here && self.explains(seated, done)
    }
}

#[cfg(test)]
mod tests {
    use Act::{Accept, Cancel, Change, Decline, Look, Register, Seats};
    use Answer::{Done, Lost, NoRoom, Refused, Stands};
    use Stand::{Cancelled, Offered, Seated, Waiting};

    use super::*;

    /// Acts with what was answered, one after the other unless moments are given.
    fn one_by_one(acts: &[(Act, Answer)]) -> Vec<Told> {
        let told = |(at, (act, answer)): (usize, &(Act, Answer))| {
            let asked = at as u64 * 2;
            Told { asked, answered: if *answer == Lost { u64::MAX } else { asked + 1 }, act: *act, answer: *answer }
        };
        acts.iter().enumerate().map(told).collect()
    }

    fn comes(person: Person) -> (Act, Answer) {
        (Register { person, people: 1 }, Done)
    }

    #[test]
    fn a_right_history_is_explained_and_a_wrong_one_is_not() {
        let sees = |person, stand| (Look(person), Stands(stand));
        // One seat unless it says otherwise: right, what was told.
        let cases: &[(bool, &[(Act, Answer)])] = &[
            (true, &[comes(0), comes(1), sees(0, Seated), sees(1, Waiting)]),
            (false, &[comes(0), comes(1), sees(0, Seated), sees(1, Seated)]),
            (false, &[comes(0), sees(0, Waiting)]),
            // What came free is held for whoever waits first, sooner or later.
            (
                true,
                &[comes(0), comes(1), (Cancel(0), Done), sees(1, Waiting), sees(1, Offered), (Accept(1), Done), sees(1, Seated)],
            ),
            (false, &[comes(0), comes(1), sees(1, Offered)]),
            (false, &[comes(0), comes(1), comes(2), (Cancel(0), Done), sees(2, Offered), sees(1, Waiting)]),
            (false, &[comes(0), comes(1), (Cancel(0), Done), sees(1, Seated)]),
            // A newcomer waits behind whoever waits, though a seat is free.
            (true, &[comes(0), comes(1), (Cancel(0), Done), comes(2), sees(2, Waiting)]),
            (false, &[comes(0), comes(1), (Cancel(0), Done), comes(2), sees(2, Seated), sees(1, Waiting)]),
            (false, &[comes(0), comes(1), (Accept(1), Done)]),
            (true, &[comes(0), comes(1), (Accept(1), Refused(Waiting)), (Decline(1), Refused(Waiting))]),
            (true, &[comes(0), comes(1), (Cancel(0), Done), (Decline(1), Done), (Decline(1), Done), comes(2), sees(2, Seated)]),
            (false, &[comes(0), comes(1), (Cancel(0), Done), (Decline(1), Done), (Accept(1), Done)]),
            (true, &[comes(0), comes(1), (Cancel(0), Done), (Decline(1), Done), (Accept(1), Refused(Cancelled))]),
            // More and fewer seats.
            (true, &[comes(0), comes(1), (Seats(2), Done), sees(1, Offered)]),
            (true, &[comes(0), (Seats(0), Done), sees(0, Seated), (Seats(1), Done), comes(1), sees(1, Waiting)]),
            (false, &[(Seats(0), Done), comes(0), sees(0, Seated)]),
            (false, &[comes(0), comes(1), (Seats(2), Done), (Seats(1), Done), sees(1, Waiting), sees(1, Offered)]),
            // More and fewer people.
            (
                true,
                &[comes(0), (Change { person: 0, people: 2 }, NoRoom), (Seats(2), Done), (Change { person: 0, people: 2 }, Done)],
            ),
            (false, &[comes(0), (Change { person: 0, people: 2 }, Done)]),
            (false, &[comes(0), (Seats(2), Done), (Change { person: 0, people: 2 }, NoRoom)]),
            (
                false,
                &[
                    (Seats(2), Done),
                    (Register { person: 0, people: 2 }, Done),
                    (Change { person: 0, people: 1 }, Done),
                    comes(1),
                    sees(1, Waiting),
                ],
            ),
            // An answer that was lost may have been given or not, but not both.
            (true, &[comes(0), (Cancel(0), Lost), comes(1), sees(1, Seated)]),
            (true, &[comes(0), (Cancel(0), Lost), comes(1), sees(1, Waiting), sees(0, Seated)]),
            (false, &[comes(0), (Cancel(0), Lost), comes(1), sees(1, Seated), sees(0, Seated)]),
        ];
        for (right, acts) in cases {
            assert_eq!(explained(&one_by_one(acts), 1, 3), *right, "{acts:?}");
        }
    }

    #[test]
    fn at_the_same_time_either_may_be_first_and_nobody_is_before_who_was_answered_before_they_asked() {
        let told = |asked, answered, act, answer| Told { asked, answered, act, answer };
        let two = |first_answered| {
            let comes = |person| Register { person, people: 1 };
            vec![
                told(0, first_answered, comes(0), Done),
                told(1, 8, comes(1), Done),
                told(9, 10, Look(0), Stands(Waiting)),
                told(11, 12, Look(1), Stands(Seated)),
            ]
        };
        assert!(explained(&two(7), 1, 2));
        let mut apart = two(7);
        (apart[0].answered, apart[1].asked) = (2, 3);
        assert!(!explained(&apart, 1, 2));
    }
}
