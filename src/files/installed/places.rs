//! Where programs keep their models, by their own settings and by custom.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Program;
use crate::files::input;

/// Largest settings file of a program that is read, bytes.
const MOST_SETTINGS: u64 = 1 << 20;

/// What of this computer's environment says where models are.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// The person's home.
    pub home: Option<PathBuf>,
    /// Variables that are set, by name.
    pub variables: Vec<(String, OsString)>,
    /// Folders of the whole system are looked at too.
    pub system: bool,
}

impl Environment {
    /// That of this process.
    pub fn of_process() -> Self {
        const NAMES: &[&str] = &[
            "OLLAMA_MODELS",
            "HF_HUB_CACHE",
            "HUGGINGFACE_HUB_CACHE",
            "HF_HOME",
            "XDG_CACHE_HOME",
            "XDG_DATA_HOME",
            "LLAMA_CACHE",
            "LOCALAPPDATA",
            "APPDATA",
            "JAN_DATA_FOLDER",
        ];
        let variables = NAMES.iter().filter_map(|name| Some(((*name).to_owned(), std::env::var_os(name)?)));
        Self { home: std::env::home_dir(), variables: variables.collect(), system: true }
    }

    fn variable(&self, name: &str) -> Option<PathBuf> {
        let (_, value) = self.variables.iter().find(|(known, value)| known == name && !value.is_empty())?;
        Some(PathBuf::from(value))
    }

    fn under_home(&self, path: &str) -> Option<PathBuf> {
        self.home.as_ref().map(|home| home.join(path))
    }

    /// A folder for caches, by the variable or by custom.
    fn cache(&self, name: &str) -> Vec<PathBuf> {
        let places = [
            self.variable("XDG_CACHE_HOME").or_else(|| self.under_home(".cache")),
            self.under_home("Library/Caches"),
            self.variable("LOCALAPPDATA"),
        ];
        places.into_iter().flatten().map(|place| place.join(name)).collect()
    }

    /// A folder for data, by the variable or by custom.
    fn data(&self, name: &str) -> Vec<PathBuf> {
        let places = [
            self.variable("XDG_DATA_HOME").or_else(|| self.under_home(".local/share")),
            self.under_home("Library/Application Support"),
            self.variable("LOCALAPPDATA"),
            self.variable("APPDATA"),
        ];
        places.into_iter().flatten().map(|place| place.join(name)).collect()
    }
}

/// A folder to look through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Whose it is.
    pub program: Program,
    /// The folder.
    pub folder: PathBuf,
}

impl Place {
    /// Whether it is to be looked through. A folder that a person added is looked at even where it is gone, so that
    /// this is told. It asks the disk, which may take its time.
    pub fn is_there(&self) -> bool {
        self.program == Program::Folder || self.folder.is_dir()
    }
}

/// The folders that are there, and those that a person added.
pub fn places(environment: &Environment, added: &[PathBuf]) -> Vec<Place> {
    let mut places = candidates(environment, added);
    places.retain(Place::is_there);
    places
}

/// The folders that may be there: only settings of programs are read.
pub fn candidates(environment: &Environment, added: &[PathBuf]) -> Vec<Place> {
    let mut all: Vec<(Program, PathBuf)> = Vec::new();
    let mut add = |program: Program, folders: Vec<PathBuf>| {
        all.extend(folders.into_iter().map(|folder| (program, folder)));
    };
    add(Program::Ollama, ollama(environment));
    add(Program::LmStudio, lm_studio(environment));
    add(Program::HuggingFace, hugging_face(environment));
    let llama = environment.variable("LLAMA_CACHE").map(|folder| vec![folder]);
    add(Program::LlamaCpp, llama.unwrap_or_else(|| environment.cache("llama.cpp")));
    let mut jan: Vec<PathBuf> = environment.variable("JAN_DATA_FOLDER").into_iter().collect();
    jan.extend(environment.data("Jan/data"));
    jan.extend(environment.under_home("jan"));
    add(
        Program::Jan,
        jan.into_iter().flat_map(|data| [data.join("llamacpp/models"), data.join("models")]).collect(),
    );
    add(Program::Gpt4All, environment.data("nomic.ai/GPT4All"));
    add(Program::Folder, added.to_vec());
    let mut places: Vec<Place> = Vec::new();
    for (program, folder) in all {
        let place = Place { program, folder };
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

fn ollama(environment: &Environment) -> Vec<PathBuf> {
    if let Some(folder) = environment.variable("OLLAMA_MODELS") {
        return vec![folder];
    }
    let mut folders: Vec<PathBuf> = environment.under_home(".ollama/models").into_iter().collect();
    if environment.system {
        // Where its service for the whole system keeps them.
        folders.extend(["/usr/share/ollama/.ollama/models", "/var/lib/ollama/models"].map(PathBuf::from));
    }
    folders
}

fn lm_studio(environment: &Environment) -> Vec<PathBuf> {
    let mut homes: Vec<PathBuf> = Vec::new();
    // A file names the folder where it was moved.
    let pointer = environment.under_home(".lmstudio-home-pointer");
    let moved = pointer.and_then(|pointer| input::read_small(&pointer, 4096, "pointer").ok());
    homes.extend(moved.and_then(|text| Some(PathBuf::from(std::str::from_utf8(&text).ok()?.trim()))));
    homes.extend(environment.under_home(".lmstudio"));
    homes.extend(environment.under_home(".cache/lm-studio"));
    let mut folders = Vec::new();
    for home in homes {
        folders.extend(downloads_folder(&home.join("settings.json")));
        folders.push(home.join("models"));
    }
    folders
}

fn downloads_folder(settings: &Path) -> Option<PathBuf> {
    let text = input::read_small(settings, MOST_SETTINGS, "settings file").ok()?;
    let value: Value = serde_json::from_slice(&text).ok()?;
    value["downloadsFolder"].as_str().filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

fn hugging_face(environment: &Environment) -> Vec<PathBuf> {
    for name in ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"] {
        if let Some(folder) = environment.variable(name) {
            return vec![folder];
        }
    }
    if let Some(home) = environment.variable("HF_HOME") {
        return vec![home.join("hub")];
    }
    // The libraries follow the XDG variable on every system, and know no other custom.
    let cache = environment.variable("XDG_CACHE_HOME").or_else(|| environment.under_home(".cache"));
    cache.into_iter().map(|cache| cache.join("huggingface/hub")).collect()
}
