//! Prefill of one request on one device, with weights in main memory or without, and on the processor alone:
//! points of the fits.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use plimsoll::estimate::calibration::{
    Facts, Flag, Form, Kind, Measurement, PREFILL, PREFILL_CPU, Term, Test, measurements,
};
use plimsoll::estimate::pace::OPERATION_S;
use plimsoll::estimate::prompt::{self, InRam, LEAST_COPIED, Prompt, PromptBlocks, PromptWork};
use plimsoll::model::{Catalog, Model};

use super::facts::{
    device_facts, engine_class, family, format_name, has_old_kernels, link, prompt_peak,
    seconds as seconds_of,
};
use super::fit::{Design, FULL, Point, TERMS};

/// Deviation of errors of processors, as logarithms.
const PROCESSOR_ERROR: f64 = 0.15;

/// Configurations that were measured, each once.
pub struct Prefill {
    /// What the fit sees.
    pub design: Design,
    /// The measurements, in the same order.
    pub rows: Vec<Row>,
}

/// One configuration.
#[derive(Clone)]
pub struct Row {
    /// One of its measurements.
    pub measured: &'static Measurement,
    /// The model.
    pub model: &'static Model,
    /// The prompt.
    pub prompt: Prompt,
    /// What lies in main memory.
    pub in_ram: InRam,
    /// What the prompt does.
    pub work: PromptWork,
    /// Mean depth, tokens.
    pub depth: f64,
    /// Model family.
    pub family: &'static str,
    /// What holds.
    pub facts: Facts<'static>,
    /// Median rate, tokens/s.
    pub rate: f64,
}

/// Everything on one device, or on it and in main memory.
pub fn prefill() -> Prefill {
    let mut rows = rows(|row| row.gpus == 1 && row.gbs.is_some() && row.placement != "cpu");
    // ik_llama.cpp has rules of its own when experts are copied (its pull requests 405 and 520): never with its
    // fused operation, or from 32 tokens an expert on; which one a measurement had is not said.
    rows.retain(|row| row.in_ram == InRam::Nothing || !row.facts.has(Flag::Fork));
    // The processor computes short batches where the weights lie: the form of the device says nothing of them.
    rows.retain(|row| row.in_ram == InRam::Nothing || row.prompt.batch() >= LEAST_COPIED);
    let seconds = |row: &Row| {
        let byte = 1e-9 / row.measured.gbs.unwrap_or(1.0);
        let flop = 1e-12 / prompt_peak(&row.measured.gpu, row.measured.gbs);
        seconds_of(&[
            (Term::Operations, row.work.operations * OPERATION_S),
            (Term::Weights, row.work.weights * byte),
            (Term::Flops, row.work.flops * flop),
            (Term::Attention, row.work.attention * flop),
            (Term::Link, row.work.link * 1e-9 / link(&row.measured.gpu)),
        ])
    };
    design(&PREFILL, rows, seconds)
}

/// The processor alone. So few were measured that their errors are not estimated either: fit with 0 rounds of
/// [`Design::learn`].
pub fn prefill_cpu() -> Prefill {
    let rows = rows(|row| row.placement == "cpu" && row.threads.is_some());
    let seconds = |row: &Row| {
        let flop = 1.0 / (f64::from(row.measured.threads.unwrap_or(1)) * prompt::FLOPS_OF_THREAD);
        seconds_of(&[(Term::Flops, row.work.flops * flop), (Term::Attention, row.work.attention * flop)])
    };
    let mut all = design(&PREFILL_CPU, rows, seconds);
    all.design.error = PROCESSOR_ERROR;
    all
}

/// The device that a measurement is about: the processor where there is no other.
pub fn device(row: &Measurement) -> &str {
    if row.gpu.is_empty() { &row.cpu } else { &row.gpu }
}

/// Where a placement leaves the blocks: those that a device holds, and the end of the experts in main memory.
/// `None`: the placement is none that is known.
fn placed(placement: &str, blocks: usize) -> Option<(Range<usize>, usize)> {
    let count = |text: &str| text.parse::<usize>().ok();
    let end = blocks + 1;
    match placement {
        "" | "cpu" => Some((0..end, 0)),
        "partial (experts on CPU)" => Some((0..end, blocks)),
        _ => match (placement.strip_prefix("n-cpu-moe="), placement.strip_prefix("partial ngl=")) {
            (Some(experts), _) => Some((0..end, count(experts)?.min(blocks))),
            // llama.cpp's -ngl n: the output layer and the last n − 1 blocks.
            (_, Some(layers)) => Some((end.saturating_sub(count(layers)?)..end, 0)),
            _ => None,
        },
    }
}

/// What the prompt does under a placement, and what of the weights lies in main memory.
fn work(blocks: &PromptBlocks, placement: &str) -> Option<(PromptWork, InRam)> {
    let (held, cpu_moe) = placed(placement, blocks.len())?;
    let experts_end = cpu_moe.max(held.start);
    let in_ram = if held.start > 0 { InRam::Blocks } else { InRam::Experts };
    let mut work = blocks.of(0..held.start, InRam::Blocks);
    work += blocks.of(held.start..experts_end, InRam::Experts);
    work += blocks.of(experts_end..held.end, InRam::Nothing);
    Some((work, if work.link > 0.0 { in_ram } else { InRam::Nothing }))
}

