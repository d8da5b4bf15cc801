//! A plan as it was saved: by which profile, with what it promised, file by file.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::json;
use vpo::library::{Choice, PlannedFile, Promise};
use vpo::media::text;

use crate::args::Global;
use crate::render::{Mistake, Screen};

#[derive(Deserialize)]
pub struct SavedPlan {
    schema: u32,
    profile: Option<String>,
    promise: Promise,
    pub files: Vec<PlannedFile>,
    /// Where it was read.
    #[serde(skip)]
    name: String,
}

/// Reads a saved plan.
pub fn load(path: &Path) -> Result<SavedPlan, Mistake> {
    let name = text::path(path);
    let cannot = || Mistake::misused("BAD_PLAN", format!("{name} cannot be read as a plan"));
    let content = fs::read_to_string(path).map_err(|cause| cannot().caused_by(&cause))?;
    let saved: SavedPlan = serde_json::from_str(&content)
        .map_err(|cause| cannot().caused_by(&cause).hint("plans are saved by `vpo apply --dry-run --output FILE`"))?;
    match saved.schema {
        1 => Ok(SavedPlan { name, ..saved }),
        other => Err(cannot().hint(format!("it has schema {other}; this vpo knows schema 1"))),
    }
}

impl SavedPlan {
    /// Has the command follow the profile that made the plan, which is the only one that may carry it out.
    pub fn follow(&self, global: &mut Global) -> Result<(), Mistake> {
        let own = self.profile.as_deref();
        if let Some(other) = global.profile.iter().find(|named| Some(named.as_str()) != own) {
            let made_by = own.unwrap_or("the built-in profile");
            let message = format!("the plan in {} was made by {made_by}, not by {other}", self.name);
            return Err(Mistake::misused("PLAN_OF_ANOTHER_PROFILE", message)
                .hint(format!("leave --profile out, or make a plan by {other}: vpo apply -p {other} -o FILE"))
                .details(json!({ "plan": self.name, "made_by": own, "asked_for": other })));
        }
        global.profile = self.profile.iter().cloned().collect();
        Ok(())
    }

    /// Lays what the plan promised over the settings of now, and tells where they say otherwise.
    pub fn hold(&self, choice: &mut Choice, screen: &Screen) {
        for setting in self.promise.hold(&mut choice.settings.apply, &self.name) {
            screen.tell(format!(
                "note: {setting} has changed since {} was made; what it promised holds, or what is more careful",
                self.name
            ));
        }
    }
}
