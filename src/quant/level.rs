//! Quantization levels: what a whole model is squeezed to, and the names that people use for it.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

mod parse;

pub use parse::UnknownLevel;

/// Writes the enum of file types and its table from one list.
macro_rules! file_types {
    ($($variant:ident, $name:literal, $bits:literal;)*) => {
        /// File type of llama.cpp: a recipe that gives each tensor of a model its format.
        ///
        /// Ordered by the size of the file of a usual model.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FileType {
            $(#[doc = concat!("`", $name, "`.")] $variant,)*
        }

        impl FileType {
            /// Every file type, smallest first.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// llama.cpp's name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Bits per weight of the whole file of Llama 3.1 8B, made with an importance matrix.
            ///
            /// For tables without a model in view; other models differ by their vocabulary, widths and
            /// experts (`Q4_K_M`: 4.8 to 6.4), so anything about a model must ask [`super::mix`].
            pub const fn nominal_bits(self) -> f64 {
                match self { $(Self::$variant => $bits,)* }
            }
        }
    };
}

file_types! {
    Iq1S,     "IQ1_S",     2.0042;
    Iq1M,     "IQ1_M",     2.1460;
    Tq1_0,    "TQ1_0",     2.1914;
    Iq2Xxs,   "IQ2_XXS",   2.3824;
    Tq2_0,    "TQ2_0",     2.5173;
    Iq2Xs,    "IQ2_XS",    2.5882;
    Iq2S,     "IQ2_S",     2.7403;
    Iq2M,     "IQ2_M",     2.9294;
    Q2KS,     "Q2_K_S",    2.9697;
    Q2K,      "Q2_K",      3.1593;
    Iq3Xxs,   "IQ3_XXS",   3.2548;
    Iq3Xs,    "IQ3_XS",    3.4977;
    Q3KS,     "Q3_K_S",    3.6429;
    Iq3S,     "IQ3_S",     3.6606;
    Iq3M,     "IQ3_M",     3.7628;
    Q3KM,     "Q3_K_M",    3.9960;
    Q3KL,     "Q3_K_L",    4.2979;
    Iq4Xs,    "IQ4_XS",    4.4231;
    Q4_0,     "Q4_0",      4.6505;
    Iq4Nl,    "IQ4_NL",    4.6526;
    Q4KS,     "Q4_K_S",    4.6672;
    Q4KM,     "Q4_K_M",    4.8944;
    Q4_1,     "Q4_1",      5.1031;
    Q5KS,     "Q5_K_S",    5.5704;
    Q5_0,     "Q5_0",      5.5850;
    Q5KM,     "Q5_K_M",    5.7036;
    Q5_1,     "Q5_1",      6.0377;
    Q6K,      "Q6_K",      6.5633;
    Mxfp4Moe, "MXFP4_MOE", 8.5008;
    Q8_0,     "Q8_0",      8.5008;
    F16,      "F16",       16.0005;
    Bf16,     "BF16",      16.0005;
    F32,      "F32",       32.0;
}

impl FileType {
    /// The file type with this number in a file (`general.file_type`).
    pub const fn from_id(id: u64) -> Option<Self> {
        Some(match id {
            0 => Self::F32,
            1 => Self::F16,
            2 => Self::Q4_0,
            3 => Self::Q4_1,
            7 => Self::Q8_0,
            8 => Self::Q5_0,
            9 => Self::Q5_1,
            10 => Self::Q2K,
            11 => Self::Q3KS,
            12 => Self::Q3KM,
            13 => Self::Q3KL,
            14 => Self::Q4KS,
            15 => Self::Q4KM,
            16 => Self::Q5KS,
            17 => Self::Q5KM,
            18 => Self::Q6K,
            19 => Self::Iq2Xxs,
            20 => Self::Iq2Xs,
            21 => Self::Q2KS,
            22 => Self::Iq3Xs,
            23 => Self::Iq3Xxs,
            24 => Self::Iq1S,
            25 => Self::Iq4Nl,
            26 => Self::Iq3S,
            27 => Self::Iq3M,
            28 => Self::Iq2S,
            29 => Self::Iq2M,
            30 => Self::Iq4Xs,
            31 => Self::Iq1M,
            32 => Self::Bf16,
            36 => Self::Tq1_0,
            37 => Self::Tq2_0,
            38 => Self::Mxfp4Moe,
            _ => return None,
        })
    }
}

