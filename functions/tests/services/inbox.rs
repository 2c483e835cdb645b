//! The inbox among many: the first rows and how many there are, read from the lists of what is open, and right as well while an older program's
//! cases are not in them yet.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use domain::{
    appeal::Grade,
    calendar::{Calendar, CalendarYear, Stretch},
};
use functions::{
    Clock, Config,
    office::{Cleared, InboxRow, Operator, Remarks, Shown, Taken, Work, Worked},
    table::{Index, Item, Key, NewItem, Query, Table, TableError, Write, each_page, query_all, query_index_all, sqlite::Sqlite},
};

use crate::{
    cloud,
    given::{self, CONSENT, MATTER, NEED, PERSON, Site, appeal_form, intake_form, of, registration_form, session, with},
};

fn staff() -> Operator {
    Operator("张敏".to_owned())
}

async fn site(table: Arc<dyn Table>, clock: Clock) -> Site {
    let config = Config { slow_down: Duration::ZERO, ..Config::default() };
    let site = Site::on_table(table, tempfile::tempdir().unwrap(), clock, config).await;
    site.service.publish(of(vec![appeal_form(), registration_form(), intake_form()], vec![session("salon")])).await.unwrap();
    site
}

async fn taken(site: &Site, form: &str, values: &[(&str, &str)]) -> String {
    let values = values.iter().chain(CONSENT).map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()]));
    match site.service.take(form, values.collect(), &staff()).await.unwrap() {
        Taken::Received(receipt) => receipt.number,
        other => panic!("{other:?}"),
    }
}

/// So many appeals of firms that are all different, a minute apart.
async fn file(site: &Site, many: usize) -> Vec<String> {
    let mut numbers = Vec::new();
    for case in 0..many {
        let (mobile, company) = (format!("139{case:08}"), format!("示例企业{case}"));
        let person = with(&with(PERSON, "mobile", &mobile), "company", &company);
        numbers.push(taken(site, "appeal", &[MATTER, &person].concat()).await);
        site.wait(60);
    }
    numbers
}

async fn worked(site: &Site, number: &str, work: Work) {
    let remarks = Remarks { note: Some("说明".to_owned()), private: Some("示例".to_owned()) };
    let worked = site.service.work(number, &work, &remarks, &staff()).await.unwrap();
    assert!(matches!(worked, Worked::Done { .. }), "{worked:?}");
}

fn numbers(shown: &Shown<InboxRow>) -> Vec<&str> {
    shown.rows.iter().map(|row| row.number.as_str()).collect()
}

async fn the_first_rows_are_shown_and_all_are_counted(table: Arc<dyn Table>, clock: Clock) {
    let site = site(table, clock).await;
    site.service.run_due().await.unwrap();
    let filed = file(&site, 12).await;
    let intake = taken(&site, "library", NEED).await;
    site.service.call_done(&filed[0], &staff(), None).await.unwrap();
    site.service.call_tried(&filed[1], &staff(), None).await.unwrap();

    // All are to be called by the same moment, so the number decides; whoever was spoken with comes last.
    let mut order: Vec<&str> = filed[1..].iter().chain([&intake]).map(String::as_str).collect();
    order.sort_unstable();
    order.push(&filed[0]);
    let first = site.service.inbox(5).await.unwrap();
    assert_eq!((numbers(&first), first.all, first.overdue), (order[..5].to_vec(), 13, 0));
    let all = site.service.inbox(usize::MAX).await.unwrap();
    assert_eq!((numbers(&all), all.all), (order, 13));
    assert_eq!(all.rows.iter().filter(|row| row.contacted).count(), 1);
    assert_eq!(site.service.inbox(13).await.unwrap(), all);

    site.wait(3 * 24 * 3600);
    for most in [1, 5, 13, usize::MAX] {
        let late = site.service.inbox(most).await.unwrap();
        assert_eq!((late.rows.len(), late.all, late.overdue), (most.min(13), 13, 12), "whoever was spoken with is not late");
    }

    // What was taken on stands in the other list, and what is over in neither.
    for number in &filed[..6] {
        worked(&site, number, Work::Accept).await;
    }
    for number in &filed[..4] {
        worked(&site, number, Work::Grade(Grade::B)).await;
    }
    let (waiting, open) = (site.service.inbox(2).await.unwrap(), site.service.open_cases(3).await.unwrap());
    assert_eq!((waiting.rows.len(), waiting.all), (2, 7));
    // To take a case on is not to call: the two that were not graded still wait for that.
    assert_eq!((open.rows.len(), open.all, open.overdue), (3, 6, 2));
    assert_eq!(open.rows[0].number, *filed[4..6].iter().min().unwrap(), "what is due first, and then by number");
    let all = site.service.open_cases(usize::MAX).await.unwrap();
    let owed: Vec<_> = all.rows.iter().map(|row| (row.owed, row.overdue)).collect();
    assert_eq!(owed, [[("首次联系", true); 2].as_slice(), [("答复", false); 4].as_slice()].concat());
    worked(&site, &filed[0], Work::Withdraw).await;
    worked(&site, &filed[11], Work::Withdraw).await;
    assert_eq!((site.service.inbox(1).await.unwrap().all, site.service.open_cases(1).await.unwrap().all), (6, 5));
    // Whatever its time brings, it stays in the list as long as it is open.
    site.wait_until("2027-03-01 09:00");
    site.service.run_due().await.unwrap();
    let open = site.service.open_cases(1).await.unwrap();
    assert_eq!((open.all, open.overdue, open.rows[0].supervised), (5, 5, true));
}

