//! A document on its way in: what was read out of a file, whatever kind of file it was, before it is Markdown.

/// What was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// The title, where the file says which it is.
    pub title: Option<String>,
    /// When it was published, as it is written: `2026-11-05 09:00`.
    pub date: Option<String>,
    /// Where it comes from: ContentSource.
    pub source: Option<String>,
    /// Its author.
    pub author: Option<String>,
    /// Its words.
    pub blocks: Vec<Block>,
    /// Its pictures, in the order in which blocks name them.
    pub pictures: Vec<Picture>,
    /// Its footnotes, in the order in which runs name them.
    pub footnotes: Vec<Vec<Run>>,
    /// What somebody should look at.
    pub notes: Vec<String>,
}

/// A block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading; 1 is the highest.
    Heading(u8, Vec<Run>),
    /// A paragraph.
    Paragraph(Vec<Run>),
    /// An item of a list.
    Item {
        /// It is numbered.
        numbered: bool,
        /// How many lists it lies in beyond the first.
        depth: usize,
        /// Its words.
        runs: Vec<Run>,
    },
    /// Rows of cells.
    Table(Vec<Vec<Vec<Run>>>),
    /// A quotation.
    Quote(Vec<Run>),
}

/// Words that look alike.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Run {
    /// What it is.
    pub what: What,
    /// Bold.
    pub bold: bool,
    /// Where it leads.
    pub link: Option<String>,
}

/// What a run is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Words.
    Words(String),
    /// A line break.
    Break,
    /// A picture: its place in [`Draft::pictures`].
    Picture(usize),
    /// A mark of a footnote: its place in [`Draft::footnotes`].
    Footnote(usize),
}

impl Default for What {
    fn default() -> What {
        What::Words(String::new())
    }
}

/// A picture and what is said of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picture {
    /// Its file.
    pub bytes: Vec<u8>,
    /// What it shows, where the document says so.
    pub words: String,
}

impl Run {
    /// Plain words.
    pub fn words(text: impl Into<String>) -> Run {
        Run { what: What::Words(text.into()), ..Run::default() }
    }

    /// Its words; nothing for a picture and for a mark.
    pub fn text(&self) -> &str {
        match &self.what {
            What::Words(text) => text,
            What::Break => "\n",
            What::Picture(_) | What::Footnote(_) => "",
        }
    }
}

impl Block {
    /// Its runs; a table has none of its own.
    pub fn runs(&self) -> &[Run] {
        match self {
            Block::Heading(_, runs) | Block::Paragraph(runs) | Block::Item { runs, .. } | Block::Quote(runs) => runs,
            Block::Table(_) => &[],
        }
    }

    /// Its words alone.
    pub fn text(&self) -> String {
        text(self.runs())
    }

    /// Every run, those of a table's cells too.
    pub fn runs_mut(&mut self) -> Vec<&mut Vec<Run>> {
        match self {
            Block::Heading(_, runs) | Block::Paragraph(runs) | Block::Item { runs, .. } | Block::Quote(runs) => vec![runs],
            Block::Table(rows) => rows.iter_mut().flatten().collect(),
        }
    }

    /// It holds neither words nor a picture.
    pub fn is_blank(&self) -> bool {
        match self {
            Block::Table(rows) => rows.iter().flatten().all(|cell| is_blank(cell)),
            other => is_blank(other.runs()),
        }
    }
}

/// The words of `runs`.
pub fn text(runs: &[Run]) -> String {
    runs.iter().map(Run::text).collect()
}

/// Neither words nor a picture.
pub fn is_blank(runs: &[Run]) -> bool {
    runs.iter().all(|run| {
        !matches!(run.what, What::Picture(_))
            && run.text().chars().all(|character| character.is_whitespace() || character == '\u{a0}')
    })
}
