//! Which model of the catalog a measurement is about.
//!
//! A file, a tag or a repository is found by its name. llama.cpp's own description ("llama 8B `Q4_K` -
//! Medium") is compared with architecture, parameters and the file's computed size. Where several models are
//! left, a person chooses.

use super::Measurement;
use crate::estimate::Estimator;
use crate::estimate::layout::Layout;
use crate::estimate::profile::LayoutKey;
use crate::model::{Catalog, Model, ModelId};
use crate::quant::{FileType, Level};

/// Candidates that a person is offered at most.
pub const CANDIDATES: usize = 24;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// This one.
    Sure(ModelId),
    /// One of these, likeliest first; none where nothing fits.
    Among(Vec<ModelId>),
}

/// Looks for the model of `row`.
pub fn find(catalog: &Catalog, estimator: &Estimator, row: &Measurement) -> Found {
    let name = plain_name(&row.written);
    if let Ok(id) = catalog.find(name)
        && agrees(catalog.get(id), row, &row.written)
    {
        return Found::Sure(id);
    }
    let mut fitting = of_description(catalog, estimator, row);
    if let [only] = fitting[..] {
        return Found::Sure(only);
    }
    if fitting.is_empty() {
        fitting = by_words(catalog, row, name);
    }
    fitting.truncate(CANDIDATES);
    Found::Among(fitting)
}

/// Finds the models of all rows, each name looked up once, and enters those that are sure.
pub fn match_all(catalog: &Catalog, estimator: &Estimator, rows: &mut [Measurement]) {
    let mut known: Vec<(Measurement, Option<String>)> = Vec::new();
    for row in rows.iter_mut().filter(|row| row.model.is_none()) {
        let alike = known.iter().find(|(other, _)| {
            (&other.written, other.level, other.params, other.file_size)
                == (&row.written, row.level, row.params, row.file_size)
        });
        row.model = if let Some((_, model)) = alike {
            model.clone()
        } else {
            let model = match find(catalog, estimator, row) {
                Found::Sure(id) => Some(catalog.get(id).id.clone()),
                Found::Among(_) => None,
            };
            known.push((row.clone(), model.clone()));
            model
        };
    }
}

/// A file's name without folders and the number of its part.
fn plain_name(written: &str) -> &str {
    let name = if written.to_ascii_lowercase().ends_with(".gguf") || written.contains('\\') {
        written.rsplit(['/', '\\']).next().unwrap_or(written)
    } else {
        written
    };
    // "-00001-of-00003.gguf"
    let Some(at) = name.find("-of-") else { return name };
    let digits = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    let part = name.get(at.saturating_sub(5)..at).unwrap_or("");
    let count = name.get(at + 4..at + 9).unwrap_or("");
    if digits(part) && digits(count) { &name[..at.saturating_sub(6)] } else { name }
}

/// Whether parameters, or the size in the name, speak for `model`.
fn agrees(model: &Model, row: &Measurement, written: &str) -> bool {
    if let Some(params) = row.params {
        return has_params(model, params);
    }
    let sizes = sizes_in(written);
    let near = |size: f64| {
        let known = [model.params_total, model.params_text].map(|params| params as f64);
        known.iter().any(|params| (params / size).max(size / params) < 1.25)
    };
    // Names that say no size, or one of experts ("8x7B", "a3b"), are taken by their word.
    sizes.is_empty() || sizes.iter().any(|size| near(*size))
}

/// Whether the file of `model` holds so many parameters, as exactly as a table writes them. Quantizers leave
/// out MTP layers or keep them, and some publishers count vision.
fn has_params(model: &Model, params: u64) -> bool {
    let mtp = model.params_mtp.unwrap_or(0);
    let known = [model.params_text, model.params_text + mtp, model.params_total];
    let params = params as f64;
    known.iter().any(|&own| {
        let own = own as f64;
        (own - params).abs() <= (0.004 * own).max(if own >= 1e9 { 6e6 } else { 6e3 })
    })
}

