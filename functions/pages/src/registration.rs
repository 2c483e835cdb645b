//! What a registrant or a firm sees after the receipt: what can be done now, a page that names the act before it is done, what came of it, and the door.
//!
//! Whoever has given number and code goes on without giving them again: each form carries a token, since a cookie would be lost in
//! WeChat's browser and a code must not stand in an address.

use serde::{Deserialize, Serialize};

use crate::{
    Frame, Head, Link,
    form::{ErrorView, Hidden},
    head::title_with_errors,
    service::{Fact, ServicePage, SessionFacts},
};

/// Something that can be done with a registration now: a button that leads to the page that names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActLink {
    /// 接受名额 / 更改人数、方式 / 取消报名
    pub label: String,
    /// Where it is posted.
    pub action: String,
    /// The one that is asked for now; the others stand beneath.
    pub main: bool,
}

/// What can be done now, with the token that says who does it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Acts {
    /// In the order in which they are shown.
    pub links: Vec<ActLink>,
    /// Posted with each.
    pub token: String,
}

/// What is shown at the door: the same for a phone's camera and for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    /// Six digits, 3-3.
    pub digits: String,
    /// The picture that holds the address of the door's page. An `<img>` with an address, which a long press in WeChat reads.
    pub picture: String,
    /// When one may check in: 12月5日 12:00—17:00
    pub window: String,
}

/// `service/act.html`: what is about to be done, by name. Nothing has happened yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActContext {
    /// 取消报名
    pub title: String,
    /// What it means, that it has not happened yet, and whether it can be taken back.
    pub message: String,
    /// 报名编号 / 受理编号
    pub number_label: String,
    /// The number.
    pub number: String,
    /// What changes, before and after; empty when the message says it all.
    pub facts: Vec<Fact>,
    /// The session.
    pub session: Option<SessionFacts>,
    /// Where the act is posted.
    pub action: String,
    /// What goes along: the token, the answers of a change.
    pub hidden: Vec<Hidden>,
    /// The label of the button, naming the act: 确认取消报名
    pub act: String,
    /// It gives something up: the button says so by its looks as well.
    pub grave: bool,
    /// The way back, which does nothing: 不取消，返回
    pub stay: ActLink,
}

impl ServicePage for ActContext {
    const TEMPLATE: &'static str = "service/act.html";

    fn head(&self, frame: &Frame) -> Head {
        Head::private(frame, &self.title)
    }
}

/// `service/done.html`: what came of an act. The address is random and lives 30 minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoneContext {
    /// 报名已取消 / 没有改成
    pub title: String,
    /// What stands now.
    pub message: String,
    /// It was done; otherwise the message says why not and what stays as it was.
    pub done: bool,
    /// 报名编号 / 受理编号
    pub number_label: String,
    /// The number.
    pub number: String,
    /// How it stands now.
    pub facts: Vec<Fact>,
    /// The session.
    pub session: Option<SessionFacts>,
    /// Back to what the tracker shows, without giving number and code again.
    pub acts: Acts,
    /// Where else to go.
    pub next: Vec<Link>,
}

impl ServicePage for DoneContext {
    const TEMPLATE: &'static str = "service/done.html";

    fn head(&self, frame: &Frame) -> Head {
        Head::private(frame, &self.title)
    }
}

/// `service/check_in.html`: the door of a session. Without a code it asks for one; with one it has a single button, or says what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckInContext {
    /// The session.
    pub session: SessionFacts,
    /// When one may check in.
    pub window: String,
    /// Where the digits are posted.
    pub action: String,
    /// Six digits that came with the address or were typed.
    pub digits: String,
    /// Digits that were typed and are not right.
    pub errors: Vec<ErrorView>,
    /// What came of it.
    pub result: Option<CheckInResult>,
    /// The digits came with the address: only the button is missing.
    pub ready: bool,
}

impl ServicePage for CheckInContext {
    const TEMPLATE: &'static str = "service/check_in.html";

    fn head(&self, frame: &Frame) -> Head {
        let title = match &self.result {
            Some(result) => result.title.clone(),
            None => format!("签到：{}", self.session.title),
        };
        Head::private(frame, &title_with_errors(&title, self.errors.len()))
    }
}

/// What the door says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckInResult {
    /// 签到成功 / 已经签到过 / 没有签到
    pub title: String,
    /// 现场席位，2 人 / why not
    pub message: String,
    /// They may come in.
    pub welcome: bool,
}
