//! Reads one file of a profile, before inheritance.

use std::path::PathBuf;

use globset::Glob;

use super::plugin_use::{Grant, PluginUse, read_names};
use super::{Profile, Task};
use crate::kdl_read::{Base, Document, Mistakes, Node, Place};
use crate::settings::{Layer, Origin, PROFILE_ONLY, Source, Sourced};

/// Steps that change nothing but metadata; they need no grant.
pub const METADATA_STEPS: [&str; 5] = ["set-flag", "set-language", "set-track-title", "set-title", "set-tag"];

/// Steps that a profile must name before a plan may have them.
pub const GRANTABLE_STEPS: [&str; 7] = [
    "remove-track",
    "remove-attachment",
    "remove-chapters",
    "reorder",
    "convert-container",
    "transcode-track",
    "move-file",
];

/// Programs that a profile can let an introspector run: those that read.
pub const GRANTABLE_TOOLS: [&str; 2] = ["ffprobe", "mkvmerge"];

/// A kind of step that plans may have.
#[derive(Debug, Clone, PartialEq)]
pub struct Permission {
    pub step: String,
    pub source: Source,
    pub place: Place,
}

/// What one file says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    pub inherits: Vec<(String, Place)>,
    pub description: Option<Sourced<String>>,
    pub roots: Vec<Sourced<PathBuf>>,
    pub include: Vec<Sourced<String>>,
    pub exclude: Vec<Sourced<String>>,
    pub detect: Option<PluginUse>,
    pub introspect: Vec<PluginUse>,
    pub policies: Vec<PluginUse>,
    pub allow: Vec<Permission>,
    pub grants: Vec<Grant>,
    pub tasks: Vec<Task>,
    pub settings: Layer,
}

impl Page {
    /// What holds where no profile says anything.
    pub fn built_in() -> Self {
        let document = Document::parse("built-in.kdl", include_str!("built-in.kdl"), Base::default());
        let mut mistakes = Mistakes::default();
        let page = Self::read(&document.expect("a test reads it"), &Origin::Default, &mut mistakes);
        debug_assert!(mistakes.is_empty(), "the built-in profile is mistaken: {mistakes}");
        page
    }

    /// Reads a file as far as it goes and notes everything that is wrong with it.
    pub fn read(document: &Document, origin: &Origin, mistakes: &mut Mistakes) -> Self {
        let mut page = Self::default();
        let mut once: Vec<&str> = Vec::new();
        for node in document.nodes() {
            let name = node.name();
            let stands_once = Layer::SECTIONS.contains(&name) || ["description", "detect"].contains(&name);
            if stands_once && once.contains(&name) {
                mistakes.add(&node.place(), format!("\"{name}\" stands here twice"));
                continue;
            }
            once.push(name);
            page.read_node(node, origin, mistakes);
        }
        page
    }

    fn read_node(&mut self, node: Node, origin: &Origin, mistakes: &mut Mistakes) {
        match node.name() {
            "description" => {
                plain(node, mistakes);
                self.description = node.only(mistakes).map(|(text, place)| sourced(text, &place, origin));
            }
            "library" => {
                plain(node, mistakes);
                let roots = node.several(mistakes);
                self.roots.extend(roots.into_iter().map(|(root, place)| sourced(root, &place, origin)));
            }
            "include" => self.include.extend(globs(node, origin, mistakes)),
            "exclude" => self.exclude.extend(globs(node, origin, mistakes)),
            "inherits" => {
                plain(node, mistakes);
                self.inherits.extend(node.several(mistakes));
            }
            "detect" => {
                let mut uses = PluginUse::read(node, origin, mistakes).into_iter();
                self.detect = uses.next();
                for further in uses {
                    mistakes.add(further.place(), "one detector decides, and another is named before this one");
                }
            }
            "introspect" => self.introspect.extend(PluginUse::read(node, origin, mistakes)),
            "policy" => self.policies.extend(PluginUse::read(node, origin, mistakes)),
            "allow" => self.allow.extend(steps(node, origin, mistakes)),
            "grant" => self.grants.extend(read_grants(node, origin, mistakes)),
            "task" => {
                if let Some(task) = Task::read(node, origin, mistakes) {
                    if self.tasks.iter().any(|other| other.name == task.name) {
                        mistakes.add(&task.place, format!("there is a task \"{}\" already", task.name));
                    }
                    self.tasks.push(task);
                }
            }
            other => {
                if !self.settings.read(node, origin, mistakes) {
                    let known = PROFILE_ONLY.iter().chain(Layer::SECTIONS).copied();
                    mistakes.unknown(&node.place(), "word", other, known);
                }
            }
        }
    }

