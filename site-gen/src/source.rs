//! What `load` reads: documents, data, forms, the theme and the files that lie beside them. Nothing is linked yet.

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::Arc,
};

use domain::{
    Moment,
    appeal::scoreboard::Scoreboard,
    calendar::CalendarYear,
    form::{AnswerOption, Form},
    limits::Limits,
};
use pages::Link;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    diagnostic::{Diagnostic, Severity},
    kinds::{Activity, Common, Course, Kind, Page, Policy, Resource, Section, Silence},
    pictures::Pictures,
};

/// Everything a build reads, sorted by path so that the same files give the same value whatever the number of threads.
#[derive(Debug, Clone)]
pub struct Source {
    /// `content/site.yaml`
    pub config: Config,
    /// Every `.md` file of `content/`.
    pub documents: Vec<Arc<Document>>,
    /// `content/data/*.yaml`
    pub data: Data,
    /// `content/forms/*.yaml`, options written out from `data`.
    pub forms: Vec<FormSource>,
    /// Files that lie beside documents (pictures, attachments), published beside their pages.
    pub files: Vec<ContentFile>,
    /// Those of them that are made smaller where a page shows them.
    pub pictures: Arc<Pictures>,
    /// `content/static/**`, published at the root untouched.
    pub statics: Vec<ContentFile>,
    /// The theme.
    pub theme: Theme,
}

/// Where silences stand that hold for the whole site.
pub const CONFIG: &str = "content/site.yaml";

impl Source {
    /// What editors have silenced, by the file in which it stands and for which it holds; what stands in [`CONFIG`] holds everywhere.
    pub fn silences(&self) -> impl Iterator<Item = (String, &[Silence])> {
        let of_pages = self.documents.iter().map(|document| (document, document.front.common().silence));
        let of_pages = of_pages.filter(|(_, silences)| !silences.is_empty());
        let of_pages = of_pages.map(|(document, silences)| (format!("content/{}", document.path), silences));
        of_pages.chain([(CONFIG.to_owned(), self.config.silence.as_slice())])
    }

    /// Takes the warnings out of `found` that editors have silenced, and gives them.
    pub fn take_silenced(&self, found: &mut Vec<Diagnostic>) -> Vec<Diagnostic> {
        let is_warning = |found: &Diagnostic| found.severity == Severity::Warning;
        if !found.iter().any(is_warning) {
            return Vec::new();
        }
        let silences: HashMap<String, &[Silence]> = self.silences().collect();
        let is_silenced = |found: &mut Diagnostic| {
            let mut of = [found.file.as_str(), CONFIG].into_iter().filter_map(|file| silences.get(file)).copied().flatten();
            is_warning(found) && of.any(|silence| silence.rule == found.code)
        };
        found.extract_if(.., is_silenced).collect()
    }
}

/// One Markdown file.
#[derive(Debug, Clone)]
pub struct Document {
    /// Path below `content/`, with `/`: `courses/2026-q4.md`.
    pub path: String,
    /// The whole text; diagnostics quote it.
    pub text: Arc<str>,
    /// Byte offset in `text` at which the Markdown begins.
    pub body: usize,
    /// What the front matter says.
    pub front: FrontMatter,
}

impl Document {
    /// The Markdown.
    pub fn markdown(&self) -> &str {
        &self.text[self.body..]
    }
}

/// Front matter of whichever kind the page is.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum FrontMatter {
    Activity(Box<Activity>),
    Course(Box<Course>),
    Policy(Box<Policy>),
    Resource(Box<Resource>),
    Page(Box<Page>),
    Section(Box<Section>),
}

