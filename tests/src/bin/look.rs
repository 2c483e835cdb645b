//! Takes pictures of pages as people see them: phone and desktop, light and dark. For eyes, not for tests.

use std::{fs, path::PathBuf};

use anyhow::Result;
use clap::Parser;
use tests::{Browser, Device};

/// Takes pictures of pages: 390 and 1280 px wide, light and dark, whole pages.
#[derive(Parser)]
#[command(
    after_help = "Example:\n  cargo run --package tests --bin look -- --to /tmp/pictures http://127.0.0.1:8080/ http://127.0.0.1:8080/appeal/"
)]
struct Arguments {
    /// Folder for the pictures.
    #[arg(long, default_value = "target/pictures")]
    to: PathBuf,
    /// Only the phone in light.
    #[arg(long)]
    quick: bool,
    /// Addresses of pages.
    #[arg(required = true)]
    pages: Vec<String>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    fs::create_dir_all(&arguments.to)?;
    let devices = [(Device::Phone, "390"), (Device::Desktop, "1280")];
    for (device, width) in &devices[..if arguments.quick { 1 } else { 2 }] {
        let browser = Browser::open(*device, true).await?;
        for page in &arguments.pages {
            for (dark, scheme) in [(false, "light"), (true, "dark")] {
                if arguments.quick && dark {
                    continue;
                }
                browser.prefer_dark(dark).await?;
                browser.goto(page).await?;
                let name = url::Url::parse(page)?.path().trim_matches('/').replace('/', "-");
                let name = if name.is_empty() { "home" } else { &name };
                let file = arguments.to.join(format!("{name}-{width}-{scheme}.png"));
                fs::write(&file, browser.picture().await?)?;
                println!("{}", file.display());
            }
        }
        browser.close().await?;
    }
    Ok(())
}
