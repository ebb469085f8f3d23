use std::sync::Arc;

use super::*;
use crate::estimate::scenario::Engine;
use crate::machine::spec::{GpuSpec, MachineSpec};
use crate::model::Catalog;

const LLAMA: &str = "meta-llama/Llama-3.1-8B-Instruct";
const QWEN: &str = "Qwen/Qwen3-14B";

fn rig(gpu: &str) -> Rig {
    let spec = MachineSpec { gpus: vec![GpuSpec::named(gpu)], ..MachineSpec::default() };
    Rig::from(&spec.resolve().unwrap().machine)
}

fn model(id: &str) -> &'static Model {
    let catalog = Catalog::embedded();
    catalog.get(catalog.exact(id).unwrap())
}

fn scenario() -> Scenario {
    Scenario { depth: 64, ..Scenario::default() }
}

fn plan(id: &str, level: &str, rig: &Rig, scenario: &Scenario) -> Plan {
    Estimator::embedded().plan(model(id), level.parse().unwrap(), scenario, rig).unwrap()
}

/// A measurement of `factor` times what is predicted.
fn measured(id: &str, level: &str, rig: &Rig, factor: f64) -> Measurement {
    let rate = plan(id, level, rig, &scenario()).speed.decode.unwrap().p50;
    let mut row =
        Measurement::new(id, Engine::LlamaCpp, crate::estimate::measured::Test::Decode, rate * factor);
    row.model = Some(id.to_owned());
    row.level = Some(level.parse().unwrap());
    row.n_gen = 128;
    row.place.gpus = rig.devices.iter().map(|device| device.name.clone()).collect();
    row
}

fn with(rig: &Rig, own: &[Measurement]) -> Rig {
    let here = Here::new(Estimator::embedded(), own, rig).map(Arc::new);
    Rig { own: here, ..rig.clone() }
}

/// How far the middle moved, as a share of what was measured, and the width against what it was.
fn moved(id: &str, level: &str, before: &Rig, after: &Rig, factor: f64) -> (f64, f64) {
    let of = |rig| plan(id, level, rig, &scenario()).speed.decode.unwrap();
    let (before, after) = (of(before), of(after));
    let width = |range: Range| (range.p90 / range.p10).ln();
    ((after.p50 / before.p50).ln() / factor.ln(), width(after) / width(before))
}

#[test]
fn parts_of_a_deviation_are_those_of_the_fit() {
    let all = coefficients();
    for form in ["decode", "prefill", "cpu", "hybrid", "prefill_cpu"] {
        let effect = if form == "hybrid" { "computer" } else { "device" };
        for evidence in [Evidence::SameModel, Evidence::SameDevice, Evidence::SameArchitecture] {
            let parts = Parts::new(all, (form, effect), evidence).unwrap();
            let width = all.spread(form, "evidence", evidence.name()).unwrap();
            let whole = (width / DEVIATIONS).powi(2);
            assert!(parts.device > 0.0 && parts.error > 0.0);
            let off = (parts.lasting() + parts.error) / whole;
            // Where a fit leaves less to a quantization than to an error or a device, these stay as they are.
            assert!(off > 0.999 && (off < 1.001 || parts.level == 0.0), "{form} {evidence:?}: {off}");
        }
    }
    assert_eq!(Parts::new(all, ("nothing", "device"), Evidence::SameModel), None);
}

#[test]
fn a_measurement_says_most_of_itself_and_something_of_its_neighbours() {
    // A card of a measured architecture that was not measured itself.
    let here = rig("RTX 3080 Ti");
    let own = measured(LLAMA, "Q4_K_M", &here, 0.7);
    let after = with(&here, &[own]);
    let (itself, narrow) = moved(LLAMA, "Q4_K_M", &here, &after, 0.7);
    let (level, less_narrow) = moved(LLAMA, "Q8_0", &here, &after, 0.7);
    let (other, least_narrow) = moved(QWEN, "Q4_K_M", &here, &after, 0.7);
    assert!(itself > 0.8 && itself < 1.0, "{itself}");
    assert!(itself > level && level > other && other > 0.1, "{itself} {level} {other}");
    assert!(narrow < 0.6 && narrow < less_narrow && less_narrow < least_narrow && least_narrow < 1.0);
    let basis = |id: &str| {
        let speed = plan(id, "Q4_K_M", &after, &scenario()).speed;
        (speed.evidence, speed.own)
    };
    assert_eq!(basis(LLAMA), (Evidence::MeasuredHere, 1));
    assert_eq!(basis(QWEN), (Evidence::SameArchitecture, 1));
}

