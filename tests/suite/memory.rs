//! The memory plan against plans that llama.cpp printed.

use plimsoll::estimate::Estimator;
use plimsoll::estimate::plan::{Parts, Plan};
use plimsoll::estimate::rig::{Device, Host, Rig};
use plimsoll::estimate::scenario::{CacheType, OutputRows, PlacementRequest, Scenario};
use plimsoll::machine::{Os, Vendor};
use plimsoll::model::Catalog;
use plimsoll::quant::Level;
use plimsoll::units::{Bytes, GIB};

struct Row {
    label: String,
    plan: Plan,
    host: [u64; 3],
    devices: Vec<[u64; 3]>,
    plain: bool,
}

fn rig(gpus: usize) -> Rig {
    let memory = Bytes(2000 * GIB);
    let device = Device {
        name: "simulated".to_owned(),
        vendor: Vendor::Nvidia,
        architecture: None,
        compute_units: Some(0),
        capacity: memory,
        free: memory,
        free_is_known: true,
        bandwidth_gbs: Some(1000.0),
        fp16_tflops: None,
        unified: false,
        power_watts: None,
        ..Device::default()
    };
    Rig {
        devices: vec![device; gpus],
        host: Host {
            cpu: None,
            threads: Some(8),
            capacity: memory,
            free: memory,
            bandwidth_gbs: 80.0,
            bandwidth_is_assumed: false,
            ..Host::default()
        },
        os: Os::Linux,
        unused: Vec::new(),
    }
}

fn rows() -> Vec<Row> {
    let text = include_str!("../data/memory_plans.csv");
    let estimator = Estimator::default();
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let number = |index: usize| cells[index].parse::<u64>().unwrap();
            let cache = |name: &str| -> CacheType { serde_json::from_value(name.into()).unwrap() };
            let model = Catalog::embedded().find(cells[0]).map(|id| Catalog::embedded().get(id)).unwrap();
            let level: Level = cells[1].parse().unwrap();
            let gpus = number(2) as usize;
            let scenario = Scenario {
                context: number(5) as u32,
                cache_k: cache(cells[6]),
                cache_v: cache(cells[7]),
                flash_attention: number(8) == 1,
                parallel: number(9) as u32,
                unified_kv: number(10) == 1,
                ubatch: number(11) as u32,
                swa_full: number(12) == 1,
                output_rows: OutputRows::Bench,
                imatrix: false,
                placement: PlacementRequest {
                    gpu_layers: Some(number(3) as u32),
                    cpu_moe_layers: Some(number(4) as u32),
                    ..PlacementRequest::default()
                },
                ..Scenario::default()
            };
            let plan = estimator.plan(model, level, &scenario, &rig(gpus)).unwrap();
            Row {
                label: line.to_owned(),
                plan,
                host: [number(13), number(14), number(15)],
                devices: (0..gpus)
                    .map(|gpu| [number(16 + 3 * gpu), number(17 + 3 * gpu), number(18 + 3 * gpu)])
                    .collect(),
                plain: number(8) == 1 && cells[6] == "f16" && number(3) == 999 && number(4) == 0 && gpus == 1,
            }
        })
        .collect()
}

fn error(ours: Bytes, theirs: u64) -> f64 {
    if theirs == 0 { ours.gib() } else { (ours.0 as f64 - theirs as f64) / theirs as f64 }
}

fn parts(row: &Row) -> Vec<(Parts, [u64; 3])> {
    let mut parts = vec![(row.plan.memory.host, row.host)];
    parts.extend(row.plan.memory.devices.iter().copied().zip(row.devices.iter().copied()));
    parts
}

/// The worst row of each kind, for the message of a failing test.
fn worst(rows: &[Row], index: usize, ours: impl Fn(&Parts) -> Bytes) -> Vec<(f64, String)> {
    let mut errors: Vec<(f64, String)> = rows
        .iter()
        .flat_map(|row| {
            parts(row).into_iter().map(|(part, truth)| {
                let ours = ours(&part);
                (
                    error(ours, truth[index]).abs(),
                    format!("{} | ours {} theirs {}", row.label, ours.0, truth[index]),
                )
            })
        })
        .collect();
    errors.sort_by(|a, b| b.0.total_cmp(&a.0));
    errors
}

#[test]
fn caches_are_exact() {
    let rows = rows();
    assert!(rows.len() > 1500, "{} rows", rows.len());
    let errors = worst(&rows, 1, |part| part.kv + part.recurrent);
    assert!(errors[0].0 <= 0.0006, "{:#?}", &errors[..10]);
}

#[test]
fn weights_are_exact() {
    let errors = worst(&rows(), 0, |part| part.weights);
    let off: Vec<_> = errors.iter().filter(|(error, _)| *error > 1e-5).collect();
    assert!(off.is_empty(), "{} of {}: {:#?}", off.len(), errors.len(), &off[..off.len().min(20)]);
}

#[test]
fn graph_buffers_are_close() {
    let rows = rows();
    let plain: Vec<Row> = rows.into_iter().filter(|row| row.plain).collect();
    let mut errors: Vec<(f64, String)> = plain
        .iter()
        .map(|row| {
            let ours = row.plan.memory.devices[0].compute;
            (error(ours, row.devices[0][2]).abs(), row.label.clone())
        })
        .collect();
    errors.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mean = errors.iter().map(|(error, _)| error).sum::<f64>() / errors.len() as f64;
    let p95 = errors[errors.len() * 95 / 100].0;
    let worst = &errors[errors.len() - 10..];
    assert!(mean <= 0.015 && p95 <= 0.11, "mean {mean:.4} p95 {p95:.4} {worst:#?}");
}
