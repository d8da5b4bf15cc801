//! Random facts, and random verdicts that fit them, for property tests.

use proptest::prelude::*;

use super::{Action, Reason, Step, TrackFlag, Verdict};
use crate::media::{
    Addresses, Attachment, Audio, Chapter, Details, Facts, Flags, Language, Subtitle, Tag, Track, Video,
};

const LANGUAGES: [&str; 6] = ["en", "de", "fr", "ja", "pt-BR", "und"];

pub fn facts() -> impl Strategy<Value = Facts> {
    let tracks = prop::collection::vec(track(), 1..9);
    let chapters = 0..3u64;
    let attachments = 0..3u32;
    let tags = prop::collection::vec(("[A-C]", "[a-z]{1,3}"), 0..4);
    (tracks, chapters, attachments, tags, title()).prop_map(|(mut tracks, chapters, attachments, tags, title)| {
        for (place, track) in tracks.iter_mut().enumerate() {
            track.id = place as u32;
            track.number = place as u64 + 1;
        }
        Facts {
            container: "matroska".to_owned(),
            title,
            duration_ns: Some(4_000_000_000),
            tracks,
            chapters: (0..chapters).map(chapter).collect(),
            attachments: (0..attachments).map(attachment).collect(),
            tags: tags.into_iter().map(|(name, value)| Tag { track: None, name, value, language: None }).collect(),
            ..Facts::default()
        }
    })
}

pub fn track() -> impl Strategy<Value = Track> {
    let kind = prop_oneof![
        Just((Details::Video(Video { width: 320, height: 180, ..Video::default() }), "h264")),
        Just((Details::Audio(Audio { channels: 2, ..Audio::default() }), "aac")),
        Just((Details::Subtitle(Subtitle::default()), "subrip")),
    ];
    (kind, prop::sample::select(&LANGUAGES[..]), title(), any::<[bool; 8]>()).prop_map(
        |((details, codec), language, title, bits)| {
            let mut flags = Flags::default();
            for (flag, value) in TrackFlag::ALL.into_iter().zip(bits) {
                flag.set(&mut flags, value);
            }
            Track {
                id: 0,
                number: 0,
                addresses: Addresses::default(),
                details,
                codec: codec.to_owned(),
                codec_id: String::new(),
                profile: None,
                level: None,
                language: Language::from_file(language),
                title,
                flags,
                duration_ns: Some(4_000_000_000),
                bit_rate: None,
                extra: Vec::new(),
            }
        },
    )
}

fn title() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[a-zé]{1,5}")
}

fn chapter(place: u64) -> Chapter {
    Chapter {
        start_ns: place * 1_000_000_000,
        end_ns: None,
        title: Some(format!("Chapter {place}")),
        language: Language::undetermined(),
        hidden: false,
        depth: 0,
        edition: 0,
    }
}

fn attachment(id: u32) -> Attachment {
    Attachment {
        id,
        name: format!("font{id}.ttf"),
        media_type: "font/ttf".to_owned(),
        description: None,
        size: 100 + u64::from(id),
        is_cover: false,
    }
}

/// What a policy could say of these facts: always valid, decided by the given numbers.
pub fn verdict(facts: &Facts, choices: &[u8]) -> Verdict {
    let mut dice = choices.iter().copied().cycle();
    let mut roll = move |sides: usize| dice.next().unwrap_or(0) as usize % sides.max(1);
    let mut actions = Vec::new();

    let mut remaining: Vec<u32> = Vec::new();
    for track in &facts.tracks {
        if roll(4) == 0 {
            actions.push(Action::RemoveTrack { track: track.id });
            continue;
        }
        remaining.push(track.id);
        if roll(2) == 0 {
            let flag = TrackFlag::ALL[roll(8)];
            actions.push(Action::SetFlag { track: track.id, flag, value: roll(2) == 0 });
        }
        if roll(3) == 0 {
            actions.push(Action::SetLanguage { track: track.id, language: LANGUAGES[roll(6)].to_owned() });
        }
        if roll(3) == 0 {
            let title = [None, Some(String::new()), Some("new".to_owned())][roll(3)].clone();
            actions.push(Action::SetTrackTitle { track: track.id, title });
        }
    }
    if roll(2) == 0 {
        for place in (1..remaining.len()).rev() {
            remaining.swap(place, roll(place + 1));
        }
        actions.insert(roll(actions.len() + 1), Action::Reorder { tracks: remaining });
    }
    if roll(3) == 0 {
        actions.push(Action::SetTitle { title: [None, Some("Film".to_owned())][roll(2)].clone() });
    }
    for name in ["A", "b"] {
        if roll(3) == 0 {
            let value = [None, Some("x".to_owned()), Some("y".to_owned())][roll(3)].clone();
            actions.push(Action::SetTag { name: name.to_owned(), value });
        }
    }
    if roll(4) == 0 {
        actions.push(Action::RemoveChapters);
    }
    if let Some(attachment) = facts.attachments.first()
        && roll(3) == 0
    {
        actions.push(Action::RemoveAttachment { attachment: attachment.id });
    }
    Verdict { steps: actions.into_iter().map(|action| step("random", action)).collect(), ..Verdict::default() }
}

pub fn step(policy: &str, action: Action) -> Step {
    Step { action, reason: Reason::new("Because."), policy: policy.to_owned() }
}
