//! What a case says of a file that a detector meets.

use super::set;
use crate::kdl_read::{Mistakes, Node};
use crate::plugins::detector::{Evidence, FilesystemClass, Observation, Scan};

/// The words that a case for a detector is made of.
pub(super) const WORDS: [&str; 5] = ["scan", "now", "recorded", "sample", "full"];

/// When the files of detectors' cases are seen; their times count in seconds from an hour before.
const STARTED_NS: i64 = 1_700_000_000_000_000_000;

/// A file as a detector meets it.
pub struct Sighted {
    pub scan: Scan,
    pub now: Observation,
    pub recorded: Option<Observation>,
    pub reader_is_current: bool,
    /// Whether the hash that may be asked for equals the recorded one.
    pub sample: Option<bool>,
    pub full: Option<bool>,
}

impl Sighted {
    /// A file as it was an hour before the scan, of which nothing is recorded.
    pub(super) fn plain() -> Self {
        Self {
            scan: Scan {
                started_ns: STARTED_NS,
                filesystem: FilesystemClass::Local,
                granularity_ns: 10_000_000,
                trust_inode: true,
                trust_ctime: true,
                verify_hash: false,
                extra: Vec::new(),
            },
            now: PLAIN,
            recorded: None,
            reader_is_current: true,
            sample: None,
            full: None,
        }
    }

    /// Reads one of [`WORDS`].
    pub(super) fn take(&mut self, node: Node<'_>, mistakes: &mut Mistakes) {
        match node.name() {
            "scan" => self.scan(node, mistakes),
            "now" => self.now = observation(node, &mut self.reader_is_current, mistakes),
            "recorded" => self.recorded = Some(observation(node, &mut self.reader_is_current, mistakes)),
            "sample" => self.sample = equality(node, mistakes),
            _ => self.full = equality(node, mistakes),
        }
    }

    /// Whether the evidence that a detector asks for can be shown, and says "equal".
    pub fn evidence(&self, asked: Evidence) -> Option<bool> {
        match asked {
            Evidence::Sample => self.sample,
            Evidence::Full => self.full,
        }
    }

    fn scan(&mut self, node: Node<'_>, mistakes: &mut Mistakes) {
        for (name, item) in node.properties() {
            let scan = &mut self.scan;
            match name {
                "filesystem" => {
                    let written: Option<String> = item.read(node.base(), mistakes);
                    match written.as_deref() {
                        Some("local") | None => {}
                        Some("fat") => scan.filesystem = FilesystemClass::Fat,
                        Some("fuse") => scan.filesystem = FilesystemClass::Fuse,
                        Some("network") => scan.filesystem = FilesystemClass::Network,
                        Some(other) => {
                            mistakes.unknown(&item.place, "filesystem", other, ["local", "fat", "fuse", "network"]);
                        }
                    }
                }
                "verify-hash" => set(&mut scan.verify_hash, &item, node, mistakes),
                "trust-inode" => set(&mut scan.trust_inode, &item, node, mistakes),
                "trust-ctime" => set(&mut scan.trust_ctime, &item, node, mistakes),
                other => mistakes.unknown(
                    &item.place,
                    "property",
                    other,
                    ["filesystem", "verify-hash", "trust-inode", "trust-ctime"],
                ),
            }
        }
    }
}

const PLAIN: Observation =
    Observation { size: 700, mtime_ns: STARTED_NS - HOUR_NS, ctime_ns: STARTED_NS - HOUR_NS, inode: 17, links: 1 };

const HOUR_NS: i64 = 3_600_000_000_000;

fn observation(node: Node<'_>, is_current: &mut bool, mistakes: &mut Mistakes) -> Observation {
    let mut seen = PLAIN;
    for (name, item) in node.properties() {
        let mut time = |into: &mut i64| {
            let mut seconds: i64 = 0;
            set(&mut seconds, &item, node, mistakes);
            *into = PLAIN.mtime_ns.saturating_add(seconds.saturating_mul(1_000_000_000));
        };
        match name {
            "mtime" => time(&mut seen.mtime_ns),
            "ctime" => time(&mut seen.ctime_ns),
            "size" => set(&mut seen.size, &item, node, mistakes),
            "inode" => set(&mut seen.inode, &item, node, mistakes),
            "links" => set(&mut seen.links, &item, node, mistakes),
            "reader-is-current" => set(is_current, &item, node, mistakes),
            other => mistakes.unknown(
                &item.place,
                "property",
                other,
                ["size", "mtime", "ctime", "inode", "links", "reader-is-current"],
            ),
        }
    }
    seen
}

/// `"equal"` or `"different"`.
fn equality(node: Node<'_>, mistakes: &mut Mistakes) -> Option<bool> {
    let (written, place) = node.only::<String>(mistakes)?;
    match written.as_str() {
        "equal" => Some(true),
        "different" => Some(false),
        other => {
            mistakes.unknown(&place, "comparison", other, ["equal", "different"]);
            None
        }
    }
}
