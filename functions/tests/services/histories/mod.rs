//! Histories of seats, recorded while several people at once register, accept, decline, change, cancel and look, seats are added and taken
//! away, and the table fails: each must be explained by one order of all that was told (`clerk`).
//!
//! Everybody acts for themselves only, as people with a number and a code do; what they contend for is the seats. An act that is refused for
//! the moment is recorded as one whose answer was lost, and asked again.
//! Checkers that cannot fail prove nothing, so histories on a table that is wrong on purpose are checked as well.

mod clerk;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::http::StatusCode;
use clerk::{Act, Answer, Person, Stand, Told, explained};
use domain::{
    Attendance, Session,
    registration::{By, Change, Refusal},
    value::TrackingNumber,
};
use faults::{Faults, Proxy};
use functions::{
    Answered, Clock, Config, PublishError, ServiceError,
    table::{
        Table, TableError,
        dynamodb::{DynamoDb, Patience},
        sqlite::Sqlite,
    },
};

use crate::{
    cloud,
    given::{self, CONSENT, Site, manifest, registrant, session, with},
    strained::{Draws, Strain, Strained},
};

const CLIENTS: usize = 4;
/// For whom each of them acts.
const PEOPLE: usize = 2;
const ACTS: usize = 9;
const SEATS: u32 = 3;

fn salon(seats: u32) -> Session {
    let session = session("salon");
    Session { attendance: Attendance::Onsite, onsite_seats: seats, onsite_reserved: 0, online_seats: 0, firm_limit: 3, ..session }
}

/// What is written down while it happens.
#[derive(Default)]
struct Record {
    clock: AtomicU64,
    told: Mutex<Vec<Told>>,
}

impl Record {
    fn now(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::SeqCst)
    }

    /// Writes down what `ask` is answered.
    async fn of(&self, act: Act, ask: impl Future<Output = Answer>) -> Answer {
        let asked = self.now();
        let answer = ask.await;
        // Nobody knows until when something whose answer was lost may still be done.
        let answered = if answer == Answer::Lost { u64::MAX } else { self.now() };
        let looked_in_vain = matches!((act, answer), (Act::Look(_), Answer::Lost));
        if !looked_in_vain {
            self.told.lock().unwrap().push(Told { asked, answered, act, answer });
        }
        answer
    }
}

/// Somebody with a form that is filled in.
struct Somebody {
    person: Person,
    people: u32,
    draft: String,
    receipt: Option<String>,
    number: Option<TrackingNumber>,
}

async fn open(table: Arc<dyn Table>, clock: Clock) -> (Arc<Site>, Vec<Vec<Somebody>>) {
    let config = Config { minimum_time: Duration::ZERO, ..Config::default() };
    let site = Site::on_table(table, tempfile::tempdir().unwrap(), clock, config).await;
    site.service.publish(manifest(vec![salon(SEATS)])).await.unwrap();
    let mut clients: Vec<Vec<Somebody>> = Vec::new();
    for client in 0..CLIENTS {
        let mut theirs = Vec::new();
        for n in 0..PEOPLE {
            let person = client * PEOPLE + n;
            let (mobile, company) = (format!("139{person:08}"), format!("示例企业{person}"));
            let alone = registrant(&mobile, &company);
            let people = 1 + person as u32 % 3 / 2;
            let both = [&with(&alone, "party", "2")[..], &[("companions", "同行1")]].concat();
            let draft = site.registration_draft(if people == 1 { &alone } else { &both }).await;
            theirs.push(Somebody { person, people, draft, receipt: None, number: None });
        }
        clients.push(theirs);
    }
    (Arc::new(site), clients)
}

/// Lets everybody act at once; afterwards, in peace, somebody looks where each of them stands.
async fn history(site: Arc<Site>, clients: Vec<Vec<Somebody>>, seed: u64, calm: impl AsyncFnOnce()) -> Vec<Told> {
    let record = Arc::new(Record::default());
    let acting: Vec<_> = clients
        .into_iter()
        .enumerate()
        .map(|(client, mut theirs)| {
            let (site, record) = (site.clone(), record.clone());
            let draws = Draws::new(seed * 1_000 + client as u64);
            tokio::spawn(async move {
                for _ in 0..ACTS {
                    tokio::time::sleep(Duration::from_micros(draws.next() % 3_000)).await;
                    if client == 0 && draws.next().is_multiple_of(4) {
                        let seats = 1 + (draws.next() % 4) as u32;
                        insist(&record, Act::Seats(seats), || publish(&site, seats)).await;
                        continue;
                    }
                    let somebody = (draws.next() % PEOPLE as u64) as usize;
                    act(&site, &record, &mut theirs[somebody], &draws).await;
                }
                theirs
            })
        })
        .collect();
    let mut everybody = Vec::new();
    for acting in acting {
        everybody.extend(acting.await.unwrap());
    }
    calm().await;
    for somebody in everybody.iter().filter(|somebody| somebody.receipt.is_some()) {
        look(&site, &record, somebody).await;
    }
    let mut told = std::mem::take(&mut *record.told.lock().unwrap());
    told.sort_by_key(|told| told.asked);
    told
}

