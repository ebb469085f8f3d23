//! The head of one GGUF file: metadata and the table of tensors, without their data.

use std::io::{Read, Seek};

use super::metadata::{Cost, Metadata};
use crate::files::error::{self, Fault, FaultKind, byte, entry};
use crate::files::input::Cursor;
use crate::language::tr;
use crate::quant::{GgmlType, StoredTensor};
use crate::units::Bytes;

const MAGIC: [u8; 4] = *b"GGUF";
/// Data is padded to this where the file states nothing else.
const USUAL_ALIGNMENT: u32 = 32;
const LARGEST_ALIGNMENT: u32 = 1 << 20;
/// Most tensors of a file; the largest models have some two thousand.
pub(super) const MOST_TENSORS: u64 = 1 << 17;
/// Longest name of a tensor, bytes; ggml stops at 63.
const LONGEST_NAME: u64 = 255;
/// Least bytes of an entry: an empty name, one axis, type and offset.
const LEAST_ENTRY: u64 = 8 + 4 + 8 + 4 + 8;
const MOST_AXES: u32 = 4;
/// Highest number of a block that a name may have.
const LAST_BLOCK: u32 = 4095;

/// What one file says before its data.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// Version of the format: 2 or 3.
    pub version: u32,
    /// Numbers have their highest byte first.
    pub big_endian: bool,
    /// Metadata.
    pub metadata: Metadata,
    /// Tensors, in the order of the table.
    pub tensors: Vec<StoredTensor>,
    /// Bytes before the data.
    pub data_start: u64,
    /// Bytes of the whole file.
    pub file_bytes: u64,
}

/// Where a tensor's data lies.
struct Extent {
    start: u64,
    bytes: Bytes,
    tensor: usize,
}

impl Header {
    /// Reads the head of a file of `length` bytes. `input` may hold less of it.
    ///
    /// # Errors
    /// [`FaultKind::Truncated`] where more is needed than is there; everything that does not fit together.
    pub fn read(input: impl Read + Seek, length: u64) -> Result<Self, Fault> {
        Self::read_part(input, length, &mut Cost::default())
    }

    /// Reads the head of one of several files, whose cost is counted together.
    pub(super) fn read_part(input: impl Read + Seek, length: u64, cost: &mut Cost) -> Result<Self, Fault> {
        let mut input = Cursor::new(input, length);
        let version = version(&mut input)?;
        let tensor_count = input.u64()?;
        let entry_count = input.u64()?;
        let metadata = Metadata::read(&mut input, entry_count, cost)?;
        let alignment = alignment(&metadata)?;
        let room = input.left() / LEAST_ENTRY;
        if tensor_count > MOST_TENSORS.min(room) {
            let problem = if tensor_count > room {
                tr!(
                    "announces {count} tensors, and the file has room for {room} at most",
                    count = tensor_count,
                    room
                )
            } else {
                tr!(
                    "announces {count} tensors; more than {most} are not read",
                    count = tensor_count,
                    most = MOST_TENSORS
                )
            };
            return Err(Fault::invalid(tr!("tensor table"), problem));
        }
        let mut tensors = Vec::with_capacity(tensor_count as usize);
        let mut extents = Vec::with_capacity(tensor_count as usize);
        for number in 0..tensor_count {
            let (tensor, offset) = tensor(&mut input, number, alignment)?;
            extents.push(Extent { start: offset, bytes: tensor.bytes(), tensor: tensors.len() });
            tensors.push(tensor);
        }
        let data_start = Bytes(input.at()).padded_to(alignment.into()).0;
        check_extents(&mut extents, &tensors, data_start, length)?;
        check_names(&tensors)?;
        Ok(Self { version, big_endian: input.big_endian, metadata, tensors, data_start, file_bytes: length })
    }
}

fn version<R: Read + Seek>(input: &mut Cursor<R>) -> Result<u32, Fault> {
    if input.end() < 24 {
        return Err(Fault::new(
            FaultKind::Truncated,
            "",
            tr!("has {bytes} bytes, and no header", bytes = input.end()),
        ));
    }
    let magic = input.bytes::<4>()?;
    if magic != MAGIC {
        return Err(Fault::invalid(byte(0), looks_like(magic)));
    }
    let mut version = input.u32()?;
    // A version has one byte that counts; where it comes last, all numbers are the other way round.
    if version.trailing_zeros() >= 16 {
        version = version.swap_bytes();
        input.big_endian = true;
    }
    match version {
        2 | 3 => Ok(version),
        1 => Err(Fault::unsupported(tr!(
            "is GGUF version 1, which llama.cpp no longer reads; convert it anew"
        ))),
        other => Err(Fault::invalid(byte(4), tr!("GGUF version {other} is not known; 2 and 3 are", other))),
    }
}

/// What else a file's first bytes are the mark of.
fn looks_like(magic: [u8; 4]) -> &'static str {
    match &magic {
        b"ggjt" | b"tjgg" | b"fmgg" | b"ggmf" | b"lmgg" | b"ggml" => {
            tr!("is no GGUF file, but one of the formats before it; convert the model anew")
        }
        b"PK\x03\x04" => {
            tr!("is no GGUF file, but a zip archive, as PyTorch writes it; convert it first")
        }
        b"\x7fELF" => tr!("is no GGUF file, but a program"),
        b"vers" => tr!("is no GGUF file, but a Git LFS pointer: the file itself was not downloaded"),
        b"<!DO" | b"<htm" => tr!("is no GGUF file, but a web page: the download failed"),
        [0, 0, 0, 0] => tr!("is no GGUF file; it begins with zeros, as an unfinished download does"),
        _ => tr!("is no GGUF file"),
    }
}

