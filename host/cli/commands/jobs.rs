//! `vpo jobs`: what was done, what is being done, and how it went.

mod log;

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand};
use serde_json::{Value, json};
use vpo::disk::path_text;
use vpo::jobs::JobError;
use vpo::library::{Asked, JobLookup, Library};
use vpo::media::text;
use vpo::store::StoreError;
use vpo::store::jobs::{CancelAnswer, JobFilter, JobStatus, JobType};

use crate::args::{Args, Global};
use crate::render::plan::of;
use crate::render::time::{self, Moment};
use crate::render::{Exit, Mistake, Screen, jobs as shown};

/// Show, cancel, retry and forget jobs
#[derive(clap::Args)]
pub struct JobsArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    List(ListArgs),
    Show(ShowArgs),
    /// Ask a job to end: what it has done stays done, the film it is at stays as it was
    Cancel(OneArgs),
    /// Do again what a job was asked to do that failed, was cancelled, or left files that failed
    Retry(OneArgs),
    Purge(PurgeArgs),
}

/// List jobs, newest first
#[derive(clap::Args)]
#[command(after_help = "Examples:
  vpo jobs list --failed --since 1w       what went wrong in the last week
  vpo jobs list --file Film.mkv           every job that did something to a file
  vpo jobs list --type scan --json        for programs: an array of jobs")]
struct ListArgs {
    /// Only jobs of this status; may be repeated
    #[arg(long, short = 's', value_name = "STATUS", value_parser = statuses())]
    status: Vec<JobStatus>,
    /// Only jobs that failed, and those in which files did
    #[arg(long)]
    failed: bool,
    /// Only jobs of this type; may be repeated
    #[arg(long = "type", short = 't', value_name = "TYPE", value_parser = types())]
    types: Vec<JobType>,
    /// Only jobs that began since then: 90m, 12h, 1d, 2w, or a date
    #[arg(long, value_name = "WHEN", value_parser = Moment::parse)]
    since: Option<Moment>,
    /// Only jobs that began before then; a date is included
    #[arg(long, value_name = "WHEN", value_parser = Moment::parse)]
    until: Option<Moment>,
    /// Only jobs that did something to this file
    #[arg(long, value_name = "PATH")]
    file: Option<PathBuf>,
    /// How many at most; 0 for all
    #[arg(long, short = 'n', value_name = "N", default_value_t = 50)]
    limit: usize,
    /// Only jobs older than this one, to read on where a list ended
    #[arg(long, value_name = "ID")]
    after: Option<String>,
}

/// Show everything about one job
#[derive(clap::Args)]
#[command(after_help = "Examples:
  vpo jobs show 3fa9          by the first characters of its id
  vpo jobs show 3fa9 --files  what became of each file
  vpo jobs show 3fa9 --log -f what it logged, and what it goes on to log")]
struct ShowArgs {
    /// The id, or enough of its beginning: 4 characters at least
    #[arg(value_name = "ID")]
    id: String,
    /// List what became of each file
    #[arg(long)]
    files: bool,
    /// Print what the job logged
    #[arg(long, conflicts_with = "files")]
    log: bool,
    /// Go on printing until the job ends
    #[arg(long, short = 'f', requires = "log")]
    follow: bool,
}

#[derive(clap::Args)]
struct OneArgs {
    /// The id, or enough of its beginning: 4 characters at least
    #[arg(value_name = "ID")]
    id: String,
}

/// Forget finished jobs now
#[derive(clap::Args)]
struct PurgeArgs {
    /// Those that ended before then: 12h, 30d, 2w, or a date
    #[arg(long, value_name = "WHEN", default_value = "30d", value_parser = Moment::parse)]
    older_than: Moment,
}

pub fn run(args: &JobsArgs, global: &Global, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    match &args.verb {
        Verb::List(args) => list(args, &global.profile, library, screen),
        Verb::Show(args) => show(args, library, screen),
        Verb::Cancel(args) => cancel(args, library, screen),
        Verb::Retry(args) => retry(args, library, screen),
        Verb::Purge(args) => purge(args, library, screen),
    }
}

