//! The metadata of a GGUF file: read with bounds, kept where it is small.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use crate::files::error::{Fault, entry};
use crate::files::input::Cursor;
use crate::language::tr;

/// Most entries; files have some fifty.
const MOST_ENTRIES: u64 = 1 << 14;
/// Longest key that the format allows, bytes.
const LONGEST_KEY: u64 = 65_535;
/// Longest text that is kept; chat templates are longer and not needed.
const LONGEST_KEPT: u64 = 4096;
/// Longest array that is kept: one element a block. Vocabularies are longer and not needed.
const LONGEST_ARRAY_KEPT: u64 = 4096;
/// Texts and nested arrays of all arrays together: each costs a step, and the largest vocabularies with their
/// merges have less than a million.
const MOST_STEPS: u64 = 1 << 22;
/// What all texts may take in the file, bytes; the largest vocabularies take some 15 MB.
const MOST_PASSED: u64 = 1 << 28;
/// Arrays within arrays.
const DEEPEST: u32 = 4;
/// What all kept values may take, bytes.
const MOST_KEPT: u64 = 16 << 20;
/// Least bytes of an entry: the length of an empty key, its type, a one-byte value.
const LEAST_ENTRY: u64 = 8 + 4 + 1;

/// A value of the metadata.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A whole number from 0.
    Whole(u64),
    /// A negative number.
    Negative(i64),
    /// A number with a fraction.
    Real(f64),
    /// True or false.
    Flag(bool),
    /// A text that is not long.
    Text(Box<str>),
    /// Whole numbers or flags, of which negative ones count as 0.
    Wholes(Vec<u64>),
    /// Short texts.
    Texts(Vec<Box<str>>),
    /// A text that is too long to keep, and how long it is.
    LongText(u64),
    /// An array that is too long to keep, or of a kind that nothing needs, and its length.
    LongArray(u64),
}

impl Value {
    fn kind(&self) -> &'static str {
        match self {
            Self::Whole(_) | Self::Negative(_) => tr!("a whole number"),
            Self::Real(_) => tr!("a number with a fraction"),
            Self::Flag(_) => tr!("a truth value"),
            Self::Text(_) | Self::LongText(_) => tr!("a text"),
            Self::Wholes(_) | Self::Texts(_) | Self::LongArray(_) => tr!("an array"),
        }
    }
}

/// The metadata by key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    values: BTreeMap<Box<str>, Value>,
}

/// Type of a value in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    F32,
    Bool,
    Text,
    Array,
    U64,
    I64,
    F64,
}

impl Kind {
    fn of(id: u32) -> Option<Self> {
        const KINDS: [Kind; 13] = [
            Kind::U8,
            Kind::I8,
            Kind::U16,
            Kind::I16,
            Kind::U32,
            Kind::I32,
            Kind::F32,
            Kind::Bool,
            Kind::Text,
            Kind::Array,
            Kind::U64,
            Kind::I64,
            Kind::F64,
        ];
        KINDS.get(id as usize).copied()
    }

    /// Bytes of a value; for those without a fixed size the least.
    fn least(self) -> u64 {
        match self {
            Self::U8 | Self::I8 | Self::Bool => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 | Self::Text => 8,
            Self::Array => 12,
        }
    }
}

/// What reading has cost so far, over all parts of a model.
#[derive(Debug, Default)]
pub(super) struct Cost {
    steps: u64,
    kept: u64,
    passed: u64,
}

impl Cost {
    fn step(&mut self) -> Result<(), String> {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return Err(tr!("more than {most} texts in arrays, which no model needs", most = MOST_STEPS));
        }
        Ok(())
    }

    fn pass(&mut self, bytes: u64) -> Result<(), String> {
        self.passed = self.passed.saturating_add(bytes);
        if self.passed > MOST_PASSED {
            return Err(tr!("more than {most} bytes of texts, which no model needs", most = MOST_PASSED));
        }
        Ok(())
    }

    fn keep(&mut self, bytes: u64) -> Result<(), String> {
        self.kept += bytes;
        if self.kept > MOST_KEPT {
            return Err(tr!("more than {most} bytes of metadata, which no model needs", most = MOST_KEPT));
        }
        Ok(())
    }
}

