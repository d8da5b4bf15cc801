//! Whether conditions hold, and what was looked at to know.
//!
//! A comparison with something that a file does not say never holds.

use vpo_plugin_sdk::facts::{Attachment, Facts, Tag, Track};
use vpo_plugin_sdk::options::{Comparison, Pattern};
use vpo_plugin_sdk::policy::Context;
use vpo_plugin_sdk::reasons::IntoValue;
use vpo_plugin_sdk::select::Kind;
use vpo_plugin_sdk::tracks::{FactsExt, TrackExt};
use vpo_plugin_sdk::types::{Entry, Value};

use crate::options::{AttachmentTest, Condition, FileTest, FlaggedTest, TagTest};

/// Whether all conditions hold. What was looked at goes to `seen`.
pub fn all_hold(conditions: &[Condition], context: &Context, facts: &Facts, seen: &mut Vec<Entry>) -> bool {
    conditions.iter().all(|condition| holds(condition, context, facts, seen))
}

fn holds(condition: &Condition, context: &Context, facts: &Facts, seen: &mut Vec<Entry>) -> bool {
    let mut look = |name: String, value: Value| seen.push(Entry { name, value });
    match condition {
        Condition::Exists(exists) => {
            let count = count(exists.kind, &exists.test, facts);
            look(format!("exists {}", exists.kind.name()), (count > 0).into_value());
            count > 0
        }
        Condition::Count(wanted) => {
            let count = count(wanted.kind, &wanted.test, facts);
            look(format!("count {}", wanted.kind.name()), count.into_value());
            wanted.number.holds(count as f64)
        }
        Condition::File(test) => file_fits(test, context, facts, seen),
        Condition::Tag(test) => {
            let found = facts.tags.iter().find(|tag| tag_fits(test, tag, facts));
            look(format!("tag {}", test.name), found.map(|tag| tag.value.as_str()).into_value());
            found.is_some()
        }
        Condition::Attachment(test) => {
            let found = facts.attachments.iter().find(|attachment| attachment_fits(test, attachment));
            look("attachment".into(), found.map(|attachment| attachment.name.as_str()).into_value());
            found.is_some()
        }
        Condition::All(inner) => all_hold(&inner.conditions, context, facts, seen),
        Condition::Any(inner) => inner.conditions.iter().any(|condition| holds(condition, context, facts, seen)),
        Condition::Not(inner) => !all_hold(&inner.conditions, context, facts, seen),
    }
}

impl FlaggedTest {
    pub fn fits(&self, track: &Track) -> bool {
        self.default.is_none_or(|wanted| track.flags.default == wanted) && self.test.fits(track)
    }
}

fn count(kind: Kind, test: &FlaggedTest, facts: &Facts) -> usize {
    facts.tracks.iter().filter(|track| kind.fits(track.kind()) && test.fits(track)).count()
}

fn file_fits(test: &FileTest, context: &Context, facts: &Facts, seen: &mut Vec<Entry>) -> bool {
    let mut fits = true;
    let texts: [(&str, &Option<Pattern>, Option<&str>); 6] = [
        ("container", &test.container, Some(facts.container.as_str())),
        ("brand", &test.brand, facts.brand.as_deref()),
        ("name", &test.name, Some(context.file_name.as_str())),
        ("title", &test.title, facts.title.as_deref()),
        ("muxing-application", &test.muxing_application, facts.muxing_application.as_deref()),
        ("writing-application", &test.writing_application, facts.writing_application.as_deref()),
    ];
    for (name, pattern, found) in texts {
        if let Some(pattern) = pattern {
            seen.push(Entry { name: name.into(), value: found.into_value() });
            fits &= found.is_some_and(|found| pattern.matches(found));
        }
    }
    let numbers: [(&str, &Option<Comparison>, Option<f64>); 6] = [
        ("size", &test.size, Some(context.size as f64)),
        ("duration", &test.duration, facts.duration_ns.map(|duration| duration as f64 / 1e9)),
        ("tracks", &test.tracks, Some(facts.tracks.len() as f64)),
        ("chapters", &test.chapters, Some(facts.chapters.len() as f64)),
        ("attachments", &test.attachments, Some(facts.attachments.len() as f64)),
        ("warnings", &test.warnings, Some(facts.warnings.len() as f64)),
    ];
    for (name, comparison, found) in numbers {
        if let Some(comparison) = comparison {
            seen.push(Entry { name: name.into(), value: found.map_or(Value::Null, Value::Decimal) });
            fits &= found.is_some_and(|found| comparison.holds(found));
        }
    }
    if let Some(wanted) = test.partial {
        seen.push(Entry { name: "partial".into(), value: facts.partial.is_some().into_value() });
        fits &= facts.partial.is_some() == wanted;
    }
    fits
}

fn tag_fits(test: &TagTest, tag: &Tag, facts: &Facts) -> bool {
    let owner = match (test.of, tag.track) {
        (None, owner) => owner.is_none(),
        (Some(kind), Some(owner)) => facts.find_track(owner).is_some_and(|track| kind.fits(track.kind())),
        (Some(_), None) => false,
    };
    owner
        && tag.name.eq_ignore_ascii_case(&test.name)
        && test.value.as_ref().is_none_or(|pattern| pattern.matches(&tag.value))
        && test.number.is_none_or(|number| tag.value.trim().parse().is_ok_and(|value| number.holds(value)))
}

fn attachment_fits(test: &AttachmentTest, attachment: &Attachment) -> bool {
    test.name.as_ref().is_none_or(|pattern| pattern.matches(&attachment.name))
        && test.media_type.as_ref().is_none_or(|pattern| pattern.matches(&attachment.media_type))
        && test.cover.is_none_or(|wanted| attachment.is_cover == wanted)
        && test.size.is_none_or(|size| size.holds(attachment.size as f64))
}
