//! Whatever happens while a file is changed, it is its original or the verified outcome afterwards, byte for byte, and
//! nothing lies beside it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use vpo::apply::{ApplyError, Checked, Point, Watch, kept};
use vpo::media::Facts;
use vpo::plan::{Action, TrackFlag, differences};
use vpo::settings::Backup;
use vpo::tools::Tool;
use vpo_tests::bench::{Bench, all_names, start_again};
use vpo_tests::{Recipe, stand_in};

/// A way of changing a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The header, where the file lies.
    Edit,
    /// A copy without one of the tracks.
    Remux,
    /// The same, the original kept.
    RemuxKept,
    /// MP4 into Matroska.
    Convert,
}

const KINDS: [Kind; 4] = [Kind::Edit, Kind::Remux, Kind::RemuxKept, Kind::Convert];

impl Kind {
    fn actions(self, facts: &Facts) -> Vec<Action> {
        let audio = facts.tracks.iter().rfind(|track| track.kind() == vpo::media::TrackKind::Audio).unwrap().id;
        match self {
            Self::Edit => vec![
                Action::SetTitle { title: Some("A title that is longer than what was there".repeat(20)) },
                Action::SetFlag { track: audio, flag: TrackFlag::Commentary, value: true },
            ],
            Self::Remux | Self::RemuxKept => vec![Action::RemoveTrack { track: audio }],
            Self::Convert => vec![Action::ConvertContainer { container: "matroska".to_owned() }],
        }
    }

    fn source(self) -> PathBuf {
        let recipe = Recipe::new("torture");
        if self == Self::Convert { recipe.remuxed("mp4") } else { recipe.matroska() }
    }

    fn bench(self, tools: &BTreeMap<Tool, PathBuf>) -> Bench {
        let mut bench = Bench::with_tools(tools);
        if self == Self::RemuxKept {
            bench.manner.backup = Backup::Keep;
        }
        bench
    }

    /// The names in the folder when it was done.
    fn names_after(self, name: &str) -> Vec<String> {
        match self {
            Self::Convert => vec!["torture.mkv".to_owned()],
            Self::RemuxKept => vec![format!(".{name}.vpo-original"), name.to_owned()],
            Self::Edit | Self::Remux => vec![name.to_owned()],
        }
    }
}

/// A film in a folder of its own.
struct Scene {
    folder: tempfile::TempDir,
    path: PathBuf,
    name: String,
    original: Vec<u8>,
}

impl Scene {
    fn of(kind: Kind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = kind.source();
        let name = source.file_name().unwrap().to_string_lossy().into_owned();
        let path = folder.path().join(&name);
        fs::copy(&source, &path).unwrap();
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(std::time::SystemTime::UNIX_EPOCH + Duration::new(1_600_000_000, 5))
            .unwrap();
        let original = fs::read(&path).unwrap();
        Self { folder, path, name, original }
    }

    fn is_untouched(&self) -> bool {
        all_names(self.folder.path()) == [self.name.clone()] && fs::read(&self.path).unwrap() == self.original
    }

    fn assert_untouched(&self, what: &str) {
        assert_eq!(all_names(self.folder.path()), std::slice::from_ref(&self.name), "{what}");
        assert!(fs::read(&self.path).unwrap() == self.original, "{what}: the original was changed");
        let modified = fs::metadata(&self.path).unwrap().modified().unwrap();
        assert_eq!(modified, std::time::SystemTime::UNIX_EPOCH + Duration::new(1_600_000_000, 5), "{what}");
    }

    fn assert_changed(&self, kind: Kind, bench: &Bench, expected: &Facts, what: &str) {
        assert_eq!(all_names(self.folder.path()), kind.names_after(&self.name), "{what}");
        let target = if kind == Kind::Convert { self.path.with_extension("mkv") } else { self.path.clone() };
        assert_eq!(differences(expected, &bench.facts(&target).unwrap()), Vec::<String>::new(), "{what}");
        if kind == Kind::RemuxKept {
            let kept = self.folder.path().join(format!(".{}.vpo-original", self.name));
            assert!(fs::read(kept).unwrap() == self.original, "{what}: the backup is not the original");
        }
    }
}

/// Fails at one point.
struct FailAt(Point);

impl Watch for FailAt {
    fn reached(&self, point: Point) -> io::Result<()> {
        if point == self.0 { Err(io::Error::other("as the test wants it")) } else { Ok(()) }
    }
}

