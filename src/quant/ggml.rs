//! Storage formats of single tensors, as ggml defines them.
//!
//! A format packs a *block* of consecutive elements of a row into a fixed number of bytes, scales included;
//! everything about the size of a tensor follows from these two numbers.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::units::Bytes;

/// Writes the enum and its table from one list, so that a format cannot be in one and not in the other.
macro_rules! formats {
    ($($variant:ident, $name:literal, $block:literal, $bytes:literal, $doc:literal;)*) => {
        /// Storage format of a tensor.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum GgmlType {
            $(#[doc = $doc] $variant,)*
        }

        impl GgmlType {
            /// Every format, floats first.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// ggml's name: `q4_K`, `iq4_xs`, `bf16`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Elements of one block.
            pub const fn block(self) -> u64 {
                match self { $(Self::$variant => $block,)* }
            }

            /// Bytes of one block.
            pub const fn block_bytes(self) -> u64 {
                match self { $(Self::$variant => $bytes,)* }
            }
        }
    };
}

formats! {
    // variant, name,      block, bytes, what
    F32,     "f32",        1,     4,     "32-bit float.";
    F16,     "f16",        1,     2,     "16-bit float.";
    Bf16,    "bf16",       1,     2,     "bfloat16.";
    F64,     "f64",        1,     8,     "64-bit float.";
    I8,      "i8",         1,     1,     "8-bit integer.";
    I16,     "i16",        1,     2,     "16-bit integer.";
    I32,     "i32",        1,     4,     "32-bit integer.";
    I64,     "i64",        1,     8,     "64-bit integer.";
    // One scale a block, with a minimum where the name ends in 1.
    Q8_0,    "q8_0",       32,    34,    "8.5 bits.";
    Q8_1,    "q8_1",       32,    36,    "9 bits; activations only.";
    Q5_1,    "q5_1",       32,    24,    "6 bits.";
    Q5_0,    "q5_0",       32,    22,    "5.5 bits.";
    Q4_1,    "q4_1",       32,    20,    "5 bits.";
    Q4_0,    "q4_0",       32,    18,    "4.5 bits.";
    Q2_0,    "q2_0",       64,    18,    "2.25 bits.";
    Q1_0,    "q1_0",       128,   18,    "1.125 bits.";
    // Super-blocks of 256 whose scales are quantized themselves.
    Q8K,     "q8_K",       256,   292,   "9.125 bits; activations only.";
    Q6K,     "q6_K",       256,   210,   "6.5625 bits.";
    Q5K,     "q5_K",       256,   176,   "5.5 bits.";
    Q4K,     "q4_K",       256,   144,   "4.5 bits.";
    Q3K,     "q3_K",       256,   110,   "3.4375 bits.";
    Q2K,     "q2_K",       256,   84,    "2.625 bits.";
    // Elements are indices into a fixed codebook.
    Iq4Nl,   "iq4_nl",     32,    18,    "4.5 bits.";
    Iq4Xs,   "iq4_xs",     256,   136,   "4.25 bits.";
    Iq3S,    "iq3_s",      256,   110,   "3.4375 bits.";
    Iq3Xxs,  "iq3_xxs",    256,   98,    "3.0625 bits.";
    Iq2S,    "iq2_s",      256,   82,    "2.5625 bits.";
    Iq2Xs,   "iq2_xs",     256,   74,    "2.3125 bits.";
    Iq2Xxs,  "iq2_xxs",    256,   66,    "2.0625 bits.";
    Iq1M,    "iq1_m",      256,   56,    "1.75 bits.";
    Iq1S,    "iq1_s",      256,   50,    "1.5625 bits.";
    // Three values an element (BitNet).
    Tq2_0,   "tq2_0",      256,   66,    "2.0625 bits.";
    Tq1_0,   "tq1_0",      256,   54,    "1.6875 bits.";
    // 4-bit floats with a shared scale.
    Mxfp4,   "mxfp4",      32,    17,    "4.25 bits.";
    Nvfp4,   "nvfp4",      64,    36,    "4.5 bits, without the F32 scale that each tensor has beside it.";
}

impl GgmlType {
    /// Bits of one element, scales included.
    pub const fn bits_per_weight(self) -> f64 {
        (8 * self.block_bytes()) as f64 / self.block() as f64
    }

    /// Whether elements are packed in blocks with scales.
    pub const fn is_quantized(self) -> bool {
        self.block() > 1
    }

    /// Whether a row of `columns` elements is a whole number of blocks.
    pub const fn fits(self, columns: u64) -> bool {
        columns.is_multiple_of(self.block())
    }

    /// Size of a row of `columns` elements. Where they are no whole number of blocks (ggml refuses such a
    /// row) the last block counts in full.
    pub const fn row_bytes(self, columns: u64) -> Bytes {
        Bytes(columns.div_ceil(self.block()).saturating_mul(self.block_bytes()))
    }