async fn what_waits_to_be_looked_at_is_called_about_once_more_when_it_is_genuine(table: Arc<dyn Table>, clock: Clock) {
    let site = site(table, clock).await;
    site.service.run_due().await.unwrap();
    // The field that no person sees was filled in.
    let step = site.post("/f/appeal", &with(MATTER, "website", "https://spam.example")).await.goes_to();
    let review = site.post(&step, PERSON).await.goes_to();
    site.wait(60);
    let receipt = site.post(&review.replace("review", "confirm"), CONSENT).await.goes_to();
    let (number, _) = site.get(&receipt).await.number_and_code();
    let row = async || site.service.inbox(9).await.unwrap().rows.pop().map(|row| (row.number, row.contacted, row.quarantined));
    assert_eq!(row().await, Some((number.clone(), false, true)));
    site.service.call_done(&number, &staff(), None).await.unwrap();
    assert_eq!(row().await, Some((number.clone(), true, true)));
    assert!(matches!(site.service.release(&number, &staff(), "本人").await.unwrap(), Cleared::Done(_)));
    assert_eq!(row().await, Some((number.clone(), false, false)), "now about their matter");
    site.service.call_done(&number, &staff(), None).await.unwrap();
    assert_eq!(row().await, Some((number, true, false)));
}

/// Takes all cases out of the lists of what is open, and the note that they are in them, as a program of an earlier version has left them.
async fn as_an_older_program_left_it(table: &dyn Table) {
    let mut writes = Vec::new();
    for item in query_index_all(table, Index::First, Query::all("APPEALS")).await.unwrap() {
        let mut body: serde_json::Value = serde_json::from_slice(&item.body).unwrap();
        body.as_object_mut().unwrap().remove("contacted");
        let [first, second] = item.index;
        let is_new = second.as_ref().is_some_and(|key| key.partition == "APPEALS#NEW" || key.sort.starts_with('~'));
        let index = [first, second.filter(|_| !is_new)];
        writes.push(Write::replace(NewItem { index, ..NewItem::json(item.key, &body) }, item.version));
    }
    let note = Key::new("SCHEDULE", "CASES-LISTED-BY");
    let version = table.get(&note).await.unwrap().unwrap().version;
    writes.push(Write::Delete { key: note, version });
    table.transact(writes).await.unwrap();
}

async fn cases_of_an_older_program_are_seen_at_once_and_listed_by_the_next_pass(table: Arc<dyn Table>, clock: Clock) {
    let site = site(table.clone(), clock).await;
    site.service.run_due().await.unwrap();
    let filed = file(&site, 6).await;
    site.service.call_done(&filed[0], &staff(), None).await.unwrap();
    worked(&site, &filed[4], Work::Accept).await;
    worked(&site, &filed[5], Work::Accept).await;
    worked(&site, &filed[5], Work::Grade(Grade::B)).await;
    let seen = async || (site.service.inbox(2).await.unwrap(), site.service.open_cases(2).await.unwrap());
    let before = seen().await;
    assert_eq!((before.0.all, before.1.all), (4, 2));

    as_an_older_program_left_it(table.as_ref()).await;
    let (waiting, open) = seen().await;
    let of = |shown: &Shown<InboxRow>| shown.rows.iter().map(|row| row.number.clone()).collect::<BTreeSet<_>>();
    assert_eq!((of(&waiting), waiting.all, open.all), (of(&before.0), 4, 2), "nothing is ever missing");
    site.service.run_due().await.unwrap();
    assert_eq!(seen().await, before, "and whoever was spoken with still counts as such");
    assert_eq!(query_index_all(table.as_ref(), Index::Second, Query::all("APPEALS#NEW")).await.unwrap().len(), 4);
    let events = query_all(table.as_ref(), Query::prefix(format!("CASE#{}", filed[0]), "EVENT#")).await.unwrap();
    assert_eq!(events.len(), 1, "nothing has happened to it");
}

