//! What is asked of a service by many users.

use crate::language::tr;
use schemars::JsonSchema;

use serde::{Deserialize, Serialize};

/// Share of the requests that the target holds for.
pub const SHARE: f64 = 0.95;

/// What a service has to bear.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Demand {
    /// Requests that arrive in a minute, at random.
    pub arrivals_per_minute: f64,
    /// Tokens that a request brings.
    pub tokens_in: u32,
    /// Tokens of an answer.
    pub tokens_out: u32,
    /// Seconds until the first token that 95 of 100 requests may wait.
    pub wait_s: f64,
    /// Tokens a second that each answer must come with.
    pub rate: f64,
}

impl Default for Demand {
    fn default() -> Self {
        Self { arrivals_per_minute: 60.0, tokens_in: 1000, tokens_out: 300, wait_s: 5.0, rate: 10.0 }
    }
}

/// A field of a demand that is no number to count with.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct BadDemand {
    /// The field's name.
    pub field: &'static str,
    /// What is wrong.
    pub problem: String,
}

/// Most arrivals in a minute.
pub const MOST_ARRIVALS: f64 = 1e6;
/// Most tokens of a prompt or an answer.
pub const MOST_TOKENS: u32 = 1 << 20;
/// Longest wait that can be asked for, s.
pub const MOST_WAIT_S: f64 = 86_400.0;
/// Highest rate that can be asked for, tokens/s.
pub const MOST_RATE: f64 = 1e4;

impl Demand {
    /// Requests in a second.
    pub fn arrivals(&self) -> f64 {
        self.arrivals_per_minute / 60.0
    }

    /// Tokens of context of one request.
    pub fn context(&self) -> u32 {
        self.tokens_in.saturating_add(self.tokens_out)
    }

    /// The same, where every field can be counted with.
    ///
    /// # Errors
    /// The first field that cannot, with what it may be.
    pub fn checked(self) -> Result<Self, BadDemand> {
        let number = |field, value: f64, low: f64, high: f64| {
            let problem = if value.is_finite() && value >= low && value <= high {
                return Ok(());
            } else if value.is_nan() {
                tr!("is no number").to_owned()
            } else {
                tr!("must lie between {low} and {high}", low, high)
            };
            Err(BadDemand { field, problem })
        };
        number("arrivals_per_minute", self.arrivals_per_minute, 0.001, MOST_ARRIVALS)?;
        number("tokens_in", f64::from(self.tokens_in), 1.0, f64::from(MOST_TOKENS))?;
        number("tokens_out", f64::from(self.tokens_out), 1.0, f64::from(MOST_TOKENS))?;
        number("wait_s", self.wait_s, 0.01, MOST_WAIT_S)?;
        number("rate", self.rate, 0.0, MOST_RATE)?;
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_named() {
        let good = Demand::default();
        assert_eq!(good.checked(), Ok(good));
        let field = |demand: Demand| demand.checked().unwrap_err().to_string();
        let arrivals = |value| field(Demand { arrivals_per_minute: value, ..good });
        assert_eq!(arrivals(f64::NAN), "arrivals_per_minute: is no number");
        for value in [0.0, -1.0, 1e7, f64::INFINITY] {
            assert_eq!(arrivals(value), "arrivals_per_minute: must lie between 0.001 and 1000000");
        }
        assert!(field(Demand { tokens_in: 0, ..good }).starts_with("tokens_in"));
        assert!(field(Demand { tokens_out: u32::MAX, ..good }).starts_with("tokens_out"));
        assert!(field(Demand { wait_s: 0.0, ..good }).starts_with("wait_s"));
        assert!(field(Demand { rate: -0.1, ..good }).starts_with("rate"));
    }
}
