//! `site-gen`: the command line. Nothing is done here; `commands` does it, and only this file knows the clock.
//!
//! Exit code 0 is fine, 1 tells of mistakes in content, 2 of wrong use.

use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
};

use anstream::{eprint, eprintln, print, println};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use domain::Moment;
use site_gen::{
    build::Options,
    commands::{admin, build, check, import, mend, new, review, schema, usage},
    compress::Effort,
    diagnostic::Colours,
    doctor::{examine, rules::listed},
    editing,
    hosting::{Server, rules},
    kinds::Kind,
};

/// Values of templates are many and small, and made on all threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ABOUT: &str = "把 content/ 和 themes/ 变成一个静态网站";

const EXAMPLES: &str = "\
例子：
  site-gen build                              生成到 public/
  site-gen build --now 2026-12-05T14:00:00+08:00 --drafts
  site-gen check                              检查：写得对不对，适不适合公开
  site-gen new activity 十二月下午茶          新建一个活动页面
  site-gen import 通知.docx                   把 Word 文件变成页面
  site-gen schema policy > policy.json        编辑器用的说明
退出码：0 没问题，1 内容有错，2 用法不对。每个命令都可以加 --help 看详细用法。";

#[derive(Debug, Parser)]
#[command(
    name = "site-gen",
    version,
    about = ABOUT,
    after_help = EXAMPLES,
    subcommand_help_heading = "命令",
    subcommand_value_name = "命令",
    disable_help_subcommand = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 生成网站
    #[command(after_help = "\
例子：
  site-gen build
  site-gen build --root ~/xiangshang --output /var/www/xiangshang
  site-gen build --base-url https://www.example.gov.cn
旁边还会写一份给表单程序用的清单（public.manifest.json）、一份文件名单（public.files）和一份
记录（public.built）。名单里的文件过时了会被删去，名单之外的文件从不动；内容和网站都和记录里
一样时什么也不做，记录可以随时删去。")]
    Build {
        #[command(flatten)]
        site: SiteArguments,
        /// 网站写到哪里；不写就是 ROOT/public
        #[arg(long, value_name = "DIR")]
        output: Option<PathBuf>,
        /// 用几个线程；结果不受它影响
        #[arg(long, value_name = "N", value_parser = jobs)]
        jobs: Option<usize>,
        /// 打印每个阶段的用时、篇数和字节数，以及最慢的十个网页
        #[arg(long)]
        timings: bool,
        /// 即使和上次生成时一样，也全部重新生成
        #[arg(long)]
        full: bool,
        /// 准备发布：每个文件旁边放一份压缩好的（.br、.gz），再写一份 _headers
        #[arg(long)]
        compress: bool,
    },
    /// 打印静态托管的配置：响应头、缓存、压缩文件
    #[command(after_help = "\
例子：
  site-gen hosting nginx --folder /var/www/xiangshang > /etc/nginx/snippets/xiangshang.conf
  site-gen hosting caddy --folder /var/www/xiangshang > /etc/caddy/xiangshang
nginx 的放进 server { } 里用 include 引入，Caddy 的在站点里用 import 引入。_headers 由
`site-gen build --compress` 写在网站里，有些静态托管平台会读它。")]
    Hosting {
        /// 哪一种：nginx、caddy 或 headers
        #[arg(value_enum, value_name = "名称", hide_possible_values = true)]
        server: HostingServer,
        /// 网站在服务器上的文件夹
        #[arg(long, value_name = "DIR", default_value = "/var/www/xiangshang", hide_default_value = true)]
        folder: String,
    },
    /// 检查内容和主题：写得对不对，适不适合公开
    #[command(after_help = "\
例子：
  site-gen check
  site-gen check --fix                        能放心改的先给您看，问过再改
  site-gen check --fix --yes                  不问，直接改
  site-gen check --rules                      有哪些规则
  site-gen check --names 台账.csv             名单里的人不该出现在页面上
  site-gen check --format github              在代码托管平台的检查里用
不加 --fix 什么也不写。某一条确实可以不管的，在页面信息里写明原因：
  silence:
    - { rule: thin_summary, why: 通知只有一句话 }
写在 content/site.yaml 里就对整个网站有效。")]
    Check {
        #[command(flatten)]
        site: SiteArguments,
        /// 写给谁看：human 给人，json 给程序，github 给代码托管平台
        #[arg(long, value_enum, default_value_t, hide_default_value = true, hide_possible_values = true)]
        format: check::Format,
        /// 改好能放心改的：全角数字、半角标点、多余的空格、转码留下的注音
        #[arg(long)]
        fix: bool,
        /// 和 --fix 一起用：不问，直接写入
        #[arg(long, requires = "fix")]
        yes: bool,
        /// 不公开的名单，一行一个姓名，或者台账的 CSV；里面的人不该出现在页面上
        #[arg(long, value_name = "FILE")]
        names: Option<PathBuf>,
        /// 列出全部规则
        #[arg(long)]
        rules: bool,
    },
    /// 新建一个页面
    #[command(after_help = "\
例子：
  site-gen new activity 十二月下午茶
  site-gen new course 算清现金流
  site-gen new page 关于我们
