//! The front matter of each kind of page, as editors write it.
//!
//! The documentation of structs and fields here is Chinese because editors read it: it becomes the descriptions of the JSON
//! Schema, and diagnostics call a key by the words before its 「：」.
//!
//! One struct a kind: the loader reads with it, `schema` prints it as JSON Schema, `new` writes a page that fits it. Unknown
//! keys are refused. Rules that need two values (an end before its start) are in `load::rules`.

mod policy;
mod vocabulary;

use domain::{Attendance, Moment, time::DateSchema};
use jiff::{ToSpan, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use policy::{ClaimStep, Conditions, Industry, Original, Revision, Size, Validity};

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
            /// 发布时间：如 `2026-11-05 09:00`，按北京时间。晚于现在的页面到时间才会出现。
            #[serde(default)]
            pub date: Option<Moment>,
            /// 修改时间：最近一次实质修改的时间。
            #[serde(default)]
            pub updated: Option<Moment>,
            /// 撤下时间：到这个时间页面自动撤下。
            #[serde(default)]
            pub expires: Option<Moment>,
            /// 草稿：写着 `true` 就不公开；在自己电脑上加 `--drafts` 看得到。
            #[serde(default)]
            pub draft: bool,
            /// 网址末段：小写字母、数字、连字符。不写时取文件名，文件名是中文时取拼音。
            #[serde(default)]
            pub slug: Option<String>,
            /// 旧网址：如 `/news/123.html`，会自动跳转到本页。
            #[serde(default)]
            pub aliases: Vec<String>,
            /// 标签：自己起的词，如 `[融资, 用工]`。
            #[serde(default)]
            pub tags: Vec<String>,
            /// 产业链：写 `data/chains.yaml` 里的 id。
            #[serde(default)]
            pub chains: Vec<String>,
            /// 系列：写 `data/series.yaml` 里的 id。
            #[serde(default)]
            pub series: Option<String>,
            /// 稿件来源：转载的写原出处（ContentSource）。
            #[serde(default)]
            pub source: Option<String>,
            /// 作者。
            #[serde(default)]
            pub author: Option<String>,
            /// 示例：仅为示例，页面上会标明「示例」。
            #[serde(default)]
            pub example: bool,
            /// 不再提示：检查和生成时对本页的哪些提示不再说，各写明原因。
            #[serde(default)]
            pub silence: Vec<Silence>,
            $($(#[$field_meta])* pub $field: $type,)*
        }

        impl $name {
            /// What every kind has, apart from what only this one has.
            #[inline(always)]
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
                    silence: &self.silence,
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
    pub silence: &'a [Silence],
}

/// 一条不再提示的规则和它的原因。
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Silence {
    /// 规则：提示方括号里的名称，如 `thin_summary`；`site-gen check --rules` 列出全部。
    pub rule: String,
    /// 原因：为什么这里可以不管，写给后来的人看。
    pub why: String,
}

page_kind! {
    /// 活动：接待日、会客厅、下午茶、走访等。 `content/activities/*.md`
    Activity {
        /// 活动信息：时间、地点、名额与报名。
        event: Event,
        /// 接待人或主讲人。
        #[serde(default)]
        speakers: Vec<Speaker>,
        /// 议程。
        #[serde(default)]
        agenda: Vec<AgendaItem>,
        /// 附件：来之前要看、要填的文件，如通知、表格。会后的课件写在 `minutes.files`。
        #[serde(default)]
        files: Vec<Attachment>,
        /// 会后小结：活动之后填，小结与数字。
        #[serde(default)]
        minutes: Option<Minutes>,
    }
}

page_kind! {
    /// 课程：同心大讲堂。 `content/courses/*.md`
    Course {
        /// 活动信息：时间、地点、名额与报名。
        event: Event,
        /// 主讲人。
        #[serde(default)]
        speakers: Vec<Speaker>,
        /// 课时：单位小时。
        #[serde(default)]
        hours: Option<f32>,
        /// 能力：提升哪项能力。
        #[serde(default)]
        abilities: Vec<Ability>,
        /// 大纲。
        #[serde(default)]
        agenda: Vec<AgendaItem>,
        /// 附件：来之前要看、要填的文件，如通知、表格。会后的课件写在 `minutes.files`。
        #[serde(default)]
        files: Vec<Attachment>,
        /// 课后小结：课后填，小结、课件与回放。
        #[serde(default)]
        minutes: Option<Minutes>,
    }
}

page_kind! {
    /// 惠企政策。 `content/policies/*.md`
    Policy {
        /// 发文机关。
        issuer: String,
        /// 文号：如 国务院令第802号。
        #[serde(default)]
        number: Option<String>,
        /// 公布日期：成文或公布的日期。
        #[serde(default)]
        #[schemars(with = "Option<DateSchema>")]
        issued: Option<Date>,
        /// 施行日期。
        #[serde(default)]
        #[schemars(with = "Option<DateSchema>")]
        effective: Option<Date>,
        /// 有效期至。
        #[serde(default)]
        #[schemars(with = "Option<DateSchema>")]
        until: Option<Date>,
        /// 效力：现行、已修改、已废止。
        validity: Validity,
        /// 新文件：已修改或已废止时，新文件的页面路径。
        #[serde(default)]
        replaced_by: Option<String>,
        /// 适用对象：一句话。
        audience: String,
        /// 原文：名称与来源；`url` 只写核实过的政府网站地址，没有就不写。
        #[serde(default)]
        original: Option<Original>,
        /// 核对日期：最近一次核对的日期。
        #[schemars(with = "DateSchema")]
        checked: Date,
        /// 要点：最多三条（商会解读，以原文为准）。
        #[serde(default)]
        points: Vec<String>,
        /// 怎么办：能得到什么、如何申请、何时之前、到哪个窗口。
        #[serde(default)]
        claim: Vec<ClaimStep>,
        /// 附件：如原文、申请表。
        #[serde(default)]
        files: Vec<Attachment>,
        /// 沿革：公布、修改、废止的经过，一次一项，只写核实过的。
        #[serde(default)]
        history: Vec<Revision>,
        /// 适用条件：「找政策」和栏目里的筛选按它来。
        #[serde(default)]
        conditions: Conditions,
    }
}

page_kind! {
    /// 三库：银行金融助企库、高校科研强企库、法律援助护企库。 `content/resources/*.md`
    Resource {
        /// 所属的库：三库之一。
        library: Library,
        /// 提供单位。
        provider: String,
        /// 服务内容：能提供什么，逐条写。
        services: Vec<String>,
        /// 适合对象：适合谁。
        audience: String,
        /// 对接方式：如何对接。
        contact: String,
        /// 核对日期：最近一次核对的日期。
        #[schemars(with = "DateSchema")]
        checked: Date,
    }
}

impl Resource {
    /// The moment from which nobody can rely on it: a year after the last check.
    pub fn stale_from(&self) -> Option<Moment> {
        Some(Moment::from_local(self.checked.checked_add(1.year()).ok()?.tomorrow().ok()?.at(0, 0, 0, 0)))
    }
}

page_kind! {
    /// 一般页面：关于、隐私、无障碍声明、各品牌项目。
    Page {
        /// 表单：在页面里放一张表单，写 `forms/` 里的 id。
        #[serde(default)]
        form: Option<String>,
        /// 模板：换用主题里的另一个模板，如 `board.html`。
        #[serde(default)]
        template: Option<String>,
        /// 排序：小的在前。
        #[serde(default)]
        weight: i32,
        /// 事实与数字：写在页面开头（注明年份）。
        #[serde(default)]
        figures: Vec<Figure>,
    }
}

page_kind! {
    /// 栏目首页：`_index.md`。
    Section {
        /// 页面类型：本栏目的页面是哪一类。
        #[serde(default)]
        pages: Kind,
        /// 排列方式。
        #[serde(default)]
        sort: Sort,
        /// 栏目类别：ColumnType，如 工作动态、政策文件。
        #[serde(default)]
        column_type: Option<String>,
        /// 模板：换用主题里的另一个模板。
        #[serde(default)]
        template: Option<String>,
        /// 订阅：为本栏目生成订阅源。
        #[serde(default)]
        feed: bool,
    }
}

/// 页面的类型。
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 活动
    Activity,
    /// 课程
    Course,
    /// 政策
    Policy,
    /// 资源
    Resource,
    /// 一般页面
    #[default]
    Page,
    /// 栏目
    Section,
}

/// 栏目里页面的排列方式。
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

/// 时间、地点、名额与报名。
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// 开始时间：如 `2026-12-05 14:00`。
    pub start: Moment,
    /// 结束时间：晚于开始时间。
    pub end: Moment,
    /// 地点。
    pub place: String,
    /// 到达方式。
    #[serde(default)]
    pub directions: Option<String>,
    /// 形式。
    pub attendance: Attendance,
    /// 对象：面向谁。
    pub audience: String,
    /// 费用：不写就是免费。
    #[serde(default)]
    pub fee: Option<String>,
    /// 联系方式：写给读者看。
    pub contact: String,
    /// 状态：如期、改期、取消。
    #[serde(default)]
    pub status: Status,
    /// 状态说明：改期或取消时告诉读者的话。
    #[serde(default)]
    pub status_note: Option<String>,
    /// 报名：不需要报名的活动不写。
    #[serde(default)]
    pub registration: Option<Registration>,
}