/// Whatever comes to somebody's mind.
async fn act(site: &Site, record: &Record, somebody: &mut Somebody, draws: &Draws) {
    let person = somebody.person;
    let Some(number) = somebody.number else {
        register(site, record, somebody).await;
        look(site, record, somebody).await;
        return;
    };
    let service = &site.service;
    match draws.next() % 8 {
        0 | 1 => insist(record, Act::Accept(person), async || told(service.accept_offer(&number, By::Person).await)).await,
        2 => insist(record, Act::Decline(person), async || told(service.decline_offer(&number, By::Person).await)).await,
        3 => insist(record, Act::Cancel(person), async || told(service.cancel(&number, By::Person).await)).await,
        4 | 5 => {
            let people = 1 + (draws.next() % 2) as u32;
            let companions = (1..people).map(|n| format!("同行{n}")).collect();
            let change = Change { attendance: Attendance::Onsite, companions };
            let act = Act::Change { person, people };
            insist(record, act, async || told(service.change(&number, &change, By::Person).await)).await;
        }
        _ => {}
    }
    look(site, record, somebody).await;
}

async fn register(site: &Site, record: &Record, somebody: &mut Somebody) {
    let act = Act::Register { person: somebody.person, people: somebody.people };
    let confirm = format!("{}/confirm", somebody.draft);
    let receipt = Mutex::new(None);
    insist(record, act, async || {
        let reply = site.post(&confirm, CONSENT).await;
        if reply.status == StatusCode::SERVICE_UNAVAILABLE {
            return Answer::Lost;
        }
        *receipt.lock().unwrap() = Some(reply.goes_to());
        Answer::Done
    })
    .await;
    let receipt = receipt.into_inner().unwrap().unwrap();
    for _ in 0..200 {
        let page = site.get(&receipt).await;
        if page.status != StatusCode::SERVICE_UNAVAILABLE {
            somebody.number = Some(page.number_and_code().0.parse().unwrap());
            somebody.receipt = Some(receipt);
            return;
        }
    }
    panic!("the receipt is never shown");
}

async fn look(site: &Site, record: &Record, somebody: &Somebody) {
    let Some(receipt) = &somebody.receipt else { return };
    let seen = async {
        let page = site.get(receipt).await;
        if page.status == StatusCode::SERVICE_UNAVAILABLE {
            return Answer::Lost;
        }
        let titles = [
            ("<h1>报名成功</h1>", Stand::Seated),
            ("<h1>已进入候补</h1>", Stand::Waiting),
            ("<h1>轮到您了，请确认要不要</h1>", Stand::Offered),
            ("现在的情况：已取消", Stand::Cancelled),
        ];
        let (_, stand) = titles.iter().find(|(title, _)| page.text.contains(title)).unwrap_or_else(|| panic!("{}", page.text));
        Answer::Stands(*stand)
    };
    record.of(Act::Look(somebody.person), seen).await;
}

async fn publish(site: &Site, seats: u32) -> Answer {
    match site.service.publish(manifest(vec![salon(seats)])).await {
        Ok(()) => Answer::Done,
        // A conflict with an earlier attempt of its own, whose answer was lost.
        Err(PublishError::Table(TableError::Unavailable { .. } | TableError::Conflict { .. })) => Answer::Lost,
        Err(error) => panic!("{error}"),
    }
}

