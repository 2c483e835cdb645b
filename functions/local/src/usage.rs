//! Speaks Chinese where clap speaks English, as `site-gen` does.

pub use site_gen::commands::usage::{explain, in_chinese};

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, error::Error};
    use site_gen::commands::usage::words;

    use super::*;
    use crate::cli::Cli;

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
            (&["publish", "--rollback"], "还缺 `--to <DIR>`"),
            (
                &["publish", "--to", "s3://A"],
                "`--to <DIR>` 不能写 `s3://A`：要写成 s3://桶名 或 s3://桶名/前缀，桶名只有小写字母、数字、点和连字符",
            ),
            (&["hook", "install", "a.git"], "还缺 `--publish-to <DIR>`"),
            (&["--no-watch", "inbox"], "`inbox` 不能和 `--no-watch` 一起用；选项要写在命令的后面"),
        ] {
            assert_eq!(words(&error_of(arguments)).as_deref(), Some(expected), "{arguments:?}");
        }
    }

    #[test]
    fn help_is_chinese_throughout() {
        for arguments in [
            &["--help"][..],
            &["serve", "--help"],
            &["case", "--help"],
            &["ledger", "-h"],
            &["register", "--help"],
            &["keys", "--help"],
            &["keys", "rotate", "--help"],
            &["publish", "--help"],
            &["hook", "--help"],
            &["hook", "install", "--help"],
            &["hook", "remove", "--help"],
        ] {
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
