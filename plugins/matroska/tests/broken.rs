//! Files that are broken on purpose: a failure that says where, or facts that say what is missing.

mod support;

use support::*;
use vpo_plugin_sdk::introspector::Failure;

const TRACKS: u32 = 0x1654_AE6B;

#[test]
fn junk_in_front_is_passed_and_told() {
    let file = [vec![0x55; 300], document(&[tracks(&[video(1, &[])])])].concat();

    let facts = read(&file).unwrap();

    assert_eq!(facts.warnings, ["300 unknown bytes before the EBML header"]);
}

#[test]
fn a_damaged_header_in_front_of_a_segment_is_passed_and_told() {
    let damaged = element(0x1A45_DFA3, [0; 20]);
    let segment = element(0x1853_8067, tracks(&[video(1, &[])]));

    let facts = read(&[damaged.clone(), segment].concat()).unwrap();

    assert_eq!(facts.container, "matroska");
    assert_eq!(facts.warnings[0], "damaged in the EBML header at byte 12");
    assert!(matches!(read(&[damaged, vec![7; 100]].concat()), Err(Failure::Malformed(_))));
}

#[test]
fn reading_goes_on_behind_damage() {
    let damage = vec![0; 5000];
    let file = document(&[info(), damage, tracks(&[video(1, &[])]), cluster(10)]);

    let facts = read(&file).unwrap();

    assert_eq!(facts.tracks.len(), 1);
    let partial = facts.partial.expect("something may have been there");
    assert!(partial.starts_with("damaged at byte "), "{partial}");
}

#[test]
fn what_is_not_matroska_is_left_to_others() {
    for bytes in [&b""[..], &[0x1A], b"RIFF....AVI LIST", &[0; 20_000]] {
        assert_eq!(read(bytes), Err(Failure::NotMine));
    }
}

#[test]
fn another_kind_of_ebml_document_is_unsupported() {
    let file = [header("sqlite"), element(0x1234_5678, vec![0; 100])].concat();

    assert_eq!(read(&file), Err(Failure::Unsupported("an EBML document of type \"sqlite\"".to_owned())));
}

#[test]
fn a_file_that_ends_too_early_says_where() {
    let file = document(&[info(), tracks(&[video(1, &[]), audio(2, &[])]), cluster(1000)]);
    let at_tracks = file.windows(4).position(|four| four == TRACKS.to_be_bytes()).unwrap();

    let cut = |length: usize| read(&file[..length]).unwrap_err();

    assert_eq!(cut(10), Failure::Truncated("truncated in the EBML header at byte 10".to_owned()));
    assert_eq!(cut(40), Failure::Truncated("truncated before Segment at byte 40".to_owned()));
    assert_eq!(cut(60), Failure::Truncated("truncated before Tracks at byte 60".to_owned()));
    let inside = at_tracks + 100;
    assert_eq!(cut(inside), Failure::Truncated(format!("truncated in Tracks at byte {inside}")));
    let behind = file.len() - 500;
    assert_eq!(read(&file[..behind]).unwrap().warnings, [format!("truncated at byte {behind}")]);
}

#[test]
fn a_file_that_ends_within_its_tags_has_partial_facts() {
    let file = document(&[tracks(&[video(1, &[])]), tags(&[tag(None, &[("GENRE", "Noir"), ("MOOD", "Dark")])])]);

    let facts = read(&file[..file.len() - 3]).unwrap();

    assert_eq!(facts.partial.as_deref(), Some("Tags are cut off or damaged"));
    assert_eq!(facts.tracks.len(), 1);
}

#[test]
fn a_part_that_does_not_agree_with_its_checksum_makes_facts_partial() {
    let entries = [video(1, &[]), audio(2, &[])].concat();
    let sum = crc32fast::hash(&entries).to_le_bytes();
    let sound = document(&[element(0x1654_AE6B, [element(0xBF, sum), entries].concat())]);
    let mut flipped = sound.clone();
    let codec = sound.windows(5).position(|bytes| bytes == b"A_AAC").unwrap();
    flipped[codec + 4] ^= 1;

    assert_eq!(read(&sound).unwrap().partial, None);
    let partial = read(&flipped).unwrap().partial.unwrap();
    assert!(
        partial.starts_with("Tracks at byte ") && partial.ends_with(" does not agree with its checksum"),
        "{partial}"
    );
}

#[test]
fn what_may_hide_a_track_makes_facts_partial() {
    let stray = element(0xAF, number(0xD7, 2));
    let swallowed = element(0xAE, [number(0xD7, 1), number(0x83, 1), text(0x86, "V_VP9"), audio(2, &[])].concat());
    let nameless = element(0xAE, [number(0xD7, 1), number(0x83, 7)].concat());
    let about_nothing = tags(&[tag(Some(777), &[("BPS", "100")])]);

    for (file, reason) in [
        (document(&[tracks(&[video(1, &[]), stray])]), "is no track"),
        (document(&[tracks(&[swallowed])]), "a track within a track"),
        (document(&[tracks(&[video(1, &[]), nameless])]), "does not say what it is"),
        (document(&[tracks(&[video(1, &[])]), about_nothing]), "tags speak of a track 777, which is not there"),
    ] {
        let partial = read(&file).unwrap().partial.unwrap_or_default();
        assert!(partial.contains(reason), "{reason}: {partial:?}");
    }
}