/// Sizes that a name states: "8b" of "qwen3:8b".
fn sizes_in(name: &str) -> Vec<f64> {
    let lower = name.to_ascii_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
    words
        .filter_map(|word| {
            let (number, unit) = match (word.strip_suffix('b'), word.strip_suffix('m')) {
                (Some(number), _) => (number, 1e9),
                (_, Some(number)) => (number, 1e6),
                _ => return None,
            };
            let number: f64 = number.parse().ok()?;
            (number > 0.0 && number.is_finite()).then_some(number * unit)
        })
        .collect()
}

/// Models that llama.cpp's description fits: architecture, parameters, and the file's size where it can be
/// computed. Fine-tunes of one base are one.
fn of_description(catalog: &Catalog, estimator: &Estimator, row: &Measurement) -> Vec<ModelId> {
    let (Some(arch), Some(params)) = (row.written.split(' ').next(), row.params) else { return Vec::new() };
    let fits = |model: &Model| model.arch == arch && has_params(model, params);
    let mut fitting: Vec<ModelId> = catalog.ids().filter(|&id| fits(catalog.get(id))).collect();
    let same_size = |id: &ModelId| has_size(catalog.get(*id), estimator, row);
    // A mix of another maker has another size: then size tells nothing apart.
    if fitting.iter().any(|id| same_size(id) == Some(true)) {
        fitting.retain(|id| same_size(id) != Some(false));
    }
    let mut bases: Vec<usize> = fitting.iter().map(|&id| catalog.base_of(id)).collect();
    bases.sort_unstable();
    bases.dedup();
    let mut models: Vec<ModelId> = bases.into_iter().map(|base| catalog.bases()[base].id).collect();
    models.sort_by_key(|&id| std::cmp::Reverse(catalog.get(id).hf_downloads.unwrap_or(0)));
    models
}

/// Whether the file is as large as `model` at the row's level; `None`: that cannot be computed.
fn has_size(model: &Model, estimator: &Estimator, row: &Measurement) -> Option<bool> {
    let (size, level) = (row.file_size?, row.level?);
    let mtp = model.mtp_layers > 0;
    let key = |mtp, imatrix| LayoutKey { level, imatrix, mtp };
    let keys = [key(false, true), key(false, false), key(mtp, true)];
    let near = |layout: &Layout| {
        let known = layout.file.tensor_bytes.0 as f64;
        (known / size.0 as f64 - 1.0).abs() < 0.005
    };
    let profile = estimator.profile(model);
    let mut layouts = keys.iter().filter_map(|key| profile.layout(model, *key).ok()).peekable();
    layouts.peek()?;
    Some(layouts.any(near))
}

/// Models whose names share words with what is written.
fn by_words(catalog: &Catalog, row: &Measurement, name: &str) -> Vec<ModelId> {
    let begin = name.split([':', ' ']).next().unwrap_or(name);
    let begin = begin.rsplit('/').next().unwrap_or(begin);
    let hits = catalog.search(begin);
    let mut models: Vec<ModelId> = if begin.is_empty() {
        Vec::new()
    } else {
        hits.iter().map(|hit| catalog.bases()[hit.base].id).collect()
    };
    if models.is_empty()
        && let Err(unknown) = catalog.find(name)
        && !name.is_empty()
    {
        models = unknown.suggestions.iter().filter_map(|name| catalog.find(name).ok()).collect();
    }
    // Those of the size that is written, if any is.
    let sized: Vec<ModelId> =
        models.iter().copied().filter(|&id| agrees(catalog.get(id), row, &row.written)).collect();
    if sized.is_empty() && row.params.is_none() { models } else { sized }
}

