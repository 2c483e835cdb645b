//! The front matter of each kind of page, as editors write it.
//!
//! One struct a kind: the loader reads with it, `schema` prints it as JSON Schema, `new` writes a page that fits it. Unknown
//! keys are refused. Rules that need two values (an end before its start) are in `load::rules`.

use domain::{Attendance, Moment};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What every page may say of itself.
macro_rules! page_kind {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident : $type:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// 标题：页面的大标题，也是列表里的链接文字。
            pub title: String,
            /// 摘要：一两句话，用在列表、搜索和分享里。
            #[serde(default)]
            pub summary: Option<String>,
            /// 发布时间，如 `2026-11-05 09:00`，按北京时间。晚于现在的页面到时间才会出现。
            #[serde(default)]
            pub date: Option<Moment>,
            /// 最近一次实质修改的时间。
            #[serde(default)]
            pub updated: Option<Moment>,
            /// 到这个时间页面自动撤下。
            #[serde(default)]
            pub expires: Option<Moment>,
            /// 草稿：只有加 `--drafts` 才会生成。
            #[serde(default)]
            pub draft: bool,
            /// 网址的最后一段，小写字母、数字、连字符。不写时取文件名，文件名是中文时取拼音。
            #[serde(default)]
            pub slug: Option<String>,
            /// 旧网址，如 `/news/123.html`，会自动跳转到本页。
            #[serde(default)]
            pub aliases: Vec<String>,
            /// 标签。
            #[serde(default)]
            pub tags: Vec<String>,
            /// 产业链，写 `data/chains.yaml` 里的 id。
            #[serde(default)]
            pub chains: Vec<String>,
            /// 系列，写 `data/series.yaml` 里的 id。
            #[serde(default)]
            pub series: Option<String>,
            /// 稿件来源（ContentSource）。
            #[serde(default)]
            pub source: Option<String>,
            /// 作者。
            #[serde(default)]
            pub author: Option<String>,
            /// 仅为示例：页面上会标明「示例」。
            #[serde(default)]
            pub example: bool,
            $($(#[$field_meta])* pub $field: $type,)*
        }

        impl $name {
            /// What every kind has, apart from what only this one has.
            pub fn common(&self) -> Common<'_> {
                Common {
                    title: &self.title,
                    summary: self.summary.as_deref(),
                    date: self.date,
                    updated: self.updated,
                    expires: self.expires,
                    draft: self.draft,
                    slug: self.slug.as_deref(),
                    aliases: &self.aliases,
                    tags: &self.tags,
                    chains: &self.chains,
                    series: self.series.as_deref(),
                    source: self.source.as_deref(),
                    author: self.author.as_deref(),
                    example: self.example,
                }
            }
        }
    };
}

/// What every kind of page says of itself, borrowed from whichever kind it is. The fields are documented on each kind.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Common<'a> {
    pub title: &'a str,
    pub summary: Option<&'a str>,
    pub date: Option<Moment>,
    pub updated: Option<Moment>,
    pub expires: Option<Moment>,
    pub draft: bool,
    pub slug: Option<&'a str>,
    pub aliases: &'a [String],
    pub tags: &'a [String],
    pub chains: &'a [String],
    pub series: Option<&'a str>,
    pub source: Option<&'a str>,
    pub author: Option<&'a str>,
    pub example: bool,
}

page_kind! {
    /// 活动：接待日、会客厅、下午茶、走访等。 `content/activities/*.md`
    Activity {
        /// 时间、地点、名额与报名。
        event: Event,
        /// 接待人或主讲人。
        #[serde(default)]
        speakers: Vec<Speaker>,
        /// 议程。
        #[serde(default)]
        agenda: Vec<AgendaItem>,
        /// 活动之后：小结与数字。
        #[serde(default)]
        minutes: Option<Minutes>,
    }
}

