//! How long a prompt takes: what a pass over it does ([`PromptBlocks`]), what that costs ([`PromptPace`],
//! [`ProcessorPace`]), and both together ([`seconds`]).
//!
//! A prompt is cut into physical batches, and each batch goes through all blocks: weights are read once a
//! batch, experts as far as its tokens touch them, and multiplied with every token. Weights in main memory
//! are copied to the device that computes, once a batch; only batches of fewer than [`LEAST_COPIED`] tokens
//! are multiplied by the processor where the weights lie (llama.cpp's rule).

mod pace;
mod work;

use std::ops::Range;

use super::plan::Bound;

pub use pace::{
    FLOPS_OF_THREAD, MANY_THREADS, ProcessorPace, PromptPace, USUAL_LINK_GBS, link_gbs, peak_tflops,
    record_link_gbs, table_tflops,
};
pub use work::{InRam, Prompt, PromptBlocks, PromptWork};

/// Batches of fewer tokens are computed where the weights lie.
pub const LEAST_COPIED: u32 = 32;

/// Seconds that the prompt takes where `spans` say which device holds which blocks, in order, and routed
/// experts of the blocks before `cpu_moe` lie in main memory, as all blocks before the first span do. An end
/// past the last block stands for the output layer. Without spans the processor does everything.
///
/// Devices work one after another on each batch. `paces` are those of the devices that spans name by index;
/// `processor` is asked only where the processor computes. `None`: the pace of something that takes part is
/// not known.
pub fn seconds(
    blocks: &PromptBlocks,
    spans: &[(usize, Range<usize>)],
    cpu_moe: usize,
    paces: &[PromptPace],
    processor: Option<&ProcessorPace>,
) -> Option<f64> {
    let Some((first, held)) = spans.first() else {
        return Some(processor?.seconds(&blocks.of(0..blocks.len() + 1, InRam::Blocks)));
    };
    let copies = blocks.prompt.batch() >= LEAST_COPIED;
    let mut sum = 0.0;
    for (device, range, in_ram) in parts(blocks, (*first, held.start), spans, cpu_moe) {
        let pace = paces.get(device)?;
        let mut work = blocks.of(range.clone(), in_ram);
        if !copies && in_ram != InRam::Nothing {
            let there = blocks.in_ram(range, in_ram);
            if there.flops > 0.0 {
                sum += processor?.seconds(&there);
            }
            work = work.without(&there);
        }
        sum += pace.seconds(&work, in_ram);
    }
    Some(sum)
}

/// Which device computes which blocks, and what of them lies in main memory: that is computed by the first
/// device, or by the processor.
fn parts(
    blocks: &PromptBlocks,
    (first, start): (usize, usize),
    spans: &[(usize, Range<usize>)],
    cpu_moe: usize,
) -> impl Iterator<Item = (usize, Range<usize>, InRam)> {
    let mut parts = vec![(first, 0..start.min(blocks.len()), InRam::Blocks)];
    for (device, held) in spans {
        let experts_end = cpu_moe.clamp(held.start, held.end);
        parts.push((*device, held.start..experts_end, InRam::Experts));
        parts.push((*device, experts_end..held.end, InRam::Nothing));
    }
    parts.into_iter().filter(|(_, range, _)| !range.is_empty())
}

