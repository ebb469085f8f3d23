//! Finds the model that a name means, and the nearest names when it means none.

use std::cmp::Reverse;
use std::collections::HashMap;

use thiserror::Error;

use super::fold::short_name;
use super::{Catalog, ModelId};
use crate::language::tr;
use crate::letters::{Letters, Pattern};

/// Bytes of the longest name that can mean a model; hubs allow 96 for each half.
const LONGEST_NAME: usize = 256;

/// Letters that are compared with all other names; a longer name is cut before.
const LONGEST_COMPARED: usize = 120;

/// Suggestions of one error.
const SUGGESTIONS: usize = 5;

/// What conversions append to a model's name.
const CONVERSIONS: &[&str] = &[
    "gguf",
    "awq",
    "gptq",
    "fp8",
    "nvfp4",
    "mxfp4",
    "bf16",
    "fp16",
    "int4",
    "int8",
    "exl2",
    "exl3",
    "mlx",
    "bnb",
    "4bit",
    "8bit",
    "imatrix",
    "i1",
    "ud",
    "qat",
    "unquantized",
    "hf",
];

/// No model has this name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", unknown(.name, .suggestions))]
pub struct UnknownModel {
    /// The name as given.
    pub name: String,
    /// Repositories with the nearest names, nearest first; at most five.
    pub suggestions: Vec<String>,
}

fn unknown(name: &str, suggestions: &[String]) -> String {
    let name = format!("{name:?}");
    if suggestions.is_empty() {
        return tr!("no model is called {name}", name);
    }
    tr!("no model is called {name}; did you mean {nearest}?", name, nearest = suggestions.join(", "))
}

/// All names of a catalog's models.
#[derive(Debug)]
pub(super) struct Names {
    /// Lower case, to the model it means.
    exact: HashMap<String, ModelId>,
    /// Without separators: `qwen34b`.
    squashed: HashMap<String, ModelId>,
    /// One for each record, most downloaded first.
    candidates: Vec<Candidate>,
    /// Word of a name, to the names that have it: positions of the candidate and of its name.
    having: HashMap<String, Vec<(usize, usize)>>,
}

/// A record that a name may be near to.
#[derive(Debug)]
struct Candidate {
    id: ModelId,
    /// Position of its base model.
    base: usize,
    repository: String,
    /// Its own name and its aliases.
    names: Vec<CandidateName>,
}

/// A name that another may be near to.
#[derive(Debug)]
struct CandidateName {
    /// Without owner, lower case.
    short: String,
    /// Its words in order.
    words: Vec<String>,
    letters: Letters,
}

impl Names {
    pub(super) fn of(catalog: &Catalog) -> Self {
        let mut by_downloads: Vec<ModelId> = catalog.ids().collect();
        by_downloads.sort_by_key(|&id| Reverse(catalog.get(id).hf_downloads.unwrap_or(0)));
        let own = by_downloads.iter().map(|&id| (catalog.get(id).id.as_str(), id));
        let aliases = by_downloads
            .iter()
            .flat_map(|&id| catalog.get(id).aliases.iter().map(move |alias| (alias.as_str(), id)));
        let owned: Vec<(&str, ModelId)> = own.chain(aliases).collect();

        // A name goes to the first who claims it, so the strongest claims come first; within each kind
        // the most downloaded.
        let mut names = Self {
            exact: HashMap::new(),
            squashed: HashMap::new(),
            candidates: Vec::new(),
            having: HashMap::new(),
        };
        for &(repository, id) in &owned {
            names.claim(repository, id);
        }
        for &(repository, id) in &owned {
            names.claim(short_name(repository), id);
        }
        for base in catalog.bases() {
            names.claim(&base.name, base.id);
        }
        for &(repository, id) in &owned {
            names.claim(&plain(&short_name(repository).to_ascii_lowercase()), id);
        }
        names.candidates = by_downloads.iter().map(|&id| Candidate::of(catalog, id)).collect();
        for (order, candidate) in names.candidates.iter().enumerate() {
            for (position, name) in candidate.names.iter().enumerate() {
                for word in &name.words {
                    let having = names.having.entry(word.clone()).or_default();
                    if having.last() != Some(&(order, position)) {
                        having.push((order, position));
                    }
                }
            }
        }
        names
    }

