//! What everybody can see and use: axe-core on a phone and a desktop, in light and in dark; no sideways scroll on the narrowest screen, with
//! text at one and a half times its size, in 长辈版, and with the spacing that WCAG 1.4.12 lets readers ask for; in 长辈版 the contrast of AAA (7 : 1),
//! text of 20 px and targets of 56 px; nothing moves for whoever asked for less motion.

use std::fs;

use anyhow::{Context, Result};

use crate::Browser;

const LOOK: &str = include_str!("looks.js");

/// A style sheet beside the page's own, by the one way that the policy leaves open to a reader's browser.
const SPACING: &str = "(() => { const sheet = new CSSStyleSheet(); sheet.replaceSync(`* { line-height: 1.5 !important; \
    letter-spacing: .12em !important; word-spacing: .16em !important; } p { margin-bottom: 2em !important; }`); \
    document.adoptedStyleSheets = [sheet]; })()";

/// As the switch in the masthead does.
const LARGER: &str = "document.documentElement.classList.add('larger')";

/// What is wrong with the page that is open, in words; the page is left as it was, as wide as a phone.
pub async fn complaints(browser: &Browser) -> Result<Vec<String>> {
    let axe = super::checkers()?.join("node_modules/axe-core/axe.min.js");
    let axe = fs::read_to_string(&axe).with_context(|| format!("cannot read `{}`", axe.display()))?;
    browser.measure(&format!("{axe}; null")).await?;
    let mut complaints = Vec::new();
    let mut say = |how: &str, found: Vec<String>| complaints.extend(found.into_iter().map(|found| format!("{how}: {found}")));

    for (width, height) in [(1280, 900), (390, 844)] {
        browser.resize(width, height).await?;
        for (dark, scheme) in [(true, "dark"), (false, "light")] {
            browser.prefer_dark(dark).await?;
            say(&format!("{width} px, {scheme}"), look(browser, "axe width origin").await?);
        }
    }
    browser.resize(320, 640).await?;
    say("320 px", look(browser, "width").await?);
    for (how, set, unset) in [
        ("320 px, WCAG text spacing", SPACING, "document.adoptedStyleSheets = []"),
        ("320 px, 长辈版", LARGER, "document.documentElement.classList.remove('larger')"),
    ] {
        browser.measure(set).await?;
        say(how, look(browser, "width").await?);
        browser.measure(unset).await?;
    }
    browser.resize(390, 844).await?;
    browser.measure(LARGER).await?;
    for (dark, scheme) in [(true, "dark"), (false, "light")] {
        browser.prefer_dark(dark).await?;
        say(&format!("长辈版, {scheme}"), look(browser, "aaa targets").await?);
    }
    browser.measure("document.documentElement.classList.remove('larger')").await?;
    browser.measure("document.documentElement.style.fontSize = '150%'").await?;
    say("390 px, text at 150 %", look(browser, "width").await?);
    browser.measure("document.documentElement.style.fontSize = ''").await?;
    browser.prefer("prefers-reduced-motion", "reduce").await?;
    say("less motion", look(browser, "still").await?);
    browser.prefer_dark(false).await?;
    Ok(complaints)
}

async fn look(browser: &Browser, steps: &str) -> Result<Vec<String>> {
    super::said(&browser.measure(&format!("{LOOK}(\"{steps}\".split(\" \"))")).await?)
}
