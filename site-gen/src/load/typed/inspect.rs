//! Walks a tree beside the schema of its type: says everything that does not fit, each at its own place, and makes a value that
//! does fit, so that the stages after this one can go on looking for mistakes.

use std::collections::BTreeSet;

use domain::Moment;
use serde_json::{Map, Value, json};

use super::{
    advice,
    shape::{Expected, Fields, Shape},
};
use crate::{
    diagnostic::{Diagnostic, Span, place},
    load::{words, yaml},
};

/// What came of it.
pub struct Inspected {
    /// Fits the schema.
    pub value: Value,
    /// Paths (`event.start`) at which the value is not what the author wrote.
    pub wrong: BTreeSet<String>,
    /// What does not fit.
    pub diagnostics: Vec<Diagnostic>,
}

/// What a look at a tree needs to know besides.
pub struct Setting<'a> {
    /// The file that diagnostics are about.
    pub file: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Where to point when something is missing at the root.
    pub head: Span,
    /// Stands in for moments.
    pub now: Moment,
    /// Keys on lines that could not be read: they are there and must not be called missing.
    pub lost: &'a [String],
}

/// Inspects `node`, or what would have to be there when nothing is.
pub fn inspect(node: Option<&yaml::Node>, shape: Shape<'_>, setting: &Setting<'_>) -> Inspected {
    let mut inspector = Inspector {
        setting,
        root: shape,
        path: Vec::new(),
        wrong: BTreeSet::new(),
        diagnostics: Vec::new(),
        misplaced: Vec::new(),
        missing: Vec::new(),
    };
    let nothing = yaml::Node { span: setting.head, value: yaml::Value::Map(Vec::new()) };
    let value = inspector.value(node.unwrap_or(&nothing), shape).unwrap_or_else(|| {
        inspector.wrong.insert(String::new());
        stand_in(shape, setting.now)
    });
    let Inspector { wrong, mut diagnostics, misplaced, missing, .. } = inspector;
    diagnostics.extend(missing.into_iter().filter(|(key, _)| !misplaced.contains(key)).map(|(_, diagnostic)| diagnostic));
    Inspected { value, wrong, diagnostics }
}

struct Inspector<'a> {
    setting: &'a Setting<'a>,
    root: Shape<'a>,
    path: Vec<Step>,
    wrong: BTreeSet<String>,
    diagnostics: Vec<Diagnostic>,
    /// Keys that were found at another level: they are not missing but misplaced.
    misplaced: Vec<String>,
    /// Keys that are missing, each with its diagnostic.
    missing: Vec<(String, Diagnostic)>,
}

/// One step of the way to the value that is being looked at.
struct Step {
    /// A key, or a position in a list.
    name: String,
    /// Where the key, or the list's item, stands.
    span: Span,
    /// It is a position.
    item: bool,
}

