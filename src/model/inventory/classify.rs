//! What a tensor of a file is for, by its name and by the mixer of its block.

use super::Class;
use crate::model::record::Mixer;

impl Class {
    /// The class of the tensor `suffix` of a block with this mixer ([`Mixer::None`] outside the blocks).
    pub fn of(suffix: &str, mixer: Mixer) -> Self {
        let starts = |names: &[&str]| names.iter().any(|name| suffix.starts_with(name));
        if let Some(class) = Self::of_whole_model(suffix) {
            return class;
        }
        if is_recurrent(suffix, mixer) {
            return Self::Recurrent;
        }
        match () {
            () if starts(&["rope_"]) => Self::Converter,
            () if starts(&[
                "ffn_gate_inp.scale",
                "ffn_down_exps.scale",
                "pre_ffw_norm_2",
                "post_ffw_norm_1",
                "post_ffw_norm_2",
                "inp_gate",
                "proj",
                "post_norm",
                "layer_output_scale",
                "altup_",
                "laurel_",
                "ple_",
                "hc_",
                "nextn.eh_proj",
            ]) =>
            {
                Self::Other
            }
            () if suffix.contains("_shexp") => Self::SharedExperts,
            () if starts(&["ffn_"]) && (suffix.contains("_exps") || suffix.contains("_chexps")) => {
                Self::Experts
            }
            () if starts(&[
                "ffn_gate_inp",
                "exp_probs_b",
                "ffn_gate_tid2eid",
                "ffn_latent_",
                "ffn_routed_",
            ]) =>
            {
                Self::Router
            }
            () if starts(&[
                "attn_norm.",
                "attn_norm_2.",
                "attn_output_norm.",
                "post_attention_norm.",
                "attn_res_score",
                "ffn_norm.",
                "ffn_norm_exps.",
                "post_ffw_norm.",
                "ffn_res_score",
                "layer_output_norm.",
                "nextn.enorm",
                "nextn.hnorm",
                "nextn.shared_head_norm",
            ]) =>
            {
                Self::Norms
            }
            () if starts(&["nextn.embed_tokens"]) => Self::TokenEmbd,
            () if starts(&["nextn.shared_head_head"]) => Self::LmHead,
            () if starts(&["attn_", "indexer"]) => Self::Attention,
            () if starts(&["ffn_"]) => Self::FfnDense,
            () => Self::Other,
        }
    }

    fn of_whole_model(suffix: &str) -> Option<Self> {
        Some(match suffix {
            "token_embd.weight" => Self::TokenEmbd,
            "output.weight" | "output.bias" => Self::LmHead,
            "position_embd.weight" => Self::PosEmbd,
            "per_layer_token_embd.weight" => Self::PleEmbd,
            "rope_freqs.weight" | "rope_factors_long.weight" | "rope_factors_short.weight" => Self::Converter,
            "output_norm.weight"
            | "output_norm.bias"
            | "token_embd_norm.weight"
            | "token_embd_norm.bias"
            | "output_res_score.weight" => Self::Norms,
            _ => return None,
        })
    }
}

/// Whether a tensor belongs to the block's mixer with a state.
fn is_recurrent(suffix: &str, mixer: Mixer) -> bool {
    let starts = |names: &[&str]| names.iter().any(|name| suffix.starts_with(name));
    if starts(&["ssm_", "shortconv.", "time_mix_", "channel_mix_"]) {
        return true;
    }
    match mixer {
        Mixer::Rwkv7 => starts(&["attn_norm"]),
        Mixer::Lightning => starts(&["attn_"]) && !starts(&["attn_norm."]),
        Mixer::GatedDeltaNet | Mixer::Kda => {
            starts(&["attn_"]) && !starts(&["attn_norm", "attn_post_norm", "attn_res_score"])
        }
        _ => false,
    }
}
