//! The page that stands in for a site while nothing could be built: what is wrong, where, and how to mend it.

use super::status::{Mistake, Quote};

/// The page as HTML; `script` reloads it after the next build.
pub fn page(mistakes: &[Mistake], script: Option<&str>) -> String {
    let items: String = mistakes.iter().map(item).collect();
    let count = mistakes.len();
    let script = script.unwrap_or_default();
    format!(
        "<!doctype html>\n<html lang=\"zh-CN\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n\
         <title>网站还没有生成：{count} 处要改</title>\n\
         <link rel=\"stylesheet\" href=\"/_dev/overlay.css\">\n\
         <body class=\"dev-page\">\n<main class=\"dev-overlay\">\n<h1>网站还没有生成：{count} 处要改</h1>\n\
         <p>改好保存后会自动重新生成，不用重启。</p>\n<ol>\n{items}</ol>\n</main>\n{script}</body>\n</html>\n"
    )
}

fn item(mistake: &Mistake) -> String {
    let quote = match &mistake.quote {
        Some(Quote { before, marked, after }) => {
            format!("<pre>{}<mark>{}</mark>{}</pre>\n", escape(before), escape(marked), escape(after))
        }
        None => String::new(),
    };
    let hint = mistake.hint.as_deref().map_or_else(String::new, |hint| format!("<p>怎么改：{}</p>\n", escape(hint)));
    let place = if mistake.place.is_empty() { String::new() } else { format!("<code>{}</code>\n", escape(&mistake.place)) };
    format!("<li>\n{place}<p><strong>{}</strong></p>\n{quote}{hint}</li>\n", escape(&mistake.message))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_author_typed_is_shown_and_never_run() {
        let mistake = Mistake {
            place: "content/a.md:1:1".into(),
            message: "不认识 `<script>`".into(),
            hint: Some("写 \"title\"".into()),
            quote: Some(Quote { before: "<b>".into(), marked: "titel".into(), after: ": &".into() }),
        };
        let page = page(&[mistake], None);
        assert!(page.contains("不认识 `&lt;script&gt;`"));
        assert!(page.contains("<pre>&lt;b&gt;<mark>titel</mark>: &amp;</pre>"));
        assert!(page.contains("怎么改：写 &quot;title&quot;"));
        assert!(page.contains("1 处要改"));
        assert!(!page.contains("<script"));
    }
}