    fn claim(&mut self, name: &str, id: ModelId) {
        let name = name.to_ascii_lowercase();
        self.squashed.entry(squash(&name)).or_insert(id);
        self.exact.entry(name).or_insert(id);
    }

    pub(super) fn find(&self, name: &str) -> Option<ModelId> {
        let name = bare(name);
        if name.len() > LONGEST_NAME {
            return None;
        }
        let name = name.to_ascii_lowercase();
        let mut rest = name.as_str();
        // Each turn takes off one thing that is appended to names.
        loop {
            let short = short_name(rest);
            // "Qwen_Qwen3-8B-Q4_K_M.gguf": files are named after owner and model.
            let after_owner = short.split_once('_').map_or(short, |(_, name)| name);
            let found = [rest, short, after_owner]
                .iter()
                .find_map(|&name| self.exact.get(name).or_else(|| self.squashed.get(&squash(name))));
            if let Some(&id) = found {
                return Some(id);
            }
            match without_last_addition(rest) {
                Some(shorter) => rest = shorter,
                None => return self.begun(short),
            }
        }
    }

    /// The model whose name begins with all words of `name`, if all such models are variants of one.
    fn begun(&self, name: &str) -> Option<ModelId> {
        let words = words(name);
        let mut begun = self.candidates.iter().filter(|candidate| {
            !words.is_empty() && candidate.names.iter().any(|name| name.words.starts_with(&words))
        });
        let first = begun.next()?;
        begun.all(|other| other.base == first.base).then_some(first.id)
    }

    /// Repositories with the nearest names: most words in common first, then fewest edits.
    pub(super) fn nearest(&self, name: &str) -> Vec<String> {
        let name = bare(name).to_ascii_lowercase();
        let name: String = short_name(&name).chars().take(LONGEST_COMPARED).collect();
        let (letters, pattern) = (Letters::of(&name), Pattern::of(&name));
        let mut shared: Vec<Vec<usize>> =
            self.candidates.iter().map(|candidate| vec![0; candidate.names.len()]).collect();
        for word in words(&name) {
            for &(order, position) in self.having.get(&word).map_or(&[][..], Vec::as_slice) {
                shared[order][position] += weight(&word);
            }
        }
        // What each candidate can rank at best: only its names with the most words in common count, and
        // the edits are at least those that the letters show.
        let mut promising: Vec<(Reverse<usize>, usize, usize)> = self
            .candidates
            .iter()
            .zip(&shared)
            .enumerate()
            .filter_map(|(order, (candidate, shared))| {
                let best = candidate
                    .names
                    .iter()
                    .zip(shared)
                    .map(|(other, &shared)| (Reverse(shared), letters.least_edits(&other.letters)));
                best.min().map(|(shared, edits)| (shared, edits, order))
            })
            .collect();
        promising.sort_unstable();
        let mut ranked: Vec<(Reverse<usize>, usize, usize)> = Vec::new();
        for best in promising {
            if ranked.get(SUGGESTIONS - 1).is_some_and(|last| best > *last) {
                break;
            }
            let (most, _, order) = best;
            let names = self.candidates[order].names.iter().zip(&shared[order]);
            let edits = names
                .filter(|(_, shared)| **shared == most.0)
                .map(|(other, _)| pattern.edits(&other.short))
                .min();
            ranked.extend(edits.map(|edits| (most, edits, order)));
            ranked.sort_unstable();
            ranked.truncate(SUGGESTIONS);
        }
        ranked.iter().map(|&(_, _, order)| self.candidates[order].repository.clone()).collect()
    }
}

impl Candidate {
    fn of(catalog: &Catalog, id: ModelId) -> Self {
        let model = catalog.get(id);
        let names = std::iter::once(&model.id)
            .chain(&model.aliases)
            .map(|repository| {
                let short = short_name(repository).to_ascii_lowercase();
                CandidateName { words: words(&short), letters: Letters::of(&short), short }
            })
            .collect();
        Self { id, base: catalog.base_of(id), repository: model.id.clone(), names }
    }
}

