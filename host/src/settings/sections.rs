//! The sections of the settings: every setting once, with its type. Comments and values for people are in `defaults.kdl`.

use std::{path::PathBuf, time::Duration};

use super::setting::{Row, Setting};
use super::units::{ByteSize, Languages, LogFilter, Percent, Threads, Version};
use super::words::{Backup, Hardlinks, LogFormat, Mtime};
use super::{Origin, Sourced};
use crate::kdl_read::{List, Mistakes, Node, Section};

/// Turns the list below into three things: sections of values that are there ([`Settings`]), sections of values that may
/// be there ([`Layer`]), and the code that reads, overlays and lists them. The KDL name of a setting is the name of its
/// field with `-` for `_`.
macro_rules! settings {
    ($($(#[$section_about:meta])* $section:ident: $Section:ident / $SectionLayer:ident {
        $($(#[$about:meta])* $name:ident ($kdl:literal): $Type:ty,)*
    })*) => {
        /// Every setting with the value that holds, and who chose it.
        #[derive(Debug, Clone, PartialEq)]
        pub struct Settings {
            $($(#[$section_about])* pub $section: $Section,)*
        }

        /// What one text, or the command line, says: some settings.
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct Layer {
            $(pub $section: $SectionLayer,)*
        }

        $(
            $(#[$section_about])*
            #[derive(Debug, Clone, PartialEq)]
            pub struct $Section {
                $($(#[$about])* pub $name: Sourced<$Type>,)*
            }

            #[derive(Debug, Clone, PartialEq, Default)]
            pub struct $SectionLayer {
                $(pub $name: Option<Sourced<$Type>>,)*
            }
        )*

        impl Layer {
            /// The names of all sections.
            pub const SECTIONS: &'static [&'static str] = &[$(stringify!($section)),*];

            /// Reads a node when it is one of the sections; false when it is not.
            pub fn read(&mut self, node: Node, origin: &Origin, mistakes: &mut Mistakes) -> bool {
                match node.name() {
                    $(stringify!($section) => {
                        node.no_arguments(mistakes);
                        let mut section = Section::open(node);
                        $(if let Some((value, place)) = section.setting($kdl, mistakes) {
                            self.$section.$name = Some(Sourced::new(value, origin.at(place.line())));
                        })*
                        section.close(mistakes);
                    })*
                    _ => return false,
                }
                true
            }

            /// This layer where it says something, the weaker one elsewhere.
            pub fn over(self, weaker: Layer) -> Layer {
                Layer {
                    $($section: $SectionLayer {
                        $($name: self.$section.$name.or(weaker.$section.$name),)*
                    },)*
                }
            }

            /// Every setting of which this layer says something.
            pub fn rows(&self) -> Vec<Row> {
                let mut rows = Vec::new();
                $($(if let Some(sourced) = &self.$section.$name {
                    rows.push(row(stringify!($section), $kdl, sourced));
                })*)*
                rows
            }

            /// All values; `None` when one is missing, which only a layer over the defaults rules out.
            fn complete(self) -> Option<Settings> {
                Some(Settings {
                    $($section: $Section { $($name: self.$section.$name?,)* },)*
                })
            }
        }

        impl Settings {
            /// Every setting, in the order of `defaults.kdl`.
            pub fn rows(&self) -> Vec<Row> {
                vec![$($(row(stringify!($section), $kdl, &self.$section.$name),)*)*]
            }
        }
    };
}

settings! {
    /// How folders are scanned.
    scan: Scan / ScanLayer {
        threads("threads"): Threads,
        /// A file written less than this ago is left for the next scan.
        stability("stability"): Duration,
        follow_symlinks("follow-symlinks"): bool,
        /// As written; compared without regard to case.
        extensions("extensions"): List<String>,
        breaker_minimum("breaker-minimum"): u64,
        breaker_percent("breaker-percent"): Percent,
    }

    /// How files are changed.
    apply: Apply / ApplyLayer {
        backup("backup"): Backup,
        hardlinks("hardlinks"): Hardlinks,
        mtime("mtime"): Mtime,
        /// None: beside the original.
        temp_folder("temp-folder"): Option<PathBuf>,
        verify("verify"): bool,
        jobs("jobs"): Threads,
        stall("stall"): Duration,
    }

    /// What a plan must never do.
    protect: Protect / ProtectLayer {
        keep_video("keep-video"): bool,
        keep_audio("keep-audio"): bool,
        /// The last audio track in one of these stays, as does the last subtitle in one of the next.
        audio_languages("audio-languages"): Languages,
        subtitle_languages("subtitle-languages"): Languages,
    }

    /// What is remembered of finished jobs.
    jobs: Jobs / JobsLayer {
        retention_days("retention-days"): u32,
        auto_purge("auto-purge"): bool,
        /// None: for ever.
        keep_history_days("keep-history-days"): Option<u32>,
    }

    /// What is written to the log.
    logging: Logging / LoggingLayer {
        level("level"): LogFilter,
        /// None: no file.
        file("file"): Option<PathBuf>,
        format("format"): LogFormat,
        stderr("stderr"): bool,
        rotate_size("rotate-size"): ByteSize,
        rotate_keep("rotate-keep"): u32,
    }

    /// External programs: where they are (none: found through `PATH`) and how old they may be.
    tools: Tools / ToolsLayer {
        mkvpropedit("mkvpropedit"): Option<PathBuf>,
        mkvmerge("mkvmerge"): Option<PathBuf>,
        mkvextract("mkvextract"): Option<PathBuf>,
        ffmpeg("ffmpeg"): Option<PathBuf>,
        ffprobe("ffprobe"): Option<PathBuf>,
        mkvpropedit_minimum("mkvpropedit-minimum"): Version,
        mkvmerge_minimum("mkvmerge-minimum"): Version,
        mkvextract_minimum("mkvextract-minimum"): Version,
        ffmpeg_minimum("ffmpeg-minimum"): Version,
        ffprobe_minimum("ffprobe-minimum"): Version,
    }

    /// What one plugin may use.
    limits: Limits / LimitsLayer {
        memory("memory"): ByteSize,
        detect_time("detect-time"): Duration,
        read_time("read-time"): Duration,
        read_calls("read-calls"): u64,
        read_bytes("read-bytes"): ByteSize,
        evaluate_time("evaluate-time"): Duration,
        tool_time("tool-time"): Duration,
    }

    /// Where everything is recorded.
    database: Database / DatabaseLayer {
        path("path"): PathBuf,
    }
}

impl Settings {
    /// Takes every value from the strongest layer that has it. `layers` are strongest first and lie over the built-in
    /// defaults.
    pub fn resolve(layers: impl IntoIterator<Item = Layer>, defaults: Layer) -> Settings {
        let stacked = layers.into_iter().fold(Layer::default(), Layer::over);
        stacked.over(defaults).complete().expect("a test finds every setting in the built-in defaults")
    }
}

fn row<T: Setting>(section: &'static str, name: &str, sourced: &Sourced<T>) -> Row {
    Row {
        section,
        name: name.to_owned(),
        kdl: sourced.value.kdl(),
        value: sourced.value.json(),
        source: sourced.source.clone(),
    }
}
