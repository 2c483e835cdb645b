//! `erasures`: the proofs of what was erased, and whether the record of them is whole.

use domain::erasure::{Amount, Proof};
use functions::Proofs;

use crate::{
    cli::ErasuresOptions,
    failure::Failure,
    open::service_failure,
    terminal::{self, print, println},
};

const HEADINGS: [&str; 5] = ["序号", "编号", "删除时间", "原因", "删了什么"];

/// Prints all proofs. A record that is not as it was written is a failure.
pub async fn run(options: ErasuresOptions) -> anyhow::Result<()> {
    let (service, _) = super::open(&options.place).await?;
    let Proofs { proofs, broken } = service.erasures().await.map_err(service_failure)?;
    if proofs.is_empty() && broken.is_none() {
        println!("还没有删除过信息。");
        return Ok(());
    }
    print!("{}", terminal::table(&HEADINGS, &proofs.iter().map(row).collect::<Vec<_>>()));
    match broken {
        None => {
            println!("\n共 {} 条，前后相连，没有改动过。", proofs.len());
            Ok(())
        }
        Some(place) => {
            let remedy = "先不要再动数据；用 xiangshang restore 把备份恢复到别处，对照是哪一条被改了";
            Err(Failure::new(format!("删除的证明从第 {place} 条起对不上：有人改过或抽掉过"), remedy).into())
        }
    }
}

fn row(proof: &Proof) -> Vec<String> {
    let by = proof.operator.as_ref().map(|operator| format!("（{operator} 代办）")).unwrap_or_default();
    vec![
        proof.seq.to_string(),
        proof.number.clone(),
        terminal::moment(proof.erased.at),
        format!("{}{by}", proof.erased.why.words()),
        in_words(proof.amount),
    ]
}

fn in_words(amount: Amount) -> String {
    let Amount { answers, notes, look_ups, files } = amount;
    let parts = [(answers, "项加密的内容"), (notes, "条文字"), (look_ups, "个查找线索"), (files, "个附件")];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    if parts.is_empty() { "没有可删的内容".to_owned() } else { parts.join("、") }
}
