//! Many at once.

use std::sync::Arc;

use domain::{
    Attendance, Session, Way,
    registration::{By, Stage},
};
use functions::{Clock, ServiceError, table::Table};

use super::world::{World, register};
use crate::given::session;

/// Repeats what was too busy: that is what `Retry-After` asks for.
async fn insist<T, F: Future<Output = Result<T, ServiceError>>>(ask: impl Fn() -> F) -> T {
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(ServiceError::Busy | ServiceError::Table(functions::table::TableError::Unavailable { .. })) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

pub async fn two_hundred_at_once_take_eighty_seats_while_others_cancel_and_seats_are_handed_on(
    table: Arc<dyn Table>,
    clock: Clock,
) {
    let session =
        Session { onsite_seats: 80, onsite_reserved: 0, online_seats: 0, attendance: Attendance::Onsite, ..session("salon") };
    let mut world = World::with(table, clock, session).await;
    let service = Arc::new(world.service.clone());
    let asking: Vec<_> = (0..200)
        .map(|n| {
            let service = service.clone();
            tokio::spawn(async move {
                let number = register(&service, n, n, Attendance::Onsite, 1).await.expect("each is seated or waits");
                // Some think better of it at once, and others take part in handing on what they leave.
                if n % 5 == 0 {
                    insist(|| service.cancel(&number, By::Person)).await;
                }
                if n % 7 == 0 {
                    insist(|| service.settle_sessions()).await;
                }
                number
            })
        })
        .collect();
    for asking in asking {
        world.numbers.push(asking.await.unwrap());
    }
    insist(|| service.settle_sessions()).await;

    let picture = world.picture().await;
    world.holds(&picture).await;
    let count = |stage: Stage| picture.registrations.values().filter(|one| one.stage() == stage).count();
    assert_eq!(count(Stage::Cancelled), 40);
    assert_eq!(count(Stage::Seated) + count(Stage::Offered), 80, "no seat is lost and none is given out twice");
    assert_eq!(picture.taken[&Way::Onsite], 80);
    assert_eq!(count(Stage::Waiting), 200 - 40 - 80);
}
