//! A packed folder says what its rows say, for as long as they say it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use proptest::prelude::*;

use crate::disk::Observation;
use crate::store::files::{self, FileState, Record};
use crate::store::listings::{self, Listing};
use crate::store::{Db, Store, Writer};

const FOLDER: &str = "/media/films";

fn library() -> (tempfile::TempDir, Writer) {
    let place = tempfile::tempdir().unwrap();
    let writer = Store::open(&place.path().join("library.db")).unwrap().writer().unwrap();
    (place, writer)
}

fn observation(number: u64) -> Observation {
    Observation {
        size: 1 << 40,
        mtime_ns: -5,
        ctime_ns: i64::MAX,
        inode: u64::MAX - number,
        device: 2049,
        links: 1 + number as u32,
    }
}

fn record(observation: &Observation, state: FileState, reader: Option<&'static str>) -> Record<'static> {
    let observation = Box::leak(Box::new(*observation));
    Record { observation, observed_ns: 17, state, error: None, reader, sample_hash: None, full_hash: None }
}

/// Names that do not sort as they are added; one of them is no UTF-8.
fn fill(db: &Db) -> Vec<i64> {
    let folder = files::folder(db, Path::new(FOLDER)).unwrap();
    let files: [(&[u8], FileState, Option<&str>); 4] = [
        (b"b.mkv", FileState::Ok, Some("matroska 1")),
        (b"B.mkv", FileState::Ok, Some("isobmff 1")),
        (b"a\xff.mkv", FileState::Error, None),
        (b"b.mkv2", FileState::Pending, Some("a name\nof two lines 1")),
    ];
    let ids = files.iter().enumerate().map(|(number, (name, state, reader))| {
        let record = record(&observation(number as u64), *state, *reader);
        files::add(db, folder, OsStr::from_bytes(name), &record, 5).unwrap()
    });
    ids.collect()
}

/// What is read of the folder, as text.
fn said(db: &Db) -> Vec<String> {
    let mut listing = Listing::default();
    listings::read(db, Path::new(FOLDER), &mut listing).unwrap();
    let reader = |place: Option<usize>| place.map(|place| listing.readers()[place].clone());
    listing.files().map(|file| format!("{:?} {:?} {:?}", file.name, file.known, reader(file.reader))).collect()
}

fn is_packed(db: &Db) -> bool {
    db.query_row("SELECT count(*) FROM listings", [], |row| row.get::<_, i64>(0)).unwrap() == 1
}

fn pack(db: &Db) {
    let folders = listings::unpacked_below(db, Path::new("/media"), 0, 10).unwrap();
    folders.iter().for_each(|folder| listings::pack(db, *folder, &mut Listing::default()).unwrap());
}

#[test]
fn a_packed_folder_says_what_its_rows_say() {
    let (_place, db) = library();
    fill(&db);
    let rows = said(&db);

    pack(&db);

    assert!(is_packed(&db));
    assert_eq!(rows.len(), 4);
    assert_eq!(said(&db), rows);
}

#[test]
fn a_file_is_found_by_its_name_and_no_other() {
    let (_place, db) = library();
    let ids = fill(&db);
    pack(&db);
    let mut listing = Listing::default();
    listings::read(&db, Path::new(FOLDER), &mut listing).unwrap();

    let find = |name: &[u8]| listing.find(OsStr::from_bytes(name)).map(|place| listing.file(place).known.id);

    assert_eq!(find(b"b.mkv"), Some(ids[0]));
    assert_eq!(find(b"B.mkv"), Some(ids[1]));
    assert_eq!(find(b"a\xff.mkv"), Some(ids[2]));
    assert_eq!(find(b"b.mk"), None);
    assert_eq!(find(b"z"), None);
}

#[test]
fn any_change_of_a_file_forgets_what_was_packed() {
    let changes: [fn(&Db, i64); 6] = [
        |db, id| files::touch(db, id, &observation(9), 18).unwrap(),
        |db, id| files::update(db, id, &record(&observation(9), FileState::Error, None), 18).unwrap(),
        |db, id| files::mark_missing(db, id, 18).unwrap(),
        |db, id| files::move_to(db, id, Path::new("/media/other/b.mkv")).unwrap(),
        |db, id| files::delete(db, id).unwrap(),
        |db, _| {
            let folder = files::folder(db, Path::new(FOLDER)).unwrap();
            let record = record(&observation(9), FileState::Ok, None);
            files::add(db, folder, OsStr::new("new.mkv"), &record, 5).unwrap();
        },
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let (_place, db) = library();
        let ids = fill(&db);
        pack(&db);
        let before = said(&db);

        change(&db, ids[0]);

        assert!(!is_packed(&db), "change {number}");
        assert_ne!(said(&db), before, "change {number}");
    }
}

#[test]
fn counting_is_the_same_packed_or_not() {
    let (_place, db) = library();
    let ids = fill(&db);
    files::mark_missing(&db, ids[3], 18).unwrap();
    let count = || listings::count_below(&db, Path::new("/media")).unwrap();
    assert_eq!(count(), 3);

    pack(&db);

    assert_eq!(count(), 3);
    assert_eq!(listings::count_below(&db, Path::new("/med")).unwrap(), 0);
}

#[test]
fn a_damaged_listing_gives_way_to_the_rows() {
    let (_place, db) = library();
    fill(&db);
    let rows = said(&db);
    pack(&db);
    for damage in ["substr(files, 1, length(files) - 1)", "x'00'", "x''", "CAST(files || x'00' AS BLOB)"] {
        db.execute(&format!("UPDATE listings SET files = {damage}"), []).unwrap();

        assert_eq!(said(&db), rows, "{damage}");
        assert!(is_known_as_damaged(&db), "{damage}");
    }
    db.execute("UPDATE listings SET readers = '[]'", []).unwrap();
    assert_eq!(said(&db), rows);
}

fn is_known_as_damaged(db: &Db) -> bool {
    let mut listing = Listing::default();
    listings::read(db, Path::new(FOLDER), &mut listing).unwrap();
    listing.is_damaged()
}

/// Files of a folder: name, state, reader, and what is observed.
type Files = BTreeMap<Vec<u8>, (u8, Option<String>, [u64; 3])>;

fn files_of_a_folder() -> impl Strategy<Value = Files> {
    let name = prop_oneof![
        prop::collection::vec(any::<u8>().prop_filter("no name", |byte| !matches!(byte, 0 | b'/')), 1..20),
        "[a-zé]{1,80}\\.mkv".prop_map(String::into_bytes),
    ];
    let file = (0..3u8, prop::option::of("[a-c]{1,9} 1"), any::<[u64; 3]>());
    prop::collection::btree_map(name, file, 1..12)
}

fn record_all(db: &Db, recorded: &Files) {
    let folder = files::folder(db, Path::new(FOLDER)).unwrap();
    // In another order than they are sorted in.
    for (name, (state, reader, [size, time, inode])) in recorded.iter().rev() {
        let observation = Observation {
            size: *size,
            mtime_ns: *time as i64,
            ctime_ns: !*time as i64,
            inode: *inode,
            device: *inode >> 7,
            links: *size as u32,
        };
        let state = [FileState::Ok, FileState::Error, FileState::Pending][usize::from(*state)];
        let record = Record {
            observation: &observation,
            observed_ns: *time as i64,
            state,
            error: None,
            reader: reader.as_deref(),
            sample_hash: None,
            full_hash: None,
        };
        files::add(db, folder, OsStr::from_bytes(name), &record, 5).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn whatever_is_packed_says_what_its_rows_say(recorded in files_of_a_folder()) {
        let (_place, db) = library();
        record_all(&db, &recorded);
        let rows = said(&db);

        pack(&db);

        prop_assert!(is_packed(&db) && !is_known_as_damaged(&db));
        prop_assert_eq!(rows.len(), recorded.len());
        prop_assert_eq!(said(&db), rows);
        let mut listing = Listing::default();
        listings::read(&db, Path::new(FOLDER), &mut listing).unwrap();
        for name in recorded.keys() {
            let found = listing.find(OsStr::from_bytes(name)).map(|place| listing.file(place).name.as_bytes());
            prop_assert_eq!(found, Some(&name[..]));
        }
    }

    #[test]
    fn a_byte_that_changed_by_itself_is_noticed_wherever_it_is(
        recorded in files_of_a_folder(), at in any::<prop::sample::Index>(), by in 1..=u8::MAX,
    ) {
        let (_place, db) = library();
        record_all(&db, &recorded);
        let rows = said(&db);
        pack(&db);
        let mut packed: Vec<u8> = db.query_row("SELECT files FROM listings", [], |row| row.get(0)).unwrap();
        let at = at.index(packed.len());
        packed[at] ^= by;

        db.execute("UPDATE listings SET files = ?1", [packed]).unwrap();

        prop_assert_eq!(said(&db), rows);
        prop_assert!(is_known_as_damaged(&db));
    }
}
