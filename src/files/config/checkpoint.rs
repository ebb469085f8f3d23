//! The files of a checkpoint: heads of safetensors, and the index that names them.

use std::collections::BTreeSet;
use std::fmt;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::files::error::{self, Fault, FaultKind, FileError, byte, place_of, short};
use crate::files::input;
use crate::language::{mark, of_json, tr};
use crate::units::Bytes;

/// Largest index that is read, bytes; that of the largest models has some 15 million.
const MOST_INDEX: u64 = 32 << 20;
/// Largest head of a file that is read, bytes; the format allows 100 million, files have up to some millions.
const MOST_HEAD: u64 = 16 << 20;
/// Most tensors of a file.
const MOST_TENSORS: usize = 1 << 18;
/// Most tensors of all files.
const MOST_TENSORS_OF_ALL: usize = 1 << 20;
/// Most files of a checkpoint.
const MOST_FILES: usize = 2048;
/// Longest name of a tensor.
const LONGEST_NAME: usize = 512;

/// What a checkpoint's files hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checkpoint {
    /// The files.
    pub files: Vec<PathBuf>,
    /// Their sizes together.
    pub bytes: Bytes,
    /// Tensors.
    pub tensors: usize,
    /// Weights of the language model, packed ones counted one by one; `None` where that cannot be told.
    pub text: Option<u64>,
    /// Weights of towers and projectors.
    pub towers: u64,
}

/// Which file each tensor is in, without its tensors' names: the files, and the bytes of all tensors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Index {
    /// Names of the files, sorted.
    pub files: Vec<String>,
    /// Bytes of all tensors, as stated.
    pub total_size: Option<u64>,
}

/// Reads an index (`model.safetensors.index.json`).
///
/// # Errors
/// It cannot be read, is no index, or names files outside its folder.
pub fn read_index(path: &Path) -> Result<Index, FileError> {
    let bytes = input::read_small(path, MOST_INDEX, mark!("index"))?;
    parse_index(&bytes).map_err(|fault| fault.of(path))
}

/// An index from its text.
///
/// # Errors
/// As [`read_index`].
pub fn parse_index(bytes: &[u8]) -> Result<Index, Fault> {
    let raw: RawIndex = serde_json::from_slice(bytes).map_err(|error| json_fault(&error))?;
    let files: Vec<String> = raw.weight_map.0.into_iter().collect();
    if files.len() > MOST_FILES {
        return Err(Fault::invalid(
            "\"weight_map\"",
            tr!("names {files} files, more than any model has", files = files.len()),
        ));
    }
    // A name must not lead out of the folder.
    let outside = |name: &&String| name.contains(['/', '\\']) || name.as_str() == ".." || name.is_empty();
    if let Some(bad) = files.iter().find(outside) {
        return Err(Fault::invalid(
            "\"weight_map\"",
            tr!("{name} is no name of a file beside it", name = format!("{:?}", short(bad))),
        ));
    }
    let total_size = raw.metadata.and_then(|metadata| metadata.total_size).and_then(|size| size.as_u64());
    Ok(Index { files, total_size })
}

#[derive(Deserialize)]
struct RawIndex {
    #[serde(default)]
    metadata: Option<RawMetadata>,
    weight_map: FileNames,
}

#[derive(Deserialize)]
struct RawMetadata {
    #[serde(default)]
    total_size: Option<serde_json::Number>,
}

/// The distinct values of a map, whose keys are passed over.
struct FileNames(BTreeSet<String>);

impl<'de> Deserialize<'de> for FileNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = FileNames;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(tr!("names of files by tensor"))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FileNames, A::Error> {
                let mut names = BTreeSet::new();
                while map.next_key::<IgnoredAny>()?.is_some() {
                    let name: std::borrow::Cow<'de, str> = map.next_value()?;
                    if !names.contains(name.as_ref()) {
                        if names.len() > MOST_FILES {
                            return Err(A::Error::custom(tr!("more than {most} files", most = MOST_FILES)));
                        }
                        names.insert(name.into_owned());
                    }
                }
                Ok(FileNames(names))
            }
        }
        deserializer.deserialize_map(Names)
    }
}

