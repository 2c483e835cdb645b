//! `message.html`: pages that say one thing: not found here, moved there, registration is over.

use pages::{Head, Link};
use serde::Serialize;

use super::event;
use crate::{
    render::{
        card, head,
        view::{self, View},
    },
    site::Page,
};

/// The whole of what such a page shows.
#[derive(Debug, Serialize)]
pub struct MessageContext {
    head: Head,
    title: String,
    message: String,
    /// What one can do now, the best first.
    next: Vec<Link>,
    /// Where a browser goes by itself.
    refresh: Option<String>,
}

/// 404
pub fn not_found(view: &View) -> MessageContext {
    let mut next = vec![link("回到首页", "/"), link("搜索与网站地图", "/search/")];
    next.extend(view.site.frame.navigation.iter().take(4).cloned());
    MessageContext {
        message: "网址可能写错了，或者这一页已经撤下。可以从下面继续。".to_owned(),
        next,
        ..message(view, "没有找到这一页", "/404.html")
    }
}

/// An old address that leads on; search engines are told the new one.
pub fn redirect(view: &View, from: &str, to: &str) -> MessageContext {
    let mut context = message(view, "网址已更换", from);
    context.head.canonical = Some(if to.starts_with('/') { view.absolute(to) } else { to.to_owned() });
    MessageContext {
        message: "这一页搬到了新的地址，浏览器会自动跳转。没有跳转时，请点下面的链接。".to_owned(),
        next: vec![link("前往新的地址", to)],
        refresh: Some(to.to_owned()),
        ..context
    }
}

/// The address of a registration that is not open: cached links still arrive there.
pub fn not_open(view: &View, page: &Page, url: &str) -> MessageContext {
    let state = page.state.map(card::state);
    let written = view::event(page).zip(page.state).and_then(|(event, state)| event::notice(event, state));
    let title = page.document.front.common().title;
    MessageContext {
        message: written.unwrap_or_else(|| "现在不能报名。".to_owned()),
        next: vec![link(&format!("查看“{title}”"), &page.url), link("其他课程", "/courses/"), link("其他活动", "/activities/")],
        ..message(view, &format!("不能报名：{}", state.map_or("未开放", |tag| tag.words)), url)
    }
}

fn message(view: &View, title: &str, url: &str) -> MessageContext {
    let mut head = head::plain(view, title, None, url);
    head.robots = Some("noindex".to_owned());
    MessageContext { head, title: title.to_owned(), message: String::new(), next: Vec::new(), refresh: None }
}

fn link(label: &str, url: &str) -> Link {
    Link { label: label.to_owned(), url: url.to_owned() }
}
