//! Memory of the engines that are not llama.cpp, against logs and by hand.

use plimsoll::estimate::engine;
use plimsoll::estimate::rig::{Device, Host, Rig};
use plimsoll::estimate::scenario::{CacheType, Engine, Scenario};
use plimsoll::estimate::{Estimator, FitClass, Plan, Unsupported};
use plimsoll::machine::{Os, Vendor};
use plimsoll::model::{Catalog, Model};
use plimsoll::units::{Bytes, GIB, MIB};

const LLAMA_8B: &str = "meta-llama/Llama-3.1-8B-Instruct";
const LLAMA_70B: &str = "meta-llama/Llama-3.3-70B-Instruct";

pub fn device(name: &str, vendor: Vendor, architecture: &str, capacity: f64, free: f64) -> Device {
    Device {
        name: name.to_owned(),
        vendor,
        architecture: Some(architecture.to_owned()),
        compute_units: Some(128),
        capacity: Bytes::from_gib(capacity),
        free: Bytes::from_gib(free),
        free_is_known: true,
        bandwidth_gbs: Some(1008.0),
        fp16_tflops: Some(165.0),
        unified: vendor == Vendor::Apple,
        power_watts: None,
        ..Device::default()
    }
}

pub fn rig(devices: Vec<Device>) -> Rig {
    Rig {
        devices,
        host: Host {
            cpu: None,
            threads: Some(8),
            capacity: Bytes(128 * GIB),
            free: Bytes(120 * GIB),
            bandwidth_gbs: 83.2,
            bandwidth_is_assumed: false,
            ..Host::default()
        },
        os: Os::Linux,
        unused: Vec::new(),
        own: None,
    }
}

pub fn ada(capacity: f64, free: f64) -> Device {
    device("RTX 4090", Vendor::Nvidia, "Ada", capacity, free)
}

pub fn apple(free: f64) -> Rig {
    rig(vec![device("Apple M3 Max", Vendor::Apple, "Apple GPU M3", 128.0, free)])
}

pub fn model(name: &str) -> &'static Model {
    Catalog::embedded().get(Catalog::embedded().find(name).unwrap())
}

fn asking(engine: Engine) -> Scenario {
    Scenario { engine, ..Scenario::default() }
}

fn ask(name: &str, level: &str, scenario: &Scenario, rig: &Rig) -> Result<Plan, Unsupported> {
    Estimator::embedded().plan(model(name), level.parse().unwrap(), scenario, rig)
}

fn plan(name: &str, level: &str, scenario: &Scenario, rig: &Rig) -> Plan {
    ask(name, level, scenario, rig).unwrap()
}

fn near(found: f64, wanted: f64, tolerance: f64) {
    assert!((found - wanted).abs() <= tolerance, "{found} for {wanted} ± {tolerance}");
}

#[test]
fn a_published_start_of_vllm_on_an_h100() {
    // "Desired GPU memory utilization is (0.92, 72.91 GiB). Actual usage is 15.26 GiB for consumed memory
    // (weights + non-torch), 1.44 GiB for peak activation. Available KV cache memory: 56.21 GiB. GPU KV cache
    // size: 460,496 tokens"; 8192 tokens a step and 1024 requests are its defaults on this card.
    let h100 = rig(vec![device("H100", Vendor::Nvidia, "Hopper", 79.25, 78.84)]);
    let scenario = Scenario { context: 131_072, batch: 8192, parallel: 1024, ..asking(Engine::Vllm) };
    let plan = plan(LLAMA_8B, "NATIVE", &Scenario { parallel: 1, ..scenario.clone() }, &h100);
    let parts = plan.memory.devices[0];
    near(parts.total().gib(), 72.91, 0.01);
    near((parts.weights + parts.overhead).gib(), 15.26, 0.06);
    let serving = plan.serving.unwrap();
    assert_eq!(serving.memory_fraction, Some(0.92));
    // With the logits of 1024 requests as the log has it.
    let logged = ask(LLAMA_8B, "NATIVE", &Scenario { context: 1 << 17, ..scenario }, &h100).unwrap();
    let parts = logged.memory.devices[0];
    near(parts.kv.gib(), 56.21, 0.25);
    near(parts.kv.0 as f64 / 131_072.0, 460_496.0, 2100.0);
}

