//! Exchanging the key: at each step everything can be read, one telephone has one live registration and a firm its share whichever key they are
//! hashed with, query codes and calendars' addresses stay, and the old key goes only when nothing is left under it.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use data_encoding::BASE64;
use domain::{appeal::Event, value::text::search_key};
use functions::{
    Clock, Config, KeyError, KeySource, OpenError, Service,
    files::{Files, examine::examine, folder::Folder},
    keys::{Exchange, Stage, alone, exchange},
    office::{Operator, Remarks, Taken, Work, Worked},
    reseal::{Dropped, Left},
    seal::Keys,
    table::{Cursor, Item, NewItem, Query, Table, Write, query_all, sqlite::Sqlite},
};
use jiff::SignedDuration;
use tempfile::TempDir;

use crate::{
    cloud,
    given::{
        self, CONSENT, MATTER, PERSON, Reply, Site, appeal_form, hidden, intake_form, of, registrant, registration_form, session,
    },
    hostile,
};

type Who = (String, String);

/// A table that several processes work with, and where they keep files.
struct World {
    table: Arc<dyn Table>,
    clock: Clock,
    files: TempDir,
}

fn staff() -> Operator {
    Operator("张敏".to_owned())
}

impl World {
    fn on(table: Arc<dyn Table>, clock: Clock) -> World {
        World { table, clock, files: tempfile::tempdir().unwrap() }
    }

    /// A process with this key text.
    async fn open(&self, key: &str) -> Result<Site, OpenError> {
        let config = Config { slow_down: Duration::ZERO, ..Config::default() };
        let key = KeySource::Given(key.to_owned());
        let service = Service::open(self.table.clone(), &key, self.clock.clone(), config).await?;
        let files = Files::here(Arc::new(Folder::open(self.files.path().join("files"))), examine);
        Ok(Site::of(Arc::new(service.with_files(files)), self.clock.clone(), tempfile::tempdir().unwrap()))
    }

    async fn raw(&self) -> Vec<Item> {
        let (mut items, mut after) = (Vec::new(), None::<Cursor>);
        loop {
            let page = self.table.scan(50, after).await.unwrap();
            items.extend(page.items);
            after = page.next;
            if after.is_none() {
                return items;
            }
        }
    }

    /// Nothing that is stored was sealed with a key, or is found by a hash of it.
    async fn nothing_is_under(&self, master: &[u8; 32], values: &[(&str, &str)]) {
        let keys = Keys::from_master(master);
        let id = keys.id();
        let hashes: Vec<String> = values.iter().map(|(field, value)| keys.blind(field, &search_key(value))).collect();
        for item in self.raw().await {
            let index = item.index.iter().flatten().map(ToString::to_string).collect::<String>();
            let all = format!("{}{index}{}", item.key, String::from_utf8_lossy(&item.body));
            // The first key's hashes stand there as they are, a later one's behind its id.
            for hash in &hashes {
                let stands = all.match_indices(hash.as_str()).any(|(at, _)| !all[..at].ends_with('-'));
                assert!(!stands, "{hash} in {all}");
            }
            assert!(!all.contains(&format!("{id}-")), "{all}");
            for text in all.split('"') {
                let bytes = BASE64.decode(text.as_bytes()).unwrap_or_default();
                let sealed = bytes.len() > 29 && bytes[0] == 1 && data_encoding::HEXLOWER.encode(&bytes[1..5]) == id;
                assert!(!sealed, "{all}");
            }
        }
    }

    async fn chains_hold(&self, number: &str) {
        let items = query_all(self.table.as_ref(), Query::prefix(format!("CASE#{number}"), "EVENT#")).await.unwrap();
        let events: Vec<Event> = items.iter().map(|item| item.read().unwrap()).collect();
        domain::appeal::verify_chain(&events).unwrap();
    }
}

async fn take(site: &Site, values: &[(&str, &str)]) -> Result<Who, String> {
    match site.service.take("registration", given::raw(&[values, CONSENT]), &staff()).await.unwrap() {
        Taken::Received(receipt) => Ok((receipt.number, receipt.code)),
        Taken::Refused(why) => Err(why),
        Taken::Invalid(errors) => panic!("{errors:?}"),
    }
}

async fn tracked(site: &Site, (number, code): &Who) -> Reply {
    let page = site.post("/f/track", &[("number", number), ("code", code)]).await;
    page.expect(200, &[number]);
    page
}

