//! What is asked about one registration costs as much among many as among few.

use std::sync::Arc;

use domain::{Session, registration::By};
use functions::{
    Clock, Config,
    office::{Operator, Taken},
    table::{Table, sqlite::Sqlite},
};

use crate::{
    cloud,
    counted::{Count, Counted},
    given::{self, CONSENT, Site, manifest, registrant, session, with},
};

/// Others, who go to so many sessions by turns.
async fn others(site: &Site, people: std::ops::Range<usize>, rooms: usize) {
    for person in people {
        let (mobile, company, room) =
            (format!("139{person:08}"), format!("示例企业{person}"), format!("room-{}", person % rooms));
        let values = with(&registrant(&mobile, &company), "session", &room);
        let values = values.into_iter().chain(CONSENT.iter().copied());
        let raw = values.map(|(name, value)| (name.to_owned(), vec![value.to_owned()])).collect();
        let taken = site.service.take("registration", raw, &Operator("小李".to_owned())).await.unwrap();
        assert!(matches!(taken, Taken::Received(_)));
    }
}

/// What one registration costs: taken, shown, found, listed with its few neighbours, let in, cancelled; and the pass that looks for what is due.
async fn costs(site: &Site, table: &Counted, mobile: &str) -> Vec<(&'static str, Count)> {
    let mut costs = Vec::new();
    let mut cost = |what| costs.push((what, table.take()));
    table.take();
    let receipt = site.register(&registrant(mobile, mobile)).await.goes_to();
    cost("registered");
    let (number, code) = site.get(&receipt).await.number_and_code();
    cost("receipt");
    site.post("/f/track", &[("number", &number), ("code", &code)]).await.expect(200, &[&number]);
    cost("found");
    let rows = site.service.roster("salon").await.unwrap().rows;
    cost("listed");
    let door = rows[0].code.as_deref().unwrap().parse().unwrap();
    site.service.check_in("salon", door, By::Rules).await.unwrap();
    cost("at the door");
    site.get("/f/seats/salon").await.expect(200, &[]);
    cost("seats");
    site.service.settle_sessions().await.unwrap();
    cost("settled");
    site.service.cancel(&number.parse().unwrap(), By::Person).await.unwrap();
    cost("cancelled");
    costs
}

async fn one_among_many_costs_as_much_as_one_among_few(table: Arc<dyn Table>, clock: Clock, many: usize) {
    let table = Arc::new(Counted::new(table));
    let site = Site::on_table(table.clone(), tempfile::tempdir().unwrap(), clock, Config::default()).await;
    let room = |n: usize| Session { url: format!("/activities/room-{n}/"), ..big(&format!("room-{n}")) };
    let rooms = many.div_ceil(50);
    site.service.publish(manifest((0..rooms).map(room).chain([big("salon")]).collect())).await.unwrap();

    others(&site, 0..rooms, rooms).await;
    // The first time reads what is published.
    costs(&site, &table, "13800000000").await;
    let among_few = costs(&site, &table, "13800000001").await;
    others(&site, rooms..many, rooms).await;
    let among_many = costs(&site, &table, "13800000002").await;
    assert_eq!(among_many.len(), among_few.len());
    for ((what, few), (_, many)) in among_few.into_iter().zip(among_many) {
        assert_eq!(Count { bytes: 0, ..many }, Count { bytes: 0, ..few }, "{what}");
        // Numbers and moments are as long for all.
        assert!(many.bytes <= few.bytes + few.bytes / 50, "{what}: {} bytes became {}", few.bytes, many.bytes);
    }
}

fn big(id: &str) -> Session {
    Session { onsite_seats: 60, onsite_reserved: 0, ..session(id) }
}

#[tokio::test]
async fn sqlite_one_registration_among_many_costs_as_much_as_one_among_few() {
    let clock = Clock::standing_at(given::start());
    let folder = tempfile::tempdir().unwrap();
    let table = Arc::new(Sqlite::open(&folder.path().join("table.db"), clock.clone()).unwrap());
    one_among_many_costs_as_much_as_one_among_few(table, clock, 1_000).await;
}

#[tokio::test]
async fn dynamodb_one_registration_among_many_costs_as_much_as_one_among_few() {
    let clock = Clock::standing_at(given::start());
    let table = Arc::new(cloud::table(clock.clone()).await);
    one_among_many_costs_as_much_as_one_among_few(table.clone(), clock, 200).await;
    table.delete_table().await.unwrap();
}
