//! The fitted coefficients (`assets/coefficients.json`).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::form::{Facts, Form, Term};
use super::traits::Traits;

/// The values of one effect.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EffectValues {
    /// Standard deviation that the fit gave it.
    pub sigma: f64,
    /// Values, by the parts that the effect depends on.
    pub values: BTreeMap<String, f64>,
}

/// Everything that the fit gives.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Coefficients {
    /// Where it comes from.
    pub source: String,
    /// Effects by form and name.
    pub forms: BTreeMap<String, BTreeMap<String, EffectValues>>,
    /// Deviation of single measurements by form, as a difference of logarithms.
    pub errors: BTreeMap<String, f64>,
    /// Half-widths of 80 % intervals, as differences of logarithms of rates: by form, what they depend on, and
    /// its value. Those of `evidence` are widths, all others factors on them.
    pub spreads: BTreeMap<String, BTreeMap<String, BTreeMap<String, f64>>>,
    /// What was measured by form: family, device, backend, engine.
    pub measured: BTreeMap<String, BTreeSet<String>>,
    #[serde(skip)]
    flat: HashMap<String, HashMap<String, f64>>,
}

impl Coefficients {
    /// Reads a coefficient file.
    ///
    /// # Errors
    /// Where it is none.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        let mut read: Self = serde_json::from_str(text)?;
        for (form, effects) in &read.forms {
            let flat = read.flat.entry(form.clone()).or_default();
            for (name, effect) in effects {
                for (parts, value) in &effect.values {
                    let key = if parts.is_empty() { name.clone() } else { format!("{name}|{parts}") };
                    flat.insert(key, *value);
                }
            }
        }
        Ok(read)
    }

    /// A half-width, or a factor on it, where it is known.
    pub fn spread(&self, form: &str, of: &str, value: &str) -> Option<f64> {
        self.spreads.get(form)?.get(of)?.get(value).copied()
    }

    /// Half of the interval that holds 80 % of all rates of such `traits` that `form` says from `evidence`, as a
    /// difference of logarithms. `None`: residuals say nothing of such evidence.
    pub fn half_width(&self, form: &str, evidence: &str, traits: &Traits<'_>) -> Option<f64> {
        let mut width = self.spread(form, "evidence", evidence)?;
        traits.each(evidence, |of, value| width *= self.spread(form, of, value).unwrap_or(1.0));
        Some(width)
    }

    /// Whether a family was measured on a device.
    pub fn is_measured(&self, form: &str, parts: &[&str]) -> bool {
        self.measured.get(form).is_some_and(|known| known.contains(&parts.join("|")))
    }

    /// Whether any model was measured for a form on `place`: device, backend and engine.
    pub fn is_measured_on(&self, form: &str, place: &[&str]) -> bool {
        let end = format!("|{}", place.join("|"));
        self.measured.get(form).is_some_and(|known| known.iter().any(|measured| measured.ends_with(&end)))
    }

    /// Whether the effect `effect` of a form has a value for these parts.
    pub fn knows(&self, form: &str, effect: &str, parts: &[&str]) -> bool {
        let key = std::iter::once(effect).chain(parts.iter().copied()).collect::<Vec<_>>().join("|");
        self.flat.get(form).is_some_and(|values| values.contains_key(&key))
    }

    /// Sums of the effects of `form` for `facts`, by term: those that depend on the model, or the others. An
    /// effect without a value counts with the mean that is believed of it.
    pub fn sums(&self, name: &str, form: &Form, facts: &Facts<'_>, of_model: bool) -> [f64; Term::ALL.len()] {
        let mut sums = [0.0; Term::ALL.len()];
        let values = self.flat.get(name);
        let mut key = String::with_capacity(96);
        for effect in form.effects.iter().filter(|effect| effect.is_of_model() == of_model) {
            if effect.key(facts, &mut key) {
                let value = values.and_then(|values| values.get(&key)).copied();
                sums[effect.term as usize] += value.unwrap_or(effect.prior.mean);
            }
        }
        sums
    }
}

/// The coefficients of this program.
#[expect(clippy::expect_used, reason = "the asset is part of the program; a test parses it")]
pub fn coefficients() -> &'static Coefficients {
    static ALL: LazyLock<Coefficients> = LazyLock::new(|| {
        Coefficients::parse(include_str!("../../../assets/coefficients.json"))
            .expect("embedded coefficients are valid")
    });
    &ALL
}
