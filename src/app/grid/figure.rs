//! What a cell of the matrix says.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Cell, Extra};
use crate::language::tr;
use crate::quant::quality::Retained;
use crate::units::Bytes;

/// The figure that all cells show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// Decode rate.
    #[default]
    TokensPerSecond,
    /// Memory needed.
    Gib,
    /// Longest context that keeps the model on the GPU.
    Context,
    /// Quality kept.
    Quality,
    /// Time to the first token.
    FirstToken,
}

/// What is wanted of cells beside their estimates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Nothing.
    Nothing,
    /// The longest context.
    LongestContext,
    /// The time to the first token.
    FirstToken,
}

impl Figure {
    /// All, in the order of the keys 1 to 5.
    pub const ALL: [Self; 5] =
        [Self::TokensPerSecond, Self::Gib, Self::Context, Self::Quality, Self::FirstToken];

    /// What it needs beside the estimates.
    pub const fn wanted(self) -> Wanted {
        match self {
            Self::TokensPerSecond | Self::Gib | Self::Quality => Wanted::Nothing,
            Self::Context => Wanted::LongestContext,
            Self::FirstToken => Wanted::FirstToken,
        }
    }

    /// Its name on the switch.
    pub fn label(self) -> &'static str {
        match self {
            Self::TokensPerSecond => tr!("Tokens/s"),
            Self::Gib => "GiB",
            Self::Context => tr!("Context"),
            Self::Quality => tr!("Quality"),
            Self::FirstToken => tr!("Wait"),
        }
    }

    /// What it is, in a sentence.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::TokensPerSecond => {
                tr!("Decode rate of all requests together, tokens per second, estimated")
            }
            Self::Gib => tr!("Memory needed on all GPUs and in RAM, GiB"),
            Self::Context => {
                tr!("Longest context that keeps the whole model on the GPU (in RAM without one)")
            }
            Self::Quality => tr!("Share of the benchmark score that is kept, percent"),
            Self::FirstToken => {
                tr!("Seconds to the first token of a new conversation of 2K tokens, estimated")
            }
        }
    }
}

/// The text of a cell before it is a text: small, comparable, and the key of the cache of laid-out texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FigureText {
    /// Nothing.
    Empty,
    /// A rate below one.
    BelowOne,
    /// A whole number.
    Whole(u32),
    /// A number with one decimal, in tenths.
    Tenths(u32),
    /// A whole number that is rough.
    About(u32),
    /// Less than 1,024 tokens.
    BelowKilo,
    /// A number of 1,024 tokens.
    Kilo(u32),
    /// A number of 1,048,576 tokens, in tenths.
    Mega(u32),
    /// A number of minutes.
    Minutes(u32),
    /// There is no such value.
    Dash,
    /// The value is not known.
    Unknown,
}

impl FigureText {
    /// What `cell` says. A cell that runs nowhere says only its size.
    pub fn of(figure: Figure, cell: &Cell) -> Self {
        let Cell::Known(brief, extra) = cell else { return Self::Empty };
        let runs = brief.class.runs();
        match figure {
            Figure::Gib => Self::gib(brief.need),
            _ if !runs => Self::Empty,
            Figure::TokensPerSecond => brief.decode.map_or(Self::Unknown, |decode| Self::rate(decode.p50)),
            Figure::Quality => Self::quality(&brief.quality),
            Figure::Context => match extra {
                Extra::NoContext => Self::Dash,
                Extra::Context(tokens) => Self::tokens(*tokens),
                Extra::NotAsked | Extra::FirstToken(_) => Self::Empty,
            },
            Figure::FirstToken => match extra {
                Extra::FirstToken(seconds) => seconds.map_or(Self::Unknown, Self::wait),
                _ => Self::Empty,
            },
        }
    }

    fn rate(tokens_per_second: f64) -> Self {
        if tokens_per_second < 1.0 { Self::BelowOne } else { Self::Whole(tokens_per_second.round() as u32) }
    }

    fn gib(size: Bytes) -> Self {
        let tenths = (size.gib() * 10.0).round();
        // As units::gib_text: no decimal from 99.95 GiB.
        if tenths < 1000.0 { Self::Tenths(tenths as u32) } else { Self::Whole(size.gib().round() as u32) }
    }

    fn wait(seconds: f64) -> Self {
        match seconds {
            ..9.95 => Self::Tenths((seconds * 10.0).round().max(1.0) as u32),
            ..999.5 => Self::Whole(seconds.round() as u32),
            _ => Self::Minutes((seconds / 60.0).round() as u32),
        }
    }

    fn tokens(tokens: u32) -> Self {
        // Rounded down: a context that is promised must fit.
        match tokens {
            0..1024 => Self::BelowKilo,
            1024..0x10_0000 => Self::Kilo(tokens / 1024),
            _ => Self::Mega((u64::from(tokens) * 10 / 0x10_0000) as u32),
        }
    }