page_kind! {
    /// 课程：同心大讲堂。 `content/courses/*.md`
    Course {
        /// 时间、地点、名额与报名。
        event: Event,
        /// 主讲人。
        #[serde(default)]
        speakers: Vec<Speaker>,
        /// 课时，单位小时。
        #[serde(default)]
        hours: Option<f32>,
        /// 提升哪项能力。
        #[serde(default)]
        abilities: Vec<Ability>,
        /// 大纲。
        #[serde(default)]
        agenda: Vec<AgendaItem>,
        /// 课后：小结、课件与回放。
        #[serde(default)]
        minutes: Option<Minutes>,
    }
}

page_kind! {
    /// 惠企政策。 `content/policies/*.md`
    Policy {
        /// 发文机关。
        issuer: String,
        /// 文号，如 国务院令第802号。
        #[serde(default)]
        number: Option<String>,
        /// 成文或公布日期。
        #[serde(default)]
        #[schemars(with = "Option<String>")]
        issued: Option<Date>,
        /// 施行日期。
        #[serde(default)]
        #[schemars(with = "Option<String>")]
        effective: Option<Date>,
        /// 有效期至。
        #[serde(default)]
        #[schemars(with = "Option<String>")]
        until: Option<Date>,
        /// 效力：现行、已修改、已废止。
        validity: Validity,
        /// 已修改或已废止时，新文件的页面路径。
        #[serde(default)]
        replaced_by: Option<String>,
        /// 适用对象，一句话。
        audience: String,
        /// 原文名称与来源；`url` 只写核实过的政府网站地址，没有就不写。
        #[serde(default)]
        original: Option<Original>,
        /// 最近一次核对的日期。
        #[schemars(with = "String")]
        checked: Date,
        /// 要点，最多三条（商会解读，以原文为准）。
        #[serde(default)]
        points: Vec<String>,
        /// 怎么办：能得到什么、如何申请、何时之前、到哪个窗口。
        #[serde(default)]
        claim: Vec<ClaimStep>,
    }
}

page_kind! {
    /// 三库：银行金融助企库、高校科研强企库、法律援助护企库。 `content/resources/*.md`
    Resource {
        /// 属于哪个库。
        library: Library,
        /// 提供单位。
        provider: String,
        /// 能提供什么，逐条。
        services: Vec<String>,
        /// 适合谁。
        audience: String,
        /// 如何对接。
        contact: String,
        /// 最近一次核对的日期。
        #[schemars(with = "String")]
        checked: Date,
    }
}

page_kind! {
    /// 一般页面：关于、隐私、无障碍声明、各品牌项目。
    Page {
        /// 在页面里放一张表单，写 `forms/` 里的 id。
        #[serde(default)]
        form: Option<String>,
        /// 换用主题里的另一个模板，如 `board.html`。
        #[serde(default)]
        template: Option<String>,
        /// 排序，小的在前。
        #[serde(default)]
        weight: i32,
        /// 事实与数字，写在页面开头（注明年份）。
        #[serde(default)]
        figures: Vec<Figure>,
    }
}

page_kind! {
    /// 栏目首页：`_index.md`。
    Section {
        /// 本栏目的页面是哪一类。
        #[serde(default)]
        pages: Kind,
        /// 排列方式。
        #[serde(default)]
        sort: Sort,
        /// 栏目类别（ColumnType），如 工作动态、政策文件。
        #[serde(default)]
        column_type: Option<String>,
        /// 换用主题里的另一个模板。
        #[serde(default)]
        template: Option<String>,
        /// 放进订阅源。
        #[serde(default)]
        feed: bool,
    }
}

/// Which struct reads a page's front matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Kind {
    Activity,
    Course,
    Policy,
    Resource,
    #[default]
    Page,
    Section,
}

/// How a section's pages are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// 新发布的在前。
    #[default]
    Date,
    /// 按开始时间：将要举行的由近到远，然后是往期。
    Start,
    /// 按 `weight`，再按标题。
    Weight,
    /// 按标题。
    Title,
}

