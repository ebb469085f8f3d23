//! What a window does at once: load the catalog, answer a column, answer the whole matrix.
//!
//! `cargo bench`

use divan::{Bencher, black_box};

use plimsoll::estimate::rig::{Device, Host, Rig};
use plimsoll::estimate::{Estimator, Scenario};
use plimsoll::machine::{Os, Vendor};
use plimsoll::model::Catalog;
use plimsoll::quant::{FileType, Level};
use plimsoll::units::{Bytes, GIB};

fn main() {
    divan::main();
}

fn rig() -> Rig {
    Rig {
        devices: vec![Device {
            name: "NVIDIA GeForce RTX 4090".to_owned(),
            vendor: Vendor::Nvidia,
            architecture: Some("Ada".to_owned()),
            compute_units: Some(128),
            capacity: Bytes(24 * GIB),
            free: Bytes(23 * GIB),
            free_is_known: true,
            bandwidth_gbs: Some(1008.0),
            fp16_tflops: Some(165.2),
            unified: false,
            power_watts: Some(450.0),
            ..Device::default()
        }],
        host: Host {
            cpu: None,
            threads: Some(16),
            capacity: Bytes(64 * GIB),
            free: Bytes(58 * GIB),
            bandwidth_gbs: 83.2,
            bandwidth_is_assumed: false,
            ..Host::default()
        },
        os: Os::Linux,
        unused: Vec::new(),
    }
}

/// All base models at `levels`.
fn answer(estimator: &Estimator, levels: &[Level], rig: &Rig) -> usize {
    let scenario = Scenario { context: 16_384, depth: 16_384, ..Scenario::default() };
    let catalog = Catalog::embedded();
    let bases = catalog.bases().iter().map(|base| catalog.get(base.id));
    bases
        .flat_map(|model| levels.iter().map(move |level| (model, *level)))
        .filter(|(model, level)| estimator.brief(model, *level, &scenario, rig).is_ok())
        .count()
}

#[divan::bench]
fn parse_catalog() -> usize {
    Catalog::parse(black_box(include_str!("../assets/models.jsonl")))
        .map_or(0, |catalog| catalog.models().len())
}

#[divan::bench]
fn first_column(bencher: Bencher<'_, '_>) {
    let rig = rig();
    bencher
        .with_inputs(Estimator::default)
        .bench_values(|estimator| answer(&estimator, &[Level::Gguf(FileType::Q4KM)], &rig));
}

#[divan::bench]
fn column(bencher: Bencher<'_, '_>) {
    let rig = rig();
    answer(Estimator::embedded(), Level::LADDER, &rig);
    bencher.bench(|| answer(Estimator::embedded(), &[Level::Gguf(FileType::Q4KM)], &rig));
}

#[divan::bench]
fn matrix(bencher: Bencher<'_, '_>) {
    let rig = rig();
    answer(Estimator::embedded(), Level::LADDER, &rig);
    bencher.bench(|| answer(Estimator::embedded(), Level::LADDER, &rig));
}
