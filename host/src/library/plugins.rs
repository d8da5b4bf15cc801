//! Plugins as people see them: what there is, what each is, what it may do, and whether it keeps its word.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Library;
use crate::media::{Audio, Details, Facts, Flags, Language, Subtitle, SubtitleForm, Track, Video};
use crate::plan::{Context, Grants, Planner};
use crate::plugins::manifest::Description;
use crate::plugins::{Anatomy, CallError, Found, Kind, NoVerdict, Node, Origin, Plugin, PluginError, Policy};
use crate::profile::Profile;
use crate::store::descriptions::{self, Described};
use crate::store::{Store, StoreError};

/// One plugin in a list.
#[derive(Debug)]
pub struct PluginRow {
    pub found: Found,
    /// Hexadecimal BLAKE3; absent when the file cannot be read.
    pub digest: Option<String>,
    /// What it is, or why it cannot be used.
    pub what: Result<(Anatomy, Described), PluginError>,
    /// Profiles that name it.
    pub used_by: Vec<String>,
}

/// Everything about one plugin.
pub struct PluginReport {
    pub plugin: Arc<Plugin>,
    pub description: Description,
    /// Its bytes are trusted, or it is bundled.
    pub is_trusted: bool,
    pub cost: Cost,
}

/// What a plugin costs on this machine, now.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// Reading it and getting its code, compiled or from the cache.
    pub load: Duration,
    /// A fresh instance and one call.
    pub first_call: Duration,
}

/// One promise of the contract, and whether the plugin keeps it.
#[derive(Debug)]
pub struct Finding {
    pub promise: &'static str,
    /// What was seen when it is kept; what broke when it is not.
    pub outcome: Result<String, String>,
}

impl Library {
    /// Lists all plugins. Only those that were never seen before are started.
    pub fn plugin_rows(&self, database: &Path) -> Result<Vec<PluginRow>, StoreError> {
        let store = Store::open_to_read(database)?;
        let db = store.reader()?;
        let used = self.uses();
        let mut rows = Vec::new();
        let mut learnt = Vec::new();
        for found in self.plugins().list() {
            let used_by = used.get(&key(&found)).cloned().unwrap_or_default();
            let bytes = match self.plugins().bytes(&found) {
                Ok(bytes) => bytes,
                Err(error) => {
                    rows.push(PluginRow { found, digest: None, what: Err(error), used_by });
                    continue;
                }
            };
            let digest = blake3::hash(&bytes);
            let what = Anatomy::read(&found.name, &bytes).and_then(|anatomy| {
                let described = match descriptions::find(&db, digest.as_bytes()) {
                    Ok(Some(described)) => described,
                    _ => {
                        let described = in_short(self.plugins().examine(&found)?.describe()?);
                        learnt.push((digest, described.clone()));
                        described
                    }
                };
                Ok((anatomy, described))
            });
            rows.push(PluginRow { found, digest: Some(digest.to_hex().to_string()), what, used_by });
        }
        // A library that is only looked at is not made; then descriptions are asked for again the next time.
        if !learnt.is_empty() && database.exists() {
            let mut writer = Store::open(database)?.writer()?;
            writer.transaction(|db| {
                learnt.iter().try_for_each(|(digest, said)| descriptions::put(db, digest.as_bytes(), said))
            })?;
        }
        Ok(rows)
    }

    /// Finds out everything about a plugin, without trusting it.
    pub fn plugin_report(&self, name: &str) -> Result<PluginReport, PluginError> {
        let found = self.found(name)?;
        let begun = Instant::now();
        let plugin = self.plugins().examine(&found)?;
        let load = begun.elapsed();
        let begun = Instant::now();
        let description = plugin.describe()?;
        let first_call = begun.elapsed();
        let is_trusted = match &found.origin {
            Origin::Bundled => true,
            Origin::Dropped(_) => {
                let digest = plugin.digest.to_hex();
                self.plugins().lock().read()?.iter().any(|known| known.digest == *digest.as_str())
            }
        };
        Ok(PluginReport { plugin, description, is_trusted, cost: Cost { load, first_call } })
    }

    /// Trusts a plugin as it is now; returns its digest and, when it differs, the one that was trusted before.
    pub fn trust_plugin(&self, name: &str) -> Result<(String, Option<String>), PluginError> {
        let found = self.found(name)?;
        let bytes = self.plugins().bytes(&found)?;
        Anatomy::read(&found.name, &bytes)?;
        let digest = blake3::hash(&bytes);
        let before = match &found.origin {
            Origin::Bundled => None,
            Origin::Dropped(path) => self.plugins().lock().trust(&found.name, path, &digest)?,
        };
        let digest = digest.to_hex().to_string();
        Ok((digest.clone(), before.map(|known| known.digest).filter(|known| *known != digest)))
    }

