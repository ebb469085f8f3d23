//! The memory plan against plans that llama.cpp printed.

use std::sync::LazyLock;

use plimsoll::estimate::Estimator;
use plimsoll::estimate::plan::{Parts, Plan};
use plimsoll::estimate::rig::{Device, Host, Rig};
use plimsoll::estimate::scenario::{CacheType, OutputRows, PlacementRequest, Scenario};
use plimsoll::machine::{Os, Vendor};
use plimsoll::model::Catalog;
use plimsoll::quant::Level;
use plimsoll::units::{Bytes, GIB};

/// One printed plan and ours. Each triple is weights, context, graph buffer.
struct Row {
    label: String,
    plan: Plan,
    kind: Kind,
    host: [u64; 3],
    devices: Vec<[u64; 3]>,
}

/// How the graph buffers of a row are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Processor,
    /// One device with all layers: flash attention with a cache in 16 bits, in fewer, or none.
    Flash,
    FlashQuantized,
    NoFlash,
    /// Partial offload, experts in main memory, two devices.
    Other,
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
        own: None,
    }
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let estimator = Estimator::default();
    let mut model = ("", false);
    let mut rows = Vec::new();
    for line in include_str!("../data/memory_plans.csv").lines() {
        if let Some(next) = line.strip_prefix("@ ") {
            let (name, mtp) = next.split_once(' ').unwrap();
            model = (name, mtp == "1");
        } else if !line.starts_with('#') {
            rows.push(row(&estimator, model, line));
        }
    }
    rows
});

fn row(estimator: &Estimator, (name, mtp_in_file): (&str, bool), line: &str) -> Row {
    let cells: Vec<&str> = line.split(',').collect();
    let number = |index: usize| cells[index].parse::<u64>().unwrap();
    let cache: CacheType = serde_json::from_value(cells[5].into()).unwrap();
    let model = Catalog::embedded().find(name).map(|id| Catalog::embedded().get(id)).unwrap();
    let level: Level = cells[0].parse().unwrap();
    let (gpus, gpu_layers, cpu_moe) = (number(1) as usize, number(2) as u32, number(3) as u32);
    let (flash_attention, mtp) = (number(6) == 1, number(11) == 1);
    // MTP layers that a file holds take their places among the layers, loaded or not; the scenario only
    // knows files whose MTP layers are loaded.
    let silent = if mtp_in_file && !mtp && gpu_layers < 900 { model.mtp_layers } else { 0 };
    let scenario = Scenario {
        context: number(4) as u32,
        cache_k: cache,
        cache_v: cache,
        flash_attention,
        parallel: number(7) as u32,
        unified_kv: number(8) == 1,
        ubatch: number(9) as u32,
        swa_full: number(10) == 1,
        mtp,
        output_rows: OutputRows::Bench,
        imatrix: false,
        placement: PlacementRequest {
            gpu_layers: Some(gpu_layers.saturating_sub(silent)),
            cpu_moe_layers: Some(cpu_moe),
            ..PlacementRequest::default()
        },
        ..Scenario::default()
    };
    let plan = estimator.plan(model, level, &scenario, &rig(gpus)).unwrap();
    let kind = match (gpus, gpu_layers, cpu_moe) {
        (0, ..) => Kind::Processor,
        (1, 999, 0) if !flash_attention => Kind::NoFlash,
        (1, 999, 0) if cache == CacheType::F16 => Kind::Flash,
        (1, 999, 0) => Kind::FlashQuantized,
        _ => Kind::Other,
    };
    let triple = |at: usize| [number(at), number(at + 1), number(at + 2)];
    let mut host = triple(13);
    // llama.cpp counts what it repacks for the processor apart from the file's own layout.
    host[0] += number(12);
    let devices = (0..gpus).map(|gpu| triple(16 + 3 * gpu)).collect();
    Row { label: format!("{name},{line}"), plan, kind, host, devices }
}

/// Ours and theirs of every place of every row.
fn places() -> impl Iterator<Item = (&'static Row, Parts, [u64; 3])> {
    ROWS.iter().flat_map(|row| {
        let ours = std::iter::once(row.plan.memory.host).chain(row.plan.memory.devices.iter().copied());
        let theirs = std::iter::once(row.host).chain(row.devices.iter().copied());
        ours.zip(theirs).map(move |(ours, theirs)| (row, ours, theirs))
    })
}