impl Inspector<'_> {
    fn report(&mut self, code: &'static str, span: Span, message: impl Into<String>, hint: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(self.setting.file, code, message).at(span).hint(hint));
    }

    /// The value of `node`; none after it was reported as wrong.
    fn value(&mut self, node: &yaml::Node, shape: Shape<'_>) -> Option<Value> {
        if node.value == yaml::Value::Alias {
            return Some(stand_in(shape, self.setting.now));
        }
        if node.is_null() {
            if !shape.is_optional() {
                self.empty(node, shape, false);
            }
            return shape.is_optional().then_some(Value::Null);
        }
        match shape.expected() {
            Expected::Anything => Some(plain_json(node)),
            Expected::Map(fields) => self.map(node, shape, fields),
            Expected::List(item) => self.list(node, shape, item),
            Expected::Either(shapes) => self.either(node, shape, &shapes),
            expected => match node.text() {
                Some(text) => {
                    let plain = matches!(node.value, yaml::Value::Scalar { plain: true, .. });
                    match advice::scalar(text, plain, &expected, self.key()) {
                        Ok(value) => Some(value),
                        Err(refused) => {
                            let message = format!("{}{}", self.named(shape), refused.message);
                            self.report(refused.code, node.span, message, refused.hint);
                            None
                        }
                    }
                }
                None => {
                    let (message, hint) = advice::not_a_scalar(node, &expected, self.key());
                    self.report("wrong_type", node.span, format!("{}{message}", self.named(shape)), hint);
                    None
                }
            },
        }
    }

    fn map(&mut self, node: &yaml::Node, shape: Shape<'_>, fields: Fields<'_>) -> Option<Value> {
        let yaml::Value::Map(entries) = &node.value else {
            self.not_a_map(node, shape, fields);
            return None;
        };
        let mut out = Map::new();
        let mut seen: Vec<(&str, Span)> = Vec::new();
        let written: Vec<&str> = entries.iter().filter_map(|(key, _)| key.text()).collect();
        for (key, value) in entries {
            let Some(name) = key.text() else {
                self.report("wrong_type", key.span, "键应当是一个词", "写成 `键: 内容`");
                continue;
            };
            if let Some((_, first)) = seen.iter().find(|(other, _)| *other == name) {
                let line = place(self.setting.text, first.start).line;
                let hint = format!("第 {line} 行已经写过；留一个，删掉另一个");
                self.report("duplicate_key", key.span, format!("`{name}` 写了两次"), hint);
                continue;
            }
            seen.push((name, key.span));
            let meant = match fields.get(name) {
                Some(_) => Some(name),
                None => self.unknown(name, key.span, fields).filter(|meant| !written.contains(meant)),
            };
            if let Some((meant, shape)) = meant.and_then(|meant| Some((meant, fields.get(meant)?))) {
                self.path.push(Step { name: meant.to_owned(), span: key.span, item: false });
                if let Some(value) = self.entry(key, value, shape, fields.requires(meant)) {
                    out.insert(meant.to_owned(), value);
                }
                if meant != name {
                    self.mark_wrong();
                }
                self.path.pop();
            }
        }
        for key in fields.required() {
            if let (false, Some(shape)) = (out.contains_key(key), fields.get(key)) {
                out.insert(key.to_owned(), stand_in(shape, self.setting.now));
                self.missing(key, shape, node);
            }
        }
        Some(Value::Object(out))
    }

    /// The value behind a key; a stand-in when it is wrong and something must be there.
    fn entry(&mut self, key: &yaml::Node, value: &yaml::Node, shape: Shape<'_>, required: bool) -> Option<Value> {
        let read = if value.is_null() && !shape.is_optional() {
            // An empty value has no place of its own: it is shown by its key.
            self.empty(key, shape, required);
            None
        } else {
            self.value(value, shape)
        };
        if read.is_none() {
            self.mark_wrong();
        }
        read.or_else(|| required.then(|| stand_in(shape, self.setting.now)))
    }

    fn empty(&mut self, shown: &yaml::Node, shape: Shape<'_>, required: bool) {
        let example = advice::example(self.key(), shape).filter(|_| self.path.last().is_none_or(|step| !step.item));
        let hint = match (example, required) {
            (Some(example), true) => format!("写成{}", advice::as_typed(&example)),
            (Some(example), false) => format!("没有就删掉这一行；有就写成{}", advice::as_typed(&example)),
            (None, _) => "写上内容；没有就删掉这一项".to_owned(),
        };
        self.report("empty_value", shown.span, format!("{}后面没有内容", self.named(shape)), hint);
    }

    fn not_a_map(&mut self, node: &yaml::Node, shape: Shape<'_>, fields: Fields<'_>) {
        let line = fields.required().next().and_then(|key| advice::example(key, fields.get(key)?)).unwrap_or_default();
        let (what, hint) = match (self.key(), self.path.last()) {
            ("", _) => ("内容".to_owned(), "写成 `键: 内容`，如 `title: 标题`；冒号是半角，后面空一格".to_owned()),
            (key, Some(step)) if step.item => {
                (format!("`{key}` 的每一项"), format!("写成 `- {line}`，其余的键写在它下面，与它对齐"))
            }
            (key, _) => (self.named(shape), format!("另起一行、缩进两个空格，一行写一个键：\n{key}:\n  {line}")),
        };
        self.report("wrong_type", node.span, format!("{what}应当是一行一个「键: 内容」"), hint);
    }

    fn missing(&mut self, key: &str, shape: Shape<'_>, node: &yaml::Node) {
        self.path.push(Step { name: key.to_owned(), span: node.span, item: false });
        self.mark_wrong();
        self.path.pop();
        if self.setting.lost.iter().any(|lost| lost == key) {
            return;
        }
        let line = advice::example(key, shape).unwrap_or_else(|| format!("{key}: …"));
        let (span, place, hint) = match self.path.last() {
            None => (self.setting.head, String::new(), format!("加上{}", advice::as_typed(&line))),
            Some(step) if step.item => (step.span, "这一项".to_owned(), format!("加一行 `{line}`，与上下的键对齐")),
            Some(step) => {
                (step.span, format!("`{}` 下面", step.name), format!("在 `{}:` 下面加一行 `{line}`，缩进两个空格", step.name))
            }
        };
        let message = format!("{place}缺少 `{key}`{}", in_brackets(shape.name()));
        let diagnostic = Diagnostic::error(self.setting.file, "missing_key", message).at(span).hint(hint);
        self.missing.push((key.to_owned(), diagnostic));
    }

    /// Reports a key that there is not; gives the one that was meant.
    fn unknown<'b>(&mut self, name: &str, span: Span, fields: Fields<'b>) -> Option<&'b str> {
        let message = format!("没有 `{name}` 这个键");
        if let Some(meant) = advice::meant_key(name, fields) {
            self.report("unknown_key", span, message, format!("是不是想写 `{meant}`？"));
            return Some(meant);
        }
        let hint = match path_to(name, self.root).as_deref() {
            Some([]) if !self.path.is_empty() => format!("`{name}` 不属于 `{}`，写在最外层，前面不留空格", self.key()),
            Some([.., above]) if above != self.key() => format!("`{name}` 写在 `{above}:` 下面，比它多缩进两个空格"),
            _ => {
                let hint = format!("这里可以写 {}", words::listed(fields.keys()));
                self.report("unknown_key", span, message, hint);
                return None;
            }
        };
        self.misplaced.push(name.to_owned());
        self.report("unknown_key", span, message, hint);
        None
    }

    fn list(&mut self, node: &yaml::Node, shape: Shape<'_>, item: Shape<'_>) -> Option<Value> {
        let yaml::Value::List(items) = &node.value else {
            let message = format!("{}应当是一个列表", self.named(shape));
            let hint = advice::as_list(node, item, self.key());
            self.report("wrong_type", node.span, message, hint);
            // What was written is read as the list that was meant.
            let one =
                |text: &str| yaml::Node { span: node.span, value: yaml::Value::Scalar { text: text.to_owned(), plain: true } };
            let meant: Vec<yaml::Node> = match (node.text(), item.expected()) {
                (Some(text), Expected::Text | Expected::Words(_)) => words::parts(text).into_iter().map(one).collect(),
                _ => return None,
            };
            let before = self.diagnostics.len();
            let values = meant.iter().filter_map(|node| self.value(node, item)).collect();
            self.diagnostics.truncate(before);
            self.mark_wrong();
            return Some(Value::Array(values));
        };
        let mut values = Vec::with_capacity(items.len());
        for (index, node) in items.iter().enumerate() {
            self.path.push(Step { name: index.to_string(), span: node.span, item: true });
            match self.value(node, item) {
                Some(value) => values.push(value),
                None => {
                    self.mark_wrong();
                    values.push(stand_in(item, self.setting.now));
                }
            }
            self.path.pop();
        }
        Some(Value::Array(values))
    }

    /// Of several shapes the one that has the value's form.
    fn either(&mut self, node: &yaml::Node, shape: Shape<'_>, shapes: &[Shape<'_>]) -> Option<Value> {
        let fits = |shape: &&Shape<'_>| {
            matches!(
                (&node.value, shape.expected()),
                (yaml::Value::Map(_), Expected::Map(_))
                    | (yaml::Value::List(_), Expected::List(_))
                    | (yaml::Value::Scalar { .. }, Expected::Text)
            )
        };
        match shapes.iter().find(fits) {
            Some(fitting) => self.value(node, *fitting),
            None => {
                self.report("wrong_type", node.span, format!("{}的写法不对", self.named(shape)), advice::either(self.key()));
                None
            }
        }
    }

    /// The key that is being looked at; of a list item that of the list.
    fn key(&self) -> &str {
        self.path.iter().rev().find(|step| !step.item).map_or("", |step| &step.name)
    }

    /// The value at this place will not be the author's.
    fn mark_wrong(&mut self) {
        let steps: Vec<&str> = self.path.iter().map(|step| step.name.as_str()).collect();
        self.wrong.insert(steps.join("."));
    }

    /// 「`start`（开始时间）」
    fn named(&self, shape: Shape<'_>) -> String {
        match self.key() {
            "" => "内容".to_owned(),
            key => match shape.name() {
                Some(name) => format!("`{key}`（{name}）"),
                None => format!("`{key}` "),
            },
        }
    }
}