async fn done(site: &Site, who: &Who, act: &str, values: &[(&str, &str)]) -> Reply {
    let token = hidden(&tracked(site, who).await.text, "token");
    let values: Vec<(&str, &str)> = [("token", token.as_str())].into_iter().chain(values.iter().copied()).collect();
    let done = site.post(&format!("/f/act/{act}"), &values).await.goes_to();
    site.get(&done).await
}

async fn work(site: &Site, number: &str, work: Work) {
    let remarks = Remarks { note: Some("王建国请放心".to_owned()), private: Some("内部：先核实".to_owned()) };
    let worked = site.service.work(number, &work, &remarks, &staff()).await.unwrap();
    assert!(matches!(worked, Worked::Done { .. }), "{worked:?}");
}

async fn sent(site: &Site, who: &Who, bytes: &[u8]) -> Reply {
    let token = hidden(&tracked(site, who).await.text, "token");
    let done = site.send_file(&token, "供电合同.pdf", bytes).await.goes_to();
    site.get(&done).await
}

/// One whole pass; what it wrote and what it left.
async fn pass(world: &World, key: &str) -> (u64, Left) {
    let (mut written, mut left, mut after) = (0, Left::default(), None);
    loop {
        // Each part by a process of its own.
        let part = world.open(key).await.unwrap().service.reseal(after).await.unwrap();
        written += part.written;
        left.add(part.left);
        after = part.next;
        if after.is_none() {
            return (written, left);
        }
    }
}

fn twice(result: Result<Who, String>) {
    assert!(result.unwrap_err().contains("已经报过这一场"));
}

fn full(result: Result<Who, String>) {
    let why = result.unwrap_err();
    assert!(!why.contains("已经报过") && why.contains("每家企业最多"), "{why}");
}

fn is_other(opened: Result<Site, OpenError>) -> bool {
    matches!(opened, Err(OpenError::Key(KeyError::Other { .. })))
}

