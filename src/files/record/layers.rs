//! What each block is: its mixer, its feed-forward network, its norms.

use super::blocks::{Blocks, Named};
use super::{Fault, Keys};
use crate::files::gguf::Value;
use crate::language::tr;
use crate::model::record::counts::{LONGEST_CONTEXT, WIDEST_FFN};
use crate::model::record::{Mixer, PerLayer};

/// The mixer of each block.
#[derive(Clone, Debug)]
pub struct Kinds {
    /// Codes of [`Mixer`], one a block.
    pub codes: String,
    /// Window of the blocks that have one, tokens.
    pub window: Option<u32>,
}

impl Kinds {
    /// The mixer of a block; of an MTP block that of plain attention.
    pub fn mixer(&self, block: u32) -> Mixer {
        match self.codes.as_bytes().get(block as usize) {
            Some(b'S') => Mixer::Window,
            Some(b'D') => Mixer::GatedDeltaNet,
            Some(b'K') => Mixer::Kda,
            Some(b'M') => Mixer::Mamba2,
            Some(b'm') => Mixer::Mamba1,
            Some(b'c') => Mixer::ShortConv,
            Some(b'L') => Mixer::Lightning,
            Some(b'P') => Mixer::AttentionMamba2,
            Some(b'V') => Mixer::Compressed,
            Some(b'R') => Mixer::Rwkv7,
            Some(b'-') => Mixer::None,
            _ => Mixer::Attention,
        }
    }

    /// Blocks with this code.
    pub fn of(&self, code: char) -> impl Iterator<Item = u32> {
        (0..).zip(self.codes.chars()).filter(move |(_, own)| *own == code).map(|(block, _)| block)
    }

    /// Whether a block has this code.
    pub fn has(&self, code: char) -> bool {
        self.codes.contains(code)
    }
}

/// How the blocks with a window are spread where the file does not list them: of `period` blocks one sees the
/// whole context, the last or the first.
#[derive(Clone, Copy)]
struct Windows {
    period: u32,
    whole_first: bool,
}

/// llama.cpp's own patterns, by architecture (`src/models`). `None`: it uses no window, whatever the file says.
fn windows(arch: &str) -> Option<Windows> {
    let (period, whole_first) = match arch {
        "gemma2" | "gpt-oss" => (2, false),
        "gemma3" | "gemma-embedding" => (6, false),
        "gemma3n" => (5, false),
        "cohere2" | "llama4" | "exaone4" | "exaone-moe" | "olmo2" | "afmoe" | "mellum" | "muse-glimmer" => {
            (4, false)
        }
        "cohere2moe" | "granite_swa" | "laguna" | "smallthinker" => (4, true),
        "modern-bert" => (3, true),
        _ => return None,
    };
    Some(Windows { period, whole_first })
}

/// Architectures whose stated window llama.cpp does not use.
const WITHOUT_WINDOW: &[&str] = &[
    "llama",
    "qwen2",
    "qwen2moe",
    "qwen3",
    "qwen3moe",
    "phi3",
    "phimoe",
    "starcoder2",
    "mistral3",
    "deepseek4",
    "falcon-h1",
];

/// The mixer of each block.
pub fn mixers(
    keys: Keys<'_>,
    blocks: &Blocks<'_>,
    n_layer: u32,
    notes: &mut Vec<String>,
) -> Result<Kinds, Fault> {
    let window = keys.whole("attention.sliding_window", LONGEST_CONTEXT)?.filter(|&window| window > 0);
    // Llama 4 attends in chunks whose size the file need not state.
    let window = if keys.arch == "llama4" { Some(window.unwrap_or(8192)) } else { window };
    let windowed = match window {
        Some(_) => windowed(keys, n_layer, notes)?,
        None => Vec::new(),
    };
    let codes: String = (0..n_layer)
        .map(|number| match code(keys.arch, blocks.block(number)) {
            'A' if windowed.get(number as usize) == Some(&true) => 'S',
            code => code,
        })
        .collect();
    let keeps_window = codes.contains('S') || codes.contains('V');
    Ok(Kinds { codes, window: window.filter(|_| keeps_window) })
}

/// Which blocks attend over a window.
fn windowed(keys: Keys<'_>, n_layer: u32, notes: &mut Vec<String>) -> Result<Vec<bool>, Fault> {
    const KEY: &str = "attention.sliding_window_pattern";
    let by_period = |windows: Windows| {
        (0..n_layer).map(move |block| match (windows.period, windows.whole_first) {
            (0, _) => true,
            (period, true) => block % period != 0,
            (period, false) => block % period < period - 1,
        })
    };
    match keys.metadata.get(&keys.name(KEY)) {
        Some(Value::Wholes(_)) => {
            let each = keys.each(KEY, n_layer, u32::MAX)?.unwrap_or_default();
            Ok(each.into_iter().map(|flag| flag != 0).collect())
        }
        Some(_) => {
            let period = keys.whole(KEY, n_layer.max(64))?.unwrap_or(0);
            let whole_first = windows(keys.arch).is_some_and(|windows| windows.whole_first);
            Ok(by_period(Windows { period, whole_first }).collect())
        }
        None => {
            if let Some(windows) = windows(keys.arch) {
                return Ok(by_period(windows).collect());
            }
            if !WITHOUT_WINDOW.contains(&keys.arch) {
                notes.push(tr!(
                    "a window is stated, but not which blocks of {arch} have it; all are taken to see the whole \
                     context",
                    arch = keys.arch
                ));
            }
            Ok(Vec::new())
        }
    }
}