/// Stops for ever at one point, as a process does that is killed: nothing is cleaned up.
struct DieAt(Point, mpsc::Sender<bool>);

impl Watch for DieAt {
    fn reached(&self, point: Point) -> io::Result<()> {
        if point == self.0 {
            self.1.send(true).unwrap();
            loop {
                thread::park();
            }
        }
        Ok(())
    }
}

#[test]
fn killed_at_every_point_the_next_start_settles_it() {
    for kind in KINDS {
        for point in Point::ALL {
            let what = format!("{kind:?} killed at {point:?}");
            let scene = Scene::of(kind);
            let (path, (died, has_died)) = (scene.path.clone(), mpsc::channel());
            let (ledger_out, ledger) = mpsc::channel();
            thread::spawn(move || {
                let bench = kind.bench(&BTreeMap::new());
                ledger_out.send(Arc::clone(&bench.ledger)).unwrap();
                let subject = bench.subject(&path);
                let actions = kind.actions(&subject.facts);
                bench.apply_watched(subject, actions, &DieAt(point, died.clone())).unwrap();
                // This way of changing a file does not come to that point.
                died.send(false).unwrap();
            });
            let ledger = ledger.recv().unwrap();
            has_died.recv().unwrap();

            start_again(&ledger);

            assert!(ledger.open.lock().unwrap().is_empty(), "{what}");
            if !scene.is_untouched() {
                let bench = Bench::new();
                let before = fs::read(&scene.path);
                assert!(before.is_err() || before.unwrap() != scene.original, "{what}");
                let expected = expected(kind);
                scene.assert_changed(kind, &bench, &expected, &what);
                assert_eq!(ledger.committed.lock().unwrap().len(), 1, "{what}");
            } else {
                scene.assert_untouched(&what);
                assert_eq!(ledger.committed.lock().unwrap().len(), 0, "{what}");
            }
        }
    }
}

#[test]
fn an_undo_that_is_killed_at_any_point_is_settled_and_remembered_as_one() {
    for kind in [Kind::Edit, Kind::RemuxKept] {
        for point in Point::ALL {
            let what = format!("the undo of {kind:?} killed at {point:?}");
            let scene = Scene::of(kind);
            let bench = kind.bench(&BTreeMap::new());
            let actions = kind.actions(&bench.subject(&scene.path).facts);
            let changed = bench.apply(&scene.path, actions).unwrap();
            let story = bench.ledger.stories.lock().unwrap()[0].clone();
            let kept = changed.backup.map(|backup| kept::find(&backup, [backup.clone()], &story));
            let edited = fs::read(&scene.path).unwrap();
            let (path, (died, has_died)) = (scene.path.clone(), mpsc::channel());
            let (ledger_out, ledger) = mpsc::channel();
            thread::spawn(move || {
                let bench = kind.bench(&BTreeMap::new());
                ledger_out.send(Arc::clone(&bench.ledger)).unwrap();
                let checked = Checked::undo(bench.subject(&path), &story, kept, path.clone()).unwrap();
                bench.carry_out(checked, &DieAt(point, died.clone())).unwrap();
                died.send(false).unwrap();
            });
            let ledger = ledger.recv().unwrap();
            has_died.recv().unwrap();

            start_again(&ledger);

            assert!(ledger.open.lock().unwrap().is_empty(), "{what}");
            let stories = ledger.stories.lock().unwrap();
            if fs::read(&scene.path).unwrap() == edited {
                assert_eq!(all_names(scene.folder.path()), kind.names_after(&scene.name), "{what}");
                assert!(stories.is_empty(), "{what}");
            } else {
                assert_eq!(all_names(scene.folder.path()), std::slice::from_ref(&scene.name), "{what}");
                assert!(kind == Kind::Edit || fs::read(&scene.path).unwrap() == scene.original, "{what}");
                assert!(stories.iter().all(|story| story.is_undo) && stories.len() == 1, "{what}");
            }
        }
    }
}

fn expected(kind: Kind) -> Facts {
    let bench = Bench::new();
    let subject = bench.subject(&kind.source());
    let actions = kind.actions(&subject.facts);
    bench.check(subject, actions).unwrap().after().clone()
}

