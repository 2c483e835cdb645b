//! What the writer asks of the site about a link or a picture.

/// Knows every address of the site. `from` is always the path of the asking document below `content/`.
pub trait Resolver: Sync {
    /// Where the link `target` leads.
    fn link(&self, from: &str, target: &str) -> Result<Target, Broken>;

    /// The picture `target`.
    fn picture(&self, from: &str, target: &str) -> Result<Picture, Broken>;
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Another site, `http:` or `https:`. It is marked.
    Outside,
    /// `mailto:`, `tel:`: taken as written.
    Direct,
    /// Somewhere on this site.
    Inside {
        /// What `href` is set to.
        href: String,
        /// The URL of the page that must have `anchor`; none for the asking page itself.
        page: Option<String>,
        /// The anchor to be checked.
        anchor: Option<String>,
    },
    /// A page that is not published at this moment. Time alone brought that about, so the words stay without a link, with a warning.
    Hidden {
        /// Why not.
        why: Broken,
        /// The URL of the page, when it is still to come.
        page: Option<String>,
        /// The anchor that it must have by then.
        anchor: Option<String>,
    },
}

/// Why a link or picture cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// What is wrong, in Chinese.
    pub message: String,
    /// The nearest target that exists.
    pub hint: Option<String>,
}

/// A picture of this site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// What `src` is set to.
    pub src: String,
    /// Width and height, where they could be read.
    pub size: Option<(u32, u32)>,
    /// The same in several widths, when it is made smaller.
    pub widths: Option<Widths>,
}

/// A picture that browsers choose a width of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Widths {
    /// The file it is made of, below `content/`.
    pub path: String,
    /// Addresses and widths, the smallest first.
    pub original: Vec<(String, u32)>,
    /// The same in WebP.
    pub webp: Vec<(String, u32)>,
    /// How wide it is shown.
    pub sizes: &'static str,
}
