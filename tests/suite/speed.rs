//! Decode speed against published measurements.

use plimsoll::estimate::rig::{Device, Host, Rig};
use plimsoll::estimate::scenario::{PlacementRequest, Scenario};
use plimsoll::estimate::{Estimator, Range};
use plimsoll::machine::Os;
use plimsoll::machine::table::Table;
use plimsoll::model::Catalog;
use plimsoll::units::{Bytes, GIB};

fn rig(gpu: &str, count: usize, ram_gbs: f64) -> Rig {
    let record = Table::embedded().find(gpu, None).unwrap().record;
    // Weights that were measured did fit: memory decides nothing here.
    let memory = Bytes(400 * GIB);
    let device = Device {
        name: record.name.clone(),
        vendor: record.vendor,
        architecture: Some(record.architecture.clone()),
        compute_units: record.sm_or_cu,
        capacity: memory,
        free: memory,
        free_is_known: true,
        bandwidth_gbs: record.memory_bandwidth_gbs,
        fp16_tflops: record.fp16_tensor_tflops_dense,
        unified: record.unified_memory,
        power_watts: None,
        ..Device::default()
    };
    let host = Host {
        cpu: None,
        threads: Some(8),
        capacity: memory,
        free: memory,
        bandwidth_gbs: ram_gbs,
        bandwidth_is_assumed: false,
        ..Host::default()
    };
    Rig { devices: vec![device; count], host, os: Os::Linux, unused: Vec::new(), own: None }
}

fn measured() -> Vec<(String, f64, Range)> {
    let text = include_str!("../data/decode_speeds.csv");
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let model = Catalog::embedded().get(Catalog::embedded().find(cells[2]).unwrap());
            let scenario = Scenario {
                context: 66_000,
                depth: cells[4].parse().unwrap(),
                placement: PlacementRequest {
                    gpu_layers: Some(999),
                    cpu_moe_layers: Some(cells[5].parse().unwrap()),
                    ..PlacementRequest::default()
                },
                ..Scenario::default()
            };
            let rig = rig(cells[0], cells[1].parse().unwrap(), cells[6].parse().unwrap());
            let plan = Estimator::embedded().plan(model, cells[3].parse().unwrap(), &scenario, &rig).unwrap();
            (line.to_owned(), cells[7].parse().unwrap(), plan.speed.decode.unwrap())
        })
        .collect()
}

#[test]
fn most_measurements_lie_in_the_interval() {
    let rows = measured();
    let outside: Vec<String> = rows
        .iter()
        .filter(|(_, tps, range)| !(range.p10..=range.p90).contains(tps))
        .map(|(line, tps, range)| {
            format!(
                "{line}: {:.0} {:.0} {:.0}, ratio {:.2}",
                range.p10,
                range.p50,
                range.p90,
                range.p50 / tps
            )
        })
        .collect();
    // An interval of 80 % is to hold 76 to 86 %.
    assert!(
        outside.len() * 25 <= rows.len() * 6,
        "{} of {} outside: {outside:#?}",
        outside.len(),
        rows.len()
    );
}

#[test]
fn the_median_error_is_small() {
    let mut errors: Vec<f64> =
        measured().iter().map(|(_, tps, range)| (range.p50 / tps).ln().abs()).collect();
    errors.sort_by(f64::total_cmp);
    let median = errors[errors.len() / 2];
    assert!(median <= 0.16, "median {median:.3}");
}
