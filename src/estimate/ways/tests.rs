use super::*;
use crate::estimate::rig::{Device, Host};
use crate::machine::{Os, Vendor};
use crate::model::Catalog;

fn device(name: &str, capacity: f64, free: f64, bandwidth: f64) -> Device {
    Device {
        name: name.to_owned(),
        vendor: Vendor::Nvidia,
        architecture: Some("Ampere".to_owned()),
        compute_units: Some(28),
        capacity: Bytes::from_gib(capacity),
        free: Bytes::from_gib(free),
        free_is_known: true,
        bandwidth_gbs: Some(bandwidth),
        fp16_tflops: Some(25.0),
        ..Device::default()
    }
}

fn rtx_3060() -> Device {
    device("NVIDIA GeForce RTX 3060", 12.0, 11.1, 360.0)
}

fn rig(devices: Vec<Device>) -> Rig {
    let host = Host {
        capacity: Bytes::from_gib(64.0),
        free: Bytes::from_gib(51.4),
        bandwidth_gbs: 51.2,
        bandwidth_is_assumed: false,
        ..Host::default()
    };
    Rig { devices, host, os: Os::Linux, unused: Vec::new() }
}

fn asking(context: u32) -> Scenario {
    Scenario { context, depth: context, ..Scenario::default() }
}

fn model(name: &str) -> &'static Model {
    let catalog = Catalog::embedded();
    catalog.get(catalog.find(name).unwrap())
}

fn find(name: &str, level: &str, scenario: &Scenario, rig: &Rig) -> Ways {
    Ways::find(Estimator::embedded(), model(name), level.parse().unwrap(), scenario, rig).unwrap()
}

#[test]
fn look() {
    let cases = [
        ("Qwen/Qwen3-14B", "Q5_K_M", 16384, rig(vec![rtx_3060()])),
        ("Qwen/Qwen3-14B", "Q4_K_M", 8192, rig(vec![rtx_3060()])),
        ("Qwen/Qwen3-8B", "Q4_K_M", 16384, rig(vec![rtx_3060()])),
        ("Qwen/Qwen3-30B-A3B", "Q8_0", 16384, rig(vec![rtx_3060()])),
        (
            "Qwen/Qwen3.5-122B-A10B",
            "IQ4_XS",
            16384,
            rig(vec![device("NVIDIA GeForce RTX 3090", 24.0, 23.6, 936.0), rtx_3060()]),
        ),
        (
            "meta-llama/Llama-3.3-70B-Instruct",
            "Q4_K_M",
            131072,
            rig(vec![device("NVIDIA GeForce RTX 3090", 24.0, 23.6, 936.0)]),
        ),
        ("deepseek-ai/DeepSeek-V3", "Q8_0", 16384, rig(vec![rtx_3060()])),
        ("Qwen/Qwen3-235B-A22B", "Q4_K_M", 16384, rig(vec![rtx_3060()])),
        ("Qwen/Qwen3-14B", "Q4_K_M", 16384, rig(vec![])),
        ("openai/gpt-oss-120b", "Q8_0", 16384, rig(vec![rtx_3060()])),
    ];
    for (name, level, context, rig) in cases {
        let start = std::time::Instant::now();
        let ways = find(name, level, &asking(context), &rig);
        let took = start.elapsed();
        let start = std::time::Instant::now();
        find(name, level, &asking(context), &rig);
        println!(
            "\n{name} {level} {context}: {:?} {:?} need {} {:?} {took:?} then {:?}",
            ways.goal,
            ways.present.class,
            ways.present.need,
            ways.present.decode.map(|r| r.p50),
            start.elapsed()
        );
        for way in &ways.ways {
            let what: Vec<String> = way
                .changes
                .iter()
                .map(|c| match c {
                    Change::Cards(c) => format!("{} x {} {:?}", c.count, c.device.name, c.launch_price),
                    c => format!("{c:?}"),
                })
                .collect();
            println!(
                "  {:?} {} -> {:?} {:?} kept {} missing {} share {:.2} need {}",
                way.reaches,
                what.join(" + "),
                way.after.class,
                way.after.decode.map(|r| r.p50),
                way.after.quality.text(),
                way.missing,
                way.after.gpu_share,
                way.after.need
            );
        }
        println!("  {:?}", ways.contexts);
    }
}
