//! A site with one session on any engine, and the rules that all that is stored of it must obey, written here anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use domain::{
    Attendance, Moment, Session, Way,
    registration::{Act, Event, Stage, Standing, life, offer},
    value::TrackingNumber,
};
use functions::{
    Clock, Config, KeySource, Registration, Service,
    office::{Operator, Taken},
    table::{Index, Item, Key, Query, Table, query_all, query_index_all},
};

use crate::given::{CONSENT, manifest, session};

/// A site with one session, and what has happened there.
pub struct World {
    pub table: Arc<dyn Table>,
    pub service: Service,
    pub clock: Clock,
    pub session: Session,
    /// In the order in which they came.
    pub numbers: Vec<TrackingNumber>,
}

/// All that stands of the session at one moment.
#[derive(Clone)]
pub struct Picture {
    pub session: Session,
    pub now: Moment,
    pub registrations: BTreeMap<TrackingNumber, Registration>,
    pub taken: BTreeMap<Way, u32>,
    /// Turns by the queue that they stand in.
    pub queues: BTreeMap<String, BTreeSet<String>>,
}

impl World {
    pub async fn new(table: Arc<dyn Table>, clock: Clock) -> World {
        let session = Session { onsite_seats: 4, onsite_reserved: 0, online_seats: 2, firm_limit: 5, ..session("salon") };
        World::with(table, clock, session).await
    }

    pub async fn with(table: Arc<dyn Table>, clock: Clock, session: Session) -> World {
        let key = KeySource::Given(data_encoding::BASE64.encode(&[7; 32]));
        let service = Service::open(table.clone(), &key, clock.clone(), Config::default()).await.unwrap();
        service.publish(manifest(vec![session.clone()])).await.unwrap();
        World { table, service, clock, session, numbers: Vec::new() }
    }

    /// The registration meant by a number drawn at random.
    pub fn meant(&self, drawn: usize) -> Option<TrackingNumber> {
        (!self.numbers.is_empty()).then(|| self.numbers[drawn % self.numbers.len()])
    }

    pub async fn publish(&mut self, change: impl FnOnce(&mut Session)) {
        change(&mut self.session);
        self.service.publish(manifest(vec![self.session.clone()])).await.unwrap();
    }

    pub async fn register(&mut self, person: u32, firm: u32, wished: Attendance, people: u8) {
        if let Some(number) = register(&self.service, person, firm, wished, people).await {
            self.numbers.push(number);
        }
    }

    pub async fn items(&self, partition: &str) -> Vec<Item> {
        query_all(self.table.as_ref(), Query::all(partition)).await.unwrap()
    }

    pub async fn picture(&self) -> Picture {
        let mut registrations = BTreeMap::new();
        for number in &self.numbers {
            let head = self.table.get(&Key::new(format!("CASE#{number}"), "HEAD")).await.unwrap().unwrap();
            registrations.insert(*number, head.read::<Registration>().unwrap());
        }
        let seats = self.items("SESSION#salon").await;
        let taken = |sort: &str| seats.iter().find(|item| item.key.sort == sort).map_or(0, |item| item.count);
        let taken = [(Way::Onsite, taken("SEATS#ONSITE")), (Way::Online, taken("SEATS#ONLINE"))];
        let mut queues: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for item in self.items("QUEUE#salon").await {
            let (queue, turn) = item.key.sort.split_once('#').unwrap();
            queues.entry(queue.to_owned()).or_default().insert(turn.to_owned());
        }
        Picture {
            session: self.session.clone(),
            now: self.clock.now(),
            registrations,
            taken: taken.map(|(way, count)| (way, u32::try_from(count).unwrap())).into(),
            queues,
        }
    }

    /// What must be true at every moment.
    pub async fn holds(&self, picture: &Picture) {
        let of = |stage: fn(Stage) -> bool| picture.registrations.iter().filter(move |(_, one)| stage(one.stage()));
        for way in Way::ALL {
            let people: u32 = of(|_| true).filter(|(_, one)| one.standing.seats() == Some(way)).map(|(_, one)| one.people).sum();
            assert_eq!(picture.taken[&way], people, "the counter counts who sits or is offered a seat {way:?}");
        }

        // The queues hold exactly those who wait, each where their wish is.
        let mut waiting: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for one in picture.registrations.values() {
            if let Standing::Waiting(turn) = &one.standing {
                let queue = match one.wished {
                    Attendance::Onsite => "ONSITE",
                    Attendance::Online => "ONLINE",
                    Attendance::Both => "BOTH",
                };
                waiting.entry(queue.to_owned()).or_default().insert(turn.0.clone());
            }
        }
        assert_eq!(picture.queues, waiting);

        // One telephone, one live registration; and one that sits online and would have liked the room is listed for it.
        let mut persons: BTreeMap<String, TrackingNumber> = BTreeMap::new();
        let mut either: BTreeSet<TrackingNumber> = BTreeSet::new();
        let named = |item: &Item| item.key.sort.starts_with("PERSON#") || item.key.sort.starts_with("EITHER#");
        for item in self.items("SESSION#salon").await.into_iter().filter(named) {
            let number: TrackingNumber = item.read().unwrap();
            match item.key.sort.split_once('#').unwrap() {
                ("PERSON", _) => assert_eq!(persons.insert(item.key.sort, number), None),
                ("EITHER", _) => assert!(either.insert(number)),
                other => panic!("{other:?}"),
            }
        }
        let live: BTreeSet<TrackingNumber> = of(Stage::is_live).map(|(number, _)| *number).collect();
        assert_eq!(persons.values().copied().collect::<BTreeSet<_>>(), live);
        assert_eq!(persons.len(), live.len());
        let sits_online_for_now =
            |one: &Registration| one.standing == Standing::Seated(Way::Online) && one.wished == Attendance::Both;
        let expected = of(|_| true).filter(|(_, one)| sits_online_for_now(one)).map(|(number, _)| *number).collect();
        assert_eq!(either, expected);

        self.shares_hold(picture, &live).await;
        self.records_hold(picture).await;
        self.offers_hold(picture).await;
        self.places_hold(picture).await;
    }