impl FrontMatter {
    /// What every kind has. Inlined, since most ask for one or two of its fields and nothing else need then be looked at.
    #[inline(always)]
    pub fn common(&self) -> Common<'_> {
        match self {
            FrontMatter::Activity(front) => front.common(),
            FrontMatter::Course(front) => front.common(),
            FrontMatter::Policy(front) => front.common(),
            FrontMatter::Resource(front) => front.common(),
            FrontMatter::Page(front) => front.common(),
            FrontMatter::Section(front) => front.common(),
        }
    }

    /// When it goes by itself: when it says so, and an entry of a library also when nobody has checked it for a year.
    pub fn expires(&self) -> Option<Moment> {
        let said = self.common().expires;
        let FrontMatter::Resource(front) = self else { return said };
        let stale = front.stale_from();
        said.map_or(stale, |said| stale.map(|stale| said.min(stale)).or(Some(said)))
    }

    /// The two are the same but for title and summary.
    pub fn differs_only_in_words(&self, other: &FrontMatter) -> bool {
        let (mut like, words) = (self.clone(), other.common());
        let (title, summary) = match &mut like {
            FrontMatter::Activity(front) => (&mut front.title, &mut front.summary),
            FrontMatter::Course(front) => (&mut front.title, &mut front.summary),
            FrontMatter::Policy(front) => (&mut front.title, &mut front.summary),
            FrontMatter::Resource(front) => (&mut front.title, &mut front.summary),
            FrontMatter::Page(front) => (&mut front.title, &mut front.summary),
            FrontMatter::Section(front) => (&mut front.title, &mut front.summary),
        };
        words.title.clone_into(title);
        *summary = words.summary.map(str::to_owned);
        like == *other
    }

    /// Which kind it is.
    pub fn kind(&self) -> Kind {
        match self {
            FrontMatter::Activity(_) => Kind::Activity,
            FrontMatter::Course(_) => Kind::Course,
            FrontMatter::Policy(_) => Kind::Policy,
            FrontMatter::Resource(_) => Kind::Resource,
            FrontMatter::Page(_) => Kind::Page,
            FrontMatter::Section(_) => Kind::Section,
        }
    }
}

/// A form's declaration and the file it stands in.
#[derive(Debug, Clone)]
pub struct FormSource {
    /// `forms/appeal.yaml`
    pub path: String,
    /// The declaration.
    pub form: Form,
}

/// A file that is published as it is. Its bytes are read when it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentFile {
    /// Path below `content/` (for statics: below `content/static/` or the theme's `static/`).
    pub path: String,
    /// Where it lies.
    pub location: PathBuf,
    /// Bytes.
    pub size: u64,
    /// Width and height, when it is a picture that could be read.
    pub picture: Option<(u32, u32)>,
}

/// 站点设置：`content/site.yaml`。
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// 站点名称：SiteName。
    pub name: String,
    /// 标语：一句话介绍。
    pub tagline: String,
    /// 网址：`https://` 开头，末尾不带斜杠；`--base-url` 可以替换它。
    pub base_url: String,
    /// 网站标识码：SiteIDCode，没有就不写。
    #[serde(default)]
    pub site_code: Option<String>,
    /// 主办单位。
    pub organiser: String,
    /// 电话：对外公布的电话，未经单位确认不写。
    #[serde(default)]
    pub telephone: Option<String>,
    /// 地址。
    #[serde(default)]
    pub address: Option<String>,
    /// ICP 备案号：如 `皖ICP备12345678号-1`。
    #[serde(default)]
    pub icp: Option<String>,
    /// 公安备案号。
    #[serde(default)]
    pub police: Option<String>,
    /// 服务状态：`trial` 试运行，`live` 正式运行。
    #[serde(default)]
    pub service: ServiceState,
    /// 主题：`themes/` 下的文件夹名。
    pub theme: String,
    /// 菜单。
    pub navigation: Vec<Link>,
    /// 页脚链接。
    #[serde(default)]
    pub footer: Vec<Link>,
    /// 每页条数：列表每页几条，默认 20。
    #[serde(default = "twenty")]
    pub page_size: usize,
    /// 海报字体：做活动海报用的中文字体文件（.ttc、.otf、.ttf），从站点文件夹算起或绝对路径；不写就用系统里的思源黑体（fonts-noto-cjk）。
    #[serde(default)]
    pub poster_font: Option<String>,
    /// 允许 HTML：正文里允许写 HTML，默认不允许。
    #[serde(default)]
    pub raw_html: bool,
    /// 网页编辑器：内容放在哪个代码托管平台的哪个仓库；不写就只能在装了 decap-server 的电脑上用。
    #[serde(default)]
    pub admin: Option<Forge>,
    /// 审核：推送到正式分支之前要不要三审；谁审什么写在 `editors.yaml` 里。
    #[serde(default)]
    pub review: ReviewSettings,
    /// 公开的电话：除 `telephone` 之外，页面上还可以出现的办公电话。
    #[serde(default)]
    pub public_telephones: Vec<String>,
    /// 不再提示：`site-gen check` 对整个网站的哪些提示不再说，各写明原因。
    #[serde(default)]
    pub silence: Vec<Silence>,
}