async fn a_key_is_exchanged(world: &World) {
    let old = BASE64.encode(&[7; 32]);
    let before = world.open(&old).await.unwrap();
    let manifest = of(vec![appeal_form(), registration_form(), intake_form()], vec![session("salon")]);
    before.service.publish(manifest).await.unwrap();
    let appeal = before.appeal().await;
    work(&before, &appeal.0, Work::Accept).await;
    before.service.call_tried(&appeal.0, &staff(), Some("王建国不在")).await.unwrap();
    sent(&before, &appeal, &hostile::pdf()).await.expect(200, &["文件已收到"]);
    let withdrawn = before.appeal().await;
    done(&before, &withdrawn, "withdraw", &[("stage", "sure")]).await.expect(200, &["诉求已撤回"]);
    let erased_early = before.appeal().await;
    done(&before, &erased_early, "withdraw", &[("stage", "sure")]).await;
    done(&before, &erased_early, "erase", &[("stage", "sure")]).await.expect(200, &["已删除"]);
    let registered = take(&before, &registrant("13900139001", "甲公司")).await.unwrap();
    let second = take(&before, &registrant("13900139002", "甲公司")).await.unwrap();
    let corrected = take(&before, &registrant("13900139006", "己公司")).await.unwrap();
    let cancelled = take(&before, &registrant("13900139007", "庚公司")).await.unwrap();
    let page = tracked(&before, &registered).await;
    let calendar = page.text.split_once("href=\"/f/calendar/").unwrap().1.split('"').next().unwrap().to_owned();
    let token = hidden(&page.text, "token");
    let draft = before.appeal_draft().await;

    let Exchange { known, used, alone: last } = exchange(&old).unwrap();
    assert!(matches!(exchange(&used), Err(KeyError::Exchanged)));
    assert_eq!(alone(&used).unwrap(), last);

    // First all processes know the new key. As long as one of them may not, nothing is under it, and the old one cannot be dropped.
    let knowing = world.open(&known).await.unwrap();
    assert_eq!(knowing.service.key_stage().await.unwrap(), Stage::Announced);
    assert_eq!(knowing.service.drop_keys().await.unwrap(), Dropped::NotBegun);
    let late = world.open(&old).await.unwrap();
    assert!(is_other(world.open(&last).await), "the new key alone opens nothing yet");
    let early = take(&knowing, &registrant("13900139003", "丙公司")).await.unwrap();
    twice(take(&late, &registrant("13900139003", "丙公司")).await);

    // Then it is used; whoever knows only one of them is turned away from then on.
    let using = world.open(&used).await.unwrap();
    assert_eq!(using.service.key_stage().await.unwrap(), Stage::Going);
    assert!(is_other(world.open(&old).await) && is_other(world.open(&last).await));
    let without_codes = used.split(".code:").next().unwrap();
    assert!(matches!(world.open(without_codes).await, Err(OpenError::Key(KeyError::Codes(_)))));
    assert_eq!(late.get("/healthz").await.status, 503, "and whoever still works with the old one alone is told");

    // One live registration per telephone, and a firm's share, whichever process takes it.
    twice(take(&using, &registrant("13900139001", "乙公司")).await);
    full(take(&using, &registrant("13900139005", "甲公司")).await);
    let fresh = take(&using, &registrant("13900139004", "丁公司")).await.unwrap();
    twice(take(&knowing, &registrant("13900139004", "戊公司")).await);
    let third = take(&using, &registrant("13900139008", "丙公司")).await.unwrap();
    full(take(&knowing, &registrant("13900139009", "丙公司")).await);
    full(take(&using, &registrant("13900139009", "丙公司")).await);
    let all = [&appeal, &registered, &second, &early, &fresh, &third];
    for site in [&knowing, &using] {
        for who in all {
            tracked(site, who).await;
            assert!(!site.service.reveal(&who.0, &staff(), "核对").await.unwrap().is_empty());
        }
        for (mobile, who) in [("13900139001", &registered), ("13900139004", &fresh), ("13900139008", &third)] {
            assert_eq!(site.service.find("mobile", mobile).await.unwrap(), std::slice::from_ref(&who.0));
        }
        let file = site.service.file(&appeal.0, 1, &staff(), "核对").await.unwrap().unwrap();
        assert_eq!((file.name.as_str(), file.bytes), ("供电合同.pdf", hostile::pdf()));
        sent(site, &appeal, &hostile::pdf()).await.expect(200, &["这份文件已经有了"]);
        site.get(&format!("/f/calendar/{calendar}")).await.expect(200, &["BEGIN:VCALENDAR"]);
        site.post("/f/act/show", &[("token", &token)]).await.expect(200, &[&registered.0]);
        site.get(&format!("{draft}/review")).await.expect(200, &["王建国"]);
    }
    let receipt = using.post(&format!("{draft}/confirm"), CONSENT).await.goes_to();
    assert_eq!(knowing.post(&format!("{draft}/confirm"), CONSENT).await.goes_to(), receipt, "one 确认, one answer");
    let confirmed = knowing.get(&receipt).await.number_and_code();

    // What stands under the old key is put right, cancelled and erased all the same.
    let answers = [("stage", "answers"), ("name", "李秀兰"), ("mobile", "13900139001"), ("company", "己公司")];
    done(&using, &corrected, "correct", &answers).await.expect(200, &["没有更正", "已经报过这一场"]);
    let answers = given::with(&answers, "mobile", "13900139016");
    done(&using, &corrected, "correct", &answers).await.expect(200, &["信息已更正"]);
    twice(take(&knowing, &registrant("13900139016", "辛公司")).await);
    done(&using, &cancelled, "cancel", &[("stage", "sure")]).await.expect(200, &["报名已取消"]);
    take(&using, &registrant("13900139007", "庚公司")).await.unwrap();
    done(&using, &withdrawn, "erase", &[("stage", "sure")]).await.expect(200, &["已删除"]);
    let (field, telephone) = ("mobile", "13800138000");
    let found: BTreeSet<String> = using.service.find(field, telephone).await.unwrap().into_iter().collect();
    assert_eq!(found, [&appeal.0, &confirmed.0].map(Clone::clone).into());

    // A little at a time, each by another process.
    assert!(matches!(using.service.drop_keys().await.unwrap(), Dropped::Left(left) if left.items > 10));
    let roster = using.service.roster("salon").await.unwrap().rows.len();
    let (written, _) = pass(world, &used).await;
    assert!(written > 20, "{written}");
    let mut passes = 1;
    loop {
        let (written, left) = pass(world, &used).await;
        passes += 1;
        if written == 0 && left.items == 0 {
            break;
        }
        assert!(passes < 6, "it comes to an end: {left:?}");
    }
    twice(take(&using, &registrant("13900139001", "乙公司")).await);
    twice(take(&knowing, &registrant("13900139002", "乙公司")).await);
    full(take(&using, &registrant("13900139005", "甲公司")).await);
    full(take(&knowing, &registrant("13900139005", "甲公司")).await);
    let Dropped::Left(left) = using.service.drop_keys().await.unwrap() else { panic!("drafts and receipts are left") };
    assert!(left.items == 0 && left.expiring > 0 && left.until.unwrap() > world.clock.now(), "{left:?}");
    world.clock.advance(SignedDuration::from_hours(3));
    assert_eq!(using.service.drop_keys().await.unwrap(), Dropped::Done);
    assert_eq!(using.service.key_stage().await.unwrap(), Stage::Dropped);
    assert_eq!(using.service.drop_keys().await.unwrap(), Dropped::Done, "once more changes nothing");

    let after = world.open(&last).await.unwrap();
    assert!(is_other(world.open(&old).await) && is_other(world.open(&known).await), "nobody goes back to the old key");
    world.open(&used).await.unwrap();
    world.open(&last).await.unwrap();
    for who in all.into_iter().chain([&confirmed]) {
        tracked(&after, who).await;
        assert!(!after.service.reveal(&who.0, &staff(), "核对").await.unwrap().is_empty());
    }
    let opened = after.service.reveal(&appeal.0, &staff(), "核对").await.unwrap();
    for words in ["王建国请放心", "内部：先核实", "王建国不在"] {
        assert!(opened.iter().any(|answer| answer.value.contains(words)), "{words}: {opened:?}");
    }
    let file = after.service.file(&appeal.0, 1, &staff(), "核对").await.unwrap().unwrap();
    assert_eq!((file.name.as_str(), file.bytes), ("供电合同.pdf", hostile::pdf()));
    sent(&after, &appeal, &hostile::pdf()).await.expect(200, &["这份文件已经有了"]);
    after.get(&format!("/f/calendar/{calendar}")).await.expect(200, &["BEGIN:VCALENDAR"]);
    assert_eq!(after.service.find("mobile", "13900139001").await.unwrap(), std::slice::from_ref(&registered.0));
    twice(take(&after, &registrant("13900139002", "己公司")).await);
    full(take(&after, &registrant("13900139005", "甲公司")).await);
    assert_eq!(after.service.roster("salon").await.unwrap().rows.len(), roster);
    for number in [&appeal.0, &withdrawn.0, &erased_early.0, &confirmed.0] {
        world.chains_hold(number).await;
    }
    let proofs = after.service.erasures().await.unwrap();
    assert_eq!((proofs.broken, proofs.proofs.len()), (None, 2));
    assert_eq!(world.table.sweep(10).await.unwrap(), 0, "nor is anything left that has expired");
    let values = [
        ("mobile", "13900139001"),
        ("mobile", "13900139006"),
        ("mobile", "13900139016"),
        ("mobile", "13800138000"),
        ("company", "甲公司"),
        ("company", "丙公司"),
        ("company", "庚公司"),
        ("company", "相山示例食品有限公司"),
    ];
    world.nothing_is_under(&[7; 32], &values).await;

    // The next time it is a key like any other.
    let Exchange { used, alone: last, .. } = exchange(&last).unwrap();
    world.open(&used).await.unwrap();
    while pass(world, &used).await.0 > 0 {}
    world.clock.advance(SignedDuration::from_hours(3));
    assert_eq!(world.open(&used).await.unwrap().service.drop_keys().await.unwrap(), Dropped::Done);
    let again = world.open(&last).await.unwrap();
    for who in all {
        tracked(&again, who).await;
    }
    assert_eq!(again.service.find("mobile", "13900139001").await.unwrap(), std::slice::from_ref(&registered.0));
    let second = used.split(".also:").nth(1).unwrap().split('.').next().unwrap();
    let second: [u8; 32] = BASE64.decode(second.as_bytes()).unwrap().try_into().unwrap();
    world.nothing_is_under(&second, &[]).await;
}