    /// Checks whether a plugin keeps the contract, over sample facts where it is a policy.
    pub fn check_plugin(&self, name: &str, options: &[Node]) -> Result<Vec<Finding>, PluginError> {
        let found = self.found(name)?;
        let plugin = self.plugins().examine(&found)?;
        let description = plugin.describe()?;
        let again = plugin.describe()?;
        let kinds: Vec<&str> = plugin.anatomy.kinds.iter().map(|kind| kind.name()).collect();
        let mut findings = vec![
            Finding { promise: "it is a component for this contract", outcome: Ok(kinds.join(", ")) },
            Finding {
                promise: "it imports only what its kind may have",
                outcome: Ok(plugin.anatomy.class.to_string()),
            },
            Finding {
                promise: "it describes itself the same way twice",
                outcome: if said_the_same(&description, &again) {
                    Ok(format!("{} {}", description.name, description.version))
                } else {
                    Err("two fresh instances said different things".to_owned())
                },
            },
        ];
        let problems = plugin.check(options)?;
        let described = format!("{} options described", description.options.len());
        let required: Vec<String> = description
            .options
            .iter()
            .filter(|option| option.required && option.parent.is_none())
            .map(|option| format!("`{}`", option.name))
            .collect();
        findings.push(Finding {
            promise: "it accepts its options",
            outcome: match problems.first() {
                None => Ok(described),
                // A plugin that cannot do without options is not broken for refusing none.
                Some(_) if options.is_empty() && !required.is_empty() => {
                    Ok(format!("{described}; it needs {}, so name a profile to check more", required.join(", ")))
                }
                Some(problem) => Err(problem.message.clone()),
            },
        });
        if plugin.anatomy.kinds.contains(&Kind::Policy) {
            findings.extend(check_policy(&plugin, options)?);
        }
        Ok(findings)
    }

    fn found(&self, name: &str) -> Result<Found, PluginError> {
        let mut found = self.plugins().find(name)?;
        if let Origin::Dropped(path) = &mut found.origin {
            *path = self.places().working.join(&*path);
        }
        Ok(found)
    }

    /// Which profiles name which plugin; profiles with mistakes name none.
    fn uses(&self) -> BTreeMap<String, Vec<String>> {
        let mut used: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for name in self.search().list().into_iter().map(|found| found.name) {
            let Ok(profile) = Profile::load(&self.search(), &name, self.places().user_home.as_deref()) else {
                continue;
            };
            let named = std::iter::once(&profile.detect).chain(&profile.introspect).chain(&profile.policies);
            for plugin in named {
                let Ok(found) = self.plugins().find(&plugin.plugin.to_string()) else { continue };
                let names = used.entry(key(&found)).or_default();
                if !names.contains(&name) {
                    names.push(name.clone());
                }
            }
        }
        used
    }
}

/// What tells two plugins apart.
fn key(found: &Found) -> String {
    match &found.origin {
        Origin::Bundled => found.name.clone(),
        Origin::Dropped(path) => path.to_string_lossy().into_owned(),
    }
}

fn in_short(said: Description) -> Described {
    Described { name: said.name, version: said.version, summary: said.summary, licence: said.licence }
}

fn said_the_same(one: &Description, other: &Description) -> bool {
    format!("{one:?}") == format!("{other:?}")
}