/// Sums of one file, or of several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sums {
    tensors: usize,
    text: u64,
    towers: u64,
    /// Weights packed into wider numbers, as bits.
    packed_bits: u64,
    /// Scales, zero points and tables of quantization.
    beside: u64,
}

/// The files of the checkpoint in `folder`; `None` where it holds none. `bits`: of a packed weight.
///
/// # Errors
/// A file that is missing or contradicts itself.
pub fn read(folder: &Path, bits: Option<u32>, quantized: bool) -> Result<Option<Checkpoint>, FileError> {
    let index = folder.join("model.safetensors.index.json");
    let single = folder.join("model.safetensors");
    let files = if index.is_file() {
        read_index(&index)?.files.into_iter().map(|name| folder.join(name)).collect()
    } else if single.is_file() {
        vec![single]
    } else {
        return Ok(None);
    };
    let mut sums = Sums::default();
    let mut bytes = Bytes::ZERO;
    for path in &files {
        let (file, length) = input::open(path)?;
        add_file(file, length, &mut sums).map_err(|fault| fault.of(path))?;
        bytes += Bytes(length);
    }
    let packed = match bits {
        Some(bits) if bits > 0 => Some(sums.packed_bits / u64::from(bits)),
        _ if sums.packed_bits == 0 => Some(0),
        _ => None,
    };
    let text = packed.filter(|_| !quantized || bits.is_some()).map(|packed| sums.text.saturating_add(packed));
    Ok(Some(Checkpoint { files, bytes, tensors: sums.tensors, text, towers: sums.towers }))
}

/// Adds what the head of one file says.
///
/// # Errors
/// The head is longer than the file, is no JSON, or its tensors do not lie one behind the other in the file.
fn add_file(input: impl Read, length: u64, sums: &mut Sums) -> Result<(), Fault> {
    let mut input = BufReader::new(input);
    let mut head = [0; 8];
    if length < 8 {
        return Err(Fault::new(FaultKind::Truncated, "", tr!("has {length} bytes, and no head", length)));
    }
    input.read_exact(&mut head)?;
    let size = u64::from_le_bytes(head);
    if size > length - 8 {
        let problem =
            tr!("announces a head of {size} bytes, and the file ends after {left}", size, left = length - 8);
        return Err(Fault::new(FaultKind::Truncated, byte(0), problem));
    }
    if size > MOST_HEAD {
        return Err(Fault::invalid(
            byte(0),
            tr!("announces a head of {size} bytes, more than is read", size),
        ));
    }
    let data = length - 8 - size;
    let mut json = serde_json::Deserializer::from_reader(input.take(size));
    let mut extents = Vec::new();
    let before = sums.tensors;
    Head { sums, extents: &mut extents, most: before.saturating_add(MOST_TENSORS) }
        .deserialize(&mut json)
        .and_then(|()| json.end())
        .map_err(|error| json_fault(&error))?;
    extents.sort_unstable();
    if let Some(pair) = extents.windows(2).find(|pair| pair[0].1 > pair[1].0) {
        return Err(Fault::invalid(tr!("data at {at}", at = pair[1].0), tr!("belongs to two tensors")));
    }
    match extents.last() {
        Some((_, end)) if *end > data => {
            let problem = tr!(
                "the last tensor ends at {end}, and there are {data}: the download is not complete",
                end,
                data
            );
            Err(Fault::new(FaultKind::Truncated, tr!("data"), problem))
        }
        _ => Ok(()),
    }
}

/// Adds what one head says, for tests and fuzzing.
///
/// # Errors
/// As for a file.
pub fn check_head(bytes: &[u8], length: u64) -> Result<usize, Fault> {
    let mut sums = Sums::default();
    add_file(bytes, length, &mut sums)?;
    Ok(sums.tensors)
}

fn json_fault(error: &serde_json::Error) -> Fault {
    let kind = if error.is_io() || error.is_eof() { FaultKind::Truncated } else { FaultKind::Invalid };
    Fault::new(kind, place_of(error), of_json(error))
}

/// One tensor's entry.
#[derive(Deserialize)]
struct Entry {
    dtype: String,
    shape: Shape,
    data_offsets: (u64, u64),
}

