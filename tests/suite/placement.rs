//! Where models go: verdicts, llama.cpp's conventions, the longest context.

use plimsoll::estimate::command::{self, Ask, Program};
use plimsoll::estimate::rig::{Device, Host, Rig};
use plimsoll::estimate::scenario::{CacheType, DraftRequest, Engine, PlacementRequest, Scenario};
use plimsoll::estimate::{Estimator, FitClass, Plan};
use plimsoll::machine::{Os, Vendor};
use plimsoll::model::{Catalog, Model};
use plimsoll::units::{Bytes, GIB};

fn device(gib: f64) -> Device {
    Device {
        name: "card".to_owned(),
        vendor: Vendor::Nvidia,
        architecture: Some("Ada".to_owned()),
        compute_units: Some(128),
        capacity: Bytes::from_gib(gib),
        free: Bytes::from_gib(gib),
        free_is_known: true,
        bandwidth_gbs: Some(1008.0),
        fp16_tflops: Some(165.0),
        unified: false,
        power_watts: None,
        ..Device::default()
    }
}

fn rig(gpus: &[f64], ram_gib: u64) -> Rig {
    Rig {
        devices: gpus.iter().map(|gib| device(*gib)).collect(),
        host: Host {
            cpu: None,
            threads: Some(8),
            capacity: Bytes(ram_gib * GIB),
            free: Bytes(ram_gib * GIB),
            bandwidth_gbs: 83.2,
            bandwidth_is_assumed: false,
            ..Host::default()
        },
        os: Os::Linux,
        unused: Vec::new(),
        own: None,
    }
}

fn model(name: &str) -> &'static Model {
    Catalog::embedded().get(Catalog::embedded().find(name).unwrap())
}

fn plan(name: &str, level: &str, scenario: &Scenario, rig: &Rig) -> Plan {
    Estimator::embedded().plan(model(name), level.parse().unwrap(), scenario, rig).unwrap()
}

const LLAMA_8B: &str = "meta-llama/Llama-3.1-8B-Instruct";
const QWEN_MOE: &str = "Qwen/Qwen3-30B-A3B";
const LLAMA_70B: &str = "meta-llama/Llama-3.3-70B-Instruct";

#[test]
fn verdicts_from_much_memory_to_none() {
    let scenario = Scenario::default();
    let class = |gpus: &[f64], ram| plan(LLAMA_8B, "Q4_K_M", &scenario, &rig(gpus, ram)).fit.class;
    assert_eq!(class(&[24.0], 64), FitClass::Fits);
    let need = plan(LLAMA_8B, "Q4_K_M", &scenario, &rig(&[24.0], 64)).memory.devices[0].total().gib();
    assert_eq!(class(&[need + 0.1], 64), FitClass::Tight, "5 % of {need:.1} GiB are more than 0.1");
    assert_eq!(class(&[need - 0.1], 64), FitClass::Offload);
    assert_eq!(class(&[4.0], 64), FitClass::Offload);
    assert_eq!(class(&[], 64), FitClass::Cpu);
    assert_eq!(class(&[], 2), FitClass::TooBig);
}

#[test]
fn more_memory_never_makes_a_verdict_worse() {
    let scenario = Scenario { context: 16_384, ..Scenario::default() };
    for name in [LLAMA_8B, QWEN_MOE, LLAMA_70B, "openai/gpt-oss-120b", "google/gemma-3-27b-it"] {
        let mut last = FitClass::TooBig;
        for gib in 1..=96 {
            let plan = plan(name, "Q4_K_M", &scenario, &rig(&[f64::from(gib)], 512));
            assert!(plan.fit.class <= last, "{name} at {gib} GiB: {:?} after {last:?}", plan.fit.class);
            last = plan.fit.class;
        }
        assert_eq!(last, FitClass::Fits, "{name}");
    }
}

