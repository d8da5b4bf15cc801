//! `vpo plugins new`: a project for a plugin of one's own.
//!
//! Everything it needs beside its language's own tools is written from this program: the contract, and for Rust the SDK,
//! for C the bindings. The files stand under `templates/`: what every project has, what those of a language have, and
//! what a kind needs beside or instead. The source of a policy is that of `plugins/examples`, under another name.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::json;
use vpo::disk::path_text;
use vpo::library::Library;
use vpo::media::text;
use vpo::plugins::{Kind, Origin};

use crate::render::{Exit, Mistake, Screen};

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/authoring.rs"));
}

const TEMPLATES: &str = "host/cli/commands/plugins/templates/";

/// One folder for each language, with the policy [`EXAMPLE`] as it lies in its project.
const EXAMPLES: &str = "plugins/examples/";

/// What the example is called, as a plugin and as a type.
const EXAMPLE: [(&str, &str); 2] = [("no-adverts", "{{name}}"), ("NoAdverts", "{{Type}}")];

#[derive(clap::Args)]
#[command(after_help = "Examples:
  vpo plugins new no-adverts                              a policy in Rust
  vpo plugins new no-adverts --lang python                the same in Python
  vpo plugins new y4m --lang c --kind introspector        a reader of files, in C

In the new folder `make` builds the plugin, `make test` tests it, `make install` puts it to use.")]
pub struct NewArgs {
    /// Its name: lower-case letters, digits and -
    name: String,
    /// The language to write it in
    #[arg(long, value_enum, default_value_t = Lang::Rust)]
    lang: Lang,
    /// What it is to be
    #[arg(long, value_parser = kind(), default_value = Kind::Policy.name())]
    kind: Kind,
    /// Folder to make [default: one of its name, here]
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Lang {
    Rust,
    #[value(alias = "javascript")]
    Js,
    Python,
    C,
}

impl Lang {
    fn folder(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Js => "js",
            Self::Python => "python",
            Self::C => "c",
        }
    }

    /// What must be there before `make`.
    fn needs(self) -> &'static str {
        match self {
            Self::Rust => "Rust 1.85 or later with its target: rustup target add wasm32-unknown-unknown",
            Self::Js => "Node.js 20 or later with npm; the first `make` gets componentize-qjs",
            Self::Python => "Python 3.10 or later; the first `make` gets componentize-py",
            Self::C => "Python 3.10 or later; the first `make` gets the compiler zig as a Python package",
        }
    }
}

/// Reads a kind by its name.
fn kind() -> impl TypedValueParser<Value = Kind> {
    let kinds = [Kind::Policy, Kind::Introspector, Kind::Detector];
    PossibleValuesParser::new(kinds.map(Kind::name))
        .map(move |name| kinds.into_iter().find(|kind| kind.name() == name).expect("only these names are possible"))
}

fn as_class(kind: Kind) -> &'static str {
    match kind {
        Kind::Policy => "Policy",
        Kind::Introspector => "Introspector",
        Kind::Detector => "Detector",
    }
}

fn with_article(kind: Kind) -> &'static str {
    match kind {
        Kind::Policy => "a policy",
        Kind::Introspector => "an introspector",
        Kind::Detector => "a detector",
    }
}

/// The lines of a profile that put a plugin to use.
fn in_a_profile(kind: Kind, name: &str) -> String {
    match kind {
        Kind::Policy => format!("policy \"{name}\" {{\n    unwanted \"RARBG\" \"YTS\"\n}}"),
        Kind::Introspector => {
            format!("introspect \"{name}\" \"matroska\" \"isobmff\" \"avi\" \"mpegts\" \"ffprobe\"")
        }
        Kind::Detector => format!("detect \"{name}\" {{\n    sample #true\n}}"),
    }
}

pub fn run(args: &NewArgs, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    check_name(&args.name, args.lang, library)?;
    let written = args.into.clone().unwrap_or_else(|| PathBuf::from(&args.name));
    let folder = library.places().working.join(&written);
    let files = files(args);
    write(&folder, &files).map_err(|cause| {
        if cause.kind() == io::ErrorKind::AlreadyExists {
            return Mistake::misused("FOLDER_EXISTS", format!("{} is there already", text::path(&written)))
                .hint("choose another name, or another folder with --into");
        }
        Mistake::misused("NOT_WRITTEN", format!("could not write {}", text::path(&written))).caused_by(&cause)
    })?;
    if screen.json {
        let paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
        screen
            .answer(&json!({ "schema": 1, "plugin": args.name, "folder": path_text::write(&folder), "files": paths }));
        return Ok(Exit::Fine);
    }
    let shown = text::path(&written);
    screen.say(format!(
        "{shown} is {} in {}. It needs {}.",
        with_article(args.kind),
        name_of(args.lang),
        args.lang.needs()
    ));
    screen.say(format!(
        "\n  cd {shown}\n  make            build {name}.wasm\n  make test       test it, with the cases in cases/\n  make install    put it where profiles find it\n\nThen name it in a profile:\n",
        name = args.name
    ));
    for line in in_a_profile(args.kind, &args.name).lines() {
        screen.say(format!("  {line}"));
    }
    Ok(Exit::Fine)
}

fn name_of(lang: Lang) -> &'static str {
    match lang {
        Lang::Rust => "Rust",
        Lang::Js => "JavaScript",
        Lang::Python => "Python",
        Lang::C => "C",
    }
}

