//! What squeezing costs: the share of a model's above-chance benchmark score that is kept.
//!
//! The formula and its stated errors are data (`assets/quality.json`). It was fitted mostly to MMLU-class
//! tests; reasoning, long contexts, code and other languages than English lose more.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::units::quality_text;

/// Share of the above-chance benchmark score that is kept: 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Retained {
    /// Lower end of the band.
    pub low: f64,
    /// The estimate; `None` below 3 bits per weight, where the formula is too rough to name one.
    pub mid: Option<f64>,
    /// Upper end of the band.
    pub high: f64,
    /// Where it comes from.
    pub basis: Basis,
}

/// Where a share of quality comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// By definition: the model as it was published, so trained or tuned at that precision.
    Native,
    /// From bits per weight and parameters alone.
    Formula,
}

impl Basis {
    /// The basis in words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Native => "as published",
            Self::Formula => "estimated from bits per weight and size",
        }
    }
}

#[derive(Debug, Deserialize)]
struct Formula {
    ln_scale: f64,
    bits_power: f64,
    params_power: f64,
    params_unit: f64,
    point_from_bits: f64,
    rmse: f64,
    rmse_below: f64,
}

impl Formula {
    #[expect(clippy::expect_used, reason = "embedded at build time; every test of this module reads it")]
    fn embedded() -> &'static Self {
        static FORMULA: OnceLock<Formula> = OnceLock::new();
        FORMULA.get_or_init(|| {
            serde_json::from_str(include_str!("../../assets/quality.json")).expect("quality.json is sound")
        })
    }

    fn kept(&self, bits_per_weight: f64, params: f64) -> f64 {
        let loss = self.ln_scale.exp()
            * bits_per_weight.powf(-self.bits_power)
            * (params / self.params_unit).powf(-self.params_power);
        (-loss).exp()
    }
}

/// Quality kept by a model of `params_total` parameters in a file of `bits_per_weight` (of the file, all
/// tensors counted, not the nominal bits of its type). `native`: the weights are stored as they were
/// published, which is 1 by definition.
pub fn retained(bits_per_weight: f64, params_total: u64, native: bool) -> Retained {
    if native {
        return Retained { low: 1.0, mid: Some(1.0), high: 1.0, basis: Basis::Native };
    }
    let formula = Formula::embedded();
    // Not even the file of an absurd record may give NaN: below the range the formula says 0, as it should.
    let kept = formula.kept(bits_per_weight.max(0.1), params_total.max(1) as f64);
    let (error, mid) = if bits_per_weight >= formula.point_from_bits {
        (formula.rmse, Some(kept))
    } else {
        (formula.rmse_below, None)
    };
    Retained { low: (kept - error).max(0.0), mid, high: (kept + error).min(1.0), basis: Basis::Formula }
}

/// The formula with its coefficients, for a tooltip.
pub fn formula_text() -> String {
    let f = Formula::embedded();
    format!(
        "exp(−e^{} × bits^−{} × (parameters ÷ {}B)^−{})",
        f.ln_scale,
        f.bits_power,
        f.params_unit / 1e9,
        f.params_power
    )
}

impl Retained {
    /// One figure to sort and compare by: the estimate, else the middle of the band.
    pub fn point(&self) -> f64 {
        self.mid.unwrap_or_else(|| f64::midpoint(self.low, self.high))
    }

    /// Percent for a cell: "98.6", "100", and "~48" where there is only a band.
    pub fn text(&self) -> String {
        quality_text(self.low * 100.0, self.mid.map(|mid| mid * 100.0), self.high * 100.0)
    }

    /// The band in percent: "97–99.5".
    pub fn band_text(&self) -> String {
        format!("{:.0}–{:.0}", self.low * 100.0, self.high * 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BILLION: u64 = 1_000_000_000;

    #[test]
    fn worked_examples() {
        for (bits, params, kept) in [
            (4.9, 8 * BILLION, 0.985_706_967_151_221_3),
            (3.0, 70 * BILLION, 0.962_984_199_184_908_3),
            (4.5, 1_500_000_000, 0.915_988_327_912_269_5),
        ] {
            let retained = retained(bits, params, false);
            assert!((retained.mid.unwrap() - kept).abs() < 1e-6, "{bits} bits, {params} parameters");
            assert!(retained.low < kept && kept < retained.high && retained.high <= 1.0);
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
                let ours = 100.0 * Formula::embedded().kept(*bits, billions * 1e9);
                assert!((ours - percent).abs() < 0.65, "{billions}B at {bits} bits: {ours}");
            }
        }
    }

    #[test]
    fn below_three_bits_there_is_a_band_and_no_point() {
        let rough = retained(2.4, 8 * BILLION, false);
        assert_eq!(rough.mid, None);
        assert!(rough.low < 0.48 && 0.48 < rough.high && rough.high - rough.low > 0.19);
        assert_eq!(rough.text(), "~48");
    }

    #[test]
    fn as_published_is_whole() {
        let native = retained(4.25, 20 * BILLION, true);
        assert_eq!((native.low, native.mid, native.high), (1.0, Some(1.0), 1.0));
        assert_eq!(native.text(), "100");
    }

    #[test]
    fn the_formula_is_told_with_its_coefficients() {
        assert_eq!(formula_text(), "exp(−e^4.5 × bits^−5.5 × (parameters ÷ 8B)^−0.8)");
    }

    #[test]
    fn texts() {
        assert_eq!(retained(4.9, 8 * BILLION, false).text(), "98.6");
        assert_eq!(retained(16.0, 8 * BILLION, false).text(), "100");
    }

    #[test]
    fn absurd_input_stays_in_range() {
        for (bits, params) in [(0.0, 0), (-1.0, 1), (f64::NAN, 8 * BILLION), (1e9, u64::MAX)] {
            let retained = retained(bits, params, false);
            assert!(0.0 <= retained.low && retained.low <= retained.high && retained.high <= 1.0);
            assert!((0.0..=1.0).contains(&retained.point()));
        }
    }
}
