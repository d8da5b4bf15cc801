//! The detector `stat`: size, times and inode decide; contents are looked at only when they cannot.
//!
//! [`rules`] holds the decision for one file; this page says what the plugin is called and what options it takes.

mod rules;

use vpo_plugin_sdk::about::{Description, OptionSpec, ValueKind, ValueSpec};
use vpo_plugin_sdk::detector::{Guest, Manifest, Scan, Sighting, Standing};
use vpo_plugin_sdk::types::{Node, Problem, Value};

pub use rules::{Rules, standing};

/// The longest window that makes sense: a change within it may go unseen.
const LONGEST_WINDOW_SECONDS: u32 = 60;

/// The plugin.
pub struct Stat;

impl Manifest for Stat {
    fn describe() -> Description {
        Description {
            name: "stat".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: "A file has changed when its size, times or inode have.".into(),
            licence: env!("CARGO_PKG_LICENSE").into(),
            options: vec![OptionSpec {
                name: "window".into(),
                parent: None,
                children_of: None,
                required: false,
                repeats: false,
                arguments: vec![],
                properties: vec![ValueSpec {
                    name: "seconds".into(),
                    kind: ValueKind::Decimal,
                    choices: vec![],
                    required: true,
                    repeats: false,
                    default: None,
                    summary: "modification times closer together than this count as equal".into(),
                }],
                summary: "For filesystems that keep times coarsely; without it 2 s on FAT, 1 s on FUSE, else exact."
                    .into(),
            }],
        }
    }

    fn check(options: Vec<Node>) -> Vec<Problem> {
        window_of(&options)
            .filter(|(_, seconds)| !(0.0..=f64::from(LONGEST_WINDOW_SECONDS)).contains(seconds))
            .map(|(node, _)| Problem {
                node: Some(node),
                message: format!("the window must be from 0 to {LONGEST_WINDOW_SECONDS} seconds"),
            })
            .into_iter()
            .collect()
    }
}

impl Guest for Stat {
    fn detect(options: Vec<Node>, scan: Scan, batch: Vec<Sighting>) -> Vec<Standing> {
        let rules = Rules::of(&scan, window_of(&options).map(|(_, seconds)| (seconds * 1e9) as u64));
        batch.iter().map(|sighting| standing(&rules, sighting)).collect()
    }
}

/// Returns the window in seconds that the user chose, with the index of its node.
fn window_of(options: &[Node]) -> Option<(u32, f64)> {
    let (index, node) = options.iter().enumerate().find(|(_, node)| node.name == "window")?;
    let seconds = match node.properties.iter().find(|entry| entry.name == "seconds")?.value {
        Value::Integer(whole) => whole as f64,
        Value::Decimal(seconds) => seconds,
        _ => return None,
    };
    Some((index as u32, seconds))
}

#[cfg(target_family = "wasm")]
vpo_plugin_sdk::export_detector!(Stat);

#[cfg(test)]
mod tests {
    use super::*;
    use vpo_plugin_sdk::types::Entry;

    fn window(value: Value) -> Vec<Node> {
        vec![Node {
            name: "window".into(),
            parent: None,
            arguments: vec![],
            properties: vec![Entry { name: "seconds".into(), value }],
        }]
    }

    #[test]
    fn a_window_is_whole_or_decimal_seconds() {
        assert_eq!(window_of(&window(Value::Integer(2))), Some((0, 2.0)));
        assert_eq!(window_of(&window(Value::Decimal(0.5))), Some((0, 0.5)));
        assert_eq!(window_of(&[]), None);
    }

    #[test]
    fn a_window_that_would_hide_changes_is_a_problem() {
        assert_eq!(Stat::check(window(Value::Integer(60))), []);
        assert_eq!(Stat::check(window(Value::Integer(61)))[0].node, Some(0));
        assert_eq!(Stat::check(window(Value::Decimal(-0.1))).len(), 1);
        assert_eq!(Stat::check(window(Value::Decimal(f64::NAN))).len(), 1);
    }
}
