//! The originals that were kept, for people and for programs.

use serde_json::{Value, json};
use vpo::library::{Original, OriginalState, Released};
use vpo::media::text;

use super::facts::bytes;
use super::plan::of;
use super::{Screen, time};

/// Lists originals, and what each is good for.
pub fn list(originals: &[Original], screen: &Screen) {
    if screen.json {
        screen.answer(&Value::from(originals.iter().map(row).collect::<Vec<_>>()));
        return;
    }
    screen.say(in_all(originals));
    for original in originals {
        screen.say(format!("\n{}", text::path(&original.path)));
        screen.say(format!("  {}", in_words(original)));
        screen.say(format!("  {}", good_for(original)));
    }
}

/// Shows what a deletion would delete.
pub fn foresee(originals: &[Original], screen: &Screen) {
    if screen.json {
        let files: Vec<Value> = originals.iter().map(row).collect();
        screen.answer(&json!({ "schema": 1, "summary": { "to_delete": files.len() }, "files": files }));
        return;
    }
    for original in originals {
        screen.say(format!("would delete {}: {}", text::path(&original.path), in_words(original)));
    }
    screen.say(format!("{}; nothing was deleted", in_all(originals)));
    if !originals.is_empty() {
        screen.tell("say --yes to delete; what was done to these films can then no longer be taken back");
    }
}

/// Tells what was deleted.
pub fn released(released: &[Released], screen: &Screen) {
    let deleted: Vec<&Original> = released.iter().filter(|one| one.deleted).map(|one| &one.original).collect();
    let freed: u64 = deleted.iter().map(|original| original.size).sum();
    if screen.json {
        let (gone, failed) = (deleted.len(), released.len() - deleted.len());
        let summary = json!({ "deleted": gone, "failed": failed, "bytes": freed });
        screen.answer(&json!({ "schema": 1, "summary": summary, "files": released }));
        return;
    }
    for one in released {
        let path = text::path(&one.original.path);
        match &one.reason {
            None => screen.say(format!("deleted  {path}")),
            Some(reason) => screen.warn(format!("failed   {path}: {reason}")),
        }
    }
    screen.say(format!("{} deleted, {}", of(deleted.len(), "original", "originals"), bytes(freed)));
}

/// Tells that an original stays, however old it is.
pub fn tell_only_copy(original: &Original, screen: &Screen) {
    screen.tell(format!("kept     {}: {}", text::path(&original.path), good_for(original)));
}

fn row(original: &Original) -> Value {
    let mut row = json!(original);
    row["kept_at"] = json!(original.kept_ns.map(time::utc));
    row
}

fn in_all(originals: &[Original]) -> String {
    if originals.is_empty() {
        return "no kept originals".to_owned();
    }
    let size = originals.iter().map(|original| original.size).sum();
    format!("{}, {}", of(originals.len(), "kept original", "kept originals"), bytes(size))
}

fn in_words(original: &Original) -> String {
    let mut words = bytes(original.size);
    if let Some(kept_ns) = original.kept_ns {
        words.push_str(&format!(", kept {}", time::local(kept_ns)));
    }
    if let Some(job) = &original.job {
        words.push_str(&format!(" by job {}", text::capped(job, 8)));
    }
    words
}

fn good_for(original: &Original) -> String {
    let film = original.film.as_deref().map(text::path).unwrap_or_default();
    match original.state {
        OriginalState::WayBack => format!("`vpo undo` brings it back in place of {film}"),
        OriginalState::LeftBehind => format!("no undo leads to it: {film} was changed from outside since"),
        OriginalState::OnlyCopy => format!("may be the only copy: {film} is not there as it is recorded"),
        OriginalState::Unknown => "the history does not say what it is; it is never deleted".to_owned(),
    }
}
