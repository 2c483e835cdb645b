//! What becomes of registrations, told one by one.

use std::sync::Arc;

use domain::{
    Attendance::{Both, Online, Onsite},
    Session, Way,
    registration::{Act, By, Change, Event, Refusal, Stage, Standing, check_in::NotIn},
    value::{CheckInCode, TrackingNumber},
};
use functions::{
    Answered, Clock, Door,
    office::{Cleared, Operator},
    table::{Query, Table, query_all},
};
use jiff::SignedDuration;

use super::world::World;
use crate::given::session;

/// A room of so many seats, nothing online.
async fn room(table: Arc<dyn Table>, clock: Clock, seats: u32) -> World {
    let session = Session { onsite_seats: seats, onsite_reserved: 0, online_seats: 0, attendance: Onsite, ..session("salon") };
    World::with(table, clock, session).await
}

impl World {
    /// Registers somebody and gives the number.
    async fn comes(&mut self, person: u32, wished: domain::Attendance, people: u8) -> TrackingNumber {
        self.wait(SignedDuration::from_secs(1));
        self.register(person, person, wished, people).await;
        *self.numbers.last().unwrap()
    }

    fn wait(&self, by: SignedDuration) {
        self.clock.advance(by);
    }

    fn wait_until(&self, moment: &str) {
        let moment: domain::Moment = moment.parse().unwrap();
        self.wait(moment.0.duration_since(self.clock.now().0));
    }

    async fn settle(&self) -> usize {
        self.service.settle_sessions().await.unwrap()
    }

    async fn standing(&self, number: TrackingNumber) -> Standing {
        self.picture().await.registrations[&number].standing.clone()
    }

    async fn stage(&self, number: TrackingNumber) -> Stage {
        self.standing(number).await.stage()
    }

    async fn cancel(&self, number: TrackingNumber) {
        done(self.service.cancel(&number, By::Person).await.unwrap());
    }

    async fn record(&self, number: TrackingNumber) -> Vec<Act> {
        let items = query_all(self.table.as_ref(), Query::prefix(format!("CASE#{number}"), "EVENT#")).await.unwrap();
        items.iter().map(|item| item.read::<Event>().unwrap().act).collect()
    }

    /// What the outbox holds for a number, in the order of its keys.
    pub async fn messages(&self, number: TrackingNumber) -> Vec<String> {
        let items = query_all(self.table.as_ref(), Query::all(format!("OUTBOX#{number}"))).await.unwrap();
        items.iter().map(|item| item.read::<serde_json::Value>().unwrap()["what"].as_str().unwrap().to_owned()).collect()
    }

    async fn all_holds(&self) {
        let picture = self.picture().await;
        self.holds(&picture).await;
    }
}

#[track_caller]
fn done(answer: Answered) -> Standing {
    match answer {
        Answered::Done(registration) => registration.standing,
        Answered::Refused(why) => panic!("{why}"),
    }
}

#[track_caller]
fn refused(answer: Answered) -> Refusal {
    match answer {
        Answered::Refused(why) => why,
        Answered::Done(registration) => panic!("{registration:?}"),
    }
}

pub async fn a_freed_seat_is_offered_to_whoever_waits_first_and_passes_on_by_itself(table: Arc<dyn Table>, clock: Clock) {
    let mut world = room(table, clock, 1).await;
    let one = world.comes(1, Onsite, 1).await;
    let two = world.comes(2, Onsite, 1).await;
    let three = world.comes(3, Onsite, 1).await;
    assert_eq!((world.stage(two).await, world.stage(three).await), (Stage::Waiting, Stage::Waiting));
    world.cancel(one).await;
    assert_eq!((world.stage(two).await, world.stage(three).await), (Stage::Offered, Stage::Waiting));
    world.service.offer_delivered(&two, world.clock.now()).await.unwrap();

    world.wait(SignedDuration::from_hours(24) - SignedDuration::from_secs(1));
    assert_eq!(world.settle().await, 0);
    world.wait(SignedDuration::from_secs(1));
    // One lapses, the other is offered what it had.
    assert_eq!(world.settle().await, 2);
    assert_eq!((world.stage(two).await, world.stage(three).await), (Stage::Lapsed, Stage::Offered));
    assert_eq!(world.messages(two).await, ["offer_lapsed", "offered", "waitlisted"]);
    assert_eq!(world.messages(three).await, ["offered", "waitlisted"]);
    assert_eq!(refused(world.service.accept_offer(&two, By::Person).await.unwrap()), Refusal::Lapsed);
    world.all_holds().await;
}