/// Asks until there is an answer, and writes down each time.
async fn insist<F: Future<Output = Answer>>(record: &Record, act: Act, ask: impl Fn() -> F) {
    for _ in 0..200 {
        if record.of(act, ask()).await != Answer::Lost {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{act:?} is never answered");
}

fn told(answer: Result<Answered, ServiceError>) -> Answer {
    match answer {
        Ok(Answered::Done(_)) => Answer::Done,
        Ok(Answered::Refused(why)) => match why {
            Refusal::NoRoom { .. } => Answer::NoRoom,
            Refusal::Waiting => Answer::Refused(Stand::Waiting),
            Refusal::Offered => Answer::Refused(Stand::Offered),
            Refusal::Seated => Answer::Refused(Stand::Seated),
            Refusal::Cancelled => Answer::Refused(Stand::Cancelled),
            other => panic!("{other}"),
        },
        Err(ServiceError::Busy | ServiceError::Table(TableError::Unavailable { .. })) => Answer::Lost,
        Err(error) => panic!("{error}"),
    }
}

async fn on_sqlite(how: Strain, seed: u64) -> Vec<Told> {
    let clock = Clock::starting_at(given::start());
    let folder = tempfile::tempdir().unwrap();
    let table = Sqlite::open(&folder.path().join("table.db"), clock.clone()).unwrap();
    let table = Arc::new(Strained::new(table, how, seed));
    let (site, clients) = open(table.clone(), clock).await;
    table.begin();
    history(site, clients, seed, async || ()).await
}

async fn on_dynamodb(faults: Faults, seed: u64) -> Vec<Told> {
    let clock = Clock::starting_at(given::start());
    let calm = cloud::table(clock.clone()).await;
    let proxy = Proxy::start(&cloud::endpoint(), Faults::default(), seed).await.unwrap();
    // Impatient, so that answers are lost; patient enough for a busy machine to make ready.
    let patience =
        Patience { deadline: Duration::from_millis(1_200), attempt: Duration::from_millis(400), ..Patience::default() };
    let table = DynamoDb::new(cloud::client(proxy.url()), calm.name().to_owned(), clock.clone()).with_patience(patience);
    let (site, clients) = open(Arc::new(table), clock).await;
    proxy.set(faults);
    let told = history(site, clients, seed, async || {
        proxy.set(Faults::default());
        proxy.release().await;
    })
    .await;
    calm.delete_table().await.unwrap();
    told
}

/// `usual`, or what the environment asks for.
fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

fn is_explained(told: &[Told]) -> bool {
    explained(told, SEATS, CLIENTS * PEOPLE)
}

/// Records so many histories and says how they went.
async fn check(what: &str, histories: u64, record: impl AsyncFn(u64) -> Vec<Told>) {
    let (mut acts, mut lost) = (0, 0);
    for seed in 0..histories {
        let told = record(seed).await;
        acts += told.len();
        lost += told.iter().filter(|told| told.answer == Answer::Lost).count();
        assert!(is_explained(&told), "seed {seed} on {what} is not explained: {told:#?}");
    }
    println!("{what}: {histories} histories of {acts} acts, the answers to {lost} of them lost, all explained");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_histories_are_those_of_a_single_clerk() {
    check("SQLite", number("HISTORIES", 20), |seed| on_sqlite(Strain::None, seed)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_histories_are_those_of_a_single_clerk_when_three_transactions_in_ten_fail() {
    check("SQLite, failing", number("HISTORIES", 20), |seed| on_sqlite(Strain::Erratic(30), seed)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dynamodb_histories_are_those_of_a_single_clerk() {
    check("DynamoDB", number("HISTORIES", 10), |seed| on_dynamodb(Faults::default(), seed)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dynamodb_histories_are_those_of_a_single_clerk_whatever_goes_wrong() {
    for (what, faults) in [("conflicts", Faults::conflicts(0.3)), ("a mixture", Faults::mixture())] {
        check(&format!("DynamoDB, {what}"), number("HISTORIES", 10), |seed| on_dynamodb(faults, seed)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_histories_on_a_table_that_is_wrong_are_found_out() {
    for wrong in [Strain::Boundless, Strain::Torn] {
        let mut found = false;
        for seed in 0..40 {
            found = found || !is_explained(&on_sqlite(wrong, seed).await);
        }
        assert!(found, "more seats were given out than there are, and the checker explains it");
    }
}

/// Whoever looked at the end saw something else: no order explains it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_a_recorded_history_with_one_answer_changed_is_not_explained() {
    let told = on_sqlite(Strain::None, 3).await;
    assert!(is_explained(&told));
    let last = told.iter().rposition(|told| told.answer == Answer::Stands(Stand::Seated)).expect("somebody has a seat");
    let mut wrong = told;
    wrong[last].answer = Answer::Stands(Stand::Cancelled);
    assert!(!is_explained(&wrong));
}
