//! Search as you type over base models, their variants, publishers, and uses.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::display::decimals;
use super::{Base, Catalog};
use crate::model::Model;
use crate::model::record::Tag;

/// A base model that matches all words of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Position in [`Catalog::bases`].
    pub base: usize,
    /// The variant that matched, where the base model's own names did not.
    pub variant: Option<usize>,
    /// Higher is closer.
    pub score: u32,
}

/// Lower-case words of all bases, split once.
#[derive(Debug)]
pub(super) struct Words {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    /// Of the base's name and its representative's repository.
    own: Names,
    /// Of each variant's repository.
    variants: Vec<Names>,
    /// Uses, publisher, family, architecture: what all of them share.
    shared: BTreeSet<String>,
    downloads: u64,
}

#[derive(Debug)]
struct Names {
    words: BTreeSet<String>,
    /// `qwen` and `3` of `qwen3`; `llama3` of `llama 3`: other spellings of the same words.
    spellings: BTreeSet<String>,
}

/// A word of a query.
struct Word<'a> {
    text: &'a str,
    /// `8b` means 8b and neither 38b nor 8.5b.
    size: bool,
    /// The last one, perhaps still being typed.
    unfinished: bool,
}

impl Words {
    pub(super) fn of(catalog: &Catalog) -> Self {
        Self { entries: catalog.bases().iter().map(|base| Entry::of(catalog, base)).collect() }
    }

    pub(super) fn search(&self, query: &str) -> Vec<Hit> {
        let query = query.to_lowercase();
        let words = query_words(&query);
        let mut hits: Vec<Hit> = self
            .entries
            .iter()
            .enumerate()
            .filter_map(|(base, entry)| {
                entry.matches(&words).map(|(variant, score)| Hit { base, variant, score })
            })
            .collect();
        if !words.is_empty() {
            hits.sort_by_key(|hit| {
                let entry = &self.entries[hit.base];
                (Reverse(hit.score), entry.own.words.len(), Reverse(entry.downloads), hit.base)
            });
        }
        hits
    }
}

impl Entry {
    fn of(catalog: &Catalog, base: &Base) -> Self {
        let model = catalog.get(base.id);
        let mut own = Names::of(&base.name);
        own.add(&model.id);
        let mut shared: BTreeSet<String> =
            [&model.provider, &model.family, &model.arch].into_iter().flat_map(|text| split(text)).collect();
        for id in base.ids() {
            shared.extend(uses(catalog.get(id)));
        }
        let downloads = base.ids().filter_map(|id| catalog.get(id).hf_downloads).sum();
        let variants = base.variants.iter().map(|variant| Names::of(&variant.repository)).collect();
        Self { own, variants, shared, downloads }
    }

    /// The variant that had to be asked, and the score; `None` unless every word matches.
    fn matches(&self, words: &[Word<'_>]) -> Option<(Option<usize>, u32)> {
        if let Some(score) = self.score(&self.own, words) {
            return Some((None, score));
        }
        self.variants
            .iter()
            .enumerate()
            .filter_map(|(index, names)| Some((Some(index), self.score(names, words)?)))
            .max_by_key(|&(index, score)| (score, Reverse(index)))
    }

    fn score(&self, names: &Names, words: &[Word<'_>]) -> Option<u32> {
        words.iter().map(|word| self.score_word(names, word)).sum()
    }

    fn score_word(&self, names: &Names, word: &Word<'_>) -> Option<u32> {
        let best = |words: &BTreeSet<String>, weight: u32| {
            words.iter().filter_map(|text| word.closeness(text)).max().map(|closeness| closeness * weight)
        };
        best(&names.words, 3).max(best(&names.spellings, 2)).max(best(&self.shared, 1))
    }
}

impl Word<'_> {
    /// 3 equal, 2 begins with it, 1 holds it; `None` does not match.
    fn closeness(&self, text: &str) -> Option<u32> {
        if text == self.text {
            return Some(3);
        }
        if self.size {
            return None;
        }
        let letters = self.text.bytes().all(|byte| byte.is_ascii_alphabetic());
        if let Some(rest) = text.strip_prefix(self.text) {
            // "3" begins "3.1" but a finished "3" is not "30".
            let version = rest.starts_with('.');
            return (letters || version || self.unfinished).then_some(2);
        }
        (letters && self.text.len() >= 4 && text.contains(self.text)).then_some(1)
    }
}

impl Names {
    fn of(name: &str) -> Self {
        let mut names = Self { words: BTreeSet::new(), spellings: BTreeSet::new() };
        names.add(name);
        names
    }

    fn add(&mut self, name: &str) {
        let words: Vec<String> = split(name).collect();
        for pair in words.windows(2) {
            if pair[0].bytes().all(|byte| byte.is_ascii_alphabetic()) && !is_size(&pair[1]) {
                self.spellings.insert(pair.concat());
            }
        }
        for word in &words {
            let number = word.find(|letter: char| letter.is_ascii_digit());
            if let Some(start) = number.filter(|&start| start > 0 && !is_size(word)) {
                let (letters, number) = word.split_at(start);
                if !is_size(number) {
                    self.spellings.insert(letters.to_owned());
                    self.spellings.insert(number.to_owned());
                }
            }
        }
        self.words.extend(words);
    }
}

/// Lower-case words of a name.
fn split(name: &str) -> impl Iterator<Item = String> {
    let name = decimals(name).to_lowercase();
    name.split(SEPARATORS).filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>().into_iter()
}

const SEPARATORS: [char; 9] = ['-', '_', ' ', '/', ':', ',', '(', ')', '\t'];

fn query_words(query: &str) -> Vec<Word<'_>> {
    let finished = query.ends_with(char::is_whitespace);
    let texts: Vec<&str> = query.split(SEPARATORS).filter(|word| !word.trim().is_empty()).collect();
    let last = texts.len().saturating_sub(1);
    texts
        .iter()
        .enumerate()
        .map(|(index, &text)| Word { text, size: is_size(text), unfinished: index == last && !finished })
        .collect()
}

