//! `keys`: exchanges the key. At each moment everything can be read: the old key is dropped only when nothing is left under it.

use std::time::{Duration, Instant};

use functions::{
    KeyError, Service,
    keys::{Stage, alone, exchange, exchange_file, retire_file},
    reseal::{Dropped, Left},
    table::sqlite,
};

use crate::{
    cli::{KeysOptions, KeysStep, Place},
    failure::Failure,
    office,
    open::{self, key_failure, service_failure},
    serve::told_to_stop,
    terminal::{self, eprintln, println},
};

/// It is said so often how far the work is.
const SAID_EVERY: Duration = Duration::from_secs(2);
/// Passes that get nowhere because others change the same: a further one would not, either.
const IN_VAIN: u32 = 3;

/// Does one step.
pub async fn run(options: KeysOptions) -> anyhow::Result<()> {
    match options.step {
        None => show(&options.place).await,
        Some(KeysStep::Rotate(at)) if at.place.table.is_some() => announce(&at.place).await,
        Some(KeysStep::Rotate(at)) => rotate(&at.place).await,
        Some(KeysStep::Reseal(at)) => {
            let (service, _) = office::open(&at.place).await?;
            reseal(&service).await
        }
        Some(KeysStep::Retire(at)) => retire(&at.place).await,
    }
}

/// Says which key is in use and what comes next.
async fn show(place: &Place) -> anyhow::Result<()> {
    let (service, _) = office::open(place).await?;
    println!("正在用的密钥：{}", service.key_id());
    match stage(&service).await? {
        Stage::One => println!("没有在换密钥。要换：xiangshang keys rotate"),
        Stage::Announced => println!("新密钥已经认得，还没有用起来。接下来：部署第二份密钥文字（docs/aws.md）"),
        Stage::Going => {
            println!("正在换，旧密钥还留着。接下来：xiangshang keys reseal，全部换完以后 xiangshang keys retire");
        }
        Stage::Dropped => println!("原有的内容都换好了，密钥文字里还有旧密钥。接下来：xiangshang keys retire"),
    }
    Ok(())
}

async fn stage(service: &Service) -> anyhow::Result<Stage> {
    service.key_stage().await.map_err(service_failure)
}

async fn rotate(place: &Place) -> anyhow::Result<()> {
    let (table, key) = (open::file(place)?, open::key(place)?);
    // Whoever is in the wrong folder is told so, and a wrong key is found out, before anything is changed.
    let (service, _) = office::open(place).await?;
    if stage(&service).await? != Stage::One {
        return Err(key_failure(KeyError::Exchanged));
    }
    drop(service);
    let Some(closed) = sqlite::close_to_others(&table)? else {
        return Err(Failure::new(
            "有 xiangshang 正在用这些数据，密钥没有换",
            "先停止 serve（例如 systemctl stop xiangshang）和别的窗口里的 xiangshang，再运行一次；只认旧密钥的程序读不了新写的内容",
        )
        .into());
    };
    exchange_file(&key).map_err(key_failure)?;
    drop(closed);
    println!("新密钥已经写进 {}，旧的还在里面。现在可以启动 serve。", key.display());
    println!("请马上把这个文件另外抄存一份，不要和备份放在一起。");
    let (service, _) = office::open(place).await?;
    reseal(&service).await
}

/// Puts everything under the key in use, pass after pass, until one finds nothing that is not.
async fn reseal(service: &Service) -> anyhow::Result<()> {
    match stage(service).await? {
        Stage::One => return Err(Failure::new("没有在换密钥，没有要做的", "要换：xiangshang keys rotate").into()),
        Stage::Announced => return Err(not_begun()),
        Stage::Going | Stage::Dropped => {}
    }
    tokio::select! {
        done = passes(service) => done,
        () = told_to_stop() => Err(Failure::new("停下了，换到一半，什么都没有丢", "接着换：xiangshang keys reseal").into()),
    }
}