impl Metadata {
    /// Reads `count` entries.
    pub(super) fn read<R: Read + Seek>(
        input: &mut Cursor<R>,
        count: u64,
        cost: &mut Cost,
    ) -> Result<Self, Fault> {
        let room = input.left() / LEAST_ENTRY;
        if count > MOST_ENTRIES.min(room) {
            let problem = if count > room {
                tr!("announces {count} entries, and the file has room for {room} at most", count, room)
            } else {
                tr!("announces {count} entries; more than {most} are not read", count, most = MOST_ENTRIES)
            };
            return Err(Fault::invalid(tr!("metadata"), problem));
        }
        let mut values = BTreeMap::new();
        for number in 0..count {
            let place = || tr!("metadata entry {number}", number);
            let length = input.u64()?;
            if length > LONGEST_KEY.min(input.left()) {
                return Err(Fault::invalid(place(), tr!("its key has {length} bytes", length)));
            }
            let key = input.text(length)?;
            cost.keep(length + 64).map_err(|problem| Fault::invalid(place(), problem))?;
            let named = || entry(&key);
            let kind = kind(input).map_err(|fault| within(&named(), fault))?;
            let value = value(input, kind, cost).map_err(|fault| within(&named(), fault))?;
            if values.insert(key.clone().into_boxed_str(), value).is_some() {
                return Err(Fault::invalid(named(), tr!("stands twice")));
            }
        }
        Ok(Self { values })
    }

    /// Metadata of given values.
    pub fn of(values: impl IntoIterator<Item = (String, Value)>) -> Self {
        Self { values: values.into_iter().map(|(key, value)| (key.into_boxed_str(), value)).collect() }
    }

    /// All keys with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(key, value)| (&**key, value))
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.values.get(key)
    }

    /// A text.
    ///
    /// # Errors
    /// It is something else, or longer than is kept.
    pub fn text(&self, key: &str) -> Result<Option<&str>, Fault> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(other) => Err(wrong(key, tr!("a short text"), other)),
        }
    }

    /// A whole number from 0 to `most`; of an array whose elements are equal that element.
    ///
    /// # Errors
    /// It is something else, or larger.
    pub fn whole(&self, key: &str, most: u32) -> Result<Option<u32>, Fault> {
        let whole = match self.get(key) {
            None => return Ok(None),
            Some(Value::Whole(whole)) => *whole,
            Some(Value::Real(real)) if real.fract() == 0.0 && *real >= 0.0 => *real as u64,
            Some(Value::Wholes(list)) if list.windows(2).all(|pair| pair[0] == pair[1]) => {
                let Some(first) = list.first() else { return Ok(None) };
                *first
            }
            Some(other) => return Err(wrong(key, tr!("a whole number from 0"), other)),
        };
        bounded(key, whole, most).map(Some)
    }

    /// A flag.
    ///
    /// # Errors
    /// It is something else.
    pub fn flag(&self, key: &str) -> Result<Option<bool>, Fault> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Flag(flag)) => Ok(Some(*flag)),
            Some(Value::Whole(number @ 0..=1)) => Ok(Some(*number == 1)),
            Some(other) => Err(wrong(key, tr!("true or false"), other)),
        }
    }

    /// A whole number for each block: a list, or one number that stands for all `blocks`. A list may be longer
    /// (MTP blocks) or shorter (its last element then stands for the rest).
    ///
    /// # Errors
    /// It is something else, or an element is larger than `most`.
    pub fn each(&self, key: &str, blocks: u32, most: u32) -> Result<Option<Vec<u32>>, Fault> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Wholes(list)) => {
                let Some(rest) = list.last().copied() else { return Ok(None) };
                let all = list.iter().copied().chain(std::iter::repeat(rest)).take(blocks as usize);
                all.map(|whole| bounded(key, whole, most)).collect::<Result<_, _>>().map(Some)
            }
            Some(_) => Ok(self.whole(key, most)?.map(|whole| vec![whole; blocks as usize])),
        }
    }

    /// Length of an array; `None` where there is none.
    pub fn length(&self, key: &str) -> Option<u64> {
        match self.get(key)? {
            Value::Wholes(list) => Some(list.len() as u64),
            Value::Texts(list) => Some(list.len() as u64),
            Value::LongArray(length) => Some(*length),
            _ => None,
        }
    }
}

fn bounded(key: &str, whole: u64, most: u32) -> Result<u32, Fault> {
    u32::try_from(whole)
        .ok()
        .filter(|number| *number <= most)
        .ok_or_else(|| Fault::invalid(entry(key), tr!("is {whole}; up to {most} is plausible", whole, most)))
}

fn wrong(key: &str, must_be: &str, is: &Value) -> Fault {
    Fault::invalid(entry(key), tr!("must be {must_be}, not {is}", must_be, is = is.kind()))
}