fn list(args: &ListArgs, profiles: &[String], library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    let mut statuses = args.status.clone();
    statuses.extend(args.failed.then_some(JobStatus::Failed));
    statuses.dedup();
    let after = match &args.after {
        Some(id) => Some(library.find_job(id).map_err(not_found)?),
        None => None,
    };
    if let [_, _, ..] = profiles {
        return Err(Mistake::misused("ONE_PROFILE", "jobs are listed of one profile at a time"));
    }
    let filter = JobFilter {
        statuses,
        with_failed_files: args.failed,
        types: args.types.clone(),
        since_ns: args.since.map(|moment| moment.begin_ns),
        until_ns: args.until.map(|moment| moment.end_ns),
        profile: profiles.first().cloned(),
        files: None,
        after: after.map(|job| (job.created_ns, job.id)),
        // One more than is shown tells whether there are older ones.
        limit: if args.limit == 0 { usize::MAX } else { args.limit.saturating_add(1) },
    };
    let mut jobs = library.jobs(&filter, args.file.as_deref()).map_err(|error| unreadable(&error))?;
    let has_older = jobs.len() == filter.limit;
    if has_older {
        jobs.pop();
    }
    if screen.json {
        let rows: Vec<Value> = jobs.iter().map(|(row, _)| Value::Object(shown::row_json(row))).collect();
        screen.answer(&rows);
        return Ok(Exit::Fine);
    }
    if jobs.is_empty() {
        screen.tell("No jobs.");
        return Ok(Exit::Fine);
    }
    screen.say(shown::list(&jobs, screen.color));
    if has_older && let Some((last, unique)) = jobs.last() {
        screen.tell(format!("Older ones: --after {}", text::capped(&last.id, *unique)));
    }
    Ok(Exit::Fine)
}

fn show(args: &ShowArgs, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    let report = library.job(&args.id).map_err(not_found)?;
    if args.log {
        return log::show(&report, args.follow, library, screen);
    }
    let mut files = Vec::new();
    if args.files {
        let take = |file: vpo::store::job_files::JobFile| {
            if screen.json {
                files.push(json!({
                    "id": file.file_id,
                    "file": path_text::write(&file.path),
                    "outcome": file.outcome.name(),
                    "reason": file.reason,
                }));
            } else {
                let reason = file.reason.map(|reason| format!("  ({})", text::visible(&reason))).unwrap_or_default();
                screen.say(format!("{:<9} {}{reason}", file.outcome.name(), text::path(&file.path)));
            }
        };
        if !screen.json {
            library.job_files(&report.row.id, take).map_err(|error| unreadable(&error))?;
            return Ok(Exit::Fine);
        }
        library.job_files(&report.row.id, take).map_err(|error| unreadable(&error))?;
    }
    if screen.json {
        let mut answer = shown::report_json(&report);
        if args.files {
            answer.insert("files".into(), files.into());
        }
        screen.answer(&answer);
    } else {
        screen.say(shown::report(&report, screen.verbose));
    }
    Ok(Exit::Fine)
}

fn cancel(args: &OneArgs, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    let job = library.find_job(&args.id).map_err(not_found)?;
    let answer = library.cancel_job(&job.id).map_err(|error| unreadable(&error))?;
    let (word, said) = match answer {
        CancelAnswer::Cancelled => ("cancelled", format!("Job {} is cancelled.", job.id)),
        CancelAnswer::Asked => ("asked", format!("Job {} is asked to end.", job.id)),
        CancelAnswer::AlreadyOver(status) => {
            return Err(Mistake::misused("JOB_OVER", format!("job {} is over: {}", job.id, status.name()))
                .details(json!({ "id": job.id, "status": status.name() })));
        }
        CancelAnswer::Unknown => return Err(not_found(JobLookup::Unknown { prefix: job.id })),
    };
    if screen.json {
        screen.answer(&json!({ "schema": 1, "id": job.id, "answer": word }));
    } else {
        screen.say(said);
    }
    Ok(Exit::Fine)
}

