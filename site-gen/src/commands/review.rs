//! `site-gen review`: what waits for whom, an approval, and what a hook asks.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::{
    commands::check::{Checked, Format, checked},
    diagnostic::{Colours, Texts},
    review::{
        self,
        approve::{Approval, Made, Signing},
        editors::Stage,
        list::{WorkingCopy, open},
        printable,
        standing::Standing,
    },
};

/// Examples of `--help`.
pub const EXAMPLES: &str = "\
例子：
  site-gen review                              什么在等谁
  site-gen review --json
  site-gen review approve content/courses/a.md --stage 初审
  site-gen review verify --repo /srv/git/网站.git 旧提交 新提交
谁能写哪里、审什么，写在 content/editors.yaml；要不要三审，写在 content/site.yaml 的 review。
批准是一次单独的、签了名的提交，说明里有「初审: content/courses/a.md」这样一行；内容再改，批准作废。";

/// `site-gen review …`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_help_heading = "命令", subcommand_value_name = "命令")]
pub struct ReviewArguments {
    #[command(subcommand)]
    step: Option<Step>,
    #[command(flatten)]
    list: ListArguments,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// 批准：写下一次签名的提交
    #[command(after_help = "\
例子：
  site-gen review approve content/courses/a.md --stage 初审
  site-gen review approve content/courses --stage 复审      这个文件夹里等复审的全部
  site-gen review approve content/about.md --stage 终审 --key ~/.ssh/id_ed25519
写下之后用 git push 推送。审的是已经提交的内容；不该由您审的、您自己写的，不会写下。")]
    Approve(ApproveArguments),
    /// 检查一次推送合不合规矩（给 pre-receive 钩子用）
    #[command(after_help = "\
例子：
  site-gen review verify --repo . \"$old\" \"$new\"                       在 pre-receive 钩子里
  site-gen review verify --repo . \"$old\" \"$new\" --pusher \"$GITEA_PUSHER_NAME\"
谁做的提交，先看 SSH 签名，再看平台的账号（GITEA_PUSHER_NAME、GL_USERNAME、GITHUB_ACTOR），从不看名字和邮箱。
退出码：0 可以推送，1 不可以，2 用法不对。")]
    Verify(VerifyArguments),
    /// 记下一次推送是哪个账号推的（给 post-receive 钩子用，不签名的批准靠它认人）
    #[command(after_help = "\
例子：
  site-gen review record --repo . \"$old\" \"$new\" --pusher \"$GITEA_PUSHER_NAME\"
记在 refs/notes/xiangshang-accounts；pre-receive 钩子要拒绝推送到 refs/notes/xiangshang 开头的地方。")]
    Record(RecordArguments),
}

#[derive(Debug, Args)]
struct ListArguments {
    /// 取下来的网站文件夹
    #[arg(long, value_name = "DIR", default_value = ".", hide_default_value = true)]
    root: PathBuf,
    /// 和哪个提交比；不写就是当前分支的上游
    #[arg(long, value_name = "提交")]
    base: Option<String>,
    /// 写给程序看
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct ApproveArguments {
    /// 文件或文件夹
    #[arg(value_name = "文件", required = true)]
    files: Vec<String>,
    /// 哪一审：初审、复审或终审
    #[arg(long, value_name = "审", value_parser = stage)]
    stage: Stage,
    /// 取下来的网站文件夹
    #[arg(long, value_name = "DIR", default_value = ".", hide_default_value = true)]
    root: PathBuf,
    /// 和哪个提交比；不写就是当前分支的上游
    #[arg(long, value_name = "提交")]
    base: Option<String>,
    /// 用哪把 SSH 私钥签名；不写就用 git 里设好的
    #[arg(long, value_name = "FILE", conflicts_with = "unsigned")]
    key: Option<PathBuf>,
    /// 不签名：代码托管平台会按推送的账号认人
    #[arg(long)]
    unsigned: bool,
}

/// What a push moves, as a hook is told.
#[derive(Debug, Args)]
struct Push {
    /// 仓库
    #[arg(long, value_name = "GITDIR", default_value = ".", hide_default_value = true)]
    repo: PathBuf,
    /// 推送之前的提交；全是 0 表示还没有
    #[arg(value_name = "旧提交")]
    old: String,
    /// 推送之后的提交；全是 0 表示删掉
    #[arg(value_name = "新提交")]
    new: String,
}

#[derive(Debug, Args)]
struct VerifyArguments {
    #[command(flatten)]
    push: Push,
    /// 推送的账号，由代码托管平台给出
    #[arg(long, value_name = "账号")]
    pusher: Option<String>,
    /// 写给谁看：human 给人，json 给程序，github 给代码托管平台
    #[arg(long, value_enum, default_value_t, hide_default_value = true, hide_possible_values = true)]
    format: Format,
}

#[derive(Debug, Args)]
struct RecordArguments {
    #[command(flatten)]
    push: Push,
    /// 推送的账号
    #[arg(long, value_name = "账号")]
    pusher: String,
}

fn stage(word: &str) -> Result<Stage, String> {
    Stage::named(word).ok_or_else(|| "要写 初审、复审 或 终审".to_owned())
}

/// Does what is asked. An error is wrong use, or a git that could not be asked.
pub fn run(arguments: ReviewArguments, colours: Colours) -> anyhow::Result<Checked> {
    match arguments.step {
        None => list(&arguments.list),
        Some(Step::Approve(given)) => approve(given),
        Some(Step::Verify(given)) => {
            // A forge's hook may hand over an empty variable.
            let pusher = given.pusher.as_deref().filter(|pusher| !pusher.is_empty());
            let found = review::verify(&given.push.repo, &given.push.old, &given.push.new, pusher)?;
            Ok(checked(&found, &Texts::default(), given.format, colours))
        }
        Some(Step::Record(given)) => {
            review::record(&given.push.repo, &given.push.old, &given.push.new, &given.pusher)?;
            Ok(Checked { text: String::new(), fine: true })
        }
    }
}

fn list(arguments: &ListArguments) -> anyhow::Result<Checked> {
    let copy = open(&arguments.root, arguments.base.as_deref())?;
    let standings = copy.standings()?;
    let text = if arguments.json { json(&standings, &copy)? } else { table(&standings, &copy) };
    Ok(Checked { text, fine: true })
}

/// What is printed for programs.
#[derive(Serialize)]
struct Listed<'a> {
    /// What it was compared with.
    base: Option<&'a str>,
    pages: &'a [Standing],
}

