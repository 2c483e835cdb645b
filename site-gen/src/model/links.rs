//! Every address of the site, for links and pictures: [`Resolver`] over the claims and the documents.

use std::{
    collections::HashMap,
    hash::{Hash, Hasher},
};

use super::{
    address::{Folders, Placed, Visibility, folder_of},
    ground::Ground,
    memo::print,
};
use crate::{
    markdown::{Broken, Picture, Resolver, Target, Widths, text::decode_percent},
    pictures::{Pictures, SIZES, Shown},
    source::{ContentFile, FrontMatter, Source},
};

/// The addresses that the functions answer and that may be linked to.
const SERVICE_URLS: [&str; 1] = ["/f/track"];

/// Everything a link can lead to.
pub struct Links<'a> {
    base_url: &'a str,
    ground: &'a Ground,
    /// What is not published now, by URL.
    hidden: HashMap<&'a str, &'a Placed>,
    /// By path below `content/` or `content/static/`, with the URL.
    files: HashMap<&'a str, (String, &'a ContentFile)>,
    pictures: &'a Pictures,
    /// The page that shows a form, by the form's file.
    forms: HashMap<&'a str, &'a str>,
}

impl<'a> Links<'a> {
    /// Lays the tables that the ground has not.
    pub fn new(source: &'a Source, base_url: &'a str, ground: &'a Ground) -> Links<'a> {
        let (placed, folders) = (&ground.placed, &ground.folders);
        let form_pages = placed.iter().filter(|placed| placed.is_published()).filter_map(|placed| match &placed.document.front {
            FrontMatter::Page(front) => Some((front.form.as_deref()?, placed.url.as_str())),
            _ => None,
        });
        let form_file = |id: &str| source.forms.iter().find(|source| source.form.id == id).map(|source| source.path.as_str());
        let beside = source.files.iter().map(|file| (file.path.as_str(), (file_url(file, folders), file)));
        let statics = source.statics.iter().map(|file| (file.path.as_str(), (format!("/{}", file.path), file)));
        Links {
            base_url,
            ground,
            hidden: placed.iter().filter(|placed| !placed.is_published()).map(|placed| (placed.url.as_str(), placed)).collect(),
            files: statics.chain(beside).collect(),
            pictures: &source.pictures,
            forms: form_pages.filter_map(|(id, url)| Some((form_file(id)?, url))).collect(),
        }
    }

    fn inside(&self, from: &str, path: &str, tail: &str, anchor: Option<&str>) -> Result<Target, Broken> {
        if path.is_empty() {
            let anchor = anchor.filter(|anchor| !anchor.is_empty()).map(str::to_owned);
            return Ok(Target::Inside { href: tail.to_owned(), page: None, anchor });
        }
        let decoded = decode_percent(path);
        if decoded.ends_with(".md") {
            return self.document(from, &decoded, tail, anchor);
        }
        let found = if decoded.ends_with(".yaml") { self.form(from, &decoded) } else { self.address(from, &decoded) };
        if let Some(url) = found {
            return Ok(self.page(url, tail, anchor));
        }
        let url = self.url_of(from, &decoded);
        if let Some(placed) = self.hidden.get(url.as_str()).or_else(|| self.hidden.get(format!("{url}/").as_str())) {
            return hidden(placed, path, anchor);
        }
        let hint = nearest(&url, self.ground.addresses.urls().into_iter());
        Err(Broken {
            message: format!("链接 `{path}` 指向的页面或文件不存在"),
            hint: hint.map(|near| format!("最接近的是 `{near}`")),
        })
    }

    fn page(&self, url: &str, tail: &str, anchor: Option<&str>) -> Target {
        let anchor = anchor.filter(|anchor| !anchor.is_empty() && self.ground.addresses.is_document(url)).map(str::to_owned);
        Target::Inside { href: format!("{url}{tail}"), page: Some(url.to_owned()), anchor }
    }

    /// A link written as the path of a Markdown file.
    fn document(&self, from: &str, path: &str, tail: &str, anchor: Option<&str>) -> Result<Target, Broken> {
        let wanted = joined(from, path);
        match self.ground.placed_at(&wanted) {
            Some(placed) if placed.is_published() => Ok(self.page(&placed.url, tail, anchor)),
            Some(placed) => hidden(placed, path, anchor),
            None => {
                let near = nearest(&wanted, self.ground.placed.iter().map(|placed| placed.document.path.as_str()));
                let message = format!("没有 Markdown 文件 `content/{wanted}`");
                let hint = near.map_or_else(
                    || "写文件在 `content/` 里的路径，如 `/courses/2026-q4.md`".to_owned(),
                    |near| format!("最接近的是 `/{near}`"),
                );
                Err(Broken { message, hint: Some(hint) })
            }
        }
    }

    fn form(&self, from: &str, path: &str) -> Option<&str> {
        self.forms.get(joined(from, path).as_str()).copied()
    }

    /// A URL from the root, a file beside the document, or a URL relative to the document's folder.
    fn address(&self, from: &str, path: &str) -> Option<&str> {
        if let Some(url) = SERVICE_URLS.iter().find(|url| **url == path) {
            return Some(url);
        }
        let url = self.url_of(from, path);
        self.ground.addresses.at(&url).or_else(|| self.files.get(joined(from, path).as_str()).map(|(url, _)| url.as_str()))
    }

    fn picture_of(&self, url: &str, file: &ContentFile, target: &str) -> Result<Picture, Broken> {
        let as_it_is = |size| Picture { src: url.to_owned(), size, widths: None };
        let looked = match self.pictures.look(file) {
            None => return Ok(as_it_is(file.picture)),
            Some(Ok(looked)) => looked,
            Some(Err(fault)) => {
                return Err(Broken { message: format!("图片 `{target}` {fault}"), hint: Some(fault.hint().to_owned()) });
            }
        };
        Ok(match looked.shown(url) {
            None => as_it_is(Some(looked.size())),
            Some(Shown { src, size, original, webp }) => {
                let widths = Widths { path: file.path.clone(), original, webp, sizes: SIZES };
                Picture { src, size: Some(size), widths: Some(widths) }
            }
        })
    }

    fn url_of(&self, from: &str, path: &str) -> String {
        if path.starts_with('/') {
            return path.to_owned();
        }
        let wanted = joined(from, path);
        let (folder, name) = wanted.rsplit_once('/').unwrap_or(("", &wanted));
        format!("{}{name}", self.ground.folders.url(folder))
    }
}

/// Two that hash alike give the same answers.
impl Hash for Links<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.base_url.hash(state);
        self.ground.addresses.hash(state);
        self.ground.folders.hash(state);
        self.ground.placed.iter().for_each(|placed| (&placed.document.path, &placed.url, placed.visibility).hash(state));
        // In the order of a map nobody sorts: what is told is a sum over its entries.
        unordered(self.files.iter().map(|(path, (url, file))| (path, url, file.picture))).hash(state);
        unordered(self.forms.iter()).hash(state);
    }
}

