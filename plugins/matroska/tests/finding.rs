//! Where the parts of a file lie, and what finding them costs.

mod support;

use support::*;
use vpo_reading::Counted;

const SEEK_HEAD: u32 = 0x114D_9B74;
const TRACKS: u32 = 0x1654_AE6B;
const TAGS: u32 = 0x1254_C367;

#[test]
fn parts_behind_the_clusters_are_found_by_the_index() {
    let tracks = tracks(&[video(1, &[])]);
    let cluster = cluster(100_000);
    let index_length = seek_head(&[(TRACKS, 0), (TAGS, 0)]).len();
    let at_tracks = (info().len() + index_length + cluster.len()) as u64;
    let index = seek_head(&[(TRACKS, at_tracks), (TAGS, at_tracks + tracks.len() as u64)]);
    let file = document(&[info(), index, cluster, tracks, tags(&[tag(None, &[("GENRE", "Noir")])])]);

    let facts = read(&file).unwrap();

    assert_eq!((facts.tracks.len(), facts.tags.len(), facts.warnings.len()), (1, 1, 0));
}

#[test]
fn an_index_that_lies_is_not_believed() {
    let index = seek_head(&[(TAGS, 3), (TRACKS, 1 << 40), (TAGS, u64::MAX)]);
    let tags = tags(&[tag(None, &[("GENRE", "Noir")])]);
    let file = document(&[index, cluster(50_000), tracks(&[video(1, &[])]), tags]);

    let facts = read(&file).unwrap();

    assert_eq!((facts.tracks.len(), facts.tags.len()), (1, 1));
    assert!(facts.warnings.iter().any(|warning| warning == "the SeekHead is wrong about Tags"), "{:?}", facts.warnings);
}

#[test]
fn an_index_that_leads_to_another_part_is_not_believed() {
    let length = (info().len() + seek_head(&[(TAGS, 0)]).len()) as u64;
    let tags = tags(&[tag(None, &[("GENRE", "Noir")])]);
    // Where it says that tags are, the tracks are.
    let file = document(&[info(), seek_head(&[(TAGS, length)]), tracks(&[video(1, &[])]), cluster(50_000), tags]);

    let facts = read(&file).unwrap();

    assert_eq!(facts.tags.len(), 1);
    assert_eq!(facts.warnings, ["the SeekHead is wrong about Tags"]);
}

#[test]
fn an_index_that_leads_to_itself_comes_to_an_end() {
    let length = seek_head(&[(SEEK_HEAD, 0)]).len() as u64;
    let first = seek_head(&[(SEEK_HEAD, length)]);
    let second = seek_head(&[(SEEK_HEAD, 0)]);

    let facts = read(&document(&[first, second, tracks(&[video(1, &[])]), cluster(10)])).unwrap();

    assert_eq!(facts.tracks.len(), 1);
}

#[test]
fn one_index_leads_to_the_next() {
    let tail = tags(&[tag(None, &[("GENRE", "Noir")])]);
    let tracks = tracks(&[video(1, &[])]);
    let cluster = cluster(50_000);
    let index_length = seek_head(&[(SEEK_HEAD, 0)]).len() as u64;
    let at_second = index_length + (tracks.len() + cluster.len()) as u64;
    let second = seek_head(&[(TAGS, at_second + index_length)]);
    let file = document(&[seek_head(&[(SEEK_HEAD, at_second)]), tracks, cluster, second, tail]);

    assert_eq!(read(&file).unwrap().tags.len(), 1);
}

#[test]
fn parts_and_clusters_that_do_not_say_where_they_end_are_read() {
    let entries = video(1, &[]);
    let block = element(0xA3, [0x81, 0, 0, 0x80, 1, 2, 3]);
    let segment = [endless(TRACKS, entries), endless(0x1F43_B675, [number(0xE7, 0), block].concat())].concat();
    let file = [header("webm"), endless(0x1853_8067, segment)].concat();

    let facts = read(&file).unwrap();

    assert_eq!((facts.container.as_str(), facts.tracks.len(), facts.partial), ("webm", 1, None));
}

/// A film of ten gigabytes, with what lies behind its clusters.
fn large(index: Option<u64>, endless_clusters: bool) -> Sparse {
    const CLUSTER: u64 = 1 << 20;
    const CLUSTERS: u64 = 10_240;
    let tracks = tracks(&[video(1, &[]), audio(2, &[])]);
    let head = [info(), tracks].concat();
    let index_length = index.map_or(0, |_| seek_head(&[(TAGS, 0)]).len()) as u64;
    let clusters_at = index_length + head.len() as u64;
    let clusters_end = clusters_at + CLUSTER * CLUSTERS;
    let tail = [element(0x1C53_BB6B, vec![0; 5000]), tags(&[tag(None, &[("GENRE", "Noir")])])].concat();
    let at_tags = clusters_end + 5012;
    let index = index.map(|lie| seek_head(&[(TAGS, at_tags + lie)])).unwrap_or_default();
    let inside =
        [number(0xE7, 0), id_bytes(0xA3), ((CLUSTER - 12 - 17 - 9) | (1 << 56)).to_be_bytes().to_vec()].concat();
    let inside = [inside, vec![0x81, 0, 0, 0x80]].concat();
    let size = if endless_clusters {
        vec![0x01, 255, 255, 255, 255, 255, 255, 255]
    } else {
        ((CLUSTER - 12) | (1 << 56)).to_be_bytes().to_vec()
    };
    let cluster = [id_bytes(0x1F43_B675), size, inside].concat();
    let segment_size = clusters_end + tail.len() as u64;
    let segment = [id_bytes(0x1853_8067), (segment_size | 1 << 56).to_be_bytes().to_vec()].concat();
    let front = [header("matroska"), segment, index, head].concat();
    let base = front.len() as u64 - clusters_at;
    Sparse {
        size: base + segment_size,
        places: vec![(0, front), (base + clusters_end, tail)],
        repeated: Some((base + clusters_at, base + clusters_end, CLUSTER, cluster)),
    }
}

