//! What a fitted form of one request says of other measurements.

use std::collections::HashMap;

use plimsoll::estimate::calibration::{Facts, Form, Term};
use plimsoll::estimate::pace::OPERATION_S;
use plimsoll::estimate::prompt::PromptWork;
use plimsoll::estimate::work::Work;

use super::facts::seconds;
use super::fit::{Design, TERMS};

/// A fitted form of one request.
pub struct Learnt<'a> {
    form: &'static Form,
    values: HashMap<&'a str, f64>,
}

impl<'a> Learnt<'a> {
    /// `form` with the values of `design`.
    pub fn new(form: &'static Form, design: &'a Design, values: &[f64]) -> Self {
        let values =
            design.names.iter().zip(values).map(|((_, key), value)| (key.as_str(), *value)).collect();
        Self { form, values }
    }

    /// Seconds of `work` on a device of `gbs` GB/s and `tflops` TFLOPS.
    pub fn seconds(&self, facts: &Facts<'_>, work: &Work, gbs: f64, tflops: f64) -> f64 {
        let mut sums = [0.0; TERMS + 1];
        let mut key = String::new();
        for effect in self.form.effects {
            if effect.key(facts, &mut key) {
                let value = self.values.get(key.as_str()).copied();
                sums[effect.term as usize] += value.unwrap_or(effect.prior.mean);
            }
        }
        let (byte, flop) = (1.0 / (gbs * 1e9), 1.0 / (tflops * 1e12));
        let terms = seconds(&[
            (Term::Operations, work.operations * OPERATION_S),
            (Term::Weights, work.weights * byte),
            (Term::Cache, work.cache * byte),
            (Term::Flops, work.flops * flop),
            (Term::Attention, work.attention * flop),
        ]);
        let parts: f64 = terms.iter().zip(&sums).map(|(seconds, sum)| seconds * sum.exp()).sum();
        (self.form.fixed_s + parts) * sums[TERMS].exp()
    }

    /// The same of a prompt, which reads no cache but in its attention.
    pub fn prompt(&self, facts: &Facts<'_>, work: &PromptWork, gbs: f64, tflops: f64) -> f64 {
        let PromptWork { operations, weights, flops, attention, .. } = *work;
        self.seconds(facts, &Work { operations, weights, flops, attention, ..Work::default() }, gbs, tflops)
    }
}
