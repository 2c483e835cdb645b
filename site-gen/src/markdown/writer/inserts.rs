//! What is not Markdown: shortcodes, and HTML.

use std::ops::Range;

use super::Writer;
use crate::{
    diagnostic::Severity,
    markdown::shortcode::{self, Call, Shortcode},
};

impl Writer<'_> {
    /// A paragraph that is nothing but shortcodes: they make blocks, and there is no `<p>`. False when it holds words as well.
    pub(super) fn shortcode_paragraph(&mut self, range: Range<usize>) -> bool {
        let mut calls = Vec::new();
        let mut at = range.start;
        loop {
            let rest = &self.source[at..range.end];
            at += rest.len() - rest.trim_start().len();
            if at == range.end {
                break;
            }
            if !self.source[at..].starts_with("{{") {
                return false;
            }
            let call = shortcode::parse(self.source, at);
            at = call.as_ref().map_or_else(|mistake| mistake.end, |call| call.range.end);
            calls.push(call);
        }
        for call in calls {
            match call {
                Err(mistake) => self.report_mistake(mistake),
                Ok(call) if call.shortcode == Shortcode::Button => {
                    self.html.push_str("<p class=\"actions\">");
                    self.button(&call);
                    self.html.push_str("</p>\n");
                }
                Ok(call) => {
                    if let Err(mistake) = call.write(&mut self.html, self.setting.facts) {
                        self.report_mistake(mistake);
                    }
                }
            }
        }
        self.done = range;
        true
    }

    pub(super) fn inline_shortcode(&mut self, call: &Call<'_>) {
        self.settle_line_break(None);
        if call.shortcode.is_inline() {
            self.button(call);
        } else {
            self.report(
                call.range.clone(),
                Severity::Error,
                "shortcode_place",
                "这个短代码不能写在句子里".to_owned(),
                Some("让它单独占一段：前后各空一行".to_owned()),
            );
        }
    }

    fn button(&mut self, call: &Call<'_>) {
        let (target, written) = call.argument("to").expect("`to` is required, and parse saw to it");
        let (label, _) = call.argument("label").expect("`label` is required, and parse saw to it");
        self.start_link(target, "", "button", written);
        self.text(label);
        self.end_link(call.range.clone());
    }

    pub(super) fn html_block(&mut self, range: Range<usize>) {
        let block = self.source[range.clone()].trim_end();
        if !self.setting.raw_html && !block.starts_with("<!--") {
            let line = block.lines().next().unwrap_or_default();
            self.refuse_html(line, range.start..range.start + line.len());
        }
    }

    pub(super) fn inline_html(&mut self, tag: &str, range: Range<usize>) {
        if self.setting.raw_html {
            self.settle_line_break(None);
            self.html.push_str(tag);
        } else if !tag.starts_with("</") && !tag.starts_with("<!--") {
            self.refuse_html(tag, range);
        }
    }

    fn refuse_html(&mut self, tag: &str, range: Range<usize>) {
        let name: String = tag.chars().skip(1).take_while(char::is_ascii_alphanumeric).collect();
        let instead = match name.to_ascii_lowercase().as_str() {
            "br" => "换行写成行尾的反斜杠 `\\`",
            "img" => "图片写成 `![说明](文件名)`",
            "a" => "链接写成 `[文字](网址)`",
            "table" | "tr" | "td" => "表格用 `|` 分列",
            "b" | "strong" => "粗体写成 `**文字**`",
            "i" | "em" => "强调写成 `*文字*`",
            "h1" | "h2" | "h3" | "h4" => "标题写成 `## 文字`",
            "ul" | "ol" | "li" => "列表写成 `- 文字`",
            _ => "用 Markdown 写；确实需要时，在 `site.yaml` 里写 `raw_html: true`",
        };
        self.report(range, Severity::Error, "raw_html", "正文里不能写 HTML".to_owned(), Some(instead.to_owned()));
    }
}
