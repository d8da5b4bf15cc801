//! Scalars of KDL as Rust types.

use crate::about::ValueKind;
use crate::types::Value;

/// A type that stands as an argument or a property.
///
/// Derive [`Choice`](super::Choice) for a word out of a few; implement it by hand for texts with a grammar of their own.
pub trait Scalar: Sized {
    /// What the host checks the value to be.
    const KIND: ValueKind;

    /// The only words allowed; empty when any value of the kind is.
    fn choices() -> &'static [&'static str] {
        &[]
    }

    /// Reads the value.
    ///
    /// # Errors
    ///
    /// What would be right, as a lower-case fragment.
    fn from_value(value: &Value) -> Result<Self, String>;

    /// The value as it would stand in a profile; used to show defaults.
    fn to_value(&self) -> Value;
}

/// Says that a text is none of the known words.
pub fn expected_one_of(choices: &[&str]) -> String {
    format!("must be one of {}", choices.iter().map(|choice| format!("\"{choice}\"")).collect::<Vec<_>>().join(", "))
}

impl Scalar for bool {
    const KIND: ValueKind = ValueKind::Boolean;

    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Boolean(value) => Ok(*value),
            _ => Err("must be #true or #false".into()),
        }
    }

    fn to_value(&self) -> Value {
        Value::Boolean(*self)
    }
}

impl Scalar for String {
    const KIND: ValueKind = ValueKind::Text;

    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Text(text) => Ok(text.clone()),
            _ => Err("must be a text".into()),
        }
    }

    fn to_value(&self) -> Value {
        Value::Text(self.clone())
    }
}

impl Scalar for f64 {
    const KIND: ValueKind = ValueKind::Decimal;

    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Decimal(number) => Ok(*number),
            Value::Integer(number) => Ok(*number as f64),
            _ => Err("must be a number".into()),
        }
    }

    fn to_value(&self) -> Value {
        Value::Decimal(*self)
    }
}

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl Scalar for $type {
            const KIND: ValueKind = ValueKind::Integer;

            fn from_value(value: &Value) -> Result<Self, String> {
                match value {
                    Value::Integer(number) => Self::try_from(*number)
                        .map_err(|_| format!("must be a whole number from {} to {}", Self::MIN, Self::MAX)),
                    _ => Err("must be a whole number".into()),
                }
            }

            fn to_value(&self) -> Value {
                Value::Integer(i64::try_from(*self).unwrap_or(i64::MAX))
            }
        }
    )*};
}

integers!(u8, u16, u32, u64, i32, i64);

/// Any scalar, for options that take what a tag or an extra may hold.
impl Scalar for Value {
    const KIND: ValueKind = ValueKind::Any;

    fn from_value(value: &Value) -> Result<Self, String> {
        Ok(value.clone())
    }

    fn to_value(&self) -> Value {
        self.clone()
    }
}