pub async fn an_offer_is_held_from_the_moment_at_which_it_was_told(table: Arc<dyn Table>, clock: Clock) {
    let mut world = room(table, clock, 1).await;
    let one = world.comes(1, Onsite, 1).await;
    let two = world.comes(2, Onsite, 1).await;
    world.cancel(one).await;
    // Nobody has called yet: days later it is still theirs.
    world.wait_until("2026-12-06 10:00");
    assert_eq!(world.settle().await, 0);
    world.service.offer_delivered(&two, world.clock.now()).await.unwrap();
    // Told again later: the first time counts.
    world.wait_until("2026-12-06 20:00");
    world.service.offer_delivered(&two, world.clock.now()).await.unwrap();
    assert!(matches!(&world.record(two).await[..], [Act::Register, Act::Offer(Way::Onsite), Act::Deliver(_)]));
    world.wait_until("2026-12-07 10:00");
    assert_eq!(
        refused(world.service.accept_offer(&two, By::Person).await.unwrap()),
        Refusal::Lapsed,
        "before anybody has settled"
    );
    assert_eq!(world.settle().await, 1);
    assert_eq!(world.stage(two).await, Stage::Lapsed);
    world.all_holds().await;
}

pub async fn nobody_is_offered_a_seat_at_night(table: Arc<dyn Table>, clock: Clock) {
    let mut world = room(table, clock, 1).await;
    let one = world.comes(1, Onsite, 1).await;
    let two = world.comes(2, Onsite, 1).await;
    world.wait_until("2026-12-01 21:00");
    world.cancel(one).await;
    assert_eq!((world.stage(two).await, world.settle().await), (Stage::Waiting, 0));
    // Whoever comes at night waits behind them, though a seat is free.
    let three = world.comes(3, Onsite, 1).await;
    assert_eq!(world.stage(three).await, Stage::Waiting);
    world.wait_until("2026-12-02 07:59");
    assert_eq!(world.settle().await, 0);
    world.wait_until("2026-12-02 08:00");
    assert_eq!(world.settle().await, 1);
    assert_eq!((world.stage(two).await, world.stage(three).await), (Stage::Offered, Stage::Waiting));
    world.all_holds().await;
}

pub async fn an_offer_is_accepted_or_declined_and_twice_is_harmless(table: Arc<dyn Table>, clock: Clock) {
    let mut world = room(table, clock, 1).await;
    let one = world.comes(1, Onsite, 1).await;
    let two = world.comes(2, Onsite, 1).await;
    let three = world.comes(3, Onsite, 1).await;
    assert_eq!(refused(world.service.accept_offer(&two, By::Person).await.unwrap()), Refusal::Waiting);
    world.cancel(one).await;
    world.cancel(one).await;
    // A button about the queue gives away no seat.
    assert_eq!(refused(world.service.leave_waitlist(&two, By::Person).await.unwrap()), Refusal::Offered);
    for _ in 0..2 {
        assert_eq!(done(world.service.decline_offer(&two, By::Person).await.unwrap()), Standing::Cancelled);
    }
    for _ in 0..2 {
        let staff = By::Staff("小李".to_owned());
        assert_eq!(done(world.service.accept_offer(&three, staff).await.unwrap()), Standing::Seated(Way::Onsite));
    }
    assert_eq!(world.record(three).await, [Act::Register, Act::Offer(Way::Onsite), Act::Accept]);
    assert_eq!(world.record(two).await, [Act::Register, Act::Offer(Way::Onsite), Act::Decline]);
    assert_eq!(world.record(one).await, [Act::Register, Act::Cancel]);
    world.all_holds().await;
}

