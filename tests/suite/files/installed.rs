//! Models that programs have put on the disk.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::sparse;
use super::writer::Head;
use plimsoll::files::installed::{
    self, Environment, Installed, Place, Program, disk_use, duplicates, places, scan,
};
use plimsoll::units::Bytes;

const DIGEST: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn model(path: &Path) -> u64 {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let head = Head::sound();
    sparse(path, &head.bytes(), head.length());
    head.length()
}

fn home() -> (tempfile::TempDir, Environment) {
    let home = tempfile::tempdir().unwrap();
    let environment =
        Environment { home: Some(home.path().to_owned()), variables: Vec::new(), system: false };
    (home, environment)
}

fn found(environment: &Environment) -> (Vec<Installed>, Vec<String>) {
    let scan = scan(&places(environment, &[]));
    (scan.models, scan.problems.iter().map(ToString::to_string).collect())
}

fn ollama(root: &Path, name: &str, digest: &str, size: u64) {
    let manifest = root.join("manifests").join(name);
    fs::create_dir_all(manifest.parent().unwrap()).unwrap();
    let text = json!({
        "schemaVersion": 2,
        "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "digest": "sha256:00", "size": 3},
        "layers": [
            {"mediaType": "application/vnd.ollama.image.model", "digest": format!("sha256:{digest}"), "size": size},
            {"mediaType": "application/vnd.ollama.image.template", "digest": "sha256:11", "size": 5},
        ],
    });
    fs::write(manifest, text.to_string()).unwrap();
}

#[test]
fn every_program_is_looked_through() {
    let (home, environment) = home();
    let at = |path: &str| home.path().join(path);
    let size = model(&at(&format!(".ollama/models/blobs/sha256-{DIGEST}")));
    ollama(&at(".ollama/models"), "registry.ollama.ai/library/tiny/1b", DIGEST, size);
    ollama(&at(".ollama/models"), "registry.ollama.ai/someone/tiny/latest", DIGEST, size);
    ollama(&at(".ollama/models"), "hf.co/owner/Tiny-GGUF/Q4_K_M", DIGEST, size);
    model(&at(".lmstudio/models/lmstudio-community/Tiny-GGUF/Tiny-Q4_K_M.gguf"));
    model(&at(".lmstudio/models/lmstudio-community/Tiny-GGUF/mmproj-Tiny-f16.gguf"));
    model(&at(".cache/llama.cpp/owner_Tiny-GGUF_tiny-q8_0.gguf"));
    model(&at(".local/share/Jan/data/llamacpp/models/Tiny/model.gguf"));
    model(&at(".local/share/nomic.ai/GPT4All/tiny.Q4_0.gguf"));
    let cached = at(".cache/huggingface/hub/models--Owner--Tiny/snapshots/abc");
    fs::create_dir_all(&cached).unwrap();
    fs::write(cached.join("config.json"), "{}").unwrap();
    fs::write(cached.join("model.safetensors"), [0; 100]).unwrap();
    let (models, problems) = found(&environment);
    assert_eq!(problems, Vec::<String>::new());
    let names: Vec<(Program, &str)> = models.iter().map(|m| (m.program, m.name.as_str())).collect();
    assert_eq!(
        names,
        [
            (Program::Ollama, "hf.co/owner/Tiny-GGUF:Q4_K_M"),
            (Program::Ollama, "someone/tiny:latest"),
            (Program::Ollama, "tiny:1b"),
            (Program::LmStudio, "lmstudio-community/Tiny-GGUF/Tiny-Q4_K_M"),
            (Program::HuggingFace, "Owner/Tiny"),
            (Program::LlamaCpp, "owner_Tiny-GGUF_tiny-q8_0"),
            (Program::Jan, "Tiny/model"),
            (Program::Gpt4All, "tiny.Q4_0"),
        ]
    );
    let studio = &models[3];
    assert!(studio.projector.as_ref().unwrap().ends_with("mmproj-Tiny-f16.gguf"));
    assert_eq!(studio.bytes(), Bytes(2 * size), "the projector counts");
    // What it opens can be read, an Ollama blob without an ending too.
    assert_eq!(plimsoll::files::open(&models[2].path).unwrap().model.n_layer, 1);
    // Three names of one blob take its bytes once.
    let sums = disk_use(&models);
    assert_eq!(sums.by_program[&Program::Ollama], Bytes(size));
    assert_eq!(sums.total, Bytes(size + 2 * size + 3 * size + 100));
}

