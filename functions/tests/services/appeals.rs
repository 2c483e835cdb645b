//! An appeal from its first step to the tracker, through the router.

use std::time::Duration;

use functions::Config;

use crate::given::{self, CONSENT, MATTER, PERSON, Site, encode, manifest, session, with};

#[tokio::test]
async fn an_appeal_goes_from_its_first_step_to_a_receipt_and_is_found_again() {
    let site = Site::open().await;

    let wrong = site.post("/f/appeal", &with(MATTER, "title", "太短")).await;
    wrong.expect(422, &["错误：", "value=\"太短\"", "货车进不来", "field-title"]);
    assert_eq!(site.service.inbox(usize::MAX).await.unwrap().rows, []);

    let step = site.post("/f/appeal", MATTER).await.goes_to();
    site.get(&step).await.expect(200, &["您是谁"]);
    site.post(&step, &with(PERSON, "mobile", "1380013")).await.expect(422, &["11 位手机号", "王建国"]);
    let review = site.post(&step, PERSON).await.goes_to();
    site.get(&review).await.expect(200, &["核对", "厂区门口的路坏了半年", "水电气暖网与物流", "13800138000", "确认并提交诉求"]);
    site.wait(60);

    let confirm = review.replace("/review", "/confirm");
    site.post(&confirm, &[("news", "yes")]).await.expect(422, &["错误：", "field-handle"]);
    let receipt = site.post(&confirm, CONSENT).await.goes_to();
    let page = site.get(&receipt).await;
    // Tuesday morning: by Wednesday evening.
    page.expect(200, &["诉求已收到", "2026年12月2日（周三）17:30", "暂按周末推算"]);
    let (number, code) = page.number_and_code();

    let tracked = site.post("/f/track", &[("number", &number), ("code", &code)]).await;
    tracked.expect(200, &["已提交，等待受理", "收集", "回访", &number]);
    for secret in ["王建国", "13800138000", "相山示例食品", "厂区门口"] {
        assert!(!tracked.text.contains(secret) && !page.text.contains(secret), "{secret}");
    }
    // As a camera reads it from paper: the number is filled in, the code never stands in an address.
    page.expect(200, &[&format!("src=\"/f/track/{number}.png\"")]);
    let (kind, picture) = site.get_bytes(&format!("/f/track/{number}.png")).await;
    assert!(kind == "image/png" && picture.starts_with(b"\x89PNG"));
    site.get(&format!("/f/track?number={number}")).await.expect(200, &[&format!("value=\"{number}\""), "查询码"]);
    let written = site.get("/f/track?number=%22%3E%3Cscript%3E").await;
    written.expect(200, &["查进度"]);
    assert!(!written.text.contains("script%3E") && !written.text.contains("\"><script>"), "{}", written.text);
    site.get("/f/track/XS261124000000.png").await.expect(404, &["没有这个编号的图片"]);
    // As one reads it from paper.
    let spaced = format!("{} {}", &number[..8].to_lowercase(), &number[8..]);
    site.post("/f/track", &[("number", &spaced), ("code", &code.replace('-', ""))]).await.expect(200, &[&number]);
}

#[tokio::test]
async fn what_a_page_has_asked_in_turn_is_posted_at_once_and_shown_at_the_step_that_has_a_mistake() {
    let site = Site::open().await;
    let all = [MATTER, PERSON, &[("also-person", "yes")]].concat();
    let review = site.post("/f/appeal", &all).await.goes_to();
    assert!(review.ends_with("/review"), "{review}");
    site.get(&review).await.expect(200, &["核对", "厂区门口的路坏了半年", "13800138000"]);
    site.wait(60);
    let receipt = site.post(&review.replace("/review", "/confirm"), CONSENT).await.goes_to();
    site.get(&receipt).await.expect(200, &["诉求已收到"]);

    // A mistake in what was asked second, then one in what was asked first: nothing that was typed is lost.
    let wrong = site.post("/f/appeal", &with(&all, "mobile", "1380013")).await;
    wrong.expect(422, &["错误：", "您是谁", "11 位手机号", "value=\"王建国\""]);
    let action = action_of(&wrong.text);
    assert!(action.ends_with("/person"), "{action}");
    let review = site.post(&action, PERSON).await.goes_to();
    site.get(&review).await.expect(200, &["厂区门口的路坏了半年", "13800138000"]);
    let wrong = site.post("/f/appeal", &with(&with(&all, "title", "太短"), "mobile", "1380013")).await;
    wrong.expect(422, &["错误：", "发生了什么", "value=\"太短\""]);
    assert!(!wrong.text.contains("11 位手机号"), "one step at a time: {}", wrong.text);
    let action = action_of(&wrong.text);
    let next = site.post(&action, MATTER).await.goes_to();
    site.get(&next).await.expect(200, &["value=\"王建国\"", "1380013"]);
    // Without the page's word, what belongs to another step is not taken for an answer to it.
    let step = site.post("/f/appeal", &[MATTER, PERSON].concat()).await.goes_to();
    assert!(!site.get(&step).await.text.contains("王建国"));
}

