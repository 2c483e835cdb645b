//! The command line: what may be asked for, with an example for each. Nothing is done here.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use clap::{Args, Parser, Subcommand};
use domain::Moment;

mod check;
mod hook;
mod keys;
mod ledger;
mod publish;
mod scoreboard;
mod work;

pub use check::CheckOptions;
pub use hook::{HookOptions, HookStep, InstallOptions, ReceiveOptions};
pub use keys::{KeysOptions, KeysStep};
pub use ledger::{LedgerOptions, TierName};
pub use publish::{PublishOptions, Target};
pub use scoreboard::ScoreboardOptions;
pub use work::{CaseOptions, ContentName, GradeName, SolvedName, WorkDetails, WorkName};

const ABOUT: &str = "相商未来：生成网站并在本机提供服务，也供工作人员查看和代填诉求、报名";

const EXAMPLES: &str = "\
例子：
  xiangshang                                  生成并打开网站 http://127.0.0.1:8080
  xiangshang serve --addr 0.0.0.0:80 --no-watch
  xiangshang inbox                            谁来找过我们、最迟何时联系，哪些正在办理
  xiangshang case XS261124123456 --reveal --reason 首次联系
  xiangshang ledger --output 台账.xlsx          台账，用 Excel 或 WPS 打开
  xiangshang appeal                           接电话时代填诉求
  xiangshang register                         接电话时代填报名
  xiangshang intake                           接电话时代填倡议、对接、线索等登记
  xiangshang calls                            该给谁打电话、为什么、最迟什么时候
  xiangshang publish --to /srv/www            生成网站，一下子换上；--rollback 退回上一版
  xiangshang hook install 仓库.git --publish-to /srv/www    编辑 git push 就检查、发布
  xiangshang backup /备份/相商未来.sqlite      服务不用停
每个命令都可以加 --help 看详细用法。";

/// What was asked for.
#[derive(Debug, Parser)]
#[command(
    name = "xiangshang",
    version,
    about = ABOUT,
    after_help = EXAMPLES,
    args_conflicts_with_subcommands = true,
    subcommand_help_heading = "命令",
    subcommand_value_name = "命令",
    disable_help_subcommand = true
)]
pub struct Cli {
    /// A command; `serve` when there is none.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Options of `serve`, which may be left out.
    #[command(flatten)]
    pub serve: ServeOptions,
}

/// One command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// 生成网站，在本机提供服务，内容改动后自动更新（默认命令）
    #[command(after_help = "\
例子：
  xiangshang serve
  xiangshang serve --addr 127.0.0.1:9000
  xiangshang serve --now 2026-12-05T13:59:50+08:00     看看那一刻的网站
  xiangshang serve --addr 127.0.0.1:8080 --no-watch --trusted-proxy 127.0.0.1
  xiangshang serve --published /srv/www                网站由 publish --to /srv/www 发布
对外服务时请加 --no-watch：网页里就没有自动刷新和内容错误的提示。")]
    Serve(ServeOptions),
    /// 收件箱：谁提了诉求、交了登记，最迟何时要联系；哪些诉求正在办理，最迟何时有结果
    #[command(after_help = "\
例子：
  xiangshang inbox
  xiangshang inbox --all                      全部列出，不只最要紧的 50 件
  xiangshang inbox --handled                  已经办结的登记：谁、什么时候
  xiangshang inbox --data /srv/xiangshang/data
上面一张表是还没有受理的诉求和没有办结的登记（倡议、对接、线索等），最急着联系的在最前；
下面一张表是正在办理的诉求，最先到期的在最前，逾期的标红。
登记办好以后：xiangshang case 编号 --handled --reason 结果，它就从收件箱里去掉。")]
    Inbox(InboxOptions),
    /// 查看和办理一件诉求，或查看报名；加密的内容要说明理由才打开，每次都留记录
    #[command(after_help = "\
