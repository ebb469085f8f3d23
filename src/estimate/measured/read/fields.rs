//! A row's fields by name, whatever format they were written in.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::shown;
use crate::language::tr;

/// Most fields of one row that are kept; llama-bench writes some 45.
const FIELDS_MAX: usize = 256;
/// Longest text that is kept of one, bytes; file names may be long.
const TEXT_MAX: usize = 4096;

/// A value without parts.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar {
    /// Text; of a table every value is.
    Text(String),
    /// Number.
    Number(f64),
    /// Truth value.
    Bool(bool),
    /// Nothing.
    Null,
    /// A list or an object: samples, settings of a server. Nothing in it is read.
    Other,
}

/// A row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Fields(BTreeMap<String, Scalar>);

impl Fields {
    pub fn set(&mut self, name: &str, value: Scalar) {
        if self.0.len() < FIELDS_MAX && name.len() <= TEXT_MAX {
            self.0.insert(name.to_owned(), value);
        }
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Text that is not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name)? {
            Scalar::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            _ => None,
        }
    }

    /// A number, also one written as text; `Ok(None)` where there is none.
    pub fn number(&self, name: &str) -> Result<Option<f64>, String> {
        let wrong = |text: &str| tr!("{name} is {shown}, not a number", name, shown = shown(text));
        match self.0.get(name) {
            None | Some(Scalar::Null) => Ok(None),
            Some(Scalar::Number(number)) => Ok(Some(*number)),
            Some(Scalar::Text(text)) if text.trim().is_empty() => Ok(None),
            Some(Scalar::Text(text)) => {
                let number: Option<f64> = text.trim().parse().ok();
                number.filter(|number| number.is_finite()).map(Some).ok_or_else(|| wrong(text))
            }
            Some(Scalar::Bool(_)) => Err(wrong(tr!("a truth value"))),
            Some(Scalar::Other) => Err(wrong(tr!("a list or an object"))),
        }
    }

    /// A number that must be there.
    pub fn needed(&self, name: &str) -> Result<f64, String> {
        self.number(name)?.ok_or_else(|| tr!("{name} is missing", name))
    }

    /// A count: whole and not negative.
    pub fn count(&self, name: &str) -> Result<Option<u32>, String> {
        match self.number(name)? {
            Some(number) if number < 0.0 || number > f64::from(u32::MAX) || number.fract() != 0.0 => {
                Err(tr!("{name} is {number}, not a count", name, number))
            }
            number => Ok(number.map(|number| number as u32)),
        }
    }

    /// A switch, also written as 0 and 1 or on and off; `None` where the program chooses ("auto", -1) or
    /// nothing is said.
    pub fn switch(&self, name: &str) -> Option<bool> {
        match self.0.get(name)? {
            Scalar::Bool(on) => Some(*on),
            Scalar::Number(number) => Self::switch_of(*number),
            Scalar::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
                "on" | "true" | "enabled" => Some(true),
                "off" | "false" | "disabled" => Some(false),
                other => Self::switch_of(other.parse().ok()?),
            },
            Scalar::Null | Scalar::Other => None,
        }
    }

    fn switch_of(number: f64) -> Option<bool> {
        [(0.0, false), (1.0, true)].into_iter().find(|(known, _)| *known == number).map(|(_, on)| on)
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(tr!("an object"))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Fields::default();
                while let Some(name) = map.next_key::<String>()? {
                    fields.set(&name, map.next_value()?);
                }
                Ok(fields)
            }
        }

        deserializer.deserialize_map(Object)
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Scalar;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(tr!("a value"))
            }

            fn visit_bool<E>(self, on: bool) -> Result<Scalar, E> {
                Ok(Scalar::Bool(on))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Scalar, E> {
                Ok(Scalar::Number(number as f64))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Scalar, E> {
                Ok(Scalar::Number(number as f64))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Scalar, E> {
                Ok(Scalar::Number(number))
            }

            fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
                let end = text.floor_char_boundary(TEXT_MAX);
                Ok(Scalar::Text(text[..end].to_owned()))
            }

            fn visit_unit<E>(self) -> Result<Scalar, E> {
                Ok(Scalar::Null)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Scalar, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }
        }

        deserializer.deserialize_any(Any)
    }
}
