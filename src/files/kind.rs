//! What a person has brought: a model, records of models, or something else; by its name first, by its beginning
//! where the name says nothing.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::error::{Fault, FileError};
use super::input;
use super::open::is_first_part;
use crate::language::tr;

/// Entries of a folder that are looked at.
const MOST_ENTRIES: usize = 10_000;
/// Bytes that are enough to tell what a text is.
const BEGINNING: u64 = 1 << 16;

/// What something brought is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something that [`super::open()`] opens.
    Model,
    /// Records of models, one a line.
    Records,
    /// Neither.
    Other,
}

/// What stands at `path`.
///
/// # Errors
/// It is not there, or may not be read.
pub fn kind(path: &Path) -> Result<Kind, FileError> {
    let found = std::fs::metadata(path).map_err(|error| Fault::from(error).of(path))?;
    if found.is_dir() || is_model_name(path) {
        return Ok(Kind::Model);
    }
    let (file, _) = input::open(path)?;
    let mut bytes = Vec::new();
    file.take(BEGINNING).read_to_end(&mut bytes).map_err(|error| Fault::from(error).of(path))?;
    Ok(kind_of(&bytes))
}

/// What begins with these bytes.
pub fn kind_of(bytes: &[u8]) -> Kind {
    if bytes.starts_with(b"GGUF") {
        return Kind::Model;
    }
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if !text.starts_with('{') {
        return Kind::Other;
    }
    let is_record = |value: &Value| {
        value.get("record").is_some_and(Value::is_object)
            || (value.get("arch").is_some() && value.get("params_breakdown").is_some())
    };
    let first = text.lines().next().and_then(|line| serde_json::from_str::<Value>(line).ok());
    if first.as_ref().is_some_and(is_record) {
        return Kind::Records;
    }
    let is_config = |value: &Value| {
        ["model_type", "architectures", "text_config"].into_iter().any(|key| value.get(key).is_some())
    };
    match first.or_else(|| serde_json::from_str(text).ok()) {
        Some(value) if is_config(&value) => Kind::Model,
        Some(value) if is_record(&value) => Kind::Records,
        _ => Kind::Other,
    }
}

fn is_model_name(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let ends = |end: &str| name.ends_with(end);
    name == "config.json" || ends(".gguf") || ends(".safetensors") || ends(".safetensors.index.json")
}

/// The models in a folder: its checkpoint, else its GGUF files, each by its first part. Projectors are none.
///
/// # Errors
/// It cannot be read, or holds no model.
pub fn models_in(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let config = folder.join("config.json");
    if config.is_file() {
        return Ok(vec![config]);
    }
    let entries = std::fs::read_dir(folder).map_err(|error| Fault::from(error).of(folder))?;
    let mut models: Vec<PathBuf> = entries
        .take(MOST_ENTRIES)
        .flatten()
        .filter(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_gguf = Path::new(&name).extension().is_some_and(|end| end.eq_ignore_ascii_case("gguf"));
            is_gguf && !name.starts_with("mmproj") && is_first_part(&name)
        })
        .map(|entry| entry.path())
        .collect();
    models.sort();
    if models.is_empty() {
        return Err(Fault::unsupported(tr!("holds neither a config.json nor a GGUF file")).of(folder));
    }
    Ok(models)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_brought_is_told_by_name_and_beginning() {
        let record = crate::model::Catalog::embedded().models()[0].clone();
        let record = serde_json::to_string(&record).unwrap();
        for (text, is) in [
            ("GGUF\u{3}", Kind::Model),
            ("{\"architectures\": [\"LlamaForCausalLM\"],\n \"model_type\": \"llama\"}", Kind::Model),
            (record.as_str(), Kind::Records),
            (&format!("\u{feff}{{\"record\": {record}}}\n"), Kind::Records),
            ("[{\"model_type\": \"llama 8B Q4_K\", \"avg_ts\": 3.0}]", Kind::Other),
            ("{\"model_filename\": \"x.gguf\", \"avg_ts\": 3.0}", Kind::Other),
            ("| model | size |", Kind::Other),
            ("{", Kind::Other),
            ("", Kind::Other),
        ] {
            assert_eq!(kind_of(text.as_bytes()), is, "{text:.60}");
        }
        assert_eq!(kind(Path::new("/nowhere/x.gguf")).unwrap_err().path, Path::new("/nowhere/x.gguf"));
    }

    #[test]
    fn a_folder_gives_each_of_its_models_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        assert!(models_in(folder.path()).unwrap_err().to_string().contains("neither"));
        for name in ["b.gguf", "a-00001-of-00002.gguf", "a-00002-of-00002.gguf", "mmproj-b.gguf", "x.txt"] {
            std::fs::write(path(name), "").unwrap();
        }
        assert_eq!(models_in(folder.path()).unwrap(), [path("a-00001-of-00002.gguf"), path("b.gguf")]);
        std::fs::write(path("config.json"), "{}").unwrap();
        assert_eq!(models_in(folder.path()).unwrap(), [path("config.json")]);
    }
}
