//! Speaks Chinese where clap speaks English: the headings of `--help`, and what is wrong with a command line. For `site-gen` and
//! for whichever other program wants it.

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

/// What is wrong, in words; none for what is so rare that clap's own do.
pub fn words(error: &Error) -> Option<String> {
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
