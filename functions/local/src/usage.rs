//! Speaks Chinese where clap speaks English: the headings of `--help`, and what is wrong with a command line.

use std::process::ExitCode;

use anstream::eprintln;
use clap::{
    Arg, ArgAction, Command,
    error::{ContextKind, Error, ErrorKind},
};

const TEMPLATE: &str = "{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}\n";

/// The same command line, its help with Chinese headings.
pub fn in_chinese(command: Command) -> Command {
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help).help("显示这份帮助").help_heading("选项");
    let command = command
        .help_template(TEMPLATE)
        .disable_help_flag(true)
        .mut_args(|argument| {
            let heading = if argument.is_positional() { "参数" } else { "选项" };
            argument.help_heading(heading)
        })
        .arg(help);
    let command = if command.get_version().is_some() {
        let version = Arg::new("version").short('V').long("version").action(ArgAction::Version).help("显示版本号");
        command.disable_version_flag(true).arg(version.help_heading("选项"))
    } else {
        command
    };
    command.mut_subcommands(in_chinese)
}

/// Prints what clap found: help on stdout, a mistake on stderr with the way to mend it.
pub fn explain(error: &Error) -> ExitCode {
    if !error.use_stderr() {
        // A reader that went away (`--help | head`) is nothing to complain about.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    match words(error) {
        Some(words) => eprintln!("错误：{words}\n怎么办：加上 --help 看用法和例子"),
        None => {
            let _ = error.print();
        }
    }
    ExitCode::from(2)
}

fn words(error: &Error) -> Option<String> {
    let part = |kind| error.get(kind).map(ToString::to_string);
    let nearest = |kind| part(kind).map_or_else(String::new, |nearest| format!("，是不是 `{nearest}`？"));
    let argument = part(ContextKind::InvalidArg);
    match error.kind() {
        ErrorKind::UnknownArgument => Some(format!("不认识 `{}`{}", argument?, nearest(ContextKind::SuggestedArg))),
        ErrorKind::InvalidSubcommand => {
            Some(format!("没有命令 `{}`{}", part(ContextKind::InvalidSubcommand)?, nearest(ContextKind::SuggestedSubcommand)))
        }
        ErrorKind::MissingRequiredArgument => Some(format!("还缺 `{}`", argument?)),
        ErrorKind::InvalidValue => {
            let value = part(ContextKind::InvalidValue)?;
            if value.is_empty() {
                return Some(format!("`{}` 后面要写内容", argument?));
            }
            let valid = part(ContextKind::ValidValue).map_or_else(String::new, |valid| format!("，可以写 {valid}"));
            Some(format!("`{}` 不能写 `{value}`{valid}", argument?))
        }
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(error).map_or_else(String::new, |why| format!("：{why}"));
            Some(format!("`{}` 不能写 `{}`{why}", argument?, part(ContextKind::InvalidValue)?))
        }
        ErrorKind::ArgumentConflict => {
            let subcommand = part(ContextKind::InvalidSubcommand);
            let hint = if subcommand.is_some() { "；选项要写在命令的后面" } else { "" };
            let subject = argument.or(subcommand)?;
            Some(match part(ContextKind::PriorArg) {
                Some(other) if other != subject => format!("`{subject}` 不能和 `{other}` 一起用{hint}"),
                _ => format!("`{subject}` 只能写一次"),
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::CommandFactory;

    fn error_of(arguments: &[&str]) -> Error {
        let arguments = ["xiangshang"].iter().chain(arguments);
        in_chinese(Cli::command()).try_get_matches_from(arguments).expect_err("this is no right use")
    }

    #[test]
    fn wrong_use_is_explained_in_chinese() {
        for (arguments, expected) in [
            (&["--adr", "x"][..], "不认识 `--adr`，是不是 `--addr`？"),
            (&["inbx"], "没有命令 `inbx`，是不是 `inbox`？"),
            (&["case"], "还缺 `<编号>`"),
            (&["case", "XS1", "--reveal"], "还缺 `--reason <理由>`"),
            (&["ledger", "--tier", "all"], "`--tier <TIER>` 不能写 `all`，可以写 leaders, environment, public"),
            (&["--addr", "8080"], "`--addr <IP:PORT>` 不能写 `8080`：要写成 IP:端口，例如 127.0.0.1:8080"),
            (&["--now", "昨天"], "`--now <RFC3339>` 不能写 `昨天`：要写成 2026-12-05T14:00:00+08:00 这样的时刻"),
            (&["appeal", "--set", "x"], "`--set <字段=内容>` 不能写 `x`：要写成 字段=内容，例如 company=相山区某某食品厂"),
            (&["--addr"], "`--addr <IP:PORT>` 后面要写内容"),
            (&["inbox", "--data", "a", "--data", "b"], "`--data <DIR>` 只能写一次"),
            (&["--no-watch", "inbox"], "`inbox` 不能和 `--no-watch` 一起用；选项要写在命令的后面"),
        ] {
            assert_eq!(words(&error_of(arguments)).as_deref(), Some(expected), "{arguments:?}");
        }
    }

    #[test]
    fn help_is_chinese_throughout() {
        for arguments in [&["--help"][..], &["serve", "--help"], &["case", "--help"], &["ledger", "-h"], &["register", "--help"]]
        {
            let error = error_of(arguments);
            assert!(!error.use_stderr());
            let help = error.to_string();
            for english in ["Usage:", "Options:", "Arguments:", "Commands:", "Print ", "[default", "[possible"] {
                assert!(!help.contains(english), "{english} in {help}");
            }
            assert!(help.contains("例子："), "{help}");
        }
    }
}
