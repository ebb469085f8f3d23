//! Names for the screen: `Qwen3 4B` for `Qwen3-4B-Instruct-2507`.

use std::collections::BTreeMap;

use crate::model::Model;

/// Words that say how a repository was trained, packed or converted, not which model it is.
const TRAINING: &[&str] = &["instruct", "inst", "it", "chat", "hf", "bf16", "pt", "paddle"];

/// Prefixes of repository names that repeat the publisher in other words than its name.
const PUBLISHER_PREFIXES: &[&str] = &["c4ai", "meta", "nvidia", "ai21"];

/// How much of the repository's name is dropped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// Training words and date stamps.
    Clean,
    /// Training words.
    Dated,
    /// Nothing.
    Full,
}

/// A name for each model, in order. Names that would be equal keep their date stamp; where that is not
/// enough, their training words too, and at last their repository.
pub(super) fn unique_names<'a>(models: impl Iterator<Item = &'a Model>) -> Vec<String> {
    let models: Vec<&Model> = models.collect();
    let mut names: Vec<String> = models.iter().map(|model| name(model, Detail::Clean)).collect();
    for detail in [Some(Detail::Dated), Some(Detail::Full), None] {
        for index in repeated(&names) {
            names[index] =
                detail.map_or_else(|| models[index].id.clone(), |detail| name(models[index], detail));
        }
    }
    names
}

/// Positions of the names that occur more than once, case aside.
fn repeated(names: &[String]) -> Vec<usize> {
    let mut positions: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, name) in names.iter().enumerate() {
        positions.entry(name.to_ascii_lowercase()).or_default().push(index);
    }
    positions.into_values().filter(|same| same.len() > 1).flatten().collect()
}

fn name(model: &Model, detail: Detail) -> String {
    let published = decimals(&model.display_name);
    let published = without_publisher(&published, &model.family);
    // Publishers that write everything small did not choose the small letters.
    let all_small =
        published.split('-').filter(|word| !word.contains(|c: char| c.is_ascii_digit())).all(is_small);
    let (family, rest) = split_family(published, &model.family);
    let mut words = Vec::new();
    let mut tokens = rest.split(['-', ' ']).filter(|token| !token.is_empty()).peekable();
    while let Some(token) = tokens.next() {
        let year = tokens.next_if(|next| is_month(token) && is_year(next));
        if detail == Detail::Clean && (year.is_some() || is_stamp(token)) {
            continue;
        }
        // "base" may be a size, as in bge-base-en; at the end it is a training.
        let lower = token.to_ascii_lowercase();
        let training = TRAINING.contains(&lower.as_str()) || (lower == "base" && tokens.peek().is_none());
        if detail != Detail::Full && training {
            continue;
        }
        words.push(match year {
            Some(year) => format!("{token}-{year}"),
            None => styled(token, all_small),
        });
    }
    // "Jamba2" continues the family's word "Jamba".
    let continues = rest.starts_with(|next: char| next.is_ascii_digit());
    let separator = if family.is_empty() || words.is_empty() || continues { "" } else { " " };
    let name = format!("{family}{separator}{}", words.join(" "));
    if name.is_empty() { model.display_name.clone() } else { name }
}

/// `1_6b` means 1.6b; any other underscore separates words.
pub(super) fn decimals(published: &str) -> String {
    let letters: Vec<char> = published.chars().collect();
    let digit = |position: Option<usize>| {
        position.and_then(|position| letters.get(position)).is_some_and(char::is_ascii_digit)
    };
    let spell = |(position, &letter): (usize, &char)| match letter {
        '_' if digit(position.checked_sub(1)) && digit(Some(position + 1)) => '.',
        '_' => '-',
        other => other,
    };
    letters.iter().enumerate().map(spell).collect()
}

fn is_small(word: &str) -> bool {
    !word.contains(|letter: char| letter.is_ascii_uppercase())
}

fn is_number(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit())
}

/// `2507`, `0414`, `20260831`: the month or day of a release.
fn is_stamp(token: &str) -> bool {
    is_number(token) && (token.len() == 4 || (token.len() == 8 && token.starts_with("20")))
}

fn is_month(token: &str) -> bool {
    is_number(token) && token.len() == 2
}

fn is_year(token: &str) -> bool {
    is_number(token) && token.len() == 4 && token.starts_with("20")
}