/// Relative error of `ours`, low where it is negative.
fn error(ours: Bytes, theirs: u64) -> f64 {
    if theirs == 0 { ours.gib() } else { (ours.0 as f64 - theirs as f64) / theirs as f64 }
}

/// Errors with what they are of, the largest first.
struct Errors(Vec<(f64, String)>);

impl Errors {
    fn new(errors: impl Iterator<Item = (f64, String)>) -> Self {
        let mut errors: Vec<_> = errors.collect();
        errors.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
        assert!(!errors.is_empty());
        Self(errors)
    }

    /// Holds mean, 95th percentile, and the share of rows that are low by more than a tenth.
    fn hold(&self, name: &str, mean: f64, p95: f64, low: f64) {
        let count = self.0.len();
        let our_mean = self.0.iter().map(|(error, _)| error.abs()).sum::<f64>() / count as f64;
        let our_p95 = self.0[count * 5 / 100].0.abs();
        let our_low = self.0.iter().filter(|(error, _)| *error < -0.1).count() as f64 / count as f64;
        println!("{name}: {count} rows, mean {our_mean:.5}, 95th {our_p95:.5}, low {our_low:.5}");
        assert!(
            our_mean <= mean && our_p95 <= p95 && our_low <= low,
            "{name}: mean {our_mean:.4}, 95th {our_p95:.4}, low {our_low:.4}; worst {:#?}",
            &self.0[..count.min(10)]
        );
    }
}

fn buffers(kind: Kind, device: bool) -> Errors {
    Errors::new(ROWS.iter().filter(|row| row.kind == kind).flat_map(|row| {
        let places: Vec<(Bytes, u64)> = if device {
            let ours = row.plan.memory.devices.iter().map(|parts| parts.compute);
            ours.zip(row.devices.iter().map(|theirs| theirs[2])).collect()
        } else {
            vec![(row.plan.memory.host.compute, row.host[2])]
        };
        places.into_iter().map(|(ours, theirs)| (error(ours, theirs), row.label.clone()))
    }))
}

#[test]
fn all_plans_are_read() {
    assert_eq!(ROWS.len(), 6913);
}

#[test]
fn caches_are_exact() {
    let errors = Errors::new(
        places().map(|(row, ours, theirs)| (error(ours.kv + ours.recurrent, theirs[1]), row.label.clone())),
    );
    errors.hold("cache and state", 1e-5, 1e-6, 0.0);
    assert!(errors.0[0].0.abs() <= 0.0006, "{:#?}", &errors.0[..10]);
}

#[test]
fn weights_are_exact() {
    let count = places().count();
    let off: Vec<_> =
        places().filter(|(_, ours, theirs)| ours.weights.0.abs_diff(theirs[0]) > 4096).collect();
    assert!(off.len() * 50 <= count, "{} of {count} off by more than 4 KiB", off.len());
    let errors =
        Errors::new(places().map(|(row, ours, theirs)| (error(ours.weights, theirs[0]), row.label.clone())));
    assert!(errors.0[0].0.abs() <= 1e-5, "{:#?}", &errors.0[..10]);
}

/// The bars are far above what the rules reach: one device and the processor are met to the alignment of
/// single tensors.
#[test]
fn graph_buffers_of_one_device_are_met() {
    buffers(Kind::Flash, true).hold("flash attention, f16", 0.001, 0.001, 0.0);
    buffers(Kind::FlashQuantized, true).hold("flash attention, quantized cache", 0.001, 0.001, 0.0);
    buffers(Kind::NoFlash, true).hold("no flash attention", 0.001, 0.001, 0.0);
    for kind in [Kind::Flash, Kind::FlashQuantized, Kind::NoFlash] {
        buffers(kind, false).hold("host", 0.001, 0.001, 0.0);
    }
    buffers(Kind::Processor, false).hold("processor alone", 0.001, 0.001, 0.0);
}

#[test]
fn graph_buffers_of_other_placements_are_close() {
    buffers(Kind::Other, true).hold("other placements", 0.02, 0.10, 0.02);
    buffers(Kind::Other, false).hold("host of other placements", 0.002, 0.002, 0.0);
}