例子：
  xiangshang case XS261124123456                               看办到哪一步、接下来可以做什么
  xiangshang case XS261124123456 accept
  xiangshang case XS261124123456 reject --ground 依据 --instead 该找哪里
  xiangshang case XS261124123456 grade --grade B
  xiangshang case XS261124123456 grade --grade C --private 两家单位都要出钱
  xiangshang case XS261124123456 assign --unit 区住建局 --with 供电公司
  xiangshang case XS261124123456 assign --unit 专班 --lead 营商办 --lead 工商联
  xiangshang case XS261124123456 take
  xiangshang case XS261124123456 ask --note 请提供供电合同
  xiangshang case XS261124123456 answer --note 路面周五前修好
  xiangshang case XS261124123456 follow-up --solved yes --content satisfied
  xiangshang case XS261124123456 close
--note 写的话企业看得到，--private 写的只有工作人员看得到，都加密保存。
其他例子：
  xiangshang case XS261124123456 --release --reason 电话核实是本人
  xiangshang case XB26112412345678 --discard --reason 号主说没有报过名
  xiangshang case XS261124123456 --reveal --reason 首次联系
  xiangshang case XS261124123456 --file 1 --reason 看现场照片
  xiangshang case XB26112412345678 --reveal --reason 核对参会人 --operator 张敏
登记（倡议、对接、线索等）办好了，或者其实还没办好：
  xiangshang case XB26112412345678 --handled --reason 已转服务站
  xiangshang case XB26112412345678 --reopen --reason 对方又来问
本人打电话要求删除信息（办结、撤回或活动结束以后才能删）：
  xiangshang case XS261124123456 --erase --reason 本人来电要求
查询码丢了（先打登记的电话核实是本人）：
  xiangshang case XS261124123456 --new-code --reason 回拨登记的手机核实
理由会写进记录，不加密，请不要写姓名和电话；通话中要记的话用 xiangshang calls done 编号 --note。")]
    Case(CaseOptions),
    /// 一场活动的报名名单；姓名和电话要说明理由才打开，每次都留记录
    #[command(after_help = "\
例子：
  xiangshang roster djt-2026-q4
  xiangshang roster djt-2026-q4 --reveal --reason 打印签到表")]
    Roster(RosterOptions),
    /// 诉求台账
    #[command(after_help = ledger::EXAMPLES)]
    Ledger(LedgerOptions),
    /// 检查内容，也查台账里的联系人有没有写进网页
    #[command(after_help = check::EXAMPLES)]
    Check(CheckOptions),
    /// 办得怎么样：响应率、办结率、解决率、满意率；公布到网站首页
    #[command(after_help = scoreboard::EXAMPLES)]
    Scoreboard(ScoreboardOptions),
    /// 代填诉求：接电话时逐项询问
    #[command(after_help = "\
例子：
  xiangshang appeal
  xiangshang appeal --set company=相山区某某食品厂 --set mobile=13800001234 …
  xiangshang appeal --json 诉求.json --yes
JSON 写法：{\"company\": \"相山区某某食品厂\", \"mobile\": \"13800001234\", \"handle\": true}")]
    Appeal(TakeOptions),
    /// 代填报名：接电话时逐项询问
    #[command(after_help = "\
例子：
  xiangshang register
  xiangshang register --session djt-2026-q4
  xiangshang register --session djt-2026-q4 --set name=王芳 --set mobile=13800001234 --set company=某某公司 --set attendance=onsite --set handle=yes --yes")]
    Register(RegisterOptions),
    /// 代填登记（倡议、对接、线索等）：接电话时逐项询问
    #[command(after_help = "\
例子：
  xiangshang intake                 列出可以代填的表单来选
  xiangshang intake library
  xiangshang intake library --json 对接.json --yes
预约接待日的时段用 xiangshang register：每个时段是一场。")]
    Intake(IntakeOptions),
    /// 电话单：该给谁打电话、为什么、最迟什么时候；打过以后在这里记一笔
    #[command(after_help = "\
