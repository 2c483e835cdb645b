//! The ledger of 10,000 and of 100,000 appeals, as .xlsx and as CSV: most memory, time, size.
//!
//!     cargo bench --package local --bench ledger [-- [APPEALS] [--built DIR]]
//!
//! `--built` names a folder with another `xiangshang`, `target/release` say: this program only files the appeals, so it may be built without
//! optimisation (`cargo test --bench ledger`).
//!
//! The real program on SQLite and the project's own forms; every tenth appeal was taken on and has a note. What a process took is asked
//! of the system by Python, which waits for it.

#[path = "../tests/program/site.rs"]
#[allow(dead_code, reason = "a benchmark needs little of it")]
mod site;

use std::{fs, process::Command, sync::Arc};

use functions::{
    Clock, Config, KeySource, Service,
    office::{Operator, Remarks, Taken, Work, Worked},
    table::sqlite::Sqlite,
};
use site::{Site, build, done};
use tokio::task::JoinSet;

const NOW: &str = "2026-12-01T09:00:00+08:00";
const AFTER: &str = "2027-06-01T09:00:00+08:00";
const AT_ONCE: usize = 64;

const MEASURE: &str = "
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_maxrss, used.ru_utime + used.ru_stime)
";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let most: usize = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(100_000);
    site::take_program(&arguments);
    let site = Site::whole();
    build(&site, NOW);
    done(&site.run(&["publish", "--now", NOW]));
    let runtime = tokio::runtime::Runtime::new().expect("the system gives what a runtime needs");
    let mut stored = 0;
    let mut memory = Vec::new();
    for appeals in [most / 10, most] {
        runtime.block_on(fill(&site, stored..appeals));
        stored = appeals;
        for file in ["台账.xlsx", "台账.csv"] {
            let begun = std::time::Instant::now();
            let (peak, processor) = written(&site, file);
            let took = begun.elapsed().as_secs_f64();
            let size = fs::metadata(site.path(file)).expect("it was written").len() as f64 / 1e6;
            println!(
                "{file}, {appeals:>7} appeals: at most {peak:>5.1} MB, {took:>6.1} s ({processor:.1} s of processor), {size:.1} MB"
            );
            memory.push((file, peak));
        }
    }
    for file in ["台账.xlsx", "台账.csv"] {
        let peaks: Vec<f64> = memory.iter().filter(|(name, _)| *name == file).map(|(_, peak)| *peak).collect();
        println!("{file}: ten times the rows take {:.2} times the memory", peaks[1] / peaks[0]);
    }
}

/// Most megabytes in memory and seconds of processor of one ledger.
fn written(site: &Site, file: &str) -> (f64, f64) {
    let ledger = site.command(&["ledger", "--output", file, "--force", "--now", AFTER]);
    let mut python = Command::new("python3");
    python.args(["-c", MEASURE]).arg(ledger.get_program()).args(ledger.get_args()).current_dir(site.path(""));
    python.envs(ledger.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = python.output().expect("python3 is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).expect("two numbers");
    let numbers: Vec<f64> = said.split_whitespace().map(|number| number.parse().expect("two numbers")).collect();
    (numbers[0] / 1024.0, numbers[1])
}

/// Appeals that staff take down, each ten seconds after the one before: a day has a hundred thousand numbers, and this must not use them up.
async fn fill(site: &Site, appeals: std::ops::Range<usize>) {
    let clock = Clock::standing_at(NOW.parse().expect("a moment"));
    clock.advance(std::time::Duration::from_secs(10 * appeals.start as u64).try_into().expect("some days"));
    let table = Sqlite::open(&site.path("data/xiangshang.sqlite"), clock.clone()).expect("`publish` has made it");
    let key = KeySource::File(site.path("config/xiangshang/key"));
    let service =
        Service::open(Arc::new(table), &key, clock.clone(), Config::default()).await.expect("the key that belongs to it");
    let service = Arc::new(service);
    let mut tasks = JoinSet::new();
    for appeal in appeals {
        if tasks.len() == AT_ONCE {
            tasks.join_next().await.expect("there are some").expect("nobody else uses the table");
        }
        clock.advance(std::time::Duration::from_secs(10).try_into().expect("some seconds"));
        tasks.spawn(take(service.clone(), appeal));
    }
    tasks.join_all().await;
}

async fn take(service: Arc<Service>, appeal: usize) {
    let (company, mobile) = (format!("淮北示例{appeal}号食品有限公司"), format!("139{appeal:08}"));
    let values = [
        ("category", "finance"),
        ("title", "贷款到期无法续贷"),
        ("description", "我公司在某银行的流动资金贷款下月到期，银行口头告知不再续贷，影响原料收购，请协调。"),
        ("urgency", "normal"),
        ("company", company.as_str()),
        ("contact", "张三丰"),
        ("mobile", mobile.as_str()),
        ("publish", "no"),
        ("handle", "yes"),
    ];
    let raw = values.into_iter().map(|(name, value)| (name.to_owned(), vec![value.to_owned()])).collect();
    let operator = Operator("小李".to_owned());
    let taken = service.take("appeal", raw, &operator).await.expect("nobody else uses the table");
    let Taken::Received(receipt) = taken else { panic!("{taken:?}") };
    if appeal.is_multiple_of(10) {
        let remarks = Remarks { note: Some("已经联系银行，本周内答复。".to_owned()), private: None };
        let worked = service.work(&receipt.number, &Work::Accept, &remarks, &operator).await.expect("it was just filed");
        assert!(matches!(worked, Worked::Done { .. }), "{worked:?}");
    }
}
