//! Parameter counts that follow from a breakdown, and the bounds of what can be a model.

use super::{Breakdown, Model, PerLayer};
use crate::language::{mark, text, tr};

/// Most blocks; the deepest models have some hundred and thirty.
pub const MOST_BLOCKS: u32 = 2048;
/// Widest residual stream.
pub const WIDEST: u32 = 1 << 17;
/// Most heads, and widest head.
pub const MOST_HEADS: u32 = 1 << 12;
/// Widest head.
pub const WIDEST_HEAD: u32 = 1 << 13;
/// Widest feed-forward network.
pub const WIDEST_FFN: u32 = 1 << 20;
/// Most elements of a state (RWKV counts all of a layer).
pub const WIDEST_STATE: u32 = 1 << 22;
/// Most experts, and the widest of them.
pub const MOST_EXPERTS: u32 = 1 << 13;
/// Widest expert.
pub const WIDEST_EXPERT: u32 = 1 << 18;
/// Largest vocabulary.
pub const MOST_TOKENS: u32 = 1 << 24;
/// Longest context.
pub const LONGEST_CONTEXT: u32 = 1 << 30;
/// Most parameters of a model, and of each part that a record states by itself.
pub const MOST_PARAMETERS: u64 = 1 << 50;
/// Most of anything else that is counted in a record.
const MOST_OF_ANYTHING: u32 = 1 << 20;

impl Model {
    /// Sets the counts of parameters from `breakdown`, with `mtp` parameters in MTP layers.
    pub fn count(&mut self, breakdown: Breakdown, mtp: u64) {
        let text = breakdown.sum();
        let unused = self.moe.as_ref().map_or(0, |moe| {
            let idle = u128::from(moe.n_expert.saturating_sub(moe.n_expert_used));
            (u128::from(breakdown.experts) * idle / u128::from(moe.n_expert.max(1))) as u64
        });
        let active = text.saturating_sub(unused).saturating_sub(breakdown.ple_embd);
        // What is looked up is not read; of several passes each reads the blocks again.
        let embedding = if self.tied_embeddings { 0 } else { breakdown.token_embd };
        let blocks = text.saturating_sub(breakdown.token_embd).saturating_sub(breakdown.lm_head);
        let again = blocks.saturating_mul(u64::from(self.num_loops.saturating_sub(1)));
        let looked_up = embedding.saturating_add(breakdown.pos_embd);
        self.params_text = text;
        self.params_active = active;
        self.params_read = active.saturating_sub(looked_up).saturating_add(again);
        self.params_mtp = (mtp > 0).then_some(mtp);
        self.params_total = text.saturating_add(mtp).saturating_add(self.modality.mmproj_params.unwrap_or(0));
        self.params_breakdown = breakdown;
    }

    /// Whether every number is one that a model can have, so that arithmetic on them is meaningful.
    ///
    /// # Errors
    /// The first field that is not, with its value and what is plausible.
    pub fn check(&self) -> Result<(), String> {
        let within = |field: &str, value: u32, least: u32, most: u32| {
            if (least..=most).contains(&value) {
                Ok(())
            } else {
                Err(tr!(
                    "{field} is {value}; {least} to {most} is plausible",
                    field = text(field),
                    value,
                    least,
                    most
                ))
            }
        };
        within("n_layer", self.n_layer, 1, MOST_BLOCKS)?;
        within("n_embd", self.n_embd, 1, WIDEST)?;
        within("n_vocab", self.n_vocab, 1, MOST_TOKENS)?;
        within("n_head", self.n_head.max(), 0, MOST_HEADS)?;
        within("n_head_kv", self.n_head_kv, 0, MOST_HEADS)?;
        within("head_dim_k", self.head_dim_k, 0, WIDEST_HEAD)?;
        within("head_dim_v", self.head_dim_v, 0, WIDEST_HEAD)?;
        within("n_ff", self.n_ff.as_ref().map_or(0, PerLayer::max), 0, WIDEST_FFN)?;
        within("norms_per_layer", self.norms_per_layer.max(), 0, 64)?;
        within("final_norms", self.final_norms.unwrap_or(0), 0, 64)?;
        within("num_loops", self.num_loops, 1, 64)?;
        within("mtp_layers", self.mtp_layers, 0, MOST_BLOCKS - 1)?;
        within("context_max", self.context_max.unwrap_or(1), 1, LONGEST_CONTEXT)?;
        within("n_pos_embd", self.n_pos_embd.unwrap_or(0), 0, MOST_TOKENS)?;
        self.check_layers()?;
        self.check_attention(&within)?;
        self.check_parts(&within)?;
        let counts = [self.params_total, self.params_text, self.params_active, self.params_breakdown.sum()];
        let stated =
            [self.modality.mmproj_params, self.params_mtp, self.mtp.as_ref().map(|mtp| mtp.unexplained)];
        let constants = self.extra.constants.values().copied();
        let all = counts.into_iter().chain(stated.into_iter().flatten()).chain(constants);
        match all.max() {
            Some(most) if most > MOST_PARAMETERS => Err(tr!(
                "{parameters} parameters; up to {most} is plausible",
                parameters = most,
                most = MOST_PARAMETERS
            )),
            _ => Ok(()),
        }
    }

