//! What comes out of a printer: A4 between margins of 20 mm, as if read in the dark before. Nothing that only leads elsewhere, words dark on white
//! whether grounds are printed or not, addresses of outside links in full, nothing wider than the sheet or cut off by what scrolls on a screen.

use anyhow::Result;

use crate::Browser;

const PAPER: &str = include_str!("paper.js");

/// 170 mm and 257 mm in CSS pixels.
const SHEET: (u32, u32) = (642, 971);

/// What is wrong with the page that is open as it would be printed, in words; the page is left on a screen, light and as
/// wide as a phone.
pub async fn complaints(browser: &Browser) -> Result<Vec<String>> {
    browser.resize(SHEET.0, SHEET.1).await?;
    browser.print().await?;
    let found = browser.measure(PAPER).await;
    browser.prefer_dark(false).await?;
    browser.resize(390, 844).await?;
    super::said(&found?)
}
