//! What a million tokens cost at home, all in (cost model, §6.3).

use super::energy;

const HOURS_A_YEAR: f64 = 8760.0;

/// A computer of one's own. All money in one currency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Home {
    /// Price less what it is worth at the end.
    pub net_price: f64,
    /// Years that it is used.
    pub years: f64,
    /// Share of the time in which it works, 0 to 1.
    pub utilization: f64,
    /// Watts while it works.
    pub load_w: f64,
    /// Watts while it waits.
    pub idle_w: f64,
    /// Price of a kilowatt-hour.
    pub per_kwh: f64,
}

impl Home {
    /// Cost of an hour in which it works, with its share of the price and of the hours in which it waits:
    /// `net/(years·8760·u) + (load + idle·(1−u)/u)·price/1000`.
    pub fn per_hour(&self) -> f64 {
        let hours = self.years * HOURS_A_YEAR * self.utilization;
        let waiting_w = self.idle_w * (1.0 - self.utilization) / self.utilization;
        self.net_price / hours + (self.load_w + waiting_w) * self.per_kwh / 1000.0
    }

    /// Cost of a million tokens at so many a second.
    pub fn per_million(&self, tokens_per_second: f64) -> f64 {
        self.per_hour() * 1e6 / (3600.0 * tokens_per_second)
    }

    /// Of that, the electricity while it works.
    pub fn electricity_per_million(&self, tokens_per_second: f64) -> f64 {
        energy::kwh_per_million(energy::joules_per_token(self.load_w, tokens_per_second)) * self.per_kwh
    }
}
