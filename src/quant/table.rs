//! What a file really holds: its tensors with the formats that they are in, and how that differs from the
//! usual mix of the same name.

use std::collections::BTreeMap;

use super::ggml::GgmlType;
use super::level::FileType;
use super::mix::{self, MixContext, MixTensor};
use crate::units::Bytes;

/// A tensor of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredTensor {
    /// Block that it belongs to; `None`: the whole model.
    pub block: Option<u32>,
    /// Name without the block: `attn_v.weight`, `token_embd.weight`.
    pub suffix: Box<str>,
    /// Elements along each axis, the row first; 1 where the tensor has fewer axes. A fourth axis is
    /// multiplied into the third.
    pub dims: [u64; 3],
    /// Axes.
    pub n_dims: u8,
    /// Format.
    pub format: GgmlType,
}

impl StoredTensor {
    /// Number of weights.
    pub fn elements(&self) -> u64 {
        self.dims.iter().fold(1, |product, &axis| product.saturating_mul(axis))
    }

    /// Size without the padding that files and devices add.
    pub fn bytes(&self) -> Bytes {
        self.format.tensor_bytes(self.dims)
    }

    fn mix(&self) -> MixTensor<'_> {
        MixTensor { block: self.block, suffix: &self.suffix, dims: self.dims, n_dims: self.n_dims }
    }
}

/// All tensors of a model's file or files.
#[derive(Clone, Debug, PartialEq)]
pub struct TensorTable {
    /// The tensors, in the order of the file.
    pub tensors: Vec<StoredTensor>,
    /// Size of all files together, headers included.
    pub file_bytes: Bytes,
    /// The file type that the file states, where it states one that is known.
    pub stated: Option<FileType>,
    /// Whether it was made with an importance matrix, where it says so.
    pub imatrix: bool,
}

/// Tensors of one format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormatShare {
    /// Format.
    pub format: GgmlType,
    /// Tensors in it.
    pub tensors: u32,
    /// Their bytes.
    pub bytes: Bytes,
    /// Their weights.
    pub elements: u64,
}

/// A tensor that is not as in the usual mix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Name without block.
    pub suffix: Box<str>,
    /// Format in the file.
    pub is: GgmlType,
    /// Format that the usual mix has.
    pub usual: GgmlType,
    /// How many tensors of this name differ so.
    pub tensors: u32,
    /// Bytes more than usual; negative: less.
    pub extra_bytes: i64,
}

impl TensorTable {
    /// Weights of all tensors.
    pub fn elements(&self) -> u64 {
        self.tensors.iter().fold(0, |sum, tensor| sum.saturating_add(tensor.elements()))
    }

    /// Bytes of all tensors, without padding.
    pub fn tensor_bytes(&self) -> Bytes {
        self.tensors.iter().map(StoredTensor::bytes).sum()
    }

    /// Tensor bits for each weight; 0 of no tensors.
    pub fn bits_per_weight(&self) -> f64 {
        match self.elements() {
            0 => 0.0,
            elements => self.tensor_bytes().0 as f64 * 8.0 / elements as f64,
        }
    }

    /// What the file is made of, format by format, in ggml's order.
    pub fn shares(&self) -> Vec<FormatShare> {
        shares(self.tensors.iter().map(|tensor| (tensor, tensor.format)))
    }

    /// What the same tensors are made of by what `llama-quantize` makes by the name of the file type, format by format.
    /// `context.imatrix` says which of its two mixes is meant.
    pub fn usual_shares(&self, context: &MixContext<'_>) -> Vec<FormatShare> {
        let tensors: Vec<MixTensor<'_>> = self.tensors.iter().map(StoredTensor::mix).collect();
        let usual = mix::tensor_types(self.file_type(), context, &tensors);
        shares(self.tensors.iter().zip(usual).map(|(tensor, usual)| {
            // Which float the small tensors have follows the conversion, not the mix.
            let is_float = !tensor.format.is_quantized() && !usual.is_quantized();
            (tensor, if is_float { tensor.format } else { usual })
        }))
    }

    /// The file type that describes the file: the stated one, else the one that gives the format of most
    /// bytes to most tensors.
    pub fn file_type(&self) -> FileType {
        self.stated.unwrap_or_else(|| {
            let most = self.shares().into_iter().max_by_key(|share| (share.bytes, share.format));
            most.map_or(FileType::F16, |share| usual_file_type(share.format))
        })
    }

    /// Where the file differs from what `llama-quantize` makes by the name of its file type, largest first.
    /// `context.imatrix` says which of its two mixes is meant.
    pub fn differences(&self, context: &MixContext<'_>) -> Vec<Difference> {
        let tensors: Vec<MixTensor<'_>> = self.tensors.iter().map(StoredTensor::mix).collect();
        let usual = mix::tensor_types(self.file_type(), context, &tensors);
        let mut found: BTreeMap<(&str, GgmlType, GgmlType), Difference> = BTreeMap::new();
        for (tensor, usual) in self.tensors.iter().zip(usual) {
            // Which float the small tensors have follows the conversion, not the mix.
            if tensor.format == usual || (!tensor.format.is_quantized() && !usual.is_quantized()) {
                continue;
            }
            let key = (&*tensor.suffix, tensor.format, usual);
            let difference = found.entry(key).or_insert_with(|| Difference {
                suffix: tensor.suffix.clone(),
                is: tensor.format,
                usual,
                tensors: 0,
                extra_bytes: 0,
            });
            difference.tensors += 1;
            let (is, was) = (tensor.bytes().0, usual.tensor_bytes(tensor.dims).0);
            difference.extra_bytes = difference.extra_bytes.saturating_add_unsigned(is);
            difference.extra_bytes = difference.extra_bytes.saturating_sub_unsigned(was);
        }
        let mut found: Vec<Difference> = found.into_values().collect();
        found.sort_by_key(|difference| std::cmp::Reverse(difference.extra_bytes.unsigned_abs()));
        found
    }
}

