//! A share code as text: `PLIM`, a digit for its form, then JSON and a checksum in base 58.
//!
//! Base 58 has letters and digits only: no chat reads a part of it as emphasis or as the end of a link, a double click
//! selects all of it, and no two of its letters look alike. A code comes from anybody, so its length is bounded before
//! anything is allocated for it.

use thiserror::Error;

use super::Shared;
use crate::app::rigs::RigSenseless;
use crate::language::{of_json, tr};

/// What every code begins with.
const MARK: &str = "PLIM";
/// The form that is written; a reader refuses what it does not know.
const FORM: char = '1';
/// Longest code, letters: a view with two kinds of cards has some 400.
const LONGEST: usize = 4096;
/// Bytes of the checksum at the end.
const CHECK: usize = 4;
/// Longest text in which a code is looked for, bytes.
const LONGEST_TEXT: usize = 1 << 14;

/// Why a text is no code, or none is made.
#[derive(Debug, Error)]
pub enum ShareError {
    /// It does not begin as a code does.
    #[error("{}", tr!("it is no share code, which begins with {mark}", mark = format!("{MARK}{FORM}")))]
    NoCode,
    /// It is longer than any code.
    #[error("{}", tr!("it has {letters} letters, and a share code at most {most}", letters = .0, most = LONGEST))]
    TooLong(usize),
    /// A later version of this program has made it.
    #[error("{}", newer(*.0))]
    Newer(char),
    /// It holds what no code holds.
    #[error("{}", foreign(*.0))]
    Letter(char),
    /// The checksum is another.
    #[error("{}", tr!("letters of it are missing or changed: copy the whole code again"))]
    Damaged,
    /// What it carries is not what this version knows.
    #[error("{}", tr!("it holds what this version of Plimsoll does not know ({reason})", reason = of_json(.0)))]
    Content(#[from] serde_json::Error),
    /// Its machine cannot be.
    #[error("{}", tr!("its machine makes no sense: {reason}", reason = .0))]
    Senseless(#[from] RigSenseless),
    /// What is to be carried is too much.
    #[error(
        "{}",
        tr!("the machine has too many unlike parts for a share code; export the rig as a file instead")
    )]
    TooMuch,
}

fn newer(form: char) -> String {
    tr!(
        "it was made by a later version of Plimsoll (form {form}); this one reads form {known}",
        form,
        known = FORM
    )
}

fn foreign(letter: char) -> String {
    let letter = format!("{letter:?}");
    tr!("it holds {letter}, which no share code does: copy the whole code again", letter)
}

impl Shared {
    /// The code.
    ///
    /// # Errors
    /// [`ShareError::TooMuch`]: a machine of dozens of unlike cards.
    pub fn code(&self) -> Result<String, ShareError> {
        let mut bytes = self.json()?.into_bytes();
        bytes.extend(check(&bytes).to_be_bytes());
        let code = format!("{MARK}{FORM}{}", bs58::encode(bytes).into_string());
        if code.len() <= LONGEST { Ok(code) } else { Err(ShareError::TooMuch) }
    }

    /// What a code carries. Values out of range are brought into it, as those of settings are.
    ///
    /// # Errors
    /// What is wrong with it, in words for a person.
    pub fn of_code(code: &str) -> Result<Self, ShareError> {
        let rest = code.strip_prefix(MARK).ok_or(ShareError::NoCode)?;
        let form = rest.chars().next().filter(char::is_ascii_digit).ok_or(ShareError::NoCode)?;
        if form != FORM {
            return Err(ShareError::Newer(form));
        }
        if code.len() > LONGEST {
            return Err(ShareError::TooLong(code.chars().count()));
        }
        let digits = &rest[form.len_utf8()..];
        let bytes = bs58::decode(digits).into_vec().map_err(|error| match error {
            bs58::decode::Error::InvalidCharacter { character, .. } => ShareError::Letter(character),
            // The error names bytes of a letter that is none of ASCII's.
            bs58::decode::Error::NonAsciiCharacter { index } => {
                let letter = digits.get(index..).and_then(|rest| rest.chars().next());
                letter.map_or(ShareError::Damaged, ShareError::Letter)
            }
            _ => ShareError::Damaged,
        })?;
        let (content, sum) = bytes.split_last_chunk::<CHECK>().ok_or(ShareError::Damaged)?;
        if check(content).to_be_bytes() != *sum {
            return Err(ShareError::Damaged);
        }
        Self::of_content(content)
    }

    /// What the first code in a text carries; `None`: there is none in it. A code may stand between other words, or be
    /// broken over lines where nothing else is there.
    pub fn in_text(text: &str) -> Option<Result<Self, ShareError>> {
        if text.len() > LONGEST_TEXT || !text.contains(MARK) {
            return None;
        }
        let words: Vec<&str> = text
            .split_whitespace()
            .map(|word| word.trim_matches(|letter: char| !letter.is_alphanumeric()))
            .filter(|word| is_like_a_code(word))
            .collect();
        let first = words.first()?;
        let read = Self::of_code(first);
        // Nothing but a code begins with its mark: what follows may be the rest of it.
        if read.is_err() && text.trim_start().starts_with(MARK) {
            let joined: String = text.split_whitespace().collect();
            if let Ok(shared) = Self::of_code(&joined) {
                return Some(Ok(shared));
            }
        }
        Some(read)
    }
}

/// Whether a word begins as a code of any version does.
fn is_like_a_code(word: &str) -> bool {
    word.strip_prefix(MARK).is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit()))
}

