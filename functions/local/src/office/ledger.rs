//! `ledger`: the ledger of appeals (台账), a few columns on a terminal, all of them as CSV for Excel and WPS.

use std::{
    fs,
    io::{self, Write},
};

use anyhow::Context;
use functions::office::{Ledger, Tier};

use crate::{
    cli::{LedgerOptions, TierName},
    open::service_failure,
    terminal::{self, eprintln, print, println},
};

/// What fits on a terminal.
const BRIEF: [&str; 8] = ["受理编号", "收集时间", "企业名称", "类别", "紧急程度", "办理时限", "办理进展", "是否办结"];
/// Digits that are no numbers: a spreadsheet would round the one and show the other as 1.38E+10.
const CODES: [&str; 3] = ["受理编号", "信用代码", "联系电话"];

/// Prints or writes the ledger. That it was made is recorded, for the full one names firms and people.
pub async fn run(options: LedgerOptions) -> anyhow::Result<()> {
    let operator = super::operator(&options.who)?;
    let tier = match options.tier {
        TierName::Leaders => Tier::Leaders,
        TierName::Environment => Tier::Environment,
        TierName::Public => Tier::Public,
    };
    let (service, _) = super::open(&options.place).await?;
    let ledger = service.ledger(tier, &operator).await.map_err(service_failure)?;
    match (options.csv, options.output) {
        (true, Some(path)) => {
            fs::write(&path, csv(&ledger)?).with_context(|| format!("不能写入 `{}`", path.display()))?;
            eprintln!("已写入 {} 件：{}", ledger.rows.len(), path.display());
        }
        (true, None) => match std::io::stdout().lock().write_all(&csv(&ledger)?) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            written => written.context("不能输出台账")?,
        },
        (false, _) => {
            print!("{}", brief(&ledger));
            println!(
                "\n共 {} 件。全部 {} 列：xiangshang ledger --csv --output 台账.csv",
                ledger.rows.len(),
                ledger.columns.len()
            );
        }
    }
    Ok(())
}

fn brief(ledger: &Ledger) -> String {
    let columns: Vec<usize> = BRIEF.iter().filter_map(|name| ledger.columns.iter().position(|column| column == name)).collect();
    let headings: Vec<&str> = columns.iter().map(|column| ledger.columns[*column].as_str()).collect();
    let rows: Vec<Vec<String>> = ledger
        .rows
        .iter()
        .map(|row| columns.iter().map(|column| row.get(*column).cloned().unwrap_or_default()).collect())
        .collect();
    terminal::table(&headings, &rows)
}

/// With a BOM and CRLF, which Excel wants to see UTF-8 in it.
fn csv(ledger: &Ledger) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(b"\xEF\xBB\xBF".to_vec());
    writer.write_record(&ledger.columns)?;
    for row in &ledger.rows {
        let cells = ledger.columns.iter().zip(row).map(|(column, text)| {
            let text = harmless(text);
            if CODES.contains(&column.as_str()) { as_text(&text) } else { text }
        });
        writer.write_record(cells)?;
    }
    writer.into_inner().map_err(|error| error.into_error()).context("不能写成 CSV")
}

/// A cell that a spreadsheet would run as a formula is shown as what was typed, with an apostrophe before it.
fn harmless(text: &str) -> String {
    const STARTS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    let runs = text.starts_with(['\t', '\r', '\n']) || text.trim_start().starts_with(STARTS);
    if runs { format!("'{text}") } else { text.to_owned() }
}

/// A tab behind a code keeps Excel and WPS from reading it as a number; neither shows the tab.
fn as_text(text: &str) -> String {
    let number_like = text.starts_with(|first: char| first.is_ascii_digit());
    if number_like { format!("{text}\t") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_never_becomes_a_formula() {
        for (typed, cell) in [
            ("=1+1", "'=1+1"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("-2+3", "'-2+3"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("  =1", "'  =1"),
            ("＝1+1", "'＝1+1"),
            ("1=1", "1=1"),
            ("相山区某某食品厂", "相山区某某食品厂"),
            ("", ""),
        ] {
            assert_eq!(harmless(typed), cell, "{typed:?}");
        }
    }

    #[test]
    fn the_file_opens_in_excel_without_guessing() {
        let ledger = Ledger {
            columns: ["序号", "受理编号", "信用代码", "联系电话", "内容摘要"].map(str::to_owned).to_vec(),
            rows: vec![
                ["1", "XS261124123456", "91110000600037341L", "13800001234", "贷款，\"续贷\"\n第二行"]
                    .map(str::to_owned)
                    .to_vec(),
                ["2", "XS261124123457", "暂无", "138****1234", "=HYPERLINK(1)"].map(str::to_owned).to_vec(),
            ],
        };
        let expected = "\u{feff}序号,受理编号,信用代码,联系电话,内容摘要\r\n\
            1,XS261124123456,91110000600037341L\t,13800001234\t,\"贷款，\"\"续贷\"\"\n第二行\"\r\n\
            2,XS261124123457,暂无,138****1234\t,'=HYPERLINK(1)\r\n";
        assert_eq!(String::from_utf8(csv(&ledger).unwrap()).unwrap(), expected);
    }

    #[test]
    fn a_terminal_shows_the_columns_that_the_tier_has() {
        let ledger = Ledger {
            columns: ["序号", "受理编号", "类别"].map(str::to_owned).to_vec(),
            rows: vec![["1", "XS1", "融资"].map(str::to_owned).to_vec()],
        };
        assert_eq!(brief(&ledger), "受理编号  类别\n────────  ────\nXS1       融资\n");
    }
}
