//! Shortcodes: `{{ name key="value" }}`, for what Markdown cannot say. Names and arguments are checked; nothing passes silently.
//!
//! | shortcode | what it makes |
//! |---|---|
//! | `{{ button to="/appeal/" label="提诉求" }}` | a link that looks like a button; its target is checked like any link |
//! | `{{ events series="lectures" limit="3" }}` | what is next, all series or one |
//! | `{{ contact }}` | who runs the site, with the telephone and address that were confirmed |

use std::{fmt::Write, ops::Range};

use domain::Moment;

use super::text::{escape, escape_attribute};
use crate::source::{Config, Data};

/// What shortcodes say about the site.
pub struct Facts<'a> {
    /// `site.yaml`
    pub config: &'a Config,
    /// Series, for checking.
    pub data: &'a Data,
    /// Events that are not over, the next first.
    pub events: Vec<EventLine>,
}

/// An event in a list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EventLine {
    /// Its page.
    pub url: String,
    /// Its page's title.
    pub title: String,
    /// When it begins.
    pub start: Moment,
    /// The id of its series.
    pub series: Option<String>,
    /// 报名中
    pub state: &'static str,
}

/// A shortcode as it is written.
#[derive(Debug, PartialEq, Eq)]
pub struct Call<'a> {
    /// Which one.
    pub shortcode: Shortcode,
    /// From `{{` to `}}`.
    pub range: Range<usize>,
    arguments: Vec<Argument<'a>>,
}

#[derive(Debug, PartialEq, Eq)]
struct Argument<'a> {
    name: &'a str,
    value: &'a str,
    /// Where the value is written.
    range: Range<usize>,
}

/// What is wrong with a shortcode, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Bytes of the Markdown.
    pub range: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub hint: Option<String>,
    /// Where reading goes on.
    pub end: usize,
}

/// The shortcodes there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Shortcode {
    Button,
    Events,
    Contact,
}

impl Shortcode {
    const ALL: [Shortcode; 3] = [Shortcode::Button, Shortcode::Events, Shortcode::Contact];

    fn name(self) -> &'static str {
        match self {
            Shortcode::Button => "button",
            Shortcode::Events => "events",
            Shortcode::Contact => "contact",
        }
    }

    /// Arguments, and whether they must be given.
    fn arguments(self) -> &'static [(&'static str, bool)] {
        match self {
            Shortcode::Button => &[("to", true), ("label", true)],
            Shortcode::Events => &[("series", false), ("limit", false)],
            Shortcode::Contact => &[],
        }
    }

    /// It may stand within a sentence; the others make blocks and stand alone.
    pub fn is_inline(self) -> bool {
        matches!(self, Shortcode::Button)
    }
}

/// Reads the shortcode that begins with `{{` at `start` of `source`.
pub fn parse(source: &str, start: usize) -> Result<Call<'_>, Mistake> {
    let inside = start + 2;
    let line_end = source[inside..].find('\n').map_or(source.len(), |at| inside + at);
    let Some(length) = source[inside..line_end].find("}}") else {
        return Err(Mistake {
            range: start..inside,
            message: "短代码没有写完：找不到 `}}`".to_owned(),
            hint: Some("短代码写在一行里，如 `{{ contact }}`；正文里真要写 `{{`，请写成 `` `{{` ``".to_owned()),
            end: inside,
        });
    };
    let end = inside + length + 2;
    let fail = |range: Range<usize>, message: String, hint: String| Mistake { range, message, hint: Some(hint), end };

    let mut words = Words { source, at: inside, end: inside + length };
    let name_range = words.word();
    let name = &source[name_range.clone()];
    let Some(shortcode) = Shortcode::ALL.into_iter().find(|shortcode| shortcode.name() == name) else {
        let hint = format!("可以用的有：{}", Shortcode::ALL.map(Shortcode::name).join("、"));
        let near = nearest(name, Shortcode::ALL.iter().map(|shortcode| shortcode.name()));
        let hint = near.map_or(hint, |near| format!("是不是 `{near}`？"));
        let range = if name.is_empty() { start..end } else { name_range };
        return Err(fail(range, format!("没有名为 `{name}` 的短代码"), hint));
    };

    let known = shortcode.arguments();
    let mut arguments: Vec<Argument<'_>> = Vec::new();
    while let Some((key, value)) = words
        .argument()
        .map_err(|range| fail(range, "短代码的参数写法不对".to_owned(), format!("写成 {}", example(shortcode))))?
    {
        let name = &source[key.clone()];
        if !known.iter().any(|(known, _)| *known == name) {
            let hint = match nearest(name, known.iter().map(|(known, _)| *known)) {
                Some(near) => format!("是不是 `{near}`？"),
                None if known.is_empty() => format!("`{}` 不带参数", shortcode.name()),
                None => format!("写成 {}", example(shortcode)),
            };
            return Err(fail(key, format!("短代码 `{}` 没有参数 `{name}`", shortcode.name()), hint));
        }
        if arguments.iter().any(|argument| argument.name == name) {
            return Err(fail(key, format!("参数 `{name}` 写了两次"), "删去一个".to_owned()));
        }
        arguments.push(Argument { name, value: &source[value.clone()], range: value });
    }
    if let Some((missing, _)) = known.iter().find(|(known, required)| *required && !arguments.iter().any(|a| a.name == *known)) {
        let message = format!("短代码 `{}` 缺少参数 `{missing}`", shortcode.name());
        return Err(fail(start..end, message, format!("写成 {}", example(shortcode))));
    }
    Ok(Call { shortcode, range: start..end, arguments })
}