fn shares<'a>(tensors: impl Iterator<Item = (&'a StoredTensor, GgmlType)>) -> Vec<FormatShare> {
    let mut shares: BTreeMap<GgmlType, FormatShare> = BTreeMap::new();
    for (tensor, format) in tensors {
        let none = FormatShare { format, tensors: 0, bytes: Bytes::ZERO, elements: 0 };
        let share = shares.entry(format).or_insert(none);
        share.tensors += 1;
        share.bytes += format.tensor_bytes(tensor.dims);
        share.elements = share.elements.saturating_add(tensor.elements());
    }
    shares.into_values().collect()
}

/// The file type whose bulk is in `format`.
fn usual_file_type(format: GgmlType) -> FileType {
    match format {
        GgmlType::F32 | GgmlType::F64 | GgmlType::I32 | GgmlType::I64 => FileType::F32,
        GgmlType::F16 | GgmlType::I16 => FileType::F16,
        GgmlType::Bf16 => FileType::Bf16,
        GgmlType::Q8_0 | GgmlType::Q8_1 | GgmlType::Q8K | GgmlType::I8 => FileType::Q8_0,
        GgmlType::Q6K => FileType::Q6K,
        GgmlType::Q5K => FileType::Q5KM,
        GgmlType::Q5_0 => FileType::Q5_0,
        GgmlType::Q5_1 => FileType::Q5_1,
        GgmlType::Q4K => FileType::Q4KM,
        GgmlType::Q4_0 => FileType::Q4_0,
        GgmlType::Q4_1 => FileType::Q4_1,
        GgmlType::Q3K => FileType::Q3KM,
        GgmlType::Q2K | GgmlType::Q2_0 => FileType::Q2K,
        GgmlType::Iq4Nl | GgmlType::Nvfp4 => FileType::Iq4Nl,
        GgmlType::Iq4Xs => FileType::Iq4Xs,
        GgmlType::Iq3S => FileType::Iq3S,
        GgmlType::Iq3Xxs => FileType::Iq3Xxs,
        GgmlType::Iq2S => FileType::Iq2M,
        GgmlType::Iq2Xs => FileType::Iq2Xs,
        GgmlType::Iq2Xxs => FileType::Iq2Xxs,
        GgmlType::Iq1M => FileType::Iq1M,
        GgmlType::Iq1S | GgmlType::Q1_0 => FileType::Iq1S,
        GgmlType::Tq2_0 => FileType::Tq2_0,
        GgmlType::Tq1_0 => FileType::Tq1_0,
        GgmlType::Mxfp4 => FileType::Mxfp4Moe,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(block: Option<u32>, suffix: &str, dims: [u64; 3], format: GgmlType) -> StoredTensor {
        let n_dims = dims.iter().rposition(|&axis| axis > 1).map_or(1, |last| last as u8 + 1);
        StoredTensor { block, suffix: suffix.into(), dims, n_dims, format }
    }

    fn table(tensors: Vec<StoredTensor>, stated: Option<FileType>) -> TensorTable {
        TensorTable { tensors, file_bytes: Bytes(0), stated, imatrix: false }
    }

    const CONTEXT: MixContext<'_> =
        MixContext { arch: "llama", n_layer: 2, gqa: 4, n_expert: 0, tied: false, imatrix: false };

    #[test]
    fn shares_count_bytes_by_format() {
        let table = table(
            vec![
                tensor(None, "token_embd.weight", [256, 100, 1], GgmlType::Q4K),
                tensor(Some(0), "attn_norm.weight", [256, 1, 1], GgmlType::F32),
                tensor(Some(0), "attn_q.weight", [256, 256, 1], GgmlType::Q4K),
            ],
            None,
        );
        let shares = table.shares();
        assert_eq!(shares[0].format, GgmlType::F32);
        assert_eq!((shares[1].tensors, shares[1].bytes), (2, Bytes(144 * 356)));
        assert_eq!(table.elements(), 256 * 357);
        assert_eq!(table.file_type(), FileType::Q4KM);
    }

    #[test]
    fn a_hand_made_mix_is_told_from_the_usual_one() {
        let usual = |suffix: &str, format| tensor(Some(0), suffix, [256, 256, 1], format);
        let own = table(
            vec![
                tensor(None, "output.weight", [256, 512, 1], GgmlType::Q8_0),
                usual("attn_q.weight", GgmlType::Q4K),
                usual("ffn_up.weight", GgmlType::Q6K),
                usual("attn_norm.weight", GgmlType::F16),
            ],
            Some(FileType::Q4KS),
        );
        let differences = own.differences(&CONTEXT);
        let names: Vec<_> = differences.iter().map(|d| (&*d.suffix, d.is, d.usual)).collect();
        assert_eq!(
            names,
            [
                ("output.weight", GgmlType::Q8_0, GgmlType::Q6K),
                ("ffn_up.weight", GgmlType::Q6K, GgmlType::Q4K),
            ]
        );
        assert_eq!(differences[1].extra_bytes, (210 - 144) * 256);
        let usual: Vec<_> = own.usual_shares(&CONTEXT).iter().map(|s| (s.format, s.tensors)).collect();
        assert_eq!(usual, [(GgmlType::F16, 1), (GgmlType::Q6K, 1), (GgmlType::Q4K, 2)]);
    }
}
