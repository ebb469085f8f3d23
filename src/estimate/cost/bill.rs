//! All costs of a unit of work.

use super::super::plan::Range;
use super::super::workload::Tokens;
use super::{ApiPrice, BreakEven, Currency, Exchange, Home, Money, Wall, break_even, energy};
use crate::language::tr;

/// What is counted with.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// Power at the wall.
    pub wall: Wall,
    /// Price of a kilowatt-hour.
    pub per_kwh: Money,
    /// What one unit of the currency of electricity is worth; `None`: not known.
    pub exchange: Option<Exchange>,
    /// Price of the machine, or of the card that is bought for this, US dollars; `None`: not known.
    pub price_usd: Option<f64>,
    /// What it is worth at the end, US dollars.
    pub resale_usd: f64,
    /// Years until then.
    pub years: f64,
    /// Share of the time in which it works, 0 to 1.
    pub utilization: f64,
    /// A rented card of the same speed, US dollars an hour; `None`: not known.
    pub rented_usd: Option<f64>,
    /// The model by API.
    pub api: Option<ApiPrice>,
}

/// Costs of a unit of work.
#[derive(Clone, Debug, PartialEq)]
pub struct Bill {
    /// Energy, kilowatt-hours.
    pub kwh: Range,
    /// Of it, joules for each token that is read or written.
    pub joules_per_token: Range,
    /// Electricity, in the currency that it is paid in.
    pub electricity: Money,
    /// The same in US dollars; `None`: no rate of exchange.
    pub electricity_usd: Option<Money>,
    /// By API; `None`: no price is known of this model.
    pub api: Option<Money>,
    /// On a rented card.
    pub rented: Option<Money>,
    /// At home with its share of the price and of the hours in which the machine waits, US dollars.
    pub all_in: Option<Money>,
    /// When the machine has earned its price.
    pub break_even: BreakEven,
}

/// What is missing where two currencies meet.
fn no_exchange(of: Currency) -> String {
    tr!("say what 1 {of} is in USD to compare", of)
}

/// Costs of a unit that keeps the machine busy for so many seconds.
pub fn bill(terms: &Terms, busy_s: Range, tokens: &Tokens) -> Bill {
    let kwh = energy::kwh(terms.wall.load, busy_s);
    let electricity = Money { amount: kwh.times(terms.per_kwh.amount.p50), currency: terms.per_kwh.currency };
    let electricity_usd = electricity.in_usd(terms.exchange);
    let per_kwh_usd = terms.per_kwh.in_usd(terms.exchange);
    let net_usd = terms.price_usd.map(|price| (price - terms.resale_usd).max(0.0));
    let all_in = per_kwh_usd.zip(net_usd).map(|(per_kwh, net_price)| {
        let at = |load_w: f64| Home {
            net_price,
            years: terms.years,
            utilization: terms.utilization,
            load_w,
            idle_w: terms.wall.idle.unwrap_or(0.0),
            per_kwh: per_kwh.amount.p50,
        };
        let load = terms.wall.load;
        let hour = Range {
            p10: at(load.p10).per_hour(),
            p50: at(load.p50).per_hour(),
            p90: at(load.p90).per_hour(),
        };
        Money { amount: hour.with(busy_s).times(1.0 / 3600.0), currency: Currency::Usd }
    });
    let api = terms.api.as_ref().map(|price| price.cost(tokens));
    let break_even = match (net_usd, electricity_usd, api) {
        (_, _, None) => BreakEven::Unknown(tr!("no API price of this model is known").to_owned()),
        (_, None, _) => BreakEven::Unknown(no_exchange(terms.per_kwh.currency)),
        (None, ..) => BreakEven::Unknown(tr!("the price of the machine is not known").to_owned()),
        (Some(net), Some(home), Some(api)) => {
            break_even(Money::exactly(net, Currency::Usd), home, api, busy_s.p50, terms.years)
        }
    };
    Bill {
        kwh,
        joules_per_token: kwh.times(energy::JOULES_A_KWH / tokens.all().max(1.0)),
        electricity,
        electricity_usd,
        api,
        rented: terms
            .rented_usd
            .map(|hour| Money { amount: busy_s.times(hour / 3600.0), currency: Currency::Usd }),
        all_in,
        break_even,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms() -> Terms {
        Terms {
            wall: Wall::given(225.0, Some(45.0)),
            per_kwh: Money::exactly(0.188, Currency::Usd),
            exchange: None,
            price_usd: Some(329.0),
            resale_usd: 100.0,
            years: 3.0,
            utilization: 0.2,
            rented_usd: Some(0.09),
            api: super::super::api_price("Qwen/Qwen3.5-9B").cloned(),
        }
    }

    const JOB: Tokens = Tokens { input: 32e6, kept: 0.8e6, output: 2e6 };

    #[test]
    fn a_night_by_hand() {
        let found = bill(&terms(), Range { p10: 26_640.0, p50: 30_600.0, p90: 36_000.0 }, &JOB);
        // 225 W · 8.5 h.
        assert!((found.kwh.p50 - 1.9125).abs() < 1e-9);
        assert!((found.electricity.amount.p50 - 0.359_55).abs() < 1e-9);
        assert!((found.api.unwrap().amount.p50 - (3.2 + 0.3)).abs() < 1e-9);
        assert!((found.rented.unwrap().amount.p50 - 0.765).abs() < 1e-9);
        // 229/(3·8760·0.2) + (225 + 45·4)·0.188/1000 an hour.
        let hour = 229.0 / 5256.0 + 0.405 * 0.188;
        assert!((found.all_in.unwrap().amount.p50 - hour * 8.5).abs() < 1e-9);
        assert!(
            matches!(found.break_even, BreakEven::After { units, .. } if (units.p50 - 229.0 / 3.140_45).abs() < 1e-6)
        );
    }

    #[test]
    fn another_currency_is_not_compared_without_a_rate() {
        let german = Terms { per_kwh: Money::exactly(0.3835, Currency::Eur), ..terms() };
        let found = bill(&german, Range::exactly(3600.0), &JOB);
        assert_eq!(found.electricity.currency, Currency::Eur);
        assert_eq!((found.electricity_usd, found.all_in), (None, None));
        assert_eq!(found.break_even, BreakEven::Unknown("say what 1 EUR is in USD to compare".to_owned()));
        let exchange = Some(Exchange { of: Currency::Eur, usd: 1.1 });
        let found = bill(&Terms { exchange, ..german }, Range::exactly(3600.0), &JOB);
        assert!((found.electricity_usd.unwrap().amount.p50 - 0.225 * 0.3835 * 1.1).abs() < 1e-12);
        assert!(matches!(found.break_even, BreakEven::After { .. }));
    }
}