#[test]
fn a_failure_at_any_point_before_the_record_puts_everything_back() {
    for kind in KINDS {
        for point in Point::ALL {
            let what = format!("{kind:?} failing at {point:?}");
            let scene = Scene::of(kind);
            let bench = kind.bench(&BTreeMap::new());
            let subject = bench.subject(&scene.path);
            let actions = kind.actions(&subject.facts);

            let outcome = bench.apply_watched(subject, actions, &FailAt(point));

            match outcome {
                Err(_) => {
                    scene.assert_untouched(&what);
                    assert!(bench.ledger.committed.lock().unwrap().is_empty(), "{what}");
                }
                Ok(_) => {
                    bench.start_again();
                    scene.assert_changed(kind, &bench, &expected(kind), &what);
                }
            }
            assert!(bench.ledger.open.lock().unwrap().is_empty(), "{what}");
        }
    }
}

/// A tool that does something else than it should.
fn wrapped(folder: &Path, tool: Tool, script: &str) -> BTreeMap<Tool, PathBuf> {
    BTreeMap::from([(tool, stand_in(folder, tool.name(), script))])
}

fn tool_of(kind: Kind) -> Tool {
    if kind == Kind::Edit { Tool::Mkvpropedit } else { Tool::Mkvmerge }
}

#[test]
fn case_45_a_tool_that_fails_in_any_way_leaves_the_original_as_it_was() {
    let ways = [
        ("killed before", "kill -9 $$"),
        ("killed after", "$real \"$@\"; kill -9 $$"),
        ("interrupted", "kill -INT $$; exit 130"),
        ("hangs", "sleep 1000"),
        ("stops itself", "kill -STOP $$"),
        ("hangs after writing", "$real \"$@\"; sleep 1000"),
        ("exit 2 before", "exit 2"),
        ("exit 2 after writing", "$real \"$@\"; exit 2"),
        ("exit 127", "exit 127"),
        ("does nothing and says all is well", "exit 0"),
        ("writes garbage", "head -c 100000 /dev/urandom > \"$work\""),
        ("writes an empty file", ": > \"$work\""),
        ("writes the wrong film", "$real \"$@\"; : | cat > /dev/null; cp /dev/null \"$work\""),
        ("cuts its file", "$real \"$@\"; truncate -s 5000 \"$work\""),
        ("cuts a little of its file", "$real \"$@\"; truncate -s -1000 \"$work\""),
        ("warns and writes garbage", "echo garbage > \"$work\"; exit 1"),
        ("removes its file", "$real \"$@\"; rm -f \"$work\""),
    ];
    for kind in KINDS {
        for (way, script) in ways {
            let what = format!("{kind:?}: {way}");
            let (scene, tools) = (Scene::of(kind), tempfile::tempdir().unwrap());
            let mut bench = kind.bench(&wrapped(tools.path(), tool_of(kind), script));
            if way.starts_with("hangs") || way == "stops itself" {
                bench.manner.stall = Duration::from_millis(500);
            }
            let subject = bench.subject(&scene.path);
            let actions = kind.actions(&subject.facts);

            let outcome = bench.apply_watched(subject, actions, &());

            assert!(outcome.is_err(), "{what} was taken for success");
            scene.assert_untouched(&what);
            assert!(bench.ledger.open.lock().unwrap().is_empty(), "{what}");
        }
    }
}

#[test]
fn case_45_a_disk_that_is_full_at_any_size_leaves_the_original_as_it_was() {
    for kind in [Kind::Remux, Kind::Convert] {
        let whole = fs::metadata(kind.source()).unwrap().len() / 512;
        for blocks in (0..whole / 2).step_by((whole / 16) as usize) {
            let what = format!("{kind:?}: full at {blocks} blocks");
            let (scene, tools) = (Scene::of(kind), tempfile::tempdir().unwrap());
            let script = format!("trap '' XFSZ; ulimit -f {blocks}; $real \"$@\"");
            let bench = kind.bench(&wrapped(tools.path(), tool_of(kind), &script));
            let subject = bench.subject(&scene.path);
            let actions = kind.actions(&subject.facts);

            let outcome = bench.apply_watched(subject, actions, &());

            assert!(outcome.is_err(), "{what}");
            scene.assert_untouched(&what);
        }
    }
}

/// Does something to the files at one point.
struct DoAt<F: Fn()>(Point, F);