#[test]
fn a_part_that_is_not_where_the_seek_head_says_nor_elsewhere_makes_facts_partial() {
    let parts = |tags: &[Vec<u8>]| {
        let seek = seek_head(&[(0x1254_C367, 9)]);
        document(&[&[seek, tracks(&[video(1, &[])])], tags].concat())
    };

    let lost = read(&parts(&[])).unwrap();
    let found = read(&parts(&[tags(&[tag(None, &[("GENRE", "Noir")])])])).unwrap();

    assert_eq!(lost.partial.as_deref(), Some("no Tags where the SeekHead says, nor elsewhere"));
    assert_eq!(found.partial, None);
}

#[test]
fn nesting_without_end_does_not_exhaust_the_stack() {
    let mut tag = simple_tag("A", "b", &[]);
    let mut atom = element(0xB6, number(0x91, 0));
    for _ in 0..3000 {
        tag = simple_tag("A", "b", &[tag]);
        atom = element(0xB6, atom);
    }
    let chapters = element(0x1043_A770, element(0x45B9, atom));

    let facts = read(&document(&[tracks(&[video(1, &[])]), tags(&[element(0x7373, tag)]), chapters])).unwrap();

    assert!(facts.partial.is_some());
    assert!(facts.chapters.len() < 30 && facts.tags.len() < 30);
}

#[test]
fn counts_that_no_film_has_are_cut_off() {
    let entries = vec![audio(1, &[]); 2000];
    let texts = vec![simple_tag("A", "b", &[]); 20_000];

    let facts = read(&document(&[tracks(&entries), tags(&[element(0x7373, texts.concat())])])).unwrap();

    assert_eq!((facts.tracks.len(), facts.tags.len()), (500, 5000));
    assert_eq!(facts.partial.as_deref(), Some("more than 500 tracks"));
}

#[test]
fn a_long_name_above_many_tags_does_not_multiply() {
    let below = vec![simple_tag("A", "b", &[]); 3000].concat();
    let above = element(0x67C8, [text(0x45A3, &"N".repeat(60_000)), below].concat());

    let facts = read(&document(&[tracks(&[video(1, &[])]), tags(&[element(0x7373, above)])])).unwrap();

    let all: usize = facts.tags.iter().map(|tag| tag.name.len() + tag.value.len()).sum();
    assert!(all <= 1 << 20, "{all} bytes of tags");
}

/// Numbers that look random and are the same on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        // The generator of Knuth's MMIX.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below.max(1)
    }
}

/// Real files that are small, and a few that were made, for breaking; none of another container behind the name.
fn victims() -> Vec<Vec<u8>> {
    let folders = [shared_media(), generated_media()];
    let files = folders.iter().flatten().flat_map(|folder| matroska_files(folder));
    let small = files.filter(|file| std::fs::metadata(file).is_ok_and(|known| (1..400_000).contains(&known.len())));
    let contents = small.map(|file| std::fs::read(file).unwrap());
    contents.filter(|bytes| read(bytes) != Err(Failure::NotMine)).step_by(3).collect()
}

#[test]
fn real_files_cut_at_any_length_are_read_or_fail_by_name() {
    for victim in victims() {
        // Headers byte by byte, what follows more and more coarsely.
        let mut length = 0;
        while length < victim.len() {
            match read(&victim[..length]) {
                Ok(facts) => assert!(facts.tracks.len() < 100),
                Err(Failure::NotMine) => assert!(length < 20_000),
                Err(Failure::Truncated(text) | Failure::Malformed(text) | Failure::Unsupported(text)) => {
                    assert!(!text.is_empty());
                }
                Err(Failure::Unreadable(text)) => panic!("{text}"),
            }
            length += 1 + length / 200;
        }
    }
}

#[test]
fn real_files_with_flipped_bytes_are_read_or_fail_by_name() {
    let mut dice = Dice(1);
    for victim in victims() {
        let headers = victim.len().min(8_000);
        for _ in 0..100 {
            let mut mutant = victim.clone();
            for _ in 0..=dice.roll(8) {
                let at = dice.roll(headers);
                match dice.roll(3) {
                    0 => mutant[at] ^= 1 << dice.roll(8),
                    1 => mutant[at] = dice.roll(256) as u8,
                    // Sizes live on runs of ones and zeros.
                    _ => mutant[at..(at + 8).min(headers)].fill(if dice.roll(2) == 0 { 0xFF } else { 0 }),
                }
            }
            if let Err(Failure::Unreadable(text)) = read(&mutant) {
                panic!("{text}");
            }
        }
    }
}

#[test]
fn random_bytes_behind_a_sound_header_are_no_trouble() {
    let mut dice = Dice(2);
    for _ in 0..300 {
        let noise: Vec<u8> = (0..dice.roll(5000)).map(|_| dice.roll(256) as u8).collect();

        let file = [header("webm"), endless(0x1853_8067, [tracks(&[video(1, &[])]), noise].concat())].concat();

        assert_eq!(read(&file).unwrap().tracks.len(), 1);
    }
}

#[test]
fn an_end_that_is_full_of_clusters_without_blocks_is_soon_given_up() {
    let empty = [id_bytes(0x1F43_B675), vec![0x80]].concat().repeat(100_000);
    let file = [header("webm"), endless(0x1853_8067, [tracks(&[video(1, &[])]), empty].concat())].concat();

    let begun = std::time::Instant::now();
    assert_eq!(read(&file).unwrap().duration_ns, None);
    // Five hundred times what it takes; without an end of trying it is longer still.
    assert!(begun.elapsed() < std::time::Duration::from_secs(5));
}