/// How much a shared word counts: long words are names of fine-tunes more often than of families.
fn weight(word: &str) -> usize {
    word.len().clamp(2, 4)
}

/// `name` without the hub link around it.
fn bare(name: &str) -> &str {
    let name = name.trim();
    let path = ["https://", "http://"].iter().find_map(|scheme| name.strip_prefix(scheme)).unwrap_or(name);
    let hub =
        ["huggingface.co/", "hf.co/", "www.huggingface.co/"].iter().find_map(|hub| path.strip_prefix(hub));
    let Some(path) = hub else { return name };
    let path = path.split(['?', '#']).next().unwrap_or(path);
    // owner/name, and whatever page of it.
    let end = path.match_indices('/').nth(1).map_or(path.len(), |(position, _)| position);
    &path[..end]
}

/// `name` (lower case) without what its end adds: a quantization, `.gguf`, a word of a conversion, or
/// else a `:tag` or `@revision`.
fn without_last_addition(name: &str) -> Option<&str> {
    if let Some(stem) = name.strip_suffix(".gguf") {
        return Some(stem);
    }
    if let Some(position) = quantization(name) {
        return Some(&name[..position]);
    }
    if let Some((rest, last)) = name.rsplit_once(['-', '_', '.', ' ', ':'])
        && CONVERSIONS.contains(&last)
    {
        return Some(rest);
    }
    name.rfind([':', '@']).map(|position| &name[..position])
}

/// Where `-Q4_K_M`, `.iq4_xs` or the like begins, if `name` (lower case) ends with it.
fn quantization(name: &str) -> Option<usize> {
    let position = name.rfind(['-', '.', ':'])?;
    let level = &name[position + 1..];
    let level = level.strip_prefix('i').unwrap_or(level).strip_prefix('q')?;
    let of_a_level = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    (level.starts_with(|first: char| first.is_ascii_digit()) && level.chars().all(of_a_level))
        .then_some(position)
}

/// `name` (lower case) without the words at its end that tell its variants apart: training, version,
/// date, context, format of the weights.
fn plain(name: &str) -> String {
    let mut words: Vec<&str> = name.split(['-', '_']).collect();
    while words.len() > 1 && words.last().is_some_and(|word| is_variant_word(word)) {
        words.pop();
    }
    words.join("-")
}

fn is_variant_word(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    matches!(word, "instruct" | "chat" | "it" | "hf")
        || CONVERSIONS.contains(&word)
        || (word.len() == 4 && digits(word))
        || word.strip_prefix('v').is_some_and(digits)
        || word.strip_suffix('k').is_some_and(digits)
}

fn squash(name: &str) -> String {
    name.chars().filter(|letter| !matches!(letter, '-' | '_' | ' ' | ':')).collect()
}

