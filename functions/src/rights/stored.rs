//! What is stored about somebody, in words: what, why, until when, who has seen it and to whom it went.

use domain::{
    Moment,
    attachment::size_in_words,
    erasure::Erased,
    form::{Privacy, RetentionStart, answer_in_words},
    value::TrackingNumber,
    words,
};
use pages::{
    registration::Acts,
    rights::Section,
    service::{CaseContext, Fact},
};
use serde_json::json;

use super::{ERASED, Record};
use crate::{
    Service, ServiceError,
    appeals::{appeal_in_words, fact},
    catalogue::Published,
};

/// All that is stored about somebody.
pub(crate) struct Stored {
    number: String,
    at: Moment,
    pub(crate) sections: Vec<Section>,
}

impl Stored {
    /// For another program.
    pub(crate) fn json(&self) -> String {
        let section = |section: &Section| {
            let facts: Vec<_> = section.facts.iter().map(|fact| json!({ "项目": fact.term, "内容": fact.words })).collect();
            json!({ "标题": section.title, "说明": section.lead, "内容": facts })
        };
        let sections: Vec<_> = self.sections.iter().map(section).collect();
        let all = json!({ "编号": self.number, "导出时间": self.at.to_string(), "存储的内容": sections });
        serde_json::to_string_pretty(&all).expect("texts and lists of them")
    }

    /// To be read, kept or sent on where files are blocked.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("编号：{}\n导出时间：{}\n", self.number, words::moment(self.at));
        for section in &self.sections {
            text += &format!("\n【{}】\n{}\n", section.title, section.lead);
            for fact in &section.facts {
                text += &format!("{}：{}\n", fact.term, fact.words);
            }
        }
        text
    }
}

impl Service {
    /// All that is stored under `number`.
    pub(crate) async fn stored(
        &self,
        published: &Published,
        number: &TrackingNumber,
        record: &Record,
    ) -> Result<Stored, ServiceError> {
        let now = self.clock.now();
        let sections = vec![
            self.answers_section(published, number, record).await?,
            self.files_section(number, record).await?,
            consents_section(published, record),
            self.happened_section(number, record).await?,
            self.seen_section(number).await?,
            self.passed_on_section(record, now).await?,
            self.kept_section(published, record, now),
        ];
        Ok(Stored { number: number.to_string(), at: now, sections: sections.into_iter().flatten().collect() })
    }

    async fn answers_section(
        &self,
        published: &Published,
        number: &TrackingNumber,
        record: &Record,
    ) -> Result<Option<Section>, ServiceError> {
        let origin = record.origin();
        let answers = self.answers(number).await?;
        let Some(form) = published.form_filled_in(&origin.form, origin.form_version) else { return Ok(None) };
        let mut facts = Vec::new();
        for field in form.fields() {
            let Some(answer) = answers.any(&self.keys, &field.id)? else { continue };
            let purpose = field.purpose.as_ref().map(|purpose| format!("用来{purpose}；")).unwrap_or_default();
            let kept = match field.privacy {
                _ if !answers.is_sealed(&field.id) => "不含个人信息，不加密",
                Privacy::Searchable => "加密保存，可按原文查找",
                _ => "加密保存",
            };
            facts.push(fact(&field.label, &format!("{}（{purpose}{kept}）", answer_in_words(field, &answer))));
        }
        let lead = format!("{}，{}收到。", origin.source_in_words(), words::moment(origin.received));
        Ok(Some(Section { title: "您填的内容".to_owned(), lead, facts }))
    }

    async fn files_section(&self, number: &TrackingNumber, record: &Record) -> Result<Option<Section>, ServiceError> {
        let Record::Appeal(_) = record else { return Ok(None) };
        let files = self.files_of(number).await?;
        let facts: Vec<Fact> = (files.iter())
            .map(|file| {
                let what = format!("{}，{}，加密保存", file.kind.words(), size_in_words(file.size));
                fact(&words::moment(file.at), &what)
            })
            .collect();
        let lead = "用来办理这件诉求，只有工作人员能取出。想要回一份，请打电话。".to_owned();
        Ok((!facts.is_empty()).then(|| Section { title: "您传来的文件".to_owned(), lead, facts }))
    }

    async fn happened_section(&self, number: &TrackingNumber, record: &Record) -> Result<Option<Section>, ServiceError> {
        let mut facts = Vec::new();
        let mut private = 0;
        match record {
            Record::Appeal(_) => {
                let notes = self.notes(number).await?;
                for event in self.events(number).await? {
                    let said = notes.get(&event.seq).map(|note| &note.said);
                    private +=
                        said.map_or(0, |said| usize::from(said.private.is_some()) + usize::from(said.supervision.is_some()));
                    let public = said.and_then(|said| said.public.as_deref()).map(|text| format!("：{text}")).unwrap_or_default();
                    facts.push(fact(&words::moment(event.at), &format!("{}{public}", event.act.words())));
                }
            }
            Record::Registration(_) => {
                for event in self.registration_events(number).await? {
                    facts.push(fact(&words::moment(event.at), &event.act.words()));
                }
            }
            Record::Intake(intake) => {
                facts.extend(intake.handled.iter().map(|handled| fact(&words::moment(handled.at), "已办结")));
            }
        }
        for contact in self.contacts(number).await? {
            facts.push(fact(&words::moment(contact.at), &contact.words()));
        }
        private += self.contact_notes(number).await?.len();
        let lead = match private {
            0 => String::new(),
            private => format!("另有 {private} 条工作人员的内部备注，加密保存；想知道写了什么，请打电话问。"),
        };
        Ok((!facts.is_empty()).then(|| Section { title: "办理经过".to_owned(), lead, facts }))
    }

