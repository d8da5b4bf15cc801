//! A plan that may be carried out: granted, harmless, at rest afterwards, and within what tools can do.

use std::path::{Path, PathBuf};

use super::obstacle::Intended;
use super::{AnyError, ApplyError, whole};
use crate::disk::Observation;
use crate::media::Facts;
use crate::plan::{ActionKind, Grants, Plan, Safeguards, container};
use crate::tools::{self, Edit, Run, Work};

/// A file as it is recorded.
#[derive(Debug, Clone)]
pub struct Subject {
    pub id: i64,
    pub path: PathBuf,
    pub observation: Observation,
    /// BLAKE3 of the size and the first, middle and last 64 KiB, as it was read.
    pub sample: Option<Vec<u8>>,
    pub facts: Facts,
}

/// Asks the policies of the profile, in fresh instances, what they want of a file with these facts and this name.
pub type AskAgain<'a> = dyn FnMut(&Facts, &Path) -> Result<Plan, AnyError> + 'a;

/// A plan with everything that is known about carrying it out. There is no other way to one
/// than [`Checked::new`], and [`Checked::undo`] for what was done before.
#[derive(Debug, Clone)]
pub struct Checked {
    pub(super) subject: Subject,
    pub(super) plan: Plan,
    pub(super) after: Facts,
    pub(super) runs: Vec<Run>,
    pub(super) target: PathBuf,
    /// A kept original that takes the file's place; no tool runs then.
    pub(super) restore: Option<PathBuf>,
    /// It takes an earlier change back.
    pub(super) is_undo: bool,
}

impl Checked {
    /// Checks a plan; see [`Plan::check`]. `root` is the folder that a move is relative to.
    pub fn new(
        subject: Subject,
        plan: Plan,
        root: Option<&Path>,
        grants: &Grants,
        safeguards: &Safeguards,
        ask_again: &mut AskAgain,
    ) -> Result<Self, ApplyError> {
        let after = plan.check(&subject.facts, grants, safeguards)?;
        let runs = runs(&plan, &subject, &after)?;
        let target = target(&subject.path, &plan, root);
        if !plan.is_empty() {
            plan.check_same(ask_again(&subject.facts, &subject.path).map_err(ApplyError::Unasked)?)?;
            plan.check_rest(ask_again(&after, &target).map_err(ApplyError::Unasked)?)?;
        }
        Ok(Self { subject, plan, after, runs, target, restore: None, is_undo: false })
    }

    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What will happen, as far as it is seen from outside.
    pub(super) fn intended(&self) -> Intended<'_> {
        let Observation { size, mtime_ns, .. } = self.subject.observation;
        Intended { path: &self.subject.path, size, mtime_ns, runs: &self.runs, target: &self.target }
    }

    /// The facts that the plan leads to.
    pub fn after(&self) -> &Facts {
        &self.after
    }

    /// What will be run, in order.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// Where the file will be.
    pub fn target(&self) -> &Path {
        &self.target
    }
}

/// The runs that would carry out a plan; for showing them without checking more.
pub fn runs(plan: &Plan, subject: &Subject, after: &Facts) -> Result<Vec<Run>, ApplyError> {
    let edit = Edit { plan, before: &subject.facts, after };
    let runs = tools::runs(&edit, subject.observation.size)?;
    let copies = runs.iter().any(|run| run.work != Work::EditHeader);
    match whole::known_loss(&subject.facts).filter(|_| copies) {
        Some(loss) => Err(ApplyError::HiddenLoss { loss }),
        None => Ok(runs),
    }
}

/// The plan without a move to where the file is already: policies do not know its folder.
pub fn without_idle_move(mut plan: Plan, path: &Path, root: Option<&Path>) -> Plan {
    if plan.destination().is_some() && target(path, &plan, root) == path {
        plan.steps.retain(|step| step.action.kind() != ActionKind::MoveFile);
    }
    plan
}

/// Where a plan puts the file: where it says, or under an extension that suits the new container.
pub fn target(path: &Path, plan: &Plan, root: Option<&Path>) -> PathBuf {
    match (plan.destination(), plan.container().and_then(container::extension)) {
        (Some(destination), _) => root.or(path.parent()).unwrap_or(Path::new("")).join(destination),
        (None, Some(extension)) => path.with_extension(extension),
        (None, None) => path.to_owned(),
    }
}