fn words(name: &str) -> Vec<String> {
    name.split(['-', '_', ' ', ':', '/']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str) -> String {
        let catalog = Catalog::embedded();
        catalog.find(name).map_or_else(|error| error.to_string(), |id| catalog.get(id).id.clone())
    }

    #[test]
    fn every_repository_alias_and_base_name_is_found() {
        let catalog = Catalog::embedded();
        for id in catalog.ids() {
            let model = catalog.get(id);
            assert_eq!(catalog.find(&model.id), Ok(id));
            assert_eq!(catalog.find(&model.id.to_uppercase()), Ok(id));
            for alias in &model.aliases {
                assert_eq!(catalog.find(alias), Ok(id), "{alias}");
            }
        }
        for base in catalog.bases() {
            let found = catalog.find(&base.name).unwrap();
            assert!(base.ids().any(|id| id == found), "{}", base.name);
        }
    }

    #[test]
    fn what_people_paste_is_understood() {
        for (name, id) in [
            ("qwen3-30b-a3b", "Qwen/Qwen3-30B-A3B"),
            ("Qwen3 30B A3B", "Qwen/Qwen3-30B-A3B"),
            ("unsloth/Qwen3-4B-Instruct-2507-GGUF", "Qwen/Qwen3-4B-Instruct-2507"),
            ("unsloth/Qwen3-4B-Instruct-2507-GGUF:UD-Q4_K_XL", "Qwen/Qwen3-4B-Instruct-2507"),
            ("https://huggingface.co/openai/gpt-oss-20b", "openai/gpt-oss-20b"),
            ("https://huggingface.co/openai/gpt-oss-20b/tree/main?x=1", "openai/gpt-oss-20b"),
            ("hf.co/bartowski/Llama-3.3-70B-Instruct-GGUF:Q4_K_M", "meta-llama/Llama-3.3-70B-Instruct"),
            ("gpt-oss:20b", "openai/gpt-oss-20b"),
            ("llama3.1:8b", "meta-llama/Llama-3.1-8B-Instruct"),
            ("gemma-3-4b", "google/gemma-3-4b-it"),
            ("Qwen3-8B-Q4_K_M.gguf", "Qwen/Qwen3-8B"),
            ("  meta-llama/Llama-3.1-8B \n", "meta-llama/Llama-3.1-8B-Instruct"),
            ("NVIDIA-Nemotron-3-Nano-4B-BF16", "nvidia/NVIDIA-Nemotron-3-Nano-4B-BF16"),
            ("NVIDIA-Nemotron-3-Nano-4B-Q4_K_M.gguf", "nvidia/NVIDIA-Nemotron-3-Nano-4B-BF16"),
            ("Qwen_Qwen3.5-9B-Q4_K_M.gguf", "Qwen/Qwen3.5-9B"),
            ("qwen3:4b-instruct-2507-q4_K_M", "Qwen/Qwen3-4B-Instruct-2507"),
            ("Mistral-7B", "mistralai/Mistral-7B-Instruct-v0.3"),
            ("Phi-3-mini", "microsoft/Phi-3-mini-4k-instruct"),
            ("mixtral 8x7b", "mistralai/Mixtral-8x7B-Instruct-v0.1"),
        ] {
            assert_eq!(found(name), id, "{name}");
        }
    }

    #[test]
    fn the_beginning_of_a_name_suffices_where_it_means_one_model() {
        assert_eq!(found("Llama-4-Scout"), "meta-llama/Llama-4-Scout-17B-16E-Instruct");
        assert_eq!(found("qwen3-4b-instruct"), "Qwen/Qwen3-4B-Instruct-2507");
        for ambiguous in ["Llama-4", "qwen3", "mixtral", "Q", "8b"] {
            assert!(Catalog::embedded().find(ambiguous).is_err(), "{ambiguous}");
        }
    }

    #[test]
    fn an_unknown_name_gets_the_nearest_ones() {
        let error = Catalog::embedded().find("Qwen/Qwen3-30B-A4B").unwrap_err();
        assert_eq!(error.name, "Qwen/Qwen3-30B-A4B");
        assert!(error.suggestions.len() <= 5);
        assert!(error.suggestions.contains(&"Qwen/Qwen3-30B-A3B".to_owned()), "{error}");
        let typo = Catalog::embedded().find("gtp-oss-20b").unwrap_err();
        assert_eq!(typo.suggestions[0], "openai/gpt-oss-20b", "{typo}");
        assert_eq!(typo, Catalog::embedded().find("gtp-oss-20b").unwrap_err());
        let tuned = Catalog::embedded().find("Qwen3.5-9B-Somebody-Reasoning-Distilled-GGUF").unwrap_err();
        assert_eq!(tuned.suggestions[0], "Qwen/Qwen3.5-9B", "{tuned}");
    }

    #[test]
    fn odd_names_are_unknown_and_nothing_worse() {
        for name in
            ["", " ", "/", "-", ":", "https://huggingface.co/", "q4_k_m", "模型", &"x".repeat(100_000)]
        {
            assert!(Catalog::embedded().find(name).is_err(), "{name:.20}");
        }
    }
}
