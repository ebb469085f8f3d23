//! Arithmetic with ranges.
//!
//! What is added up on one machine errs together: where its prompts are read slower than predicted its tokens are
//! most likely written slower too. So the ends of ranges are added to each other, which makes the range of a sum
//! rather too wide than too narrow. A product of quantities that have nothing to do with each other (seconds and
//! watts) adds the squares of its relative errors instead.

use super::super::plan::Range;

impl Range {
    /// A number that is known.
    pub const fn exactly(number: f64) -> Self {
        Self { p10: number, p50: number, p90: number }
    }

    /// The sum with something that errs in the same direction.
    pub fn plus(self, other: Self) -> Self {
        Self { p10: self.p10 + other.p10, p50: self.p50 + other.p50, p90: self.p90 + other.p90 }
    }

    /// So many times as much; `factor` is not negative.
    pub fn times(self, factor: f64) -> Self {
        Self { p10: self.p10 * factor, p50: self.p50 * factor, p90: self.p90 * factor }
    }

    /// `amount` divided by this: seconds where this is a rate, a rate where it is seconds. A fast rate makes a short
    /// time.
    pub fn dividing(self, amount: f64) -> Self {
        Self { p10: amount / self.p90, p50: amount / self.p50, p90: amount / self.p10 }
    }

    /// The product with something that errs for other reasons; both are positive.
    pub fn with(self, other: Self) -> Self {
        let middle = self.p50 * other.p50;
        if middle <= 0.0 {
            return Self::exactly(0.0);
        }
        let apart = |near: f64, far: f64| (near / far).ln();
        let below = apart(self.p50, self.p10).hypot(apart(other.p50, other.p10));
        let above = apart(self.p90, self.p50).hypot(apart(other.p90, other.p50));
        Self { p10: middle * (-below).exp(), p50: middle, p90: middle * above.exp() }
    }

    /// Whether all of it is a number above zero.
    pub fn is_positive(self) -> bool {
        self.p10 > 0.0 && self.p10 <= self.p50 && self.p50 <= self.p90 && self.p90.is_finite()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_add_ends_and_products_add_squares() {
        let (a, b) = (Range { p10: 1.0, p50: 2.0, p90: 4.0 }, Range { p10: 5.0, p50: 10.0, p90: 20.0 });
        assert_eq!(a.plus(b), Range { p10: 6.0, p50: 12.0, p90: 24.0 });
        let product = a.with(b);
        let width = 2.0_f64.ln() * 2.0_f64.sqrt();
        assert!((product.p50 - 20.0).abs() < 1e-9);
        assert!(((product.p90 / product.p50).ln() - width).abs() < 1e-9);
        assert!(((product.p50 / product.p10).ln() - width).abs() < 1e-9);
        assert_eq!(a.with(Range::exactly(3.0)).p90, 12.0, "a number that is known adds no width");
    }

    #[test]
    fn fast_is_short() {
        let rate = Range { p10: 5.0, p50: 10.0, p90: 20.0 };
        assert_eq!(rate.dividing(100.0), Range { p10: 5.0, p50: 10.0, p90: 20.0 });
        assert!(rate.is_positive() && !Range::exactly(f64::NAN).is_positive());
    }
}
