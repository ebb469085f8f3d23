//! Decode of one request on the processor alone: points of the fit.

use std::collections::BTreeMap;

use plimsoll::estimate::calibration::{CPU, Facts, Flag, Measurement, Term, Test, measurements};
use plimsoll::estimate::host_pace::{operation_s, processor_facts};
use plimsoll::estimate::work::Work;
use plimsoll::machine::table::{CpuPlatforms, Processor};
use plimsoll::model::Catalog;

use super::decode::depth;
use super::facts::{cache_types, family, format_name, seconds};
use super::fit::{FULL, Point};
use super::points::{Points, Row};

/// Computers that measurements name in place of their processor, or without its number of cores.
const COMPUTERS: [(&str, &str, u32); 10] = [
    ("Apple M2 (MacBook Air)", "Apple M2", 8),
    ("Ryzen 9 7950X", "Ryzen 9 7950X", 16),
    ("Framework Mainboard (128GB)", "Ryzen AI Max+ 395", 16),
    ("AmpereOne A192", "AmpereOne A192-32X", 192),
    ("Radxa Orion O6", "CIX P1", 12),
    ("Minisforum MS-R1", "CIX P1", 12),
    ("Radxa Dragon Q8B", "Snapdragon 8cx Gen 3", 8),
    ("DC-ROMA Mainboard II", "EIC7702X", 8),
    ("HiFive Premier P550", "EIC7700X", 4),
    ("Pi 500+", "Raspberry Pi 5", 4),
];

/// The processor of a measurement, and the bandwidth of its memory, GB/s; `None` where it is not known.
pub fn processor_of(row: &Measurement) -> Option<(Processor, f64)> {
    let named = COMPUTERS.iter().find(|(name, ..)| row.cpu.starts_with(name));
    let (name, cores) =
        named.map_or((row.cpu.as_str(), row.threads), |(_, name, cores)| (*name, Some(*cores)));
    let platform = CpuPlatforms::embedded().find(name)?;
    let gbs = row.ram_gbs.unwrap_or(platform.theoretical_gbs);
    Some((Processor::new(Some(name), cores, gbs), gbs))
}

/// All that can be fitted.
pub fn processor() -> Points {
    let catalog = Catalog::embedded();
    let mut groups: BTreeMap<String, Vec<&'static Measurement>> = BTreeMap::new();
    for row in measurements() {
        let is_ours = row.test == Test::Decode && row.placement == "cpu" && row.requests.unwrap_or(1) == 1;
        if is_ours && row.skip.is_empty() {
            let Some((processor, _)) = processor_of(row) else { continue };
            // Two computers with one kind of chip stay two.
            let key = format!(
                "{}|{}|{}|{}|{}|{:?}|{}|{:?}|{}|{}",
                if row.cpu.starts_with("Pi 5") { processor.platform.unwrap_or_default() } else { &row.cpu },
                row.engine,
                row.model,
                row.quant,
                row.threads.unwrap_or(0),
                row.depth.unwrap_or(0),
                row.output.unwrap_or(0),
                row.kind,
                row.cache,
                row.flash,
            );
            groups.entry(key).or_default().push(row);
        }
    }
    let mut rows = Vec::new();
    let mut points = Vec::new();
    for group in groups.values() {
        let measured = group[0];
        let Some((processor, gbs)) = processor_of(measured) else { continue };
        let Ok(id) = catalog.find(&measured.model) else { continue };
        let model = catalog.get(id);
        let Ok(level) = measured.level.parse() else { continue };
        let Ok(mut work) = Work::new(model, level, cache_types(measured), depth(measured), 1.0) else {
            continue;
        };
        if let Some(gib) = measured.file_gib {
            work = work.scaled(gib * (1_u64 << 30) as f64 / work.total);
        }
        let mut flags = Vec::new();
        flags.extend(model.is_moe().then_some(Flag::Moe));
        flags.extend((measured.flash == "off").then_some(Flag::NoFlash));
        flags.extend((measured.engine == "ik_llama.cpp").then_some(Flag::Fork));
        let family = family(catalog, id);
        let facts = Facts { family, format: format_name(level, model), ..processor_facts(&processor, flags) };
        let mut rates: Vec<(f64, f64)> = group.iter().map(|row| (row.tokens_per_s, 1.0)).collect();
        let rate = super::stats::quantile(&mut rates, 0.5);
        let threads = processor.threads(measured.threads);
        let byte = 1.0 / (processor.bandwidth(gbs) * 1e9);
        let flop = 1.0 / (processor.gflops(threads) * 1e9);
        points.push(Point {
            seconds: seconds(&[
                (Term::Weights, work.weights * byte),
                (Term::Flops, work.flops * flop),
                (Term::Operations, work.operations * operation_s(threads)),
                (Term::Cache, work.cache * byte),
            ]),
            measured: -rate.ln(),
            weight: 1.0,
            strength: FULL,
        });
        rows.push(Row { measured, model, facts });
    }
    Points::new(&CPU, points, rows)
}