#[test]
fn a_plan_never_exceeds_what_is_free() {
    let scenario = Scenario::default();
    for id in Catalog::embedded().bases() {
        let model = Catalog::embedded().get(id.id);
        for gpus in [&[][..], &[8.0], &[24.0], &[24.0, 12.0]] {
            let rig = rig(gpus, 64);
            let Ok(plan) = Estimator::embedded().plan(model, "Q4_K_M".parse().unwrap(), &scenario, &rig)
            else {
                continue;
            };
            if !plan.fit.class.runs() {
                continue;
            }
            assert!(plan.memory.host.total() <= rig.host.free, "{}", model.id);
            for (parts, device) in plan.memory.devices.iter().zip(&rig.devices) {
                assert!(parts.total() <= device.free, "{} on {gpus:?}", model.id);
            }
        }
    }
}

#[test]
fn experts_leave_before_layers() {
    let plan = plan(QWEN_MOE, "Q4_K_M", &Scenario::default(), &rig(&[12.0], 64));
    assert_eq!(plan.fit.class, FitClass::Offload);
    assert_eq!(plan.placement.gpu_layers, 49, "all 48 blocks and the output layer");
    assert!((1..=48).contains(&plan.placement.cpu_moe_layers));
    assert!(plan.fit.reason.contains("experts"), "{}", plan.fit.reason);
}

#[test]
fn ngl_counts_the_output_layer_first() {
    let with = |layers| {
        let placement = PlacementRequest { gpu_layers: Some(layers), ..PlacementRequest::default() };
        plan(LLAMA_8B, "Q4_K_M", &Scenario { placement, ..Scenario::default() }, &rig(&[24.0], 64))
    };
    let none = with(0);
    assert_eq!((none.fit.class, none.memory.on_devices()), (FitClass::Cpu, Bytes::ZERO));
    let output_only = with(1);
    assert_eq!(output_only.memory.devices[0].kv, Bytes::ZERO);
    assert!(output_only.memory.devices[0].weights > Bytes::ZERO);
    let one_block = with(2);
    assert_eq!(one_block.memory.devices[0].kv * 32, with(999).memory.devices[0].kv);
    assert_eq!(with(33).memory, with(999).memory);
}

#[test]
fn a_given_placement_that_does_not_fit_is_answered() {
    let placement = PlacementRequest { gpu_layers: Some(999), ..PlacementRequest::default() };
    let plan = plan(LLAMA_70B, "Q4_K_M", &Scenario { placement, ..Scenario::default() }, &rig(&[24.0], 64));
    assert_eq!(plan.fit.class, FitClass::TooBig);
    assert!(plan.fit.margin_bytes < 0);
    assert!(plan.speed.decode.is_some());
}

#[test]
fn what_a_placement_leaves_out_is_chosen_for_speed() {
    let with = |name, placement| {
        plan(name, "Q4_K_M", &Scenario { placement, ..Scenario::default() }, &rig(&[24.0], 64))
    };
    let all = with(QWEN_MOE, PlacementRequest { gpu_layers: Some(999), ..PlacementRequest::default() });
    assert_eq!((all.placement.gpu_layers, all.placement.cpu_moe_layers), (49, 0), "it all fits");
    let some = with(QWEN_MOE, PlacementRequest { cpu_moe_layers: Some(20), ..PlacementRequest::default() });
    assert_eq!((some.placement.gpu_layers, some.placement.cpu_moe_layers), (49, 20));
    let dense = with(LLAMA_8B, PlacementRequest { cpu_moe_layers: Some(9), ..PlacementRequest::default() });
    assert_eq!((dense.placement.gpu_layers, dense.fit.class), (33, FitClass::Fits), "it has no experts");
}

#[test]
fn a_given_split_is_kept_whatever_else_is_chosen() {
    let rig = rig(&[24.0, 24.0], 64);
    let with = |name, shares: &[f64]| {
        let placement =
            PlacementRequest { tensor_split: Some(shares.to_vec()), ..PlacementRequest::default() };
        plan(name, "Q4_K_M", &Scenario { placement, ..Scenario::default() }, &rig)
    };
    let split = |shares: &[f64]| with(LLAMA_8B, shares).placement.tensor_split.unwrap();
    assert_eq!(split(&[0.0, 1.0]), [0.0, 33.0]);
    assert_eq!(split(&[2.0, 1.0]), [22.0, 11.0]);
    assert_eq!(split(&[1.0]), [33.0, 0.0], "a device without a share gets nothing");
    assert_eq!(split(&[1.0, 2.0, 50.0]), [11.0, 22.0], "a share too many does not count");
    assert!(with(LLAMA_8B, &[1.0]).warnings.iter().any(|warning| warning.contains("tensor_split")));
    let large = with(LLAMA_70B, &[3.0, 1.0]);
    assert_eq!(large.fit.class, FitClass::Offload, "three quarters of it do not fit a card");
    let shares = large.placement.tensor_split.unwrap();
    assert!((2.5..3.5).contains(&(shares[0] / shares[1])), "{shares:?}");
}

