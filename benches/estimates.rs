//! What a window does at once: load the catalog, answer a column, answer the whole matrix.
//!
//! `cargo bench`

#![expect(clippy::expect_used, reason = "a benchmark that cannot begin says so")]

use divan::{Bencher, black_box};

use plimsoll::estimate::rig::{Device, Host, Rig};
use plimsoll::estimate::{Estimator, Scenario, Ways};
use plimsoll::machine::Os;
use plimsoll::machine::table::Table;
use plimsoll::model::Catalog;
use plimsoll::quant::{FileType, Level};
use plimsoll::units::{Bytes, GIB};

/// Counts allocations too: the matrix must make none for a cell.
#[global_allocator]
static ALLOCATIONS: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

/// A card of the hardware table with `free_gib` free.
fn card(name: &str, free_gib: f64) -> Device {
    let record = Table::embedded().find(name, None).expect("the table knows the card").record;
    let capacity = Bytes::from_gib(record.vram_gib.first().copied().unwrap_or(free_gib));
    Device {
        name: record.name.clone(),
        vendor: record.vendor,
        architecture: Some(record.architecture.clone()),
        compute_units: record.sm_or_cu,
        capacity,
        free: Bytes::from_gib(free_gib),
        free_is_known: true,
        bandwidth_gbs: record.memory_bandwidth_gbs,
        fp16_tflops: record.fp16_tensor_tflops_dense,
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
            threads: Some(16),
            capacity: Bytes(64 * GIB),
            free: Bytes(58 * GIB),
            bandwidth_gbs: 83.2,
            bandwidth_is_assumed: false,
            ..Host::default()
        },
        os: Os::Linux,
        unused: Vec::new(),
        own: None,
    }
}

/// The rigs that are asked: one card, two unequal ones, and none.
const RIGS: [&str; 3] = ["RTX 4090", "RTX 3090 + RTX 3060", "processor"];

fn rig_named(name: &str) -> Rig {
    rig(match name {
        "RTX 4090" => vec![card("NVIDIA GeForce RTX 4090", 23.0)],
        "RTX 3090 + RTX 3060" => {
            vec![card("NVIDIA GeForce RTX 3090", 23.6), card("NVIDIA GeForce RTX 3060", 11.1)]
        }
        _ => Vec::new(),
    })
}

/// All models, fine-tunes too, at `levels`, on one thread.
fn answer(estimator: &Estimator, levels: &[Level], rig: &Rig, context: u32) -> usize {
    let scenario = Scenario { context, depth: context, ..Scenario::default() };
    let asked = estimator.ask(&scenario, rig);
    Catalog::embedded()
        .models()
        .iter()
        .filter_map(|model| asked.of(model).ok())
        .map(|case| levels.iter().filter(|level| case.brief(**level).is_ok()).count())
        .sum()
}

#[divan::bench]
fn parse_catalog() -> usize {
    Catalog::parse(black_box(include_str!("../assets/models.jsonl")))
        .map_or(0, |catalog| catalog.models().len())
}

/// The first answer: tables of one level are made for all models.
#[divan::bench]
fn first_column(bencher: Bencher<'_, '_>) {
    let rig = rig_named(RIGS[0]);
    bencher
        .with_inputs(Estimator::default)
        .bench_values(|estimator| answer(&estimator, &[Level::Gguf(FileType::Q4KM)], &rig, 16_384));
}

#[divan::bench(args = RIGS)]
fn column(bencher: Bencher<'_, '_>, name: &str) {
    let rig = rig_named(name);
    answer(Estimator::embedded(), Level::LADDER, &rig, 16_384);
    bencher.bench(|| answer(Estimator::embedded(), &[Level::Gguf(FileType::Q4KM)], &rig, 16_384));
}

/// All models at the ladder's levels and at 21: what a drag of the context slider costs.
#[divan::bench(args = RIGS)]
fn matrix(bencher: Bencher<'_, '_>, name: &str) {
    let rig = rig_named(name);
    answer(Estimator::embedded(), Level::LADDER, &rig, 16_384);
    bencher.bench(|| answer(Estimator::embedded(), Level::LADDER, &rig, black_box(16_384)));
}

#[divan::bench(args = RIGS)]
fn matrix_of_21_levels(bencher: Bencher<'_, '_>, name: &str) {
    let rig = rig_named(name);
    let levels: Vec<Level> = FileType::ALL.iter().rev().take(21).map(|&level| Level::Gguf(level)).collect();
    answer(Estimator::embedded(), &levels, &rig, 16_384);
    bencher.bench(|| answer(Estimator::embedded(), &levels, &rig, black_box(16_384)));
}

/// The same while the slider moves: every frame asks at a context that none before it asked at.
#[divan::bench(args = RIGS)]
fn matrix_dragged(bencher: Bencher<'_, '_>, name: &str) {
    let rig = rig_named(name);
    let levels: Vec<Level> = FileType::ALL.iter().rev().take(21).map(|&level| Level::Gguf(level)).collect();
    answer(Estimator::embedded(), &levels, &rig, 4096);
    let mut context = 4096;
    bencher
        .with_inputs(|| {
            context = if context < 131_072 { context + 512 } else { 4096 };
            context
        })
        .bench_local_values(|context| answer(Estimator::embedded(), &levels, &rig, context));
}

/// The ways out of plans that spill, stream and do not fit.
#[divan::bench(args = ["Qwen/Qwen3-32B", "Qwen/Qwen3-235B-A22B", "deepseek-ai/DeepSeek-V3"])]
fn ways(bencher: Bencher<'_, '_>, name: &str) {
    let (rig, catalog) = (rig_named(RIGS[0]), Catalog::embedded());
    let Ok(id) = catalog.find(name) else { return };
    let scenario = Scenario { context: 65_536, depth: 65_536, ..Scenario::default() };
    let level = Level::Gguf(FileType::Q6K);
    bencher.bench(|| Ways::find(Estimator::embedded(), catalog.get(id), level, &scenario, &rig));
}