async fn one_that_is_not_listed_is_found_within_a_day(table: Arc<dyn Table>, clock: Clock) {
    let site = site(table.clone(), clock).await;
    site.service.run_due().await.unwrap();
    let filed = file(&site, 1).await;
    // A function of an earlier version was still running and filed it.
    let head = table.get(&Key::new(format!("CASE#{}", filed[0]), "HEAD")).await.unwrap().unwrap();
    let [first, _] = head.index;
    let item = NewItem { key: head.key, index: [first, None], expires: None, body: head.body };
    table.transact(vec![Write::replace(item, head.version)]).await.unwrap();
    site.service.run_due().await.unwrap();
    assert_eq!(site.service.inbox(9).await.unwrap().all, 0);
    site.wait(24 * 3600);
    site.service.run_due().await.unwrap();
    assert_eq!(site.service.inbox(9).await.unwrap().all, 1);
}

async fn a_list_is_read_from_both_ends_and_nothing_is_missed_or_seen_twice(table: Arc<dyn Table>, _: Clock) {
    for many in 0..15 {
        let list = format!("LIST{many}");
        for number in 0..many {
            let item = NewItem::json(Key::new(&list, format!("{number:02}")), &number);
            let listed = NewItem { index: [Some(Key::new(&list, format!("{number:02}"))), None], ..item };
            table.transact(vec![Write::create(listed)]).await.unwrap();
        }
        let mut seen: Vec<u32> = Vec::new();
        let look = |items: &[Item]| -> Result<(), TableError> {
            items.iter().try_for_each(|item| item.read().map(|number| seen.push(number)))
        };
        each_page(&table, Index::First, Query { limit: 3, ..Query::all(&list) }, look).await.unwrap();
        seen.sort_unstable();
        assert_eq!(seen, (0..many).collect::<Vec<_>>());
    }
}

async fn one_that_was_called_and_is_not_taken_on_is_late_after_the_time_of_a_general_matter(table: Arc<dyn Table>, clock: Clock) {
    let site = site(table, clock).await;
    site.service.run_due().await.unwrap();
    let filed = file(&site, 3).await;
    site.service.call_done(&filed[0], &staff(), None).await.unwrap();
    site.wait_until("2026-12-08 17:30");
    for most in [1, 9] {
        assert_eq!(site.service.inbox(most).await.unwrap().overdue, 2, "nobody has called the others");
    }
    site.wait_until("2026-12-08 17:31");
    for most in [1, 9] {
        let late = site.service.inbox(most).await.unwrap();
        assert_eq!((late.all, late.overdue), (3, 3), "{late:?}");
    }
    let rows = site.service.inbox(9).await.unwrap().rows;
    let last = rows.last().map(|row| (row.number.as_str(), row.contacted, row.due));
    assert_eq!(last, Some((filed[0].as_str(), true, "2026-12-08 17:30".parse().unwrap())));
}

async fn the_call_list_moves_with_the_calendar_and_keeps_its_order(table: Arc<dyn Table>, clock: Clock) {
    let site = site(table, clock).await;
    site.wait_until("2026-12-30 09:00");
    let filed = file(&site, 2).await;
    site.wait_until("2026-12-31 16:00");
    let last = file(&site, 1).await.remove(0);
    // The firm is told of its grade: since now, and so before calls that are due tomorrow.
    worked(&site, &filed[0], Work::Accept).await;
    site.service.call_done(&filed[0], &staff(), None).await.unwrap();
    worked(&site, &filed[0], Work::Grade(Grade::B)).await;
    site.wait(6 * 60);
    let calls = async || -> Vec<(String, Option<String>)> {
        let calls = site.service.calls().await.unwrap();
        calls.into_iter().map(|call| (call.number, call.due.map(|due| due.local().to_string()))).collect()
    };
    let told = (filed[0].clone(), None);
    let due = |number: &String, day: &str| (number.clone(), Some(format!("{day}T17:30:00")));
    assert_eq!(calls().await, [told.clone(), due(&filed[1], "2026-12-31"), due(&last, "2027-01-01")]);

    // The State Council's notice comes: the first day on which offices are open is the fourth.
    let off = Stretch { name: "元旦".to_owned(), from: "2027-01-01".parse().unwrap(), to: "2027-01-03".parse().unwrap() };
    let year = CalendarYear { year: 2027, source: "示例".to_owned(), official: true, off: vec![off], worked: Vec::new() };
    let mut manifest = of(vec![appeal_form(), registration_form(), intake_form()], vec![session("salon")]);
    manifest.calendar = Calendar { years: vec![year] };
    manifest.version = "with-2027".to_owned();
    site.service.publish(manifest).await.unwrap();
    assert_eq!(calls().await, [told, due(&filed[1], "2026-12-31"), due(&last, "2027-01-04")]);
}

