//! Reads an object field by field: types, ranges and names are checked, and errors say what is allowed.
//!
//! serde would stop at the first mismatch with a sentence about Rust types; people who write queries by hand
//! need the field's name, the range, and the nearest name of a misspelt field.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::cli::error::QueryError;

/// Characters of a wrong value that a message repeats.
const SHOWN: usize = 60;
/// Candidates that an error lists at most.
const SUGGESTIONS: usize = 3;

/// An object that is being read. `null` counts as left out.
#[derive(Debug)]
pub struct Fields<'v> {
    path: String,
    map: &'v Map<String, Value>,
    /// Every name asked for: what the object may hold.
    known: Vec<&'static str>,
}

impl<'v> Fields<'v> {
    /// Starts on an object; `path` is where it stands in the query, empty for the query itself.
    pub fn of(value: &'v Value, path: String) -> Result<Self, QueryError> {
        match value {
            Value::Object(map) => Ok(Self { path, map, known: Vec::new() }),
            other => Err(QueryError::field(format!("\"{path}\" must be an object, not {}", shown(other)))),
        }
    }

    /// The value of a field, unless it is left out.
    pub fn get(&mut self, name: &'static str) -> Option<&'v Value> {
        self.known.push(name);
        self.map.get(name).filter(|value| !value.is_null())
    }

    /// Where a field stands: `machine.gpus[0].name`.
    pub fn place(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// A field whose value is wrong.
    pub fn wrong(&self, name: &str, must_be: &str, value: &Value) -> QueryError {
        QueryError::field(format!("\"{}\" must be {must_be}, not {}", self.place(name), shown(value)))
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &'static str, default: bool) -> Result<bool, QueryError> {
        match self.get(name) {
            None => Ok(default),
            Some(Value::Bool(value)) => Ok(*value),
            Some(other) => Err(self.wrong(name, "true or false", other)),
        }
    }

    /// A whole number within a range; 8192.0 is one.
    pub fn whole(
        &mut self,
        name: &'static str,
        range: RangeInclusive<u32>,
    ) -> Result<Option<u32>, QueryError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let number = value.as_f64().filter(|n| n.fract() == 0.0);
        match number {
            Some(n) if (f64::from(*range.start())..=f64::from(*range.end())).contains(&n) => {
                Ok(Some(n as u32))
            }
            _ => {
                let must_be = format!("a whole number from {} to {}", range.start(), range.end());
                Err(self.wrong(name, &must_be, value))
            }
        }
    }

    /// A number within a range.
    pub fn number(
        &mut self,
        name: &'static str,
        range: RangeInclusive<f64>,
    ) -> Result<Option<f64>, QueryError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        match value.as_f64() {
            Some(n) if range.contains(&n) => Ok(Some(n)),
            _ => {
                let must_be = format!("a number from {} to {}", range.start(), range.end());
                Err(self.wrong(name, &must_be, value))
            }
        }
    }

    /// Text that is not empty, of at most `longest` characters: names are compared with all known ones.
    pub fn text(&mut self, name: &'static str, longest: usize) -> Result<Option<&'v str>, QueryError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        match value.as_str() {
            Some(text) if is_name(text, longest) => Ok(Some(text)),
            _ => Err(self.wrong(name, &format!("a text of 1 to {longest} characters"), value)),
        }
    }