/// Asks a policy about sample facts: the same question twice, in reused and fresh instances, and about the outcome.
fn check_policy(plugin: &Arc<Plugin>, options: &[Node]) -> Result<Vec<Finding>, PluginError> {
    let mut policy = plugin.policy(options.to_vec())?;
    let samples = samples();
    let mut failed = None;
    let mut changed = None;
    let mut restless = None;
    for (name, facts) in &samples {
        let context = context(name);
        let first = match answer(&mut policy, &context, facts) {
            Ok(answer) => answer,
            Err(error) => {
                failed.get_or_insert(format!("{name}: {error}"));
                continue;
            }
        };
        policy.forget_instance();
        if answer(&mut policy, &context, facts).ok().as_ref() != Some(&first) {
            changed.get_or_insert(format!("{name}: a fresh instance answered differently"));
        }
        let Some(verdict) = first.1 else { continue };
        let mut planner = Planner::new(facts);
        if let Err(error) = planner.add(&plugin.name, verdict) {
            failed.get_or_insert(format!("{name}: {error}"));
            continue;
        }
        let outcome = planner.facts().clone();
        match answer(&mut policy, &context, &outcome) {
            Ok((_, Some(again))) if again.steps.is_empty() => {}
            Ok((_, None)) => {}
            Ok((_, Some(again))) => {
                let kind = again.steps[0].action.kind().name();
                restless.get_or_insert(format!("{name}: on its own outcome it still asks for {kind}"));
            }
            Err(error) => {
                failed.get_or_insert(format!("{name}: {error}"));
            }
        }
    }
    let all = format!("{} sample files", samples.len());
    let outcome = |broken: Option<String>| broken.map_or_else(|| Ok(all.clone()), Err);
    Ok(vec![
        Finding { promise: "it answers within its limits, with steps that make sense", outcome: outcome(failed) },
        Finding { promise: "it is deterministic", outcome: outcome(changed) },
        Finding { promise: "it comes to rest on its own outcome", outcome: outcome(restless) },
    ])
}

/// What a policy answered: why it declined, or its verdict.
type Answer = (Option<String>, Option<crate::plan::Verdict>);

fn answer(policy: &mut Policy, context: &Context, facts: &Facts) -> Result<Answer, CallError> {
    match policy.evaluate(context, facts) {
        Ok(verdict) => Ok((None, Some(verdict))),
        Err(NoVerdict::Call(error)) => Err(error),
        Err(declined) => Ok((Some(declined.to_string()), None)),
    }
}

fn context(name: &str) -> Context {
    Context {
        today: "2024-02-29".to_owned(),
        file_name: format!("{name}.mkv"),
        size: 1 << 30,
        allowed: Grants::everything().names(),
        ..Context::default()
    }
}

/// Files that tell policies apart: nothing, one of each, many languages, commentary, forced subtitles, odd text.
fn samples() -> Vec<(&'static str, Facts)> {
    let video = || {
        Details::Video(Video {
            width: 1920,
            height: 1080,
            display_width: 1920,
            display_height: 1080,
            ..Video::default()
        })
    };
    let audio = || Details::Audio(Audio { channels: 6, sample_rate: Some(48_000), ..Audio::default() });
    let text = || Details::Subtitle(Subtitle { form: Some(SubtitleForm::Text) });
    let film = |tracks: Vec<(Details, &str, &str, Option<&str>, Flags)>| Facts {
        container: "matroska".to_owned(),
        duration_ns: Some(5_400_000_000_000),
        tracks: (0..)
            .zip(tracks)
            .map(|(id, (details, codec, language, title, flags))| Track {
                id,
                number: u64::from(id) + 1,
                addresses: Default::default(),
                details,
                codec: codec.to_owned(),
                codec_id: codec.to_owned(),
                profile: None,
                level: None,
                language: Language::from_file(language),
                title: title.map(str::to_owned),
                flags,
                duration_ns: None,
                bit_rate: None,
                extra: Vec::new(),
            })
            .collect(),
        ..Facts::default()
    };
    let plain = Flags::default();
    let default = Flags { default: true, ..plain };
    let forced = Flags { forced: true, ..plain };
    let commentary = Flags { commentary: true, ..plain };
    vec![
        ("no tracks", Facts { container: "matroska".to_owned(), ..Facts::default() }),
        ("video only", film(vec![(video(), "h264", "und", None, default)])),
        (
            "one of each",
            film(vec![
                (video(), "h264", "und", None, default),
                (audio(), "aac", "eng", None, default),
                (text(), "subrip", "eng", None, plain),
            ]),
        ),
        (
            "many languages",
            film(vec![
                (audio(), "ac3", "fre", Some("Français"), default),
                (video(), "hevc", "und", None, plain),
                (text(), "ass", "ger", Some("Schilder"), forced),
                (audio(), "dts", "jpn", None, default),
                (audio(), "aac", "pt-BR", None, plain),
                (text(), "subrip", "eng", Some("SDH"), default),
            ]),
        ),
        (
            "only commentary",
            film(vec![
                (video(), "h264", "eng", None, plain),
                (audio(), "aac", "eng", Some("Director's Commentary"), commentary),
                (audio(), "aac", "eng", Some("Lost in Space - Stereo"), plain),
            ]),
        ),
        (
            "odd text",
            film(vec![
                (video(), "h264", "nonsense", Some("\u{202e}\u{7}\n"), plain),
                (audio(), "", "", Some(""), plain),
                (Details::Other, "bin_data", "und", None, plain),
            ]),
        ),
    ]
}