fn alignment(metadata: &Metadata) -> Result<u32, Fault> {
    const KEY: &str = "general.alignment";
    match metadata.whole(KEY, LARGEST_ALIGNMENT)? {
        None => Ok(USUAL_ALIGNMENT),
        Some(alignment) if alignment.is_power_of_two() => Ok(alignment),
        Some(other) => Err(Fault::invalid(entry(KEY), tr!("{other} is no power of two", other))),
    }
}

fn tensor<R: Read + Seek>(
    input: &mut Cursor<R>,
    number: u64,
    alignment: u32,
) -> Result<(StoredTensor, u64), Fault> {
    let place = || tr!("tensor {number}", number);
    let length = input.u64()?;
    if length == 0 || length > LONGEST_NAME {
        return Err(Fault::invalid(
            place(),
            tr!("its name has {length} bytes; 1 to {most} may be", length, most = LONGEST_NAME),
        ));
    }
    let name = input.text(length)?;
    let named = || error::tensor(&name);
    let axes = input.u32()?;
    if axes == 0 || axes > MOST_AXES {
        return Err(Fault::invalid(
            named(),
            tr!("has {axes} axes; 1 to {most} may be", axes, most = MOST_AXES),
        ));
    }
    let mut dims = [1; 3];
    let mut elements = 1_u64;
    for axis in 0..axes as usize {
        let size = input.u64()?;
        let product = elements.checked_mul(size).filter(|product| *product > 0 && *product <= 1 << 62);
        elements = product.ok_or_else(|| {
            Fault::invalid(
                named(),
                tr!("axis {axis} of {size} makes no possible number of elements", axis, size),
            )
        })?;
        // Nothing tells a third axis from a fourth, and hardly anything has one.
        dims[axis.min(2)] *= size;
    }
    let id = input.u32()?;
    let format = GgmlType::from_id(id).ok_or_else(|| {
        let problem = match id {
            4 | 5 | 31..=33 | 36..=38 => tr!("format {id} was dropped by llama.cpp; convert it anew", id),
            _ => tr!("format {id} is not known to this version", id),
        };
        Fault::invalid(named(), problem)
    })?;
    if !format.fits(dims[0]) {
        let problem = tr!(
            "rows of {row} are no whole number of {format} blocks of {block}",
            row = dims[0],
            format,
            block = format.block()
        );
        return Err(Fault::invalid(named(), problem));
    }
    let offset = input.u64()?;
    if !offset.is_multiple_of(alignment.into()) {
        return Err(Fault::invalid(
            named(),
            tr!("its data at {offset} is not aligned to {alignment}", offset, alignment),
        ));
    }
    let (block, suffix) = block_and_suffix(&name);
    Ok((StoredTensor { block, suffix: suffix.into(), dims, n_dims: axes as u8, format }, offset))
}

/// `blk.7.attn_q.weight` is `attn_q.weight` of block 7.
pub(super) fn block_and_suffix(name: &str) -> (Option<u32>, &str) {
    let block = name.strip_prefix("blk.").and_then(|rest| {
        let (number, suffix) = rest.split_once('.')?;
        let is_number = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
        let number = number.parse().ok().filter(|number| is_number && *number <= LAST_BLOCK)?;
        Some((number, suffix))
    });
    block.map_or((None, name), |(number, suffix)| (Some(number), suffix))
}

/// A tensor's name as the file has it.
pub(super) fn name(tensor: &StoredTensor) -> String {
    match tensor.block {
        Some(block) => format!("blk.{block}.{}", tensor.suffix),
        None => tensor.suffix.to_string(),
    }
}

/// All data lies in the file, and no byte belongs to two tensors.
fn check_extents(
    extents: &mut [Extent],
    tensors: &[StoredTensor],
    data_start: u64,
    length: u64,
) -> Result<(), Fault> {
    let named = |extent: &Extent| error::tensor(&name(&tensors[extent.tensor]));
    extents.sort_by_key(|extent| extent.start);
    for pair in extents.windows(2) {
        // One that ends beyond all numbers is caught below.
        if pair[0].start.saturating_add(pair[0].bytes.0) > pair[1].start {
            let problem = tr!("its data lies within {other}", other = named(&pair[0]));
            return Err(Fault::invalid(named(&pair[1]), problem));
        }
    }
    let room = length.saturating_sub(data_start);
    for extent in extents.iter() {
        if extent.start.checked_add(extent.bytes.0).is_none_or(|end| end > room) {
            let problem = tr!(
                "its data of {bytes} bytes would end beyond the {length} bytes of the file: the download is not \
                 complete",
                bytes = extent.bytes.0,
                length
            );
            return Err(Fault::new(FaultKind::Truncated, named(extent), problem));
        }
    }
    Ok(())
}

/// No name stands twice.
pub(super) fn check_names(tensors: &[StoredTensor]) -> Result<(), Fault> {
    let mut names: Vec<(Option<u32>, &str)> = tensors.iter().map(|t| (t.block, &*t.suffix)).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        None => Ok(()),
        Some(pair) => Err(Fault::invalid(error::tensor(pair[0].1), tr!("stands twice"))),
    }
}
