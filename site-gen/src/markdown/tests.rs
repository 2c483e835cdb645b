//! What Markdown becomes, a table for each rule.

use std::sync::Arc;

use super::*;
use crate::source::{Config, Data, FrontMatter};

struct Site;

impl Resolver for Site {
    fn link(&self, _: &str, target: &str) -> Result<Target, Broken> {
        match target {
            _ if target.starts_with("http") => Ok(Target::Outside),
            _ if target.starts_with("mailto:") => Ok(Target::Direct),
            "/later/" => {
                Ok(Target::Hidden { why: Broken { message: "还没有发布".to_owned(), hint: None }, page: None, anchor: None })
            }
            _ if target.starts_with('#') => {
                Ok(Target::Inside { href: target.to_owned(), page: None, anchor: Some(target[1..].to_owned()) })
            }
            "/appeal/" => Ok(Target::Inside { href: target.to_owned(), page: Some(target.to_owned()), anchor: None }),
            _ => Err(Broken { message: format!("没有 `{target}`"), hint: Some("/appeal/".to_owned()) }),
        }
    }

    fn picture(&self, _: &str, target: &str) -> Result<Picture, Broken> {
        match target {
            "a.jpg" => Ok(Picture { src: "/x/a.jpg".to_owned(), size: Some((800, 600)), widths: None }),
            _ => Err(Broken { message: format!("没有 `{target}`"), hint: None }),
        }
    }
}

