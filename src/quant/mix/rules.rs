//! The tables of the mix, as `llama-quantize` (2026) applies them.

use super::MixContext;
use crate::quant::ggml::GgmlType as T;
use crate::quant::level::FileType as F;

/// What a tensor is for; the rules know no finer distinction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Output,
    Embedding,
    /// Values, and the fused tensors that hold them.
    Value,
    Key,
    Query,
    AttentionOutput,
    Up,
    Gate,
    Down,
    Other,
}

impl Role {
    /// The role by name without block; the first line that matches.
    pub(super) fn of(suffix: &str) -> Self {
        let whole = |names: &[&str]| names.contains(&suffix);
        let part = |names: &[&str]| names.iter().any(|name| suffix.contains(name));
        match () {
            () if whole(&["output.weight"]) => Self::Output,
            () if whole(&["token_embd.weight", "per_layer_token_embd.weight"]) => Self::Embedding,
            () if part(&["attn_qkv.weight", "attn_kv_b.weight", "attn_v.weight"]) => Self::Value,
            () if part(&["attn_k.weight"]) => Self::Key,
            () if part(&["attn_q.weight"]) => Self::Query,
            () if part(&["attn_output.weight"]) => Self::AttentionOutput,
            () if part(&["ffn_up"]) => Self::Up,
            () if part(&["ffn_gate"]) => Self::Gate,
            () if part(&["ffn_down"]) => Self::Down,
            () => Self::Other,
        }
    }
}

/// Where a tensor stands among those of its role.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    /// Position that the rules go by: the block in models with experts, else the running count.
    pub index: u32,
    /// Running count.
    pub running: u32,
    /// How many there are taken to be.
    pub of: u32,
}

impl Place {
    /// The first and last eighth, and every third between: the layers that lose most.
    fn wants_more_bits(self) -> bool {
        let (i, eighth) = (self.index, self.of / 8);
        i < eighth || i >= 7 * self.of / 8 || (i - eighth) % 3 == 2
    }

    fn in_middle(self) -> bool {
        (self.of / 8..7 * self.of / 8).contains(&self.index)
    }
}

/// What a rule asks for besides the file type.
#[derive(Clone, Copy, Debug)]
enum If {
    /// Four or more query heads share a key head.
    Gqa4,
    /// Four experts or more.
    Experts4,
    /// Exactly eight experts: Mixtral and its like.
    Mixtral,
    NotMixtral,
    /// Early large models with grouped queries, whose value matrices are small.
    Class70B,
    Imatrix,
    NoImatrix,
    /// Position below this.
    Below(u32),
    /// In the first n-th part.
    First(u32),
    /// In the first eighth, counted even where there are experts.
    FirstEighthCounted,
    MoreBits,
    Middle,
    Falcon,
    NotFalcon,
}

impl If {
    fn holds(self, facts: Facts, imatrix: bool, place: Place) -> bool {
        match self {
            Self::Gqa4 => facts.gqa >= 4,
            Self::Experts4 => facts.n_expert >= 4,
            Self::Mixtral => facts.n_expert == 8,
            Self::NotMixtral => facts.n_expert != 8,
            Self::Class70B => facts.class_70b,
            Self::Imatrix => imatrix,
            Self::NoImatrix => !imatrix,
            Self::Below(n) => place.index < n,
            Self::First(part) => place.index < place.of / part,
            Self::FirstEighthCounted => place.running < place.of / 8,
            Self::MoreBits => place.wants_more_bits(),
            Self::Middle => place.in_middle(),
            Self::Falcon => facts.exception == Some(Exception::Falcon),
            Self::NotFalcon => facts.exception != Some(Exception::Falcon),
        }
    }
}

/// What the rules ask of a model.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    gqa: u32,
    n_expert: u32,
    tied: bool,
    class_70b: bool,
    exception: Option<Exception>,
}

/// Architectures with rules of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exception {
    Falcon,
    /// Stacked matrices are experts only in the feed-forward network.
    BailingMoe3,
}