pub async fn every_step_is_confirmed_in_its_own_words(table: Arc<dyn Table>, clock: Clock) {
    let mut world = room(table, clock, 2).await;
    let seated = world.comes(1, Onsite, 1).await;
    let changes = world.comes(2, Onsite, 1).await;
    let mut waiting = Vec::new();
    for person in 3..8 {
        waiting.push(world.comes(person, Onsite, 1).await);
    }
    let [accepts, declines, cancels_offer, leaves, cancels_wait] = waiting[..] else { unreachable!("five wait") };

    done(world.service.leave_waitlist(&leaves, By::Person).await.unwrap());
    world.cancel(cancels_wait).await;
    assert_eq!(world.messages(leaves).await, ["left_waitlist", "waitlisted"]);
    assert_eq!(world.messages(cancels_wait).await, ["left_waitlist", "waitlisted"], "they had no registration to cancel");
    assert_eq!(world.record(cancels_wait).await, [Act::Register, Act::Leave]);

    world.cancel(seated).await;
    assert_eq!(world.messages(seated).await, ["cancelled", "registered"]);
    done(world.service.accept_offer(&accepts, By::Person).await.unwrap());
    assert_eq!(world.messages(accepts).await, ["offered", "seated", "waitlisted"]);
    world.cancel(accepts).await;
    done(world.service.decline_offer(&declines, By::Person).await.unwrap());
    assert_eq!(world.messages(declines).await, ["declined", "offered", "waitlisted"]);
    world.cancel(cancels_offer).await;
    assert_eq!(world.messages(cancels_offer).await, ["declined", "offered", "waitlisted"], "they had no seat to cancel");

    let wished = Change { attendance: Onsite, companions: vec!["赵六".to_owned()] };
    done(world.service.change(&changes, &wished, By::Person).await.unwrap());
    assert_eq!(world.messages(changes).await, ["changed", "registered"]);
    world.all_holds().await;
}

pub async fn whoever_would_have_liked_the_room_moves_when_nobody_waits_for_it(table: Arc<dyn Table>, clock: Clock) {
    let session = Session { onsite_seats: 1, onsite_reserved: 0, online_seats: 1, ..session("salon") };
    let mut world = World::with(table, clock, session).await;
    let one = world.comes(1, Onsite, 1).await;
    let either = world.comes(2, Both, 1).await;
    let waits = world.comes(3, Online, 1).await;
    assert_eq!(world.standing(either).await, Standing::Seated(Way::Online));
    assert_eq!(world.stage(waits).await, Stage::Waiting);
    world.cancel(one).await;
    // The room goes to who would have liked it, and their place online to who waits.
    assert_eq!(world.standing(either).await, Standing::Seated(Way::Onsite));
    assert_eq!(world.stage(waits).await, Stage::Offered);
    assert_eq!(world.messages(either).await, ["moved_onsite", "registered"]);
    world.all_holds().await;
}

pub async fn a_change_is_kept_with_its_names_and_never_costs_a_seat(table: Arc<dyn Table>, clock: Clock) {
    let mut world = room(table, clock, 3).await;
    let one = world.comes(1, Onsite, 1).await;
    let two = world.comes(2, Onsite, 1).await;
    let change =
        |companions: &[&str]| Change { attendance: Onsite, companions: companions.iter().map(|&name| name.to_owned()).collect() };
    let changed = world.service.change(&one, &change(&["赵六"]), By::Person).await.unwrap();
    assert_eq!(done(changed), Standing::Seated(Way::Onsite));
    // The same once more changes nothing.
    done(world.service.change(&one, &change(&["赵六"]), By::Person).await.unwrap());
    assert_eq!(world.record(one).await, [Act::Register, Act::Change { people: 2, wished: Onsite }]);
    let no_room = world.service.change(&two, &change(&["钱七"]), By::Person).await.unwrap();
    assert_eq!(refused(no_room), Refusal::NoRoom { way: Way::Onsite, left: 0 });
    let opened = world.service.reveal(&one.to_string(), &Operator("小李".to_owned()), "核对").await.unwrap();
    let value = |field: &str| opened.iter().find(|answer| answer.field == field).map(|answer| answer.value.as_str());
    assert_eq!((value("companions"), value("name")), (Some("赵六"), Some("李秀英")));
    world.all_holds().await;

    // Fewer people leave a seat to who waits.
    let three = world.comes(3, Onsite, 1).await;
    assert_eq!(world.stage(three).await, Stage::Waiting);
    done(world.service.change(&one, &change(&[]), By::Person).await.unwrap());
    assert_eq!(world.stage(three).await, Stage::Offered);
    world.all_holds().await;
}

