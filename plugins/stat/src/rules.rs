//! What one sighting means. Nothing here allocates for a file that is as it was.

use vpo_plugin_sdk::detector::{Comparison, Evidence, FilesystemClass, Observation, Scan, Sighting, Standing};

const SECOND: u64 = 1_000_000_000;
const HOUR: u64 = 3_600 * SECOND;

const SUSPECT: Standing = Standing::Undecided(Evidence::Sample);

/// What holds for every file of a scan.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Modification times closer together than this are equal; zero means to the nanosecond.
    window_ns: u64,
    granularity_ns: u64,
    trust_ctime: bool,
    trust_inode: bool,
    /// Such a filesystem may keep local time, so that summer time shifts what it says by an hour.
    may_keep_local_time: bool,
    verify_hash: bool,
}

impl Rules {
    /// Takes the window that the filesystem needs, unless the user chose one.
    pub fn of(scan: &Scan, window_ns: Option<u64>) -> Self {
        let needed = match scan.filesystem {
            FilesystemClass::Fat => 2 * SECOND,
            FilesystemClass::Fuse => SECOND,
            FilesystemClass::Local | FilesystemClass::Network => 0,
        };
        Self {
            window_ns: window_ns.unwrap_or(needed),
            granularity_ns: scan.granularity_ns,
            trust_ctime: scan.trust_ctime,
            trust_inode: scan.trust_inode,
            // FAT and SMB do; what is behind FUSE may be either.
            may_keep_local_time: !matches!(scan.filesystem, FilesystemClass::Local),
            verify_hash: scan.verify_hash,
        }
    }

    fn same_time(&self, one: i64, other: i64) -> bool {
        one == other || one.abs_diff(other) < self.window_ns
    }

    fn shifted_by_an_hour(&self, one: i64, other: i64) -> bool {
        let off = one.abs_diff(other).abs_diff(HOUR);
        self.may_keep_local_time && (off == 0 || off < self.window_ns)
    }

    /// Whether something beside size and modification time differs.
    fn shaken(&self, now: &Observation, recorded: &Observation) -> bool {
        now.links != recorded.links
            || (self.trust_ctime && now.ctime_ns != recorded.ctime_ns)
            || (self.trust_inode && now.inode != recorded.inode)
    }

    /// Whether a write right after the recorded observation could have left the same times.
    fn racy(&self, recorded: &Observation, recorded_at_ns: i64) -> bool {
        let near = |time: i64| time.abs_diff(recorded_at_ns) <= self.granularity_ns;
        // People set modification times in the future; what the system keeps itself cannot be set.
        let latest = if self.trust_ctime { recorded.ctime_ns } else { recorded.mtime_ns };
        near(recorded.mtime_ns) || near(latest) || latest > recorded_at_ns
    }
}

/// Says what a sighting means against what is recorded.
pub fn standing(rules: &Rules, sighting: &Sighting) -> Standing {
    let now = &sighting.now;
    let Some(recorded) = &sighting.recorded else {
        return Standing::New;
    };
    if !sighting.reader_is_current {
        return Standing::Changed("read by another reader".into());
    }
    if now.size != recorded.size {
        return Standing::Changed("size differs".into());
    }
    let same_time = rules.same_time(now.mtime_ns, recorded.mtime_ns);
    if !same_time && !rules.shifted_by_an_hour(now.mtime_ns, recorded.mtime_ns) {
        return Standing::Changed("modification time differs".into());
    }

    let as_recorded = same_time && !rules.shaken(now, recorded);
    if rules.verify_hash {
        let comparison = match (&sighting.full, &sighting.sample) {
            (None, _) => return Standing::Undecided(Evidence::Full),
            (Some(full), _) if full.recorded.is_some() => full,
            // Never hashed in full: the sample that was taken when the file was read has to do.
            (Some(_), None) => return SUSPECT,
            (Some(_), Some(sample)) => sample,
        };
        return match equal(comparison) {
            true if as_recorded => Standing::Same,
            true => Standing::Touched,
            // Whoever writes to a file moves its modification time; a failing disk does not.
            false if same_time => Standing::Damaged,
            false => Standing::Changed("contents differ".into()),
        };
    }
    if as_recorded && !rules.racy(recorded, sighting.recorded_at_ns) {
        return Standing::Same;
    }
    match &sighting.sample {
        None => SUSPECT,
        Some(sample) if equal(sample) => Standing::Touched,
        Some(_) => Standing::Changed("contents differ".into()),
    }
}