impl<'a> Call<'a> {
    /// An argument's value and where it is written.
    pub fn argument(&self, name: &str) -> Option<(&'a str, Range<usize>)> {
        self.arguments.iter().find(|argument| argument.name == name).map(|argument| (argument.value, argument.range.clone()))
    }

    /// A mistake about an argument's value.
    fn refuse(&self, argument: &str, message: String, hint: String) -> Mistake {
        let range = self.argument(argument).map_or_else(|| self.range.clone(), |(_, range)| range);
        Mistake { range, message, hint: Some(hint), end: self.range.end }
    }

    /// Writes a shortcode that makes a block. A button is written by the writer, because its target is a link.
    pub fn write(&self, html: &mut String, facts: &Facts<'_>) -> Result<(), Mistake> {
        match self.shortcode {
            Shortcode::Button => Ok(()),
            Shortcode::Events => self.write_events(html, facts),
            Shortcode::Contact => {
                write_contact(html, facts.config);
                Ok(())
            }
        }
    }

    fn write_events(&self, html: &mut String, facts: &Facts<'_>) -> Result<(), Mistake> {
        let series = self.argument("series").map(|(value, _)| value);
        if let Some(series) = series
            && !facts.data.series.iter().any(|known| known.id == series)
        {
            let ids = || facts.data.series.iter().map(|known| known.id.as_str());
            let hint = nearest(series, ids())
                .map_or_else(|| format!("可以写：{}", ids().collect::<Vec<_>>().join("、")), |near| format!("是不是 `{near}`？"));
            return Err(self.refuse("series", format!("没有系列 `{series}`"), hint));
        }
        let limit =
            match self.argument("limit") {
                None => 3,
                Some((value, _)) => value.parse().ok().filter(|limit| (1..=50).contains(limit)).ok_or_else(|| {
                    self.refuse("limit", format!("`{value}` 不是 1 到 50 的整数"), "写成 limit=\"3\"".to_owned())
                })?,
            };
        let mut events = facts.events.iter().filter(|event| series.is_none() || event.series.as_deref() == series).peekable();
        if events.peek().is_none() {
            html.push_str("<p class=\"events-none\">近期没有安排，定了会在这里公布。</p>\n");
            return Ok(());
        }
        html.push_str("<ul class=\"events\">\n");
        for event in events.take(limit) {
            html.push_str("<li><time datetime=\"");
            write!(html, "{}\">{}", event.start, day_in_words(event.start)).expect("writing to a string cannot fail");
            html.push_str("</time> <a href=\"");
            escape_attribute(html, &event.url);
            html.push_str("\">");
            escape(html, &event.title);
            html.push_str("</a> <span class=\"state\">");
            html.push_str(event.state);
            html.push_str("</span></li>\n");
        }
        html.push_str("</ul>\n");
        Ok(())
    }
}

fn write_contact(html: &mut String, config: &Config) {
    html.push_str("<dl class=\"contact\">\n<dt>主办单位</dt><dd>");
    escape(html, &config.organiser);
    html.push_str("</dd>\n");
    if let Some(telephone) = &config.telephone {
        let digits: String = telephone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        write!(html, "<dt>电话</dt><dd><a href=\"tel:{digits}\">").expect("writing to a string cannot fail");
        escape(html, telephone);
        html.push_str("</a></dd>\n");
    } else {
        html.push_str("<dt>电话</dt><dd>待单位确认后公布</dd>\n");
    }
    if let Some(address) = &config.address {
        html.push_str("<dt>地址</dt><dd>");
        escape(html, address);
        html.push_str("</dd>\n");
    }
    html.push_str("</dl>\n");
}

