//! The bundled policy `container`: puts files into Matroska or MP4, and deals with what the target cannot hold.

mod holds;
mod options;

use vpo_plugin_sdk::draft::Draft;
use vpo_plugin_sdk::facts::{Facts, Track};
use vpo_plugin_sdk::policy::{Context, Failure, Reason, TranscodeTrack, Verdict};
use vpo_plugin_sdk::reasons::{ReasonExt, because};
use vpo_plugin_sdk::tracks::{FactsExt, TrackExt, TrackKind};
use vpo_plugin_sdk::types::Problem;
use vpo_plugin_sdk::{Plugin, Policy};

pub use options::Container;
use options::{Codec, Convert, Exception, Incompatible, Target};

impl Plugin for Container {
    const NAME: &'static str = "container";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Puts files into Matroska or MP4";
    type Options = Self;

    fn check(options: &Self) -> Vec<Problem> {
        let target = options.to.target;
        let converts = options.exceptions.iter().filter_map(|exception| match exception {
            Exception::Convert(convert) => Some(convert),
            Exception::Drop(_) => None,
        });
        converts
            .filter(|convert| !holds::is_held(target, convert.to.kind(), convert.to.name()))
            .map(|convert| Problem {
                node: convert.node,
                message: format!("{} cannot hold {} either", target.name(), convert.to.name()),
            })
            .collect()
    }
}

/// What becomes of one track that the target cannot hold.
enum Fate<'o> {
    Stop,
    Convert { codec: Codec, by: Option<&'o Convert> },
    Drop { node: Option<u32>, asked: bool },
}

impl Policy for Container {
    fn evaluate(options: &Self, _: &Context, facts: &Facts) -> Result<Verdict, Failure> {
        let mut draft = Draft::new(facts);
        let target = options.to.target;
        if let Some(why) = stays(options, facts) {
            draft.leave_alone(None, why);
            return Ok(draft.finish());
        }
        if let Some(why) = &facts.partial {
            return Err(Failure::Unsupported(format!("what is known of the file is not complete: {why}")));
        }

        let unheld: Vec<&Track> = facts.tracks.iter().filter(|track| !holds::can_hold(target, track)).collect();
        let fates: Vec<(&Track, Fate<'_>)> = unheld.iter().map(|track| (*track, fate(options, track))).collect();
        let loose = loose_attachments(target, facts);
        let loose_tags = loose_tags(target, facts);

        let stopping = fates.iter().filter(|(_, fate)| matches!(fate, Fate::Stop));
        let mut names: Vec<String> = stopping.map(|(track, _)| track.describe()).collect();
        if matches!(options.to.incompatible, Incompatible::Error | Incompatible::Skip) {
            names.extend(loose.iter().map(|(_, name)| format!("attachment \"{name}\"")));
            names.extend(loose_tags.iter().map(|name| format!("tag {name}")));
        }
        if !names.is_empty() {
            let text = format!("{} cannot hold {}", target.name(), names.join(", "));
            if options.to.incompatible == Incompatible::Skip {
                let reason = because(format!("It stays in its container: {text}.")).asked_by(options.to.node);
                draft.leave_alone(None, reason.input("container", facts.container.as_str()));
                return Ok(draft.finish());
            }
            return Err(Failure::Refused(text));
        }

        for (track, fate) in fates {
            settle(options, track, fate, &mut draft)?;
        }
        for (id, name) in loose {
            let text = format!("{} cannot hold attachments but covers.", target.name());
            draft.remove_attachment(id, because(text).asked_by(options.to.node).input("name", name));
        }
        for name in loose_tags {
            let reason = because(format!("{} cannot hold the tag {name}.", target.name())).asked_by(options.to.node);
            draft.set_tag(name, None, reason.input("name", name));
        }
        refuse_nothing_left(facts, &draft)?;
        let text = format!("Files are to be in {}.", target.name());
        let reason = because(text).asked_by(options.to.node).input("container", facts.container.as_str());
        draft.convert_container(target.container(), reason);
        Ok(draft.finish())
    }
}

/// Why the file keeps its container, when it does.
fn stays(options: &Container, facts: &Facts) -> Option<Reason> {
    let target = options.to.target;
    if facts.container == target.container() {
        let reason = because(format!("It is in {} already.", target.name())).asked_by(options.to.node);
        return Some(reason.input("container", facts.container.as_str()));
    }
    let from = options.from.as_ref()?;
    if from.containers.iter().any(|container| container.matches(&facts.container)) {
        return None;
    }
    let reason = because(format!("Files in {} are not to be converted.", facts.container)).asked_by(from.node);
    Some(reason.input("container", facts.container.as_str()))
}

fn fate<'o>(options: &'o Container, track: &Track) -> Fate<'o> {
    for exception in &options.exceptions {
        match exception {
            Exception::Convert(convert) if convert.codec.matches(&track.codec) => {
                // A pattern such as `*` may fit tracks of another kind, which the codec is not for.
                if convert.to.kind() == track.kind() {
                    return Fate::Convert { codec: convert.to, by: Some(convert) };
                }
            }
            Exception::Drop(drop) if drop.codec.matches(&track.codec) => {
                return Fate::Drop { node: drop.node, asked: true };
            }
            Exception::Convert(_) | Exception::Drop(_) => {}
        }
    }
    match options.to.incompatible {
        Incompatible::Convert => match holds::usual_codec(options.to.target, track) {
            Some(codec) => Fate::Convert { codec, by: None },
            None if track.kind() == TrackKind::Video => Fate::Stop,
            None => Fate::Drop { node: options.to.node, asked: false },
        },
        Incompatible::Drop => Fate::Drop { node: options.to.node, asked: true },
        Incompatible::Error | Incompatible::Skip => Fate::Stop,
    }
}

