//! Traits to write a plugin with, and the macros that export it.
//!
//! ```
//! use vpo_plugin_sdk::facts::Facts;
//! use vpo_plugin_sdk::policy::{Context, Failure, Verdict};
//! use vpo_plugin_sdk::{Plugin, Policy};
//!
//! struct Nothing;
//!
//! impl Plugin for Nothing {
//!     const NAME: &str = "nothing";
//!     const VERSION: &str = env!("CARGO_PKG_VERSION");
//!     const SUMMARY: &str = "Changes nothing";
//!     type Options = ();
//! }
//!
//! impl Policy for Nothing {
//!     fn evaluate(_: &(), _: &Context, _: &Facts) -> Result<Verdict, Failure> {
//!         Ok(vpo_plugin_sdk::draft::nothing())
//!     }
//! }
//!
//! vpo_plugin_sdk::policy_plugin!(Nothing);
//! ```

use std::any::Any;
use std::cell::RefCell;
use std::marker::PhantomData;

use crate::about::Description;
use crate::facts::Facts;
use crate::options::{self, Options};
use crate::source::Media;
use crate::types::{Node, Problem};
use crate::{detector, introspector, policy};

/// What every plugin says of itself.
pub trait Plugin: 'static {
    /// Lower-case letters, digits and `-`.
    const NAME: &'static str;
    /// Usually `env!("CARGO_PKG_VERSION")`.
    const VERSION: &'static str;
    /// One line for lists.
    const SUMMARY: &'static str;
    /// SPDX expression.
    const LICENCE: &'static str = "MIT OR Apache-2.0";

    /// Its options; `()` when there are none.
    type Options: Options;

    /// Problems in the options that their declaration cannot express.
    fn check(_options: &Self::Options) -> Vec<Problem> {
        Vec::new()
    }
}

/// A plugin that says what would bring a file in line.
pub trait Policy: Plugin {
    /// Says what to do with one file; a pure function.
    ///
    /// # Errors
    ///
    /// When the file must not be touched, or is of a kind that the policy cannot work on.
    fn evaluate(
        options: &Self::Options,
        context: &policy::Context,
        facts: &Facts,
    ) -> Result<policy::Verdict, policy::Failure>;
}

/// A plugin that reads facts from a file.
pub trait Introspector: Plugin {
    /// What its files look like.
    fn claim() -> introspector::Claims;

    /// Reads one file.
    ///
    /// # Errors
    ///
    /// `NotMine` passes the file on to the next introspector.
    fn read(options: &Self::Options, media: &Media) -> Result<Facts, introspector::Failure>;
}

/// A plugin that decides which files must be read again.
pub trait Detector: Plugin {
    /// Returns one standing for each sighting, in order.
    fn detect(options: &Self::Options, scan: &detector::Scan, batch: &[detector::Sighting]) -> Vec<detector::Standing>;
}

/// Describes a plugin as the contract wants it.
pub fn describe<P: Plugin>() -> Description {
    Description {
        name: P::NAME.into(),
        version: P::VERSION.into(),
        summary: P::SUMMARY.into(),
        licence: P::LICENCE.into(),
        options: options::describe::<P::Options>(),
    }
}

/// Finds everything that is wrong with the options of a plugin.
pub fn check<P: Plugin>(nodes: &[Node]) -> Vec<Problem> {
    let problems = options::validate(&options::describe::<P::Options>(), nodes);
    if !problems.is_empty() {
        return problems;
    }
    match options::parse::<P::Options>(nodes) {
        Ok(options) => P::check(&options),
        Err(problems) => problems,
    }
}

/// Nodes, and the options read from them.
type Known = (Vec<Node>, Box<dyn Any>);

thread_local! {
    /// The options of the last call, because the next call nearly always has the same.
    static LAST: RefCell<Option<Known>> = const { RefCell::new(None) };
}

fn with_options<P: Plugin, T>(nodes: Vec<Node>, then: impl FnOnce(&P::Options) -> T) -> Result<T, String> {
    LAST.with_borrow_mut(|last| {
        if let Some((known, options)) = last {
            if *known == nodes {
                if let Some(options) = options.downcast_ref::<P::Options>() {
                    return Ok(then(options));
                }
            }
        }
        let options = options::parse::<P::Options>(&nodes).map_err(|problems| {
            let texts: Vec<_> = problems.into_iter().map(|problem| problem.message).collect();
            format!("the options of {} are wrong: {}", P::NAME, texts.join("; "))
        })?;
        let answer = then(&options);
        *last = Some((nodes, Box::new(options)));
        Ok(answer)
    })
}

/// Makes the exports of the contract out of a plugin; used by the macros.
pub struct Exported<P>(PhantomData<P>);

macro_rules! manifest {
    ($module:ident, $kind:ident) => {
        impl<P: $kind> $module::Manifest for Exported<P> {
            fn describe() -> Description {
                crate::logging::report_panics();
                describe::<P>()
            }

            fn check(options: Vec<Node>) -> Vec<Problem> {
                crate::logging::report_panics();
                check::<P>(&options)
            }
        }
    };
}

manifest!(policy, Policy);
manifest!(introspector, Introspector);
manifest!(detector, Detector);

impl<P: Policy> policy::Guest for Exported<P> {
    fn evaluate(
        options: Vec<Node>,
        context: policy::Context,
        facts: Facts,
    ) -> Result<policy::Verdict, policy::Failure> {
        crate::logging::report_panics();
        with_options::<P, _>(options, |options| P::evaluate(options, &context, &facts))
            .unwrap_or_else(|problem| Err(policy::Failure::Unsupported(problem)))
    }
}

impl<P: Introspector> introspector::Guest for Exported<P> {
    fn claim() -> introspector::Claims {
        crate::logging::report_panics();
        P::claim()
    }

    fn read(options: Vec<Node>, media: &Media) -> Result<Facts, introspector::Failure> {
        crate::logging::report_panics();
        with_options::<P, _>(options, |options| P::read(options, media))
            .unwrap_or_else(|problem| Err(introspector::Failure::Unsupported(problem)))
    }
}

impl<P: Detector> detector::Guest for Exported<P> {
    fn detect(options: Vec<Node>, scan: detector::Scan, batch: Vec<detector::Sighting>) -> Vec<detector::Standing> {
        crate::logging::report_panics();
        // The host checks options before any call, and a detector has no other way to refuse them.
        with_options::<P, _>(options, |options| P::detect(options, &scan, &batch))
            .unwrap_or_else(|problem| panic!("{problem}"))
    }
}

/// Exports a type that implements [`Policy`] as the component's policy. Does nothing in native builds.
#[macro_export]
macro_rules! policy_plugin {
    ($plugin:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Exported = $crate::plugin::Exported<$plugin>;
            $crate::export_policy!(Exported);
        };
    };
}

/// Exports a type that implements [`Introspector`] as the component's introspector. Does nothing in native builds.
#[macro_export]
macro_rules! introspector_plugin {
    ($plugin:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Exported = $crate::plugin::Exported<$plugin>;
            $crate::export_introspector!(Exported);
        };
    };
}

/// Exports a type that implements [`Detector`] as the component's detector. Does nothing in native builds.
#[macro_export]
macro_rules! detector_plugin {
    ($plugin:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Exported = $crate::plugin::Exported<$plugin>;
            $crate::export_detector!(Exported);
        };
    };
}
