//! Weight formats by how fast they are read.

use crate::model::Model;
use crate::quant::{FileType, Level};

/// Groups of weight formats that are read at the same rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatGroup {
    /// `Q4_K` to `Q6_K` and mixes of them.
    KQuants,
    /// `Q8_0`.
    Q8_0,
    /// `Q4_0` and its kin.
    Legacy,
    /// F16 and F32.
    F16,
    /// BF16.
    Bf16,
    /// `MXFP4`.
    Mxfp4,
    /// Three bits and fewer.
    LowBit,
    /// MLX at 2 bits.
    Mlx2,
    /// MLX at 3 bits.
    Mlx3,
    /// MLX at 4 bits.
    Mlx4,
    /// MLX at 5 bits.
    Mlx5,
    /// MLX at 6 bits.
    Mlx6,
    /// MLX at 8 bits.
    Mlx8,
    /// FP8.
    Fp8,
    /// INT8, and GPTQ at 8 bits.
    Int8,
    /// NVFP4.
    Nvfp4,
    /// AWQ, GPTQ and other integers of 4 bits.
    Int4,
}

impl FormatGroup {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::KQuants,
        Self::Q8_0,
        Self::Legacy,
        Self::F16,
        Self::Bf16,
        Self::Mxfp4,
        Self::LowBit,
        Self::Mlx2,
        Self::Mlx3,
        Self::Mlx4,
        Self::Mlx5,
        Self::Mlx6,
        Self::Mlx8,
        Self::Fp8,
        Self::Int8,
        Self::Nvfp4,
        Self::Int4,
    ];

    /// The group of most of the weights of `model` at `level`.
    pub fn of(level: Level, model: &Model) -> Self {
        match level {
            Level::Gguf(FileType::Q8_0) => Self::Q8_0,
            Level::Gguf(FileType::F32 | FileType::F16) => Self::F16,
            Level::Gguf(FileType::Bf16) => Self::Bf16,
            Level::Gguf(
                FileType::Q4_0 | FileType::Q4_1 | FileType::Q5_0 | FileType::Q5_1 | FileType::Iq4Nl,
            ) => Self::Legacy,
            Level::Gguf(FileType::Mxfp4Moe) | Level::Mxfp4 => Self::Mxfp4,
            Level::Gguf(_) if level.bit_group() <= 3 => Self::LowBit,
            Level::Gguf(_) => Self::KQuants,
            Level::Native => Self::published(&model.native_dtype),
            Level::Fp8 => Self::Fp8,
            Level::Int8 | Level::Gptq { bits: 8, .. } | Level::Awq { bits: 8, .. } => Self::Int8,
            Level::Nvfp4 => Self::Nvfp4,
            Level::Mlx { bits, .. } => match bits {
                2 => Self::Mlx2,
                3 => Self::Mlx3,
                5 => Self::Mlx5,
                6 => Self::Mlx6,
                8 => Self::Mlx8,
                _ => Self::Mlx4,
            },
            Level::Gptq { .. } | Level::Awq { .. } | Level::Nf4 | Level::Exl2(_) | Level::Exl3(_) => {
                Self::Int4
            }
        }
    }

    fn published(native_dtype: &str) -> Self {
        let has = |what: &str| native_dtype.contains(what);
        if has("mxfp4") {
            Self::Mxfp4
        } else if has("nvfp4") {
            Self::Nvfp4
        } else if has("int4") {
            Self::Int4
        } else if has("fp8") {
            Self::Fp8
        } else {
            Self::Bf16
        }
    }

    /// Its name in the coefficient file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::KQuants => "K-quants",
            Self::Q8_0 => "Q8_0",
            Self::Legacy => "Q4_0",
            Self::F16 => "F16",
            Self::Bf16 => "BF16",
            Self::Mxfp4 => "MXFP4",
            Self::LowBit => "low-bit",
            Self::Mlx2 => "MLX 2-bit",
            Self::Mlx3 => "MLX 3-bit",
            Self::Mlx4 => "MLX 4-bit",
            Self::Mlx5 => "MLX 5-bit",
            Self::Mlx6 => "MLX 6-bit",
            Self::Mlx8 => "MLX 8-bit",
            Self::Fp8 => "FP8",
            Self::Int8 => "INT8",
            Self::Nvfp4 => "NVFP4",
            Self::Int4 => "INT4",
        }
    }
}
