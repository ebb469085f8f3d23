//! After how much work an own machine has earned its price.

use super::super::plan::Range;
use super::Money;
use crate::language::tr;

/// Years of 365 days, in seconds.
const YEAR_S: f64 = 365.0 * 86_400.0;

/// When a machine has earned its price.
#[derive(Clone, Debug, PartialEq)]
pub enum BreakEven {
    /// It cost nothing: at once, if a unit costs less than elsewhere.
    AtOnce,
    /// After so many units of work.
    After {
        /// How many; infinite where the dear end of the range never does.
        units: Range,
        /// Years of work day and night until then, as predicted.
        years: f64,
    },
    /// Never: each unit costs as much or more at home.
    Never,
    /// Not within its life, even if it worked day and night.
    NotInLife {
        /// Units that it would take.
        units: f64,
        /// Units that it can do in its life.
        most: f64,
    },
    /// Not known, and why.
    Unknown(String),
}

/// `net_price` divided by what each unit saves (cost model, §6.4); all in one currency. `busy_s`: seconds that a unit
/// takes, `years`: life of the machine.
pub fn break_even(net_price: Money, at_home: Money, elsewhere: Money, busy_s: f64, years: f64) -> BreakEven {
    if [at_home.currency, elsewhere.currency].iter().any(|other| *other != net_price.currency) {
        return BreakEven::Unknown(tr!("prices are in different currencies").to_owned());
    }
    let saved = |home: f64| elsewhere.amount.p50 - home;
    if saved(at_home.amount.p50) <= 0.0 {
        return BreakEven::Never;
    }
    if net_price.amount.p50 <= 0.0 {
        return BreakEven::AtOnce;
    }
    let after = |home: f64| {
        let saved = saved(home);
        if saved > 0.0 { net_price.amount.p50 / saved } else { f64::INFINITY }
    };
    let units = Range {
        p10: after(at_home.amount.p10),
        p50: after(at_home.amount.p50),
        p90: after(at_home.amount.p90),
    };
    let most = years * YEAR_S / busy_s;
    if units.p50 > most {
        return BreakEven::NotInLife { units: units.p50, most };
    }
    BreakEven::After { units, years: units.p50 * busy_s / YEAR_S }
}

#[cfg(test)]
mod tests {
    use super::super::Currency;
    use super::*;

    fn usd(amount: f64) -> Money {
        Money::exactly(amount, Currency::Usd)
    }

    #[test]
    fn price_over_saving() {
        let home = Money { amount: Range { p10: 0.3, p50: 0.36, p90: 0.4 }, currency: Currency::Usd };
        let BreakEven::After { units, years } = break_even(usd(229.0), home, usd(3.42), 30_600.0, 3.0) else {
            panic!("it pays off")
        };
        assert!((units.p50 - 229.0 / 3.06).abs() < 1e-9);
        assert!(units.p10 < units.p50 && units.p50 < units.p90);
        assert!((years - units.p50 * 30_600.0 / (365.0 * 86_400.0)).abs() < 1e-12);
    }

    #[test]
    fn there_may_be_none() {
        assert_eq!(break_even(usd(229.0), usd(0.5), usd(0.5), 60.0, 3.0), BreakEven::Never);
        assert_eq!(break_even(usd(0.0), usd(0.5), usd(0.4), 60.0, 3.0), BreakEven::Never);
        assert_eq!(break_even(usd(0.0), usd(0.3), usd(0.4), 60.0, 3.0), BreakEven::AtOnce);
        // 229 dollars by a cent an hour: 22,900 hours, more than two years have.
        let late = break_even(usd(229.0), usd(0.0), usd(0.01), 3600.0, 2.0);
        assert!(matches!(late, BreakEven::NotInLife { most, .. } if (most - 17_520.0).abs() < 1e-6));
        let euros = Money::exactly(0.1, Currency::Eur);
        assert!(matches!(break_even(usd(1.0), euros, usd(1.0), 1.0, 1.0), BreakEven::Unknown(_)));
    }
}