#[test]
fn vllm_takes_its_share_whatever_the_model() {
    let rig = rig(vec![ada(24.0, 23.4)]);
    for name in ["Qwen/Qwen3-0.6B", "Qwen/Qwen3-4B", LLAMA_8B] {
        let plan = plan(name, "NATIVE", &asking(Engine::Vllm), &rig);
        assert_eq!(plan.memory.devices[0].total(), Bytes::from_gib(24.0).scaled(0.92), "{name}");
        assert_eq!(plan.memory.host.total(), Bytes::ZERO, "{name}");
        assert!(plan.fit.reason.contains("cache there holds"), "{}", plan.fit.reason);
    }
}

#[test]
fn vllm_gets_less_where_less_is_free() {
    // (20.0 − 0.41) ÷ 24 = 0.816: vLLM does not start with a larger share.
    let plan = plan("Qwen/Qwen3-4B", "NATIVE", &asking(Engine::Vllm), &rig(vec![ada(24.0, 20.0)]));
    assert_eq!(plan.serving.as_ref().unwrap().memory_fraction, Some(0.81));
    assert!(plan.warnings.iter().any(|warning| warning.contains("0.81")), "{:?}", plan.warnings);
    assert!(plan.memory.devices[0].total() < Bytes::from_gib(20.0));
}

#[test]
fn the_pool_decides_the_verdict_and_the_longest_context() {
    let rig = rig(vec![ada(24.0, 23.4)]);
    let at = |context| plan(LLAMA_8B, "NATIVE", &Scenario { context, ..asking(Engine::Vllm) }, &rig);
    let short = at(8192);
    // 0.92 × 24 − 14.96 − 0.25 − buffers of about 0.6: six GiB at 128 KiB a token.
    let tokens = short.serving.as_ref().unwrap().cache_tokens.unwrap();
    assert!((46_000..54_000).contains(&tokens), "{tokens}");
    assert_eq!(short.fit.class, FitClass::Fits);
    let longest = short.fit.max_context.unwrap();
    assert!(u64::from(longest) <= tokens && tokens - u64::from(longest) < 256, "{longest} of {tokens}");
    assert_eq!(at(longest).fit.class, FitClass::Tight);
    let beyond = at(longest + 512);
    assert_eq!(beyond.fit.class, FitClass::TooBig);
    assert!(beyond.fit.margin_bytes < 0 && beyond.fit.max_context == Some(longest));
    assert_eq!(at(longest).memory.devices[0].total(), short.memory.devices[0].total());
}

#[test]
fn equal_cards_share_layers_where_the_heads_allow_it() {
    let two = rig(vec![ada(24.0, 23.4), ada(24.0, 23.4)]);
    let shared = plan("Qwen/Qwen3-32B", "AWQ-4bit-g128", &asking(Engine::Vllm), &two);
    assert_eq!(shared.placement.devices, None, "one card carries it, two are faster");
    let alone = plan("Qwen/Qwen3-32B", "AWQ-4bit-g128", &asking(Engine::Vllm), &rig(vec![ada(24.0, 23.4)]));
    let rate = |plan: &Plan| plan.speed.decode.unwrap().p50;
    let gain = rate(&shared) / rate(&alone);
    assert!((1.09..2.0).contains(&gain), "{gain}");
    let large = plan("Qwen/Qwen3-32B", "FP8", &asking(Engine::Vllm), &two);
    let serving = large.serving.as_ref().unwrap();
    assert_eq!((serving.tensor, serving.pipeline), (2, 1));
    assert_eq!(large.placement.split_mode, "tensor");
    let [one, other] = large.memory.devices[..] else { panic!() };
    assert_eq!(one, other);
    // 28 heads cannot be shared by three: each card gets its own layers.
    let three = rig(vec![ada(8.0, 7.8); 3]);
    let stages = plan("Qwen/Qwen2.5-7B-Instruct", "NATIVE", &asking(Engine::Vllm), &three);
    let serving = stages.serving.as_ref().unwrap();
    assert_eq!((serving.tensor, serving.pipeline), (1, 3), "{}", stages.fit.reason);
    assert_eq!(stages.placement.split_mode, "layer");
}

#[test]
fn of_unequal_cards_those_of_a_kind_are_used() {
    let mixed = rig(vec![device("RTX 3060", Vendor::Nvidia, "Ampere", 12.0, 11.5), ada(24.0, 23.4)]);
    let plan = plan(LLAMA_8B, "NATIVE", &asking(Engine::Vllm), &mixed);
    assert_eq!(plan.placement.devices, Some(vec![1]));
    assert_eq!(plan.memory.devices[0].total(), Bytes::ZERO);
    assert!(plan.warnings.iter().any(|warning| warning.contains("1 of 2 GPUs")), "{:?}", plan.warnings);
}

