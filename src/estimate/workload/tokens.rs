//! How many tokens a text has, from words, pages, characters or minutes; and work in a person's words: "5000
//! contracts of 12 pages".

use serde::Deserialize;

use super::presets;
use crate::language::{self, fixed, mark, tr};

/// What a text is taken for. English; other languages and scripts have more tokens a word.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Assumptions {
    /// Tokens a word.
    pub per_word: f64,
    /// Characters a token.
    pub characters: f64,
    /// Words a page.
    pub words_a_page: f64,
    /// Tokens a line of code.
    pub tokens_a_line: f64,
    /// Words that are spoken in a minute.
    pub words_a_minute: f64,
    /// Where they come from.
    pub sources: Vec<String>,
}

impl Assumptions {
    /// Tokens of a page.
    pub fn page(&self) -> f64 {
        (self.words_a_page * self.per_word).round()
    }
}

/// What a length is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Tokens themselves.
    Tokens,
    /// Words.
    Words,
    /// Pages.
    Pages,
    /// Letters, spaces and signs.
    Characters,
    /// Lines of code.
    Lines,
    /// Minutes of speech.
    Minutes,
}

impl Unit {
    const WORDS: [(Self, &'static [&'static str]); 6] = [
        (Self::Tokens, &["token", "tokens", "tok"]),
        (Self::Words, &["word", "words", "wort", "wörter", "worte", "wörtern", "worten"]),
        (Self::Pages, &["page", "pages", "pp", "seite", "seiten"]),
        (Self::Characters, &["character", "characters", "char", "chars", "letters", "zeichen"]),
        (Self::Lines, &["line", "lines", "loc", "zeile", "zeilen"]),
        (Self::Minutes, &["minute", "minutes", "min", "minuten"]),
    ];

    fn of(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, words)| words.contains(&word)).map(|(unit, _)| *unit)
    }

    /// Tokens of so many.
    pub fn tokens(self, amount: f64) -> f64 {
        let known = presets::assumptions();
        let each = match self {
            Self::Tokens => 1.0,
            Self::Words => known.per_word,
            Self::Pages => known.page(),
            Self::Characters => 1.0 / known.characters,
            Self::Lines => known.tokens_a_line,
            Self::Minutes => known.words_a_minute * known.per_word,
        };
        (amount * each).round()
    }

    /// What is assumed of one.
    pub fn assumption(self) -> String {
        let known = presets::assumptions();
        match self {
            Self::Tokens => tr!("tokens as they are").to_owned(),
            Self::Words => tr!("{tokens} tokens a word, in English", tokens = fixed(known.per_word, 2)),
            Self::Pages => {
                tr!(
                    "{tokens} tokens a page: {words} words",
                    tokens = known.page(),
                    words = known.words_a_page
                )
            }
            Self::Characters => {
                tr!("{characters} characters a token, in English", characters = known.characters)
            }
            Self::Lines => tr!("{tokens} tokens a line of code", tokens = known.tokens_a_line),
            Self::Minutes => tr!(
                "{tokens} tokens a minute of speech: {words} words",
                tokens = Self::Minutes.tokens(1.0),
                words = known.words_a_minute
            ),
        }
    }
}

/// What a text says of work.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// How many items.
    pub items: Option<f64>,
    /// What an item is called, as it was written: "contracts".
    pub name: Option<String>,
    /// Length of an item.
    pub length: Option<(f64, Unit)>,
    /// Length of an answer.
    pub answer: Option<(f64, Unit)>,
}

impl Said {
    /// Tokens of an item.
    pub fn input(&self) -> Option<f64> {
        self.length.map(|(amount, unit)| unit.tokens(amount))
    }

    /// Tokens of an answer.
    pub fn output(&self) -> Option<f64> {
        self.answer.map(|(amount, unit)| unit.tokens(amount))
    }
}

/// Why a text says nothing of work.
pub const NOT_UNDERSTOOD: &str = mark!("write it like: 5000 contracts of 12 pages, answers of 300 words");

/// Words between a number and what it counts.
const FILLERS: [&str; 28] = [
    "of", "with", "a", "an", "each", "about", "some", "long", "short", "the", "has", "have", //
    "von", "zu", "mit", "je", "jeweils", "ein", "eine", "einer", "etwa", "rund", "lange", "kurze", "langen",
    "kurzen", "hat", "haben",
];
/// Words after which an answer is spoken of.
const ANSWERS: [&str; 24] = [
    "answer",
    "answers",
    "reply",
    "replies",
    "summary",
    "summaries",
    "output",
    "outputs",
    "into",
    "result",
    "results",
    "write",
    "written",
    "summarize",
    "summarise",
    "to",
    "antwort",
    "antworten",
    "zusammenfassung",
    "zusammenfassungen",
    "ausgabe",
    "ergebnis",
    "ergebnisse",
    "zusammenfassen",
];

/// A number as people write it: "5000", "5,000", "5k", "1.5M", with the signs of their language.
pub fn number(text: &str) -> Option<f64> {
    let text = text.trim().trim_end_matches(['.', ';', ':']);
    let lower = language::typed(text).to_lowercase();
    let (digits, factor) = if let Some(rest) = lower.strip_suffix('k') {
        (rest, 1e3)
    } else if let Some(rest) = lower.strip_suffix('m') {
        (rest, 1e6)
    } else {
        (lower.as_str(), 1.0)
    };
    let digits = digits.trim_end_matches(',');
    if !digits.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    // Groups of three after the first comma are thousands.
    let parts: Vec<&str> = digits.split(',').collect();
    let are_groups =
        parts.iter().skip(1).all(|part| part.len() >= 3 && part[..3].bytes().all(|b| b.is_ascii_digit()));
    let plain = if are_groups { parts.concat() } else { return None };
    plain.parse::<f64>().ok().map(|value| value * factor).filter(|value| value.is_finite())
}

