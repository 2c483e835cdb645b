//! Dates, times and sizes as people read them.

use domain::Moment;
pub use domain::words::{date, day, moment, span, time, weekday};
use jiff::civil::Date;
use serde::Serialize;

/// A date or time for `<time>`: what machines read and what people read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Stamp {
    /// `2026-12-05` or `2026-12-05T14:00:00+08:00`
    pub iso: String,
    /// What people read.
    pub words: String,
}

/// 2026-12-05 09:00, as the label `PubDate` writes it.
pub fn published(moment: Moment) -> String {
    let local = moment.local();
    format!("{} {:02}:{:02}", local.date(), local.hour(), local.minute())
}

/// The date of `moment` for `<time>`.
pub fn date_stamp(date_of: Date) -> Stamp {
    Stamp { iso: date_of.to_string(), words: date(date_of) }
}

/// 1.2 MB, with one digit after the point from a megabyte on.
pub fn size(bytes: u64) -> String {
    const MB: u64 = 1024 * 1024;
    if bytes >= MB {
        format!("{}.{} MB", bytes / MB, bytes % MB * 10 / MB)
    } else {
        format!("{} KB", bytes.div_ceil(1024).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    #[test]
    fn sizes_are_never_nothing() {
        for (bytes, words) in [(0, "1 KB"), (1024, "1 KB"), (1025, "2 KB"), (1_572_864, "1.5 MB"), (20_971_520, "20.0 MB")] {
            assert_eq!(size(bytes), words);
        }
    }

    #[test]
    fn a_time_is_told_in_shanghai() {
        assert_eq!(published(at("2026-12-31T16:30:00Z")), "2027-01-01 00:30");
    }
}