#[test]
fn a_plan_placed_as_it_says_is_the_same_plan() {
    for gpus in [&[12.0][..], &[24.0, 24.0], &[32.0, 14.0], &[10.0, 16.0, 24.0]] {
        for name in [LLAMA_8B, QWEN_MOE, LLAMA_70B, "openai/gpt-oss-120b"] {
            let rig = rig(gpus, 128);
            let free = plan(name, "Q4_K_M", &Scenario::default(), &rig);
            let placement = PlacementRequest {
                gpu_layers: Some(free.placement.gpu_layers),
                cpu_moe_layers: Some(free.placement.cpu_moe_layers),
                tensor_split: free.placement.tensor_split.clone(),
                devices: free.placement.devices.clone(),
            };
            let given = plan(name, "Q4_K_M", &Scenario { placement, ..Scenario::default() }, &rig);
            assert_eq!(given.memory, free.memory, "{name} on {gpus:?}");
            assert_eq!(given.speed, free.speed, "{name} on {gpus:?}");
        }
    }
}

#[test]
fn the_physical_batch_is_at_most_the_logical_one() {
    let with = |ubatch, batch| {
        let scenario = Scenario { ubatch, batch, ..Scenario::default() };
        plan("google/gemma-3-27b-it", "Q4_K_M", &scenario, &rig(&[24.0], 64)).memory
    };
    assert_eq!(with(4096, 1024), with(1024, 1024));
    assert_ne!(with(1024, 1024), with(512, 1024));
}

#[test]
fn a_depth_beyond_the_context_is_said() {
    let warns = |depth| {
        let scenario = Scenario { depth, ..Scenario::default() };
        let plan = plan(LLAMA_8B, "Q4_K_M", &scenario, &rig(&[24.0], 64));
        plan.warnings.iter().any(|warning| warning.contains("depth"))
    };
    assert!(warns(8193) && !warns(8192));
}

#[test]
fn the_longest_context_is_the_last_that_holds() {
    for (name, gib) in [(LLAMA_8B, 8.0), ("Qwen/Qwen3-32B", 24.0), ("google/gemma-3-27b-it", 24.0)] {
        let rig = rig(&[gib], 64);
        let at = |context| plan(name, "Q4_K_M", &Scenario { context, ..Scenario::default() }, &rig);
        let longest = at(8192).fit.max_context.unwrap();
        assert!(at(8192).fit.max_context_on_gpu);
        assert!(at(longest).fit.class <= FitClass::Tight, "{name} at {longest}");
        let limit = model(name).context_max.unwrap();
        assert!(longest == limit || at(longest + 256).fit.class > FitClass::Tight, "{name} past {longest}");
    }
}

#[test]
fn a_smaller_cache_type_holds_a_longer_context() {
    let rig = rig(&[10.0], 64);
    let longest = |cache| {
        let scenario = Scenario { cache_k: cache, cache_v: cache, ..Scenario::default() };
        plan(LLAMA_8B, "Q4_K_M", &scenario, &rig).fit.max_context.unwrap()
    };
    assert!(longest(CacheType::Q8_0) > longest(CacheType::F16));
}

#[test]
fn what_streams_too_slowly_is_too_big_and_has_no_speed() {
    let plan = plan(LLAMA_70B, "Q8_0", &Scenario::default(), &rig(&[8.0], 16));
    assert_eq!(plan.fit.class, FitClass::TooBig);
    assert_eq!(plan.speed.decode, None);
    assert!(plan.warnings.iter().any(|warning| warning.contains("does not fit")), "{:?}", plan.warnings);
}

