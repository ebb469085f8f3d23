//! Evidence of real answers.

use super::*;
use crate::app::testing::{with_rtx_4090, without_gpu};
use crate::estimate::scenario::Engine;
use crate::machine::Machine;

const QWEN: &str = "Qwen/Qwen2.5-7B-Instruct";

fn ask(machine: &Machine, id: &str, level: &str, own: Vec<Measurement>) -> Evidence {
    let catalog = Catalog::embedded();
    let model = catalog.exact(id).unwrap();
    let (scenario, rig) = (Scenario::default(), Rig::from(machine));
    let level = level.parse().unwrap();
    let plan = Estimator::embedded().plan(catalog.get(model), level, &scenario, &rig).unwrap();
    let own = own.into_iter().enumerate().map(|(id, row)| (id as u64, row)).collect();
    let catalog = std::sync::Arc::clone(Catalog::embedded_shared());
    Evidence::find(Estimator::embedded(), &Ask { catalog, model, scenario, rig, plan, own })
}

fn own(id: &str, level: &str, n_gen: u32, rate: f64) -> Measurement {
    let mut row = Measurement::new(id, Engine::LlamaCpp, measured::Test::Decode, rate);
    (row.model, row.level, row.n_gen) = (Some(id.to_owned()), Some(level.parse().unwrap()), n_gen);
    row.place.gpus = vec!["NVIDIA GeForce RTX 4090".to_owned()];
    row.date = Some("2026-05-04T10:00:00Z".to_owned());
    row
}

#[test]
fn a_measured_model_has_marks_and_sources() {
    let evidence = ask(&with_rtx_4090(22.0), QWEN, "Q4_K_M", Vec::new());
    assert!(evidence.decode.len() == DECODE_ROWS && !evidence.prompt.is_empty());
    let first = &evidence.decode[0];
    assert!(first.title.starts_with("RTX 4090, ") && first.title.ends_with("Q4_K_M"), "{}", first.title);
    assert!(first.rate.ends_with(" tok/s") && first.source.starts_with("https://"));
    assert!(first.conditions.contains("llama.cpp CUDA"), "{}", first.conditions);
    assert_eq!(first.nearness, "this device, this model");
    assert!(!evidence.marks.is_empty() && evidence.marks.iter().all(|mark| mark.series.contains("Q4_K")));
    assert!(evidence.note.starts_with("◇ measured with this model on this device; the range holds "));
    assert_eq!(evidence.lines().len(), 4);
    // Most predictions of neighbours hold what was measured; the fit has seen them.
    let held: Vec<bool> = evidence.decode.iter().filter_map(|row| row.is_held).collect();
    assert!(held.iter().filter(|held| **held).count() * 10 >= held.len() * 7, "{held:?}");
}

#[test]
fn without_a_measurement_of_the_model_the_nearest_are_counted() {
    let evidence =
        ask(&with_rtx_4090(22.0), "mistralai/Mistral-Small-24B-Instruct-2501", "Q4_K_M", Vec::new());
    assert!(evidence.marks.is_empty());
    assert!(evidence.note.starts_with("Not measured with this model on this device; of the "));
}

#[test]
fn a_machine_without_a_gpu_has_evidence_of_processors() {
    let evidence = ask(&without_gpu(), QWEN, "Q4_K_M", Vec::new());
    assert!(evidence.decode.iter().all(|row| !row.title.contains("RTX")), "{:?}", evidence.decode);
}

#[test]
fn own_measurements_come_first_and_those_alike_stand_beside_the_curve() {
    let rows = vec![
        own(QWEN, "Q4_K_M", 128, 120.0),
        own(QWEN, "Q8_0", 128, 80.0),
        own("Qwen/Qwen3-14B", "Q4_K_M", 128, 70.0),
    ];
    let evidence = ask(&with_rtx_4090(22.0), QWEN, "Q4_K_M", rows);
    let ids: Vec<Option<u64>> = evidence.own.iter().map(|row| row.own).collect();
    assert_eq!(ids, [Some(1), Some(0)], "newest first, this model's");
    assert_eq!(evidence.own_elsewhere, 1);
    assert_eq!(evidence.own[1].rate, "120 tok/s");
    assert!(evidence.own[1].predicted.as_ref().unwrap().starts_with("predicted "));
    assert!(evidence.own[1].conditions.ends_with("2026-05-04"), "{}", evidence.own[1].conditions);
    let own: Vec<&Mark> = evidence.marks.iter().filter(|mark| mark.is_own).collect();
    assert_eq!(own.len(), 1, "the other quantization is as fast as another curve says");
    assert_eq!((own[0].rate, own[0].depth), (120.0, 64.0));
    assert!(evidence.lines()[0].starts_with("yours, "));
}
