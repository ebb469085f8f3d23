//! One way in for whatever a person points at: a GGUF file, a `config.json`, a folder that holds one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::config;
use super::error::{Fault, FileError, short};
use super::gguf::{Gguf, Purpose};
use super::kind::{self, Kind, models_in};
use super::record::{self, Described};
use crate::language::{fixed, localized, tr};
use crate::model::catalog::Catalog;
use crate::model::{Model, ModelId};
use crate::quant::{Level, TensorTable};

/// A model on this computer.
#[derive(Clone, Debug)]
pub struct LocalModel {
    /// Its record; the id is the path that was opened.
    pub model: Model,
    /// The quantization that it is in.
    pub level: Level,
    /// The tensors of a GGUF; `None` of a configuration, whose files follow the rules of each format.
    pub table: Option<Arc<TensorTable>>,
    /// The record of the catalog that it is, where it was recognized.
    pub known: Option<ModelId>,
    /// What was inferred, and what cannot be known.
    pub notes: Vec<String>,
    /// The files that were read.
    pub files: Vec<PathBuf>,
}

impl LocalModel {
    /// Its file by the level that it stands for.
    pub fn tables(&self) -> Vec<(Level, Arc<TensorTable>)> {
        self.table.iter().map(|table| (self.level, Arc::clone(table))).collect()
    }
}

/// Opens what stands at `path`.
///
/// # Errors
/// It cannot be read, contradicts itself, or is no language model; the message says which file, where, and why.
pub fn open(path: &Path) -> Result<LocalModel, FileError> {
    let found = std::fs::metadata(path).map_err(|error| Fault::from(error).of(path))?;
    if found.is_dir() {
        return open_folder(path);
    }
    if path.file_name().is_some_and(|name| name == "config.json") {
        return open_config(path);
    }
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gguf")) {
        return open_gguf(path);
    }
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    if name.ends_with(".safetensors") || name.ends_with(".safetensors.index.json") {
        return open_beside(path);
    }
    // Ollama's blobs and the hub's cache have names without an ending, and a configuration may have any.
    let is_json = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
    match kind::kind(path)? {
        Kind::Model if is_json => open_config(path),
        Kind::Model => open_gguf(path),
        Kind::Records | Kind::Other => Err(no_model(path)),
    }
}

fn no_model(path: &Path) -> FileError {
    Fault::unsupported(tr!("is neither a GGUF file, nor a config.json, nor a folder with one of them"))
        .of(path)
}

/// Opens a configuration, and looks at the checkpoint beside it.
///
/// # Errors
/// As [`open`].
pub fn open_config(path: &Path) -> Result<LocalModel, FileError> {
    let value = config::read(path)?;
    let fault = |fault: Fault| fault.of(path);
    let Described { mut model, mut notes } =
        config::describe(&value, &path.to_string_lossy()).map_err(fault)?;
    let quantized = config::quantized(&value).map_err(fault)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let bits = quantized.as_ref().and_then(|quantized| quantized.bits);
    let checkpoint = config::checkpoint::read(folder, bits, quantized.is_some())?;
    let mut files = vec![path.to_owned()];
    if let Some(checkpoint) = checkpoint {
        notes.push(compared(&model, &checkpoint));
        files.extend(checkpoint.files);
    }
    let level = match quantized {
        None => Level::Native,
        Some(quantized) => {
            notes.extend(quantized.note);
            quantized.level
        }
    };
    let catalog = Catalog::embedded();
    let mut names: Vec<String> = value["_name_or_path"].as_str().map(str::to_owned).into_iter().collect();
    names.extend(folder_names(folder));
    if let Some(name) = names.last() {
        model.display_name = short(name.rsplit('/').next().unwrap_or(name));
        model.family.clone_from(&model.display_name);
    }
    let known = record::recognize(catalog, &model, &names);
    if let Some(id) = known {
        let (native_dtype, notes) = (model.native_dtype.clone(), model.note.take());
        record::adopt(&mut model, catalog.get(id));
        // A quantized copy is not in the type of the original.
        model.native_dtype = native_dtype;
        model.note = notes;
    }
    Ok(LocalModel { model, level, table: None, known, notes, files })
}

/// What the files hold, held against what the dimensions give.
fn compared(model: &Model, checkpoint: &config::Checkpoint) -> String {
    let size =
        tr!("{files} files of {gb} GB", files = checkpoint.files.len(), gb = fixed(checkpoint.bytes.gb(), 2));
    let Some(found) = checkpoint.text else {
        return tr!("{size} lie beside it; how many parameters they pack cannot be told", size);
    };
    let (text, mtp) = (model.params_text, model.params_mtp.unwrap_or(0));
    let head = u64::from(model.n_vocab) * u64::from(model.n_embd);
    // A tied output matrix may be stored twice, and MTP layers may be left out.
    let same = [text, text + mtp, text + head, text + mtp + head].contains(&found);
    if same {
        return tr!(
            "{size} lie beside it, with exactly the {found} parameters that the dimensions give",
            size,
            found
        );
    }
    let off = (found as f64 / text.max(1) as f64 - 1.0) * 100.0;
    tr!(
        "{size} lie beside it, with {found} parameters; the dimensions give {text} ({off} %), so its figures are \
         as far off",
        size,
        found,
        text,
        off = localized(format!("{off:+.2}"))
    )
}

/// What a folder says of the model in it; the hub's cache names it two folders higher.
fn folder_names(folder: &Path) -> Vec<String> {
    let folder = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let own = name(&folder);
    let cached = folder.ancestors().filter_map(name).find_map(|name| {
        let (owner, name) = name.strip_prefix("models--")?.split_once("--")?;
        Some(format!("{owner}/{name}"))
    });
    match (cached, own) {
        (Some(cached), _) => vec![cached],
        (None, own) => own.into_iter().collect(),
    }
}