/// Quantization in llama.cpp's description of a model: "`Q4_K` - Medium", "`IQ4_NL` - 4.5 bpw", "mostly
/// `Q4_0`".
pub fn level_of_description(text: &str) -> Option<Level> {
    const WORDS: [(&str, FileType); 11] = [
        ("q2_k - small", FileType::Q2KS),
        ("q2_k - medium", FileType::Q2K),
        ("q3_k - small", FileType::Q3KS),
        ("q3_k - medium", FileType::Q3KM),
        ("q3_k - large", FileType::Q3KL),
        ("q4_k - small", FileType::Q4KS),
        ("q4_k - medium", FileType::Q4KM),
        ("q5_k - small", FileType::Q5KS),
        ("q5_k - medium", FileType::Q5KM),
        ("iq3_s mix", FileType::Iq3M),
        ("mxfp4 moe", FileType::Mxfp4Moe),
    ];
    let text = text.trim().trim_end_matches("(guessed)").trim();
    let lower = text.to_ascii_lowercase();
    if let Some((_, known)) = WORDS.iter().find(|(words, _)| lower.contains(words)) {
        return Some(Level::Gguf(*known));
    }
    let mut words = lower.split([' ', ',']).filter(|word| !word.is_empty());
    let found =
        words.find_map(|word| FileType::ALL.iter().find(|known| known.name().eq_ignore_ascii_case(word)));
    found.map(|known| Level::Gguf(*known))
}

/// Quantization in a name: of a GGUF file, an Ollama tag or a repository.
pub fn level_of_name(name: &str) -> Option<Level> {
    let name = name.trim().trim_end_matches(".gguf");
    let lower = name.to_ascii_lowercase();
    let at_end = |known: &&FileType| {
        let level = known.name().to_ascii_lowercase();
        lower.strip_suffix(&level).is_some_and(|rest| rest.ends_with(['-', '.', ':', '_']))
    };
    // The longest first: "Q4_K_S" is no "K_S".
    if let Some(known) = FileType::ALL.iter().filter(at_end).max_by_key(|known| known.name().len()) {
        return Some(Level::Gguf(*known));
    }
    let has = |word: &str| lower.split(['-', '_', '.', '/', ':']).any(|known| known == word);
    if lower.ends_with("-fp16") {
        return Some(Level::Gguf(FileType::F16));
    }
    if has("awq") {
        return Some(Level::Awq { bits: 4, group: 128 });
    }
    if has("gptq") {
        return Some(Level::Gptq { bits: if has("int8") || has("8bit") { 8 } else { 4 }, group: 128 });
    }
    if has("fp8") {
        return Some(Level::Fp8);
    }
    if has("nvfp4") {
        return Some(Level::Nvfp4);
    }
    if has("w8a8") {
        return Some(Level::Int8);
    }
    None
}

