//! "How it is known": what each figure rests on.

use crate::estimate::plan::{Evidence, Parts};
use crate::estimate::scenario::{Engine, PlacementRequest};
use crate::estimate::{Plan, Scenario, cache_quality, engine};
use crate::language::{fixed, tr};
use crate::model::Model;
use crate::model::record::Mixer;
use crate::quant::Level;
use crate::units::{Bytes, params_text, rate_text};

use super::memory::precise;
use super::{Subject, beside, bound, kept, no_speed_reason};

/// What one figure rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The figure.
    pub name: &'static str,
    /// What is said.
    pub statement: String,
    /// What it rests on.
    pub basis: String,
}

/// What a longer context costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CacheGrowth {
    /// Bytes for each further token once all windows are full.
    pub per_token: f64,
    /// Bytes of the layers whose window is full.
    pub windows: Bytes,
    /// State of the recurrent layers, all slots.
    pub state: Bytes,
}

/// The cost of a longer context: the difference of two allocations, which holds for every kind of cache.
pub(super) fn cache_growth(subject: &Subject<'_>, level: Level) -> Option<CacheGrowth> {
    /// Longer than any window.
    const LONG: u32 = 1 << 18;
    let parts = |context: u32| {
        if !subject.scenario.engine.is_ggml() {
            let (kv, recurrent) = engine::cache_bytes(subject.model, subject.scenario, context);
            return Some(Parts { kv, recurrent, ..Parts::default() });
        }
        // Main memory holds it all: nothing is searched for, and what is on a device would be the same.
        let placement =
            PlacementRequest { gpu_layers: Some(0), cpu_moe_layers: Some(0), ..PlacementRequest::default() };
        let scenario = Scenario { context, placement, ..subject.scenario.clone() };
        let plan = subject.estimator.plan(subject.model, level, &scenario, subject.rig).ok()?;
        Some(plan.memory.host)
    };
    let (short, long) = (parts(LONG)?, parts(2 * LONG)?);
    let per_token = (long.kv - short.kv).0 as f64 / f64::from(LONG);
    let windows = Bytes((short.kv.0 as f64 - per_token * f64::from(LONG)).max(0.0) as u64);
    Some(CacheGrowth { per_token, windows, state: short.recurrent })
}

pub(super) fn known(subject: &Subject<'_>, plan: &Plan, growth: Option<CacheGrowth>) -> Vec<Known> {
    let model = subject.model;
    vec![
        size(subject, plan),
        memory(subject, plan),
        speed(plan),
        kept::known(model, plan),
        layers(model),
        experts(model),
        cache(subject, growth),
    ]
    .into_iter()
    .chain(kept::cache(subject))
    .chain(beside::cold_start(subject, plan))
    .chain(beside::guessing(subject, plan))
    .collect()
}

/// How the estimator begins a warning that the row of the size repeats.
fn size_prefix() -> &'static str {
    tr!("size by classes of tensors: ")
}

/// How it begins one that the row of the speed repeats.
fn speed_prefixes() -> [&'static str; 2] {
    [tr!("no decode speed: "), tr!("no speed: ")]
}

/// What the plan's warnings say after `prefix`.
fn stated<'a>(plan: &'a Plan, prefix: &str) -> Option<&'a str> {
    plan.warnings.iter().find_map(|warning| warning.strip_prefix(prefix))
}

/// Why the estimator gives no decode rate.
pub(super) fn stated_no_speed(plan: &Plan) -> Option<&str> {
    speed_prefixes().into_iter().find_map(|prefix| stated(plan, prefix))
}

/// Why the estimator gives no prompt speed.
pub(super) fn stated_no_prompt_speed(plan: &Plan) -> Option<&str> {
    stated(plan, tr!("no prompt speed: "))
}

/// The warnings that no row has said already.
pub(super) fn other_warnings(plan: &Plan) -> impl Iterator<Item = &String> {
    let said = [size_prefix(), cache_quality()].into_iter().chain(speed_prefixes());
    plan.warnings.iter().filter(move |warning| !said.clone().any(|prefix| warning.starts_with(prefix)))
}

