//! The ledger of appeals and the scoreboard: what each tier may know, in which order and of which time its rows are, and that it is on record that it left.

use domain::{
    Moment,
    appeal::{
        Act, Card, Grade,
        firm::{Content, Solved},
    },
};
use functions::office::{LedgerLeft, Operator, Remarks, Span, Taken, Tier, Work, Worked};

use crate::given::{self, CONSENT, MATTER, PERSON, Site, raw, with};

fn operator() -> Operator {
    Operator("小李".to_owned())
}

/// Files an appeal by telephone.
async fn take(site: &Site, person: &[(&str, &str)]) -> String {
    match site.service.take("appeal", raw(&[MATTER, person, CONSENT]), &operator()).await.unwrap() {
        Taken::Received(receipt) => receipt.number,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_tier_of_the_ledger_holds_what_its_readers_may_know() {
    let site = Site::open().await;
    site.appeal().await;
    // Rows stand in the order in which the appeals came.
    site.wait(60);
    let anonymous = with(PERSON, "anonymous", "yes");
    let taken = site.service.take("appeal", raw(&[MATTER, &anonymous, CONSENT]), &operator()).await.unwrap();
    assert!(matches!(taken, Taken::Received(_)), "{taken:?}");

    let ledger = async |tier| {
        let ledger = site.service.ledger(tier, Span::default(), &operator()).await.unwrap();
        given::rows(ledger).await.iter().map(|row| row.join("|")).collect::<Vec<_>>()
    };
    let all = ledger(Tier::Leaders).await;
    assert!(
        all.iter().all(|row| row.contains("13800138000") && row.contains("王建国") && row.contains("相山示例食品")),
        "{all:?}"
    );
    let masked = ledger(Tier::Environment).await;
    assert!(masked[0].contains("138****8000") && masked[0].contains("相山示例食品"), "{masked:?}");
    for row in &masked {
        assert!(!row.contains("13800138000"), "{row}");
    }
    // A firm that asked not to be named is not named outside of the federation.
    for secret in ["王建国", "相山示例食品", "138****8000"] {
        assert!(!masked[1].contains(secret), "{}", masked[1]);
    }
    for row in ledger(Tier::Public).await {
        for secret in ["王建国", "相山示例食品", "13800138000", "138****", "厂区门口"] {
            assert!(!row.contains(secret), "{row}");
        }
        assert!(row.contains("水电气暖网与物流"), "{row}");
    }
}

#[tokio::test]
async fn rows_stand_in_the_order_in_which_the_appeals_came_over_many_pages() {
    let site = Site::open().await;
    let mut numbers = Vec::new();
    for _ in 0..450 {
        numbers.push(take(&site, PERSON).await);
        site.wait(1);
    }
    let rows = given::rows(site.service.ledger(Tier::Leaders, Span::default(), &operator()).await.unwrap()).await;
    let positions: Vec<String> = (1..=450).map(|position: u32| position.to_string()).collect();
    assert_eq!(rows.iter().map(|row| row[0].clone()).collect::<Vec<_>>(), positions);
    assert_eq!(rows.iter().map(|row| row[1].clone()).collect::<Vec<_>>(), numbers);
}

#[tokio::test]
async fn a_ledger_of_some_days_holds_what_came_on_them_and_nothing_that_came_while_it_was_written() {
    let site = Site::open().await;
    let mut numbers = Vec::new();
    for day in ["2026-12-01 23:59:59", "2026-12-02", "2026-12-02 23:59:59", "2026-12-03"] {
        site.wait_until(day);
        numbers.push(take(&site, PERSON).await);
    }
    let moment = |text: &str| Some(text.parse::<Moment>().unwrap());
    for (from, before, expected) in [
        (None, None, &numbers[..]),
        (moment("2026-12-02"), moment("2026-12-03"), &numbers[1..3]),
        (None, moment("2026-12-02"), &numbers[..1]),
        (moment("2026-12-03"), None, &numbers[3..]),
        (moment("2026-12-03"), moment("2026-12-02"), &[]),
        (moment("2027-01-01"), None, &[]),
    ] {
        let rows = given::rows(site.service.ledger(Tier::Leaders, Span { from, before }, &operator()).await.unwrap()).await;
        let found: Vec<_> = rows.into_iter().map(|row| row[1].clone()).collect();
        assert_eq!(found, expected, "{from:?} {before:?}");
    }
    let ledger = site.service.ledger(Tier::Leaders, Span::default(), &operator()).await.unwrap();
    site.wait(61);
    take(&site, PERSON).await;
    assert_eq!(given::rows(ledger).await.len(), numbers.len(), "it is a ledger of the moment at which it was begun");
}

#[tokio::test]
async fn that_a_ledger_left_is_on_record_before_its_first_row() {
    let site = Site::open().await;
    let received = site.clock.now();
    take(&site, PERSON).await;
    let operator = operator();
    assert_eq!(site.service.ledgers_with(received).await.unwrap(), []);
    site.wait(60);
    // Begun and never read: somebody may have seen it all the same.
    drop(site.service.ledger(Tier::Environment, Span::default(), &operator).await.unwrap());
    let span = Span { from: None, before: Some(received) };
    drop(site.service.ledger(Tier::Leaders, span, &operator).await.unwrap());
    // What is looked for on pages leaves nobody's hands.
    drop(site.service.ledger(Tier::Pages, Span::default(), &operator).await.unwrap());
    let left = site.service.ledgers_with(received).await.unwrap();
    let [LedgerLeft { at, operator: by, tier: Tier::Environment, from: None, .. }] = &left[..] else { panic!("{left:?}") };
    assert_eq!((*at, by.as_str()), (site.clock.now(), "小李"));
    site.wait(61);
    assert_eq!(site.service.ledgers_with(site.clock.now()).await.unwrap(), [], "it came after the ledger");
}

#[tokio::test]
async fn a_card_is_proposed_by_the_clock_issued_by_supervision_and_stands_in_the_ledger() {
    let site = Site::open().await;
    let (number, code) = site.appeal().await;
    let number = number.as_str();
    let privately = |text: &str| Remarks { note: None, private: Some(text.to_owned()) };
    let work = async |work: Work, remarks: Remarks| site.service.work(number, &work, &remarks, &operator()).await.unwrap();
    let column = async || {
        let ledger = site.service.ledger(Tier::Leaders, Span::default(), &operator()).await.unwrap();
        let at = ledger.columns().iter().position(|column| *column == "督办情况").unwrap();
        given::rows(ledger).await[0][at].clone()
    };
    let offered = async || {
        let next = site.service.case(number).await.unwrap().work.unwrap().next;
        next.into_iter().map(|(act, _)| act).filter(|act| matches!(act, Act::IssueYellow | Act::IssueRed)).collect::<Vec<_>>()
    };
    let assign = Work::Assign { unit: "区住建局".to_owned(), with: Vec::new(), leads: Vec::new() };
    for step in [Work::Accept, Work::Grade(Grade::B), assign, Work::Take] {
        assert!(matches!(work(step, privately("电话里同意转办")).await, Worked::Done { .. }));
    }
    let early = work(Work::Issue(Card::Yellow), Remarks::default()).await;
    assert!(matches!(&early, Worked::Refused(why) if why.contains("没有建议发黄牌")), "{early:?}");
    assert_eq!((column().await, offered().await), (String::new(), vec![]));

    site.wait_until("2026-12-08 17:31");
    site.service.run_due().await.unwrap();
    assert_eq!((column().await, offered().await), ("建议黄牌".to_owned(), vec![Act::IssueYellow]));
    let done = work(Work::Issue(Card::Yellow), Remarks::default()).await;
    assert!(matches!(&done, Worked::Done { state, .. } if state == "承办单位正在办理"), "{done:?}");
    assert_eq!((column().await, offered().await), ("2026年12月8日发黄牌".to_owned(), vec![]));
    let twice = work(Work::Issue(Card::Yellow), Remarks::default()).await;
    assert!(matches!(&twice, Worked::Refused(why) if why.contains("已经发过黄牌")), "{twice:?}");

    site.wait_until("2026-12-25 09:00");
    site.service.run_due().await.unwrap();
    assert_eq!((column().await, offered().await), ("2026年12月8日发黄牌；建议红牌".to_owned(), vec![Act::IssueRed]));
    assert!(matches!(work(Work::Issue(Card::Red), privately("两次催办无果")).await, Worked::Done { .. }));
    assert_eq!(column().await, "2026年12月8日发黄牌；2026年12月25日发红牌");

    // Between supervision and the unit: the firm sees that supervision looks on.
    let page = site.post("/f/track", &[("number", number), ("code", &code)]).await;
    page.expect(200, &["督办中"]);
    assert!(!page.text.contains("黄牌") && !page.text.contains("红牌") && !page.text.contains("催办"), "{}", page.text);
}

#[tokio::test]
async fn the_scoreboard_is_counted_from_what_happened_and_hides_what_few_stand_behind() {
    let site = Site::open().await;
    let mut numbers = Vec::new();
    for _ in 0..6 {
        numbers.push(take(&site, PERSON).await);
        site.wait(60);
    }
    let rate = async |name: &str| {
        let board = site.service.scoreboard().await.unwrap();
        let rates = board.periods.into_iter().find(|counted| counted.period.name == "今年").unwrap().rates;
        let rate = rates.into_iter().find(|rate| rate.name == name).unwrap();
        rate.numerator.zip(rate.denominator)
    };
    assert_eq!(rate("响应率").await, None, "nothing is due yet");
    // Four were called in time, one too late, one not at all.
    for number in &numbers[..4] {
        site.service.call_done(number, &operator(), None).await.unwrap();
    }
    site.wait_until("2026-12-03 09:00");
    site.service.call_done(&numbers[4], &operator(), None).await.unwrap();
    assert_eq!(rate("响应率").await, Some((4, 6)));
    assert_eq!(rate("解决率").await, None, "no firm has said anything");

    for (index, number) in numbers.iter().enumerate() {
        let said = Work::FollowUp {
            solved: if index < 3 { Solved::Yes } else { Solved::Partly },
            content: if index < 5 { Content::Satisfied } else { Content::Dissatisfied },
        };
        let answer = Remarks { note: Some("已经修好。".to_owned()), private: None };
        for (work, remarks) in [(Work::Accept, Remarks::default()), (Work::AnswerOnTheSpot, answer), (said, Remarks::default())] {
            let worked = site.service.work(number, &work, &remarks, &operator()).await.unwrap();
            assert!(matches!(worked, Worked::Done { .. }), "{worked:?}");
        }
    }
    // Answered on the spot two days after the first day: too late for grade A. The last is worked on again.
    assert_eq!(rate("办结率").await, Some((0, 5)));
    assert_eq!((rate("解决率").await, rate("满意率").await), (Some((3, 6)), Some((5, 6))));
    let board = site.service.scoreboard().await.unwrap();
    let counts: Vec<_> = board.periods[0].environments.iter().map(|group| group.count).collect();
    assert_eq!(board.periods[0].received, Some(6));
    assert!(counts.iter().all(|count| count.is_none_or(|count| count == 0 || count >= 5)), "{counts:?}");
    assert_eq!(board.threshold, 5);

    // A month later those are not of this month any more.
    site.wait_until("2026-12-31 23:59");
    assert_eq!(site.service.scoreboard().await.unwrap().periods[1].received, Some(6));
    site.wait_until("2027-01-01 00:01");
    assert_eq!(site.service.scoreboard().await.unwrap().periods[1].received, Some(0));
}