#[test]
fn sglang_s_fraction_by_hand() {
    // 24,576 MiB; reserve 512 + 1.5 × 4096 + 128 + 2 × 1 + 8 × 50 = 7186: 0.708.
    let plan = plan("Qwen/Qwen3-4B", "NATIVE", &asking(Engine::Sglang), &rig(vec![ada(24.0, 23.0)]));
    let serving = plan.serving.as_ref().unwrap();
    assert_eq!(serving.memory_fraction, Some(0.708));
    assert_eq!(serving.prompt_step, 4096);
    let parts = plan.memory.devices[0];
    near((parts.weights + parts.kv + parts.overhead).gib(), 23.0 * 0.708, 0.001);
    // 36 layers × 8 heads × 256 × 2 bytes.
    let tokens = serving.cache_tokens.unwrap() as f64;
    near(tokens, parts.kv.0 as f64 / 147_456.0, 16.0);
}

#[test]
fn tensorrt_takes_nine_tenths_of_what_is_left() {
    let rig = rig(vec![ada(48.0, 47.0)]);
    let plan = plan(LLAMA_8B, "NATIVE", &asking(Engine::TensorRtLlm), &rig);
    let parts = plan.memory.devices[0];
    let left = Bytes::from_gib(47.0) - parts.weights - parts.overhead - parts.compute;
    near(parts.kv.gib(), 0.9 * left.gib(), 1e-6);
    assert_eq!(plan.serving.unwrap().memory_fraction, Some(0.9));
}

#[test]
fn mlx_by_hand() {
    let scenario = Scenario { context: 8000, ..asking(Engine::Mlx) };
    let plan = plan("Qwen/Qwen2.5-7B-Instruct", "MLX-4bit-g64", &scenario, &apple(90.0));
    let parts = plan.memory.devices[0];
    // 28 layers × 4 heads × 256 × 2 bytes, 8192 tokens.
    assert_eq!(parts.kv, Bytes(57_344 * 8192));
    near(parts.weights.gb(), 4.285, 0.02);
    assert_eq!(plan.fit.class, FitClass::Fits);
    let quantized = Scenario { cache_k: CacheType::Q4_0, cache_v: CacheType::Q4_0, ..scenario };
    let plan = ask("Qwen/Qwen2.5-7B-Instruct", "MLX-4bit-g64", &quantized, &apple(90.0)).unwrap();
    assert_eq!(plan.memory.devices[0].kv, Bytes(57_344 * 8192 * 9 / 32), "4.5 of 16 bits");
    let windows = ask("openai/gpt-oss-20b", "MLX-4bit-g64", &quantized, &apple(90.0)).unwrap_err();
    assert!(windows.reason.contains("window"), "{windows}");
}

#[test]
fn exllama_by_hand() {
    let scenario = Scenario {
        context: 8000,
        cache_k: CacheType::Q8_0,
        cache_v: CacheType::Q4_0,
        ..asking(Engine::ExLlamaV3)
    };
    let plan = plan(LLAMA_8B, "EXL3-4.0", &scenario, &rig(vec![ada(24.0, 23.0)]));
    let parts = plan.memory.devices[0];
    // 32 layers × 1024 values × (8.5 + 4.5) bits, 8192 tokens in pages of 256.
    assert_eq!(parts.kv, Bytes(32 * 1024 * 13 / 8 * 8192));
    assert_eq!(plan.memory.host.weights, Bytes(128_256 * 4096 * 2), "embedding in RAM");
    // 6,979,321,856 weights of 4 bits, a head of 6 bits, norms of 16.
    let head = 128_256 * 4096 * 6 / 8;
    assert_eq!(parts.weights, Bytes(6_979_321_856 / 2 + head + (64 + 1) * 4096 * 2));
    assert_eq!(parts.overhead, Bytes(420 * MIB));
}