impl Facts {
    pub(super) fn new(context: &MixContext) -> Self {
        let layers_of_70b = match context.arch {
            "llama" | "qwen2" | "deci" | "olmo" => Some(80),
            "jais2" => Some(68),
            _ => None,
        };
        Self {
            gqa: context.gqa,
            n_expert: context.n_expert,
            tied: context.tied,
            class_70b: context.gqa > 1 && layers_of_70b == Some(context.n_layer),
            exception: match context.arch {
                "falcon" => Some(Exception::Falcon),
                "bailingmoe3" => Some(Exception::BailingMoe3),
                _ => None,
            },
        }
    }
}

/// These file types, where all of this holds, give this format. The first rule that applies decides.
struct Rule(&'static [F], &'static [If], T);

const IQ1: &[F] = &[F::Iq1S, F::Iq1M];
const IQ2_LARGE: &[F] = &[F::Iq2S, F::Iq2M];
/// The file types below 3 bits that are made of codebook formats; few of the usual rules hold for them.
const TINY: &[F] = &[F::Iq1S, F::Iq1M, F::Iq2Xxs, F::Iq2Xs, F::Iq2S, F::Iq2M];
/// All others that are quantized.
const USUAL: &[F] = &[
    F::Tq1_0,
    F::Tq2_0,
    F::Q2KS,
    F::Q2K,
    F::Iq3Xxs,
    F::Iq3Xs,
    F::Q3KS,
    F::Iq3S,
    F::Iq3M,
    F::Q3KM,
    F::Q3KL,
    F::Iq4Xs,
    F::Q4_0,
    F::Iq4Nl,
    F::Q4KS,
    F::Q4KM,
    F::Q4_1,
    F::Q5KS,
    F::Q5_0,
    F::Q5KM,
    F::Q5_1,
    F::Q6K,
    F::Q8_0,
];

/// The format of the bulk.
fn base(file_type: F) -> T {
    match file_type {
        F::F32 => T::F32,
        F::F16 => T::F16,
        F::Bf16 => T::Bf16,
        F::Q8_0 => T::Q8_0,
        F::Q6K => T::Q6K,
        F::Q5KM | F::Q5KS => T::Q5K,
        F::Q5_1 => T::Q5_1,
        F::Q5_0 => T::Q5_0,
        F::Q4KM | F::Q4KS => T::Q4K,
        F::Q4_1 => T::Q4_1,
        F::Q4_0 => T::Q4_0,
        F::Iq4Nl => T::Iq4Nl,
        F::Iq4Xs => T::Iq4Xs,
        F::Q3KL | F::Q3KM | F::Q3KS => T::Q3K,
        F::Iq3M | F::Iq3S | F::Iq3Xs => T::Iq3S,
        F::Iq3Xxs => T::Iq3Xxs,
        F::Q2K | F::Q2KS => T::Q2K,
        F::Iq2M => T::Iq2S,
        F::Iq2S | F::Iq2Xs => T::Iq2Xs,
        F::Iq2Xxs => T::Iq2Xxs,
        F::Iq1M => T::Iq1M,
        F::Iq1S => T::Iq1S,
        F::Tq1_0 => T::Tq1_0,
        F::Tq2_0 => T::Tq2_0,
        F::Mxfp4Moe => T::Mxfp4,
    }
}

const EMBEDDING: &[Rule] = &[
    Rule(&[F::Iq1S, F::Iq1M, F::Iq2Xxs, F::Iq2Xs], &[], T::Q2K),
    Rule(&[F::Iq2S, F::Iq2M, F::Iq3Xxs], &[], T::Iq3S),
    Rule(&[F::Tq1_0, F::Tq2_0], &[], T::Q4K),
];

const VALUE: &[Rule] = &[
    Rule(TINY, &[If::Gqa4], T::Q4K),
    Rule(TINY, &[If::Experts4], T::Q4K),
    Rule(IQ2_LARGE, &[], T::Iq3S),
    Rule(TINY, &[], T::Q2K),
    Rule(&[F::Q2K], &[If::Gqa4], T::Q4K),
    Rule(&[F::Q2K], &[], T::Q3K),
    Rule(&[F::Q2KS], &[If::Gqa4], T::Q4K),
    Rule(&[F::Iq3Xxs], &[If::Gqa4], T::Q4K),
    Rule(&[F::Iq3Xxs], &[If::NoImatrix], T::Iq3S),
    Rule(&[F::Iq3Xs, F::Iq3S], &[If::Gqa4], T::Q4K),
    Rule(&[F::Iq3M], &[], T::Q4K),
    Rule(&[F::Q3KM], &[If::Below(2)], T::Q5K),
    Rule(&[F::Q3KM], &[], T::Q4K),
    Rule(&[F::Q3KL], &[], T::Q5K),
    Rule(&[F::Iq4Nl, F::Iq4Xs], &[If::Gqa4], T::Q5K),
    Rule(&[F::Q4KM, F::Q5KM], &[If::MoreBits], T::Q6K),
    Rule(&[F::Q4KS], &[If::Below(4)], T::Q5K),
];

