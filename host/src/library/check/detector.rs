//! What a detector promises: one standing for each sighting, a decision once it has its evidence, and the same every time.

use std::sync::Arc;

use super::samples::Dice;
use super::{Finding, hint_for};
use crate::plugins::detector::{BATCH, Comparison, Evidence, FilesystemClass, Observation, Scan, Sighting, Standing};
use crate::plugins::{CallError, Detector, Node, Plugin, PluginError};

const ANSWERS: &str = "it gives one standing for each file, within its limits";
const DECIDES: &str = "it decides once it has seen the evidence it asked for";
const IS_DETERMINISTIC: &str = "it is deterministic, whatever else is in the batch";

/// Shows a full batch, the same batch to another instance, files of it alone, and evidence where it is asked for.
pub(super) fn findings(plugin: &Arc<Plugin>, options: &[Node]) -> Result<Vec<Finding>, PluginError> {
    let mut detector = plugin.detector(options.to_vec())?;
    let (mut failed, mut changed, mut undecided) = (None, None, None);
    let scans = scans();
    for (place, scan) in scans.iter().enumerate() {
        let sightings = sightings(place as u32);
        let standings = match decided(&mut detector, scan, &sightings) {
            Ok(standings) => standings,
            Err(error) => {
                failed.get_or_insert((error.to_string(), hint_for(&error.fault)));
                break;
            }
        };
        if changed.is_none() {
            changed = differs(plugin, options, scan, &sightings, &standings)?;
        }
        for (sighting, standing) in sightings.iter().zip(&standings).take(64) {
            if never_decides(&mut detector, scan, sighting, standing) {
                undecided.get_or_insert(format!("file {} after the sample and the whole hash", sighting.file));
            }
        }
    }
    let seen = format!("{} batches of {BATCH}", scans.len());
    let (failed, hint) = failed.map_or((None, ""), |(what, hint)| (Some(what), hint));
    Ok(vec![
        Finding::unless(failed, ANSWERS, &seen, hint),
        Finding::unless(undecided, DECIDES, &seen, "answer `changed` when the evidence does not settle it"),
        Finding::unless(
            changed,
            IS_DETERMINISTIC,
            &seen,
            "keep nothing between calls, and judge each file by itself: batches are cut anywhere",
        ),
    ])
}

/// A scan and a full batch of it.
pub(super) fn sample() -> (Scan, Vec<Sighting>) {
    (scans().remove(0), sightings(0))
}

/// The standings of a batch, or the first call that failed.
fn decided(detector: &mut Detector, scan: &Scan, sightings: &[Sighting]) -> Result<Vec<Standing>, CallError> {
    detector.detect(scan, sightings).into_iter().collect()
}

/// Where another instance, or a file by itself, is judged in another way.
fn differs(
    plugin: &Arc<Plugin>,
    options: &[Node],
    scan: &Scan,
    sightings: &[Sighting],
    standings: &[Standing],
) -> Result<Option<String>, PluginError> {
    let mut other = plugin.detector(options.to_vec())?;
    let words = |standing: &Standing| format!("{standing:?}");
    for (sighting, standing) in sightings.iter().zip(standings).step_by(97) {
        let alone = decided(&mut other, scan, std::slice::from_ref(sighting)).map_err(PluginError::Call)?;
        if alone.first().map(words) != Some(words(standing)) {
            return Ok(Some(format!("file {} alone is {:?}, in a batch {standing:?}", sighting.file, alone.first())));
        }
    }
    let again = decided(&mut other, scan, sightings).map_err(PluginError::Call)?;
    Ok((!again.iter().map(words).eq(standings.iter().map(words)))
        .then(|| "another instance judged the batch in another way".to_owned()))
}

/// Whether a file stays undecided with every evidence there is.
fn never_decides(detector: &mut Detector, scan: &Scan, sighting: &Sighting, standing: &Standing) -> bool {
    let mut sighting = sighting.clone();
    let mut standing = standing.clone();
    let hash = || Some(Comparison { recorded: Some(vec![7; 32]), now: vec![7; 32] });
    for _ in 0..2 {
        match standing {
            Standing::Undecided(Evidence::Sample) => sighting.sample = hash(),
            Standing::Undecided(Evidence::Full) => sighting.full = hash(),
            _ => return false,
        }
        match decided(detector, scan, std::slice::from_ref(&sighting)) {
            Ok(mut standings) => standing = standings.remove(0),
            Err(_) => return false,
        }
    }
    matches!(standing, Standing::Undecided(_))
}

/// Scans on every class of filesystem, and one that verifies.
fn scans() -> Vec<Scan> {
    let scan = |filesystem, granularity_ns, trust: bool, verify_hash| Scan {
        started_ns: 1_700_000_000_000_000_000,
        filesystem,
        granularity_ns,
        trust_inode: trust,
        trust_ctime: trust,
        verify_hash,
        extra: Vec::new(),
    };
    vec![
        scan(FilesystemClass::Local, 1, true, false),
        scan(FilesystemClass::Fat, 2_000_000_000, false, false),
        scan(FilesystemClass::Fuse, 1_000_000_000, false, false),
        scan(FilesystemClass::Network, 1, false, false),
        scan(FilesystemClass::Local, 1, true, true),
    ]
}

/// Files in every relation to what is recorded: the same, grown, moved in time by nanoseconds and by an hour, new.
fn sightings(seed: u32) -> Vec<Sighting> {
    let mut dice = Dice::new(seed);
    let times = [0_i64, 0, 0, 1, 100, 1_000_000_000, 3_600_000_000_000, -3_600_000_000_000, i64::MIN / 4];
    (0..BATCH as u64)
        .map(|file| {
            let recorded = Observation {
                size: u64::from(dice.roll(u32::MAX)),
                mtime_ns: 1_600_000_000_000_000_000 + i64::from(dice.roll(1_000_000)),
                ctime_ns: 1_600_000_000_000_000_000,
                inode: u64::from(dice.roll(u32::MAX)),
                links: 1 + dice.roll(2),
            };
            let now = Observation {
                size: recorded.size + u64::from(dice.roll(3) / 2),
                mtime_ns: recorded.mtime_ns + times[dice.roll(times.len() as u32) as usize],
                ctime_ns: recorded.ctime_ns + i64::from(dice.roll(2)),
                inode: recorded.inode + u64::from(dice.roll(4) / 3),
                links: recorded.links,
            };
            Sighting {
                file,
                now,
                recorded: (dice.roll(10) > 0).then_some(recorded),
                recorded_at_ns: 1_690_000_000_000_000_000,
                reader_is_current: dice.roll(10) > 0,
                sample: None,
                full: None,
            }
        })
        .collect()
}