/// Quantization as Ollama names it: "`Q4_K_M`", "MXFP4".
pub fn level_of_quantization(name: &str) -> Option<Level> {
    if name.eq_ignore_ascii_case("mxfp4") {
        return Some(Level::Gguf(FileType::Mxfp4Moe));
    }
    FileType::ALL
        .iter()
        .find(|known| known.name().eq_ignore_ascii_case(name))
        .map(|known| Level::Gguf(*known))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::measured::Test;
    use crate::estimate::scenario::Engine;
    use crate::units::Bytes;

    fn row(written: &str) -> Measurement {
        Measurement::new(written, Engine::LlamaCpp, Test::Decode, 10.0)
    }

    fn found(row: &Measurement) -> Result<String, Vec<String>> {
        let catalog = Catalog::embedded();
        let name = |id: ModelId| catalog.get(id).id.clone();
        match find(catalog, Estimator::embedded(), row) {
            Found::Sure(id) => Ok(name(id)),
            Found::Among(ids) => Err(ids.into_iter().map(name).collect()),
        }
    }

    #[test]
    fn names_that_mean_one_model() {
        for (written, id) in [
            ("Qwen2.5-7B-Instruct-Q4_K_M.gguf", "Qwen/Qwen2.5-7B-Instruct"),
            ("/mnt/models/Qwen_Qwen3-14B-Q5_K_M.gguf", "Qwen/Qwen3-14B"),
            ("C:\\llm\\gpt-oss-120b-mxfp4-00001-of-00003.gguf", "openai/gpt-oss-120b"),
            ("llama3.2:3b-instruct-q4_K_M", "meta-llama/Llama-3.2-3B-Instruct"),
            ("qwen3:8b", "Qwen/Qwen3-8B"),
            ("gpt-oss:20b", "openai/gpt-oss-20b"),
            ("hf.co/unsloth/Qwen3-8B-GGUF:Q4_K_M", "Qwen/Qwen3-8B"),
            ("meta-llama/Llama-3.1-8B-Instruct", "meta-llama/Llama-3.1-8B-Instruct"),
        ] {
            assert_eq!(found(&row(written)), Ok(id.to_owned()), "{written}");
        }
    }

    #[test]
    fn a_tag_of_another_size_is_not_the_large_model() {
        // Ollama's deepseek-r1:8b is a distillation; without its tag the name means 671B.
        let candidates = found(&row("deepseek-r1:8b")).unwrap_err();
        assert!(!candidates.contains(&"deepseek-ai/DeepSeek-R1".to_owned()), "{candidates:?}");
        assert!(found(&row("")).unwrap_err().is_empty());
        assert!(found(&row("my-own-thing-v7.gguf")).is_err());
    }

    #[test]
    fn a_description_is_matched_by_parameters_and_size() {
        let described = |text: &str, gib: f64, billions: f64| Measurement {
            level: level_of_description(text),
            file_size: Some(Bytes::from_gib(gib)),
            params: Some((billions * 1e9) as u64),
            ..row(text)
        };
        assert_eq!(
            found(&described("gpt-oss 20B MXFP4 MoE", 11.27, 20.91)),
            Ok("openai/gpt-oss-20b".to_owned())
        );
        assert_eq!(
            found(&described("gpt-oss 120B MXFP4 MoE", 59.02, 116.83)),
            Ok("openai/gpt-oss-120b".to_owned())
        );
        // Several have this shape: a person says which.
        let candidates = found(&described("llama 8B Q4_K - Medium", 4.58, 8.03)).unwrap_err();
        assert!(candidates.iter().any(|id| id.contains("Llama-3.1-8B")), "{candidates:?}");
        assert!(candidates.len() > 1);
        // Nothing in the catalog has so many parameters.
        assert_eq!(found(&described("llama 8B Q4_K - Medium", 4.58, 8.9)).unwrap_err(), Vec::<String>::new());
    }

    #[test]
    fn levels_of_descriptions() {
        for (text, level) in [
            ("qwen2 7B Q4_K - Medium", "Q4_K_M"),
            ("llama 7B mostly Q4_0", "Q4_0"),
            ("qwen3moe 30B.A3B Q3_K - Medium", "Q3_K_M"),
            ("gemma4 ?B IQ4_NL - 4.5 bpw", "IQ4_NL"),
            ("llama 8B IQ2_XXS - 2.0625 bpw", "IQ2_XXS"),
            ("llama 8B IQ3_S mix - 3.66 bpw", "IQ3_M"),
            ("llama 13B Q6_K", "Q6_K"),
            ("gpt-oss 20B MXFP4 MoE", "MXFP4_MOE"),
            ("llama 7B F16", "F16"),
            ("llama 8B Q5_K - Small (guessed)", "Q5_K_S"),
        ] {
            assert_eq!(level_of_description(text).map(|l| l.to_string()).as_deref(), Some(level), "{text}");
        }
        assert_eq!(level_of_description("llama 8B unknown, may not work"), None);
    }

    #[test]
    fn levels_of_names() {
        for (name, level) in [
            ("llama3.2:3b-instruct-q4_K_M", Some("Q4_K_M")),
            ("hf.co/unsloth/Qwen3-8B-GGUF:IQ4_XS", Some("IQ4_XS")),
            ("Qwen3-8B-Q8_0.gguf", Some("Q8_0")),
            ("Qwen/Qwen3-8B-AWQ", Some("AWQ-4bit-g128")),
            ("Qwen/Qwen3-8B-FP8", Some("FP8")),
            ("Qwen/Qwen2.5-7B-Instruct-GPTQ-Int8", Some("GPTQ-8bit-g128")),
            ("qwen2.5:7b-instruct-fp16", Some("F16")),
            ("qwen3:8b", None),
        ] {
            assert_eq!(level_of_name(name).map(|l| l.to_string()).as_deref(), level, "{name}");
        }
    }
}
