//! Reads one answer by its field's kind.

use crate::{
    form::{Answer, Field, FieldKind},
    value::{CreditCode, Mobile, Plate, Telephone, text},
};

/// What stands for a credit code that a firm does not have.
pub const NO_CREDIT_CODE: &str = "暂无";

/// Fewest and most characters of one person's name in a list of names.
const NAME_LENGTH: std::ops::RangeInclusive<usize> = 2..=30;

/// The answer in what was posted under the field's name (`None` when nothing was, as by a radio group without a choice): none
/// when an optional question was left open, or a sentence that tells how to mend it.
pub(crate) fn read(field: &Field, posted: Option<&[String]>) -> Result<Option<Answer>, String> {
    let default = field.default.as_slice();
    let posted = posted.unwrap_or(default);
    match field.kind {
        FieldKind::Choices => read_choices(field, posted),
        FieldKind::Names => read_names(field, posted),
        _ => match posted {
            [] => read_one(field, ""),
            [typed] => read_one(field, typed),
            _ => Err(format!("{}只能有一个答案，请重新填写", subject(field))),
        },
    }
}

/// Reads a field that takes one answer.
fn read_one(field: &Field, typed: &str) -> Result<Option<Answer>, String> {
    let line = text::one_line(typed);
    if line.is_empty() {
        return if field.required { Err(missing(field)) } else { Ok(None) };
    }
    let answer = match field.kind {
        FieldKind::Text => Answer::Text(of_length(field, line)?),
        FieldKind::Paragraph => Answer::Text(of_length(field, text::normalise(typed))?),
        FieldKind::Mobile => Answer::Text(line.parse::<Mobile>().map_err(in_words)?.to_string()),
        FieldKind::Telephone => Answer::Text(line.parse::<Telephone>().map_err(in_words)?.to_string()),
        FieldKind::Plate => Answer::Text(line.parse::<Plate>().map_err(in_words)?.to_string()),
        FieldKind::CreditCode if matches!(text::compact(&line).as_str(), "暂无" | "无" | "没有") => {
            Answer::Text(NO_CREDIT_CODE.to_owned())
        }
        FieldKind::CreditCode => Answer::Text(line.parse::<CreditCode>().map_err(in_words)?.to_string()),
        FieldKind::Choice => Answer::Text(option(field, &line)?),
        FieldKind::Count => Answer::Number(count(field, &line)?),
        FieldKind::Choices | FieldKind::Names => unreachable!("several answers are read by functions of their own"),
    };
    Ok(Some(answer))
}

fn read_choices(field: &Field, posted: &[String]) -> Result<Option<Answer>, String> {
    let typed: Vec<String> = posted.iter().map(|value| text::one_line(value)).filter(|value| !value.is_empty()).collect();
    if typed.is_empty() {
        return if field.required { Err(missing(field)) } else { Ok(None) };
    }
    for value in &typed {
        option(field, value)?;
    }
    // In the order of the declaration, each once.
    let options = field.listed().iter().map(|option| &option.value);
    let chosen: Vec<String> = options.filter(|value| typed.contains(value)).cloned().collect();
    of_number(field, chosen.len(), "项", "选")?;
    Ok(Some(Answer::Many(chosen)))
}

fn read_names(field: &Field, posted: &[String]) -> Result<Option<Answer>, String> {
    // One a line is asked for; commas between names are understood, too.
    let separators = ['\n', '\r', '、', '，', ',', '；', ';'];
    let lines = posted.iter().flat_map(|typed| typed.split(separators));
    let names: Vec<String> = lines.map(text::one_line).filter(|name| !name.is_empty()).collect();
    if names.is_empty() {
        return if field.required { Err(missing(field)) } else { Ok(None) };
    }
    if let Some(name) = names.iter().find(|name| !NAME_LENGTH.contains(&text::count(name))) {
        return Err(format!("「{name}」请写全姓名，每行一人，每个姓名 {} 到 {} 个字", NAME_LENGTH.start(), NAME_LENGTH.end()));
    }
    of_number(field, names.len(), "人", "填写")?;
    Ok(Some(Answer::Many(names)))
}

/// `text`, when it is as long as the field asks.
fn of_length(field: &Field, text: String) -> Result<String, String> {
    let count = text::count(&text);
    match bounds(field, count) {
        None => Ok(text),
        Some(bounds) => Err(format!("{}请填写{bounds}个字，现在是 {count} 个字", subject(field))),
    }
}

/// Fine when there are as many answers as the field asks.
fn of_number(field: &Field, count: usize, unit: &str, verb: &str) -> Result<(), String> {
    match bounds(field, count) {
        None => Ok(()),
        Some(bounds) => Err(format!("{}请{verb}{bounds}{unit}，现在是 {count} {unit}", subject(field))),
    }
}

