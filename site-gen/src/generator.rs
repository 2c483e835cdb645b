//! Builds the same site again and again in one process, and remembers between two builds what need not be made twice.
//!
//! There is one way from files to outputs ([`crate::build`]); what is remembered only shortens it. Memory is good for two kinds of change:
//! some documents are other than before, or the theme is, and no moment has passed at which anything changes by itself. Of another
//! theme every output is made anew, out of documents and bodies that are remembered. Whatever else happens (a form, a data file, a section, a
//! folder that moved) begins anew with nothing in memory. `tests/generator/memory.rs` makes random changes and demands that every output equals
//! that of a build without memory.

use std::{collections::BTreeSet, path::Path, time::Instant};

use domain::Moment;

use crate::{
    build::{Built, Linked, Options, Read, Report, Stage, check_content, publish},
    load,
    model::{Memo, Prints},
    output::Sink,
    render::{Keys, Last, Plan},
    write::WriteError,
};

/// What may be other than at the last build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changes {
    /// Nobody knows.
    Anything,
    /// These, and nothing else.
    Only {
        /// Documents by their paths below `content/`. They may have appeared or gone.
        documents: BTreeSet<String>,
        /// Something of a theme.
        theme: bool,
    },
}

impl Changes {
    /// Nothing is other than before but the hour.
    pub fn none() -> Changes {
        Changes::Only { documents: BTreeSet::new(), theme: false }
    }

    /// Adds what changed later.
    pub fn and(&mut self, later: Changes) {
        match (&mut *self, later) {
            (Changes::Only { documents, theme }, Changes::Only { documents: more, theme: also }) => {
                documents.extend(more);
                *theme |= also;
            }
            _ => *self = Changes::Anything,
        }
    }

    /// What files come to that were touched below the site's folder `root`.
    pub fn of<'a>(touched: impl IntoIterator<Item = &'a Path>, root: &Path) -> Changes {
        let (mut documents, mut theme) = (BTreeSet::new(), false);
        for path in touched {
            let below = path.strip_prefix(root).ok().and_then(Path::to_str).map(|below| below.replace('\\', "/"));
            let Some((folder, below)) = below.as_deref().and_then(|below| below.split_once('/')) else {
                return Changes::Anything;
            };
            match folder {
                "content" | "themes" if below.split('/').any(load::is_left_behind) => {}
                "content" if below.ends_with(".md") => drop(documents.insert(below.to_owned())),
                "themes" => theme = true,
                _ => return Changes::Anything,
            }
        }
        Changes::Only { documents, theme }
    }
}

/// Builds a site as often as it is asked to.
pub struct Generator {
    options: Options,
    memory: Option<Memory>,
}

struct Memory {
    read: Read,
    memo: Memo,
    last: Last,
    /// What will be known of the outputs once they are where they belong.
    pending: Option<(Keys, usize)>,
    /// Outputs that were put off.
    owed: usize,
    /// From when to when nothing changes by itself.
    calm: (Moment, Option<Moment>),
}

impl Memory {
    fn is_good_at(&self, now: Moment) -> bool {
        let (from, until) = self.calm;
        from <= now && until.is_none_or(|until| now < until)
    }
}

impl Generator {
    /// A generator that remembers nothing yet. The moment of `options` is replaced at every build.
    pub fn new(options: Options) -> Generator {
        Generator { options, memory: None }
    }

    /// Builds the site as it is at `now`, at most `changes` since the last time. Outputs go to what `open` gives for the paths of all, but
    /// for those that it has already; with `put_off` the search page and its index, and posters, are left for a later build
    /// ([`Generator::owes`]). What was opened is given back when nothing is wrong; once all is where it belongs,
    /// [`Generator::published`] must be told.
    pub fn build<S: Sink>(
        &mut self,
        now: Moment,
        changes: &Changes,
        put_off: bool,
        open: impl FnOnce(Vec<String>) -> Result<S, WriteError>,
    ) -> anyhow::Result<(Built, Option<S>)> {
        check_content(&self.options)?;
        self.options.now = now;
        let mut report = Report::default();
        let mut memory = self.recall(changes, &mut report).unwrap_or_else(|| Memory {
            read: Read::new(&self.options, &mut report),
            memo: Memo::new(),
            last: Last::default(),
            pending: None,
            owed: 0,
            calm: (now, None),
        });
        memory.last.put_off = put_off;
        let last = &mut memory.last;
        let tell = &|_| {};
        let linked = Linked::new(&self.options, &memory.read, &mut memory.memo, &mut report, tell);
        let prints = memory.memo.prints();
        let outline = last.outline.take().filter(|(ground, _)| *ground == prints.ground).map(|(_, outline)| outline);
        let make = |plan: &Plan<'_>, sink: &S, prints: &Prints| {
            if !sink.has_the_last() {
                last.keys = Keys::default();
            }
            plan.render_again(sink, prints, last)
        };
        let (built, made) = publish(&linked, &memory.read, (prints, outline), report, tell, open, make)?;
        memory.memo.give_back(linked.site);
        memory.calm = (now, built.next_change);
        let (sink, pending) = made.map(|(sink, made)| (sink, (made.keys, made.owed))).unzip();
        if pending.is_none() && !put_off {
            // What could not be made now cannot be made later either, before something is other than now.
            memory.owed = 0;
        }
        memory.pending = pending;
        self.memory = Some(memory);
        Ok((built, sink))
    }

    /// What is remembered, brought up to `changes`; nothing when that cannot be done.
    fn recall(&mut self, changes: &Changes, report: &mut Report) -> Option<Memory> {
        let started = Instant::now();
        let mut memory = self.memory.take().filter(|memory| memory.is_good_at(self.options.now))?;
        let Changes::Only { documents, theme } = changes else { return None };
        if !memory.read.again(documents, *theme, &self.options) {
            return None;
        }
        if *theme {
            memory.memo.keep_only_bodies();
            memory.last.outdate();
        }
        report.stage(Stage::Load, started, documents.len(), 0);
        Some(memory)
    }

    /// The outputs of the last build are where they belong.
    pub fn published(&mut self) {
        if let Some(memory) = &mut self.memory
            && let Some((keys, owed)) = memory.pending.take()
        {
            (memory.last.keys, memory.owed) = (keys, owed);
        }
    }

    /// Some outputs were put off, and another build has to make them, or some of them.
    pub fn owes(&self) -> bool {
        self.memory.as_ref().is_some_and(|memory| memory.owed > 0)
    }
}
