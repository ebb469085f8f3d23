//! How much the parts of a deviation vary, and what is believed of a number.

use crate::estimate::calibration::Coefficients;
use crate::estimate::plan::Evidence;

/// Four fifths of a normal distribution lie within so many deviations of its middle.
pub(super) const DEVIATIONS: f64 = 1.281_551_565_5;
/// Least factor on variances of a prediction that claims to be more exact than its kind.
const LEAST_SCALE: f64 = 0.05;

/// Variances of the parts of a deviation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Parts {
    pub(super) device: f64,
    pub(super) model: f64,
    pub(super) level: f64,
    /// Error of one measurement.
    pub(super) error: f64,
}

impl Parts {
    /// Of a form where a prediction rests on `evidence`; `None` where the fit says nothing of it.
    pub(super) fn new(all: &Coefficients, (form, effect): (&str, &str), evidence: Evidence) -> Option<Self> {
        let variance = |evidence: Evidence| {
            let width = all.spread(form, "evidence", evidence.name())?;
            Some((width / DEVIATIONS).powi(2))
        };
        let error = all.errors.get(form)?.powi(2);
        let effects = all.forms.get(form)?;
        // What an engine makes of the device is the device's here: both are of this computer.
        let with_engine = effects.get(&format!("{effect}.engine")).map_or(0.0, |known| known.sigma.powi(2));
        let between = effects.get(effect)?.sigma.powi(2) + with_engine;
        let (format, model) = (variance(Evidence::SameModel)?, variance(Evidence::SameDevice)?);
        // Where a part is in main memory the evidence does not say what of it was measured.
        let evidence = if evidence.is_fitted() { evidence } else { Evidence::SameDevice };
        let unmeasured = variance(evidence).map_or(0.0, |all| (all - model).max(0.0));
        let is_measured_model = evidence == Evidence::SameModel;
        Some(Self {
            device: between + unmeasured,
            model: if is_measured_model { 0.0 } else { (model - format).max(0.0) },
            level: (format - error - between).max(0.0),
            error,
        })
    }

    /// All of it that is not the measurement's error.
    pub(super) fn lasting(&self) -> f64 {
        self.device + self.model + self.level
    }

    /// The factor on variances of a prediction whose interval has the half-width `width`.
    pub(super) fn scale(&self, width: f64) -> f64 {
        let own = (width / DEVIATIONS).powi(2) - self.error;
        (own / self.lasting().max(f64::MIN_POSITIVE)).max(LEAST_SCALE)
    }
}

/// What is known of a number: its mean and the inverse of its variance, 0 where nothing is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Belief {
    pub(super) mean: f64,
    pub(super) precision: f64,
}

impl Belief {
    pub(super) fn around_zero(variance: f64) -> Self {
        Self { mean: 0.0, precision: 1.0 / variance.max(f64::MIN_POSITIVE) }
    }

    /// Both together.
    pub(super) fn and(self, other: Self) -> Self {
        let precision = self.precision + other.precision;
        if precision <= 0.0 {
            return Self::default();
        }
        let mean = (self.mean * self.precision + other.mean * other.precision) / precision;
        Self { mean, precision }
    }

    /// Of the number with another of this variance and mean 0 added.
    pub(super) fn blurred(self, variance: f64) -> Self {
        if self.precision <= 0.0 {
            return self;
        }
        Self { precision: 1.0 / (1.0 / self.precision + variance), ..self }
    }

    pub(super) fn variance(self) -> f64 {
        1.0 / self.precision
    }
}
