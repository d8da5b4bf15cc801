//! The detector `content`: only the bytes decide.
//!
//! For libraries whose times and inodes cannot be believed: every file is hashed at every scan, by a sample or in full.

use vpo_plugin_sdk::about::{Description, OptionSpec, ValueKind, ValueSpec};
use vpo_plugin_sdk::detector::{Evidence, Guest, Manifest, Scan, Sighting, Standing};
use vpo_plugin_sdk::types::{Node, Problem, Value};

/// The plugin.
pub struct Content;

impl Manifest for Content {
    fn describe() -> Description {
        Description {
            name: "content".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: "A file has changed when its bytes have, whatever its times say.".into(),
            licence: env!("CARGO_PKG_LICENSE").into(),
            options: vec![OptionSpec {
                name: "compare".into(),
                parent: None,
                children_of: None,
                required: false,
                repeats: false,
                arguments: vec![ValueSpec {
                    name: "bytes".into(),
                    kind: ValueKind::Text,
                    choices: vec!["sample".into(), "full".into()],
                    required: true,
                    repeats: false,
                    default: Some(Value::Text("sample".into())),
                    summary: "the size and 64 KiB each of beginning, middle and end; or every byte".into(),
                }],
                properties: vec![],
                summary: "How much of every file is read at every scan.".into(),
            }],
        }
    }

    fn check(_options: Vec<Node>) -> Vec<Problem> {
        vec![]
    }
}

impl Guest for Content {
    fn detect(options: Vec<Node>, scan: Scan, batch: Vec<Sighting>) -> Vec<Standing> {
        let evidence = if scan.verify_hash { Evidence::Full } else { evidence_of(&options) };
        batch.iter().map(|sighting| standing(evidence, sighting)).collect()
    }
}

fn evidence_of(options: &[Node]) -> Evidence {
    let chosen = options.iter().find(|node| node.name == "compare").and_then(|node| node.arguments.first());
    match chosen {
        Some(Value::Text(bytes)) if bytes == "full" => Evidence::Full,
        _ => Evidence::Sample,
    }
}

/// Says what a sighting means, by this evidence alone.
pub fn standing(evidence: Evidence, sighting: &Sighting) -> Standing {
    let (now, Some(recorded)) = (&sighting.now, &sighting.recorded) else {
        return Standing::New;
    };
    if !sighting.reader_is_current {
        return Standing::Changed("read by another reader".into());
    }
    if now.size != recorded.size {
        return Standing::Changed("size differs".into());
    }
    let comparison = match evidence {
        Evidence::Sample => &sighting.sample,
        Evidence::Full => &sighting.full,
    };
    match comparison {
        None => Standing::Undecided(evidence),
        Some(hashes) if hashes.recorded.as_ref() == Some(&hashes.now) && now == recorded => Standing::Same,
        Some(hashes) if hashes.recorded.as_ref() == Some(&hashes.now) => Standing::Touched,
        Some(hashes) if hashes.recorded.is_none() => Standing::Changed("no hash is recorded".into()),
        Some(_) if now == recorded => Standing::Damaged,
        Some(_) => Standing::Changed("contents differ".into()),
    }
}

#[cfg(target_family = "wasm")]
vpo_plugin_sdk::export_detector!(Content);

#[cfg(test)]
mod tests {
    use super::*;
    use vpo_plugin_sdk::detector::{Comparison, Observation};
    use vpo_plugin_sdk::types::Node;

    fn seen(change: impl FnOnce(&mut Sighting)) -> Sighting {
        let observation = Observation { size: 700, mtime_ns: 50, ctime_ns: 60, inode: 17, links: 1 };
        let mut sighting = Sighting {
            file: 1,
            now: observation,
            recorded: Some(observation),
            recorded_at_ns: 100,
            reader_is_current: true,
            sample: None,
            full: None,
        };
        change(&mut sighting);
        sighting
    }

    fn hashes(recorded: Option<u8>, now: u8) -> Option<Comparison> {
        Some(Comparison { recorded: recorded.map(|byte| vec![byte; 32]), now: vec![now; 32] })
    }

    #[test]
    fn only_the_bytes_decide() {
        let table = [
            ("never read", seen(|s| s.recorded = None), Standing::New),
            ("as it was", seen(|_| ()), Standing::Undecided(Evidence::Sample)),
            ("newer", seen(|s| s.now.mtime_ns += 1), Standing::Undecided(Evidence::Sample)),
            ("grown", seen(|s| s.now.size += 1), Standing::Changed("size differs".into())),
            (
                "an older reader",
                seen(|s| s.reader_is_current = false),
                Standing::Changed("read by another reader".into()),
            ),
            ("equal", seen(|s| s.sample = hashes(Some(1), 1)), Standing::Same),
            ("newer, equal", seen(|s| (s.now.mtime_ns, s.sample) = (51, hashes(Some(1), 1))), Standing::Touched),
            (
                "newer, other bytes",
                seen(|s| (s.now.mtime_ns, s.sample) = (51, hashes(Some(1), 2))),
                Standing::Changed("contents differ".into()),
            ),
            ("other bytes at the same time", seen(|s| s.sample = hashes(Some(1), 2)), Standing::Damaged),
            ("no hash yet", seen(|s| s.sample = hashes(None, 2)), Standing::Changed("no hash is recorded".into())),
        ];

        for (what, sighting, expected) in table {
            assert_eq!(standing(Evidence::Sample, &sighting), expected, "{what}");
        }
    }

    #[test]
    fn a_sample_does_not_answer_for_every_byte() {
        let sampled = seen(|s| s.sample = hashes(Some(1), 1));

        assert_eq!(standing(Evidence::Full, &sampled), Standing::Undecided(Evidence::Full));
    }

    #[test]
    fn the_option_chooses_the_evidence() {
        let compare = |bytes: &str| {
            [Node {
                name: "compare".into(),
                parent: None,
                arguments: vec![Value::Text(bytes.into())],
                properties: vec![],
            }]
        };

        assert_eq!(evidence_of(&compare("full")), Evidence::Full);
        assert_eq!(evidence_of(&compare("sample")), Evidence::Sample);
        assert_eq!(evidence_of(&[]), Evidence::Sample);
    }
}
