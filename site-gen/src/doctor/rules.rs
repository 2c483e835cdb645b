//! Every rule of the doctor: its name, how bad it is to break it, and what it is about. Names are what editors silence, so they stay.

use super::Finding;
use crate::diagnostic::{Diagnostic, Severity, Span};

/// One rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// As it stands in brackets behind 错误 or 警告.
    pub name: &'static str,
    /// Refuses a push, or only warns. What grows stale by itself only warns.
    pub severity: Severity,
    /// What it looks for, for the list of `--rules`.
    pub about: &'static str,
    /// `--fix` mends it, or most of it.
    pub mends: bool,
}

impl Rule {
    /// A finding about `file`.
    pub fn found(&self, file: &str, at: impl Into<Option<Span>>, message: impl Into<String>, hint: impl Into<String>) -> Finding {
        let new = if self.severity == Severity::Error { Diagnostic::error } else { Diagnostic::warning };
        let diagnostic = new(file.to_owned(), self.name, message.into()).at(at).hint(hint);
        Finding { diagnostic, edits: Vec::new() }
    }
}

macro_rules! rules {
    ($($id:ident $severity:ident $mends:literal $name:literal $about:literal)*) => {
        $(#[doc = $about] pub const $id: Rule = Rule { name: $name, severity: Severity::$severity, about: $about, mends: $mends };)*
        /// All of them, in the order in which `--rules` lists them.
        pub const ALL: &[Rule] = &[$($id),*];
    };
}

rules! {
    DEBRIS Error true "debris" "转码留下的注音，如「業(yè)」"
    MIXED_SCRIPT Error true "mixed_script" "简体里夹着繁体字"
    WIDE_LETTERS Error true "wide_letters" "全角的数字和字母"
    STRAIGHT_QUOTES Error true "straight_quotes" "中文里的半角引号"
    MOJIBAKE Error false "mojibake" "乱码"
    ENTITY Error false "entity" "会原样显示的网页代码，如 &nbsp;"
    PLACEHOLDER Error false "placeholder" "没有填完的地方：待补充、TODO、某某、××"
    PASTED Error false "pasted" "从网页上一起复制来的导航、分享、浏览次数"
    INVISIBLE Error true "invisible" "看不见的字符"
    HALF_PUNCTUATION Warning true "half_punctuation" "中文里的半角标点"
    REPEATED_PUNCTUATION Warning true "repeated_punctuation" "重复或者相撞的标点"
    SPACES Warning true "spaces" "多余的空白：段首空格、标点旁边的空格"
    UNBALANCED Warning false "unbalanced" "引号、括号、书名号不成对"
    VAGUE_LINK Warning false "vague_link" "说不清去哪里的链接文字，如「点击这里」"
    THIN_SUMMARY Warning false "thin_summary" "摘要太短、太长，或只是重复标题"
    IMPOSSIBLE_DATE Error false "impossible_date" "不存在的日期，如 2 月 30 日"
    WRONG_WEEKDAY Error false "wrong_weekday" "星期和日期对不上"
    DATE_MISMATCH Error false "date_mismatch" "正文写的发布时间和页面的发布时间不一样"
    TITLE_MONTH Warning false "title_month" "标题写的月份和活动时间对不上"
    EARLY_MINUTES Error false "early_minutes" "活动还没有举行就写了小结"
    IDENTITY_NUMBER Error false "identity_number" "正文里的居民身份证号"
    BANK_CARD Error false "bank_card" "正文里的银行卡号"
    TELEPHONE Error false "telephone" "没有列为公开的电话号码"
    LEDGER_NAME Error false "ledger_name" "名单里的人出现在页面上（加 --names 时）"
    STALE_HOME Warning false "stale_home" "首页两周没有更新（国办秘函〔2019〕19号）"
    STALE_COLUMN Warning false "stale_column" "动态类栏目两周、通知和政策类栏目六个月没有更新（国办秘函〔2019〕19号）"
    BLANK_COLUMN Warning false "blank_column" "空白的栏目（国办秘函〔2019〕19号）"
    PLAN_OVERDUE Warning false "plan_overdue" "计划里逾期未办的一项"
    PLAN_UNARRANGED Warning false "plan_unarranged" "一个月内到期、还没有安排的一项，如本季度的课"
    NO_CONTACT Warning false "no_contact" "页脚没有联系方式（国办发〔2017〕47号）"
    NO_ICP Warning false "no_icp" "页脚没有 ICP 备案号（国办发〔2017〕47号）"
    NO_POLICE Warning false "no_police" "页脚没有公安备案号（国办发〔2017〕47号）"
    NO_SITEMAP Warning false "no_sitemap" "页脚没有「网站地图」（国办发〔2017〕47号）"
    NO_REPORT_LINK Warning false "no_report_link" "页脚没有「网站找错」（国办发〔2017〕47号）"
    NO_COLUMN_DESCRIPTION Warning false "no_column_description" "栏目没有摘要，ColumnDescription 只好用标语（国办发〔2017〕47号）"
    NO_COLUMN_TYPE Warning false "no_column_type" "栏目没有写栏目类别 ColumnType（国办发〔2017〕47号）"
    LABELS Error false "labels" "主题生成的网页缺少标签，或同一标签写了两次（国办发〔2017〕47号）"
    FOOTER Error false "footer" "主题生成的网页页脚缺少必备内容（国办发〔2017〕47号）"
}

/// The rule of that name.
pub fn named(name: &str) -> Option<&'static Rule> {
    ALL.iter().find(|rule| rule.name == name)
}

/// All rules as a table for people.
pub fn listed() -> String {
    let mut out = String::new();
    for (severity, words) in [(Severity::Error, "错误（推送会被退回）"), (Severity::Warning, "警告（只提醒）")] {
        out.push_str(words);
        out.push('\n');
        for rule in ALL.iter().filter(|rule| rule.severity == severity) {
            let mends = if rule.mends { "　可以用 --fix 改" } else { "" };
            out.push_str(&format!("  {:<22} {}{mends}\n", rule.name, rule.about));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_rule_has_a_name_of_its_own() {
        let names: BTreeSet<_> = ALL.iter().map(|rule| rule.name).collect();
        assert_eq!(names.len(), ALL.len());
        for rule in ALL {
            assert_eq!(named(rule.name), Some(rule));
            assert!(listed().contains(rule.name));
        }
    }
}