async fn who_was_spoken_with_is_known_of_cases_of_an_older_program(table: Arc<dyn Table>, clock: Clock) {
    let site = site(table.clone(), clock).await;
    site.service.run_due().await.unwrap();
    let filed = file(&site, 2).await;
    for number in &filed {
        worked(&site, number, Work::Accept).await;
    }
    site.service.call_done(&filed[0], &staff(), None).await.unwrap();
    // It wrote no call down once a case was taken on, and kept that of the round before.
    for (number, contacted) in filed.iter().zip([None, Some("2026-11-30T09:00:00+08:00")]) {
        let head = table.get(&Key::new(format!("CASE#{number}"), "HEAD")).await.unwrap().unwrap();
        let mut body: serde_json::Value = serde_json::from_slice(&head.body).unwrap();
        match contacted {
            None => body.as_object_mut().unwrap().remove("contacted"),
            Some(at) => body.as_object_mut().unwrap().insert("contacted".to_owned(), at.into()),
        };
        let item = NewItem { index: head.index, ..NewItem::json(head.key, &body) };
        table.transact(vec![Write::replace(item, head.version)]).await.unwrap();
    }
    let note = Key::new("SCHEDULE", "CASES-LISTED-BY");
    let version = table.get(&note).await.unwrap().unwrap().version;
    table.transact(vec![Write::Delete { key: note, version }]).await.unwrap();

    let to_call = async || {
        let open = site.service.open_cases(9).await.unwrap().rows;
        open.into_iter().filter(|row| row.owed == "首次联系").map(|row| row.number).collect::<Vec<_>>()
    };
    assert_eq!(to_call().await, [filed[0].clone()]);
    site.service.run_due().await.unwrap();
    assert_eq!(to_call().await, [filed[1].clone()]);
}

macro_rules! on_both_engines {
    ($($test:ident: $sqlite:ident, $dynamodb:ident;)*) => {
        $(
            #[tokio::test]
            async fn $sqlite() {
                let clock = Clock::standing_at(given::start());
                let folder = tempfile::tempdir().unwrap();
                let table = Sqlite::open(&folder.path().join("table.db"), clock.clone()).unwrap();
                $test(Arc::new(table), clock).await;
            }

            #[tokio::test]
            async fn $dynamodb() {
                let clock = Clock::standing_at(given::start());
                let table = Arc::new(cloud::table(clock.clone()).await);
                $test(table.clone(), clock).await;
                table.delete_table().await.unwrap();
            }
        )*
    };
}

on_both_engines! {
    the_call_list_moves_with_the_calendar_and_keeps_its_order:
        sqlite_the_call_list_moves_with_the_calendar, dynamodb_the_call_list_moves_with_the_calendar;
    a_list_is_read_from_both_ends_and_nothing_is_missed_or_seen_twice:
        sqlite_a_list_is_read_from_both_ends, dynamodb_a_list_is_read_from_both_ends;
    one_that_was_called_and_is_not_taken_on_is_late_after_the_time_of_a_general_matter:
        sqlite_one_that_was_called_and_is_not_taken_on_is_late, dynamodb_one_that_was_called_and_is_not_taken_on_is_late;
    who_was_spoken_with_is_known_of_cases_of_an_older_program:
        sqlite_who_was_spoken_with_is_known_of_cases_of_an_older_program, dynamodb_who_was_spoken_with_is_known_of_cases_of_an_older_program;
    the_first_rows_are_shown_and_all_are_counted:
        sqlite_the_first_rows_are_shown_and_all_are_counted, dynamodb_the_first_rows_are_shown_and_all_are_counted;
    what_waits_to_be_looked_at_is_called_about_once_more_when_it_is_genuine:
        sqlite_what_waits_to_be_looked_at_is_called_about_once_more, dynamodb_what_waits_to_be_looked_at_is_called_about_once_more;
    cases_of_an_older_program_are_seen_at_once_and_listed_by_the_next_pass:
        sqlite_cases_of_an_older_program_are_seen_at_once, dynamodb_cases_of_an_older_program_are_seen_at_once;
    one_that_is_not_listed_is_found_within_a_day:
        sqlite_one_that_is_not_listed_is_found_within_a_day, dynamodb_one_that_is_not_listed_is_found_within_a_day;
}
