//! Models in several files: `name-00001-of-00009.gguf`.

use std::path::{Path, PathBuf};

use super::header::{Header, MOST_TENSORS, check_names};
use super::metadata::{Metadata, Value};
use crate::files::error::{Fault, short};

/// Most parts; the largest models have some fifty.
const MOST_PARTS: u32 = 1000;
/// Digits of a number in a part's name.
const DIGITS: usize = 5;

/// How many files the model has; 1 where nothing is said.
pub(super) fn count(metadata: &Metadata) -> Result<u32, Fault> {
    Ok(metadata.whole("split.count", MOST_PARTS)?.unwrap_or(1).max(1))
}

/// Which part a file is, from 0.
pub(super) fn number(metadata: &Metadata) -> Result<u32, Fault> {
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
        let problem = format!(
            "is one of {count} parts, so its name must end in -00001{of} for the others to be found; it is \"{}\"",
            short(name)
        );
        Fault::invalid("", problem)
    })?;
    Ok((1..=count).map(|part| path.with_file_name(format!("{stem}-{part:0DIGITS$}{of}"))).collect())
}

/// Whether `other` is part `place` (from 0) of the model that `first` begins.
pub(super) fn belongs(first: &Metadata, other: &Metadata, place: usize) -> Result<(), Fault> {
    let (expected, found) = (count(first)?, count(other)?);
    if expected != found {
        let problem = format!("says {found}, and the first part says {expected}: it is of another model");
        return Err(Fault::invalid("metadata \"split.count\"", problem));
    }
    let own = number(other)?;
    if own as usize != place {
        let problem = format!("says {own}, and its name says {place}");
        return Err(Fault::invalid("metadata \"split.no\"", problem));
    }
    Ok(())
}

/// Adds another part's tensors to the first.
pub(super) fn append(first: &mut Header, mut other: Header) -> Result<(), Fault> {
    let tensors = (first.tensors.len() + other.tensors.len()) as u64;
    if tensors > MOST_TENSORS {
        return Err(Fault::invalid(
            "tensor table",
            format!("more than {MOST_TENSORS} tensors with this part"),
        ));
    }
    first.tensors.append(&mut other.tensors);
    first.file_bytes = first.file_bytes.saturating_add(other.file_bytes);
    Ok(())
}

/// Whether the joined tensors are those that the first part announces.
pub(super) fn check(joined: &Header) -> Result<(), Fault> {
    check_names(&joined.tensors)?;
    let announced = match joined.metadata.get("split.tensors.count") {
        Some(Value::Whole(count)) => *count,
        _ => return Ok(()),
    };
    let found = joined.tensors.len() as u64;
    if announced != found {
        let problem = format!("says {announced}, and the parts hold {found}");
        return Err(Fault::invalid("metadata \"split.tensors.count\"", problem));
    }
    Ok(())
}
