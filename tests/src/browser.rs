//! Chromium behind chromedriver: what people use, as a phone or a desktop, with JavaScript or without.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use fantoccini::{Client, ClientBuilder, Locator, elements::Element, wd::WebDriverCompatibleCommand};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Server, checks::looks};

/// What the visitor holds.
#[derive(Debug, Clone, Copy)]
pub enum Device {
    /// 390 × 844, touch, as most visitors.
    Phone,
    /// 1280 × 900.
    Desktop,
}

/// A browser of its own: chromedriver on a free port, Chromium with a fresh profile.
pub struct Browser {
    driver: Child,
    client: Client,
    _profile: TempDir,
    javascript: bool,
}

/// What pages cost whoever opens them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// Pages that were opened, each by a link or a form.
    pub navigations: u64,
    /// Answers that led on to a page.
    pub redirects: u64,
    /// Styles, scripts and pictures that were fetched.
    pub resources: u64,
    /// Bodies of all of them, compressed with gzip as a reverse proxy does; without headers.
    pub bytes: u64,
}

impl std::ops::AddAssign for Cost {
    fn add_assign(&mut self, other: Cost) {
        self.navigations += other.navigations;
        self.redirects += other.redirects;
        self.resources += other.resources;
        self.bytes += other.bytes;
    }
}

