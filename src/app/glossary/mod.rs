//! What the terms mean, in plain words: one place for all pages.

mod entries;

use crate::language::{self, mark};
use entries::{ENTRIES, Entry};

/// A term that is explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    /// Context length.
    Context,
    /// Quantization.
    Quantization,
    /// KV cache.
    KvCache,
    /// Requests at once.
    AtOnce,
    /// Engine.
    Engine,
    /// Token.
    Token,
    /// Tokens/s, decode.
    Decode,
    /// Prefill.
    Prefill,
    /// Time to first token.
    FirstToken,
    /// Reading speed.
    ReadingSpeed,
    /// Parameters.
    Parameters,
    /// Active parameters.
    Active,
    /// Mixture of experts.
    Moe,
    /// Dense.
    Dense,
    /// Offload.
    Offload,
    /// Fit.
    Fit,
    /// Load line.
    LoadLine,
    /// Weights.
    Weights,
    /// Compute buffers.
    Compute,
    /// Overhead.
    Overhead,
    /// Flash attention.
    FlashAttention,
    /// Ubatch.
    Ubatch,
    /// Layer.
    Layer,
    /// Attention.
    Attention,
    /// Quality kept.
    QualityKept,
    /// Bits per weight.
    BitsPerWeight,
    /// Score.
    Score,
    /// VRAM.
    Vram,
    /// Unified memory.
    Unified,
    /// Bandwidth.
    Bandwidth,
    /// FP16 rate.
    Tflops,
    /// PCIe.
    Pcie,
    /// Base model.
    BaseModel,
    /// Fine-tune.
    FineTune,
    /// Reasoning model.
    Reasoning,
    /// GGUF.
    Gguf,
    /// Draft model.
    Speculative,
    /// MTP.
    Mtp,
}

impl Term {
    /// All terms, in the order in which they are listed.
    pub fn all() -> impl Iterator<Item = Self> {
        ENTRIES.iter().map(|(term, ..)| *term)
    }

    fn entry(self) -> &'static Entry {
        // Every term has one; `every_term_is_explained_once` holds it.
        ENTRIES.iter().find(|(term, ..)| *term == self).unwrap_or(&ENTRIES[0])
    }

    /// Its name.
    pub fn title(self) -> &'static str {
        language::text(self.entry().1)
    }

    /// Other words for it, with commas between; may be empty.
    pub fn also(self) -> &'static str {
        language::text(self.entry().2)
    }

    /// What it means.
    pub fn text(self) -> &'static str {
        language::text(self.entry().3)
    }
}

/// The term that words on the screen stand for: its name, or a title that is about it.
pub fn of_label(words: &str) -> Option<Term> {
    let is_called = |label: &str| label == words || language::text(label) == words;
    LABELS.iter().find(|(label, _)| is_called(label)).map(|(_, term)| *term).or_else(|| {
        let mut terms = Term::all();
        terms.find(|term| is_called(term.entry().1))
    })
}

/// Captions and titles that are called otherwise than the term that they are about.
const LABELS: [(&str, Term); 14] = [
    (mark!("At once"), Term::AtOnce),
    (mark!("Requests"), Term::AtOnce),
    (mark!("Context"), Term::Context),
    (mark!("Longest context"), Term::Context),
    (mark!("Quantization ladder"), Term::Quantization),
    (mark!("Quality, %"), Term::QualityKept),
    (mark!("Quality"), Term::QualityKept),
    (mark!("Where it goes"), Term::Offload),
    (mark!("Speed over context, tokens/s"), Term::Decode),
    (mark!("Params"), Term::Parameters),
    (mark!("Memory, GiB"), Term::LoadLine),
    (mark!("Memory"), Term::LoadLine),
    (mark!("Fine-tunes and variants"), Term::FineTune),
    (mark!("Best for you"), Term::Score),
];

/// Terms whose name, other words or explanation hold all of `words`, those that are called so first.
pub fn find(words: &str) -> Vec<Term> {
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let holds = |text: String| words.iter().all(|word| text.contains(word));
    let is_called = |term: &Term| holds(format!("{} {}", term.title(), term.also()).to_lowercase());
    let is_told =
        |term: &Term| holds(format!("{} {} {}", term.title(), term.also(), term.text()).to_lowercase());
    let called = Term::all().filter(is_called);
    called.chain(Term::all().filter(|term| !is_called(term) && is_told(term))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_term_is_explained_once() {
        let terms: BTreeSet<Term> = Term::all().collect();
        assert_eq!(terms.len(), ENTRIES.len());
        // The enum's last variant says how many there are.
        assert_eq!(Term::Mtp as usize + 1, ENTRIES.len());
        let titles: BTreeSet<&str> = Term::all().map(Term::title).collect();
        assert_eq!(titles.len(), ENTRIES.len());
    }

    #[test]
    fn explanations_are_short_and_plain() {
        for term in Term::all() {
            let text = term.text();
            assert!((40..=330).contains(&text.len()), "{}: {} letters", term.title(), text.len());
            assert!(text.ends_with('.') && !text.contains('!'), "{text}");
            assert!(!text.contains("  "), "{text}");
        }
    }

    #[test]
    fn german_words_are_terms_too() {
        assert_eq!(of_label("Kontextlänge"), None);
        language::within(language::Language::German, || {
            assert_eq!(of_label("Kontextlänge"), Some(Term::Context));
            assert_eq!(of_label("Load line"), Some(Term::LoadLine), "not every caption is translated");
            assert_eq!(find("experten")[0], Term::Moe);
            assert_eq!(find("-ngl")[0], Term::Offload);
        });
    }

    #[test]
    fn a_term_is_found_by_other_words_for_it() {
        assert_eq!(find("moe"), [Term::Moe]);
        assert_eq!(find("-ngl")[0], Term::Offload);
        assert_eq!(find("kv")[0], Term::KvCache);
        assert_eq!(find("").len(), ENTRIES.len());
        assert!(find("no such word").is_empty());
    }
}
