//! MLX and `ExLlama`.

use crate::estimate::engine;
use crate::estimate::scenario::CacheType;
use crate::language::tr;
use crate::units::tokens_text;

use super::{Ask, Builder, quoted};

/// Values of mlx-lm's quantized cache that share a scale.
const MLX_GROUP: u32 = 64;
/// Tokens of a page of `ExLlama`'s cache.
const PAGE: u32 = 256;

pub(super) fn mlx(ask: &Ask<'_>, builder: &mut Builder, notes: &mut Vec<String>) {
    let checkpoint = ask.checkpoint(notes);
    let (kv, _) = engine::cache_bytes(ask.model, ask.scenario, ask.scenario.context);
    builder.command("mlx", "mlx_lm.server");
    builder.flag("--model", checkpoint);
    builder.next_line();
    builder.flag("--decode-concurrency", ask.slots());
    if let Some(serving) = &ask.plan.serving {
        builder.flag("--prefill-step-size", serving.prompt_step);
    }
    builder.next_line();
    builder.flag("--prompt-cache-size", ask.slots());
    builder.flag("--prompt-cache-bytes", kv.0);
    let bits = match ask.scenario.cache_k {
        CacheType::Q8_0 => Some(8),
        CacheType::Q4_0 => Some(4),
        _ => None,
    };
    if let Some(bits) = bits {
        builder.next_line();
        builder.flag("--kv-bits", bits);
        builder.flag("--kv-group-size", MLX_GROUP);
        builder.flag("--quantized-kv-start", 0);
    }
    notes.push(tr!(
        "mlx-lm has no limit of context: {context} tokens are what is planned for",
        context = tokens_text(u64::from(ask.scenario.context))
    ));
    if ask.uses_mtp() {
        notes.push(tr!("mlx-lm has no option for MTP layers").to_owned());
    }
}

pub(super) fn exllama(ask: &Ask<'_>, builder: &mut Builder, notes: &mut Vec<String>) {
    let scenario = ask.scenario;
    builder.begin("exllamav3");
    if let Some(devices) = ask.device_numbers() {
        builder.variable("CUDA_VISIBLE_DEVICES", devices);
    }
    builder.word("python main.py");
    builder.flag("--model-dir", "models");
    builder.flag("--model-name", quoted(&format!("{}-{}", ask.name(), ask.level)));
    builder.flag("--backend", "exllamav3");
    builder.next_line();
    builder.flag("--max-seq-len", ask.context_each());
    builder.flag("--cache-size", scenario.context.div_ceil(PAGE) * PAGE);
    builder.flag("--cache-mode", cache_mode(scenario.cache_k, scenario.cache_v));
    builder.next_line();
    builder.flag("--max-batch-size", ask.slots());
    if let Some(serving) = &ask.plan.serving {
        builder.flag("--chunk-size", serving.prompt_step);
        if serving.pipeline > 1 {
            builder.flag("--gpu-split-auto", "true");
        }
    }
    if ask.uses_mtp() {
        builder.flag("--draft-mode", "mtp");
    }
    notes.push(
        tr!("Run in the folder of TabbyAPI; the name is that of the model's folder in models").to_owned(),
    );
}

/// `TabbyAPI`'s name of a cache: FP16, or bits of keys and values.
fn cache_mode(k: CacheType, v: CacheType) -> String {
    let bits = |cache: CacheType| match cache {
        CacheType::Q8_0 => 8,
        CacheType::Q5_0 => 5,
        CacheType::Q4_0 => 4,
        _ => 16,
    };
    match (bits(k), bits(v)) {
        (16, 16) => "FP16".to_owned(),
        (k, v) => format!("{k},{v}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_caches() {
        assert_eq!(cache_mode(CacheType::F16, CacheType::F16), "FP16");
        assert_eq!(cache_mode(CacheType::Q8_0, CacheType::Q4_0), "8,4");
    }
}
