//! The language of the window: its texts, and how it writes numbers and dates.
//!
//! The English text is the key and stays where it is used, inside `tr!`; what it says in another language
//! stands in `assets/language`, all texts in one place. A text that has no translation is shown in English.
//! Command line, kept files and what machines read stay English: the language is set by the window alone.

mod catalog;
mod foreign;
mod number;

use std::cell::Cell;
use std::fmt::Display;
use std::sync::atomic::{AtomicU8, Ordering};

pub use foreign::{json_text, of_json, of_system};
pub use number::{date, fixed, grouped, localized, typed};

/// A language of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Language {
    /// English, as it is written in the sources.
    #[default]
    English,
    /// German.
    German,
}

impl Language {
    /// All languages, with the names that they have for themselves.
    pub const ALL: [(Self, &'static str); 2] = [(Self::English, "English"), (Self::German, "Deutsch")];

    /// The language of a locale such as `de_AT.UTF-8` or `de-CH`; one that is not spoken here is English.
    pub fn of_locale(locale: &str) -> Self {
        let language = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("de") { Self::German } else { Self::English }
    }

    /// The language that this computer is set to.
    pub fn of_system() -> Self {
        sys_locale::get_locale().map_or(Self::English, |locale| Self::of_locale(&locale))
    }

    const fn of_number(number: u8) -> Self {
        if number == Self::German as u8 { Self::German } else { Self::English }
    }
}

static CURRENT: AtomicU8 = AtomicU8::new(Language::English as u8);
static SYSTEM: AtomicU8 = AtomicU8::new(Language::English as u8);

thread_local! {
    static HERE: Cell<Option<Language>> = const { Cell::new(None) };
}

/// The language that texts are in.
pub fn current() -> Language {
    HERE.get().unwrap_or_else(|| Language::of_number(CURRENT.load(Ordering::Relaxed)))
}

/// Speaks another language from here on, on all threads. Texts that are kept must be made anew.
pub fn set(language: Language) {
    CURRENT.store(language as u8, Ordering::Relaxed);
}

/// The language that the window has where none was chosen: English until [`set_system`] says another.
pub fn system() -> Language {
    Language::of_number(SYSTEM.load(Ordering::Relaxed))
}

/// Says which language the window has where none was chosen.
pub fn set_system(language: Language) {
    SYSTEM.store(language as u8, Ordering::Relaxed);
}

/// Runs `make` in English, on this thread: for what machines read.
pub fn in_english<T>(make: impl FnOnce() -> T) -> T {
    within(Language::English, make)
}

/// Runs `make` in a language, on this thread.
pub fn within<T>(language: Language, make: impl FnOnce() -> T) -> T {
    /// Puts back what was there, also when `make` panics.
    struct Back(Option<Language>);
    impl Drop for Back {
        fn drop(&mut self) {
            HERE.set(self.0);
        }
    }
    let _back = Back(HERE.replace(Some(language)));
    make()
}

/// A word inside a sentence: in English all in small letters, in German with a small first letter. Not for
/// nouns: those stay as they are in German, see [`noun_inside`].
pub fn inside(word: &str) -> String {
    let mut letters = word.chars();
    match (current(), letters.next()) {
        (Language::German, Some(first)) => first.to_lowercase().chain(letters).collect(),
        _ => word.to_lowercase(),
    }
}

/// A noun inside a sentence: in English in small letters.
pub fn noun_inside(word: &str) -> String {
    match current() {
        Language::English => word.to_lowercase(),
        Language::German => word.to_owned(),
    }
}

/// `english` in the current language, for a text that is marked with `mark!`; `tr!` calls it too.
pub fn text(english: &str) -> &str {
    match current() {
        Language::English => english,
        Language::German => catalog::german(english).unwrap_or(english),
    }
}

/// The same for a text that says several things: `key` is the one that is meant. For `tr!`.
pub fn text_in(english: &'static str, key: &str) -> &'static str {
    match current() {
        Language::English => english,
        Language::German => catalog::german(key).unwrap_or(english),
    }
}

/// The translation of `english` with the values of its `{names}`. For `tr!`.
pub fn fill(english: &str, values: &[(&str, &dyn Display)]) -> String {
    use std::fmt::Write as _;

    let template = text(english);
    let mut filled = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        filled.push_str(before);
        if from.starts_with("{{") || from.starts_with("}}") {
            filled.push_str(&from[..1]);
            rest = &from[2..];
            continue;
        }
        let end = from.find('}').map_or(from.len(), |end| end + 1);
        let name = from[..end].trim_matches(['{', '}']);
        match values.iter().find(|(known, _)| *known == name) {
            // A string takes everything.
            Some((_, value)) => drop(write!(filled, "{value}")),
            None => filled.push_str(&from[..end]),
        }
        rest = &from[end..];
    }
    filled.push_str(rest);
    filled
}

/// An English text that is kept as it was made, in the current language: where it is made of one of `templates`,
/// that one's translation with its values, which `value` may retell in turn. Another text stays as it is.
///
/// The first template that fits counts: what is said more exactly comes first.
pub fn retold(english: &str, templates: &[&'static str], value: impl Fn(&str) -> String) -> String {
    if current() == Language::English {
        return english.to_owned();
    }
    let fits = |template: &&'static str| Some((*template, values(template, english)?));
    let Some((template, values)) = templates.iter().find_map(fits) else { return english.to_owned() };
    let values: Vec<(&str, String)> = values.into_iter().map(|(name, is)| (name, value(is))).collect();
    let shown: Vec<(&str, &dyn Display)> =
        values.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
    fill(template, &shown)
}

/// What the `{names}` of `template` stand for in `text`; `None` where it is not made of it.
fn values<'a>(template: &'static str, text: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
    let mut parts = template.split('{');
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut values = Vec::new();
    let mut parts = parts.peekable();
    while let Some((name, after)) = parts.next().and_then(|part| part.split_once('}')) {
        let end = match parts.peek() {
            None => rest.strip_suffix(after)?.len(),
            Some(_) => rest.find(after)?,
        };
        values.push((name, &rest[..end]));
        rest = &rest[end + after.len()..];
    }
    rest.is_empty().then_some(values)
}

/// A text in the current language.
///
/// `tr!("Models")` is a `&'static str`. With values it is a `String`, and each `{name}` is given:
/// `tr!("{used} of {total} free", used, total = round(total))`. Names have no format: numbers with decimals are
/// written by [`fixed`] and the functions of `units`, which know the language's signs. A text that
/// says different things in other languages says which: `tr!("compute" in "limit")`.
macro_rules! tr {
    ($text:literal $(,)?) => {
        $crate::language::text($text)
    };
    ($text:literal in $context:literal) => {
        $crate::language::text_in($text, concat!($context, "|", $text))
    };
    ($text:literal, $($name:ident $(= $value:expr)?),+ $(,)?) => {
        match ($(&$crate::language::value!($name $(= $value)?),)+) {
            ($($name,)+) => {
                if $crate::language::current() == $crate::language::Language::English {
                    format!($text, $($name = $name),+)
                } else {
                    $crate::language::fill($text, &[
                        $((stringify!($name), $name as &dyn ::std::fmt::Display)),+
                    ])
                }
            }
        }
    };
}

/// A text that depends on a number: `tr_n!(count, "{count} model", "{count} models", count)`.
///
/// The first text is for one, the second for any other number; both get the same values.
macro_rules! tr_n {
    ($number:expr, $one:literal, $many:literal $(, $($values:tt)*)?) => {
        if $number == 1 {
            $crate::language::tr!($one $(, $($values)*)?)
        } else {
            $crate::language::tr!($many $(, $($values)*)?)
        }
    };
}

/// Marks an English text that is kept as it is and shown by [`text`], such as one in a table.
macro_rules! mark {
    ($text:literal) => {
        $text
    };
}

/// What a name of `tr!` stands for: itself, or what it is set to.
macro_rules! value {
    ($name:ident) => {
        $name
    };
    ($name:ident = $value:expr) => {
        $value
    };
}

pub(crate) use {mark, tr, tr_n, value};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_have_a_language() {
        for locale in ["de_DE.UTF-8", "de", "de-AT", "DE_CH@euro"] {
            assert_eq!(Language::of_locale(locale), Language::German, "{locale}");
        }
        for locale in ["en_US.UTF-8", "C", "", "nl_DE", "deu"] {
            assert_eq!(Language::of_locale(locale), Language::English, "{locale}");
        }
    }

    #[test]
    fn a_language_is_left_again() {
        within(Language::German, || {
            assert_eq!(current(), Language::German);
            assert_eq!(in_english(current), Language::English);
            assert_eq!(current(), Language::German);
        });
        assert_eq!(current(), Language::English);
        let _ =
            std::panic::catch_unwind(|| within(Language::German, || std::panic::resume_unwind(Box::new(()))));
        assert_eq!(current(), Language::English);
    }

    #[test]
    fn texts_follow_the_language() {
        let rate = 3;
        let kept: &'static str = mark!("System language");
        assert_eq!(tr!("{used} of {total} free", used = 2, total = "5 GiB"), "2 of 5 GiB free");
        assert_eq!((text(kept), tr!("System language")), ("System language", "System language"));
        within(Language::German, || {
            assert_eq!((text(kept), tr!("System language")), ("Systemsprache", "Systemsprache"));
            assert_eq!(tr!("{rate} tokens per second", rate), "3 Token pro Sekunde");
        });
    }

    #[test]
    fn words_inside_a_sentence() {
        assert_eq!(
            (inside("Fits on GPU").as_str(), noun_inside("Coding").as_str()),
            ("fits on gpu", "coding")
        );
        within(Language::German, || {
            assert_eq!(
                (inside("Passt auf GPU").as_str(), noun_inside("Code").as_str()),
                ("passt auf GPU", "Code")
            );
        });
    }

    #[test]
    fn what_is_kept_in_english_is_retold() {
        const KNOWN: [&str; 2] = [mark!("{rate} tokens per second"), mark!("System language")];
        let retold = |english: &str| retold(english, &KNOWN, |value| value.replace('x', "y"));
        for english in ["2 tokens per second", "System language", "another text"] {
            assert_eq!(retold(english), english);
        }
        within(Language::German, || {
            assert_eq!(retold("2x tokens per second"), "2y Token pro Sekunde");
            assert_eq!(retold("System language"), "Systemsprache");
            assert_eq!(retold("2 tokens per second each"), "2 tokens per second each");
            assert_eq!(retold("System language x"), "System language x");
        });
        assert_eq!(values("a {b} c {d}", "a 1 c 2 c 3"), Some(vec![("b", "1"), ("d", "2 c 3")]));
        assert_eq!(values("{b}", ""), Some(vec![("b", "")]));
        assert_eq!((values("a {b} c", "a 1"), values("a", "b")), (None, None));
    }

    #[test]
    fn what_has_no_translation_is_english() {
        within(Language::German, || {
            let fill = |text: &str| super::fill(text, &[("a", &1), ("b", &"{a}")]);
            assert_eq!(fill("No such text: {a}, {b}, {c}"), "No such text: 1, {a}, {c}");
            assert_eq!(fill("{{a}} {a"), "{a} 1");
            assert_eq!(fill("}} ä{a}ö {{"), "} ä1ö {");
        });
    }
}
