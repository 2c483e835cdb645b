//! What `serve` says on the terminal. Where that cannot be written it goes on all the same: a log on a full disk stops no service.

use std::{net::SocketAddr, time::Duration};

use anstyle::{AnsiColor, Style};
use domain::Moment;
use site_gen::diagnostic::{Diagnostic, Texts};

use super::status::Mistake;
use crate::terminal::{self, complain, eprintln, out};

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const LINK: Style = AnsiColor::Cyan.on_default();

/// As `println!`, whether or not it can be written.
macro_rules! say {
    ($($text:tt)*) => { drop(out(format_args!("{}\n", format_args!($($text)*)))) };
}

/// The address and the four things one can try. The bare address comes first: whoever starts this from a program reads it.
pub fn opened(address: SocketAddr, watching: bool) {
    let base = base_url(address);
    say!("相商未来已打开： {LINK}{base}{LINK:#}\n\n可以试试：");
    for (what, path) in [("提诉求", "/appeal/"), ("报课程", "/courses/"), ("看政策", "/policies/"), ("找资源", "/resources/")]
    {
        say!("  {what}  {LINK}{base}{path}{LINK:#}");
    }
    if watching {
        say!("\n改动 content/ 或 themes/ 后网页自动更新。按 Ctrl+C 停止。");
    } else {
        say!("\n按 Ctrl+C 停止。");
    }
}

/// Where a browser on this machine finds it: one cannot visit "all addresses".
fn base_url(address: SocketAddr) -> String {
    let mut address = address;
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            std::net::Ipv4Addr::LOCALHOST.into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        });
    }
    format!("http://{address}")
}

/// Somebody told it to stop, and it has not ended yet.
pub fn stopping(drain: Duration) {
    say!("正在停止：先答完已经收到的请求，最多 {} 秒。再按一次 Ctrl+C 立即停止。", drain.as_secs());
}

/// A good build.
pub fn built(pages: usize, changed: usize, took: Duration, next: Option<Moment>) {
    let next = next.map_or_else(String::new, |next| format!("；下次自动更新：{}", terminal::moment(next)));
    say!("{GOOD}已生成{GOOD:#} {pages} 个网页，{changed} 个文件有变化，用时 {} 毫秒{next}", took.as_millis());
}

/// What a build changed for those who register.
pub fn changes(lines: &[String]) {
    for line in lines {
        say!("{line}");
    }
}

/// A build that was not published.
pub fn refused(mistakes: usize, published: bool) {
    let meanwhile = if published { "网页保持原样" } else { "网页暂时只显示这些错误" };
    eprintln!("{BAD}没有发布{BAD:#}：{mistakes} 处要改，{meanwhile}；改好保存即可。");
}

/// What the build found, errors and warnings.
pub fn diagnostics(diagnostics: &[Diagnostic], texts: &Texts) {
    let text = site_gen::diagnostic::render_human(diagnostics, texts, site_gen::diagnostic::Colours::Ansi);
    complain(format_args!("{text}"));
}

/// Mistakes that were not found by the build.
pub fn mistakes(mistakes: &[Mistake]) {
    for mistake in mistakes {
        eprintln!("{BAD}错误{BAD:#}：{}", mistake.message);
        if let Some(hint) = &mistake.hint {
            eprintln!("  怎么改：{hint}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::base_url;

    #[test]
    fn the_address_that_is_printed_can_be_visited() {
        for (address, url) in [
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("0.0.0.0:80", "http://127.0.0.1:80"),
            ("[::]:8080", "http://[::1]:8080"),
            ("192.168.1.5:8080", "http://192.168.1.5:8080"),
        ] {
            assert_eq!(base_url(address.parse().unwrap()), url);
        }
    }
}