/// `8b`, `1.6b`, `270m`, `a400m`: a number of parameters.
fn is_size(token: &str) -> bool {
    let token = token.strip_prefix(['a', 'A', 'e', 'E']).unwrap_or(token);
    let Some(number) = token.strip_suffix(['b', 'B', 'm', 'M']) else { return false };
    number.starts_with(|first: char| first.is_ascii_digit())
        && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

fn styled(token: &str, all_small: bool) -> String {
    let two_letters =
        token.len() == 2 && token.starts_with(|first: char| first.is_ascii_alphabetic() && first != 'v');
    if is_size(token) || (all_small && (token.len() == 1 || two_letters)) {
        return token.to_ascii_uppercase();
    }
    let mut letters = token.chars();
    match letters.next() {
        Some(first) if all_small && token.bytes().all(|byte| byte.is_ascii_lowercase()) => {
            format!("{}{}", first.to_ascii_uppercase(), letters.as_str())
        }
        _ => token.to_owned(),
    }
}

/// The published name, without a leading word that only repeats the publisher.
fn without_publisher<'a>(published: &'a str, family: &str) -> &'a str {
    match published.split_once('-') {
        Some((first, rest))
            if PUBLISHER_PREFIXES.contains(&first.to_ascii_lowercase().as_str())
                && family_prefix(published, family).is_none() =>
        {
            rest
        }
        _ => published,
    }
}

/// The family as it is written, and what of `published` follows it. Where the name does not begin with
/// the whole family (`Olmo-3.1` of `OLMo 3`), as many of its words as it begins with.
fn split_family<'a>(published: &'a str, family: &'a str) -> (&'a str, &'a str) {
    let ends = family.match_indices(' ').map(|(position, _)| position).chain([family.len()]).rev();
    for end in ends {
        if let Some(length) = family_prefix(published, &family[..end]) {
            return (&family[..end], published[length..].trim_start_matches('.'));
        }
    }
    ("", published)
}

/// Bytes at the start of `published` that spell `family`, separators and case aside, when the next
/// character does not continue its last word or number.
fn family_prefix(published: &str, family: &str) -> Option<usize> {
    let spelt = family.replace('+', "plus");
    let mut wanted = spelt.chars().filter(char::is_ascii_alphanumeric).peekable();
    let mut last = ' ';
    for (position, letter) in published.char_indices() {
        if wanted.peek().is_none() {
            let ends = match letter {
                '-' | '_' | ' ' => true,
                '.' => published[position + 1..].starts_with(|next: char| next.is_ascii_alphabetic()),
                _ => last.is_ascii_alphabetic() && letter.is_ascii_digit(),
            };
            return ends.then_some(position);
        }
        if letter.is_ascii_alphanumeric() {
            if wanted.next().is_none_or(|next| !next.eq_ignore_ascii_case(&letter)) {
                return None;
            }
            last = letter;
        }
    }
    wanted.peek().is_none().then_some(published.len())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::Catalog;
    use super::*;

    fn base_name(id: &str) -> String {
        let catalog = Catalog::embedded();
        catalog.bases()[catalog.base_of(catalog.find(id).unwrap())].name.clone()
    }

    #[test]
    fn names_are_unique_and_not_empty() {
        let names: BTreeSet<String> =
            Catalog::embedded().bases().iter().map(|base| base.name.to_lowercase()).collect();
        assert_eq!(names.len(), Catalog::embedded().bases().len());
        assert!(names.iter().all(|name| name.trim() == name && !name.is_empty() && !name.contains("  ")));
    }

    #[test]
    fn names_read_like_names() {
        for (id, name) in [
            ("Qwen/Qwen3-4B-Thinking-2507", "Qwen3 4B"),
            ("google/gemma-3-4b-it", "Gemma 3 4B"),
            ("meta-llama/Meta-Llama-3-8B-Instruct", "Llama 3 8B"),
            ("nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", "Nemotron 3 Nano 30B A3B"),
            ("deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", "DeepSeek-R1 distill Qwen 7B"),
            ("openai-community/gpt2-xl", "GPT-2 XL"),
            ("stabilityai/stablelm-2-zephyr-1_6b", "StableLM 2 Zephyr 1.6B"),
            ("ibm-granite/granite-3.0-1b-a400m-instruct", "Granite 3.0 1B A400M"),
            ("ai21labs/AI21-Jamba2-3B", "Jamba2 3B"),
            ("BAAI/bge-base-en-v1.5", "BGE Base EN v1.5"),
            ("CohereLabs/c4ai-command-r-plus", "Command R+"),
            ("allenai/Olmo-3.1-32B-Think", "OLMo 3.1 32B"),
            ("rednote-hilab/dots.llm1.inst", "dots.llm1"),
        ] {
            assert_eq!(base_name(id), name);
        }
    }

    #[test]
    fn equal_names_keep_what_tells_them_apart() {
        assert_eq!(base_name("allenai/OLMo-1B-hf"), "OLMo 1B");
        assert_eq!(base_name("allenai/OLMo-1B-0724-hf"), "OLMo 1B 0724");
        assert_eq!(base_name("zai-org/glm-4-9b-chat-hf"), "GLM-4 9B");
        assert_eq!(base_name("zai-org/GLM-4-9B-0414"), "GLM-4 9B 0414");
    }

    #[test]
    fn underscores_between_digits_are_decimal_points() {
        assert_eq!(decimals("internlm2_5-7b"), "internlm2.5-7b");
        assert_eq!(decimals("seed_oss_2"), "seed-oss-2");
    }
}
