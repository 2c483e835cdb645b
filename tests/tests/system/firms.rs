//! A real browser on a phone-sized screen, with scripts and without: one appeal from the form to reopening, with what staff do in between.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Result, ensure};
use tests::{Browser, Cost, Device, Server, Site};

#[tokio::test]
async fn a_firm_walks_its_appeal_from_the_form_to_reopening_with_javascript() -> Result<()> {
    walk(true).await
}

#[tokio::test]
async fn a_firm_walks_its_appeal_from_the_form_to_reopening_without_javascript() -> Result<()> {
    walk(false).await
}

#[tokio::test]
async fn a_firm_sends_photographs_and_documents_with_javascript() -> Result<()> {
    send_files(true).await
}

#[tokio::test]
async fn a_firm_sends_photographs_and_documents_without_javascript() -> Result<()> {
    send_files(false).await
}

/// What is larger than we open shows who made it smaller: with scripts the device does, without them it is refused with a way on.
async fn send_files(javascript: bool) -> Result<()> {
    let site = Site::new()?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Phone, javascript).await?;
    let firm = Firm { server: &server, browser: &browser };
    let (number, code) = firm.appeal().await?;
    let photograph = |name: &str, width: u32, height: u32| -> Result<PathBuf> {
        let path = site.root().join(name);
        let grey = image::GrayImage::from_raw(width, height, vec![90; width as usize * height as usize]);
        grey.expect("as many bytes as pixels").save(&path)?;
        Ok(path)
    };
    let stored = |place: &str| -> Result<image::DynamicImage> {
        let path = site.root().join(format!("saved-{place}.jpg"));
        site.office(&[
            "case",
            &number,
            "--file",
            place,
            "--save",
            &path.display().to_string(),
            "--reason",
            "看",
            "--operator",
            "张敏",
        ])?;
        Ok(image::open(path)?)
    };

    browser.track(&server.url, &number, &code).await?;
    firm.opens_files(&["还可以传 3 份", "照片会自动缩小"]).await?;
    browser.keep("files-1-empty").await?;
    firm.sends(&photograph("现场.jpg", 4000, 3000)?).await?;
    browser.sees(&["文件已收到", "照片（"]).await?;
    browser.keep("files-2-kept").await?;
    let first = stored("1")?;
    ensure!((first.width(), first.height()) == (2560, 1920), "{} × {} pixels are kept", first.width(), first.height());

    firm.opens_files(&["第 1 份", "还可以传 2 份"]).await?;
    browser.keep("files-3-one").await?;
    firm.sends(&photograph("高像素.jpg", 8000, 6600)?).await?;
    if javascript {
        browser.sees(&["文件已收到"]).await?;
        let second = stored("2")?;
        ensure!((second.width(), second.height()) == (2560, 2112), "{} × {} pixels are kept", second.width(), second.height());
    } else {
        browser.sees(&["这份文件没有收下", "像素太高", "截一张屏"]).await?;
        browser.keep("files-4-refused").await?;
    }

    let document = site.root().join("供电合同.pdf");
    fs::write(&document, b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\nstartxref\n9\n%%EOF\n")?;
    firm.opens_files(&["照片"]).await?;
    firm.sends(&document).await?;
    browser.sees(&["文件已收到", "PDF 文件（1 KB）"]).await?;
    let file = site.office(&["case", &number])?;
    ensure!(
        file.contains("企业传来的文件") && file.contains("PDF 文件") && !file.contains("供电合同"),
        "staff see the files:\n{file}"
    );
    browser.close().await
}