    /// Lays this page over what it inherits.
    ///
    /// Settings go value by value. Folders, detector and introspectors are taken whole from whoever names any. The rest adds up;
    /// a policy or task of the same name takes the place of the inherited one.
    pub fn over(self, inherited: Page) -> Page {
        Page {
            inherits: self.inherits,
            description: self.description.or(inherited.description),
            roots: if self.roots.is_empty() { inherited.roots } else { self.roots },
            include: joined(inherited.include, self.include),
            exclude: joined(inherited.exclude, self.exclude),
            detect: self.detect.or(inherited.detect),
            introspect: if self.introspect.is_empty() { inherited.introspect } else { self.introspect },
            policies: overlaid(inherited.policies, self.policies, |a, b| a.plugin == b.plugin),
            allow: overlaid(inherited.allow, self.allow, |a, b| a.step == b.step),
            grants: overlaid(inherited.grants, self.grants, |a, b| a.plugin == b.plugin && a.tool == b.tool),
            tasks: overlaid(inherited.tasks, self.tasks, |a, b| a.name == b.name),
            settings: self.settings.over(inherited.settings),
        }
    }

    /// Fills in the built-in plugins.
    pub fn into_profile(self, name: Option<String>, file: Option<PathBuf>, inherited: Vec<String>) -> Profile {
        let built_in = if name.is_some() { Self::built_in() } else { Self::default() };
        let page = self.over(built_in);
        Profile {
            name,
            file,
            inherited,
            description: page.description,
            roots: page.roots,
            include: page.include,
            exclude: page.exclude,
            detect: page.detect.expect("the built-in profile has a detector"),
            introspect: page.introspect,
            policies: page.policies,
            allow: page.allow,
            grants: page.grants,
            tasks: page.tasks,
            settings: page.settings,
        }
    }
}

fn sourced<T>(value: T, place: &Place, origin: &Origin) -> Sourced<T> {
    Sourced::new(value, origin.at(place.line()))
}

/// Notes everything but arguments as a mistake.
fn plain(node: Node, mistakes: &mut Mistakes) {
    node.no_properties(mistakes);
    node.no_block(mistakes);
    node.no_annotations(mistakes);
}

fn globs(node: Node, origin: &Origin, mistakes: &mut Mistakes) -> Vec<Sourced<String>> {
    plain(node, mistakes);
    let mut globs = Vec::new();
    for (glob, place) in node.several::<String>(mistakes) {
        match Glob::new(&glob) {
            Ok(_) => globs.push(sourced(glob, &place, origin)),
            Err(error) => mistakes.expected(
                &place,
                format!("\"{glob}\" is no pattern: {}", error.kind()),
                "a pattern such as \"**/extras/**\"",
            ),
        }
    }
    globs
}

fn steps(node: Node, origin: &Origin, mistakes: &mut Mistakes) -> Vec<Permission> {
    plain(node, mistakes);
    let known = GRANTABLE_STEPS.iter().chain(&METADATA_STEPS).copied();
    let mut steps = Vec::new();
    for (step, place) in node.several::<String>(mistakes) {
        if known.clone().any(|known| known == step) {
            steps.push(Permission { step, source: origin.at(place.line()), place });
        } else {
            mistakes.unknown(&place, "step", &step, known.clone());
        }
    }
    steps
}

/// Reads `grant "ffprobe" tool="ffprobe"`.
fn read_grants(node: Node, origin: &Origin, mistakes: &mut Mistakes) -> Vec<Grant> {
    node.no_block(mistakes);
    node.no_annotations(mistakes);
    let mut tool = None;
    for (name, item) in node.properties() {
        match name {
            "tool" => match item.read::<String>(node.base(), mistakes) {
                Some(word) if GRANTABLE_TOOLS.contains(&word.as_str()) => tool = Some(word),
                Some(word) => mistakes.unknown(&item.place, "program", &word, GRANTABLE_TOOLS),
                None => {}
            },
            other => mistakes.unknown(&item.place, "property", other, ["tool"]),
        }
    }
    if node.properties().next().is_none() {
        mistakes.expected(&node.place(), "this grants nothing", "a program, such as tool=\"ffprobe\"");
    }
    let names = read_names(node, mistakes);
    let Some(tool) = tool else { return Vec::new() };
    let grant = |(plugin, _, place): (_, _, Place)| {
        let source = origin.at(place.line());
        Grant { plugin, tool: tool.clone(), source, place }
    };
    names.into_iter().map(grant).collect()
}

/// Both lists, without what the second repeats.
fn joined<T: PartialEq>(inherited: Vec<Sourced<T>>, own: Vec<Sourced<T>>) -> Vec<Sourced<T>> {
    overlaid(inherited, own, |a, b| a.value == b.value)
}

/// Both lists; the first of the second that is the same as an inherited one takes its place, further ones come at the end.
fn overlaid<T>(inherited: Vec<T>, own: Vec<T>, is_same: impl Fn(&T, &T) -> bool) -> Vec<T> {
    let mut own: Vec<Option<T>> = own.into_iter().map(Some).collect();
    let replaced: Vec<bool> = inherited.iter().map(|old| own.iter().flatten().any(|new| is_same(old, new))).collect();
    let mut merged = Vec::new();
    for (old, is_replaced) in inherited.into_iter().zip(replaced) {
        if !is_replaced {
            merged.push(old);
        } else if let Some(new) = own.iter_mut().find(|new| new.as_ref().is_some_and(|new| is_same(&old, new))) {
            merged.extend(new.take());
        }
    }
    merged.extend(own.into_iter().flatten());
    merged
}
