//! `xiangshang`: the whole of 相商未来 on one machine. Builds the site, serves it with its functions on SQLite, and does for the
//! office what it needs before it has a desk.
//!
//! Nothing here decides anything: `site_gen` builds, `functions` and `domain` rule. This is wiring and the command line.

mod cli;
mod failure;
mod media;
mod office;
mod open;
mod operation;
mod serve;
mod terminal;
mod usage;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use cli::{Cli, Command};
use tracing_subscriber::EnvFilter;

/// A build of the site makes many small values on all threads: with the system's allocator an edit took longer.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let matches = usage::in_chinese(Cli::command()).try_get_matches();
    let cli = match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => return usage::explain(&error),
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    // Of a pipe, a file or a service's journal colours would be noise.
    let colours = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).init();
    let runtime = tokio::runtime::Runtime::new().expect("the system gives threads at start");
    let done = runtime.block_on(run(cli));
    // A build in progress must not hold up the end; it only ever replaces whole files.
    runtime.shutdown_background();
    match done {
        Ok(code) => code,
        Err(error) => {
            terminal::eprintln!("错误：{}", failure::words(&error));
            ExitCode::from(1)
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(options) => serve::run(options).await.map(|()| ExitCode::SUCCESS),
        Command::Inbox(options) => office::inbox::run(options).await.map(|()| ExitCode::SUCCESS),
        Command::Case(options) => office::case::run(options).await.map(|()| ExitCode::SUCCESS),
        Command::Roster(options) => office::roster::run(options).await.map(|()| ExitCode::SUCCESS),
        Command::Ledger(options) => office::ledger::run(options).await.map(|()| ExitCode::SUCCESS),
        Command::Check(options) => office::check::run(options).await,
        Command::Scoreboard(options) => office::scoreboard::run(options).await.map(|()| ExitCode::SUCCESS),
        Command::Appeal(options) => office::take::appeal(options).await,
        Command::Register(options) => office::take::register(options).await,
        Command::Intake(options) => office::take::intake(options).await,
        Command::Calls(options) => office::calls::run(options).await.map(|()| ExitCode::SUCCESS),
        Command::Erasures(options) => office::erasures::run(options).await.map(|()| ExitCode::SUCCESS),
        Command::Publish(options) => operation::publish::run(options).await.map(|()| ExitCode::SUCCESS),
        Command::Hook(options) => operation::hook::run(options).await.map(|()| ExitCode::SUCCESS),
        Command::Keys(options) => operation::keys::run(options).await.map(|()| ExitCode::SUCCESS),
        Command::Backup(options) => operation::backup::run(options).await.map(|()| ExitCode::SUCCESS),
        Command::Restore(options) => operation::restore::run(options).await.map(|()| ExitCode::SUCCESS),
    }
}