/// The bounds in words, ` 2 到 60 ` with its spaces, when `count` is outside of them.
fn bounds(field: &Field, count: usize) -> Option<String> {
    let (min, max) = (field.min.map_or(0, |min| min as usize), field.max.map_or(usize::MAX, |max| max as usize));
    (count < min || count > max).then(|| bounds_in_words(field))
}

fn bounds_in_words(field: &Field) -> String {
    match (field.min.filter(|min| *min > 0), field.max) {
        (Some(min), Some(max)) if min == max => format!(" {min} "),
        (Some(min), Some(max)) => format!(" {min} 到 {max} "),
        (Some(min), None) => format!("至少 {min} "),
        (None, Some(max)) => format!("不超过 {max} "),
        (None, None) => String::new(),
    }
}

/// `value`, when it is one of the field's options.
fn option(field: &Field, value: &str) -> Result<String, String> {
    let known = field.listed().iter().any(|option| option.value == value);
    if known { Ok(value.to_owned()) } else { Err(format!("请从列出的选项中选择{}", subject(field))) }
}

/// A whole number within the field's bounds; 3 人 is 3.
fn count(field: &Field, line: &str) -> Result<u64, String> {
    let typed = text::compact(line);
    let number = typed.trim_end_matches(['人', '个', '位', '名', '家']).parse::<u64>().ok();
    let (min, max) = (u64::from(field.min.unwrap_or(0)), field.max.map_or(u64::MAX, u64::from));
    // A minus sign is compacted away, so it is looked for in what was typed.
    let negative = line.starts_with(text::is_dash);
    number.filter(|number| (min..=max).contains(number) && !negative).ok_or_else(|| {
        let range = match (field.min, field.max) {
            (min, Some(max)) => format!(" {} 到 {max} 的", min.unwrap_or(0)),
            (Some(min), None) => format!("不小于 {min} 的"),
            (None, None) => String::new(),
        };
        format!("{}请填写{range}整数，用数字", subject(field))
    })
}

/// What to say of a needed answer that is not there.
fn missing(field: &Field) -> String {
    match field.kind {
        FieldKind::Mobile => "请填写 11 位手机号".to_owned(),
        FieldKind::CreditCode => format!("请填写 18 位统一社会信用代码，没有的请填「{NO_CREDIT_CODE}」"),
        FieldKind::Choice => format!("请选择{}", subject(field)),
        FieldKind::Choices => format!("请选择{}，可选多项", subject(field)),
        _ => format!("请填写{}", subject(field)),
    }
}

/// The field's label as it stands in a sentence: without the mark of a question, and in quotes when it is a phrase of its own.
fn subject(field: &Field) -> String {
    let label = field.label.trim_end_matches(['？', '?', '：', ':']);
    if text::count(label) <= 6 { label.to_owned() } else { format!("「{label}」") }
}

