//! The search for a placement against trying every one, and what stands beside its answer.

use plimsoll::estimate::rig::{Device, Host, Rig};
use plimsoll::estimate::scenario::{PlacementRequest, Scenario};
use plimsoll::estimate::{Alternatives, Estimator, FitClass};
use plimsoll::machine::{Os, Vendor};
use plimsoll::model::{Catalog, Model};
use plimsoll::quant::Level;
use plimsoll::units::{Bytes, GIB};

/// Room that a partial placement leaves on a card of 20 GiB and more.
const SPARE: i64 = GIB.cast_signed();

fn card(name: &str, architecture: &str, free_gib: f64, bandwidth_gbs: f64) -> Device {
    Device {
        name: name.to_owned(),
        vendor: Vendor::Nvidia,
        architecture: Some(architecture.to_owned()),
        compute_units: Some(64),
        // So that 1 GiB, not 5 %, is what all leave free.
        capacity: Bytes(48 * GIB),
        free: Bytes::from_gib(free_gib),
        free_is_known: true,
        bandwidth_gbs: Some(bandwidth_gbs),
        fp16_tflops: Some(71.0),
        unified: false,
        power_watts: None,
        ..Device::default()
    }
}

fn rig(devices: Vec<Device>) -> Rig {
    Rig {
        devices,
        host: Host {
            cpu: None,
            threads: Some(8),
            capacity: Bytes(256 * GIB),
            free: Bytes(256 * GIB),
            bandwidth_gbs: 51.2,
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

/// Every placement on one or two cards: layers, experts in RAM, cut, order; its seconds a token and what it is.
fn every_placement(model: &Model, level: Level, base: &Scenario, rig: &Rig) -> Vec<(f64, FitClass, String)> {
    let blocks = model.n_layer;
    let orders: Vec<Vec<usize>> =
        if rig.devices.len() == 1 { vec![vec![0]] } else { vec![vec![0], vec![1], vec![0, 1], vec![1, 0]] };
    let mut found = Vec::new();
    let placement =
        PlacementRequest { gpu_layers: Some(0), cpu_moe_layers: Some(0), ..PlacementRequest::default() };
    let alone = Scenario { placement, ..base.clone() };
    let alone = Estimator::embedded().brief(model, level, &alone, rig).unwrap();
    // Beside a part on a card, the processor alone is one more way with RAM.
    found.push((1.0 / alone.decode.unwrap().p50, FitClass::Offload, "the processor alone".to_owned()));
    for order in &orders {
        for layers in 1..=blocks + 1 {
            let first = blocks + 1 - layers;
            // Below the first layer on a card its experts are in RAM anyway.
            let most_moe = if model.is_moe() { blocks } else { 0 };
            for moe in std::iter::once(0).chain(first + 1..=most_moe) {
                let cuts: Vec<f64> = if order.len() == 1 {
                    vec![f64::from(layers)]
                } else {
                    (1..layers).map(f64::from).collect()
                };
                for cut in cuts {
                    let split = vec![cut, f64::from(layers) - cut];
                    let placement = PlacementRequest {
                        gpu_layers: Some(layers),
                        cpu_moe_layers: Some(moe),
                        tensor_split: (order.len() == 2).then_some(split),
                        devices: Some(order.clone()),
                    };
                    let what = format!("{placement:?}");
                    let scenario = Scenario { placement, ..base.clone() };
                    let brief = Estimator::embedded().brief(model, level, &scenario, rig).unwrap();
                    let is_whole = brief.class <= FitClass::Tight;
                    if brief.margin_bytes < 0 || (!is_whole && brief.margin_bytes < SPARE) {
                        continue;
                    }
                    found.push((1.0 / brief.decode.unwrap().p50, brief.class, what));
                }
            }
        }
    }
    found
}

/// The search's answer takes no more than a hundredth longer than the best of all placements of its class.
fn check(name: &str, level: &str, context: u32, rig: &Rig) {
    let (model, level): (_, Level) = (model(name), level.parse().unwrap());
    let scenario = Scenario { context, depth: context, ..Scenario::default() };
    let found = Estimator::embedded().plan(model, level, &scenario, rig).unwrap();
    let all = every_placement(model, level, &scenario, rig);
    let best_class = all.iter().map(|(_, class, _)| *class).min().unwrap();
    let class = if found.fit.class == FitClass::Cpu { FitClass::Offload } else { found.fit.class };
    assert_eq!(class, best_class, "{name} {level}: {:?}", found.placement);
    let best =
        all.iter().filter(|(_, class, _)| *class == best_class).min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
    let ours = 1.0 / found.speed.decode.unwrap().p50;
    assert!(
        ours <= best.0 * 1.01,
        "{name} {level} at {context}: {:.3} ms by {:?}, but {:.3} ms by {}",
        1e3 * ours,
        found.placement,
        1e3 * best.0,
        best.2
    );
}

#[test]
fn nothing_is_faster_on_one_card() {
    for free in [2.0, 4.0, 7.5, 12.0, 30.0] {
        let rig = rig(vec![card("A", "Ampere", free, 936.0)]);
        check("openai/gpt-oss-20b", "NATIVE", 8192, &rig);
        check("meta-llama/Llama-3.2-3B-Instruct", "Q8_0", 32_768, &rig);
    }
}

#[test]
fn nothing_is_faster_on_two_unequal_cards() {
    for (fast, slow) in [(5.0, 4.0), (8.0, 3.0), (3.0, 7.0), (10.0, 20.0)] {
        let rig = rig(vec![card("slow", "Turing", slow, 336.0), card("fast", "Ada", fast, 1008.0)]);
        check("openai/gpt-oss-20b", "NATIVE", 8192, &rig);
        check("google/gemma-3-4b-it", "BF16", 65_536, &rig);
    }
}

/// Newer layers are cheaper, older memory is wider: no card beats the other in everything.
#[test]
fn nothing_is_faster_where_each_card_is_better_at_something() {
    let rig = rig(vec![card("wide", "Pascal", 6.0, 1400.0), card("new", "Blackwell", 6.0, 448.0)]);
    check("openai/gpt-oss-20b", "NATIVE", 4096, &rig);
    check("google/gemma-3-4b-it", "Q4_K_M", 32_768, &rig);
}

#[test]
fn three_cards_are_used_as_far_as_they_help() {
    let cards = || {
        vec![card("C", "Turing", 7.0, 336.0), card("A", "Ada", 7.0, 1008.0), card("B", "Ampere", 7.0, 760.0)]
    };
    let rig = rig(cards());
    let plan = |level: &str| {
        let scenario = Scenario::default();
        let level = level.parse().unwrap();
        Estimator::embedded().plan(model("Qwen/Qwen3-8B"), level, &scenario, &rig).unwrap()
    };
    let alone = plan("Q3_K_M");
    assert_eq!(alone.placement.devices.as_deref(), Some(&[1][..]), "the fastest holds it");
    let pair = plan("Q6_K");
    let mut devices = pair.placement.devices.clone().unwrap();
    devices.sort_unstable();
    assert_eq!(devices, [1, 2], "the two fastest hold it");
    let all = plan("Q8_0");
    assert!(all.fit.class <= FitClass::Tight);
    assert!(all.memory.devices[1].weights > all.memory.devices[0].weights, "the fastest holds more");
}

fn alternatives(name: &str, level: &str, rig: &Rig) -> Alternatives {
    let level = level.parse().unwrap();
    Estimator::embedded().alternatives(model(name), level, &Scenario::default(), rig).unwrap()
}

#[test]
fn what_is_chosen_beats_what_stands_beside_it() {
    for gpus in [vec![8.0], vec![24.0], vec![24.0, 12.0]] {
        let cards = gpus.iter().zip(["A", "B"]).map(|(free, name)| card(name, "Ampere", *free, 900.0));
        let rig = rig(cards.collect());
        for name in ["Qwen/Qwen3-30B-A3B", "meta-llama/Llama-3.3-70B-Instruct", "Qwen/Qwen3-8B"] {
            let found = alternatives(name, "Q4_K_M", &rig);
            let rate = |decode: Option<plimsoll::estimate::Range>| decode.map_or(0.0, |range| range.p50);
            let chosen = rate(found.chosen.decode);
            let runner_up = found.runner_up.expect("something else always runs with so much RAM");
            assert_ne!(runner_up.what, found.chosen.what);
            if found.chosen.class == FitClass::Offload {
                assert!(chosen >= rate(runner_up.decode), "{name} on {gpus:?}");
                let usual = found.engine_default.unwrap();
                assert!(chosen >= 0.98 * rate(usual.decode), "{name} on {gpus:?}: {usual:?}");
            }
            assert!(found.reason.ends_with('.'), "{}", found.reason);
        }
    }
}

/// llama.cpp leaves 1 GiB free on each card, whatever it does.
#[test]
fn llama_cpp_by_itself_keeps_its_target() {
    for free in [[8.0, 6.0], [14.0, 10.0], [40.0, 40.0]] {
        let rig = rig(vec![card("A", "Ada", free[0], 1008.0), card("B", "Turing", free[1], 336.0)]);
        for name in ["Qwen/Qwen3-30B-A3B", "Qwen/Qwen3-14B", "openai/gpt-oss-20b"] {
            let usual = alternatives(name, "Q4_K_M", &rig).engine_default.unwrap();
            for (parts, device) in usual.memory.devices.iter().zip(&rig.devices) {
                assert!(parts.total() + Bytes(GIB) <= device.free, "{name} on {free:?}: {}", usual.what);
            }
            assert!(usual.decode.is_some());
        }
    }
}

/// A partial placement leaves 1 GiB free on a card, but not where RAM is what lacks.
#[test]
fn where_ram_lacks_a_card_is_used_to_the_last_byte() {
    let mut rig = rig(vec![card("A", "Ampere", 12.0, 900.0)]);
    let plan = |rig: &Rig| {
        let level = "Q4_K_M".parse().unwrap();
        let model = model("meta-llama/Llama-3.3-70B-Instruct");
        Estimator::embedded().plan(model, level, &Scenario::default(), rig).unwrap()
    };
    let easy = plan(&rig);
    assert_eq!(easy.fit.class, FitClass::Offload);
    assert!(easy.fit.margin_bytes >= SPARE);
    rig.host.free = easy.memory.host.total() - Bytes(GIB / 4);
    let hard = plan(&rig);
    assert_eq!(hard.fit.class, FitClass::Offload, "{}", hard.fit.reason);
    assert!(hard.fit.margin_bytes < SPARE);
    assert!(hard.memory.host.total() <= rig.host.free);
}

#[test]
fn without_a_gpu_there_is_no_choice() {
    let found = alternatives("Qwen/Qwen3-8B", "Q4_K_M", &rig(Vec::new()));
    assert_eq!(found.chosen.what, "everything on the processor");
    assert_eq!((found.runner_up, found.engine_default), (None, None));
}
