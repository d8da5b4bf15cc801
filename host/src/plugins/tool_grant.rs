//! Which programs an introspector may run, and how.

use std::path::Path;

use super::bindings::tool;

/// Runs one granted program; `tools` gives the real one.
pub type RunTool = Box<dyn Fn(&str, &[String], &Path) -> Result<tool::Output, tool::Failure> + Send + Sync>;

/// The programs that the profile grants to one introspector.
pub struct ToolGrant {
    pub programs: Vec<String>,
    pub run: RunTool,
}

impl ToolGrant {
    pub(super) fn run(&self, program: &str, arguments: &[String], path: &Path) -> Result<tool::Output, tool::Failure> {
        if !self.programs.iter().any(|granted| granted == program) {
            return Err(tool::Failure::NotGranted);
        }
        (self.run)(program, arguments, path)
    }
}
