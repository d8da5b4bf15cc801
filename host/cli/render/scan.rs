//! A scan in words or as JSON.

use serde::Serialize;
use serde_json::json;
use vpo::disk::path_text;
use vpo::library::ScanReport;
use vpo::media::text;
use vpo::scan::{Held, Summary, Told, What};

use super::Screen;

#[derive(Serialize)]
struct Answer<'a> {
    schema: u32,
    job: Option<&'a str>,
    roots: Vec<String>,
    summary: Summary,
    seconds: f64,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    held: &'a [Held],
    /// Files that went wrong, a thousand at most; `vpo jobs show JOB --files` has all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failed: Vec<serde_json::Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<serde_json::Value>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    cancelled: bool,
}

/// Shows what a scan came to.
pub fn show(report: &ScanReport, screen: &Screen) {
    if screen.json {
        screen.answer(&answer(report));
        return;
    }
    let scanned = &report.scanned;
    let roots = report.roots.iter().map(|root| text::path(root)).collect::<Vec<_>>().join(", ");
    let verb = match (scanned.cancelled, report.job.is_none()) {
        (true, _) => "Interrupted the scan of",
        (false, true) => "Would scan",
        (false, false) => "Scanned",
    };
    screen.say(format!("{verb} {roots} in {:.1} s", report.time.as_secs_f64()));
    screen.say(format!("  {}", words(&scanned.summary)));
    for (path, why) in &scanned.unreadable {
        screen.warn(format!("warning: {} could not be read ({why}); its files keep their state", text::path(path)));
    }
    for held in &scanned.held {
        tell_held(held, screen);
    }
    match &report.job {
        Some(job) => screen.say(format!("  job {}", &job[..8.min(job.len())])),
        None => screen.say("  nothing was written"),
    }
}

/// Tells one file as it happens: what went wrong always, the rest when asked for.
pub fn tell(told: &Told, screen: &Screen) {
    let is_trouble = told.what.is_trouble();
    if told.what == What::Unreadable || !(is_trouble || screen.verbose) {
        return;
    }
    let reason = told.reason.as_ref().map(|reason| format!(": {}", text::visible(reason))).unwrap_or_default();
    let line = format!("{:9} {}{reason}", told.what.name(), text::path(&told.path));
    if is_trouble { screen.warn(line) } else { screen.report(line) }
}

fn words(summary: &Summary) -> String {
    let mut words = format!(
        "discovered {}, skipped (unchanged) {}, scanned {}, added {}, moved {}, removed (missing) {}, errors {}",
        summary.discovered,
        summary.skipped,
        summary.scanned,
        summary.added,
        summary.moved,
        summary.removed,
        summary.errors
    );
    for (count, name) in [(summary.unstable, "unstable"), (summary.damaged, "damaged"), (summary.pruned, "pruned")] {
        if count > 0 {
            words.push_str(&format!(", {name} {count}"));
        }
    }
    words
}

fn tell_held(held: &Held, screen: &Screen) {
    screen.warn(format!(
        "review: {} of {} files are missing under {}, so none was marked: {}",
        held.missing,
        held.recorded,
        text::path(&held.root),
        held.why
    ));
    for example in &held.examples {
        screen.warn(format!("  {}", text::path(example)));
    }
    screen.warn("  if they are gone for good, scan again with --accept-missing");
}

fn answer(report: &ScanReport) -> Answer<'_> {
    let scanned = &report.scanned;
    Answer {
        schema: 1,
        job: report.job.as_deref(),
        roots: report.roots.iter().map(|root| path_text::write(root)).collect(),
        summary: scanned.summary,
        seconds: report.time.as_secs_f64(),
        held: &scanned.held,
        failed: scanned
            .troubled
            .iter()
            .map(|told| json!({ "path": path_text::write(&told.path), "outcome": told.what, "reason": told.reason }))
            .collect(),
        unreadable: scanned
            .unreadable
            .iter()
            .map(|(path, why)| json!({ "path": path_text::write(path), "reason": why }))
            .collect(),
        cancelled: scanned.cancelled,
    }
}