/// A number for a set of values, whatever their order.
pub fn unordered<T: Hash>(values: impl Iterator<Item = T>) -> u64 {
    values.map(|value| print(|hasher| value.hash(hasher))).fold(0, u64::wrapping_add)
}

impl Resolver for Links<'_> {
    fn link(&self, from: &str, target: &str) -> Result<Target, Broken> {
        let own = target.strip_prefix(self.base_url).filter(|rest| rest.is_empty() || rest.starts_with(['/', '#', '?']));
        let target = match own {
            Some("") => "/",
            Some(rest) => rest,
            None => target,
        };
        if let Some(scheme) = scheme(target) {
            return match scheme.to_ascii_lowercase().as_str() {
                "http" | "https" => Ok(Target::Outside),
                "mailto" | "tel" => Ok(Target::Direct),
                _ => Err(Broken {
                    message: format!("不能链接到 `{scheme}:` 开头的地址"),
                    hint: Some("可以用 https:、http:、mailto:、tel:，或站内路径".to_owned()),
                }),
            };
        }
        if target.starts_with("//") {
            let message = format!("`{target}` 没有写协议");
            return Err(Broken { message, hint: Some(format!("写成 `https:{target}`")) });
        }
        let path_end = target.find(['?', '#']).unwrap_or(target.len());
        let (path, tail) = target.split_at(path_end);
        let anchor = tail.split_once('#').map(|(_, anchor)| anchor);
        if target.is_empty() {
            return Err(Broken {
                message: "链接没有写网址".to_owned(), hint: Some("在圆括号里写网址或文件名".to_owned())
            });
        }
        self.inside(from, path, tail, anchor)
    }

    fn picture(&self, from: &str, target: &str) -> Result<Picture, Broken> {
        if scheme(target).is_some() || target.starts_with("//") {
            return Err(Broken {
                message: "图片不能放在别的网站上".to_owned(),
                hint: Some("下载后放在文章旁边，写文件名".to_owned()),
            });
        }
        let wanted = joined(from, &decode_percent(target));
        match self.files.get(wanted.as_str()) {
            Some((url, file)) => self.picture_of(url, file, target),
            None => {
                let near = nearest(&wanted, self.files.keys().copied().filter(|path| is_picture(path)));
                let hint = near.map_or_else(|| "把图片放在文章旁边，写文件名".to_owned(), |near| format!("最接近的是 `/{near}`"));
                Err(Broken { message: format!("没有图片 `{target}`"), hint: Some(hint) })
            }
        }
    }
}