fn within(place: &str, fault: Fault) -> Fault {
    let place = if fault.place.is_empty() { place.to_owned() } else { format!("{place}, {}", fault.place) };
    Fault { place, ..fault }
}

fn kind<R: Read + Seek>(input: &mut Cursor<R>) -> Result<Kind, Fault> {
    let place = input.place();
    let id = input.u32()?;
    Kind::of(id).ok_or_else(|| Fault::invalid(place, tr!("type {id} is none of GGUF's", id)))
}

fn value<R: Read + Seek>(input: &mut Cursor<R>, kind: Kind, cost: &mut Cost) -> Result<Value, Fault> {
    Ok(match kind {
        Kind::F32 => Value::Real(f64::from(f32::from_bits(input.u32()?))),
        Kind::F64 => Value::Real(f64::from_bits(input.u64()?)),
        Kind::Bool => Value::Flag(input.u8()? != 0),
        Kind::Text => text(input, LONGEST_KEPT, cost)?,
        Kind::Array => array(input, cost, 1)?,
        _ => {
            let number = integer(input, kind)?;
            u64::try_from(number).map_or(Value::Negative(number as i64), Value::Whole)
        }
    })
}

/// A number of any whole kind, in the one type that holds them all.
fn integer<R: Read + Seek>(input: &mut Cursor<R>, kind: Kind) -> Result<i128, Fault> {
    Ok(match kind {
        Kind::U8 | Kind::Bool => input.u8()?.into(),
        Kind::I8 => input.u8()?.cast_signed().into(),
        Kind::U16 => input.u16()?.into(),
        Kind::I16 => input.u16()?.cast_signed().into(),
        Kind::U32 => input.u32()?.into(),
        Kind::I32 => input.u32()?.cast_signed().into(),
        Kind::I64 => input.u64()?.cast_signed().into(),
        _ => input.u64()?.into(),
    })
}

fn text<R: Read + Seek>(input: &mut Cursor<R>, longest: u64, cost: &mut Cost) -> Result<Value, Fault> {
    let length = input.u64()?;
    let place = input.place();
    let too_much = |problem: String| Fault::invalid(place.clone(), problem);
    cost.pass(length).map_err(too_much)?;
    if length > longest {
        input.skip(length)?;
        return Ok(Value::LongText(length));
    }
    cost.keep(length + 32).map_err(too_much)?;
    Ok(Value::Text(input.text(length)?.into_boxed_str()))
}

fn array<R: Read + Seek>(input: &mut Cursor<R>, cost: &mut Cost, depth: u32) -> Result<Value, Fault> {
    let kind = kind(input)?;
    let length = input.u64()?;
    let place = input.place();
    let room = input.left() / kind.least();
    if length > room {
        let problem = tr!("an array of {length}, and the file has room for {room} at most", length, room);
        return Err(Fault::invalid(place, problem));
    }
    let too_much = |problem: String| Fault::invalid(place.clone(), problem);
    cost.step().map_err(too_much)?;
    let keep = length <= LONGEST_ARRAY_KEPT && depth == 1;
    match kind {
        Kind::Text if keep => {
            let mut texts = Vec::new();
            for _ in 0..length {
                cost.step().map_err(too_much)?;
                match text(input, LONGEST_KEPT, cost)? {
                    Value::Text(text) => texts.push(text),
                    _ => texts.push(Box::default()),
                }
            }
            Ok(Value::Texts(texts))
        }
        Kind::Text => {
            for _ in 0..length {
                cost.step().map_err(too_much)?;
                let length = input.u64()?;
                cost.pass(length).map_err(too_much)?;
                input.skip(length)?;
            }
            Ok(Value::LongArray(length))
        }
        Kind::Array => {
            if depth == DEEPEST {
                return Err(too_much(tr!("arrays are nested more than {most} deep", most = DEEPEST)));
            }
            for _ in 0..length {
                cost.step().map_err(too_much)?;
                array(input, cost, depth + 1)?;
            }
            Ok(Value::LongArray(length))
        }
        Kind::F32 | Kind::F64 => {
            input.skip(length * kind.least())?;
            Ok(Value::LongArray(length))
        }
        _ if keep => {
            cost.keep(length * 8).map_err(too_much)?;
            let numbers = (0..length).map(|_| Ok(u64::try_from(integer(input, kind)?).unwrap_or(0)));
            Ok(Value::Wholes(numbers.collect::<Result<_, Fault>>()?))
        }
        _ => {
            input.skip(length * kind.least())?;
            Ok(Value::LongArray(length))
        }
    }
}
