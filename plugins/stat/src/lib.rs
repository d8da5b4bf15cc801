//! The detector `stat`: size, times and inode decide; contents are looked at only when they cannot.
//!
//! [`rules`] holds the decision for one file; this page says what the plugin is called and what options it takes.

mod rules;

use vpo_plugin_sdk::detector::{Scan, Sighting, Standing};
use vpo_plugin_sdk::options::Options;
use vpo_plugin_sdk::types::Problem;
use vpo_plugin_sdk::{Detector, Plugin, detector_plugin};

pub use rules::{Rules, standing};

/// A change within a longer window would go unseen too often.
const LONGEST_WINDOW_SECONDS: u32 = 60;

/// The plugin.
pub struct Stat;

/// What a profile may say in the block of this plugin.
#[derive(Options)]
pub struct StatOptions {
    /// For filesystems that keep times coarsely; without it 2 s on FAT, 1 s on FUSE, else exact.
    #[child]
    window: Option<Window>,
}

/// `window seconds=2`
#[derive(Options)]
struct Window {
    /// Modification times closer together than this count as equal.
    #[property]
    seconds: f64,
    #[node]
    node: Option<u32>,
}

impl Plugin for Stat {
    const NAME: &str = "stat";
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &str = "A file has changed when its size, times or inode have.";
    type Options = StatOptions;

    fn check(options: &StatOptions) -> Vec<Problem> {
        options
            .window
            .iter()
            .filter(|window| !(0.0..=f64::from(LONGEST_WINDOW_SECONDS)).contains(&window.seconds))
            .map(|window| Problem {
                node: window.node,
                message: format!("the window must be from 0 to {LONGEST_WINDOW_SECONDS} seconds"),
            })
            .collect()
    }
}

impl Detector for Stat {
    fn detect(options: &StatOptions, scan: &Scan, batch: &[Sighting]) -> Vec<Standing> {
        let window_ns = options.window.as_ref().map(|window| (window.seconds * 1e9) as u64);
        let rules = Rules::of(scan, window_ns);
        batch.iter().map(|sighting| standing(&rules, sighting)).collect()
    }
}

detector_plugin!(Stat);

#[cfg(test)]
mod tests {
    use super::*;
    use vpo_plugin_sdk::plugin;
    use vpo_plugin_sdk::types::{Entry, Node, Value};

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
        assert_eq!(plugin::check::<Stat>(&window(Value::Integer(60))), []);
        assert_eq!(plugin::check::<Stat>(&window(Value::Decimal(0.5))), []);
        assert_eq!(plugin::check::<Stat>(&[]), []);
    }

    #[test]
    fn a_window_that_would_hide_changes_is_a_problem() {
        for seconds in [Value::Integer(61), Value::Decimal(-0.1), Value::Decimal(f64::NAN)] {
            let problems = plugin::check::<Stat>(&window(seconds));

            assert_eq!(problems.len(), 1);
            assert_eq!(problems[0].node, Some(0));
        }
    }
}
