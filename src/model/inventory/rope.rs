//! Tables of rope factors that the converters write into the file.

use super::{Class, List};

/// Families whose models scale their rotary frequencies the way Llama 3.1 does.
///
/// `rope_type: llama3` in their published configurations; the record does not hold that field. The
/// table has half a head's width of single-precision numbers, so a family missing here costs 256 bytes.
const LLAMA3_SCALING: &[&str] = &[
    "Apertus",
    "EXAONE 3.5",
    "EXAONE 4",
    "EXAONE Deep",
    "Hermes 3",
    "Llama 3.1",
    "Llama 3.2",
    "Llama 3.3",
    "Llama 4",
    "Llama-Nemotron",
    "Llama-Nemotron Embed",
];

/// Families that mix bases: only their models on Llama 3.1 or later scale.
const SOME_ON_LLAMA3: &[&str] = &["DeepSeek-R1 distill", "Hermes 4"];

/// Pushes the rope tables.
pub(super) fn push(list: &mut List<'_>) {
    let model = list.model;
    let head = u64::from(model.head_dim_k);
    match model.arch.as_str() {
        // Both lengths of context; the rotary part of Phi-4-mini's heads is three quarters of them.
        "phi3" if model.has_long_rope_tables() => {
            let rotary = if model.n_vocab > 200_000 { head * 3 / 4 } else { head };
            push_long_and_short(list, rotary / 2);
        }
        "minicpm" => push_long_and_short(list, head / 2),
        "gemma4" => {
            let full = model.attention.full.head_dim_k.map_or(head, u64::from);
            list.vector(Class::Converter, "rope_freqs.weight", full / 2);
        }
        arch => {
            let scaled = LLAMA3_SCALING.contains(&model.family.as_str())
                || (SOME_ON_LLAMA3.contains(&model.family.as_str()) && arch == "llama");
            if scaled {
                list.vector(Class::Converter, "rope_freqs.weight", head / 2);
            }
        }
    }
}

fn push_long_and_short(list: &mut List<'_>, elements: u64) {
    list.vector(Class::Converter, "rope_factors_long.weight", elements);
    list.vector(Class::Converter, "rope_factors_short.weight", elements);
}
