//! Decode of one request where a device and main memory share the model: points of the fit.

use std::collections::BTreeMap;

use plimsoll::estimate::calibration::{Flag, HYBRID, Kind, Measurement, Term, Test, measurements};
use plimsoll::estimate::divided::Divided;
use plimsoll::estimate::host_pace::{BESIDE_GFLOPS, BLOCK_HOP_S, EXPERT_HOP_S, beside_gflops};
use plimsoll::estimate::rig::ASSUMED_RAM_GBS;
use plimsoll::machine::table::SERVER_GBS;
use plimsoll::model::{Catalog, Model};

use super::decode::depth;
use super::facts::{cache_types, facts_of, family, peak, seconds};
use super::fit::{FULL, Point};
use super::learnt::Learnt;
use super::points::{Points, Row};
use super::processor::processor_of;

/// Memory that holds more than this is not a desktop's with two channels, bytes.
const TWO_CHANNELS: f64 = 96.0 * (1_u64 << 30) as f64;
/// What it is then: eight channels of DDR4-3200, GB/s.
const EIGHT_CHANNELS_GBS: f64 = 204.8;

/// The first block on the device, and the block before which experts are in main memory.
fn split(placement: &str, model: &Model) -> Option<(usize, usize)> {
    let blocks = model.n_layer as usize;
    if placement == "partial (experts on CPU)" {
        Some((0, blocks))
    } else if let Some(count) = placement.strip_prefix("n-cpu-moe=") {
        Some((0, count.parse().ok().map(|count: usize| count.min(blocks))?))
    } else {
        // The output counts as a layer, and goes to the device first.
        let count: usize = placement.strip_prefix("partial ngl=")?.parse().ok()?;
        Some((blocks - count.saturating_sub(1).min(blocks), 0))
    }
}

/// All that can be fitted; `decode` is the fitted form of a device alone.
pub fn offload(decode: &Learnt<'_>) -> Points {
    let catalog = Catalog::embedded();
    let mut groups: BTreeMap<String, Vec<(&'static Measurement, &'static Model, &'static str, Divided)>> =
        BTreeMap::new();
    for row in measurements() {
        let is_ours = row.test == Test::Decode
            && row.gpus == 1
            && row.requests.unwrap_or(1) == 1
            && row.kind != Kind::Derived
            && row.skip.is_empty();
        if !is_ours {
            continue;
        }
        let Ok(id) = catalog.find(&row.model) else { continue };
        let model = catalog.get(id);
        let Some((first, cpu_moe)) = split(&row.placement, model) else { continue };
        let Ok(level) = row.level.parse() else { continue };
        let Ok(mut work) = Divided::new(model, level, cache_types(row), depth(row), first, cpu_moe) else {
            continue;
        };
        let factor = row.file_gib.map_or(1.0, |gib| gib * (1_u64 << 30) as f64 / work.device.total);
        work = work.scaled(factor);
        let key = format!(
            "{}|{}|{}|{}|{}|{}|{}|{factor:.3}",
            row.gpu, row.backend, row.engine, row.model, row.quant, row.placement, row.cache
        );
        groups.entry(key).or_default().push((row, model, family(catalog, id), work));
    }
    let mut rows = Vec::new();
    let mut points = Vec::new();
    for group in groups.values() {
        let &(measured, model, family, work) = &group[0];
        let Ok(level) = measured.level.parse() else { continue };
        let Some(gbs) = measured.gbs else { continue };
        let assumed = if work.host.held > TWO_CHANNELS { EIGHT_CHANNELS_GBS } else { ASSUMED_RAM_GBS };
        let ram_gbs = measured.ram_gbs.unwrap_or(assumed);
        let mut facts = facts_of(measured, model, family, level);
        facts.flags.extend((measured.engine == "ik_llama.cpp").then_some(Flag::Fork));
        facts.flags.extend((ram_gbs > SERVER_GBS).then_some(Flag::ServerMemory));
        let mut rates: Vec<(f64, f64)> = group.iter().map(|(row, ..)| (row.tokens_per_s, 1.0)).collect();
        let rate = super::stats::quantile(&mut rates, 0.5);
        let device_s = decode.seconds(&facts, &work.device, gbs, peak(&measured.gpu, measured.gbs));
        let gflops = processor_of(measured)
            .map_or(BESIDE_GFLOPS, |(processor, _)| beside_gflops(&processor, processor.threads(None)));
        let host = &work.host;
        let byte = 1.0 / (ram_gbs * 1e9);
        points.push(Point {
            seconds: seconds(&[
                (Term::Device, device_s),
                (Term::Experts, host.experts * byte),
                (Term::Weights, (host.dense + host.cache) * byte),
                (Term::Flops, host.flops / (gflops * 1e9)),
                (Term::Operations, host.expert_blocks * EXPERT_HOP_S + host.blocks * BLOCK_HOP_S),
            ]),
            measured: -rate.ln(),
            weight: 1.0,
            strength: FULL,
        });
        rows.push(Row { measured, model, facts });
    }
    Points::new(&HYBRID, points, rows)
}