fn settle(options: &Container, track: &Track, fate: Fate<'_>, draft: &mut Draft<'_>) -> Result<(), Failure> {
    let target = options.to.target.name();
    match fate {
        Fate::Stop => {}
        Fate::Convert { codec, by } => {
            let node = by.map_or(options.to.node, |convert| convert.node);
            let text = format!("{target} cannot hold {}; it becomes {}.", track.codec, codec.name());
            let reason = because(text).asked_by(node).input("codec", track.codec.as_str());
            let wanted = by.and_then(|convert| convert.channels).unwrap_or(u32::MAX);
            let most = wanted.min(codec.most_channels());
            let channels = track.audio().filter(|audio| audio.channels > most).map(|_| most);
            let bit_rate = by.and_then(|convert| convert.bit_rate);
            draft.transcode_track(
                TranscodeTrack { track: track.id, codec: codec.name().into(), bit_rate, channels, extra: Vec::new() },
                reason,
            );
        }
        Fate::Drop { node, asked } => {
            let text = if asked {
                format!("{target} cannot hold {}, and such tracks are to be dropped.", track.codec)
            } else {
                draft.warn(format!("{} goes: {target} cannot hold it and it cannot be converted", track.describe()));
                format!("{target} cannot hold {}, which cannot be converted.", track.codec)
            };
            draft.remove_track(track.id, because(text).asked_by(node).input("codec", track.codec.as_str()));
        }
    }
    Ok(())
}

/// Attachments that have no place in the target.
fn loose_attachments(target: Target, facts: &Facts) -> Vec<(u32, String)> {
    let unheld = facts.attachments.iter().filter(|attachment| target == Target::Mp4 && !attachment.is_cover);
    unheld.map(|attachment| (attachment.id, attachment.name.clone())).collect()
}

/// Names of tags of the whole file that have no place in the target.
fn loose_tags(target: Target, facts: &Facts) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for tag in facts.tags.iter().filter(|tag| tag.track.is_none() && !holds::can_hold_tag(target, &tag.name)) {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(&tag.name)) {
            names.push(&tag.name);
        }
    }
    names
}

fn refuse_nothing_left(facts: &Facts, draft: &Draft<'_>) -> Result<(), Failure> {
    for kind in [TrackKind::Video, TrackKind::Audio] {
        let had: Vec<String> = facts.of_kind(kind).map(TrackExt::describe).collect();
        if !had.is_empty() && draft.facts().of_kind(kind).next().is_none() {
            return Err(Failure::Refused(format!("no {} track would be left without {}", kind.name(), had.join(", "))));
        }
    }
    if draft.facts().tracks.is_empty() && !facts.tracks.is_empty() {
        return Err(Failure::Refused("no track would be left".into()));
    }
    Ok(())
}

vpo_plugin_sdk::policy_plugin!(Container);
