//! Sizes and rates, each in a type or a name that says its unit.
//!
//! Memory is counted in GiB (2^30 bytes), files and bandwidth in GB (10^9 bytes); the two never mix
//! because a size is always a whole number of [`Bytes`] and is divided only where it is shown.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Sub};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::language::{self, fixed, tr};

/// 2^20 bytes.
pub const MIB: u64 = 1 << 20;
/// 2^30 bytes.
pub const GIB: u64 = 1 << 30;
/// 10^9 bytes.
pub const GB: u64 = 1_000_000_000;

/// A size in bytes.
///
/// Arithmetic saturates: sizes come from files that nobody vouches for, and an absurd size must read as
/// absurd, not wrap to a plausible one.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Bytes(pub u64);

impl Bytes {
    /// No bytes.
    pub const ZERO: Self = Self(0);

    /// A whole number of MiB.
    pub const fn from_mib(mib: u64) -> Self {
        Self(mib.saturating_mul(MIB))
    }

    /// A number of GiB as people state it ("23.6 GiB"), rounded to a byte; negative and NaN become zero.
    pub fn from_gib(gib: f64) -> Self {
        Self((gib * GIB as f64).round() as u64)
    }

    /// This size in GiB (2^30 bytes).
    pub fn gib(self) -> f64 {
        self.0 as f64 / GIB as f64
    }

    /// This size in GB (10^9 bytes).
    pub fn gb(self) -> f64 {
        self.0 as f64 / GB as f64
    }

    /// This size less `other`, or zero.
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The smallest multiple of `step` bytes that is not below this size. `step` of zero changes nothing.
    pub const fn padded_to(self, step: u64) -> Self {
        if step == 0 { self } else { Self(self.0.div_ceil(step).saturating_mul(step)) }
    }

    /// A share of this size, rounded to a byte.
    pub fn scaled(self, factor: f64) -> Self {
        Self((self.0 as f64 * factor).round() as u64)
    }
}

impl Add for Bytes {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Bytes {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Bytes {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.saturating_sub(other)
    }
}

impl Mul<u64> for Bytes {
    type Output = Self;
    fn mul(self, n: u64) -> Self {
        Self(self.0.saturating_mul(n))
    }
}

impl Sum for Bytes {
    fn sum<I: Iterator<Item = Self>>(sizes: I) -> Self {
        sizes.fold(Self::ZERO, Add::add)
    }
}

/// Memory as the screen shows it: one decimal of GiB, none from 100 GiB.
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} GiB", gib_text(*self))
    }
}

/// GiB with one decimal below 100, none from there, without the unit.
pub fn gib_text(size: Bytes) -> String {
    let gib = size.gib();
    fixed(gib, usize::from(gib < 99.95))
}

/// Tokens in the field's short form: 8K for 8192, 1M for 1048576, 1500 as it is. Rounded down, because a
/// context that is promised must fit.
pub fn tokens_text(tokens: u64) -> String {
    match tokens {
        t if t >= 1 << 20 && t % (1 << 20) == 0 => format!("{}M", t >> 20),
        t if t >= 1 << 20 => {
            let tenths = (u128::from(t) * 10) >> 20;
            language::localized(format!("{}.{}M", tenths / 10, tenths % 10))
        }
        t if t >= 1024 && t % 1024 == 0 => format!("{}K", t / 1024),
        t if t >= 10_000 => format!("{}K", t / 1024),
        t => t.to_string(),
    }
}

/// A parameter count in the field's short form: 0.6B, 30.5B, 671B, 109M.
pub fn params_text(params: u64) -> String {
    let billions = params as f64 / 1e9;
    if billions >= 999.5 {
        format!("{}T", fixed(billions / 1e3, 2))
    } else if billions >= 99.95 {
        format!("{billions:.0}B")
    } else if billions >= 0.095 {
        format!("{}B", fixed(billions, 1))
    } else {
        format!("{:.0}M", billions * 1e3)
    }
}

/// A rate of tokens: two digits that mean something, "<1" below one.
pub fn rate_text(tokens_per_second: f64) -> String {
    match tokens_per_second {
        r if r < 1.0 => "<1".to_owned(),
        r if r < 9.95 => fixed(r, 1),
        r => format!("{r:.0}"),
    }
}

/// A time: two digits that mean something.
pub fn seconds_text(seconds: f64) -> String {
    match seconds {
        s if s < 0.995 => fixed(s, 2),
        s if s < 9.95 => fixed(s, 1),
        s => format!("{s:.0}"),
    }
}

/// A rate of tokens for a narrow column: no decimals, "<1" below one.
pub fn whole_rate_text(tokens_per_second: f64) -> String {
    if tokens_per_second < 1.0 { "<1".to_owned() } else { format!("{tokens_per_second:.0}") }
}

/// A rate of tokens as a screen reader says it: "21 tokens per second".
pub fn spoken_rate(tokens_per_second: f64) -> String {
    match tokens_per_second {
        r if r < 1.0 => tr!("less than 1 token per second").to_owned(),
        r if r < 1.5 => tr!("1 token per second").to_owned(),
        r => tr!("{rate} tokens per second", rate = format!("{r:.0}")),
    }
}