fn in_words(error: impl std::error::Error) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::fixtures::{choice, field};

    fn text_answer(text: &str) -> Result<Option<Answer>, String> {
        Ok(Some(Answer::Text(text.to_owned())))
    }

    fn check(field: &Field, typed: &str) -> Result<Option<Answer>, String> {
        read(field, Some(&[typed.to_owned()]))
    }

    fn refused(field: &Field, typed: &str) -> String {
        check(field, typed).expect_err(typed)
    }

    #[test]
    fn a_text_is_measured_in_characters_after_it_was_mended() {
        let company = Field { min: Some(2), max: Some(6), required: true, ..field("company", "企业名称", FieldKind::Text) };
        assert_eq!(check(&company, "  ＡＢ\u{200b}　公司\n"), text_answer("AB 公司"));
        assert_eq!(check(&company, "相山"), text_answer("相山"));
        assert_eq!(check(&company, "一二三四五六"), text_answer("一二三四五六"));
        assert_eq!(refused(&company, "相"), "企业名称请填写 2 到 6 个字，现在是 1 个字");
        assert_eq!(refused(&company, "一二三四五六七"), "企业名称请填写 2 到 6 个字，现在是 7 个字");
        assert_eq!(refused(&company, "\u{200b}　"), "请填写企业名称");
        let wish = Field { max: Some(3), ..field("wish", "希望怎样解决？", FieldKind::Paragraph) };
        assert_eq!(check(&wish, ""), Ok(None));
        assert_eq!(check(&wish, "a\r\nb"), text_answer("a\nb"));
        assert_eq!(refused(&wish, "一二三四"), "希望怎样解决请填写不超过 3 个字，现在是 4 个字");
        let title = Field { min: Some(3), required: true, ..field("title", "一句话说清是什么事", FieldKind::Text) };
        assert_eq!(refused(&title, ""), "请填写「一句话说清是什么事」");
        assert_eq!(refused(&title, "一"), "「一句话说清是什么事」请填写至少 3 个字，现在是 1 个字");
    }

    #[test]
    fn numbers_and_codes_are_stored_in_one_form() {
        let cases = [
            (FieldKind::Mobile, "+86 138-1234-5678", "13812345678"),
            (FieldKind::Telephone, "（0561）3112345", "0561-3112345"),
            (FieldKind::CreditCode, "91350100m000100y43", "91350100M000100Y43"),
            (FieldKind::CreditCode, "暂无", "暂无"),
            (FieldKind::CreditCode, " 无 ", "暂无"),
            (FieldKind::Plate, "皖f·d12345", "皖FD12345"),
        ];
        for (kind, typed, stored) in cases {
            assert_eq!(check(&field("f", "项目", kind), typed), text_answer(stored), "{typed}");
        }
    }

    #[test]
    fn a_wrong_number_or_code_is_answered_with_how_to_mend_it() {
        let cases = [
            (FieldKind::Mobile, "", "请填写 11 位手机号"),
            (FieldKind::Mobile, "1381234567", "请填写 11 位手机号，现在是 10 位"),
            (FieldKind::Telephone, "3112345", "座机请加上区号，例如 0561-3112345"),
            (FieldKind::CreditCode, "", "请填写 18 位统一社会信用代码，没有的请填「暂无」"),
            (FieldKind::CreditCode, "9135", "请填写 18 位统一社会信用代码，现在是 4 位；没有的请填「暂无」"),
            (FieldKind::Plate, "12345", "请填写完整车牌号，例如 皖F12345，新能源车 皖FD12345"),
        ];
        for (kind, typed, message) in cases {
            let field = Field { required: true, ..field("f", "项目", kind) };
            assert_eq!(refused(&field, typed), message);
        }
    }

    #[test]
    fn a_choice_is_one_of_its_options() {
        let urgency = choice("urgency", "紧急程度", FieldKind::Choice, &["normal", "urgent"]);
        assert_eq!(check(&urgency, "urgent"), text_answer("urgent"));
        assert_eq!(read(&urgency, None), Err("请选择紧急程度".to_owned()));
        assert_eq!(refused(&urgency, "critical"), "请从列出的选项中选择紧急程度");
        let both = ["normal".to_owned(), "urgent".to_owned()];
        assert_eq!(read(&urgency, Some(&both)), Err("紧急程度只能有一个答案，请重新填写".to_owned()));
        let preset = Field { default: Some("normal".to_owned()), ..urgency };
        assert_eq!(read(&preset, None), text_answer("normal"));
        assert_eq!(refused(&preset, ""), "请选择紧急程度", "an empty answer is an answer of its own");
    }

    #[test]
    fn several_choices_come_once_each_in_the_order_of_the_options() {
        let chains = Field { max: Some(2), ..choice("chains", "产业链", FieldKind::Choices, &["food", "bio", "it"]) };
        let posted = |values: &[&str]| values.iter().map(|&value| value.to_owned()).collect::<Vec<_>>();
        let many = |values: &[&str]| Ok(Some(Answer::Many(posted(values))));
        assert_eq!(read(&chains, Some(&posted(&["it", "food", "it", ""]))), many(&["food", "it"]));
        assert_eq!(read(&chains, Some(&posted(&["it", "food", "bio"]))), Err("产业链请选不超过 2 项，现在是 3 项".to_owned()));
        assert_eq!(read(&chains, Some(&posted(&["steel"]))), Err("请从列出的选项中选择产业链".to_owned()));
        assert_eq!(read(&chains, None), Err("请选择产业链，可选多项".to_owned()));
        assert_eq!(read(&Field { required: false, ..chains }, Some(&[])), Ok(None));
    }

    #[test]
    fn a_count_is_a_whole_number_within_its_bounds() {
        let party = Field { min: Some(1), max: Some(3), ..field("party", "人数", FieldKind::Count) };
        for (typed, number) in [("1", 1), ("３", 3), (" 2 人", 2), ("2位", 2)] {
            assert_eq!(check(&party, typed), Ok(Some(Answer::Number(number))), "{typed}");
        }
        for typed in ["0", "4", "-1", "－2", "1.5", "三", "99999999999999999999", "人"] {
            assert_eq!(refused(&party, typed), "人数请填写 1 到 3 的整数，用数字", "{typed}");
        }
    }

    #[test]
    fn names_are_one_a_line_or_with_commas_between() {
        let companions = Field { max: Some(2), ..field("companions", "同行人员", FieldKind::Names) };
        let many = |names: &[&str]| Ok(Some(Answer::Many(names.iter().map(|&name| name.to_owned()).collect())));
        assert_eq!(check(&companions, "李四\r\n\r\n 王五 "), many(&["李四", "王五"]));
        assert_eq!(check(&companions, "李四，阿卜杜拉·买买提"), many(&["李四", "阿卜杜拉·买买提"]));
        assert_eq!(check(&companions, " \n"), Ok(None));
        assert_eq!(refused(&companions, "李四、王五、赵六"), "同行人员请填写不超过 2 人，现在是 3 人");
        assert_eq!(refused(&companions, "李"), "「李」请写全姓名，每行一人，每个姓名 2 到 30 个字");
    }
}