/// Reads what `text` says of work.
///
/// # Errors
/// It holds no number, or one that is not one.
pub fn read(text: &str) -> Result<Said, &'static str> {
    let spaced = text.replace(['(', ')', ';', '–', '—', '/', '×'], " ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut said = Said::default();
    let mut of_answer = false;
    let mut place = 0;
    while place < words.len() {
        let word = words[place].trim_matches([',', '.', ':']).to_lowercase();
        // "summarize 5000 contracts": the work comes first, its answers later.
        if ANSWERS.contains(&word.as_str()) && said.items.is_some() {
            of_answer = true;
        }
        let Some(amount) = number(words[place]) else {
            place += 1;
            continue;
        };
        let mut next = place + 1;
        // "5 000 contracts"
        let mut amount = amount;
        while let Some(group) = words.get(next)
            && group.len() == 3
            && group.bytes().all(|byte| byte.is_ascii_digit())
            && amount < 1e6
        {
            amount = amount.mul_add(1000.0, group.parse::<f64>().unwrap_or(0.0));
            next += 1;
        }
        let named = words[next.min(words.len())..]
            .iter()
            .map(|word| word.trim_matches([',', '.', ':']).to_lowercase())
            .find(|word| !FILLERS.contains(&word.as_str()));
        match named.as_deref().and_then(Unit::of) {
            Some(unit) if of_answer => said.answer = Some((amount, unit)),
            Some(unit) => {
                // "300-word summaries" and "answers of 300 words" after the length.
                let is_second = said.length.is_some();
                let place = if is_second { &mut said.answer } else { &mut said.length };
                *place = Some((amount, unit));
            }
            None if said.items.is_none() => {
                said.items = Some(amount);
                said.name = named.filter(|name| name.chars().all(char::is_alphabetic) && name.len() <= 24);
            }
            None => {}
        }
        place = next;
    }
    // "5000 pages": so many items of one page.
    if said.items.is_none()
        && let Some((amount, unit)) = said.length
        && unit != Unit::Tokens
        && amount >= 2.0
    {
        let name = Unit::WORDS.iter().find(|(known, _)| *known == unit).and_then(|(_, words)| words.get(1));
        if unit == Unit::Pages {
            (said.items, said.name) = (Some(amount), name.map(|name| (*name).to_owned()));
            said.length = Some((1.0, unit));
        }
    }
    if said.items.is_none() && said.length.is_none() { Err(NOT_UNDERSTOOD) } else { Ok(said) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_in_words() {
        let said = read("I have 5,000 contracts of 12 pages to summarize tonight").unwrap();
        assert_eq!((said.items, said.name.as_deref()), (Some(5000.0), Some("contracts")));
        assert_eq!((said.length, said.answer), (Some((12.0, Unit::Pages)), None));
        assert_eq!(said.input(), Some(6240.0));

        let said = read("2k emails of about 150 words, answers of 20 tokens").unwrap();
        assert_eq!((said.items, said.name.as_deref()), (Some(2000.0), Some("emails")));
        assert_eq!((said.input(), said.output()), (Some(200.0), Some(20.0)));

        let said = read("5 000 files with 300 lines each").unwrap();
        assert_eq!((said.items, said.length), (Some(5000.0), Some((300.0, Unit::Lines))));

        let said = read("5000 pages").unwrap();
        assert_eq!((said.items, said.length), (Some(5000.0), Some((1.0, Unit::Pages))));
        assert_eq!(said.name.as_deref(), Some("pages"));

        let said = read("800 reviews").unwrap();
        assert_eq!((said.items, said.length), (Some(800.0), None));
    }

    #[test]
    fn a_job_in_german_words() {
        let said = language::within(language::Language::German, || {
            read("5.000 Verträge zu je 12 Seiten, Antworten mit 300 Wörtern").unwrap()
        });
        assert_eq!((said.items, said.name.as_deref()), (Some(5000.0), Some("verträge")));
        assert_eq!((said.length, said.answer), (Some((12.0, Unit::Pages)), Some((300.0, Unit::Words))));
        let said = read("5000 Seiten").unwrap();
        assert_eq!((said.items, said.name.as_deref()), (Some(5000.0), Some("pages")));
    }

    #[test]
    fn numbers_as_people_write_them() {
        for (text, value) in
            [("5000", 5000.0), ("5,000", 5000.0), ("5k", 5000.0), ("1.5M", 1.5e6), ("12.", 12.0)]
        {
            assert_eq!(number(text), Some(value), "{text}");
        }
        for text in ["", "k", "five", "1,5", "-3", "1e999", "NaN", "inf", ",", "."] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn what_says_nothing_is_said_so() {
        for text in ["", "hello", "contracts of pages", "-5 contracts", "NaN pages"] {
            assert_eq!(read(text), Err(NOT_UNDERSTOOD), "{text}");
        }
        // Nonsense of any length ends.
        read(&"9 ".repeat(5000)).ok();
        read(&"of ".repeat(5000)).ok();
    }
}
