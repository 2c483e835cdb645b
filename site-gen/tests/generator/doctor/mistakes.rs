//! Mistakes, one a case: an edit of the right site, and what must be told about it where.

/// One mistake.
pub struct Mistake {
    /// The file that is edited.
    pub file: &'static str,
    /// What is there.
    pub from: &'static str,
    /// What is there instead.
    pub to: &'static str,
    /// Where it must be told: `file:line:column`.
    pub at: &'static str,
    /// The rule.
    pub code: &'static str,
    /// Part of the message.
    pub message: &'static str,
    /// Part of the hint.
    pub hint: &'static str,
}

macro_rules! mistakes {
    ($($file:literal: $from:literal => $to:literal, $at:literal $code:literal $message:literal, $hint:literal;)*) => {
        /// All of them.
        pub const MISTAKES: &[Mistake] = &[$(Mistake { file: $file, from: $from, to: $to, at: $at, code: $code, message: $message, hint: $hint }),*];
    };
}

mistakes! {
    // What came along when a text was copied.
    "content/news/visit.md": "食品企业。企业负责人" => "食品企業(yè)。企业负责人", "content/news/visit.md:9:20" "debris" "業(yè)", "改成「业」";
    "content/news/visit.md": "title: 走访食品企业" => "title: 走访食品企業(yè)", "content/news/visit.md:2:13" "debris" "業(yè)", "改成「业」";
    "content/news/visit.md": "看变压器" => "看變壓器", "content/news/visit.md:14:16" "mixed_script" "變", "變→变、壓→压";
    "content/activities/tea-12.md": "三楼会议室" => "三樓會議室", "content/activities/tea-12.md:9:22" "mixed_script" "樓", "樓→楼";
    "content/news/visit.md": "12月5日" => "１２月5日", "content/news/visit.md:13:15" "wide_letters" "１２", "改成半角：12";
    "content/news/visit.md": "summary: 区工商联到三家" => "summary: 区工商联到３家", "content/news/visit.md:3:15" "wide_letters" "３", "改成半角：3";
    "content/news/visit.md": "“旺季用工最难”" => "\"旺季用工最难\"", "content/news/visit.md:9:29" "straight_quotes" "半角引号", "“旺季用工最难”";
    "content/news/visit.md": "费用按国家" => "费用\u{fffd}按国家", "content/news/visit.md:14:22" "mojibake" "乱码", "重新输入";
    "content/news/visit.md": "费用按国家" => "锟斤拷费用按国家", "content/news/visit.md:14:20" "mojibake" "锟斤拷", "重新输入";
    "content/activities/tea-12.md": "place: 示例区长山中路" => "place: 示例区&nbsp;长山中路", "content/activities/tea-12.md:9:13" "entity" "&nbsp;", "普通文字";
    "content/news/visit.md": "\n## 当场答复" => "\n来源：某网　浏览次数：12\n\n## 当场答复", "content/news/visit.md:11:7" "pasted" "浏览次数", "写进 `source`";
    "content/news/visit.md": "更多走访情况" => "【打印本页】更多走访情况", "content/news/visit.md:24:1" "pasted" "打印", "删掉";
    "content/news/visit.md": "用工最难" => "用工\u{200b}最难", "content/news/visit.md:9:34" "invisible" "U+200B", "删掉";
    "content/about.md": "## 谁在办" => "## 谁在\u{202e}办", "content/about.md:6:6" "invisible" "看不见的字符", "删掉";
    "content/about.md": "文字有误" => "　　文字有误", "content/about.md:10:1" "spaces" "缩进", "样式";
    "content/about.md": "文字有误" => "&nbsp;文字有误", "content/about.md:10:1" "spaces" "缩进", "样式";
    // Marks.
    "content/news/visit.md": "走访了三家食品企业。" => "走访了三家食品企业.", "content/news/visit.md:9:21" "half_punctuation" "`.`", "「。」";
    "content/news/visit.md": "11月19日，区" => "11月19日,区", "content/news/visit.md:9:7" "half_punctuation" "`,`", "「，」";
    "content/news/visit.md": "1. 用工：" => "1. 用工:", "content/news/visit.md:13:6" "half_punctuation" "`:`", "「：」";
    "content/policies/sme-payment.md": "（修订）" => "(修订)", "content/policies/sme-payment.md:2:20" "half_punctuation" "(修订)", "（修订）";
    "content/news/visit.md": "当场答复三件事" => "当场答复三件事!", "content/news/visit.md:2:22" "half_punctuation" "`!`", "「！」";
    "content/news/visit.md": "食品企业。企业" => "食品企业。。企业", "content/news/visit.md:9:21" "repeated_punctuation" "。。", "留一个";
    "content/news/visit.md": "旺季用工最难”，希望" => "旺季用工最难”，，希望", "content/news/visit.md:9:37" "repeated_punctuation" "，，", "留一个";
    "content/news/visit.md": "牵线。" => "牵线...", "content/news/visit.md:9:46" "repeated_punctuation" "省略号", "……";
    "content/news/visit.md": "企业负责人说，“" => "企业负责人说， “", "content/news/visit.md:9:29" "spaces" "标点旁边", "删掉空格";
    "content/news/visit.md": "用工最难”，" => "用工最难，", "content/news/visit.md:9:29" "unbalanced" "引号「“」", "补上「”」";
    "content/policies/sme-payment.md": "name: 《保障中小企业款项支付条例》" => "name: 《保障中小企业款项支付条例", "content/policies/sme-payment.md:10:19" "unbalanced" "书名号", "补上「》」";
    "content/news/visit.md": "更多走访情况见[关于本站](/about.md)" => "更多走访情况请[点击这里](/about.md)", "content/news/visit.md:24:9" "vague_link" "点击这里", "写进链接文字";
    // What was left to be filled in.
    "content/about.md": "文字有误" => "（待补充）文字有误", "content/about.md:10:2" "placeholder" "待补充", "draft: true";
    "content/about.md": "文字有误" => "TODO 文字有误", "content/about.md:10:1" "placeholder" "TODO", "草稿";
    "content/news/visit.md": "走访了三家食品企业" => "走访了XX食品企业", "content/news/visit.md:9:15" "placeholder" "XX", "填上真实的内容";
    "content/activities/tea-12.md": "contact: 示例区工商联，0561-3110000" => "contact: 某某，0561-3110000", "content/activities/tea-12.md:12:12" "placeholder" "某某", "填上";
    "content/activities/tea-12.md": "12 月下午茶：" => "xx月下午茶：", "content/activities/tea-12.md:2:8" "placeholder" "xx", "填上";
    // Summaries and dates.
    "content/news/visit.md": "summary: 区工商联到三家食品企业走访，用工、用电、运输三件事当场有了答复。" => "summary: 走访企业。", "content/news/visit.md:3:10" "thin_summary" "5 个字", "讲什么";
    "content/news/visit.md": "summary: 区工商联到三家食品企业走访，用工、用电、运输三件事当场有了答复。" => "summary: 走访食品企业，当场答复三件事", "content/news/visit.md:3:10" "thin_summary" "和标题一样", "标题里没有的";
    "content/news/visit.md": "12月5日（星期六）" => "12月5日（星期日）", "content/news/visit.md:13:21" "wrong_weekday" "星期日", "2026-12-05 是周六";
    "content/news/visit.md": "2026年12月1日起" => "2026年11月31日起", "content/news/visit.md:15:17" "impossible_date" "2026年11月31日", "真实的日期";
    "content/news/visit.md": "11月19日" => "13月19日", "content/news/visit.md:9:1" "impossible_date" "13月19日", "真实的日期";
    "content/news/visit.md": "更多走访情况" => "发布时间：2026年11月21日 更多走访情况", "content/news/visit.md:24:6" "date_mismatch" "2026-11-20", "`date`";
    "content/activities/tea-12.md": "title: 12 月" => "title: 11 月", "content/activities/tea-12.md:2:8" "title_month" "11 月", "event.start";
    "content/activities/tea-12.md": "agenda:" => "minutes:\n  text: 来了 21 家企业，谈得很好，会后继续跟进。\nagenda:", "content/activities/tea-12.md:15:1" "early_minutes" "2026-12-11", "活动之后";
    "content/news/visit.md": "date: 2026-11-20 09:00" => "date: 2026-11-28 09:00", "content/news/visit.md:4:7" "future_date" "2026-11-28", "到时会自动出现";
    "content/policies/sme-payment.md": "checked: 2026-10-20" => "checked: 2027-10-20", "content/policies/sme-payment.md:11:10" "checked_in_future" "还没有到", "真正核对";
    // People.
    "content/about.md": "请打上面的电话" => "请找11010519491231002X的负责人", "content/about.md:10:14" "identity_number" "末四位 002X", "身份证号任何时候都不登";
    "content/about.md": "请打上面的电话" => "请汇到 6222 0213 1400 0012 348", "content/about.md:10:16" "bank_card" "末四位 2348", "公开账号";
    "content/about.md": "请打上面的电话" => "请打 138 1234 5678", "content/about.md:10:15" "telephone" "末四位 5678", "public_telephones";
    "content/activities/tea-12.md": "contact: 示例区工商联，0561-3110000" => "contact: 示例区工商联，0561-3119999", "content/activities/tea-12.md:12:19" "telephone" "末四位 9999", "public_telephones";
    "content/activities/tea-12.md": "某会计师事务所主讲人（示例）" => "主讲人１３９１２３４５６７８", "content/activities/tea-12.md:14:14" "telephone" "电话号码", "私人号码";
    // What a public body's site must have.
    "content/site.yaml": "telephone: 0561-3110000\naddress: 示例区长山中路 1 号\n" => "", "content/site.yaml:4:1" "no_contact" "联系方式", "telephone";
    "content/site.yaml": "icp: 皖ICP备12345678号-1\n" => "", "content/site.yaml:4:1" "no_icp" "ICP", "icp: 皖ICP备";
    "content/site.yaml": "icp: 皖ICP备12345678号-1" => "icp: 皖ICP备12345678", "content/site.yaml:8:6" "bad_icp" "不像", "皖ICP备12345678号-1";
    "content/site.yaml": "police: 皖公网安备34060302000001号\n" => "", "content/site.yaml:4:1" "no_police" "公安备案号", "police:";
    "content/site.yaml": "site_code: \"3406030001\"\n" => "", "content/site.yaml:1:1" "no_site_code" "标识码", "site_code";
    "content/site.yaml": "  - { label: 网站地图, url: /search/ }\n" => "", "content/site.yaml:16:1" "no_sitemap" "网站地图", "footer";
    "content/site.yaml": "label: 网站找错" => "label: 联系我们", "content/site.yaml:16:1" "no_report_link" "网站找错", "footer";
    "content/news/_index.md": "summary: 区工商联和商会做了什么，企业遇到的事办得怎样。\n" => "", "content/news/_index.md:2:8" "no_column_description" "要闻", "summary:";
    "content/resources/_index.md": "column_type: 办事服务\n" => "", "content/resources/_index.md:2:8" "no_column_type" "三库资源", "column_type";
    "content/news/_index.md": "column_type: 工作动态" => "column_type: 工作动向", "content/news/_index.md:4:14" "bad_value" "工作动向", "工作动态";
    "themes/xiangshang/templates/base.html": "{%- for label in head.labels %}" => "{%- for label in [] %}", "themes/xiangshang/templates/base.html:3:1" "labels" "没有标签 SiteDomain", "head.labels";
    "themes/xiangshang/templates/base.html": "<dd>{{ frame.organiser }}</dd>" => "<dd></dd>", "themes/xiangshang/templates/base.html:63:1" "footer" "没有主办单位", "frame";
    "themes/xiangshang/templates/base.html": "href=\"https://beian.miit.gov.cn/\"" => "href=\"/\"", "themes/xiangshang/templates/base.html:63:1" "footer" "beian.miit.gov.cn", "页脚";
    "themes/xiangshang/templates/base.html": "href=\"https://beian.mps.gov.cn/\"" => "href=\"/\"", "themes/xiangshang/templates/base.html:63:1" "footer" "beian.mps.gov.cn", "页脚";
    "themes/xiangshang/templates/base.html": "<html lang=\"zh-CN\">" => "<html>", "themes/xiangshang/templates/base.html:63:1" "footer" "写明语言", "模板";
    // What has grown old, or is behind the plan.
    "content/news/visit.md": "date: 2026-11-20 09:00" => "date: 2026-10-20 09:00", "content/news/_index.md:4:14" "stale_column" "2026-10-20", "发布一条新的";
    "content/policies/sme-payment.md": "date: 2026-10-20 08:00" => "date: 2026-04-20 08:00", "content/policies/_index.md:5:14" "stale_column" "六个月", "发布一条新的";
    "content/resources/labour.md": "date: 2026-11-18 09:00" => "date: 2026-11-18 09:00\ndraft: true", "content/resources/_index.md:5:14" "blank_column" "三库资源", "draft: true";
    "content/data/plan.yaml": "due: 2026-12-31, topic: 算清现金流, page: /courses/q4.md" => "due: 2026-12-20, topic: 算清现金流", "content/data/plan.yaml:1:41" "plan_unarranged" "第四季度", "site-gen new";
    "content/data/plan.yaml": "topic: 应收账款怎么管, page: /activities/tea-10.md" => "topic: 应收账款怎么管", "content/data/plan.yaml:2:37" "plan_overdue" "还没有办", "`page:`";
    // What a build finds: told by the same check.
    "content/news/visit.md": "(/about.md)" => "(/abuot.md)", "content/news/visit.md:24:15" "broken_link" "abuot", "/about.md";
    "content/news/visit.md": "tags: [走访, 食品]" => "tags: [走访、食品]", "content/news/visit.md:5:8" "joined_words" "连成了一项", "[走访, 食品]";
    "content/news/visit.md": "source: 示例区" => "sourse: 示例区", "content/news/visit.md:6:1" "unknown_key" "sourse", "source";
    "content/activities/tea-12.md": "end: 2026-12-11 16:30" => "end: 2026-12-11 13:30", "content/activities/tea-12.md:8:8" "end_before_start" "不晚于开始", "开始之后";
    "content/activities/tea-12.md": "series: teas" => "series: tea", "content/activities/tea-12.md:5:9" "unknown_series" "`tea`", "teas";
    "content/courses/q4.md": "deadline: 2026-12-28 12:00" => "deadline: 2026-12-30 12:00", "content/courses/q4.md:17:15" "deadline_after_start" "截止", "deadline:";
    "content/news/visit.md": "> 企业说的" => "![](hall.jpg)\n\n> 企业说的", "content/news/visit.md:17:5" "missing_alt" "文字说明", "会议现场";
}