例子：
  xiangshang calls
  xiangshang calls --reveal --reason 逐个联系              显示姓名和电话，每件都留记录
  xiangshang calls done XB26112412345678 --note 愿意来，两个人
  xiangshang calls tried XS261124123456                  没打通
  xiangshang calls --undelivered                         没发出去、也不必打电话的通知
候补名额的保留时间从打通那一刻算起，所以打完请马上记。")]
    Calls(CallsOptions),
    /// 删除的证明：删过哪些信息、什么时候、为什么；不含被删的内容
    #[command(after_help = "\
例子：
  xiangshang erasures
每条都锁住前一条：改动或抽掉任何一条，这里都看得出来（退出码 1）。")]
    Erasures(ErasuresOptions),
    /// 发布网站：生成一版一下子换上，随时退回；或只把表单和场次提交给数据表
    #[command(after_help = publish::EXAMPLES)]
    Publish(PublishOptions),
    /// git 仓库的钩子：推送时先检查，有错不收；收下就发布
    #[command(after_help = hook::EXAMPLES)]
    Hook(HookOptions),
    /// 换加密用的密钥：rotate 换，reseal 接着换，retire 丢掉旧的
    #[command(after_help = keys::EXAMPLES)]
    Keys(KeysOptions),
    /// 备份数据，服务不用停；写完会检查一遍才算数
    #[command(after_help = "\
例子：
  xiangshang backup /备份/相商未来-20261201.sqlite
  xiangshang backup --data /var/lib/xiangshang --force /备份/最新.sqlite
备份里没有密钥：没有密钥，备份里的姓名和电话谁也打不开，包括您自己。请把密钥另存一处。
换过密钥的，以前的备份要用做备份那时的密钥文件才打得开：备份还留着，那时的副本就要留着。")]
    Backup(BackupOptions),
    /// 用备份恢复数据；原来的数据会留在旁边
    #[command(after_help = "\
例子：
演练，恢复到别处：
  xiangshang restore /备份/相商未来.sqlite --data /tmp/演练
真的换掉现在的数据，要先停止 serve：
  xiangshang restore /备份/相商未来.sqlite --force
换过密钥的，以前的备份要用做备份那时的密钥文件：
  xiangshang restore /备份/相商未来.sqlite --data /tmp/演练 --key 那时的副本")]
    Restore(RestoreOptions),
}

/// Where the site and its data are.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// 网站所在的文件夹，里面有 content/ 和 themes/；默认是当前文件夹
    #[arg(long, value_name = "DIR", default_value = ".", hide_default_value = true)]
    pub root: PathBuf,
    /// 数据文件夹，默认是网站文件夹里的 data/
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// 云上的数据表，写成 dynamodb:表名；密钥从环境变量 XIANGSHANG_KEY 读。要带 cloud 功能生成的程序
    #[arg(long, value_name = "TABLE", value_parser = parse_table, conflicts_with = "data")]
    pub table: Option<CloudTable>,
    /// 密钥文件，不要和数据放在一起；默认在用户的配置文件夹里（Linux 是 ~/.config/xiangshang/key）
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// 假设现在是这个时刻，用于演示和测试，如 2026-12-05T14:00:00+08:00
    #[arg(long, value_name = "RFC3339", value_parser = parse_moment)]
    pub now: Option<Moment>,
}

impl Place {
    /// The folder with the table.
    pub fn data(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(|| self.root.join("data"))
    }

    /// The key file: in the user's configuration, far from the data, so that a copy of the data gives no name away.
    pub fn key(&self) -> Result<PathBuf, NoKeyPlace> {
        let folder = |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
        let configuration = || {
            let system = if cfg!(windows) { folder("APPDATA") } else { folder("HOME").map(|home| home.join(".config")) };
            folder("XDG_CONFIG_HOME").or(system).map(|folder| folder.join("xiangshang").join("key"))
        };
        self.key.clone().or_else(configuration).ok_or(NoKeyPlace)
    }
}

