//! Sizes in formats outside GGUF: which weights an engine's format squeezes, and to how many bits.
//!
//! These formats quantize the matrices of the blocks and leave the rest in 16 bits; they differ in what they
//! do to the embedding, the output matrix and the experts. Names and shapes are those of the GGUF tensors,
//! which hold the same elements.

use super::level::Level;
use super::mix::{MixTensor, Part, part};
use crate::units::Bytes;

/// Bits of a weight that stays as published.
const HALF: f64 = 16.0;
/// ExLlama's default for the output matrix, at least.
const EXL_HEAD_BITS: f64 = 6.0;

/// Bits per weight of a tensor at `level`, scales included; `None` for GGUF types and as published, whose
/// sizes are [`super::mix::tensor_types`] and [`published_bits`].
pub fn weight_bits(level: Level, tensor: &MixTensor) -> Option<f64> {
    let narrow = level.nominal_bits();
    let part = part(tensor);
    Some(match level {
        Level::Gguf(_) | Level::Native => return None,
        Level::Gptq { .. } | Level::Awq { .. } | Level::Fp8 | Level::Int8 | Level::Nvfp4 | Level::Nf4 => {
            match part {
                Part::Linear | Part::Expert => narrow,
                Part::Embedding | Part::Output | Part::Small => HALF,
            }
        }
        Level::Mxfp4 => match part {
            Part::Expert => narrow,
            Part::Linear | Part::Embedding | Part::Output | Part::Small => HALF,
        },
        Level::Mlx { .. } => match part {
            Part::Linear | Part::Expert | Part::Embedding | Part::Output => narrow,
            Part::Small => HALF,
        },
        Level::Exl2(_) | Level::Exl3(_) => match part {
            Part::Linear | Part::Expert => narrow,
            Part::Output => EXL_HEAD_BITS.max(narrow),
            Part::Embedding | Part::Small => HALF,
        },
    })
}

/// Bits per weight of a tensor in a checkpoint as published in `native_dtype` (`bf16`, `fp8`, `mxfp4`,
/// `fp8+mxfp4 experts`, `int4`, …), for engines that load checkpoints.
pub fn published_bits(native_dtype: &str, tensor: &MixTensor) -> f64 {
    let has = |what: &str| native_dtype.contains(what);
    let experts = if has("mxfp4") {
        Level::Mxfp4.nominal_bits()
    } else if has("nvfp4") {
        Level::Nvfp4.nominal_bits()
    } else if has("int4") {
        // Groups of 32 with a 16-bit scale and no zero point (Kimi).
        4.0 + 16.0 / 32.0
    } else if has("fp8") || has("int8") {
        8.0
    } else if has("ternary") {
        // Four ternary weights a byte.
        2.0
    } else if has("fp32") {
        32.0
    } else {
        HALF
    };
    // Four-bit checkpoints leave the attention wider than the experts.
    let linears = if has("fp8") {
        8.0
    } else if has("mxfp4") || has("int4") {
        HALF
    } else {
        experts
    };
    match part(tensor) {
        Part::Expert => experts,
        Part::Linear => linears,
        Part::Embedding | Part::Output | Part::Small => {
            if has("fp32") {
                32.0
            } else {
                HALF
            }
        }
    }
}

/// Size of a tensor of `bits` per weight.
pub fn tensor_bytes(bits: f64, tensor: &MixTensor) -> Bytes {
    let elements = tensor.dims.iter().fold(1_u64, |product, &n| product.saturating_mul(n));
    Bytes((elements as f64 * bits / 8.0).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(suffix: &'static str, n_dims: u8) -> MixTensor<'static> {
        MixTensor { block: Some(0), suffix, dims: [256, 128, 1], n_dims }
    }

    fn bits(level: &str, suffix: &'static str) -> f64 {
        let n_dims = if suffix.contains("exps") { 3 } else { 2 };
        weight_bits(level.parse().unwrap(), &tensor(suffix, n_dims)).unwrap()
    }

    #[test]
    fn what_each_format_squeezes() {
        assert_eq!(bits("GPTQ-4bit-g128", "attn_q.weight"), 4.156_25);
        assert_eq!(bits("AWQ-4bit-g128", "ffn_down_exps.weight"), 4.156_25);
        assert_eq!(bits("FP8", "token_embd.weight"), 16.0);
        assert_eq!(bits("FP8", "ffn_gate_inp.weight"), 16.0);
        assert_eq!(bits("MXFP4", "ffn_up_exps.weight"), 4.25);
        assert_eq!(bits("MXFP4", "attn_output.weight"), 16.0);
        assert_eq!(bits("MLX-4bit-g64", "token_embd.weight"), 4.5);
        assert_eq!(bits("EXL3-3.0", "output.weight"), 6.0);
        assert_eq!(bits("EXL2-8.0", "output.weight"), 8.0);
        assert_eq!(bits("EXL3-3.0", "token_embd.weight"), 16.0);
        assert_eq!(bits("NVFP4", "attn_norm.weight"), 16.0);
        let q = tensor("attn_q.weight", 2);
        assert_eq!(weight_bits("Q4_K_M".parse().unwrap(), &q), None);
        assert_eq!(weight_bits(Level::Native, &q), None);
    }

    #[test]
    fn checkpoints_as_published() {
        let (attention, expert) = (tensor("attn_q.weight", 2), tensor("ffn_up_exps.weight", 3));
        for (native, of_attention, of_expert) in [
            ("bf16", 16.0, 16.0),
            ("fp8", 8.0, 8.0),
            ("mxfp4", 16.0, 4.25),
            ("fp8+mxfp4 experts", 8.0, 4.25),
            ("mxfp4 experts", 16.0, 4.25),
            ("int4", 16.0, 4.5),
            ("ternary (1.58 bit)", 2.0, 2.0),
        ] {
            assert_eq!(published_bits(native, &attention), of_attention, "{native}");
            assert_eq!(published_bits(native, &expert), of_expert, "{native}");
        }
        assert_eq!(published_bits("fp8", &tensor("token_embd.weight", 2)), 16.0);
    }
}
