//! Bytes of cache that requests need, by each engine's way of allocating it.

use crate::estimate::engine::caches::Caches;
use crate::estimate::engine::rules::{ExLlama, Mlx, Sglang, TensorRt, Vllm};
use crate::estimate::scenario::Scenario;

/// Requests, and tokens of each: they share the context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Requests at once.
    pub requests: u64,
    /// Tokens of each.
    pub tokens: u64,
    /// Tokens of a prompt step.
    pub step: u64,
}

impl Load {
    /// The requests of `scenario`, sharing `context` tokens.
    pub fn new(scenario: &Scenario, context: u32) -> Self {
        let requests = u64::from(scenario.parallel.max(1));
        let tokens = u64::from(context.max(1)).div_ceil(requests);
        Self { requests, tokens, step: u64::from(scenario.batch) }
    }
}

/// One kind of layers in vLLM's pool.
struct Kind {
    layers: u64,
    /// Blocks of one request in one group of layers.
    blocks: u64,
}

/// vLLM: one pool of equal blocks. Layers of a kind are put into groups of equal size, and each group of a
/// request draws blocks of its own; groups that are not full waste the rest.
pub fn vllm(rules: &Vllm, caches: &Caches, load: Load) -> f64 {
    let widest = widest(caches);
    let states = caches.state_layers();
    if widest == 0.0 {
        return caches.state() * load.requests as f64 * rules.state_blocks as f64;
    }
    // A block holds the state of a recurrent layer, so that all blocks are of one size.
    let largest_state = caches.states.iter().chain(&caches.wide_states).copied().fold(0.0, f64::max);
    let block = (largest_state / widest).ceil() as u64;
    let block = block.div_ceil(rules.block_tokens).max(1) * rules.block_tokens;
    let tokens_in = |token: f64| block * ((widest / token) as u64).max(1);
    let mut kinds = Vec::new();
    if let Some(token) = caches.full.iter().copied().reduce(f64::max) {
        kinds.push(Kind { layers: caches.full.len() as u64, blocks: load.tokens.div_ceil(tokens_in(token)) });
    }
    if let Some(&(token, window)) = caches.windows.first() {
        let kept = (window - 1 + rules.in_flight_batches * load.step).min(load.tokens);
        let whole = load.tokens.div_ceil(tokens_in(token));
        let blocks = (kept.div_ceil(tokens_in(token)) + 1).min(whole);
        kinds.push(Kind { layers: caches.windows.len() as u64, blocks });
    }
    if states > 0 {
        kinds.push(Kind { layers: states, blocks: rules.state_blocks });
    }
    let layers = || kinds.iter().map(|kind| kind.layers);
    let (least, most) = (layers().min().unwrap_or(1), layers().max().unwrap_or(1));
    let group = if (most as f64) < least as f64 * rules.uneven_groups { most } else { least };
    let blocks: u64 = kinds.iter().map(|kind| kind.layers.div_ceil(group) * kind.blocks).sum();
    (blocks * load.requests) as f64 * group as f64 * block as f64 * widest
}

fn widest(caches: &Caches) -> f64 {
    let windows = caches.windows.iter().map(|(token, _)| *token);
    caches.full.iter().copied().chain(windows).fold(0.0, f64::max)
}

/// `SGLang`: window layers hold a fixed share of the tokens that the others hold.
pub fn sglang(rules: &Sglang, caches: &Caches, load: Load) -> f64 {
    let windows: f64 = caches.windows.iter().map(|(token, _)| token).sum();
    let share = if caches.full.is_empty() { 1.0 } else { rules.window_share };
    (load.tokens * load.requests) as f64 * (caches.full_token() + windows * share)
        + caches.state() * load.requests as f64
}

/// TensorRT-LLM: whole blocks in every layer.
pub fn tensorrt(rules: &TensorRt, caches: &Caches, load: Load) -> f64 {
    let windows: f64 = caches.windows.iter().map(|(token, _)| token).sum();
    let tokens = load.tokens.div_ceil(rules.block_tokens) * rules.block_tokens;
    (tokens * load.requests) as f64 * (caches.full_token() + windows) + caches.state() * load.requests as f64
}

/// MLX: grows in steps; a window keeps its tokens and those of a prompt step.
pub fn mlx(rules: &Mlx, caches: &Caches, load: Load) -> f64 {
    let tokens = load.tokens.div_ceil(rules.step_tokens) * rules.step_tokens;
    let step = u64::from(rules.prefill_tokens);
    let windows: f64 =
        caches.windows.iter().map(|(token, window)| token * tokens.min(window + step - 1) as f64).sum();
    load.requests as f64 * (tokens as f64 * caches.full_token() + windows + caches.state())
}

