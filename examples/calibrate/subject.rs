//! A form, what it is fitted to, and what is left of it where measurements are held out.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll::estimate::calibration::{DEEP, Facts, Form, Measurement, Traits};
use plimsoll::model::Model;

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
    active: u64,
    in_ram: bool,
    /// Slices of the report that it belongs to.
    pub slices: Vec<String>,
}

impl About {
    /// A measurement, and what is known of it.
    pub fn new(measured: &Measurement, family: &str, facts: &Facts<'_>, model: &Model) -> Self {
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
        let is_moe = model.is_moe();
        let kind = if is_moe { "mixture of experts" } else { "dense" };
        let mut about = Self {
            device: (*device).to_owned(),
            family: family.to_owned(),
            quant: measured.quant.clone(),
            architecture: format!("{architecture}|{backend}|{engine}"),
            cell: format!("{vendor}|{backend}|{engine}"),
            backend: (*backend).to_owned(),
            engine: (*engine).to_owned(),
            is_moe,
            is_deep: false,
            active: model.params_active,
            in_ram: false,
            slices: [vendor_title, &engine_and_backend, kind]
                .into_iter()
                .filter(|slice| !slice.is_empty())
                .map(str::to_owned)
                .collect(),
        };
        about.slices.push(format!("{} parameters a token", about.traits().size()));
        about
    }

    /// After `tokens` others.
    pub fn deep(mut self, tokens: f64) -> Self {
        self.is_deep = tokens >= f64::from(DEEP);
        self.slices.push(if self.is_deep { "depth ≥ 8,000" } else { "depth < 8,000" }.to_owned());
        self
    }

    /// A prompt of so many tokens.
    pub fn prompt(mut self, tokens: u32) -> Self {
        let slice = if tokens < FULL_BATCH { "prompt < 512" } else { "prompt ≥ 512" };
        self.slices.push(slice.to_owned());
        self
    }

    /// With weights in main memory or without.
    pub fn placed(mut self, is_in_ram: bool) -> Self {
        self.in_ram = is_in_ram;
        let slice = if is_in_ram { "weights in main memory" } else { "all weights on the device" };
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

    fn traits(&self) -> Traits<'_> {
        let Self { is_moe, is_deep, active, in_ram, .. } = *self;
        Traits { cell: &self.cell, is_moe, is_deep, active, in_ram }
    }

    /// What the width of its interval depends on where it rests on `evidence`.
    pub fn traits_of(&self, evidence: &str) -> Vec<(&'static str, String)> {
        let mut all = Vec::new();
        self.traits().each(evidence, |of, value| all.push((of, value.to_owned())));
        all
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
            let mut sample = |residual: f64, evidence: &'static str, unit: &str| {
                let (unit, traits) = (unit.to_owned(), about.traits_of(evidence));
                samples.push(Sample { residual, evidence, unit, traits });
            };
            let pair = about.pair();
            if formats[&pair].len() > 1 {
                sample(self.format[point], "same-model", &format!("{pair}|{}", about.quant));
            }
            sample(self.family[point], "same-device", &pair);
            sample(self.device[point], evidence_without_device(subject, point), &about.device);
            sample(self.architecture[point], "vendor", &about.architecture);
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
