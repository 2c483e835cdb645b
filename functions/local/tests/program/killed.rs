//! kill -9 while people confirm their registrations, again and again on one data folder: every receipt that was given is found again.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Barrier, Mutex},
    thread,
    time::Duration,
};

use crate::{
    operation::Visitor,
    site::{Site, done},
};

const SESSION: &str = "djt-2026-q4";
/// Seats in the room: some sit, most wait.
const SEATS: usize = 12;
const VISITORS: usize = 6;
/// What each of them has filled in when everybody begins to confirm.
const DRAFTS: usize = 8;

/// What somebody was told.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Receipt {
    address: String,
    number: String,
    code: String,
}

/// What is known outside the server, which may die at any moment.
#[derive(Default)]
struct Given {
    /// Receipts' addresses by draft, as 确认 was answered.
    answered: BTreeMap<String, String>,
    /// Drafts whose 确认 was never answered.
    open: BTreeSet<String>,
    /// By draft, as far as they could still be opened.
    receipts: BTreeMap<String, Receipt>,
    /// How many 确认 were answered only by a later server.
    late: usize,
}

/// `KILLS` in the environment says how often; every run of the tests can afford a few.
fn kills() -> u32 {
    std::env::var("KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(3)
}

/// Later from one start to the next: nobody's clock goes back when a server is started again.
fn moment(round: u32) -> String {
    format!("2026-11-24T{:02}:{:02}:00+08:00", 10 + round * 5 / 60, round * 5 % 60)
}

#[test]
fn every_receipt_is_found_again_after_kill_9_while_people_register() {
    let site = Site::whole();
    let page = site.path("content/courses/2026-q4.md");
    let text = std::fs::read_to_string(&page).expect("the course is there");
    let text = text.replace("onsite_seats: 60", &format!("onsite_seats: {SEATS}"));
    std::fs::write(&page, text).expect("it can be written");

    let given = Mutex::new(Given::default());
    let known = || given.lock().expect("nobody panics");
    for round in 0..kills() {
        let server = site.serve(&["--now", &moment(round), "--no-watch"]);
        found_again(&site, &Visitor::to(&server), &mut known(), round);
        let together = Barrier::new(VISITORS);
        // Sometimes early, sometimes late, never after the last of them.
        let enough = known().answered.len() + 2 + round as usize * 7 % (VISITORS * DRAFTS - VISITORS - 2);
        let clients: Vec<_> = (0..VISITORS).map(|_| Visitor::to(&server)).collect();
        let server = Mutex::new(Some(server));
        // Nobody learns of another answer, nor asks for one, while this goes on.
        let answered = |given: &Given| {
            if given.answered.len() == enough {
                drop(server.lock().expect("nobody panics").take());
            }
        };
        thread::scope(|scope| {
            for (visitor, client) in clients.iter().enumerate() {
                let (given, together, answered) = (&given, &together, &answered);
                scope.spawn(move || visit(client, round as usize * VISITORS + visitor, given, together, answered));
            }
        });
        assert!(server.lock().expect("nobody panics").is_none(), "only {} of {enough} receipts", known().answered.len());
        let Given { open, late, .. } = &mut *known();
        *late += open.len();
    }
    let server = site.serve(&["--now", &moment(kills()), "--no-watch"]);
    found_again(&site, &Visitor::to(&server), &mut known(), kills());
    let given = known();
    println!(
        "killed {} times: all of {} receipts found again; {} whose 确认 the dead server had not answered have one registration each",
        kills(),
        given.receipts.len(),
        given.late
    );
}

/// Fills in several registrations, waits until everybody has, and confirms one after the other until nobody answers; calls `answered` after each
/// answer.
fn visit(client: &Visitor, who: usize, given: &Mutex<Given>, together: &Barrier, answered: &impl Fn(&Given)) {
    let drafts: Vec<String> = (0..DRAFTS).map(|n| client.fill_in(who * DRAFTS + n)).collect();
    // Whoever confirms at once is taken for a robot.
    thread::sleep(Duration::from_millis(3_200));
    together.wait();
    for draft in drafts {
        let answer = client.confirm(&draft);
        let mut given = given.lock().expect("nobody panics");
        match answer {
            Ok(address) => {
                given.answered.insert(draft, address);
                answered(&given);
            }
            Err(_) => drop(given.open.insert(draft)),
        }
    }
}

impl Visitor {
    /// A draft's address without its last part.
    fn fill_in(&self, who: usize) -> String {
        let (mobile, company) = (format!("139{who:08}"), format!("示例企业{who}"));
        let values = [
            ("session", SESSION),
            ("name", "李秀英"),
            ("mobile", &mobile),
            ("company", &company),
            ("attendance", "onsite"),
            ("party", "1"),
        ];
        let review = self.post("/f/registration", &values).expect("the first step is taken");
        review.strip_suffix("/review").expect("it leads to 核对").to_owned()
    }

    /// Where the receipt is.
    fn confirm(&self, draft: &str) -> Result<String, u16> {
        self.post(&format!("{draft}/confirm"), &[("handle", "yes")])
    }
}

/// After a start: what was answered is answered the same, what was not is answered now, all of it is found by number and code, and what is
/// stored is that and nothing else.
fn found_again(site: &Site, client: &Visitor, given: &mut Given, round: u32) {
    for draft in std::mem::take(&mut given.open) {
        let address = client.confirm(&draft).expect("确认 is sent again and answered");
        given.answered.insert(draft, address);
    }
    for (draft, address) in &given.answered {
        if given.receipts.contains_key(draft) {
            continue;
        }
        assert_eq!(client.confirm(draft).as_ref(), Ok(address), "one 确认, one answer");
        let page = client.get(address).expect("a receipt that was given is there");
        let after = |class: &str| {
            let text = page.split_once(&format!("{class}\">")).expect("it shows number and code").1;
            text.split('<').next().expect("a text").trim().to_owned()
        };
        let receipt = Receipt { address: address.clone(), number: after("receipt-number"), code: after("receipt-code") };
        given.receipts.insert(draft.clone(), receipt);
    }
    let numbers: BTreeSet<&str> = given.receipts.values().map(|receipt| receipt.number.as_str()).collect();
    assert_eq!(numbers.len(), given.receipts.len(), "everybody has a number of their own");
    for Receipt { number, code, .. } in given.receipts.values() {
        let page = client.track(number, code).expect("it is found by number and code");
        assert!(page.contains(number), "{page}");
    }

    let roster = done(&site.run(&["roster", SESSION, "--now", &moment(round)]));
    let rows: Vec<Vec<&str>> =
        roster.lines().map(|line| line.split_whitespace().collect()).filter(|row: &Vec<&str>| is_number(row)).collect();
    assert_eq!(rows.iter().map(|row| row[0]).collect::<BTreeSet<_>>(), numbers, "{roster}");
    let seated = rows.iter().filter(|row| row.iter().any(|word| word.starts_with("报名成功"))).count();
    assert_eq!(seated, rows.len().min(SEATS), "{roster}");
    let places: BTreeSet<usize> = rows.iter().filter_map(|row| row.windows(2).find_map(place)).collect();
    assert_eq!(places, (1..=rows.len() - seated).collect(), "{roster}");
    let copy = format!("copy-{round}.sqlite");
    assert!(done(&site.run(&["backup", &copy])).contains("检查无误"), "the file is whole");
}

fn is_number(row: &[&str]) -> bool {
    row.first().is_some_and(|word| word.starts_with("XB") && word.len() > 10)
}

/// 候补第 2 位
fn place(words: &[&str]) -> Option<usize> {
    (words[0] == "候补第").then(|| words[1].parse().expect("a place is a number"))
}
