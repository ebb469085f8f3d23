//! What architectures call their tensors where they differ, read from llama.cpp's `src/models` and its
//! converters.

/// Weight and bias of one norm.
pub(super) type NormName = (&'static str, &'static str);

const ATTN: NormName = ("attn_norm.weight", "attn_norm.bias");
const ATTN_2: NormName = ("attn_norm_2.weight", "attn_norm_2.bias");
const POST_ATTN: NormName = ("post_attention_norm.weight", "post_attention_norm.bias");
const FFN: NormName = ("ffn_norm.weight", "ffn_norm.bias");
const POST_FFN: NormName = ("post_ffw_norm.weight", "post_ffw_norm.bias");
const ATTN_OUT: NormName = ("attn_output_norm.weight", "attn_output_norm.bias");
const LAYER_OUT: NormName = ("layer_output_norm.weight", "layer_output_norm.bias");
const OUTPUT: NormName = ("output_norm.weight", "output_norm.bias");
const TOKEN_EMBD: NormName = ("token_embd_norm.weight", "token_embd_norm.bias");

/// How one architecture writes what others write too.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names {
    /// A block's norms, in the order in which a block that has fewer keeps them.
    pub norms: &'static [NormName],
    /// Norms of the whole model.
    pub final_norms: &'static [NormName],
    /// Query, key and value are one matrix.
    pub fused_qkv: bool,
    /// Gate and up of the dense network are one matrix.
    pub fused_gate_up: bool,
    /// Gate and up of the routed experts are one tensor.
    pub fused_experts: bool,
    /// Bias that the router adds to its scores.
    pub router_bias: &'static str,
    /// The output gate is the second half of the query matrix.
    pub gate_in_query: bool,
}

impl Names {
    /// The names of architecture `arch`.
    pub fn of(arch: &str) -> Self {
        Self {
            norms: norms(arch),
            final_norms: final_norms(arch),
            fused_qkv: matches!(
                arch,
                "phi3"
                    | "phi2"
                    | "gpt2"
                    | "gptneox"
                    | "falcon"
                    | "starcoder"
                    | "chatglm"
                    | "bailingmoe2"
                    | "modern-bert"
                    | "nomic-bert"
            ),
            fused_gate_up: matches!(arch, "phi3" | "glm4" | "chatglm" | "modern-bert"),
            fused_experts: arch == "gemma4",
            router_bias: match arch {
                "gpt-oss" => "ffn_gate_inp.bias",
                "hy_v3" => "exp_probs_b",
                _ => "exp_probs_b.bias",
            },
            gate_in_query: matches!(arch, "qwen3next" | "qwen35" | "qwen35moe" | "qwen4exp"),
        }
    }
}

fn norms(arch: &str) -> &'static [NormName] {
    match arch {
        "gemma2" | "gemma3" | "gemma3n" | "gemma4" | "gemma-embedding" | "glm4" | "afmoe"
        | "muse-glimmer" => &[ATTN, POST_ATTN, FFN, POST_FFN],
        "gpt-oss" | "seed_oss" | "glm4moe" | "qwen3next" | "qwen35" | "qwen35moe" => &[ATTN, POST_ATTN],
        "olmo2" | "exaone4" => &[POST_ATTN, POST_FFN],
        "falcon" => &[ATTN, ATTN_2],
        "bert" | "nomic-bert" => &[ATTN_OUT, LAYER_OUT],
        // Two more of its norms are part of what the converter multiplies into scores.
        "kimi-k3" => &[ATTN, FFN],
        // The first block takes its input norm from the embedding.
        "modern-bert" => &[FFN, ATTN],
        "rwkv7" => &[],
        _ => &[ATTN, FFN, POST_FFN],
    }
}

fn final_norms(arch: &str) -> &'static [NormName] {
    match arch {
        "bert" | "nomic-bert" | "lfm2" | "lfm2moe" => &[TOKEN_EMBD],
        "kimi-k3" => &[OUTPUT],
        _ => &[OUTPUT, TOKEN_EMBD],
    }
}
