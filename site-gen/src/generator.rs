//! Builds the same site again and again in one process, and remembers between two builds what need not be made twice.
//!
//! There is one way from files to outputs ([`crate::build`]); what is remembered only shortens it. Memory is good for one kind of change:
//! some documents are other than before, and no moment has passed at which anything changes by itself. Whatever else happens (a template, a
//! form, a data file, a section, a folder that moved) begins anew with nothing in memory. `tests/memory.rs` makes random changes and
//! demands that every output equals that of a build without memory.

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
    /// These documents, by their paths below `content/`, and nothing else. They may have appeared or gone.
    Documents(BTreeSet<String>),
}

impl Changes {
    /// Nothing is other than before but the hour.
    pub fn none() -> Changes {
        Changes::Documents(BTreeSet::new())
    }

    /// Adds what changed later.
    pub fn and(&mut self, later: Changes) {
        match (&mut *self, later) {
            (Changes::Documents(documents), Changes::Documents(more)) => documents.extend(more),
            _ => *self = Changes::Anything,
        }
    }

    /// What files come to that were touched below the site's folder `root`.
    pub fn of<'a>(touched: impl IntoIterator<Item = &'a Path>, root: &Path) -> Changes {
        let content = root.join("content");
        let mut documents = BTreeSet::new();
        for path in touched {
            let below = path.strip_prefix(&content).ok().and_then(Path::to_str).map(|below| below.replace('\\', "/"));
            match below {
                Some(below) if below.split('/').any(load::is_left_behind) => {}
                Some(below) if below.ends_with(".md") => drop(documents.insert(below)),
                _ => return Changes::Anything,
            }
        }
        Changes::Documents(documents)
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
        let make = |plan: &Plan<'_>, sink: &S, prints: &Prints| {
            if !sink.has_the_last() {
                last.keys.clear();
            }
            plan.render_again(sink, prints, last)
        };
        let tell = &|_| {};
        let linked = Linked::new(&self.options, &memory.read, &mut memory.memo, &mut report, tell);
        let (built, made) = publish(linked, &memory.read, memory.memo.prints(), report, tell, open, make)?;
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
        let Changes::Documents(paths) = changes else { return None };
        if !memory.read.loaded.reload(paths, &self.options) {
            return None;
        }
        report.stage(Stage::Load, started, paths.len(), 0);
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
