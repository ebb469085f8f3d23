//! Finds the model that a name means, and the nearest names when it means none.

use std::cmp::Reverse;
use std::collections::HashMap;

use thiserror::Error;

use super::fold::short_name;
use super::{Catalog, ModelId};

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
#[error("no model is called {name:?}{}", did_you_mean(.suggestions))]
pub struct UnknownModel {
    /// The name as given.
    pub name: String,
    /// Repositories with the nearest names, nearest first; at most five.
    pub suggestions: Vec<String>,
}

fn did_you_mean(suggestions: &[String]) -> String {
    if suggestions.is_empty() { String::new() } else { format!("; did you mean {}?", suggestions.join(", ")) }
}

/// All names of a catalog's models.
#[derive(Debug)]
pub(super) struct Names {
    /// Lower case, to the model it means.
    exact: HashMap<String, ModelId>,
    /// Without separators: `qwen34b`.
    squashed: HashMap<String, ModelId>,
    /// One for each repository, most downloaded first.
    candidates: Vec<Candidate>,
}

#[derive(Debug)]
struct Candidate {
    repository: String,
    /// Name without owner, lower case.
    short: String,
    tokens: Vec<String>,
}

impl Names {
    pub(super) fn of(catalog: &Catalog) -> Self {
        // A name goes to the first who claims it, so the strongest claims come first: whole
        // repositories, then names alone, then names of base models; within each the most downloaded.
        let mut by_downloads: Vec<ModelId> = catalog.ids().collect();
        by_downloads.sort_by_key(|&id| Reverse(catalog.get(id).hf_downloads.unwrap_or(0)));
        let repositories =
            |id: ModelId| catalog.get(id).aliases.iter().map(move |alias| (alias.as_str(), id));
        let own = by_downloads.iter().map(|&id| (catalog.get(id).id.as_str(), id));
        let owned: Vec<(&str, ModelId)> =
            own.chain(by_downloads.iter().flat_map(|&id| repositories(id))).collect();

        let mut names = Self { exact: HashMap::new(), squashed: HashMap::new(), candidates: Vec::new() };
        for &(repository, id) in &owned {
            names.claim(repository, id);
        }
        for &(repository, id) in &owned {
            names.claim(short_name(repository), id);
            let short = short_name(repository).to_ascii_lowercase();
            let tokens = tokens(&short);
            names.candidates.push(Candidate { repository: repository.to_owned(), short, tokens });
        }
        for base in catalog.bases() {
            names.claim(&base.name, base.id);
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
            let found = self
                .exact
                .get(rest)
                .or_else(|| self.exact.get(short))
                .or_else(|| self.squashed.get(&squash(rest)))
                .or_else(|| self.squashed.get(&squash(short)));
            if let Some(&id) = found {
                return Some(id);
            }
            rest = without_last_addition(rest)?;
        }
    }

    /// Repositories with the nearest names: most words in common first, then fewest edits.
    pub(super) fn nearest(&self, name: &str) -> Vec<String> {
        let name = bare(name).to_ascii_lowercase();
        let name: String = short_name(&name).chars().take(LONGEST_COMPARED).collect();
        let words = tokens(&name);
        let mut ranked: Vec<_> = self
            .candidates
            .iter()
            .enumerate()
            .map(|(order, candidate)| {
                let shared: usize = words
                    .iter()
                    .filter(|word| candidate.tokens.contains(word))
                    .map(|word| word.chars().count().max(2))
                    .sum();
                (Reverse(shared), strsim::levenshtein(&name, &candidate.short), order)
            })
            .collect();
        ranked.sort_unstable();
        ranked
            .iter()
            .take(SUGGESTIONS)
            .map(|&(.., order)| self.candidates[order].repository.clone())
            .collect()
    }
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

/// `name` without its last `:tag`, `@revision`, `.gguf`, or appended word of a conversion.
fn without_last_addition(name: &str) -> Option<&str> {
    if let Some(position) = name.rfind([':', '@']) {
        return Some(&name[..position]);
    }
    if let Some(stem) = name.strip_suffix(".gguf") {
        return Some(stem);
    }
    if let Some(position) = quantization(name) {
        return Some(&name[..position]);
    }
    let (rest, last) = name.rsplit_once(['-', '_', '.', ' '])?;
    CONVERSIONS.contains(&last).then_some(rest)
}

/// Where `-Q4_K_M`, `.iq4_xs` or the like begins, if `name` (lower case) ends with it.
fn quantization(name: &str) -> Option<usize> {
    let digit_follows = |rest: &str| rest.starts_with(|first: char| first.is_ascii_digit());
    let position = name.rfind("-q").max(name.rfind(".q")).max(name.rfind("-iq")).max(name.rfind(".iq"))?;
    let level = &name[position + 1..];
    let level = level.strip_prefix('i').unwrap_or(level).strip_prefix('q')?;
    let of_a_level = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    (digit_follows(level) && level.chars().all(of_a_level)).then_some(position)
}

fn squash(name: &str) -> String {
    name.chars().filter(|letter| !matches!(letter, '-' | '_' | ' ' | ':')).collect()
}

fn tokens(name: &str) -> Vec<String> {
    let mut words: Vec<String> =
        name.split(['-', '_', ' ', ':', '/']).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    words.sort_unstable();
    words.dedup();
    words
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
        ] {
            assert_eq!(found(name), id, "{name}");
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
