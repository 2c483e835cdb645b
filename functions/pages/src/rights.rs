//! What somebody sees who asks what is stored about them, and takes it along.

use serde::{Deserialize, Serialize};

use crate::{
    Frame, Head,
    form::{ErrorView, Hidden},
    head::title_with_errors,
    registration::Acts,
    service::{Fact, ServicePage},
};

/// Facts that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// 您填的内容
    pub title: String,
    /// A sentence or two; may be empty.
    pub lead: String,
    /// The facts.
    pub facts: Vec<Fact>,
}

/// `service/stored.html`: all that is stored about somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredContext {
    /// 受理编号 / 报名编号 / 登记编号
    pub number_label: String,
    /// The number.
    pub number: String,
    /// What, why, until when, who has seen it, to whom it went.
    pub sections: Vec<Section>,
    /// 更正, 带走一份, 删除, and the way back.
    pub acts: Acts,
}

impl ServicePage for StoredContext {
    const TEMPLATE: &'static str = "service/stored.html";

    fn head(&self, frame: &Frame) -> Head {
        Head::private(frame, "我们存了您的什么")
    }
}

/// `service/copy.html`: the same to be taken along, as a file and as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyContext {
    /// 受理编号 / 报名编号 / 登记编号
    pub number_label: String,
    /// The number.
    pub number: String,
    /// All of it as plain text.
    pub text: String,
    /// Where the file is asked for.
    pub action: String,
    /// What goes along.
    pub hidden: Vec<Hidden>,
    /// The way back.
    pub acts: Acts,
}

impl ServicePage for CopyContext {
    const TEMPLATE: &'static str = "service/copy.html";

    fn head(&self, frame: &Frame) -> Head {
        Head::private(frame, "带走一份")
    }
}

/// `service/lost.html`: the query code is lost. The number is asked for, and whatever it is the answer is the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostContext {
    /// Where it posts.
    pub action: String,
    /// What was typed as number.
    pub number: String,
    /// What cannot be a number.
    pub errors: Vec<ErrorView>,
    /// By when somebody calls, in words, once it was reported.
    pub by: Option<String>,
}

impl ServicePage for LostContext {
    const TEMPLATE: &'static str = "service/lost.html";

    fn head(&self, frame: &Frame) -> Head {
        Head::private(frame, &title_with_errors("查询码丢了", self.errors.len()))
    }
}
