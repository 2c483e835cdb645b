//! The pages that functions answer with after a form's first step. Each struct is the whole context of the template named in its docs,
//! beside `frame`. Dates and numbers arrive as words; a template decides nothing.

use serde::{Deserialize, Serialize};

use crate::{
    Frame, Head, Link,
    form::{Hidden, StepPage},
    head::title_with_errors,
    registration::{ActLink, Acts, Pass},
};

/// A page of the functions; [`crate::Templates::page`] renders it.
pub trait ServicePage: Serialize {
    /// The template it is the context of.
    const TEMPLATE: &'static str;

    /// What it says about itself. Every page of the functions concerns one person and stays out of search engines.
    fn head(&self, frame: &Frame) -> Head;
}

/// `service/step.html`: a further step, or the first one again with errors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepContext {
    /// The questions.
    pub step: StepPage,
    /// The session registered for, on registration forms.
    pub session: Option<SessionFacts>,
}

impl ServicePage for StepContext {
    const TEMPLATE: &'static str = "service/step.html";

    fn head(&self, frame: &Frame) -> Head {
        Head::private(frame, &title_with_errors(&format!("{}（{}）", self.step.heading, self.step.title), self.step.errors.len()))
    }
}

/// `service/review.html`: 核对.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewContext {
    /// The form's title.
    pub title: String,
    /// Where the confirmation is posted.
    pub action: String,
    /// Number of this step and of all.
    pub number: usize,
    /// Of so many.
    pub total: usize,
    /// What was typed, a row per answered field.
    pub rows: Vec<ReviewRow>,
    /// Things to think over before confirming (an identity number in the text, a waitlist ahead); they do not refuse.
    pub warnings: Vec<String>,
    /// Agreements asked for.
    pub consents: Vec<ConsentView>,
    /// What is wrong (a missing consent), as in a step.
    pub errors: Vec<crate::form::ErrorView>,
    /// Why 确认 did not do it, and the ways on.
    pub refused: Option<RefusedView>,
    /// Posted with 确认: what was shown here. When it was changed meanwhile in another window, it is shown again.
    pub seen: String,
    /// The label of the button, naming the act.
    pub act: String,
    /// Back to the last step.
    pub back: String,
    /// The session registered for, on registration forms.
    pub session: Option<SessionFacts>,
}

impl ServicePage for ReviewContext {
    const TEMPLATE: &'static str = "service/review.html";

    fn head(&self, frame: &Frame) -> Head {
        let wrong = self.errors.len() + usize::from(self.refused.is_some());
        Head::private(frame, &title_with_errors(&format!("核对（{}）", self.title), wrong))
    }
}

/// Why something was not done, with what was typed still there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedView {
    /// 没有报上名
    pub title: String,
    /// Why, and that nothing was lost.
    pub message: String,
    /// What one can do about it, the nearest first: to the question concerned, to the session, to the tracker.
    pub next: Vec<Link>,
}

/// One row of the summary list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewRow {
    /// The question.
    pub label: String,
    /// The answer in words; lines kept.
    pub value: String,
    /// 更改 goes here.
    pub change: String,
}

/// An agreement with what was ticked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentView {
    /// Posted name; the element's id is `field-NAME`.
    pub name: String,
    /// In the first person.
    pub label: String,
    /// The matter cannot be handled without it.
    pub required: bool,
    /// Was ticked.
    pub checked: bool,
    /// What is wrong with it.
    pub error: Option<String>,
}

/// A session's facts in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionFacts {
    /// Title.
    pub title: String,
    /// Its page.
    pub url: String,
    /// 2026年12月5日（周六）14:00—17:00
    pub time: String,
    /// Place.
    pub place: String,
    /// 现场 / 线上 / 现场或线上
    pub form: String,
    /// 还有 12 个现场名额
    pub seats: String,
    /// The session's id on a static page, where a script brings `seats` up to date.
    pub live: Option<String>,
    /// Whom to ask.
    pub contact: String,
    /// Only an example.
    pub example: bool,
}

/// `service/receipt.html`: what one keeps after confirming. The address is random and lives 30 minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptContext {
    /// The form's id: what the device kept of it is cleared.
    pub form: String,
    /// 诉求已收到 / 报名成功 / 已进入候补
    pub title: String,
    /// One paragraph: who does what by when.
    pub promise: String,
    /// `XS…` or `XB…`.
    pub number: String,
    /// Shown 4-4.
    pub code: String,
    /// 受理编号 / 报名编号
    pub number_label: String,
    /// Facts as a list.
    pub facts: Vec<Fact>,
    /// What comes next, in order.
    pub next: Vec<String>,
    /// Where to follow it.
    pub track: Link,
    /// What can be done with a registration without giving number and code again.
    #[serde(default)]
    pub acts: Acts,
    /// For the door, on registrations with seats.
    #[serde(default)]
    pub pass: Option<Pass>,
    /// A picture whose QR code leads to the tracker with the number filled in, where there is none for the door: a camera would not know
    /// which of two is meant.
    #[serde(default)]
    pub track_picture: Option<String>,
    /// The calendar file, on registrations.
    #[serde(default)]
    pub calendar: Option<String>,
    /// The session, on registrations.
    pub session: Option<SessionFacts>,
    /// Date and time of the submission in words.
    pub received: String,
}

