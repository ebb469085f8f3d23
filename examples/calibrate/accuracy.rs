//! `ACCURACY.md`: how far predictions are off, where measurements like them were held out.

use std::fmt::Write as _;

use super::HeldOut;
use super::decode::{Decode, Row, traits};
use super::spread::{Sample, Spreads, width};
use super::stats::{Errors, quantile};

/// Fewest configurations that a slice is shown with.
const FEWEST: usize = 10;

/// A slice: its name, and what belongs to it.
type Slice = (String, Box<dyn Fn(&Row) -> bool>);

fn slices(decode: &Decode) -> Vec<Slice> {
    let mut slices: Vec<Slice> = vec![("all".to_owned(), Box::new(|_| true))];
    let mut add = |name: &str, keep: Box<dyn Fn(&Row) -> bool>| slices.push((name.to_owned(), keep));
    for (vendor, title) in [("nvidia", "NVIDIA"), ("amd", "AMD"), ("apple", "Apple"), ("intel", "Intel")] {
        add(title, Box::new(move |row| row.facts.vendor == vendor));
    }
    let mut cells: Vec<(&str, &str)> =
        decode.rows.iter().map(|row| (row.facts.engine, row.facts.backend)).collect();
    cells.sort_unstable();
    cells.dedup();
    for (engine, backend) in cells {
        let (engine, backend) = (engine.to_owned(), backend.to_owned());
        let title = format!("{engine}, {backend}");
        add(&title, Box::new(move |row| row.facts.engine == engine && row.facts.backend == backend));
    }
    add("dense", Box::new(|row| !row.model.is_moe()));
    add("mixture of experts", Box::new(|row| row.model.is_moe()));
    add("depth ≥ 8,000", Box::new(|row| row.depth >= 8000.0));
    add("depth < 8,000", Box::new(|row| row.depth < 8000.0));
    add("under 1.5 GB a token", Box::new(|row| row.work.weights < 1.5e9));
    add("1.5 to 8 GB a token", Box::new(|row| (1.5e9..8e9).contains(&row.work.weights)));
    add("over 8 GB a token", Box::new(|row| row.work.weights >= 8e9));
    slices
}

/// The report.
pub fn report(decode: &Decode, held: &HeldOut, spreads: &Spreads) -> String {
    let mut text = String::from(
        "# Accuracy\n\n\
         How far predicted speeds are off. Written by `cargo run --release --example calibrate`, which fits every\n\
         coefficient of speed to the published measurements in `assets/measurements.csv`; do not edit.\n\n\
         Each figure is of measurements that the fit had not seen: all of a model on a device are held out (\"model\n\
         held out\"), or all on a device (\"device held out\"). A configuration that was measured several times counts\n\
         once, with its median. The error is |predicted ÷ measured − 1|. The interval is the one that the program\n\
         shows for such evidence; it should hold 80 %.\n\n\
         ## Decode, one request, one device\n\n",
    );
    let _ = writeln!(
        text,
        "{} configurations of {} measurements; {} effects.\n",
        decode.rows.len(),
        decode.measurements,
        decode.design.names.len()
    );
    table(&mut text, decode, "Model held out, device known", &held.family, "same-device", spreads);
    table(&mut text, decode, "Device held out", &held.device, "same-architecture", spreads);
    text
}

fn table(
    text: &mut String,
    decode: &Decode,
    title: &str,
    residuals: &[f64],
    evidence: &'static str,
    spreads: &Spreads,
) {
    let _ = writeln!(
        text,
        "### {title}\n\n| slice | configurations | median error | weighted | 90th percentile | measured ÷ predicted | interval \
         holds | p90 ÷ p10 |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    );
    for (name, keep) in slices(decode) {
        let chosen: Vec<usize> = (0..decode.rows.len()).filter(|&i| keep(&decode.rows[i])).collect();
        if chosen.len() < FEWEST {
            continue;
        }
        let plain: Vec<(f64, f64)> = chosen.iter().map(|&i| (residuals[i], 1.0)).collect();
        let weighted: Vec<(f64, f64)> =
            chosen.iter().map(|&i| (residuals[i], decode.design.weight(i))).collect();
        let (errors, by_group) = (Errors::of(&plain), Errors::of(&weighted));
        let widths: Vec<f64> = chosen
            .iter()
            .map(|&i| {
                let evidence =
                    if evidence == "same-device" { evidence } else { decode.evidence_without_device(i) };
                width(spreads, &Sample { residual: 0.0, evidence, traits: traits(&decode.rows[i]) })
            })
            .collect();
        let inside = chosen.iter().zip(&widths).filter(|(i, width)| residuals[**i].abs() <= **width).count();
        let mut ratios: Vec<(f64, f64)> = widths.iter().map(|width| ((2.0 * width).exp(), 1.0)).collect();
        let _ = writeln!(
            text,
            "| {name} | {} | {:.1} % | {:.1} % | {:.1} % | {:.3} | {:.0} % | {:.2} |",
            errors.count,
            errors.median * 100.0,
            by_group.median * 100.0,
            errors.p90 * 100.0,
            1.0 + errors.bias,
            inside as f64 / chosen.len() as f64 * 100.0,
            quantile(&mut ratios, 0.5),
        );
    }
    text.push('\n');
}