pub async fn the_door_opens_to_a_code_and_twice_is_harmless(table: Arc<dyn Table>, clock: Clock) {
    let mut world = room(table, clock, 1).await;
    let one = world.comes(1, Onsite, 1).await;
    let two = world.comes(2, Onsite, 1).await;
    let rows = world.service.roster("salon").await.unwrap().rows;
    assert_eq!(rows[1].code, None, "nobody comes to the door with a place in the queue");
    let code: CheckInCode = rows[0].code.as_deref().unwrap().parse().unwrap();
    let staff = || By::Staff("门口".to_owned());
    let early = world.service.check_in("salon", code, staff()).await.unwrap();
    assert!(matches!(early, Door::Refused(NotIn::Early { .. })), "{early:?}");
    world.wait_until("2026-12-10 13:30");
    for expected in [false, true] {
        let door = world.service.check_in("salon", code, staff()).await.unwrap();
        assert!(matches!(&door, Door::Welcome { number, again, .. } if *number == one && *again == expected), "{door:?}");
    }
    let waiting = world.service.check_in_number("salon", &two, staff()).await.unwrap();
    assert!(matches!(waiting, Door::Refused(NotIn::Waiting)), "{waiting:?}");
    let other: CheckInCode = format!("{:06}", (code.digits().parse::<u32>().unwrap() + 1) % 1_000_000).parse().unwrap();
    let unknown = world.service.check_in("salon", other, staff()).await.unwrap();
    assert!(matches!(unknown, Door::Refused(NotIn::Unknown)), "{unknown:?}");
    assert_eq!(world.record(one).await, [Act::Register, Act::CheckIn]);
    world.all_holds().await;
}

pub async fn a_registration_that_a_person_has_looked_at_goes_on_or_is_put_away(table: Arc<dyn Table>, clock: Clock) {
    let folder = tempfile::tempdir().unwrap();
    let site = crate::given::Site::on_table(table.clone(), folder, clock, functions::Config::default()).await;
    let two_seats = Session { onsite_seats: 2, onsite_reserved: 0, ..session("salon") };
    site.service.publish(crate::given::manifest(vec![two_seats])).await.unwrap();
    let mut numbers = Vec::new();
    for mobile in ["13900139001", "13900139002", "13900139003"] {
        let trapped = crate::given::with(&crate::given::registrant(mobile, mobile), "website", "x");
        let receipt = site.register(&trapped).await.goes_to();
        let page = site.get(&receipt).await;
        page.expect(200, &["等待人工核对"]);
        numbers.push(page.number_and_code());
    }
    let operator = Operator("小李".to_owned());
    let real = site.service.release(&numbers[0].0, &operator, "电话核实").await.unwrap();
    assert_eq!(real, Cleared::Done("报名成功（现场席位）".to_owned()));
    let again = site.service.release(&numbers[0].0, &operator, "电话核实").await.unwrap();
    assert!(matches!(again, Cleared::Refused(_)), "{again:?}");
    let false_one = site.service.discard(&numbers[1].0, &operator, "号主没有报名").await.unwrap();
    assert_eq!(false_one, Cleared::Done("人工核对未通过".to_owned()));
    // Meanwhile the telephone of the third has registered by itself.
    site.register(&crate::given::registrant("13900139003", "丙公司")).await.goes_to();
    let twice = site.service.release(&numbers[2].0, &operator, "电话核实").await.unwrap();
    assert!(matches!(&twice, Cleared::Refused(why) if why.contains("已经报过")), "{twice:?}");

    let file = site.service.case(&numbers[0].0).await.unwrap();
    assert!(file.quarantined.is_empty(), "{file:?}");
    assert!(file.events.iter().any(|event| event.by == "小李" && event.what.contains("电话核实")), "{file:?}");
    // They were promised a call with the result; whoever nobody has spoken with is sent nothing, whatever becomes of it.
    site.service.cancel(&numbers[2].0.parse().unwrap(), By::Person).await.unwrap();
    for ((number, _), expected) in numbers.iter().zip([&["check", "released"][..], &["check"], &["check"]]) {
        let items = query_all(table.as_ref(), Query::all(format!("OUTBOX#{number}"))).await.unwrap();
        let what = items.iter().map(|item| item.read::<serde_json::Value>().unwrap()["what"].as_str().unwrap().to_owned());
        assert_eq!(what.collect::<Vec<_>>(), expected);
    }
    site.service.run_due().await.unwrap();
    let calls = site.service.calls().await.unwrap();
    let calls: Vec<(&str, &str)> = calls.iter().map(|call| (call.number.as_str(), call.why.as_str())).collect();
    assert_eq!(calls, [(numbers[0].0.as_str(), "核对通过，告知报名结果")], "nobody is called to be checked any more");
    let page = site.post("/f/track", &[("number", &numbers[1].0), ("code", &numbers[1].1)]).await;
    page.expect(200, &["人工核对未通过"]);
    let standings: Vec<String> = site.service.roster("salon").await.unwrap().rows.into_iter().map(|row| row.standing).collect();
    assert_eq!(standings, ["报名成功（现场席位）", "报名成功（现场席位）"]);
}