impl fmt::Display for FileType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a model is squeezed to.
///
/// Its text form, in settings, queries and on the screen, is the name of [`Display`](fmt::Display); reading
/// ignores case. Ordered for lists: GGUF types by size, then as published, then the formats of other engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Level {
    /// A file type of llama.cpp.
    Gguf(FileType),
    /// As published: with llama.cpp what the converter writes, with other engines the checkpoint itself.
    Native,
    /// GPTQ, `bits` 4 or 8, one scale and one zero point for `group` weights.
    Gptq {
        /// Bits of a weight.
        bits: u8,
        /// Weights that share a scale.
        group: u16,
    },
    /// AWQ, stored like GPTQ.
    Awq {
        /// Bits of a weight.
        bits: u8,
        /// Weights that share a scale.
        group: u16,
    },
    /// 8-bit floats (e4m3), one scale a tensor, channel or 128 × 128 block.
    Fp8,
    /// 8-bit integers, one scale a channel.
    Int8,
    /// NVIDIA's 4-bit float, an 8-bit scale for 16 weights.
    Nvfp4,
    /// The OCP 4-bit float, an 8-bit scale for 32 weights; experts only.
    Mxfp4,
    /// bitsandbytes' 4-bit normal float with double quantization.
    Nf4,
    /// MLX's affine quantization: a 16-bit scale and bias for `group` weights.
    Mlx {
        /// Bits of a weight.
        bits: u8,
        /// Weights that share a scale.
        group: u16,
    },
    /// `ExLlamaV2`, hundredths of a bit per weight of the body.
    Exl2(u16),
    /// `ExLlamaV3`, hundredths of a bit per weight of the body.
    Exl3(u16),
}

impl Level {
    /// The columns of the matrix, which are the rungs of the ladder: the widespread GGUF types from small to
    /// large, then as published.
    pub const LADDER: &[Self] = &[
        Self::Gguf(FileType::Q2K),
        Self::Gguf(FileType::Iq3Xxs),
        Self::Gguf(FileType::Q3KS),
        Self::Gguf(FileType::Q3KM),
        Self::Gguf(FileType::Iq4Xs),
        Self::Gguf(FileType::Q4KS),
        Self::Gguf(FileType::Q4KM),
        Self::Gguf(FileType::Q5KS),
        Self::Gguf(FileType::Q5KM),
        Self::Gguf(FileType::Q6K),
        Self::Gguf(FileType::Q8_0),
        Self::Gguf(FileType::Bf16),
        Self::Native,
    ];

    /// Every file type of llama.cpp, smallest first.
    pub const ALL_GGUF: &[Self] = &{
        let mut levels = [Self::Native; FileType::ALL.len()];
        let mut i = 0;
        while i < levels.len() {
            levels[i] = Self::Gguf(FileType::ALL[i]);
            i += 1;
        }
        levels
    };

    /// The formats of other engines, without EXL2 and EXL3, which exist at any number of bits.
    pub const OTHERS: &[Self] = &[
        Self::Gptq { bits: 4, group: 32 },
        Self::Gptq { bits: 4, group: 64 },
        Self::Gptq { bits: 4, group: 128 },
        Self::Gptq { bits: 8, group: 32 },
        Self::Gptq { bits: 8, group: 64 },
        Self::Gptq { bits: 8, group: 128 },
        Self::Awq { bits: 4, group: 64 },
        Self::Awq { bits: 4, group: 128 },
        Self::Fp8,
        Self::Int8,
        Self::Nvfp4,
        Self::Mxfp4,
        Self::Nf4,
        Self::Mlx { bits: 2, group: 32 },
        Self::Mlx { bits: 2, group: 64 },
        Self::Mlx { bits: 2, group: 128 },
        Self::Mlx { bits: 3, group: 32 },
        Self::Mlx { bits: 3, group: 64 },
        Self::Mlx { bits: 3, group: 128 },
        Self::Mlx { bits: 4, group: 32 },
        Self::Mlx { bits: 4, group: 64 },
        Self::Mlx { bits: 4, group: 128 },
        Self::Mlx { bits: 5, group: 32 },
        Self::Mlx { bits: 5, group: 64 },
        Self::Mlx { bits: 5, group: 128 },
        Self::Mlx { bits: 6, group: 32 },
        Self::Mlx { bits: 6, group: 64 },
        Self::Mlx { bits: 6, group: 128 },
        Self::Mlx { bits: 8, group: 32 },
        Self::Mlx { bits: 8, group: 64 },
        Self::Mlx { bits: 8, group: 128 },
    ];

