//! Fields of a configuration under the names that different models give them.

use serde_json::{Map, Value};

use crate::files::error::{Fault, short};
use crate::language::tr;

/// One object of a configuration.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'v> {
    map: &'v Map<String, Value>,
    /// Where it stands: empty, or `text_config.`.
    path: &'static str,
}

impl<'v> Fields<'v> {
    /// Starts on an object.
    ///
    /// # Errors
    /// It is none.
    pub fn of(value: &'v Value, path: &'static str) -> Result<Self, Fault> {
        match value {
            Value::Object(map) => Ok(Self { map, path }),
            _ => Err(Fault::invalid(format!("\"{}\"", path.trim_end_matches('.')), tr!("must be an object"))),
        }
    }

    /// The first of these fields that has a value.
    pub fn get(&self, names: &[&'static str]) -> Option<(&'static str, &'v Value)> {
        names.iter().find_map(|name| Some((*name, self.map.get(*name).filter(|value| !value.is_null())?)))
    }

    /// Whether one of these fields has a value.
    pub fn has(&self, name: &'static str) -> bool {
        self.get(&[name]).is_some()
    }

    /// A field with a wrong value.
    pub fn wrong(&self, name: &str, must_be: &str, value: &Value) -> Fault {
        let is = match value {
            Value::Array(_) => tr!("a list").to_owned(),
            Value::Object(_) => tr!("an object").to_owned(),
            other => short(&other.to_string()),
        };
        Fault::invalid(format!("\"{}{name}\"", self.path), tr!("must be {must_be}, not {is}", must_be, is))
    }

    /// A whole number up to `most`.
    ///
    /// # Errors
    /// The field holds something else.
    pub fn whole(&self, names: &[&'static str], most: u32) -> Result<Option<u32>, Fault> {
        let Some((name, value)) = self.get(names) else { return Ok(None) };
        number(value)
            .filter(|number| *number <= most)
            .map(Some)
            .ok_or_else(|| self.wrong(name, &tr!("a whole number from 0 to {most}", most), value))
    }

    /// A whole number that must be there.
    ///
    /// # Errors
    /// It is not there, or something else.
    pub fn needed(&self, names: &[&'static str], most: u32) -> Result<u32, Fault> {
        self.whole(names, most)?.ok_or_else(|| {
            let name = names.first().copied().unwrap_or_default();
            Fault::invalid(format!("\"{}{name}\"", self.path), tr!("is missing"))
        })
    }

    /// True or false; 0 and 1 count.
    ///
    /// # Errors
    /// The field holds something else.
    pub fn flag(&self, names: &[&'static str]) -> Result<Option<bool>, Fault> {
        let Some((name, value)) = self.get(names) else { return Ok(None) };
        match value {
            Value::Bool(flag) => Ok(Some(*flag)),
            Value::Number(number) if number.as_u64().is_some_and(|number| number <= 1) => {
                Ok(Some(number.as_u64() == Some(1)))
            }
            other => Err(self.wrong(name, tr!("true or false"), other)),
        }
    }

    /// A text.
    ///
    /// # Errors
    /// The field holds something else.
    pub fn text(&self, names: &[&'static str]) -> Result<Option<&'v str>, Fault> {
        let Some((name, value)) = self.get(names) else { return Ok(None) };
        value.as_str().map(Some).ok_or_else(|| self.wrong(name, "a text", value))
    }

    /// A list of numbers, one a block; one number stands for all blocks.
    ///
    /// # Errors
    /// The field holds something else.
    pub fn each(&self, names: &[&'static str], blocks: u32, most: u32) -> Result<Option<Vec<u32>>, Fault> {
        let Some((name, value)) = self.get(names) else { return Ok(None) };
        let must_be = || tr!("a whole number from 0 to {most}, or one for each block", most);
        if let Some(one) = number(value) {
            let all = vec![one; blocks as usize];
            return if one <= most { Ok(Some(all)) } else { Err(self.wrong(name, &must_be(), value)) };
        }
        let Value::Array(list) = value else { return Err(self.wrong(name, &must_be(), value)) };
        if list.len() < blocks as usize {
            let problem =
                tr!("has {elements} elements, and there are {blocks} blocks", elements = list.len(), blocks);
            return Err(Fault::invalid(format!("\"{}{name}\"", self.path), problem));
        }
        let numbers = list.iter().take(blocks as usize).map(|value| {
            let flag = value.as_bool().map(u32::from);
            flag.or_else(|| number(value)).filter(|number| *number <= most)
        });
        numbers.collect::<Option<Vec<u32>>>().map(Some).ok_or_else(|| self.wrong(name, &must_be(), value))
    }

    /// Length of the first of these fields that is a list or a text of one letter a block.
    pub fn length(&self, names: &[&'static str]) -> Option<usize> {
        match self.get(names)?.1 {
            Value::Array(list) => Some(list.len()),
            Value::String(letters) => Some(letters.len()),
            _ => None,
        }
    }

    /// A list of texts, at least one a block.
    ///
    /// # Errors
    /// The field holds something else.
    pub fn texts(&self, names: &[&'static str], blocks: u32) -> Result<Option<Vec<&'v str>>, Fault> {
        let Some((name, value)) = self.get(names) else { return Ok(None) };
        let must_be = tr!("a list of {blocks} texts", blocks);
        let Value::Array(list) = value else { return Err(self.wrong(name, &must_be, value)) };
        if list.len() < blocks as usize {
            return Err(self.wrong(name, &must_be, value));
        }
        let texts: Option<Vec<&str>> = list.iter().take(blocks as usize).map(Value::as_str).collect();
        texts.map(Some).ok_or_else(|| self.wrong(name, &must_be, value))
    }

    /// An object within this one.
    ///
    /// # Errors
    /// The field holds something else.
    pub fn object(&self, name: &'static str, path: &'static str) -> Result<Option<Self>, Fault> {
        self.get(&[name]).map(|(_, value)| Self::of(value, path)).transpose()
    }
}

/// A whole number; 128.0 is one.
fn number(value: &Value) -> Option<u32> {
    let number = value.as_f64().filter(|number| number.fract() == 0.0)?;
    (0.0..=f64::from(u32::MAX)).contains(&number).then_some(number as u32)
}