    /// One of a list of words, in any case.
    pub fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        options: &[T],
        word: impl Fn(T) -> &'static str,
    ) -> Result<Option<T>, QueryError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        if let Some(found) = choose(value, options, &word) {
            return Ok(Some(found));
        }
        let words: Vec<&str> = options.iter().map(|option| word(*option)).collect();
        let error = self.wrong(name, &format!("one of {}", words.join(", ")), value);
        let given = value.as_str().unwrap_or_default();
        Err(error.suggesting(nearest(given, words.into_iter())))
    }

    /// The last call: a field that nothing asked for is an error.
    pub fn finish(self) -> Result<(), QueryError> {
        let Some(unknown) = self.map.keys().find(|name| !self.known.contains(&name.as_str())) else {
            return Ok(());
        };
        let suggestions = nearest(unknown, self.known.iter().copied());
        let place = self.place(&shortened(unknown));
        let message = match suggestions.first() {
            Some(best) => format!("unknown field \"{place}\"; did you mean \"{best}\"?"),
            None => format!("unknown field \"{place}\"; allowed are {}", self.known.join(", ")),
        };
        Err(QueryError::field(message).suggesting(suggestions))
    }
}

/// Whether a text is neither blank nor longer than `longest` characters.
pub fn is_name(text: &str, longest: usize) -> bool {
    !text.trim().is_empty() && text.chars().nth(longest).is_none()
}

/// The option that a value names.
pub fn choose<T: Copy>(value: &Value, options: &[T], word: impl Fn(T) -> &'static str) -> Option<T> {
    let given = value.as_str()?.trim();
    options.iter().copied().find(|option| word(*option).eq_ignore_ascii_case(given))
}

/// Candidates that resemble a name, best first; equal ones in the order given.
pub fn nearest<'c>(name: &str, candidates: impl Iterator<Item = &'c str>) -> Vec<String> {
    let name: String = name.trim().to_lowercase().chars().take(SHOWN).collect();
    if name.is_empty() {
        return Vec::new();
    }
    let mut close: Vec<(f64, &str)> = candidates
        .map(|candidate| (strsim::jaro_winkler(&name, &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness > 0.75)
        .collect();
    close.sort_by(|a, b| b.0.total_cmp(&a.0));
    close.into_iter().take(SUGGESTIONS).map(|(_, candidate)| candidate.to_owned()).collect()
}

/// A value as a message repeats it: JSON, cut where it is long.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) => format!("\"{}\"", shortened(text)),
        other => other.to_string(),
    }
}

/// Text without control characters, cut after 60.
pub fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(SHOWN).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read<T>(
        value: &Value,
        ask: impl FnOnce(&mut Fields<'_>) -> Result<T, QueryError>,
    ) -> Result<T, String> {
        let mut fields = Fields::of(value, "machine".to_owned()).map_err(|e| e.message)?;
        let answer = ask(&mut fields).map_err(|e| e.message)?;
        fields.finish().map_err(|e| e.message)?;
        Ok(answer)
    }

    #[test]
    fn whole_numbers() {
        let ask = |value: Value| read(&json!({ "cores": value }), |f| f.whole("cores", 1..=64));
        assert_eq!(ask(json!(8)), Ok(Some(8)));
        assert_eq!(ask(json!(8.0)), Ok(Some(8)));
        assert_eq!(ask(Value::Null), Ok(None));
        for wrong in [json!(0), json!(65), json!(1.5), json!("8"), json!(-1), json!(1e300), json!([8])] {
            let message = ask(wrong).unwrap_err();
            assert!(message.starts_with("\"machine.cores\" must be a whole number from 1 to 64, not "));
        }
    }

    #[test]
    fn unknown_fields_get_the_nearest_name() {
        let value = json!({"corse": 8});
        let error = read(&value, |f| f.whole("cores", 1..=64)).unwrap_err();
        assert_eq!(error, "unknown field \"machine.corse\"; did you mean \"cores\"?");
        let value = json!({"zzz": 8});
        let error = read(&value, |f| f.whole("cores", 1..=64)).unwrap_err();
        assert_eq!(error, "unknown field \"machine.zzz\"; allowed are cores");
    }

    #[test]
    fn long_values_are_cut() {
        let long = "x".repeat(1000);
        assert_eq!(shown(&json!(long)).chars().count(), SHOWN + 3);
        assert_eq!(shown(&json!("a\nb")), "\"a b\"");
        assert_eq!(shown(&json!({"a": 1})), "an object");
    }
}
