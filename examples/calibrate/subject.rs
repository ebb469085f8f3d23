//! A form, what it is fitted to, and what is left of it where measurements are held out.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll::estimate::calibration::{DEEP, Facts, Form, Measurement};

use super::cross;
use super::fit::Design;
use super::spread::Sample;

/// Folds of families, which are many.
const FOLDS: usize = 12;
/// Shortest prompt that fills a batch, tokens.
const FULL_BATCH: u32 = 512;

/// A form, fitted.
pub struct Subject {
    /// Its name in the coefficient file.
    pub name: &'static str,
    /// Its name in the report.
    pub title: &'static str,
    /// The form.
    pub form: &'static Form,
    /// What the points are about, in order.
    pub about: Vec<About>,
    /// Points and effects.
    pub design: Design,
    /// Fitted values.
    pub values: Vec<f64>,
}

impl Subject {
    /// Rate of a point as it was measured.
    pub fn rate(&self, point: usize) -> f64 {
        (-self.design.measured(point)).exp()
    }
}

/// What a point is about.
#[derive(Clone, Debug)]
pub struct About {
    /// The device; of a processor, its platform.
    pub device: String,
    /// The model's family.
    pub family: String,
    /// The quantization as the source names it.
    quant: String,
    /// Architecture, backend and engine.
    architecture: String,
    /// Vendor, backend and engine.
    cell: String,
    backend: String,
    engine: String,
    is_moe: bool,
    is_deep: bool,
    /// Slices of the report that it belongs to.
    pub slices: Vec<String>,
}

impl About {
    /// A measurement, and what is known of it.
    pub fn new(measured: &Measurement, family: &str, facts: &Facts<'_>, is_moe: bool) -> Self {
        let Facts { vendor, backend, engine, architecture, device, .. } = facts;
        let vendor_title = match *vendor {
            "nvidia" => "NVIDIA",
            "amd" => "AMD",
            "apple" => "Apple",
            "intel" => "Intel",
            other => other,
        };
        let engine_and_backend =
            if engine.is_empty() { String::new() } else { format!("{engine}, {backend}") };
        let kind = if is_moe { "mixture of experts" } else { "dense" };
        Self {
            device: (*device).to_owned(),
            family: family.to_owned(),
            quant: measured.quant.clone(),
            architecture: format!("{architecture}|{backend}|{engine}"),
            cell: format!("{vendor}|{backend}|{engine}"),
            backend: (*backend).to_owned(),
            engine: (*engine).to_owned(),
            is_moe,
            is_deep: false,
            slices: [vendor_title, &engine_and_backend, kind]
                .into_iter()
                .filter(|slice| !slice.is_empty())
                .map(str::to_owned)
                .collect(),
        }
    }

    /// After `tokens` others.
    pub fn deep(mut self, tokens: f64) -> Self {
        self.is_deep = tokens >= f64::from(DEEP);
        self.slices.push(if self.is_deep { "depth ≥ 8,000" } else { "depth < 8,000" }.to_owned());
        self
    }

    /// Reading so many bytes.
    pub fn read(mut self, bytes: f64) -> Self {
        let slice = match bytes {
            ..1.5e9 => "under 1.5 GB a token",
            ..8e9 => "1.5 to 8 GB a token",
            _ => "over 8 GB a token",
        };
        self.slices.push(slice.to_owned());
        self
    }

    /// A prompt of so many tokens.
    pub fn prompt(mut self, tokens: u32) -> Self {
        let slice = if tokens < FULL_BATCH { "prompt < 512" } else { "prompt ≥ 512" };
        self.slices.push(slice.to_owned());
        self
    }

    /// What was measured where: the key of [`plimsoll::estimate::calibration::Coefficients::measured`].
    pub fn place(&self) -> String {
        format!("{}|{}|{}|{}", self.family, self.device, self.backend, self.engine)
    }

    fn pair(&self) -> String {
        format!("{}|{}", self.device, self.family)
    }

    /// What the width of its interval may depend on.
    pub fn traits(&self, evidence: &str) -> Vec<(&'static str, String)> {
        let experts = if self.is_moe { "routed" } else { "none" };
        let depth = if self.is_deep { "deep" } else { "shallow" };
        vec![
            ("cell", format!("{}|{evidence}", self.cell)),
            ("experts", experts.to_owned()),
            ("depth", depth.to_owned()),
        ]
    }
}

/// Residuals by what was held out.
pub struct HeldOut {
    /// All measurements of the model, the device and the quantization.
    pub format: Vec<f64>,
    /// All measurements of the model on the device.
    pub family: Vec<f64>,
    /// All measurements on the device.
    pub device: Vec<f64>,
    /// All measurements on devices of its architecture with its backend and engine.
    pub architecture: Vec<f64>,
}

impl HeldOut {
    /// Holds out what `subject` is fitted to, in turn.
    pub fn new(subject: &Subject) -> Self {
        let Subject { about, design, values, .. } = subject;
        Self {
            format: cross::held_out(design, values, FOLDS, |point| {
                format!("{}|{}", about[point].pair(), about[point].quant)
            }),
            family: cross::held_out(design, values, FOLDS, |point| about[point].pair()),
            device: cross::held_out(design, values, usize::MAX, |point| about[point].device.clone()),
            architecture: cross::held_out(design, values, usize::MAX, |point| {
                about[point].architecture.clone()
            }),
        }
    }

    /// Residuals by the evidence that was left.
    pub fn samples(&self, subject: &Subject) -> Vec<Sample> {
        let mut formats: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for about in &subject.about {
            formats.entry(about.pair()).or_default().insert(&about.quant);
        }
        let mut samples = Vec::new();
        for (point, about) in subject.about.iter().enumerate() {
            let mut sample = |residual: f64, evidence: &'static str| {
                samples.push(Sample { residual, evidence, traits: about.traits(evidence) });
            };
            if formats[&about.pair()].len() > 1 {
                sample(self.format[point], "same-model");
            }
            sample(self.family[point], "same-device");
            if evidence_without_device(subject, point) == "same-architecture" {
                sample(self.device[point], "same-architecture");
            }
            sample(self.architecture[point], "vendor");
        }
        samples
    }
}

/// What evidence is left for a point where all measurements on its device are held out.
pub fn evidence_without_device(subject: &Subject, point: usize) -> &'static str {
    let own = &subject.about[point];
    let is_like = |other: &About| other.device != own.device && other.architecture == own.architecture;
    if subject.about.iter().any(is_like) { "same-architecture" } else { "vendor" }
}
