//! What a firm can do with its appeal now.

use domain::{
    appeal::{Act, State, step},
    value::TrackingNumber,
};
use pages::registration::{ActLink, Acts};

use super::Case;
use crate::{Service, http::act_link};

impl Service {
    /// What can be done with a case now, the most pressing first.
    pub(crate) fn acts_of_appeal(&self, number: &TrackingNumber, case: &Case) -> Acts {
        let withdraw = act_link("withdraw", "撤回诉求", false);
        let links = match case.head.state {
            State::Submitted | State::Accepted | State::Graded | State::Assigned | State::Working => {
                vec![act_link("add", "补充说明", false), withdraw]
            }
            State::Waiting => vec![act_link("supplement", "补充材料", true), withdraw],
            State::Answered => {
                vec![act_link("solved", "解决了，满意", true), act_link("follow-up", "还没解决，或者想多说几句", false)]
            }
            State::Closed if self.can_reopen(case) => vec![act_link("reopen", "问题又出现了，申请重新办理", false)],
            _ => Vec::new(),
        };
        let links = [links, self.acts_of_files(case)].concat();
        Acts { links, token: self.act_token(number) }
    }

    /// The button that leads to the page for files, where any can be added.
    pub(crate) fn acts_of_files(&self, case: &Case) -> Vec<ActLink> {
        let open = self.files.is_some() && self.closed_to_files(case).is_none();
        open.then(|| act_link("files", "传照片或文件", false)).into_iter().collect()
    }

    /// The one button that leads from a receipt to all that can be done.
    pub(super) fn acts_of_appeal_receipt(&self, number: &TrackingNumber) -> Acts {
        Acts { links: vec![act_link("show", "查进度、补充或撤回", true)], token: self.act_token(number) }
    }

    fn can_reopen(&self, case: &Case) -> bool {
        use domain::appeal::{Command, Role};
        step(&case.head, Command::Plain(Act::Reopen), Role::Firm, self.clock.now()).is_ok()
    }
}