/// `ExLlama`: pages for all tokens together, a ring for each request in window layers, and rows of state.
pub fn exllama(rules: &ExLlama, caches: &Caches, load: Load, window_bytes: f64) -> f64 {
    let pages = (load.tokens * load.requests).div_ceil(rules.page_tokens) * rules.page_tokens;
    let rings: f64 = caches
        .windows
        .iter()
        .map(|(token, window)| {
            let ring = (window + rules.window_extra_tokens).div_ceil(rules.page_tokens) * rules.page_tokens;
            // Rings are never quantized.
            token * window_bytes * ring as f64
        })
        .sum();
    let half: f64 = caches.states.iter().sum::<f64>() / 2.0;
    let wide: f64 = caches.wide_states.iter().sum();
    let rows = load.requests as f64 * rules.state_rows as f64;
    pages as f64 * caches.full_token() + load.requests as f64 * rings + rows * (half + wide)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::engine::rules;
    use crate::estimate::scenario::Engine;

    fn load(requests: u64, tokens: u64) -> Load {
        Load { requests, tokens, step: 2048 }
    }

    #[test]
    fn the_worked_example_of_vllm_s_documentation() {
        // 20 window layers and 10 others, a window of 32, a request of 112 tokens: 7 blocks for the full
        // group and 2 for each of two window groups (the documentation leaves one step of prompt out; with a
        // step of 1 token a third block may be touched).
        let rules = rules::of(Engine::Vllm).vllm.as_ref().unwrap();
        let caches = Caches { full: vec![4.0; 10], windows: vec![(4.0, 32); 20], ..Caches::default() };
        let one = Load { requests: 1, tokens: 112, step: 0 };
        let blocks = vllm(rules, &caches, one) / (10.0 * 16.0 * 4.0);
        assert_eq!(blocks, 7.0 + 2.0 * 3.0);
    }

    #[test]
    fn padding_layers_of_gemma_3_27b() {
        // 10 full and 52 window layers: 1 + 6 groups of 10, the last with 8 padding layers.
        let rules = rules::of(Engine::Vllm).vllm.as_ref().unwrap();
        let caches = Caches { full: vec![8.0; 10], windows: vec![(8.0, 1024); 52], ..Caches::default() };
        let need = vllm(rules, &caches, load(1, 16_384));
        let windows = 6 * ((1023_u64 + 4096).div_ceil(16) + 1);
        assert_eq!(need, (1024 + windows) as f64 * 10.0 * 16.0 * 8.0);
    }

    #[test]
    fn a_dense_model_takes_whole_blocks() {
        let rules = rules::of(Engine::Vllm).vllm.as_ref().unwrap();
        let caches = Caches { full: vec![4096.0; 32], ..Caches::default() };
        assert_eq!(vllm(rules, &caches, load(1, 16_384)), 16_384.0 * 131_072.0);
        assert_eq!(vllm(rules, &caches, load(3, 17)), 3.0 * 32.0 * 131_072.0);
    }

    #[test]
    fn the_state_of_a_hybrid_makes_its_blocks_large() {
        let rules = rules::of(Engine::Vllm).vllm.as_ref().unwrap();
        // A state of 100 tokens' bytes: blocks of 112.
        let caches = Caches { full: vec![10.0; 4], states: vec![1000.0; 12], ..Caches::default() };
        let need = vllm(rules, &caches, load(1, 1000));
        let (attention, states) = (1000_u64.div_ceil(112), 3 * 2);
        assert_eq!(need, (attention + states) as f64 * 4.0 * 112.0 * 10.0);
    }

    #[test]
    fn sglang_holds_four_fifths_in_windows() {
        let rules = rules::of(Engine::Sglang).sglang.as_ref().unwrap();
        let caches = Caches { full: vec![10.0; 2], windows: vec![(10.0, 128); 2], ..Caches::default() };
        assert_eq!(sglang(rules, &caches, load(2, 500)), 1000.0 * (20.0 + 16.0));
    }

    #[test]
    fn mlx_grows_by_steps_and_keeps_windows() {
        let rules = rules::of(Engine::Mlx).mlx.as_ref().unwrap();
        let caches = Caches { full: vec![10.0], windows: vec![(10.0, 128)], ..Caches::default() };
        assert_eq!(mlx(rules, &caches, load(1, 257)), 512.0 * 20.0);
        assert_eq!(mlx(rules, &caches, load(1, 8192)), 8192.0 * 10.0 + 2175.0 * 10.0);
    }

    #[test]
    fn exllama_allocates_pages_rings_and_rows() {
        let rules = rules::of(Engine::ExLlamaV3).exllama.as_ref().unwrap();
        let caches = Caches {
            full: vec![10.0],
            windows: vec![(10.0, 1000)],
            states: vec![100.0],
            wide_states: vec![7.0],
        };
        // 300 tokens: two pages; a ring of 1512 is 1536; two rows, half as wide where 16 bits suffice.
        let need = exllama(rules, &caches, load(1, 300), 1.0);
        assert_eq!(need, 512.0 * 10.0 + 1536.0 * 10.0 + 2.0 * (50.0 + 7.0));
    }
}
