//! Reading a level's name, and what to say of a name that is none.

use std::str::FromStr;

use super::{FileType, Level};
use crate::language::tr;

/// Suggestions that an error lists at most.
const SUGGESTIONS: usize = 3;
/// Characters of a name that are compared with the known ones and shown: names come from anywhere.
const LONGEST_NAME: usize = 40;
/// Hundredths of bits per weight that ExLlama makes.
const EXL_BITS: std::ops::RangeInclusive<u16> = 100..=800;

/// A name that is no quantization level.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", tr!("unknown quantization \"{name}\"; nearest: {nearest}", name, nearest = .suggestions.join(", ")))]
pub struct UnknownLevel {
    /// The name as it was given, cut after 40 characters.
    pub name: String,
    /// The nearest known names, best first; never empty.
    pub suggestions: Vec<String>,
}

impl FromStr for Level {
    type Err = UnknownLevel;

    /// Reads a name as [`Display`](std::fmt::Display) writes it, in any case, with spaces around it.
    fn from_str(name: &str) -> Result<Self, UnknownLevel> {
        let wanted = name.trim();
        named(wanted).or_else(|| exl(wanted)).ok_or_else(|| UnknownLevel {
            name: wanted.chars().take(LONGEST_NAME).collect(),
            suggestions: nearest(wanted),
        })
    }
}

/// Levels with a fixed name.
fn fixed() -> impl Iterator<Item = Level> {
    [Level::ALL_GGUF, &[Level::Native], Level::OTHERS].into_iter().flatten().copied()
}

fn named(wanted: &str) -> Option<Level> {
    // The common ones without building names to compare with.
    if let Some(&file_type) = FileType::ALL.iter().find(|t| t.name().eq_ignore_ascii_case(wanted)) {
        return Some(Level::Gguf(file_type));
    }
    fixed().skip(FileType::ALL.len()).find(|level| level.to_string().eq_ignore_ascii_case(wanted))
}

/// `EXL2-x.y` and `EXL3-x.y`: up to two decimals.
fn exl(wanted: &str) -> Option<Level> {
    let (format, bits) = wanted.split_once('-')?;
    let level: fn(u16) -> Level = match format.to_ascii_uppercase().as_str() {
        "EXL2" => Level::Exl2,
        "EXL3" => Level::Exl3,
        _ => return None,
    };
    let (whole, part) = bits.split_once('.').unwrap_or((bits, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || whole.len() > 1 || part.len() > 2 {
        return None;
    }
    let part: u16 = format!("{part:0<2}").parse().ok()?;
    let hundredths = whole.parse::<u16>().ok()? * 100 + part;
    EXL_BITS.contains(&hundredths).then(|| level(hundredths))
}

/// Known names by resemblance, best first. Punctuation does not count: "q4km" means `Q4_K_M`.
fn nearest(wanted: &str) -> Vec<String> {
    let wanted = letters(wanted);
    let mut names: Vec<(f64, String)> = fixed()
        .map(|level| level.to_string())
        .chain(["EXL2-4.0".to_owned(), "EXL3-4.0".to_owned()])
        .map(|name| {
            let (known, wanted) = (letters(&name), wanted.as_str());
            // A beginning that is right weighs more than an end that is: "Q4_K" means `Q4_K_M`, not `Q6_K`.
            (strsim::jaro_winkler(&known, wanted), name)
        })
        .collect();
    names.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    names.into_iter().take(SUGGESTIONS).map(|(_, name)| name).collect()
}

fn letters(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .take(LONGEST_NAME)
        .map(|letter| letter.to_ascii_uppercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_in_any_case() {
        for level in fixed().chain([Level::Exl2(425), Level::Exl3(200), Level::Exl3(800)]) {
            let name = level.to_string();
            assert_eq!(name.parse(), Ok(level));
            assert_eq!(name.to_lowercase().parse(), Ok(level));
            let json = serde_json::to_string(&level).unwrap();
            assert_eq!(json, format!("\"{name}\""));
            assert_eq!(serde_json::from_str::<Level>(&json).unwrap(), level);
        }
    }

    #[test]
    fn the_names_of_the_interface() {
        let names = "F32 BF16 F16 Q8_0 Q6_K Q5_K_M Q5_K_S Q5_1 Q5_0 Q4_K_M Q4_K_S Q4_1 Q4_0 IQ4_NL IQ4_XS \
            Q3_K_L Q3_K_M Q3_K_S IQ3_M IQ3_S IQ3_XS IQ3_XXS Q2_K Q2_K_S IQ2_M IQ2_S IQ2_XS IQ2_XXS IQ1_M IQ1_S \
            TQ1_0 TQ2_0 MXFP4_MOE NATIVE GPTQ-4bit-g32 GPTQ-8bit-g128 AWQ-4bit-g64 AWQ-4bit-g128 FP8 INT8 NVFP4 \
            MXFP4 NF4 MLX-2bit-g32 MLX-5bit-g64 MLX-8bit-g128 EXL2-6.5 EXL3-3.0";
        for name in names.split_whitespace() {
            assert_eq!(name.parse::<Level>().map(|level| level.to_string()).as_deref(), Ok(name));
        }
    }

    #[test]
    fn exl_takes_bits_per_weight() {
        assert_eq!("exl3-4".parse(), Ok(Level::Exl3(400)));
        assert_eq!("EXL2-4.25".parse::<Level>().unwrap().to_string(), "EXL2-4.25");
        for bad in ["EXL2-", "EXL2-4.125", "EXL2-9.0", "EXL2-0.5", "EXL3-+4", "EXL3-4.", "EXL3-44"] {
            assert!(bad.parse::<Level>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_unknown_name_gets_the_nearest() {
        let suggestion = |name: &str| name.parse::<Level>().unwrap_err().suggestions[0].clone();
        assert_eq!(suggestion("q4km"), "Q4_K_M");
        assert_eq!(suggestion("Q4-K-M"), "Q4_K_M");
        assert_eq!(suggestion("Q5_K_XL"), "Q5_K_S");
        assert_eq!(suggestion("iq3xxs"), "IQ3_XXS");
        assert_eq!(suggestion("MLX-4bit"), "MLX-4bit-g32");
        assert_eq!(suggestion("bf-16"), "BF16");
        let error = "Q4_K".parse::<Level>().unwrap_err();
        assert!(error.suggestions.iter().any(|name| name == "Q4_K_M"), "{error}");
        assert!(error.to_string().starts_with("unknown quantization \"Q4_K\"; nearest: Q4_K_"), "{error}");
    }

    #[test]
    fn absurd_names_are_cut() {
        let error = "é".repeat(100_000).parse::<Level>().unwrap_err();
        assert_eq!(error.name.chars().count(), LONGEST_NAME);
        assert_eq!(error.suggestions.len(), SUGGESTIONS);
        assert_eq!("".parse::<Level>().unwrap_err().suggestions.len(), SUGGESTIONS);
    }
}
