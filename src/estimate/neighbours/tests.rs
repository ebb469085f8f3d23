//! Neighbours of answers among the embedded measurements.

use super::*;
use crate::estimate::Estimator;
use crate::estimate::scenario::{BackendChoice, Engine};
use crate::machine::spec::{GpuSpec, MachineSpec};
use crate::model::Catalog;

const LLAMA: &str = "meta-llama/Llama-3.1-8B-Instruct";
const QWEN: &str = "Qwen/Qwen2.5-7B-Instruct";

fn rig(gpus: &[&str], cpu: Option<&str>) -> Rig {
    let spec = MachineSpec {
        gpus: gpus.iter().map(|gpu| GpuSpec::named(*gpu)).collect(),
        cpu: cpu.map(str::to_owned),
        ram_gib: Some(128.0),
        ..MachineSpec::default()
    };
    Rig::from(&spec.resolve().unwrap().machine)
}

fn question(rig: &Rig, id: &str, level: &str, scenario: &Scenario, test: Test) -> Question {
    let catalog = Catalog::embedded();
    let model = catalog.get(catalog.exact(id).unwrap());
    let plan = Estimator::embedded().plan(model, level.parse().unwrap(), scenario, rig).unwrap();
    Question::of(model, scenario, rig, &plan, test).unwrap()
}

fn found(rig: &Rig, id: &str, level: &str, scenario: &Scenario) -> Vec<Neighbour> {
    nearest(&question(rig, id, level, scenario, Test::Decode), 20)
}

#[test]
fn the_same_card_and_model_come_first() {
    let found = found(&rig(&["RTX 4090"], None), QWEN, "Q4_K_M", &Scenario::default());
    let first = found[0].published;
    assert_eq!(found[0].nearness, Nearness::SameModel);
    assert_eq!(first.row.gpu, "NVIDIA GeForce RTX 4090");
    assert_eq!((first.row.quant.as_str(), first.row.backend.as_str()), ("Q4_K_M", "cuda"));
    assert!(first.row.depth.unwrap_or(0) < 1024 && first.row.engine == "llama.cpp");
    let key = |neighbour: &Neighbour| (neighbour.nearness, neighbour.distance);
    assert!(found.is_sorted_by(|a, b| key(a) <= key(b)));
    // What it has in common is what it says.
    for Neighbour { published, nearness, .. } in &found {
        let same_device = published.row.gpu == first.row.gpu;
        let same_model = published.family == first.family;
        match nearness {
            Nearness::SameModel => assert!(same_device && same_model),
            Nearness::SameDevice | Nearness::OtherSize => assert!(same_device && !same_model),
            _ => assert!(!same_device),
        }
    }
}

#[test]
fn a_card_goes_by_the_table_s_name() {
    let mut rig = rig(&["RTX 3060 12 GB"], None);
    // As the driver writes it.
    rig.devices[0].name = "NVIDIA GeForce RTX 3060".to_owned();
    let found = found(&rig, "meta-llama/Llama-3.2-3B-Instruct", "Q4_K_M", &Scenario::default());
    assert_eq!(found[0].published.row.gpu, "NVIDIA GeForce RTX 3060 12 GB");
}

#[test]
fn an_unmeasured_card_has_its_architecture_s_neighbours() {
    let found = found(&rig(&["RTX 3080 Ti"], None), LLAMA, "Q4_K_M", &Scenario::default());
    assert_eq!(found[0].nearness, Nearness::SameArchitecture);
    let ampere = ["3050", "3060", "3070", "3080", "3090", "A4000", "A6000", "A40"];
    assert!(ampere.iter().any(|card| found[0].published.row.gpu.contains(card)), "{:?}", found[0]);
}

#[test]
fn what_is_compared_runs_alike() {
    let run = |rig: &Rig, id: &str, scenario: &Scenario| {
        let question = question(rig, id, "Q4_K_M", scenario, Test::Decode);
        let found = nearest(&question, 40);
        assert!(found.iter().all(|neighbour| neighbour.published.run == question.run));
        (question.run, found)
    };
    let small = rig(&["RTX 4070 Mobile"], Some("AMD Ryzen 9 7950X"));
    let (divided, found) = run(&small, "Qwen/Qwen3.5-35B-A3B", &Scenario::default());
    assert_eq!(divided, Run::Divided);
    assert!(!found.is_empty() && found[0].published.row.placement.contains("cpu"), "{:?}", found.first());

    let (alone, found) = run(&rig(&[], Some("AMD Ryzen 9 7950X")), LLAMA, &Scenario::default());
    assert_eq!(alone, Run::Processor);
    assert!(found[0].published.row.cpu.contains("7950X"), "{:?}", found[0]);

    let several = Scenario { concurrency: 16, parallel: 16, ..Scenario::default() };
    let (_, found) = run(&rig(&["RTX 4090"], None), LLAMA, &several);
    assert!(found.iter().all(|neighbour| neighbour.published.row.requests.unwrap_or(1) > 1));
}

#[test]
fn software_comes_before_quantization() {
    let card = rig(&["Radeon 8060S"], None);
    for (backend, name) in [(BackendChoice::Vulkan, "vulkan"), (BackendChoice::Rocm, "rocm")] {
        let scenario = Scenario { backend, ..Scenario::default() };
        let found = found(&card, "Qwen/Qwen3.5-35B-A3B", "Q4_K_M", &scenario);
        assert_eq!(found[0].nearness, Nearness::SameModel);
        assert_eq!(found[0].published.row.backend, name);
    }
    let mlx = Scenario { engine: Engine::Mlx, ..Scenario::default() };
    let found = found(&rig(&["Apple M3 Ultra (80-core GPU)"], None), "Qwen/Qwen3-8B", "MLX-4bit-g64", &mlx);
    assert_eq!(found[0].published.row.engine, "mlx");
}

#[test]
fn skipped_rows_are_never_shown_and_repeats_are_one() {
    let index = index::Index::embedded();
    assert!(index.all().iter().all(|published| published.row.skip.is_empty()));
    let rows: u32 = index.all().iter().map(|published| published.count).sum();
    let used = crate::estimate::calibration::measurements().iter().filter(|row| row.skip.is_empty()).count();
    assert_eq!(rows as usize, used);
    assert!(index.all().len() < used, "some were measured several times");
    assert!(index.all().iter().all(|published| !published.row.source().is_empty()));
}

#[test]
fn marks_are_this_model_on_this_card_alone() {
    let card = rig(&["RTX 4090"], None);
    let question = question(&card, QWEN, "Q4_K_M", &Scenario::default(), Test::Decode);
    let marks = on_curve(&question, 24);
    assert!(!marks.is_empty());
    for mark in &marks {
        assert_eq!((mark.row.gpu.as_str(), mark.row.backend.as_str()), ("NVIDIA GeForce RTX 4090", "cuda"));
        assert!((mark.bits - question.bits).abs() <= 0.16, "{:?}", mark.row);
        assert!(mark.row.test == Test::Decode && mark.family == question.family);
    }
    assert!(marks.is_sorted_by(|a, b| depth_of(a.row) <= depth_of(b.row)));
}

#[test]
fn prompts_have_neighbours_of_their_own() {
    let card = rig(&["RTX 4090"], None);
    let question = question(&card, QWEN, "Q4_K_M", &Scenario::default(), Test::Prefill);
    let found = nearest(&question, 5);
    assert_eq!(found.len(), 5);
    assert!(found.iter().all(|neighbour| neighbour.published.row.test == Test::Prefill));
}
