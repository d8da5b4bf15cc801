//! What a plugin said of itself, checked: a description is as little to be trusted as any other answer.
//!
//! What cannot be meant (a default that is no choice, an option inside one that comes after it) is refused by name, so
//! that it is found when the plugin is written and not when a profile meets it. Texts are capped and made visible.

use std::collections::HashSet;

use super::bindings::about::{Description, OptionSpec, ValueKind, ValueSpec};
use super::bindings::types::Value;
use crate::media::text;

/// Options of one plugin.
const OPTIONS_MAX: usize = 1000;

/// Arguments or properties of one option.
const VALUES_MAX: usize = 100;

/// Texts that one value may be limited to.
const CHOICES_MAX: usize = 500;

/// Bytes of a default: it is filled into every option that does not give one.
const DEFAULT_MAX: usize = 256;

/// Bytes of a choice or of what help texts call a value.
const WORD_MAX: usize = 100;

/// Bytes of a summary.
const SUMMARY_MAX: usize = 500;

/// Checks a description; the error says what is wrong with it.
pub(super) fn checked(said: Description) -> Result<Description, String> {
    if !is_name(&said.name) {
        let name = shown(&said.name, 64);
        return Err(format!("the name {name:?} is not made of lower-case letters, digits and -"));
    }
    if said.options.len() > OPTIONS_MAX {
        return Err(format!("it has {} options, and {OPTIONS_MAX} are taken", said.options.len()));
    }
    let mut names = HashSet::new();
    for (index, option) in said.options.iter().enumerate() {
        place_of(&said.options, index)?;
        if !names.insert((option.parent, option.name.as_str())) {
            return Err(format!("two options in the same place are called {}", option.name));
        }
        values(option).map_err(|wrong| format!("option {}: {wrong}", option.name))?;
    }
    Ok(Description {
        name: said.name,
        version: shown(&said.version, 64),
        summary: shown(&said.summary, 200),
        licence: shown(&said.licence, 100),
        options: said.options.into_iter().map(option_shown).collect(),
    })
}

/// Whether an option has a name and stands where options can stand.
fn place_of(options: &[OptionSpec], index: usize) -> Result<(), String> {
    let option = &options[index];
    if !is_name(&option.name) {
        let name = shown(&option.name, 64);
        return Err(format!("the option name {name:?} is not made of lower-case letters, digits and -"));
    }
    if option.parent.is_some_and(|parent| parent as usize >= index) {
        return Err(format!("option {} stands in an option that does not come before it", option.name));
    }
    if option.children_of.is_some_and(|other| other as usize >= options.len()) {
        return Err(format!("option {} takes the children of an option that there is not", option.name));
    }
    Ok(())
}

fn values(option: &OptionSpec) -> Result<(), String> {
    for (what, values) in [("arguments", &option.arguments), ("properties", &option.properties)] {
        if values.len() > VALUES_MAX {
            return Err(format!("it has {} {what}, and {VALUES_MAX} are taken", values.len()));
        }
    }
    let last = option.arguments.len().saturating_sub(1);
    if let Some(value) = option.arguments.iter().take(last).find(|value| value.repeats) {
        return Err(format!("{} repeats and is not the last argument", shown(&value.name, WORD_MAX)));
    }
    let mut names = HashSet::new();
    for property in &option.properties {
        if !names.insert(property.name.as_str()) {
            return Err(format!("two properties are called {}", shown(&property.name, WORD_MAX)));
        }
    }
    option.arguments.iter().chain(&option.properties).try_for_each(value)
}