async fn passes(service: &Service) -> anyhow::Result<()> {
    let (mut written, mut in_vain, mut said) = (0, 0, Instant::now());
    loop {
        let (mut looked, mut changed, mut left, mut after) = (0, 0, Left::default(), None);
        loop {
            let part = service.reseal(after).await.map_err(service_failure)?;
            looked += part.looked;
            changed += part.written;
            left.add(part.left);
            if said.elapsed() >= SAID_EVERY {
                eprintln!("已看 {looked} 条，换了 {} 条……", written + changed);
                said = Instant::now();
            }
            after = part.next;
            if after.is_none() {
                break;
            }
        }
        written += changed;
        if left.broken > 0 && changed == 0 {
            return Err(broken(&left));
        }
        if left.items == 0 && changed == 0 {
            println!("全部换成了新密钥（写了 {written} 条，看了 {looked} 条）。");
            if let Some(until) = left.until {
                println!("还有 {} 条填了一半的表单、回执之类，到 {} 自己过期。", left.expiring, terminal::moment(until));
            }
            println!("接下来：确认新密钥抄存好了，再丢掉旧的：xiangshang keys retire");
            return Ok(());
        }
        in_vain = if changed == 0 { in_vain + 1 } else { 0 };
        if in_vain == IN_VAIN {
            return Err(Failure::new(
                format!("换了 {written} 条，还有 {} 条没有换成：别人正在改它们", left.items),
                "什么都没有丢。过一会儿再运行一次 xiangshang keys reseal；一直这样，请把这句话告诉维护程序的人",
            )
            .into());
        }
        if changed == 0 {
            tokio::time::sleep(SAID_EVERY).await;
        }
    }
}

async fn retire(place: &Place) -> anyhow::Result<()> {
    let (service, _) = office::open(place).await?;
    if stage(&service).await? == Stage::One {
        return Err(Failure::new("只有一把密钥，没有旧的可丢", "要换：xiangshang keys rotate").into());
    }
    match service.drop_keys().await.map_err(service_failure)? {
        Dropped::Done => {}
        Dropped::NotBegun => return Err(not_begun()),
        Dropped::Left(left) if left.items > 0 => {
            return Err(Failure::new(
                format!("还有 {} 条内容用着旧密钥，没有丢", left.items),
                "先运行 xiangshang keys reseal，把它们换成新密钥",
            )
            .into());
        }
        Dropped::Left(left) => {
            let until = left.until.map(terminal::moment).unwrap_or_default();
            return Err(Failure::new(
                format!("还有 {} 条填了一半的表单、回执之类用着旧密钥，没有丢", left.expiring),
                &format!("它们到 {until} 自己过期，过后再运行一次 xiangshang keys retire"),
            )
            .into());
        }
    }
    if place.table.is_some() {
        let text = std::env::var("XIANGSHANG_KEY").unwrap_or_default();
        println!(
            "表里没有内容用着旧密钥了。把 SealingKey 换成下面这份，抄存两份，再部署一次：\n{}",
            alone(&text).map_err(key_failure)?
        );
    } else {
        let key = open::key(place)?;
        retire_file(&key).map_err(key_failure)?;
        println!("旧密钥已经从 {} 里去掉。请把这个文件再抄存一份。", key.display());
    }
    println!("以前的备份要用做备份那时的密钥文件才打得开：备份留多久，那时的副本就留多久，过后一起销毁。");
    Ok(())
}

/// Several functions begin anew at different times in the cloud, so all of them know the new key before any writes with it.
async fn announce(place: &Place) -> anyhow::Result<()> {
    // A wrong key is found out first: three texts made of it would lock the functions out.
    let (service, _) = office::open(place).await?;
    if stage(&service).await? != Stage::One {
        return Err(key_failure(KeyError::Exchanged));
    }
    let text = std::env::var("XIANGSHANG_KEY").unwrap_or_default();
    let exchange = exchange(&text).map_err(key_failure)?;
    println!("什么都还没有改。下面三份是一套，都抄存好，照顺序做；再运行一次会得到另一套，不能混着用。");
    println!("\n1. 把 SealingKey 换成这份，部署，等一刻钟（让全部函数先认得新密钥）：\n{}", exchange.known);
    println!(
        "\n2. 换成这份，部署（从这时起用新密钥写），等一刻钟；把 XIANGSHANG_KEY 也设成它，运行 xiangshang keys reseal --table dynamodb:表名：\n{}",
        exchange.used
    );
    println!("\n3. 运行 xiangshang keys retire --table dynamodb:表名，再换成这份，部署：\n{}", exchange.alone);
    Ok(())
}

fn not_begun() -> anyhow::Error {
    Failure::new(
        "新密钥还没有用起来，没有内容要换",
        "先部署第二份密钥文字，并把 XIANGSHANG_KEY 也设成它（docs/aws.md 的“换密钥”）",
    )
    .into()
}

fn broken(left: &Left) -> anyhow::Error {
    let example = left.example.as_deref().unwrap_or_default();
    Failure::new(
        format!("有 {} 条内容打不开，没有换（其中一条：{example}）；别的都换好了", left.broken),
        "它们被别的程序改过或者坏了：从备份里核对这一条，旧密钥先不要丢",
    )
    .into()
}