/// Two processes, one under each key, and a third that moves what is stored from one to the other, all at once.
async fn whoever_comes_at_once_is_one_whichever_key_takes_them(world: &World) {
    let old = BASE64.encode(&[7; 32]);
    let before = world.open(&old).await.unwrap();
    let wide = domain::Session { onsite_seats: 60, firm_limit: 3, ..session("salon") };
    before.service.publish(of(vec![appeal_form(), registration_form()], vec![wide])).await.unwrap();
    let Exchange { known, used, alone: last } = exchange(&old).unwrap();
    let knowing = world.open(&known).await.unwrap();
    let using = world.open(&used).await.unwrap();
    let mover = world.open(&used).await.unwrap();

    let mobiles: Vec<String> = (0..10).map(|place| format!("139001390{place:02}")).collect();
    let moved = async {
        for _ in 0..12 {
            let mut after = None;
            loop {
                after = mover.service.reseal(after).await.unwrap().next;
                if after.is_none() {
                    break;
                }
            }
        }
    };
    let one_each = async {
        let mut taken = 0;
        for (place, mobile) in mobiles.iter().enumerate() {
            // Five of each firm want to come, and three may.
            let company = format!("企业{}", place / 5);
            let values = registrant(mobile, &company);
            let (one, other) = tokio::join!(take(&knowing, &values), take(&using, &values));
            let both = [one, other];
            assert!(both.iter().filter(|result| result.is_ok()).count() <= 1, "{mobile}: {both:?}");
            taken += both.iter().filter(|result| result.is_ok()).count();
            let mut numbers: Vec<String> = both.into_iter().flatten().map(|(number, _)| number).collect();
            // Nobody is found nowhere while they are moved.
            assert_eq!(using.service.find("mobile", mobile).await.unwrap(), numbers);
            assert_eq!(knowing.service.find("mobile", mobile).await.unwrap(), numbers);
            if place == 0 {
                let who = numbers.pop().unwrap();
                let cancelled = using.service.cancel(&who.parse().unwrap(), domain::registration::By::Person).await.unwrap();
                assert!(matches!(cancelled, functions::Answered::Done(_)));
                taken -= 1;
            }
        }
        taken
    };
    let (taken, ()) = tokio::join!(one_each, moved);
    assert_eq!(taken, 6, "three of each firm");
    while pass(world, &used).await.0 > 0 {}
    world.clock.advance(SignedDuration::from_hours(3));
    assert_eq!(using.service.drop_keys().await.unwrap(), Dropped::Done);
    let after = world.open(&last).await.unwrap();
    for company in ["企业0", "企业1"] {
        full_of(take(&after, &registrant("13800138111", company)).await);
    }
    let items = world.raw().await;
    let counted: Vec<i64> = items.iter().filter(|item| item.key.sort.starts_with("FIRM#")).map(|item| item.count).collect();
    assert_eq!(counted, [3, 3], "shares were moved whole");
    let persons = items.iter().filter(|item| item.key.sort.starts_with("PERSON#")).count();
    assert_eq!(persons, 6);
}