fn rendered(markdown: &str, raw_html: bool) -> Rendered {
    let front: crate::kinds::Page = serde_json::from_str(r#"{"title": "页"}"#).expect("a title is enough");
    let document =
        Document { path: "x.md".to_owned(), text: Arc::from(markdown), body: 0, front: FrontMatter::Page(Box::new(front)) };
    let config: Config = serde_json::from_str(
        r#"{"name": "站", "tagline": "", "base_url": "https://x.cn", "organiser": "某<会>", "theme": "t", "navigation": []}"#,
    )
    .expect("a small configuration");
    let data = Data::default();
    let facts = Facts { config: &config, data: &data, events: Vec::new() };
    render(&document, Setting { resolver: &Site, facts: &facts, raw_html })
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (markdown, html) in cases {
        let rendered = rendered(markdown, false);
        assert_eq!(rendered.body.html, *html, "{markdown}");
        assert_eq!(rendered.diagnostics, [], "{markdown}");
    }
}

/// Each case: Markdown, the bytes marked, the code, what is left of it in the page.
#[track_caller]
fn check_mistakes(cases: &[(&str, &str, &str, &str)]) {
    for (markdown, place, code, html) in cases {
        let rendered = rendered(markdown, false);
        let [diagnostic] = rendered.diagnostics.as_slice() else { panic!("{markdown}: {:?}", rendered.diagnostics) };
        let span = diagnostic.span.expect("it has a place");
        assert_eq!(&markdown[span.start..span.end], *place, "{markdown}");
        assert_eq!(diagnostic.code, *code, "{markdown}");
        assert_eq!(rendered.body.html, *html, "{markdown}");
    }
}

#[test]
fn a_line_break_in_chinese_is_no_space() {
    check(&[
        ("相商\n未来", "<p>相商未来</p>\n"),
        ("相商，\n**未来**。", "<p>相商，<strong>未来</strong>。</p>\n"),
        ("用 Rust\n写的", "<p>用 Rust\n写的</p>\n"),
        ("plain\nwords", "<p>plain\nwords</p>\n"),
        ("> 相商\n> 未来", "<blockquote>\n<p>相商未来</p>\n</blockquote>\n"),
        ("相商\\\n未来", "<p>相商<br>\n未来</p>\n"),
        ("运行 `ls`\n即可", "<p>运行 <code>ls</code>\n即可</p>\n"),
    ]);
}

#[test]
fn headings_have_anchors_that_last() {
    check(&[
        ("## 报名方式", "<h2 id=\"报名方式\">报名方式</h2>\n"),
        ("## 报名 {#how}", "<h2 id=\"how\">报名</h2>\n"),
        ("## 同\n\n## 同", "<h2 id=\"同\">同</h2>\n<h2 id=\"同-2\">同</h2>\n"),
        ("### *强* `码` & <张三>", "<h3 id=\"强-码-张三\"><em>强</em> <code>码</code> &amp; &lt;张三&gt;</h3>\n"),
        ("## Main", "<h2 id=\"main-2\">Main</h2>\n"),
    ]);
    let body = rendered("## 一\n\n### 二 *三*\n\n#### 四", false).body;
    let headings: Vec<(u8, &str)> = body.headings.iter().map(|heading| (heading.level, heading.text.as_str())).collect();
    assert_eq!(headings, [(2, "一"), (3, "二 三")]);
}

#[test]
fn github_extensions_are_understood() {
    check(&[
        ("~~旧~~", "<p><del>旧</del></p>\n"),
        (
            "- [x] 办了\n- [ ] 没办",
            "<ul>\n<li class=\"task\"><input type=\"checkbox\" disabled checked aria-label=\"已完成\"> 办了</li>\n\
             <li class=\"task\"><input type=\"checkbox\" disabled aria-label=\"未完成\"> 没办</li>\n</ul>\n",
        ),
        (
            "## 费用\n\n| 项 | 元 |\n|---|--:|\n| 一 | 2 |",
            "<h2 id=\"费用\">费用</h2>\n<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"表格 1：费用\">\n<table>\n\
             <thead>\n<tr><th scope=\"col\">项</th><th scope=\"col\" class=\"align-right\">元</th></tr>\n</thead>\n\
             <tbody>\n<tr><td>一</td><td class=\"align-right\">2</td></tr>\n</tbody>\n</table>\n</div>\n",
        ),
        (
            "> [!WARNING]\n> 小心",
            "<div class=\"alert alert-warning\" role=\"note\">\n<p class=\"alert-title\">注意</p>\n<p>小心</p>\n</div>\n",
        ),
        ("甲\n: 乙", "<dl>\n<dt>甲</dt>\n<dd>乙</dd>\n</dl>\n"),
        ("```rust\na < b\n```", "<pre tabindex=\"0\"><code class=\"language-rust\">a &lt; b\n</code></pre>\n"),
        ("3. 三\n4. 四", "<ol start=\"3\">\n<li>三</li>\n<li>四</li>\n</ol>\n"),
        ("- 一\n  - 二", "<ul>\n<li>一\n<ul>\n<li>二</li>\n</ul>\n</li>\n</ul>\n"),
    ]);
}

#[test]
fn footnotes_stand_at_the_end_with_a_way_back_to_each_mention() {
    check(&[(
        "甲[^a]乙[^b]丙[^a]\n\n[^b]: 第二\n[^a]: 第一",
        "<p>甲<sup class=\"footnote\"><a href=\"#fn-1\" id=\"fnref-1\" aria-label=\"注释 1\">1</a></sup>\
         乙<sup class=\"footnote\"><a href=\"#fn-2\" id=\"fnref-2\" aria-label=\"注释 2\">2</a></sup>\
         丙<sup class=\"footnote\"><a href=\"#fn-1\" id=\"fnref-1-2\" aria-label=\"注释 1\">1</a></sup></p>\n\
         <section class=\"footnotes\" aria-label=\"注释\">\n<ol>\n\
         <li id=\"fn-1\"><p>第一 <a class=\"footnote-back\" href=\"#fnref-1\" aria-label=\"返回注释 1 的第 1 处\">↩</a> \
         <a class=\"footnote-back\" href=\"#fnref-1-2\" aria-label=\"返回注释 1 的第 2 处\">↩</a></p></li>\n\
         <li id=\"fn-2\"><p>第二 <a class=\"footnote-back\" href=\"#fnref-2\" aria-label=\"返回注释 2\">↩</a></p></li>\n\
         </ol>\n</section>\n",
    )]);
    check_mistakes(&[
        ("甲[^x]", "[^x]", "undefined_reference", "<p>甲[^x]</p>\n"),
        ("甲\n\n[^x]: 乙", "[^x]", "unused_footnote", "<p>甲</p>\n"),
    ]);
}

#[test]
fn links_are_resolved_and_those_to_other_sites_are_marked() {
    check(&[
        ("[诉求](/appeal/)", "<p><a href=\"/appeal/\">诉求</a></p>\n"),
        (
            "[网](https://a.cn/?a=1&b=2)",
            "<p><a class=\"external\" rel=\"noopener\" href=\"https://a.cn/?a=1&amp;b=2\">网</a></p>\n",
        ),
        ("<https://a.cn>", "<p><a class=\"external\" rel=\"noopener\" href=\"https://a.cn\">https://a.cn</a></p>\n"),
        ("<a@b.cn>", "<p><a href=\"mailto:a@b.cn\">a@b.cn</a></p>\n"),
        ("[下](#下面 \"说\")", "<p><a href=\"#下面\" title=\"说\">下</a></p>\n"),
    ]);
    check_mistakes(&[
        ("见[诉求](/apeal/)。", "/apeal/", "broken_link", "<p>见诉求。</p>\n"),
        ("见[诉求][x]。\n\n[x]: /apeal/", "/apeal/", "broken_link", "<p>见诉求。</p>\n"),
        ("见[诉求][x]。", "[诉求][x]", "undefined_reference", "<p>见[诉求][x]。</p>\n"),
        ("见[以后](/later/)", "/later/", "hidden_link", "<p>见以后</p>\n"),
        ("[](/appeal/)", "[](/appeal/)", "empty_link", "<p><a href=\"/appeal/\"></a></p>\n"),
    ]);
    let rendered = rendered("[甲](#%E4%B9%99)", false);
    assert_eq!(rendered.references, [Reference { page: None, anchor: "乙".to_owned(), span: Span { start: 6, end: 16 } }]);
}

#[test]
fn pictures_have_their_size_and_words() {
    check(&[
        (
            "![会场](a.jpg \"2022 年\")\n\n![又](a.jpg) 字",
            "<figure><img src=\"/x/a.jpg\" alt=\"会场\" width=\"800\" height=\"600\" decoding=\"async\">\
             <figcaption>2022 年</figcaption></figure>\n\
             <p><img src=\"/x/a.jpg\" alt=\"又\" width=\"800\" height=\"600\" loading=\"lazy\" decoding=\"async\"> 字</p>\n",
        ),
        (
            "![*会* \"场\"](a.jpg)",
            "<figure><img src=\"/x/a.jpg\" alt=\"会 &quot;场&quot;\" width=\"800\" height=\"600\" decoding=\"async\"></figure>\n",
        ),
    ]);
    check_mistakes(&[
        (
            "![](a.jpg)",
            "a.jpg",
            "missing_alt",
            "<figure><img src=\"/x/a.jpg\" alt=\"\" width=\"800\" height=\"600\" decoding=\"async\"></figure>\n",
        ),
        ("字![b](b.jpg)", "b.jpg", "broken_image", "<p>字</p>\n"),
    ]);
}

#[test]
fn shortcodes_make_blocks_or_stand_in_a_sentence() {
    check(&[
        (
            "{{ button to=\"/appeal/\" label=\"提 *诉* 求\" }}",
            "<p class=\"actions\"><a class=\"button\" href=\"/appeal/\">提 *诉* 求</a></p>\n",
        ),
        (
            "请 {{ button to=\"/appeal/\" label=\"提 *诉* 求\" }} ，*谢谢*。",
            "<p>请 <a class=\"button\" href=\"/appeal/\">提 *诉* 求</a> ，<em>谢谢</em>。</p>\n",
        ),
        (
            "{{ contact }}",
            "<dl class=\"contact\">\n<dt>主办单位</dt><dd>某&lt;会&gt;</dd>\n<dt>电话</dt><dd>待单位确认后公布</dd>\n</dl>\n",
        ),
        ("`{{ contact }}`", "<p><code>{{ contact }}</code></p>\n"),
        ("    {{ contact }}", "<pre tabindex=\"0\"><code>{{ contact }}</code></pre>\n"),
        ("{{ events }}", "<p class=\"events-none\">近期没有安排，定了会在这里公布。</p>\n"),
    ]);
    check_mistakes(&[
        ("{{ contct }}\n\n后文", "contct", "shortcode", "<p>后文</p>\n"),
        ("请 {{ contact }} 谢谢", "{{ contact }}", "shortcode_place", "<p>请  谢谢</p>\n"),
        ("{{ events series=\"x\" }}", "x", "shortcode", ""),
        ("{{ events limit=\"many\" }}", "many", "shortcode", ""),
        ("{{ button to=\"/apeal/\" label=\"诉\" }}", "/apeal/", "broken_link", "<p class=\"actions\">诉</p>\n"),
        ("剩 {{ 一半", "{{", "shortcode", "<p>剩  一半</p>\n"),
    ]);
}

#[test]
fn html_is_refused_unless_the_site_allows_it() {
    check_mistakes(&[
        ("字<b>粗</b>", "<b>", "raw_html", "<p>字粗</p>\n"),
        ("<div class=\"x\">\n<p>字</p>\n</div>", "<div class=\"x\">", "raw_html", ""),
    ]);
    check(&[("甲<!-- 记 -->\n\n<!-- 记 -->\n\n乙", "<p>甲</p>\n<p>乙</p>\n")]);
    let allowed = rendered("字<b>粗</b>\n\n<hr class=\"x\">\n", true);
    assert_eq!(allowed.body.html, "<p>字<b>粗</b></p>\n<hr class=\"x\">\n");
    assert_eq!(allowed.diagnostics, []);
}

#[test]
fn what_editors_often_get_wrong_is_pointed_out() {
    check_mistakes(&[
        ("# 大标题", "# 大标题", "heading_level", "<h2 id=\"大标题\">大标题</h2>\n"),
        ("**要点：**说明", "**", "emphasis", "<p>**要点：**说明</p>\n"),
        ("## 一 {#a}\n\n## 二 {#a}", "## 二 {#a}", "duplicate_anchor", "<h2 id=\"a\">一</h2>\n<h2 id=\"a\">二</h2>\n"),
    ]);
}

#[test]
fn the_excerpt_is_the_first_paragraph_without_tags() {
    for (markdown, excerpt) in [
        ("- 列\n\n相商**未来**，\n[诉求](/appeal/)。\n\n第二段", "相商未来，诉求。"),
        ("> 引\n\n## 题\n\n正文", "正文"),
        ("![图](a.jpg)\n\n正文 `码`", "正文 码"),
        ("", ""),
    ] {
        assert_eq!(rendered(markdown, false).body.excerpt, excerpt, "{markdown}");
    }
}
