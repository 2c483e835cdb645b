//! How the content is checked with the ledger at hand.

use clap::Args;

use super::{Place, Who};

pub const EXAMPLES: &str = "\
例子：
  xiangshang check
  xiangshang check --key /安全的地方/key --operator 张敏
和 site-gen check 查的一样，再加一条：台账里的联系人不该出现在网页上。姓名只在本机比对，不导出；每查一次留一条记录。
写网页的人没有密钥，用 site-gen check 就行。";

/// `check`
#[derive(Debug, Clone, Args)]
pub struct CheckOptions {
    /// Who.
    #[command(flatten)]
    pub who: Who,
    /// Where.
    #[command(flatten)]
    pub place: Place,
}
