//! How one case is asked for, how the steps of the work on an appeal are typed, and what each needs.

use std::path::PathBuf;

use clap::Args;

use super::{Place, Who};

/// `case`
#[derive(Debug, Clone, Args)]
pub struct CaseOptions {
    /// 受理编号（XS 开头）或报名编号（XB 开头）
    #[arg(value_name = "编号")]
    pub number: String,
    /// 办理诉求的一步；不写就只是查看
    #[arg(value_name = "办理", conflicts_with = "act")]
    pub work: Option<WorkName>,
    /// What a step needs.
    #[command(flatten)]
    pub details: WorkDetails,
    /// 打开加密的内容（姓名、电话、具体情况）；会记下谁、何时、为什么
    #[arg(long, requires = "reason", group = "act")]
    pub reveal: bool,
    /// 待人工核对的：核实是本人提交，照常受理
    #[arg(long, requires = "reason", group = "act")]
    pub release: bool,
    /// 待人工核对的：核实不是本人提交，不受理；记录仍保留
    #[arg(long, requires = "reason", group = "act")]
    pub discard: bool,
    /// 登记（倡议、对接、线索等）办好了：从收件箱去掉，不用再打电话；理由里写结果
    #[arg(long, requires = "reason", group = "act")]
    pub handled: bool,
    /// 登记还没办好：撤销办结，放回收件箱
    #[arg(long, requires = "reason", group = "act")]
    pub reopen: bool,
    /// 按本人要求删除能认出本人的内容，不能恢复；留下删除的证明
    #[arg(long, requires = "reason", group = "act")]
    pub erase: bool,
    /// 查询码丢了，已经在电话里核实是本人：换一个新的，念给本人听；旧的作废
    #[arg(long, requires = "reason", group = "act")]
    pub new_code: bool,
    /// A file that was sent along.
    #[command(flatten)]
    pub sent: SentFile,
    /// 理由，会写进记录
    #[arg(long, value_name = "理由", requires = "act")]
    pub reason: Option<String>,
    /// Who.
    #[command(flatten)]
    pub who: Who,
    /// Where.
    #[command(flatten)]
    pub place: Place,
}

/// A step of the work on an appeal, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum WorkName {
    /// 受理
    Accept,
    /// 不予受理：--ground 依据，--instead 该找哪里
    Reject,
    /// 转交其他部门：--to 谁，--their-number 对方编号
    Transfer,
    /// 并案：--into 编号
    Merge,
    /// 分级：--grade A|B|C；和系统建议不同的，--private 写理由
    Grade,
    /// 交办：--unit 承办单位；复杂类写两次 --lead
    Assign,
    /// 承办单位接收
    Take,
    /// 承办单位退回：--note 原因
    Return,
    /// 请企业补充：--note 要什么；企业补充以前不计时
    Ask,
    /// 企业打电话补充了要的材料：--note 内容
    Supplement,
    /// 企业打电话补充说明：--note 内容
    Add,
    /// 办理方案，告诉企业打算怎么办：--note 内容
    Plan,
    /// 阶段答复：--note 办到哪一步
    Report,
    /// 延期，只有复杂类、每轮一次：--note 原因
    Extend,
    /// 答复：--note 内容；复杂类用 --signed 写明两位组长
    Answer,
    /// 现场答复，受理后当场办结果：--note 内容
    OnTheSpot,
    /// 电话回访：--solved yes|partly|no，--content satisfied|mostly|dissatisfied|unsaid
    FollowUp,
    /// 企业打电话撤回
    Withdraw,
    /// 区委督查考核办发黄牌；系统没有建议的，--private 写理由
    YellowCard,
    /// 区委督查考核办发红牌；系统没有建议的，--private 写理由
    RedCard,
    /// 办结
    Close,
    /// 企业打电话要求重新办理（办结 30 天内）：--note 原因
    Reopen,
}

/// What the steps of the work on an appeal need; each says which.
#[derive(Debug, Clone, Default, Args)]
pub struct WorkDetails {
    /// 告诉企业的话；查进度的页面上看得到
    #[arg(long, value_name = "话", requires = "work")]
    pub note: Option<String>,
    /// 内部备注，企业看不到
    #[arg(long, value_name = "话", requires = "work")]
    pub private: Option<String>,
    /// 等级：A 现场类、B 一般类、C 复杂类
    #[arg(long, value_name = "A|B|C", requires = "work", ignore_case = true)]
    pub grade: Option<GradeName>,
    /// 牵头的承办单位
    #[arg(long, value_name = "单位", requires = "work")]
    pub unit: Option<String>,
    /// 配合单位，可以写多次
    #[arg(long, value_name = "单位", requires = "work")]
    pub with: Vec<String>,
    /// 专班的组长单位，写两次
    #[arg(long, value_name = "单位", requires = "work")]
    pub lead: Vec<String>,
    /// 已经签字的组长单位，可以写多次
    #[arg(long, value_name = "单位", requires = "work")]
    pub signed: Vec<String>,
    /// 不予受理的依据
    #[arg(long, value_name = "依据", requires = "work")]
    pub ground: Option<String>,
    /// 不予受理时该找哪里
    #[arg(long, value_name = "哪里", requires = "work")]
    pub instead: Option<String>,
    /// 转交给谁
    #[arg(long, value_name = "单位", requires = "work")]
    pub to: Option<String>,
    /// 对方的编号
    #[arg(long, value_name = "编号", requires = "work")]
    pub their_number: Option<String>,
    /// 并入哪一件
    #[arg(long, value_name = "编号", requires = "work")]
    pub into: Option<String>,
    /// 回访：问题解决了吗
    #[arg(long, value_name = "yes|partly|no", requires = "work", hide_possible_values = true)]
    pub solved: Option<SolvedName>,
    /// 回访：满意吗
    #[arg(long, value_name = "satisfied|mostly|dissatisfied|unsaid", requires = "work", hide_possible_values = true)]
    pub content: Option<ContentName>,
}

/// A grade as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum GradeName {
    /// 现场类
    A,
    /// 一般类
    B,
    /// 复杂类
    C,
}

/// Whether it is solved, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum SolvedName {
    /// 已解决
    Yes,
    /// 部分解决
    Partly,
    /// 没有解决
    No,
}

/// How content a firm is, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ContentName {
    /// 满意
    Satisfied,
    /// 基本满意
    Mostly,
    /// 不满意
    Dissatisfied,
    /// 不评价
    Unsaid,
}

/// Which file of a case is saved, and where.
#[derive(Debug, Clone, Default, Args)]
pub struct SentFile {
    /// 取出企业传来的第几份文件，另存到当前文件夹；会记下谁、何时、为什么
    #[arg(long, value_name = "第几份", requires = "reason", group = "act", value_parser = clap::value_parser!(u8).range(1..))]
    pub file: Option<u8>,
    /// 文件另存为（已经有同名的不会覆盖）；不写就用编号和第几份作文件名
    #[arg(long, value_name = "FILE", requires = "file")]
    pub save: Option<PathBuf>,
}
