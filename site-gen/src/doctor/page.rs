//! Rules of one page as a whole: what its summary says, whether its minutes can be true, where its links say that they lead.

use domain::Moment;

use super::{Finding, rules, text::Hit};
use crate::{
    kinds::Status,
    load::{front, yaml},
    markdown::prose::Passage,
    source::{Document, FrontMatter},
};

/// A summary shorter than this says nothing that the title does not.
const SHORTEST: usize = 8;
/// A summary longer than this is cut off wherever it is shown.
const LONGEST: usize = 120;

/// Everything that is wrong with `document` as a whole.
pub fn look(document: &Document, now: Moment) -> Vec<Finding> {
    summary(document).into_iter().chain(early_minutes(document, now)).collect()
}

fn summary(document: &Document) -> Option<Finding> {
    let common = document.front.common();
    let summary = common.summary.map(str::trim)?;
    let length = summary.chars().count();
    let same = summary.trim_end_matches('。') == common.title.trim();
    let (message, hint) = if same {
        ("摘要和标题一样".to_owned(), "写一两句标题里没有的：办什么、对谁有用、什么时候；没有可写的就删掉 `summary`".to_owned())
    } else if length < SHORTEST {
        (format!("摘要只有 {length} 个字，列表和搜索里看不出讲什么"), "写一两句话：讲什么、对谁有用、什么时候".to_owned())
    } else if length > LONGEST {
        (format!("摘要有 {length} 个字，列表和分享里会被截断"), format!("压缩到 {LONGEST} 字以内，细节写进正文"))
    } else {
        return None;
    };
    Some(rules::THIN_SUMMARY.found(&file(document), locate(document, &["summary"]), message, hint))
}

fn early_minutes(document: &Document, now: Moment) -> Option<Finding> {
    let (event, minutes) = match &document.front {
        FrontMatter::Activity(front) => (&front.event, &front.minutes),
        FrontMatter::Course(front) => (&front.event, &front.minutes),
        _ => return None,
    };
    minutes.as_ref()?;
    (event.start > now && event.status == Status::Scheduled).then(|| {
        let message = format!("活动 {} 才举行，却已经写了小结", event.start.date());
        rules::EARLY_MINUTES.found(
            &file(document),
            locate_key(document, &["minutes"]),
            message,
            "活动之后再写 `minutes`；开始时间写错了就改 `event.start`",
        )
    })
}

/// Links whose words do not say where they lead.
pub fn links(passage: &Passage) -> Vec<Hit> {
    const VAGUE: [&str; 12] =
        ["这里", "此处", "点这里", "点此", "点击", "点击这里", "点击此处", "戳这里", "链接", "详情", "更多", "click here"];
    let vague = |range: &&std::ops::Range<usize>| VAGUE.contains(&passage.text[(*range).clone()].trim());
    let hit = |range: &std::ops::Range<usize>| {
        let message = format!("链接文字「{}」说不清去哪里", passage.text[range.clone()].trim());
        Hit::new(
            &rules::VAGUE_LINK,
            range.clone(),
            message,
            "把去处写进链接文字，如 `[年度计划](/board.md)`：用读屏软件的人只听得到链接文字",
        )
    };
    passage.links.iter().filter(vague).map(hit).collect()
}

/// What findings call the file of `document`.
pub fn file(document: &Document) -> String {
    format!("content/{}", document.path)
}

/// Where the value at `path` of the front matter stands.
pub fn locate(document: &Document, path: &[&str]) -> Option<crate::diagnostic::Span> {
    let at = front::part(&document.path, &document.text).at;
    Some(yaml::locate(&document.text[at.start..at.end], path)?.shifted(at.start))
}

/// Where the key at `path` of the front matter stands.
pub fn locate_key(document: &Document, path: &[&str]) -> Option<crate::diagnostic::Span> {
    let at = front::part(&document.path, &document.text).at;
    Some(yaml::locate_key(&document.text[at.start..at.end], path)?.shifted(at.start))
}
