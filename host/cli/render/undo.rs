//! What taking back would do, in words or as JSON.

use serde_json::json;
use vpo::library::PlannedUndo;
use vpo::media::text;

use super::facts::bytes;
use super::plan::{how, of, what_and_why};
use super::{Screen, time};

/// Shows what would be done to each file, and what it comes to.
pub fn show(planned: &[PlannedUndo], screen: &Screen) {
    let refused = planned.iter().filter(|file| file.refused.is_some()).count();
    let possible = planned.len() - refused;
    if screen.json {
        let summary = json!({ "to_undo": possible, "refused": refused });
        screen.answer(&json!({ "schema": 1, "summary": summary, "files": planned }));
        return;
    }
    let mut words = match possible {
        0 => "nothing would be taken back".to_owned(),
        _ => format!("would take back {}", of(possible, "change", "changes")),
    };
    if refused > 0 {
        words.push_str(&format!("; {} cannot be taken back", of(refused, "change", "changes")));
    }
    screen.say(words);
    for file in planned {
        screen.say("");
        file_in_words(file).into_iter().for_each(|line| screen.say(line));
    }
}

fn file_in_words(file: &PlannedUndo) -> Vec<String> {
    let mut lines = vec![text::path(&file.file)];
    if let Some(refused) = &file.refused {
        lines.push(format!("  cannot be taken back: {}", text::visible(&refused.message)));
        return lines;
    }
    if let (Some(job), Some(at_ns)) = (&file.job, file.at_ns) {
        lines.push(format!("  back to what it was before job {}, {}", text::capped(job, 8), time::local(at_ns)));
    }
    if let Some(original) = &file.original {
        let size = bytes(file.original_size.unwrap_or(0));
        lines.push(format!("  the original comes back, {size}, kept as {}", text::path(original)));
    }
    lines.extend(file.runs.iter().map(|run| format!("  {}", how(run))));
    lines.extend(what_and_why(&file.steps, &file.facts).map(|line| format!("  {line}")));
    if let Some(target) = &file.target {
        lines.push(format!("  becomes {}", text::path(target)));
    }
    lines
}