fn size(subject: &Subject<'_>, plan: &Plan) -> Known {
    let file = &plan.file;
    let tensors: u32 = file.types.iter().map(|share| share.tensors).sum();
    let is_ggml = subject.scenario.engine.is_ggml();
    let statement = match (file.exact, is_ggml) {
        (true, true) => tr!("exact, summed over {tensors} tensors", tensors = thousands(tensors)),
        (true, false) => tr!("summed over all tensors, each in the bits of the format").to_owned(),
        (false, _) => tr!("by class of tensor").to_owned(),
    };
    let mut basis = vec![tr!(
        "{mix} {level}: {bits_per_weight} bits per weight, {gb} GB to download",
        mix = if is_ggml { tr!("llama.cpp's mix for") } else { tr!("bits and exceptions of") },
        level = plan.level,
        bits_per_weight = fixed(file.bits_per_weight, 2),
        gb = fixed(file.bytes.gb(), 1)
    )];
    basis.extend(stated(plan, size_prefix()).map(str::to_owned));
    Known { name: tr!("Size"), statement, basis: basis.join("; ") }
}

fn memory(subject: &Subject<'_>, plan: &Plan) -> Known {
    let asked = subject.scenario.engine;
    if let Some((rules, _)) = engine::rules::of(asked).memory().filter(|_| asked != Engine::LlamaCpp) {
        let statement = match (asked.is_ggml(), plan.file.exact) {
            (true, true) => tr!("weights and caches exact, buffers by rule"),
            (false, true) => tr!("weights and caches by rule, buffers a rough figure"),
            (_, false) => tr!("weights by class, buffers a rough figure"),
        };
        return Known { name: tr!("Memory"), statement: statement.to_owned(), basis: rules.to_owned() };
    }
    let weights =
        if plan.file.exact { tr!("weights and caches exact") } else { tr!("caches exact, weights by class") };
    let context = if subject.rig.devices.is_empty() { "" } else { tr!("; device context estimated") };
    Known {
        name: tr!("Memory"),
        statement: tr!("{weights}, buffers by rule", weights),
        basis: tr!("llama.cpp's rules of placement, cache and graph buffers{context}", context),
    }
}

fn speed(plan: &Plan) -> Known {
    if let Some(reason) = no_speed_reason(plan) {
        return Known { name: tr!("Speed"), statement: tr!("n/a").to_owned(), basis: reason };
    }
    let speed = &plan.speed;
    let range = speed.decode.map_or_else(String::new, |range| {
        tr!(
            "; 8 of 10 between {low} and {high} tok/s",
            low = rate_text(range.p10),
            high = rate_text(range.p90)
        )
    });
    let statement = match speed.evidence {
        Evidence::None => tr!("n/a").to_owned(),
        evidence => evidence.words().to_owned(),
    };
    let own = bound::own(speed).map_or_else(String::new, |own| format!("; {own}"));
    let basis = format!("{}{range}{own}", bound::sentence(speed));
    Known { name: tr!("Speed"), statement, basis }
}

fn layers(model: &Model) -> Known {
    let mut kinds: Vec<(Mixer, u32)> = Vec::new();
    for layer in 0..model.n_layer {
        let mixer = model.mixer(layer);
        match kinds.iter_mut().find(|(kind, _)| *kind == mixer) {
            Some((_, count)) => *count += 1,
            None => kinds.push((mixer, 1)),
        }
    }
    // The kinds that keep a growing cache come first: they decide what a long context costs.
    kinds.sort_by_key(|(kind, _)| (!kind.has_cache(), *kind == Mixer::Window));
    let statement = match kinds.as_slice() {
        [(kind, n)] => tr!("{n}, all {kind}", n, kind = mixer_words(model, *kind)),
        kinds => {
            let words: Vec<String> =
                kinds.iter().map(|(kind, n)| format!("{n} {}", mixer_words(model, *kind))).collect();
            format!("{}: {}", model.n_layer, words.join(", "))
        }
    };
    let mut basis = vec![tr!("width {n_embd}", n_embd = thousands(model.n_embd))];
    if kinds.iter().any(|(kind, _)| kind.has_cache()) {
        basis.push(tr!("{n_head} query heads", n_head = model.n_head.max()));
        if model.attention.mla.is_none() {
            basis.push(tr!("{n_head_kv} for keys and values", n_head_kv = model.n_head_kv));
        }
    }
    if model.mtp_layers > 0 {
        basis.push(tr!("{mtp_layers} more for speculation, not loaded", mtp_layers = model.mtp_layers));
    }
    let basis = basis.join(", ");
    Known { name: tr!("Layers"), statement, basis }
}