/// `8b`, `1.6b`, `270m`, `a3b`, `e4b`, `8x7b`: a number of parameters, complete as it stands.
fn is_size(word: &str) -> bool {
    let word = word.strip_prefix(['a', 'e']).unwrap_or(word);
    let Some(number) = word.strip_suffix(['b', 'm', 't']) else { return false };
    number.starts_with(|first: char| first.is_ascii_digit())
        && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'x')
}

/// Words for what a model is for and how it is built.
fn uses(model: &Model) -> impl Iterator<Item = String> {
    let tags = model.tags.iter().map(|tag| match tag {
        Tag::Chat => "chat",
        Tag::Reasoning => "reasoning",
        Tag::Vision => "vision",
        Tag::Code => "code",
        Tag::Embedding => "embedding",
        Tag::Base => "base",
        Tag::Audio => "audio",
    });
    let built = if model.is_moe() { "moe" } else { "dense" };
    tags.chain([built]).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(query: &str) -> Vec<&'static str> {
        let catalog = Catalog::embedded();
        catalog.search(query).iter().map(|hit| catalog.bases()[hit.base].name.as_str()).collect()
    }

    #[test]
    fn what_people_type_finds_what_they_mean() {
        for (query, first) in [
            ("qwen3 30b", "Qwen3 30B A3B"),
            ("30b qwen3", "Qwen3 30B A3B"),
            ("gpt oss 20", "gpt-oss 20B"),
            ("gptoss 120b", "gpt-oss 120B"),
            ("llama3.1 8b", "Llama 3.1 8B"),
            ("llama 3.1 8B", "Llama 3.1 8B"),
            ("qwen 3 4b", "Qwen3 4B"),
            ("gemma 3 27", "Gemma 3 27B"),
            ("mixtral", "Mixtral 8x7B v0.1"),
        ] {
            assert_eq!(names(query).first(), Some(&first), "{query}: {:?}", names(query));
        }
    }

    #[test]
    fn order_of_words_does_not_matter() {
        assert_eq!(names("llama 8b nvidia "), names("nvidia 8b llama "));
        assert!(!names("30b-a3b").is_empty());
        assert_eq!(names("30b-a3b "), names("a3b 30b "));
    }

    #[test]
    fn sizes_match_whole() {
        let catalog = Catalog::embedded();
        let hits = names("8b");
        assert!(hits.len() > 20);
        for name in hits {
            assert!(!["38B", "128B", "1.8B"].iter().any(|size| name.contains(size)), "{name}");
        }
        for hit in catalog.search("3b") {
            let base = &catalog.bases()[hit.base];
            let names = base.variants.iter().map(|variant| variant.name.as_str()).chain([base.name.as_str()]);
            let mut words = names.flat_map(split);
            assert!(words.any(|word| word == "3b"), "{}", base.name);
        }
    }

    #[test]
    fn typing_narrows() {
        let catalog = Catalog::embedded();
        assert_eq!(catalog.search("").len(), catalog.bases().len());
        assert_eq!(catalog.search(" - ").len(), catalog.bases().len());
        let mut before = catalog.bases().len();
        for end in 1..="deepseek".len() {
            let now = catalog.search(&"deepseek"[..end]).len();
            assert!(now <= before && now > 0, "{end}");
            before = now;
        }
        assert!(catalog.search("nosuchmodel").is_empty());
    }

    #[test]
    fn uses_and_publishers_are_words() {
        let catalog = Catalog::embedded();
        let of = |query: &str| -> Vec<&Model> {
            catalog.search(query).iter().map(|hit| catalog.get(catalog.bases()[hit.base].id)).collect()
        };
        let vision = of("vision");
        let all = catalog.models().iter().filter(|model| model.has_tag(Tag::Vision)).count();
        assert!(vision.len() > 40 && vision.len() <= all);
        assert!(of("mistral").iter().any(|model| model.id == "mistralai/Codestral-22B-v0.1"));
        assert!(of("moe google").iter().all(|model| model.is_moe()));
        assert!(of("coder").iter().any(|model| model.id == "Qwen/Qwen3-Coder-480B-A35B-Instruct"));
        assert!(of("coder").iter().any(|model| model.id == "bigcode/starcoder"));
    }

    #[test]
    fn a_variant_says_that_it_was_the_one() {
        let catalog = Catalog::embedded();
        let hits = catalog.search("qwen3 4b thinking 2507");
        let hit = hits[0];
        let base = &catalog.bases()[hit.base];
        assert_eq!(base.name, "Qwen3 4B");
        assert_eq!(base.variants[hit.variant.unwrap()].name, "Qwen3-4B-Thinking-2507");
        assert_eq!(catalog.search("qwen3 4b")[0].variant, None);
    }
}