/// CRC-32 of a code's content, with what stands before it.
fn check(content: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(MARK.as_bytes());
    hasher.update(&[FORM as u8]);
    hasher.update(content);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{plain, rich};
    use super::*;

    #[test]
    fn codes_come_back_as_they_were() {
        for shared in [plain(), rich()] {
            let code = shared.code().unwrap();
            assert!(code.starts_with("PLIM1") && code.chars().all(|c| c.is_ascii_alphanumeric()), "{code}");
            assert_eq!(Shared::of_code(&code).unwrap(), shared);
        }
        let length = plain().code().unwrap().len();
        assert!(length < 130, "{length} letters for a plain view");
        let length = rich().code().unwrap().len();
        assert!(length < 600, "{length} letters with a machine");
    }

    #[test]
    fn each_letter_counts() {
        let code = plain().code().unwrap();
        for place in 5..code.len() {
            for letter in ['2', 'z', '0', 'é', ' '] {
                let mut changed: Vec<char> = code.chars().collect();
                if changed[place] == letter {
                    continue;
                }
                changed[place] = letter;
                let changed: String = changed.into_iter().collect();
                let error = Shared::of_code(&changed).expect_err(&changed);
                let is_letter = matches!(error, ShareError::Letter(found) if found == letter);
                let is_digit = matches!(letter, '2' | 'z');
                assert!(if is_digit { matches!(error, ShareError::Damaged) } else { is_letter }, "{error}");
            }
            assert!(matches!(Shared::of_code(&code[..place]), Err(ShareError::Damaged)), "cut at {place}");
        }
    }

    #[test]
    fn damage_is_named() {
        let why = |text: &str| Shared::of_code(text).unwrap_err().to_string();
        assert_eq!(why("hello"), "it is no share code, which begins with PLIM1");
        assert_eq!(why("PLIMx"), "it is no share code, which begins with PLIM1");
        assert!(why("PLIM2abc").starts_with("it was made by a later version of Plimsoll (form 2)"));
        assert!(why(&format!("PLIM1{}", "a".repeat(5000))).starts_with("it has 5005 letters"));
        assert!(why("PLIM1").starts_with("letters of it are missing"));
        assert!(why("PLIM1I").starts_with("it holds 'I'"));
        let of = |json: &str| {
            let mut bytes = json.as_bytes().to_vec();
            bytes.extend(check(&bytes).to_be_bytes());
            why(&format!("PLIM1{}", bs58::encode(bytes).into_string()))
        };
        assert!(of("{}").contains("missing field"), "{}", of("{}"));
        assert!(of("[").contains("does not know"), "{}", of("["));
        let plain = r#"{"q":"Q4_K_M","c":16384,"k":"f16","n":1,"e":"llama.cpp""#;
        assert!(of(&format!("{plain},\"zz\":1}}")).contains("zz"));
        assert!(of(&format!("{plain},\"v\":{{\"page\":\"moon\"}}}}")).contains("moon"));
        let rig = format!("{plain},\"r\":{{\"name\":\"x\",\"machine\":{{\"ram_gib\":-1}}}}}}");
        assert!(of(&rig).starts_with("its machine makes no sense: ram_gib"), "{}", of(&rig));
    }

    #[test]
    fn wild_values_are_tamed() {
        let mut wild = plain();
        (wild.context, wild.concurrency) = (u32::MAX, 0);
        wild.view.search = "x".repeat(2000);
        let read = Shared::of_code(&wild.code().unwrap()).unwrap();
        assert_eq!((read.context, read.concurrency), (1 << 20, 1));
        assert!(read.view.search.len() < 300);
    }

    #[test]
    fn a_machine_of_very_many_kinds_is_too_much() {
        let mut shared = rich();
        let rig = shared.rig.as_mut().unwrap();
        let one = rig.machine.gpus[0].clone();
        rig.machine.gpus = (0..64)
            .map(|place| crate::machine::spec::GpuSpec {
                name: format!("Some card with a name as long as the marketing of cards likes {place}"),
                count: 1,
                ..one.clone()
            })
            .collect();
        assert!(matches!(shared.code(), Err(ShareError::TooMuch)));
    }

    #[test]
    fn codes_are_found_between_words_and_over_lines() {
        let code = rich().code().unwrap();
        let found = |text: &str| Shared::in_text(text).map(Result::ok);
        let here = Some(Some(rich()));
        assert_eq!(found(&code), here);
        assert_eq!(found(&format!("  {code}\n")), here);
        assert_eq!(found(&format!("look: `{code}`, it fits")), here);
        let (first, rest) = code.split_at(40);
        assert_eq!(found(&format!("{first}\r\n  {rest}\n")), here);
        assert_eq!(found("some words"), None);
        assert_eq!(found("PLIMSOLL is a line"), None);
        assert_eq!(found(&format!("{first} and more")), Some(None));
        assert_eq!(found(&format!("{}{code}", " ".repeat(LONGEST_TEXT))), None);
    }

    #[test]
    fn random_text_is_never_more_than_an_error() {
        // A small generator of our own: the same texts each time.
        let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
        let mut next = || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed
        };
        let letters = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
        for _ in 0..3000 {
            let length = next() as usize % 120;
            let text: String =
                (0..length).map(|_| char::from(letters[next() as usize % letters.len()])).collect();
            assert!(Shared::of_code(&format!("PLIM1{text}")).is_err());
            let bytes: Vec<u8> = (0..length).map(|_| next() as u8).collect();
            let wild = String::from_utf8_lossy(&bytes).into_owned();
            assert!(Shared::of_code(&wild).is_err());
            assert!(Shared::in_text(&wild).is_none_or(|read| read.is_err()));
            // With the right checksum only what it carries is left to be wrong.
            let mut content = bytes;
            content.extend(check(&content).to_be_bytes());
            let framed = format!("PLIM1{}", bs58::encode(content).into_string());
            assert!(matches!(Shared::of_code(&framed), Err(ShareError::Content(_))));
        }
    }
}
