//! Completion that knows what there is: the shell asks the program itself, which looks into the home.
//!
//! `vpo completions SHELL` prints what the shell needs once. While completing nothing is written, nothing is compiled, and
//! whatever cannot be read completes to nothing.

use clap::builder::StyledStr;
use clap::{Arg, Command, CommandFactory};
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::env::{CompleteEnv, Shells};
use vpo::library::Library;
use vpo::profile::Profile;
use vpo::store::jobs::JobFilter;

use crate::args::Args;
use crate::layers;

/// The variable by which the shell says that it asks for words.
const VARIABLE: &str = "VPO_COMPLETE";

/// How many jobs are offered, newest first.
const MOST_JOBS: usize = 50;

/// Answers a shell that asks for words, and ends; does nothing in an ordinary run.
pub fn answer() {
    CompleteEnv::with_factory(command).var(VARIABLE).complete();
}

/// The shells that can ask.
pub fn shells() -> Vec<&'static str> {
    Shells::builtins().names().collect()
}

/// What a shell needs to ask this program; `None` for a shell that is not known.
pub fn script(shell: &str) -> Option<String> {
    let mut script = Vec::new();
    let shells = Shells::builtins();
    let shell = shells.completer(shell)?;
    shell.write_registration(VARIABLE, "vpo", "vpo", "vpo", &mut script).ok()?;
    String::from_utf8(script).ok()
}

/// The command line with words for its arguments.
pub fn command() -> Command {
    with_words(Args::command(), &[])
}

/// The place of an argument in the command line decides what it is completed with.
fn with_words(command: Command, above: &[String]) -> Command {
    let path: Vec<String> = above.to_vec();
    let command = command.mut_args(|argument| match words_for(&path, &argument) {
        Some(words) => argument.add(ArgValueCandidates::new(words)),
        None => argument,
    });
    command.mut_subcommands(|verb| {
        let mut below = path.clone();
        below.push(verb.get_name().to_owned());
        with_words(verb, &below)
    })
}

fn words_for(path: &[String], argument: &Arg) -> Option<fn() -> Vec<CompletionCandidate>> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match (path.as_slice(), argument.get_id().as_str()) {
        (_, "profile") => Some(profiles),
        (_, "set") => Some(settings),
        (_, "policy") => Some(policies),
        (["profiles", "show" | "check"], _) if argument.is_positional() => Some(profiles),
        (["plugins", "show" | "check" | "trust"], _) if argument.is_positional() => Some(plugins),
        (["jobs", "show" | "cancel" | "retry"] | ["undo"], _) if argument.is_positional() => Some(jobs),
        (["jobs", "list"], "after") => Some(jobs),
        (_, "log_level") => Some(levels),
        (["run"], _) if argument.is_positional() => Some(tasks),
        (["completions"], _) if argument.is_positional() => Some(shell_words),
        _ => None,
    }
}

fn library() -> Option<Library> {
    layers::library(&layers::words_being_completed()).ok()
}

fn word(value: &str, help: &str) -> CompletionCandidate {
    let help = (!help.is_empty()).then(|| StyledStr::from(vpo::media::text::visible(help).into_owned()));
    CompletionCandidate::new(value).help(help)
}

fn load(library: &Library, name: &str) -> Option<Profile> {
    Profile::load(&library.search(), name, library.places().user_home.as_deref()).ok()
}

fn profiles() -> Vec<CompletionCandidate> {
    let Some(library) = library() else { return Vec::new() };
    let described = |name: &str| load(&library, name).and_then(|profile| Some(profile.description?.value));
    let found = library.search().list();
    found.iter().map(|one| word(&one.name, &described(&one.name).unwrap_or_default())).collect()
}

/// Tasks of the profiles on the command line; of all profiles when there are none.
fn tasks() -> Vec<CompletionCandidate> {
    let Some(library) = library() else { return Vec::new() };
    let mut names = layers::words_being_completed().profile;
    if names.is_empty() {
        names = library.search().list().into_iter().map(|found| found.name).collect();
    }
    let profiles = names.iter().filter_map(|name| load(&library, name));
    let tasks = profiles.flat_map(|profile| {
        let of = format!("task of the profile {}", profile.label());
        profile.tasks.into_iter().map(move |task| word(&task.name, &of)).collect::<Vec<_>>()
    });
    tasks.collect()
}

/// Policies of the profiles on the command line, and all plugins.
fn policies() -> Vec<CompletionCandidate> {
    let Some(library) = library() else { return Vec::new() };
    let named = layers::words_being_completed().profile;
    let profiles = named.iter().filter_map(|name| load(&library, name));
    let of_profiles = profiles.flat_map(|profile| {
        let of = format!("policy of the profile {}", profile.label());
        profile.policies.into_iter().map(move |policy| word(&policy.written, &of)).collect::<Vec<_>>()
    });
    let mut words: Vec<CompletionCandidate> = of_profiles.collect();
    if words.is_empty() {
        words = plugins();
    }
    words
}

fn plugins() -> Vec<CompletionCandidate> {
    let Some(library) = library() else { return Vec::new() };
    library.plugins().list().iter().map(|found| word(&found.name, "")).collect()
}

fn jobs() -> Vec<CompletionCandidate> {
    let Some(library) = library().filter(|library| library.places().database.is_file()) else { return Vec::new() };
    let filter = JobFilter { limit: MOST_JOBS, ..JobFilter::default() };
    let jobs = library.jobs(&filter, None).unwrap_or_default();
    let described = |(job, unique): &(vpo::store::jobs::JobRow, usize)| {
        let id = job.id.get(..(*unique).max(8)).unwrap_or(&job.id);
        let what = [job.job_type.name(), job.status.name(), job.profile.as_deref().unwrap_or_default()];
        word(id, what.join(" ").trim_end())
    };
    jobs.iter().map(described).collect()
}

fn settings() -> Vec<CompletionCandidate> {
    let Some(library) = library() else { return Vec::new() };
    let rows = library.base_settings(Default::default()).map(|settings| settings.rows()).unwrap_or_default();
    rows.iter().map(|row| word(&format!("{}.{}=", row.section, row.name), &row.kdl)).collect()
}

fn levels() -> Vec<CompletionCandidate> {
    ["error", "warn", "info", "debug", "trace", "off"].into_iter().map(|level| word(level, "")).collect()
}

fn shell_words() -> Vec<CompletionCandidate> {
    shells().into_iter().map(|shell| word(shell, "")).collect()
}
