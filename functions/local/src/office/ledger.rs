//! `ledger`: the ledger of appeals (台账), a few columns on a terminal, all of them for Excel and WPS. Each row is written as it is read:
//! a hundred thousand take no more memory than ten.

mod cells;
mod spreadsheet;

use std::{
    fs,
    io::{self, BufWriter, IsTerminal, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use cells::harmless;
use domain::{Moment, words};
use functions::office::{LedgerRows, Span, Tier};
use indicatif::ProgressBar;
use spreadsheet::Spreadsheet;
use tempfile::NamedTempFile;

use crate::{
    cli::{LedgerOptions, TierName},
    failure::Failure,
    open::service_failure,
    terminal::{self, eprintln, print, println},
};

/// What fits on a terminal.
const BRIEF: [&str; 8] = ["受理编号", "收集时间", "企业名称", "类别", "紧急程度", "办理时限", "办理进展", "是否办结"];
/// Digits that are no numbers: a spreadsheet would round the one and show the other as 1.38E+10.
const CODES: [&str; 3] = ["受理编号", "信用代码", "联系电话"];
const A_DAY: i64 = 24 * 3600;

/// Prints or writes the ledger. That it was made is recorded, for the full one names firms and people.
pub async fn run(options: LedgerOptions) -> anyhow::Result<()> {
    let operator = super::operator(&options.who)?;
    let tier = match options.tier {
        TierName::Leaders => Tier::Leaders,
        TierName::Environment => Tier::Environment,
        TierName::Public => Tier::Public,
    };
    let span = span(&options)?;
    // What cannot be written is said before anything is recorded.
    let target = options.output.as_deref().map(|path| Target::new(path, &options)).transpose()?;
    let (service, clock) = super::open(&options.place).await?;
    let rows = service.ledger(tier, span, &operator).await.map_err(service_failure)?;
    match target {
        Some(target) => {
            let about = format!("{}　{}导出", tier.words(), words::date(clock.now().date()));
            let written = tokio::select! {
                written = write(rows, &target, &about) => written?,
                () = crate::serve::told_to_stop() => {
                    return Err(Failure::new("停下了，没有写好台账", "再运行一次；原来的文件没有动").into());
                }
            };
            eprintln!("已写入 {written} 件：{}", target.path.display());
        }
        None if options.csv => match print_csv(rows).await {
            Err(error) if is_broken_pipe(&error) => {}
            written => written.context("不能输出台账")?,
        },
        None => {
            let (brief, count) = brief(rows).await?;
            print!("{brief}");
            println!("\n共 {count} 件。全部列：xiangshang ledger --output 台账.xlsx");
        }
    }
    Ok(())
}

/// The days that were asked for, whole.
fn span(options: &LedgerOptions) -> anyhow::Result<Span> {
    let before = options.to.map(|day| Moment(day.0 + Duration::from_secs(A_DAY.unsigned_abs())));
    if let (Some(from), Some(before)) = (options.from, before)
        && from >= before
    {
        return Err(Failure::new("--from 的日期晚于 --to 的日期", "把先后对调一下").into());
    }
    Ok(Span { from: options.from, before })
}

/// A file that is to be written.
struct Target {
    path: PathBuf,
    /// Where it will be.
    folder: PathBuf,
    is_spreadsheet: bool,
    /// What is there may be replaced.
    force: bool,
}

impl Target {
    fn new(path: &Path, options: &LedgerOptions) -> anyhow::Result<Target> {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        let is_spreadsheet = match ending.as_deref() {
            _ if path.is_dir() => {
                return Err(Failure::new(format!("不能写入 `{}`：这是文件夹", path.display()), "写明文件名").into());
            }
            Some("xlsx") if options.csv => {
                let remedy = "去掉 --csv 写 Excel 表格，或把文件名改成 .csv";
                return Err(Failure::new("--csv 和 .xlsx 的文件名对不上", remedy).into());
            }
            Some("xlsx") => true,
            Some("csv") => false,
            _ if options.csv => false,
            _ => {
                let what = format!("看不出 `{}` 要写成什么", path.display());
                return Err(Failure::new(what, "文件名以 .xlsx（Excel 表格）或 .csv 结尾").into());
            }
        };
        if path.exists() && !options.force {
            let remedy = "换个文件名（例如带上日期），或加 --force 换掉旧的";
            return Err(Failure::new(format!("`{}` 已经有了，没有写台账", path.display()), remedy).into());
        }
        if path.exists() && !path.is_file() {
            return Err(Failure::new(format!("`{}` 不是普通文件", path.display()), "换一个文件名").into());
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
        let cannot = || format!("不能写入 `{}`", path.display());
        // The folder is there and may be written.
        if !fs::metadata(&folder).with_context(cannot)?.is_dir() {
            return Err(io::Error::from(io::ErrorKind::NotADirectory)).with_context(cannot);
        }
        Ok(Target { path: path.to_owned(), folder, is_spreadsheet, force: options.force })
    }

    /// Gives what is whole its name.
    fn name(&self, file: NamedTempFile) -> anyhow::Result<()> {
        let cannot = || format!("不能写入 `{}`", self.path.display());
        file.as_file().sync_all().with_context(cannot)?;
        let named = if self.force { file.persist(&self.path) } else { file.persist_noclobber(&self.path) };
        named.map_err(|error| error.error).with_context(cannot)?;
        Ok(())
    }
}

/// Writes all rows beside their place and gives the file its name when it is whole; how many there were. What is broken off leaves nothing.
async fn write(mut rows: LedgerRows<'_>, target: &Target, about: &str) -> anyhow::Result<u64> {
    let cannot = || format!("不能写入 `{}`", target.path.display());
    // Only its owner reads it: it names firms and people.
    let mut file =
        tempfile::Builder::new().prefix(".ledger-").suffix(".part").tempfile_in(&target.folder).with_context(cannot)?;
    let progress = Progress::start();
    if target.is_spreadsheet {
        let mut sheet = Spreadsheet::begin(rows.columns(), &target.folder, about).with_context(cannot)?;
        while let Some(row) = rows.next().await.map_err(service_failure)? {
            sheet.row(&row).with_context(cannot)?;
            progress.next();
        }
        sheet.end(BufWriter::new(file.as_file_mut())).with_context(cannot)?;
    } else {
        let mut csv = Csv::begin(rows.columns(), file.as_file_mut()).with_context(cannot)?;
        while let Some(row) = rows.next().await.map_err(service_failure)? {
            csv.row(&row).with_context(cannot)?;
            progress.next();
        }
        csv.end().with_context(cannot)?;
    }
    target.name(file)?;
    Ok(progress.end())
}

async fn print_csv(mut rows: LedgerRows<'_>) -> anyhow::Result<()> {
    let mut csv = Csv::begin(rows.columns(), io::stdout())?;
    while let Some(row) = rows.next().await.map_err(service_failure)? {
        csv.row(&row)?;
    }
    csv.end()
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let of_csv = cause.downcast_ref::<csv::Error>().map(|error| match error.kind() {
            csv::ErrorKind::Io(error) => error.kind(),
            _ => io::ErrorKind::Other,
        });
        of_csv.or(cause.downcast_ref::<io::Error>().map(io::Error::kind)) == Some(io::ErrorKind::BrokenPipe)
    })
}

/// The columns that fit on a terminal, and how many rows there are.
async fn brief(mut ledger: LedgerRows<'_>) -> anyhow::Result<(String, usize)> {
    let columns: Vec<usize> = BRIEF.iter().filter_map(|name| ledger.columns().iter().position(|column| column == name)).collect();
    let mut rows = Vec::new();
    while let Some(row) = ledger.next().await.map_err(service_failure)? {
        rows.push(columns.iter().map(|column| row.get(*column).cloned().unwrap_or_default()).collect());
    }
    Ok((terminal::table(&BRIEF, &rows), rows.len()))
}

/// CSV with a BOM and CRLF, which Excel wants to see UTF-8 in it.
struct Csv<W: Write> {
    writer: csv::Writer<W>,
    is_code: Vec<bool>,
}

impl<W: Write> Csv<W> {
    fn begin(columns: &[&str], mut out: W) -> anyhow::Result<Csv<W>> {
        out.write_all(b"\xEF\xBB\xBF")?;
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        writer.write_record(columns)?;
        Ok(Csv { writer, is_code: columns.iter().map(|column| CODES.contains(column)).collect() })
    }

    fn row(&mut self, row: &[String]) -> anyhow::Result<()> {
        for (text, is_code) in row.iter().zip(&self.is_code) {
            let text = harmless(text);
            // A tab behind a code keeps Excel and WPS from reading it as a number; neither shows the tab.
            let as_text = *is_code && text.starts_with(|first: char| first.is_ascii_digit());
            if as_text { self.writer.write_field(format!("{text}\t"))? } else { self.writer.write_field(text.as_bytes())? }
        }
        Ok(self.writer.write_record(None::<&[u8]>)?)
    }

    fn end(mut self) -> anyhow::Result<()> {
        Ok(self.writer.flush()?)
    }
}

/// How many rows are written, shown on a terminal.
struct Progress(ProgressBar);

impl Progress {
    fn start() -> Progress {
        let bar = if io::stderr().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        let style = indicatif::ProgressStyle::with_template("{spinner} 已写 {human_pos} 件  {elapsed}");
        Progress(bar.with_style(style.expect("the template is a constant and well formed")))
    }

    fn next(&self) {
        self.0.inc(1);
    }

    /// How many there were.
    fn end(&self) -> u64 {
        self.0.finish_and_clear();
        self.0.position()
    }
}

#[cfg(test)]
mod tests;
