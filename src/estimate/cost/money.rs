//! Money with its currency.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::plan::Range;

/// A currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    /// US dollar.
    #[default]
    Usd,
    /// Euro.
    Eur,
    /// Pound sterling.
    Gbp,
}

impl Currency {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Usd, Self::Eur, Self::Gbp];

    /// Its code: "USD".
    pub const fn code(self) -> &'static str {
        match self {
            Self::Usd => "USD",
            Self::Eur => "EUR",
            Self::Gbp => "GBP",
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount, with its range where it is not known exactly.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Money {
    /// The amount.
    pub amount: Range,
    /// In which currency.
    pub currency: Currency,
}

impl Money {
    /// An amount that is known.
    pub const fn exactly(amount: f64, currency: Currency) -> Self {
        Self { amount: Range::exactly(amount), currency }
    }

    /// So many times as much.
    pub fn times(self, factor: f64) -> Self {
        Self { amount: self.amount.times(factor), ..self }
    }

    /// The same in US dollars; `None`: it is in another currency, and no rate is known.
    pub fn in_usd(self, exchange: Option<Exchange>) -> Option<Self> {
        if self.currency == Currency::Usd {
            return Some(self);
        }
        let known = exchange.filter(|known| known.of == self.currency)?;
        Some(Self { amount: self.amount.times(known.usd), currency: Currency::Usd })
    }
}

/// A rate of exchange: what one unit is worth in US dollars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exchange {
    /// Of this currency.
    pub of: Currency,
    /// US dollars for one.
    pub usd: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn euros_are_no_dollars() {
        let bill = Money::exactly(2.0, Currency::Eur);
        assert_eq!(bill.in_usd(None), None);
        let pounds = Exchange { of: Currency::Gbp, usd: 1.3 };
        assert_eq!(bill.in_usd(Some(pounds)), None);
        let euros = Exchange { of: Currency::Eur, usd: 1.1 };
        assert_eq!(bill.in_usd(Some(euros)).map(|money| money.amount.p50), Some(2.2));
        let dollars = Money::exactly(2.0, Currency::Usd);
        assert_eq!(dollars.in_usd(Some(euros)), Some(dollars));
    }
}