fn mixer_words(model: &Model, mixer: Mixer) -> String {
    let attention = &model.attention;
    match mixer {
        Mixer::Attention if attention.mla.is_some() => tr!("latent attention (MLA)").to_owned(),
        Mixer::Attention => tr!("full attention").to_owned(),
        Mixer::Window => match attention.sliding_window.or(attention.chunk_size) {
            Some(window) => tr!("attention over {window}", window = thousands(window)),
            None => tr!("windowed attention").to_owned(),
        },
        Mixer::GatedDeltaNet => tr!("linear (Gated DeltaNet)").to_owned(),
        Mixer::Kda => tr!("linear (KDA)").to_owned(),
        Mixer::Mamba2 => "Mamba-2".to_owned(),
        Mixer::Mamba1 => "Mamba".to_owned(),
        Mixer::ShortConv => tr!("short convolution").to_owned(),
        Mixer::Lightning => tr!("linear (lightning)").to_owned(),
        Mixer::AttentionMamba2 => tr!("attention beside Mamba-2").to_owned(),
        Mixer::Compressed => tr!("compressed attention").to_owned(),
        Mixer::Rwkv7 => "RWKV-7".to_owned(),
        Mixer::None => tr!("feed-forward only").to_owned(),
    }
}

fn experts(model: &Model) -> Known {
    let active = params_text(model.params_active);
    let total = params_text(model.params_total);
    let (statement, basis) = match &model.moe {
        None => (tr!("none: a dense model").to_owned(), tr!("each token uses all {active}", active)),
        Some(moe) => {
            let shared = match moe.n_shared_expert {
                0 => String::new(),
                n => tr!(" and {n} shared", n),
            };
            (
                tr!(
                    "{n_expert}, of which {n_expert_used}{shared} are used",
                    n_expert = moe.n_expert,
                    n_expert_used = moe.n_expert_used,
                    shared
                ),
                tr!("{active} of {total} active", active, total),
            )
        }
    };
    Known { name: tr!("Experts"), statement, basis }
}

fn cache(subject: &Subject<'_>, growth: Option<CacheGrowth>) -> Known {
    let scenario = subject.scenario;
    let statement = match growth {
        None => tr!("n/a").to_owned(),
        Some(CacheGrowth { per_token: 0.0, state, .. }) => match state {
            Bytes::ZERO => tr!("none: nothing grows with the context").to_owned(),
            state => tr!("none: a fixed state of {state}", state = precise(state)),
        },
        Some(growth) => format!("{} ({})", per_token_text(growth.per_token), cache_types(scenario)),
    };
    let basis = growth.map_or_else(String::new, |growth| cache_basis(subject.model, scenario, &growth));
    Known { name: tr!("Cache per token"), statement, basis }
}

/// The product that gives the growth, where one product does; and what does not grow.
fn cache_basis(model: &Model, scenario: &Scenario, growth: &CacheGrowth) -> String {
    let mut parts = Vec::new();
    match cache_formula(model, scenario).filter(|(_, bytes)| (bytes - growth.per_token).abs() < 0.5) {
        Some((formula, _)) => parts.push(formula),
        None if growth.per_token > 0.0 => parts.push(tr!("summed layer by layer").to_owned()),
        None => {}
    }
    if growth.windows > Bytes(1 << 20) {
        parts.push(tr!("full windows hold {windows} more", windows = precise(growth.windows)));
    }
    if growth.state > Bytes::ZERO && growth.per_token > 0.0 {
        parts.push(tr!("fixed state {state}", state = precise(growth.state)));
    }
    parts.join("; ")
}

/// Layers × heads × widths × bytes, for models whose caching layers are all alike.
fn cache_formula(model: &Model, scenario: &Scenario) -> Option<(String, f64)> {
    let layers = (0..model.layers_with_own_cache().min(model.n_layer))
        .filter(|layer| matches!(model.mixer(*layer), Mixer::Attention | Mixer::AttentionMamba2))
        .count() as u32
        * model.num_loops;
    let (formula, bytes) = row_formula(model, Mixer::Attention, scenario);
    (layers > 0).then(|| (tr!("{layers} layers × {formula}", layers, formula), f64::from(layers) * bytes))
}