fn in_brackets(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!("（{name}）"))
}

/// A value that fits where the author's does not.
pub fn stand_in(shape: Shape<'_>, now: Moment) -> Value {
    if shape.is_optional() {
        return Value::Null;
    }
    match shape.expected() {
        Expected::Text => json!(""),
        Expected::Moment => json!(now),
        Expected::Date => json!(now.date()),
        Expected::Time => json!("00:00:00"),
        Expected::Whole(least, most) => json!(0.clamp(least, most)),
        Expected::Number => json!(0.0),
        Expected::YesNo => json!(false),
        Expected::Words(words) => words.first().map_or(Value::Null, |word| json!(word.word)),
        Expected::List(_) => json!([]),
        Expected::Map(fields) => {
            let entries = fields.required().filter_map(|key| Some((key.to_owned(), stand_in(fields.get(key)?, now))));
            Value::Object(entries.collect())
        }
        Expected::Either(shapes) => shapes.first().map_or(Value::Null, |shape| stand_in(*shape, now)),
        Expected::Anything => Value::Null,
    }
}

fn plain_json(node: &yaml::Node) -> Value {
    match &node.value {
        yaml::Value::Scalar { text, .. } => json!(text),
        yaml::Value::List(items) => items.iter().map(plain_json).collect(),
        yaml::Value::Map(entries) => entries
            .iter()
            .filter_map(|(key, value)| Some((key.text()?.to_owned(), plain_json(value))))
            .collect::<Map<_, _>>()
            .into(),
        yaml::Value::Alias => Value::Null,
    }
}

/// The keys above one called `name`, from the root; lists are not looked into.
fn path_to(name: &str, shape: Shape<'_>) -> Option<Vec<String>> {
    let Expected::Map(fields) = shape.expected() else { return None };
    if fields.get(name).is_some() {
        return Some(Vec::new());
    }
    fields.keys().find_map(|key| {
        let mut path = path_to(name, fields.get(key)?)?;
        path.insert(0, key.to_owned());
        Some(path)
    })
}