fn retry(args: &OneArgs, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    let report = library.job(&args.id).map_err(not_found)?;
    let (id, status) = (&report.row.id, report.row.status);
    let details = json!({ "id": id, "status": status.name() });
    let has_ended_badly = matches!(status, JobStatus::Failed | JobStatus::Cancelled);
    if !has_ended_badly && (!status.is_over() || report.row.files_failed() == 0) {
        let message = match status.is_over() {
            true => format!("there is nothing to try again: job {id} is {}, and no file of it failed", status.name()),
            false => format!("job {id} is {}", status.name()),
        };
        return Err(Mistake::misused("JOB_NOT_FAILED", message).details(details));
    }
    if report.details.argv.is_empty() {
        return Err(Mistake::misused("JOB_NOT_REPEATABLE", format!("how job {id} was asked for is not recorded"))
            .details(details));
    }
    if let Some(folder) = &report.details.working {
        std::env::set_current_dir(folder).map_err(|cause| {
            Mistake::misused("NO_WORKING_FOLDER", format!("{} cannot be entered", text::path(folder))).caused_by(&cause)
        })?;
    }
    let mut again =
        Args::try_parse_from(report.details.argv.iter().map(|word| path_text::read(word))).map_err(|_| {
            Mistake::misused(
                "JOB_NOT_REPEATABLE",
                format!("this version does not know `{}`", shown::command(&report.details.argv)),
            )
        })?;
    again.global.home = Some(library.places().home.clone());
    again.global.asked = Some(Asked { argv: report.details.argv.clone(), again: Some(id.clone()) });
    screen.tell(format!("Again: {}", text::visible(&shown::command(&report.details.argv))));
    super::run(&again, screen)
}

fn purge(args: &PurgeArgs, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    let before_ns = args.older_than.begin_ns;
    let deleted = library.purge_jobs(before_ns).map_err(|error| unreadable(&error))?;
    if screen.json {
        screen.answer(&json!({ "schema": 1, "deleted": deleted, "before": time::utc(before_ns) }));
    } else {
        let jobs = of(deleted, "job", "jobs");
        screen.say(format!("Forgotten: {jobs} that ended before {}.", time::local(before_ns)));
    }
    Ok(Exit::Fine)
}

fn statuses() -> impl TypedValueParser<Value = JobStatus> {
    PossibleValuesParser::new(JobStatus::ALL.map(JobStatus::name))
        .map(|name| JobStatus::from_name(&name).expect("only names are possible"))
}

fn types() -> impl TypedValueParser<Value = JobType> {
    PossibleValuesParser::new(JobType::ALL.map(JobType::name))
        .map(|name| JobType::from_name(&name).expect("only names are possible"))
}

fn unreadable(error: &StoreError) -> Mistake {
    Mistake::because("DATABASE_UNUSABLE", error)
}

/// Who works on a root already, and since when.
pub fn root_busy(error: &JobError) -> Mistake {
    let mistake = Mistake::because("ROOT_BUSY", error);
    let JobError::RootBusy { root, job, pid, since_ns, .. } = error else { return mistake };
    let process = pid.map(|pid| format!(", process {pid}")).unwrap_or_default();
    let begun = time::local(*since_ns);
    mistake
        .hint(format!("job {job}{process}, since {begun}; wait for it, or `vpo jobs cancel {}`", text::capped(job, 8)))
        .details(json!({ "root": path_text::write(root), "job": job, "pid": pid, "since": time::utc(*since_ns) }))
}

fn not_found(error: JobLookup) -> Mistake {
    let mistake = match &error {
        JobLookup::TooShort { .. } => {
            Mistake::because("JOB_PREFIX_TOO_SHORT", &error).hint("give at least 4 characters of its id")
        }
        JobLookup::Unknown { .. } => Mistake::because("JOB_NOT_FOUND", &error).hint("`vpo jobs list` shows the jobs"),
        JobLookup::Ambiguous { .. } => Mistake::because("JOB_AMBIGUOUS", &error).hint("give more characters"),
        JobLookup::Store(_) => Mistake::because("DATABASE_UNUSABLE", &error),
    };
    match error {
        JobLookup::TooShort { prefix } | JobLookup::Unknown { prefix } => mistake.details(json!({ "prefix": prefix })),
        JobLookup::Ambiguous { prefix, matches, more } => {
            let mut lines: Vec<String> = matches
                .iter()
                .map(|job| {
                    let what = job.path.as_deref().map(text::visible).unwrap_or_default();
                    let begun = time::local(job.created_ns);
                    format!("    {}  {:<9}  {:<9}  {begun}  {what}", job.id, job.status.name(), job.job_type.name())
                })
                .collect();
            if more {
                lines.push("    …".to_owned());
            }
            let ids: Vec<&str> = matches.iter().map(|job| job.id.as_str()).collect();
            let mut mistake = mistake.details(json!({ "prefix": prefix, "matches": ids, "more": more }));
            mistake.exhibit = Some(lines.join("\n"));
            mistake
        }
        JobLookup::Store(_) => mistake,
    }
}
