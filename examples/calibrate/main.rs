//! Fits the coefficients of speed to the published measurements, and says how good they are.
//!
//! `cargo run --release --example calibrate` writes `assets/coefficients.json`, `ACCURACY.md` and its picture anew; they are the
//! same byte for byte for the same measurements.

mod accuracy;
mod batch;
mod cross;
mod decode;
mod facts;
mod fit;
mod learnt;
mod offload;
mod plot;
mod points;
mod prefill;
mod processor;
mod spread;
mod stats;
mod subject;

use std::path::Path;

use plimsoll::estimate::calibration::{
    BATCH, CPU, Coefficients, DECODE, EffectValues, HYBRID, PREFILL, PREFILL_CPU,
};
use plimsoll::estimate::prompt::InRam;

use learnt::Learnt;
use points::Points;
use subject::{About, HeldOut, Subject};

/// Rounds in which deviations are learnt.
const ROUNDS: usize = 8;
/// Steps of a fit whose deviations are given.
const STEPS: usize = 30;
/// Forms whose rates are tokens of one request, which are plotted together.
const PLOTTED: [&str; 3] = ["decode", "cpu", "hybrid"];
/// Digits after the point that coefficients are kept with.
const DIGITS: f64 = 1e4;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = Coefficients::default();
    "fitted by examples/calibrate to assets/measurements.csv; errors in ACCURACY.md"
        .clone_into(&mut all.source);
    let subjects = subjects();
    let mut report = accuracy::head();
    let mut plotted = Vec::new();
    for subject in &subjects {
        keep(&mut all, subject);
        let held = HeldOut::new(subject);
        let spreads = spread::fit(&held.samples(subject));
        accuracy::add(&mut report, subject, &held, &spreads);
        all.spreads.insert(subject.name.to_owned(), spreads);
        let measured = subject.about.iter().map(About::place).collect();
        all.measured.insert(subject.name.to_owned(), measured);
        if PLOTTED.contains(&subject.name) {
            plotted.push((subject, held));
        }
    }
    report.push_str(accuracy::TRIED);
    std::fs::write(root.join("assets/accuracy.svg"), plot::scatter(&plotted))?;
    let text = serde_json::to_string_pretty(&all)?;
    std::fs::write(root.join("assets/coefficients.json"), text + "\n")?;
    print!("{report}");
    std::fs::write(root.join("ACCURACY.md"), report)?;
    Ok(())
}

/// Every form with what it is fitted to, fitted.
fn subjects() -> Vec<Subject> {
    let mut decode = decode::decode();
    let values = decode.design.learn(ROUNDS);
    let mut prefill = prefill::prefill();
    let prefill_values = prefill.design.learn(ROUNDS);
    let step = Learnt::new(&DECODE, &decode.design, &values);
    let prompt = Learnt::new(&PREFILL, &prefill.design, &prefill_values);
    let offload = offload::offload(&step);
    let batches = batch::batches(&step, &prompt);
    let about = decode
        .rows
        .iter()
        .map(|row| About::new(row.measured, row.family, &row.facts, row.model).deep(row.depth));
    let decode = Subject {
        name: "decode",
        title: "Decode, one request, everything on one device",
        form: &DECODE,
        about: about.collect(),
        design: decode.design,
        values,
    };
    let about = prefill.rows.iter().map(|row| {
        About::new(row.measured, row.family, &row.facts, row.model)
            .deep(row.depth)
            .prompt(row.prompt.tokens)
            .placed(row.in_ram != InRam::Nothing)
    });
    let prefill = Subject {
        name: "prefill",
        title: "Prefill, one request, one device",
        form: &PREFILL,
        about: about.collect(),
        design: prefill.design,
        values: prefill_values,
    };
    let alone = given("cpu", "Decode on the processor alone", &CPU, processor::processor());
    let title = "Decode with weights in main memory beside a device";
    let offload = given("hybrid", title, &HYBRID, offload);
    let batches = given("batch", "Several requests at once, prompts included", &BATCH, batches);
    let prompts = prefill::prefill_cpu();
    let about = prompts.rows.iter().map(|row| About::new(row.measured, row.family, &row.facts, row.model));
    let prompts = Points { about: about.collect(), design: prompts.design };
    let prompts = given("prefill_cpu", "Prefill on the processor alone", &PREFILL_CPU, prompts);
    vec![decode, prefill, alone, offload, batches, prompts]
}

/// A form whose deviations are given, fitted.
fn given(
    name: &'static str,
    title: &'static str,
    form: &'static plimsoll::estimate::calibration::Form,
    Points { design, about }: Points,
) -> Subject {
    let all: Vec<usize> = (0..design.points()).collect();
    let values = design.fit(&all, &design.prior(), STEPS);
    Subject { name, title, form, about, design, values }
}

/// Keeps fitted values under the effects' names.
fn keep(all: &mut Coefficients, subject: &Subject) {
    let effects = all.forms.entry(subject.name.to_owned()).or_default();
    let round = |value: f64| (value * DIGITS).round() / DIGITS;
    all.errors.insert(subject.name.to_owned(), round(subject.design.error));
    for (parameter, (effect, key)) in subject.design.names.iter().enumerate() {
        let effect = &subject.form.effects[*effect];
        let parts = key.strip_prefix(effect.name).unwrap_or(key).trim_start_matches('|');
        let known = effects.entry(effect.name.to_owned()).or_insert_with(|| EffectValues {
            sigma: round(subject.design.sigma[parameter]),
            ..EffectValues::default()
        });
        known.values.insert(parts.to_owned(), round(subject.values[parameter]));
    }
}