#[test]
fn two_cards_carry_what_one_does_not() {
    let one = plan(LLAMA_70B, "Q4_K_M", &Scenario::default(), &rig(&[24.0], 16));
    let two = plan(LLAMA_70B, "Q4_K_M", &Scenario::default(), &rig(&[24.0, 24.0], 16));
    assert!(one.fit.class > FitClass::Tight);
    assert!(two.fit.class <= FitClass::Tight, "{}", two.fit.reason);
    let split = two.placement.tensor_split.unwrap();
    assert_eq!(split.iter().sum::<f64>(), 81.0, "80 blocks and the output layer");
}

#[test]
fn unequal_cards_are_filled_as_they_are() {
    let plan = plan(LLAMA_70B, "Q4_K_M", &Scenario::default(), &rig(&[32.0, 14.0], 16));
    assert!(plan.fit.class <= FitClass::Tight, "{}", plan.fit.reason);
}

#[test]
fn what_no_engine_runs_says_so() {
    let vllm = Scenario { engine: Engine::Vllm, ..Scenario::default() };
    let error = Estimator::embedded()
        .plan(model(LLAMA_8B), "Q4_K_M".parse().unwrap(), &vllm, &rig(&[24.0], 64))
        .unwrap_err();
    assert!(error.reason.contains("vllm"), "{error}");
    let refused = Scenario { flash_attention: false, cache_v: CacheType::Q8_0, ..Scenario::default() };
    let error = Estimator::embedded()
        .plan(model(LLAMA_8B), "Q4_K_M".parse().unwrap(), &refused, &rig(&[24.0], 64))
        .unwrap_err();
    assert!(error.reason.contains("flash attention"), "{error}");
}

#[test]
fn models_that_do_not_generate_have_no_decode_speed() {
    let plan = plan("Qwen/Qwen3-Embedding-8B", "Q8_0", &Scenario::default(), &rig(&[24.0], 64));
    assert_eq!(plan.speed.decode, None);
    assert!(plan.warnings.iter().any(|warning| warning.contains("do not generate")), "{:?}", plan.warnings);
}

#[test]
fn the_command_says_what_the_plan_rests_on() {
    let scenario = Scenario {
        context: 16_384,
        cache_k: CacheType::Q8_0,
        cache_v: CacheType::Q8_0,
        parallel: 2,
        ..Scenario::default()
    };
    let plan = plan(QWEN_MOE, "Q4_K_M", &scenario, &rig(&[12.0], 64));
    let rig = rig(&[12.0], 64);
    let (model, level) = (model(QWEN_MOE), plan.level);
    let ask = Ask { model, level, scenario: &scenario, rig: &rig, plan: &plan, machines: 1 };
    let command = command::launch(Program::LlamaCpp, &ask).text();
    for part in ["-c 16384", "-np 2", "-ngl 49", "--n-cpu-moe", "-ctk q8_0 -ctv q8_0", "-fa on", "-kvu"] {
        assert!(command.contains(part), "{part} in {command}");
    }
}

#[test]
fn the_same_question_has_the_same_answer() {
    let ask = || {
        let plan = plan(QWEN_MOE, "IQ4_XS", &Scenario::default(), &rig(&[16.0], 64));
        format!("{plan:?}")
    };
    assert_eq!(ask(), ask());
}

