//! A buffer over all contexts against layouts for each of them.

use super::*;
use crate::model::Catalog;

/// Models of most kinds of graphs: dense, windows, experts, latent attention, recurrent mixers.
const MODELS: [&str; 6] = [
    "Qwen/Qwen3-14B",
    "google/gemma-3-27b-it",
    "openai/gpt-oss-20b",
    "deepseek-ai/DeepSeek-V3",
    "Qwen/Qwen3-Next-80B-A3B-Instruct",
    "ai21labs/AI21-Jamba-Mini-1.6",
];

fn scenarios() -> Vec<Scenario> {
    let usual = Scenario::default();
    vec![
        Scenario { flash_attention: false, parallel: 3, ..usual.clone() },
        Scenario { cache_k: CacheType::Q8_0, cache_v: CacheType::Q4_0, ubatch: 200, ..usual.clone() },
        Scenario { unified_kv: false, parallel: 4, ..usual.clone() },
        usual,
    ]
}

/// Every buffer of a graph, with experts and with blocks lent.
fn all(buffers: &Buffers) -> Vec<u64> {
    let experts = Lent { expert_up: 300 << 20, expert_down: 400 << 20, ..Lent::default() };
    let blocks = Lent { blocks: true, mixer: 30 << 20, up: 50 << 20, down: 70 << 20, ..experts };
    let dense = Lent { expert_up: 0, expert_down: 0, ..blocks };
    let lent = [Lent::default(), experts, blocks, dense];
    let several = (1..3).flat_map(|place| [buffers.pipeline(place, 3), buffers.several(place, 3, blocks)]);
    lent.iter()
        .flat_map(|lent| [buffers.single(*lent), buffers.host(*lent)])
        .chain(several)
        .chain([buffers.processor(), buffers.host_pipeline(), buffers.pipeline(0, 2)])
        .map(|bytes| bytes.0)
        .collect()
}

#[test]
fn what_a_layout_says_of_other_contexts_is_what_theirs_say() {
    for name in MODELS {
        let model = Catalog::embedded().get(Catalog::embedded().find(name).unwrap());
        let asked_often = GraphShape::new(model);
        for scenario in scenarios() {
            // Far ones first, so that most of those between are looked up.
            let contexts = [131_072, 65_536, 32_768, 16_384, 8192, 1024].into_iter();
            for context in contexts.chain((1..36).map(|step| 256 * step * (1 + step % 7))) {
                let cells = Cells::new(&scenario, context);
                let fresh = GraphShape {
                    families: Mutex::default(),
                    schedules: asked_often.schedules.clone(),
                    model: asked_often.model.clone(),
                    ..asked_often
                };
                assert_eq!(
                    all(&asked_often.buffers(&scenario, &cells)),
                    all(&fresh.buffers(&scenario, &cells)),
                    "{name} at {context}"
                );
            }
        }
    }
}
