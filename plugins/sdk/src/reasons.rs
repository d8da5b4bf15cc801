//! Reasons: one sentence for a person, the option that asked for it, and what was looked at.

use crate::policy::{LeftAlone, Reason};
use crate::types::{Entry, Value};

/// Begins a reason with its sentence.
pub fn because(text: impl Into<String>) -> Reason {
    Reason { text: text.into(), node: None, inputs: Vec::new() }
}

/// Adds to a reason.
pub trait ReasonExt: Sized {
    /// Names the option node that asked for it.
    fn asked_by(self, node: Option<u32>) -> Self;
    /// Adds something that was looked at.
    fn input(self, name: &str, value: impl IntoValue) -> Self;
}

impl ReasonExt for Reason {
    fn asked_by(mut self, node: Option<u32>) -> Self {
        self.node = node;
        self
    }

    fn input(mut self, name: &str, value: impl IntoValue) -> Self {
        self.inputs.push(Entry { name: name.to_owned(), value: value.into_value() });
        self
    }
}

/// Says why a track, or the whole file, stays as it is.
pub fn left_alone(track: Option<u32>, reason: Reason) -> LeftAlone {
    LeftAlone { track, reason }
}

/// What was looked at, for a sentence: `commentary: yes, channels: 8`.
pub fn in_words(inputs: &[Entry]) -> String {
    let value = |value: &Value| match value {
        Value::Null => "nothing".to_owned(),
        Value::Boolean(true) => "yes".to_owned(),
        Value::Boolean(false) => "no".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::Text(text) => text.clone(),
    };
    inputs.iter().map(|input| format!("{}: {}", input.name, value(&input.value))).collect::<Vec<_>>().join(", ")
}

/// What can stand as an input of a reason.
pub trait IntoValue {
    fn into_value(self) -> Value;
}

impl IntoValue for Value {
    fn into_value(self) -> Value {
        self
    }
}

impl IntoValue for &str {
    fn into_value(self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl IntoValue for String {
    fn into_value(self) -> Value {
        Value::Text(self)
    }
}

impl IntoValue for bool {
    fn into_value(self) -> Value {
        Value::Boolean(self)
    }
}

impl IntoValue for u32 {
    fn into_value(self) -> Value {
        Value::Integer(i64::from(self))
    }
}

impl IntoValue for u64 {
    fn into_value(self) -> Value {
        Value::Integer(i64::try_from(self).unwrap_or(i64::MAX))
    }
}

impl IntoValue for usize {
    fn into_value(self) -> Value {
        Value::Integer(i64::try_from(self).unwrap_or(i64::MAX))
    }
}

impl<T: IntoValue> IntoValue for Option<T> {
    fn into_value(self) -> Value {
        self.map_or(Value::Null, IntoValue::into_value)
    }
}