/// Opens a GGUF file.
///
/// # Errors
/// As [`open`].
pub fn open_gguf(path: &Path) -> Result<LocalModel, FileError> {
    let gguf = Gguf::open(path)?;
    local(&gguf, path)
}

/// The model in a GGUF whose head was read.
///
/// # Errors
/// It is no language model, or metadata and tensors do not make one.
pub fn local(gguf: &Gguf, path: &Path) -> Result<LocalModel, FileError> {
    let fault = |fault: Fault| fault.of(path);
    refuse_parts(gguf).map_err(fault)?;
    let id = path.to_string_lossy();
    let Described { mut model, mut notes } = record::describe(gguf, &id).map_err(fault)?;
    let catalog = Catalog::embedded();
    let known = record::recognize(catalog, &model, &names(gguf));
    match known {
        Some(id) => record::adopt(&mut model, catalog.get(id)),
        None if !catalog.models().iter().any(|other| other.arch == model.arch) => notes.push(tr!(
            "no model of the catalog has the architecture {arch}: its caches and buffers follow general rules",
            arch = model.arch
        )),
        None => {}
    }
    let table = gguf.table.clone();
    if table.stated.is_none() {
        notes.push(tr!(
            "the file does not say its quantization; by its tensors it is nearest to {nearest}",
            nearest = table.file_type()
        ));
    }
    Ok(LocalModel {
        model,
        level: Level::Gguf(table.file_type()),
        table: Some(Arc::new(table)),
        known,
        notes,
        files: gguf.parts.clone(),
    })
}

/// What is part of a model is no model.
fn refuse_parts(gguf: &Gguf) -> Result<(), Fault> {
    let text = |key: &str| gguf.metadata.text(key).ok().flatten().map(short);
    let size = gguf.table.tensor_bytes();
    Err(Fault::unsupported(match gguf.purpose() {
        Purpose::Model => return Ok(()),
        Purpose::Projector => {
            tr!(
                "is a vision or audio projector of {size}, to be loaded beside a model; open the model's file",
                size
            )
        }
        Purpose::Adapter => {
            let base = text("general.base_model.0.name").or_else(|| text("general.architecture"));
            let base = base.map_or_else(|| tr!("a model").to_owned(), |base| tr!("a model of {base}", base));
            tr!("is a LoRA adapter of {size} for {base}; open the model's file", size, base)
        }
        Purpose::ImportanceMatrix => tr!("is an importance matrix for quantizing, no model").to_owned(),
        Purpose::Vocabulary => tr!("holds no tensors: a tokenizer, no model").to_owned(),
    }))
}

/// Names that the model in a file may go by, the surest first.
fn names(gguf: &Gguf) -> Vec<String> {
    let text = |key: &str| gguf.metadata.text(key).ok().flatten().map(str::to_owned);
    let repository = |url: String| {
        let mut parts = url.trim_end_matches('/').rsplit('/');
        let (name, owner) = (parts.next()?.to_owned(), parts.next()?);
        Some(format!("{owner}/{name}"))
    };
    let mut names = Vec::new();
    names.extend(text("general.repo_url").and_then(repository));
    names.extend(text("general.source.repo_url").and_then(repository));
    names.extend(text("general.name"));
    if let Some(part) = gguf.parts.first() {
        let stem = part.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        names.push(plain(&stem).to_owned());
        let folder = part.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        names.extend(folder);
    }
    names.extend(text("general.base_model.0.repo_url").and_then(repository));
    names.extend(text("general.base_model.0.name"));
    names
}

/// A file's stem without the number of its part and its quantization.
fn plain(stem: &str) -> &str {
    let stem =
        stem.split_once("-of-").and_then(|(front, _)| front.rsplit_once('-')).map_or(stem, |(name, _)| name);
    let last = stem.rsplit_once(['-', '.', '_'].as_slice());
    let mut end = stem.len();
    for (at, _) in stem.match_indices(['-', '.']) {
        let rest = &stem[at + 1..];
        let rest = rest.strip_prefix("UD-").unwrap_or(rest);
        if rest.parse::<Level>().is_ok() || rest.starts_with('Q') && last.is_some() && rest.len() <= 8 {
            end = at;
            break;
        }
    }
    &stem[..end]
}

fn open_folder(path: &Path) -> Result<LocalModel, FileError> {
    let models = models_in(path)?;
    match models.as_slice() {
        [only] if only.ends_with("config.json") => open_config(only),
        [only] => open_gguf(only),
        several => {
            let first = several.first().and_then(|first| first.file_name()).unwrap_or_default();
            let problem = tr!(
                "holds {models} models; name one, for example {first}",
                models = several.len(),
                first = short(&first.to_string_lossy())
            );
            Err(Fault::unsupported(problem).of(path))
        }
    }
}

/// Opens the checkpoint that a safetensors file belongs to: what it is stands beside it.
fn open_beside(path: &Path) -> Result<LocalModel, FileError> {
    let config = path.with_file_name("config.json");
    if config.is_file() {
        return open_config(&config);
    }
    let problem = tr!(
        "lies without a config.json beside it, which says what its tensors are; put that of the model there"
    );
    Err(Fault::unsupported(problem).of(path))
}

/// Whether a name is not that of a later part of several.
pub fn is_first_part(name: &str) -> bool {
    let number =
        name.rsplit_once("-of-").and_then(|(front, _)| front.rsplit_once('-')).map(|(_, number)| number);
    number.is_none_or(|number| number.parse::<u32>().map_or(true, |number| number == 1))
}
