//! Statistics tags (`BPS`, `DURATION`, …), which go stale when a file is written anew by a tool that keeps them unread.
//!
//! They are believed only when they were written by the application, and at the time, that the file says it was.

use crate::{info::Info, tags::Tag, time};

/// What the statistics of one track say, where they can be believed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Statistics {
    pub bit_rate: Option<u64>,
    pub duration_ns: Option<u64>,
}

/// Reads the statistics among the tags of one track.
pub fn read<'a>(tags: impl Iterator<Item = &'a Tag> + Clone, info: &Info) -> Statistics {
    let find = |name: &str| {
        // Older versions of mkvmerge put the language into the name.
        tags.clone().find(|tag| tag.name == name || tag.name.strip_suffix("-eng") == Some(name)).map(|tag| &tag.value)
    };
    let is_by_writer =
        find("_STATISTICS_WRITING_APP").is_some_and(|app| Some(app) == info.writing_application.as_ref());
    let is_of_that_time = find("_STATISTICS_WRITING_DATE_UTC")
        .is_some_and(|date| info.date.as_ref().is_some_and(|written| same_second(date, written)));
    if !is_by_writer || !is_of_that_time {
        return Statistics::default();
    }
    Statistics {
        bit_rate: find("BPS").and_then(|rate| rate.trim().parse().ok()),
        duration_ns: find("DURATION").and_then(|text| time::of_duration_tag(text)),
    }
}

/// Compares `2024-02-29 12:00:00` with `2024-02-29T12:00:00Z`.
fn same_second(tag: &str, date: &str) -> bool {
    tag.trim().replacen(' ', "T", 1).trim_end_matches('Z') == date.trim_end_matches('Z')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tags::About;

    fn tag(name: &str, value: &str) -> Tag {
        Tag { about: About::Track(1), name: name.to_owned(), value: value.to_owned(), language: None }
    }

    fn statistics(app: &str, date: &str) -> Vec<Tag> {
        vec![
            tag("BPS", "1000"),
            tag("DURATION-eng", "00:00:02.000000000"),
            tag("_STATISTICS_WRITING_APP", app),
            tag("_STATISTICS_WRITING_DATE_UTC", date),
        ]
    }

    fn info() -> Info {
        let (writing_application, date) = (Some("mkvmerge".to_owned()), Some("2024-02-29T12:00:00Z".to_owned()));
        Info { writing_application, date, ..Info::default() }
    }

    #[test]
    fn statistics_of_the_last_writer_are_believed() {
        let read = read(statistics("mkvmerge", "2024-02-29 12:00:00").iter(), &info());

        assert_eq!(read, Statistics { bit_rate: Some(1000), duration_ns: Some(2_000_000_000) });
    }

    #[test]
    fn stale_statistics_are_not() {
        for (app, date) in [("other", "2024-02-29 12:00:00"), ("mkvmerge", "2024-02-29 12:00:01")] {
            assert_eq!(read(statistics(app, date).iter(), &info()), Statistics::default());
        }
        assert_eq!(read([tag("BPS", "1")].iter(), &info()), Statistics::default());
    }
}