/// Words that are no names of Rust crates: those of the language, its own crates, and the SDK.
const TAKEN_AS_CRATES: &str = "abstract alloc as async await become box break const continue core crate do dyn else enum extern false final fn for gen if impl in let loop macro match mod move mut override priv proc-macro pub ref return self static std struct super test trait true try type typeof unsafe unsized use virtual vpo-plugin-sdk where while yield";

/// What the templates in Rust call by these names is not the plugin.
const TAKEN_AS_TYPES: &str = "addresses claims colour comparison context detector draft dynamic-range evidence facts failure introspector language magic media option options plugin policy ratio result scan sighting standing string track track-details track-flags vec verdict video";

fn check_name(name: &str, lang: Lang, library: &Library) -> Result<(), Mistake> {
    let refused = |why: String| Err(Mistake::misused("NAME_REFUSED", why).hint("for example: no-adverts"));
    let is_sound = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.len() <= 64
        && name.split('-').all(|part| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        });
    if !is_sound {
        let shown = text::visible(text::capped(name, 80)).into_owned();
        return refused(format!(
            "{shown:?} is no name for a plugin: it is made of lower-case letters and digits with single - between them, begins with a letter, and has 64 characters at most"
        ));
    }
    if matches!(library.plugins().find(name), Ok(found) if found.origin == Origin::Bundled) {
        return refused(format!("{name:?} is the name of a plugin that comes with vpo, which a file never replaces"));
    }
    let is_taken = |words: &str| words.split(' ').any(|word| word == name);
    if lang == Lang::Rust && (is_taken(TAKEN_AS_CRATES) || is_taken(TAKEN_AS_TYPES)) {
        return refused(format!("{name:?} means something to Rust, so no crate can be called that"));
    }
    Ok(())
}

/// The files of the project: path and content.
fn files(args: &NewArgs) -> Vec<(String, Vec<u8>)> {
    let (lang, kind) = (args.lang.folder(), args.kind.name());
    let mut files = Vec::new();
    for from in [format!("every/{kind}"), format!("{lang}/every"), format!("{lang}/{kind}")] {
        for (path, content) in under(&format!("{TEMPLATES}{from}/")) {
            let path = path.replace("dot-", ".");
            let text = std::str::from_utf8(content).expect("templates are text");
            let path = filled(&path, args);
            files.retain(|(earlier, _)| *earlier != path);
            files.push((path, filled(text, args).into_bytes()));
        }
    }
    if args.kind == Kind::Policy {
        for (path, content) in under(&format!("{EXAMPLES}{lang}/")) {
            let text = std::str::from_utf8(content).expect("examples are text").to_owned();
            let template = EXAMPLE.iter().fold(text, |text, (name, placeholder)| text.replace(name, placeholder));
            files.push((path.to_owned(), filled(&template, args).into_bytes()));
        }
    }
    let mut take = |from: &str, to: &str| {
        files.extend(under(from).map(|(path, content)| (format!("{to}{path}"), content.to_vec())));
    };
    match args.lang {
        Lang::Rust => {
            take("wit/", "vendor/wit/");
            take("plugins/sdk/", "vendor/plugins/sdk/");
            take("vendor/", "vendor/");
            // Cargo takes from it what the project needs: the versions that vpo itself was built with.
            take("Cargo.lock", "Cargo.lock");
        }
        Lang::Js | Lang::Python => take("wit/", "wit/"),
        Lang::C => {
            take("wit/", "wit/");
            take(&format!("c-bindings/{kind}-plugin/"), "bindings/");
        }
    }
    files
}

/// The embedded files whose place begins so, by the rest of it.
fn under(prefix: &str) -> impl Iterator<Item = (&'static str, &'static [u8])> {
    embedded::FILES.iter().filter_map(move |(path, content)| Some((path.strip_prefix(prefix)?, *content)))
}

fn filled(text: &str, args: &NewArgs) -> String {
    let kind = args.kind.name();
    let type_name: String = args.name.split('-').map(|part| part[..1].to_ascii_uppercase() + &part[1..]).collect();
    let in_a_profile = in_a_profile(args.kind, &args.name);
    [
        ("{{name}}", args.name.as_str()),
        ("{{snake}}", &args.name.replace('-', "_")),
        ("{{Type}}", &type_name),
        ("{{kind}}", kind),
        ("{{Kind}}", as_class(args.kind)),
        ("{{A-kind}}", &with_article(args.kind).replacen('a', "A", 1)),
        ("{{in-a-profile}}", &in_a_profile),
        ("{{needs}}", args.lang.needs()),
        ("{{vpo}}", env!("CARGO_PKG_VERSION")),
        ("{{repository}}", env!("CARGO_PKG_REPOSITORY")),
    ]
    .iter()
    .fold(text.to_owned(), |text, (placeholder, value)| text.replace(placeholder, value))
}

/// Writes a project whole or not at all.
fn write(folder: &Path, files: &[(String, Vec<u8>)]) -> io::Result<()> {
    let is_empty = |folder: &Path| fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
    if fs::symlink_metadata(folder).is_ok() && !is_empty(folder) {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let parent = folder.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(parent)?;
    let draft = tempfile::Builder::new().prefix(".vpo-new-").tempdir_in(parent)?;
    let project = draft.path().join("project");
    for (path, content) in files {
        let path = project.join(path);
        fs::create_dir_all(path.parent().expect("a file has a folder"))?;
        fs::write(path, content)?;
    }
    // An empty folder gives way, a full one does not.
    fs::rename(project, folder)
}