/// Tokens of its physical batch.
pub fn batch(row: &Measurement) -> u32 {
    row.ubatch.unwrap_or(match engine_class(&row.engine) {
        "mlx" => 2048,
        "vllm" => 8192,
        _ => 512,
    })
}

/// Configurations of the measurements that `is_asked`.
fn rows(is_asked: impl Fn(&Measurement) -> bool) -> Vec<Row> {
    let catalog = Catalog::embedded();
    let mut groups: BTreeMap<String, Vec<&'static Measurement>> = BTreeMap::new();
    for row in measurements() {
        let is_prompt =
            row.test == Test::Prefill && row.requests.unwrap_or(1) == 1 && row.kind != Kind::Derived;
        if is_prompt && row.skip.is_empty() && row.prompt.is_some() && is_asked(row) {
            let key = format!(
                "{}|{}|{}|{}|{}|{}|{:?}|{}|{}|{}|{}|{}|{:?}",
                device(row),
                row.backend,
                row.engine,
                row.model,
                row.quant,
                row.depth.unwrap_or(0),
                row.prompt,
                batch(row),
                row.cache,
                row.flash,
                row.placement,
                has_old_kernels(row, device_facts(&row.gpu).vendor),
                row.threads.filter(|_| row.placement == "cpu"),
            );
            groups.entry(key).or_default().push(row);
        }
    }
    groups.values().filter_map(|group| row(catalog, group)).collect()
}

fn row(catalog: &'static Catalog, group: &[&'static Measurement]) -> Option<Row> {
    let measured = group[0];
    let id = catalog.find(&measured.model).ok()?;
    let model = catalog.get(id);
    let level = measured.level.parse().ok()?;
    let prompt =
        Prompt { tokens: measured.prompt?, depth: measured.depth.unwrap_or(0), batch: batch(measured) };
    let mut blocks = PromptBlocks::new(model, level, prompt).ok()?;
    if let Some(gib) = measured.file_gib {
        blocks = blocks.clone().scaled(gib * (1_u64 << 30) as f64 / blocks.total);
    }
    let (work, in_ram) = work(&blocks, &measured.placement)?;
    let rate = median(group.iter().map(|row| row.tokens_per_s).collect());
    let known = device_facts(&measured.gpu);
    let flags = [
        (model.is_moe(), Flag::Moe),
        (model.attention.mla.is_some(), Flag::Latent),
        (measured.flash == "off", Flag::NoFlash),
        (has_old_kernels(measured, known.vendor), Flag::OldKernels),
        (matches!(measured.engine.as_str(), "ik_llama.cpp" | "ds4"), Flag::Fork),
        (in_ram != InRam::Nothing, Flag::InRam),
        (in_ram == InRam::Experts, Flag::ExpertsInRam),
        (in_ram == InRam::Blocks, Flag::BlocksInRam),
        (
            measured.gpu.is_empty() && measured.threads.is_some_and(|threads| threads > prompt::MANY_THREADS),
            Flag::ManyThreads,
        ),
    ];
    let facts = Facts {
        vendor: known.vendor,
        backend: &measured.backend,
        engine: engine_class(&measured.engine),
        architecture: known.architecture,
        device: device(measured),
        family: family(catalog, id),
        model_architecture: &model.arch,
        format: format_name(level, model),
        flags: flags.into_iter().filter(|(holds, _)| *holds).map(|(_, flag)| flag).collect(),
        ..Facts::default()
    };
    let depth = f64::from(prompt.depth) + f64::from(prompt.tokens) / 2.0;
    Some(Row { measured, model, prompt, in_ram, work, depth, family: facts.family, facts, rate })
}

/// Of an even number of rates the mean of the middle two: many configurations were measured twice.
fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    let middle = rates.len() / 2;
    if rates.len() % 2 == 1 { rates[middle] } else { f64::midpoint(rates[middle - 1], rates[middle]) }
}

/// The design of a form over rows: a device with many measurements of a family does not outweigh the others.
fn design(form: &Form, rows: Vec<Row>, seconds: impl Fn(&Row) -> [f64; TERMS]) -> Prefill {
    let mut sizes: HashMap<(&str, &str), usize> = HashMap::new();
    for row in &rows {
        *sizes.entry((device(row.measured), row.family)).or_default() += 1;
    }
    let raw: Vec<f64> =
        rows.iter().map(|row| (sizes[&(device(row.measured), row.family)] as f64).powf(-0.5)).collect();
    let scale = raw.len() as f64 / raw.iter().sum::<f64>();
    let points = rows.iter().zip(&raw).map(|(row, weight)| Point {
        seconds: seconds(row),
        measured: (f64::from(row.prompt.tokens) / row.rate).ln(),
        weight: weight * scale,
        strength: FULL,
    });
    let points = points.collect();
    let facts: Vec<Facts<'_>> = rows.iter().map(|row| row.facts.clone()).collect();
    Prefill { design: Design::new(form, points, &facts), rows }
}
