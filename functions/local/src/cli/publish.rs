//! How publishing is asked for.

use std::path::PathBuf;

use clap::Args;

use super::Place;

pub const EXAMPLES: &str = "\
例子：
  xiangshang publish --to /srv/www                         生成一版，一下子换上
  xiangshang publish --to /srv/www --dry-run               只看会改动什么，线上什么都不改
  xiangshang publish --to /srv/www --list                  有哪几版，现在是哪一版
  xiangshang publish --to /srv/www --rollback              退回上一版；退回第 11 版写 --rollback 11
  xiangshang publish --to /srv/www --repo /srv/site.git    从裸仓库的最新提交生成
  xiangshang publish --to /srv/www --when-due              到了内容自己会变的时间才发布，给定时任务用
  xiangshang publish --to s3://桶名 --distribution 编号    传到 S3 的桶，再清 CloudFront 的缓存
  xiangshang publish                                       不发布网页，只提交表单和场次（网站在别处生成时）
网页服务器的根目录设成 /srv/www/current。最近十版都留着；样式和脚本只添不删，旧页面也找得到自己的样式。
表单和场次先提交给数据表，然后才换网页：有人报名的场次从内容里没有了，就不提交，也不换。
退出码：0 已发布（或没有改动），1 没有发布，2 用法不对。";

/// `publish`
#[derive(Debug, Clone, Args)]
pub struct PublishOptions {
    /// 发布到哪里：一个文件夹，或 s3://桶名/前缀；不写就只提交表单和场次
    #[arg(long, value_name = "DIR", value_parser = parse_target)]
    pub to: Option<Target>,
    /// 从这个 git 仓库默认分支的最新提交生成，不看 --root 里的文件
    #[arg(long, value_name = "REPO.git", requires = "to")]
    pub repo: Option<PathBuf>,
    /// 网站的网址，代替 site.yaml 里的 base_url
    #[arg(long, value_name = "URL", requires = "to", value_parser = site_gen::commands::base_url)]
    pub base_url: Option<String>,
    /// 只在需要时发布：到了上次发布说的、内容自己会变的时间，或仓库里有没发布的提交
    #[arg(long, requires = "to", conflicts_with_all = ["dry_run", "rollback", "list"])]
    pub when_due: bool,
    /// 退回上一版，或退回指明的那一版
    #[arg(long, value_name = "版次", requires = "to", num_args = 0..=1, conflicts_with = "list")]
    pub rollback: Option<Option<u64>>,
    /// 退回时只换网页，表单和场次不动
    #[arg(long, requires = "rollback")]
    pub pages_only: bool,
    /// 列出留着的各版
    #[arg(long, requires = "to", conflicts_with = "dry_run")]
    pub list: bool,
    /// 传完以后清 CloudFront 的缓存：分发的编号
    #[arg(long, value_name = "ID", requires = "to")]
    pub distribution: Option<String>,
    /// 文字文件压缩（gzip）以后再传：桶前面没有会压缩的 CloudFront 时用
    #[arg(long, requires = "to")]
    pub gzip: bool,
    /// 不把每页按文件夹的网址另存一份：桶前面的服务器自己会找 index.html 时用
    #[arg(long, requires = "to")]
    pub no_folder_pages: bool,
    /// 只说会改动什么，什么都不改
    #[arg(long)]
    pub dry_run: bool,
    /// Where.
    #[command(flatten)]
    pub place: Place,
}

/// Where a site is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A folder with releases, which web servers on this machine read.
    Folder(PathBuf),
    /// A bucket; the prefix is empty or ends with a slash.
    Bucket {
        /// Its name.
        name: String,
        /// What all keys begin with.
        prefix: String,
    },
}

pub fn parse_target(text: &str) -> Result<Target, String> {
    let Some(place) = text.strip_prefix("s3://") else {
        return if text.is_empty() {
            Err("要写文件夹，或 s3://桶名".to_owned())
        } else {
            Ok(Target::Folder(text.into()))
        };
    };
    let (name, prefix) = place.split_once('/').unwrap_or((place, ""));
    let named =
        name.len() >= 3 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte));
    let prefix = prefix.trim_end_matches('/');
    let is_plain = prefix.is_empty() || prefix.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
    if !named || !is_plain {
        return Err("要写成 s3://桶名 或 s3://桶名/前缀，桶名只有小写字母、数字、点和连字符".to_owned());
    }
    let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
    Ok(Target::Bucket { name: name.to_owned(), prefix })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_folder_or_a_bucket_with_a_prefix() {
        let bucket = |name: &str, prefix: &str| Ok(Target::Bucket { name: name.into(), prefix: prefix.into() });
        for (text, expected) in [
            ("/srv/www", Ok(Target::Folder("/srv/www".into()))),
            ("s3", Ok(Target::Folder("s3".into()))),
            ("s3://site", bucket("site", "")),
            ("s3://site/", bucket("site", "")),
            ("s3://site/a/b/", bucket("site", "a/b/")),
        ] {
            assert_eq!(parse_target(text), expected, "{text}");
        }
        for wrong in ["", "s3://", "s3://Site", "s3://a", "s3://site/a//b", "s3://site/../b", "s3:///a"] {
            assert!(parse_target(wrong).is_err(), "{wrong}");
        }
    }
}