/// Elements of a shape; nothing is kept of its axes.
struct Shape(u64);

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Axes;
        impl<'de> Visitor<'de> for Axes {
            type Value = Shape;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(tr!("a list of axes"))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut axes: A) -> Result<Shape, A::Error> {
                let mut elements = 1_u64;
                let mut count = 0;
                while let Some(axis) = axes.next_element::<u64>()? {
                    count += 1;
                    let product = elements.checked_mul(axis).filter(|_| count <= 16);
                    elements = product.ok_or_else(|| A::Error::custom(tr!("a shape that no tensor has")))?;
                }
                Ok(Shape(elements))
            }
        }
        deserializer.deserialize_seq(Axes)
    }
}

struct Head<'a> {
    sums: &'a mut Sums,
    extents: &'a mut Vec<(u64, u64)>,
    most: usize,
}

impl<'de> DeserializeSeed<'de> for Head<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Head<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(tr!("tensors by name"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            if name == "__metadata__" {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let wrong = |what: &str| A::Error::custom(format!("{}: {what}", error::tensor(&name)));
            if name.len() > LONGEST_NAME {
                return Err(wrong(tr!("its name is longer than any")));
            }
            let Entry { dtype, shape, data_offsets: (start, end) } = map.next_value()?;
            let bits = bits_of(&dtype).ok_or_else(|| wrong(tr!("its type is not known")))?;
            let bytes = u128::from(shape.0) * u128::from(bits) / 8;
            if end < start || u128::from(end - start) != bytes {
                return Err(wrong(tr!("its shape, type and place do not fit together")));
            }
            self.sums.tensors += 1;
            if self.sums.tensors > self.most.min(MOST_TENSORS_OF_ALL) {
                return Err(A::Error::custom(tr!("more tensors than any model has")));
            }
            if end > start {
                self.extents.push((start, end));
            }
            self.sums.add(&name, &dtype, shape.0, end - start);
        }
        Ok(())
    }
}

impl Sums {
    fn add(&mut self, name: &str, dtype: &str, elements: u64, bytes: u64) {
        const BESIDE: &[&str] = &[
            ".scales",
            ".biases",
            "_scales",
            "scale_inv",
            "_scale",
            ".scale",
            ".qzeros",
            ".g_idx",
            ".absmax",
            ".quant_map",
            ".nested_absmax",
            ".nested_quant_map",
            "weight_shape",
            "zero_point",
            "_scale_2",
            "input_scale",
            "quant_state",
            "k_scale",
            "v_scale",
            "inv_freq",
        ];
        const TOWERS: &[&str] = &[
            "visual.",
            "vision_",
            "vision.",
            "multi_modal_projector",
            "mm_projector",
            "mm_",
            "audio_",
            "embed_vision",
            "embed_audio",
            "mlp1.",
            "img_",
            "image_",
            "vit.",
        ];
        let short_name = name.strip_prefix("model.").unwrap_or(name);
        let is_tower = TOWERS.iter().any(|start| short_name.starts_with(start));
        let is_beside = BESIDE.iter().any(|end| name.ends_with(end) || name.contains(&format!("{end}.")));
        // Weights are packed where a type of whole numbers holds them.
        let is_packed = matches!(dtype, "I32" | "U32" | "U8" | "I8" | "I64")
            && ["weight", "qweight", "_packed", "_blocks"].iter().any(|end| name.ends_with(end));
        if is_beside {
            self.beside = self.beside.saturating_add(elements);
        } else if is_tower {
            self.towers = self.towers.saturating_add(elements);
        } else if is_packed {
            self.packed_bits = self.packed_bits.saturating_add(bytes.saturating_mul(8));
        } else {
            self.text = self.text.saturating_add(elements);
        }
    }
}

/// Bits of an element.
fn bits_of(dtype: &str) -> Option<u64> {
    Some(match dtype {
        "F64" | "I64" | "U64" | "C64" => 64,
        "F32" | "I32" | "U32" => 32,
        "F16" | "BF16" | "I16" | "U16" => 16,
        "F8_E4M3" | "F8_E5M2" | "F8_E8M0" | "F8_E4M3FNUZ" | "F8_E5M2FNUZ" | "I8" | "U8" | "BOOL" => 8,
        "F6_E2M3" | "F6_E3M2" => 6,
        "F4" => 4,
        _ => return None,
    })
}
