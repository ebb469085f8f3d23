//! Opening files that nobody vouches for, and reading them with an eye on what is left.

use std::fs::{self, File};
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use super::error::{self, Fault, FaultKind, FileError};
use crate::language::{text, tr};

/// Bytes read ahead.
const READ_AHEAD: usize = 1 << 16;

/// Opens a regular file and says how long it is.
///
/// # Errors
/// It is not there, may not be read, or is a folder, a pipe, a socket or a device, which could block for ever
/// or never end.
pub fn open(path: &Path) -> Result<(File, u64), FileError> {
    let unreadable = |problem: String| Fault::unreadable(problem).of(path);
    let refuse = |what: &str| unreadable(tr!("is {what}, not a file", what));
    // Looked at before it is opened: to open a pipe waits for a writer.
    let found = fs::metadata(path).map_err(|error| Fault::from(error).of(path))?;
    if found.is_dir() {
        return Err(refuse(tr!("a folder")));
    }
    if !found.is_file() {
        return Err(refuse(tr!("a pipe, socket or device")));
    }
    let file = File::open(path).map_err(|error| Fault::from(error).of(path))?;
    let opened = file.metadata().map_err(|error| Fault::from(error).of(path))?;
    if !opened.is_file() {
        return Err(refuse(tr!("a pipe, socket or device")));
    }
    Ok((file, opened.len()))
}

/// The whole of a small file.
///
/// # Errors
/// As [`open`], or it is larger than `most` bytes.
pub fn read_small(path: &Path, most: u64, what: &str) -> Result<Vec<u8>, FileError> {
    let (file, length) = open(path)?;
    let too_large = || {
        let problem = tr!("has more than {most} bytes, which no {what} has", most, what = text(what));
        Fault::invalid("", problem).of(path)
    };
    if length > most {
        return Err(too_large());
    }
    // Once, at the length that it has: growing would take twice as much for a moment.
    let mut bytes = Vec::with_capacity(length as usize + 1);
    file.take(most + 1).read_to_end(&mut bytes).map_err(|error| Fault::from(error).of(path))?;
    // It may have grown since, or be one of those that state no length.
    if bytes.len() as u64 > most { Err(too_large()) } else { Ok(bytes) }
}

/// Reads numbers and texts one after the other, and knows how much of the file is left.
#[derive(Debug)]
pub struct Cursor<R> {
    input: BufReader<R>,
    at: u64,
    end: u64,
    /// Numbers have their highest byte first.
    pub big_endian: bool,
}

impl<R: Read + Seek> Cursor<R> {
    /// Starts at the beginning of `input`, of which the whole file has `end` bytes. Less may be there, of a
    /// file that is elsewhere; what is missing is then [`FaultKind::Truncated`].
    pub fn new(input: R, end: u64) -> Self {
        Self { input: BufReader::with_capacity(READ_AHEAD, input), at: 0, end, big_endian: false }
    }

    /// Bytes before this place.
    pub(in crate::files) fn at(&self) -> u64 {
        self.at
    }

    /// Bytes of the whole file.
    pub(in crate::files) fn end(&self) -> u64 {
        self.end
    }

    /// Bytes from here to the end.
    pub(in crate::files) fn left(&self) -> u64 {
        self.end - self.at
    }

    fn claim(&mut self, bytes: u64) -> Result<(), Fault> {
        if bytes > self.left() {
            let problem =
                tr!("{bytes} bytes should follow, and the file ends after {left}", bytes, left = self.left());
            return Err(Fault::new(FaultKind::Truncated, self.place(), problem));
        }
        self.at += bytes;
        Ok(())
    }

    /// The place for a message.
    pub(in crate::files) fn place(&self) -> String {
        error::byte(self.at)
    }

    /// The next `N` bytes.
    pub(in crate::files) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        self.claim(N as u64)?;
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// A number of one byte.
    pub(in crate::files) fn u8(&mut self) -> Result<u8, Fault> {
        Ok(self.bytes::<1>()?[0])
    }

    /// A number of two bytes.
    pub(in crate::files) fn u16(&mut self) -> Result<u16, Fault> {
        let bytes = self.bytes()?;
        Ok(if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    /// A number of four bytes.
    pub(in crate::files) fn u32(&mut self) -> Result<u32, Fault> {
        let bytes = self.bytes()?;
        Ok(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    /// A number of eight bytes.
    pub(in crate::files) fn u64(&mut self) -> Result<u64, Fault> {
        let bytes = self.bytes()?;
        Ok(if self.big_endian { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) })
    }

    /// Passes over bytes.
    pub(in crate::files) fn skip(&mut self, bytes: u64) -> Result<(), Fault> {
        self.claim(bytes)?;
        let mut left = bytes;
        while left > 0 {
            let step = left.min(i64::MAX.cast_unsigned());
            self.input.seek_relative(step.cast_signed())?;
            left -= step;
        }
        Ok(())
    }

    /// `length` bytes of text; the caller has bounded it.
    pub(in crate::files) fn text(&mut self, length: u64) -> Result<String, Fault> {
        let place = self.place();
        self.claim(length)?;
        let mut bytes = Vec::new();
        (&mut self.input).take(length).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != length {
            return Err(Fault::new(FaultKind::Truncated, place, tr!("the text is not all there")));
        }
        String::from_utf8(bytes).map_err(|_| Fault::invalid(place, tr!("is no UTF-8 text")))
    }
}
