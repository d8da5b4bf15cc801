//! The programs at hand, and the ones that a profile lets an introspector run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Choice, Library};
use crate::disk::path_text;
use crate::jobs::Cancellation;
use crate::plugins::{Limits, Node, ToolFailure, ToolGrant, ToolOutput};
use crate::profile::{PluginUse, Profile};
use crate::scan::ReaderChoice;
use crate::settings::{self, Settings};
use crate::tools::{self, End, RunError, Tool, ToolError, Tools, Version};

impl Library {
    /// Finds the external programs: where the settings say, else where the search path leads.
    pub fn tools(&self, settings: &Settings) -> Tools {
        let wanted = &settings.tools;
        let named = [
            (Tool::Mkvpropedit, &wanted.mkvpropedit, &wanted.mkvpropedit_minimum),
            (Tool::Mkvmerge, &wanted.mkvmerge, &wanted.mkvmerge_minimum),
            (Tool::Mkvextract, &wanted.mkvextract, &wanted.mkvextract_minimum),
            (Tool::Ffmpeg, &wanted.ffmpeg, &wanted.ffmpeg_minimum),
            (Tool::Ffprobe, &wanted.ffprobe, &wanted.ffprobe_minimum),
        ];
        let paths: BTreeMap<Tool, PathBuf> =
            named.iter().filter_map(|(tool, path, _)| Some((*tool, path.value.clone()?))).collect();
        let tools = Tools::find(&paths, self.places().search_path.as_deref());
        named.iter().fold(tools, |tools, (tool, _, minimum)| tools.at_least(*tool, version(minimum)))
    }

    /// Holds plugins to the limits of the settings.
    pub(super) fn limit_plugins(&self, settings: &Settings) {
        let limits = &settings.limits;
        self.plugins().set_limits(Limits {
            memory: usize::try_from(limits.memory.value.0).unwrap_or(usize::MAX),
            detect_time: limits.detect_time.value,
            read_time: limits.read_time.value,
            evaluate_time: limits.evaluate_time.value,
            read_calls: u32::try_from(limits.read_calls.value).unwrap_or(u32::MAX),
            read_bytes: limits.read_bytes.value.0,
            ..Limits::default()
        });
    }

    /// The introspectors of a profile, each with its options and the programs that it may run, which are some of `tools`.
    pub fn reader_choices(&self, choice: &Choice, tools: &Arc<Tools>) -> Vec<ReaderChoice> {
        self.reader_choices_until(choice, tools, &Cancellation::new())
    }

    /// The same; a program that runs when the work is no longer wanted is ended.
    pub(super) fn reader_choices_until(
        &self,
        choice: &Choice,
        tools: &Arc<Tools>,
        cancel: &Cancellation,
    ) -> Vec<ReaderChoice> {
        let timeout = choice.settings.limits.tool_time.value;
        let introspectors = choice.profile.introspect.iter();
        introspectors.map(|used| reader_choice(used, &choice.profile, tools, timeout, cancel)).collect()
    }
}

/// Tools are compared by their first two numbers.
fn version(settings: &settings::Version) -> Version {
    let number = |index: usize| settings.0.get(index).copied().unwrap_or_default();
    Version(number(0), number(1))
}

fn reader_choice(
    used: &PluginUse,
    profile: &Profile,
    tools: &Arc<Tools>,
    timeout: Duration,
    cancel: &Cancellation,
) -> ReaderChoice {
    let granted: Vec<String> =
        profile.grants.iter().filter(|grant| grant.plugin == used.plugin).map(|grant| grant.tool.clone()).collect();
    let options: Vec<Node> = super::options_of(&used.options);
    let tools = (!granted.is_empty()).then(|| Arc::new(grant(granted, tools, timeout, cancel)));
    ReaderChoice { plugin: used.plugin.to_string(), options, tools }
}

/// The programs that were used, for the record of a job.
pub(super) fn used(tools: &Tools) -> Value {
    let program = |(tool, path, version): (Tool, &Path, Option<Version>)| {
        json!({
            "name": tool.name(),
            "version": version.map(|version| version.to_string()),
            "path": path_text::write(path),
        })
    };
    tools.asked().map(program).collect()
}

/// Lets an introspector run these programs on the file it reads.
fn grant(programs: Vec<String>, tools: &Arc<Tools>, timeout: Duration, cancel: &Cancellation) -> ToolGrant {
    let (tools, cancel) = (Arc::clone(tools), cancel.clone());
    let run = move |program: &str, arguments: &[String], file: &Path| {
        let tool = Tool::from_name(program).ok_or(ToolFailure::NotInstalled)?;
        tools::question::check(tool, arguments).map_err(|error| ToolFailure::Failed(error.to_string()))?;
        match tools.ready(tool) {
            Ok(path) => answer(tools::run_on_file(path, arguments, file, timeout, &cancel)),
            Err(ToolError::Missing { .. }) => Err(ToolFailure::NotInstalled),
            Err(error) => Err(ToolFailure::Failed(error.to_string())),
        }
    };
    ToolGrant { programs, run: Box::new(run) }
}

fn answer(ran: Result<tools::Output, RunError>) -> Result<ToolOutput, ToolFailure> {
    match ran {
        Ok(output) => match output.end {
            End::Exit(status) => Ok(ToolOutput { status, stdout: output.stdout, stderr: output.stderr }),
            End::Signal(signal) => Err(ToolFailure::Killed(signal)),
        },
        Err(RunError::TimedOut { .. } | RunError::Stalled { .. }) => Err(ToolFailure::TimedOut),
        Err(error) => Err(ToolFailure::Failed(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Layer, Settings, defaults};

    #[test]
    fn the_built_in_minimum_versions_are_those_that_the_tools_need() {
        let settings = Settings::resolve([] as [Layer; 0], defaults(Path::new("/home/ann/.vpo"))).tools;

        for (tool, minimum) in [
            (Tool::Mkvpropedit, &settings.mkvpropedit_minimum),
            (Tool::Mkvmerge, &settings.mkvmerge_minimum),
            (Tool::Mkvextract, &settings.mkvextract_minimum),
            (Tool::Ffmpeg, &settings.ffmpeg_minimum),
            (Tool::Ffprobe, &settings.ffprobe_minimum),
        ] {
            assert_eq!(version(minimum), tool.minimum_version(), "{tool}");
        }
    }
}
