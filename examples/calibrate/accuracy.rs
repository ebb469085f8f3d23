//! `ACCURACY.md`: how far predictions are off, where measurements like them were held out.

use std::fmt::Write as _;

use super::spread::{Sample, Spreads, width};
use super::stats::{Errors, quantile};
use super::subject::{About, HeldOut, Subject, evidence_without_device};

/// Fewest configurations that a slice is shown with.
const FEWEST: usize = 10;

/// How the report begins.
pub fn head() -> String {
    "# Accuracy\n\n\
     How far predicted speeds are off. Written by `cargo run --release --example calibrate`, which fits every\n\
     coefficient of speed to the published measurements in `assets/measurements.csv`; do not edit.\n\n\
     Each figure is of measurements that the fit had not seen: all of a model on a device are held out (\"model\n\
     held out\"), or all on a device (\"device held out\"), or all on devices of an architecture with a backend and\n\
     an engine (\"architecture held out\"). A configuration that was measured several times counts once, with its\n\
     median. The error is |predicted ÷ measured − 1|; \"weighted\" counts each device and model\n\
     family by the square root of its configurations. The interval is the one that the program shows for such\n\
     evidence; it should hold 80 %. How much effects vary was estimated from all measurements.\n\n\
     ![Predicted against measured decode rates, models held out](assets/accuracy.svg)\n\n\
     Decode of one request on devices, on processors and with weights in main memory, each model on a device held\n\
     out; dashed: a quarter off.\n"
        .to_owned()
}

/// How the report ends.
pub const TRIED: &str = "
## What was tried

Goals are a median error of 8.5 % and a 90th percentile of 28 % for decode with the model held out, 13 % and 42 % with
the device held out, 18 % and 30 % for prompts, 22 % with weights in main memory, 25 % on processors, 20 % for several
requests. Missed are the 90th percentile of decode (MLX, Vulkan and Intel weigh most in it), by a little the device held
out, and prompts of devices that were not measured where weights lie in main memory. For these:

- decode: one efficiency for each architecture (median 15 % with the device held out); engines as offsets on what is
  known of the vendor and backend (14.2 %, kept), and what an engine makes of stacked memory (14.0 %, kept); arithmetic
  at the rate outside matrix units in place of theirs (15.0 %), and with formats as effects on it (14.7 %); effects of
  the source of a measurement (worse); effects of the device on each term in place of the whole step (no change);
  effects of laptops and of served measurements (no change).
- prompts: the matrix rate of the data type that the kernel uses in place of the highest at 16 bits (worse on AMD and
  Apple); a term for short prompts (no change beside the term for operations); experts as a share of the rate (kept).
- several requests: coefficients of their own for all terms (a jump from one request to two); the form of one request
  with factors on its terms (kept); the server as part of the engine's cell (kept for TensorRT-LLM).

## Outside the measurements

An H100 was measured with llama.cpp for a check (`tests/data/h100_llama_cpp.jsonl`): nothing is fitted to it, and no
published measurement of that card is of llama.cpp. Decode of one request is predicted 9 % too low (F16), 14 % (Q8_0)
and 35 to 78 % (Q4_K_M) too high, prompts 34 to 140 % too high: such cards need kernels that llama.cpp does not have.
Evidence there is the vendor alone, and 13 of 17 rates are inside their ranges. The processor beside it is met within
24 % alone and 3 % with half of a dense model on the card; routed experts in its memory are predicted three times too
fast (38 tokens/s where 14 were measured), which is not understood.
";

/// Adds a form.
pub fn add(text: &mut String, subject: &Subject, held: &HeldOut, spreads: &Spreads) {
    let _ = writeln!(
        text,
        "\n## {}\n\n{} configurations, {} effects.\n",
        subject.title,
        subject.about.len(),
        subject.design.names.len()
    );
    table(text, subject, "Model held out, device known", &held.family, spreads, |_| "same-device");
    table(text, subject, "Device held out", &held.device, spreads, |point| {
        evidence_without_device(subject, point)
    });
    table(text, subject, "Architecture held out", &held.architecture, spreads, |_| "vendor");
}

fn table(
    text: &mut String,
    subject: &Subject,
    title: &str,
    residuals: &[f64],
    spreads: &Spreads,
    evidence: impl Fn(usize) -> &'static str,
) {
    let _ = writeln!(
        text,
        "### {title}\n\n| slice | configurations | median error | weighted | 90th percentile | measured ÷ predicted | \
         interval holds | p90 ÷ p10 |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    );
    let mut slices: Vec<&str> =
        subject.about.iter().flat_map(|about| &about.slices).map(String::as_str).collect();
    slices.sort_unstable();
    slices.dedup();
    for slice in std::iter::once("all").chain(slices) {
        let belongs = |about: &About| slice == "all" || about.slices.iter().any(|own| own == slice);
        let chosen: Vec<usize> = (0..subject.about.len()).filter(|&i| belongs(&subject.about[i])).collect();
        if chosen.len() < FEWEST {
            continue;
        }
        let plain: Vec<(f64, f64)> = chosen.iter().map(|&i| (residuals[i], 1.0)).collect();
        let weighted: Vec<(f64, f64)> =
            chosen.iter().map(|&i| (residuals[i], subject.design.weight(i))).collect();
        let (errors, by_group) = (Errors::of(&plain), Errors::of(&weighted));
        let widths: Vec<f64> = chosen
            .iter()
            .map(|&i| {
                let evidence = evidence(i);
                width(spreads, &Sample { residual: 0.0, evidence, traits: subject.about[i].traits(evidence) })
            })
            .collect();
        let inside = chosen.iter().zip(&widths).filter(|(i, width)| residuals[**i].abs() <= **width).count();
        let mut ratios: Vec<(f64, f64)> = widths.iter().map(|width| ((2.0 * width).exp(), 1.0)).collect();
        let _ = writeln!(
            text,
            "| {slice} | {} | {:.1} % | {:.1} % | {:.1} % | {:.3} | {:.0} % | {:.2} |",
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
