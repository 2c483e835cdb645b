//! How the exchange of the key is asked for.

use clap::{Args, Subcommand};

use super::Place;

pub const EXAMPLES: &str = "\
例子：
  xiangshang keys                      用的是哪把密钥，换到哪一步，接下来做什么
  xiangshang keys rotate               换一把新的；换的那一刻 serve 要停着
  xiangshang keys reseal               接着换原有的内容；serve 不用停，断了再运行一次
  xiangshang keys retire               确认没有内容还用着旧密钥，把它丢掉
经手密钥的人离任，或者担心密钥泄露，就换一把。每一步都什么都读得出来；查询码不变。
云上的表也这样换，多一步部署：见 docs/aws.md 的“换密钥”。
退出码：0 办成了，1 没有办成，2 用法不对。";

/// `keys`
#[derive(Debug, Clone, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_help_heading = "命令",
    subcommand_value_name = "命令",
    disable_help_subcommand = true
)]
pub struct KeysOptions {
    /// Which step; how far it is when none is said.
    #[command(subcommand)]
    pub step: Option<KeysStep>,
    /// Where.
    #[command(flatten)]
    pub place: Place,
}

/// A step of the exchange.
#[derive(Debug, Clone, Subcommand)]
pub enum KeysStep {
    /// 换一把新密钥：新写的内容用新的，原有的内容换成新的；旧的先留着
    #[command(after_help = "\
例子：
  systemctl stop xiangshang
  xiangshang keys rotate --data /var/lib/xiangshang --key /etc/xiangshang/key
  systemctl start xiangshang           密钥文件一写好就可以启动，原有的内容接着换
  xiangshang keys rotate --table dynamodb:表名
先备份一次。新密钥写进密钥文件，旧的还在里面；中途断了，用 xiangshang keys reseal 接着换。
云上的表不动任何东西，只给出要依次部署的三份密钥文字（见 docs/aws.md）。
退出码：0 办成了，1 没有办成，2 用法不对。")]
    Rotate(KeysPlace),
    /// 接着换：把还用旧密钥的内容换成新的；serve 不用停，断了可以再运行
    #[command(after_help = "\
例子：
  xiangshang keys reseal
  xiangshang keys reseal --table dynamodb:表名
退出码：0 全部换成了新密钥，1 还没有，2 用法不对。")]
    Reseal(KeysPlace),
    /// 丢掉旧密钥：确认没有内容还用着它才丢
    #[command(after_help = "\
例子：
  xiangshang keys retire
以前的备份要用做备份那时的密钥文件才打得开：备份还留着，那时的副本就要留着。
退出码：0 已经丢掉，1 没有丢，2 用法不对。")]
    Retire(KeysPlace),
}

/// Where.
#[derive(Debug, Clone, Args)]
pub struct KeysPlace {
    /// Where.
    #[command(flatten)]
    pub place: Place,
}