/// A hash that was never recorded equals nothing.
fn equal(comparison: &Comparison) -> bool {
    comparison.recorded.as_ref() == Some(&comparison.now)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When the files of these tests were recorded.
    const RECORDED_AT: i64 = 1_000 * HOUR as i64;

    fn scan(filesystem: FilesystemClass) -> Scan {
        let local = matches!(filesystem, FilesystemClass::Local);
        Scan {
            started_ns: RECORDED_AT + HOUR as i64,
            filesystem,
            granularity_ns: 10_000_000,
            trust_inode: local,
            trust_ctime: local,
            verify_hash: false,
            extra: vec![],
        }
    }

    fn local() -> Rules {
        Rules::of(&scan(FilesystemClass::Local), None)
    }

    fn verifying() -> Rules {
        Rules::of(&Scan { verify_hash: true, ..scan(FilesystemClass::Local) }, None)
    }

    fn observation() -> Observation {
        let long_ago = RECORDED_AT - 10 * HOUR as i64;
        Observation { size: 700, mtime_ns: long_ago, ctime_ns: long_ago + 5, inode: 17, links: 1 }
    }

    /// A file that was recorded as [`observation`] and is seen now with this difference.
    fn seen(change: impl FnOnce(&mut Observation)) -> Sighting {
        let mut now = observation();
        change(&mut now);
        Sighting {
            file: 1,
            now,
            recorded: Some(observation()),
            recorded_at_ns: RECORDED_AT,
            reader_is_current: true,
            sample: None,
            full: None,
        }
    }

    /// The same file, recorded and seen with this observation.
    fn unchanged(change: impl Fn(&mut Observation)) -> Sighting {
        let mut sighting = seen(&change);
        sighting.recorded = Some(sighting.now);
        sighting
    }

    fn hashes(recorded: Option<u8>, now: u8) -> Option<Comparison> {
        Some(Comparison { recorded: recorded.map(|byte| vec![byte; 32]), now: vec![now; 32] })
    }

    fn changed(why: &str) -> Standing {
        Standing::Changed(why.into())
    }

    const FULL: Standing = Standing::Undecided(Evidence::Full);

    #[test]
    fn observations_decide_where_they_can() {
        let time = || changed("modification time differs");
        let table: Vec<(&str, Sighting, Standing)> = vec![
            ("never read", Sighting { recorded: None, ..seen(|_| ()) }, Standing::New),
            ("as it was", seen(|_| ()), Standing::Same),
            (
                "an older reader",
                Sighting { reader_is_current: false, ..seen(|_| ()) },
                changed("read by another reader"),
            ),
            ("grown", seen(|now| now.size += 1), changed("size differs")),
            ("shrunk", seen(|now| now.size -= 1), changed("size differs")),
            ("newer", seen(|now| now.mtime_ns += SECOND as i64), time()),
            ("older", seen(|now| now.mtime_ns -= SECOND as i64), time()),
            ("newer by 100 ns", seen(|now| now.mtime_ns += 100), time()),
            ("an hour off where times are universal", seen(|now| now.mtime_ns += HOUR as i64), time()),
            ("ctime only", seen(|now| now.ctime_ns += 1), SUSPECT),
            ("inode only", seen(|now| now.inode += 1), SUSPECT),
            ("one link more", seen(|now| now.links += 1), SUSPECT),
        ];

        for (what, sighting, expected) in table {
            assert_eq!(standing(&local(), &sighting), expected, "{what}");
        }
    }

    #[test]
    fn the_sample_settles_what_is_suspect() {
        let suspect = |sample| Sighting { sample, ..seen(|now| now.ctime_ns += 1) };

        assert_eq!(standing(&local(), &suspect(hashes(Some(1), 1))), Standing::Touched);
        assert_eq!(standing(&local(), &suspect(hashes(Some(1), 2))), changed("contents differ"));
        assert_eq!(standing(&local(), &suspect(hashes(None, 2))), changed("contents differ"));
    }

    #[test]
    fn a_file_written_when_it_was_recorded_is_suspect() {
        let table = [
            ("mtime just before", unchanged(|o| o.mtime_ns = RECORDED_AT - 10_000_000), SUSPECT),
            ("mtime well before", unchanged(|o| o.mtime_ns = RECORDED_AT - 10_000_001), Standing::Same),
            ("ctime just before", unchanged(|o| o.ctime_ns = RECORDED_AT - 1), SUSPECT),
            ("ctime later, the clock was set", unchanged(|o| o.ctime_ns = RECORDED_AT + HOUR as i64), SUSPECT),
            ("mtime set into the future", unchanged(|o| o.mtime_ns = RECORDED_AT + HOUR as i64), Standing::Same),
        ];

        for (what, sighting, expected) in table {
            assert_eq!(standing(&local(), &sighting), expected, "{what}");
        }
    }

    #[test]
    fn coarse_filesystems_have_a_window() {
        let fat = Rules::of(&scan(FilesystemClass::Fat), None);
        let fuse = Rules::of(&scan(FilesystemClass::Fuse), None);
        let later = |ns: u64| seen(|now| now.mtime_ns += ns as i64);
        let time = || changed("modification time differs");

        assert_eq!(standing(&fat, &later(2 * SECOND - 1)), Standing::Same);
        assert_eq!(standing(&fat, &later(2 * SECOND)), time());
        assert_eq!(standing(&fuse, &later(SECOND - 1)), Standing::Same);
        assert_eq!(standing(&fuse, &later(SECOND)), time());
        let chosen = Rules::of(&scan(FilesystemClass::Network), Some(3 * SECOND));
        assert_eq!(standing(&chosen, &later(3 * SECOND - 1)), Standing::Same);
        let exact = Rules::of(&scan(FilesystemClass::Fat), Some(0));
        assert_eq!(standing(&exact, &later(1)), time());
    }

    #[test]
    fn an_hour_off_is_suspect_where_local_time_may_be_kept() {
        for class in [FilesystemClass::Fat, FilesystemClass::Network, FilesystemClass::Fuse] {
            let rules = Rules::of(&scan(class), None);

            assert_eq!(standing(&rules, &seen(|now| now.mtime_ns += HOUR as i64)), SUSPECT);
            assert_eq!(standing(&rules, &seen(|now| now.mtime_ns -= HOUR as i64)), SUSPECT);
        }
        let network = Rules::of(&scan(FilesystemClass::Network), None);
        let barely_not = seen(|now| now.mtime_ns += HOUR as i64 + 1);
        assert_eq!(standing(&network, &barely_not), changed("modification time differs"));
    }

    #[test]
    fn what_a_filesystem_makes_up_is_not_compared() {
        let rules = Rules::of(&scan(FilesystemClass::Network), None);
        let made_up = seen(|now| (now.inode, now.ctime_ns) = (99, 99));

        assert_eq!(standing(&rules, &made_up), Standing::Same);
    }

    #[test]
    fn verifying_compares_every_byte() {
        let rules = verifying();
        let with = |sighting: Sighting, full| Sighting { full, ..sighting };
        let sampled = |sighting: Sighting, now| Sighting { sample: hashes(Some(1), now), ..sighting };
        let table = [
            ("not hashed yet", seen(|_| ()), FULL),
            ("grown: is read anyway", seen(|now| now.size += 1), changed("size differs")),
            ("equal", with(seen(|_| ()), hashes(Some(1), 1)), Standing::Same),
            ("equal, chmod since", with(seen(|now| now.ctime_ns += 1), hashes(Some(1), 1)), Standing::Touched),
            ("never hashed in full", with(seen(|_| ()), hashes(None, 1)), SUSPECT),
            ("its sample is equal", sampled(with(seen(|_| ()), hashes(None, 1)), 1), Standing::Same),
            ("its sample is not", sampled(with(seen(|_| ()), hashes(None, 1)), 2), Standing::Damaged),
            ("other bytes", with(seen(|_| ()), hashes(Some(1), 2)), Standing::Damaged),
            ("other bytes, times put back", with(seen(|now| now.ctime_ns += 1), hashes(Some(1), 2)), Standing::Damaged),
        ];

        for (what, sighting, expected) in table {
            assert_eq!(standing(&rules, &sighting), expected, "{what}");
        }
    }
}