/// A table in DynamoDB by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudTable(pub String);

/// The user has no folder for configuration.
#[derive(Debug)]
pub struct NoKeyPlace;

/// `serve`
#[derive(Debug, Clone, Args)]
pub struct ServeOptions {
    /// 网站和数据在哪里
    #[command(flatten)]
    pub place: Place,
    /// 监听的地址和端口，默认 127.0.0.1:8080；端口写 0 由系统挑一个
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:8080", hide_default_value = true, value_parser = parse_address)]
    pub addr: SocketAddr,
    /// 反向代理的 IP：只有它报来的访客地址（X-Forwarded-For）才会采信
    #[arg(long, value_name = "IP", value_parser = parse_ip)]
    pub trusted_proxy: Option<IpAddr>,
    /// 不监视文件，网页不自动刷新；到时间该变的内容仍会按时更新
    #[arg(long)]
    pub no_watch: bool,
    /// 自己不生成，只提供 publish --to DIR 发布好的网站
    #[arg(long, value_name = "DIR", conflicts_with = "no_watch")]
    pub published: Option<PathBuf>,
    /// Where messages go by machine.
    #[command(flatten)]
    pub webhook: WebhookOptions,
}

/// Where `serve` sends messages; without it staff call.
#[derive(Debug, Clone, Args)]
pub struct WebhookOptions {
    /// 短信、企业微信等通知发到这个地址（https://…）；不写就由工作人员打电话。也可以用环境变量 XIANGSHANG_WEBHOOK
    #[arg(long, value_name = "URL")]
    pub webhook: Option<String>,
    /// 每种通知用哪个模板，如 offered=SMS_1,seated=SMS_2；没写的种类由工作人员打电话。也可以用 XIANGSHANG_WEBHOOK_TEMPLATES
    #[arg(long, value_name = "种类=模板")]
    pub webhook_templates: Option<String>,
    /// 签名密钥所在的文件，权限 600；也可以用环境变量 XIANGSHANG_WEBHOOK_SECRET，但不能写在命令行里
    #[arg(long, value_name = "FILE")]
    pub webhook_secret_file: Option<PathBuf>,
}

/// `inbox`
#[derive(Debug, Clone, Args)]
pub struct InboxOptions {
    /// 全部列出；不写时每张表只列最要紧的 50 件，并说明还有几件
    #[arg(long, conflicts_with = "handled")]
    pub all: bool,
    /// 看已经办结的登记：谁、什么时候
    #[arg(long)]
    pub handled: bool,
    /// Where.
    #[command(flatten)]
    pub place: Place,
}

/// `roster`
#[derive(Debug, Clone, Args)]
pub struct RosterOptions {
    /// 场次的 id，写在活动页面开头的 `registration` 里
    #[arg(value_name = "场次")]
    pub session: String,
    /// 打开姓名、单位和电话；会记下谁、何时、为什么
    #[arg(long, requires = "reason")]
    pub reveal: bool,
    /// 打开的理由，会写进记录
    #[arg(long, value_name = "理由", requires = "reveal")]
    pub reason: Option<String>,
    /// Who.
    #[command(flatten)]
    pub who: Who,
    /// Where.
    #[command(flatten)]
    pub place: Place,
}

/// Who acts; the record names them.
#[derive(Debug, Clone, Args)]
pub struct Who {
    /// 操作人姓名，写进记录；默认是当前系统用户
    #[arg(long, value_name = "姓名")]
    pub operator: Option<String>,
}

