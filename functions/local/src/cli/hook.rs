//! How the hooks of a repository are asked for.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{
    Place,
    publish::{PublishOptions, Target, parse_target},
};

pub const EXAMPLES: &str = "\
例子：
  xiangshang hook install /srv/site.git --publish-to /srv/www
  xiangshang hook install /srv/site.git --publish-to /srv/www --data /var/lib/xiangshang --key /etc/xiangshang/key
  xiangshang hook remove /srv/site.git
装好以后，编辑 git push 到默认分支：内容有错就不收，哪个文件哪一行、怎么改，当场说明；没有错就收下并发布。
已有的钩子不会被盖掉。退出码：0 办成了，1 没有办成，2 用法不对。";

/// `hook`
#[derive(Debug, Clone, Args)]
#[command(subcommand_help_heading = "命令", subcommand_value_name = "命令", disable_help_subcommand = true)]
pub struct HookOptions {
    /// What to do.
    #[command(subcommand)]
    pub step: HookStep,
}

/// What is done about hooks, or by them.
#[derive(Debug, Clone, Subcommand)]
pub enum HookStep {
    /// 给裸仓库装上钩子：推送先检查，收下就发布
    #[command(after_help = "\
例子：
  xiangshang hook install /srv/site.git --publish-to /srv/www
  xiangshang hook install /srv/site.git --publish-to s3://桶名 --table dynamodb:表名
数据文件夹默认是当前文件夹里的 data/；网站没有表单就用不着。改了选项，再装一次就行。
退出码：0 装好了，1 没有装，2 用法不对。")]
    Install(InstallOptions),
    /// 把装上的钩子去掉；别人的钩子不动
    #[command(after_help = "\
例子：
  xiangshang hook remove /srv/site.git
已经发布的网站不动。退出码：0 去掉了，1 没有去掉，2 用法不对。")]
    Remove(RemoveOptions),
    /// 由 git 在收下推送以前调用
    #[command(hide = true, after_help = "例子：由 hook install 写在仓库的 hooks/ 里")]
    PreReceive(ReceiveOptions),
    /// 由 git 在收下推送以后调用
    #[command(hide = true, after_help = "例子：由 hook install 写在仓库的 hooks/ 里")]
    PostReceive(ReceiveOptions),
}

/// `hook install`
#[derive(Debug, Clone, Args)]
pub struct InstallOptions {
    /// 裸仓库
    #[arg(value_name = "REPO.git")]
    pub repo: PathBuf,
    /// What is published, and how.
    #[command(flatten)]
    pub receive: ReceiveOptions,
}

/// `hook remove`
#[derive(Debug, Clone, Args)]
pub struct RemoveOptions {
    /// 裸仓库
    #[arg(value_name = "REPO.git")]
    pub repo: PathBuf,
}

/// What a hook has to know.
#[derive(Debug, Clone, Args)]
pub struct ReceiveOptions {
    /// 收下的内容发布到这里：一个文件夹，或 s3://桶名/前缀
    #[arg(long, value_name = "DIR", value_parser = parse_target)]
    pub publish_to: Target,
    /// 网站的网址，代替 site.yaml 里的 base_url
    #[arg(long, value_name = "URL", value_parser = site_gen::commands::base_url)]
    pub base_url: Option<String>,
    /// 传完以后清 CloudFront 的缓存：分发的编号
    #[arg(long, value_name = "ID")]
    pub distribution: Option<String>,
    /// 数据文件夹，默认是当前文件夹里的 data/
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// 云上的数据表，写成 dynamodb:表名；密钥从环境变量 XIANGSHANG_KEY 读。要带 cloud 功能生成的程序
    #[arg(long, value_name = "TABLE", value_parser = super::parse_table, conflicts_with = "data")]
    pub table: Option<super::CloudTable>,
    /// 密钥文件；默认在用户的配置文件夹里
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// 假设现在是这个时刻，用于演示和测试
    #[arg(long, value_name = "RFC3339", value_parser = super::parse_moment)]
    pub now: Option<domain::Moment>,
}

impl ReceiveOptions {
    /// Where the data are.
    pub fn place(&self) -> Place {
        let Self { data, table, key, now, .. } = self.clone();
        Place { root: PathBuf::from("."), data, table, key, now }
    }

    /// The publication that a push asks for.
    pub fn publication(&self, repo: PathBuf) -> PublishOptions {
        PublishOptions {
            to: Some(self.publish_to.clone()),
            repo: Some(repo),
            base_url: self.base_url.clone(),
            when_due: false,
            rollback: None,
            pages_only: false,
            list: false,
            distribution: self.distribution.clone(),
            gzip: false,
            no_folder_pages: false,
            dry_run: false,
            place: self.place(),
        }
    }
}
