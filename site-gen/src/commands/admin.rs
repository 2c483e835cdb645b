//! `site-gen admin`: the editor in the browser.

use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, Subcommand};
use domain::Moment;

use crate::{
    build::Options,
    editing::install::{FOLDER, install, refresh},
};

/// Examples of `--help`.
pub const EXAMPLES: &str = "\
例子：
  site-gen admin install                       用 npm 取来编辑器，放进 content/static/admin/
  site-gen admin install --from decap-cms.tgz  用已经下载好的文件
  site-gen admin config                        改了栏目、产业链等以后，重写编辑器的设置
编辑器是 Decap CMS，网站发布在 /admin/；装不装都不影响网站。它不必放进 git：.gitignore 里已经写好。";

/// `site-gen admin …`
#[derive(Debug, Args)]
pub struct AdminArguments {
    #[command(subcommand)]
    step: Step,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// 装上编辑器，写好它的设置
    #[command(after_help = "\
例子：
  site-gen admin install
  site-gen admin install --root ~/xiangshang --from ~/下载/decap-cms-3.16.3.tgz
文件的校验值写在程序里，对不上就不装。要连代码托管平台的，先在 content/site.yaml 里写好 admin。")]
    Install {
        /// 放着 content/ 和 themes/ 的文件夹
        #[arg(long, value_name = "DIR", default_value = ".", hide_default_value = true)]
        root: PathBuf,
        /// 已经下载好的 decap-cms 的 .tgz 文件；不写就用 npm 去取
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
    },
    /// 重写编辑器的设置
    #[command(after_help = "\
例子：
  site-gen admin config")]
    Config {
        /// 放着 content/ 和 themes/ 的文件夹
        #[arg(long, value_name = "DIR", default_value = ".", hide_default_value = true)]
        root: PathBuf,
    },
}

/// Does what is asked; what to print.
pub fn run(arguments: AdminArguments, now: Moment) -> anyhow::Result<String> {
    match arguments.step {
        Step::Install { root, from } => install(&Options::new(root, now), from.as_deref()),
        Step::Config { root } => {
            if !refresh(&Options::new(root, now))? {
                bail!("还没有装编辑器\n提示：先运行 `site-gen admin install`");
            }
            Ok(format!("已重写 {FOLDER}/config.yml\n下一步：刷新浏览器里的 /admin/\n"))
        }
    }
}
