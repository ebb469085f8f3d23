//! Models in several files: `name-00001-of-00009.gguf`.

use std::path::{Path, PathBuf};

use super::Gguf;
use super::header::{Header, MOST_TENSORS, check_names};
use super::metadata::{Metadata, Value};
use crate::files::error::{Fault, entry, short};
use crate::language::tr;

/// Most parts; the largest models have some fifty.
const MOST_PARTS: u32 = 1000;
/// Digits of a number in a part's name.
const DIGITS: usize = 5;

/// How many files the model has; 1 where nothing is said.
fn count(metadata: &Metadata) -> Result<u32, Fault> {
    Ok(metadata.whole("split.count", MOST_PARTS)?.unwrap_or(1).max(1))
}

/// Which part a file is, from 0.
fn number(metadata: &Metadata) -> Result<u32, Fault> {
    Ok(metadata.whole("split.no", MOST_PARTS)?.unwrap_or(0))
}

/// The names of all `count` parts, from the name of any.
///
/// # Errors
/// The name is not that of a part.
pub fn parts(path: &Path, count: u32) -> Result<Vec<PathBuf>, Fault> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let of = format!("-of-{count:0DIGITS$}.gguf");
    let stem = name.strip_suffix(&of).and_then(|rest| {
        let (stem, digits) = rest.split_at_checked(rest.len().checked_sub(DIGITS + 1)?)?;
        let digits = digits.strip_prefix('-')?;
        digits.bytes().all(|digit| digit.is_ascii_digit()).then_some(stem)
    });
    let stem = stem.ok_or_else(|| {
        let problem = tr!(
            "is one of {count} parts, so its name must end in -00001{of} for the others to be found; it is \"{name}\"",
            count,
            of,
            name = short(name)
        );
        Fault::invalid("", problem)
    })?;
    Ok((1..=count).map(|part| path.with_file_name(format!("{stem}-{part:0DIGITS$}{of}"))).collect())
}

/// The first part, where the file at `path` is a later one.
pub(super) fn first(path: &Path, metadata: &Metadata) -> Result<Option<PathBuf>, Fault> {
    let count = count(metadata)?;
    if count <= 1 {
        return Ok(None);
    }
    let number = number(metadata)?;
    let parts = parts(path, count)?;
    if parts.get(number as usize).map(PathBuf::as_path) != Some(path) {
        let problem = tr!(
            "says that it is part {part} of {count}, and its name says another",
            part = number + 1,
            count
        );
        return Err(Fault::invalid(entry("split.no"), problem));
    }
    Ok(parts.into_iter().next().filter(|_| number > 0))
}

/// A model whose parts come one after the other.
#[derive(Debug)]
pub struct Joined {
    head: Header,
    /// Parts that were added, the first one first.
    parts: Vec<PathBuf>,
}

impl Joined {
    /// Begins with the first part.
    ///
    /// # Errors
    /// It says that it is another part.
    pub fn new(head: Header, path: PathBuf) -> Result<Self, Fault> {
        if first(&path, &head.metadata)?.is_some() {
            return Err(Fault::invalid(entry("split.no"), tr!("is not the first part")));
        }
        Ok(Self { head, parts: vec![path] })
    }

    /// The parts that must be added, in order.
    ///
    /// # Errors
    /// The first part's name does not say the others'.
    pub fn missing(&self) -> Result<Vec<PathBuf>, Fault> {
        let count = count(&self.head.metadata)?;
        if count <= 1 {
            return Ok(Vec::new());
        }
        Ok(parts(&self.parts[0], count)?.into_iter().skip(self.parts.len()).collect())
    }

    /// Adds the next part.
    ///
    /// # Errors
    /// It is of another model, or another part.
    pub fn add(&mut self, head: Header, path: PathBuf) -> Result<(), Fault> {
        belongs(&self.head.metadata, &head.metadata, self.parts.len())?;
        append(&mut self.head, head)?;
        self.parts.push(path);
        Ok(())
    }

    /// The whole model.
    ///
    /// # Errors
    /// The parts hold other tensors than the first one announces.
    pub fn finish(self) -> Result<Gguf, Fault> {
        if self.parts.len() > 1 {
            check(&self.head)?;
        }
        Ok(Gguf::of(self.head, self.parts))
    }
}

/// Whether `other` is part `place` (from 0) of the model that `first` begins.
fn belongs(first: &Metadata, other: &Metadata, place: usize) -> Result<(), Fault> {
    let (expected, found) = (count(first)?, count(other)?);
    if expected != found {
        let problem =
            tr!("says {found}, and the first part says {expected}: it is of another model", found, expected);
        return Err(Fault::invalid(entry("split.count"), problem));
    }
    let own = number(other)?;
    if own as usize != place {
        let problem = tr!("says {own}, and its name says {place}", own, place);
        return Err(Fault::invalid(entry("split.no"), problem));
    }
    Ok(())
}

/// Adds another part's tensors to the first.
fn append(first: &mut Header, mut other: Header) -> Result<(), Fault> {
    let tensors = (first.tensors.len() + other.tensors.len()) as u64;
    if tensors > MOST_TENSORS {
        return Err(Fault::invalid(
            tr!("tensor table"),
            tr!("more than {most} tensors with this part", most = MOST_TENSORS),
        ));
    }
    first.tensors.append(&mut other.tensors);
    first.file_bytes = first.file_bytes.saturating_add(other.file_bytes);
    Ok(())
}

/// Whether the joined tensors are those that the first part announces.
fn check(joined: &Header) -> Result<(), Fault> {
    check_names(&joined.tensors)?;
    let announced = match joined.metadata.get("split.tensors.count") {
        Some(Value::Whole(count)) => *count,
        _ => return Ok(()),
    };
    let found = joined.tensors.len() as u64;
    if announced != found {
        let problem = tr!("says {announced}, and the parts hold {found}", announced, found);
        return Err(Fault::invalid(entry("split.tensors.count"), problem));
    }
    Ok(())
}