/// When and where something takes place, and how one gets in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// 开始时间，如 `2026-12-05 14:00`。
    pub start: Moment,
    /// 结束时间，晚于开始。
    pub end: Moment,
    /// 地点。
    pub place: String,
    /// 到达方式。
    #[serde(default)]
    pub directions: Option<String>,
    /// 形式：`onsite` 现场、`online` 线上、`both` 均可。
    pub attendance: Attendance,
    /// 面向谁。
    pub audience: String,
    /// 费用，不写就是免费。
    #[serde(default)]
    pub fee: Option<String>,
    /// 联系方式，写给读者看。
    pub contact: String,
    /// 状态：如期、改期、取消。
    #[serde(default)]
    pub status: Status,
    /// 改期或取消时告诉读者的话。
    #[serde(default)]
    pub status_note: Option<String>,
    /// 报名；不需要报名的活动不写。
    #[serde(default)]
    pub registration: Option<Registration>,
}

/// The part of an event that becomes a [`domain::Session`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// 场次编号，永不更改、永不重用，如 `djt-2026-q4`。
    pub id: String,
    /// 现场名额。
    #[serde(default)]
    pub onsite_seats: u32,
    /// 线上名额。
    #[serde(default)]
    pub online_seats: u32,
    /// 现场名额中，已由电话或纸质登记占用的个数。
    #[serde(default)]
    pub onsite_reserved: u32,
    /// 线上名额中，已由其他方式占用的个数。
    #[serde(default)]
    pub online_reserved: u32,
    /// 满员后是否接受候补，默认接受。
    #[serde(default = "yes")]
    pub waitlist: bool,
    /// 开始报名的时间，不写就是发布即可报名。
    #[serde(default)]
    pub opens: Option<Moment>,
    /// 报名截止时间，不晚于开始时间。
    pub deadline: Moment,
    /// 一次报名最多几人，1–3。
    #[serde(default)]
    pub party_limit: Option<u32>,
    /// 每家企业最多几人。
    #[serde(default)]
    pub firm_limit: Option<u32>,
}

fn yes() -> bool {
    true
}

/// Whether an event takes place as announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// 如期
    #[default]
    Scheduled,
    /// 改期
    Postponed,
    /// 取消
    Cancelled,
}

/// Somebody who speaks or receives visitors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Speaker {
    /// 姓名，或只写职务。
    pub name: String,
    /// 单位与职务。
    #[serde(default)]
    pub role: Option<String>,
    /// 简介。
    #[serde(default)]
    pub about: Option<String>,
}

/// One line of an agenda.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgendaItem {
    /// 时间，如 `14:00`，可以不写。
    #[serde(default)]
    pub time: Option<String>,
    /// 内容。
    pub what: String,
    /// 谁来讲。
    #[serde(default)]
    pub who: Option<String>,
}

/// What is shown after an event in place of the button.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Minutes {
    /// 小结，一段话。
    pub text: String,
    /// 数字。
    #[serde(default)]
    pub figures: Vec<Figure>,
    /// 附件或回放。
    #[serde(default)]
    pub files: Vec<Attachment>,
}

/// A figure with what it counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// 数字，如 `105`。
    pub value: String,
    /// 单位，如 件。
    #[serde(default)]
    pub unit: Option<String>,
    /// 数的是什么，注明年份。
    pub label: String,
}

/// A file to download.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// 名称。
    pub label: String,
    /// 路径：同目录下的文件名，或 `/files/…`。
    pub path: String,
}

/// 五种能力。
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ability {
    /// 创新发展
    Innovation,
    /// 决策管理
    Management,
    /// 资本运作
    Capital,
    /// 市场开拓
    Market,
    /// 核心竞争
    Competitiveness,
}

/// Whether a policy is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    /// 现行
    Current,
    /// 已修改
    Amended,
    /// 已废止
    Repealed,
}

/// Where a policy's own text is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Original {
    /// 来源名称，如 中国政府网。
    pub name: String,
    /// 网址。
    #[serde(default)]
    pub url: Option<String>,
}

/// One step of claiming what a policy gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimStep {
    /// 一句话。
    pub what: String,
    /// 补充说明。
    #[serde(default)]
    pub detail: Option<String>,
}

/// 三库。
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Library {
    /// 银行金融助企库
    Finance,
    /// 高校科研强企库
    Research,
    /// 法律援助护企库
    Legal,
}
