//! Multi-token-prediction blocks: one more layer each, fed with the model's output and the next token.

use super::{Block, Class, List};
use crate::model::record::{Ffn, Mixer};

/// What becomes of the MTP blocks when a model is converted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Conversion {
    /// They are left out.
    Dropped,
    /// Recent converters write them when asked to.
    OnRequest,
    /// Every file has them.
    Kept,
}

fn conversion(arch: &str) -> Conversion {
    match arch {
        "glm4" | "glm4moe" | "glm-dsa" | "glm5-next" | "deepseek32" | "exaone-moe" | "hy_v3" | "mimo2"
        | "step35" | "bailingmoe3" | "nemotron_h_moe" => Conversion::Kept,
        "qwen35" | "qwen35moe" => Conversion::OnRequest,
        _ => Conversion::Dropped,
    }
}

/// Pushes the MTP blocks that files may hold; returns whether every file does.
pub(super) fn push(list: &mut List<'_>) -> bool {
    let model = list.model;
    let Some(mtp) = &model.mtp else { return false };
    let conversion = conversion(&model.arch);
    if model.mtp_layers == 0 || conversion == Conversion::Dropped {
        return false;
    }
    list.mtp = true;
    for layer in 0..model.mtp_layers {
        let index = model.n_layer + layer;
        let dense = mtp.n_ff.or_else(|| model.n_ff.as_ref().map(|n_ff| n_ff.at(index))).unwrap_or(0);
        let block = Block {
            index,
            mixer: Mixer::at(&mtp.mixer, layer),
            ffn: Ffn::at(&mtp.ffn, layer),
            n_ff: dense,
            indexer: mtp.indexer && model.attention.indexer.is_some(),
            mtp: true,
        };
        super::push_block(list, &block);
        list.block = Some(index);
        push_head(list);
    }
    list.block = None;
    list.mtp = false;
    conversion == Conversion::Kept
}

/// What joins the block to the model: two norms, a projection of both inputs, and the output's norm.
fn push_head(list: &mut List<'_>) {
    let model = list.model;
    let (width, vocabulary) = (list.width(), u64::from(model.n_vocab));
    list.matrix(Class::Other, "nextn.eh_proj.weight", 2 * width, width);
    list.vector(Class::Norms, "nextn.enorm.weight", width);
    list.vector(Class::Norms, "nextn.hnorm.weight", width);
    let output_norm = match model.arch.as_str() {
        "bailingmoe3" | "mimo2" => "layer_output_norm.weight",
        _ => "nextn.shared_head_norm.weight",
    };
    list.vector(Class::Norms, output_norm, width);
    if let Some(mtp) = &model.mtp {
        if mtp.own_embd {
            list.matrix(Class::TokenEmbd, "nextn.embed_tokens.weight", width, vocabulary);
        }
        if mtp.own_head {
            list.matrix(Class::LmHead, "nextn.shared_head_head.weight", width, vocabulary);
        }
    }
    // The block of one attention and one feed-forward part has a norm before each.
    if model.arch == "nemotron_h_moe" {
        list.vector(Class::Norms, "post_attention_norm.weight", width);
    }
}
