//! Footnotes: numbered by first mention, written at the end with a way back to each mention.

use std::{collections::HashMap, fmt::Write, ops::Range};

/// The footnotes of one document, gathered while it is walked.
#[derive(Debug, Default)]
pub struct Footnotes {
    numbers: HashMap<String, usize>,
    /// By number − 1.
    notes: Vec<Note>,
    /// Written down but not (yet) mentioned.
    unmentioned: HashMap<String, (String, Range<usize>)>,
}

#[derive(Debug, Default)]
struct Note {
    /// Its HTML, once its definition has been met.
    html: String,
    mentions: usize,
}

impl Footnotes {
    /// Writes the mark of a mention of `label`.
    pub fn mention(&mut self, html: &mut String, label: &str) {
        let number = match self.numbers.get(label) {
            Some(number) => *number,
            None => {
                let written = self.unmentioned.remove(label).map(|(html, _)| html).unwrap_or_default();
                self.notes.push(Note { html: written, mentions: 0 });
                self.numbers.insert(label.to_owned(), self.notes.len());
                self.notes.len()
            }
        };
        let note = &mut self.notes[number - 1];
        note.mentions += 1;
        let id = Mention(number, note.mentions);
        write!(html, r##"<sup class="footnote"><a href="#fn-{number}" id="{id}" aria-label="注释 {number}">{number}</a></sup>"##)
            .expect("writing to a string cannot fail");
    }

    /// Takes the text of the note `label`, written at `range`.
    pub fn define(&mut self, label: &str, html: String, range: Range<usize>) {
        match self.numbers.get(label) {
            Some(number) => self.notes[number - 1].html = html,
            None => {
                self.unmentioned.insert(label.to_owned(), (html, range));
            }
        }
    }

    /// Writes the list of notes; gives back the labels and places of those that nothing mentions.
    pub fn finish(self, html: &mut String) -> Vec<(String, Range<usize>)> {
        if !self.notes.is_empty() {
            html.push_str("<section class=\"footnotes\" aria-label=\"注释\">\n<ol>\n");
            for (index, note) in self.notes.iter().enumerate() {
                note.write(html, index + 1);
            }
            html.push_str("</ol>\n</section>\n");
        }
        let mut left: Vec<_> = self.unmentioned.into_iter().map(|(label, (_, range))| (label, range)).collect();
        left.sort_by_key(|(_, range)| range.start);
        left
    }
}

impl Note {
    fn write(&self, html: &mut String, number: usize) {
        // The way back belongs to the note's last line, not below it.
        let text = self.html.trim_end();
        let (text, close) = text.strip_suffix("</p>").map_or((text, ""), |text| (text, "</p>"));
        write!(html, "<li id=\"fn-{number}\">{text}").expect("writing to a string cannot fail");
        for mention in 1..=self.mentions {
            let id = Mention(number, mention);
            let which = if self.mentions > 1 { format!(" 的第 {mention} 处") } else { String::new() };
            write!(html, r##" <a class="footnote-back" href="#{id}" aria-label="返回注释 {number}{which}">↩</a>"##)
                .expect("writing to a string cannot fail");
        }
        html.push_str(close);
        html.push_str("</li>\n");
    }
}

/// The id of the n-th mention of a note.
struct Mention(usize, usize);

impl std::fmt::Display for Mention {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Mention(number, 1) => write!(f, "fnref-{number}"),
            Mention(number, mention) => write!(f, "fnref-{number}-{mention}"),
        }
    }
}