#[test]
fn exllama_fills_each_card_before_the_next() {
    let rig = rig(vec![ada(24.0, 23.4), device("RTX 3060", Vendor::Nvidia, "Ampere", 12.0, 11.5)]);
    let plan = plan(LLAMA_70B, "EXL3-3.0", &asking(Engine::ExLlamaV3), &rig);
    assert!(plan.fit.class <= FitClass::Tight, "{}", plan.fit.reason);
    let [first, second] = &plan.memory.devices[..] else { panic!() };
    assert!(first.total() > Bytes::from_gib(22.0) && second.total() > Bytes::from_gib(2.0));
    assert_eq!(plan.serving.unwrap().pipeline, 2);
}

#[test]
fn ollama_keeps_a_gib_free_and_no_experts_alone_in_ram() {
    let rig = rig(vec![ada(12.0, 11.5)]);
    let llama = plan("Qwen/Qwen3-30B-A3B", "Q4_K_M", &Scenario::default(), &rig);
    assert!(llama.placement.cpu_moe_layers > 0);
    let ollama = plan("Qwen/Qwen3-30B-A3B", "Q4_K_M", &asking(Engine::Ollama), &rig);
    assert_eq!(ollama.placement.cpu_moe_layers, 0);
    assert!((1..49).contains(&ollama.placement.gpu_layers), "{:?}", ollama.placement);
    let used = ollama.memory.devices[0].total();
    assert!(used <= Bytes::from_gib(10.5), "{used}");
    // What is left over decides by a GiB less.
    let both = |engine| plan("Qwen/Qwen3-8B", "Q8_0", &asking(engine), &rig).fit.margin_bytes;
    assert_eq!(both(Engine::LlamaCpp) - both(Engine::Ollama), GIB.cast_signed());
}

#[test]
fn ollama_gives_each_request_its_own_cache() {
    let rig = rig(vec![ada(24.0, 23.4)]);
    let scenario = Scenario { context: 16_384, parallel: 4, ..asking(Engine::Ollama) };
    let ollama = plan("google/gemma-3-4b-it", "Q4_K_M", &scenario, &rig);
    let own = Scenario { engine: Engine::LlamaCpp, unified_kv: false, ..scenario.clone() };
    assert_eq!(
        ollama.memory.devices[0].kv,
        plan("google/gemma-3-4b-it", "Q4_K_M", &own, &rig).memory.devices[0].kv
    );
}

#[test]
fn speeds_are_those_that_were_measured_or_say_why_not() {
    for (engine, level, rig, borrowed) in [
        (Engine::Vllm, "FP8", rig(vec![ada(24.0, 23.4)]), false),
        (Engine::Sglang, "FP8", rig(vec![ada(24.0, 23.4)]), true),
        (Engine::TensorRtLlm, "FP8", rig(vec![ada(24.0, 23.4)]), true),
        (Engine::ExLlamaV3, "EXL3-4.0", rig(vec![ada(24.0, 23.4)]), true),
        (Engine::Mlx, "MLX-4bit-g64", apple(90.0), false),
    ] {
        let plan = plan("Qwen/Qwen3-8B", level, &asking(engine), &rig);
        let rate = plan.speed.decode.unwrap();
        assert!(0.0 < rate.p10 && rate.p10 < rate.p50 && rate.p50 < rate.p90, "{engine:?}");
        // No engine reads faster than memory does.
        let read = plan.file.tensor_bytes.0 as f64 * 0.8;
        assert!(rate.p50 < rig.devices[0].bandwidth_gbs.unwrap() * 1e9 / read, "{engine:?} {}", rate.p50);
        let says = plan.warnings.iter().any(|warning| warning.contains("vLLM's"));
        assert_eq!(says, borrowed, "{engine:?}");
    }
    let three = rig(vec![ada(8.0, 7.8); 3]);
    let stages = plan("Qwen/Qwen2.5-7B-Instruct", "NATIVE", &asking(Engine::Vllm), &three);
    assert_eq!(stages.speed.decode, None);
    let why = stages.warnings.iter().find(|warning| warning.starts_with("no speed: ")).unwrap();
    assert!(why.contains("several cards"), "{why}");
    // Several requests share the weights that a step reads.
    let card = rig(vec![ada(24.0, 23.4)]);
    let rate = |concurrency| {
        let scenario = Scenario { concurrency, parallel: concurrency, ..asking(Engine::Vllm) };
        plan("Qwen/Qwen3-8B", "FP8", &scenario, &card).speed.decode.unwrap().p50
    };
    assert!(rate(16) > 6.0 * rate(1) && rate(16) < 16.0 * rate(1), "{} {}", rate(1), rate(16));
}