/// The mixer's code by the tensors that a block has.
fn code(arch: &str, block: &Named<'_>) -> char {
    let attends = ["attn_q.weight", "attn_qkv.weight", "attn_q_b.weight", "attn_kv_a_mqa.weight"];
    let attends = attends.iter().any(|name| block.has(name));
    match () {
        () if block.begins("time_mix_") => 'R',
        () if block.begins("shortconv.") => 'c',
        () if block.has("ssm_conv1d_q.weight") || block.begins("ssm_f_a") => 'K',
        () if block.has("ssm_in.weight") && attends => 'P',
        () if block.has("ssm_x.weight") => 'm',
        () if block.has("ssm_in.weight") => 'M',
        () if block.has("ssm_conv1d.weight") => 'D',
        () if arch == "minimax-01" && block.has("attn_qkv.weight") => 'L',
        () if block.has("attn_output_a.weight") && block.has("attn_kv.weight") => 'V',
        () if attends => 'A',
        () => '-',
    }
}

/// Codes of [`crate::model::record::Ffn`], one a block.
pub fn feed_forwards(blocks: &Blocks<'_>, n_layer: u32) -> String {
    let code = |block: &Named<'_>| {
        let dense = block.has("ffn_up.weight") || block.has("ffn_down.weight");
        let experts = block.has("ffn_down_exps.weight") || block.has("ffn_up_exps.weight");
        match (dense, experts) {
            (true, true) => 'b',
            (true, false) => 'd',
            (false, true) => 'e',
            (false, false) => '-',
        }
    };
    (0..n_layer).map(|number| code(blocks.block(number))).collect()
}

/// Whether the networks have a gate matrix, of their own or as half of another; without a dense network the
/// experts'.
pub fn gated(blocks: &Blocks<'_>) -> bool {
    if blocks.any(|block| block.begins("channel_mix_")) {
        return false;
    }
    let dense = blocks.first(|block| block.has("ffn_up.weight") && block.has("ffn_down.weight"));
    let Some(block) = dense else {
        let experts = blocks.first(|block| block.has("ffn_down_exps.weight"));
        return experts.is_none_or(|block| block.begins("ffn_gate_exps") || block.begins("ffn_gate_up_exps"));
    };
    let inner = block.columns("ffn_down.weight").unwrap_or(0);
    block.has("ffn_gate.weight") || block.rows("ffn_up.weight") == Some(inner.saturating_mul(2))
}

/// Inner width of the dense networks; of RWKV its channel mix. A block without one has the largest, which
/// nothing reads.
pub fn inner_widths(keys: Keys<'_>, blocks: &Blocks<'_>, n_layer: u32) -> Result<Option<PerLayer>, Fault> {
    let width = |block: &Named<'_>| {
        block.columns("ffn_down.weight").or_else(|| block.columns("channel_mix_value.weight"))
    };
    let widths: Vec<Option<u64>> = (0..n_layer).map(|number| width(blocks.block(number))).collect();
    let Some(largest) = widths.iter().flatten().copied().max() else { return Ok(None) };
    if largest > u64::from(WIDEST_FFN) {
        let problem = tr!("has rows of {largest}, wider than any network", largest);
        return Err(Fault::invalid(tr!("a tensor \"ffn_down.weight\" of {arch}", arch = keys.arch), problem));
    }
    let widths: Vec<u32> = widths.into_iter().map(|width| width.unwrap_or(largest) as u32).collect();
    Ok(Some(PerLayer::from(widths)))
}

/// Norms of each block, as the record counts them.
pub fn norms(blocks: &Blocks<'_>, kinds: &Kinds) -> PerLayer {
    const NAMES: &[&str] = &[
        "attn_norm.weight",
        "attn_norm_2.weight",
        "post_attention_norm.weight",
        "ffn_norm.weight",
        "post_ffw_norm.weight",
        "attn_output_norm.weight",
        "layer_output_norm.weight",
    ];
    let count = |number: u32| {
        let block = blocks.block(number);
        let own = NAMES.iter().filter(|name| block.has(name)).count() as u32;
        match kinds.mixer(number) {
            Mixer::Rwkv7 => 0,
            Mixer::Lightning => own - u32::from(block.has("attn_norm_2.weight")),
            _ => own,
        }
    };
    let each: Vec<u32> = (0..kinds.codes.len() as u32).map(count).collect();
    // Layer norms without weights are counted where the architecture has them.
    if each.iter().all(|&count| count == 0) && !kinds.has('R') {
        PerLayer::All(2)
    } else {
        PerLayer::from(each)
    }
}