/// A draft model takes its own weights, cache and buffers on the first card; a projector its file and more.
#[test]
fn what_is_loaded_beside_a_model_is_counted() {
    let rig = rig(&[24.0], 64);
    let alone = plan(LLAMA_70B, "IQ2_XS", &Scenario::default(), &rig);
    let draft = DraftRequest {
        model: "meta-llama/Llama-3.2-1B-Instruct".to_owned(),
        level: "Q8_0".parse().unwrap(),
        tokens: 4,
    };
    let scenario = Scenario { draft: Some(draft), ..Scenario::default() };
    let small = plan("meta-llama/Llama-3.2-1B-Instruct", "Q8_0", &Scenario::default(), &rig);
    let base = plan(LLAMA_8B, "Q4_K_M", &Scenario::default(), &rig).memory;
    let with = plan(LLAMA_8B, "Q4_K_M", &scenario, &rig);
    let (before, after, own) = (base.devices[0], with.memory.devices[0], small.memory.devices[0]);
    assert_eq!(after.weights, before.weights + own.weights);
    assert_eq!(after.kv, before.kv + own.kv);
    assert_eq!(after.compute, before.compute + own.compute);
    assert_eq!(after.overhead, before.overhead, "one process, one context of the driver");
    assert!(with.memory.host.weights > base.host.weights, "its input embedding waits in RAM");
    assert!(with.warnings.iter().any(|warning| warning.contains("Llama-3.2-1B")), "{:?}", with.warnings);
    // It may cost the large model its place.
    let squeezed = plan(LLAMA_70B, "IQ2_XS", &scenario, &rig);
    assert!(squeezed.fit.class >= alone.fit.class && squeezed.fit.margin_bytes != alone.fit.margin_bytes);

    let eyes = Scenario { projector: true, ..Scenario::default() };
    let gemma = "google/gemma-3-12b-it";
    let (blind, seeing) =
        (plan(gemma, "Q4_K_M", &Scenario::default(), &rig), plan(gemma, "Q4_K_M", &eyes, &rig));
    let file = seeing.memory.devices[0].weights - blind.memory.devices[0].weights;
    // SigLIP with 417 M parameters and its projector, 16 bits each.
    assert!((0.75..0.95).contains(&file.gib()), "{file}");
    assert!(seeing.memory.devices[0].compute > blind.memory.devices[0].compute);
    let none = plan(LLAMA_8B, "Q4_K_M", &eyes, &rig);
    assert_eq!(none.memory, base, "it has no eyes");
    assert!(none.warnings.iter().any(|warning| warning.contains("no projector")), "{:?}", none.warnings);
}

#[test]
fn without_a_card_all_of_it_is_in_ram() {
    let draft =
        DraftRequest { model: "Qwen/Qwen3-0.6B".to_owned(), level: "Q8_0".parse().unwrap(), tokens: 4 };
    let scenario = Scenario { draft: Some(draft), ..Scenario::default() };
    let rig = rig(&[], 64);
    let (alone, with) = (
        plan("Qwen/Qwen3-8B", "Q4_K_M", &Scenario::default(), &rig),
        plan("Qwen/Qwen3-8B", "Q4_K_M", &scenario, &rig),
    );
    let more = with.memory.host.weights - alone.memory.host.weights;
    assert!((0.55..0.85).contains(&more.gib()), "{more}");
    let unknown =
        DraftRequest { model: "nobody/nothing".to_owned(), level: "Q8_0".parse().unwrap(), tokens: 4 };
    let scenario = Scenario { draft: Some(unknown), ..Scenario::default() };
    let error = Estimator::embedded().plan(model(LLAMA_8B), "Q4_K_M".parse().unwrap(), &scenario, &rig);
    assert!(error.unwrap_err().reason.contains("nobody/nothing"));
}

#[test]
fn mtp_layers_bring_a_context_of_their_own() {
    let rig = rig(&[200.0], 64);
    let glm = "zai-org/GLM-4.5-Air";
    let with = |mtp| plan(glm, "Q4_K_M", &Scenario { mtp, ..Scenario::default() }, &rig).memory.devices[0];
    let (without, with) = (with(false), with(true));
    assert_eq!(with.kv, without.kv, "the main context is the same");
    assert!(with.weights > without.weights);
    // 8192 cells of 8 heads of 128, keys and values in 16 bits.
    assert_eq!(with.overhead - without.overhead, Bytes(8192 * 8 * 128 * 2 * 2));
}

/// Where a graph buffer is known to be rough, each plan says so; of what was measured nothing is said.
#[test]
fn what_is_known_less_well_is_said() {
    let warned = |name| {
        let plan = plan(name, "Q4_K_M", &Scenario::default(), &rig(&[80.0, 80.0], 1024));
        plan.warnings.iter().any(|warning| warning.contains("graph buffer"))
    };
    assert!(warned("deepseek-ai/DeepSeek-V3.2"));
    assert!(warned("google/gemma-3n-E4B-it"));
    assert!(!warned(LLAMA_8B) && !warned("deepseek-ai/DeepSeek-V3"));
}
