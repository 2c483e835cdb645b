//! Whether a page can be used by keyboard alone, on a desktop and on a phone with everything unfolded: Tab leads to every link, button and field that
//! is to be seen, and each stop is on the screen, looks otherwise than without the focus, and lies under nothing.

use anyhow::{Result, ensure};

use crate::Browser;

const KEYBOARD: &str = include_str!("keyboard.js");

/// More stops than any page has.
const MOST: usize = 1000;

/// What stands in the way of whoever walks through the page that is open, in words; the page is left unfolded, as wide as a phone.
pub async fn complaints(browser: &Browser) -> Result<Vec<String>> {
    let mut complaints = Vec::new();
    browser.hold_focus().await?;
    browser.measure(&format!("{KEYBOARD}; null")).await?;
    for (width, height, unfold) in
        [(1280, 900, "null"), (390, 844, "document.querySelectorAll('details').forEach((one) => { one.open = true })")]
    {
        browser.resize(width, height).await?;
        browser.measure(unfold).await?;
        browser.measure("walk.begin()").await?;
        let mut stops = 0;
        loop {
            browser.press_tab().await?;
            if browser.measure("walk.step()").await? != true {
                break;
            }
            stops += 1;
            ensure!(stops < MOST, "the walk through `{}` never ends", browser.path().await?);
        }
        let found = super::said(&browser.measure("walk.end()").await?)?;
        complaints.extend(found.into_iter().map(|found| format!("{width} px: {found}")));
    }
    Ok(complaints)
}