/// 12月5日（周六）14:00, with the year in front.
fn day_in_words(moment: Moment) -> String {
    let local = moment.local();
    let weekday = ["一", "二", "三", "四", "五", "六", "日"][local.weekday().to_monday_zero_offset() as usize];
    let (year, month, day) = (local.year(), local.month(), local.day());
    format!("{year}年{month}月{day}日（周{weekday}）{:02}:{:02}", local.hour(), local.minute())
}

fn example(shortcode: Shortcode) -> &'static str {
    match shortcode {
        Shortcode::Button => "`{{ button to=\"/appeal/\" label=\"提诉求\" }}`",
        Shortcode::Events => "`{{ events series=\"lectures\" limit=\"3\" }}`",
        Shortcode::Contact => "`{{ contact }}`",
    }
}

/// The known word that `word` most likely was meant to be.
fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|known| (strsim::damerau_levenshtein(word, known), known))
        .filter(|(distance, known)| *distance <= known.chars().count().div_ceil(3))
        .min()
        .map(|(_, known)| known)
}

/// Where a key and its value are written.
type Pair = (Range<usize>, Range<usize>);

/// Walks the words between `{{` and `}}`.
struct Words<'a> {
    source: &'a str,
    at: usize,
    end: usize,
}

impl Words<'_> {
    fn skip_space(&mut self) {
        let rest = &self.source[self.at..self.end];
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Everything up to the next space, `=` or quote.
    fn word(&mut self) -> Range<usize> {
        self.skip_space();
        let rest = &self.source[self.at..self.end];
        let length = rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '"')).unwrap_or(rest.len());
        let range = self.at..self.at + length;
        self.at = range.end;
        range
    }

    /// The next `key="value"`; the place of the fault when it is not one.
    fn argument(&mut self) -> Result<Option<Pair>, Range<usize>> {
        self.skip_space();
        if self.at == self.end {
            return Ok(None);
        }
        let key = self.word();
        let whole = key.start..self.end;
        let Some(rest) = self.source[self.at..self.end].strip_prefix("=\"") else { return Err(whole) };
        let length = rest.find('"').ok_or(whole.clone())?;
        if key.is_empty() {
            return Err(whole);
        }
        let value = self.at + 2..self.at + 2 + length;
        self.at = value.end + 1;
        Ok(Some((key, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortcode_is_read_with_its_arguments_and_their_places() {
        let source = "见 {{ button to=\"/appeal/\" label=\"提 *诉求*\" }} 。";
        let call = parse(source, 4).expect("it is well written");
        assert_eq!(call.shortcode, Shortcode::Button);
        assert_eq!(&source[call.range.clone()], "{{ button to=\"/appeal/\" label=\"提 *诉求*\" }}");
        assert_eq!(call.argument("label").map(|(value, _)| value), Some("提 *诉求*"));
        let (value, range) = call.argument("to").expect("it is given");
        assert_eq!(&source[range], value);
    }

    #[test]
    fn a_mistake_in_a_shortcode_is_told_with_the_nearest_right_word() {
        for (source, place, message, hint) in [
            ("{{ buton to=\"/\" label=\"x\" }}", "buton", "没有名为 `buton` 的短代码", "是不是 `button`？"),
            ("{{ map }}", "map", "没有名为 `map` 的短代码", "可以用的有：button、events、contact"),
            ("{{ button too=\"/\" label=\"x\" }}", "too", "短代码 `button` 没有参数 `too`", "是不是 `to`？"),
            ("{{ contact to=\"/\" }}", "to", "短代码 `contact` 没有参数 `to`", "`contact` 不带参数"),
            ("{{ button to=\"/\" to=\"/\" }}", "to", "参数 `to` 写了两次", "删去一个"),
            (
                "{{ button to=\"/\" }}",
                "{{ button to=\"/\" }}",
                "短代码 `button` 缺少参数 `label`",
                "写成 `{{ button to=\"/appeal/\" label=\"提诉求\" }}`",
            ),
            (
                "{{ events series=“lectures” }}",
                "series=“lectures” ",
                "短代码的参数写法不对",
                "写成 `{{ events series=\"lectures\" limit=\"3\" }}`",
            ),
            (
                "{{ events\n}}",
                "{{",
                "短代码没有写完：找不到 `}}`",
                "短代码写在一行里，如 `{{ contact }}`；正文里真要写 `{{`，请写成 `` `{{` ``",
            ),
        ] {
            let mistake = parse(source, 0).expect_err(source);
            assert_eq!(&source[mistake.range.clone()], place, "{source}");
            assert_eq!(mistake.message, message);
            assert_eq!(mistake.hint.as_deref(), Some(hint));
        }
    }

    #[test]
    fn a_day_is_told_with_its_weekday() {
        let moment: Moment = "2026-12-05 14:00".parse().expect("a moment");
        assert_eq!(day_in_words(moment), "2026年12月5日（周六）14:00");
    }
}