类别：activity 活动、course 课程、policy 政策、resource 三库、page 一般页面、section 栏目。")]
    New {
        /// 放着 content/ 和 themes/ 的文件夹
        #[arg(long, value_name = "DIR", default_value = ".", hide_default_value = true)]
        root: PathBuf,
        /// 假定现在是这个时刻
        #[arg(long, value_name = "RFC3339", value_parser = moment)]
        now: Option<Moment>,
        /// 类别
        #[arg(value_name = "类别")]
        kind: NewKind,
        /// 标题
        #[arg(value_name = "标题")]
        title: String,
    },
    /// 把 Word 文件、旧网页、文本变成页面
    #[command(after_help = "\
例子：
  site-gen import 通知.docx
  site-gen import --kind activity 下午茶.docx 会客厅.docx
  site-gen import 旧网站/*.html               图片从网页旁边取，不从网上下载
能导入 .docx、.html（GB2312、GBK、Big5 也行）和 .txt。标题、发布时间、来源从文件里找，图片放在
页面旁边，去掉拍摄地点等信息；网页的导航、分享条、浏览次数去掉，繁体改成简体。导入的都是草稿，
并列出要看一看的地方。已经有的文件从不覆盖。退出码：0 都导入了，1 有的没有导入，2 用法不对。")]
    Import {
        /// 放着 content/ 和 themes/ 的文件夹
        #[arg(long, value_name = "DIR", default_value = ".", hide_default_value = true)]
        root: PathBuf,
        /// 假定现在是这个时刻
        #[arg(long, value_name = "RFC3339", value_parser = moment)]
        now: Option<Moment>,
        /// 类别：activity 活动、course 课程、policy 政策、resource 三库、page 一般页面（不写就是它）
        #[arg(
            long,
            value_enum,
            value_name = "类别",
            default_value = "page",
            hide_default_value = true,
            hide_possible_values = true
        )]
        kind: NewKind,
        /// 要导入的文件
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
    /// 网页上的编辑器：装上它，写好它的设置
    #[command(after_help = admin::EXAMPLES)]
    Admin(admin::AdminArguments),
    /// 三审：什么在等谁，批准，检查一次推送
    #[command(after_help = review::EXAMPLES)]
    Review(review::ReviewArguments),
    /// 打印页面信息和数据文件的说明（JSON Schema）
    #[command(after_help = "\
例子：
  site-gen schema                             全部
  site-gen schema activity                    活动页面的页面信息
  site-gen schema --cms                       网页编辑器 Decap CMS 的设置
  site-gen schema --vscode .                  给 Visual Studio Code 用的说明、模板和任务
  site-gen schema --manual > content/manual/keys.md")]
    Schema {
        /// 哪一种：页面类别，或 site、form、chains、series、plan、limits、calendar 等
        #[arg(value_name = "名称")]
        name: Option<String>,
        /// 放着 content/ 和 themes/ 的文件夹（--cms 要看有哪些栏目）
        #[arg(long, value_name = "DIR", default_value = ".", hide_default_value = true)]
        root: PathBuf,
        /// 打印网页编辑器 Decap CMS 的设置（config.yml）
        #[arg(long, conflicts_with_all = ["name", "vscode", "manual"])]
        cms: bool,
        /// 在这个文件夹里写好 .vscode/
        #[arg(long, value_name = "DIR", conflicts_with_all = ["name", "manual"])]
        vscode: Option<PathBuf>,
        /// 打印《编辑手册》里的键表
        #[arg(long, conflicts_with = "name")]
        manual: bool,
    },
}

/// Which site, and as of when.
#[derive(Debug, Args)]
struct SiteArguments {
    /// 放着 content/ 和 themes/ 的文件夹
    #[arg(long, value_name = "DIR", default_value = ".", hide_default_value = true)]
    root: PathBuf,
    /// 网站的网址，代替 site.yaml 里的 base_url
    #[arg(long, value_name = "URL", value_parser = site_gen::commands::base_url)]
    base_url: Option<String>,
    /// 假定现在是这个时刻
    #[arg(long, value_name = "RFC3339", value_parser = moment)]
    now: Option<Moment>,
    /// 草稿也生成
    #[arg(long)]
    drafts: bool,
}

impl SiteArguments {
    fn options(self, jobs: Option<usize>) -> Options {
        let options = Options::new(self.root, self.now.unwrap_or_else(now));
        Options { base_url: self.base_url, drafts: self.drafts, jobs, ..options }
    }
}

/// [`Server`], as the command line has it.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum HostingServer {
    Nginx,
    Caddy,
    Headers,
}

impl From<HostingServer> for Server {
    fn from(server: HostingServer) -> Server {
        match server {
            HostingServer::Nginx => Server::Nginx,
            HostingServer::Caddy => Server::Caddy,
            HostingServer::Headers => Server::Headers,
        }
    }
}

/// [`Kind`], as the command line has it.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum NewKind {
    Activity,
    Course,
    Policy,
    Resource,
    Page,
    Section,
}

impl From<NewKind> for Kind {
    fn from(kind: NewKind) -> Kind {
        match kind {
            NewKind::Activity => Kind::Activity,
            NewKind::Course => Kind::Course,
            NewKind::Policy => Kind::Policy,
            NewKind::Resource => Kind::Resource,
            NewKind::Page => Kind::Page,
            NewKind::Section => Kind::Section,
        }
    }
}

fn main() -> ExitCode {
    let matches = usage::in_chinese(Cli::command()).try_get_matches();
    let cli = match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => return usage::explain(&error),
    };
    run(cli.command).unwrap_or_else(|error| {
        eprintln!("错误：{error:#}");
        ExitCode::from(2)
    })
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Build { site, output, jobs, timings, full, compress } => {
            let options = site.options(jobs);
            let output = output.unwrap_or_else(|| options.root.join("public"));
            let done = build::run(&options, &output, full, Colours::Ansi)?;
            eprint!("{}", done.findings);
            // In a pipe only what needs somebody's attention is said.
            if let Some(summary) = done.summary.filter(|_| std::io::stdout().is_terminal()) {
                println!("{summary}");
            }
            if timings {
                print!("{}", done.timings);
            }
            if compress && done.fine {
                let said = build::compress(&output, Effort::Best, &options.cache)?;
                if std::io::stdout().is_terminal() {
                    println!("{said}");
                }
            }
            Ok(code(done.fine))
        }
        Command::Hosting { server, folder } => {
            print!("{}", rules(server.into(), &folder));
            Ok(ExitCode::SUCCESS)
        }
        Command::Check { rules: true, .. } => {
            print!("{}", listed());
            Ok(ExitCode::SUCCESS)
        }
        Command::Check { site, format, fix, yes, names, .. } => {
            let options = site.options(None);
            let names = names.as_deref().map(check::names).transpose()?.unwrap_or_default();
            if fix {
                anyhow::ensure!(
                    format == check::Format::Human,
                    "--fix 要给人看，不能和 --format 一起用\n提示：先 `site-gen check --fix --yes`，再 `site-gen check --format json`"
                );
                mend_site(&options, &names, yes)?;
            }
            let checked = check::run_with(&options, &names, format, Colours::Ansi)?;
            print!("{}", checked.text);
            Ok(code(checked.fine))
        }
        Command::New { root, now: at, kind, title } => {
            let made = new::run(&Options::new(root, at.unwrap_or_else(now)), kind.into(), &title)?;
            print!("{}", made.text);
            Ok(ExitCode::SUCCESS)
        }
        Command::Admin(arguments) => {
            print!("{}", admin::run(arguments, now())?);
            Ok(ExitCode::SUCCESS)
        }
        Command::Review(arguments) => {
            let done = review::run(arguments, Colours::Ansi)?;
            print!("{}", done.text);
            Ok(code(done.fine))
        }
        Command::Import { root, now: at, kind, files } => {
            let options = Options::new(root, at.unwrap_or_else(now));
            let importer = import::Importer::new(&options, kind.into())?;
            let mut fine = true;
            for file in &files {
                match importer.import(file) {
                    Ok(said) => print!("{said}"),
                    Err(error) => {
                        fine = false;
                        eprintln!("没有导入 `{}`：{error:#}", file.display());
                    }
                }
            }
            Ok(code(fine))
        }
        Command::Schema { name, root, cms, vscode, manual } => {
            let text = if cms {
                schema::cms(&Options::new(root, now()))?
            } else if let Some(folder) = vscode {
                editing::vscode::write(&folder)?
            } else if manual {
                editing::manual::page()
            } else {
                schema::run(name.as_deref())?
            };
            // A schema is longer than a pipe is deep: a reader that went away is nothing to complain about.
            let _ = std::io::stdout().write_all(text.as_bytes());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Shows what can be mended, and mends it when that is wanted.
fn mend_site(options: &Options, names: &[String], yes: bool) -> anyhow::Result<()> {
    let mended = examine(options, names)?.mended;
    if mended.is_empty() {
        eprintln!("没有能放心代改的地方");
        return Ok(());
    }
    print!("{}", mend::diff(&mended, Colours::Ansi));
    let summary = mend::summary(&mended);
    if !yes && !asked(&format!("写入以上修改（{summary}）吗？[y/N] ")) {
        eprintln!("什么也没有写。要直接写入，加上 `--yes`");
        return Ok(());
    }
    mend::write(&options.root, &mended)?;
    eprintln!("已改好 {summary}；下一步：用 `git diff` 再看一遍，提交");
    Ok(())
}

/// Asks a person. Where nobody can answer, the answer is no.
fn asked(question: &str) -> bool {
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        return false;
    }
    eprint!("{question}");
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "是" | "ｙ")
}

fn code(fine: bool) -> ExitCode {
    if fine { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

/// The only look at the clock that decides what comes out.
fn now() -> Moment {
    Moment(jiff::Timestamp::now())
}

fn moment(text: &str) -> Result<Moment, String> {
    text.parse().map_err(|_| "要写成 2026-12-05T14:00:00+08:00 这样的时刻".to_owned())
}

fn jobs(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|jobs| (1..=256).contains(jobs)).ok_or_else(|| "要写 1 到 256 的整数".to_owned())
}