#[tokio::test]
async fn whatever_is_sent_again_finds_the_first_answer() {
    let site = Site::open().await;
    let draft = site.appeal_draft().await;
    let receipt = site.post(&format!("{draft}/confirm"), CONSENT).await.goes_to();
    for _ in 0..2 {
        assert_eq!(site.post(&format!("{draft}/confirm"), CONSENT).await.goes_to(), receipt);
    }
    // The back button, and a page of the draft that is sent once more.
    assert_eq!(site.get(&format!("{draft}/review")).await.goes_to(), receipt);
    assert_eq!(site.get(&format!("{draft}/person")).await.goes_to(), receipt);
    assert_eq!(site.post(&format!("{draft}/person"), PERSON).await.goes_to(), receipt);
    assert_eq!(site.service.inbox(usize::MAX).await.unwrap().rows.len(), 1);

    site.wait(31 * 60);
    assert_eq!(site.post(&format!("{draft}/confirm"), CONSENT).await.goes_to(), receipt);
    site.get(&receipt).await.expect(410, &["30 分钟", "/track/"]);
    assert_eq!(site.service.inbox(usize::MAX).await.unwrap().rows.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn confirming_many_times_at_once_makes_one_case() {
    let site = std::sync::Arc::new(Site::open().await);
    let confirm = format!("{}/confirm", site.appeal_draft().await);
    let clicks: Vec<_> = (0..8)
        .map(|_| {
            let (site, confirm) = (site.clone(), confirm.clone());
            tokio::spawn(async move { site.post(&confirm, CONSENT).await.goes_to() })
        })
        .collect();
    let mut receipts = std::collections::BTreeSet::new();
    for click in clicks {
        receipts.insert(click.await.unwrap());
    }
    assert_eq!(receipts.len(), 1, "{receipts:?}");
    assert_eq!(site.service.inbox(usize::MAX).await.unwrap().rows.len(), 1);
}

#[tokio::test]
async fn a_draft_ends_after_two_hours_and_cannot_be_made_up() {
    let site = Site::open().await;
    let draft = site.appeal_draft().await;
    site.wait(2 * 3600);
    for path in ["review", "person"] {
        site.get(&format!("{draft}/{path}")).await.expect(410, &["两小时"]);
    }
    site.post(&format!("{draft}/confirm"), CONSENT).await.expect(410, &["两小时"]);
    site.get("/f/appeal/draft/aaaa/review").await.expect(410, &[]);
    site.get("/f/receipt/aaaa").await.expect(410, &[]);
    assert_eq!(site.service.inbox(usize::MAX).await.unwrap().rows, []);
}

#[tokio::test]
async fn what_no_form_of_ours_sends_is_refused_with_a_page() {
    let site = Site::open().await;
    let form = ("content-type", "application/x-www-form-urlencoded");
    let matter = || encode(MATTER);
    // Body, headers, status.
    let cases = [
        (matter(), vec![form, ("sec-fetch-site", "cross-site")], 403),
        (matter(), vec![form, ("origin", "https://evil.example")], 403),
        (matter(), vec![("content-type", "text/plain")], 415),
        (matter(), vec![], 415),
        (format!("description={}", "a".repeat(65 * 1024)), vec![form], 413),
        (format!("{}&title=two", matter()), vec![form], 400),
        (encode(&with(MATTER, "version", "7")), vec![form], 410),
        (format!("{}&channels=phone&channels=visit", matter()), vec![form, ("origin", "http://127.0.0.1:8080")], 303),
    ];
    for (body, headers, status) in cases {
        let reply = site.post_with("/f/appeal", body, &headers).await;
        assert_eq!(reply.status.as_u16(), status, "{headers:?} {}", reply.text);
        if status != 303 {
            assert!(reply.text.contains("<h1>"), "a page: {}", reply.text);
        }
        assert_eq!(reply.headers["cache-control"], "no-store", "{status}");
        assert!(reply.headers["content-security-policy"].to_str().unwrap().contains("default-src 'self'"), "{status}");
    }
    for path in ["/f/nothing", "/f/appeal/else/where", "/f/nothing/draft/x/review"] {
        let status = site.get(path).await.status.as_u16();
        assert!(status == 404 || status == 410, "{path}: {status}");
    }
    // Reloading the address of a page with errors leads back to the form.
    assert_eq!(site.get("/f/appeal").await.goes_to(), "/appeal/");
}

#[tokio::test]
async fn what_looks_like_a_robot_is_kept_and_marked() {
    let site = Site::open().await;
    // The trap was filled in on the first step.
    let step = site.post("/f/appeal", &with(MATTER, "website", "https://spam.example")).await.goes_to();
    let review = site.post(&step, PERSON).await.goes_to();
    site.wait(60);
    let trapped = site.post(&review.replace("review", "confirm"), CONSENT).await.goes_to();
    site.get(&trapped).await.expect(200, &["等待人工核对"]);
    // Confirmed within three seconds of the first step.
    let step = site.post("/f/appeal", MATTER).await.goes_to();
    let review = site.post(&step, PERSON).await.goes_to();
    site.wait(2);
    let hasty = site.post(&review.replace("review", "confirm"), CONSENT).await.goes_to();
    site.get(&hasty).await.expect(200, &["等待人工核对"]);

    let (number, _) = site.appeal().await;
    let marked: Vec<(bool, bool)> =
        site.service.inbox(usize::MAX).await.unwrap().rows.iter().map(|row| (row.quarantined, row.number == number)).collect();
    assert_eq!(marked.iter().filter(|(quarantined, this)| *quarantined && !this).count(), 2, "{marked:?}");
    assert!(marked.contains(&(false, true)), "{marked:?}");
}

#[tokio::test]
async fn an_unknown_number_and_a_wrong_code_get_the_same_answer() {
    let site = Site::open().await;
    let (number, code) = site.appeal().await;
    let wrong = if code == "0000-0000" { "1111-1111" } else { "0000-0000" };
    // Another number of the same day that is not taken.
    let unknown = (0_u64..)
        .map(|random| domain::value::TrackingNumber::new(domain::value::TrackingKind::Appeal, given::start().date(), random))
        .map(|number| number.to_string())
        .find(|other| *other != number)
        .unwrap();
    let one = site.post("/f/track", &[("number", &number), ("code", wrong)]).await;
    let other = site.post("/f/track", &[("number", &unknown), ("code", &code)]).await;
    one.expect(422, &["错误："]);
    assert_eq!(one.status, other.status);
    assert_eq!(one.text.replace(&number, "N"), other.text.replace(&unknown, "N"));
    assert_eq!(one.headers, other.headers);
    // What was typed comes back, the code does not.
    assert!(one.text.contains(&number) && !one.text.contains(wrong), "{}", one.text);
    site.post("/f/track", &[("number", "XS1"), ("code", "12")]).await.expect(422, &["field-number", "field-code"]);
    site.get("/f/track").await.expect(200, &["查进度"]);
}

/// By a clock that stands but for what is waited for.
#[tokio::test(start_paused = true)]
async fn wrong_tries_are_slowed_after_the_fifth_and_nobody_is_locked_out() {
    let pause = Duration::from_millis(300);
    let site = Site::with(Config { slow_down: pause, ..Config::default() }, manifest(vec![session("salon")])).await;
    let (number, code) = site.appeal().await;
    let wrong = if code == "0000-0000" { "1111-1111" } else { "0000-0000" };
    let begun = tokio::time::Instant::now();
    for _ in 0..5 {
        site.post("/f/track", &[("number", &number), ("code", wrong)]).await.expect(422, &[]);
    }
    assert_eq!(begun.elapsed(), Duration::ZERO, "the first five are not slowed");
    let begun = tokio::time::Instant::now();
    site.post("/f/track", &[("number", &number), ("code", &code)]).await.expect(200, &[&number]);
    assert!(begun.elapsed() >= pause, "the right one as well, so that waiting tells nothing: {:?}", begun.elapsed());
    site.wait(3600);
    let begun = tokio::time::Instant::now();
    site.post("/f/track", &[("number", &number), ("code", &code)]).await.expect(200, &[]);
    assert_eq!(begun.elapsed(), Duration::ZERO, "an hour later it is forgotten");
}

#[tokio::test]
async fn a_copy_of_the_table_tells_of_nobody() {
    let site = Site::open().await;
    let _half = site.post("/f/appeal", MATTER).await.goes_to();
    site.appeal().await;
    site.register(&given::registrant("13900139000", "相山示例商贸有限公司")).await.goes_to();
    let bytes = site.bytes();
    let stands = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(stands("utilities") && stands("CASE#XS"), "the right file is looked at");
    for secret in [
        "王建国",
        "李秀英",
        "13800138000",
        "13900139000",
        "１３８",
        "相山示例",
        "厂区门口",
        "路面塌陷",
        // As JSON and URLs would write them.
        "\\u738b",
        "%E7%8E%8B",
    ] {
        assert!(!stands(secret), "{secret}");
    }
}

/// Where the form of a draft's page is posted.
fn action_of(page: &str) -> String {
    let (_, action) = page.split_once("action=\"/f/appeal/").unwrap();
    format!("/f/appeal/{}", action.split('"').next().unwrap())
}