#[test]
fn ten_gigabytes_cost_a_few_small_reads() {
    for (index, endless) in [(Some(0), false), (Some(7), false), (None, false), (None, true)] {
        let film = Counted::new(large(index, endless));

        let facts = vpo_plugin_matroska::read(&film).unwrap();

        assert_eq!((facts.tracks.len(), facts.tags.len()), (2, 1), "{index:?}");
        assert_eq!(facts.partial, None);
        assert!(film.calls() <= 20, "{index:?}: {} calls", film.calls());
        assert!(film.bytes() <= 64 << 10, "{index:?}: {} bytes", film.bytes());
    }
}

#[test]
fn ten_gigabytes_whose_end_shows_nothing_are_partial() {
    let mut film = large(None, false);
    film.places[1].1 = vec![0; 6000];
    let film = Counted::new(film);

    let facts = vpo_plugin_matroska::read(&film).unwrap();

    assert!(facts.partial.unwrap().starts_with("no index, and what lies behind byte "));
    assert!(film.calls() <= 20 && film.bytes() <= 64 << 10);
}

/// A recording that was never finished: one cluster a second, each of two blocks with so many bytes.
fn live(clusters: u64, payload: usize, info: Option<Vec<u8>>) -> Vec<u8> {
    const CLUSTER: u32 = 0x1F43_B675;
    let picture = element(0xE0, parts(&[number(0xB0, 320), number(0xBA, 180)]));
    let tracks = tracks(&[track(1, 1, "V_MPEG4/ISO/AVC", &[number(0x23_E383, 40_000_000), picture])]);
    let block = |ticks: u16| {
        let [high, low] = ticks.to_be_bytes();
        element(0xA3, [vec![0x81, high, low, 0x80], vec![0; payload]].concat())
    };
    let cluster = |second| endless(CLUSTER, [number(0xE7, second * 1000), block(0), block(500)].concat());
    let clusters: Vec<_> = (0..clusters).flat_map(cluster).collect();
    [header("webm"), endless(0x1853_8067, [info.unwrap_or_default(), tracks, clusters].concat())].concat()
}

#[test]
fn a_live_recording_lasts_to_the_end_of_its_last_block_within_the_budget() {
    for (clusters, payload) in [(1, 10), (3, 10), (30, 9000), (3000, 500)] {
        let film = Counted::new(live(clusters, payload, None));

        let facts = vpo_plugin_matroska::read(&film).unwrap();

        assert_eq!(facts.duration_ns, Some((clusters - 1) * 1_000_000_000 + 540_000_000));
        assert_eq!(facts.warnings, ["no duration is stated; it is measured to the last block"]);
        assert!(film.calls() <= 20 && film.bytes() <= 64 << 10, "{} calls, {} bytes", film.calls(), film.bytes());
    }
}

#[test]
fn a_last_cluster_out_of_reach_leaves_the_duration_unknown() {
    let film = Counted::new(live(3, 100_000, None));

    let facts = vpo_plugin_matroska::read(&film).unwrap();

    assert_eq!(facts.duration_ns, None);
    assert_eq!(facts.warnings, ["no duration is stated, and the last block is out of reach"]);
    assert!(film.calls() <= 20 && film.bytes() <= 64 << 10, "{} calls, {} bytes", film.calls(), film.bytes());
}

#[test]
fn a_film_that_states_its_duration_is_not_measured() {
    let (stated, silent) = (live(50, 8000, Some(info())), live(50, 8000, None));
    let (stated, silent) = (Counted::new(stated), Counted::new(silent));

    let facts = vpo_plugin_matroska::read(&stated).unwrap();
    vpo_plugin_matroska::read(&silent).unwrap();

    assert_eq!((facts.duration_ns, facts.warnings.len()), (Some(4_000_000_000), 0));
    assert!(stated.bytes() < silent.bytes());
}

#[test]
fn a_live_recording_cut_anywhere_lasts_no_longer_than_it_did() {
    let film = live(3, 20, None);
    let mut longest = None;

    for length in 0..=film.len() {
        let Ok(facts) = read(&film[..length]) else { continue };
        assert!(facts.duration_ns >= longest, "cut at {length}: {:?} after {longest:?}", facts.duration_ns);
        longest = facts.duration_ns;
    }

    assert_eq!(longest, Some(2_540_000_000));
}
