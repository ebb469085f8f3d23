//! `ACCURACY.md`: how far predictions are off, where measurements like them were held out.

use std::fmt::Write as _;

use super::spread::{Spreads, width};
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
requests, and intervals that hold 76 to 86 % of each slice of 40 configurations or more and are 1.7 wide at most in the
median where the device is known. Missed are the 90th percentile of decode with the model held out (MLX, Vulkan and
Intel weigh most in it), prompts of devices that were not measured, the width of prompts' intervals by a little, and the
intervals of TensorRT-LLM and of prompts on Metal on a device that was not measured.

Forms of decode: median error and 90th percentile with the model held out, and with the device held out.

| form | model held out | device held out |
| --- | --- | --- |
| errors with 4 degrees of freedom | 6.8, 34.9 % | 13.9, 41.2 % |
| with 2 | 6.4, 35.2 % | 13.4, 40.6 % |
| with 1.5 | 6.4, 34.9 % | 13.5, 39.6 % |
| with 1 (kept) | 6.4, 33.5 % | 13.1, 39.3 % |
| with 1, and operations by device | 6.1, 34.6 % | 13.3, 39.1 % |
| with 1, and operations and cache by device | 6.2, 34.0 % | 13.1, 38.9 % |
| operations by device | 6.6, 35.0 % | 13.8, 41.0 % |
| weights by device | 6.5, 35.1 % | 14.0, 39.8 % |
| family by engine | 7.9, 33.9 % | 13.8, 43.3 % |
| weights by family and format | 7.9, 34.6 % | 14.5, 42.4 % |
| weights by the model's architecture and engine | 7.3, 34.9 % | 14.1, 40.6 % |
| arithmetic at the rate of FP32 where that is higher | 6.8, 35.0 % | 14.8, 41.8 % |

Before these: one efficiency for each architecture (median 15 % with the device held out); engines as offsets on what is
known of the vendor and backend (14.2 %, kept), and what an engine makes of stacked memory (14.0 %, kept); arithmetic
at the rate outside matrix units in place of theirs (15.0 %), and with formats as effects on it (14.7 %); effects of
the source of a measurement (worse); effects of laptops and of served measurements (no change).

Forms of prompts, in the same way. A backend or an engine that was measured on one device alone (SYCL on an Arc Pro
B70, MLX on an M3 Ultra) cannot be known without it, and three computers differ by more than a factor of two in what
comes out of main memory.

| form | model held out | device held out |
| --- | --- | --- |
| the link slower by what was believed of it (e^0.4), by backend too | 17.2, 49.5 % | 38.9, 93.6 % |
| the link by e^0.3, not by backend | 16.5, 49.7 % | 38.4, 92.5 % |
| the link at its rate (kept) | 16.5, 49.6 % | 36.3, 92.6 % |
| errors with 2 degrees of freedom | 18.0, 50.8 % | 39.0, 93.3 % |
| multiplications by device | 16.8, 49.4 % | 39.5, 94.9 % |
| the peak rate that decode counts with | 16.0, 50.4 % | 46.0, 130.3 % |
| the link by family | 19.7, 49.5 % | 39.3, 95.9 % |

Before these: the matrix rate of the data type that the kernel uses in place of the highest at 16 bits (worse on AMD and
Apple); a term for short prompts (no change beside the term for operations); experts as a share of the rate (kept).

Several requests: coefficients of their own for all terms (a jump from one request to two); the form of one request
with factors on its terms (kept); the server as part of the engine's cell (kept for TensorRT-LLM); prompts between steps
as multiplications at a rate of their own (9.9 %, 46.1 % with the model held out, vLLM 10.3 %; two requests could then
take longer than one after another) in place of the time that a prompt takes alone, which engines differ in (kept: 9.3 %,
53.2 %, vLLM 7.9 %), in which all engines are alike (9.3 %, 50.2 %), or with all that an engine does (9.4 %, 48.9 %).

Intervals: a factor for each cell, kind of model and depth, whatever the evidence (small models were held 66 to 70 %,
several requests of experts 72 %, TensorRT-LLM 60 % with the device held out); the same with size and placement, each
by evidence, and residuals of devices whose architecture nothing else speaks for counted too (all slices but one, but
narrow where few devices speak: an H100 with llama.cpp was not held); factors below 1 shrunk by how many things were
held out (kept).

## Outside the measurements

An H100 was measured with llama.cpp for a check (`tests/data/h100_llama_cpp.jsonl`): nothing is fitted to it, and no
published measurement of that card is of llama.cpp. Decode of one request is predicted 0 to 6 % too low (F16), 14 %
(Q8_0) and 39 to 107 % (Q4_K_M, most for experts at depth) too high, prompts 6 to 78 % too high (34 to 140 % before it
was known that llama.cpp lacks the instructions that Hopper's matrix units need for their rate). Evidence there is the
vendor alone, and 9 of 17 rates are inside their ranges. The processor beside it is met within 24 % alone and 3 % with
half of a dense model on the card; with half in main memory prompts are predicted four times too fast, routed experts in
main memory three times (38 tokens/s where 14 were measured), which is not understood.

Not among the measurements: a start from a cold disk (rates of disks are priors, `assets/speed.json`), computers with
several sockets but one (their range is that of their class), quantized caches that are read deep but for a few
machines (ranges there are a third wider). Published ones were looked for and not found.
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
                width(spreads, evidence, &subject.about[i].traits_of(evidence))
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
