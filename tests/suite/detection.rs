//! Machines that programs of this kind have read wrongly, with what is right; each case names the thread
//! that reported it. The findings are what the parts of the probe say there.

use plimsoll::machine::probe::{self, findings::Findings};
use plimsoll::machine::{Gpu, Pool};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    id: u32,
    situation: String,
    right: String,
    #[serde(rename = "ref")]
    reference: String,
    findings: Findings,
    expect: Expected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    gpus: Vec<ExpectedGpu>,
    /// Words of each problem.
    #[serde(default)]
    problems: Vec<String>,
    ram_gib: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedGpu {
    /// `*…*`: part of the name.
    name: String,
    pool: Pool,
    /// `null`: must be unknown.
    memory_gib: Option<f64>,
    bandwidth_gbs: Option<f64>,
    free_gib: Option<f64>,
}

fn near(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 0.01 + expected * 1e-3
}

/// What departs from what is right; empty if nothing does.
fn departures(gpu: &Gpu, expected: &ExpectedGpu) -> Vec<String> {
    let mut departures = Vec::new();
    let part = expected.name.strip_prefix('*').and_then(|name| name.strip_suffix('*'));
    let named = part.map_or(gpu.name.value == expected.name, |part| gpu.name.value.contains(part));
    if !named {
        departures.push(format!("named {}", gpu.name.value));
    }
    if gpu.pool != expected.pool {
        departures.push(format!("{} has pool {:?}", gpu.name.value, gpu.pool));
    }
    let memory = gpu.memory_total.as_ref().map(|known| known.value.gib());
    if !matches!((memory, expected.memory_gib), (Some(a), Some(b)) if near(a, b))
        && memory != expected.memory_gib
    {
        departures.push(format!("{} has {memory:?} GiB", gpu.name.value));
    }
    let free = gpu.memory_free.as_ref().map(|known| known.value.gib());
    if expected.free_gib.is_some_and(|gib| !free.is_some_and(|free| near(free, gib))) {
        departures.push(format!("{} has {free:?} GiB free", gpu.name.value));
    }
    let bandwidth = gpu.bandwidth_gbs.as_ref().map(|known| known.value);
    if expected.bandwidth_gbs.is_some_and(|gbs| !bandwidth.is_some_and(|found| near(found, gbs))) {
        departures.push(format!("{} has {bandwidth:?} GB/s", gpu.name.value));
    }
    departures
}

#[test]
fn machines_that_others_read_wrongly() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../data/detection_cases.json")).unwrap();
    assert!(cases.len() >= 20);
    let mut wrong = Vec::new();
    for case in &cases {
        let machine = probe::recorded(&case.findings);
        let mut departures: Vec<String> = machine
            .gpus
            .iter()
            .zip(&case.expect.gpus)
            .flat_map(|(gpu, expected)| departures(gpu, expected))
            .collect();
        if machine.gpus.len() != case.expect.gpus.len() {
            departures.push(format!("{} GPUs", machine.gpus.len()));
        }
        let problems = &machine.problems;
        let said =
            problems.iter().zip(&case.expect.problems).all(|(found, words)| found.reason.contains(words));
        if problems.len() != case.expect.problems.len() || !said {
            departures.push(format!("problems {problems:?}"));
        }
        let ram = machine.ram.as_ref().map(|ram| ram.total.value.gib());
        if case.expect.ram_gib.is_some_and(|gib| !ram.is_some_and(|found| near(found, gib))) {
            departures.push(format!("{ram:?} GiB of RAM"));
        }
        if !departures.is_empty() {
            let Case { id, situation, right, reference, .. } = case;
            wrong.push(format!(
                "{id} ({reference}), {situation}: {}; right is {right}",
                departures.join(", ")
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whole desktops, which also serve for looking at the window: `plimsoll --recorded FILE`.
#[test]
fn recorded_desktops_have_a_card_and_its_figures() {
    for (file, name, bandwidth) in [
        ("rtx-3060-desktop", "NVIDIA GeForce RTX 3060", 360.0),
        ("rtx-4090-desktop", "NVIDIA GeForce RTX 4090", 1008.1),
        ("rtx-4060-8gb-desktop", "NVIDIA GeForce RTX 4060", 272.0),
        ("rtx-3090-rtx-3060-desktop", "NVIDIA GeForce RTX 3090", 936.1),
    ] {
        let path = format!("{}/tests/data/machines/{file}.json", env!("CARGO_MANIFEST_DIR"));
        let machine = plimsoll::machine::probe::recording::read(std::path::Path::new(&path)).unwrap();
        let gpu = &machine.gpus[0];
        assert!(gpu.name.value.contains(name), "{}", gpu.name.value);
        assert!(
            (gpu.bandwidth_gbs.as_ref().unwrap().value - bandwidth).abs() < 0.5,
            "{:?}",
            gpu.bandwidth_gbs
        );
        assert!(gpu.memory_free.is_some() && gpu.table_id.is_some());
        assert!(machine.ram.unwrap().bandwidth_gbs.is_some());
    }
}

#[test]
fn what_is_no_recording_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let read = |text: &str| {
        let path = folder.path().join("machine.json");
        std::fs::write(&path, text).unwrap();
        plimsoll::machine::probe::recording::read(&path).unwrap_err().to_string()
    };
    assert!(read("[]").contains("no JSON object"));
    assert!(read("{\"os\": 3}").contains("no recorded machine"));
    assert!(read(&format!("{{{}}}", " ".repeat(1 << 20))).contains("larger"));
}