/// `appeal`
#[derive(Debug, Clone, Args)]
pub struct TakeOptions {
    /// 直接给出答案，可以写多次；没给的仍会逐项询问
    #[arg(long = "set", value_name = "字段=内容", value_parser = parse_pair)]
    pub set: Vec<(String, String)>,
    /// 从 JSON 文件读答案，「-」表示标准输入
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// 不再逐项询问和确认：来电人已经听过并同意
    #[arg(long)]
    pub yes: bool,
    /// Who.
    #[command(flatten)]
    pub who: Who,
    /// Where.
    #[command(flatten)]
    pub place: Place,
}

/// `register`
#[derive(Debug, Clone, Args)]
pub struct RegisterOptions {
    /// 场次的 id；不写就列出可报的场次来选
    #[arg(long, value_name = "ID")]
    pub session: Option<String>,
    /// The rest.
    #[command(flatten)]
    pub take: TakeOptions,
}

/// `intake`
#[derive(Debug, Clone, Args)]
pub struct IntakeOptions {
    /// 表单的 id；不写就列出来选
    #[arg(value_name = "表单")]
    pub form: Option<String>,
    /// The rest.
    #[command(flatten)]
    pub take: TakeOptions,
}

/// `erasures`
#[derive(Debug, Clone, Args)]
pub struct ErasuresOptions {
    /// Where.
    #[command(flatten)]
    pub place: Place,
}

/// `calls`
#[derive(Debug, Clone, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_help_heading = "命令",
    subcommand_value_name = "命令",
    disable_help_subcommand = true
)]
pub struct CallsOptions {
    /// What was done; the list when nothing is said.
    #[command(subcommand)]
    pub done: Option<CallsCommand>,
    /// Options of the list.
    #[command(flatten)]
    pub list: CallsListOptions,
}

/// What came of a call.
#[derive(Debug, Clone, Subcommand)]
pub enum CallsCommand {
    /// 打通了，已经说清楚
    #[command(after_help = "\
例子：
  xiangshang calls done XB26112412345678
  xiangshang calls done XB26112412345678 --note 愿意来，两个人 --operator 张敏")]
    Done(CallOptions),
    /// 打了，没打通
    #[command(after_help = "\
例子：
  xiangshang calls tried XS261124123456
  xiangshang calls tried XS261124123456 --note 关机")]
    Tried(CallOptions),
}

/// `calls` without a command
#[derive(Debug, Clone, Args)]
pub struct CallsListOptions {
    /// 显示姓名和电话；会记下谁、何时、为什么
    #[arg(long, requires = "reason", conflicts_with = "undelivered")]
    pub reveal: bool,
    /// 打开的理由，会写进记录
    #[arg(long, value_name = "理由", requires = "reveal")]
    pub reason: Option<String>,
    /// 只看没发出去、也不必打电话的通知
    #[arg(long)]
    pub undelivered: bool,
    /// Who.
    #[command(flatten)]
    pub who: Who,
    /// Where.
    #[command(flatten)]
    pub place: Place,
}

/// `calls done`, `calls tried`
#[derive(Debug, Clone, Args)]
pub struct CallOptions {
    /// 受理编号（XS 开头）或报名编号（XB 开头）
    #[arg(value_name = "编号")]
    pub number: String,
    /// 通话中要记下的话；加密保存
    #[arg(long, value_name = "备注")]
    pub note: Option<String>,
    /// Who.
    #[command(flatten)]
    pub who: Who,
    /// Where.
    #[command(flatten)]
    pub place: Place,
}

/// `backup`
#[derive(Debug, Clone, Args)]
pub struct BackupOptions {
    /// 备份写到这个文件
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// 文件已经有了也写：检查无误后才换掉旧的
    #[arg(long)]
    pub force: bool,
    /// Where.
    #[command(flatten)]
    pub place: Place,
}

/// `restore`
#[derive(Debug, Clone, Args)]
pub struct RestoreOptions {
    /// 从这个备份文件恢复
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// 数据文件夹里已经有数据也恢复：原来的数据留在旁边
    #[arg(long)]
    pub force: bool,
    /// Where.
    #[command(flatten)]
    pub place: Place,
}