    /// Size of a tensor of `ne0 × ne1 × ne2` elements, `ne0` along the row; 1 where a dimension is absent.
    /// Without the padding to 32 bytes that a file adds.
    pub fn tensor_bytes(self, [columns, rows, matrices]: [u64; 3]) -> Bytes {
        self.row_bytes(columns) * rows * matrices
    }

    /// The format with this number in a file (`ggml_type`).
    pub const fn from_id(id: u32) -> Option<Self> {
        Some(match id {
            0 => Self::F32,
            1 => Self::F16,
            2 => Self::Q4_0,
            3 => Self::Q4_1,
            6 => Self::Q5_0,
            7 => Self::Q5_1,
            8 => Self::Q8_0,
            9 => Self::Q8_1,
            10 => Self::Q2K,
            11 => Self::Q3K,
            12 => Self::Q4K,
            13 => Self::Q5K,
            14 => Self::Q6K,
            15 => Self::Q8K,
            16 => Self::Iq2Xxs,
            17 => Self::Iq2Xs,
            18 => Self::Iq3Xxs,
            19 => Self::Iq1S,
            20 => Self::Iq4Nl,
            21 => Self::Iq3S,
            22 => Self::Iq2S,
            23 => Self::Iq4Xs,
            24 => Self::I8,
            25 => Self::I16,
            26 => Self::I32,
            27 => Self::I64,
            28 => Self::F64,
            29 => Self::Iq1M,
            30 => Self::Bf16,
            34 => Self::Tq1_0,
            35 => Self::Tq2_0,
            39 => Self::Mxfp4,
            40 => Self::Nvfp4,
            41 => Self::Q1_0,
            42 => Self::Q2_0,
            _ => return None,
        })
    }

    /// The format of that name, as ggml writes it.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.name().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for GgmlType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for GgmlType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits per weight as ggml's documentation states them.
    #[test]
    fn bits_per_weight_are_the_published_ones() {
        for (name, bits) in [
            ("q2_K", 2.625),
            ("q3_K", 3.4375),
            ("q4_K", 4.5),
            ("q6_K", 6.5625),
            ("q8_0", 8.5),
            ("q8_K", 9.125),
            ("iq1_s", 1.5625),
            ("iq1_m", 1.75),
            ("iq2_s", 2.5625),
            ("iq3_xxs", 3.0625),
            ("iq4_xs", 4.25),
            ("tq1_0", 1.6875),
            ("mxfp4", 4.25),
            ("nvfp4", 4.5),
            ("q1_0", 1.125),
            ("i64", 64.0),
        ] {
            assert_eq!(GgmlType::from_name(name).unwrap().bits_per_weight(), bits, "{name}");
        }
    }

    #[test]
    fn numbers_in_files_are_unique() {
        let known: Vec<GgmlType> = (0..256).filter_map(GgmlType::from_id).collect();
        assert_eq!(known.len(), GgmlType::ALL.len());
        assert!(GgmlType::ALL.iter().all(|format| known.contains(format)));
        // Formats that llama.cpp dropped keep their numbers.
        assert!([4, 5, 31, 33, 36, 38].into_iter().all(|id| GgmlType::from_id(id).is_none()));
    }

    #[test]
    fn names_are_unique_and_lead_back() {
        for &format in GgmlType::ALL {
            assert_eq!(GgmlType::from_name(format.name()), Some(format));
            assert_eq!(serde_json::to_string(&format).unwrap(), format!("\"{}\"", format.name()));
        }
        assert_eq!(GgmlType::from_name("q4_k"), Some(GgmlType::Q4K));
        assert_eq!(GgmlType::from_name("q9_9"), None);
    }

    #[test]
    fn a_tensor_is_rows_of_blocks() {
        assert_eq!(GgmlType::Q4K.tensor_bytes([4096, 14336, 1]), Bytes(4096 / 256 * 144 * 14336));
        assert_eq!(GgmlType::Mxfp4.tensor_bytes([2880, 2880, 32]), Bytes(2880 / 32 * 17 * 2880 * 32));
        assert_eq!(GgmlType::F32.tensor_bytes([7, 1, 1]), Bytes(28));
        // 896 columns are 3.5 super-blocks: refused by ggml, rounded up here.
        assert!(!GgmlType::Q4K.fits(896));
        assert_eq!(GgmlType::Q4K.row_bytes(896), Bytes(4 * 144));
    }

    #[test]
    fn absurd_shapes_saturate() {
        assert_eq!(GgmlType::F64.tensor_bytes([u64::MAX, u64::MAX, 2]), Bytes(u64::MAX));
    }
}