/// 放内容的代码托管平台。
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Forge {
    /// 平台：`gitea` 或 `forgejo`。
    #[serde(default)]
    pub forge: ForgeKind,
    /// 网址：平台的网址，如 `https://git.example.gov.cn`，末尾不带斜杠。
    pub url: String,
    /// 仓库：如 `office/xiangshang`。
    pub repository: String,
    /// 分支：默认 `main`。
    #[serde(default = "main_branch")]
    pub branch: String,
    /// 客户端编号：在平台里登记 OAuth2 应用时得到的 Client ID。
    pub app_id: String,
}

/// 代码托管平台的种类。
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ForgeKind {
    /// Gitea
    #[default]
    Gitea,
    /// Forgejo
    Forgejo,
}

fn main_branch() -> String {
    "main".to_owned()
}

/// 三审的开关。
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewSettings {
    /// 必须三审：初审、复审、终审齐了才能公开，默认不要求。
    #[serde(default)]
    pub required: bool,
}

fn twenty() -> usize {
    20
}

/// 服务是否已由单位确认。
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServiceState {
    /// 试运行
    #[default]
    Trial,
    /// 正式运行
    Live,
}

/// `content/data/`: what several pages and forms share.
#[derive(Debug, Clone, Default)]
pub struct Data {
    /// `chains.yaml`: 产业链.
    pub chains: Vec<Chain>,
    /// `series.yaml`: 系列 (programmes that have events).
    pub series: Vec<Series>,
    /// `towns.yaml`: 镇街与园区.
    pub towns: Vec<AnswerOption>,
    /// `categories.yaml`: categories of appeals, each with its environment.
    pub categories: Vec<Category>,
    /// `plan.yaml`: the year's plan of lectures and teas.
    pub plan: Vec<PlanItem>,
    /// `limits.yaml`.
    pub limits: Option<Limits>,
    /// `calendar/YEAR.yaml`.
    pub calendar: Vec<CalendarYear>,
    /// `scoreboard.json`: figures that `xiangshang scoreboard --write` has counted; nobody types them.
    pub scoreboard: Option<Scoreboard>,
}

/// 产业链。
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Chain {
    /// 编号：写在页面 `chains:` 里的名字，也是网址的一段。
    pub id: String,
    /// 名称。
    pub name: String,
    /// 起始年份：从哪年起。
    #[serde(default)]
    pub since: Option<i16>,
    /// 截止年份：到哪年止。
    #[serde(default)]
    pub until: Option<i16>,
}

/// 系列（有活动的品牌项目）。
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// 编号：写在页面 `series:` 里的名字，也是网址的一段。
    pub id: String,
    /// 名称。
    pub name: String,
    /// 介绍：一句话介绍。
    pub summary: String,
    /// 介绍页：页面的路径，如 `/programmes/lectures/`。
    #[serde(default)]
    pub page: Option<String>,
}

/// 诉求类别。
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// 值：提交和存档用的词，定了就不改。
    pub value: String,
    /// 名称：给人看的词。
    pub label: String,
    /// 提示：名称下面的一行话。
    #[serde(default)]
    pub hint: Option<String>,
    /// 环境：要素、政务、市场、法治、创新之一。
    pub environment: String,
}

/// 年度计划中的一项。
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanItem {
    /// 系列：`data/series.yaml` 里的 id。
    pub series: String,
    /// 时段：如 第四季度、11 月。
    pub label: String,
    /// 期限：时段的最后一天，过了还没办就是「逾期」。
    #[schemars(with = "domain::time::DateSchema")]
    pub due: jiff::civil::Date,
    /// 主题。
    pub topic: String,
    /// 页面：对应页面的 Markdown 路径，如 `/courses/2026-q4.md`；已结束就是「已办」。
    #[serde(default)]
    pub page: Option<String>,
}

/// `themes/NAME/`.
#[derive(Debug, Clone, Default)]
pub struct Theme {
    /// `themes/NAME`, as diagnostics name it.
    pub folder: String,
    /// `templates/**`, by path below it: `base.html`, `service/receipt.html`.
    pub templates: BTreeMap<String, String>,
    /// `posters/*.svg`: templates of pictures, by name: `poster.svg`.
    pub posters: BTreeMap<String, String>,
    /// `assets/*`: style sheets and scripts, published under hashed names.
    pub assets: BTreeMap<String, Vec<u8>>,
    /// `static/**`, published at the root untouched.
    pub statics: Vec<ContentFile>,
}