/// What one layer of a kind caches for a token: heads × widths × bytes, and their product.
pub(super) fn row_formula(model: &Model, mixer: Mixer, scenario: &Scenario) -> (String, f64) {
    let (k, v) = (scenario.cache_k.bytes_per_value(), scenario.cache_v.bytes_per_value());
    if let Some(mla) = model.attention.mla.as_ref().filter(|_| mixer != Mixer::Window) {
        let width = mla.kv_lora_rank + mla.qk_rope_head_dim;
        return (tr!("{width} values × {k} bytes, no separate values", width, k), f64::from(width) * k);
    }
    let attention = &model.attention;
    let shape = if mixer == Mixer::Window { &attention.swa } else { &attention.full };
    let heads = shape.n_head_kv.unwrap_or(model.n_head_kv);
    let (dim_k, dim_v) =
        (shape.head_dim_k.unwrap_or(model.head_dim_k), shape.head_dim_v.unwrap_or(model.head_dim_v));
    let bytes = f64::from(heads) * (f64::from(dim_k) * k + f64::from(dim_v) * v);
    let widths = if k == v {
        tr!("({dim_k} + {dim_v}) × {k} bytes", dim_k, dim_v, k)
    } else {
        tr!("({dim_k} × {k} + {dim_v} × {v} bytes)", dim_k, k, dim_v, v)
    };
    (tr!("{heads} heads × {widths}", heads, widths), bytes)
}

/// "f16", or both types where they differ.
pub(super) fn cache_types(scenario: &Scenario) -> String {
    if scenario.cache_k == scenario.cache_v {
        scenario.cache_k.name().to_owned()
    } else {
        tr!("keys {keys}, values {values}", keys = scenario.cache_k.name(), values = scenario.cache_v.name())
    }
}

/// "24 KiB", "68.6 KiB", "1.2 MiB".
pub(super) fn per_token_text(bytes: f64) -> String {
    let kib = bytes / 1024.0;
    match kib {
        kib if kib >= 1024.0 => format!("{} MiB", fixed(kib / 1024.0, 1)),
        kib if (kib - kib.round()).abs() < 0.05 => format!("{kib:.0} KiB"),
        kib => format!("{} KiB", fixed(kib, 1)),
    }
}

/// 1,219 for 1219.
pub(super) fn thousands(number: u32) -> String {
    crate::units::thousands(f64::from(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Catalog;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(thousands(7), "7");
        assert_eq!(thousands(1219), "1,219");
        assert_eq!(thousands(12_345_678), "12,345,678");
        assert_eq!(per_token_text(24.0 * 1024.0), "24 KiB");
        assert_eq!(per_token_text(68.625 * 1024.0), "68.6 KiB");
        assert_eq!(per_token_text(2.5 * 1024.0 * 1024.0), "2.5 MiB");
    }

    #[test]
    fn layers_of_a_hybrid_are_told_apart() {
        let catalog = Catalog::embedded();
        let of = |name: &str| layers(catalog.get(catalog.find(name).unwrap())).statement;
        assert_eq!(of("Qwen/Qwen3-30B-A3B"), "48, all full attention");
        assert!(of("Qwen/Qwen3-Next-80B-A3B-Instruct").starts_with("48: 12 full attention, 36 linear"));
        assert!(of("deepseek-ai/DeepSeek-V3").contains("latent attention"));
        for model in catalog.models() {
            let known = layers(model);
            assert!(!known.statement.is_empty() && !known.basis.is_empty());
        }
    }

    #[test]
    fn the_cache_of_an_8b_llama_is_128_kib_a_token() {
        let catalog = Catalog::embedded();
        let model = catalog.get(catalog.find("meta-llama/Llama-3.1-8B-Instruct").unwrap());
        let (formula, bytes) = cache_formula(model, &Scenario::default()).unwrap();
        assert_eq!(bytes, 128.0 * 1024.0);
        assert_eq!(formula, "32 layers × 8 heads × (128 + 128) × 2 bytes");
    }
}