fn full_of(result: Result<Who, String>) {
    let why = result.unwrap_err();
    assert!(why.contains("每家企业最多 3 人"), "{why}");
}

#[tokio::test]
async fn what_does_not_open_is_named_and_keeps_the_old_key() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::standing_at(given::start());
    let path = folder.path().join("table.db");
    let world = World::on(Arc::new(Sqlite::open(&path, clock.clone()).unwrap()), clock);
    let old = BASE64.encode(&[7; 32]);
    let before = world.open(&old).await.unwrap();
    before.service.publish(of(vec![appeal_form(), registration_form()], vec![session("salon")])).await.unwrap();
    let taken = before.service.take("appeal", given::raw(&[MATTER, PERSON, CONSENT]), &staff()).await.unwrap();
    let Taken::Received(receipt) = taken else { panic!("{taken:?}") };
    // As if somebody had put a row back by hand: what is sealed in it is bound to another version.
    let item = world.raw().await.into_iter().find(|item| item.key.sort == "ANSWERS").unwrap();
    let back = NewItem { key: item.key, index: item.index, expires: None, body: item.body };
    world.table.transact(vec![Write::replace(back, item.version)]).await.unwrap();
    let used = exchange(&old).unwrap().used;
    let using = world.open(&used).await.unwrap();
    let (_, left) = pass(&world, &used).await;
    assert!(left.broken >= 1 && left.example.as_deref().is_some_and(|example| example.contains(&receipt.number)), "{left:?}");
    while pass(&world, &used).await.0 > 0 {}
    world.clock.advance(SignedDuration::from_hours(3));
    assert!(matches!(using.service.drop_keys().await.unwrap(), Dropped::Left(left) if left.items >= 1));
    assert_eq!(using.service.key_stage().await.unwrap(), Stage::Going);
}

macro_rules! on_both {
    ($($sqlite:ident, $dynamodb:ident: $case:ident;)*) => {
        $(
            #[tokio::test]
            async fn $sqlite() {
                let folder = tempfile::tempdir().unwrap();
                let clock = Clock::standing_at(given::start());
                let table = Arc::new(Sqlite::open(&folder.path().join("table.db"), clock.clone()).unwrap());
                $case(&World::on(table, clock)).await;
            }

            #[tokio::test]
            async fn $dynamodb() {
                let clock = Clock::standing_at(given::start());
                let table = Arc::new(cloud::table(clock.clone()).await);
                $case(&World::on(table.clone(), clock)).await;
                table.delete_table().await.unwrap();
            }
        )*
    };
}

on_both! {
    sqlite_a_key_is_exchanged, dynamodb_a_key_is_exchanged: a_key_is_exchanged;
    sqlite_whoever_comes_at_once_is_one, dynamodb_whoever_comes_at_once_is_one:
        whoever_comes_at_once_is_one_whichever_key_takes_them;
}
