//! What a saved plan promises beside its steps: how the films are treated when it is carried out. Whoever read the plan
//! counts on it, whatever the settings say by then.

use serde::{Deserialize, Serialize};

use crate::settings::{Apply, Backup, Hardlinks, Mtime, Source, Sourced};

/// How films are treated, as it was when the plan was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    pub backup: Backup,
    pub hardlinks: Hardlinks,
    pub mtime: Mtime,
    pub verify: bool,
}

impl Promise {
    /// What the settings of now promise.
    pub fn of(apply: &Apply) -> Self {
        Self {
            backup: apply.backup.value,
            hardlinks: apply.hardlinks.value,
            mtime: apply.mtime.value,
            verify: apply.verify.value,
        }
    }

    /// Lays the promise of a plan over the settings of now; where they differ, the more careful holds. Returns the names
    /// of the settings that give way.
    pub fn hold(&self, apply: &mut Apply, plan: &str) -> Vec<&'static str> {
        let mut given_way = Vec::new();
        if self.backup == Backup::Keep {
            lay("apply.backup", self.backup, &mut apply.backup, plan, &mut given_way);
        }
        if self.hardlinks != apply.hardlinks.value {
            lay("apply.hardlinks", Hardlinks::Skip, &mut apply.hardlinks, plan, &mut given_way);
        }
        lay("apply.mtime", self.mtime, &mut apply.mtime, plan, &mut given_way);
        if self.verify {
            lay("apply.verify", self.verify, &mut apply.verify, plan, &mut given_way);
        }
        given_way
    }
}

fn lay<T: PartialEq>(
    name: &'static str,
    promised: T,
    setting: &mut Sourced<T>,
    plan: &str,
    given_way: &mut Vec<&'static str>,
) {
    if setting.value != promised {
        *setting = Sourced { value: promised, source: Source::Plan { file: plan.to_owned() } };
        given_way.push(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Layer, Settings, defaults};

    fn settings(promise: Promise) -> Apply {
        let mut apply = Settings::resolve([Layer::default()], defaults("/home".as_ref())).apply;
        apply.backup.value = promise.backup;
        apply.hardlinks.value = promise.hardlinks;
        apply.mtime.value = promise.mtime;
        apply.verify.value = promise.verify;
        apply
    }

    const CAREFUL: Promise =
        Promise { backup: Backup::Keep, hardlinks: Hardlinks::Skip, mtime: Mtime::Preserve, verify: true };
    const CARELESS: Promise =
        Promise { backup: Backup::None, hardlinks: Hardlinks::Break, mtime: Mtime::Now, verify: false };

    #[test]
    fn what_a_plan_promised_is_kept_and_what_is_more_careful_by_now_as_well() {
        let (mut careless, mut careful) = (settings(CARELESS), settings(CAREFUL));

        let given_way = CAREFUL.hold(&mut careless, "plan.json");
        CARELESS.hold(&mut careful, "plan.json");

        assert_eq!(Promise::of(&careless), CAREFUL);
        assert_eq!(given_way, ["apply.backup", "apply.hardlinks", "apply.mtime", "apply.verify"]);
        assert_eq!(Promise::of(&careful), Promise { mtime: Mtime::Now, ..CAREFUL });
    }

    #[test]
    fn of_two_ways_with_hard_links_neither_is_taken() {
        let mut allowing = settings(Promise { hardlinks: Hardlinks::Allow, ..CAREFUL });

        Promise { hardlinks: Hardlinks::Break, ..CAREFUL }.hold(&mut allowing, "plan.json");

        assert_eq!(allowing.hardlinks.value, Hardlinks::Skip);
    }
}