/// A whole number in groups of three digits: "1,499".
pub fn thousands(number: f64) -> String {
    language::grouped(number)
}

/// A size that may be small: "1.4 GiB", "48 MiB" below a tenth of one.
pub fn small_text(size: Bytes) -> String {
    if size == Bytes::ZERO || size.gib() >= 0.095 {
        size.to_string()
    } else {
        format!("{} MiB", size.0 >> 20)
    }
}

/// A quality in percent: "98.6", "100", and "~48" where it is too rough to be `named`.
pub fn quality_text(percent: f64, named: bool) -> String {
    match named {
        false => format!("~{percent:.0}"),
        true if percent >= 99.95 => "100".to_owned(),
        true => fixed(percent, 1),
    }
}

/// A quality as a screen reader says it: "quality 98.6 %", "quality about 48 %".
pub fn spoken_quality(percent: f64, named: bool) -> String {
    if named {
        tr!("quality {percent} %", percent = quality_text(percent, true))
    } else {
        tr!("quality about {percent} %", percent = format!("{percent:.0}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gib_and_gb_differ_by_seven_percent() {
        let size = Bytes(24 * GIB);
        assert_eq!(size.gib(), 24.0);
        assert!((size.gb() - 25.769_803_776).abs() < 1e-9);
        assert_eq!(Bytes::from_gib(22.6), Bytes(24_266_565_222));
    }

    #[test]
    fn arithmetic_saturates() {
        assert_eq!(Bytes(1) - Bytes(2), Bytes::ZERO);
        assert_eq!(Bytes(u64::MAX) + Bytes(1), Bytes(u64::MAX));
        assert_eq!(Bytes::from_gib(f64::NAN), Bytes::ZERO);
        assert_eq!(Bytes::from_gib(-1.0), Bytes::ZERO);
    }

    #[test]
    fn padding_goes_up() {
        assert_eq!(Bytes(0).padded_to(32), Bytes(0));
        assert_eq!(Bytes(1).padded_to(32), Bytes(32));
        assert_eq!(Bytes(64).padded_to(32), Bytes(64));
        assert_eq!(Bytes(7).padded_to(0), Bytes(7));
    }

    #[test]
    fn short_forms() {
        assert_eq!(Bytes::from_gib(4.06).to_string(), "4.1 GiB");
        assert_eq!(Bytes::from_gib(229.4).to_string(), "229 GiB");
        assert_eq!(tokens_text(8192), "8K");
        assert_eq!(tokens_text(1 << 20), "1M");
        assert_eq!(tokens_text(40_960), "40K");
        assert_eq!(tokens_text(1500), "1500");
        assert_eq!(tokens_text(1_048_000), "1023K");
        assert_eq!(tokens_text(1_048_575), "1023K");
        assert_eq!(tokens_text(40_704), "39K");
        assert_eq!(tokens_text(1_048_577), "1.0M");
        assert_eq!(tokens_text(u64::MAX), "17592186044415.9M");
        assert_eq!(params_text(30_532_122_624), "30.5B");
        assert_eq!(params_text(33_360_000), "33M");
        assert_eq!(params_text(1_026_408_232_448), "1.03T");
        assert_eq!(rate_text(0.4), "<1");
        assert_eq!(rate_text(9.96), "10");
        assert_eq!(rate_text(3.21), "3.2");
        assert_eq!(whole_rate_text(0.6), "<1");
        assert_eq!(whole_rate_text(9.6), "10");
    }

    #[test]
    fn a_rate_is_spoken_in_the_right_number() {
        assert_eq!(spoken_rate(0.6), "less than 1 token per second");
        assert_eq!(spoken_rate(1.4), "1 token per second");
        assert_eq!(spoken_rate(21.2), "21 tokens per second");
    }

    #[test]
    fn quality_without_a_middle_is_rough() {
        assert_eq!(small_text(Bytes::from_gib(0.4)), "0.4 GiB");
        assert_eq!(small_text(Bytes::from_mib(48)), "48 MiB");
        assert_eq!(small_text(Bytes::ZERO), "0.0 GiB");
        assert_eq!(quality_text(90.4, false), "~90");
        assert_eq!(quality_text(99.97, true), "100");
        assert_eq!(quality_text(99.12, true), "99.1");
        assert_eq!(spoken_quality(99.12, true), "quality 99.1 %");
        assert_eq!(spoken_quality(90.4, false), "quality about 90 %");
    }

    #[test]
    fn german_has_a_comma() {
        language::within(language::Language::German, || {
            assert_eq!(Bytes::from_gib(4.06).to_string(), "4,1 GiB");
            assert_eq!(tokens_text(1_048_577), "1,0M");
            assert_eq!(params_text(30_532_122_624), "30,5B");
            assert_eq!(rate_text(3.21), "3,2");
            assert_eq!(thousands(1499.0), "1.499");
            assert_eq!(quality_text(99.12, true), "99,1");
            assert_eq!(spoken_rate(21.2), "21 Token pro Sekunde");
        });
    }
}
