//! `check`: what `site-gen check` finds, and the people of the ledger who stand on pages. The generator knows no table and no key, so their names are
//! opened here and handed to it; that they were is recorded.

use std::process::ExitCode;

use functions::office::{Span, Tier};
use site_gen::{
    build::Options,
    commands::check::{self, Format},
    diagnostic::Colours,
    doctor,
};

use crate::{cli::CheckOptions, open::service_failure, terminal::print};

/// Prints what was found. The code is that of `site-gen check`: 1 when a mistake is among it.
pub async fn run(options: CheckOptions) -> anyhow::Result<ExitCode> {
    let operator = super::operator(&options.who)?;
    let (service, clock) = super::open(&options.place).await?;
    let mut rows = service.ledger(Tier::Pages, Span::default(), &operator).await.map_err(service_failure)?;
    let column = rows.columns().iter().position(|column| *column == "联系人").expect("a ledger says whom to ask");
    let mut people = Vec::new();
    while let Some(mut row) = rows.next().await.map_err(service_failure)? {
        people.push(row.swap_remove(column));
    }
    let site = Options::new(&options.place.root, clock.now());
    let checked =
        tokio::task::spawn_blocking(move || check::run_with(&site, &doctor::people(people), Format::Human, Colours::Ansi));
    let checked = checked.await??;
    print!("{}", checked.text);
    Ok(ExitCode::from(u8::from(!checked.fine)))
}
