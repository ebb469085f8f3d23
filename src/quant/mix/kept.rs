//! What is not quantized, and what a conversion without quantizing writes.

use super::MixTensor;
use crate::quant::ggml::GgmlType;
use crate::quant::level::FileType;

/// Small or delicate matrices that stay as the converter wrote them, by a part of their name; the second
/// list stays in 16 bits, the first in 32.
const KEPT_F32: &[&str] = &[
    "_norm.weight",
    "ffn_gate_inp.weight",
    "altup_correct_coef",
    "altup_predict_coef",
    "position_embd.weight",
    "token_types.weight",
    "ssm_conv1d",
    "indexer.k_proj.weight",
    "indexer.q_proj.weight",
    "shortconv.conv.weight",
    "time_mix_first.weight",
    "time_mix_w1.weight",
    "time_mix_w2.weight",
    "time_mix_decay_w1.weight",
    "time_mix_decay_w2.weight",
    "time_mix_lerp_fused.weight",
];
const KEPT_HALF: &[&str] = &[
    "altup",
    "laurel",
    "per_layer_model_proj",
    "time_mix_w0.weight",
    "time_mix_v0.weight",
    "time_mix_v1.weight",
    "time_mix_v2.weight",
    "time_mix_a0.weight",
    "time_mix_a1.weight",
    "time_mix_a2.weight",
    "time_mix_g1.weight",
    "time_mix_g2.weight",
    "attn_rel_b.weight",
];
/// Token to expert, a table of integers (DeepSeek-V4).
const KEPT_I32: &str = "ffn_gate_tid2eid";

/// How a tensor is kept that is not quantized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    I32,
    F32,
    /// As wide as the conversion that the file was made from.
    Half,
}

impl Kept {
    /// The format in a file of `file_type`.
    pub(super) fn format(self, file_type: FileType) -> GgmlType {
        match (self, file_type) {
            (Self::I32, _) => GgmlType::I32,
            (Self::F32, _) | (Self::Half, FileType::F32) => GgmlType::F32,
            (Self::Half, FileType::Bf16) => GgmlType::Bf16,
            // The measured files were made from an F16 conversion.
            (Self::Half, _) => GgmlType::F16,
        }
    }
}

/// How `llama-quantize` keeps a tensor; `None` for one that it quantizes.
pub(super) fn kept(tensor: &MixTensor) -> Option<Kept> {
    let named = |parts: &[&str]| parts.iter().any(|part| tensor.suffix.contains(part));
    if tensor.suffix.starts_with(KEPT_I32) {
        Some(Kept::I32)
    } else if tensor.n_dims < 2 || !tensor.suffix.ends_with("weight") || named(KEPT_F32) {
        Some(Kept::F32)
    } else if named(KEPT_HALF) {
        Some(Kept::Half)
    } else {
        None
    }
}

/// Architectures whose experts the converter copies block by block where they are published in MXFP4.
const COPIES_MXFP4: &[&str] = &["gpt-oss", "deepseek4", "kimi-k3"];

/// The formats that llama.cpp's converter writes of a checkpoint as published, in the order given.
///
/// `native_dtype` is the checkpoint's type: `bf16`, `fp16`, `fp8`, `mxfp4`, `fp8+mxfp4 experts`, `int4` and
/// so on. MXFP4 experts stay as they are; everything else that llama.cpp has no format for is written as
/// BF16 (see [`expands_to_bf16`]).
pub fn native_types(arch: &str, native_dtype: &str, tensors: &[MixTensor]) -> Vec<GgmlType> {
    let (file_type, float) = match native_dtype {
        "fp16" | "f16" => (FileType::F16, GgmlType::F16),
        "fp32" | "f32" => (FileType::F32, GgmlType::F32),
        _ => (FileType::Bf16, GgmlType::Bf16),
    };
    let copies_experts = native_dtype.contains("mxfp4") && COPIES_MXFP4.contains(&arch);
    tensors
        .iter()
        .map(|tensor| match kept(tensor) {
            Some(kept) => kept.format(file_type),
            None if copies_experts && is_expert(tensor) => GgmlType::Mxfp4,
            None => float,
        })
        .collect()
}

/// Whether the converter writes weights of this type in twice their size or more, as BF16: FP8 and INT4
/// checkpoints, for which llama.cpp has no format. Worth a warning.
pub fn expands_to_bf16(native_dtype: &str) -> bool {
    ["fp8", "int4", "int8", "nvfp4", "ternary"].iter().any(|narrow| native_dtype.contains(narrow))
}

/// Routed experts: one 3-D tensor a layer and role.
pub(super) fn is_expert(tensor: &MixTensor) -> bool {
    tensor.n_dims == 3 && tensor.suffix.ends_with("exps.weight")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(suffix: &str) -> MixTensor<'_> {
        MixTensor { block: Some(0), suffix, dims: [512, 512, 1], n_dims: 2 }
    }

    fn experts(suffix: &str) -> MixTensor<'_> {
        MixTensor { block: Some(0), suffix, dims: [512, 512, 4], n_dims: 3 }
    }

    #[test]
    fn small_matrices_stay() {
        for (suffix, how) in [
            ("attn_q.weight", None),
            ("ffn_gate.weight", None),
            ("ffn_gate_inp.weight", Some(Kept::F32)),
            ("ffn_down_exps.bias", Some(Kept::F32)),
            ("attn_q_norm.weight", Some(Kept::F32)),
            ("ssm_conv1d_q.weight", Some(Kept::F32)),
            ("shortconv.conv.weight", Some(Kept::F32)),
            ("time_mix_w1.weight", Some(Kept::F32)),
            ("time_mix_g2.weight", Some(Kept::Half)),
            ("altup_proj.weight", Some(Kept::Half)),
            ("laurel_l.weight", Some(Kept::Half)),
            ("ffn_gate_tid2eid.weight", Some(Kept::I32)),
        ] {
            assert_eq!(kept(&matrix(suffix)), how, "{suffix}");
        }
        let vector = MixTensor { block: None, suffix: "rope_freqs.weight", dims: [64, 1, 1], n_dims: 1 };
        assert_eq!(kept(&vector), Some(Kept::F32));
        assert_eq!(Kept::Half.format(FileType::Q4KM), GgmlType::F16);
        assert_eq!(Kept::Half.format(FileType::Bf16), GgmlType::Bf16);
    }

    #[test]
    fn a_conversion_copies_what_the_file_format_knows() {
        let tensors = [matrix("attn_q.weight"), experts("ffn_up_exps.weight"), experts("attn_k_b.weight")];
        let types = |arch, native| native_types(arch, native, &tensors);
        assert_eq!(types("llama", "bf16"), [GgmlType::Bf16; 3]);
        assert_eq!(types("falcon", "fp16"), [GgmlType::F16; 3]);
        assert_eq!(types("deepseek2", "fp8"), [GgmlType::Bf16; 3]);
        for (arch, native) in [("deepseek4", "fp8+mxfp4 experts"), ("kimi-k3", "mxfp4 experts")] {
            assert_eq!(types(arch, native), [GgmlType::Bf16, GgmlType::Mxfp4, GgmlType::Bf16]);
        }
        assert_eq!(types("llama4", "mxfp4"), [GgmlType::Bf16; 3], "its converter has no such path");
        assert!(expands_to_bf16("fp8") && expands_to_bf16("int4") && !expands_to_bf16("bf16"));
    }
}