impl<F: Fn()> Watch for DoAt<F> {
    fn reached(&self, point: Point) -> io::Result<()> {
        if point == self.0 {
            (self.1)();
        }
        Ok(())
    }
}

#[test]
fn a_file_that_changes_underneath_is_left_as_it_became() {
    for kind in KINDS {
        for point in [Point::Begun, Point::Worked, Point::Verified] {
            let what = format!("{kind:?} changed at {point:?}");
            let scene = Scene::of(kind);
            let bench = kind.bench(&BTreeMap::new());
            let subject = bench.subject(&scene.path);
            let actions = kind.actions(&subject.facts);
            let path = scene.path.clone();
            let change = move || fs::write(&path, "another film").unwrap();

            let outcome = bench.apply_watched(subject, actions, &DoAt(point, change));

            assert!(outcome.is_err(), "{what}");
            assert_eq!(all_names(scene.folder.path()), std::slice::from_ref(&scene.name), "{what}");
            assert_eq!(fs::read(&scene.path).unwrap(), b"another film", "{what}");
        }
    }
}

#[test]
fn a_file_that_appears_under_the_new_name_is_not_replaced() {
    for point in [Point::Begun, Point::Worked, Point::Verified, Point::Prepared] {
        let scene = Scene::of(Kind::Convert);
        let bench = Bench::new();
        let subject = bench.subject(&scene.path);
        let actions = Kind::Convert.actions(&subject.facts);
        let target = scene.path.with_extension("mkv");
        let (appear, appeared) = (target.clone(), target.clone());

        let outcome = bench.apply_watched(subject, actions, &DoAt(point, move || fs::write(&appear, "mine").unwrap()));

        assert!(matches!(outcome, Err(ApplyError::TargetExists { .. })), "{point:?}: {outcome:?}");
        assert_eq!(fs::read(appeared).unwrap(), b"mine");
        assert_eq!(all_names(scene.folder.path()), ["torture.mkv", "torture.mp4"]);
        assert!(fs::read(&scene.path).unwrap() == scene.original);
    }
}

#[test]
fn a_stale_file_is_refused_before_anything_runs() {
    let scene = Scene::of(Kind::Remux);
    let bench = Bench::new();
    let subject = bench.subject(&scene.path);
    let actions = Kind::Remux.actions(&subject.facts);
    let mut bytes = scene.original.clone();
    bytes[100] ^= 1;
    fs::write(&scene.path, &bytes).unwrap();
    fs::File::options()
        .write(true)
        .open(&scene.path)
        .unwrap()
        .set_modified(std::time::SystemTime::UNIX_EPOCH + Duration::new(1_600_000_000, 5))
        .unwrap();

    let outcome = bench.apply_watched(subject, actions, &());

    assert!(matches!(outcome, Err(ApplyError::Stale)), "{outcome:?}");
    assert_eq!(fs::read(&scene.path).unwrap(), bytes);
}

#[test]
fn a_hard_linked_file_is_skipped_or_broken_off_or_edited_under_all_its_names() {
    use vpo::settings::Hardlinks;
    for (manner, kind, other_changes) in [
        (Hardlinks::Skip, Kind::Edit, None),
        (Hardlinks::Break, Kind::Edit, Some(false)),
        (Hardlinks::Break, Kind::Remux, Some(false)),
        (Hardlinks::Allow, Kind::Edit, Some(true)),
        (Hardlinks::Allow, Kind::Remux, None),
    ] {
        let (scene, elsewhere) = (Scene::of(kind), tempfile::tempdir().unwrap());
        let other = elsewhere.path().join("other.mkv");
        fs::hard_link(&scene.path, &other).unwrap();
        let mut bench = Bench::new();
        bench.manner.hardlinks = manner;
        let actions = kind.actions(&bench.subject(&scene.path).facts);

        let outcome = bench.apply(&scene.path, actions);

        match other_changes {
            None => {
                assert!(outcome.unwrap_err().is_skip());
                scene.assert_untouched(&format!("{manner:?} {kind:?}"));
            }
            Some(changes) => {
                outcome.unwrap();
                assert_eq!(fs::read(&other).unwrap() != scene.original, changes, "{manner:?} {kind:?}");
                assert!(fs::read(&scene.path).unwrap() != scene.original, "{manner:?} {kind:?}");
            }
        }
    }
}