/// Applied to what [`VALUE`] gave, but not to the [`TINY`]: matrices that are small for what they are worth.
const VALUE_RAISED: &[(If, &[T], T)] =
    &[(If::Mixtral, T::ALL, T::Q8_0), (If::Class70B, &[T::Q3K, T::Q4K], T::Q5K)];

const KEY: &[Rule] = &[
    Rule(TINY, &[If::Mixtral], T::Q4K),
    Rule(USUAL, &[If::Mixtral], T::Q8_0),
    Rule(&[F::Iq3Xs], &[], T::Iq3Xxs),
    Rule(&[F::Iq3Xxs], &[], T::Iq2S),
];

const QUERY: &[Rule] = &[Rule(&[F::Iq3Xs], &[], T::Iq3Xxs), Rule(&[F::Iq3Xxs], &[], T::Iq2S)];

const ATTENTION_OUTPUT: &[Rule] = &[
    Rule(TINY, &[If::Mixtral], T::Q5K),
    Rule(IQ1, &[], T::Iq2Xxs),
    Rule(IQ2_LARGE, &[], T::Iq3S),
    Rule(&[F::Q3KL], &[If::Falcon], T::Q4K),
    Rule(
        &[
            F::Q2K,
            F::Iq3Xxs,
            F::Iq3Xs,
            F::Iq3S,
            F::Iq3M,
            F::Q3KS,
            F::Q3KM,
            F::Iq4Nl,
            F::Iq4Xs,
            F::Q4KS,
            F::Q4KM,
        ],
        &[If::NotFalcon, If::Mixtral],
        T::Q5K,
    ),
    Rule(&[F::Q2K], &[If::NotFalcon, If::NotMixtral], T::Q3K),
    Rule(&[F::Iq3Xxs], &[If::NotFalcon, If::NotMixtral], T::Iq3S),
    Rule(&[F::Q3KM, F::Iq3M], &[If::NotFalcon, If::NotMixtral], T::Q4K),
    Rule(&[F::Q3KL], &[If::NotFalcon, If::NotMixtral], T::Q5K),
];

const UP_AND_GATE: &[Rule] = &[Rule(&[F::Iq3Xs], &[If::Middle], T::Iq3Xxs)];

const DOWN: &[Rule] = &[
    Rule(IQ2_LARGE, &[If::FirstEighthCounted], T::Iq3S),
    Rule(TINY, &[If::FirstEighthCounted], T::Q2K),
    Rule(&[F::Q2K], &[], T::Q3K),
    Rule(&[F::Q2KS], &[If::First(8)], T::Q4K),
    Rule(&[F::Iq3Xxs], &[If::NoImatrix, If::First(8)], T::Q4K),
    Rule(&[F::Iq3Xxs], &[If::NoImatrix], T::Q3K),
    Rule(&[F::Iq3M], &[If::First(8)], T::Q4K),
    Rule(&[F::Iq3M], &[If::Mixtral, If::MoreBits], T::Q4K),
    Rule(&[F::Q3KM], &[If::First(16)], T::Q5K),
    Rule(&[F::Q3KM], &[If::NotFalcon], T::Q4K),
    Rule(&[F::Q3KM], &[If::MoreBits], T::Q4K),
    Rule(&[F::Q3KL], &[If::NotFalcon], T::Q5K),
    Rule(&[F::Q3KL], &[], T::Q4K),
    Rule(&[F::Iq4Nl, F::Iq4Xs], &[If::NoImatrix, If::First(8)], T::Q5K),
    Rule(&[F::Q4_0], &[If::Imatrix, If::First(8)], T::Q4_1),
    Rule(&[F::Q4KS], &[If::NotFalcon, If::First(8)], T::Q5K),
    Rule(&[F::Q4KM], &[If::NotFalcon, If::MoreBits], T::Q6K),
    Rule(&[F::Q4KM], &[If::Falcon, If::First(16)], T::Q6K),
    Rule(&[F::Q4KM], &[If::Falcon, If::MoreBits], T::Q5K),
    Rule(&[F::Q5_0], &[If::Imatrix, If::First(8)], T::Q5_1),
    Rule(&[F::Q5KM], &[If::MoreBits], T::Q6K),
];

