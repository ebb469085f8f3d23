//! The size formula: what bits per weight and parameters alone say.

use std::sync::LazyLock;

use serde::Deserialize;

/// Coefficients and where they come from (`assets/quality.json`).
#[derive(Debug, Deserialize)]
pub struct Formula {
    ln_scale: f64,
    bits_power: f64,
    params_power: f64,
    params_unit: f64,
    point_from_bits: f64,
}

static EMBEDDED: LazyLock<Formula> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "embedded at build time; every test of this module reads it")]
    serde_json::from_str(include_str!("../../../assets/quality.json")).expect("quality.json is sound")
});

impl Formula {
    /// The formula of this program.
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// Logarithmic loss: the share that is kept is `exp(-loss)`.
    ///
    /// `bits_per_weight` are those of the whole file. Not even the file of an absurd record may give NaN:
    /// below the range nothing is kept, as it should be.
    pub fn loss(&self, bits_per_weight: f64, params_total: u64) -> f64 {
        self.ln_scale.exp()
            * bits_per_weight.max(0.1).powf(-self.bits_power)
            * self.relative_size(params_total).powf(-self.params_power)
    }

    /// Parameters in the formula's unit.
    pub fn relative_size(&self, params_total: u64) -> f64 {
        params_total.max(1) as f64 / self.params_unit
    }

    /// How the loss falls with the number of parameters: the power of [`Formula::relative_size`].
    pub fn params_power(&self) -> f64 {
        self.params_power
    }

    /// Whether a file of so many bits per weight is known well enough for a figure beside its band.
    pub fn names_a_point(&self, bits_per_weight: f64) -> bool {
        bits_per_weight >= self.point_from_bits
    }

    /// The formula with its coefficients, for a tooltip.
    pub fn text(&self) -> String {
        format!(
            "exp(−e^{} × bits^−{} × (parameters ÷ {}B)^−{})",
            self.ln_scale,
            self.bits_power,
            self.params_unit / 1e9,
            self.params_power
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(bits: f64, billions: f64) -> f64 {
        (-Formula::embedded().loss(bits, (billions * 1e9) as u64)).exp()
    }

    #[test]
    fn worked_examples() {
        for (bits, billions, expected) in [
            (4.9, 8.0, 0.985_706_967_151_221_3),
            (3.0, 70.0, 0.962_984_199_184_908_3),
            (4.5, 1.5, 0.915_988_327_912_269_5),
        ] {
            assert!((kept(bits, billions) - expected).abs() < 1e-6, "{bits} bits, {billions}B");
        }
    }

    /// The published table: percent kept by bits per weight.
    #[test]
    fn table_of_sizes() {
        const BITS: [f64; 8] = [2.4, 3.0, 3.5, 4.0, 4.5, 4.9, 5.5, 6.6];
        // The published row of 1.5B begins at 3 bits.
        let rows: [(f64, &[f64]); 4] = [
            (8.0, &[48.0, 81.0, 91.0, 96.0, 97.7, 98.6, 99.2, 99.7]),
            (70.0, &[88.0, 96.0, 98.4, 99.2, 99.6, 99.7, 99.9, 100.0]),
            (32.0, &[79.0, 93.0, 97.0, 98.6, 99.2, 99.5, 99.7, 99.9]),
            (1.5, &[44.0, 71.0, 85.0, 92.0, 95.0, 97.0, 99.0]),
        ];
        for (billions, percents) in rows {
            for (bits, percent) in BITS.iter().rev().zip(percents.iter().rev()) {
                let ours = 100.0 * kept(*bits, billions);
                assert!((ours - percent).abs() < 0.65, "{billions}B at {bits} bits: {ours}");
            }
        }
    }

    #[test]
    fn it_is_told_with_its_coefficients() {
        assert_eq!(Formula::embedded().text(), "exp(−e^4.5 × bits^−5.5 × (parameters ÷ 8B)^−0.8)");
    }
}