pub async fn one_telephone_may_register_again_after_it_has_cancelled(table: Arc<dyn Table>, clock: Clock) {
    let mut world = room(table, clock, 2).await;
    let one = world.comes(1, Onsite, 1).await;
    world.register(1, 9, Onsite, 1).await;
    assert_eq!(world.numbers.len(), 1, "twice is refused");
    world.cancel(one).await;
    let again = world.comes(1, Onsite, 1).await;
    assert_eq!(world.stage(again).await, Stage::Seated);
    world.all_holds().await;
}

pub async fn fewer_seats_than_were_given_out_move_nobody_out_and_are_said(table: Arc<dyn Table>, clock: Clock) {
    let mut world = room(table, clock, 3).await;
    let one = world.comes(1, Onsite, 2).await;
    let two = world.comes(2, Onsite, 1).await;
    let three = world.comes(3, Onsite, 1).await;
    world.session.onsite_seats = 1;
    let manifest = crate::given::manifest(vec![world.session.clone()]);
    let publication = world.service.compare(&manifest).await.unwrap();
    assert_eq!(publication.sessions[0].over, [(Onsite, 3, 1)], "three are taken of one");
    world.service.publish(manifest).await.unwrap();
    assert_eq!((world.stage(one).await, world.stage(two).await), (Stage::Seated, Stage::Seated));
    // What they leave is given to nobody until there is room again.
    world.cancel(two).await;
    assert_eq!((world.stage(three).await, world.settle().await), (Stage::Waiting, 0));
    world.all_holds().await;
    world.session.onsite_seats = 3;
    world.service.publish(crate::given::manifest(vec![world.session.clone()])).await.unwrap();
    assert_eq!(world.stage(three).await, Stage::Offered, "at once, without a settling");
    world.all_holds().await;
}

pub async fn nobody_registers_for_what_is_postponed_and_whoever_has_stays(table: Arc<dyn Table>, clock: Clock) {
    let mut world = room(table, clock, 2).await;
    let one = world.comes(1, Onsite, 1).await;
    world.publish(|session| session.postponed = true).await;
    world.register(2, 2, Onsite, 1).await;
    assert_eq!(world.numbers.len(), 1, "nobody registers meanwhile");
    assert_eq!(world.settle().await, 1);
    assert_eq!(
        (world.stage(one).await, world.messages(one).await),
        (Stage::Seated, vec!["registered".into(), "session_moved".into()])
    );
    world.publish(|session| session.postponed = false).await;
    assert_eq!(world.settle().await, 1, "the new time is news too");
    world.comes(2, Onsite, 1).await;
    world.all_holds().await;
}

pub async fn the_roster_opens_names_only_with_a_record(table: Arc<dyn Table>, clock: Clock) {
    let mut world = room(table, clock, 2).await;
    let one = world.comes(1, Onsite, 2).await;
    let roster = world.service.roster("salon").await.unwrap();
    assert!(!format!("{roster:?}").contains("李秀英"));
    let names = world.service.reveal_roster("salon", &Operator("小李".to_owned()), "打印签到表").await.unwrap();
    let of = |field: &str| names[&one.to_string()].iter().find(|answer| answer.field == field).map(|answer| answer.value.clone());
    assert_eq!((of("name"), of("companions")), (Some("李秀英".to_owned()), Some("同行1".to_owned())));
    let records = query_all(world.table.as_ref(), Query::prefix("SESSION#salon", "AUDIT#")).await.unwrap();
    let record: serde_json::Value = records[0].read().unwrap();
    assert_eq!((record["operator"].as_str(), record["reason"].as_str()), (Some("小李"), Some("打印签到表")));
}