    fn check_layers(&self) -> Result<(), String> {
        let blocks = self.n_layer as usize;
        for (name, codes, known) in
            [("mixer", &self.layers.mixer, "ASDKMmcLPVR-"), ("ffn", &self.layers.ffn, "deb-")]
        {
            if codes.len() != 1 && codes.len() != blocks {
                return Err(tr!(
                    "layers.{name} has {letters} letters; 1 or {blocks} may be",
                    name,
                    letters = codes.len(),
                    blocks
                ));
            }
            if let Some(other) = codes.chars().find(|code| !known.contains(*code)) {
                return Err(tr!(
                    "layers.{name} has the letter {other}; known are {known}",
                    name,
                    other = format!("{other:?}"),
                    known
                ));
            }
        }
        let lists = [Some(&self.n_head), self.n_ff.as_ref(), Some(&self.norms_per_layer)];
        for list in lists.into_iter().flatten() {
            if let PerLayer::Each(values) = list
                && values.len() > blocks + self.mtp_layers as usize
            {
                return Err(tr!(
                    "a list for the blocks has {numbers} numbers, and there are {blocks}",
                    numbers = values.len(),
                    blocks
                ));
            }
        }
        Ok(())
    }

    fn check_attention(
        &self,
        within: &impl Fn(&str, u32, u32, u32) -> Result<(), String>,
    ) -> Result<(), String> {
        let attention = &self.attention;
        for (field, shape) in [("attention.full", &attention.full), ("attention.swa", &attention.swa)] {
            for heads in [shape.n_head, shape.n_head_kv].into_iter().flatten() {
                within(field, heads, 0, MOST_HEADS)?;
            }
            for width in [shape.head_dim_k, shape.head_dim_v].into_iter().flatten() {
                within(field, width, 0, WIDEST_HEAD)?;
            }
        }
        if let Some(mla) = &attention.mla {
            let ranks = [mla.q_lora_rank.unwrap_or(0), mla.kv_lora_rank];
            let heads = [mla.qk_rope_head_dim, mla.qk_nope_head_dim, mla.v_head_dim];
            ranks.into_iter().try_for_each(|rank| within("attention.mla", rank, 0, WIDEST))?;
            heads.into_iter().try_for_each(|head| within("attention.mla", head, 0, WIDEST_HEAD))?;
        }
        if let Some(indexer) = &attention.indexer {
            within("attention.indexer", indexer.n_head.max(indexer.n_head_kv.unwrap_or(0)), 0, MOST_HEADS)?;
            within("attention.indexer", indexer.head_dim.max(indexer.kpool.unwrap_or(0)), 0, WIDEST_HEAD)?;
        }
        let others = [
            attention.sliding_window,
            attention.chunk_size,
            attention.kv_shared_layers,
            attention.kv_shared_layers_runtime,
        ];
        others.into_iter().flatten().try_for_each(|n| within("attention", n, 0, LONGEST_CONTEXT))?;
        let latent =
            [attention.o_groups, attention.o_lora_rank, attention.q_lora_rank, attention.qk_rope_head_dim];
        latent.into_iter().flatten().try_for_each(|n| within("attention", n, 0, WIDEST))?;
        let ratios = attention.compress_ratios.as_deref().unwrap_or_default();
        ratios.iter().try_for_each(|&ratio| within("attention.compress_ratios", ratio, 0, MOST_OF_ANYTHING))
    }