fn parse_moment(text: &str) -> Result<Moment, String> {
    text.parse().map_err(|_| "要写成 2026-12-05T14:00:00+08:00 这样的时刻".to_owned())
}

fn parse_table(text: &str) -> Result<CloudTable, String> {
    match text.strip_prefix("dynamodb:") {
        Some(name) if !name.is_empty() => Ok(CloudTable(name.to_owned())),
        _ => Err("要写成 dynamodb:表名".to_owned()),
    }
}

fn parse_address(text: &str) -> Result<SocketAddr, String> {
    let text = text.replace("localhost", "127.0.0.1");
    text.parse().map_err(|_| "要写成 IP:端口，例如 127.0.0.1:8080".to_owned())
}

fn parse_ip(text: &str) -> Result<IpAddr, String> {
    text.parse().map_err(|_| "要写成 IP，例如 127.0.0.1".to_owned())
}

fn parse_pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((field, value)) if !field.trim().is_empty() => Ok((field.trim().to_owned(), value.to_owned())),
        _ => Err("要写成 字段=内容，例如 company=相山区某某食品厂".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_declaration_of_the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_without_a_command_are_those_of_serve() {
        let cli = Cli::try_parse_from(["xiangshang", "--addr", "127.0.0.1:0", "--no-watch"]).expect("`serve` is the default");
        assert!(cli.command.is_none());
        assert_eq!(cli.serve.addr.port(), 0);
        assert!(cli.serve.no_watch);
    }

    #[test]
    fn a_table_in_the_cloud_is_named_with_its_kind_and_leaves_no_place_for_a_data_folder() {
        let cli = Cli::try_parse_from(["xiangshang", "--table", "dynamodb:xs-Table-1"]).expect("a kind and a name");
        assert_eq!(cli.serve.place.table, Some(CloudTable("xs-Table-1".to_owned())));
        for wrong in [&["--table", "xs-Table-1"][..], &["--table", "dynamodb:"], &["--table", "dynamodb:x", "--data", "/srv"]] {
            assert!(Cli::try_parse_from(["xiangshang"].iter().chain(wrong)).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_data_lie_in_the_site_unless_told_otherwise() {
        for (arguments, data) in
            [(vec!["--root", "/srv/site"], "/srv/site/data"), (vec!["--root", "/srv/site", "--data", "/var/xs"], "/var/xs")]
        {
            let cli = Cli::try_parse_from(["xiangshang"].into_iter().chain(arguments)).expect("the options go together");
            assert_eq!(cli.serve.place.data(), PathBuf::from(data));
        }
    }

    #[test]
    fn the_key_never_lies_with_the_data_unless_somebody_says_so() {
        let cli = Cli::try_parse_from(["xiangshang", "--key", "/etc/xs.key"]).expect("a path");
        assert_eq!(cli.serve.place.key().expect("it was given"), PathBuf::from("/etc/xs.key"));
        let cli = Cli::try_parse_from(["xiangshang", "--root", "/srv/site"]).expect("a path");
        assert!(cli.serve.place.key().is_ok_and(|key| key.ends_with("xiangshang/key") && !key.starts_with("/srv/site")));
    }

    #[test]
    fn nothing_is_revealed_without_a_reason() {
        assert!(Cli::try_parse_from(["xiangshang", "case", "XS1", "--reveal"]).is_err());
        assert!(Cli::try_parse_from(["xiangshang", "case", "XS1", "--reveal", "--reason", "首次联系"]).is_ok());
    }

    #[test]
    fn a_pair_keeps_what_stands_after_its_first_equals_sign() {
        assert_eq!(parse_pair("title=1+1=2"), Ok(("title".into(), "1+1=2".into())));
        for wrong in ["title", "=x", ""] {
            assert!(parse_pair(wrong).is_err(), "{wrong}");
        }
    }
}
