//! How a ledger is asked for.

use std::path::PathBuf;

use clap::Args;
use domain::Moment;

use super::{Place, Who};

pub const EXAMPLES: &str = "\
例子：
  xiangshang ledger                                          在终端里看主要几列
  xiangshang ledger --output 台账.xlsx                        全部列，用 Excel 或 WPS 打开
  xiangshang ledger --output 十一月.xlsx --from 2026-11-01 --to 2026-11-30
  xiangshang ledger --output 台账.csv --tier environment      手机号打码，给营商环境部门
  xiangshang ledger --csv --tier public > 公开.csv            不含企业和个人
每导出一次都记下谁、什么时候、给谁、哪段时间的诉求：企业要求删除时，能说清哪些台账里有过它。
写好了才有这个文件名；文件已经有了就不写，除非加 --force。";

/// `ledger`
#[derive(Debug, Clone, Args)]
pub struct LedgerOptions {
    /// 全部列写进这个文件：名字以 .xlsx 结尾的是 Excel 表格，以 .csv 结尾的是 CSV
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// 输出全部列的 CSV（带 BOM，Excel 和 WPS 直接打开不乱码）
    #[arg(long)]
    pub csv: bool,
    /// 文件已经有了也写：写好以后换掉旧的
    #[arg(long, requires = "output")]
    pub force: bool,
    /// 给谁看：leaders 区领导（全部，默认）、environment 营商环境部门（电话打码）、public 公开（不含企业和个人）
    #[arg(long, value_name = "TIER", default_value = "leaders", hide_default_value = true, hide_possible_values = true)]
    pub tier: TierName,
    /// 从这一天收到的诉求起，如 2026-11-01
    #[arg(long, value_name = "日期", value_parser = parse_day)]
    pub from: Option<Moment>,
    /// 到这一天收到的诉求止，含这一天
    #[arg(long, value_name = "日期", value_parser = parse_day)]
    pub to: Option<Moment>,
    /// Who.
    #[command(flatten)]
    pub who: Who,
    /// Where.
    #[command(flatten)]
    pub place: Place,
}

/// A tier as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum TierName {
    /// 区领导：全部
    Leaders,
    /// 营商环境部门：电话打码
    Environment,
    /// 公开：不含企业和个人
    Public,
}

/// The beginning of a day.
fn parse_day(text: &str) -> Result<Moment, String> {
    let is_day = text.len() == "2026-11-01".len();
    text.parse().ok().filter(|_| is_day).ok_or_else(|| "要写成 2026-11-01 这样的日期".to_owned())
}