/// 报名：名额、时间与限制。
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// 场次编号：永不更改、永不重用，如 `djt-2026-q4`。
    pub id: String,
    /// 现场名额。
    #[serde(default)]
    pub onsite_seats: u32,
    /// 线上名额。
    #[serde(default)]
    pub online_seats: u32,
    /// 现场已占名额：由电话或纸质登记占用的个数。
    #[serde(default)]
    pub onsite_reserved: u32,
    /// 线上已占名额：由其他方式占用的个数。
    #[serde(default)]
    pub online_reserved: u32,
    /// 候补：满员后是否接受候补，默认接受。
    #[serde(default = "yes")]
    pub waitlist: bool,
    /// 报名开始时间：不写就是发布即可报名。
    #[serde(default)]
    pub opens: Option<Moment>,
    /// 报名截止时间：不晚于开始时间。
    pub deadline: Moment,
    /// 每次报名人数：一次报名最多几人，1–3。
    #[serde(default)]
    pub party_limit: Option<u32>,
    /// 每家企业人数：每家企业最多几人。
    #[serde(default)]
    pub firm_limit: Option<u32>,
    /// 报名表：用 `forms/` 里的哪一张，默认 `registration`。
    #[serde(default = "registration_form")]
    pub form: String,
    /// 时段：分时段预约的才写，如接待日。每个时段是一场，上面写的名额就是每个时段的名额。
    #[serde(default)]
    pub slots: Vec<Slot>,
}

