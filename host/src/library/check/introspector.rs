//! What an introspector promises: it claims something, answers about every file however broken, and the same every time.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::samples::Dice;
use super::{Finding, hint_for};
use crate::media::Facts;
use crate::plugins::{CallError, Claims, Introspector, Node, Plugin, PluginError, ReadCost, Unread};

const CLAIMS: &str = "it claims files";
const ANSWERS: &str = "it answers about every file within its limits, however broken";
const IS_DETERMINISTIC: &str = "it is deterministic";

/// Reads files that are empty, random, cut short, or begin as its own do, each in used and in fresh instances.
pub(super) fn findings(plugin: &Arc<Plugin>, options: &[Node]) -> Result<Vec<Finding>, PluginError> {
    let mut used = plugin.introspector(options.to_vec())?;
    let claims = match used.claim() {
        Ok(claims) => claims,
        Err(call) => return Ok(vec![Finding::broken(CLAIMS, call.to_string(), hint_for(&call.fault))]),
    };
    let mut findings = vec![claimed(&claims)];
    let (mut failed, mut changed) = (None, None);
    let (mut count, mut slowest, mut most) = (0, Duration::ZERO, ReadCost::default());
    for (name, bytes) in files(&claims) {
        let Ok(file) = written(&bytes).map(Arc::new) else { continue };
        let size = bytes.len() as u64;
        let begun = Instant::now();
        let (first, cost) = read(&mut used, &file, size);
        slowest = slowest.max(begun.elapsed());
        count += 1;
        most = if cost.calls > most.calls { cost } else { most };
        if let Err(error) = &first {
            failed.get_or_insert((format!("{name}: {error}"), hint_for(&error.fault)));
            if slowest > Duration::from_secs(1) {
                break;
            }
            continue;
        }
        let mut fresh = plugin.introspector(options.to_vec())?;
        if read(&mut fresh, &file, size).0.ok() != first.ok() {
            changed.get_or_insert(format!("{name}: another instance read something else"));
        }
    }
    let seen = format!("{count} sample files");
    let timed = format!("{seen}, {slowest:.2?} and {} reads for the worst", most.calls);
    let (failed, hint) = failed.map_or((None, ""), |(what, hint)| (Some(what), hint));
    findings.push(Finding::unless(failed, ANSWERS, &timed, hint));
    let hint = "keep nothing between files: what is in a file must not depend on the ones before it";
    findings.push(Finding::unless(changed, IS_DETERMINISTIC, &seen, hint));
    Ok(findings)
}

/// A file that is no film, and its size.
pub(super) fn sample() -> Option<(Arc<File>, u64)> {
    let bytes = b"not a film at all\n";
    Some((Arc::new(written(bytes).ok()?), bytes.len() as u64))
}

fn claimed(claims: &Claims) -> Finding {
    let hint = "without an extension or a pattern it is never asked about a file";
    let wrong = claims.extensions.iter().find(|extension| extension.is_empty() || extension.contains(['.', '/']));
    match wrong {
        Some(wrong) => Finding::broken(CLAIMS, format!("the extension {wrong:?}"), "extensions have no dot"),
        None if claims.extensions.is_empty() && claims.magic.is_empty() => Finding::broken(CLAIMS, "none", hint),
        None => {
            let said = format!("extensions: {}, patterns: {}", claims.extensions.len(), claims.magic.len());
            Finding::kept(CLAIMS, said)
        }
    }
}

/// What was found, or why not, as words; only a call that failed is an error.
fn read(
    reader: &mut Introspector,
    file: &Arc<File>,
    size: u64,
) -> (Result<Result<Facts, String>, CallError>, ReadCost) {
    let (facts, cost) = reader.read(file, size, PathBuf::from("sample"));
    let answer = match facts {
        Ok(facts) => Ok(Ok(facts)),
        Err(Unread::Call(error)) => Err(error),
        Err(unread) => Ok(Err(unread.to_string())),
    };
    (answer, cost)
}

/// Files that go wrong in as many ways as come to mind, each with and without the beginning that the plugin claims.
fn files(claims: &Claims) -> Vec<(String, Vec<u8>)> {
    let mut dice = Dice::new(0);
    let mut random = |length: usize| -> Vec<u8> { (0..length).map(|_| dice.roll(256) as u8).collect() };
    let mut files = vec![
        ("an empty file".to_owned(), Vec::new()),
        ("one byte".to_owned(), vec![0x1a]),
        ("a text".to_owned(), b"not a film at all\n".repeat(20)),
        ("zeros".to_owned(), vec![0; 4096]),
        ("ones".to_owned(), vec![0xff; 4096]),
        ("random bytes".to_owned(), random(65_536)),
    ];
    for (place, (offset, magic)) in claims.magic.iter().take(8).enumerate() {
        let Ok(offset) = usize::try_from(*offset).map(|offset| offset.min(4096)) else { continue };
        let mut begin = vec![0; offset];
        begin.extend_from_slice(magic);
        files.push((format!("pattern {place} and no more"), begin.clone()));
        for (what, rest) in [("zeros", vec![0; 4096]), ("ones", vec![0xff; 4096]), ("random bytes", random(8192))] {
            files.push((format!("pattern {place} and {what}"), [begin.clone(), rest].concat()));
        }
    }
    files
}

fn written(bytes: &[u8]) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    file.write_all(bytes)?;
    Ok(file)
}