    /// Bits per weight where no model is in view: of a file of llama.cpp see [`FileType::nominal_bits`], of
    /// the other formats those of a quantized linear, scales included. As published: 16.
    pub fn nominal_bits(self) -> f64 {
        match self {
            Self::Gguf(file_type) => file_type.nominal_bits(),
            Self::Native => 16.0,
            // A 16-bit scale and a zero point as wide as a weight.
            Self::Gptq { bits, group } | Self::Awq { bits, group } => {
                f64::from(bits) + (16.0 + f64::from(bits)) / f64::from(group)
            }
            Self::Fp8 | Self::Int8 => 8.0,
            Self::Nvfp4 => 4.0 + 8.0 / 16.0,
            Self::Mxfp4 => 4.0 + 8.0 / 32.0,
            // An 8-bit absmax for 64 weights, and an F32 one for 256 of these.
            Self::Nf4 => 4.0 + 8.0 / 64.0 + 32.0 / (64.0 * 256.0),
            // A 16-bit scale and a 16-bit bias.
            Self::Mlx { bits, group } => f64::from(bits) + 32.0 / f64::from(group),
            Self::Exl2(hundredths) | Self::Exl3(hundredths) => f64::from(hundredths) / 100.0,
        }
    }

    /// The bit width that its name states, which groups the columns of the matrix: 1 to 8, 16, 32; 0 as
    /// published.
    pub fn bit_group(self) -> u8 {
        match self {
            Self::Gguf(file_type) => match file_type {
                FileType::Iq1S | FileType::Iq1M | FileType::Tq1_0 => 1,
                FileType::Q2K
                | FileType::Q2KS
                | FileType::Iq2Xxs
                | FileType::Iq2Xs
                | FileType::Iq2S
                | FileType::Iq2M
                | FileType::Tq2_0 => 2,
                FileType::Q3KS
                | FileType::Q3KM
                | FileType::Q3KL
                | FileType::Iq3Xxs
                | FileType::Iq3Xs
                | FileType::Iq3S
                | FileType::Iq3M => 3,
                FileType::Q4_0
                | FileType::Q4_1
                | FileType::Q4KS
                | FileType::Q4KM
                | FileType::Iq4Nl
                | FileType::Iq4Xs
                | FileType::Mxfp4Moe => 4,
                FileType::Q5_0 | FileType::Q5_1 | FileType::Q5KS | FileType::Q5KM => 5,
                FileType::Q6K => 6,
                FileType::Q8_0 => 8,
                FileType::F16 | FileType::Bf16 => 16,
                FileType::F32 => 32,
            },
            Self::Native => 0,
            Self::Gptq { bits, .. } | Self::Awq { bits, .. } | Self::Mlx { bits, .. } => bits,
            Self::Fp8 | Self::Int8 => 8,
            Self::Nvfp4 | Self::Mxfp4 | Self::Nf4 => 4,
            Self::Exl2(hundredths) | Self::Exl3(hundredths) => (hundredths / 100) as u8,
        }
    }

    /// The file type, of levels that llama.cpp makes.
    pub const fn file_type(self) -> Option<FileType> {
        match self {
            Self::Gguf(file_type) => Some(file_type),
            _ => None,
        }
    }

    /// Its name in few letters for a narrow row: `Q4_K_M`, `AWQ4`, `MLX4 g32`. The group is left out where it
    /// is the usual one.
    pub fn short_name(self) -> String {
        match self {
            Self::Gptq { group: 128, .. } | Self::Awq { group: 128, .. } | Self::Mlx { group: 64, .. } => {
                self.short_lines().0.into_owned()
            }
            Self::Gptq { .. } | Self::Awq { .. } | Self::Mlx { .. } => {
                let (name, group) = self.short_lines();
                format!("{name} {group}")
            }
            _ => self.to_string(),
        }
    }

    /// Its name in two lines for a narrow column head: `IQ3` over `XXS`. The second is empty for short names.
    pub fn short_lines(self) -> (Cow<'static, str>, Cow<'static, str>) {
        let fixed = |first, second| (Cow::Borrowed(first), Cow::Borrowed(second));
        match self {
            Self::Gguf(file_type) => {
                let (first, second) = file_type.name().split_once('_').unwrap_or((file_type.name(), ""));
                fixed(first, second)
            }
            Self::Native => fixed("Native", ""),
            Self::Gptq { bits, group } => (format!("GPTQ{bits}").into(), format!("g{group}").into()),
            Self::Awq { bits, group } => (format!("AWQ{bits}").into(), format!("g{group}").into()),
            Self::Fp8 => fixed("FP8", ""),
            Self::Int8 => fixed("INT8", ""),
            Self::Nvfp4 => fixed("NV", "FP4"),
            Self::Mxfp4 => fixed("MX", "FP4"),
            Self::Nf4 => fixed("NF4", ""),
            Self::Mlx { bits, group } => (format!("MLX{bits}").into(), format!("g{group}").into()),
            Self::Exl2(hundredths) => (Cow::Borrowed("EXL2"), decimal(hundredths).into()),
            Self::Exl3(hundredths) => (Cow::Borrowed("EXL3"), decimal(hundredths).into()),
        }
    }
}