fn value(value: &ValueSpec) -> Result<(), String> {
    let name = shown(&value.name, WORD_MAX);
    if value.name.is_empty() || name != value.name {
        return Err(format!("a value is called {name:?}"));
    }
    if value.choices.len() > CHOICES_MAX {
        return Err(format!("{name} has {} choices, and {CHOICES_MAX} are taken", value.choices.len()));
    }
    if let Some(choice) = value.choices.iter().find(|choice| shown(choice, WORD_MAX) != **choice) {
        return Err(format!("{name} has the choice {:?}", shown(choice, WORD_MAX)));
    }
    let Some(default) = &value.default else { return Ok(()) };
    let fits = match (value.kind, default) {
        (ValueKind::Any, Value::Text(text)) => text.len() <= DEFAULT_MAX,
        (ValueKind::Any, _)
        | (ValueKind::Boolean, Value::Boolean(_))
        | (ValueKind::Integer, Value::Integer(_))
        | (ValueKind::Decimal, Value::Integer(_)) => true,
        (ValueKind::Decimal, Value::Decimal(number)) => number.is_finite(),
        (ValueKind::Text | ValueKind::Language, Value::Text(text)) => {
            text.len() <= DEFAULT_MAX
                && (value.choices.is_empty() || value.kind == ValueKind::Language || value.choices.contains(text))
        }
        _ => false,
    };
    if fits { Ok(()) } else { Err(format!("the default of {name} is not what may be written there")) }
}

fn option_shown(option: OptionSpec) -> OptionSpec {
    let value = |value: ValueSpec| ValueSpec { summary: shown(&value.summary, SUMMARY_MAX), ..value };
    OptionSpec {
        summary: shown(&option.summary, SUMMARY_MAX),
        arguments: option.arguments.into_iter().map(value).collect(),
        properties: option.properties.into_iter().map(value).collect(),
        ..option
    }
}

fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn shown(said: &str, max: usize) -> String {
    text::visible(text::capped(said, max)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn option(name: &str) -> OptionSpec {
        OptionSpec {
            name: name.to_owned(),
            parent: None,
            children_of: None,
            required: false,
            repeats: false,
            arguments: Vec::new(),
            properties: Vec::new(),
            summary: String::new(),
        }
    }

    fn value(kind: ValueKind, default: Option<Value>) -> ValueSpec {
        ValueSpec {
            name: "value".to_owned(),
            kind,
            choices: Vec::new(),
            required: false,
            repeats: false,
            default,
            summary: String::new(),
        }
    }

    fn described(options: Vec<OptionSpec>) -> Result<Description, String> {
        let text = |text: &str| text.to_owned();
        checked(Description {
            name: text("one"),
            version: text("1"),
            summary: text("red \u{1b}[31m"),
            licence: text("MIT"),
            options,
        })
    }

    #[test]
    fn what_it_says_is_made_visible() {
        let described = described(vec![OptionSpec { summary: "back\u{202e}wards".to_owned(), ..option("a") }]).unwrap();

        assert_eq!(described.summary, "red ␛[31m");
        assert_eq!(described.options[0].summary, "back⟨U+202E⟩wards");
    }

    #[test]
    fn what_cannot_be_meant_is_refused_by_name() {
        let repeats = |value: ValueSpec| ValueSpec { repeats: true, ..value };
        let text = |text: &str| Some(Value::Text(text.to_owned()));
        let choices = |value: ValueSpec| ValueSpec { choices: vec!["a".to_owned()], ..value };
        let with = |arguments| vec![OptionSpec { arguments, ..option("a") }];
        for (options, expected) in [
            (vec![option("A")], "is not made of"),
            (vec![option("a"), option("a")], "two options in the same place"),
            (vec![OptionSpec { parent: Some(0), ..option("a") }], "does not come before it"),
            (vec![OptionSpec { children_of: Some(7), ..option("a") }], "that there is not"),
            (vec![option("a"); OPTIONS_MAX + 1], "1001 options"),
            (with(vec![value(ValueKind::Any, None); VALUES_MAX + 1]), "101 arguments"),
            (with(vec![repeats(value(ValueKind::Any, None)), value(ValueKind::Any, None)]), "not the last"),
            (with(vec![value(ValueKind::Boolean, text("yes"))]), "the default of value"),
            (with(vec![choices(value(ValueKind::Text, text("b")))]), "the default of value"),
            (with(vec![value(ValueKind::Text, text(&"x".repeat(DEFAULT_MAX + 1)))]), "the default of value"),
            (with(vec![value(ValueKind::Decimal, Some(Value::Decimal(f64::NAN)))]), "the default of value"),
        ] {
            let refused = described(options).unwrap_err();
            assert!(refused.contains(expected), "{expected}: {refused}");
        }
    }
}
