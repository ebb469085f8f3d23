//! What a word of the command line means.

use std::str::FromStr as _;

use crate::app::best_for::SPEED;
use crate::app::typed;
use crate::estimate::scenario::CacheType;
use crate::quant::Level;

/// Tokens: 8192, or 32k, or 1m, in units of 1024.
pub fn tokens(text: &str) -> Result<u32, String> {
    let lower = text.trim().to_ascii_lowercase();
    let (digits, shift) = match (lower.strip_suffix('k'), lower.strip_suffix('m')) {
        (Some(digits), _) => (digits, 10),
        (_, Some(digits)) => (digits, 20),
        _ => (lower.as_str(), 0),
    };
    let number = u32::from_str(digits).ok().and_then(|number| number.checked_mul(1 << shift));
    let most = crate::cli::query::MAX_TOKENS;
    number
        .filter(|number| *number <= most)
        .ok_or_else(|| format!("tokens are a whole number up to {most}, or short as 32k or 1m"))
}

/// Tokens of a context, of which there is at least one.
pub(super) fn context(text: &str) -> Result<u32, String> {
    tokens(text).and_then(|tokens| {
        if tokens == 0 { Err("a context has at least 1 token".to_owned()) } else { Ok(tokens) }
    })
}

/// A number; JSON has none for `nan` and `inf`, and what it then leaves out would be assumed.
pub(super) fn gibibytes(text: &str) -> Result<f64, String> {
    let number = f64::from_str(text.trim()).ok().filter(|number| number.is_finite());
    number.filter(|number| *number > 0.0).ok_or_else(|| "memory is a number of GiB above 0".to_owned())
}

/// Tokens a second.
pub(super) fn speed(text: &str) -> Result<f64, String> {
    typed::number(text, "tok/s", &SPEED)
}

/// A quantization by its name.
pub fn level(text: &str) -> Result<Level, String> {
    text.parse().map_err(|unknown: crate::quant::UnknownLevel| unknown.to_string())
}

/// A type of the KV cache by its name.
pub fn cache(text: &str) -> Result<CacheType, String> {
    let found = CacheType::LLAMA_CPP.into_iter().find(|t| t.name().eq_ignore_ascii_case(text.trim()));
    found.ok_or_else(|| format!("one of {}", CacheType::LLAMA_CPP.map(CacheType::name).join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_in_short_form() {
        assert_eq!(tokens("8192"), Ok(8192));
        assert_eq!(tokens("32k"), Ok(32_768));
        assert_eq!(tokens(" 1M "), Ok(1 << 20));
        for wrong in ["", "k", "-1", "8.5k", "2000m", "99999999999", "8 k"] {
            assert!(tokens(wrong).is_err(), "{wrong}");
        }
    }
}