#[test]
fn what_an_engine_cannot_do_is_said() {
    let card = rig(vec![ada(24.0, 23.4)]);
    let reason = |engine, level: &str, rig: &Rig| {
        ask("Qwen/Qwen3-8B", level, &asking(engine), rig).unwrap_err().reason
    };
    for (reason, part) in [
        (reason(Engine::Vllm, "Q4_K_M", &card), "plugin"),
        (reason(Engine::Vllm, "MLX-4bit-g64", &card), "it reads NF4, AWQ-4bit-g128"),
        (reason(Engine::Vllm, "FP8", &rig(Vec::new())), "needs a GPU"),
        (
            reason(
                Engine::Vllm,
                "AWQ-4bit-g128",
                &rig(vec![device("7900 XTX", Vendor::Amd, "RDNA3", 24.0, 23.0)]),
            ),
            "AMD",
        ),
        (
            reason(Engine::Vllm, "FP8", &rig(vec![device("P40", Vendor::Nvidia, "Pascal", 24.0, 23.0)])),
            "Pascal",
        ),
        (reason(Engine::TensorRtLlm, "NVFP4", &card), "Ada"),
        (reason(Engine::Mlx, "MLX-4bit-g64", &card), "Apple"),
        (reason(Engine::Vllm, "NATIVE", &apple(90.0)), "Apple"),
        (reason(Engine::ExLlamaV3, "EXL2-4.0", &card), "ExLlamaV2"),
        (reason(Engine::LlamaCpp, "AWQ-4bit-g128", &card), "no GGUF format"),
        (reason(Engine::Ollama, "EXL3-4.0", &card), "no GGUF format"),
    ] {
        assert!(reason.contains(part), "{part}: {reason}");
    }
    let q8 = |engine| {
        let scenario = Scenario { cache_k: CacheType::Q8_0, cache_v: CacheType::Q8_0, ..asking(engine) };
        ask("Qwen/Qwen3-8B", "FP8", &scenario, &card).unwrap_err().reason
    };
    assert!(q8(Engine::Vllm).contains("f16, bf16, fp8"), "{}", q8(Engine::Vllm));
}

#[test]
fn every_rung_of_every_ladder_is_answered_for_a_usual_model() {
    let blackwell = rig(vec![device("RTX PRO 6000", Vendor::Nvidia, "Blackwell", 96.0, 95.0)]);
    for engine in Engine::ALL {
        let rig = if engine == Engine::Mlx { apple(90.0) } else { blackwell.clone() };
        let mut before = Bytes::ZERO;
        for &level in engine::ladder(engine) {
            let plan =
                Estimator::embedded().plan(model("Qwen/Qwen3-14B"), level, &asking(engine), &rig).unwrap();
            let brief =
                Estimator::embedded().brief(model("Qwen/Qwen3-14B"), level, &asking(engine), &rig).unwrap();
            assert_eq!(
                (brief.class, brief.margin_bytes),
                (plan.fit.class, plan.fit.margin_bytes),
                "{engine:?}"
            );
            assert!(plan.file.bytes >= before, "{engine:?} {level}");
            assert!(brief.need <= plan.memory.total(), "{engine:?} {level}");
            before = plan.file.bytes;
        }
    }
}

#[test]
fn every_model_has_an_answer_in_every_engine() {
    let card = rig(vec![ada(48.0, 47.0), ada(48.0, 47.0)]);
    for base in Catalog::embedded().bases() {
        let model = Catalog::embedded().get(base.id);
        for (engine, level, rig) in [
            (Engine::Vllm, "AWQ-4bit-g128", &card),
            (Engine::Sglang, "NATIVE", &card),
            (Engine::TensorRtLlm, "FP8", &card),
            (Engine::ExLlamaV3, "EXL3-4.0", &card),
            (Engine::Mlx, "MLX-6bit-g64", &apple(90.0)),
        ] {
            let plan =
                Estimator::embedded().plan(model, level.parse().unwrap(), &asking(engine), rig).unwrap();
            let loaded: Bytes = plan.memory.devices.iter().map(|parts| parts.weights).sum();
            assert!(loaded > Bytes::ZERO && plan.file.bits_per_weight > 1.9, "{} {engine:?}", model.id);
            assert_eq!(plan.fit.class == FitClass::TooBig, plan.fit.margin_bytes < 0, "{}", model.id);
            assert!(plan.fit.reason.ends_with('.'), "{}", plan.fit.reason);
        }
    }
}