#[test]
fn several_models_tell_more_of_the_device_than_one() {
    let here = rig("RTX 3080 Ti");
    let models = ["Qwen/Qwen3-8B", "google/gemma-3-12b-it", LLAMA, "mistralai/Mistral-Nemo-Instruct-2407"];
    let rows: Vec<Measurement> = models.iter().map(|id| measured(id, "Q4_K_M", &here, 0.8)).collect();
    let by = |count: usize| moved(QWEN, "Q5_K_M", &here, &with(&here, &rows[..count]), 0.8);
    let (one, two, four) = (by(1), by(2), by(4));
    assert!(one.0 < two.0 && two.0 < four.0 && four.0 < 1.0, "{one:?} {two:?} {four:?}");
    assert!(one.1 > two.1 && two.1 > four.1, "{one:?} {two:?} {four:?}");
}

#[test]
fn one_model_far_off_hardly_moves_the_others() {
    let here = rig("RTX 3080 Ti");
    let shift = |factor: f64| {
        let after = with(&here, &[measured(LLAMA, "Q4_K_M", &here, factor)]);
        moved(QWEN, "Q4_K_M", &here, &after, factor).0
    };
    assert!(shift(0.1) < 0.6 * shift(0.8), "{} {}", shift(0.1), shift(0.8));
}

#[test]
fn other_backends_kinds_of_runs_and_machines_are_not_spoken_for() {
    let here = rig("RTX 3080 Ti");
    let after = with(&here, &[measured(LLAMA, "Q4_K_M", &here, 0.7)]);
    let decode = |rig: &Rig, scenario: &Scenario| plan(LLAMA, "Q4_K_M", rig, scenario).speed;
    for scenario in [
        Scenario { concurrency: 4, parallel: 4, ..scenario() },
        Scenario { backend: BackendChoice::Vulkan, ..scenario() },
        Scenario {
            placement: crate::estimate::scenario::PlacementRequest {
                gpu_layers: Some(10),
                ..Default::default()
            },
            ..scenario()
        },
    ] {
        assert_eq!(decode(&after, &scenario), decode(&here, &scenario));
    }
    let other = rig("RTX 4090");
    let foreign = Rig { own: after.own.clone(), ..other.clone() };
    assert_eq!(decode(&foreign, &scenario()), decode(&other, &scenario()));
    // Neither does a mix of prompts and answers speak for either.
    let mut served = measured(LLAMA, "Q4_K_M", &here, 0.7);
    served.test = crate::estimate::measured::Test::Served;
    assert_eq!(with(&here, &[served]).own, None);
}

#[test]
fn tables_show_what_the_detail_shows() {
    let here = rig("RTX 3080 Ti");
    let after = with(&here, &[measured(LLAMA, "Q4_K_M", &here, 0.7)]);
    for (id, level) in [(LLAMA, "Q4_K_M"), (LLAMA, "Q6_K"), (QWEN, "Q4_K_M")] {
        let level = level.parse().unwrap();
        let brief = Estimator::embedded().brief(model(id), level, &scenario(), &after).unwrap();
        let plan = Estimator::embedded().plan(model(id), level, &scenario(), &after).unwrap();
        assert_eq!(brief.decode, plan.speed.decode);
    }
}

#[test]
fn a_prompt_s_rate_moves_the_first_token() {
    let here = rig("RTX 3080 Ti");
    let scenario = scenario();
    let before = plan(LLAMA, "Q4_K_M", &here, &scenario).speed;
    let mut row = measured(LLAMA, "Q4_K_M", &here, 1.0);
    row.test = crate::estimate::measured::Test::Prefill;
    (row.n_prompt, row.n_gen) = (512, 0);
    row.tokens_per_second = before.prefill.unwrap().p50 * 0.5;
    let after = plan(LLAMA, "Q4_K_M", &with(&here, &[row]), &scenario).speed;
    assert_eq!(after.decode, before.decode);
    let (old, new) = (before.ttft.unwrap(), after.ttft.unwrap());
    assert!(new.p50 > 1.4 * old.p50 && new.p10 < new.p50 && new.p50 < new.p90, "{old:?} {new:?}");
    assert!(after.output.unwrap().p50 < before.output.unwrap().p50);
    assert_eq!(after.prompt_evidence, Evidence::MeasuredHere);
}