impl Browser {
    /// Opens one, with pages' scripts or without.
    pub async fn open(device: Device, javascript: bool) -> Result<Browser> {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start `chromedriver`; `tests/run` installs it")?;
        let port = port_of(&mut driver)?;
        let profile = tempfile::tempdir()?;
        let mut options = json!({
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
                "--disable-dev-shm-usage", "--lang=zh-CN", "--window-size=1280,900",
                format!("--user-data-dir={}", profile.path().display()),
            ],
        });
        if let Device::Phone = device {
            options["mobileEmulation"] =
                json!({ "deviceMetrics": { "width": 390, "height": 844, "pixelRatio": 2.0, "touch": true } });
        }
        let capabilities = json!({ "browserName": "chrome", "goog:chromeOptions": options });
        let Value::Object(capabilities) = capabilities else { unreachable!("written as an object above") };
        let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .context("chromedriver cannot open Chromium")?;
        let browser = Browser { driver, client, _profile: profile, javascript };
        if !javascript {
            browser.refuse_scripts().await?;
        }
        Ok(browser)
    }

    /// Pages get no script from now on: all of ours are files, since the policy allows nothing inline. Switching scripts off in the
    /// browser would stop chromedriver's own as well, and it hangs. What differs from that: `<noscript>` is not shown.
    async fn refuse_scripts(&self) -> Result<()> {
        self.devtools("Network.enable", json!({})).await?;
        self.devtools("Network.setBlockedURLs", json!({ "urls": ["*.js", "*.js?*"] })).await?;
        Ok(())
    }

    /// Goes to an address.
    pub async fn goto(&self, url: &str) -> Result<()> {
        Ok(self.client.goto(url).await?)
    }

    /// The path of the page now open.
    pub async fn path(&self) -> Result<String> {
        Ok(self.client.current_url().await?.path().to_owned())
    }

    /// The page's title.
    pub async fn title(&self) -> Result<String> {
        Ok(self.client.title().await?)
    }

    /// The words of the first element that fits, as they are seen.
    pub async fn words(&self, css: &str) -> Result<String> {
        let element = self.client.find(Locator::Css(css)).await.with_context(|| format!("no `{css}` on the page"))?;
        Ok(element.text().await?)
    }

    /// How many elements fit.
    pub async fn count(&self, css: &str) -> Result<usize> {
        Ok(self.client.find_all(Locator::Css(css)).await?.len())
    }

    /// What a field holds.
    pub async fn value(&self, css: &str) -> Result<String> {
        let element = self.client.find(Locator::Css(css)).await.with_context(|| format!("no `{css}` on the page"))?;
        Ok(element.prop("value").await?.unwrap_or_default())
    }

    /// Types into a field after emptying it.
    pub async fn fill(&self, css: &str, text: &str) -> Result<()> {
        let element = self.client.find(Locator::Css(css)).await.with_context(|| format!("no `{css}` on the page"))?;
        element.clear().await?;
        Ok(element.send_keys(text).await?)
    }

    /// Chooses a file on the device.
    pub async fn choose(&self, css: &str, file: &Path) -> Result<()> {
        let element = self.client.find(Locator::Css(css)).await.with_context(|| format!("no `{css}` on the page"))?;
        Ok(element.send_keys(&file.display().to_string()).await?)
    }

    /// Chooses an option of a `<select>` by its value.
    pub async fn select(&self, css: &str, value: &str) -> Result<()> {
        let element = self.client.find(Locator::Css(css)).await.with_context(|| format!("no `{css}` on the page"))?;
        Ok(element.select_by_value(value).await?)
    }

    /// Taps what fits, scrolling to it first as a visitor would.
    pub async fn tap(&self, css: &str) -> Result<()> {
        let element = self.client.find(Locator::Css(css)).await.with_context(|| format!("no `{css}` on the page"))?;
        element.click().await.with_context(|| format!("`{css}` cannot be tapped"))
    }

    /// Taps what an XPath leads to, once it is there: what scripts draw comes in its own time.
    pub async fn tap_at(&self, xpath: &str) -> Result<()> {
        self.at(xpath).await?.click().await.with_context(|| format!("`{xpath}` cannot be tapped"))
    }

    /// Types at the end of what is there.
    pub async fn type_at(&self, xpath: &str, text: &str) -> Result<()> {
        Ok(self.at(xpath).await?.send_keys(text).await?)
    }

    async fn at(&self, xpath: &str) -> Result<Element> {
        let wait = self.client.wait().at_most(Duration::from_secs(30));
        wait.for_element(Locator::XPath(xpath)).await.with_context(|| format!("no `{xpath}` after thirty seconds"))
    }

    /// Pastes what was copied where one writes, as the keys for it do.
    pub async fn paste(&self) -> Result<()> {
        self.devtools("Input.dispatchKeyEvent", json!({ "type": "rawKeyDown", "commands": ["paste"] })).await?;
        Ok(())
    }

    /// Sends the page's form and waits until its answer stands there whole: a tap returns before the answer has come.
    pub async fn submit(&self) -> Result<()> {
        self.measure("window.sent = true").await?;
        self.tap("main form button[type=submit]").await?;
        for _ in 0..300 {
            // The mark is gone with the page that bore it. Between two pages there is nothing to ask.
            let arrived = self.measure("!window.sent && document.readyState === 'complete'").await;
            if arrived.is_ok_and(|arrived| arrived == true) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("no answer to the form after thirty seconds")
    }

    /// Answers no more of these questions and goes on to the next, headed `heading`: on the same page where scripts ask in turn, on one of the
    /// draft's own without.
    pub async fn next_questions(&self, heading: &str) -> Result<()> {
        if self.measure("!!document.getElementById('progress')").await? == true {
            self.tap("main form button[type=submit]").await?;
            return self.wait_for_words("#questions", heading).await;
        }
        self.submit().await?;
        self.wait_for_path("/f/appeal/draft/").await?;
        self.wait_for_words("h1", heading).await
    }

    /// Goes back, as the back button does.
    pub async fn back(&self) -> Result<()> {
        Ok(self.client.back().await?)
    }

    /// Runs a script in the page; works with a visitor's JavaScript switched off too.
    pub async fn measure(&self, expression: &str) -> Result<Value> {
        let answer = self
            .devtools("Runtime.evaluate", json!({ "expression": expression, "returnByValue": true, "awaitPromise": true }))
            .await?;
        ensure!(answer["exceptionDetails"].is_null(), "a script in the page failed: {}", answer["exceptionDetails"]);
        Ok(answer["result"]["value"].clone())
    }

    /// Shows pages in dark or light from now on.
    pub async fn prefer_dark(&self, dark: bool) -> Result<()> {
        self.prefer("prefers-color-scheme", if dark { "dark" } else { "light" }).await
    }

    /// Shows pages as for somebody with this preference, and no other.
    pub async fn prefer(&self, name: &str, value: &str) -> Result<()> {
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": [{ "name": name, "value": value }] })).await?;
        Ok(())
    }

    /// Shows pages as they are printed, for somebody who reads in the dark; [`Browser::prefer`] shows them on a screen again.
    pub async fn print(&self) -> Result<()> {
        let features = json!([{ "name": "prefers-color-scheme", "value": "dark" }]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "media": "print", "features": features })).await?;
        Ok(())
    }

    /// Pages have the focus from now on, whatever window has: without it nothing in them looks as if it had.
    pub async fn hold_focus(&self) -> Result<()> {
        self.devtools("Emulation.setFocusEmulationEnabled", json!({ "enabled": true })).await?;
        Ok(())
    }

    /// Presses the Tab key.
    pub async fn press_tab(&self) -> Result<()> {
        for kind in ["rawKeyDown", "keyUp"] {
            let key = json!({ "type": kind, "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9, "nativeVirtualKeyCode": 9 });
            self.devtools("Input.dispatchKeyEvent", key).await?;
        }
        Ok(())
    }

    /// Makes the visible part of the page so wide and high, in CSS pixels.
    pub async fn resize(&self, width: u32, height: u32) -> Result<()> {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": true });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await?;
        Ok(())
    }

    /// A picture of the whole page as PNG.
    pub async fn picture(&self) -> Result<Vec<u8>> {
        let answer = self.devtools("Page.captureScreenshot", json!({ "format": "png", "captureBeyondViewport": true })).await?;
        let data = answer["data"].as_str().context("no picture came back")?;
        Ok(data_encoding::BASE64.decode(data.as_bytes())?)
    }

    /// Looks at the page as everybody must be able to use it ([`looks`]), and keeps pictures of it for eyes, as a phone and a desktop show it,
    /// light and dark, in the folder that `PICTURES` names, if it names one.
    pub async fn keep(&self, name: &str) -> Result<()> {
        // Without scripts it looks the same: once is enough.
        if self.javascript {
            let complaints = looks::complaints(self).await?;
            ensure!(complaints.is_empty(), "`{name}`: {}", complaints.join("\n"));
        }
        let Some(folder) = std::env::var_os("PICTURES").map(PathBuf::from) else { return Ok(()) };
        fs::create_dir_all(&folder)?;
        for (width, height) in [(1280, 900), (390, 844)] {
            self.resize(width, height).await?;
            for (dark, scheme) in [(true, "dark"), (false, "light")] {
                self.prefer_dark(dark).await?;
                fs::write(folder.join(format!("{name}-{width}-{scheme}.png")), self.picture().await?)?;
            }
        }
        Ok(())
    }

    /// Keeps one picture of what is seen of a page that is not ours, in the folder that `PICTURES` names, if it names one.
    pub async fn keep_as_it_is(&self, name: &str) -> Result<()> {
        let Some(folder) = std::env::var_os("PICTURES").map(PathBuf::from) else { return Ok(()) };
        fs::create_dir_all(&folder)?;
        Ok(fs::write(folder.join(format!("{name}.png")), self.client.screenshot().await?)?)
    }

    /// Waits until the page's path begins with `start`.
    pub async fn wait_for_path(&self, start: &str) -> Result<String> {
        for _ in 0..100 {
            let path = self.path().await?;
            if path.starts_with(start) {
                return Ok(path);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("still at `{}` after ten seconds, expected `{start}…`", self.path().await?)
    }

    /// Waits until the first element that fits says `words`.
    pub async fn wait_for_words(&self, css: &str, words: &str) -> Result<()> {
        let mut said = String::new();
        for _ in 0..100 {
            said = self.words(css).await.unwrap_or_default();
            if said.contains(words) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("`{css}` still says `{said}` after ten seconds, expected `{words}`")
    }

    /// All of these words stand in the main part of the page, which is no wider than the screen.
    pub async fn sees(&self, words: &[&str]) -> Result<()> {
        let page = self.words("main").await?;
        for words in words {
            ensure!(page.contains(words), "`{words}` is not on the page:\n{page}");
        }
        let overflow = self.measure("document.documentElement.scrollWidth - document.documentElement.clientWidth").await?;
        ensure!(overflow == 0, "the page is {overflow} px too wide:\n{page}");
        Ok(())
    }

    /// Gives number and code at the tracker of the site at `url`.
    pub async fn track(&self, url: &str, number: &str, code: &str) -> Result<()> {
        self.goto(&format!("{url}/track/")).await?;
        self.fill("main [name=number]", number).await?;
        self.fill("main [name=code]", code).await?;
        self.submit().await?;
        self.sees(&[number]).await
    }

    /// What the page that is open took, with all that came with it and was not kept from an earlier page.
    pub async fn cost(&self) -> Result<Cost> {
        let cost = self.measure(include_str!("cost.js")).await?;
        let page = cost["page"].as_str().context("a page has a text")?;
        let redirects = cost["redirects"].as_u64().context("a navigation counts its redirects")?;
        let mut bytes = packed(page.as_bytes())?;
        let fetched: Vec<&str> = cost["fetched"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for address in &fetched {
            let mut answer = Server::agent().get(*address).call()?;
            let body = answer.body_mut().read_to_vec()?;
            bytes += if body.starts_with(b"\x89PNG") { body.len() as u64 } else { packed(&body)? };
        }
        Ok(Cost { navigations: 1, redirects, resources: fetched.len() as u64, bytes })
    }

    /// Closes the browser. Dropping it without this only kills the driver.
    pub async fn close(self) -> Result<()> {
        self.client.clone().close().await?;
        Ok(())
    }

    async fn devtools(&self, command: &str, parameters: Value) -> Result<Value> {
        Ok(self.client.issue_cmd(DevTools(json!({ "cmd": command, "params": parameters }))).await?)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// chromedriver's own door to the DevTools protocol.
#[derive(Debug)]
struct DevTools(Value);

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.expect("a session is open")))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.0.to_string()))
    }
}

/// The port that chromedriver says it listens on.
fn port_of(driver: &mut Child) -> Result<u16> {
    let stdout = driver.stdout.take().expect("stdout is piped");
    let mut lines = BufReader::new(stdout).lines();
    while let Some(line) = lines.next().transpose()? {
        if let Some(port) = line.strip_suffix('.').and_then(|line| line.rsplit_once("on port ")).map(|(_, port)| port) {
            let port = port.parse().with_context(|| format!("chromedriver named no port: `{line}`"))?;
            std::thread::spawn(move || lines.for_each(drop));
            return Ok(port);
        }
    }
    bail!("chromedriver ended before it listened")
}

/// How long `body` is when it is compressed as a reverse proxy does.
fn packed(body: &[u8]) -> Result<u64> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(body)?;
    Ok(packer.finish()?.len() as u64)
}
