//! Fields of the sections: what is typed, what is wrong with it, and the last good value.

use super::Kept;
use crate::app::lenses::{MOST_PRICE_USD, MOST_RAM_GIB};
use crate::estimate::several::{MOST_ARRIVALS, MOST_RATE, MOST_TOKENS, MOST_WAIT_S};
use crate::language::{localized, tr, typed};

/// Fastest network that can be asked about, GB/s.
pub const MOST_GBS: f64 = 1000.0;
/// Slowest, µs.
pub const MOST_LATENCY_US: f64 = 1e6;

/// A field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Launch price of the cards of other years, USD.
    Price,
    /// Main memory of the computers that they are in, GiB.
    Ram,
    /// Requests in a minute.
    Arrivals,
    /// Tokens that a request brings.
    TokensIn,
    /// Tokens of an answer.
    TokensOut,
    /// Seconds until the first token.
    Wait,
    /// Tokens a second of each answer.
    Rate,
    /// Rate between machines, GB/s.
    Network,
}

impl Field {
    /// Its caption.
    pub fn caption(self) -> &'static str {
        match self {
            Self::Price => tr!("Launch price"),
            Self::Ram => tr!("With RAM"),
            Self::Arrivals => tr!("Requests"),
            Self::TokensIn => tr!("Each brings"),
            Self::TokensOut => tr!("Answer of each"),
            Self::Wait => tr!("First token within"),
            Self::Rate => tr!("Each answer at"),
            Self::Network => tr!("Network"),
        }
    }

    /// Its unit.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Price => "USD",
            Self::Ram => "GiB",
            Self::Arrivals => tr!("a minute"),
            Self::TokensIn | Self::TokensOut => tr!("tokens"),
            Self::Wait => "s",
            Self::Rate => "tok/s",
            Self::Network => "GB/s",
        }
    }

    /// The lowest and highest value.
    const fn bounds(self) -> (f64, f64) {
        match self {
            Self::Price => (1.0, MOST_PRICE_USD),
            Self::Ram => (1.0, MOST_RAM_GIB),
            Self::Arrivals => (0.001, MOST_ARRIVALS),
            Self::TokensIn | Self::TokensOut => (1.0, MOST_TOKENS as f64),
            Self::Wait => (0.01, MOST_WAIT_S),
            Self::Rate => (0.0, MOST_RATE),
            Self::Network => (0.001, MOST_GBS),
        }
    }

    const fn is_whole(self) -> bool {
        matches!(self, Self::TokensIn | Self::TokensOut)
    }

    /// The value that counts.
    pub fn value(self, kept: &Kept) -> f64 {
        match self {
            Self::Price => kept.years.price_usd,
            Self::Ram => kept.years.ram_gib,
            Self::Arrivals => kept.demand.arrivals_per_minute,
            Self::TokensIn => f64::from(kept.demand.tokens_in),
            Self::TokensOut => f64::from(kept.demand.tokens_out),
            Self::Wait => kept.demand.wait_s,
            Self::Rate => kept.demand.rate,
            Self::Network => kept.network.gbs,
        }
    }

    /// Sets the value, which is within bounds.
    fn set(self, kept: &mut Kept, value: f64) {
        match self {
            Self::Price => kept.years.price_usd = value,
            Self::Ram => kept.years.ram_gib = value,
            Self::Arrivals => kept.demand.arrivals_per_minute = value,
            Self::TokensIn => kept.demand.tokens_in = value as u32,
            Self::TokensOut => kept.demand.tokens_out = value as u32,
            Self::Wait => kept.demand.wait_s = value,
            Self::Rate => kept.demand.rate = value,
            Self::Network => kept.network.gbs = value,
        }
    }

    /// Reads what is typed.
    ///
    /// # Errors
    /// What is wrong, for the field.
    pub fn read(self, text: &str) -> Result<f64, String> {
        let plain: String =
            typed(text).chars().filter(|letter| !matches!(letter, ',' | '_' | ' ' | '\u{202f}')).collect();
        if plain.is_empty() {
            return Err(tr!("Needs a number.").to_owned());
        }
        let value: f64 = plain.parse().map_err(|_| tr!("Is no number.").to_owned())?;
        let (low, high) = self.bounds();
        if !value.is_finite() || value < low || value > high {
            return Err(tr!("Must lie between {low} and {high}.", low = words(low), high = words(high)));
        }
        if self.is_whole() && value.fract() != 0.0 {
            return Err(tr!("Must be a whole number.").to_owned());
        }
        Ok(value)
    }
}

/// A number as it is written: with commas from a thousand on.
fn words(value: f64) -> String {
    if value >= 1000.0 && value.fract() == 0.0 {
        crate::units::thousands(value)
    } else {
        localized(value.to_string())
    }
}

/// The field that somebody is in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Typed {
    at: Option<(Field, String)>,
    /// What is wrong with it.
    pub error: Option<String>,
}

impl Typed {
    /// What a field shows.
    pub fn text(&self, field: Field, kept: &Kept) -> String {
        match &self.at {
            Some((at, text)) if *at == field => text.clone(),
            _ => words(field.value(kept)),
        }
    }

    /// What is wrong with what is typed into `field`.
    pub fn error_of(&self, field: Field) -> Option<&str> {
        self.error.as_deref().filter(|_| self.at.as_ref().is_some_and(|(at, _)| *at == field))
    }

    /// Takes what is typed; a good value counts at once. Whether it does.
    pub fn take(&mut self, field: Field, text: String, kept: &mut Kept) -> bool {
        let read = field.read(&text);
        self.at = Some((field, text));
        match read {
            Ok(value) => {
                self.error = None;
                field.set(kept, value);
                true
            }
            Err(why) => {
                self.error = Some(why);
                false
            }
        }
    }

    /// The field is left.
    pub fn leave(&mut self, field: Field) {
        if self.at.as_ref().is_some_and(|(at, _)| *at == field) {
            *self = Self::default();
        }
    }
}
