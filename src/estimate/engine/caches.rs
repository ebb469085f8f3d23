//! Caches of a model's layers as engines outside llama.cpp keep them: bytes of a token and of a state.

use std::ops::Range;

use crate::estimate::cache;
use crate::estimate::scenario::Scenario;
use crate::model::Model;
use crate::model::record::Mixer;

/// What the layers of one card cache, each layer's share on it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Caches {
    /// Bytes of a token, of each layer that keeps the whole context.
    pub full: Vec<f64>,
    /// Bytes of a token and window in tokens, of each layer with a window.
    pub windows: Vec<(f64, u64)>,
    /// Bytes of one request's state, of each recurrent layer.
    pub states: Vec<f64>,
    /// The same, of layers whose state keeps 32 bits wherever it is stored in 16.
    pub wide_states: Vec<f64>,
}

impl Caches {
    /// Caches of the `layers` of `model` on one of `cards` that share each layer. Key and value heads are
    /// divided; where there are fewer of them than cards, and for latent attention, each card has its own copy.
    pub fn new(model: &Model, scenario: &Scenario, layers: Range<u32>, cards: u64) -> Self {
        let (k, v) = (scenario.cache_k.bytes_per_value(), scenario.cache_v.bytes_per_value());
        let loops = f64::from(model.num_loops);
        let mut caches = Self::default();
        for layer in layers {
            let mixer = model.mixer(layer);
            if let Some(row) = cache::row(model, layer) {
                let share = share(model, mixer, cards) * loops;
                let token = (row.k as f64 * k + row.v as f64 * v) * share;
                match row.window {
                    Some(window) => caches.windows.push((token, u64::from(window))),
                    None => caches.full.push(token),
                }
                if row.sparse_every > 0 {
                    // Indexer keys and compressed keys are not divided.
                    caches.full.push(row.sparse as f64 * k / row.sparse_every as f64);
                }
            }
            let state = cache::state(model, layer).0 as f64 / cards as f64;
            if state > 0.0 {
                let is_wide =
                    matches!(mixer, Mixer::Mamba1 | Mixer::Mamba2 | Mixer::AttentionMamba2 | Mixer::Rwkv7);
                if is_wide { caches.wide_states.push(state) } else { caches.states.push(state) }
            }
        }
        caches
    }

    /// Bytes of a token in all layers that keep the whole context.
    pub fn full_token(&self) -> f64 {
        self.full.iter().sum()
    }

    /// Bytes of one request's state in 32 bits.
    pub fn state(&self) -> f64 {
        self.states.iter().chain(&self.wide_states).sum()
    }

    /// Recurrent layers.
    pub fn state_layers(&self) -> u64 {
        (self.states.len() + self.wide_states.len()) as u64
    }
}

/// Share of a layer's cache that one of `cards` holds.
fn share(model: &Model, mixer: Mixer, cards: u64) -> f64 {
    if cards <= 1 || mixer == Mixer::Compressed || model.attention.mla.is_some() && mixer == Mixer::Attention
    {
        return 1.0;
    }
    let shape = if mixer == Mixer::Window { &model.attention.swa } else { &model.attention.full };
    let heads = u64::from(shape.n_head_kv.unwrap_or(model.n_head_kv)).max(1);
    heads.div_ceil(cards) as f64 / heads as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::scenario::CacheType;
    use crate::model::Catalog;

    fn caches(name: &str, scenario: &Scenario, cards: u64) -> Caches {
        let catalog = Catalog::embedded();
        let model = catalog.get(catalog.find(name).unwrap());
        Caches::new(model, scenario, 0..model.n_layer, cards)
    }

    #[test]
    fn a_token_of_llama_3_1_8b() {
        let scenario = Scenario::default();
        // 32 layers × 8 heads × (128 + 128) × 2 bytes.
        assert_eq!(caches("meta-llama/Llama-3.1-8B-Instruct", &scenario, 1).full_token(), 131_072.0);
        assert_eq!(caches("meta-llama/Llama-3.1-8B-Instruct", &scenario, 4).full_token(), 32_768.0);
        // Eight heads on sixteen cards: one on each.
        assert_eq!(caches("meta-llama/Llama-3.1-8B-Instruct", &scenario, 16).full_token(), 16_384.0);
        let fp8 = Scenario { cache_k: CacheType::Fp8, cache_v: CacheType::Fp8, ..scenario };
        assert_eq!(caches("meta-llama/Llama-3.1-8B-Instruct", &fp8, 1).full_token(), 65_536.0);
    }

    #[test]
    fn latent_attention_is_copied_to_each_card() {
        let scenario = Scenario::default();
        let one = caches("deepseek-ai/DeepSeek-V3", &scenario, 1);
        assert_eq!(one.full_token(), f64::from(61 * 576 * 2));
        assert_eq!(caches("deepseek-ai/DeepSeek-V3", &scenario, 8), one);
    }

    #[test]
    fn windows_and_states_are_told_apart() {
        let scenario = Scenario::default();
        let gpt = caches("openai/gpt-oss-20b", &scenario, 1);
        assert_eq!((gpt.full.len(), gpt.windows.len()), (12, 12));
        assert!(gpt.windows.iter().all(|(token, window)| *token == 2048.0 && *window == 128));
        let next = caches("Qwen/Qwen3-Next-80B-A3B-Instruct", &scenario, 1);
        assert_eq!((next.full.len(), next.states.len(), next.wide_states.len()), (12, 36, 0));
    }
}