    /// Who has opened what is sealed: not by name, for the name of a member of staff is theirs.
    async fn seen_section(&self, number: &TrackingNumber) -> Result<Option<Section>, ServiceError> {
        let openings = self.openings(number).await?;
        let facts: Vec<Fact> =
            openings.iter().map(|(at, what, why)| fact(&words::moment(*at), &format!("工作人员{what}，理由：{why}"))).collect();
        let lead = if facts.is_empty() {
            "还没有工作人员打开过加密的内容。"
        } else {
            "每次打开都留记录，保存 3 年。"
        };
        Ok(Some(Section { title: "谁看过".to_owned(), lead: lead.to_owned(), facts }))
    }

    async fn passed_on_section(&self, record: &Record, now: Moment) -> Result<Option<Section>, ServiceError> {
        let Record::Appeal(case) = record else { return Ok(None) };
        let mut facts = Vec::new();
        if let Some(assigned) = &case.assigned {
            facts.push(fact(&words::moment(assigned.at), &format!("转给承办单位：{}", assigned.in_words())));
        }
        for (at, tier) in self.ledgers_naming(case.origin.received, now).await? {
            facts.push(fact(&words::moment(at), &format!("编进台账，报送{tier}")));
        }
        let lead = if facts.is_empty() {
            "还没有转给别的单位，也没有编进台账。"
        } else {
            "已经报送出去的台账，在这里更正、删除以后不会跟着变。"
        };
        Ok(Some(Section { title: "给过谁".to_owned(), lead: lead.to_owned(), facts }))
    }

    fn kept_section(&self, published: &Published, record: &Record, now: Moment) -> Option<Section> {
        let kept = record.origin().kept();
        let session = match record {
            Record::Registration(registration) => published.session(&registration.session),
            _ => None,
        };
        let over = match record {
            Record::Registration(registration) => Some(registration.ends(session)),
            _ => record.over(session, now),
        };
        let until = match (over, kept.after) {
            (Some(over), _) => format!("{}，到期去掉能认出您的内容", words::moment(kept.ends(over))),
            (None, RetentionStart::Closing) => format!("办结后 {} 个月，到期去掉能认出您的内容", kept.months),
            (None, RetentionStart::Event) => format!("活动结束后 {} 个月，到期去掉能认出您的内容", kept.months),
        };
        let facts =
            vec![fact("您填的内容", &until), fact("您勾选同意的记录", "勾选后 3 年"), fact("工作人员调看的记录", "调看后 3 年")];
        Some(Section { title: "保存到什么时候".to_owned(), lead: String::new(), facts })
    }

    /// What the tracker shows once nothing points to a person any more.
    pub(crate) async fn erased_page(
        &self,
        number: &TrackingNumber,
        record: &Record,
        erased: Erased,
    ) -> Result<CaseContext, ServiceError> {
        let mut facts = vec![fact("删除时间", &words::moment(erased.at)), fact("原因", erased.why.words())];
        if let Record::Appeal(case) = record {
            facts.push(fact("类别", &case.category));
        }
        let notice = match record {
            Record::Appeal(case) => {
                let ledgers = self.ledgers_naming(case.origin.received, erased.at).await?;
                Some(in_ledgers(&ledgers, "您填的内容、办理中的文字和联系方式都已删除，只留下编号和办理的日期。"))
            }
            _ => Some("您填的内容和联系方式都已删除，只留下编号和日期。".to_owned()),
        };
        debug_assert!(!matches!(record, Record::Appeal(case) if appeal_in_words(case) != ERASED));
        Ok(CaseContext {
            number_label: record.number_label().to_owned(),
            number: number.to_string(),
            state: ERASED.to_owned(),
            stages: Vec::new(),
            facts,
            events: Vec::new(),
            session: None,
            notice,
            acts: Acts::default(),
            rights: Acts::default(),
            pass: None,
            calendar: None,
        })
    }

    /// What erasing an appeal cannot reach, in words; `before` stands first.
    pub(crate) async fn what_stays_out(&self, record: &Record, before: &str) -> Result<String, ServiceError> {
        let Record::Appeal(case) = record else { return Ok(before.to_owned()) };
        let ledgers = self.ledgers_naming(case.origin.received, self.clock.now()).await?;
        Ok(in_ledgers(&ledgers, before))
    }
}

fn in_ledgers(ledgers: &[(Moment, &str)], before: &str) -> String {
    let Some((last, _)) = ledgers.last() else { return before.to_owned() };
    let mut tiers: Vec<&str> = ledgers.iter().map(|(_, tier)| *tier).collect();
    tiers.sort_unstable();
    tiers.dedup();
    format!(
        "{before}此前这件诉求编进过 {} 次台账（报送{}，最近一次在{}），已经送出去的台账收不回来。",
        ledgers.len(),
        tiers.join("、"),
        words::date(last.date())
    )
}

fn consents_section(published: &Published, record: &Record) -> Option<Section> {
    let origin = record.origin();
    let form = published.form_filled_in(&origin.form, origin.form_version)?;
    let consents = &origin.consents;
    let agreed = |id: &str| if consents.given(id) { "同意" } else { "没有勾选" };
    let facts: Vec<Fact> = form.consents.iter().map(|consent| fact(&consent.label, agreed(&consent.id))).collect();
    let notice: String = consents.notice_hash.chars().take(12).collect();
    let lead = format!("{}勾选。当时那份说明的校验码开头是 {notice}。", words::moment(consents.at));
    Some(Section { title: "您同意过什么".to_owned(), lead, facts })
}
