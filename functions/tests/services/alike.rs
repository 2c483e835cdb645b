//! Appeals of one firm or telephone that say much the same are shown to staff; what somebody types of himself is warned of.

use functions::office::{Operator, Remarks, Taken, Work, Worked};

use crate::given::{CONSENT, MATTER, PERSON, Site, raw, with};

const AGAIN: &str = "我们厂门口的路面从六月就塌陷了，货车进不来，只能绕行八公里，经常耽误交货，请尽快修。";
const OTHER: &str = "我公司在某银行的流动资金贷款下月到期，银行口头告知不再续贷，请协调。";

fn operator() -> Operator {
    Operator("小李".to_owned())
}

async fn take(site: &Site, matter: &[(&str, &str)], person: &[(&str, &str)]) -> String {
    site.wait(60);
    match site.service.take("appeal", raw(&[matter, person, CONSENT]), &operator()).await.unwrap() {
        Taken::Received(receipt) => receipt.number,
        other => panic!("{other:?}"),
    }
}

/// The number of each case beside those that it is said to be like.
async fn alike(site: &Site, number: &str) -> Vec<String> {
    site.service.case(number).await.unwrap().alike.into_iter().map(|alike| alike.number).collect()
}

async fn marked(site: &Site, number: &str) -> Vec<String> {
    let inbox = site.service.inbox(usize::MAX).await.unwrap().rows;
    inbox.into_iter().find(|row| row.number == number).unwrap().alike
}

#[tokio::test]
async fn an_appeal_like_an_earlier_one_of_the_same_firm_or_telephone_is_shown_beside_it() {
    let site = Site::open().await;
    let again = with(&with(MATTER, "description", AGAIN), "title", "门口道路塌陷没人修");
    let first = take(&site, MATTER, PERSON).await;
    // The same telephone, the firm's name written in another way.
    let same_telephone = take(&site, &again, &with(PERSON, "company", "相山示例食品")).await;
    let same_firm = take(&site, &again, &with(PERSON, "mobile", "13900139000")).await;
    let another_matter = take(&site, &with(&with(MATTER, "description", OTHER), "title", "贷款到期无法续贷"), PERSON).await;
    let somebody_else = with(&with(PERSON, "mobile", "13700137000"), "company", "别的公司");
    let another_firm = take(&site, MATTER, &somebody_else).await;

    assert_eq!(alike(&site, &first).await, [same_telephone.clone(), same_firm.clone()]);
    assert_eq!(alike(&site, &same_telephone).await, std::slice::from_ref(&first));
    assert_eq!(alike(&site, &same_firm).await, std::slice::from_ref(&first));
    assert_eq!((alike(&site, &another_matter).await, alike(&site, &another_firm).await), (vec![], vec![]));
    // Only what came later is marked: whoever looks at the inbox begins with what is new.
    assert_eq!((marked(&site, &first).await, marked(&site, &same_firm).await), (vec![], vec![first.clone()]));
    let file = site.service.case(&same_firm).await.unwrap();
    assert!(!format!("{file:?}").contains("塌陷"), "nothing sealed is open: {file:?}");
    let bytes = site.bytes();
    assert!(!bytes.windows("塌陷".len()).any(|window| window == "塌陷".as_bytes()));

    // What was merged is not shown any more.
    let work = Work::Merge { into: first.clone() };
    let merged = site.service.work(&same_telephone, &work, &Remarks::default(), &operator()).await.unwrap();
    assert!(matches!(merged, Worked::Done { .. }), "{merged:?}");
    assert_eq!(alike(&site, &first).await, [same_firm]);
    assert_eq!(alike(&site, &same_telephone).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_firm_that_files_very_often_is_compared_with_its_latest_appeals_only() {
    let site = Site::open().await;
    for _ in 0..30 {
        take(&site, MATTER, PERSON).await;
    }
    let last = take(&site, MATTER, PERSON).await;
    assert_eq!(alike(&site, &last).await.len(), 20);
}

#[tokio::test]
async fn an_open_appeal_is_found_behind_many_that_are_over() {
    let site = Site::open().await;
    let open = take(&site, MATTER, PERSON).await;
    for _ in 0..25 {
        let over = take(&site, MATTER, PERSON).await;
        site.service.work(&over, &Work::Withdraw, &Remarks::default(), &operator()).await.unwrap();
    }
    let last = take(&site, MATTER, PERSON).await;
    assert_eq!(alike(&site, &last).await, [open]);
}

#[tokio::test]
async fn numbers_that_nobody_needs_are_warned_of_before_the_appeal_is_confirmed_and_refuse_nothing() {
    let site = Site::open().await;
    for (text, kind) in [
        ("法定代表人身份证 11010519491231002X，多次反映没有结果，请协调。", "身份证号"),
        ("货款打到 6222 0213 1400 0012 348 一直没有到账，请协调解决。", "银行卡号"),
        ("对方负责人电话 138-1234-5678 一直打不通，请协调解决一下。", "电话号码"),
    ] {
        let step = site.post("/f/appeal", &with(MATTER, "description", text)).await.goes_to();
        let review = site.post(&step, PERSON).await.goes_to();
        site.get(&review).await.expect(200, &[&format!("「具体情况」里好像有{kind}"), "建议返回删去"]);
        site.wait(60);
        let receipt = site.post(&review.replace("/review", "/confirm"), CONSENT).await.goes_to();
        site.get(&receipt).await.expect(200, &["诉求已收到"]);
    }
    let draft = site.appeal_draft().await;
    let page = site.get(&format!("{draft}/review")).await;
    page.expect(200, &["核对"]);
    assert!(!page.text.contains("好像有"), "{}", page.text);
}
