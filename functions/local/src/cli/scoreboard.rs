//! How the scoreboard is asked for.

use clap::Args;

use super::Place;

pub const EXAMPLES: &str = "\
例子：
  xiangshang scoreboard                看本月、今年的响应率、办结率、解决率、满意率，什么都不写
  xiangshang scoreboard --write        公布：写进 content/data/scoreboard.json，网站首页就显示
  xiangshang scoreboard --write --table dynamodb:表名
数字都从诉求记录里数出来。少于几件不显示，写在 content/data/limits.yaml 的 scoreboard_least；能由总数推算出来的也不显示。
公布过一次以后，serve 每天自己更新一次。不想再公布，就删掉那个文件。
演示、演练的数据不要公布：网站上会当成真的。";

/// `scoreboard`
#[derive(Debug, Clone, Args)]
pub struct ScoreboardOptions {
    /// 公布：写进 content/data/scoreboard.json
    #[arg(long)]
    pub write: bool,
    /// Where.
    #[command(flatten)]
    pub place: Place,
}