/// What takes most of a prompt's time: reading weights, multiplying, the link to main memory, or the operations
/// themselves; the arguments are those of [`seconds`]. On the processor alone it is always multiplying.
pub fn bound(
    blocks: &PromptBlocks,
    spans: &[(usize, Range<usize>)],
    cpu_moe: usize,
    paces: &[PromptPace],
) -> Bound {
    let Some((first, held)) = spans.first() else { return Bound::Compute };
    if blocks.prompt.batch() < LEAST_COPIED && (held.start > 0 || cpu_moe > 0) {
        // So short a prompt is much like a step of decoding.
        return Bound::Ram;
    }
    let mut costs =
        [(Bound::Compute, 0.0), (Bound::GpuMemory, 0.0), (Bound::Link, 0.0), (Bound::Overhead, 0.0)];
    for (device, range, in_ram) in parts(blocks, (*first, held.start), spans, cpu_moe) {
        let Some(pace) = paces.get(device) else { continue };
        let work = blocks.of(range, in_ram);
        let whole = pace.seconds(&work, in_ram);
        let parts = [
            work.flops * pace.flop + work.attention * pace.attention,
            work.weights * pace.byte,
            whole - pace.seconds(&work, InRam::Nothing),
            work.operations * pace.operation,
        ];
        for ((_, sum), part) in costs.iter_mut().zip(parts) {
            *sum += part;
        }
    }
    costs
        .into_iter()
        .reduce(|most, next| if next.1 > most.1 { next } else { most })
        .map_or(Bound::Unknown, |(bound, _)| bound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Catalog, Model};
    use crate::quant::{FileType, Level};

    fn model(name: &str) -> &'static Model {
        let catalog = Catalog::embedded();
        catalog.get(catalog.find(name).unwrap())
    }

    fn blocks(name: &str, prompt: Prompt) -> PromptBlocks {
        PromptBlocks::new(model(name), Level::Gguf(FileType::Q4KM), prompt).unwrap()
    }

    fn prompt(tokens: u32, batch: u32) -> Prompt {
        Prompt { tokens, depth: 0, batch }
    }

    fn near(a: f64, b: f64) -> bool {
        (a / b - 1.0).abs() < 1e-9
    }

    const PACE: PromptPace = PromptPace {
        operation: 2e-5,
        byte: 1e-12,
        flop: 1e-14,
        attention: 3e-14,
        link_experts: 1e-10,
        link_blocks: 2e-10,
        is_measured: true,
        is_measured_architecture: true,
        is_measured_device: true,
        is_measured_model: true,
        widths: [0.0; 2],
    };
    const PROCESSOR: ProcessorPace = ProcessorPace { flop: 1e-12, attention: 4e-12 };

    #[test]
    fn flops_and_bytes_of_a_dense_model() {
        let all = blocks("meta-llama/Llama-3.1-8B-Instruct", prompt(1200, 512));
        let work = all.of(0..all.len() + 1, InRam::Nothing);
        // 6.98e9 of the 8.03e9 parameters are in blocks.
        assert!((work.flops / (2.0 * 6.979_588e9 * 1200.0) - 1.0).abs() < 1e-3, "{}", work.flops);
        // 32 layers of 32 heads of 128: Σ over tokens of 2·2·heads·width·seen.
        let attention = 32.0 * 2.0 * 32.0 * 256.0 * 1200.0 * 600.0;
        assert!(near(work.attention, attention), "{}", work.attention);
        // Three batches read the blocks three times, and the last one the output matrix.
        let blocks_only = all.of(0..all.len(), InRam::Nothing).weights;
        let one = blocks("meta-llama/Llama-3.1-8B-Instruct", prompt(512, 512));
        assert!(near(blocks_only, 3.0 * one.of(0..one.len(), InRam::Nothing).weights));
        assert!(work.weights > blocks_only);
    }

    #[test]
    fn a_short_batch_touches_few_experts() {
        let of = |tokens: u32| {
            let all = blocks("Qwen/Qwen3-30B-A3B", prompt(tokens, 512));
            all.of(0..all.len(), InRam::Experts).link
        };
        let one = of(1);
        // 8 of 128 experts.
        assert!(near(of(2) / one, 2.0 - 8.0 / 128.0), "{}", of(2) / one);
        assert!((of(512) / one - 16.0).abs() < 1e-6);
        // Flops do not depend on how many experts a batch touches.
        let flops = |batch: u32| {
            let all = blocks("Qwen/Qwen3-30B-A3B", prompt(64, batch));
            all.of(0..all.len(), InRam::Nothing).flops
        };
        assert!(near(flops(64), flops(1)));
    }

    #[test]
    fn a_window_bounds_attention() {
        let attention = |depth: u32| {
            let asked = Prompt { tokens: 512, depth, batch: 512 };
            let all = blocks("google/gemma-3-27b-it", asked);
            (0..all.len()).map(|block| all.of(block..block + 1, InRam::Nothing).attention).collect::<Vec<_>>()
        };
        let (near_start, deep, deeper) = (attention(0), attention(8192), attention(16_384));
        // Five layers of six see 1024 tokens.
        let bounded = deep.iter().zip(&deeper).filter(|(a, b)| near(**a, **b)).count();
        let grown = deep.iter().zip(&deeper).filter(|(a, b)| **b > **a * 1.9).count();
        assert_eq!((bounded, grown), (52, 10));
        assert!(near_start.iter().zip(&deep).all(|(a, b)| a < b));
    }

    #[test]
    fn parts_of_a_placement_sum_up_to_the_whole() {
        let all = blocks("Qwen/Qwen3-30B-A3B", prompt(2048, 512));
        let end = all.len() + 1;
        let one = seconds(&all, &[(0, 0..end)], 0, &[PACE], None).unwrap();
        let two = seconds(&all, &[(0, 0..20), (1, 20..end)], 0, &[PACE, PACE], None).unwrap();
        assert!(near(one, two), "{one} {two}");
        // Experts in main memory cost their way over the link on top, and nothing else.
        let experts = seconds(&all, &[(0, 0..end)], 10, &[PACE], None).unwrap();
        let link = all.of(0..10, InRam::Experts).link * PACE.link_experts;
        assert!(near(experts - one, link), "{experts} {one} {link}");
        let partial = seconds(&all, &[(0, 40..end)], 0, &[PACE], None).unwrap();
        let link = all.of(0..40, InRam::Blocks).link * PACE.link_blocks;
        assert!(near(partial - one, link));
    }

    #[test]
    fn the_processor_computes_short_batches_where_the_weights_lie() {
        let all = blocks("Qwen/Qwen3-30B-A3B", prompt(16, 512));
        let end = all.len() + 1;
        assert_eq!(seconds(&all, &[(0, 0..end)], 10, &[PACE], None), None);
        let with = |cpu_moe| seconds(&all, &[(0, 0..end)], cpu_moe, &[PACE], Some(&PROCESSOR)).unwrap();
        let there = all.in_ram(0..10, InRam::Experts);
        let moved = there.flops * (PROCESSOR.flop - PACE.flop) - there.weights * PACE.byte;
        assert!(near(with(10) - with(0), moved), "{} {moved}", with(10) - with(0));
    }

    #[test]
    fn what_takes_most_bounds_a_prompt() {
        let all = blocks("Qwen/Qwen3-30B-A3B", prompt(2048, 512));
        let end = all.len() + 1;
        let of = |spans: &[(usize, Range<usize>)], cpu_moe, pace| bound(&all, spans, cpu_moe, &[pace]);
        assert_eq!(of(&[], 0, PACE), Bound::Compute);
        assert_eq!(of(&[(0, 0..end)], all.len(), PACE), Bound::Link);
        let slow = PromptPace { flop: 1e-11, ..PACE };
        assert_eq!(of(&[(0, 0..end)], 0, slow), Bound::Compute);
        let narrow = PromptPace { byte: 1e-9, flop: 1e-16, attention: 1e-16, ..PACE };
        assert_eq!(of(&[(0, 0..end)], 0, narrow), Bound::GpuMemory);
        let short = blocks("Qwen/Qwen3-30B-A3B", prompt(16, 512));
        assert_eq!(bound(&short, &[(0, 0..end)], 10, &[PACE]), Bound::Ram);
    }

    #[test]
    fn the_processor_alone_needs_its_pace() {
        let all = blocks("meta-llama/Llama-3.1-8B-Instruct", prompt(512, 512));
        assert_eq!(seconds(&all, &[], 0, &[], None), None);
        let work = all.of(0..all.len() + 1, InRam::Blocks);
        let alone = seconds(&all, &[], 0, &[], Some(&PROCESSOR)).unwrap();
        assert!(near(alone, work.flops * 1e-12 + work.attention * 4e-12));
    }
}
