//! Fits the coefficients of speed to the published measurements, and says how good they are.
//!
//! `cargo run --release --example calibrate` writes `assets/coefficients.json` and `ACCURACY.md` anew; both are the
//! same byte for byte for the same measurements.

mod accuracy;
mod cross;
mod decode;
mod facts;
mod fit;
mod spread;
mod stats;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use plimsoll::estimate::calibration::{Coefficients, DECODE, EffectValues, Form};

use decode::Decode;
use fit::Design;
use spread::Sample;

/// Rounds in which deviations are learnt.
const ROUNDS: usize = 8;
/// Folds of families, which are many.
const FOLDS: usize = 12;
/// Digits after the point that coefficients are kept with.
const DIGITS: f64 = 1e4;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = Coefficients::default();
    "fitted by examples/calibrate to assets/measurements.csv; errors in ACCURACY.md"
        .clone_into(&mut all.source);
    let mut decode = decode::decode();
    let values = decode.design.learn(ROUNDS);
    keep(&mut all, "decode", &DECODE, &decode.design, &values);
    let held = decode_held_out(&decode, &values);
    all.spreads.insert("decode".to_owned(), spread::fit(&held.samples(&decode)));
    let measured: BTreeSet<String> = decode
        .rows
        .iter()
        .map(|row| {
            format!("{}|{}|{}|{}", row.family, row.measured.gpu, row.measured.backend, row.facts.engine)
        })
        .collect();
    all.measured.insert("decode".to_owned(), measured);
    let text = serde_json::to_string_pretty(&all)?;
    std::fs::write(root.join("assets/coefficients.json"), text + "\n")?;
    let report = accuracy::report(&decode, &held, &all.spreads["decode"]);
    print!("{report}");
    std::fs::write(root.join("ACCURACY.md"), report)?;
    Ok(())
}

/// Residuals of decode by what was held out.
struct HeldOut {
    /// All measurements of the model, the device and the quantization.
    format: Vec<f64>,
    /// All measurements of the model on the device.
    family: Vec<f64>,
    /// All measurements on the device.
    device: Vec<f64>,
}

fn decode_held_out(decode: &Decode, values: &[f64]) -> HeldOut {
    let row = |point: usize| &decode.rows[point];
    let pair = |point: usize| format!("{}|{}", row(point).measured.gpu, row(point).family);
    HeldOut {
        format: cross::held_out(&decode.design, values, FOLDS, |point| {
            format!("{}|{}", pair(point), row(point).measured.quant)
        }),
        family: cross::held_out(&decode.design, values, FOLDS, pair),
        device: cross::held_out(&decode.design, values, usize::MAX, |point| row(point).measured.gpu.clone()),
    }
}

impl HeldOut {
    /// Residuals by the evidence that was left.
    fn samples(&self, decode: &Decode) -> Vec<Sample> {
        let mut pairs: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
        let mut devices: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
        for row in &decode.rows {
            pairs.entry((&row.measured.gpu, row.family)).or_default().insert(&row.measured.quant);
            let cell = (row.facts.architecture, row.facts.backend);
            devices.entry(cell).or_default().insert(&row.measured.gpu);
        }
        let mut samples = Vec::new();
        for (point, row) in decode.rows.iter().enumerate() {
            let traits = decode::traits(row);
            let mut sample = |residual: f64, evidence: &'static str| {
                samples.push(Sample { residual, evidence, traits: traits.clone() });
            };
            if pairs[&(row.measured.gpu.as_str(), row.family)].len() > 1 {
                sample(self.format[point], "same-model");
            }
            sample(self.family[point], "same-device");
            let others = devices[&(row.facts.architecture, row.facts.backend)].len();
            sample(self.device[point], if others > 1 { "same-architecture" } else { "vendor" });
        }
        samples
    }
}

/// Keeps fitted values under the effects' names.
fn keep(all: &mut Coefficients, name: &str, form: &Form, design: &Design, values: &[f64]) {
    let effects = all.forms.entry(name.to_owned()).or_default();
    let round = |value: f64| (value * DIGITS).round() / DIGITS;
    for (parameter, (effect, key)) in design.names.iter().enumerate() {
        let effect = &form.effects[*effect];
        let parts = key.strip_prefix(effect.name).unwrap_or(key).trim_start_matches('|');
        let known = effects.entry(effect.name.to_owned()).or_insert_with(|| EffectValues {
            sigma: round(design.sigma[parameter]),
            ..EffectValues::default()
        });
        known.values.insert(parts.to_owned(), round(values[parameter]));
    }
}