fn json(standings: &[Standing], copy: &WorkingCopy) -> anyhow::Result<String> {
    let listed = Listed { base: copy.published.as_deref(), pages: standings };
    Ok(format!("{}\n", serde_json::to_string_pretty(&listed)?))
}

fn table(standings: &[Standing], copy: &WorkingCopy) -> String {
    if standings.is_empty() {
        return "没有在等的内容\n".to_owned();
    }
    let names = |ids: &mut dyn Iterator<Item = &String>| {
        let names: Vec<String> = ids.map(|id| printable(copy.name(id))).collect();
        if names.is_empty() { "—".to_owned() } else { names.join("、") }
    };
    let row = |standing: &Standing| {
        let given: Vec<String> =
            standing.given.iter().map(|given| format!("{}（{}）", given.stage.word(), printable(copy.name(&given.by)))).collect();
        let waits = match &standing.next {
            None if standing.draft => "三审齐了，删掉 draft 就公开".to_owned(),
            None => "三审齐了，可以推送".to_owned(),
            Some(next) if next.by.is_empty() => format!("{}：没有人能审", next.stage.word()),
            Some(next) => format!("{}：{}", next.stage.word(), names(&mut next.by.iter())),
        };
        let given = if given.is_empty() { "—".to_owned() } else { given.join("、") };
        [printable(&standing.path), names(&mut standing.authors.iter()), given, waits]
    };
    let rows: Vec<[String; 4]> =
        std::iter::once(["文件", "谁写的", "已审", "在等"].map(str::to_owned)).chain(standings.iter().map(row)).collect();
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let width = rows.iter().map(|row| row[column].width()).max().unwrap_or(0);
            line.push_str(cell);
            line.push_str(&" ".repeat(width - cell.width() + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    for refused in standings.iter().flat_map(|standing| standing.refused.iter().map(move |refused| (standing, refused))) {
        let (standing, refused) = refused;
        text.push_str(&format!(
            "{} 的{}（提交 {}）不算：{}\n",
            printable(&standing.path),
            refused.stage.word(),
            refused.commit,
            refused.why
        ));
    }
    text
}

fn approve(arguments: ApproveArguments) -> anyhow::Result<Checked> {
    let signing = match arguments.key {
        Some(key) => Signing::Key(key),
        None if arguments.unsigned => Signing::None,
        None => Signing::AsSet,
    };
    let root: &Path = &arguments.root;
    let asked = Approval { root, files: &arguments.files, stage: arguments.stage, base: arguments.base.as_deref(), signing };
    let (copy, made) = review::approve::run(&asked)?;
    let word = arguments.stage.word();
    match made {
        Made::Given(standings) if matches!(asked.signing, Signing::None) => {
            let text = format!(
                "已写下{word}：{} 个文件\n下一步：用自己的账号推送，`git push`；算不算数，推送时才知道\n",
                standings.len()
            );
            Ok(Checked { text, fine: true })
        }
        Made::Given(standings) => {
            let text = format!("已写下{word}：\n{}下一步：`git push`\n", table(&standings, &copy));
            Ok(Checked { text, fine: true })
        }
        Made::Refused(refused) => {
            let text = format!(
                "没有写下{word}，什么也没有改：\n  {}\n怎么办：运行 `site-gen review` 看看什么在等谁\n",
                refused.join("\n  ")
            );
            Ok(Checked { text, fine: false })
        }
    }
}