    fn quality(quality: &Retained) -> Self {
        match quality.mid {
            None => Self::About((quality.centre * 100.0).round() as u32),
            Some(kept) if kept >= 0.9995 => Self::Whole(100),
            Some(kept) => Self::Tenths((kept * 1000.0).round() as u32),
        }
    }
}

impl fmt::Display for FigureText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Empty => Ok(()),
            Self::BelowOne => f.write_str("<1"),
            Self::Whole(number) => write!(f, "{number}"),
            Self::Tenths(tenths) => write!(f, "{}.{}", tenths / 10, tenths % 10),
            Self::About(number) => write!(f, "~{number}"),
            Self::BelowKilo => f.write_str("<1K"),
            Self::Kilo(number) => write!(f, "{number}K"),
            Self::Mega(tenths) if tenths.is_multiple_of(10) => write!(f, "{}M", tenths / 10),
            Self::Mega(tenths) => write!(f, "{}.{}M", tenths / 10, tenths % 10),
            Self::Minutes(minutes) => write!(f, "{minutes}m"),
            Self::Dash => f.write_str("–"),
            Self::Unknown => f.write_str(tr!("n/a")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::grid::testing::brief;
    use crate::estimate::FitClass;
    use crate::quant::quality::by_size;

    fn text(figure: Figure, cell: &Cell) -> String {
        FigureText::of(figure, cell).to_string()
    }

    #[test]
    fn rates_have_no_decimals() {
        let rate = |p50: f64| {
            text(Figure::TokensPerSecond, &Cell::Known(brief(FitClass::Fits, p50, 0.99), Extra::NotAsked))
        };
        assert_eq!([rate(268.4), rate(17.6), rate(1.0), rate(0.97)], ["268", "18", "1", "<1"]);
    }

    #[test]
    fn sizes_are_those_of_units() {
        for gib in [0.04, 11.84, 99.94, 99.96, 123.4, 0.0] {
            let mut known = brief(FitClass::Fits, 20.0, 0.99);
            known.need = Bytes::from_gib(gib);
            let cell = Cell::Known(known, Extra::NotAsked);
            assert_eq!(text(Figure::Gib, &cell), crate::units::gib_text(known.need));
        }
    }

    #[test]
    fn a_context_is_rounded_down() {
        let longest = |l| text(Figure::Context, &Cell::Known(brief(FitClass::Fits, 20.0, 0.99), l));
        assert_eq!(longest(Extra::Context(12_031)), "11K");
        assert_eq!(longest(Extra::Context(131_072)), "128K");
        assert_eq!(longest(Extra::Context(1 << 20)), "1M");
        assert_eq!(longest(Extra::Context(3 << 19)), "1.5M");
        assert_eq!(longest(Extra::Context(512)), "<1K");
        assert_eq!(longest(Extra::NoContext), "–");
        assert_eq!(longest(Extra::NotAsked), "");
    }

    #[test]
    fn a_wait_is_in_seconds_until_it_is_long() {
        let wait = |seconds| {
            let cell = Cell::Known(brief(FitClass::Fits, 20.0, 0.99), Extra::FirstToken(seconds));
            text(Figure::FirstToken, &cell)
        };
        let waits = [0.01, 0.44, 9.94, 9.96, 412.3, 1500.0].map(|seconds| wait(Some(seconds)));
        assert_eq!(waits, ["0.1", "0.4", "9.9", "10", "412", "25m"]);
        assert_eq!(wait(None), "n/a");
    }

    #[test]
    fn quality_reads_as_everywhere() {
        for (bits, params) in [(4.9, 8_000_000_000), (2.4, 8_000_000_000), (16.0, 8_000_000_000)] {
            let mut known = brief(FitClass::Offload, 20.0, 0.99);
            known.quality = by_size(bits, params);
            let cell = Cell::Known(known, Extra::NotAsked);
            assert_eq!(text(Figure::Quality, &cell), known.quality.text());
        }
    }

    #[test]
    fn what_does_not_run_says_only_its_size() {
        let cell = Cell::Known(brief(FitClass::TooBig, 20.0, 0.99), Extra::Context(4096));
        assert_eq!(text(Figure::TokensPerSecond, &cell), "");
        assert_eq!(text(Figure::Context, &cell), "");
        assert_ne!(text(Figure::Gib, &cell), "");
        assert_eq!(text(Figure::Gib, &Cell::Unsupported("no".into())), "");
    }

    #[test]
    fn an_unknown_speed_is_not_zero() {
        let mut known = brief(FitClass::Fits, 20.0, 0.99);
        known.decode = None;
        assert_eq!(text(Figure::TokensPerSecond, &Cell::Known(known, Extra::NotAsked)), "n/a");
    }
}
