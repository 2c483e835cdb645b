//! What changes about a session reaches each of its registrants exactly once, wherever the process dies in between.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use domain::{Attendance, Session, registration::Stage};
use functions::{
    Clock, Config, KeySource, Service,
    table::{Answer, Cursor, Index, Item, Key, Page, Query, Table, TableError, Write},
};
use jiff::SignedDuration;

use super::world::World;
use crate::given::{manifest, session};

/// A table whose process dies at one of its writes: before it is done, or after it but before anybody hears of it.
struct Dying {
    table: Arc<dyn Table>,
    writes_left: AtomicI64,
    after: bool,
}

impl Table for Dying {
    fn get<'a>(&'a self, key: &'a Key) -> Answer<'a, Option<Item>> {
        self.table.get(key)
    }

    fn query(&self, query: Query) -> Answer<'_, Page> {
        self.table.query(query)
    }

    fn query_index(&self, index: Index, query: Query) -> Answer<'_, Page> {
        self.table.query_index(index, query)
    }

    fn scan(&self, limit: usize, after: Option<Cursor>) -> Answer<'_, Page> {
        self.table.scan(limit, after)
    }

    fn transact(&self, writes: Vec<Write>) -> Answer<'_, ()> {
        Box::pin(async move {
            let dead = || Err(TableError::Failed("the process died".to_owned()));
            match self.writes_left.fetch_sub(1, Ordering::SeqCst) {
                left if left > 0 => self.table.transact(writes).await,
                0 if self.after => {
                    self.table.transact(writes).await?;
                    dead()
                }
                _ => dead(),
            }
        })
    }

    fn sweep(&self, limit: usize) -> Answer<'_, usize> {
        self.table.sweep(limit)
    }
}

async fn service(table: Arc<dyn Table>, clock: &Clock) -> Service {
    let key = KeySource::Given(data_encoding::BASE64.encode(&[7; 32]));
    Service::open(table, &key, clock.clone(), Config::default()).await.unwrap()
}

/// Publishes what `change` makes of a session with people seated, offered and waiting, dies at each write in turn while all are told,
/// starts again, and finds that each was told once.
async fn everybody_is_told_once(table: Arc<dyn Table>, clock: Clock, change: fn(&mut Session), what: &str, ends: bool) {
    let room =
        Session { onsite_seats: 2, onsite_reserved: 0, online_seats: 0, attendance: Attendance::Onsite, ..session("salon") };
    let mut world = World::with(table.clone(), clock.clone(), room).await;
    for person in 0..6 {
        clock.advance(SignedDuration::from_secs(1));
        world.register(person, person, Attendance::Onsite, 1).await;
    }
    // One who has cancelled is told nothing, and one more is offered their seat.
    world.service.cancel(&world.numbers[0], domain::registration::By::Person).await.unwrap();
    change(&mut world.session);
    world.service.publish(manifest(vec![world.session.clone()])).await.unwrap();

    let mut deaths = 0;
    for writes_left in 0..3 {
        for after in [false, true] {
            let dying = Arc::new(Dying { table: table.clone(), writes_left: AtomicI64::new(writes_left), after });
            // A process that has just started: it has read nothing yet.
            deaths += usize::from(service(dying, &clock).await.settle_sessions().await.is_err());
        }
    }
    assert!(deaths > 2, "it died in the middle: {deaths}");
    clock.advance(SignedDuration::from_secs(120));
    let alive = service(table.clone(), &clock).await;
    alive.settle_sessions().await.unwrap();
    assert_eq!(alive.settle_sessions().await.unwrap(), 0);

    let picture = world.picture().await;
    world.holds(&picture).await;
    for number in &world.numbers {
        let told = world.messages(*number).await.iter().filter(|message| *message == what).count();
        let cancelled_before = *number == world.numbers[0];
        assert_eq!(told, usize::from(!cancelled_before), "{number}");
        let stage = picture.registrations[number].stage();
        assert_eq!(stage == Stage::SessionCancelled, ends && !cancelled_before, "{stage:?}");
    }
    assert_eq!(world.items("NEWS").await.len(), 0, "the news are put away");
}

pub async fn a_cancelled_session_reaches_everybody_once_wherever_the_process_dies(table: Arc<dyn Table>, clock: Clock) {
    everybody_is_told_once(table, clock, |session| session.cancelled = true, "session_cancelled", true).await;
}

pub async fn another_place_reaches_everybody_once_wherever_the_process_dies(table: Arc<dyn Table>, clock: Clock) {
    everybody_is_told_once(table, clock, |session| session.place = "三楼报告厅".to_owned(), "session_moved", false).await;
}