/// Hundredths with one decimal, or two where the second is not zero: 4.0, 2.25.
fn decimal(hundredths: u16) -> String {
    let (whole, part) = (hundredths / 100, hundredths % 100);
    if part.is_multiple_of(10) { format!("{whole}.{}", part / 10) } else { format!("{whole}.{part:02}") }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Gguf(file_type) => f.pad(file_type.name()),
            Self::Native => f.pad("NATIVE"),
            Self::Fp8 => f.pad("FP8"),
            Self::Int8 => f.pad("INT8"),
            Self::Nvfp4 => f.pad("NVFP4"),
            Self::Mxfp4 => f.pad("MXFP4"),
            Self::Nf4 => f.pad("NF4"),
            Self::Gptq { bits, group } => f.pad(&format!("GPTQ-{bits}bit-g{group}")),
            Self::Awq { bits, group } => f.pad(&format!("AWQ-{bits}bit-g{group}")),
            Self::Mlx { bits, group } => f.pad(&format!("MLX-{bits}bit-g{group}")),
            Self::Exl2(hundredths) => f.pad(&format!("EXL2-{}", decimal(hundredths))),
            Self::Exl3(hundredths) => f.pad(&format!("EXL3-{}", decimal(hundredths))),
        }
    }
}

impl From<FileType> for Level {
    fn from(file_type: FileType) -> Self {
        Self::Gguf(file_type)
    }
}

impl From<Level> for String {
    fn from(level: Level) -> Self {
        level.to_string()
    }
}

impl TryFrom<String> for Level {
    type Error = UnknownLevel;
    fn try_from(name: String) -> Result<Self, UnknownLevel> {
        Self::from_str(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_climbs() {
        assert_eq!(Level::LADDER.len(), 13);
        assert!(Level::LADDER.is_sorted(), "ordered as levels are");
        let groups: Vec<u8> = Level::LADDER.iter().map(|level| level.bit_group()).collect();
        assert_eq!(groups, [2, 3, 3, 3, 4, 4, 4, 5, 5, 6, 8, 16, 0]);
        let names: Vec<String> = Level::LADDER.iter().map(Level::to_string).collect();
        assert_eq!(
            names.join(" "),
            "Q2_K IQ3_XXS Q3_K_S Q3_K_M IQ4_XS Q4_K_S Q4_K_M Q5_K_S Q5_K_M Q6_K Q8_0 BF16 NATIVE"
        );
    }

    #[test]
    fn file_types_are_listed_by_size() {
        assert!(FileType::ALL.is_sorted_by_key(|file_type| file_type.nominal_bits()));
        assert_eq!(Level::ALL_GGUF.len(), 33);
        assert_eq!(Level::ALL_GGUF[0].to_string(), "IQ1_S");
        assert_eq!(Level::ALL_GGUF[32].to_string(), "F32");
    }

    #[test]
    fn column_heads() {
        let head = |name: &str| {
            let (first, second) = name.parse::<Level>().unwrap().short_lines();
            format!("{first}|{second}")
        };
        assert_eq!(head("Q4_K_M"), "Q4|K_M");
        assert_eq!(head("IQ3_XXS"), "IQ3|XXS");
        assert_eq!(head("Q8_0"), "Q8|0");
        assert_eq!(head("BF16"), "BF16|");
        assert_eq!(head("EXL3-2.25"), "EXL3|2.25");
        assert_eq!(head("MLX-4bit-g64"), "MLX4|g64");
        let short = |name: &str| name.parse::<Level>().unwrap().short_name();
        assert_eq!(short("MLX-4bit-g64"), "MLX4");
        assert_eq!(short("MLX-4bit-g32"), "MLX4 g32");
        assert_eq!(short("GPTQ-4bit-g128"), "GPTQ4");
        assert_eq!(short("EXL3-4.0"), "EXL3-4.0");
        assert_eq!(short("Q4_K_M"), "Q4_K_M");
    }

    #[test]
    fn bits_of_a_quantized_linear() {
        let bits = |name: &str| name.parse::<Level>().unwrap().nominal_bits();
        assert_eq!(bits("GPTQ-4bit-g128"), 4.156_25);
        assert_eq!(bits("GPTQ-4bit-g32"), 4.625);
        assert_eq!(bits("AWQ-4bit-g64"), 4.3125);
        assert_eq!(bits("GPTQ-8bit-g128"), 8.1875);
        assert!((bits("NF4") - 4.127).abs() < 5e-4);
        assert_eq!(bits("MLX-4bit-g64"), 4.5);
        assert_eq!(bits("MLX-3bit-g32"), 4.0);
        assert_eq!(bits("MLX-6bit-g128"), 6.25);
        assert_eq!(bits("MXFP4"), 4.25);
        assert_eq!(bits("NVFP4"), 4.5);
        assert_eq!(bits("EXL2-6.5"), 6.5);
    }
}