impl ServicePage for ReceiptContext {
    const TEMPLATE: &'static str = "service/receipt.html";

    fn head(&self, frame: &Frame) -> Head {
        Head::private(frame, &self.title)
    }
}

/// A term and its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Term.
    pub term: String,
    /// Words.
    pub words: String,
}

/// `service/track.html`: number and code are asked for; also the static `/track/` page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackContext {
    /// Where it posts.
    pub action: String,
    /// What was typed as number.
    pub number: String,
    /// Errors; the same neutral words for an unknown number and a wrong code.
    pub errors: Vec<crate::form::ErrorView>,
}

impl ServicePage for TrackContext {
    const TEMPLATE: &'static str = "service/track.html";

    fn head(&self, frame: &Frame) -> Head {
        Head::private(frame, &title_with_errors("查进度", self.errors.len()))
    }
}

/// `service/case.html`: what the tracker shows of an appeal or a registration. No names, no full telephone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseContext {
    /// 受理编号 / 报名编号 and the number.
    pub number_label: String,
    /// The number.
    pub number: String,
    /// State in words: 已提交，等待受理.
    pub state: String,
    /// The four stages of an appeal; empty on registrations.
    pub stages: Vec<StageView>,
    /// Facts as a list: received, first contact by, working days left.
    pub facts: Vec<Fact>,
    /// Public events, newest first.
    pub events: Vec<EventView>,
    /// The session, on registrations.
    pub session: Option<SessionFacts>,
    /// What matters most now: until when an offer is held, that the session was moved or is cancelled.
    pub notice: Option<String>,
    /// What can be done with a registration now.
    pub acts: Acts,
    /// What can be asked of what is stored about somebody.
    #[serde(default)]
    pub rights: Acts,
    /// For the door, on registrations with seats.
    pub pass: Option<Pass>,
    /// The calendar file, on registrations.
    pub calendar: Option<String>,
}

impl ServicePage for CaseContext {
    const TEMPLATE: &'static str = "service/case.html";

    fn head(&self, frame: &Frame) -> Head {
        Head::private(frame, &format!("{} {}", self.number_label, self.number))
    }
}

/// One of 收集 分级办理 督查问效 回访.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageView {
    /// Its name.
    pub name: String,
    /// `done`, `current` or `ahead`; the template also says it in words.
    pub state: String,
    /// Date in words, where it was reached.
    pub date: Option<String>,
}

/// One public event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventView {
    /// When, in words.
    pub at: String,
    /// What, in words.
    pub what: String,
    /// The public note in full.
    pub note: Option<String>,
}

/// `service/problem.html`: something could not be done; says what happened, that nothing was lost, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemContext {
    /// 页面已过期
    pub title: String,
    /// What happened and what is safe.
    pub message: String,
    /// What to do next.
    pub next: Vec<Link>,
    /// An id to quote on the telephone, when something failed.
    pub incident: Option<String>,
}

impl ServicePage for ProblemContext {
    const TEMPLATE: &'static str = "service/problem.html";

    fn head(&self, frame: &Frame) -> Head {
        Head::private(frame, &self.title)
    }
}

/// `service/files.html`: the files of a case, and the form that sends one more. The file itself is the form's last part, as a bucket wants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilesContext {
    /// 受理编号
    pub number_label: String,
    /// The number.
    pub number: String,
    /// The files that were kept: which, and what of what size since when. No names, because whoever has a code may see this.
    pub kept: Vec<Fact>,
    /// Why none can be added now.
    pub closed: Option<String>,
    /// How many more there may be.
    pub left: usize,
    /// Where a file is posted: to the functions, or to a bucket.
    pub action: String,
    /// Posted before the file.
    pub hidden: Vec<Hidden>,
    /// To so many pixels of its longer side a script makes a photograph smaller.
    pub longest_side: u32,
    /// Bytes of the largest file that is taken.
    pub largest: usize,
    /// The way back, which sends nothing.
    pub stay: ActLink,
    /// Posted by the way back.
    pub token: String,
}

/// `service/sent.html`: a file was posted elsewhere and is being examined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentContext {
    /// The address to ask again, which the page does by itself; nothing when it takes longer than anybody should look at it.
    pub again: Option<String>,
}

impl ServicePage for SentContext {
    const TEMPLATE: &'static str = "service/sent.html";

    fn head(&self, frame: &Frame) -> Head {
        Head::private(frame, "正在检查文件")
    }
}

impl ServicePage for FilesContext {
    const TEMPLATE: &'static str = "service/files.html";

    fn head(&self, frame: &Frame) -> Head {
        Head::private(frame, "传照片或文件")
    }
}