    fn check_parts(&self, within: &impl Fn(&str, u32, u32, u32) -> Result<(), String>) -> Result<(), String> {
        if let Some(moe) = &self.moe {
            within("moe.n_expert", moe.n_expert, 1, MOST_EXPERTS)?;
            within("moe.n_expert_used", moe.n_expert_used, 0, moe.n_expert)?;
            within("moe.n_ff_expert", moe.n_ff_expert, 0, WIDEST_EXPERT)?;
            within("moe.n_ff_shared", moe.n_ff_shared, 0, WIDEST_FFN)?;
            within("moe.latent_dim", moe.latent_dim.unwrap_or(0), 0, WIDEST)?;
        }
        if let Some(r) = &self.recurrent {
            let heads = [r.n_head, r.n_head_k, r.n_head_v];
            heads
                .into_iter()
                .flatten()
                .try_for_each(|n| within(mark!("recurrent heads"), n, 0, MOST_HEADS))?;
            let widths = [r.head_dim, r.head_dim_k, r.head_dim_v, r.d_state, r.d_conv, r.n_group];
            widths
                .into_iter()
                .flatten()
                .try_for_each(|n| within(mark!("recurrent widths"), n, 0, WIDEST_HEAD))?;
            let ranks =
                [r.d_inner, r.dt_rank, r.lora_decay, r.lora_iclr, r.lora_value, r.lora_value_l0, r.lora_gate];
            ranks
                .into_iter()
                .flatten()
                .try_for_each(|n| within(mark!("recurrent ranks"), n, 0, WIDEST_STATE))?;
        }
        if let Some(mtp) = &self.mtp {
            within("mtp.n_ff", mtp.n_ff.unwrap_or(0), 0, WIDEST_FFN)?;
            within("mtp.extra_norms", mtp.extra_norms, 0, 64)?;
        }
        if let Some(hyper) = &self.hyper_connections {
            within("hyper_connections.n_stream", hyper.n_stream, 1, 64)?;
            within("hyper_connections.lowrank", hyper.lowrank.unwrap_or(0), 0, WIDEST)?;
        }
        if let Some(tables) = &self.ple {
            let small = [tables.conv_kernel, tables.ngram_size, tables.heads_per_ngram];
            small.into_iter().try_for_each(|n| within("ple", n, 0, 1024))?;
            within("ple.embed_dim", tables.embed_dim, 0, WIDEST)?;
            if tables.ngram_rows > MOST_PARAMETERS >> 17 {
                return Err(tr!(
                    "ple.ngram_rows is {rows}, more than any table has",
                    rows = tables.ngram_rows
                ));
            }
        }
        let extra = &self.extra;
        let others = [extra.altup_inputs, extra.layer_scalar];
        others.into_iter().flatten().try_for_each(|n| within("extra", n, 0, 64))?;
        within("extra.laurel_rank", extra.laurel_rank.unwrap_or(0), 0, WIDEST)?;
        within("extra.ple_dim", extra.ple_dim.unwrap_or(0), 0, WIDEST_HEAD)?;
        within("extra.ple_vocab", extra.ple_vocab.unwrap_or(0), 0, MOST_TOKENS)
    }
}

#[cfg(test)]
mod tests {
    use crate::model::Catalog;

    #[test]
    fn counts_follow_from_the_breakdown() {
        for model in Catalog::embedded().models() {
            let mut counted = model.clone();
            counted.count(model.params_breakdown.clone(), model.params_mtp.unwrap_or(0));
            let counts = |m: &crate::model::Model| (m.params_text, m.params_active, m.params_read);
            assert_eq!(counts(&counted), counts(model), "{}", model.id);
        }
    }

    #[test]
    fn every_model_of_the_catalog_is_plausible() {
        for model in Catalog::embedded().models() {
            assert_eq!(model.check(), Ok(()), "{}", model.id);
        }
    }

    #[test]
    fn what_no_model_has_is_named() {
        let sound = &Catalog::embedded().models()[0];
        let mut absurd = sound.clone();
        absurd.n_layer = u32::MAX;
        assert_eq!(absurd.check().unwrap_err(), "n_layer is 4294967295; 1 to 2048 is plausible");
        let mut absurd = sound.clone();
        absurd.layers.mixer = "AX".to_owned();
        assert!(absurd.check().unwrap_err().starts_with("layers.mixer has 2 letters"));
        let mut absurd = sound.clone();
        absurd.extra.constants.insert("pooler".to_owned(), u64::MAX);
        assert!(absurd.check().unwrap_err().contains("parameters"));
    }
}