    /// A firm's counter counts its live people. Firms are found by what each registration holds.
    async fn shares_hold(&self, picture: &Picture, live: &BTreeSet<TrackingNumber>) {
        let mut firms: BTreeMap<String, i64> = BTreeMap::new();
        for (number, one) in &picture.registrations {
            let head: serde_json::Value = serde_json::to_value(one).unwrap();
            let people = if live.contains(number) { i64::from(one.people) } else { 0 };
            *firms.entry(head["firm"].as_str().unwrap().to_owned()).or_default() += people;
        }
        for (firm, people) in firms {
            let counter = self.table.get(&Key::new("SESSION#salon", format!("FIRM#{firm}"))).await.unwrap();
            assert_eq!(counter.map_or(0, |item| item.count), people);
            assert!(people <= i64::from(self.session.firm_limit));
        }
    }

    /// Each registration's record is one that a registration can have, and ends where it stands.
    async fn records_hold(&self, picture: &Picture) {
        for (number, one) in &picture.registrations {
            let items = query_all(self.table.as_ref(), Query::prefix(format!("CASE#{number}"), "EVENT#")).await.unwrap();
            let events: Vec<Event> = items.iter().map(|item| item.read().unwrap()).collect();
            assert!(life::is_consistent(&events), "{events:?}");
            assert_eq!(events.last().map(|event| event.to), Some(one.stage()));
            for event in &events {
                if let Act::Offer(_) = event.act {
                    assert_eq!(domain::message::awake(event.at), event.at, "nobody is woken by an offer");
                }
            }
        }
    }

    /// Seats that are held are listed by when that ends.
    async fn offers_hold(&self, picture: &Picture) {
        let listed = query_index_all(self.table.as_ref(), Index::Second, Query::all("OFFERS")).await.unwrap();
        let listed: BTreeSet<String> = listed.into_iter().map(|item| item.index[1].clone().unwrap().sort).collect();
        let mut expected = BTreeSet::new();
        for (number, one) in &picture.registrations {
            if let Standing::Offered(held) = &one.standing {
                expected.insert(format!("{:012}#{number}", offer::runs_out(&picture.session, held).0.as_second()));
            }
        }
        assert_eq!(listed, expected);
    }

    /// Places are told without gap or repetition, for each way.
    async fn places_hold(&self, picture: &Picture) {
        let roster = self.service.roster("salon").await.unwrap();
        let mut told: BTreeMap<Way, Vec<usize>> = BTreeMap::new();
        for row in roster.rows.iter().filter(|row| row.standing.starts_with("候补第")) {
            for part in row.standing.trim_start_matches("候补").split('、') {
                let digits: String = part.chars().filter(char::is_ascii_digit).collect();
                let way = match (part.contains("现场"), part.contains("线上"), row.attendance) {
                    (true, ..) | (_, false, Attendance::Onsite) => Way::Onsite,
                    _ => Way::Online,
                };
                told.entry(way).or_default().push(digits.parse().unwrap());
            }
        }
        for way in Way::ALL {
            let waits = |one: &&Registration| matches!(one.standing, Standing::Waiting(_)) && one.wished.includes(way);
            let waiting = picture.registrations.values().filter(waits).count();
            let mut places = told.remove(&way).unwrap_or_default();
            places.sort_unstable();
            assert_eq!(places, (1..=waiting).collect::<Vec<_>>(), "{way:?}");
        }
    }
}

/// Registers a person of a firm for the session; none when it is refused.
pub async fn register(service: &Service, person: u32, firm: u32, wished: Attendance, people: u8) -> Option<TrackingNumber> {
    let wished = match wished {
        Attendance::Onsite => "onsite",
        Attendance::Online => "online",
        Attendance::Both => "both",
    };
    let companions = (1..people).map(|n| format!("同行{n}")).collect::<Vec<_>>().join("\n");
    let mut values = vec![
        ("session", "salon".to_owned()),
        ("name", "李秀英".to_owned()),
        ("mobile", format!("139{person:08}")),
        ("company", format!("示例企业{firm}")),
        ("attendance", wished.to_owned()),
        ("party", people.to_string()),
        ("companions", companions),
    ];
    values.extend(CONSENT.iter().map(|(name, value)| (*name, (*value).to_owned())));
    let raw = values.into_iter().map(|(name, value)| (name.to_owned(), vec![value])).collect();
    match service.take("registration", raw, &Operator("小李".to_owned())).await.unwrap() {
        Taken::Received(receipt) => Some(receipt.number.parse().unwrap()),
        Taken::Refused(_) => None,
        Taken::Invalid(errors) => panic!("{errors:?}"),
    }
}