/// The rules of one file type for one model.
pub(super) struct Recipe {
    file_type: F,
    facts: Facts,
    imatrix: bool,
    base: T,
}

impl Recipe {
    pub(super) fn new(file_type: F, facts: Facts, imatrix: bool) -> Self {
        Self { file_type, facts, imatrix, base: base(file_type) }
    }

    /// The format of a tensor with rows of `columns` elements, before anything stands in for it.
    pub(super) fn format(&self, role: Role, place: Place, columns: u64, stacked: bool) -> T {
        match role {
            _ if !self.base.is_quantized() => self.base,
            Role::Output => self.output(columns),
            Role::Embedding if self.facts.tied => self.output(columns),
            _ if self.file_type == F::Mxfp4Moe => self.mxfp4_moe(role, stacked),
            Role::Embedding => self.first(EMBEDDING, place),
            Role::Value => self.value(place),
            Role::Key => self.first(KEY, place),
            Role::Query => self.first(QUERY, place),
            Role::AttentionOutput => self.first(ATTENTION_OUTPUT, place),
            Role::Up | Role::Gate => self.first(UP_AND_GATE, place),
            Role::Down => self.first(DOWN, place),
            Role::Other => self.base,
        }
    }

    /// What the first rule that applies gives, else the base.
    fn first(&self, rules: &[Rule], place: Place) -> T {
        let applies = |Rule(of, conditions, _): &&Rule| {
            of.contains(&self.file_type)
                && conditions.iter().all(|condition| condition.holds(self.facts, self.imatrix, place))
        };
        rules.iter().find(applies).map_or(self.base, |&Rule(_, _, format)| format)
    }

    fn value(&self, place: Place) -> T {
        let format = self.first(VALUE, place);
        if TINY.contains(&self.file_type) {
            return format;
        }
        VALUE_RAISED
            .iter()
            .find(|(condition, from, _)| {
                condition.holds(self.facts, self.imatrix, place) && from.contains(&format)
            })
            .map_or(format, |&(_, _, raised)| raised)
    }

    /// The output matrix, or the embedding that serves as one.
    fn output(&self, columns: u64) -> T {
        let widest = matches!(self.file_type, F::Mxfp4Moe | F::Q8_0);
        if widest || self.facts.exception == Some(Exception::Falcon) || !self.base.fits(columns) {
            T::Q8_0
        } else if TINY.contains(&self.file_type) || self.file_type == F::Iq3Xxs {
            T::Q5K
        } else {
            T::Q6K
        }
    }

    /// `MXFP4_MOE` outside the output: experts small, everything else large. MLA's per-head matrices are
    /// stacked like experts and are taken for such, but in one architecture.
    fn mxfp4_moe(&self, role: Role, stacked: bool) -> T {
        let feed_forward = matches!(role, Role::Up | Role::Gate | Role::Down);
        let exact = self.facts.exception == Some(Exception::BailingMoe3);
        if stacked && (feed_forward || !exact) { T::Mxfp4 } else { T::Q8_0 }
    }
}

/// The format with blocks of 32 that stands in for one with larger blocks.
pub(super) fn smaller_block(wanted: T) -> T {
    match wanted {
        T::Q6K => T::Q8_0,
        T::Q5K => T::Q5_1,
        T::Q4K => T::Q5_0,
        T::Q3K | T::Q2K | T::Tq1_0 | T::Tq2_0 | T::Q2_0 => T::Q4_0,
        T::Iq4Xs | T::Iq3S | T::Iq3Xxs | T::Iq2S | T::Iq2Xs | T::Iq2Xxs | T::Iq1M | T::Iq1S => T::Iq4Nl,
        other => other,
    }
}