async fn walk(javascript: bool) -> Result<()> {
    let site = Site::new()?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Phone, javascript).await?;
    let firm = Firm { server: &server, browser: &browser };
    let (number, code) = firm.appeal().await?;
    let staff = |step: &[&str]| {
        let arguments: Vec<&str> =
            ["case", &number].into_iter().chain(step.iter().copied()).chain(["--operator", "张敏"]).collect();
        site.office(&arguments)
    };

    browser.tap("form[action='/f/act/show'] button").await?;
    browser.wait_for_path("/f/act/show").await?;
    browser.sees(&["已提交，等待受理", "最迟联系", "撤回诉求"]).await?;
    browser.keep("case-1-submitted").await?;
    firm.writes("add", "addition", "昨天又陷进去一辆货车。").await?;
    browser.sees(&["已补充"]).await?;

    staff(&["accept"])?;
    staff(&["grade", "--grade", "B"])?;
    staff(&["assign", "--unit", "区住建局", "--private", "电话里同意转办"])?;
    staff(&["take"])?;
    staff(&["ask", "--note", "请告诉我们货车一般几点进出。"])?;
    browser.track(&server.url, &number, &code).await?;
    browser.sees(&["等待您补充材料", "请告诉我们货车一般几点进出。", "最迟答复", "区住建局"]).await?;
    browser.keep("case-2-asked").await?;
    firm.writes("supplement", "addition", "早上六点到八点，晚上九点以后。").await?;
    browser.sees(&["已补充", "承办单位正在办理"]).await?;

    staff(&["answer", "--note", "路面已经临时填平，十二月上旬重铺。"])?;
    browser.track(&server.url, &number, &code).await?;
    browser.sees(&["已答复，等待您评价", "路面已经临时填平", "您说解决了才算数"]).await?;
    browser.keep("case-3-answered").await?;
    browser.tap("form[action='/f/act/follow-up'] button").await?;
    browser.wait_for_words("h1", "评价这次办理").await?;
    browser.keep("case-4-follow-up").await?;
    browser.submit().await?;
    browser.wait_for_words(".error-summary", "问题解决了吗").await?;
    browser.tap("input[name=solved][value=partly]").await?;
    browser.tap("input[name=content][value=dissatisfied]").await?;
    browser.submit().await?;
    browser.wait_for_path("/f/done/").await?;
    browser.sees(&["已收到评价，重新办理", "已受理，等待分级"]).await?;
    browser.keep("case-5-again").await?;

    staff(&["grade", "--grade", "C", "--private", "要住建和供电一起办"])?;
    staff(&["assign", "--unit", "路面专班", "--lead", "营商办", "--lead", "工商联", "--private", "同意"])?;
    staff(&["take"])?;
    staff(&["answer", "--note", "路面已经重铺。", "--signed", "营商办", "--signed", "工商联"])?;
    browser.track(&server.url, &number, &code).await?;
    browser.sees(&["第 2 轮", "双组长：营商办、工商联"]).await?;
    browser.tap("form[action='/f/act/solved'] button").await?;
    browser.wait_for_path("/f/done/").await?;
    browser.sees(&["谢谢您的评价"]).await?;

    staff(&["close"])?;
    browser.track(&server.url, &number, &code).await?;
    browser.sees(&["已办结"]).await?;
    browser.keep("case-6-closed").await?;
    firm.writes("reopen", "reason", "重铺的路面又裂开了。").await?;
    browser.sees(&["已申请重新办理"]).await?;
    let file = site.office(&["case", &number])?;
    ensure!(file.contains("第 3 轮") && file.contains("grade"), "staff see that it goes on:\n{file}");
    browser.close().await
}

struct Firm<'a> {
    server: &'a Server,
    browser: &'a Browser,
}

impl Firm<'_> {
    /// Files an appeal; number and code.
    async fn appeal(&self) -> Result<(String, String)> {
        let browser = self.browser;
        let mut cost = Cost::default();
        browser.goto(&format!("{}/appeal/", self.server.url)).await?;
        cost += browser.cost().await?;
        browser.select("main [name=category]", "utilities").await?;
        for (field, text) in [
            ("title", "厂区门口的路坏了半年"),
            ("description", "从六月开始，厂区门口的路面塌陷，货车进不来，每天要多绕八公里，耽误交货。"),
        ] {
            browser.fill(&format!("main [name={field}]"), text).await?;
        }
        browser.next_questions("您是谁").await?;
        // With scripts both steps are asked on the page that came first.
        let in_turn = browser.path().await? == "/appeal/";
        if !in_turn {
            cost += browser.cost().await?;
        }
        browser.keep("case-0-person").await?;
        for (field, text) in [("company", "相山示例食品有限公司"), ("contact", "王建国"), ("mobile", "138 0561 0001")]
        {
            browser.fill(&format!("main [name={field}]"), text).await?;
        }
        browser.submit().await?;
        browser.wait_for_words("h1", "核对").await?;
        cost += browser.cost().await?;
        tokio::time::sleep(Duration::from_millis(3200)).await;
        browser.tap("input[name=handle]").await?;
        browser.submit().await?;
        browser.wait_for_path("/f/receipt/").await?;
        self.browser.sees(&["诉求已收到", "打电话联系您", "查进度、补充或撤回"]).await?;
        browser.keep("case-0-receipt").await?;
        cost += browser.cost().await?;
        println!("from the form to the receipt: {cost:?}");
        // What a browser asks for that has the site's styles and scripts already.
        let requests = cost.navigations + cost.redirects;
        ensure!(requests == if in_turn { 5 } else { 7 }, "an appeal asks too often: {cost:?}");
        ensure!(cost.bytes <= 60 * 1024, "an appeal costs too much: {cost:?}");
        Ok((browser.words(".receipt-number").await?, browser.words(".receipt-code").await?))
    }

    /// Presses the button of an act, writes what is asked for, and sends it.
    async fn writes(&self, act: &str, field: &str, text: &str) -> Result<()> {
        self.browser.tap(&format!("form[action='/f/act/{act}'] button")).await?;
        self.browser.wait_for_path(&format!("/f/act/{act}")).await?;
        self.browser.fill(&format!("main [name={field}]"), text).await?;
        self.browser.submit().await?;
        self.browser.wait_for_path("/f/done/").await?;
        Ok(())
    }

    /// Goes from the case, or from what came of the last file, to the page for files.
    async fn opens_files(&self, words: &[&str]) -> Result<()> {
        self.browser.tap("form[action='/f/act/files'] button").await?;
        self.browser.wait_for_words("h1", "传照片或文件").await?;
        self.browser.sees(words).await
    }

    async fn sends(&self, file: &std::path::Path) -> Result<()> {
        self.browser.choose("input[name=file]", file).await?;
        self.browser.submit().await?;
        self.browser.wait_for_path("/f/done/").await?;
        Ok(())
    }
}