/// 可以预约的一个时段。
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// 时段编号：和场次编号一样，永不更改、永不重用，如 `jdr-2026-12-0900`。
    pub id: String,
    /// 开始时间：如 `2026-12-17 09:00`。
    pub start: Moment,
    /// 结束时间：晚于开始时间。
    pub end: Moment,
    /// 已约出：由电话等方式约出的时段。
    #[serde(default)]
    pub taken: bool,
}

fn registration_form() -> String {
    "registration".to_owned()
}

fn yes() -> bool {
    true
}

/// 活动是否如期举行。
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

/// 主讲人或接待人。
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Speaker {
    /// 姓名：也可以只写职务。
    pub name: String,
    /// 单位与职务。
    #[serde(default)]
    pub role: Option<String>,
    /// 简介。
    #[serde(default)]
    pub about: Option<String>,
}

/// 议程中的一项。
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgendaItem {
    /// 时间：如 `14:00`，可以不写。
    #[serde(default)]
    pub time: Option<String>,
    /// 内容。
    pub what: String,
    /// 主讲：谁来讲。
    #[serde(default)]
    pub who: Option<String>,
}

/// 活动之后写的小结，页面上代替报名按钮。
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Minutes {
    /// 小结：一段话。
    pub text: String,
    /// 数字。
    #[serde(default)]
    pub figures: Vec<Figure>,
    /// 附件：也可以是回放。
    #[serde(default)]
    pub files: Vec<Attachment>,
}

/// 一个数字和它的说明。
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// 数字：如 `105`。
    pub value: String,
    /// 单位：如 件。
    #[serde(default)]
    pub unit: Option<String>,
    /// 说明：数的是什么，注明年份。
    pub label: String,
}

/// 一个可下载的文件。
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