#[test]
fn variables_lead_elsewhere() {
    let (home, mut environment) = home();
    let at = |path: &str| home.path().join(path);
    let size = model(&at(&format!("o/blobs/sha256-{DIGEST}")));
    ollama(&at("o"), "registry.ollama.ai/library/tiny/1b", DIGEST, size);
    model(&at("l/tiny.gguf"));
    model(&at("s/a/b/tiny.gguf"));
    fs::create_dir_all(at(".lmstudio")).unwrap();
    fs::write(at(".lmstudio/settings.json"), json!({"downloadsFolder": at("s")}).to_string()).unwrap();
    // The usual place of Ollama holds something else, which is then not looked at.
    model(&at(".ollama/models/blobs/sha256-x"));
    environment.variables =
        vec![("OLLAMA_MODELS".to_owned(), at("o").into()), ("LLAMA_CACHE".to_owned(), at("l").into())];
    let (models, _) = found(&environment);
    let names: Vec<&str> = models.iter().map(|m| m.name.as_str()).collect();
    assert_eq!(names, ["tiny:1b", "a/b/tiny", "tiny"]);
}

#[test]
fn what_is_damaged_is_told_and_hides_nothing() {
    let (home, environment) = home();
    let root = home.path().join(".ollama/models");
    let size = model(&root.join(format!("blobs/sha256-{DIGEST}")));
    ollama(&root, "registry.ollama.ai/library/good/1b", DIGEST, size);
    ollama(&root, "registry.ollama.ai/library/short/1b", DIGEST, size + 1);
    ollama(&root, "registry.ollama.ai/library/gone/1b", &DIGEST.replace('0', "f"), size);
    ollama(&root, "registry.ollama.ai/library/evil/1b", &format!("../../{DIGEST}"), size);
    fs::create_dir_all(root.join("manifests/registry.ollama.ai/library/torn")).unwrap();
    fs::write(root.join("manifests/registry.ollama.ai/library/torn/1b"), "{\"layers\": [").unwrap();
    let (models, problems) = found(&environment);
    assert_eq!(models.len(), 1);
    assert_eq!(problems.len(), 4, "{problems:?}");
    let said = |name: &str, says: &str| {
        problems.iter().any(|problem| problem.contains(name) && problem.contains(says))
    };
    assert!(said("short", "and the blob has"));
    assert!(said("gone", "cannot be read"));
    assert!(said("evil", "is no SHA-256"));
    assert!(said("torn", "is no manifest"));
}

#[test]
fn parts_are_one_model_and_missing_ones_are_told() {
    let folder = tempfile::tempdir().unwrap();
    for part in 1..=3 {
        model(&folder.path().join(format!("big-{part:05}-of-00003.gguf")));
    }
    for part in [1, 3] {
        model(&folder.path().join(format!("torn-{part:05}-of-00003.gguf")));
    }
    let scan = scan(&places(&Environment::default(), &[folder.path().to_owned()]));
    assert_eq!(scan.models.len(), 2);
    assert_eq!(scan.models[0].files.len(), 3);
    let problems: Vec<String> = scan.problems.iter().map(ToString::to_string).collect();
    assert!(problems[0].contains("torn-00001-of-00003.gguf: 1 of its 3 parts are not there"), "{problems:?}");
}

#[test]
fn a_folder_that_is_gone_is_told() {
    let scan = scan(&places(&Environment::default(), &[PathBuf::from("/no/such/folder")]));
    assert!(scan.problems[0].to_string().starts_with("/no/such/folder: "));
}

#[test]
fn duplicates_are_found_by_content() {
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    model(&at("a/one.gguf"));
    model(&at("b/the-same.gguf"));
    let mut other = Head::sound();
    other.text("general.name", "other");
    let mut twin = Head::sound();
    twin.text("general.name", "twin!");
    sparse(&at("other.gguf"), &other.bytes(), other.length());
    sparse(&at("twin.gguf"), &twin.bytes(), twin.length());
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(at("a/one.gguf"), at("link.gguf")).unwrap();
        fs::hard_link(at("a/one.gguf"), at("hard.gguf")).unwrap();
    }
    let place = Place { program: Program::Folder, folder: folder.path().to_owned() };
    let scan = scan(&[place]);
    let groups = duplicates(&scan.models);
    assert_eq!(groups.len(), 1, "{groups:?}");
    let names: Vec<&str> = groups[0].iter().map(|&index| scan.models[index].name.as_str()).collect();
    assert_eq!(names, ["a/one", "b/the-same"], "links take no room, and other content is another model");
    // Links count once.
    let expected = Head::sound().length() * 2 + other.length() + twin.length();
    assert_eq!(disk_use(&scan.models).total, Bytes(expected));
}

#[cfg(unix)]
#[test]
fn links_to_folders_lead_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("inner")).unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("inner/back")).unwrap();
    model(&folder.path().join("inner/tiny.gguf"));
    let scan = scan(&places(&Environment::default(), &[folder.path().to_owned()]));
    assert_eq!(scan.models.len(), 1);
    assert!(installed::disk_use(&scan.models).total > Bytes(0));
}