/// The URL of a file that lies beside documents.
pub fn file_url(file: &ContentFile, folders: &Folders) -> String {
    let name = file.path.rsplit_once('/').map_or(file.path.as_str(), |(_, name)| name);
    format!("{}{name}", folders.url(folder_of(&file.path)))
}

/// What is said of a link to a page that is not on the site now. A draft was withheld by somebody; the others by time alone.
fn hidden(placed: &Placed, path: &str, anchor: Option<&str>) -> Result<Target, Broken> {
    let file = format!("content/{}", placed.document.path);
    let say = |message: String, hint: String| Broken { message, hint: Some(hint) };
    match placed.visibility {
        Visibility::Draft => Err(say(
            format!("链接 `{path}` 指向的页面还是草稿，读者打不开"),
            format!("在 `{file}` 里删去 `draft: true`，或先不写这个链接"),
        )),
        Visibility::Future(date) => Ok(Target::Hidden {
            why: say(
                format!("链接 `{path}` 指向的页面要到 {} 才发布，在那之前只显示文字", date.local().strftime("%Y-%m-%d %H:%M")),
                "到时间会自动变成链接".to_owned(),
            ),
            page: Some(placed.url.clone()),
            anchor: anchor.filter(|anchor| !anchor.is_empty()).map(str::to_owned),
        }),
        Visibility::Expired(expires) => Ok(Target::Hidden {
            why: say(
                format!("链接 `{path}` 指向的页面已于 {} 撤下，只显示文字", expires.local().strftime("%Y-%m-%d %H:%M")),
                format!("删去这个链接，或改 `{file}` 的 `expires`"),
            ),
            page: None,
            anchor: None,
        }),
        Visibility::Published => unreachable!("only what is not published is looked up among the hidden"),
    }
}

/// `path` as written in `from`, as a path below `content/`.
fn joined(from: &str, path: &str) -> String {
    let (start, path) = match path.strip_prefix('/') {
        Some(path) => ("", path),
        None => (folder_of(from), path),
    };
    let mut parts: Vec<&str> = start.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let mut path_below = parts.join("/");
    if path.ends_with('/') && !path_below.is_empty() {
        path_below.push('/');
    }
    path_below
}

/// `https` of `https://…`; none for paths, even with a colon in them.
fn scheme(target: &str) -> Option<&str> {
    let (scheme, _) = target.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    is_scheme.then_some(scheme)
}

fn is_picture(path: &str) -> bool {
    let extension = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    matches!(extension.as_str(), "png" | "jpg" | "jpeg" | "gif" | "webp" | "avif" | "svg")
}

/// The one of `known` that is nearest to `wanted`, if any is near enough to be what was meant.
pub fn nearest<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = |path: &str| path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().trim_end_matches(".md").to_owned();
    let wanted_name = name(wanted);
    known
        .filter_map(|known| {
            // The right name in the wrong folder is nearer than anything else.
            let moved = !wanted_name.is_empty() && name(known) == wanted_name;
            let distance = if moved { 1 } else { strsim::damerau_levenshtein(wanted, known) };
            (distance <= wanted.chars().count().div_ceil(3)).then_some((distance, known))
        })
        .min()
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_joined_to_the_folder_of_its_document() {
        for (from, path, expected) in [
            ("courses/a.md", "b.md", "courses/b.md"),
            ("courses/a.md", "../policies/b.md", "policies/b.md"),
            ("courses/a.md", "/about.md", "about.md"),
            ("about.md", "./b.jpg", "b.jpg"),
            ("a.md", "../../../etc/passwd", "etc/passwd"),
            ("courses/a.md", "../policies/", "policies/"),
        ] {
            assert_eq!(joined(from, path), expected, "{from} {path}");
        }
    }

    #[test]
    fn a_scheme_is_not_mistaken_for_a_path() {
        for (target, expected) in [
            ("https://a.cn", Some("https")),
            ("javascript:alert(1)", Some("javascript")),
            ("/a:b/", None),
            ("课程:一", None),
            ("#a:b", None),
            ("a.md", None),
        ] {
            assert_eq!(scheme(target), expected, "{target}");
        }
    }

    #[test]
    fn the_nearest_address_is_offered_only_when_it_is_near() {
        let known = ["/appeal/", "/courses/2026-q4/", "/policies/sme-payment/"];
        for (wanted, expected) in
            [("/apeal/", Some("/appeal/")), ("/activities/2026-q4/", Some("/courses/2026-q4/")), ("/somewhere-else/", None)]
        {
            assert_eq!(nearest(wanted, known.into_iter()), expected, "{wanted}");
        }
    }
}
