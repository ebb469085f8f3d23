//! Fits the coefficients of speed to the published measurements, and says how good they are.
//!
//! `cargo run --release --example calibrate` writes `assets/coefficients.json` and `ACCURACY.md` anew.

mod cross;
mod decode;
mod facts;
mod fit;
mod stats;

use std::time::Instant;

use stats::Errors;

/// Rounds in which deviations are learnt.
const ROUNDS: usize = 8;

fn main() {
    let start = Instant::now();
    let mut decode = decode::decode();
    println!("{} configurations, {} parameters", decode.rows.len(), decode.design.names.len());
    let values = decode.design.learn(ROUNDS);
    println!("learnt in {:.1} s, error {:.3}", start.elapsed().as_secs_f64(), decode.design.error);
    let pair = cross::held_out(&decode.design, &values, 12, |i| {
        format!("{}|{}", decode.rows[i].measured.gpu, decode.rows[i].family)
    });
    println!("pairs in {:.1} s", start.elapsed().as_secs_f64());
    let device = cross::held_out(&decode.design, &values, usize::MAX, |i| decode.rows[i].measured.gpu.clone());
    println!("devices in {:.1} s", start.elapsed().as_secs_f64());
    for (name, residuals) in [("pair", &pair), ("device", &device)] {
        let slice = |keep: &dyn Fn(&decode::Row) -> bool| {
            let chosen: Vec<(f64, f64)> = (0..decode.rows.len())
                .filter(|&i| keep(&decode.rows[i]))
                .map(|i| (residuals[i], 1.0))
                .collect();
            Errors::of(&chosen)
        };
        for (what, errors) in [
            ("all", slice(&|_| true)),
            ("nvidia", slice(&|row| row.facts.vendor == "nvidia")),
            ("amd", slice(&|row| row.facts.vendor == "amd")),
            ("apple", slice(&|row| row.facts.vendor == "apple")),
            ("intel", slice(&|row| row.facts.vendor == "intel")),
            ("moe", slice(&|row| row.model.is_moe())),
            ("deep", slice(&|row| row.depth >= 8000.0)),
            ("mlx", slice(&|row| row.facts.engine == "mlx")),
            ("vllm", slice(&|row| row.facts.engine == "vllm")),
        ] {
            println!(
                "{name:7} {what:7} n {:5} median {:5.1} % p90 {:5.1} % bias {:+.1} %",
                errors.count,
                errors.median * 100.0,
                errors.p90 * 100.0,
                errors.bias * 100.0
            );
        }
    }
}
